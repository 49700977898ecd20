/* Signal to noise: one step of the noiseless dynamics from a pattern, learning thresholds, noise on the
 * synapses. THEORY.md, "Signal to noise".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DENSE_SIGNAL_TO_NOISE_H
#define MATTIS_DENSE_SIGNAL_TO_NOISE_H

#include "physics/params.h"

/* Returns the load that causes the noise: gamma in storage and supervised learning, (S3) in unsupervised
 * learning (needs r and M), plus (S6) of the synapses. */
double snr_load(const struct params *p);

/* m_1, the overlap after one synchronous step at T = 0 from s = xi: (S1) at finite M, (S2) in the large-M
 * limit (p->M = 0).  p->T is not used. */
double snr_one_step(const struct params *p);

/* The learning threshold: examples needed for m_1 > erf(theta) at p->r, p->gamma, p->P; theta = 1/sqrt(2)
 * is signal = noise.  p->M and p->rho are not used.  *M is infinite if no number suffices.  GSL_EDOM unless
 * theta > 0. large: closed form of the Gaussian law, a real number, (S4), (S5). exact: the smallest whole M
 * by (S1).  Above 1e8 the closed form, rounded up. */
int snr_threshold_large(double *M, const struct params *p, double theta);
int snr_threshold_exact(double *M, const struct params *p, double theta);

/* Kinds of noise of amplitude omega on the synapses: for what it is independent.  With K ~ N^b patterns, b
 * <= P-1, omega may grow like N^a, (S6) to (S10). */
enum snr_noise {
	SNR_SYNAPSE, /* each P-tuple of spins */
	SNR_PATTERN, /* each pattern and P-tuple */
	/* each pattern and half tuple, P even: the synapse is the product of two; P = 4: pair_noise.c */
	SNR_TENSOR,
	SNR_VECTOR   /* each pattern and spin, like examples: no growth */
};
double snr_exponent(enum snr_noise, int P, double b); /* a; NaN: SNR_TENSOR at odd P */

/* Returns the load at which the equations without noise describe the network with it: P! K_eff/(2 N^(P-1)),
 * K_eff = K + omega^2 (SNR_SYNAPSE, exact), K (1 + omega^2) (SNR_PATTERN).  NaN for the others. */
double snr_load_total(enum snr_noise, int P, double N, double K, double omega);

/* SNR_VECTOR: E xi sgn(xi + omega g), the largest overlap with the pattern. */
double snr_vector_limit(double omega);

#endif
