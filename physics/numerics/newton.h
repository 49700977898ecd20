/* One fixed point x = map(x) of a network's equations.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NUMERICS_NEWTON_H
#define MATTIS_NUMERICS_NEWTON_H

#include "physics/network.h"

struct newton_solution {
	double x[MAX_UNKNOWNS];
	double residual; /* largest |map(x) - x| */
	double det;      /* determinant of 1 - dmap/dx: > 0 on the branch where the map is stable, 0 on a fold */
	int iterations;  /* evaluations of the map */
};

/* Newton's method with the analytic Jacobian from s->x, steps halved while they leave the domain or do not reduce
 * the residual.  GSL_SUCCESS: residual <= tolerance, polished to rounding; GSL_EFAILED: not reached within
 * max_iterations.  The iterations are added to s->iterations. */
int newton_solve(struct newton_solution *s, const struct equations *, struct average *, const struct params *,
              double tolerance, int max_iterations);

/* Plain iteration x <- map(x), `steps` times or until the residual is below tolerance; stays on what the dynamics of the map find. */
int newton_iterate(struct newton_solution *s, const struct equations *, struct average *, const struct params *,
               double tolerance, int steps);

/* Solves a[n*n] y = b in place (b becomes y; a is destroyed) and returns the determinant of a; 0 when singular. */
double linear_solve(double *a, double *b, int n);

#endif
