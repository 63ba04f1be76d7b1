/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MISP: events, alone or in a list or a "response", with attributes of their own and of
 * their objects; answers of a search for attributes; and the folder of a feed, in which
 * manifest.json names the events and hashes.csv holds digests of values (not values: of
 * no use here). An attribute counts when to_ids is not false.
 *
 *     {"Event": {"info": "…", "Attribute": [{"type": "ip-dst", "value": "…", …}],
 *                "Object": [{"Attribute": […]}]}}
 */
#include <stdlib.h>

#include "feed/cursor.h"
#include "feed/type.h"

struct misp {
	struct feed_reader *r;
	struct cursor c;
	int depth;
	char info[INDICATOR_NOTE_MAX]; /* of the event at hand */
	size_t info_n;
};

static bool is_true(const json_t *v)
{
	return json_is_true(v) || (json_is_integer(v) && json_integer_value(v) != 0) ||
	       (json_is_string(v) && strcmp(json_string_value(v), "1") == 0);
}

static bool is_false(const json_t *v)
{
	return json_is_false(v) || (json_is_integer(v) && json_integer_value(v) == 0) ||
	       (json_is_string(v) && (strcmp(json_string_value(v), "0") == 0 ||
					 strcmp(json_string_value(v), "false") == 0));
}

/* The event's title and the attribute's comment. */
static struct str note_of(struct misp *m, const json_t *attribute)
{
	struct feed_reader *r = m->r;
	struct str info = {m->info, m->info_n};
	struct str comment = feed_member(r, attribute, "comment");
	if (comment.n == 0)
		return info.n > 0 ? info : (struct str){0};
	return info.n > 0
		   ? str_format(&r->arena, "%.*s: %.*s", STR_ARG(info), STR_ARG(comment))
		   : comment;
}

static void put_attribute(struct misp *m, const json_t *attribute)
{
	struct feed_reader *r = m->r;
	struct str word = feed_member(r, attribute, "type");
	const json_t *json = json_object_get(attribute, "value");
	struct str value = {json_string_value(json), json_string_length(json)};
	const struct feed_type *type = feed_type_of(word);
	struct indicator like = {
	    .id = feed_member(r, attribute, "uuid"),
	    .note = note_of(m, attribute),
	    .valid_from = INDICATOR_VALID_NONE,
	    .valid_until = INDICATOR_VALID_NONE,
	};
	r->report.seen++;
	if (value.p == NULL || word.n == 0)
		feed_skip(
		    r, FEED_MALFORMED, like.id, "an attribute without type or value");
	else if (is_false(json_object_get(attribute, "to_ids")))
		feed_skip(r, FEED_NOT_ASKED, value, NULL);
	else if (type == NULL)
		feed_skip(r, FEED_UNKNOWN,
		    str_format(&r->arena, "%.*s %.*s", STR_ARG(word), STR_ARG(value)),
		    NULL);
	else
		feed_put_typed(r, type, value, &like);
}

/* The array of attributes at the cursor. */
static void attributes(struct misp *m)
{
	struct str text;
	if (!cursor_enter(&m->c, '['))
		return;
	while (!m->r->full && cursor_next(&m->c) && cursor_value(&m->c, &text)) {
		arena_reset(&m->r->arena);
		m->r->at++;
		json_t *attribute = feed_object(m->r, text);
		if (attribute == NULL)
			continue;
		if (is_true(json_object_get(attribute, "deleted")))
			m->r->report.ignored++;
		else
			put_attribute(m, attribute);
		json_decref(attribute);
	}
}

/* Remember the title of the event at the cursor, wherever among its members it is. */
static void take_info(struct misp *m)
{
	struct cursor c = m->c;
	struct str key, text;
	m->info_n = 0;
	if (!cursor_enter(&c, '{'))
		return;
	while (cursor_key(&c, &key) && cursor_value(&c, &text)) {
		if (!str_equal(key, STR("info")) || text.n > FEED_OBJECT_MAX)
			continue;
		json_t *info = json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL);
		arena_reset(&m->r->arena);
		struct str clean = info != NULL && json_is_string(info)
				       ? str_clean(&m->r->arena, json_string_value(info),
					     json_string_length(info))
				       : (struct str){0};
		m->info_n = clean.n < sizeof(m->info) ? clean.n : 0;
		if (m->info_n > 0)
			memcpy(m->info, clean.p, m->info_n);
		json_decref(info);
		return;
	}
}

/* Whether the members of this name lead on to attributes. */
static bool leads_on(struct str key)
{
	static const char *const names[] = {"Event", "Object", "response", "events"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_equal(key, str_of(names[i])))
			return true;
	}
	return false;
}

static void walk(struct misp *m);

static void members(struct misp *m)
{
	struct str key, text;
	if (!cursor_enter(&m->c, '{'))
		return;
	while (!m->r->full && cursor_key(&m->c, &key)) {
		char first = cursor_peek(&m->c);
		if (str_equal(key, STR("Event")) && first == '{')
			take_info(m);
		if (str_equal(key, STR("Attribute")) && first == '[')
			attributes(m);
		else if (leads_on(key) && (first == '{' || first == '['))
			walk(m);
		else if (!cursor_value(&m->c, &text))
			return;
	}
}

/* The object, or the list of objects, at the cursor. */
static void walk(struct misp *m)
{
	struct str text;
	if (m->depth >= FEED_DEPTH_MAX) {
		m->c.bad = true;
		m->c.end = m->c.pos;
		return;
	}
	m->depth++;
	if (cursor_peek(&m->c) == '{') {
		members(m);
	} else if (cursor_enter(&m->c, '[')) {
		while (!m->r->full && cursor_next(&m->c)) {
			char first = cursor_peek(&m->c);
			if (first == '{' || first == '[')
				walk(m);
			else if (!cursor_value(&m->c, &text))
				break;
		}
	}
	m->depth--;
}

static void read_misp(struct feed_reader *r)
{
	size_t n;
	char *document = feed_document(r, &n);
	if (document == NULL)
		return;
	struct misp m = {.r = r, .c = cursor_over((struct str){document, n})};
	walk(&m);
	if (m.c.bad)
		feed_damage(r, cursor_offset(&m.c), "the JSON is cut or malformed here");
	free(document);
}

static bool probe_misp(struct str head, bool whole)
{
	(void)whole;
	return feed_is_json(head) && (feed_has_member(head, "Event", NULL) ||
					 feed_has_member(head, "Attribute", NULL));
}

const struct feed_format format_misp = {"misp", "attribute", probe_misp, read_misp};

/* ---- the other files of a feed ---- */

static void read_nothing(struct feed_reader *r)
{
	stream_drain(r->stream);
	r->report.ignored++;
}

/* Whether s begins with a UUID. */
static bool is_uuid(struct str s)
{
	if (s.n < 36)
		return false;
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s.p[i] != '-'
			 : strchr("0123456789abcdefABCDEF", s.p[i]) == NULL)
			return false;
	}
	return true;
}

static bool probe_manifest(struct str head, bool whole)
{
	struct cursor c = cursor_over(head);
	struct str key;
	(void)whole;
	return cursor_enter(&c, '{') && cursor_key(&c, &key) && key.n == 36 &&
	       is_uuid(key) && cursor_peek(&c) == '{' &&
	       feed_has_member(head, "Orgc", NULL);
}

const struct feed_format format_manifest = {
    "misp manifest", "event", probe_manifest, read_nothing};

/* "digest,uuid" in every line: digests of values, from which no value can be had. */
static bool probe_hashes(struct str head, bool whole)
{
	struct str line;
	(void)whole;
	for (int i = 0; i < 4 && feed_head_line(&head, &line); i++) {
		bool cut = head.n == 0 && i > 0;
		if (line.n < 33 || line.p[32] != ',' ||
		    !is_uuid((struct str){line.p + 33, line.n - 33}))
			return cut && !whole;
	}
	return true;
}

const struct feed_format format_hashes = {
    "misp hashes", "line", probe_hashes, read_nothing};
