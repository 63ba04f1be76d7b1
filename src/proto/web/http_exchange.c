/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/web/http_exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/size.h"

#define TEXT_STEP 512 /* an exchange's text grows from this by doubling */

const char *const http_proxy_headers[] = {"FORWARDED", "X-FORWARDED-FOR",
    "X-FORWARDED-FROM", "CLIENT-IP", "VIA", "XROXY-CONNECTION", "PROXY-CONNECTION", NULL};

static void emit(struct parse *x, struct http_exchange *e);

static void drop_first(struct http_queue *q)
{
	struct http_exchange *e = q->first;
	q->first = e->next;
	if (q->first == NULL)
		q->last = NULL;
	q->n--;
	q->held -= sizeof(*e) + e->text_room;
	free(e->text);
	free(e);
}

struct http_exchange *http_queue_add(
    struct http_queue *q, struct parse *x, const struct http_mark *mark)
{
	if (q->n >= HTTP_PIPELINE_MAX) {
		x->counters->over_limit++;
		emit(x, q->first);
		drop_first(q);
	}
	struct http_exchange *e = malloc(sizeof(*e)); /* calloc takes longer */
	if (e == NULL)
		return NULL;
	*e = (struct http_exchange){.mark = *mark};
	e->depth = ++q->depth;
	e->status = e->version[0] = e->version[1] = -1;
	if (q->last != NULL)
		q->last->next = e;
	else
		q->first = e;
	q->last = e;
	q->n++;
	q->held += sizeof(*e);
	return e;
}

struct http_exchange *http_queue_waiting(const struct http_queue *q)
{
	struct http_exchange *e = q->first;
	while (e != NULL && e->answered)
		e = e->next;
	return e;
}

void http_queue_emit(struct http_queue *q, struct parse *x, bool all)
{
	while (q->first != NULL &&
	       (all || (q->first->answered && !q->first->open[HTTP_REQUEST]))) {
		emit(x, q->first);
		drop_first(q);
	}
}

void http_queue_take(struct http_queue *q, struct parse *x, struct http_exchange *e)
{
	struct http_exchange **at = &q->first, *before = NULL;
	while (*at != e) {
		before = *at;
		at = &before->next;
	}
	emit(x, e);
	*at = e->next;
	if (q->last == e)
		q->last = before;
	q->n--;
	q->held -= sizeof(*e) + e->text_room;
	free(e->text);
	free(e);
}

/* Make room for n bytes after the text; how many of them there is room for. */
static size_t make_room(struct http_queue *q, struct http_exchange *e, size_t n)
{
	n = size_min(n, HTTP_TEXT_MAX - e->text_n);
	size_t room = size_max(e->text_room, TEXT_STEP);
	while (room < e->text_n + n)
		room *= 2; /* ends: the sum is at most HTTP_TEXT_MAX */
	if (room > e->text_room) {
		char *text = realloc(e->text, room);
		if (text == NULL)
			return 0;
		q->held += room - e->text_room;
		e->text = text;
		e->text_room = room;
	}
	return n;
}

bool http_text_append(
    struct http_queue *q, struct http_exchange *e, unsigned t, struct str s)
{
	struct http_span *span = &e->span[t];
	bool at_end = span->set && (size_t)span->at + span->n == e->text_n;
	size_t before = at_end || !span->set ? 0 : span->n;
	size_t n = make_room(q, e, before + s.n);
	if (n < before)
		return false;
	if (!at_end) {
		if (before > 0)
			memcpy(e->text + e->text_n, e->text + span->at, before);
		*span = (struct http_span){(uint32_t)e->text_n, (uint32_t)before, true};
		e->text_n += before;
		n -= before;
	}
	if (n > 0)
		memcpy(e->text + e->text_n, s.p, n);
	e->text_n += n;
	span->n += (uint32_t)n;
	return n == s.n;
}

bool http_text_set(
    struct http_queue *q, struct http_exchange *e, unsigned t, struct str s)
{
	http_text_drop(e, t);
	return http_text_append(q, e, t, s);
}

struct str http_text_get(const struct http_exchange *e, unsigned t)
{
	const struct http_span *span = &e->span[t];
	if (!span->set)
		return (struct str){0};
	if (e->text == NULL || span->n == 0)
		return (struct str){"", 0};
	return (struct str){e->text + span->at, span->n};
}

void http_text_drop(struct http_exchange *e, unsigned t)
{
	struct http_span *span = &e->span[t];
	if (span->set && span->n > 0) {
		memset(e->text + span->at, 0, span->n);
		if ((size_t)span->at + span->n == e->text_n)
			e->text_n = span->at;
	}
	*span = (struct http_span){0};
}

/* The authority of an absolute target or of CONNECT; absent: it has none. */
static struct str target_authority(const struct http_exchange *e)
{
	struct str u = http_text_get(e, HTTP_URI);
	if (!e->connect) {
		size_t skip = u.n >= 7 && strncasecmp(u.p, "http://", 7) == 0    ? 7
			      : u.n >= 8 && strncasecmp(u.p, "https://", 8) == 0 ? 8
										 : 0;
		if (skip == 0)
			return (struct str){0};
		u.p += skip;
		u.n -= skip;
	}
	size_t n = 0;
	while (n < u.n && u.p[n] != '/' && u.p[n] != '?' && u.p[n] != '#')
		n++;
	u.n = n;
	const char *user = u.n > 0 ? memrchr(u.p, '@', u.n) : NULL;
	if (user != NULL) {
		u.n -= (size_t)(user + 1 - u.p);
		u.p = user + 1;
	}
	return u;
}

struct str http_host(struct arena *a, const struct http_exchange *e)
{
	struct str h = http_text_get(e, HTTP_HOST);
	if (h.n == 0)
		h = target_authority(e);
	if (h.n == 0)
		return (struct str){0};
	const char *close = h.p[0] == '[' ? memchr(h.p, ']', h.n) : NULL;
	if (close != NULL) { /* [IPv6 address]:port */
		h.n = (size_t)(close - h.p) - 1;
		h.p++;
	} else {
		const char *colon = memchr(h.p, ':', h.n);
		if (colon != NULL && memrchr(h.p, ':', h.n) == colon)
			h.n = (size_t)(colon - h.p);
	}
	if (h.n > 1 && h.p[h.n - 1] == '.')
		h.n--;
	return h.n > 0 ? str_clean_lower(a, h.p, h.n) : (struct str){0};
}

static struct str clean(struct parse *x, const struct http_exchange *e, unsigned t)
{
	struct str s = http_text_get(e, t);
	return s.p != NULL ? str_clean(x->scratch, s.p, s.n) : s;
}

static struct str version_text(struct parse *x, const struct http_exchange *e)
{
	int v = e->version[HTTP_RESPONSE] >= 0 ? e->version[HTTP_RESPONSE]
					       : e->version[HTTP_REQUEST];
	if (v < 0)
		return (struct str){0};
	/* Two digits, as the line has them; str_format would take most of the record's
	 * time. */
	const char text[] = {(char)('0' + v / 10 % 10), '.', (char)('0' + v % 10)};
	const char *copy = arena_copy(x->scratch, text, sizeof(text));
	return (struct str){copy, copy != NULL ? sizeof(text) : 0};
}

static void emit(struct parse *x, struct http_exchange *e)
{
	struct http_record r;
	struct str proxied[HTTP_PROXIED_MAX];

	record_clear(RECORD_HTTP, &r);
	parse_endpoints(x, &r);
	parse_source(x, &r);
	r.ts = e->mark.ts;
	r.source = parse_source_name(x, e->mark.source);
	r.source_offset = e->mark.offset;
	r.depth = e->depth;
	r.method = clean(x, e, HTTP_METHOD);
	r.host = http_host(x->scratch, e);
	r.uri = clean(x, e, HTTP_URI);
	r.version = version_text(x, e);
	r.user_agent = clean(x, e, HTTP_USER_AGENT);
	r.referrer = clean(x, e, HTTP_REFERRER);
	r.origin = clean(x, e, HTTP_ORIGIN);
	r.username = clean(x, e, HTTP_USERNAME);
	r.reason = clean(x, e, HTTP_REASON);
	r.content_type = clean(x, e, HTTP_CONTENT_TYPE);
	r.status = e->status;
	r.request_bytes = e->body[HTTP_REQUEST];
	r.response_bytes = e->body[HTTP_RESPONSE];
	for (unsigned i = 0; i < e->proxied; i++)
		proxied[i] = str_format(x->scratch, "%s -> %.*s",
		    http_proxy_headers[e->proxied_name[i]],
		    STR_ARG(clean(x, e, HTTP_PROXIED + i)));
	r.proxied = (struct str_list){proxied, e->proxied};
	x->counters->understood++;
	parse_emit(x, RECORD_HTTP, &r);
}
