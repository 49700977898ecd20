/* One task of a simulation: a point of the grid and a disorder sample; with tempering or annealing, all
 * temperatures of the T axis.  Its result is a pure function of protocol and task: it does not depend on
 * who computes it, when, in how many pieces, nor on the kernel.
 *
 * Layers: this folder asks the network for its couplings and its number of condensed patterns, never for
 * its name.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_TASK_H
#define MATTIS_CHAIN_TASK_H

#include "montecarlo/chain/sampler.h"
#include "montecarlo/disorder/quenched.h"
#include "montecarlo/disorder/start.h"
#include "montecarlo/statistics/record.h"
#include "physics/network.h"

/* In the order of the words of simulate.dynamics. */
enum dynamics {
	DYNAMICS_HEAT_BATH,
	DYNAMICS_METROPOLIS,
	DYNAMICS_PARALLEL,
	DYNAMICS_TEMPERING,
	DYNAMICS_ANNEALING,
	DYNAMICS_TAP /* no chains: solves the TAP equations from each start (tap.h) */
};

/* How to simulate: the same for all tasks of a job.  Plain data, pointers borrowed. */
struct protocol {
	const struct network *network;
	enum dynamics dynamics; /* tempering and annealing: heat bath between */
	enum order order;
	enum start start;
	double corruption; /* START_CORRUPTED */
	int replicas;      /* independent chains (tempering: ladders) or TAP starts of each sample */
	int first;         /* number of the first of them: 0, or more in a part of a task (parts.h) */
	uint64_t burn_in,
		/* per chain, and at annealing per temperature; TAP: 0, and at most so many iterations */
		sweeps;
	double damping, tolerance; /* TAP */
	uint64_t seed;
	int plefka;     /* order of Plefka's expansion whose fields the spins feel, 1 or 2; 0: exact fields */
	int diagonal;   /* keep coincident sites */
	int stratified; /* patterns */
	int histogram, curve;               /* record.h */
	int configurations, magnetisations; /* whether they are stored */
	int spins;                          /* the largest N of the job: sizes these in the result */
	int patterns;           /* the largest number of condensed patterns of the job: sizes the result */
	const char *kernel;     /* "auto" or a name */
	const struct npy *data; /* the user's own patterns, or NULL */
	struct share *share;    /* where the rows lie once per node, or NULL */
};

struct task {
	const struct params *p; /* [points], different in T only, monotonic */
	int points;             /* 1; tempering and annealing: all temperatures */
	uint64_t sample;
};

/* Returns the number of patterns K of a point: K, or 2 gamma N^(P-1)/P! rounded.  Returns -1, with the
 * fault filled in, if that is 0, off by more than 20 %, or more than 1e9. */
long task_patterns(const struct params *, struct fault *);

/* Returns the number of condensed patterns that the network follows there, from 1 to K. */
int task_condensed(const struct protocol *, const struct params *);

/* Returns the shape of all results of the job. */
struct record_shape task_shape(const struct protocol *);

/* Returns the number of chains that sweep: replicas, times temperatures when tempering. */
int task_walkers(const struct protocol *, const struct task *);

/* Fills in the shape of the sample and its couplings; takes no memory and draws nothing.  0, or -1 with the
 * fault filled in. */
int task_prepare(struct quenched *, struct couplings *, const struct protocol *, const struct task *,
                 struct fault *);

/* Computes what a task needs, without taking memory: bytes, and work (rows or couplings looked at).  kernel
 * (may be null): its name.  0, or -1 with the fault filled in: everything that can be wrong with a task
 * except lack of memory. */
int task_check(const struct protocol *, const struct task *, double *bytes, double *work, const char **kernel,
               struct fault *);

/* Estimates the time in ns of setting up and of running a task that has passed task_check, by the models of
 * field_cost: correct to a factor only, except for ratios between tasks. */
void task_cost(double *set_up, double *run, const struct protocol *, const struct task *);

/* Returns the bytes of the rows of a task that has passed task_check: those of *bytes that ranks can
 * share. */
double task_rows_bytes(const struct protocol *, const struct task *);

#endif
