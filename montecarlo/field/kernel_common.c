/* What several kernels share.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel.h"

#include <stdlib.h>
#include <string.h>

int kernel_any_cpu(void)
{
	return 1;
}

void *kernel_alloc(size_t bytes)
{
	void *p = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);

	if (p)
		memset(p, 0, bytes);
	return p;
}

void kernel_overlaps(struct field *f, long row0, long count, int64_t *X)
{
	for (long r = 0; r < count; r++) {
		X[r] = 0;
		for (int i = 0; i < f->N; i++)
			X[r] += quenched_entry(f->plan->quenched, row0 + r, i) * f->spin[i];
	}
}

static inline int64_t disagree(const unsigned char *a, const unsigned char *b, size_t words)
{
	int64_t sum = 0;
	for (size_t k = 0; k < words; k++) {
		uint64_t x, y;
		memcpy(&x, a + 8 * k, sizeof x);
		memcpy(&y, b + 8 * k, sizeof y);
		sum += __builtin_popcountll(x ^ y);
	}
	return sum;
}

#if defined __x86_64__
#include <immintrin.h>

__attribute__((target("popcnt"))) static int64_t disagree_popcnt(const void *a, const void *b, size_t words)
{
	return disagree(a, b, words);
}

__attribute__((target("avx512f,avx512vpopcntdq"))) static int64_t disagree_avx512(const uint64_t *a,
                                                                                  const uint64_t *b,
                                                                                  size_t words)
{
	__m512i sum = _mm512_setzero_si512();
	for (size_t k = 0; k < words; k += 8)
		sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(a + k),
		                                                                 _mm512_loadu_si512(b + k))));
	return _mm512_reduce_add_epi64(sum);
}
#endif

int64_t kernel_disagree(const void *a, const void *b, size_t words)
{
#if defined __x86_64__
	if (cpu_has_avx512_popcnt())
		return disagree_avx512(a, b, words);
	if (cpu_has_popcnt())
		return disagree_popcnt(a, b, words);
#endif
	return disagree(a, b, words);
}

size_t kernel_rows(const struct field_plan *plan)
{
	return ((size_t)plan->quenched->rows + 511) / 512 * 512;
}

void kernel_coefficients(int128 *coef, const struct field_plan *plan)
{
	int128 binomial = 1, power = 1;

	for (int j = 1; j <= plan->P; j++) {
		binomial = binomial * (plan->P - j + 1) / j;
		coef[j] = plan->couplings.diagonal ? power * binomial : 1;
		power *= 2;
	}
}

void kernel_binary(int128 *c, const struct field_plan *plan, int64_t X)
{
	c[0] = 1;
	for (int k = 1; k <= plan->P; k++) {
		c[k] = X * c[k - 1];
		if (!plan->couplings.diagonal)
			c[k] = (c[k] - (k > 1 ? (plan->N - k + 2) * c[k - 2] : 0)) / k;
	}
}
