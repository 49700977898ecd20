/* One disorder sample simulated from start to end: the unit of work that is shared out over the ranks.
 *
 * A task is a point of the grid and a sample; with tempering or annealing the point has all the temperatures of the
 * T axis.  Its answer is a pure function of protocol and task: it does not depend on who computes it, when, in how
 * many pieces (save, load), nor on which kernel.
 *
 * Layers: this file asks the network for its couplings and its number of condensed patterns, never for its name.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CHAIN_ENSEMBLE_H
#define MATTIS_CHAIN_ENSEMBLE_H

#include "montecarlo/disorder/quenched.h"
#include "montecarlo/statistics/record.h"
#include "montecarlo/chain/sampler.h"
#include "montecarlo/disorder/start.h"
#include "physics/network.h"

/* In the order of the words of simulate.dynamics. */
enum dynamics {
	DYNAMICS_HEAT_BATH,
	DYNAMICS_METROPOLIS,
	DYNAMICS_PARALLEL,
	DYNAMICS_TEMPERING,
	DYNAMICS_ANNEALING,
	DYNAMICS_TAP /* no chains: magnetisations are iterated until they solve the TAP equations (tap.h), from each start */
};

/* How to simulate: the same for all tasks of a job.  Plain data, pointers borrowed. */
struct protocol {
	const struct network *network;
	enum dynamics dynamics; /* tempering and annealing: heat bath between */
	enum order order;
	enum start start;
	double corruption;       /* START_CORRUPTED */
	int replicas;            /* independent chains of each sample; tempering: ladders */
	int first;               /* number of the first of them: usually 0, else these are some of more (parts.h) */
	uint64_t burn_in, sweeps; /* per chain, and at annealing per temperature; TAP: 0, and most iterations */
	double damping, tolerance; /* TAP */
	uint64_t seed;
	int plefka;              /* order of Plefka's expansion whose fields the spins feel, 1 or 2; 0: exact fields */
	int diagonal;            /* keep coincident sites */
	int stratified;          /* patterns */
	int histogram, curve;    /* record.h */
	int configurations, magnetisations; /* are they kept? */
	int spins;               /* the largest N of the job: sizes these in the answer */
	int patterns;            /* the largest number of condensed patterns of the job: sizes the answer */
	const char *kernel;      /* "auto" or a name */
	const struct npy *data;  /* the user's own patterns, or NULL */
	struct share *share;     /* where the rows lie once per node, or NULL */
};

struct task {
	const struct params *p; /* [points], different in T only, monotonic */
	int points;             /* 1; tempering and annealing: all temperatures */
	uint64_t sample;
};

struct ensemble;

/* Patterns K of a point: K, or 2 gamma N^(P-1)/P! rounded.  -1 with the fault filled in when that is 0, off by more
 * than 20 %, or more than 1e9. */
long ensemble_patterns(const struct params *, struct fault *);

/* Condensed patterns that the network follows there, >= 1, <= K. */
int ensemble_condensed(const struct protocol *, const struct params *);

/* The shape of all answers of the job. */
struct record_shape ensemble_shape(const struct protocol *);

/* What a task needs, without taking memory: bytes, and work (rows or couplings looked at).  kernel (may be null): its name.  0, or
 * -1 with the fault filled in: everything about a task that can be wrong but lack of memory. */
int ensemble_check(const struct protocol *, const struct task *, double *bytes, double *work, const char **kernel,
                   struct fault *);

/* What a task that ensemble_check has found good takes in ns, setting up and running, by the models of field_cost: right to a factor
 * only, but for ratios of tasks. */
void ensemble_cost(double *set_up, double *run, const struct protocol *, const struct task *);

/* Bytes of the rows of a task that ensemble_check has found good: those of *bytes that ranks can share. */
double ensemble_rows_bytes(const struct protocol *, const struct task *);

/* Draws the sample and sets up all chains at their start.  protocol and task->p must outlive it.  0, or -1 with the
 * fault filled in.  *ensemble is NULL after an error. */
int ensemble_alloc(struct ensemble **ensemble, const struct protocol *, const struct task *, struct fault *);
void ensemble_free(struct ensemble *);

/* Simulates on.  0: all done.  1: the tick asked to stop; call again, or save. */
int ensemble_run(struct ensemble *, const struct tick *);

/* Share of the work that is done. */
double ensemble_done(const struct ensemble *);

/* The answers, [points][record_width]; meaningful when done. */
void ensemble_answer(const struct ensemble *, double *answer);

/* The record (record.h) of its k-th temperature. */
const void *ensemble_record(const struct ensemble *, int k);

/* The whole state as bytes, for ensemble_load into an ensemble of the same protocol and task; its protocol may have more
 * sweeps, also when the saved one was done: then it runs on, to the same answer as if asked at once (not annealing). */
size_t ensemble_saved_size(const struct ensemble *);
void ensemble_save(const struct ensemble *, void *bytes);
void ensemble_load(struct ensemble *, const void *bytes);

#endif
