/* The theory at a simulated point, and which of its solutions the simulation is in; the contract is in comparison.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "src/jobs/compare.h"
#include "src/jobs/solve_results.h"

/* The theory of a point: rows of one point, in this order; those that make no sense are left empty. */
enum row_kind { HERE, LIMIT, WARMER, FULLER, LESS_DILUTE, MORE_DILUTE };

#define WARMER_BY 1.1  /* the state must be there at 10 % more temperature and load */
#define AWAY      0.15 /* overlaps that differ by more are another state */
#define TWIN      0.05 /* minima that differ by less cannot be told apart in a simulation */
#define SOFT      0.1  /* a Hessian below lets the overlaps turn freely (multitasking) */

/* Is there such a row, and at which parameters? */
static bool row_params(struct params *p, const struct comparison *c, size_t point, enum row_kind kind)
{
	grid_params(p, c->grid, point);
	bool loaded = p->gamma > 0, by_load = deck_has(c->grid->deck, "model.gamma"), dilute;
	const struct parameter *sampled = c->stratified ? NULL : network_sampled(c->network);
	double fraction = sampled ? parameter_value(sampled, p) : 0, reach = 3 / sqrt(p->N);
	dilute = sampled && fraction > sampled->min;
	if (by_load && kind != LIMIT)
		p->gamma = c->load[point];
	switch (kind) {
	case LIMIT:
		if (!by_load)
			p->gamma = 0;
		return c->N_axis >= 0 && (!c->network->has_limit || c->network->has_limit(p, by_load));
	case WARMER:
		p->T *= WARMER_BY;
		return p->T > 0;
	case FULLER:
		p->gamma *= WARMER_BY;
		return loaded;
	case LESS_DILUTE:
		if (dilute)
			parameter_set(sampled, p, fraction - reach);
		return dilute && fraction - reach > sampled->min;
	case MORE_DILUTE:
		if (dilute)
			parameter_set(sampled, p, fraction + reach);
		return dilute && fraction + reach < sampled->max;
	default:
		return true;
	}
}

static double finite_size(const struct comparison *c, struct params *p)
{
	return c->network->finite_size ? c->network->finite_size(p) : 1;
}

static size_t row_bytes(const struct comparison *c)
{
	return solve_results_bytes(c->network->quantities, &c->shape);
}

size_t compare_bytes(const struct comparison *c)
{
	return THEORY_ROWS * row_bytes(c);
}

static struct row row_of(const struct comparison *c, const void *result, enum row_kind kind)
{
	struct row row = c->shape;
	solve_results_attach(&row, c->network->quantities, (char *)result + (size_t)kind * row_bytes(c));
	return row;
}

int compare_theory(const struct comparison *c, size_t point, const struct tick *tick, void *result,
                      struct err *err)
{
	struct params p;
	for (int kind = HERE; kind < (int)THEORY_ROWS; kind++) {
		struct row row = row_of(c, result, (enum row_kind)kind);
		solve_results_clear(&row, c->network->quantities);
		if (!row_params(&p, c, point, (enum row_kind)kind))
			continue;
		if (kind != LIMIT)
			finite_size(c, &p);
		int status = c->network->solve_row(c->average, &p, &c->options, tick, &row);
		if (status)
			return err_set(err, EXIT_FAILED, "mattis compare: %s", gsl_strerror(status));
	}
	return 0;
}

/* ------------------------------------------------------------------------------------- reading the solutions */

static int find(const struct comparison *c, const char *name)
{
	for (int i = 0; c->network->quantities[i].name; i++)
		if (strcmp(c->network->quantities[i].name, name) == 0)
			return i;
	return -1;
}

/* Quantity i of a branch, pattern k; the first pattern where it has only one. */
static double real(const struct comparison *c, const struct row *row, int i, int branch, size_t k)
{
	const struct quantity *q = &c->network->quantities[i];
	size_t at = q->per & PER_BRANCH ? (size_t)branch : 0;
	if (q->per & PER_PATTERN)
		at = at * (size_t)row->patterns + k;
	return ((const double *)row->column[i])[at];
}

/* The word of a flag. */
static const char *word(const struct comparison *c, const struct row *row, int i, int branch)
{
	const struct quantity *q = &c->network->quantities[i];
	return q->flags[((const int8_t *)row->column[i])[q->per & PER_BRANCH ? branch : 0]];
}

static bool solved(const struct comparison *c, const struct row *row, int branch)
{
	return ((const int8_t *)row->column[find(c, "status")])[branch] == CONVERGED &&
	       !isnan(real(c, row, c->variable[c->order].quantity, branch, 0));
}

/* Largest difference between the overlaps of a solution and others. */
static double distance(const struct comparison *c, const struct row *row, int branch, const double *overlap)
{
	const struct variable *v = &c->variable[c->order];
	double most = 0;
	for (size_t k = 0; k < v->width && !isnan(overlap[k]); k++)
		most = fmax(most, fabs(real(c, row, v->quantity, branch, k) - overlap[k]));
	return most;
}

static void overlaps_of(double *overlap, const struct comparison *c, const struct row *row, int branch)
{
	const struct variable *v = &c->variable[c->order];
	for (size_t k = 0; k < v->width; k++)
		overlap[k] = real(c, row, v->quantity, branch, k);
}

/* Do the branches have names that mean something (dense), or are they a list of minima by free energy? */
static bool named(const struct comparison *c)
{
	return !(c->network->quantities[find(c, "phase")].per & PER_BRANCH);
}

static bool is_phase(const struct comparison *c, const struct row *row, int branch, const char *const *names)
{
	return strcmp(word(c, row, find(c, "phase"), 0), names[branch]) == 0;
}

/* The solution nearest to the overlaps, -1 if there is none.  Of named branches that are equally near (the glass and the ergodic
 * one have m = 0) the phase counts, else the first. */
static int nearest(const struct comparison *c, const struct row *row, const double *overlap,
                   const char *const *names)
{
	double least = INFINITY;
	int best = -1;
	for (int b = 0; b < row->branches; b++)
		if (solved(c, row, b))
			least = fmin(least, distance(c, row, b, overlap));
	for (int b = 0; b < row->branches; b++) {
		if (!solved(c, row, b) || distance(c, row, b, overlap) > least + (names ? TWIN : 0))
			continue;
		if (best < 0 || (names && is_phase(c, row, b, names)))
			best = b;
	}
	return best;
}

static bool is_metastable(const struct comparison *c, const struct row *row, int branch,
                          const char *const *names)
{
	int global = find(c, "global_minimum");
	if (global >= 0)
		return strcmp(word(c, row, global, branch), "yes") != 0;
	return names && !is_phase(c, row, branch, names);
}

/* Replica symmetry holds there.  The ergodic solution is none where the phase is a glass. */
static bool is_exact(const struct comparison *c, const struct row *row, int branch, const char *const *names)
{
	int at = find(c, "at_stability"), stability = find(c, "stability");
	double value = real(c, row, at >= 0 ? at : stability, branch, 0);
	if (names && !is_phase(c, row, branch, names) &&
	    strcmp(word(c, row, find(c, "phase"), 0), "glass") == 0 && strcmp(names[branch], "ergodic") == 0)
		return false;
	return at >= 0 ? !(value <= 0) : !(value >= 1);
}

/* Does the state end, or another take over, near by? */
static bool near_line(const struct comparison *c, size_t point, const void *result, int branch)
{
	const struct row here = row_of(c, result, HERE);
	double overlap[MAX_UNKNOWNS];
	struct params p;

	overlaps_of(overlap, c, &here, branch);
	for (int b = 0; b < here.branches && !named(c); b++)
		if (b != branch && solved(c, &here, b) && distance(c, &here, b, overlap) < TWIN)
			return true;
	if (!named(c) && real(c, &here, find(c, "stability"), branch, 0) < SOFT)
		return true;
	for (enum row_kind kind = WARMER; kind <= MORE_DILUTE; kind++) {
		struct row row = row_of(c, result, (enum row_kind)kind);
		bool found = false;
		if (!row_params(&p, c, point, (enum row_kind)kind))
			continue;
		for (int b = 0; b < row.branches; b++)
			found = found || ((!named(c) || b == branch) && solved(c, &row, b) &&
			                  distance(c, &row, b, overlap) < AWAY);
		if (!found)
			return true;
	}
	return false;
}

/* The state may be left where there is one to leave: at zero overlap nothing is lost. */
static bool has_escaped(const struct comparison *c, size_t point, const double *overlap)
{
	return c->escaped[point] > 0 && overlap[0] > AWAY;
}

/* Fewer than ten spins that differ from the pattern, in theory and simulation, all samples together. */
static bool is_frozen(const struct comparison *c, size_t point, double m_theory)
{
	const struct variable *v = &c->variable[c->order];
	struct params p;
	grid_params(&p, c->grid, point);
	double spins = p.N * c->used[point] / 2;
	return named(c) && spins * (1 - m_theory) < 10 && spins * (1 - v->mean[point]) < 10;
}

static enum mark mark_of(const struct comparison *c, size_t point, const void *result, int branch,
                         const char *const *names)
{
	const struct row here = row_of(c, result, HERE);
	double overlap[MAX_UNKNOWNS];

	if (c->used[point] < 2)
		return MARK_NOT_SIMULATED;
	if (branch < 0)
		return c->equilibrated[point] == 1 ? MARK_NO_THEORY : MARK_NOT_EQUILIBRATED;
	overlaps_of(overlap, c, &here, branch);
	if (has_escaped(c, point, overlap))
		return MARK_ESCAPED;
	if (named(c) &&
	    is_frozen(c, point, overlap[0])) /* before: nothing moves, which the simulation does not trust */
		return MARK_FROZEN;
	if (c->equilibrated[point] != 1)
		return MARK_NOT_EQUILIBRATED;
	if (!is_exact(c, &here, branch, names))
		return MARK_NOT_EXACT;
	return near_line(c, point, result, branch) ? MARK_NEAR_LINE : MARK_COMPARED;
}

/* ------------------------------------------------------------------------ the simulation in the theory's order */

/* Sorted sizes of the overlaps, means over samples. */
static void observed(double *overlap, const struct comparison *c, size_t point)
{
	const struct variable *v = &c->variable[c->order];
	double one[MAX_UNKNOWNS];
	int n = 0;

	for (size_t k = 0; k < v->width; k++)
		overlap[k] = v->width > 1 ? 0 : v->mean[point];
	for (size_t s = 0; s < c->samples && v->width > 1; s++) {
		for (size_t k = 0; k < v->width; k++) { /* insertion */
			double x = fabs(v->sample[(point * v->width + k) * c->samples + s]);
			size_t at = k;
			for (; at > 0 && !(one[at - 1] >= x) && !isnan(x); at--)
				one[at] = one[at - 1];
			one[at] = x;
		}
		if (isnan(one[0]))
			continue;
		n++;
		for (size_t k = 0; k < v->width; k++)
			overlap[k] += (one[k] - overlap[k]) / n;
	}
}

static void take_values(struct comparison *c, size_t point, const void *result, int branch)
{
	const struct row here = row_of(c, result, HERE), limit = row_of(c, result, LIMIT);
	double overlap[MAX_UNKNOWNS];
	const char *names[MAX_BRANCHES];
	struct params p;

	row_params(&p, c, point, HERE);
	const double factor = finite_size(c, &p);
	c->network->branches(&p, &c->options, names);
	overlaps_of(overlap, c, &here, branch);
	int far = named(c) ? (solved(c, &limit, branch) ? branch : -1) : nearest(c, &limit, overlap, NULL);
	for (int i = 0; i < c->variables; i++) {
		struct variable *v = &c->variable[i];
		for (size_t k = 0; k < v->width; k++) {
			v->theory[point * v->width + k] =
				real(c, &here, v->quantity, branch, k) * (v->energy ? factor : 1);
			if (far >= 0)
				v->limit[point * v->width + k] = real(c, &limit, v->quantity, far, k);
		}
	}
}

void compare_take(struct comparison *c, size_t point, const void *result)
{
	const struct row here = row_of(c, result, HERE);
	double overlap[MAX_UNKNOWNS];
	const char *names[MAX_BRANCHES];
	struct params p;

	row_params(&p, c, point, HERE);
	c->network->branches(&p, &c->options, names);
	observed(overlap, c, point);
	int branch = nearest(c, &here, overlap, named(c) ? names : NULL);
	c->branch[point] = (int8_t)branch;
	c->mark[point] = (int8_t)mark_of(c, point, result, branch, named(c) ? names : NULL);
	if (branch < 0)
		return;
	c->metastable[point] = is_metastable(c, &here, branch, named(c) ? names : NULL);
	take_values(c, point, result, branch);
}
