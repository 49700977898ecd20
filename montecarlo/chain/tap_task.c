/* TAP as a task; contract in tap_task.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/tap_task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/chain/instance.h"
#include "montecarlo/chain/tap.h"

struct tap_task {
	struct instance instance;
	struct tap *tap;
	int starts;
	int start; /* the current one; `starts`: all are done */

	/* the state */
	struct tap_result *solution; /* [starts] */
	double *m;                   /* [starts][2][N] magnetisations now, and one step before */
};

static double *magnetisations(const struct tap_task *t, int start)
{
	return t->m + 2 * (size_t)start * (size_t)t->instance.quenched.N;
}

static int set_up(struct tap_task *t, const struct protocol *protocol, const struct task *task,
                  struct fault *fault)
{
	struct instance *x = &t->instance;

	if (instance_init(x, protocol, task, fault) != 0 ||
	    tap_alloc(&t->tap, &x->quenched, &x->couplings, fault) != 0)
		return -1;
	const int N = x->quenched.N;
	int8_t *spin = malloc((size_t)N);
	t->starts = protocol->replicas;
	t->solution = calloc((size_t)t->starts, sizeof *t->solution);
	t->m = malloc(2 * (size_t)t->starts * (size_t)N * sizeof *t->m);
	int bad = spin && t->solution && t->m ? 0 : fault_set(fault, "N", "no memory for the magnetisations");
	for (int k = 0; k < t->starts && bad == 0; k++) {
		bad = start_make(spin, protocol->start, protocol->corruption, &x->quenched, x->condensed,
		                 instance_key(x, task->p->T, k), fault);
		for (int i = 0; i < N && bad == 0; i++)
			magnetisations(t, k)[i] = magnetisations(t, k)[N + i] = spin[i];
	}
	free(spin);
	return bad;
}

int tap_task_alloc(struct tap_task **task, const struct protocol *protocol, const struct task *of,
                   struct fault *fault)
{
	struct tap_task *t = *task = calloc(1, sizeof *t);
	if (!t)
		return fault_set(fault, "N", "no memory");
	if (set_up(t, protocol, of, fault) != 0) {
		tap_task_free(t);
		*task = NULL;
		return -1;
	}
	return 0;
}

void tap_task_free(struct tap_task *t)
{
	if (!t)
		return;
	tap_free(t->tap);
	instance_free(&t->instance);
	free(t->solution);
	free(t->m);
	free(t);
}

int tap_task_run(struct tap_task *t, const struct tick *tick)
{
	const struct protocol *protocol = t->instance.protocol;
	const struct tap_options options = {.order = protocol->plefka,
	                                    .damping = protocol->damping,
	                                    .tolerance = protocol->tolerance,
	                                    .iterations = (long)protocol->sweeps};

	for (; t->start < t->starts; t->start++) {
		double *m = magnetisations(t, t->start);
		if (tap_solve(t->tap, &t->solution[t->start], m, m + t->instance.quenched.N,
		              t->instance.task.p->T, &options, tick))
			return 1;
	}
	return 0;
}

double tap_task_done(const struct tap_task *t)
{
	if (t->start == t->starts)
		return 1;
	double iterations = (double)t->solution[t->start].iterations,
	       most = (double)t->instance.protocol->sweeps;
	return (t->start + iterations / (most + 1)) / t->starts;
}

void tap_task_result(const struct tap_task *t, double *result)
{
	const struct instance *x = &t->instance;

	for (int k = 0; k < t->starts; k++) {
		const struct tap_result *r = &t->solution[k];
		double *solution = result + record_offset_solution(&x->shape, k), *m = solution + SOLUTION_M;
		double *magnetisation = result + record_offset_magnetisations(&x->shape, k);
		solution[SOLUTION_CONVERGED] = r->converged;
		solution[SOLUTION_ITERATIONS] = (double)r->iterations;
		solution[SOLUTION_RESIDUAL] = r->residual;
		solution[SOLUTION_Q] = r->q;
		solution[SOLUTION_FREE_ENERGY] = r->free_energy;
		solution[SOLUTION_ENERGY] = r->energy;
		instance_mean_overlaps(m, m + x->shape.patterns, x, magnetisations(t, k));
		for (int i = 0; i < x->shape.sites; i++)
			magnetisation[i] = i < x->quenched.N ? magnetisations(t, k)[i] : NAN;
	}
	record_solutions(result, &x->shape);
	instance_result(x, result);
}

/* --- saving: solutions, magnetisations */

static size_t solutions_size(const struct tap_task *t)
{
	return (size_t)t->starts * sizeof *t->solution;
}

static size_t magnetisations_size(const struct tap_task *t)
{
	return 2 * (size_t)t->starts * (size_t)t->instance.quenched.N * sizeof *t->m;
}

size_t tap_task_saved_size(const struct tap_task *t)
{
	return solutions_size(t) + magnetisations_size(t);
}

void tap_task_save(const struct tap_task *t, void *bytes)
{
	memcpy(bytes, t->solution, solutions_size(t));
	memcpy((char *)bytes + solutions_size(t), t->m, magnetisations_size(t));
}

/* Restarts at the first start: solved ones take no time, unless more iterations were requested. */
void tap_task_load(struct tap_task *t, const void *bytes)
{
	memcpy(t->solution, bytes, solutions_size(t));
	memcpy(t->m, (const char *)bytes + solutions_size(t), magnetisations_size(t));
	t->start = 0;
}
