/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RADIUS (RFC 2865, 2866): who logs on where. Its request and the answer with the same
 * identifier are one row.
 *
 *     code 1 | identifier 1 | length 2 | authenticator 16 | type 1 length 1 value …
 */
#include "proto/shared/datagram.h"

#define RADIUS_HEADER      20
#define RADIUS_MAX         4096 /* bytes of a message (RFC 2865, 3) */
#define RADIUS_PENDING_MAX 8    /* requests of one flow that wait for their answer */
#define RADIUS_PORTS       1812, 1813, 1645, 1646, 3799

enum code {
	ACCESS_REQUEST = 1,
	ACCESS_ACCEPT = 2,
	ACCESS_REJECT = 3,
	ACCOUNTING_REQUEST = 4,
	ACCOUNTING_RESPONSE = 5,
	ACCESS_CHALLENGE = 11,
	DISCONNECT_REQUEST = 40,
	COA_NAK = 45,
};

enum attribute {
	USER_NAME = 1,
	NAS_IP_ADDRESS = 4,
	FRAMED_IP_ADDRESS = 8,
	REPLY_MESSAGE = 18,
	CALLING_STATION = 31,
	NAS_IDENTIFIER = 32,
	TUNNEL_CLIENT = 66,
	CONNECT_INFO = 77,
};

struct exchange {
	bool open;
	uint8_t id, code, answer;
	struct moment ts, answered;
	uint32_t source;
	uint64_t offset;
	struct kept user, mac, tunnel, info, reply, nas;
	struct addr framed, nas_addr;
};

struct radius {
	struct exchange pending[RADIUS_PENDING_MAX];
	unsigned next; /* place that is used next: the oldest one */
};

static bool known(uint8_t code)
{
	return (code >= ACCESS_REQUEST && code <= ACCOUNTING_RESPONSE) ||
	       (code >= ACCESS_CHALLENGE && code <= 13) ||
	       (code >= DISCONNECT_REQUEST && code <= COA_NAK);
}

static bool is_request(uint8_t code)
{
	return code == ACCESS_REQUEST || code == ACCOUNTING_REQUEST || code == 12 ||
	       code == DISCONNECT_REQUEST || code == 43;
}

/* Take out the attributes of a message; false when it is none. */
static bool attributes(struct bytes *b)
{
	size_t n = b->left >= RADIUS_HEADER ? load_be16(b->pos + 2) : 0;
	if (n < RADIUS_HEADER || n > RADIUS_MAX || n > b->left || !known(b->pos[0]))
		return false;
	b->left = n;
	return bytes_skip(b, RADIUS_HEADER);
}

static struct str result_text(const struct exchange *e)
{
	switch (e->answer) {
	case ACCESS_ACCEPT:
		return STR("success");
	case ACCESS_REJECT:
		return STR("failed");
	case ACCESS_CHALLENGE:
		return STR("challenge");
	case 0:
		return STR("unknown");
	default:
		return STR("answered");
	}
}

static struct str request_text(struct parse *x, uint8_t code)
{
	switch (code) {
	case ACCESS_REQUEST:
		return STR("access");
	case ACCOUNTING_REQUEST:
		return STR("accounting");
	case 12:
		return STR("status");
	case DISCONNECT_REQUEST:
		return STR("disconnect");
	case 43:
		return STR("coa");
	default:
		return str_format(x->scratch, "code_%u", code);
	}
}

static void emit(struct parse *x, struct exchange *e)
{
	if (!e->open)
		return;
	struct radius_record r;
	record_clear(RECORD_RADIUS, &r);
	r.ts = e->ts;
	parse_endpoints(x, &r);
	r.id = e->id;
	r.request = request_text(x, e->code);
	r.username = kept_text(&e->user);
	r.mac = kept_text(&e->mac);
	r.framed_addr = e->framed;
	r.tunnel_client = kept_text(&e->tunnel);
	r.connect_info = kept_text(&e->info);
	r.nas = kept_text(&e->nas);
	r.nas_addr = e->nas_addr;
	r.reply_msg = kept_text(&e->reply);
	r.result = result_text(e);
	if (e->answer != 0)
		r.ttl = (double)moment_diff(e->ts, e->answered) / 1e9;
	parse_source_of(x, &r, e);
	parse_emit(x, RECORD_RADIUS, &r);
	e->open = false;
}

static void attribute(struct parse *x, struct exchange *e, uint8_t type, struct bytes b)
{
	switch (type) {
	case USER_NAME:
		kept_set(x, &e->user, b);
		break;
	case CALLING_STATION:
		kept_set(x, &e->mac, b);
		break;
	case TUNNEL_CLIENT:
		kept_set(x, &e->tunnel, b);
		break;
	case CONNECT_INFO:
		kept_set(x, &e->info, b);
		break;
	case REPLY_MESSAGE:
		kept_set(x, &e->reply, b);
		break;
	case NAS_IDENTIFIER:
		kept_set(x, &e->nas, b);
		break;
	case NAS_IP_ADDRESS:
	case FRAMED_IP_ADDRESS:
		if (b.left == 4 && type == NAS_IP_ADDRESS)
			e->nas_addr = addr_from_v4(b.pos);
		else if (b.left == 4)
			e->framed = addr_from_v4(b.pos);
		break;
	default:
		break;
	}
}

/* The exchange that a message belongs to: an answer its request, else a new one. */
static struct exchange *exchange(
    struct parse *x, struct radius *s, uint8_t code, uint8_t id)
{
	for (unsigned i = 0; i < RADIUS_PENDING_MAX; i++) {
		struct exchange *e = &s->pending[i];
		if (e->open && e->id == id && e->answer == 0)
			return e; /* or the same request again */
	}
	struct exchange *e = &s->pending[s->next++ % RADIUS_PENDING_MAX];
	if (e->open)
		x->counters->over_limit++;
	emit(x, e);
	*e = (struct exchange){.open = true,
	    .id = id,
	    .code = code,
	    .ts = x->ts,
	    .source = x->source,
	    .offset = x->offset};
	return e;
}

static enum parse_result radius_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct bytes b = bytes_over(d->p, d->n);
	if (!attributes(&b)) {
		datagram_count(x, d, false);
		return PARSE_OK;
	}
	uint8_t code = d->p[0];
	struct exchange *e = exchange(x, state, code, d->p[1]);
	bool good = true;
	while (b.left > 0 && good) {
		uint8_t type = bytes_u8(&b);
		uint8_t n = bytes_u8(&b);
		good = n >= 2 && !b.bad && n - 2u <= b.left;
		if (good)
			attribute(x, e, type, bytes_sub(&b, n - 2u));
	}
	datagram_count(x, d, good);
	parse_confirm(x);
	if (!is_request(code)) {
		e->answer = code;
		e->answered = x->ts;
		emit(x, e);
	}
	return PARSE_OK;
}

static void radius_close(struct parse *x, void *state)
{
	struct radius *s = state;
	for (unsigned i = 0; i < RADIUS_PENDING_MAX; i++)
		emit(x, &s->pending[(s->next + i) % RADIUS_PENDING_MAX]);
}

static enum probe radius_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	return attributes(&first) ? PROBE_YES : PROBE_NO;
}

const struct proto_parser radius_parser = {
    .name = "radius",
    .transports = TRANSPORT_UDP,
    PARSER_PORTS(RADIUS_PORTS),
    .ports_only = true,
    .probe = radius_probe,
    .state_size = sizeof(struct radius),
    .data = radius_data,
    .close = radius_close,
};
