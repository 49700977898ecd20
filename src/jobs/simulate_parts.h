/* The parts of a simulation, its units of work: a long task is divided into parts for several ranks
 * (montecarlo/chain/parts.h), a short one is a single part.  The parts of a task have consecutive numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SIMULATE_PARTS_H
#define MATTIS_JOBS_SIMULATE_PARTS_H

#include "montecarlo/chain/parts.h"
#include "src/jobs/simulate_tasks.h"

struct simulate_parts {
	const struct simulation *s;
	int *per_task; /* [sets] parts of each task of a set */
	size_t *first; /* [sets + 1] number of the first part of a set */
	size_t count;
	size_t bytes; /* of the largest result of a part */
	void **kept;  /* [count] on rank 0: results of parts of divided tasks */
};

struct simulate_part {
	size_t set, task;         /* simulate_tasks.h */
	int index, per_task;      /* per_task = 1: the whole task */
	struct protocol protocol; /* of this part */
};

/* Divides all tasks.  The simulation must outlive it.  EXIT_FAILED without memory.  Freed by
 * simulate_parts_free, also after an error. */
int simulate_parts_init(struct simulate_parts *, const struct simulation *, struct err *);
void simulate_parts_free(struct simulate_parts *);

/* Returns the part of a number; the bytes of its result. */
struct simulate_part simulate_parts_find(const struct simulate_parts *, size_t number);
size_t simulate_parts_size(const struct simulate_parts *, size_t number);

/* Copies the result of a part that has been simulated. */
void simulate_parts_result(void *result, const struct simulate_parts *, const struct simulate_part *,
                           const struct task_run *);

/* Keeps the result of a part.  Returns true if it was the last one of its task; task_result[points][width]
 * is then the result of the task.  Without memory it aborts the program, because results would be missing. */
bool simulate_parts_store(double *task_result, struct simulate_parts *, size_t number, const void *result);

#endif
