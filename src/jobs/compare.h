/* mattis compare: a finished simulation and the theory of its points, side by side.  THEORY.md, "Theory
 * against simulation".
 *
 * The theory of a point is a pure function of its parameters and is computed on any rank.  The numbers of
 * the simulation, the tests and the report are on rank 0 only.
 *
 *   compare.c         sets up the comparison, and the job
 *   compare_read.c    the deck and the numbers of the simulation, from its file
 *   compare_theory.c  the theory of a point, and which of its solutions the simulation is in
 *   compare_test.c    deviations, extrapolation in 1/N, and tests of families of deviations
 *   compare_report.c  output file, table and result
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_COMPARE_H
#define MATTIS_JOBS_COMPARE_H

#include <stdbool.h>
#include <stdio.h>

#include "montecarlo/statistics/significance.h"
#include "physics/numerics/average.h"
#include "src/base/err.h"
#include "src/file/dataset.h"
#include "src/input/grid.h"

/* Theory and simulation disagree if a decisive family is less probable than this over the number of
 * decisive families.  This bounds the false-alarm rate of a file. */
#define COMPARE_FALSE_ALARM 1e-3

/* Why a point counts or not; the first that applies. */
enum mark {
	MARK_COMPARED,
	MARK_NOT_SIMULATED,    /* fewer than two samples have numbers */
	MARK_NOT_EQUILIBRATED, /* by the simulation's own tests */
	MARK_NO_THEORY,        /* the equations have no solution, or were not solved */
	MARK_NOT_EXACT,        /* replica symmetry is broken: the theory is an approximation */
	MARK_ESCAPED,          /* replicas left the state: those that stayed are a biased choice */
	MARK_NEAR_LINE,        /* the state ends, or another takes over, within the reach of finite size */
	MARK_FROZEN            /* fewer than ten spins deviate in all samples: no error can be estimated */
};
extern const char *const compare_mark_names[]; /* in the order of enum mark, ends with NULL */

enum { MOST_VARIABLES = 8, MOST_TESTS = 4 * MOST_VARIABLES };

/* One observable at all points. */
struct variable {
	enum role role;
	struct observable_text text;
	int quantity;         /* of the network, with that role */
	size_t width;         /* patterns, or 1 */
	double *mean, *error; /* [points][width]: as compared, over samples */
	double *theory, *z;   /* [points][width] */
	double *limit;        /* [points][width]: theory at N = infinity; only with several N */
	double *sample;       /* [points][width][samples], as compared */
	bool *first; /* [points][width]: false repeats the entry before (equal patterns share their mean) */

	/* [groups][width], with several N: extrapolation to N = infinity; the last is the probability of
	 * larger deviations from a line in 1/N. */
	double *extrapolated, *extrapolated_error, *slope, *extrapolated_z, *curved_p;
};

/* The test of one family: all deviations of one observable at points of one kind. */
struct test {
	int variable;
	bool metastable, extrapolated; /* the kind */
	bool decisive, disagrees;
	struct family family;
};

struct comparison {
	const struct grid *grid;
	const struct network *network;
	const char *path; /* of the simulation, as given */
	struct solve_options options;
	struct average *average;
	struct row shape;                      /* of the theory of one point */
	const char *branch_name[MAX_BRANCHES]; /* of `shape` */
	int quantity[ROLES];                   /* of the network by role, -1: none */
	double *load;                          /* [points]: realised by the simulation; all ranks */
	bool stratified;                       /* patterns drawn without quenched noise */
	bool random_start;
	int N_axis;    /* the axis of N if it has several values, else -1 */
	size_t groups; /* of points that differ in N only */

	/* rank 0 */
	size_t samples;
	int order; /* the variable that distinguishes states: retrieval overlap, else overlap */
	int variables;
	struct variable variable[MOST_VARIABLES];
	double *equilibrated, *escaped, *used; /* [points], of the file */
	int8_t *mark, *metastable;             /* [points] */
	int8_t *branch;                        /* [points]: index of the solution, -1: none */
	int tests;
	struct test test[MOST_TESTS];
};

/* Reads the deck of a simulation as settings, "KEY=VALUE\n" each, axes in their order.  *lines is to be
 * freed.  Fails (EXIT_FAILED) if the file is not a finished output of simulate.  Rank 0. */
int compare_read_settings(char **lines, const char *path, struct err *);

/* Reads the numbers of the simulation.  Refuses (EXIT_USAGE) a file of a single sample or with other axes
 * than the grid, and a network whose states cannot be distinguished.  Rank 0.  compare.c frees what it
 * allocates. */
int compare_read(struct comparison *, struct err *);

/* Returns the bytes of the theory of one point; computes it there (any rank); stores it (rank 0). */
size_t compare_theory_bytes(const struct comparison *);
int compare_theory(const struct comparison *, size_t point, const struct tick *, void *result, struct err *);
void compare_theory_store(struct comparison *, size_t point, const void *result);

/* Computes deviations and extrapolations, and tests all families, when all points are stored.  Fails
 * (EXIT_FAILED) without memory.  Rank 0. */
int compare_test(struct comparison *, struct err *);

/* Returns the grid point of the largest N of a group. */
size_t compare_test_largest(const struct comparison *, size_t group);

/* Adds everything to the output; the comparison must live until the dataset is freed.  Rank 0. */
void compare_report(struct dataset *, const struct comparison *);

/* Prints the table of a dataset that compare_report has filled in.  path: the output file, or NULL.  Rank
 * 0. */
void compare_report_print(FILE *, const struct dataset *, const struct comparison *, const char *path);

/* Returns EXIT_DONE if theory and simulation agree, EXIT_DISAGREES, or EXIT_FAILED if nothing could be
 * compared; except for the first with a line in *err.  Rank 0. */
int compare_report_result(const struct comparison *, struct err *);

#endif
