/* Tests the lines of the dense network with the search that mattis lines uses: against
 * data/reference/dense_lines.txt and closed forms; and the search itself on events with known roots.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/numerics/roots.h"
#include "physics/dense/equations.h"
#include "physics/dense/loads.h"
#include "physics/numerics/newton.h"
#include "physics/dense/one_step.h"
#include "tests/reference.h"
#include "tests/suite.h"

#include <gsl/gsl_errno.h>

static struct average *average;

static void setup(void)
{
	ck_assert_int_eq(average_alloc(&average, "auto"), GSL_SUCCESS);
}

static void teardown(void)
{
	average_free(average);
}

struct place {
	const struct transition *line;
	struct params p;
	double *axis;
	int calls;
};

static int event(void *ctx, double x, double *value)
{
	struct place *place = ctx;
	*place->axis = x;
	place->calls++;
	return place->line->event(average, &place->p, value);
}

static const struct transition *line_named(const char *name)
{
	const struct transition *line = dense_lines;
	while (line->name && strcmp(line->name, name) != 0)
		line++;
	ck_assert_msg(line->name != NULL, "no line %s", name);
	return line;
}

static int roots(struct roots_root *root, struct place *place, const char *axis, double low, double high,
                 double tolerance)
{
	const struct roots_event e = {.value = event, .ctx = place, .tolerance = tolerance};
	const struct roots_axis range = {(double[]){low, high}, 2, .least = 32, .most = 32};
	double node[64];
	int found, nodes = roots_nodes(node, &range, NULL, 0);
	place->axis = strcmp(axis, "T") == 0       ? &place->p.T
	              : strcmp(axis, "gamma") == 0 ? &place->p.gamma
	                                           : &place->p.rho;
	ck_assert_int_eq(roots_find(&e, node, nodes, root, 8, &found), GSL_SUCCESS);
	for (int i = 0; i < found; i++)
		ck_assert(root[i].width <= tolerance && root[i].x >= low && root[i].x <= high);
	return found;
}

/* Returns the only known place of the line along an axis. */
static double known(const struct transition *line, const struct params *p, const char *axis)
{
	double x[LINE_ROOTS];
	int count;
	ck_assert_int_eq(line->known(average, p, axis, x, &count), GSL_SUCCESS);
	ck_assert_msg(count == 1, "%s: %d places along %s at T %g", line->name, count, axis, p->T);
	return x[0];
}

/* Every number of the table is one of the roots and, if the line is known as a load, equals it. */
START_TEST(test_reference)
{
	struct reference r;
	int count = 0;
	for (reference_open(&r, "dense_lines.txt"); reference_next(&r); count++) {
		struct place place = {.line = line_named(reference_word(&r, 0))};
		struct params *p = &place.p;
		struct roots_root root[8];
		double tolerance = reference_real(&r, 11), want = reference_real(&r, 10), best = INFINITY;
		*p = (struct params){.learning = SUPERVISED,
		                     .P = (int)reference_real(&r, 4),
		                     .T = reference_real(&r, 5),
		                     .gamma = reference_real(&r, 6),
		                     .M = reference_real(&r, 7),
		                     .r = reference_real(&r, 8),
		                     .rho = reference_real(&r, 9)};
		if (p->M > 0)
			p->rho = (1 - p->r * p->r) / (p->M * p->r * p->r);
		int found = roots(root, &place, reference_word(&r, 1), reference_real(&r, 2),
		                  reference_real(&r, 3), 1e-9);
		for (int i = 0; i < found; i++)
			best = fmin(best, fabs(root[i].x - want));
		ck_assert_msg(best <= tolerance, "%s: P %d, root %.12g: the nearest of %d is off by %g",
		              place.line->name, p->P, want, found, best);
		if (place.line->known && strcmp(reference_word(&r, 1), "gamma") == 0)
			ck_assert_double_eq_tol(known(place.line, p, "gamma"), want, tolerance);
	}
	reference_close(&r);
	ck_assert_int_gt(count, 40);
}
END_TEST

/* P = 2: the ergodic phase ends at T = 1 + sqrt(gamma), for all examples. */
START_TEST(test_hopfield)
{
	const double gamma[] = {1e-6, 0.01, 0.1, 1};
	for (int i = 0; i < 4; i++) {
		struct roots_root root[8];
		struct place place = {.line = line_named("ergodic"),
		                      .p = {.P = 2, .gamma = gamma[i], .r = 1, .rho = 0.3}};
		ck_assert_int_eq(roots(root, &place, "T", 0, 3, 1e-10), 1);
		ck_assert_double_eq_tol(root[0].x, 1 + sqrt(gamma[i]), 1e-10);
	}
}
END_TEST

/* THEORY.md, exact without noise of the examples: on T = gamma the spinodal is at T_d^2 and the first-order
 * line at T_s^2, where paramagnet, glass and retrieval meet (P = 4: 0.46024155934574745,
 * 0.38054499288343624). */
START_TEST(test_nishimori)
{
	for (int P = 3; P <= 6; P++) {
		double T_d, T_s, value;
		struct params p = {.P = P, .r = 1};
		struct roots_root root[8];
		ck_assert_int_eq(one_step_glass_transitions(P, &T_d, &T_s, NULL, NULL), GSL_SUCCESS);
		p.T = T_d * T_d;
		ck_assert_double_eq_tol(known(line_named("spinodal"), &p, "gamma"), p.T, 1e-9);
		ck_assert_double_eq_tol(known(line_named("dynamic_glass"), &p, "gamma"), p.T, 1e-15);
		p.gamma = p.T;
		ck_assert_double_eq_tol(known(line_named("dynamic_glass"), &p, "T"), p.T, 1e-15);
		p.T = p.gamma = T_s * T_s;
		ck_assert_int_eq(line_named("nishimori")->event(average, &p, &value), GSL_SUCCESS);
		ck_assert_double_eq(value, 0);
		struct place place = {.line = line_named("first_order"), .p = p};
		ck_assert_int_eq(roots(root, &place, "gamma", 0.9 * T_s * T_s, 1.1 * T_s * T_s, 1e-10), 1);
		ck_assert_double_eq_tol(root[0].x, T_s * T_s, 1e-8);
		if (P == 4) {
			ck_assert_double_eq_tol(T_d * T_d, 0.46024155934574745, 1e-9);
			ck_assert_double_eq_tol(T_s * T_s, 0.38054499288343624, 1e-9);
		}
	}
}
END_TEST

/* The re-entrant end of retrieval: two roots in T at a load between those of T = 0 and of the Nishimori
 * line, on either side of it; both on the line. */
START_TEST(test_reentrance)
{
	struct roots_root root[8];
	struct place place = {.line = line_named("spinodal"), .p = {.P = 4, .gamma = 0.43, .r = 1}};
	ck_assert_int_eq(roots(root, &place, "T", 0, 1, 1e-10), 2);
	ck_assert(root[0].x < 0.46024155934574745 && root[1].x > 0.46024155934574745);
	for (int i = 0; i < 2; i++) {
		place.p.T = root[i].x;
		ck_assert_double_eq_tol(known(place.line, &place.p, "gamma"), 0.43, 1e-9);
	}
}
END_TEST

/* Without load and noise of the examples n = tanh(A/T): with a = A/T, T = (P/2) tanh(a)^(P-1)/a, which is
 * largest where sinh 2a = 2 (P-1) a. */
START_TEST(test_no_load)
{
	const int degree[] = {3, 4, 6, 12, 50};
	for (int i = 0; i < 5; i++) {
		const int P = degree[i];
		double low = 0.1, high = 10;
		for (int k = 0; k < 100; k++) {
			double a = 0.5 * (low + high);
			*(sinh(2 * a) < 2 * (P - 1) * a ? &low : &high) = a;
		}
		struct roots_root root[8];
		struct place place = {.line = line_named("spinodal"), .p = {.P = P, .r = 1}};
		ck_assert_int_eq(roots(root, &place, "T", 0, 8, 1e-11), 1);
		ck_assert_double_eq_tol(root[0].x, 0.5 * P * pow(tanh(low), P - 1) / low, 1e-11);
	}
}
END_TEST

/* The retrieval state that the lines use is that of the solver's cold start, along the whole branch. */
START_TEST(test_retrieval)
{
	const struct params at[] = {
		{.P = 4, .T = 0.3, .r = 1, .rho = 0.1, .learning = SUPERVISED},
		{.P = 4, .T = 0.3, .r = 0.6, .M = 5, .rho = 0.64 / (5 * 0.36), .learning = SUPERVISED},
		{.P = 2, .T = 0.6, .r = 1},
		{.P = 3, .T = 0, .r = 0.8, .M = 4, .rho = 0.36 / (4 * 0.64), .learning = UNSUPERVISED},
		{.P = 12, .T = 0.05, .r = 1}};
	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		for (int k = 0; k <= 100; k++) {
			struct params p = at[i];
			struct dense_report report;
			struct dense_fold fold = {0};
			struct newton_solution s;
			enum status found;
			double end;
			ck_assert_int_eq(dense_spinodal_load(average, &p, &end), GSL_SUCCESS);
			p.gamma = end * (k < 100 ? k / 99.5 : 1 - 1e-6);
			ck_assert_int_eq(dense_retrieval(average, &p, &report, &found), GSL_SUCCESS);
			ck_assert_int_eq(found, CONVERGED);
			ck_assert_int_eq(dense_archetype(average, &p, 1e-11, &fold, &s), CONVERGED);
			ck_assert_double_eq_tol(report.n, s.x[0], 1e-9);
		}
}
END_TEST

/* ---------------------------------------------------------------- the search */

static int cubic(void *ctx, double x, double *value)
{
	(void)ctx;
	*value = (x - 0.1) * (x - 0.35) * (x - M_SQRT1_2); /* roots by construction */
	return GSL_SUCCESS;
}

static int jump(void *ctx, double x, double *value)
{
	(void)ctx;
	*value = x < M_SQRT1_2 ? 1e-6 : -1;
	return GSL_SUCCESS;
}

/* An event that ends shortly after its root, between two nodes. */
static int ending(void *ctx, double x, double *value)
{
	(void)ctx;
	*value = x < 0.5051 ? 0.505 - x : NAN;
	return GSL_SUCCESS;
}

static int broken(void *ctx, double x, double *value)
{
	(void)ctx;
	*value = x;
	return x > 0.5 ? GSL_ENOMEM : GSL_SUCCESS;
}

static int whole(void *ctx, double x, double *value)
{
	(void)ctx;
	ck_assert_double_eq(x, floor(x));
	*value = x - 12.5;
	return GSL_SUCCESS;
}

/* An event with two roots between two nodes on a log axis, with a ratio of 1 + 1e-5. */
static int pair(void *ctx, double x, double *value)
{
	(void)ctx;
	*value = log(x / 3e-4) * log(x / 3.00003e-4);
	return GSL_SUCCESS;
}

/* An event that is defined in a narrow interval only. */
static int island(void *ctx, double x, double *value)
{
	(void)ctx;
	*value = x > 0.3 && x < 0.301 ? x - 0.3004 : NAN;
	return GSL_SUCCESS;
}

struct search {
	int (*value)(void *, double, double *);
	double low, high, extra[2];
	int extras, geometric, whole;
	double tolerance;
};

static int search(struct search s, double *x, double *width)
{
	const struct roots_event e = {s.value, NULL, s.tolerance, s.geometric, s.whole};
	const struct roots_axis range = {(double[]){s.low, s.high}, 2, 10, 100, s.geometric, s.whole};
	double node[128];
	struct roots_root root[8];
	int found, nodes = roots_nodes(node, &range, s.extra, s.extras);
	for (int i = 1; i < nodes; i++)
		ck_assert_double_gt(node[i], node[i - 1]);
	ck_assert_int_eq(roots_find(&e, node, nodes, root, 8, &found), GSL_SUCCESS);
	for (int i = 0; i < found; i++) {
		x[i] = root[i].x;
		width[i] = root[i].width;
	}
	return found;
}

START_TEST(test_search)
{
	double x[8], width[8];
	ck_assert_int_eq(search((struct search){cubic, 0, 1, .tolerance = 1e-12}, x, width), 3);
	ck_assert_double_eq_tol(x[0], 0.1, 1e-12);
	ck_assert_double_eq_tol(x[1], 0.35, 1e-12);
	ck_assert_double_eq_tol(x[2], M_SQRT1_2, 1e-12);
	for (int i = 0; i < 3; i++)
		ck_assert_double_le(width[i], 1e-12);
	ck_assert_int_eq(search((struct search){jump, 0, 1, .tolerance = 1e-12}, x, width), 1);
	ck_assert_double_eq_tol(x[0], M_SQRT1_2, 1e-12);
	ck_assert_int_eq(search((struct search){ending, 0, 1, .tolerance = 1e-12}, x, width), 1);
	ck_assert_double_eq_tol(x[0], 0.505, 1e-12);
	ck_assert_int_eq(search((struct search){whole, 1, 100, .whole = 1}, x, width), 1);
	ck_assert_double_eq(x[0], 13);
	ck_assert_double_eq(width[0], 1);
}
END_TEST

/* Two roots between two nodes are found by the minimum of |event|; a bracket on a log axis is narrow in the
 * ratio; an event that is defined between two nodes only is found by its ends. */
START_TEST(test_hidden)
{
	double x[8], width[8];
	struct search log_axis = {pair, 1e-6, 1, .geometric = 1, .tolerance = 1e-9};
	ck_assert_int_eq(search(log_axis, x, width), 2);
	ck_assert_double_eq_tol(x[0], 3e-4, 1e-12);
	ck_assert_double_eq_tol(x[1], 3.00003e-4, 1e-12);
	ck_assert(width[0] <= 3.1e-13 && width[1] <= 3.1e-13);

	struct search narrow = {island, 0, 1, .tolerance = 1e-9};
	ck_assert_int_eq(search(narrow, x, width), 0);
	narrow.extra[0] = 0.3;
	narrow.extra[1] = 0.301;
	narrow.extras = 2;
	ck_assert_int_eq(search(narrow, x, width), 1);
	ck_assert_double_eq_tol(x[0], 0.3004, 1e-9);

	const struct roots_event e = {.value = broken, .tolerance = 1e-12};
	struct roots_root root[8];
	int found;
	ck_assert_int_eq(roots_find(&e, (double[]){0, 0.25, 0.5, 0.75, 1}, 5, root, 8, &found), GSL_ENOMEM);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tcase = suite_case(suite, "lines", 60);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_reference);
	tcase_add_test(tcase, test_hopfield);
	tcase_add_test(tcase, test_nishimori);
	tcase_add_test(tcase, test_reentrance);
	tcase_add_test(tcase, test_no_load);
	tcase_add_test(tcase, test_retrieval);
	tcase_add_test(tcase, test_search);
	tcase_add_test(tcase, test_hidden);
}
