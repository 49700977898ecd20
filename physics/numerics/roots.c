/* Roots of an event along one parameter.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/numerics/roots.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sort.h>
#include <math.h>

struct node {
	double x, f;
};

static int node_at(const struct roots_event *e, double x, struct node *out)
{
	out->x = x;
	return e->value(e->ctx, x, &out->f);
}

/* Returns the largest width allowed for a bracket at x. */
static double narrow(const struct roots_event *e, double x)
{
	return e->whole ? 1 : e->relative ? e->tolerance * fmin(1, fabs(x)) : e->tolerance;
}

static int wide(const struct roots_event *e, double a, double b)
{
	double width = fabs(b - a);
	return width > narrow(e, fmin(fabs(a), fabs(b))) && width > 4e-16 * fmax(fabs(a), fabs(b));
}

/* Returns a point well inside a .. b, near x if x is inside. */
static double inside(const struct roots_event *e, double a, double b, double x)
{
	if (!((x - a) * (x - b) < 0))
		x = 0.5 * (a + b);
	if (e->whole) {
		x = floor(x);
		x = x <= fmin(a, b) ? fmin(a, b) + 1 : x;
	}
	return x;
}

/* Finds the last point with a value between `good` (a number) and `bad` (NaN). */
static int last_value(const struct roots_event *e, struct node *good, struct node bad)
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

/* Finds the sign change between a and b by the Illinois rule, with bisection whenever three steps have not
 * made the bracket eight times narrower, so that a jump costs no more than bisection.  Steps keep a
 * distance from the ends, so that both ends converge.  If a point inside has no value, there is no root
 * (width NaN). */
static int bracket(const struct roots_event *e, struct node a, struct node b, struct roots_root *root)
{
	double fa = a.f, fb = b.f, before = fabs(b.x - a.x);
	for (int i = 0, side = 0; wide(e, a.x, b.x); i++) {
		double width = b.x - a.x, guess = a.x - fa * width / (fb - fa);
		double least = copysign(fmin(0.4 * narrow(e, a.x), 0.25 * fabs(width)), width);
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
	root->x = e->whole ? (a.f < 0 ? b.x : a.x) : isfinite(x) ? x : 0.5 * (a.x + b.x);
	root->width = fabs(b.x - a.x);
	return GSL_SUCCESS;
}

/* ---------------------------------------------------------------- the nodes in order */

struct scan {
	const struct roots_event *event;
	struct node a, b; /* the last two nodes, a before b; NaN: none */
	struct roots_root *root;
	int max, found;
};

static int opposite(struct node a, struct node b)
{
	return (a.f < 0) != (b.f < 0);
}

/* The root between two nodes of opposite sign. */
static int add_root(struct scan *s, struct node a, struct node b)
{
	if (s->found == s->max)
		return GSL_SUCCESS;
	int status = bracket(s->event, a, b, &s->root[s->found]);
	s->found += status == GSL_SUCCESS && !isnan(s->root[s->found].width);
	return status;
}

/* The lowest point of the parabola through three nodes. */
static double vertex(struct node a, struct node b, struct node c)
{
	double p = (b.x - a.x) * (b.f - c.f), q = (b.x - c.x) * (b.f - a.f);
	return b.x - 0.5 * ((b.x - a.x) * p - (b.x - c.x) * q) / (p - q);
}

/* |f| is smallest at the middle of three nodes of one sign, so two roots may be near.  Follows the minimum
 * until the sign changes or |f| stops decreasing. */
static int search_minimum(struct scan *s, struct node a, struct node b, struct node c)
{
	const struct node left = a, right = c;
	for (int i = 0, stuck = 0; i < 60 && stuck < 4 && wide(s->event, a.x, c.x); i++) {
		double x = vertex(a, b, c), far = b.x - a.x > c.x - b.x ? a.x : c.x;
		if (!(x > a.x && x < c.x) || i % 3 == 2 || !wide(s->event, 4 * b.x, 4 * x))
			x = b.x + 0.4 * (far - b.x);
		struct node d;
		int status = node_at(s->event, inside(s->event, a.x, c.x, x), &d);
		if (status != GSL_SUCCESS || isnan(d.f) || d.x == b.x)
			return status;
		if (opposite(d, b)) {
			status = add_root(s, left, d);
			return status == GSL_SUCCESS ? add_root(s, d, right) : status;
		}
		stuck = fabs(d.f) < 0.99 * fabs(b.f) ? 0 : stuck + 1;
		if (fabs(d.f) < fabs(b.f)) {
			*(d.x < b.x ? &c : &a) = b;
			b = d;
		} else {
			*(d.x < b.x ? &a : &c) = d;
		}
	}
	return GSL_SUCCESS;
}

/* A new node with a value. */
static int add_node(struct scan *s, struct node c)
{
	int status = GSL_SUCCESS;
	struct node a = s->a, b = s->b;
	if (!isnan(b.f) && opposite(b, c))
		status = add_root(s, b, c);
	else if (!isnan(a.f) && !isnan(b.f) && !opposite(a, b) && fabs(b.f) <= fabs(a.f) &&
	         fabs(b.f) < fabs(c.f))
		status = search_minimum(s, a, b, c);
	s->a = b;
	s->b = c;
	return status;
}

/* Adds a node between the end of the event and the next node, for a minimum there, and that end. */
static int add_end(struct scan *s, struct node end)
{
	int status = GSL_SUCCESS;
	if (wide(s->event, s->b.x, end.x)) {
		struct node middle;
		status = node_at(s->event, inside(s->event, s->b.x, end.x, 0.5 * (s->b.x + end.x)), &middle);
		if (status == GSL_SUCCESS && !isnan(middle.f))
			status = add_node(s, middle);
	}
	return status == GSL_SUCCESS ? add_node(s, end) : status;
}

int roots_find(const struct roots_event *e, const double *x, int count, struct roots_root *root, int max,
               int *found)
{
	const struct node none = {NAN, NAN};
	struct scan s = {.event = e, .a = none, .b = none, .root = root, .max = max};
	struct node last = none, next;
	int status = GSL_SUCCESS;
	for (int i = 0; i < count && status == GSL_SUCCESS; i++, last = next) {
		if ((status = node_at(e, x[i], &next)) != GSL_SUCCESS)
			break;
		struct node end = isnan(next.f) ? last : next;
		if (i > 0 && isnan(next.f) != isnan(last.f))
			status = last_value(e, &end, isnan(next.f) ? next : last);
		if (status != GSL_SUCCESS)
			break;
		if (isnan(next.f)) {
			if (!isnan(last.f) && end.x > last.x)
				status = add_end(&s, end);
			s.a = s.b = none;
		} else if (i > 0 && isnan(last.f) && end.x < next.x) {
			s.b = end;
			status = add_end(&s, next);
		} else {
			status = add_node(&s, next);
		}
	}
	*found = s.found;
	return status;
}

/* ---------------------------------------------------------------- the nodes */

int roots_nodes(double *node, const struct roots_axis *axis, const double *extra, int extras)
{
	int n = 0, intervals = axis->count - 1, stride = (intervals + axis->most - 1) / axis->most,
	    parts = (axis->least + intervals - 1) / intervals;
	for (int i = 0; i < intervals; i += stride) {
		double a = axis->value[i], b = axis->value[i + stride < intervals ? i + stride : intervals];
		for (int k = 0; k < parts; k++)
			node[n++] =
				axis->geometric ? a * pow(b / a, (double)k / parts) : a + k * (b - a) / parts;
	}
	node[n++] = axis->value[intervals];
	for (int i = 0; i < extras; i++) {
		node[n++] = extra[i];
		if (i > 0)
			node[n++] = 0.5 * (extra[i - 1] + extra[i]);
	}
	int kept = 0;
	for (int i = 0; axis->whole && i < n; i++)
		node[i] = floor(node[i]);
	gsl_sort(node, 1, (size_t)n);
	for (int i = 0; i < n; i++)
		if (kept == 0 || node[i] > node[kept - 1])
			node[kept++] = node[i];
	return kept;
}

/* ---------------------------------------------------------------- one root */

int roots_illinois(int (*value)(void *ctx, double x, double *f), void *ctx, double a, double fa, double b,
                   double fb)
{
	for (int i = 0; i < 100; i++) {
		double c = b - fb * (b - a) / (fb - fa), fc;
		if (!((c - a) * (c - b) < 0))
			c = 0.5 * (a + b);
		int status = value(ctx, c, &fc);
		if (status != GSL_SUCCESS)
			return status;
		if (fc * fb < 0) {
			a = b;
			fa = fb;
		} else {
			fa *= 0.5;
		}
		b = c;
		fb = fc;
		if (fabs(a - b) < 1e-14 * b || fabs(b - a) * fabs(fc) < 1e-12 * b * fabs(fa - fc) || fc == 0)
			break;
	}
	return GSL_SUCCESS;
}

int roots_brent(double *x, double (*f)(double x, void *ctx), void *ctx, double lower, double upper)
{
	gsl_root_fsolver *s = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
	gsl_function function = {f, ctx};
	if (!s)
		return GSL_ENOMEM;
	int status = gsl_root_fsolver_set(s, &function, lower, upper);
	for (int i = 0; status == GSL_SUCCESS && i < 100; i++) {
		status = gsl_root_fsolver_iterate(s);
		lower = gsl_root_fsolver_x_lower(s);
		upper = gsl_root_fsolver_x_upper(s);
		if (gsl_root_test_interval(lower, upper, 0, 1e-15) == GSL_SUCCESS)
			break;
	}
	*x = gsl_root_fsolver_root(s);
	gsl_root_fsolver_free(s);
	return status;
}

int roots_newton(struct roots_bracket *bracket, double x, double f, double slope, double *next)
{
	*(f > 0 ? &bracket->low : &bracket->high) = x;
	*next = x - f / slope;
	return *next > bracket->low && *next < bracket->high;
}
