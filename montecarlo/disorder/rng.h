/* Counter-based random numbers: Philox4x32-10 (Salmon et al., SC11; Random123), keyed by their purpose.
 *
 * A number is a pure function of its key and its counter, so results do not depend on the number of ranks,
 * the order of the work, or interruptions.  Streams:
 *   disorder   key (seed, sample), counter (mu, a, i): not T, gamma, K, M, so the first K patterns and the
 *              first M examples are the same at every load and temperature; noise on couplings
 *              (kernel_tensor.c, kernel_pair_noise.c) has keys derived from it;
 *   dynamics   key (seed, the values of the point, sample, replica), counter (sweep, spin, purpose).
 *
 * Decisions compare a field with a threshold from rng_log or rng_logit: only +, x, / and bit moves, so
 * (with -ffp-contract=off) every instruction set and every C library gives the same trajectory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_DISORDER_RNG_H
#define MATTIS_DISORDER_RNG_H

#include <stdint.h>
#include <string.h>

#include <Random123/philox.h>

struct rng_key {
	uint32_t word[2];
};

struct rng_block {
	uint32_t word[4]; /* 128 random bits */
};

/* The purpose of a number of the dynamics.  New purposes get new values; a value never changes its
 * meaning. */
enum rng_purpose {
	RNG_SPIN,     /* the decision at (sweep, spin) */
	RNG_SITE,     /* the site visited by step `spin` of the sweep (order: random) */
	RNG_START,    /* the starting configuration */
	RNG_EXCHANGE, /* tempering: exchange attempts */
	RNG_OTHER
};

static inline struct rng_block rng_block(struct rng_key key, uint32_t c0, uint32_t c1, uint32_t c2,
                                         uint32_t c3)
{
	philox4x32_ctr_t c = {{c0, c1, c2, c3}};
	philox4x32_key_t k = {{key.word[0], key.word[1]}};
	struct rng_block b;

	c = philox4x32(c, k);
	memcpy(b.word, c.v, sizeof b.word);
	return b;
}

/* Returns the key of a sub-stream: (key, a, b) -> key.  Chain calls for more values. */
static inline struct rng_key rng_derive(struct rng_key key, uint64_t a, uint64_t b)
{
	struct rng_block x =
		rng_block(key, (uint32_t)a, (uint32_t)(a >> 32), (uint32_t)b, (uint32_t)(b >> 32));

	return (struct rng_key){{x.word[0], x.word[1]}};
}

/* Returns the key of the patterns and examples of one disorder sample. */
static inline struct rng_key rng_disorder(uint64_t seed, uint64_t sample)
{
	return rng_derive((struct rng_key){{0x6d617474u, 0x69730001u}}, seed, sample);
}

/* Returns the key of the dynamics at one point of the grid, given by its values (T, gamma, ..., in a fixed
 * order), not its index: if axes are extended, old points keep their numbers. */
static inline struct rng_key rng_dynamics(uint64_t seed, const double *value, int values, uint64_t sample,
                                          uint64_t replica)
{
	struct rng_key key = rng_derive((struct rng_key){{0x6d617474u, 0x69730002u}}, seed, (uint64_t)values);

	for (int i = 0; i < values; i++) {
		double v = value[i] + 0.0; /* -0 -> 0 */
		uint64_t bits;
		memcpy(&bits, &v, sizeof bits);
		key = rng_derive(key, bits, (uint64_t)i);
	}
	return rng_derive(key, sample, replica);
}

/* Converts 64 bits to a uniform double strictly inside (0, 1), symmetric about 1/2. */
static inline double rng_unit(uint32_t low, uint32_t high)
{
	uint64_t x = (uint64_t)high << 32 | low;

	return ((double)(x >> 12) + 0.5) * 0x1p-52;
}

/* Returns the uniform number of (sweep, spin, purpose).  Spins 2j and 2j+1 share a block: in a loop,
 * rng_pair is cheaper. */
static inline void rng_pair(double u[2], struct rng_key key, uint64_t sweep, uint32_t j,
                            enum rng_purpose purpose)
{
	struct rng_block b = rng_block(key, (uint32_t)sweep, (uint32_t)(sweep >> 32), j, (uint32_t)purpose);

	u[0] = rng_unit(b.word[0], b.word[1]);
	u[1] = rng_unit(b.word[2], b.word[3]);
}

static inline double rng_uniform(struct rng_key key, uint64_t sweep, uint32_t spin, enum rng_purpose purpose)
{
	double u[2];

	rng_pair(u, key, sweep, spin / 2, purpose);
	return u[spin % 2];
}

/* Returns ln x for normal x > 0, within 2 units in the last place (of 1 where |ln x| < 1): x = 2^k m with m
 * in [sqrt 1/2, sqrt 2), ln m = 2 atanh((m-1)/(m+1)). */
static inline double rng_log(double x)
{
	uint64_t bits, shifted;
	double m, t, t2, s, k;

	memcpy(&bits, &x, sizeof bits);
	shifted = bits - 0x3fe6a09e667f3bcdu; /* sqrt 1/2 */
	k = (double)((int64_t)shifted >> 52);
	bits = (shifted & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
	memcpy(&m, &bits, sizeof m);
	t = (m - 1.0) / (m + 1.0);
	t2 = t * t;
	s = 1.0 / 23;
	s = s * t2 + 1.0 / 21;
	s = s * t2 + 1.0 / 19;
	s = s * t2 + 1.0 / 17;
	s = s * t2 + 1.0 / 15;
	s = s * t2 + 1.0 / 13;
	s = s * t2 + 1.0 / 11;
	s = s * t2 + 1.0 / 9;
	s = s * t2 + 1.0 / 7;
	s = s * t2 + 1.0 / 5;
	s = s * t2 + 1.0 / 3;
	return k * 0x1.62e42fefa38p-1 + (2.0 * t + (2.0 * t * t2 * s + k * 0x1.ef35793c7673p-45));
}

/* Returns ln(u/(1-u)) for u in (0, 1): heat bath sets s = +1 iff 2 h/T > rng_logit(u), Metropolis accepts iff
 * -dH/T > rng_log(u). */
static inline double rng_logit(double u)
{
	return rng_log(u / (1.0 - u));
}

/* Returns the unit Gaussian of that number, |g| < 12, with +, x, /, sqrt and rng_log only: the same bits
 * everywhere. */
double rng_gauss(struct rng_key, uint64_t number);

/* Computes many at once, with the same bits: the pairs j .. j+pairs-1 into u[2 pairs], and x[n] replaced by
 * its logarithm or logit. */
void rng_fill(double *u, struct rng_key, uint64_t sweep, uint32_t j, int pairs, enum rng_purpose);
void rng_logs(double *x, int n);
void rng_logits(double *x, int n);

#endif
