/* The grid of control parameters: the outer product of the deck's axes.
 *
 * Points are numbered in C order, the last axis fastest.  A row is a run along the last axis: points
 * row*row_length ... row*row_length + row_length - 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_INPUT_GRID_H
#define MATTIS_INPUT_GRID_H

#include <stddef.h>

#include "physics/params.h"
#include "src/input/deck.h"
#include "src/base/checksum.h"

struct axis {
	const char *name; /* "T", static */
	const struct key *key;
	size_t count;
	int geometric; /* log: in the deck */
	double *value; /* owned by the grid */
};

struct grid {
	const struct deck *deck; /* must outlive the grid */
	int axes;                /* >= 1 */
	struct axis axis[MAX_AXES];
	size_t points, rows, row_length;
	struct params base; /* all fields that are not swept */
};

/* Builds the grid of a deck, and lets the network check the parameters at all values of every axis, the other
 * axes at their ends: a fault is reported with the line of the key.  EXIT_USAGE for a fault or more than 1e9
 * points, EXIT_FAILED without memory.  *grid is NULL after an error. */
int grid_alloc(struct grid **grid, const struct deck *, struct err *);
void grid_free(struct grid *);

/* The control parameters of point `index`, made consistent: rho from r and M; storage and r = 1 and rho = 0
 * are all the same r = 1, M = 0, rho = 0; rho alone has r = 1, M = 0; gamma from K and N = P! K/(2 N^(P-1)).
 */
void grid_params(struct params *, const struct grid *, size_t index);

/* The same with any value x on axis a. */
void grid_params_at(struct params *, const struct grid *, size_t index, int a, double x);

/* Index along axis a of point `index`. */
size_t grid_coordinate(const struct grid *, int a, size_t index);

/* Adds the values of a point to a digest: the same for the same point of any grid. */
void grid_checksum(struct checksum *, const struct params *);

#endif
