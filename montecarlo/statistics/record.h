/* Measurements on the chains of one disorder sample, and the results computed from them.
 *
 * The result is one block of doubles per temperature.  Its layout depends only on the record_shape, so that
 * other code can send, collect and store it as a block.
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
	int patterns;  /* number C of condensed patterns measured, >= 1 */
	int replicas;  /* independent chains, >= 1; (0,1), (2,3), ... are the pairs for q */
	int histogram; /* cells of the histograms of m (first pattern) and q on [-1, 1]; 0: none */
	int curve;     /* points of m(t), t = 0, 1, 2, ... sweeps from the start; 0: none */
	int spins;     /* N if the final configurations are kept, else 0 */
	int sites;     /* N if the mean of each spin is kept, else 0 */
	int starts;     /* TAP starts, whose solutions the result contains; 0: chains */
};

/* Per pattern: m, n, m^2, m^4; then the energy per spin and, from pairs of replicas, q, q^2, q^4. */
enum observable { OBS_M, OBS_N, OBS_M2, OBS_M4, OBS_ENERGY, OBS_Q, OBS_Q2, OBS_Q4, OBSERVABLES };

/* The head of a result. */
enum record_head {
	RESULT_SWEEPS,       /* measured, of all replicas averaged over */
	RESULT_ACCEPTANCE,   /* acceptance rate: fraction of attempts that flipped a spin */
	RESULT_EQUILIBRATED, /* 1, or 0 if a test of drift, spread or tau fails */
	RESULT_ESCAPED,      /* fraction of the replicas that escaped from the state they started in */
	/* 0: averages over the replicas that stayed; 1: none stayed, averages over those that escaped
	 * before the measurement */
	RESULT_ALL_ESCAPED,
	RESULT_K,            /* patterns */
	RESULT_GAMMA,        /* load of these patterns */
	RESULT_P_OF_N,       /* p/n of a pattern; NaN if the network has no p */
	/* tempering: fraction of accepted exchanges with the next temperature; else NaN */
	RESULT_EXCHANGE,
	RESULT_ROUND_TRIPS,  /* tempering: per ladder; else NaN */
	/* TAP: mean over converged starts, as the iterations; then the fraction of starts that converged;
	 * else NaN */
	RESULT_FREE_ENERGY,
	RESULT_ITERATIONS,
	RESULT_CONVERGED,
	RESULT_HEAD
};

enum part { PART_MEAN, PART_ERROR, PART_TAU, PARTS };

/* A solution of the TAP equations in a result: these, then m and n of all patterns. */
enum solution {
	SOLUTION_CONVERGED, /* 1; or 0: the rest is the last iteration */
	SOLUTION_ITERATIONS,
	SOLUTION_RESIDUAL,
	SOLUTION_Q,
	SOLUTION_FREE_ENERGY,
	SOLUTION_ENERGY,
	SOLUTION_M
};

/* Returns the number of doubles of a result. */
size_t record_width(const struct record_shape *);

/* Offsets in a result.  mu < patterns. */
size_t record_offset(const struct record_shape *, enum observable, int mu, enum part);
size_t record_offset_norm(const struct record_shape *, int mu);      /* (1/N) sum xi^2 */
size_t record_offset_histogram_m(const struct record_shape *);       /* [histogram] counts */
size_t record_offset_histogram_q(const struct record_shape *);
/* [curve][patterns], mean over replicas */
size_t record_offset_curve(const struct record_shape *);
/* [replicas][ceil(spins/64)] words of 64 bits, 1: +1 */
size_t record_offset_spins(const struct record_shape *);
/* start < starts: enum solution, m[], n[] */
size_t record_offset_solution(const struct record_shape *, int start);
/* [sites] mean of each spin, or m_i of TAP */
size_t record_offset_magnetisations(const struct record_shape *, int replica);

/* Returns the size of the record of all replicas at one temperature: plain data in the caller's memory,
 * zeroed at first. */
size_t record_bytes(const struct record_shape *);

/* Adds the measurement of a replica after a sweep: m[C], n[C], energy per spin. */
void record_chain(void *record, const struct record_shape *, int replica, const double *m, const double *n,
                  double energy);

/* Adds the numbers of flips and of attempts of a sweep. */
void record_flips(void *record, const struct record_shape *, int replica, uint64_t flips, uint64_t attempts);

/* Adds the spins s[N] of a replica. */
void record_sites(void *record, const struct record_shape *, int replica, const int8_t *s, int N);

/* Adds the overlap of the replicas 2*pair and 2*pair+1 at the same sweep. */
void record_pair(void *record, const struct record_shape *, int pair, double q);

/* Adds m[C] of a replica at time t < curve. */
void record_curve(void *record, const struct record_shape *, int64_t t, const double *m);

/* Adds the overlap of a replica with its start, after every sweep from the first; `counts`: in the
 * measurement; N: spins. */
void record_watch(void *record, const struct record_shape *, int replica, double overlap, double N,
                  bool counts);

/* Computes the result.  A replica has escaped if measure_watch detected it, or if its mean overlap with the
 * start is far below that of another replica or below the plateau from which another escaped (it escaped
 * before its own plateau could be seen).
 *
 * Averages over the replicas that stayed in the state they started in or, if none did, over those that
 * escaped before the measurement began (`burn_in` sweeps); never over one that escaped during the
 * measurement.  Does not fill in K, gamma, exchange, round trips, norms and spins. */
void record_result(double *answer, const void *record, const struct record_shape *, uint64_t burn_in,
                   double N);

/* Computes the result of TAP from the solutions in it: means over the converged starts, without errors;
 * leaves out the same as record_result. */
void record_solutions(double *answer, const struct record_shape *);

/* Copies the record of a group of replicas (same shape but for their number) into that of all, from replica
 * `first` (even) on; adds up curves. */
void record_merge(void *record, const struct record_shape *, const void *group, int first, int replicas);

#endif
