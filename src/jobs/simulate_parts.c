/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/simulate_parts.h"

#include <stdlib.h>
#include <string.h>

static size_t size_of(const struct simulate_parts *p, const struct simulate_part *piece)
{
	const struct simulation *s = p->s;
	return piece->parts > 1 ? parts_size(&piece->protocol, (int)s->points)
	                        : s->points * s->width * sizeof(double);
}

int simulate_parts_init(struct simulate_parts *p, const struct simulation *s, struct err *err)
{
	struct params *params = calloc(s->points, sizeof *params);
	struct task task;

	*p = (struct simulate_parts){.s = s};
	p->parts = calloc(s->sets, sizeof *p->parts);
	p->first = calloc(s->sets + 1, sizeof *p->first);
	for (size_t set = 0; params && p->parts && p->first && set < s->sets; set++) {
		simulate_task(&task, params, s, set * s->samples);
		p->parts[set] = parts_count(&s->protocol, &task, s->work[set]);
		p->first[set + 1] = p->first[set] + s->samples * (size_t)p->parts[set];
	}
	free(params);
	if (params && p->first)
		p->count = p->first[s->sets];
	p->kept = calloc(p->count + 1, sizeof *p->kept);
	if (!params || !p->parts || !p->first || !p->kept)
		return err_set(err, EXIT_FAILED, "mattis simulate: out of memory for %zu tasks", s->tasks);
	for (size_t set = 0; set < s->sets; set++) {
		size_t bytes = simulate_parts_size(p, p->first[set]);
		p->bytes = bytes > p->bytes ? bytes : p->bytes;
	}
	return 0;
}

void simulate_parts_free(struct simulate_parts *p)
{
	for (size_t i = 0; p->kept && i < p->count; i++)
		free(p->kept[i]);
	free(p->kept);
	free(p->first);
	free(p->parts);
	*p = (struct simulate_parts){0};
}

struct simulate_part simulate_parts_find(const struct simulate_parts *p, size_t number)
{
	const struct simulation *s = p->s;
	size_t low = 0, high = s->sets;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (p->first[middle] <= number)
			low = middle;
		else
			high = middle;
	}
	size_t parts = (size_t)p->parts[low], inside = number - p->first[low];
	struct simulate_part piece = {.set = low,
	                      .task = low * s->samples + inside / parts,
	                      .part = (int)(inside % parts),
	                      .parts = (int)parts,
	                      .protocol = s->protocol};
	if (parts > 1)
		piece.protocol = parts_protocol(&s->protocol, piece.part);
	return piece;
}

size_t simulate_parts_size(const struct simulate_parts *p, size_t number)
{
	struct simulate_part piece = simulate_parts_find(p, number);
	return size_of(p, &piece);
}

void simulate_parts_result(void *result, const struct simulate_parts *p, const struct simulate_part *piece,
                   const struct ensemble *ensemble)
{
	if (piece->parts > 1)
		parts_result(result, ensemble, &piece->protocol, (int)p->s->points);
	else
		ensemble_answer(ensemble, result);
}

bool simulate_parts_store(double *answer, struct simulate_parts *p, size_t number, const void *result)
{
	const struct simulation *s = p->s;
	struct simulate_part piece = simulate_parts_find(p, number);
	size_t size = size_of(p, &piece), begin = number - (size_t)piece.part;
	struct params params;

	if (piece.parts == 1) {
		memcpy(answer, result, size);
		return true;
	}
	if (!p->kept[number] && !(p->kept[number] = malloc(size)))
		abort();
	memcpy(p->kept[number], result, size);
	for (int i = 0; i < piece.parts; i++)
		if (!p->kept[begin + (size_t)i])
			return false;
	grid_params(&params, s->grid, simulate_point(s, piece.task, 0));
	if (parts_answer(answer, &s->protocol, (int)s->points, params.N, (const void *const *)p->kept + begin,
	                 piece.parts))
		abort();
	return true;
}
