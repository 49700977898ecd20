/* A finished simulation beside the theory of its points: what `mattis compare` computes.  THEORY.md, "Theory against
 * simulation".
 *
 * The theory of a point is a pure function of its parameters and is computed on any rank; the simulation's numbers, the
 * judgement and the report live on rank 0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_COMPARE_H
#define MATTIS_JOBS_COMPARE_H

#include <stdbool.h>
#include <stdio.h>

#include "montecarlo/statistics/significance.h"
#include "physics/numerics/average.h"
#include "src/base/err.h"
#include "src/input/grid.h"
#include "src/file/dataset.h"

/* The file disagrees when any decisive family is less probable than this over their number, were the theory right: so
 * often an agreeing file raises a false alarm, at most. */
#define COMPARE_FALSE_ALARM 1e-3

/* Why a point counts or not; the first that applies. */
enum mark {
	MARK_COMPARED,
	MARK_NOT_SIMULATED,    /* no sample has numbers */
	MARK_NOT_EQUILIBRATED, /* by the simulation's own tests */
	MARK_NO_THEORY,        /* the equations have no solution near what was seen, or were not solved */
	MARK_NOT_EXACT,        /* replica symmetry is broken there: the theory is an approximation */
	MARK_ESCAPED,          /* replicas left the state: those that stayed are no fair choice */
	MARK_NEAR_LINE,        /* the state ends, or another takes over, within the reach of finite size */
	MARK_FROZEN /* fewer than ten spins deviate in all samples together: no error can be estimated */
};

enum { MOST_VARIABLES = 8, THEORY_ROWS = 6 };

/* One observable at all points. */
struct variable {
	const char *name, *long_name;
	int quantity; /* of the network; energies are multiplied by the finite-size factor */
	bool energy;
	size_t width;         /* patterns, or 1 */
	double *mean, *error; /* [points][width]: as compared, over samples */
	double *theory, *z;   /* [points][width] */
	double *limit;        /* [points][width] theory at N = infinity; only with several N */
	double *sample;       /* [points][width][samples], as compared */
	bool *first; /* [points][width]: not a repetition of the entry before (equal patterns share their mean) */
	double *extrapolated, *extrapolated_error, *slope, *extrapolated_z,
		*curved_p; /* [groups][width], several N */
};

struct verdict {
	int variable;
	bool metastable, extrapolated, decisive, disagrees;
	struct family family;
};

struct comparison {
	const struct grid *grid;
	const struct network *network;
	const char *path; /* of the simulation, as given */
	struct solve_options options;
	struct average *average;
	struct row shape; /* of the theory of one point */
	double *load;     /* [points] realised; all ranks */
	bool stratified;
	int N_axis;    /* with several values, else -1 */
	size_t groups; /* points that differ in more than N */

	/* rank 0 */
	size_t samples;
	int order; /* variable that tells the states apart: p, else m */
	int variables;
	struct variable variable[MOST_VARIABLES];
	double *equilibrated, *escaped, *used, *patterns; /* [points] of the file */
	bool random_start;
	int8_t *mark, *metastable; /* [points] */
	int8_t *branch;            /* [points] index of the solution, -1 */
	int verdicts;
	struct verdict verdict[4 * MOST_VARIABLES];
};

/* The deck of a simulation as settings, "KEY=VALUE\n" each, axes in their order.  Refuses what is not a finished
 * output of simulate.  Rank 0. */
int compare_settings(char **lines, const char *path, struct err *);

/* Collective: sets up; rank 0 reads the file, all get the realised loads.  Refuses what has no theory: coincident sites,
 * the user's own patterns, a single sample.  Freed by compare_free, also after an error. */
int compare_init(struct comparison *, const struct grid *, const char *path, struct err *);
void compare_free(struct comparison *);

/* Bytes of the theory of one point; computes it there; takes it over on rank 0. */
size_t compare_bytes(const struct comparison *);
int compare_theory(const struct comparison *, size_t point, const struct tick *, void *result,
                      struct err *);
void compare_take(struct comparison *, size_t point, const void *result);

/* The grid point of the largest N of a group. */
size_t compare_largest(const struct comparison *, size_t group);

/* Rank 0, when all points are taken: deviations, families, extrapolations.  EXIT_FAILED without memory. */
int compare_test(struct comparison *, struct err *);

/* Rank 0.  The data and the columns, which it fills in, must live until store_write. */
struct family_columns {
	int32_t entries[4 * MOST_VARIABLES];
	double chi2[4 * MOST_VARIABLES], dof[4 * MOST_VARIABLES], p[4 * MOST_VARIABLES];
	int8_t decisive[4 * MOST_VARIABLES], disagrees[4 * MOST_VARIABLES];
};
void compare_store(struct dataset *, const struct comparison *, struct family_columns *);
void compare_print(FILE *, const struct comparison *, const char *path);

/* EXIT_DONE, EXIT_DISAGREES or, when nothing could be compared, EXIT_FAILED; with the line in *err. */
int compare_verdict(const struct comparison *, struct err *);

extern const char *const mark_names[]; /* in the order of enum mark, ends with NULL */

#endif
