/* Tests of a measurement against a prediction: deviates of means with few samples, chi-squared of points
 * that share their samples, extrapolation in 1/N.  THEORY.md, "Theory against simulation", equations (V..).
 *
 * The disorder samples of a simulation are the same at all points of its grid (variance reduction), so
 * points are not independent.  Nothing here assumes that they are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_STATISTICS_SIGNIFICANCE_H
#define MATTIS_STATISTICS_SIGNIFICANCE_H

#include <stddef.h>

/* Returns the normal deviate z as improbable as Student's t with `dof` degrees of freedom, (V1).  |z| <=
 * 37; NaN for NaN. */
double significance_z(double t, double dof);

/* Returns the probability of a larger |z|. */
double significance_p(double z);

/* Computes mean and standard error of the samples that are not NaN; returns their number.  *mean is 0 if
 * there are none, *error NaN for fewer than two. */
int significance_mean(double *mean, double *error, const double *x, int samples);

/* Entries x[i][sample], i < n, of one quantity at several points: measured minus predicted; and their
 * deviates z[i]. */
struct family {
	int n;
	double chi2; /* sum of z^2 */
	double dof;  /* effective number of independent entries, 1 to n, (V2) */
	double p; /* probability to exceed chi2 dof/n if the theory is correct; NaN for n = 0 */
};

/* x: [n][samples] in C order; entries with a NaN do not enter the correlations.  Correlations are about the
 * prediction, not the mean of the samples: if that scatters little by chance, z is large and the dependence
 * would be missed.  With fewer than four samples the entries count as one.  Returns 0, or -1 without
 * memory. */
int significance_family(struct family *, const double *z, const double *x, int n, int samples);

/* x[i] = value + slope/N[i], weights 1/error[i]^2, (V3). */
struct line_fit {
	double value, error; /* error: standard error over samples of their extrapolated values */
	double slope;
	double t, dof;         /* value/error and its degrees of freedom, samples - 1 */
	double chi2, chi2_dof; /* of deviations from a line; 0 for two sizes */
	double p;              /* probability of a larger chi2; 1 for two sizes */
};

/* n sizes in increasing or decreasing order, x[n][samples] (NaN: not used), error[n] > 0 the standard
 * errors of the means over samples.  Only samples used at all sizes count.  each[samples], unless null,
 * gets the extrapolated values.  Returns 0, or -1 with fewer than two sizes or samples, or without memory. */
int significance_line(struct line_fit *, double *each, const double *N, const double *error, const double *x,
                      int n, int samples);

#endif
