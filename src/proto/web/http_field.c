/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/web/http_field.h"

#include <string.h>
#include <strings.h>

#include "base/size.h"

#define USER_MAX 256 /* bytes kept of the user of a Basic authorization */

struct http_known {
	const char *name;
	size_t n;
	unsigned roles; /* bits of enum http_role */
	unsigned text;  /* where it is kept */
	void (*finish)(struct http_fields *f, struct http_queue *q,
	    struct http_exchange *e, struct str value);
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

struct str http_trim(struct str s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (is_space(s.p[s.n - 1]) || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

static bool equal_nocase(struct str s, const char *word, size_t n)
{
	return s.n == n && strncasecmp(s.p, word, n) == 0;
}

/* Content-Length: a number, or the same number several times
 * (RFC 9110, 8.6). What is read of anything else is what most
 * recipients make of it: leading digits, the last field. */
static void finish_length(struct http_fields *f, struct http_queue *q,
    struct http_exchange *e, struct str value)
{
	(void)q;
	(void)e;
	uint64_t n = 0;
	size_t i = 0;
	for (; i < value.n && value.p[i] >= '0' && value.p[i] <= '9'; i++) {
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(value.p[i] - '0'), &n)) {
			f->bad_length = true;
			return;
		}
	}
	if (i == 0 || (i < value.n && value.p[i] != ',') ||
	    (f->has_length && f->length != n))
		f->bad_length = true;
	f->has_length = f->has_length || i > 0;
	f->length = i > 0 ? n : f->length;
}

static bool is_separator(char c)
{
	return c == ',' || c == '\r' || is_space(c);
}

/* Transfer-Encoding: chunked has to be the last coding (RFC
 * 9112, 6.1); it is taken as well where it is the first, so that
 * no odd coding behind it hides where the next message begins. */
static void finish_coding(struct http_fields *f, struct http_queue *q,
    struct http_exchange *e, struct str value)
{
	(void)q;
	(void)e;
	while (value.n > 0 && is_separator(value.p[0])) {
		value.p++;
		value.n--;
	}
	while (value.n > 0 && is_separator(value.p[value.n - 1]))
		value.n--;
	size_t first = 0, last = value.n;
	while (first < value.n && !is_separator(value.p[first]))
		first++;
	while (last > 0 && !is_separator(value.p[last - 1]))
		last--;
	f->chunked =
	    equal_nocase((struct str){value.p, first}, "chunked", 7) ||
	    equal_nocase((struct str){value.p + last, value.n - last}, "chunked", 7);
}

static void finish_upgrade(struct http_fields *f, struct http_queue *q,
    struct http_exchange *e, struct str value)
{
	(void)q;
	(void)e;
	f->http2 = equal_nocase(value, "h2c", 3);
}

/* The user of a Basic authorization (RFC 7617): decoding stops at the colon, so that the
 * password is never held in clear. */
static void finish_authorization(struct http_fields *f, struct http_queue *q,
    struct http_exchange *e, struct str value)
{
	(void)f;
	if (value.n < 6 || strncasecmp(value.p, "Basic", 5) != 0 || !is_space(value.p[5]))
		return;
	value = http_trim((struct str){value.p + 5, value.n - 5});
	char user[USER_MAX];
	size_t n = 0;
	unsigned bits = 0, held = 0;
	for (size_t i = 0; i < value.n && n < sizeof(user); i++) {
		int digit = str_base64_digit(value.p[i]);
		if (digit < 0)
			return;
		held = (held << 6 | (unsigned)digit) & 0xffff;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		char c = (char)(held >> bits & 0xff);
		if (c == ':') {
			http_text_set(q, e, HTTP_USERNAME, (struct str){user, n});
			return;
		}
		user[n++] = c;
	}
}

#define REQ     (1u << HTTP_REQUEST)
#define RES     (1u << HTTP_RESPONSE)
#define NAME(s) s, sizeof(s) - 1

/* In this order the search costs least: a length matches few of them. */
static const struct http_known known[] = {
    {NAME("Host"), REQ, HTTP_HOST, NULL},
    {NAME("User-Agent"), REQ, HTTP_USER_AGENT, NULL},
    {NAME("Referer"), REQ, HTTP_REFERRER, NULL},
    {NAME("Origin"), REQ, HTTP_ORIGIN, NULL},
    {NAME("Authorization"), REQ, HTTP_SCRATCH, finish_authorization},
    {NAME("Proxy-Authorization"), REQ, HTTP_SCRATCH, finish_authorization},
    {NAME("Content-Type"), RES, HTTP_CONTENT_TYPE, NULL},
    {NAME("Content-Length"), REQ | RES, HTTP_SCRATCH, finish_length},
    {NAME("Transfer-Encoding"), REQ | RES, HTTP_SCRATCH, finish_coding},
    {NAME("Upgrade"), RES, HTTP_SCRATCH, finish_upgrade},
    {NAME("Content-Type"), REQ, HTTP_BODY_TYPE, NULL},
    {NAME("Content-Encoding"), REQ | RES, HTTP_CODING, NULL},
    {NAME("Content-Disposition"), REQ | RES, HTTP_DISPOSITION, NULL},
    {NAME("Content-Range"), REQ | RES, HTTP_RANGE, NULL},
};

static const struct http_known proxied = {"", 0, REQ, HTTP_PROXIED, NULL};

/* Most names are none of the known, and differ from them in the first letter. */
static bool is_name(struct str name, const char *word)
{
	return name.n > 0 && ((name.p[0] ^ word[0]) & ~0x20) == 0 &&
	       equal_nocase(name, word, strlen(word));
}

/* The proxy header of that name, as an index of http_proxy_headers; -1: none. */
static int find_proxied(struct str name)
{
	for (int i = 0; http_proxy_headers[i] != NULL; i++) {
		if (is_name(name, http_proxy_headers[i]))
			return i;
	}
	return -1;
}

static const struct http_known *find(
    struct http_exchange *e, enum http_role role, struct str name, unsigned *text)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (name.n == known[i].n && (known[i].roles >> role & 1) != 0 &&
		    is_name(name, known[i].name)) {
			*text = known[i].text;
			return &known[i];
		}
	}
	int i = role == HTTP_REQUEST && e->proxied < HTTP_PROXIED_MAX ? find_proxied(name)
								      : -1;
	if (i < 0)
		return NULL;
	*text = HTTP_PROXIED + e->proxied;
	e->proxied_name[e->proxied++] = (unsigned char)i;
	return &proxied;
}

void http_field_end(struct http_fields *f, struct http_queue *q, struct http_exchange *e)
{
	const struct http_known *k = f->current;
	f->current = NULL;
	if (k == NULL || k->finish == NULL)
		return;
	k->finish(f, q, e, http_trim(http_text_get(e, f->current_text)));
	http_text_drop(e, f->current_text);
}

void http_field_line(struct http_fields *f, struct http_queue *q, struct http_exchange *e,
    enum http_role role, struct str line)
{
	if (line.n > 0 && is_space(line.p[0]) && f->any) {
		line = http_trim(line);
		if (f->current == NULL || line.n == 0)
			return;
		if (http_text_get(e, f->current_text).n > 0)
			http_text_append(q, e, f->current_text, STR(" "));
		http_text_append(q, e, f->current_text, line);
		return;
	}
	http_field_end(f, q, e);
	f->any = true;
	const char *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
	if (colon == NULL)
		return;
	struct str name = http_trim((struct str){line.p, (size_t)(colon - line.p)});
	struct str value = {colon + 1, line.n - (size_t)(colon + 1 - line.p)};
	unsigned text;
	f->current = find(e, role, name, &text);
	if (f->current == NULL)
		return;
	f->current_text = text;
	http_text_set(q, e, text, http_trim(value));
}
