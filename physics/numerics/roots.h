/* One-dimensional searches: all roots of an event along one parameter, and one root inside a bracket.
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

/* Where an event is evaluated: the increasing value[0] .. value[count-1], thinned or divided into `least` to
 * `most` intervals (in proportion if `geometric`; integers if `whole`). */
struct roots_axis {
	const double *value;
	int count, least, most, geometric, whole;
};

/* Writes the nodes of the axis, the places extra[0] .. extra[extras-1], and the midpoints between those.
 * node has room for most + 1 + 2 extras + count numbers.  Returns how many were written, increasing. */
int roots_nodes(double *node, const struct roots_axis *, const double *extra, int extras);

/* Finds the roots between the increasing x[0] .. x[count-1], in order, at most `max`, and sets *found to
 * their number.  If the event ends between two nodes, its last value is located and counts as a node.  If
 * |event| has a minimum among three nodes, a pair of roots is searched there.  Returns the first GSL
 * error. */
int roots_find(const struct roots_event *, const double *x, int count, struct roots_root *root, int max,
               int *found);

/* ---- one root of a continuous function */

/* Finds the root between a and b, where f(a) = fa and f(b) = fb have opposite signs, to rounding, by the
 * Illinois rule.  The last call of `value` is at the root.  Returns the first GSL error. */
int roots_illinois(int (*value)(void *ctx, double x, double *f), void *ctx, double a, double fa, double b,
                   double fb);

/* Finds the root between lower and upper, where f has opposite signs, to rounding, by Brent's method.
 * Returns a GSL error code: GSL_EBADFUNC if f is not finite. */
int roots_brent(double *x, double (*f)(double x, void *ctx), void *ctx, double lower, double upper);

/* An interval that contains a root: f > 0 below the root, f < 0 above.  Starts as {0, INFINITY}. */
struct roots_bracket {
	double low, high;
};

/* Narrows the bracket to x, where the function is f, and sets *next to Newton's x - f/slope.  Returns 1 if
 * that lies inside the bracket; if 0, the caller chooses another *next. */
int roots_newton(struct roots_bracket *, double x, double f, double slope, double *next);

#endif
