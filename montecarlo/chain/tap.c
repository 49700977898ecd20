/* TAP on a sample; contract in tap.h, equations (P1)-(P10) in THEORY.md.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/field/kernel.h"
#include "montecarlo/field/rows.h"

enum { BLOCK = 128 };                    /* rows whose symmetric sums are computed together */
static const double coarse_until = 1e-3; /* residual below which single precision is too coarse, */
static const long coarse_at_most =
	500; /* and iterations after which it may prevent convergence */

struct tap {
	const struct quenched *q;
	int N, P;
	double w;         /* of the integer rows: couplings.w unit^P */
	double J2;        /* mean of J_I^2 over sets of P sites, in units of T squared */
	double load;      /* P = 2: patterns per spin, */
	double lambda[2]; /* the eigenvalues of J that each pattern brings, */
	double times[2];  /* and their multiplicities */
	double constant;  /* the energy of coincident sites (P = 2) */
	bool single;      /* whether single precision may be used */

	/* [rows] power sums p_k of a_i m_i, NULL where they are equal for all binary rows; e_k, NULL if
	 * only their sum is needed. */
	double *p[P_MAX + 1], *e[P_MAX];
	double *S[P_MAX]; /* [N] sum over rows of a_i^{j+1} e_{P-1-j}; NULL: the same for all sites */
	double *power;    /* [N] m_i^k */
	double *h, *O;    /* [N] */
};

static bool binary(const struct quenched *q)
{
	return q->alphabet == BITS;
}

/* --- moments of the couplings */

/* Returns e_k of y[N], in one pass over the sites. */
static double symmetric(const double *y, int N, int k)
{
	double e[P_MAX + 1] = {1};
	for (int i = 0; i < N; i++)
		for (int j = k; j > 0; j--)
			e[j] += y[i] * e[j - 1];
	return e[k];
}

/* Computes the means over patterns and examples of e_k(a a') for a row with itself and with the next row of
 * the same pattern. */
static void pair_means(double *same, double *next, struct tap *t, int k)
{
	const struct quenched *q = t->q;
	long M = q->rows_per_pattern, K = q->rows / M,
	     most = M < 1000 ? 1000 / M : 1; /* patterns that are averaged over */
	double n = 0;

	*same = *next = 0;
	for (long mu = 0; mu < K && mu < most; mu++)
		for (long a = 0; a < M; a++, n++) {
			long row = mu * M + a, other = mu * M + (a + 1) % M;
			for (int i = 0; i < t->N; i++) {
				double x = quenched_entry(q, row, i);
				t->h[i] = x * x;
				t->O[i] = x * quenched_entry(q, other, i);
			}
			*same += symmetric(t->h, t->N, k);
			*next += symmetric(t->O, t->N, k);
		}
	*same /= n;
	*next /= n;
}

/* Computes the moments (P4), (P8): the rows of one pattern add up in J_I^2, different patterns are
 * uncorrelated. */
static void moments(struct tap *t, const struct couplings *c)
{
	double M = t->q->rows_per_pattern, K = (double)t->q->rows / M, same, next, sets = 1;

	pair_means(&same, &next, t, t->P);
	for (int k = 0; k < t->P; k++)
		sets *= (t->N - k) / (k + 1.0);
	t->J2 = t->w * t->w * K * M * (same + (M - 1) * next) / sets;
	if (t->P != 2)
		return;
	pair_means(&same, &next, t, 1);
	t->load = K / t->N;
	t->lambda[0] = t->w * (same + (M - 1) * next);
	t->lambda[1] = t->w * (same - next);
	t->times[0] = 1;
	t->times[1] = M - 1;
	t->constant = c->diagonal ? -0.5 * t->w * same * (double)t->q->rows : 0;
}

/* --- memory */

double tap_memory(const struct quenched *q, const struct couplings *c)
{
	double vectors = binary(q) ? (c->P + 1) / 2 : c->P;
	return 8 * ((2 * vectors + 1) * (double)rows_padded(q) + (vectors + 3) * q->N);
}

static double *vector(size_t n, bool *failed)
{
	double *v = kernel_alloc(n * sizeof *v);
	*failed = *failed || !v;
	return v;
}

static int take_memory(struct tap *t)
{
	size_t rows = rows_padded(t->q), N = (size_t)t->N;
	bool failed = false;

	for (int k = 1; k <= t->P; k++)
		if (!binary(t->q) || k % 2 == 1)
			t->p[k] = vector(rows, &failed);
	for (int j = 0; j < t->P; j++)
		if (!binary(t->q) || j % 2 == 0) {
			t->e[t->P - 1 - j] = vector(rows, &failed);
			t->S[j] = vector(N, &failed);
		}
	t->power = vector(N, &failed);
	t->h = vector(N, &failed);
	t->O = vector(N, &failed);
	return failed ? -1 : 0;
}

int tap_check(const struct quenched *q, const struct couplings *c, struct fault *fault)
{
	if (c->P < 2 || c->P > P_MAX || q->N < c->P)
		return fault_set(fault, "P", "TAP needs a degree from 2 to 16, and as many spins");
	if (c->diagonal && c->P > 2)
		return fault_set(fault, "diagonal",
		                 "Plefka's expansion is made for distinct sites (diagonal: false)");
	if (c->noise > 0 || c->pair_noise > 0)
		return fault_set(fault, c->noise > 0 ? "omega" : "w",
		                 "Plefka's fields are sums over patterns, without noise on the couplings");
	return 0;
}

int tap_alloc(struct tap **out, const struct quenched *q, const struct couplings *c, struct fault *fault)
{
	struct tap *t;

	*out = NULL;
	if (tap_check(q, c, fault) != 0)
		return -1;
	*out = t = calloc(1, sizeof *t);
	if (!t)
		return fault_set(fault, "K", "no memory for the magnetisations");
	t->q = q;
	t->N = q->N;
	t->P = c->P;
	t->w = c->w;
	for (int k = 0; k < c->P; k++)
		t->w *= q->unit;
	t->single = pow((double)q->N * q->entry_max, c->P) < 1e30; /* no overflow in single precision */
	if (take_memory(t) != 0) {
		tap_free(t);
		*out = NULL;
		return fault_set(fault, "K", "no memory for the magnetisations");
	}
	moments(t, c);
	return 0;
}

void tap_free(struct tap *t)
{
	if (!t)
		return;
	for (int k = 0; k <= P_MAX; k++)
		free(t->p[k]);
	for (int k = 0; k < P_MAX; k++) {
		free(t->e[k]);
		free(t->S[k]);
	}
	free(t->power);
	free(t->h);
	free(t->O);
	free(t);
}

/* --- fields */

/* Computes the power sums of all rows; the even ones of binary rows are equal for all: same[k]. */
static void power_sums(struct tap *t, double *same, const double *m, bool energy, bool fine)
{
	for (int i = 0; i < t->N; i++)
		t->power[i] = 1;
	for (int k = 1; k <= (energy ? t->P : t->P - 1); k++) {
		same[k] = 0;
		for (int i = 0; i < t->N; i++) {
			t->power[i] *= m[i];
			same[k] += t->power[i];
		}
		if (t->p[k])
			rows_over_sites(t->p[k], t->q, t->power, 1, k, fine);
	}
}

/* Computes e_0 ... e_top of BLOCK rows by Newton's identities k e_k = sum_j (-1)^(j-1) e_{k-j} p_j. */
static void newton(double e[][BLOCK], const struct tap *t, const double *same, size_t first, int top)
{
	for (int r = 0; r < BLOCK; r++)
		e[0][r] = 1;
	for (int k = 1; k <= top; k++) {
		for (int r = 0; r < BLOCK; r++)
			e[k][r] = 0;
		for (int j = 1; j <= k; j++) {
			double sign = (j % 2 ? 1.0 : -1.0) / k, factor = sign * same[j];
			const double *p = t->p[j] ? t->p[j] + first : NULL;
			for (int r = 0; r < BLOCK && p; r++)
				e[k][r] += sign * p[r] * e[k - j][r];
			for (int r = 0; r < BLOCK && !p; r++)
				e[k][r] += factor * e[k - j][r];
		}
	}
}

/* Computes the e_k of all rows from the power sums, and their sums over the rows, sum[k]. */
static void symmetric_sums(struct tap *t, double *sum, const double *same, int top)
{
	double e[P_MAX + 1][BLOCK];
	size_t rows = (size_t)t->q->rows;

	for (int k = 0; k <= top; k++)
		sum[k] = 0;
	for (size_t first = 0; first < rows_padded(t->q); first += BLOCK) {
		size_t n = first >= rows ? 0 : rows - first < BLOCK ? rows - first : BLOCK;
		newton(e, t, same, first, top);
		for (int k = 0; k <= top; k++) {
			for (size_t r = n; r < BLOCK; r++)
				e[k][r] = 0;
			for (int r = 0; r < BLOCK; r++)
				sum[k] += e[k][r];
			if (k < t->P && t->e[k])
				memcpy(t->e[k] + first, e[k], sizeof e[k]);
		}
	}
}

/* Computes h[N] of (P3); if `energy`, returns the sum of e_P over rows, the first order of -H. */
static double fields(struct tap *t, double *h, const double *m, bool energy, bool fine)
{
	const int P = t->P, top = energy ? P : P - 1;
	double same[P_MAX + 1], sum[P_MAX + 1];

	fine = fine || !t->single;
	power_sums(t, same, m, energy, fine);
	symmetric_sums(t, sum, same, top);
	for (int j = 0; j < P; j++)
		if (t->S[j])
			rows_over_rows(t->S[j], t->q, t->e[P - 1 - j], 1, j + 1, fine);
	for (int i = 0; i < t->N; i++) { /* a_i e_{P-1} without i = sum_j a_i (-a_i m_i)^j e_{P-1-j} */
		double F = 0;
		for (int j = P - 1; j >= 0; j--)
			F = (t->S[j] ? t->S[j][i] : sum[P - 1 - j]) - m[i] * F;
		h[i] = t->w * F;
	}
	return energy ? t->w * sum[P] : 0;
}

void tap_fields(struct tap *t, double *h, const double *m, bool fine)
{
	fields(t, h, m, false, fine);
}

/* --- Onsager's reaction */

/* Computes O_i, (P6), (P9), and the part of -F/T beyond the first order with its derivative by 1/T.
 * Returns false if the sum of all orders diverges, lambda (1-q)/T >= 1: the reaction is then 0, and the
 * iteration continues at first order. */
static bool reaction(struct tap *t, double *O, double *part, double *by_beta, const double *m, double T,
                     int order)
{
	const int P = t->P, N = t->N;
	double e[P_MAX + 1] = {1}, beta = 1 / T, q = 0;
	bool meant = true;

	*part = *by_beta = 0;
	for (int i = 0; i < N; i++) {
		double u = m[i] * m[i];
		q += u / N;
		O[i] = 0;
		for (int k = P; k > 0; k--)
			e[k] += u * e[k - 1];
	}
	if (order == 1)
		return true;
	if (P == 2) {
		double all = 0;
		for (int l = 0; l < 2; l++) {
			double x = t->lambda[l] * beta * (1 - q), rest = 1 - x;
			if (t->times[l] == 0)
				continue;
			meant = meant && rest > 0;
			*part -= 0.5 * t->load * N * t->times[l] * (log(rest) + x);
			*by_beta += 0.5 * t->load * N * t->times[l] * x * x / rest / beta;
			all += t->load * t->times[l] * t->lambda[l] * beta * x / rest;
		}
		for (int i = 0; i < N; i++)
			O[i] = meant ? all : 0;
		return meant;
	}
	double sets = 1;
	for (int k = 0; k < P; k++)
		sets *= (N - k) / (k + 1.0);
	*part = 0.5 * beta * beta * t->J2 * (sets + (P - 1) * e[P] - (N - P + 1) * e[P - 1]);
	*by_beta = 2 * *part / beta;
	for (int i = 0; i < N; i++) {
		double u = m[i] * m[i], without = 1, before = 0;
		for (int k = 1; k < P; k++) {
			before = without;
			without = e[k] - u * without;
		}
		O[i] = beta * beta * t->J2 * ((N - P + 1) * before - (P - 1) * without);
	}
	return true;
}

static double entropy(double m) /* of a spin */
{
	double up = 0.5 * (1 + m), down = 0.5 * (1 - m);
	return -(up > 0 ? up * log(up) : 0) - (down > 0 ? down * log(down) : 0);
}

double tap_free_energy(struct tap *t, double *gradient, const double *m, double T, int order)
{
	double part, by_beta, S = 0, A = fields(t, t->h, m, true, true);

	reaction(t, t->O, &part, &by_beta, m, T, order);
	for (int i = 0; i < t->N; i++) {
		S += entropy(m[i]);
		if (gradient)
			gradient[i] = T * atanh(m[i]) - t->h[i] + T * t->O[i] * m[i];
	}
	return (t->constant - T * S - A - T * part) / t->N;
}

/* --- iteration */

/* The reaction acts on the magnetisations one step earlier: with the current ones the iteration would leave
 * a stable solution (Bolthausen, Commun. Math. Phys. 325 (2014) 333). */
static void step(const struct tap *t, double *m, double *before, double T, double damping)
{
	for (int i = 0; i < t->N; i++) {
		double next = tanh(t->h[i] / T - t->O[i] * before[i]);
		before[i] = m[i];
		m[i] = damping * m[i] + (1 - damping) * next;
	}
}

void tap_step(struct tap *t, double *m, double *before, double T, int order)
{
	double part, by_beta;

	fields(t, t->h, m, false, true);
	reaction(t, t->O, &part, &by_beta, m, T, order);
	step(t, m, before, T, 0);
}

/* Computes fields, reactions and the residual at m.  Returns false where the reaction is undefined. */
static bool look(struct tap *t, double *residual, const double *m, double T, int order, bool fine)
{
	double part, by_beta;

	fields(t, t->h, m, false, fine);
	bool meant = reaction(t, t->O, &part, &by_beta, m, T, order);
	*residual = 0;
	for (int i = 0; i < t->N; i++)
		*residual = fmax(*residual, fabs(tanh(t->h[i] / T - t->O[i] * m[i]) - m[i]));
	return meant;
}

/* Computes q, f, u at m. */
static void sum_up(struct tap *t, struct tap_result *r, const double *m, double T, int order)
{
	double part, by_beta, A;

	r->q = 0;
	for (int i = 0; i < t->N; i++)
		r->q += m[i] * m[i] / t->N;
	r->free_energy = tap_free_energy(t, NULL, m, T, order);
	A = fields(t, t->h, m, true, true);
	reaction(t, t->O, &part, &by_beta, m, T, order);
	r->energy = (t->constant - A - by_beta) / t->N;
}

int tap_solve(struct tap *t, struct tap_result *r, double *m, double *before, double T,
              const struct tap_options *o, const struct tick *tick)
{
	if (r->iterations == 0) {
		memcpy(before, m, (size_t)t->N * sizeof *m);
		r->residual = INFINITY;
	}
	while (!r->converged) {
		bool fine = !t->single || r->residual < coarse_until || r->iterations >= coarse_at_most;
		if (tick_poll(tick))
			return 1;
		bool meant = look(t, &r->residual, m, T, o->order, fine);
		r->converged = meant && fine && r->residual <= o->tolerance;
		if (r->converged || r->iterations >= o->iterations)
			break;
		step(t, m, before, T, o->damping);
		r->iterations++;
	}
	sum_up(t, r, m, T, o->order);
	return 0;
}
