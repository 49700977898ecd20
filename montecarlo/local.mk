# SPDX-License-Identifier: GPL-3.0-or-later
libmontecarlo_a_SOURCES = \
	montecarlo/field.h \
	montecarlo/measure.c \
	montecarlo/measure.h \
	montecarlo/quenched.h \
	montecarlo/rng.h \
	montecarlo/sampler.c \
	montecarlo/sampler.h \
	montecarlo/start.c \
	montecarlo/start.h \
	montecarlo/tempering.c \
	montecarlo/tempering.h
