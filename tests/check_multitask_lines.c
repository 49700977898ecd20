/* Tests lines of the multitasking network against closed forms and limits; each root is bracketed and
 * bisected here.  multitask_lines.sh compares reference numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitasking/network.h"
#include "tests/suite.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct network multitasking_network;

static struct average *average;

static void setup(void)
{
	ck_assert_int_eq(average_alloc(&average, "auto"), GSL_SUCCESS);
}

static void teardown(void)
{
	average_free(average);
}

static const struct transition *line_named(const char *name)
{
	const struct transition *line = multitasking_network.lines;
	while (line->name && strcmp(line->name, name) != 0)
		line++;
	ck_assert_msg(line->name != NULL, "no line %s", name);
	return line;
}

static double event_at(const struct transition *line, struct params *p, double *axis, double x)
{
	double value;
	*axis = x;
	ck_assert_int_eq(line->event(average, p, &value), GSL_SUCCESS);
	ck_assert_msg(!isnan(value), "%s is not defined at %.17g", line->name, x);
	return value;
}

/* Returns the place of the sign change between low and high, to `width`. */
static double root(const struct transition *line, struct params *p, double *axis, double low, double high,
                   double width)
{
	double f = event_at(line, p, axis, low), g = event_at(line, p, axis, high);
	ck_assert_msg(f * g < 0, "%s does not change sign in %g..%g: %g %g (K %d d %g T %g rho %g)",
	              line->name, low, high, f, g, p->K, p->own[MT_D], p->T, p->rho);
	while (high - low > width) {
		double middle = 0.5 * (low + high), h = event_at(line, p, axis, middle);
		if ((h < 0) == (f < 0))
			low = middle;
		else
			high = middle;
	}
	return 0.5 * (low + high);
}

/* d_th(3) = (1 + 2 sqrt 2)/7; d* = 2/3 where the pure and parallel phases separate at T = 1. */
START_TEST(test_closed_forms)
{
	struct params p = {.r = 1, .K = 3};
	double x = root(line_named("hierarchical"), &p, &p.own[MT_D], 0.5, 0.6, 1e-13);
	ck_assert_double_eq_tol(x, (1 + 2 * sqrt(2)) / 7, 1e-12);
	p = (struct params){.r = 1, .K = 3, .T = 0.9999};
	ck_assert_double_eq_tol(root(line_named("pure"), &p, &p.own[MT_D], 0.6, 0.7, 1e-7), 2.0 / 3, 2e-4);
	ck_assert_double_eq_tol(root(line_named("parallel_stability"), &p, &p.own[MT_D], 0.6, 0.7, 1e-7),
	                        2.0 / 3, 2e-4);
	p.rho = 0.1;
	ck_assert_double_eq_tol(root(line_named("parallel_stability"), &p, &p.own[MT_D], 0.5, 0.6, 1e-7),
	                        2 / (3 * 1.21), 4e-4);
	for (double T = 0.5; T < 2; T += 0.25) {
		double value;
		p.T = T;
		line_named("ergodic")->event(average, &p, &value);
		ck_assert_int_eq((value > 0) - (value < 0), (T > 1) - (T < 1));
	}
}
END_TEST

/* The cascade: level k + 1 joins near T = d^k, each below the one before. */
START_TEST(test_cascade)
{
	struct params p = {.r = 1, .K = 5, .own[MT_D] = 0.3};
	double above = 1;
	const char *names[] = {"pure", "level_3", "level_4", "level_5"};
	for (int k = 1; k <= 4; k++) {
		double expected = pow(p.own[MT_D], k),
		       T = root(line_named(names[k - 1]), &p, &p.T, 0.7 * expected, 1.2 * expected, 1e-8);
		ck_assert_double_eq_tol(T / expected, 1, 0.15);
		ck_assert_double_lt(T, above);
		above = T;
	}
}
END_TEST

/* On both sides of a line the lowest solution has the phase that the line separates. */
START_TEST(test_labels)
{
	const struct solve_options options = {.tolerance = 1e-12,
	                                      .own = {[MT_BRANCHES] = 1, [MT_STARTS] = 24}};
	for (int i = 0; i < 200; i++) {
		struct params p = {.r = 1,
		                   .K = 3 + i % 2,
		                   .own[MT_D] = 0.505 + 0.013 * (i % 17),
		                   .T = 0.05 + 0.0731 * (i % 13)};
		struct mt_point pt = mt_point(&p);
		struct mt_solution lowest;
		double hierarchical, parallel;
		int found;
		ck_assert_int_eq(mt_catalogue(average, &pt, &options, NULL, &lowest, 1, &found), GSL_SUCCESS);
		ck_assert_int_eq(line_named("hierarchical")->event(average, &p, &hierarchical), GSL_SUCCESS);
		ck_assert_int_eq(line_named("parallel")->event(average, &p, &parallel), GSL_SUCCESS);
		enum mt_phase phase = mt_phase(&pt, lowest.x);
		ck_assert_msg((hierarchical > 0) == (phase == MT_PURE || phase == MT_HIERARCHICAL),
		              "K=%d d=%g T=%g: phase %d, event %g", p.K, p.own[MT_D], p.T, (int)phase,
		              hierarchical);
		ck_assert_msg((parallel > 0) == (phase == MT_PARALLEL), "K=%d d=%g T=%g: phase %d, event %g",
		              p.K, p.own[MT_D], p.T, (int)phase, parallel);
	}
}
END_TEST

/* A level has no point on the line of the level before: T = 0.07 = d is on `pure`. */
START_TEST(test_level_before)
{
	struct params p = {.r = 1, .K = 4, .T = 0.07};
	for (p.own[MT_D] = 0.06; p.own[MT_D] < 0.08; p.own[MT_D] += 1e-4) {
		double value;
		ck_assert_int_eq(line_named("level_3")->event(average, &p, &value), GSL_SUCCESS);
		ck_assert_double_ge(value, 0);
	}
}
END_TEST

/* First order where p jumps by more than 1e-3: K = 3 does, K = 2 does not. */
START_TEST(test_jump)
{
	const struct transition *line = line_named("parallel");
	struct params p = {.r = 1, .K = 3, .T = 0.5};
	double jump;
	p.own[MT_D] = root(line, &p, &p.own[MT_D], 0.60, 0.65, 1e-9);
	ck_assert_int_eq(line->jump(average, &p, &jump), GSL_SUCCESS);
	ck_assert_double_gt(jump, 1e-3);
	p = (struct params){.r = 1, .K = 2, .T = 0.5};
	p.own[MT_D] = root(line, &p, &p.own[MT_D], 0.60, 0.63, 1e-9);
	ck_assert_int_eq(line->jump(average, &p, &jump), GSL_SUCCESS);
	ck_assert_double_lt(jump, 1e-3);
}
END_TEST

/* Signal to noise gives the number of examples in closed form, M = (1 - r^2)/r^2 (1 + a)/(1 - a),
 * supervised and unsupervised alike. */
START_TEST(test_examples_needed)
{
	double r = 0.2, d = 0.3, a = d * d * (1 - pow(d, 4)) / (1 + d);
	struct params p = {.r = r, .K = 3, .own[MT_D] = d};
	double rho = root(line_named("snr_hierarchical"), &p, &p.rho, 0.1, 2, 1e-12);
	ck_assert_double_eq_tol((1 - r * r) / (r * r * rho), (1 - r * r) / (r * r) * (1 + a) / (1 - a), 1e-9);
	const char *names[] = {"learning_hierarchical", "one_step_hierarchical", "one_step_parallel"};
	for (int i = 0; i < 3; i++)
		for (p.M = 20; p.M <= 60; p.M += 20) {
			double supervised, unsupervised;
			p.rho = (1 - r * r) / (p.M * r * r);
			p.learning = SUPERVISED;
			line_named(names[i])->event(average, &p, &supervised);
			p.learning = UNSUPERVISED;
			line_named(names[i])->event(average, &p, &unsupervised);
			ck_assert_double_eq(supervised, unsupervised);
		}
}
END_TEST

/* The number of examples needed at T = 0 is unique, although the fields lie on a lattice, and close to its
 * large-M value: rho = 0.3575 is M = 67.1 (data/reference/multitask_lines.txt). */
START_TEST(test_one_threshold)
{
	const double r = 0.2;
	int changes = 0, threshold = 0;
	for (int M = 45; M <= 80; M++) {
		struct params p = {.r = r, .M = M, .K = 2, .own[MT_D] = 0.3, .learning = SUPERVISED};
		double value;
		p.rho = (1 - r * r) / (M * r * r);
		ck_assert_int_eq(line_named("learning_hierarchical")->event(average, &p, &value),
		                 GSL_SUCCESS);
		if ((value > 0) == (changes % 2 == 0)) {
			changes++;
			threshold = M;
		}
	}
	ck_assert_int_eq(changes, 1);
	ck_assert_int_le(abs(threshold - 67), 2);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *lines = suite_case(suite, "lines", 60);

	tcase_add_checked_fixture(lines, setup, teardown);
	tcase_add_test(lines, test_closed_forms);
	tcase_add_test(lines, test_cascade);
	tcase_add_test(lines, test_labels);
	tcase_add_test(lines, test_level_before);
	tcase_add_test(lines, test_jump);
	tcase_add_test(lines, test_examples_needed);
	tcase_add_test(lines, test_one_threshold);
}
