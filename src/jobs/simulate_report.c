/* The answers of a simulation as variables of the output and as a table; the contract is in simulation.h.
 *
 * X is the mean over samples, X_error its standard error (thermal and disorder), X_thermal the part that longer runs
 * would remove, X_autocorrelation in sweeps; numbers of single replicas and sites: simulate_sites.c.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/jobs/simulate_report.h"
#include "src/jobs/table.h"

/* What is made of an observable: a + b x, its error |b| dx. */
enum form { AS_IT_IS, TIMES_P_OF_N, LOSS_PLUS, LOSS_MINUS };

struct shown {
	const char *name, *long_name;
	enum observable observable;
	enum form form;
};

static const struct shown shown[] = {
    {"m", "overlap with the pattern, (1/N) sum xi s", OBS_M, AS_IT_IS},
    {"n", "overlap with the mean of the examples, normalised as in the theory", OBS_N, AS_IT_IS},
    {"p", "overlap n/(1-d), 1 for a pattern fully retrieved", OBS_N, TIMES_P_OF_N},
    {"q", "overlap of two replicas at the same sweep", OBS_Q, AS_IT_IS},
    {"q2", "square of the overlap of two replicas", OBS_Q2, AS_IT_IS},
    {"energy", "energy per spin u, f = u - T s", OBS_ENERGY, AS_IT_IS},
    {"loss_plus", "|xi - s|^2/(2N)", OBS_M, LOSS_PLUS},
    {"loss_minus", "|xi + s|^2/(2N)", OBS_M, LOSS_MINUS},
};

enum { SHOWN = sizeof shown / sizeof shown[0] };

void *report_keep(struct columns *c, size_t count, size_t size)
{
	if (c->n == c->room) {
		int room = 2 * c->room + 16;
		void **memory = realloc(c->memory, (size_t)room * sizeof *memory);
		if (!memory) {
			c->failed = true;
			return NULL;
		}
		c->memory = memory;
		c->room = room;
	}
	void *p = calloc(count ? count : 1, size);
	if (p)
		c->memory[c->n++] = p;
	else
		c->failed = true;
	return p;
}

void simulate_forget(struct columns *c)
{
	for (int i = 0; c && i < c->n; i++)
		free(c->memory[i]);
	if (c)
		free(c->memory);
	free(c);
}

const double *report_answer(const struct report *r, size_t point, size_t sample)
{
	return r->answers + (point * r->samples + sample) * r->s->width;
}

static bool used(const struct report *r, size_t point, size_t sample)
{
	return r->use[point * r->samples + sample];
}

static double first_overlap(const struct report *r, size_t point, size_t sample)
{
	return fabs(report_answer(r, point, sample)[record_offset(&r->s->shape, OBS_M, 0, PART_MEAN)]);
}

/* The first overlap below which all replicas of a sample have left the state unnoticed, too early to have been on a plateau: half
 * the largest of all samples.  0 where none is seen to escape. */
static double unnoticed_below(const struct report *r, size_t point)
{
	bool escapes = false;
	double most = 0;
	struct params p;

	grid_params(&p, r->s->grid, point);
	for (size_t k = 0; k < r->samples; k++) {
		escapes = escapes || report_answer(r, point, k)[ANSWER_ESCAPED] > 0;
		most = fmax(most, first_overlap(r, point, k));
	}
	return escapes && most * sqrt(p.N) > 5 ? most / 2 : 0;
}

/* Samples do not mix states: where a replica of any sample stayed, those that only have fallen ones are left out. */
static void choose(struct report *r)
{
	for (size_t i = 0; i < r->points; i++) {
		bool *use = r->use + i * r->samples, *left = r->left + i * r->samples, stayed = false;
		const double below = unnoticed_below(r, i);
		for (size_t k = 0; k < r->samples; k++) {
			left[k] = report_answer(r, i, k)[ANSWER_FALLEN] == 1 || first_overlap(r, i, k) < below;
			stayed = stayed || (report_answer(r, i, k)[ANSWER_SWEEPS] > 0 && !left[k]);
		}
		for (size_t k = 0; k < r->samples; k++)
			use[k] = report_answer(r, i, k)[ANSWER_SWEEPS] > 0 && (!stayed || !left[k]);
	}
}

/* Share of the replicas of a sample that left the state they started in. */
static double escaped_part(const struct report *r, size_t point, size_t sample)
{
	return r->left[point * r->samples + sample] ? 1 : report_answer(r, point, sample)[ANSWER_ESCAPED];
}

static bool per_pattern(enum observable o)
{
	return o < OBS_ENERGY;
}

/* Mean, thermal error and tau of one sample. */
static void look(double x[PARTS], const struct report *r, const struct shown *what, size_t point, size_t sample,
                 int mu)
{
	const double *a = report_answer(r, point, sample);
	double offset = 0, scale = 1;
	memcpy(x, a + record_offset(&r->s->shape, what->observable, mu, PART_MEAN), PARTS * sizeof *x);
	if (what->form == TIMES_P_OF_N)
		scale = a[ANSWER_P_OF_N];
	if (what->form == LOSS_PLUS || what->form == LOSS_MINUS) {
		offset = (1 + a[record_offset_norm(&r->s->shape, mu)]) / 2;
		scale = what->form == LOSS_PLUS ? -1 : 1;
	}
	x[PART_MEAN] = offset + scale * x[PART_MEAN];
	x[PART_ERROR] *= fabs(scale);
}

/* Over samples, and the mean of tau.  Without disorder to draw, the error is the thermal one. */
static void combine(struct result *result, double *tau, struct report *r, const struct shown *what, size_t point,
                    int mu)
{
	double x[PARTS], sum = 0;
	for (size_t k = 0; k < r->samples; k++) {
		look(x, r, what, point, k, mu);
		r->value[k] = used(r, point, k) ? x[PART_MEAN] : NAN;
		r->error[k] = x[PART_ERROR];
		sum += isnan(r->value[k]) ? 0 : x[PART_TAU];
	}
	measure_result(result, r->value, r->error, (int)r->samples);
	*tau = result->samples ? sum / result->samples : NAN;
	if (r->s->fixed)
		result->error = result->thermal;
}

/* A variable on the axes of the grid [, pattern]; extra: one more dimension before pattern. */
static void add(struct report *r, const char *name, const char *suffix, enum dataset_type type, const void *data,
                const char *units, const char *long_name, const char *extra, bool patterns, const char *const *flags)
{
	char path[80];
	int rank = r->s->grid->axes;
	if (!r->dataset || !data)
		return;
	snprintf(path, sizeof path, "%s%s", name, suffix);
	if (extra)
		r->dims[rank++] = extra;
	if (patterns && r->patterns > 1)
		r->dims[rank++] = "pattern";
	store_variable(r->dataset, path, type, rank, r->dims, data, units, long_name, flags);
}

static void report_samples(struct report *r, const struct shown *what, size_t n)
{
	double *mean = report_keep(r->columns, r->points * r->samples * n, sizeof *mean);
	double *thermal = report_keep(r->columns, r->points * r->samples * n, sizeof *thermal);
	double x[PARTS];
	char path[80];

	for (size_t i = 0; mean && thermal && i < r->points * r->samples * n; i++) {
		look(x, r, what, i / n / r->samples, i / n % r->samples, (int)(i % n));
		mean[i] = x[PART_MEAN];
		thermal[i] = x[PART_ERROR];
	}
	snprintf(path, sizeof path, "/samples/%s", what->name);
	add(r, path, "", DATASET_DOUBLE, mean, "1", what->long_name, "sample", per_pattern(what->observable), NULL);
	if (!r->s->shape.solved)
		add(r, path, "_thermal", DATASET_DOUBLE, thermal, "1", "thermal error of the sample", "sample",
		    per_pattern(what->observable), NULL);
}

static void report_observable(struct report *r, const struct shown *what)
{
	size_t n = per_pattern(what->observable) ? r->patterns : 1, count = r->points * n;
	double *mean = report_keep(r->columns, count, sizeof *mean), *error = report_keep(r->columns, count, sizeof *error);
	double *thermal = report_keep(r->columns, count, sizeof *thermal), *tau = report_keep(r->columns, count, sizeof *tau);
	bool pattern = n > 1;
	struct result result;

	for (size_t i = 0; mean && error && thermal && tau && i < count; i++) {
		combine(&result, &tau[i], r, what, i / n, (int)(i % n));
		mean[i] = result.mean;
		error[i] = result.error;
		thermal[i] = result.thermal;
	}
	add(r, what->name, "", DATASET_DOUBLE, mean, "1", what->long_name, NULL, pattern, NULL);
	add(r, what->name, "_error", DATASET_DOUBLE, error, "1",
	    r->s->fixed ? "standard error (the disorder is given)"
	                : "standard error over samples, thermal and disorder; degrees of freedom: samples_used - 1",
	    NULL, pattern, NULL);
	if (!r->s->shape.solved) {
		add(r, what->name, "_thermal", DATASET_DOUBLE, thermal, "1", "thermal part of the error", NULL, pattern, NULL);
		add(r, what->name, "_autocorrelation", DATASET_DOUBLE, tau, "1",
		    "integrated autocorrelation time in sweeps, 1/2 for independent sweeps", NULL, pattern, NULL);
	}
	report_samples(r, what, n);
}

static void report_binder(struct report *r, const char *name, enum observable second, enum observable fourth,
                          const char *long_name)
{
	size_t n = per_pattern(second) ? r->patterns : 1, count = r->points * n;
	double *value = report_keep(r->columns, count, sizeof *value), *error = report_keep(r->columns, count, sizeof *error);

	for (size_t i = 0; value && error && i < count; i++) {
		for (size_t k = 0; k < r->samples; k++) {
			const double *a = report_answer(r, i / n, k);
			r->pair[2 * k] = used(r, i / n, k) ? a[record_offset(&r->s->shape, second, (int)(i % n), PART_MEAN)] : NAN;
			r->pair[2 * k + 1] = a[record_offset(&r->s->shape, fourth, (int)(i % n), PART_MEAN)];
		}
		measure_jackknife(&value[i], &error[i], r->pair, (int)r->samples, 2, measure_binder, NULL);
	}
	add(r, name, "", DATASET_DOUBLE, value, "1", long_name, NULL, n > 1, NULL);
	add(r, name, "_error", DATASET_DOUBLE, error, "1", "jackknife over samples", NULL, n > 1, NULL);
}

/* N (<m^2> - <m>^2)/T of each sample; the square of the measured mean is too large by its squared error. */
static void report_susceptibility(struct report *r)
{
	size_t n = r->patterns, count = r->points * n;
	double *value = report_keep(r->columns, count, sizeof *value), *error = report_keep(r->columns, count, sizeof *error);
	const struct record_shape *shape = &r->s->shape;
	struct result result;
	struct params p;

	for (size_t i = 0; value && error && i < count; i++) {
		grid_params(&p, r->s->grid, i / n);
		for (size_t k = 0; k < r->samples; k++) {
			const double *a = report_answer(r, i / n, k);
			double m = a[record_offset(shape, OBS_M, (int)(i % n), PART_MEAN)];
			double dm = a[record_offset(shape, OBS_M, (int)(i % n), PART_ERROR)];
			double m2 = a[record_offset(shape, OBS_M2, (int)(i % n), PART_MEAN)];
			r->value[k] = p.T > 0 && used(r, i / n, k) ? p.N * (m2 - m * m + dm * dm) / p.T : NAN;
			r->error[k] = 0;
		}
		measure_result(&result, r->value, r->error, (int)r->samples);
		value[i] = result.mean;
		error[i] = result.error;
	}
	add(r, "susceptibility", "", DATASET_DOUBLE, value, "1", "N (<m^2> - <m>^2)/T, thermal, mean over samples", NULL,
	    n > 1, NULL);
	add(r, "susceptibility", "_error", DATASET_DOUBLE, error, "1", "standard error over samples", NULL, n > 1, NULL);
}

/* The mean over samples of a number of the head with its error, and the samples' own. */
void report_head(struct report *r, enum answer which, const char *name, const char *long_name, bool samples)
{
	double *mean = report_keep(r->columns, r->points, sizeof *mean), *error = report_keep(r->columns, r->points, sizeof *error);
	double *each = report_keep(r->columns, r->points * r->samples, sizeof *each);
	struct result result;
	char path[80];

	for (size_t i = 0; mean && error && each && i < r->points; i++) {
		for (size_t k = 0; k < r->samples; k++) {
			r->value[k] = each[i * r->samples + k] =
				which == ANSWER_ESCAPED ? escaped_part(r, i, k) : report_answer(r, i, k)[which];
			r->error[k] = 0;
		}
		measure_result(&result, r->value, r->error, (int)r->samples);
		mean[i] = result.mean;
		error[i] = result.error;
	}
	add(r, name, "", DATASET_DOUBLE, mean, "1", long_name, NULL, false, NULL);
	if (which == ANSWER_FREE_ENERGY)
		add(r, name, "_error", DATASET_DOUBLE, error, "1", "standard error over samples", NULL, false, NULL);
	snprintf(path, sizeof path, "/samples/%s", name);
	if (samples)
		add(r, path, "", DATASET_DOUBLE, each, "1", long_name, "sample", false, NULL);
}

static int used_samples(const struct report *r, size_t point)
{
	int n = 0;
	for (size_t k = 0; k < r->samples; k++)
		n += used(r, point, k);
	return n;
}

static double mean_acceptance(const struct report *r, size_t point)
{
	double sum = 0;
	int n = 0;
	for (size_t k = 0; k < r->samples; k++)
		if (used(r, point, k)) {
			sum += report_answer(r, point, k)[ANSWER_ACCEPTANCE];
			n++;
		}
	return n ? sum / n : 0;
}

static bool is_equilibrated(const struct report *r, size_t point)
{
	bool all = used_samples(r, point) > 0;
	for (size_t k = 0; k < r->samples; k++)
		all = all && (!used(r, point, k) || report_answer(r, point, k)[ANSWER_EQUILIBRATED] == 1);
	return all;
}

static double escaped_share(const struct report *r, size_t point)
{
	double sum = 0;
	for (size_t k = 0; k < r->samples; k++)
		sum += escaped_part(r, point, k);
	return sum / (double)r->samples;
}

static void report_flags(struct report *r)
{
	static const char *const no_yes[] = {"no", "yes", NULL};
	int8_t *flag = report_keep(r->columns, r->points, sizeof *flag);
	int8_t *each = report_keep(r->columns, r->points * r->samples, sizeof *each);
	int32_t *n_used = report_keep(r->columns, r->points, sizeof *n_used);
	int32_t *K = report_keep(r->columns, r->points, sizeof *K);

	for (size_t i = 0; flag && each && n_used && K && i < r->points; i++) {
		flag[i] = is_equilibrated(r, i);
		n_used[i] = used_samples(r, i);
		K[i] = (int32_t)report_answer(r, i, 0)[ANSWER_K];
		for (size_t k = 0; k < r->samples; k++)
			each[i * r->samples + k] = report_answer(r, i, k)[ANSWER_EQUILIBRATED] == 1;
	}
	add(r, "equilibrated", "", DATASET_INT8, flag, NULL,
	    r->s->shape.solved ? "all starts converged: in all samples used"
	                       : "early and late sweeps agree, the replicas agree, tau is resolved: in all samples used",
	    NULL, false, no_yes);
	add(r, "/samples/equilibrated", "", DATASET_INT8, each, NULL, "in this sample", "sample", false, no_yes);
	add(r, "samples_used", "", DATASET_INT32, n_used, NULL, "samples averaged over", NULL, false,
	    NULL);
	add(r, "K_realised", "", DATASET_INT32, K, NULL, "patterns", NULL, false, NULL);
	report_head(r, ANSWER_GAMMA, "gamma_realised", "load P! K/(2 N^(P-1)) of these patterns", false);
	report_head(r, ANSWER_ESCAPED, "escaped",
	            "share of the replicas that left the state they started in; averaged are those that stayed, and where "
	            "none did those that had left before the measurement", true);
	if (r->s->shape.solved)
		return;
	report_head(r, ANSWER_ACCEPTANCE, "acceptance", "share of the attempts that reversed a spin", true);
	if (r->s->protocol.dynamics != DYNAMICS_TEMPERING)
		return;
	report_head(r, ANSWER_EXCHANGE, "exchange_rate", "accepted exchanges with the next temperature of the axis", true);
	report_head(r, ANSWER_ROUND_TRIPS, "round_trips", "hot - cold - hot, all walkers of a ladder together", true);
}

/* A list of numbers per sample (histogram, curve): mean over samples and its error.  `density`: counts become a
 * probability density on [-1, 1]. */
static void report_list(struct report *r, const char *name, const char *axis, size_t offset, size_t length,
                        bool patterns, bool density, const char *long_name)
{
	size_t n = length * (patterns ? r->patterns : 1);
	double *mean = report_keep(r->columns, r->points * n, sizeof *mean);
	double *error = report_keep(r->columns, r->points * n, sizeof *error);
	struct result result;

	for (size_t i = 0; mean && error && i < r->points; i++) {
		for (size_t k = 0; k < r->samples; k++) {
			r->pair[k] = density ? 0 : 1;
			r->error[k] = 0;
			for (size_t c = 0; density && c < n; c++)
				r->pair[k] += report_answer(r, i, k)[offset + c] * 2 / (double)n;
		}
		for (size_t c = 0; c < n; c++) {
			for (size_t k = 0; k < r->samples; k++)
				r->value[k] = r->pair[k] > 0 && (!density || used(r, i, k)) ? report_answer(r, i, k)[offset + c] / r->pair[k]
				                                                             : NAN;
			measure_result(&result, r->value, r->error, (int)r->samples);
			mean[i * n + c] = result.mean;
			error[i * n + c] = result.error;
		}
	}
	add(r, name, "", DATASET_DOUBLE, mean, "1", long_name, axis, patterns, NULL);
	add(r, name, "_error", DATASET_DOUBLE, error, "1", "standard error over samples", axis, patterns, NULL);
}

static void report_lists(struct report *r)
{
	const struct record_shape *shape = &r->s->shape;
	if (shape->histogram) {
		size_t n = (size_t)shape->histogram;
		report_list(r, "histogram_m", "overlap", record_offset_histogram_m(shape), n, false, true,
		            "probability density of m (first pattern)");
		if (shape->replicas > 1)
			report_list(r, "histogram_q", "overlap", record_offset_histogram_q(shape), n, false, true,
			            "probability density of q");
	}
	if (shape->curve)
		report_list(r, "curve", "sweep", record_offset_curve(shape), (size_t)shape->curve, true, false,
		            "m at so many sweeps from the start, escaped replicas too");
}

static void report_spins(struct report *r)
{
	const struct record_shape *shape = &r->s->shape;
	size_t N = (size_t)shape->spins, words = (N + 63) / 64, replicas = (size_t)shape->replicas;
	int8_t *spin = report_keep(r->columns, r->points * r->samples * replicas * N, 1);
	int rank = r->s->grid->axes;
	struct params p;

	for (size_t i = 0; spin && i < r->points * r->samples; i++) {
		const double *a = report_answer(r, i / r->samples, i % r->samples) + record_offset_spins(shape);
		grid_params(&p, r->s->grid, i / r->samples);
		for (size_t k = 0; k < replicas * N; k++) {
			uint64_t word;
			memcpy(&word, a + k / N * words + k % N / 64, sizeof word);
			spin[i * replicas * N + k] = (double)(k % N) >= p.N ? 0 : word >> (k % N % 64) & 1 ? 1 : -1;
		}
	}
	r->dims[rank] = "sample";
	r->dims[rank + 1] = "replica";
	r->dims[rank + 2] = "spin";
	if (r->dataset && spin)
		store_variable(r->dataset, "/samples/configuration", DATASET_INT8, rank + 3, r->dims, spin, NULL,
		               "final spins; 0 beyond N", NULL);
}

/* 0, 1, 2, ... scaled. */
static void add_axis(struct report *r, const char *path, size_t n, double first, double step, const char *long_name)
{
	double *x = malloc(n * sizeof *x);
	for (size_t i = 0; x && i < n; i++)
		x[i] = first + step * (double)i;
	if (x)
		store_axis(r->dataset, path, n, x, "1", long_name);
	else
		r->columns->failed = true;
	free(x);
}

static void add_axes(struct report *r)
{
	const struct grid *grid = r->s->grid;
	const struct record_shape *shape = &r->s->shape;
	for (int a = 0; a < grid->axes; a++) {
		const struct axis *axis = &grid->axis[a];
		store_axis(r->dataset, axis->name, axis->count, axis->value, axis->key->unit, axis->key->meaning);
	}
	if (r->patterns > 1)
		add_axis(r, "pattern", r->patterns, 1, 1, "pattern number");
	if (shape->histogram)
		add_axis(r, "overlap", (size_t)shape->histogram, -1 + 1.0 / shape->histogram, 2.0 / shape->histogram,
		         "middle of the cell");
	if (shape->curve)
		add_axis(r, "sweep", (size_t)shape->curve, 0, 1, "sweeps from the start");
	add_axis(r, "/samples/sample", r->samples, 0, 1, "disorder sample");
	if (shape->solved) {
		add_axis(r, "/solutions/sample", r->samples, 0, 1, "disorder sample");
		add_axis(r, "/solutions/start", (size_t)shape->replicas, 0, 1, "start");
		if (shape->sites)
			add_axis(r, "/solutions/spin", (size_t)shape->sites, 0, 1, "spin");
	} else if (shape->spins || shape->sites) {
		add_axis(r, "/samples/replica", (size_t)shape->replicas, 0, 1, "replica");
		add_axis(r, "/samples/spin", (size_t)r->s->protocol.spins, 0, 1, "spin");
	}
}

static bool has(const struct report *r, const struct shown *what)
{
	if (r->s->shape.solved && what->observable == OBS_Q)
		return true;
	if (what->observable >= OBS_Q && what->observable <= OBS_Q4)
		return r->s->shape.replicas > 1 && !r->s->shape.solved;
	return what->form != TIMES_P_OF_N || !isnan(report_answer(r, 0, 0)[ANSWER_P_OF_N]);
}

static void report_store(struct report *r)
{
	add_axes(r);
	for (int i = 0; i < SHOWN; i++)
		if (has(r, &shown[i]))
			report_observable(r, &shown[i]);
	if (r->s->shape.solved) {
		report_flags(r);
		report_solutions(r);
		return;
	}
	report_binder(r, "binder", OBS_M2, OBS_M4, "1 - <m^4>/(3 <m^2>^2), means over sweeps and samples");
	if (r->s->shape.replicas > 1)
		report_binder(r, "binder_q", OBS_Q2, OBS_Q4, "1 - <q^4>/(3 <q^2>^2), means over sweeps and samples");
	report_susceptibility(r);
	report_flags(r);
	report_lists(r);
	if (r->s->shape.spins)
		report_spins(r);
	if (r->s->shape.sites)
		report_magnetisations(r);
}

/* --- the table */

static void print_value(FILE *f, struct report *r, enum observable o, size_t point, int mu)
{
	const struct shown plain = {.observable = o, .form = AS_IT_IS};
	struct result result;
	double tau;
	char text[32];
	combine(&result, &tau, r, &plain, point, mu);
	table_value(text, result.mean, isnan(result.error) ? result.thermal : result.error);
	fprintf(f, " %15s", text);
}

/* A number of the head: the free energy with its error. */
static void print_head(FILE *f, struct report *r, enum answer which, size_t point, int width)
{
	struct result result;
	char text[32];

	for (size_t k = 0; k < r->samples; k++) {
		r->value[k] = report_answer(r, point, k)[which];
		r->error[k] = 0;
	}
	measure_result(&result, r->value, r->error, (int)r->samples);
	if (which == ANSWER_FREE_ENERGY)
		table_value(text, result.mean, result.error);
	else
		snprintf(text, sizeof text, "%.4g", result.mean);
	fprintf(f, " %*s", width, text);
}

enum { MOST_PATTERNS = 4 }; /* in the table */

static void print_points(FILE *f, struct report *r)
{
	const struct grid *grid = r->s->grid;
	int patterns = (int)(r->patterns < MOST_PATTERNS ? r->patterns : MOST_PATTERNS);
	char name[32];

	fprintf(f, "#");
	for (int a = 0; a < grid->axes; a++)
		fprintf(f, " %9s", grid->axis[a].name);
	fprintf(f, " %9s", "K");
	for (int mu = 0; mu < patterns; mu++) {
		snprintf(name, sizeof name, patterns > 1 ? "m[%d]" : "m", mu + 1);
		fprintf(f, " %15s", name);
	}
	fprintf(f, " %15s %15s", "q", "energy");
	if (r->s->shape.solved)
		fprintf(f, " %15s %10s %10s\n", "free_energy", "iterations", "converged");
	else
		fprintf(f, " %10s %12s %8s\n", "acceptance", "equilibrated", "escaped");
	for (size_t i = 0; i < r->points; i++) {
		fprintf(f, " ");
		for (int a = 0; a < grid->axes; a++)
			fprintf(f, " %9.6g", grid->axis[a].value[grid_coordinate(grid, a, i)]);
		fprintf(f, " %9.0f", report_answer(r, i, 0)[ANSWER_K]);
		for (int mu = 0; mu < patterns; mu++)
			print_value(f, r, OBS_M, i, mu);
		print_value(f, r, OBS_Q, i, 0);
		print_value(f, r, OBS_ENERGY, i, 0);
		if (r->s->shape.solved) {
			print_head(f, r, ANSWER_FREE_ENERGY, i, 15);
			print_head(f, r, ANSWER_ITERATIONS, i, 10);
			print_head(f, r, ANSWER_CONVERGED, i, 10);
			fprintf(f, "\n");
			continue;
		}
		fprintf(f, " %10.4f %12s %8.3f\n", mean_acceptance(r, i), is_equilibrated(r, i) ? "yes" : "no",
		        escaped_share(r, i));
	}
}

static void report_table(struct report *r, FILE *f, const char *path)
{
	table_head(f, r->s->grid->deck);
	size_t reliable = 0, escaping = 0;
	for (size_t i = 0; i < r->points; i++) {
		reliable += is_equilibrated(r, i);
		escaping += escaped_share(r, i) > 0;
	}
	if (r->points <= TABLE_LONGEST)
		print_points(f, r);
	if (r->s->shape.solved)
		fprintf(f, "# points %zu, samples %zu, starts %d; points where all starts converged %zu\n", r->points, r->samples,
		        r->s->shape.replicas, reliable);
	else
		fprintf(f, "# points %zu, samples %zu, replicas %d; points equilibrated %zu, with escapes %zu\n", r->points,
		        r->samples, r->s->shape.replicas, reliable, escaping);
	if (r->samples == 1)
		fprintf(f, r->s->shape.solved ? "# no errors: one sample\n"
		           : r->s->fixed      ? "# errors: thermal, at the given data\n"
		                              : "# errors: thermal only; more samples would show the disorder\n");
	if (path)
		fprintf(f, "# all of it in %s\n", path);
}

int simulate_report(struct columns **memory, struct dataset *dataset, FILE *f, const char *path,
                      const struct simulation *s, const double *answers, struct err *err)
{
	struct report r = {.dataset = dataset, .s = s, .answers = answers, .points = s->grid->points,
	                   .samples = s->samples, .patterns = (size_t)s->shape.patterns};
	double *scratch = malloc(4 * s->samples * sizeof *scratch);
	bool *use = r.use = malloc(s->grid->points * s->samples), *left = r.left = malloc(s->grid->points * s->samples);

	*memory = r.columns = calloc(1, sizeof *r.columns);
	if (!scratch || !r.columns || !use || !left) {
		free(scratch);
		free(use);
		free(left);
		return err_set(err, EXIT_FAILED, "mattis simulate: out of memory");
	}
	r.value = scratch;
	r.error = scratch + s->samples;
	r.pair = scratch + 2 * s->samples;
	for (int a = 0; a < s->grid->axes; a++)
		r.dims[a] = s->grid->axis[a].name;
	choose(&r);
	if (dataset)
		report_store(&r);
	if (r.columns->failed)
		err_set(err, EXIT_FAILED, "mattis simulate: out of memory for the results");
	else if (f)
		report_table(&r, f, path);
	free(scratch);
	free(use);
	free(left);
	return err->code;
}
