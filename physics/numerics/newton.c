/* Newton's method on the self-consistency equations.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/numerics/newton.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "physics/numerics/linear.h"

/* Largest |fx - x|; equal infinities agree. */
static double distance(const double *fx, const double *x, int n)
{
	double worst = 0;
	for (int i = 0; i < n; i++) {
		double d = fx[i] == x[i] ? 0 : fabs(fx[i] - x[i]);
		if (!(d <= worst))
			worst = d;
	}
	return worst;
}

/* step = (1 - J)^-1 (fx - x); the determinant goes to s->det. */
static int newton_step(struct newton_solution *s, double *step, const double *fx, double *jac, int n)
{
	for (int i = 0; i < n; i++)
		step[i] = fx[i] - s->x[i];
	for (int i = 0; i < n * n; i++)
		jac[i] = (i % (n + 1) == 0) - jac[i];
	s->det = linear_solve(jac, step, n);
	for (int i = 0; i < n; i++)
		if (!isfinite(step[i]))
			return GSL_EFAILED;
	return s->det != 0 ? GSL_SUCCESS : GSL_EFAILED;
}

int newton_solve(struct newton_solution *s, const struct equations *equations, struct average *average,
                 const struct params *p, double tolerance, int max_iterations)
{
	const int n = equations->size(p);
	const double rounding = fmin(tolerance, 1e-14);
	double fx[MAX_UNKNOWNS], next[MAX_UNKNOWNS], step[MAX_UNKNOWNS], jac[MAX_UNKNOWNS * MAX_UNKNOWNS];

	if (equations->map(average, p, s->x, fx, jac) != GSL_SUCCESS)
		return GSL_EFAILED;
	s->iterations++;
	s->residual = distance(fx, s->x, n);
	for (int i = 1; i < max_iterations; i++) {
		if (newton_step(s, step, fx, jac, n) != GSL_SUCCESS)
			return GSL_EFAILED;
		double size = 0, damping = 1, residual = INFINITY;
		for (int k = 0; k < n; k++)
			size = fmax(size, fabs(step[k]));
		/* Newton squares the error: a step below 1e-7 leaves nothing to gain. */
		int last = s->residual <= tolerance && size < 1e-7;
		for (; damping > 1e-3; damping *= 0.5) {
			for (int k = 0; k < n; k++)
				next[k] = s->x[k] + damping * step[k];
			if (equations->map(average, p, next, fx, jac) != GSL_SUCCESS)
				continue;
			s->iterations++;
			residual = distance(fx, next, n);
			if (residual < s->residual || last || residual <= rounding)
				break;
		}
		if (last && !(residual < s->residual))
			return GSL_SUCCESS; /* rounding: the previous point is as good */
		if (!(damping > 1e-3))
			return s->residual <= tolerance ? GSL_SUCCESS : GSL_EFAILED;
		memcpy(s->x, next, (size_t)n * sizeof *next);
		s->residual = residual;
		if (last || residual <= rounding)
			return residual <= tolerance ? GSL_SUCCESS : GSL_EFAILED;
	}
	return s->residual <= tolerance ? GSL_SUCCESS : GSL_EFAILED;
}

int newton_iterate(struct newton_solution *s, const struct equations *equations, struct average *average,
                   const struct params *p, double tolerance, int steps)
{
	const int n = equations->size(p);
	double fx[MAX_UNKNOWNS];
	for (int i = 0; i < steps; i++) {
		if (equations->map(average, p, s->x, fx, NULL) != GSL_SUCCESS)
			return GSL_EDOM;
		s->iterations++;
		s->residual = distance(fx, s->x, n);
		memcpy(s->x, fx, (size_t)n * sizeof *fx);
		if (s->residual <= tolerance)
			return GSL_SUCCESS;
	}
	return GSL_EFAILED;
}
