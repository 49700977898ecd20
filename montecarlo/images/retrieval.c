/* Dynamics of retrieval.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/images/retrieval.h"

#include "montecarlo/cpu.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GROUP = 8, GROUPS = RETRIEVAL_BLOCK / GROUP };
enum { L2 = 1 << 18 }; /* bytes of rows processed for all images before the next rows */

typedef float four __attribute__((vector_size(16)));
typedef double eight __attribute__((vector_size(64)));

struct sums {
	void (*overlaps)(double *Y, const float *row, long rows, size_t stride, const float *const *spin);
	void (*coefficients)(double *Y, double *x, const struct memories *, int P, double weight);
	void (*fields)(double *const *h, const float *row, long rows, size_t stride, const double *c);
	int (*decide)(float *s, double *h, int N, size_t stride);
	void (*narrow)(float *to, const double *from, size_t n);
	void (*widen)(double *to, const float *from, size_t n);
	double (*dot)(const double *a, const double *b, size_t n);
	void (*replace)(double *p, const double *chi, double from, double to, size_t n, int P);
	void (*elementary)(double *E, const double *p, size_t n, int P);
	double (*without)(const double *E, const double *chi, double m, size_t n, int P);
};

#define SUMS(name) name##_portable
#define TARGET
#define BYTES 16
#include "montecarlo/images/retrieval_sums.h"

#if defined __x86_64__
#define SUMS(name) name##_avx2
#define TARGET     __attribute__((target("avx2")))
#define BYTES      32
#include "montecarlo/images/retrieval_sums.h"

#define SUMS(name) name##_avx512
#define TARGET     __attribute__((target("avx512f,avx512dq")))
#define BYTES      64
#include "montecarlo/images/retrieval_sums.h"
#endif

struct retrieval_space {
	const struct memories *memories;
	const struct sums *sums;
	const char *kernel;
	float *spin;   /* [RETRIEVAL_BLOCK + 1][stride]; the last is a dummy: 0 */
	double *field; /* [RETRIEVAL_BLOCK + 1][stride] */
	double *Y;     /* [GROUPS][lanes][GROUP] */
	double *x;     /* [lanes][GROUP] */
	double *p, *E; /* [P][lanes] power sums and k! e_k of the rows, for degrees up to `degree` */
	int degree;
};

/* --- the space */

static int choose_kernel(struct retrieval_space *s, const char *name, struct fault *fault)
{
	static const struct {
		const char *name;
		const struct sums *sums;
	} kernel[] = {
#if defined __x86_64__
		{"avx512", &sums_avx512},
		{"avx2", &sums_avx2},
#endif
		{"portable", &sums_portable}
	};
	for (size_t k = 0; k < sizeof kernel / sizeof kernel[0]; k++) {
		int able = 1;
#if defined __x86_64__
		if (strcmp(kernel[k].name, "avx512") == 0)
			able = cpu_has_avx512dq();
		else if (strcmp(kernel[k].name, "avx2") == 0)
			able = cpu_has_avx2();
#endif
		if (able && (strcmp(name, "auto") == 0 || strcmp(name, kernel[k].name) == 0)) {
			s->sums = kernel[k].sums;
			s->kernel = kernel[k].name;
			return 0;
		}
	}
	return fault_set(fault, "kernel",
	                 "for retrieval auto, portable, avx2 or avx512, if the processor has it");
}

static void *zeros(size_t count, size_t size)
{
	size_t bytes = (count * size + 63) / 64 * 64;
	void *p = aligned_alloc(64, bytes);
	if (p)
		memset(p, 0, bytes);
	return p;
}

int retrieval_alloc(struct retrieval_space **out, const struct memories *m, const char *kernel,
                    struct fault *fault)
{
	struct retrieval_space *s = calloc(1, sizeof *s);
	size_t each = RETRIEVAL_BLOCK + 1;

	*out = NULL;
	if (s && choose_kernel(s, kernel, fault) != 0) {
		free(s);
		return -1;
	}
	if (s) {
		s->memories = m;
		s->spin = zeros(each * m->stride, sizeof *s->spin);
		s->field = zeros(each * m->stride, sizeof *s->field);
		s->Y = zeros(GROUPS * m->lanes * GROUP, sizeof *s->Y);
		s->x = zeros(m->lanes * GROUP, sizeof *s->x);
	}
	if (!s || !s->spin || !s->field || !s->Y || !s->x) {
		retrieval_free(s);
		return fault_set(fault, "set", "no memory for the network");
	}
	*out = s;
	return 0;
}

void retrieval_free(struct retrieval_space *s)
{
	if (!s)
		return;
	free(s->spin);
	free(s->field);
	free(s->Y);
	free(s->x);
	free(s->p);
	free(s->E);
	free(s);
}

const char *retrieval_kernel(const struct retrieval_space *s)
{
	return s->kernel;
}

double retrieval_dot(const struct retrieval_space *s, const double *a, const double *b)
{
	return s->sums->dot(a, b, s->memories->stride);
}

/* --- parallel */

static long rows_at_once(const struct memories *m)
{
	return L2 / (long)(m->stride * sizeof *m->row) + 1;
}

/* Finds the n images of the list, padded to whole groups with the dummy. */
static int gather(const float **spin, double **h, struct retrieval_space *s, const int *list, int n)
{
	int groups = (n + GROUP - 1) / GROUP;

	for (int k = 0; k < groups * GROUP; k++) {
		size_t at = (k < n ? (size_t)list[k] : RETRIEVAL_BLOCK) * s->memories->stride;
		spin[k] = s->spin + at;
		h[k] = s->field + at;
	}
	return groups;
}

/* Computes Y[group][row][image], integers. */
static void all_overlaps(struct retrieval_space *s, const float *const *spin, int groups)
{
	const struct memories *m = s->memories;
	const long step = rows_at_once(m);

	for (long u = 0; u < m->rows; u += step)
		for (int g = 0; g < groups; g++)
			s->sums->overlaps(s->Y + (size_t)g * m->lanes * GROUP + u * GROUP,
			                  m->row + (size_t)u * m->stride,
			                  m->rows - u < step ? m->rows - u : step, m->stride,
			                  spin + g * GROUP);
}

/* Adds the fields of the n images in the list to h (0 before). */
static void all_fields(struct retrieval_space *s, const struct retrieval *r, const int *list, int n)
{
	const struct memories *m = s->memories;
	const size_t size = m->lanes * GROUP;
	const long step = rows_at_once(m);
	const float *spin[RETRIEVAL_BLOCK];
	double *h[RETRIEVAL_BLOCK];
	int groups = gather(spin, h, s, list, n);

	all_overlaps(s, spin, groups);
	for (int g = 0; g < groups; g++)
		s->sums->coefficients(s->Y + (size_t)g * size, s->x, m, r->P,
		                      0.5 * r->P * memories_weight(m, r->P));
	for (long u = 0; u < m->rows; u += step)
		for (int g = 0; g < groups; g++)
			s->sums->fields(h + g * GROUP, m->row + (size_t)u * m->stride,
			                m->rows - u < step ? m->rows - u : step, m->stride,
			                s->Y + (size_t)g * size + u * GROUP);
}

/* Draws +1 with probability 1/(1 + exp(-2 h/T)), with the random numbers of this sweep; clears h. */
static void heat(float *s, double *h, int N, double T, struct rng_key key, long sweep)
{
	for (int i = 0; i < N; i += 2) {
		double u[2];
		rng_pair(u, key, (uint64_t)sweep, (uint32_t)i / 2, RNG_SPIN);
		for (int k = 0; k < 2 && i + k < N; k++)
			s[i + k] = 2 * h[i + k] / T > rng_logit(u[k]) ? 1 : -1;
	}
	memset(h, 0, (size_t)N * sizeof *h);
}

static int parallel(struct retrieval_space *s, const struct retrieval *r, int images, double *value,
                    const struct rng_key *key, struct retrieved *out, const struct tick *tick)
{
	const struct memories *m = s->memories;
	int list[RETRIEVAL_BLOCK], n = images;

	for (int k = 0; k < images; k++)
		list[k] = k;
	for (long t = 0; t < r->sweeps && n > 0; t++) {
		int left = 0;
		if (tick_poll(tick))
			return 1;
		all_fields(s, r, list, n);
		for (int k = 0; k < n; k++) {
			int image = list[k], moves = 1;
			float *spin = s->spin + (size_t)image * m->stride;
			double *h = s->field + (size_t)image * m->stride,
			       *sum = value + (size_t)image * m->stride;
			if (r->T > 0)
				heat(spin, h, m->N, r->T, key[image], t);
			else
				moves = s->sums->decide(spin, h, m->N, m->stride);
			for (int i = 0; i < m->N && r->T > 0 && t >= r->sweeps / 2; i++)
				sum[i] += (double)spin[i];
			out[image] = (struct retrieved){.sweeps = t + 1, .converged = !moves};
			if (moves)
				list[left++] = image;
		}
		n = left;
	}
	memset(s->field + (size_t)RETRIEVAL_BLOCK * m->stride, 0, m->stride * sizeof *s->field);
	return 0;
}

/* --- one site after another */

static int make_room(struct retrieval_space *s, int P)
{
	if (P <= s->degree)
		return 0;
	free(s->p);
	free(s->E);
	s->p = zeros((size_t)P * s->memories->lanes, sizeof *s->p);
	s->E = zeros((size_t)P * s->memories->lanes, sizeof *s->E);
	s->degree = s->p && s->E ? P : 0;
	return s->degree ? 0 : -1;
}

/* Computes E of all rows at the magnetisations m. */
static void elementary_of(struct retrieval_space *s, const double *m, int P)
{
	const struct memories *mem = s->memories;

	memset(s->p, 0, (size_t)P * mem->lanes * sizeof *s->p);
	for (int i = 0; i < mem->N; i++)
		s->sums->replace(s->p, mem->site + (size_t)i * mem->lanes, 0, m[i] / mem->N, mem->lanes, P);
	s->sums->elementary(s->E, s->p, mem->lanes, P);
}

/* Returns h_i of (R3). */
static double site_field(const struct retrieval_space *s, const struct retrieval *r, int i, double m,
                         double weight)
{
	const struct memories *mem = s->memories;
	return weight *
	       s->sums->without(s->E, mem->site + (size_t)i * mem->lanes, m / mem->N, mem->lanes, r->P);
}

/* Does one sweep over the sites; returns the number of flips. */
static long sweep_sites(struct retrieval_space *s, const struct retrieval *r, double *spin,
                        struct rng_key key, long t)
{
	const struct memories *m = s->memories;
	const double weight = 0.5 * r->P * memories_weight(m, r->P);
	long flips = 0;
	double u[2] = {0};

	/* recomputed in every sweep, so that rounding errors do not accumulate */
	elementary_of(s, spin, r->P);
	for (int i = 0; i < m->N; i++) {
		double h = site_field(s, r, i, spin[i], weight), level = 0;
		if (r->T > 0 && i % 2 == 0)
			rng_pair(u, key, (uint64_t)t, (uint32_t)i / 2, RNG_SPIN);
		if (r->T > 0)
			level = 0.5 * r->T * rng_logit(u[i % 2]);
		if ((h > level ? 1 : -1) == spin[i])
			continue;
		s->sums->replace(s->p, m->site + (size_t)i * m->lanes, spin[i] / m->N, -spin[i] / m->N,
		                 m->lanes, r->P);
		s->sums->elementary(s->E, s->p, m->lanes, r->P);
		spin[i] = -spin[i];
		flips++;
	}
	return flips;
}

static int sequential(struct retrieval_space *s, const struct retrieval *r, double *value, struct rng_key key,
                      struct retrieved *out, const struct tick *tick)
{
	const struct memories *m = s->memories;
	double *spin = s->field;
	long flips = 1;

	memcpy(spin, value, m->stride * sizeof *spin);
	if (r->T > 0)
		memset(value, 0, m->stride * sizeof *value);
	for (long t = 0; t < r->sweeps && flips > 0; t++) {
		if (tick_poll(tick))
			return 1;
		flips = sweep_sites(s, r, spin, key, t);
		for (int i = 0; i < m->N && r->T > 0 && t >= r->sweeps / 2; i++)
			value[i] += spin[i];
		if (r->T > 0)
			flips = 1;
		*out = (struct retrieved){.sweeps = t + 1, .converged = flips == 0};
	}
	if (!(r->T > 0))
		memcpy(value, spin, m->stride * sizeof *spin);
	memset(spin, 0, m->stride * sizeof *spin);
	return 0;
}

/* --- plefka */

/* Returns O of (R4) at q = sum m^2/N. */
static double reaction(const struct memories *m, const struct retrieval *r, double q)
{
	const double load = params_per_tuple(0.5 * m->classes * r->P, r->P, m->N);
	double O = 0.5 * load * r->P * (r->P - 1) * (1 - q) / r->T;
	for (int k = 2; k < r->P; k++)
		O *= q;
	return O;
}

static double mean_squares(const double *m, int N)
{
	double q = 0;
	for (int i = 0; i < N; i++)
		q += m[i] * m[i];
	return q / N;
}

static int plefka(struct retrieval_space *s, const struct retrieval *r, double *m, struct retrieved *out,
                  const struct tick *tick)
{
	const int N = s->memories->N;
	const double weight = 0.5 * r->P * memories_weight(s->memories, r->P);

	for (long t = 0; t < r->sweeps && !out->converged; t++) {
		double residual = 0, O = reaction(s->memories, r, mean_squares(m, N));
		if (tick_poll(tick))
			return 1;
		elementary_of(s, m, r->P);
		for (int i = 0; i < N; i++) {
			s->field[i] = tanh((site_field(s, r, i, m[i], weight) - O * m[i]) / r->T);
			residual = fmax(residual, fabs(s->field[i] - m[i]));
		}
		for (int i = 0; i < N; i++)
			m[i] = 0.5 * (m[i] + s->field[i]);
		*out = (struct retrieved){.sweeps = t + 1, .converged = residual < 1e-9};
	}
	for (int i = 0; i < N && out->converged; i++) /* no trace of the start where m vanishes */
		if (fabs(m[i]) < 1e-8)
			m[i] = 0;
	memset(s->field, 0, s->memories->stride * sizeof *s->field);
	return 0;
}

/* --- all */

/* Converts the starts to floats; at T > 0 the values become sums, from 0. */
static void load(struct retrieval_space *s, const struct retrieval *r, int images, double *value)
{
	const size_t n = (size_t)images * s->memories->stride;

	s->sums->narrow(s->spin, value, n);
	if (r->T > 0)
		memset(value, 0, n * sizeof *value);
}

void retrieval_best_rows(struct retrieval_space *s, int images, const double *value, long *row)
{
	const struct memories *m = s->memories;
	const float *spin[RETRIEVAL_BLOCK];
	double *h[RETRIEVAL_BLOCK];
	int list[RETRIEVAL_BLOCK] = {0};

	for (int k = 0; k < images; k++)
		list[k] = k;
	s->sums->narrow(s->spin, value, (size_t)images * m->stride);
	all_overlaps(s, spin, gather(spin, h, s, list, images));
	for (int k = 0; k < images; k++) {
		const double *Y = s->Y + (size_t)(k / GROUP) * m->lanes * GROUP + k % GROUP;
		row[k] = 0;
		for (long u = 1; u < m->rows; u++)
			if (Y[u * GROUP] > Y[row[k] * GROUP])
				row[k] = u;
	}
}

int retrieval_run(struct retrieval_space *s, const struct retrieval *r, int images, double *value,
                  const struct rng_key *key, struct retrieved *out, const struct tick *tick)
{
	const struct memories *m = s->memories;
	int code = 0;

	memset(out, 0, (size_t)images * sizeof *out);
	if (r->dynamics != RETRIEVAL_PARALLEL && make_room(s, r->P) != 0)
		return -1;
	if (r->dynamics == RETRIEVAL_PARALLEL) {
		load(s, r, images, value);
		code = parallel(s, r, images, value, key, out, tick);
		if (!(r->T > 0))
			s->sums->widen(value, s->spin, (size_t)images * m->stride);
	}
	for (int k = 0; k < images && code == 0; k++) {
		double *v = value + (size_t)k * m->stride;
		if (r->dynamics == RETRIEVAL_SEQUENTIAL)
			code = sequential(s, r, v, key[k], &out[k], tick);
		else if (r->dynamics == RETRIEVAL_PLEFKA)
			code = plefka(s, r, v, &out[k], tick);
		for (int i = 0; i < m->N && r->T > 0 && r->dynamics != RETRIEVAL_PLEFKA; i++)
			v[i] /= (double)(r->sweeps - r->sweeps / 2);
	}
	return code;
}
