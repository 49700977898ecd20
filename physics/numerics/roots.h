/* Roots of an event along one parameter: bracketed sign changes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NUMERICS_ROOTS_H
#define MATTIS_NUMERICS_ROOTS_H

/* A function of one parameter; it may be NaN where it is not defined, and may jump. */
struct roots_event {
	int (*value)(void *ctx, double x, double *value); /* returns a GSL error code */
	void *ctx;
	double tolerance; /* of x: the width of the bracket */
	int relative;     /* logarithmic axis: at |x| < 1 the tolerance is that of x/|x| */
	int whole;        /* x takes whole numbers only: the width is 1, x the number on the positive side */
};

/* A root, and the width of the interval in which the sign changes.  The value 0 counts as positive. */
struct roots_root {
	double x, width;
};

/* Places the nodes at which an event is evaluated: the increasing axis[0] .. axis[count-1], thinned or
 * divided into `least` to `most` intervals (in proportion if `geometric`; integers if `whole`), and the
 * places extra[0] .. extra[extras-1] with their midpoints.  node has room for most + 1 + 2 extras + count
 * numbers.  Returns how many were written, increasing. */
int roots_nodes(double *node, const double *axis, int count, int least, int most, int geometric, int whole,
                 const double *extra, int extras);

/* Finds the roots between the increasing x[0] .. x[count-1], in order, at most `max`, and sets *found to
 * their number.  If the event ends between two nodes, its last value is located and counts as a node.  If
 * |event| has a minimum among three nodes, a pair of roots is searched there.  Returns the first GSL
 * error. */
int roots_find(const struct roots_event *, const double *x, int count, struct roots_root *root, int max,
                 int *found);

#endif
