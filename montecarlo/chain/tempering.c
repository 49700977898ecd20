/* Parallel tempering; contract in tempering.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/tempering.h"

#include <math.h>

enum { NOWHERE, FIRST_RUNG, LAST_RUNG };

static void touch(struct tempering *t)
{
	for (int end = FIRST_RUNG; end <= LAST_RUNG; end++) {
		int w = t->walker[end == FIRST_RUNG ? 0 : t->rungs - 1];
		if (t->touched[w] != NOWHERE && t->touched[w] != end)
			t->trips[w]++;
		t->touched[w] = (int8_t)end;
	}
}

void tempering_init(struct tempering *t, int rungs, const double *T, struct rng_key key)
{
	t->rungs = rungs;
	t->T = T;
	t->key = key;
	t->round = 0;
	for (int k = 0; k < rungs; k++)
		t->walker[k] = k;
	if (rungs > 1)
		touch(t);
}

void tempering_exchange(struct tempering *t, const double *energy)
{
	for (int k = (int)(t->round % 2); k + 1 < t->rungs; k += 2) {
		int a = t->walker[k], b = t->walker[k + 1];
		double gain = (1 / t->T[k] - 1 / t->T[k + 1]) * (energy[a] - energy[b]);
		double u = rng_uniform(t->key, t->round, (uint32_t)k, RNG_EXCHANGE);
		t->attempts[k]++;
		if (gain > rng_log(u)) {
			t->accepted[k]++;
			t->walker[k] = b;
			t->walker[k + 1] = a;
		}
	}
	t->round++;
	if (t->rungs > 1)
		touch(t);
}

double tempering_rate(const struct tempering *t, int k)
{
	return t->attempts[k] ? (double)t->accepted[k] / (double)t->attempts[k] : NAN;
}

double tempering_round_trips(const struct tempering *t)
{
	uint64_t half = 0;
	for (int w = 0; w < t->rungs; w++)
		half += t->trips[w];
	return (double)half / 2;
}
