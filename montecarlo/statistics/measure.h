/* From time series to numbers with error bars.
 *
 * A `series` condenses the values of one observable along one chain into bins of 1, 2, 4, ... sweeps, in constant
 * memory; it is plain data, so it is saved and restored by copying.  The chains of one disorder sample make an
 * `estimate`: mean, thermal error, integrated autocorrelation time, and whether the chains look equilibrated.
 * The samples make a `result`: the error over samples contains both the thermal and the disorder part.
 *
 * The autocorrelation time is tau = 1/2 + sum over t >= 1 of rho(t), in sweeps; error^2 = 2 tau variance / n.
 * No randomness, no I/O; nothing here can fail.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_STATISTICS_MEASURE_H
#define MATTIS_STATISTICS_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

enum { MEASURE_LEVELS = 36 };

struct bins {            /* bins of 2^level values */
	uint64_t n;      /* complete ones */
	double mean, m2; /* of the complete ones; m2 = sum of squared deviations from the mean */
	double first;    /* mean of the first one */
	double pending;  /* the first half of the next bin, when n of the level below is odd */
};

struct series {
	struct bins level[MEASURE_LEVELS];
};

/* A zeroed series is empty. */
void measure_add(struct series *, double x);

/* The pieces of an estimate that tell whether to believe it. */
struct estimate {
	uint64_t n;   /* values, all chains together */
	double mean;
	double error; /* thermal standard error of the mean: at fixed disorder */
	double tau;   /* integrated autocorrelation time in sweeps, >= 1/2; 1/2 for a constant */
	double drift; /* early against late part of the chains, in standard deviations; 0 when they are too short */
	double spread; /* chains against each other: chi^2 as an equivalent normal deviate; 0 for one chain */
	bool resolved; /* the chains are long enough to see tau */
};

/* The estimate from several independent chains of the same observable at the same disorder, each counted with its
 * length.  The bin width is the smallest B with B^3 > 2 n (2 tau)^2 (the compromise between bias and noise).
 * No values at all: NaN. */
void measure_estimate(struct estimate *, const struct series *const chains[], int n_chains);

/* True when |drift| and spread are below 5 and tau is resolved.  With Gaussian chains the false alarm rate is
 * below 1e-3 per estimate. */
bool measure_equilibrated(const struct estimate *);

/* Over disorder samples. */
struct result {
	int samples;     /* that were used: those that are not NaN */
	double mean;
	double error;    /* standard error over samples: thermal and disorder; samples - 1 degrees of freedom */
	double thermal;  /* the part of `error` that longer runs would remove */
	double disorder; /* the part that only more samples would remove: sqrt(max(0, error^2 - thermal^2)) */
};

/* mean[i] and error[i] (thermal) of n samples; a NaN mean leaves the sample out.  With a single sample error and
 * disorder are NaN; with none all are. */
void measure_result(struct result *, const double *mean, const double *error, int n);

/* Jackknife over disorder samples of f(means of the columns of x[n][width]); f must not keep the pointer.  Samples
 * with a NaN are left out.  *value is corrected for the bias of order 1/n.  NaN for fewer than two samples
 * (*value: for none). */
void measure_jackknife(double *value, double *error, const double *x, int n, int width,
                       double (*f)(const double *means, void *ctx), void *ctx);

/* Binder cumulant 1 - <x^4>/(3 <x^2>^2) of means = {<x^2>, <x^4>}; a function for measure_jackknife. */
double measure_binder(const double *means, void *unused);

/* --- escape from a metastable state
 * Follows the overlap o(t) with the starting configuration.  Metastable escape: on some time scale 2^k sweeps o
 * stands still on a macroscopic plateau A for four bins and within the next four drops for good by more than A/5,
 * 5 standard deviations of the plateau, and 3/sqrt(N).  A smooth relaxation has no such scale. */
enum { WATCH_RING = 8 };

struct watch {
	struct {
		uint64_t n; /* complete bins */
		double bin[WATCH_RING], pending;
	} level[MEASURE_LEVELS];
	uint64_t n;       /* values so far */
	uint64_t escaped; /* 0, or the time at which the escape was noticed */
	double plateau;   /* then: A */
};

/* Is `low` far below a macroscopic overlap `high`, by more than high/5 and 3/sqrt(N)? */
bool measure_far_below(double low, double high, double N);

/* A zeroed watch has seen nothing.  N: spins. */
void measure_watch(struct watch *, double overlap, double N);

#endif
