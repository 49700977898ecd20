/* Template of the sums over rows of small integers with AVX-512 and VNNI: byte planes of the c_k times signed bytes of the powers of
 * a, both by chunks of rows that stay in the first cache.  Included by kernel_entries_avx512.c and kernel_entries_vbmi.c, which
 * define AVX512 (the instructions) and
 *     INLINE struct powers load_powers(const int8_t table[64], int registers);
 *     INLINE __m512i powers_of(__m512i a, struct powers, int registers);    entries a & 63 of the table
 * with 1, 2 or 4 registers, which serve |a| up to 7, 15, 31.
 * SPDX-License-Identifier: GPL-3.0-or-later */
enum {
	BLOCKS = ENTRIES_CHUNK / 64,
	LANE_CHUNKS = 256
}; /* 32-bit sums of 255 * 128 have room for 2^11 blocks */

INLINE int64_t across(__m512i v)
{
	__m512i low = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(v));
	__m512i high = _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(v, 1));

	return _mm512_reduce_add_epi64(_mm512_add_epi64(low, high));
}

enum { SITES = 2 };

/* Adds the products of one plane with one digit of the powers of some sites over some blocks. */
INLINE void multiply(__m512i *sum, const uint8_t *plane, __m512i digit[SITES][BLOCKS], int sites, int blocks)
{
	__m512i two[SITES][2];

#pragma GCC unroll 2
	for (int site = 0; site < sites; site++) {
		two[site][0] = sum[site * PRODUCTS_MAX];
		two[site][1] = _mm512_setzero_si512();
	}
#pragma GCC unroll 8
	for (int b = 0; b < blocks; b++) {
		__m512i v = _mm512_load_si512(plane + 64 * b);
#pragma GCC unroll 2
		for (int site = 0; site < sites; site++)
			two[site][b % 2] = _mm512_dpbusd_epi32(two[site][b % 2], v, digit[site][b]);
	}
#pragma GCC unroll 2
	for (int site = 0; site < sites; site++)
		sum[site * PRODUCTS_MAX] = _mm512_add_epi32(two[site][0], two[site][1]);
}

/* Adds some blocks to the sums, one per site and (j, digit, plane) in this order. */
INLINE void add_blocks(__m512i *sum, const struct entries_plan *t, const uint8_t *plane,
                       const int8_t *const row[SITES], const int8_t *next, int sites, int blocks,
                       int registers)
{
	__m512i a[SITES][BLOCKS], digit[SITES][BLOCKS];

#pragma GCC unroll 8
	for (int b = 0; b < blocks; b++) {
#pragma GCC unroll 2
		for (int site = 0; site < sites; site++)
			a[site][b] = _mm512_load_si512(row[site] + 64 * b);
		if (next)
			_mm_prefetch((const char *)next + 64 * b, _MM_HINT_T1);
	}
	for (int j = 1; j < t->P; j++) {
		const uint8_t *from = plane + t->first[t->P - j] * ENTRIES_CHUNK;
		for (int d = 0; d < t->digits[j]; d++) {
			const struct powers table = load_powers(t->table[j][d], registers);
#pragma GCC unroll 16
			for (int k = 0; k < sites * blocks; k++)
				digit[k / blocks][k % blocks] =
					j == 1 ? a[k / blocks][k % blocks]
					       : powers_of(a[k / blocks][k % blocks], table, registers);
			for (int p = 0; p < t->planes[t->P - j]; p++, sum++)
				multiply(sum, from + p * ENTRIES_CHUNK, digit, sites, blocks);
		}
	}
}

/* The sums of chunks first .. last-1 of one or two sites. */
INLINE void add_chunks(__m512i *sum, const struct entries_plan *t, const struct entries_state *s,
                       const int8_t *const row[SITES], const int8_t *next, long first, long last, int sites,
                       int registers)
{
	for (long chunk = first; chunk < last; chunk++) {
		const long r = chunk * ENTRIES_CHUNK;
		const uint8_t *plane = s->plane + r * t->all_planes;
		const int8_t *at[SITES] = {row[0] + r, sites > 1 ? row[1] + r : NULL},
			     *ahead = next ? next + r : NULL;
		if (r + ENTRIES_CHUNK <= t->rows)
			add_blocks(sum, t, plane, at, ahead, sites, BLOCKS, registers);
		else
			for (long more = 0; more < t->rows - r; more += 64) {
				const int8_t *part[SITES] = {at[0] + more, sites > 1 ? at[1] + more : NULL};
				add_blocks(sum, t, plane + more, part, ahead ? ahead + more : NULL, sites, 1,
				           registers);
			}
	}
}

/* The same for P = 4 where the numbers of planes of c_3, c_2, c_1 and of digits of a^3 are known to the compiler: all sums stay in
 * registers, half the instructions. */
INLINE void add_quartic(__m512i *sum, const struct entries_plan *t, const struct entries_state *s,
                        const int8_t *const row[SITES], const int8_t *next, long first, long last, int sites,
                        int n3, int n2, int n1, int digits)
{
	const int registers = digits; /* a^3 in one byte: |a| <= 5; a^2 always is: |a| <= 11 */
	const struct powers square = load_powers(t->table[2][0], registers);
	const struct powers cube[2] = {load_powers(t->table[3][0], registers),
	                               load_powers(t->table[3][digits - 1], registers)};
	const int products = n3 + n2 + digits * n1;
	const size_t stride = (size_t)(row[1] - row[0]);
	__m512i in[SITES][16];

#pragma GCC unroll 32
	for (int k = 0; k < sites * products; k++)
		in[k / products][k % products] = _mm512_setzero_si512();
	for (long chunk = first; chunk < last; chunk++) {
		long r = chunk * ENTRIES_CHUNK;
		const long end = t->rows < r + ENTRIES_CHUNK ? t->rows : r + ENTRIES_CHUNK;
		const uint8_t *plane = s->plane + r * t->all_planes;
		for (; r < end; r += 64, plane += 64) {
			__m512i power[SITES][4];
			if (next) {
				_mm_prefetch((const char *)next + r, _MM_HINT_T1);
				if (sites > 1)
					_mm_prefetch((const char *)next + stride + r, _MM_HINT_T1);
			}
#pragma GCC unroll 2
			for (int site = 0; site < sites; site++) {
				power[site][0] = _mm512_load_si512(row[site] + r);
				power[site][1] = powers_of(power[site][0], square, registers);
				power[site][2] = powers_of(power[site][0], cube[0], registers);
				power[site][3] = powers_of(power[site][0], cube[1], registers);
			}
#pragma GCC unroll 16
			for (int k = 0; k < products; k++) {
				const int j = k < n3 ? 0 : k < n3 + n2 ? 1 : k < n3 + n2 + n1 ? 2 : 3;
				const int at =
					j < 3 ? k : k - n1; /* the digits of a^3 share the planes of c_1 */
				__m512i v = _mm512_load_si512(plane + at * ENTRIES_CHUNK);
#pragma GCC unroll 2
				for (int site = 0; site < sites; site++)
					in[site][k] = _mm512_dpbusd_epi32(in[site][k], v, power[site][j]);
			}
		}
	}
#pragma GCC unroll 32
	for (int k = 0; k < sites * products; k++)
		sum[k / products * PRODUCTS_MAX + k % products] = in[k / products][k % products];
}

/* Does f(.., n3, n2, n1, digits) for the usual layouts of P = 4 and says whether it did. */
#define QUARTIC(t, f, ...)                                                                                   \
	switch (quartic_layout(t)) {                                                                         \
		QUARTIC_CASE(3, 2, 1, f, __VA_ARGS__)                                                        \
		QUARTIC_CASE(3, 2, 2, f, __VA_ARGS__)                                                        \
		QUARTIC_CASE(3, 3, 2, f, __VA_ARGS__)                                                        \
		QUARTIC_CASE(4, 3, 2, f, __VA_ARGS__)                                                        \
	}
#define QUARTIC_CASE(n3, n2, n1, f, ...)                                                                     \
	case n3 * 1000 + n2 * 100 + n1 * 10 + 1:                                                             \
		f(__VA_ARGS__, n3, n2, n1, 1);                                                               \
		return 1;                                                                                    \
	case n3 * 1000 + n2 * 100 + n1 * 10 + 2:                                                             \
		f(__VA_ARGS__, n3, n2, n1, 2);                                                               \
		return 1;

static int quartic_layout(const struct entries_plan *t)
{
	return t->P == 4 && t->narrow && !t->diagonal && t->digits[1] == 1 && t->digits[2] == 1
	               ? t->planes[3] * 1000 + t->planes[2] * 100 + t->planes[1] * 10 + t->digits[3]
	               : 0;
}

AVX512 static int quartic(__m512i *sum, const struct entries_plan *t, const struct entries_state *s,
                          const int8_t *const row[SITES], const int8_t *next, long first, long last,
                          int sites)
{
	if (sites == 1)
		QUARTIC(t, add_quartic, sum, t, s, row, next, first, last, 1)
	else
		QUARTIC(t, add_quartic, sum, t, s, row, next, first, last, 2)
	return 0;
}

AVX512 static void dot(int128 (*S)[P_MAX + 1], const struct field *f, const int *site)
{
	const struct entries_plan *t = f->plan->data;
	const struct quenched *q = f->plan->quenched;
	int products = 0;
	const int sites = site[1] < 0 ? 1 : 2,
		  ahead = site[sites - 1] + 1; /* sequential order asks that next */
	const int8_t *row[SITES],
		*next = ahead < f->N ? (const int8_t *)q->site + (size_t)ahead * q->stride : NULL;

	for (int j = 1; j < t->P; j++)
		products += t->digits[j] * t->planes[t->P - j];
	for (int k = 0; k < sites; k++) {
		row[k] = (const int8_t *)q->site + (size_t)site[k] * q->stride;
		for (int j = 1; j < t->P; j++)
			S[k][j] =
				t->low[t->P - j] * t->power[(size_t)site[k] * (size_t)(t->P + 1) + (size_t)j];
	}
	for (long first = 0; first < t->chunks; first += LANE_CHUNKS) {
		long last = first + LANE_CHUNKS < t->chunks ? first + LANE_CHUNKS : t->chunks;
		__m512i sum[SITES][PRODUCTS_MAX];
		for (int k = 0; k < sites; k++)
			memset(sum[k], 0, (size_t)products * sizeof **sum);
		if (quartic(sum[0], t, f->state, row, next, first, last, sites))
			;
		else if (sites == 1 && q->entry_max <= 7)
			add_chunks(sum[0], t, f->state, row, next, first, last, 1, 1);
		else if (sites == 1)
			add_chunks(sum[0], t, f->state, row, next, first, last, 1, 4);
		else if (q->entry_max <= 7)
			add_chunks(sum[0], t, f->state, row, next, first, last, 2, 1);
		else
			add_chunks(sum[0], t, f->state, row, next, first, last, 2, 4);
		for (int k = 0; k < sites; k++) {
			const __m512i *from = sum[k];
			for (int j = 1; j < t->P; j++)
				for (int d = 0; d < t->digits[j]; d++)
					for (int p = 0; p < t->planes[t->P - j]; p++)
						S[k][j] += (int128)across(*from++) *
						           ((int128)1 << (8 * (p + d)));
		}
	}
}

/* Numbers of sixteen rows from their bytes, and back: int32 lanes, or the eight rows of int64 lanes. */
INLINE __m512i gather(const uint8_t *at, int planes, int narrow)
{
	__m512i c = _mm512_setzero_si512();

#pragma GCC unroll 8
	for (int p = planes - 1; p >= 0; p--) {
		const __m128i *from = (const __m128i *)(at + p * ENTRIES_CHUNK);
		if (narrow)
			c = _mm512_or_si512(_mm512_slli_epi32(c, 8),
			                    _mm512_cvtepu8_epi32(_mm_load_si128(from)));
		else
			c = _mm512_or_si512(_mm512_slli_epi64(c, 8),
			                    _mm512_cvtepu8_epi64(_mm_loadl_epi64(from)));
	}
	return c;
}

/* Only in these rows; a masked store would be slow, and nearly always it is all. */
INLINE void scatter(uint8_t *at, int planes, __m512i c, __mmask16 rows, int narrow)
{
#pragma GCC unroll 8
	for (int p = 0; p < planes; p++) {
		__m128i *to = (__m128i *)(at + p * ENTRIES_CHUNK), bytes;
		if (narrow) {
			bytes = _mm512_cvtepi32_epi8(_mm512_srli_epi32(c, (unsigned)(8 * p)));
			if (rows != 0xffff)
				bytes = _mm_mask_mov_epi8(_mm_load_si128(to), rows, bytes);
			_mm_store_si128(to, bytes);
		} else {
			bytes = _mm512_cvtepi64_epi8(_mm512_srli_epi64(c, (unsigned)(8 * p)));
			if (rows != 0xff)
				bytes = _mm_mask_mov_epi8(_mm_loadl_epi64(to), rows, bytes);
			_mm_storel_epi64(to, bytes);
		}
	}
}

/* The usual numbers of bytes become loops without branches. */
#define WITH_CONSTANT(f, at, planes, ...)                                                                    \
	((planes) == 1   ? f(at, 1, __VA_ARGS__)                                                             \
	 : (planes) == 2 ? f(at, 2, __VA_ARGS__)                                                             \
	 : (planes) == 3 ? f(at, 3, __VA_ARGS__)                                                             \
	 : (planes) == 4 ? f(at, 4, __VA_ARGS__)                                                             \
	 : (planes) == 5 ? f(at, 5, __VA_ARGS__)                                                             \
	                 : f(at, 6, __VA_ARGS__))

INLINE __m512i spread(int64_t c, int narrow)
{
	return narrow ? _mm512_set1_epi32((int)c) : _mm512_set1_epi64(c);
}

INLINE __m512i subtract(__m512i a, __m512i b, int narrow)
{
	return narrow ? _mm512_sub_epi32(a, b) : _mm512_sub_epi64(a, b);
}

INLINE __m512i times(__m512i a, __m512i b, int narrow)
{
	return narrow ? _mm512_mullo_epi32(a, b) : _mm512_mullo_epi64(a, b);
}

/* Moves some rows; returns which of them passed a limit.  Seen from `low` a limit is passed above an unsigned width. */
INLINE __mmask16 move(const struct entries_plan *t, uint8_t *plane, __m512i y, __mmask16 rows,
                      __m512i c[P_MAX], int narrow)
{
	__m512i without = spread(1, narrow);
	__mmask16 beyond = 0;

	for (int k = 1; k < t->P; k++) {
		const __m512i low = spread(t->low[k], narrow), width = spread(t->high[k] - t->low[k], narrow);
		uint8_t *at = plane + t->first[k] * ENTRIES_CHUNK;
		__m512i step, from_low;
		if (t->diagonal && k > 1) {
			c[k] = times(c[k - 1], c[1], narrow);
		} else {
			__m512i old = WITH_CONSTANT(gather, at, t->planes[k], narrow);
			old = narrow ? _mm512_add_epi32(old, low) : _mm512_add_epi64(old, low);
			step = k == 1 ? y : times(y, without, narrow);
			without = subtract(old, step, narrow);
			c[k] = subtract(without, step, narrow);
		}
		from_low = subtract(c[k], low, narrow);
		if (narrow)
			beyond |= _mm512_cmpgt_epu32_mask(from_low, width);
		else
			beyond |= _mm512_cmpgt_epu64_mask(from_low, width);
		WITH_CONSTANT(scatter, at, t->planes[k], from_low, rows, narrow);
	}
	return beyond & rows;
}

/* Makes outliers of lanes of c. */
static void escape(const struct entries_plan *t, struct entries_state *s, long r, unsigned beyond,
                   const __m512i *c)
{
	for (; beyond; beyond &= beyond - 1) {
		int64_t one[P_MAX];
		int l = __builtin_ctz(beyond);
		for (int k = 1; k < t->P; k++)
			one[k] = t->narrow ? ((const int32_t *)&c[k])[l] : ((const int64_t *)&c[k])[l];
		entries_escape(t, s, r + l, one);
	}
}

INLINE void shift_rows(const struct entries_plan *t, struct entries_state *s, const int8_t *a, int spin,
                       int narrow)
{
	const int lanes = narrow ? 16 : 8;

	for (long r = 0; r < t->rows; r += lanes) {
		uint8_t *plane =
			s->plane + r / ENTRIES_CHUNK * t->all_planes * ENTRIES_CHUNK + r % ENTRIES_CHUNK;
		__mmask16 rows = (__mmask16) ~(s->out[r / 64] >> (r % 64)), beyond;
		__m512i y, c[P_MAX];
		if (narrow)
			y = _mm512_cvtepi8_epi32(_mm_load_si128((const __m128i *)(a + r)));
		else
			y = _mm512_cvtepi8_epi64(_mm_loadl_epi64((const __m128i *)(a + r)));
		if (!narrow)
			rows &= 0xff;
		if (spin < 0)
			y = subtract(_mm512_setzero_si512(), y, narrow);
		beyond = move(t, plane, y, rows, c, narrow);
		if (beyond)
			escape(t, s, r, beyond, c);
	}
}

/* ---- 64 rows between bytes and int32: vector j has in part l the rows 16 l + 4 j + 0..3, so planes and vectors are each other's
 * transposes, of 4 x 4 times 32 bits and then of 4 x 4 bytes: half the instructions of widening 16 rows at a time. */

/* Number e of part l of v[j] becomes number j of part l of v[e]. */
INLINE void transpose(__m512i v[4])
{
	const __m512i a = _mm512_unpacklo_epi32(v[0], v[1]), b = _mm512_unpackhi_epi32(v[0], v[1]);
	const __m512i c = _mm512_unpacklo_epi32(v[2], v[3]), d = _mm512_unpackhi_epi32(v[2], v[3]);

	v[0] = _mm512_unpacklo_epi64(a, c);
	v[1] = _mm512_unpackhi_epi64(a, c);
	v[2] = _mm512_unpacklo_epi64(b, d);
	v[3] = _mm512_unpackhi_epi64(b, d);
}

INLINE __m512i transpose_bytes(__m512i v)
{
	return _mm512_shuffle_epi8(v, _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10,
	                                                                   14, 3, 7, 11, 15)));
}

INLINE void gather_block(__m512i c[4], const void *at, int planes)
{
#pragma GCC unroll 4
	for (int p = 0; p < 4; p++)
		c[p] = p < planes ? _mm512_load_si512((const char *)at + p * ENTRIES_CHUNK)
		                  : _mm512_setzero_si512();
	transpose(c);
#pragma GCC unroll 4
	for (int j = 0; j < 4; j++)
		c[j] = transpose_bytes(c[j]);
}

/* Only in these rows. */
INLINE void scatter_block(uint8_t *at, int planes, const __m512i c[4], __mmask64 rows)
{
	__m512i v[4];

#pragma GCC unroll 4
	for (int j = 0; j < 4; j++)
		v[j] = transpose_bytes(c[j]);
	transpose(v);
#pragma GCC unroll 4
	for (int p = 0; p < planes; p++) {
		uint8_t *to = at + p * ENTRIES_CHUNK;
		_mm512_store_si512(to,
		                   ~rows ? _mm512_mask_mov_epi8(_mm512_load_si512(to), rows, v[p]) : v[p]);
	}
}

/* Makes outliers of those of these 64 rows whose `beyond` is not 0; c[k][j] as above, seen from low. */
static void escape_block(const struct entries_plan *t, struct entries_state *s, long r, uint64_t rows,
                         const __m512i beyond[4], __m512i c[4][4])
{
	for (; rows; rows &= rows - 1) {
		const int row = __builtin_ctzll(rows), j = row / 4 % 4, l = row / 16 * 4 + row % 4;
		int64_t one[P_MAX];
		if (!((const int32_t *)&beyond[j])[l])
			continue;
		for (int k = 1; k < 4; k++)
			one[k] = ((const int32_t *)&c[k][j])[l] + t->low[k];
		entries_escape(t, s, r + row, one);
	}
}

/* shift_rows for P = 4 with these numbers of planes, 64 rows at a time. */
INLINE void shift_quartic(const struct entries_plan *t, struct entries_state *s, const int8_t *a, int spin,
                          int n3, int n2, int n1, int digits)
{
	const __m512i low1 = spread(t->low[1], 1), low2 = spread(t->low[2], 1);

	(void)digits;
	for (long r = 0; r < t->rows; r += 64) {
		uint8_t *at =
			s->plane + r / ENTRIES_CHUNK * (n3 + n2 + n1) * ENTRIES_CHUNK + r % ENTRIES_CHUNK;
		uint8_t *at2 = at + n3 * ENTRIES_CHUNK, *at1 = at2 + n2 * ENTRIES_CHUNK;
		const uint64_t rows = ~s->out[r / 64];
		__m512i c[4][4], y[4], beyond[4], any = _mm512_setzero_si512();
		gather_block(y, a + r, 1);
		gather_block(c[1], at1, n1);
		gather_block(c[2], at2, n2);
		gather_block(c[3], at, n3);
#pragma GCC unroll 4
		for (int j = 0; j < 4; j++) {
			__m512i step;
			y[j] = _mm512_srai_epi32(_mm512_slli_epi32(y[j], 24), 24);
			if (spin < 0)
				y[j] = _mm512_sub_epi32(_mm512_setzero_si512(), y[j]);
			c[1][j] = _mm512_sub_epi32(c[1][j], y[j]); /* seen from low; without the site, */
			step = _mm512_mullo_epi32(y[j], _mm512_add_epi32(c[1][j], low1));
			c[1][j] = _mm512_sub_epi32(c[1][j], y[j]); /* then with it again */
			c[2][j] = _mm512_sub_epi32(c[2][j], step);
			c[3][j] = _mm512_sub_epi32(
				c[3][j],
				_mm512_slli_epi32(_mm512_mullo_epi32(y[j], _mm512_add_epi32(c[2][j], low2)),
			                          1));
			c[2][j] = _mm512_sub_epi32(c[2][j], step);
			beyond[j] = _mm512_or_si512(_mm512_srli_epi32(c[1][j], 8 * (unsigned)n1),
			                            _mm512_srli_epi32(c[2][j], 8 * (unsigned)n2));
			beyond[j] = _mm512_or_si512(
				beyond[j], _mm512_srli_epi32(c[3][j], n3 == 4 ? 31 : 8 * (unsigned)n3));
			any = _mm512_or_si512(any, beyond[j]);
		}
		scatter_block(at1, n1, c[1], rows);
		scatter_block(at2, n2, c[2], rows);
		scatter_block(at, n3, c[3], rows);
		if (_mm512_test_epi32_mask(any, any))
			escape_block(t, s, r, rows, beyond, c);
	}
}

AVX512 static int quartic_shift(const struct entries_plan *t, struct entries_state *s, const int8_t *a,
                                int spin)
{
	QUARTIC(t, shift_quartic, t, s, a, spin)
	return 0;
}

AVX512 static void shift(const struct entries_plan *t, struct entries_state *s, const void *row, int spin)
{
	if (quartic_shift(t, s, row, spin))
		return;
	if (t->narrow)
		shift_rows(t, s, row, spin, 1);
	else
		shift_rows(t, s, row, spin, 0);
}

static const struct entries_loops loops = {dot, SITES, shift};

static int128 sum(struct field *f, int i, int next)
{
	return entries_sum(f, i, next, &loops);
}

static void flip(struct field *f, int i)
{
	entries_flip(f, i, &loops);
}

static int alloc(struct field *f)
{
	f->sum = sum;
	f->flip = flip;
	return entries_alloc(f);
}
