/* Tests averages of the multitasking network against the sum over all atoms, and its methods against each
 * other.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitasking/network.h"
#include "tests/suite.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

static struct average *average;

static void setup(void)
{
	ck_assert_int_eq(average_alloc(&average, "auto"), GSL_SUCCESS);
}

static void teardown(void)
{
	average_free(average);
}

struct sums {
	double logcosh, C, sech4, q, t[3], m[3], active[3], chi[9];
};

/* Exact examples: all patterns, all counts, and the Gaussian noise of variance v by the trapezoid. */
static void enumerate(const struct mt_point *pt, const double *p, double v, struct sums *out)
{
	int n = pt->n, M = (int)pt->M, atoms = 1 + 2 * (M + 1), total = 1;
	*out = (struct sums){0};
	for (int i = 0; i < n; i++)
		total *= atoms;
	for (int code = 0; code < total; code++) {
		double weight = 1, h = 0, z[3] = {0}, xi[3] = {0};
		for (int i = 0, rest = code; i < n; i++, rest /= atoms) {
			int k = rest % atoms - 1;
			if (k >= 0) {
				xi[i] = k % 2 ? 1 : -1;
				z[i] = xi[i] * (M ? (2.0 * (k / 2) - M) / (pt->r * M) : 1);
				weight *= M ? gsl_ran_binomial_pdf((unsigned)(k / 2), 0.5 * (1 + pt->r),
				                                   (unsigned)M)
				            : 1;
			}
			weight *= k >= 0 ? 0.5 * (1 - pt->d) : pt->d;
			h += p[i] * z[i];
		}
		double step = v > 0 ? fmin(0.2 * pt->T / sqrt(v), 0.25) : 1;
		for (double g = v > 0 ? -9 : 0; g <= (v > 0 ? 9 : 0); g += step) {
			double w = weight * (v > 0 ? step * exp(-0.5 * g * g) / sqrt(2 * M_PI) : 1),
			       x = (h + sqrt(v) * g) / pt->T;
			double t = tanh(x), s = 1 / (cosh(x) * cosh(x)) / pt->T;
			out->logcosh += w * pt->T * (fabs(x) + log1p(exp(-2 * fabs(x))));
			out->C += w * s;
			out->q += w * t * t;
			out->sech4 += w * s * s * pt->T;
			for (int i = 0; i < n; i++) {
				out->t[i] += w * z[i] * t;
				out->m[i] += w * xi[i] * t;
				out->active[i] += w * fabs(xi[i]) * s;
				for (int j = 0; j < n; j++)
					out->chi[i * n + j] += w * z[i] * z[j] * s;
			}
		}
	}
}

START_TEST(test_enumeration)
{
	const struct mt_point points[] = {
		{.n = 3, .T = 0.3, .d = 0.4, .r = 1},
		{.n = 3, .T = 0.05, .d = 0.7, .r = 1},
		{.n = 2, .T = 0.2, .d = 0.5, .M = 1, .r = 0.6, .rho = 0.64 / 0.36},
		{.n = 2, .T = 0.15, .d = 0.3, .M = 7, .r = 0.5, .rho = 0.75 / 7 / 0.25},
		{.n = 2, .T = 0.4, .d = 0, .M = 12, .r = 0.3, .rho = 0.91 / 12 / 0.09},
	};
	const double p[] = {0.9, 0.41, 0.17};
	for (size_t k = 0; k < sizeof points / sizeof *points; k++)
		for (double v = 0; v < 0.1; v += 0.07) {
			struct mt_point pt = points[k];
			struct mt_moments a;
			struct sums b;
			pt.c = (1 - pt.d) * (1 + pt.rho);
			enumerate(&pt, p, v, &b);
			ck_assert_int_eq(mt_average(average, &pt, p, v, MT_ALL, &a), GSL_SUCCESS);
			ck_assert_double_eq_tol(a.logcosh, b.logcosh, 1e-12);
			ck_assert_double_eq_tol(a.C, b.C, 1e-11);
			ck_assert_double_eq_tol(a.q, b.q, 1e-12);
			ck_assert_double_eq_tol(a.sech4, b.sech4, 1e-11);
			for (int i = 0; i < pt.n; i++) {
				ck_assert_double_eq_tol(a.t[i], b.t[i], 1e-12);
				ck_assert_double_eq_tol(a.m[i], b.m[i], 1e-12);
				ck_assert_double_eq_tol(a.active[i], b.active[i], 1e-11);
				for (int j = 0; j < pt.n; j++)
					ck_assert_double_eq_tol(a.chi[i * pt.n + j], b.chi[i * pt.n + j],
					                        2e-11);
			}
		}
}
END_TEST

/* Very many examples: exact and Gaussian laws agree, and the branch for large powers joins the other. */
START_TEST(test_many_examples)
{
	const double p[] = {0.8, 0.3}, M[] = {4000, 4100, 1e6};
	struct mt_moments exact, limit;
	for (int k = 0; k < 3; k++) {
		struct mt_point pt = {
			.n = 2, .T = 0.2, .d = 0.4, .M = M[k], .r = 0.1, .rho = 0.99 / (M[k] * 0.01)};
		pt.c = (1 - pt.d) * (1 + pt.rho);
		ck_assert_int_eq(mt_average(average, &pt, p, 0.01, MT_ALL, &exact), GSL_SUCCESS);
		pt.M = 0;
		ck_assert_int_eq(mt_average(average, &pt, p, 0.01, MT_ALL, &limit), GSL_SUCCESS);
		for (int i = 0; i < 2; i++) {
			ck_assert_double_eq_tol(exact.t[i], limit.t[i], 1 / M[k]);
			ck_assert_double_eq_tol(exact.m[i], limit.m[i], 1 / M[k]);
			ck_assert_double_eq_tol(exact.chi[3 * i], limit.chi[3 * i], 20 / M[k]);
		}
	}
}
END_TEST

/* The limit T -> 0 is the T = 0 code: Gaussian examples, noise, exact examples. */
START_TEST(test_zero_temperature)
{
	const double p[] = {0.83, 0.37, 0.21};
	const struct mt_point points[] = {{.n = 3, .d = 0.4, .r = 1},
	                                  {.n = 3, .d = 0.4, .r = 1, .rho = 0.3},
	                                  {.n = 2, .d = 0.3, .M = 9, .r = 0.55, .rho = 0.6975 / 9 / 0.3025}};
	for (int k = 0; k < 3; k++)
		for (int noise = 0; noise < 2; noise++) {
			struct mt_point pt = points[k];
			struct mt_moments cold, zero;
			double v = 0.02 * noise, C = pt.rho > 0 && pt.M == 0 ? 1e-3 : 1e-6;
			pt.c = (1 - pt.d) * (1 + pt.rho);
			ck_assert_int_eq(mt_average(average, &pt, p, v, MT_ALL, &zero), GSL_SUCCESS);
			pt.T = v > 0 ? 1e-3 : 2e-3;
			ck_assert_int_eq(mt_average(average, &pt, p, v, MT_ALL, &cold), GSL_SUCCESS);
			for (int i = 0; i < pt.n; i++) {
				ck_assert_double_eq_tol(cold.t[i], zero.t[i], 1e-3);
				ck_assert_double_eq_tol(cold.m[i], zero.m[i], 1e-3);
				for (int j = 0; j < pt.n && v > 0; j++)
					ck_assert_double_eq_tol(cold.chi[i * pt.n + j],
					                        zero.chi[i * pt.n + j], 2e-3);
			}
			if (v > 0) {
				ck_assert_double_eq_tol(cold.C, zero.C, 2e-3);
				ck_assert_double_eq_tol(cold.C_p[0], zero.C_p[0], 2e-2);
				ck_assert_double_eq_tol(cold.C_v, zero.C_v, 0.1 * fabs(zero.C_v) + C);
			}
		}
}
END_TEST

/* All kernels agree. */
START_TEST(test_kernels)
{
	struct mt_point pt = {.n = 12, .T = 0.2, .d = 0.4, .rho = 0.1, .r = 1, .c = 0.66};
	double p[12];
	struct mt_moments one, other;
	for (int i = 0; i < 12; i++)
		p[i] = pow(0.7, i);
	ck_assert_int_eq(mt_average(average, &pt, p, 0.01, MT_ALL, &one), GSL_SUCCESS);
	for (int k = 0; average_kernel_name(k); k++) {
		struct average *w;
		if (average_alloc(&w, average_kernel_name(k)) != GSL_SUCCESS)
			continue;
		ck_assert_int_eq(mt_average(w, &pt, p, 0.01, MT_ALL, &other), GSL_SUCCESS);
		ck_assert_double_eq_tol(one.logcosh, other.logcosh, 1e-13);
		for (int i = 0; i < 144; i++)
			ck_assert_double_eq_tol(one.chi[i], other.chi[i], 1e-13);
		average_free(w);
	}
}
END_TEST

/* Where the Fourier sum, the sum over atoms and the halves of a discrete field overlap, they agree. */
static void same_moments(const struct mt_moments *a, const struct mt_moments *b, int n, double eps)
{
	ck_assert_double_eq_tol(a->logcosh, b->logcosh, eps);
	ck_assert_double_eq_tol(a->q, b->q, eps);
	for (int i = 0; i < n; i++) {
		ck_assert_double_eq_tol(a->t[i], b->t[i], eps);
		ck_assert_double_eq_tol(a->m[i], b->m[i], eps);
		ck_assert_double_eq_tol(a->active[i], b->active[i], 10 * eps);
		for (int j = 0; j < n; j++)
			ck_assert_double_eq_tol(a->chi[i * n + j], b->chi[i * n + j], 10 * eps);
	}
}

START_TEST(test_ways)
{
	const double p[] = {0.83, 0.37, 0.21, 0.05};
	struct mt_moments a, b;
	const struct mt_point cold[] = {
		{.n = 4, .d = 0.4, .r = 1, .c = 0.6},
		{.n = 3, .d = 0.3, .M = 9, .r = 0.55, .rho = 0.6975 / 9 / 0.3025, .c = 0.7}};
	for (int k = 0; k < 2; k++)
		for (double T = 1e-3; T < 0.2; T *= 7) {
			struct mt_point pt = cold[k];
			pt.T = T;
			ck_assert_int_eq(mt_average(average, &pt, p, 0, MT_ALL, &a), GSL_SUCCESS);
			ck_assert_int_eq(mt_average_discrete(&pt, p, MT_ALL, &b), GSL_SUCCESS);
			same_moments(&a, &b, pt.n, 1e-12);
		}
	const struct mt_point zero[] = {
		{.n = 4, .d = 0.4, .r = 1, .rho = 0.3, .c = 0.78},
		{.n = 3, .d = 0, .r = 1, .rho = 0.02, .c = 1.02},
		{.n = 2, .d = 0.3, .M = 9, .r = 0.55, .rho = 0.6975 / 9 / 0.3025, .c = 0.7}};
	for (int k = 0; k < 3; k++) {
		double v = k == 2 ? 0.01 : 0;
		ck_assert_int_eq(mt_average(average, &zero[k], p, v, MT_ALL, &a), GSL_SUCCESS);
		ck_assert_int_eq(mt_average_leaves(average, &zero[k], p, v, MT_ALL, &b), GSL_SUCCESS);
		same_moments(&a, &b, zero[k].n, 2e-13);
		ck_assert_double_eq_tol(a.C, b.C, 1e-12);
		ck_assert_double_eq_tol(a.C_v, b.C_v, 1e-10 * fabs(b.C_v));
		for (int i = 0; i < zero[k].n && v > 0; i++)
			ck_assert_double_eq_tol(a.C_p[i], b.C_p[i], 1e-11);
		for (double T = 1e-3; T < 0.2; T *= 7) {
			struct mt_point pt = zero[k];
			pt.T = T;
			ck_assert_int_eq(mt_average(average, &pt, p, v, MT_ALL, &a), GSL_SUCCESS);
			ck_assert_int_eq(mt_average_leaves(average, &pt, p, v, MT_ALL, &b), GSL_SUCCESS);
			same_moments(&a, &b, pt.n, 2e-12);
		}
	}
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *all = suite_case(suite, "all", 60);

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, test_enumeration);
	tcase_add_test(all, test_many_examples);
	tcase_add_test(all, test_zero_temperature);
	tcase_add_test(all, test_kernels);
	tcase_add_test(all, test_ways);
}
