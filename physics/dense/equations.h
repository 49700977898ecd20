/* The dense network's equations, shared by the files dense*.c: THEORY.md §3.
 *
 * Unknowns x = (n, C): n the overlap with the (normalised) examples, C = beta' (1 - q) the susceptibility, which
 * stays finite at T = 0.  The field on a spin is A chi + sqrt(v) z with
 *   A = (P/2) n^(P-1)                              (D1)
 *   v = gamma W(q, C) + (noise on the synapses),  q = 1 - T C                (D2)
 * in units of energy (no beta), see average.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DENSE_EQUATIONS_H
#define MATTIS_DENSE_EQUATIONS_H

#include <math.h>

#include "physics/numerics/average.h"
#include "physics/network.h"
#include "physics/numerics/newton.h"

/* params.own: noise on the synapses, J_I + N^(1-P) omega g_I for each P-tuple I, g_I a unit Gaussian, needs N; noise of
 * amplitude w sqrt(N) on each pair of sites of a pattern's tensor chi_i chi_j, P = 4.  (Slots 0 and 1 are free.) */
enum { DENSE_OMEGA = 2, DENSE_W = 3 };

/* solve_options.own, 0 or 1: also the branch of smaller overlap; also retrieval and glass with one step of replica symmetry
 * breaking; also signal to noise, the overlap after one step. */
enum { DENSE_LOW, DENSE_RSB, DENSE_SNR };

extern const struct network dense_network;     /* network.c */
extern const struct equations dense_equations; /* equations.c */
extern const struct transition dense_lines[];  /* lines.c */

/* Noise of the patterns that are not retrieved.  P >= 3: W = g (P/2) q^(P-1).  P = 2: W = q sum over modes of
 * weight lambda^2/(1 - lambda C)^2, the modes being the eigenvalues of the examples' correlation.  Noise on the synapses
 * (D12) adds to v what a load would at g = 1 and P >= 3. */
struct dense_noise {
	int P;
	double gamma, g;
	int modes; /* P = 2: 1, unsupervised 2 */
	double lambda[2], weight[2];
	double synapses; /* P! omega^2/(2 N^(P-1)) */
};

struct dense_noise dense_noise(const struct params *);

/* W at (T, C) and dW/dC along q = 1 - T C.  GSL_EDOM where it has no meaning (q < 0, lambda C >= 1). */
int dense_width(const struct dense_noise *, double T, double C, double *W, double *W_C);

/* What noise on the synapses adds to v, (D12), and its derivative dS/dC. */
double dense_synapses(const struct dense_noise *, double T, double C, double *S_C);

/* The load of the Gaussian synapses, whose covariance is (load/2) q^P: all noise at P >= 3, where it is gamma in
 * storage; at P = 2 only that of (D12). */
static inline double dense_load(const struct dense_noise *noise)
{
	return noise->synapses + (noise->P > 2 ? noise->gamma * noise->g : 0);
}

/* q = 1 - T C; 1 at T = 0 even where C diverges, 0 where it is 0 to rounding. */
static inline double dense_q(double T, double C)
{
	double q = T > 0 ? 1 - T * C : 1;
	return fabs(q) < 4e-16 ? 0 : q;
}

static inline double dense_signal(int P, double n)
{
	double power = 0.5 * P;
	for (int k = 1; k < P; k++)
		power *= n;
	return power;
}

/* What is reported of a solution. */
struct dense_report {
	double m, n, q, C, free_energy, energy, stability;
};

/* At x = (n, C), with one evaluation of the averages.  Returns a GSL error code. */
int dense_report(struct average *, const struct params *, const double *x, struct dense_report *);

/* The same from averages `a` that are known, n being a.n: `power` is n^P, or its mean over the examples where they differ. */
void dense_report_of(struct dense_report *, const struct params *, double power, double C,
                     const struct moments *a);

/* ---- finding solutions: dense_branches.c */

/* A point of the curve gamma(n) at fixed T and law, (B1). */
struct curve {
	double n, v, C, gamma, slope; /* slope = d gamma/d n */
};

/* gamma(n) and its slope at c->n; c->v is a start for v.  GSL_EDOM where the curve has ended. */
int curve_at(struct average *, const struct params *, struct curve *);

/* The spinodal load of the archetype branch at one T, P and law: the first maximum of gamma(n) below n0. */
struct dense_fold {
	int known; /* 0: nothing yet; 1: n and gamma to a few per cent, enough to rule a load out; 2: to rounding */
	struct params p; /* the point it was found at */
	double n, v,
		gamma; /* gamma = 0: no retrieval at any load; < 0: none with this noise on the synapses */
};

/* Finds it at p.  With a known fold of a neighbouring point, and p->gamma more than 2 % above the spinodal load, it is
 * only followed roughly (known = 1); p->gamma = 0 asks for the exact one.  Kept where T, P and law are the same.
 * Returns a GSL error code. */
int dense_spinodal(struct average *, const struct params *, struct dense_fold *);

/* On a stretch of the curve where gamma rises as n falls, and n > 0?  det(1 - dmap/dx) has one sign there. */
#define DENSE_SMALLEST 1e-9 /* overlaps below are zero */
static inline int dense_rising(const struct newton_solution *s)
{
	return s->x[0] > DENSE_SMALLEST && s->det > 0;
}

/* The archetype solution x = (n, C) at p, from nothing but a fold that is used and updated; CONVERGED, NONE, NOT_CONVERGED. */
enum status dense_archetype(struct average *, const struct params *, double tolerance, struct dense_fold *,
                            struct newton_solution *);

/* The solution on a stretch of the curve on which gamma falls in n, p->gamma lying between its ends n_low and n_high; v is a start
 * for v.  CONVERGED, NOT_CONVERGED. */
enum status dense_stretch(struct average *, const struct params *, double tolerance, double n_high, double n_low,
                          double v, struct newton_solution *);

/* Where the RS glass of P >= 3 appears: *s = v/T^2 at the maximum of (P/2) q^(P-1)/s, which is the highest T^2/(gamma g),
 * returned. */
double dense_glass_ceiling(struct average *, int P, double *s);

/* The RS glass, n = 0 and q > 0: the largest root of v = gamma W(q(v), C(v)), (B2).  P = 2: the only one, `ceiling` and
 * `s` play no role; P >= 3: those of dense_glass_ceiling.  CONVERGED, NONE, NOT_CONVERGED. */
enum status dense_rs_glass(struct average *, const struct params *, double ceiling, double s, double tolerance,
                           struct newton_solution *);
enum status dense_hopfield_glass(struct average *, const struct params *, double tolerance,
                                 struct newton_solution *);

/* n = q = 0, C = beta: where the pattern noise has a meaning. */
enum status dense_ergodic(const struct params *, struct newton_solution *);

/* ---- noise on the pairs of a pattern, P = 4: dense_halves.c */

/* At (n, C): p of (S11), the field's A and v without load, with derivatives, and what is reported. */
struct dense_pairs {
	double p;
	double A, A_n, A_C, v, v_n, v_C;
	double free_energy; /* in place of 3 n^4/2 */
	double energy;      /* in place of -n^4/2 */
	double replicon;    /* left side of (D11) over E sech^4(h/T)/T */
};

/* With noise on the pairs.  GSL_EDOM where p is negative, too. */
int dense_pairs(struct dense_pairs *, const struct params *, double n, double C);

/* Patterns that are not retrieved, over N: kappa of (S12). */
double dense_kappa(const struct params *);

/* The largest solution n that the equations, iterated from n = q = 1, come to.  CONVERGED, NONE, NOT_CONVERGED. */
enum status dense_pairs_retrieval(struct average *, const struct params *, double tolerance, struct newton_solution *);

/* No state without n > 0 has a free energy below this one. */
double dense_pairs_bound(struct average *, const struct params *);

/* Is the ergodic solution the only state without retrieval?  T > 2 w^2, and no states of one step at x = 1, (R8). */
int dense_pairs_ergodic(struct average *, const struct params *);

/* ---- unsupervised learning, one example singled out: dense_example.c */

/* x = (p_1, p_o, C): overlaps with that example and with each of the others, in units in which they are n if equal, (U1), (U2).
 * *s is the last solution of a near point, or all zero.  NONE: no such state continues that of no load, or it is not
 * unsupervised learning of M >= 2 examples with r < 1. */
enum status dense_example(struct average *, const struct params *, double tolerance, struct newton_solution *);

/* What is reported of it, (U3), at any x of the domain: n is the mean overlap of all examples.  Returns a GSL error code. */
int dense_example_report(struct average *, const struct params *, const double *x, struct dense_report *);

/* Left side of the condition (U5) that equal examples (one = 0), or all but the one that is singled out, stay equal: < 1.  NaN
 * where fewer than two are left.  x = (p_1, p_o, C); equal: p_1 = p_o = n.  Returns a GSL error code. */
int dense_example_stability(struct average *, const struct params *, const double *x, int one, double *value);

#endif
