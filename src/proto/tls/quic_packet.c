/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/quic_packet.h"

#define LONG_BIT       0x80
#define FIXED_BIT      0x40
#define RETRY_TAG      16
#define GOOGLE_VERSION 0x51000000u /* 'Q' */
#define GOOGLE_CIDS    0x50        /* Q044 to Q048: eight bytes of dcid, none of scid */

uint64_t quic_varint(struct bytes *b)
{
	uint8_t first = bytes_u8(b);
	uint64_t v = first & 0x3f;
	for (int more = (1 << (first >> 6)) - 1; more > 0; more--)
		v = v << 8 | bytes_u8(b);
	return b->bad ? 0 : v;
}

struct bytes quic_vector(struct bytes *b)
{
	uint64_t n = quic_varint(b);
	if (n > b->left) {
		bytes_fail(b);
		n = 0;
	}
	return bytes_sub(b, (size_t)n);
}

static struct bytes cid(struct bytes *b)
{
	uint8_t n = bytes_u8(b);
	if (n > QUIC_CID_MAX)
		bytes_fail(b);
	return bytes_sub(b, n);
}

/* Q044 to Q048 had the lengths of both ids in one byte, and no packets but this one. */
static void google_packet(struct bytes *b, struct quic_packet *p)
{
	bytes_skip(b, 1);
	p->dcid = bytes_sub(b, 8);
	p->type = QUIC_INITIAL;
	bytes_skip(b, b->left);
}

static void known_version(struct bytes *b, struct quic_packet *p, uint8_t first)
{
	if ((p->version & 0xff000000u) == GOOGLE_VERSION && p->kind.salt == NULL &&
	    b->left > 0 && b->pos[0] == GOOGLE_CIDS) {
		google_packet(b, p);
		return;
	}
	p->dcid = cid(b);
	p->scid = cid(b);
	p->type = quic_type_of(&p->kind, first);
	if (p->type == QUIC_RETRY || p->kind.salt == NULL) {
		bytes_skip(b, b->left);
		return;
	}
	if (p->type == QUIC_INITIAL)
		quic_vector(b);
	uint64_t length = quic_varint(b);
	if (b->bad)
		return;
	p->number_at = (size_t)(b->pos - p->whole.pos);
	p->cut = length > b->left;
	bytes_skip(b, p->cut ? b->left : (size_t)length);
}

void quic_packet_read(struct bytes *datagram, struct quic_packet *p)
{
	struct bytes b = *datagram;
	*p = (struct quic_packet){.whole = *datagram};
	uint8_t first = bytes_u8(&b);
	if ((first & LONG_BIT) == 0) {
		p->form = (first & FIXED_BIT) != 0 ? QUIC_SHORT : QUIC_NONE;
		bytes_skip(datagram, datagram->left);
		return;
	}
	p->version = bytes_be32(&b);
	p->form = QUIC_LONG;
	if (p->version == 0) {
		p->form = QUIC_NEGOTIATION;
		p->dcid = cid(&b);
		p->scid = cid(&b);
		bytes_skip(&b, b.left);
	} else if (!quic_version_of(p->version, &p->kind)) {
		p->form = QUIC_UNKNOWN_VERSION;
		p->dcid = cid(&b);
		p->scid = cid(&b);
		bytes_skip(&b, b.left);
	} else {
		if ((first & FIXED_BIT) == 0 && !p->kind.google)
			bytes_fail(&b);
		known_version(&b, p, first);
	}
	if (b.bad) {
		*p = (struct quic_packet){.form = QUIC_NONE, .whole = *datagram};
		bytes_skip(datagram, datagram->left);
		return;
	}
	p->whole.left -= b.left;
	*datagram = b;
}
