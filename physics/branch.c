/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/branch.h"

#include <gsl/gsl_errno.h>
#include <math.h>

struct node {
	double x, f;
};

static int node_at(const struct branch_event *e, double x, struct node *out)
{
	out->x = x;
	return e->value(e->ctx, x, &out->f);
}

static int wide(const struct branch_event *e, double a, double b)
{
	double width = fabs(b - a);
	return width > (e->whole ? 1 : e->tolerance) && width > 4e-16 * fmax(fabs(a), fabs(b));
}

/* A point well inside a .. b, near x when that is inside. */
static double inside(const struct branch_event *e, double a, double b, double x)
{
	if (!((x - a) * (x - b) < 0))
		x = 0.5 * (a + b);
	if (e->whole) {
		x = floor(x);
		x = x <= fmin(a, b) ? fmin(a, b) + 1 : x;
	}
	return x;
}

/* The last point with a value between `good` (a number) and `bad` (NaN). */
static int last_value(const struct branch_event *e, struct node *good, struct node bad)
{
	int status = GSL_SUCCESS;
	while (wide(e, good->x, bad.x) && status == GSL_SUCCESS) {
		struct node middle;
		status = node_at(e, inside(e, good->x, bad.x, 0.5 * (good->x + bad.x)), &middle);
		if (isnan(middle.f))
			bad = middle;
		else
			*good = middle;
	}
	return status;
}

/* The change of sign between a and b, by the Illinois rule, and halving whenever three steps have not made the bracket
 * eight times narrower: a jump costs no more than bisection.  Steps keep a distance from the ends, so that both come
 * close.  A point without value inside ends it: there is no root then (width NaN). */
static int bracket(const struct branch_event *e, struct node a, struct node b, struct branch_root *root)
{
	double fa = a.f, fb = b.f, before = fabs(b.x - a.x);
	for (int i = 0, side = 0; wide(e, a.x, b.x); i++) {
		double width = b.x - a.x, guess = a.x - fa * width / (fb - fa);
		double least = copysign(fmin(0.4 * e->tolerance, 0.25 * fabs(width)), width);
		if (i % 3 == 2) {
			if (fabs(width) > before / 8)
				guess = a.x + 0.5 * width;
			before = fabs(width);
		}
		if (fabs(guess - a.x) < fabs(least))
			guess = a.x + least;
		if (fabs(guess - b.x) < fabs(least))
			guess = b.x - least;
		struct node c;
		int status = node_at(e, inside(e, a.x, b.x, guess), &c);
		root->width = NAN;
		if (status != GSL_SUCCESS || isnan(c.f))
			return status;
		if ((c.f < 0) == (b.f < 0)) {
			b = c;
			fb = c.f;
			fa *= side > 0 ? 0.5 : 1;
			side = 1;
		} else {
			a = c;
			fa = c.f;
			fb *= side < 0 ? 0.5 : 1;
			side = -1;
		}
	}
	double x = a.x - a.f * (b.x - a.x) / (b.f - a.f);
	root->x = isfinite(x) ? x : 0.5 * (a.x + b.x);
	root->width = fabs(b.x - a.x);
	return GSL_SUCCESS;
}

/* The root between neighbouring nodes, if there is one. */
static int between(const struct branch_event *e, struct node a, struct node b, struct branch_root *root, int *found)
{
	int status = GSL_SUCCESS;
	*found = 0;
	if (isnan(a.f) && isnan(b.f))
		return status;
	if (isnan(b.f)) {
		struct node end = a;
		status = last_value(e, &end, b);
		b = end;
	} else if (isnan(a.f)) {
		struct node end = b;
		status = last_value(e, &end, a);
		a = end;
	}
	if (status != GSL_SUCCESS || a.x == b.x || (a.f < 0) == (b.f < 0))
		return status;
	status = bracket(e, a, b, root);
	*found = status == GSL_SUCCESS && !isnan(root->width);
	return status;
}

int branch_roots(const struct branch_event *e, const double *x, int count, int parts, struct branch_root *root, int max,
                 int *found)
{
	struct node a, b;
	int status = node_at(e, x[0], &a);
	*found = 0;
	for (int i = 0; i + 1 < count && status == GSL_SUCCESS; i++)
		for (int k = 1; k <= parts && *found < max && status == GSL_SUCCESS; k++) {
			double next = k < parts ? x[i] + k * (x[i + 1] - x[i]) / parts : x[i + 1];
			if (e->whole)
				next = floor(next);
			if (next <= a.x)
				continue;
			int one;
			if ((status = node_at(e, next, &b)) == GSL_SUCCESS)
				status = between(e, a, b, &root[*found], &one);
			if (status == GSL_SUCCESS)
				*found += one;
			a = b;
		}
	return status;
}
