/* Exact fields: plans and configurations on top of the kernels.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/kernel.h"

void *kernel_alloc(size_t bytes)
{
	void *p = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);

	if (p)
		memset(p, 0, bytes);
	return p;
}

void kernel_overlaps(struct field *f, long row0, long count, int64_t *X)
{
	for (long r = 0; r < count; r++) {
		X[r] = 0;
		for (int i = 0; i < f->N; i++)
			X[r] += quenched_entry(f->plan->quenched, row0 + r, i) * f->spin[i];
	}
}

static inline int64_t disagree(const unsigned char *a, const unsigned char *b, size_t words)
{
	int64_t sum = 0;
	for (size_t k = 0; k < words; k++) {
		uint64_t x, y;
		memcpy(&x, a + 8 * k, sizeof x);
		memcpy(&y, b + 8 * k, sizeof y);
		sum += __builtin_popcountll(x ^ y);
	}
	return sum;
}

#if defined __x86_64__
#include <immintrin.h>

__attribute__((target("popcnt"))) static int64_t disagree_popcnt(const void *a, const void *b, size_t words)
{
	return disagree(a, b, words);
}

__attribute__((target("avx512f,avx512vpopcntdq"))) static int64_t disagree_avx512(const uint64_t *a, const uint64_t *b, size_t words)
{
	__m512i sum = _mm512_setzero_si512();
	for (size_t k = 0; k < words; k += 8)
		sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(a + k),
		                                                                 _mm512_loadu_si512(b + k))));
	return _mm512_reduce_add_epi64(sum);
}
#endif

int64_t kernel_disagree(const void *a, const void *b, size_t words)
{
#if defined __x86_64__
	if (__builtin_cpu_supports("avx512vpopcntdq"))
		return disagree_avx512(a, b, words);
	if (__builtin_cpu_supports("popcnt"))
		return disagree_popcnt(a, b, words);
#endif
	return disagree(a, b, words);
}

size_t kernel_rows(const struct field_plan *plan)
{
	return ((size_t)plan->quenched->rows + 511) / 512 * 512;
}

void kernel_coefficients(int128 *coef, const struct field_plan *plan)
{
	int128 binomial = 1, power = 1;

	for (int j = 1; j <= plan->P; j++) {
		binomial = binomial * (plan->P - j + 1) / j;
		coef[j] = plan->couplings.diagonal ? power * binomial : 1;
		power *= 2;
	}
}

void kernel_binary(int128 *c, const struct field_plan *plan, int64_t X)
{
	c[0] = 1;
	for (int k = 1; k <= plan->P; k++) {
		c[k] = X * c[k - 1];
		if (!plan->couplings.diagonal)
			c[k] = (c[k] - (k > 1 ? (plan->N - k + 2) * c[k - 2] : 0)) / k;
	}
}

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
	fault->key = "kernel";
	snprintf(fault->why, sizeof fault->why, "%.40s %s", name,
	         !known   ? "is not a kernel of this program"
	         : !suits ? "cannot do these rows (see auto)"
	                  : "needs instructions that this CPU does not have");
	return NULL;
}

int field_choose(struct field_plan *plan, const struct quenched *q, const struct couplings *c, const char *kernel,
                 struct fault *fault)
{
	double factorial = 1, largest;

	*plan = (struct field_plan){.quenched = q, .couplings = *c, .N = q->N, .P = c->P};
	if (c->P < 2 || c->P > P_MAX || q->N < c->P) {
		fault->key = c->P < 2 || c->P > P_MAX ? "P" : "N";
		snprintf(fault->why, sizeof fault->why,
		         c->P < 2 || c->P > P_MAX ? "must be between 2 and %d in a simulation" : "must be at least P",
		         P_MAX);
		return -1;
	}
	for (int k = 2; k <= c->P; k++)
		factorial *= k;
	/* sums of P terms of this size, and twice that, stay below 2^127 */
	largest = pow((double)q->N * q->entry_max + 2.0 * q->entry_max, c->P) * (c->diagonal ? 1 : 1 / factorial);
	if (largest * (double)q->rows * c->P * 16 > 0x1p126) {
		fault->key = "N";
		snprintf(fault->why, sizeof fault->why, "N^P K%s is too large for exact sums of 127 bits (P=%d, N=%d)",
		         q->entry_max > 1 ? " M^P" : "", c->P, q->N);
		return -1;
	}
	plan->w = c->w / (c->diagonal ? factorial : 1);
	for (int k = 0; k < c->P; k++)
		plan->w *= q->unit;
	if (c->pair_noise > 0) {
		plan->kernel = &kernel_halves;
		return halves_check(plan, kernel, fault);
	}
	if (strcmp(kernel, kernel_tensor.name) == 0) {
		plan->kernel = &kernel_tensor;
		return tensor_check(plan, fault);
	}
	if (c->noise > 0) {
		fault->key = "omega";
		snprintf(fault->why, sizeof fault->why,
		         "noise on every coupling needs simulate.field: tensor (P = 2, 3, 4); else K + omega^2 patterns are as good at large N");
		return -1;
	}
	plan->kernel = choose(plan, kernel, fault);
	return plan->kernel ? 0 : -1;
}

void field_memory(const struct field_plan *plan, size_t *shared, size_t *each)
{
	plan->kernel->memory(plan, shared, each);
	*each += sizeof(struct field) + (size_t)plan->N;
}

/* Without a model of its own a kernel reads its tables: those of a site for a field. */
double field_cost(const struct field_plan *plan, double *preparation)
{
	size_t shared, each;

	field_memory(plan, &shared, &each);
	*preparation = plan->kernel == &kernel_pair ? pair_building(plan) + (double)shared : 6.0 * (double)shared;
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

int field_plan_alloc(struct field_plan **out, const struct quenched *q, const struct couplings *c, const char *kernel,
                     struct fault *fault)
{
	struct field_plan *plan = malloc(sizeof *plan);

	*out = NULL;
	if (plan && field_choose(plan, q, c, kernel, fault) != 0) {
		free(plan);
		return -1;
	}
	if (!plan || plan->kernel->prepare(plan) != 0) {
		free(plan);
		fault->key = "K";
		snprintf(fault->why, sizeof fault->why, "no memory for the tables of the fields");
		return -1;
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
