/* Ledger: what rank 0 records about the tasks of a job (which are finished, how far the others are), how much
 * of the work is done, and how that gets into a checkpoint and back.  Rank 0 only; no MPI.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_LEDGER_H
#define MATTIS_RUN_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/run/output.h"
#include "src/run/progress.h"
#include "src/run/work.h"

/* The state of a task, saved by running_save(). */
struct task_state {
	void *bytes; /* owned; NULL: none */
	size_t size;
	double done;
};

struct ledger {
	const struct work *work;
	struct output *out;
	int ranks;
	unsigned char *finished;    /* [count] */
	float *done;                /* [count] fraction of each task */
	struct task_state *state;   /* [count] */
	void *result;               /* room for one */
	struct checkpoint_key *key; /* [count], made when they are first needed */
	size_t finished_count;
	double cost;                      /* of all tasks */
	double cost_done, units_done;     /* so far, by earlier runs too */
	double cost_before, units_before; /* by earlier runs */
	double write_seconds;             /* that the last checkpoint took */
	double started, written; /* when the job, and the last checkpoint; seconds of the monotonic clock */
	double lock_written;     /* when the lock file was */
	bool damaged;            /* the checkpoint on the disk is not worth keeping */
	struct progress progress;
};

/* Takes over the results and states of out->earlier, and frees it.  Fails (EXIT_FAILED) without memory. */
int ledger_open(struct ledger *, const struct work *, struct output *, int ranks, bool quiet, struct err *);
void ledger_close(struct ledger *);

/* Stores the result of a finished task. */
void ledger_result(struct ledger *, size_t task, const void *result);

/* Records the state of a task.  The ledger frees `bytes`. */
void ledger_state(struct ledger *, size_t task, void *bytes, size_t size, double done);

/* Records how far a task is. */
void ledger_progress(struct ledger *, size_t task, double done);

/* Lists the unfinished tasks, the most expensive first; `order` has room for all tasks.  Returns their
 * number. */
size_t ledger_order(const struct ledger *, uint64_t *order);

/* Shows the progress on stderr and, every 2 s, in the lock file. */
void ledger_show(struct ledger *);

/* Writes a checkpoint; `complete`: the job is done. */
int ledger_write(struct ledger *, bool complete, struct err *);

#endif
