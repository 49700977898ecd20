/* Times the multitasking network: microseconds per solve in storage, with free energy and Hessian
 * eigenvalues, from the same points and starts as bench_multitask.py; and milliseconds for a (d, T) diagram
 * with all listed starts and 30 random ones per point, on one core.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/base/clock.h"
#include "physics/multitasking/network.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void need(int status)
{
	if (status == GSL_SUCCESS)
		return;
	fprintf(stderr, "bench_multitask: %s\n", gsl_strerror(status));
	exit(EXIT_FAILURE);
}

/* Best of 20 runs of 25 solves. */
static double one_solve(struct average *average, int K, double d, double T)
{
	struct params p = {.K = K, .own[MT_D] = d, .T = T, .r = 1};
	struct mt_point pt = mt_point(&p);
	struct mt_solution s;
	double start[MT_UNKNOWNS], best = INFINITY;
	for (int k = 0; k < K; k++)
		start[k] = d < 0.5 ? 0.95 * pow(d, k) : 1 - 0.3 * k / (K - 1);
	for (int run = 0; run < 20; run++) {
		double t = clock_monotonic();
		for (int i = 0; i < 25; i++)
			need(mt_descend(average, &pt, 1e-10, start, &s));
		best = fmin(best, (clock_monotonic() - t) / 25);
	}
	return 1e6 * best;
}

/* n x n points of 0 <= d < 1, 0 < T < 1.1, K = 4. */
static double diagram(struct average *average, int n)
{
	const struct solve_options options = {.tolerance = 1e-10,
	                                      .own = {[MT_BRANCHES] = 8, [MT_STARTS] = 30}};
	struct mt_solution keep[8];
	double t = clock_monotonic();
	for (int i = 0; i < n * n; i++) {
		struct params p = {
			.K = 4, .own[MT_D] = (double)(i / n) / n, .T = 1.1 * (i % n + 1) / n, .r = 1};
		struct mt_point pt = mt_point(&p);
		int found;
		need(mt_catalogue(average, &pt, &options, NULL, keep, 8, &found));
	}
	return 1e3 * (clock_monotonic() - t);
}

int main(void)
{
	const double d[] = {0.3, 0.4, 0.8}, T[] = {0.2, 0.1, 0.3};
	const char *kernels[] = {"auto", "portable"};
	for (int k = 0; k < 2; k++) {
		struct average *average;
		need(average_alloc(&average, kernels[k]));
		for (int K = 8; K <= 12; K += 4)
			for (int i = 0; i < 3; i++)
				printf("multitask_K%d_d%g_T%g.%s %.3g us\n", K, d[i], T[i], kernels[k],
				       one_solve(average, K, d[i], T[i]));
		printf("multitask_diagram_40x40_K4.%s %.3g ms\n", kernels[k], diagram(average, 40));
		average_free(average);
	}
	return EXIT_SUCCESS;
}
