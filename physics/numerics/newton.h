/* Fixed points x = map(x) of self-consistency equations.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NUMERICS_NEWTON_H
#define MATTIS_NUMERICS_NEWTON_H

#include "physics/network.h"

struct newton_solution {
	double x[MAX_UNKNOWNS];
	double residual; /* largest |map(x) - x| */
	/* determinant of 1 - dmap/dx: > 0 on the branch where the map is stable, 0 on a fold */
	double det;
	int iterations;  /* evaluations of the map */
};

/* Damped Newton method with the analytic Jacobian, from s->x: a step is halved while it leaves the domain
 * or does not reduce the residual.  Returns GSL_SUCCESS (residual <= tolerance, polished to rounding) or
 * GSL_EFAILED (not reached within max_iterations).  Adds the evaluations to s->iterations. */
int newton_solve(struct newton_solution *s, const struct equations *, struct average *, const struct params *,
              double tolerance, int max_iterations);

/* Plain iteration x <- map(x), `steps` times or until the residual is below tolerance.  Returns
 * GSL_SUCCESS, GSL_EFAILED (not reached) or GSL_EDOM. */
int newton_iterate(struct newton_solution *s, const struct equations *, struct average *,
                   const struct params *, double tolerance, int steps);

#endif
