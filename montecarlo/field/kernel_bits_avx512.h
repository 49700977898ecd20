/* Template of the sums over binary rows with AVX-512 and VNNI dot products: per 64 rows one load of bits,
 * one expansion to bytes and per plane one multiply-add.  Included by kernel_bits_avx512.c and
 * kernel_bits_vbmi.c, which define AVX512 (the instructions) before it and after it the three functions
 * declared first. BITS_STORED_ONLY: no kernel of the file looks the planes up instead of storing them
 * (compiles in half the time).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <immintrin.h>

#define INLINE AVX512 static inline __attribute__((always_inline))

struct bits_table {
	__m512i part[4];
};

/* Looks up the entries x of a table of 1, 2 or 4 registers. */
INLINE __m512i entries(__m512i x, struct bits_table, int registers);

/* Returns a byte for each place of a block: 1 if the bit of its row is set, else 0. */
INLINE __m512i spread(const unsigned char *bits);

/* Returns `up` where the bit is set, else -up. */
INLINE __m512i steps(const unsigned char *bits, int up);

INLINE struct bits_table load_table(const uint8_t table[256], int registers)
{
	struct bits_table t;

	(void)registers;
#pragma GCC unroll 4
	for (int r = 0; r < 4; r++)
		t.part[r] = _mm512_load_si512(table + 64 * r);
	return t;
}

INLINE uint64_t across(__m512i v)
{
	__m512i low = _mm512_and_si512(v, _mm512_set1_epi64(0xffffffff)), high = _mm512_srli_epi64(v, 32);

	return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(low, high));
}

/* Lanes of 32 bits can hold 2^22 blocks of sums of four bytes. */
enum { LANE_BLOCKS = 1 << 21 };

/* Rows of bits up to this many bytes: the rows of the next sites are prefetched as a whole.  Longer rows:
 * the next part of the same row is prefetched, since the hardware does not keep up with four rows. */
enum { SHORT_ROW = 8192, AHEAD = 2048 };

/* Rows of bits of the sites sites summed together, and what is to be read ahead meanwhile (null: nothing). */
struct rows {
	const unsigned char *bits[BITS_SITES], *ahead[BITS_SITES];
};

/* Adds a block of rows to the sums of all sites and planes.  A plane is read (registers = 0) or looked up
 * once for all sites. */
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

/* Computes the sums s->S[site][plane] of 1, 2 or 4 sites, with enough independent sums to hide latency. */
INLINE void dot_sites(struct bits_state *s, const struct bits_plan *t, const struct rows *rows, int sites,
                      int planes, int registers)
{
	const int chains = sites * planes < 4 ? 2 : 1;
	struct bits_table table[PLANES_MAX];

#pragma GCC unroll 8
	for (int k = 0; k < planes && registers; k++)
		table[k] = load_table(t->A.table[k], registers);
	memset(s->S, 0, sizeof s->S);
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
					             _MM_HINT_T1);
			for (int pair = 0; pair < 8; pair += 2)
#pragma GCC unroll 2
				for (int b = 0; b < 2; b++)
					add_block(sum[b % chains], s, rows, table, block + pair + b, sites,
					          planes, registers);
		}
		for (; block < last; block++)
			add_block(sum[0], s, rows, table, block, sites, planes, registers);
#pragma GCC unroll 32
		for (int k = 0; k < sites * planes; k++)
			s->S[k / planes][k % planes] += across(_mm512_add_epi32(
				sum[0][k / planes][k % planes], sum[1][k / planes][k % planes]));
	}
}

#define CASE(planes, registers)                                                                              \
	case 8 * planes + registers:                                                                         \
		if (sites == 1)                                                                              \
			dot_sites(s, t, rows, 1, planes, registers);                                      \
		else if (sites == 2)                                                                         \
			dot_sites(s, t, rows, 2, planes, registers);                                      \
		else                                                                                         \
			dot_sites(s, t, rows, 4, planes, registers);                                      \
		break;
#ifdef BITS_STORED_ONLY
#define CASES(planes) CASE(planes, 0)
#else
#define CASES(planes) CASE(planes, 0) CASE(planes, 1) CASE(planes, 2) CASE(planes, 4)
#endif

AVX512 static void dot(struct bits_state *s, const struct bits_plan *t, const struct rows *rows, int sites)
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

/* Moves the overlaps of a block and returns them; those that left the window become outliers. */
INLINE __m512i move_block(struct bits_state *s, const struct bits_plan *t, long block, int8_t *at,
                          __m512i step, __m512i beyond)
{
	__m512i x = _mm512_add_epi8(_mm512_load_si512(at), step);
	__mmask64 out = _mm512_cmpeq_epi8_mask(_mm512_abs_epi8(x), beyond);

	_mm512_store_si512(at, x);
	if (out) {
		bits_escape(t, s, block, out);
		x = _mm512_load_si512(at);
	}
	return x;
}

/* Looks up the values of a block, stores their first `stored` planes and adds all to the sums. */
INLINE void look_up(__m512i sum[2 * PLANES_MAX], uint8_t *plane, int stored, __m512i x,
                    const struct bits_table table[2 * PLANES_MAX], int all, int registers)
{
#pragma GCC unroll 8
	for (int k = 0; k < all; k++) {
		__m512i v = entries(x, table[k], registers);
		if (k < stored)
			_mm512_store_si512(plane + k * BITS_BLOCK, v);
		sum[k] = _mm512_dpbusd_epi32(sum[k], v, _mm512_set1_epi8(1));
	}
}

/* Moves the overlaps of all rows and looks up their values again: `all` planes, those of A and then of B. */
INLINE void shift_bytes(uint64_t *S, const struct bits_plan *t, struct bits_state *s,
                        const unsigned char *bits, int up, int all, int registers)
{
	const __m512i beyond = _mm512_set1_epi8((char)(t->window + 1));
	const int planes = t->A.planes, stored = s->plane ? planes : 0;
	const long whole = t->rows / BITS_BLOCK & ~1L;
	struct bits_table table[2 * PLANES_MAX];
	uint8_t *plane = s->plane;
	int8_t *x8 = s->x8;

#pragma GCC unroll 8
	for (int k = 0; k < all; k++) {
		table[k] = load_table(k < planes ? t->A.table[k] : t->B.table[k - planes], registers);
		S[k] = 0;
	}
	for (long first = 0; first < t->blocks; first += LANE_BLOCKS) {
		const long last = t->blocks - first < LANE_BLOCKS ? t->blocks : first + LANE_BLOCKS;
		__m512i sum[2][2 * PLANES_MAX];
		long block = first;
#pragma GCC unroll 8
		for (int k = 0; k < all; k++)
			sum[0][k] = sum[1][k] = _mm512_setzero_si512();
		for (; block < last && block < whole; block += 2)
#pragma GCC unroll 2
			for (int b = 0; b < 2; b++) {
				int8_t *at = x8 + (block + b) * BITS_BLOCK;
				__m512i step = steps(bits + (block + b) * 8, up);
				__m512i x = move_block(s, t, block + b, at, step, beyond);
				look_up(sum[b], plane + (block + b) * planes * BITS_BLOCK, stored, x, table,
				        all, registers);
			}
		for (; block < last; block++) {
			__m512i step =
				_mm512_maskz_mov_epi8(bits_valid(t, block), steps(bits + block * 8, up));
			__m512i x = move_block(s, t, block, x8 + block * BITS_BLOCK, step, beyond);
			look_up(sum[0], plane + block * planes * BITS_BLOCK, stored, x, table, all,
			        registers);
		}
#pragma GCC unroll 8
		for (int k = 0; k < all; k++)
			S[k] += across(_mm512_add_epi32(sum[0][k], sum[1][k]));
	}
}

/* The same with int16 overlaps: V by gathers, eight at a time, split into bytes. */
AVX512 static void shift_wide(uint64_t *S, const struct bits_plan *t, struct bits_state *s,
                              const unsigned char *bits, int up)
{
	const __m512i beyond = _mm512_set1_epi16((short)(t->window + 1)), byte = _mm512_set1_epi64(255);
	const int planes = t->A.planes;
	__m512i sum[PLANES_MAX], sum_b = _mm512_setzero_si512();

	for (int k = 0; k < planes; k++)
		sum[k] = _mm512_setzero_si512();
	for (long block = 0; block < t->blocks; block++) {
		uint64_t out = 0;
		int16_t *at = s->x16 + block * BITS_BLOCK;
		uint8_t *plane = s->plane + block * BITS_BLOCK * planes;
		__m512i step = steps(bits + block * 8, up);
		if (block == t->blocks - 1)
			step = _mm512_maskz_mov_epi8(bits_valid(t, block), step);
		const __m256i halves[2] = {_mm512_castsi512_si256(step), _mm512_extracti64x4_epi64(step, 1)};
		for (int half = 0; half < 2; half++) {
			__m512i x = _mm512_load_si512(at + 32 * half);
			x = _mm512_add_epi16(x, _mm512_cvtepi8_epi16(halves[half]));
			_mm512_store_si512(at + 32 * half, x);
			out |= (uint64_t)_mm512_cmpeq_epi16_mask(_mm512_abs_epi16(x), beyond) << (32 * half);
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

#define SHIFT(all)                                                                                           \
	case all:                                                                                            \
		if (t->registers == 1)                                                                       \
			shift_bytes(S, t, s, bits, up, all, 1);                                              \
		else if (t->registers == 2)                                                                  \
			shift_bytes(S, t, s, bits, up, all, 2);                                              \
		else                                                                                         \
			shift_bytes(S, t, s, bits, up, all, 4);                                              \
		break;

AVX512 static void shift(uint64_t *S, const struct bits_plan *t, struct bits_state *s,
                         const unsigned char *bits, int up)
{
	if (!t->registers) {
		shift_wide(S, t, s, bits, up);
		return;
	}
	switch (t->A.planes + t->B.planes) {
		SHIFT(1)
		SHIFT(2)
		SHIFT(3)
		SHIFT(4)
		SHIFT(5)
		SHIFT(6)
		SHIFT(7)
	default:
		shift_bytes(S, t, s, bits, up, t->A.planes + t->B.planes, 4); /* also used for fewer */
	}
}

static const unsigned char *row_of(const struct field *f, int i)
{
	const struct quenched *q = f->plan->quenched;

	return i >= 0 && i < f->N ? q->site + (size_t)i * q->stride : NULL;
}

AVX512 static int128 sum(struct field *f, int i, int next)
{
	struct bits_state *s = f->state;
	struct ahead *ahead = &s->ahead;
	struct rows rows = {.bits = {row_of(f, i)}};
	int sites = ahead_sites(ahead, i, next, f->N, BITS_SITES);

	if (i >= ahead->site && i < ahead->site + ahead->sites)
		return bits_field(f, i, s->S[1 + i - ahead->site]);
	for (int k = 1; k < sites; k++)
		rows.bits[k] = row_of(f, next + k - 1);
	for (int k = 0; k < sites; k++)
		rows.ahead[k] = f->plan->quenched->stride <= SHORT_ROW ? row_of(f, next + sites - 1 + k)
		                                                       : rows.bits[k] + AHEAD;
	dot(s, f->plan->data, &rows, sites);
	ahead->site = next;
	ahead->sites = sites - 1;
	return bits_field(f, i, s->S[0]);
}
