/* The one extension point: what a network must tell about itself.
 *
 * A new network is one new file, one line in networks.c and one word in physics/local.mk.  Nothing outside that
 * file asks for a network by its name: the solver job, the store and the tests loop over this table.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NETWORK_H
#define MATTIS_NETWORK_H

#include <stdint.h>

#include "physics/params.h"

struct average; /* workspace of the averages, physics/numerics/average.h */

enum { MAX_BRANCHES = 64, MAX_QUANTITIES = 32, MAX_UNKNOWNS = 64 };

/* What became of a solution that was asked for. */
enum status {
	CONVERGED,    /* the numbers are a solution to the asked tolerance */
	NONE,         /* there is no such solution here, and the solver can tell */
	NOT_CONVERGED /* the solver gave up; the numbers are NaN */
};

enum quantity_type {
	REAL,  /* float64, NaN where not solved */
	COUNT, /* int32 */
	FLAG   /* int8, one of `flags` */
};

/* Dimensions of a quantity beside the sweep axes; PER_GROUP and its multiples by powers of two are groups of quantities that only
 * rows that name them report. */
enum { PER_BRANCH = 1, PER_PATTERN = 2, PER_GROUP = 4 };

struct quantity {
	const char *name;      /* dataset */
	const char *long_name; /* says the definition */
	enum quantity_type type;
	int per;                  /* PER_... and a group or-ed, 0: one value per point */
	const char *const *flags; /* FLAG: names of 0, 1, 2, ..., ends with NULL */
};

/* The answers for a row of points (a run along the last sweep axis).  column[i] is the array of quantity i in C
 * order: [points], [points][branches], [points][patterns] or [points][branches][patterns].  The caller owns it
 * and has filled it with NaN, 0 and the flag 0. */
struct row {
	int points, branches, patterns;
	int groups; /* of quantities beside the usual ones, or-ed; the others have no values */
	void *column[MAX_QUANTITIES];
};

struct solve_options {
	double tolerance; /* largest residual |map(x) - x| of a converged solution */
	int branches;     /* multitasking: how many solutions to keep */
	int starts;       /* multitasking: random starts beside the stated ones */
	int low;          /* dense, 0 or 1: also the branch of smaller overlap */
	int rsb;          /* dense, 0 or 1: also retrieval and glass with one step of replica symmetry breaking */
	int snr;          /* dense, 0 or 1: also signal to noise, the overlap after one step */
};

enum { LINE_ROOTS = 8 }; /* the most places of one line along one axis */

/* A line in the plane of two parameters.  `event` is continuous in the parameters where it is finite, changes
 * sign on the line, and is NaN where it has no meaning (no such branch).  Returns a GSL error code. */
struct transition {
	const char *name;
	const char *long_name;
	int (*event)(struct average *, const struct params *, double *value);

	/* Largest jump of an order parameter across the line, at a point next to it; 0: continuous.  May be null. */
	int (*jump)(struct average *, const struct params *, double *jump);

	/* Where the line is known along an axis ("gamma", "T", "M", ...) without a search, the other parameters given: all its
	 * places there, increasing, at most LINE_ROOTS.  *count = -1: not known along that axis.  May be null. */
	int (*known)(struct average *, const struct params *, const char *axis, double *x, int *count);

	/* The event has a meaning where that of this line is positive.  Null: it says so itself, by NaN. */
	const struct transition *within;

	/* Not a line but one point (T, gamma) of their plane, NaN if there is none; event is then null.  May be null. */
	int (*point)(struct average *, const struct params *, double *T, double *gamma);
};

/* The bridge to the simulation: H = -w sum over rows of e_P(row . s) over distinct sites; with `diagonal` coincident
 * sites are kept, -w sum (row . s)^P/P!.  A row is a pattern (storage), the mean of its M examples (supervised) or one
 * example (unsupervised: M rows per pattern).  w is in units of the deck's T: the Gibbs weight is exp(-H/T), and H/N is
 * the energy that is reported. */
struct couplings {
	int P;
	double w;
	int diagonal; /* 0 or 1 */
	double noise; /* H gets - noise g_I prod s for every set I of P sites, g_I independent unit Gaussians (D12); 0: none */
	double pair_noise; /* P = 4: prod over {i,j,k,l} of a row's a becomes the mean over the three divisions into pairs of eta_ij eta_kl,
	                    * eta_ij = a_i a_j + pair_noise g_ij, a the mean of the row's examples, g a unit Gaussian per row and
	                    * pair (S11); 0: none */
	double n, p;  /* order parameters n and p of a pattern: this times the mean over sites of (mean of its examples) s;
	               * 0: the network has no such quantity */
};

struct network {
	const char *name; /* as in the deck */

	/* Keys that a deck must give beside T and K or gamma, without their section; ends with NULL. */
	const char *const *needs;

	/* --- what `solve` reports */
	const struct quantity *quantities; /* ends with name = NULL */

	/* Are these parameters a point of this network?  0, or -1 with the fault filled in. */
	int (*check)(const struct params *, struct fault *);

	/* Do these options make sense for it?  0, or -1 with the fault filled in. */
	int (*check_options)(const struct params *, const struct solve_options *, struct fault *);

	/* Names of the branches reported for any deck with these options (static strings); returns their number. */
	int (*branches)(const struct params *, const struct solve_options *, const char *names[MAX_BRANCHES]);

	/* The groups of quantities reported beside the usual ones; null: none. */
	int (*groups)(const struct params *, const struct solve_options *);

	/* Length of the per-pattern dimension, >= 1 (1: no quantity is PER_PATTERN). */
	int (*patterns)(const struct params *);

	/* Solves all branches at all points p[0..row->points-1].  A point without a solution is data, not an error.
	 * Returns a GSL error code: GSL_SUCCESS, GSL_ENOMEM, or GSL_EFAILED when the tick asked to stop. */
	int (*solve_row)(struct average *, const struct params *p, const struct solve_options *, const struct tick *,
	                 struct row *row);

	/* solve_row treats every point by itself: rows can be cut anywhere, with the same numbers. */
	int points_apart;

	/* --- the equations, for solvers and tests: fixed points of map are stationary points of free_energy */
	int (*size)(const struct params *); /* number of unknowns, <= MAX_UNKNOWNS */

	/* fx = map(x); jac[i*size + j] = d fx_i / d x_j unless null.  GSL_EDOM outside the domain. */
	int (*map)(struct average *, const struct params *, const double *x, double *fx, double *jac);

	/* Free energy per spin at any x of the domain (not only at fixed points), THEORY.md. */
	int (*free_energy)(struct average *, const struct params *, const double *x, double *f);

	/* --- lines, ends with name = NULL; may be null */
	const struct transition *lines;

	/* --- the simulation: couplings at these parameters (N, K, M, r, d finite and set); may be null.  0, or -1 with the
	 * fault filled in. */
	int (*couplings)(const struct params *, struct couplings *, struct fault *);

	/* Replaces the parameters of N spins by those of the thermodynamic limit that stand for them to leading order, and
	 * returns by what its energies are to be multiplied.  Null: the same parameters, 1. */
	double (*finite_size)(struct params *);
};

/* All networks, ends with NULL. */
extern const struct network *const networks[];

/* The network of that name, or NULL. */
const struct network *network_find(const char *name);

/* Bytes of one value of a quantity; number of values of a quantity in a row of that shape. */
size_t quantity_size(const struct quantity *);
size_t quantity_count(const struct quantity *, const struct row *shape);

#endif
