/* The tasks of a simulation as they are shared out over the ranks: short ones whole, long ones in parts (montecarlo/chain/parts.h).
 * A piece is a whole task or a part of one; the pieces of a task stand one after the other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SIMULATE_PARTS_H
#define MATTIS_JOBS_SIMULATE_PARTS_H

#include "montecarlo/chain/parts.h"
#include "src/jobs/simulate_tasks.h"

struct simulate_parts {
	const struct simulation *s;
	int *parts;    /* [sets] of each task */
	size_t *first; /* [sets + 1] number of the first piece */
	size_t count;
	size_t bytes; /* of the largest result */
	void **kept;  /* [count] on rank 0: results of parts */
};

struct simulate_part {
	size_t set, task;         /* simulation.h */
	int part, parts;          /* parts = 1: whole */
	struct protocol protocol; /* for this piece */
};

/* The simulation must outlive it.  EXIT_FAILED without memory.  Freed by simulate_parts_free, also after an error. */
int simulate_parts_init(struct simulate_parts *, const struct simulation *, struct err *);
void simulate_parts_free(struct simulate_parts *);

struct simulate_part simulate_parts_find(const struct simulate_parts *, size_t number);
size_t simulate_parts_size(const struct simulate_parts *, size_t number); /* bytes of its result */

/* The result of a piece that has been simulated. */
void simulate_parts_result(void *result, const struct simulate_parts *, const struct simulate_part *, const struct ensemble *);

/* Takes a result over; true when all parts of its task are there: then answer, [points][width], is that of the task.  A
 * lack of memory ends the program: there would be a hole in the answers. */
bool simulate_parts_store(double *answer, struct simulate_parts *, size_t number, const void *result);

#endif
