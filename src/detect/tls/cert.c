/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/tls/cert.h"

#include <string.h>
#include <strings.h>

#include "base/addr.h"

#define DAY_US   86400000000LL
#define LONG_US  (1826 * DAY_US) /* B8: five years; public ones: 398 days at most */
#define SHORT_US DAY_US          /* B8 */
#define FRESH_US DAY_US          /* B8 */

/* Values of a subject that tools fill in when they are given none. */
static const char *const defaults[] = {
    "Internet Widgits Pty Ltd",
    "Some-State",
    "Default City",
    "Default Company Ltd",
    "SomeState",
    "SomeCity",
    "SomeOrganization",
    "SomeOrganizationalUnit",
    "Unknown",
    "--",
};

/* One attribute of a name: TYPE=value, up to a comma or plus sign that is not escaped. */
static bool next_attribute(struct str *rest, struct str *type, struct str *value)
{
	size_t n = 0;
	if (rest->n == 0)
		return false;
	while (n < rest->n && rest->p[n] != ',' && rest->p[n] != '+')
		n += rest->p[n] == '\\' && n + 1 < rest->n ? 2 : 1;
	struct str all = {rest->p, n};
	size_t used = n < rest->n ? n + 1 : n;
	*rest = (struct str){rest->p + used, rest->n - used};
	const char *equals = memchr(all.p, '=', all.n);
	size_t at = equals != NULL ? (size_t)(equals - all.p) : all.n;
	*type = (struct str){all.p, at};
	*value = at < all.n ? (struct str){all.p + at + 1, all.n - at - 1} : STR("");
	return true;
}

struct str cert_common_name(struct str subject)
{
	struct str type, value;
	while (next_attribute(&subject, &type, &value)) {
		if (str_equal(type, STR("CN")))
			return value;
	}
	return (struct str){NULL, 0};
}

static bool has_defaults(struct str subject)
{
	struct str type, value;
	while (next_attribute(&subject, &type, &value)) {
		for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++) {
			if (str_equal(value, str_of(defaults[i])))
				return true;
		}
	}
	return false;
}

static bool same(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

/* A host name as others can reach it: a dot inside, and no digits at its end. */
static bool is_host(struct str s)
{
	if (s.p == NULL || s.n == 0)
		return false;
	const char *dot = memrchr(s.p, '.', s.n);
	if (dot == NULL || dot == s.p || memchr(s.p, ' ', s.n) != NULL)
		return false;
	size_t n = s.n - (size_t)(dot - s.p) - 1;
	if (n < 2)
		return false;
	for (size_t i = 1; i <= n; i++) {
		char c = dot[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '-' &&
		    !(n > 4 && c >= '0' && c <= '9')) /* punycode */
			return false;
	}
	return true;
}

static bool is_address(struct str s)
{
	struct addr a;
	return str_addr(s, &a);
}

/* What stands behind its first label. */
static struct str parent(struct str s)
{
	const char *dot = s.n > 0 ? memchr(s.p, '.', s.n) : NULL;
	if (dot == NULL)
		return (struct str){NULL, 0};
	size_t at = (size_t)(dot - s.p) + 1;
	return (struct str){s.p + at, s.n - at};
}

/* Whether the name covers the wanted one: itself, or all of one label (RFC 6125, 6.4). */
static bool covers(struct str name, struct str wanted)
{
	if (name.n > 2 && name.p[0] == '*' && name.p[1] == '.')
		return same((struct str){name.p + 2, name.n - 2}, parent(wanted));
	return same(name, wanted);
}

/* The names that are left to read: the alternative ones, else the common name. */
struct names {
	struct str rest;
};

/* What stands between two names, in a list as JSON too. */
static bool parts(char c)
{
	return c == ' ' || c == ',' || c == '"' || c == '[' || c == ']';
}

static bool next_name(struct names *n, struct str *name)
{
	size_t from = 0;
	while (from < n->rest.n && parts(n->rest.p[from]))
		from++;
	size_t end = from;
	while (end < n->rest.n && !parts(n->rest.p[end]))
		end++;
	*name = (struct str){n->rest.p + from, end - from};
	n->rest = (struct str){n->rest.p + end, n->rest.n - end};
	return name->n > 0;
}

static bool has_names(struct str list)
{
	struct names n = {list};
	struct str name;
	return next_name(&n, &name);
}

static unsigned judge_names(const struct cert_view *c, struct str sni)
{
	struct names n = {has_names(c->names) ? c->names : cert_common_name(c->subject)};
	struct str name;
	bool hosts = false, addresses = false, asked = false;
	while (next_name(&n, &name)) {
		hosts |= is_host(name);
		addresses |= is_address(name);
		asked |= covers(name, sni);
	}
	if (!hosts && !addresses)
		return CERT_NAMELESS;
	unsigned marks = hosts ? 0 : CERT_ADDRESS;
	if (sni.n > 0 && hosts && !asked)
		marks |= CERT_OTHER_NAME;
	return marks;
}

static unsigned judge_times(const struct cert_view *c, int64_t ts)
{
	unsigned marks = 0;
	if (c->not_before == INT64_MIN || c->not_after == INT64_MIN)
		return 0;
	double span = (double)c->not_after - (double)c->not_before;
	if (span > (double)LONG_US)
		marks |= CERT_LONG;
	if (span < (double)SHORT_US)
		marks |= CERT_SHORT;
	if (ts > c->not_after)
		marks |= CERT_EXPIRED;
	if (ts < c->not_before)
		marks |= CERT_EARLY;
	else if ((double)ts - (double)c->not_before < (double)FRESH_US)
		marks |= CERT_FRESH;
	return marks;
}

unsigned cert_judge(const struct cert_view *c, struct str sni, int64_t ts)
{
	if (c->subject.p == NULL)
		return 0;
	unsigned marks = judge_times(c, ts);
	if (c->names.p != NULL)
		marks |= judge_names(c, sni);
	if (c->subject.n > 0 && str_equal(c->subject, c->issuer))
		marks |= CERT_SELF_SIGNED;
	if ((c->subject.n == 0 && c->names.p != NULL && !has_names(c->names)) ||
	    has_defaults(c->subject))
		marks |= CERT_DEFAULTS;
	return marks;
}

unsigned cert_level(unsigned marks)
{
	unsigned strong = CERT_SELF_SIGNED | CERT_NAMELESS | CERT_DEFAULTS;
	unsigned weak = CERT_ADDRESS | CERT_LONG | CERT_SHORT | CERT_EXPIRED |
			CERT_EARLY | CERT_FRESH;
	unsigned points = 2 * (unsigned)__builtin_popcount(marks & strong) +
			  (unsigned)__builtin_popcount(marks & weak);
	return points >= 4 ? 3 : points >= 2 ? 2 : points;
}
