/* Sums of packed rows with real vectors.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/rows.h"

#include "montecarlo/cpu.h"

#include <stdint.h>
#include <string.h>

/* --- plain C, any rows */

static double entry(const struct quenched *q, const unsigned char *site, size_t row)
{
	int16_t word;

	if (q->alphabet == BITS)
		return site[row / 8] >> (row % 8) & 1 ? 1 : -1;
	if (q->alphabet == BYTES)
		return (int8_t)site[row];
	memcpy(&word, site + 2 * row, sizeof word);
	return word;
}

static double power_of(double a, int power)
{
	double x = a;
	for (int k = 1; k < power; k++)
		x *= a;
	return x;
}

/* Sets a_i^power of the rows first ... first+n-1 at a site; 0 beyond the last row. */
static void unpack(double *a, const struct quenched *q, size_t i, size_t first, size_t n, int power)
{
	const unsigned char *site = q->site + i * q->stride;

	for (size_t r = 0; r < n; r++)
		a[r] = first + r < (size_t)q->rows ? power_of(entry(q, site, first + r), power) : 0;
}

enum { LINE = 512 };

static void plain_over_sites(double *X, const struct quenched *q, const double *v, int count, int power)
{
	const size_t rows = rows_padded(q), N = (size_t)q->N;
	double a[LINE];

	memset(X, 0, (size_t)count * rows * sizeof *X);
	for (size_t r = 0; r < rows; r += LINE)
		for (size_t i = 0; i < N; i++) {
			unpack(a, q, i, r, LINE, power);
			for (int c = 0; c < count; c++) {
				double x = v[(size_t)c * N + i], *to = X + (size_t)c * rows + r;
				for (int k = 0; k < LINE; k++)
					to[k] += a[k] * x;
			}
		}
}

static void plain_over_rows(double *h, const struct quenched *q, const double *e, int count, int power)
{
	const size_t rows = rows_padded(q), N = (size_t)q->N;
	double a[LINE];

	memset(h, 0, (size_t)count * N * sizeof *h);
	for (size_t r = 0; r < rows; r += LINE)
		for (size_t i = 0; i < N; i++) {
			unpack(a, q, i, r, LINE, power);
			for (int c = 0; c < count; c++) {
				const double *from = e + (size_t)c * rows + r;
				double sum = 0;
				for (int k = 0; k < LINE; k++)
					sum += a[k] * from[k];
				h[(size_t)c * N + i] += sum;
			}
		}
}

/* --- bits */

#if defined __x86_64__
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f")))

#define real    float
#define LANES   16
#define vec     __m512
#define bits_t  uint16_t
#define NAME(n) single_##n
#define MM(n)   _mm512_##n##_ps
#include "montecarlo/field/rows_bits_avx512.h"

#define real    double
#define LANES   8
#define vec     __m512d
#define bits_t  uint8_t
#define NAME(n) double_##n
#define MM(n)   _mm512_##n##_pd
#include "montecarlo/field/rows_bits_avx512.h"

static bool wide(const struct quenched *q)
{
	return q->alphabet == BITS && cpu_has_avx512f();
}
#endif

void rows_over_sites(double *X, const struct quenched *q, const double *v, int count, int power, bool fine)
{
#if defined __x86_64__
	if (wide(q)) {
		(fine ? double_over_sites : single_over_sites)(X, q, v, count);
		return;
	}
#endif
	(void)fine;
	plain_over_sites(X, q, v, count, power);
}

void rows_over_rows(double *h, const struct quenched *q, const double *e, int count, int power, bool fine)
{
#if defined __x86_64__
	if (wide(q)) {
		(fine ? double_over_rows : single_over_rows)(h, q, e, count);
		return;
	}
#endif
	(void)fine;
	plain_over_rows(h, q, e, count, power);
}
