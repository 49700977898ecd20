/* The dense network as the rest of the program sees it: parameters, checks, couplings.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/row.h"

#include <math.h>

static int dense_check(const struct params *p, struct fault *out)
{
	if (p->P < 2)
		return fault_set(out, "P", "must be an integer >= 2");
	if (!(p->T >= 0))
		return fault_set(out, "T", "must be >= 0");
	if (!(p->gamma >= 0))
		return fault_set(out, "gamma", "must be >= 0");
	if (!(p->own[DENSE_OMEGA] >= 0))
		return fault_set(out, "omega", "must be >= 0");
	if (p->own[DENSE_OMEGA] > 0 && !(p->N > 0))
		return fault_set(out, "omega",
		                 "needs N beside it (sweep.N): its load is P! omega^2/(2 N^(P-1))");
	if (!isfinite(dense_noise(p).synapses))
		return fault_set(out, "omega", "the load P! omega^2/(2 N^(P-1)) overflows");
	if (!(p->own[DENSE_W] >= 0))
		return fault_set(out, "w", "must be >= 0");
	if (p->own[DENSE_W] > 0 && p->P != 4)
		return fault_set(out, "w",
		                 "noise on the pairs of a pattern is of four-body couplings: P = 4");
	if (p->own[DENSE_W] > 0 && p->own[DENSE_OMEGA] > 0)
		return fault_set(out, "w", "not together with omega, another noise");
	if (p->own[DENSE_W] > 0 && p->learning == UNSUPERVISED)
		return fault_set(out, "w",
		                 "storage and supervised learning only: an example has no pairs of its own");
	if (p->own[DENSE_W] > 0 && p->gamma > 0 && !(p->N > 0))
		return fault_set(
			out, "w",
			"with a load it needs N beside it (sweep.N): noise of K patterns counts by K/N");
	if (p->K > 0 && !(p->N > 0))
		return fault_set(out, "K", "needs N beside it (sweep.N): the load is P! K/(2 N^(P-1))");
	if (p->learning == UNSUPERVISED && p->rho > 0 && p->M < 1)
		return fault_set(
			out, "rho",
			"unsupervised learning of a dense network needs r and M: its noise depends on both");
	return 0;
}

/* H = -(P!/2) N^(1-P) sum over patterns of e_P(chi . s) in the units of T, chi = (mean of the
 * examples)/sqrt(R), R = r^2 (1 + rho); unsupervised: the mean over the examples of e_P(eta . s) in its
 * place.  Noise on the pairs is in units of chi chi. */
static int dense_couplings(const struct params *p, struct couplings *out, struct fault *f)
{
	const double scale = 1 / sqrt(p->r * p->r * (1 + p->rho));
	const double noise = params_per_tuple(0.5 * p->P * p->own[DENSE_OMEGA], p->P, p->N);
	double w = 0.5 * p->P * scale;
	(void)f;
	for (int k = 1; k < p->P; k++) /* no pow: its last bit depends on the processor */
		w *= k / p->N * scale;
	if (p->learning == UNSUPERVISED && p->M > 0)
		w /= p->M;
	*out = (struct couplings){.P = p->P,
	                          .w = w,
	                          .signal = scale,
	                          .noise = noise,
	                          .pair_noise = p->own[DENSE_W] * sqrt(p->N) / (scale * scale)};
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

/* Noise is a load that depends on N: that on the synapses by N^(1-P), that on the pairs of K patterns by
 * K/N. */
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
	{"omega", "\\omega",
	 .meaning = "noise on the synapses, a load P! omega^2/(2 N^(P-1)) beside gamma or K; needs N",
	 PARAMETER_FIELD(own[DENSE_OMEGA]), .max = INFINITY, .used_by = USED_BY_SOLVE | USED_BY_SIMULATE,
	 .not_in_lines = "not with mattis lines, whose loads are of patterns; mattis solve takes it"},
	{"w",
	 .meaning = "P = 4: noise w sqrt(N) on each pair of sites of a pattern, the halves of four-body "
		    "couplings",
	 PARAMETER_FIELD(own[DENSE_W]), .max = INFINITY, .used_by = USED_BY_SOLVE | USED_BY_SIMULATE,
	 .not_in_lines = "not with mattis lines, whose loads are of patterns; mattis solve takes it"},
	{0},
};

static const struct solve_option options[] = {
	{"low", "dense: also a branch low, retrieval with a smaller overlap, where there is one", "false",
	 DENSE_LOW, .truth = 1},
	{"rsb",
	 "dense, P >= 3: also branches retrieval_1rsb and glass_1rsb, one step of replica symmetry breaking",
	 "false", DENSE_RSB, .truth = 1},
	{"snr", "dense: also signal to noise, m after one step at T = 0 and the examples needed", "false",
	 DENSE_SNR, .truth = 1},
	{0},
};
/* clang-format on */

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
	.equations = &dense_equations,
	.lines = dense_lines,
};
