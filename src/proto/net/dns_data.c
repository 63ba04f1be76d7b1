/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data of resource records in words. Addresses, names and texts stand alone, so that
 * they can be looked for; where a type says more (preference, weight …) that is left out,
 * as Zeek does. The types of DNSSEC are named and summed up; NAPTR, CAA, SVCB and HTTPS
 * are in presentation format; unknown types are as in RFC 3597.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/size.h"
#include "proto/net/dns_message.h"
#include "record/dns_words.h"

#define UNKNOWN_BYTES_MAX 512  /* of the data of an unknown type, written out */
#define STRINGS_MAX       512  /* character strings of one TXT record */
#define LINE_MAX_BYTES    2048 /* of a text that is put together; longer ones are cut */
#define NETBIOS_ENTRY     6    /* flags and address (RFC 1002, 4.2.13) */

/* A text that grows at its end and is cut at its limit. */
struct line {
	size_t n;
	char text[LINE_MAX_BYTES];
};

__attribute__((format(printf, 2, 3))) static void put(
    struct line *l, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(l->text + l->n, sizeof(l->text) - l->n, format, args);
	va_end(args);
	if (n > 0)
		l->n = size_min(l->n + (size_t)n, sizeof(l->text) - 1);
}

static struct str line_text(struct arena *a, const struct line *l)
{
	return str_copy(a, (struct str){l->text, l->n});
}

static struct str address_text(
    struct arena *a, struct addr address, struct dns_message *m)
{
	if (m->addresses < DNS_ADDRESSES_MAX)
		m->address[m->addresses++] = address;
	char text[ADDR_TEXT_MAX];
	size_t n = addr_text(&address, text);
	return str_copy(a, (struct str){text, n});
}

static struct str a_text(struct bytes data, struct arena *a, struct dns_message *m)
{
	const uint8_t *p = bytes_take(&data, 4);
	return p != NULL ? address_text(a, addr_from_v4(p), m) : (struct str){0};
}

static struct str aaaa_text(struct bytes data, struct arena *a, struct dns_message *m)
{
	const uint8_t *p = bytes_take(&data, 16);
	return p != NULL ? address_text(a, addr_from_v6(p), m) : (struct str){0};
}

/* The addresses of a NetBIOS name. */
static struct str netbios_text(struct bytes data, struct arena *a)
{
	struct line l = {.n = 0};
	while (data.left >= NETBIOS_ENTRY) {
		char text[ADDR_TEXT_MAX];
		bytes_skip(&data, 2);
		struct addr address = addr_from_v4(bytes_take(&data, 4));
		addr_text(&address, text);
		put(&l, "%s%s", l.n > 0 ? " " : "", text);
	}
	return line_text(a, &l);
}

/* The name that follows skip bytes. */
static struct str name_text(
    struct bytes whole, struct bytes data, size_t skip, struct arena *a)
{
	struct str name;
	if (!bytes_skip(&data, skip) || !dns_name_read(whole, &data, a, &name))
		return (struct str){0};
	return name;
}

/* Character strings (RFC 1035, 3.3), joined by spaces. */
static struct str strings_text(struct bytes data, struct arena *a)
{
	if (data.left == 0)
		return STR("");
	uint8_t *joined =
	    arena_alloc(a, data.left); /* a length byte each makes room for spaces */
	if (joined == NULL)
		return (struct str){0};
	size_t n = 0;
	for (size_t i = 0; data.left > 0 && i < STRINGS_MAX; i++) {
		struct bytes s = bytes_sub(&data, bytes_u8(&data));
		if (s.bad)
			return (struct str){0};
		if (i > 0)
			joined[n++] = ' ';
		if (s.left > 0)
			memcpy(joined + n, s.pos, s.left);
		n += s.left;
	}
	return str_clean(a, joined, n);
}

/* The next character string, cleaned. */
static struct str string_read(struct bytes *data, struct arena *a)
{
	struct bytes s = bytes_sub(data, bytes_u8(data));
	if (s.bad)
		return (struct str){0};
	return str_clean(a, s.pos, s.left);
}

static struct str naptr_text(struct bytes whole, struct bytes data, struct arena *a)
{
	unsigned order = bytes_be16(&data);
	unsigned preference = bytes_be16(&data);
	struct str flags = string_read(&data, a);
	struct str service = string_read(&data, a);
	struct str regexp = string_read(&data, a);
	struct str name;
	if (data.bad || !dns_name_read(whole, &data, a, &name))
		return (struct str){0};
	return str_format(a, "%u %u \"%.*s\" \"%.*s\" \"%.*s\" %.*s", order, preference,
	    STR_ARG(flags), STR_ARG(service), STR_ARG(regexp), STR_ARG(name));
}

/* flags tag "value" (RFC 8659, 4.1). */
static struct str caa_text(struct bytes data, struct arena *a)
{
	unsigned flags = bytes_u8(&data);
	struct str tag = string_read(&data, a);
	if (data.bad || tag.p == NULL)
		return (struct str){0};
	struct str value = str_clean(a, data.pos, data.left);
	return str_format(a, "%u %.*s \"%.*s\"", flags, STR_ARG(tag), STR_ARG(value));
}

static struct str rrsig_text(struct bytes whole, struct bytes data, struct arena *a)
{
	uint16_t covered = bytes_be16(&data);
	struct str signer;
	if (!bytes_skip(&data, 16) || !dns_name_read(whole, &data, a, &signer))
		return (struct str){0};
	if (signer.n == 0)
		signer = STR("<Root>");
	return str_format(a, "RRSIG %u %.*s", covered, STR_ARG(signer));
}

static struct str nsec_text(
    struct bytes whole, struct bytes data, struct arena *a, const struct dns_message *m)
{
	struct str next;
	if (!dns_name_read(whole, &data, a, &next))
		return (struct str){0};
	return str_format(a, "NSEC %.*s %.*s", STR_ARG(m->owner), STR_ARG(next));
}

static struct str ds_text(struct bytes data, struct arena *a)
{
	bytes_skip(&data, 2); /* key tag */
	unsigned algorithm = bytes_u8(&data);
	unsigned digest = bytes_u8(&data);
	if (data.bad)
		return (struct str){0};
	return str_format(a, "DS %u %u", algorithm, digest);
}

static struct str dnskey_text(struct bytes data, struct arena *a)
{
	bytes_skip(&data, 3); /* flags, protocol */
	unsigned algorithm = bytes_u8(&data);
	if (data.bad)
		return (struct str){0};
	return str_format(a, "DNSKEY %u", algorithm);
}

static struct str sshfp_text(struct bytes data, struct arena *a)
{
	bytes_skip(&data, 2); /* algorithm, kind of fingerprint */
	if (data.bad)
		return (struct str){0};
	struct str hex = str_hex(a, data.pos, size_min(data.left, UNKNOWN_BYTES_MAX));
	return str_format(a, "SSHFP %.*s", STR_ARG(hex));
}

/* \# length hexadecimal (RFC 3597, 5), cut at UNKNOWN_BYTES_MAX. */
static struct str unknown_text(struct bytes data, struct arena *a)
{
	if (data.left == 0)
		return STR("\\# 0");
	struct str hex = str_hex(a, data.pos, size_min(data.left, UNKNOWN_BYTES_MAX));
	return str_format(a, "\\# %zu %.*s", data.left, STR_ARG(hex));
}

enum svcb_key {
	SVCB_MANDATORY = 0,
	SVCB_ALPN = 1,
	SVCB_NO_DEFAULT_ALPN = 2,
	SVCB_PORT = 3,
	SVCB_IPV4HINT = 4,
	SVCB_ECH = 5,
	SVCB_IPV6HINT = 6,
	SVCB_DOHPATH = 7,
};

static void put_key(struct line *l, unsigned key)
{
	static const char *const words[] = {"mandatory", "alpn", "no-default-alpn",
	    "port", "ipv4hint", "ech", "ipv6hint", "dohpath"};
	if (key < sizeof(words) / sizeof(words[0]))
		put(l, "%s", words[key]);
	else
		put(l, "key%u", key);
}

static void put_addresses(
    struct line *l, struct bytes value, size_t width, struct dns_message *m)
{
	for (bool first = true; value.left >= width; first = false) {
		const uint8_t *p = bytes_take(&value, width);
		struct addr address = width == 4 ? addr_from_v4(p) : addr_from_v6(p);
		char text[ADDR_TEXT_MAX];
		addr_text(&address, text);
		put(l, "%s%s", first ? "" : ",", text);
		if (m->addresses < DNS_ADDRESSES_MAX)
			m->address[m->addresses++] = address;
	}
}

/* One parameter of a service binding (RFC 9460, 2.1 and 7). */
static void put_parameter(struct line *l, unsigned key, struct bytes value,
    struct arena *a, struct dns_message *m)
{
	put(l, " ");
	put_key(l, key);
	if (value.left == 0)
		return;
	put(l, "=");
	const char *comma = "";
	switch (key) {
	case SVCB_MANDATORY:
		for (; value.left > 0 && !value.bad; comma = ",") {
			put(l, "%s", comma);
			put_key(l, bytes_be16(&value));
		}
		break;
	case SVCB_ALPN:
		for (; value.left > 0 && !value.bad; comma = ",") {
			struct str word = string_read(&value, a);
			put(l, "%s%.*s", comma, STR_ARG(word));
		}
		break;
	case SVCB_PORT:
		put(l, "%u", bytes_be16(&value));
		break;
	case SVCB_IPV4HINT:
		put_addresses(l, value, 4, m);
		break;
	case SVCB_IPV6HINT:
		put_addresses(l, value, 16, m);
		break;
	case SVCB_DOHPATH: {
		struct str path = str_clean(a, value.pos, value.left);
		put(l, "%.*s", STR_ARG(path));
		break;
	}
	default: {
		struct str hex =
		    str_hex(a, value.pos, size_min(value.left, UNKNOWN_BYTES_MAX));
		put(l, "%.*s", STR_ARG(hex));
		break;
	}
	}
}

static struct str svcb_text(
    struct bytes whole, struct bytes data, struct arena *a, struct dns_message *m)
{
	unsigned priority = bytes_be16(&data);
	struct str target;
	if (!dns_name_read(whole, &data, a, &target))
		return (struct str){0};
	struct line l = {.n = 0};
	put(&l, "%u %.*s", priority, STR_ARG(target.n > 0 ? target : STR(".")));
	while (data.left > 0) {
		unsigned key = bytes_be16(&data);
		struct bytes value = bytes_sub(&data, bytes_be16(&data));
		if (value.bad)
			return (struct str){0};
		put_parameter(&l, key, value, a, m);
	}
	return line_text(a, &l);
}

/* The types whose data is a name behind so many bytes; SIZE_MAX: none of them. */
static size_t name_offset(uint16_t type)
{
	switch (type) {
	case DNS_NS:
	case DNS_MD:
	case DNS_MF:
	case DNS_CNAME:
	case DNS_SOA:
	case DNS_MB:
	case DNS_MG:
	case DNS_MR:
	case DNS_PTR:
	case DNS_DNAME:
		return 0;
	case DNS_MX:
	case DNS_AFSDB:
	case DNS_RT:
	case DNS_KX:
		return 2; /* preference */
	case DNS_SRV:
		return 6; /* priority, weight, port */
	default:
		return SIZE_MAX;
	}
}

struct str dns_data_text(struct bytes whole, struct bytes data, uint16_t type,
    enum dns_kind kind, struct arena *a, struct dns_message *m)
{
	if (kind == DNS_NETBIOS) /* the only types of it, RFC 1002, 4.2.1.3 */
		return type == DNS_NB ? netbios_text(data, a) : unknown_text(data, a);
	if (type == DNS_A)
		return a_text(data, a, m);
	if (type == DNS_AAAA)
		return aaaa_text(data, a, m);
	size_t offset = name_offset(type);
	if (offset != SIZE_MAX)
		return name_text(whole, data, offset, a);
	switch (type) {
	case DNS_TXT:
	case DNS_SPF:
	case DNS_HINFO:
		return strings_text(data, a);
	case DNS_NAPTR:
		return naptr_text(whole, data, a);
	case DNS_CAA:
		return caa_text(data, a);
	case DNS_SVCB:
	case DNS_HTTPS:
		return svcb_text(whole, data, a, m);
	case DNS_RRSIG:
		return rrsig_text(whole, data, a);
	case DNS_NSEC:
		return nsec_text(whole, data, a, m);
	case DNS_NSEC3:
		return STR("NSEC3");
	case DNS_NSEC3PARAM:
		return STR("NSEC3PARAM");
	case DNS_DS:
		return ds_text(data, a);
	case DNS_DNSKEY:
		return dnskey_text(data, a);
	case DNS_SSHFP:
		return sshfp_text(data, a);
	case DNS_OPT:
		return STR("");
	default:
		return unknown_text(data, a);
	}
}
