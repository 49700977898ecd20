/* The Markov chains of a task: replicas, independent of each other, and with tempering a ladder of each.
 * The contracts are those of task_run.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_ENSEMBLE_H
#define MATTIS_CHAIN_ENSEMBLE_H

#include "montecarlo/chain/task.h"

struct ensemble;

int ensemble_alloc(struct ensemble **, const struct protocol *, const struct task *, struct fault *);
void ensemble_free(struct ensemble *);
int ensemble_run(struct ensemble *, const struct tick *);
double ensemble_done(const struct ensemble *);
void ensemble_result(const struct ensemble *, double *result);
const void *ensemble_record(const struct ensemble *, int k);
size_t ensemble_saved_size(const struct ensemble *);
void ensemble_save(const struct ensemble *, void *bytes);
void ensemble_load(struct ensemble *, const void *bytes);

#endif
