/* What `solve` needs, before it begins.  Nothing is collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SOLVE_COST_H
#define MATTIS_JOBS_SOLVE_COST_H

#include "src/base/err.h"
#include "src/input/grid.h"

/* Fails with EXIT_USAGE if the network refuses the deck's options of solve. */
int solve_cost_check_options(const struct grid *, struct err *);

/* Returns how many points of a row are solved together, the unit of work; the same on all ranks. */
size_t solve_cost_piece(const struct grid *);

/* Returns the bytes of the results of `solve`, which rank 0 keeps until the file is written. */
double solve_cost_bytes(const struct grid *);

#endif
