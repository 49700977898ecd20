/* The search for the transition lines in a row; the contract is in lines.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/jobs/lines.h"

enum { LEAST_NODES = 32, MOST_NODES = 100 };

const struct direction *lines_search_direction(const struct lines *l, size_t row)
{
	return &l->direction[l->directions > 1 && row >= l->direction[1].first];
}

size_t lines_search_first_point(const struct lines *l, size_t row)
{
	const struct direction *direction = lines_search_direction(l, row);
	const struct grid *grid = l->grid;
	size_t inner = 1, number = row - direction->first;
	for (int a = direction->axis + 1; a < grid->axes; a++)
		inner *= grid->axis[a].count;
	return number / inner * inner * grid->axis[direction->axis].count + number % inner;
}

/* A row, and the line that is searched in it. */
struct search {
	const struct lines *lines;
	const struct direction *direction;
	size_t point; /* index of the row's first point in the grid */
	double *node; /* memory for the nodes */
	const struct tick *tick;
	const struct transition *line;
	const struct transition *domain; /* line->within, once its roots are in domain_roots; else null */
	struct crossings domain_roots;
};

static const struct axis *axis_of(const struct search *s)
{
	return &s->lines->grid->axis[s->direction->axis];
}

static bool inside(const struct axis *axis, double x)
{
	return x >= axis->value[0] && x <= axis->value[axis->count - 1];
}

/* Sets the parameters at x in the row; returns nonzero if the search must stop. */
static int params_at(struct params *p, const struct search *s, double x)
{
	grid_params_at(p, s->lines->grid, s->point, s->direction->axis, x);
	return tick_poll(s->tick);
}

static int event(void *context, double x, double *value)
{
	const struct search *s = context;
	struct params p;
	if (params_at(&p, s, x))
		return GSL_EFAILED;
	return s->line->event(s->lines->average, &p, value);
}

/* Finds the roots that the line knows without a search; c->count is -1 if it knows none along this axis. */
static int look_up(const struct search *s, struct crossings *c)
{
	const struct axis *axis = axis_of(s);
	struct params p;
	double x[LINE_ROOTS];
	int count, status;

	if (params_at(&p, s, axis->value[0]))
		return GSL_EFAILED;
	status = s->line->known(s->lines->average, &p, axis->name, x, &count);
	c->count = count < 0 ? -1 : 0;
	for (int i = 0; i < count && status == GSL_SUCCESS; i++)
		if (inside(axis, x[i]))
			c->root[c->count++] = (struct roots_root){x[i], 0};
	return status;
}

/* Finds a line that is a single point of its plane.  It belongs to the first row along the last axis. */
static int single_point(const struct search *s, struct crossings *c)
{
	const struct grid *grid = s->lines->grid;
	const struct direction *direction = s->direction;
	const char *const *plane = s->line->plane;
	const struct axis *axis = axis_of(s);
	struct params p;
	double at[2];

	c->count = 0;
	if (direction->axis < direction->other || direction->other < 0 ||
	    grid_coordinate(grid, direction->other, s->point) > 0)
		return GSL_SUCCESS;
	const struct axis *other = &grid->axis[direction->other];
	const int k = strcmp(axis->name, plane[0]) == 0 ? 0 : 1; /* which coordinate runs along the row */
	if (strcmp(axis->name, plane[k]) != 0 || strcmp(other->name, plane[1 - k]) != 0)
		return GSL_SUCCESS;
	if (params_at(&p, s, axis->value[0]))
		return GSL_EFAILED;
	int status = s->line->point(s->lines->average, &p, at);
	if (status == GSL_SUCCESS && inside(axis, at[k]) && inside(other, at[1 - k])) {
		c->count = 1;
		c->root[0] = (struct roots_root){at[k], 0};
		c->root[1].x = at[1 - k];
	}
	return status;
}

static int find_line(struct search *s, const struct transition *line, struct crossings *c);

/* Finds the ends of the region in which the event of the line is defined; lines with the same region share
 * them. */
static int find_domain(struct search *s)
{
	const struct transition *line = s->line;
	int status = GSL_SUCCESS;
	if (s->domain == line->within)
		return status;
	s->domain = line->within;
	s->domain_roots.count = 0;
	if (line->within)
		status = find_line(s, line->within, &s->domain_roots);
	s->domain = line->within; /* find_line may have set that of the domain itself */
	s->line = line;
	return status;
}

static int bracket(struct search *s, struct crossings *c)
{
	const struct axis *axis = axis_of(s);
	const int whole = axis->key->type == KEY_INTEGER, geometric = axis->geometric;
	const struct roots_event e = {event, s, s->lines->tolerance, geometric, whole};
	const struct roots_axis range = {axis->value, (int)axis->count, LEAST_NODES,
	                                 MOST_NODES,  geometric,        whole};
	double end[LINE_ROOTS];
	int status = find_domain(s);

	for (int i = 0; i < s->domain_roots.count; i++)
		end[i] = s->domain_roots.root[i].x;
	int nodes = roots_nodes(s->node, &range, end, s->domain_roots.count);
	return status == GSL_SUCCESS ? roots_find(&e, s->node, nodes, c->root, LINE_ROOTS, &c->count)
	                             : status;
}

static int find_line(struct search *s, const struct transition *line, struct crossings *c)
{
	int status = GSL_SUCCESS;
	s->line = line;
	if (line->point)
		return single_point(s, c);
	c->count = -1;
	if (line->known)
		status = look_up(s, c);
	return status == GSL_SUCCESS && c->count < 0 ? bracket(s, c) : status;
}

int lines_search_row(struct crossings *c, const struct lines *l, size_t row, const struct tick *tick,
                     struct err *err)
{
	struct search s = {.lines = l,
	                   .direction = lines_search_direction(l, row),
	                   .point = lines_search_first_point(l, row),
	                   .tick = tick};

	s.node = malloc((axis_of(&s)->count + MOST_NODES + 2 * LINE_ROOTS + 1) * sizeof *s.node);
	if (!s.node)
		return err_set(err, EXIT_FAILED, "mattis lines: out of memory");
	for (int i = 0; i < l->count && err->code == 0; i++) {
		int status = find_line(&s, l->line[i], &c[i]);
		if (status != GSL_SUCCESS)
			err_set(err, EXIT_FAILED, "mattis lines: %s: %s", l->line[i]->name,
			        gsl_strerror(status));
	}
	free(s.node);
	return err->code;
}
