/* How long a simulation will take, for --dry-run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SIMULATE_COST_H
#define MATTIS_JOBS_SIMULATE_COST_H

#include "src/jobs/simulate_tasks.h"

struct duration {
	double seconds; /* of all tasks on one core */
	bool scaled;    /* tasks that take long to set up were tried on fewer spins or examples */
};

/* Tries a few tasks for some tenths of a second of processor time, and in some MB of memory.  EXIT_FAILED without memory. */
int simulate_estimate(struct duration *, const struct simulation *, struct err *);

#endif
