/* Transition lines of the dense network: THEORY.md §4, §5, "One-step RSB", "Signal to noise" and "Lines".
 * A line that is known as a load at given other parameters has the event load - gamma.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/equations.h"
#include "physics/dense/loads.h"
#include "physics/numerics/newton.h"
#include "physics/dense/signal_to_noise.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>
#include <string.h>

static const double TOLERANCE = 1e-11; /* residual of the solutions */

/* s >= 0, infinite perhaps, to -1 .. 1: positive below 1. */
static double below_one(double s)
{
	return s < INFINITY ? (1 - s) / (1 + s) : -1;
}

typedef int load_of(struct average *, const struct params *, double *gamma);

/* The event of a line that is known as a load. */
static int from_load(load_of *load, struct average *average, const struct params *p, double *value)
{
	double gamma;
	int status = load(average, p, &gamma);
	*value = gamma - p->gamma;
	return status;
}

/* Known along gamma, at one value; not known along the other axes. */
static int known_load(load_of *load, struct average *average, const struct params *p, const char *axis,
                      double *x, int *count)
{
	*count = -1;
	if (strcmp(axis, "gamma") != 0)
		return GSL_SUCCESS;
	int status = load(average, p, x);
	*count = *x > 0;
	return status;
}

/* ---------------------------------------------------------------- end of retrieval */

/* Without retrieval at any load the event is negative at gamma = 0 too. */
static int spinodal(struct average *average, const struct params *p, double *value)
{
	int status = from_load(dense_spinodal_load, average, p, value);
	if (*value == 0 && p->gamma == 0)
		*value = -1e-3;
	return status;
}

static int spinodal_known(struct average *average, const struct params *p, const char *axis, double *x,
                          int *count)
{
	return known_load(dense_spinodal_load, average, p, axis, x, count);
}

/* Of the next branch below the archetype. */
static int first_low(struct average *average, const struct params *p, double *onset, double *end)
{
	double onsets[LINE_ROOTS], ends[LINE_ROOTS];
	int count, status = dense_low_loads(average, p, onsets, ends, &count);
	*onset = count > 0 ? onsets[0] : GSL_NAN;
	*end = count > 0 ? ends[0] : GSL_NAN;
	return status;
}

static int low_onset(struct average *average, const struct params *p, double *value)
{
	double onset, end;
	int status = first_low(average, p, &onset, &end);
	*value = onset - p->gamma;
	return status;
}

static int low_end(struct average *average, const struct params *p, double *value)
{
	double onset, end;
	int status = first_low(average, p, &onset, &end);
	*value = end - p->gamma;
	return status;
}

static int low_known(struct average *average, const struct params *p, const char *axis, double *x, int *count,
                     int end)
{
	double other[LINE_ROOTS];
	*count = -1;
	if (strcmp(axis, "gamma") != 0)
		return GSL_SUCCESS;
	int status = dense_low_loads(average, p, end ? other : x, end ? x : other, count);
	gsl_sort(x, 1, (size_t)*count);
	return status;
}

static int low_onset_known(struct average *average, const struct params *p, const char *axis, double *x,
                           int *count)
{
	return low_known(average, p, axis, x, count, 0);
}

static int low_end_known(struct average *average, const struct params *p, const char *axis, double *x,
                         int *count)
{
	return low_known(average, p, axis, x, count, 1);
}

static int one_step_load(struct average *average, const struct params *p, double *gamma)
{
	return dense_rsb_load(average, p, gamma, NULL);
}

static int spinodal_1rsb(struct average *average, const struct params *p, double *value)
{
	return from_load(one_step_load, average, p, value);
}

static int spinodal_1rsb_known(struct average *average, const struct params *p, const char *axis, double *x,
                               int *count)
{
	return known_load(one_step_load, average, p, axis, x, count);
}

static int merge(struct average *average, const struct params *p, double at[2])
{
	return dense_merge(average, p, &at[0], &at[1]);
}

/* Sets *there to 1 if there is an archetype solution, and its report.  Returns GSL_SUCCESS or GSL_ENOMEM. */
static int archetype(struct average *average, const struct params *p, struct dense_report *report, int *there)
{
	enum status found;
	int status = dense_retrieval(average, p, report, &found);
	*there = status == GSL_SUCCESS && found == CONVERGED;
	return status == GSL_ENOMEM ? status : GSL_SUCCESS;
}

/* ---------------------------------------------------------------- retrieval against its competitor */

/* P = 2: the glass where there is one, else the ergodic phase. */
static int hopfield_competitor(struct average *average, const struct params *p, double *f)
{
	struct newton_solution s;
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

/* Free energy of the competing state minus that of retrieval: positive where retrieval is the phase. */
static int first_order(struct average *average, const struct params *p, double *value)
{
	struct dense_report report;
	double f = GSL_NAN;
	int there, status = archetype(average, p, &report, &there);
	if (there)
		status = p->P == 2 ? hopfield_competitor(average, p, &f)
		                   : dense_competitor(average, p, report.free_energy, &f);
	*value = there ? f - report.free_energy : GSL_NAN;
	return status == GSL_ENOMEM ? status : GSL_SUCCESS;
}

/* All of the overlap with the archetype is lost. */
static int retrieval_jump(struct average *average, const struct params *p, double *jump)
{
	struct dense_report report;
	int there, status = archetype(average, p, &report, &there);
	*jump = there ? report.m : 0;
	return status;
}

static int first_order_1rsb(struct average *average, const struct params *p, double *value)
{
	return from_load(dense_rsb_first_order_load, average, p, value);
}

static int first_order_1rsb_known(struct average *average, const struct params *p, const char *axis,
                                  double *x, int *count)
{
	return known_load(dense_rsb_first_order_load, average, p, axis, x, count);
}

/* (D11) on the archetype branch: positive where replica symmetry is stable. */
static int at_line(struct average *average, const struct params *p, double *value)
{
	struct dense_report report;
	int there, status = archetype(average, p, &report, &there);
	*value = there ? below_one(report.stability) : GSL_NAN;
	return status;
}

/* (U5) on the archetype branch, unsupervised learning: positive where the examples stay alike. */
static int example_symmetry(struct average *average, const struct params *p, double *value)
{
	struct dense_report r;
	*value = GSL_NAN;
	if (p->learning != UNSUPERVISED)
		return GSL_SUCCESS;
	int there, status = archetype(average, p, &r, &there);
	if (there)
		status = dense_example_stability(average, p, (double[]){r.n, r.n, r.C}, 0, value);
	*value = isnan(*value) ? *value : below_one(*value);
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

enum glass_line { DYNAMIC, STATIC, GARDNER };

/* P >= 3: T over the square root of the load. */
static int glass_temperature(struct average *average, const struct params *p, enum glass_line which,
                             double *t)
{
	struct dense_glass glass;
	int status = dense_glass(average, p->P, &glass);
	*t = which == DYNAMIC ? glass.T_d : which == STATIC ? glass.T_s : glass.T_G;
	return status;
}

static int glass_event(struct average *average, const struct params *p, enum glass_line which, double *value)
{
	double t;
	int status = glass_temperature(average, p, which, &t);
	*value = p->T - t * sqrt(p->gamma * dense_noise(p).g);
	return status;
}

static int glass_known(struct average *average, const struct params *p, const char *axis, double *x,
                       int *count, enum glass_line which)
{
	double t, g = dense_noise(p).g;
	int status = glass_temperature(average, p, which, &t);
	*count = !isnan(t);
	if (strcmp(axis, "gamma") == 0)
		*x = gsl_pow_2(p->T / t) / g;
	else if (strcmp(axis, "T") == 0)
		*x = t * sqrt(p->gamma * g);
	else
		*count = -1;
	return status;
}

#define GLASS(name, which)                                                                                   \
	static int name(struct average *average, const struct params *p, double *value)                      \
	{                                                                                                    \
		return glass_event(average, p, which, value);                                                \
	}                                                                                                    \
	static int name##_known(struct average *average, const struct params *p, const char *axis,           \
	                        double *x, int *count)                                                       \
	{                                                                                                    \
		return glass_known(average, p, axis, x, count, which);                                       \
	}
GLASS(dynamic_glass, DYNAMIC)
GLASS(static_glass, STATIC)
GLASS(gardner_glass, GARDNER)

/* P >= 3 without noise of the examples: m = q on T = gamma. */
static int nishimori(struct average *average, const struct params *p, double *value)
{
	(void)average;
	*value = p->P > 2 && p->rho == 0 ? p->T - p->gamma : GSL_NAN;
	return GSL_SUCCESS;
}

static int nishimori_known(struct average *average, const struct params *p, const char *axis, double *x,
                           int *count)
{
	double value;
	int status = nishimori(average, p, &value);
	int load = strcmp(axis, "gamma") == 0, temperature = strcmp(axis, "T") == 0;
	*x = load ? p->T : p->gamma;
	*count = load || temperature ? !isnan(value) : -1;
	return status;
}

/* ---------------------------------------------------------------- learning */

static const double LEARNT = 0.68268949213708589717; /* erf(1/sqrt 2): signal = noise */

/* The overlap m of the retrieval state less that. */
static int learning(struct average *average, const struct params *p, double *value)
{
	struct dense_report report;
	int there, status = archetype(average, p, &report, &there);
	*value = there ? report.m - LEARNT : GSL_NAN;
	return status;
}

static int one_step(struct average *average, const struct params *p, double *value)
{
	(void)average;
	*value = snr_one_step(p) - LEARNT;
	return GSL_SUCCESS;
}

/* Is M an axis that learning depends on? */
static int counts_examples(const struct params *p, const char *axis)
{
	return strcmp(axis, "M") == 0 && p->learning != STORAGE && p->r < 1;
}

static int one_step_known(struct average *average, const struct params *p, const char *axis, double *x,
                          int *count)
{
	(void)average;
	*count = counts_examples(p, axis) ? 1 : -1;
	return *count > 0 ? snr_threshold_exact(x, p, M_SQRT1_2) : GSL_SUCCESS;
}

/* By the Gaussian law of many examples, (S2): 1 - rho - (2 gamma_e/P)(1 + rho)^P. */
static int signal_to_noise(struct average *average, const struct params *p, double *value)
{
	(void)average;
	*value = 1 - p->rho - 2 * snr_load(p) / p->P * pow(1 + p->rho, p->P);
	return GSL_SUCCESS;
}

static int signal_to_noise_known(struct average *average, const struct params *p, const char *axis, double *x,
                                 int *count)
{
	(void)average;
	*count = counts_examples(p, axis) ? 1 : -1;
	return *count > 0 ? snr_threshold_large(x, p, M_SQRT1_2) : GSL_SUCCESS;
}

/* ---------------------------------------------------------------- the table */

enum { SPINODAL, SPINODAL_1RSB };

const struct transition dense_lines[] = {
	[SPINODAL] = {"spinodal", "end of the retrieval branch, replica symmetric (T = 0: capacity)",
                      .event = spinodal, .known = spinodal_known},
	[SPINODAL_1RSB] = {"spinodal_1rsb",
                           "end of the retrieval branch with one-step replica symmetry breaking, P >= 3",
                           .event = spinodal_1rsb, .known = spinodal_1rsb_known},
	{"merge_1rsb", "where spinodal and spinodal_1rsb meet: one point of the plane of T and gamma",
         .point = merge, .plane = {"T", "gamma"}},
	{"low_onset", "a second retrieval branch of smaller overlap begins, in gamma from below",
         .event = low_onset, .known = low_onset_known},
	{"low_end", "the second retrieval branch ends", .event = low_end, .known = low_end_known},
	{"first_order", "retrieval has the free energy of the glass or the ergodic phase",
         .event = first_order, .jump = retrieval_jump, .within = &dense_lines[SPINODAL]},
	{"first_order_1rsb", "the same where retrieval breaks replica symmetry, in one step, P >= 3",
         .event = first_order_1rsb, .known = first_order_1rsb_known},
	{"at", "replica symmetry of the retrieval branch becomes unstable", .event = at_line,
         .within = &dense_lines[SPINODAL]},
	{"example_symmetry", "unsupervised learning: retrieval begins to single out one example",
         .event = example_symmetry, .within = &dense_lines[SPINODAL]},
	{"ergodic", "ergodic phase to glass, P = 2 (without examples T = 1 + sqrt(gamma))", .event = ergodic},
	{"dynamic_glass", "T_d of the glass, P >= 3: metastable states appear", .event = dynamic_glass,
         .known = dynamic_glass_known},
	{"static_glass", "T_s of the glass, P >= 3: the ergodic phase ends", .event = static_glass,
         .known = static_glass_known},
	{"gardner_glass", "T_G of the glass, P >= 3: one step of breaking does not suffice below",
         .event = gardner_glass, .known = gardner_glass_known},
	{"nishimori", "m = q: T = gamma, P >= 3 without noise of the examples", .event = nishimori,
         .known = nishimori_known},
	{"learning", "m = erf(1/sqrt 2) in the retrieval state", .event = learning,
         .within = &dense_lines[SPINODAL]},
	{"one_step", "m = erf(1/sqrt 2) one step from the pattern, T = 0, exact", .event = one_step,
         .known = one_step_known},
	{"snr", "signal = noise one step from the pattern, T = 0, for many examples",
         .event = signal_to_noise, .known = signal_to_noise_known},
	{0}};
