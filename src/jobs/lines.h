/* mattis lines: where the transition lines of the network cross the lines of the grid, searched along its
 * last two axes.  The unit of work is a row: all values of one of these axes, the other parameters fixed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_LINES_H
#define MATTIS_JOBS_LINES_H

#include <stdio.h>

#include "physics/numerics/average.h"
#include "physics/numerics/roots.h"
#include "src/base/err.h"
#include "src/file/dataset.h"
#include "src/input/grid.h"

enum { MAX_LINES = 64 };

/* The roots of one transition line in one row, with the widths of their brackets.  A line that is a single
 * point has at most one: root[0].x is its coordinate along the row, root[1].x that on the other axis of the
 * plane. */
struct crossings {
	int count;
	struct roots_root root[LINE_ROOTS];
};

/* The rows along one axis of the grid. */
struct direction {
	int axis, other;    /* `other`: the second axis of the plane; -1: the grid has one axis only */
	size_t first, rows; /* rows first ... first + rows - 1 of all rows run along this axis */
};

struct lines {
	const struct grid *grid;
	const struct transition *line[MAX_LINES]; /* those that the deck asks for */
	int count;
	struct direction direction[2]; /* along the last axis of the grid, and along the one before */
	int directions;
	size_t rows; /* in all directions */
	double tolerance;
	struct average *average;
	struct crossings *crossings; /* rank 0: [rows][count] */
};

/* Returns the direction of a row, and the index of the row's first point in the grid. */
const struct direction *lines_search_direction(const struct lines *, size_t row);
size_t lines_search_first_point(const struct lines *, size_t row);

/* Finds all roots of all lines in a row: crossings[count].  Any rank.  Fails (EXIT_FAILED) without memory,
 * if the network's functions fail, or if the tick asks to stop. */
int lines_search_row(struct crossings *, const struct lines *, size_t row, const struct tick *, struct err *);

/* Adds the group /lines, a flat table over the dimension `point`, sorted by line, direction, number of the
 * root, and row.  Rank 0, when all rows are searched.  Fails (EXIT_FAILED) without memory. */
int lines_report(struct dataset *, const struct lines *, struct err *);

/* Prints the table, or if it is long and stands in the file `path`, the number of points of each line.
 * path: NULL if there is no file.  Rank 0, after lines_report. */
void lines_report_print(FILE *, const struct dataset *, const struct lines *, const char *path);

#endif
