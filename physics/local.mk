# SPDX-License-Identifier: GPL-3.0-or-later
libphysics_a_SOURCES = \
	physics/average.c \
	physics/average.h \
	physics/average_fourier.h \
	physics/branch.c \
	physics/branch.h \
	physics/dense.c \
	physics/dense.h \
	physics/dense_branches.c \
	physics/dense_example.c \
	physics/dense_halves.c \
	physics/dense_lines.c \
	physics/dense_loads.c \
	physics/dense_loads.h \
	physics/dense_row.c \
	physics/lanes.h \
	physics/multitask.c \
	physics/multitask.h \
	physics/multitask_average.c \
	physics/multitask_discrete.c \
	physics/multitask_lines.c \
	physics/multitask_product.h \
	physics/multitask_solve.c \
	physics/multitask_starts.c \
	physics/multitask_leaves.c \
	physics/network.h \
	physics/networks.c \
	physics/params.h \
	physics/rs.c \
	physics/rs.h \
	physics/rsb.c \
	physics/rsb.h \
	physics/rsb_average.c \
	physics/rsb_average.h \
	physics/rsb_glass.c \
	physics/snr.c \
	physics/snr.h

EXTRA_DIST += physics/THEORY.md
