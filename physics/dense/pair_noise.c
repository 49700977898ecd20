/* Noise on the pairs of a pattern, P = 4: equations (S11) to (S14) of THEORY.md.
 *
 * The pairs of each pattern have noise of amplitude w sqrt(N) of their own.  That of the retrieved pattern
 * aligns with the spins: p = n^2/2 + w y, y their overlap with the noise, and p acts on itself through it.
 * The others, kappa N of them, are noise.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/equations.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>

double dense_kappa(const struct params *p)
{
	return p->N > 0 ? fmax(p->gamma * p->N * p->N / 12 - 1 / p->N, 0) : 0;
}

int dense_pairs(struct dense_pairs *s, const struct params *p, double n, double C)
{
	const double T = p->T, q = dense_q(T, C), w2 = p->own[DENSE_W] * p->own[DENSE_W], n3 = n * n * n,
		     kappa = dense_kappa(p);
	const double y = 2 * w2 * C * (1 + q), D = 1 - y, D_C = -4 * w2 * q; /* y = (2 w^2/T)(1 - q^2) */
	if (!(n >= 0) || !(q >= 0) || !(C >= 0) || !(D > 0))
		return GSL_EDOM;
	const double D2 = D * D, signal = 4 * w2 * n * n3, others = 8 * kappa * w2 * w2;
	s->p = n * n / (2 * D);
	s->A = 2 * n3 / D;
	s->A_n = 6 * n * n / D;
	s->A_C = -s->A * D_C / D;
	s->v = (signal + others * q * q) * q / D2;
	s->v_n = 16 * w2 * n3 * q / D2;
	s->v_C = -T * (signal + 3 * others * q * q) / D2 - 2 * s->v * D_C / D;
	s->free_energy = 2 * s->p * (n * n + s->p) - 4 * w2 * s->p * s->p * C * (1 - q);
	s->energy = -2 * s->p * s->p;
	s->replicon = T > 0 ? (signal + 3 * others * q * q) / (D2 * T) : INFINITY;
	if (kappa > 0) {
		s->free_energy += kappa * (0.5 * T * log1p(-y) - w2 * q * q / D + w2 +
		                           4 * w2 * w2 * gsl_pow_3(q) * C / D2);
		s->energy += kappa * w2 * (1 - 1 / D - y * q * q / D2);
	}
	return GSL_SUCCESS;
}
