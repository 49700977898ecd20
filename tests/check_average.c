/* Tests the averages: Fourier sum against the trapezoid rule, closed forms, derivatives, kernels against
 * each other.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/numerics/average.h"
#include "tests/suite.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

static struct law binomial(double M, double r)
{
	return (struct law){M, r, (1 - r * r) / (M * r * r)};
}

static struct law law_number(int i)
{
	const struct law gauss[] = {{0, 1, 0}, {0, 1, 0.1}, {0, 1, 2}};
	switch (i) {
	case 3: return binomial(1, 0.7);
	case 4: return binomial(2, 0.3);
	case 5: return binomial(5, 0.8);
	case 6: return binomial(40, 0.05);
	case 7: return binomial(1000, 0.2);  /* repeated squaring */
	case 8: return binomial(5000, 0.2);  /* logarithms */
	default: return gauss[i];
	}
}
enum { LAWS = 9, MOMENTS = sizeof(struct moments) / sizeof(double) };

/* Two methods that share only the distribution: m, n and T ln 2cosh to 1e-12; C, sech4 and derivatives,
 * which carry factors 1/T to 1/T^3, to 1e-12 of that factor.  Repeated squaring loses 1e-16 M: 1.2e-13 at M
 * = 1000. */
START_TEST(fourier_is_trapezoid)
{
	const struct law law = law_number(_i);
	struct average *average;
	ck_assert_int_eq(average_alloc(&average, "auto"), GSL_SUCCESS);
	for (double T = 0.02; T < 3; T *= 2.9)
		for (double A = 0.01; A < 4; A *= 3.7)
			for (double v = 0; v < 3; v = 3 * v + 0.003) {
				struct moments a, b;
				ck_assert_int_eq(average_fields(average, &law, T, A, v, &a), GSL_SUCCESS);
				ck_assert_int_eq(average_trapezoid(&law, T, A, v, &b), GSL_SUCCESS);
				double t = T < 1 ? T : 1;
				ck_assert_double_eq_tol(a.m, b.m, 1e-12);
				ck_assert_double_eq_tol(a.n, b.n, 1e-12);
				ck_assert_double_eq_tol(a.logcosh, b.logcosh, 1e-11);
				ck_assert_double_eq_tol(a.C, b.C, 1e-12 / t);
				ck_assert_double_eq_tol(a.sech4, b.sech4, 2e-12 / t);
				ck_assert_double_eq_tol(a.n_A, b.n_A, 2e-12 / t);
				ck_assert_double_eq_tol(a.n_v, b.n_v, 1e-11 / (t * t));
				ck_assert_double_eq_tol(a.C_v, b.C_v, 1e-11 / (t * t * t));
			}
	average_free(average);
}
END_TEST

/* All kernels do the same sums; the order of the lanes may differ: 1e-13. */
START_TEST(kernels_agree)
{
	const struct law law = law_number(_i);
	struct average *one, *other;
	ck_assert_int_eq(average_alloc(&one, "portable"), GSL_SUCCESS);
	for (int k = 0; average_kernel_name(k); k++) {
		if (average_alloc(&other, average_kernel_name(k)) == GSL_EINVAL)
			continue; /* not on this processor */
		for (double T = 0.1; T < 2; T *= 1.7) {
			struct moments a, b;
			ck_assert_int_eq(average_fields(one, &law, T, 1.7, 0.3, &a), GSL_SUCCESS);
			ck_assert_int_eq(average_fields(other, &law, T, 1.7, 0.3, &b), GSL_SUCCESS);
			ck_assert_double_eq_tol(a.m, b.m, 1e-13);
			ck_assert_double_eq_tol(a.n, b.n, 1e-13);
			ck_assert_double_eq_tol(a.C, b.C, 1e-12);
			ck_assert_double_eq_tol(a.logcosh, b.logcosh, 1e-13);
		}
		average_free(other);
	}
	ck_assert_int_eq(average_alloc(&other, "cuneiform"), GSL_EINVAL);
	average_free(one);
}
END_TEST

/* Differences (fourth order) of n and C against n_A, n_v, C_A, C_v. */
START_TEST(derivatives)
{
	const struct law law = law_number(_i);
	struct average *average;
	ck_assert_int_eq(average_alloc(&average, "auto"), GSL_SUCCESS);
	const double A = 1.3, v = 0.4, h = 1e-3, shift[4] = {-2, -1, 1, 2};
	for (double T = 0; T < 1.1; T += 0.35) {
		struct moments a, by_A[4], by_v[4];
		average_fields(average, &law, T, A, v, &a);
		for (int k = 0; k < 4; k++) {
			average_fields(average, &law, T, A + h * shift[k], v, &by_A[k]);
			average_fields(average, &law, T, A, v + h * shift[k], &by_v[k]);
		}
#define SLOPE(f, field) ((8 * (f[2].field - f[1].field) - (f[3].field - f[0].field)) / (12 * h))
		ck_assert_double_eq_tol(a.n_A, SLOPE(by_A, n), 1e-8);
		ck_assert_double_eq_tol(a.C_A, SLOPE(by_A, C), 1e-8);
		ck_assert_double_eq_tol(a.n_v, SLOPE(by_v, n), 1e-8);
		ck_assert_double_eq_tol(a.C_v, SLOPE(by_v, C), 1e-8);
		/* d(T E ln 2cosh)/dA = n, d/dv = C/2: the identities behind the stationarity of the free
		 * energy */
		ck_assert_double_eq_tol(a.n, SLOPE(by_A, logcosh), 1e-8);
		ck_assert_double_eq_tol(0.5 * a.C, SLOPE(by_v, logcosh), 1e-8);
	}
	average_free(average);
}
END_TEST

/* T -> 0 approaches the closed forms with corrections of order T^2, for a smooth density of fields. */
START_TEST(zero_temperature_limit)
{
	const struct law law = law_number(_i);
	struct average *average;
	struct moments zero, cold;
	ck_assert_int_eq(average_alloc(&average, "auto"), GSL_SUCCESS);
	average_fields(average, &law, 0, 1.3, 0.4, &zero);
	average_fields(average, &law, 1e-4, 1.3, 0.4, &cold);
	ck_assert_double_eq_tol(zero.m, cold.m, 1e-7);
	ck_assert_double_eq_tol(zero.n, cold.n, 1e-7);
	ck_assert_double_eq_tol(zero.C, cold.C, 1e-7);
	ck_assert_double_eq_tol(zero.sech4, cold.sech4, 1e-7);
	ck_assert_double_eq_tol(zero.logcosh, cold.logcosh, 1e-7);
	average_free(average);
}
END_TEST

/* Noise-free fields with chi = 1, and the moments of chi itself from weak fields: n_A -> E chi^2/T = 1/T. */
START_TEST(closed_forms)
{
	struct average *average;
	struct moments a;
	ck_assert_int_eq(average_alloc(&average, "auto"), GSL_SUCCESS);
	/* the lowest temperatures use the trapezoid rule instead of the Fourier sum */
	for (double T = 1e-5; T < 10; T *= 10) {
		average_fields(average, &(struct law){0, 1, 0}, T, 0.7, 0, &a);
		ck_assert_double_eq_tol(a.m, tanh(0.7 / T), 1e-14);
		ck_assert_double_eq_tol(a.C * T, 1 / pow(cosh(0.7 / T), 2), 1e-14);
	}
	for (int i = 0; i < LAWS; i++) {
		struct law law = law_number(i);
		average_fields(average, &law, 2, 0, 0, &a);
		ck_assert_double_eq_tol(a.n_A, 0.5, 1e-12);
		ck_assert_double_eq_tol(a.logcosh, 2 * M_LN2, 1e-12);
	}
	/* one tied atom of M = 2, no noise, T = 0: weight (1 - r^2)/2 has h = 0 */
	struct law tie = law_number(4);
	average_fields(average, &tie, 0, 1, 0, &a);
	ck_assert_double_eq_tol(a.m, 0.3, 1e-15);
	ck_assert(isinf(a.C));
	ck_assert_int_eq(average_fields(average, &tie, -1, 1, 0, &a), GSL_EDOM);
	ck_assert_int_eq(average_fields(average, &tie, 1, NAN, 0, &a), GSL_EDOM);
	average_free(average);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tc = suite_case(suite, "average", 60);

	tcase_add_loop_test(tc, fourier_is_trapezoid, 0, LAWS);
	tcase_add_loop_test(tc, kernels_agree, 0, LAWS);
	tcase_add_loop_test(tc, derivatives, 0, LAWS);
	tcase_add_loop_test(tc, zero_temperature_limit, 0, LAWS);
	tcase_add_test(tc, closed_forms);
}
