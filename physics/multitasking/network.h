/* The equations of the multitasking network and their solutions, shared by the files of this folder (prefix
 * mt_).  THEORY.md, "The multitasking network"; equations (M..).
 *
 * Unknowns x: the overlaps p_1 ... p_n with the stored vectors z (p = 1: retrieved), and at extensive load
 * also the susceptibility C = E sech^2(h/T)/T as x[n].  All in units of energy, so that T = 0 is a regular
 * point.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_MULTITASKING_NETWORK_H
#define MATTIS_MULTITASKING_NETWORK_H

#include "physics/numerics/average.h"
#include "physics/network.h"

enum {
	MT_MAX = 20,              /* overlaps */
	MT_UNKNOWNS = MT_MAX + 1, /* and C */
	MT_SOLUTIONS = 128,       /* distinct solutions that a catalogue can tell apart */
	MT_ATOMS = 1 << 10        /* values of z of one pattern */
};

/* params.own: dilution P(xi = 0) in [0, 1); condensed patterns at extensive load */
enum { MT_D, MT_L };
/* solve_options.own: solutions to keep; random starts besides the listed ones */
enum { MT_BRANCHES, MT_STARTS };

#define MT_DEGENERATE 1e-13 /* free energies closer than this are equal */

/* One point, in the terms of the equations. */
struct mt_point {
	int n;         /* overlaps: K, at extensive load L */
	int extensive; /* load given in place of K */
	enum learning learning;
	double T, d, c;   /* c = E z^2 = (1 - d)(1 + rho) */
	double M, r, rho; /* as in struct params; M = 0: z Gaussian (rho = 0: storage) */
	double gamma;
};

struct mt_point mt_point(const struct params *);

static inline int mt_size(const struct mt_point *pt)
{
	return pt->n + pt->extensive;
}

/* Averages over the field h = sum p_mu z_mu + sqrt(v) g.  At T = 0 the limits T -> 0+. */
struct mt_moments {
	double logcosh;        /* E T ln 2cosh(h/T) */
	double q;              /* E tanh^2(h/T) */
	double C, sech4;       /* E sech^2(h/T)/T, E sech^4(h/T)/T */
	double C_v;            /* dC/dv; this and C_p only where v > 0 */
	double tie;            /* T = 0: probability of h = 0 with some z != 0; such a point is a saddle */
	double t[MT_MAX];      /* E z_mu tanh(h/T); d logcosh/dp_mu */
	double m[MT_MAX];      /* E xi_mu tanh(h/T): Mattis magnetisations */
	double active[MT_MAX]; /* E [xi_mu != 0] sech^2(h/T)/T */
	double C_p[MT_MAX];    /* dC/dp_mu = 2 dt_mu/dv */
	double chi[MT_MAX * MT_MAX]; /* E z_mu z_nu sech^2(h/T)/T = dt_mu/dp_nu, row length n */
};

enum mt_order { MT_VALUE, MT_SLOPE, MT_ALL }; /* logcosh t C | + chi C_p C_v | + m active sech4 q tie */

/* Computes the averages by the Fourier sum, or by one of the following functions where that is faster or
 * the only method.  Returns GSL_EDOM (not finite, or too many nodes, atoms and pairs for all methods) or
 * GSL_ENOMEM. */
int mt_average(struct average *, const struct mt_point *, const double *p, double v, enum mt_order,
               struct mt_moments *);

/* Field with a continuous part (v > 0, or Gaussian z): the sum over all atoms of all patterns, of which there
 * are mt_leaves. */
int mt_average_leaves(struct average *, const struct mt_point *, const double *p, double v, enum mt_order,
                      struct mt_moments *);
double mt_leaves(const struct mt_point *);

/* T >= 0, discrete field (v = 0, storage or M examples): the atoms of half of the patterns against those of
 * the other half. */
int mt_average_discrete(const struct mt_point *, const double *p, enum mt_order, struct mt_moments *);

/* Sets the distribution of z of one pattern.  Returns GSL_EDOM if it has more than MT_ATOMS values. */
struct mt_atoms {
	int count;
	double z[MT_ATOMS], weight[MT_ATOMS], xi[MT_ATOMS]; /* xi: E[xi | z] */
	double on[MT_ATOMS];                                /* P(xi != 0 | z) */
};
int mt_atoms_of(const struct mt_point *, struct mt_atoms *);

/* Computes the variance v = gamma R(C) of the noise of patterns that are not condensed, (M14), and its
 * slope dv/dC. */
int mt_noise(const struct mt_point *, double C, double *v, double *slope);

/* Left side of the AT condition (M16) without its factor E sech^4(h/T)/T^2. */
double mt_replicon(const struct mt_point *, double C);

/* One application of the self-consistency equations.  fx and jac as in struct equations; either may be
 * null. */
int mt_map(struct average *, const struct mt_point *, const double *x, double *fx, double *jac);
int mt_free_energy(struct average *, const struct mt_point *, const double *x, double *f);

/* Phases, in the order of the flags. */
enum mt_phase { MT_NO_PHASE, MT_ERGODIC, MT_PURE, MT_HIERARCHICAL, MT_PARALLEL, MT_MIXED, MT_GLASS };

/* Energy per spin at a solution, (M3), (M16). */
double mt_energy(const struct mt_point *, const double *x);

/* Returns the label of the overlaps of a solution, (M11b); reads x[n] at extensive load only. */
enum mt_phase mt_phase(const struct mt_point *, const double *x);

/* A solution: stable (a local minimum of the free energy; at extensive load of the one with C eliminated).
 * Overlaps that vanish or agree within their accuracy do so exactly. */
struct mt_solution {
	double x[MT_UNKNOWNS]; /* p_1 >= p_2 >= ... >= 0 */
	double f, residual;
	double accuracy; /* of x: the last step of Newton's method, and rounding over the lowest eigenvalue */
	double eigenvalue[MT_MAX]; /* of the Hessian over c, ascending */
	int iterations;
};

/* Follows the map from the start x to a stable solution; leaves saddles along their unstable direction.
 * GSL_EMAXITER, GSL_EDOM, GSL_ENOMEM. */
int mt_descend(struct average *, const struct mt_point *, double tolerance, const double *start,
               struct mt_solution *);

/* Finds the solution with all overlaps equal to *p, the largest (0 at T >= 1), stable or not.  Finite K. */
int mt_symmetric(struct average *, const struct mt_point *, double *p);

/* Collects the n_keep lowest distinct solutions reached from the listed starts, by free energy; *found is
 * how many there were.  Returns GSL_SUCCESS (also with none), GSL_ENOMEM, or GSL_EFAILED if the tick
 * requested a stop. */
int mt_catalogue(struct average *, const struct mt_point *, const struct solve_options *, const struct tick *,
                 struct mt_solution *keep, int n_keep, int *found);

extern const struct transition mt_lines[];

#endif
