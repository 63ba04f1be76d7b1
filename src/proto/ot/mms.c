/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MMS (ISO 9506), the client and server part of IEC 61850: in ISO transport, session,
 * presentation.
 *
 *     session:       0d/0e: connect, accept: parameters, then the presentation's
 *                    01 00 01 00: data of the presentation follows
 *     presentation:  61 { 30 { 02 context, a0 { the PDU } } }
 *     PDU:           a0 request, a1 response, a2 error { 02 invoke id, service },
 *                    a3 unasked, a4 reject, a8 .. ad: how a session begins and ends
 */
#include "base/size.h"
#include "proto/ot/mms_table.h"
#include "proto/ot/ot_iso.h"
#include "proto/shared/ber.h"

#define MMS_NAME_MAX    64                  /* bytes of a name that are shown */
#define MMS_SEARCH_MAX  8                   /* levels at which a name is looked for */
#define MMS_SESSION_KEY (UINT64_C(1) << 32) /* key of initiate and conclude */

enum mms_pdu {
	MMS_REQUEST = 0xa0,
	MMS_RESPONSE = 0xa1,
	MMS_ERROR = 0xa2,
	MMS_UNCONFIRMED = 0xa3,
	MMS_REJECT = 0xa4,
	MMS_INITIATE = 0xa8,
	MMS_INITIATED = 0xa9,
	MMS_INITIATE_ERROR = 0xaa,
	MMS_CONCLUDE = 0x8b,
	MMS_CONCLUDED = 0x8c,
};

enum session {
	SESSION_CONNECT = 0x0d,
	SESSION_ACCEPT = 0x0e,
	SESSION_GIVE_TOKENS = 0x01,
	SESSION_USER_DATA = 0xc1,
	SESSION_LONG = 0xff, /* a length of two bytes follows */
};

static const struct ot_name services[] = {MMS_SERVICES};
static const struct ot_name error_classes[] = {MMS_ERROR_CLASSES};
static const struct ot_name access_errors[] = {MMS_ACCESS_ERRORS};

static size_t session_length(struct bytes *b)
{
	size_t n = bytes_u8(b);
	return n == SESSION_LONG ? bytes_be16(b) : n;
}

/* The presentation's bytes in a connect or accept; bad: none. */
static struct bytes session_user_data(struct bytes b)
{
	bytes_skip(&b, 1);
	size_t n = session_length(&b);
	struct bytes all = bytes_sub(&b, size_min(n, b.left));
	while (all.left > 0) {
		unsigned code = bytes_u8(&all);
		struct bytes value = bytes_sub(&all, session_length(&all));
		if (code == SESSION_USER_DATA)
			return value;
	}
	return (struct bytes){.bad = true};
}

/* The PDU of a message of the session layer; bad: it has none. */
static struct bytes pdu_of(struct bytes b)
{
	static const uint8_t data[] = {0x61, 0x30, 0xa0};
	static const uint8_t asks[] = {
	    0x31, 0xa2, 0x61, 0x30, 0xa0, 0x60, 0xbe, 0x28, 0xa0};
	static const uint8_t accepts[] = {
	    0x31, 0xa2, 0x61, 0x30, 0xa0, 0x61, 0xbe, 0x28, 0xa0};
	if (b.left >= 4 && b.pos[0] == SESSION_GIVE_TOKENS && b.pos[1] == 0 &&
	    b.pos[2] == SESSION_GIVE_TOKENS && b.pos[3] == 0) {
		bytes_skip(&b, 4);
		return ber_at(b, data, sizeof(data));
	}
	if (b.left > 0 && b.pos[0] == SESSION_CONNECT)
		return ber_at(session_user_data(b), asks, sizeof(asks));
	if (b.left > 0 && b.pos[0] == SESSION_ACCEPT)
		return ber_at(session_user_data(b), accepts, sizeof(accepts));
	return (struct bytes){.bad = true};
}

static bool is_text(const struct ber *e)
{
	return e->first == 0x1a || e->first == 0x19;
}

/* The first names in a request, domain and item, or a file: always first in first. */
static void names(struct ot_message *m, struct bytes b)
{
	struct ber e, next;
	for (int depth = 0; depth < MMS_SEARCH_MAX && b.left > 0; depth++) {
		do {
			if (!ber_next(&b, &e))
				return;
		} while (!is_text(&e) && (e.first & BER_CONSTRUCTED) == 0 && b.left > 0);
		if (is_text(&e)) {
			ot_detail_bytes(
			    m, e.content.pos, size_min(e.content.left, MMS_NAME_MAX));
			if (b.left > 0 && ber_next(&b, &next) && is_text(&next)) {
				ot_detail(m, "/");
				ot_detail_bytes(m, next.content.pos,
				    size_min(next.content.left, MMS_NAME_MAX));
			}
			return;
		}
		b = e.content;
	}
}

static bool contains(const struct ot_message *m, const char *text)
{
	return m->detail_n > 0 &&
	       memmem(m->detail, m->detail_n, text, strlen(text)) != NULL;
}

/* What a service asks for. In IEC 61850 objects of functional constraint CO are controls.
 */
static void service_read(struct ot_message *m, const struct ber *service)
{
	OT_FUNCTION(m, services, service->number);
	names(m, service->content);
	if (service->number == MMS_WRITE && contains(m, "$CO$"))
		m->operation = OT_CONTROL;
	if (service->number == MMS_READ || service->number == MMS_WRITE)
		m->object = "variable";
	if (service->number == MMS_WRITE)
		ot_digest(m, service->content);
}

/* Reads and writes answer for each variable: the first one that failed, or ok. */
static const char *response_status(const struct ber *service)
{
	struct bytes b = service->content;
	struct ber e;
	if (service->number == MMS_READ)
		b = ber_child(b, 0xa1);
	else if (service->number != MMS_WRITE)
		return "ok";
	while (b.left > 0 && ber_next(&b, &e)) {
		if (e.first == BER_CONTEXT)
			return OT_WORD(access_errors,
			    (unsigned)ber_number(e.content) & 0xff, "unknown_error");
	}
	return "ok";
}

/* The class of an error: a2 { a0 { class } }. */
static const char *error_status(struct bytes b)
{
	static const uint8_t path[] = {0xa2, 0xa0};
	struct bytes inside = ber_at(b, path, sizeof(path));
	struct ber e;
	return inside.left > 0 && ber_next(&inside, &e)
		   ? OT_WORD(error_classes, e.number, "unknown_error")
		   : "unknown_error";
}

static void on_confirmed(struct parse *x, struct iso_state *st, int side, unsigned kind,
    struct ot_message *m, struct bytes b)
{
	struct ber id, service;
	struct bytes all = b;
	if (!ber_next(&b, &id)) {
		x->counters->malformed++;
		return;
	}
	m->id = (int64_t)(ber_number(id.content) & 0xffffffff);
	if (kind == MMS_REQUEST) {
		/* Modifiers (a sequence) may stand before the service. */
		do {
			if (!ber_next(&b, &service))
				return;
		} while (service.first == 0x30 && b.left > 0);
		service_read(m, &service);
		ot_ask(x, &st->base.ot, side, (uint64_t)m->id, m);
	} else if (kind == MMS_RESPONSE) {
		if (!ber_next(&b, &service))
			return;
		OT_FUNCTION(m, services, service.number);
		m->status = response_status(&service);
		if (service.number == MMS_READ)
			ot_digest(m, service.content);
		ot_answer(x, &st->base.ot, side, (uint64_t)m->id, m);
	} else {
		m->status = kind == MMS_REJECT ? "reject" : error_status(all);
		ot_answer(x, &st->base.ot, side, (uint64_t)m->id, m);
	}
}

static void on_session(
    struct parse *x, struct iso_state *st, int side, unsigned kind, struct ot_message *m)
{
	bool asks = kind == MMS_INITIATE || kind == MMS_CONCLUDE;
	bool begins = kind >= MMS_INITIATE && kind <= MMS_INITIATE_ERROR;
	m->function = begins ? "initiate" : "conclude";
	m->operation = OT_SESSION;
	if (asks) {
		ot_ask(x, &st->base.ot, side, MMS_SESSION_KEY, m);
	} else {
		m->status =
		    kind == MMS_INITIATED || kind == MMS_CONCLUDED ? "ok" : "error";
		ot_answer(x, &st->base.ot, side, MMS_SESSION_KEY, m);
	}
}

static void on_pdu(
    struct parse *x, struct iso_state *st, int side, size_t n, const struct ber *pdu)
{
	struct ot_message m = ot_message("mms");
	m.bytes = n;
	x->counters->understood++;
	parse_confirm(x);
	if ((pdu->first >= MMS_REQUEST && pdu->first <= MMS_ERROR) ||
	    pdu->first == MMS_REJECT) {
		on_confirmed(x, st, side, pdu->first, &m, pdu->content);
	} else if (pdu->first == MMS_UNCONFIRMED) {
		static const char *const unasked[] = {
		    "information_report", "unsolicited_status", "event_notification"};
		struct bytes b = pdu->content;
		struct ber service;
		if (!ber_next(&b, &service))
			return;
		m.function = service.number < 3 ? unasked[service.number] : "unconfirmed";
		m.operation = OT_REPORT;
		names(&m, service.content);
		ot_tell(x, side, &m);
	} else {
		on_session(x, st, side, pdu->first, &m);
	}
}

static bool is_pdu(uint8_t first)
{
	return (first >= MMS_REQUEST && first <= 0xa7) ||
	       (first >= MMS_INITIATE && first <= MMS_INITIATE_ERROR) ||
	       (first >= MMS_CONCLUDE && first <= 0x8d);
}

static void mms_message(struct parse *x, void *state, int side, struct bytes b)
{
	size_t n = b.left;
	struct ber pdu;
	struct bytes inside = pdu_of(b);
	if (inside.bad || !ber_next(&inside, &pdu) || !is_pdu(pdu.first)) {
		x->counters->unsupported++;
		return;
	}
	on_pdu(x, state, side, n, &pdu);
}

static const struct iso_calls calls = {.message = mms_message, .protocol = "mms"};

static void on_packet(struct parse *x, void *state, int side, struct bytes packet)
{
	iso_packet(x, state, &calls, side, packet);
}

static const struct ot_framing framing = {
    .max = TPKT_MAX,
    .length = tpkt_length,
    .message = on_packet,
};

static enum probe mms_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f, (void)side;
	struct tpdu t;
	struct ber pdu;
	int got = tpkt_first_data(first, &t);
	if (got <= 0)
		return got == 0 ? PROBE_MORE : PROBE_NO;
	struct bytes inside = pdu_of(t.data);
	if (!inside.bad && ber_next(&inside, &pdu) && is_pdu(pdu.first))
		return PROBE_YES;
	/* A message in parts: the begin of the presentation must do. */
	return !t.eot && t.data.left > 5 && t.data.pos[0] == SESSION_GIVE_TOKENS &&
		       t.data.pos[2] == SESSION_GIVE_TOKENS && t.data.pos[4] == 0x61
		   ? PROBE_YES
		   : PROBE_NO;
}

static enum parse_result mms_data(struct parse *x, void *state, const struct flow_data *d)
{
	struct iso_state *st = state;
	return ot_stream_data(x, &st->base.stream, &framing, st, d);
}

const struct proto_parser mms_parser = {
    .name = "mms",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(3, 3),
    PARSER_PORTS(ISO_PORT),
    .probe = mms_probe,
    .state_size = sizeof(struct iso_state),
    .data = mms_data,
    .gap = iso_gap,
    .close = iso_close,
    .held = iso_held,
};
