/* The one-step glass without retrieval, n = q0 = 0: THEORY.md (R8) to (R12).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/rsb.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_roots.h>
#include <math.h>

/* At x = 1 the averages are those of a field v + sqrt(v) z.  By symmetry they become averages over sqrt(v) z of
 * even functions that decay like exp(-|h|), for which the trapezoid of this step is exact to rounding if v > 1. */
struct unit {
	double p;  /* 1 - q = E sech^2 */
	double dq; /* dq/dv = E sech^4 */
	double l;  /* E ln(1 + exp(-2 h)) */
};

static void unit_average(struct unit *a, double v)
{
	const double step = 0.2;
	*a = (struct unit){0};
	for (int i = 0; i <= 200; i++) {
		double h = step * i;
		double e = exp(-h), e2 = e * e, sech = 2 * e / (1 + e2);
		double w = exp(-h * h / (2 * v)) * (h > 0 ? 2 : 1);
		a->p += w * sech;
		a->dq += w * sech * sech * sech;
		a->l += w * (log1p(e2) / sech + h * e);
	}
	double scale = exp(-v / 2) * step / sqrt(2 * M_PI * v);
	a->p *= scale;
	a->dq *= scale;
	a->l *= scale;
}

/* (R9): positive below the maximum of T(v), negative above. */
static double fold(double v, void *P)
{
	struct unit a;
	unit_average(&a, v);
	return (*(int *)P - 1) * v * a.dq - (1 - a.p);
}

/* (R10): the complexity at x = 1; its derivative is fold/(2 P). */
static double complexity(double v, void *P)
{
	struct unit a;
	unit_average(&a, v);
	double k = 1.0 / *(int *)P;
	return M_LN2 - v / 2 * (k + a.p * (1 - k)) - a.l;
}

static int root(double *v, double (*function)(double, void *), int *P, double lower, double upper)
{
	gsl_root_fsolver *s = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
	if (!s)
		return GSL_ENOMEM;
	gsl_function f = {function, P};
	int status = gsl_root_fsolver_set(s, &f, lower, upper);
	for (int i = 0; status == GSL_SUCCESS && i < 100; i++) {
		status = gsl_root_fsolver_iterate(s);
		lower = gsl_root_fsolver_x_lower(s);
		upper = gsl_root_fsolver_x_upper(s);
		if (gsl_root_test_interval(lower, upper, 0, 1e-15) == GSL_SUCCESS)
			break;
	}
	*v = gsl_root_fsolver_root(s);
	gsl_root_fsolver_free(s);
	return status;
}

/* (R8): T^2 = (P/2) q^(P-1)/v. */
static void transition(double *T, double *q, int P, double v)
{
	struct unit a;
	unit_average(&a, v);
	if (T)
		*T = sqrt(P / (2 * v)) * exp((P - 1) / 2.0 * log1p(-a.p));
	if (q)
		*q = 1 - a.p;
}

int rsb_glass_transitions(int P, double *T_d, double *T_s, double *q_d, double *q_s)
{
	if (P < 3)
		return GSL_EDOM;
	double last = 2 * M_LN2 * P, v_d, v_s; /* the complexity is <= ln 2 - v/(2P) */
	int status = root(&v_d, fold, &P, 1, last);
	if (status == GSL_SUCCESS)
		status = root(&v_s, complexity, &P, v_d, last);
	if (status != GSL_SUCCESS)
		return status;
	transition(T_d, q_d, P, v_d);
	transition(T_s, q_s, P, v_s);
	return GSL_SUCCESS;
}
