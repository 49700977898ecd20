/* Binary rows: choice of the window, tables, outliers, and everything except the loops over rows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel_bits.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the window of overlaps, and the bytes per value */

static void exact_values(int128 *A, int128 *B, const struct field_plan *plan, int64_t X)
{
	int128 c[P_MAX + 1], coef[P_MAX + 1];

	kernel_coefficients(coef, plan);
	kernel_binary(c, plan, X);
	*A = *B = 0;
	for (int j = 1; j <= plan->P; j++)
		*(j % 2 ? A : B) += coef[j] * c[plan->P - j];
}

static int128 magnitude(int128 a)
{
	return a < 0 ? -a : a;
}

static int128 gcd(int128 a, int128 b)
{
	a = magnitude(a);
	b = magnitude(b);
	while (b) {
		int128 t = a % b;
		a = b;
		b = t;
	}
	return a;
}

/* Returns the number of signed bytes that hold v (8 if 7 are not enough). */
static int bytes_of(int128 v)
{
	int n = 1;

	while (n <= PLANES_MAX && (v < -((int128)1 << (8 * n - 1)) || v >= (int128)1 << (8 * n - 1)))
		n++;
	return n;
}

/* Returns the fraction of rows with |x| beyond the window, for the overlaps of random spins.  At P = 2 they
 * are taken twice as wide, since the glass has large overlaps with many patterns. */
static double share_beyond(const struct field_plan *plan, int window)
{
	return erfc((2.0 * window + 2) / sqrt((plan->P == 2 ? 8.0 : 2.0) * plan->N));
}

/* Returns the cost of a field in cycles per 64 rows, including flips in 5 % of the attempts; the weights
 * are measured. */
static double window_cost(const struct field_plan *plan, int registers, int window, int planes, int planes_b)
{
	double rows = (double)plan->quenched->rows;
	double lookup = registers ? 1 + registers : 20;
	double outliers = rows * share_beyond(plan, window);

	return rows / 64 * (1 + 0.7 * planes + 0.05 * (5 + lookup * (planes + planes_b))) + 8 * outliers;
}

/* Sets everything in *t that needs no memory: the cheapest of the windows of 61, 123 and 251 overlaps
 * (tables of 64, 128, 256 bytes) or, with stored planes, int16; narrowed until the values use all of their
 * bytes. */
static void design(struct bits_plan *t, const struct field_plan *plan, const struct bits_loops *loops)
{
	static const int registers[] = {1, 2, 4, 0};
	const int deviations = (int)(8 * sqrt(plan->N)); /* 16 standard deviations of a random overlap */
	const int limit[] = {29, 61, 125, deviations < INT16_MAX / 2 ? deviations : INT16_MAX / 2};
	double best = INFINITY;
	int all = plan->N / 2 + 1;

	*t = (struct bits_plan){.stored = loops->stored,
	                        .transposed = loops->transposed,
	                        .parity = plan->N % 2,
	                        .rows = plan->quenched->rows};
	t->blocks = (t->rows + BITS_BLOCK - 1) / BITS_BLOCK;
	for (long row = 0; row < BITS_BLOCK && (t->blocks - 1) * BITS_BLOCK + row < t->rows; row++)
		t->valid |= UINT64_C(1) << bits_place(t, row);
	for (int class = 0; class < (loops->stored ? 4 : 3); class++) {
		int last = limit[class] < all ? limit[class] : all, planes = 1, planes_b = 0;
		int128 A[2], B[2], a0, b0, ag = 0, bg = 0;
		exact_values(&a0, &b0, plan, t->parity);
		for (int x = 1; x <= last; x++)
			for (int side = -1; side <= 1; side += 2) {
				exact_values(A, B, plan, 2 * side * x + t->parity);
				ag = gcd(ag, A[0] - a0);
				bg = gcd(bg, B[0] - b0);
			}
		ag = ag ? ag : 1;
		bg = bg ? bg : 1;
		for (int x = 1; x <= last + 1; x++) {
			int need = planes, need_b = planes_b;
			double cost;
			for (int side = -1; side <= 1 && x <= last; side += 2) {
				int n;
				exact_values(A, B, plan, 2 * side * x + t->parity);
				n = bytes_of((A[0] - a0) / ag);
				need = n > need ? n : need;
				n = B[0] == b0 ? 0 : bytes_of((B[0] - b0) / bg);
				need_b = n > need_b ? n : need_b;
			}
			if (x <= last && need == planes && need_b == planes_b)
				continue;
			cost = window_cost(plan, registers[class], x - 1, planes, planes_b);
			if (cost < best && (x > 1 || last == 0)) {
				best = cost;
				t->window = x - 1;
				t->registers = registers[class];
				t->mark = -(limit[class] + 3);
				t->A = (struct bits_value){.planes = planes, .offset = a0, .scale = ag};
				t->B = (struct bits_value){.planes = planes_b, .offset = b0, .scale = bg};
			}
			planes = need;
			planes_b = need_b;
			if (need > PLANES_MAX || need_b > PLANES_MAX)
				break;
		}
		if (last == all)
			break;
	}
	t->A.bias = INT64_C(1) << (8 * t->A.planes - 1);
	t->B.bias = t->B.planes ? INT64_C(1) << (8 * t->B.planes - 1) : 0;
}

/* ---- tables */

static int64_t value_at(const struct bits_value *v, const struct bits_plan *t, int N, int x)
{
	int64_t X = 2 * (int64_t)x + t->parity;

	if (x < -t->window || x > t->window || X < -N || X > N)
		return v->bias;
	return (int64_t)((v->exact[(X + N) / 2] - v->offset) / v->scale) + v->bias;
}

static int fill_tables(struct bits_value *v, const struct bits_plan *t, int N)
{
	int period = 64 * t->registers, span = -t->mark;

	if (t->registers) {
		v->table = kernel_alloc((size_t)(v->planes + 1) * sizeof *v->table);
		if (!v->table)
			return GSL_ENOMEM;
		for (int e = 0; e < 256; e++) {
			int x = e % period < period / 2 ? e % period : e % period - period;
			for (int k = 0; k < v->planes; k++)
				v->table[k][e] = (uint8_t)(value_at(v, t, N, x) >> (8 * k));
		}
	} else {
		v->wide = kernel_alloc((size_t)(2 * span + 1) * sizeof *v->wide);
		if (!v->wide)
			return GSL_ENOMEM;
		for (int x = -span; x <= span; x++)
			v->wide[x + span] = value_at(v, t, N, x);
	}
	return GSL_SUCCESS;
}

int bits_suits(const struct field_plan *plan)
{
	return plan->quenched->alphabet == BITS;
}

int bits_suits_lookup(const struct field_plan *plan)
{
	struct bits_plan t;

	if (!bits_suits(plan))
		return 0;
	design(&t, plan, &(struct bits_loops){.stored = 0});
	return t.A.planes <= 4;
}

/* Returns the ns to read 64 bytes of data of this total size: from the first or second cache, or beyond. */
static double read_cost(double bytes)
{
	static const double first = 40e3, second = 1.2e6;

	return bytes < first ? 0.2 : bytes < second ? 0.35 : 0.35 + 2.8 * fmin(1, (bytes - second) / 0.8e6);
}

/* Returns the relative time of a look-up in 64, 128 or 256 bytes.  On Intel processors the instruction for
 * 128 bytes takes twice as long as that for 64, on AMD's as long; 256 bytes take two look-ups and a
 * selection. */
static double look_up_cost(int registers)
{
	int slow = cpu_is_intel();

	return registers == 1 ? 1 : registers == 2 ? (slow ? 2 : 1) : slow ? 4.5 : 2.5;
}

double bits_cost(const struct field_plan *plan, int stored, double block, double plane, int sites)
{
	struct bits_plan t;
	double rows = (double)plan->quenched->rows, bytes, compute, shift;

	design(&t, plan, &(struct bits_loops){.stored = stored});
	bytes = stored ? t.A.planes : 1;
	compute = block + plane * t.A.planes * (stored ? 1 : look_up_cost(t.registers));
	shift = 1 + (t.registers ? plane * (t.A.planes + t.B.planes) * (1 + t.registers) : 80 + 20 * plane);
	return 20 + rows / 64 * (fmax(compute, bytes * read_cost(bytes * rows) / sites) + 0.05 * shift) +
	       2 * rows * share_beyond(plan, t.window);
}

void bits_memory(const struct field_plan *plan, size_t *shared, size_t *each)
{
	struct bits_plan t;
	size_t N = (size_t)plan->N, rows = kernel_rows(plan);

	design(&t, plan, plan->kernel->loops);
	*shared = sizeof t + 3 * (N + 1) * sizeof(int128) + N * sizeof *t.set + 16 * 256 +
	          (t.registers ? 0 : 4 * (size_t)-t.mark * sizeof(int64_t));
	*each = sizeof(struct bits_state) + rows * (size_t)((t.registers ? 1 : 2) + t.stored * t.A.planes) +
	        /* rarely exceeded */
	        (size_t)t.rows / 16 * (sizeof(uint32_t) + sizeof(int32_t) + sizeof(int128));
}

static int64_t count_set(const unsigned char *row, size_t bytes)
{
	int64_t n = 0;

	for (size_t i = 0; i < bytes; i += 8) {
		uint64_t w;
		memcpy(&w, row + i, 8);
		n += __builtin_popcountll(w);
	}
	return n;
}

void bits_release(struct field_plan *plan)
{
	struct bits_plan *t = plan->data;

	if (!t)
		return;
	free(t->A.exact);
	free(t->A.table);
	free(t->A.wide);
	free(t->B.exact);
	free(t->B.table);
	free(t->B.wide);
	free(t->energy);
	free(t->set);
	free(t);
	plan->data = NULL;
}

int bits_prepare(struct field_plan *plan)
{
	const struct quenched *q = plan->quenched;
	size_t entries = (size_t)plan->N + 1;
	struct bits_plan *t = malloc(sizeof *t);

	plan->data = t;
	if (!t)
		return GSL_ENOMEM;
	design(t, plan, plan->kernel->loops);
	t->A.exact = malloc(entries * sizeof(int128));
	t->B.exact = malloc(entries * sizeof(int128));
	t->energy = malloc(entries * sizeof(int128));
	t->set = malloc((size_t)plan->N * sizeof *t->set);
	if (!t->A.exact || !t->B.exact || !t->energy || !t->set)
		goto no_memory;
	for (int up = 0; up <= plan->N; up++) {
		int128 c[P_MAX + 1];
		exact_values(&t->A.exact[up], &t->B.exact[up], plan, 2 * (int64_t)up - plan->N);
		kernel_binary(c, plan, 2 * (int64_t)up - plan->N);
		t->energy[up] = c[plan->P];
	}
	t->narrow = 1;
	for (int up = 0; up <= plan->N; up++)
		t->narrow &= magnitude(t->A.exact[up] - t->A.offset) < ((int128)1 << 62) / t->rows;
	for (int i = 0; i < plan->N; i++)
		t->set[i] = count_set(q->site + (size_t)i * q->stride, q->stride);
	if (fill_tables(&t->A, t, plan->N) == GSL_SUCCESS && fill_tables(&t->B, t, plan->N) == GSL_SUCCESS)
		return GSL_SUCCESS;
no_memory:
	bits_release(plan);
	return GSL_ENOMEM;
}

/* ---- one configuration */

void bits_free(struct field *f)
{
	struct bits_state *s = f->state;

	if (!s)
		return;
	free(s->x8);
	free(s->x16);
	free(s->plane);
	free(s->row);
	free(s->X);
	free(s->more);
	free(s->more_wide);
	free(s);
	f->state = NULL;
}

int bits_alloc(struct field *f)
{
	const struct bits_plan *t = f->plan->data;
	size_t rows = (size_t)t->blocks * BITS_BLOCK;
	struct bits_state *s = calloc(1, sizeof *s);

	f->state = s;
	if (!s)
		return GSL_ENOMEM;
	if (t->registers)
		s->x8 = kernel_alloc(rows);
	else
		s->x16 = kernel_alloc(rows * sizeof *s->x16);
	if (t->stored)
		s->plane = kernel_alloc(rows * (size_t)t->A.planes);
	s->row = malloc((size_t)t->rows * sizeof *s->row); /* not touched until there are outliers */
	s->X = malloc((size_t)t->rows * sizeof *s->X);
	if (t->narrow)
		s->more = malloc((size_t)t->rows * sizeof *s->more);
	else
		s->more_wide = malloc((size_t)t->rows * sizeof *s->more_wide);
	if ((s->x8 || s->x16) && (s->plane || !t->stored) && s->row && s->X && (s->more || s->more_wide))
		return GSL_SUCCESS;
	bits_free(f);
	return GSL_ENOMEM;
}

static int get_x(const struct bits_plan *t, const struct bits_state *s, long row)
{
	long at = bits_place(t, row);

	return s->x8 ? s->x8[at] : s->x16[at];
}

static void set_x(const struct bits_plan *t, struct bits_state *s, long row, int x)
{
	long at = bits_place(t, row);

	if (s->x8)
		s->x8[at] = (int8_t)x;
	else
		s->x16[at] = (int16_t)x;
}

/* Returns V of a row's x. */
static int64_t value_of(const struct bits_value *v, const struct bits_plan *t, int x)
{
	int64_t V = 0;

	if (!t->registers)
		return v->planes ? v->wide[x - t->mark] : 0;
	for (int k = 0; k < v->planes; k++)
		V |= (int64_t)v->table[k][x & 255] << (8 * k);
	return V;
}

/* Returns the sum of a value over all rows in the window, from that of V over all blocks.  Padding rows
 * have x = 0 and are subtracted; an outlier counts as the offset. */
static int128 inside(const struct bits_value *v, const struct bits_plan *t, int128 V)
{
	int128 padding = (int128)(t->blocks * BITS_BLOCK - t->rows) * value_of(v, t, 0);

	return v->offset * t->rows + v->scale * (V - padding - (int128)v->bias * t->rows);
}

/* Sets the sums over all rows from the sums of V. */
static void set_sums(struct bits_state *s, const struct bits_plan *t, int N, int128 A, int128 B)
{
	s->a = inside(&t->A, t, A);
	s->b = inside(&t->B, t, B);
	for (long o = 0; o < s->outliers; o++) {
		size_t up = (size_t)(s->X[o] + N) / 2;
		int128 more = t->A.exact[up] - t->A.offset;
		if (t->narrow)
			s->more[o] = (int64_t)(2 * more);
		else
			s->more_wide[o] = 2 * more;
		s->a += more;
		s->b += t->B.exact[up] - t->B.offset;
	}
}

static int128 joined(const uint64_t *S, int planes)
{
	int128 V = 0;

	for (int k = planes - 1; k >= 0; k--)
		V = V * 256 + S[k];
	return V;
}

/* The overlaps of 512 rows from bit-sliced counters of the spins that agree: X = 2 agree - N. */
static void count_rows(int32_t agree[512], const struct field *f, long first)
{
	const struct quenched *q = f->plan->quenched;
	uint64_t digit[32][8] = {{0}};
	int digits = 0;

	for (int i = 0; i < f->N; i++) {
		uint64_t carry[8], flip = f->spin[i] > 0 ? 0 : ~UINT64_C(0);
		memcpy(carry, q->site + (size_t)i * q->stride + first / 8, sizeof carry);
		for (int w = 0; w < 8; w++)
			carry[w] ^= flip;
		digits += i + 1 == 1 << digits;
		for (int d = 0; d < digits; d++)
			for (int w = 0; w < 8; w++) {
				uint64_t both = digit[d][w] & carry[w];
				digit[d][w] ^= carry[w];
				carry[w] = both;
			}
	}
	for (int r = 0; r < 512; r++) {
		agree[r] = 0;
		for (int d = 0; d < digits; d++)
			agree[r] |= (int32_t)(digit[d][r / 64] >> (r % 64) & 1) << d;
	}
}

void bits_init(struct field *f)
{
	const struct bits_plan *t = f->plan->data;
	struct bits_state *s = f->state;
	int32_t agree[512];
	int128 A = 0, B = 0;

	s->outliers = 0;
	s->ahead = (struct ahead){0};
	for (long row = 0; row < t->blocks * BITS_BLOCK; row++) {
		long at = row / BITS_BLOCK * BITS_BLOCK * t->A.planes + bits_place(t, row) % BITS_BLOCK;
		int64_t V;
		int X, x = 0;
		if (row % 512 == 0)
			count_rows(agree, f, row);
		if (row < t->rows) {
			X = 2 * agree[row % 512] - f->N;
			x = (X - t->parity) / 2;
			if (x < -t->window || x > t->window) {
				s->row[s->outliers] = (uint32_t)row;
				s->X[s->outliers++] = X;
				x = t->mark;
			}
		}
		set_x(t, s, row, x);
		V = value_of(&t->A, t, x);
		A += V;
		B += value_of(&t->B, t, x);
		for (int k = 0; k < t->A.planes && s->plane; k++)
			s->plane[at + k * BITS_BLOCK] = (uint8_t)(V >> (8 * k));
	}
	set_sums(s, t, f->N, A, B);
}

static int bit_of(const unsigned char *bits, long row)
{
	return bits[row / 8] >> (row % 8) & 1;
}

int128 bits_field(const struct field *f, int i, const uint64_t *S)
{
	const struct bits_plan *t = f->plan->data;
	const struct bits_state *s = f->state;
	const struct quenched *q = f->plan->quenched;
	const unsigned char *bits = q->site + (size_t)i * q->stride;
	int128 V = joined(S, t->A.planes) - (int128)t->A.bias * t->set[i];
	int128 a = 2 * (t->A.offset * t->set[i] + t->A.scale * V) - s->a;

	if (t->narrow) {
		int64_t more = 0;
		for (long o = 0; o < s->outliers; o++)
			more += s->more[o] & -(int64_t)bit_of(bits, s->row[o]);
		a += more;
	} else {
		for (long o = 0; o < s->outliers; o++)
			a += s->more_wide[o] & -(int128)bit_of(bits, s->row[o]);
	}
	return f->spin[i] > 0 ? a - s->b : a + s->b;
}

void bits_escape(const struct bits_plan *t, struct bits_state *s, long block, uint64_t places)
{
	for (; places; places &= places - 1) {
		long row = bits_place(t, block * BITS_BLOCK + __builtin_ctzll(places));
		s->row[s->outliers] = (uint32_t)row;
		s->X[s->outliers++] = 2 * get_x(t, s, row) + t->parity;
		set_x(t, s, row, t->mark);
	}
}

/* Moves outliers by 2 up xi and returns those well inside the window to the arrays.  Sets x to the value
 * that the shift will move to the correct one, which for outliers is the mark. */
static void shift_outliers(const struct bits_plan *t, struct bits_state *s, const unsigned char *bits, int up)
{
	long kept = 0;

	for (long o = 0; o < s->outliers; o++) {
		int step = bit_of(bits, s->row[o]) ? up : -up, X = s->X[o] + 2 * step,
		    x = (X - t->parity) / 2;
		int inside = abs(x) < t->window - 2;
		set_x(t, s, s->row[o], (inside ? x : t->mark) - step);
		if (!inside) {
			s->row[kept] = s->row[o];
			s->X[kept++] = X;
		}
	}
	s->outliers = kept;
}

void bits_flip(struct field *f, int i)
{
	const struct bits_loops *loops = f->plan->kernel->loops;
	const struct bits_plan *t = f->plan->data;
	struct bits_state *s = f->state;
	const struct quenched *q = f->plan->quenched;
	const unsigned char *bits = q->site + (size_t)i * q->stride;
	uint64_t S[2 * PLANES_MAX];
	int up = f->spin[i] = (int8_t)-f->spin[i];

	ahead_flipped(&s->ahead);
	shift_outliers(t, s, bits, up);
	loops->shift(S, t, s, bits, up);
	set_sums(s, t, f->N, joined(S, t->A.planes), joined(S + t->A.planes, t->B.planes));
}

void bits_shift_wide(uint64_t *S, const struct bits_plan *t, struct bits_state *s, const unsigned char *bits,
                     int up)
{
	int planes = t->A.planes;

	memset(S, 0, (size_t)(planes + t->B.planes) * sizeof *S);
	for (long block = 0; block < t->blocks; block++) {
		uint64_t set, valid = bits_valid(t, block), out = 0;
		int16_t *x = s->x16 + block * BITS_BLOCK;
		uint8_t *plane = s->plane + block * BITS_BLOCK * planes;
		memcpy(&set, bits + block * 8, 8);
		for (int r = 0; r < BITS_BLOCK; r++) {
			int step = (set >> r & 1 ? up : -up) & -(int)(valid >> r & 1);
			x[r] = (int16_t)(x[r] + step);
			out |= (uint64_t)(abs(x[r]) == t->window + 1) << r;
		}
		if (out)
			bits_escape(t, s, block, out);
		for (int r = 0; r < BITS_BLOCK; r++) {
			uint64_t V = (uint64_t)t->A.wide[x[r] - t->mark];
			for (int k = 0; k < planes; k++) {
				plane[k * BITS_BLOCK + r] = (uint8_t)(V >> (8 * k));
				S[k] += (uint8_t)(V >> (8 * k));
			}
		}
		for (int k = 0; k < t->B.planes; k++)
			for (int r = 0; r < BITS_BLOCK; r++)
				S[planes + k] += (uint8_t)((uint64_t)t->B.wide[x[r] - t->mark] >> (8 * k));
	}
}

int128 bits_energy(struct field *f)
{
	const struct bits_plan *t = f->plan->data;
	const struct bits_state *s = f->state;
	int128 E = 0;

	if (s->x8) {
		int64_t count[256] = {t->rows - t->blocks * BITS_BLOCK}; /* minus the padding, where x is 0 */
		for (long at = 0; at < t->blocks * BITS_BLOCK; at++)
			count[(uint8_t)s->x8[at]]++;
		for (int x = -t->window; x <= t->window; x++)
			if (count[x & 255])
				E += count[x & 255] * t->energy[(2 * x + t->parity + f->N) / 2];
	} else {
		for (long row = 0; row < t->rows; row++)
			if (get_x(t, s, row) != t->mark)
				E += t->energy[(2 * get_x(t, s, row) + t->parity + f->N) / 2];
	}
	for (long o = 0; o < s->outliers; o++)
		E += t->energy[(s->X[o] + f->N) / 2];
	return E;
}

void bits_overlaps(struct field *f, long row0, long count, int64_t *X)
{
	const struct bits_plan *t = f->plan->data;
	const struct bits_state *s = f->state;

	for (long row = row0; row < row0 + count; row++)
		X[row - row0] = 2 * get_x(t, s, row) + t->parity;
	for (long o = 0; o < s->outliers; o++)
		if (s->row[o] >= row0 && s->row[o] < row0 + count)
			X[s->row[o] - row0] = s->X[o];
}
