/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/simulate_average.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct column simulate_average_column(const struct simulate_average *a, enum role role)
{
	const struct observable_text text = network_observable(a->s->protocol.network, role);
	return (struct column){.name = text.name,
	                       .symbol = text.symbol,
	                       .long_name = text.long_name,
	                       .role = role_name(role)};
}

const double *simulate_average_result(const struct simulate_average *a, size_t point, size_t sample)
{
	return a->results + (point * a->samples + sample) * a->s->width;
}

bool simulate_average_used(const struct simulate_average *a, size_t point, size_t sample)
{
	return a->used[point * a->samples + sample];
}

static double first_overlap(const struct simulate_average *a, size_t point, size_t sample)
{
	const double *result = simulate_average_result(a, point, sample);
	return fabs(result[record_offset(&a->s->shape, OBS_M, 0, PART_MEAN)]);
}

/* Returns the first overlap below which all replicas of a sample have escaped unnoticed, too early to have
 * been on a plateau: half the largest of all samples.  0 if no escape was seen. */
static double unnoticed_below(const struct simulate_average *a, size_t point)
{
	bool escapes = false;
	double largest = 0;
	struct params p;

	grid_params(&p, a->s->grid, point);
	for (size_t k = 0; k < a->samples; k++) {
		escapes = escapes || simulate_average_result(a, point, k)[RESULT_ESCAPED] > 0;
		largest = fmax(largest, first_overlap(a, point, k));
	}
	return escapes && largest * sqrt(p.N) > 5 ? largest / 2 : 0;
}

static void choose(struct simulate_average *a, size_t point)
{
	bool *used = a->used + point * a->samples, *escaped = a->escaped + point * a->samples, stayed = false;
	const double below = unnoticed_below(a, point);

	for (size_t k = 0; k < a->samples; k++) {
		const double *result = simulate_average_result(a, point, k);
		escaped[k] = result[RESULT_ALL_ESCAPED] == 1 || first_overlap(a, point, k) < below;
		used[k] = result[RESULT_SWEEPS] > 0;
		stayed = stayed || (used[k] && !escaped[k]);
	}
	for (size_t k = 0; k < a->samples; k++)
		used[k] = used[k] && (!stayed || !escaped[k]);
}

int simulate_average_init(struct simulate_average *a, const struct simulation *s, const double *results,
                          struct err *err)
{
	const size_t points = s->grid->points, samples = s->samples;

	*a = (struct simulate_average){.s = s,
	                               .results = results,
	                               .points = points,
	                               .samples = samples,
	                               .patterns = (size_t)s->shape.patterns};
	a->value = calloc(5 * samples, sizeof *a->value);
	a->used = malloc(points * samples * sizeof *a->used);
	a->escaped = malloc(points * samples * sizeof *a->escaped);
	if (!a->value || !a->used || !a->escaped)
		return err_set(err, EXIT_FAILED,
		               "mattis simulate: out of memory for the averages over samples");
	a->error = a->value + samples;
	a->zero = a->error + samples;
	a->pair = a->zero + samples;
	for (size_t i = 0; i < points; i++)
		choose(a, i);
	return 0;
}

void simulate_average_free(struct simulate_average *a)
{
	free(a->value);
	free(a->used);
	free(a->escaped);
	*a = (struct simulate_average){0};
}

void simulate_average_sample(double x[PARTS], const struct simulate_average *a, const struct observed *what,
                             size_t point, size_t sample, int mu)
{
	const double *result = simulate_average_result(a, point, sample);
	double offset = 0, scale = 1;

	memcpy(x, result + record_offset(&a->s->shape, what->observable, mu, PART_MEAN), PARTS * sizeof *x);
	if (what->form == FORM_RETRIEVAL)
		scale = result[RESULT_P_OF_N];
	if (what->form == FORM_LOSS_PLUS || what->form == FORM_LOSS_MINUS) {
		offset = (1 + result[record_offset_norm(&a->s->shape, mu)]) / 2;
		scale = what->form == FORM_LOSS_PLUS ? -1 : 1;
	}
	x[PART_MEAN] = offset + scale * x[PART_MEAN];
	x[PART_ERROR] *= fabs(scale);
}

double simulate_average_number(const struct simulate_average *a, enum record_head which, size_t point,
                               size_t sample)
{
	if (which == RESULT_ESCAPED && a->escaped[point * a->samples + sample])
		return 1;
	return simulate_average_result(a, point, sample)[which];
}

void simulate_average_observable(struct result *average, double *tau, const struct simulate_average *a,
                                 const struct observed *what, size_t point, int mu)
{
	double x[PARTS], sum = 0;

	for (size_t k = 0; k < a->samples; k++) {
		simulate_average_sample(x, a, what, point, k, mu);
		a->value[k] = simulate_average_used(a, point, k) ? x[PART_MEAN] : NAN;
		a->error[k] = x[PART_ERROR];
		sum += isnan(a->value[k]) ? 0 : x[PART_TAU];
	}
	measure_result(average, a->value, a->error, (int)a->samples);
	*tau = average->samples ? sum / average->samples : NAN;
	if (a->s->fixed)
		average->error = average->thermal;
}

int simulate_average_count(const struct simulate_average *a, size_t point)
{
	int n = 0;
	for (size_t k = 0; k < a->samples; k++)
		n += simulate_average_used(a, point, k);
	return n;
}

double simulate_average_of_used(const struct simulate_average *a, enum record_head which, size_t point)
{
	double sum = 0;
	for (size_t k = 0; k < a->samples; k++)
		if (simulate_average_used(a, point, k))
			sum += simulate_average_result(a, point, k)[which];
	int n = simulate_average_count(a, point);
	return n ? sum / n : 0;
}

bool simulate_average_equilibrated(const struct simulate_average *a, size_t point)
{
	for (size_t k = 0; k < a->samples; k++)
		if (simulate_average_used(a, point, k) &&
		    simulate_average_result(a, point, k)[RESULT_EQUILIBRATED] != 1)
			return false;
	return simulate_average_count(a, point) > 0;
}
