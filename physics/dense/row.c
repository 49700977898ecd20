/* The branches of the dense network along a row of points, and the phase: THEORY.md §4, §5.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/row.h"
#include "physics/dense/loads.h"
#include "physics/numerics/newton.h"
#include "physics/dense/one_step.h"
#include "physics/dense/signal_to_noise.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------- what is reported */

enum branch { RETRIEVAL, GLASS, ERGODIC, LOW, EXAMPLE, RETRIEVAL_1RSB, GLASS_1RSB, BRANCHES };

static const char *const branch_names[] = {"retrieval", "glass",          "ergodic",   "low",
                                           "example",   "retrieval_1rsb", "glass_1rsb"};

enum { OF_EXAMPLES = PER_GROUP, OF_ONE_STEP = 2 * PER_GROUP, OF_SIGNAL = 4 * PER_GROUP };

enum column {
	M_,
	N_,
	Q_,
	C_,
	FREE_ENERGY,
	ENERGY,
	STABILITY,
	RESIDUAL,
	ITERATIONS,
	STATUS,
	PHASE,
	N_EXAMPLE,
	N_OTHERS,
	EXAMPLE_STABILITY,
	Q0_,
	Q1_,
	X_,
	MU_,
	COMPLEXITY,
	M_ONE_STEP,
	M_ONE_STEP_LARGE,
	NEEDED,
	NEEDED_LARGE
};

enum phase { PHASE_RETRIEVAL, PHASE_GLASS, PHASE_ERGODIC, PHASE_UNKNOWN, PHASE_LOW, PHASE_EXAMPLE };
static const char *const phase_names[] = {
	[PHASE_RETRIEVAL] = "retrieval", [PHASE_GLASS] = "glass", [PHASE_ERGODIC] = "ergodic",
	[PHASE_UNKNOWN] = "unknown",     [PHASE_LOW] = "low",     [PHASE_EXAMPLE] = "example",
	NULL};
static const enum phase_kind phase_kinds[] = {
	[PHASE_RETRIEVAL] = KIND_RETRIEVAL, [PHASE_GLASS] = KIND_GLASS,   [PHASE_ERGODIC] = KIND_ERGODIC,
	[PHASE_LOW] = KIND_RETRIEVAL,       [PHASE_EXAMPLE] = KIND_RETRIEVAL};

/* clang-format off */
const struct quantity dense_quantities[] = {
	[M_] = {"m", "m", "Mattis magnetisation <s xi> of the archetype", REAL, PER_BRANCH, ROLE_OVERLAP},
	[N_] = {"n", "n", "overlap <s chi> with the normalised mean of the examples",
	 REAL, PER_BRANCH, ROLE_SIGNAL},
	[Q_] = {"q", "q", "Edwards-Anderson overlap (one-step branches: q1)",
	 REAL, PER_BRANCH, ROLE_SPIN_GLASS},
	[C_] = {"C", "C", "susceptibility (1 - q)/T, its limit at T = 0", REAL, PER_BRANCH},
	[FREE_ENERGY] = {"free_energy", "f", "free energy per spin -T ln Z/N, in the deck's T",
	 REAL, PER_BRANCH, ROLE_FREE_ENERGY},
	[ENERGY] = {"energy", "u", "energy per spin (P!/2) <H>/N: free_energy + T entropy",
	 REAL, PER_BRANCH, ROLE_ENERGY},
	[STABILITY] = {"stability", NULL,
	 "left side of the condition against (further) replica symmetry breaking; stable below 1",
	 REAL, PER_BRANCH, ROLE_STABILITY, .stable = STABLE_BELOW, .threshold = 1},
	[RESIDUAL] = {"residual", NULL, "largest |map(x) - x| of the self-consistency equations",
	 REAL, PER_BRANCH, ROLE_RESIDUAL},
	[ITERATIONS] = {"iterations", NULL, "evaluations of the equations",
	 COUNT, PER_BRANCH, ROLE_ITERATIONS},
	[STATUS] = {"status", NULL, "what became of the solution",
	 FLAG, PER_BRANCH, ROLE_STATUS, status_flags},
	[PHASE] = {"phase", NULL, "thermodynamic phase: the branch that wins",
	 FLAG, 0, ROLE_PHASE, phase_names, phase_kinds},
	[N_EXAMPLE] = {"n_example", "n_1",
	 "overlap with the example that is singled out, in the units of n (branch example)",
	 REAL, PER_BRANCH | OF_EXAMPLES},
	[N_OTHERS] = {"n_others", NULL, "overlap with each of the other examples, in the units of n",
	 REAL, PER_BRANCH | OF_EXAMPLES},
	[EXAMPLE_STABILITY] = {"example_stability", NULL,
	 "left side of the condition that equal examples stay equal (branch example: the others); stable "
	 "below 1",
	 REAL, PER_BRANCH | OF_EXAMPLES},
	[Q0_] = {"q0", "q_0", "overlap of replicas in different groups (states)",
	 REAL, PER_BRANCH | OF_ONE_STEP},
	[Q1_] = {"q1", "q_1", "overlap of replicas in one group (state)", REAL, PER_BRANCH | OF_ONE_STEP},
	[X_] = {"x", "x", "breaking parameter, 0 at T = 0", REAL, PER_BRANCH | OF_ONE_STEP},
	[MU_] = {"mu", "\\mu", "breaking parameter over temperature x/T, its limit at T = 0",
	 REAL, PER_BRANCH | OF_ONE_STEP},
	[COMPLEXITY] = {"complexity", "\\Sigma",
	 "logarithm of the number of states over N; 0 where x is extremal", REAL, PER_BRANCH | OF_ONE_STEP},
	[M_ONE_STEP] = {"m_one_step", "m_1",
	 "m after one step of the noiseless dynamics (T = 0) from the archetype", REAL, OF_SIGNAL},
	[M_ONE_STEP_LARGE] = {"m_one_step_gaussian", NULL, "the same by the Gaussian law of many examples",
	 REAL, OF_SIGNAL},
	[NEEDED] = {"examples_needed", NULL,
	 "smallest M with m_one_step > erf(1/sqrt 2), signal = noise, at this r; inf: none suffices",
	 REAL, OF_SIGNAL},
	[NEEDED_LARGE] = {"examples_needed_gaussian", NULL, "the same by the Gaussian law, a real number",
	 REAL, OF_SIGNAL},
	{0}};
/* clang-format on */

/* The branches in the order of the output; returns their number. */
static int reported(const struct params *p, const struct solve_options *options, enum branch list[BRANCHES])
{
	int n = 0;
	list[n++] = RETRIEVAL;
	list[n++] = GLASS;
	list[n++] = ERGODIC;
	if (options->own[DENSE_LOW])
		list[n++] = LOW;
	if (p->learning == UNSUPERVISED)
		list[n++] = EXAMPLE;
	if (options->own[DENSE_RSB]) {
		list[n++] = RETRIEVAL_1RSB;
		list[n++] = GLASS_1RSB;
	}
	return n;
}

int dense_branches(const struct params *p, const struct solve_options *options,
                   const char *names[MAX_BRANCHES])
{
	enum branch list[BRANCHES];
	int n = reported(p, options, list);
	for (int i = 0; i < n; i++)
		names[i] = branch_names[list[i]];
	return n;
}

int dense_groups(const struct params *p, const struct solve_options *options)
{
	return (p->learning == UNSUPERVISED ? OF_EXAMPLES : 0) | (options->own[DENSE_RSB] ? OF_ONE_STEP : 0) |
	       (options->own[DENSE_SNR] ? OF_SIGNAL : 0);
}

int dense_check_options(const struct params *p, const struct solve_options *options, struct fault *fault)
{
	static const struct {
		int slot;
		const char *key;
	} without_pair_noise[3] = {{DENSE_RSB, "rsb"}, {DENSE_LOW, "low"}, {DENSE_SNR, "snr"}};
	for (int i = 0; p->own[DENSE_W] > 0 && i < 3; i++)
		if (options->own[without_pair_noise[i].slot])
			return fault_set(fault, without_pair_noise[i].key, "not with noise on the pairs (w)");
	if (options->own[DENSE_RSB] && p->P < 3)
		return fault_set(fault, "rsb",
		                 "one-step replica symmetry breaking is solved for P >= 3 only");
	return 0;
}

/* ---------------------------------------------------------------- along a row */

/* The solutions at the last points of a row, starts for the next, and constants. */
struct trace {
	struct average *average;
	struct dense_fold fold;
	double past[3][2]; /* retrieval solutions at the last points, newest first */
	int length;        /* how many of them */
	struct newton_solution example; /* the last one; zero: none */
	int P;                          /* of the constants below; 0: none yet */
	double T_s, glass_ceiling, glass_s;
	struct rsb *rsb; /* P >= 3: workspace of the one-step glass */
};

static int trace_constants(struct trace *trace, struct average *average, int P)
{
	if (trace->P == P)
		return GSL_SUCCESS;
	trace->P = P;
	trace->T_s = trace->glass_ceiling = trace->glass_s = 0;
	if (P == 2)
		return GSL_SUCCESS;
	trace->glass_ceiling = dense_glass_ceiling(average, P, &trace->glass_s);
	if (!trace->rsb && !(trace->rsb = one_step_alloc()))
		return GSL_ENOMEM;
	return one_step_glass_transitions(P, NULL, &trace->T_s, NULL, NULL);
}

/* The extrapolation of the last solutions to this point. */
static void trace_predict(const struct trace *trace, double *x)
{
	for (int k = 0; k < 2; k++) {
		double a = trace->past[0][k], b = trace->past[1][k], c = trace->past[2][k];
		x[k] = trace->length == 1 ? a : trace->length == 2 ? 2 * a - b : 3 * a - 3 * b + c;
	}
}

static void trace_record(struct trace *trace, enum status status, const double *x)
{
	if (status != CONVERGED || !isfinite(x[1])) {
		trace->length = 0;
		return;
	}
	memmove(trace->past[1], trace->past[0], sizeof trace->past - sizeof trace->past[0]);
	memcpy(trace->past[0], x, sizeof trace->past[0]);
	if (trace->length < 3)
		trace->length++;
}

static enum status follow_retrieval(struct trace *trace, struct average *average, const struct params *p,
                                    double tolerance, struct newton_solution *s)
{
	double guess[2];
	if (trace->length > 0 && !(p->T == 0 && p->gamma == 0 && p->own[DENSE_OMEGA] == 0)) {
		trace_predict(trace, guess);
		*s = (struct newton_solution){.x = {guess[0], guess[1]}};
		if (newton_solve(s, &dense_equations, average, p, tolerance, 8) == GSL_SUCCESS &&
		    dense_rising(s) &&
		    fabs(s->x[0] - guess[0]) < 0.02 + 2 * fabs(guess[0] - trace->past[0][0])) {
			trace_record(trace, CONVERGED, s->x);
			return CONVERGED;
		}
	}
	enum status status = dense_archetype(average, p, tolerance, &trace->fold, s);
	trace_record(trace, status, s->x);
	return status;
}

static enum status follow_example(struct trace *trace, struct average *average, const struct params *p,
                                  double tolerance, struct newton_solution *s)
{
	*s = trace->example;
	s->iterations = 0;
	enum status status = dense_example(average, p, tolerance, s);
	trace->example = status == CONVERGED && isfinite(s->x[2]) ? *s : (struct newton_solution){0};
	return status;
}

/* ---------------------------------------------------------------- a point */

struct solution {
	enum status status;
	double f; /* free energy; NaN: none to be compared */
};

static double *real(const struct row *row, enum column column, size_t index)
{
	return (double *)row->column[column] + index;
}

static void put(struct row *row, size_t index, const struct dense_report *r, double residual)
{
	*real(row, M_, index) = r->m;
	*real(row, N_, index) = r->n;
	*real(row, Q_, index) = r->q;
	*real(row, C_, index) = r->C;
	*real(row, FREE_ENERGY, index) = r->free_energy;
	*real(row, ENERGY, index) = r->energy;
	*real(row, STABILITY, index) = r->stability;
	*real(row, RESIDUAL, index) = residual;
}

/* The overlaps with single examples and their stability, of a solution with n > 0. */
static int put_examples(struct row *row, size_t index, struct average *average, const struct params *p,
                        const struct newton_solution *s, int one)
{
	const double x[3] = {s->x[0], one ? s->x[1] : s->x[0], one ? s->x[2] : s->x[1]};
	*real(row, N_EXAMPLE, index) = x[0];
	*real(row, N_OTHERS, index) = x[1];
	return isfinite(x[2])
	               ? dense_example_stability(average, p, x, one, real(row, EXAMPLE_STABILITY, index))
	               : GSL_SUCCESS;
}

static int fill(struct row *row, size_t index, struct average *average, const struct params *p,
                enum branch branch, struct solution *solution, const struct newton_solution *s)
{
	struct dense_report r;
	solution->f = NAN;
	((int32_t *)row->column[ITERATIONS])[index] = s->iterations;
	((int8_t *)row->column[STATUS])[index] = (int8_t)solution->status;
	if (solution->status != CONVERGED)
		return GSL_SUCCESS;
	int code = branch == EXAMPLE ? dense_example_report(average, p, s->x, &r)
	                             : dense_report(average, p, s->x, &r);
	if (code != GSL_SUCCESS)
		return code;
	put(row, index, &r, s->residual);
	/* Like that of the replica-symmetric glass, the f of an unstable low state is too low. */
	solution->f = branch == LOW && !(r.stability < 1) ? NAN : r.free_energy;
	if ((row->groups & OF_EXAMPLES) && s->x[0] > 0)
		code = put_examples(row, index, average, p, s, branch == EXAMPLE);
	return code;
}

static enum status solve(struct trace *trace, struct average *average, const struct params *p,
                         enum branch branch, double tolerance, struct newton_solution *s)
{
	*s = (struct newton_solution){0};
	switch (branch) {
	case RETRIEVAL:
		return follow_retrieval(trace, average, p, tolerance, s);
	case GLASS:
		return dense_rs_glass(average, p, trace->glass_ceiling, trace->glass_s, tolerance, s);
	case ERGODIC:
		return dense_ergodic(p, s);
	case LOW:
		return dense_low(average, p, tolerance, s);
	case EXAMPLE:
		return follow_example(trace, average, p, tolerance, s);
	default:
		return NONE;
	}
}

/* ---------------------------------------------------------------- one step of breaking */

/* The glass, in the deck's units of energy. */
static enum status glass_1rsb(struct trace *trace, const struct params *p, struct one_step_solution *s)
{
	const struct dense_noise noise = dense_noise(p);
	const double unit = sqrt(dense_load(&noise));
	if (unit == 0)
		return NONE;
	if (one_step_glass(trace->rsb, s, p->P, p->T / unit) != GSL_SUCCESS)
		return NOT_CONVERGED;
	s->free_energy *= unit;
	s->energy *= unit;
	s->mu /= unit;
	s->C /= unit;
	return s->status;
}

static void fill_1rsb(struct row *row, size_t index, struct trace *trace, struct average *average,
                      const struct params *p, enum branch branch, double tolerance, struct solution *solution)
{
	struct one_step_solution s = {.iterations = 0};
	enum status status = branch == GLASS_1RSB ? glass_1rsb(trace, p, &s) : dense_rsb(average, p, &s);
	if (status == CONVERGED && !(s.residual <= tolerance))
		status = NOT_CONVERGED;
	*solution = (struct solution){status, status == CONVERGED ? s.free_energy : NAN};
	((int32_t *)row->column[ITERATIONS])[index] = s.iterations;
	((int8_t *)row->column[STATUS])[index] = (int8_t)status;
	if (status != CONVERGED)
		return;
	put(row, index, &(struct dense_report){s.m, s.n, s.q1, s.C, s.free_energy, s.energy, s.gardner},
	    s.residual);
	*real(row, Q0_, index) = s.q0;
	*real(row, Q1_, index) = s.q1;
	*real(row, X_, index) = s.x;
	*real(row, MU_, index) = s.mu;
	*real(row, COMPLEXITY, index) = s.complexity;
}

/* ---------------------------------------------------------------- signal to noise */

/* (S1) to (S5).  The thresholds need r < 1; with noise on the synapses the closed form of unsupervised
 * learning does not hold. */
static void fill_signal(struct row *row, size_t point, const struct params *p)
{
	struct params loaded = *p;
	loaded.learning = SUPERVISED;
	loaded.gamma = snr_load(p);
	loaded.own[DENSE_OMEGA] = loaded.M = 0;
	*real(row, M_ONE_STEP, point) = snr_one_step(p);
	*real(row, M_ONE_STEP_LARGE, point) = snr_one_step(&loaded);
	if (!(p->r < 1))
		return;
	if (p->learning == SUPERVISED)
		snr_threshold_exact(real(row, NEEDED, point), &loaded, M_SQRT1_2);
	else
		snr_threshold_exact(real(row, NEEDED, point), p, M_SQRT1_2);
	if (p->learning == SUPERVISED || p->own[DENSE_OMEGA] == 0)
		snr_threshold_large(real(row, NEEDED_LARGE, point), p->own[DENSE_OMEGA] > 0 ? &loaded : p,
		                    M_SQRT1_2);
}

/* ---------------------------------------------------------------- which phase */

/* Of the states with n > 0, the one of lowest free energy; PHASE_UNKNOWN: none.  A 1RSB retrieval solution
 * replaces the replica-symmetric one. */
static enum phase best_retrieval(const struct solution s[BRANCHES], double *f)
{
	enum phase phase = PHASE_UNKNOWN;
	*f = INFINITY;
	const struct { enum branch branch; enum phase phase;
	} candidate[] = {
		{s[RETRIEVAL_1RSB].status == CONVERGED ? RETRIEVAL_1RSB : RETRIEVAL, PHASE_RETRIEVAL},
		{LOW, PHASE_LOW},
		{EXAMPLE, PHASE_EXAMPLE}};
	for (size_t i = 0; i < sizeof candidate / sizeof *candidate; i++)
		if (s[candidate[i].branch].f < *f) {
			*f = s[candidate[i].branch].f;
			phase = candidate[i].phase;
		}
	return phase;
}

/* The same with noise on the pairs, where the glass is not solved: retrieval is the phase if its f is below
 * the lower bound of the glass. */
static enum phase competitor_with_pair_noise(const struct trace *trace, const struct params *p,
                                             double f_retrieval, double *f)
{
	if (dense_pairs_ergodic(trace->average, p))
		return PHASE_ERGODIC;
	*f = dense_pairs_bound(trace->average, p);
	if (!(f_retrieval < *f) && (f_retrieval < INFINITY || dense_kappa(p) > 0))
		*f = NAN;
	return PHASE_GLASS;
}

/* Returns the competing state without retrieval, and its free energy; NaN: none, or it could not be
 * solved.  P = 2: the glass where there is one, else the ergodic solution.  P >= 3: the paramagnet down to
 * T_s sqrt(gamma) only, below it the one-step glass; a lower bound of it suffices if it exceeds
 * f_retrieval. */
static enum phase competitor(const struct trace *trace, const struct params *p,
                             const struct solution s[BRANCHES], double f_retrieval, double *f)
{
	*f = s[ERGODIC].f;
	if (p->own[DENSE_W] > 0)
		return competitor_with_pair_noise(trace, p, f_retrieval, f);
	if (p->P == 2) {
		if (s[GLASS].status == NONE)
			return PHASE_ERGODIC;
		*f = s[GLASS].f;
		return PHASE_GLASS;
	}
	const struct dense_noise noise = dense_noise(p);
	const double unit = sqrt(dense_load(&noise)), T_s = trace->T_s * unit;
	struct one_step_solution glass;
	if (!(unit > 0 && p->T < T_s))
		return PHASE_ERGODIC;
	/* The glass has positive entropy: its f lies above that at T_s, where it is the paramagnet's. */
	*f = -T_s * M_LN2 - unit * unit / (4 * T_s);
	if (f_retrieval < *f || f_retrieval == INFINITY)
		return PHASE_GLASS;
	*f = one_step_glass(trace->rsb, &glass, p->P, p->T / unit) == GSL_SUCCESS && glass.status == CONVERGED
	             ? unit * glass.free_energy
	             : NAN;
	return PHASE_GLASS;
}

/* THEORY.md §5: the lower free energy, of retrieval or of its competitor. */
static enum phase phase_of(const struct trace *trace, const struct params *p,
                           const struct solution s[BRANCHES])
{
	double f_retrieval, f_other;
	enum phase retrieval = best_retrieval(s, &f_retrieval),
		   other = competitor(trace, p, s, f_retrieval, &f_other);
	for (enum branch b = 0; b < BRANCHES; b++)
		if (s[b].status == NOT_CONVERGED && !(p->P > 2 && b == GLASS))
			return PHASE_UNKNOWN;
	if (retrieval != PHASE_UNKNOWN && !(f_retrieval > f_other))
		/* else gamma = T = 0 */
		return isnan(f_other) && other == PHASE_GLASS ? PHASE_UNKNOWN : retrieval;
	return isnan(f_other) ? PHASE_UNKNOWN : other;
}

int dense_solve_row(struct average *average, const struct params *p, const struct solve_options *options,
                    const struct tick *tick, struct row *row)
{
	struct trace trace = {.average = average};
	enum branch list[BRANCHES];
	int code = GSL_SUCCESS, branches = row->points > 0 ? reported(p, options, list) : 0;
	/* points between two calls of tick */
	const int interval = options->own[DENSE_RSB] || options->own[DENSE_SNR] ? 1 : branches > 3 ? 16 : 512;
	for (int i = 0; i < row->points && code == GSL_SUCCESS; i++) {
		struct solution solution[BRANCHES];
		for (enum branch b = 0; b < BRANCHES; b++)
			solution[b] = (struct solution){NONE, NAN};
		code = trace_constants(&trace, average, p[i].P);
		for (int k = 0; k < branches && code == GSL_SUCCESS; k++) {
			struct newton_solution s;
			enum branch b = list[k];
			size_t index = (size_t)(i * branches + k);
			if (b == RETRIEVAL_1RSB || b == GLASS_1RSB) {
				fill_1rsb(row, index, &trace, average, &p[i], b, options->tolerance,
				          &solution[b]);
				continue;
			}
			solution[b].status = solve(&trace, average, &p[i], b, options->tolerance, &s);
			code = fill(row, index, average, &p[i], b, &solution[b], &s);
		}
		if (row->groups & OF_SIGNAL)
			fill_signal(row, (size_t)i, &p[i]);
		if (code == GSL_SUCCESS)
			((int8_t *)row->column[PHASE])[i] = (int8_t)phase_of(&trace, &p[i], solution);
		if (i % interval == interval - 1 && tick_poll(tick))
			code = GSL_EFAILED;
	}
	one_step_free(trace.rsb);
	return code;
}
