/* One Markov chain: a configuration, a temperature, and the key of its random numbers.
 *
 * Detailed balance with exp(-H/T) holds for heat bath and Metropolis at randomly chosen sites; sequential order keeps
 * the Gibbs weight stationary (global balance).  Synchronous updating has another stationary law (at P = 2: Peretto's).
 * At T = 0 a spin follows its field; without a field it is a fair coin (heat bath, synchronous) or always reversed
 * (Metropolis).
 *
 * With a mean field (sampler_mean_field) no spin feels another: magnetisations m_i go a step of Plefka's iteration (P11) in
 * each sweep, and then s_i = +1 with probability (1 + m_i)/2.
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
	SYNCHRONOUS, /* heat bath of all spins at once, in the fields of the configuration before */
	MEAN_FIELD
};

enum order {
	SEQUENTIAL,
	RANDOM_SITES /* N times a site drawn uniformly; SYNCHRONOUS has no order */
};

/* The numbers are plain data: saved and restored by copying, beside the field. */
struct chain {
	struct rng_key key;
	double T;
	uint64_t sweep; /* complete ones: the counter of the random numbers */
	uint32_t step;  /* of the sweep, when it was interrupted */
	uint64_t flips; /* of the current sweep, or after it of the last */
};

struct sampler {
	enum rule rule;
	enum order order;
	struct chain chain;
	struct field *field; /* owned */
	int8_t *wanted;      /* [N], owned; SYNCHRONOUS only */
	struct tap *tap;     /* MEAN_FIELD only, borrowed; all chains of a thread may have the same */
	int tap_order;
	double *m, *before; /* [N] magnetisations now and a step before, owned */
};

/* All spins +1 (field_init next), sweep 0.  0, or -1 without memory; freed by sampler_free (also after an error). */
int sampler_init(struct sampler *, const struct field_plan *, enum rule, enum order, struct rng_key key,
                 double T);
void sampler_free(struct sampler *);

/* Makes it a MEAN_FIELD chain, from the magnetisations of its spins.  T > 0.  order: 1 or 2 (tap.h).  0, or -1 without memory. */
int sampler_mean_field(struct sampler *, struct tap *, int order);

/* Attempts after which the tick is called: some tenths of a millisecond. */
double sampler_attempts(const struct sampler *);

/* Goes on to the end of the sweep: N attempts.  Calls the tick about every millisecond; when that asks to stop, returns
 * 1 in the middle, and the next call goes on from there as if nothing had been.  Else 0. */
int sampler_sweep(struct sampler *, const struct tick *);

/* The whole state as bytes.  Loading it into a sampler that was set up alike gives the same chain. */
size_t sampler_saved_size(const struct sampler *);
void sampler_save(const struct sampler *, void *bytes);
void sampler_load(struct sampler *, const void *bytes);

#endif
