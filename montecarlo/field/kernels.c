/* The table of all kernels.  A new kernel is one file and one line here.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/field/kernel.h"

#include <stddef.h>

/* several kernels may have one name: different rows, same instructions */
const struct field_kernel *const kernels[] = {&kernel_bits_vbmi,      &kernel_bits_lookup,
                                              &kernel_bits_avx512,    &kernel_bits_avx2,
                                              &kernel_bits_portable,  &kernel_entries_vbmi,
                                              &kernel_entries_avx512, &kernel_entries_portable,
                                              &kernel_matrix,         NULL};

const char *const field_kernels[] = {"portable", "avx2", "avx512", "vbmi", "lookup", "pair", NULL};
