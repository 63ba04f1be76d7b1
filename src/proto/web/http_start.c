/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/web/http_start.h"

#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/size.h"

#define METHOD_MAX     32   /* bytes of the longest method taken */
#define PROBE_SURE     512  /* bytes of a known method and a path that need no version */
#define PROBE_LINE_MAX 2048 /* bytes in which the request line must end */

/* RFC 9110, WebDAV (RFC 4918, 3253, 3744, 5323, 5842), PATCH, and others in use. */
static const char *const methods[] = {"GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE",
    "TRACE", "CONNECT", "PATCH", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK",
    "UNLOCK", "REPORT", "SEARCH", "POLL", "SUBSCRIBE", "UNSUBSCRIBE", "BMOVE", "NOTIFY",
    "MKACTIVITY", "CHECKOUT", "MERGE", "ACL", "BIND", "MKCALENDAR", "PURGE", "BITS_POST",
    "CCM_POST", "RPC_IN_DATA", "RPC_OUT_DATA", "PRI"};

/* RFC 9110, 5.6.2: the characters of a token. */
static bool is_token(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') ||
	       (c > ' ' && c < 0x7f && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_known(struct str method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strlen(methods[i]) == method.n &&
		    strncasecmp(methods[i], method.p, method.n) == 0)
			return true;
	}
	return false;
}

/* "d.d" at the beginning of s:
 * ten times the first plus the second; -1: something else. */
static int version_of(struct str s)
{
	if (s.n < 3 || !is_digit(s.p[0]) || s.p[1] != '.' || !is_digit(s.p[2]))
		return -1;
	return (s.p[0] - '0') * 10 + (s.p[2] - '0');
}

static bool is_path_or_uri(struct str target)
{
	return target.n > 0 &&
	       (target.p[0] == '/' ||
		   (target.n > 7 && strncasecmp(target.p, "http://", 7) == 0) ||
		   (target.n > 8 && strncasecmp(target.p, "https://", 8) == 0));
}

/* Where the last " HTTP/" of s begins (the place of the H); 0: nowhere. */
static size_t find_version(struct str s)
{
	for (size_t i = s.n; i >= 6; i--) {
		if (s.p[i - 1] == '/' && strncasecmp(s.p + i - 5, "HTTP/", 5) == 0 &&
		    is_space(s.p[i - 6]))
			return i - 5;
	}
	return 0;
}

/* The line ends in the version of another protocol
 * with lines like these: RTSP/1.0, SIP/2.0. */
static bool is_foreign(struct str target)
{
	const char *last = target.n > 0 ? memrchr(target.p, ' ', target.n) : NULL;
	if (last == NULL)
		return false;
	struct str word = {last + 1, target.n - (size_t)(last + 1 - target.p)};
	size_t n = 0;
	while (n < word.n && word.p[n] >= 'A' && word.p[n] <= 'Z')
		n++;
	return n > 0 && word.n - n >= 2 && word.p[n] == '/' && is_digit(word.p[n + 1]);
}

bool http_request_line(struct str line, struct http_request_line *r)
{
	size_t n = 0;
	while (n < line.n && is_token((unsigned char)line.p[n]))
		n++;
	if (n == 0 || n > METHOD_MAX || n == line.n || !is_space(line.p[n]))
		return false;
	r->method = (struct str){line.p, n};
	struct str rest = {line.p + n, line.n - n};
	size_t at = find_version(rest);
	r->version = 9;
	if (at > 0) {
		r->version = version_of((struct str){rest.p + at + 5, rest.n - at - 5});
		rest.n = at;
	}
	while (rest.n > 0 && is_space(rest.p[0])) {
		rest.p++;
		rest.n--;
	}
	while (rest.n > 0 && is_space(rest.p[rest.n - 1]))
		rest.n--;
	r->target = rest;
	return at > 0 ||
	       (is_known(r->method) && is_path_or_uri(rest) && !is_foreign(rest));
}

bool http_status_line(struct str line, struct http_status_line *r)
{
	if (line.n < 5 || strncasecmp(line.p, "HTTP/", 5) != 0)
		return false;
	*r = (struct http_status_line){
	    version_of((struct str){line.p + 5, line.n - 5}), -1, {0}};
	size_t i = 5;
	while (i < line.n && !is_space(line.p[i]))
		i++;
	while (i < line.n && is_space(line.p[i]))
		i++;
	if (line.n - i < 3)
		return i < line.n;
	if (is_digit(line.p[i]) && is_digit(line.p[i + 1]) && is_digit(line.p[i + 2]))
		r->status = (line.p[i] - '0') * 100 + (line.p[i + 1] - '0') * 10 +
			    (line.p[i + 2] - '0');
	i += 3;
	while (i < line.n && !is_space(line.p[i]))
		i++;
	if (i == line.n)
		return true;
	while (i < line.n && is_space(line.p[i]))
		i++;
	r->reason = (struct str){line.p + i, line.n - i};
	return true;
}

bool http_chunk_size(struct str line, uint64_t *size)
{
	uint64_t n = 0;
	size_t i = 0;
	while (i < line.n && is_space(line.p[i]))
		i++;
	size_t begin = i;
	for (; i < line.n; i++) {
		char c = line.p[i];
		unsigned digit;
		if (is_digit(c))
			digit = (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (unsigned)((c | 0x20) - 'a') + 10;
		else
			break;
		if (n >> 60 != 0)
			return false;
		n = n << 4 | digit;
	}
	*size = n;
	return i > begin;
}

enum probe http_probe_response(struct bytes first)
{
	static const char prefix[] = "HTTP/";
	while (first.left > 0 && (first.pos[0] == '\r' || first.pos[0] == '\n'))
		bytes_skip(&first, 1);
	size_t n = size_min(first.left, 5);
	if (n == 0)
		return PROBE_MORE;
	if (strncasecmp((const char *)first.pos, prefix, n) != 0)
		return PROBE_NO;
	if (first.left < 6)
		return PROBE_MORE;
	return is_digit((char)first.pos[5]) ? PROBE_YES : PROBE_NO;
}

/* A first line without an end yet. */
static enum probe probe_open_line(struct str line, size_t method_n)
{
	struct str method = {line.p, method_n};
	if (line.n == method_n)
		return method_n <= METHOD_MAX ? PROBE_MORE : PROBE_NO;
	struct str target = {line.p + method_n + 1, line.n - method_n - 1};
	if (line.n >= PROBE_SURE && is_known(method) && is_path_or_uri(target))
		return PROBE_YES;
	return line.n < PROBE_LINE_MAX ? PROBE_MORE : PROBE_NO;
}

enum probe http_probe_request(struct bytes first)
{
	while (first.left > 0 && (first.pos[0] == '\r' || first.pos[0] == '\n'))
		bytes_skip(&first, 1);
	if (first.left == 0)
		return PROBE_MORE;
	struct str line = {(const char *)first.pos, first.left};
	const char *end = memchr(line.p, '\n', size_min(line.n, PROBE_LINE_MAX));
	if (end != NULL)
		line.n = (size_t)(end - line.p);
	size_t n = 0;
	while (n < line.n && n <= METHOD_MAX && is_token((unsigned char)line.p[n]))
		n++;
	if (n == 0 || n > METHOD_MAX ||
	    (n < line.n && line.p[n] != ' ' && line.p[n] != '\t'))
		return PROBE_NO;
	if (end == NULL)
		return probe_open_line(line, n);
	struct http_request_line r;
	return http_request_line(line, &r) ? PROBE_YES : PROBE_NO;
}

bool http_is_name(struct str host)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;
	if (host.n == 0)
		return false;
	if (host.n >= sizeof(text))
		return true;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	return !addr_parse(text, &a);
}
