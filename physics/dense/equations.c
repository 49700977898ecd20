/* The dense network: map, free energy and stability, (D1)-(D12) of THEORY.md.  branches.c finds solutions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/equations.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>

/* ---------------------------------------------------------------- map */

/* Field parameters at x: A (D1), v (D2), and their derivatives by n and C; with noise on the pairs also
 * (S11). */
static int dense_field(struct dense_pairs *f, const struct params *p, const double *x)
{
	const struct dense_noise noise = dense_noise(p);
	double W, W_C;
	*f = (struct dense_pairs){0};
	if (!(x[0] >= 0) || dense_width(&noise, p->T, x[1], &W, &W_C) != GSL_SUCCESS)
		return GSL_EDOM;
	if (p->own[DENSE_W] > 0 && dense_pairs(f, p, x[0], x[1]) != GSL_SUCCESS)
		return GSL_EDOM;
	if (p->own[DENSE_W] == 0) {
		double a = 0.5 * p->P * gsl_pow_int(x[0], p->P - 2);
		f->A = a * x[0];
		f->A_n = (p->P - 1) * a;
	}
	if (p->gamma > 0) {
		f->v += p->gamma * W;
		f->v_C += p->gamma * W_C;
	}
	if (noise.synapses > 0) {
		double S_C, S = dense_synapses(&noise, p->T, x[1], &S_C);
		f->v += S;
		f->v_C += S_C;
	}
	return GSL_SUCCESS;
}

static int averages_at(struct average *average, const struct params *p, const double *x,
                       struct dense_pairs *f, struct moments *a)
{
	const struct law law = law_of(p);
	int status = dense_field(f, p, x);
	return status == GSL_SUCCESS ? average_fields(average, &law, p->T, f->A, f->v, a) : status;
}

static int dense_size(const struct params *p)
{
	(void)p;
	return 2;
}

/* (D5) n = E chi tanh(h/T), (D6) C = E sech^2(h/T)/T. */
static int dense_map(struct average *average, const struct params *p, const double *x, double *fx,
                     double *jac)
{
	struct moments a;
	struct dense_pairs f;
	int status = averages_at(average, p, x, &f, &a);
	if (status != GSL_SUCCESS)
		return status;
	fx[0] = a.n;
	fx[1] = a.C;
	if (jac) {
		jac[0] = a.n_A * f.A_n + a.n_v * f.v_n;
		jac[1] = a.n_A * f.A_C + a.n_v * f.v_C;
		jac[2] = a.C_A * f.A_n + a.C_v * f.v_n;
		jac[3] = a.C_A * f.A_C + a.C_v * f.v_C;
	}
	return GSL_SUCCESS;
}

/* ---------------------------------------------------------------- free energy, energy, stability */

/* sum_{k=0}^{n-1} (k+1) q^k and sum_{k=0}^{n-1} q^k. */
static double weighted_powers(double q, int n)
{
	double sum = 0;
	for (int k = n; k >= 1; k--)
		sum = sum * q + k;
	return sum;
}

static double powers(double q, int n)
{
	double sum = 0;
	for (int k = 0; k < n; k++)
		sum = sum * q + 1;
	return sum;
}

/* Contribution of the noise to the free energy, (D7) P >= 3 and (D8) P = 2.  Written with C so that T -> 0
 * is regular: beta [1 - P q^(P-1) + (P-1) q^P] = T C^2 (1 + 2q + ... + (P-1) q^(P-2)). */
static double noise_free_energy(const struct dense_noise *noise, double T, double C)
{
	const double q = dense_q(T, C);
	double load = dense_load(noise), sum = 0;
	double f = load > 0 ? -0.25 * load * T * C * C * weighted_powers(q, noise->P - 1) : 0;
	if (noise->P > 2 || noise->gamma == 0)
		return f;
	for (int k = 0; k < noise->modes; k++) {
		double l = noise->lambda[k], D = 1 - l * C, log_D = T > 0 ? T * log1p(-l * C) : 0;
		sum += noise->weight[k] * (log_D - l * q / D + l + l * l * q * C / (D * D));
	}
	return f + 0.5 * noise->gamma * sum;
}

/* Contribution of the noise to the energy, (D9) and (D10). */
static double noise_energy(const struct dense_noise *noise, double T, double C)
{
	const double q = dense_q(T, C);
	double load = dense_load(noise), sum = 0, u = load > 0 ? -0.5 * load * C * powers(q, noise->P) : 0;
	if (noise->P > 2 || noise->gamma == 0)
		return u;
	for (int k = 0; k < noise->modes; k++) {
		double l = noise->lambda[k], D = 1 - l * C;
		sum += noise->weight[k] * l * (1 / D + l * q * C / (D * D) - 1);
	}
	return u - 0.5 * noise->gamma * sum;
}

/* Left side of the stability condition against replica symmetry breaking, (D11), over E sech^4(h/T)/T. */
static double replicon_prefactor(const struct dense_noise *noise, double T, double C)
{
	const double q = dense_q(T, C);
	double load = dense_load(noise), sum = 0;
	double prefactor =
		load > 0 ? load * 0.5 * noise->P * (noise->P - 1) * gsl_pow_int(q, noise->P - 2) / T : 0;
	if (noise->P > 2 || noise->gamma == 0)
		return prefactor;
	for (int k = 0; k < noise->modes; k++)
		sum += noise->weight[k] * gsl_pow_2(noise->lambda[k] / (1 - noise->lambda[k] * C));
	return prefactor + noise->gamma * sum / T;
}

void dense_report_of(struct dense_report *out, const struct params *p, double power, double C,
                     const struct moments *a)
{
	const struct dense_noise noise = dense_noise(p);
	out->m = a->m;
	out->n = a->n;
	out->C = C;
	out->q = dense_q(p->T, C);
	out->free_energy = -a->logcosh + 0.5 * (p->P - 1) * power + noise_free_energy(&noise, p->T, C);
	out->energy = -0.5 * power + noise_energy(&noise, p->T, C);
	if (noise.gamma == 0 && noise.synapses == 0)
		out->stability = 0;
	else if (p->T == 0)
		out->stability = INFINITY; /* sech^4 falls like T, the prefactor grows like 1/T^2 */
	else
		out->stability = replicon_prefactor(&noise, p->T, C) * a->sech4;
}

int dense_report(struct average *average, const struct params *p, const double *x, struct dense_report *out)
{
	struct moments a;
	struct dense_pairs f;
	int status = averages_at(average, p, x, &f, &a);
	if (status != GSL_SUCCESS)
		return status;
	a.n = x[0];
	dense_report_of(out, p, p->own[DENSE_W] > 0 ? 0 : gsl_pow_int(x[0], p->P), x[1], &a);
	if (p->own[DENSE_W] > 0) {
		out->free_energy += f.free_energy;
		out->energy += f.energy;
		out->stability = p->T > 0 ? out->stability + f.replicon * a.sech4 : INFINITY;
	}
	return GSL_SUCCESS;
}

static int dense_free_energy(struct average *average, const struct params *p, const double *x, double *f)
{
	struct dense_report report;
	int status = dense_report(average, p, x, &report);
	*f = report.free_energy;
	return status;
}

const struct equations dense_equations = {dense_size, dense_map, dense_free_energy};
