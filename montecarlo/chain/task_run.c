/* Chains or TAP; contract in task_run.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/task_run.h"

#include <stdlib.h>

#include "montecarlo/chain/ensemble.h"
#include "montecarlo/chain/tap_task.h"

/* One of them; the other is NULL. */
struct task_run {
	struct ensemble *ensemble;
	struct tap_task *tap;
};

int task_run_alloc(struct task_run **run, const struct protocol *protocol, const struct task *task,
                   struct fault *fault)
{
	struct task_run *r = *run = calloc(1, sizeof *r);
	if (!r)
		return fault_set(fault, "N", "no memory");
	int bad = protocol->dynamics == DYNAMICS_TAP ? tap_task_alloc(&r->tap, protocol, task, fault)
	                                             : ensemble_alloc(&r->ensemble, protocol, task, fault);
	if (bad) {
		free(r);
		*run = NULL;
	}
	return bad;
}

void task_run_free(struct task_run *r)
{
	if (!r)
		return;
	ensemble_free(r->ensemble);
	tap_task_free(r->tap);
	free(r);
}

int task_run_advance(struct task_run *r, const struct tick *tick)
{
	return r->tap ? tap_task_run(r->tap, tick) : ensemble_run(r->ensemble, tick);
}

double task_run_done(const struct task_run *r)
{
	return r->tap ? tap_task_done(r->tap) : ensemble_done(r->ensemble);
}

void task_run_result(const struct task_run *r, double *result)
{
	if (r->tap)
		tap_task_result(r->tap, result);
	else
		ensemble_result(r->ensemble, result);
}

const void *task_run_record(const struct task_run *r, int k)
{
	return ensemble_record(r->ensemble, k);
}

size_t task_run_saved_size(const struct task_run *r)
{
	return r->tap ? tap_task_saved_size(r->tap) : ensemble_saved_size(r->ensemble);
}

void task_run_save(const struct task_run *r, void *bytes)
{
	if (r->tap)
		tap_task_save(r->tap, bytes);
	else
		ensemble_save(r->ensemble, bytes);
}

void task_run_load(struct task_run *r, const void *bytes)
{
	if (r->tap)
		tap_task_load(r->tap, bytes);
	else
		ensemble_load(r->ensemble, bytes);
}
