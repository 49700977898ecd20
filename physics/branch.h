/* Roots of an event along one parameter: all its changes of sign that a scan sees, each bracketed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_BRANCH_H
#define MATTIS_BRANCH_H

/* A function of one parameter that may be NaN where it has no meaning, and may jump. */
struct branch_event {
	int (*value)(void *ctx, double x, double *value); /* returns a GSL error code */
	void *ctx;
	double tolerance; /* of x: the width of the bracket */
	int whole;        /* x takes whole numbers only: the width is 1 */
};

/* A root, and the width of the interval in which the sign changes; 0 is a positive value. */
struct branch_root {
	double x, width;
};

/* The roots between the increasing x[0] .. x[count-1], in order, at most `max` of them; *found tells how many.  Every
 * interval is divided into `parts`; where the event ends between two nodes, its last value is found and a
 * change of sign before the end seen.  Two roots between neighbouring nodes are not.  Returns the first GSL error. */
int branch_roots(const struct branch_event *, const double *x, int count, int parts, struct branch_root *root, int max,
                 int *found);

#endif
