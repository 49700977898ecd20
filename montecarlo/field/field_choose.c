/* Chooses the kernel of a sample, and dispatches plans and configurations to it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/field.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/field/kernel.h"

static const struct field_kernel *choose(const struct field_plan *plan, const char *name, struct fault *fault)
{
	const struct field_kernel *best = NULL;
	int known = 0, suits = 0;

	for (int i = 0; kernels[i]; i++) {
		const struct field_kernel *k = kernels[i];
		if (strcmp(name, "auto") != 0 && strcmp(name, k->name) != 0)
			continue;
		known = 1;
		if (!k->suits(plan))
			continue;
		suits = 1;
		if (k->cpu() && (!best || k->cost(plan) < best->cost(plan)))
			best = k;
	}
	if (best)
		return best;
	fault_set(fault, "kernel", "%.40s %s", name,
	          !known   ? "is not a kernel of this program"
	          : !suits ? "cannot do these rows (see auto)"
	                   : "needs instructions that this CPU does not have");
	return NULL;
}

int field_choose(struct field_plan *plan, const struct quenched *q, const struct couplings *c,
                 const char *kernel, struct fault *fault)
{
	double factorial = 1, largest;

	*plan = (struct field_plan){.quenched = q, .couplings = *c, .N = q->N, .P = c->P};
	if (c->P < 2 || c->P > P_MAX)
		return fault_set(fault, "P", "must be between 2 and %d in a simulation", P_MAX);
	if (q->N < c->P)
		return fault_set(fault, "N", "must be at least P");
	for (int k = 2; k <= c->P; k++)
		factorial *= k;
	/* sums of P terms of this size, and their doubles, stay below 2^127 */
	largest = pow((double)q->N * q->entry_max + 2.0 * q->entry_max, c->P) *
	          (c->diagonal ? 1 : 1 / factorial);
	if (largest * (double)q->rows * c->P * 16 > 0x1p126)
		return fault_set(fault, "N", "N^P K%s is too large for exact sums of 127 bits (P=%d, N=%d)",
		                 q->entry_max > 1 ? " M^P" : "", c->P, q->N);
	plan->w = c->w / (c->diagonal ? factorial : 1);
	for (int k = 0; k < c->P; k++)
		plan->w *= q->unit;
	if (c->pair_noise > 0) {
		plan->kernel = &kernel_pair_noise;
		return kernel_pair_noise_check(plan, kernel, fault);
	}
	if (strcmp(kernel, kernel_tensor.name) == 0) {
		plan->kernel = &kernel_tensor;
		return kernel_tensor_check(plan, fault);
	}
	if (c->noise > 0) {
		return fault_set(
			fault, "omega",
			"noise on every coupling needs simulate.field: tensor (P = 2, 3, 4); else K + "
			"omega^2 patterns are as good at large N");
	}
	plan->kernel = choose(plan, kernel, fault);
	return plan->kernel ? 0 : -1;
}

void field_memory(const struct field_plan *plan, size_t *shared, size_t *each)
{
	plan->kernel->memory(plan, shared, each);
	*each += sizeof(struct field) + (size_t)plan->N;
}

/* A kernel without a cost model of its own reads its tables, those of one site per field. */
double field_cost(const struct field_plan *plan, double *preparation)
{
	size_t shared, each;

	field_memory(plan, &shared, &each);
	*preparation = plan->kernel == &kernel_matrix ? kernel_matrix_building(plan) + (double)shared
	                                              : 6.0 * (double)shared;
	return plan->kernel->cost ? plan->kernel->cost(plan) : 8 + 0.05 * (double)shared / plan->N;
}

double field_work(const struct field_plan *plan)
{
	size_t shared, each;

	if (plan->kernel->cost)
		return (double)plan->quenched->rows;
	field_memory(plan, &shared, &each);
	return (double)shared / sizeof(int16_t) / plan->N;
}

int field_plan_alloc(struct field_plan **out, const struct quenched *q, const struct couplings *c,
                     const char *kernel, struct fault *fault)
{
	struct field_plan *plan = malloc(sizeof *plan);

	*out = NULL;
	if (plan && field_choose(plan, q, c, kernel, fault) != 0) {
		free(plan);
		return -1;
	}
	if (!plan || plan->kernel->prepare(plan) != 0) {
		free(plan);
		return fault_set(fault, "K", "no memory for the tables of the fields");
	}
	*out = plan;
	return 0;
}

void field_plan_free(struct field_plan *plan)
{
	if (!plan)
		return;
	plan->kernel->release(plan);
	free(plan);
}

const char *field_kernel_name(const struct field_plan *plan)
{
	return plan->kernel->name;
}

int field_alloc(struct field **out, const struct field_plan *plan)
{
	struct field *f = calloc(1, sizeof *f);

	*out = NULL;
	if (!f)
		return GSL_ENOMEM;
	f->plan = plan;
	f->w = plan->w;
	f->N = plan->N;
	f->sum = plan->kernel->sum;
	f->flip = plan->kernel->flip;
	f->spin = malloc((size_t)plan->N);
	if (!f->spin || plan->kernel->alloc(f) != 0) {
		free(f->spin);
		free(f);
		return GSL_ENOMEM;
	}
	memset(f->spin, 1, (size_t)plan->N);
	*out = f;
	return 0;
}

void field_free(struct field *f)
{
	if (!f)
		return;
	f->plan->kernel->free(f);
	free(f->spin);
	free(f);
}

void field_init(struct field *f, const int8_t *s)
{
	memmove(f->spin, s, (size_t)f->N);
	f->plan->kernel->init(f);
}

double field_energy(struct field *f)
{
	return -f->w * (double)f->plan->kernel->energy(f);
}

void field_overlaps(struct field *f, long row0, long count, int64_t *X)
{
	f->plan->kernel->overlaps(f, row0, count, X);
}

size_t field_saved_size(const struct field *f)
{
	return ((size_t)f->N + 7) / 8;
}

void field_save(const struct field *f, void *bytes)
{
	unsigned char *b = bytes;

	memset(b, 0, field_saved_size(f));
	for (int i = 0; i < f->N; i++)
		b[i / 8] |= (unsigned char)((f->spin[i] > 0) << (i % 8));
}

void field_load(struct field *f, const void *bytes)
{
	const unsigned char *b = bytes;

	for (int i = 0; i < f->N; i++)
		f->spin[i] = b[i / 8] >> (i % 8) & 1 ? 1 : -1;
	f->plan->kernel->init(f);
}
