/* A task in parts; contract in parts.h.  The result of a part holds its results, then its record, for all
 * temperatures.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/parts.h"

#include <stdlib.h>
#include <string.h>

enum { GROUP = 2 };                  /* replicas: a pair, for q */
static const double shortest = 2e10; /* smallest work of a task that is divided: about 1 s */
static const double work_per_draw =
	100; /* smallest for a part: drawing the sample then takes a few per cent of the time */

static int groups(const struct protocol *protocol)
{
	return (protocol->replicas + GROUP - 1) / GROUP;
}

int parts_count(const struct protocol *protocol, const struct task *task, double work)
{
	const struct params *p = task->p;
	struct fault fault;
	double draws = p->N * (double)task_patterns(p, &fault) * (p->M > 1 ? p->M : 1);

	if (protocol->dynamics == DYNAMICS_TAP || protocol->curve > 0 || protocol->configurations ||
	    work < shortest || work / groups(protocol) < work_per_draw * draws)
		return 1;
	return groups(protocol);
}

static int replicas_of(const struct protocol *whole, int i)
{
	int left = whole->replicas - i * GROUP;
	return left < GROUP ? left : GROUP;
}

struct protocol parts_protocol(const struct protocol *whole, int i)
{
	struct protocol part = *whole;
	part.first = i * GROUP;
	part.replicas = replicas_of(whole, i);
	return part;
}

static size_t answer_bytes(const struct record_shape *shape)
{
	return record_width(shape) * sizeof(double);
}

size_t parts_size(const struct protocol *part, int points)
{
	struct record_shape shape = task_shape(part);
	return (size_t)points * (answer_bytes(&shape) + record_bytes(&shape));
}

void parts_result(void *result, const struct task_run *part, const struct protocol *protocol, int points)
{
	struct record_shape shape = task_shape(protocol);
	char *record = (char *)result + (size_t)points * answer_bytes(&shape);

	task_run_result(part, result);
	for (int k = 0; k < points; k++)
		memcpy(record + (size_t)k * record_bytes(&shape), task_run_record(part, k),
		       record_bytes(&shape));
}

/* Fills in what the record does not contain: equal in all parts, or a mean over replicas. */
static void complete(double *answer, const struct record_shape *shape, const double *part,
                     const struct record_shape *small, double weight)
{
	static const enum record_head same[] = {RESULT_K, RESULT_GAMMA, RESULT_P_OF_N},
				 mean[] = {RESULT_EXCHANGE, RESULT_ROUND_TRIPS};

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		answer[same[i]] = part[same[i]];
	for (size_t i = 0; i < sizeof mean / sizeof mean[0]; i++)
		answer[mean[i]] += weight * part[mean[i]];
	for (int mu = 0; mu < shape->patterns; mu++)
		answer[record_offset_norm(shape, mu)] = part[record_offset_norm(small, mu)];
}

int parts_answer(double *answer, const struct protocol *whole, int points, double N,
                 const void *const *result, int parts)
{
	struct record_shape shape = task_shape(whole);
	void *record = malloc(record_bytes(&shape));

	for (int k = 0; record && k < points; k++, answer += record_width(&shape)) {
		memset(record, 0, record_bytes(&shape));
		for (int i = 0; i < parts; i++) {
			struct protocol part = parts_protocol(whole, i);
			struct record_shape small = task_shape(&part);
			const char *records = (const char *)result[i] + (size_t)points * answer_bytes(&small);
			record_merge(record, &shape, records + (size_t)k * record_bytes(&small), part.first,
			             part.replicas);
		}
		record_result(answer, record, &shape, whole->burn_in, N);
		answer[RESULT_EXCHANGE] = answer[RESULT_ROUND_TRIPS] = 0;
		for (int i = 0; i < parts; i++) {
			struct protocol part = parts_protocol(whole, i);
			struct record_shape small = task_shape(&part);
			const double *of_part = (const double *)result[i] + (size_t)k * record_width(&small);
			complete(answer, &shape, of_part, &small, (double)part.replicas / whole->replicas);
		}
	}
	free(record);
	return record ? 0 : -1;
}
