/* Transition lines of the dense network: THEORY.md §4, §5 and "One-step RSB".  A line that is known as a load at given
 * other parameters has the event load - gamma.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense.h"
#include "physics/rs.h"
#include "physics/rsb.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>

static const double TOLERANCE = 1e-11; /* residual of the solutions */

/* s >= 0, infinite perhaps, to -1 .. 1: positive below 1. */
static double below_one(double s)
{
	return s < INFINITY ? (1 - s) / (1 + s) : -1;
}

/* The load in the noise per gamma, (D3): other than 1 in unsupervised learning. */
static double load_factor(const struct params *p)
{
	return dense_noise(p).g;
}

/* The event of a line that is known as a load. */
static int from_load(int (*load)(struct average *, const struct params *, double *), struct average *average,
                     const struct params *p, double *value)
{
	double gamma;
	int status = load(average, p, &gamma);
	*value = gamma - p->gamma;
	return status;
}

/* ---------------------------------------------------------------- end of retrieval */

static int spinodal_load(struct average *average, const struct params *p, double *gamma)
{
	struct params at = *p;
	struct dense_fold fold = {0};
	at.gamma = 0; /* the exact one is wanted */
	int status = dense_spinodal(average, &at, &fold);
	*gamma = status == GSL_SUCCESS ? fold.gamma : GSL_NAN;
	return status == GSL_ENOMEM ? status : GSL_SUCCESS;
}

/* Without retrieval at any load the event is negative at gamma = 0 too. */
static int spinodal(struct average *average, const struct params *p, double *value)
{
	int status = from_load(spinodal_load, average, p, value);
	if (*value == 0 && p->gamma == 0)
		*value = -1e-3;
	return status;
}

static int rsb_spinodal_load(struct average *average, const struct params *p, double *gamma)
{
	struct rsb_solution s = {.status = NONE};
	struct rsb *rsb;
	(void)average;
	*gamma = GSL_NAN;
	if (p->P < 3)
		return GSL_SUCCESS;
	if (!(rsb = rsb_alloc()))
		return GSL_ENOMEM;
	int status = rsb_spinodal(rsb, gamma, &s, p);
	rsb_free(rsb);
	return status == GSL_ENOMEM ? status : GSL_SUCCESS;
}

static int spinodal_1rsb(struct average *average, const struct params *p, double *value)
{
	return from_load(rsb_spinodal_load, average, p, value);
}

/* ---------------------------------------------------------------- retrieval against the rest */

/* The report of the archetype branch; found = 0 where there is none. */
static int retrieval(struct average *average, const struct params *p, struct dense_report *report, int *found)
{
	struct dense_fold fold = {0};
	struct rs_solution s;
	*found = dense_archetype(average, p, TOLERANCE, &fold, &s) == CONVERGED;
	return *found ? dense_report(average, p, s.x, report) : GSL_SUCCESS;
}

/* P = 2: the glass where there is one, else the ergodic phase. */
static int rest_of_hopfield(struct average *average, const struct params *p, double *f)
{
	struct rs_solution s;
	struct dense_report report;
	double x[2] = {0, 1 / p->T};
	enum status status = dense_hopfield_glass(average, p, TOLERANCE, &s);
	*f = GSL_NAN;
	if (status == NOT_CONVERGED || (status == NONE && !(p->T > (p->gamma > 0 ? 1 : 0))))
		return GSL_SUCCESS;
	int code = dense_report(average, p, status == CONVERGED ? s.x : x, &report);
	if (code == GSL_SUCCESS)
		*f = report.free_energy;
	return code;
}

/* P >= 3: the one-step glass below T_s sqrt(gamma), else the paramagnet. */
static int rest_of_tensor(const struct params *p, double *f)
{
	const double load = p->gamma * load_factor(p);
	struct rsb_solution glass;
	struct rsb *rsb;
	double T_s;
	int status = rsb_glass_transitions(p->P, NULL, &T_s, NULL, NULL);
	*f = p->T > 0 ? -p->T * M_LN2 - load / (4 * p->T) : 0; /* T = 0 without load */
	if (status != GSL_SUCCESS || !(load > 0) || p->T >= T_s * sqrt(load))
		return status;
	if (!(rsb = rsb_alloc()))
		return GSL_ENOMEM;
	status = rsb_glass(rsb, &glass, p->P, p->T / sqrt(load));
	rsb_free(rsb);
	*f = status == GSL_SUCCESS && glass.status == CONVERGED ? sqrt(load) * glass.free_energy : GSL_NAN;
	return status;
}

/* Free energy of the rest minus that of retrieval: positive where retrieval is the phase. */
static int first_order(struct average *average, const struct params *p, double *value)
{
	struct dense_report report;
	int found;
	double f = GSL_NAN;
	int status = retrieval(average, p, &report, &found);
	if (status == GSL_SUCCESS && found)
		status = p->P == 2 ? rest_of_hopfield(average, p, &f) : rest_of_tensor(p, &f);
	*value = found ? f - report.free_energy : GSL_NAN;
	return status == GSL_ENOMEM ? status : GSL_SUCCESS;
}

/* All of the overlap with the archetype is lost. */
static int first_order_jump(struct average *average, const struct params *p, double *jump)
{
	struct dense_report report;
	int found, status = retrieval(average, p, &report, &found);
	*jump = status == GSL_SUCCESS && found ? report.m : 0;
	return status;
}

/* (D11) on the archetype branch: positive where replica symmetry is stable. */
static int at_line(struct average *average, const struct params *p, double *value)
{
	struct dense_report report;
	int found, status = retrieval(average, p, &report, &found);
	*value = status == GSL_SUCCESS && found ? below_one(report.stability) : GSL_NAN;
	return status == GSL_ENOMEM ? status : GSL_SUCCESS;
}

/* ---------------------------------------------------------------- without retrieval */

/* P = 2: (D11) of n = q = 0, without examples T = 1 + sqrt(gamma). */
static int ergodic(struct average *average, const struct params *p, double *value)
{
	struct dense_report report;
	*value = p->P == 2 ? -1 : GSL_NAN;
	if (p->P > 2 || p->T <= 1)
		return GSL_SUCCESS;
	int status = dense_report(average, p, (double[]){0, 1 / p->T}, &report);
	*value = status == GSL_SUCCESS ? below_one(report.stability) : GSL_NAN;
	return GSL_SUCCESS;
}

/* P >= 3: the temperatures of the glass are in units of sqrt(load). */
static int glass_load(const struct params *p, int statics, double *gamma)
{
	double T_d, T_s;
	*gamma = GSL_NAN;
	if (p->P > 2 && rsb_glass_transitions(p->P, &T_d, &T_s, NULL, NULL) == GSL_SUCCESS)
		*gamma = gsl_pow_2(p->T / (statics ? T_s : T_d)) / load_factor(p);
	return GSL_SUCCESS;
}

static int dynamic_load(struct average *average, const struct params *p, double *gamma)
{
	(void)average;
	return glass_load(p, 0, gamma);
}

static int static_load(struct average *average, const struct params *p, double *gamma)
{
	(void)average;
	return glass_load(p, 1, gamma);
}

static int dynamic_glass(struct average *average, const struct params *p, double *value)
{
	return from_load(dynamic_load, average, p, value);
}

static int static_glass(struct average *average, const struct params *p, double *value)
{
	return from_load(static_load, average, p, value);
}

/* P >= 3 without noise of the examples: m = q on T = gamma. */
static int nishimori_load(struct average *average, const struct params *p, double *gamma)
{
	(void)average;
	*gamma = p->P > 2 && p->rho == 0 ? p->T : GSL_NAN;
	return GSL_SUCCESS;
}

static int nishimori(struct average *average, const struct params *p, double *value)
{
	return from_load(nishimori_load, average, p, value);
}

const struct transition dense_lines[] = {
    {"spinodal", "end of the retrieval branch, replica symmetric (T = 0: capacity)", spinodal, NULL, spinodal_load},
    {"spinodal_1rsb", "end of the retrieval branch with one-step replica symmetry breaking, P >= 3", spinodal_1rsb, NULL,
     rsb_spinodal_load},
    {"first_order", "retrieval has the free energy of the glass or the ergodic phase", first_order, first_order_jump,
     NULL},
    {"at", "replica symmetry of the retrieval branch becomes unstable", at_line, NULL, NULL},
    {"ergodic", "ergodic phase to glass, P = 2 (without examples T = 1 + sqrt(gamma))", ergodic, NULL, NULL},
    {"dynamic_glass", "T_d of the glass, P >= 3: metastable states appear", dynamic_glass, NULL, dynamic_load},
    {"static_glass", "T_s of the glass, P >= 3: the ergodic phase ends", static_glass, NULL, static_load},
    {"nishimori", "m = q: T = gamma, P >= 3 without noise of the examples", nishimori, NULL, nishimori_load},
    {0}};
