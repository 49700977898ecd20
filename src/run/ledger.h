/* What rank 0 knows of the tasks of a job: which are finished, where the others are, how much work is done; and how
 * it gets into a checkpoint and back.  No MPI.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_LEDGER_H
#define MATTIS_RUN_LEDGER_H

#include <stdint.h>

#include "src/run/output.h"
#include "src/run/progress.h"
#include "src/run/work.h"

struct ledger {
	const struct work *tasks;
	struct output *out;
	int ranks;
	unsigned char *finished; /* [count] */
	float *done;             /* [count] share of each */
	struct state {
		void *bytes;
		size_t size;
		double done;
	} * state;                  /* [count] of those that are begun */
	void *result;               /* room for one */
	struct checkpoint_key *key; /* [count] once they are needed */
	size_t finished_count;
	double cost, cost_done, cost_before; /* of all tasks; so far; by earlier runs */
	double units_done, units_before;
	double started, written, write_seconds,
		noted; /* seconds of the monotonic clock: the last checkpoint */
	bool damaged;  /* the checkpoint on the disk is not worth keeping */
	struct progress progress;
};

/* Takes over what out->earlier has (and frees it).  EXIT_FAILED without memory. */
int ledger_open(struct ledger *, const struct work *, struct output *, int ranks, bool quiet, struct err *);
void ledger_close(struct ledger *);

/* A task is finished. */
void ledger_result(struct ledger *, size_t task, const void *result);

/* Where a task is now; bytes is owned by the ledger from here on. */
void ledger_state(struct ledger *, size_t task, void *bytes, size_t size, double done);

/* How far it is. */
void ledger_progress(struct ledger *, size_t task, double done);

/* The tasks that are left, longest first; order has room for all.  Their number. */
size_t ledger_order(const struct ledger *, uint64_t *order);

/* Progress on stderr and, now and then, in the lock file. */
void ledger_show(struct ledger *);

/* How far the job is. */
void ledger_counts(const struct ledger *, struct progress_counts *, bool complete);

/* Writes a checkpoint. */
int ledger_write(struct ledger *, bool complete, struct err *);

#endif
