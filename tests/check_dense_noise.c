/* Tests the dense network with noise on its synapses and on the pairs of its patterns.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/dense_points.h"
#include "tests/suite.h"

/* P >= 3: noise on the synapses is load, all numbers and the phase; the spinodal moves by that load. */
START_TEST(noise_on_synapses_is_load)
{
	const enum learning learning[] = {SUPERVISED, UNSUPERVISED};
	for (int i = 0; i < 4; i++) {
		enum { N = 30 };
		struct params noisy_p[N], same[N], p = examples(learning[i % 2], 3 + i / 2, 0.2, 0, 5, 0.8);
		struct answer a, b;
		const double g = dense_noise(&p).g, load = 0.05;
		for (int k = 0; k < N; k++) {
			noisy_p[k] = synapses(p, 700, load);
			noisy_p[k].gamma = 0.01 * k;
			same[k] = p;
			same[k].gamma = 0.01 * k + load / g;
		}
		solve(&a, noisy_p, N);
		solve(&b, same, N);
		for (int k = 0; k < N; k++) {
			ck_assert_str_eq(answer_phase(&a, k), answer_phase(&b, k));
			for (int branch = RETRIEVAL; branch <= ERGODIC; branch++) {
				ck_assert_int_eq(answer_status(&a, k, branch), answer_status(&b, k, branch));
				for (int c = 0; c < answer_column("residual") &&
				                answer_status(&a, k, branch) == CONVERGED;
				     c++) {
					const char *name = dense_network.quantities[c].name;
					ck_assert_double_eq_tol(answer_value(&a, name, k, branch),
					                        answer_value(&b, name, k, branch), 1e-11);
				}
			}
		}
		struct dense_fold fold[2] = {{0}, {0}};
		same[0].gamma = 0;
		ck_assert_int_eq(dense_spinodal(average, &noisy_p[0], &fold[0]), GSL_SUCCESS);
		ck_assert_int_eq(dense_spinodal(average, &same[0], &fold[1]), GSL_SUCCESS);
		ck_assert_double_eq_tol(fold[0].gamma, fold[1].gamma - load / g, 1e-9);
		answer_free(&a);
		answer_free(&b);
	}
}
END_TEST

/* P = 2, few patterns: the ferromagnet of Sherrington and Kirkpatrick with J_0 = 1 and J^2 = load: at T = 0
 * m = q at T = J^2 (Nishimori), glass below T = J, and at T = 0 m = erf(m/(J sqrt 2)). */
START_TEST(noise_on_synapses_of_hopfield)
{
	struct answer a;
	for (double load = 0.1; load < 0.7; load += 0.1) {
		retrieval(&a, synapses(storage(2, load, 0), 1e6, load));
		ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0), answer_value(&a, "q", 0, 0), 1e-12);
		answer_free(&a);
		retrieval(&a, synapses(storage(2, 0, 0), 1e6, load));
		ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0),
		                        erf(answer_value(&a, "m", 0, 0) / sqrt(2 * load)), 1e-12);
		answer_free(&a);
		for (int side = -1; side <= 1; side += 2) {
			struct params p = synapses(storage(2, sqrt(load) * (1 + side * 1e-4), 0), 1e6, load);
			solve(&a, &p, 1);
			ck_assert_int_eq(answer_status(&a, 0, GLASS), side < 0 ? CONVERGED : NONE);
			ck_assert_int_eq(answer_status(&a, 0, ERGODIC), CONVERGED);
			answer_free(&a);
		}
		/* SK at T = 0, replica symmetric: -sqrt(2/pi) J */
		struct params p = synapses(storage(2, 0, 0), 1e6, load);
		solve(&a, &p, 1);
		ck_assert_double_eq_tol(answer_value(&a, "energy", 0, GLASS), -sqrt(2 * load / M_PI), 1e-12);
		answer_free(&a);
	}
	/* beyond the end at 2/pi: no ferromagnet */
	struct params strong = synapses(storage(2, 0, 0), 1e6, 0.7);
	solve(&a, &strong, 1);
	ck_assert_int_eq(answer_status(&a, 0, RETRIEVAL), NONE);
	ck_assert_str_eq(answer_phase(&a, 0), "glass");
	answer_free(&a);
}
END_TEST

/* Solves (S11) for one pattern by plain iteration of m, q and p, with its own average. */
static void pairs_by_iteration(double *m, double *q, double *p, double T, double w)
{
	*m = *q = 1;
	for (int i = 0; i < 3000; i++) {
		*p = *m * *m / 2 / (1 - 2 * w * w / T * (1 - *q * *q));
		double A = 4 / T * *p * *m, J = 4 / T * w * *p, sd = J * sqrt(*q), weight = 0;
		*m = *q = 0;
		for (double z = -9; z < 9; z += 0.02) {
			double t = tanh(A + sd * z), e = exp(-z * z / 2);
			weight += e;
			*m += e * t;
			*q += e * t * t;
		}
		*m /= weight;
		*q /= weight;
	}
}

/* One pattern: by (S11); on the Nishimori line T = 2 w^2 m = q and energy = -2 p^2 = -1/2; without load N
 * plays no role. */
START_TEST(noise_on_pairs)
{
	const double T[] = {0.5, 0.5, 0.2, 0.3, 0.8, 0.4, 0.18}, w[] = {0.25, 0.5, 0.5, 0.6, 0.3, 0.55, 0.3};
	for (int i = 0; i < 7; i++) {
		double m, q, p;
		struct answer a;
		pairs_by_iteration(&m, &q, &p, T[i], w[i]);
		retrieval(&a, pairs(storage(4, T[i], 0), w[i], i % 2 ? 500 : 0, 0));
		ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0), m, 1e-11);
		ck_assert_double_eq_tol(answer_value(&a, "q", 0, 0), q, 1e-11);
		ck_assert_double_eq_tol(answer_value(&a, "energy", 0, 0), -2 * p * p, 1e-11);
		if (fabs(T[i] - 2 * w[i] * w[i]) < 1e-12) {
			ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0), answer_value(&a, "q", 0, 0),
			                        1e-12);
			ck_assert_double_eq_tol(answer_value(&a, "energy", 0, 0), -0.5, 1e-12);
		}
		answer_free(&a);
	}
}
END_TEST

/* T = 0, one pattern: m = erf(m/(w sqrt 2)), p = m^2/2 + w sqrt(2/pi) e^(-m^2/(2 w^2)), f = u = -2 p^2;
 * ends at w = sqrt(2/pi). */
START_TEST(noise_on_pairs_cold)
{
	for (double w = 0.1; w < 0.79; w += 0.1) {
		double m = 1;
		struct answer a;
		for (int i = 0; i < 100000; i++)
			m = erf(m / (w * M_SQRT2));
		double p = m * m / 2 + w * sqrt(2 / M_PI) * exp(-m * m / (2 * w * w));
		retrieval(&a, pairs(storage(4, 0, 0), w, 0, 0));
		ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0), m, 1e-10);
		ck_assert_double_eq_tol(answer_value(&a, "energy", 0, 0), -2 * p * p, 1e-10);
		ck_assert_double_eq_tol(answer_value(&a, "free_energy", 0, 0), -2 * p * p, 1e-10);
		answer_free(&a);
	}
	struct answer a;
	struct params beyond = pairs(storage(4, 0, 0), 0.85, 0, 0);
	solve(&a, &beyond, 1);
	ck_assert_int_eq(answer_status(&a, 0, RETRIEVAL), NONE);
	ck_assert_str_eq(answer_phase(&a, 0), "glass");
	answer_free(&a);
}
END_TEST

/* Many patterns with weak noise on pairs, kappa w^4 = gamma/4 as w -> 0: the plain network at the load
 * gamma; corrections ~ w^2. */
START_TEST(weak_noise_on_pairs_is_load)
{
	const struct params plain[] = {storage(4, 0.5, 0.2), noisy(4, 0.3, 0.15, 0.1), storage(4, 0, 0.2)};
	static const char *const names[] = {"m", "n", "q", "free_energy", "energy", "stability"};
	for (int i = 0; i < 3; i++) {
		struct answer a, b[2];
		retrieval(&a, plain[i]);
		for (int k = 0; k < 2; k++) {
			double w = k ? 0.005 : 0.02;
			retrieval(&b[k], pairs(plain[i], w, 1e9, plain[i].gamma / (4 * pow(w, 4))));
		}
		for (int j = 0; j < 6 - (plain[i].T == 0); j++) {
			double x = answer_value(&a, names[j], 0, 0),
			       far = answer_value(&b[0], names[j], 0, 0) - x,
			       near = answer_value(&b[1], names[j], 0, 0) - x;
			ck_assert_double_eq_tol(far, 0, 0.01);
			ck_assert_double_eq_tol(near, far / 16, 0.01 * fabs(far) + 1e-9);
		}
		answer_free(&a);
		answer_free(&b[0]);
		answer_free(&b[1]);
	}
}
END_TEST

/* Ergodic above T = 2 w^2, if there are few patterns; retrieval where its f is below that, and below 2 w^2
 * where it is below what no other state can reach; a row is its points. */
START_TEST(phases_with_noise_on_pairs)
{
	const struct { double T, w, kappa; const char *phase;
	} point[] = {{0.5, 0.25, 0, "retrieval"}, {0.8, 0.3, 0, "ergodic"},  {1.5, 0.5, 0, "ergodic"},
	             {0.49, 0.5, 0, "retrieval"}, {0.4, 1.5, 0, "glass"},    {0.5, 0.4, 0.5, "retrieval"},
	             {1.2, 0.3, 0.5, "ergodic"},  {0.3, 0.7, 0.5, "unknown"}};
	struct params p[8];
	struct answer all;
	for (int i = 0; i < 8; i++)
		p[i] = pairs(storage(4, point[i].T, 0), point[i].w, 1000, point[i].kappa);
	solve(&all, p, 8);
	for (int i = 0; i < 8; i++) {
		struct answer a;
		solve(&a, &p[i], 1);
		ck_assert_msg(strcmp(answer_phase(&all, i), point[i].phase) == 0, "%d: %s", i,
		              answer_phase(&all, i));
		ck_assert_int_eq(answer_status(&all, i, RETRIEVAL), answer_status(&a, 0, RETRIEVAL));
		if (answer_status(&a, 0, RETRIEVAL) == CONVERGED)
			ck_assert_double_eq_tol(answer_value(&all, "m", i, RETRIEVAL),
			                        answer_value(&a, "m", 0, RETRIEVAL), 1e-11);
		ck_assert_int_eq(answer_status(&a, 0, ERGODIC),
		                 p[i].T > 2 * p[i].own[DENSE_W] * p[i].own[DENSE_W] ? CONVERGED : NONE);
		answer_free(&a);
	}
	answer_free(&all);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tc = suite_case(suite, "noise", 60);

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, noise_on_synapses_is_load);
	tcase_add_test(tc, noise_on_synapses_of_hopfield);
	tcase_add_test(tc, noise_on_pairs);
	tcase_add_test(tc, noise_on_pairs_cold);
	tcase_add_test(tc, weak_noise_on_pairs_is_load);
	tcase_add_test(tc, phases_with_noise_on_pairs);
}
