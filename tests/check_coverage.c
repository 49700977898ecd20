/* Tests the coverage of the error bars, with many seeds of a system so small that the average over all
 * disorder and all states is known exactly: P = 3, N = 5, K = 4.  By gauge symmetry xi^1 = 1; all choices
 * of the other three patterns are enumerated. (With fewer patterns, samples, or at lower T rare samples
 * such as xi^2 = +-xi^1 dominate: the errors are still correct on average, but z is skewed and does not
 * follow Student's t.)
 *
 * LONG=1: many more seeds.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "montecarlo/chain/task_run.h"
#include "tests/suite.h"

enum { N = 5, STATES = 1 << N, P = 3, K = 4, CHOICES = STATES * STATES * STATES, SAMPLES = 48 };
static const double T = 1;

enum { M, ENERGY, Q, M2, BINDER, SUSCEPTIBILITY, QUANTITIES };
static const char *const names[] = {"m", "energy", "q", "m2", "binder", "susceptibility"};

static double e3(int y) /* e_3 of N signs that sum to y: (y^3 - (3N-2) y)/6 */
{
	return (y * y * y - (3 * N - 2) * y) / 6.0;
}

static int overlap(int a, int b)
{
	return N - 2 * __builtin_popcount((unsigned)(a ^ b));
}

/* Averages over disorder; pattern 1 is all ones = state STATES-1.  H = -3 N^-2 sum over patterns of e_3. */
static void enumerate(double exact[QUANTITIES])
{
	double m = 0, m2 = 0, m4 = 0, energy = 0, q = 0, variance = 0;
	for (int xi = 0; xi < CHOICES; xi++) {
		double Z = 0, a = 0, a2 = 0, a4 = 0, u = 0, spin[N] = {0};
		for (int s = 0; s < STATES; s++) {
			double H =
				-3.0 / (N * N) *
				(e3(overlap(s, STATES - 1)) + e3(overlap(s, xi % STATES)) +
			         e3(overlap(s, xi / STATES % STATES)) + e3(overlap(s, xi / STATES / STATES)));
			double w = exp(-H / T), x = overlap(s, STATES - 1) / (double)N;
			Z += w;
			a += w * x;
			a2 += w * x * x;
			a4 += w * x * x * x * x;
			u += w * H / N;
			for (int i = 0; i < N; i++)
				spin[i] += w * (s >> i & 1 ? 1 : -1);
		}
		m += a / Z / CHOICES;
		m2 += a2 / Z / CHOICES;
		m4 += a4 / Z / CHOICES;
		energy += u / Z / CHOICES;
		variance += (a2 / Z - a / Z * a / Z) / CHOICES;
		for (int i = 0; i < N; i++)
			q += spin[i] / Z * spin[i] / Z / N / CHOICES;
	}
	exact[M] = m;
	exact[ENERGY] = energy;
	exact[Q] = q;
	exact[M2] = m2;
	exact[BINDER] = 1 - m4 / (3 * m2 * m2);
	exact[SUSCEPTIBILITY] = N * variance / T;
}

/* One job of SAMPLES samples: z of every quantity; miss: deviations; thermal: fraction of the thermal part
 * in the error of m. */
static void measure(double z[QUANTITIES], double miss[QUANTITIES], double *thermal, uint64_t seed,
                    const double exact[QUANTITIES])
{
	static const enum observable observable[] = {OBS_M, OBS_ENERGY, OBS_Q, OBS_M2};
	struct protocol protocol = {.network = network_find("dense"),
	                            .start = START_RANDOM,
	                            .replicas = 2,
	                            .burn_in = 30,
	                            .sweeps = 512,
	                            .seed = seed,
	                            .patterns = 1,
	                            .kernel = "auto"};
	struct params p = {.P = P, .T = T, .r = 1, .K = K, .N = N};
	struct record_shape shape = task_shape(&protocol);
	double mean[4][SAMPLES], error[4][SAMPLES], moments[SAMPLES][2], chi[SAMPLES], none[SAMPLES] = {0};
	double *answer = malloc(record_width(&shape) * sizeof *answer);
	struct result result;

	for (int k = 0; k < SAMPLES; k++) {
		struct task task = {.p = &p, .points = 1, .sample = (uint64_t)k};
		struct task_run *e;
		struct fault fault;
		ck_assert_int_eq(task_run_alloc(&e, &protocol, &task, &fault), 0);
		ck_assert_int_eq(task_run_advance(e, NULL), 0);
		task_run_result(e, answer);
		task_run_free(e);
		for (int o = 0; o < 4; o++) {
			mean[o][k] = answer[record_offset(&shape, observable[o], 0, PART_MEAN)];
			error[o][k] = answer[record_offset(&shape, observable[o], 0, PART_ERROR)];
		}
		moments[k][0] = mean[M2][k];
		moments[k][1] = answer[record_offset(&shape, OBS_M4, 0, PART_MEAN)];
		chi[k] = N * (mean[M2][k] - mean[M][k] * mean[M][k] + error[M][k] * error[M][k]) / T;
	}
	free(answer);
	for (int o = 0; o < 4; o++) {
		static const int which[] = {M, ENERGY, Q, M2};
		measure_result(&result, mean[o], error[o], SAMPLES);
		miss[which[o]] = result.mean - exact[which[o]];
		z[which[o]] = miss[which[o]] / result.error;
		if (o == M)
			*thermal = result.thermal / result.error;
	}
	double value, sigma;
	measure_jackknife(&value, &sigma, moments[0], SAMPLES, 2, measure_binder, NULL);
	miss[BINDER] = value - exact[BINDER];
	z[BINDER] = miss[BINDER] / sigma;
	measure_result(&result, chi, none, SAMPLES);
	miss[SUSCEPTIBILITY] = result.mean - exact[SUSCEPTIBILITY];
	z[SUSCEPTIBILITY] = miss[SUSCEPTIBILITY] / result.error;
}

/* Student's t with SAMPLES - 1 degrees of freedom: 68.27 % and 95.45 % of the jobs are within t68 and t95
 * errors. Allowed: four binomial standard deviations, and 2 %, since the disorder is a little skew. */
START_TEST(errors_cover)
{
	const char *is_long = getenv("LONG");
	int jobs = is_long && *is_long ? 1500 : 100;
	double exact[QUANTITIES], share = 0;
	int inside68[QUANTITIES] = {0}, inside95[QUANTITIES] = {0};
	double t68 = gsl_cdf_tdist_Pinv(0.5 + 0.6827 / 2, SAMPLES - 1),
	       t95 = gsl_cdf_tdist_Pinv(0.5 + 0.9545 / 2, SAMPLES - 1);
	double chi2[QUANTITIES] = {0}, bias[QUANTITIES] = {0}, scatter[QUANTITIES] = {0}, nu = SAMPLES - 1;

	enumerate(exact);
	for (int job = 0; job < jobs; job++) {
		double z[QUANTITIES], miss[QUANTITIES], thermal;
		measure(z, miss, &thermal, 1000 + (uint64_t)job, exact);
		share += thermal / jobs;
		for (int i = 0; i < QUANTITIES; i++) {
			inside68[i] += fabs(z[i]) < t68;
			inside95[i] += fabs(z[i]) < t95;
			chi2[i] += z[i] * z[i];
			bias[i] += miss[i] / jobs;
			scatter[i] += miss[i] * miss[i] / jobs;
		}
	}
	/* both parts of the error matter, so the test covers both */
	ck_assert_double_gt(share, 0.2);
	ck_assert_double_lt(share, 0.8);
	for (int i = 0; i < QUANTITIES; i++) {
		double slack = 0.02, p68 = inside68[i] / (double)jobs, p95 = inside95[i] / (double)jobs;
		ck_assert_msg(fabs(p68 - 0.6827) < 4 * sqrt(0.6827 * 0.3173 / jobs) + slack,
		              "%s: %.1f %% within one error", names[i], 100 * p68);
		ck_assert_msg(fabs(p95 - 0.9545) < 4 * sqrt(0.9545 * 0.0455 / jobs) + slack,
		              "%s: %.1f %% within two errors", names[i], 100 * p95);
		ck_assert_msg(fabs(bias[i]) < 4 * sqrt(scatter[i] / jobs), "%s: biased by %g(%g)", names[i],
		              bias[i], sqrt(scatter[i] / jobs));
		/* <t^2> = nu/(nu-2), <t^4> = 3 nu^2/((nu-2)(nu-4)) */
		double mean = nu / (nu - 2),
		       spread = sqrt((3 * nu * nu / ((nu - 2) * (nu - 4)) - mean * mean) / jobs);
		if (i < BINDER)
			ck_assert_msg(fabs(chi2[i] / jobs - mean) < 4 * spread + 0.15,
			              "%s: chi^2 %.3f per job, should be %.3f(%.3f)", names[i],
			              chi2[i] / jobs, mean, spread);
		if (is_long && *is_long)
			printf("%s: %.2f %% and %.2f %%, chi^2 %.3f (%.3f)\n", names[i], 100 * p68, 100 * p95,
			       chi2[i] / jobs, mean);
	}
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tc = suite_case(suite, "coverage", 600);

	tcase_add_test(tc, errors_cover);
}
