/* Tests retrieval of images: identities of rows and decorrelation; dynamics against naive loops, exact
 * enumeration and the TAP equations.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/images/images.h"
#include "montecarlo/images/memories.h"
#include "montecarlo/images/retrieval.h"
#include "tests/suite.h"

/* --- images made up: K classes of N spins */

static const struct rng_key key = {{77u, 9u}};

static void make_images(struct images *s, int K, long M, int N, double r)
{
	struct npy data = {.dims = 3, .shape = {K, M, N}};
	struct preparation prep = {.most = M};
	struct fault fault = {"", ""};

	data.value = malloc((size_t)(K * M * N));
	for (int c = 0; c < K; c++)
		for (long a = 0; a < M; a++)
			for (int i = 0; i < N; i++) {
				int xi = rng_uniform(key, (uint64_t)c, (uint32_t)i, RNG_OTHER) < 0.5 ? 1 : -1;
				double u = rng_uniform(key, (uint64_t)(1000 + c * M + a), (uint32_t)i,
				                       RNG_OTHER);
				data.value[(c * M + a) * N + i] = (int8_t)(u < (1 + r) / 2 ? xi : -xi);
			}
	ck_assert_msg(images_take(s, &data, &prep, &fault) == 0, "%s", fault.why);
	free(data.value);
}

static struct memories *learn(const struct images *s, long M, int unsupervised, enum decorrelate decorrelate)
{
	struct memories *m;
	struct fault fault = {"", ""};

	ck_assert_msg(memories_alloc(&m, s, M, unsupervised, decorrelate, 1, &fault) == 0, "%s", fault.why);
	return m;
}

static double chi(const struct memories *m, long u, int i)
{
	return m->site[(size_t)i * m->lanes + (size_t)u];
}

/* sum_i chi_u chi_v / N */
static double product(const struct memories *m, long u, long v)
{
	double sum = 0;
	for (int i = 0; i < m->N; i++)
		sum += chi(m, u, i) * chi(m, v, i);
	return sum / m->N;
}

START_TEST(test_rows)
{
	enum { K = 4, M = 5, N = 37 };
	struct images s;
	make_images(&s, K, M, N, 0.6);
	for (int d = DECORRELATE_NONE; d <= DECORRELATE_PSEUDO; d++) {
		struct memories *m = learn(&s, M, 0, (enum decorrelate)d);
		for (int u = 0; u < K; u++)
			for (int v = 0; v < K; v++)
				if (u == v || d == DECORRELATE_PSEUDO)
					ck_assert_double_eq_tol(product(m, u, v), u == v, 1e-12);
		for (int i = 0; i < N; i++) {
			double sum = 0, norm = 0, mean = 0;
			for (int a = 0; a < M; a++)
				mean += s.example[a * N + i];
			for (int j = 0; j < N; j++) {
				double b = 0;
				for (int a = 0; a < M; a++)
					b += s.example[a * N + j];
				norm += b * b / N;
			}
			ck_assert_double_eq_tol(m->archetype[i], mean / sqrt(norm), 1e-13);
			if (d == DECORRELATE_NONE)
				ck_assert_double_eq_tol(chi(m, 0, i), mean / sqrt(norm), 1e-13);
			/* the pseudo-inverse rule: sum_mu chi_i chi_j/N is the projector on the archetypes */
			for (int u = 0; u < K && d == DECORRELATE_PSEUDO; u++) {
				sum = 0;
				for (int j = 0; j < N; j++)
					for (int v = 0; v < K; v++)
						sum += chi(m, v, i) * chi(m, v, j) *
						       m->archetype[(size_t)u * m->stride + (size_t)j] / N;
				ck_assert_double_eq_tol(sum, m->archetype[(size_t)u * m->stride + (size_t)i],
				                        1e-12);
			}
		}
		memories_free(m);
	}
	struct memories *m = learn(&s, 3, 1, DECORRELATE_NONE);
	ck_assert_int_eq(m->rows, 3 * K);
	for (int i = 0; i < N; i++)
		ck_assert(chi(m, 4, i) == s.example[(M + 1) * N + i]); /* class 1, example 1 */
	memories_free(m);
	images_free(&s);
}
END_TEST

/* --- parallel dynamics */

static const char *const kernels[] = {"portable", "avx2", "avx512"};

/* Runs images with one kernel; returns 0 if the processor does not have it. */
static int run(double *value, struct retrieved *out, const struct memories *m, const struct retrieval *how,
               int images, const char *kernel)
{
	struct retrieval_space *space;
	struct rng_key keys[RETRIEVAL_BLOCK];
	struct fault fault;

	if (retrieval_alloc(&space, m, kernel, &fault) != 0) {
		ck_assert_str_eq(fault.key, "kernel");
		return 0;
	}
	for (int k = 0; k < images; k++)
		keys[k] = rng_derive(key, (uint64_t)k, 5);
	ck_assert_int_eq(retrieval_run(space, how, images, value, keys, out, NULL), 0);
	retrieval_free(space);
	return 1;
}

static double *starts(const struct memories *m, int images)
{
	double *value = aligned_alloc(64, (size_t)images * m->stride * sizeof *value);
	memset(value, 0, (size_t)images * m->stride * sizeof *value);
	for (int k = 0; k < images; k++)
		for (int i = 0; i < m->N; i++)
			value[(size_t)k * m->stride + (size_t)i] =
				rng_uniform(key, (uint64_t)k, (uint32_t)i, RNG_START) < 0.5 ? -1 : 1;
	return value;
}

/* One sweep from the definition; writes x_mu to x. */
static void naive_sweep(double *s, double *x, const struct memories *m, int P)
{
	double h[200];
	for (long u = 0; u < m->rows; u++) {
		x[u] = 0;
		for (int i = 0; i < m->N; i++)
			x[u] += chi(m, u, i) * s[i] / m->N;
	}
	for (int i = 0; i < m->N; i++) {
		h[i] = 0;
		for (long u = 0; u < m->rows; u++)
			h[i] += chi(m, u, i) * pow(x[u], P - 1);
	}
	for (int i = 0; i < m->N; i++)
		s[i] = h[i] > 0 ? 1 : -1;
}

START_TEST(test_parallel)
{
	enum { K = 7, M = 5, N = 101, IMAGES = 61 };
	struct images s;
	double x[K * M];
	make_images(&s, K, M, N, 0.5);
	for (int way = 0; way < 4; way++) { /* three supervised, one unsupervised */
		struct memories *m =
			learn(&s, M, way == 3, way == 3 ? DECORRELATE_NONE : (enum decorrelate)way);
		for (int P = 2; P <= 9; P += way + 1) {
			struct retrieval how = {RETRIEVAL_PARALLEL, P, 0, 12};
			struct retrieved out[IMAGES], other[IMAGES];
			double *value = starts(m, IMAGES), *naive = starts(m, IMAGES);
			ck_assert(run(value, out, m, &how, IMAGES, "portable"));
			for (int k = 0; k < IMAGES; k++) {
				double *v = naive + (size_t)k * m->stride, before = -INFINITY, energy;
				for (long t = 0; t < out[k].sweeps; t++) {
					naive_sweep(v, x, m, P);
					energy = 0;
					for (long u = 0; u < m->rows; u++)
						energy += pow(x[u], P);
					/* even P: sum x^P is convex, so a sweep never lowers it */
					ck_assert(P % 2 == 1 || energy >= before - 1e-12);
					before = energy;
				}
				ck_assert(out[k].converged || out[k].sweeps == 12);
				ck_assert_int_eq(
					memcmp(v, value + (size_t)k * m->stride, m->stride * sizeof *v), 0);
			}
			/* other instruction sets, and other images in the same block */
			for (int n = 1; n < 3; n++) {
				double *again = starts(m, IMAGES);
				if (run(again, other, m, &how, IMAGES - 5 * n, kernels[n])) {
					ck_assert_int_eq(
						memcmp(again, value,
					               (size_t)(IMAGES - 5 * n) * m->stride * sizeof *value),
						0);
					ck_assert_int_eq(
						memcmp(other, out, (size_t)(IMAGES - 5 * n) * sizeof *out),
						0);
				}
				free(again);
			}
			free(value);
			free(naive);
		}
		memories_free(m);
	}
	images_free(&s);
}
END_TEST

/* All instruction sets give the same bits at T > 0, for images in a block and alone. */
START_TEST(test_same_bits)
{
	enum { K = 3, M = 4, N = 50, IMAGES = 11 };
	const struct retrieval how[] = {{RETRIEVAL_PARALLEL, 4, 0.4, 10},
	                                {RETRIEVAL_SEQUENTIAL, 3, 0.4, 10},
	                                {RETRIEVAL_SEQUENTIAL, 20, 0, 10},
	                                {RETRIEVAL_PLEFKA, 5, 0.3, 30}};
	struct images s;
	make_images(&s, K, M, N, 0.7);
	for (int way = 0; way < 3; way++) {
		struct memories *m = learn(&s, M, way == 2, way == 1 ? DECORRELATE_PSEUDO : DECORRELATE_NONE);
		for (size_t h = 0; h < sizeof how / sizeof how[0]; h++) {
			struct retrieved out[IMAGES];
			double *value = starts(m, IMAGES);
			run(value, out, m, &how[h], IMAGES, "portable");
			for (int n = 0; n < 3; n++) {
				double *again = starts(m, 3);
				if (run(again, out, m, &how[h], 3, kernels[n]))
					ck_assert_int_eq(memcmp(again, value, 3 * m->stride * sizeof *value),
					                 0);
				free(again);
			}
			free(value);
		}
		memories_free(m);
	}
	images_free(&s);
}
END_TEST

/* --- one site after another */

/* Returns e_P of the products a_i v_i over all sites except skip (-1: all). */
static double polynomial(const struct memories *m, long u, const double *v, int P, int skip)
{
	double e[32] = {1};
	for (int i = 0; i < m->N; i++)
		for (int k = P; k > 0 && i != skip; k--)
			e[k] += chi(m, u, i) * v[i] * e[k - 1];
	return e[P];
}

/* (P!/2) N^(1-P) w */
static double factor(const struct memories *m, int P)
{
	double f = 0.5 * P * memories_weight(m, P);
	for (int k = 1; k < P; k++)
		f *= k / (double)m->N;
	return f;
}

static double energy(const struct memories *m, const double *v, int P)
{
	double sum = 0;
	for (long u = 0; u < m->rows; u++)
		sum -= factor(m, P) * polynomial(m, u, v, P, -1);
	return sum;
}

/* T = 0 ends in a state that no single flip improves. */
START_TEST(test_descent)
{
	enum { K = 3, M = 3, N = 30, IMAGES = 20 };
	struct images s;
	make_images(&s, K, M, N, 0.6);
	for (int way = 0; way < 2; way++)
		for (int P = 2; P <= 7; P++) {
			struct memories *m = learn(&s, M, way, DECORRELATE_NONE);
			struct retrieval how = {RETRIEVAL_SEQUENTIAL, P, 0, 50};
			struct retrieved out[IMAGES];
			double *value = starts(m, IMAGES);
			run(value, out, m, &how, IMAGES, "auto");
			for (int k = 0; k < IMAGES; k++) {
				double *v = value + (size_t)k * m->stride, here = energy(m, v, P);
				ck_assert(out[k].converged);
				for (int i = 0; i < N; i++) {
					v[i] = -v[i];
					ck_assert_double_ge(energy(m, v, P), here - 1e-12);
					v[i] = -v[i];
				}
			}
			free(value);
			memories_free(m);
		}
	images_free(&s);
}
END_TEST

/* Heat bath against the sum over all 2^N states: mean spins, 5 standard errors of 64 chains (with 80
 * comparisons a false alarm in 2e4; the seed is fixed).  Odd P, so that the means are not 0 by symmetry. */
START_TEST(test_heat_bath)
{
	enum { K = 3, M = 3, N = 10, CHAINS = 64 };
	const double temperature[4] = {0.4, 0.7, 0.15, 0.8};
	struct images s;
	make_images(&s, K, M, N, 0.6);
	for (int way = 0; way < 4; way++) {
		int unsupervised = way & 1, P = way < 2 ? 3 : 5;
		const double T = temperature[way];
		struct memories *m = learn(&s, M, unsupervised, DECORRELATE_NONE);
		struct retrieval how = {RETRIEVAL_SEQUENTIAL, P, T, 4000};
		struct retrieved out[CHAINS];
		double exact[N] = {0}, Z = 0, v[N], *value = starts(m, CHAINS), largest = 0;
		for (int state = 0; state < 1 << N; state++) {
			for (int i = 0; i < N; i++)
				v[i] = state >> i & 1 ? 1 : -1;
			double weight = exp(-energy(m, v, P) / T);
			Z += weight;
			for (int i = 0; i < N; i++)
				exact[i] += weight * v[i];
		}
		run(value, out, m, &how, CHAINS, "auto");
		for (int i = 0; i < N; i++) {
			double mean = 0, square = 0;
			for (int k = 0; k < CHAINS; k++) {
				double x = value[(size_t)k * m->stride + (size_t)i];
				mean += x / CHAINS;
				square += x * x / CHAINS;
			}
			double error = sqrt((square - mean * mean) / (CHAINS - 1));
			ck_assert_double_lt(error, 0.02);
			ck_assert_double_lt(fabs(mean - exact[i] / Z), 5 * error);
			largest = fmax(largest, fabs(exact[i] / Z));
		}
		ck_assert_double_gt(largest, 0.1); /* the means differ from 0 */
		free(value);
		memories_free(m);
	}
	images_free(&s);
}
END_TEST

/* m_i = tanh((h_i - O m_i)/T) with h and O computed independently from the polynomials. */
START_TEST(test_plefka)
{
	enum { K = 3, M = 5, N = 150 };
	const double T = 0.05;
	struct images s;
	make_images(&s, K, M, N, 0.8);
	for (int way = 0; way < 2; way++)
		for (int P = 2; P <= 20; P += 3) {
			struct memories *m = learn(&s, M, way, DECORRELATE_NONE);
			struct retrieval how = {RETRIEVAL_PLEFKA, P, T, 3000};
			struct retrieved out[1];
			double *value = starts(m, 1), q = 0, gamma = 0.5 * K * P, O;
			for (int i = 0; i < N; i++)
				value[i] = m->sign[i];
			run(value, out, m, &how, 1, "auto");
			ck_assert_msg(out[0].converged, "P = %d, way %d, %ld", P, way, out[0].sweeps);
			for (int i = 0; i < N; i++)
				q += value[i] * value[i] / N;
			for (int k = 1; k < P; k++)
				gamma *= k / (double)N;
			O = gamma * (1 - q) / T * 0.5 * P * (P - 1) * pow(q, P - 2);
			ck_assert_double_gt(q, 0.2);
			for (int i = 0; i < N; i++) {
				double h = 0;
				for (long u = 0; u < m->rows; u++)
					h += factor(m, P) * chi(m, u, i) * polynomial(m, u, value, P - 1, i);
				ck_assert_double_eq_tol(value[i], tanh((h - O * value[i]) / T), 1e-8);
			}
			free(value);
			memories_free(m);
		}
	images_free(&s);
}
END_TEST

/* Above the transition the network forgets its start: m = 0, not a remainder that depends on the number of
 * iterations. */
START_TEST(test_plefka_forgets)
{
	enum { N = 150 };
	struct images s;
	make_images(&s, 3, 5, N, 0.8);
	struct memories *m = learn(&s, 5, 0, DECORRELATE_NONE);
	for (int P = 2; P <= 20; P += 6) {
		const struct retrieval how = {RETRIEVAL_PLEFKA, P, 10, 3000};
		struct retrieved out[1];
		double *value = starts(m, 1);
		memcpy(value, m->sign, N * sizeof *value);
		run(value, out, m, &how, 1, "auto");
		ck_assert_int_eq(out[0].converged, 1);
		for (int i = 0; i < N; i++)
			ck_assert(value[i] == 0);
		free(value);
	}
	memories_free(m);
	images_free(&s);
}
END_TEST

START_TEST(test_best_rows)
{
	enum { K = 4, M = 9, N = 60, IMAGES = 19 };
	struct images s;
	struct fault fault;
	struct retrieval_space *space;
	long row[IMAGES];
	make_images(&s, K, M, N, 0.3);
	struct memories *m = learn(&s, M, 1, DECORRELATE_NONE);
	double *value = starts(m, IMAGES);
	ck_assert_int_eq(retrieval_alloc(&space, m, "auto", &fault), 0);
	retrieval_best_rows(space, IMAGES, value, row);
	for (int k = 0; k < IMAGES; k++) {
		double best = -INFINITY;
		long found = 0;
		for (long u = 0; u < m->rows; u++) {
			double x = 0;
			for (int i = 0; i < N; i++)
				x += chi(m, u, i) * value[(size_t)k * m->stride + (size_t)i];
			if (x > best) {
				best = x;
				found = u;
			}
		}
		ck_assert_int_eq(row[k], found);
	}
	retrieval_free(space);
	free(value);
	memories_free(m);
	images_free(&s);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *dynamics = suite_case(suite, "dynamics", 120);

	tcase_add_test(dynamics, test_rows);
	tcase_add_test(dynamics, test_parallel);
	tcase_add_test(dynamics, test_same_bits);
	tcase_add_test(dynamics, test_descent);
	tcase_add_test(dynamics, test_heat_bath);
	tcase_add_test(dynamics, test_plefka);
	tcase_add_test(dynamics, test_plefka_forgets);
	tcase_add_test(dynamics, test_best_rows);
}
