/* Records of chains; contract in record.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/statistics/record.h"

#include <math.h>
#include <string.h>

/* --- layout of the result */

static size_t series_index(const struct record_shape *s, enum observable o, int mu)
{
	size_t patterns = (size_t)s->patterns;
	return o < OBS_ENERGY ? (size_t)o * patterns + (size_t)mu
	                      : OBS_ENERGY * patterns + (size_t)(o - OBS_ENERGY);
}

size_t record_offset(const struct record_shape *s, enum observable o, int mu, enum part part)
{
	return RESULT_HEAD + PARTS * series_index(s, o, mu) + part;
}

size_t record_offset_norm(const struct record_shape *s, int mu)
{
	return record_offset(s, OBSERVABLES, 0, PART_MEAN) + (size_t)mu;
}

size_t record_offset_histogram_m(const struct record_shape *s)
{
	return record_offset_norm(s, s->patterns);
}

size_t record_offset_histogram_q(const struct record_shape *s)
{
	return record_offset_histogram_m(s) + (size_t)s->histogram;
}

size_t record_offset_curve(const struct record_shape *s)
{
	return record_offset_histogram_q(s) + (size_t)s->histogram;
}

size_t record_offset_spins(const struct record_shape *s)
{
	return record_offset_curve(s) + (size_t)s->curve * (size_t)s->patterns;
}

size_t record_offset_solution(const struct record_shape *s, int start)
{
	size_t words = (size_t)s->replicas * (((size_t)s->spins + 63) / 64);
	return record_offset_spins(s) + words + (size_t)start * (SOLUTION_M + 2 * (size_t)s->patterns);
}

size_t record_offset_magnetisations(const struct record_shape *s, int replica)
{
	return record_offset_solution(s, s->starts) + (size_t)replica * (size_t)s->sites;
}

size_t record_width(const struct record_shape *s)
{
	return record_offset_magnetisations(s, s->replicas);
}

/* --- layout of the record: chain series by replica, pair series by pair, watches, flips, overlaps,
 * histograms, curve, sites */

static size_t chain_series(const struct record_shape *s)
{
	return series_index(s, OBS_Q, 0);
}

static const size_t pair_series = OBSERVABLES - OBS_Q;

struct parts {
	struct series *chain, *pair;
	struct watch *watch;
	uint64_t *flips, *attempts;          /* [replicas] */
	struct series *overlap;              /* [replicas] with the start */
	uint64_t *histogram_m, *histogram_q; /* [replicas or pairs][histogram] */
	double *curve;                       /* [curve][patterns] */
	uint64_t *curve_n;                   /* [curve] */
	int64_t *site;                       /* [replicas][sites] sums of each spin */
	size_t bytes;
	bool counts[RECORD_REPLICAS]; /* whether the result averages over the replica */
};

static struct parts lay_out(const void *record, const struct record_shape *s)
{
	struct parts p;
	size_t replicas = (size_t)s->replicas, pairs = replicas / 2, cells = (size_t)s->histogram;
	size_t curve = (size_t)s->curve, at = 0;
	char *base = (char *)(uintptr_t)record;

	p.chain = (struct series *)(void *)(base + at);
	at += replicas * chain_series(s) * sizeof(struct series);
	p.pair = (struct series *)(void *)(base + at);
	at += pairs * pair_series * sizeof(struct series);
	p.watch = (struct watch *)(void *)(base + at);
	at += replicas * sizeof(struct watch);
	p.flips = (uint64_t *)(void *)(base + at);
	p.attempts = p.flips + replicas;
	at += 2 * replicas * sizeof(uint64_t);
	p.overlap = (struct series *)(void *)(base + at);
	at += replicas * sizeof(struct series);
	p.histogram_m = (uint64_t *)(void *)(base + at);
	at += replicas * cells * sizeof(uint64_t);
	p.histogram_q = (uint64_t *)(void *)(base + at);
	at += pairs * cells * sizeof(uint64_t);
	p.curve = (double *)(void *)(base + at);
	at += curve * (size_t)s->patterns * sizeof(double);
	p.curve_n = (uint64_t *)(void *)(base + at);
	at += curve * sizeof(uint64_t);
	p.site = (int64_t *)(void *)(base + at);
	p.bytes = at + replicas * (size_t)s->sites * sizeof(int64_t);
	return p;
}

size_t record_bytes(const struct record_shape *s)
{
	static const double nothing;
	return lay_out(&nothing, s).bytes;
}

static void count(uint64_t *cell, int cells, double x)
{
	if (cells == 0)
		return;
	int k = (int)floor((x + 1) / 2 * cells);
	cell[k < 0 ? 0 : k >= cells ? cells - 1 : k]++;
}

void record_chain(void *record, const struct record_shape *s, int replica, const double *m, const double *n,
                  double energy)
{
	struct parts p = lay_out(record, s);
	struct series *series = p.chain + (size_t)replica * chain_series(s);

	for (int mu = 0; mu < s->patterns; mu++) {
		double m2 = m[mu] * m[mu];
		measure_add(&series[series_index(s, OBS_M, mu)], m[mu]);
		measure_add(&series[series_index(s, OBS_N, mu)], n[mu]);
		measure_add(&series[series_index(s, OBS_M2, mu)], m2);
		measure_add(&series[series_index(s, OBS_M4, mu)], m2 * m2);
	}
	measure_add(&series[series_index(s, OBS_ENERGY, 0)], energy);
	count(p.histogram_m + (size_t)replica * (size_t)s->histogram, s->histogram, m[0]);
}

void record_flips(void *record, const struct record_shape *s, int replica, uint64_t flips, uint64_t attempts)
{
	struct parts p = lay_out(record, s);

	p.flips[replica] += flips;
	p.attempts[replica] += attempts;
}

void record_sites(void *record, const struct record_shape *s, int replica, const int8_t *spin, int N)
{
	struct parts p = lay_out(record, s);
	int64_t *site = p.site + (size_t)replica * (size_t)s->sites;

	for (int i = 0; i < N && i < s->sites; i++)
		site[i] += spin[i];
}

void record_pair(void *record, const struct record_shape *s, int pair, double q)
{
	struct parts p = lay_out(record, s);
	struct series *series = p.pair + (size_t)pair * pair_series;

	measure_add(&series[0], q);
	measure_add(&series[1], q * q);
	measure_add(&series[2], q * q * q * q);
	count(p.histogram_q + (size_t)pair * (size_t)s->histogram, s->histogram, q);
}

void record_curve(void *record, const struct record_shape *s, int64_t t, const double *m)
{
	struct parts p = lay_out(record, s);

	p.curve_n[t]++;
	for (int mu = 0; mu < s->patterns; mu++)
		p.curve[t * s->patterns + mu] += m[mu];
}

void record_watch(void *record, const struct record_shape *s, int replica, double overlap, double N,
                  bool counts)
{
	struct parts p = lay_out(record, s);

	measure_watch(&p.watch[replica], overlap, N);
	if (counts)
		measure_add(&p.overlap[replica], overlap);
}

void record_merge(void *record, const struct record_shape *s, const void *group, int first, int replicas)
{
	struct record_shape small = *s;
	small.replicas = replicas;
	struct parts to = lay_out(record, s), from = lay_out(group, &small);
	size_t r0 = (size_t)first, n = (size_t)replicas, cells = (size_t)s->histogram,
	       chain = chain_series(s);

	memcpy(to.chain + r0 * chain, from.chain, n * chain * sizeof *to.chain);
	memcpy(to.pair + r0 / 2 * pair_series, from.pair, n / 2 * pair_series * sizeof *to.pair);
	memcpy(to.watch + r0, from.watch, n * sizeof *to.watch);
	memcpy(to.flips + r0, from.flips, n * sizeof *to.flips);
	memcpy(to.attempts + r0, from.attempts, n * sizeof *to.attempts);
	memcpy(to.overlap + r0, from.overlap, n * sizeof *to.overlap);
	memcpy(to.histogram_m + r0 * cells, from.histogram_m, n * cells * sizeof *to.histogram_m);
	memcpy(to.site + r0 * (size_t)s->sites, from.site, n * (size_t)s->sites * sizeof *to.site);
	memcpy(to.histogram_q + r0 / 2 * cells, from.histogram_q, n / 2 * cells * sizeof *to.histogram_q);
	for (int t = 0; t < s->curve; t++) {
		to.curve_n[t] += from.curve_n[t];
		for (int mu = 0; mu < s->patterns; mu++)
			to.curve[t * s->patterns + mu] += from.curve[t * s->patterns + mu];
	}
}

/* --- the result */

static void put(double *answer, const struct record_shape *s, enum observable o, int mu,
                const struct estimate *e)
{
	double *x = answer + record_offset(s, o, mu, PART_MEAN);
	x[PART_MEAN] = e->mean;
	x[PART_ERROR] = e->error;
	x[PART_TAU] = e->tau;
}

enum fate { STAYED, LEFT_BEFORE, LEFT_DURING };

/* best: largest overlap with the start of all replicas (before the escape, of those that escaped). */
static enum fate fate(const struct parts *p, int replica, double best, uint64_t burn_in, double N)
{
	uint64_t left = p->watch[replica].escaped;

	if (left > 0)
		return left <= burn_in ? LEFT_BEFORE : LEFT_DURING;
	return measure_far_below(p->overlap[replica].level[0].mean, best, N) ? LEFT_BEFORE : STAYED;
}

/* Chooses the replicas that the result averages over. */
static void choose(double *answer, struct parts *p, const struct record_shape *s, uint64_t burn_in, double N)
{
	int n[3] = {0};
	double best = 0;

	for (int r = 0; r < s->replicas; r++)
		best = fmax(best, p->watch[r].escaped ? p->watch[r].plateau : p->overlap[r].level[0].mean);
	for (int r = 0; r < s->replicas; r++)
		n[fate(p, r, best, burn_in, N)]++;
	answer[RESULT_ALL_ESCAPED] = n[STAYED] == 0 && n[LEFT_BEFORE] > 0;
	answer[RESULT_ESCAPED] = 1 - (double)n[STAYED] / s->replicas;
	for (int r = 0; r < s->replicas; r++)
		p->counts[r] = fate(p, r, best, burn_in, N) == (n[STAYED] > 0 ? STAYED : LEFT_BEFORE);
}

static void answer_chains(double *answer, const struct parts *p, const struct record_shape *s,
                          const struct series **chain)
{
	struct estimate e;
	int n = 0;

	for (enum observable o = OBS_M; o <= OBS_ENERGY; o++)
		for (int mu = 0; mu < (o < OBS_ENERGY ? s->patterns : 1); mu++) {
			n = 0;
			for (int r = 0; r < s->replicas; r++)
				if (p->counts[r])
					chain[n++] = p->chain + (size_t)r * chain_series(s) +
					             series_index(s, o, mu);
			measure_estimate(&e, chain, n);
			put(answer, s, o, mu, &e);
			if ((o == OBS_M || o == OBS_ENERGY) && !isnan(e.mean) && !measure_equilibrated(&e))
				answer[RESULT_EQUILIBRATED] = 0;
			answer[RESULT_SWEEPS] = (double)e.n;
		}
	if (n == 0)
		answer[RESULT_EQUILIBRATED] = 0;
}

static void answer_acceptance(double *answer, const struct parts *p, const struct record_shape *s)
{
	double flips = 0, attempts = 0;

	for (int r = 0; r < s->replicas; r++)
		if (p->counts[r]) {
			flips += (double)p->flips[r];
			attempts += (double)p->attempts[r];
		}
	answer[RESULT_ACCEPTANCE] = flips / attempts;
}

static void answer_pairs(double *answer, const struct parts *p, const struct record_shape *s,
                         const struct series **chain)
{
	struct estimate e;

	for (enum observable o = OBS_Q; o <= OBS_Q4; o++) {
		int n = 0;
		for (int k = 0; k < s->replicas / 2; k++)
			if (p->counts[2 * k] && p->counts[2 * k + 1])
				chain[n++] = p->pair + (size_t)k * pair_series + (o - OBS_Q);
		measure_estimate(&e, chain, n);
		put(answer, s, o, 0, &e);
		if (o == OBS_Q && n > 0 && !measure_equilibrated(&e))
			answer[RESULT_EQUILIBRATED] = 0;
	}
}

static void answer_histograms(double *answer, const struct parts *p, const struct record_shape *s)
{
	size_t cells = (size_t)s->histogram;
	double *m = answer + record_offset_histogram_m(s), *q = answer + record_offset_histogram_q(s);

	for (size_t c = 0; c < cells; c++) {
		m[c] = q[c] = 0;
		for (int r = 0; r < s->replicas; r++)
			if (p->counts[r])
				m[c] += (double)p->histogram_m[(size_t)r * cells + c];
		for (int k = 0; k < s->replicas / 2; k++)
			if (p->counts[2 * k] && p->counts[2 * k + 1])
				q[c] += (double)p->histogram_q[(size_t)k * cells + c];
	}
}

/* NaN for replicas that are not averaged. */
static void answer_sites(double *answer, const struct parts *p, const struct record_shape *s, double N)
{
	for (int r = 0; r < s->replicas; r++)
		for (int i = 0; i < s->sites && i < N && p->counts[r]; i++) {
			size_t at = (size_t)r * (size_t)s->sites + (size_t)i;
			double n = (double)p->chain[(size_t)r * chain_series(s)].level[0].n;
			answer[record_offset_magnetisations(s, 0) + at] = (double)p->site[at] / n;
		}
}

void record_result(double *answer, const void *record, const struct record_shape *s, uint64_t burn_in,
                   double N)
{
	struct parts p = lay_out(record, s);
	const struct series *chain[RECORD_REPLICAS];
	double *curve = answer + record_offset_curve(s);

	for (size_t i = 0; i < record_width(s); i++)
		answer[i] = NAN;
	answer[RESULT_EQUILIBRATED] = 1;
	choose(answer, &p, s, burn_in, N);
	answer_chains(answer, &p, s, chain);
	answer_acceptance(answer, &p, s);
	answer_pairs(answer, &p, s, chain);
	answer_histograms(answer, &p, s);
	answer_sites(answer, &p, s, N);
	for (int t = 0; t < s->curve; t++)
		for (int mu = 0; mu < s->patterns; mu++)
			curve[t * s->patterns + mu] = p.curve[t * s->patterns + mu] / (double)p.curve_n[t];
}

/* --- the result of TAP */

/* Returns the mean of number k of the solutions over the converged starts. */
static double mean_solution(const double *answer, const struct record_shape *s, size_t k)
{
	double sum = 0, n = 0;

	for (int start = 0; start < s->replicas; start++) {
		const double *solution = answer + record_offset_solution(s, start);
		if (solution[SOLUTION_CONVERGED] == 1) {
			sum += solution[k];
			n++;
		}
	}
	return sum / n;
}

void record_solutions(double *answer, const struct record_shape *s)
{
	const struct estimate nothing = {.mean = NAN, .error = NAN, .tau = NAN};
	double n = 0;

	for (size_t i = 0; i < record_offset_solution(s, 0); i++)
		answer[i] = NAN;
	for (int start = 0; start < s->replicas; start++)
		n += answer[record_offset_solution(s, start) + SOLUTION_CONVERGED];
	for (enum observable o = OBS_M; o < OBSERVABLES; o++)
		for (int mu = 0; mu < (o < OBS_ENERGY ? s->patterns : 1); mu++) {
			struct estimate e = nothing;
			size_t k = o == OBS_M        ? SOLUTION_M + (size_t)mu
			           : o == OBS_N      ? SOLUTION_M + (size_t)(s->patterns + mu)
			           : o == OBS_Q      ? SOLUTION_Q
			           : o == OBS_ENERGY ? SOLUTION_ENERGY
			                             : 0;
			if (k > 0)
				e = (struct estimate){.mean = mean_solution(answer, s, k), .tau = 0.5};
			put(answer, s, o, mu, &e);
		}
	answer[RESULT_SWEEPS] = n;
	answer[RESULT_EQUILIBRATED] = n == s->replicas;
	answer[RESULT_ESCAPED] = answer[RESULT_ALL_ESCAPED] = 0;
	answer[RESULT_CONVERGED] = n / s->replicas;
	answer[RESULT_ITERATIONS] = mean_solution(answer, s, SOLUTION_ITERATIONS);
	answer[RESULT_FREE_ENERGY] = mean_solution(answer, s, SOLUTION_FREE_ENERGY);
}
