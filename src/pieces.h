/* The tasks of a simulation as they are shared out over the ranks: short ones whole, long ones in parts (montecarlo/parts.h).
 * A piece is a whole task or a part of one; the pieces of a task stand one after the other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_PIECES_H
#define MATTIS_PIECES_H

#include "montecarlo/parts.h"
#include "src/simulation.h"

struct pieces {
	const struct simulation *s;
	int *parts;    /* [sets] of each task */
	size_t *first; /* [sets + 1] number of the first piece */
	size_t count;
	size_t bytes; /* of the largest result */
	void **kept;  /* [count] on rank 0: results of parts */
};

struct piece {
	size_t set, task;         /* simulation.h */
	int part, parts;          /* parts = 1: whole */
	struct protocol protocol; /* for this piece */
};

/* The simulation must outlive it.  EXIT_FAILED without memory.  Freed by pieces_free, also after an error. */
int pieces_init(struct pieces *, const struct simulation *, struct err *);
void pieces_free(struct pieces *);

struct piece pieces_find(const struct pieces *, size_t number);
size_t pieces_size(const struct pieces *, size_t number); /* bytes of its result */

/* The result of a piece that has been simulated. */
void pieces_result(void *result, const struct pieces *, const struct piece *, const struct ensemble *);

/* Takes a result over; true when all parts of its task are there: then answer, [points][width], is that of the task.  A
 * lack of memory ends the program: there would be a hole in the answers. */
bool pieces_take(double *answer, struct pieces *, size_t number, const void *result);

#endif
