/* P = 2 with the matrix J_ij = sum over rows of a_i a_j, i != j, which keeps the fields of all spins:
 * reading a field is free, a flip updates all fields from a row of J.  Best with many rows per spin and few
 * flips.
 *
 * J has the fewest bytes that hold all its entries.  A field changes by 2 J, so its lowest bit is constant,
 * and G = (F - F mod 2) / 2 is stored, in two bytes if the sum over j of |J_ij| allows it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 64 }; /* entries per step of a loop */

struct pair_plan {
	int N, factor;  /* factor of the integer F: 2 with diagonal (kernel.h) */
	size_t stride;  /* of J and of the fields, a multiple of STEP */
	int bytes;      /* of an entry of J: 1, 2, 4 */
	int wide;       /* nonzero: fields of 4 bytes, else 2 */
	void *J;        /* [N][stride] */
	int32_t *sum;   /* [N] fields of the configuration with all spins +1 */
	int128 squares; /* sum of a_i^2 over all sites and rows */
};

/* G_j += s J_ij, s = +-1 */
typedef void pair_shift(void *G, const void *J, size_t stride, int s);

struct pair_state {
	void *G;
	pair_shift *shift;
};

static size_t stride_of(const struct field_plan *plan)
{
	return ((size_t)plan->N + STEP - 1) / STEP * STEP;
}

static int suits(const struct field_plan *plan)
{
	const struct quenched *q = plan->quenched;

	return plan->P == 2 && (double)q->N * (double)q->rows * q->entry_max * q->entry_max < 0x1p30;
}

static int bytes_for(double J)
{
	return J <= INT8_MAX ? 1 : J <= INT16_MAX ? 2 : 4;
}

/* Returns the bytes of an entry: the maximum, and what six standard deviations of independent rows need. */
static int bytes_at_most(const struct field_plan *plan)
{
	const struct quenched *q = plan->quenched;

	return bytes_for((double)q->rows * q->entry_max * q->entry_max);
}

static int bytes_usual(const struct field_plan *plan)
{
	const struct quenched *q = plan->quenched;
	int usual = bytes_for(6 * sqrt((double)q->rows) * q->entry_max * q->entry_max),
	    most = bytes_at_most(plan);

	return usual < most ? usual : most;
}

double kernel_matrix_building(const struct field_plan *plan)
{
	return (double)plan->N * plan->N * (double)plan->quenched->rows /
	       (plan->quenched->alphabet == BITS ? 400 : 20);
}

static double cost(const struct field_plan *plan)
{
	double row = (double)stride_of(plan) * bytes_usual(plan), all = row * plan->N;

	/* ns per 64 bytes of a row of J from the second cache or beyond; and the time to build J, spread
	 * over 1000 sweeps */
	return 8 + 0.05 * row / 64 * (all < 1.5e6 ? 2 : 4) +
	       kernel_matrix_building(plan) / (1000.0 * plan->N);
}

static void memory(const struct field_plan *plan, size_t *shared, size_t *each)
{
	*shared = sizeof(struct pair_plan) +
	          (size_t)plan->N * (stride_of(plan) * (size_t)bytes_at_most(plan) + sizeof(int32_t));
	*each = sizeof(struct pair_state) + stride_of(plan) * sizeof(int32_t);
}

static void release(struct field_plan *plan)
{
	struct pair_plan *t = plan->data;

	if (!t)
		return;
	free(t->J);
	free(t->sum);
	free(t);
	plan->data = NULL;
}

/* sum over rows of a_i a_j */
static int32_t product(const struct quenched *q, int i, int j)
{
	const unsigned char *a = q->site + (size_t)i * q->stride, *b = q->site + (size_t)j * q->stride;
	int32_t sum = 0;

	if (q->alphabet == BITS)
		return (int32_t)(q->rows - 2 * kernel_disagree(a, b, q->stride / 8));
	if (q->alphabet == BYTES)
		for (long r = 0; r < q->rows; r++)
			sum += (int8_t)a[r] * (int8_t)b[r];
	else
		for (long r = 0; r < q->rows; r++)
			sum += ((const int16_t *)(const void *)a)[r] * ((const int16_t *)(const void *)b)[r];
	return sum;
}

static int32_t entry(const void *J, int bytes, size_t at)
{
	return bytes == 1   ? ((const int8_t *)J)[at]
	       : bytes == 2 ? ((const int16_t *)J)[at]
	                    : ((const int32_t *)J)[at];
}

static void put(void *J, int bytes, size_t at, int32_t value)
{
	if (bytes == 1)
		((int8_t *)J)[at] = (int8_t)value;
	else if (bytes == 2)
		((int16_t *)J)[at] = (int16_t)value;
	else
		((int32_t *)J)[at] = value;
}

/* Makes J with entries of this many bytes.  Returns 0, or -1 if memory is short. */
static int widen(struct pair_plan *t, int bytes)
{
	size_t entries = (size_t)t->N * t->stride;
	void *J = kernel_alloc(entries * (size_t)bytes);

	if (!J)
		return -1;
	for (size_t at = 0; at < entries && t->J; at++)
		put(J, bytes, at, entry(t->J, t->bytes, at));
	free(t->J);
	t->J = J;
	t->bytes = bytes;
	return 0;
}

static int fill(struct pair_plan *t, const struct quenched *q)
{
	for (int i = 0; i < t->N; i++) {
		t->squares += product(q, i, i);
		for (int j = 0; j < i; j++) {
			int32_t J = product(q, i, j);
			int bytes = bytes_for(abs(J));
			if (bytes > t->bytes && widen(t, bytes) != 0)
				return -1;
			put(t->J, t->bytes, (size_t)i * t->stride + (size_t)j, J);
			put(t->J, t->bytes, (size_t)j * t->stride + (size_t)i, J);
		}
	}
	return 0;
}

/* Computes sums of rows of J and whether fields need four bytes. */
static void add_up(struct pair_plan *t)
{
	for (int i = 0; i < t->N; i++) {
		int64_t largest = 0;
		for (int j = 0; j < t->N; j++) {
			int32_t J = entry(t->J, t->bytes, (size_t)i * t->stride + (size_t)j);
			t->sum[i] += J;
			largest += abs(J);
		}
		t->wide |= largest > UINT16_MAX || t->bytes == 4;
	}
}

static int prepare(struct field_plan *plan)
{
	struct pair_plan *t = calloc(1, sizeof *t);

	plan->data = t;
	if (!t)
		return GSL_ENOMEM;
	t->N = plan->N;
	t->factor = plan->couplings.diagonal ? 2 : 1;
	t->stride = stride_of(plan);
	t->sum = calloc((size_t)t->N, sizeof *t->sum);
	if (!t->sum || widen(t, bytes_usual(plan)) != 0 || fill(t, plan->quenched) != 0) {
		release(plan);
		return GSL_ENOMEM;
	}
	add_up(t);
	return GSL_SUCCESS;
}

/* The compiler generates the code of each instruction set from the same loop, of fixed length. */
#define SHIFT(name, instructions, J_type, G_type)                                                            \
	instructions static void name(void *restrict fields, const void *restrict row, size_t stride, int s) \
	{                                                                                                    \
		for (size_t first = 0; first < stride; first += STEP) {                                      \
			const J_type *restrict J =                                                           \
				(const J_type *)__builtin_assume_aligned(row, 64) + first;                   \
			G_type *restrict G = (G_type *)__builtin_assume_aligned(fields, 64) + first;         \
			if (s > 0)                                                                           \
				for (int j = 0; j < STEP; j++)                                               \
					G[j] = (G_type)(G[j] + J[j]);                                        \
			else                                                                                 \
				for (int j = 0; j < STEP; j++)                                               \
					G[j] = (G_type)(G[j] - J[j]);                                        \
		}                                                                                            \
	}
#define SHIFTS(set, instructions)                                                                            \
	SHIFT(set##_8_16, instructions, int8_t, int16_t)                                                     \
	SHIFT(set##_16_16, instructions, int16_t, int16_t)                                                   \
	SHIFT(set##_8_32, instructions, int8_t, int32_t)                                                     \
	SHIFT(set##_16_32, instructions, int16_t, int32_t)                                                   \
	SHIFT(set##_32_32, instructions, int32_t, int32_t)                                                   \
	static pair_shift *set(const struct pair_plan *t)                                                    \
	{                                                                                                    \
		if (t->wide)                                                                                 \
			return t->bytes == 1 ? set##_8_32 : t->bytes == 2 ? set##_16_32 : set##_32_32;       \
		return t->bytes == 1 ? set##_8_16 : set##_16_16;                                             \
	}

SHIFTS(plain, )
#if defined __x86_64__
SHIFTS(avx2, __attribute__((target("avx2"))))
#if defined __clang__
#define REGISTERS_OF_512_BITS target("avx512f,avx512bw"), min_vector_width(512)
#else
#define REGISTERS_OF_512_BITS target("avx512f,avx512bw,prefer-vector-width=512")
#endif
SHIFTS(avx512, __attribute__((REGISTERS_OF_512_BITS)))
#endif

static pair_shift *shift_for_cpu(const struct pair_plan *t)
{
#if defined __x86_64__
	if (cpu_has_avx512())
		return avx512(t);
	if (cpu_has_avx2())
		return avx2(t);
#endif
	return plain(t);
}

static int32_t field_of(const struct pair_plan *t, const struct pair_state *s, int i)
{
	return 2 * (t->wide ? ((const int32_t *)s->G)[i] : ((const int16_t *)s->G)[i]) + (t->sum[i] & 1);
}

static int128 sum(struct field *f, int i, int next)
{
	const struct pair_plan *t = f->plan->data;

	(void)next;
	return (int128)field_of(t, f->state, i) * t->factor;
}

static void shift(struct field *f, int i, int s)
{
	const struct pair_plan *t = f->plan->data;
	struct pair_state *state = f->state;

	state->shift(state->G, (const char *)t->J + (size_t)i * t->stride * (size_t)t->bytes, t->stride, s);
}

static void flip(struct field *f, int i)
{
	f->spin[i] = (int8_t)-f->spin[i];
	shift(f, i, f->spin[i]);
}

static void release_state(struct field *f)
{
	struct pair_state *s = f->state;

	if (!s)
		return;
	free(s->G);
	free(s);
	f->state = NULL;
}

static int alloc(struct field *f)
{
	const struct pair_plan *t = f->plan->data;
	struct pair_state *s = calloc(1, sizeof *s);

	f->state = s;
	if (!s || !(s->G = kernel_alloc(t->stride * (t->wide ? sizeof(int32_t) : sizeof(int16_t))))) {
		release_state(f);
		return GSL_ENOMEM;
	}
	s->shift = shift_for_cpu(t);
	return GSL_SUCCESS;
}

/* Starts from all spins +1 and flips the others one by one. */
static void init(struct field *f)
{
	const struct pair_plan *t = f->plan->data;
	struct pair_state *s = f->state;

	for (int i = 0; i < t->N; i++) {
		int32_t G = (t->sum[i] - (t->sum[i] & 1)) / 2;
		if (t->wide)
			((int32_t *)s->G)[i] = G;
		else
			((int16_t *)s->G)[i] = (int16_t)G;
	}
	for (int i = 0; i < t->N; i++)
		if (f->spin[i] < 0)
			shift(f, i, -1);
}

static int128 energy(struct field *f)
{
	const struct pair_plan *t = f->plan->data;
	int128 E = 0;

	for (int i = 0; i < t->N; i++)
		E += (int64_t)field_of(t, f->state, i) * f->spin[i];
	return t->factor == 2 ? t->squares + E : E / 2;
}

const struct field_kernel kernel_matrix = {.name = "pair",
                                           .cpu = kernel_any_cpu,
                                           .suits = suits,
                                           .cost = cost,
                                           .memory = memory,
                                           .prepare = prepare,
                                           .release = release,
                                           .alloc = alloc,
                                           .free = release_state,
                                           .init = init,
                                           .sum = sum,
                                           .flip = flip,
                                           .energy = energy,
                                           .overlaps = kernel_overlaps};
