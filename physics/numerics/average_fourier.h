/* The Fourier sums of average.c, a template: included once per instruction set with FOURIER(name), TARGET
 * and WIDTH set.  It is plain C on groups of WIDTH lanes, which the compiler translates to the instructions
 * of TARGET.  (An inline function called from several targets would be compiled for the smallest of them
 * before it is inlined, hence the template; lanes are passed by pointer because the ABI for wide vectors
 * depends on the target.)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */

#define NAME FOURIER
#include "physics/numerics/lanes.h"

/* Gaussian field of that mean and variance: sums of b S, b w C, b w^2 S, b w^3 C, (b/w) C with C + iS = E
 * e^{iwh}. */
TARGET static void FOURIER(gauss)(const struct nodes *nodes, double mean, double var, double *out)
{
	lanes c = {0}, s = {0}, m = {0}, s2 = {0}, d1 = {0}, d2 = {0}, lc = {0};
	double turn_c = 1, turn_s = 0;
	for (int i = 0; i < nodes->count; i += WIDTH) {
		if (i % RESTART == 0)
			odd_rotations(M_PI * mean / nodes->L, i, WIDTH, (double *)&c, (double *)&s, &turn_c,
			              &turn_s);
		lanes w = LOAD(nodes->w + i), b = LOAD(nodes->b + i);
		lanes w2 = w * w, g = w2 * (-0.5 * var);
		FOURIER(exp)(&g);
		lanes bs = b * g * s, bwc = b * w * g * c;
		m += bs;
		s2 += bwc;
		d1 += w2 * bs;
		d2 += w2 * bwc;
		lc += LOAD(nodes->b_over_w + i) * g * c;
		lanes next = c * turn_c - s * turn_s;
		s = s * turn_c + c * turn_s;
		c = next;
	}
	out[0] = lane_sum((const double *)&m, WIDTH);
	out[1] = lane_sum((const double *)&s2, WIDTH);
	out[2] = lane_sum((const double *)&d1, WIDTH);
	out[3] = lane_sum((const double *)&d2, WIDTH);
	out[4] = lane_sum((const double *)&lc, WIDTH);
}

/* Field a chi + Gaussian of that variance, chi binomial.  With phi = E e^{iw a chi} = Z^M, Z = cos u + i r
 * sin u, u = w a/(M sqrt R), and its derivatives X1 = E chi e^{iw a chi}, X2 = E chi^2 e^{iw a chi}: sums
 * of b Im phi, b w Re phi, b w^2 Im X1, b w^3 Re phi, (b/w) Re phi, b Im X1, b w Re X2, where sqrt R X1 =
 * -i Z^(M-1) Z', R M X2 = Z^M - (M-1) Z^(M-2) Z'^2. */
TARGET static void FOURIER(binomial)(const struct nodes *nodes, double angle, double r, long M,
                                     double var, double *out)
{
	lanes c = {0}, s = {0}, sum[7] = {{0}};
	double turn_c = 1, turn_s = 0;
	for (int i = 0; i < nodes->count; i += WIDTH) {
		if (i % RESTART == 0)
			odd_rotations(M_PI * angle / nodes->L, i, WIDTH, (double *)&c, (double *)&s, &turn_c,
			              &turn_s);
		lanes zr = c, zi = r * s, dr = -s, di = r * c;             /* Z, Z' */
		lanes pr = {0}, pi = {0}, p1r = pr + 1, p1i = {0};          /* Z^(M-2), Z^(M-1) */
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
		lanes phir = p1r * zr - p1i * zi, phii = p1r * zi + p1i * zr;
		lanes x1 = -(p1r * dr - p1i * di);                          /* sqrt R Im X1 */
		lanes ddr = dr * dr - di * di, ddi = 2 * dr * di;
		lanes x2 = phir - (double)(M - 1) * (pr * ddr - pi * ddi); /* R M Re X2 */

		lanes w = LOAD(nodes->w + i), w2 = w * w;
		lanes g = w2 * (-0.5 * var);
		FOURIER(exp)(&g);
		lanes b = LOAD(nodes->b + i) * g;
		lanes bwc = b * w * phir;
		sum[0] += b * phii;
		sum[1] += bwc;
		sum[2] += w2 * b * x1;
		sum[3] += w2 * bwc;
		sum[4] += LOAD(nodes->b_over_w + i) * g * phir;
		sum[5] += b * x1;
		sum[6] += b * w * x2;
		lanes next = c * turn_c - s * turn_s;
		s = s * turn_c + c * turn_s;
		c = next;
	}
	for (int i = 0; i < 7; i++)
		out[i] = lane_sum((const double *)&sum[i], WIDTH);
}

#undef NAME
#undef lanes
#undef mask
#undef LOAD
#undef FOURIER
#undef TARGET
#undef WIDTH
