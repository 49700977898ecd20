/* Rows of small integers with AVX-512 and VNNI, but without VBMI: a shuffle looks up sixteen bytes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel_entries.h"

#include <string.h>

#if defined __x86_64__

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define INLINE AVX512 static inline __attribute__((always_inline))

struct powers {
	__m512i part[4];
};

INLINE __m512i repeat(__m128i sixteen)
{
	return _mm512_broadcast_i32x4(sixteen);
}

INLINE struct powers load_powers(const int8_t table[64], int registers)
{
	const __m128i *quarter = (const __m128i *)table; /* a = 0..15, 16..31, -32..-17, -16..-1 */
	struct powers t;

	if (registers == 1)
		t.part[0] = repeat(_mm_unpacklo_epi64(_mm_load_si128(quarter),
		                                      _mm_loadl_epi64((const __m128i *)(table + 56))));
	else if (registers == 2)
		t.part[0] = repeat(_mm_load_si128(quarter));
	if (registers == 2)
		t.part[1] = repeat(_mm_load_si128(quarter + 3));
#pragma GCC unroll 4
	for (int k = 0; k < 4 && registers == 4; k++)
		t.part[k] = repeat(_mm_load_si128(quarter + k));
	return t;
}

INLINE __m512i powers_of(__m512i a, struct powers t, int registers)
{
	const __m512i low = _mm512_and_si512(a, _mm512_set1_epi8(15)), high = _mm512_set1_epi8(48);
	__m512i v = _mm512_shuffle_epi8(t.part[0], low);

	if (registers == 2)
		v = _mm512_mask_shuffle_epi8(v, _mm512_movepi8_mask(a), t.part[1], low);
#pragma GCC unroll 4
	for (int k = 1; k < 4 && registers == 4; k++)
		v = _mm512_mask_shuffle_epi8(
			v,
			_mm512_cmpeq_epi8_mask(_mm512_and_si512(a, high), _mm512_set1_epi8((char)(16 * k))),
			t.part[k], low);
	return v;
}

#include "montecarlo/field/kernel_entries_avx512.h"

static double cost(const struct field_plan *plan)
{
	return entries_cost(plan, 0.009, 0.022);
}

const struct field_kernel kernel_entries_avx512 = {
	"avx512", cpu_has_avx512, entries_suits_planes, cost, &loops, ENTRIES_KERNEL};

#else

FIELD_KERNEL_ABSENT(kernel_entries_avx512, "avx512", cpu_has_avx512, entries_suits_planes)

#endif
