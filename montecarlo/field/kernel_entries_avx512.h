/* Template of the sums over rows of small integers with AVX-512 and VNNI: byte planes of the c_k times signed
 * bytes of the powers of a, block by block.  Included by kernel_entries_avx512.c and kernel_entries_vbmi.c,
 * which define AVX512 (the instructions) and
 *     INLINE struct powers load_powers(const int8_t table[64], int registers);
 *     INLINE __m512i powers_of(__m512i a, struct powers, int registers);    entries a & 63 of the table
 * with 1, 2 or 4 registers, which serve |a| up to 7, 15, 31.
 * SPDX-License-Identifier: GPL-3.0-or-later */
enum {
	LANE_BLOCKS = 8192, /* lanes of 32 bits can hold 2^14 blocks of four products 255 * 128 */
	TOGETHER = 2,       /* blocks that share powers and sums in registers */
	PREFETCH = 1024 /* bytes: rows come from the third cache, and hardware prefetch fails for so many */
};

/* The rows of some sites, and the blocks of them that are summed. */
struct span {
	const struct entries_plan *t;
	const struct entries_state *s;
	const int8_t *row[ENTRIES_SITES];
	long first, last;
};

INLINE int64_t across(__m512i v)
{
	__m512i low = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(v));
	__m512i high = _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(v, 1));

	return _mm512_reduce_add_epi64(_mm512_add_epi64(low, high));
}

/* Adds the products of one plane with one digit of the powers of some sites. */
INLINE void multiply(__m512i *sum, const uint8_t *plane, size_t stride, __m512i digit[2][TOGETHER], int sites)
{
#pragma GCC unroll 2
	for (int b = 0; b < TOGETHER; b++) {
		__m512i v = _mm512_load_si512(plane + (size_t)b * stride);
#pragma GCC unroll 2
		for (int site = 0; site < sites; site++)
			sum[site * PRODUCTS_MAX] =
				_mm512_dpbusd_epi32(sum[site * PRODUCTS_MAX], v, digit[site][b]);
	}
}

/* Looks up one digit of a power of the entries; registers = 0: the entries themselves. */
INLINE void digits_of(__m512i digit[2][TOGETHER], __m512i a[2][TOGETHER], const int8_t table[64], int sites,
                      int registers)
{
	const struct powers powers = load_powers(table, registers);

#pragma GCC unroll 4
	for (int k = 0; k < sites * TOGETHER; k++)
		digit[k / TOGETHER][k % TOGETHER] =
			registers ? powers_of(a[k / TOGETHER][k % TOGETHER], powers, registers)
				  : a[k / TOGETHER][k % TOGETHER];
}

/* Adds the blocks of the span, of one or two sites, to the sums, one per site and (j, digit, plane) in
 * this order.  If their number is odd, a = 0 beyond the last block. */
INLINE void add_blocks(__m512i *sums, const struct span *span, int sites, int registers)
{
	const struct entries_plan *t = span->t;
	const size_t stride = (size_t)t->all_planes * ENTRIES_BLOCK;

	for (long block = span->first; block < span->last; block += TOGETHER) {
		const uint8_t *plane = span->s->plane + (size_t)block * stride;
		__m512i a[2][TOGETHER], digit[2][TOGETHER], *sum = sums;
#pragma GCC unroll 4
		for (int k = 0; k < sites * TOGETHER; k++) {
			const int8_t *at = span->row[k / TOGETHER] + (block + k % TOGETHER) * ENTRIES_BLOCK;
			const __mmask64 there = block + k % TOGETHER < span->last ? ~UINT64_C(0) : 0;
			a[k / TOGETHER][k % TOGETHER] = _mm512_maskz_loadu_epi8(there, at);
			_mm_prefetch((const char *)at + PREFETCH, _MM_HINT_T0);
		}
		for (int j = 1; j < t->P; j++) {
			const uint8_t *from = plane + t->first[t->P - j] * ENTRIES_BLOCK;
			for (int d = 0; d < t->digits[j]; d++) {
				digits_of(digit, a, t->table[j][d], sites, j == 1 ? 0 : registers);
				for (int p = 0; p < t->planes[t->P - j]; p++, sum++)
					multiply(sum, from + p * ENTRIES_BLOCK, stride, digit, sites);
			}
		}
	}
}

/* The same for P = 2, 3, 4 with the numbers of planes multiplied by a, a^2 and the digits of a^3 known at
 * compile time, so that all sums stay in registers. */
INLINE void add_known(__m512i *sum, const struct span *span, int sites, int digits, int n_a, int n_aa,
                      int n_aaa)
{
	const struct entries_plan *t = span->t;
	const int registers = digits; /* a^3 in one byte: |a| <= 5; a^2 always is: |a| <= 11 */
	const struct powers square = load_powers(t->table[2][0], registers);
	const struct powers cube[2] = {load_powers(t->table[3][0], registers),
	                               load_powers(t->table[3][digits - 1], registers)};
	const int products = n_a + n_aa + digits * n_aaa;
	__m512i in[ENTRIES_SITES][16];

#pragma GCC unroll 32
	for (int k = 0; k < sites * products; k++)
		in[k / products][k % products] = _mm512_setzero_si512();
	for (long block = span->first; block < span->last; block++) {
		const uint8_t *plane =
			span->s->plane + (size_t)block * (size_t)((n_a + n_aa + n_aaa) * ENTRIES_BLOCK);
		__m512i power[ENTRIES_SITES][4];
#pragma GCC unroll 3
		for (int site = 0; site < sites; site++) {
			const int8_t *at = span->row[site] + block * ENTRIES_BLOCK;
			_mm_prefetch((const char *)at + PREFETCH, _MM_HINT_T0);
			power[site][0] = _mm512_load_si512(at);
			power[site][1] = powers_of(power[site][0], square, registers);
			power[site][2] = powers_of(power[site][0], cube[0], registers);
			power[site][3] = powers_of(power[site][0], cube[1], registers);
		}
#pragma GCC unroll 16
		for (int k = 0; k < products; k++) {
			const int j = k < n_a ? 0 : k < n_a + n_aa ? 1 : k < n_a + n_aa + n_aaa ? 2 : 3;
			const int at = j < 3 ? k : k - n_aaa; /* the digits of a^3 share the planes of c_1 */
			__m512i v = _mm512_load_si512(plane + at * ENTRIES_BLOCK);
#pragma GCC unroll 3
			for (int site = 0; site < sites; site++)
				in[site][k] = _mm512_dpbusd_epi32(in[site][k], v, power[site][j]);
		}
	}
#pragma GCC unroll 32
	for (int k = 0; k < sites * products; k++)
		sum[k / products * PRODUCTS_MAX + k % products] = in[k / products][k % products];
}

/* Calls f(.., n_a, n_aa, n_aaa) for the layout of *t if it is one of those; returns whether it did. */
#define KNOWN(t, f, ...)                                                                                     \
	switch ((t)->layout) {                                                                               \
		ENTRIES_LAYOUTS(KNOWN_CASE, f, __VA_ARGS__)                                                  \
	}
#define KNOWN_CASE(n_a, n_aa, n_aaa, f, ...)                                                                 \
	case ENTRIES_LAYOUT(n_a, n_aa, n_aaa):                                                               \
		f(__VA_ARGS__, n_a, n_aa, n_aaa);                                                            \
		return 1;

AVX512 static int known(__m512i *sum, const struct span *span, int sites)
{
	const struct entries_plan *t = span->t;

	if (t->digits[2] > 1)
		return 0;
	if (t->digits[3] > 1) {
		if (sites == 1)
			KNOWN(t, add_known, sum, span, 1, 2)
		else
			KNOWN(t, add_known, sum, span, 2, 2)
	} else {
		if (sites == 1)
			KNOWN(t, add_known, sum, span, 1, 1)
		else if (sites == 2)
			KNOWN(t, add_known, sum, span, 2, 1)
		else
			KNOWN(t, add_known, sum, span, 3, 1)
	}
	return 0;
}

/* Adds the lanes of the sums, one per (j, digit, plane), to S[j]. */
AVX512 static void collect(int128 *S, const struct entries_plan *t, const __m512i *sum)
{
	for (int j = 1; j < t->P; j++)
		for (int d = 0; d < t->digits[j]; d++)
			for (int p = 0; p < t->planes[t->P - j]; p++)
				S[j] += (int128)across(*sum++) * ((int128)t->unit << (8 * (p + d)));
}

AVX512 static void dot(int128 (*S)[P_MAX + 1], const struct field *f, const int *site, int sites)
{
	const struct entries_plan *t = f->plan->data;
	const struct quenched *q = f->plan->quenched;
	struct span span = {.t = t, .s = f->state};
	int products = 0;

	for (int j = 1; j < t->P; j++)
		products += t->digits[j] * t->planes[t->P - j];
	for (int k = 0; k < sites; k++) {
		span.row[k] = (const int8_t *)q->site + (size_t)site[k] * q->stride;
		for (int j = 1; j < t->P; j++)
			S[k][j] =
				t->low[t->P - j] * t->power[(size_t)site[k] * (size_t)(t->P + 1) + (size_t)j];
	}
	for (long first = 0; first < t->blocks; first += LANE_BLOCKS) {
		span.first = first;
		span.last = first + LANE_BLOCKS < t->blocks ? first + LANE_BLOCKS : t->blocks;
		__m512i sum[ENTRIES_SITES][PRODUCTS_MAX];
		for (int k = 0; k < sites; k++)
			memset(sum[k], 0, (size_t)products * sizeof **sum);
		if (known(sum[0], &span, sites))
			;
		else if (sites == 1 && q->entry_max <= 7)
			add_blocks(sum[0], &span, 1, 1);
		else if (sites == 1)
			add_blocks(sum[0], &span, 1, 4);
		else if (q->entry_max <= 7)
			add_blocks(sum[0], &span, 2, 1);
		else
			add_blocks(sum[0], &span, 2, 4);
		for (int k = 0; k < sites; k++)
			collect(S[k], t, sum[k]);
	}
}

/* Loads and stores the numbers of sixteen rows as int32 lanes, or of eight rows as int64 lanes. */
INLINE __m512i gather(const uint8_t *at, int planes, int narrow)
{
	__m512i c = _mm512_setzero_si512();

#pragma GCC unroll 8
	for (int p = planes - 1; p >= 0; p--) {
		const __m128i *from = (const __m128i *)(at + p * ENTRIES_BLOCK);
		if (narrow)
			c = _mm512_or_si512(_mm512_slli_epi32(c, 8),
			                    _mm512_cvtepu8_epi32(_mm_load_si128(from)));
		else
			c = _mm512_or_si512(_mm512_slli_epi64(c, 8),
			                    _mm512_cvtepu8_epi64(_mm_loadl_epi64(from)));
	}
	return c;
}

/* Stores in these rows only.  A masked store would be slow, and nearly always all rows are stored. */
INLINE void scatter(uint8_t *at, int planes, __m512i c, __mmask16 rows, int narrow)
{
#pragma GCC unroll 8
	for (int p = 0; p < planes; p++) {
		__m128i *to = (__m128i *)(at + p * ENTRIES_BLOCK), bytes;
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

/* For the usual numbers of bytes these are loops without branches. */
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

/* Moves some rows; returns a mask of those that exceeded a limit.  Relative to `low`, a limit is exceeded
 * above an unsigned width. */
INLINE __mmask16 move(const struct entries_plan *t, uint8_t *plane, __m512i y, __mmask16 rows,
                      __m512i c[P_MAX], int narrow)
{
	const __m128i bits = _mm_cvtsi32_si128(t->unit == 2); /* shift that divides by the unit */
	__m512i both = spread(2, narrow); /* the old and the new c_{k-1} */
	__mmask16 beyond = 0;

	for (int k = 1; k < t->P; k++) {
		const __m512i low = spread(t->low[k], narrow), width = spread(t->high[k] - t->low[k], narrow);
		uint8_t *at = plane + t->first[k] * ENTRIES_BLOCK;
		__m512i from_low, z;
		if (t->diagonal && k > 1) {
			c[k] = times(c[k - 1], c[1], narrow);
		} else {
			__m512i old = WITH_CONSTANT(gather, at, t->planes[k], narrow);
			old = narrow ? _mm512_add_epi32(_mm512_sll_epi32(old, bits), low)
			             : _mm512_add_epi64(_mm512_sll_epi64(old, bits), low);
			c[k] = subtract(old, times(y, both, narrow), narrow);
			both = narrow ? _mm512_add_epi32(old, c[k]) : _mm512_add_epi64(old, c[k]);
		}
		from_low = subtract(c[k], low, narrow);
		if (narrow)
			beyond |= _mm512_cmpgt_epu32_mask(from_low, width);
		else
			beyond |= _mm512_cmpgt_epu64_mask(from_low, width);
		z = narrow ? _mm512_srl_epi32(from_low, bits) : _mm512_srl_epi64(from_low, bits);
		WITH_CONSTANT(scatter, at, t->planes[k], z, rows, narrow);
	}
	return beyond & rows;
}

/* Makes outliers of these lanes of c. */
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

/* Rows first .. last-1, any P. */
INLINE void shift_rows(const struct entries_plan *t, struct entries_state *s, const int8_t *a, int spin,
                       long first, long last, int narrow)
{
	const int lanes = narrow ? 16 : 8;

	for (long r = first; r < last; r += lanes) {
		uint8_t *plane =
			s->plane + r / ENTRIES_BLOCK * t->all_planes * ENTRIES_BLOCK + r % ENTRIES_BLOCK;
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

/* ---- P = 2, 3, 4, 64 rows at a time.  Numbers z of one or two bytes are int16 v[0..1], of three or four
 * int32 v[0..3]: interleaving widens them, and packing restores their order.  Two-byte numbers are signed in
 * between, so that they can be multiplied. */

INLINE void widen(__m512i v[4], const uint8_t *at, int planes)
{
	__m512i byte[4], high[2];

#pragma GCC unroll 4
	for (int p = 0; p < 4; p++)
		byte[p] = p < planes ? _mm512_load_si512(at + p * ENTRIES_BLOCK) : _mm512_setzero_si512();
	v[0] = _mm512_unpacklo_epi8(byte[0], byte[1]);
	v[1] = _mm512_unpackhi_epi8(byte[0], byte[1]);
	if (planes == 2) {
		v[0] = _mm512_xor_si512(v[0], _mm512_set1_epi16(INT16_MIN));
		v[1] = _mm512_xor_si512(v[1], _mm512_set1_epi16(INT16_MIN));
	} else if (planes > 2) {
		high[0] = _mm512_unpacklo_epi8(byte[2], byte[3]);
		high[1] = _mm512_unpackhi_epi8(byte[2], byte[3]);
		v[3] = _mm512_unpackhi_epi16(v[1], high[1]);
		v[2] = _mm512_unpacklo_epi16(v[1], high[1]);
		v[1] = _mm512_unpackhi_epi16(v[0], high[0]);
		v[0] = _mm512_unpacklo_epi16(v[0], high[0]);
	}
}

INLINE void store_words(uint8_t *at, int planes, __m512i first, __m512i second)
{
	const __m512i low = _mm512_set1_epi16(255);

	_mm512_store_si512(at,
	                   _mm512_packus_epi16(_mm512_and_si512(first, low), _mm512_and_si512(second, low)));
	if (planes == 2)
		_mm512_store_si512(at + ENTRIES_BLOCK, _mm512_packus_epi16(_mm512_srli_epi16(first, 8),
		                                                           _mm512_srli_epi16(second, 8)));
}

INLINE void store_block(uint8_t *at, int planes, const __m512i v[4])
{
	const __m512i low = _mm512_set1_epi32(65535), sign = _mm512_set1_epi16(planes == 2 ? INT16_MIN : 0);
	__m512i part[2];

	if (planes <= 2) {
		store_words(at, planes, _mm512_xor_si512(v[0], sign), _mm512_xor_si512(v[1], sign));
		return;
	}
#pragma GCC unroll 2
	for (int j = 0; j < 2; j++)
		part[j] = _mm512_packus_epi32(_mm512_and_si512(v[2 * j], low),
		                              _mm512_and_si512(v[2 * j + 1], low));
	store_words(at, 2, part[0], part[1]);
#pragma GCC unroll 2
	for (int j = 0; j < 2; j++)
		part[j] = _mm512_packus_epi32(_mm512_srli_epi32(v[2 * j], 16),
		                              _mm512_srli_epi32(v[2 * j + 1], 16));
	store_words(at + 2 * ENTRIES_BLOCK, planes - 2, part[0], part[1]);
}

/* Returns the constant in (c + c') / unit = constant + z + z' of an old and a new c_k. */
static int offset(const struct entries_plan *t, int k)
{
	return (int)(2 * t->low[k] / t->unit + (t->planes[k] == 2 ? 2 * 32768 : 0));
}

/* -y of 64 rows, as int16 and as pairs of the same; and bits that are set where a move exceeds a limit. */
struct step {
	__m512i word[2], pair[4], beyond;
	int unit; /* of struct entries_plan */
};

INLINE struct step step_of(const int8_t *a, int spin, int unit)
{
	const __m512i zero = _mm512_setzero_si512(), y = _mm512_load_si512(a);
	struct step step = {.beyond = zero, .unit = unit};

	step.word[0] = _mm512_srai_epi16(_mm512_unpacklo_epi8(zero, y), 8);
	step.word[1] = _mm512_srai_epi16(_mm512_unpackhi_epi8(zero, y), 8);
#pragma GCC unroll 2
	for (int j = 0; j < 2; j++) {
		if (spin > 0)
			step.word[j] = _mm512_sub_epi16(zero, step.word[j]);
		step.pair[2 * j] = _mm512_unpacklo_epi16(step.word[j], step.word[j]);
		step.pair[2 * j + 1] = _mm512_unpackhi_epi16(step.word[j], step.word[j]);
	}
	return step;
}

/* Moves c_k of one or two bytes, given (c + c') / unit of c_{k-1}; sets step->beyond where it leaves the
 * limits. */
INLINE void move_words(__m512i to[2], const __m512i from[2], int planes, const __m512i both[2],
                       struct step *step)
{
#pragma GCC unroll 2
	for (int j = 0; j < 2; j++) {
		const __m512i change = _mm512_mullo_epi16(step->word[j], both[j]);
		to[j] = _mm512_add_epi16(from[j], change);
		if (planes == 1)
			step->beyond = _mm512_or_si512(step->beyond,
			                               _mm512_and_si512(to[j], _mm512_set1_epi16(-256)));
		else
			step->beyond = _mm512_or_si512(
				step->beyond, _mm512_xor_si512(to[j], _mm512_adds_epi16(from[j], change)));
	}
}

/* The same for three bytes (the lower two and the third), given (c + c') / unit of c_{k-1} in an int16. */
INLINE void move_three(__m512i low[2], __m512i third[2], const __m512i both[2], struct step *step)
{
	const __m512i sign = _mm512_set1_epi16(INT16_MIN);

#pragma GCC unroll 2
	for (int j = 0; j < 2; j++) {
		const __m512i change = _mm512_mullo_epi16(step->word[j], both[j]);
		__mmask32 carry;
		low[j] = _mm512_add_epi16(low[j], change);
		carry = _mm512_cmplt_epi16_mask(low[j], _mm512_xor_si512(change, sign));
		third[j] = _mm512_add_epi16(third[j], _mm512_mulhi_epi16(step->word[j], both[j]));
		third[j] = _mm512_mask_add_epi16(third[j], carry, third[j], _mm512_set1_epi16(1));
		step->beyond =
			_mm512_or_si512(step->beyond, _mm512_and_si512(third[j], _mm512_set1_epi16(-256)));
	}
}

/* The same for three or four bytes, given z and z' of c_{k-1} in `planes_before` bytes and their offset. */
INLINE void move_ints(__m512i to[4], const __m512i from[4], int planes, __m512i before[2][4],
                      int planes_before, int offset, struct step *step)
{
	const __m512i limit = _mm512_set1_epi32(planes == 3 ? -(1 << 24) : INT32_MIN / step->unit);
	const int half = offset / 2, halves = (half & 0xffff) | (int)((uint32_t)(offset - half) << 16);

#pragma GCC unroll 4
	for (int j = 0; j < 4; j++) {
		if (planes_before <= 2) {
			const __m512i old = before[0][j / 2], new = before[1][j / 2];
			to[j] = _mm512_dpwssd_epi32(from[j], _mm512_set1_epi32(halves), step->pair[j]);
			to[j] = _mm512_dpwssd_epi32(to[j],
			                            j % 2 ? _mm512_unpackhi_epi16(old, new)
			                                  : _mm512_unpacklo_epi16(old, new),
			                            step->pair[j]);
		} else {
			__m512i both = _mm512_add_epi32(before[0][j], before[1][j]);
			both = _mm512_add_epi32(both, _mm512_set1_epi32(offset));
			to[j] = _mm512_add_epi32(
				from[j], _mm512_mullo_epi32(_mm512_srai_epi32(step->pair[j], 16), both));
		}
		step->beyond = _mm512_or_si512(step->beyond, _mm512_and_si512(to[j], limit));
	}
}

/* (c + c') / unit */
INLINE void add_both(__m512i both[2], const __m512i from[2], const __m512i to[2], int offset)
{
#pragma GCC unroll 2
	for (int j = 0; j < 2; j++)
		both[j] =
			_mm512_add_epi16(_mm512_set1_epi16((short)offset), _mm512_add_epi16(from[j], to[j]));
}

/* Arguments: the offsets of c_0 (all of it), c_1 and c_2; n3, n2 = 0: without c_3, c_2.  Returns 0 without
 * any change if a row exceeds a limit. */
INLINE int shift_block(uint8_t *plane, const int8_t *a, int spin, const int offset[3], int unit, int n3,
                       int n2, int n1)
{
	uint8_t *const at2 = plane + n3 * ENTRIES_BLOCK, *const at1 = at2 + n2 * ENTRIES_BLOCK;
	struct step step = step_of(a, spin, unit);
	/* c_1 in one byte: c_2 < X^2/2 <= 2^13 unit^2, so (c_2 + c_2')/unit is an int16 */
	const int three = n3 == 3 && n1 == 1;
	const __m512i ones = _mm512_set1_epi16((short)offset[0]);
	/* [old, new] */
	__m512i c1[2][4], c2[2][4], c3[2][4], both[2] = {ones, ones};

	widen(c1[0], at1, n1);
	widen(c2[0], at2, n2);
	widen(c3[0], plane, three ? 2 : n3);
	widen(c3[1], plane + 2 * ENTRIES_BLOCK, three);
	move_words(c1[1], c1[0], n1, both, &step);
	add_both(both, c1[0], c1[1], offset[1]);
	if (n2 == 2)
		move_words(c2[1], c2[0], n2, both, &step);
	else if (n2)
		move_ints(c2[1], c2[0], n2, c1, n1, offset[1], &step);
	add_both(both, c2[0], c2[1], offset[2]);
	if (three)
		move_three(c3[0], c3[1], both, &step);
	else if (n3)
		move_ints(c3[1], c3[0], n3, c2, n2, offset[2], &step);
	if (_mm512_test_epi32_mask(step.beyond, step.beyond))
		return 0;
	store_block(at1, n1, c1[1]);
	if (n2)
		store_block(at2, n2, c2[1]);
	if (three) {
		store_block(plane, 2, c3[0]);
		store_block(plane + 2 * ENTRIES_BLOCK, 1, c3[1]);
	} else if (n3) {
		store_block(plane, n3, c3[1]);
	}
	return 1;
}

/* Blocks in which a row is or becomes an outlier are rare. */
INLINE void shift_known(const struct entries_plan *t, struct entries_state *s, const int8_t *a, int spin,
                        int n_a, int n_aa, int n_aaa)
{
	const int unit = t->unit, offsets[3] = {2 / unit, offset(t, 1), offset(t, 2)};
	const int P = n_aaa ? 4 : n_aa ? 3 : 2; /* n_a is that of c_{P-1} */
	const int n3 = P == 4 ? n_a : 0;
	const int n2 = P == 4 ? n_aa : (P == 3 ? n_a : 0);
	const int n1 = P == 4 ? n_aaa : (P == 3 ? n_aa : n_a);

	for (long block = 0; block < t->blocks; block++) {
		uint8_t *plane = s->plane + (size_t)block * (size_t)((n3 + n2 + n1) * ENTRIES_BLOCK);
		const long r = block * ENTRIES_BLOCK;
		if (s->out[block] || !shift_block(plane, a + r, spin, offsets, unit, n3, n2, n1))
			shift_rows(t, s, a, spin, r, r + ENTRIES_BLOCK, 1);
	}
}

AVX512 static int known_shift(const struct entries_plan *t, struct entries_state *s, const int8_t *a,
                              int spin)
{
	if (t->short_steps)
		KNOWN(t, shift_known, t, s, a, spin)
	return 0;
}

AVX512 static void shift(const struct entries_plan *t, struct entries_state *s, const void *row, int spin)
{
	if (known_shift(t, s, row, spin))
		return;
	if (t->narrow)
		shift_rows(t, s, row, spin, 0, t->rows, 1);
	else
		shift_rows(t, s, row, spin, 0, t->rows, 0);
}

static const struct entries_loops loops = {dot, shift};
