/* Tests the statistics against closed forms and against time series with exactly known autocorrelation.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/statistics/measure.h"
#include "montecarlo/statistics/record.h"
#include "tests/suite.h"

/* Random numbers of the tests (splitmix64), independent of the program's. */
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

/* x' = a x + noise, stationary with variance 1: tau = (1 + a)/(1 - a)/2. */
static void autoregressive(struct series *s, int n, double a, double shift)
{
	double x = normal();
	memset(s, 0, sizeof *s);
	for (int t = 0; t < n; t++) {
		measure_add(s, shift + x);
		x = a * x + sqrt(1 - a * a) * normal();
	}
}

START_TEST(bins_are_exact)
{
	struct series s = {0};
	for (int i = 0; i < 8; i++)
		measure_add(&s, i * i); /* 0 1 4 9 16 25 36 49 */
	ck_assert_uint_eq(s.level[0].n, 8);
	ck_assert_double_eq_tol(s.level[0].mean, 17.5, 1e-14);
	ck_assert_double_eq_tol(s.level[0].m2, 2226, 1e-11); /* sum x^2 = 4676, minus 8 x 17.5^2 */
	ck_assert_uint_eq(s.level[1].n, 4);
	ck_assert_double_eq_tol(s.level[1].first, 0.5, 1e-14);
	ck_assert_double_eq_tol(s.level[1].m2, .25 + 42.25 + 420.25 + 1806.25 - 4 * 17.5 * 17.5, 1e-11);
	ck_assert_uint_eq(s.level[3].n, 1);
	ck_assert_double_eq_tol(s.level[3].first, 17.5, 1e-14);
}
END_TEST

START_TEST(constant_has_no_error)
{
	struct series s = {0};
	const struct series *chain = &s;
	struct estimate e;
	for (int i = 0; i < 1000; i++)
		measure_add(&s, 0.1);
	measure_estimate(&e, &chain, 1);
	ck_assert(e.mean == 0.1 && e.error == 0 && e.tau == 0.5 && e.drift == 0 && e.spread == 0);
	ck_assert(measure_equilibrated(&e));
	measure_estimate(&e, &chain, 0);
	ck_assert(isnan(e.mean) && isnan(e.error));
}
END_TEST

/* tau of 4 chains of 2^14 values.  Its relative statistical error is about sqrt(B/n), its bias -tau/B, with
 * bins of B = 256..512 sweeps: 10 % is beyond four deviations at tau = 9.5. */
START_TEST(autocorrelation_time)
{
	static const double a[] = {0, 0.5, 0.9};
	for (int k = 0; k < 3; k++) {
		static struct series s[4];
		const struct series *chain[4];
		struct estimate e;
		state = 1000 + (uint64_t)k;
		for (int c = 0; c < 4; c++) {
			autoregressive(&s[c], 1 << 14, a[k], 3);
			chain[c] = &s[c];
		}
		measure_estimate(&e, chain, 4);
		double tau = (1 + a[k]) / (1 - a[k]) / 2;
		ck_assert_uint_eq(e.n, 1 << 16);
		ck_assert(measure_equilibrated(&e));
		ck_assert_double_lt(fabs(e.tau / tau - 1), k == 2 ? 0.25 : 0.1);
		ck_assert_double_lt(fabs(e.mean - 3), 4 * sqrt(2 * tau / (1 << 16)));
		ck_assert_double_lt(fabs(e.error / sqrt(2 * tau / (1 << 16)) - 1), k == 2 ? 0.12 : 0.05);
	}
}
END_TEST

/* The fraction of 400 runs whose mean is within one and two errors of the exact value: 68.3 % and 95.4 %
 * with a binomial standard deviation of 2.3 % and 1.05 %; four of them, and 1.5 % for the noise of the
 * error itself. */
START_TEST(thermal_errors_cover)
{
	int one = 0, two = 0, alarms = 0, runs = 400;
	state = 77;
	for (int i = 0; i < runs; i++) {
		static struct series s[4];
		const struct series *chain[4];
		struct estimate e;
		for (int c = 0; c < 4; c++) {
			autoregressive(&s[c], 1500, 0.8, 0); /* tau = 4.5 */
			chain[c] = &s[c];
		}
		measure_estimate(&e, chain, 4);
		one += fabs(e.mean) < e.error;
		two += fabs(e.mean) < 2 * e.error;
		alarms += !measure_equilibrated(&e);
	}
	ck_assert_double_eq_tol(one / (double)runs, 0.683, 4 * 0.023 + 0.015);
	ck_assert_double_eq_tol(two / (double)runs, 0.954, 4 * 0.0105 + 0.015);
	ck_assert_int_le(alarms, 3);
}
END_TEST

START_TEST(trouble_is_noticed)
{
	static struct series s[2];
	const struct series *chain[2] = {&s[0], &s[1]};
	struct estimate e;
	memset(s, 0, sizeof s);
	for (int t = 0; t < 4096; t++) { /* drifts: first half 0, second half 1 */
		measure_add(&s[0], normal() + (t > 2048));
		measure_add(&s[1], normal() + (t > 2048));
	}
	measure_estimate(&e, chain, 2);
	ck_assert(!measure_equilibrated(&e));
	memset(s, 0, sizeof s);
	for (int t = 0; t < 4096; t++) { /* the chains disagree */
		measure_add(&s[0], normal() + 0.5);
		measure_add(&s[1], normal() - 0.5);
	}
	measure_estimate(&e, chain, 2);
	ck_assert(!measure_equilibrated(&e) && e.spread > 5);
	memset(s, 0, sizeof s); /* tau as long as the chain */
	autoregressive(&s[0], 4096, 0.9995, 0);
	measure_estimate(&e, chain, 1);
	ck_assert(!measure_equilibrated(&e));
	memset(s, 0, sizeof s); /* two frozen chains in different states */
	for (int t = 0; t < 100; t++) {
		measure_add(&s[0], 1);
		measure_add(&s[1], -1);
	}
	measure_estimate(&e, chain, 2);
	ck_assert(!measure_equilibrated(&e));
}
END_TEST

/* Half a run, saved, and the other half give the same as a whole run, bit for bit. */
START_TEST(half_and_half_is_whole)
{
	struct series whole = {0}, first = {0}, second;
	struct watch watch = {0}, watch2 = {0}, kept;
	double x[1000];
	state = 5;
	for (int i = 0; i < 1000; i++)
		x[i] = normal();
	for (int i = 0; i < 1000; i++) {
		measure_add(&whole, x[i]);
		measure_watch(&watch, x[i], 100);
	}
	for (int i = 0; i < 333; i++) {
		measure_add(&first, x[i]);
		measure_watch(&watch2, x[i], 100);
	}
	second = first;
	kept = watch2;
	for (int i = 333; i < 1000; i++) {
		measure_add(&second, x[i]);
		measure_watch(&kept, x[i], 100);
	}
	ck_assert_mem_eq(&whole, &second, sizeof whole);
	ck_assert_mem_eq(&watch, &kept, sizeof watch);
}
END_TEST

START_TEST(samples_and_their_parts)
{
	/* mean 2, scatter 1 over 4 samples; one sample missing */
	double mean[5] = {1, 1, NAN, 3, 3}, error[5] = {.5, .5, NAN, .5, .5};
	struct result r;
	measure_result(&r, mean, error, 5);
	ck_assert_int_eq(r.samples, 4);
	ck_assert_double_eq_tol(r.mean, 2, 1e-15);
	ck_assert_double_eq_tol(r.error, sqrt(4.0 / 3 / 4), 1e-15);
	ck_assert_double_eq_tol(r.thermal, 0.25, 1e-15);
	ck_assert_double_eq_tol(r.disorder, sqrt(1.0 / 3 - 1.0 / 16), 1e-15);
	measure_result(&r, mean, error, 1);
	ck_assert(r.mean == 1 && isnan(r.error) && r.thermal == 0.5);
	measure_result(&r, mean + 2, error + 2, 1);
	ck_assert(isnan(r.mean) && r.samples == 0);
}
END_TEST

static double square(const double *means, void *ctx)
{
	(void)ctx;
	return means[0] * means[0];
}

/* <x>^2 over n samples: the plain estimate has the bias variance/n, which the jackknife removes:
 * it gives mean^2 - s^2/n. */
START_TEST(jackknife_removes_bias)
{
	double x[6] = {1, 2, 4, 8, NAN, 5}, value, error;
	measure_jackknife(&value, &error, x, 6, 1, square, NULL);
	double mean = 4, s2 = (9 + 4 + 0 + 16 + 1) / 4.0;
	ck_assert_double_eq_tol(value, mean * mean - s2 / 5, 1e-12);
	/* leave-one-out: (20 - x)^2/16 = 361 324 256 144 225 over 16, mean 262/16 */
	double m2 = (99.0 * 99 + 62 * 62 + 6 * 6 + 118 * 118 + 37 * 37) / 256;
	ck_assert_double_eq_tol(error, sqrt(m2 * 4 / 5), 1e-12);
	double gauss[2] = {1, 3}, frozen[2] = {0.49, 0.2401};
	ck_assert_double_eq_tol(measure_binder(gauss, NULL), 0, 1e-15);
	ck_assert_double_eq_tol(measure_binder(frozen, NULL), 2.0 / 3, 1e-15);
}
END_TEST

/* A plateau at 0.95 that drops after 300 sweeps is an escape; a smooth decay, a plateau, a paramagnet and a
 * small step are not. */
START_TEST(escape)
{
	double N = 100;
	int seen[5] = {0}, runs = 50;
	state = 11;
	for (int run = 0; run < runs; run++) {
		struct watch w[5] = {0};
		double noise = 0;
		for (int t = 0; t < 3000; t++) {
			noise = 0.5 * noise + normal() * sqrt(0.75);
			double fall = t < 300 ? 0.95 : 0.15 + 0.8 * exp(-(t - 300) / 5.0);
			measure_watch(&w[0], fall + 0.03 * noise, N);
			measure_watch(&w[1], exp(-t / 30.0) + 0.03 * noise, N);
			measure_watch(&w[2], 0.95 + 0.03 * noise, N);
			measure_watch(&w[3], 0.1 * noise, N);
			measure_watch(&w[4], 0.95 - 0.1 * (t > 300) + 0.03 * noise, N);
		}
		for (int k = 0; k < 5; k++)
			seen[k] += w[k].escaped > 0;
		ck_assert_uint_ge(w[0].escaped, 300);
		ck_assert_uint_le(w[0].escaped, 600);
		ck_assert_double_eq_tol(w[0].plateau, 0.95, 0.06);
	}
	ck_assert_int_eq(seen[0], runs);
	for (int k = 1; k < 5; k++)
		ck_assert_int_eq(seen[k], 0);
}
END_TEST

/* Two replicas of a sample: one leaves the state at once, the other after 300 sweeps: neither stayed. */
START_TEST(early_escape)
{
	const struct record_shape shape = {.patterns = 1, .replicas = 2};
	const uint64_t burn_in = 100;
	double answer[64], N = 100, noise[2] = {0};
	void *record = calloc(1, record_bytes(&shape));

	ck_assert_uint_le(record_width(&shape), 64);
	state = 5;
	for (uint64_t t = 1; t < 2000; t++)
		for (int r = 0; r < 2; r++) {
			noise[r] = 0.5 * noise[r] + normal() * sqrt(0.75);
			double m = (r == 1 && t < 300 ? 0.95 : 0) + 0.03 * noise[r];
			record_watch(record, &shape, r, m, N, t > burn_in);
			if (t > burn_in)
				record_chain(record, &shape, r, &m, &m, -m * m);
		}
	record_result(answer, record, &shape, burn_in, N);
	ck_assert_double_eq(answer[RESULT_ESCAPED], 1);
	ck_assert_double_eq(answer[RESULT_ALL_ESCAPED], 1);
	ck_assert_double_eq_tol(answer[record_offset(&shape, OBS_M, 0, PART_MEAN)], 0, 0.02);
	free(record);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tc = suite_case(suite, "measure", 30);

	tcase_add_test(tc, bins_are_exact);
	tcase_add_test(tc, constant_has_no_error);
	tcase_add_test(tc, autocorrelation_time);
	tcase_add_test(tc, thermal_errors_cover);
	tcase_add_test(tc, trouble_is_noticed);
	tcase_add_test(tc, half_and_half_is_whole);
	tcase_add_test(tc, early_escape);
	tcase_add_test(tc, samples_and_their_parts);
	tcase_add_test(tc, jackknife_removes_bias);
	tcase_add_test(tc, escape);
}
