/* The comparison as columns of the output and as a table; the contract is in compare.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/compare.h"

#include <math.h>
#include <string.h>

#include "src/file/dataset_table.h"
#include "src/jobs/table.h"

const char *const compare_mark_names[] = {"compared",  "not_simulated", "not_equilibrated",
                                          "no_theory", "not_exact",     "escaped",
                                          "near_line", "frozen",        NULL};

static const char *const no_yes[] = {"no", "yes", NULL};

enum { MOST_PATTERNS = 4 }; /* printed */

/* The axes of the grid but that of N, as dimensions of a column. */
static void limit_dims(char dims[256], const struct comparison *c)
{
	size_t n = 0;
	dims[0] = '\0';
	for (int a = 0; a < c->grid->axes && n < 256; a++)
		if (a != c->N_axis)
			n += (size_t)snprintf(dims + n, 256 - n, "%s ", c->grid->axis[a].name);
}

/* ---------------------------------------------------------------- the output */

static void add(struct dataset *dataset, const struct variable *v, const struct column *column)
{
	char dims[256 + 16];
	struct column full = *column;
	snprintf(dims, sizeof dims, "%s%s", column->dims ? column->dims : "*",
	         v->width > 1 ? " pattern" : "");
	full.name = v->text.name;
	full.dims = dims;
	if (!column->suffix) {
		full.symbol = v->text.symbol;
		full.role = role_name(v->role);
	}
	dataset_add(dataset, &full);
}

static void report_points(struct dataset *dataset, const struct comparison *c)
{
	for (const struct variable *v = c->variable; v < c->variable + c->variables; v++) {
		add(dataset, v, COLUMN(.long_name = v->text.long_name, .data = v->mean));
		add(dataset, v,
		    COLUMN(.suffix = "_error", .data = v->error,
		           .long_name = "standard error over samples; degrees of freedom: samples used - 1"));
	}
	dataset_add(dataset,
	            COLUMN(.name = "mark", .type = DATASET_INT8, .dims = "*", .data = c->mark,
	                   .long_name = "compared: counts in the families; else why not",
	                   .flags = compare_mark_names));
	dataset_add(dataset, COLUMN(.name = "metastable", .type = DATASET_INT8, .dims = "*",
	                            .data = c->metastable,
	                            .long_name = "the state is not the one of lowest free energy: a family "
	                                         "of its own",
	                            .flags = no_yes));
	for (const struct variable *v = c->variable; v < c->variable + c->variables; v++) {
		add(dataset, v,
		    COLUMN(.group = "/theory", .data = v->theory,
		           .long_name =
		                   "theory of that state, at (T/c_N, gamma/c_N) where N spins have a c_N"));
		add(dataset, v,
		    COLUMN(.group = "/theory", .suffix = "_z", .data = v->z,
		           .long_name = "(simulation - theory)/error as an equivalent normal deviate"));
	}
	dataset_add(dataset,
	            COLUMN(.group = "/theory", .name = "branch", .type = DATASET_INT8, .dims = "*",
	                   .data = c->branch,
	                   .long_name = "index of the state among the solutions as mattis solve lists them; "
	                                "-1: none"));
}

static void report_limits(struct dataset *dataset, const struct comparison *c)
{
	static const char *const suffix[] = {NULL, "_error", "_slope", "_z", "_curved_p"};
	static const char *const long_name[] = {
		"simulation at N = infinity: theory + what a line in 1/N through simulation - theory leaves",
		"standard error over samples", "of simulation - theory in 1/N",
		"(simulation - theory)/error at N = infinity, as a normal deviate",
		"probability of larger deviations from a line; 1 for two sizes"};
	char dims[256];

	limit_dims(dims, c);
	for (const struct variable *v = c->variable; v < c->variable + c->variables; v++) {
		const double *const data[] = {v->extrapolated, v->extrapolated_error, v->slope,
		                              v->extrapolated_z, v->curved_p};
		for (int i = 0; i < 5; i++)
			add(dataset, v,
			    COLUMN(.group = "/extrapolated", .suffix = suffix[i], .dims = dims,
			           .data = data[i], .long_name = long_name[i]));
	}
}

static const char *kind_of(const struct test *t)
{
	return t->extrapolated ? (t->metastable ? "metastable, N = infinity" : "N = infinity")
	                       : (t->metastable ? "metastable" : "points");
}

static void *add_to_families(struct dataset *dataset, const char *name, enum dataset_type type,
                             const void *data, const char *long_name)
{
	return dataset_add(dataset, COLUMN(.group = "/families", .name = name, .type = type, .dims = "family",
	                                   .flags = type == DATASET_INT8 ? no_yes : NULL, .data = data,
	                                   .long_name = long_name));
}

static void report_families(struct dataset *dataset, const struct comparison *c)
{
	const char *variable[MOST_TESTS], *kind[MOST_TESTS];

	if (c->tests == 0)
		return;
	for (int i = 0; i < c->tests; i++) {
		variable[i] = c->variable[c->test[i].variable].text.name;
		kind[i] = kind_of(&c->test[i]);
	}
	dataset_axis_steps(dataset,
	                   COLUMN(.group = "/families", .name = "family",
	                          .long_name = "family of deviations of one observable"),
	                   (size_t)c->tests, 1, 1);
	add_to_families(dataset, "variable", DATASET_STRING, (const void *)variable, "observable");
	add_to_families(dataset, "kind", DATASET_STRING, (const void *)kind, "which points");
	int32_t *entries = add_to_families(dataset, "entries", DATASET_INT32, NULL, "deviations");
	double *chi2 = add_to_families(dataset, "chi_squared", DATASET_DOUBLE, NULL, "sum of their squares");
	double *dof =
		add_to_families(dataset, "degrees", DATASET_DOUBLE, NULL,
	                        "effective number of independent entries: points share their samples");
	double *p = add_to_families(dataset, "probability", DATASET_DOUBLE, NULL,
	                            "of a larger chi-squared, were the theory right");
	int8_t *decisive = add_to_families(dataset, "decisive", DATASET_INT8, NULL,
	                                   "points do not decide where they are extrapolated");
	int8_t *disagrees =
		add_to_families(dataset, "disagrees", DATASET_INT8, NULL,
	                        "probability below false_alarm over the number of decisive families");
	for (int i = 0; disagrees && i < c->tests; i++) {
		const struct test *t = &c->test[i];
		entries[i] = t->family.n;
		chi2[i] = t->family.chi2;
		dof[i] = t->family.dof;
		p[i] = t->family.p;
		decisive[i] = t->decisive;
		disagrees[i] = t->disagrees;
	}
}

void compare_report(struct dataset *dataset, const struct comparison *c)
{
	struct err err = {0};
	int code = compare_report_result(c, &err);
	size_t width = c->variable[c->order].width;

	dataset_attr_string(dataset, "/", "simulation", c->path);
	dataset_attr_string(dataset, "/", "verdict",
	                    code == EXIT_DONE        ? "agrees"
	                    : code == EXIT_DISAGREES ? "disagrees"
	                                             : "nothing compared");
	dataset_attr_double(dataset, "/", "false_alarm", COMPARE_FALSE_ALARM);
	dataset_grid(dataset, c->grid);
	if (width > 1)
		dataset_axis_steps(
			dataset,
			COLUMN(.name = "pattern", .long_name = "pattern, by the size of its overlap"), width,
			1, 1);
	report_points(dataset, c);
	if (c->N_axis >= 0)
		report_limits(dataset, c);
	report_families(dataset, c);
}

/* ---------------------------------------------------------------- stdout */

static size_t printed_patterns(const struct variable *v)
{
	return v->width < MOST_PATTERNS ? v->width : MOST_PATTERNS;
}

static void mark_text(char text[DATASET_TEXT], const void *context, size_t point)
{
	const struct comparison *c = context;
	const bool metastable = c->metastable[point], compared = c->mark[point] == MARK_COMPARED;
	snprintf(text, DATASET_TEXT, "%s%s",
	         metastable && compared ? "metastable" : compare_mark_names[c->mark[point]],
	         metastable && !compared ? "*" : "");
}

static struct dataset_cell cell(const char *column, const char *head, int width, const char *format,
                                size_t pattern)
{
	return (struct dataset_cell){
		.column = column, .head = head, .width = width, .format = format, .index = pattern};
}

static void print_points(FILE *f, const struct dataset *dataset, const struct comparison *c)
{
	struct dataset_cell cells[1 + 3 * MOST_PATTERNS * MOST_VARIABLES] = {
		{.head = "mark", .width = -16, .text = mark_text}};
	char path[MOST_VARIABLES][3][80];
	size_t n = 1;

	for (int i = 0; i < c->variables; i++) {
		const char *name = c->variable[i].text.name;
		snprintf(path[i][0], sizeof path[i][0], "%s_error", name);
		snprintf(path[i][1], sizeof path[i][1], "/theory/%s", name);
		snprintf(path[i][2], sizeof path[i][2], "/theory/%s_z", name);
		for (size_t k = 0; k < printed_patterns(&c->variable[i]); k++) {
			cells[n] = cell(name, NULL, 15, NULL, k);
			cells[n++].error = path[i][0];
			cells[n++] = cell(path[i][1], "theory", 9, "%.5f", k);
			cells[n++] = cell(path[i][2], "z", 6, "%.2f", k);
		}
	}
	dataset_table_print(f, &(struct dataset_table){dataset, "*", n, cells, c, NULL});
}

/* A variable and pattern whose extrapolations are printed. */
struct limit {
	const struct comparison *c;
	const struct variable *v;
	size_t pattern;
};

static bool has_no_limit(const void *context, size_t group)
{
	const struct limit *l = context;
	return isnan(l->v->extrapolated[group * l->v->width + l->pattern]);
}

static void limit_text(char text[DATASET_TEXT], const void *context, size_t group)
{
	const struct limit *l = context;
	const size_t point = compare_test_largest(l->c, group);
	snprintf(text, DATASET_TEXT, "%.5f", l->v->limit[point * l->v->width + l->pattern]);
}

static void curved_text(char text[DATASET_TEXT], const void *context, size_t group)
{
	const struct limit *l = context;
	const double p = l->v->curved_p[group * l->v->width + l->pattern];
	snprintf(text, DATASET_TEXT, "%.3g%s", p, p < COMPARE_FALSE_ALARM ? " curved" : "");
}

static void print_limit(FILE *f, const struct dataset *dataset, const struct limit *limit)
{
	static const char *const suffix[] = {"", "_error", "_z", "_slope"};
	const struct axis *axis = limit->c->grid->axis;
	struct dataset_cell cells[MAX_AXES + 5];
	char path[4][80], dims[256];
	size_t n = 0, k = limit->pattern;

	for (int i = 0; i < 4; i++)
		snprintf(path[i], sizeof path[i], "/extrapolated/%s%s", limit->v->text.name, suffix[i]);
	limit_dims(dims, limit->c);
	for (int a = 0; a < limit->c->grid->axes; a++)
		if (a != limit->c->N_axis)
			cells[n++] = cell(axis[a].name, NULL, 9, NULL, 0);
	cells[n] = cell(path[0], limit->v->text.name, 15, NULL, k);
	cells[n++].error = path[1];
	cells[n++] = (struct dataset_cell){.head = "theory", .width = 9, .text = limit_text};
	cells[n++] = cell(path[2], "z", 6, "%.2f", k);
	cells[n++] = cell(path[3], "slope", 10, "%.3g", k);
	cells[n++] = (struct dataset_cell){.head = "p(line)", .width = 9, .text = curved_text};
	dataset_table_print(f, &(struct dataset_table){dataset, dims, n, cells, limit, has_no_limit});
}

static void print_limits(FILE *f, const struct dataset *dataset, const struct comparison *c)
{
	fprintf(f, "# extrapolated to N = infinity by a line in 1/N through simulation - theory\n");
	for (int i = 0; i < c->variables; i++)
		for (size_t k = 0; k < printed_patterns(&c->variable[i]); k++)
			print_limit(f, dataset, &(struct limit){c, &c->variable[i], k});
}

static void print_marks(FILE *f, const struct comparison *c)
{
	size_t count[sizeof compare_mark_names / sizeof compare_mark_names[0]] = {0}, metastable = 0;
	for (size_t i = 0; i < c->grid->points; i++) {
		count[c->mark[i]]++;
		metastable += c->metastable[i] != 0;
	}
	fprintf(f, "# points %zu:", c->grid->points);
	for (int k = 0; compare_mark_names[k]; k++)
		if (count[k])
			fprintf(f, " %s %zu", compare_mark_names[k], count[k]);
	if (metastable)
		fprintf(f, "; metastable %zu", metastable);
	fprintf(f, "\n");
}

void compare_report_print(FILE *f, const struct dataset *dataset, const struct comparison *c,
                          const char *path)
{
	table_head(f, c->grid->deck);
	if (c->grid->points <= TABLE_LONGEST)
		print_points(f, dataset, c);
	if (c->N_axis >= 0 && c->groups <= TABLE_LONGEST)
		print_limits(f, dataset, c);
	print_marks(f, c);
	for (int i = 0; i < c->tests; i++) {
		const struct test *t = &c->test[i];
		fprintf(f, "# %s, %s: chi-squared %.4g of %d deviations that count as %.3g, p = %.3g: %s\n",
		        c->variable[t->variable].text.name, kind_of(t), t->family.chi2, t->family.n,
		        t->family.dof, t->family.p,
		        !t->decisive   ? "not decisive"
		        : t->disagrees ? "DISAGREES"
		                       : "agrees");
	}
	if (path)
		fprintf(f, "# all of it in %s\n", path);
}

int compare_report_result(const struct comparison *c, struct err *err)
{
	char list[200] = "";
	size_t n = 0;
	int decisive = 0;

	for (int i = 0; i < c->tests; i++) {
		const struct test *t = &c->test[i];
		decisive += t->decisive;
		if (t->disagrees && n < sizeof list)
			n += (size_t)snprintf(list + n, sizeof list - n, "%s%s (%s, p = %.2g)", n ? ", " : "",
			                      c->variable[t->variable].text.name, kind_of(t), t->family.p);
	}
	if (!decisive)
		return err_set(err, EXIT_FAILED,
		               "%s: nothing to compare: no point is marked `compared`, see the table",
		               c->path);
	return n ? err_set(err, EXIT_DISAGREES, "%s: theory and simulation disagree: %s", c->path, list)
	         : EXIT_DONE;
}
