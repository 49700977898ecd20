/* Runs a few tasks and scales by the cost models of montecarlo/chain/task.h: time = model x (measured
 * time / model of the tasks that were run), separately for the set-up, most of it drawing the sample, and
 * for the sweeps.  A task with a long set-up is run with fewer spins at the same load and temperature: the
 * states are then the same, and so is the acceptance rate.  If fewer spins do not help, it is run with
 * fewer examples of the same rho.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/simulate_cost.h"

#include <math.h>
#include <stdlib.h>

#include "montecarlo/chain/task_run.h"
#include "src/base/clock.h"

enum { TASKS_TRIED = 4, FEW_PATTERNS = 64, FEW_SPINS = 128 };
static const double longest_run = 0.03;    /* s, of a task */
static const double longest_set_up = 0.03; /* s, by the model */

/* Time that some work took, and its time by the model. */
struct rate {
	double seconds, model;
};

/* Takes N spins; keeps the number of patterns if there are few, else the load. */
static void make_smaller(struct params *p, double N, long K, const struct network *network)
{
	double factor = N / p->N, load = pow(factor, (p->P > 0 ? p->P : 2) - 1);

	p->N = N;
	p->K = K <= FEW_PATTERNS ? (int)K : (int)fmax(FEW_PATTERNS, nearbyint((double)K * load));
	p->gamma = 0;
	if (network->resize)
		network->resize(p, factor);
}

static void take_fewer_examples(struct params *p)
{
	p->M = fmax(1, 2 * floor(0.45 * p->M)); /* an odd number is not always possible */
	p->r = 1 / sqrt(1 + p->rho * p->M);
}

/* Makes a task smaller until its set-up is short.  Returns true if something was changed. */
static bool shrink(struct params *p, const struct simulation *s, const struct task *task)
{
	bool smaller = false;
	struct fault fault;
	double set_up, run;

	for (;; smaller = true) {
		double N = floor(0.9 * p->N);
		long K = task_patterns(p, &fault);
		bool smallest = N < 2 * p->P || N < 16,
		     small = smallest || (p->N <= FEW_SPINS && K <= FEW_PATTERNS);
		task_cost(&set_up, &run, &s->protocol, task);
		if (set_up <= 1e9 * longest_set_up || s->protocol.data || (smallest && p->M <= 1))
			return smaller;
		for (size_t k = 0; k < s->points; k++)
			if (small && p->M > 1)
				take_fewer_examples(&p[k]);
			else
				make_smaller(&p[k], N, K, s->protocol.network);
	}
}

static int too_long(void *end)
{
	return clock_cpu() > *(const double *)end;
}

static int try(struct rate *set_up, struct rate *run, bool *scaled, struct params *p,
               const struct simulation *s, size_t set, struct err *err)
{
	struct task_run *tried;
	struct fault fault;
	struct task task;
	double of_set_up, of_run, start = clock_cpu(), end;

	simulate_task(&task, p, s, set * s->samples);
	*scaled |= shrink(p, s, &task);
	task_cost(&of_set_up, &of_run, &s->protocol, &task);
	if (task_run_alloc(&tried, &s->protocol, &task, &fault) != 0) {
		simulate_fault(s, &fault, err);
		err->code = EXIT_FAILED; /* simulate_init has found all faults of the deck */
		return err->code;
	}
	set_up->seconds += clock_cpu() - start;
	set_up->model += of_set_up;
	start = end = clock_cpu();
	do
		end += longest_run;
	while (task_run_advance(tried, &(struct tick){too_long, &end}) && task_run_done(tried) == 0);
	run->seconds += clock_cpu() - start;
	run->model += of_run * task_run_done(tried);
	task_run_free(tried);
	return 0;
}

/* Chooses tasks at equal distances in the time that all take by the model. */
int simulate_estimate(struct duration *duration, const struct simulation *s, struct err *err)
{
	struct params *p = calloc(s->points, sizeof *p);
	double *until = calloc(s->sets, sizeof *until), all_set_up = 0, all_run = 0;
	/* until[i]: the model's time up to the end of set i */
	struct rate set_up = {0}, run = {0};
	size_t set = 0, last = s->sets;
	struct task task;

	*duration = (struct duration){0};
	if (!p || !until)
		err_set(err, EXIT_FAILED, "mattis simulate: out of memory for %zu points", s->grid->points);
	for (size_t i = 0; err->code == 0 && i < s->sets; i++) {
		double of_set_up, of_run;
		simulate_task(&task, p, s, i * s->samples);
		task_cost(&of_set_up, &of_run, &s->protocol, &task);
		all_set_up += of_set_up;
		all_run += of_run;
		until[i] = all_set_up + all_run;
	}
	for (int i = 0; err->code == 0 && i < TASKS_TRIED; i++) {
		while (set + 1 < s->sets && until[set] < (i + 0.5) / TASKS_TRIED * (all_set_up + all_run))
			set++;
		if (set != last)
			try(&set_up, &run, &duration->scaled, p, s, set, err);
		last = set;
	}
	if (err->code == 0)
		duration->seconds = (double)s->samples * (all_set_up * set_up.seconds / set_up.model +
		                                          all_run * run.seconds / run.model);
	free(p);
	free(until);
	return err->code;
}
