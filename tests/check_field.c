/* Tests local fields: every kernel against sums over all sets of P distinct sites (and over (row . s)^P) on
 * tiny networks, and all kernels against each other on larger ones, with overlaps that leave and enter
 * every window of the tables.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/field/field.h"
#include "montecarlo/disorder/rng.h"
#include "tests/sample.h"
#include "tests/suite.h"

static const struct rng_key key = {{20240501u, 7u}};

/* sum over rows of e_P(a . s) by all subsets of P sites, or of (a . s)^P */
static int128 brute_energy(const struct quenched *q, const int8_t *s, int P, int diagonal)
{
	int128 E = 0;

	for (long row = 0; row < q->rows; row++) {
		int128 X = 0, p = 1;
		for (int i = 0; i < q->N; i++)
			X += quenched_entry(q, row, i) * s[i];
		for (int k = 0; k < P; k++)
			p *= X;
		if (diagonal)
			E += p;
		for (unsigned set = 0; set < 1u << q->N && !diagonal; set++) {
			if (__builtin_popcount(set) != P)
				continue;
			p = 1;
			for (int i = 0; i < q->N; i++)
				if (set >> i & 1)
					p *= quenched_entry(q, row, i) * s[i];
			E += p;
		}
	}
	return E;
}

static void compare_with_brute_force(struct field *f, const struct quenched *q, int P, int diagonal)
{
	int8_t s[16];
	int64_t X[64];
	double w = f->w;

	memcpy(s, f->spin, (size_t)q->N);
	for (int i = 0; i < q->N; i++) {
		int128 up, down, F = f->sum(f, i, (i + 1) % q->N);
		s[i] = 1;
		up = brute_energy(q, s, P, diagonal);
		s[i] = -1;
		down = brute_energy(q, s, P, diagonal);
		s[i] = f->spin[i];
		ck_assert_msg(2 * F == up - down, "%s: N=%d P=%d diagonal=%d rows=%ld: 2F=%lld, not %lld",
		              field_kernel_name(f->plan), q->N, P, diagonal, q->rows, (long long)(2 * F),
		              (long long)(up - down));
		ck_assert_double_eq(field_local(f, i, -1), w * (double)F);
	}
	ck_assert_double_eq(field_energy(f), -w * (double)brute_energy(q, s, P, diagonal));
	field_overlaps(f, 0, q->rows, X);
	for (long row = 0; row < q->rows; row++) {
		int64_t x = 0;
		for (int i = 0; i < q->N; i++)
			x += quenched_entry(q, row, i) * s[i];
		ck_assert_int_eq(X[row], x);
	}
}

static const struct shape tiny[] = {{STORAGE, 8, 5, 1, 1, 0},       {STORAGE, 7, 3, 1, 1, 0.4},
                                    {SUPERVISED, 7, 3, 3, 0.6, 0},  {SUPERVISED, 8, 3, 4, 0.6, 0},
                                    {SUPERVISED, 7, 2, 2, 0.5, 0.3}, {UNSUPERVISED, 8, 2, 3, 0.7, 0},
                                    {UNSUPERVISED, 7, 2, 3, 0.7, 0.3}, {SUPERVISED, 6, 3, 60, 0.5, 0},
                                    {SUPERVISED, 7, 2, 201, 0.3, 0},  {SUPERVISED, 6, 2, 501, 0.8, 0}};

START_TEST(brute_force)
{
	struct quenched q;
	int tried = 0;

	make_sample(&q, &tiny[_i], 3);
	for (int k = 0; field_kernels[k]; k++)
		for (int P = 2; P <= 6 && P <= q.N; P++)
			for (int diagonal = 0; diagonal < 2; diagonal++) {
				struct couplings c = {.P = P, .w = 0.37, .diagonal = diagonal};
				struct field_plan *plan;
				struct field *f;
				struct fault fault;
				int8_t s[16];
				if (field_plan_alloc(&plan, &q, &c, field_kernels[k], &fault) != 0)
					continue;
				tried++;
				ck_assert_int_eq(field_alloc(&f, plan), 0);
				for (int i = 0; i < q.N; i++)
					s[i] = rng_uniform(key, 1, (uint32_t)i, RNG_START) < 0.5 ? -1 : 1;
				field_init(f, s);
				compare_with_brute_force(f, &q, P, diagonal);
				for (int i = 0; i < 4; i++) {
					field_commit(f, i * 5 % q.N);
					compare_with_brute_force(f, &q, P, diagonal);
				}
				field_free(f);
				field_plan_free(plan);
			}
	ck_assert_int_ge(tried, 8); /* at least the portable kernel for each P */
	quenched_free(&q);
}
END_TEST

/* Heat bath from a pattern that is not retrieved at this temperature, then cooled.  Every field enters the
 * hash. */
struct trace {
	uint64_t hash;
	int128 energy;
	int8_t *spin;
	int64_t *X;
	long flips;
};

/* Sequential; every third sweep in random order, with announced next sites that are sometimes wrong. */
static int site_of(int step, int N)
{
	int sweep = step / N;

	return sweep % 3 == 2 ? (int)(rng_uniform(key, (uint64_t)sweep, (uint32_t)(step % N), RNG_SITE) * N)
	                      : step % N;
}

/* Sweeps from pattern 0, hot and cold, then towards it and to its opposite, so that all values of its
 * overlap occur. */
static void run(struct trace *t, const struct quenched *q, const struct couplings *c, const char *kernel,
                int sweeps)
{
	struct field_plan *plan;
	struct field *f;
	struct fault fault;
	int N = q->N;
	double scale;

	t->hash = 14695981039346656037u;
	t->flips = 0;
	ck_assert_msg(field_plan_alloc(&plan, q, c, kernel, &fault) == 0, "%s: %s", kernel, fault.why);
	ck_assert_int_eq(field_alloc(&f, plan), 0);
	ck_assert_int_eq(quenched_pattern(q, 0, t->spin), 0);
	for (int i = 0; i < N; i++)
		t->spin[i] = t->spin[i] ? t->spin[i] : 1;
	field_init(f, t->spin);
	scale = field_local(f, 0, -1);
	scale = scale < 0 ? -scale : scale;
	for (int step = 0; step < (sweeps + 2) * N; step++) {
		int i = site_of(step, N), next = step % 7 == 0 ? -1 : site_of(step + 1 + (step % 11 == 0), N),
		    sweep = step / N;
		double h = field_local(f, i, next);
		double u = rng_uniform(key, (uint64_t)sweep, (uint32_t)(step % N), RNG_SPIN);
		double T = sweep == 0 ? 10 : sweep % 2 ? 1e-3 : 0.3;
		int up = sweep < sweeps ? 2 * h > T * scale * rng_logit(u)
		                        : (t->spin[i] > 0) == (sweep == sweeps);
		uint64_t bits;
		memcpy(&bits, &h, sizeof bits);
		t->hash = (t->hash ^ bits) * 1099511628211u;
		if (up != (f->spin[i] > 0)) {
			field_commit(f, i);
			t->flips++;
		}
	}
	t->energy = (int128)field_energy(f);
	memcpy(t->spin, f->spin, (size_t)N);
	field_overlaps(f, 0, q->rows, t->X);
	field_free(f);
	field_plan_free(plan);
}

static const struct {
	struct shape shape;
	int P, diagonal, sweeps, kernels; /* number of kernels for it, with all instruction sets */
} large[] = {
	{{STORAGE, 120, 3000, 1, 1, 0}, 4, 0, 6, 5},
	{{STORAGE, 121, 1500, 1, 1, 0}, 4, 1, 6, 5},
	{{STORAGE, 400, 700, 1, 1, 0}, 3, 0, 4, 5},
	{{STORAGE, 61, 2111, 1, 1, 0}, 6, 0, 8, 5},
	{{STORAGE, 1003, 600, 1, 1, 0}, 6, 0, 3, 5},
	{{STORAGE, 4000, 100, 1, 1, 0}, 4, 0, 2, 5},
	{{STORAGE, 20000, 70, 1, 1, 0}, 4, 0, 2, 5},
	{{STORAGE, 300, 64, 1, 1, 0}, 2, 0, 6, 6},
	{{STORAGE, 300, 500, 1, 1, 0}, 2, 1, 6, 6},
	{{STORAGE, 40, 100, 1, 1, 0}, 8, 0, 8, 5},
	{{UNSUPERVISED, 150, 300, 5, 0.8, 0}, 4, 0, 4, 5},
	{{SUPERVISED, 200, 1000, 5, 0.8, 0}, 4, 0, 4, 3},
	{{SUPERVISED, 100, 700, 10, 0.5, 0}, 4, 1, 4, 3},
	{{SUPERVISED, 101, 300, 3, 0.8, 0}, 3, 0, 6, 3},
	{{SUPERVISED, 100, 520, 5, 0.7, 0}, 6, 0, 4, 3},
	{{STORAGE, 200, 300, 1, 1, 0.3}, 4, 0, 6, 3},
	{{SUPERVISED, 500, 12, 30, 0.4, 0.3}, 2, 1, 6, 4},
	{{UNSUPERVISED, 500, 3, 30, 0.4, 0.3}, 2, 1, 6, 4},
	{{SUPERVISED, 120, 200, 200, 0.4, 0}, 4, 0, 3, 1},
	{{SUPERVISED, 90, 150, 401, 0.4, 0}, 4, 0, 3, 1},
	{{STORAGE, 2001, 300, 1, 1, 0}, 8, 0, 2, 4},
	/* all layouts of kernel_entries.h: all c_k even, some odd, all odd; a^3 in one byte and in two */
	{{SUPERVISED, 203, 700, 5, 0.8, 0}, 4, 0, 5, 3},
	{{SUPERVISED, 201, 300, 7, 0.8, 0}, 4, 0, 4, 3},
	{{SUPERVISED, 401, 300, 5, 0.8, 0}, 4, 0, 3, 3},
	{{SUPERVISED, 480, 200, 10, 0.8, 0}, 4, 0, 3, 3},
	{{SUPERVISED, 810, 130, 5, 0.8, 0}, 4, 0, 2, 3},
	{{SUPERVISED, 1003, 130, 5, 0.8, 0}, 4, 0, 3, 3},
	{{SUPERVISED, 202, 150, 25, 0.5, 0}, 4, 0, 4, 3},
	{{SUPERVISED, 300, 260, 5, 0.8, 0}, 3, 0, 4, 3},
	{{SUPERVISED, 1002, 130, 5, 0.8, 0}, 3, 0, 2, 3},
	{{SUPERVISED, 151, 260, 11, 0.8, 0}, 5, 0, 4, 3},
	{{STORAGE, 300, 700, 1, 1, 0.3}, 2, 1, 4, 4},
	/* one row, whose block has no outlier until it passes the limits */
	{{SUPERVISED, 1003, 1, 5, 0.8, 0}, 4, 0, 3, 3},
	{{SUPERVISED, 203, 1, 5, 0.8, 0}, 4, 0, 3, 3},
	/* couplings of 1, 2 and 4 bytes; fields of 2 and 4 bytes */
	{{UNSUPERVISED, 2000, 4, 30, 0.95, 0}, 2, 0, 2, 6},
	{{UNSUPERVISED, 100, 10, 30, 0.95, 0}, 2, 0, 6, 6},
	{{SUPERVISED, 200, 20, 31, 0.5, 0}, 2, 0, 4, 4},
	{{SUPERVISED, 60, 50, 301, 0.4, 0}, 2, 1, 4, 2}};

START_TEST(all_kernels_agree)
{
	const int P = large[_i].P;
	struct couplings c = {.P = P, .w = 1, .diagonal = large[_i].diagonal};
	struct trace first = {0}, other = {0};
	struct quenched q;
	struct fault fault;
	struct field_plan plan;
	int done = 0, missing = 0;

	make_sample(&q, &large[_i].shape, 3);
	first.spin = malloc((size_t)q.N);
	other.spin = malloc((size_t)q.N);
	first.X = malloc((size_t)q.rows * sizeof *first.X);
	other.X = malloc((size_t)q.rows * sizeof *first.X);
	run(&first, &q, &c, "portable", large[_i].sweeps);
	ck_assert_int_gt(first.flips, q.N / 2);
	for (int k = 0; field_kernels[k]; k++) {
		if (field_choose(&plan, &q, &c, field_kernels[k], &fault) != 0) {
			missing += strstr(fault.why, "CPU") != NULL;
			continue;
		}
		run(&other, &q, &c, field_kernels[k], large[_i].sweeps);
		done++;
		ck_assert_msg(first.hash == other.hash, "%s: other fields than portable", field_kernels[k]);
		ck_assert_int_eq(memcmp(first.spin, other.spin, (size_t)q.N), 0);
		ck_assert_int_eq(memcmp(first.X, other.X, (size_t)q.rows * sizeof *first.X), 0);
		ck_assert(first.energy == other.energy);
	}
	ck_assert_int_eq(done + missing >= large[_i].kernels, 1);
	for (long row = 0; row < q.rows; row += 1 + q.rows / 50) {
		int64_t X = 0;
		for (int i = 0; i < q.N; i++)
			X += quenched_entry(&q, row, i) * first.spin[i];
		ck_assert_int_eq(X, first.X[row]);
	}
	free(first.spin);
	free(other.spin);
	free(first.X);
	free(other.X);
	quenched_free(&q);
}
END_TEST

/* a flip changes the energy by 2 s h, also after many flips: no drift */
START_TEST(energy_follows_fields)
{
	static const struct shape shapes[] = {{STORAGE, 90, 900, 1, 1, 0}, {SUPERVISED, 90, 300, 5, 0.8, 0}};

	for (int which = 0; which < 2; which++)
		for (int k = 0; field_kernels[k]; k++) {
			struct couplings c = {.P = 4, .w = 1};
			struct field_plan *plan;
			struct field *f;
			struct fault fault;
			struct quenched q;
			int8_t s[90];
			double E;
			unsigned char saved[12];
			make_sample(&q, &shapes[which], 3);
			for (int i = 0; i < q.N; i++)
				s[i] = i % 3 ? 1 : -1;
			if (field_plan_alloc(&plan, &q, &c, field_kernels[k], &fault) == 0) {
				ck_assert_int_eq(field_alloc(&f, plan), 0);
				field_init(f, s);
				E = rint(field_energy(f) / f->w); /* whole numbers below 2^53 */
				for (int step = 0; step < 500; step++) {
					int i = (int)(rng_uniform(key, 9, (uint32_t)step, RNG_SITE) * q.N);
					E += 2 * f->spin[i] * (double)f->sum(f, i, -1);
					field_commit(f, i);
					if (step == 250) {
						ck_assert_uint_eq(field_saved_size(f), sizeof saved);
						field_save(f, saved);
						memcpy(s, f->spin, sizeof s);
						field_load(f, saved);
						ck_assert_int_eq(memcmp(s, f->spin, sizeof s), 0);
					}
				}
				ck_assert_double_eq(E, rint(field_energy(f) / f->w));
				memcpy(s, f->spin, sizeof s);
				field_init(f, s);
				ck_assert_double_eq(E, rint(field_energy(f) / f->w));
				field_free(f);
				field_plan_free(plan);
			}
			quenched_free(&q);
		}
}
END_TEST

static void refused(const struct shape *shape, int P, const char *kernel, const char *field, const char *why)
{
	struct disorder of = {.N = shape->N, .K = shape->K, .M = shape->M, .r = shape->r, .d = shape->d,
	                      .learning = shape->learning};
	struct couplings c = {.P = P, .w = 1};
	struct quenched q;
	struct field_plan plan;
	struct fault fault = {"", ""};

	ck_assert_int_eq(quenched_shape(&q, &of, &fault), 0);
	ck_assert_int_eq(field_choose(&plan, &q, &c, kernel, &fault), -1);
	ck_assert_str_eq(fault.key, field);
	ck_assert_msg(strstr(fault.why, why) != NULL, "%s", fault.why);
}

START_TEST(choice)
{
	static const struct shape bits = {STORAGE, 1000, 1000000, 1, 1, 0}, few = {STORAGE, 3, 2, 1, 1, 0},
				  sums = {SUPERVISED, 100, 100, 5, 0.8, 0},
				  huge = {STORAGE, 100000, 10000000, 1, 1, 0};
	struct disorder of = {.N = 1000, .K = 1000000, .M = 1, .r = 1, .learning = STORAGE};
	struct couplings c = {.P = 4, .w = 1};
	struct quenched q;
	struct field_plan plan;
	struct fault fault;
	size_t shared, each;

	refused(&bits, 4, "fast", "kernel", "not a kernel");
	refused(&bits, 4, "pair", "kernel", "cannot do");
	refused(&sums, 4, "lookup", "kernel", "cannot do");
	refused(&few, 4, "auto", "N", "at least P");
	refused(&bits, 1, "auto", "P", "between 2");
	refused(&huge, 12, "auto", "N", "too large");
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), 0);
	ck_assert_uint_eq(q.bytes, (size_t)1000 * 125056); /* 10^6 bits in lines of 64 bytes */
	ck_assert_int_eq(field_choose(&plan, &q, &c, "auto", &fault), 0);
	field_memory(&plan, &shared, &each);
	ck_assert_uint_ge(each, 1000000);     /* a byte per overlap at least */
	ck_assert_uint_le(each, 16 * 1000000); /* less than an explicit tensor */
	ck_assert_uint_le(shared, 1000000);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *exact = suite_case(suite, "exact", 60);
	TCase *same = suite_case(suite, "same", 60);

	tcase_add_loop_test(exact, brute_force, 0, sizeof tiny / sizeof *tiny);
	tcase_add_test(exact, energy_follows_fields);
	tcase_add_test(exact, choice);
	tcase_add_loop_test(same, all_kernels_agree, 0, sizeof large / sizeof *large);
}
