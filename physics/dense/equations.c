/* The dense network: equations (D1)-(D12) of THEORY.md §3 and the entry in the table of networks.
 * Solutions are searched for in dense_branches.c.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/equations.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <stdio.h>

/* ---------------------------------------------------------------- noise of the other patterns */

/* (D3) and (D4): only unsupervised learning changes the noise. */
struct dense_noise dense_noise(const struct params *p)
{
	struct dense_noise noise = {
		.P = p->P, .gamma = p->gamma, .g = 1, .modes = 1, .lambda = {1}, .weight = {1}};
	if (p->own[DENSE_OMEGA] > 0) {
		noise.synapses = 0.5 * p->P * p->own[DENSE_OMEGA] * p->own[DENSE_OMEGA];
		for (int k = 1; k < p->P; k++)
			noise.synapses *= k / p->N;
	}
	if (p->learning != UNSUPERVISED || p->rho == 0)
		return noise;
	double r2P = pow(p->r, 2 * p->P), rho_P = (1 - r2P) / (p->M * r2P);
	noise.g = (1 + rho_P) / pow(1 + p->rho, p->P);
	noise.modes = 2;
	noise.lambda[1] = p->rho / (1 + p->rho);
	noise.weight[1] = p->M - 1;
	return noise;
}

int dense_width(const struct dense_noise *noise, double T, double C, double *W, double *W_C)
{
	const double q = dense_q(T, C);
	*W = *W_C = 0;
	if (!(q >= 0) || !(C >= 0))
		return GSL_EDOM;
	if (noise->P > 2) {
		double a = noise->g * 0.5 * noise->P * gsl_pow_int(q, noise->P - 2);
		*W = a * q;
		*W_C = -T * a * (noise->P - 1);
		return GSL_SUCCESS;
	}
	for (int k = 0; k < noise->modes; k++) {
		double l = noise->lambda[k], D = 1 - l * C, a = noise->weight[k] * l * l / (D * D);
		if (noise->gamma == 0)
			break;
		if (!(D > 0))
			return GSL_EDOM;
		*W += a * q;
		*W_C += a * (2 * l * q / D - T);
	}
	return GSL_SUCCESS;
}

double dense_synapses(const struct dense_noise *noise, double T, double C, double *S_C)
{
	const double q = dense_q(T, C), a = noise->synapses * 0.5 * noise->P * gsl_pow_int(q, noise->P - 2);
	*S_C = -T * a * (noise->P - 1);
	return a * q;
}

/* ---------------------------------------------------------------- map */

/* Field parameters at x: A (D1), v (D2), and their derivatives by n and C; with noise on the pairs also (S11). */
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

static int dense_size(const struct params *p)
{
	(void)p;
	return 2;
}

/* (D5) n = E chi tanh(h/T), (D6) C = E sech^2(h/T)/T. */
static int dense_map(struct average *average, const struct params *p, const double *x, double *fx,
                     double *jac)
{
	const struct law law = law_of(p);
	struct moments a;
	struct dense_pairs f;
	int status = dense_field(&f, p, x);
	if (status == GSL_SUCCESS)
		status = average_fields(average, &law, p->T, f.A, f.v, &a);
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

/* ---------------------------------------------------------------- free energy and the rest */

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

/* The noise's part of the free energy, (D7) P >= 3 and (D8) P = 2.  Written with C so that T -> 0 is regular:
 * beta [1 - P q^(P-1) + (P-1) q^P] = T C^2 (1 + 2q + ... + (P-1) q^(P-2)). */
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

/* Its part of the energy, (D9) and (D10). */
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
	const struct law law = law_of(p);
	struct moments a;
	struct dense_pairs f;
	int status = dense_field(&f, p, x);
	if (status == GSL_SUCCESS)
		status = average_fields(average, &law, p->T, f.A, f.v, &a);
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

/* ---------------------------------------------------------------- the entry */

static int fault(struct fault *out, const char *key, const char *why)
{
	out->key = key;
	snprintf(out->why, sizeof out->why, "%s", why);
	return -1;
}

static int dense_check(const struct params *p, struct fault *out)
{
	if (p->P < 2)
		return fault(out, "P", "must be an integer >= 2");
	if (!(p->T >= 0))
		return fault(out, "T", "must be >= 0");
	if (!(p->gamma >= 0))
		return fault(out, "gamma", "must be >= 0");
	if (!(p->own[DENSE_OMEGA] >= 0))
		return fault(out, "omega", "must be >= 0");
	if (p->own[DENSE_OMEGA] > 0 && !(p->N > 0))
		return fault(out, "omega", "needs N beside it (sweep.N): its load is P! omega^2/(2 N^(P-1))");
	if (!isfinite(dense_noise(p).synapses))
		return fault(out, "omega", "the load P! omega^2/(2 N^(P-1)) overflows");
	if (!(p->own[DENSE_W] >= 0))
		return fault(out, "w", "must be >= 0");
	if (p->own[DENSE_W] > 0 && p->P != 4)
		return fault(out, "w", "noise on the pairs of a pattern is of four-body couplings: P = 4");
	if (p->own[DENSE_W] > 0 && p->own[DENSE_OMEGA] > 0)
		return fault(out, "w", "not together with omega, another noise");
	if (p->own[DENSE_W] > 0 && p->learning == UNSUPERVISED)
		return fault(out, "w", "storage and supervised learning only: an example has no pairs of its own");
	if (p->own[DENSE_W] > 0 && p->gamma > 0 && !(p->N > 0))
		return fault(out, "w", "with a load it needs N beside it (sweep.N): noise of K patterns counts by K/N");
	if (p->K > 0 && !(p->N > 0))
		return fault(out, "K", "needs N beside it (sweep.N): the load is P! K/(2 N^(P-1))");
	if (p->learning == UNSUPERVISED && p->rho > 0 && p->M < 1)
		return fault(
			out, "rho",
			"unsupervised learning of a dense network needs r and M: its noise depends on both");
	return 0;
}

/* H = -(P!/2) N^(1-P) sum over patterns of e_P(chi . s) in the units of T, chi = (mean of the examples)/sqrt(R),
 * R = r^2 (1 + rho); unsupervised: the mean over the examples of e_P(eta . s) in its place.  Noise on the pairs is in units of
 * chi chi. */
static int dense_couplings(const struct params *p, struct couplings *out, struct fault *f)
{
	double scale = 1 / sqrt(p->r * p->r * (1 + p->rho)), w = 0.5 * p->P * scale, noise = 0.5 * p->P * p->own[DENSE_OMEGA];
	(void)f;
	for (int k = 1; k < p->P; k++) { /* no pow: its last bit depends on the processor */
		w *= k / p->N * scale;
		noise *= k / p->N;
	}
	if (p->learning == UNSUPERVISED && p->M > 0)
		w /= p->M;
	*out = (struct couplings){
		.P = p->P, .w = w, .signal = scale, .noise = noise, .pair_noise = p->own[DENSE_W] * sqrt(p->N) / (scale * scale)};
	return 0;
}

/* (V4): of the N^(P-1) terms of a field c_N N^(P-1) have distinct sites. */
static double dense_finite_size(struct params *p)
{
	double c = 1;
	for (int k = 1; k < p->P && p->N > 0; k++)
		c *= fmax(p->N - k, 0) / p->N;
	if (!(c > 0))
		return 1;
	p->T /= c;
	p->gamma /= c;
	p->own[DENSE_OMEGA] /= sqrt(c); /* a load too */
	return c;
}

/* Noise is a load that depends on N: that on the synapses by N^(1-P), that on the pairs of K patterns by K/N. */
static int dense_has_limit(const struct params *p, int by_load)
{
	return p->own[DENSE_OMEGA] == 0 && !(p->own[DENSE_W] > 0 && by_load);
}

/* The load of the noise on the synapses is omega^2. */
static void dense_resize(struct params *p, double factor)
{
	p->own[DENSE_OMEGA] *= sqrt(pow(factor, p->P - 1));
}

/* clang-format off */
static const struct parameter parameters[] = {
	{"omega", "\\omega", .meaning = "noise on the synapses, a load P! omega^2/(2 N^(P-1)) beside gamma or K; needs N",
	 PARAMETER_FIELD(own[DENSE_OMEGA]), .max = INFINITY, .used_by = USED_BY_SOLVE | USED_BY_SIMULATE,
	 .not_in_lines = "not with mattis lines, whose loads are of patterns; mattis solve takes it"},
	{"w", .meaning = "P = 4: noise w sqrt(N) on each pair of sites of a pattern, the halves of four-body couplings",
	 PARAMETER_FIELD(own[DENSE_W]), .max = INFINITY, .used_by = USED_BY_SOLVE | USED_BY_SIMULATE,
	 .not_in_lines = "not with mattis lines, whose loads are of patterns; mattis solve takes it"},
	{0},
};

static const struct solve_option options[] = {
	{"low", "dense: also a branch low, retrieval with a smaller overlap, where there is one", "false", DENSE_LOW, .truth = 1},
	{"rsb", "dense, P >= 3: also branches retrieval_1rsb and glass_1rsb, one step of replica symmetry breaking", "false",
	 DENSE_RSB, .truth = 1},
	{"snr", "dense: also signal to noise, m after one step at T = 0 and the examples needed", "false", DENSE_SNR, .truth = 1},
	{0},
};
/* clang-format on */

/* dense_row.c */
int dense_solve_row(struct average *, const struct params *, const struct solve_options *,
                    const struct tick *, struct row *);
int dense_branches(const struct params *, const struct solve_options *, const char *names[MAX_BRANCHES]);
int dense_groups(const struct params *, const struct solve_options *);
int dense_check_options(const struct params *, const struct solve_options *, struct fault *);
extern const struct quantity dense_quantities[];

const struct network dense_network = {
	.name = "dense",
	.uses = (const char *const[]){"P", "r", "M", "rho", "K", "gamma", NULL},
	.parameters = parameters,
	.options = options,
	.needs = (const char *const[]){"P", NULL},
	.quantities = dense_quantities,
	.check = dense_check,
	.check_options = dense_check_options,
	.branches = dense_branches,
	.groups = dense_groups,
	.couplings = dense_couplings,
	.images = 1,
	.finite_size = dense_finite_size,
	.has_limit = dense_has_limit,
	.resize = dense_resize,
	.solve_row = dense_solve_row,
	.size = dense_size,
	.map = dense_map,
	.free_energy = dense_free_energy,
	.lines = dense_lines,
};
