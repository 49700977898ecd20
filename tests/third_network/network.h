/* The third network (network.c) and a minimal one (minimal.c), for the test of the contract in
 * physics/network.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_TESTS_THIRD_NETWORK_H
#define MATTIS_TESTS_THIRD_NETWORK_H

#include "physics/network.h"

enum { COUPLING }; /* slot of params.own */

extern const struct network third_network, minimal_network;

#endif
