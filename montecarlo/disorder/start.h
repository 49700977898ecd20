/* Starting configurations.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DISORDER_START_H
#define MATTIS_DISORDER_START_H

#include "montecarlo/disorder/quenched.h"
#include "montecarlo/disorder/rng.h"

/* In the order of the words of simulate.start. */
enum start {
	START_ARCHETYPE,    /* the first pattern */
	START_EXAMPLE,      /* the first example of the first pattern */
	START_CORRUPTED,    /* the first pattern, each spin flipped with probability `corruption` */
	START_RANDOM,       /* fair coins */
	START_HIERARCHICAL, /* at each spin the first pattern that is not blank there */
	START_MAJORITY      /* at each spin the sign of the sum of the condensed patterns */
};

/* Returns 0 if such samples have this start, or -1 with the fault filled in.  `condensed`: number of the
 * network's condensed patterns, of which the start is made. */
int start_check(enum start, const struct disorder *, int condensed, struct fault *);

/* Fills in s[N] (+-1) for a pair that start_check allows.  Blank spins and ties are fair coins.  `key` is
 * the key of the replica's dynamics.  0, or -1 with the fault filled in. */
int start_make(int8_t *s, enum start, double corruption, const struct quenched *, int condensed,
               struct rng_key key, struct fault *);

#endif
