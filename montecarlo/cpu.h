/* Which instruction sets this processor has.  The compiler's run-time library asks the processor once, at
 * start-up, so that a call costs a few instructions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_CPU_H
#define MATTIS_CPU_H

/* True (1) if the processor has the instructions; always 0 on processors other than x86-64. */
int cpu_has_popcnt(void);
int cpu_has_avx2(void);

/* AVX-512: its foundation (F) alone; with words of bytes (F, BW); with population counts (F, VPOPCNTDQ). */
int cpu_has_avx512f(void);
int cpu_has_avx512bw(void);
int cpu_has_avx512_popcnt(void);

/* AVX-512 F and DQ, for conversions between 64-bit integers and doubles. */
int cpu_has_avx512dq(void);

/* The set that most kernels need: AVX-512 F, BW, VL, DQ and the dot products of VNNI. */
int cpu_has_avx512(void);

/* cpu_has_avx512() and the byte tables of VBMI and GFNI. */
int cpu_has_vbmi(void);

/* True for processors of Intel, on which some instructions have other costs. */
int cpu_is_intel(void);

#endif
