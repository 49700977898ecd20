/* Points of the dense network and their solutions, for the suites that test it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_DENSE_POINTS_H
#define TESTS_DENSE_POINTS_H

#include "tests/answer.h"

static struct average *average;

static inline void setup(void)
{
	ck_assert_int_eq(average_alloc(&average, "auto"), GSL_SUCCESS);
}

static inline void teardown(void)
{
	average_free(average);
}

static inline struct params storage(int P, double T, double gamma)
{
	return (struct params){.learning = STORAGE, .P = P, .T = T, .gamma = gamma, .r = 1};
}

static inline struct params noisy(int P, double T, double gamma, double rho)
{
	struct params p = storage(P, T, gamma);
	p.learning = SUPERVISED;
	p.rho = rho;
	return p;
}

static inline struct params examples(enum learning learning, int P, double T, double gamma, double M,
                                     double r)
{
	struct params p = noisy(P, T, gamma, (1 - r * r) / (M * r * r));
	p.learning = learning;
	p.M = M;
	p.r = r;
	return p;
}

/* Adds noise on the synapses, of this load at N spins. */
static inline struct params synapses(struct params p, double N, double load)
{
	p.N = N;
	p.own[DENSE_OMEGA] = sqrt(2 * load * pow(N, p.P - 1) / tgamma(p.P + 1.0));
	return p;
}

/* Adds noise w sqrt(N) on pairs, and kappa N + 1 patterns. */
static inline struct params pairs(struct params p, double w, double N, double kappa)
{
	p.own[DENSE_W] = w;
	p.N = N;
	p.gamma = kappa > 0 ? 12 / (N * N) * (kappa + 1 / N) : 0;
	return p;
}

static inline void solve(struct answer *a, const struct params *p, int points)
{
	answer_solve(a, average, (struct solve_options){0}, p, points);
}

enum { RETRIEVAL, GLASS, ERGODIC };

/* Solves one point; aborts if it has no retrieval solution. */
static inline void retrieval(struct answer *a, struct params p)
{
	solve(a, &p, 1);
	ck_assert_int_eq(answer_status(a, 0, RETRIEVAL), CONVERGED);
	ck_assert_double_lt(answer_value(a, "residual", 0, RETRIEVAL), 1e-10);
}

#endif
