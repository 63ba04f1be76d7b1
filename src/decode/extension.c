/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between an IP header and the transport: the
 * extension headers of IPv6 (RFC 8200 4) and, in both versions,
 * the authentication header (RFC 4302), which hides nothing.
 *
 *     hop-by-hop, routing, options:  next 1 | length in 8 bytes, less the first 8: 1 |
 * ... fragment:                      next 1 | reserved 1 | offset 13 bits, 0 2, M 1 | id
 * 4 authentication:                next 1 | length in 4 bytes, less 8: 1 | ...
 *
 * Mobility (RFC 6275) and the like end the chain: nothing follows them.
 */
#include "decode/unwrap.h"

#include "base/size.h"

enum extension {
	EXTENSION_HOP_BY_HOP = 0,
	EXTENSION_ROUTING = 43,
	EXTENSION_FRAGMENT = 44,
	EXTENSION_DESTINATION = 60,
};

enum {
	FRAGMENT_BYTES = 8,
	FRAGMENT_MORE = 0x0001,
	FRAGMENT_OFFSET = 0xfff8,
	OPTION_PAD1 = 0,
	OPTION_PADN = 1,
	OPTION_HOME_ADDRESS = 0xc9, /* RFC 6275: the true source of the packet */
};

static bool is_extension(const struct packet *p)
{
	switch (p->proto) {
	case IP_PROTO_AH:
		return true;
	case EXTENSION_HOP_BY_HOP:
	case EXTENSION_ROUTING:
	case EXTENSION_FRAGMENT:
	case EXTENSION_DESTINATION:
		return !addr_is_v4(&p->src);
	default:
		return false;
	}
}

static bool has_home_address(const uint8_t *options, uint32_t n)
{
	struct bytes b = bytes_over(options, n);
	while (b.left > 0) {
		uint8_t kind = bytes_u8(&b);
		if (kind == OPTION_HOME_ADDRESS)
			return true;
		if (kind != OPTION_PAD1)
			bytes_skip(&b, bytes_u8(&b));
	}
	return false;
}

/* Kinds that are assigned (IANA, IPv6 Parameters), and those for experiments (RFC 4727);
 * the two upper bits and the next only say what who does not know it shall do. */
static bool is_assigned(uint8_t kind)
{
	static const uint8_t kinds[] = {0x00, 0x01, 0x04, 0x05, 0x07, 0x08, 0x11, 0x12,
	    0x1e, 0x23, 0x26, 0x30, 0x31, 0x32, 0x3e, 0x5e, 0x63, 0x6d, 0x7e, 0x8a, 0x8b,
	    0x8c, 0x9e, 0xbe, 0xc2, 0xc9, 0xde, 0xee, 0xfe};
	for (size_t i = 0; i < sizeof(kinds); i++) {
		if (kinds[i] == kind)
			return true;
	}
	return false;
}

static bool all_zero(struct bytes b)
{
	while (b.left > 0) {
		if (bytes_u8(&b) != 0)
			return false;
	}
	return true;
}

/* Bytes in options that no standard knows, and in padding that is not zero (RFC 8200
 * 4.2): room in which anything can be sent past whoever looks at transports. */
static uint32_t odd_options(const uint8_t *options, uint32_t n)
{
	struct bytes b = bytes_over(options, n);
	uint32_t odd = 0;
	while (b.left > 0) {
		uint8_t kind = bytes_u8(&b);
		if (kind == OPTION_PAD1)
			continue;
		uint32_t length = bytes_u8(&b);
		struct bytes value = bytes_sub(&b, length);
		if (value.bad)
			break;
		if (!is_assigned(kind) || (kind == OPTION_PADN && !all_zero(value)))
			odd += length;
	}
	return odd;
}

static void note_options(struct packet *p, const uint8_t *h, uint32_t n)
{
	uint32_t odd = p->odd_options + odd_options(h + 2, n - 2);
	p->odd_options = (uint16_t)size_min(odd, UINT16_MAX);
}

static void note_fragment(struct packet *p, const uint8_t *h)
{
	unsigned field = load_be16(h + 2);
	p->ip_id = load_be32(h + 4);
	/* A fragment that is all there is needs no other (RFC 6946). */
	if ((field & (FRAGMENT_OFFSET | FRAGMENT_MORE)) == 0)
		return;
	p->marks |= PACKET_FRAGMENT;
	p->more_fragments = (field & FRAGMENT_MORE) != 0;
	p->fragment_offset = (uint16_t)(field & FRAGMENT_OFFSET);
}

/* Bytes of the extension header that begins with the two bytes at h. */
static uint32_t extension_bytes(uint8_t proto, const uint8_t *h)
{
	if (proto == EXTENSION_FRAGMENT)
		return FRAGMENT_BYTES;
	return proto == IP_PROTO_AH ? (h[1] + 2u) * 4 : (h[1] + 1u) * 8;
}

/* Where the transport's checksum is over other addresses than the header's. */
static bool changes_address(uint8_t proto, const uint8_t *h, uint32_t n)
{
	if (proto == EXTENSION_ROUTING)
		return h[3] > 0; /* segments left: the destination is further on */
	return proto == EXTENSION_DESTINATION && has_home_address(h + 2, n - 2);
}

/* Take one extension header off; false when it is not all there. */
static bool take_extension(struct unwrap *u)
{
	struct packet *p = u->p;
	uint8_t proto = p->proto;
	if (2 > u->left)
		return false;
	uint32_t n = extension_bytes(proto, u->pos);
	const uint8_t *h = unwrap_take(u, n);
	if (h == NULL)
		return false;
	p->proto = h[0];
	if (proto == EXTENSION_DESTINATION || proto == EXTENSION_HOP_BY_HOP)
		note_options(p, h, n);
	if (proto == EXTENSION_FRAGMENT)
		note_fragment(p, h);
	else if (changes_address(proto, h, n))
		p->marks |= PACKET_NO_CHECKSUM;
	return true;
}

/* Take the extension headers off;
 * what stands after them is a transport, or can not be read. */
static enum decode_outcome take_extensions(struct unwrap *u)
{
	struct packet *p = u->p;
	while ((p->marks & PACKET_FRAGMENT) == 0 && is_extension(p)) {
		if (!unwrap_deeper(u))
			return DECODE_OVER_LIMIT;
		if (!take_extension(u)) {
			p->marks |= PACKET_NO_PORTS | PACKET_NO_CHECKSUM;
			break;
		}
	}
	return DECODE_OK;
}

enum decode_outcome extension_decode(struct unwrap *u)
{
	struct packet *p = u->p;
	enum decode_outcome outcome = take_extensions(u);
	if (outcome != DECODE_OK)
		return outcome;
	if (u->left < u->wire)
		p->marks |= PACKET_TRUNCATED;
	if ((p->marks & PACKET_FRAGMENT) != 0)
		p->marks |= PACKET_NO_CHECKSUM;
	else if ((p->marks & PACKET_NO_PORTS) == 0)
		transport_decode(u);
	p->payload = u->pos;
	p->captured = u->left;
	p->length = u->wire;
	return DECODE_OK;
}
