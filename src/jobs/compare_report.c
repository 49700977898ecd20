/* The comparison as variables of the output and as a table; the contract is in comparison.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "src/jobs/compare.h"
#include "src/jobs/table.h"

const char *const mark_names[] = {"compared", "not_simulated", "not_equilibrated", "no_theory", "not_exact",
                                  "escaped",  "near_line",     "frozen",           NULL};

static const char *const no_yes[] = {"no", "yes", NULL};

/* Index in the axes of the output: all, or all but N. */
static int dims_of(const char **dims, const struct comparison *c, const struct variable *v, bool without_N)
{
	int rank = 0;
	for (int a = 0; a < c->grid->axes; a++)
		if (!without_N || a != c->N_axis)
			dims[rank++] = c->grid->axis[a].name;
	if (v && v->width > 1)
		dims[rank++] = "pattern";
	return rank;
}

static void add(struct dataset *dataset, const struct comparison *c, const struct variable *v, const char *group,
                const char *suffix, const double *data, const char *long_name)
{
	const char *dims[MAX_AXES + 1];
	char path[80];
	bool without_N = strcmp(group, "/extrapolated/") == 0;
	int rank = dims_of(dims, c, v, without_N);
	snprintf(path, sizeof path, "%s%s%s", group, v->name, suffix);
	store_variable(dataset, path, DATASET_DOUBLE, rank, dims, data, "1", long_name, NULL);
}

static void store_axes(struct dataset *dataset, const struct comparison *c)
{
	double pattern[MAX_UNKNOWNS];
	size_t width = c->variable[c->order].width;

	for (int a = 0; a < c->grid->axes; a++) {
		const struct axis *axis = &c->grid->axis[a];
		store_axis(dataset, axis->name, axis->count, axis->value, axis->key->unit, axis->key->meaning);
	}
	for (size_t k = 0; k < width && k < MAX_UNKNOWNS; k++)
		pattern[k] = (double)k + 1;
	if (width > 1)
		store_axis(dataset, "pattern", width, pattern, "1", "pattern, by the size of its overlap");
}

static void store_points(struct dataset *dataset, const struct comparison *c)
{
	const char *dims[MAX_AXES + 1];
	int rank = dims_of(dims, c, NULL, false);

	for (int i = 0; i < c->variables; i++) {
		const struct variable *v = &c->variable[i];
		add(dataset, c, v, "", "", v->mean, v->long_name);
		add(dataset, c, v, "", "_error", v->error,
		    "standard error over samples; degrees of freedom: samples used - 1");
	}
	store_variable(dataset, "mark", DATASET_INT8, rank, dims, c->mark, NULL,
	               "compared: counts in the families; else why not", mark_names);
	store_variable(dataset, "metastable", DATASET_INT8, rank, dims, c->metastable, NULL,
	               "the state is not the one of lowest free energy: a family of its own", no_yes);
	for (int i = 0; i < c->variables; i++) {
		const struct variable *v = &c->variable[i];
		add(dataset, c, v, "/theory/", "", v->theory,
		    "theory of that state, at (T/c_N, gamma/c_N) where N spins have a c_N");
		add(dataset, c, v, "/theory/", "_z", v->z,
		    "(simulation - theory)/error as an equivalent normal deviate");
	}
	store_variable(dataset, "/theory/branch", DATASET_INT8, rank, dims, c->branch, NULL,
	               "index of the state among the solutions as mattis solve lists them; -1: none", NULL);
}

static void store_limits(struct dataset *dataset, const struct comparison *c)
{
	for (int i = 0; i < c->variables && c->N_axis >= 0; i++) {
		const struct variable *v = &c->variable[i];
		add(dataset, c, v, "/extrapolated/", "", v->extrapolated,
		    "simulation at N = infinity: theory + what a line in 1/N through simulation - theory "
		    "leaves");
		add(dataset, c, v, "/extrapolated/", "_error", v->extrapolated_error,
		    "standard error over samples");
		add(dataset, c, v, "/extrapolated/", "_slope", v->slope, "of simulation - theory in 1/N");
		add(dataset, c, v, "/extrapolated/", "_z", v->extrapolated_z,
		    "(simulation - theory)/error at N = infinity, as a normal deviate");
		add(dataset, c, v, "/extrapolated/", "_curved_p", v->curved_p,
		    "probability of larger deviations from a line; 1 for two sizes");
	}
}

static const char *kind_of(const struct verdict *v)
{
	return v->extrapolated ? (v->metastable ? "metastable, N = infinity" : "N = infinity")
	                       : (v->metastable ? "metastable" : "points");
}

/* One row per family.  The numbers live in the caller's `columns`. */
static void store_families(struct dataset *dataset, const struct comparison *c, struct family_columns *f)
{
	const char *variable[4 * MOST_VARIABLES], *kind[4 * MOST_VARIABLES], *dims[] = {"family"};
	double number[4 * MOST_VARIABLES];
	size_t n = (size_t)c->verdicts;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct verdict *v = &c->verdict[i];
		variable[i] = c->variable[v->variable].name;
		kind[i] = kind_of(v);
		number[i] = (double)i + 1;
		f->entries[i] = v->family.n;
		f->chi2[i] = v->family.chi2;
		f->dof[i] = v->family.dof;
		f->p[i] = v->family.p;
		f->decisive[i] = v->decisive;
		f->disagrees[i] = v->disagrees;
	}
	store_axis(dataset, "/families/family", n, number, "1", "family of deviations of one observable");
	store_strings(dataset, "/families/variable", "family", variable, "observable");
	store_strings(dataset, "/families/kind", "family", kind, "which points");
	store_variable(dataset, "/families/entries", DATASET_INT32, 1, dims, f->entries, NULL, "deviations",
	               NULL);
	store_variable(dataset, "/families/chi_squared", DATASET_DOUBLE, 1, dims, f->chi2, "1",
	               "sum of their squares", NULL);
	store_variable(dataset, "/families/degrees", DATASET_DOUBLE, 1, dims, f->dof, "1",
	               "effective number of independent entries: points share their samples", NULL);
	store_variable(dataset, "/families/probability", DATASET_DOUBLE, 1, dims, f->p, "1",
	               "of a larger chi-squared, were the theory right", NULL);
	store_variable(dataset, "/families/decisive", DATASET_INT8, 1, dims, f->decisive, NULL,
	               "points do not decide where they are extrapolated", no_yes);
	store_variable(dataset, "/families/disagrees", DATASET_INT8, 1, dims, f->disagrees, NULL,
	               "probability below false_alarm over the number of decisive families", no_yes);
}

void compare_store(struct dataset *dataset, const struct comparison *c, struct family_columns *f)
{
	struct err err = {0};
	int code = compare_verdict(c, &err);
	dataset_attr_string(dataset, "/", "simulation", c->path);
	dataset_attr_string(dataset, "/", "verdict",
	                  code == EXIT_DONE        ? "agrees"
	                  : code == EXIT_DISAGREES ? "disagrees"
	                                           : "nothing compared");
	dataset_attr_double(dataset, "/", "false_alarm", COMPARE_FALSE_ALARM);
	store_axes(dataset, c);
	store_points(dataset, c);
	store_limits(dataset, c);
	store_families(dataset, c, f);
}

/* ---------------------------------------------------------------------------------------------------- table */

static void print_value(FILE *f, double value, double error)
{
	char text[32];
	dataset_table_value(text, value, error);
	fprintf(f, " %15s", text);
}

static void print_columns(FILE *f, const struct comparison *c)
{
	char name[32];
	fprintf(f, "#");
	for (int a = 0; a < c->grid->axes; a++)
		fprintf(f, " %9s", c->grid->axis[a].name);
	fprintf(f, " %-16s", "mark");
	for (int i = 0; i < c->variables; i++)
		for (size_t k = 0; k < c->variable[i].width && k < 4; k++) {
			const struct variable *v = &c->variable[i];
			snprintf(name, sizeof name, v->width > 1 ? "%s[%zu]" : "%s", v->name, k + 1);
			fprintf(f, " %15s %9s %6s", name, "theory", "z");
		}
	fprintf(f, "\n");
}

static void print_points(FILE *f, const struct comparison *c)
{
	print_columns(f, c);
	for (size_t i = 0; i < c->grid->points; i++) {
		char mark[40];
		fprintf(f, " ");
		for (int a = 0; a < c->grid->axes; a++)
			fprintf(f, " %9.6g", c->grid->axis[a].value[grid_coordinate(c->grid, a, i)]);
		snprintf(mark, sizeof mark, "%s%s",
		         c->metastable[i] && c->mark[i] == MARK_COMPARED ? "metastable"
		                                                         : mark_names[c->mark[i]],
		         c->metastable[i] && c->mark[i] != MARK_COMPARED ? "*" : "");
		fprintf(f, " %-16s", mark);
		for (int j = 0; j < c->variables; j++)
			for (size_t k = 0; k < c->variable[j].width && k < 4; k++) {
				const struct variable *v = &c->variable[j];
				size_t at = i * v->width + k;
				print_value(f, v->mean[at], v->error[at]);
				fprintf(f, " %9.5f %6.2f", v->theory[at], v->z[at]);
			}
		fprintf(f, "\n");
	}
}

static void print_limits(FILE *f, const struct comparison *c)
{
	fprintf(f, "# extrapolated to N = infinity, a line in 1/N through simulation - theory\n#");
	for (int a = 0; a < c->grid->axes; a++)
		if (a != c->N_axis)
			fprintf(f, " %9s", c->grid->axis[a].name);
	fprintf(f, " %-9s %15s %9s %6s %10s %9s\n", "variable", "simulation", "theory", "z", "slope",
	        "p(line)");
	for (size_t g = 0; g < c->groups; g++)
		for (int j = 0; j < c->variables; j++)
			for (size_t k = 0; k < c->variable[j].width && k < 4; k++) {
				const struct variable *v = &c->variable[j];
				size_t at = g * v->width + k, point = compare_largest(c, g);
				char name[32];
				if (isnan(v->extrapolated[at]))
					continue;
				fprintf(f, " ");
				for (int a = 0; a < c->grid->axes; a++)
					if (a != c->N_axis)
						fprintf(f, " %9.6g",
						        c->grid->axis[a]
						                .value[grid_coordinate(c->grid, a, point)]);
				snprintf(name, sizeof name, v->width > 1 ? "%s[%zu]" : "%s", v->name, k + 1);
				fprintf(f, " %-9s", name);
				print_value(f, v->extrapolated[at], v->extrapolated_error[at]);
				fprintf(f, " %9.5f %6.2f %10.3g %9.3g%s\n", v->limit[point * v->width + k],
				        v->extrapolated_z[at], v->slope[at], v->curved_p[at],
				        v->curved_p[at] < COMPARE_FALSE_ALARM ? " curved" : "");
			}
}

static void print_marks(FILE *f, const struct comparison *c)
{
	size_t count[sizeof mark_names / sizeof mark_names[0]] = {0}, metastable = 0;
	for (size_t i = 0; i < c->grid->points; i++) {
		count[c->mark[i]]++;
		metastable += c->metastable[i] != 0;
	}
	fprintf(f, "# points %zu:", c->grid->points);
	for (int k = 0; mark_names[k]; k++)
		if (count[k])
			fprintf(f, " %s %zu", mark_names[k], count[k]);
	if (metastable)
		fprintf(f, "; metastable %zu", metastable);
	fprintf(f, "\n");
}

void compare_print(FILE *f, const struct comparison *c, const char *path)
{
	table_head(f, c->grid->deck);
	if (c->grid->points <= TABLE_LONGEST)
		print_points(f, c);
	if (c->N_axis >= 0 && c->groups <= TABLE_LONGEST)
		print_limits(f, c);
	print_marks(f, c);
	for (int i = 0; i < c->verdicts; i++) {
		const struct verdict *v = &c->verdict[i];
		fprintf(f, "# %s, %s: chi-squared %.4g of %d deviations that count as %.3g, p = %.3g: %s\n",
		        c->variable[v->variable].name, kind_of(v), v->family.chi2, v->family.n, v->family.dof,
		        v->family.p,
		        !v->decisive   ? "does not decide"
		        : v->disagrees ? "DISAGREES"
		                       : "agrees");
	}
	if (path)
		fprintf(f, "# all of it in %s\n", path);
}

int compare_verdict(const struct comparison *c, struct err *err)
{
	char list[200] = "";
	size_t n = 0;
	int decisive = 0;

	for (int i = 0; i < c->verdicts; i++) {
		const struct verdict *v = &c->verdict[i];
		decisive += v->decisive;
		if (v->disagrees && n < sizeof list)
			n += (size_t)snprintf(list + n, sizeof list - n, "%s%s (%s, p = %.2g)", n ? ", " : "",
			                      c->variable[v->variable].name, kind_of(v), v->family.p);
	}
	if (!decisive)
		return err_set(err, EXIT_FAILED,
		               "%s: nothing to compare: every point is marked, see the table", c->path);
	return n ? err_set(err, EXIT_DISAGREES, "%s: theory and simulation disagree: %s", c->path, list)
	         : EXIT_DONE;
}
