/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/statistics/significance.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

double significance_z(double t, double dof)
{
	const double least = 1e-299; /* the tail of z = 37 */
	if (isnan(t) || !(dof > 0))
		return NAN;
	double tail = isinf(t) ? 0 : gsl_cdf_tdist_Q(fabs(t), dof);
	return copysign(gsl_cdf_ugaussian_Qinv(tail > least ? tail : least), t);
}

double significance_p(double z)
{
	return 2 * gsl_cdf_ugaussian_Q(fabs(z));
}

/* Scales x to length 1; all 0 if samples are missing or all are 0. */
static void standardise(double *out, const double *x, int samples)
{
	double square = 0;
	for (int k = 0; k < samples; k++)
		square += x[k] * x[k];
	for (int k = 0; k < samples; k++)
		out[k] = square > 0 ? x[k] / sqrt(square) : 0;
}

/* Returns the unbiased sum over pairs of entries of their squared correlation.  The sum over all i, j of
 * r_ij^2 is that of the squares of the samples x samples matrix of Y^T Y, Y the standardised entries. */
static int sum_correlations(double *sum, const double *x, int n, int samples)
{
	size_t S = (size_t)samples;
	double *gram = calloc(S * S, sizeof *gram), *y = malloc(S * sizeof *y), all = 0;
	int known = 0;

	if (!gram || !y) {
		free(gram);
		free(y);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		double length = 0;
		standardise(y, x + (size_t)i * S, samples);
		for (size_t k = 0; k < S; k++) {
			length += y[k] * y[k];
			for (size_t l = 0; l < S; l++)
				gram[k * S + l] += y[k] * y[l];
		}
		known += length > 0.5;
	}
	for (size_t k = 0; k < S * S; k++)
		all += gram[k] * gram[k];
	double pairs = (double)known * (known - 1);
	*sum = (samples * (all - known) - pairs) / (samples - 1);
	free(gram);
	free(y);
	return 0;
}

int significance_family(struct family *f, const double *z, const double *x, int n, int samples)
{
	double pairs = (double)n * (n - 1), correlated = pairs;

	*f = (struct family){.n = n, .p = NAN};
	if (n == 0)
		return 0;
	for (int i = 0; i < n; i++)
		f->chi2 += z[i] * z[i];
	if (samples >= 4 && sum_correlations(&correlated, x, n, samples) != 0)
		return -1;
	correlated = fmin(fmax(correlated, 0), pairs);
	f->dof = (double)n * n / (n + correlated);
	f->p = gsl_cdf_chisq_Q(f->chi2 * f->dof / n, f->dof);
	return 0;
}

int significance_mean(double *mean, double *error, const double *x, int samples)
{
	double square = 0;
	int used = 0;
	*mean = 0;
	for (int k = 0; k < samples; k++) {
		if (isnan(x[k]))
			continue;
		used++;
		square += (x[k] - *mean) * (x[k] - *mean) * (used - 1) / used;
		*mean += (x[k] - *mean) / used;
	}
	*error = used > 1 ? sqrt(square / (used - 1) / used) : NAN;
	return used;
}

static double ratio(double value, double error)
{
	return value == 0 && error == 0 ? 0 : value / error;
}

/* Tests for curvature: the deviation of the middle of every three successive sizes from the line through
 * the other two, sample by sample; y: [n - 2][samples], z: [n - 2] scratch. */
static int curvature(struct line_fit *fit, double *y, double *z, const double *N, const double *x, int n,
                     int samples)
{
	struct family family;
	for (int i = 0; i + 2 < n; i++) {
		double *out = y + (size_t)i * (size_t)samples, mean, error;
		const double *in = x + (size_t)i * (size_t)samples;
		double share = (1 / N[i + 1] - 1 / N[i]) / (1 / N[i + 2] - 1 / N[i]);
		for (int k = 0; k < samples; k++)
			out[k] = in[samples + k] - (1 - share) * in[k] - share * in[2 * samples + k];
		int used = significance_mean(&mean, &error, out, samples);
		z[i] = significance_z(ratio(mean, error), used - 1);
	}
	if (significance_family(&family, z, y, n - 2, samples) != 0)
		return -1;
	fit->chi2 = family.chi2 * family.dof / family.n;
	fit->chi2_dof = family.dof;
	fit->p = family.p;
	return 0;
}

int significance_line(struct line_fit *fit, double *each, const double *N, const double *error,
                      const double *x, int n, int samples)
{
	double s0 = 0, s1 = 0, s2 = 0, ignored;

	*fit = (struct line_fit){.value = NAN, .error = NAN, .slope = NAN, .t = NAN, .p = 1};
	for (int i = 0; i < n; i++) {
		double w = 1 / (error[i] * error[i]), u = 1 / N[i];
		s0 += w;
		s1 += w * u;
		s2 += w * u * u;
	}
	double det = s0 * s2 - s1 * s1, *memory = NULL;
	if (n < 2 || samples < 2 || !(det > 0) ||
	    !(memory = malloc((size_t)n * (size_t)(samples + 1) * sizeof *memory)))
		return -1;
	double *value = memory, *slope = memory + samples;
	for (int k = 0; k < samples;
	     k++) { /* sizes share patterns, so the error comes from each sample's own line */
		double y0 = 0, y1 = 0;
		for (int i = 0; i < n; i++) {
			double w = 1 / (error[i] * error[i]), y = x[(size_t)i * (size_t)samples + (size_t)k];
			y0 += w * y;
			y1 += w * y / N[i];
		}
		value[k] = (s2 * y0 - s1 * y1) / det;
		slope[k] = (s0 * y1 - s1 * y0) / det;
	}
	int used = significance_mean(&fit->value, &fit->error, value, samples), bad = used < 2;
	significance_mean(&fit->slope, &ignored, slope, samples);
	if (each)
		memcpy(each, value, (size_t)samples * sizeof *value);
	fit->dof = used - 1;
	fit->t = ratio(fit->value, fit->error);
	if (!bad && n > 2)
		bad = curvature(fit, memory, memory + (size_t)n * (size_t)samples, N, x, n, samples) != 0;
	free(memory);
	return bad ? -1 : 0;
}
