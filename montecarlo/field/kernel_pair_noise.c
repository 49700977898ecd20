/* Fields of pair tensors with noise, P = 4 (S11): a pattern is known through its pairs, each with independent
 * noise, eta_ij = a_i a_j + omega g_ij, and a coupling of four sites is the mean over its three divisions
 * into pairs,
 *   J_ijkl = sum over rows of (eta_ij eta_kl + eta_ik eta_jl + eta_il eta_jk)/3.
 * Without noise this is sum a_i a_j a_k a_l, as in the other kernels.
 *
 * Nothing of size N^4 is stored.  With A = sum_{i<j} eta_ij s_i s_j and F_i = sum_j eta_ij s_j of each row,
 * G_i = sum over rows and j of eta_ij F_j, and M = sum over rows of eta^2,
 *   6 sum_{i<j<k<l} J s s s s = sum A^2 - sum_i s_i G_i + (trace M)/2
 * (pairs without a common site, in both orders), and the field of spin i is a third of
 * sum (A - s_i F_i) F_i - (G_i - s_i M_ii): O(K) per field, O(N K) per flip.
 *
 * eta is a multiple of 2^-scale (about 1e-5 of its noise, or less), so sums are exact integers, as in the
 * other kernels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/field/kernel.h"
#include "montecarlo/disorder/rng.h"

struct halves {
	size_t N, K;
	int32_t *eta; /* [N][N][K] 2^scale eta, 0 on the diagonal */
	int64_t *M;   /* [N][N] */
};

struct halves_state {
	int64_t *A; /* [K], then G */
	int32_t *F; /* [N][K], |F| <= N |eta| < 2^30 */
	int64_t *G; /* [N], in A's memory */
};

int kernel_pair_noise_check(const struct field_plan *plan, const char *kernel, struct fault *fault)
{
	const char *why = NULL;

	if (plan->P != 4)
		why = "noise on the pairs is of four-body couplings: P = 4";
	else if (plan->couplings.diagonal)
		why = "noise on the pairs needs distinct sites (diagonal: false)";
	else if (plan->couplings.noise > 0)
		why = "not together with omega";
	else if (strcmp(kernel, kernel_tensor.name) == 0)
		why = "noise on the pairs needs simulate.field: exact";
	else if (strcmp(kernel, "auto") != 0 && strcmp(kernel, "portable") != 0)
		why = "noise on the pairs has one kernel only (run.kernel: auto)";
	return why ? fault_set(fault, "w", "%s", why) : 0;
}

static void memory(const struct field_plan *plan, size_t *shared, size_t *each)
{
	size_t N = (size_t)plan->N, K = (size_t)plan->quenched->rows;

	*shared = N * N * (K * sizeof(int32_t) + sizeof(int64_t));
	*each = sizeof(struct halves_state) + (K + N) * sizeof(int64_t) + N * K * sizeof(int32_t);
}

/* --- the plan */

/* Makes the pair tensor of a row.  The index of a pair does not depend on N, so the first N spins have the
 * same noise in a larger network. */
static void fill_row(const struct halves *h, const struct quenched *q, long row, double sigma, int scale)
{
	const size_t N = h->N, K = h->K, r = (size_t)row;
	const struct rng_key key =
		rng_derive(rng_disorder(q->of.seed, q->of.sample), 0x7061697273u, (uint64_t)row);

	for (size_t j = 1; j < N; j++)
		for (size_t i = 0; i < j; i++) {
			double a = quenched_entry(q, row, (int)i) * quenched_entry(q, row, (int)j);
			double g = rng_gauss(key, (uint64_t)(j * (j - 1) / 2 + i));
			h->eta[(i * N + j) * K + r] = (int32_t)llrint(ldexp(a + sigma * g, scale));
			h->eta[(j * N + i) * K + r] = h->eta[(i * N + j) * K + r];
		}
}

static void square(const struct halves *h)
{
	const size_t N = h->N, n = N * h->K;

	for (size_t i = 0; i < N; i++)
		for (size_t k = i; k < N; k++) {
			const int32_t *a = h->eta + i * n, *b = h->eta + k * n;
			int64_t sum = 0;
			for (size_t j = 0; j < n; j++)
				sum += (int64_t)a[j] * b[j];
			h->M[i * N + k] = h->M[k * N + i] = sum;
		}
}

static void release(struct field_plan *plan)
{
	struct halves *h = plan->data;

	if (!h)
		return;
	free(h->eta);
	free(h->M);
	free(h);
	plan->data = NULL;
}

/* |eta| < a^2 + 12 sigma, and every sum is at most K (N eta)^2 < 2^60. */
static int scale_of(const struct field_plan *plan, double sigma)
{
	const struct quenched *q = plan->quenched;
	int bits;

	frexp((q->entry_max * q->entry_max + 12 * sigma) * plan->N * sqrt((double)q->rows), &bits);
	return 30 - bits;
}

static int prepare(struct field_plan *plan)
{
	const struct quenched *q = plan->quenched;
	const double sigma = plan->couplings.pair_noise / (q->unit * q->unit);
	const int scale = scale_of(plan, sigma);
	struct halves *h = plan->data = calloc(1, sizeof *h);

	if (!h)
		return GSL_ENOMEM;
	h->N = (size_t)plan->N;
	h->K = (size_t)q->rows;
	h->eta = kernel_alloc(h->N * h->N * h->K * sizeof *h->eta);
	h->M = kernel_alloc(h->N * h->N * sizeof *h->M);
	if (!h->eta || !h->M) {
		release(plan);
		return GSL_ENOMEM;
	}
	for (long row = 0; row < q->rows; row++)
		fill_row(h, q, row, sigma, scale);
	square(h);
	plan->w = ldexp(plan->w / 3, -2 * scale);
	return GSL_SUCCESS;
}

/* --- a configuration */

static int128 sum(struct field *f, int i, int next)
{
	const struct halves *h = f->plan->data;
	const struct halves_state *s = f->state;
	const int32_t *F = s->F + (size_t)i * h->K;
	const int64_t spin = f->spin[i];
	int128 all = spin * h->M[(size_t)i * h->N + (size_t)i] - s->G[i];

	(void)next;
	for (size_t r = 0; r < h->K; r++)
		all += (int128)(s->A[r] - spin * F[r]) * F[r];
	return all;
}

/* F -= 2 s eta, which takes most of the time. */
typedef int32_t lanes __attribute__((vector_size(32), aligned(4), may_alias));

static void subtract(int32_t *F, const int32_t *eta, size_t n, int spin)
{
	size_t j = 0;

	for (; j + 8 <= n && spin > 0; j += 8)
		*(lanes *)(F + j) -= *(const lanes *)(eta + j) + *(const lanes *)(eta + j);
	for (; j + 8 <= n; j += 8)
		*(lanes *)(F + j) += *(const lanes *)(eta + j) + *(const lanes *)(eta + j);
	for (; j < n; j++)
		F[j] -= 2 * spin * eta[j];
}

static void flip(struct field *f, int i)
{
	const struct halves *h = f->plan->data;
	const struct halves_state *s = f->state;
	const size_t N = h->N, K = h->K, at = (size_t)i;
	const int64_t *M = h->M + at * N, twice = 2 * f->spin[i];

	for (size_t r = 0; r < K; r++)
		s->A[r] -= twice * s->F[at * K + r];
	subtract(s->F, h->eta + at * N * K, N * K, f->spin[i]);
	for (size_t k = 0; k < N; k++)
		s->G[k] -= twice * M[k];
	f->spin[i] = (int8_t)-f->spin[i];
}

static void release_state(struct field *f)
{
	struct halves_state *s = f->state;

	if (!s)
		return;
	free(s->A);
	free(s->F);
	free(s);
	f->state = NULL;
}

static int alloc(struct field *f)
{
	const struct halves *h = f->plan->data;
	struct halves_state *s = calloc(1, sizeof *s);

	f->state = s;
	if (!s || !(s->A = kernel_alloc((h->K + h->N) * sizeof *s->A)) ||
	    !(s->F = kernel_alloc(h->N * h->K * sizeof *s->F))) {
		release_state(f);
		return GSL_ENOMEM;
	}
	s->G = s->A + h->K;
	return GSL_SUCCESS;
}

static void init(struct field *f)
{
	const struct halves *h = f->plan->data;
	const struct halves_state *s = f->state;
	const size_t N = h->N, K = h->K;

	memset(s->A, 0, (K + N) * sizeof *s->A);
	memset(s->F, 0, N * K * sizeof *s->F);
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++) {
			for (size_t r = 0; r < K; r++)
				s->F[i * K + r] += h->eta[(i * N + j) * K + r] * f->spin[j];
			s->G[i] += h->M[i * N + j] * f->spin[j]; /* eta (eta s) */
		}
	for (size_t i = 0; i < N; i++)
		for (size_t r = 0; r < K; r++)
			s->A[r] += f->spin[i] * s->F[i * K + r];
	for (size_t r = 0; r < K; r++)
		s->A[r] /= 2;
}

/* Returns the sum over sets of four sites of 3 J s s s s; plan->w contains the factor 1/3. */
static int128 energy(struct field *f)
{
	const struct halves *h = f->plan->data;
	const struct halves_state *s = f->state;
	int128 squares = 0, shared = 0, trace = 0;

	for (size_t r = 0; r < h->K; r++)
		squares += (int128)s->A[r] * s->A[r];
	for (size_t i = 0; i < h->N; i++) {
		shared += f->spin[i] * s->G[i];
		trace += h->M[i * h->N + i];
	}
	return (squares - shared + trace / 2) / 2;
}

const struct field_kernel kernel_pair_noise = {.name = "halves",
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
