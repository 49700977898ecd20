/* Tests signal to noise: closed forms against sums and limits, thresholds against their definition,
 * published numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/signal_to_noise.h"
#include "tests/suite.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <stdlib.h>

static struct params model(enum learning learning, int P, double gamma, double r, double M)
{
	struct params p = {.learning = learning, .P = P, .gamma = gamma, .r = r, .M = M};
	p.rho = M > 0 ? (1 - r * r) / (M * r * r) : 0;
	return p;
}

/* The definition: all 2^M lists of examples of one spin, noise by quadrature; independent of erf and
 * binomials. */
static double lists(const struct params *p, double load)
{
	int M = (int)p->M;
	double A = p->P / 2.0 * pow(1 + p->rho, -(p->P - 1) / 2.0), v = load * p->P / 2, sum = 0;
	for (int list = 0; list < 1 << M; list++) {
		int up = __builtin_popcount((unsigned)list);
		double weight = pow((1 + p->r) / 2, up) * pow((1 - p->r) / 2, M - up);
		double edge = A * (2 * up - M) / (M * p->r * sqrt(1 + p->rho)) / sqrt(v), area = 0;
		for (int i = 0; i < 2000; i++) { /* midpoint rule for the Gaussian between -edge and edge */
			double z = edge * (i + 0.5) / 2000;
			area += 2 * exp(-z * z / 2) / sqrt(2 * M_PI) * edge / 2000;
		}
		sum += weight * area;
	}
	return sum;
}

START_TEST(one_step_is_its_definition)
{
	struct params p = model(SUPERVISED, 2 + _i % 4, 0.15, 0.7, 1 + _i);
	ck_assert_double_eq_tol(snr_one_step(&p), lists(&p, p.gamma), 1e-6);
	/* noise of unsupervised learning, from the covariance of products of P examples */
	p.learning = UNSUPERVISED;
	double same = 1 / p.M, other = (1 - 1 / p.M) * pow(p.r, 2 * p.P),
	       R = p.r * p.r + (1 - p.r * p.r) / p.M;
	double load = p.gamma * (same + other) / pow(R, p.P);
	ck_assert_double_eq_tol(snr_load(&p), load, 1e-14 * load);
	ck_assert_double_eq_tol(snr_one_step(&p), lists(&p, load), 1e-6);
}
END_TEST

/* THEORY.md: unsupervised, M = 4, r = 0.8, P = 4, gamma = 0.1: 0.926 exact, 0.953 Gaussian (simulation
 * 0.920(11)). */
START_TEST(few_examples_are_not_gaussian)
{
	struct params p = model(UNSUPERVISED, 4, 0.1, 0.8, 4), g = p;
	ck_assert_double_eq_tol(snr_one_step(&p), 0.926, 5e-4);
	g.gamma = snr_load(&p);
	g.learning = SUPERVISED;
	g.M = 0;
	ck_assert_double_eq_tol(snr_one_step(&g), 0.953, 5e-4);
}
END_TEST

START_TEST(many_examples_are_gaussian)
{
	double difference[2];
	for (int i = 0; i < 2; i++) {
		double M = i ? 40000 : 10000;
		struct params p = model(SUPERVISED, 4, 0.2, 1 / sqrt(1 + 0.3 * M), M), g = p;
		g.M = 0;
		difference[i] = snr_one_step(&p) - snr_one_step(&g);
	}
	ck_assert_double_ge(fabs(difference[1]), 1e-8);
	ck_assert_double_eq_tol(difference[0] / difference[1], 4, 0.05);
	/* storage; no other patterns */
	struct params s = model(STORAGE, 4, 0.2, 1, 0), one = model(SUPERVISED, 4, 0.2, 1, 1);
	ck_assert_double_eq_tol(snr_one_step(&s), erf(1 / sqrt(2 * 2 * 0.2 / 4)), 1e-15);
	ck_assert_double_eq(snr_one_step(&one), snr_one_step(&s));
	struct params majority = model(SUPERVISED, 4, 0, 0.6, 3); /* P(2 or 3 of 3) - P(0 or 1) */
	ck_assert_double_eq_tol(snr_one_step(&majority), 0.512 + 0.384 - 0.008 - 0.096, 1e-15);
}
END_TEST

/* The closed form is where the Gaussian m_1 is erf(theta). */
START_TEST(large_threshold_is_a_root)
{
	const double r[] = {0.8, 0.3, 0.05}, theta[] = {M_SQRT1_2, 0.5, 1};
	for (int P = 2; P <= 6; P++)
		for (int i = 0; i < 9; i++) {
			struct params p = model(_i ? UNSUPERVISED : SUPERVISED, P, 0.1, r[i % 3], 0);
			double M;
			ck_assert_int_eq(snr_threshold_large(&M, &p, theta[i / 3]), GSL_SUCCESS);
			struct params at = model(p.learning, P, 0.1, p.r, M);
			at.gamma = snr_load(&at);
			at.learning = SUPERVISED;
			at.M = 0;
			ck_assert_double_eq_tol(snr_one_step(&at), erf(theta[i / 3]), 1e-12);
		}
	double M;
	struct params full = model(SUPERVISED, 4, 2, 0.5, 0); /* gamma >= P/2 */
	ck_assert_int_eq(snr_threshold_large(&M, &full, M_SQRT1_2), GSL_SUCCESS);
	ck_assert(isinf(M));
	ck_assert_int_eq(snr_threshold_exact(&M, &full, M_SQRT1_2), GSL_SUCCESS);
	ck_assert(isinf(M));
	ck_assert_int_eq(snr_threshold_large(&M, &full, 0), GSL_EDOM);
}
END_TEST

/* Against trying every M; near the closed form when M is large. */
START_TEST(exact_threshold_is_the_first)
{
	for (double r = 0.15; r < 1; r += 0.1)
		for (double gamma = 0; gamma < 0.5; gamma += 0.24) {
			struct params p = model(_i ? UNSUPERVISED : SUPERVISED, 4 - _i, gamma, r, 0);
			double M, large, first = 1;
			ck_assert_int_eq(snr_threshold_exact(&M, &p, M_SQRT1_2), GSL_SUCCESS);
			snr_threshold_large(&large, &p, M_SQRT1_2);
			if (M > 2000)
				continue;
			for (struct params q;; first++) {
				q = model(p.learning, p.P, gamma, r, first);
				if (snr_one_step(&q) > erf(M_SQRT1_2))
					break;
			}
			ck_assert_double_eq(M, first);
			if (M > 100)
				ck_assert_double_eq_tol(M / large, 1, 0.03);
		}
}
END_TEST

/* M* ~ r^-2 supervised; unsupervised r^-2P at a load, r^-2 without. */
START_TEST(thresholds_scale)
{
	double M[2];
	for (int learning = SUPERVISED; learning <= UNSUPERVISED; learning++)
		for (double gamma = 0; gamma < 0.5; gamma += 0.4) {
			for (int i = 0; i < 2; i++) {
				struct params p = model(learning, 4, gamma, i ? 0.0005 : 0.001, 0);
				snr_threshold_large(&M[i], &p, M_SQRT1_2);
			}
			double power = learning == UNSUPERVISED && gamma > 0 ? 8 : 2;
			ck_assert_double_eq_tol(log2(M[1] / M[0]), power, 1e-4);
		}
}
END_TEST

/* Noise of amplitude N^a keeps the load of order one at every b, and uses it up at b = P - 1 (patterns). */
START_TEST(noise_scales)
{
	for (int P = 3; P <= 6; P++)
		for (double b = 0; b < P - 1; b += 0.5)
			for (int kind = SNR_SYNAPSE; kind <= SNR_PATTERN; kind++) {
				double load[2];
				for (int i = 0; i < 2; i++) {
					double N = i ? 1e14 : 1e10, a = snr_exponent(kind, P, b);
					load[i] = snr_load_total(kind, P, N, pow(N, b), pow(N, a)) -
					          snr_load_total(kind, P, N, pow(N, b), 0);
				}
				ck_assert_double_eq_tol(load[0], tgamma(P + 1) / 2, 1e-9 * load[0]);
				ck_assert_double_eq_tol(load[1], load[0], 1e-9 * load[0]);
			}
	ck_assert_double_eq_tol(snr_load_total(SNR_SYNAPSE, 4, 100, 20, sqrt(0.2e6 / 12 - 20)), 0.2, 1e-12);
	ck_assert_double_eq(snr_exponent(SNR_TENSOR, 4, 0), 0.5);
	ck_assert_double_eq(snr_exponent(SNR_TENSOR, 6, 1), snr_exponent(SNR_TENSOR, 6, 0));
	ck_assert_double_lt(snr_exponent(SNR_TENSOR, 6, 1.1), snr_exponent(SNR_TENSOR, 6, 1));
	ck_assert(isnan(snr_exponent(SNR_TENSOR, 5, 0)));
	ck_assert_double_eq(snr_exponent(SNR_VECTOR, 4, 0), 0);
	ck_assert(isnan(snr_load_total(SNR_VECTOR, 4, 100, 20, 1)));
	ck_assert_double_eq_tol(snr_vector_limit(1), 0.682689492137086, 1e-14); /* P(|g| < 1) */
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *t = suite_case(suite, "snr", 4);

	tcase_add_loop_test(t, one_step_is_its_definition, 0, 8);
	tcase_add_test(t, few_examples_are_not_gaussian);
	tcase_add_test(t, many_examples_are_gaussian);
	tcase_add_loop_test(t, large_threshold_is_a_root, 0, 2);
	tcase_add_loop_test(t, exact_threshold_is_the_first, 0, 2);
	tcase_add_test(t, thresholds_scale);
	tcase_add_test(t, noise_scales);
}
