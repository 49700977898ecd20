/* Parallel tempering: walkers that exchange their temperatures with exp((1/T_a - 1/T_b)(H_a - H_b)), or
 * always if that is above 1.  Temperatures move, configurations stay.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_TEMPERING_H
#define MATTIS_CHAIN_TEMPERING_H

#include <stdint.h>

#include "montecarlo/disorder/rng.h"

/* One ladder of `rungs` temperatures, monotonic, all above 0, and as many walkers.  The arrays are owned by
 * the caller, of length `rungs`, and zeroed before tempering_init; they and `round` are the state of a
 * resumed run. */
struct tempering {
	int rungs;
	struct rng_key key;
	const double *T;
	uint64_t round;      /* exchanges done */
	int *walker;         /* at rung t */
	int8_t *touched;     /* by walker: the end of the ladder that it touched last */
	uint64_t *trips;     /* by walker: half round trips, hot to cold or cold to hot */
	uint64_t *attempts, *accepted; /* exchanges between rungs t and t+1 */
};

/* Puts walker t at rung t. */
void tempering_init(struct tempering *, int rungs, const double *T, struct rng_key key);

/* Does one round of exchanges: pairs (0,1) (2,3) ..., in the next round (1,2) (3,4) ....  energy[walker] =
 * H in units of T.  Changes walker[]; the caller sets the temperatures. */
void tempering_exchange(struct tempering *, const double *energy);

/* Returns the fraction of accepted exchanges between rungs t and t+1; NaN before the first. */
double tempering_rate(const struct tempering *, int t);

/* Returns the number of round trips hot - cold - hot of all walkers together. */
double tempering_round_trips(const struct tempering *);

#endif
