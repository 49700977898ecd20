/* The sums of retrieval.c, a template: included once per instruction set with SUMS(name) and TARGET set.  Plain C on
 * groups of lanes of a fixed width, which the compiler lowers to what TARGET has: every lane adds in the same order, so all instruction
 * sets give the same bits.  (Why a template: physics/average_fourier.h.)
 *
 * GROUP images are looked at together: a row is read once for all of them.  Rows and spins are whole numbers in float; their
 * products sum up exactly below 2^24.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Y[row][image] = row . s of the image. */
TARGET static void SUMS(overlaps)(double *Y, const float *row, long rows, size_t stride,
                                  const float *const *spin)
{
	for (long u = 0; u < rows; u++, row += stride) {
		sixteen sum[GROUP] = {{0}};
		for (size_t i = 0; i < stride; i += 16) {
			sixteen a = *(const sixteen *)(row + i);
			for (int b = 0; b < GROUP; b++)
				sum[b] += a * *(const sixteen *)(spin[b] + i);
		}
		for (int b = 0; b < GROUP; b++) {
			float total = 0;
			for (int k = 0; k < 16; k++)
				total += sum[b][k];
			Y[u * GROUP + b] = (double)total;
		}
	}
}

/* x^n lane by lane, n >= 0. */
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

/* c[row][image] from Y in place: weight chi's share of the field, w (P/2) scale (scale Y/N)^(P-1).  With mix: the rows' share of
 * sum_mu chi_mu x_mu^(P-1), x = mix Y/N; x is scratch of that size. */
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
	for (size_t i = 0; i < stride; i += 8) {
		eight sum[GROUP];
		for (int b = 0; b < GROUP; b++)
			sum[b] = *(eight *)(h[b] + i);
		for (long u = 0; u < rows; u++) {
			eight a =
				__builtin_convertvector(*(const half *)(row + (size_t)u * stride + i), eight);
			for (int b = 0; b < GROUP; b++)
				sum[b] += a * c[u * GROUP + b];
		}
		for (int b = 0; b < GROUP; b++)
			*(eight *)(h[b] + i) = sum[b];
	}
}

/* s = +1 where h > 0, else -1, at the N sites; h becomes 0.  Did a spin change? */
TARGET static int SUMS(decide)(float *s, double *h, int N, size_t stride)
{
	const eight one = {1, 1, 1, 1, 1, 1, 1, 1};
	const lanes plus = (lanes)one, minus = (lanes)-one, site = {0, 1, 2, 3, 4, 5, 6, 7};
	lanes changed = {0};

	for (size_t i = 0; i < stride; i += 8) {
		lanes up = (lanes)(*(eight *)(h + i) > 0.0), real = site + (int64_t)i < (int64_t)N;
		eight next = (eight)(((up & plus) | (~up & minus)) & real),
		      old = __builtin_convertvector(*(half *)(s + i), eight);
		changed |= (lanes)(next != old);
		*(half *)(s + i) = __builtin_convertvector(next, half);
		*(eight *)(h + i) = (eight){0};
	}
	int any = 0;
	for (int k = 0; k < 8; k++)
		any |= changed[k] != 0;
	return any;
}

/* sum a_i b_i over n, a multiple of 8. */
TARGET static double SUMS(dot)(const double *a, const double *b, size_t n)
{
	eight sum = {0};
	double total = 0;
	for (size_t i = 0; i < n; i += 8)
		sum += *(const eight *)(a + i) * *(const eight *)(b + i);
	for (int k = 0; k < 8; k++)
		total += sum[k];
	return total;
}

/* Power sums of the rows without one value of a site and with another: p_j += (chi to)^j - (chi from)^j for j = 1 .. P-1; p is [P][n]. */
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

/* E_k = k! e_k of every row from its power sums, k = 0 .. P-1, by Newton: E_k = sum_j (-1)^(j-1) (k-1)!/(k-j)! E_{k-j} p_j. */
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

/* sum over rows of chi E_{P-1} without this site, whose value is chi times m: E_k without = E_k - k (chi m) (E_{k-1} without). */
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

static const struct sums SUMS(sums) = {SUMS(overlaps), SUMS(coefficients), SUMS(fields),     SUMS(decide),
                                       SUMS(dot),      SUMS(replace),      SUMS(elementary), SUMS(without)};

#undef SUMS
#undef TARGET
