/* Binary rows with AVX-512 and VBMI byte tables: a look-up of 64 bytes is one instruction.  The kernel "lookup" does not store
 * the planes but looks them up every time: a byte per row instead of two to four, for many rows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/kernel_bits.h"

#include <string.h>

#if defined __x86_64__

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512vbmi")))
#define INLINE AVX512 static inline __attribute__((always_inline))

struct bits_table {
	__m512i part[4];
};

INLINE struct bits_table load_table(const uint8_t table[256], int registers)
{
	struct bits_table t;

	(void)registers;
#pragma GCC unroll 4
	for (int r = 0; r < 4; r++)
		t.part[r] = _mm512_load_si512(table + 64 * r);
	return t;
}

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

/* Cheaper than by way of a mask register. */
INLINE __m512i spread(const unsigned char *bits)
{
	const __m512i shift = _mm512_add_epi64(_mm512_set1_epi64(0x0706050403020100),
	                                       _mm512_mullo_epi64(_mm512_set1_epi64(0x0808080808080808),
	                                                          _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7)));
	int64_t word;

	memcpy(&word, bits, sizeof word);
	return _mm512_and_si512(_mm512_multishift_epi64_epi8(shift, _mm512_set1_epi64(word)),
	                        _mm512_set1_epi8(1));
}

#include "montecarlo/kernel_bits_avx512.h"

#else

static int alloc(struct field *f)
{
	(void)f;
	return -1;
}

#endif

static double cost(const struct field_plan *plan)
{
	return bits_cost(plan, 1, 0.45, 0.13, BITS_SITES);
}

static double cost_lookup(const struct field_plan *plan)
{
	return bits_cost(plan, 0, 0.4, 0.12, BITS_SITES);
}

const struct field_kernel kernel_bits_vbmi = {"vbmi",      kernel_vbmi,  bits_suits,   cost,
                                              bits_memory, bits_prepare, bits_release, alloc,
                                              bits_free,   bits_init,    bits_energy,  bits_overlaps};

const struct field_kernel kernel_bits_lookup = {"lookup",    kernel_vbmi,  bits_suits_lookup, cost_lookup,
                                                bits_memory, bits_prepare, bits_release,      alloc,
                                                bits_free,   bits_init,    bits_energy,       bits_overlaps};
