/* Means and error bars of time series.
 *
 * A `series` accumulates the values of one observable along one chain in bins of 1, 2, 4, ... sweeps, in
 * constant memory; plain data, saved and restored by copying.  The chains of one disorder sample give an
 * `estimate`: mean, thermal error, integrated autocorrelation time and equilibration tests.  The samples
 * give a `result`: the error over samples contains both the thermal and the disorder part.
 *
 * The autocorrelation time is tau = 1/2 + sum over t >= 1 of rho(t), in sweeps; error^2 = 2 tau variance /
 * n. No randomness, no I/O; nothing here can fail.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_STATISTICS_MEASURE_H
#define MATTIS_STATISTICS_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

enum { MEASURE_LEVELS = 36 };

struct bins {            /* bins of 2^level values */
	uint64_t n;      /* complete bins */
	double mean, m2; /* of the complete bins; m2 = sum of squared deviations from the mean */
	double first;    /* mean of the first bin */
	double pending;  /* the first half of the next bin, if n of the level below is odd */
};

struct series {
	struct bins level[MEASURE_LEVELS];
};

/* A zeroed series is empty. */
void measure_add(struct series *, double x);

/* The mean over chains and what shows whether it can be trusted. */
struct estimate {
	uint64_t n;   /* values, all chains together */
	double mean;
	double error; /* thermal standard error of the mean: at fixed disorder */
	double tau;   /* integrated autocorrelation time in sweeps, >= 1/2; 1/2 for a constant */
	/* difference of the late and early parts of the chains, in standard deviations; 0 if they are too
	 * short */
	double drift;
	double spread; /* chi^2 of the chains' means as an equivalent normal deviate; 0 for one chain */
	bool resolved; /* whether the chains are long enough to determine tau */
};

/* Computes the estimate from independent chains of one observable at the same disorder, weighted by
 * length.  The bin width is the smallest B with B^3 > 2 n (2 tau)^2 (a compromise between bias and noise).
 * NaN without values. */
void measure_estimate(struct estimate *, const struct series *const chains[], int n_chains);

/* Returns true if |drift| and spread are below 5 and tau is resolved.  For Gaussian chains the false-alarm
 * rate is below 0.001 per estimate. */
bool measure_equilibrated(const struct estimate *);

/* An average over disorder samples. */
struct result {
	int samples;     /* number of samples used: those that are not NaN */
	double mean;
	/* standard error over samples: thermal and disorder; samples - 1 degrees of freedom */
	double error;
	double thermal;  /* thermal part of `error`, which longer runs would reduce */
	/* disorder part, which only more samples would reduce: sqrt(max(0, error^2 - thermal^2)) */
	double disorder;
};

/* Averages n samples with mean[i] and thermal error[i]; skips samples with a NaN mean.  error and disorder
 * are NaN for a single sample, everything for none. */
void measure_result(struct result *, const double *mean, const double *error, int n);

/* Computes f(means of the columns of x[n][width]) and its error by a jackknife over disorder samples; f
 * must not keep the pointer.  Skips samples with a NaN.  *value is corrected for the bias of order 1/n.
 * *error is NaN for fewer than two samples, *value for none. */
void measure_jackknife(double *value, double *error, const double *x, int n, int width,
                       double (*f)(const double *means, void *ctx), void *ctx);

/* Returns the Binder cumulant 1 - <x^4>/(3 <x^2>^2) of means = {<x^2>, <x^4>}; a function for
 * measure_jackknife. */
double measure_binder(const double *means, void *unused);

/* --- escape from a metastable state
 * Follows the overlap o(t) with the starting configuration.  Escape: on some time scale 2^k sweeps, o stays
 * on a macroscopic plateau A for four bins and within the next four drops permanently by more than A/5, 5
 * standard deviations of the plateau, and 3/sqrt(N).  A smooth relaxation has no such scale. */
enum { WATCH_RING = 8 };

struct watch {
	struct {
		uint64_t n; /* complete bins */
		double bin[WATCH_RING], pending;
	} level[MEASURE_LEVELS];
	uint64_t n;       /* values so far */
	uint64_t escaped; /* 0, or the time at which the escape was detected */
	double plateau;   /* A, after an escape */
};

/* Returns whether `low` is below a macroscopic overlap `high` by more than high/5 and 3/sqrt(N). */
bool measure_far_below(double low, double high, double N);

/* Adds the next value.  A zeroed watch is empty.  N: spins. */
void measure_watch(struct watch *, double overlap, double N);

#endif
