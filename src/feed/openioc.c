/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenIOC 1.0 and 1.1, by expat:
 *
 *     <ioc id="…"><short_description>…</short_description><definition>
 *       <Indicator operator="OR">
 *         <IndicatorItem condition="is">
 *           <Context document="PortItem" search="PortItem/remoteIP"/>
 *           <Content type="IP">203.0.113.7</Content>
 *         </IndicatorItem>
 *         <Indicator operator="AND"> … </Indicator>
 *
 * Items under an AND may be seen at different times, but those of PortItem under one AND
 * speak of one connection. A document that declares entities is refused: no feed needs
 * them, and a few can stand for gigabytes.
 */
#include <expat.h>
#include <stdlib.h>

#include "base/size.h"
#include "feed/tree.h"

#define TEXT_MAX INDICATOR_VALUE_MAX /* bytes of an element's text */

struct level {
	struct tree *node;
	struct tree *ports; /* the conjunction of PortItem under an AND */
};

struct ioc {
	struct feed_reader *r;
	XML_Parser parser;
	struct tree_builder builder;
	struct level levels[FEED_DEPTH_MAX];
	struct tree *root; /* of the outermost Indicator that is open */
	int level;         /* Indicators that are open */
	int depth;         /* elements that are open */
	bool failed;       /* the tree at hand went over a limit */
	struct str id, note, search, condition;
	bool negated;
	char *text; /* TEXT_MAX bytes: of the element at hand */
	size_t n;
	bool long_text;
};

static const struct {
	const char *search; /* the end of it, without case */
	enum indicator_kind kind;
	enum indicator_role role;
} searches[] = {
    {"network/dns", INDICATOR_NAME, ROLE_ANY},
    {"dnsentryitem/host", INDICATOR_NAME, ROLE_ANY},
    {"dnsentryitem/recordname", INDICATOR_NAME, ROLE_ANY},
    {"dnsentryitem/recorddata/host", INDICATOR_NAME, ROLE_ANY},
    {"urlhistoryitem/hostname", INDICATOR_NAME, ROLE_ANY},
    {"cookiehistoryitem/hostname", INDICATOR_NAME, ROLE_ANY},
    {"formhistoryitem/hostname", INDICATOR_NAME, ROLE_ANY},
    {"dnsentryitem/recorddata/ipv4address", INDICATOR_ADDRESS, ROLE_ANY},
    {"dnsentryitem/recorddata/ipv6address", INDICATOR_ADDRESS, ROLE_ANY},
    {"portitem/remoteip", INDICATOR_ADDRESS, ROLE_ANY},
    {"portitem/localip", INDICATOR_ADDRESS, ROLE_ANY},
    {"routeentryitem/destination", INDICATOR_ADDRESS, ROLE_ANY},
    {"arpentryitem/ipv4address", INDICATOR_ADDRESS, ROLE_ANY},
    {"portitem/remoteport", INDICATOR_PORT, ROLE_DST},
    {"portitem/localport", INDICATOR_PORT, ROLE_ANY},
    {"portitem/protocol", INDICATOR_PROTO, ROLE_ANY},
    {"network/uri", INDICATOR_URI, ROLE_ANY},
    {"network/useragent", INDICATOR_USER_AGENT, ROLE_ANY},
    {"urlhistoryitem/url", INDICATOR_URL, ROLE_ANY},
    {"filedownloadhistoryitem/sourceurl", INDICATOR_URL, ROLE_ANY},
    {"/md5sum", INDICATOR_FILE_MD5, ROLE_ANY},
    {"/sha1sum", INDICATOR_FILE_SHA1, ROLE_ANY},
    {"/sha256sum", INDICATOR_FILE_SHA256, ROLE_ANY},
    {"email/from", INDICATOR_EMAIL, ROLE_ANY},
    {"email/to", INDICATOR_EMAIL, ROLE_ANY},
    {"arpentryitem/physicaladdress", INDICATOR_MAC, ROLE_ANY},
    {"/mac", INDICATOR_MAC, ROLE_ANY},
};

static bool ends(struct str s, const char *word)
{
	size_t n = strlen(word);
	return s.n >= n && feed_starts((struct str){s.p + s.n - n, n}, word);
}

/* ---- one item ---- */

/* Conditions that compare a part of a text, as LIKE. */
static struct str like_of(struct ioc *x, struct str content)
{
	struct arena *a = &x->r->arena;
	if (feed_starts(x->condition, "contains"))
		return str_format(a, "%%%.*s%%", STR_ARG(content));
	if (feed_same(x->condition, "begins-with") ||
	    feed_same(x->condition, "starts-with"))
		return str_format(a, "%.*s%%", STR_ARG(content));
	if (feed_same(x->condition, "ends-with"))
		return str_format(a, "%%%.*s", STR_ARG(content));
	return (struct str){0};
}

static bool is_text(enum indicator_kind kind)
{
	return kind == INDICATOR_NAME || kind == INDICATOR_URL || kind == INDICATOR_URI ||
	       kind == INDICATOR_USER_AGENT || kind == INDICATOR_EMAIL;
}

static bool take_item(
    struct ioc *x, struct str content, enum indicator_kind kind, struct indicator *out)
{
	struct str condition = x->condition, like = like_of(x, content);
	if (feed_same(condition, "matches"))
		return leaf_text(x->r, kind, MATCH_REGEX, content, out);
	if (like.n > 0 && is_text(kind))
		return leaf_text(x->r, kind, MATCH_LIKE, like, out);
	bool greater = feed_same(condition, "greater-than");
	if (greater || feed_same(condition, "less-than")) {
		bool ok = kind == INDICATOR_PORT && leaf_value(x->r, kind, content, out);
		out->match = greater ? MATCH_GREATER : MATCH_LESS;
		return ok;
	}
	/* a whole address or digest is contained where it is equal */
	return (feed_starts(condition, "is") || feed_starts(condition, "contains")) &&
	       leaf_value(x->r, kind, content, out);
}

static void take_leaf(struct ioc *x, struct str content, struct indicator *out)
{
	for (size_t i = 0; i < sizeof(searches) / sizeof(searches[0]); i++) {
		if (!ends(x->search, searches[i].search))
			continue;
		if (!take_item(x, content, searches[i].kind, out))
			break;
		out->role = searches[i].role;
		return;
	}
	struct str text = str_format(&x->r->arena, "%.*s %.*s %.*s", STR_ARG(x->search),
	    STR_ARG(x->condition), (int)size_min(content.n, 256), content.p);
	leaf_other(x->r, text, out);
}

/* Where under the open Indicator a leaf of this search belongs. */
static struct tree *place_for(struct ioc *x)
{
	struct level *l = &x->levels[x->level - 1];
	bool port = l->node->op == PATTERN_ALL && feed_starts(x->search, "PortItem/");
	if (port && l->ports != NULL)
		return l->ports;
	struct tree *seen = tree_new(&x->builder, PATTERN_OBSERVATION);
	if (seen == NULL)
		return NULL;
	tree_add(l->node, seen);
	if (!port)
		return seen;
	l->ports = tree_new(&x->builder, PATTERN_AND);
	if (l->ports != NULL)
		tree_add(seen, l->ports);
	return l->ports;
}

static void end_item(struct ioc *x)
{
	struct str content = feed_trim((struct str){x->text, x->n});
	if (x->level == 0 || x->failed)
		return;
	x->r->report.seen++;
	if (x->long_text) {
		feed_skip(x->r, FEED_TOO_LONG, content, NULL);
		content.n = 0;
	}
	content = str_copy(&x->r->arena, content);
	struct tree *place = place_for(x);
	struct tree *leaf = place != NULL ? tree_new(&x->builder, PATTERN_LEAF) : NULL;
	if (leaf == NULL) {
		x->failed = true;
		return;
	}
	leaf->negated = x->negated;
	take_leaf(x, content, &leaf->leaf);
	tree_add(place, leaf);
}

/* ---- elements ---- */

static const char *local_name(const char *name)
{
	const char *colon = strrchr(name, ':');
	return colon != NULL ? colon + 1 : name;
}

/* A clean copy that lives as long as the document is read. */
static struct str keep(struct ioc *x, struct str text)
{
	struct str copy = str_copy(&x->r->arena, text);
	return copy.p != NULL ? str_clean(&x->r->arena, copy.p, copy.n) : copy;
}

static struct str attribute(struct ioc *x, const char **attributes, const char *name)
{
	for (size_t i = 0; attributes[i] != NULL; i += 2) {
		if (strcmp(attributes[i], name) == 0)
			return keep(x, str_of(attributes[i + 1]));
	}
	return (struct str){0};
}

static void stop(struct ioc *x, const char *reason)
{
	feed_damage(x->r, (uint64_t)XML_GetCurrentByteIndex(x->parser), "%s", reason);
	XML_StopParser(x->parser, XML_FALSE);
}

static void start_indicator(struct ioc *x, const char **attributes)
{
	struct str op = attribute(x, attributes, "operator");
	bool both = feed_same(op, "AND"),
	     negated = feed_same(attribute(x, attributes, "negate"), "true");
	if (x->level == FEED_DEPTH_MAX) {
		stop(x, "nested too deep");
		return;
	}
	struct tree *node = tree_new(&x->builder, both ? PATTERN_ALL : PATTERN_ANY);
	struct tree *outer = node;
	if (negated && node != NULL) {
		outer = tree_new(&x->builder, PATTERN_NONE_OF);
		if (outer != NULL)
			tree_add(outer, node);
	}
	if (outer == NULL)
		x->failed = true;
	else if (x->level > 0 && !x->failed)
		tree_add(x->levels[x->level - 1].node, outer);
	if (x->level == 0)
		x->root = outer;
	x->levels[x->level++] = (struct level){node, NULL};
}

static void start_item(struct ioc *x, const char **attributes)
{
	struct str condition = attribute(x, attributes, "condition");
	x->negated = feed_same(attribute(x, attributes, "negate"), "true");
	if (feed_same(condition, "isnot") || feed_same(condition, "containsnot"))
		x->negated = !x->negated;
	x->condition = condition;
	x->search = (struct str){0};
	x->n = 0;
	x->long_text = false;
	x->r->at++;
}

static void on_start(void *ctx, const char *name, const char **attributes)
{
	struct ioc *x = ctx;
	name = local_name(name);
	if (++x->depth > FEED_DEPTH_MAX) {
		stop(x, "nested too deep");
		return;
	}
	if (strcmp(name, "ioc") == 0 || strcmp(name, "OpenIOC") == 0)
		x->id = attribute(x, attributes, "id");
	else if (strcmp(name, "Indicator") == 0)
		start_indicator(x, attributes);
	else if (strcmp(name, "IndicatorItem") == 0)
		start_item(x, attributes);
	else if (strcmp(name, "Context") == 0)
		x->search = attribute(x, attributes, "search");
	if (strcmp(name, "Content") == 0 || strcmp(name, "short_description") == 0)
		x->n = 0;
}

static void on_text(void *ctx, const char *p, int n)
{
	struct ioc *x = ctx;
	size_t room = TEXT_MAX - x->n, length = n > 0 ? (size_t)n : 0;
	x->long_text = x->long_text || length > room;
	memcpy(x->text + x->n, p, size_min(length, room));
	x->n += size_min(length, room);
}

static void end_indicator(struct ioc *x)
{
	struct indicator like = {
	    .id = x->id,
	    .note = x->note,
	    .valid_from = INDICATOR_VALID_NONE,
	    .valid_until = INDICATOR_VALID_NONE,
	};
	if (x->level == 0 || --x->level > 0)
		return;
	if (x->failed || x->root == NULL)
		feed_skip(x->r, FEED_OVER_LIMIT, x->id, "a tree with too many parts");
	else if (x->root->first != NULL)
		tree_put(x->r, x->root, (struct str){0}, &like);
	x->failed = false;
	x->builder.count = 0;
}

static void on_end(void *ctx, const char *name)
{
	struct ioc *x = ctx;
	struct str text = feed_trim((struct str){x->text, x->n});
	name = local_name(name);
	x->depth--;
	if (strcmp(name, "short_description") == 0)
		x->note = keep(x, text);
	else if (strcmp(name, "IndicatorItem") == 0)
		end_item(x);
	else if (strcmp(name, "Indicator") == 0)
		end_indicator(x);
	if (strcmp(name, "Content") != 0)
		x->n = 0;
}

/* Entities can be declared in a document type's own part only: nothing else is loaded. */
static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id,
    const XML_Char *public_id, int has_declarations)
{
	(void)name, (void)system_id, (void)public_id;
	if (has_declarations)
		stop(ctx, "it declares entities or the like: refused");
}

/* ---- the document ---- */

static void parse(struct ioc *x)
{
	enum XML_Status status = XML_STATUS_OK;
	bool more = true;
	while (status == XML_STATUS_OK && more && !x->r->full) {
		more = stream_fill(x->r->stream, 1);
		struct bytes view = stream_view(x->r->stream);
		if (x->r->stream->offset > FEED_DOCUMENT_MAX) {
			stop(x, "a document longer than the limit");
			return;
		}
		status = XML_Parse(x->parser, more ? (const char *)view.pos : "",
		    more ? (int)view.left : 0, !more);
		stream_advance(x->r->stream, view.left);
	}
	if (x->r->stream->fault.set)
		feed_damage(
		    x->r, x->r->stream->fault.offset, "%s", x->r->stream->fault.reason);
	if (status != XML_STATUS_OK)
		feed_damage(x->r, (uint64_t)XML_GetCurrentByteIndex(x->parser), "XML: %s",
		    XML_ErrorString(XML_GetErrorCode(x->parser)));
}

static void read_openioc(struct feed_reader *r)
{
	struct ioc *x = calloc(1, sizeof(*x));
	char *text = malloc(TEXT_MAX);
	XML_Parser parser = XML_ParserCreate(NULL);
	if (x != NULL && text != NULL && parser != NULL) {
		*x = (struct ioc){.r = r, .parser = parser, .builder = {.r = r}};
		x->text = text;
		XML_SetUserData(parser, x);
		XML_SetElementHandler(parser, on_start, on_end);
		XML_SetCharacterDataHandler(parser, on_text);
		XML_SetStartDoctypeDeclHandler(parser, on_doctype);
		parse(x);
	} else {
		feed_damage(r, 0, "no memory");
	}
	if (parser != NULL)
		XML_ParserFree(parser);
	free(text);
	free(x);
}

static bool probe_openioc(struct str head, bool whole)
{
	struct str s = feed_trim(head);
	(void)whole;
	return s.p != NULL && s.n > 0 && s.p[0] == '<' &&
	       (memmem(s.p, s.n, "<ioc", 4) != NULL ||
		   memmem(s.p, s.n, "OpenIOC", 7) != NULL ||
		   memmem(s.p, s.n, "IndicatorItem", 13) != NULL ||
		   memmem(s.p, s.n, "<!ENTITY", 8) != NULL);
}

const struct feed_format format_openioc = {
    "openioc", "item", probe_openioc, read_openioc};
