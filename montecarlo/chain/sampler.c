/* Heat bath, Metropolis and synchronous updates; contract in sampler.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/sampler.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 }; /* attempts whose random numbers are drawn together */

int sampler_init(struct sampler *s, const struct field_plan *plan, enum rule rule, enum order order,
                 struct rng_key key, double T)
{
	*s = (struct sampler){.rule = rule, .order = order, .chain = {.key = key, .T = T}};
	if (field_alloc(&s->field, plan))
		return -1;
	if (rule == SYNCHRONOUS && !(s->wanted = malloc((size_t)plan->N)))
		return -1;
	return 0;
}

void sampler_free(struct sampler *s)
{
	if (s->field)
		field_free(s->field);
	free(s->wanted);
	free(s->m);
	s->field = NULL;
	s->wanted = NULL;
	s->m = NULL;
}

int sampler_mean_field(struct sampler *s, struct tap *tap, int order)
{
	size_t N = (size_t)s->field->N;

	if (!(s->m = malloc(2 * N * sizeof *s->m)))
		return -1;
	s->before = s->m + N;
	for (size_t i = 0; i < N; i++)
		s->m[i] = s->before[i] = s->field->spin[i];
	s->rule = MEAN_FIELD;
	s->tap = tap;
	s->tap_order = order;
	return 0;
}

/* The attempts step0 .. step0+n-1 of the sweep: sites (one more, to look ahead; -1 after the end) and
 * thresholds. Heat bath: up iff 2h > T logit(u); Metropolis: reverse iff -dH > T ln(u). */
struct block {
	double threshold[BLOCK + 2];
	double coin[BLOCK + 2];
	int site[BLOCK + 2];
};

static void draw_thresholds(struct block *b, const struct sampler *s, uint32_t step0, int n)
{
	const struct chain *c = &s->chain;
	uint32_t odd = step0 & 1;
	double u[BLOCK + 3];

	rng_fill(u, c->key, c->sweep, step0 / 2, (int)(((uint32_t)n + odd + 1) / 2), RNG_SPIN);
	memcpy(b->coin, u + odd, (size_t)n * sizeof *u);
	if (c->T == 0)
		return;
	if (s->rule == METROPOLIS)
		rng_logs(u, n + (int)odd);
	else
		rng_logits(u, n + (int)odd);
	for (int k = 0; k < n; k++)
		b->threshold[k] = c->T * u[(uint32_t)k + odd];
}

static void draw_sites(struct block *b, const struct sampler *s, uint32_t step0, int n)
{
	const struct chain *c = &s->chain;
	uint32_t N = (uint32_t)s->field->N;

	for (uint32_t k = 0; k <= (uint32_t)n; k++) {
		uint32_t step = step0 + k;
		if (step == N)
			b->site[k] = -1;
		else if (s->order == SEQUENTIAL || s->rule == SYNCHRONOUS)
			b->site[k] = (int)step;
		else
			b->site[k] = (int)(rng_uniform(c->key, c->sweep, step, RNG_SITE) * N);
	}
}

/* Returns true if the spin in the field h is to be flipped. */
static bool reverse(const struct sampler *s, int spin, double h, double threshold, double coin)
{
	double gain = 2 * spin * h; /* energy change of the flip */

	if (s->chain.T > 0)
		return s->rule == METROPOLIS ? -gain > threshold : (2 * h > threshold) != (spin > 0);
	if (gain != 0)
		return gain < 0;
	return s->rule == METROPOLIS || (coin < 0.5) != (spin > 0);
}

static void attempt_block(struct sampler *s, const struct block *b, int n)
{
	struct field *f = s->field;

	for (int k = 0; k < n; k++) {
		int i = b->site[k];
		double h = field_local(f, i, b->site[k + 1]);
		bool flip = reverse(s, f->spin[i], h, b->threshold[k], b->coin[k]);
		if (s->rule == SYNCHRONOUS) {
			s->wanted[i] = flip;
		} else if (flip) {
			field_commit(f, i);
			s->chain.flips++;
		}
	}
}

static void commit_all(struct sampler *s)
{
	for (int i = 0; i < s->field->N; i++)
		if (s->wanted[i]) {
			field_commit(s->field, i);
			s->chain.flips++;
		}
}

/* Does a step of the magnetisations, (P11), and draws the spins from them. */
static void sweep_mean_field(struct sampler *s)
{
	struct chain *c = &s->chain;
	struct field *f = s->field;
	double u[BLOCK];

	c->flips = 0;
	tap_step(s->tap, s->m, s->before, c->T, s->tap_order);
	for (int i = 0; i < f->N; i++) {
		if (i % BLOCK == 0)
			rng_fill(u, c->key, c->sweep, (uint32_t)i / 2, BLOCK / 2, RNG_SPIN);
		if ((u[i % BLOCK] < 0.5 * (1 + s->m[i])) != (f->spin[i] > 0)) {
			field_commit(f, i);
			c->flips++;
		}
	}
	c->sweep++;
}

double sampler_attempts(const struct sampler *s)
{
	/* rows read between ticks; fixed cost of an attempt, in rows */
	static const double rows = 1 << 22, attempt = 200;

	return rows / (attempt + field_work(s->field->plan));
}

int sampler_sweep(struct sampler *s, const struct tick *tick)
{
	struct chain *c = &s->chain;
	uint32_t N = (uint32_t)s->field->N;
	double most = sampler_attempts(s), attempts = 0;
	uint32_t longest = most < 1 ? 1 : most < BLOCK ? (uint32_t)most : BLOCK;
	struct block b;

	if (s->rule == MEAN_FIELD) { /* not interruptible: takes a few milliseconds */
		if (tick_poll(tick))
			return 1;
		sweep_mean_field(s);
		return 0;
	}
	if (s->rule == SYNCHRONOUS)
		c->step = 0; /* nothing is flipped yet: repeats the same decisions */
	if (c->step == 0)
		c->flips = 0;
	while (c->step < N) {
		uint32_t n = N - c->step < longest ? N - c->step : longest;
		draw_thresholds(&b, s, c->step, (int)n);
		draw_sites(&b, s, c->step, (int)n);
		attempt_block(s, &b, (int)n);
		c->step += n;
		attempts += n;
		if (attempts >= most) {
			attempts = 0;
			if (tick_poll(tick) && c->step < N)
				return 1;
		}
	}
	if (s->rule == SYNCHRONOUS)
		commit_all(s);
	c->step = 0;
	c->sweep++;
	return 0;
}

/* --- saving: chain, spins, magnetisations */

static size_t magnetisations_size(const struct sampler *s)
{
	return s->m ? 2 * (size_t)s->field->N * sizeof *s->m : 0;
}

size_t sampler_saved_size(const struct sampler *s)
{
	return sizeof s->chain + field_saved_size(s->field) + magnetisations_size(s);
}

void sampler_save(const struct sampler *s, void *bytes)
{
	unsigned char *to = bytes;

	memcpy(to, &s->chain, sizeof s->chain);
	field_save(s->field, to + sizeof s->chain);
	if (s->m)
		memcpy(to + sizeof s->chain + field_saved_size(s->field), s->m, magnetisations_size(s));
}

void sampler_load(struct sampler *s, const void *bytes)
{
	const unsigned char *from = bytes;

	memcpy(&s->chain, from, sizeof s->chain);
	field_load(s->field, from + sizeof s->chain);
	if (s->m)
		memcpy(s->m, from + sizeof s->chain + field_saved_size(s->field), magnetisations_size(s));
}
