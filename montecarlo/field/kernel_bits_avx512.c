/* Binary rows with AVX-512 and VNNI, but without VBMI (Cascade Lake): tables of bytes are looked up by words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel_bits.h"

#include <string.h>

#if defined __x86_64__

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define BITS_STORED_ONLY
#include "montecarlo/field/kernel_bits_avx512.h"

/* Looks up word `at` (its low 5, 6 or 7 bits) in the table. */
INLINE __m512i words(__m512i at, const struct bits_table *t, int registers)
{
	__m512i v;

	if (registers == 1)
		return _mm512_permutexvar_epi16(at, t->part[0]);
	v = _mm512_permutex2var_epi16(t->part[0], at, t->part[1]);
	if (registers == 2)
		return v;
	return _mm512_mask_mov_epi16(v, _mm512_test_epi16_mask(at, _mm512_set1_epi16(64)),
	                             _mm512_permutex2var_epi16(t->part[2], at, t->part[3]));
}

/* Handles bytes at even and odd places in turn: loads the word with the entry and shifts the entry to the
 * place of the byte. */
INLINE __m512i entries(__m512i x, struct bits_table t, int registers)
{
	const __m512i eight = _mm512_set1_epi16(8);
	const __m512i even = words(_mm512_srli_epi16(x, 1), &t, registers);
	const __m512i odd = words(_mm512_srli_epi16(x, 9), &t, registers);
	const __m512i down = _mm512_and_si512(_mm512_slli_epi16(x, 3), eight);  /* 8 for odd x */
	const __m512i up = _mm512_andnot_si512(_mm512_srli_epi16(x, 5), eight); /* 8 for even x */

	return _mm512_mask_mov_epi8(_mm512_srlv_epi16(even, down), 0xaaaaaaaaaaaaaaaa,
	                            _mm512_sllv_epi16(odd, up));
}

INLINE __m512i spread(const unsigned char *bits)
{
	return _mm512_maskz_set1_epi8(_load_mask64((__mmask64 *)(uintptr_t)bits), 1);
}

INLINE __m512i steps(const unsigned char *bits, int up)
{
	return _mm512_mask_mov_epi8(_mm512_set1_epi8((char)-up), _load_mask64((__mmask64 *)(uintptr_t)bits),
	                            _mm512_set1_epi8((char)up));
}

static double cost(const struct field_plan *plan)
{
	return bits_cost(plan, 1, 0.55, 0.2, BITS_SITES);
}

static const struct bits_loops loops = {.shift = shift, .stored = 1};

const struct field_kernel kernel_bits_avx512 = {
	"avx512", cpu_has_avx512, bits_suits, cost, &loops, .sum = sum, BITS_KERNEL};

#else

FIELD_KERNEL_ABSENT(kernel_bits_avx512, "avx512", cpu_has_avx512, bits_suits)

#endif
