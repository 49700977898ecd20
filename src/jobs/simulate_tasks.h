/* The simulation that a deck asks for: its protocol, its tasks, and what they cost.
 *
 * A task is a grid point and a disorder sample; with tempering or annealing all temperatures of the T axis
 * belong to the same task.  Tasks are numbered sample by sample, then set by set (a set = the tasks that
 * differ in the sample only).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SIMULATE_TASKS_H
#define MATTIS_JOBS_SIMULATE_TASKS_H

#include <stdbool.h>
#include <stdio.h>

#include "montecarlo/chain/task.h"
#include "montecarlo/disorder/npy.h"
#include "src/base/err.h"
#include "src/input/grid.h"
#include "src/file/dataset.h"

struct simulation {
	const struct grid *grid;
	struct protocol protocol;
	struct record_shape shape;
	size_t width; /* doubles per result (montecarlo/statistics/record.h) */
	bool fixed;   /* the user's own data leave no disorder, so the error is thermal */
	size_t samples;
	size_t points; /* temperatures per task */
	size_t stride; /* between them in the grid */
	size_t sets, tasks;
	double *work;      /* [sets] of one task: rows or couplings read */
	double all_work;   /* of all tasks */
	double bytes;      /* of the largest task */
	double rows;       /* of the largest sample: the part of `bytes` that the ranks of a node share */
	size_t largest;    /* its set */
	char kernels[256]; /* names of the kernels in use */
	struct npy data;
};

/* Reads the protocol from the deck and checks every set; the same on all ranks, not collective.  The grid
 * must outlive it. EXIT_USAGE with the place of the key, EXIT_FAILED for lack of memory.  Freed by
 * simulate_free, also after an error. */
int simulate_init(struct simulation *, const struct grid *, struct err *);
void simulate_free(struct simulation *);

/* Sets the task of that number and its parameters p[points].  simulate_point returns the grid point of its
 * k-th temperature. */
void simulate_task(struct task *, struct params *p, const struct simulation *, size_t task);
size_t simulate_point(const struct simulation *, size_t task, size_t k);

/* Sets *err to a fault of the physics or of a task, with the place of the key in the deck. */
int simulate_fault(const struct simulation *, const struct fault *, struct err *);

/* Fails if this machine's memory is too small for `ranks` tasks at a time, of `samples` different samples,
 * and the results. */
int simulate_check_memory(const struct simulation *, int ranks, int samples, struct err *);

/* Returns the bytes of all results. */
double simulate_results_bytes(const struct simulation *);

#endif
