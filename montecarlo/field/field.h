/* Local fields of a spin configuration, computed exactly: what a sampler needs of a sample.
 *
 * H = -w sum over rows of phi(row . s), phi = e_P over distinct sites, or (diagonal) (row . s)^P / P!. The
 * field of spin i is h_i = -(H(s_i=+1) - H(s_i=-1))/2 = w F_i with an integer F_i (diagonal: P! F_i), so
 * flipping s_i changes H by 2 s_i h_i.  w is in the units of the deck's T: the Gibbs weight is exp(-H/T),
 * and heat bath sets s_i = +1 with probability 1/(1 + exp(-2 h_i/T)).
 *
 * Every kernel computes the same integer F_i and rounds it to a double in the same way (to nearest), so all
 * kernels give the same trajectory.  Overlaps are integers and do not drift.
 *
 * Objects: a plan (one sample and one kernel; read-only after field_plan_alloc, shared by all replicas) and
 * fields (one configuration each).  One field is used by one thread.  Nothing here is collective.
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

/* A sample prepared for one kernel.  The quenched disorder is borrowed and must outlive the plan. */
struct field_plan {
	const struct field_kernel *kernel;
	const struct quenched *quenched;
	struct couplings couplings;
	int N, P;
	double w;      /* h = w F: couplings.w * unit^P (/ P! with diagonal) */
	void *data;    /* private to the kernel */
};

/* One configuration.  Callers may read it, but change it only through the functions below. */
struct field {
	const struct field_plan *plan;
	/* returns F_i; `next`: the site whose field is requested next (prefetched), or -1 */
	int128 (*sum)(struct field *, int i, int next);
	void (*flip)(struct field *, int i);            /* s_i -> -s_i */
	double w;
	int N;
	int8_t *spin;  /* [N], +-1 */
	void *state;   /* private to the kernel */
};

/* Names of the kernels that field_plan_alloc accepts, besides "auto"; ends with NULL. */
extern const char *const field_kernels[];

/* Chooses a kernel for rows of this shape.  "auto" chooses by N, rows, P, alphabet and processor; "tensor"
 * is the explicit tensor of couplings (kernel_tensor.c); other names select that kernel.  Couplings with
 * pair_noise always use kernel_pair_noise.c.  Sets plan->kernel, couplings, P and w; allocates nothing, and
 * q->site may still be NULL.  Returns 0, or -1 with the fault set: unknown kernel, not supported by this
 * processor or these rows, noise on the couplings without the tensor, or N^P K too large for exact sums. */
int field_choose(struct field_plan *, const struct quenched *, const struct couplings *, const char *kernel,
                 struct fault *);

/* Sets the bytes that the plan (shared by the replicas) and each field will take, without the rows
 * (q->bytes). */
void field_memory(const struct field_plan *, size_t *shared, size_t *each);

/* Returns the approximate time of one field, in ns, from the cost model that chooses the kernel;
 * *preparation is that of preparing the plan.  Meant for ratios between problems. */
double field_cost(const struct field_plan *, double *preparation);

/* Returns the number of rows that a field reads, or of couplings if they are explicit. */
double field_work(const struct field_plan *);

/* Calls field_choose, then prepares the kernel's tables.  Returns 0, or -1 with the fault set (also if
 * memory is short).  Freed by field_plan_free. */
int field_plan_alloc(struct field_plan **, const struct quenched *, const struct couplings *,
                     const char *kernel, struct fault *);
void field_plan_free(struct field_plan *);

/* Returns the name of the chosen kernel, for the provenance. */
const char *field_kernel_name(const struct field_plan *);

/* Makes a field with all spins +1 (call field_init next).  Returns 0 or GSL_ENOMEM. */
int field_alloc(struct field **, const struct field_plan *);
void field_free(struct field *);

/* Sets the configuration s[N] (+-1) and everything derived from it.  O(N rows). */
void field_init(struct field *, const int8_t *s);

/* Returns the local field h_i in units of T; `next` is the site requested next, or -1 (affects speed
 * only). */
static inline double field_local(struct field *f, int i, int next)
{
	int128 F = f->sum(f, i, next);
	int64_t low = (int64_t)F;

	return f->w * (low == F ? (double)low : (double)F);
}

/* Flips spin i.  Fields may be requested in any order between flips: synchronous dynamics computes all
 * fields, then flips. */
static inline void field_commit(struct field *f, int i)
{
	f->flip(f, i);
}

/* Returns H in units of T, an exact sum over the rows rounded once.  O(rows). */
double field_energy(struct field *);

/* Sets the overlaps X_row = sum_i a_i s_i of the rows row0 .. row0+count-1: integers; times quenched->unit
 * they are those of the mean of the examples.  O(count). */
void field_overlaps(struct field *, long row0, long count, int64_t *X);

/* Saves the state of a configuration (one bit per spin) in field_saved_size bytes.  Loading restores the
 * same fields to the last bit. */
size_t field_saved_size(const struct field *);
void field_save(const struct field *, void *bytes);
void field_load(struct field *, const void *bytes);

#endif
