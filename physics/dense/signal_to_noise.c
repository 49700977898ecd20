/* Signal to noise.  THEORY.md (S1) to (S11).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/signal_to_noise.h"
#include "physics/dense/equations.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>

double snr_load(const struct params *p)
{
	const struct dense_noise noise = dense_noise(p);
	return noise.gamma * noise.g + noise.synapses;
}

/* erf(signal/noise), a step where there is no noise. */
static double response(double signal, double noise)
{
	return signal == 0 ? 0 : erf(signal / noise);
}

/* The atoms of chi that matter lie within sqrt(18.5 M) of the mean of B: Hoeffding, weight below 1e-16. */
static double binomial_step(const struct params *p, double A, double noise)
{
	double M = p->M, R = p->r * p->r + (1 - p->r * p->r) / M, plus = (1 + p->r) / 2, sum = 0;
	double reach = sqrt(18.5 * M), last = fmin(M, ceil(M * plus + reach));
	for (double B = fmax(0, floor(M * plus - reach)); B <= last; B++)
		sum += gsl_ran_binomial_pdf((unsigned)B, plus, (unsigned)M) *
		       response(A * (2 * B - M) / (M * sqrt(R)), noise);
	return sum;
}

double snr_one_step(const struct params *p)
{
	double P = p->P, load = snr_load(p);
	if (p->M > 0 && p->r < 1)
		return binomial_step(p, P / 2 * pow(1 + p->rho, -(P - 1) / 2), sqrt(P * load));
	return response(1, sqrt(2 * (p->rho + 2 * load / P * pow(1 + p->rho, P))));
}

/* (S4): rho + (2 gamma/P)(1 + rho)^P = limit, increasing and convex in rho; Newton from above. */
static double largest_rho(double gamma, double P, double limit)
{
	double a = 2 * gamma / P, rho = limit - a;
	for (int i = 0; i < 200 && rho > 0; i++) {
		double power = a * pow(1 + rho, P - 1), f = rho + power * (1 + rho) - limit;
		double next = rho - f / (1 + P * power);
		if (!(next < rho))
			break;
		rho = next;
	}
	return rho;
}

int snr_threshold_large(double *M, const struct params *p, double theta)
{
	if (!(theta > 0))
		return GSL_EDOM;
	double r2 = p->r * p->r, P = p->P, a = 2 * p->gamma / P, limit = 1 / (2 * theta * theta);
	if (p->r == 1 || a >= limit)
		*M = a < limit ? 1 : GSL_POSINF;
	else if (p->learning == UNSUPERVISED)
		*M = ((1 - r2) / r2 + a * (1 - pow(r2, P)) / pow(r2, P)) / (limit - a);
	else
		*M = (1 - r2) / (r2 * largest_rho(p->gamma, P, limit));
	return GSL_SUCCESS;
}

static int learnt(const struct params *p, double M, double theta)
{
	struct params q = *p;
	q.M = M;
	q.rho = (1 - p->r * p->r) / (M * p->r * p->r);
	return snr_one_step(&q) > erf(theta);
}

/* Smallest M of the same parity as first: m_1 grows with M among the odd ones and among the even ones. */
static double smallest(const struct params *p, double first, double theta, double limit)
{
	double below = first - 2, step = 2;
	if (!learnt(p, first, theta)) {
		for (below = first; !learnt(p, below + step, theta); below += step, step *= 2)
			if (below + step > limit)
				return GSL_POSINF;
	}
	while (step > 2) {
		double half = 2 * floor(step / 4);
		if (learnt(p, below + half, theta))
			step = half;
		else {
			below += half;
			step -= half;
		}
	}
	return below + step;
}

int snr_threshold_exact(double *M, const struct params *p, double theta)
{
	const double limit = 1e8;
	int status = snr_threshold_large(M, p, theta);
	if (status != GSL_SUCCESS || !(*M < limit)) {
		*M = ceil(*M);
		return status;
	}
	*M = fmin(smallest(p, 1, theta, 4 * limit), smallest(p, 2, theta, 4 * limit));
	return GSL_SUCCESS;
}

double snr_exponent(enum snr_noise noise, int P, double b)
{
	switch (noise) {
	case SNR_SYNAPSE:
		return (P - 1) / 2.0;
	case SNR_PATTERN:
		return (P - 1 - b) / 2;
	case SNR_TENSOR:
		return P % 2 ? GSL_NAN : fmin(P / 4.0 - 0.5, (P - 1 - b) / 4);
	case SNR_VECTOR:
		return 0;
	}
	return GSL_NAN;
}

double snr_load_total(enum snr_noise noise, int P, double N, double K, double omega)
{
	double extra = noise == SNR_SYNAPSE ? 1 : noise == SNR_PATTERN ? K : GSL_NAN;
	return params_per_tuple(0.5 * P * (K + extra * omega * omega), P, N);
}

double snr_vector_limit(double omega)
{
	return response(1, omega * M_SQRT2);
}
