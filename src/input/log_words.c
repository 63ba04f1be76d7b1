/* SPDX-License-Identifier: Apache-2.0 */
#include "input/log_words.h"

#include <strings.h>

struct pair {
	const char *theirs, *ours;
};

/* ---- services and hosts ---- */

static struct str service_word(struct str theirs)
{
	static const struct pair pairs[] = {{"ssl", "tls"}, {"failed", ""}, {"-", ""},
	    {"http2", "http"}, {"unknown", ""}};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (str_equal(theirs, str_of(pairs[i].theirs)))
			return str_of(pairs[i].ours);
	}
	return theirs;
}

struct str log_services(const struct log_value *v, struct arena *a)
{
	if (v->form == VALUE_ABSENT || v->n == 0)
		return (struct str){0};
	if (v->form != VALUE_ARRAY && memchr(v->p, ',', v->n) == NULL) {
		struct str one = service_word(cell_lower(v, a));
		return one.n > 0 ? one : (struct str){0};
	}
	struct log_value list = *v, element;
	list.set = ',';
	if (list.form == VALUE_STRING)
		list.form = VALUE_PLAIN;
	char *o = arena_alloc(a, v->n);
	size_t out = 0;
	for (size_t at = 0; o != NULL && cell_next(&list, &at, &element);) {
		struct str one = service_word(cell_lower(&element, a));
		if (one.n == 0 || out + one.n + 1 > v->n)
			continue;
		if (out > 0)
			o[out++] = ',';
		memcpy(o + out, one.p, one.n);
		out += one.n;
	}
	return out > 0 ? (struct str){o, out} : (struct str){0};
}

struct str log_name(struct str name)
{
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	return name;
}

struct str log_host(struct str host)
{
	if (host.n == 0)
		return host;
	if (host.p[0] == '[') {
		const char *end = memchr(host.p, ']', host.n);
		if (end != NULL)
			return (struct str){host.p + 1, (size_t)(end - host.p) - 1};
	}
	const char *colon = memchr(host.p, ':', host.n);
	/* Two colons: an address of IPv6 that nobody put in brackets. */
	if (colon != NULL &&
	    memchr(colon + 1, ':', host.n - (size_t)(colon + 1 - host.p)) == NULL)
		host.n = (size_t)(colon - host.p);
	return log_name(host);
}

/* ---- DNS ---- */

struct str log_dns_kind(uint16_t port)
{
	switch (port) {
	case 5353:
		return STR("mdns");
	case 5355:
		return STR("llmnr");
	case 137:
		return STR("nbns");
	default:
		return STR("dns");
	}
}

static struct str by_number(const struct log_value *number, const char *const *names,
    size_t n, const char *prefix, struct arena *a)
{
	int64_t value = cell_int(number);
	if (value < 0 || value > UINT16_MAX)
		return (struct str){0};
	if ((size_t)value < n && names[value] != NULL)
		return str_of(names[value]);
	return str_format(a, "%s%d", prefix, (int)value);
}

/* What follows the prefix: the number of a class or type without a name. */
static bool numbered(const struct log_value *word, struct str prefix, struct log_value *n)
{
	if (word->form == VALUE_ABSENT || word->n <= prefix.n ||
	    memcmp(word->p, prefix.p, prefix.n) != 0)
		return false;
	*n = (struct log_value){
	    word->p + prefix.n, word->n - (uint32_t)prefix.n, VALUE_PLAIN, '\0'};
	return true;
}

struct str log_dns_class(
    const struct log_value *word, const struct log_value *number, struct arena *a)
{
	static const char *const names[] = {
	    [1] = "IN", [3] = "CH", [4] = "HS", [254] = "NONE", [255] = "ANY"};
	static const struct pair pairs[] = {{"C_INTERNET", "IN"}, {"C_CHAOS", "CH"},
	    {"C_HESOD", "HS"}, {"C_NONE", "NONE"}, {"C_ANY", "ANY"}};
	const size_t n = sizeof(names) / sizeof(names[0]);
	struct log_value digits;
	if (cell_int(number) >= 0)
		return by_number(number, names, n, "CLASS", a);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (cell_is(word, str_of(pairs[i].theirs)))
			return str_of(pairs[i].ours);
	}
	if (numbered(word, STR("qclass-"), &digits))
		return by_number(&digits, names, n, "CLASS", a);
	return cell_text(word, a);
}

struct str log_dns_type(
    const struct log_value *word, const struct log_value *number, struct arena *a)
{
	static const char *const names[] = {[1] = "A",
	    [2] = "NS",
	    [5] = "CNAME",
	    [6] = "SOA",
	    [10] = "NULL",
	    [12] = "PTR",
	    [13] = "HINFO",
	    [15] = "MX",
	    [16] = "TXT",
	    [28] = "AAAA",
	    [33] = "SRV",
	    [35] = "NAPTR",
	    [41] = "OPT",
	    [43] = "DS",
	    [46] = "RRSIG",
	    [47] = "NSEC",
	    [48] = "DNSKEY",
	    [64] = "SVCB",
	    [65] = "HTTPS",
	    [252] = "AXFR",
	    [255] = "ANY",
	    [257] = "CAA"};
	const size_t n = sizeof(names) / sizeof(names[0]);
	struct log_value digits;
	if (cell_is(word, STR("*")))
		return STR("ANY");
	if (numbered(word, STR("query-"), &digits))
		return by_number(&digits, names, n, "TYPE", a);
	if (word->form == VALUE_ABSENT || word->n == 0)
		return by_number(number, names, n, "TYPE", a);
	return cell_text(word, a);
}

struct str log_dns_rcode(
    const struct log_value *word, const struct log_value *number, struct arena *a)
{
	static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
	    "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"};
	if (word->form == VALUE_ABSENT || word->n == 0)
		return by_number(
		    number, names, sizeof(names) / sizeof(names[0]), "RCODE", a);
	return cell_text(word, a);
}

/* "TXT 3 ": bytes of it, and the length that it says; 0 when it is something else. */
static size_t txt_head(const char *p, size_t n, size_t *length)
{
	size_t i = 4;
	*length = 0;
	if (n < 6 || (memcmp(p, "TXT ", 4) != 0 && memcmp(p, "SPF ", 4) != 0))
		return 0;
	for (; i < n && p[i] >= '0' && p[i] <= '9' && *length < 65536; i++)
		*length = 10 * *length + (size_t)(p[i] - '0');
	return i > 4 && i < n && p[i] == ' ' ? i + 1 : 0;
}

struct str log_dns_answer(struct str text, struct arena *a)
{
	size_t length;
	if (txt_head(text.p, text.n, &length) == 0)
		return text;
	char *o = arena_alloc(a, text.n);
	size_t out = 0, i = 0;
	if (o == NULL)
		return text;
	while (i < text.n) {
		size_t head = txt_head(text.p + i, text.n - i, &length);
		/* Lengths count bytes before they were escaped: when they do not fit,
		 * the text is kept as it is. */
		if (head == 0 || length > text.n - i - head)
			return text;
		if (i > 0)
			o[out++] = ' ';
		memcpy(o + out, text.p + i + head, length);
		out += length;
		i += head + length;
		if (i < text.n && text.p[i++] != ' ')
			return text;
	}
	return (struct str){o, out};
}

/* ---- certificates ---- */

struct str log_hex(struct str text, bool upper, struct arena *a)
{
	char *o = text.n > 0 ? arena_alloc(a, text.n) : NULL;
	size_t out = 0;
	for (size_t i = 0; o != NULL && i < text.n; i++) {
		char c = text.p[i];
		if (c == ':')
			continue;
		bool digit = c >= '0' && c <= '9';
		if (!digit && ((c | 0x20) < 'a' || (c | 0x20) > 'f'))
			return (struct str){0};
		o[out++] = digit ? c : (char)(upper ? c & ~0x20 : c | 0x20);
	}
	return out > 0 ? (struct str){o, out} : (struct str){0};
}

/* Whether "KEY=" stands there: what begins a part of a name. */
static bool begins_part(const char *p, const char *end)
{
	const char *start = p;
	while (p < end && ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z'))
		p++;
	while (p < end && ((*p >= '0' && *p <= '9') || *p == '.'))
		p++;
	return p > start && p < end && *p == '=';
}

/* Where the last part of the name before end begins. */
static const char *last_part(const char *p, const char *end)
{
	for (const char *at = end; at - p > 2; at--) {
		if (at[-2] == ',' && at[-1] == ' ' && begins_part(at, end))
			return at;
	}
	return p;
}

struct str log_dn(struct str text, struct arena *a)
{
	char *o = text.n > 0 && text.n < 8192 ? arena_alloc(a, 2 * text.n) : NULL;
	size_t out = 0;
	if (o == NULL)
		return text;
	for (const char *end = text.p + text.n;;) {
		const char *part = last_part(text.p, end);
		if (out > 0)
			o[out++] = ',';
		for (const char *p = part; p < end; p++) {
			if (*p == ',' && (p == text.p || p[-1] != '\\'))
				o[out++] = '\\';
			o[out++] = *p;
		}
		if (part == text.p)
			break;
		end = part - 2;
	}
	return (struct str){o, out};
}
