/* Averages of the multitasking network's field at T > 0, by the Fourier sum over nodes with one factor per
 * pattern: (M5)-(M7).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitask.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum {
	RESTART = 512,   /* nodes after which the rotations start afresh: no drift */
	MAX_POWER = 4096 /* from here on Z^M by logarithms: repeated squaring loses M epsilon */
};

static const double TAIL = 8.5;    /* standard deviations of the field that matter: e^-36 */
static const double W_MAX = 26;    /* b w^3 < 1e-13 beyond */
static const double LAST_EXP = 40; /* Gaussian factors below e^-40 are dropped */

static double lane_sum(const double *x, int width)
{
	double sum = 0;
	for (int j = 0; j < width; j++)
		sum += x[j];
	return sum;
}

/* Z^M = exp(M ln Z) for one node without the loss of repeated squaring; the four numbers of a factor. */
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
                         enum mt_order, struct mt_moments *);

#define PRODUCT(name) mt_##name##_portable
#define TARGET
#define WIDTH 2
#include "physics/multitask_product.h"

#if defined(__x86_64__)
#define PRODUCT(name) mt_##name##_avx2
#define TARGET        __attribute__((target("avx2")))
#define WIDTH         4
#include "physics/multitask_product.h"

#define PRODUCT(name) mt_##name##_avx512
#define TARGET        __attribute__((target("avx512f,avx512dq")))
#define WIDTH         8
#include "physics/multitask_product.h"
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

/* Largest |field| that matters: by Hoeffding the sum has Gaussian tails of variance sum x^2/(M r^2) about
 * the bound sum |x|, and it never exceeds sum |x|/r. */
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

int mt_average(struct average *average, const struct mt_point *pt, const double *p, double v,
               enum mt_order order, struct mt_moments *out)
{
	double T = pt->T, x[MT_MAX], s = v / (T * T);
	if (T == 0)
		return mt_average_zero(pt, p, v, order, out);
	for (int i = 0; i < pt->n; i++)
		x[i] = p[i] / T;
	double bound = field_bound(pt, x, s);
	if (!(bound < 1e6))
		return GSL_EDOM;
	const struct nodes *nodes = average_nodes(average, bound, fmin(W_MAX, sqrt(2 * LAST_EXP / s)));
	if (!nodes)
		return GSL_EDOM;
	product_kernel(average)(nodes, pt, x, s, order, out);
	out->logcosh *= T;
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
