/* Starting configurations; the contract is in start.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/start.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int refuse(struct fault *fault, const char *why)
{
	fault->key = "start";
	snprintf(fault->why, sizeof fault->why, "%s", why);
	return -1;
}

int start_check(enum start start, const struct disorder *of, int condensed, struct fault *fault)
{
	if (start == START_EXAMPLE && of->learning == STORAGE)
		return refuse(fault, "example needs examples; with learning: storage there are only the patterns");
	if (start == START_EXAMPLE && of->learning == SUPERVISED && of->stratified)
		return refuse(fault, "example: stratified supervised patterns are drawn without single examples");
	if ((start == START_HIERARCHICAL || start == START_MAJORITY) && condensed < 2)
		return refuse(fault, "hierarchical and majority need a network that retrieves several patterns at once");
	if (start == START_HIERARCHICAL && of->d == 0 && !of->data)
		return refuse(fault, "hierarchical needs blank entries (d > 0); without any it is archetype");
	return 0;
}

/* sum[N]: its sign is the configuration, zeros are coins. */
static void add_patterns(int *sum, int8_t *xi, const struct quenched *q, int condensed, bool first_only)
{
	for (int mu = 0; mu < condensed; mu++) {
		quenched_pattern(q, mu, xi);
		for (int i = 0; i < q->N; i++)
			if (!first_only || sum[i] == 0)
				sum[i] += xi[i];
	}
}

int start_make(int8_t *s, enum start start, double corruption, const struct quenched *q, int condensed,
               struct rng_key key, struct fault *fault)
{
	int *sum = calloc((size_t)q->N, sizeof *sum);
	if (!sum)
		return refuse(fault, "no memory for the starting configuration");
	if (start == START_HIERARCHICAL || start == START_MAJORITY) {
		add_patterns(sum, s, q, condensed, start == START_HIERARCHICAL);
	} else if (start != START_RANDOM) {
		if (start == START_EXAMPLE)
			quenched_example(q, 0, 0, s);
		else
			quenched_pattern(q, 0, s);
		for (int i = 0; i < q->N; i++)
			sum[i] = s[i];
	}
	for (int i = 0; i < q->N; i++) {
		double u = rng_uniform(key, 0, (uint32_t)i, RNG_START);
		int sign = sum[i] > 0 ? 1 : sum[i] < 0 ? -1 : u < 0.5 ? 1 : -1;
		bool reversed = start == START_CORRUPTED && sum[i] != 0 && u < corruption;
		s[i] = (int8_t)(reversed ? -sign : sign);
	}
	free(sum);
	return 0;
}
