/* Averages over the disorder samples of a simulation: which samples count at a point, and means with their
 * errors. Rank 0 only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_JOBS_SIMULATE_AVERAGE_H
#define MATTIS_JOBS_SIMULATE_AVERAGE_H

#include "src/file/dataset.h"
#include "src/jobs/simulate_tasks.h"

/* What is reported of an observable x: a + b x, with error |b| dx. */
enum form { FORM_PLAIN, FORM_RETRIEVAL, FORM_LOSS_PLUS, FORM_LOSS_MINUS };

struct observed {
	enum role role; /* gives name, symbol and definition (network_observable) ... */
	const char *name, *symbol, *long_name; /* ... if they are NULL */
	enum observable observable;
	enum form form;
};

struct simulate_average {
	const struct simulation *s;
	const double *results; /* [points][samples][s->width] (montecarlo/statistics/record.h), borrowed */
	size_t points, samples, patterns;
	bool *used;    /* [points][samples] is the sample averaged over? */
	bool *escaped; /* [points][samples] did all its replicas leave the state they started in? */

	double *value,
		*error; /* [samples] workspace: values of the samples, NaN: not averaged; thermal errors */
	double *zero;   /* [samples] */
	double *pair;   /* [samples][2] workspace */
};

/* Chooses the samples to average over: those with measurements; and where a replica of any sample stayed
 * in the state it started in, only samples with such a replica, so that states are not mixed.  The
 * simulation and the results must outlive it.  EXIT_FAILED without memory.  Freed by
 * simulate_average_free, also after an error. */
int simulate_average_init(struct simulate_average *, const struct simulation *, const double *results,
                          struct err *);
void simulate_average_free(struct simulate_average *);

/* Returns the description of the measured quantity with that role in the network: name, symbol,
 * definition. */
struct column simulate_average_column(const struct simulate_average *, enum role);

/* Returns the result of a sample at a point of the grid, [s->width]; whether it is averaged over. */
const double *simulate_average_result(const struct simulate_average *, size_t point, size_t sample);
bool simulate_average_used(const struct simulate_average *, size_t point, size_t sample);

/* Sets x to the mean, thermal error and autocorrelation time (sweeps) of an observable in one sample. */
void simulate_average_sample(double x[PARTS], const struct simulate_average *, const struct observed *,
                             size_t point, size_t sample, int mu);

/* Returns a number of the head of a sample's result; of RESULT_ESCAPED the fraction of its replicas that
 * escaped, seen or not. */
double simulate_average_number(const struct simulate_average *, enum record_head, size_t point,
                               size_t sample);

/* Averages an observable over the samples used; *tau: its mean autocorrelation time.  If the user's data
 * leave no disorder, the error is the thermal one. */
void simulate_average_observable(struct result *, double *tau, const struct simulate_average *,
                                 const struct observed *, size_t point, int mu);

/* Returns the number of samples used at a point; the mean of a number of the head over them (0 if none);
 * whether they are all equilibrated. */
int simulate_average_count(const struct simulate_average *, size_t point);
double simulate_average_of_used(const struct simulate_average *, enum record_head, size_t point);
bool simulate_average_equilibrated(const struct simulate_average *, size_t point);

#endif
