/* Tests the dense network: reference points, published constants, exact identities, and branches at their
 * ends.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/numerics/newton.h"
#include "tests/dense_points.h"
#include "tests/reference.h"
#include "tests/suite.h"

START_TEST(reference_points)
{
	struct reference ref;
	reference_open(&ref, "dense_points.txt");
	int points = 0;
	while (reference_next(&ref)) {
		const char *learning = reference_word(&ref, 0);
		struct params p = {.learning = strcmp(learning, "storage") == 0      ? STORAGE
		                               : strcmp(learning, "supervised") == 0 ? SUPERVISED
		                                                                     : UNSUPERVISED,
		                   .P = (int)reference_real(&ref, 1),
		                   .T = reference_real(&ref, 2),
		                   .gamma = reference_real(&ref, 3),
		                   .M = reference_real(&ref, 4),
		                   .r = reference_real(&ref, 5),
		                   .rho = reference_real(&ref, 6)};
		struct answer a;
		retrieval(&a, p);
		ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0), reference_real(&ref, 7), 1e-10);
		ck_assert_double_eq_tol(answer_value(&a, "n", 0, 0), reference_real(&ref, 8), 1e-10);
		ck_assert_double_eq_tol(answer_value(&a, "q", 0, 0), reference_real(&ref, 9), 1e-10);
		ck_assert_double_eq_tol(answer_value(&a, "free_energy", 0, 0), reference_real(&ref, 10),
		                        1e-9);
		ck_assert_double_eq_tol(answer_value(&a, "stability", 0, 0), reference_real(&ref, 11), 1e-9);
		answer_free(&a);
		points++;
	}
	reference_close(&ref);
	ck_assert_int_ge(points, 20);
}
END_TEST

/* On T = gamma, rho = 0, P >= 3 the equations for m and q are the same: m = q exactly. */
START_TEST(nishimori_line)
{
	for (int P = 3; P <= 8; P++)
		for (double g = 0.02; g < 0.45; g += 0.08) {
			struct answer a;
			retrieval(&a, storage(P, g, g));
			ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0), answer_value(&a, "q", 0, 0),
			                        1e-12);
			answer_free(&a);
		}
}
END_TEST

/* P = 2, T = 0 storage: AGS's equations in one variable, y (erf(y)'s fixed point): gamma_c = 0.13790556649
 * to 1e-8 (published 0.1379). */
START_TEST(ags_capacity)
{
	struct dense_fold fold = {0};
	struct params p = storage(2, 0, 0.1);
	ck_assert_int_eq(dense_spinodal(average, &p, &fold), GSL_SUCCESS);
	ck_assert_double_eq_tol(fold.gamma, 0.13790556649493171, 1e-9);
	ck_assert_double_eq_tol(fold.n, 0.96741711655686, 1e-6);
	/* its closed form: sqrt(2 gamma) = erf(y)/y - 2/sqrt(pi) e^(-y^2), maximised over y */
	double best = 0;
	for (double y = 1; y < 3; y += 1e-5)
		best = fmax(best, erf(y) / y - 2 / sqrt(M_PI) * exp(-y * y));
	ck_assert_double_eq_tol(fold.gamma, 0.5 * best * best, 1e-9);
	struct answer a;
	p.gamma = 0.13790556649 - 1e-8;
	retrieval(&a, p);
	answer_free(&a);
	p.gamma = 0.13790556649 + 1e-8;
	solve(&a, &p, 1);
	ck_assert_int_eq(answer_status(&a, 0, RETRIEVAL), NONE);
	ck_assert(isnan(answer_value(&a, "m", 0, RETRIEVAL)));
	answer_free(&a);
}
END_TEST

/* P >= 3, T = 0, rho = 0: gamma_c = (P/4) max_x erf(x)^(2(P-1))/x^2. */
START_TEST(dense_capacity)
{
	for (int P = 3; P <= 10; P++) {
		struct dense_fold fold = {0};
		struct params p = storage(P, 0, 0.1);
		ck_assert_int_eq(dense_spinodal(average, &p, &fold), GSL_SUCCESS);
		double best = 0;
		for (double x = 0.5; x < 3; x += 1e-5)
			best = fmax(best, 0.25 * P * pow(erf(x), 2 * (P - 1)) / (x * x));
		ck_assert_double_eq_tol(fold.gamma, best, 1e-9);
	}
}
END_TEST

START_TEST(reference_spinodals)
{
	struct reference ref;
	reference_open(&ref, "dense_spinodals.txt");
	int lines = 0;
	while (reference_next(&ref)) {
		struct params p = noisy((int)reference_real(&ref, 0), reference_real(&ref, 1), 0.1,
		                        reference_real(&ref, 4));
		p.M = reference_real(&ref, 2);
		p.r = reference_real(&ref, 3);
		struct dense_fold fold = {0};
		ck_assert_int_eq(dense_spinodal(average, &p, &fold), GSL_SUCCESS);
		ck_assert_double_eq_tol(fold.gamma, reference_real(&ref, 5), 2e-8);
		lines++;
	}
	reference_close(&ref);
	ck_assert_int_ge(lines, 8);
}
END_TEST

/* Published AGS-type numbers: T where the free energies of retrieval and glass cross (P = 2). */
START_TEST(first_order_lines)
{
	const struct { int P; double T, gamma; } line[] = {
	    /* against the glass */
	    {2, 0.7216239686690114, 0.01}, {2, 0.3004350535897775, 0.045}, {2, 0, 0.051854330918917044},
	    /* against the paramagnet */
	    {4, 0.7161535691809833, 0.02}, {4, 0.674581626446631, 0.1}, {4, 0.536661564587928, 0.3}};
	for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
		int other = line[i].P == 2 ? GLASS : ERGODIC;
		struct params p = storage(line[i].P, line[i].T, line[i].gamma);
		struct answer a;
		retrieval(&a, p);
		ck_assert_double_eq_tol(answer_value(&a, "free_energy", 0, RETRIEVAL),
		                        answer_value(&a, "free_energy", 0, other), 1e-8);
		answer_free(&a);
		p.gamma *= 0.99;
		retrieval(&a, p);
		ck_assert_str_eq(answer_phase(&a, 0), "retrieval");
		answer_free(&a);
		p.gamma *= 1.02;
		retrieval(&a, p);
		ck_assert_str_ne(answer_phase(&a, 0), "retrieval");
		answer_free(&a);
	}
}
END_TEST

/* T = 0 energies with a closed form: glass of P = 2, -1/pi - sqrt(2 gamma/pi), and P >= 3, -sqrt(gamma
 * P/pi). */
START_TEST(glass_ground_states)
{
	for (double g = 0.01; g < 2; g *= 2) {
		struct answer a;
		struct params p = storage(2, 0, g);
		solve(&a, &p, 1);
		ck_assert_int_eq(answer_status(&a, 0, GLASS), CONVERGED);
		ck_assert_double_eq_tol(answer_value(&a, "energy", 0, GLASS), -1 / M_PI - sqrt(2 * g / M_PI),
		                        1e-12);
		ck_assert_double_eq_tol(answer_value(&a, "free_energy", 0, GLASS),
		                        answer_value(&a, "energy", 0, GLASS), 1e-12);
		ck_assert_int_eq(answer_status(&a, 0, ERGODIC), NONE);
		answer_free(&a);
		p.P = 5;
		solve(&a, &p, 1);
		ck_assert_double_eq_tol(answer_value(&a, "energy", 0, GLASS), -sqrt(g * 5 / M_PI), 1e-12);
		ck_assert(isinf(answer_value(&a, "stability", 0, GLASS)));
		answer_free(&a);
	}
}
END_TEST

/* P = 2: the glass begins at T = 1 + sqrt(gamma), where the ergodic solution loses its stability, at any
 * rho. */
START_TEST(glass_onset)
{
	const double g = 0.09;
	for (double eps = 1e-3; eps > 1e-6; eps /= 10) {
		struct answer a;
		struct params p[2] = {noisy(2, 1.3 - eps, g, 0.2), noisy(2, 1.3 + eps, g, 0.2)};
		solve(&a, p, 2);
		ck_assert_int_eq(answer_status(&a, 0, GLASS), CONVERGED);
		ck_assert_double_gt(answer_value(&a, "q", 0, GLASS), 0);
		ck_assert_double_lt(answer_value(&a, "q", 0, GLASS), 10 * eps);
		ck_assert_int_eq(answer_status(&a, 1, GLASS), NONE);
		ck_assert_double_gt(answer_value(&a, "stability", 0, ERGODIC), 1);
		ck_assert_double_lt(answer_value(&a, "stability", 1, ERGODIC), 1);
		ck_assert_str_eq(answer_phase(&a, 0), "glass");
		ck_assert_str_eq(answer_phase(&a, 1), "ergodic");
		answer_free(&a);
	}
}
END_TEST

/* The RS glass of P = 4, 6 appears at T/sqrt(gamma) = 0.3750371 (q = 0.5277), 0.2837072. */
START_TEST(rs_glass_ceiling)
{
	const struct { int P; double t; } top[] = {{4, 0.3750371}, {6, 0.2837072}};
	for (int i = 0; i < 2; i++) {
		struct answer a;
		struct params p[2] = {storage(top[i].P, (top[i].t - 1e-7) * 2, 4),
		                      storage(top[i].P, (top[i].t + 1e-7) * 2, 4)};
		solve(&a, p, 2);
		ck_assert_int_eq(answer_status(&a, 0, GLASS), CONVERGED);
		ck_assert_int_eq(answer_status(&a, 1, GLASS), NONE);
		if (top[i].P == 4)
			ck_assert_double_eq_tol(answer_value(&a, "q", 0, GLASS), 0.5277, 2e-3);
		answer_free(&a);
	}
}
END_TEST

/* P >= 3: the paramagnet has negative entropy below T_s sqrt(gamma); low T is not ergodic there. */
START_TEST(cold_is_not_ergodic)
{
	struct answer a;
	struct params p[4] = {storage(4, 0.05, 0.1), storage(4, 0.05, 0.45), storage(4, 0.5, 0.45),
	                      storage(4, 0, 0.45)};
	solve(&a, p, 4);
	ck_assert_double_lt(answer_value(&a, "free_energy", 0, ERGODIC),
	                    answer_value(&a, "free_energy", 0, RETRIEVAL));
	ck_assert_str_eq(answer_phase(&a, 0), "retrieval");
	ck_assert_str_eq(answer_phase(&a, 1), "glass");
	ck_assert_str_eq(answer_phase(&a, 2), "ergodic"); /* T_s sqrt(gamma) = 0.414 */
	ck_assert_str_eq(answer_phase(&a, 3), "glass");
	answer_free(&a);
}
END_TEST

/* P = 4, T = 0: replica-symmetric retrieval against the one-step glass, gamma = 0.3805731327507 (reference
 * solver). */
START_TEST(first_order_against_one_step_glass)
{
	struct answer a;
	struct params p[2] = {storage(4, 0, 0.3805731327507307 - 1e-7),
	                      storage(4, 0, 0.3805731327507307 + 1e-7)};
	solve(&a, p, 2);
	ck_assert_str_eq(answer_phase(&a, 0), "retrieval");
	ck_assert_str_eq(answer_phase(&a, 1), "glass");
	answer_free(&a);
}
END_TEST

static const struct params *some_point(int i)
{
	static struct params p[15];
	p[0] = storage(2, 0.4, 0.05);
	p[1] = noisy(2, 0.3, 0.05, 0.1);
	p[2] = examples(SUPERVISED, 2, 0.3, 0.03, 5, 0.8);
	p[3] = storage(3, 0.4, 0.1);
	p[4] = noisy(4, 0.5, 0.2, 0.1);
	p[5] = examples(SUPERVISED, 4, 0.5, 0.1, 5, 0.6);
	p[6] = examples(SUPERVISED, 7, 0.3, 0.2, 8, 0.7);
	p[7] = examples(UNSUPERVISED, 2, 0.3, 0.03, 5, 0.8);
	p[8] = examples(UNSUPERVISED, 4, 0.4, 0.05, 3, 0.9);
	p[9] = noisy(4, 0, 0.2, 0.1);
	p[10] = synapses(examples(UNSUPERVISED, 2, 0.3, 0.03, 5, 0.8), 1000, 0.02);
	p[11] = synapses(examples(UNSUPERVISED, 4, 0.4, 0.05, 3, 0.9), 1000, 0.05);
	p[12] = pairs(storage(4, 0.5, 0), 0.45, 0, 0);
	p[13] = pairs(examples(SUPERVISED, 4, 0.4, 0, 15, 0.8), 0.3, 300, 0.7);
	p[14] = pairs(noisy(4, 0, 0, 0.1), 0.3, 1000, 0.5);
	return &p[i];
}

/* At the fixed point df/dn = df/dC = 0 by central differences, and elsewhere df/dn = (dA/dn)(n - n(x)) +
 * (dv/dn)(C - C(x))/2. */
START_TEST(map_is_stationarity)
{
	const struct params *p = some_point(_i);
	struct dense_fold fold = {0};
	struct newton_solution s;
	ck_assert_int_eq(dense_archetype(average, p, 1e-10, &fold, &s), CONVERGED);
	for (int k = 0; k < 2; k++) {
		const double h = 1e-4;
		double f[4], x[2];
		for (int j = 0; j < 4; j++) {
			memcpy(x, s.x, sizeof x);
			x[k] += h * (double[]){-2, -1, 1, 2}[j];
			ck_assert_int_eq(dense_network.equations->free_energy(average, p, x, &f[j]),
			                 GSL_SUCCESS);
		}
		ck_assert_double_eq_tol((8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h), 0, 1e-10);
	}
	/* off the fixed point */
	double x[2] = {0.9 * s.x[0], s.x[1]}, fx[2], up, down;
	ck_assert_int_eq(dense_network.equations->map(average, p, x, fx, NULL), GSL_SUCCESS);
	dense_network.equations->free_energy(average, p, (double[]){x[0] + 1e-5, x[1]}, &up);
	dense_network.equations->free_energy(average, p, (double[]){x[0] - 1e-5, x[1]}, &down);
	struct dense_pairs of_pairs = {.A_n = 0.5 * p->P * (p->P - 1) * pow(x[0], p->P - 2)};
	if (p->own[DENSE_W] > 0)
		ck_assert_int_eq(dense_pairs(&of_pairs, p, x[0], x[1]), GSL_SUCCESS);
	ck_assert_double_eq_tol((up - down) / 2e-5,
	                        of_pairs.A_n * (x[0] - fx[0]) + of_pairs.v_n / 2 * (x[1] - fx[1]), 1e-8);
}
END_TEST

/* Jacobian of the map by central differences. */
START_TEST(jacobian)
{
	const struct params *p = some_point(_i);
	double x[2] = {0.9, 0.08}, fx[2], jac[4], up[2], down[2];
	ck_assert_int_eq(dense_network.equations->map(average, p, x, fx, jac), GSL_SUCCESS);
	for (int k = 0; k < 2; k++) {
		double y[2] = {x[0], x[1]};
		y[k] = x[k] + 1e-6;
		dense_network.equations->map(average, p, y, up, NULL);
		y[k] = x[k] - 1e-6;
		dense_network.equations->map(average, p, y, down, NULL);
		for (int i = 0; i < 2; i++)
			ck_assert_double_eq_tol(jac[2 * i + k], (up[i] - down[i]) / 2e-6, 1e-8);
	}
}
END_TEST

/* u = d(beta f)/d beta along the branch. */
START_TEST(energy_is_thermodynamic)
{
	struct params p = *some_point(_i);
	if (p.T == 0)
		return;
	double bf[2], u;
	const double h = 1e-4;
	struct answer a;
	const double beta = 1 / p.T;
	for (int j = 0; j < 2; j++) {
		p.T = 1 / (beta + (j ? h : -h));
		retrieval(&a, p);
		bf[j] = answer_value(&a, "free_energy", 0, 0) / p.T;
		answer_free(&a);
	}
	p.T = 1 / beta;
	retrieval(&a, p);
	u = answer_value(&a, "energy", 0, 0);
	answer_free(&a);
	ck_assert_double_eq_tol(u, (bf[1] - bf[0]) / (2 * h), 1e-7);
}
END_TEST

/* Two branches with n > 0: the archetype's ends at gamma ~ 0.2808, another one (m ~ 0.38) lives on to
 * 0.3315 and must not be confused with it (P = 4, M = 5, r = 0.6, T = 0.3). */
START_TEST(two_branches)
{
	enum { N = 66 };
	struct params p[N];
	struct answer a;
	for (int i = 0; i < N; i++)
		p[i] = examples(SUPERVISED, 4, 0.3, 0.005 * (i + 1), 5, 0.6);
	solve(&a, p, N);
	double last = 0;
	for (int i = 0; i < N; i++)
		if (answer_status(&a, i, RETRIEVAL) == CONVERGED) {
			last = p[i].gamma;
			ck_assert_double_gt(answer_value(&a, "m", i, RETRIEVAL), 0.5);
		} else {
			ck_assert_int_eq(answer_status(&a, i, RETRIEVAL), NONE);
		}
	ck_assert_double_eq_tol(last, 0.28, 1e-12);
	answer_free(&a);
}
END_TEST

/* A row solved by continuation equals its points solved alone, also downwards and through the spinodal. */
START_TEST(continuation_is_cold_start)
{
	enum { N = 40 };
	struct params p[2][N];
	struct answer row[2], one;
	for (int i = 0; i < N; i++) {
		p[0][i] = noisy(4, 0.03 * (i + 1), 0.25, 0.05);
		p[1][N - 1 - i] = p[0][i];
	}
	for (int d = 0; d < 2; d++)
		solve(&row[d], p[d], N);
	for (int i = 0; i < N; i++) {
		solve(&one, &p[0][i], 1);
		for (int d = 0; d < 2; d++) {
			int k = d ? N - 1 - i : i;
			ck_assert_int_eq(answer_status(&row[d], k, RETRIEVAL),
			                 answer_status(&one, 0, RETRIEVAL));
			if (answer_status(&one, 0, RETRIEVAL) == CONVERGED)
				ck_assert_double_eq_tol(answer_value(&row[d], "m", k, 0),
				                        answer_value(&one, "m", 0, 0), 1e-12);
		}
		answer_free(&one);
	}
	answer_free(&row[0]);
	answer_free(&row[1]);
}
END_TEST

/* Corners: no load, no temperature, both; one example; hot. */
START_TEST(corners)
{
	struct answer a;
	retrieval(&a, storage(4, 0, 0));
	ck_assert_double_eq(answer_value(&a, "m", 0, 0), 1);
	ck_assert_double_eq(answer_value(&a, "energy", 0, 0), -0.5);
	ck_assert_str_eq(answer_phase(&a, 0), "retrieval");
	answer_free(&a);
	for (double rho = 0.01; rho < 5; rho *= 1.7) { /* many examples: their sign */
		retrieval(&a, noisy(6, 0, 0, rho));
		ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0), erf(1 / sqrt(2 * rho)), 1e-13);
		ck_assert_str_eq(answer_phase(&a, 0), "retrieval");
		answer_free(&a);
	}
	retrieval(&a, storage(2, 0.5, 0)); /* Curie-Weiss: m = tanh(2m) */
	ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0), tanh(2 * answer_value(&a, "m", 0, 0)), 1e-14);
	answer_free(&a);
	/* (1+r)^2/4 aligned, (1-r)^2/4 against, the rest tied */
	retrieval(&a, examples(SUPERVISED, 4, 0, 0, 2, 0.5));
	ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0), 0.5, 1e-14);
	answer_free(&a);
	/* one example: it is stored, r away from the archetype */
	retrieval(&a, examples(SUPERVISED, 4, 0.2, 0.05, 1, 0.7));
	ck_assert_double_eq_tol(answer_value(&a, "m", 0, 0), 0.7 * answer_value(&a, "n", 0, 0), 1e-13);
	answer_free(&a);
	struct params hot = storage(2, 5, 0.1);
	solve(&a, &hot, 1);
	ck_assert_int_eq(answer_status(&a, 0, RETRIEVAL), NONE);
	ck_assert_str_eq(answer_phase(&a, 0), "ergodic");
	answer_free(&a);
}
END_TEST

/* Critical and nearly critical points, where plain iteration does not end: a solution, or the status that
 * there is none, in bounded time (the timeout of the case). */
START_TEST(critical_points_end)
{
	const double T[] = {0.99, 0.9999, 1 - 1e-8, 1, 1 + 1e-8, 1.0001},
		     gamma[] = {0, 1e-12, 1e-9, 1e-5, 0.1};
	for (int P = 2; P <= 4; P++)
		for (size_t i = 0; i < sizeof T / sizeof *T; i++)
			for (size_t j = 0; j < sizeof gamma / sizeof *gamma; j++)
				for (int k = 0; k < 2; k++) {
					struct params p = noisy(P, T[i], gamma[j], k ? 0.1 : 0);
					struct answer a;
					solve(&a, &p, 1);
					for (int b = RETRIEVAL; b <= ERGODIC; b++)
						ck_assert_int_ne(answer_status(&a, 0, b), NOT_CONVERGED);
					answer_free(&a);
				}
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tc = suite_case(suite, "dense", 60);

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, reference_points);
	tcase_add_test(tc, nishimori_line);
	tcase_add_test(tc, ags_capacity);
	tcase_add_test(tc, dense_capacity);
	tcase_add_test(tc, reference_spinodals);
	tcase_add_test(tc, first_order_lines);
	tcase_add_test(tc, glass_ground_states);
	tcase_add_test(tc, glass_onset);
	tcase_add_test(tc, rs_glass_ceiling);
	tcase_add_test(tc, cold_is_not_ergodic);
	tcase_add_test(tc, first_order_against_one_step_glass);
	tcase_add_loop_test(tc, map_is_stationarity, 0, 15);
	tcase_add_loop_test(tc, jacobian, 0, 15);
	tcase_add_loop_test(tc, energy_is_thermodynamic, 0, 15);
	tcase_add_test(tc, two_branches);
	tcase_add_test(tc, continuation_is_cold_start);
	tcase_add_test(tc, corners);
	tcase_add_test(tc, critical_points_end);
}
