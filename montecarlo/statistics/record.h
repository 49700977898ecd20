/* What is recorded of the chains of one disorder sample, and the numbers that come of it.
 *
 * The answer is one block of doubles per temperature (its layout depends on the numbers below only), so that it can
 * be sent, collected and stored without knowing what is in it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_STATISTICS_RECORD_H
#define MATTIS_STATISTICS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "montecarlo/statistics/measure.h"

enum { RECORD_REPLICAS = 1024 }; /* at most */

struct record_shape {
	int patterns;  /* condensed patterns C that are followed, >= 1 */
	int replicas;  /* independent chains, >= 1; (0,1), (2,3), ... are the pairs for q */
	int histogram; /* cells of the histograms of m (first pattern) and q on [-1, 1]; 0: none */
	int curve;     /* points of m(t), t = 0, 1, 2, ... sweeps from the start; 0: none */
	int spins;     /* N when the final configurations are kept, else 0 */
	int sites;     /* N when the mean of each spin is kept, else 0 */
	int starts;     /* of TAP, whose solutions a result has; 0: it has the means of chains */
};

/* Per pattern: m, n, m^2, m^4; then the energy per spin and, from pairs of replicas, q, q^2, q^4. */
enum observable { OBS_M, OBS_N, OBS_M2, OBS_M4, OBS_ENERGY, OBS_Q, OBS_Q2, OBS_Q4, OBSERVABLES };

/* The head of an answer, in doubles. */
enum answer {
	ANSWER_SWEEPS,       /* measured, by all replicas that count */
	ANSWER_ACCEPTANCE,   /* share of the attempts that reversed a spin */
	ANSWER_EQUILIBRATED, /* 1, or 0 when drift, spread or tau say no */
	ANSWER_ESCAPED,      /* share of the replicas that left the state they started in */
	ANSWER_FALLEN,       /* 0: the numbers are of the replicas that stayed; 1: none stayed, they are of those that left
	                      * before the measurement */
	ANSWER_K,            /* patterns */
	ANSWER_GAMMA,        /* load of so many patterns */
	ANSWER_P_OF_N,       /* p/n of a pattern; NaN when the network has no p */
	ANSWER_EXCHANGE,     /* tempering: accepted exchanges with the next temperature; else NaN */
	ANSWER_ROUND_TRIPS,  /* tempering: per replica's ladder; else NaN */
	ANSWER_FREE_ENERGY,  /* TAP: of the converged starts, and the iterations and the share of those that converged; else NaN */
	ANSWER_ITERATIONS,
	ANSWER_CONVERGED,
	ANSWER_HEAD
};

enum part { PART_MEAN, PART_ERROR, PART_TAU, PARTS };

/* A solution of the TAP equations in an answer: these, then m and n of all patterns. */
enum solution {
	SOLUTION_CONVERGED, /* 1, or 0: the rest is what the iteration reached */
	SOLUTION_ITERATIONS,
	SOLUTION_RESIDUAL,
	SOLUTION_Q,
	SOLUTION_FREE_ENERGY,
	SOLUTION_ENERGY,
	SOLUTION_M
};

/* Length of an answer. */
size_t record_width(const struct record_shape *);

/* Offsets in an answer.  mu < patterns where it is asked for. */
size_t record_offset(const struct record_shape *, enum observable, int mu, enum part);
size_t record_offset_norm(const struct record_shape *, int mu);      /* (1/N) sum xi^2 */
size_t record_offset_histogram_m(const struct record_shape *);       /* [histogram] counts */
size_t record_offset_histogram_q(const struct record_shape *);
size_t record_offset_curve(const struct record_shape *);             /* [curve][patterns], mean over replicas */
size_t record_offset_spins(const struct record_shape *);             /* [replicas][ceil(spins/64)] words of 64 bits, 1: +1 */
size_t record_offset_solution(const struct record_shape *, int start);       /* solved: enum solution, m[], n[] */
size_t record_offset_magnetisations(const struct record_shape *, int replica); /* [sites] mean of each spin, or m_i of TAP */

/* The record of all replicas at one temperature lies in caller's memory of this size, zeroed; plain data. */
size_t record_bytes(const struct record_shape *);

/* One sweep of a replica: m[C], n[C], energy per spin. */
void record_chain(void *record, const struct record_shape *, int replica, const double *m, const double *n,
                  double energy);

/* What the sweep of a replica did: spins reversed, of so many attempts. */
void record_flips(void *record, const struct record_shape *, int replica, uint64_t flips, uint64_t attempts);

/* The spins s[N] of a replica. */
void record_sites(void *record, const struct record_shape *, int replica, const int8_t *s, int N);

/* The overlap of the replicas 2*pair and 2*pair+1 at the same sweep. */
void record_pair(void *record, const struct record_shape *, int pair, double q);

/* m[C] of a replica at time t < curve. */
void record_curve(void *record, const struct record_shape *, int64_t t, const double *m);

/* The overlap of a replica with its start, at every sweep from the first; `counts`: it is measured; N: spins. */
void record_watch(void *record, const struct record_shape *, int replica, double overlap, double N, bool counts);

/* A replica has left the state it started in when measure_watch saw it fall, or when its mean overlap with the start
 * is far below that of another replica, or below the plateau from which another fell (it left before its own could be seen).
 *
 * The answer: of the replicas that stayed in the state they started in, or, if none did, of those that had left it
 * before the measurement began (`burn_in` sweeps).  A replica that left during the measurement is never averaged.
 * Not filled in: what only the chains know: K, gamma, exchange, round trips, norms, spins. */
void record_answer(double *answer, const void *record, const struct record_shape *, uint64_t burn_in, double N);

/* The answer of TAP from the solutions in it: means over the starts that converged, without errors; as of record_answer. */
void record_solutions(double *answer, const struct record_shape *);

/* Puts the record of a group of replicas (its shape, but for their number) into that of all, from replica `first` (even) on.
 * Curves are added up. */
void record_merge(void *record, const struct record_shape *, const void *group, int first, int replicas);

#endif
