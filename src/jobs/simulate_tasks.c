/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/simulate_tasks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/jobs/cost.h"

int simulate_fault(const struct simulation *s, const struct fault *fault, struct err *err)
{
	return deck_fault_of(s->grid->deck, "simulate", fault, err);
}

static void read_protocol(struct protocol *p, const struct deck *deck)
{
	*p = (struct protocol){.network = deck->network,
	                       .dynamics = (enum dynamics)deck_word(deck, "simulate.dynamics"),
	                       .order = (enum order)deck_word(deck, "simulate.order"),
	                       .start = (enum start)deck_word(deck, "simulate.start"),
	                       .corruption = deck_real(deck, "simulate.corruption"),
	                       .replicas = (int)deck_integer(deck, "simulate.replicas"),
	                       .burn_in = (uint64_t)deck_integer(deck, "simulate.burn_in"),
	                       .sweeps = (uint64_t)deck_integer(deck, "simulate.sweeps"),
	                       .damping = deck_real(deck, "simulate.damping"),
	                       .tolerance = deck_real(deck, "simulate.tolerance"),
	                       .seed = (uint64_t)deck_integer(deck, "simulate.seed"),
	                       .diagonal = deck_word(deck, "model.diagonal"),
	                       .stratified = deck_word(deck, "model.patterns"),
	                       .histogram = (int)deck_integer(deck, "simulate.histogram"),
	                       .curve = (int)deck_integer(deck, "simulate.curve"),
	                       .configurations = deck_word(deck, "simulate.configurations"),
	                       .magnetisations = deck_word(deck, "simulate.magnetisations"),
	                       .kernel = deck_text(deck, "run.kernel")};
}

static bool given(const struct deck *deck, const char *key)
{
	return deck->value[key_find(NULL, key)].origin != BY_DEFAULT;
}

static int refuse(const struct deck *deck, const char *key, struct err *err, const char *why)
{
	return deck_fault(deck, key_find(NULL, key), err, "%s", why);
}

/* The tensor is itself a kernel, so run.kernel has no effect.  Plefka's fields replace those that a kernel
 * computes. */
static int read_field(struct protocol *p, const struct deck *deck, struct err *err)
{
	int field = deck_word(deck, "simulate.field");

	if (field != KEY_FIELD_PLEFKA && given(deck, "simulate.plefka_order"))
		return refuse(deck, "simulate.plefka_order", err, "only with field: plefka");
	if (field == KEY_FIELD_PLEFKA) {
		p->plefka = (int)deck_integer(deck, "simulate.plefka_order");
		if (p->dynamics != DYNAMICS_PARALLEL && p->dynamics != DYNAMICS_TAP)
			return refuse(deck, "simulate.field", err,
			              "plefka moves all magnetisations at once: it needs dynamics: parallel "
			              "or tap");
	}
	if (field == KEY_FIELD_TENSOR) {
		if (strcmp(p->kernel, "auto") != 0)
			return refuse(deck, "run.kernel", err, "field: tensor has no kernels to choose from");
		p->kernel = "tensor";
	}
	return 0;
}

/* Rejects keys that have no effect with these dynamics. */
static int check_idle(const struct protocol *p, const struct deck *deck, struct err *err)
{
	if (p->start != START_CORRUPTED && given(deck, "simulate.corruption"))
		return refuse(deck, "simulate.corruption", err, "only with start: corrupted");
	if ((p->dynamics == DYNAMICS_PARALLEL || p->dynamics == DYNAMICS_TAP) && p->order != SEQUENTIAL)
		return refuse(deck, "simulate.order", err,
		              "dynamics: parallel and tap move all sites at once, in no order");
	if ((uint64_t)p->curve > p->burn_in + p->sweeps + 1)
		return refuse(deck, "simulate.curve", err,
		              "longer than the run: the start, burn_in and sweeps");
	return 0;
}

/* Patterns can have blank entries if the network has a parameter for their probability and the deck gives
 * it. */
static bool is_diluted(const struct deck *deck)
{
	const struct parameter *p = network_sampled(deck->network);
	char name[64];

	snprintf(name, sizeof name, "model.%s", p ? p->name : "");
	return p && deck_has(deck, name);
}

/* TAP has no chains: rejects their keys, and repeated starts that would all be the same. */
static int read_tap(struct protocol *p, const struct deck *deck, struct err *err)
{
	static const char *const of_tap[] = {"simulate.damping", "simulate.tolerance"},
				 *const of_chains[] = {"simulate.burn_in", "simulate.histogram",
	                                               "simulate.curve"};
	bool tap = p->dynamics == DYNAMICS_TAP;

	for (int i = 0; i < 2; i++)
		if (!tap && given(deck, of_tap[i]))
			return refuse(deck, of_tap[i], err, "only with dynamics: tap");
	if (!tap)
		return 0;
	if (!p->plefka)
		return refuse(deck, "simulate.dynamics", err,
		              "tap iterates magnetisations: it needs field: plefka");
	for (int i = 0; i < 3; i++)
		if (given(deck, of_chains[i]))
			return refuse(deck, of_chains[i], err, "dynamics: tap has no sweeps to measure");
	if (p->configurations)
		return refuse(deck, "simulate.configurations", err,
		              "dynamics: tap has no spins; magnetisations: true keeps the m_i");
	p->burn_in = 0;
	if (is_diluted(deck) || (p->start != START_ARCHETYPE && p->start != START_EXAMPLE))
		return 0; /* blank sites of the start are drawn */
	if (p->replicas > 1 && given(deck, "simulate.replicas"))
		return refuse(deck, "simulate.replicas", err,
		              "dynamics: tap: all starts would be the same; start: random or corrupted makes "
		              "different ones");
	p->replicas = 1;
	return 0;
}

static int read_data(struct simulation *s, const struct deck *deck, struct err *err)
{
	const char *path = deck_text(deck, "model.data");
	struct fault fault;

	if (!path)
		return 0;
	if (npy_read(&s->data, path, &fault) != 0)
		return simulate_fault(s, &fault, err);
	s->protocol.data = &s->data;
	s->fixed = deck_word(deck, "model.learning") == STORAGE || s->data.dims == 3;
	return 0;
}

/* With data that leave nothing to draw there is one sample. */
static int count_samples(struct simulation *s, const struct deck *deck, struct err *err)
{
	int key = key_find(NULL, "simulate.samples");
	s->samples = (size_t)deck_integer(deck, "simulate.samples");
	if (s->fixed && s->samples > 1 && deck->value[key].origin != BY_DEFAULT)
		return deck_fault(deck, key, err, "must be 1: these data leave nothing to draw");
	if (s->fixed)
		s->samples = 1;
	return 0;
}

static void count_tasks(struct simulation *s)
{
	const struct grid *grid = s->grid;
	bool ladder =
		s->protocol.dynamics == DYNAMICS_TEMPERING || s->protocol.dynamics == DYNAMICS_ANNEALING;
	s->points = s->stride = 1;
	for (int a = 0; a < grid->axes && ladder; a++) {
		if (strcmp(grid->axis[a].name, "T") != 0)
			continue;
		s->points = grid->axis[a].count;
		for (int b = a + 1; b < grid->axes; b++)
			s->stride *= grid->axis[b].count;
	}
	s->sets = grid->points / s->points;
	s->tasks = s->sets * s->samples;
}

size_t simulate_point(const struct simulation *s, size_t task, size_t k)
{
	size_t set = task / s->samples;
	return (set / s->stride * s->points + k) * s->stride + set % s->stride;
}

void simulate_task(struct task *task, struct params *p, const struct simulation *s, size_t number)
{
	for (size_t k = 0; k < s->points; k++)
		grid_params(&p[k], s->grid, simulate_point(s, number, k));
	*task = (struct task){.p = p, .points = (int)s->points, .sample = number % s->samples};
}

static void note_kernel(struct simulation *s, const char *name)
{
	size_t n = strlen(s->kernels), length = strlen(name);
	for (const char *at = s->kernels; (at = strstr(at, name)); at += length)
		if ((at == s->kernels || at[-1] == ' ') && (at[length] == '\0' || at[length] == ','))
			return;
	snprintf(s->kernels + n, sizeof s->kernels - n, "%s%s", n ? ", " : "", name);
}

/* Finds the shape of all results, which is that of the largest. */
static void measure_results(struct simulation *s, struct params *p)
{
	struct task task;
	s->protocol.patterns = 1;
	for (size_t set = 0; set < s->sets; set++) {
		simulate_task(&task, p, s, set * s->samples);
		int patterns = task_condensed(&s->protocol, p);
		if (patterns > s->protocol.patterns)
			s->protocol.patterns = patterns;
		if (p->N > s->protocol.spins && p->N <= 1e9)
			s->protocol.spins = (int)p->N;
	}
	s->shape = task_shape(&s->protocol);
	s->width = record_width(&s->shape);
}

static int check_sets(struct simulation *s, struct params *p, struct err *err)
{
	struct task task;
	struct fault fault = {.key = "network"};
	const char *kernel;
	double bytes;

	for (size_t set = 0; set < s->sets; set++) {
		simulate_task(&task, p, s, set * s->samples);
		if (task_check(&s->protocol, &task, &bytes, &s->work[set], &kernel, &fault) != 0)
			return simulate_fault(s, &fault, err);
		note_kernel(s, kernel);
		s->all_work += s->work[set] * (double)s->samples;
		s->bytes = fmax(s->bytes, bytes);
		s->rows = fmax(s->rows, task_rows_bytes(&s->protocol, &task));
		if (s->work[set] > s->work[s->largest])
			s->largest = set;
	}
	return 0;
}

int simulate_init(struct simulation *s, const struct grid *grid, struct err *err)
{
	const struct deck *deck = grid->deck;
	struct params *p = NULL;

	*s = (struct simulation){.grid = grid};
	read_protocol(&s->protocol, deck);
	if (!deck_has(deck, "sweep.N"))
		return deck_fault(deck, key_find(NULL, "sweep.N"), err,
		                  "missing; a simulation needs the number of spins N");
	if (read_field(&s->protocol, deck, err) || check_idle(&s->protocol, deck, err) ||
	    read_tap(&s->protocol, deck, err) || read_data(s, deck, err) || count_samples(s, deck, err))
		return err->code;
	count_tasks(s);
	if (s->protocol.dynamics == DYNAMICS_TEMPERING && s->points < 2)
		return refuse(deck, "sweep.T", err,
		              "dynamics: tempering needs a ladder, two temperatures at least");
	s->work = calloc(s->sets, sizeof *s->work);
	p = calloc(s->points, sizeof *p);
	if (!s->work || !p)
		err_set(err, EXIT_FAILED, "out of memory for %zu points", grid->points);
	if (err->code == 0) {
		measure_results(s, p);
		check_sets(s, p, err);
	}
	free(p);
	return err->code;
}

void simulate_free(struct simulation *s)
{
	free(s->work);
	s->work = NULL;
	if (s->protocol.data)
		npy_free(&s->data);
	s->protocol.data = NULL;
}

double simulate_results_bytes(const struct simulation *s)
{
	return 8.0 * (double)s->width * (double)s->grid->points * (double)s->samples;
}

int simulate_check_memory(const struct simulation *s, int ranks, int samples, struct err *err)
{
	const double machine = cost_machine_bytes();
	double need = ranks * (s->bytes - s->rows) + samples * s->rows +
	              2 * simulate_results_bytes(s); /* the results, and columns made of them */
	const struct deck *deck = s->grid->deck;

	if (need <= machine)
		return 0;
	return err_set(err, EXIT_FAILED,
	               "%s%sthe simulation needs %.3g GB on this machine (%d rank%s of %.3g GB, %d sample%s "
	               "of %.3g GB, and "
	               "%.3g GB of results), which has %.3g GB",
	               deck->path ? deck->path : "", deck->path ? ": " : "", need / 1e9, ranks,
	               ranks > 1 ? "s" : "", (s->bytes - s->rows) / 1e9, samples, samples > 1 ? "s" : "",
	               s->rows / 1e9, 2 * simulate_results_bytes(s) / 1e9, machine / 1e9);
}
