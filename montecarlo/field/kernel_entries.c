/* Rows of small integers: limits, tables, outliers, and the loops in plain C.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel_entries.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double power(double x, int n)
{
	double p = 1;

	while (n-- > 0)
		p *= x;
	return p;
}

/* Returns the standard deviation of an overlap of a row that is not retrieved. */
static double deviation(const struct field_plan *plan)
{
	const struct disorder *of = &plan->quenched->of;
	double square = 1; /* E a^2, a = sum of M examples / (M unit) */

	if (of->learning == SUPERVISED)
		square = (of->r * of->r + (1 - of->r * of->r) / of->M) /
		         (plan->quenched->unit * plan->quenched->unit);
	return sqrt(plan->N * (1 - of->d) * square);
}

/* Returns the limit of |c_k| for such a row: 4 standard deviations of X in the largest term of the k-th
 * Hermite polynomial, or in X^k.  One row in 16000 exceeds it and is an outlier; avoiding it would cost
 * about the same, a byte in every row.  At P = 2 the glass has large overlaps with many patterns. */
static double typical(const struct field_plan *plan, int k)
{
	double factorial = 1, most = plan->N * (double)plan->quenched->entry_max;
	double reach = (plan->P == 2 ? 5.5 : 4) * deviation(plan);

	for (int j = 2; j <= k && !plan->couplings.diagonal; j++)
		factorial *= j;
	return fmin(1.01 * power(most, k) / factorial, power(reach, k) / factorial) + 1;
}

/* Returns the number of signed bytes of the largest a^j. */
static int digits_of(double largest)
{
	int n = 1;

	for (double room = 127; room < largest; room = room * 256 + 127)
		n++;
	return n;
}

/* Returns whether all numbers in the update of a row within its limits are smaller than this. */
static int step_below(const struct entries_plan *t, const struct field_plan *plan, double bound)
{
	double a = plan->quenched->entry_max, without = 1;

	for (int k = 1; k < t->P; k++) {
		double inside = (double)t->high[k];
		double next = t->diagonal ? power((double)t->high[1] + 2 * a, k) : inside + 2 * a * without;
		if (inside < 1 || next >= bound)
			return 0;
		without = inside + a * without;
	}
	return 1;
}

/* Returns whether a step of c_2 within the limits fits in an int16, if c_2 has two bytes.  X^2 = 2 c_2 +
 * sum a^2 (distinct sites). */
static int steps_are_short(const struct entries_plan *t, const struct field_plan *plan)
{
	double a = plan->quenched->entry_max, X;

	if (t->P == 2)
		return 1;
	if (t->diagonal)
		return 0;
	X = fmin((double)t->high[1] + 1, sqrt(2 * (double)t->high[2] + plan->N * a * a));
	return t->planes[2] != 2 || 2 * a * (X + a) < 0x1p15;
}

/* Returns the number of values that this many bytes represent; one of the 32 bits of an int is left free,
 * to detect a step beyond the limits. */
static double range_of(int bytes, int unit)
{
	return bytes == 4 ? 0x1p31 / unit : exp2(8 * bytes);
}

/* Returns whether all a are odd.  Then all c_k of distinct sites have the parity of binomial(N, k), since
 * all entries are 1 modulo 2. */
static int all_odd(const struct field_plan *plan)
{
	const struct disorder *of = &plan->quenched->of;

	return of->learning == SUPERVISED && of->M % 2 && of->d == 0 && !plan->couplings.diagonal;
}

static int binomial_is_odd(int N, int k)
{
	return (k & ~N) == 0;
}

#define IF_USUAL(n_a, n_aa, n_aaa, layout)                                                                   \
	if (layout == ENTRIES_LAYOUT(n_a, n_aa, n_aaa))                                                      \
		return layout;

/* Returns one of ENTRIES_LAYOUTS, or 0. */
static int usual_layout(const struct entries_plan *t)
{
	int layout;

	if (t->P > 4 || !t->narrow || (t->P > 2 && t->diagonal))
		return 0;
	layout = ENTRIES_LAYOUT(t->planes[t->P - 1], t->P > 2 ? t->planes[t->P - 2] : 0,
	                        t->P > 3 ? t->planes[1] : 0);
	ENTRIES_LAYOUTS(IF_USUAL, layout)
	return 0;
}

/* Sets the limits in byte planes, for c_k that differ by multiples of `unit`. */
static void limit_planes(struct entries_plan *t, const struct field_plan *plan, int unit)
{
	t->unit = unit;
	for (int k = 1; k < t->P; k++) {
		/* even c_k extend less far below 0 than above: He_2 >= -1/2, He_4 >= -1/4 of their squares
		 * at 0 */
		double below = k % 2 ? 0.5 : 0.0625;
		int bytes = 1;
		while (unit * range_of(bytes, unit) * (1 - below) <= typical(plan, k) + 1)
			bytes++;
		t->planes[k] = bytes;
		t->rest[k] = unit == 2 && binomial_is_odd(plan->N, k);
		t->low[k] = bytes > 6 ? 0 : t->rest[k] - unit * (int64_t)(below * range_of(bytes, unit));
		t->high[k] = bytes > 6 ? 0 : t->low[k] + unit * ((int64_t)range_of(bytes, unit) - 1);
	}
}

static void limit_arrays(struct entries_plan *t, const struct field_plan *plan)
{
	double rows = (double)t->rows, a = plan->quenched->entry_max;

	t->unit = 1;
	for (int k = 1; k < t->P; k++) {
		double limit = 0x1p61 / (rows * power(a, t->P - k));
		if (t->diagonal)
			limit = fmin(limit, floor(exp2(60.0 * k / (t->P - 1)) - 2 * a));
		t->high[k] = limit > 0x1p46 ? INT64_C(1) << 46 : (int64_t)limit;
		t->low[k] = -t->high[k];
	}
}

/* Sets everything that needs no memory; planes: byte planes or int64 arrays. */
static void design(struct entries_plan *t, const struct field_plan *plan, int planes)
{
	const struct quenched *q = plan->quenched;

	*t = (struct entries_plan){.P = plan->P, .diagonal = plan->couplings.diagonal, .rows = q->rows};
	t->entry_bytes = q->alphabet == WORDS ? 2 : 1;
	t->blocks = (q->rows + ENTRIES_BLOCK - 1) / ENTRIES_BLOCK;
	kernel_coefficients(t->coef, plan);
	for (int j = 1; j < t->P; j++)
		t->digits[j] = digits_of(power(q->entry_max, j));
	if (planes)
		limit_planes(t, plan, all_odd(plan) ? 2 : 1);
	else
		limit_arrays(t, plan);
	if (planes && t->unit == 2 && !step_below(t, plan, 0x1p31))
		limit_planes(t, plan, 1);
	for (int k = plan->P - 1; k > 0; k--) { /* in the order in which a field reads them */
		t->first[k] = t->all_planes;
		t->all_planes += t->planes[k];
	}
	t->narrow = step_below(t, plan, 0x1p31);
	t->layout = planes ? usual_layout(t) : 0;
	t->sites = !planes ? 1 : t->layout && t->all_planes <= 7 && t->digits[t->P - 1] == 1 ? 3 : 2;
	t->short_steps = steps_are_short(t, plan);
}

int entries_suits(const struct field_plan *plan)
{
	return plan->quenched->alphabet != BITS;
}

int entries_suits_planes(const struct field_plan *plan)
{
	struct entries_plan t;
	int products = 0;

	if (plan->quenched->alphabet != BYTES || plan->quenched->entry_max > ENTRY_TABLE)
		return 0;
	design(&t, plan, 1);
	for (int j = 1; j < plan->P; j++) {
		if (t.high[plan->P - j] == 0 || t.digits[j] > DIGITS_MAX)
			return 0;
		products += t.digits[j] * t.planes[plan->P - j];
	}
	return products <= PRODUCTS_MAX && step_below(&t, plan, 0x1p62);
}

double entries_cost(const struct field_plan *plan, double usual, double other)
{
	struct entries_plan t;

	design(&t, plan, 1);
	return 60 + (double)t.rows * t.all_planes * (t.layout && t.digits[2] <= 1 ? usual : other);
}

static int with_planes(const struct field_plan *plan)
{
	return plan->kernel != &kernel_entries_portable;
}

void entries_memory(const struct field_plan *plan, size_t *shared, size_t *each)
{
	struct entries_plan t;
	size_t rows = kernel_rows(plan), kept;

	design(&t, plan, with_planes(plan));
	kept = with_planes(plan) ? (size_t)t.all_planes : (size_t)(t.P - 1) * sizeof(int64_t);
	*shared = sizeof t + P_MAX * sizeof *t.table + (size_t)plan->N * (size_t)(t.P + 1) * sizeof(int128);
	*each = sizeof(struct entries_state) + rows * kept + rows / 8 +
	        (size_t)t.rows / 16 * (sizeof(uint32_t) + (size_t)t.P * sizeof(int128)); /* rarely exceeded */
}

/* Splits a^j into signed bytes, least significant first. */
static void fill_table(struct entries_plan *t)
{
	for (int j = 1; j < t->P; j++)
		for (int e = 0; e < 64; e++) {
			int128 p = 1;
			for (int n = 0; n < j; n++)
				p *= e < 32 ? e : e - 64;
			for (int d = 0; d < t->digits[j]; d++) {
				int8_t digit = (int8_t)(uint8_t)(p & 255);
				t->table[j][d][e] = digit;
				p = (p - digit) / 256;
			}
		}
}

void entries_release(struct field_plan *plan)
{
	struct entries_plan *t = plan->data;

	if (!t)
		return;
	free(t->table);
	free(t->power);
	free(t);
	plan->data = NULL;
}

int entries_prepare(struct field_plan *plan)
{
	const struct quenched *q = plan->quenched;
	struct entries_plan *t = malloc(sizeof *t);

	plan->data = t;
	if (!t)
		return GSL_ENOMEM;
	design(t, plan, with_planes(plan));
	t->power = calloc((size_t)plan->N * (size_t)(t->P + 1), sizeof *t->power);
	t->table = t->all_planes ? kernel_alloc(P_MAX * sizeof *t->table) : NULL;
	if (!t->power || (t->all_planes && !t->table)) {
		entries_release(plan);
		return GSL_ENOMEM;
	}
	if (t->table)
		fill_table(t);
	for (int i = 0; i < plan->N; i++) {
		int128 *sum = t->power + (size_t)i * (size_t)(t->P + 1);
		const void *row = q->site + (size_t)i * q->stride;
		for (long r = 0; r < t->rows; r++) {
			int128 p = 1;
			for (int j = 1; j <= t->P; j++)
				sum[j] += p *= entries_at(t, row, r);
		}
	}
	return GSL_SUCCESS;
}

/* ---- one configuration */

void entries_free(struct field *f)
{
	struct entries_state *s = f->state;

	if (!s)
		return;
	free(s->c[1]);
	free(s->plane);
	free(s->out);
	free(s->row);
	free(s->value);
	free(s);
	f->state = NULL;
}

int entries_alloc(struct field *f)
{
	const struct entries_plan *t = f->plan->data;
	size_t rows = kernel_rows(f->plan);
	struct entries_state *s = calloc(1, sizeof *s);

	f->state = s;
	if (!s)
		return GSL_ENOMEM;
	if (t->all_planes) {
		s->plane = kernel_alloc(rows * (size_t)t->all_planes);
	} else {
		s->c[1] = kernel_alloc(rows * (size_t)(t->P - 1) * sizeof(int64_t));
		for (int k = 2; k < t->P && s->c[1]; k++)
			s->c[k] = s->c[k - 1] + rows;
	}
	s->out = kernel_alloc(rows / 8);
	s->row = malloc((size_t)t->rows * sizeof *s->row); /* not touched until there are outliers */
	s->value = malloc((size_t)t->rows * (size_t)t->P * sizeof *s->value);
	if ((s->plane || s->c[1]) && s->out && s->row && s->value)
		return GSL_SUCCESS;
	entries_free(f);
	return GSL_ENOMEM;
}

static uint8_t *byte_at(const struct entries_plan *t, const struct entries_state *s, long r, int k)
{
	return s->plane + (r / ENTRIES_BLOCK * t->all_planes + t->first[k]) * ENTRIES_BLOCK +
	       r % ENTRIES_BLOCK;
}

static void put(const struct entries_plan *t, struct entries_state *s, long r, int k, int64_t c)
{
	uint8_t *at;

	if (s->c[1]) {
		s->c[k][r] = c;
		return;
	}
	at = byte_at(t, s, r, k);
	c = (c - t->low[k]) / t->unit;
	for (int b = 0; b < t->planes[k]; b++)
		at[b * ENTRIES_BLOCK] = (uint8_t)(c >> (8 * b));
}

static int64_t get(const struct entries_plan *t, const struct entries_state *s, long r, int k)
{
	const uint8_t *at;
	int64_t c;

	if (s->c[1])
		return s->c[k][r];
	at = byte_at(t, s, r, k);
	c = 0;
	for (int b = 0; b < t->planes[k]; b++)
		c += (int64_t)at[b * ENTRIES_BLOCK] << (8 * b);
	return t->low[k] + t->unit * c;
}

static void make_outlier(const struct entries_plan *t, struct entries_state *s, long r, const int128 *c)
{
	s->row[s->outliers] = (uint32_t)r;
	for (int k = 1; k < t->P; k++) {
		s->value[s->outliers * t->P + k] = c[k];
		put(t, s, r, k, t->rest[k]);
	}
	s->outliers++;
	s->out[r / 64] |= UINT64_C(1) << (r % 64);
}

void entries_escape(const struct entries_plan *t, struct entries_state *s, long r, const int64_t *c)
{
	int128 exact[P_MAX];

	for (int k = 1; k < t->P; k++)
		exact[k] = c[k];
	make_outlier(t, s, r, exact);
}

/* Returns whether all c_k are within this part of their limits. */
static int within(const struct entries_plan *t, const int128 *c, int num, int den)
{
	for (int k = 1; k < t->P; k++)
		if (c[k] * den > (int128)t->high[k] * num || c[k] * den < (int128)t->low[k] * num)
			return 0;
	return 1;
}

/* Computes c_1 .. c_P of a block from the spins, in int64 if the largest possible value allows it. */
static void from_scratch(int128 (*c)[ENTRIES_BLOCK], const struct field *f, long first)
{
	const struct entries_plan *t = f->plan->data;
	const struct quenched *q = f->plan->quenched;
	int64_t e[P_MAX + 1][ENTRIES_BLOCK] = {{0}};
	int top = t->diagonal ? 1 : t->P;
	double largest = 1;

	for (int k = 1; k <= top; k++)
		largest *= (double)f->N * q->entry_max / k;
	for (int k = 1; k <= t->P; k++)
		memset(c[k], 0, sizeof c[k]);
	for (int r = 0; r < ENTRIES_BLOCK; r++) {
		e[0][r] = 1;
		c[0][r] = 1;
	}
	for (int i = 0; i < f->N; i++) {
		const void *row = q->site + (size_t)i * q->stride;
		for (int k = top; k > 0; k--)
			for (int r = 0; r < ENTRIES_BLOCK && first + r < t->rows; r++) {
				int y = entries_at(t, row, first + r) * f->spin[i];
				if (largest < 0x1p62)
					e[k][r] += y * e[k - 1][r];
				else
					c[k][r] += y * c[k - 1][r];
			}
	}
	for (int k = 1; k <= t->P; k++)
		for (int r = 0; r < ENTRIES_BLOCK; r++) {
			if (k <= top && largest < 0x1p62)
				c[k][r] = e[k][r];
			if (k > top)
				c[k][r] = c[k - 1][r] * c[1][r];
		}
}

void entries_init(struct field *f)
{
	const struct entries_plan *t = f->plan->data;
	struct entries_state *s = f->state;
	int128 c[P_MAX + 1][ENTRIES_BLOCK], one[P_MAX + 1];

	s->outliers = 0;
	s->energy = 0;
	s->known = -1;
	s->ahead = (struct ahead){0};
	memset(s->out, 0, (size_t)t->blocks * sizeof *s->out);
	for (long r = 0; r < t->blocks * ENTRIES_BLOCK; r++) {
		if (r % ENTRIES_BLOCK == 0)
			from_scratch(c, f, r);
		for (int k = 1; k <= t->P; k++)
			one[k] = c[k][r % ENTRIES_BLOCK];
		s->energy += one[t->P];
		if (within(t, one, 1, 1))
			for (int k = 1; k < t->P; k++)
				put(t, s, r, k, (int64_t)one[k]);
		else
			make_outlier(t, s, r, one);
	}
}

/* Moves one row from y to -y. */
static void move(const struct entries_plan *t, int128 *c, int y)
{
	int128 without = 1;

	for (int k = 1; k < t->P; k++) {
		int128 u = c[k] - y * without;
		c[k] = !t->diagonal ? u - y * without : k == 1 ? c[1] - 2 * y : c[k - 1] * c[1];
		without = u;
	}
}

/* Returns the sums of site i, from the arrays or as computed along with an earlier site. */
static int128 *sums(const struct field *f, int i, int next, const struct entries_loops *loops)
{
	const struct entries_plan *t = f->plan->data;
	struct entries_state *s = f->state;
	struct ahead *ahead = &s->ahead;
	int sites = t->sites == 1 ? 1 : ahead_sites(ahead, i, next, f->N, t->sites),
	    site[ENTRIES_SITES] = {i};

	if (i >= ahead->site && i < ahead->site + ahead->sites)
		return s->S[1 + i - ahead->site];
	for (int k = 1; k < sites; k++)
		site[k] = next + k - 1;
	loops->dot(s->S, f, site, sites);
	ahead->site = next;
	ahead->sites = sites - 1;
	return s->S[0];
}

int128 entries_sum(struct field *f, int i, int next)
{
	const struct entries_plan *t = f->plan->data;
	const struct quenched *q = f->plan->quenched;
	struct entries_state *s = f->state;
	const unsigned char *row = q->site + (size_t)i * q->stride;
	int128 *sum = sums(f, i, next, f->plan->kernel->loops), S[P_MAX + 1], F = 0;

	memcpy(S, sum, sizeof S); /* the same site may be requested again */
	for (long o = 0; o < s->outliers; o++) {
		int a = entries_at(t, row, s->row[o]);
		int128 p = 1;
		for (int j = 1; j < t->P; j++)
			S[j] += (p *= a) * (s->value[o * t->P + t->P - j] - t->rest[t->P - j]);
	}
	S[t->P] = t->power[(size_t)i * (size_t)(t->P + 1) + (size_t)t->P];
	for (int j = t->P; j > 0; j--)
		F = t->coef[j] * S[j] - f->spin[i] * F;
	s->known = i;
	s->field = F;
	return F;
}

void entries_flip(struct field *f, int i)
{
	const struct entries_loops *loops = f->plan->kernel->loops;
	const struct entries_plan *t = f->plan->data;
	const struct quenched *q = f->plan->quenched;
	struct entries_state *s = f->state;
	const unsigned char *row = q->site + (size_t)i * q->stride;
	long old = s->outliers, kept = 0;

	if (s->known != i)
		entries_sum(f, i, -1);
	s->energy -= 2 * f->spin[i] * s->field;
	for (long o = 0; o < old; o++)
		move(t, s->value + o * t->P, entries_at(t, row, s->row[o]) * f->spin[i]);
	loops->shift(t, s, row, f->spin[i]);
	for (long o = 0; o < s->outliers; o++) {
		if (o < old && within(t, s->value + o * t->P, 7, 8)) {
			for (int k = 1; k < t->P; k++)
				put(t, s, s->row[o], k, (int64_t)s->value[o * t->P + k]);
			s->out[s->row[o] / 64] &= ~(UINT64_C(1) << (s->row[o] % 64));
		} else {
			s->row[kept] = s->row[o];
			memmove(s->value + kept++ * t->P, s->value + o * t->P,
			        (size_t)t->P * sizeof *s->value);
		}
	}
	s->outliers = kept;
	f->spin[i] = (int8_t)-f->spin[i];
	s->known = -1;
	ahead_flipped(&s->ahead);
}

int128 entries_energy(struct field *f)
{
	return ((const struct entries_state *)f->state)->energy;
}

void entries_overlaps(struct field *f, long row0, long count, int64_t *X)
{
	const struct entries_plan *t = f->plan->data;
	const struct entries_state *s = f->state;

	for (long r = row0; r < row0 + count; r++)
		X[r - row0] = get(t, s, r, 1);
	for (long o = 0; o < s->outliers; o++)
		if (s->row[o] >= row0 && s->row[o] < row0 + count)
			X[s->row[o] - row0] = (int64_t)s->value[o * t->P + 1];
}

/* ---- plain C */

static void dot(int128 (*S)[P_MAX + 1], const struct field *f, const int *site, int sites)
{
	const struct entries_plan *t = f->plan->data;
	const struct entries_state *s = f->state;
	const void *row = f->plan->quenched->site + (size_t)*site * f->plan->quenched->stride;

	(void)sites;
	for (int j = 1; j < t->P; j++) {
		const int64_t *c = s->c[t->P - j];
		int64_t sum = 0;
		for (long r = 0; r < t->rows; r++) {
			int64_t a = entries_at(t, row, r), p = a;
			for (int n = 1; n < j; n++)
				p *= a;
			sum += p * c[r];
		}
		S[0][j] = sum;
	}
}

static void shift(const struct entries_plan *t, struct entries_state *s, const void *row, int spin)
{
	for (long r = 0; r < t->rows; r++) {
		int64_t c[P_MAX], without = 1;
		int y = entries_at(t, row, r) * spin, inside = 1;
		if (s->out[r / 64] >> (r % 64) & 1)
			continue;
		for (int k = 1; k < t->P; k++) {
			int64_t old = s->c[k][r], u = old - y * without;
			c[k] = !t->diagonal ? u - y * without : k == 1 ? old - 2 * y : c[k - 1] * c[1];
			without = t->diagonal ? 0 : u;
			inside &= c[k] <= t->high[k] && c[k] >= t->low[k];
			s->c[k][r] = c[k];
		}
		if (!inside)
			entries_escape(t, s, r, c);
	}
}

static const struct entries_loops loops = {dot, shift};

static int suits(const struct field_plan *plan)
{
	struct entries_plan t;

	if (!entries_suits(plan))
		return 0;
	design(&t, plan, 0);
	return step_below(&t, plan, 0x1p62);
}

static double cost(const struct field_plan *plan)
{
	return 60 + (double)plan->quenched->rows * (0.5 + plan->P) / 2;
}

const struct field_kernel kernel_entries_portable = {
	"portable", kernel_any_cpu, suits, cost, &loops, ENTRIES_KERNEL};
