/* Rows of small integers with AVX-512: byte planes of the c_k times signed bytes of the powers of a, both by chunks of rows
 * that stay in the first cache.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/kernel_entries.h"

#include <math.h>
#include <string.h>

#if defined __x86_64__

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vnni")))
#define INLINE AVX512 static inline __attribute__((always_inline))

enum { BLOCKS = ENTRIES_CHUNK / 64, LANE_CHUNKS = 256 }; /* 32-bit sums of 255 * 128 have room for 2^11 blocks */

INLINE int64_t across(__m512i v)
{
	__m512i low = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(v));
	__m512i high = _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(v, 1));

	return _mm512_reduce_add_epi64(_mm512_add_epi64(low, high));
}

/* Adds the product of one plane with one digit of the powers over some blocks. */
INLINE __m512i multiply(__m512i sum, const uint8_t *plane, const __m512i digit[BLOCKS], int blocks)
{
	__m512i other = _mm512_setzero_si512();

#pragma GCC unroll 8
	for (int b = 0; b < blocks; b++) {
		__m512i v = _mm512_load_si512(plane + 64 * b);
		if (b % 2)
			other = _mm512_dpbusd_epi32(other, v, digit[b]);
		else
			sum = _mm512_dpbusd_epi32(sum, v, digit[b]);
	}
	return _mm512_add_epi32(sum, other);
}

/* Adds a chunk to the sums, one per (j, digit, plane) in this order. */
INLINE void add_chunk(__m512i *sum, const struct entries_plan *t, const uint8_t *plane, const int8_t *row,
                      const int8_t *next, int blocks)
{
	__m512i a[BLOCKS], digit[BLOCKS];

#pragma GCC unroll 8
	for (int b = 0; b < blocks; b++) {
		a[b] = _mm512_load_si512(row + 64 * b);
		if (next)
			_mm_prefetch((const char *)next + 64 * b, _MM_HINT_T1);
	}
	for (int j = 1; j < t->P; j++) {
		const uint8_t *from = plane + t->first[t->P - j] * ENTRIES_CHUNK;
		for (int d = 0; d < t->digits[j]; d++) {
			__m512i table = _mm512_load_si512(t->table[j][d]);
#pragma GCC unroll 8
			for (int b = 0; b < blocks; b++)
				digit[b] = j == 1 ? a[b] : _mm512_permutexvar_epi8(a[b], table);
			for (int p = 0; p < t->planes[t->P - j]; p++, sum++)
				*sum = multiply(*sum, from + p * ENTRIES_CHUNK, digit, blocks);
		}
	}
}

AVX512 static void dot(int128 *S, const struct entries_plan *t, const struct entries_state *s, const void *row, int i,
                       const void *next)
{
	const int128 *power = t->power + (size_t)i * (size_t)(t->P + 1);

	for (int j = 1; j < t->P; j++)
		S[j] = t->low[t->P - j] * power[j];
	for (long first = 0; first < t->chunks; first += LANE_CHUNKS) {
		long last = first + LANE_CHUNKS < t->chunks ? first + LANE_CHUNKS : t->chunks;
		__m512i sum[PRODUCTS_MAX], *from = sum;
		memset(sum, 0, sizeof sum);
		for (long chunk = first; chunk < last; chunk++) {
			const uint8_t *plane = s->plane + chunk * t->all_planes * ENTRIES_CHUNK;
			const int8_t *a = (const int8_t *)row + chunk * ENTRIES_CHUNK;
			const int8_t *ahead = next ? (const int8_t *)next + chunk * ENTRIES_CHUNK : NULL;
			if (chunk < t->rows / ENTRIES_CHUNK)
				add_chunk(sum, t, plane, a, ahead, BLOCKS);
			else
				for (long r = 0; r < t->rows % ENTRIES_CHUNK; r += 64)
					add_chunk(sum, t, plane + r, a + r, ahead ? ahead + r : NULL, 1);
		}
		for (int j = 1; j < t->P; j++)
			for (int d = 0; d < t->digits[j]; d++)
				for (int p = 0; p < t->planes[t->P - j]; p++)
					S[j] += (int128)across(*from++) * ((int128)1 << (8 * (p + d)));
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
			c = _mm512_or_si512(_mm512_slli_epi32(c, 8), _mm512_cvtepu8_epi32(_mm_load_si128(from)));
		else
			c = _mm512_or_si512(_mm512_slli_epi64(c, 8), _mm512_cvtepu8_epi64(_mm_loadl_epi64(from)));
	}
	return c;
}

INLINE void scatter(uint8_t *at, int planes, __m512i c, __mmask16 rows, int narrow)
{
#pragma GCC unroll 8
	for (int p = 0; p < planes; p++) {
		uint8_t *to = at + p * ENTRIES_CHUNK;
		if (narrow)
			_mm512_mask_cvtepi32_storeu_epi8(to, rows, _mm512_srli_epi32(c, (unsigned)(8 * p)));
		else
			_mm512_mask_cvtepi64_storeu_epi8(to, (__mmask8)rows, _mm512_srli_epi64(c, (unsigned)(8 * p)));
	}
}

/* The usual numbers of bytes become loops without branches. */
#define WITH_CONSTANT(f, at, planes, ...)              \
	((planes) == 1   ? f(at, 1, __VA_ARGS__)       \
	 : (planes) == 2 ? f(at, 2, __VA_ARGS__)       \
	 : (planes) == 3 ? f(at, 3, __VA_ARGS__)       \
	 : (planes) == 4 ? f(at, 4, __VA_ARGS__)       \
	 : (planes) == 5 ? f(at, 5, __VA_ARGS__)       \
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
INLINE __mmask16 move(const struct entries_plan *t, uint8_t *plane, __m512i y, __mmask16 rows, __m512i c[P_MAX],
                      int narrow)
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
static void escape(const struct entries_plan *t, struct entries_state *s, long r, unsigned beyond, const __m512i *c)
{
	for (; beyond; beyond &= beyond - 1) {
		int64_t one[P_MAX];
		int l = __builtin_ctz(beyond);
		for (int k = 1; k < t->P; k++)
			one[k] = t->narrow ? ((const int32_t *)&c[k])[l] : ((const int64_t *)&c[k])[l];
		entries_escape(t, s, r + l, one);
	}
}

INLINE void shift_rows(const struct entries_plan *t, struct entries_state *s, const int8_t *a, int spin, int narrow)
{
	const int lanes = narrow ? 16 : 8;

	for (long r = 0; r < t->rows; r += lanes) {
		uint8_t *plane = s->plane + r / ENTRIES_CHUNK * t->all_planes * ENTRIES_CHUNK + r % ENTRIES_CHUNK;
		__mmask16 rows = (__mmask16)~(s->out[r / 64] >> (r % 64)), beyond;
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

AVX512 static void shift(const struct entries_plan *t, struct entries_state *s, const void *row, int spin)
{
	if (t->narrow)
		shift_rows(t, s, row, spin, 1);
	else
		shift_rows(t, s, row, spin, 0);
}

static const struct entries_loops loops = {dot, shift};

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

#else

static int alloc(struct field *f)
{
	(void)f;
	return -1;
}

#endif

static double cost(const struct field_plan *plan)
{
	return 60 + (double)plan->quenched->rows * 0.02 * plan->P;
}

const struct field_kernel kernel_entries_avx512 = {
	"avx512", kernel_avx512, entries_suits_planes, cost, entries_memory, entries_prepare, entries_release, alloc,
	entries_free, entries_init, entries_energy, entries_overlaps};
