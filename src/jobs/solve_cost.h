/* What a job will need, told before it begins: --dry-run, and the refusal of what does not fit into memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SOLVE_COST_H
#define MATTIS_JOBS_SOLVE_COST_H

#include <stdio.h>

#include "src/base/err.h"
#include "src/input/grid.h"
#include "src/input/options.h"

/* How the deck wants the equations solved. */
struct solve_options cost_solve_options(const struct deck *);

/* Refuses options that make no sense for this network: EXIT_USAGE. */
int cost_check_options(const struct grid *, struct err *);

/* Points of a row that are solved together, the unit of work; independent of the ranks. */
size_t cost_solve_piece(const struct grid *);

/* Bytes of the results of `solve`, which rank 0 keeps until the file is written. */
double cost_solve_bytes(const struct grid *);

/* Refuses results of more bytes than this machine has memory: EXIT_FAILED with the sizes. */
int cost_check_memory(double bytes, const struct deck *, struct err *);

/* The last lines of --dry-run: seconds on one core, with a note on where they are from, and how many ranks can share them; where the
 * results go, to `output` or, when there are at most so many lines (of "points"), to stdout. */
void cost_print_time(FILE *, double seconds, const char *note, size_t ranks);
void cost_print_output(FILE *, const char *output, size_t lines, size_t most, const char *what);

/* Prints grid, memory, time (some points are solved and timed) and output of `solve`: --dry-run.  Errors as the
 * job itself would have them. */
int cost_solve(FILE *, const struct deck *, const struct options *, struct err *);

#endif
