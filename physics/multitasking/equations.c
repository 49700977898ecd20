/* Solutions of the multitasking network: map and free energy (M1)-(M4), (M11)-(M14), descent from a start,
 * and the label of a solution.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitasking/network.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "physics/numerics/linear.h"
#include "physics/numerics/roots.h"

enum {
	MAX_ITERATIONS = 400,
	SHORTEST = 3 /* how often a step is shortened */
};

static const double TRUST = 0.3;  /* longest Newton step in any overlap */
static const double CLOSE = 1e-6; /* a Newton step shorter than this fraction of the overlaps is the last */
static const double ROUNDING =
	2e-15; /* relative, of the map; over the lowest eigenvalue that of the overlaps */
static const double UNRESOLVED = 1e-2; /* relative accuracy of overlaps that are meaningless */
static const double GLASSY = 1e-6;     /* q of a glass */
/* eigenvalues below this mean a saddle; between this and 0, rounding */
static const double UNSTABLE = -2e-14;

struct mt_point mt_point(const struct params *p)
{
	struct mt_point pt = {.extensive = p->K == 0,
	                      .learning = p->learning,
	                      .T = p->T,
	                      .d = p->own[MT_D],
	                      .M = p->M,
	                      .r = p->r,
	                      .rho = p->rho,
	                      .gamma = p->gamma,
	                      .c = (1 - p->own[MT_D]) * (1 + p->rho)};
	pt.n = pt.extensive ? (int)p->own[MT_L] : p->K;
	if (p->rho == 0) /* r = 1: nothing to average */
		pt.M = 0;
	return pt;
}

/* ---------------------------------------------------------------- the equations */

/* Eigenvalues lambda of the correlations among the stored vectors of one pattern, and how often: (M13). */
static int modes(const struct mt_point *pt, double lambda[2], double times[2])
{
	lambda[0] = times[0] = 1;
	if (pt->learning != UNSUPERVISED || pt->rho == 0)
		return 1;
	lambda[1] = pt->rho / (1 + pt->rho);
	times[1] = pt->M - 1;
	return 2;
}

int mt_noise(const struct mt_point *pt, double C, double *v, double *slope)
{
	double lambda[2], times[2], q = 1 - pt->T * C;
	int n = modes(pt, lambda, times);
	*v = *slope = 0;
	if (!pt->extensive)
		return GSL_SUCCESS;
	if (!(C >= 0 && C < 1))
		return GSL_EDOM;
	for (int i = 0; i < n; i++) {
		double l = lambda[i], g = 1 / (1 - l * C), k = pt->gamma * times[i] * l * l * g * g;
		*v += k * q;
		*slope += k * (2 * l * g * q - pt->T);
	}
	*v = fmax(*v, 0);
	return GSL_SUCCESS;
}

double mt_replicon(const struct mt_point *pt, double C)
{
	double lambda[2], times[2], sum = 0;
	int n = modes(pt, lambda, times);
	for (int i = 0; i < n; i++)
		sum += pt->gamma * times[i] * gsl_pow_2(lambda[i] / (1 - lambda[i] * C));
	return sum;
}

static int average_at(struct average *average, const struct mt_point *pt, const double *x,
                      enum mt_order order, struct mt_moments *a, double *slope)
{
	double v;
	int status = mt_noise(pt, pt->extensive ? x[pt->n] : 0, &v, slope);
	return status == GSL_SUCCESS ? mt_average(average, pt, x, v, order, a) : status;
}

int mt_map(struct average *average, const struct mt_point *pt, const double *x, double *fx, double *jac)
{
	struct mt_moments a;
	int n = pt->n, size = mt_size(pt);
	double slope;
	int status = average_at(average, pt, x, jac ? MT_SLOPE : MT_VALUE, &a, &slope);
	if (status != GSL_SUCCESS)
		return status;
	for (int i = 0; fx && i < n; i++)
		fx[i] = a.t[i] / pt->c;
	if (fx && pt->extensive)
		fx[n] = a.C;
	for (int i = 0; jac && i < n; i++) {
		for (int j = 0; j < n; j++)
			jac[i * size + j] = a.chi[i * n + j] / pt->c;
		if (pt->extensive) {
			jac[i * size + n] = 0.5 * a.C_p[i] * slope / pt->c;
			jac[n * size + i] = a.C_p[i];
		}
	}
	if (jac && pt->extensive)
		jac[n * size + n] = a.C_v * slope;
	return GSL_SUCCESS;
}

/* (M2), (M12) from known averages. */
static double free_energy(const struct mt_point *pt, const double *x, const struct mt_moments *a)
{
	double squares = 0, lambda[2], times[2], v, slope;
	for (int i = 0; i < pt->n; i++)
		squares += x[i] * x[i];
	double f = 0.5 * pt->c * squares - a->logcosh;
	if (!pt->extensive)
		return f;
	double C = x[pt->n], q = 1 - pt->T * C;
	int n = modes(pt, lambda, times);
	for (int i = 0; i < n; i++)
		f += 0.5 * pt->gamma * times[i] *
		     (pt->T * log1p(-lambda[i] * C) - lambda[i] * q / (1 - lambda[i] * C));
	mt_noise(pt, C, &v, &slope);
	return f + 0.5 * v * C;
}

int mt_free_energy(struct average *average, const struct mt_point *pt, const double *x, double *f)
{
	struct mt_moments a;
	double slope;
	int status = average_at(average, pt, x, MT_VALUE, &a, &slope);
	if (status == GSL_SUCCESS)
		*f = free_energy(pt, x, &a);
	return status;
}

double mt_energy(const struct mt_point *pt, const double *x)
{
	double u = 0, lambda[2], times[2];
	for (int i = 0; i < pt->n; i++)
		u -= 0.5 * pt->c * x[i] * x[i];
	int n = pt->extensive ? modes(pt, lambda, times) : 0;
	for (int i = 0; i < n; i++) {
		double C = x[pt->n], q = 1 - pt->T * C, l = lambda[i], g = 1 / (1 - l * C);
		u -= 0.5 * pt->gamma * times[i] * l * g * (pt->T * C + q * g);
	}
	return u;
}

/* Hessian over c, (M4); at extensive load C eliminated, (M15). */
static void hessian(const struct mt_point *pt, const struct mt_moments *a, double slope, double *A)
{
	int n = pt->n;
	double feedback = pt->extensive ? 0.5 * slope / (1 - a->C_v * slope) : 0, scale = 1 / pt->c;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			A[i * n + j] =
				(i == j) - scale * (a->chi[i * n + j] + feedback * a->C_p[i] * a->C_p[j]);
}

/* ---------------------------------------------------------------- descent */

/* A Newton step where the Hessian is positive; elsewhere unstable directions are followed downhill
 * (eigenvalues are replaced by their absolute values).  At T = 0 with discrete fields this is a step of the
 * map. */
static int newton_step(const struct mt_point *pt, const struct mt_moments *a, double slope, const double *x,
                       const double *fx, double *dx)
{
	int n = pt->n;
	double A[MT_MAX * MT_MAX], V[MT_MAX * MT_MAX], value[MT_MAX], b[MT_MAX] = {0}, own = 1;
	hessian(pt, a, slope, A);
	if (pt->extensive)
		own = 1 - a->C_v * slope;
	for (int i = 0; i < n; i++)
		b[i] = fx[i] - x[i] +
		       (pt->extensive ? 0.5 * a->C_p[i] * slope / pt->c * (fx[n] - x[n]) / own : 0);
	if (!linear_solve_positive(n, A, b, dx)) {
		int status = linear_eigen(n, A, value, V);
		if (status != GSL_SUCCESS)
			return status;
		for (int i = 0; i < n; i++)
			dx[i] = 0;
		for (int k = 0; k < n; k++) {
			double along = 0;
			for (int i = 0; i < n; i++)
				along += V[i * n + k] * b[i];
			along /= fmax(fabs(value[k]), 1e-6);
			for (int i = 0; i < n; i++)
				dx[i] += V[i * n + k] * along;
		}
	}
	double longest = 0;
	for (int i = 0; i < n; i++)
		longest = fmax(longest, fabs(dx[i]));
	if (longest > TRUST && (pt->T > 0 || a->C > 0))
		for (int i = 0; i < n; i++)
			dx[i] *= TRUST / longest;
	if (pt->extensive) {
		dx[n] = fx[n] - x[n];
		for (int i = 0; i < n; i++)
			dx[n] += a->C_p[i] * dx[i];
		dx[n] /= own;
	}
	return GSL_SUCCESS;
}

/* x + dx, with C kept inside its domain. */
static void step_to(const struct mt_point *pt, const double *x, const double *dx, double *y)
{
	int n = pt->n;
	for (int i = 0; i < n; i++)
		y[i] = x[i] + dx[i];
	if (pt->extensive) {
		double top = pt->T > 1 ? 1 / pt->T : 1;
		y[n] = x[n] + dx[n];
		if (!(y[n] >= 0))
			y[n] = 0.5 * x[n];
		if (!(y[n] < top))
			y[n] = fmin(0.5 * (x[n] + top), top);
	}
}

static double distance(int size, const double *x, const double *y)
{
	double max = 0;
	for (int i = 0; i < size; i++)
		max = isfinite(x[i] - y[i]) ? fmax(max, fabs(x[i] - y[i])) : INFINITY;
	return max;
}

static double largest(int n, const double *x)
{
	double max = 0;
	for (int i = 0; i < n; i++)
		max = fmax(max, fabs(x[i]));
	return max;
}

/* From x to a fixed point, in place: Newton steps, shortened until they lower the free energy (at extensive
 * load, where it is not a minimum: the residual), and steps of the map where that fails.  Near a critical
 * point a small residual is not sufficient: the step must be small too. */
static int settle(struct average *average, const struct mt_point *pt, double tolerance, double *x,
                  int *iterations)
{
	int size = mt_size(pt), n = pt->n, shortened = SHORTEST;
	double old[MT_UNKNOWNS], dx[MT_UNKNOWNS], map[MT_UNKNOWNS], old_merit = INFINITY;
	for (int tries = 0; tries < MAX_ITERATIONS; tries++) {
		double fx[MT_UNKNOWNS], slope;
		struct mt_moments a;
		int status = average_at(average, pt, x, MT_SLOPE, &a, &slope);
		if (status != GSL_SUCCESS)
			return status;
		++*iterations;
		for (int i = 0; i < n; i++)
			fx[i] = a.t[i] / pt->c;
		if (pt->extensive)
			fx[n] = a.C;
		double residual = distance(size, fx, x), scale = largest(size, x);
		double merit = pt->extensive ? residual : free_energy(pt, x, &a);
		if (shortened < SHORTEST && !(merit <= old_merit + 1e-14 * (1 + fabs(merit)))) {
			shortened++;
			for (int i = 0; i < size; i++)
				dx[i] = shortened < SHORTEST ? 0.3 * dx[i] : map[i];
			step_to(pt, old, dx, x);
			continue;
		}
		if (residual <= ROUNDING * scale)
			return GSL_SUCCESS;
		memcpy(old, x, sizeof old);
		for (int i = 0; i < size; i++)
			map[i] = fx[i] - x[i];
		old_merit = merit;
		shortened = 0;
		if ((status = newton_step(pt, &a, slope, x, fx, dx)) != GSL_SUCCESS)
			return status;
		step_to(pt, old, dx, x);
		double step = largest(size, dx);
		if ((step <= CLOSE * scale && residual <= CLOSE * scale) ||
		    (step <= 1e-4 * scale && residual <= tolerance)) /* the caller checks again */
			return GSL_SUCCESS;
	}
	return GSL_EMAXITER;
}

static int larger_first(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x < y) - (x > y);
}

/* Replaces x by the representative of its equivalent signs and permutations. */
static void canonical(const struct mt_point *pt, double *x)
{
	for (int i = 0; i < pt->n; i++)
		x[i] = fabs(x[i]);
	qsort(x, (size_t)pt->n, sizeof *x, larger_first);
}

/* Makes overlaps that are 0 or equal within their accuracy exactly so. */
static void tidy(const struct mt_point *pt, struct mt_solution *s)
{
	double same = 10 * s->accuracy, *x = s->x;
	for (int i = 0, j; i < pt->n; i = j) {
		double sum = x[i];
		for (j = i + 1; j < pt->n && x[j - 1] - x[j] <= same; j++)
			sum += x[j];
		double common = x[j - 1] <= same ? 0 : sum / (j - i);
		for (int k = i; k < j; k++)
			x[k] = common;
	}
}

/* Returns the accuracy of overlaps of this size: the rounding of the map over the lowest eigenvalue lambda;
 * if that vanishes, as on a critical line, the cubic term of the map limits it. */
static double rounding(double lambda, double scale)
{
	return scale > 0 ? scale * fmin(ROUNDING / fmax(lambda, 0), cbrt(ROUNDING / (scale * scale))) : 0;
}

/* Free energy, residual, accuracy and eigenvalues at out->x; `direction`: the eigenvector of the lowest. */
static int examine(struct average *average, const struct mt_point *pt, struct mt_solution *out,
                   double *direction)
{
	double A[MT_MAX * MT_MAX], V[MT_MAX * MT_MAX], fx[MT_UNKNOWNS], dx[MT_UNKNOWNS], slope;
	struct mt_moments a;
	int n = pt->n, status = average_at(average, pt, out->x, MT_SLOPE, &a, &slope);
	if (status != GSL_SUCCESS)
		return status;
	for (int i = 0; i < n; i++)
		fx[i] = a.t[i] / pt->c;
	fx[n] = pt->extensive ? a.C : 0;
	double scale = largest(mt_size(pt), out->x);
	out->f = free_energy(pt, out->x, &a);
	out->residual = distance(mt_size(pt), fx, out->x);
	out->accuracy = ROUNDING * scale;
	if (a.tie > 0) { /* any direction that breaks the tie leads downhill; choose one without symmetry */
		for (int i = 0; i < n; i++) {
			out->eigenvalue[i] = -INFINITY;
			direction[i] = 0.5 / pow(i + 1, 1.3);
		}
		return GSL_SUCCESS;
	}
	if ((status = newton_step(pt, &a, slope, out->x, fx, dx)) != GSL_SUCCESS)
		return status;
	hessian(pt, &a, slope, A);
	if (linear_solve_positive(n, A, dx, direction)) { /* stable: the values are sufficient */
		status = linear_eigen(n, A, out->eigenvalue, NULL);
	} else {
		status = linear_eigen(n, A, out->eigenvalue, V);
		for (int i = 0; i < n; i++)
			direction[i] = V[i * n];
	}
	out->accuracy = 2 * largest(mt_size(pt), dx) + rounding(out->eigenvalue[0], scale);
	return status;
}

int mt_descend(struct average *average, const struct mt_point *pt, double tolerance, const double *start,
               struct mt_solution *out)
{
	int size = mt_size(pt), n = pt->n, status;
	double direction[MT_MAX];
	memcpy(out->x, start, (size_t)size * sizeof *start);
	if (pt->T >= 1 && !pt->extensive) /* the free energy is convex, (M4) */
		memset(out->x, 0, sizeof out->x);
	out->iterations = 0;
	for (int escapes = 0; escapes <= 3 * n; escapes++) {
		if ((status = settle(average, pt, tolerance, out->x, &out->iterations)) != GSL_SUCCESS)
			return status;
		canonical(pt, out->x);
		if ((status = examine(average, pt, out, direction)) != GSL_SUCCESS)
			return status;
		if (out->residual > tolerance || out->accuracy > UNRESOLVED * largest(size, out->x))
			continue;
		if (out->eigenvalue[0] >= UNSTABLE) {
			tidy(pt, out);
			return GSL_SUCCESS;
		}
		double lambda = out->eigenvalue[0], away = lambda > -1 ? 0.5 * sqrt(-lambda) : 0.02;
		for (int i = 0; i < n; i++)
			out->x[i] += away * direction[i] / (1 + escapes / n);
	}
	return GSL_EMAXITER;
}

/* The map is increasing along (1, ..., 1) and maps 1 below itself, so that its iterates from 1 decrease to
 * the largest fixed point; Newton steps are taken inside the bracket that they leave. */
int mt_symmetric(struct average *average, const struct mt_point *pt, double *p)
{
	struct roots_bracket bracket = {0, 1};
	*p = 1;
	if (pt->T >= 1) {
		*p = 0;
		return GSL_SUCCESS;
	}
	for (int tries = 0; tries < MAX_ITERATIONS; tries++) {
		double x[MT_MAX], slope = 0;
		struct mt_moments a;
		for (int i = 0; i < pt->n; i++)
			x[i] = *p;
		int status = mt_average(average, pt, x, 0, MT_SLOPE, &a);
		if (status != GSL_SUCCESS)
			return status;
		for (int i = 0; i < pt->n; i++)
			slope += a.chi[i] / pt->c;
		double excess = a.t[0] / pt->c - *p, next;
		const int inside = roots_newton(&bracket, *p, excess, slope - 1, &next);
		if (fabs(excess) < 1e-14 * *p || bracket.high - bracket.low < 1e-15 * *p)
			return GSL_SUCCESS;
		if (!inside)
			next = excess < 0 ? *p + excess : 0.5 * (bracket.low + bracket.high);
		*p = next;
	}
	return GSL_EMAXITER;
}

enum mt_phase mt_phase(const struct mt_point *pt, const double *x)
{
	int n = pt->n, on = 0, distinct = 1, dominant = 1;
	while (on < n && x[on] > 0)
		on++;
	if (on == 0)
		return pt->extensive && 1 - pt->T * x[n] > GLASSY ? MT_GLASS : MT_ERGODIC;
	if (on == 1)
		return MT_PURE;
	if (on == n && x[0] == x[n - 1])
		return MT_PARALLEL;
	double tail = 0;
	for (int k = on - 1; k >= 0; k--) {
		distinct = distinct && (k == on - 1 || x[k] > x[k + 1]);
		dominant = dominant && x[k] > tail;
		tail += x[k];
	}
	return distinct && dominant ? MT_HIERARCHICAL : MT_MIXED;
}
