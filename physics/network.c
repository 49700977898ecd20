/* Shared parameters, roles, and the check of the contract in network.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/network.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const status_flags[] = {"converged", "none", "not_converged", NULL};

/* clang-format off */
const struct parameter shared_parameters[] = {
	{"P", .meaning = "interaction degree", PARAMETER_FIELD(P), .whole = 1, .min = 2, .max = INFINITY,
	 .used_by = USED_BY_ALL},
	{"r", .meaning = "example quality", PARAMETER_FIELD(r), .max = 1, .min_open = 1,
	 .used_by = USED_BY_RANDOM},
	{"M", .meaning = "examples per pattern", PARAMETER_FIELD(M), .whole = 1, .min = 1, .max = INFINITY,
	 .used_by = USED_BY_ALL},
	{"rho", "\\rho", .meaning = "example noise (1 - r^2)/(M r^2) for many examples; without r and M",
	 PARAMETER_FIELD(rho),
	 .max = INFINITY, .used_by = USED_BY_SOLVE | USED_BY_LINES},
	{"K", .meaning = "number of patterns", PARAMETER_FIELD(K), .whole = 1, .min = 1, .max = INFINITY,
	 .used_by = USED_BY_RANDOM},
	{"gamma", "\\gamma", .meaning = "load P! K/(2 N^(P-1)); instead of K", PARAMETER_FIELD(gamma),
	 .max = INFINITY,
	 .used_by = USED_BY_RANDOM},
	{"T", .meaning = "temperature", PARAMETER_FIELD(T), .sweep_only = 1, .max = INFINITY,
	 .used_by = USED_BY_ALL},
	{"N", .meaning = "number of spins", PARAMETER_FIELD(N), .whole = 1, .sweep_only = 1, .min = 2,
	 .max = INFINITY,
	 .used_by = USED_BY_RANDOM},
	{0},
};

/* Roles as words, and how a simulation describes those that it measures. */
static const struct {
	const char *name;
	struct observable_text measured;
} roles[ROLES] = {
	[ROLE_OVERLAP] = {"overlap", {"m", "m", "overlap with the pattern, (1/N) sum xi s"}},
	[ROLE_SIGNAL] = {"signal", {"n", "n", "overlap with the mean of the examples, normalised as in the "
		"theory"}},
	[ROLE_RETRIEVAL_OVERLAP] = {"retrieval_overlap", {"p", "p",
		"overlap, 1 for a pattern fully retrieved"}},
	[ROLE_SPIN_GLASS] = {"spin_glass", {"q", "q", "overlap of two replicas at the same sweep"}},
	[ROLE_FREE_ENERGY] = {"free_energy", {"free_energy", "f", "free energy per spin"}},
	[ROLE_ENERGY] = {"energy", {"energy", "u", "energy per spin u, f = u - T s"}},
	[ROLE_STABILITY] = {"stability", {NULL}},
	[ROLE_EIGENVALUE] = {"eigenvalue", {NULL}},
	[ROLE_RESIDUAL] = {"residual", {NULL}},
	[ROLE_ITERATIONS] = {"iterations", {NULL}},
	[ROLE_STATUS] = {"status", {NULL}},
	[ROLE_PHASE] = {"phase", {NULL}},
	[ROLE_GLOBAL_MINIMUM] = {"global_minimum", {NULL}},
};
/* clang-format on */

/* ---------------------------------------------------------------- parameters */

static const struct parameter *find_parameter(const struct parameter *list, const char *name)
{
	for (; list && list->name; list++)
		if (strcmp(list->name, name) == 0)
			return list;
	return NULL;
}

static int listed(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (strcmp(*list, name) == 0)
			return 1;
	return 0;
}

const struct parameter *network_parameter(const struct network *network, const char *name)
{
	const struct parameter *shared = find_parameter(shared_parameters, name);
	if (shared)
		return shared->sweep_only || listed(network->uses, name) ? shared : NULL;
	return find_parameter(network->parameters, name);
}

const struct solve_option *network_option(const struct network *network, const char *name)
{
	for (const struct solve_option *o = network->options; o && o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

const struct parameter *network_sampled(const struct network *network)
{
	for (const struct parameter *p = network->parameters; p && p->name; p++)
		if (p->sampled)
			return p;
	return NULL;
}

double parameter_value(const struct parameter *parameter, const struct params *p)
{
	const char *field = (const char *)p + parameter->offset;
	int whole;
	double x;

	if (parameter->size == sizeof whole) {
		memcpy(&whole, field, sizeof whole);
		return whole;
	}
	memcpy(&x, field, sizeof x);
	return x;
}

void parameter_set(const struct parameter *parameter, struct params *p, double x)
{
	char *field = (char *)p + parameter->offset;
	int whole = (int)x;

	if (parameter->size == sizeof whole)
		memcpy(field, &whole, sizeof whole);
	else
		memcpy(field, &x, sizeof x);
}

/* ---------------------------------------------------------------- quantities */

int network_quantity(const struct network *network, enum role role)
{
	for (int i = 0; network->quantities[i].name; i++)
		if (network->quantities[i].role == role)
			return i;
	return -1;
}

const char *role_name(enum role role)
{
	return roles[role].name;
}

const char *phase_kind_name(enum phase_kind kind)
{
	static const char *const kinds[] = {[KIND_OTHER] = "other",
	                                    [KIND_RETRIEVAL] = "retrieval",
	                                    [KIND_GLASS] = "glass",
	                                    [KIND_ERGODIC] = "ergodic"};
	return kinds[kind];
}

struct observable_text network_observable(const struct network *network, enum role role)
{
	struct observable_text text = roles[role].measured;
	int own = network_quantity(network, role);
	if (own >= 0) {
		text.name = network->quantities[own].name;
		text.symbol = network->quantities[own].symbol;
	}
	return text;
}

int network_patterns(const struct network *network, const struct params *p)
{
	int patterns = network->patterns ? network->patterns(p) : 1;
	return patterns > 1 ? patterns : 1;
}

enum phase_kind network_branch_kind(const struct network *network, const char *branch)
{
	int phase = network_quantity(network, ROLE_PHASE);
	for (int k = 0; phase >= 0 && network->quantities[phase].flags[k]; k++)
		if (strcmp(network->quantities[phase].flags[k], branch) == 0)
			return network->quantities[phase].kinds[k];
	return KIND_OTHER;
}

size_t quantity_size(const struct quantity *q)
{
	return q->type == REAL ? sizeof(double) : q->type == COUNT ? sizeof(int32_t) : sizeof(int8_t);
}

size_t quantity_count(const struct quantity *q, const struct row *shape)
{
	size_t n = (size_t)shape->points;
	if (q->per / PER_GROUP * PER_GROUP & ~shape->groups)
		return 0;
	if (q->per & PER_BRANCH)
		n *= (size_t)shape->branches;
	if (q->per & PER_PATTERN)
		n *= (size_t)shape->patterns;
	return n;
}

size_t quantity_index(const struct quantity *q, const struct row *shape, size_t point, int branch,
                      int pattern)
{
	size_t i = point;
	if (q->per & PER_BRANCH)
		i = i * (size_t)shape->branches + (size_t)branch;
	if (q->per & PER_PATTERN)
		i = i * (size_t)shape->patterns + (size_t)pattern;
	return i;
}

double row_value(const struct network *network, const struct row *row, int i, size_t point, int branch,
                 int pattern)
{
	return ((const double *)
	                row->column[i])[quantity_index(&network->quantities[i], row, point, branch, pattern)];
}

int row_flag(const struct network *network, const struct row *row, int i, size_t point, int branch)
{
	return ((const int8_t *)
	                row->column[i])[quantity_index(&network->quantities[i], row, point, branch, 0)];
}

int quantity_is_unstable(const struct quantity *q, double value)
{
	return (q->stable == STABLE_BELOW && value >= q->threshold) ||
	       (q->stable == STABLE_ABOVE && value <= q->threshold);
}

/* ---------------------------------------------------------------- the contract */

struct complaint {
	const struct network *network;
	char *why;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct complaint *c, const char *format, ...)
{
	va_list args;
	int n = snprintf(c->why, c->size, "network %s: ", c->network->name ? c->network->name : "(no name)");
	va_start(args, format);
	if (n > 0 && (size_t)n < c->size)
		vsnprintf(c->why + n, c->size - (size_t)n, format, args);
	va_end(args);
	return -1;
}

static int check_parameters(const struct complaint *c)
{
	const struct network *network = c->network;
	int sampled = 0;

	for (const char *const *name = network->uses; name && *name; name++)
		if (!find_parameter(shared_parameters, *name))
			return refuse(c, "uses %s, which is no shared parameter", *name);
	for (const struct parameter *p = network->parameters; p && p->name; p++) {
		if (!p->meaning || !(p->min <= p->max) || !p->used_by)
			return refuse(c, "parameter %s needs a meaning, min <= max and used_by", p->name);
		if (find_parameter(shared_parameters, p->name) || find_parameter(p + 1, p->name))
			return refuse(c, "parameter %s: this name is taken", p->name);
		if (p->offset < offsetof(struct params, own) ||
		    p->offset >= offsetof(struct params, own[MAX_OWN]) || p->size != sizeof(double))
			return refuse(c, "parameter %s must be PARAMETER_FIELD(own[slot])", p->name);
		sampled += p->sampled != 0;
	}
	if (sampled > 1)
		return refuse(c, "more than one parameter is sampled");
	for (const char *const *name = network->needs; name && *name; name++)
		if (!network_parameter(network, *name))
			return refuse(c, "needs %s, a parameter that it does not list", *name);
	for (const struct solve_option *o = network->options; o && o->name; o++)
		if (!o->meaning || !o->fallback || o->slot < 0 || o->slot >= MAX_OPTIONS)
			return refuse(c, "option %s needs a meaning, a fallback and a slot below %d", o->name,
			              MAX_OPTIONS);
	return 0;
}

/* The type and dimensions that a role asks for. */
static int check_role(const struct complaint *c, const struct quantity *q)
{
	const int flag = q->role == ROLE_STATUS || q->role == ROLE_PHASE || q->role == ROLE_GLOBAL_MINIMUM;
	const enum quantity_type type = flag ? FLAG : q->role == ROLE_ITERATIONS ? COUNT : REAL;

	if (q->role == ROLE_NONE)
		return 0;
	if (q->type != type)
		return refuse(c, "quantity %s has the wrong type for role %s", q->name, role_name(q->role));
	if (!(q->per & PER_BRANCH) && q->role != ROLE_PHASE)
		return refuse(c, "quantity %s with role %s must be PER_BRANCH", q->name, role_name(q->role));
	if (q->role == ROLE_STATUS && q->flags != status_flags)
		return refuse(c, "quantity %s with role status must have the flags status_flags", q->name);
	if (q->role == ROLE_PHASE && !q->kinds)
		return refuse(c, "quantity %s with role phase must state the kinds of its flags", q->name);
	if ((q->role == ROLE_STABILITY || q->role == ROLE_EIGENVALUE) && q->stable == STABLE_NONE)
		return refuse(c, "quantity %s must state on which side of its threshold it is stable",
		              q->name);
	return 0;
}

static int check_quantities(const struct complaint *c)
{
	const struct quantity *list = c->network->quantities;
	unsigned seen = 0;

	for (int i = 0; list && list[i].name; i++) {
		if (i >= MAX_QUANTITIES)
			return refuse(c, "more than %d quantities", MAX_QUANTITIES);
		if (!list[i].long_name || (list[i].type == FLAG) != (list[i].flags != NULL))
			return refuse(c, "quantity %s needs a long_name, and flags if it is a FLAG",
			              list[i].name);
		for (int k = 0; k < i; k++)
			if (strcmp(list[k].name, list[i].name) == 0)
				return refuse(c, "two quantities %s", list[i].name);
		if (list[i].role != ROLE_NONE && seen >> list[i].role & 1)
			return refuse(c, "two quantities with role %s", role_name(list[i].role));
		seen |= 1u << list[i].role;
		if (check_role(c, &list[i]))
			return -1;
	}
	return seen >> ROLE_STATUS & 1 ? 0 : refuse(c, "no quantity with role status");
}

int network_validate(const struct network *network, char *why, size_t size)
{
	const struct complaint c = {network, why, size};

	if (!network->name || !network->quantities || !network->check || !network->branches ||
	    !network->solve_row)
		return refuse(&c, "name, quantities, check, branches and solve_row are required");
	if (check_parameters(&c) || check_quantities(&c))
		return -1;
	for (const struct transition *line = network->lines; line && line->name; line++)
		if (!line->event == !line->point)
			return refuse(&c, "line %s must have either event or point", line->name);
		else if (line->point &&
		         !(line->plane[0] && line->plane[1] && network_parameter(network, line->plane[0]) &&
		           network_parameter(network, line->plane[1])))
			return refuse(&c, "line %s: plane must name two parameters of the network",
			              line->name);
	return 0;
}

int network_validate_pair(const struct network *network, const struct network *other, char *why, size_t size)
{
	const struct complaint c = {network, why, size};

	if (strcmp(other->name, network->name) == 0)
		return refuse(&c, "two networks have this name");
	for (const struct parameter *p = network->parameters; p && p->name; p++)
		if (find_parameter(other->parameters, p->name))
			return refuse(&c, "parameter %s: network %s has one of that name", p->name,
			              other->name);
	for (const struct solve_option *o = network->options; o && o->name; o++)
		if (network_option(other, o->name))
			return refuse(&c, "option %s: network %s has one of that name", o->name, other->name);
	return 0;
}
