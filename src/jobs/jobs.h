/* The jobs, one per subcommand: what main.c calls.
 *
 * Each returns the exit code; *err is set if that is an error.  job_* are collective, except for job_status:
 * they print a table on stdout and write the HDF5 file.  dry_* are their --dry-run: one process, without MPI.
 * Errors of a deck are the same in both.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_JOBS_H
#define MATTIS_JOBS_JOBS_H

#include <stdio.h>

#include "src/base/err.h"
#include "src/input/deck.h"
#include "src/input/options.h"

/* Solves the network's equations on the grid of the deck.  Dry: prints grid, memory, time (it solves some
 * points) and output. */
int job_solve(const struct deck *, const struct options *, struct err *);
int dry_solve(FILE *, const struct deck *, const struct options *, struct err *);

/* Locates the transition lines of the network, each bracketed along the last two axes, the others on the
 * grid. */
int job_lines(const struct deck *, const struct options *, struct err *);
int dry_lines(FILE *, const struct deck *, const struct options *, struct err *);

/* Simulates the grid of the deck by Monte Carlo.  Dry: prints tasks, memory, kernel and time (it runs 0.5 s).
 */
int job_simulate(const struct deck *, const struct options *, struct err *);
int dry_simulate(FILE *, const struct deck *, const struct options *, struct err *);

/* Compares the finished simulation in the argument, whose deck this is, with the theory.  EXIT_DISAGREES if
 * they disagree. */
int job_compare(const struct deck *, const struct options *, struct err *);
int dry_compare(FILE *, const struct deck *, const struct options *, struct err *);

/* Retrieves the images of the deck.  Dry: the image files need not exist. */
int job_retrieve(const struct deck *, const struct options *, struct err *);
int dry_retrieve(FILE *, const struct deck *, const struct options *, struct err *);

/* Prints the state of the files in the arguments.  One process, without MPI. */
int job_status(const struct options *, struct err *);

#endif
