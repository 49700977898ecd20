/* Times local fields: kernels against naive loops and against the read and lookup rates of the machine,
 * interleaved in one run.  An attempt is a field, a random number with its decision and, in 5 % of the
 * cases, a flip.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/field/field.h"
#include "montecarlo/field/kernel_bits.h"
#include "montecarlo/field/kernel_entries.h"
#include "montecarlo/disorder/rng.h"
#include "src/base/clock.h"
#include "tests/bench.h"

enum { SITES_MAX = 1000 };

static const double acceptance = 0.05;
static const struct rng_key key = {{3, 4}};

/* ---- the naive loop: overlaps X, h_i = sum xi ((X - xi s)^3 - (3N-5)(X - xi s))/6 */

struct naive {
	int N, sites; /* at most 256 MB of rows, fewer than N of them for many patterns */
	long K;
	int stride, step; /* of xi in sites and in patterns */
	int8_t *xi;
	int *X;
	float *xi_float, *X_float;
	int8_t spin[SITES_MAX];
};

#if defined __clang__
#define SCALAR
#define NO_VECTOR _Pragma("clang loop vectorize(disable) interleave(disable)")
#else
#define SCALAR __attribute__((optimize("no-tree-vectorize")))
#define NO_VECTOR
#endif

SCALAR static double naive_field(const struct naive *n, int i)
{
	const int8_t *xi = n->xi + (size_t)i * (size_t)n->stride;
	double h = 0, c = 3.0 * n->N - 5;

	NO_VECTOR
	for (long mu = 0; mu < n->K; mu++) {
		int x = xi[(size_t)mu * (size_t)n->step];
		double y = n->X[mu] - x * n->spin[i];
		h += x * (y * y * y - c * y) / 6;
	}
	return h;
}

SCALAR static void naive_flip(struct naive *n, int i)
{
	const int8_t *xi = n->xi + (size_t)i * (size_t)n->stride;

	n->spin[i] = (int8_t)-n->spin[i];
	NO_VECTOR
	for (long mu = 0; mu < n->K; mu++)
		n->X[mu] += 2 * n->spin[i] * xi[(size_t)mu * (size_t)n->step];
}

#define FLOAT_LOOPS(name, attribute)                                                                   \
	attribute static double name##_field(const struct naive *n, int i)                             \
	{                                                                                              \
		const float *xi = n->xi_float + (size_t)i * (size_t)n->K, *X = n->X_float;             \
		float sum[32] = {0}, s = n->spin[i], c = 3.0f * (float)n->N - 5;                       \
		double h = 0;                                                                          \
		for (long mu = 0; mu < n->K; mu += 32)                                                 \
			for (int l = 0; l < 32; l++) {                                                 \
				float x = xi[mu + l], y = X[mu + l] - x * s;                           \
				sum[l] += x * y * (y * y - c);                                         \
			}                                                                              \
		for (int l = 0; l < 32; l++)                                                           \
			h += (double)sum[l];                                                           \
		return h / 6;                                                                          \
	}                                                                                              \
	attribute static void name##_flip(struct naive *n, int i)                                      \
	{                                                                                              \
		const float *xi = n->xi_float + (size_t)i * (size_t)n->K;                              \
		float s = n->spin[i] = (int8_t)-n->spin[i];                                            \
		for (long mu = 0; mu < n->K; mu++)                                                     \
			n->X_float[mu] += 2 * s * xi[mu];                                              \
	}

#if defined __x86_64__
#include <immintrin.h>
FLOAT_LOOPS(wide, __attribute__((target("avx512f,avx512vl,avx512dq,fma"))))
#else
#define wide_field plain_field
#define wide_flip plain_flip
#endif
FLOAT_LOOPS(plain, )

static void naive_make(struct naive *n, int N, long K, int strided, int real)
{
	long most = (1L << 26) / K;
	int sites = N < most ? N : (int)most;
	size_t entries = (size_t)K * (size_t)sites;

	*n = (struct naive){
		.N = N, .sites = sites, .K = K, .stride = strided ? 1 : (int)K, .step = strided ? sites : 1};
	if (real) {
		n->xi_float = need(aligned_alloc(64, entries * sizeof(float)));
		n->X_float = need(aligned_alloc(64, (size_t)K * sizeof(float)));
	} else {
		n->xi = need(aligned_alloc(64, entries));
		n->X = need(aligned_alloc(64, (size_t)K * sizeof(int)));
	}
	for (size_t e = 0; e < entries; e++) {
		int x = (e * 2654435761u >> 13 & 1) ? 1 : -1;
		if (real)
			n->xi_float[e] = (float)x;
		else
			n->xi[e] = (int8_t)x;
	}
	for (long mu = 0; mu < K; mu++) {
		int X = 2 * ((int)(mu * 7919 % 61) - 30);
		if (real)
			n->X_float[mu] = (float)X;
		else
			n->X[mu] = X;
	}
	memset(n->spin, 1, sizeof n->spin);
}

static void naive_free(struct naive *n)
{
	free(n->xi);
	free(n->X);
	free(n->xi_float);
	free(n->X_float);
}

/* ---- contestants: one attempt at a time */

struct way {
	char name[16];
	struct naive naive;
	struct field_plan *plan;
	struct field *field;
	double (*ask)(const struct naive *, int);
	void (*flip)(struct naive *, int);
	char *read; /* or the number of bytes to read */
	size_t bytes;
	double accept;
	uint64_t attempts;
	int site;
	double u[2];
	double best; /* ns per attempt */
};

static double sink;

static void read_all(const char *, size_t bytes);

static void attempt(struct way *w)
{
	uint64_t n = w->attempts++;
	int N = w->field ? w->field->N : w->naive.sites, i = w->site;
	double u, h;

	if (w->read) {
		read_all(w->read, w->bytes);
		return;
	}
	w->site = i + 1 < N ? i + 1 : 0;
	if (n % 2 == 0)
		rng_pair(w->u, key, n >> 20, (uint32_t)(n & 0xfffff) / 2, RNG_SPIN);
	u = w->u[n % 2];
	if (w->field)
		h = field_local(w->field, i, w->site);
	else
		h = w->ask(&w->naive, i);
	sink += h > rng_logit(u);
	if (u >= w->accept)
		return;
	if (w->field)
		field_commit(w->field, i);
	else
		w->flip(&w->naive, i);
}

/* Interleaved rounds of 15 ms; the best round counts. */
static void race(struct way *way, int ways)
{
	for (int w = 0; w < ways; w++)
		way[w].best = 1e30;
	for (int round = 0; round < 8; round++)
		for (int w = 0; w < ways; w++) {
			double start = clock_cpu(), t;
			int n = 0, batch = 1;
			do {
				for (int b = 0; b < batch; b++)
					attempt(&way[w]);
				n += batch;
				t = clock_cpu() - start;
				batch = t < 1e-4 ? 2 * batch : batch;
			} while (t < 0.015);
			t = 1e9 * t / n;
			way[w].best = t < way[w].best ? t : way[w].best;
		}
}

static void add_naive(struct way *w, const char *name, int N, long K, int strided, int real)
{
	*w = (struct way){.accept = acceptance, .ask = naive_field, .flip = naive_flip};
	snprintf(w->name, sizeof w->name, "%s", name);
	naive_make(&w->naive, N, K, strided, real);
	if (real) {
		w->ask = plain_field;
		w->flip = plain_flip;
#if defined __x86_64__
		if (cpu_has_avx512()) {
			w->ask = wide_field;
			w->flip = wide_flip;
		}
#endif
	}
}

/* Returns 0 if this kernel does not support the rows. */
static int add_kernel(struct way *w, const char *kernel, const struct quenched *q, int P, double accept)
{
	struct couplings c = {.P = P, .w = 1};
	struct fault fault;
	int8_t *s = need(malloc((size_t)q->N));

	*w = (struct way){.accept = accept};
	if (field_plan_alloc(&w->plan, q, &c, kernel, &fault) != 0 || field_alloc(&w->field, w->plan) != 0) {
		free(s);
		return 0;
	}
	snprintf(w->name, sizeof w->name, "%s", field_kernel_name(w->plan));
	quenched_pattern(q, 0, s);
	for (int i = 0; i < q->N; i += 20)
		s[i] = (int8_t)-s[i];
	field_init(w->field, s);
	free(s);
	return 1;
}

static void drop(struct way *way, int ways)
{
	for (int w = 0; w < ways; w++) {
		free(way[w].read);
		if (way[w].field) {
			field_free(way[w].field);
			field_plan_free(way[w].plan);
		} else {
			naive_free(&way[w].naive);
		}
	}
}

static void make(struct quenched *q, enum learning learning, int N, long K, int M)
{
	struct disorder of = {.seed = 1, .N = N, .K = K, .M = M, .r = M > 1 ? 0.8 : 1, .learning = learning};
	struct fault fault;

	if (quenched_shape(q, &of, &fault) != 0 || quenched_fill(q, NULL, &fault) != 0) {
		fprintf(stderr, "bench_field: %s %s\n", fault.key, fault.why);
		exit(1);
	}
}

static double of(const struct way *way, int ways, const char *name)
{
	for (int w = 0; w < ways; w++)
		if (strcmp(way[w].name, name) == 0)
			return way[w].best;
	return 0;
}

/* ---- 1: against naive loops, P = 4 storage */

static void against_naive(int N, long K)
{
	struct way way[12];
	struct quenched q;
	struct field_plan plan;
	struct couplings c = {.P = 4, .w = 1};
	struct fault fault;
	int ways = 0;
	double t;

	make(&q, STORAGE, N, K, 1);
	if (K < 100000)
		add_naive(&way[ways++], "strided", N, K, 1, 0);
	add_naive(&way[ways++], "row", N, K, 0, 0);
	add_naive(&way[ways++], "float", N, K, 0, 1);
	for (int k = 0; field_kernels[k]; k++)
		ways += add_kernel(&way[ways], field_kernels[k], &q, 4, acceptance);
	race(way, ways);
	for (int w = 0; w < ways; w++)
		printf("P4_N%d_K%ld.%s %.5g ns\n", N, K, way[w].name, way[w].best);
	field_choose(&plan, &q, &c, "auto", &fault);
	t = of(way, ways, field_kernel_name(&plan));
	printf("goal 1  N=%d K=%ld: %s, %.3g attempts/s, %.3g x naive row (goal 60), %.3g x float vectorised "
	       "(goal 9)\n",
	       N, K, field_kernel_name(&plan), 1e9 / t, of(way, ways, "row") / t, of(way, ways, "float") / t);
	drop(way, ways);
	quenched_free(&q);
}

/* ---- 2: against the rate of the limiting instruction, one per plane, 64 rows and site: a byte lookup (which
 * sites may share one), and without VBMI, where all planes are stored, a dot product; and over K */

#if defined __x86_64__
/* Twelve independent instructions.  In assembly, since the compiler kept the intrinsics in memory, which
 * made the bound four times too slow. */
#define EACH(instruction)                                                                                    \
	__asm__ volatile(instruction                                                                         \
	                 "0\n\t" instruction "1\n\t" instruction "2\n\t" instruction "3\n\t" instruction     \
	                 "4\n\t" instruction "5\n\t" instruction "6\n\t" instruction "7\n\t" instruction     \
	                 "8\n\t" instruction "9\n\t" instruction "10\n\t" instruction "11" ::                \
	                         : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",   \
	                           "xmm9", "xmm10", "xmm11")

static const char *limiting(void)
{
	return cpu_has_vbmi() ? "vpermi2b" : "vpdpbusd";
}

/* ns per such instruction on 64 bytes; 0 without AVX-512. */
static double limiting_time(void)
{
	double best = 1e30;

	if (!cpu_has_avx512())
		return 0;
	for (int round = 0; round < 10; round++) {
		const int n = 200000;
		double start = clock_cpu(), t;
		if (cpu_has_vbmi())
			for (int j = 0; j < n; j++)
				EACH("vpermi2b %%zmm30, %%zmm31, %%zmm");
		else
			for (int j = 0; j < n; j++)
				EACH("vpdpbusd %%zmm30, %%zmm31, %%zmm");
		t = 1e9 * (clock_cpu() - start) / (12.0 * n);
		best = t < best ? t : best;
	}
	return best;
}

/* Reads this many bytes repeatedly, to measure the bandwidth of the cache that holds them. */
__attribute__((target("avx512f"))) static void read_all(const char *a, size_t bytes)
{
	__m512i sum[4] = {_mm512_setzero_si512()};

	for (size_t at = 0; at + 256 <= bytes; at += 256) {
#pragma GCC unroll 4
		for (int j = 0; j < 4; j++)
			sum[j] = _mm512_or_si512(sum[j], _mm512_load_si512(a + at + 64 * (size_t)j));
	}
	sum[0] = _mm512_or_si512(_mm512_or_si512(sum[0], sum[1]), _mm512_or_si512(sum[2], sum[3]));
	sink += (double)_mm512_reduce_or_epi64(sum[0]);
}
#else
static const char *limiting(void)
{
	return "";
}

static double limiting_time(void)
{
	return 0;
}

static void read_all(const char *a, size_t bytes)
{
	(void)a;
	(void)bytes;
}
#endif

static void over_K(void)
{
	static const long K[] = {16384, 65536, 262144, 1000000};
	double one = limiting_time(), first = 0;

	for (int k = 0; k < 4; k++) {
		struct way way[1];
		struct quenched q;
		const struct bits_plan *t;
		double rate;
		make(&q, STORAGE, 1000, K[k], 1);
		if (add_kernel(way, "auto", &q, 4, acceptance)) {
			race(way, 1);
			t = way->plan->data;
			rate = (double)K[k] / way->best; /* rows per ns */
			first = k == 0 ? rate : first;
			printf("P4_N1000_K%ld_rows.auto %.5g ns/64\n", K[k], 64 / rate);
			if (one > 0)
				printf("goal 2  N=1000 K=%ld: %s, %d planes: %.0f %% of the %s bound of %.3g "
				       "ns per 64 rows "
				       "(goal 40), %.0f %% of the rate at K=16384 (goal 80)\n",
				       K[k], way->name, t->A.planes, 100 * t->A.planes * one * rate / 64,
				       limiting(), t->A.planes * one, 100 * rate / first);
			drop(way, 1);
		}
		quenched_free(&q);
	}
}

/* ---- 3: against the read bandwidth */

static void against_reading(enum learning learning, int N, long K, int M)
{
	const char *name = M > 1 ? "supervised" : "storage", *kernel = cpu_has_vbmi() ? "vbmi" : "avx512";
	struct way way[3];
	struct quenched q;
	int planes, sites;

	memset(way, 0, sizeof way);
	make(&q, learning, N, K, M);
	if (add_kernel(&way[0], kernel, &q, 4, 0) && add_kernel(&way[1], kernel, &q, 4, acceptance)) {
		planes = q.alphabet == BITS ? ((struct bits_plan *)way->plan->data)->A.planes
		                            : ((struct entries_plan *)way->plan->data)->all_planes;
		sites = q.alphabet == BITS ? BITS_SITES : ((struct entries_plan *)way->plan->data)->sites;
		way[2].bytes = (size_t)K * (size_t)planes + q.stride;
		way[2].read = need(aligned_alloc(64, way[2].bytes));
		memset(way[2].read, 1, way[2].bytes);
		race(way, 3);
		printf("P4_%s_N%d_K%ld.field %.5g ns\nP4_%s_N%d_K%ld.attempt %.5g ns\nP4_%s_N%d_K%ld.reading "
		       "%.5g ns\n",
		       name, N, K, way[0].best, name, N, K, way[1].best, name, N, K, way[2].best);
		printf("goal 3  %s N=%d K=%ld: %d + %.3g bytes per row, a field at %.0f %% of the rate of "
		       "reading them "
		       "(goal 80), an attempt with 5 %% flips %.0f %%; up to %d sites share a reading\n",
		       name, N, K, planes, (double)q.stride / (double)K, 100 * way[2].best / way[0].best,
		       100 * way[2].best / way[1].best, sites);
	}
	drop(way, 3);
	quenched_free(&q);
}

/* ---- 6: random numbers; other corners */

static void random_numbers(void)
{
	struct way way[1];
	struct quenched q;
	double best = 1e30;

	for (int round = 0; round < 5; round++) {
		double start = clock_cpu(), t;
		for (uint32_t j = 0; j < 100000; j++) {
			double u[2];
			rng_pair(u, key, 1, j, RNG_SPIN);
			sink += (0.1 > rng_logit(u[0])) + (0.1 > rng_logit(u[1]));
		}
		t = 1e9 * (clock_cpu() - start) / 200000;
		best = t < best ? t : best;
	}
	make(&q, STORAGE, 200, 16384, 1);
	add_kernel(way, "auto", &q, 4, acceptance);
	race(way, 1);
	printf("goal 6  random number and decision %.3g ns, %.2g %% of an attempt at N=200 K=16384 (goal "
	       "10)\n",
	       best, 100 * best / way->best);
	drop(way, 1);
	quenched_free(&q);
}

static void corner(const char *name, enum learning learning, int P, int N, long K, int M)
{
	struct way way[12];
	struct quenched q;
	struct field_plan plan;
	struct couplings c = {.P = P, .w = 1};
	struct fault fault;
	int ways = 0;

	make(&q, learning, N, K, M);
	for (int k = 0; field_kernels[k]; k++)
		ways += add_kernel(&way[ways], field_kernels[k], &q, P, acceptance);
	race(way, ways);
	for (int w = 0; w < ways; w++)
		printf("%s_N%d_K%ld.%s %.5g ns\n", name, N, K, way[w].name, way[w].best);
	if (field_choose(&plan, &q, &c, "auto", &fault) == 0)
		printf("chosen  %s N=%d K=%ld: %s\n", name, N, K, field_kernel_name(&plan));
	drop(way, ways);
	quenched_free(&q);
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "1236c"; /* only the goals and cases named by these letters */

	if (strchr(only, '1')) {
		against_naive(100, 65536);
		against_naive(200, 16384);
		against_naive(1000, 16384);
		against_naive(200, 524288);
	}
	if (strchr(only, '2'))
		over_K();
	if (strchr(only, '3')) {
		against_reading(STORAGE, 4000, 65536, 1);
		against_reading(SUPERVISED, 200, 65536, 5);
	}
	if (strchr(only, '6'))
		random_numbers();
	if (!strchr(only, 'c'))
		return sink < 0;
	corner("P2", STORAGE, 2, 1000, 64, 1);
	corner("P2", STORAGE, 2, 1000, 1000, 1);
	corner("P2", STORAGE, 2, 4000, 200, 1);
	corner("P4", STORAGE, 4, 1000, 64, 1);
	corner("P6", STORAGE, 6, 200, 16384, 1);
	corner("P4", STORAGE, 4, 10000, 16384, 1);
	corner("P4", STORAGE, 4, 100000, 4096, 1);
	corner("P4_supervised", SUPERVISED, 4, 200, 16384, 5);
	corner("P4_supervised", SUPERVISED, 4, 1000, 200, 5);
	return sink < 0;
}
