/* What a sampler needs of an instance: the local fields of one configuration, kept exactly.
 *
 * H = -w sum over rows of phi(row . s), phi = e_P over distinct sites, or (diagonal) (row . s)^P / P!.
 * The field of spin i is h_i = -(H(s_i=+1) - H(s_i=-1))/2 = w F_i with an integer F_i (diagonal: P! F_i), so flipping s_i
 * changes H by 2 s_i h_i.  w is in the units of the deck's T: the Gibbs weight is exp(-H/T), and heat bath sets s_i = +1
 * with probability 1/(1 + exp(-2 h_i/T)).
 *
 * Every kernel computes the same integer F_i and turns it into a double by one rule (nearest), so all kernels give
 * the same trajectory.  Overlaps are integers: there is no drift.
 *
 * Objects: a plan (one sample and one kernel; read-only after field_plan_alloc, shared by all replicas) and fields (one configuration
 * each).  One field is used by one thread.  Nothing here is collective.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_FIELD_FIELD_H
#define MATTIS_FIELD_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "montecarlo/disorder/quenched.h"
#include "physics/network.h"

__extension__ typedef __int128 int128;

struct field_kernel;

/* One sample prepared for one kernel.  The quenched disorder is borrowed and must outlive it. */
struct field_plan {
	const struct field_kernel *kernel;
	const struct quenched *quenched;
	struct couplings couplings;
	int N, P;
	double w;      /* h = w F: couplings.w * unit^P (/ P! with diagonal) */
	void *data;    /* the kernel's own */
};

/* One configuration.  Readable by all; written only through the functions below. */
struct field {
	const struct field_plan *plan;
	int128 (*sum)(struct field *, int i, int next); /* F_i; `next`: the site asked next (prefetched) or -1 */
	void (*flip)(struct field *, int i);            /* s_i -> -s_i */
	double w;
	int N;
	int8_t *spin;  /* [N], +-1 */
	void *state;   /* the kernel's own */
};

/* Names of the kernels that field_plan_alloc accepts beside "auto", ends with NULL. */
extern const char *const field_kernels[];

/* Chooses the kernel (name "auto": from N, rows, P, alphabet and CPU; "portable" or another name: that one; "tensor": the couplings
 * written out, field_tensor.c) for rows of this shape.  Couplings with pair_noise have a kernel of their own, field_halves.c.
 * plan->kernel, couplings, P, w are set; no memory is taken, q->site may still be NULL.  0, or -1 with the fault filled in: unknown
 * kernel, one that this CPU or these rows do not allow, noise on the couplings without the tensor, or N^P K too large for exact
 * sums. */
int field_choose(struct field_plan *, const struct quenched *, const struct couplings *, const char *kernel,
                 struct fault *);

/* Bytes that the plan (shared by the replicas) and each field will take, the rows themselves (q->bytes) not counted. */
void field_memory(const struct field_plan *, size_t *shared, size_t *each);

/* Rough ns of a field that is asked for, by the model by which the kernel is chosen, and of the preparation of the plan: for ratios
 * of one problem to another. */
double field_cost(const struct field_plan *, double *preparation);

/* What a field looks at: rows, or the couplings where they are written out. */
double field_work(const struct field_plan *);

/* field_choose, then prepares the kernel's tables.  0, or -1 with the fault filled in (also: no memory).  Freed by field_plan_free. */
int field_plan_alloc(struct field_plan **, const struct quenched *, const struct couplings *, const char *kernel,
                     struct fault *);
void field_plan_free(struct field_plan *);

/* Name of the chosen kernel, for the provenance. */
const char *field_kernel_name(const struct field_plan *);

/* A field with all spins +1 (call field_init next).  0, or GSL_ENOMEM. */
int field_alloc(struct field **, const struct field_plan *);
void field_free(struct field *);

/* Sets the configuration s[N] (+-1) and all that follows from it.  O(N rows). */
void field_init(struct field *, const int8_t *s);

/* Local field h_i in the units of T; `next` is the site that will be asked next, or -1 (only for speed). */
static inline double field_local(struct field *f, int i, int next)
{
	int128 F = f->sum(f, i, next);
	int64_t low = (int64_t)F;

	return f->w * (low == F ? (double)low : (double)F);
}

/* Flips spin i.  Between flips, fields may be asked in any order: synchronous dynamics asks all, then flips. */
static inline void field_commit(struct field *f, int i)
{
	f->flip(f, i);
}

/* H in the units of T, exactly summed over the rows (one rounding).  O(rows). */
double field_energy(struct field *);

/* Row overlaps X_row = sum_i a_i s_i of rows row0 .. row0+count-1 (integers; multiply by quenched->unit for the mean of the
 * examples).  O(count). */
void field_overlaps(struct field *, long row0, long count, int64_t *X);

/* The whole state of a configuration as bytes (its spins, one bit each): field_saved_size bytes.  Loading gives back the same
 * fields to the last bit. */
size_t field_saved_size(const struct field *);
void field_save(const struct field *, void *bytes);
void field_load(struct field *, const void *bytes);

#endif
