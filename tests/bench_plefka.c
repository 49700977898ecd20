/* Times a sweep with the explicit tensor of couplings, with naive factorised loops, with the exact kernels
 * and with Plefka's fields, over N and K, with fitted exponents; and an iteration of the TAP equations
 * against OpenBLAS.  P = 4, storage, one core; 5 % of the attempts flip a spin.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <dlfcn.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/chain/sampler.h"
#include "montecarlo/chain/tap.h"
#include "src/base/clock.h"
#include "tests/bench.h"

static const struct rng_key key = {{5, 6}};
static const double acceptance = 0.05;

static void must(int status, const struct fault *fault)
{
	if (status != 0) {
		fprintf(stderr, "bench_plefka: %s %s\n", fault->key, fault->why);
		exit(1);
	}
}

/* --- a sample */

static struct couplings couplings_of(int N) /* of the dense network, P = 4 */
{
	return (struct couplings){.P = 4, .w = 12 / pow(N, 3)};
}

static void make(struct quenched *q, int N, long K)
{
	struct disorder of = {.seed = 1, .N = N, .K = K, .M = 1, .r = 1, .learning = STORAGE};
	struct fault fault;

	must(quenched_shape(q, &of, &fault), &fault);
	must(quenched_fill(q, NULL, &fault), &fault);
}

/* --- naive: a byte per entry, overlaps X, h_i = sum xi (y^3 - (3N-5) y)/6 with y = X - xi s */

struct naive {
	int N;
	long K;
	int8_t *xi, *spin;
	int *X;
};

static void naive_make(struct naive *n, const struct quenched *q)
{
	*n = (struct naive){.N = q->N, .K = q->rows};
	n->xi = need(malloc((size_t)n->N * (size_t)n->K));
	n->spin = need(malloc((size_t)n->N));
	n->X = need(calloc((size_t)n->K, sizeof *n->X));
	must(quenched_pattern(q, 0, n->spin), &(struct fault){.key = "K", .why = "no memory"});
	for (int i = 0; i < n->N; i++)
		for (long mu = 0; mu < n->K; mu++) {
			int x = (int)quenched_entry(q, mu, i);
			n->xi[(size_t)i * (size_t)n->K + (size_t)mu] = (int8_t)x;
			n->X[mu] += x * n->spin[i];
		}
}

static double naive_field(const struct naive *n, int i)
{
	const int8_t *xi = n->xi + (size_t)i * (size_t)n->K;
	double h = 0, c = 3.0 * n->N - 5;

	for (long mu = 0; mu < n->K; mu++) {
		double y = n->X[mu] - xi[mu] * n->spin[i];
		h += xi[mu] * (y * y * y - c * y) / 6;
	}
	return h;
}

static void naive_flip(struct naive *n, int i)
{
	const int8_t *xi = n->xi + (size_t)i * (size_t)n->K;

	n->spin[i] = (int8_t)-n->spin[i];
	for (long mu = 0; mu < n->K; mu++)
		n->X[mu] += 2 * n->spin[i] * xi[mu];
}

static void naive_free(struct naive *n)
{
	free(n->xi);
	free(n->spin);
	free(n->X);
}

/* --- the tensor in floats, as usually written: for each site J_ijkl, j < k < l, and dot products */

struct loops {
	int N;
	float *J, *spin; /* [N][sets of three of the others]: any values */
};

static size_t sets_of(int n)
{
	return (size_t)n * (size_t)(n - 1) / 2 * (size_t)(n - 2) / 3;
}

static void loops_make(struct loops *t, int N)
{
	size_t n = (size_t)N * sets_of(N - 1);

	*t = (struct loops){.N = N,
	                    .J = need(malloc(n * sizeof(float))),
	                    .spin = need(malloc((size_t)N * sizeof(float)))};
	for (size_t k = 0; k < n; k++)
		t->J[k] = (float)(k * 2654435761u >> 20 & 255) - 128;
	for (int i = 0; i < N; i++)
		t->spin[i] = i % 3 ? 1 : -1;
}

#if defined __x86_64__
__attribute__((target("avx2,fma")))
#endif
static float
dot(const float *a, const float *b, int n)
{
	float sum[8] = {0}, all = 0;
	int k = 0;

	for (; k + 8 <= n; k += 8)
		for (int l = 0; l < 8; l++)
			sum[l] += a[k + l] * b[k + l];
	for (; k < n; k++)
		all += a[k] * b[k];
	for (int l = 0; l < 8; l++)
		all += sum[l];
	return all;
}

static double loops_field(const struct loops *t, int i)
{
	const int n = t->N - 1;
	const float *J = t->J + (size_t)i * sets_of(n);
	float s[128], h = 0;

	memcpy(s, t->spin, (size_t)i * sizeof *s);
	memcpy(s + i, t->spin + i + 1, (size_t)(n - i) * sizeof *s);
	for (int j = 0; j < n - 2; j++) {
		float of_j = 0;
		for (int k = j + 1; k < n - 1; k++) {
			of_j += s[k] * dot(J, s + k + 1, n - k - 1);
			J += n - k - 1;
		}
		h += s[j] * of_j;
	}
	return (double)h;
}

/* --- methods for a sweep */

enum way { LOOPS, TENSOR, NAIVE, EXACT, PLEFKA, TAP, WAYS };
static const char *const way_name[WAYS] = {"loops", "tensor", "naive", "exact", "plefka", "tap"};

struct sweep {
	enum way way;
	int N;
	uint64_t sweeps;
	struct loops loops;
	struct naive naive;
	struct field_plan *plan;
	struct sampler sampler;
	struct tap *tap;
	double *h, *m;
};

static void sweep_make(struct sweep *s, enum way way, const struct quenched *q)
{
	const struct couplings c = couplings_of(q->N);
	struct fault fault = {"N", "no memory"};
	size_t N = (size_t)q->N;

	*s = (struct sweep){.way = way, .N = q->N};
	if (way == LOOPS)
		loops_make(&s->loops, q->N);
	if (way == NAIVE)
		naive_make(&s->naive, q);
	if (way == LOOPS || way == NAIVE)
		return;
	must(field_plan_alloc(&s->plan, q, &c, way == TENSOR ? "tensor" : "auto", &fault), &fault);
	must(sampler_init(&s->sampler, s->plan, HEAT_BATH, SEQUENTIAL, key, 0.5), &fault);
	int8_t *spin = need(malloc(N));
	must(quenched_pattern(q, 0, spin), &fault);
	field_init(s->sampler.field, spin);
	free(spin);
	if (way < PLEFKA)
		return;
	must(tap_alloc(&s->tap, q, &c, &fault), &fault);
	must(sampler_mean_field(&s->sampler, s->tap, 2), &fault);
	s->h = need(malloc(N * sizeof *s->h));
}

static void sweep_free(struct sweep *s)
{
	free(s->loops.J);
	free(s->loops.spin);
	naive_free(&s->naive);
	if (s->plan)
		sampler_free(&s->sampler);
	field_plan_free(s->plan);
	tap_free(s->tap);
	free(s->h);
}

static double sink;

static void attempt(struct sweep *s, int i, double u)
{
	struct field *f = s->sampler.field;
	double h = s->way == LOOPS   ? loops_field(&s->loops, i)
	           : s->way == NAIVE ? naive_field(&s->naive, i)
	                             : field_local(f, i, i + 1 < s->N ? i + 1 : -1);

	sink += h > rng_logit(u);
	if (u >= acceptance)
		return;
	if (s->way == LOOPS)
		s->loops.spin[i] = -s->loops.spin[i];
	else if (s->way == NAIVE)
		naive_flip(&s->naive, i);
	else
		field_commit(f, i);
}

static void sweep_run(struct sweep *s)
{
	double u[2];

	if (s->way == PLEFKA)
		sampler_sweep(&s->sampler, NULL);
	else if (s->way == TAP)
		tap_fields(s->tap, s->h, s->sampler.m, false);
	for (int i = 0; i < s->N && s->way < PLEFKA; i++) {
		if (i % 2 == 0)
			rng_pair(u, key, s->sweeps, (uint32_t)i / 2, RNG_SPIN);
		attempt(s, i, u[i % 2]);
	}
	s->sweeps++;
}

/* Seconds per sweep: the best of several interleaved rounds. */
static void race(double *best, struct sweep *s, int n)
{
	for (int w = 0; w < n; w++)
		best[w] = INFINITY;
	for (int round = 0; round < 5; round++)
		for (int w = 0; w < n; w++) {
			double start = clock_cpu(), t;
			int sweeps = 0;
			do {
				sweep_run(&s[w]);
				sweeps++;
				t = clock_cpu() - start;
			} while (t < 0.02);
			best[w] = fmin(best[w], t / sweeps);
		}
}

/* Slope of ln y over ln x by least squares. */
static double exponent(const double *x, const double *y, int n)
{
	double mx = 0, my = 0, xy = 0, xx = 0;

	for (int k = 0; k < n; k++) {
		mx += log(x[k]) / n;
		my += log(y[k]) / n;
	}
	for (int k = 0; k < n; k++) {
		xy += (log(x[k]) - mx) * (log(y[k]) - my);
		xx += (log(x[k]) - mx) * (log(x[k]) - mx);
	}
	return xy / xx;
}

/* --- a sweep over N and over K, and the exponents */

static void measure(double *seconds, int N, long K, enum way first, enum way last)
{
	struct sweep s[WAYS];
	struct quenched q;
	int n = (int)last - (int)first + 1;

	make(&q, N, K);
	for (int w = 0; w < n; w++)
		sweep_make(&s[w], (enum way)((int)first + w), &q);
	race(seconds + first, s, n);
	for (int w = 0; w < n; w++) {
		printf("sweep_N%d_K%ld.%s %.5g us\n", N, K, way_name[(int)first + w],
		       1e6 * seconds[(int)first + w]);
		sweep_free(&s[w]);
	}
	quenched_free(&q);
}

static void scaling(const char *axis, const int *N, const long *K, int n, enum way first, enum way last)
{
	double seconds[8][WAYS], x[8], y[8];

	for (int k = 0; k < n; k++) {
		measure(seconds[k], N[k], K[k], first, last);
		x[k] = *axis == 'N' ? N[k] : (double)K[k];
	}
	for (int w = (int)first; w <= (int)last; w++) {
		for (int k = 0; k < n; k++)
			y[k] = seconds[k][w];
		printf("exponent of a sweep in %s, %s: %.2f\n", axis, way_name[w], exponent(x, y, n));
	}
}

static void scalings(void)
{
	static const int N[] = {128, 256, 512, 1024}, few[] = {40, 60, 80, 110},
			 same[] = {200, 200, 200, 200};
	static const long K[] = {4096, 16384, 65536, 262144}, fixed[] = {16384, 16384, 16384, 16384};

	scaling("N", few, fixed, 4, LOOPS, TENSOR);
	scaling("N", N, fixed, 4, NAIVE, TAP);
	scaling("K", same, K, 4, NAIVE, TAP);
}

/* --- the tensor at the load that fills it, K = 0.8 N^3/12 */

/* Returns whether both give the same integers at every site while spins are flipped. */
static bool identical(struct field *f, struct field *g)
{
	bool same = true;

	field_init(g, f->spin);
	for (int i = 0; i < f->N; i++) {
		same = same && f->sum(f, i, -1) == g->sum(g, i, -1);
		field_commit(f, i);
		field_commit(g, i);
	}
	return same;
}

static void against_tensor(int N)
{
	long K = (long)(0.8 * pow(N, 3) / 12);
	double seconds[WAYS];
	struct sweep s[WAYS];
	struct quenched q;

	make(&q, N, K);
	for (int w = LOOPS; w <= EXACT; w++)
		sweep_make(&s[w], (enum way)w, &q);
	race(seconds, s, EXACT + 1);
	bool same = identical(s[TENSOR].sampler.field, s[EXACT].sampler.field);
	for (int w = LOOPS; w <= EXACT; w++) {
		printf("load_N%d_K%ld.%s %.5g us\n", N, K, way_name[w], 1e6 * seconds[w]);
		sweep_free(&s[w]);
	}
	printf("goal 4  N=%d K=%ld: exact %.3g x the tensor in vectorised float loops (goal 25), %.3g x the "
	       "tensor of this program, %.3g x "
	       "naive; fields %s\n",
	       N, K, seconds[LOOPS] / seconds[EXACT], seconds[TENSOR] / seconds[EXACT],
	       seconds[NAIVE] / seconds[EXACT], same ? "identical" : "DIFFERENT");
	quenched_free(&q);
}

/* --- a TAP iteration against matrix products of floats: A[rows][N], products A m and A m^3, symmetric
 * sums, the backward products A' e_3 and A' e_1; as two sgemv each, or as one sgemm of two columns */

typedef void sgemv_function(int order, int trans, int m, int n, float alpha, const float *a, int lda,
                            const float *x, int incx, float beta, float *y, int incy);
typedef void sgemm_function(int order, int transa, int transb, int m, int n, int k, float alpha,
                            const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
enum { ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112 };

struct blas {
	sgemv_function *sgemv;
	sgemm_function *sgemm;
	int N, K;
	float *A, *m, *X, *h; /* m[2][N], X[2][K], h[2][N]; of sgemm transposed */
};

static bool blas_load(struct blas *b)
{
	static const char *const names[] = {"libopenblas.so.0", "libopenblas.so"};
	void *library = NULL;

	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	for (int i = 0; i < 2 && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return false;
	void *v = dlsym(library, "cblas_sgemv"), *m = dlsym(library, "cblas_sgemm");
	memcpy(&b->sgemv, &v, sizeof v); /* ISO C has no conversion of object to function pointers */
	memcpy(&b->sgemm, &m, sizeof m);
	return v && m;
}

static void blas_make(struct blas *b, const struct quenched *q, const double *m)
{
	b->N = q->N;
	b->K = (int)q->rows;
	b->A = need(aligned_alloc(64, (size_t)b->N * (size_t)b->K * sizeof *b->A));
	b->m = need(malloc(2 * (size_t)b->N * sizeof *b->m));
	b->h = need(malloc(2 * (size_t)b->N * sizeof *b->h));
	b->X = need(malloc(2 * (size_t)b->K * sizeof *b->X));
	for (int mu = 0; mu < b->K; mu++)
		for (int i = 0; i < b->N; i++)
			b->A[(size_t)mu * (size_t)b->N + (size_t)i] = (float)quenched_entry(q, mu, i);
	for (int i = 0; i < b->N; i++) {
		b->m[i] = (float)m[i];
		b->m[b->N + i] = (float)pow(m[i], 3);
	}
}

/* (p1, p3) of each row to (e3, e1); stride: between the two. */
static void blas_sums(struct blas *b, float p2, int step, int stride)
{
	for (int mu = 0; mu < b->K; mu++) {
		float *p = b->X + (size_t)mu * (size_t)step, p1 = p[0];
		p[0] = (p1 * p1 * p1 - 3 * p1 * p2 + 2 * p[stride]) / 6;
		p[stride] = p1;
	}
}

static float squares(const struct blas *b)
{
	float p2 = 0;
	for (int i = 0; i < b->N; i++)
		p2 += b->m[i] * b->m[i];
	return p2;
}

static void blas_gemv(struct blas *b)
{
	for (int k = 0; k < 2; k++)
		b->sgemv(ROW_MAJOR, PLAIN, b->K, b->N, 1, b->A, b->N, b->m + k * b->N, 1, 0, b->X + k * b->K,
		         1);
	blas_sums(b, squares(b), 1, b->K);
	for (int k = 0; k < 2; k++)
		b->sgemv(ROW_MAJOR, TRANSPOSED, b->K, b->N, 1, b->A, b->N, b->X + k * b->K, 1, 0,
		         b->h + k * b->N, 1);
}

static void blas_gemm(struct blas *b)
{
	b->sgemm(ROW_MAJOR, PLAIN, TRANSPOSED, b->K, 2, b->N, 1, b->A, b->N, b->m, b->N, 0, b->X, 2);
	blas_sums(b, squares(b), 2, 1);
	b->sgemm(ROW_MAJOR, TRANSPOSED, PLAIN, b->N, 2, b->K, 1, b->A, b->N, b->X, 2, 0, b->h, 2);
}

/* h_i/w = sum a (e3 - y e2 + y^2 e1 - y^3), y = a m: the backward products and what is the same for all
 * rows. */
static double blas_error(const struct blas *b, int step, int stride, const double *h, const double *m,
                         double w, double all2)
{
	double worst = 0, largest = 0;

	for (int i = 0; i < b->N; i++) {
		double e3 = b->h[i * step], e1 = b->h[i * step + stride];
		double mine = w * (e3 - m[i] * all2 + m[i] * m[i] * e1 - pow(m[i], 3) * b->K);
		worst = fmax(worst, fabs(mine - h[i]));
		largest = fmax(largest, fabs(h[i]));
	}
	return worst / largest;
}

/* sum over rows of e_2 = (p1^2 - p2)/2. */
static double all_e2(const struct quenched *q, const double *m)
{
	double all = 0;

	for (long mu = 0; mu < q->rows; mu++) {
		double p1 = 0, p2 = 0;
		for (int i = 0; i < q->N; i++) {
			p1 += quenched_entry(q, mu, i) * m[i];
			p2 += m[i] * m[i];
		}
		all += (p1 * p1 - p2) / 2;
	}
	return all;
}

static double best_of(void (*thing)(struct blas *), struct blas *b)
{
	double best = INFINITY;

	for (int round = 0; round < 5; round++) {
		double start = clock_cpu();
		thing(b);
		best = fmin(best, clock_cpu() - start);
	}
	return best;
}

static void against_blas(int N, long K)
{
	struct quenched q;
	struct sweep s;
	struct blas b;
	double seconds, v, m;

	make(&q, N, K);
	sweep_make(&s, TAP, &q);
	for (int i = 0; i < N; i++)
		s.sampler.m[i] *= 0.5 + 0.4 * rng_uniform(key, 1, (uint32_t)i, RNG_START);
	race(&seconds, &s, 1);
	printf("iteration_N%d_K%ld.tap %.5g us\n", N, K, 1e6 * seconds);
	if (!blas_load(&b)) {
		printf("TAP iteration against OpenBLAS: not measured, there is no libopenblas.so.0 (Debian: "
		       "libopenblas0-pthread)\n");
	} else {
		double all2 = all_e2(&q, s.sampler.m), w = couplings_of(N).w;
		blas_make(&b, &q, s.sampler.m);
		v = best_of(blas_gemv, &b);
		double error = blas_error(&b, 1, N, s.h, s.sampler.m, w, all2);
		m = best_of(blas_gemm, &b);
		error = fmax(error, blas_error(&b, 2, 1, s.h, s.sampler.m, w, all2));
		printf("iteration_N%d_K%ld.sgemv %.5g us\niteration_N%d_K%ld.sgemm %.5g us\n", N, K, 1e6 * v,
		       N, K, 1e6 * m);
		printf("TAP iteration N=%d K=%ld: %.3g x OpenBLAS sgemv, %.3g x sgemm of two columns (goal "
		       "2.5); fields agree to %.1e\n",
		       N, K, v / seconds, m / seconds, error);
		free(b.A);
		free(b.m);
		free(b.X);
		free(b.h);
	}
	sweep_free(&s);
	quenched_free(&q);
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "4bs"; /* tensor, BLAS, scaling */

	for (int N = 40; N <= 100 && strchr(only, '4'); N += N == 40 ? 20 : 40)
		against_tensor(N);
	if (strchr(only, 'b'))
		against_blas(1000, 65536);
	if (strchr(only, 's'))
		scalings();
	return sink < 0;
}
