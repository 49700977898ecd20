/* The theory at a simulated point, and which of its solutions the simulation is in; the contract is in
 * compare.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/compare.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "src/jobs/solve_results.h"

/* The theory of a point is solved at several places, rows of one point each, in this order.  Rows that do
 * not exist are left empty. */
enum row_kind { ROW_HERE, ROW_LIMIT, ROW_WARMER, ROW_FULLER, ROW_LESS_DILUTE, ROW_MORE_DILUTE, ROW_KINDS };

#define WARMER_BY 1.1  /* the state must exist at 10 % more temperature and load */
#define AWAY      0.15 /* overlaps that differ by more belong to another state */
#define TWIN      0.05 /* solutions that differ by less cannot be distinguished in a simulation */
#define SOFT      0.1  /* overlaps fluctuate freely if the lowest eigenvalue is so near its threshold */
#define REACH     3    /* standard deviations by which a sample may miss a sampled parameter (network.h) */

/* Moves the network's sampled parameter by so many standard deviations, at most 1/sqrt(N) each; returns
 * whether it then still is one, different from 0. */
static bool move_sampled(struct params *p, const struct comparison *c, double by)
{
	const struct parameter *sampled = c->stratified ? NULL : network_sampled(c->network);
	if (!sampled)
		return false;
	double fraction = parameter_value(sampled, p), moved = fraction + by / sqrt(p->N);
	parameter_set(sampled, p, moved);
	return fraction > sampled->min && moved > sampled->min && moved < sampled->max;
}

/* Sets the parameters of a row; returns whether it exists. */
static bool row_params(struct params *p, const struct comparison *c, size_t point, enum row_kind kind)
{
	grid_params(p, c->grid, point);
	bool loaded = p->gamma > 0, by_load = p->K == 0;
	if (by_load && kind != ROW_LIMIT)
		p->gamma = c->load[point];
	switch (kind) {
	case ROW_LIMIT:
		if (!by_load)
			p->gamma = 0;
		return c->N_axis >= 0 && (!c->network->has_limit || c->network->has_limit(p, by_load));
	case ROW_WARMER:
		p->T *= WARMER_BY;
		return p->T > 0;
	case ROW_FULLER:
		p->gamma *= WARMER_BY;
		return loaded;
	case ROW_LESS_DILUTE:
		return move_sampled(p, c, -REACH);
	case ROW_MORE_DILUTE:
		return move_sampled(p, c, REACH);
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

size_t compare_theory_bytes(const struct comparison *c)
{
	return ROW_KINDS * row_bytes(c);
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
	for (enum row_kind kind = ROW_HERE; kind < ROW_KINDS; kind++) {
		struct row row = row_of(c, result, kind);
		solve_results_clear(&row, c->network->quantities);
		if (!row_params(&p, c, point, kind))
			continue;
		if (kind != ROW_LIMIT)
			finite_size(c, &p);
		int status = c->network->solve_row(c->average, &p, &c->options, tick, &row);
		if (status)
			return err_set(err, EXIT_FAILED, "mattis compare: %s", gsl_strerror(status));
	}
	return 0;
}

/* ---------------------------------------------------------------- the solutions */

/* Returns the quantity with that role of a branch, NaN if the network has none. */
static double value(const struct comparison *c, const struct row *row, enum role role, int branch)
{
	int i = c->quantity[role];
	return i < 0 ? NAN : row_value(c->network, row, i, 0, branch, 0);
}

static void get_overlaps(double *overlap, const struct comparison *c, const struct row *row, int branch)
{
	const struct variable *v = &c->variable[c->order];
	for (size_t k = 0; k < v->width; k++)
		overlap[k] = row_value(c->network, row, v->quantity, 0, branch, (int)k);
}

static bool is_solved(const struct comparison *c, const struct row *row, int branch)
{
	return row_flag(c->network, row, c->quantity[ROLE_STATUS], 0, branch) == CONVERGED &&
	       !isnan(row_value(c->network, row, c->variable[c->order].quantity, 0, branch, 0));
}

/* Returns the largest difference between the overlaps of a solution and others. */
static double distance(const struct comparison *c, const struct row *row, int branch, const double *overlap)
{
	const size_t width = c->variable[c->order].width;
	double own[MAX_UNKNOWNS], most = 0;

	get_overlaps(own, c, row, branch);
	for (size_t k = 0; k < width && !isnan(overlap[k]); k++)
		most = fmax(most, fabs(own[k] - overlap[k]));
	return most;
}

/* Returns the flag of the thermodynamic phase, -1 if the network does not report it: where branches are
 * ranked, it labels solutions. */
static int phase_flag(const struct comparison *c, const struct row *row)
{
	int phase = c->quantity[ROLE_PHASE];
	if (phase < 0 || c->network->ranked)
		return -1;
	return row_flag(c->network, row, phase, 0, 0);
}

static bool is_phase(const struct comparison *c, const struct row *row, int branch)
{
	int flag = phase_flag(c, row);
	if (flag < 0)
		return false;
	const struct quantity *phase = &c->network->quantities[c->quantity[ROLE_PHASE]];
	return strcmp(phase->flags[flag], c->branch_name[branch]) == 0;
}

/* Returns the solution nearest to the overlaps, -1 if there is none.  Of named branches that are equally
 * near (all without retrieval have no overlap) it is the phase, else the first. */
static int nearest(const struct comparison *c, const struct row *row, const double *overlap)
{
	double least = INFINITY;
	int best = -1;
	for (int b = 0; b < row->branches; b++)
		if (is_solved(c, row, b))
			least = fmin(least, distance(c, row, b, overlap));
	for (int b = 0; b < row->branches; b++) {
		if (!is_solved(c, row, b) ||
		    distance(c, row, b, overlap) > least + (c->network->ranked ? 0 : TWIN))
			continue;
		if (best < 0 || is_phase(c, row, b))
			best = b;
	}
	return best;
}

/* Returns whether another state is the thermodynamic one: as the network reports it, else by free energy. */
static bool is_metastable(const struct comparison *c, const struct row *row, int branch)
{
	int global = c->quantity[ROLE_GLOBAL_MINIMUM];
	if (global >= 0)
		return row_flag(c->network, row, global, 0, branch) == 0;
	if (phase_flag(c, row) >= 0)
		return !is_phase(c, row, branch);
	for (int b = 0; b < row->branches; b++)
		if (is_solved(c, row, b) &&
		    value(c, row, ROLE_FREE_ENERGY, b) < value(c, row, ROLE_FREE_ENERGY, branch))
			return true;
	return false;
}

/* Returns whether the theory is exact: replica symmetry holds.  In a glass phase it does not hold for the
 * ergodic solution either. */
static bool is_exact(const struct comparison *c, const struct row *row, int branch)
{
	const struct quantity *q = c->network->quantities;
	int stability = c->quantity[ROLE_STABILITY], flag = phase_flag(c, row);
	if (flag >= 0 && q[c->quantity[ROLE_PHASE]].kinds[flag] == KIND_GLASS &&
	    network_branch_kind(c->network, c->branch_name[branch]) == KIND_ERGODIC)
		return false;
	return stability < 0 || !quantity_is_unstable(&q[stability], value(c, row, ROLE_STABILITY, branch));
}

/* Returns whether the overlaps can turn freely. */
static bool is_soft(const struct comparison *c, const struct row *row, int branch)
{
	int i = c->quantity[ROLE_EIGENVALUE];
	if (i < 0)
		return false;
	const struct quantity *q = &c->network->quantities[i];
	double above = value(c, row, ROLE_EIGENVALUE, branch) - q->threshold;
	return (q->stable == STABLE_ABOVE ? above : -above) < SOFT;
}

/* Returns whether a row has a solution near those overlaps; of named branches only the same one counts. */
static bool persists(const struct comparison *c, const struct row *row, int branch, const double *overlap)
{
	for (int b = 0; b < row->branches; b++)
		if ((c->network->ranked || b == branch) && is_solved(c, row, b) &&
		    distance(c, row, b, overlap) < AWAY)
			return true;
	return false;
}

/* Returns whether the state ends, or another takes over, nearby. */
static bool is_near_line(const struct comparison *c, size_t point, const void *result, int branch)
{
	const struct row here = row_of(c, result, ROW_HERE);
	double overlap[MAX_UNKNOWNS];
	struct params p;

	get_overlaps(overlap, c, &here, branch);
	for (int b = 0; b < here.branches && c->network->ranked; b++)
		if (b != branch && is_solved(c, &here, b) && distance(c, &here, b, overlap) < TWIN)
			return true;
	if (is_soft(c, &here, branch))
		return true;
	for (enum row_kind kind = ROW_WARMER; kind < ROW_KINDS; kind++) {
		struct row row = row_of(c, result, kind);
		if (row_params(&p, c, point, kind) && !persists(c, &row, branch, overlap))
			return true;
	}
	return false;
}

/* Returns whether replicas have left the state.  A state without overlap cannot be left. */
static bool has_escaped(const struct comparison *c, size_t point, const double *overlap)
{
	return c->escaped[point] > 0 && overlap[0] > AWAY;
}

/* Returns whether fewer than ten spins differ from the pattern, in theory and simulation, all samples
 * together.  Only the plain overlap counts spins. */
static bool is_frozen(const struct comparison *c, size_t point, double theory)
{
	const struct variable *v = &c->variable[c->order];
	struct params p;
	grid_params(&p, c->grid, point);
	double spins = p.N * c->used[point] / 2;
	return v->role == ROLE_OVERLAP && spins * (1 - theory) < 10 && spins * (1 - v->mean[point]) < 10;
}

static enum mark mark_of(const struct comparison *c, size_t point, const void *result, int branch)
{
	const struct row here = row_of(c, result, ROW_HERE);
	double overlap[MAX_UNKNOWNS];

	if (c->used[point] < 2)
		return MARK_NOT_SIMULATED;
	if (branch < 0)
		return c->equilibrated[point] == 1 ? MARK_NO_THEORY : MARK_NOT_EQUILIBRATED;
	get_overlaps(overlap, c, &here, branch);
	if (has_escaped(c, point, overlap))
		return MARK_ESCAPED;
	if (is_frozen(c, point, overlap[0])) /* first: a run in which nothing moves is not equilibrated */
		return MARK_FROZEN;
	if (c->equilibrated[point] != 1)
		return MARK_NOT_EQUILIBRATED;
	if (!is_exact(c, &here, branch))
		return MARK_NOT_EXACT;
	return is_near_line(c, point, result, branch) ? MARK_NEAR_LINE : MARK_COMPARED;
}

/* ---------------------------------------------------------------- the simulation in the theory's order */

/* Sorts |x[k]|, the largest first, NaN last. */
static void sort_sizes(double *sorted, const double *x, size_t stride, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		double size = fabs(x[k * stride]);
		size_t at = k;
		for (; at > 0 && !(sorted[at - 1] >= size) && !isnan(size); at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = size;
	}
}

/* Computes the overlaps of the simulation: means over samples of the sorted sizes. */
static void observe(double *overlap, const struct comparison *c, size_t point)
{
	const struct variable *v = &c->variable[c->order];
	double sorted[MAX_UNKNOWNS];
	int n = 0;

	for (size_t k = 0; k < v->width; k++)
		overlap[k] = v->width > 1 ? 0 : v->mean[point];
	for (size_t s = 0; s < c->samples && v->width > 1; s++) {
		sort_sizes(sorted, v->sample + point * v->width * c->samples + s, c->samples, v->width);
		if (isnan(sorted[0]))
			continue;
		n++;
		for (size_t k = 0; k < v->width; k++)
			overlap[k] += (sorted[k] - overlap[k]) / n;
	}
}

static void store_values(struct comparison *c, size_t point, const void *result, int branch)
{
	const struct row here = row_of(c, result, ROW_HERE), limit = row_of(c, result, ROW_LIMIT);
	double overlap[MAX_UNKNOWNS];
	struct params p;

	row_params(&p, c, point, ROW_HERE);
	const double factor = finite_size(c, &p);
	get_overlaps(overlap, c, &here, branch);
	int far = c->network->ranked            ? nearest(c, &limit, overlap)
	          : is_solved(c, &limit, branch) ? branch
	                                         : -1;
	for (int i = 0; i < c->variables; i++) {
		struct variable *v = &c->variable[i];
		for (size_t k = 0; k < v->width; k++) {
			v->theory[point * v->width + k] =
				row_value(c->network, &here, v->quantity, 0, branch, (int)k) *
				(v->role == ROLE_ENERGY ? factor : 1);
			if (far >= 0)
				v->limit[point * v->width + k] =
					row_value(c->network, &limit, v->quantity, 0, far, (int)k);
		}
	}
}

void compare_theory_store(struct comparison *c, size_t point, const void *result)
{
	const struct row here = row_of(c, result, ROW_HERE);
	double overlap[MAX_UNKNOWNS];

	observe(overlap, c, point);
	int branch = nearest(c, &here, overlap);
	c->branch[point] = (int8_t)branch;
	c->mark[point] = (int8_t)mark_of(c, point, result, branch);
	if (branch < 0)
		return;
	c->metastable[point] = is_metastable(c, &here, branch);
	store_values(c, point, result, branch);
}
