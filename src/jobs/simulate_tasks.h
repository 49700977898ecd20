/* The simulation that a deck asks for: its protocol, its tasks, and what they cost.
 *
 * A task is a grid point and a disorder sample; with tempering or annealing all temperatures of the T axis belong to
 * the same task.  Tasks are numbered sample by sample, then set by set (a set = the tasks that differ in the sample
 * only).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SIMULATE_TASKS_H
#define MATTIS_JOBS_SIMULATE_TASKS_H

#include <stdbool.h>
#include <stdio.h>

#include "montecarlo/chain/ensemble.h"
#include "montecarlo/disorder/npy.h"
#include "src/base/err.h"
#include "src/input/grid.h"
#include "src/file/dataset.h"

struct simulation {
	const struct grid *grid;
	struct protocol protocol;
	struct record_shape shape;
	size_t width;     /* doubles per answer */
	bool fixed;       /* the user's own data leave no disorder: the error is thermal */
	size_t samples;
	size_t points;    /* temperatures per task */
	size_t stride;    /* between them in the grid */
	size_t sets, tasks;
	double *work;     /* [sets] of one task, rows looked at */
	double all_work;  /* of all tasks */
	double bytes;     /* of the largest task */
	double rows;      /* of the largest sample: those of them that ranks of a node can share */
	size_t largest;   /* its set */
	char kernels[256]; /* names of those that will be used */
	struct npy data;
};

/* Reads the protocol from the deck and checks every set.  Every rank does the same.  The grid must outlive it.
 * EXIT_USAGE with the place of the key, EXIT_FAILED for lack of memory.  Freed by simulate_free, also after an error. */
int simulate_init(struct simulation *, const struct grid *, struct err *);
void simulate_free(struct simulation *);

/* The task of that number; p[points] gets its parameters.  simulate_point: the grid point of its k-th temperature. */
void simulate_task(struct task *, struct params *p, const struct simulation *, size_t task);
size_t simulate_point(const struct simulation *, size_t task, size_t k);

/* The message for a fault of the physics or of a task, with the place of the key in the deck. */
int simulate_fault(const struct simulation *, const struct fault *, struct err *);

/* Refuses what does not fit into this machine's memory: `ranks` tasks at a time, of `samples` different samples, and the answers. */
int simulate_check_memory(const struct simulation *, int ranks, int samples, struct err *);

/* Bytes of all answers. */
double simulate_results_bytes(const struct simulation *);

#endif
