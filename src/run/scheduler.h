/* Scheduler: distributes independent tasks over the MPI ranks, and writes checkpoints.
 *
 * A counter on rank 0 hands out the tasks, the most expensive first, so that unequal tasks keep all ranks
 * busy.  Every rank computes, rank 0 too, and sends each result to rank 0 while it computes the next.
 * Results are stored by task number: they do not depend on the number of ranks, on the order of
 * execution, or on interruptions.
 *
 * Rank 0 writes a checkpoint (checkpoint.h) when the interval is over and when the job is stopped (stop.h).
 * It requests the states of the running tasks from all ranks; they send them at their next tick and go on;
 * the file is written when all have answered.  A task without states (milliseconds to seconds of work) is
 * either finished or discarded.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RUN_SCHEDULER_H
#define MATTIS_RUN_SCHEDULER_H

#include <stdbool.h>

#include "src/base/err.h"
#include "src/run/output.h"
#include "src/run/work.h"

/* Runs all tasks except those that out->earlier has finished, with progress on stderr unless quiet.
 * Collective.  Returns 0 when complete.  Otherwise sets *err on every rank: EXIT_STOPPED if the job stopped
 * cleanly (a checkpoint was written); after an error, that of the lowest rank that failed. */
int scheduler_run(const struct work *, struct output *, bool quiet, struct err *);

#endif
