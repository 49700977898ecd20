/* Tests the comparison of theory and simulation: z, chi-squared of dependent points and extrapolation
 * against closed forms, and the stated false-alarm rates on synthetic data.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdlib.h>

#include "montecarlo/statistics/significance.h"
#include "physics/dense/equations.h"
#include "tests/suite.h"

/* splitmix64: the tests' own random numbers, independent of the program's. */
static uint64_t state;

static double uniform(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return ((double)((z ^ z >> 31) >> 11) + 0.5) * 0x1p-53;
}

static double normal(void)
{
	double radius = sqrt(-2 * log(uniform()));
	return radius * cos(2 * M_PI * uniform());
}

/* Student's t of the mean of x. */
static double student(const double *x, int samples)
{
	double mean = 0, square = 0;
	for (int k = 0; k < samples; k++)
		mean += x[k] / samples;
	for (int k = 0; k < samples; k++)
		square += (x[k] - mean) * (x[k] - mean);
	return mean / sqrt(square / (samples - 1) / samples);
}

START_TEST(deviates_have_the_same_tail)
{
	/* dof 1: Q(t) = 1/2 - atan(t)/pi; dof 2: Q(t) = (1 - t/sqrt(2 + t^2))/2 */
	for (double t = -50; t <= 50; t += 0.7) {
		double one = 0.5 - atan(fabs(t)) / M_PI, two = (1 - fabs(t) / sqrt(2 + t * t)) / 2;
		ck_assert_double_eq_tol(significance_p(significance_z(t, 1)), 2 * one, 1e-12);
		ck_assert_double_eq_tol(significance_p(significance_z(t, 2)), 2 * two, 1e-12);
		ck_assert(significance_z(t, 3) * t >= 0);
	}
	ck_assert_double_eq_tol(significance_z(2.5, 1e9), 2.5, 1e-7);
	ck_assert_double_eq_tol(significance_p(1.959963984540054), 0.05, 1e-14);
	ck_assert(significance_z(INFINITY, 5) > 36 && significance_z(-INFINITY, 5) < -36);
	ck_assert(isnan(significance_z(NAN, 5)) && isnan(significance_z(1, 0)));
}
END_TEST

START_TEST(families_in_closed_form)
{
	/* orthogonal samples: four entries count as four, and chi-squared with 4 degrees has the tail (1 +
	 * x/2) e^{-x/2} */
	double x[4][8], z[4] = {1, -2, 0.5, 1.5};
	struct family f;
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 8; k++)
			x[i][k] = i < 3 ? (k >> i & 1 ? 1 : -1) : ((k ^ k >> 1 ^ k >> 2) & 1 ? 1 : -1);
	ck_assert_int_eq(significance_family(&f, z, x[0], 4, 8), 0);
	ck_assert_int_eq(f.n, 4);
	ck_assert_double_eq_tol(f.chi2, 7.5, 1e-14);
	ck_assert_double_eq_tol(f.dof, 4, 1e-12);
	ck_assert_double_eq_tol(f.p, (1 + 3.75) * exp(-3.75), 1e-12);

	/* four identical entries count as one; p is that of the root mean square */
	for (int i = 1; i < 4; i++)
		for (int k = 0; k < 8; k++)
			x[i][k] = 3 * i * x[0][k];
	significance_family(&f, z, x[0], 4, 8);
	ck_assert_double_eq_tol(f.dof, 1, 1e-12);
	ck_assert_double_eq_tol(f.p, significance_p(sqrt(7.5 / 4)), 1e-12);

	/* three samples do not determine dependence; without entries there is no probability */
	significance_family(&f, z, x[0], 4, 3);
	ck_assert_double_eq(f.dof, 1);
	significance_family(&f, z, x[0], 0, 8);
	ck_assert(f.n == 0 && isnan(f.p));
}
END_TEST

/* i-j| (chain) or share (common).|Synthetic samples of a correct theory: entries i and j have the
 * correlation rho^|i-j| (chain) or rho (common).|i-j| (chain) or share (common). */
static void make_up(double *x, int n, int samples, double share, int common)
{
	for (int k = 0; k < samples; k++) {
		double shared = normal();
		for (int i = 0; i < n; i++) {
			x[i * samples + k] = sqrt(share) * shared + sqrt(1 - share) * normal();
			if (!common) {
				x[i * samples + k] =
					i ? share * shared + sqrt(1 - share * share) * normal() : shared;
				shared = x[i * samples + k];
			}
		}
	}
}

/* Returns the fraction of false alarms at level `alarm`; *naive: with entries treated as independent. */
static double alarms(double alarm, int n, int samples, double share, int common, double *naive)
{
	enum { TRIALS = 4000 };
	double *x = malloc((size_t)(n * samples) * sizeof *x), *z = malloc((size_t)n * sizeof *z);
	struct family f;
	int found = 0, found_naive = 0;
	for (int t = 0; t < TRIALS; t++) {
		make_up(x, n, samples, share, common);
		for (int i = 0; i < n; i++)
			z[i] = significance_z(student(x + i * samples, samples), samples - 1);
		ck_assert_int_eq(significance_family(&f, z, x, n, samples), 0);
		found += f.p < alarm;
		/* Wilson and Hilferty */
		found_naive += significance_p((cbrt(f.chi2 / n) - 1 + 2.0 / 9 / n) / sqrt(2.0 / 9 / n)) <
		                       2 * alarm &&
		               f.chi2 > n;
	}
	free(x);
	free(z);
	*naive = (double)found_naive / TRIALS;
	return (double)found / TRIALS;
}

START_TEST(false_alarms_are_as_stated)
{
	/* 4000 trials at 0.01: 40 +- 6.3 expected; 65 has probability 1e-4 */
	const double most = 65 / 4000.0;
	double naive;
	state = 1;
	ck_assert_double_lt(alarms(0.01, 12, 8, 0, 1, &naive), most);
	ck_assert_double_lt(alarms(0.01, 12, 20, 0, 1, &naive), most);
	ck_assert_double_gt(alarms(0.01, 12, 20, 0, 1, &naive), 0.003); /* and there are alarms */
	ck_assert_double_lt(alarms(0.01, 12, 8, 0.8, 1, &naive), most);
	ck_assert_double_gt(naive, 3 * most); /* without (V2) */
	ck_assert_double_lt(alarms(0.01, 12, 8, 0.9, 0, &naive), most);
	ck_assert_double_lt(alarms(0.01, 30, 16, 0.5, 0, &naive), most);
	ck_assert_double_lt(alarms(0.01, 5, 3, 0.5, 1, &naive), most);
}
END_TEST

START_TEST(wrong_theories_are_found)
{
	enum { N = 10, SAMPLES = 8 };
	double x[N * SAMPLES], z[N];
	struct family f;
	int found = 0;
	state = 2;
	for (int t = 0; t < 200; t++) {
		make_up(x, N, SAMPLES, 0.3, 1);
		for (int i = 0; i < N * SAMPLES; i++)
			x[i] += 2.5; /* 7 standard errors */
		for (int i = 0; i < N; i++)
			z[i] = significance_z(student(x + i * SAMPLES, SAMPLES), SAMPLES - 1);
		significance_family(&f, z, x, N, SAMPLES);
		found += f.p < 1e-3;
	}
	ck_assert_int_ge(found, 190);
}
END_TEST

START_TEST(lines_are_found)
{
	const double N[4] = {50, 100, 200, 400}, error[4] = {0.1, 0.2, 0.05, 0.3};
	double x[4][5], each[5], mean[4] = {0}, u[4], w[4], c0, c1, cov00, cov01, cov11, chi2;
	struct line_fit fit;
	state = 3;
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 5; k++)
			x[i][k] = 0.3 * k - 7 / N[i];
	ck_assert_int_eq(significance_line(&fit, each, N, error, x[0], 4, 5), 0);
	ck_assert_double_eq_tol(fit.value, 0.6, 1e-12);
	ck_assert_double_eq_tol(fit.slope, -7, 1e-10);
	ck_assert_double_eq_tol(fit.error, 0.3 * sqrt(2.5 / 5), 1e-12); /* of 0, 0.3, 0.6, 0.9, 1.2 */
	ck_assert_double_eq_tol(fit.t, 0.6 / fit.error, 1e-9);
	ck_assert_double_eq(fit.dof, 4);
	for (int k = 0; k < 5; k++)
		ck_assert_double_eq_tol(each[k], 0.3 * k, 1e-12);

	/* GSL's weighted fit of the means gives the same line */
	for (int i = 0; i < 4; i++) {
		u[i] = 1 / N[i];
		w[i] = 1 / (error[i] * error[i]);
		for (int k = 0; k < 5; k++) {
			x[i][k] = normal();
			mean[i] += x[i][k] / 5;
		}
	}
	significance_line(&fit, NULL, N, error, x[0], 4, 5);
	gsl_fit_wlinear(u, 1, w, 1, mean, 1, 4, &c0, &c1, &cov00, &cov01, &cov11, &chi2);
	ck_assert_double_eq_tol(fit.value, c0, 1e-12);
	ck_assert_double_eq_tol(fit.slope, c1, 1e-9);

	/* two sizes: (N2 y2 - N1 y1)/(N2 - N1), no deviation from a line; an unused sample is left out at
	 * all sizes */
	x[1][4] = NAN;
	significance_line(&fit, NULL, N, error, x[0], 2, 5);
	double value = 0;
	for (int k = 0; k < 4; k++)
		value += (100 * x[1][k] - 50 * x[0][k]) / 50 / 4;
	ck_assert_double_eq_tol(fit.value, value, 1e-12);
	ck_assert(fit.p == 1 && fit.dof == 3);
	ck_assert_int_eq(significance_line(&fit, NULL, N, error, x[0], 1, 5), -1);
}
END_TEST

START_TEST(lines_have_stated_false_alarms)
{
	enum { TRIALS = 4000, SIZES = 4, SAMPLES = 8 };
	const double N[SIZES] = {100, 200, 400, 800}, error[SIZES] = {0.4, 0.3, 0.2, 0.1};
	double x[SIZES][SAMPLES];
	int shifted = 0, curved = 0, seen = 0;
	struct line_fit fit;
	state = 4;
	for (int t = 0; t < TRIALS; t++) {
		for (int k = 0; k < SAMPLES; k++) {
			double shared = normal();
			for (int i = 0; i < SIZES; i++)
				x[i][k] = error[i] * sqrt(SAMPLES) * (0.6 * shared + 0.8 * normal()) +
				          90 / N[i];
		}
		significance_line(&fit, NULL, N, error, x[0], SIZES, SAMPLES);
		shifted += significance_p(significance_z(fit.t, fit.dof)) < 0.01;
		curved += fit.p < 0.01;
		for (int i = 0; i < SIZES; i++)
			for (int k = 0; k < SAMPLES; k++)
				x[i][k] += 3e5 / (N[i] * N[i]);
		significance_line(&fit, NULL, N, error, x[0], SIZES, SAMPLES);
		seen += fit.p < 0.01;
	}
	ck_assert_int_lt(shifted, 65); /* 40 +- 6.3 */
	ck_assert_int_gt(shifted, 18);
	ck_assert_int_lt(curved, 65);
	ck_assert_int_gt(seen, TRIALS / 2);
}
END_TEST

/* One pattern: the Gibbs sum over X = N - 2k aligned with it, restricted to m > 0.6, against n = tanh((P/2)
 * n^(P-1)/T). */
static void one_pattern(int P, int N, double T, double *m, double *u)
{
	double best = -INFINITY, sum = 0, energy[400], weight[400];
	*m = *u = 0;
	for (int pass = 0; pass < 2; pass++)
		for (int k = 0; k < N / 5; k++) {
			double e = 0; /* e_P of N - k ones and k minus ones */
			for (int j = 0; j <= P && j <= k; j++)
				e += (j % 2 ? -1 : 1) *
				     exp(lgamma(k + 1) - lgamma(j + 1) - lgamma(k - j + 1) +
				         lgamma(N - k + 1) - lgamma(P - j + 1) - lgamma(N - k - P + j + 1));
			energy[k] = -tgamma(P + 1) / 2 * e / pow(N, P - 1);
			weight[k] = lgamma(N + 1) - lgamma(k + 1) - lgamma(N - k + 1) - energy[k] / T;
			best = fmax(best, weight[k]);
			if (pass) {
				double w = exp(weight[k] - best);
				sum += w;
				*m += w * (N - 2 * k) / N;
				*u += w * energy[k] / N;
			}
		}
	*m /= sum;
	*u /= sum;
}

static double magnetisation(int P, double T)
{
	double n = 1;
	for (int i = 0; i < 10000; i++)
		n = tanh(0.5 * P * pow(n, P - 1) / T);
	return n;
}

START_TEST(finite_size_factor)
{
	for (int P = 2; P <= 6; P++) {
		struct params p = {.P = P, .T = 0.5, .N = 100, .r = 1};
		double m, u, bare = magnetisation(P, p.T), c = dense_network.finite_size(&p),
			     with = magnetisation(P, p.T);
		one_pattern(P, 100, 0.5, &m, &u);
		ck_assert_double_gt(fabs(m - bare), 1e-5);
		ck_assert_double_lt(fabs(m - with), (P == 2 ? 0.2 : 0.07) * fabs(m - bare));
		ck_assert_double_lt(fabs(u + c * pow(with, P) / 2),
		                    (P == 2 ? 0.06 : 0.006) * fabs(u + pow(bare, P) / 2));
	}
	struct params p = {.P = 4, .T = 0.5, .gamma = 0.1, .N = 10};
	ck_assert_double_eq_tol(dense_network.finite_size(&p), 0.504, 1e-15); /* 0.9 0.8 0.7 */
	ck_assert_double_eq_tol(p.T, 0.5 / 0.504, 1e-15);
	ck_assert_double_eq_tol(p.gamma, 0.1 / 0.504, 1e-15);
	p = (struct params){.P = 4, .T = 0.5, .gamma = 0.1};
	ck_assert(dense_network.finite_size(&p) == 1 && p.T == 0.5);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tc = suite_case(suite, "judge", 60);

	tcase_add_test(tc, deviates_have_the_same_tail);
	tcase_add_test(tc, families_in_closed_form);
	tcase_add_test(tc, false_alarms_are_as_stated);
	tcase_add_test(tc, wrong_theories_are_found);
	tcase_add_test(tc, lines_are_found);
	tcase_add_test(tc, lines_have_stated_false_alarms);
	tcase_add_test(tc, finite_size_factor);
}
