# SPDX-License-Identifier: GPL-3.0-or-later
libmontecarlo_a_SOURCES = \
	montecarlo/ensemble.c \
	montecarlo/ensemble.h \
	montecarlo/field.h \
	montecarlo/field_exact.c \
	montecarlo/field_tensor.c \
	montecarlo/kernel.h \
	montecarlo/kernel_bits.c \
	montecarlo/kernel_bits.h \
	montecarlo/kernel_bits_avx2.c \
	montecarlo/kernel_bits_avx512.c \
	montecarlo/kernel_bits_portable.c \
	montecarlo/kernel_entries.c \
	montecarlo/kernel_entries.h \
	montecarlo/kernel_entries_avx512.c \
	montecarlo/kernel_pair.c \
	montecarlo/kernels.c \
	montecarlo/measure.c \
	montecarlo/measure.h \
	montecarlo/npy.c \
	montecarlo/npy.h \
	montecarlo/quenched.c \
	montecarlo/quenched.h \
	montecarlo/record.c \
	montecarlo/record.h \
	montecarlo/rng.h \
	montecarlo/rows.c \
	montecarlo/rows.h \
	montecarlo/rows_bits_avx512.h \
	montecarlo/sampler.c \
	montecarlo/sampler.h \
	montecarlo/start.c \
	montecarlo/start.h \
	montecarlo/tap.c \
	montecarlo/tap.h \
	montecarlo/tempering.c \
	montecarlo/tempering.h
