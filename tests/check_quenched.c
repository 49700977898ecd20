/* Tests random numbers, patterns, examples, packed rows and the .npy reader.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "montecarlo/disorder/npy.h"
#include "montecarlo/disorder/quenched.h"
#include "montecarlo/disorder/rng.h"
#include "tests/suite.h"

/* Known answers of Random123 1.09, tests/kat_vectors: philox4x32, 10 rounds. */
START_TEST(philox_known_answers)
{
	static const uint32_t zeros[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
	                      ones[4] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
	struct rng_block b = rng_block((struct rng_key){{0, 0}}, 0, 0, 0, 0);

	ck_assert_mem_eq(b.word, zeros, sizeof zeros);
	b = rng_block((struct rng_key){{UINT32_MAX, UINT32_MAX}}, UINT32_MAX, UINT32_MAX, UINT32_MAX,
	              UINT32_MAX);
	ck_assert_mem_eq(b.word, ones, sizeof ones);
}
END_TEST

/* against libm in long double */
START_TEST(logarithm)
{
	ck_assert_double_eq(rng_log(1), 0);
	ck_assert_double_eq(rng_logit(0.5), 0);
	for (uint32_t i = 0; i < 20000; i++) {
		double u = rng_uniform((struct rng_key){{1, 2}}, 3, i, RNG_OTHER),
		       x = ldexp(u, (int)(i % 120) - 60);
		double exact = (double)logl((long double)x);
		ck_assert_double_eq_tol(rng_log(x), exact, 4.5e-16 * fmax(1, fabs(exact)));
	}
	ck_assert_double_gt(rng_unit(0, 0), 0);
	ck_assert_double_lt(rng_unit(UINT32_MAX, UINT32_MAX), 1);
}
END_TEST

/* Vectorised and single evaluation give the same bits with all instruction sets, lengths and exponents. */
START_TEST(blocks_of_numbers)
{
	struct rng_key key = {{0xfffffff0u, 17}};
	double u[64], x[64], pair[2];

	for (int pairs = 1; pairs <= 32; pairs++) {
		uint64_t sweep = (uint64_t)pairs << 30;
		uint32_t first = pairs % 2 ? 0xfffffff8u : (uint32_t)pairs * 7;
		int n = 2 * pairs - 1;
		u[2 * pairs - 1] = 0;
		rng_fill(u, key, sweep, first, pairs, RNG_SPIN);
		for (int k = 0; k < pairs; k++) {
			rng_pair(pair, key, sweep, first + (uint32_t)k, RNG_SPIN);
			ck_assert_mem_eq(pair, u + 2 * k, sizeof pair);
		}
		memcpy(x, u, sizeof x);
		rng_logits(x, n);
		for (int k = 0; k < n; k++) {
			double one = rng_logit(u[k]);
			ck_assert_mem_eq(&one, x + k, sizeof one);
			x[k] = ldexp(u[k], 40 * (k - pairs));
		}
		memcpy(u, x, sizeof u);
		rng_logs(x, n);
		for (int k = 0; k < n; k++) {
			double one = rng_log(u[k]);
			ck_assert_mem_eq(&one, x + k, sizeof one);
		}
		ck_assert_double_eq(x[n], u[n]); /* not touched */
	}
}
END_TEST

/* Uniform numbers fill all bins evenly; the two halves of a block, sweeps and purposes give different
 * numbers. */
START_TEST(uniform)
{
	const double value[2] = {0.5, -0.0}, same[2] = {0.5, 0.0}, other[2] = {0.5, 1e-300};
	struct rng_key key = rng_dynamics(7, value, 2, 1, 2);
	int count[64] = {0};
	double chi2 = 0;

	for (uint32_t i = 0; i < 64000; i++)
		count[(int)(64 * rng_uniform(key, i / 1000, i % 1000, RNG_SPIN))]++;
	for (int b = 0; b < 64; b++)
		chi2 += (count[b] - 1000.0) * (count[b] - 1000.0) / 1000;
	ck_assert_double_lt(fabs(chi2 - 63), 5 * sqrt(2 * 63.0)); /* 5 deviations of chi-squared with 63 */
	ck_assert(rng_uniform(key, 5, 10, RNG_SPIN) != rng_uniform(key, 5, 11, RNG_SPIN));
	ck_assert(rng_uniform(key, 5, 10, RNG_SPIN) != rng_uniform(key, 6, 10, RNG_SPIN));
	ck_assert(rng_uniform(key, 5, 10, RNG_SPIN) != rng_uniform(key, 5, 10, RNG_SITE));
	ck_assert_mem_eq(key.word, rng_dynamics(7, same, 2, 1, 2).word, sizeof key.word);
	ck_assert_mem_ne(key.word, rng_dynamics(7, other, 2, 1, 2).word, sizeof key.word);
	ck_assert_mem_ne(key.word, rng_dynamics(7, value, 2, 2, 1).word, sizeof key.word);
	ck_assert_mem_ne(key.word, rng_dynamics(8, value, 2, 1, 2).word, sizeof key.word);
}
END_TEST

static void make(struct quenched *q, struct disorder of)
{
	struct fault fault;

	ck_assert_msg(quenched_shape(q, &of, &fault) == 0, "%s", fault.why);
	ck_assert_int_eq(quenched_fill(q, NULL, &fault), 0);
}

/* The first patterns and examples do not depend on K and M; rows equal quenched_pattern and
 * quenched_example. */
START_TEST(prefix_and_rows)
{
	enum { N = 150 };
	const int stratified = _i % 2;
	const double d = _i / 2 % 2 ? 0.3 : 0;
	struct disorder of = {.seed = 11, .sample = 4, .N = N, .K = 70, .M = 3, .r = 0.6, .d = d,
	                      .learning = UNSUPERVISED, .stratified = stratified};
	struct quenched less, more, sums;
	int8_t xi[N], eta[N];
	int equal = 0;

	make(&more, of);
	of.K = 65;
	of.M = stratified ? 3 : 2; /* stratified examples depend on the examples before them */
	make(&less, of);
	for (long mu = 0; mu < of.K; mu++)
		for (int a = 0; a < of.M; a++)
			for (int i = 0; i < N; i++)
				ck_assert_int_eq(quenched_entry(&less, mu * of.M + a, i),
				                 quenched_entry(&more, mu * 3 + a, i));
	for (long mu = 0; mu < of.K; mu += 8)
		for (int a = 0; a < 3; a++) {
			ck_assert_int_eq(quenched_pattern(&more, mu, xi), 0);
			ck_assert_int_eq(quenched_example(&more, mu, a, eta), 0);
			for (int i = 0; i < N; i++) {
				ck_assert_int_eq(eta[i], quenched_entry(&more, mu * 3 + a, i));
				ck_assert_int_eq(xi[i] == 0, eta[i] == 0);
				equal += xi[i] != 0 && xi[i] == eta[i];
			}
		}
	/* 9 patterns x 3 examples x 150 sites, (1 + r)/2 (1 - d) of them equal to the pattern: within 5
	 * deviations */
	ck_assert_double_eq_tol(equal / 4050.0, 0.8 * (1 - d), 5 * sqrt(0.25 / 4050));
	if (!stratified) {
		of.learning = SUPERVISED;
		of.M = 3;
		make(&sums, of);
		for (long mu = 0; mu < of.K; mu++)
			for (int i = 0; i < N; i++) {
				int sum = 0;
				for (int a = 0; a < 3; a++)
					sum += quenched_entry(&more, mu * 3 + a, i);
				ck_assert_int_eq(quenched_entry(&sums, mu, i), sum);
			}
		quenched_free(&sums);
	}
	quenched_free(&less);
	quenched_free(&more);
}
END_TEST

/* Stratified sites follow the distribution: joint counts deviate by a few sites, those of independent sites
 * by sqrt(N). */
START_TEST(strata)
{
	enum { N = 10000 };
	struct disorder of = {.seed = 1,
	                      .N = N,
	                      .K = 3,
	                      .M = 4,
	                      .r = 0.5,
	                      .d = 0.4,
	                      .learning = SUPERVISED,
	                      .stratified = 1};
	struct quenched q;
	int8_t xi[3][N];
	int count[27] = {0}, sum = 0;
	double square = 0;

	make(&q, of);
	for (int mu = 0; mu < 3; mu++)
		ck_assert_int_eq(quenched_pattern(&q, mu, xi[mu]), 0);
	for (int i = 0; i < N; i++) {
		count[9 * (xi[0][i] + 1) + 3 * (xi[1][i] + 1) + xi[2][i] + 1]++;
		sum += quenched_entry(&q, 0, i) * xi[0][i];
		square += pow(q.unit * quenched_entry(&q, 0, i), 2);
	}
	for (int c = 0; c < 27; c++) {
		int blanks = (c / 9 == 1) + (c / 3 % 3 == 1) + (c % 3 == 1);
		ck_assert_double_eq_tol(count[c], N * pow(0.4, blanks) * pow(0.3, 3 - blanks), 12);
	}
	/* E xi z = (1-d) r and E z^2 = (1-d)(r^2 + (1-r^2)/M), z the mean of the examples */
	ck_assert_double_eq_tol(q.unit * sum / N, 0.6 * 0.5, 2e-3);
	ck_assert_double_eq_tol(square / N, 0.6 * (0.25 + 0.75 / 4), 2e-3);
	ck_assert_int_eq(quenched_example(&q, 0, 0, xi[0]), -1);
	quenched_free(&q);
}
END_TEST

START_TEST(alphabets)
{
	struct disorder of = {.N = 10, .K = 600, .M = 1, .r = 0.5, .learning = SUPERVISED};
	struct quenched q;
	struct fault fault;

	ck_assert_int_eq(quenched_shape(&q, &of, &fault), 0);
	ck_assert_int_eq(q.alphabet, BITS); /* one example is its own mean */
	ck_assert_uint_eq(q.stride, 128);
	of.M = 254;
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), 0);
	ck_assert_int_eq(q.alphabet, BYTES);
	ck_assert_int_eq(q.entry_max, 127);
	ck_assert_double_eq(q.unit, 2.0 / 254);
	of.M = 255;
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), 0);
	ck_assert_int_eq(q.alphabet, WORDS);
	of.M = 3;
	of.learning = UNSUPERVISED;
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), 0);
	ck_assert_int_eq(q.alphabet, BITS);
	ck_assert_int_eq(q.rows, 1800);
	of.d = 0.1;
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), 0);
	ck_assert_int_eq(q.alphabet, BYTES);
	of.K = 0;
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), -1);
	ck_assert_str_eq(fault.key, "K");
	of.K = 4000000000;
	of.M = 32767;
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), -1);
	ck_assert_str_eq(fault.key, "K");
	of.M = 40001;
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), -1);
	ck_assert_str_eq(fault.key, "M");
}
END_TEST

/* A .npy file of version 1 with this header and these bytes; returns what npy_read does. */
static int read_back(struct npy *a, const char *header, const void *values, size_t bytes, struct fault *fault)
{
	char name[] = "check_quenched.XXXXXX";
	int fd = mkstemp(name), code;
	unsigned char start[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)strlen(header), 0};

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, start, 10), 10);
	ck_assert_int_eq(write(fd, header, strlen(header)), (long)strlen(header));
	ck_assert_int_eq(write(fd, values, bytes), (long)bytes);
	close(fd);
	code = npy_read(a, name, fault);
	unlink(name);
	return code;
}

START_TEST(npy_patterns)
{
	static const int8_t bytes[6] = {1, -1, 1, -1, -1, 1};
	static const double reals[6] = {1, -1, 0, -1, -1, 1};
	static const int32_t words[12] = {1, 1, 1, -1, -1, 1, 1, -1, -1, -1, -1, 1};
	struct disorder of = {.seed = 1, .N = 3, .K = 2, .M = 1, .r = 1, .learning = STORAGE};
	struct fault fault;
	struct quenched q;
	struct npy a;
	int8_t s[3];

	ck_assert_int_eq(read_back(&a, "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }\n", bytes,
	                           6, &fault),
	                 0);
	of.data = &a;
	make(&q, of);
	for (int k = 0; k < 6; k++)
		ck_assert_int_eq(quenched_entry(&q, k / 3, k % 3), bytes[k]);
	quenched_free(&q);
	of.K = 3;
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), -1);
	ck_assert_str_eq(fault.key, "data");
	ck_assert_ptr_nonnull(strstr(fault.why, "holds 2 patterns of 3 spins, the point asks for K=3 N=3"));
	of.K = 2;
	npy_free(&a);

	ck_assert_int_eq(read_back(&a, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}", reals,
	                           sizeof reals, &fault),
	                 0);
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), -1);
	ck_assert_ptr_nonnull(strstr(fault.why, "blank"));
	of.d = 0.2;
	make(&q, of);
	ck_assert_int_eq(quenched_entry(&q, 0, 2), 0);
	quenched_free(&q);
	npy_free(&a);

	/* 2 patterns of 2 examples of 3 spins */
	ck_assert_int_eq(read_back(&a, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 2, 3)}", words,
	                           sizeof words, &fault),
	                 0);
	ck_assert_int_eq(quenched_shape(&q, &of, &fault), -1);
	ck_assert_ptr_nonnull(strstr(fault.why, "learning: storage"));
	of.learning = SUPERVISED;
	of.M = 2;
	of.d = 0;
	make(&q, of);
	for (int k = 0; k < 6; k++) /* half the sum of the two examples */
		ck_assert_int_eq(quenched_entry(&q, k / 3, k % 3),
		                 (words[k / 3 * 6 + k % 3] + words[k / 3 * 6 + 3 + k % 3]) / 2);
	ck_assert_int_eq(quenched_pattern(&q, 0, s), 0);
	ck_assert_int_eq(s[0], 1); /* the examples disagree: + by convention */
	ck_assert_int_eq(s[2], 1);
	quenched_free(&q);
	npy_free(&a);
}
END_TEST

static const struct {
	const char *header, *why;
} bad[] = {{"{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }", "C order"},
           {"{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3), }", "type >f8"},
           {"{'descr': '<c16', 'fortran_order': False, 'shape': (2, 3), }", "type <c16"},
           {"{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2, 3), }", "plain numbers"},
           {"{'descr': '|i1', 'fortran_order': False, 'shape': (6,), }", "2 dimensions"},
           {"{'descr': '|i1', 'fortran_order': False, 'shape': (1, 1, 2, 3), }", "has more"},
           {"{'descr': '|i1', 'fortran_order': False, 'shape': (0, 3), }", "empty"},
           {"{'descr': '|i1', 'fortran_order': False, 'shape': (-2, 3), }", "bad shape"},
           {"{'descr': '|i1', 'fortran_order': False, 'shape': (4000000000, 4000000000), }", "impossible"},
           {"{'descr': '|i1', 'fortran_order': False, 'shape': (2, 4), }", "ends before"},
           {"{'descr': '|i1', 'fortran_order': False, 'shape': (2, 2), }", "goes on"},
           {"{'descr': '|i1', 'fortran_order': False}", "no shape"},
           {"{'descr': '|i1', 'fortran_order': False, 'shape': (3, 2), }", "value 4 "}};

START_TEST(npy_refused)
{
	static const int8_t values[6] = {1, -1, 1, 1, 2, 1}, right[6] = {1, 1, 1, 1, 1, 1};
	int last = _i == sizeof bad / sizeof *bad - 1;
	struct fault fault;
	struct npy a;

	ck_assert_int_eq(read_back(&a, bad[_i].header, last ? values : right, 6, &fault), -1);
	ck_assert_str_eq(fault.key, "data");
	ck_assert_msg(strstr(fault.why, bad[_i].why) != NULL, "%s", fault.why);
	ck_assert_ptr_null(a.value);
}
END_TEST

START_TEST(npy_no_file)
{
	struct fault fault;
	struct npy a;

	ck_assert_int_eq(npy_read(&a, "no/such/file.npy", &fault), -1);
	ck_assert_ptr_nonnull(strstr(fault.why, "no/such/file.npy"));
	ck_assert_int_eq(npy_read(&a, "/dev/null", &fault), -1);
	ck_assert_ptr_nonnull(strstr(fault.why, "not a .npy file"));
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *all = suite_case(suite, "all", 4);

	tcase_add_test(all, philox_known_answers);
	tcase_add_test(all, logarithm);
	tcase_add_test(all, blocks_of_numbers);
	tcase_add_test(all, uniform);
	tcase_add_loop_test(all, prefix_and_rows, 0, 4);
	tcase_add_test(all, strata);
	tcase_add_test(all, alphabets);
	tcase_add_test(all, npy_patterns);
	tcase_add_loop_test(all, npy_refused, 0, sizeof bad / sizeof *bad);
	tcase_add_test(all, npy_no_file);
}
