/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv4 (RFC 791).
 *
 *      0  version 4 bits | header words 4 | service 1 | total length 2
 *      4  id 2 | reserved 1 bit, DF 1, MF 1, offset in 8 bytes 13
 *      8  TTL 1 | protocol 1 | checksum 2
 *     12  source 4
 *     16  destination 4
 *     20  options
 *
 * The total length tells the packet from what the link padded it
 * with. It is 0 where a packet was captured before the network
 * card cut it into segments: then it is all of the frame.
 */
#include "decode/checksum.h"
#include "decode/unwrap.h"

enum {
	IPV4_BYTES = 20,
	IPV4_MF = 0x2000,
	IPV4_OFFSET = 0x1fff,
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_LOOSE_ROUTE = 0x83,
	OPTION_STRICT_ROUTE = 0x89,
};

/*
 * Whether the n bytes of options hold a source route: the transport's checksum is then
 * over a destination other than the header's, and can not be tested.
 */
static bool has_source_route(const uint8_t *options, uint32_t n)
{
	struct bytes b = bytes_over(options, n);
	while (b.left > 0) {
		uint8_t kind = bytes_u8(&b);
		if (kind == OPTION_END)
			return false;
		if (kind == OPTION_NOP)
			continue;
		if (kind == OPTION_LOOSE_ROUTE || kind == OPTION_STRICT_ROUTE)
			return true;
		uint8_t length = bytes_u8(&b);
		if (length < 2)
			return false;
		bytes_skip(&b, length - 2u);
	}
	return false;
}

static void note_options(struct packet *p, const uint8_t *options, uint32_t n)
{
	if (has_source_route(options, n))
		p->marks |= PACKET_NO_CHECKSUM;
}

static void note_fragment(struct packet *p, unsigned field)
{
	p->marks |= PACKET_FRAGMENT;
	p->more_fragments = (field & IPV4_MF) != 0;
	p->fragment_offset = (uint16_t)((field & IPV4_OFFSET) * 8);
}

enum decode_outcome ipv4_decode(struct unwrap *u)
{
	struct packet *p = u->p;
	const uint8_t *h = u->pos;
	if (IPV4_BYTES > u->left)
		return unwrap_short(u);
	uint32_t header = (h[0] & 0xfu) * 4;
	uint32_t total = load_be16(h + 2);
	if (h[0] >> 4 != 4 || header < IPV4_BYTES)
		return DECODE_MALFORMED;
	if (total == 0)
		total = u->wire;
	uint32_t there = unwrap_told(u, total);
	if (there < header)
		return DECODE_MALFORMED;
	p->src = addr_from_v4(h + 12);
	p->dst = addr_from_v4(h + 16);
	p->ip_id = load_be16(h + 4);
	p->ttl = h[8];
	p->proto = h[9];
	p->ip_bytes = total;
	unwrap_limit(u, there);
	u->wire = there;
	if (unwrap_take(u, header) == NULL) {
		p->marks |= PACKET_TRUNCATED | PACKET_NO_PORTS | PACKET_NO_CHECKSUM;
		p->length = there - header;
		return DECODE_OK;
	}
	if (checksum_fold(checksum_words(h, header)) != 0xffff)
		p->marks |= PACKET_BAD_IP_CHECKSUM;
	if (header > IPV4_BYTES)
		note_options(p, h + IPV4_BYTES, header - IPV4_BYTES);
	unsigned field = load_be16(h + 6);
	if ((field & (IPV4_MF | IPV4_OFFSET)) != 0)
		note_fragment(p, field);
	return extension_decode(u);
}

enum decode_outcome ip_decode(struct unwrap *u)
{
	if (u->left == 0)
		return unwrap_short(u);
	return u->pos[0] >> 4 == 6 ? ipv6_decode(u) : ipv4_decode(u);
}
