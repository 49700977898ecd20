/* Averages of the dense network's field: THEORY.md §2, equations (A1)-(A9).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/numerics/average.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	LANES = 8,                  /* tables are padded to this */
	RESTART = 512,              /* number of nodes after which the rotations restart, to avoid drift */
	TABLES_PER_OCTAVE = 8,      /* lengths L form a geometric series */
	TABLES = 40 * TABLES_PER_OCTAVE,
	MAX_NODES = 1 << 16,
	MAX_POWER = 1024            /* above this M, Z^M by logarithms: repeated squaring loses M epsilon */
};

static const double SHORTEST = 20;  /* smallest L */
static const double MARGIN = 18;    /* L - max |h|: the sum is then exact to e^-36 */
static const double TAIL = 8.5;     /* standard deviations that contribute: e^-36 */
static const double W_MAX = 28;     /* b w^3 < 1e-15 beyond */
static const double LAST_EXP = 40;  /* Gaussian factors below e^-40 are dropped */

typedef void gauss_sum(const struct nodes *, double mean, double var, double *out);
typedef void binomial_sum(const struct nodes *, double angle, double r, long M, double var, double *out);

/* ---------------------------------------------------------------- the kernels */

static double lane_sum(const double *x, int width)
{
	double sum = 0;
	for (int j = 0; j < width; j++)
		sum += x[j];
	return sum;
}

#define FOURIER(name) name##_portable
#define TARGET
#define WIDTH 8
#include "physics/numerics/average_fourier.h"

#if defined(__x86_64__)
#define FOURIER(name) name##_avx2
#define TARGET __attribute__((target("avx2")))
#define WIDTH 4
#include "physics/numerics/average_fourier.h"

#define FOURIER(name) name##_avx512
#define TARGET __attribute__((target("avx512f,avx512dq")))
#define WIDTH 8
#include "physics/numerics/average_fourier.h"
#endif

struct kernel {
	const char *name;
	gauss_sum *gauss;
	binomial_sum *binomial;
};

/* Best first. */
static const struct kernel kernels[] = {
#if defined(__x86_64__)
    {"avx512", gauss_avx512, binomial_avx512},
    {"avx2", gauss_avx2, binomial_avx2},
#endif
    {"portable", gauss_portable, binomial_portable},
};
enum { KERNELS = sizeof kernels / sizeof kernels[0] };

static int kernel_runs_here(const struct kernel *k)
{
#if defined(__x86_64__)
	if (k->gauss == gauss_avx512)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
	if (k->gauss == gauss_avx2)
		return __builtin_cpu_supports("avx2");
#endif
	return k->gauss == gauss_portable;
}

/* ---------------------------------------------------------------- workspace */

struct average {
	const struct kernel *kernel;
	struct nodes table[TABLES];
	int capacity[TABLES];
	void *kept;
	void (*release)(void *);
};

int average_alloc(struct average **out, const char *name)
{
	*out = NULL;
	const struct kernel *kernel = NULL;
	for (int i = 0; i < KERNELS && !kernel; i++)
		if ((strcmp(name, "auto") == 0 || strcmp(name, kernels[i].name) == 0) &&
		    kernel_runs_here(&kernels[i]))
			kernel = &kernels[i];
	if (!kernel)
		return GSL_EINVAL;
	if (!(*out = calloc(1, sizeof **out)))
		return GSL_ENOMEM;
	(*out)->kernel = kernel;
	for (int i = 0; i < TABLES; i++)
		(*out)->table[i].L = SHORTEST * exp2((double)i / TABLES_PER_OCTAVE);
	return GSL_SUCCESS;
}

void average_free(struct average *average)
{
	if (!average)
		return;
	for (int i = 0; i < TABLES; i++) {
		free(average->table[i].w);
		free(average->table[i].b);
		free(average->table[i].b_over_w);
	}
	if (average->kept)
		average->release(average->kept);
	free(average);
}

void *average_keep(struct average *average, void *(*alloc)(void), void (*release)(void *))
{
	if (!average->kept)
		average->kept = alloc();
	average->release = release;
	return average->kept;
}

const char *average_kernel(const struct average *average)
{
	return average->kernel->name;
}

const char *average_kernel_name(int i)
{
	return i < KERNELS ? kernels[i].name : NULL;
}

/* Sum of b/w over all nodes = integral of the odd-harmonic tanh from 0 to L/2; for long periods ln
 * cosh(L/2). */
static double nodes_total(double L)
{
	if (L > 40)
		return 0.5 * L - M_LN2;
	double sum = 0;
	for (int j = (int)(7 * L); j >= 0; j--) { /* smallest first; b falls as e^(-pi^2 j/L) */
		double w = (2 * j + 1) * M_PI / L;
		sum += 2 * M_PI / (L * w * sinh(M_PI_2 * w));
	}
	return sum;
}

static int nodes_grow(struct nodes *t, int *capacity, int count)
{
	int want = *capacity ? 2 * *capacity : 256;
	while (want < count)
		want *= 2;
	size_t bytes = (size_t)want * sizeof(double);
	double *fresh[3] = {aligned_alloc(64, bytes), aligned_alloc(64, bytes), aligned_alloc(64, bytes)};
	if (!fresh[0] || !fresh[1] || !fresh[2]) {
		free(fresh[0]);
		free(fresh[1]);
		free(fresh[2]);
		return GSL_ENOMEM;
	}
	for (int j = 0; j < want; j++) {
		double w = (2 * j + 1) * M_PI / t->L, b = 2 * M_PI / (t->L * sinh(M_PI_2 * w));
		fresh[0][j] = w;
		fresh[1][j] = b;
		fresh[2][j] = b / w;
	}
	free(t->w);
	free(t->b);
	free(t->b_over_w);
	t->w = fresh[0];
	t->b = fresh[1];
	t->b_over_w = fresh[2];
	if (!*capacity)
		t->total = nodes_total(t->L);
	*capacity = want;
	return GSL_SUCCESS;
}

const struct nodes *average_nodes(struct average *average, double field, double w_max)
{
	double octaves = log2((field + MARGIN) / SHORTEST) * TABLES_PER_OCTAVE;
	int i = octaves > 0 ? (int)ceil(octaves) : 0;
	if (i >= TABLES)
		return NULL;
	struct nodes *t = &average->table[i];
	double count = ceil(w_max * t->L / (2 * M_PI) / LANES) * LANES;
	if (count > MAX_NODES)
		return NULL;
	if (count > average->capacity[i] && nodes_grow(t, &average->capacity[i], (int)count) != GSL_SUCCESS)
		return NULL;
	t->count = (int)count;
	return t;
}

/* ---------------------------------------------------------------- one Gaussian field */

/* Averages over a Gaussian field: tanh(h/T), sech^2(h/T)/T, its first two derivatives by the mean, T ln
 * 2cosh(h/T). */
struct convolution {
	double t, s, s1, s2, logcosh;
};

static struct convolution convolve_zero(double mean, double var)
{
	if (var == 0)
		return (struct convolution){
			.t = (mean > 0) - (mean < 0), .s = mean == 0 ? INFINITY : 0, .logcosh = fabs(mean)};
	double sd = sqrt(var), x = mean / sd;
	struct convolution a = {.t = erf(x * M_SQRT1_2), .s = sqrt(2 / M_PI) / sd * exp(-0.5 * x * x)};
	a.s1 = -x / sd * a.s;
	a.s2 = (x * x - 1) / var * a.s;
	a.logcosh = mean * a.t + var * a.s;
	return a;
}

/* ln 2cosh and sech^2, without overflow. */
static double log_2cosh(double x)
{
	return fabs(x) + log1p(exp(-2 * fabs(x)));
}

static struct convolution convolve_trapezoid(double T, double mean, double var)
{
	if (T == 0)
		return convolve_zero(mean, var);
	double sd = sqrt(var) / T, mu = mean / T, step = fmin(0.2 / sd, 0.4);
	int half = sd > 0 ? (int)ceil(9.5 / step) : 0;
	double norm = sd > 0 ? step / sqrt(2 * M_PI) : 1;
	struct convolution a = {0};
	for (int i = -half; i <= half; i++) {
		double z = i * step, h = mu + sd * z, weight = norm * exp(-0.5 * z * z), t = tanh(h);
		double e = exp(-2 * fabs(h)), s = 4 * e / ((1 + e) * (1 + e));
		a.t += weight * t;
		a.s += weight * s;
		a.s1 += weight * -2 * t * s;
		a.s2 += weight * s * (4 - 6 * s);
		a.logcosh += weight * log_2cosh(h);
	}
	a.s /= T;
	a.s1 /= T * T;
	a.s2 /= T * T * T;
	a.logcosh *= T;
	return a;
}

/* Returns the frequency that the nodes must reach for a Gaussian factor of this variance (in units of
 * T^2). */
static double last_frequency(double var)
{
	return fmin(W_MAX, sqrt(2 * LAST_EXP / var));
}

static struct convolution convolve_fourier(struct average *average, double T, double mean, double var)
{
	double a = mean / T, s = var / (T * T), sum[5];
	const struct nodes *nodes =
		var > 0 ? average_nodes(average, fabs(a) + TAIL * sqrt(s), last_frequency(s)) : NULL;
	if (!nodes) /* too many nodes, or a single point */
		return convolve_trapezoid(T, mean, var);
	average->kernel->gauss(nodes, a, s, sum);
	return (struct convolution){.t = sum[0],
	                            .s = sum[1] / T,
	                            .s1 = -sum[2] / (T * T),
	                            .s2 = -sum[3] / (T * T * T),
	                            .logcosh = T * (M_LN2 + (nodes->total - sum[4]))};
}

/* ---------------------------------------------------------------- the two laws of chi */

/* Gaussian chi by parts, (A6)-(A8): E y f(h) = sqrt(rho) A mu E f'(h). */
static void assemble_gauss(struct moments *out, const struct law *law, double T, double A,
                           const struct convolution *a)
{
	double rho = law->rho, mu = 1 / sqrt(1 + rho), k = rho * A * mu;
	out->m = a->t;
	out->n = mu * (a->t + k * a->s);
	out->C = a->s;
	out->logcosh = a->logcosh;
	out->n_A = mu * mu * ((1 + rho) * a->s + 2 * k * a->s1 + k * k * a->s2);
	out->n_v = 0.5 * mu * (a->s1 + k * a->s2);
	out->C_A = 2 * out->n_v;
	out->C_v = 0.5 * a->s2;
	out->sech4 = (2 * out->C - T * T * out->C_v) / 3;
}

static void add_atom(struct moments *out, double *total, double weight, double chi, double T, double A,
                     double v)
{
	struct convolution a = convolve_trapezoid(T, A * chi, v);
	*total += weight;
	out->m += weight * a.t;
	out->n += weight * chi * a.t;
	out->C += weight * a.s;
	out->logcosh += weight * a.logcosh;
	out->n_A += chi != 0 ? weight * chi * chi * a.s : 0; /* s is infinite at h = 0 without noise */
	out->n_v += weight * chi * 0.5 * a.s1;
	out->C_v += weight * 0.5 * a.s2;
}

/* Binomial chi: the exact sum over all atoms with nonzero weight. */
static void sum_atoms(struct moments *out, const struct law *law, double T, double A, double v)
{
	double M = law->M, R = law->r * law->r * (1 + law->rho), p = 0.5 * (1 + law->r);
	double mode = fmin(M, floor((M + 1) * p)), total = 0;
	*out = (struct moments){0};
	for (int side = -1; side <= 1; side += 2) { /* from the mode outwards, by ratios of weights */
		double weight = 1;
		for (double B = mode; B >= 0 && B <= M && weight > 1e-20; B += side) {
			if (side < 0 || B > mode)
				add_atom(out, &total, weight, (2 * B - M) / (M * sqrt(R)), T, A, v);
			weight *= side > 0 ? (M - B) / (B + 1) * p / (1 - p) : B / (M - B + 1) * (1 - p) / p;
		}
	}
	double *sums = &out->m;
	for (size_t i = 0; i < sizeof *out / sizeof *sums; i++)
		sums[i] /= total;
	out->C_A = 2 * out->n_v;
	out->sech4 = (2 * out->C - T * T * out->C_v) / 3;
}

/* The sums of FOURIER(binomial) for large M, node by node, with Z^M = exp(M ln Z). */
static void binomial_large(const struct nodes *nodes, double angle, double r, double M, double var,
                           double *sum)
{
	memset(sum, 0, 7 * sizeof *sum);
	for (int j = 0; j < nodes->count; j++) {
		double w = nodes->w[j], u = w * angle, c = cos(u), s = sin(u), zz = c * c + r * r * s * s;
		double size = exp(0.5 * M * log1p(-(1 - r * r) * s * s) - 0.5 * w * w * var),
		       turn = M * atan2(r * s, c);
		double re = size * cos(turn), im = size * sin(turn);
		double dr = -(1 - r * r) * s * c / zz, di = r / zz; /* Z'/Z */
		double x1 = -(re * dr - im * di), ddr = dr * dr - di * di, ddi = 2 * dr * di;
		double b = nodes->b[j];
		sum[0] += b * im;
		sum[1] += b * w * re;
		sum[2] += b * w * w * x1;
		sum[3] += b * w * w * w * re;
		sum[4] += nodes->b_over_w[j] * re;
		sum[5] += b * x1;
		sum[6] += b * w * (re - (M - 1) * (re * ddr - im * ddi));
	}
}

static int fourier_binomial(struct average *average, const struct law *law, double T, double A, double v,
                            struct moments *out)
{
	double M = law->M, r = law->r, R = r * r * (1 + law->rho), root = sqrt(R), a = A / T, s = v / (T * T),
	       sum[7];
	double chi = fmin(1, r + TAIL * sqrt((1 - r * r) / M)) / root;
	double typical = s + a * a * (1 - r * r) / (M * R);
	const struct nodes *nodes = average_nodes(average, a * chi + TAIL * sqrt(s),
	                                          last_frequency(M > MAX_POWER ? typical : s));
	if (!nodes)
		return average_trapezoid(law, T, A, v, out);
	double angle = a / (M * root);
	if (M > MAX_POWER)
		binomial_large(nodes, angle, r, M, s, sum);
	else
		average->kernel->binomial(nodes, angle, r, (long)M, s, sum);
	out->m = sum[0];
	out->n = sum[5] / root;
	out->C = sum[1] / T;
	out->logcosh = T * (M_LN2 + (nodes->total - sum[4]));
	out->n_A = sum[6] / (R * M * T);
	out->n_v = -0.5 * sum[2] / (root * T * T);
	out->C_A = 2 * out->n_v;
	out->C_v = -0.5 * sum[3] / (T * T * T);
	out->sech4 = (2 * out->C - T * T * out->C_v) / 3;
	return GSL_SUCCESS;
}

static int arguments_fit(double T, double A, double v)
{
	return T >= 0 && A >= 0 && v >= 0 && T < INFINITY && A < INFINITY && v < INFINITY;
}

/* Mean and variance of the field when chi is Gaussian. */
static double gauss_mean(const struct law *law, double A)
{
	return A / sqrt(1 + law->rho);
}

static double gauss_var(const struct law *law, double A, double v)
{
	return v + A * A * law->rho / (1 + law->rho);
}

int average_fields(struct average *average, const struct law *law, double T, double A, double v,
                   struct moments *out)
{
	if (!arguments_fit(T, A, v))
		return GSL_EDOM;
	if (law->M > 0 && T > 0)
		return fourier_binomial(average, law, T, A, v, out);
	if (T == 0)
		return average_trapezoid(law, T, A, v, out); /* closed forms, no quadrature */
	struct convolution a = convolve_fourier(average, T, gauss_mean(law, A), gauss_var(law, A, v));
	assemble_gauss(out, law, T, A, &a);
	return GSL_SUCCESS;
}

int average_trapezoid(const struct law *law, double T, double A, double v, struct moments *out)
{
	if (!arguments_fit(T, A, v))
		return GSL_EDOM;
	if (law->M > 0) {
		sum_atoms(out, law, T, A, v);
	} else {
		struct convolution a = convolve_trapezoid(T, gauss_mean(law, A), gauss_var(law, A, v));
		assemble_gauss(out, law, T, A, &a);
	}
	return GSL_SUCCESS;
}
