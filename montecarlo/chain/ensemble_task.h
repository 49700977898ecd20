/* What ensemble.c and ensemble_cost.c both know of a task; private to them.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_ENSEMBLE_TASK_H
#define MATTIS_CHAIN_ENSEMBLE_TASK_H

#include "montecarlo/chain/ensemble.h"

/* The shape of its sample and its couplings; takes no memory and draws nothing.  0, or -1 with the fault filled in. */
int ensemble_prepare(struct quenched *, struct couplings *, const struct protocol *, const struct task *, struct fault *);

/* Chains that sweep: replicas, times temperatures when tempering. */
int ensemble_walkers(const struct protocol *, const struct task *);

#endif
