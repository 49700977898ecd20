/* Binary rows with AVX-512 and VBMI byte tables: a look-up of 64 bytes is one instruction.  The kernel
 * "lookup" looks up the planes each time instead of storing them: one byte per row instead of two to four,
 * for many rows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel_bits.h"

#include <string.h>

#if defined __x86_64__

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512vbmi,gfni")))
#include "montecarlo/field/kernel_bits_avx512.h"

INLINE __m512i entries(__m512i x, struct bits_table t, int registers)
{
	__m512i v;

	if (registers == 1)
		return _mm512_permutexvar_epi8(x, t.part[0]);
	v = _mm512_permutex2var_epi8(t.part[0], x, t.part[1]);
	if (registers == 2)
		return v;
	return _mm512_mask_mov_epi8(v, _mm512_movepi8_mask(x),
	                            _mm512_permutex2var_epi8(t.part[2], x, t.part[3]));
}

/* Places are transposed, so that one instruction separates the bits: byte j of lane i becomes bit i of byte
 * j, here in the bits of `to`. */
INLINE __m512i take_apart(const unsigned char *bits, uint64_t to)
{
	const __m512i bit =
		_mm512_sllv_epi64(_mm512_set1_epi64((int64_t)to), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
	int64_t word;

	memcpy(&word, bits, sizeof word);
	return _mm512_gf2p8affine_epi64_epi8(_mm512_set1_epi64(word), bit, 0);
}

INLINE __m512i spread(const unsigned char *bits)
{
	return take_apart(bits, UINT64_C(1) << 56);
}

INLINE __m512i steps(const unsigned char *bits, int up)
{
	/* 0 or 254 */
	const __m512i unset = _mm512_set1_epi8((char)-up), change = take_apart(bits, 0x0001010101010101);

	return _mm512_xor_si512(change, unset); /* 1 and -1 differ in all bits but the lowest */
}

static double cost(const struct field_plan *plan)
{
	return bits_cost(plan, 1, 0.45, 0.13, BITS_SITES);
}

static double cost_lookup(const struct field_plan *plan)
{
	return bits_cost(plan, 0, 0.4, 0.12, BITS_SITES);
}

static const struct bits_loops loops = {.shift = shift, .stored = 1, .transposed = 1};
static const struct bits_loops loops_lookup = {.shift = shift, .transposed = 1};

const struct field_kernel kernel_bits_vbmi = {
	"vbmi", cpu_has_vbmi, bits_suits, cost, &loops, .sum = sum, BITS_KERNEL};

const struct field_kernel kernel_bits_lookup = {
	"lookup", cpu_has_vbmi, bits_suits_lookup, cost_lookup, &loops_lookup, .sum = sum, BITS_KERNEL};

#else

FIELD_KERNEL_ABSENT(kernel_bits_vbmi, "vbmi", cpu_has_vbmi, bits_suits)
FIELD_KERNEL_ABSENT(kernel_bits_lookup, "lookup", cpu_has_vbmi, bits_suits_lookup)

#endif
