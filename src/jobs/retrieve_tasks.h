/* The retrieval that a deck asks for: its images, its tasks, and what comes of them.
 *
 * A task is a block of starts at a grid point.  Tasks are numbered point by point.
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


/* One start and what came of it. */
struct answer {
	double m;       /* overlap of the answer with the sign of its own archetype */
	double n;       /* the same with the archetype, mean of the examples over its rms */
	double m_start; /* m of the start */
	int32_t sweeps;
	int16_t predicted; /* class of the largest overlap with a sign of an archetype; of equal ones the first */
	int16_t nearest; /* baseline: class of the largest overlap of the start with the centred archetypes */
	int16_t overlap; /* baseline: with the archetypes as they are */
	int16_t example,
		nearest_example; /* unsupervised: class of the stored example most like the answer, the start */
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

	/* at work */
	struct memories *memories; /* of the last M asked for */
	struct retrieval_space *space;
	double *value; /* [RETRIEVAL_BLOCK][stride] */
};

/* Reads the deck and its images.  The grid must outlive it.  EXIT_USAGE with the place of the key, EXIT_FAILED for lack of memory.
 * Freed by retrieve_free, also after an error. */
int retrieve_init(struct retrieve *, const struct grid *, struct err *);
void retrieve_free(struct retrieve *);

/* Where the set lies; "" with model.data. */
void retrieve_folder(char *buffer, size_t size, const struct deck *);

/* The largest M of the deck, 1 in storage; the parameters of a point. */
long retrieve_most(const struct deck *);
struct retrieve_point retrieve_point(const struct grid *, size_t point);

/* The class of start k, and its number in the file of test images (k itself where it is none). */
int retrieve_class(const struct retrieve *, long k);
long retrieve_number(const struct retrieve *, long k);

/* Makes ->memories those of M. */
int retrieve_memories(struct retrieve *, long M, struct err *);

/* The starts first .. first+count-1 (count <= RETRIEVAL_BLOCK) at a grid point.  start and final, unless null, get the spins and the
 * answers, [count][N]. */
int retrieve_block(struct retrieve *, size_t point, long first, int count, struct answer *, int8_t *start,
                   double *final, const struct tick *, struct err *);

/* A fault of the images or of the network, with the place of its key. */
int retrieve_fault(const struct retrieve *, const struct fault *, struct err *);

/* The answers of all points, [grid points][starts], as variables and as a table.  Memory that must live until store_write is kept
 * in *memory and freed by retrieve_forget.  store or f may be null. */
struct retrieve_columns;
int retrieve_store(struct retrieve_columns **memory, struct dataset *, struct retrieve *, const struct answer *,
                   struct err *);
void retrieve_forget(struct retrieve_columns *);
void retrieve_table(FILE *, const char *path, const struct retrieve *, const struct answer *);

#endif
