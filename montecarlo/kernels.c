/* The table of all kernels.  A new kernel is one file and one line here.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/kernel.h"

#include <stddef.h>

/* several kernels may have one name: different rows, same instructions */
const struct field_kernel *const kernels[] = {
	&kernel_bits_vbmi,    &kernel_bits_lookup,    &kernel_bits_avx512,      &kernel_bits_avx2, &kernel_bits_portable,
	&kernel_entries_vbmi, &kernel_entries_avx512, &kernel_entries_portable, &kernel_pair,      NULL};

const char *const field_kernels[] = {"portable", "avx2", "avx512", "vbmi", "lookup", "pair", NULL};

int kernel_avx512(void)
{
#if defined __x86_64__
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vnni");
#else
	return 0;
#endif
}

int kernel_vbmi(void)
{
#if defined __x86_64__
	return kernel_avx512() && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("gfni");
#else
	return 0;
#endif
}
