/* The table of all kernels.  A new kernel is one file and one line here.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/kernel.h"

#include <stddef.h>

/* several kernels may have one name: different rows, same instructions */
const struct field_kernel *const kernels[] = {&kernel_bits_avx512, &kernel_bits_avx2, &kernel_bits_portable, NULL};

const char *const field_kernels[] = {"portable", "avx2", "avx512", "pair", NULL};
