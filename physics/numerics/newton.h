/* Newton's method: for any system f(x) = 0, and for the fixed points x = map(x) of a network's equations.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NUMERICS_NEWTON_H
#define MATTIS_NUMERICS_NEWTON_H

#include "physics/network.h"

struct newton_solution {
	double x[MAX_UNKNOWNS];
	double residual; /* largest |f|: of a fixed point, largest |map(x) - x| */
	/* determinant of df/dx: of a fixed point that of 1 - dmap/dx, which is > 0 on the branch where the
	 * map is stable, 0 on a fold */
	double det;
	int iterations; /* evaluations of f */
};

/* ---- fixed points */

/* Damped Newton method with the analytic Jacobian, from s->x: a step is halved while it leaves the domain
 * or does not reduce the residual.  Returns GSL_SUCCESS (residual <= tolerance, polished to rounding) or
 * GSL_EFAILED (not reached within max_iterations).  Adds the evaluations to s->iterations. */
int newton_solve(struct newton_solution *s, const struct equations *, struct average *, const struct params *,
                 double tolerance, int max_iterations);

/* Plain iteration x <- map(x), `steps` times or until the residual is below tolerance.  Returns
 * GSL_SUCCESS, GSL_EFAILED (not reached) or GSL_EDOM. */
int newton_iterate(struct newton_solution *s, const struct equations *, struct average *,
                   const struct params *, double tolerance, int steps);

/* ---- any system, step by step: begin, then direction and advance until the caller is satisfied */

/* f(x) = 0, `size` equations.  evaluate sets f and jac[i*size + j] = df_i/dx_j; it returns GSL_SUCCESS, or
 * another GSL code where f is not defined. */
struct newton_system {
	int size;
	int (*evaluate)(void *ctx, const double *x, double *f, double *jac);
	void *ctx;
};

/* Scratch memory: the last evaluation, and the step. */
struct newton_work {
	double f[MAX_UNKNOWNS], step[MAX_UNKNOWNS], jac[MAX_UNKNOWNS * MAX_UNKNOWNS];
};

/* Evaluates f at s->x.  Returns what evaluate does. */
int newton_begin(const struct newton_system *, struct newton_solution *s, struct newton_work *);

/* Sets w->step = -J^-1 f and s->det.  Returns GSL_SUCCESS, or GSL_EFAILED if J is singular or x infinite. */
int newton_direction(const struct newton_system *, struct newton_solution *s, struct newton_work *w);

/* Moves s->x by the step, or by a half, a quarter, ... of it, `trials` attempts, until the residual falls or
 * is at most `enough`.  Returns GSL_SUCCESS, or GSL_ENOPROG: then s->x and s->residual are as before. */
int newton_advance(const struct newton_system *, struct newton_solution *s, struct newton_work *w, int trials,
                   double enough);

#endif
