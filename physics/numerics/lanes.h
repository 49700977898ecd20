/* Shared by the templates of the Fourier sums.  Each inclusion defines the types of WIDTH lanes and their
 * exp, named by NAME(.), for the instruction set TARGET; the including template undefines lanes, mask, LOAD
 * and NAME.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NUMERICS_LANES_H
#define MATTIS_NUMERICS_LANES_H

#include <math.h>
#include <stdint.h>

/* cos and sin of (2j+1) theta for the nodes j = first ... first+width-1, and of the step to the next
 * `width`. */
static inline void odd_rotations(double theta, int first, int width, double *c, double *s, double *turn_c,
                                 double *turn_s)
{
	double c1 = cos(theta), s1 = sin(theta), c2 = c1 * c1 - s1 * s1, s2 = 2 * c1 * s1;
	c[0] = first ? cos((2 * first + 1) * theta) : c1;
	s[0] = first ? sin((2 * first + 1) * theta) : s1;
	for (int j = 1; j < width; j++) {
		c[j] = c[j - 1] * c2 - s[j - 1] * s2;
		s[j] = s[j - 1] * c2 + c[j - 1] * s2;
	}
	for (int k = 1; k < width; k *= 2) { /* double the step `width` times */
		double t = c2 * c2 - s2 * s2;
		s2 = 2 * c2 * s2;
		c2 = t;
	}
	*turn_c = c2;
	*turn_s = s2;
}

#endif

typedef double NAME(lanes) __attribute__((vector_size(8 * WIDTH)));
typedef int64_t NAME(mask) __attribute__((vector_size(8 * WIDTH)));
#define lanes   NAME(lanes)
#define mask    NAME(mask)
#define LOAD(p) (*(const lanes *)(p))

/* exp in place on all lanes for x <= 0, to about 1 ulp; 0 below -700.  Not libm's, so that all kernels
 * agree. */
TARGET static inline void NAME(exp)(lanes *argument)
{
	lanes x = *argument;
	const double shift = 0x1.8p52;
	mask big = (mask)(x > -700.0);
	x = (lanes)((mask)x & big);                /* e^0 where x is too low, masked below */
	lanes t = x * 0x1.71547652b82fep0 + shift; /* low bits: nearest integer to x/ln 2 */
	lanes k = t - shift;
	lanes y = (x - k * 0x1.62e42fefa3800p-1) - k * 0x1.ef35793c76730p-45;
	lanes p = y * (1.0 / 6227020800) + 1.0 / 479001600;
	p = p * y + 1.0 / 39916800;
	p = p * y + 1.0 / 3628800;
	p = p * y + 1.0 / 362880;
	p = p * y + 1.0 / 40320;
	p = p * y + 1.0 / 5040;
	p = p * y + 1.0 / 720;
	p = p * y + 1.0 / 120;
	p = p * y + 1.0 / 24;
	p = p * y + 1.0 / 6;
	p = p * y + 0.5;
	p = p * y + 1.0;
	p = p * y + 1.0;
	lanes scale = (lanes)(((mask)t << 52) + (1023LL << 52));
	*argument = (lanes)((mask)(p * scale) & big);
}
