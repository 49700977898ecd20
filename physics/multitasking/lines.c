/* Transition lines of the multitasking network: THEORY.md (M19)-(M26).  If a line is a change of stability,
 * the event is the eigenvalue mapped to [-1, 1], because it diverges at T = 0; if it is a change of the
 * ground state, a difference of free energies.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitasking/network.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

static const struct solve_options thorough = {.tolerance = 1e-12,
                                              .own = {[MT_BRANCHES] = MAX_BRANCHES, [MT_STARTS] = 24}};
static const double COEXIST = 1e-6; /* free energies closer than this meet at the line */

/* lambda <= 1 to lambda/(2 - lambda): 1 -> 1, 0 -> 0, -infinity -> -1. */
static double squash(double lambda)
{
	return lambda > -INFINITY ? lambda / (2 - lambda) : -1;
}

/* Where the solver does not converge, the event is not defined. */
static int meaningless(double *value, int status)
{
	*value = NAN;
	return status == GSL_ENOMEM ? status : GSL_SUCCESS;
}

/* Descends from the hierarchical start in a problem of n patterns. */
static int hierarchical_branch(struct average *average, struct mt_point *pt, int n, struct mt_solution *out)
{
	double start[MT_UNKNOWNS];
	pt->n = n;
	for (int k = 0; k < n; k++)
		start[k] = pow(pt->d, k);
	start[n] = 0;
	return mt_descend(average, pt, thorough.tolerance, start, out);
}

static int is_hierarchical(enum mt_phase phase)
{
	return phase == MT_PURE || phase == MT_HIERARCHICAL;
}

/* ---------------------------------------------------------------- stability */

/* (M19); at extensive load the onset of q. */
static int ergodic(struct average *average, const struct params *p, double *value)
{
	struct mt_point pt = mt_point(p);
	(void)average;
	if (pt.T == 0)
		*value = -1;
	else if (pt.extensive)
		*value = pt.T > 1 ? squash(1 - mt_replicon(&pt, 1 / pt.T) / (pt.T * pt.T)) : -1;
	else
		*value = squash(1 - 1 / pt.T);
	return GSL_SUCCESS;
}

/* Stability of the hierarchical state of level - 1 patterns against one more, (M20): the new pattern is
 * independent of the field, so that the eigenvalue is 1 - E sech^2(h/T)/T.  Positive above the line. */
static int level(struct average *average, const struct params *p, int levels, double *value)
{
	struct mt_point pt = mt_point(p);
	struct mt_solution s;
	struct mt_moments a;
	if (pt.extensive || pt.n < levels)
		return meaningless(value, GSL_SUCCESS);
	int status = hierarchical_branch(average, &pt, levels - 1, &s);
	if (status == GSL_SUCCESS)
		status = mt_average(average, &pt, s.x, 0, MT_ALL, &a);
	if (status != GSL_SUCCESS)
		return meaningless(value, status);
	enum mt_phase phase = mt_phase(&pt, s.x);
	*value = phase != MT_ERGODIC && !is_hierarchical(phase)
	                 ? NAN
	                 : squash(pt.T == 0 && a.q < 1 - 1e-15 ? -INFINITY : 1 - a.C);
	if (s.x[pt.n - 1] == 0) /* the previous level is missing: 0 up to rounding on its line */
		*value = fmax(*value, 0);
	return GSL_SUCCESS;
}

#define LEVEL(k)                                                                                             \
	static int level_##k(struct average *average, const struct params *p, double *value)                 \
	{                                                                                                    \
		return level(average, p, k, value);                                                          \
	}
LEVEL(2)
LEVEL(3)
LEVEL(4)
LEVEL(5)
LEVEL(6)
LEVEL(7)
LEVEL(8)

/* Smallest eigenvalue of the symmetric state orthogonal to (1, ..., 1), (M21). */
static int symmetric_stability(struct average *average, const struct mt_point *pt, double *lambda, double *f)
{
	double p, x[MT_MAX];
	struct mt_moments a;
	int status = mt_symmetric(average, pt, &p);
	for (int i = 0; i < pt->n; i++)
		x[i] = p;
	if (status == GSL_SUCCESS)
		status = mt_average(average, pt, x, 0, MT_ALL, &a);
	if (status != GSL_SUCCESS)
		return status;
	*lambda = a.tie > 0 ? -INFINITY : 1 - (a.chi[0] - a.chi[1]) / pt->c;
	return mt_free_energy(average, pt, x, f);
}

static int parallel_stability(struct average *average, const struct params *p, double *value)
{
	struct mt_point pt = mt_point(p);
	double lambda, f;
	if (pt.extensive || pt.n < 2 || pt.T >= 1)
		return meaningless(value, GSL_SUCCESS);
	int status = symmetric_stability(average, &pt, &lambda, &f);
	if (status != GSL_SUCCESS)
		return meaningless(value, status);
	*value = squash(lambda);
	return GSL_SUCCESS;
}

/* The end of the hierarchical branch: its lowest eigenvalue; -1 beyond.  At T = 0 in storage the branch
 * ends where the first pattern stops dominating, (M22). */
static int hierarchical_stability(struct average *average, const struct params *p, double *value)
{
	struct mt_point pt = mt_point(p);
	struct mt_solution s;
	if (pt.extensive || pt.n < 2 || pt.T >= 1)
		return meaningless(value, GSL_SUCCESS);
	*value = 1 - 2 * pt.d + pow(pt.d, pt.n);
	if (pt.T == 0 && pt.rho == 0)
		return GSL_SUCCESS;
	int status = hierarchical_branch(average, &pt, pt.n, &s);
	if (status != GSL_SUCCESS)
		return meaningless(value, status);
	*value = is_hierarchical(mt_phase(&pt, s.x)) ? squash(s.eigenvalue[0]) : -1;
	return GSL_SUCCESS;
}

/* ---------------------------------------------------------------- the lowest free energy */

/* The lowest stable solution of one kind and the lowest of the others; found = 0 where there is none. */
struct rivals {
	struct mt_solution kind, other;
	int found_kind, found_other;
};

static int rivals(struct average *average, const struct mt_point *pt, int (*is_kind)(enum mt_phase),
                  struct rivals *out)
{
	struct mt_solution list[MAX_BRANCHES];
	int found, status = mt_catalogue(average, pt, &thorough, NULL, list, MAX_BRANCHES, &found);
	out->found_kind = out->found_other = 0;
	if (status != GSL_SUCCESS)
		return status;
	for (int i = (found < MAX_BRANCHES ? found : MAX_BRANCHES) - 1; i >= 0; i--)
		if (is_kind(mt_phase(pt, list[i].x)))
			out->kind = list[i], out->found_kind = 1;
		else
			out->other = list[i], out->found_other = 1;
	return GSL_SUCCESS;
}

static int is_parallel(enum mt_phase phase)
{
	return phase == MT_PARALLEL;
}

/* The parallel state becomes the lowest, (M23).  While it is unstable another state is lower; if it is the
 * only one, it is the lowest. */
static int parallel(struct average *average, const struct params *p, double *value)
{
	struct mt_point pt = mt_point(p);
	struct rivals r;
	double lambda, f;
	if (pt.extensive || pt.n < 2 || pt.T >= 1)
		return meaningless(value, GSL_SUCCESS);
	int status = symmetric_stability(average, &pt, &lambda, &f);
	if (status == GSL_SUCCESS && lambda > 0)
		status = rivals(average, &pt, is_parallel, &r);
	if (status != GSL_SUCCESS)
		return meaningless(value, status);
	*value = lambda > 0 && r.found_other ? r.other.f - f : squash(lambda);
	return GSL_SUCCESS;
}

/* min over k of p_k - sum_{l > k} p_l among the overlaps that are not 0: > 0 for a hierarchical state;
 * where groups of equal overlaps are left, -1. */
static double dominance(const struct mt_point *pt, const double *x)
{
	double tail = 0, least = x[0];
	for (int k = pt->n - 1; k >= 0; k--) {
		if (tail > 0)
			least = fmin(least, x[k] - tail);
		if (k > 0 && x[k] > 0 && x[k] == x[k - 1])
			return -1;
		tail += x[k];
	}
	return least;
}

/* The hierarchical state stops being the lowest, (M24); if it changes without a competing state, it stops
 * being dominated by the first pattern. */
static int hierarchical(struct average *average, const struct params *p, double *value)
{
	struct mt_point pt = mt_point(p);
	struct rivals r;
	if (pt.extensive || pt.n < 2 || pt.T >= 1)
		return meaningless(value, GSL_SUCCESS);
	int status = rivals(average, &pt, is_hierarchical, &r);
	if (status != GSL_SUCCESS || !(r.found_kind || r.found_other))
		return meaningless(value, status);
	if (r.found_kind && r.found_other)
		*value = r.other.f - r.kind.f;
	else
		*value = dominance(&pt, r.found_kind ? r.kind.x : r.other.x);
	return GSL_SUCCESS;
}

/* Distance of the two lowest solutions where they meet; 0 where there is one only. */
static int jump_between(struct average *average, const struct params *p, int (*is_kind)(enum mt_phase),
                        double *jump)
{
	struct mt_point pt = mt_point(p);
	struct rivals r;
	int status = rivals(average, &pt, is_kind, &r);
	*jump = 0;
	if (status == GSL_SUCCESS && r.found_kind && r.found_other && fabs(r.kind.f - r.other.f) < COEXIST)
		for (int i = 0; i < pt.n; i++)
			*jump = fmax(*jump, fabs(r.kind.x[i] - r.other.x[i]));
	return status;
}

static int parallel_jump(struct average *average, const struct params *p, double *jump)
{
	return jump_between(average, p, is_parallel, jump);
}

static int hierarchical_jump(struct average *average, const struct params *p, double *jump)
{
	return jump_between(average, p, is_hierarchical, jump);
}

/* ---------------------------------------------------------------- learning thresholds */

/* m_1/(1-d) = erf(1/sqrt 2): the signal is as large as the noise. */
static double learned(const struct mt_point *pt, double m)
{
	return m / (1 - pt->d) - erf(M_SQRT1_2);
}

/* Signal to noise after one step at T = 0, (M25): 1 - v, noise of the other patterns `others` relative to
 * the signal. */
static int signal_to_noise(const struct mt_point *pt, double others, double *value)
{
	*value = pt->extensive ? NAN : 1 - (pt->rho + (1 + pt->rho) * others);
	return GSL_SUCCESS;
}

static int snr_hierarchical(struct average *average, const struct params *p, double *value)
{
	struct mt_point pt = mt_point(p);
	double d2 = pt.d * pt.d;
	(void)average;
	return signal_to_noise(&pt, d2 * (1 - pow(d2, pt.n - 1)) / (1 + pt.d), value);
}

static int snr_parallel(struct average *average, const struct params *p, double *value)
{
	struct mt_point pt = mt_point(p);
	(void)average;
	return signal_to_noise(&pt, (1 - pt.d) * (pt.n - 1), value);
}

/* m_1 after one step at T = 0 from overlaps in proportion to ratio^k, exactly. */
static int one_step(struct average *average, const struct params *p, double ratio, double *value)
{
	struct mt_point pt = mt_point(p);
	struct mt_moments a;
	double x[MT_MAX];
	pt.T = 0;
	if (pt.extensive)
		return meaningless(value, GSL_SUCCESS);
	for (int k = 0; k < pt.n; k++)
		x[k] = pow(ratio, k);
	int status = mt_average(average, &pt, x, 0, MT_ALL, &a);
	if (status != GSL_SUCCESS)
		return meaningless(value, status);
	*value = learned(&pt, a.m[0]);
	return GSL_SUCCESS;
}

static int one_step_hierarchical(struct average *average, const struct params *p, double *value)
{
	return one_step(average, p, p->own[MT_D], value);
}

static int one_step_parallel(struct average *average, const struct params *p, double *value)
{
	return one_step(average, p, 1, value);
}

/* The hierarchical branch of learning.  At low T the fields of a few examples lie on a lattice, and near
 * the branch there are minima of every size, in which a descent from overlaps d^k would end; so the exact
 * descent starts from the solution for large M. */
static int learning_branch(struct average *average, struct mt_point *pt, struct mt_solution *out)
{
	struct mt_point smooth = *pt;
	smooth.M = 0;
	int status = hierarchical_branch(average, &smooth, pt->n, out);
	if (status != GSL_SUCCESS || !(pt->M > 0))
		return status;
	double start[MT_UNKNOWNS];
	memcpy(start, out->x, sizeof start);
	return mt_descend(average, pt, thorough.tolerance, start, out);
}

/* The same for the solution of the equations at the temperature of the point, (M26). */
static int learning_hierarchical(struct average *average, const struct params *p, double *value)
{
	struct mt_point pt = mt_point(p);
	struct mt_solution s;
	struct mt_moments a;
	if (pt.extensive)
		return meaningless(value, GSL_SUCCESS);
	int status = learning_branch(average, &pt, &s);
	if (status == GSL_SUCCESS)
		status = mt_average(average, &pt, s.x, 0, MT_ALL, &a);
	if (status != GSL_SUCCESS)
		return meaningless(value, status);
	*value = learned(&pt, a.m[0]);
	return GSL_SUCCESS;
}

static int learning_parallel(struct average *average, const struct params *p, double *value)
{
	struct mt_point pt = mt_point(p);
	struct mt_moments a;
	double x[MT_MAX], equal;
	if (pt.extensive)
		return meaningless(value, GSL_SUCCESS);
	int status = mt_symmetric(average, &pt, &equal);
	for (int i = 0; i < pt.n; i++)
		x[i] = equal;
	if (status == GSL_SUCCESS)
		status = mt_average(average, &pt, x, 0, MT_ALL, &a);
	if (status != GSL_SUCCESS)
		return meaningless(value, status);
	*value = learned(&pt, a.m[0]);
	return GSL_SUCCESS;
}

/* ---------------------------------------------------------------- extensive load */

/* The end of the branch on which all L condensed patterns are retrieved: its lowest eigenvalue, -1 beyond. */
static int retrieval(struct average *average, const struct params *p, double *value)
{
	struct mt_point pt = mt_point(p);
	struct mt_solution s;
	if (!pt.extensive)
		return meaningless(value, GSL_SUCCESS);
	int status = hierarchical_branch(average, &pt, pt.n, &s);
	if (status == GSL_ENOMEM)
		return status;
	*value = status == GSL_SUCCESS && s.x[pt.n - 1] > 1e-6 ? squash(s.eigenvalue[0]) : -1;
	return GSL_SUCCESS;
}

const struct transition mt_lines[] = {
	{"ergodic", "onset of order from the ergodic phase, T = 1 at finite K", .event = ergodic},
	{"pure", "T_pure(d): the pure state is stable above", .event = level_2},
	{"level_3", "cascade: a third pattern joins the hierarchical state below", .event = level_3},
	{"level_4", "cascade: a fourth pattern joins the hierarchical state below", .event = level_4},
	{"level_5", "cascade: a fifth pattern joins the hierarchical state below", .event = level_5},
	{"level_6", "cascade: a sixth pattern joins the hierarchical state below", .event = level_6},
	{"level_7", "cascade: a seventh pattern joins the hierarchical state below", .event = level_7},
	{"level_8", "cascade: an eighth pattern joins the hierarchical state below", .event = level_8},
	{"hierarchical", "the hierarchical state stops being the lowest (T = 0: d_th)", .event = hierarchical,
         .jump = hierarchical_jump},
	{"hierarchical_stability", "end of the hierarchical state (T = 0: d_c)",
         .event = hierarchical_stability},
	{"parallel", "the parallel state becomes the lowest", .event = parallel, .jump = parallel_jump},
	{"parallel_stability", "the parallel state becomes stable (T_sym; T = 0: rho_sym)",
         .event = parallel_stability},
	{"learning_hierarchical", "m_1/(1-d) = erf(1/sqrt 2) on the hierarchical branch",
         .event = learning_hierarchical},
	{"learning_parallel", "m/(1-d) = erf(1/sqrt 2) on the parallel branch", .event = learning_parallel},
	{"one_step_hierarchical",
         "m_1/(1-d) = erf(1/sqrt 2) after one step at T = 0 from the hierarchical state",
         .event = one_step_hierarchical},
	{"one_step_parallel", "m_1/(1-d) = erf(1/sqrt 2) after one step at T = 0 from the parallel state",
         .event = one_step_parallel},
	{"snr_hierarchical", "signal = noise after one step at T = 0 from the hierarchical state",
         .event = snr_hierarchical},
	{"snr_parallel", "signal = noise after one step at T = 0 from the parallel state",
         .event = snr_parallel},
	{"retrieval", "extensive load: all condensed patterns can be retrieved", .event = retrieval},
	{0},
};
