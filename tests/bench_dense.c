/* Times the replica-symmetric solver: microseconds per point of the retrieval branch with free energy and
 * AT value, on the points that bench_dense.py solves with numpy: P = 4, gamma 0.01 to 0.2 in 40 steps, T
 * 0.1 to 0.6 in 40 steps; all have a retrieval solution.  Tolerance 1e-10.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/equations.h"
#include "physics/numerics/newton.h"
#include "src/base/clock.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 40, REPEATS = 5 };

static struct params point(int i, int j, double M, double r, double rho)
{
	return (struct params){.learning = SUPERVISED, .P = 4, .T = 0.1 + 0.5 * j / (STEPS - 1),
	                       .gamma = 0.01 + 0.19 * i / (STEPS - 1), .M = M, .r = r, .rho = rho};
}

/* Follows the retrieval branch along rows in T with quadratic extrapolation and Newton's method, as
 * solve_row does. */
static double retrieval_rows(struct average *average, double M, double r, double rho, double *checksum)
{
	double start = clock_monotonic();
	*checksum = 0;
	for (int i = 0; i < STEPS; i++) {
		double past[3][2] = {{0}};
		struct dense_fold fold = {0};
		for (int j = 0; j < STEPS; j++) {
			struct params p = point(i, j, M, r, rho);
			struct newton_solution s = {.iterations = 0};
			struct dense_report report;
			double (*y)[2] = past;
			for (int k = 0; k < 2; k++)
				s.x[k] = j == 1   ? y[0][k]
				         : j == 2 ? 2 * y[0][k] - y[1][k]
				                  : 3 * y[0][k] - 3 * y[1][k] + y[2][k];
			int status = j == 0 ? (int)dense_archetype(average, &p, 1e-10, &fold, &s)
			                    : newton_solve(&s, &dense_equations, average, &p, 1e-10, 8);
			if (status || dense_report(average, &p, s.x, &report)) {
				fprintf(stderr, "bench_dense: no solution at gamma %g T %g\n", p.gamma, p.T);
				exit(1);
			}
			for (int k = 0; k < 2; k++) {
				past[2][k] = past[1][k];
				past[1][k] = past[0][k];
				past[0][k] = s.x[k];
			}
			*checksum += report.m + report.free_energy + report.stability;
		}
	}
	return 1e6 * (clock_monotonic() - start) / (STEPS * STEPS);
}

/* All branches of a 200 x 200 diagram, gamma 0 to 0.5, T 0.02 to 1.2, by solve_row: seconds. */
static double diagram(struct average *average)
{
	enum { N = 200 };
	static struct params p[N];
	struct row row = {.points = N, .branches = 3, .patterns = 1};
	struct solve_options options = {.tolerance = 1e-10};
	for (int i = 0; dense_network.quantities[i].name; i++)
		row.column[i] = calloc(quantity_count(&dense_network.quantities[i], &row), sizeof(double));
	double start = clock_monotonic();
	for (int i = 0; i < N; i++) {
		for (int j = 0; j < N; j++)
			p[j] = (struct params){.learning = SUPERVISED, .P = 4, .T = 0.02 + 1.18 * j / (N - 1),
			                       .gamma = 0.5 * i / (N - 1), .r = 0.8, .M = 5, .rho = 0.1125};
		if (dense_network.solve_row(average, p, &options, NULL, &row))
			exit(1);
	}
	double seconds = clock_monotonic() - start;
	for (int i = 0; dense_network.quantities[i].name; i++)
		free(row.column[i]);
	return seconds;
}

int main(void)
{
	const struct { const char *name; double M, r, rho; } law[] = {
	    {"rho01", 0, 1, 0.1}, {"M5", 5, 0.8, 0.1125}, {"M1000", 1000, 0.1, 0.099}};
	for (int k = 0; average_kernel_name(k); k++) {
		struct average *average;
		if (average_alloc(&average, average_kernel_name(k)) != GSL_SUCCESS)
			continue;
		for (size_t i = 0; i < sizeof law / sizeof law[0]; i++) {
			double best = INFINITY, checksum;
			for (int repeat = 0; repeat < REPEATS; repeat++)
				best = fmin(best, retrieval_rows(average, law[i].M, law[i].r, law[i].rho,
				                                 &checksum));
			printf("retrieval_%s.%s %.4g us\n", law[i].name, average_kernel_name(k), best);
			printf("# retrieval_%s %s checksum %.9f\n", law[i].name, average_kernel_name(k),
			       checksum);
		}
		double seconds = fmin(diagram(average), diagram(average));
		printf("diagram_200x200.%s %.4g s\n", average_kernel_name(k), seconds);
		average_free(average);
	}
	return 0;
}
