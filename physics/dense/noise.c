/* The noise of patterns that are not retrieved and of the synapses, (D2)-(D4) and (D12) of THEORY.md.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/equations.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>

/* (D3) and (D4): only unsupervised learning changes the noise. */
struct dense_noise dense_noise(const struct params *p)
{
	struct dense_noise noise = {
		.P = p->P, .gamma = p->gamma, .g = 1, .modes = 1, .lambda = {1}, .weight = {1}};
	if (p->own[DENSE_OMEGA] > 0)
		noise.synapses =
			params_per_tuple(0.5 * p->P * p->own[DENSE_OMEGA] * p->own[DENSE_OMEGA], p->P, p->N);
	if (p->learning != UNSUPERVISED || p->rho == 0)
		return noise;
	double r2P = pow(p->r, 2 * p->P), rho_P = (1 - r2P) / (p->M * r2P);
	noise.g = (1 + rho_P) / pow(1 + p->rho, p->P);
	noise.modes = 2;
	noise.lambda[1] = p->rho / (1 + p->rho);
	noise.weight[1] = p->M - 1;
	return noise;
}

int dense_width(const struct dense_noise *noise, double T, double C, double *W, double *W_C)
{
	const double q = dense_q(T, C);
	*W = *W_C = 0;
	if (!(q >= 0) || !(C >= 0))
		return GSL_EDOM;
	if (noise->P > 2) {
		double a = noise->g * 0.5 * noise->P * gsl_pow_int(q, noise->P - 2);
		*W = a * q;
		*W_C = -T * a * (noise->P - 1);
		return GSL_SUCCESS;
	}
	for (int k = 0; k < noise->modes; k++) {
		double l = noise->lambda[k], D = 1 - l * C, a = noise->weight[k] * l * l / (D * D);
		if (noise->gamma == 0)
			break;
		if (!(D > 0))
			return GSL_EDOM;
		*W += a * q;
		*W_C += a * (2 * l * q / D - T);
	}
	return GSL_SUCCESS;
}

double dense_synapses(const struct dense_noise *noise, double T, double C, double *S_C)
{
	const double q = dense_q(T, C), a = noise->synapses * 0.5 * noise->P * gsl_pow_int(q, noise->P - 2);
	*S_C = -T * a * (noise->P - 1);
	return a * q;
}
