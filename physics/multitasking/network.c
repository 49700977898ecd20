/* The multitasking network: K diluted patterns, xi in {-1, 0, 1} with P(0) = d, retrieved at once; storage,
 * supervised and unsupervised.  The network as the rest of the program sees it: parameters, quantities,
 * couplings.  THEORY.md, "The multitasking network".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitasking/network.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>

static const char *const phase_flags[] = {
	[MT_NO_PHASE] = "none",         [MT_ERGODIC] = "ergodic",   [MT_PURE] = "pure",
	[MT_HIERARCHICAL] = "hierarchical", [MT_PARALLEL] = "parallel", [MT_MIXED] = "mixed",
	[MT_GLASS] = "glass",           NULL};
static const enum phase_kind phase_kinds[] = {
	[MT_ERGODIC] = KIND_ERGODIC,        [MT_PURE] = KIND_RETRIEVAL,
		    [MT_HIERARCHICAL] = KIND_RETRIEVAL,
	[MT_PARALLEL] = KIND_RETRIEVAL,     [MT_MIXED] = KIND_RETRIEVAL,    [MT_GLASS] = KIND_GLASS};
static const char *const yes_flags[] = {"no", "yes", NULL};

enum {
	OVERLAP_P,
	OVERLAP_M,
	OVERLAP_N,
	EIGENVALUE,
	EXAMPLE,
	LOSS_PLUS,
	LOSS_MINUS,
	ARCHETYPE_PLUS,
	ARCHETYPE_MINUS,
	OVERLAP_Q,
	SUSCEPTIBILITY,
	FREE_ENERGY,
	ENERGY,
	COST,
	STABILITY,
	AT,
	RESIDUAL,
	ITERATIONS,
	STATUS,
	PHASE,
	GLOBAL,
	DEGENERATE,
	N_MINIMA,
	INCOMPLETE
};

#define BOTH (PER_BRANCH | PER_PATTERN)

/* clang-format off */
static const struct quantity quantities[] = {
	[OVERLAP_P] = {"p", "p", "overlap with the stored vectors, (1/(c N)) sum z s, c = (1-d)(1+rho); "
		"sorted", REAL, BOTH,
		       ROLE_RETRIEVAL_OVERLAP},
	[OVERLAP_M] = {"m", "m", "Mattis magnetisation, (1/N) sum xi s", REAL, BOTH, ROLE_OVERLAP},
	[OVERLAP_N] = {"n", "n", "overlap with the examples, (1/((1+rho) N)) sum z s = (1-d) p", REAL, BOTH,
		ROLE_SIGNAL},
	[EIGENVALUE] = {"hessian_eigenvalue", "\\lambda", "eigenvalues of the Hessian of the free energy "
		"over c, ascending",
			REAL, BOTH},
	[EXAMPLE] = {"example_stability", NULL,
		     "unsupervised: Hessian against singling out examples of a pattern, stable > 0", REAL,
		     BOTH},
	[LOSS_PLUS] = {"loss_plus", "L_+", "|y - s|^2/(2N), y the vectors in the cost function: xi, z or an "
		"example", REAL, BOTH},
	[LOSS_MINUS] = {"loss_minus", "L_-", "|y + s|^2/(2N), y the vectors in the cost function: xi, z or "
		"an example", REAL,
			BOTH},
	[ARCHETYPE_PLUS] = {"archetype_loss_plus", "L_+^\\xi", "|xi - s|^2/(2N)", REAL, BOTH},
	[ARCHETYPE_MINUS] = {"archetype_loss_minus", "L_-^\\xi", "|xi + s|^2/(2N)", REAL, BOTH},
	[OVERLAP_Q] = {"q", "q", "overlap of two replicas, E tanh^2(h/T)", REAL, PER_BRANCH, ROLE_SPIN_GLASS},
	[SUSCEPTIBILITY] = {"C", "C", "susceptibility, E sech^2(h/T)/T, extensive load", REAL, PER_BRANCH},
	[FREE_ENERGY] = {"free_energy", "f", "-T ln Z/N", REAL, PER_BRANCH, ROLE_FREE_ENERGY},
	[ENERGY] = {"energy", "u", "<H>/N", REAL, PER_BRANCH, ROLE_ENERGY},
	[COST] = {"cost", NULL, "cost of the condensed patterns from the losses, w sum [L+ L- - "
		"((1+a)/2)^2], a = |y|^2/N", REAL,
		  PER_BRANCH},
	[STABILITY] = {"stability", "\\lambda_1", "smallest Hessian eigenvalue over c, stable > 0", REAL,
		PER_BRANCH,
		       ROLE_EIGENVALUE, .stable = STABLE_ABOVE, .threshold = 0},
	[AT] = {"at_stability", NULL, "extensive load: 1 - left side of the AT condition, stable > 0", REAL,
		PER_BRANCH,
		ROLE_STABILITY, .stable = STABLE_ABOVE, .threshold = 0},
	[RESIDUAL] = {"residual", NULL, "largest |map(x) - x|", REAL, PER_BRANCH, ROLE_RESIDUAL},
	[ITERATIONS] = {"iterations", NULL, "evaluations of the map", COUNT, PER_BRANCH, ROLE_ITERATIONS},
	[STATUS] = {"status", NULL, "what became of the branch", FLAG, PER_BRANCH, ROLE_STATUS, status_flags},
	[PHASE] = {"phase", NULL, "which patterns are retrieved together", FLAG, PER_BRANCH, ROLE_PHASE,
		phase_flags,
		   phase_kinds},
	[GLOBAL] = {"global_minimum", NULL, "lowest free energy of the list", FLAG, PER_BRANCH,
		ROLE_GLOBAL_MINIMUM, yes_flags},
	[DEGENERATE] = {"degenerate", NULL, "another, inequivalent solution has the same free energy", FLAG,
		PER_BRANCH,
			ROLE_NONE, yes_flags},
	[N_MINIMA] = {"n_minima", NULL, "distinct stable solutions found", COUNT, 0},
	[INCOMPLETE] = {"incomplete", NULL, "the list of solutions may be incomplete", FLAG, 0, ROLE_NONE,
		yes_flags},
	{0},
};

static const struct parameter parameters[] = {
	{"d", .meaning = "multitasking: dilution, fraction of zeros in a pattern, below 1",
	 PARAMETER_FIELD(own[MT_D]), .min = 0,
	 .max = 1, .used_by = USED_BY_RANDOM, .sampled = 1},
	{"L", .meaning = "multitasking with a load gamma: condensed patterns", PARAMETER_FIELD(own[MT_L]),
	 .whole = 1, .min = 1,
	 .max = MT_MAX, .used_by = USED_BY_SOLVE | USED_BY_LINES},
	{0},
};

static const struct solve_option options[] = {
	{"branches", "multitasking: solutions to report, lowest free energy first", "8", MT_BRANCHES,
	 .min = 1,
	 .max = MAX_BRANCHES},
	{"starts", "multitasking: number of random starts beside the stated ones", "30", MT_STARTS,
	 .max = 100000},
	{0},
};
/* clang-format on */

static int multitask_check(const struct params *p, struct fault *f)
{
	if (p->P != 0 && p->P != 2)
		return fault_set(f, "P", "must be 2, or not given: the multitasking network is quadratic");
	if (!(p->own[MT_D] >= 0 && p->own[MT_D] < 1))
		return fault_set(f, "d", "must be at least 0 and below 1");
	if (!(p->T >= 0))
		return fault_set(f, "T", "must be >= 0");
	if (p->K > 0 && p->own[MT_L] > 0)
		return fault_set(f, "L", "belongs to a load gamma; K patterns are all condensed");
	if (p->K == 0 && !(p->gamma > 0))
		return fault_set(
			f, "K",
			"multitasking needs K patterns, or a load gamma > 0 and L condensed patterns");
	if (p->K > MT_MAX)
		return fault_set(f, "K", "must be at most 20; many patterns are given by their load gamma");
	if (p->K == 0 && (p->own[MT_L] < 1 || p->own[MT_L] > MT_MAX))
		return fault_set(f, "L", "must be 1 to 20 condensed patterns with a load gamma");
	if (p->K == 0 && p->learning == UNSUPERVISED && p->rho > 0 && p->M == 0)
		return fault_set(f, "rho", "unsupervised learning at extensive load needs r and M");
	if (p->T == 0 && p->M > 1000 && p->rho > 0)
		return fault_set(f, "M", "must be at most 1000 at T = 0; give rho for many examples");
	return 0;
}

static int multitask_patterns(const struct params *p)
{
	return p->K > 0 ? p->K : (int)p->own[MT_L];
}

static int multitask_branches(const struct params *p, const struct solve_options *wanted,
                              const char *names[MAX_BRANCHES])
{
	static const char *const number[MAX_BRANCHES] = {
		"1",  "2",  "3",  "4",  "5",  "6",  "7",  "8",  "9",  "10", "11", "12", "13",
		"14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26",
		"27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39",
		"40", "41", "42", "43", "44", "45", "46", "47", "48", "49", "50", "51", "52",
		"53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63", "64"};
	int n = GSL_MAX_INT(1, GSL_MIN_INT(wanted->own[MT_BRANCHES], MAX_BRANCHES));
	(void)p;
	for (int i = 0; i < n; i++)
		names[i] = number[i];
	return n;
}

/* ---------------------------------------------------------------- reporting a solution */

struct place {
	const struct row *row;
	int point, branch;
};

static size_t index_of(const struct place *at, int quantity)
{
	return quantity_index(&quantities[quantity], at->row, (size_t)at->point, at->branch, 0);
}

static double *real_of(const struct place *at, int quantity)
{
	return (double *)at->row->column[quantity] + index_of(at, quantity);
}

static void put_flag(const struct place *at, int quantity, int value)
{
	((int8_t *)at->row->column[quantity])[index_of(at, quantity)] = (int8_t)value;
}

static void put_count(const struct place *at, int quantity, int value)
{
	((int32_t *)at->row->column[quantity])[index_of(at, quantity)] = value;
}

/* Smallest eigenvalue of the Hessian against the example-asymmetric directions of one pattern, (M11). */
static double example_stability(const struct mt_point *pt, double active, double zz)
{
	double r2 = pt->r * pt->r;
	if (pt->M == 1)
		return 1;
	if (pt->M > 0)
		return 1 - (active - r2 * zz) / (pt->c * r2 * (pt->M - 1));
	return 1 - pt->rho * active / pt->c;
}

/* Losses of the vectors y in the cost function, their cost, and the losses of the archetypes,
 * (M17)-(M18).  A large number of examples given by rho has r -> 0: then an example's overlap vanishes,
 * and the cost is that of the supervised form. */
static void put_losses(const struct place *at, const struct mt_point *pt, const double *p, const double *m)
{
	int examples = pt->learning == UNSUPERVISED && pt->M > 0;
	double a = examples ? 1 - pt->d : pt->c, r = examples ? pt->r : 1, cost = 0;
	double w = examples ? 1 / (2 * pt->c * r * r) : 1 / (2 * pt->c);
	for (int i = 0; i < pt->n && i < at->row->patterns; i++) {
		double overlap = r * pt->c * p[i];
		double plus = 0.5 * (1 + a) - overlap, minus = 0.5 * (1 + a) + overlap;
		real_of(at, LOSS_PLUS)[i] = plus;
		real_of(at, LOSS_MINUS)[i] = minus;
		real_of(at, ARCHETYPE_PLUS)[i] = 0.5 * (2 - pt->d) - m[i];
		real_of(at, ARCHETYPE_MINUS)[i] = 0.5 * (2 - pt->d) + m[i];
		cost += w * (plus * minus - 0.25 * (1 + a) * (1 + a));
	}
	*real_of(at, COST) = cost;
}

static int put_solution(struct average *average, const struct mt_point *pt, const struct mt_solution *s,
                        const struct place *at)
{
	struct mt_moments a;
	double v, slope;
	int n = pt->n, status = mt_noise(pt, pt->extensive ? s->x[n] : 0, &v, &slope);
	if (status == GSL_SUCCESS)
		status = mt_average(average, pt, s->x, v, MT_ALL, &a);
	if (status != GSL_SUCCESS)
		return status;
	for (int i = 0; i < n && i < at->row->patterns; i++) {
		real_of(at, OVERLAP_P)[i] = s->x[i];
		real_of(at, OVERLAP_M)[i] = a.m[i];
		real_of(at, OVERLAP_N)[i] = (1 - pt->d) * s->x[i];
		real_of(at, EIGENVALUE)[i] = s->eigenvalue[i];
		if (pt->learning == UNSUPERVISED && pt->rho > 0)
			real_of(at, EXAMPLE)[i] = example_stability(pt, a.active[i], a.chi[i * n + i]);
	}
	put_losses(at, pt, s->x, a.m);
	*real_of(at, OVERLAP_Q) = a.q;
	*real_of(at, FREE_ENERGY) = s->f;
	*real_of(at, ENERGY) = mt_energy(pt, s->x);
	*real_of(at, STABILITY) = s->eigenvalue[0];
	*real_of(at, RESIDUAL) = s->residual;
	if (pt->extensive) {
		*real_of(at, SUSCEPTIBILITY) = s->x[n];
		*real_of(at, AT) = pt->T > 0 ? 1 - mt_replicon(pt, s->x[n]) * a.sech4 / pt->T : -INFINITY;
	}
	put_count(at, ITERATIONS, s->iterations);
	put_flag(at, STATUS, CONVERGED);
	put_flag(at, PHASE, mt_phase(pt, s->x));
	return GSL_SUCCESS;
}

/* Complete for up to 4 patterns, whose starts cover all regions.  But below the steps 2 p/(rM) of the
 * fields of a few examples (with 1 or 2 they are those of storage) every cell of their lattice may have a
 * minimum. */
static int may_be_incomplete(const struct mt_point *pt)
{
	return pt->extensive || (pt->n > 4 && pt->T < 1) || (pt->M > 2 && pt->T < 1 / (pt->r * pt->M));
}

static int solve_point(struct average *average, const struct params *p, const struct solve_options *wanted,
                       const struct tick *tick, struct place at)
{
	struct mt_point pt = mt_point(p);
	/* one more, which may be degenerate with the last reported one */
	struct mt_solution list[MAX_BRANCHES + 1];
	int found, keep = at.row->branches < MAX_BRANCHES ? at.row->branches : MAX_BRANCHES, status;
	if ((status = mt_catalogue(average, &pt, wanted, tick, list, keep + 1, &found)) != GSL_SUCCESS)
		return status;
	for (int b = 0; b < at.row->branches; b++) {
		at.branch = b;
		put_flag(&at, STATUS, found ? NONE : NOT_CONVERGED);
		if (b >= found || b >= keep)
			continue;
		if ((status = put_solution(average, &pt, &list[b], &at)) == GSL_ENOMEM)
			return status;
		put_flag(&at, GLOBAL, list[b].f - list[0].f <= MT_DEGENERATE);
		put_flag(&at, DEGENERATE,
		         (b > 0 && list[b].f - list[b - 1].f <= MT_DEGENERATE) ||
		                 (b + 1 < found && list[b + 1].f - list[b].f <= MT_DEGENERATE));
	}
	put_count(&at, N_MINIMA, found);
	put_flag(&at, INCOMPLETE, may_be_incomplete(&pt));
	return GSL_SUCCESS;
}

static int multitask_solve_row(struct average *average, const struct params *p,
                               const struct solve_options *wanted, const struct tick *tick, struct row *row)
{
	for (int i = 0; i < row->points; i++) {
		int status =
			solve_point(average, &p[i], wanted, tick, (struct place){.row = row, .point = i});
		if (status != GSL_SUCCESS)
			return status;
	}
	return GSL_SUCCESS;
}

/* ---------------------------------------------------------------- the equations */

static int multitask_size(const struct params *p)
{
	struct mt_point pt = mt_point(p);
	return mt_size(&pt);
}

static int multitask_map(struct average *average, const struct params *p, const double *x, double *fx,
                         double *jac)
{
	struct mt_point pt = mt_point(p);
	return mt_map(average, &pt, x, fx, jac);
}

static int multitask_free_energy(struct average *average, const struct params *p, const double *x, double *f)
{
	struct mt_point pt = mt_point(p);
	return mt_free_energy(average, &pt, x, f);
}

/* (M1): the rows are means of examples, r z, or the examples themselves. */
static int multitask_couplings(const struct params *p, struct couplings *out, struct fault *f)
{
	double c = (1 - p->own[MT_D]) * (1 + p->rho);
	(void)f;
	*out = (struct couplings){.P = 2,
	                          .w = 1 / (c * p->r * p->r * p->N),
	                          .diagonal = 1,
	                          .dilution = p->own[MT_D],
	                          .signal = 1 / ((1 + p->rho) * p->r),
	                          .retrieval = 1 / (c * p->r)};
	if (p->learning == UNSUPERVISED && p->M > 0)
		out->w /= p->M;
	return 0;
}

static const struct equations equations = {multitask_size, multitask_map, multitask_free_energy};

const struct network multitasking_network = {
	.name = "multitasking",
	.uses = (const char *const[]){"P", "r", "M", "rho", "K", "gamma", NULL},
	.parameters = parameters,
	.options = options,
	.needs = (const char *const[]){"d", NULL},
	.quantities = quantities,
	.check = multitask_check,
	.branches = multitask_branches,
	.ranked = 1,
	.patterns = multitask_patterns,
	.solve_row = multitask_solve_row,
	.points_apart = 1,
	.equations = &equations,
	.lines = mt_lines,
	.couplings = multitask_couplings,
};
