# SPDX-License-Identifier: GPL-3.0-or-later
libphysics_a_SOURCES = \
	physics/network.h \
	physics/networks.c \
	physics/params.h \
	physics/rsb.c \
	physics/rsb.h \
	physics/rsb_average.c \
	physics/rsb_average.h \
	physics/rsb_glass.c
