/* Which instruction sets this processor has.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo/cpu.h"

#if defined __x86_64__
#define HAS(name) (__builtin_cpu_supports(name) != 0)
#define IS(name)  (__builtin_cpu_is(name) != 0)
#else
#define HAS(name) 0
#define IS(name)  0
#endif

int cpu_has_popcnt(void)
{
	return HAS("popcnt");
}

int cpu_has_avx2(void)
{
	return HAS("avx2");
}

int cpu_has_avx512f(void)
{
	return HAS("avx512f");
}

int cpu_has_avx512bw(void)
{
	return HAS("avx512f") && HAS("avx512bw");
}

int cpu_has_avx512dq(void)
{
	return HAS("avx512f") && HAS("avx512dq");
}

int cpu_has_avx512_popcnt(void)
{
	return HAS("avx512f") && HAS("avx512vpopcntdq");
}

int cpu_has_avx512(void)
{
	return HAS("avx512f") && HAS("avx512bw") && HAS("avx512vl") && HAS("avx512dq") && HAS("avx512vnni");
}

int cpu_has_vbmi(void)
{
	return cpu_has_avx512() && HAS("avx512vbmi") && HAS("gfni");
}

int cpu_is_intel(void)
{
	return IS("intel");
}
