/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/input/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	const char *name, *text;
	size_t length;
	bool single; /* the value of one key: lines mean nothing */
	yaml_visit *visit;
	void *ctx;
	struct err *err;
};

static int fail(struct reader *rd, size_t line, const char *what)
{
	if (rd->single)
		return err_set(rd->err, EXIT_USAGE, "%s: %s", rd->name, what);
	return err_set(rd->err, EXIT_USAGE, "%s:%zu: %s", rd->name, line, what);
}

static size_t line_of(const yaml_event_t *event)
{
	return event->start_mark.line + 1;
}

/* The line of a byte of the text: reader errors come without a usable mark. */
static size_t line_at(const struct reader *rd, size_t offset)
{
	size_t line = 1;
	for (size_t i = 0; i < offset && i < rd->length; i++)
		line += rd->text[i] == '\n' ||
		        (rd->text[i] == '\r' && i + 1 < rd->length && rd->text[i + 1] != '\n');
	return line;
}

/* Is there a tab among the blanks that begin this line? */
static bool tab_indents(const struct reader *rd, size_t line)
{
	const char *c = rd->text, *end = rd->text + rd->length;
	for (size_t at = 1; at < line && c; at++) {
		c = memchr(c, '\n', (size_t)(end - c));
		c = c ? c + 1 : NULL;
	}
	while (c && c < end && *c == ' ')
		c++;
	return c && c < end && *c == '\t';
}

static int parser_failed(struct reader *rd)
{
	const yaml_parser_t *parser = &rd->parser;
	const char *problem = parser->problem ? parser->problem : "cannot be parsed";
	char what[256];

	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		return err_set(rd->err, EXIT_FAILED, "%s: out of memory", rd->name);
	case YAML_READER_ERROR:
		snprintf(what, sizeof what, "not a UTF-8 text: %s", problem);
		return fail(rd, line_at(rd, parser->problem_offset), what);
	default:
		snprintf(what, sizeof what, "not valid YAML: %s%s%s%s",
		         parser->context ? parser->context : "", parser->context ? ", " : "", problem,
		         tab_indents(rd, parser->problem_mark.line + 1) ? " (indent with spaces, not tabs)"
		                                                        : "");
		return fail(rd, parser->problem_mark.line + 1, what);
	}
}

/* The next event, with everything refused that no deck needs.  The caller deletes it also after an error. */
static int next(struct reader *rd, yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	memset(event, 0, sizeof *event);
	if (!yaml_parser_parse(&rd->parser, event))
		return parser_failed(rd);
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return fail(rd, line_of(event), "aliases (*name) are not allowed");
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	default:
		break;
	}
	if (anchor)
		return fail(rd, line_of(event), "anchors (&name) are not allowed");
	if (tag)
		return fail(rd, line_of(event), "tags (!name) are not allowed");
	if (event->type == YAML_SCALAR_EVENT &&
	    strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
		return fail(rd, line_of(event), "a text with a NUL character");
	return 0;
}

static struct yaml_item item_of(const yaml_event_t *event)
{
	return (struct yaml_item){.text = (const char *)event->data.scalar.value,
	                          .quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE};
}

/* A list of scalars; its start has been read. */
static int read_list(struct reader *rd, const char *key, int line)
{
	struct yaml_entry entry = {.key = key, .line = line, .kind = YAML_LIST};
	yaml_event_t *events = NULL, event;
	struct yaml_item *items = NULL;
	size_t room = 0, count = 0;
	int code;

	while ((code = next(rd, &event)) == 0 && event.type != YAML_SEQUENCE_END_EVENT) {
		if (event.type != YAML_SCALAR_EVENT) {
			code = fail(rd, line_of(&event), "a list must hold plain values only");
			break;
		}
		if (count == room) {
			room = room ? 2 * room : 16;
			void *e = realloc(events, room * sizeof *events);
			events = e ? e : events;
			void *i = realloc(items, room * sizeof *items);
			items = i ? i : items;
			if (!e || !i) {
				code = err_set(rd->err, EXIT_FAILED, "%s: out of memory", rd->name);
				break;
			}
		}
		items[count] = item_of(&event);
		events[count++] = event; /* holds the text until the visit is over */
	}
	yaml_event_delete(&event);
	if (code == 0) {
		entry.count = count;
		entry.item = items;
		code = rd->visit(rd->ctx, &entry, rd->err);
	}
	for (size_t i = 0; i < count; i++)
		yaml_event_delete(&events[i]);
	free(events);
	free(items);
	return code;
}

static int read_section(struct reader *rd, const char *section, int depth);

/* The value of a key; its first event has been read. */
static int read_value(struct reader *rd, const char *key, int line, const yaml_event_t *event, int depth)
{
	struct yaml_entry entry = {.key = key, .line = line};

	if (event->type == YAML_SCALAR_EVENT) {
		struct yaml_item item = item_of(event);
		entry.count = 1;
		entry.item = &item;
		return rd->visit(rd->ctx, &entry, rd->err);
	}
	if (depth >= YAML_DEPTH)
		return fail(rd, line_of(event), "nested too deeply (8 levels at most)");
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return read_list(rd, key, line);
	entry.kind = YAML_SECTION;
	int code = rd->visit(rd->ctx, &entry, rd->err);
	return code ? code : read_section(rd, key, depth + 1);
}

/* The keys of a mapping ("" for the whole deck); its start has been read. */
static int read_section(struct reader *rd, const char *section, int depth)
{
	char key[YAML_KEY_LENGTH];
	yaml_event_t event;
	int code;

	while ((code = next(rd, &event)) == 0 && event.type != YAML_MAPPING_END_EVENT) {
		if (event.type != YAML_SCALAR_EVENT) {
			code = fail(rd, line_of(&event), "a key must be a word");
			break;
		}
		int line = (int)line_of(&event);
		int n = snprintf(key, sizeof key, "%s%s%s", section, *section ? "." : "",
		                 (const char *)event.data.scalar.value);
		yaml_event_delete(&event);
		if (n >= (int)sizeof key) {
			code = fail(rd, (size_t)line, "unknown key: no key has such a long name");
			break;
		}
		if ((code = next(rd, &event)) == 0)
			code = read_value(rd, key, line, &event, depth);
		if (code)
			break;
		yaml_event_delete(&event);
	}
	yaml_event_delete(&event);
	return code;
}

static bool empty(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT && event->data.scalar.length == 0;
}

/* Reads up to the root node, hands it on, and sees to it that nothing follows. */
static int read_stream(struct reader *rd, const char *key)
{
	yaml_event_t event;
	int code;

	do {
		if ((code = next(rd, &event)) != 0 || event.type == YAML_STREAM_END_EVENT)
			break;
		switch (event.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_MAPPING_START_EVENT:
			code = key ? fail(rd, 1, "must be a value or a list, not a section")
			           : read_section(rd, "", 1);
			break;
		default:
			code = key             ? read_value(rd, key, 0, &event, 1)
			       : empty(&event) ? fail(rd, line_of(&event), "the deck is empty")
			                       : fail(rd, line_of(&event),
			                              "a deck is made of `key: value` and of sections");
		}
		if (code)
			break;
		bool ended = event.type == YAML_DOCUMENT_END_EVENT;
		yaml_event_delete(&event);
		if (ended && (code = next(rd, &event)) == 0 && event.type != YAML_STREAM_END_EVENT)
			code = fail(rd, line_of(&event), "a second document (---); a deck is only one");
		if (ended)
			break;
	} while (1);
	yaml_event_delete(&event);
	return code;
}

static int run(struct reader *rd, const char *key)
{
	if (!yaml_parser_initialize(&rd->parser))
		return err_set(rd->err, EXIT_FAILED, "%s: out of memory", rd->name);
	yaml_parser_set_encoding(&rd->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&rd->parser, (const unsigned char *)rd->text, rd->length);
	int code = read_stream(rd, key);
	yaml_parser_delete(&rd->parser);
	return code;
}

int yaml_read(const char *name, const char *text, size_t length, yaml_visit *visit, void *ctx,
              struct err *err)
{
	size_t bom = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0
	                     ? 3
	                     : 0; /* libyaml takes it for a column */
	struct reader rd = {.name = name,
	                    .text = text + bom,
	                    .length = length - bom,
	                    .visit = visit,
	                    .ctx = ctx,
	                    .err = err};
	return run(&rd, NULL);
}

int yaml_read_value(const char *name, const char *key, const char *text, yaml_visit *visit, void *ctx,
                    struct err *err)
{
	struct reader rd = {.name = name,
	                    .text = text,
	                    .length = strlen(text),
	                    .single = true,
	                    .visit = visit,
	                    .ctx = ctx,
	                    .err = err};
	return run(&rd, key);
}
