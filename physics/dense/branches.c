/* Replica-symmetric solutions of the dense network's equations, branch by branch: THEORY.md §4.
 *
 * The archetype (retrieval) branch.  At fixed T and law take n as the parameter: A = (P/2) n^(P-1) is then
 * known, n = E chi tanh has one root v(n) because noise only lowers the overlap, and gamma(n) = v/W is
 * explicit (B1).  gamma = 0 at n0, the largest root without noise; with decreasing n, gamma rises to its
 * first maximum, the spinodal load.  This decides whether a point has a retrieval solution, and which of
 * several it is.  If neighbouring points have solutions, Newton's method from their extrapolation is faster
 * (row.c).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/numerics/roots.h"
#include "physics/dense/equations.h"
#include "physics/numerics/newton.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>

enum { NEWTON_STEPS = 40, SCAN = 64 };

/* ---------------------------------------------------------------- the curve gamma(n) */

/* v with n = E chi tanh at (A(n), v), from c->v as a start: Newton's method kept inside a bracket. */
static int curve_width(struct average *average, const struct params *p, struct dense_curve *c, double A,
                       struct moments *a)
{
	const struct law law = law_of(p);
	struct roots_bracket bracket = {0, INFINITY};
	int status = average_fields(average, &law, p->T, A, 0, a);
	if (status != GSL_SUCCESS || !(a->n > c->n))
		return status == GSL_SUCCESS ? GSL_EDOM : status; /* n is not reached even without noise */
	for (int i = 0; i < 200; i++) {
		if ((status = average_fields(average, &law, p->T, A, c->v, a)) != GSL_SUCCESS)
			return status;
		double next;
		if (!roots_newton(&bracket, c->v, a->n - c->n, a->n_v, &next))
			next = bracket.high < INFINITY ? 0.5 * (bracket.low + bracket.high) : 4 * c->v + 1e-6;
		if (fabs(next - c->v) <= 1e-8 * c->v || bracket.high - bracket.low <= 4e-16 * bracket.low) {
			c->v = next; /* Newton squares the error */
			return average_fields(average, &law, p->T, A, c->v, a);
		}
		c->v = next;
	}
	return GSL_SUCCESS; /* the bracket is at rounding */
}

int dense_curve_at(struct average *average, const struct params *p, struct dense_curve *c)
{
	struct dense_noise noise = dense_noise(p);
	noise.gamma = 1;
	struct moments a;
	double A = dense_signal(p->P, c->n), A_n = (p->P - 1) * A / c->n, W, W_C, S = 0, S_C = 0;
	int status = curve_width(average, p, c, A, &a);
	if (status != GSL_SUCCESS)
		return status;
	if (dense_width(&noise, p->T, a.C, &W, &W_C) != GSL_SUCCESS || W == 0)
		return GSL_EDOM;
	if (noise.synapses > 0)
		S = dense_synapses(&noise, p->T, a.C, &S_C);
	double v_n = (1 - a.n_A * A_n) / a.n_v, C_n = a.C_A * A_n + a.C_v * v_n;
	c->C = a.C;
	c->gamma = (c->v - S) / W;
	c->slope = (v_n - S_C * C_n) / W - c->gamma * W_C * C_n / W;
	return GSL_SUCCESS;
}

/* The map without pattern noise; a holds the averages at the last n. */
struct noiseless {
	struct average *average;
	const struct params *p;
	struct moments a;
};

/* Computes map(n) - n. */
static int noiseless_excess(void *ctx, double n, double *excess)
{
	struct noiseless *at = ctx;
	const struct law law = law_of(at->p);
	int status = average_fields(at->average, &law, at->p->T, dense_signal(at->p->P, n), 0, &at->a);
	*excess = at->a.n - n;
	return status;
}

/* Finds the largest root between `low` and n directly, 0 if there is none.  Needed near the temperature
 * where retrieval ends, where map(n) is close to n over a long interval. */
static int noiseless_neck(struct noiseless *at, double low, double n, double *root)
{
	const struct roots_event e = {.value = noiseless_excess, .ctx = at, .tolerance = 1e-13};
	const double h = (n - low) / 4;
	const double node[] = {low,         low + h, low + 2 * h,
	                       low + 3 * h, n,       n + h}; /* the minimum may be at n */
	struct roots_root roots[4];
	int found, status = roots_find(&e, node, 6, roots, 4, &found);
	*root = found > 0 ? roots[found - 1].x : 0;
	return status;
}

/* The largest overlap without pattern noise, n = E chi tanh(A(n) chi/T), from above: 0 if there is only n =
 * 0. */
static int overlap_without_noise(struct average *average, const struct params *p, double *n0)
{
	const struct law law = law_of(p);
	struct noiseless at = {.average = average, .p = p};

	*n0 = 0;
	if (p->P == 2 && p->T > 1 - 1e-12) /* E chi^2 = 1: the slope of the map at n = 0 is 1/T */
		return GSL_SUCCESS;
	int status = average_fields(average, &law, 0, 1, 0, &at.a); /* E |chi| */
	double n = at.a.n, excess;
	for (int i = 0; i < 1000000 && status == GSL_SUCCESS; i++) {
		if ((status = noiseless_excess(&at, n, &excess)) != GSL_SUCCESS)
			break;
		double A_n = (p->P - 1) * dense_signal(p->P, n) / n;
		double slope = 1 - (p->T > 0 ? at.a.n_A * A_n : 0);
		/* The map is increasing, so iteration from above never passes the largest root.  Neither
		 * does Newton's method while the map is concave; a step that would (n rises again) is still
		 * above the root below it.  At P = 2 the map is concave everywhere, and plain iteration
		 * would be very slow near the critical T. */
		int concave = p->P == 2 && slope > 0;
		if (p->P > 2 && slope <= 0.05 && fabs(excess) < 0.04 * n / p->P) {
			double low = n * (1 - 0.8 / p->P); /* the map changes with A ~ n^(P-1) */
			status = noiseless_neck(&at, low, n, n0);
			if (status != GSL_SUCCESS || *n0 > 0)
				return status;
			n = low;
			continue;
		}
		double next = slope > 0.05 || concave ? n + excess / slope : n + excess;
		if (fabs(next - n) < (slope > 0.05 ? 1e-8 : 1e-12) ||
		    (concave && next >= n)) { /* Newton squares the error */
			*n0 = next;
			return GSL_SUCCESS;
		}
		n = next;
		if (n < DENSE_SMALLEST)
			break;
	}
	*n0 = 0;
	return status;
}

/* A search along the curve: for slope = 0 (gamma < 0), or for this gamma. */
struct curve_search {
	struct average *average;
	const struct params *p;
	double gamma;
	struct dense_curve c; /* the last point */
};

static double curve_excess(const struct curve_search *at, const struct dense_curve *c)
{
	return at->gamma < 0 ? c->slope : c->gamma - at->gamma;
}

static int curve_value(void *ctx, double n, double *excess)
{
	struct curve_search *at = ctx;
	at->c.n = n;
	int status = dense_curve_at(at->average, at->p, &at->c);
	*excess = curve_excess(at, &at->c);
	return status;
}

/* Finds a root of slope (want_gamma < 0) or of gamma - want_gamma between a and b, where it changes sign. */
static int curve_root(struct average *average, const struct params *p, struct dense_curve a,
                      struct dense_curve b, double want_gamma, struct dense_curve *out)
{
	struct curve_search at = {average, p, want_gamma, b};
	int status = roots_illinois(curve_value, &at, a.n, curve_excess(&at, &a), b.n, curve_excess(&at, &b));
	if (status == GSL_SUCCESS)
		*out = at.c;
	return status;
}

/* ---------------------------------------------------------------- the spinodal load */

static int same_curve(const struct params *a, const struct params *b)
{
	return a->T == b->T && a->P == b->P && a->M == b->M && a->r == b->r && a->rho == b->rho &&
	       a->learning == b->learning && a->own[DENSE_OMEGA] == b->own[DENSE_OMEGA] &&
	       (a->own[DENSE_OMEGA] == 0 || a->N == b->N);
}

/* Returns whether the load at p exceeds `factor` times that of a fold, counting noise on the synapses as
 * load. */
static int beyond(const struct params *p, double factor, double gamma)
{
	const struct dense_noise noise = dense_noise(p);
	return p->gamma + noise.synapses / noise.g > factor * (gamma + noise.synapses / noise.g);
}

/* Follows a fold known at a neighbouring point: brackets the sign change of the slope and, unless the load
 * is far above gamma there, finds the maximum itself. */
static int fold_follow(struct average *average, const struct params *p, const struct dense_fold *fold,
                       struct dense_curve *top)
{
	for (double width = 0.01; width < 0.1; width *= 3) {
		struct dense_curve low = {.n = fold->n * (1 - width), .v = fold->v},
				   high = {.n = fold->n * (1 + width), .v = fold->v};
		if (dense_curve_at(average, p, &low) != GSL_SUCCESS ||
		    dense_curve_at(average, p, &high) != GSL_SUCCESS)
			return GSL_EFAILED;
		if (low.slope > 0 && high.slope < 0) {
			*top = low.gamma > high.gamma ? low : high;
			top->n = low.n + (high.n - low.n) * low.slope / (low.slope - high.slope);
			return beyond(p, 1.1, top->gamma) ? GSL_SUCCESS
			                                  : curve_root(average, p, high, low, -1, top);
		}
	}
	return GSL_EFAILED;
}

/* Steps down from n0 to the first node where gamma(n) no longer rises, and back to the maximum. */
static int fold_scan(struct average *average, const struct params *p, double n0, struct dense_curve *top)
{
	double A0 = dense_signal(p->P, n0), step = n0 / SCAN;
	struct dense_curve high = {.n = n0, .v = 0.01 * A0 * A0}, low;
	for (int halvings = 0; halvings < 100;) {
		low = high;
		low.n = high.n - step;
		int status = low.n > 0 ? dense_curve_at(average, p, &low) : GSL_EDOM;
		if (status == GSL_SUCCESS && low.slope < 0) {
			high = low; /* still rising on the way down */
			step = fmin(2 * step, n0 / SCAN);
		} else if (status == GSL_SUCCESS && high.n < n0) {
			return curve_root(average, p, high, low, -1, top);
		} else if (status == GSL_SUCCESS || status == GSL_EDOM) {
			step *= 0.5; /* past the end of the curve, or past the fold in the first step */
			halvings++;
		} else {
			return status;
		}
	}
	*top = high; /* the curve is shorter than rounding: T at its end */
	return high.n < n0 ? GSL_SUCCESS : GSL_EDOM;
}

int dense_spinodal(struct average *average, const struct params *p, struct dense_fold *fold)
{
	if (fold->known && same_curve(&fold->p, p) && (fold->known == 2 || beyond(p, 1.02, fold->gamma)))
		return GSL_SUCCESS;
	struct dense_curve top = {0};
	/* Following a fold is safe if the decision is clear; otherwise a new fold nearer to n0 could be
	 * missed. */
	if (fold->known && fold->gamma > 0 && fold->p.P == p->P && fold->p.M == p->M &&
	    fold_follow(average, p, fold, &top) == GSL_SUCCESS && beyond(p, 1.02, top.gamma)) {
		*fold = (struct dense_fold){1, *p, top.n, top.v, top.gamma};
		return GSL_SUCCESS;
	}
	double n0;
	int status = overlap_without_noise(average, p, &n0);
	top = (struct dense_curve){0};
	if (status == GSL_SUCCESS && n0 > 0)
		status = fold_scan(average, p, n0, &top);
	if (status == GSL_EDOM)
		top.gamma = 0;
	else if (status != GSL_SUCCESS)
		return status;
	*fold = (struct dense_fold){2, *p, top.n, top.v, top.gamma};
	return GSL_SUCCESS;
}

/* ---------------------------------------------------------------- retrieval at one point */

/* Returns whether gamma(n) falls all the way from n to n0; then the solution at n is on the archetype
 * branch. */
static int no_fold_above(struct average *average, const struct params *p, double n0, double n)
{
	struct dense_curve c = {.v = p->gamma + 1e-6};
	for (double node = n0 * (1 - 1.0 / SCAN); node > n; node -= n0 / SCAN) {
		c.n = node;
		if (dense_curve_at(average, p, &c) != GSL_SUCCESS || c.slope >= 0)
			return 0;
	}
	return 1;
}

/* At T = 0 without noise every field is A chi, and no equation remains. */
static enum status archetype_frozen(struct average *average, const struct params *p,
                                    struct newton_solution *s)
{
	s->x[0] = 1;
	s->x[1] = 0;
	newton_iterate(s, &dense_equations, average, p, 0, 3); /* n = E |chi|, for any start */
	s->det = 1;
	return s->residual < 1e-14 ? CONVERGED : NOT_CONVERGED;
}

/* Finds the solution between two points of the curve, with gamma(n) falling from low (not evaluated yet) to
 * high. */
static enum status solve_between(struct average *average, const struct params *p, double tolerance,
                                 struct dense_curve high, struct dense_curve low, struct newton_solution *s)
{
	struct dense_curve root;
	if (dense_curve_at(average, p, &low) != GSL_SUCCESS ||
	    curve_root(average, p, high, low, p->gamma, &root) != GSL_SUCCESS)
		return NOT_CONVERGED;
	s->x[0] = root.n;
	s->x[1] = root.C;
	if (newton_solve(s, &dense_equations, average, p, tolerance, NEWTON_STEPS) == GSL_SUCCESS &&
	    s->x[0] >= low.n * (1 - 1e-7))
		return CONVERGED;
	return NOT_CONVERGED;
}

enum status dense_archetype(struct average *average, const struct params *p, double tolerance,
                            struct dense_fold *fold, struct newton_solution *s)
{
	*s = (struct newton_solution){0};
	if (p->own[DENSE_W] > 0)
		return dense_pairs_retrieval(average, p, tolerance, s);
	if (p->T == 0 && p->gamma == 0 && p->own[DENSE_OMEGA] == 0)
		return archetype_frozen(average, p, s);
	if (fold->known) { /* the branch has ended nearby: start there */
		if (dense_spinodal(average, p, fold) != GSL_SUCCESS)
			return NOT_CONVERGED;
		if (fold->gamma == 0 || p->gamma > fold->gamma)
			return NONE;
	}

	/* From above: first without noise, then by iterating the map. */
	double n0;
	if (overlap_without_noise(average, p, &n0) != GSL_SUCCESS)
		return NOT_CONVERGED;
	if (n0 == 0)
		return NONE;
	s->x[0] = n0;
	newton_iterate(s, &dense_equations, average, p, 1e-3, 30);
	if (newton_solve(s, &dense_equations, average, p, tolerance, NEWTON_STEPS) == GSL_SUCCESS &&
	    dense_rising(s) && no_fold_above(average, p, n0, s->x[0]))
		return CONVERGED;

	if (dense_spinodal(average, p, fold) != GSL_SUCCESS)
		return NOT_CONVERGED;
	if (fold->gamma == 0 || p->gamma > fold->gamma)
		return NONE;

	/* Near the fold: between the fold and n0, where gamma(n) is monotone. */
	struct dense_curve low = {.n = fold->n, .v = fold->v},
			   high = {.n = n0, .v = fold->v, .gamma = -dense_noise(p).synapses};
	return solve_between(average, p, tolerance, high, low, s);
}

enum status dense_stretch(struct average *average, const struct params *p, double tolerance, double n_high,
                          double n_low, double v, struct newton_solution *s)
{
	struct dense_curve high = {.n = n_high, .v = v}, low = {.n = n_low, .v = v};
	*s = (struct newton_solution){0};
	if (dense_curve_at(average, p, &high) != GSL_SUCCESS)
		return NOT_CONVERGED;
	return solve_between(average, p, tolerance, high, low, s);
}

/* ---------------------------------------------------------------- glass and ergodic */

double dense_glass_ceiling(struct average *average, int P, double *s_top)
{
	const struct law law = {.M = 0, .r = 1, .rho = 0};
	double a = -3, b = 8; /* ln s; golden section */
	double best = 0;
	const double golden = 0.6180339887498949;
	for (int i = 0; i < 80; i++) {
		double x[2] = {b - golden * (b - a), a + golden * (b - a)}, f[2];
		for (int k = 0; k < 2; k++) {
			struct moments m;
			double s = exp(x[k]);
			f[k] = average_fields(average, &law, 1, 0, s, &m) == GSL_SUCCESS
			               ? 0.5 * P * pow(1 - m.C, P - 1) / s
			               : 0;
			if (f[k] > best) {
				best = f[k];
				*s_top = s;
			}
		}
		if (f[0] > f[1])
			b = x[1];
		else
			a = x[0];
	}
	return best;
}

/* Solves v = gamma W + noise on the synapses at n = 0 by Newton's method inside the bracket, from v; *a holds
 * the averages at the root.  Returns CONVERGED (to be checked by the residual), NONE (v = 0) or
 * NOT_CONVERGED. */
static enum status glass_width(struct average *average, const struct params *p, struct roots_bracket bracket,
                               double v, struct moments *a, int *iterations)
{
	const struct law law = {.M = 0, .r = 1, .rho = 0}; /* A = 0: the law of chi plays no role */
	const struct dense_noise noise = dense_noise(p);
	for (int i = 0; i < 500; i++) {
		double W, W_C, S = 0, S_C = 0, next;
		if (average_fields(average, &law, p->T, 0, v, a) != GSL_SUCCESS)
			return NOT_CONVERGED;
		++*iterations;
		if (dense_width(&noise, p->T, a->C, &W, &W_C) != GSL_SUCCESS) {
			bracket.low = v; /* P = 2, C >= 1: too little noise */
			next = bracket.high < INFINITY ? 0.5 * (bracket.low + bracket.high) : 4 * v;
		} else {
			if (noise.synapses > 0)
				S = dense_synapses(&noise, p->T, a->C, &S_C);
			const double excess = p->gamma * W + S - v,
				     slope = (p->gamma * W_C + S_C) * a->C_v - 1;
			if (!roots_newton(&bracket, v, excess, slope, &next))
				next = bracket.high == INFINITY ? 4 * v
				       : bracket.low > 0        ? sqrt(bracket.low * bracket.high)
				                                : 0.1 * bracket.high;
			if (fabs(next - v) <= 1e-14 * v || excess == 0 ||
			    bracket.high - bracket.low <= 1e-14 * v)
				break;
		}
		v = next;
		if (v < 1e-16 * p->T * p->T || (p->T == 0 && v < 1e-300))
			return NONE;
	}
	return CONVERGED;
}

/* P = 2: returns 1 if the ergodic solution is stable, so that there is no glass. */
static int ergodic_is_stable(struct average *average, const struct params *p)
{
	const struct dense_noise noise = dense_noise(p);
	struct dense_report zero;
	double W, W_C;
	if (!(p->T > (p->gamma > 0)) || dense_width(&noise, p->T, 1 / p->T, &W, &W_C) != GSL_SUCCESS)
		return 0;
	return dense_report(average, p, (double[]){0, 1 / p->T}, &zero) != GSL_SUCCESS || zero.stability <= 1;
}

enum status dense_rs_glass(struct average *average, const struct params *p, double ceiling, double s_top,
                           double tolerance, struct newton_solution *s)
{
	const struct dense_noise noise = dense_noise(p);
	const double load = dense_load(&noise);
	struct roots_bracket bracket = {0, INFINITY};
	struct moments a = {0};
	double v, fx[2];

	*s = (struct newton_solution){0};
	if ((p->gamma == 0 && load == 0) || p->own[DENSE_W] > 0)
		return NONE;
	if (p->P > 2) {
		if (p->T > 0 && p->T * p->T > ceiling * load)
			return NONE;
		bracket = (struct roots_bracket){s_top * p->T * p->T, 0.5 * p->P * load};
		v = bracket.high;
	} else {
		if (ergodic_is_stable(average, p))
			return NONE;
		/* the root at T = 0; exact without noise on the synapses */
		v = gsl_pow_2(sqrt(p->gamma) + sqrt(2 / M_PI)) + load;
	}
	enum status status = glass_width(average, p, bracket, v, &a, &s->iterations);
	if (status != CONVERGED)
		return status;
	s->x[1] = a.C;
	if (dense_equations.map(average, p, s->x, fx, NULL) != GSL_SUCCESS)
		return NOT_CONVERGED;
	s->residual = fabs(fx[1] - s->x[1]);
	return s->residual <= tolerance ? CONVERGED : NOT_CONVERGED;
}

enum status dense_hopfield_glass(struct average *average, const struct params *p, double tolerance,
                                 struct newton_solution *s)
{
	return dense_rs_glass(average, p, 0, 0, tolerance, s);
}

enum status dense_ergodic(const struct params *p, struct newton_solution *s)
{
	*s = (struct newton_solution){.iterations = 0};
	if (p->T == 0 || (p->P == 2 && p->gamma > 0 && p->T <= 1) ||
	    p->T <= 2 * p->own[DENSE_W] * p->own[DENSE_W])
		return NONE;
	s->x[1] = 1 / p->T;
	return CONVERGED;
}
