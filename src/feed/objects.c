/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON of no standard: lists of flat objects, one document or one object a line, as the
 * interfaces of many feeds give it and as Suricata's JSON datasets have it. Members are
 * read like the columns of CSV, by their names.
 *
 *     [{"ip": "203.0.113.7", "actor": "x"}, …]     {"data": [{"ioc_value": …, "ioc_type":
 * …}]}
 */
#include <stdlib.h>

#include "feed/csv.h"
#include "feed/cursor.h"

#define OBJECTS_DEPTH_MAX                                                                \
	5 /* brackets around a row; each costs a walk over its inside                    \
	   */

struct objects {
	struct feed_reader *r;
	struct cursor c;
	int depth;
};

/* The text of a member: of a string or whole number; absent of anything else. */
static struct str text_of(struct feed_reader *r, const json_t *v)
{
	if (json_is_string(v))
		return (struct str){json_string_value(v), json_string_length(v)};
	if (json_is_integer(v))
		return str_format(&r->arena, "%lld", (long long)json_integer_value(v));
	if (json_is_boolean(v))
		return str_of(json_is_true(v) ? "true" : "false");
	return (struct str){0};
}

/* The object as a row; false when none of its members is known to hold indicators. */
static bool put_object(struct feed_reader *r, json_t *object)
{
	struct str names[CSV_COLUMNS_MAX], fields[CSV_COLUMNS_MAX];
	struct csv_columns columns;
	size_t n = 0;
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
	{
		if (n == CSV_COLUMNS_MAX)
			break;
		fields[n] = text_of(r, value);
		names[n] = str_of(key);
		n += fields[n].p != NULL;
	}
	if (!csv_header(&columns, names, n))
		return false;
	csv_row(r, &columns, fields, n);
	return true;
}

/* Whether the object's text has neither object nor array in it. */
static bool is_flat(struct str text)
{
	struct cursor c = cursor_over(text);
	struct str key, value;
	bool nested = false;
	if (!cursor_enter(&c, '{'))
		return false;
	while (!nested && cursor_key(&c, &key) && cursor_value(&c, &value))
		nested = value.p[0] == '{' ||
			 (value.p[0] == '[' && memchr(value.p, '{', value.n) != NULL);
	return !nested;
}

static void walk(struct objects *o);

/* The members that hold lists or objects. */
static void members(struct objects *o)
{
	struct str text, key;
	if (!cursor_enter(&o->c, '{'))
		return;
	while (!o->r->full && cursor_key(&o->c, &key)) {
		char first = cursor_peek(&o->c);
		if (first == '{' || first == '[')
			walk(o);
		else if (!cursor_value(&o->c, &text))
			return;
	}
}

/* The object at the cursor: a row, or what holds the lists of rows. */
static void object(struct objects *o)
{
	struct cursor start = o->c;
	struct str text;
	bool whole = cursor_value(&o->c, &text);
	arena_reset(&o->r->arena);
	if (!whole || !is_flat(text)) {
		struct cursor after = o->c;
		o->c = start;
		members(o);
		if (whole)
			o->c = after;
		return;
	}
	o->r->at++;
	json_t *row = feed_object(o->r, text);
	if (row != NULL && !put_object(o->r, row))
		o->r->report.ignored++;
	json_decref(row);
}

/* A string in the list that is the whole document: as a line of a plain list. */
static void word(struct objects *o, struct str text)
{
	struct indicator in;
	const char *why = NULL;
	struct feed_reader *r = o->r;
	arena_reset(&r->arena);
	r->at++;
	r->report.seen++;
	text = (struct str){text.p + 1, text.n - 2};
	if (indicator_parse(text, &r->arena, &in, &why))
		feed_put(r, &in, NULL);
	else
		feed_skip(r, feed_skip_of(why), text, why);
}

static void elements(struct objects *o)
{
	struct str text;
	if (!cursor_enter(&o->c, '['))
		return;
	while (!o->r->full && cursor_next(&o->c)) {
		char first = cursor_peek(&o->c);
		if (first == '{' || first == '[')
			walk(o);
		else if (!cursor_value(&o->c, &text))
			return;
		else if (first == '"' && o->depth == 1)
			word(o, text);
	}
}

static void walk(struct objects *o)
{
	struct str text;
	char first = cursor_peek(&o->c);
	if (o->depth == OBJECTS_DEPTH_MAX || (first != '{' && first != '[')) {
		cursor_value(&o->c, &text);
		return;
	}
	o->depth++;
	if (first == '{')
		object(o);
	else
		elements(o);
	o->depth--;
}

static void read_objects(struct feed_reader *r)
{
	size_t n;
	char *document = feed_document(r, &n);
	if (document == NULL)
		return;
	struct objects o = {.r = r, .c = cursor_over((struct str){document, n})};
	while (!r->full && !o.c.bad && cursor_peek(&o.c) != '\0')
		walk(&o);
	if (o.c.bad)
		feed_damage(r, cursor_offset(&o.c), "the JSON is cut or malformed here");
	free(document);
}

static bool probe_objects(struct str head, bool whole)
{
	(void)whole;
	return feed_is_json(head);
}

const struct feed_format format_objects = {"json", "object", probe_objects, read_objects};
