/* Draws and packs the quenched disorder, as vectors of bits over the sites (sign, blank, flipped), 64 sites
 * per word; writes the rows to the site-major array in blocks of 64.
 *
 * Counters of the stream: (block of sites, mu, a, kind).  Example a = 0 is the pattern itself; blanks have
 * a kind of their own, so the signs are the same at every dilution.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/disorder/quenched.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/disorder/npy.h"
#include "montecarlo/disorder/rng.h"

enum { EQUAL = 0, CHOSEN = 1 }; /* kinds: fair bits, bits with a given probability */
enum { BLOCK = 64 };

/* The generator of one sample: the current pattern and example. */
struct draw {
	const struct quenched *q;
	struct rng_key key;
	size_t words;    /* per vector, even: a Philox block has two words */
	uint64_t *sign;  /* [words] xi = +1 */
	uint64_t *blank; /* [words] xi = 0 */
	uint64_t *eta;   /* [words] eta = +1 */
	int32_t *sum;    /* [N] sum of the examples */
	/* stratified: site i has the cell [.., .. + width) of the distribution of all bits drawn so far,
	 * and u in [0,1) within the cell */
	double *u, *width;
	double *cdf; /* [M+1] number of unflipped examples */
	int live;    /* whether any cell has more than one site */
	long next;   /* next pattern */
};

static uint64_t bit(const uint64_t *v, int i)
{
	return v[i / 64] >> (i % 64) & 1;
}

static void set_bit(uint64_t *v, int i, int on)
{
	v[i / 64] = (v[i / 64] & ~(UINT64_C(1) << (i % 64))) | (uint64_t)on << (i % 64);
}

static void fair_bits(uint64_t *v, const struct draw *d, long mu, int a)
{
	for (size_t j = 0; j < d->words / 2; j++) {
		struct rng_block x = rng_block(d->key, (uint32_t)j, (uint32_t)mu, (uint32_t)a, EQUAL);
		v[2 * j] = x.word[0] | (uint64_t)x.word[1] << 32;
		v[2 * j + 1] = x.word[2] | (uint64_t)x.word[3] << 32;
	}
}

/* Draws bits that are 1 with probability p (to 2^-32). */
static void chosen_bits(uint64_t *v, const struct draw *d, long mu, int a, double p)
{
	uint64_t below = (uint64_t)(p * 0x1p32 + 0.5);

	memset(v, 0, d->words * sizeof *v);
	if (below == 0)
		return;
	for (size_t j = 0; j < d->words; j++)
		for (unsigned k = 0; k < 16; k++) {
			struct rng_block x =
				rng_block(d->key, (uint32_t)(16 * j + k), (uint32_t)mu, (uint32_t)a, CHOSEN);
			for (unsigned l = 0; l < 4; l++)
				v[j] |= (uint64_t)(x.word[l] < below) << (4 * k + l);
		}
}

/* Computes the distribution of the number of unflipped examples by ratios from its mode, with +, x and /
 * only, so that all machines agree. */
static void binomial_cdf(double *cdf, int M, double p)
{
	int mode = (int)((M + 1) * p);
	double total = 0;

	mode = mode > M ? M : mode;
	cdf[mode] = 1;
	for (int b = mode; b < M; b++)
		cdf[b + 1] = cdf[b] * (M - b) / (b + 1) * p / (1 - p);
	for (int b = mode; b > 0; b--)
		cdf[b - 1] = cdf[b] * b / (M - b + 1) * (1 - p) / p;
	for (int b = 0; b <= M; b++)
		total += cdf[b];
	for (int b = 0; b <= M; b++)
		cdf[b] = cdf[b] / total + (b ? cdf[b - 1] : 0);
}

static void draw_free(struct draw *d)
{
	free(d->sign);
	free(d->blank);
	free(d->eta);
	free(d->sum);
	free(d->u);
	free(d->width);
	free(d->cdf);
}

/* Gives every site an equal part of [0,1), with the sample's shift. */
static int stratify(struct draw *d)
{
	const struct disorder *of = &d->q->of;
	struct rng_block x = rng_block(d->key, 0, 0, UINT32_MAX, CHOSEN);
	size_t n = (size_t)of->N;

	d->u = malloc(n * sizeof *d->u);
	d->width = malloc(n * sizeof *d->width);
	d->cdf = malloc((size_t)(of->M + 1) * sizeof *d->cdf);
	if (!d->u || !d->width || !d->cdf)
		return -1;
	for (size_t i = 0; i < n; i++) {
		d->u[i] = ((double)i + rng_unit(x.word[0], x.word[1])) / (double)n;
		d->width[i] = 1;
	}
	if (of->r < 1) {
		binomial_cdf(d->cdf, of->M, (1 + of->r) / 2);
	} else {
		for (int b = 0; b <= of->M; b++)
			d->cdf[b] = b == of->M;
	}
	d->live = 1;
	return 0;
}

static int draw_alloc(struct draw *d, const struct quenched *q)
{
	*d = (struct draw){.q = q, .key = rng_disorder(q->of.seed, q->of.sample)};
	d->words = ((size_t)q->N + 127) / 128 * 2;
	d->sign = malloc(d->words * sizeof *d->sign);
	d->blank = calloc(d->words, sizeof *d->blank);
	d->eta = malloc(d->words * sizeof *d->eta);
	d->sum = malloc((size_t)q->N * sizeof *d->sum);
	if (!d->sign || !d->blank || !d->eta || !d->sum || (q->of.stratified && stratify(d) != 0)) {
		draw_free(d);
		return -1;
	}
	return 0;
}

/* Narrows the cell of a site to its part [low, low + p). */
static void narrow(struct draw *d, int i, double low, double p)
{
	d->u[i] = (d->u[i] - low) / p;
	d->width[i] *= p;
}

/* A cell with a single site cannot be divided: its further bits are independent draws. */
static int shares(const struct draw *d, int i)
{
	return d->width[i] * d->q->N >= 1;
}

static void strata_pattern(struct draw *d)
{
	double blank = d->q->of.d, half = (1 - blank) / 2;

	d->live = 0;
	for (int i = 0; i < d->q->N; i++) {
		if (!shares(d, i))
			continue;
		d->live = 1;
		set_bit(d->blank, i, d->u[i] < blank);
		if (d->u[i] < blank) {
			narrow(d, i, 0, blank);
		} else {
			set_bit(d->sign, i, d->u[i] < blank + half);
			narrow(d, i, d->u[i] < blank + half ? blank : blank + half, half);
		}
	}
}

static void strata_example(struct draw *d)
{
	double same = (1 + d->q->of.r) / 2;

	for (int i = 0; i < d->q->N && same < 1; i++) {
		if (!shares(d, i) || bit(d->blank, i))
			continue;
		set_bit(d->eta, i, (int)bit(d->sign, i) ^ (d->u[i] >= same));
		narrow(d, i, d->u[i] < same ? 0 : same, d->u[i] < same ? same : 1 - same);
	}
}

static void strata_sum(struct draw *d)
{
	int M = d->q->of.M;

	for (int i = 0; i < d->q->N; i++) {
		int b = 0;
		if (!shares(d, i) || bit(d->blank, i))
			continue;
		while (b < M && d->u[i] >= d->cdf[b])
			b++;
		d->sum[i] = bit(d->sign, i) ? 2 * b - M : M - 2 * b;
		narrow(d, i, b ? d->cdf[b - 1] : 0, d->cdf[b] - (b ? d->cdf[b - 1] : 0));
	}
}

/* Converts row (mu, a) of the user's array to bits. */
static void from_data(uint64_t *plus, uint64_t *blank, const struct draw *d, long mu, int a)
{
	const struct npy *data = d->q->of.data;
	const int8_t *v = data->value + (mu * (data->dims == 3 ? data->shape[1] : 1) + a) * d->q->N;

	memset(plus, 0, d->words * sizeof *plus);
	memset(blank, 0, d->words * sizeof *blank);
	for (int i = 0; i < d->q->N; i++) {
		set_bit(plus, i, v[i] == 1);
		set_bit(blank, i, v[i] == 0);
	}
}

/* With the user's examples, the pattern is their majority. */
static void majority(struct draw *d, long mu)
{
	const struct npy *data = d->q->of.data;
	long M = data->shape[1], N = data->shape[2];
	const int8_t *v = data->value + mu * M * N;

	memset(d->sign, 0, d->words * sizeof *d->sign);
	memset(d->blank, 0, d->words * sizeof *d->blank);
	for (long i = 0; i < N; i++) {
		long sum = 0, some = 0;
		for (long a = 0; a < M; a++) {
			sum += v[a * N + i];
			some |= v[a * N + i] != 0;
		}
		set_bit(d->sign, (int)i, sum >= 0);
		set_bit(d->blank, (int)i, !some);
	}
}

/* Sets eta to example a of the current pattern mu; stratified: all examples of a pattern are drawn, in
 * order. */
static void draw_example(struct draw *d, long mu, int a)
{
	const struct disorder *of = &d->q->of;

	if (of->data && of->data->dims == 3) {
		from_data(d->eta, d->blank, d, mu, a);
		return;
	}
	if (of->learning == STORAGE) {
		memcpy(d->eta, d->sign, d->words * sizeof *d->eta);
		return;
	}
	chosen_bits(d->eta, d, mu, a + 1, (1 - of->r) / 2);
	for (size_t j = 0; j < d->words; j++)
		d->eta[j] ^= d->sign[j];
	if (of->stratified && of->learning == UNSUPERVISED)
		strata_example(d);
}

/* Sets sum to the sum of the examples of the current pattern mu. */
static void draw_sum(struct draw *d, long mu)
{
	int N = d->q->N;

	memset(d->sum, 0, (size_t)N * sizeof *d->sum);
	for (int a = 0; a < d->q->of.M; a++) {
		draw_example(d, mu, a);
		for (int i = 0; i < N; i++)
			d->sum[i] += bit(d->blank, i) ? 0 : 2 * (int)bit(d->eta, i) - 1;
	}
	if (d->q->of.stratified)
		strata_sum(d);
}

static void draw_pattern_plain(struct draw *d, long mu)
{
	const struct disorder *of = &d->q->of;

	if (of->data && of->data->dims == 3) {
		majority(d, mu);
	} else if (of->data) {
		from_data(d->sign, d->blank, d, mu, 0);
	} else {
		fair_bits(d->sign, d, mu, 0);
		chosen_bits(d->blank, d, mu, 0, of->d);
	}
	if (of->stratified)
		strata_pattern(d);
}

/* Makes mu the current pattern.  Stratified patterns depend on the ones before. */
static void draw_pattern(struct draw *d, long mu)
{
	for (; d->live && d->next < mu; d->next++) {
		draw_pattern_plain(d, d->next);
		if (d->q->of.learning == SUPERVISED)
			draw_sum(d, d->next);
		else
			for (int a = 0; a < d->q->rows_per_pattern; a++)
				draw_example(d, d->next, a);
	}
	draw_pattern_plain(d, mu);
	d->next = mu + 1;
}

/* Bit k of word j <-> bit j of word k (Hacker's Delight 7-3). */
static void transpose(uint64_t w[BLOCK])
{
	uint64_t mask = 0x00000000ffffffffu;

	for (int half = 32; half; half /= 2, mask ^= mask << half)
		for (int k = 0; k < BLOCK; k = (k + half + 1) & ~half) {
			uint64_t t = (w[k] >> half ^ w[k + half]) & mask;
			w[k] ^= t << half;
			w[k + half] ^= t;
		}
}

/* Writes 64 rows of bits, block[row][words], to word `at` of every site. */
static void store_bits(struct quenched *q, const uint64_t *block, size_t words, long at)
{
	uint64_t w[BLOCK];

	for (int first = 0; first < q->N; first += BLOCK) {
		for (int k = 0; k < BLOCK; k++)
			w[k] = block[(size_t)k * words + (size_t)(first / BLOCK)];
		transpose(w);
		for (int i = first; i < q->N && i < first + BLOCK; i++)
			memcpy(q->site + (size_t)i * q->stride + 8 * (size_t)at, &w[i - first], 8);
	}
}

static void store_entries(struct quenched *q, const struct draw *d, long row)
{
	for (int i = 0; i < q->N; i++) {
		unsigned char *site = q->site + (size_t)i * q->stride;
		int a;
		if (q->of.learning == SUPERVISED)
			a = q->of.M % 2 ? d->sum[i] : d->sum[i] / 2;
		else
			a = bit(d->blank, i) ? 0 : 2 * (int)bit(d->eta, i) - 1;
		if (q->alphabet == BYTES) {
			site[row] = (unsigned char)a;
		} else {
			int16_t word = (int16_t)a;
			memcpy(site + 2 * row, &word, sizeof word);
		}
	}
}

int quenched_fill_part(struct quenched *q, long mu0, long mu1)
{
	struct draw d;
	uint64_t *block = NULL;
	long row = mu0 * q->rows_per_pattern, last = mu1 * q->rows_per_pattern;
	int code = -1;

	if (draw_alloc(&d, q) != 0)
		return -1;
	if (q->alphabet == BITS && !(block = calloc(BLOCK * d.words, sizeof *block)))
		goto done;
	for (long mu = mu0; mu < mu1; mu++) {
		draw_pattern(&d, mu);
		if (q->of.learning == SUPERVISED)
			draw_sum(&d, mu);
		for (int a = 0; a < q->rows_per_pattern; a++, row++) {
			if (q->of.learning != SUPERVISED)
				draw_example(&d, mu, a);
			if (q->alphabet != BITS) {
				store_entries(q, &d, row);
				continue;
			}
			memcpy(block + (size_t)(row % BLOCK) * d.words, d.eta, d.words * sizeof *block);
			if (row % BLOCK == BLOCK - 1 || row == last - 1)
				store_bits(q, block, d.words, row / BLOCK);
			if (row % BLOCK == BLOCK - 1)
				memset(block, 0, BLOCK * d.words * sizeof *block);
		}
	}
	code = 0;
done:
	free(block);
	draw_free(&d);
	return code;
}

static int check_data(const struct disorder *of, struct fault *fault)
{
	const struct npy *data = of->data;

	if (of->stratified)
		return fault_set(fault, "patterns", "stratified patterns cannot come from data");
	if (data->shape[data->dims - 1] != of->N || data->shape[0] < of->K ||
	    (data->dims == 3 && data->shape[1] < of->M))
		return fault_set(
			fault, "data",
			"holds %ld%s%.0ld patterns of %ld spins, the point asks for K=%ld%s%.0d N=%d",
			data->shape[0], data->dims == 3 ? " x " : "", data->dims == 3 ? data->shape[1] : 0,
			data->shape[data->dims - 1], of->K, data->dims == 3 ? " M=" : "",
			data->dims == 3 ? of->M : 0, of->N);
	if (data->dims == 3 && of->learning == STORAGE)
		return fault_set(
			fault, "data",
			"holds examples (3 dimensions); learning: storage needs patterns (2 dimensions)");
	if (data->blank > 0 && of->d == 0)
		return fault_set(fault, "data",
		                 "has blank entries (0); they need a network with dilution d > 0");
	if (fabs(data->blank - of->d) > 0.1)
		return fault_set(fault, "data",
		                 "has a share %.3g of blank entries (0), the point asks for d = %g",
		                 data->blank, of->d);
	return 0;
}

int quenched_shape(struct quenched *q, const struct disorder *of, struct fault *fault)
{
	int summed = of->learning == SUPERVISED && of->M > 1, size;
	size_t rows;

	if (of->N < 1 || of->N > INT32_MAX / 2)
		return fault_set(fault, "N", "must be between 1 and 1e9");
	if (of->K < 1 || of->K > UINT32_MAX)
		return fault_set(fault, "K", "must be between 1 and 4e9");
	if (of->M < 1 || of->M > 2 * INT16_MAX || (of->M % 2 && of->M > INT16_MAX))
		return fault_set(fault, "M", "must be between 1 and 32767 (even: 65534)");
	if (!(of->r > 0 && of->r <= 1))
		return fault_set(fault, "r", "must be in (0, 1]");
	if (!(of->d >= 0 && of->d < 1))
		return fault_set(fault, "d", "must be in [0, 1)");
	if (of->data && check_data(of, fault) != 0)
		return -1;
	*q = (struct quenched){.of = *of, .N = of->N, .unit = 1, .entry_max = 1};
	if (of->M == 1 && of->learning == SUPERVISED)
		q->of.learning = UNSUPERVISED; /* of bits */
	q->rows_per_pattern = of->learning == UNSUPERVISED ? of->M : 1;
	if (__builtin_mul_overflow(of->K, q->rows_per_pattern, &q->rows) || q->rows > (INT64_C(1) << 40))
		return fault_set(fault, "K", "has too many rows K M");
	if (summed) {
		q->entry_max = of->M % 2 ? of->M : of->M / 2;
		q->unit = (of->M % 2 ? 1.0 : 2.0) / of->M;
	}
	q->alphabet = !summed && of->d == 0 ? BITS : q->entry_max <= INT8_MAX ? BYTES : WORDS;
	size = q->alphabet == WORDS ? 2 : 1;
	rows = (size_t)q->rows;
	q->stride = ((q->alphabet == BITS ? (rows + 7) / 8 : rows * (size_t)size) + 63) / 64 * 64;
	if (__builtin_mul_overflow(q->stride, (size_t)q->N, &q->bytes))
		return fault_set(fault, "K", "has too many rows");
	return 0;
}

int quenched_fill(struct quenched *q, void *memory, struct fault *fault)
{
	q->site = memory ? memory : (q->own = aligned_alloc(64, q->bytes));
	if (q->site) {
		memset(q->site, 0, q->bytes);
		if (quenched_fill_part(q, 0, q->of.K) == 0)
			return 0;
	}
	quenched_free(q);
	return fault_set(fault, "K", "no memory for the patterns");
}

void quenched_free(struct quenched *q)
{
	free(q->own);
	q->own = q->site = NULL;
}

static void unpack(int8_t *s, const struct draw *d, const uint64_t *plus)
{
	for (int i = 0; i < d->q->N; i++)
		s[i] = bit(d->blank, i) ? 0 : bit(plus, i) ? 1 : -1;
}

int quenched_pattern(const struct quenched *q, long mu, int8_t *xi)
{
	struct draw d;

	if (draw_alloc(&d, q) != 0)
		return -1;
	draw_pattern(&d, mu);
	unpack(xi, &d, d.sign);
	draw_free(&d);
	return 0;
}

int quenched_example(const struct quenched *q, long mu, int a, int8_t *eta)
{
	struct draw d;

	if ((q->of.stratified && q->of.learning == SUPERVISED) || draw_alloc(&d, q) != 0)
		return -1;
	draw_pattern(&d, mu);
	for (int b = q->of.stratified ? 0 : a; b <= a; b++)
		draw_example(&d, mu, b);
	unpack(eta, &d, d.eta);
	draw_free(&d);
	return 0;
}

int quenched_entry(const struct quenched *q, long row, int i)
{
	const unsigned char *site = q->site + (size_t)i * q->stride;
	int16_t word;

	if (q->alphabet == BITS)
		return site[row / 8] >> (row % 8) & 1 ? 1 : -1;
	if (q->alphabet == BYTES)
		return (int8_t)site[row];
	memcpy(&word, site + 2 * row, sizeof word);
	return word;
}
