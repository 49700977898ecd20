/* The retrieval that a deck asks for: its images, its tasks, and their results.
 *
 * The network starts from an image, an archetype (mean of the examples of a class) or noise, and runs
 * until nothing changes; the start and the spins at the end make a result.  A task is a block of starts at
 * a grid point.  Tasks are numbered point by point.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_RETRIEVE_TASKS_H
#define MATTIS_JOBS_RETRIEVE_TASKS_H

#include <stdbool.h>
#include <stdio.h>

#include "montecarlo/images/images.h"
#include "montecarlo/images/memories.h"
#include "montecarlo/images/retrieval.h"
#include "src/base/err.h"
#include "src/input/grid.h"
#include "src/file/dataset.h"

/* What comes of one start. */
struct retrieve_result {
	double m;       /* overlap of the final spins with the sign of the archetype of its own class */
	double n;       /* the same with the archetype, mean of the examples over its rms */
	double m_start; /* m of the start */
	int32_t sweeps;
	int16_t predicted; /* class of the largest overlap with a sign of an archetype, the first of equals */
	int16_t nearest; /* baseline: class of the largest overlap of the start with the centred archetypes */
	int16_t overlap; /* baseline: with the archetypes as they are */
	int16_t example; /* unsupervised: class of the stored example most like the final spins ... */
	int16_t nearest_example; /* ... and most like the start */
	int8_t converged, tie;   /* tie: the largest overlap is that of several classes */
};

struct retrieve_point {
	int P;
	long M;
	double T, flips, occlusion;
};

struct retrieve {
	const struct grid *grid;
	struct images images;
	bool unsupervised;
	enum decorrelate decorrelate;
	enum retrieval_dynamics dynamics;
	int start; /* KEY_START_... */
	long sweeps, pictures;
	uint64_t seed;
	const char *kernel;
	long starts;          /* per grid point */
	size_t blocks, tasks; /* blocks of starts per grid point */

	/* workspace */
	struct memories *memories; /* at the M of the last retrieve_memories */
	struct retrieval_space *space;
	double *value; /* [RETRIEVAL_BLOCK][stride] */
};

/* Reads the deck and its images.  The grid must outlive it.  EXIT_USAGE with the place of the key,
 * EXIT_FAILED for lack of memory.  Freed by retrieve_free, also after an error. */
int retrieve_init(struct retrieve *, const struct grid *, struct err *);
void retrieve_free(struct retrieve *);

/* Writes the folder of the image set; "" with model.data. */
void retrieve_folder(char *buffer, size_t size, const struct deck *);

/* Returns the largest M of the deck, 1 in storage; the parameters of a point. */
long retrieve_largest_M(const struct deck *);
struct retrieve_point retrieve_point(const struct grid *, size_t point);

/* Returns the class of start k; its number in the file of test images, k if it is none of them. */
int retrieve_class(const struct retrieve *, long k);
long retrieve_number(const struct retrieve *, long k);

/* Makes r->memories those of M examples per class. */
int retrieve_memories(struct retrieve *, long M, struct err *);

/* The starts first ... first + count - 1 at a grid point, count <= RETRIEVAL_BLOCK. */
struct retrieve_block {
	size_t point;
	long first;
	int count;
};

/* Returns the block of a task. */
struct retrieve_block retrieve_block(const struct retrieve *, size_t task);

/* Where retrieve_compute puts the spins of the starts and the final ones, [count][N]. */
struct retrieve_spins {
	int8_t *start;
	double *final;
};

/* Computes results[count].  spins may be null.  EXIT_STOPPED if the tick asked to stop. */
int retrieve_compute(struct retrieve *, const struct retrieve_block *, struct retrieve_result *results,
                     const struct retrieve_spins *spins, const struct tick *, struct err *);

/* Adds the results of all points, [grid points][starts], as axes and columns.  Rank 0. */
int retrieve_report(struct dataset *, struct retrieve *, const struct retrieve_result *, struct err *);

/* Prints the table of a dataset that retrieve_report has filled in.  path: the output file, or NULL. */
void retrieve_table(FILE *, const char *path, const struct dataset *, const struct retrieve *);

#endif
