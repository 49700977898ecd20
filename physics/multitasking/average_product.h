/* The Fourier sums of average.c, a template: included once per instruction set with
 * PRODUCT(name), TARGET and WIDTH set, as average_fourier.h is, and for the same reasons.  The
 * characteristic function of the field is a product over patterns, phi(w) = e^(-w^2 v/2) prod_mu g(w
 * x_mu): (M5), (M6).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */

#define NAME PRODUCT
#include "physics/numerics/lanes.h"

/* One factor and its derivatives by x: cos + i sin of the angle in, out[0] = E cos, out[1] = d/dx, out[2]
 * = d^2/dx^2, out[3] = E xi sin, all given xi = +-1. */
TARGET static inline void PRODUCT(storage)(lanes *out, const lanes *w, const lanes *c, const lanes *s)
{
	out[0] = *c;
	out[1] = -*w * *s;
	out[2] = -*w * *w * *c;
	out[3] = *s;
}

TARGET static inline void PRODUCT(gauss)(lanes *out, const lanes *w, const lanes *c, const lanes *s, double x,
                                         double rho)
{
	lanes y = *w * x, e = y * y * (-0.5 * rho), ry = rho * y;
	PRODUCT(exp)(&e);
	out[0] = e * *c;
	out[1] = -*w * e * (*s + ry * *c);
	out[2] = *w * *w * e * ((ry * ry - (1 + rho)) * *c + 2 * ry * *s);
	out[3] = e * *s;
}

/* Z^M with Z = cos u + i r sin u, u = w x/(r M), by repeated squaring. */
TARGET static inline void PRODUCT(binomial)(lanes *out, const lanes *w, const lanes *c, const lanes *s,
                                            double r, long M)
{
	lanes zr = *c, zi = r * *s, dr = -*s, di = r * *c; /* Z, Z' */
	lanes pr = {0}, pi = {0}, p1r = pr + 1, p1i = {0}; /* Z^(M-2), Z^(M-1) */
	if (M > 1) {
		lanes fr = zr, fi = zi;
		pr = pr + 1;
		for (long e = M - 2; e > 0; e >>= 1) {
			if (e & 1) {
				lanes t = pr * fr - pi * fi;
				pi = pr * fi + pi * fr;
				pr = t;
			}
			lanes t = fr * fr - fi * fi;
			fi = 2 * fr * fi;
			fr = t;
		}
		p1r = pr * zr - pi * zi;
		p1i = pr * zi + pi * zr;
	}
	lanes ddr = dr * dr - di * di, ddi = 2 * dr * di, u = *w / r;
	out[0] = p1r * zr - p1i * zi;
	out[1] = u * (p1r * dr - p1i * di);
	out[2] = u * u * ((1 - 1.0 / M) * (pr * ddr - pi * ddi) - out[0] / (double)M);
	out[3] = p1r * zi + p1i * zr;
}

TARGET static inline void PRODUCT(factor)(lanes *out, const struct mt_point *pt, const lanes *w,
                                          const lanes *c, const lanes *s, double x)
{
	if (pt->M > MAX_POWER)
		for (int j = 0; j < WIDTH; j++)
			binomial_large(pt, (const double *)w + j, x, (double *)out + j, WIDTH);
	else if (pt->M > 0)
		PRODUCT(binomial)(out, w, c, s, pt->r, (long)pt->M);
	else if (pt->rho > 0)
		PRODUCT(gauss)(out, w, c, s, x, pt->rho);
	else
		PRODUCT(storage)(out, w, c, s);
}

TARGET static inline void PRODUCT(clear)(lanes *sum, int n)
{
	for (int i = 0; i < n; i++)
		sum[i] = (lanes){0};
}

/* Sets c + i s of the odd multiples of theta at a group of nodes, and the rotation to the next group. */
TARGET static inline void PRODUCT(start)(lanes *c, lanes *s, double *turn_c, double *turn_s, double theta,
                                          int node)
{
	odd_rotations(theta, node, WIDTH, (double *)c, (double *)s, turn_c, turn_s);
}

/* Rotates c + i s to the next group of nodes. */
TARGET static inline void PRODUCT(rotate)(lanes *c, lanes *s, double turn_c, double turn_s)
{
	lanes next = *c * turn_c - *s * turn_s;
	*s = *s * turn_c + *c * turn_s;
	*c = next;
}

/* e^(-w^2 v/2), the factor of the Gaussian noise. */
TARGET static inline void PRODUCT(noise)(lanes *out, const lanes *w, double v)
{
	*out = *w * *w * (-0.5 * v);
	if (v > 0)
		PRODUCT(exp)(out);
	else
		*out = *out + 1;
}

/* Sets n numbers from their sums. */
TARGET static inline void PRODUCT(vector)(double *to, const lanes *sum, int n)
{
	for (int i = 0; i < n; i++)
		to[i] = lane_sum((const double *)&sum[i], WIDTH);
}

/* Sets after[i], the product of the factors of patterns i, i + 1, ..., n - 1. */
TARGET static inline void PRODUCT(backwards)(lanes *after, lanes (*g)[4], double d, int n)
{
	after[n] = (lanes){0} + 1;
	for (int i = n - 1; i >= 0; i--)
		after[i] = after[i + 1] * (g[i][0] + d);
}

/* Sets the symmetric matrix from the sums of its upper half, row by row. */
TARGET static inline void PRODUCT(symmetric)(double *matrix, const lanes *half, int n)
{
	for (int i = 0; i < n; i++)
		for (int j = i; j < n; j++)
			matrix[i * n + j] = matrix[j * n + i] = lane_sum((const double *)half++, WIDTH);
}

/* The sums of struct mt_moments at T = 1 for the field sum x_mu z_mu + sqrt(v) g; those of phi are over phi
 * - blank, where `blank` is what phi tends to: (M7b).  logcosh: without ln 2. */
TARGET static void PRODUCT(sum)(const struct nodes *nodes, const struct mt_point *pt, const double *x,
                                double v, double blank, enum mt_order order, struct mt_moments *out)
{
	const int n = pt->n;
	const double d = pt->d, angle = pt->M > 0 ? 1 / (pt->r * pt->M) : 1;
	lanes zero = {0}, c[MT_MAX], s[MT_MAX], g[MT_MAX][4], before[MT_MAX + 1], after[MT_MAX + 1];
	lanes lc = zero, s2 = zero, s4 = zero, chi[MT_MAX * (MT_MAX + 1) / 2];
	lanes t[MT_MAX], sp[MT_MAX], m[MT_MAX], act[MT_MAX];
	double turn_c[MT_MAX], turn_s[MT_MAX];
	PRODUCT(clear)(chi, n * (n + 1) / 2);
	for (int i = 0; i < n; i++)
		t[i] = sp[i] = m[i] = act[i] = zero;
	for (int node = 0; node < nodes->count; node += WIDTH) {
		for (int i = 0; i < n && node % RESTART == 0; i++)
			PRODUCT(start)
			(&c[i], &s[i], &turn_c[i], &turn_s[i], M_PI * x[i] * angle / nodes->L, node);
		lanes w = LOAD(nodes->w + node), b = LOAD(nodes->b + node),
		      bow = LOAD(nodes->b_over_w + node);
		PRODUCT(noise)(&before[0], &w, v);
		for (int i = 0; i < n; i++) {
			PRODUCT(factor)(g[i], pt, &w, &c[i], &s[i], x[i]);
			for (int k = 0; k < 4; k++)
				g[i][k] *= 1 - d;
			before[i + 1] = before[i] * (g[i][0] + d);
			PRODUCT(rotate)(&c[i], &s[i], turn_c[i], turn_s[i]);
		}
		PRODUCT(backwards)(after, g, d, n);
		lanes phi = before[n] - blank, bw = b * w;
		lc += bow * phi;
		s2 += bw * phi;
		for (int i = 0; i < n; i++)
			t[i] -= bow * before[i] * after[i + 1] * g[i][1];
		if (order == MT_VALUE)
			continue;
		s4 += bw * (w * w + 4) * phi;
		lanes *h = chi;
		for (int i = 0; i < n; i++) {
			lanes rest = before[i] * after[i + 1], run = bow * before[i] * g[i][1];
			if (v > 0)
				sp[i] += bw * rest * g[i][1];
			*h++ -= bow * rest * g[i][2];
			for (int j = i + 1; j < n; j++) {
				*h++ -= run * after[j + 1] * g[j][1];
				run *= g[j][0] + d;
			}
		}
		if (order == MT_SLOPE)
			continue;
		for (int i = 0; i < n; i++) {
			m[i] += b * (before[i] * after[i + 1]) * g[i][3];
			act[i] += bw * (before[i] * after[i + 1]) * g[i][0];
		}
	}
	out->logcosh = nodes->total - lane_sum((const double *)&lc, WIDTH);
	out->C = lane_sum((const double *)&s2, WIDTH);
	out->sech4 = lane_sum((const double *)&s4, WIDTH) / 6;
	PRODUCT(vector)(out->t, t, n);
	PRODUCT(vector)(out->C_p, sp, n);
	PRODUCT(vector)(out->m, m, n);
	PRODUCT(vector)(out->active, act, n);
	PRODUCT(symmetric)(out->chi, chi, n);
}

#undef NAME
#undef lanes
#undef mask
#undef LOAD
#undef PRODUCT
#undef TARGET
#undef WIDTH
