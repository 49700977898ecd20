/* One Markov chain: a configuration, a temperature, and the key of its random numbers.
 *
 * Detailed balance with exp(-H/T) holds for heat bath and Metropolis at randomly chosen sites; sequential
 * order keeps the Gibbs weight stationary (global balance).  Synchronous updating has another stationary
 * law (at P = 2: Peretto's). At T = 0 a spin follows its field; without a field it is a fair coin (heat
 * bath, synchronous) or always flips (Metropolis).
 *
 * With a mean field (sampler_mean_field) the spins are independent: each sweep does one step of Plefka's
 * iteration (P11) for the magnetisations m_i, then draws s_i = +1 with probability (1 + m_i)/2.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_SAMPLER_H
#define MATTIS_CHAIN_SAMPLER_H

#include <stdint.h>

#include "montecarlo/field/field.h"
#include "montecarlo/disorder/rng.h"
#include "montecarlo/chain/tap.h"
#include "physics/params.h"

enum rule {
	HEAT_BATH,
	METROPOLIS,
	SYNCHRONOUS, /* heat bath of all spins at once, in the fields of the previous configuration */
	MEAN_FIELD
};

enum order {
	SEQUENTIAL,
	RANDOM_SITES /* N sites drawn uniformly; RULE_SYNCHRONOUS has no order */
};

/* Plain data: saved and restored by copying, separately from the field. */
struct chain {
	struct rng_key key;
	double T;
	uint64_t sweep; /* complete sweeps: the counter of the random numbers */
	uint32_t step;  /* within the sweep, if it was interrupted */
	uint64_t flips; /* of the current sweep; between sweeps, of the last one */
};

struct sampler {
	enum rule rule;
	enum order order;
	struct chain chain;
	struct field *field; /* owned */
	int8_t *wanted;      /* [N], owned; SYNCHRONOUS only */
	struct tap *tap;     /* RULE_MEAN_FIELD only, borrowed; the chains of a thread may share it */
	int tap_order;
	double *m, *before; /* [N] magnetisations now and one step earlier, owned */
};

/* Initialises with all spins +1 (call field_init next) at sweep 0.  Returns 0, or -1 without memory.  Freed
 * by sampler_free, also after an error. */
int sampler_init(struct sampler *, const struct field_plan *, enum rule, enum order, struct rng_key key,
                 double T);
void sampler_free(struct sampler *);

/* Makes it a RULE_MEAN_FIELD chain that starts from its spins.  T > 0.  order: 1 or 2 (tap.h).  Returns 0,
 * or -1 without memory. */
int sampler_mean_field(struct sampler *, struct tap *, int order);

/* Returns the number of attempts between ticks: a few tenths of a millisecond. */
double sampler_attempts(const struct sampler *);

/* Completes the sweep of N attempts and returns 0.  Calls the tick about every millisecond; if that asks to
 * stop, returns 1 within the sweep, and the next call continues from there with the same outcome. */
int sampler_sweep(struct sampler *, const struct tick *);

/* Saves and loads the whole state as bytes, for a sampler with the same set-up. */
size_t sampler_saved_size(const struct sampler *);
void sampler_save(const struct sampler *, void *bytes);
void sampler_load(struct sampler *, const void *bytes);

#endif
