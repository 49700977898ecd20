/* Tests the multitasking network: reference points, the map against the free energy, reported rows, losses,
 * extensive load.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitasking/network.h"
#include "tests/reference.h"
#include "tests/suite.h"

#include <gsl/gsl_errno.h>

extern const struct network multitasking_network;

static struct average *average;

static void setup(void)
{
	ck_assert_int_eq(average_alloc(&average, "auto"), GSL_SUCCESS);
}

static void teardown(void)
{
	average_free(average);
}

static enum learning learning_of(const char *word)
{
	return strcmp(word, "storage") == 0      ? STORAGE
	       : strcmp(word, "supervised") == 0 ? SUPERVISED
	                                         : UNSUPERVISED;
}

/* ---- rows with memory of their own, columns found by name */

struct answer {
	struct row row;
	void *memory[MAX_QUANTITIES];
};

static void solve(struct answer *a, const struct params *p, int points, int branches)
{
	const struct solve_options options = {.tolerance = 1e-10,
	                                      .own = {[MT_BRANCHES] = branches, [MT_STARTS] = 20}};
	ck_assert_int_eq(multitasking_network.check(p, &(struct fault){0}), 0);
	a->row = (struct row){
		.points = points, .branches = branches, .patterns = multitasking_network.patterns(p)};
	for (int i = 0; multitasking_network.quantities[i].name; i++) {
		const struct quantity *q = &multitasking_network.quantities[i];
		size_t n = quantity_count(q, &a->row);
		a->memory[i] = a->row.column[i] = calloc(n, quantity_size(q));
		for (size_t j = 0; q->type == REAL && j < n; j++)
			((double *)a->memory[i])[j] = NAN;
	}
	ck_assert_int_eq(multitasking_network.solve_row(average, p, &options, NULL, &a->row), GSL_SUCCESS);
}

static void forget(struct answer *a)
{
	for (int i = 0; multitasking_network.quantities[i].name; i++)
		free(a->memory[i]);
}

static int column(const char *name)
{
	int i = 0;
	while (multitasking_network.quantities[i].name &&
	       strcmp(multitasking_network.quantities[i].name, name) != 0)
		i++;
	ck_assert_msg(multitasking_network.quantities[i].name != NULL, "no quantity %s", name);
	return i;
}

static const double *real(const struct answer *a, const char *name)
{
	return a->memory[column(name)];
}

static const char *flag(const struct answer *a, const char *name, int i)
{
	int at = column(name);
	return multitasking_network.quantities[at].flags[((const int8_t *)a->memory[at])[i]];
}

static int count(const struct answer *a, const char *name, int i)
{
	return ((const int32_t *)a->memory[column(name)])[i];
}

/* ---- data/reference/multitask_points.txt */

static void compare(const struct answer *a, const char *name, int branch, int K, const struct reference *r,
                    int word)
{
	for (int k = 0; k < K; k++) {
		double value = real(a, name)[branch * K + k], known;
		if (strcmp(reference_word(r, word + k), "nan") == 0)
			continue;
		known = reference_real(r, word + k);
		ck_assert_msg(fabs(value - known) <= 1e-9, "%s[%d] K=%d d=%s T=%s rho=%s: %.15g, not %.15g",
		              name, k, K, r->word[2], r->word[3], r->word[6], value, known);
	}
}

START_TEST(test_reference_points)
{
	struct reference r;
	int points = 0;
	for (reference_open(&r, "multitask_points.txt"); reference_next(&r); points++) {
		struct answer a;
		int K = (int)reference_real(&r, 1), branch = 0, degenerate = (int)reference_real(&r, 8);
		struct params p = {.learning = learning_of(reference_word(&r, 0)),
		                   .K = K,
		                   .own[MT_D] = reference_real(&r, 2),
		                   .T = reference_real(&r, 3),
		                   .r = reference_real(&r, 4),
		                   .M = reference_real(&r, 5),
		                   .rho = reference_real(&r, 6)};
		solve(&a, &p, 1, 8);
		ck_assert_str_eq(flag(&a, "status", 0), "converged");
		if (degenerate && fabs(real(&a, "p")[0] - reference_real(&r, 11)) > 1e-9)
			branch = 1;
		ck_assert_str_eq(flag(&a, "degenerate", branch), degenerate ? "yes" : "no");
		ck_assert_str_eq(flag(&a, "global_minimum", branch), "yes");
		ck_assert_str_eq(flag(&a, "phase", branch), reference_word(&r, 7));
		ck_assert_double_eq_tol(real(&a, "free_energy")[branch], reference_real(&r, 9), 1e-9);
		ck_assert_double_eq_tol(real(&a, "energy")[branch], reference_real(&r, 10), 1e-9);
		compare(&a, "p", branch, K, &r, 11);
		compare(&a, "m", branch, K, &r, 11 + K);
		compare(&a, "hessian_eigenvalue", branch, K, &r, 11 + 2 * K);
		compare(&a, "example_stability", branch, K, &r, 11 + 3 * K);
		ck_assert_double_le(real(&a, "residual")[branch], 1e-10);
		forget(&a);
	}
	reference_close(&r);
	ck_assert_int_eq(points, 29);
}
END_TEST

/* ---- equations */

static const struct params cases[] = {
	{.K = 3, .own[MT_D] = 0.4, .T = 0.3, .r = 1},
	{.K = 3, .own[MT_D] = 0.4, .T = 0.2, .r = 1, .rho = 0.2, .learning = SUPERVISED},
	{.K = 2, .own[MT_D] = 0.5, .T = 0, .r = 1, .rho = 0.2, .learning = SUPERVISED},
	{.K = 2, .own[MT_D] = 0.4, .T = 0.2, .r = 0.5, .M = 9, .rho = 1 / 3.0, .learning = UNSUPERVISED},
	{.own[MT_L] = 2, .gamma = 0.01, .own[MT_D] = 0.2, .T = 0.3, .r = 1},
	{.own[MT_L] = 2, .gamma = 0.02, .own[MT_D] = 0.3, .T = 0, .r = 1},
	{.own[MT_L] = 1,
         .gamma = 0.005,
         .own[MT_D] = 0.1,
         .T = 0,
         .r = 0.8,
         .M = 10,
         .rho = 0.05625,
         .learning = UNSUPERVISED},
	{.own[MT_L] = 2,
         .gamma = 0.005,
         .own[MT_D] = 0.1,
         .T = 0.4,
         .r = 0.8,
         .M = 10,
         .rho = 0.05625,
         .learning = UNSUPERVISED},
};
enum { CASES = sizeof cases / sizeof *cases };

/* The Jacobian is the derivative of the map. */
START_TEST(test_jacobian)
{
	for (int k = 0; k < CASES; k++) {
		const struct params *p = &cases[k];
		int n = multitasking_network.equations->size(p);
		double x[] = {0.8, 0.35, 0.3}, fx[3], up[3], down[3], jac[9], step = 1e-5;
		if (p->K == 0)
			x[(int)p->own[MT_L]] = 0.2;
		ck_assert_int_eq(multitasking_network.equations->map(average, p, x, fx, jac), GSL_SUCCESS);
		for (int j = 0; j < n; j++) {
			double at = x[j];
			x[j] = at + step;
			ck_assert_int_eq(multitasking_network.equations->map(average, p, x, up, NULL),
			                 GSL_SUCCESS);
			x[j] = at - step;
			ck_assert_int_eq(multitasking_network.equations->map(average, p, x, down, NULL),
			                 GSL_SUCCESS);
			x[j] = at;
			for (int i = 0; i < n; i++)
				ck_assert_double_eq_tol(jac[i * n + j], (up[i] - down[i]) / (2 * step),
				                        2e-8 * (1 + fabs(jac[i * n + j])));
		}
	}
}
END_TEST

/* Fixed points of the map are stationary points of the free energy, and u = d(f/T)/d(1/T). */
START_TEST(test_stationary)
{
	for (int k = 0; k < CASES; k++) {
		struct params p = cases[k];
		struct mt_point pt = mt_point(&p);
		struct mt_solution s;
		double start[] = {0.95, 0.5, 0.3}, up, down, step = 1e-5;
		if (p.K == 0)
			start[(int)p.own[MT_L]] = 0;
		ck_assert_int_eq(mt_descend(average, &pt, 1e-11, start, &s), GSL_SUCCESS);
		ck_assert_double_gt(s.x[0], 0.5);
		for (int j = 0; j < mt_size(&pt); j++) {
			double x[3];
			memcpy(x, s.x, sizeof x);
			x[j] = s.x[j] + step;
			ck_assert_int_eq(multitasking_network.equations->free_energy(average, &p, x, &up),
			                 GSL_SUCCESS);
			x[j] = s.x[j] - step;
			ck_assert_int_eq(multitasking_network.equations->free_energy(average, &p, x, &down),
			                 GSL_SUCCESS);
			ck_assert_double_eq_tol((up - down) / (2 * step), 0, 1e-9);
		}
		double u = mt_energy(&pt, s.x);
		if (p.T == 0) {
			ck_assert_double_eq_tol(u, s.f, 1e-9);
			continue;
		}
		double T = pt.T, f[2];
		for (int side = 0; side < 2; side++) {
			struct mt_solution near;
			pt.T = 1 / (1 / T + (side ? 1e-4 : -1e-4));
			ck_assert_int_eq(mt_descend(average, &pt, 1e-11, s.x, &near), GSL_SUCCESS);
			f[side] = near.f / pt.T;
		}
		ck_assert_double_eq_tol((f[1] - f[0]) / 2e-4, u, 1e-7);
	}
}
END_TEST

/* The eigenvalues are those of finite differences of the free energy. */
START_TEST(test_hessian)
{
	struct params p = cases[1];
	struct answer a;
	solve(&a, &p, 1, 1);
	double trace = 0, sum = 0, c = (1 - p.own[MT_D]) * (1 + p.rho), step = 1e-3, f[2], f0;
	for (int j = 0; j < 3; j++) {
		double x[3];
		for (int side = 0; side < 2; side++) {
			memcpy(x, real(&a, "p"), sizeof x);
			x[j] += side ? step : -step;
			ck_assert_int_eq(
				multitasking_network.equations->free_energy(average, &p, x, &f[side]),
				GSL_SUCCESS);
		}
		f0 = real(&a, "free_energy")[0];
		trace += (f[0] + f[1] - 2 * f0) / (step * step * c);
		sum += real(&a, "hessian_eigenvalue")[j];
	}
	ck_assert_double_eq_tol(trace, sum, 1e-4);
	forget(&a);
}
END_TEST

/* ---- reports */

/* At T = 0 in storage p_k = d^(k-1), m_k = d^(k-1) (1 - d). */
START_TEST(test_power_laws)
{
	struct params p[20];
	struct answer a;
	for (int i = 0; i < 20; i++)
		p[i] = (struct params){.K = 6, .own[MT_D] = 0.02 + 0.024 * i, .r = 1};
	solve(&a, p, 20, 2);
	for (int i = 0; i < 20; i++)
		for (int k = 0; k < 6; k++) {
			ck_assert_str_eq(flag(&a, "phase", 2 * i), "hierarchical");
			ck_assert_double_eq_tol(real(&a, "p")[i * 12 + k], pow(p[i].own[MT_D], k), 1e-13);
			ck_assert_double_eq_tol(real(&a, "m")[i * 12 + k],
			                        pow(p[i].own[MT_D], k) * (1 - p[i].own[MT_D]), 1e-13);
		}
	forget(&a);
}
END_TEST

/* d = 0, K = 3 is the Hopfield model: pure states and the 3-mixture (1/2, 1/2, 1/2). */
START_TEST(test_hopfield)
{
	struct params p = {.K = 3, .r = 1};
	struct answer a;
	solve(&a, &p, 1, 8);
	ck_assert_int_eq(count(&a, "n_minima", 0), 2);
	ck_assert_double_eq_tol(real(&a, "p")[0], 1, 1e-14);
	ck_assert_str_eq(flag(&a, "phase", 0), "pure");
	for (int k = 0; k < 3; k++)
		ck_assert_double_eq_tol(real(&a, "p")[3 + k], 0.5, 1e-14);
	ck_assert_str_eq(flag(&a, "status", 2), "none");
	ck_assert(isnan(real(&a, "p")[6]));
	ck_assert_str_eq(flag(&a, "incomplete", 0), "no");
	forget(&a);
}
END_TEST

/* H in terms of the losses, exactly: storage, supervised, unsupervised. */
START_TEST(test_losses)
{
	for (int learning = STORAGE; learning <= UNSUPERVISED; learning++) {
		struct params p = {
			.learning = (enum learning)learning, .K = 3, .own[MT_D] = 0.4, .T = 0.1, .r = 1};
		struct answer a;
		if (learning != STORAGE) {
			p.r = 0.6;
			p.M = 40;
			p.rho = 0.64 / (40 * 0.36);
		}
		solve(&a, &p, 1, 1);
		ck_assert_double_eq_tol(real(&a, "cost")[0], real(&a, "energy")[0], 1e-13);
		for (int k = 0; k < 3; k++) {
			double plus = real(&a, "archetype_loss_plus")[k],
			       minus = real(&a, "archetype_loss_minus")[k];
			double m = real(&a, "m")[k];
			ck_assert_double_eq_tol(
				m * m, 0.25 * (2 - p.own[MT_D]) * (2 - p.own[MT_D]) - plus * minus, 1e-14);
			ck_assert_double_ge(plus,
			                    /* reached iff s = xi wherever xi is not 0 */
			                    0.5 * p.own[MT_D] - 1e-12);
		}
		forget(&a);
	}
}
END_TEST

/* Axes can be extended: the result of a point does not depend on its neighbours. */
START_TEST(test_alone)
{
	struct params p[3];
	struct answer row, alone;
	for (int i = 0; i < 3; i++)
		p[i] = (struct params){.K = 5, .own[MT_D] = 0.4 + 0.04 * i, .T = 0.02, .r = 1};
	solve(&row, p, 3, 8);
	for (int i = 0; i < 3; i++) {
		solve(&alone, &p[i], 1, 8);
		ck_assert_mem_eq(real(&alone, "p"), real(&row, "p") + 40 * i, 40 * sizeof(double));
		ck_assert_int_eq(count(&alone, "n_minima", 0), count(&row, "n_minima", i));
		forget(&alone);
	}
	ck_assert_str_eq(flag(&row, "incomplete", 0), "yes");
	forget(&row);
}
END_TEST

/* Near the ergodic line, (M4) expanded: p^2 = (1 - T) times 3 for the pure state, 3/(1 + 3 (n-1)(1-d)) ...
 * with n = 3 for the parallel one; each overlap exactly 0 or equal. */
START_TEST(test_critical)
{
	for (double gap = 1e-4; gap > 1e-10; gap *= 0.01) {
		struct params p[] = {{.K = 3, .own[MT_D] = 0.3, .T = 1 - gap, .r = 1},
		                     {.K = 3, .own[MT_D] = 0.7, .T = 1 - gap, .r = 1}};
		const double square[] = {3 * gap, 3 * gap / (1 + 6 * 0.3)};
		struct answer a;
		for (int i = 0; i < 2; i++) {
			solve(&a, &p[i], 1, 1);
			ck_assert_int_eq(count(&a, "n_minima", 0), 1);
			ck_assert_str_eq(flag(&a, "phase", 0), i ? "parallel" : "pure");
			ck_assert_double_eq_tol(real(&a, "p")[0] * real(&a, "p")[0] / square[i], 1,
			                        3 * gap + 1e-5);
			ck_assert(real(&a, "p")[1] == (i ? real(&a, "p")[0] : 0));
			forget(&a);
		}
	}
}
END_TEST

/* The limit T -> 0 for arbitrarily small T, and overlaps d^(k-1) for arbitrarily small d. */
START_TEST(test_limits)
{
	const struct params zero[] = {
		{.K = 3, .own[MT_D] = 0.3, .r = 1},
		{.K = 8, .own[MT_D] = 0.05, .r = 1},
		{.K = 4, .own[MT_D] = 1e-4, .r = 1},
		{.K = 6, .own[MT_D] = 0.12, .r = 1, .rho = 0.1, .learning = SUPERVISED},
		{.K = 2, .own[MT_D] = 0.4, .r = 0.5, .M = 9, .rho = 1 / 3.0, .learning = UNSUPERVISED}};
	for (int k = 0; k < 5; k++) {
		struct answer a, b;
		solve(&a, &zero[k], 1, 1);
		ck_assert_str_eq(flag(&a, "phase", 0), "hierarchical");
		for (int i = 0; i < zero[k].K && zero[k].rho == 0; i++)
			ck_assert_double_eq_tol(real(&a, "p")[i], pow(zero[k].own[MT_D], i), 1e-15);
		for (double T = 1e-5; T > 1e-9; T *= 1e-3) {
			struct params p = zero[k];
			p.T = T;
			solve(&b, &p, 1, 1);
			for (int i = 0; i < p.K; i++) /* patterns weaker than T are lost */
				ck_assert_double_eq_tol(real(&a, "p")[i], real(&b, "p")[i], 2 * T);
			forget(&b);
		}
		forget(&a);
	}
}
END_TEST

/* With few examples at T = 0 the fields lie on a lattice and there are minima almost everywhere: the list
 * does not claim to be complete. */
START_TEST(test_incomplete)
{
	struct params p[] = {
		{.K = 4, .own[MT_D] = 0, .r = 0.2, .M = 4, .rho = 6, .learning = SUPERVISED},
		{.K = 4, .own[MT_D] = 0, .r = 0.2, .M = 4, .rho = 6, .T = 1.3, .learning = SUPERVISED},
		{.K = 4, .own[MT_D] = 0.1, .r = 1}};
	const char *incomplete[] = {"yes", "no", "no"};
	for (int i = 0; i < 3; i++) {
		struct answer a;
		solve(&a, &p[i], 1, 1);
		ck_assert_str_eq(flag(&a, "incomplete", 0), incomplete[i]);
		forget(&a);
	}
}
END_TEST

/* Degenerate also if the other solution is not in the list. */
START_TEST(test_degenerate)
{
	struct params p = {.K = 4, .own[MT_D] = 0.8, .r = 1};
	struct answer a;
	solve(&a, &p, 1, 1);
	ck_assert_str_eq(flag(&a, "degenerate", 0), "yes");
	forget(&a);
}
END_TEST

/* Power laws at T = 0 with many patterns and examples: the slow methods, without gaps. */
START_TEST(test_many_patterns)
{
	const struct params p[] = {
		{.K = 12, .own[MT_D] = 0.45, .r = 1},
		{.K = 12, .own[MT_D] = 0.6, .r = 1, .rho = 0.2, .learning = SUPERVISED},
		{.K = 5, .own[MT_D] = 0.6, .r = 0.5, .M = 30, .rho = 0.1, .learning = SUPERVISED}};
	const char *phase[] = {"hierarchical", "parallel", "mixed"};
	for (int k = 0; k < 3; k++) {
		struct answer a;
		solve(&a, &p[k], 1, 1);
		ck_assert_str_eq(flag(&a, "phase", 0), phase[k]);
		for (int i = 0; k == 0 && i < 12; i++)
			ck_assert_double_eq_tol(real(&a, "p")[i], pow(0.45, i), 1e-14);
		forget(&a);
	}
}
END_TEST

/* ---- extensive load: m of the replica-symmetric equations that simulations of 4000 spins confirm */

START_TEST(test_extensive)
{
	const struct {
		enum learning learning;
		double d, T, gamma, r, M, m;
	} known[] = {
		{SUPERVISED, 0, 0.3, 0.03, 0.6, 20, 0.9541},
		{UNSUPERVISED, 0, 0.3, 0.03, 0.6, 20, 0.9516},
		{SUPERVISED, 0.1, 0.4, 0.02, 0.8, 10, 0.9350},
		{UNSUPERVISED, 0.1, 0.4, 0.02, 0.8, 10, 0.9347},
		{SUPERVISED, 0, 0.3, 0.01, 0.25, 60, 0.8743},
		{UNSUPERVISED, 0, 0.3, 0.01, 0.25, 60, 0.8488},
		{SUPERVISED, 0, 0.3, 0.02, 0.45, 30, 0.9375},
		{UNSUPERVISED, 0, 0.3, 0.02, 0.45, 30, 0.9315},
		{STORAGE, 0.2, 0.5, 0.01, 1, 0, 0.9426},
		{STORAGE, 0.2, 0.4, 0.03, 1, 0, 0.9472},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct params p = {.learning = known[i].learning,
		                   .own[MT_L] = 1,
		                   .own[MT_D] = known[i].d,
		                   .T = known[i].T,
		                   .gamma = known[i].gamma,
		                   .r = known[i].r,
		                   .M = known[i].M};
		struct answer a;
		p.rho = p.M > 0 ? (1 - p.r * p.r) / (p.M * p.r * p.r) : 0;
		solve(&a, &p, 1, 8);
		int b = 0;
		while (b < 7 && strcmp(flag(&a, "phase", b), "pure") != 0)
			b++;
		ck_assert_str_eq(flag(&a, "phase", b), "pure");
		ck_assert_msg(fabs(real(&a, "m")[b] / (1 - p.own[MT_D]) - known[i].m) < 6e-5,
		              "m/(1-d) %zu: %.6f, not %.4f", i, real(&a, "m")[b] / (1 - p.own[MT_D]),
		              known[i].m);
		ck_assert_double_eq_tol(real(&a, "q")[b], 1 - p.T * real(&a, "C")[b], 1e-10);
		forget(&a);
	}
}
END_TEST

/* At T = 0 the glass is there at every load, and retrieval up to the capacity (d = 0: AGS; d = 0.2:
 * 0.0537). */
START_TEST(test_load)
{
	const double d[] = {0, 0.2}, capacity[] = {0.137905, 0.053668};
	for (int i = 0; i < 2; i++)
		for (double ratio = 0.1; ratio < 3; ratio *= 1.07) {
			struct params p = {
				.own[MT_L] = 1, .gamma = ratio * capacity[i], .own[MT_D] = d[i], .r = 1};
			struct answer a;
			solve(&a, &p, 1, 2);
			int n = count(&a, "n_minima", 0),
			    pure = n == 2 && strcmp(flag(&a, "phase", 1), "pure") == 0;
			ck_assert_int_eq(n, ratio < 1 ? 2 : 1);
			ck_assert_str_eq(flag(&a, "phase", pure ? 0 : n - 1), "glass");
			ck_assert_str_eq(flag(&a, "phase", pure ? 1 : 0), ratio < 1 ? "pure" : "glass");
			forget(&a);
		}
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *all = suite_case(suite, "all", 60);

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, test_reference_points);
	tcase_add_test(all, test_jacobian);
	tcase_add_test(all, test_stationary);
	tcase_add_test(all, test_hessian);
	tcase_add_test(all, test_power_laws);
	tcase_add_test(all, test_hopfield);
	tcase_add_test(all, test_losses);
	tcase_add_test(all, test_alone);
	tcase_add_test(all, test_critical);
	tcase_add_test(all, test_limits);
	tcase_add_test(all, test_incomplete);
	tcase_add_test(all, test_degenerate);
	tcase_add_test(all, test_many_patterns);
	tcase_add_test(all, test_extensive);
	tcase_add_test(all, test_load);
}
