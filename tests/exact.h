/* Exact averages of small systems by enumeration of all 2^N states, from the definitions of the theory
 * notes: independent of the fields, couplings and records that they test.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_TESTS_EXACT_H
#define MATTIS_TESTS_EXACT_H

#include <math.h>
#include <string.h>

#include "montecarlo/disorder/quenched.h"
#include "montecarlo/disorder/rng.h"

enum { EXACT_SPINS = 12, EXACT_STATES = 1 << EXACT_SPINS };

struct exact {
	int N;
	double energy[EXACT_STATES]; /* H in the units of T, all terms */
	double m[EXACT_STATES], n[EXACT_STATES]; /* of the first pattern */
};

static inline int exact_spin(int state, int i)
{
	return state >> i & 1 ? 1 : -1;
}

/* Returns the sum over i1 < ... < iP of the products of a_i s_i, by recursion over the sites; coincident:
 * (a.s)^P/P!. */
static inline double exact_polynomial(const double *a, int state, int N, int P, int coincident)
{
	double e[17] = {1}, sum = 0, power = 1;
	for (int i = 0; i < N; i++) {
		double x = a[i] * exact_spin(state, i);
		sum += x;
		for (int k = P; k > 0; k--)
			e[k] += x * e[k - 1];
	}
	for (int k = 1; k <= P; k++)
		power *= sum / k;
	return coincident ? power : e[P];
}

/* dense: chi = (mean of the examples)/sqrt(R), H = -(P!/2) N^(1-P) sum e_P(chi.s) (unsupervised: mean over
 * the examples of e_P(eta.s)/R^(P/2)).  multitasking: H = -(N c/2) sum p^2, p = (1/(cN)) sum z s, z = (mean
 * of the examples)/r (unsupervised: H = -(N/(2 c M r^2)) sum over examples of q^2). */
static inline void exact_init(struct exact *x, const struct quenched *q, int P, int multitasking,
                              int coincident)
{
	int N = q->N, M = q->of.M, unsupervised = q->of.learning == UNSUPERVISED;
	double r = q->of.r, rho = (1 - r * r) / (M * r * r), R = r * r * (1 + rho),
	       c = (1 - q->of.d) * (1 + rho);
	double factor = 0.5; /* (P!/2) N^(1-P) */
	x->N = N;
	for (int k = 1; k <= P; k++)
		factor *= k;
	factor *= pow(N, 1 - P);
	for (int state = 0; state < 1 << N; state++) {
		x->energy[state] = x->m[state] = x->n[state] = 0;
		for (long row = 0; row < q->rows; row++) {
			double mean[EXACT_SPINS], dot = 0;
			long mu = row / q->rows_per_pattern;
			for (int i = 0; i < N; i++) {
				mean[i] = q->unit * quenched_entry(q, row, i);
				dot += mean[i] * exact_spin(state, i);
			}
			if (mu == 0)
				x->n[state] += dot / N / q->rows_per_pattern /
				               (multitasking ? r * (1 + rho) : sqrt(R));
			if (multitasking)
				x->energy[state] -= dot * dot / (2 * c * r * r * N) / (unsupervised ? M : 1);
			else
				x->energy[state] -= factor * pow(R, -0.5 * P) / (unsupervised ? M : 1) *
				                    exact_polynomial(mean, state, N, P, coincident);
		}
		int8_t xi[EXACT_SPINS];
		quenched_pattern(q, 0, xi);
		for (int i = 0; i < N; i++)
			x->m[state] += xi[i] * exact_spin(state, i) / (double)N;
	}
}

/* Returns the sum over sets of four sites of their three divisions into pairs, times the spins. */
static inline double exact_four(double eta[EXACT_SPINS][EXACT_SPINS], int state, int N)
{
	double sum = 0;

	for (int l = 3; l < N; l++)
		for (int k = 2; k < l; k++)
			for (int j = 1; j < k; j++)
				for (int i = 0; i < j; i++)
					sum += (eta[i][j] * eta[k][l] + eta[i][k] * eta[j][l] +
					        eta[i][l] * eta[j][k]) *
					       exact_spin(state, i) * exact_spin(state, j) *
					       exact_spin(state, k) * exact_spin(state, l);
	return sum;
}

/* Noise w sqrt(N) g_ij on the pairs of the dense network with P = 4: the energies by all sets of four sites
 * and their three divisions into pairs, H = -12 N^-3 sum over rows and sets of the mean of (chi_i chi_j + w
 * sqrt(N) g_ij)(chi_k chi_l + w sqrt(N) g_kl). */
static inline void exact_halves(struct exact *x, const struct quenched *q, double w)
{
	const int N = q->N;
	double r = q->of.r, R = r * r + (1 - r * r) / q->of.M;
	memset(x->energy, 0, sizeof x->energy);
	for (long row = 0; row < q->rows; row++) {
		double eta[EXACT_SPINS][EXACT_SPINS];
		struct rng_key key =
			rng_derive(rng_disorder(q->of.seed, q->of.sample), 0x7061697273u, (uint64_t)row);
		for (int j = 0; j < N; j++)
			for (int i = 0; i < j; i++)
				eta[i][j] = q->unit * quenched_entry(q, row, i) * q->unit *
				                    quenched_entry(q, row, j) / R +
				            w * sqrt(N) * rng_gauss(key, (uint64_t)(j * (j - 1) / 2 + i));
		for (int state = 0; state < 1 << N; state++)
			x->energy[state] -= 4 * pow(N, -3) * exact_four(eta, state, N);
	}
}

/* Returns the normalised Gibbs weights. */
static inline void exact_gibbs(double *weight, const struct exact *x, double T)
{
	double lowest = x->energy[0], Z = 0;
	for (int s = 1; s < 1 << x->N; s++)
		lowest = fmin(lowest, x->energy[s]);
	for (int s = 0; s < 1 << x->N; s++)
		Z += weight[s] = exp((lowest - x->energy[s]) / T);
	for (int s = 0; s < 1 << x->N; s++)
		weight[s] /= Z;
}

/* h_i = (H(s_i = -1) - H(s_i = +1))/2 */
static inline double exact_field(const struct exact *x, int state, int i)
{
	return (x->energy[state & ~(1 << i)] - x->energy[state | 1 << i]) / 2;
}

/* Returns the distribution after one synchronous update of all spins (T > 0). */
static inline void exact_synchronous(double *after, const double *before, const struct exact *x, double T)
{
	int states = 1 << x->N;
	memset(after, 0, (size_t)states * sizeof *after);
	for (int s = 0; s < states; s++) {
		double up[EXACT_SPINS];
		for (int i = 0; i < x->N; i++)
			up[i] = 1 / (1 + exp(-2 * exact_field(x, s, i) / T));
		for (int t = 0; t < states; t++) {
			double p = before[s];
			for (int i = 0; i < x->N; i++)
				p *= t >> i & 1 ? up[i] : 1 - up[i];
			after[t] += p;
		}
	}
}

/* Returns the means of m, n, m^2 and energy per spin, and q^2 of two replicas. */
struct exact_means {
	double m, n, m2, energy, q, q2;
};

static inline struct exact_means exact_average(const double *weight, const struct exact *x)
{
	struct exact_means a = {0};
	double pair[EXACT_SPINS][EXACT_SPINS] = {{0}}, one[EXACT_SPINS] = {0};
	for (int s = 0; s < 1 << x->N; s++) {
		a.m += weight[s] * x->m[s];
		a.n += weight[s] * x->n[s];
		a.m2 += weight[s] * x->m[s] * x->m[s];
		a.energy += weight[s] * x->energy[s] / x->N;
		for (int i = 0; i < x->N; i++) {
			one[i] += weight[s] * exact_spin(s, i);
			for (int j = 0; j < x->N; j++)
				pair[i][j] += weight[s] * exact_spin(s, i) * exact_spin(s, j);
		}
	}
	for (int i = 0; i < x->N; i++) {
		a.q += one[i] * one[i] / x->N;
		for (int j = 0; j < x->N; j++)
			a.q2 += pair[i][j] * pair[i][j] / x->N / x->N;
	}
	return a;
}

#endif
