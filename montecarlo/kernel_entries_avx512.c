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
			_mm_prefetch((const char *)next + 64 * b, _MM_HINT_T0);
	}
	for (int j = 1; j < t->P; j++) {
		const uint8_t *from = plane + t->first[t->P - j] * ENTRIES_CHUNK;
		for (int d = 0; d < t->digits[j]; d++) {
			__m512i table = _mm512_load_si512(t->table[j][d]);
#pragma GCC unroll 8
			for (int b = 0; b < blocks; b++)
				digit[b] = _mm512_permutexvar_epi8(a[b], table);
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
		S[j] = -((int128)1 << (8 * t->planes[t->P - j] - 1)) * power[j];
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

/* c_k of eight rows from their bytes, and back. */
INLINE __m512i get(const uint8_t *at, int planes, __m512i bias)
{
	__m512i c = _mm512_setzero_si512();

	for (int p = planes - 1; p >= 0; p--)
		c = _mm512_or_si512(_mm512_slli_epi64(c, 8), _mm512_cvtepu8_epi64(_mm_loadl_epi64(
								     (const __m128i *)(at + p * ENTRIES_CHUNK))));
	return _mm512_sub_epi64(c, bias);
}

INLINE void put(uint8_t *at, int planes, __m512i c, __m512i bias, __mmask8 rows)
{
	c = _mm512_add_epi64(c, bias);
	for (int p = 0; p < planes; p++) {
		_mm512_mask_cvtepi64_storeu_epi8(at + p * ENTRIES_CHUNK, rows, c);
		c = _mm512_srli_epi64(c, 8);
	}
}

/* Eight rows; returns which of them passed a limit. */
INLINE __mmask8 move(const struct entries_plan *t, uint8_t *plane, __m512i y, __mmask8 rows, __m512i c[P_MAX])
{
	__m512i without = _mm512_set1_epi64(1);
	__mmask8 beyond = 0;

	for (int k = 1; k < t->P; k++) {
		__m512i limit = _mm512_set1_epi64(t->limit[k]), bias = _mm512_add_epi64(limit, _mm512_set1_epi64(1));
		__m512i old = get(plane + t->first[k] * ENTRIES_CHUNK, t->planes[k], bias), step;
		if (t->diagonal && k > 1) {
			c[k] = _mm512_mullo_epi64(c[k - 1], c[1]);
		} else {
			step = k == 1 ? y : _mm512_mullo_epi64(y, without);
			without = _mm512_sub_epi64(old, step);
			c[k] = _mm512_sub_epi64(without, step);
		}
		beyond |= _mm512_cmpgt_epi64_mask(_mm512_abs_epi64(c[k]), limit);
		put(plane + t->first[k] * ENTRIES_CHUNK, t->planes[k], c[k], bias, rows);
	}
	return beyond & rows;
}

AVX512 static void shift(const struct entries_plan *t, struct entries_state *s, const void *row, int spin)
{
	const int8_t *a = row;

	for (long r = 0; r < t->rows; r += 8) {
		uint8_t *plane = s->plane + r / ENTRIES_CHUNK * t->all_planes * ENTRIES_CHUNK + r % ENTRIES_CHUNK;
		__mmask8 rows = (__mmask8)~(s->out[r / 64] >> (r % 64)), beyond;
		__m512i y = _mm512_cvtepi8_epi64(_mm_loadl_epi64((const __m128i *)(a + r))), c[P_MAX];
		if (spin < 0)
			y = _mm512_sub_epi64(_mm512_setzero_si512(), y);
		beyond = move(t, plane, y, rows, c);
		for (; beyond; beyond = (__mmask8)(beyond & (beyond - 1))) {
			int64_t lane[8], one[P_MAX];
			int l = __builtin_ctz(beyond);
			for (int k = 1; k < t->P; k++) {
				_mm512_storeu_si512(lane, c[k]);
				one[k] = lane[l];
			}
			entries_escape(t, s, r + l, one);
		}
	}
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
	return 20 + (double)plan->quenched->rows * 0.02 * (plan->P + 1);
}

const struct field_kernel kernel_entries_avx512 = {
	"avx512", kernel_avx512, entries_suits_planes, cost, entries_memory, entries_prepare, entries_release, alloc,
	entries_free, entries_init, entries_energy, entries_overlaps};
