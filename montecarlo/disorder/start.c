/* Starting configurations; contract in start.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/disorder/start.h"

#include <stdbool.h>
#include <stdlib.h>

int start_check(enum start start, const struct disorder *of, int condensed, struct fault *fault)
{
	if (start == START_EXAMPLE && of->learning == STORAGE)
		return fault_set(
			fault, "start",
			"example needs examples; with learning: storage there are only the patterns");
	if (start == START_EXAMPLE && of->learning == SUPERVISED && of->stratified)
		return fault_set(fault, "start",
		                 "example: stratified supervised patterns are drawn without single examples");
	if ((start == START_HIERARCHICAL || start == START_MAJORITY) && condensed < 2)
		return fault_set(
			fault, "start",
			"hierarchical and majority need a network that retrieves several patterns at once");
	if (start == START_HIERARCHICAL && of->d == 0 && !of->data)
		return fault_set(fault, "start",
		                 "hierarchical needs blank entries (d > 0); without any it is archetype");
	return 0;
}

/* sum[N]: its sign is the configuration, zeros are coins. */
static int add_patterns(int *sum, int8_t *xi, const struct quenched *q, int condensed, bool first_only)
{
	for (int mu = 0; mu < condensed; mu++) {
		if (quenched_pattern(q, mu, xi) != 0)
			return -1;
		for (int i = 0; i < q->N; i++)
			if (!first_only || sum[i] == 0)
				sum[i] += xi[i];
	}
	return 0;
}

int start_make(int8_t *s, enum start start, double corruption, const struct quenched *q, int condensed,
               struct rng_key key, struct fault *fault)
{
	int *sum = calloc((size_t)q->N, sizeof *sum), status = sum ? 0 : -1;
	if (sum && start == START_EXAMPLE)
		status = quenched_example(q, 0, 0, s);
	else if (sum && start != START_RANDOM)
		status = add_patterns(sum, s, q,
		                      start == START_ARCHETYPE || start == START_CORRUPTED ? 1 : condensed,
		                      start == START_HIERARCHICAL);
	if (status != 0) {
		free(sum);
		return fault_set(fault, "start", "no memory for the starting configuration");
	}
	for (int i = 0; i < q->N && start == START_EXAMPLE; i++)
		sum[i] = s[i];
	for (int i = 0; i < q->N; i++) {
		double u = rng_uniform(key, 0, (uint32_t)i, RNG_START);
		int sign = sum[i] > 0 ? 1 : sum[i] < 0 ? -1 : u < 0.5 ? 1 : -1;
		bool reversed = start == START_CORRUPTED && sum[i] != 0 && u < corruption;
		s[i] = (int8_t)(reversed ? -sign : sign);
	}
	free(sum);
	return 0;
}
