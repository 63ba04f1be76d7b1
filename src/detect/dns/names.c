/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dns/names.h"

#include "store/suffix.h"

#define SECOND_MAX 3 /* letters: co, com, ac, gov … below a country */

static const char *last_dot(struct str s)
{
	return s.n > 0 ? memrchr(s.p, '.', s.n) : NULL;
}

/* Whether a label can be a public suffix: letters alone, or an internationalised one. */
static bool is_top(struct str label)
{
	bool idn = label.n > 4 && memcmp(label.p, "xn--", 4) == 0;
	for (size_t i = idn ? 4 : 0; i < label.n; i++) {
		char c = label.p[i];
		bool digit = (c >= '0' && c <= '9') || c == '-';
		if (!(c >= 'a' && c <= 'z') && !(idn && digit))
			return false;
	}
	return label.n > 0;
}

struct str names_key(struct str name)
{
	const char *dot = last_dot(name);
	if (dot == NULL)
		return (struct str){NULL, 0};
	const char *end = name.p + name.n;
	struct str top = {dot + 1, (size_t)(end - dot) - 1};
	if (!is_top(top))
		return (struct str){NULL, 0};
	const char *before = last_dot((struct str){name.p, (size_t)(dot - name.p)});
	const char *from = before != NULL ? before + 1 : name.p;
	struct str key = {from, (size_t)(end - from)};
	if (before == NULL || dot - from > SECOND_MAX || top.n != 2 ||
	    suffix_public(key).n != key.n)
		return key;
	before = last_dot((struct str){name.p, (size_t)(before - name.p)});
	from = before != NULL ? before + 1 : name.p;
	return (struct str){from, (size_t)(end - from)};
}

struct str names_domain(struct str name)
{
	struct str domain = suffix_registered(name);
	return domain.n > 0 ? domain : names_key(name);
}

bool names_below(struct str name, struct str domain)
{
	return name.n > domain.n && domain.n > 0 &&
	       name.p[name.n - domain.n - 1] == '.' &&
	       memcmp(name.p + name.n - domain.n, domain.p, domain.n) == 0;
}

struct str names_sub(struct str name, struct str domain)
{
	if (domain.n == 0)
		return name;
	if (!names_below(name, domain))
		return (struct str){name.p, 0};
	return (struct str){name.p, name.n - domain.n - 1};
}

struct str names_first_label(struct str s)
{
	const char *dot = s.n > 0 ? memchr(s.p, '.', s.n) : NULL;
	return (struct str){s.p, dot != NULL ? (size_t)(dot - s.p) : s.n};
}

bool names_is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return s.n > 0;
}

/* Whether a label is a number up to 255. */
static bool is_octet(struct str label)
{
	unsigned n = 0;
	if (label.n == 0 || label.n > 3)
		return false;
	for (size_t i = 0; i < label.n; i++) {
		if (label.p[i] < '0' || label.p[i] > '9')
			return false;
		n = 10 * n + (unsigned)(label.p[i] - '0');
	}
	return n <= 255;
}

bool names_spells_address(struct str sub)
{
	unsigned octets = 0, nibbles = 0;
	while (sub.n > 0 && octets < 4 && nibbles < 32) {
		struct str label = names_first_label(sub);
		octets = is_octet(label) ? octets + 1 : 0;
		nibbles = label.n == 1 && names_is_hex(label) ? nibbles + 1 : 0;
		if (octets == 0 && nibbles == 0)
			return false;
		size_t step = label.n < sub.n ? label.n + 1 : label.n;
		sub.p += step;
		sub.n -= step;
	}
	return octets >= 4 || nibbles >= 32;
}
