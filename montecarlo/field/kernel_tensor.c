/* Fields from the explicit tensor J_I = sum over rows of prod_{i in I} a_i for every set I of P = 2, 3 or 4
 * sites, which the other kernels avoid.  A reference and baseline, and the only way to simulate couplings
 * that are not sums over patterns, J_I + noise (D12).
 *
 * F_i = sum over the other sites of J_I prod s.  With P = 4 that is a sum over j of s_j times the dot
 * product of a piece of the tensor with the products z = s_k s_l, k > j: pairs are sorted by k, so those of
 * one j are the end of the list, and all the work is in long dot products of 16-bit numbers.  J_I is stored
 * in as many 16-bit digits as it needs, noise as a multiple of 2^-scale (about 1e-9 of the largest J_I), so
 * sums are exact integers, as in the other kernels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/field/kernel.h"
#include "montecarlo/disorder/rng.h"

enum { LANES = 32 };                           /* padding of a dot product */
enum { N_LARGEST_3 = 512, N_LARGEST_4 = 120 }; /* about 150 MB per digit */
static const double entry_largest = 0x1p53;    /* largest J_I that doubles sum exactly */

struct tensor {
	int N, P, digits;
	int pieces;    /* per site: N at P = 4, else 1 */
	size_t length; /* of z: N at P = 2, else the number of pairs */
	size_t site;   /* entries of all pieces of a site */
	size_t *from;  /* [pieces] where in z a piece begins */
	size_t *at;    /* [pieces+1] where in the site */
	int16_t *J[4]; /* [digits][N][site] */
	int64_t (*dot)(const int16_t *, const int16_t *, size_t n);
};

struct tensor_state {
	int16_t *z;
};

static size_t padded(size_t n)
{
	return (n + LANES - 1) / LANES * LANES;
}

/* Pairs k < l, sorted by k. */
static size_t pair(int N, int k, int l)
{
	return (size_t)k * (size_t)(2 * N - k - 1) / 2 + (size_t)(l - k - 1);
}

/* --- what fits */

int kernel_tensor_check(const struct field_plan *plan, struct fault *fault)
{
	const struct quenched *q = plan->quenched;
	int largest = plan->P == 4 ? N_LARGEST_4 : plan->P == 3 ? N_LARGEST_3 : INT32_MAX;

	if (plan->P > 4) {
		return fault_set(
			fault, "field",
			"tensor: the couplings are written out for P = 2, 3 and 4; exact does any P");
	}
	if (plan->couplings.diagonal && plan->P > 2)
		return fault_set(fault, "diagonal", "field: tensor has distinct sites only");
	if (plan->N > largest) {
		return fault_set(fault, "field",
		                 plan->couplings.noise > 0
		                         ? "tensor: up to N = %d at P = %d. Noise omega acts as "
		                           "omega^2 more patterns: K + omega^2 and field: exact"
		                         : "tensor: up to N = %d at P = %d; field: exact gives the "
		                           "same numbers at any N",
		                 largest, plan->P);
	}
	if ((double)q->rows * pow(q->entry_max, plan->P) > entry_largest)
		return fault_set(fault, "field", "tensor: K M^P is too large for exact couplings");
	return 0;
}

/* Returns the digits that J_I needs: the maximum, or almost always (10 standard deviations). */
static int digits_of(const struct field_plan *plan)
{
	const struct quenched *q = plan->quenched;
	double one = pow(q->entry_max, plan->P),
	       most = fmin(10 * sqrt((double)q->rows), (double)q->rows) * one;

	if (plan->couplings.noise > 0)
		return most < 0x1p30 ? 2 : 4;
	return most < 0x1p15 ? 1 : most < 0x1p31 ? 2 : 4;
}

static double sets_of(const struct field_plan *plan)
{
	double sets = 1;
	for (int k = 0; k < plan->P; k++)
		sets = sets * (plan->N - k) / (k + 1);
	return sets;
}

static void memory(const struct field_plan *plan, size_t *shared, size_t *each)
{
	size_t N = (size_t)plan->N, pairs = N * (N - 1) / 2;
	size_t site = plan->P == 2 ? padded(N) : plan->P == 3 ? padded(pairs) : N * pairs / 3 + N * LANES;

	*shared = N * site * sizeof(int16_t) * (size_t)digits_of(plan) +
	          (size_t)sets_of(plan) * sizeof(int64_t);
	*each = sizeof(struct tensor_state) + 2 * padded(plan->P == 2 ? N : pairs) * sizeof(int16_t);
}

/* --- J_I of all sets, in the order i < j < k < l, last one fastest */

/* The rows of one site, or the product of those of several sites, in a form that can be multiplied. */
struct site_rows {
	size_t words;   /* 64 rows, or 8 doubles */
	uint64_t *bits; /* [words], or: */
	double *value;  /* [8 words] */
};

static int rows_alloc(struct site_rows *r, const struct quenched *q)
{
	r->words = q->alphabet == BITS ? q->stride / 8 : ((size_t)q->rows + 7) / 8;
	r->bits = q->alphabet == BITS ? kernel_alloc(8 * r->words) : NULL;
	r->value = q->alphabet == BITS ? NULL : kernel_alloc(64 * r->words);
	return r->bits || r->value ? 0 : -1;
}

static void rows_free(struct site_rows *r)
{
	free(r->bits);
	free(r->value);
}

static void rows_of_site(struct site_rows *r, const struct quenched *q, int i)
{
	if (r->bits)
		memcpy(r->bits, q->site + (size_t)i * q->stride, 8 * r->words);
	for (long row = 0; row < q->rows && r->value; row++)
		r->value[row] = quenched_entry(q, row, i);
}

/* Bits: 1 stands for an odd number of entries +1 (their product is +1 where the number of -1 is even). */
static void rows_multiply(struct site_rows *to, const struct site_rows *a, const struct site_rows *b)
{
	for (size_t k = 0; k < to->words && to->bits; k++)
		to->bits[k] = a->bits[k] ^ b->bits[k];
	for (size_t k = 0; k < 8 * to->words && to->value; k++)
		to->value[k] = a->value[k] * b->value[k];
}

static double multiply_plain(const double *a, const double *b, size_t n)
{
	double sum[8] = {0};
	for (size_t k = 0; k < n; k += 8)
		for (int l = 0; l < 8; l++)
			sum[l] += a[k + (size_t)l] * b[k + (size_t)l];
	return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

/* At most 2^15 numbers at a time, so that 32-bit sums suffice. */
enum { PIECE = 1 << 15 };

static int64_t dot_plain(const int16_t *J, const int16_t *z, size_t n)
{
	int64_t sum = 0;
	for (size_t first = 0; first < n; first += PIECE) {
		int32_t part = 0;
		for (size_t k = first; k < n && k < first + PIECE; k++)
			part += J[k] * z[k];
		sum += part;
	}
	return sum;
}

#if defined __x86_64__
#include <immintrin.h>

__attribute__((target("avx512f"))) static double multiply_avx512(const double *a, const double *b, size_t n)
{
	__m512d sum = _mm512_setzero_pd();
	for (size_t k = 0; k < n; k += 8)
		sum = _mm512_add_pd(sum, _mm512_mul_pd(_mm512_loadu_pd(a + k), _mm512_loadu_pd(b + k)));
	return _mm512_reduce_add_pd(sum);
}

__attribute__((target("avx512f,avx512bw"))) static int64_t dot_avx512(const int16_t *J, const int16_t *z,
                                                                      size_t n)
{
	int64_t sum = 0;
	for (size_t first = 0; first < n; first += PIECE) {
		size_t last = n - first < PIECE ? n : first + PIECE;
		__m512i part[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
		for (size_t k = first; k < last; k += LANES) {
			__m512i *to = &part[k / LANES % 2];
			*to = _mm512_add_epi32(
				*to, _mm512_madd_epi16(_mm512_load_si512(J + k), _mm512_loadu_si512(z + k)));
		}
		sum += _mm512_reduce_add_epi32(_mm512_add_epi32(part[0], part[1]));
	}
	return sum;
}

__attribute__((target("avx2"))) static int64_t dot_avx2(const int16_t *J, const int16_t *z, size_t n)
{
	int64_t sum = 0;
	for (size_t first = 0; first < n; first += PIECE) {
		size_t last = n - first < PIECE ? n : first + PIECE;
		__m256i part = _mm256_setzero_si256();
		int32_t lane[8];
		for (size_t k = first; k < last; k += 16)
			part = _mm256_add_epi32(
				part, _mm256_madd_epi16(_mm256_load_si256((const __m256i *)(J + k)),
			                                _mm256_loadu_si256((const __m256i *)(z + k))));
		_mm256_storeu_si256((__m256i *)lane, part);
		for (int l = 0; l < 8; l++)
			sum += lane[l];
	}
	return sum;
}
#endif

/* All sums are exact integers below 2^53, in any order. */
static int64_t rows_dot(const struct site_rows *a, const struct site_rows *b, long rows, int P)
{
	int64_t odd;
#if defined __x86_64__
	if (a->value && cpu_has_avx512f())
		return (int64_t)multiply_avx512(a->value, b->value, 8 * a->words);
#endif
	if (a->value)
		return (int64_t)multiply_plain(a->value, b->value, 8 * a->words);
	odd = kernel_disagree(a->bits, b->bits, a->words);
	return P % 2 ? 2 * odd - rows : rows - 2 * odd;
}

/* Adds the sets that begin with chosen[0] < ... < chosen[depth-1]; product[depth-1] is the product of their
 * rows. */
static int64_t *fill(int64_t *J, const struct field_plan *plan, const struct site_rows *site,
                     struct site_rows *product, int first, int depth)
{
	for (int i = first; i < plan->N; i++) {
		if (depth == plan->P - 1) {
			*J++ = rows_dot(&product[depth - 1], &site[i], plan->quenched->rows, plan->P);
			continue;
		}
		if (depth == 0)
			rows_of_site(&product[0], plan->quenched, i);
		else
			rows_multiply(&product[depth], &product[depth - 1], &site[i]);
		J = fill(J, plan, site, product, i + 1, depth + 1);
	}
	return J;
}

static int couplings(int64_t *J, const struct field_plan *plan)
{
	struct site_rows *rows = calloc((size_t)plan->N + P_MAX, sizeof *rows);
	int n = plan->N + plan->P - 1, status = rows ? 0 : -1;

	for (int i = 0; i < n && status == 0; i++)
		status = rows_alloc(&rows[i], plan->quenched);
	for (int i = 0; i < plan->N && status == 0; i++)
		rows_of_site(&rows[i], plan->quenched, i);
	if (status == 0)
		fill(J, plan, rows, rows + plan->N, 0, 0);
	for (int i = 0; i < n && rows; i++)
		rows_free(&rows[i]);
	free(rows);
	return status;
}

/* --- noise */

/* Replaces J_I by 2^scale (J_I + sigma g_I), rounded.  The index of a set does not depend on N, so the
 * first N spins have the same noise in a larger network. */
static void add_noise(int64_t *J, struct field_plan *plan)
{
	const struct disorder *of = &plan->quenched->of;
	struct rng_key key = rng_derive(rng_disorder(of->seed, of->sample), 0x6f6d656761u, (uint64_t)plan->P);
	double sigma = plan->couplings.noise / plan->w, largest = 0;
	size_t sets = (size_t)sets_of(plan), n = 0;
	int c[4] = {0, 1, 2, 3}, P = plan->P, scale;

	for (size_t k = 0; k < sets; k++)
		largest = fmax(largest, fabs((double)J[k]));
	frexp(largest + 12 * sigma, &scale); /* |g| < 12: s > 1e-32 */
	scale = scale < 30 ? 30 - scale : 0;
	plan->w = ldexp(plan->w, -scale);
	for (; n < sets; n++) {
		uint64_t number = 0;
		for (int k = 0; k < P; k++) {
			uint64_t binomial = 1;
			for (int j = 0; j <= k; j++)
				binomial = binomial * (uint64_t)(c[k] - j) / (uint64_t)(j + 1);
			number += c[k] > k ? binomial : 0;
		}
		J[n] = llrint(ldexp((double)J[n] + sigma * rng_gauss(key, number), scale));
		int k = P - 1;
		while (k > 0 && c[k] == plan->N - P + k)
			k--;
		c[k]++;
		for (int j = k + 1; j < P; j++)
			c[j] = c[j - 1] + 1;
	}
}

/* --- laying out */

static void put(struct tensor *t, int i, size_t at, int64_t J)
{
	for (int d = 0; d < t->digits; d++) {
		int16_t low = (int16_t)(J & 0xffff);
		t->J[d][(size_t)i * t->site + at] = low;
		J = (J - low) / 65536;
	}
}

static void lay_out(struct tensor *t, const int64_t *J)
{
	const int N = t->N;
	size_t n = 0;

	for (int i = 0; i < N; i++)
		for (int j = i + 1; j < N; j++) {
			if (t->P == 2) {
				put(t, i, (size_t)j, J[n]);
				put(t, j, (size_t)i, J[n++]);
			}
			for (int k = j + 1; k < N && t->P > 2; k++) {
				if (t->P == 3) {
					put(t, i, pair(N, j, k), J[n]);
					put(t, j, pair(N, i, k), J[n]);
					put(t, k, pair(N, i, j), J[n++]);
				}
				for (int l = k + 1; l < N && t->P == 4; l++, n++) {
					put(t, i, t->at[j] + pair(N, k, l) - t->from[j], J[n]);
					put(t, j, t->at[i] + pair(N, k, l) - t->from[i], J[n]);
					put(t, k, t->at[i] + pair(N, j, l) - t->from[i], J[n]);
					put(t, l, t->at[i] + pair(N, j, k) - t->from[i], J[n]);
				}
			}
		}
}

static void release(struct field_plan *plan)
{
	struct tensor *t = plan->data;

	if (!t)
		return;
	for (int d = 0; d < 4; d++)
		free(t->J[d]);
	free(t->from);
	free(t->at);
	free(t);
	plan->data = NULL;
}

static int shape(struct tensor *t, const struct field_plan *plan)
{
	t->N = plan->N;
	t->P = plan->P;
	t->pieces = plan->P == 4 ? plan->N : 1;
	t->length = plan->P == 2 ? (size_t)plan->N : (size_t)plan->N * (size_t)(plan->N - 1) / 2;
	t->from = calloc((size_t)t->pieces, sizeof *t->from);
	t->at = calloc((size_t)t->pieces + 1, sizeof *t->at);
	t->dot = dot_plain;
#if defined __x86_64__
	if (cpu_has_avx512bw())
		t->dot = dot_avx512;
	else if (cpu_has_avx2())
		t->dot = dot_avx2;
#endif
	if (!t->from || !t->at)
		return -1;
	for (int j = 0; j < t->pieces; j++) {
		t->from[j] = plan->P == 4 ? pair(plan->N, j + 1, j + 2) : 0;
		if (t->from[j] > t->length)
			t->from[j] = t->length;
		t->at[j + 1] = t->at[j] + padded(t->length - t->from[j]);
	}
	t->site = t->at[t->pieces];
	return 0;
}

static int digits_needed(const int64_t *J, size_t sets)
{
	int64_t largest = 0;
	for (size_t k = 0; k < sets; k++)
		largest = llabs(J[k]) > largest ? llabs(J[k]) : largest;
	return largest < 0x8000 ? 1 : largest < 0x7fff8000 ? 2 : largest < INT64_C(0x7fff7fff8000) ? 3 : 4;
}

static int prepare(struct field_plan *plan)
{
	struct tensor *t = plan->data = calloc(1, sizeof *t);
	size_t sets = (size_t)sets_of(plan);
	int64_t *J = malloc(sets * sizeof *J);
	int status = t && J && shape(t, plan) == 0 ? couplings(J, plan) : -1;

	if (status == 0) {
		if (plan->couplings.noise > 0)
			add_noise(J, plan);
		t->digits = digits_needed(J, sets);
		for (int d = 0; d < t->digits; d++)
			if (!(t->J[d] = kernel_alloc((size_t)t->N * t->site * sizeof **t->J)))
				status = -1;
	}
	if (status == 0)
		lay_out(t, J);
	else
		release(plan);
	free(J);
	return status == 0 ? GSL_SUCCESS : GSL_ENOMEM;
}

/* --- a configuration */

static int128 sum(struct field *f, int i, int next)
{
	const struct tensor *t = f->plan->data;
	const struct tensor_state *s = f->state;
	int128 all = 0;

	(void)next;
	for (int d = t->digits - 1; d >= 0; d--) {
		const int16_t *J = t->J[d] + (size_t)i * t->site;
		int64_t F = 0;
		for (int j = 0; j < t->pieces; j++) {
			int64_t part = t->dot(J + t->at[j], s->z + t->from[j], t->at[j + 1] - t->at[j]);
			F += t->pieces > 1 ? part * f->spin[j] : part;
		}
		all = all * 65536 + F;
	}
	return f->plan->couplings.diagonal
	               ? 2 * all
	               : all; /* kernel.h: at P = 2 this is the only effect of coincident sites */
}

static void flip(struct field *f, int i)
{
	const struct tensor *t = f->plan->data;
	const struct tensor_state *s = f->state;

	f->spin[i] = (int8_t)-f->spin[i];
	if (t->P == 2)
		s->z[i] = f->spin[i];
	for (int j = 0; j < t->N && t->P > 2; j++)
		if (j != i) {
			int16_t *z = &s->z[j < i ? pair(t->N, j, i) : pair(t->N, i, j)];
			*z = (int16_t) - *z;
		}
}

static void release_state(struct field *f)
{
	struct tensor_state *s = f->state;

	if (!s)
		return;
	free(s->z);
	free(s);
	f->state = NULL;
}

static int alloc(struct field *f)
{
	const struct tensor *t = f->plan->data;
	struct tensor_state *s = calloc(1, sizeof *s);

	f->state = s;
	if (!s || !(s->z = kernel_alloc((padded(t->length) + 2 * LANES) *
	                                sizeof *s->z))) { /* pieces are read beyond the end */
		release_state(f);
		return GSL_ENOMEM;
	}
	return GSL_SUCCESS;
}

static void init(struct field *f)
{
	const struct tensor *t = f->plan->data;
	const struct tensor_state *s = f->state;
	size_t n = 0;

	for (int k = 0; k < t->N && t->P == 2; k++)
		s->z[k] = f->spin[k];
	for (int k = 0; k < t->N && t->P > 2; k++)
		for (int l = k + 1; l < t->N; l++)
			s->z[n++] = (int16_t)(f->spin[k] * f->spin[l]);
}

static int128 energy(struct field *f)
{
	const struct field_plan *plan = f->plan;
	int128 E = 0, squares = 0;

	for (int i = 0; i < f->N; i++)
		E += f->spin[i] * sum(f, i, -1);
	for (long row = 0; row < plan->quenched->rows && plan->couplings.diagonal; row++)
		for (int i = 0; i < f->N; i++)
			squares += quenched_entry(plan->quenched, row, i) *
			           quenched_entry(plan->quenched, row, i);
	return E / plan->P + squares;
}

const struct field_kernel kernel_tensor = {.name = "tensor",
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
