/* Estimates the run time of a simulation, for --dry-run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SIMULATE_COST_H
#define MATTIS_JOBS_SIMULATE_COST_H

#include "src/jobs/simulate_tasks.h"

struct duration {
	double seconds; /* of all tasks on one core */
	bool scaled;    /* tasks with a long set-up were run with fewer spins or examples */
};

/* Runs a few tasks for a few tenths of a second of processor time, in a few MB of memory.  EXIT_FAILED
 * without memory. */
int simulate_estimate(struct duration *, const struct simulation *, struct err *);

#endif
