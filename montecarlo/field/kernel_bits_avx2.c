/* Binary rows with AVX2: bits are expanded to byte masks, masked planes are summed by vpsadbw.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel_bits.h"

#include <string.h>

#if defined __x86_64__

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE AVX2 static inline __attribute__((always_inline))

INLINE uint64_t across(__m256i v)
{
	uint64_t lane[4];

	_mm256_storeu_si256((__m256i *)lane, v);
	return lane[0] + lane[1] + lane[2] + lane[3];
}

/* Byte r of the result is 0xff where bit r of the 32 is set. */
INLINE __m256i spread(const unsigned char *bits)
{
	const __m256i byte = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2,
	                                      2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
	const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201);
	int32_t word;

	memcpy(&word, bits, sizeof word);
	return _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(word), byte), bit),
	                         bit);
}

INLINE void dot_planes(uint64_t *S, const struct bits_plan *t, const struct bits_state *s,
                       const unsigned char *bits, const unsigned char *next, int planes)
{
	const __m256i zero = _mm256_setzero_si256();
	__m256i sum[PLANES_MAX];

#pragma GCC unroll 8
	for (int k = 0; k < planes; k++)
		sum[k] = zero;
	for (long block = 0; block < t->blocks; block++) {
		const uint8_t *plane = s->plane + block * BITS_BLOCK * planes;
		if (next && block % 8 == 0)
			_mm_prefetch((const char *)next + block * 8, _MM_HINT_T0);
#pragma GCC unroll 2
		for (int half = 0; half < 2; half++) {
			__m256i mask = spread(bits + block * 8 + half * 4);
#pragma GCC unroll 8
			for (int k = 0; k < planes; k++) {
				__m256i v = _mm256_load_si256(
					(const __m256i *)(plane + k * BITS_BLOCK + half * 32));
				sum[k] = _mm256_add_epi64(sum[k],
				                          _mm256_sad_epu8(_mm256_and_si256(v, mask), zero));
			}
		}
	}
#pragma GCC unroll 8
	for (int k = 0; k < planes; k++)
		S[k] = across(sum[k]);
}

AVX2 static void dot(uint64_t *S, const struct bits_plan *t, const struct bits_state *s,
                     const unsigned char *bits, const unsigned char *next)
{
	switch (t->A.planes) {
	case 1:
		dot_planes(S, t, s, bits, next, 1);
		break;
	case 2:
		dot_planes(S, t, s, bits, next, 2);
		break;
	case 3:
		dot_planes(S, t, s, bits, next, 3);
		break;
	case 4:
		dot_planes(S, t, s, bits, next, 4);
		break;
	case 5:
		dot_planes(S, t, s, bits, next, 5);
		break;
	case 6:
		dot_planes(S, t, s, bits, next, 6);
		break;
	default:
		dot_planes(S, t, s, bits, next, 7);
	}
}

/* Looks up x in a table of 16 * `registers` bytes: a shuffle per 16 entries, kept where the upper bits of x
 * agree. */
INLINE __m256i look_up(const uint8_t *table, __m256i x, int entries)
{
	const __m256i low = _mm256_set1_epi8(15);
	__m256i at = _mm256_and_si256(x, low),
		upper = _mm256_and_si256(x, _mm256_set1_epi8((char)(entries - 16)));
	__m256i v = _mm256_setzero_si256();

#pragma GCC unroll 16
	for (int e = 0; e < entries; e += 16) {
		__m256i here = _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(table + e)));
		__m256i hit = _mm256_cmpeq_epi8(upper, _mm256_set1_epi8((char)e));
		v = _mm256_or_si256(v, _mm256_and_si256(_mm256_shuffle_epi8(here, at), hit));
	}
	return v;
}

INLINE void shift_entries(uint64_t *S, const struct bits_plan *t, struct bits_state *s,
                          const unsigned char *bits, int up, int entries)
{
	const int planes = t->A.planes, all = planes + t->B.planes;
	const __m256i more = _mm256_set1_epi8((char)up), less = _mm256_set1_epi8((char)-up);
	const __m256i beyond = _mm256_set1_epi8((char)(t->window + 1)), zero = _mm256_setzero_si256();
	__m256i sum[2 * PLANES_MAX];

	for (int k = 0; k < all; k++)
		sum[k] = zero;
	for (long block = 0; block < t->blocks; block++) {
		int8_t *at = s->x8 + block * BITS_BLOCK;
		uint8_t *plane = s->plane + block * BITS_BLOCK * planes;
		uint64_t out = 0, valid = bits_valid(t, block);
		for (int half = 0; half < 2; half++) {
			__m256i x = _mm256_load_si256((__m256i *)(at + 32 * half)), stepped_out;
			__m256i step = _mm256_blendv_epi8(less, more, spread(bits + block * 8 + 4 * half));
			if (~valid)
				step = _mm256_and_si256(step,
				                        spread((const unsigned char *)&valid + 4 * half));
			x = _mm256_add_epi8(x, step);
			_mm256_store_si256((__m256i *)(at + 32 * half), x);
			stepped_out = _mm256_cmpeq_epi8(_mm256_abs_epi8(x), beyond);
			out |= (uint64_t)(uint32_t)_mm256_movemask_epi8(stepped_out) << (32 * half);
		}
		if (out)
			bits_escape(t, s, block, out);
		for (int half = 0; half < 2; half++) {
			__m256i x = _mm256_load_si256((__m256i *)(at + 32 * half));
			for (int k = 0; k < all; k++) {
				const uint8_t *table = k < planes ? t->A.table[k] : t->B.table[k - planes];
				__m256i v = look_up(table, x, entries);
				sum[k] = _mm256_add_epi64(sum[k], _mm256_sad_epu8(v, zero));
				if (k < planes)
					_mm256_store_si256((__m256i *)(plane + k * BITS_BLOCK + 32 * half),
					                   v);
			}
		}
	}
	for (int k = 0; k < all; k++)
		S[k] = across(sum[k]);
}

AVX2 static void shift(uint64_t *S, const struct bits_plan *t, struct bits_state *s,
                       const unsigned char *bits, int up)
{
	if (t->registers == 1)
		shift_entries(S, t, s, bits, up, 64);
	else if (t->registers == 2)
		shift_entries(S, t, s, bits, up, 128);
	else if (t->registers == 4)
		shift_entries(S, t, s, bits, up, 256);
	else
		bits_shift_wide(S, t, s, bits, up);
}

AVX2 static int128 sum(struct field *f, int i, int next)
{
	const struct quenched *q = f->plan->quenched;
	uint64_t S[PLANES_MAX];

	dot(S, f->plan->data, f->state, q->site + (size_t)i * q->stride,
	    next < 0 ? NULL : q->site + (size_t)next * q->stride);
	return bits_field(f, i, S);
}

static double cost(const struct field_plan *plan)
{
	return bits_cost(plan, 1, 0.6, 0.6, 1);
}

static const struct bits_loops loops = {.shift = shift, .stored = 1};

const struct field_kernel kernel_bits_avx2 = {
	"avx2", cpu_has_avx2, bits_suits, cost, &loops, .sum = sum, BITS_KERNEL};

#else

FIELD_KERNEL_ABSENT(kernel_bits_avx2, "avx2", cpu_has_avx2, bits_suits)

#endif
