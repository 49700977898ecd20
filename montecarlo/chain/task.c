/* Description and cost of a task; contract in task.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/task.h"

#include <math.h>

#include "montecarlo/chain/tap.h"
#include "montecarlo/disorder/npy.h"

static const double most_patterns = 1e9;
static const double usual_iterations = 100; /* of TAP */

static int tempered(const struct protocol *protocol)
{
	return protocol->dynamics == DYNAMICS_TEMPERING;
}

long task_patterns(const struct params *p, struct fault *fault)
{
	double exact = p->K > 0 ? p->K : p->gamma / params_load(p, 1), K = nearbyint(exact);
	if (!(K <= most_patterns))
		return fault_set(fault, "K", "%.3g patterns are too many (at most %g)", exact, most_patterns);
	if (K < 1)
		return fault_set(fault, "gamma", "%.3g patterns at N = %g: that is none", exact, p->N);
	if (fabs(K - exact) > 0.2 * exact)
		return fault_set(fault, "gamma",
		                 "%.3g patterns at N = %g: rounding changes the load by more than 20 %%",
		                 exact, p->N);
	return (long)K;
}

int task_condensed(const struct protocol *protocol, const struct params *p)
{
	struct params q = *p;
	struct fault fault;
	long K = task_patterns(p, &fault);
	if (q.K > 0)
		q.gamma = 0;
	int C = network_patterns(protocol->network, &q);
	return K > 0 && C > K ? (int)K : C;
}

struct record_shape task_shape(const struct protocol *protocol)
{
	return (struct record_shape){.patterns = protocol->patterns,
	                             .replicas = protocol->replicas,
	                             .histogram = protocol->histogram,
	                             .curve = protocol->curve,
	                             .spins = protocol->configurations ? protocol->spins : 0,
	                             .sites = protocol->magnetisations ? protocol->spins : 0,
	                             .starts = protocol->dynamics == DYNAMICS_TAP ? protocol->replicas : 0};
}

static int describe(struct disorder *of, const struct protocol *protocol, const struct task *task,
                    struct fault *fault)
{
	const struct params *p = task->p;
	long K = task_patterns(p, fault);
	if (K < 0)
		return -1;
	*of = (struct disorder){.seed = protocol->seed,
	                        .sample = task->sample,
	                        .N = (int)p->N,
	                        .K = K,
	                        .M = p->M > 0 ? (int)p->M : 1,
	                        .r = p->r,
	                        .learning = p->learning,
	                        .stratified = protocol->stratified,
	                        .data = protocol->data};
	return 0;
}

int task_prepare(struct quenched *q, struct couplings *c, const struct protocol *protocol,
                 const struct task *task, struct fault *fault)
{
	const struct params *p = task->p;
	struct disorder of;

	if (!(p->N >= 2 && p->N <= 1e9))
		return fault_set(fault, "N", "a simulation needs a number of spins N");
	if (p->N < p->P)
		return fault_set(fault, "N", "%g spins are fewer than the P = %d that interact", p->N, p->P);
	if (p->learning != STORAGE && p->M == 0 && p->rho > 0)
		return fault_set(fault, "M", "a simulation draws examples: it needs r and M, not rho alone");
	if (!protocol->network->couplings)
		return fault_set(fault, "network", "this network has no simulation");
	if (describe(&of, protocol, task, fault) != 0)
		return -1;
	struct params realised = *p;
	realised.K = (int)of.K;
	if (realised.M == 0) { /* storage, or r = 1: the single example is the pattern */
		realised.M = 1;
		realised.r = 1;
	}
	if (protocol->network->couplings(&realised, c, fault) != 0)
		return -1;
	of.d = c->dilution;
	if (quenched_shape(q, &of, fault) != 0 ||
	    start_check(protocol->start, &of, task_condensed(protocol, p), fault) != 0)
		return -1;
	c->diagonal |= protocol->diagonal;
	if (protocol->replicas < 1 || protocol->replicas > RECORD_REPLICAS)
		return fault_set(fault, "replicas", "must be from 1 to %d", RECORD_REPLICAS);
	for (int k = 0; k < task->points && (tempered(protocol) || protocol->plefka); k++)
		if (task->p[k].T <= 0)
			return fault_set(fault, "T",
			                 tempered(protocol) ? "tempering needs temperatures above 0"
			                                    : "field: plefka needs a temperature above 0");
	return protocol->plefka ? tap_check(q, c, fault) : 0;
}

int task_walkers(const struct protocol *protocol, const struct task *task)
{
	return protocol->replicas * (tempered(protocol) ? task->points : 1);
}

/* --- memory and time, for --dry-run and the scheduler */

/* Returns the sweeps of all chains together. */
static double sweeps_of(const struct protocol *protocol, const struct task *task)
{
	double sweeps = (double)protocol->burn_in + (double)protocol->sweeps;
	if (protocol->dynamics == DYNAMICS_TAP)
		sweeps = fmin(sweeps, usual_iterations);
	return sweeps * task_walkers(protocol, task) *
	       (protocol->dynamics == DYNAMICS_ANNEALING ? task->points : 1);
}

int task_check(const struct protocol *protocol, const struct task *task, double *bytes, double *work,
               const char **kernel, struct fault *fault)
{
	struct quenched q;
	struct couplings c;
	struct field_plan plan = {0};
	struct record_shape shape = task_shape(protocol);
	size_t shared, each;

	if (task_prepare(&q, &c, protocol, task, fault) != 0 ||
	    field_choose(&plan, &q, &c, protocol->kernel, fault) != 0)
		return -1;
	field_memory(&plan, &shared, &each);
	double N = q.N, walkers = task_walkers(protocol, task);
	*bytes = (double)q.bytes + (double)shared + walkers * ((double)each + N) +
	         (double)record_bytes(&shape) * task->points + 5 * N * task_condensed(protocol, task->p) +
	         8.0 * (double)record_width(&shape) * task->points +
	         (protocol->plefka ? tap_memory(&q, &c) + 16 * walkers * N : 0);
	*work = N * field_work(&plan) * sweeps_of(protocol, task);
	if (kernel)
		*kernel = field_kernel_name(&plan);
	return 0;
}

/* Returns the time in ns to draw the sample: bits for 128 sites at a time, then the entries. */
static double drawing(const struct quenched *q)
{
	static const double fair_bit = 0.2, chosen_bit = 3.5, entry = 4;
	double examples = q->of.learning != STORAGE && q->of.r < 1 ? q->of.M : 0, blanks = q->of.d > 0;
	double bits = (double)q->of.K * ((q->N + 127) / 128 * 128),
	       entries = q->alphabet == BITS ? 0 : (double)q->rows * q->N;

	return bits * (fair_bit + (examples + blanks) * chosen_bit) + entries * entry;
}

void task_cost(double *set_up, double *run, const struct protocol *protocol, const struct task *task)
{
	struct quenched q;
	struct couplings c;
	struct field_plan plan;
	struct fault fault;
	double preparation;

	*set_up = *run = 0;
	if (task_prepare(&q, &c, protocol, task, &fault) != 0 ||
	    field_choose(&plan, &q, &c, protocol->kernel, &fault) != 0)
		return;
	double sweep = q.N * field_cost(&plan, &preparation);
	if (protocol->plefka)
		sweep = (double)q.N * (double)q.rows;
	*run = sweep * sweeps_of(protocol, task);
	*set_up = drawing(&q) + preparation +
	          sweep * task_walkers(protocol, task); /* the fields of a start cost a sweep */
}

double task_rows_bytes(const struct protocol *protocol, const struct task *task)
{
	struct quenched q;
	struct couplings c;
	struct fault fault;

	return task_prepare(&q, &c, protocol, task, &fault) == 0 ? (double)q.bytes : 0;
}
