/* Template of the sums over binary rows with AVX-512 and VNNI dot products: per 64 rows one load of bits, one expansion to bytes
 * and per plane one multiply-add.  Included by kernel_bits_avx512.c and kernel_bits_vbmi.c, which define AVX512 (the
 * instructions) and
 *     INLINE struct bits_table load_table(const uint8_t table[256], int registers);
 *     INLINE __m512i entries(__m512i x, struct bits_table, int registers);   entries x of a table of 1, 2 or 4 registers
 *     INLINE __m512i spread(const unsigned char *bits);                      byte r of the result is bit r of the 64
 * BITS_STORED_ONLY: no kernel of the file looks the planes up instead of storing them (compiles in half the time).
 * SPDX-License-Identifier: GPL-3.0-or-later */
INLINE uint64_t across(__m512i v)
{
	__m512i low = _mm512_and_si512(v, _mm512_set1_epi64(0xffffffff)), high = _mm512_srli_epi64(v, 32);

	return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(low, high));
}

/* Lanes of 32 bits hold 2^22 blocks of sums of four bytes. */
enum { LANE_BLOCKS = 1 << 21, PREFETCH = 8192 };

/* Rows of bits of the sites that are summed together, and of those that may come next (null: none). */
struct rows {
	const unsigned char *bits[BITS_SITES], *ahead[BITS_SITES];
};

/* Adds a block of rows to the sums of all sites and planes; a plane is read (registers 0) or looked up once for all sites. */
INLINE void add_block(__m512i sum[BITS_SITES][PLANES_MAX], const struct bits_state *s,
                      const struct rows *rows, const struct bits_table table[PLANES_MAX], long block,
                      int sites, int planes, int registers)
{
	__m512i mask[BITS_SITES], x = _mm512_setzero_si512();

#pragma GCC unroll 4
	for (int site = 0; site < sites; site++)
		mask[site] = spread(rows->bits[site] + block * 8);
	if (registers)
		x = _mm512_load_si512(s->x8 + block * BITS_BLOCK);
#pragma GCC unroll 8
	for (int k = 0; k < planes; k++) {
		__m512i v = registers ? entries(x, table[k], registers)
		                      : _mm512_load_si512(s->plane + (block * planes + k) * BITS_BLOCK);
#pragma GCC unroll 4
		for (int site = 0; site < sites; site++)
			sum[site][k] = _mm512_dpbusd_epi32(sum[site][k], v, mask[site]);
	}
}

/* The sums S[site][plane] of 1, 2 or 4 sites, with enough of them in flight that they do not wait for each other. */
INLINE void dot_sites(uint64_t S[BITS_SITES][PLANES_MAX], const struct bits_plan *t,
                      const struct bits_state *s, const struct rows *rows, int sites, int planes,
                      int registers)
{
	const int chains = sites * planes < 4 ? 2 : 1;
	struct bits_table table[PLANES_MAX];

#pragma GCC unroll 8
	for (int k = 0; k < planes && registers; k++)
		table[k] = load_table(t->A.table[k], registers);
	memset(S, 0, BITS_SITES * sizeof *S);
	for (long first = 0; first < t->blocks; first += LANE_BLOCKS) {
		long last = t->blocks - first < LANE_BLOCKS ? t->blocks : first + LANE_BLOCKS, block = first;
		__m512i sum[2][BITS_SITES][PLANES_MAX];
#pragma GCC unroll 32
		for (int k = 0; k < sites * planes; k++)
			sum[0][k / planes][k % planes] = sum[1][k / planes][k % planes] =
				_mm512_setzero_si512();
		for (; block + 8 <= last; block += 8) {
#pragma GCC unroll 4
			for (int site = 0; site < sites; site++)
				if (rows->ahead[site])
					_mm_prefetch((const char *)rows->ahead[site] + block * 8,
					             _MM_HINT_T0);
#pragma GCC unroll 8
			for (int b = 0; b < 8; b++)
				add_block(sum[b % chains], s, rows, table, block + b, sites, planes,
				          registers);
		}
		for (; block < last; block++)
			add_block(sum[0], s, rows, table, block, sites, planes, registers);
#pragma GCC unroll 32
		for (int k = 0; k < sites * planes; k++)
			S[k / planes][k % planes] += across(_mm512_add_epi32(sum[0][k / planes][k % planes],
			                                                     sum[1][k / planes][k % planes]));
	}
}

#define CASE(planes, registers)                                                                              \
	case 8 * planes + registers:                                                                         \
		if (sites == 1)                                                                              \
			dot_sites(S, t, s, rows, 1, planes, registers);                                      \
		else if (sites == 2)                                                                         \
			dot_sites(S, t, s, rows, 2, planes, registers);                                      \
		else                                                                                         \
			dot_sites(S, t, s, rows, 4, planes, registers);                                      \
		break;
#ifdef BITS_STORED_ONLY
#define CASES(planes) CASE(planes, 0)
#else
#define CASES(planes) CASE(planes, 0) CASE(planes, 1) CASE(planes, 2) CASE(planes, 4)
#endif

AVX512 static void dot(uint64_t S[BITS_SITES][PLANES_MAX], const struct bits_plan *t,
                       const struct bits_state *s, const struct rows *rows, int sites)
{
	switch (8 * t->A.planes + (t->stored ? 0 : t->registers)) {
		CASES(1)
		CASES(2)
		CASES(3)
		CASES(4)
		CASE(5, 0)
		CASE(6, 0)
		CASE(7, 0)
	}
}

/* Moves the overlaps of a block; returns |x|. */
INLINE __m512i move_block(int8_t *at, const unsigned char *bits, __mmask64 valid, int up)
{
	const __m512i more = _mm512_set1_epi8((char)up), less = _mm512_set1_epi8((char)-up);
	__mmask64 set = _load_mask64((__mmask64 *)(uintptr_t)bits);
	__m512i x = _mm512_load_si512(at);

	x = _mm512_mask_add_epi8(x, valid, x, _mm512_mask_mov_epi8(less, set, more));
	_mm512_store_si512(at, x);
	return _mm512_abs_epi8(x);
}

/* Moves the overlaps of some blocks: four whole ones at a time, of which seldom a row leaves the window. */
INLINE void move(const struct bits_plan *t, struct bits_state *s, const unsigned char *bits, int up,
                 long first, long last)
{
	const __m512i window = _mm512_set1_epi8((char)t->window);
	const long whole = t->rows / BITS_BLOCK < last ? t->rows / BITS_BLOCK : last;

	for (long block = first, step; block < last; block += step) {
		__m512i size[4], most = _mm512_setzero_si512();
		step = block + 4 <= whole ? 4 : 1;
		if (step == 4)
#pragma GCC unroll 4
			for (int j = 0; j < 4; j++) {
				size[j] = move_block(s->x8 + (block + j) * BITS_BLOCK, bits + (block + j) * 8,
				                     ~UINT64_C(0), up);
				most = _mm512_max_epu8(most, size[j]);
			}
		else
			most = size[0] = move_block(s->x8 + block * BITS_BLOCK, bits + block * 8,
			                            bits_valid(t, block), up);
		if (_mm512_cmpgt_epu8_mask(most, window))
			for (int j = 0; j < step; j++)
				bits_escape(t, s, block + j, _mm512_cmpgt_epu8_mask(size[j], window));
	}
}

/* Looks up one plane of some blocks, stores it unless `plane` is null, and returns its sum. */
INLINE __m512i look_up(const uint8_t table[256], const int8_t *x, uint8_t *plane, int planes, long blocks,
                       int registers)
{
	const __m512i one = _mm512_set1_epi8(1);
	const struct bits_table t = load_table(table, registers);
	__m512i sum[4];
	long block = 0;

	for (int j = 0; j < 4; j++)
		sum[j] = _mm512_setzero_si512();
	for (; block + 4 <= blocks; block += 4)
#pragma GCC unroll 4
		for (int j = 0; j < 4; j++) {
			__m512i v = entries(_mm512_load_si512(x + (block + j) * BITS_BLOCK), t, registers);
			if (plane)
				_mm512_store_si512(plane + (block + j) * BITS_BLOCK * planes, v);
			sum[j] = _mm512_dpbusd_epi32(sum[j], v, one);
		}
	for (; block < blocks; block++) {
		__m512i v = entries(_mm512_load_si512(x + block * BITS_BLOCK), t, registers);
		if (plane)
			_mm512_store_si512(plane + block * BITS_BLOCK * planes, v);
		sum[0] = _mm512_dpbusd_epi32(sum[0], v, one);
	}
	return _mm512_add_epi32(_mm512_add_epi32(sum[0], sum[1]), _mm512_add_epi32(sum[2], sum[3]));
}

/* The same with int16 overlaps: V by gathers, eight at a time, split into bytes. */
AVX512 static void shift_wide(uint64_t *S, const struct bits_plan *t, struct bits_state *s,
                              const unsigned char *bits, int up)
{
	const __m512i more = _mm512_set1_epi16((short)up), less = _mm512_set1_epi16((short)-up);
	const __m512i window = _mm512_set1_epi16((short)t->window), byte = _mm512_set1_epi64(255);
	const int planes = t->A.planes;
	__m512i sum[PLANES_MAX], sum_b = _mm512_setzero_si512();

	for (int k = 0; k < planes; k++)
		sum[k] = _mm512_setzero_si512();
	for (long block = 0; block < t->blocks; block++) {
		uint64_t set, valid = bits_valid(t, block), out = 0;
		int16_t *at = s->x16 + block * BITS_BLOCK;
		uint8_t *plane = s->plane + block * BITS_BLOCK * planes;
		memcpy(&set, bits + block * 8, 8);
		for (int half = 0; half < 64; half += 32) {
			__m512i x = _mm512_load_si512(at + half);
			x = _mm512_mask_add_epi16(
				x, (__mmask32)(valid >> half), x,
				_mm512_mask_mov_epi16(less, (__mmask32)(set >> half), more));
			_mm512_store_si512(at + half, x);
			out |= (uint64_t)_mm512_cmpgt_epu16_mask(_mm512_abs_epi16(x), window) << half;
		}
		if (out)
			bits_escape(t, s, block, out);
		for (int r = 0; r < BITS_BLOCK; r += 8) {
			__m512i x = _mm512_cvtepi16_epi64(_mm_load_si128((const __m128i *)(at + r))), V;
			V = _mm512_i64gather_epi64(x, t->A.wide - t->mark, 8);
			for (int k = 0; k < planes; k++) {
				_mm_storel_epi64((__m128i *)(plane + k * BITS_BLOCK + r),
				                 _mm512_cvtepi64_epi8(V));
				sum[k] = _mm512_add_epi64(sum[k], _mm512_and_si512(V, byte));
				V = _mm512_srli_epi64(V, 8);
			}
			if (t->B.planes)
				sum_b = _mm512_add_epi64(sum_b,
				                         _mm512_i64gather_epi64(x, t->B.wide - t->mark, 8));
		}
	}
	for (int k = 0; k < planes; k++)
		S[k] = (uint64_t)_mm512_reduce_add_epi64(sum[k]);
	for (int k = 1; k < t->B.planes; k++)
		S[planes + k] = 0;
	S[planes] = (uint64_t)_mm512_reduce_add_epi64(sum_b);
}

AVX512 static void shift(uint64_t *S, const struct bits_plan *t, struct bits_state *s,
                         const unsigned char *bits, int up)
{
	const int planes = t->A.planes, all = planes + t->B.planes, chunk = BITS_CHUNK / BITS_BLOCK;
	__m512i sum[2 * PLANES_MAX];

	if (!t->registers) {
		shift_wide(S, t, s, bits, up);
		return;
	}
	for (int k = 0; k < all; k++) {
		sum[k] = _mm512_setzero_si512();
		S[k] = 0;
	}
	for (long first = 0; first < t->blocks; first += chunk) {
		long last = first + chunk < t->blocks ? first + chunk : t->blocks;
		const int8_t *x = s->x8 + first * BITS_BLOCK;
		move(t, s, bits, up, first, last);
		for (int k = 0; k < all; k++) {
			const uint8_t *table = k < planes ? t->A.table[k] : t->B.table[k - planes];
			uint8_t *plane =
				k < planes && s->plane ? s->plane + (first * planes + k) * BITS_BLOCK : NULL;
			__m512i more;
			if (t->registers == 1)
				more = look_up(table, x, plane, planes, last - first, 1);
			else if (t->registers == 2)
				more = look_up(table, x, plane, planes, last - first, 2);
			else
				more = look_up(table, x, plane, planes, last - first, 4);
			sum[k] = _mm512_add_epi32(sum[k], more);
		}
		if (first % LANE_BLOCKS == LANE_BLOCKS - chunk || last == t->blocks)
			for (int k = 0; k < all; k++) {
				S[k] += across(sum[k]);
				sum[k] = _mm512_setzero_si512();
			}
	}
}

static const struct bits_loops loops = {NULL, shift};

static const unsigned char *row_of(const struct field *f, int i)
{
	const struct quenched *q = f->plan->quenched;

	return i >= 0 && i < f->N ? q->site + (size_t)i * q->stride : NULL;
}

AVX512 static int128 sum(struct field *f, int i, int next)
{
	struct bits_state *s = f->state;
	struct ahead *ahead = &s->ahead;
	uint64_t S[BITS_SITES][PLANES_MAX];
	struct rows rows = {.bits = {row_of(f, i)}};
	int sites = ahead_sites(ahead, i, next, f->N, BITS_SITES);

	if (i >= ahead->site && i < ahead->site + ahead->sites)
		return bits_field(f, i, s->S_ahead[i - ahead->site]);
	for (int k = 1; k < sites; k++)
		rows.bits[k] = row_of(f, next + k - 1);
	for (int k = 0; k < BITS_SITES && f->plan->quenched->stride <= PREFETCH; k++)
		rows.ahead[k] = row_of(f, next + sites - 1 +
		                                  k); /* longer rows are read ahead by the machine itself */
	dot(S, f->plan->data, s, &rows, sites);
	ahead->site = next;
	ahead->sites = sites - 1;
	memcpy(s->S_ahead, S[1], sizeof s->S_ahead);
	return bits_field(f, i, S[0]);
}

static void flip(struct field *f, int i)
{
	bits_flip(f, i, &loops);
}

static int alloc(struct field *f)
{
	f->sum = sum;
	f->flip = flip;
	return bits_alloc(f);
}
