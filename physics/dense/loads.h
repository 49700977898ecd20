/* The loads at which lines of the dense network stand, at given temperature and law of the examples (gamma
 * of the params is not used).  Each is worked out once and kept with the workspace of the averages; none
 * depends on what was asked for before.  All return GSL_SUCCESS, or GSL_ENOMEM; a load that does not exist
 * is NaN.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DENSE_LOADS_H
#define MATTIS_DENSE_LOADS_H

#include "physics/dense/equations.h"
#include "physics/network.h"
#include "physics/dense/one_step.h"

/* The report of the archetype branch at p, gamma too, where *found is CONVERGED. */
int dense_retrieval(struct average *, const struct params *, struct dense_report *, enum status *found);

/* The end of the archetype branch; 0: no retrieval at any load. */
int dense_spinodal_load(struct average *, const struct params *, double *gamma);

/* The other branches with n > 0, beyond the end of the archetype branch: from load onset[i] to end[i],
 * THEORY.md (L1). */
int dense_low_loads(struct average *, const struct params *, double onset[LINE_ROOTS], double end[LINE_ROOTS],
                    int *count);

/* The solution of largest overlap on those branches, x = (n, C).  CONVERGED, NONE, NOT_CONVERGED. */
enum status dense_low(struct average *, const struct params *, double tolerance, struct newton_solution *);

/* The end of retrieval with one step of replica symmetry breaking, and the solution there (null: not
 * wanted). */
int dense_rsb_load(struct average *, const struct params *, double *gamma, struct one_step_solution *);

/* Retrieval with one step at p (P >= 3), all of its noise, on the synapses too.  CONVERGED, NONE,
 * NOT_CONVERGED. */
enum status dense_rsb(struct average *, const struct params *, struct one_step_solution *);

/* Where that solution has the free energy of its competitor, (L2); NaN also where it is lower at its end
 * already. */
int dense_rsb_first_order_load(struct average *, const struct params *, double *gamma);

/* Where the ends of retrieval with one step and with none meet, (R13): T and gamma. */
int dense_merge(struct average *, const struct params *, double *T, double *gamma);

/* T_d, T_s and Gardner's T_G of the glass of P >= 3, in units of the square root of the load. */
struct dense_glass {
	double T_d, T_s, T_G;
};
int dense_glass(struct average *, int P, struct dense_glass *);

/* Free energy of what retrieval competes with at P >= 3: the one-step glass below T_s, else the
 * paramagnet.  Where it is higher than f_retrieval anyway a lower bound of it may be given. */
int dense_competitor(struct average *, const struct params *, double f_retrieval, double *f);

#endif
