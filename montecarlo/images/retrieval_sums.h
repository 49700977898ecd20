/* The sums of retrieval.c, a template: included once per instruction set with SUMS(name), TARGET and BYTES,
 * the register width, defined.  (Why a template: physics/numerics/average_fourier.h.)  Lanes are sites, or
 * are added in one order whatever the width, so all instruction sets give the same bits.
 *
 * GROUP images are processed together: a row is read once for all of them.  Loops over them are unrolled;
 * otherwise their sums would lie in memory, at a third of the speed.  Rows and spins are integers in float;
 * sums of their products are exact below 2^24.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */

typedef float SUMS(floats) __attribute__((vector_size(BYTES)));
typedef float SUMS(halves) __attribute__((vector_size(BYTES / 2)));
typedef double SUMS(doubles) __attribute__((vector_size(BYTES)));
typedef int64_t SUMS(longs) __attribute__((vector_size(BYTES)));

enum { SUMS(FLOATS) = BYTES / sizeof(float), SUMS(DOUBLES) = BYTES / sizeof(double) };

/* Returns the sum of integers, exact in any order. */
TARGET static inline double SUMS(total)(SUMS(floats) x)
{
	four part[BYTES / sizeof(four)], sum;
	memcpy(part, &x, sizeof part);
	sum = part[0];
#pragma GCC unroll 4
	for (size_t k = 1; k < BYTES / sizeof(four); k++)
		sum += part[k];
	return (double)((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

/* Computes Y[row][image] = row . s of the image. */
TARGET static void SUMS(overlaps)(double *Y, const float *row, long rows, size_t stride,
                                  const float *const *spin)
{
	for (long u = 0; u < rows; u++, row += stride) {
		SUMS(floats) sum[GROUP] = {{0}};
		for (size_t i = 0; i < stride; i += SUMS(FLOATS)) {
			SUMS(floats) a = *(const SUMS(floats) *)(row + i);
#pragma GCC unroll 8
			for (int b = 0; b < GROUP; b++)
				sum[b] += a * *(const SUMS(floats) *)(spin[b] + i);
		}
#pragma GCC unroll 8
		for (int b = 0; b < GROUP; b++)
			Y[u * GROUP + b] = SUMS(total)(sum[b]);
	}
}

/* Returns x^n lane by lane, n >= 0. */
TARGET static inline void SUMS(power)(eight *x, int n)
{
	eight square = *x, product = {1, 1, 1, 1, 1, 1, 1, 1};
	for (; n > 0; n >>= 1) {
		if (n & 1)
			product *= square;
		square *= square;
	}
	*x = product;
}

/* Computes c[row][image] from Y in place: the weight of chi in the field, w (P/2) scale (scale Y/N)^(P-1).
 * With mix: the weight of the rows in sum_mu chi_mu x_mu^(P-1), x = mix Y/N; x is scratch of that size. */
TARGET static void SUMS(coefficients)(double *Y, double *x, const struct memories *m, int P, double weight)
{
	const double over_N = 1.0 / m->N;
	long K = m->rows;

	for (long u = 0; u < K && !m->mix; u++) {
		eight y = *(eight *)(Y + u * GROUP) * (m->scale[u] * over_N);
		SUMS(power)(&y, P - 1);
		*(eight *)(Y + u * GROUP) = y * (m->scale[u] * weight);
	}
	if (!m->mix)
		return;
	for (long u = 0; u < K; u++) {
		eight sum = {0};
		for (long v = 0; v < K; v++)
			sum += *(eight *)(Y + v * GROUP) * m->mix[u * K + v];
		sum *= over_N;
		SUMS(power)(&sum, P - 1);
		*(eight *)(x + u * GROUP) = sum;
	}
	for (long v = 0; v < K; v++) {
		eight sum = {0};
		for (long u = 0; u < K; u++)
			sum += *(eight *)(x + u * GROUP) * m->mix[u * K + v];
		*(eight *)(Y + v * GROUP) = sum * weight;
	}
}

/* h[image][site] += sum over these rows of c row. */
TARGET static void SUMS(fields)(double *const *h, const float *row, long rows, size_t stride, const double *c)
{
	for (size_t i = 0; i < stride; i += SUMS(DOUBLES)) {
		SUMS(doubles) sum[GROUP];
#pragma GCC unroll 8
		for (int b = 0; b < GROUP; b++)
			sum[b] = *(SUMS(doubles) *)(h[b] + i);
		for (long u = 0; u < rows; u++) {
			const SUMS(halves) *at = (const SUMS(halves) *)(row + (size_t)u * stride + i);
			SUMS(doubles) a = __builtin_convertvector(*at, SUMS(doubles));
#pragma GCC unroll 8
			for (int b = 0; b < GROUP; b++)
				sum[b] += a * c[u * GROUP + b];
		}
#pragma GCC unroll 8
		for (int b = 0; b < GROUP; b++)
			*(SUMS(doubles) *)(h[b] + i) = sum[b];
	}
}

/* Sets s = +1 where h > 0, else -1, at the N sites; clears h.  Returns whether a spin changed. */
TARGET static int SUMS(decide)(float *s, double *h, int N, size_t stride)
{
	static const int64_t count[] = {0, 1, 2, 3, 4, 5, 6, 7};
	const SUMS(doubles) zero = {0}, one = zero + 1.0;
	const SUMS(longs) plus = (SUMS(longs))one, minus = (SUMS(longs)) - one;
	SUMS(longs) site, changed = {0};

	memcpy(&site, count, sizeof site);
	for (size_t i = 0; i < stride; i += SUMS(DOUBLES), site += SUMS(DOUBLES)) {
		SUMS(halves) *old = (SUMS(halves) *)(s + i);
		SUMS(longs) up = (SUMS(longs))(*(SUMS(doubles) *)(h + i) > zero), real = site < (int64_t)N;
		SUMS(doubles) next = (SUMS(doubles))(((up & plus) | (~up & minus)) & real);
		changed |= (SUMS(longs))(next != __builtin_convertvector(*old, SUMS(doubles)));
		*old = __builtin_convertvector(next, SUMS(halves));
		*(SUMS(doubles) *)(h + i) = zero;
	}
	int any = 0;
	for (int k = 0; k < SUMS(DOUBLES); k++)
		any |= changed[k] != 0;
	return any;
}

/* Converts to float and back, n a multiple of 16. */
TARGET static void SUMS(narrow)(float *to, const double *from, size_t n)
{
	for (size_t i = 0; i < n; i += SUMS(DOUBLES))
		*(SUMS(halves) *)(to + i) =
			__builtin_convertvector(*(const SUMS(doubles) *)(from + i), SUMS(halves));
}

TARGET static void SUMS(widen)(double *to, const float *from, size_t n)
{
	for (size_t i = 0; i < n; i += SUMS(DOUBLES))
		*(SUMS(doubles) *)(to + i) =
			__builtin_convertvector(*(const SUMS(halves) *)(from + i), SUMS(doubles));
}

/* Returns sum a_i b_i over n, a multiple of 16, in sixteen partial sums. */
TARGET static double SUMS(dot)(const double *a, const double *b, size_t n)
{
	enum { SUMMED = 16, VECTORS = SUMMED / SUMS(DOUBLES) };
	SUMS(doubles) sum[VECTORS] = {{0}};
	double lane[SUMMED], total = 0;

	for (size_t i = 0; i < n; i += SUMMED)
#pragma GCC unroll 8
		for (int k = 0; k < VECTORS; k++)
			sum[k] += *(const SUMS(doubles) *)(a + i + k * SUMS(DOUBLES)) *
			          *(const SUMS(doubles) *)(b + i + k * SUMS(DOUBLES));
	memcpy(lane, sum, sizeof lane);
	for (int k = 0; k < SUMMED; k++)
		total += lane[k];
	return total;
}

/* Replaces the value of a site in the power sums of the rows: p_j += (chi to)^j - (chi from)^j for j = 1 ..
 * P-1; p is [P][n]. */
TARGET static void SUMS(replace)(double *p, const double *chi, double from, double to, size_t n, int P)
{
	for (size_t u = 0; u < n; u += 8) {
		eight a = *(const eight *)(chi + u), old = a * from, new = a *to, old_j = old, new_j = new;
		for (int j = 1; j < P; j++) {
			*(eight *)(p + (size_t)j * n + u) += new_j - old_j;
			old_j *= old;
			new_j *= new;
		}
	}
}

/* Computes E_k = k! e_k of every row from its power sums, k = 0 .. P-1, by Newton: E_k = sum_j (-1)^(j-1)
 * (k-1)!/(k-j)! E_{k-j} p_j. */
TARGET static void SUMS(elementary)(double *E, const double *p, size_t n, int P)
{
	for (size_t u = 0; u < n; u += 8) {
		*(eight *)(E + u) = (eight){1, 1, 1, 1, 1, 1, 1, 1};
		for (int k = 1; k < P; k++) {
			eight sum = {0};
			double factor = 1;
			for (int j = 1; j <= k; j++) {
				sum += *(const eight *)(E + (size_t)(k - j) * n + u) *
				       *(const eight *)(p + (size_t)j * n + u) * factor;
				factor *= -(k - j);
			}
			*(eight *)(E + (size_t)k * n + u) = sum;
		}
	}
}

/* Returns the sum over rows of chi E_{P-1} without this site, whose value is chi times m: E_k without = E_k
 * - k (chi m) (E_{k-1} without). */
TARGET static double SUMS(without)(const double *E, const double *chi, double m, size_t n, int P)
{
	eight total = {0};
	double sum = 0;
	for (size_t u = 0; u < n; u += 8) {
		eight a = *(const eight *)(chi + u), y = a * m, e = *(const eight *)(E + u);
		for (int k = 1; k < P; k++)
			e = *(const eight *)(E + (size_t)k * n + u) - y * e * (double)k;
		total += a * e;
	}
	for (int k = 0; k < 8; k++)
		sum += total[k];
	return sum;
}

static const struct sums SUMS(sums) = {SUMS(overlaps),   SUMS(coefficients), SUMS(fields), SUMS(decide),
                                       SUMS(narrow),     SUMS(widen),        SUMS(dot),    SUMS(replace),
                                       SUMS(elementary), SUMS(without)};

#undef SUMS
#undef TARGET
#undef BYTES
