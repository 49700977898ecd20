/* What a job needs, before it begins: for --dry-run, and to refuse what does not fit into memory.  Nothing is
 * collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SOLVE_COST_H
#define MATTIS_JOBS_SOLVE_COST_H

#include <stdio.h>

#include "src/base/err.h"
#include "src/input/grid.h"

/* Fails with EXIT_USAGE if the network refuses the deck's options of solve. */
int solve_cost_check_options(const struct grid *, struct err *);

/* Returns how many points of a row are solved together, the unit of work; the same on all ranks. */
size_t solve_cost_piece(const struct grid *);

/* Returns the bytes of the results of `solve`, which rank 0 keeps until the file is written. */
double solve_cost_bytes(const struct grid *);

/* Fails with EXIT_FAILED, naming both sizes, if results of that many bytes exceed this machine's memory. */
int solve_cost_check_memory(double bytes, const struct deck *, struct err *);

/* Prints the last lines of --dry-run.  Time: seconds on one core, a note on their origin, and how many ranks
 * can share them.  Output: the file, or stdout if there is no file and at most `most` lines (of "points"). */
void solve_cost_print_time(FILE *, double seconds, const char *note, size_t ranks);
void solve_cost_print_output(FILE *, const char *output, size_t lines, size_t most, const char *what);

#endif
