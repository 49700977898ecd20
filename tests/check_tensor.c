/* Tests the explicit tensor of couplings: against sums over all sets of sites, against the exact fields
 * (the same integers), and its noise against the distribution that it is drawn from.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/field/field.h"
#include "montecarlo/disorder/rng.h"
#include "tests/sample.h"
#include "tests/suite.h"

static const struct rng_key key = {{20240602u, 3u}};

static void draw(int8_t *s, int N, unsigned number)
{
	for (int i = 0; i < N; i++)
		s[i] = rng_uniform(key, number, (uint32_t)i, RNG_START) < 0.5 ? -1 : 1;
}

/* sum over rows of e_P(a . s) by all sets of P sites */
static int64_t brute(const struct quenched *q, const int8_t *s, int P)
{
	int64_t E = 0;

	for (long row = 0; row < q->rows; row++)
		for (unsigned set = 0; set < 1u << q->N; set++) {
			int64_t p = __builtin_popcount(set) == P;
			for (int i = 0; i < q->N && p; i++)
				if (set >> i & 1)
					p *= quenched_entry(q, row, i) * s[i];
			E += p;
		}
	return E;
}

static const struct shape tiny[] = {{STORAGE, 8, 5, 1, 1, 0},        {STORAGE, 7, 3, 1, 1, 0.4},
                                    {SUPERVISED, 7, 3, 3, 0.6, 0},   {SUPERVISED, 6, 3, 60, 0.5, 0},
                                    {UNSUPERVISED, 8, 2, 3, 0.7, 0}, {STORAGE, 4, 1, 1, 1, 0}};

START_TEST(brute_force)
{
	struct quenched q;

	make_sample(&q, &tiny[_i], 3);
	for (int P = 2; P <= 4; P++) {
		struct couplings c = {.P = P, .w = 0.37};
		struct field *f = make_field(&q, &c, "tensor");
		int8_t s[8];
		draw(s, q.N, 1);
		field_init(f, s);
		for (int i = 0; i < q.N; i++) {
			int64_t E = brute(&q, s, P), other;
			ck_assert_double_eq(field_energy(f), -f->w * (double)E);
			s[i] = (int8_t)-s[i];
			other = brute(&q, s, P);
			ck_assert_double_eq(2 * s[i] * field_local(f, i, -1), f->w * (double)(other - E));
			field_commit(f, i);
		}
		forget_field(f);
	}
	quenched_free(&q);
}
END_TEST

static const struct {
	struct shape shape;
	int P, diagonal;
} large[] = {
	{{STORAGE, 50, 1500, 1, 1, 0}, 4, 0},      {{STORAGE, 21, 300000, 1, 1, 0}, 4, 0},    /* two digits */
	{{SUPERVISED, 33, 200, 5, 0.8, 0}, 4, 0},  {{SUPERVISED, 20, 90, 401, 0.4, 0}, 4, 0}, /* three */
	{{UNSUPERVISED, 30, 50, 5, 0.8, 0}, 4, 0}, {{STORAGE, 90, 100, 1, 1, 0}, 3, 0},
	{{SUPERVISED, 64, 77, 10, 0.5, 0}, 3, 0},  {{STORAGE, 300, 64, 1, 1, 0}, 2, 0},
	{{STORAGE, 120, 7, 1, 1, 0}, 2, 1},        {{SUPERVISED, 130, 12, 30, 0.4, 0.3}, 2, 1}};

/* a trajectory on which all fields and energies are equal to the last bit */
START_TEST(same_as_exact)
{
	struct quenched q;
	struct couplings c = {.P = large[_i].P, .w = 1, .diagonal = large[_i].diagonal};
	struct field *f, *exact;
	int8_t s[300];

	make_sample(&q, &large[_i].shape, 3);
	f = make_field(&q, &c, "tensor");
	exact = make_field(&q, &c, "auto");
	draw(s, q.N, 2);
	field_init(f, s);
	field_init(exact, s);
	for (int step = 0; step < 400; step++) {
		int i = (int)(rng_uniform(key, 9, (uint32_t)step, RNG_SITE) * q.N);
		double h = field_local(exact, i, -1);
		ck_assert_double_eq(field_local(f, i, -1), h);
		if (rng_uniform(key, 9, (uint32_t)step, RNG_SPIN) < 0.6) {
			field_commit(f, i);
			field_commit(exact, i);
		}
	}
	ck_assert_double_eq(field_energy(f), field_energy(exact));
	forget_field(f);
	forget_field(exact);
	quenched_free(&q);
}
END_TEST

/* Returns J of the first P spins, from the field of the first spin in the sum over signs of the others of
 * the first P and of all the rest. */
static double first_coupling(const struct shape *shape, int P)
{
	const struct couplings c = {.P = P, .w = 1, .noise = 1};
	double J = 0;
	struct quenched q;
	int8_t s[43];

	make_sample(&q, shape, 7);
	struct field *f = make_field(&q, &c, "tensor");
	memset(s, 1, sizeof s);
	for (int signs = 0; signs < 1 << P; signs++) { /* bit P-1: all beyond the first P */
		double parity = 1;
		for (int k = 1; k < P; k++) {
			s[k] = signs >> (k - 1) & 1 ? -1 : 1;
			parity *= s[k];
		}
		for (int k = P; k < q.N; k++)
			s[k] = signs >> (P - 1) & 1 ? -1 : 1;
		field_init(f, s);
		J += parity * field_local(f, 0, -1) / (1 << P);
	}
	forget_field(f);
	quenched_free(&q);
	return J;
}

/* The noise of a configuration's energy is Gaussian with the variance noise^2 (sets), independent between
 * samples; bounds of 5 standard deviations.  Fields are differences of energies.  The first spins have the
 * same noise in a larger network. */
START_TEST(noise)
{
	static const int sizes[] = {0, 0, 40, 20, 14};
	enum { SAMPLES = 400 };
	int P = _i, N = sizes[P];
	const struct shape shape = {STORAGE, N, 1, 1, 1, 0}, more = {STORAGE, N + 3, 1, 1, 1, 0};
	double sets = 1, mean = 0, square = 0, fourth = 0, w = 0.01;

	for (int k = 0; k < P; k++)
		sets = sets * (N - k) / (k + 1);
	for (uint64_t sample = 0; sample < SAMPLES; sample++) {
		struct couplings c = {.P = P, .w = w, .noise = 0.7};
		struct quenched q;
		int8_t s[40];
		make_sample(&q, &shape, sample);
		struct field *f = make_field(&q, &c, "tensor");
		draw(s, N, 4);
		field_init(f, s);
		double pure = 0, x, E = field_energy(f);
		for (int i = 0; i < N; i++)
			pure += quenched_entry(&q, 0, i) * s[i];
		double e[5] = {1, pure}; /* of one binary pattern */
		for (int k = 2; k <= P; k++)
			e[k] = (pure * e[k - 1] - (N - k + 2) * e[k - 2]) / k;
		x = (E + w * e[P]) / (0.7 * sqrt(sets));
		mean += x / SAMPLES;
		square += x * x / SAMPLES;
		fourth += x * x * x * x / SAMPLES;
		for (int i = 0; i < N; i++) {
			double before = field_energy(f), h = field_local(f, i, -1);
			field_commit(f, i);
			ck_assert_double_eq_tol(field_energy(f) - before, -2 * f->spin[i] * h, 1e-9);
		}
		forget_field(f);
		quenched_free(&q);
	}
	ck_assert_double_eq_tol(mean, 0, 5 / sqrt(SAMPLES));
	ck_assert_double_eq_tol(square, 1, 5 * sqrt(2.0 / SAMPLES));
	ck_assert_double_eq_tol(fourth, 3, 5 * sqrt(96.0 / SAMPLES));

	double J[2];
	for (int which = 0; which < 2; which++)
		J[which] = first_coupling(which ? &more : &shape, P);
	ck_assert_double_eq_tol(J[0], J[1], 1e-7);
	ck_assert(fabs(J[0]) > 1e-3);
}
END_TEST

static void refused(const struct shape *shape, const struct couplings *c, const char *kernel, const char *at,
                    const char *why)
{
	struct disorder of = {
		.N = shape->N, .K = shape->K, .M = shape->M, .r = shape->r, .learning = shape->learning};
	struct quenched q;
	struct field_plan plan;
	struct fault fault = {"", ""};

	ck_assert_int_eq(quenched_shape(&q, &of, &fault), 0);
	ck_assert_int_eq(field_choose(&plan, &q, c, kernel, &fault), -1);
	ck_assert_str_eq(fault.key, at);
	ck_assert_msg(strstr(fault.why, why) != NULL, "%s", fault.why);
}

START_TEST(limits)
{
	static const struct shape small = {STORAGE, 20, 2, 1, 1, 0}, wide = {STORAGE, 121, 2, 1, 1, 0};
	const struct couplings five = {.P = 5, .w = 1}, four = {.P = 4, .w = 1},
			       noisy = {.P = 4, .w = 1, .noise = 1}, kept = {.P = 4, .w = 1, .diagonal = 1};

	refused(&small, &five, "tensor", "field", "P = 2, 3 and 4");
	refused(&wide, &four, "tensor", "field", "up to N = 120");
	refused(&wide, &noisy, "tensor", "field", "K + omega^2");
	refused(&small, &kept, "tensor", "diagonal", "distinct");
	refused(&small, &noisy, "auto", "omega", "field: tensor");
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tcase = suite_case(suite, "tensor", 60);

	tcase_add_loop_test(tcase, brute_force, 0, sizeof tiny / sizeof *tiny);
	tcase_add_loop_test(tcase, same_as_exact, 0, sizeof large / sizeof *large);
	tcase_add_loop_test(tcase, noise, 2, 5);
	tcase_add_test(tcase, limits);
}
