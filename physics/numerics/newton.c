/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/numerics/newton.h"
#include "physics/numerics/linear.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------- any system */

static double largest(const double *f, int n)
{
	double worst = 0;
	for (int i = 0; i < n; i++)
		if (!(fabs(f[i]) <= worst)) /* a NaN is not overlooked */
			worst = fabs(f[i]);
	return worst;
}

int newton_begin(const struct newton_system *system, struct newton_solution *s, struct newton_work *w)
{
	int status = system->evaluate(system->ctx, s->x, w->f, w->jac);
	if (status != GSL_SUCCESS)
		return status;
	s->iterations++;
	s->residual = largest(w->f, system->size);
	return GSL_SUCCESS;
}

int newton_direction(const struct newton_system *system, struct newton_solution *s, struct newton_work *w)
{
	const int n = system->size;
	for (int i = 0; i < n; i++)
		w->step[i] = -w->f[i];
	s->det = linear_solve(w->jac, w->step, n);
	for (int i = 0; i < n; i++)
		if (!isfinite(s->x[i] + w->step[i]))
			return GSL_EFAILED;
	return s->det != 0 ? GSL_SUCCESS : GSL_EFAILED;
}

int newton_advance(const struct newton_system *system, struct newton_solution *s, struct newton_work *w,
                   int trials, double enough)
{
	const int n = system->size;
	double next[MAX_UNKNOWNS], damping = 1;
	for (int i = 0; i < trials; i++, damping *= 0.5) {
		for (int k = 0; k < n; k++)
			next[k] = s->x[k] + damping * w->step[k];
		if (system->evaluate(system->ctx, next, w->f, w->jac) != GSL_SUCCESS)
			continue;
		s->iterations++;
		double residual = largest(w->f, n);
		if (residual < s->residual || residual <= enough) {
			memcpy(s->x, next, (size_t)n * sizeof *next);
			s->residual = residual;
			return GSL_SUCCESS;
		}
	}
	return GSL_ENOPROG;
}

/* ---------------------------------------------------------------- fixed points */

enum { TRIALS = 10 };

struct fixed_point {
	const struct equations *equations;
	struct average *average;
	const struct params *p;
	int size;
};

/* f = x - map(x); equal infinities agree. */
static int evaluate(void *ctx, const double *x, double *f, double *jac)
{
	const struct fixed_point *at = ctx;
	int status = at->equations->map(at->average, at->p, x, f, jac);
	if (status != GSL_SUCCESS)
		return status;
	for (int i = 0; i < at->size; i++)
		f[i] = x[i] == f[i] ? 0 : x[i] - f[i];
	for (int i = 0; i < at->size * at->size; i++)
		jac[i] = (i % (at->size + 1) == 0) - jac[i];
	return GSL_SUCCESS;
}

/* Takes one more step: Newton's method squares the error, so that a step below 1e-7 leaves nothing to gain.
 * If it does not reduce the residual, the point before is at rounding. */
static void polish(const struct newton_system *system, struct newton_solution *s, struct newton_work *w)
{
	const size_t bytes = (size_t)system->size * sizeof *s->x;
	const double residual = s->residual;
	double x[MAX_UNKNOWNS];
	memcpy(x, s->x, bytes);
	if (newton_advance(system, s, w, TRIALS, INFINITY) == GSL_SUCCESS && !(s->residual < residual)) {
		memcpy(s->x, x, bytes);
		s->residual = residual;
	}
}

int newton_solve(struct newton_solution *s, const struct equations *equations, struct average *average,
                 const struct params *p, double tolerance, int max_iterations)
{
	struct fixed_point at = {equations, average, p, equations->size(p)};
	const struct newton_system system = {at.size, evaluate, &at};
	const double rounding = fmin(tolerance, 1e-14);
	struct newton_work work;

	if (newton_begin(&system, s, &work) != GSL_SUCCESS)
		return GSL_EFAILED;
	for (int i = 1; i < max_iterations; i++) {
		if (newton_direction(&system, s, &work) != GSL_SUCCESS)
			return GSL_EFAILED;
		if (s->residual <= tolerance && largest(work.step, at.size) < 1e-7) {
			polish(&system, s, &work);
			break;
		}
		if (newton_advance(&system, s, &work, TRIALS, rounding) != GSL_SUCCESS ||
		    s->residual <= rounding)
			break;
	}
	return s->residual <= tolerance ? GSL_SUCCESS : GSL_EFAILED;
}

int newton_iterate(struct newton_solution *s, const struct equations *equations, struct average *average,
                   const struct params *p, double tolerance, int steps)
{
	const int n = equations->size(p);
	double change[MAX_UNKNOWNS], fx[MAX_UNKNOWNS];
	for (int i = 0; i < steps; i++) {
		if (equations->map(average, p, s->x, fx, NULL) != GSL_SUCCESS)
			return GSL_EDOM;
		for (int k = 0; k < n; k++)
			change[k] = fx[k] == s->x[k] ? 0 : fx[k] - s->x[k];
		s->iterations++;
		s->residual = largest(change, n);
		memcpy(s->x, fx, (size_t)n * sizeof *fx);
		if (s->residual <= tolerance)
			return GSL_SUCCESS;
	}
	return GSL_EFAILED;
}
