/* Binary rows in plain C, eight rows at a time in a 64-bit word.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel_bits.h"

#include <stdlib.h>
#include <string.h>

/* Returns bytes 0xff where the bit of b is set. */
static inline uint64_t spread(uint64_t b)
{
	uint64_t one = b * UINT64_C(0x0101010101010101) & UINT64_C(0x8040201008040201);

	return ((one + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64_C(0x0101010101010101)) * 0xff;
}

/* Adds eight bytes to four 16-bit sums each in even and odd, which can hold 256 of them. */
static inline uint64_t fold(uint64_t v)
{
	return (v & UINT64_C(0x00ff00ff00ff00ff)) + (v >> 8 & UINT64_C(0x00ff00ff00ff00ff));
}

static inline uint64_t across(uint64_t sums)
{
	uint64_t two = (sums & UINT64_C(0x0000ffff0000ffff)) + (sums >> 16 & UINT64_C(0x0000ffff0000ffff));

	return (two & 0xffffffff) + (two >> 32);
}

static void dot(uint64_t *S, const struct bits_plan *t, const struct bits_state *s, const unsigned char *bits,
                const unsigned char *next)
{
	int planes = t->A.planes;

	(void)next;
	memset(S, 0, (size_t)planes * sizeof *S);
	for (long block = 0; block < t->blocks; block++) {
		const uint8_t *plane = s->plane + block * BITS_BLOCK * planes;
		uint64_t mask[8];
		for (int j = 0; j < 8; j++)
			mask[j] = spread(bits[block * 8 + j]);
		for (int k = 0; k < planes; k++) {
			uint64_t sums = 0;
			for (int j = 0; j < 8; j++) {
				uint64_t v;
				memcpy(&v, plane + k * BITS_BLOCK + 8 * j, 8);
				sums += fold(v & mask[j]);
			}
			S[k] += across(sums);
		}
	}
}

static void shift(uint64_t *S, const struct bits_plan *t, struct bits_state *s, const unsigned char *bits,
                  int up)
{
	int planes = t->A.planes;

	if (!t->registers) {
		bits_shift_wide(S, t, s, bits, up);
		return;
	}
	memset(S, 0, (size_t)(planes + t->B.planes) * sizeof *S);
	for (long block = 0; block < t->blocks; block++) {
		uint64_t set, valid = bits_valid(t, block), out = 0;
		int8_t *x = s->x8 + block * BITS_BLOCK;
		uint8_t *plane = s->plane + block * BITS_BLOCK * planes;
		memcpy(&set, bits + block * 8, 8);
		for (int r = 0; r < BITS_BLOCK; r++) {
			int step = (set >> r & 1 ? up : -up) & -(int)(valid >> r & 1);
			x[r] = (int8_t)(uint8_t)(x[r] + step);
			out |= (uint64_t)(abs(x[r]) == t->window + 1) << r;
		}
		if (out)
			bits_escape(t, s, block, out);
		for (int k = 0; k < planes + t->B.planes; k++) {
			const uint8_t *table = k < planes ? t->A.table[k] : t->B.table[k - planes];
			uint64_t sum = 0;
			for (int r = 0; r < BITS_BLOCK; r++) {
				uint8_t v = table[(uint8_t)x[r]];
				if (k < planes)
					plane[k * BITS_BLOCK + r] = v;
				sum += v;
			}
			S[k] += sum;
		}
	}
}

static int128 sum(struct field *f, int i, int next)
{
	const struct quenched *q = f->plan->quenched;
	uint64_t S[PLANES_MAX];

	(void)next;
	dot(S, f->plan->data, f->state, q->site + (size_t)i * q->stride, NULL);
	return bits_field(f, i, S);
}

static double cost(const struct field_plan *plan)
{
	return bits_cost(plan, 1, 5, 5, 1);
}

static const struct bits_loops loops = {.shift = shift, .stored = 1};

const struct field_kernel kernel_bits_portable = {
	"portable", kernel_any_cpu, bits_suits, cost, &loops, .sum = sum, BITS_KERNEL};
