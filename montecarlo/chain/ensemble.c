/* The chains of a task; contract in ensemble.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/ensemble.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/chain/instance.h"
#include "montecarlo/chain/tap.h"
#include "montecarlo/chain/tempering.h"

/* The progress of a task. */
struct position {
	uint64_t sweep; /* at this temperature */
	int point;      /* number of temperatures done (tempering: 0) */
	int walker;     /* the next to sweep */
	int running;
};

struct ensemble {
	struct instance instance;
	const struct protocol *protocol; /* as in the instance */
	struct record_shape shape;       /* as in the instance */
	int N, points;                   /* spins, temperatures */
	int walkers;                     /* replicas, times temperatures when tempering */
	struct field_plan *plan;
	struct tap *tap;          /* with Plefka's fields */
	struct sampler *sampler;  /* [walkers] */
	int8_t *first;            /* [walkers][N] starting configurations */
	double *m, *n;            /* [shape.patterns] scratch */
	double *energy, *T;       /* [points] scratch; temperatures */
	struct tempering *ladder; /* [replicas], tempering */

	/* the state, with the chains and fields of the samplers */
	struct position at;
	size_t record_bytes, ladder_bytes;
	unsigned char *record; /* [points][record_bytes] */
	unsigned char *rungs;  /* [replicas][ladder_bytes] */
};

static int tempered(const struct protocol *protocol)
{
	return protocol->dynamics == DYNAMICS_TEMPERING;
}

static size_t ladder_bytes_of(const struct ensemble *e)
{
	size_t n = (size_t)e->points;
	return tempered(e->protocol)
	               ? n * (3 * sizeof(uint64_t) + sizeof(int) + sizeof(int8_t)) + sizeof(uint64_t) + 8
	               : 0;
}

/* --- setting up */

/* Temperatures in the order of the task's walk: annealing cools. */
static int point_at(const struct ensemble *e, int k)
{
	int up = e->T[0] < e->T[e->points - 1];
	return e->protocol->dynamics == DYNAMICS_ANNEALING && up ? e->points - 1 - k : k;
}

static int rung_of(const struct ensemble *e, int walker)
{
	return tempered(e->protocol) ? walker % e->points : point_at(e, 0);
}

static int replica_of(const struct ensemble *e, int walker)
{
	return tempered(e->protocol) ? walker / e->points : walker;
}

static void lay_out_ladder(struct ensemble *e, int replica)
{
	struct tempering *t = &e->ladder[replica];
	size_t n = (size_t)e->points;
	unsigned char *at = e->rungs + (size_t)replica * e->ladder_bytes;
	t->trips = (uint64_t *)(void *)(at + sizeof(uint64_t)); /* the first word holds the round */
	t->attempts = t->trips + n;
	t->accepted = t->attempts + n;
	t->walker = (int *)(void *)(t->accepted + n);
	t->touched = (int8_t *)(t->walker + n);
	tempering_init(t, (int)n, e->T, instance_key(&e->instance, -1 - (double)n, replica));
}

static int take_memory(struct ensemble *e)
{
	const struct protocol *protocol = e->protocol;
	size_t N = (size_t)e->N, patterns = (size_t)e->shape.patterns, points = (size_t)e->points;
	size_t replicas = (size_t)protocol->replicas, walkers = (size_t)e->walkers;

	e->record_bytes = record_bytes(&e->shape);
	e->ladder_bytes = (ladder_bytes_of(e) + 7) / 8 * 8;
	e->sampler = calloc(walkers, sizeof *e->sampler);
	e->first = malloc(walkers * N);
	e->m = calloc(2 * patterns, sizeof *e->m);
	e->energy = malloc(2 * points * sizeof *e->energy);
	e->ladder = calloc(replicas, sizeof *e->ladder);
	e->record = calloc(points, e->record_bytes);
	e->rungs = calloc(replicas, e->ladder_bytes + 1);
	if (!e->sampler || !e->first || !e->m || !e->energy || !e->ladder || !e->record || !e->rungs)
		return -1;
	e->n = e->m + patterns;
	for (size_t mu = (size_t)e->instance.condensed; mu < patterns; mu++)
		e->m[mu] = e->n[mu] = NAN;
	e->T = e->energy + points;
	return 0;
}

static int start_walkers(struct ensemble *e, struct fault *fault)
{
	const struct protocol *protocol = e->protocol;
	enum rule rule = protocol->dynamics == DYNAMICS_METROPOLIS ? METROPOLIS
	                 : protocol->dynamics == DYNAMICS_PARALLEL ? SYNCHRONOUS
	                                                           : HEAT_BATH;
	for (int w = 0; w < e->walkers; w++) {
		double T = e->T[rung_of(e, w)];
		struct rng_key key = instance_key(&e->instance, tempered(protocol) ? -1 - rung_of(e, w) : T,
		                                  replica_of(e, w));
		int8_t *first = e->first + (size_t)w * (size_t)e->N;
		if (sampler_init(&e->sampler[w], e->plan, rule, protocol->order, key, T) != 0)
			return fault_set(fault, "N", "no memory for the chains");
		if (start_make(first, protocol->start, protocol->corruption, &e->instance.quenched,
		               e->instance.condensed, key, fault) != 0)
			return -1;
		field_init(e->sampler[w].field, first);
		if (e->tap && sampler_mean_field(&e->sampler[w], e->tap, protocol->plefka) != 0)
			return fault_set(fault, "N", "no memory for the magnetisations");
	}
	for (int r = 0; r < protocol->replicas && tempered(protocol); r++)
		lay_out_ladder(e, r);
	return 0;
}

static int set_up(struct ensemble *e, const struct task *task, struct fault *fault)
{
	const struct protocol *protocol = e->protocol;
	struct instance *x = &e->instance;

	if (instance_init(x, protocol, task, fault) != 0)
		return -1;
	e->N = x->quenched.N;
	e->points = task->points;
	e->shape = x->shape;
	e->walkers = task_walkers(protocol, task);
	if (take_memory(e) != 0)
		return fault_set(fault, "N", "no memory for the chains");
	if (field_plan_alloc(&e->plan, &x->quenched, &x->couplings, protocol->kernel, fault) != 0 ||
	    (protocol->plefka && tap_alloc(&e->tap, &x->quenched, &x->couplings, fault) != 0))
		return -1;
	for (int k = 0; k < e->points; k++)
		e->T[k] = task->p[k].T;
	e->at.running = 1;
	return start_walkers(e, fault);
}

int ensemble_alloc(struct ensemble **ensemble, const struct protocol *protocol, const struct task *task,
                   struct fault *fault)
{
	struct ensemble *e = *ensemble = calloc(1, sizeof *e);
	if (!e)
		return fault_set(fault, "N", "no memory");
	e->protocol = protocol;
	if (set_up(e, task, fault) != 0) {
		ensemble_free(e);
		*ensemble = NULL;
		return -1;
	}
	return 0;
}

void ensemble_free(struct ensemble *e)
{
	if (!e)
		return;
	for (int w = 0; e->sampler && w < e->walkers; w++)
		sampler_free(&e->sampler[w]);
	field_plan_free(e->plan);
	tap_free(e->tap);
	instance_free(&e->instance);
	free(e->sampler);
	free(e->first);
	free(e->m);
	free(e->energy);
	free(e->ladder);
	free(e->record);
	free(e->rungs);
	free(e);
}

/* --- measuring */

/* Returns the walker of a replica that is at temperature `point`. */
static struct sampler *sampler_at(const struct ensemble *e, int replica, int point)
{
	int w = tempered(e->protocol) ? replica * e->points + e->ladder[replica].walker[point] : replica;
	return &e->sampler[w];
}

static struct field *field_at(const struct ensemble *e, int replica, int point)
{
	return sampler_at(e, replica, point)->field;
}

static int watched(const struct protocol *protocol)
{
	return protocol->start != START_RANDOM && protocol->dynamics <= DYNAMICS_PARALLEL;
}

static void measure(struct ensemble *e, int point)
{
	const struct protocol *protocol = e->protocol;
	void *record = e->record + (size_t)point * e->record_bytes;
	int N = e->N, counts = e->at.sweep > protocol->burn_in;

	for (int r = 0; r < protocol->replicas; r++) {
		struct field *f = field_at(e, r, point);
		if (watched(protocol) && e->at.sweep > 0)
			record_watch(record, &e->shape, r,
			             instance_dot(e->first + (size_t)r * (size_t)N, f->spin, N) / N, N,
			             counts);
		if (!counts && e->at.sweep >= (uint64_t)protocol->curve)
			continue;
		instance_overlaps(e->m, e->n, &e->instance, f->spin);
		if (e->at.sweep < (uint64_t)protocol->curve)
			record_curve(record, &e->shape, (int64_t)e->at.sweep, e->m);
		if (!counts)
			continue;
		record_chain(record, &e->shape, r, e->m, e->n, field_energy(f) / N);
		record_sites(record, &e->shape, r, f->spin, N);
		if (r % 2 == 1)
			record_pair(record, &e->shape, r / 2,
			            instance_dot(field_at(e, r - 1, point)->spin, f->spin, N) / N);
	}
}

static void count_flips(struct ensemble *e, int point)
{
	for (int r = 0; r < e->protocol->replicas && e->at.sweep > e->protocol->burn_in; r++)
		record_flips(e->record + (size_t)point * e->record_bytes, &e->shape, r,
		             sampler_at(e, r, point)->chain.flips, (uint64_t)e->N);
}

/* Calls the function for the current temperature, or for all temperatures of the ladder. */
static void at_each_point(struct ensemble *e, void (*thing)(struct ensemble *, int point))
{
	if (!tempered(e->protocol))
		thing(e, point_at(e, e->at.point));
	for (int k = 0; k < e->points && tempered(e->protocol); k++)
		thing(e, k);
}

/* --- running */

static void exchange(struct ensemble *e)
{
	int n = e->points;
	for (int r = 0; r < e->protocol->replicas; r++) {
		for (int w = 0; w < n; w++)
			e->energy[w] = field_energy(e->sampler[r * n + w].field);
		tempering_exchange(&e->ladder[r], e->energy);
		for (int k = 0; k < n; k++)
			e->sampler[r * n + e->ladder[r].walker[k]].chain.T = e->T[k];
	}
}

/* Moves on to the next temperature of an annealing, or ends the run. */
static void next_point(struct ensemble *e)
{
	if (e->protocol->dynamics != DYNAMICS_ANNEALING || e->at.point == e->points - 1) {
		e->at.running = 0;
		return;
	}
	e->at.sweep = 0;
	e->at.point++;
	for (int w = 0; w < e->walkers; w++) {
		double T = e->T[point_at(e, e->at.point)];
		e->sampler[w].chain = (struct chain){.key = instance_key(&e->instance, T, w), .T = T};
	}
}

int ensemble_run(struct ensemble *e, const struct tick *tick)
{
	const struct protocol *protocol = e->protocol;
	double ticks = 0, round = (double)e->walkers * e->N / sampler_attempts(&e->sampler[0]);

	while (e->at.running) {
		if (e->at.sweep == 0 && e->at.walker == 0 && e->sampler[0].chain.step == 0 &&
		    protocol->curve > 0)
			at_each_point(e, measure);
		for (; e->at.walker < e->walkers; e->at.walker++)
			if (sampler_sweep(&e->sampler[e->at.walker], tick))
				return 1;
		e->at.walker = 0;
		e->at.sweep++;
		at_each_point(e, count_flips);
		if (tempered(protocol))
			exchange(e);
		at_each_point(e, measure);
		if (e->at.sweep == protocol->burn_in + protocol->sweeps)
			next_point(e);
		ticks += round;
		if (ticks >= 1) {
			ticks = 0;
			if (tick_poll(tick) && e->at.running)
				return 1;
		}
	}
	return 0;
}

double ensemble_done(const struct ensemble *e)
{
	double temperatures = e->protocol->dynamics == DYNAMICS_ANNEALING ? e->points : 1;
	double sweeps = (double)e->protocol->burn_in + (double)e->protocol->sweeps;
	double here = e->at.running ? ((double)e->at.sweep + (double)e->at.walker / e->walkers) / sweeps : 0;
	return e->at.running ? (e->at.point + here) / temperatures : 1;
}

/* --- the result */

static void answer_spins(const struct ensemble *e, int point, double *answer)
{
	size_t words = ((size_t)e->shape.spins + 63) / 64;
	for (int r = 0; r < e->protocol->replicas; r++) {
		const int8_t *spin = field_at(e, r, point)->spin;
		for (size_t k = 0; k < words; k++) {
			uint64_t word = 0;
			for (size_t i = 64 * k; i < 64 * (k + 1) && i < (size_t)e->N; i++)
				word |= (uint64_t)(spin[i] > 0) << (i % 64);
			memcpy(answer + (size_t)r * words + k, &word, sizeof word);
		}
	}
}

static void answer_ladders(const struct ensemble *e, int point, double *answer)
{
	double attempts = 0, accepted = 0, trips = 0;
	for (int r = 0; r < e->protocol->replicas; r++) {
		attempts += (double)e->ladder[r].attempts[point];
		accepted += (double)e->ladder[r].accepted[point];
		trips += tempering_round_trips(&e->ladder[r]);
	}
	answer[RESULT_EXCHANGE] = attempts > 0 ? accepted / attempts : NAN;
	answer[RESULT_ROUND_TRIPS] = trips / e->protocol->replicas;
}

void ensemble_result(const struct ensemble *e, double *result)
{
	for (int k = 0; k < e->points; k++, result += record_width(&e->shape)) {
		record_result(result, ensemble_record(e, k), &e->shape, e->protocol->burn_in, e->N);
		instance_result(&e->instance, result);
		if (tempered(e->protocol))
			answer_ladders(e, k, result);
		if (e->shape.spins)
			answer_spins(e, k, result + record_offset_spins(&e->shape));
	}
}

const void *ensemble_record(const struct ensemble *e, int k)
{
	return e->record + (size_t)k * e->record_bytes;
}

/* --- saving: position, ladders, records, then every walker */

size_t ensemble_saved_size(const struct ensemble *e)
{
	return sizeof e->at + (size_t)e->protocol->replicas * e->ladder_bytes +
	       (size_t)e->points * e->record_bytes + (size_t)e->walkers * sampler_saved_size(&e->sampler[0]);
}

static unsigned char *copy(unsigned char *to, const void *from, size_t n)
{
	memcpy(to, from, n);
	return to + n;
}

void ensemble_save(const struct ensemble *e, void *bytes)
{
	unsigned char *to = copy(bytes, &e->at, sizeof e->at);
	for (int r = 0; r < e->protocol->replicas && tempered(e->protocol); r++)
		memcpy(e->rungs + (size_t)r * e->ladder_bytes, &e->ladder[r].round,
		       sizeof e->ladder[r].round);
	to = copy(to, e->rungs, (size_t)e->protocol->replicas * e->ladder_bytes);
	to = copy(to, e->record, (size_t)e->points * e->record_bytes);
	for (int w = 0; w < e->walkers; w++, to += sampler_saved_size(&e->sampler[0]))
		sampler_save(&e->sampler[w], to);
}

void ensemble_load(struct ensemble *e, const void *bytes)
{
	const unsigned char *from = bytes;
	size_t ladders = (size_t)e->protocol->replicas * e->ladder_bytes;
	size_t records = (size_t)e->points * e->record_bytes;

	memcpy(&e->at, from, sizeof e->at);
	from += sizeof e->at;
	memcpy(e->rungs, from, ladders);
	from += ladders;
	memcpy(e->record, from, records);
	from += records;
	for (int r = 0; r < e->protocol->replicas && tempered(e->protocol); r++)
		memcpy(&e->ladder[r].round, e->rungs + (size_t)r * e->ladder_bytes,
		       sizeof e->ladder[r].round);
	e->at.running = e->at.running ||
	                /* more sweeps were requested */
	                e->at.sweep < e->protocol->burn_in + e->protocol->sweeps;
	for (int w = 0; w < e->walkers; w++, from += sampler_saved_size(&e->sampler[0]))
		sampler_load(&e->sampler[w], from);
}
