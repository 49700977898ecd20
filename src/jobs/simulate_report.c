/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/simulate_report.h"

#include <math.h>

static const char *const no_yes[] = {"no", "yes", NULL};

/* Square and losses are of the simulation only and have no role. */
static const struct observed observed[] = {
	{ROLE_OVERLAP, .observable = OBS_M},
	{ROLE_SIGNAL, .observable = OBS_N},
	{ROLE_RETRIEVAL_OVERLAP, .observable = OBS_N, .form = FORM_RETRIEVAL},
	{ROLE_SPIN_GLASS, .observable = OBS_Q},
	{ROLE_NONE, "q2", "q^2", "square of the overlap of two replicas", OBS_Q2, FORM_PLAIN},
	{ROLE_ENERGY, .observable = OBS_ENERGY},
	{ROLE_NONE, "loss_plus", "L_+", "|xi - s|^2/(2N)", OBS_M, FORM_LOSS_PLUS},
	{ROLE_NONE, "loss_minus", "L_-", "|xi + s|^2/(2N)", OBS_M, FORM_LOSS_MINUS},
};

static bool has(const struct simulate_average *a, const struct observed *what)
{
	const struct record_shape *shape = &a->s->shape;

	if (what->observable == OBS_Q && shape->starts > 0)
		return true; /* the q of a solution needs no second replica */
	if (what->observable >= OBS_Q && what->observable <= OBS_Q4)
		return shape->replicas > 1 && shape->starts == 0;
	return what->form != FORM_RETRIEVAL || !isnan(simulate_average_result(a, 0, 0)[RESULT_P_OF_N]);
}

/* Returns the number of values per point of an observable. */
static size_t values_of(const struct simulate_average *a, enum observable o)
{
	return o < OBS_ENERGY ? a->patterns : 1;
}

static struct column describe(const struct simulate_average *a, const struct observed *what)
{
	if (what->role != ROLE_NONE)
		return simulate_average_column(a, what->role);
	return (struct column){.name = what->name, .symbol = what->symbol, .long_name = what->long_name};
}

/* Adds a column that belongs to another one. */
static double *add(struct dataset *dataset, struct column column, const char *suffix, const char *long_name)
{
	column.suffix = suffix;
	column.symbol = column.role = NULL;
	column.long_name = long_name;
	return dataset_add(dataset, &column);
}

/* The same for a thermal quantity, which only chains have; NULL for TAP. */
static double *add_thermal(struct dataset *dataset, const struct simulate_average *a, struct column column,
                           const char *suffix, const char *long_name)
{
	return a->s->shape.starts > 0 ? NULL : add(dataset, column, suffix, long_name);
}

/* In all functions below: if there is memory for the last of several columns, there is memory for all
 * (dataset_add). */

static void report_samples(struct dataset *dataset, const struct simulate_average *a,
                           const struct observed *what)
{
	const size_t n = values_of(a, what->observable), count = a->points * a->samples * n;
	struct column column = describe(a, what);
	column.group = "/samples";
	column.role = NULL; /* of the mean over samples only */
	column.dims = n > 1 ? "* sample pattern" : "* sample";
	double *mean = dataset_add(dataset, &column), x[PARTS];
	double *thermal = add_thermal(dataset, a, column, "_thermal", "thermal error of the sample");

	for (size_t i = 0; mean && i < count; i++) {
		simulate_average_sample(x, a, what, i / n / a->samples, i / n % a->samples, (int)(i % n));
		mean[i] = x[PART_MEAN];
		if (thermal)
			thermal[i] = x[PART_ERROR];
	}
}

static void report_observable(struct dataset *dataset, const struct simulate_average *a,
                              const struct observed *what)
{
	const size_t n = values_of(a, what->observable), count = a->points * n;
	struct column column = describe(a, what);
	column.dims = n > 1 ? "* pattern" : "*";
	double *mean = dataset_add(dataset, &column), mean_tau;
	double *error =
		add(dataset, column, "_error",
	            a->s->fixed ? "standard error (the disorder is given)"
	                        : "standard error over samples, thermal and disorder; degrees of freedom: "
	                          "samples_used - 1");
	double *thermal = add_thermal(dataset, a, column, "_thermal", "thermal part of the error");
	double *tau = add_thermal(dataset, a, column, "_autocorrelation",
	                          "integrated autocorrelation time in sweeps, 1/2 for independent sweeps");
	struct result average;

	for (size_t i = 0; error && i < count; i++) {
		simulate_average_observable(&average, &mean_tau, a, what, i / n, (int)(i % n));
		mean[i] = average.mean;
		error[i] = average.error;
		if (tau) {
			thermal[i] = average.thermal;
			tau[i] = mean_tau;
		}
	}
	report_samples(dataset, a, what);
}

static void report_binder(struct dataset *dataset, const struct simulate_average *a, const char *name,
                          const char *long_name, const enum observable moment[2])
{
	const size_t n = values_of(a, moment[0]);
	const struct column column = {
		.name = name, .long_name = long_name, .dims = n > 1 ? "* pattern" : "*"};
	double *value = dataset_add(dataset, &column);
	double *error = add(dataset, column, "_error", "jackknife over samples");

	for (size_t i = 0; error && i < a->points * n; i++) {
		for (size_t k = 0; k < 2 * a->samples; k++) {
			const double *result = simulate_average_result(a, i / n, k / 2);
			size_t at = record_offset(&a->s->shape, moment[k % 2], (int)(i % n), PART_MEAN);
			a->pair[k] = simulate_average_used(a, i / n, k / 2) ? result[at] : NAN;
		}
		measure_jackknife(&value[i], &error[i], a->pair, (int)a->samples, 2, measure_binder, NULL);
	}
}

/* Sets the mean and the error of a->value over samples. */
static void average_values(double *mean, double *error, const struct simulate_average *a)
{
	struct result average;
	measure_result(&average, a->value, a->zero, (int)a->samples);
	*mean = average.mean;
	*error = average.error;
}

static void report_susceptibility(struct dataset *dataset, const struct simulate_average *a)
{
	const struct record_shape *shape = &a->s->shape;
	const size_t n = a->patterns;
	const struct column column = {.name = "susceptibility",
	                              .long_name = "N (<m^2> - <m>^2)/T, thermal, mean over samples",
	                              .dims = n > 1 ? "* pattern" : "*"};
	double *value = dataset_add(dataset, &column);
	double *error = add(dataset, column, "_error", "standard error over samples");
	struct params p;

	for (size_t i = 0; error && i < a->points * n; i++) {
		grid_params(&p, a->s->grid, i / n);
		for (size_t k = 0; k < a->samples; k++) {
			const double *result = simulate_average_result(a, i / n, k);
			double m = result[record_offset(shape, OBS_M, (int)(i % n), PART_MEAN)];
			double dm = result[record_offset(shape, OBS_M, (int)(i % n), PART_ERROR)];
			double m2 = result[record_offset(shape, OBS_M2, (int)(i % n), PART_MEAN)];
			bool counts = p.T > 0 && simulate_average_used(a, i / n, k);
			/* m^2 of the measured mean is too large by its squared error */
			a->value[k] = counts ? p.N * (m2 - m * m + dm * dm) / p.T : NAN;
		}
		average_values(&value[i], &error[i], a);
	}
}

static void report_flags(struct dataset *dataset, const struct simulate_average *a)
{
	struct column column = {
		.name = "equilibrated",
		.long_name = "early and late sweeps agree, the replicas agree, tau is resolved: in all "
			     "samples used",
		.type = DATASET_INT8,
		.flags = no_yes,
		.dims = "*"};
	if (a->s->shape.starts > 0)
		column.long_name = "all starts converged: in all samples used";
	int8_t *flag = dataset_add(dataset, &column);
	column.group = "/samples";
	column.long_name = "in this sample";
	column.dims = "* sample";
	int8_t *each = dataset_add(dataset, &column);
	int32_t *used = dataset_add(dataset, COLUMN(.name = "samples_used", .type = DATASET_INT32,
	                                            .dims = "*", .long_name = "samples averaged over"));
	int32_t *K = dataset_add(dataset, COLUMN(.name = "K_realised", .type = DATASET_INT32, .dims = "*",
	                                         .long_name = "patterns"));

	for (size_t i = 0; K && i < a->points; i++) {
		flag[i] = simulate_average_equilibrated(a, i);
		used[i] = simulate_average_count(a, i);
		K[i] = (int32_t)simulate_average_result(a, i, 0)[RESULT_K];
		for (size_t k = 0; k < a->samples; k++)
			each[i * a->samples + k] = simulate_average_result(a, i, k)[RESULT_EQUILIBRATED] == 1;
	}
}

/* Numbers of the head of a result. */
static const struct head {
	enum record_head which;
	enum { ALWAYS, CHAINS, TEMPERING, TAP } when;
	bool samples; /* also those of the single samples */
	enum role role;
	const char *name, *long_name;
} heads[] = {
	{RESULT_GAMMA, ALWAYS, false, ROLE_NONE, "gamma_realised", "load P! K/(2 N^(P-1)) of these patterns"},
	{RESULT_ESCAPED, ALWAYS, true, ROLE_NONE, "escaped",
         "share of the replicas that left the state they started in; averaged are those that stayed, and "
         "where "
         "none did those that had left before the measurement"},
	{RESULT_ACCEPTANCE, CHAINS, true, ROLE_NONE, "acceptance",
         "share of the attempts that reversed a spin"},
	{RESULT_EXCHANGE, TEMPERING, true, ROLE_NONE, "exchange_rate",
         "accepted exchanges with the next temperature of the axis"},
	{RESULT_ROUND_TRIPS, TEMPERING, true, ROLE_NONE, "round_trips",
         "hot - cold - hot, all walkers of a ladder together"},
	{RESULT_FREE_ENERGY, TAP, true, ROLE_FREE_ENERGY, NULL,
         "TAP free energy per spin, mean over converged starts"},
	{RESULT_ITERATIONS, TAP, true, ROLE_NONE, "iterations", "mean over converged starts"},
	{RESULT_CONVERGED, TAP, true, ROLE_NONE, "converged",
         "share of the starts that converged; averaged are these"},
};

static bool has_head(const struct simulate_average *a, const struct head *head)
{
	const bool tap = a->s->shape.starts > 0, tempering = a->s->protocol.dynamics == DYNAMICS_TEMPERING;
	return head->when == ALWAYS || (head->when == CHAINS && !tap) ||
	       (head->when == TEMPERING && tempering) || (head->when == TAP && tap);
}

static void report_head(struct dataset *dataset, const struct simulate_average *a, const struct head *head)
{
	struct column column =
		head->role ? simulate_average_column(a, head->role) : (struct column){.name = head->name};
	column.long_name = head->long_name;
	column.dims = "*";
	double *mean = dataset_add(dataset, &column), *error = NULL, *each = NULL;
	double no_error;

	if (head->role == ROLE_FREE_ENERGY)
		error = add(dataset, column, "_error", "standard error over samples");
	column.group = "/samples";
	column.role = NULL;
	column.dims = "* sample";
	if (head->samples)
		each = dataset_add(dataset, &column);
	for (size_t i = 0; mean && i < a->points; i++) {
		for (size_t k = 0; k < a->samples; k++)
			a->value[k] = simulate_average_number(a, head->which, i, k);
		average_values(&mean[i], error ? &error[i] : &no_error, a);
	}
	for (size_t i = 0; each && i < a->points * a->samples; i++)
		each[i] = simulate_average_number(a, head->which, i / a->samples, i % a->samples);
}

/* A histogram becomes a probability density on [-1, 1]: returns what its counts are divided by. */
static double norm_of(const double *count, size_t length)
{
	double norm = 0;
	for (size_t i = 0; i < length; i++)
		norm += count[i] * 2 / (double)length;
	return norm;
}

/* Adds a list of `length` numbers per point; histogram: of the samples used. */
static void report_list(struct dataset *dataset, const struct simulate_average *a,
                        const struct column *column, size_t offset, size_t length, bool histogram)
{
	double *mean = dataset_add(dataset, column);
	double *error = add(dataset, *column, "_error", "standard error over samples");

	for (size_t i = 0; error && i < a->points; i++) {
		for (size_t k = 0; k < a->samples; k++)
			a->pair[k] =
				histogram ? norm_of(simulate_average_result(a, i, k) + offset, length) : 1;
		for (size_t c = 0; c < length; c++) {
			for (size_t k = 0; k < a->samples; k++) {
				bool counts =
					a->pair[k] > 0 && (!histogram || simulate_average_used(a, i, k));
				double x = simulate_average_result(a, i, k)[offset + c];
				a->value[k] = counts ? x / a->pair[k] : NAN;
			}
			average_values(&mean[i * length + c], &error[i * length + c], a);
		}
	}
}

static void report_lists(struct dataset *dataset, const struct simulate_average *a)
{
	static const struct column histogram_m = {.name = "histogram_m",
	                                          .long_name = "probability density of m (first pattern)",
	                                          .dims = "* overlap"};
	static const struct column histogram_q = {
		.name = "histogram_q", .long_name = "probability density of q", .dims = "* overlap"};
	static const struct column curve = {
		.name = "curve",
		.long_name = "m at so many sweeps from the start, escaped replicas too",
		.dims = "* sweep pattern?"};
	const struct record_shape *shape = &a->s->shape;
	const size_t cells = (size_t)shape->histogram, times = (size_t)shape->curve;

	if (cells)
		report_list(dataset, a, &histogram_m, record_offset_histogram_m(shape), cells, true);
	if (cells && shape->replicas > 1)
		report_list(dataset, a, &histogram_q, record_offset_histogram_q(shape), cells, true);
	if (times)
		report_list(dataset, a, &curve, record_offset_curve(shape), times * a->patterns, false);
}

static void add_axis(struct dataset *dataset, const char *name, const char *long_name, size_t n, double first,
                     double step)
{
	dataset_axis_steps(dataset, COLUMN(.name = name, .long_name = long_name), n, first, step);
}

static void add_axes(struct dataset *dataset, const struct simulate_average *a)
{
	const struct record_shape *shape = &a->s->shape;

	dataset_grid(dataset, a->s->grid);
	if (a->patterns > 1)
		add_axis(dataset, "pattern", "pattern number", a->patterns, 1, 1);
	if (shape->histogram)
		add_axis(dataset, "overlap", "middle of the cell", (size_t)shape->histogram,
		         -1 + 1.0 / shape->histogram, 2.0 / shape->histogram);
	if (shape->curve)
		add_axis(dataset, "sweep", "sweeps from the start", (size_t)shape->curve, 0, 1);
	add_axis(dataset, "/samples/sample", "disorder sample", a->samples, 0, 1);
	simulate_sites_axes(dataset, a);
}

void simulate_report(struct dataset *dataset, const struct simulate_average *a)
{
	add_axes(dataset, a);
	for (size_t i = 0; i < sizeof observed / sizeof observed[0]; i++)
		if (has(a, &observed[i]))
			report_observable(dataset, a, &observed[i]);
	if (a->s->shape.starts == 0) { /* moments of a chain */
		report_binder(dataset, a, "binder", "1 - <m^4>/(3 <m^2>^2), means over sweeps and samples",
		              (const enum observable[]){OBS_M2, OBS_M4});
		if (a->s->shape.replicas > 1)
			report_binder(dataset, a, "binder_q",
			              "1 - <q^4>/(3 <q^2>^2), means over sweeps and samples",
			              (const enum observable[]){OBS_Q2, OBS_Q4});
		report_susceptibility(dataset, a);
	}
	report_flags(dataset, a);
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
		if (has_head(a, &heads[i]))
			report_head(dataset, a, &heads[i]);
	report_lists(dataset, a);
	simulate_sites_report(dataset, a);
}
