/* The averages of one-step RSB.  THEORY.md (R4) to (R7).
 *
 * By the symmetry H -> -H the inner average is a sum over the two signs of integrals over H > 0 of a
 * Gaussian times (1 + exp(-2h))^x f, h = H/T.  Where the Gaussian is wide against T the integrand is its
 * limit for large h, whose integral is known, plus a remainder that is nonzero only at h < 20:
 * Gauss-Legendre.  Where it is narrow: trapezoid rule.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/one_step_average.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

enum { LEGENDRE = 64, GRID = 16384, OUTER = 4096 };

/* The moments of the inner average: exp of the first is I/scale, the others are divided by it. */
enum { ONE, TANH, SECH2, LOG, LOG_TANH, LOG_SECH2, LOG2, SECH4, MOMENTS };

static const double tail = 37;       /* -ln of the relative accuracy */
static const double reach = 8.61;    /* sqrt(2 tail): standard deviations that matter */
static const double narrow = 1.5;    /* sqrt(V1)/T below which the trapezoid takes over */
static const double pole = M_PI / 2; /* of tanh */

struct rsb {
	gsl_integration_glfixed_table *legendre;
	double inner[OUTER][MOMENTS]; /* <f> at the outer field step*i, i >= 0; [ONE] is ln I */
	double table[GRID][MOMENTS];  /* trapezoid: (1 + exp(-2h))^x f on the grid */
	double gauss[GRID];
};

struct rsb *one_step_alloc(void)
{
	struct rsb *w = malloc(sizeof *w);
	if (w && !(w->legendre = gsl_integration_glfixed_table_alloc(LEGENDRE))) {
		free(w);
		w = NULL;
	}
	return w;
}

void one_step_free(struct rsb *w)
{
	if (!w)
		return;
	gsl_integration_glfixed_table_free(w->legendre);
	free(w);
}

/* (1 + exp(-2h))^x f(h), h of either sign, in units of h. */
static void integrand(double f[MOMENTS], double h, double x)
{
	double e = exp(-2 * fabs(h)), l = log1p(e), lg = fabs(h) + l;
	double t = copysign((1 - e) / (1 + e), h), s = 4 * e / ((1 + e) * (1 + e));
	double k = exp(x * (lg - h));
	f[ONE] = k;
	f[TANH] = k * t;
	f[SECH2] = k * s;
	f[LOG] = k * lg;
	f[LOG_TANH] = k * lg * t;
	f[LOG_SECH2] = k * lg * s;
	f[LOG2] = k * lg * lg;
	f[SECH4] = k * s * s;
}

/* Largest step of a trapezoid over a Gaussian of deviation sd times a function with poles at distance a. */
static double trapezoid_step(double sd, double a)
{
	if (a > reach * sd)
		return sqrt(2 / tail) * M_PI * sd;
	return 2 * M_PI * a / (tail + a * a / (2 * sd * sd));
}

/* Nodes of the remainder: weight times (1 + exp(-2h))^x f minus its limit. */
struct remainder {
	double h[LEGENDRE], f[LEGENDRE][MOMENTS];
};

static void remainder_init(struct remainder *r, const gsl_integration_glfixed_table *legendre, double x)
{
	for (size_t j = 0; j < LEGENDRE; j++) {
		double w;
		gsl_integration_glfixed_point(0, tail / 2 + 1.5, j, &r->h[j], &w, legendre);
		double h = r->h[j], *f = r->f[j];
		integrand(f, h, x);
		f[ONE] -= 1;
		f[TANH] -= 1;
		f[LOG] -= h;
		f[LOG_TANH] -= h;
		f[LOG2] -= h * h;
		for (int k = 0; k < MOMENTS; k++)
			f[k] *= w;
	}
}

/* Integrals over H > 0 against the Gaussian N(H; c, V), units of H. */
static void half(double sum[MOMENTS], const struct remainder *r, double T, double c, double V)
{
	double part[MOMENTS] = {0}, norm = 1 / sqrt(2 * M_PI * V), b = 1 / (2 * V);
	for (int j = 0; j < LEGENDRE; j++) {
		double y = T * r->h[j] - c, g = exp(-y * y * b);
		for (int k = 0; k < MOMENTS; k++)
			part[k] += g * r->f[j][k];
	}
	double m0 = erfc(-c * sqrt(b)) / 2, g0 = V * norm * exp(-c * c * b), m1 = c * m0 + g0;
	double limit[MOMENTS] = {m0, m0, 0, m1, m1, 0, (c * c + V) * m0 + c * g0, 0};
	static const int power[MOMENTS] = {1, 1, 0, 2, 2, 1, 3, 0}; /* of T; SECH.. are per T */
	double T_power[4] = {1, T, T * T, T * T * T};
	for (int k = 0; k < MOMENTS; k++)
		sum[k] = limit[k] + norm * T_power[power[k]] * part[k];
}

/* Both signs of H; scale = exp(mu u + mu^2 V/2) is taken out.  u >= 0. */
static void wide(double f[MOMENTS], const struct remainder *r, double T, double u, double V, double mu)
{
	double minus[MOMENTS], e = exp(-2 * mu * u);
	half(f, r, T, u + mu * V, V);
	half(minus, r, T, mu * V - u, V);
	for (int k = 0; k < MOMENTS; k++)
		f[k] += (k == TANH || k == LOG_TANH ? -e : e) * minus[k];
}

/* From sums to averages. */
static void normalise(double f[MOMENTS], double u, double V, double mu)
{
	for (int k = 1; k < MOMENTS; k++)
		f[k] /= f[ONE];
	f[ONE] = log(f[ONE]) + mu * u + mu * mu * V / 2;
}

static void inner_wide(struct rsb *w, double T, const struct one_step_field *a, double step, int first,
                       int last)
{
	struct remainder r;
	remainder_init(&r, w->legendre, a->mu * T);
	for (int i = first; i <= last; i++) {
		wide(w->inner[i], &r, T, step * i, a->V1, a->mu);
		normalise(w->inner[i], step * i, a->V1, a->mu);
	}
}

void one_step_centre(struct rsb *w, struct one_step_centre *a, double T, double V1, double mu)
{
	inner_wide(w, T, &(struct one_step_field){0, 0, V1, mu}, 0, 0, 0);
	const double *f = w->inner[0];
	*a = (struct one_step_centre){f[ONE] / mu, f[SECH2], f[LOG], f[LOG_SECH2], f[LOG2], f[SECH4]};
}

/* Units of h up to the last lines.  The outer step is `fine` steps of the grid. */
static int inner_narrow(struct rsb *w, double T, const struct one_step_field *a, double step, int fine,
                        int first, int last)
{
	double x = a->mu * T, v = a->V1 / (T * T), d = step / (T * fine), sd = sqrt(v);
	int far = (int)ceil((reach * sd + x * v) / d), width = 2 * far + 1,
	    size = (last - first) * fine + width;
	if (size > GRID)
		return GSL_EDOM;
	for (int j = 0; j < size; j++)
		integrand(w->table[j], (first * fine - far + j) * d, x);
	for (int j = 0; j < width; j++) {
		double y = (j - far) * d - x * v;
		w->gauss[j] = exp(-y * y / (2 * v)) * d / sqrt(2 * M_PI * v);
	}
	const double unit[MOMENTS] = {1, 1, 1 / T, T, T, 1, T * T, 1 / T};
	for (int i = first; i <= last; i++) {
		double *f = w->inner[i], sum[MOMENTS] = {0};
		for (int j = 0; j < width; j++)
			for (int k = 0; k < MOMENTS; k++)
				sum[k] += w->gauss[j] * w->table[(i - first) * fine + j][k];
		for (int k = 0; k < MOMENTS; k++)
			f[k] = sum[k] * unit[k];
		normalise(f, step * i, a->V1, a->mu);
	}
	return GSL_SUCCESS;
}

/* V1 = 0: no inner average. */
static void inner_none(struct rsb *w, double T, const struct one_step_field *a, double step, int first,
                       int last)
{
	const double unit[MOMENTS] = {1, 1, 1 / T, T, T, 1, T * T, 1 / T};
	for (int i = first; i <= last; i++) {
		integrand(w->inner[i], step * i / T, 0);
		for (int k = 0; k < MOMENTS; k++)
			w->inner[i][k] *= unit[k];
		w->inner[i][ONE] = a->mu * w->inner[i][LOG];
	}
}

/* Density of the outer field, with chi^0, chi^1, chi^2 averaged at given field, and derivatives by the
 * field. */
struct density {
	double r, dr, ddr;    /* 1 */
	double cr, cdr, cddr; /* chi */
	double ccdr;          /* chi^2, first derivative */
};

/* Large M: chi and the field are jointly Gaussian; without noise chi = 1. */
struct gaussian {
	double mean, V, c, k, rest;
};

static struct gaussian gaussian_law(const struct params *p, const struct one_step_field *a)
{
	double c = 1 / sqrt(1 + p->rho), ss = p->rho / (1 + p->rho), V = a->V0 + ss * a->A * a->A;
	return (struct gaussian){a->A * c, V, c, a->A * ss / V, ss * a->V0 / V};
}

static struct density gaussian_density(const struct gaussian *g, double u)
{
	double y = u - g->mean, c = g->c + g->k * y, cc = c * c + g->rest;
	double r = exp(-y * y / (2 * g->V)) / sqrt(2 * M_PI * g->V), dr = -y / g->V * r;
	double ddr = (y * y / g->V - 1) / g->V * r;
	return (struct density){
		r, dr, ddr, c * r, c * dr + g->k * r, c * ddr + 2 * g->k * dr, cc * dr + 2 * g->k * c * r};
}

/* Finite M: chi = (2B - M)/(M sqrt R), B binomial. */
struct binomial {
	double first, last; /* values of B that matter */
	double scale;       /* 1/(M sqrt R) */
};

static struct binomial binomial_law(const struct params *p)
{
	double mean = p->M * (1 + p->r) / 2, M = p->M, R = p->r * p->r + (1 - p->r * p->r) / M;
	double width = sqrt(tail * M / 2); /* Hoeffding */
	return (struct binomial){fmax(0, floor(mean - width)), fmin(M, ceil(mean + width)),
	                         1 / (M * sqrt(R))};
}

static struct density binomial_density(const struct binomial *b, const struct params *p,
                                       const struct one_step_field *a, double u)
{
	struct density d = {0};
	double V = a->V0, norm = 1 / sqrt(2 * M_PI * V);
	for (double k = b->first; k <= b->last; k++) {
		double chi = (2 * k - p->M) * b->scale, y = u - a->A * chi;
		if (y * y > 2 * V * (tail + 3))
			continue;
		double r = gsl_ran_binomial_pdf((unsigned)k, (1 + p->r) / 2, (unsigned)p->M) * norm *
		           exp(-y * y / (2 * V));
		double dr = -y / V * r, ddr = (y * y / V - 1) / V * r;
		d.r += r;
		d.dr += dr;
		d.ddr += ddr;
		d.cr += chi * r;
		d.cdr += chi * dr;
		d.cddr += chi * ddr;
		d.ccdr += chi * chi * dr;
	}
	return d;
}

/* One outer node: adds to the averages and slopes, (R7).  w is the density times the step. */
static void add(struct one_step_average *s, const double f[MOMENTS], int sign, const struct density *d,
                double T, double mu)
{
	double t = sign * f[TANH], lt = sign * f[LOG_TANH], phi = f[ONE] / mu, l = f[LOG];
	double dt = f[SECH2] + mu * (1 - T * f[SECH2] - t * t); /* d<tanh>/du */
	double flow = dt + mu * t * t;                          /* 2 d phi/dV1 */
	double back = (d->ddr - 2 * mu * (t * d->dr + dt * d->r)) / 2;
	double back_chi = (d->cddr - 2 * mu * (t * d->cdr + dt * d->cr)) / 2;
	const double value[RSB_AVERAGES] = {t, t * t, f[SECH2], phi, l};
	for (int i = 0; i < RSB_AVERAGES; i++) {
		s->value[i] += value[i] * (i == RSB_N ? d->cr : d->r);
		s->slope[i][RSB_A] -= value[i] * (i == RSB_N ? d->ccdr : d->cdr);
		s->slope[i][RSB_V0] += value[i] * (i == RSB_N ? d->cddr : d->ddr) / 2;
	}
	s->slope[RSB_N][RSB_V1] += t * back_chi;
	s->slope[RSB_Q0][RSB_V1] -= (d->dr * t + d->r * dt) * flow;
	s->slope[RSB_S][RSB_V1] += f[SECH2] * back;
	s->slope[RSB_PHI][RSB_V1] += flow / 2 * d->r;
	s->slope[RSB_L][RSB_V1] += l * back;
	s->slope[RSB_N][RSB_MU] += (lt - l * t) * d->cr;
	s->slope[RSB_Q0][RSB_MU] += 2 * t * (lt - l * t) * d->r;
	s->slope[RSB_S][RSB_MU] += (f[LOG_SECH2] - l * f[SECH2]) * d->r;
	s->slope[RSB_PHI][RSB_MU] += (l - phi) / mu * d->r;
	s->slope[RSB_L][RSB_MU] += (f[LOG2] - l * l) * d->r;
	s->m += t * d->r;
	s->sech4 += f[SECH4] * d->r;
}

/* The grid of the outer field: step*i, first <= i <= last; one outer step is `fine` inner ones. */
struct outer_grid {
	double step;
	int first, last, fine;
};

static int grid_init(struct outer_grid *g, double T, const struct one_step_field *a, double lower,
                     double upper, double sd)
{
	double inner = sqrt(a->V1);
	g->step = trapezoid_step(sd, fmax(pole * T, fmin(inner, pole / a->mu)));
	g->fine = 1;
	if (a->V1 > 0 && inner < narrow * T)
		g->fine = (int)ceil(g->step / (T * trapezoid_step(inner / T, pole)));
	lower = floor((lower - reach * sd) / g->step);
	upper = ceil((upper + reach * sd) / g->step);
	if (!(fmax(fabs(lower), fabs(upper)) < OUTER))
		return GSL_EDOM;
	g->first = (int)lower;
	g->last = (int)upper;
	return GSL_SUCCESS;
}

int one_step_average(struct rsb *w, struct one_step_average *s, const struct params *p,
                     const struct one_step_field *a)
{
	double T = p->T;
	if (!(a->V0 > 0 && a->V1 >= 0 && a->mu > 0 && (T > 0 || a->V1 > 0)))
		return GSL_EDOM;
	int finite = p->M > 0 && p->rho > 0;
	struct gaussian large = gaussian_law(p, a);
	struct binomial small = binomial_law(p);
	struct outer_grid g;
	double lower = finite ? a->A * (2 * small.first - p->M) * small.scale : large.mean;
	double upper = finite ? a->A * (2 * small.last - p->M) * small.scale : large.mean;
	int status = grid_init(&g, T, a, lower, upper, sqrt(finite ? a->V0 : large.V));
	if (status != GSL_SUCCESS)
		return status;
	int from = g.first > 0 ? g.first : 0, to = abs(g.first) > g.last ? abs(g.first) : g.last;
	if (a->V1 == 0)
		inner_none(w, T, a, g.step, from, to);
	else if (sqrt(a->V1) >= narrow * T)
		inner_wide(w, T, a, g.step, from, to);
	else
		status = inner_narrow(w, T, a, g.step, g.fine, from, to);
	if (status != GSL_SUCCESS)
		return status;
	_Alignas(64) struct one_step_average sum = {0}; /* sums across cache lines cost 6 % */
	for (int i = g.first; i <= g.last; i++) {
		struct density d = finite ? binomial_density(&small, p, a, g.step * i)
		                          : gaussian_density(&large, g.step * i);
		add(&sum, w->inner[abs(i)], i < 0 ? -1 : 1, &d, T, a->mu);
	}
	for (int i = 0; i < RSB_AVERAGES; i++) {
		sum.value[i] *= g.step;
		for (int j = 0; j < RSB_ARGUMENTS; j++)
			sum.slope[i][j] *= g.step;
	}
	sum.m *= g.step;
	sum.sech4 *= g.step;
	*s = sum;
	return GSL_SUCCESS;
}
