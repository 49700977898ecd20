/* Rows of small integers with AVX-512 and VBMI byte tables.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel_entries.h"

#include <string.h>

#if defined __x86_64__

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512vbmi")))
#define INLINE AVX512 static inline __attribute__((always_inline))

struct powers {
	__m512i table;
};

INLINE struct powers load_powers(const int8_t table[64], int registers)
{
	(void)registers;
	return (struct powers){_mm512_load_si512(table)};
}

INLINE __m512i powers_of(__m512i a, struct powers t, int registers)
{
	(void)registers;
	return _mm512_permutexvar_epi8(a, t.table);
}

#include "montecarlo/field/kernel_entries_avx512.h"

static double cost(const struct field_plan *plan)
{
	return entries_cost(plan, 0.008, 0.02);
}

const struct field_kernel kernel_entries_vbmi = {
	"vbmi", cpu_has_vbmi, entries_suits_planes, cost, &loops, ENTRIES_KERNEL};

#else

FIELD_KERNEL_ABSENT(kernel_entries_vbmi, "vbmi", cpu_has_vbmi, entries_suits_planes)

#endif
