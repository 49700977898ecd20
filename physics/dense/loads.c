/* The loads at which lines of the dense network lie, kept in a cache between calls.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/loads.h"

#include "physics/numerics/roots.h"
#include "physics/numerics/newton.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	SLOTS = 4096,
	PROBES = 4,   /* slots that are tried for a point */
	STEPS = 32,   /* of the table of a branch */
	LADDER = 128, /* rungs, at most */
	LAWS = 8,     /* ladders */
	ORDERS = 64   /* interaction orders P below */
};
static const double RUNG = 0.05;       /* distance of the rungs in T */
static const double TOLERANCE = 1e-11; /* residual of the solutions */

/* Results at one T and law of the examples. */
struct slot {
	struct params p;
	int known, known_low, known_rsb, known_first; /* 1: spinodal, low, rsb, first_order are set */
	double spinodal, fold_n, fold_v, rsb, first_order;
	struct one_step_solution one_step_end; /* at the load rsb */
	double one_step_merge;                 /* no one-step retrieval up to this load; 0: not known */
	int low;
	double onset[LINE_ROOTS], end[LINE_ROOTS], onset_n[LINE_ROOTS], end_n[LINE_ROOTS];
	int steps;              /* STEPS: x is set; 0: not tried; 1: it failed */
	double x[STEPS + 1][2]; /* n and C at the loads branch_load() */
};

/* The ends of one-step retrieval of one law, starts for the ends at temperatures between: rungs at T = 0,
 * RUNG, 2 RUNG, ..., then with ever smaller distances towards the T where they merge with the symmetric
 * ends. */
struct ladder {
	struct params p;
	int known, rungs, ended, merged;
	double T[LADDER], gamma[LADDER], T_merge, gamma_merge;
	struct one_step_solution s[LADDER];
	int known_first[LADDER]; /* the first-order line there */
	double first[LADDER];
	struct one_step_solution first_s[LADDER];
};

/* Kept with the workspace of the averages. */
struct cache {
	struct rsb *rsb;
	struct slot slot[SLOTS];
	struct ladder ladder[LAWS];
	int next_ladder;
	struct dense_glass glass[ORDERS];
};

static void *cache_alloc(void)
{
	struct cache *cache = calloc(1, sizeof *cache);
	if (cache && !(cache->rsb = one_step_alloc())) {
		free(cache);
		cache = NULL;
	}
	return cache;
}

static void cache_free(void *cache)
{
	one_step_free(((struct cache *)cache)->rsb);
	free(cache);
}

static struct cache *cache_of(struct average *average)
{
	return average_keep(average, cache_alloc, cache_free);
}

static int same_law(const struct params *a, const struct params *b)
{
	return a->P == b->P && a->M == b->M && a->r == b->r && a->rho == b->rho &&
	       a->learning == b->learning && a->own[DENSE_OMEGA] == b->own[DENSE_OMEGA] &&
	       (a->own[DENSE_OMEGA] == 0 || a->N == b->N);
}

static uint64_t mix(uint64_t hash, double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return (hash ^ bits) * 0x9e3779b97f4a7c15u ^ (hash >> 29);
}

/* The slot of T and law; if all candidates are taken by others, one of those is replaced. */
static struct slot *slot_of(struct cache *cache, const struct params *p)
{
	uint64_t hash = mix(mix(mix(mix(mix((uint64_t)p->learning, p->P), p->T), p->M), p->r), p->rho);
	struct slot *slot = NULL;
	for (int i = 0; i < PROBES; i++) {
		slot = &cache->slot[((hash >> 40) + (uint64_t)i) % SLOTS];
		if (slot->p.P == 0)
			break;
		if (slot->p.T == p->T && same_law(&slot->p, p))
			return slot;
	}
	*slot = (struct slot){.p = *p};
	return slot;
}

/* ---------------------------------------------------------------- replica symmetric */

int dense_spinodal_load(struct average *average, const struct params *p, double *gamma)
{
	struct cache *cache = cache_of(average);
	if (!cache)
		return GSL_ENOMEM;
	struct slot *slot = slot_of(cache, p);
	if (!slot->known) {
		struct params at = *p;
		struct dense_fold fold = {0};
		at.gamma = 0; /* the exact one is wanted */
		int status = dense_spinodal(average, &at, &fold);
		if (status == GSL_ENOMEM)
			return status;
		slot->known = 1;
		slot->spinodal = status == GSL_SUCCESS ? fold.gamma : GSL_NAN;
		slot->fold_n = fold.n;
		slot->fold_v = fold.v;
	}
	*gamma = slot->spinodal;
	return GSL_SUCCESS;
}

/* The archetype branch is smooth in t = sqrt(1 - gamma/gamma_sp), from the fold at t = 0 to no load at t =
 * 1. */
static double branch_load(const struct slot *slot, double t)
{
	return slot->spinodal * (1 - t * t);
}

/* The branch at STEPS equal steps of t, downwards from no load; each from the last ones.  Where that fails
 * the table remains without use. */
static void find_branch(struct average *average, struct slot *slot)
{
	struct dense_fold fold = {0};
	struct params p = slot->p;
	struct newton_solution s;
	p.gamma = 0;
	slot->steps = 1;
	if (dense_archetype(average, &p, TOLERANCE, &fold, &s) != CONVERGED || !isfinite(s.x[1]))
		return;
	memcpy(slot->x[STEPS], s.x, sizeof slot->x[0]);
	for (int i = STEPS - 1; i > 0; i--) {
		const double *a = slot->x[i + 1], *b = i + 2 <= STEPS ? slot->x[i + 2] : a;
		s = (struct newton_solution){.x = {2 * a[0] - b[0], 2 * a[1] - b[1]}};
		p.gamma = branch_load(slot, (double)i / STEPS);
		if (newton_solve(&s, &dense_equations, average, &p, TOLERANCE, 20) != GSL_SUCCESS ||
		    !(s.det > 0) || s.x[0] > a[0] + 1e-12 || s.x[0] < slot->fold_n)
			return;
		memcpy(slot->x[i], s.x, sizeof slot->x[0]);
	}
	struct dense_curve top = {.n = slot->fold_n, .v = slot->fold_v};
	if (dense_curve_at(average, &slot->p, &top) != GSL_SUCCESS)
		return;
	slot->x[0][0] = top.n;
	slot->x[0][1] = top.C;
	slot->steps = STEPS;
}

/* The solution from the cubic through the four nearest of the table; it lies between two of them, which
 * excludes others. */
static int from_branch(struct average *average, const struct slot *slot, const struct params *p,
                       struct newton_solution *s)
{
	const double u = STEPS * sqrt(1 - p->gamma / slot->spinodal);
	const int k = (int)fmin(u, STEPS - 1), first = k < 1 ? 0 : k > STEPS - 2 ? STEPS - 3 : k - 1;
	*s = (struct newton_solution){0};
	for (int i = first; i < first + 4; i++) {
		double weight = 1;
		for (int j = first; j < first + 4; j++)
			weight *= j == i ? 1 : (u - j) / (i - j);
		s->x[0] += weight * slot->x[i][0];
		s->x[1] += weight * slot->x[i][1];
	}
	return newton_solve(s, &dense_equations, average, p, TOLERANCE, 8) == GSL_SUCCESS && s->det > 0 &&
	       s->x[0] >= slot->x[k][0] - 1e-12 && s->x[0] <= slot->x[k + 1][0] + 1e-12;
}

int dense_retrieval(struct average *average, const struct params *p, struct dense_report *report,
                    enum status *found)
{
	struct dense_fold fold = {0};
	struct newton_solution s;
	double end;
	int status = dense_spinodal_load(average, p, &end);
	if (status != GSL_SUCCESS)
		return status;
	*found = NONE;
	if (p->gamma > end || end == 0)
		return GSL_SUCCESS;
	struct slot *slot = slot_of(cache_of(average), p);
	if (slot->steps == 0)
		find_branch(average, slot);
	*found = CONVERGED;
	if (slot->steps != STEPS || !from_branch(average, slot, p, &s))
		*found = dense_archetype(average, p, TOLERANCE, &fold, &s);
	return *found == CONVERGED ? dense_report(average, p, s.x, report) : GSL_SUCCESS;
}

/* d gamma/dn of (B1) at n. */
struct slope {
	struct average *average;
	const struct params *p;
	double v; /* near that at n */
	struct dense_curve c;
};

static int slope_at(void *ctx, double n, double *value)
{
	struct slope *slope = ctx;
	slope->c = (struct dense_curve){.n = n, .v = slope->v};
	int status = dense_curve_at(slope->average, slope->p, &slope->c);
	*value = status == GSL_SUCCESS ? slope->c.slope : GSL_NAN;
	if (status == GSL_SUCCESS)
		slope->v = slope->c.v;
	return status == GSL_ENOMEM ? status : GSL_SUCCESS;
}

/* Below the fold gamma(n) may have further minima and maxima: the branches between them. */
static int find_low(struct average *average, struct slot *slot)
{
	enum { NODES = 65, EXTREMA = 2 * LINE_ROOTS };
	struct slope slope = {.average = average, .p = &slot->p, .v = slot->fold_v};
	const struct roots_event e = {.value = slope_at, .ctx = &slope, .tolerance = 1e-10};
	double node[NODES], gamma[EXTREMA];
	struct roots_root root[EXTREMA];
	int found = 0, status;

	for (int i = 0; i < NODES; i++)
		node[i] = slot->fold_n * fmin((i + 1.0) / NODES, 1 - 1e-6);
	status = roots_find(&e, node, NODES, root, EXTREMA, &found);
	for (int i = 0; i < found && status == GSL_SUCCESS; i++) {
		double value;
		status = slope_at(&slope, root[i].x, &value);
		gamma[i] = slope.c.gamma;
	}
	slot->low = 0;
	for (int i = found - 1; i > 0 && status == GSL_SUCCESS;
	     i -= 2) { /* downwards: a minimum, a maximum, ... */
		slot->onset[slot->low] = gamma[i];
		slot->onset_n[slot->low] = root[i].x;
		slot->end_n[slot->low] = root[i - 1].x;
		slot->end[slot->low++] = gamma[i - 1];
	}
	return status;
}

int dense_low_loads(struct average *average, const struct params *p, double onset[LINE_ROOTS],
                    double end[LINE_ROOTS], int *count)
{
	double gamma;
	int status = dense_spinodal_load(average, p, &gamma);
	*count = 0;
	if (status != GSL_SUCCESS || !(gamma > 0))
		return status;
	struct slot *slot = slot_of(cache_of(average), p);
	if (!slot->known_low && (status = find_low(average, slot)) == GSL_SUCCESS)
		slot->known_low = 1;
	*count = slot->low;
	memcpy(onset, slot->onset, sizeof slot->onset);
	memcpy(end, slot->end, sizeof slot->end);
	return status;
}

enum status dense_low(struct average *average, const struct params *p, double tolerance,
                      struct newton_solution *s)
{
	double onset[LINE_ROOTS], end[LINE_ROOTS];
	int count;
	*s = (struct newton_solution){0};
	if (dense_low_loads(average, p, onset, end, &count) != GSL_SUCCESS)
		return NOT_CONVERGED;
	const struct slot *slot = slot_of(cache_of(average), p);
	for (int i = 0; i < count; i++)
		if (onset[i] <= p->gamma && p->gamma <= end[i])
			return dense_stretch(average, p, tolerance, slot->onset_n[i], slot->end_n[i],
			                     slot->fold_v, s);
	return NONE;
}

/* ---------------------------------------------------------------- one step of breaking */

static struct ladder *ladder_of(struct cache *cache, const struct params *p)
{
	for (int i = 0; i < LAWS; i++)
		if (cache->ladder[i].known && same_law(&cache->ladder[i].p, p))
			return &cache->ladder[i];
	struct ladder *ladder = &cache->ladder[cache->next_ladder];
	cache->next_ladder = (cache->next_ladder + 1) % LAWS;
	*ladder = (struct ladder){.p = *p, .known = 1};
	return ladder;
}

/* A start between two solutions, t of the way. */
static void blend(struct one_step_solution *s, const struct one_step_solution *a,
                  const struct one_step_solution *b, double t)
{
	*s = *a;
	s->n += t * (b->n - a->n);
	s->q0 += t * (b->q0 - a->q0);
	s->C += t * (b->C - a->C);
	s->mu += t * (b->mu - a->mu);
}

/* The same at T between the rungs a and b, or beyond them; its load. */
static double between_rungs(const struct ladder *ladder, int a, int b, double T, struct one_step_solution *s)
{
	const double t = b > a ? (T - ladder->T[a]) / (ladder->T[b] - ladder->T[a]) : 0;
	blend(s, &ladder->s[a], &ladder->s[b], t);
	s->x = s->mu * T;
	return ladder->gamma[a] + t * (ladder->gamma[b] - ladder->gamma[a]);
}

/* The next rung, at T, from those below. */
static void climb(struct cache *cache, struct ladder *ladder, double T)
{
	const int k = ladder->rungs;
	struct params p = ladder->p;
	p.T = ladder->T[k] = T;
	one_step_nothing(&ladder->s[k], NONE);
	if (k > 0)
		ladder->gamma[k] = between_rungs(ladder, k > 1 ? k - 2 : 0, k - 1, T, &ladder->s[k]);
	one_step_spinodal(cache->rsb, &ladder->gamma[k], &ladder->s[k], &p);
	if (ladder->s[k].status == CONVERGED)
		ladder->rungs++;
	else
		ladder->ended = 1;
}

static void find_merge(struct cache *cache, struct ladder *ladder)
{
	struct one_step_solution s;
	if (!ladder->merged)
		one_step_merge(cache->rsb, &ladder->T_merge, &ladder->gamma_merge, &s, &ladder->p);
	ladder->merged = 1;
}

/* Rungs up to the one above T, or up to the end. */
static void climb_above(struct cache *cache, struct ladder *ladder, double T)
{
	while (!ladder->ended && ladder->rungs < LADDER / 2 && (ladder->rungs - 1) * RUNG < T)
		climb(cache, ladder, ladder->rungs * RUNG);
	if (!ladder->ended || ladder->merged || ladder->rungs == 0)
		return;
	find_merge(cache, ladder);
	ladder->ended = 0;
	for (double gap; !ladder->ended; climb(cache, ladder, ladder->T_merge - gap / 2)) {
		gap = ladder->T_merge - ladder->T[ladder->rungs - 1];
		if (!(gap > RUNG / 16) || ladder->rungs == LADDER)
			break;
	}
	ladder->ended = 1;
}

/* The number of the rung at or below T; -1: none. */
static int rung_below(const struct ladder *ladder, double T)
{
	int k = ladder->rungs - 1;
	while (k >= 0 && ladder->T[k] > T)
		k--;
	return k;
}

static double find_rsb(struct cache *cache, const struct params *p, struct one_step_solution *s)
{
	struct ladder *ladder = ladder_of(cache, p);
	climb_above(cache, ladder, p->T);
	const int k = rung_below(ladder, p->T);
	one_step_nothing(s, NONE);
	if (k < 0 || (ladder->ended && p->T > ladder->T_merge))
		return GSL_NAN;
	*s = ladder->s[k];
	if (p->T == ladder->T[k])
		return ladder->gamma[k];
	double gamma = ladder->gamma[k];
	if (k + 1 < ladder->rungs)
		gamma = between_rungs(ladder, k, k + 1, p->T, s);
	one_step_spinodal(cache->rsb, &gamma, s, p);
	return gamma;
}

int dense_rsb_load(struct average *average, const struct params *p, double *gamma,
                   struct one_step_solution *out)
{
	struct cache *cache = cache_of(average);
	if (!cache)
		return GSL_ENOMEM;
	struct slot *slot = slot_of(cache, p);
	if (!slot->known_rsb) {
		if (p->P < 3)
			one_step_nothing(&slot->one_step_end, NONE);
		slot->rsb = p->P < 3 ? GSL_NAN : find_rsb(cache, p, &slot->one_step_end);
		slot->known_rsb = 1;
	}
	*gamma = slot->rsb;
	if (out)
		*out = slot->one_step_end;
	return GSL_SUCCESS;
}

enum status dense_rsb(struct average *average, const struct params *p, struct one_step_solution *s)
{
	const struct dense_noise noise = dense_noise(p);
	struct params loaded = *p;
	double end;
	loaded.learning = SUPERVISED;
	loaded.gamma = dense_load(&noise);
	loaded.own[DENSE_OMEGA] = 0;
	if (dense_rsb_load(average, &loaded, &end, s) != GSL_SUCCESS)
		return NOT_CONVERGED;
	struct slot *slot = slot_of(cache_of(average), &loaded);
	if (s->status != CONVERGED || loaded.gamma == end)
		return s->status;
	if (!(loaded.gamma < end) || loaded.gamma <= slot->one_step_merge)
		return NONE;
	double merge;
	one_step_retrieval_below(cache_of(average)->rsb, end, s, &loaded, &merge);
	if (s->status == NONE && merge < end)
		slot->one_step_merge = fmax(slot->one_step_merge, merge);
	return s->status;
}

int dense_merge(struct average *average, const struct params *p, double *T, double *gamma)
{
	struct cache *cache = cache_of(average);
	if (!cache)
		return GSL_ENOMEM;
	*T = *gamma = GSL_NAN;
	if (p->P < 3)
		return GSL_SUCCESS;
	struct ladder *ladder = ladder_of(cache, p);
	find_merge(cache, ladder);
	*T = ladder->T_merge;
	*gamma = ladder->gamma_merge;
	return GSL_SUCCESS;
}

/* Free energy of the competing state minus that of the replica-symmetric retrieval state at the load x; NaN
 * where there is none. */
static int symmetric_advantage(void *ctx, double x, double *value)
{
	const struct slope *at = ctx;
	struct params p = *at->p;
	struct dense_report r;
	enum status found;
	p.gamma = x;
	int status = dense_retrieval(at->average, &p, &r, &found);
	if (status == GSL_SUCCESS && found == CONVERGED)
		status = dense_competitor(at->average, &p, r.free_energy, value);
	*value = found == CONVERGED ? *value - r.free_energy : GSL_NAN;
	return status;
}

/* A load near which the one-step state may meet the competing one: where the symmetric one does, or ends
 * before.  NaN where it does so while it is stable. */
static double first_guess(struct average *average, const struct params *p)
{
	struct slope at = {.average = average, .p = p};
	const struct roots_event e = {.value = symmetric_advantage, .ctx = &at, .tolerance = 1e-6};
	struct roots_root root;
	struct dense_report r;
	enum status found;
	double node[9], end;
	int count;
	if (dense_spinodal_load(average, p, &end) != GSL_SUCCESS || !(end > 0))
		return GSL_NAN;
	for (int i = 0; i < 9; i++)
		node[i] = end * fmin((i + 1) / 9.0, 1 - 1e-9);
	if (roots_find(&e, node, 9, &root, 1, &count) != GSL_SUCCESS)
		return GSL_NAN;
	if (count == 0)
		return end;
	struct params there = *p;
	there.gamma = root.x;
	if (dense_retrieval(average, &there, &r, &found) != GSL_SUCCESS || found != CONVERGED ||
	    r.stability < 1)
		return GSL_NAN;
	return root.x;
}

/* The same of the one-step state; the branch ends at `end` with *at_end. */
struct step_advantage {
	struct average *average;
	struct params p;
	double end;
	const struct one_step_solution *at_end;
	struct one_step_solution s,
		before;     /* the last solutions, status NONE: none yet; s may be a guess at first */
	double x, x_before; /* their loads */
};

static int step_advantage(void *ctx, double x, double *value)
{
	struct step_advantage *at = ctx;
	struct one_step_solution s = at->s;
	if (at->before.status == CONVERGED && at->x != at->x_before)
		blend(&s, &at->s, &at->before, (x - at->x) / (at->x_before - at->x));
	at->p.gamma = x;
	one_step_retrieval_near(cache_of(at->average)->rsb, &s, at->end, at->at_end, &at->p);
	*value = GSL_NAN;
	if (s.status != CONVERGED)
		return GSL_SUCCESS;
	at->before = isnan(at->x) ? s : at->s;
	at->x_before = isnan(at->x) ? x : at->x;
	at->s = s;
	at->x = x;
	int status = dense_competitor(at->average, &at->p, s.free_energy, value);
	*value -= s.free_energy;
	return status;
}

/* From x in the direction of the change of sign, the first time by `step`, then beyond where the last two
 * values lead to; at last between.  NaN if the branch ends before.  at->s becomes the solution there. */
static double follow_sign(struct step_advantage *at, double x, double step)
{
	const struct roots_event e = {.value = step_advantage, .ctx = at, .tolerance = 1e-10};
	struct roots_root root;
	double f, last = x;
	at->before.status = NONE;
	at->x = GSL_NAN;
	if (step_advantage(at, x, &f) != GSL_SUCCESS)
		return GSL_NAN;
	while (!isnan(f) && (x < at->end || f < 0) && x > 0) {
		const double f_last = f;
		last = x;
		x = f >= 0 ? fmin(x + step, at->end) : x - step;
		if (step_advantage(at, x, &f) != GSL_SUCCESS || isnan(f))
			return GSL_NAN;
		if ((f >= 0) != (f_last >= 0)) {
			double interval[2] = {fmin(last, x), fmax(last, x)};
			int found, status = roots_find(&e, interval, 2, &root, 1, &found);
			return status == GSL_SUCCESS && found ? root.x : GSL_NAN;
		}
		const double ahead = 1.05 * fabs(f * (x - last) / (f - f_last));
		step = fmin(fmax(ahead, step / 4), 4 * step);
	}
	return GSL_NAN;
}

/* Finds it without a known point nearby.  *s becomes the solution on the line. */
static double find_first_order(struct average *average, const struct params *p, double end,
                               const struct one_step_solution *at_end, struct one_step_solution *s)
{
	struct step_advantage at = {.average = average, .p = *p, .end = end, .at_end = at_end};
	const double x = first_guess(average, p);
	at.s.status = NONE;
	double gamma = isnan(x) ? GSL_NAN : follow_sign(&at, fmin(x, end), 0.002 * end);
	*s = at.s;
	return gamma;
}

/* The line at a rung. */
static void first_order_rung(struct average *average, struct ladder *ladder, int k)
{
	struct params p = ladder->p;
	p.T = ladder->T[k];
	if (!ladder->known_first[k])
		ladder->first[k] =
			find_first_order(average, &p, ladder->gamma[k], &ladder->s[k], &ladder->first_s[k]);
	ladder->known_first[k] = 1;
}

/* From the line at the rungs around T, if it is there; *s as above. */
static double follow_first_order(struct average *average, const struct params *p, double end)
{
	struct ladder *ladder = ladder_of(cache_of(average), p);
	struct step_advantage at = {.average = average, .p = *p, .end = end};
	const int k = rung_below(ladder, p->T);
	if (k < 0)
		return GSL_NAN;
	first_order_rung(average, ladder, k);
	at.s = ladder->first_s[k];
	double x = ladder->first[k], step = 0.002 * end;
	if (k + 1 < ladder->rungs) {
		first_order_rung(average, ladder, k + 1);
		const double t = (p->T - ladder->T[k]) / (ladder->T[k + 1] - ladder->T[k]);
		const double next = ladder->first[k + 1];
		if (!isnan(x) && !isnan(next)) {
			blend(&at.s, &ladder->first_s[k], &ladder->first_s[k + 1], t);
			x += t * (next - x);
			step = 1e-4 * end;
		}
	}
	return isnan(x) ? GSL_NAN : follow_sign(&at, fmin(x, end), step);
}

int dense_rsb_first_order_load(struct average *average, const struct params *p, double *gamma)
{
	struct one_step_solution s, there;
	double end;
	int status = dense_rsb_load(average, p, &end, &s);
	*gamma = GSL_NAN;
	if (status != GSL_SUCCESS || s.status != CONVERGED)
		return status;
	struct slot *slot = slot_of(cache_of(average), p);
	if (slot->known_first) {
		*gamma = slot->first_order;
		return GSL_SUCCESS;
	}
	*gamma = follow_first_order(average, p, end);
	if (isnan(*gamma))
		*gamma = find_first_order(average, p, end, &s, &there);
	slot = slot_of(cache_of(average), p); /* others have been asked for meanwhile */
	slot->first_order = *gamma;
	slot->known_first = 1;
	return GSL_SUCCESS;
}

/* ---------------------------------------------------------------- without retrieval */

/* Returns the temperature below which the one-step glass is unstable to a further step, at least 0.02 T_s. */
static double gardner_temperature(struct rsb *rsb, int P, double T_s)
{
	struct one_step_solution s;
	double low = 0.02 * T_s, high = T_s * (1 - 1e-9);
	for (int i = 0; i < 60 && high - low > 1e-15; i++) {
		double t = 0.5 * (low + high);
		if (one_step_glass(rsb, &s, P, t) != GSL_SUCCESS || s.status != CONVERGED)
			return GSL_NAN;
		*(s.gardner > 1 ? &low : &high) = t;
	}
	return 0.5 * (low + high);
}

int dense_glass(struct average *average, int P, struct dense_glass *out)
{
	struct cache *cache = cache_of(average);
	*out = (struct dense_glass){GSL_NAN, GSL_NAN, GSL_NAN};
	if (!cache)
		return GSL_ENOMEM;
	if (P < 3)
		return GSL_SUCCESS;
	if (P < ORDERS && cache->glass[P].T_d > 0) {
		*out = cache->glass[P];
		return GSL_SUCCESS;
	}
	int status = one_step_glass_transitions(P, &out->T_d, &out->T_s, NULL, NULL);
	if (status != GSL_SUCCESS)
		return status == GSL_ENOMEM ? status : GSL_SUCCESS;
	out->T_G = gardner_temperature(cache->rsb, P, out->T_s);
	if (P < ORDERS)
		cache->glass[P] = *out;
	return GSL_SUCCESS;
}

static double paramagnet(double T, double load)
{
	return T > 0 ? -T * M_LN2 - load / (4 * T) : 0; /* T = 0 without load */
}

int dense_competitor(struct average *average, const struct params *p, double f_retrieval, double *f)
{
	const double load = p->gamma * dense_noise(p).g;
	struct dense_glass glass;
	struct one_step_solution s;
	int status = dense_glass(average, p->P, &glass);
	*f = paramagnet(p->T, load);
	if (status != GSL_SUCCESS || !(load > 0) || p->T >= glass.T_s * sqrt(load))
		return status;
	/* The entropy of the glass is positive: its f lies above that at T_s, which is the paramagnet's. */
	*f = paramagnet(glass.T_s * sqrt(load), load);
	if (*f > f_retrieval)
		return GSL_SUCCESS;
	status = one_step_glass(cache_of(average)->rsb, &s, p->P, p->T / sqrt(load));
	*f = status == GSL_SUCCESS && s.status == CONVERGED ? sqrt(load) * s.free_energy : GSL_NAN;
	return status == GSL_ENOMEM ? status : GSL_SUCCESS;
}
