/* Tests Plefka's expansion on a sample: fields and free energies against sums over all sets of sites, the
 * TAP equations against the stationarity of the free energy, and solutions against replica-symmetric ones.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/chain/task_run.h"
#include "montecarlo/field/field.h"
#include "montecarlo/disorder/rng.h"
#include "montecarlo/chain/tap.h"
#include "tests/sample.h"
#include "tests/suite.h"

static const struct rng_key key = {{20240601u, 11u}};

static struct tap *prepare(const struct quenched *q, int P, double w)
{
	struct couplings c = {.P = P, .w = w};
	struct tap *t;
	struct fault fault = {"", ""};

	ck_assert_msg(tap_alloc(&t, q, &c, &fault) == 0, "%s", fault.why);
	return t;
}

static void draw(double *m, int N, unsigned number)
{
	for (int i = 0; i < N; i++)
		m[i] = 1.9 * (rng_uniform(key, number, (uint32_t)i, RNG_START) - 0.5);
}

static double unit(const struct quenched *q, int P, double w)
{
	for (int k = 0; k < P; k++)
		w *= q->unit;
	return w;
}

/* w sum over sets of P sites without i, times a_i, of the products of a_j m_j; i < 0: over all sets, -H at
 * m. */
static double brute(const struct quenched *q, const double *m, int P, int i)
{
	double all = 0;

	for (unsigned set = 0; set < 1u << q->N; set++)
		for (long row = 0; row < q->rows && __builtin_popcount(set) == P && (i < 0 || set >> i & 1);
		     row++) {
			double p = 1;
			for (int j = 0; j < q->N; j++)
				if (set >> j & 1)
					p *= quenched_entry(q, row, j) * (j == i ? 1 : m[j]);
			all += p;
		}
	return all;
}

static const struct shape tiny[] = {{STORAGE, 8, 5, 1, 1, 0},        {STORAGE, 7, 3, 1, 1, 0.4},
                                    {SUPERVISED, 7, 3, 3, 0.6, 0},   {SUPERVISED, 8, 3, 4, 0.6, 0},
                                    {UNSUPERVISED, 8, 2, 3, 0.7, 0}, {UNSUPERVISED, 7, 2, 3, 0.7, 0.3},
                                    {SUPERVISED, 7, 2, 501, 0.3, 0}, {STORAGE, 9, 600, 1, 1, 0}};

START_TEST(brute_force)
{
	struct quenched q;
	double m[32], h[32];
	int N;

	make_sample(&q, &tiny[_i], 3);
	N = q.N;
	for (int P = 2; P <= 6; P++) {
		double w = 0.37, total = unit(&q, P, w), scale = 0;
		struct tap *t = prepare(&q, P, w);
		draw(m, N, 1);
		draw(m + N, N, 2);
		m[0] = 1;
		m[1] = 0;
		tap_fields(t, h, m, true);
		tap_fields(t, h + N, m + N, true);
		for (int i = 0; i < N; i++)
			scale = fmax(scale, fabs(brute(&q, m, P, i)));
		for (int i = 0; i < 2 * N; i++)
			ck_assert_msg(fabs(h[i] / total - brute(&q, m + i / N * N, P, i % N)) < 1e-12 * scale,
			              "P=%d i=%d: %.17g, not %.17g", P, i, h[i] / total,
			              brute(&q, m + i / N * N, P, i % N));
		tap_fields(t, h, m, false);
		for (int i = 0; i < N; i++)
			ck_assert_double_eq_tol(h[i] / total, brute(&q, m, P, i), 1e-5 * scale);
		/* order 1: f = -T S - <H>, at T = 0.7 */
		double S = 0;
		for (int i = 0; i < N; i++)
			for (int s = -1; s <= 1; s += 2)
				S -= 1 + s * m[i] > 0 ? (1 + s * m[i]) / 2 * log((1 + s * m[i]) / 2) : 0;
		ck_assert_double_eq_tol(tap_free_energy(t, NULL, m, 0.7, 1) * N,
		                        -0.7 * S - total * brute(&q, m, P, -1),
		                        1e-12 * (1 + scale * total * N));
		tap_free(t);
	}
	quenched_free(&q);
}
END_TEST

/* at m = +-1 the field is the exact one of the configuration */
START_TEST(spins)
{
	static const struct shape shapes[] = {{STORAGE, 60, 900, 1, 1, 0}, {SUPERVISED, 60, 100, 5, 0.8, 0}};

	for (int which = 0; which < 2; which++)
		for (int P = 2; P <= 5; P++) {
			struct couplings c = {.P = P, .w = 1};
			struct quenched q;
			struct field_plan *plan;
			struct field *f;
			struct fault fault;
			double m[60], h[60];
			int8_t s[60];
			make_sample(&q, &shapes[which], 3);
			struct tap *t = prepare(&q, P, 1);
			ck_assert_int_eq(field_plan_alloc(&plan, &q, &c, "auto", &fault), 0);
			ck_assert_int_eq(field_alloc(&f, plan), 0);
			for (int i = 0; i < 60; i++)
				m[i] = s[i] = rng_uniform(key, 3, (uint32_t)i, RNG_START) < 0.5 ? -1 : 1;
			field_init(f, s);
			tap_fields(t, h, m, true);
			for (int i = 0; i < 60; i++)
				ck_assert_double_eq_tol(h[i], field_local(f, i, -1),
				                        1e-11 * (1 + fabs(field_energy(f))));
			field_free(f);
			field_plan_free(plan);
			tap_free(t);
			quenched_free(&q);
		}
}
END_TEST

/* The second order with J_I^2 = J^2 for all I, from its definition: -F/T gains (J^2/2 T^2) sum over I of
 * the variance of prod s - sum_i (s_i - m_i) prod_{j != i} m_j at independent spins, and J^2 is the mean of
 * J_I^2 over the sets; rows of one pattern each are uncorrelated, so K w^2 for binary ones. */
START_TEST(second_order)
{
	const struct shape shape = {STORAGE, 9, 40, 1, 1, 0};
	struct quenched q;
	double m[9], T = 0.8, w = 0.05;

	make_sample(&q, &shape, 3);
	draw(m, 9, 5);
	for (int P = 3; P <= 5; P++) {
		struct tap *t = prepare(&q, P, w);
		double want = 0, got;
		for (unsigned set = 0; set < 1u << 9; set++) {
			double all = 1, sum = 0;
			if (__builtin_popcount(set) != P)
				continue;
			for (int i = 0; i < 9; i++)
				if (set >> i & 1)
					all *= m[i] * m[i];
			for (int i = 0; i < 9; i++) {
				double others = 1;
				for (int j = 0; j < 9; j++)
					if (j != i && set >> j & 1)
						others *= m[j] * m[j];
				if (set >> i & 1)
					sum += (1 - m[i] * m[i]) * others;
			}
			want += 0.5 * w * w * 40 / (T * T) * (1 - all - sum);
		}
		got = (tap_free_energy(t, NULL, m, T, 1) - tap_free_energy(t, NULL, m, T, 2)) * 9 / T;
		ck_assert_double_eq_tol(got, want, 1e-12 * want);
		tap_free(t);
	}
	quenched_free(&q);
}
END_TEST

static const struct {
	struct shape shape;
	int P;
} middle[] = {{{STORAGE, 40, 200, 1, 1, 0}, 4},   {{SUPERVISED, 40, 50, 5, 0.8, 0}, 4},
              {{STORAGE, 40, 30, 1, 1, 0}, 3},    {{UNSUPERVISED, 40, 30, 3, 0.8, 0}, 4},
              {{STORAGE, 60, 6, 1, 1, 0}, 2},     {{UNSUPERVISED, 60, 3, 4, 0.8, 0}, 2},
              {{SUPERVISED, 60, 6, 5, 0.8, 0}, 2}};

static double weight(const struct quenched *q, int P) /* of the dense network: fields of order 1 */
{
	double w = 0.5 * P / pow(fmax(q->of.r * q->of.r + (1 - q->of.r * q->of.r) / q->of.M, 1e-9), 0.5 * P);
	for (int k = 1; k < P; k++)
		w *= (double)k / q->N;
	return q->of.learning == UNSUPERVISED ? w / q->of.M : w;
}

/* gradient by finite differences; -d(f/T)/d(1/T) is the energy; at a solution both vanish */
START_TEST(stationary)
{
	struct quenched q;
	struct tap *t;
	struct tap_result r;
	double m[60], before[60], g[60], T = 0.9;
	int8_t xi[60];
	int N, P = middle[_i].P;

	make_sample(&q, &middle[_i].shape, 3);
	N = q.N;
	t = prepare(&q, P, weight(&q, P));
	for (int order = 1; order <= 2; order++) {
		for (int i = 0; i < N; i++)
			m[i] = 0.5 + 0.4 * rng_uniform(key, 6, (uint32_t)i, RNG_START);
		tap_free_energy(t, g, m, T, order);
		for (int i = 0; i < 5; i++) {
			double d = 1e-4, x = m[i], f[4];
			for (int k = 0; k < 4; k++) {
				static const double step[] = {-2, -1, 1, 2};
				m[i] = x + step[k] * d;
				f[k] = tap_free_energy(t, NULL, m, T, order) * N;
			}
			m[i] = x;
			ck_assert_double_eq_tol(g[i], (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * d), 1e-9);
		}
		const struct tap_options o = {
			.order = order, .damping = 0.2, .tolerance = 1e-11, .iterations = 2000};
		T = 0.3;
		quenched_pattern(&q, 0, xi);
		for (int i = 0; i < N; i++)
			m[i] = 0.9 * xi[i];
		r = (struct tap_result){0};
		ck_assert_int_eq(tap_solve(t, &r, m, before, T, &o, NULL), 0);
		ck_assert_msg(r.converged, "order %d: residual %g after %ld", order, r.residual,
		              r.iterations);
		tap_free_energy(t, g, m, T, order);
		for (int i = 0; i < N; i++)
			ck_assert_double_eq_tol(g[i] * (1 - m[i] * m[i]), 0, 1e-10);
		double d = 1e-3, low = tap_free_energy(t, NULL, m, 1 / (1 / T - d), order) * (1 / T - d),
		       high = tap_free_energy(t, NULL, m, 1 / (1 / T + d), order) * (1 / T + d);
		ck_assert_double_eq_tol(r.energy, (high - low) / (2 * d), 1e-5);
		T = 0.9;
	}
	tap_free(t);
	quenched_free(&q);
}
END_TEST

/* q of the means over samples against the replica-symmetric theory (check_dense.c has the source of its
 * numbers): P = 2, gamma = 0.05, T = 0.4.  Bounds: five standard errors. */
START_TEST(replica_symmetric)
{
	static const struct {
		int P, N;
		long K;
		double T, m, q, f;
	} point[] = {{2, 2000, 100, 0.4, 0.96618680794, 0.936682191, -0.50574779085}};
	enum { SAMPLES = 12 };
	double sum[3] = {0}, square[3] = {0};
	double *m = malloc(4000 * sizeof *m), *before = m + 2000;
	int8_t *xi = malloc(2000);

	for (int s = 0; s < SAMPLES; s++) {
		struct disorder of = {
			.seed = 7, .sample = (uint64_t)s, .N = point[_i].N, .K = point[_i].K, .M = 1, .r = 1};
		const struct tap_options o = {.order = 2, .tolerance = 1e-9, .iterations = 500};
		struct quenched q;
		struct tap_result r = {0};
		struct fault fault;
		double x[3] = {0};
		ck_assert_int_eq(quenched_shape(&q, &of, &fault), 0);
		ck_assert_int_eq(quenched_fill(&q, NULL, &fault), 0);
		struct tap *t = prepare(&q, point[_i].P, weight(&q, point[_i].P));
		quenched_pattern(&q, 0, xi);
		for (int i = 0; i < q.N; i++)
			m[i] = xi[i];
		ck_assert_int_eq(tap_solve(t, &r, m, before, point[_i].T, &o, NULL), 0);
		ck_assert(r.converged);
		for (int i = 0; i < q.N; i++)
			x[0] += m[i] * xi[i] / q.N;
		x[1] = r.q;
		x[2] = r.free_energy;
		for (int k = 0; k < 3; k++) {
			sum[k] += x[k] / SAMPLES;
			square[k] += x[k] * x[k] / SAMPLES;
		}
		tap_free(t);
		quenched_free(&q);
	}
	const double want[] = {point[_i].m, point[_i].q, point[_i].f};
	for (int k = 0; k < 3; k++) {
		double error = sqrt((square[k] - sum[k] * sum[k]) / (SAMPLES - 1));
		ck_assert_msg(fabs(sum[k] - want[k]) < 5 * error && error < 0.002,
		              "%d: %.6f(%.6f), theory %.6f", k, sum[k], error, want[k]);
	}
	free(m);
	free(xi);
}
END_TEST

/* --- the error of the expansion, P = 4 */

/* Returns the result of a task, with its shape in *shape; to be freed by the caller. */
static double *simulate(struct record_shape *shape, const struct protocol *protocol, const struct params *p,
                        uint64_t sample)
{
	struct task task = {.p = p, .points = 1, .sample = sample};
	struct task_run *e;
	struct fault fault = {"", ""};

	ck_assert_msg(task_run_alloc(&e, protocol, &task, &fault) == 0, "%s %s", fault.key, fault.why);
	ck_assert_int_eq(task_run_advance(e, NULL), 0);
	*shape = task_shape(protocol);
	double *answer = malloc(record_width(shape) * sizeof *answer);
	task_run_result(e, answer);
	task_run_free(e);
	return answer;
}

/* Magnetisation of each site, mean over the replicas that count; *noise gains the squared error of these
 * means. */
static void magnetisations(double *m, double *noise, const struct protocol *protocol, const struct params *p,
                           uint64_t sample)
{
	struct record_shape shape;
	double *answer = simulate(&shape, protocol, p, sample);

	ck_assert(answer[RESULT_ESCAPED] == 0);
	for (int i = 0; i < shape.sites; i++) {
		double square = 0, n = shape.replicas;
		m[i] = 0;
		for (int r = 0; r < shape.replicas; r++) {
			double x = answer[record_offset_magnetisations(&shape, r) + (size_t)i];
			m[i] += x / n;
			square += x * x / n;
		}
		if (n > 1)
			*noise += (square - m[i] * m[i]) / (n - 1);
	}
	free(answer);
}

/* Site by site against exact Monte Carlo on the same samples, T = 0.5, gamma = 0.2: the second order
 * removes most of the error of naive mean field.  Both errors are well above the noise of the simulation. */
START_TEST(site_by_site)
{
	enum { N = 120, SAMPLES = 3 };
	const struct params p = {.P = 4, .r = 1, .T = 0.5, .gamma = 0.2, .N = N};
	const bool longer = getenv("LONG") && *getenv("LONG");
	struct protocol protocol = {.network = network_find("dense"),
	                            .start = START_ARCHETYPE,
	                            .seed = 3,
	                            .patterns = 1,
	                            .kernel = "auto",
	                            .magnetisations = 1,
	                            .spins = N};
	double exact[N], m[N], error[3] = {0}, noise = 0, nothing = 0;

	for (uint64_t sample = 0; sample < SAMPLES; sample++) {
		protocol.dynamics = DYNAMICS_HEAT_BATH;
		protocol.plefka = 0;
		protocol.replicas = 4;
		protocol.burn_in = 100;
		protocol.sweeps = longer ? 20000 : 600;
		magnetisations(exact, &noise, &protocol, &p, sample);
		protocol.dynamics = DYNAMICS_TAP;
		protocol.replicas = 1;
		protocol.burn_in = 0;
		protocol.tolerance = 1e-9;
		for (protocol.plefka = 1; protocol.plefka <= 2; protocol.plefka++) {
			magnetisations(m, &nothing, &protocol, &p, sample);
			for (int i = 0; i < N; i++)
				error[protocol.plefka] += pow(m[i] - exact[i], 2);
		}
	}
	noise = sqrt(noise / N / SAMPLES);
	for (int order = 1; order <= 2; order++)
		error[order] = sqrt(error[order] / N / SAMPLES - noise * noise);
	if (longer)
		printf("P=4 N=120 gamma=.2 T=.5: rms error of a site %.4f naive mean field, %.4f TAP, %.4f "
		       "Monte Carlo\n",
		       error[1], error[2], noise);
	ck_assert_msg(error[1] > 0.006 && error[1] < 0.04, "naive mean field: %g", error[1]);
	ck_assert_msg(error[2] < 0.6 * error[1] && error[2] < 0.013, "TAP: %g, naive mean field %g", error[2],
	              error[1]);
	ck_assert_msg(noise < 0.5 * error[1], "noise: %g", noise);
}
END_TEST

/* Replica-symmetric m, q at P = 4, rho = 0 with coincident sites kept: v = beta^2 gamma (2 q^3 + 3 q).  Sum
 * over z by the trapezoid rule, which converges exponentially here. */
static void power_sums_theory(double *m, double *q, double gamma, double T, bool kept)
{
	*m = *q = 1;
	for (int k = 0; k < 500; k++) {
		double A = 2 * pow(*m, 3) / T, v = gamma * (2 * pow(*q, 3) + (kept ? 3 * *q : 0)) / (T * T),
		       M = 0, Q = 0;
		for (double z = -9; z < 9; z += 0.01) {
			double t = tanh(A + sqrt(v) * z), w = 0.01 * exp(-z * z / 2) / sqrt(2 * M_PI);
			M += w * t;
			Q += w * t * t;
		}
		*m = M;
		*q = Q;
	}
}

/* X with its error over samples. */
static void mean_over_samples(double *mean, double *error, const struct protocol *protocol,
                              const struct params *p, enum observable o, int samples)
{
	double square = 0, used = 0;

	*mean = 0;
	for (int k = 0; k < samples; k++) {
		struct record_shape shape;
		double *answer = simulate(&shape, protocol, p, (uint64_t)k),
		       x = answer[record_offset(&shape, o, 0, PART_MEAN)];
		if (answer[RESULT_ALL_ESCAPED] == 0 && !isnan(x)) {
			*mean += x;
			square += x * x;
			used++;
		}
		free(answer);
	}
	*mean /= used;
	*error = sqrt((square / used - *mean * *mean) / (used - 1));
}

/* Coincident sites kept (diagonal): at gamma = 0.08, T = 0.4 they change q by more than its distance from
 * 1, as the theory with 2.5 times the noise says; the exact network is that of the theory without them.
 * Five standard errors, and 1/N. */
START_TEST(power_sums)
{
	const struct params p = {.P = 4, .r = 1, .T = 0.4, .gamma = 0.08, .N = 120};
	struct protocol protocol = {.network = network_find("dense"),
	                            .start = START_ARCHETYPE,
	                            .replicas = 2,
	                            .burn_in = 50,
	                            .sweeps = 150,
	                            .seed = 5,
	                            .patterns = 1,
	                            .kernel = "auto"};
	double m[2], q[2], found, error;

	for (protocol.diagonal = 0; protocol.diagonal <= 1; protocol.diagonal++) {
		power_sums_theory(&m[protocol.diagonal], &q[protocol.diagonal], p.gamma, p.T,
		                  protocol.diagonal);
		mean_over_samples(&found, &error, &protocol, &p, OBS_Q, 16);
		ck_assert_msg(fabs(found - q[protocol.diagonal]) < 5 * error + 0.0005 && error < 0.002,
		              "diagonal %d: q = %.5f(%.5f), theory %.5f", protocol.diagonal, found, error,
		              q[protocol.diagonal]);
	}
	ck_assert_double_eq_tol(m[1], 0.99243, 1e-5);
	ck_assert_double_eq_tol(q[1], 0.98823, 1e-5);
	ck_assert_double_gt(1 - q[1], 8 * (1 - q[0]));
}
END_TEST

/* And a continuous glass at T = sqrt(3 gamma): N <q^2> = 1/(1 - 3 gamma/T^2) above it, not 1 (1.18 at T =
 * 2; the finite size adds about 0.03). */
START_TEST(power_sums_glass)
{
	const struct params p = {.P = 4, .r = 1, .T = 2, .gamma = 0.2, .N = 80};
	struct protocol protocol = {.network = network_find("dense"),
	                            .start = START_RANDOM,
	                            .replicas = 4,
	                            .burn_in = 20,
	                            .sweeps = 150,
	                            .seed = 7,
	                            .patterns = 1,
	                            .kernel = "auto"};
	double found, error;

	for (protocol.diagonal = 0; protocol.diagonal <= 1; protocol.diagonal++) {
		double want = protocol.diagonal ? 1 / (1 - 3 * p.gamma / (p.T * p.T)) : 1;
		mean_over_samples(&found, &error, &protocol, &p, OBS_Q2, 16);
		ck_assert_msg(fabs(p.N * found - want) < 4 * p.N * error + 0.03 && p.N * error < 0.03,
		              "diagonal %d: N q^2 = %.4f(%.4f), theory %.4f", protocol.diagonal, p.N * found,
		              p.N * error, want);
	}
}
END_TEST

START_TEST(refused)
{
	const struct shape shape = {STORAGE, 8, 5, 1, 1, 0};
	struct couplings kept = {.P = 4, .w = 1, .diagonal = 1}, high = {.P = 17, .w = 1},
			 noisy = {.P = 4, .w = 1, .noise = 1};
	struct quenched q;
	struct tap *t;
	struct fault fault;

	make_sample(&q, &shape, 3);
	ck_assert_int_eq(tap_alloc(&t, &q, &kept, &fault), -1);
	ck_assert_str_eq(fault.key, "diagonal");
	ck_assert_int_eq(tap_alloc(&t, &q, &noisy, &fault), -1);
	ck_assert_str_eq(fault.key, "omega");
	ck_assert_int_eq(tap_alloc(&t, &q, &high, &fault), -1);
	ck_assert_str_eq(fault.key, "P");
	ck_assert_ptr_null(t);
	quenched_free(&q);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *tcase = suite_case(suite, "tap", 60);

	tcase_add_loop_test(tcase, brute_force, 0, sizeof tiny / sizeof *tiny);
	tcase_add_test(tcase, spins);
	tcase_add_test(tcase, second_order);
	tcase_add_loop_test(tcase, stationary, 0, sizeof middle / sizeof *middle);
	tcase_add_loop_test(tcase, replica_symmetric, 0, 1);
	tcase_add_test(tcase, site_by_site);
	tcase_add_test(tcase, power_sums);
	tcase_add_test(tcase, power_sums_glass);
	tcase_add_test(tcase, refused);
}
