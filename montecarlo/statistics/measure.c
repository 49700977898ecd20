/* Binning, jackknife, equilibration and escape; contract in measure.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/statistics/measure.h"

#include <math.h>
#include <stddef.h>

static const double too_far = 5;       /* limit of drift and spread, in standard deviations */
static const uint64_t fewest_bins = 16; /* smallest number of bins for an error */

void measure_add(struct series *s, double x)
{
	for (int l = 0; l < MEASURE_LEVELS; l++) {
		struct bins *b = &s->level[l];
		if (b->n++ == 0)
			b->first = x;
		double step = x - b->mean;
		b->mean += step / (double)b->n;
		b->m2 += step * (x - b->mean);
		if (b->n & 1) {
			b->pending = x;
			return;
		}
		x = (b->pending + x) / 2;
	}
}

/* All chains at one level: number, mean and scatter of the bins; within: scatter about each chain's own
 * mean. */
struct pool {
	double n, mean, m2, within;
	int chains;
};

static struct pool pool_level(const struct series *const chains[], int n_chains, int level)
{
	struct pool p = {0};
	for (int c = 0; c < n_chains; c++) {
		const struct bins *b = &chains[c]->level[level];
		if (b->n == 0)
			continue;
		double n = (double)b->n, step = b->mean - p.mean, all = p.n + n;
		p.mean += step * n / all;
		p.m2 += b->m2 + step * step * p.n * n / all;
		p.within += b->m2;
		p.n = all;
		p.chains++;
	}
	return p;
}

/* Returns the squared standard error of the mean of all n values, estimated from the bins of one level. */
static double error2(const struct pool *p, int level, double n, bool within)
{
	double freedom = p->n - (within ? p->chains : 1), scatter = within ? p->within : p->m2;
	return freedom > 0 ? scatter / freedom * ldexp(1, level) / n : 0;
}

static double normal_deviate(double chi2, double k) /* Wilson and Hilferty */
{
	return (cbrt(chi2 / k) - (1 - 2 / (9 * k))) / sqrt(2 / (9 * k));
}

/* Returns (late - early)/error over all chains; early: the first 2^k values, between a quarter and a half. */
static double drift(const struct series *const chains[], int n_chains, double tau2variance)
{
	double d = 0, d2 = 0;
	for (int c = 0; c < n_chains; c++) {
		const struct bins *b = chains[c]->level;
		double n = (double)b->n;
		int k = 0;
		while (k + 1 < MEASURE_LEVELS && ldexp(1, k + 1) <= n / 2)
			k++;
		double early = ldexp(1, k), late = n - early;
		if (n < (double)fewest_bins)
			continue;
		d += (b->mean - b[k].first) * n / late;
		d2 += tau2variance * (1 / early + 1 / late);
	}
	return d2 > 0 ? d / sqrt(d2) : d == 0 ? 0 : INFINITY;
}

/* Returns the scatter of the chains' means, in units of a chain's thermal error, as a normal deviate. */
static double spread(const struct series *const chains[], int n_chains, double tau2variance)
{
	struct pool p = pool_level(chains, n_chains, 0);
	double between = p.m2 - p.within;
	if (p.chains < 2 || between <= 0)
		return 0;
	return tau2variance > 0 ? normal_deviate(between / tau2variance, p.chains - 1) : INFINITY;
}

void measure_estimate(struct estimate *e, const struct series *const chains[], int n_chains)
{
	struct pool p = pool_level(chains, n_chains, 0);
	double n = p.n;
	*e = (struct estimate){.n = (uint64_t)n, .mean = NAN, .error = NAN, .tau = NAN};
	if (n == 0)
		return;
	e->mean = p.mean;
	double naive = error2(&p, 0, n, false), err2 = naive, within2 = error2(&p, 0, n, true);
	for (int l = 0; l < MEASURE_LEVELS && !e->resolved; l++) {
		p = pool_level(chains, n_chains, l);
		if (p.n < (double)fewest_bins)
			break;
		err2 = error2(&p, l, n, false);
		within2 = error2(&p, l, n, true);
		double two_tau = naive > 0 ? err2 / naive : 1;
		e->resolved = ldexp(1, 3 * l) > 2 * n * two_tau * two_tau;
	}
	e->error = n > 1 ? sqrt(err2) : NAN;
	e->tau = naive > 0 ? fmax(0.5, err2 / naive / 2) : 0.5;
	e->drift = drift(chains, n_chains, within2 * n);
	e->spread = spread(chains, n_chains, within2 * n);
	if (naive == 0)
		e->resolved = true;
}

bool measure_equilibrated(const struct estimate *e)
{
	return e->resolved && fabs(e->drift) < too_far && e->spread < too_far;
}

void measure_result(struct result *r, const double *mean, const double *error, int n)
{
	double sum = 0, thermal2 = 0, m2 = 0;
	*r = (struct result){.mean = NAN, .error = NAN, .thermal = NAN, .disorder = NAN};
	for (int i = 0; i < n; i++) {
		if (isnan(mean[i]))
			continue;
		r->samples++;
		sum += mean[i];
		thermal2 += error[i] * error[i];
	}
	if (r->samples == 0)
		return;
	r->mean = sum / r->samples;
	r->thermal = sqrt(thermal2) / r->samples;
	for (int i = 0; i < n; i++)
		if (!isnan(mean[i]))
			m2 += (mean[i] - r->mean) * (mean[i] - r->mean);
	if (r->samples < 2)
		return;
	r->error = sqrt(m2 / (r->samples - 1) / r->samples);
	r->disorder = sqrt(fmax(0, r->error * r->error - r->thermal * r->thermal));
}

enum { WIDEST = 16 };

static bool usable(const double *x, int width)
{
	for (int k = 0; k < width; k++)
		if (isnan(x[k]))
			return false;
	return true;
}

void measure_jackknife(double *value, double *error, const double *x, int n, int width,
                       double (*f)(const double *means, void *ctx), void *ctx)
{
	double sum[WIDEST] = {0}, without[WIDEST], mean = 0, m2 = 0;
	int used = 0, seen = 0;
	*value = *error = NAN;
	for (int i = 0; i < n; i++) {
		if (!usable(x + (ptrdiff_t)i * width, width))
			continue;
		used++;
		for (int k = 0; k < width; k++)
			sum[k] += x[(ptrdiff_t)i * width + k];
	}
	if (used == 0)
		return;
	for (int k = 0; k < width; k++)
		without[k] = sum[k] / used;
	double all = *value = f(without, ctx);
	if (used < 2)
		return;
	for (int i = 0; i < n; i++) {
		if (!usable(x + (ptrdiff_t)i * width, width))
			continue;
		for (int k = 0; k < width; k++)
			without[k] = (sum[k] - x[(ptrdiff_t)i * width + k]) / (used - 1);
		double y = f(without, ctx), step = y - mean;
		mean += step / ++seen;
		m2 += step * (y - mean);
	}
	*value = used * all - (used - 1) * mean;
	*error = sqrt(m2 * (used - 1) / used);
}

double measure_binder(const double *means, void *unused)
{
	(void)unused;
	return 1 - means[1] / (3 * means[0] * means[0]);
}

static double mean_of(const double *ring, uint64_t from, int n)
{
	double sum = 0;
	for (int i = 0; i < n; i++)
		sum += ring[(from + (uint64_t)i) % WATCH_RING];
	return sum / n;
}

bool measure_far_below(double low, double high, double N)
{
	return high * sqrt(N) > 5 && high - low > 0.2 * high && (high - low) * sqrt(N) > 3;
}

/* The plateau is taken from the oldest four bins, the drop from the youngest two; the two in between allow
 * for the escape itself. */
static bool fallen(double *plateau, const double *ring, uint64_t oldest, double N)
{
	double m2 = 0, drop;
	*plateau = mean_of(ring, oldest, 4);
	drop = *plateau - mean_of(ring, oldest + 6, 2);
	if (!measure_far_below(*plateau - drop, *plateau, N))
		return false;
	for (uint64_t i = 0; i < 4; i++) {
		double x = ring[(oldest + i) % WATCH_RING] - *plateau;
		m2 += x * x;
	}
	return drop > 5 * sqrt(m2 / 3);
}

void measure_watch(struct watch *w, double overlap, double N)
{
	double x = overlap, plateau;
	w->n++;
	for (int l = 0; l < MEASURE_LEVELS; l++) {
		uint64_t n = ++w->level[l].n;
		w->level[l].bin[(n - 1) % WATCH_RING] = x;
		if (n >= WATCH_RING && !w->escaped && fallen(&plateau, w->level[l].bin, n, N)) {
			w->escaped = w->n;
			w->plateau = plateau;
		}
		if (n & 1) {
			w->level[l].pending = x;
			return;
		}
		x = (w->level[l].pending + x) / 2;
	}
}
