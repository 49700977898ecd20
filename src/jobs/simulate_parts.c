/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/simulate_parts.h"

#include <stdlib.h>
#include <string.h>

static size_t size_of(const struct simulate_parts *p, const struct simulate_part *part)
{
	const struct simulation *s = p->s;
	return part->per_task > 1 ? parts_size(&part->protocol, (int)s->points)
	                          : s->points * s->width * sizeof(double);
}

int simulate_parts_init(struct simulate_parts *p, const struct simulation *s, struct err *err)
{
	struct params *params = calloc(s->points, sizeof *params);
	struct task task;

	*p = (struct simulate_parts){.s = s};
	p->per_task = calloc(s->sets, sizeof *p->per_task);
	p->first = calloc(s->sets + 1, sizeof *p->first);
	for (size_t set = 0; params && p->per_task && p->first && set < s->sets; set++) {
		simulate_task(&task, params, s, set * s->samples);
		p->per_task[set] = parts_count(&s->protocol, &task, s->work[set]);
		p->first[set + 1] = p->first[set] + s->samples * (size_t)p->per_task[set];
	}
	free(params);
	if (params && p->first)
		p->count = p->first[s->sets];
	p->kept = calloc(p->count + 1, sizeof *p->kept);
	if (!params || !p->per_task || !p->first || !p->kept)
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
	free(p->per_task);
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
	size_t parts = (size_t)p->per_task[low], inside = number - p->first[low];
	struct simulate_part part = {.set = low,
	                             .task = low * s->samples + inside / parts,
	                             .index = (int)(inside % parts),
	                             .per_task = (int)parts,
	                             .protocol = s->protocol};
	if (parts > 1)
		part.protocol = parts_protocol(&s->protocol, part.index);
	return part;
}

size_t simulate_parts_size(const struct simulate_parts *p, size_t number)
{
	struct simulate_part part = simulate_parts_find(p, number);
	return size_of(p, &part);
}

void simulate_parts_result(void *result, const struct simulate_parts *p, const struct simulate_part *part,
                           const struct task_run *run)
{
	if (part->per_task > 1)
		parts_result(result, run, &part->protocol, (int)p->s->points);
	else
		task_run_result(run, result);
}

bool simulate_parts_store(double *task_result, struct simulate_parts *p, size_t number, const void *result)
{
	const struct simulation *s = p->s;
	struct simulate_part part = simulate_parts_find(p, number);
	size_t size = size_of(p, &part), begin = number - (size_t)part.index;
	struct params params;

	if (part.per_task == 1) {
		memcpy(task_result, result, size);
		return true;
	}
	if (!p->kept[number] && !(p->kept[number] = malloc(size)))
		abort();
	memcpy(p->kept[number], result, size);
	for (int i = 0; i < part.per_task; i++)
		if (!p->kept[begin + (size_t)i])
			return false;
	grid_params(&params, s->grid, simulate_point(s, part.task, 0));
	if (parts_answer(task_result, &s->protocol, (int)s->points, params.N,
	                 (const void *const *)p->kept + begin, part.per_task))
		abort();
	return true;
}
