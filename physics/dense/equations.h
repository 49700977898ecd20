/* The equations of the dense network and their solutions, shared by the files of this folder: THEORY.md §3.
 *
 * Unknowns x = (n, C): n is the overlap with the normalised examples, C = beta' (1 - q) the susceptibility,
 * which stays finite at T = 0.  The field on a spin is A chi + sqrt(v) z with
 *   A = (P/2) n^(P-1)                                                    (D1)
 *   v = gamma W(q, C) + (noise on the synapses),  q = 1 - T C            (D2)
 * in units of energy (no beta), see average.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DENSE_EQUATIONS_H
#define MATTIS_DENSE_EQUATIONS_H

#include <math.h>

#include "physics/numerics/average.h"
#include "physics/network.h"
#include "physics/numerics/newton.h"

/* params.own: noise on the synapses, J_I + N^(1-P) omega g_I for each P-tuple I, g_I a unit Gaussian, needs
 * N; noise of amplitude w sqrt(N) on each pair of sites of a pattern's tensor chi_i chi_j, P = 4.  (Slots 0
 * and 1 are free.) */
enum { DENSE_OMEGA = 2, DENSE_W = 3 };

/* solve_options.own, 0 or 1: also the branch of smaller overlap; also retrieval and glass with one step of
 * replica symmetry breaking; also signal to noise, the overlap after one step. */
enum { DENSE_LOW, DENSE_RSB, DENSE_SNR };

extern const struct network dense_network;     /* network.c */
extern const struct equations dense_equations; /* equations.c */
extern const struct transition dense_lines[];  /* lines.c */

/* Noise of the patterns that are not retrieved.  P >= 3: W = g (P/2) q^(P-1).  P = 2: W = q sum over modes
 * of weight lambda^2/(1 - lambda C)^2, the modes being the eigenvalues of the examples' correlation.  Noise
 * on the synapses (D12) adds to v what a load would at g = 1 and P >= 3. */
struct dense_noise {
	int P;
	double gamma, g;
	int modes; /* P = 2: 1, unsupervised 2 */
	double lambda[2], weight[2];
	double synapses; /* P! omega^2/(2 N^(P-1)) */
};

struct dense_noise dense_noise(const struct params *);

/* Computes W at (T, C) and dW/dC along q = 1 - T C.  Returns GSL_EDOM where W is not defined (q < 0, lambda
 * C >= 1). */
int dense_width(const struct dense_noise *, double T, double C, double *W, double *W_C);

/* Returns the contribution of noise on the synapses to v, (D12), and its derivative dS/dC. */
double dense_synapses(const struct dense_noise *, double T, double C, double *S_C);

/* The load of the Gaussian synapses, whose covariance is (load/2) q^P: all noise at P >= 3, where it is
 * gamma in storage; at P = 2 only that of (D12). */
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

/* Reported quantities of a solution. */
struct dense_report {
	double m, n, q, C, free_energy, energy, stability;
};

/* Computes them at x = (n, C), with one evaluation of the averages.  Returns a GSL error code. */
int dense_report(struct average *, const struct params *, const double *x, struct dense_report *);

/* The same from known averages `a`, with n = a.n; `power` is n^P, or its mean over the examples if they
 * differ. */
void dense_report_of(struct dense_report *, const struct params *, double power, double C,
                     const struct moments *a);

/* ---- solutions: branches.c */

/* A point of the curve gamma(n) at fixed T and law, (B1). */
struct dense_curve {
	double n, v, C, gamma, slope; /* slope = d gamma/d n */
};

/* Computes gamma(n) and its slope at c->n; c->v is a start for v.  Returns GSL_EDOM beyond the end of the
 * curve. */
int dense_curve_at(struct average *, const struct params *, struct dense_curve *);

/* The spinodal load of the archetype branch at one T, P and law: the first maximum of gamma(n) below n0. */
struct dense_fold {
	/* 0: unknown; 1: n and gamma to a few per cent, enough to exclude a load; 2: to rounding */
	int known;
	struct params p; /* the point it was found at */
	double n, v,
		gamma; /* gamma = 0: no retrieval at any load; < 0: none with this noise on the synapses */
};

/* Finds the fold at p.  From a known fold of a neighbouring point, if p->gamma is more than 2 % above the
 * spinodal load, it is followed only roughly (known = 1); p->gamma = 0 requests the exact one.  Reused if
 * T, P and the distribution are the same. Returns a GSL error code. */
int dense_spinodal(struct average *, const struct params *, struct dense_fold *);

/* Returns whether n > 0 and gamma rises as n falls at this solution: det(1 - dmap/dx) > 0. */
#define DENSE_SMALLEST 1e-9 /* overlaps below are zero */
static inline int dense_rising(const struct newton_solution *s)
{
	return s->x[0] > DENSE_SMALLEST && s->det > 0;
}

/* Finds the archetype solution x = (n, C) at p without a start; uses and updates the fold.  Returns
 * CONVERGED, NONE or NOT_CONVERGED. */
enum status dense_archetype(struct average *, const struct params *, double tolerance, struct dense_fold *,
                            struct newton_solution *);

/* Finds the solution on an interval n_low .. n_high of the curve on which gamma falls with n and takes the
 * value p->gamma; v is a start for v.  Returns CONVERGED or NOT_CONVERGED. */
enum status dense_stretch(struct average *, const struct params *, double tolerance, double n_high,
                          double n_low, double v, struct newton_solution *);

/* Returns the highest T^2/(gamma g) of the RS glass of P >= 3, the maximum of (P/2) q^(P-1)/s, and sets *s
 * = v/T^2 there. */
double dense_glass_ceiling(struct average *, int P, double *s);

/* Finds the RS glass, n = 0 and q > 0: the largest root of v = gamma W(q(v), C(v)), (B2).  `ceiling` and
 * `s` are those of dense_glass_ceiling (P >= 3; ignored at P = 2, where the root is unique).  Returns
 * CONVERGED, NONE or NOT_CONVERGED. */
enum status dense_rs_glass(struct average *, const struct params *, double ceiling, double s,
                           double tolerance, struct newton_solution *);
enum status dense_hopfield_glass(struct average *, const struct params *, double tolerance,
                                 struct newton_solution *);

/* The ergodic solution n = q = 0, C = beta, where the pattern noise is defined. */
enum status dense_ergodic(const struct params *, struct newton_solution *);

/* ---- noise on the pairs of a pattern, P = 4: pair_noise.c, pair_noise_branches.c */

/* At (n, C): p of (S11), A and v of the field without load, their derivatives, and reported quantities. */
struct dense_pairs {
	double p;
	double A, A_n, A_C, v, v_n, v_C;
	double free_energy; /* in place of 3 n^4/2 */
	double energy;      /* in place of -n^4/2 */
	double replicon;    /* left side of (D11) over E sech^4(h/T)/T */
};

/* Computes them with noise on the pairs.  Returns GSL_EDOM outside the domain, also where p is negative. */
int dense_pairs(struct dense_pairs *, const struct params *, double n, double C);

/* Returns kappa of (S12): patterns that are not retrieved, divided by N. */
double dense_kappa(const struct params *);

/* Finds the solution that iteration of the equations from n = q = 1 reaches.  Returns CONVERGED, NONE or
 * NOT_CONVERGED. */
enum status dense_pairs_retrieval(struct average *, const struct params *, double tolerance,
                                  struct newton_solution *);

/* Returns a lower bound on the free energy of all states with n = 0. */
double dense_pairs_bound(struct average *, const struct params *);

/* Returns whether the ergodic solution is the only state with n = 0: T > 2 w^2, and no 1RSB states at x =
 * 1, (R8). */
int dense_pairs_ergodic(struct average *, const struct params *);

/* ---- unsupervised learning, condensation on one example: example.c */

/* Finds x = (p_1, p_o, C): overlaps with that example and with each of the others, in units in which both
 * are n if equal, (U1), (U2).  *s is the solution of a neighbouring point, or all zero.  Returns NONE if no
 * such state continues that of zero load, or if it is not unsupervised learning of M >= 2 examples with r <
 * 1. */
enum status dense_example(struct average *, const struct params *, double tolerance,
                          struct newton_solution *);

/* Computes its reported quantities, (U3), at any x of the domain: n is the mean overlap of all examples.
 * Returns a GSL error code. */
int dense_example_report(struct average *, const struct params *, const double *x, struct dense_report *);

/* Computes the left side of the condition (U5), < 1, that equal examples (one = 0), or all except the
 * condensed one, stay equal.  NaN if fewer than two are left.  x = (p_1, p_o, C); equal: p_1 = p_o = n.
 * Returns a GSL error code. */
int dense_example_stability(struct average *, const struct params *, const double *x, int one, double *value);

#endif
