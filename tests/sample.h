/* Samples with every kind of row, and their fields, for the tests of the fields.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_TESTS_SAMPLE_H
#define MATTIS_TESTS_SAMPLE_H

#include <check.h>

#include "montecarlo/field/field.h"

struct shape {
	enum learning learning;
	int N;
	long K;
	int M;
	double r, d;
};

static inline void make_sample(struct quenched *q, const struct shape *shape, uint64_t sample)
{
	struct disorder of = {.seed = 5,
	                      .sample = sample,
	                      .N = shape->N,
	                      .K = shape->K,
	                      .M = shape->M,
	                      .r = shape->r,
	                      .d = shape->d,
	                      .learning = shape->learning};
	struct fault fault;

	ck_assert_int_eq(quenched_shape(q, &of, &fault), 0);
	ck_assert_int_eq(quenched_fill(q, NULL, &fault), 0);
}

/* Makes a field with its own plan; forget_field frees both. */
static inline struct field *make_field(const struct quenched *q, const struct couplings *c,
                                       const char *kernel)
{
	struct field_plan *plan;
	struct field *f;
	struct fault fault;

	ck_assert_msg(field_plan_alloc(&plan, q, c, kernel, &fault) == 0, "%s: %s", kernel, fault.why);
	ck_assert_int_eq(field_alloc(&f, plan), 0);
	return f;
}

static inline void forget_field(struct field *f)
{
	struct field_plan *plan = (struct field_plan *)(uintptr_t)f->plan;
	field_free(f);
	field_plan_free(plan);
}

#endif
