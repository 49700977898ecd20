/* Random numbers and their logarithms for a block of attempts, eight at a time where the CPU can: the same
 * operations as in rng.h, so the same bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/disorder/rng.h"

#include <math.h>

#include "montecarlo/cpu.h"

/* Marsaglia's polar method; s > 1e-32. */
double rng_gauss(struct rng_key key, uint64_t number)
{
	for (uint32_t attempt = 0;; attempt++) {
		struct rng_block b = rng_block(key, (uint32_t)number, (uint32_t)(number >> 32), attempt, 0);
		double x = 2 * rng_unit(b.word[0], b.word[1]) - 1, y = 2 * rng_unit(b.word[2], b.word[3]) - 1;
		double s = x * x + y * y;
		if (s < 1 && s > 0)
			return x * sqrt(-2 * rng_log(s) / s);
	}
}

#if defined __x86_64__

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512dq")))
#define INLINE AVX512 static inline __attribute__((always_inline))

/* Does half a round of Philox, on 32-bit words in 64-bit lanes: the product of a and `by`. */
INLINE void split(__m512i *high, __m512i *low, __m512i a, uint32_t by)
{
	__m512i product = _mm512_mul_epu32(a, _mm512_set1_epi64(by));

	*high = _mm512_srli_epi64(product, 32);
	*low = _mm512_and_si512(product, _mm512_set1_epi64(0xffffffff));
}

INLINE __m512d unit(__m512i low, __m512i high)
{
	__m512d x =
		_mm512_cvtepu64_pd(_mm512_srli_epi64(_mm512_or_si512(_mm512_slli_epi64(high, 32), low), 12));

	return _mm512_mul_pd(_mm512_add_pd(x, _mm512_set1_pd(0.5)), _mm512_set1_pd(0x1p-52));
}

/* Sixteen numbers: the pairs j .. j+7. */
INLINE void draw(double *u, struct rng_key key, uint64_t sweep, uint32_t j, enum rng_purpose purpose)
{
	const __m512i word = _mm512_set1_epi64(0xffffffff);
	__m512i c0 = _mm512_set1_epi64((uint32_t)sweep), c1 = _mm512_set1_epi64((uint32_t)(sweep >> 32));
	__m512i c2 = _mm512_add_epi64(_mm512_set1_epi64(j), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
	__m512i c3 = _mm512_set1_epi64(purpose), pair = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
	uint32_t k0 = key.word[0], k1 = key.word[1];
	__m512d even, odd;

	c2 = _mm512_and_si512(c2, word);
#pragma GCC unroll 10
	for (int round = 0; round < 10; round++) {
		__m512i high0, low0, high1, low1;
		split(&high0, &low0, c0, PHILOX_M4x32_0);
		split(&high1, &low1, c2, PHILOX_M4x32_1);
		c0 = _mm512_xor_si512(_mm512_xor_si512(high1, c1), _mm512_set1_epi64(k0));
		c2 = _mm512_xor_si512(_mm512_xor_si512(high0, c3), _mm512_set1_epi64(k1));
		c1 = low1;
		c3 = low0;
		k0 += PHILOX_W32_0;
		k1 += PHILOX_W32_1;
	}
	even = unit(c0, c1);
	odd = unit(c2, c3);
	_mm512_storeu_pd(u, _mm512_permutex2var_pd(even, pair, odd));
	_mm512_storeu_pd(u + 8,
	                 _mm512_permutex2var_pd(even, _mm512_add_epi64(pair, _mm512_set1_epi64(4)), odd));
}

INLINE __m512d log_of(__m512d x)
{
	const __m512d one = _mm512_set1_pd(1);
	const __m512i half = _mm512_set1_epi64(0x3fe6a09e667f3bcd),
		      fraction = _mm512_set1_epi64(0x000fffffffffffff);
	__m512i bits = _mm512_castpd_si512(x), shifted = _mm512_sub_epi64(bits, half);
	__m512d k = _mm512_cvtepi64_pd(_mm512_srai_epi64(shifted, 52)), m, t, t2, s, high, low;

	m = _mm512_castsi512_pd(_mm512_add_epi64(_mm512_and_si512(shifted, fraction), half));
	t = _mm512_div_pd(_mm512_sub_pd(m, one), _mm512_add_pd(m, one));
	t2 = _mm512_mul_pd(t, t);
	s = _mm512_set1_pd(1.0 / 23);
#pragma GCC unroll 10
	for (int n = 21; n >= 3; n -= 2)
		s = _mm512_add_pd(_mm512_mul_pd(s, t2), _mm512_set1_pd(1.0 / n));
	high = _mm512_mul_pd(k, _mm512_set1_pd(0x1.62e42fefa38p-1));
	low = _mm512_mul_pd(_mm512_mul_pd(_mm512_mul_pd(_mm512_set1_pd(2), t), t2), s);
	low = _mm512_add_pd(low, _mm512_mul_pd(k, _mm512_set1_pd(0x1.ef35793c7673p-45)));
	return _mm512_add_pd(high, _mm512_add_pd(_mm512_mul_pd(_mm512_set1_pd(2), t), low));
}

AVX512 static void fill(double *u, struct rng_key key, uint64_t sweep, uint32_t j, int pairs,
                        enum rng_purpose purpose)
{
	double last[16];

	for (; pairs >= 8; pairs -= 8, j += 8, u += 16)
		draw(u, key, sweep, j, purpose);
	if (pairs > 0) {
		draw(last, key, sweep, j, purpose);
		memcpy(u, last, 2 * (size_t)pairs * sizeof *u);
	}
}

AVX512 static void logs(double *x, int n, int odds)
{
	const __m512d one = _mm512_set1_pd(1);

	for (int i = 0; i < n; i += 8) {
		__mmask8 some = n - i < 8 ? (__mmask8)((1 << (n - i)) - 1) : 0xff;
		__m512d v = _mm512_mask_loadu_pd(_mm512_set1_pd(0.5), some, x + i);
		if (odds)
			v = _mm512_div_pd(v, _mm512_sub_pd(one, v));
		_mm512_mask_storeu_pd(x + i, some, log_of(v));
	}
}

#endif

void rng_fill(double *u, struct rng_key key, uint64_t sweep, uint32_t j, int pairs, enum rng_purpose purpose)
{
#if defined __x86_64__
	if (cpu_has_avx512()) {
		fill(u, key, sweep, j, pairs, purpose);
		return;
	}
#endif
	for (int k = 0; k < pairs; k++)
		rng_pair(u + 2 * k, key, sweep, j + (uint32_t)k, purpose);
}

void rng_logs(double *x, int n)
{
#if defined __x86_64__
	if (cpu_has_avx512()) {
		logs(x, n, 0);
		return;
	}
#endif
	for (int i = 0; i < n; i++)
		x[i] = rng_log(x[i]);
}

void rng_logits(double *x, int n)
{
#if defined __x86_64__
	if (cpu_has_avx512()) {
		logs(x, n, 1);
		return;
	}
#endif
	for (int i = 0; i < n; i++)
		x[i] = rng_logit(x[i]);
}
