/* Many independent tasks shared over the ranks as they become free.
 *
 * A counter on rank 0 hands out the task numbers; every rank works, rank 0 too, and sends each result to rank 0
 * while it computes the next.  Results go by task number, so nothing depends on who computed what.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_TASKS_H
#define MATTIS_TASKS_H

#include <stddef.h>

#include "physics/params.h"
#include "src/err.h"
#include "src/progress.h"

struct tasks {
	size_t count; /* of tasks */
	size_t bytes; /* of one result, < 2 GB */
	void *ctx;

	/* Fills in the result of a task (it comes zeroed, aligned for any type).  Calls the tick now and then: it moves
	 * messages and progress.  Returns 0 or the code of *err. */
	int (*work)(void *ctx, size_t task, const struct tick *, void *result, struct err *);

	/* On rank 0, once per task in any order: takes the result over. */
	void (*take)(void *ctx, size_t task, const void *result);
};

/* Does all tasks.  Collective.  After an error on any rank no new task is begun, and all ranks return the error of the lowest
 * failing rank.  progress counts tasks; it is used on rank 0 only and may be null. */
int tasks_run(const struct tasks *, struct progress *, struct err *);

#endif
