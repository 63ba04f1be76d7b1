/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BACnet/IP (ASHRAE 135, annex J), over UDP.
 *
 *     81 | function 1 | length 2, all of it | (forwarded: address 6) |
 *     network:     01 | control 1 | (to: net 2, length 1, address) |
 *                  (from: likewise) | (to: hop count 1) | (message 1)
 *     application: kind 1 | ... invoke id 1 ... | service 1 | tagged parameters
 *
 * A tag: number 4, class 1 (context), length 3 bits. Parameters that name an object are
 * of context 0 or of application tag 12, four bytes: kind 10 bits, instance 22 bits.
 */
#include "base/size.h"
#include "proto/ot/bacnet_table.h"
#include "proto/ot/ot.h"

#define BACNET_PORT       47808
#define BACNET_BVLC_BYTES 4
#define BVLC_KEY          0x10000 /* key of requests of the virtual link */
#define OBJECT_INSTANCE   0x3fffff

enum bvlc_function {
	BVLC_RESULT = 0,
	BVLC_READ_BDT_ACK = 3,
	BVLC_FORWARDED = 4,
	BVLC_READ_FDT_ACK = 7,
	BVLC_DISTRIBUTE = 9,
	BVLC_UNICAST = 10,
	BVLC_BROADCAST = 11,
	BVLC_MAX = 12,
};

enum npdu_control { NPDU_MESSAGE = 0x80, NPDU_DESTINATION = 0x20, NPDU_SOURCE = 0x08 };

enum apdu_kind {
	APDU_CONFIRMED,
	APDU_UNCONFIRMED,
	APDU_SIMPLE_ACK,
	APDU_COMPLEX_ACK,
	APDU_SEGMENT_ACK,
	APDU_ERROR,
	APDU_REJECT,
	APDU_ABORT,
};

enum service {
	COV = 1, /* a change of value, told */
	READ_PROPERTY = 12,
	READ_MULTIPLE = 14,
	WRITE_PROPERTY = 15,
	WRITE_MULTIPLE = 16,
	DEVICE_COMMUNICATION = 17,
	REINITIALIZE = 20,
	LIFE_SAFETY = 27,
	WHO_HAS = 0x107, /* unconfirmed services, as parameters takes them */
	UNCONFIRMED = 0x100,
	UNCONFIRMED_I_HAVE = 1,
	UNCONFIRMED_COV = 2,
	UNCONFIRMED_WHO_IS = 8,
};

enum application_tag {
	TAG_NULL = 0,
	TAG_BOOLEAN = 1,
	TAG_UNSIGNED = 2,
	TAG_SIGNED = 3,
	TAG_REAL = 4,
	TAG_ENUMERATED = 9,
};

static const struct ot_name confirmed[] = {BACNET_CONFIRMED};
static const struct ot_name unconfirmed[] = {BACNET_UNCONFIRMED};
static const struct ot_name bvlc[] = {BACNET_BVLC};
static const struct ot_name network[] = {BACNET_NETWORK};
static const struct ot_name objects[] = {BACNET_OBJECTS};
static const struct ot_name properties[] = {BACNET_PROPERTIES};
static const struct ot_name errors[] = {BACNET_ERRORS};
static const struct ot_name rejects[] = {BACNET_REJECTS};
static const struct ot_name aborts[] = {BACNET_ABORTS};

struct tag {
	unsigned number;
	bool context;
	bool edge; /* opens or closes a list */
	struct bytes content;
};

/* Take the next tag and its content; false: none is there whole. */
static bool tag_next(struct bytes *b, struct tag *t)
{
	unsigned first = bytes_u8(b);
	size_t n = first & 7;
	t->number = first >> 4;
	t->context = (first & 8) != 0;
	t->edge = t->context && n >= 6;
	if (t->number == 15)
		t->number = bytes_u8(b);
	if (t->edge)
		n = 0;
	if (n == 5) {
		n = bytes_u8(b);
		if (n == 254)
			n = bytes_be16(b);
		else if (n == 255)
			n = bytes_be32(b);
	}
	if (!t->context && t->number == 1)
		n = 0; /* a boolean is its length */
	t->content = bytes_sub(b, n);
	return !t->content.bad;
}

static uint32_t tag_number(const struct tag *t)
{
	struct bytes b = t->content;
	uint32_t v = 0;
	while (b.left > 0)
		v = v << 8 | bytes_u8(&b);
	return v;
}

/* Most services name their object first; to ask who has one, and to operate one for life
 * safety, names it later. */
static bool tag_is_object(const struct tag *t, unsigned first, unsigned last)
{
	return t->content.left == 4 &&
	       (t->context ? t->number >= first && t->number <= last : t->number == 12);
}

static void take_object(struct ot_message *m, const struct tag *t)
{
	uint32_t id = tag_number(t);
	m->object = OT_WORD(objects, id >> 22, "vendor_object");
	m->address = id & OBJECT_INSTANCE;
}

static void take_property(struct ot_message *m, uint32_t property)
{
	const char *name = OT_WORD(properties, property, NULL);
	if (name != NULL)
		ot_detail(m, "%s", name);
	else
		ot_detail(m, "property=%u", property);
}

/* The object that a service is about, and its property. */
static void parameters(struct ot_message *m, unsigned service, struct bytes b)
{
	struct tag t;
	unsigned first = service == WHO_HAS ? 2 : service == LIFE_SAFETY ? 3 : 0;
	unsigned last = first == 0 ? 1 : first;
	bool list = false;
	if (service == DEVICE_COMMUNICATION || service == REINITIALIZE) {
		while (b.left > 0 && tag_next(&b, &t)) {
			if (t.number == (service == DEVICE_COMMUNICATION ? 1u : 0u) &&
			    !t.edge) {
				ot_detail(m, "state=%u", tag_number(&t));
				return;
			}
		}
		return;
	}
	while (b.left > 0 && tag_next(&b, &t)) {
		if (t.edge) {
			list = true;
		} else if (m->object == NULL && tag_is_object(&t, first, last)) {
			take_object(m, &t);
		} else if (m->object != NULL && t.context && t.content.left <= 2 &&
			   t.number == (list ? 0u : 1u)) {
			take_property(m, tag_number(&t));
			return;
		} else if (m->object != NULL) {
			return;
		}
	}
}

/* A value of an application tag. */
static void tagged_value(struct ot_message *m, const struct tag *t, unsigned first)
{
	size_t n = t->content.left;
	uint32_t v = n <= 4 ? tag_number(t) : 0;
	if (t->number == TAG_NULL)
		ot_value(m, "null");
	else if (t->number == TAG_BOOLEAN)
		ot_value(m, "%s", (first & 7) != 0 ? "on" : "off");
	else if ((t->number == TAG_UNSIGNED || t->number == TAG_ENUMERATED) && n <= 4)
		ot_value(m, "%u", v);
	else if (t->number == TAG_SIGNED && n > 0 && n <= 4)
		ot_value(m, "%d", (int32_t)(v << (32 - 8 * n)) >> (32 - 8 * n));
	else if (t->number == TAG_REAL && n == 4)
		ot_value_float(m, v);
}

/* The values between the tags that open and close the list of that number. */
static void listed_values(struct ot_message *m, unsigned list, struct bytes b)
{
	struct tag t;
	int depth = 0, count = 0;
	struct bytes values = {0};
	while (b.left > 0) {
		struct bytes at = b;
		unsigned first = b.pos[0];
		if (!tag_next(&b, &t))
			break;
		if (depth == 0 && t.edge && t.number == list) {
			values = b;
			depth = 1;
		} else if (depth > 0 && t.edge) {
			depth += (first & 7) == 6 ? 1 : -1;
			if (depth == 0) {
				values.left = (size_t)(at.pos - values.pos);
				ot_digest(m, values);
				break;
			}
		} else if (depth == 1 && !t.context && ++count == 1) {
			tagged_value(m, &t, first);
		}
	}
	if (count != 1 || depth != 0)
		m->value_n = 0;
}

/* What a service writes, tells or was told. */
static void values_of(struct ot_message *m, unsigned service, bool answer, struct bytes b)
{
	if (service == (answer ? READ_PROPERTY : WRITE_PROPERTY))
		listed_values(m, 3, b);
	else if (!answer &&
		 (service == COV || service == (UNCONFIRMED | UNCONFIRMED_COV)))
		listed_values(m, 4, b);
	else if (service == (answer ? READ_MULTIPLE : WRITE_MULTIPLE))
		ot_digest(m, b);
}

static void unconfirmed_read(struct ot_message *m, unsigned service, struct bytes b)
{
	struct tag t;
	if (service == UNCONFIRMED_WHO_IS) {
		if (b.left > 0 && tag_next(&b, &t))
			m->address = tag_number(&t);
		if (b.left > 0 && tag_next(&b, &t))
			m->count = (int64_t)tag_number(&t) - m->address + 1;
		return;
	}
	parameters(m, UNCONFIRMED | service, b);
	values_of(m, UNCONFIRMED | service, false, b);
	if (service == UNCONFIRMED_I_HAVE && tag_next(&b, &t) && tag_next(&b, &t))
		take_object(m, &t);
}

/* Class and code of an error: two enumerated values. */
static const char *error_read(struct bytes b)
{
	struct tag class, code;
	/* Some services wrap them into a list. */
	do {
		if (!tag_next(&b, &class))
			return "error";
	} while (class.edge);
	return tag_next(&b, &code) ? OT_WORD(errors, tag_number(&code), "error")
				   : "error";
}

static void on_request(
    struct parse *x, struct ot *ot, int side, struct ot_message *m, struct bytes b)
{
	unsigned flags = bytes_u8(&b);
	bytes_skip(&b, 1);
	m->id = bytes_u8(&b);
	unsigned segment = 0;
	if ((flags & 8) != 0) {
		segment = bytes_u8(&b);
		bytes_skip(&b, 1);
	}
	unsigned service = bytes_u8(&b);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	OT_FUNCTION(m, confirmed, service);
	parameters(m, service, b);
	values_of(m, service, false, b);
	if (segment == 0)
		ot_ask(x, ot, side, (uint64_t)m->id, m);
}

static void on_answer(struct parse *x, struct ot *ot, int side, unsigned kind,
    struct ot_message *m, struct bytes b)
{
	unsigned flags = bytes_u8(&b), segment = 0;
	m->id = bytes_u8(&b);
	if (kind == APDU_COMPLEX_ACK && (flags & 8) != 0) {
		segment = bytes_u8(&b);
		bytes_skip(&b, 1);
	}
	unsigned service = bytes_u8(&b);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	if (kind == APDU_REJECT || kind == APDU_ABORT) {
		m->function = kind == APDU_REJECT ? "reject" : "abort";
		m->status = kind == APDU_REJECT
				? OT_WORD(rejects, service, "reject_other")
				: OT_WORD(aborts, service, "abort_other");
	} else {
		OT_FUNCTION(m, confirmed, service);
		m->status = kind == APDU_ERROR ? error_read(b) : "ok";
		if (kind == APDU_COMPLEX_ACK)
			values_of(m, service, true, b);
	}
	if (segment == 0)
		ot_answer(x, ot, side, (uint64_t)m->id, m);
}

static void on_apdu(
    struct parse *x, struct ot *ot, int side, struct ot_message *m, struct bytes b)
{
	unsigned kind = b.left > 0 ? b.pos[0] >> 4 : APDU_ABORT + 1;
	switch (kind) {
	case APDU_CONFIRMED:
		on_request(x, ot, side, m, b);
		break;
	case APDU_UNCONFIRMED: {
		bytes_skip(&b, 1);
		unsigned service = bytes_u8(&b);
		OT_FUNCTION(m, unconfirmed, service);
		unconfirmed_read(m, service, b);
		ot_tell(x, side, m);
		break;
	}
	case APDU_SIMPLE_ACK:
	case APDU_COMPLEX_ACK:
	case APDU_ERROR:
	case APDU_REJECT:
	case APDU_ABORT:
		on_answer(x, ot, side, kind, m, b);
		break;
	case APDU_SEGMENT_ACK:
		break;
	default:
		x->counters->malformed++;
	}
}

static void on_npdu(
    struct parse *x, struct ot *ot, int side, struct ot_message *m, struct bytes b)
{
	if (bytes_u8(&b) != 1) {
		x->counters->unsupported++;
		return;
	}
	unsigned control = bytes_u8(&b);
	if ((control & NPDU_DESTINATION) != 0) {
		m->unit = bytes_be16(&b);
		size_t n = bytes_u8(&b);
		bytes_skip(&b, n);
	}
	if ((control & NPDU_SOURCE) != 0) {
		m->origin = bytes_be16(&b);
		size_t n = bytes_u8(&b);
		bytes_skip(&b, n);
	}
	if ((control & NPDU_DESTINATION) != 0)
		bytes_skip(&b, 1);
	if (b.bad) {
		x->counters->malformed++;
	} else if ((control & NPDU_MESSAGE) != 0) {
		OT_FUNCTION(m, network, bytes_u8(&b));
		ot_tell(x, side, m);
	} else {
		on_apdu(x, ot, side, m, b);
	}
}

/* Messages of the virtual link itself; a result does not say of what. */
static void on_link(struct parse *x, struct ot *ot, int side, unsigned function,
    struct ot_message *m, struct bytes b)
{
	OT_FUNCTION(m, bvlc, function);
	if (function == BVLC_RESULT) {
		m->status = bytes_be16(&b) == 0 ? "ok" : "nak";
		ot_answer(x, ot, side, BVLC_KEY, m);
	} else if (function == BVLC_READ_BDT_ACK || function == BVLC_READ_FDT_ACK) {
		m->status = "ok";
		ot_answer(x, ot, side, BVLC_KEY, m);
	} else {
		ot_ask(x, ot, side, BVLC_KEY, m);
	}
}

static bool has_npdu(unsigned function)
{
	return function == BVLC_FORWARDED ||
	       (function >= BVLC_DISTRIBUTE && function <= BVLC_BROADCAST);
}

static bool at_home(const struct flow *f)
{
	return f->port[0] == BACNET_PORT || f->port[1] == BACNET_PORT;
}

static enum probe bacnet_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	if (first.left < BACNET_BVLC_BYTES || first.pos[0] != 0x81 ||
	    first.pos[1] > BVLC_MAX || load_be16(first.pos + 2) != first.left)
		return PROBE_NO;
	size_t at =
	    first.pos[1] == BVLC_FORWARDED ? BACNET_BVLC_BYTES + 6 : BACNET_BVLC_BYTES;
	if (has_npdu(first.pos[1]) &&
	    (first.left < at + 2 || (first.pos[at] != 1 && !at_home(f))))
		return PROBE_NO;
	return PROBE_YES;
}

static enum parse_result bacnet_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct ot *ot = state;
	struct ot_message m = ot_message("bacnet");
	struct bytes b = bytes_over(d->p, d->n);
	m.bytes = d->wire;
	unsigned type = bytes_u8(&b), function = bytes_u8(&b);
	size_t n = bytes_be16(&b);
	if (b.bad || type != 0x81 || function > BVLC_MAX || n > d->wire) {
		x->counters->malformed++;
		return PARSE_OK;
	}
	x->counters->truncated += d->wire > d->n;
	x->counters->understood++;
	parse_confirm(x);
	if (function == BVLC_FORWARDED)
		bytes_skip(&b, 6);
	if (has_npdu(function))
		on_npdu(x, ot, d->side, &m, b);
	else
		on_link(x, ot, d->side, function, &m, b);
	return PARSE_OK;
}

static void bacnet_close(struct parse *x, void *state)
{
	ot_end(x, state);
}

static size_t bacnet_held(const void *state)
{
	return ot_held(state);
}

const struct proto_parser bacnet_parser = {
    .name = "bacnet",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST(0x81, 0x81),
    PARSER_PORTS(BACNET_PORT),
    .probe = bacnet_probe,
    .state_size = sizeof(struct ot),
    .data = bacnet_data,
    .close = bacnet_close,
    .held = bacnet_held,
};
