/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dns/tools.h"

#include <stdlib.h>

#include "detect/dns/names.h"

#define SHARE 0.9 /* of the names have the format */

static bool enough(const struct tools_sample *s, size_t n)
{
	return n >= TOOLS_NAMES_MIN && (double)n >= SHARE * (double)s->n;
}

/*
 * dns2tcp ends its opening requests in a label of its own before the domain:
 *     aaaaakbvaa.=auth.DOMAIN     hvp1kf5bahnzaa.=connect.DOMAIN
 */
static bool is_dns2tcp(const struct tools_sample *s)
{
	size_t opening = 0;
	for (size_t i = 0; i < s->n; i++) {
		struct str sub = s->names[i].sub;
		if (sub.p != NULL && sub.n > 0 && memchr(sub.p, '=', sub.n) != NULL)
			opening += memmem(sub.p, sub.n, ".=auth", 6) != NULL ||
				   memmem(sub.p, sub.n, ".=connect", 9) != NULL;
	}
	return opening > 0 && s->n >= TOOLS_NAMES_MIN;
}

/*
 * iodine tries which characters survive, with fixed texts, and sends data in queries for
 * NULL or a private type, of which nobody else makes use.
 */
static bool is_iodine(const struct tools_sample *s)
{
	static const char pairs[] =
	    "aabbccddeeffgghhiijjkkllmmnnooppqqrrssttuuvvwwxxyyzz";
	if (s->n < TOOLS_NAMES_MIN)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		struct str sub = s->names[i].sub;
		if (sub.n >= sizeof(pairs) - 1 &&
		    memmem(sub.p, sub.n, pairs, sizeof(pairs) - 1) != NULL)
			return true;
	}
	return (double)s->null_queries >= SHARE * (double)s->queries;
}

/* The first hexadecimal digits of a name, over its labels: a label that is not all
 * hexadecimal ends them, or is left out where it comes first. */
static size_t hex_head(struct str sub, char out[static 18])
{
	size_t n = 0;
	bool first = true;
	while (sub.n > 0 && n < 18) {
		struct str label = names_first_label(sub);
		bool hex = names_is_hex(label);
		if (!hex && (!first || !str_equal(label, STR("dnscat"))))
			break;
		for (size_t i = 0; hex && i < label.n && n < 18; i++)
			out[n++] = label.p[i];
		size_t step = label.n < sub.n ? label.n + 1 : label.n;
		sub.p += step;
		sub.n -= step;
		first = false;
	}
	return n;
}

struct header {
	char id[4], session[4];
};

static int by_session(const void *x, const void *y)
{
	const struct header *a = x, *b = y;
	int c = memcmp(a->session, b->session, sizeof(a->session));
	return c != 0 ? c : memcmp(a->id, b->id, sizeof(a->id));
}

/* Names of the most frequent session whose numbers differ from each other's. */
static size_t largest_session(struct header *v, size_t n)
{
	size_t best = 0, here = 0;
	if (n > 0)
		qsort(v, n, sizeof(*v), by_session);
	for (size_t i = 0; i < n; i++) {
		bool same_session =
		    i > 0 && memcmp(v[i].session, v[i - 1].session, 4) == 0;
		bool same_id = i > 0 && memcmp(v[i].id, v[i - 1].id, 4) == 0;
		here = !same_session ? 1 : here + !same_id;
		best = here > best ? here : best;
	}
	return best;
}

#define HEADERS_MAX 4096 /* names that are looked at: the first of them */

/*
 * dnscat2: a header in hexadecimal, random number, type, session (its protocol document):
 *     6dde 01 7537 5169 c68f ...     types 00 SYN, 01 MSG, 02 FIN, 03 ENC
 */
static bool is_dnscat2(const struct tools_sample *s)
{
	size_t looked = s->n < HEADERS_MAX ? s->n : HEADERS_MAX, n = 0;
	struct header *v = calloc(looked + 1, sizeof(*v));
	for (size_t i = 0; v != NULL && i < looked; i++) {
		char head[18];
		size_t length = hex_head(s->names[i].sub, head);
		if (length < 14 || head[4] != '0' || head[5] < '0' || head[5] > '3')
			continue;
		memcpy(v[n].id, head, 4);
		memcpy(v[n++].session, head + 6, 4);
	}
	bool format = n >= TOOLS_NAMES_MIN && (double)n >= SHARE * (double)looked;
	bool found = format && largest_session(v, n) >= n / 2 &&
		     largest_session(v, n) >= TOOLS_NAMES_MIN;
	free(v);
	return found;
}

/* Bytes that two texts begin with alike. */
static size_t common(struct str a, struct str b)
{
	size_t n = 0;
	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

static bool is_base32(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '2' && c <= '7') && c != '.')
			return false;
	}
	return s.n > 0;
}

#define CLIENT_DIGITS 12 /* of base32 that 8 bytes fill whole */

/* dnstt: each name is base32 and begins with the 8 bytes of the client's number; answers
 * are TXT. */
static bool is_dnstt(const struct tools_sample *s)
{
	if (s->n < TOOLS_NAMES_MIN ||
	    (double)s->data_queries < SHARE * (double)s->queries)
		return false;
	struct str middle = s->names[s->n / 2].sub;
	size_t same = 0;
	for (size_t i = 0; i < s->n; i++)
		same += is_base32(s->names[i].sub) &&
			common(s->names[i].sub, middle) >= CLIENT_DIGITS;
	return enough(s, same);
}

/* Whether the name is as Cobalt Strike's DNS listener documents its own. */
static bool is_stage_or_post(struct str sub)
{
	struct str first = names_first_label(sub);
	if (sub.n > 7 && memmem(sub.p, sub.n, ".stage.", 7) != NULL && first.n == 3)
		return true;
	if (!str_equal(first, STR("post")) || sub.n < 8)
		return false;
	struct str rest = {sub.p + 5, sub.n - 5};
	return names_is_hex(names_first_label(rest));
}

static bool is_cobalt_strike(const struct tools_sample *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += is_stage_or_post(s->names[i].sub);
	return n >= TOOLS_NAMES_MIN;
}

const char *tools_recognise(const struct tools_sample *s)
{
	static const struct {
		const char *name;
		bool (*fits)(const struct tools_sample *s);
	} tools[] = {
	    {"dns2tcp", is_dns2tcp},
	    {"iodine", is_iodine},
	    {"dnscat2", is_dnscat2},
	    {"dnstt", is_dnstt},
	    {"Cobalt Strike", is_cobalt_strike},
	};
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		if (tools[i].fits(s))
			return tools[i].name;
	}
	return NULL;
}
