/* Template of the two sums over packed bits with AVX-512, 16 floats or 8 doubles at a time under the bits
 * as a mask: twice the sum over the set bits minus the sum over all.  Each time it is included: for real,
 * LANES, vec, bits_t, NAME(.) and the intrinsics named by MM(.), in rows.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */

enum { NAME(line) = 512, NAME(sites) = 512, NAME(group) = 8 * LANES };

/* X of one line of 512 rows += 2 v over the set bits; packed[sites] are the line's bits.  8 vectors in
 * flight. */
AVX512 static void NAME(add_sites)(double *X, uint64_t (*packed)[8], const real *v2, int sites)
{
	for (int first = 0; first < NAME(line); first += NAME(group)) {
		const unsigned char *bits = (const unsigned char *)packed + first / 8;
		vec sum[8];
#pragma GCC unroll 8
		for (int g = 0; g < 8; g++)
			sum[g] = MM(setzero)();
		for (int i = 0; i < sites; i++) {
			vec x = MM(set1)(v2[i]);
#pragma GCC unroll 8
			for (int g = 0; g < 8; g++) {
				bits_t set;
				memcpy(&set, bits + (size_t)i * 64 + (size_t)g * sizeof set, sizeof set);
				sum[g] = MM(mask_add)(sum[g], set, sum[g], x);
			}
		}
		for (int g = 0; g < 8; g++) {
			real part[LANES];
			MM(storeu)(part, sum[g]);
			for (int l = 0; l < LANES; l++)
				X[first + g * LANES + l] += (double)part[l];
		}
	}
}

AVX512 static void NAME(over_sites)(double *X, const struct quenched *q, const double *v, int count)
{
	const size_t rows = rows_padded(q), N = (size_t)q->N;
	uint64_t packed[NAME(sites)]
		       [8]; /* handles strided lines together, since they compete for the same cache sets */
	real v2[NAME(sites)];

	for (int c = 0; c < count; c++) {
		double all = 0;
		for (size_t i = 0; i < N; i++)
			all += v[(size_t)c * N + i];
		for (size_t r = 0; r < rows; r++)
			X[(size_t)c * rows + r] = -all;
	}
	for (size_t site = 0; site < N; site += NAME(sites)) {
		int sites = (int)(N - site < NAME(sites) ? N - site : NAME(sites));
		for (size_t r = 0; r < rows; r += NAME(line)) {
			for (int i = 0; i < sites; i++)
				memcpy(packed[i], q->site + (site + (size_t)i) * q->stride + r / 8, 64);
			for (int c = 0; c < count; c++) {
				for (int i = 0; i < sites; i++)
					v2[i] = (real)(2 * v[(size_t)c * N + site + (size_t)i]);
				NAME(add_sites)(X + (size_t)c * rows + r, packed, v2, sites);
			}
		}
	}
}

/* Returns the sum of e over the set bits of n rows, a multiple of 512. */
AVX512 static inline double NAME(sum_set)(const real *e, const unsigned char *bits, size_t n)
{
	vec sum[4];

#pragma GCC unroll 4
	for (int g = 0; g < 4; g++)
		sum[g] = MM(setzero)();
	for (size_t r = 0; r < n; r += 4 * LANES) {
#pragma GCC unroll 4
		for (int g = 0; g < 4; g++) {
			bits_t set;
			memcpy(&set, bits + r / 8 + (size_t)g * sizeof set, sizeof set);
			sum[g] = MM(mask_add)(sum[g], set, sum[g], MM(load)(e + r + (size_t)g * LANES));
		}
	}
	return (double)MM(reduce_add)(MM(add)(MM(add)(sum[0], sum[1]), MM(add)(sum[2], sum[3])));
}

AVX512 static void NAME(over_rows)(double *h, const struct quenched *q, const double *e, int count)
{
	enum { BLOCK = 4096 };
	const size_t rows = rows_padded(q), N = (size_t)q->N;
	_Alignas(64) real part[BLOCK];

	for (size_t i = 0; i < (size_t)count * N; i++)
		h[i] = 0;
	for (size_t r = 0; r < rows; r += BLOCK) {
		size_t n = rows - r < BLOCK ? rows - r : BLOCK;
		for (int c = 0; c < count; c++) {
			double all = 0;
			for (size_t k = 0; k < n; k++) {
				part[k] = (real)e[(size_t)c * rows + r + k];
				all += (double)part[k];
			}
			for (size_t i = 0; i < N; i++)
				h[(size_t)c * N + i] +=
					2 * NAME(sum_set)(part, q->site + i * q->stride + r / 8, n) - all;
		}
	}
}

#undef real
#undef LANES
#undef vec
#undef bits_t
#undef NAME
#undef MM
