/* One job per subcommand: what main.c calls.  Each returns the exit code, with *err filled in when it is an error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_JOBS_H
#define MATTIS_JOBS_JOBS_H

#include <stdio.h>

#include "src/input/deck.h"
#include "src/base/err.h"
#include "src/input/options.h"

/* Solves the network's equations on the grid of the deck: table on stdout, HDF5 file.  Collective. */
int job_solve(const struct deck *, const struct options *, struct err *);

/* The transition lines of the network: each bracketed along the last two axes, the others on the grid.  Table on
 * stdout, group /lines of the HDF5 file.  Collective.  --dry-run of it: one process, no MPI. */
int job_lines(const struct deck *, const struct options *, struct err *);
int dry_lines(FILE *, const struct deck *, const struct options *, struct err *);

/* Simulates the grid of the deck by Monte Carlo: table on stdout, HDF5 file.  Collective. */
int job_simulate(const struct deck *, const struct options *, struct err *);

/* --dry-run of it: tasks, memory, kernel, time (half a second is tried).  One process, no MPI. */
int dry_simulate(FILE *, const struct deck *, const struct options *, struct err *);

/* Compares the finished simulation in the argument, whose deck this is, with the theory: table on stdout, HDF5 file.
 * EXIT_DISAGREES when they disagree.  Collective.  --dry-run of it: one process, no MPI. */
int job_compare(const struct deck *, const struct options *, struct err *);
int dry_compare(FILE *, const struct deck *, const struct options *, struct err *);

/* Retrieves the images of the deck: table on stdout, HDF5 file.  Collective.  --dry-run of it: one process, no MPI;
 * the images need not be there. */
int job_retrieve(const struct deck *, const struct options *, struct err *);
int dry_retrieve(FILE *, const struct deck *, const struct options *, struct err *);

/* Tells the state of the files in the arguments.  One process, no MPI. */
int job_status(const struct options *, struct err *);

#endif
