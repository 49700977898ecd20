/* The one-step glass without retrieval, n = q0 = 0: THEORY.md (R8) to (R12).  Units of gamma = 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/one_step.h"
#include "physics/numerics/roots.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>

/* At x = 1 the averages are those of a field v + sqrt(v) z.  By symmetry they become averages over sqrt(v)
 * z of even functions that decay like exp(-|h|), for which the trapezoid of this step is exact to rounding
 * if v > 1. */
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

int one_step_glass_transitions(int P, double *T_d, double *T_s, double *q_d, double *q_s)
{
	if (P < 3)
		return GSL_EDOM;
	double last = 2 * M_LN2 * P, v_d, v_s; /* the complexity is <= ln 2 - v/(2P) */
	int status = roots_brent(&v_d, fold, &P, 1, last);
	if (status == GSL_SUCCESS)
		status = roots_brent(&v_s, complexity, &P, v_d, last);
	if (status != GSL_SUCCESS)
		return status;
	transition(T_d, q_d, P, v_d);
	transition(T_s, q_s, P, v_s);
	return GSL_SUCCESS;
}

/* Equations (R11) of ln C and mu, and their Jacobian; the derivatives by V1 are differences. */
static void equations(struct rsb *w, struct one_step_centre *a, int P, double t, const double y[2],
                      double f[2], double J[2][2])
{
	double C = exp(y[0]), mu = y[1], q = 1 - t * C, V = P / 2.0 * pow(q, P - 1), d = 1e-5 * V,
	       k = (P - 1) / 4.0;
	double dV = -t * C * P / 2.0 * (P - 1) * pow(q, P - 2);
	struct one_step_centre up, down;
	one_step_centre(w, &up, t, V + d, mu);
	one_step_centre(w, &down, t, V - d, mu);
	one_step_centre(w, a, t, V, mu);
	f[0] = log(a->s / C);
	f[1] = (a->L - a->phi) / mu - k * pow(q, P);
	J[0][0] = (up.s - down.s) / (2 * d * a->s) * dV - 1;
	J[0][1] = a->Ls / a->s - a->L;
	J[1][0] = (up.L - down.L - (up.phi - down.phi)) / (2 * d * mu) * dV + k * P * t * C * pow(q, P - 1);
	J[1][1] = (a->L2 - a->L * a->L - 2 * (a->L - a->phi) / mu) / mu;
}

/* x < 1: Newton from x = 1.6 T, which is near at all P and T. */
static int extremal(struct rsb *w, struct one_step_solution *s, int P, double t)
{
	double y[2], f[2], J[2][2], step = 1;
	struct one_step_centre a;
	y[1] = 1.6;
	one_step_centre(w, &a, t, P / 2.0, y[1]);
	y[0] = log(a.s);
	for (s->iterations = 0; step > 1e-8 && s->iterations < 50; s->iterations++) {
		equations(w, &a, P, t, y, f, J);
		double det = J[0][0] * J[1][1] - J[0][1] * J[1][0];
		double dlnC = -(J[1][1] * f[0] - J[0][1] * f[1]) / det,
		       dmu = -(J[0][0] * f[1] - J[1][0] * f[0]) / det;
		step = fmax(fabs(dlnC) / (1 + fabs(y[0])), fabs(dmu) / y[1]);
		double scale = fmin(1, 0.3 / step);
		y[0] += scale * dlnC;
		y[1] += scale * dmu;
		if (!(y[1] > 0 && t * exp(y[0]) < 1 && isfinite(step)))
			return GSL_EFAILED;
	}
	equations(w, &a, P, t, y, f, J);
	s->C = exp(y[0]);
	s->mu = y[1];
	s->residual = fmax(fabs(f[0]), fabs(f[1]));
	double q = 1 - t * s->C;
	s->free_energy =
		-a.phi - t * s->C * s->C / 4 * one_step_noise(q, P) + (P - 1) / 4.0 * s->mu * pow(q, P);
	s->gardner = P * (P - 1) / 2.0 * pow(q, P - 2) * a.sech4 / t;
	return s->residual < 1e-12 * P ? GSL_SUCCESS : GSL_EFAILED;
}

/* (R8) less the given T: decreasing above v_d. */
struct temperature {
	int P;
	double t;
};

static double colder(double v, void *params)
{
	struct temperature *p = params;
	double T;
	transition(&T, NULL, p->P, v);
	return T - p->t;
}

/* x = 1: the larger of the two overlaps at this temperature. */
static int threshold(struct one_step_solution *s, int P, double t)
{
	double v, v_d, last = 2 * M_LN2 * P;
	struct temperature p = {P, t};
	int status = roots_brent(&v_d, fold, &P, 1, last);
	if (status == GSL_SUCCESS && colder(v_d, &p) <= 0)
		return GSL_EDOM;
	if (status == GSL_SUCCESS)
		status = colder(1.01 * last, &p) < 0 ? roots_brent(&v, colder, &p, v_d, 1.01 * last)
		                                     : GSL_EFAILED;
	if (status != GSL_SUCCESS)
		return status;
	struct unit a;
	unit_average(&a, v);
	s->C = a.p / t;
	s->mu = 1 / t;
	s->x = 1;
	s->residual = fabs(colder(v, &p));
	s->free_energy = -t * M_LN2 - 1 / (4 * t);
	s->complexity = complexity(v, &P);
	s->gardner = (P - 1) * v / (1 - a.p) * a.dq;
	return GSL_SUCCESS;
}

int one_step_glass(struct rsb *w, struct one_step_solution *s, int P, double t)
{
	if (P < 3 || !(t >= 0))
		return GSL_EDOM;
	*s = (struct one_step_solution){.status = CONVERGED};
	int status = t < 0.66 ? extremal(w, s, P, t) : GSL_EFAILED;
	if (status != GSL_SUCCESS || s->mu * t > 1)
		status = threshold(s, P, t);
	if (status != GSL_SUCCESS) {
		one_step_nothing(s, status == GSL_EDOM ? NONE : NOT_CONVERGED);
		return GSL_SUCCESS;
	}
	s->q1 = 1 - t * s->C;
	if (s->x != 1)
		s->x = s->mu * t;
	s->energy = t > 0 ? expm1(P * log1p(-t * s->C)) / (2 * t) : -P * s->C / 2;
	s->energy -= s->mu / 2 * pow(s->q1, P);
	return GSL_SUCCESS;
}
