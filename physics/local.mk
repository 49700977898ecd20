# SPDX-License-Identifier: GPL-3.0-or-later
libphysics_a_SOURCES = \
	physics/dense/branches.c \
	physics/dense/equations.c \
	physics/dense/equations.h \
	physics/dense/example.c \
	physics/dense/lines.c \
	physics/dense/loads.c \
	physics/dense/loads.h \
	physics/dense/network.c \
	physics/dense/noise.c \
	physics/dense/one_step.c \
	physics/dense/one_step.h \
	physics/dense/one_step_average.c \
	physics/dense/one_step_average.h \
	physics/dense/one_step_glass.c \
	physics/dense/pair_noise.c \
	physics/dense/pair_noise_branches.c \
	physics/dense/row.c \
	physics/dense/row.h \
	physics/dense/signal_to_noise.c \
	physics/dense/signal_to_noise.h \
	physics/multitasking/average.c \
	physics/multitasking/average_discrete.c \
	physics/multitasking/average_leaves.c \
	physics/multitasking/average_product.h \
	physics/multitasking/equations.c \
	physics/multitasking/lines.c \
	physics/multitasking/network.c \
	physics/multitasking/network.h \
	physics/multitasking/starts.c \
	physics/network.c \
	physics/network.h \
	physics/networks.c \
	physics/numerics/average.c \
	physics/numerics/average.h \
	physics/numerics/average_fourier.h \
	physics/numerics/lanes.h \
	physics/numerics/linear.c \
	physics/numerics/linear.h \
	physics/numerics/newton.c \
	physics/numerics/newton.h \
	physics/numerics/roots.c \
	physics/numerics/roots.h \
	physics/params.c \
	physics/params.h

EXTRA_DIST += physics/THEORY.md
