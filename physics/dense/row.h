/* What `mattis solve` reports of the dense network: its quantities and branches, and the solution of a
 * row.  These functions are members of struct network, physics/network.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DENSE_ROW_H
#define MATTIS_DENSE_ROW_H

#include "physics/dense/equations.h"

extern const struct quantity dense_quantities[];

int dense_solve_row(struct average *, const struct params *, const struct solve_options *,
                    const struct tick *, struct row *);
int dense_branches(const struct params *, const struct solve_options *, const char *names[MAX_BRANCHES]);
int dense_groups(const struct params *, const struct solve_options *);
int dense_check_options(const struct params *, const struct solve_options *, struct fault *);

#endif
