/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STUN and TURN over UDP (RFC 8489, 8656): what a host inside learns of its own address
 * outside, and through which relay it talks.
 *
 *     0 0 type(14) | length 2 | 2112a442 | transaction 12 | type 2 length 2 value, padded
 *
 * One row a flow. Calls go on with DTLS and RTP on the same ports; a record of DTLS ends
 * our part (RFC 7983 says how to tell them apart).
 */
#include "proto/shared/datagram.h"

#define PORT_STUN   3478
#define STUN_COOKIE 0x2112a442u
#define STUN_HEADER 20
#define DTLS_FIRST  20
#define DTLS_LAST   63
#define METHOD_MASK 0x3eef

enum attribute {
	ATTRIBUTE_MAPPED = 0x0001,
	ATTRIBUTE_USERNAME = 0x0006,
	ATTRIBUTE_ERROR = 0x0009,
	ATTRIBUTE_XOR_PEER = 0x0012,
	ATTRIBUTE_REALM = 0x0014,
	ATTRIBUTE_XOR_RELAYED = 0x0016,
	ATTRIBUTE_XOR_MAPPED = 0x0020,
	ATTRIBUTE_SOFTWARE = 0x8022,
};

struct place {
	struct addr addr;
	int64_t port;
};

struct stun {
	bool begun;
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	uint16_t type;
	uint64_t messages;
	int64_t error;
	struct kept username, realm, software[2];
	struct place mapped, relayed, peer;
};

/* Bytes behind the header; -1: it is none of STUN. */
static int length_of(struct bytes b)
{
	bool good = b.left >= STUN_HEADER && (b.pos[0] & 0xc0) == 0 &&
		    load_be32(b.pos + 4) == STUN_COOKIE && b.pos[3] % 4 == 0 &&
		    load_be16(b.pos + 2) <= b.left - STUN_HEADER;
	return good ? load_be16(b.pos + 2) : -1;
}

/* 0 | family | port 2 | address, the last two hidden behind cookie and transaction. */
static void place(struct place *p, const uint8_t *header, struct bytes b, bool hidden)
{
	bytes_skip(&b, 1);
	uint8_t family = bytes_u8(&b);
	size_t n = family == 1 ? 4 : 16;
	uint16_t port = bytes_be16(&b);
	const uint8_t *address = bytes_take(&b, n);
	if (b.bad || (family != 1 && family != 2) || !addr_is_unset(&p->addr))
		return;
	uint8_t clear[16] = {0};
	for (size_t i = 0; i < n; i++)
		clear[i] = hidden ? address[i] ^ header[4 + i] : address[i];
	p->addr = n == 4 ? addr_from_v4(clear) : addr_from_v6(clear);
	p->port = hidden ? port ^ load_be16(header + 4) : port;
}

static void attribute(struct parse *x, struct stun *s, int side, const uint8_t *header,
    uint16_t type, struct bytes b)
{
	switch (type) {
	case ATTRIBUTE_MAPPED:
	case ATTRIBUTE_XOR_MAPPED:
		place(&s->mapped, header, b, type == ATTRIBUTE_XOR_MAPPED);
		break;
	case ATTRIBUTE_XOR_RELAYED:
		place(&s->relayed, header, b, true);
		break;
	case ATTRIBUTE_XOR_PEER:
		place(&s->peer, header, b, true);
		break;
	case ATTRIBUTE_USERNAME:
		kept_set(x, &s->username, b);
		break;
	case ATTRIBUTE_REALM:
		kept_set(x, &s->realm, b);
		break;
	case ATTRIBUTE_SOFTWARE:
		while (b.left > 0 && b.pos[b.left - 1] == 0)
			b.left--;
		kept_set(x, &s->software[side], b);
		break;
	case ATTRIBUTE_ERROR:
		if (b.left >= 4 && s->error < 0)
			s->error = (b.pos[2] & 7) * 100 + b.pos[3] % 100;
		break;
	default:
		break;
	}
}

static bool message(struct parse *x, struct stun *s, int side, struct bytes b)
{
	b.left = STUN_HEADER + (size_t)length_of(b);
	const uint8_t *header = bytes_take(&b, STUN_HEADER);
	s->messages++;
	while (b.left >= 4) {
		uint16_t type = bytes_be16(&b);
		size_t n = bytes_be16(&b);
		struct bytes value = bytes_sub(&b, n);
		if (b.bad)
			return false;
		attribute(x, s, side, header, type, value);
		bytes_skip(&b, (4 - n % 4) % 4);
	}
	return !b.bad;
}

static bool is_dtls(struct bytes b)
{
	return b.left >= 13 && b.pos[0] >= DTLS_FIRST && b.pos[0] <= DTLS_LAST &&
	       b.pos[1] == 0xfe;
}

static enum parse_result stun_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct stun *s = state;
	struct bytes b = bytes_over(d->p, d->n);
	if (is_dtls(b)) {
		parse_hand_over(x, "dtls", d->n);
		return PARSE_DONE;
	}
	if (length_of(b) < 0) /* media, a channel, or a keep-alive */
		return PARSE_OK;
	if (!s->begun) {
		*s = (struct stun){.begun = true,
		    .ts = x->ts,
		    .source = x->source,
		    .offset = x->offset,
		    .type = load_be16(b.pos),
		    .error = -1};
	}
	datagram_count(x, d, message(x, s, d->side, b));
	parse_confirm(x);
	return PARSE_OK;
}

static struct str method_text(struct parse *x, uint16_t type)
{
	static const char *const names[] = {NULL, "binding", NULL, "allocate", "refresh",
	    NULL, "send", "data", "create_permission", "channel_bind"};
	unsigned method = type & METHOD_MASK;
	if (method < sizeof(names) / sizeof(names[0]) && names[method] != NULL)
		return str_of(names[method]);
	return str_format(x->scratch, "method_%u", method);
}

static void stun_close(struct parse *x, void *state)
{
	const struct stun *s = state;
	if (!s->begun)
		return;
	struct stun_record r;
	record_clear(RECORD_STUN, &r);
	r.ts = s->ts;
	parse_endpoints(x, &r);
	r.method = method_text(x, s->type);
	r.messages = s->messages;
	r.username = kept_text(&s->username);
	r.realm = kept_text(&s->realm);
	r.client_software = kept_text(&s->software[0]);
	r.server_software = kept_text(&s->software[1]);
	r.mapped_addr = s->mapped.addr;
	r.mapped_port = addr_is_unset(&s->mapped.addr) ? -1 : s->mapped.port;
	r.relayed_addr = s->relayed.addr;
	r.relayed_port = addr_is_unset(&s->relayed.addr) ? -1 : s->relayed.port;
	r.peer_addr = s->peer.addr;
	r.error = s->error;
	parse_source_of(x, &r, s);
	parse_emit(x, RECORD_STUN, &r);
}

static enum probe stun_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	return first.left >= STUN_HEADER &&
		       length_of(first) == (int)(first.left - STUN_HEADER)
		   ? PROBE_YES
		   : PROBE_NO;
}

const struct proto_parser stun_parser = {
    .name = "stun",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST(0, 0x3f),
    PARSER_PORTS(PORT_STUN),
    .probe = stun_probe,
    .state_size = sizeof(struct stun),
    .data = stun_data,
    .close = stun_close,
};
