/* Retrieval with one-step replica symmetry breaking: equations, Newton, the spinodal.  THEORY.md (R1) to
 * (R3).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/one_step.h"
#include "physics/dense/equations.h"
#include "physics/numerics/linear.h"
#include "physics/numerics/newton.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <string.h>

/* A point of the space of solutions: the unknowns, and the load that enters the noise. */
enum { N, Q0, C, MU, GAMMA, POINT };
enum { EQUATIONS = 4 };

/* What is solved.  On the way from the anchor P may be any real number; gamma of params is not used. */
struct problem {
	double P;
	struct params p;
	int symmetric; /* q1 = q0: only the equations of n and q0 */
};

/* The load that makes the noise, (R14), where that of the patterns is gamma; and the reverse. */
static double load_of(const struct params *p, double gamma)
{
	struct dense_noise noise = dense_noise(p);
	noise.gamma = gamma;
	return dense_load(&noise);
}

static double gamma_of(const struct params *p, double load)
{
	const struct dense_noise noise = dense_noise(p);
	return (load - noise.synapses) / noise.g;
}

static double distance(const double z[POINT], double T) /* q1 - q0 */
{
	return 1 - T * z[C] - z[Q0];
}

static int inside(const double z[POINT], double T)
{
	return z[N] > 0 && z[N] <= 1 && z[Q0] > 0 && z[C] > 0 && distance(z, T) > 1e-5 && z[MU] > 0 &&
	       z[MU] * T < 1.5 && z[GAMMA] > 0;
}

static struct one_step_field field(const double z[POINT], double P, double T)
{
	double low = pow(z[Q0], P - 1), high = pow(1 - T * z[C], P - 1), V = z[GAMMA] * P / 2;
	return (struct one_step_field){P / 2 * pow(z[N], P - 1), V * low, V * (high - low), z[MU]};
}

/* The equations (R2) f = 0 and their Jacobian; that of mu divided by (q1 - q0)^2, or q1 = q0 would solve
 * it. */
static int equations(struct rsb *w, const struct problem *problem, const double z[POINT],
                     struct one_step_average *a, double f[EQUATIONS], double J[EQUATIONS][POINT])
{
	double P = problem->P, T = problem->p.T, mu = z[MU], q0 = z[Q0], q1 = 1 - T * z[C];
	if (problem->symmetric ? !(z[N] > 0 && z[Q0] > 0 && z[GAMMA] > 0) : !inside(z, T))
		return GSL_EDOM;
	struct one_step_field b = field(z, P, T);
	if (problem->symmetric)
		b.V1 = 0;
	int status = one_step_average(w, a, &problem->p, &b);
	if (status != GSL_SUCCESS)
		return status;
	double gap = (a->value[RSB_L] - a->value[RSB_PHI]) / mu, load = z[GAMMA] * (P - 1) / 4;
	f[0] = a->value[RSB_N] - z[N];
	f[1] = a->value[RSB_Q0] - q0;
	f[2] = a->value[RSB_S] - z[C];
	double slope_mu = load * (pow(q0, P) - pow(q1, P)) + gap, d = q1 - q0; /* slope is O(d^2) */
	f[3] = slope_mu / (d * d);
	double A_n = P / 2 * (P - 1) * pow(z[N], P - 2); /* of the fields */
	double V_q0 = 2 * load * P * pow(q0, P - 2), V_q1 = 2 * load * P * pow(q1, P - 2);
	for (int i = 0; i < EQUATIONS; i++) {
		double s[RSB_ARGUMENTS];
		for (int j = 0; j < RSB_ARGUMENTS; j++)
			s[j] = i < 3 ? a->slope[i][j] : (a->slope[RSB_L][j] - a->slope[RSB_PHI][j]) / mu;
		J[i][N] = s[RSB_A] * A_n;
		J[i][Q0] = (s[RSB_V0] - s[RSB_V1]) * V_q0;
		J[i][C] = -s[RSB_V1] * T * V_q1;
		J[i][MU] = s[RSB_MU];
		J[i][GAMMA] = (s[RSB_V0] * b.V0 + s[RSB_V1] * b.V1) / z[GAMMA];
	}
	J[0][N] -= 1;
	J[1][Q0] -= 1;
	J[2][C] -= 1;
	J[3][Q0] += load * P * pow(q0, P - 1);
	J[3][C] += load * P * T * pow(q1, P - 1);
	J[3][MU] -= gap / mu;
	J[3][GAMMA] += (slope_mu - gap) / z[GAMMA];
	for (int j = 0; j < POINT; j++)
		J[3][j] /= d * d;
	J[3][Q0] += 2 * f[3] / d;
	J[3][C] += 2 * f[3] * T / d;
	return GSL_SUCCESS;
}

static double norm(int size, const double f[EQUATIONS])
{
	double s = 0;
	for (int i = 0; i < size; i++)
		s = fmax(s, fabs(f[i]));
	return s;
}

/* A point with its equations. */
struct trial {
	double z[POINT], f[EQUATIONS], J[EQUATIONS][POINT];
	struct one_step_average a;
	int iterations;
};

/* What rounding leaves of the equations, that of mu being divided by (q1 - q0)^2; and what is a solution. */
static double rounding(const struct problem *p, const double z[POINT], int size)
{
	double far = size == EQUATIONS ? distance(z, p->p.T) : 1;
	return 4e-15 * (1 + 1 / (far * far));
}

static double enough(const struct problem *p, const double z[POINT], int size)
{
	return fmax(1e-9, 5 * rounding(p, z, size));
}

/* Equations and unknowns of a search, for newton.h; `next` is the last evaluation. */
struct unknowns {
	struct rsb *w;
	const struct problem *p;
	struct trial next;
	int size;
	const int *unknown;
};

static int evaluate(void *ctx, const double *x, double *f, double *jac)
{
	struct unknowns *at = ctx;
	struct trial *t = &at->next;
	for (int i = 0; i < at->size; i++)
		t->z[at->unknown[i]] = x[i];
	t->iterations++;
	int status = equations(at->w, at->p, t->z, &t->a, t->f, t->J);
	for (int i = 0; status == GSL_SUCCESS && i < at->size; i++) {
		f[i] = t->f[i];
		for (int j = 0; j < at->size; j++)
			jac[i * at->size + j] = t->J[i][at->unknown[j]];
	}
	return status;
}

/* Solves the first `size` equations from s by the damped Newton method. */
static int newton(struct rsb *w, const struct problem *p, struct trial *s, int size, const int unknown[])
{
	enum { STEPS = 25, TRIALS = 7 }; /* further halvings cost more than a nearer start */
	struct unknowns at = {w, p, *s, size, unknown};
	const struct newton_system system = {size, evaluate, &at};
	struct newton_solution x;
	struct newton_work work;
	for (int i = 0; i < size; i++)
		x.x[i] = s->z[unknown[i]];
	x.iterations = 0;
	if (newton_begin(&system, &x, &work) != GSL_SUCCESS)
		return GSL_EFAILED;
	at.next.iterations = s->iterations; /* the first evaluation does not count */
	*s = at.next;
	for (int i = 0; i < STEPS; i++) {
		const int good = x.residual < enough(p, s->z, size);
		if (newton_direction(&system, &x, &work) != GSL_SUCCESS)
			return GSL_EFAILED;
		if (newton_advance(&system, &x, &work, good ? 1 : TRIALS, 0) != GSL_SUCCESS) {
			s->iterations = at.next.iterations;
			return good ? GSL_SUCCESS : GSL_EFAILED;
		}
		*s = at.next;
		if (x.residual < rounding(p, s->z, size))
			break;
	}
	return x.residual < enough(p, s->z, size) ? GSL_SUCCESS : GSL_EFAILED;
}

/* Unknowns: along the branch at given n (the first 2: symmetric, 3: at given x); at given load; at x = 1. */
static const int along[] = {GAMMA, Q0, C, MU}, at_load[] = {N, Q0, C, MU}, at_unity[] = {N, Q0, C, GAMMA};

/* dz/dn along the branch at given T. */
static int tangent(const struct trial *s, int size, double dz[POINT])
{
	double d[EQUATIONS], A[EQUATIONS * EQUATIONS];
	memset(dz, 0, POINT * sizeof *dz);
	for (int i = 0; i < size; i++) {
		d[i] = -s->J[i][N];
		for (int j = 0; j < size; j++)
			A[i * size + j] = s->J[i][along[j]];
	}
	const int status = linear_solve(A, d, size) != 0 ? GSL_SUCCESS : GSL_ESING;
	for (int i = 0; i < size; i++)
		dz[along[i]] = d[i];
	dz[N] = 1;
	return status;
}

/* Moves s by dn along the branch. */
static int advance(struct rsb *w, const struct problem *p, struct trial *s, double dn)
{
	double dz[POINT];
	int size = p->symmetric ? 2 : EQUATIONS, status = tangent(s, size, dz);
	for (int i = 0; i < POINT; i++)
		s->z[i] += dn * dz[i];
	return status == GSL_SUCCESS ? newton(w, p, s, size, along) : status;
}

/* From a point near the branch to its maximum of gamma(n): secant on d gamma/dn. */
static int fold(struct rsb *w, const struct problem *p, struct trial *s)
{
	double dz[POINT], dn = 1e-4;
	int size = p->symmetric ? 2 : EQUATIONS, status = newton(w, p, s, size, along);
	if (status == GSL_SUCCESS)
		status = tangent(s, size, dz);
	for (int i = 0; status == GSL_SUCCESS && i < 20; i++) {
		double last = dz[GAMMA];
		status = advance(w, p, s, dn);
		if (status != GSL_SUCCESS || fabs(dn) < 1e-8)
			return status;
		status = tangent(s, size, dz);
		double curvature = (dz[GAMMA] - last) / dn;
		dn = curvature < 0 ? -dz[GAMMA] / curvature : copysign(0.02, dz[GAMMA]);
		dn = fmax(-0.05, fmin(0.05, dn));
	}
	return status == GSL_SUCCESS ? GSL_EMAXITER : status;
}

/* Interpolates between two problems: rho or r, T and ln P in proportion. */
static struct problem between(const struct problem *a, const struct problem *b, double t)
{
	struct problem c = *b;
	c.P = a->P * pow(b->P / a->P, t);
	c.p.T = a->p.T + t * (b->p.T - a->p.T);
	c.p.r = a->p.r + t * (b->p.r - a->p.r);
	c.p.rho = a->p.rho + t * (b->p.rho - a->p.rho);
	if (c.p.M > 0)
		c.p.rho = (1 - c.p.r * c.p.r) / (c.p.M * c.p.r * c.p.r);
	return c;
}

/* Follows the spinodal from problem a, where s is, to b, or to x > 1; on failure s is the last point
 * reached.  *T is its temperature. */
static int follow(struct rsb *w, const struct problem *a, const struct problem *b, struct trial *s, double *T)
{
	double h = 0.25, slope[POINT] = {0};
	for (double t = 0; t < 1 && s->z[MU] * *T <= 1;) {
		h = fmin(h, 1 - t);
		struct trial next = *s;
		struct problem p = between(a, b, t + h);
		for (int i = 0; i < POINT; i++)
			next.z[i] += h * slope[i];
		int status = fold(w, &p, &next);
		s->iterations = next.iterations;
		if (status != GSL_SUCCESS) {
			h /= 2;
			if (h < (distance(s->z, *T) < 0.01 ? 0.1 : 1e-3)) /* q1 = q0 is near */
				return status;
			continue;
		}
		for (int i = 0; i < POINT; i++)
			slope[i] = (next.z[i] - s->z[i]) / h;
		*s = next;
		*T = p.p.T;
		t = t + h < 1 ? t + h : 1;
		h *= 2;
	}
	return GSL_SUCCESS;
}

/* The spinodal of P = 4 without noise at T = 0, where every cold start begins. */
static const double anchor[POINT] = {0.8182772, 0.8377518, 0.0679625, 2.0287667, 0.45834347};

/* Closer than this to q1 = q0, where x is lost in rounding, or beyond x = 1, there is no separate branch. */
static int merged(const struct trial *s, double T)
{
	double closest = fmax(1e-4, fmin(1e-3, 0.1 * (1 - s->z[Q0])));
	return distance(s->z, T) < closest || s->z[MU] * T > 1 + 1e-12;
}

/* Follows the spinodal from problem a, where s is, to b.  GSL_EDOM: merged on the way. */
static int approach(struct rsb *w, const struct problem *a, const struct problem *b, struct trial *s)
{
	double T = a->p.T;
	int status = follow(w, a, b, s, &T), near = distance(s->z, T) < 0.02 || s->z[MU] * T > 0.9;
	return merged(s, T) || (status != GSL_SUCCESS && near) ? GSL_EDOM : status;
}

/* The end of the branch at T, from the anchor: first at T = 0, then in T. */
static int cold_spinodal(struct rsb *w, const struct problem *p, struct trial *s)
{
	struct problem origin = {4, p->p, 0}, zero = *p;
	origin.p.T = zero.p.T = 0;
	origin.p.r = 1;
	origin.p.rho = 0;
	memcpy(s->z, anchor, sizeof anchor);
	int status = approach(w, &origin, &zero, s);
	return status == GSL_SUCCESS && p->p.T > 0 ? approach(w, &zero, p, s) : status;
}

/* The same from a spinodal that is known at another temperature. */
static int warm_spinodal(struct rsb *w, const struct problem *p, const struct trial *known, double T,
                         struct trial *s)
{
	struct problem from = *p;
	from.p.T = T;
	*s = *known;
	const double d = distance(s->z, T);
	int status = fold(w, p, s);
	if (status == GSL_SUCCESS && (!merged(s, p->p.T) || d < 0.02))
		return merged(s, p->p.T) ? GSL_EDOM : status;
	*s = *known;
	return approach(w, &from, p, s);
}

void one_step_nothing(struct one_step_solution *s, enum status status)
{
	*s = (struct one_step_solution){status,  GSL_NAN, GSL_NAN, GSL_NAN, GSL_NAN, GSL_NAN, GSL_NAN,
	                           GSL_NAN, GSL_NAN, GSL_NAN, GSL_NAN, GSL_NAN, GSL_NAN, 0};
}

/* (R1), times -T; gamma is that of the noise. */
static double free_energy(const double z[POINT], int P, double T, double phi)
{
	double q1 = 1 - T * z[C];
	double noise =
		T * z[C] * z[C] * one_step_noise(q1, P) + (P - 1) * z[MU] * (pow(z[Q0], P) - pow(q1, P));
	return (P - 1) / 2.0 * pow(z[N], P) - z[GAMMA] / 4 * noise - phi;
}

static double energy(const double z[POINT], int P, double T)
{
	double q1 = 1 - T * z[C], thermal = T > 0 ? -expm1(P * log1p(-T * z[C])) / T : P * z[C];
	return -pow(z[N], P) / 2 - z[GAMMA] / 2 * (thermal + z[MU] * (pow(q1, P) - pow(z[Q0], P)));
}

static void fill(struct one_step_solution *s, const struct trial *t, int P, double T, int size)
{
	const double *z = t->z, q1 = 1 - T * z[C];
	s->status = CONVERGED;
	s->m = t->a.m;
	s->n = z[N];
	s->q0 = z[Q0];
	s->q1 = q1;
	s->x = z[MU] * T;
	s->mu = z[MU];
	s->C = z[C];
	s->free_energy = free_energy(z, P, T, t->a.value[RSB_PHI]);
	s->energy = energy(z, P, T);
	s->complexity = size == EQUATIONS ? 0 : -pow(z[MU] * distance(z, T), 2) * t->f[3];
	s->gardner = z[GAMMA] * P * (P - 1) / 2 * pow(q1, P - 2) * t->a.sech4 / T;
	double d = distance(z, T), slope_mu = size == EQUATIONS ? fabs(t->f[3]) * d * d : 0;
	s->residual = fmax(norm(size < 3 ? size : 3, t->f), slope_mu);
	s->iterations = t->iterations;
}

/* The solution with x = 1 near s, and d gamma/dn of the solutions at x = 1, which are the symmetric ones. */
static int unity(struct rsb *w, const struct problem *p, struct trial *s, double *slope)
{
	double dz[POINT] = {0};
	s->z[MU] = 1 / p->p.T;
	int status = newton(w, p, s, EQUATIONS, at_unity);
	if (status == GSL_SUCCESS)
		status = tangent(s, 3, dz);
	*slope = dz[GAMMA];
	return status;
}

static void start(struct trial *t, const struct one_step_solution *s, double gamma)
{
	*t = (struct trial){.z = {s->n, s->q0, s->C, s->mu, gamma}};
}

/* The status of an attempt, and the solution. */
static void conclude(struct one_step_solution *s, const struct trial *t, int status, int P, double T,
                     int size)
{
	if (status == GSL_EDOM || (status == GSL_SUCCESS && merged(t, T)))
		one_step_nothing(s, NONE);
	else if (status != GSL_SUCCESS)
		one_step_nothing(s, NOT_CONVERGED);
	else
		fill(s, t, P, T, size);
}

int one_step_spinodal(struct rsb *w, double *gamma, struct one_step_solution *s, const struct params *p)
{
	if (p->P < 3)
		return GSL_EDOM;
	struct problem problem = {p->P, *p, 0};
	struct trial t = {0}, known;
	int status = GSL_EFAILED;
	if (s->status == CONVERGED) {
		start(&known, s, load_of(p, *gamma));
		status = warm_spinodal(w, &problem, &known, s->x / s->mu, &t);
	}
	if (status != GSL_SUCCESS && status != GSL_EDOM)
		status = cold_spinodal(w, &problem, &t);
	double slope = 0;
	if (status == GSL_EDOM && t.z[MU] * p->T > 0.9) {
		/* the branch ends at x = 1, before its maximum, but beyond that of the symmetric solution? */
		status = unity(w, &problem, &t, &slope) == GSL_SUCCESS && slope > 0 ? GSL_SUCCESS : GSL_EDOM;
	}
	conclude(s, &t, status, p->P, p->T, EQUATIONS);
	*gamma = s->status == CONVERGED ? gamma_of(p, t.z[GAMMA]) : GSL_NAN;
	return GSL_SUCCESS;
}

/* One step down the branch from t: near the spinodal by *part of 1 - n upwards, then by *part of the load,
 * since n saturates. */
static int lower(struct rsb *w, const struct problem *p, const struct trial *t, struct trial *next,
                 double gamma, double part)
{
	double dz[POINT];
	int status = tangent(t, EQUATIONS, dz);
	*next = *t;
	if (status != GSL_SUCCESS || dz[GAMMA] > -1)
		return status == GSL_SUCCESS ? advance(w, p, next, fmin(0.02, part * (1 - t->z[N]))) : status;
	double d = fmax(gamma - t->z[GAMMA], -part * t->z[GAMMA]) / dz[GAMMA];
	for (int i = 0; i < POINT; i++)
		next->z[i] += d * dz[i];
	return newton(w, p, next, 4, at_load);
}

/* From t to the load gamma, which lies between it and the point dn further on, at the load `below`:
 * parabolas in n through both with the slope at t, since near the spinodal gamma(n) is one. */
static int settle(struct rsb *w, const struct problem *p, struct trial *t, double gamma, double dn,
                  double below)
{
	double dz[POINT];
	for (int i = 0; i < 6 && t->z[GAMMA] - gamma > 1e-13; i++) {
		struct trial u = *t;
		if (tangent(t, EQUATIONS, dz) != GSL_SUCCESS)
			return GSL_EFAILED;
		double a = dz[GAMMA] * dn, b = below - t->z[GAMMA] - a, c = gamma - t->z[GAMMA];
		double s = 2 * c / (a - sqrt(fmax(a * a + 4 * b * c, 0)));
		if (!(s > 0 && s < 1) || advance(w, p, &u, s * dn) != GSL_SUCCESS)
			break;
		if (u.z[GAMMA] < gamma) {
			dn *= s;
			below = u.z[GAMMA];
		} else {
			dn -= s * dn;
			*t = u;
		}
	}
	if (tangent(t, EQUATIONS, dz) == GSL_SUCCESS && dz[GAMMA] < 0)
		for (int i = 0; i < POINT; i++)
			t->z[i] += (gamma - t->z[GAMMA]) / dz[GAMMA] * dz[i];
	t->z[GAMMA] = gamma;
	return newton(w, p, t, 4, at_load);
}

/* From the spinodal t along the branch to the load gamma.  GSL_EDOM: it ends before, and *merge is a load
 * where it has. */
static int descend(struct rsb *w, const struct problem *p, struct trial *t, double gamma, double *merge)
{
	double part = 0.2;
	while (t->z[GAMMA] > gamma * (1 + 1e-14)) {
		struct trial next;
		int status = lower(w, p, t, &next, gamma, part);
		t->iterations = next.iterations;
		*merge = next.z[GAMMA];
		if (status == GSL_SUCCESS && next.z[GAMMA] < gamma)
			return settle(w, p, t, gamma, next.z[N] - t->z[N], next.z[GAMMA]);
		if (status == GSL_SUCCESS && next.z[GAMMA] > gamma && merged(&next, p->p.T))
			return GSL_EDOM;
		if (status == GSL_SUCCESS && next.z[GAMMA] < t->z[GAMMA]) {
			*t = next;
			part = fmin(0.2, 1.5 * part);
		} else if ((part /= 2) < 1e-4) {
			*merge = t->z[GAMMA] * (1 - 2 * part);
			return distance(t->z, p->p.T) < 0.02 ? GSL_EDOM : GSL_EFAILED;
		}
	}
	*merge = gamma;
	t->z[GAMMA] = gamma;
	return newton(w, p, t, 4, at_load);
}

/* Newton from a given start; the other side of the spinodal, where gamma grows with n, is not wanted. */
static int warm(struct rsb *w, const struct problem *p, struct trial *t)
{
	double dz[POINT];
	int status = newton(w, p, t, 4, at_load);
	if (status == GSL_SUCCESS)
		status = tangent(t, EQUATIONS, dz);
	return status == GSL_SUCCESS && (dz[GAMMA] > 0 || merged(t, p->p.T)) ? GSL_EFAILED : status;
}

int one_step_retrieval(struct rsb *w, struct one_step_solution *s, const struct params *p)
{
	if (p->P < 3)
		return GSL_EDOM;
	struct problem problem = {p->P, *p, 0};
	struct trial t = {0};
	int status = GSL_EFAILED;
	double gamma = load_of(p, p->gamma);
	if (s->status == CONVERGED) {
		start(&t, s, gamma);
		status = warm(w, &problem, &t);
	}
	if (status != GSL_SUCCESS) {
		status = cold_spinodal(w, &problem, &t);
		double slope, merge;
		if (status == GSL_EDOM && t.z[MU] * p->T > 0.9)
			status = unity(w, &problem, &t, &slope) == GSL_SUCCESS ? GSL_SUCCESS : GSL_EDOM;
		if (status == GSL_SUCCESS)
			status = t.z[GAMMA] < gamma ? GSL_EDOM : descend(w, &problem, &t, gamma, &merge);
	}
	conclude(s, &t, status, p->P, p->T, EQUATIONS);
	return GSL_SUCCESS;
}

int one_step_retrieval_below(struct rsb *w, double end, struct one_step_solution *s, const struct params *p,
                             double *merge)
{
	struct problem problem = {p->P, *p, 0};
	struct trial t;
	*merge = GSL_NAN;
	if (p->P < 3 || s->status != CONVERGED)
		return GSL_EDOM;
	start(&t, s, load_of(p, end));
	int status = newton(w, &problem, &t, EQUATIONS, along);
	if (status == GSL_SUCCESS)
		status = descend(w, &problem, &t, load_of(p, p->gamma), merge);
	conclude(s, &t, status, p->P, p->T, EQUATIONS);
	*merge = s->status == NONE ? gamma_of(p, *merge) : GSL_NAN;
	return GSL_SUCCESS;
}

int one_step_retrieval_near(struct rsb *w, struct one_step_solution *s, double end,
                            const struct one_step_solution *at_end, const struct params *p)
{
	struct problem problem = {p->P, *p, 0};
	struct trial t;
	if (s->status == CONVERGED) {
		start(&t, s, load_of(p, p->gamma));
		if (warm(w, &problem, &t) == GSL_SUCCESS) {
			fill(s, &t, p->P, p->T, EQUATIONS);
			return GSL_SUCCESS;
		}
	}
	if (!at_end) {
		one_step_nothing(s, NOT_CONVERGED);
		return GSL_SUCCESS;
	}
	*s = *at_end;
	double merge;
	return one_step_retrieval_below(w, end, s, p, &merge);
}

int one_step_retrieval_at(struct rsb *w, struct one_step_solution *s, const struct params *p, double x)
{
	if (p->P < 3 || p->T <= 0 || x <= 0 || x > 1)
		return GSL_EDOM;
	struct problem problem = {p->P, *p, 0};
	struct trial t;
	if (s->status != CONVERGED)
		one_step_retrieval(w, s, p);
	if (s->status != CONVERGED)
		return GSL_SUCCESS;
	start(&t, s, load_of(p, p->gamma));
	double from = s->x;
	int status = GSL_SUCCESS;
	for (int i = 1; i <= 8 && status == GSL_SUCCESS; i++) {
		t.z[MU] = (from + (x - from) * i / 8) / p->T;
		status = newton(w, &problem, &t, 3, at_load);
	}
	conclude(s, &t, status, p->P, p->T, 3);
	return GSL_SUCCESS;
}

int one_step_free_energy(struct rsb *w, double *f, const struct params *p, double n, double q0, double q1,
                    double x)
{
	double z[POINT] = {n, q0, (1 - q1) / p->T, x / p->T, load_of(p, p->gamma)};
	struct one_step_average a;
	if (p->P < 3 || p->T <= 0 || !inside(z, p->T))
		return GSL_EDOM;
	struct one_step_field b = field(z, p->P, p->T);
	int status = one_step_average(w, &a, p, &b);
	*f = status == GSL_SUCCESS ? free_energy(z, p->P, p->T, a.value[RSB_PHI]) : GSL_NAN;
	return status;
}

/* Where the spinodal reaches x = 1: upwards in T, with steps that aim there by the secant.  GSL_EFAILED: q1
 * = q0 comes first; then *t is close to it. */
static int spinodal_unity(struct rsb *w, struct problem *p, struct trial *t)
{
	double limit = 0.05, dT = limit, x = 0, T = 0;
	p->p.T = 0;
	int status = cold_spinodal(w, p, t);
	while (status == GSL_SUCCESS && fabs(dT) > 1e-9) {
		struct trial next = *t;
		p->p.T = T + dT;
		if (fold(w, p, &next) != GSL_SUCCESS || distance(next.z, p->p.T) < 0.005) {
			limit = dT /= 2;
			if (limit < 1e-3)
				status = GSL_EFAILED;
			continue;
		}
		double slope = (next.z[MU] * p->p.T - x) / dT;
		*t = next;
		T = p->p.T;
		x += slope * dT;
		dT = slope > 0 ? fmax(-limit, fmin(limit, (1 - x) / slope)) : limit;
	}
	p->p.T = T;
	return status;
}

/* A function that vanishes where the spinodals meet: at x = 1 d gamma/dn of the symmetric solution; at q1 =
 * q0 the distance of the symmetric spinodal from its AT line. */
static int meeting(struct rsb *w, const struct problem *p, struct trial *t, double *event)
{
	if (!p->symmetric)
		return unity(w, p, t, event);
	int status = fold(w, p, t);
	*event = t->z[GAMMA] * p->P * (p->P - 1) / 2 * pow(t->z[Q0], p->P - 2) * t->a.sech4 / p->p.T - 1;
	return status;
}

int one_step_merge(struct rsb *w, double *T, double *gamma, struct one_step_solution *s,
                   const struct params *p)
{
	if (p->P < 3)
		return GSL_EDOM;
	struct problem problem = {p->P, *p, 0};
	struct trial t = {0};
	double dT = 1e-5, event, last;
	int status = spinodal_unity(w, &problem, &t);
	problem.symmetric = status != GSL_SUCCESS;
	status = meeting(w, &problem, &t, &last);
	for (int i = 0; status == GSL_SUCCESS && i < 50 && fabs(dT) > 1e-13; i++) {
		problem.p.T += dT;
		status = meeting(w, &problem, &t, &event);
		if (event == last)
			break;
		dT *= -event / (event - last);
		dT = fmax(-0.01, fmin(0.01, dT));
		last = event;
	}
	*T = *gamma = GSL_NAN;
	if (status != GSL_SUCCESS || fabs(last) > 1e-8) {
		one_step_nothing(s, NOT_CONVERGED);
		return GSL_SUCCESS;
	}
	*T = problem.p.T;
	*gamma = gamma_of(p, t.z[GAMMA]);
	if (problem.symmetric)
		t.z[C] = (1 - t.z[Q0]) / *T;
	fill(s, &t, p->P, *T, problem.symmetric ? 2 : EQUATIONS);
	if (problem.symmetric)
		s->x = s->mu = s->complexity = GSL_NAN;
	return GSL_SUCCESS;
}
