/* One-step replica symmetry breaking of the dense network, P >= 3: THEORY.md, "One-step RSB".
 *
 * Units: temperatures are T = 1/beta' of THEORY.md.  The glass (n = q0 = 0) depends on T and gamma only through
 * t = T/sqrt(gamma); its energies are in units of sqrt(gamma).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_RSB_H
#define MATTIS_RSB_H

/* Dynamic and static transition of the glass, T_d and T_s in units of sqrt(gamma), and the overlaps there (each
 * pointer may be null); equations (R9), (R10), to rounding.  GSL_EDOM if P < 3. */
int rsb_glass_transitions(int P, double *T_d, double *T_s, double *q_d, double *q_s);

#endif
