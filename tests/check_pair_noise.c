/* Tests noise on the pairs of a pattern: fields and energies against all sets of four sites and their
 * divisions into pairs, the limit of no noise, and the distribution of the noise.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/field/field.h"
#include "physics/network.h"
#include "tests/exact.h"
#include "tests/sample.h"
#include "tests/suite.h"

static const struct rng_key key = {{20261127u, 4u}};

/* Couplings as the network gives them. */
static struct couplings couplings_of(const struct quenched *q, double w)
{
	const struct disorder *of = &q->of;
	struct params p = {.learning = of->learning,
	                   .P = 4,
	                   .T = 1,
	                   .N = of->N,
	                   .K = (int)of->K,
	                   .r = of->r,
	                   .M = of->M,
	                   .rho = (1 - of->r * of->r) / (of->M * of->r * of->r)};
	struct couplings c;
	struct fault fault;

	parameter_set(network_parameter(network_find("dense"), "w"), &p, w);
	ck_assert_int_eq(network_find("dense")->couplings(&p, &c, &fault), 0);
	return c;
}

static void draw(int8_t *s, int N, unsigned number)
{
	for (int i = 0; i < N; i++)
		s[i] = rng_uniform(key, number, (uint32_t)i, RNG_START) < 0.5 ? -1 : 1;
}

static const struct {
	struct shape shape;
	double w;
} tiny[] = {{{STORAGE, 4, 1, 1, 1, 0}, 0.7},    {{STORAGE, 9, 1, 1, 1, 0}, 0.5},
            {{STORAGE, 8, 70, 1, 1, 0}, 2},     {{STORAGE, 11, 3, 1, 1, 0}, 1e3},
            {{SUPERVISED, 9, 4, 3, 0.6, 0}, 1}, {{SUPERVISED, 8, 2, 300, 0.2, 0}, 0.3}};

/* Energy and fields of every state, along a path through all states that flips one spin at a time; the
 * updated state equals one computed anew.  The noise is rounded to 1e-6 of its largest value. */
START_TEST(brute_force)
{
	static struct exact exact;
	struct quenched q;
	make_sample(&q, &tiny[_i].shape, 3);
	struct couplings c = couplings_of(&q, tiny[_i].w);
	struct field *f = make_field(&q, &c, "auto"), *anew = make_field(&q, &c, "auto");
	unsigned char saved[8];
	double largest = 0;
	int state = 0;

	exact.N = q.N;
	exact_halves(&exact, &q, tiny[_i].w);
	for (int k = 0; k < 1 << q.N; k++)
		largest = fmax(largest, fabs(exact.energy[k]));
	int8_t s[EXACT_SPINS];
	memset(s, -1, sizeof s);
	field_init(f, s);
	for (int step = 1; step < 1 << q.N; step++) {
		int i = __builtin_ctz((unsigned)step); /* Gray code */
		ck_assert_double_eq_tol(field_local(f, i, -1), exact_field(&exact, state, i), 1e-5 * largest);
		field_commit(f, i);
		state ^= 1 << i;
		ck_assert_double_eq_tol(field_energy(f), exact.energy[state], 1e-5 * largest);
		if (step % 37 == 0) {
			field_save(f, saved);
			field_load(anew, saved);
			ck_assert_double_eq(field_energy(anew), field_energy(f));
			for (int j = 0; j < q.N; j++)
				ck_assert_double_eq(field_local(anew, j, -1), field_local(f, j, -1));
		}
	}
	forget_field(f);
	forget_field(anew);
	quenched_free(&q);
}
END_TEST

/* Noise below the rounding gives the plain network. */
START_TEST(without_noise)
{
	static const struct shape shapes[] = {{STORAGE, 60, 30, 1, 1, 0}, {SUPERVISED, 50, 7, 5, 0.8, 0}};
	struct quenched q;
	int8_t s[60];

	make_sample(&q, &shapes[_i], 3);
	struct couplings c = couplings_of(&q, 1e-30), plain = couplings_of(&q, 0);
	struct field *f = make_field(&q, &c, "auto"), *exact = make_field(&q, &plain, "auto");
	draw(s, q.N, 2);
	field_init(f, s);
	field_init(exact, s);
	for (int step = 0; step < 400; step++) {
		int i = (int)(rng_uniform(key, 9, (uint32_t)step, RNG_SITE) * q.N);
		ck_assert_double_eq_tol(field_local(f, i, -1), field_local(exact, i, -1), 1e-14);
		if (rng_uniform(key, 9, (uint32_t)step, RNG_SPIN) < 0.6) {
			field_commit(f, i);
			field_commit(exact, i);
		}
	}
	ck_assert_double_eq_tol(field_energy(f), field_energy(exact), 1e-13);
	forget_field(f);
	forget_field(exact);
	quenched_free(&q);
}
END_TEST

/* At a state independent of the noise, E H over the noise is that of the plain network.  Its variance, with
 * S the sum of the pairs of four sites and Q = N(N-1)(N-2)(N-3)/4 ordered pairs of pairs without a common
 * site: the products of two noises have (2 N^-3)^2 omega^4 2 Q; in the pattern (all s chi = 1) the terms
 * linear in omega have (2 N^-3)^2 omega^2 4 n^2 N(N-1)/2 with n = (N-2)(N-3)/2 pairs beside each.  Five
 * standard deviations. */
START_TEST(law)
{
	enum { SAMPLES = 2000, N = 16 };
	const struct shape shape = {STORAGE, N, 1, 1, 1, 0};
	const double w = 0.4, omega2 = w * w * N, unit = 2 / pow(N, 3);
	const double Q = N * (N - 1) * (N - 2) * (N - 3) / 4.0, n = (N - 2) * (N - 3) / 2.0;
	const double variance = unit * unit * (2 * Q * omega2 * omega2 + 2 * n * n * N * (N - 1) * omega2);
	double mean = 0, square = 0, fourth = 0;

	for (uint64_t sample = 0; sample < SAMPLES; sample++) {
		struct quenched q;
		int8_t xi[N];
		make_sample(&q, &shape, sample);
		struct couplings c = couplings_of(&q, w);
		struct field *f = make_field(&q, &c, "auto");
		quenched_pattern(&q, 0, xi);
		field_init(f, xi);
		double x = (field_energy(f) + unit * Q) / sqrt(variance);
		mean += x / SAMPLES;
		square += x * x / SAMPLES;
		fourth += x * x * x * x / SAMPLES;
		forget_field(f);
		quenched_free(&q);
	}
	ck_assert_double_eq_tol(mean, 0, 5 / sqrt(SAMPLES));
	ck_assert_double_eq_tol(square, 1, 5 * sqrt((fourth - square * square) / SAMPLES));
	ck_assert_double_lt(fourth, 6);
}
END_TEST

/* The first spins and patterns have the same noise in a larger network: both contain H of the small network
 * up to the factor N^-3, and averaging over all signs of the other spins removes them. */
START_TEST(first_spins)
{
	enum { SMALL = 5, LARGE = 8 };
	const struct shape shape[] = {{STORAGE, SMALL, 1, 1, 1, 0}, {STORAGE, LARGE, 1, 1, 1, 0}};
	double H[2] = {0};

	for (int which = 0; which < 2; which++) {
		struct quenched q;
		make_sample(&q, &shape[which], 3);
		struct couplings c = couplings_of(&q, 1 / sqrt(q.N));
		struct field *f = make_field(&q, &c, "auto");
		int8_t s[LARGE];
		draw(s, SMALL, 1);
		for (int signs = 0; signs < 1 << (q.N - SMALL); signs++) {
			for (int i = SMALL; i < q.N; i++)
				s[i] = signs >> (i - SMALL) & 1 ? 1 : -1;
			field_init(f, s);
			H[which] += field_energy(f) * pow(q.N, 3) / (1 << (q.N - SMALL));
		}
		forget_field(f);
		quenched_free(&q);
	}
	ck_assert_double_eq_tol(H[0], H[1], 1e-4);
	ck_assert_double_gt(fabs(H[0]), 1);
}
END_TEST

START_TEST(limits)
{
	const struct couplings good = {.P = 4, .w = 1, .pair_noise = 1},
			       cubic = {.P = 3, .w = 1, .pair_noise = 1},
			       kept = {.P = 4, .w = 1, .pair_noise = 1, .diagonal = 1},
			       both = {.P = 4, .w = 1, .pair_noise = 1, .noise = 1};
	const struct {
		const struct couplings *c;
		const char *kernel, *why;
	} bad[] = {{&cubic, "auto", "P = 4"}, {&kept, "auto", "distinct"}, {&both, "auto", "omega"},
	           {&good, "tensor", "field: exact"}, {&good, "avx2", "kernel"}};
	const struct shape shape = {STORAGE, 20, 2, 1, 1, 0};
	struct quenched q;
	make_sample(&q, &shape, 0);
	for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
		struct field_plan plan;
		struct fault fault = {"", ""};
		ck_assert_int_eq(field_choose(&plan, &q, bad[k].c, bad[k].kernel, &fault), -1);
		ck_assert_str_eq(fault.key, "w");
		ck_assert_msg(strstr(fault.why, bad[k].why) != NULL, "%s", fault.why);
	}
	quenched_free(&q);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tc = suite_case(suite, "halves", 60);

	tcase_add_loop_test(tc, brute_force, 0, sizeof tiny / sizeof *tiny);
	tcase_add_loop_test(tc, without_noise, 0, 2);
	tcase_add_test(tc, law);
	tcase_add_test(tc, first_spins);
	tcase_add_test(tc, limits);
}
