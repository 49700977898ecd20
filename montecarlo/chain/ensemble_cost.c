/* What a task needs and takes, for --dry-run and for sharing out; the contract is in ensemble.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/ensemble_task.h"

#include <math.h>

#include "montecarlo/chain/tap.h"

static const double iterations_as_a_rule = 100;

/* Of all chains together. */
static double sweeps_of(const struct protocol *protocol, const struct task *task)
{
	double sweeps = (double)protocol->burn_in + (double)protocol->sweeps;
	if (protocol->dynamics == DYNAMICS_TAP)
		sweeps = fmin(sweeps, iterations_as_a_rule);
	return sweeps * ensemble_walkers(protocol, task) * (protocol->dynamics == DYNAMICS_ANNEALING ? task->points : 1);
}

int ensemble_check(const struct protocol *protocol, const struct task *task, double *bytes, double *work,
                   const char **kernel, struct fault *fault)
{
	struct quenched q;
	struct couplings c;
	struct field_plan plan = {0};
	struct record_shape shape = ensemble_shape(protocol);
	size_t shared, each;

	if (ensemble_prepare(&q, &c, protocol, task, fault) != 0 || field_choose(&plan, &q, &c, protocol->kernel, fault) != 0)
		return -1;
	field_memory(&plan, &shared, &each);
	double N = q.N, walkers = ensemble_walkers(protocol, task);
	*bytes = (double)q.bytes + (double)shared + walkers * ((double)each + N) +
	         (double)record_bytes(&shape) * task->points + 5 * N * ensemble_condensed(protocol, task->p) +
	         8.0 * (double)record_width(&shape) * task->points +
	         (protocol->plefka ? tap_memory(&q, &c) + 16 * walkers * N : 0);
	*work = N * field_work(&plan) * sweeps_of(protocol, task);
	if (kernel)
		*kernel = field_kernel_name(&plan);
	return 0;
}

/* ns to draw the sample: bits for 128 sites at a time, and entries made of them. */
static double drawing(const struct quenched *q)
{
	static const double fair_bit = 0.2, chosen_bit = 3.5, entry = 4;
	double examples = q->of.learning != STORAGE && q->of.r < 1 ? q->of.M : 0, blanks = q->of.d > 0;
	double bits = (double)q->of.K * ((q->N + 127) / 128 * 128), entries = q->alphabet == BITS ? 0 : (double)q->rows * q->N;

	return bits * (fair_bit + (examples + blanks) * chosen_bit) + entries * entry;
}

void ensemble_cost(double *set_up, double *run, const struct protocol *protocol, const struct task *task)
{
	struct quenched q;
	struct couplings c;
	struct field_plan plan;
	struct fault fault;
	double preparation;

	*set_up = *run = 0;
	if (ensemble_prepare(&q, &c, protocol, task, &fault) != 0 || field_choose(&plan, &q, &c, protocol->kernel, &fault) != 0)
		return;
	double sweep = q.N * field_cost(&plan, &preparation);
	if (protocol->plefka)
		sweep = (double)q.N * (double)q.rows;
	*run = sweep * sweeps_of(protocol, task);
	*set_up = drawing(&q) + preparation + sweep * ensemble_walkers(protocol, task); /* the fields of a start: like a sweep */
}

double ensemble_rows_bytes(const struct protocol *protocol, const struct task *task)
{
	struct quenched q;
	struct couplings c;
	struct fault fault;

	return ensemble_prepare(&q, &c, protocol, task, &fault) == 0 ? (double)q.bytes : 0;
}
