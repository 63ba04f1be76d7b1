/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIP over UDP (RFC 3261): calls, and who scans for telephones.
 *
 *     METHOD uri SIP/2.0 | SIP/2.0 code reason, then header lines as in HTTP, some with
 *     short names, an empty line, and a body that we leave alone
 */
#include <strings.h>

#include "base/size.h"
#include "proto/shared/datagram.h"

#define PORT_SIP        5060
#define SIP_HEADERS_MAX 128 /* header lines read of a message */
#define METHOD_MAX      16

/* The next line of b without its end. */
static struct str take_line(struct bytes *b)
{
	const char *p = (const char *)b->pos;
	const char *end = b->left > 0 ? memchr(p, '\n', b->left) : NULL;
	size_t n = end != NULL ? (size_t)(end - p) : b->left;
	bytes_skip(b, end != NULL ? n + 1 : n);
	if (n > 0 && p[n - 1] == '\r')
		n--;
	return (struct str){p, n};
}

static bool starts(struct str s, const char *with)
{
	size_t n = strlen(with);
	return s.n >= n && memcmp(s.p, with, n) == 0;
}

static bool is_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return s.n > 0;
}

/* The text up to the next space, which is taken out with it. */
static struct str take_word(struct str *s)
{
	size_t n = 0;
	while (n < s->n && s->p[n] != ' ')
		n++;
	struct str word = {s->p, n};
	size_t skip = n < s->n ? n + 1 : n;
	*s = (struct str){s->p + skip, s->n - skip};
	return word;
}

struct start {
	struct str method, uri, reason;
	int64_t status; /* -1: a request */
};

/* The first line; false when it is none of SIP. */
static bool start_line(struct str line, struct start *s)
{
	*s = (struct start){.status = -1};
	if (starts(line, "SIP/2.0 ")) {
		take_word(&line);
		struct str code = take_word(&line);
		if (code.n != 3 || !is_digits(code))
			return false;
		s->status =
		    (code.p[0] - '0') * 100 + (code.p[1] - '0') * 10 + code.p[2] - '0';
		s->reason = line;
		return true;
	}
	s->method = take_word(&line);
	s->uri = take_word(&line);
	for (size_t i = 0; i < s->method.n; i++) {
		if ((s->method.p[i] < 'A' || s->method.p[i] > 'Z') &&
		    s->method.p[i] != '_')
			return false;
	}
	return s->method.n > 0 && s->method.n <= METHOD_MAX && s->uri.n > 0 &&
	       starts(line, "SIP/2.0");
}

static struct str trimmed(struct str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = (struct str){s.p + 1, s.n - 1};
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* The text between name=" and the next quote of an Authorization. */
static struct str parameter(struct str s, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i + n < s.n; i++) {
		if (strncasecmp(s.p + i, name, n) != 0)
			continue;
		const char *begin = s.p + i + n;
		const char *end = memchr(begin, '"', s.n - i - n);
		if (end != NULL)
			return (struct str){begin, (size_t)(end - begin)};
	}
	return (struct str){0};
}

/* A Via up to its branch, which is another in each message. */
static struct str before_branch(struct str via)
{
	for (size_t i = 0; i + 8 <= via.n; i++) {
		size_t blank = via.p[i + 1] == ' ';
		if (via.p[i] == ';' && i + 8 + blank <= via.n &&
		    strncasecmp(via.p + i + 1 + blank, "branch=", 7) == 0)
			return (struct str){via.p, i};
	}
	return via;
}

static void keep(struct parse *x, struct str *to, struct str value)
{
	if (to->p == NULL && value.n > 0)
		*to = str_clean(x->scratch, value.p, value.n);
}

/* A header, by its long or its short name (RFC 3261, 7.3.3). */
static void header(
    struct parse *x, struct sip_record *r, struct str name, struct str value)
{
	const struct {
		const char *name;
		char letter;
		struct str *to;
	} texts[] = {{"From", 'f', &r->from_uri}, {"To", 't', &r->to_uri},
	    {"Contact", 'm', &r->contact}, {"Call-ID", 'i', &r->call_id},
	    {"CSeq", 0, &r->seq}, {"User-Agent", 0, &r->user_agent},
	    {"Server", 0, &r->user_agent}, {"Content-Type", 'c', &r->content_type}};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		bool same = name.n == strlen(texts[i].name) &&
			    strncasecmp(name.p, texts[i].name, name.n) == 0;
		if (same || (name.n == 1 && texts[i].letter != 0 &&
				(name.p[0] | 0x20) == texts[i].letter)) {
			keep(x, texts[i].to, value);
			return;
		}
	}
	if ((name.n == 3 && strncasecmp(name.p, "Via", 3) == 0) ||
	    (name.n == 1 && (name.p[0] | 0x20) == 'v')) {
		keep(x, &r->path, trimmed(before_branch(value)));
	} else if ((name.n == 14 && strncasecmp(name.p, "Content-Length", 14) == 0) ||
		   (name.n == 1 && (name.p[0] | 0x20) == 'l')) {
		r->body_bytes = 0;
		for (size_t i = 0; is_digits(value) && i < size_min(value.n, 9); i++)
			r->body_bytes = 10 * r->body_bytes + value.p[i] - '0';
	} else if (name.n == 13 && strncasecmp(name.p, "Authorization", 13) == 0) {
		keep(x, &r->username, parameter(value, "username=\""));
	}
}

static void headers(struct parse *x, struct sip_record *r, struct bytes b)
{
	for (int i = 0; b.left > 0; i++) {
		struct str line = take_line(&b);
		if (line.n == 0)
			return;
		if (i == SIP_HEADERS_MAX) {
			x->counters->over_limit++;
			return;
		}
		const char *colon = memchr(line.p, ':', line.n);
		if (colon == NULL)
			continue;
		size_t n = (size_t)(colon - line.p);
		header(x, r, trimmed((struct str){line.p, n}),
		    trimmed((struct str){colon + 1, line.n - n - 1}));
	}
}

/* The method that a response answers: the second word of CSeq. */
static struct str answered(struct str seq)
{
	if (seq.p == NULL)
		return seq;
	take_word(&seq);
	seq = trimmed(seq);
	return seq.n > 0 ? seq : (struct str){NULL, 0};
}

static enum parse_result sip_data(struct parse *x, void *state, const struct flow_data *d)
{
	(void)state;
	struct bytes b = bytes_over(d->p, d->n);
	struct start s;
	while (b.left > 0 && (b.pos[0] == '\r' || b.pos[0] == '\n'))
		bytes_skip(&b, 1); /* of a keep-alive (RFC 5626) */
	if (b.left <= 4)
		return PARSE_OK;
	bool good = start_line(take_line(&b), &s);
	datagram_count(x, d, good);
	if (!good)
		return PARSE_OK;
	struct sip_record r;
	record_clear(RECORD_SIP, &r);
	r.ts = x->ts;
	parse_endpoints(x, &r);
	parse_source(x, &r);
	r.from_src = d->side == 0;
	r.status_code = s.status;
	keep(x, &r.method, s.method);
	keep(x, &r.uri, s.uri);
	keep(x, &r.status_msg, s.reason);
	headers(x, &r, b);
	if (s.status >= 0)
		r.method = answered(r.seq);
	parse_confirm(x);
	parse_emit(x, RECORD_SIP, &r);
	return PARSE_OK;
}

static enum probe sip_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	struct start s;
	return start_line(take_line(&first), &s) ? PROBE_YES : PROBE_NO;
}

const struct proto_parser sip_parser = {
    .name = "sip",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST('A', 'Z'),
    PARSER_PORTS(PORT_SIP, 5061),
    .probe = sip_probe,
    .data = sip_data,
    .close = datagram_close,
};
