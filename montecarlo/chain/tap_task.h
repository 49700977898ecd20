/* A task with dynamics TAP: the solutions of the TAP equations (tap.h) of one sample, from each start.  The
 * contracts are those of task_run.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_TAP_TASK_H
#define MATTIS_CHAIN_TAP_TASK_H

#include "montecarlo/chain/task.h"

struct tap_task;

int tap_task_alloc(struct tap_task **, const struct protocol *, const struct task *, struct fault *);
void tap_task_free(struct tap_task *);
int tap_task_run(struct tap_task *, const struct tick *);
double tap_task_done(const struct tap_task *);
void tap_task_result(const struct tap_task *, double *result);
size_t tap_task_saved_size(const struct tap_task *);
void tap_task_save(const struct tap_task *, void *bytes);
void tap_task_load(struct tap_task *, const void *bytes);

#endif
