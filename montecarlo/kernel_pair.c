/* P = 2 with the matrix J_ij = sum over rows of a_i a_j, i != j, and the fields of all spins kept: a field is a look, a flip
 * goes through a row of J.  Right when there are many rows for the spins and few flips.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/kernel.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

struct pair_plan {
	int N, factor;   /* factor of the integer F: 2 with diagonal (kernel.h) */
	size_t stride;   /* of J and of the fields, a multiple of 64 */
	int16_t *small;  /* [N][stride], or NULL: */
	int32_t *large;
	int128 squares;  /* sum of a_i^2 over all sites and rows */
};

struct pair_state {
	int32_t *F;
	void (*shift)(int32_t *F, const struct pair_plan *, int i, int by);
	void (*flip)(int32_t *F, const struct pair_plan *, int i, int by); /* the same for by = 2 or -2 */
};

static size_t stride_of(const struct field_plan *plan)
{
	return ((size_t)plan->N + 63) / 64 * 64;
}

static int suits(const struct field_plan *plan)
{
	const struct quenched *q = plan->quenched;

	return plan->P == 2 && (double)q->N * (double)q->rows * q->entry_max * q->entry_max < 0x1p30;
}

static size_t entry_size(const struct field_plan *plan)
{
	const struct quenched *q = plan->quenched;

	return (double)q->rows * q->entry_max * q->entry_max <= INT16_MAX ? sizeof(int16_t) : sizeof(int32_t);
}

double pair_building(const struct field_plan *plan)
{
	return (double)plan->N * plan->N * (double)plan->quenched->rows / (plan->quenched->alphabet == BITS ? 400 : 20);
}

static double cost(const struct field_plan *plan)
{
	double row = (double)stride_of(plan) * (double)entry_size(plan), all = row * plan->N;

	/* ns per 64 bytes of a row of J that comes from the second cache, or from memory; and the time to build J, as if
	 * spread over 1000 sweeps */
	return 8 + 0.05 * row / 64 * (all < 2.5e6 ? 1.5 : 4) + pair_building(plan) / (1000.0 * plan->N);
}

static void memory(const struct field_plan *plan, size_t *shared, size_t *each)
{
	*shared = sizeof(struct pair_plan) + (size_t)plan->N * stride_of(plan) * entry_size(plan);
	*each = sizeof(struct pair_state) + stride_of(plan) * sizeof(int32_t);
}

static void release(struct field_plan *plan)
{
	struct pair_plan *t = plan->data;

	if (!t)
		return;
	free(t->small);
	free(t->large);
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

static int prepare(struct field_plan *plan)
{
	struct pair_plan *t = calloc(1, sizeof *t);
	size_t entries = (size_t)plan->N * stride_of(plan);

	plan->data = t;
	if (!t)
		return GSL_ENOMEM;
	t->N = plan->N;
	t->factor = plan->couplings.diagonal ? 2 : 1;
	t->stride = stride_of(plan);
	if (entry_size(plan) == sizeof *t->small)
		t->small = kernel_alloc(entries * sizeof *t->small);
	else
		t->large = kernel_alloc(entries * sizeof *t->large);
	if (!t->small && !t->large) {
		release(plan);
		return GSL_ENOMEM;
	}
	for (int i = 0; i < t->N; i++) {
		t->squares += product(plan->quenched, i, i);
		for (int j = 0; j < i; j++) {
			int32_t J = product(plan->quenched, i, j);
			size_t ij = (size_t)i * t->stride + (size_t)j, ji = (size_t)j * t->stride + (size_t)i;
			if (t->small)
				t->small[ij] = t->small[ji] = (int16_t)J;
			else
				t->large[ij] = t->large[ji] = J;
		}
	}
	return GSL_SUCCESS;
}

/* F_j += by J_ij for all j. */
static void shift_plain(int32_t *F, const struct pair_plan *t, int i, int by)
{
	const size_t first = (size_t)i * t->stride;

	if (t->small)
		for (size_t j = 0; j < t->stride; j++)
			F[j] += by * t->small[first + j];
	else
		for (size_t j = 0; j < t->stride; j++)
			F[j] += by * t->large[first + j];
}

#if defined __x86_64__
#include <immintrin.h>

/* A flip: by is 2 or -2. */
__attribute__((target("avx512f"))) static void flip_avx512(int32_t *F, const struct pair_plan *t, int i, int by)
{
	const size_t first = (size_t)i * t->stride;

	for (size_t j = 0; j < t->stride; j += 16) {
		__m512i J, old = _mm512_load_si512(F + j);
		if (t->small)
			J = _mm512_cvtepi16_epi32(_mm256_load_si256((const __m256i *)(t->small + first + j)));
		else
			J = _mm512_load_si512(t->large + first + j);
		J = _mm512_slli_epi32(J, 1);
		_mm512_store_si512(F + j, by > 0 ? _mm512_add_epi32(old, J) : _mm512_sub_epi32(old, J));
	}
}

__attribute__((target("avx2"))) static void shift_avx2(int32_t *F, const struct pair_plan *t, int i, int by)
{
	const __m256i factor = _mm256_set1_epi32(by);

	for (size_t j = 0; j < t->stride; j += 8) {
		const size_t at = (size_t)i * t->stride + j;
		__m256i *to = (__m256i *)(F + j), J;
		if (t->small)
			J = _mm256_cvtepi16_epi32(_mm_load_si128((const __m128i *)(t->small + at)));
		else
			J = _mm256_load_si256((const __m256i *)(t->large + at));
		_mm256_store_si256(to, _mm256_add_epi32(_mm256_load_si256(to), _mm256_mullo_epi32(factor, J)));
	}
}
#endif

static int128 sum(struct field *f, int i, int next)
{
	const struct pair_plan *t = f->plan->data;
	const struct pair_state *s = f->state;

	(void)next;
	return (int128)s->F[i] * t->factor;
}

static void flip(struct field *f, int i)
{
	struct pair_state *s = f->state;

	f->spin[i] = (int8_t)-f->spin[i];
	s->flip(s->F, f->plan->data, i, 2 * f->spin[i]);
}

static void release_state(struct field *f)
{
	struct pair_state *s = f->state;

	if (!s)
		return;
	free(s->F);
	free(s);
	f->state = NULL;
}

static int alloc(struct field *f)
{
	const struct pair_plan *t = f->plan->data;
	struct pair_state *s = calloc(1, sizeof *s);

	f->state = s;
	f->sum = sum;
	f->flip = flip;
	if (!s || !(s->F = kernel_alloc(t->stride * sizeof *s->F))) {
		release_state(f);
		return GSL_ENOMEM;
	}
	s->shift = s->flip = shift_plain;
#if defined __x86_64__
	if (__builtin_cpu_supports("avx2"))
		s->shift = shift_avx2;
	s->flip = kernel_avx512() ? flip_avx512 : s->shift;
#endif
	return GSL_SUCCESS;
}

static void init(struct field *f)
{
	const struct pair_plan *t = f->plan->data;
	struct pair_state *s = f->state;

	memset(s->F, 0, t->stride * sizeof *s->F);
	for (int i = 0; i < t->N; i++)
		s->shift(s->F, t, i, f->spin[i]);
}

static int128 energy(struct field *f)
{
	const struct pair_plan *t = f->plan->data;
	const struct pair_state *s = f->state;
	int128 E = 0;

	for (int i = 0; i < t->N; i++)
		E += (int64_t)s->F[i] * f->spin[i];
	return t->factor == 2 ? t->squares + E : E / 2;
}

static int cpu(void)
{
	return 1;
}

const struct field_kernel kernel_pair = {"pair", cpu, suits, cost, memory, prepare, release, alloc, release_state,
                                         init, energy, kernel_overlaps};
