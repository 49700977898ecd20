/* Computes rows and archetypes.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/images/memories.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SITES = 16, ROWS = 8 };

/* Allocates zeroed memory, aligned to 64 bytes. */
static void *zeros(size_t count, size_t size)
{
	size_t bytes = (count * size + 63) / 64 * 64;
	void *p = aligned_alloc(64, bytes);
	if (p)
		memset(p, 0, bytes);
	return p;
}

static int alloc_arrays(struct memories *m, int by_site)
{
	size_t K = (size_t)m->classes, all = K * m->stride;

	m->row = zeros((size_t)m->rows * m->stride, sizeof *m->row);
	m->scale = zeros((size_t)m->rows, sizeof *m->scale);
	m->archetype = zeros(all, sizeof *m->archetype);
	m->sign = zeros(all, sizeof *m->sign);
	m->nearest = zeros(all, sizeof *m->nearest);
	if (by_site)
		m->site = zeros((size_t)m->N * m->lanes, sizeof *m->site);
	return m->row && m->scale && m->archetype && m->sign && m->nearest && (m->site || !by_site) ? 0 : -1;
}

static double mean_square(const double *x, int N)
{
	double sum = 0;
	for (int i = 0; i < N; i++)
		sum += x[i] * x[i];
	return sum / N;
}

/* Divides x by its rms; returns -1 if that is 0 (to rounding of numbers of order 1). */
static int normalise(double *x, int N)
{
	double rms = sqrt(mean_square(x, N));
	if (!(rms > 1e-14))
		return -1;
	for (int i = 0; i < N; i++)
		x[i] /= rms;
	return 0;
}

/* Subtracts the mean over the classes from x[classes][stride]. */
static void centre(double *x, const struct memories *m)
{
	for (int i = 0; i < m->N; i++) {
		double mean = 0;
		for (int c = 0; c < m->classes; c++)
			mean += x[(size_t)c * m->stride + (size_t)i];
		mean /= m->classes;
		for (int c = 0; c < m->classes; c++)
			x[(size_t)c * m->stride + (size_t)i] -= mean;
	}
}

/* Computes the rows, all from integers. */
static void fill_rows(struct memories *m, const struct images *s)
{
	for (int c = 0; c < m->classes; c++)
		for (long a = 0; a < m->M; a++) {
			const int8_t *example = s->example + (c * s->most + a) * m->N;
			float *row = m->row + (size_t)(m->unsupervised ? c * m->M + a : c) * m->stride;
			for (int i = 0; i < m->N; i++)
				row[i] += example[i];
		}
}

static int fill_archetypes(struct memories *m, const struct images *s)
{
	for (int c = 0; c < m->classes; c++) {
		double *mean = m->archetype + (size_t)c * m->stride, *sign = m->sign + (size_t)c * m->stride;
		for (long a = 0; a < m->M; a++)
			for (int i = 0; i < m->N; i++)
				mean[i] += s->example[(c * s->most + a) * m->N + i];
		for (int i = 0; i < m->N; i++) {
			sign[i] = mean[i] > 0 ? 1 : -1;
			mean[i] /= (double)m->M;
		}
		memcpy(m->nearest + (size_t)c * m->stride, mean, (size_t)m->N * sizeof *mean);
		m->R += mean_square(mean, m->N) / m->classes;
		if (normalise(mean, m->N) != 0)
			return -1;
	}
	centre(m->nearest, m);
	for (int c = 0; c < m->classes; c++)
		normalise(m->nearest + (size_t)c * m->stride,
		          m->N); /* equal classes: 0, and none is nearer */
	return 0;
}

/* mix of the rows that gives chi centred over the classes: (delta_mu,nu - 1/K) / (the norms), nu's norm
 * first. */
static int mix_centred(struct memories *m)
{
	size_t K = (size_t)m->classes, N = (size_t)m->N;
	double *chi = zeros(K * m->stride, sizeof *chi);
	int code = chi ? 0 : -1;

	if (chi)
		memcpy(chi, m->archetype, K * m->stride * sizeof *chi);
	if (chi)
		centre(chi, m);
	for (size_t u = 0; u < K && code == 0; u++) {
		double rms = sqrt(mean_square(chi + u * m->stride, (int)N));
		if (!(rms > 1e-14))
			code = -1;
		for (size_t v = 0; v < K; v++)
			m->mix[u * K + v] = ((u == v) - 1.0 / (double)K) / rms * m->scale[v];
	}
	free(chi);
	return code;
}

/* C^(-1/2) scale: from the eigenvectors of C. */
static int mix_pseudo(struct memories *m)
{
	size_t K = (size_t)m->classes, N = (size_t)m->N;
	gsl_matrix *C = gsl_matrix_alloc(K, K), *V = gsl_matrix_alloc(K, K);
	gsl_vector *value = gsl_vector_alloc(K);
	gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(K);
	int code = C && V && value && work ? 0 : -1;

	for (size_t u = 0; u < K && code == 0; u++)
		for (size_t v = 0; v < K; v++) {
			double sum = 0;
			for (size_t i = 0; i < N; i++)
				sum += m->archetype[u * m->stride + i] * m->archetype[v * m->stride + i];
			gsl_matrix_set(C, u, v, sum / (double)N);
		}
	if (code == 0)
		code = gsl_eigen_symmv(C, value, V, work) ? -1 : 0;
	for (size_t k = 0; k < K && code == 0; k++)
		if (!(gsl_vector_get(value, k) > 1e-10))
			code = -1;
	for (size_t u = 0; u < K && code == 0; u++)
		for (size_t v = 0; v < K; v++) {
			double sum = 0;
			for (size_t k = 0; k < K; k++)
				sum += gsl_matrix_get(V, u, k) * gsl_matrix_get(V, v, k) /
				       sqrt(gsl_vector_get(value, k));
			m->mix[u * K + v] = sum * m->scale[v];
		}
	if (work)
		gsl_eigen_symmv_free(work);
	gsl_vector_free(value);
	gsl_matrix_free(V);
	gsl_matrix_free(C);
	return code;
}

static void fill_sites(struct memories *m)
{
	size_t K = (size_t)m->rows;

	for (size_t i = 0; i < (size_t)m->N; i++)
		for (size_t u = 0; u < K; u++) {
			double chi = m->mix ? 0 : m->scale[u] * (double)m->row[u * m->stride + i];
			for (size_t v = 0; m->mix && v < K; v++)
				chi += m->mix[u * K + v] * (double)m->row[v * m->stride + i];
			m->site[i * m->lanes + u] = chi;
		}
}

static int fill(struct memories *m, const struct images *s, enum decorrelate decorrelate, struct fault *fault)
{
	fill_rows(m, s);
	if (fill_archetypes(m, s) != 0)
		return fault_set(fault, "M", "the mean of the examples of a class is 0 at every pixel");
	for (size_t u = 0; u < (size_t)m->rows; u++) {
		double sum = 0;
		const float *row = m->row + u * m->stride;
		for (int i = 0; i < m->N; i++)
			sum += (double)row[i] * (double)row[i];
		m->scale[u] = 1 / sqrt(sum / m->N);
	}
	if (decorrelate != DECORRELATE_NONE) {
		m->mix = zeros((size_t)m->classes * (size_t)m->classes, sizeof *m->mix);
		if (!m->mix)
			return fault_set(fault, "set", "no memory for the network");
		if (decorrelate == DECORRELATE_CENTRE ? mix_centred(m) : mix_pseudo(m))
			return fault_set(fault, "decorrelate",
			                 "the archetypes depend on each other linearly");
	}
	if (m->site)
		fill_sites(m);
	return 0;
}

int memories_alloc(struct memories **out, const struct images *s, long M, int unsupervised,
                   enum decorrelate decorrelate, int by_site, struct fault *fault)
{
	struct memories *m;
	int code = -1;

	*out = NULL;
	if (unsupervised && decorrelate != DECORRELATE_NONE)
		return fault_set(fault, "decorrelate",
		                 "only with supervised learning, whose rows are the archetypes");
	if ((unsupervised ? 1 : M) * s->N > 1 << 24)
		return fault_set(fault, "M", "sums over all examples and pixels must stay below 2^24");
	m = calloc(1, sizeof *m);
	if (!m)
		return fault_set(fault, "set", "no memory for the network");
	*m = (struct memories){.N = s->N, .classes = s->classes, .M = M, .unsupervised = unsupervised};
	m->rows = unsupervised ? s->classes * M : s->classes;
	m->stride = ((size_t)m->N + SITES - 1) / SITES * SITES;
	m->lanes = ((size_t)m->rows + ROWS - 1) / ROWS * ROWS;
	code = alloc_arrays(m, by_site) ? fault_set(fault, "set", "no memory for the network")
	                                : fill(m, s, decorrelate, fault);
	if (code)
		memories_free(m);
	else
		*out = m;
	return code;
}

void memories_free(struct memories *m)
{
	if (!m)
		return;
	free(m->row);
	free(m->scale);
	free(m->mix);
	free(m->site);
	free(m->archetype);
	free(m->sign);
	free(m->nearest);
	free(m);
}

double memories_weight(const struct memories *m, int P)
{
	double w = 1;
	if (!m->unsupervised)
		return w;
	for (int k = 0; k < P; k++) /* not pow: its last bit depends on the processor */
		w /= sqrt(m->R);
	return w / (double)m->M;
}
