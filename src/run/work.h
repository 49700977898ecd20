/* Work: what a job gives the scheduler, and a task while it runs.
 *
 * A job divides its work into tasks numbered 0 ... count - 1.  Every rank computes tasks, in any order;
 * results are stored on rank 0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_WORK_H
#define MATTIS_RUN_WORK_H

#include <stdbool.h>
#include <stddef.h>

#include "physics/params.h"
#include "src/base/checksum.h"
#include "src/base/err.h"

/* A task while a rank computes it. */
struct running {
	/* To be called about once per millisecond: handles messages, progress and checkpoints.  If it returns
	 * nonzero, a task with states calls running_save, and goes on if that returns true; a task without
	 * returns at once, and its result is discarded. */
	struct tick tick;
	const void *state; /* saved earlier, to continue from; NULL: start from the beginning */
	size_t bytes;      /* of the state */
	double done;       /* fraction of the task, set by the task if it knows it; for progress */
};

/* Saves the state of a task, a copy of `bytes` bytes.  Any rank; not collective.  Returns false if the job
 * stops: the task must return. */
bool running_save(struct running *, const void *state, size_t bytes);

/* What a job provides.  All callbacks receive `job` as their first argument. */
struct work {
	const char *name, *noun, *unit; /* for messages: of the command, of a task, and of what is counted per
	                                 * second: "solve", "row", "points" */
	size_t count;                   /* number of tasks */
	size_t bytes;                   /* size of the largest result, below 2 GB */
	bool states;                    /* tasks call running_save */
	bool keep; /* checkpoints keep the last state of a finished task, so that it can be continued */
	void *job;

	/* Computes a task into `result`, which is zeroed and aligned for any type.  Any rank.  Returns 0 or
	 * the code of *err, which ends the job. */
	int (*compute)(void *job, size_t task, struct running *, void *result, struct err *);

	/* Stores the result of a task.  Rank 0 only, once per task, in any order. */
	void (*store)(void *job, size_t task, const void *result);

	/* Loads a result that has been stored into `result`, for a checkpoint.  Rank 0 only. */
	void (*load)(void *job, size_t task, void *result);

	/* Adds to the checksum every value that the result depends on and that may differ between a deck and
	 * one that it is resumed with (deck_changes.h): the points and the sample.  Not the number of the
	 * task, so that a longer job finds its results.  Rank 0 only. */
	void (*key)(void *job, size_t task, struct checksum *);

	/* Returns the size of a result in bytes; the same on all ranks.  NULL: all have `bytes`. */
	size_t (*size)(void *job, size_t task);

	/* Returns the cost of a task relative to the others, and its number of `unit`s.  Rank 0 only.  NULL:
	 * 1 each. */
	double (*cost)(void *job, size_t task);
	double (*units)(void *job, size_t task);
};

static inline size_t work_result_size(const struct work *work, size_t task)
{
	return work->size ? work->size(work->job, task) : work->bytes;
}

#endif
