/* One disorder sample; the contract is in ensemble.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/ensemble.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/chain/ensemble_task.h"
#include "montecarlo/disorder/npy.h"
#include "montecarlo/disorder/share.h"
#include "montecarlo/chain/tempering.h"

static const double most_patterns = 1e9;

/* Where a task stands. */
struct position {
	uint64_t sweep; /* at this temperature */
	int point;      /* how many temperatures are done (tempering: 0) */
	int walker;     /* that sweeps next */
	int running;
};

struct ensemble {
	const struct protocol *protocol;
	struct task task;
	struct record_shape shape; /* of the answer */
	int condensed;             /* patterns followed, <= shape.patterns */
	int walkers;               /* replicas, times temperatures when tempering */
	struct quenched quenched;
	struct couplings couplings;
	struct field_plan *plan;
	struct tap *tap;         /* with Plefka's fields */
	struct tap_result *solution; /* [walkers], part of the state; TAP */
	struct sampler *sampler; /* [walkers] */
	int8_t *xi;              /* [condensed][N] */
	int32_t *sum;            /* [condensed][N] of the rows of the pattern */
	int8_t *first;           /* [walkers][N] where they started */
	double *m, *n;           /* [shape.patterns] scratch */
	double *energy, *T;      /* [points] scratch; temperatures */
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

static int solved(const struct protocol *protocol)
{
	return protocol->dynamics == DYNAMICS_TAP;
}

/* --- what a task is */

long ensemble_patterns(const struct params *p, struct fault *fault)
{
	double exact = p->K > 0 ? p->K : p->gamma / params_load(p, 1), K = nearbyint(exact);
	if (!(K <= most_patterns))
		return fault_set(fault, "K", "%.3g patterns are too many (at most %g)", exact, most_patterns);
	if (K < 1)
		return fault_set(fault, "gamma", "%.3g patterns at N = %g: that is none", exact, p->N);
	if (fabs(K - exact) > 0.2 * exact)
		return fault_set(fault, "gamma",
		                 "%.3g patterns at N = %g: rounding changes the load by more than 20 %%",
		                 exact, p->N);
	return (long)K;
}

int ensemble_condensed(const struct protocol *protocol, const struct params *p)
{
	struct params q = *p;
	struct fault fault;
	long K = ensemble_patterns(p, &fault);
	if (q.K > 0)
		q.gamma = 0;
	int C = network_patterns(protocol->network, &q);
	return K > 0 && C > K ? (int)K : C;
}

struct record_shape ensemble_shape(const struct protocol *protocol)
{
	return (struct record_shape){.patterns = protocol->patterns,
	                             .replicas = protocol->replicas,
	                             .histogram = protocol->histogram,
	                             .curve = protocol->curve,
	                             .spins = protocol->configurations ? protocol->spins : 0,
	                             .sites = protocol->magnetisations ? protocol->spins : 0,
	                             .solved = solved(protocol)};
}

static int describe(struct disorder *of, const struct protocol *protocol, const struct task *task, struct fault *fault)
{
	const struct params *p = task->p;
	long K = ensemble_patterns(p, fault);
	if (K < 0)
		return -1;
	*of = (struct disorder){.seed = protocol->seed,
	                        .sample = task->sample,
	                        .N = (int)p->N,
	                        .K = K,
	                        .M = p->M > 0 ? (int)p->M : 1,
	                        .r = p->r,
	                        .learning = p->learning,
	                        .stratified = protocol->stratified,
	                        .data = protocol->data};
	return 0;
}

int ensemble_prepare(struct quenched *q, struct couplings *c, const struct protocol *protocol, const struct task *task,
                     struct fault *fault)
{
	const struct params *p = task->p;
	struct disorder of;

	if (!(p->N >= 2 && p->N <= 1e9))
		return fault_set(fault, "N", "a simulation needs a number of spins N");
	if (p->N < p->P)
		return fault_set(fault, "N", "%g spins are fewer than the P = %d that interact", p->N, p->P);
	if (p->learning != STORAGE && p->M == 0 && p->rho > 0)
		return fault_set(fault, "M", "a simulation draws examples: it needs r and M, not rho alone");
	if (!protocol->network->couplings)
		return fault_set(fault, "network", "this network has no simulation");
	if (describe(&of, protocol, task, fault) != 0)
		return -1;
	struct params realised = *p;
	realised.K = (int)of.K;
	if (realised.M == 0) { /* storage, or r = 1: one example is the pattern */
		realised.M = 1;
		realised.r = 1;
	}
	if (protocol->network->couplings(&realised, c, fault) != 0)
		return -1;
	of.d = c->dilution;
	if (quenched_shape(q, &of, fault) != 0 || start_check(protocol->start, &of, ensemble_condensed(protocol, p), fault) != 0)
		return -1;
	c->diagonal |= protocol->diagonal;
	if (protocol->replicas < 1 || protocol->replicas > RECORD_REPLICAS)
		return fault_set(fault, "replicas", "must be from 1 to %d", RECORD_REPLICAS);
	for (int k = 0; k < task->points && (tempered(protocol) || protocol->plefka); k++)
		if (task->p[k].T <= 0)
			return fault_set(fault, "T",
			                 tempered(protocol) ? "tempering needs temperatures above 0"
			                                    : "field: plefka needs a temperature above 0");
	return protocol->plefka ? tap_check(q, c, fault) : 0;
}

int ensemble_walkers(const struct protocol *protocol, const struct task *task)
{
	return protocol->replicas * (tempered(protocol) ? task->points : 1);
}

static size_t ladder_bytes_of(const struct protocol *protocol, const struct task *task)
{
	size_t n = (size_t)task->points;
	return tempered(protocol) ? n * (3 * sizeof(uint64_t) + sizeof(int) + sizeof(int8_t)) + sizeof(uint64_t) + 8 : 0;
}

/* --- setting up */

/* The key of a chain, by values: P, N, K, r, M, d, learning, then T (tempering: the walker's number). */
static struct rng_key chain_key(const struct ensemble *e, double T, int replica, int rung)
{
	const struct params *p = e->task.p;
	const struct disorder *of = &e->quenched.of;
	double value[] = {p->P, of->N, (double)of->K, of->r, of->M, of->d, of->learning, e->couplings.diagonal,
	                  tempered(e->protocol) ? -1 - rung : T};
	return rng_dynamics(e->protocol->seed, value, (int)(sizeof value / sizeof value[0]), e->task.sample,
	                    (uint64_t)(e->protocol->first + replica));
}

/* Temperatures in the order of the task's walk: annealing cools. */
static int point_at(const struct ensemble *e, int k)
{
	int up = e->task.p[0].T < e->task.p[e->task.points - 1].T;
	return e->protocol->dynamics == DYNAMICS_ANNEALING && up ? e->task.points - 1 - k : k;
}

static int rung_of(const struct ensemble *e, int walker)
{
	return tempered(e->protocol) ? walker % e->task.points : point_at(e, 0);
}

static int replica_of(const struct ensemble *e, int walker)
{
	return tempered(e->protocol) ? walker / e->task.points : walker;
}

static void lay_out_ladder(struct ensemble *e, int replica)
{
	struct tempering *t = &e->ladder[replica];
	size_t n = (size_t)e->task.points;
	unsigned char *at = e->rungs + (size_t)replica * e->ladder_bytes;
	t->trips = (uint64_t *)(void *)(at + sizeof(uint64_t)); /* the first word keeps the round */
	t->attempts = t->trips + n;
	t->accepted = t->attempts + n;
	t->walker = (int *)(void *)(t->accepted + n);
	t->touched = (int8_t *)(t->walker + n);
	tempering_init(t, (int)n, e->T, chain_key(e, -1, replica, (int)n));
}

static int take_memory(struct ensemble *e)
{
	const struct protocol *protocol = e->protocol;
	size_t N = (size_t)e->quenched.N, patterns = (size_t)e->shape.patterns, points = (size_t)e->task.points;
	size_t replicas = (size_t)protocol->replicas, walkers = (size_t)e->walkers;

	e->record_bytes = record_bytes(&e->shape);
	e->ladder_bytes = (ladder_bytes_of(protocol, &e->task) + 7) / 8 * 8;
	e->sampler = calloc(walkers, sizeof *e->sampler);
	e->xi = malloc((size_t)e->condensed * N);
	e->sum = calloc((size_t)e->condensed * N, sizeof *e->sum);
	e->first = malloc(walkers * N);
	e->m = calloc(2 * patterns, sizeof *e->m);
	e->energy = malloc(2 * points * sizeof *e->energy);
	e->ladder = calloc(replicas, sizeof *e->ladder);
	e->solution = calloc(walkers, sizeof *e->solution);
	e->record = calloc(points, e->record_bytes);
	e->rungs = calloc(replicas, e->ladder_bytes + 1);
	if (!e->sampler || !e->xi || !e->sum || !e->first || !e->m || !e->energy || !e->ladder || !e->record ||
	    !e->rungs || !e->solution)
		return -1;
	e->n = e->m + patterns;
	for (size_t mu = (size_t)e->condensed; mu < patterns; mu++)
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
		struct rng_key key = chain_key(e, T, replica_of(e, w), rung_of(e, w));
		int8_t *first = e->first + (size_t)w * (size_t)e->quenched.N;
		if (sampler_init(&e->sampler[w], e->plan, rule, protocol->order, key, T) != 0)
			return fault_set(fault, "N", "no memory for the chains");
		if (start_make(first, protocol->start, protocol->corruption, &e->quenched, e->condensed, key, fault) != 0)
			return -1;
		field_init(e->sampler[w].field, first);
		if (e->tap && sampler_mean_field(&e->sampler[w], e->tap, protocol->plefka) != 0)
			return fault_set(fault, "N", "no memory for the magnetisations");
	}
	for (int r = 0; r < protocol->replicas && tempered(protocol); r++)
		lay_out_ladder(e, r);
	return 0;
}

/* Pattern mu and the sums of its rows, by which a measurement of n costs as much as one of m. */
static int follow(struct ensemble *e, int mu)
{
	const struct quenched *q = &e->quenched;
	const size_t first = (size_t)mu * (size_t)q->N;

	for (int i = 0; i < q->N; i++)
		for (long a = 0; a < q->rows_per_pattern; a++)
			e->sum[first + (size_t)i] += quenched_entry(q, mu * (long)q->rows_per_pattern + a, i);
	return quenched_pattern(q, mu, e->xi + first);
}

static int set_up(struct ensemble *e, struct fault *fault)
{
	const struct protocol *protocol = e->protocol;

	if (ensemble_prepare(&e->quenched, &e->couplings, protocol, &e->task, fault) != 0)
		return -1;
	e->walkers = ensemble_walkers(protocol, &e->task);
	e->condensed = ensemble_condensed(protocol, e->task.p);
	if (e->condensed > e->shape.patterns)
		e->condensed = e->shape.patterns;
	if (take_memory(e) != 0)
		return fault_set(fault, "N", "no memory for the chains");
	if (share_fill(protocol->share, &e->quenched, fault) != 0 ||
	    field_plan_alloc(&e->plan, &e->quenched, &e->couplings, protocol->kernel, fault) != 0 ||
	    (protocol->plefka && tap_alloc(&e->tap, &e->quenched, &e->couplings, fault) != 0))
		return -1;
	for (int mu = 0; mu < e->condensed; mu++)
		if (follow(e, mu) != 0)
			return fault_set(fault, "N", "no memory for the patterns");
	for (int k = 0; k < e->task.points; k++)
		e->T[k] = e->task.p[k].T;
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
	e->task = *task;
	e->shape = ensemble_shape(protocol);
	if (set_up(e, fault) != 0) {
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
	share_release(e->protocol->share, &e->quenched);
	free(e->sampler);
	free(e->xi);
	free(e->sum);
	free(e->first);
	free(e->m);
	free(e->energy);
	free(e->ladder);
	free(e->solution);
	free(e->record);
	free(e->rungs);
	free(e);
}

/* --- measuring */

static double dot(const int8_t *a, const int8_t *b, int N)
{
	long sum = 0;
	for (int i0 = 0; i0 < N; i0 += 1 << 16) { /* in pieces that an int holds */
		int piece = 0, end = N - i0 < 1 << 16 ? N : i0 + (1 << 16);
		for (int i = i0; i < end; i++)
			piece += a[i] * b[i];
		sum += piece;
	}
	return (double)sum;
}

static void order_parameters(struct ensemble *e, const int8_t *spin)
{
	const struct quenched *q = &e->quenched;

	for (int mu = 0; mu < e->condensed; mu++) {
		const int32_t *row = e->sum + (size_t)mu * (size_t)q->N;
		int64_t sum = 0;
		for (int i = 0; i < q->N; i++)
			sum += row[i] * spin[i];
		e->m[mu] = dot(e->xi + (size_t)mu * (size_t)q->N, spin, q->N) / q->N;
		e->n[mu] = e->couplings.signal * q->unit * (double)sum / q->rows_per_pattern / q->N;
	}
}

/* The walker that is at temperature `point` in a replica. */
static struct sampler *sampler_at(const struct ensemble *e, int replica, int point)
{
	int w = tempered(e->protocol) ? replica * e->task.points + e->ladder[replica].walker[point] : replica;
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
	int N = e->quenched.N, counts = e->at.sweep > protocol->burn_in;

	for (int r = 0; r < protocol->replicas; r++) {
		struct field *f = field_at(e, r, point);
		if (watched(protocol) && e->at.sweep > 0)
			record_watch(record, &e->shape, r, dot(e->first + (size_t)r * (size_t)N, f->spin, N) / N, N,
			             counts);
		if (!counts && e->at.sweep >= (uint64_t)protocol->curve)
			continue;
		order_parameters(e, f->spin);
		if (e->at.sweep < (uint64_t)protocol->curve)
			record_curve(record, &e->shape, (int64_t)e->at.sweep, e->m);
		if (!counts)
			continue;
		record_chain(record, &e->shape, r, e->m, e->n, field_energy(f) / N);
		record_sites(record, &e->shape, r, f->spin, N);
		if (r % 2 == 1)
			record_pair(record, &e->shape, r / 2, dot(field_at(e, r - 1, point)->spin, f->spin, N) / N);
	}
}

static void count_flips(struct ensemble *e, int point)
{
	for (int r = 0; r < e->protocol->replicas && e->at.sweep > e->protocol->burn_in; r++)
		record_flips(e->record + (size_t)point * e->record_bytes, &e->shape, r, sampler_at(e, r, point)->chain.flips,
		             (uint64_t)e->quenched.N);
}

/* Does a thing at the temperature that the chains are at, or at all of the ladder. */
static void at_each_point(struct ensemble *e, void (*thing)(struct ensemble *, int point))
{
	if (!tempered(e->protocol))
		thing(e, point_at(e, e->at.point));
	for (int k = 0; k < e->task.points && tempered(e->protocol); k++)
		thing(e, k);
}

/* --- running */

static void exchange(struct ensemble *e)
{
	int n = e->task.points;
	for (int r = 0; r < e->protocol->replicas; r++) {
		for (int w = 0; w < n; w++)
			e->energy[w] = field_energy(e->sampler[r * n + w].field);
		tempering_exchange(&e->ladder[r], e->energy);
		for (int k = 0; k < n; k++)
			e->sampler[r * n + e->ladder[r].walker[k]].chain.T = e->T[k];
	}
}

/* The next temperature of an annealing, or the end. */
static void next_point(struct ensemble *e)
{
	if (e->protocol->dynamics != DYNAMICS_ANNEALING || e->at.point == e->task.points - 1) {
		e->at.running = 0;
		return;
	}
	e->at.sweep = 0;
	e->at.point++;
	for (int w = 0; w < e->walkers; w++) {
		double T = e->T[point_at(e, e->at.point)];
		e->sampler[w].chain = (struct chain){.key = chain_key(e, T, w, 0), .T = T};
	}
}

/* TAP: one start after another. */
static int solve(struct ensemble *e, const struct tick *tick)
{
	const struct protocol *protocol = e->protocol;
	const struct tap_options options = {.order = protocol->plefka,
	                                    .damping = protocol->damping,
	                                    .tolerance = protocol->tolerance,
	                                    .iterations = (long)protocol->sweeps};
	for (; e->at.walker < e->walkers; e->at.walker++) {
		struct sampler *s = &e->sampler[e->at.walker];
		if (tap_solve(e->tap, &e->solution[e->at.walker], s->m, s->before, s->chain.T, &options, tick))
			return 1;
	}
	e->at.running = 0;
	return 0;
}

int ensemble_run(struct ensemble *e, const struct tick *tick)
{
	const struct protocol *protocol = e->protocol;
	if (solved(protocol))
		return e->at.running ? solve(e, tick) : 0;
	double ticks = 0, round = (double)e->walkers * e->quenched.N / sampler_attempts(&e->sampler[0]);

	while (e->at.running) {
		if (e->at.sweep == 0 && e->at.walker == 0 && e->sampler[0].chain.step == 0 && protocol->curve > 0)
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
	double temperatures = e->protocol->dynamics == DYNAMICS_ANNEALING ? e->task.points : 1;
	double sweeps = (double)e->protocol->burn_in + (double)e->protocol->sweeps;
	if (solved(e->protocol) && e->at.running)
		return (e->at.walker + (double)e->solution[e->at.walker].iterations / (sweeps + 1)) / e->walkers;
	double here = e->at.running ? ((double)e->at.sweep + (double)e->at.walker / e->walkers) / sweeps : 0;
	return e->at.running ? (e->at.point + here) / temperatures : 1;
}

/* --- the answer */

static void answer_spins(const struct ensemble *e, int point, double *answer)
{
	size_t words = ((size_t)e->shape.spins + 63) / 64;
	for (int r = 0; r < e->protocol->replicas; r++) {
		const int8_t *spin = field_at(e, r, point)->spin;
		for (size_t k = 0; k < words; k++) {
			uint64_t word = 0;
			for (size_t i = 64 * k; i < 64 * (k + 1) && i < (size_t)e->quenched.N; i++)
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
	answer[ANSWER_EXCHANGE] = attempts > 0 ? accepted / attempts : NAN;
	answer[ANSWER_ROUND_TRIPS] = trips / e->protocol->replicas;
}

/* m and n of the patterns at magnetisations. */
static void overlaps_of(const struct ensemble *e, const double *magnetisation, double *m, double *n)
{
	const int N = e->quenched.N;
	const double unit = e->couplings.signal * e->quenched.unit;

	for (long mu = 0; mu < e->shape.patterns; mu++) {
		bool known = mu < e->condensed;
		m[mu] = n[mu] = known ? 0 : NAN;
		for (int i = 0; i < N && known; i++) {
			m[mu] += e->xi[mu * N + i] * magnetisation[i] / N;
			n[mu] += unit * e->sum[mu * N + i] / e->quenched.rows_per_pattern * magnetisation[i] / N;
		}
	}
}

static void answer_solutions(const struct ensemble *e, double *answer)
{
	for (int w = 0; w < e->walkers; w++) {
		const struct tap_result *r = &e->solution[w];
		double *solution = answer + record_offset_solution(&e->shape, w), *m = solution + SOLUTION_M;
		double *magnetisation = answer + record_offset_magnetisations(&e->shape, w);
		solution[SOLUTION_CONVERGED] = r->converged;
		solution[SOLUTION_ITERATIONS] = (double)r->iterations;
		solution[SOLUTION_RESIDUAL] = r->residual;
		solution[SOLUTION_Q] = r->q;
		solution[SOLUTION_FREE_ENERGY] = r->free_energy;
		solution[SOLUTION_ENERGY] = r->energy;
		overlaps_of(e, e->sampler[w].m, m, m + e->shape.patterns);
		for (int i = 0; i < e->shape.sites; i++)
			magnetisation[i] = i < e->quenched.N ? e->sampler[w].m[i] : NAN;
	}
	record_solutions(answer, &e->shape);
}

void ensemble_answer(const struct ensemble *e, double *answer)
{
	size_t N = (size_t)e->quenched.N;
	for (int k = 0; k < e->task.points; k++, answer += record_width(&e->shape)) {
		if (e->shape.solved)
			answer_solutions(e, answer);
		else
			record_answer(answer, e->record + (size_t)k * e->record_bytes, &e->shape, e->protocol->burn_in,
			              (double)N);
		answer[ANSWER_K] = (double)e->quenched.of.K;
		answer[ANSWER_GAMMA] = params_load(e->task.p, (double)e->quenched.of.K);
		if (e->couplings.retrieval != 0)
			answer[ANSWER_P_OF_N] = e->couplings.retrieval / e->couplings.signal;
		if (tempered(e->protocol))
			answer_ladders(e, k, answer);
		for (int mu = 0; mu < e->condensed; mu++)
			answer[record_offset_norm(&e->shape, mu)] = dot(e->xi + (size_t)mu * N, e->xi + (size_t)mu * N, (int)N) /
			                                            (double)N;
		if (e->shape.spins)
			answer_spins(e, k, answer + record_offset_spins(&e->shape));
	}
}

const void *ensemble_record(const struct ensemble *e, int k)
{
	return e->record + (size_t)k * e->record_bytes;
}

/* --- saving: position, ladders, records, solutions, then every walker */

size_t ensemble_saved_size(const struct ensemble *e)
{
	return sizeof e->at + (size_t)e->protocol->replicas * e->ladder_bytes +
	       (size_t)e->task.points * e->record_bytes + (size_t)e->walkers * sizeof *e->solution +
	       (size_t)e->walkers * sampler_saved_size(&e->sampler[0]);
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
		memcpy(e->rungs + (size_t)r * e->ladder_bytes, &e->ladder[r].round, sizeof e->ladder[r].round);
	to = copy(to, e->rungs, (size_t)e->protocol->replicas * e->ladder_bytes);
	to = copy(to, e->record, (size_t)e->task.points * e->record_bytes);
	to = copy(to, e->solution, (size_t)e->walkers * sizeof *e->solution);
	for (int w = 0; w < e->walkers; w++, to += sampler_saved_size(&e->sampler[0]))
		sampler_save(&e->sampler[w], to);
}

void ensemble_load(struct ensemble *e, const void *bytes)
{
	const unsigned char *from = bytes;
	size_t ladders = (size_t)e->protocol->replicas * e->ladder_bytes;
	size_t records = (size_t)e->task.points * e->record_bytes;

	memcpy(&e->at, from, sizeof e->at);
	from += sizeof e->at;
	memcpy(e->rungs, from, ladders);
	from += ladders;
	memcpy(e->record, from, records);
	from += records;
	for (int r = 0; r < e->protocol->replicas && tempered(e->protocol); r++)
		memcpy(&e->ladder[r].round, e->rungs + (size_t)r * e->ladder_bytes, sizeof e->ladder[r].round);
	memcpy(e->solution, from, (size_t)e->walkers * sizeof *e->solution);
	from += (size_t)e->walkers * sizeof *e->solution;
	e->at.running = e->at.running || e->at.sweep < e->protocol->burn_in + e->protocol->sweeps; /* asked for more */
	if (solved(e->protocol))
		e->at.walker = 0; /* those that are solved take no time */
	for (int w = 0; w < e->walkers; w++, from += sampler_saved_size(&e->sampler[0]))
		sampler_load(&e->sampler[w], from);
}
