/* Many independent tasks shared over the ranks as they become free, and kept in checkpoints.
 *
 * A counter on rank 0 hands out the tasks, the longest first; every rank works, rank 0 too, and sends each result to
 * rank 0 while it computes the next.  Results go by task number, so nothing depends on who computed what, nor on how
 * often the job was stopped and resumed.
 *
 * Checkpoints (checkpoint.h) are written by rank 0 when the interval is over and when the job is stopped (stop.h): it asks
 * all ranks for the states of their tasks, which they hand in at their next tick and then go on; the file is written when
 * all have come.  What has no state (tasks of milliseconds to seconds) is finished or lost as a whole.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_SCHEDULER_H
#define MATTIS_RUN_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>

#include "physics/params.h"
#include "src/base/checksum.h"
#include "src/base/err.h"
#include "src/run/output.h"

/* A task at work. */
struct running {
	/* To be called about every millisecond: it moves messages, progress, checkpoints.  When it says stop: with states,
	 * running_save, and go on if that is true; without, return, the result is lost. */
	struct tick tick;
	const void *state; /* where it was left, or NULL: begin */
	size_t bytes;      /* of it */
	double done;       /* share, set by the task if it knows; for progress */
};

/* Hands in the state of the task at work, which is copied.  False: the job stops, return. */
bool running_save(struct running *, const void *state, size_t bytes);

struct work {
	const char *name, *noun, *unit; /* "solve", "row", "points": what is counted per second */
	size_t count;                   /* of tasks */
	size_t bytes;                   /* of one result, the largest, < 2 GB */
	bool states;                    /* do tasks hand in states? */
	bool keep; /* the last state of a finished task is kept in the checkpoint: it can be run on */
	void *ctx;

	/* Fills in the result of a task (it comes zeroed, aligned for any type).  Returns 0 or the code of *err. */
	int (*work)(void *ctx, size_t task, struct running *, void *result, struct err *);

	/* On rank 0, once per task in any order: takes the result over. */
	void (*take)(void *ctx, size_t task, const void *result);

	/* On rank 0: gives back what it has taken, for a checkpoint. */
	void (*give)(void *ctx, size_t task, void *result);

	/* Adds to the digest all values that the result depends on and that may differ between decks that are resumed from
	 * each other (changes.h): the points and the sample.  Not the task number. */
	void (*key)(void *ctx, size_t task, struct checksum *);

	/* Bytes of a result.  NULL: all the same. */
	size_t (*size)(void *ctx, size_t task);

	/* Work of a task, in any unit, and how many `unit`s it has.  NULL: all the same, 1. */
	double (*cost)(void *ctx, size_t task);
	double (*units)(void *ctx, size_t task);
};

static inline size_t work_result_size(const struct work *t, size_t task)
{
	return t->size ? t->size(t->ctx, task) : t->bytes;
}

/* Does all tasks, but for those that out->earlier has done; with progress on stderr unless quiet.  Collective.  After an
 * error on any rank all stop, and return the error of the lowest failing rank.  EXIT_STOPPED: stopped in good order,
 * the checkpoint is written. */
int scheduler_run(const struct work *, struct output *, bool quiet, struct err *);

#endif
