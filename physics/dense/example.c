/* Unsupervised learning: retrieval that singles out one of the M examples of a pattern.  THEORY.md (U1) to
 * (U5).
 *
 * Given the example a = 1 of a spin, x_1 = +-1, and the sum S of the others, the field is Gaussian around
 * A_1 x_1 + A_o S: all averages are sums over the 2M atoms (x_1, S) of averages over a Gaussian.
 *
 * The state is searched for from s = eta^1, first at the point itself; where that falls back to equal
 * examples it is followed along its curve while the load grows from zero, through to p's load or to the end
 * of the branch: a fold, or p_1 = p_o.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/equations.h"
#include "physics/numerics/linear.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

enum { ONE, OTHERS, C, UNKNOWNS, SHARE = UNKNOWNS, POINT }; /* SHARE of the load, on the way from zero */

static const double APART = 1e-6; /* p_1 - p_o of a state that singles one out */

/* Averages at (A_1, A_o, v), and their derivatives. */
struct singled {
	struct moments a;   /* n: mean overlap of the examples */
	double f[UNKNOWNS]; /* what the equations make of p_1, p_o, C */
	double f_A[UNKNOWNS][2], f_v[UNKNOWNS];
	double pairs; /* E x_a x_b sech^2/T, a and b among the others */
};

/* Adds an atom of weight w: field a, x_1 and the mean of the others. */
static void add_atom(struct singled *s, const struct moments *t, double w, double sign, const double x[2],
                     double others)
{
	const double da[2] = {x[ONE], others * x[OTHERS]}; /* of the field by A_1, A_o */
	s->a.m += w * sign * t->m;
	s->a.sech4 += w * t->sech4;
	s->a.logcosh += w * t->logcosh;
	s->f[C] += w * t->C;
	s->f_v[C] += w * t->C_v;
	s->pairs += w * t->C * (others > 1 ? (gsl_pow_2(da[OTHERS]) - others) / (others * (others - 1)) : 0);
	for (int i = ONE; i <= OTHERS; i++) {
		s->f[i] += w * x[i] * sign * t->m;
		s->f_v[i] += w * x[i] * sign * t->n_v;
		s->f_A[C][i] += w * sign * t->C_A * da[i];
		for (int k = 0; k < 2; k++)
			s->f_A[i][k] += w * x[i] * t->C * da[k];
	}
}

/* The atoms of S that matter lie within sqrt(18.5 M) of its mean: Hoeffding, weight below 1e-16. */
static int averages(struct average *average, const struct params *p, const double A[2], double v,
                    struct singled *s)
{
	const struct law certain = {.M = 0, .r = 1, .rho = 0};
	const double others = p->M - 1, plus = (1 + p->r) / 2, reach = sqrt(18.5 * others);
	const double last = fmin(others, ceil(others * plus + reach));
	*s = (struct singled){.pairs = 0};
	for (double B = fmax(0, floor(others * plus - reach)); B <= last; B++)
		for (int one = -1; one <= 1; one += 2) {
			const double x[2] = {one, (2 * B - others) / others};
			double a = A[ONE] * one + A[OTHERS] * others * x[OTHERS];
			double w = (one > 0 ? plus : 1 - plus) *
			           gsl_ran_binomial_pdf((unsigned)B, plus, (unsigned)others);
			struct moments t;
			int status = average_fields(average, &certain, p->T, fabs(a), v, &t);
			if (status != GSL_SUCCESS)
				return status;
			add_atom(s, &t, w, a < 0 ? -1 : 1, x, others);
		}
	const double scale = 1 / sqrt(p->r * p->r * (1 + p->rho)); /* 1/sqrt R */
	for (int i = ONE; i <= OTHERS; i++) {
		s->f[i] *= scale;
		s->f_v[i] *= scale;
		s->f_A[i][ONE] *= scale;
		s->f_A[i][OTHERS] *= scale;
	}
	s->f[C] = fmax(s->f[C], 0); /* rounding, where it is 0 */
	s->a.n = (s->f[ONE] + others * s->f[OTHERS]) / p->M;
	return GSL_SUCCESS;
}

/* (U1): A_1, A_o and their derivatives by p_1, p_o. */
static void signals(const struct params *p, const double *x, double A[2], double A_p[2])
{
	for (int i = ONE; i <= OTHERS; i++) {
		double a = 0.5 * p->P * gsl_pow_int(x[i], p->P - 2) / (p->M * p->r * sqrt(1 + p->rho));
		A[i] = a * x[i];
		A_p[i] = (p->P - 1) * a;
	}
}

/* v and dv/dC with all of the load. */
static int width(const struct params *p, double susceptibility, double *v, double *v_C)
{
	const struct dense_noise noise = dense_noise(p);
	double W, W_C, S_C, S = dense_synapses(&noise, p->T, susceptibility, &S_C);
	int status = dense_width(&noise, p->T, susceptibility, &W, &W_C);
	*v = p->gamma * W + S;
	*v_C = p->gamma * W_C + S_C;
	return status;
}

/* The map (U2) at y, with y[SHARE] of the load, and its derivatives by all of y. */
static int map_at(struct average *average, const struct params *p, const double y[POINT], struct singled *s,
                  double jac[UNKNOWNS][POINT])
{
	double A[2], A_p[2], v, v_C;
	if (!(y[ONE] >= 0) || !(y[OTHERS] >= 0))
		return GSL_EDOM;
	signals(p, y, A, A_p);
	int status = width(p, y[C], &v, &v_C);
	if (status == GSL_SUCCESS)
		status = averages(average, p, A, y[SHARE] * v, s);
	for (int i = 0; i < UNKNOWNS && status == GSL_SUCCESS; i++) {
		jac[i][ONE] = s->f_A[i][ONE] * A_p[ONE];
		jac[i][OTHERS] = s->f_A[i][OTHERS] * A_p[OTHERS];
		jac[i][C] = s->f_v[i] * y[SHARE] * v_C;
		jac[i][SHARE] = s->f_v[i] * v;
	}
	return status;
}

static int size(const struct params *p)
{
	(void)p;
	return UNKNOWNS;
}

static int map(struct average *average, const struct params *p, const double *x, double *fx, double *jac)
{
	double y[POINT] = {x[ONE], x[OTHERS], x[C], 1}, J[UNKNOWNS][POINT];
	struct singled s;
	int status = map_at(average, p, y, &s, J);
	if (status != GSL_SUCCESS)
		return status;
	memcpy(fx, s.f, sizeof s.f);
	for (int i = 0; jac && i < UNKNOWNS; i++)
		memcpy(jac + i * UNKNOWNS, J[i], UNKNOWNS * sizeof *jac);
	return GSL_SUCCESS;
}

/* The equations as the solver of fixed points wants them. */
static const struct equations equations = {.size = size, .map = map};

/* ---------------------------------------------------------------- the curve */

/* One Newton step of f(y) = y with y[fixed] kept, or (error null) the tangent with unit component `fixed`:
 * into d. */
static int curve_step(struct average *average, const struct params *p, const double y[POINT], int fixed,
                      double d[POINT], double *error)
{
	double J[UNKNOWNS][POINT], a[POINT * POINT] = {0};
	struct singled s;
	int status = map_at(average, p, y, &s, J);
	if (status != GSL_SUCCESS)
		return status;
	for (int i = 0; i < UNKNOWNS; i++) {
		d[i] = error ? s.f[i] - y[i] : 0;
		for (int k = 0; k < POINT; k++)
			a[i * POINT + k] = (i == k) - J[i][k];
	}
	a[UNKNOWNS * POINT + fixed] = 1;
	d[UNKNOWNS] = error ? 0 : 1;
	if (error)
		*error = fmax(fabs(d[ONE]), fmax(fabs(d[OTHERS]), fabs(d[C])));
	return linear_solve(a, d, POINT) != 0 && isfinite(d[ONE] + d[OTHERS] + d[C] + d[SHARE]) ? GSL_SUCCESS
	                                                                                      : GSL_EFAILED;
}

static int curve_correct(struct average *average, const struct params *p, double y[POINT], int fixed)
{
	double d[POINT], error;
	for (int i = 0; i < 12; i++) {
		if (curve_step(average, p, y, fixed, d, &error) != GSL_SUCCESS)
			return GSL_EFAILED;
		if (error < 1e-11)
			return GSL_SUCCESS;
		for (int k = 0; k < POINT; k++)
			y[k] += d[k];
	}
	return GSL_EFAILED;
}

/* Tangent in the direction of `last`, its largest component, in units of the size of y, being 1. */
static int curve_tangent(struct average *average, const struct params *p, const double y[POINT], int *fixed,
                         double last[POINT])
{
	double d[POINT], most = 0, along = 0;
	if (curve_step(average, p, y, *fixed, d, NULL) != GSL_SUCCESS)
		return GSL_EFAILED;
	for (int k = 0; k < POINT; k++) {
		double scale = k == C ? fmax(y[C], 0.1) : 1;
		along += d[k] * last[k];
		if (fabs(d[k]) > most * scale) {
			most = fabs(d[k]) / scale;
			*fixed = k;
		}
	}
	for (int k = 0; k < POINT; k++)
		last[k] = d[k] / copysign(most, along);
	return GSL_SUCCESS;
}

/* From the state without load to that at p, or to the end of the branch. */
static enum status follow(struct average *average, const struct params *p, double y[POINT])
{
	double direction[POINT] = {[SHARE] = 1}, step = 0.05;
	int fixed = SHARE;
	while (y[SHARE] < 1) {
		double next[POINT], turn[POINT];
		int along = fixed;
		if (step < 1e-9)
			return NONE; /* within rounding of the end */
		memcpy(turn, direction, sizeof turn);
		if (curve_tangent(average, p, y, &along, turn) != GSL_SUCCESS)
			return NOT_CONVERGED;
		if (turn[SHARE] <= 0 || y[ONE] - y[OTHERS] < APART)
			return NONE;
		double h = fmin(step, (1 - y[SHARE]) / turn[SHARE]);
		for (int k = 0; k < POINT; k++)
			next[k] = y[k] + h * turn[k];
		double check[POINT];
		memcpy(check, turn, sizeof check);
		int there = along;
		if (curve_correct(average, p, next, along) != GSL_SUCCESS ||
		    curve_tangent(average, p, next, &there, check) != GSL_SUCCESS ||
		    (check[SHARE] <= 0 && y[SHARE] + 2 * h > 1 && h > 1e-8)) {
			step = h / 4;
			continue;
		}
		memcpy(y, next, sizeof next);
		memcpy(direction, turn, sizeof turn);
		fixed = along;
		if (1 - y[SHARE] < 1e-12)
			break;
		step = fmin(2 * step, 0.1);
	}
	return CONVERGED;
}

/* ---------------------------------------------------------------- the state */

static int apart(const struct newton_solution *s)
{
	return s->x[ONE] - s->x[OTHERS] > APART && s->det > 0;
}

/* s = eta^1. */
static void aligned(const struct params *p, double x[UNKNOWNS])
{
	double scale = 1 / (p->r * sqrt(1 + p->rho));
	x[ONE] = scale;
	x[OTHERS] = scale * p->r * p->r;
	x[C] = 0;
}

/* Without load, by iteration: a decrease of the energy. */
static enum status without_load(struct average *average, const struct params *p, double y[POINT])
{
	double J[UNKNOWNS][POINT], change = 1;
	struct singled s;
	aligned(p, y);
	y[SHARE] = 0;
	for (int i = 0; i < 20000 && change > 1e-13; i++) {
		if (map_at(average, p, y, &s, J) != GSL_SUCCESS)
			return NOT_CONVERGED;
		change = fabs(s.f[ONE] - y[ONE]) + fabs(s.f[OTHERS] - y[OTHERS]);
		memcpy(y, s.f, sizeof s.f);
		if (y[ONE] - y[OTHERS] < APART)
			return NONE;
	}
	return isfinite(y[C]) ? CONVERGED : NOT_CONVERGED;
}

enum status dense_example(struct average *average, const struct params *p, double tolerance,
                          struct newton_solution *s)
{
	double y[POINT];
	if (p->learning != UNSUPERVISED || !(p->M > 1) || p->rho == 0)
		return NONE;
	if (s->x[ONE] > 0 && newton_solve(s, &equations, average, p, tolerance, 8) == GSL_SUCCESS && apart(s))
		return CONVERGED;
	*s = (struct newton_solution){0};
	aligned(p, s->x);
	newton_iterate(s, &equations, average, p, tolerance, 30);
	if (p->T == 0 && p->gamma == 0 && p->own[DENSE_OMEGA] == 0)
		s->det = 1; /* frozen: an iteration is exact */
	else if (newton_solve(s, &equations, average, p, tolerance, 40) != GSL_SUCCESS)
		s->det = 0;
	if (s->residual <= tolerance && apart(s))
		return CONVERGED;
	enum status status = without_load(average, p, y);
	if (status == CONVERGED)
		status = follow(average, p, y);
	if (status != CONVERGED)
		return status;
	memcpy(s->x, y, sizeof *y * UNKNOWNS);
	status = newton_solve(s, &equations, average, p, tolerance, 40) == GSL_SUCCESS ? CONVERGED
	                                                                               : NOT_CONVERGED;
	return s->x[ONE] - s->x[OTHERS] > APART ? status : NONE;
}

int dense_example_report(struct average *average, const struct params *p, const double *x,
                         struct dense_report *out)
{
	double y[POINT] = {x[ONE], x[OTHERS], x[C], 1}, J[UNKNOWNS][POINT];
	struct singled s;
	int status = map_at(average, p, y, &s, J);
	if (status != GSL_SUCCESS)
		return status;
	/* (U3) */
	double power = (gsl_pow_int(x[ONE], p->P) + (p->M - 1) * gsl_pow_int(x[OTHERS], p->P)) / p->M;
	dense_report_of(out, p, power, x[C], &s.a);
	return GSL_SUCCESS;
}

int dense_example_stability(struct average *average, const struct params *p, const double *x, int one,
                            double *value)
{
	double y[POINT] = {x[ONE], x[OTHERS], x[C], 1}, J[UNKNOWNS][POINT], A[2], A_p[2];
	struct singled s;
	*value = GSL_NAN;
	if (p->learning != UNSUPERVISED || p->rho == 0 || p->M < (one ? 3 : 2))
		return GSL_SUCCESS;
	int status = map_at(average, p, y, &s, J);
	signals(p, y, A, A_p);
	if (status == GSL_SUCCESS) /* equal examples: x_1 is as good as any */
		*value = A_p[OTHERS] / (p->r * sqrt(1 + p->rho)) *
		         (s.f[C] -
		          (one ? s.pairs : s.f_A[ONE][OTHERS] / (p->M - 1) * p->r * sqrt(1 + p->rho)));
	return status;
}
