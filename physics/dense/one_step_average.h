/* The averages of one-step RSB: an inner one over z1 with weight exp(mu L), an outer one over chi and z0.
 * THEORY.md (R4) to (R7).
 *
 * Everything is in units that stay finite as T -> 0: fields H = T h, mu = x/T, L(H) = T ln 2cosh(H/T) (|H| at
 * T = 0), s = sech^2(H/T)/T (2 delta(H) at T = 0).  There is no special code for T = 0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DENSE_ONE_STEP_AVERAGE_H
#define MATTIS_DENSE_ONE_STEP_AVERAGE_H

#include "physics/params.h"

/* The field H = A chi + sqrt(V0) z0 + sqrt(V1) z1 and the weight. */
struct one_step_field {
	double A, V0, V1; /* V0 > 0, V1 >= 0; V1 = 0 is the replica-symmetric average, then T > 0 */
	double mu;        /* > 0 */
};

enum { RSB_N, RSB_Q0, RSB_S, RSB_PHI, RSB_L, RSB_AVERAGES };
enum { RSB_A, RSB_V0, RSB_V1, RSB_MU, RSB_ARGUMENTS };

struct one_step_average {
	/* E chi <tanh>, E <tanh>^2, E <s>, E ln I/mu, E <L>, and their derivatives with respect to the
	 * fields */
	double value[RSB_AVERAGES], slope[RSB_AVERAGES][RSB_ARGUMENTS];
	double m;     /* E xi <tanh> */
	double sech4; /* E <sech^4>/T */
};

/* (1 - P q^(P-1) + (P-1) q^P)/(1-q)^2 = sum over k = 1..P-1 of k q^(k-1): the noise of (R1) without
 * cancellation. */
static inline double one_step_noise(double q, int P)
{
	double s = 0;
	for (int k = P - 1; k > 0; k--)
		s = s * q + k;
	return s;
}

/* Makes a workspace of 3 MB. */
struct rsb *one_step_alloc(void); /* null: no memory */
void one_step_free(struct rsb *);

/* Computes the averages for the distribution of chi and the temperature of p, to about 1e-14.  Returns
 * GSL_EDOM for fields outside the domain and for those that would need too many nodes (V1 or V0 positive
 * but tiny). */
int one_step_average(struct rsb *, struct one_step_average *, const struct params *p,
                     const struct one_step_field *);

/* The inner average at outer field zero: ln I/mu and the averages of s, L, L s, L^2, sech^4/T.  To rounding
 * where sqrt(V1) > T, which holds in the glass. */
struct one_step_centre {
	double phi, s, L, Ls, L2, sech4;
};
void one_step_centre(struct rsb *, struct one_step_centre *, double T, double V1, double mu);

#endif
