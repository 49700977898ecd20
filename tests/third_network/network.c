/* The third network: the mean-field (Curie-Weiss) ferromagnet, written by the recipe in physics/network.h.
 * All pairs of spins interact with the coupling J, a parameter that no other network has.  The program
 * tests/mattis_third has it.
 *
 *  H = -(J/2N) (sum xi s)^2      m = tanh(J m/T)      f = J m^2/2 - T ln 2cosh(J m/T)      u = -J m^2/2
 *
 * The ordered solution m > 0 exists below T = J, where T = J m/artanh(m).  The simulation has a random
 * pattern xi in place of xi = 1, which changes nothing.  The network reports neither a phase nor a
 * stability.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/third_network/network.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ORDERED, DISORDERED };
enum { OVERLAP, REPLICAS, FREE_ENERGY, ENERGY, ITERATIONS, STATUS };
enum { ORDERED_ONLY }; /* slot of solve_options.own */

static const struct parameter parameters[] = {
	{"J",
         .meaning = "coupling of all pairs of spins",
         PARAMETER_FIELD(own[COUPLING]),
         .max = INFINITY,
         .min_open = 1,
         .used_by = USED_BY_ALL},
	{0}};

static const struct solve_option options[] = {
	{"ordered_only", "leave out the branch without order", "false", ORDERED_ONLY, .truth = 1}, {0}};

static const char *const needs[] = {"J", NULL};
static const struct params defaults = {.r = 1, .K = 1};

static const struct quantity quantities[] = {
	[OVERLAP] = {"magnetisation", "M", "(1/N) sum xi s", REAL, PER_BRANCH, ROLE_OVERLAP},
	[REPLICAS] = {"overlap_of_replicas", "q", "m^2", REAL, PER_BRANCH, ROLE_SPIN_GLASS},
	[FREE_ENERGY] = {"f", "f", "-T ln Z/N", REAL, PER_BRANCH, ROLE_FREE_ENERGY},
	[ENERGY] = {"u", "u", "<H>/N", REAL, PER_BRANCH, ROLE_ENERGY},
	[ITERATIONS] = {"steps", NULL, "Newton steps", COUNT, PER_BRANCH, ROLE_ITERATIONS},
	[STATUS] = {"outcome", NULL, "what became of it", FLAG, PER_BRANCH, ROLE_STATUS, status_flags},
	{0}};

/* The parameters that the program lets through are all allowed. */
static int check(const struct params *p, struct fault *fault)
{
	(void)p;
	(void)fault;
	return 0;
}

static int branches(const struct params *p, const struct solve_options *wanted,
                    const char *names[MAX_BRANCHES])
{
	(void)p;
	names[ORDERED] = "ordered";
	names[DISORDERED] = "disordered";
	return wanted->own[ORDERED_ONLY] ? 1 : 2;
}

/* Newton's iteration from m = 1 decreases to the largest solution, because m - tanh(J m/T) is convex for m
 * > 0. */
static double solve(double J, double T, double tolerance, int32_t *steps)
{
	double m = 1, excess = T > 0 ? 1 - tanh(J / T) : 0;
	while (excess > 0.1 * tolerance && *steps < 200) {
		double t = tanh(J * m / T);
		m -= (m - t) / (1 - J / T * (1 - t * t));
		excess = m - tanh(J * m / T);
		++*steps;
	}
	return m;
}

static void report(struct row *row, int point, int branch, const struct params *p, double m)
{
	const size_t at = (size_t)(point * row->branches + branch);
	const double J = p->own[COUPLING], T = p->T;
	double **column = (double **)row->column;
	const double x = T > 0 ? J * m / T : 0; /* ln 2cosh x without overflow */

	column[OVERLAP][at] = m;
	column[REPLICAS][at] = m * m;
	column[ENERGY][at] = 0 - 0.5 * J * m * m;
	column[FREE_ENERGY][at] = 0.5 * J * m * m - (T > 0 ? T * (x + log1p(exp(-2 * x))) : J * m);
	((int8_t *)row->column[STATUS])[at] = CONVERGED;
}

static int solve_row(struct average *average, const struct params *p, const struct solve_options *wanted,
                     const struct tick *tick, struct row *row)
{
	(void)average;
	for (int i = 0; i < row->points; i++) {
		const double J = p[i].own[COUPLING];
		int32_t *steps = &((int32_t *)row->column[ITERATIONS])[i * row->branches];
		if (tick_poll(tick))
			return GSL_EFAILED;
		if (p[i].T < J)
			report(row, i, ORDERED, &p[i], solve(J, p[i].T, wanted->tolerance, steps));
		else
			((int8_t *)row->column[STATUS])[i * row->branches + ORDERED] = NONE;
		if (row->branches > 1)
			report(row, i, DISORDERED, &p[i], 0);
	}
	return GSL_SUCCESS;
}

/* Positive where the ordered solution exists. */
static int critical(struct average *average, const struct params *p, double *value)
{
	(void)average;
	*value = p->own[COUPLING] - p->T;
	return GSL_SUCCESS;
}

/* Along T the line is left to the search. */
static int critical_known(struct average *average, const struct params *p, const char *axis, double *x,
                          int *count)
{
	(void)average;
	*count = strcmp(axis, "J") == 0 ? 1 : -1;
	x[0] = p->T;
	return GSL_SUCCESS;
}

static const struct transition lines[] = {
	{"curie", "the ordered solution appears continuously", .event = critical, .known = critical_known},
	{0}};

static int couplings(const struct params *p, struct couplings *c, struct fault *fault)
{
	(void)fault;
	*c = (struct couplings){.P = 2, .w = p->own[COUPLING] / p->N, .diagonal = 1};
	return 0;
}

const struct network third_network = {.name = "third",
                                      .parameters = parameters,
                                      .options = options,
                                      .needs = needs,
                                      .defaults = &defaults,
                                      .check = check,
                                      .quantities = quantities,
                                      .branches = branches,
                                      .solve_row = solve_row,
                                      .points_apart = 1,
                                      .lines = lines,
                                      .couplings = couplings};
