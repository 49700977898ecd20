/* Roots of an event along one parameter: its changes of sign, each bracketed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NUMERICS_ROOTS_H
#define MATTIS_NUMERICS_ROOTS_H

/* A function of one parameter that may be NaN where it has no meaning, and may jump. */
struct roots_event {
	int (*value)(void *ctx, double x, double *value); /* returns a GSL error code */
	void *ctx;
	double tolerance; /* of x: the width of the bracket */
	int relative;     /* logarithmic axis: at |x| < 1 the tolerance is that of x/|x| */
	int whole;        /* x takes whole numbers only: the width is 1, x the number on the positive side */
};

/* A root, and the width of the interval in which the sign changes; 0 is a positive value. */
struct roots_root {
	double x, width;
};

/* Where to look at an event: the increasing axis[0] .. axis[count-1], thinned or divided into `least` to `most` intervals
 * (in proportion where `geometric`; whole numbers where `whole`), and the places extra[0] .. extra[extras-1] with
 * their middles.  node has room for most + 1 + 2 extras + count numbers; returns how many were written, increasing. */
int roots_nodes(double *node, const double *axis, int count, int least, int most, int geometric, int whole,
                 const double *extra, int extras);

/* The roots between the increasing x[0] .. x[count-1], in order, at most `max` of them; *found tells how many.  Where the
 * event ends between two nodes, its last value is found and counts as a node.  Where its size has a minimum among three
 * nodes, the minimum is searched for a pair of roots.  Returns the first GSL error. */
int roots_find(const struct roots_event *, const double *x, int count, struct roots_root *root, int max,
                 int *found);

#endif
