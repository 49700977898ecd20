# SPDX-License-Identifier: GPL-3.0-or-later
libphysics_a_SOURCES = \
	physics/network.h \
	physics/networks.c \
	physics/params.h \
	physics/rsb.h \
	physics/rsb_glass.c
