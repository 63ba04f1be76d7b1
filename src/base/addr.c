/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/bytes.h"

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool addr_is_v4(const struct addr *a)
{
	return memcmp(a->b, v4_prefix, sizeof(v4_prefix)) == 0;
}

bool addr_is_unset(const struct addr *a)
{
	static const struct addr unset;
	return addr_equal(a, &unset);
}

bool addr_is_multicast(const struct addr *a)
{
	static const uint8_t everybody[4] = {255, 255, 255, 255};
	if (!addr_is_v4(a))
		return a->b[0] == 0xff;
	return (a->b[12] & 0xf0) == 0xe0 || memcmp(a->b + 12, everybody, 4) == 0;
}

/* Hand-written because it is on the path of every record:
 * inet_ntop is ten times slower. */
static size_t v4_text(const uint8_t *p, char *out)
{
	char *o = out;
	for (int i = 0; i < 4; i++) {
		unsigned v = p[i];
		if (i > 0)
			*o++ = '.';
		if (v >= 100)
			*o++ = (char)('0' + v / 100);
		if (v >= 10)
			*o++ = (char)('0' + v / 10 % 10);
		*o++ = (char)('0' + v % 10);
	}
	*o = '\0';
	return (size_t)(o - out);
}

size_t addr_text(const struct addr *a, char out[static ADDR_TEXT_MAX])
{
	if (addr_is_v4(a))
		return v4_text(a->b + 12, out);
	if (inet_ntop(AF_INET6, a->b, out, ADDR_TEXT_MAX) == NULL)
		out[0] = '\0';
	return strlen(out);
}

bool addr_parse_v4(const char *p, size_t n, struct addr *a)
{
	uint8_t v4[4];
	const char *end = p + n;
	for (int i = 0; i < 4; i++) {
		unsigned v = 0;
		if (i > 0 && (p == end || *p++ != '.'))
			return false;
		const char *from = p;
		while (p < end && p - from < 4 && *p >= '0' && *p <= '9')
			v = 10 * v + (unsigned)(*p++ - '0');
		if (p == from || v > 255 || (*from == '0' && p - from > 1))
			return false;
		v4[i] = (uint8_t)v;
	}
	if (p != end)
		return false;
	*a = addr_from_v4(v4);
	return true;
}

bool addr_parse(const char *text, struct addr *a)
{
	if (addr_parse_v4(text, strlen(text), a))
		return true;
	if (inet_pton(AF_INET6, text, a->b) == 1)
		return true;
	*a = (struct addr){0};
	return false;
}

bool net_parse(const char *text, struct net *n)
{
	char head[ADDR_TEXT_MAX];
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	if (len >= sizeof(head))
		return false;
	memcpy(head, text, len);
	head[len] = '\0';
	if (!addr_parse(head, &n->addr))
		return false;
	unsigned most = addr_is_v4(&n->addr) ? 32 : 128;
	n->bits = 128;
	if (slash == NULL)
		return true;
	char *end;
	unsigned long bits = strtoul(slash + 1, &end, 10);
	if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || bits > most)
		return false;
	n->bits = (unsigned)bits + (128 - most);
	return true;
}

void net_private(struct net out[static NET_PRIVATE])
{
	static const char *const texts[NET_PRIVATE] = {"10.0.0.0/8", "172.16.0.0/12",
	    "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"};
	for (size_t i = 0; i < NET_PRIVATE; i++)
		net_parse(texts[i], &out[i]);
}

/* The n first bits of a word whose first byte is its greatest; n <= 64. */
static uint64_t first_bits(unsigned n)
{
	return n > 0 ? UINT64_MAX << (64 - n) : 0;
}

bool net_contains(const struct net *n, const struct addr *a)
{
	unsigned high = n->bits < 64 ? n->bits : 64, low = n->bits - high;
	uint64_t first = load_be64(n->addr.b) ^ load_be64(a->b),
		 second = load_be64(n->addr.b + 8) ^ load_be64(a->b + 8);
	return ((first & first_bits(high)) | (second & first_bits(low))) == 0;
}
