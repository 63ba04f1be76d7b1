/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STIX 2.0 and 2.1: a bundle, a TAXII envelope, a list of objects or one object. What is
 * looked for is in objects of type indicator. Observables (addresses, names, files ...)
 * are taken only from a document that has no indicator, for beside one they are what was
 * observed, not what is bad. Sightings, relationships, reports and the like are passed
 * over on purpose.
 */
#include "feed/stix.h"

#include <stdlib.h>

#include "feed/cursor.h"

struct stix {
	struct feed_reader *r;
	bool observables; /* take them: there are no indicators */
};

/* Observables whose value is an indicator. */
static const struct {
	const char *type;
	enum indicator_kind kind;
} observables[] = {
    {"ipv4-addr", INDICATOR_ADDRESS},
    {"ipv6-addr", INDICATOR_ADDRESS},
    {"domain-name", INDICATOR_NAME},
    {"url", INDICATOR_URL},
    {"mac-addr", INDICATOR_MAC},
    {"email-addr", INDICATOR_EMAIL},
};

/* Digests by the name of the algorithm and what it is of. */
static const struct {
	const char *algorithm;
	enum indicator_kind file, cert;
} digests[] = {
    {"MD5", INDICATOR_FILE_MD5, INDICATOR_OTHER},
    {"SHA-1", INDICATOR_FILE_SHA1, INDICATOR_CERT_SHA1},
    {"SHA-256", INDICATOR_FILE_SHA256, INDICATOR_CERT_SHA256},
};

static void put_value(struct feed_reader *r, enum indicator_kind kind, struct str value,
    const struct indicator *like)
{
	struct indicator in;
	const char *why = "no value";
	if (value.n == 0 || !indicator_normalise(kind, value, &r->arena, &in, &why)) {
		feed_skip(r, feed_skip_of(why), value, why);
		return;
	}
	in.id = like->id;
	in.note = like->note;
	feed_put(r, &in, NULL);
}

static void put_digests(
    struct feed_reader *r, const json_t *object, bool cert, const struct indicator *like)
{
	const json_t *hashes = json_object_get(object, "hashes");
	size_t known = 0;
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		struct str value = feed_member(r, hashes, digests[i].algorithm);
		enum indicator_kind kind = cert ? digests[i].cert : digests[i].file;
		if (value.p == NULL || kind == INDICATOR_OTHER)
			continue;
		put_value(r, kind, value, like);
		known++;
	}
	if (known == 0)
		feed_skip(r, FEED_UNSUPPORTED, like->id, "no digest that is known");
}

/* An object that was observed; false when it is of no type that has a value. */
static bool observable(struct feed_reader *r, const json_t *object)
{
	struct str type = feed_member(r, object, "type");
	struct indicator like = {.id = feed_member(r, object, "id")};
	bool file = feed_same(type, "file") || feed_same(type, "artifact");
	if (file || feed_same(type, "x509-certificate")) {
		put_digests(r, object, !file, &like);
		return true;
	}
	for (size_t i = 0; i < sizeof(observables) / sizeof(observables[0]); i++) {
		if (!feed_same(type, observables[i].type))
			continue;
		put_value(r, observables[i].kind, feed_member(r, object, "value"), &like);
		return true;
	}
	return false;
}

/* Name, or else description, or else the labels of an indicator. */
static struct str note_of(struct feed_reader *r, const json_t *object)
{
	static const char *const texts[] = {"name", "description"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct str text = feed_member(r, object, texts[i]);
		if (text.n > 0)
			return text;
	}
	const json_t *labels = json_object_get(object, "labels");
	const char *first = json_string_value(json_array_get(labels, 0));
	return first != NULL ? str_clean(&r->arena, first, strlen(first))
			     : (struct str){0};
}

static void indicator(struct feed_reader *r, const json_t *object)
{
	const char *why = NULL;
	struct indicator like = {
	    .id = feed_member(r, object, "id"),
	    .note = note_of(r, object),
	    .valid_from = INDICATOR_VALID_NONE,
	    .valid_until = INDICATOR_VALID_NONE,
	};
	const json_t *pattern = json_object_get(object, "pattern");
	struct str type = feed_member(r, object, "pattern_type");
	struct str text = {json_string_value(pattern), json_string_length(pattern)};
	feed_when(feed_member(r, object, "valid_from"), &like.valid_from);
	feed_when(feed_member(r, object, "valid_until"), &like.valid_until);
	if (json_is_true(json_object_get(object, "revoked")))
		feed_skip(r, FEED_NOT_ASKED, like.id, "revoked");
	else if (type.n > 0 && !feed_same(type, "stix"))
		feed_skip(r, FEED_UNSUPPORTED,
		    str_format(&r->arena, "%.*s pattern of %.*s", STR_ARG(type),
			STR_ARG(like.id)),
		    NULL);
	else if (text.p == NULL)
		feed_skip(r, FEED_MALFORMED, like.id, "an indicator without a pattern");
	else if (!stix_pattern(r, text, &like, &why) && !r->full)
		feed_skip(r, FEED_MALFORMED, text, why);
}

static void read_object(struct stix *s, struct str text)
{
	struct feed_reader *r = s->r;
	bool is_indicator = cursor_is(cursor_member(text, "type"), "indicator");
	arena_reset(&r->arena);
	r->at++;
	if (!is_indicator && !s->observables) {
		r->report.ignored++;
		return;
	}
	if (!is_indicator && text.n > FEED_OBJECT_MAX) {
		r->report.ignored++; /* reports that list many objects may be as long */
		return;
	}
	json_t *object = feed_object(r, text);
	if (object == NULL)
		return;
	if (is_indicator)
		indicator(r, object);
	if (is_indicator || observable(r, object))
		r->report.seen++;
	else
		r->report.ignored++;
	json_decref(object);
}

static void count_object(struct stix *s, struct str text)
{
	if (cursor_is(cursor_member(text, "type"), "indicator"))
		s->observables = false;
}

typedef void object_step(struct stix *s, struct str text);

/* Each element of the array at the cursor. */
static void each(struct stix *s, struct cursor *c, object_step *step)
{
	struct str text;
	if (!cursor_enter(c, '[')) {
		cursor_value(c, &text);
		return;
	}
	while (!s->r->full && cursor_next(c) && cursor_value(c, &text))
		step(s, text);
}

/* Each object of the document. */
static void walk(struct stix *s, struct cursor *c, object_step *step)
{
	struct cursor start = *c;
	struct str key, text;
	bool listed = false;
	if (cursor_peek(c) == '[') {
		each(s, c, step);
		return;
	}
	if (!cursor_enter(c, '{'))
		return;
	while (!s->r->full && cursor_key(c, &key)) {
		bool objects = str_equal(key, STR("objects")) && cursor_peek(c) == '[';
		listed = listed || objects;
		if (objects)
			each(s, c, step);
		else if (!cursor_value(c, &text))
			break;
	}
	if (!listed && !c->bad && cursor_value(&start, &text))
		step(s, text);
}

static void read_stix(struct feed_reader *r)
{
	size_t n;
	char *document = feed_document(r, &n);
	if (document == NULL)
		return;
	struct stix s = {.r = r, .observables = true};
	struct cursor first = cursor_over((struct str){document, n}), c = first;
	walk(&s, &first, count_object);
	walk(&s, &c, read_object);
	if (c.bad)
		feed_damage(r, cursor_offset(&c), "the JSON is cut or malformed here");
	free(document);
}

static bool probe_stix(struct str head, bool whole)
{
	(void)whole;
	return feed_is_json(head) && (feed_has_member(head, "type", "bundle") ||
					 feed_has_member(head, "type", "indicator") ||
					 feed_has_member(head, "spec_version", "2.1") ||
					 feed_has_member(head, "spec_version", "2.0"));
}

const struct feed_format format_stix = {"stix", "object", probe_stix, read_stix};
