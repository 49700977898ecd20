/* A running task: Markov chains (ensemble.h) or TAP (tap_task.h).  This is the work unit that the scheduler
 * distributes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_TASK_RUN_H
#define MATTIS_CHAIN_TASK_RUN_H

#include "montecarlo/chain/task.h"

struct task_run;

/* Draws the sample and sets everything up at its start.  protocol and task->p must outlive it.  0, or -1
 * with the fault filled in; *run is NULL then. */
int task_run_alloc(struct task_run **run, const struct protocol *, const struct task *, struct fault *);
void task_run_free(struct task_run *);

/* Continues the simulation.  Returns 0 when done, or 1 if the tick asked to stop: call again, or save. */
int task_run_advance(struct task_run *, const struct tick *);

/* Returns the fraction of the work that is done. */
double task_run_done(const struct task_run *);

/* Fills in the results, [points][record_width]; meaningful when done. */
void task_run_result(const struct task_run *, double *result);

/* Returns the record (record.h) of the k-th temperature; not with TAP. */
const void *task_run_record(const struct task_run *, int k);

/* The whole state as bytes, for task_run_load into a run of the same protocol and task.  The protocol may
 * have more sweeps (not with annealing), also if the saved run was done: then it goes on, to the same
 * result as if it had been asked for them at once. */
size_t task_run_saved_size(const struct task_run *);
void task_run_save(const struct task_run *, void *bytes);
void task_run_load(struct task_run *, const void *bytes);

#endif
