/* The sample of a task; contract in instance.h.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/chain/instance.h"

#include <math.h>
#include <stdlib.h>

#include "montecarlo/disorder/share.h"

/* Pattern mu and the sums of its rows, so that measuring n costs as much as measuring m. */
static int follow(struct instance *x, int mu)
{
	const struct quenched *q = &x->quenched;
	const size_t first = (size_t)mu * (size_t)q->N;

	for (int i = 0; i < q->N; i++)
		for (long a = 0; a < q->rows_per_pattern; a++)
			x->sum[first + (size_t)i] += quenched_entry(q, mu * (long)q->rows_per_pattern + a, i);
	return quenched_pattern(q, mu, x->xi + first);
}

int instance_init(struct instance *x, const struct protocol *protocol, const struct task *task,
                  struct fault *fault)
{
	*x = (struct instance){.protocol = protocol, .task = *task, .shape = task_shape(protocol)};
	if (task_prepare(&x->quenched, &x->couplings, protocol, task, fault) != 0)
		return -1;
	x->condensed = task_condensed(protocol, task->p);
	if (x->condensed > x->shape.patterns)
		x->condensed = x->shape.patterns;
	size_t entries = (size_t)x->condensed * (size_t)x->quenched.N;
	x->xi = malloc(entries);
	x->sum = calloc(entries, sizeof *x->sum);
	if (!x->xi || !x->sum)
		return fault_set(fault, "N", "no memory for the patterns");
	if (share_fill(protocol->share, &x->quenched, fault) != 0)
		return -1;
	for (int mu = 0; mu < x->condensed; mu++)
		if (follow(x, mu) != 0)
			return fault_set(fault, "N", "no memory for the patterns");
	return 0;
}

void instance_free(struct instance *x)
{
	share_release(x->protocol->share, &x->quenched);
	free(x->xi);
	free(x->sum);
}

/* Keyed by values, so that a point has the same random numbers in every grid. */
struct rng_key instance_key(const struct instance *x, double T, int replica)
{
	const struct params *p = x->task.p;
	const struct disorder *of = &x->quenched.of;
	double value[] = {p->P,  of->N,        (double)of->K,         of->r, of->M,
	                  of->d, of->learning, x->couplings.diagonal, T};
	return rng_dynamics(x->protocol->seed, value, (int)(sizeof value / sizeof value[0]), x->task.sample,
	                    (uint64_t)(x->protocol->first + replica));
}

double instance_dot(const int8_t *a, const int8_t *b, int N)
{
	long sum = 0;
	for (int i0 = 0; i0 < N; i0 += 1 << 16) { /* in pieces whose sums fit an int */
		int piece = 0, end = N - i0 < 1 << 16 ? N : i0 + (1 << 16);
		for (int i = i0; i < end; i++)
			piece += a[i] * b[i];
		sum += piece;
	}
	return (double)sum;
}

void instance_overlaps(double *m, double *n, const struct instance *x, const int8_t *spin)
{
	const struct quenched *q = &x->quenched;

	for (int mu = 0; mu < x->condensed; mu++) {
		const int32_t *row = x->sum + (size_t)mu * (size_t)q->N;
		int64_t sum = 0;
		for (int i = 0; i < q->N; i++)
			sum += row[i] * spin[i];
		m[mu] = instance_dot(x->xi + (size_t)mu * (size_t)q->N, spin, q->N) / q->N;
		n[mu] = x->couplings.signal * q->unit * (double)sum / q->rows_per_pattern / q->N;
	}
}

void instance_mean_overlaps(double *m, double *n, const struct instance *x, const double *magnetisation)
{
	const int N = x->quenched.N;
	const double unit = x->couplings.signal * x->quenched.unit;

	for (long mu = 0; mu < x->shape.patterns; mu++) {
		bool known = mu < x->condensed;
		m[mu] = n[mu] = known ? 0 : NAN;
		for (int i = 0; i < N && known; i++) {
			m[mu] += x->xi[mu * N + i] * magnetisation[i] / N;
			n[mu] += unit * x->sum[mu * N + i] / x->quenched.rows_per_pattern * magnetisation[i] /
			         N;
		}
	}
}

void instance_result(const struct instance *x, double *result)
{
	const int N = x->quenched.N;

	result[RESULT_K] = (double)x->quenched.of.K;
	result[RESULT_GAMMA] = params_load(x->task.p, (double)x->quenched.of.K);
	if (x->couplings.retrieval != 0)
		result[RESULT_P_OF_N] = x->couplings.retrieval / x->couplings.signal;
	for (int mu = 0; mu < x->condensed; mu++) {
		const int8_t *xi = x->xi + (size_t)mu * (size_t)N;
		result[record_offset_norm(&x->shape, mu)] = instance_dot(xi, xi, N) / N;
	}
}
