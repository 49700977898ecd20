/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/input/deck.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/input/yaml.h"

/* --- reading the file */

int deck_read(char **text, size_t *length, const char *path, struct err *err)
{
	struct stat info;
	size_t n = 0;
	ssize_t got = 0;
	int code = 0, fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO must not block */

	*text = NULL;
	*length = 0;
	if (fd < 0 || fstat(fd, &info) != 0) {
		code = err_set(err, EXIT_FAILED, "%s: cannot be read: %s", path, strerror(errno));
		goto done;
	}
	if (S_ISDIR(info.st_mode)) {
		code = err_set(err, EXIT_FAILED, "%s: cannot be read: %s", path, strerror(EISDIR));
		goto done;
	}
	fcntl(fd, F_SETFL, 0);
	if (!(*text = malloc(MAX_DECK + 2))) {
		code = err_set(err, EXIT_FAILED, "%s: out of memory", path);
		goto done;
	}
	while (n <= MAX_DECK && (got = read(fd, *text + n, MAX_DECK + 1 - n)) > 0)
		n += (size_t)got;
	if (got < 0)
		code = err_set(err, EXIT_FAILED, "%s: cannot be read: %s", path, strerror(errno));
	else if (n > MAX_DECK)
		code = err_set(err, EXIT_USAGE, "%s: larger than 1 MiB; this is no deck", path);
	else {
		(*text)[n] = '\0';
		*length = n;
	}
done:
	if (fd >= 0)
		close(fd);
	if (code) {
		free(*text);
		*text = NULL;
	}
	return code;
}

/* --- messages */

static void spelling(char *buffer, size_t size, int key, bool swept)
{
	snprintf(buffer, size, "%s%s", swept ? "sweep." : "",
	         swept ? key_short(key_at(key)) : key_at(key)->name);
}

/* The index of the key with that last part of its name: in the section (may be null) if it has one, else of
 * the first. */
static int key_of(const char *section, const char *name)
{
	char full[YAML_KEY_LENGTH];
	int found = -1;

	snprintf(full, sizeof full, "%s.%s", section ? section : "model", name);
	found = key_find(NULL, full);
	for (int i = 0; i < key_count() && found < 0; i++)
		if (strcmp(key_short(key_at(i)), name) == 0)
			found = i;
	return found < 0 ? key_find(NULL, "model.network") : found;
}

int deck_fault_of(const struct deck *deck, const char *section, const struct fault *fault, struct err *err)
{
	return deck_fault(deck, key_of(section, fault->key), err, "%s", fault->why);
}

int deck_fault(const struct deck *deck, int key, struct err *err, const char *format, ...)
{
	const struct value *value = &deck->value[key];
	char name[YAML_KEY_LENGTH], why[512];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	spelling(name, sizeof name, key, value->swept);
	if (value->origin == BY_DECK)
		return err_set(err, EXIT_USAGE, "%s:%d: %s: %s", deck->path, value->line, name, why);
	if (value->origin == BY_OPTION)
		return err_set(err, EXIT_USAGE, "-s %s: %s", name, why);
	return err_set(err, EXIT_USAGE, "%s%s%s: %s", deck->path ? deck->path : "", deck->path ? ": " : "",
	               name, why);
}

/* What is being read, and from where. */
struct reading {
	struct deck *deck;
	enum origin origin;
	int entries;
	int sections;
	struct {
		char name[YAML_KEY_LENGTH];
		int line;
	} section[8];
};

/* A fault of an entry that is not (yet) the value of a key. */
static int entry_fault(const struct reading *rd, const struct yaml_entry *entry, struct err *err,
                       const char *why)
{
	if (rd->origin == BY_OPTION)
		return err_set(err, EXIT_USAGE, "-s %s: %s", entry->key, why);
	return err_set(err, EXIT_USAGE, "%s:%d: %s: %s", rd->deck->path, entry->line, entry->key, why);
}

static int unknown_key(const struct reading *rd, const struct yaml_entry *entry, struct err *err)
{
	char near[YAML_KEY_LENGTH], why[128] = "unknown key";

	if (entry->kind == YAML_SCALAR && key_is_section(entry->key))
		return entry_fault(rd, entry, err, "must be a section with keys in it");
	if (key_nearest(near, sizeof near, entry->key))
		snprintf(why, sizeof why, "unknown key; did you mean %s?", near);
	return entry_fault(rd, entry, err, why);
}

static int see_section(struct reading *rd, const struct yaml_entry *entry, struct err *err)
{
	char why[80];
	if (key_find(NULL, entry->key) >= 0)
		return entry_fault(rd, entry, err, "must be a value, not a section");
	if (!key_is_section(entry->key))
		return unknown_key(rd, entry, err);
	for (int i = 0; i < rd->sections; i++)
		if (strcmp(rd->section[i].name, entry->key) == 0) {
			snprintf(why, sizeof why, "given twice, first in line %d", rd->section[i].line);
			return entry_fault(rd, entry, err, why);
		}
	if (rd->sections < (int)(sizeof rd->section / sizeof rd->section[0])) {
		snprintf(rd->section[rd->sections].name, YAML_KEY_LENGTH, "%s", entry->key);
		rd->section[rd->sections++].line = entry->line;
	}
	return 0;
}

/* --- values */

static int must_be(const struct deck *deck, int key, struct err *err, const char *given)
{
	char domain[200], shown[64];
	key_domain(domain, sizeof domain, key_at(key));
	snprintf(shown, sizeof shown, "%.60s", given);
	return deck_fault(deck, key, err, "must be %s (is %s)", domain, *shown ? shown : "empty");
}

static int check_number(const struct deck *deck, int key, double x, struct err *err)
{
	char text[32];
	if (key_allows(key_at(key), x))
		return 0;
	range_spell_number(text, sizeof text, x);
	if (key_at(key)->type == KEY_INTEGER && x >= key_at(key)->min && x == floor(x))
		return deck_fault(deck, key, err, "is too large for an integer (is %s)", text);
	return must_be(deck, key, err, text);
}

static int set_numbers(const struct deck *deck, int key, struct value *value, const struct yaml_entry *entry,
                       struct err *err)
{
	const char *text = entry->count ? entry->item[0].text : "";
	char why[320];
	double x;

	if (entry->kind == YAML_SCALAR && !strchr(text, ':') &&
	    (entry->item[0].quoted || !range_number(&x, text)))
		return must_be(deck, key, err, text);
	if (!value->swept && (entry->kind == YAML_LIST || strchr(text, ':')))
		return deck_fault(deck, key, err,
		                  key_at(key)->axis ? "must be one value; many values stand in sweep"
		                                    : "must be one value");
	int code = range_parse(&value->range, entry, why, sizeof why);
	if (code == EXIT_FAILED)
		return err_set(err, code, "%s", why);
	if (code)
		return deck_fault(deck, key, err, "%s", why);
	code = check_number(deck, key, range_value(&value->range, 0), err);
	return code ? code : check_number(deck, key, range_value(&value->range, value->range.count - 1), err);
}

static int set_text(const struct deck *deck, int key, struct value *value, const struct yaml_entry *entry,
                    struct err *err)
{
	if (entry->kind != YAML_SCALAR || *entry->item[0].text == '\0')
		return must_be(deck, key, err, entry->kind == YAML_SCALAR ? "" : "a list");
	const char *text = entry->item[0].text;
	if (key_at(key)->type == KEY_WORD) {
		const struct word *word = key_at(key)->words;
		while (word->word && strcmp(word->word, text) != 0)
			word++;
		if (!word->word)
			return must_be(deck, key, err, text);
		value->word = word->value;
	}
	value->text = strdup(text);
	return value->text ? 0 : err_set(err, EXIT_FAILED, "out of memory");
}

/* Puts a key on the list of axes, or takes it off; it keeps its place when it is there already. */
static int list_axis(struct deck *deck, int key, bool swept, struct err *err)
{
	int at = 0;
	while (at < deck->axes && deck->axis[at] != key)
		at++;
	if (swept && at == deck->axes) {
		if (deck->axes == MAX_AXES)
			return deck_fault(deck, key, err, "more than %d axes", MAX_AXES);
		deck->axis[deck->axes++] = key;
	} else if (!swept && at < deck->axes) {
		deck->axes--;
		memmove(&deck->axis[at], &deck->axis[at + 1],
		        (size_t)(deck->axes - at) * sizeof deck->axis[0]);
	}
	return 0;
}

static void clear(struct value *value)
{
	range_free(&value->range);
	free(value->text);
	*value = (struct value){.origin = UNSET};
}

static int see_value(struct reading *rd, int key, bool swept, const struct yaml_entry *entry, struct err *err)
{
	struct value *value = &rd->deck->value[key];
	int code;

	if (rd->origin == BY_DECK && value->origin == BY_DECK) {
		char why[96];
		snprintf(why, sizeof why, "given twice, first in line %d%s", value->line,
		         value->swept == swept ? ""
		         : swept               ? " as a value of model"
		                               : " as an axis of sweep");
		return entry_fault(rd, entry, err, why);
	}
	clear(value);
	value->origin = rd->origin;
	value->line = entry->line;
	value->swept = swept;
	code = list_axis(rd->deck, key, swept, err);
	if (code)
		return code;
	if (key_at(key)->type == KEY_INTEGER || key_at(key)->type == KEY_REAL)
		return set_numbers(rd->deck, key, value, entry, err);
	return set_text(rd->deck, key, value, entry, err);
}

static int see_entry(void *ctx, const struct yaml_entry *entry, struct err *err)
{
	struct reading *rd = ctx;
	bool swept;

	rd->entries++;
	if (entry->kind == YAML_SECTION)
		return see_section(rd, entry, err);
	int key = key_find(&swept, entry->key);
	if (key < 0)
		return unknown_key(rd, entry, err);
	return see_value(rd, key, swept, entry, err);
}

/* KEY=VALUE from the command line. */
static int see_setting(struct reading *rd, const char *setting, struct err *err)
{
	char key[YAML_KEY_LENGTH], name[YAML_KEY_LENGTH + 4];
	const char *equals = strchr(setting, '=');

	if (!equals || equals == setting)
		return err_set(err, EXIT_USAGE, "-s %.80s: must be KEY=VALUE", setting);
	if ((size_t)(equals - setting) >= sizeof key)
		return err_set(err, EXIT_USAGE, "-s %.80s: unknown key", setting);
	snprintf(key, sizeof key, "%.*s", (int)(equals - setting), setting);
	snprintf(name, sizeof name, "-s %s", key);
	int before = rd->entries, code = yaml_read_value(name, key, equals + 1, see_entry, rd, err);
	if (code == 0 && rd->entries == before)
		return err_set(err, EXIT_USAGE, "%s: has no value", name);
	return code;
}

static int set_defaults(struct deck *deck, struct err *err)
{
	struct reading rd = {.deck = deck, .origin = BY_DEFAULT};
	for (int i = 0; i < key_count(); i++) {
		struct yaml_item item = {.text = key_at(i)->fallback};
		struct yaml_entry entry = {.key = key_at(i)->name, .count = 1, .item = &item};
		if (key_at(i)->fallback && deck->value[i].origin == UNSET) {
			int code = see_value(&rd, i, false, &entry, err);
			if (code)
				return code;
		}
	}
	return 0;
}

/* --- rules between keys, the same for every network */

static int missing(const struct deck *deck, int key, struct err *err)
{
	char domain[200];
	key_domain(domain, sizeof domain, key_at(key));
	return deck_fault(deck, key, err, "missing; it must be %s", domain);
}

static int check_examples(const struct deck *deck, struct err *err)
{
	enum { R, M, RHO };
	static const char *const name[] = {"model.r", "model.M", "model.rho"};
	int key[3];
	bool has[3];

	for (int i = 0; i < 3; i++) {
		key[i] = key_find(NULL, name[i]);
		has[i] = deck_has(deck, name[i]);
		if (has[i] && deck_word(deck, "model.learning") == STORAGE)
			return deck_fault(deck, key[i], err,
			                  "not with learning: storage, which has no examples");
	}
	if (deck_word(deck, "model.learning") == STORAGE)
		return 0;
	if (!network_parameter(deck->network, "r") && !network_parameter(deck->network, "rho"))
		return deck_fault(deck, key_find(NULL, "model.learning"), err,
		                  "must be storage: the %s network has no examples", deck->network->name);
	if (has[RHO] && (has[R] || has[M]))
		return deck_fault(deck, key[RHO], err, "not together with r or M, which set it");
	if (!has[RHO] && !has[R] && !has[M])
		return deck_fault(deck, key_find(NULL, "model.learning"), err,
		                  "learning from examples needs r and M, or rho alone");
	if (!has[RHO] && !has[R])
		return deck_fault(deck, key[M], err, "needs r beside it");
	if (!has[RHO] && !has[M])
		return deck_fault(deck, key[R], err, "needs M beside it (or rho alone, without r)");
	return 0;
}

/* Images have their own patterns, examples and pixels. */
static int check_images(const struct deck *deck, struct err *err)
{
	const bool storage = deck_word(deck, "model.learning") == STORAGE;
	int M = key_find(NULL, "model.M"), set = key_find(NULL, "images.set"),
	    data = key_find(NULL, "model.data");

	for (int i = 0; i < key_count(); i++)
		if (key_at(i)->parameter && !(key_at(i)->used_by & USED_BY_RETRIEVE) &&
		    deck->value[i].origin != UNSET)
			return deck_fault(deck, i, err,
			                  "not with mattis retrieve: it follows from the images");
	if (!deck_has(deck, "images.set") && !deck_has(deck, "model.data"))
		return deck_fault(deck, set, err,
		                  "missing; mattis retrieve needs a set of images, or model.data");
	if (deck_has(deck, "images.set") && deck_has(deck, "model.data"))
		return deck_fault(deck, data, err, "not together with images.set");
	if (storage && deck_has(deck, "model.M"))
		return deck_fault(deck, M, err,
		                  "not with learning: storage, which stores one example of each class");
	return storage || deck_has(deck, "model.M") ? 0 : missing(deck, M, err);
}

/* Refuses parameters and options that the network does not have, and those that lines do not take.  A number
 * of solutions or starts that the network has no use for is ignored: the deck may serve several networks. */
static int check_network(const struct deck *deck, struct err *err)
{
	const struct network *network = deck->network;

	for (int i = 0; i < key_count(); i++) {
		const struct key *key = key_at(i);
		if (deck->value[i].origin == UNSET || deck->value[i].origin == BY_DEFAULT)
			continue;
		if (key->parameter && network_parameter(network, key_short(key)) != key->parameter)
			return deck_fault(deck, i, err, "is no parameter of the %s network", network->name);
		if (key->option && deck->value[i].word && !network_option(network, key_short(key)))
			return deck_fault(deck, i, err, "is no option of the %s network", network->name);
		if (key->parameter && key->parameter->not_in_lines && deck->command == USED_BY_LINES)
			return deck_fault(deck, i, err, "%s", key->parameter->not_in_lines);
	}
	for (const char *const *need = network->needs; need && *need; need++)
		if (!deck_has(deck, key_at(key_of(NULL, *need))->name))
			return missing(deck, key_of(NULL, *need), err);
	return 0;
}

/* The number of patterns or the load, where the network has them. */
static int check_load(const struct deck *deck, struct err *err)
{
	int K = key_find(NULL, "model.K"), gamma = key_find(NULL, "model.gamma");
	bool has_K = deck->value[K].origin != UNSET, has_gamma = deck->value[gamma].origin != UNSET;

	if (!network_parameter(deck->network, "gamma"))
		return 0;
	if (!has_gamma && !has_K)
		return deck_fault(deck, gamma, err,
		                  "missing; either the load gamma or the number of patterns K must be given");
	if (has_gamma && has_K)
		return deck_fault(deck, K, err, "not together with gamma, the load it sets");
	return 0;
}

static int check_rules(struct deck *deck, struct err *err)
{
	int T = key_find(NULL, "sweep.T"), network = key_find(NULL, "model.network");

	deck->network = networks[deck_word(deck, "model.network")];
	if (deck->command == USED_BY_RETRIEVE && !deck->network->images)
		return deck_fault(deck, network, err, "must be %s for mattis retrieve",
		                  key_at(network)->fallback);
	if (check_network(deck, err))
		return err->code;
	if (deck->command == USED_BY_RETRIEVE)
		return deck->value[T].origin == UNSET ? missing(deck, T, err) : check_images(deck, err);
	if (check_load(deck, err))
		return err->code;
	return deck->value[T].origin == UNSET ? missing(deck, T, err) : check_examples(deck, err);
}

/* --- the whole */

int deck_parse(struct deck **out, const char *path, const char *text, size_t length,
               const char *const *setting, int settings, unsigned command, struct err *err)
{
	struct deck *deck = calloc(1, sizeof *deck);
	struct reading rd = {.deck = deck, .origin = BY_DECK};
	int code = 0;

	*out = NULL;
	if (deck) {
		deck->value = calloc((size_t)key_count(), sizeof *deck->value);
		deck->path = path ? strdup(path) : NULL;
		deck->text = calloc(1, length + 1);
	}
	if (!deck || !deck->value || !deck->text || (path && !deck->path)) {
		code = err_set(err, EXIT_FAILED, "out of memory");
		goto done;
	}
	memcpy(deck->text, path ? text : "", path ? length : 0);
	deck->length = length;
	deck->command = command;
	if (path)
		code = yaml_read(path, text, length, see_entry, &rd, err);
	if (code == 0 && path && rd.entries == 0)
		code = err_set(err, EXIT_USAGE, "%s:1: the deck is empty", path);
	rd.origin = BY_OPTION;
	for (int i = 0; i < settings && code == 0; i++)
		code = see_setting(&rd, setting[i], err);
	if (code == 0)
		code = set_defaults(deck, err);
	if (code == 0)
		code = check_rules(deck, err);
done:
	if (code)
		deck_free(deck);
	else
		*out = deck;
	return code;
}

void deck_free(struct deck *deck)
{
	if (!deck)
		return;
	for (int i = 0; deck->value && i < key_count(); i++)
		clear(&deck->value[i]);
	free(deck->value);
	free(deck->path);
	free(deck->text);
	free(deck);
}

/* --- what the jobs ask */

static const struct value *value_of(const struct deck *deck, const char *name)
{
	int key = key_find(NULL, name);
	if (key < 0)
		abort();
	return &deck->value[key];
}

bool deck_has(const struct deck *deck, const char *name)
{
	return value_of(deck, name)->origin != UNSET;
}

double deck_real(const struct deck *deck, const char *name)
{
	const struct value *value = value_of(deck, name);
	return value->range.count == 1 ? range_value(&value->range, 0) : NAN;
}

long long deck_integer(const struct deck *deck, const char *name)
{
	double x = deck_real(deck, name);
	return isnan(x) ? -1 : (long long)x;
}

const char *deck_text(const struct deck *deck, const char *name)
{
	return value_of(deck, name)->text;
}

int deck_word(const struct deck *deck, const char *name)
{
	const struct value *value = value_of(deck, name);
	return value->origin == UNSET ? -1 : value->word;
}

bool deck_effective(const struct deck *deck, int *i, struct effective *e)
{
	for (; *i < key_count(); ++*i) {
		const struct value *value = &deck->value[*i];
		if (value->origin == UNSET || !(key_at(*i)->used_by & deck->command))
			continue;
		*e = (struct effective){.key = key_at(*i),
		                        .text = value->text,
		                        .range = value->text ? NULL : &value->range,
		                        .swept = value->swept,
		                        .defaulted = value->origin == BY_DEFAULT};
		spelling(e->name, sizeof e->name, *i, value->swept);
		++*i;
		return true;
	}
	return false;
}

void deck_spell(char *buffer, size_t size, const struct effective *e)
{
	if (e->text)
		snprintf(buffer, size, "%s", e->text);
	else
		range_spell(buffer, size, e->range);
}

char *deck_spell_all(const struct effective *e)
{
	return e->text ? strdup(e->text) : range_spell_all(e->range);
}
