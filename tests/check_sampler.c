/* Tests the Monte Carlo against exact enumeration for all kinds of learning, protocols and dynamics.  Seeds
 * are fixed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/chain/task_run.h"
#include "montecarlo/disorder/npy.h"
#include "tests/exact.h"
#include "tests/suite.h"

enum { LONG_CHAIN = 6000, MOST_POINTS = 4 };

struct system {
	const char *name;
	const char *network;
	enum learning learning;
	int P, N, K, M;
	double r, d, T;
	int diagonal, stratified;
	double w; /* noise on the pairs of a pattern */
};

static const struct system systems[] = {
	{"Hopfield", "dense", STORAGE, 2, 11, 3, 1, 1, 0, 0.7, 0, 0, 0},
	{"dense P=3", "dense", STORAGE, 3, 10, 6, 1, 1, 0, 0.6, 0, 0, 0},
	{"dense P=4", "dense", STORAGE, 4, 10, 8, 1, 1, 0, 0.5, 0, 0, 0},
	{"dense P=5, odd N", "dense", STORAGE, 5, 9, 8, 1, 1, 0, 0.5, 0, 0, 0},
	{"dense P=6", "dense", STORAGE, 6, 10, 70, 1, 1, 0, 0.3, 0, 0, 0},
	{"dense P=4, coincident", "dense", STORAGE, 4, 9, 20, 1, 1, 0, 2.5, 1, 0, 0},
	{"Hopfield supervised", "dense", SUPERVISED, 2, 10, 3, 4, 0.6, 0, 0.8, 0, 0, 0},
	{"dense supervised", "dense", SUPERVISED, 4, 10, 8, 3, 0.7, 0, 0.5, 0, 0, 0},
	{"dense supervised, coincident", "dense", SUPERVISED, 4, 9, 8, 5, 0.7, 0, 2, 1, 0, 0},
	{"dense unsupervised", "dense", UNSUPERVISED, 4, 10, 5, 3, 0.8, 0, 0.5, 0, 0, 0},
	{"dense unsupervised P=3", "dense", UNSUPERVISED, 3, 10, 5, 4, 0.8, 0, 0.5, 0, 0, 0},
	{"multitasking", "multitasking", STORAGE, 2, 10, 3, 1, 1, 0.4, 0.6, 0, 0, 0},
	{"multitasking, stratified", "multitasking", STORAGE, 2, 11, 2, 1, 1, 0.3, 0.6, 0, 1, 0},
	{"multitasking supervised", "multitasking", SUPERVISED, 2, 10, 3, 6, 0.6, 0.4, 0.7, 0, 0, 0},
	{"multitasking supervised, stratified", "multitasking", SUPERVISED, 2, 12, 2, 3, 0.7, 0.3, 0.6, 0, 1,
         0},
	{"multitasking unsupervised", "multitasking", UNSUPERVISED, 2, 10, 3, 4, 0.7, 0.4, 0.7, 0, 0, 0},
	{"multitasking unsupervised, stratified", "multitasking", UNSUPERVISED, 2, 11, 2, 3, 0.7, 0.3, 0.6, 0,
         1, 0},
	{"dense, noise on pairs", "dense", STORAGE, 4, 10, 4, 1, 1, 0, 0.8, 0, 0, 0.6},
	{"dense supervised, noise on pairs", "dense", SUPERVISED, 4, 9, 3, 5, 0.7, 0, 0.6, 0, 0, 0.4},
};

enum {
	SYSTEMS = sizeof systems / sizeof systems[0],
	NOISY = SYSTEMS - 2 /* the first system with noise on pairs */
};

static struct params params_of(const struct system *s, double T)
{
	struct params p = {.learning = s->learning, .P = s->P, .T = T, .r = s->r, .M = s->M, .K = s->K,
	                   .N = s->N};
	const struct network *network = network_find(s->network);
	const struct parameter *d = network_parameter(network, "d"), *w = network_parameter(network, "w");
	if (d)
		parameter_set(d, &p, s->d);
	if (w)
		parameter_set(w, &p, s->w);
	p.rho = (1 - s->r * s->r) / (s->M * s->r * s->r);
	if (s->learning == STORAGE)
		p.M = 0;
	return p;
}

static struct protocol protocol_of(const struct system *s)
{
	return (struct protocol){.network = network_find(s->network),
	                         .start = START_RANDOM,
	                         .replicas = 8,
	                         .burn_in = 200,
	                         .sweeps = LONG_CHAIN,
	                         .seed = 20261124,
	                         .diagonal = s->diagonal,
	                         .stratified = s->stratified,
	                         .patterns = 1,
	                         .kernel = "auto"};
}

/* Draws the sample of the ensemble again. */
static void draw(struct quenched *q, const struct system *s, const struct protocol *protocol)
{
	struct fault fault;
	struct disorder of = {.seed = protocol->seed,
	                      .sample = 3,
	                      .N = s->N,
	                      .K = s->K,
	                      .M = s->M,
	                      .r = s->r,
	                      .d = s->d,
	                      .learning = s->learning,
	                      .stratified = s->stratified};
	ck_assert_int_eq(quenched_shape(q, &of, &fault), 0);
	ck_assert_int_eq(quenched_fill(q, NULL, &fault), 0);
}

static struct exact exact;
static double weight[EXACT_STATES], other[EXACT_STATES];

static void enumerate(const struct quenched *q, const struct system *s)
{
	exact_init(&exact, q, s->P, strcmp(s->network, "multitasking") == 0, s->diagonal);
	if (s->w > 0)
		exact_halves(&exact, q, s->w);
}

/* |mean - truth| < 4 errors.  Gaussian: 6e-5 per comparison; about 300 comparisons in this file. */
static void compare(const char *name, const char *what, const double *answer,
                    const struct record_shape *shape, enum observable o, double truth)
{
	double mean = answer[record_offset(shape, o, 0, PART_MEAN)],
	       error = answer[record_offset(shape, o, 0, PART_ERROR)];
	ck_assert_msg(fabs(mean - truth) <= 4 * error + 1e-12, "%s: %s is %.6f(%.6f), exactly %.6f", name,
	              what, mean, error, truth);
	ck_assert_msg(error < 0.03, "%s: the error of %s, %g, is too large to test anything", name, what,
	              error);
}

static void compare_all(const char *name, const double *answer, const struct record_shape *shape)
{
	struct exact_means truth = exact_average(weight, &exact);
	compare(name, "m", answer, shape, OBS_M, truth.m);
	compare(name, "n", answer, shape, OBS_N, truth.n);
	compare(name, "m2", answer, shape, OBS_M2, truth.m2);
	compare(name, "energy", answer, shape, OBS_ENERGY, truth.energy);
	compare(name, "q", answer, shape, OBS_Q, truth.q);
	compare(name, "q2", answer, shape, OBS_Q2, truth.q2);
	ck_assert_msg(answer[RESULT_EQUILIBRATED] == 1, "%s: not equilibrated", name);
	ck_assert_msg(answer[RESULT_ESCAPED] == 0, "%s: escaped", name);
}

/* Runs a task with all these temperatures; returns results[points][width], to be freed by the caller. */
static double *run(struct record_shape *shape, const struct protocol *protocol, const struct system *s,
                   const double *T, int points)
{
	struct params p[MOST_POINTS];
	struct task task = {.p = p, .points = points, .sample = 3};
	struct task_run *e;
	struct fault fault = {0};
	for (int k = 0; k < points; k++)
		p[k] = params_of(s, T[k]);
	ck_assert_msg(task_run_alloc(&e, protocol, &task, &fault) == 0, "%s: %s", s->name, fault.why);
	*shape = task_shape(protocol);
	ck_assert_int_eq(task_run_advance(e, NULL), 0);
	double *answers = malloc((size_t)points * record_width(shape) * sizeof *answers);
	task_run_result(e, answers);
	task_run_free(e);
	return answers;
}

static void against_gibbs(const struct system *s, enum dynamics dynamics, enum order order,
                          const char *kernel)
{
	struct protocol protocol = protocol_of(s);
	struct record_shape shape;
	struct quenched q;
	char name[120];
	protocol.dynamics = dynamics;
	protocol.order = order;
	protocol.kernel = kernel;
	draw(&q, s, &protocol);
	enumerate(&q, s);
	exact_gibbs(weight, &exact, s->T);
	quenched_free(&q);
	double *answer = run(&shape, &protocol, s, &s->T, 1);
	snprintf(name, sizeof name, "%s, dynamics %d, order %d, %s", s->name, dynamics, order, kernel);
	compare_all(name, answer, &shape);
	free(answer);
}

START_TEST(heat_bath)
{
	against_gibbs(&systems[_i], DYNAMICS_HEAT_BATH, SEQUENTIAL, "auto");
}
END_TEST

/* The other rules and orders, on one system each. */
START_TEST(metropolis)
{
	against_gibbs(&systems[_i], DYNAMICS_METROPOLIS, _i % 2 ? RANDOM_SITES : SEQUENTIAL, "portable");
}
END_TEST

START_TEST(random_sites)
{
	against_gibbs(&systems[_i], DYNAMICS_HEAT_BATH, RANDOM_SITES, "auto");
}
END_TEST

/* Synchronous updating has its own stationary distribution: 400 steps of the exact chain from the uniform
 * one. */
START_TEST(synchronous)
{
	struct system s = systems[_i];
	struct protocol protocol = protocol_of(&s);
	struct record_shape shape;
	struct quenched q;
	s.N = 7;
	s.T *= 1.5;
	protocol.dynamics = DYNAMICS_PARALLEL;
	draw(&q, &s, &protocol);
	enumerate(&q, &s);
	quenched_free(&q);
	for (int k = 0; k < 1 << s.N; k++)
		weight[k] = 1.0 / (1 << s.N);
	for (int step = 0; step < 200; step++) {
		exact_synchronous(other, weight, &exact, s.T);
		exact_synchronous(weight, other, &exact, s.T);
	}
	double *answer = run(&shape, &protocol, &s, &s.T, 1);
	compare_all(s.name, answer, &shape);
	free(answer);
}
END_TEST

static void ladder(enum dynamics dynamics, const struct system *s)
{
	double T[MOST_POINTS];
	struct protocol protocol = protocol_of(s);
	struct record_shape shape;
	struct quenched q;
	for (int k = 0; k < MOST_POINTS; k++)
		T[k] = s->T * (0.8 + 0.3 * k);
	protocol.dynamics = dynamics;
	draw(&q, s, &protocol);
	enumerate(&q, s);
	quenched_free(&q);
	double *answers = run(&shape, &protocol, s, T, MOST_POINTS);
	for (int k = 0; k < MOST_POINTS; k++) {
		const double *answer = answers + (size_t)k * record_width(&shape);
		exact_gibbs(weight, &exact, T[k]);
		compare_all(s->name, answer, &shape);
		if (dynamics == DYNAMICS_TEMPERING && k + 1 < MOST_POINTS) {
			ck_assert_double_gt(answer[RESULT_EXCHANGE], 0.3);
			ck_assert_double_lt(answer[RESULT_EXCHANGE], 1);
			ck_assert_double_gt(answer[RESULT_ROUND_TRIPS], 50);
		}
	}
	free(answers);
}

START_TEST(tempering)
{
	ladder(DYNAMICS_TEMPERING, &systems[_i]);
}
END_TEST

START_TEST(annealing)
{
	ladder(DYNAMICS_ANNEALING, &systems[_i]);
}
END_TEST

/* --- one sweep, against its exact transition matrix, and detailed balance */

enum { FEW = 4, FEW_STATES = 1 << FEW, PER_STATE = 4000 };

static const struct system few = {"few", "dense", STORAGE, 3, FEW, 3, 1, 1, 0, 0.6, 0, 0, 0};

static double chance_to_flip(enum rule rule, const struct exact *x, int state, int i, double T)
{
	double dH = x->energy[state ^ 1 << i] - x->energy[state];
	return rule == METROPOLIS ? fmin(1, exp(-dH / T)) : 1 / (1 + exp(dH / T));
}

/* W[s][t] of a sweep of FEW attempts. */
static void sweep_matrix(double W[FEW_STATES][FEW_STATES], enum rule rule, enum order order,
                         const struct exact *x, double T)
{
	for (int s = 0; s < FEW_STATES; s++) {
		double law[FEW_STATES] = {0}, next[FEW_STATES];
		law[s] = 1;
		for (int step = 0; step < FEW; step++) {
			memset(next, 0, sizeof next);
			for (int t = 0; t < FEW_STATES; t++)
				for (int i = 0; i < FEW; i++) {
					double pick = order == RANDOM_SITES ? 1.0 / FEW : i == step;
					double flip = chance_to_flip(rule, x, t, i, T);
					next[t ^ 1 << i] += law[t] * pick * flip;
					next[t] += law[t] * pick * (1 - flip);
				}
			memcpy(law, next, sizeof law);
		}
		memcpy(W[s], law, sizeof law);
	}
}

/* chi^2 of the counted sweeps from every state against W, as (chi^2 - k)/sqrt(2k). */
static double misfit(double W[FEW_STATES][FEW_STATES], double count[FEW_STATES][FEW_STATES])
{
	double chi2 = 0, k = 0;
	for (int s = 0; s < FEW_STATES; s++) {
		double rare = 0, rare_count = 0; /* bins with expected counts below 10 are merged */
		for (int t = 0; t < FEW_STATES; t++) {
			double e = W[s][t] * PER_STATE;
			if (e < 10) {
				rare += e;
				rare_count += count[s][t];
				continue;
			}
			chi2 += (count[s][t] - e) * (count[s][t] - e) / e;
			k++;
		}
		if (rare > 0) {
			chi2 += (rare_count - rare) * (rare_count - rare) / rare;
			k++;
		}
		k--;
	}
	return (chi2 - k) / sqrt(2 * k);
}

/* Largest |w_s W_st - w_t W_ts| of a matrix, relative to the mean flow. */
static double imbalance(double W[FEW_STATES][FEW_STATES])
{
	double worst = 0;
	for (int s = 0; s < FEW_STATES; s++)
		for (int t = 0; t < FEW_STATES; t++)
			worst = fmax(worst, fabs(weight[s] * W[s][t] - weight[t] * W[t][s]));
	return worst * FEW_STATES * FEW_STATES;
}

static void count_sweeps(double count[FEW_STATES][FEW_STATES], const struct quenched *q, enum rule rule,
                         enum order order, double T)
{
	struct params p = params_of(&few, T);
	struct couplings c;
	struct fault fault;
	struct field_plan *plan;
	struct sampler sampler;
	int8_t s[FEW];
	p.M = 1;
	ck_assert_int_eq(network_find("dense")->couplings(&p, &c, &fault), 0);
	ck_assert_int_eq(field_plan_alloc(&plan, q, &c, "auto", &fault), 0);
	ck_assert_int_eq(sampler_init(&sampler, plan, rule, order, (struct rng_key){{7, (uint32_t)rule}}, T),
	                 0);
	for (int from = 0; from < FEW_STATES; from++)
		for (int k = 0; k < PER_STATE; k++) {
			int to = 0;
			for (int i = 0; i < FEW; i++)
				s[i] = (int8_t)exact_spin(from, i);
			field_init(sampler.field, s);
			ck_assert_int_eq(sampler_sweep(&sampler, NULL), 0);
			for (int i = 0; i < FEW; i++)
				to |= (sampler.field->spin[i] > 0) << i;
			count[from][to]++;
		}
	sampler_free(&sampler);
	field_plan_free(plan);
}

/* Heat bath and Metropolis at random sites: the sweeps follow the exact matrix, which obeys detailed
 * balance.  In sequential order they follow another matrix, which does not (so the test can fail). */
START_TEST(transitions)
{
	static double W[FEW_STATES][FEW_STATES], wrong[FEW_STATES][FEW_STATES], count[FEW_STATES][FEW_STATES];
	enum rule rule = _i % 2 ? METROPOLIS : HEAT_BATH;
	enum order order = _i / 2 ? RANDOM_SITES : SEQUENTIAL;
	struct protocol protocol = protocol_of(&few);
	struct quenched q;
	memset(count, 0, sizeof count);
	draw(&q, &few, &protocol);
	exact_init(&exact, &q, few.P, 0, 0);
	exact_gibbs(weight, &exact, few.T);
	sweep_matrix(W, rule, order, &exact, few.T);
	count_sweeps(count, &q, rule, order, few.T);
	ck_assert_double_lt(fabs(misfit(W, count)), 4);
	if (order == RANDOM_SITES)
		ck_assert_double_lt(imbalance(W), 1e-12);
	else
		ck_assert_double_gt(imbalance(W), 0.1);
	sweep_matrix(wrong, rule == METROPOLIS ? HEAT_BATH : METROPOLIS, order, &exact, few.T);
	ck_assert_double_gt(misfit(wrong, count), 20);
	quenched_free(&q);
}
END_TEST

/* --- T = 0: the spin follows its field; without field it is a fair coin (heat bath) or flips (Metropolis) */
START_TEST(zero_temperature)
{
	/* P = 2, K = 1, N = 2: H = -xi1 xi2 s1 s2/2: both ground states are stable; in the other states one
	 * spin flips. */
	static const struct system pair = {"pair", "dense", STORAGE, 2, 2, 1, 1, 1, 0, 0, 0, 0, 0};
	/* two patterns with opposite products: zero energy */
	static const int8_t free_patterns[4] = {1, 1, 1, -1};
	struct protocol protocol = protocol_of(&pair);
	struct record_shape shape;
	double zero = 0, *answer = run(&shape, &protocol, &pair, &zero, 1);
	ck_assert_double_eq(answer[record_offset(&shape, OBS_M2, 0, PART_MEAN)], 1);
	ck_assert_double_eq(answer[RESULT_ACCEPTANCE], 0);
	free(answer);
	struct npy data = {.dims = 2, .shape = {2, 2}, .value = (int8_t *)(uintptr_t)free_patterns};
	struct system free_spins = pair;
	free_spins.K = 2;
	protocol.data = &data;
	answer = run(&shape, &protocol, &free_spins, &zero, 1);
	ck_assert_double_eq_tol(answer[RESULT_ACCEPTANCE], 0.5, 4 * 0.5 / sqrt(8.0 * LONG_CHAIN * 2));
	free(answer);
	protocol.dynamics = DYNAMICS_METROPOLIS;
	answer = run(&shape, &protocol, &free_spins, &zero, 1);
	ck_assert_double_eq(answer[RESULT_ACCEPTANCE], 1);
	free(answer);
}
END_TEST

/* --- stopped by the tick at any moment, saved and loaded: the same results bit for bit */

static int stop_at_third(void *ctx)
{
	return ++*(int *)ctx % 3 == 0;
}

START_TEST(saved_and_loaded)
{
	static const enum dynamics dynamics[] = {DYNAMICS_HEAT_BATH, DYNAMICS_PARALLEL, DYNAMICS_TEMPERING,
	                                         DYNAMICS_ANNEALING, DYNAMICS_PARALLEL,  DYNAMICS_TAP};
	struct system s = {"large", "dense", STORAGE, 4, 60, 150000, 1, 1, 0, 0.5, 0, 0, 0};
	struct protocol protocol = protocol_of(&s);
	struct record_shape shape;
	struct task_run *e;
	struct fault fault;
	double T[2] = {0.6, 0.5};
	int points = _i == 2 || _i == 3 ? 2 : 1, calls = 0, pieces = 0;
	protocol.dynamics = dynamics[_i];
	protocol.plefka = _i >= 4 ? 2 : 0;
	protocol.replicas = 2;
	protocol.burn_in = 2;
	protocol.sweeps = 4;
	protocol.histogram = 10;
	protocol.curve = 5;
	protocol.configurations = 1;
	protocol.magnetisations = 1;
	protocol.spins = s.N;
	double *whole = run(&shape, &protocol, &s, T, points);
	size_t bytes = (size_t)points * record_width(&shape) * sizeof(double);
	double *parts = malloc(bytes);
	struct params p[2] = {params_of(&s, T[0]), params_of(&s, T[1])};
	struct task task = {.p = p, .points = points, .sample = 3};
	ck_assert_int_eq(task_run_alloc(&e, &protocol, &task, &fault), 0);
	while (task_run_advance(e, &(struct tick){stop_at_third, &calls})) {
		void *saved = malloc(task_run_saved_size(e));
		task_run_save(e, saved);
		ck_assert_double_lt(task_run_done(e), 1);
		task_run_free(e);
		ck_assert_int_eq(task_run_alloc(&e, &protocol, &task, &fault), 0);
		task_run_load(e, saved);
		free(saved);
		pieces++;
	}
	ck_assert_double_eq(task_run_done(e), 1);
	task_run_result(e, parts);
	ck_assert_int_ge(pieces, 3);
	ck_assert_mem_eq(parts, whole, bytes);
	task_run_free(e);
	free(parts);
	free(whole);
}
END_TEST

/* The mean of each spin against enumeration: P = 3, which has no symmetry that makes it 0.  Six standard
 * errors of the mean over replicas, none of them taken smaller than 0.002. */
START_TEST(magnetisations)
{
	const struct system *s = &systems[1];
	struct protocol protocol = protocol_of(s);
	struct record_shape shape;
	struct quenched q;

	protocol.magnetisations = 1;
	protocol.spins = s->N + 3;
	draw(&q, s, &protocol);
	exact_init(&exact, &q, s->P, 0, 0);
	exact_gibbs(weight, &exact, s->T);
	quenched_free(&q);
	double *answer = run(&shape, &protocol, s, &s->T, 1), largest = 0;
	for (int i = 0; i < s->N; i++) {
		double truth = 0, mean = 0, square = 0;
		for (int state = 0; state < 1 << s->N; state++)
			truth += weight[state] * exact_spin(state, i);
		for (int r = 0; r < protocol.replicas; r++) {
			double x = answer[record_offset_magnetisations(&shape, r) + (size_t)i];
			mean += x / protocol.replicas;
			square += x * x / protocol.replicas;
		}
		double error = sqrt(fmax(square - mean * mean, 0) / (protocol.replicas - 1));
		ck_assert_double_eq_tol(mean, truth, 6 * fmax(error, 0.002));
		ck_assert_double_lt(error, 0.05);
		largest = fmax(largest, fabs(truth));
	}
	ck_assert_double_gt(largest, 0.3);
	ck_assert(isnan(answer[record_offset_magnetisations(&shape, 0) + (size_t)s->N]));
	free(answer);
}
END_TEST

/* --- Plefka: independent spins, with the magnetisations that solve the TAP equations of the sample */

START_TEST(mean_field)
{
	static const struct system mean_field_systems[] = {
		{"P=4", "dense", STORAGE, 4, 60, 1800, 1, 1, 0, 0.5, 0, 0, 0},
		{"supervised", "dense", SUPERVISED, 4, 40, 100, 5, 0.8, 0, 0.4, 0, 0, 0}};
	const struct system *s = &mean_field_systems[_i / 2];
	const struct tap_options options = {.order = 1 + _i % 2, .tolerance = 1e-10, .iterations = 1000};
	struct protocol protocol = protocol_of(s);
	struct params p = params_of(s, s->T);
	struct record_shape shape;
	struct couplings c;
	struct quenched q;
	struct fault fault;
	struct tap *tap;
	struct tap_result solution = {0}, first;
	double m[60], before[60], answer_m = 0, noise = 0;
	int8_t xi[60];

	draw(&q, s, &protocol);
	ck_assert_int_eq(protocol.network->couplings(&p, &c, &fault), 0);
	ck_assert_int_eq(tap_alloc(&tap, &q, &c, &fault), 0);
	quenched_pattern(&q, 0, xi);
	for (int i = 0; i < s->N; i++)
		m[i] = xi[i];
	tap_solve(tap, &solution, m, before, s->T, &options, NULL);
	ck_assert_msg(solution.converged && solution.q < 0.999, "%s: %g after %ld", s->name,
	              solution.residual, solution.iterations);
	first = (struct tap_result){.converged = true};
	tap_solve(tap, &first, m, before, s->T, &(struct tap_options){.order = 1}, NULL); /* its energy */
	for (int i = 0; i < s->N; i++) {
		answer_m += m[i] * xi[i] / s->N;
		noise += (1 - m[i] * m[i]) / s->N / s->N;
	}
	protocol.dynamics = DYNAMICS_PARALLEL;
	protocol.start = START_ARCHETYPE;
	protocol.burn_in = 40;
	protocol.sweeps = 300; /* errors from the data themselves */
	protocol.plefka = options.order;
	double *answer = run(&shape, &protocol, s, &s->T, 1);
	compare(s->name, "m", answer, &shape, OBS_M, answer_m);
	compare(s->name, "m2", answer, &shape, OBS_M2, answer_m * answer_m + noise);
	compare(s->name, "q", answer, &shape, OBS_Q, solution.q);
	compare(s->name, "energy", answer, &shape, OBS_ENERGY, first.energy);
	free(answer);

	/* and the solution itself */
	protocol.dynamics = DYNAMICS_TAP;
	protocol.tolerance = options.tolerance;
	protocol.burn_in = 0;
	protocol.sweeps = 1000;
	protocol.magnetisations = 1;
	protocol.spins = s->N;
	answer = run(&shape, &protocol, s, &s->T, 1);
	const double *found = answer + record_offset_solution(&shape, 7);
	ck_assert(answer[RESULT_CONVERGED] == 1 && answer[RESULT_SWEEPS] == 8);
	ck_assert_double_eq(found[SOLUTION_ITERATIONS], (double)solution.iterations);
	ck_assert_double_eq(found[SOLUTION_Q], solution.q);
	ck_assert_double_eq(found[SOLUTION_FREE_ENERGY], solution.free_energy);
	ck_assert_double_eq_tol(answer[RESULT_FREE_ENERGY], solution.free_energy, 1e-14);
	ck_assert_double_eq_tol(answer[record_offset(&shape, OBS_M, 0, PART_MEAN)], answer_m, 1e-14);
	ck_assert_mem_eq(answer + record_offset_magnetisations(&shape, 7), m, (size_t)s->N * sizeof *m);
	free(answer);
	tap_free(tap);
	quenched_free(&q);
}
END_TEST

/* --- starts */

START_TEST(starts)
{
	static const struct system diluted = {
		"diluted", "multitasking", UNSUPERVISED, 2, 1000, 3, 5, 0.8, 0.3, 1, 0, 0, 0};
	struct protocol protocol = protocol_of(&diluted);
	struct rng_key key = {{1, 2}};
	struct quenched q;
	struct fault fault;
	int8_t s[1000], xi[3][1000], eta[1000];
	draw(&q, &diluted, &protocol);
	for (int mu = 0; mu < 3; mu++)
		quenched_pattern(&q, mu, xi[mu]);
	quenched_example(&q, 0, 0, eta);
	for (enum start start = START_ARCHETYPE; start <= START_MAJORITY; start++) {
		int reversed = 0, blank = 0, up = 0;
		ck_assert_int_eq(start_check(start, &q.of, 3, &fault), 0);
		ck_assert_int_eq(start_make(s, start, 0.25, &q, 3, key, &fault), 0);
		for (int i = 0; i < 1000; i++) {
			int a = xi[0][i], b = xi[1][i], c = xi[2][i];
			int target = start == START_EXAMPLE        ? eta[i]
			             : start == START_RANDOM       ? 0
			             : start == START_HIERARCHICAL ? (a ? a : b ? b : c)
			             : start == START_MAJORITY     ? (a + b + c > 0) - (a + b + c < 0)
			                                           : a;
			ck_assert_int_eq(abs(s[i]), 1);
			reversed += target && s[i] != target;
			blank += target == 0;
			up += target == 0 && s[i] > 0;
		}
		ck_assert_double_le(fabs(up - 0.5 * blank), 2 * sqrt(blank)); /* four standard deviations */
		double expected = start == START_CORRUPTED ? 0.25 * (1000 - blank) : 0;
		ck_assert_double_le(fabs(reversed - expected), 4 * sqrt(0.75 * expected));
	}
	struct disorder of = q.of;
	of.learning = STORAGE;
	ck_assert_int_eq(start_check(START_EXAMPLE, &of, 3, &fault), -1);
	ck_assert_str_eq(fault.key, "start");
	ck_assert_int_eq(start_check(START_MAJORITY, &of, 1, &fault), -1);
	ck_assert_int_eq(start_check(START_HIERARCHICAL, &of, 1, &fault), -1);
	of.d = 0;
	ck_assert_int_eq(start_check(START_HIERARCHICAL, &of, 3, &fault), -1);
	quenched_free(&q);
}
END_TEST

/* --- what cannot be simulated */
START_TEST(refused)
{
	struct fault fault;
	struct params p = {.P = 4, .N = 100, .gamma = 0.2, .r = 1, .T = 0.5};
	ck_assert_int_eq(task_patterns(&p, &fault), 16667); /* 2 x 0.2 x 1e6/24 */
	p.N = 4;
	p.gamma = 0.01; /* 0.053 patterns */
	ck_assert_int_eq(task_patterns(&p, &fault), -1);
	p.gamma = 0.27; /* 1.44 */
	ck_assert_int_eq(task_patterns(&p, &fault), -1);
	ck_assert_str_eq(fault.key, "gamma");
	p.gamma = 0.2; /* 1.07 */
	ck_assert_int_eq(task_patterns(&p, &fault), 1);
	p = (struct params){.P = 2, .N = 100, .gamma = 0.05, .r = 1};
	ck_assert_int_eq(task_patterns(&p, &fault), 5);

	struct system s = systems[2];
	struct protocol protocol = protocol_of(&s);
	struct task task = {.p = &p, .points = 1};
	double bytes, work;
	p = params_of(&s, 0.5);
	ck_assert_int_eq(task_check(&protocol, &task, &bytes, &work, NULL, &fault), 0);
	ck_assert_double_eq(work, 8.0 * s.N * s.K * (200 + LONG_CHAIN));
	p.N = 3;
	ck_assert_int_eq(task_check(&protocol, &task, &bytes, &work, NULL, &fault), -1);
	ck_assert_str_eq(fault.key, "N");
	p = params_of(&s, 0.5);
	p.rho = 0.1;
	p.learning = SUPERVISED;
	ck_assert_int_eq(task_check(&protocol, &task, &bytes, &work, NULL, &fault), -1);
	ck_assert_str_eq(fault.key, "M");
	p = params_of(&s, 0);
	protocol.dynamics = DYNAMICS_TEMPERING;
	ck_assert_int_eq(task_check(&protocol, &task, &bytes, &work, NULL, &fault), -1);
	ck_assert_str_eq(fault.key, "T");
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tc = suite_case(suite, "sampler", 120);

	tcase_add_loop_test(tc, heat_bath, 0, SYSTEMS);
	tcase_add_loop_test(tc, metropolis, 1, 5);
	tcase_add_loop_test(tc, metropolis, NOISY, SYSTEMS);
	tcase_add_loop_test(tc, random_sites, 1, 3);
	tcase_add_loop_test(tc, synchronous, 0, 3);
	tcase_add_loop_test(tc, synchronous, NOISY, SYSTEMS);
	tcase_add_loop_test(tc, tempering, 2, 3);
	tcase_add_loop_test(tc, tempering, 11, 12);
	tcase_add_loop_test(tc, tempering, NOISY, SYSTEMS);
	tcase_add_loop_test(tc, annealing, 1, 2);
	tcase_add_loop_test(tc, transitions, 0, 4);
	tcase_add_test(tc, zero_temperature);
	tcase_add_loop_test(tc, saved_and_loaded, 0, 6);
	tcase_add_test(tc, magnetisations);
	tcase_add_loop_test(tc, mean_field, 0, 4);
	tcase_add_test(tc, starts);
	tcase_add_test(tc, refused);
}
