/* The contract between a network and the rest of the program.
 *
 * How to add a network.  (The tests compile a third network that follows this recipe.)
 *
 *  1. Make a folder physics/NAME/.  Its file network.c defines `const struct network NAME_network`;
 *     what its files share stands in its network.h.  Fill in the fields of struct network below.
 *     Required are name, quantities (one of them with ROLE_STATUS), check, branches and solve_row.  All
 *     others may be left out (null or 0); the comment of each states what is then not available.
 *  2. Parameters.  Every network has the temperature T and the number of spins N.  List in `uses` which
 *     of the shared parameters P, r, M, rho, K and gamma (network.c) the network has as well, and in
 *     `parameters` those of its own.  A parameter of its own lives in params->own[slot]; number the
 *     slots from 0 by an enum in the folder's network.h.  The key model.X, the axis sweep.X, their
 *     checks, the help and the labels of plots follow from the list.  No two networks may have
 *     parameters or options of the same name.
 *  3. Options of `mattis solve` of its own: list them in `options`; they become the keys solve.X.
 *  4. Quantities.  List what solve_row reports, with the role of each and a symbol for plots.  Code
 *     outside the folder finds quantities by role, never by name.
 *  5. Add the network to networks.c: `extern const struct network NAME_network;` and its address in the
 *     table.  Add the folder's files to physics/local.mk.  Nothing else changes.
 *  6. Write the equations into physics/THEORY.md, and a test into tests/ whose numbers come from
 *     elsewhere.
 *
 * networks_validate() checks every network against this contract at start-up and names what is missing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NETWORK_H
#define MATTIS_NETWORK_H

#include <stdint.h>

#include "physics/params.h"

struct average; /* workspace of the averages, physics/numerics/average.h */

enum { MAX_BRANCHES = 64, MAX_QUANTITIES = 32, MAX_UNKNOWNS = 64, MAX_OPTIONS = 4, LINE_ROOTS = 8 };

/* ------------------------------------------------------------------------------------ parameters */

/* The subcommands, or-ed. */
enum { USED_BY_SOLVE = 1, USED_BY_SIMULATE = 2, USED_BY_LINES = 4, USED_BY_RETRIEVE = 8 };
enum { USED_BY_ALL = -1, USED_BY_RANDOM = ~USED_BY_RETRIEVE /* random patterns, not images */ };

/* A control parameter: the key model.NAME (one value) or sweep.NAME (an axis). */
struct parameter {
	const char *name, *symbol; /* symbol: LaTeX without $, for plots; null: the name */
	const char *unit;          /* as in UDUNITS; null: "1", without dimension */
	const char *meaning;       /* one line, for `mattis keys` and as long_name */
	size_t offset, size;       /* PARAMETER_FIELD(field of struct params), a double or an int */
	int whole;                 /* 1: an integer */
	int sweep_only;            /* 1: sweep.NAME only (T and N) */
	double min, max;           /* allowed values; max = INFINITY: no upper end */
	int min_open, max_open;    /* 1: the end itself is excluded */
	unsigned used_by;          /* USED_BY_...: the other subcommands leave it out ... */
	const char *not_in_lines;  /* ... unless this states why `lines` refuses it */
	const char *fallback;      /* default as a deck would give it; null: 0 */
	int sampled; /* 1: a probability that a sample of N spins realises to O(1/sqrt N) only; at most one */
};

#define PARAMETER_FIELD(f) .offset = offsetof(struct params, f), .size = sizeof(((struct params *)0)->f)

/* The parameters that networks share, ends with name = NULL. */
extern const struct parameter shared_parameters[];

/* An option of `mattis solve`: the key solve.NAME. */
struct solve_option {
	const char *name, *meaning, *fallback; /* fallback: default as a deck would give it, required */
	int slot;                              /* of solve_options.own */
	int truth;                             /* 1: false or true (0 or 1); 0: an integer in min..max */
	double min, max;
};

/* How the deck wants the equations solved. */
struct solve_options {
	double tolerance;     /* largest residual |map(x) - x| of a converged solution */
	int own[MAX_OPTIONS]; /* the options of the network */
};

/* ------------------------------------------------------------------------------------ quantities */

/* What became of a solution that was asked for: the flags of the quantity with ROLE_STATUS. */
enum status {
	CONVERGED,    /* the numbers are a solution to the required tolerance */
	NONE,         /* the solver found that there is no such solution here */
	NOT_CONVERGED /* the solver gave up; the numbers are NaN */
};
extern const char *const status_flags[]; /* "converged", "none", "not_converged", NULL */

enum quantity_type {
	REAL,  /* float64, NaN where not solved */
	COUNT, /* int32 */
	FLAG   /* int8, one of `flags` */
};

/* Dimensions of a quantity beside the sweep axes.  PER_GROUP and its multiples by powers of two are groups of
 * quantities that only rows with that bit in row.groups report. */
enum { PER_BRANCH = 1, PER_PATTERN = 2, PER_GROUP = 4 };

/* What a quantity means to code that does not know the network.  A network has at most one quantity of each
 * role, any number with ROLE_NONE.  All are per branch (PER_BRANCH) but ROLE_PHASE, and REAL unless stated.
 */
enum role {
	ROLE_NONE,
	ROLE_OVERLAP,           /* (1/N) sum xi s, with a pattern */
	ROLE_SIGNAL,            /* with the mean of a pattern's examples, normalised by couplings.signal */
	ROLE_RETRIEVAL_OVERLAP, /* 1 if a pattern is fully retrieved, normalised by couplings.retrieval */
	ROLE_SPIN_GLASS,        /* overlap of two replicas, (1/N) sum s^a s^b */
	ROLE_FREE_ENERGY,       /* per spin, in units of the deck's T */
	ROLE_ENERGY,            /* per spin: free energy + T entropy */
	ROLE_STABILITY,         /* of replica symmetry: where it is unstable the theory is an approximation */
	ROLE_EIGENVALUE, /* lowest one of the Hessian of the free energy: where small, overlaps fluctuate */
	ROLE_RESIDUAL,   /* largest |map(x) - x| */
	ROLE_ITERATIONS, /* COUNT */
	ROLE_STATUS,     /* FLAG with `status_flags`; required */
	ROLE_PHASE,      /* FLAG with `kinds`: per point, the name of the branch that is the
	                  * thermodynamic state; per branch, a label of that solution */
	ROLE_GLOBAL_MINIMUM, /* FLAG, no or yes: the lowest free energy of the point */
	ROLES
};

/* What a flag of ROLE_PHASE stands for. */
enum phase_kind { KIND_OTHER, KIND_RETRIEVAL, KIND_GLASS, KIND_ERGODIC };

enum stable_side { STABLE_NONE, STABLE_BELOW, STABLE_ABOVE }; /* of the threshold */

struct quantity {
	const char *name, *symbol; /* dataset; LaTeX without $, null: the name */
	const char *long_name;     /* the definition */
	enum quantity_type type;
	int per; /* PER_... and a group or-ed, 0: one value per point */
	enum role role;
	const char *const *flags;     /* FLAG: names of 0, 1, 2, ..., ends with NULL */
	const enum phase_kind *kinds; /* ROLE_PHASE: of each flag */
	enum stable_side stable;      /* ROLE_STABILITY, ROLE_EIGENVALUE: a value on this side of ... */
	double threshold;             /* ... the threshold is stable; NaN counts as stable */
};

/* The results for a row of points (a run along the last sweep axis).  column[i] is the array of quantity i in
 * C order: [points], [points][branches], [points][patterns] or [points][branches][patterns].  The caller owns
 * it and has filled it with NaN, 0 and the flag 0. */
struct row {
	int points, branches, patterns;
	int groups; /* of quantities beside the usual ones, or-ed; the others have no values */
	void *column[MAX_QUANTITIES];
};

/* ------------------------------------------------------------------------------------ lines and simulation
 */

/* A line in the plane of two parameters.  `event` is continuous in the parameters where it is finite, changes
 * sign on the line, and is NaN where it has no meaning (no such branch).  All functions return a GSL error
 * code. */
struct transition {
	const char *name;
	const char *long_name;
	const char *label; /* for legends, LaTeX in $; null: the name */
	int (*event)(struct average *, const struct params *, double *value);

	/* Largest jump of an order parameter across the line, at a point next to it; 0: continuous.  May be
	 * null. */
	int (*jump)(struct average *, const struct params *, double *jump);

	/* Where the line is known along an axis ("gamma", "T", "M", ...) without a search, the other
	 * parameters given: all its places there, increasing, at most LINE_ROOTS.  *count = -1: not known
	 * along that axis.  May be null. */
	int (*known)(struct average *, const struct params *, const char *axis, double *x, int *count);

	/* The event has a meaning where that of this line is positive.  Null: it returns NaN elsewhere. */
	const struct transition *within;

	/* Not a line but one point of the plane of two parameters, whose names are `plane`: at[0], at[1], NaN
	 * if there is none; event is then null.  May be null. */
	int (*point)(struct average *, const struct params *, double at[2]);
	const char *plane[2];
};

/* The bridge to the simulation: H = -w sum over rows of e_P(row . s) over distinct sites; with `diagonal`
 * coincident sites are kept, -w sum (row . s)^P/P!.  A row is a pattern (storage), the mean of its M examples
 * (supervised) or one example (unsupervised: M rows per pattern).  w is in units of the deck's T: the Gibbs
 * weight is exp(-H/T), and H/N is the energy that is reported. */
struct couplings {
	int P;
	double w;
	int diagonal;    /* 0 or 1 */
	double dilution; /* P(xi = 0): fraction of blank entries of the patterns */
	double noise; /* H gets - noise g_I prod s for every set I of P sites, g_I independent unit Gaussians
	               * (D12); 0: none */
	double pair_noise; /* P = 4: prod over {i,j,k,l} of a row's a becomes the mean over the three
	                    * divisions into pairs of eta_ij eta_kl, eta_ij = a_i a_j + pair_noise g_ij, a the
	                    * mean of the row's examples, g a unit Gaussian per row and pair (S11); 0: none */
	/* ROLE_SIGNAL is `signal` times the mean over sites of (mean of the pattern's examples) s, and
	 * ROLE_RETRIEVAL_OVERLAP `retrieval` times that; 0: the network has no such quantity. */
	double signal, retrieval;
};

/* ------------------------------------------------------------------------------------ the network */

/* Self-consistency equations x = map(x).  Fixed points of map are the stationary points of free_energy. */
struct equations {
	int (*size)(const struct params *); /* number of unknowns, <= MAX_UNKNOWNS */

	/* fx = map(x); jac[i*size + j] = d fx_i / d x_j unless null.  GSL_EDOM outside the domain. */
	int (*map)(struct average *, const struct params *, const double *x, double *fx, double *jac);

	/* Free energy per spin at any x of the domain, not only at fixed points.  Returns a GSL error
	 * code. */
	int (*free_energy)(struct average *, const struct params *, const double *x, double *f);
};

struct network {
	const char *name; /* as in the deck */

	/* --- parameters and options */
	const char *const *uses; /* names of shared_parameters beside T and N, ends with NULL; null: none */
	const struct parameter *parameters; /* its own, ends with name = NULL; null: none */
	const struct solve_option *options; /* its own, ends with name = NULL; null: none */
	const char *const *needs; /* parameters that a deck must give beside T, and K or gamma; null: none */
	const struct params *defaults; /* values of what a deck does not give; null: r = 1, all others 0 */

	/* Returns 0 if these parameters are a point of the network, else -1 with the fault set. */
	int (*check)(const struct params *, struct fault *);

	/* Returns 0 if the network can solve this point with these options, else -1 with the fault set. Null:
	 * always. */
	int (*check_options)(const struct params *, const struct solve_options *, struct fault *);

	/* --- what `solve` reports */
	const struct quantity *quantities; /* ends with name = NULL */

	/* Returns the number of branches reported with these options, and their names (static strings). */
	int (*branches)(const struct params *, const struct solve_options *, const char *names[MAX_BRANCHES]);

	/* 1: branches are a list of states, lowest free energy first; 0: a name is the same state
	 * everywhere. */
	int ranked;

	/* Returns the groups of quantities reported beside the usual ones, or-ed.  Null: none. */
	int (*groups)(const struct params *, const struct solve_options *);

	/* Returns the length of the per-pattern dimension, >= 1.  Null: 1. */
	int (*patterns)(const struct params *);

	/* Solves all branches at all points p[0..row->points-1].  A point without a solution is data, not an
	 * error.  Returns a GSL error code: GSL_SUCCESS, GSL_ENOMEM, or GSL_EFAILED when the tick asked to
	 * stop. */
	int (*solve_row)(struct average *, const struct params *p, const struct solve_options *,
	                 const struct tick *, struct row *row);

	/* 1: solve_row treats every point by itself, so rows can be cut anywhere, with the same numbers. */
	int points_apart;

	const struct equations *equations; /* for tests; null: none */

	/* --- `lines`: ends with name = NULL.  Null: no lines. */
	const struct transition *lines;

	/* --- `simulate`: sets the couplings at these parameters (N, K, M, r are finite and set).  Returns 0,
	 * or -1 with the fault set.  Null: no simulation. */
	int (*couplings)(const struct params *, struct couplings *, struct fault *);

	/* --- `retrieve`: 1 if the couplings are made of any P and any rows of +-1. */
	int images;

	/* --- `compare` */

	/* Replaces the parameters of N spins by those of the thermodynamic limit that stand for them to
	 * leading order, and returns the factor of its energies.  Null: the same parameters, 1. */
	double (*finite_size)(struct params *);

	/* Returns 1 if these parameters have a limit N -> infinity with gamma fixed (by_load) or K fixed,
	 * else 0.  Null: they have. */
	int (*has_limit)(const struct params *, int by_load);

	/* --- `simulate --dry-run`: changes the network's own parameters as if N were multiplied by `factor`,
	 * so that the states stay the same.  Null: its own parameters do not depend on N. */
	void (*resize)(struct params *, double factor);
};

/* All networks, ends with NULL. */
extern const struct network *const networks[];

/* Returns the network of that name, or NULL. */
const struct network *network_find(const char *name);

/* Returns 0 if a network, or the table of all, fulfils the contract above, else -1 with the first fault in
 * `why`. */
int network_validate(const struct network *, char *why, size_t size);
int networks_validate(char *why, size_t size);

/* Returns 0 if no name of a network is also one of the other: its own, a parameter, an option; else -1. */
int network_validate_pair(const struct network *, const struct network *other, char *why, size_t size);

/* Returns the parameter of that name if the network has it (T, N, one that it uses, or its own), else
 * NULL. */
const struct parameter *network_parameter(const struct network *, const char *name);

/* Returns the network's own option of that name, or NULL. */
const struct solve_option *network_option(const struct network *, const char *name);

/* Returns the network's parameter with `sampled`, or NULL. */
const struct parameter *network_sampled(const struct network *);

/* Returns and sets the value of a parameter in struct params. */
double parameter_value(const struct parameter *, const struct params *);
void parameter_set(const struct parameter *, struct params *, double value);

/* Returns the index of the quantity with that role, or -1 if the network has none. */
int network_quantity(const struct network *, enum role);

/* Returns the role as a word for attributes: "overlap", "free_energy", ...; NULL for ROLE_NONE. */
const char *role_name(enum role);

/* Returns "other", "retrieval", "glass" or "ergodic". */
const char *phase_kind_name(enum phase_kind);

/* Returns name, symbol and definition of a role's quantity when it is measured: the name and symbol of the
 * network's own quantity where it has one.  ROLE_OVERLAP, ROLE_SIGNAL, ROLE_RETRIEVAL_OVERLAP,
 * ROLE_SPIN_GLASS, ROLE_FREE_ENERGY, ROLE_ENERGY. */
struct observable_text {
	const char *name, *symbol, *long_name;
};
struct observable_text network_observable(const struct network *, enum role);

/* Returns the length of the per-pattern dimension at a point, at least 1. */
int network_patterns(const struct network *, const struct params *);

/* Returns the bytes of one value of a quantity; the number of its values in a row of that shape. */
size_t quantity_size(const struct quantity *);
size_t quantity_count(const struct quantity *, const struct row *shape);

/* Returns the index in the column of a quantity; branch and pattern are ignored where it has no such
 * dimension. */
size_t quantity_index(const struct quantity *, const struct row *shape, size_t point, int branch,
                      int pattern);

/* Returns the value of quantity i (REAL) or its flag (FLAG) at that place. */
double row_value(const struct network *, const struct row *, int i, size_t point, int branch, int pattern);
int row_flag(const struct network *, const struct row *, int i, size_t point, int branch);

/* Returns 1 if the value is on the unstable side of the quantity's threshold; NaN is not. */
int quantity_is_unstable(const struct quantity *, double value);

/* What a branch of this name stands for: the kind of the flag of ROLE_PHASE with the same name, else
 * KIND_OTHER. */
enum phase_kind network_branch_kind(const struct network *, const char *branch);

#endif
