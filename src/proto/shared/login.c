/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client's answer in SASL begins with, by mechanism:
 *
 *     PLAIN       authzid NUL authcid NUL password            (RFC 4616)
 *     LOGIN       the name alone; the next answer is the password
 *     CRAM-MD5    name SP digest                              (RFC 2195)
 *     SCRAM-…     n,,n=name,r=nonce                           (RFC 5802)
 *     XOAUTH2, OAUTHBEARER  … user=name 0x01 …, n,a=name,      (RFC 7628)
 *     DIGEST-MD5  … username="name" …                         (RFC 2831)
 */
#include "proto/shared/login.h"

#include "base/size.h"

void login_begin(struct parse *x, struct login *l, struct str mechanism)
{
	if (!l->begun) {
		l->begun = true;
		parse_mark(x, l);
		l->steps = 0;
		l->mechanism.n = 0;
	}
	if (mechanism.n == 0)
		return;
	struct str lower = str_clean_lower(x->scratch, mechanism.p, mechanism.n);
	l->mechanism.n = 0;
	if (lower.n > 0)
		kept_set(x, &l->mechanism, bytes_over(lower.p, lower.n));
}

void login_user(struct parse *x, struct login *l, struct str user)
{
	l->user.n = 0;
	if (user.n > 0)
		kept_set(x, &l->user, bytes_over(user.p, user.n));
}

/* What base64 stands for, in the arena; as far as it is some. */
static struct str decode(struct arena *a, struct str text)
{
	size_t n = size_min(text.n, (size_t)SASL_BYTES_MAX / 3 * 4), out = 0;
	char *bytes = arena_alloc(a, SASL_BYTES_MAX);
	uint32_t bits = 0;
	int have = 0;
	for (size_t i = 0; bytes != NULL && i < n; i++) {
		int digit = str_base64_digit(text.p[i]);
		if (digit < 0)
			break;
		bits = (bits << 6 | (uint32_t)digit) & 0xffff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		bytes[out++] = (char)(bits >> have & 0xff);
	}
	return (struct str){bytes, out};
}

/* What stands between the text at begin and the next byte of end; empty: it is not there.
 */
static struct str between(struct str s, const char *begin, const char *end)
{
	size_t n = strlen(begin);
	for (size_t i = 0; i + n <= s.n; i++) {
		if (memcmp(s.p + i, begin, n) != 0)
			continue;
		size_t at = i + n, to = at;
		while (to < s.n && memchr(end, s.p[to], strlen(end) + 1) == NULL)
			to++;
		return (struct str){s.p + at, to - at};
	}
	return (struct str){0};
}

static bool mechanism_is(const struct login *l, const char *lower)
{
	return str_equal(kept_text(&l->mechanism), str_of(lower));
}

struct str login_plain_user(struct bytes response)
{
	struct bytes b = response, text;
	bool whole = bytes_zero_ended(&b, &text);
	whole = whole && bytes_zero_ended(&b, &text);
	if (!whole)
		return (struct str){0};
	return (struct str){(const char *)text.pos, text.left};
}

/* The name in the client's first answer; empty: none is known to be there. */
static struct str name_in(const struct login *l, struct str s)
{
	if (mechanism_is(l, "plain"))
		return login_plain_user(bytes_over(s.p, s.n));
	if (mechanism_is(l, "login"))
		return s;
	if (mechanism_is(l, "xoauth2"))
		return between(s, "user=", "\1");
	if (mechanism_is(l, "oauthbearer"))
		return between(s, "a=", ",");
	if (mechanism_is(l, "digest-md5"))
		return between(s, "username=\"", "\"");
	if (l->mechanism.n > 6 && memcmp(l->mechanism.p, "scram-", 6) == 0)
		return between(s, "n=", ",");
	if (mechanism_is(l, "cram-md5")) { /* the digest has no space in it */
		while (s.n > 0 && s.p[s.n - 1] != ' ')
			s.n--;
		return (struct str){s.p, s.n - (s.n > 0)};
	}
	return (struct str){0};
}

bool login_answers(struct str line)
{
	return line.n == 0 || memchr(line.p, ' ', line.n) == NULL;
}

void login_sasl(struct parse *x, struct login *l, struct str answer)
{
	struct str s = decode(x->scratch, answer);
	if (l->steps++ > 0 || s.n == 0)
		return;
	struct str name = name_in(l, s);
	if (name.n > 0)
		login_user(x, l, name);
}

static void put(struct parse *x, struct login *l, const char *protocol,
    struct login_record *r, struct str status)
{
	login_begin(x, l, (struct str){0});
	r->ts = l->ts;
	parse_endpoints(x, r);
	r->protocol = str_of(protocol);
	r->user = kept_text(&l->user);
	r->mechanism = kept_text(&l->mechanism);
	if (status.n > 0)
		r->status = str_clean(x->scratch, status.p, size_min(status.n, 255));
	r->client = kept_text(&l->client);
	r->server = kept_text(&l->server);
	parse_source_of(x, r, l);
	parse_emit(x, RECORD_LOGIN, r);
	l->begun = false;
}

void login_emit(struct parse *x, struct login *l, const char *protocol, int success,
    struct str status)
{
	struct login_record r;
	record_clear(RECORD_LOGIN, &r);
	r.success = (int8_t)success;
	r.encrypted = 0;
	put(x, l, protocol, &r, status);
}

void login_encrypted(
    struct parse *x, struct login *l, const char *protocol, struct str status)
{
	struct login_record r;
	record_clear(RECORD_LOGIN, &r);
	r.encrypted = 1;
	put(x, l, protocol, &r, status);
}
