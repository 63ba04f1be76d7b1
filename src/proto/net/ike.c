/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE 1 and 2 (RFC 2409, 7296), on port 500, or on 4500 behind four zero bytes beside
 * ESP.
 *
 *     initiator SPI 8 | responder SPI 8 | next payload 1 | version 1 | exchange 1 |
 *     flags 1 | message id 4 | length 4 | payloads: next 1 flags 1 length 2 …
 *
 * The payloads of the first exchange are in clear: what the two ends propose, and the
 * marks by which their makers are known.
 */
#include "proto/net/vpn.h"

#define PORT_IKE        500
#define PORT_NAT        4500
#define IKE_HEADER      28
#define IKE_PAYLOAD_MAX 32 /* payloads read of one message */
#define FLAG_ENCRYPTED  1  /* of version 1 */

enum payload {
	V1_ID = 5,
	V1_VENDOR = 13,
	V2_KE = 34,
	V2_VENDOR = 43,
	V2_ENCRYPTED = 46,
	V2_FRAGMENT = 53,
};

struct header {
	const uint8_t *spi; /* both */
	uint8_t next, version, exchange, flags;
};

/* Take the header out: false when it is none of IKE. */
static bool read_header(struct bytes *b, struct header *h)
{
	size_t whole = b->left;
	h->spi = bytes_take(b, 16);
	h->next = bytes_u8(b);
	h->version = bytes_u8(b);
	h->exchange = bytes_u8(b);
	h->flags = bytes_u8(b);
	bytes_skip(b, 4);
	uint32_t length = bytes_be32(b);
	static const uint8_t zero[8];
	return !b->bad && memcmp(h->spi, zero, 8) != 0 && length >= IKE_HEADER &&
	       length <= whole && (h->version >> 4 == 1 || h->version >> 4 == 2) &&
	       (h->version & 15) <= 2 && h->exchange > 0 && h->exchange < 44 &&
	       h->next < 70;
}

static struct str exchange_text(struct parse *x, uint8_t exchange)
{
	switch (exchange) {
	case 1:
		return STR("base");
	case 2:
		return STR("main_mode");
	case 3:
		return STR("auth_only");
	case 4:
		return STR("aggressive");
	case 5:
		return STR("informational");
	case 32:
		return STR("quick_mode");
	case 34:
		return STR("IKE_SA_INIT");
	case 35:
		return STR("IKE_AUTH");
	case 36:
		return STR("CREATE_CHILD_SA");
	case 37:
		return STR("INFORMATIONAL");
	case 43:
		return STR("IKE_INTERMEDIATE");
	default:
		return str_format(x->scratch, "exchange_%u", exchange);
	}
}

/* A vendor id: text where it is one, else hexadecimal. */
static struct str vendor(struct parse *x, struct bytes b)
{
	for (size_t i = 0; i < b.left; i++) {
		if (b.pos[i] < 0x20 || b.pos[i] > 0x7e)
			return str_hex(x->scratch, b.pos, b.left);
	}
	return str_clean(x->scratch, b.pos, b.left);
}

/* False when a payload goes on behind the message. */
static bool payloads(
    struct parse *x, struct vpn *v, const struct header *h, struct bytes b)
{
	uint8_t next = h->next;
	for (int i = 0; next != 0 && b.left > 0; i++) {
		if (i == IKE_PAYLOAD_MAX) {
			x->counters->over_limit++;
			return true;
		}
		uint8_t type = next;
		next = bytes_u8(&b);
		bytes_skip(&b, 1);
		uint16_t n = bytes_be16(&b);
		struct bytes body = bytes_sub(&b, n >= 4 ? n - 4u : SIZE_MAX);
		if (b.bad)
			return false;
		if (type == V2_ENCRYPTED || type == V2_FRAGMENT)
			return true;
		if (type == V1_VENDOR || type == V2_VENDOR)
			vpn_vendor(x, v, vendor(x, body));
		if (type == V2_KE && v->group == 0)
			v->group = bytes_be16(&body);
		if (type == V1_ID && h->version >> 4 == 1 && bytes_skip(&body, 4))
			kept_set(x, &v->identity, body);
	}
	return true;
}

/* On port 4500 the zero bytes tell IKE from ESP, which is as good as random. */
static bool take_marker(const struct flow *f, struct bytes *b)
{
	bool marked = b->left >= 4 && load_be32(b->pos) == 0;
	if (marked)
		bytes_skip(b, 4);
	return marked || !datagram_has_port(f, PORT_NAT);
}

static enum parse_result ike_data(struct parse *x, void *state, const struct flow_data *d)
{
	struct vpn *v = state;
	struct bytes b = bytes_over(d->p, d->n);
	struct header h;
	if (!take_marker(x->flow, &b) || b.left == 0) { /* ESP, or a keep-alive */
		v->messages += v->begun;
		return PARSE_OK;
	}
	if (!read_header(&b, &h)) {
		datagram_count(x, d, false);
		return PARSE_OK;
	}
	if (!v->begun) {
		vpn_begin(x, v, "ike", h.version >> 4 == 1 ? "1.0" : "2.0");
		v->exchange = h.exchange;
	}
	v->messages++;
	vpn_id(&v->client, bytes_over(h.spi, 8));
	vpn_id(&v->server, bytes_over(h.spi + 8, 8));
	bool secret = h.version >> 4 == 1 && (h.flags & FLAG_ENCRYPTED) != 0;
	datagram_count(x, d, secret || payloads(x, v, &h, b));
	parse_confirm(x);
	return PARSE_OK;
}

static void ike_close(struct parse *x, void *state)
{
	struct vpn *v = state;
	vpn_emit(x, v, v->begun ? exchange_text(x, v->exchange) : (struct str){NULL, 0});
}

static enum probe ike_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	struct header h;
	bool own = datagram_has_port(f, PORT_IKE) || datagram_has_port(f, PORT_NAT);
	size_t n = first.left;
	if (!take_marker(f, &first) || !read_header(&first, &h))
		return PROBE_NO;
	/* Elsewhere only the first message, and nothing behind it. */
	bool opening = h.exchange == 34 || h.exchange == 2 || h.exchange == 4;
	bool whole =
	    n >= IKE_HEADER && load_be32(h.spi + 24) + (n - first.left) - IKE_HEADER == n;
	return own || (opening && whole) ? PROBE_YES : PROBE_NO;
}

static size_t ike_held(const void *state)
{
	return vpn_held(state);
}

const struct proto_parser ike_parser = {
    .name = "ike",
    .transports = TRANSPORT_UDP,
    PARSER_PORTS(PORT_IKE, PORT_NAT),
    .ports_only = true,
    .probe = ike_probe,
    .state_size = sizeof(struct vpn),
    .data = ike_data,
    .close = ike_close,
    .held = ike_held,
};
