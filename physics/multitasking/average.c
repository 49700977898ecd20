/* Averages of the multitasking network's field by the Fourier sum over nodes with one factor per pattern:
 * (M5)-(M7), at T = 0 where the field has a density.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitasking/network.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	RESTART = 512,    /* number of nodes after which the rotations restart, to avoid drift */
	MAX_POWER = 4096, /* above this M, Z^M by logarithms: repeated squaring loses M epsilon */
	PADDING = 8,      /* tables of nodes are padded to this */
	MAX_NODES = 1 << 16
};

static const double TAIL = 8.5;    /* standard deviations of the field that contribute: e^-36 */
static const double W_MAX = 26;    /* b w^3 < 1e-13 beyond */
static const double LAST_EXP = 40; /* Gaussian factors below e^-40 are dropped */
static const double COLD = 1e4;    /* |h|/T above which discrete fields are summed without Fourier nodes */

static double lane_sum(const double *x, int width)
{
	double sum = 0;
	for (int j = 0; j < width; j++)
		sum += x[j];
	return sum;
}

/* Computes the four numbers of a factor at one node, with Z^M = exp(M ln Z). */
static void binomial_large(const struct mt_point *pt, const double *w, double x, double *out, int stride)
{
	double r = pt->r, M = pt->M, u = *w * x / (r * M), c = cos(u), s = sin(u), zz = c * c + r * r * s * s;
	double size = exp(0.5 * M * log1p(-(1 - r * r) * s * s)), turn = M * atan2(r * s, c);
	double re = size * cos(turn), im = size * sin(turn), y = *w / r;
	double dr = -(1 - r * r) * s * c / zz, di = r / zz; /* Z'/Z */
	out[0] = re;
	out[stride] = y * (re * dr - im * di);
	out[2 * stride] = y * y * ((1 - 1 / M) * (re * (dr * dr - di * di) - im * 2 * dr * di) - re / M);
	out[3 * stride] = im;
}

typedef void product_sum(const struct nodes *, const struct mt_point *, const double *x, double v,
                         double blank, enum mt_order, struct mt_moments *);

#define PRODUCT(name) mt_##name##_portable
#define TARGET
#define WIDTH 2
#include "physics/multitasking/average_product.h"

#if defined(__x86_64__)
#define PRODUCT(name) mt_##name##_avx2
#define TARGET        __attribute__((target("avx2")))
#define WIDTH         4
#include "physics/multitasking/average_product.h"

#define PRODUCT(name) mt_##name##_avx512
#define TARGET        __attribute__((target("avx512f,avx512dq")))
#define WIDTH         8
#include "physics/multitasking/average_product.h"
#endif

/* The kernel of the same name as the workspace's. */
static product_sum *product_kernel(const struct average *average)
{
#if defined(__x86_64__)
	if (strcmp(average_kernel(average), "avx512") == 0)
		return mt_sum_avx512;
	if (strcmp(average_kernel(average), "avx2") == 0)
		return mt_sum_avx2;
#else
	(void)average;
#endif
	return mt_sum_portable;
}

/* Returns the largest |field| that contributes: by Hoeffding's inequality the sum has Gaussian tails of
 * variance sum x^2/(M r^2) about the bound sum |x|, and it never exceeds sum |x|/r. */
static double field_bound(const struct mt_point *pt, const double *x, double v)
{
	double sum = 0, squares = 0;
	for (int i = 0; i < pt->n; i++) {
		sum += fabs(x[i]);
		squares += x[i] * x[i];
	}
	double bound = sum + TAIL * sqrt(squares * (pt->M > 0 ? 1 / (pt->M * pt->r * pt->r) : pt->rho));
	return (pt->M > 0 ? fmin(bound, sum / pt->r) : bound) + TAIL * sqrt(v);
}

/* Returns whether the field has a density. */
static int is_smooth(const struct mt_point *pt, double v)
{
	return v > 0 || (pt->M == 0 && pt->rho > 0);
}

/* Returns the variance of the field of all atoms except the one with all patterns blank. */
static double least_variance(const struct mt_point *pt, const double *x, double v)
{
	double least = pt->n > 0 ? INFINITY : 0;
	for (int i = 0; i < pt->n; i++)
		least = fmin(least, x[i] * x[i]);
	return v + (pt->M == 0 ? pt->rho * least : 0);
}

/* Nodes at T = 0: the square wave, b_j = 4/(L w_j), (A1) with w_j and 1/L small.  The Gaussians of the
 * field end the sum. */
static int zero_nodes(struct nodes *nodes, double L, double w_max)
{
	double count = ceil(w_max * L / (2 * M_PI) / PADDING) * PADDING;
	*nodes = (struct nodes){.L = L, .total = 0.5 * L};
	if (!(count <= MAX_NODES))
		return GSL_EDOM;
	nodes->count = (int)count;
	if (!(nodes->w = aligned_alloc(64, 3 * (size_t)nodes->count * sizeof(double))))
		return GSL_ENOMEM;
	nodes->b = nodes->w + nodes->count;
	nodes->b_over_w = nodes->b + nodes->count;
	for (int j = 0; j < nodes->count; j++) {
		nodes->w[j] = (2 * j + 1) * M_PI / L;
		nodes->b[j] = 4 / (L * nodes->w[j]);
		nodes->b_over_w[j] = nodes->b[j] / nodes->w[j];
	}
	return GSL_SUCCESS;
}

static int average_zero(struct average *average, const struct mt_point *pt, const double *p, double v,
                        enum mt_order order, struct mt_moments *out)
{
	double bound = 1.02 * field_bound(pt, p, v), s = least_variance(pt, p, v),
	       w_max = sqrt(2 * LAST_EXP / s);
	double blank = v > 0 ? 0 : pow(pt->d, pt->n);
	struct nodes nodes;
	if (!(bound > 0 && bound < 1e6) || s == 0 || w_max * bound * pt->n > 10 * mt_leaves(pt))
		return mt_average_leaves(average, pt, p, v, order, out);
	int status = zero_nodes(&nodes, bound, w_max);
	if (status == GSL_EDOM)
		return mt_average_leaves(average, pt, p, v, order, out);
	if (status != GSL_SUCCESS)
		return status;
	product_kernel(average)(&nodes, pt, p, v, blank, order, out);
	free(nodes.w);
	out->logcosh -= blank * nodes.total;
	out->q = 1 - blank;
	out->tie = 0;
	out->C_v = -0.5 * (6 * out->sech4 - 4 * out->C);
	out->sech4 = 2 * out->C / 3;
	return GSL_SUCCESS;
}

/* The averages where no overlap is 0. */
static int average_on(struct average *average, const struct mt_point *pt, const double *p, double v,
                      enum mt_order order, struct mt_moments *out)
{
	double T = pt->T, x[MT_MAX], s = v / (T * T);
	if (T == 0)
		return is_smooth(pt, v) ? average_zero(average, pt, p, v, order, out)
		                        : mt_average_discrete(pt, p, order, out);
	for (int i = 0; i < pt->n; i++)
		x[i] = p[i] / T;
	double bound = field_bound(pt, x, s), blank = v > 0 || !is_smooth(pt, v) ? 0 : pow(pt->d, pt->n);
	if (!isfinite(bound))
		return GSL_EDOM;
	if (!is_smooth(pt, v) && bound > COLD)
		return mt_average_discrete(pt, p, order, out);
	const struct nodes *nodes =
		average_nodes(average, bound, fmin(W_MAX, sqrt(2 * LAST_EXP / least_variance(pt, x, s))));
	if (!nodes)
		return is_smooth(pt, v) ? mt_average_leaves(average, pt, p, v, order, out) : GSL_EDOM;
	product_kernel(average)(nodes, pt, x, s, blank, order, out);
	out->logcosh = T * (out->logcosh + M_LN2 - blank * nodes->total);
	out->C += blank;
	out->sech4 += blank;
	out->q = 1 - out->C;
	out->tie = 0;
	out->C_v = -0.5 * (6 * out->sech4 - 4 * out->C) / (T * T * T);
	out->C /= T;
	out->sech4 /= T;
	for (int i = 0; i < pt->n; i++) {
		out->C_p[i] /= T * T;
		out->active[i] /= T;
	}
	double beta = 1 / T;
	for (int i = 0; i < pt->n * pt->n; i++)
		out->chi[i] *= beta;
	return GSL_SUCCESS;
}

/* Patterns of overlap 0 are independent of the field: (M7c). */
int mt_average(struct average *average, const struct mt_point *pt, const double *p, double v,
               enum mt_order order, struct mt_moments *out)
{
	int n = pt->n, on[MT_MAX], number = 0;
	double x[MT_MAX], chi[MT_MAX * MT_MAX];
	for (int i = 0; i < n; i++)
		if (p[i] != 0)
			on[number] = i, x[number++] = p[i];
	if (number == n)
		return average_on(average, pt, p, v, order, out);
	struct mt_point part = *pt;
	struct mt_moments a;
	part.n = number;
	int status = average_on(average, &part, x, v, order, &a);
	if (status != GSL_SUCCESS)
		return status;
	memcpy(chi, a.chi, sizeof chi);
	*out = a;
	memset(out->chi, 0, (size_t)(n * n) * sizeof *chi);
	for (int i = 0; i < n; i++) {
		out->t[i] = out->m[i] = out->C_p[i] = 0;
		out->active[i] = (1 - pt->d) * a.C;
		out->chi[i * n + i] = pt->c * a.C;
	}
	for (int k = 0; k < number; k++) {
		int i = on[k];
		out->t[i] = a.t[k], out->m[i] = a.m[k], out->C_p[i] = a.C_p[k], out->active[i] = a.active[k];
		for (int l = 0; l < number; l++)
			out->chi[i * n + on[l]] = chi[k * number + l];
	}
	if (pt->T == 0) /* fields whose sign depends on such a pattern only */
		out->tie = fmax(out->tie, 1 - a.q);
	return GSL_SUCCESS;
}
