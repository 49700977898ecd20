/* One-step replica symmetry breaking of the dense network, P >= 3: THEORY.md, "One-step RSB".
 *
 * Units: temperatures are T = 1/beta' of THEORY.md, free_energy = -T lnZ/N, energy u with f = u - T s.  The
 * glass (n = q0 = 0) depends on T and gamma only through t = T/sqrt(gamma); its energies are in units of
 * sqrt(gamma). T = 0 is not special: it is the limit, reached by the same equations.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DENSE_ONE_STEP_H
#define MATTIS_DENSE_ONE_STEP_H

#include "physics/network.h"
#include "physics/params.h"
#include "physics/dense/one_step_average.h"

struct one_step_solution {
	enum status status; /* NONE, NOT_CONVERGED: all numbers below are NaN */
	double m, n, q0, q1;
	double x;  /* breaking parameter, extremal unless given */
	double mu; /* x/T, finite at T = 0 */
	double C;  /* (1 - q1)/T, finite at T = 0 */
	double free_energy, energy;
	double complexity; /* (R3); 0 where x is extremal */
	double gardner;    /* < 1: stable against further breaking; infinite at T = 0 */
	double residual;   /* of the equations (R2), the largest */
	int iterations;
};

/* Dynamic and static transition of the glass, T_d and T_s in units of sqrt(gamma), and the overlaps there
 * (each pointer may be null); equations (R9), (R10), to rounding.  GSL_EDOM if P < 3. */
int one_step_glass_transitions(int P, double *T_d, double *T_s, double *q_d, double *q_s);

/* The glass at t = T/sqrt(gamma) >= 0: m = n = q0 = 0; (R11), (R12).  Below T_s the extremal x < 1, between
 * T_s and T_d x = 1 with its complexity and the free energy of the paramagnet, above T_d NONE.  About 40
 * us. */
int one_step_glass(struct rsb *, struct one_step_solution *, int P, double t);

/* Retrieval at p (T >= 0, gamma > 0), with extremal x < 1.  If s->status is CONVERGED on entry it is the
 * start: a solution of a near point; else the solver starts cold.  NONE: no such solution (the
 * replica-symmetric one is stable, or there is no retrieval), or q1 - q0 < .1 (1 - q0) (at most .001, at
 * least .0001), where rounding hides x.  GSL_EDOM if P < 3. */
int one_step_retrieval(struct rsb *, struct one_step_solution *, const struct params *p);

/* The same from the solution s at the end of the branch, which is at the load `end` >= p->gamma: see
 * one_step_spinodal.  Where NONE, *merge is a load where there is none already, >= p->gamma; else NaN. */
int one_step_retrieval_below(struct rsb *, double end, struct one_step_solution *, const struct params *p,
                             double *merge);

/* The same from the neighbouring solution s or, if that is none or does not converge, from the solution at
 * the end of the branch; at_end NULL: then NOT_CONVERGED. */
int one_step_retrieval_near(struct rsb *, struct one_step_solution *s, double end,
                            const struct one_step_solution *at_end, const struct params *p);

/* The same at given x, 0 < x <= 1 (T > 0): the states of a complexity other than zero. */
int one_step_retrieval_at(struct rsb *, struct one_step_solution *, const struct params *p, double x);

/* Finds the end of that branch at p->T: the largest gamma with a solution, and the solution there.  Starts
 * as above. */
int one_step_spinodal(struct rsb *, double *gamma, struct one_step_solution *, const struct params *p);

/* The upper end in T of that spinodal, where it meets the replica-symmetric one, (R13): x = 1 with q1 > q0,
 * or at little noise of the examples q1 = q0 (then x, mu are NaN), without noise at T = gamma = T_d^2.
 * p->T and p->gamma are not used. */
int one_step_merge(struct rsb *, double *T, double *gamma, struct one_step_solution *,
                   const struct params *p);

/* Sets this status, and NaN everywhere. */
void one_step_nothing(struct one_step_solution *, enum status);

/* -lnZ T/N at any (n, q0, q1, x), equation (R1): stationary at the solutions. */
int one_step_free_energy(struct rsb *, double *f, const struct params *p, double n, double q0, double q1,
                    double x);

#endif
