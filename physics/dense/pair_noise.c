/* Noise on the pairs of a pattern, P = 4: equations (S11) to (S14) of THEORY.md.
 *
 * The pairs of each pattern have noise of amplitude w sqrt(N) of their own.  That of the retrieved pattern aligns with the spins:
 * p = n^2/2 + w y, y their overlap with the noise, and p acts on itself through it.  The others, kappa N of them, are noise.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/equations.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>

double dense_kappa(const struct params *p)
{
	return p->N > 0 ? fmax(p->gamma * p->N * p->N / 12 - 1 / p->N, 0) : 0;
}

int dense_pairs(struct dense_pairs *s, const struct params *p, double n, double C)
{
	const double T = p->T, q = dense_q(T, C), w2 = p->own[DENSE_W] * p->own[DENSE_W], n3 = n * n * n, kappa = dense_kappa(p);
	const double y = 2 * w2 * C * (1 + q), D = 1 - y, D_C = -4 * w2 * q; /* y = (2 w^2/T)(1 - q^2) */
	if (!(n >= 0) || !(q >= 0) || !(C >= 0) || !(D > 0))
		return GSL_EDOM;
	const double D2 = D * D, signal = 4 * w2 * n * n3, others = 8 * kappa * w2 * w2;
	s->p = n * n / (2 * D);
	s->A = 2 * n3 / D;
	s->A_n = 6 * n * n / D;
	s->A_C = -s->A * D_C / D;
	s->v = (signal + others * q * q) * q / D2;
	s->v_n = 16 * w2 * n3 * q / D2;
	s->v_C = -T * (signal + 3 * others * q * q) / D2 - 2 * s->v * D_C / D;
	s->free_energy = 2 * s->p * (n * n + s->p) - 4 * w2 * s->p * s->p * C * (1 - q);
	s->energy = -2 * s->p * s->p;
	s->replicon = T > 0 ? (signal + 3 * others * q * q) / (D2 * T) : INFINITY;
	if (kappa > 0) {
		s->free_energy += kappa * (0.5 * T * log1p(-y) - w2 * q * q / D + w2 + 4 * w2 * w2 * gsl_pow_3(q) * C / D2);
		s->energy += kappa * w2 * (1 - 1 / D - y * q * q / D2);
	}
	return GSL_SUCCESS;
}

/* One step of n, C and p, each from the others: stays in the domain, where D may pass through 0. */
static int step(struct average *average, const struct params *p, double *n, double *C, double *pair)
{
	const struct law law = law_of(p);
	const double T = p->T, q = dense_q(T, *C), w2 = p->own[DENSE_W] * p->own[DENSE_W], kappa = dense_kappa(p), D = 1 - 2 * w2 * *C * (1 + q);
	const double others = kappa > 0 && D > 0 ? 8 * kappa * w2 * w2 * gsl_pow_3(q) / (D * D) : 0;
	struct moments a;
	int status = average_fields(average, &law, T, 4 * *pair * *n, 16 * w2 * *pair * *pair * q + others, &a);
	if (status != GSL_SUCCESS)
		return status;
	*pair = 0.5 * a.n * a.n + 2 * w2 * a.C * (1 + dense_q(T, a.C)) * *pair;
	*n = a.n;
	*C = a.C;
	return GSL_SUCCESS;
}

enum status dense_pairs_retrieval(struct average *average, const struct params *p, double tolerance,
                                  struct newton_solution *s)
{
	enum { STEPS = 40, TRIALS = 500, NEWTON_STEPS = 30 };
	double n = 1, C = 0, pair = 0.5;

	*s = (struct newton_solution){0};
	for (int trial = 0; trial < TRIALS; trial++) {
		for (int i = 0; i < STEPS; i++, s->iterations++)
			if (step(average, p, &n, &C, &pair) != GSL_SUCCESS || n < 1e-6)
				return n < 1e-6 ? NONE : NOT_CONVERGED;
		s->x[0] = n;
		s->x[1] = C;
		if (newton_solve(s, &dense_network, average, p, tolerance, NEWTON_STEPS) == GSL_SUCCESS && dense_rising(s) &&
		    fabs(s->x[0] - n) < 0.02 * n)
			return CONVERGED;
	}
	return NOT_CONVERGED;
}

double dense_pairs_bound(struct average *average, const struct params *p)
{
	/* The annealed f at T' > 2 w^2 is at most the true one, which falls with T' > T: the largest over T', which is concave. */
	const double lowest = fmax(p->T, 2 * p->own[DENSE_W] * p->own[DENSE_W] * (1 + 1e-9));
	double best = -INFINITY;
	for (double T = lowest;; T *= 1.01) {
		struct params warm = *p;
		struct dense_report r;
		warm.T = T;
		if (dense_report(average, &warm, (double[]){0, 1 / T}, &r) != GSL_SUCCESS || !(r.free_energy > best))
			return best;
		best = r.free_energy;
	}
}

int dense_pairs_ergodic(struct average *average, const struct params *p)
{
	const struct law law = {.M = 0, .r = 1, .rho = 0};
	if (!(p->T > 2 * p->own[DENSE_W] * p->own[DENSE_W]))
		return 0;
	for (double v = 1e-3; v < 1e3; v *= 1.05) { /* in units of T^2 */
		struct moments a;
		struct dense_pairs s;
		if (average_fields(average, &law, 1, v, v, &a) != GSL_SUCCESS ||
		    dense_pairs(&s, p, 0, fmax(1 - a.m, 0) / p->T) != GSL_SUCCESS || s.v >= v * p->T * p->T)
			return 0;
	}
	return 1;
}
