/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNP3 over TCP or UDP (IEEE 1815): link frames with check sums, in which the segments of
 * messages travel.
 *
 *     05 64 | length 1 | control 1 | destination 2 | source 2 | crc 2 |
 *     { 16 bytes of data (the last block: fewer) | crc 2 } ...
 *
 *     data:     FIN FIR sequence 1 | part of a message
 *     message:  control 1 | function 1 | (answers: indications 2) | objects
 * (dnp3_objects.h)
 *
 * All numbers are little-endian; length counts from control on without check sums.
 */
#include <string.h>

#include "base/size.h"
#include "proto/ot/dnp3_objects.h"
#include "proto/ot/ot.h"
#include "proto/ot/ot_stream.h"

#define DNP3_FRAME_MAX   292   /* bytes of the longest frame */
#define DNP3_MESSAGE_MAX 4096  /* bytes of the longest message put together */
#define DNP3_HEADER      10    /* bytes of the header and its check sum */
#define DNP3_BLOCK       16    /* bytes of a block */
#define DNP3_DATA_MAX    250   /* bytes of data of the longest frame */
#define DNP3_LINK_KEY    0x100 /* keys of link requests, beside sequences */

enum dnp3_bits {
	LINK_PRIMARY = 0x40,
	LINK_USER_DATA = 3,
	LINK_USER_DATA_FREE = 4, /* wants no confirmation */
	SEGMENT_FIN = 0x80,
	SEGMENT_FIR = 0x40,
	APP_SEQUENCE = 0x0f,
	FUNCTION_CONFIRM = 0,
	FUNCTION_RESPONSE = 129,
	FUNCTION_UNSOLICITED = 130,
	FUNCTION_AUTHENTICATE = 131,
};

/* What of a message a side has sent so far. */
struct dnp3_part {
	struct buffer bytes; /* own only */
	uint32_t link;       /* its addresses */
	uint8_t sequence;    /* of the next segment */
	bool open;
};

struct dnp3_state {
	struct ot_state base;
	struct dnp3_part part[2];
};

struct dnp3_frame {
	unsigned control;
	uint16_t destination, source;
};

static const struct ot_name functions[] = {
    {"confirm", 0, OT_SESSION},
    {"read", 1, OT_READ},
    {"write", 2, OT_WRITE},
    {"select", 3, OT_CONTROL},
    {"operate", 4, OT_CONTROL},
    {"direct_operate", 5, OT_CONTROL},
    {"direct_operate_nr", 6, OT_CONTROL},
    {"immed_freeze", 7, OT_WRITE},
    {"immed_freeze_nr", 8, OT_WRITE},
    {"freeze_clear", 9, OT_WRITE},
    {"freeze_clear_nr", 10, OT_WRITE},
    {"freeze_at_time", 11, OT_WRITE},
    {"freeze_at_time_nr", 12, OT_WRITE},
    {"cold_restart", 13, OT_MODE},
    {"warm_restart", 14, OT_MODE},
    {"initialize_data", 15, OT_MODE},
    {"initialize_appl", 16, OT_MODE},
    {"start_appl", 17, OT_MODE},
    {"stop_appl", 18, OT_MODE},
    {"save_config", 19, OT_PROGRAM},
    {"enable_unsolicited", 20, OT_MODE},
    {"disable_unsolicited", 21, OT_MODE},
    {"assign_class", 22, OT_PROGRAM},
    {"delay_measure", 23, OT_TIME},
    {"record_current_time", 24, OT_TIME},
    {"open_file", 25, OT_FILE},
    {"close_file", 26, OT_FILE},
    {"delete_file", 27, OT_FILE},
    {"get_file_info", 28, OT_FILE},
    {"authenticate_file", 29, OT_FILE},
    {"abort_file", 30, OT_FILE},
    {"activate_config", 31, OT_PROGRAM},
    {"authenticate_req", 32, OT_SESSION},
    {"authenticate_err", 33, OT_SESSION},
    {"response", 129, OT_REPORT},
    {"unsolicited_response", 130, OT_REPORT},
    {"authenticate_resp", 131, OT_SESSION},
};

/* Requests of the link layer, by function code; their answers carry no more. */
static const struct ot_name link_functions[] = {
    {"reset_link_states", 0, OT_SESSION},
    {"reset_user_process", 1, OT_SESSION},
    {"test_link_states", 2, OT_SESSION},
    {"request_link_status", 9, OT_SESSION},
};

static const struct ot_name link_answers[] = {
    {"ok", 0, 0},
    {"nack", 1, 0},
    {"ok", 11, 0},
    {"not_functioning", 14, 0},
    {"not_supported", 15, 0},
};

static uint16_t crc(const uint8_t *p, size_t n)
{
	/* x^16+x^13+x^12+x^11+x^10+x^8+x^6+x^5+x^2+1, reflected, four bits at a time. */
	static const uint16_t step[16] = {0x0000, 0xb26b, 0x29af, 0x9bc4, 0x535e, 0xe135,
	    0x7af1, 0xc89a, 0xa6bc, 0x14d7, 0x8f13, 0x3d78, 0xf5e2, 0x4789, 0xdc4d,
	    0x6e26};
	unsigned c = 0;
	for (size_t i = 0; i < n; i++) {
		c = c >> 4 ^ step[(c ^ p[i]) & 15];
		c = c >> 4 ^ step[(c ^ (unsigned)p[i] >> 4) & 15];
	}
	return (uint16_t)~c;
}

/* Bytes of data in a frame of that length. */
static size_t data_bytes(unsigned length)
{
	return length - 5u;
}

static ssize_t dnp3_length(struct bytes b)
{
	if ((b.left > 0 && b.pos[0] != 0x05) || (b.left > 1 && b.pos[1] != 0x64) ||
	    (b.left > 2 && b.pos[2] < 5))
		return -1;
	if (b.left < DNP3_HEADER)
		return 0;
	if (crc(b.pos, 8) != load_le16(b.pos + 8))
		return -1;
	size_t n = data_bytes(b.pos[2]);
	return (ssize_t)(DNP3_HEADER + n + (n + DNP3_BLOCK - 1) / DNP3_BLOCK * 2);
}

/* Take the blocks' check sums off: bytes of data, -1 where one is wrong. */
static ssize_t data_read(struct bytes blocks, uint8_t out[DNP3_DATA_MAX])
{
	size_t n = 0;
	while (blocks.left > 2) {
		size_t block = size_min(DNP3_BLOCK, blocks.left - 2);
		const uint8_t *p = bytes_take(&blocks, block);
		if (p == NULL || block > DNP3_DATA_MAX - n ||
		    crc(p, block) != bytes_le16(&blocks))
			return -1;
		memcpy(out + n, p, block);
		n += block;
	}
	return (ssize_t)n;
}

/* The two addresses as one number, the same in both directions. */
static uint32_t link_of(const struct dnp3_frame *f, bool asks)
{
	return asks ? (uint32_t)f->destination << 16 | f->source
		    : (uint32_t)f->source << 16 | f->destination;
}

static void addresses(struct ot_message *m, const struct dnp3_frame *f, bool asks)
{
	m->unit = asks ? f->destination : f->source;
	m->origin = asks ? f->source : f->destination;
}

static const char *indications_status(unsigned iin)
{
	static const struct ot_name errors[] = {
	    {"no_func_code_support", 0x0001, 0},
	    {"object_unknown", 0x0002, 0},
	    {"parameter_error", 0x0004, 0},
	    {"already_executing", 0x0010, 0},
	    {"config_corrupt", 0x0020, 0},
	};
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if ((iin & errors[i].code) != 0)
			return errors[i].name;
	}
	return "ok";
}

/* A whole message of the application layer. */
static void on_message(struct parse *x, struct dnp3_state *st, int side,
    const struct dnp3_frame *f, struct bytes b)
{
	struct ot_message m = ot_message("dnp3");
	m.bytes = b.left;
	unsigned control = bytes_u8(&b);
	unsigned code = bytes_u8(&b);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	x->counters->understood++;
	parse_confirm(x);
	OT_FUNCTION(&m, functions, code);
	m.id = control & APP_SEQUENCE;
	bool answers = code == FUNCTION_RESPONSE || code == FUNCTION_AUTHENTICATE;
	bool unsolicited = code == FUNCTION_UNSOLICITED;
	addresses(&m, f, !answers && !unsolicited);
	uint64_t key = (uint64_t)link_of(f, !answers) << 16 | (uint64_t)m.id;
	if (answers || unsolicited) {
		unsigned iin = bytes_be16(&b);
		m.status = indications_status(iin);
		dnp3_objects_answered(&m, b, unsolicited);
		ot_digest(&m, b);
		ot_detail(&m, m.detail_n > 0 ? " iin=%u" : "iin=%u", iin);
	} else {
		dnp3_objects_asked(&m, code, b);
		if (m.operation == OT_WRITE || m.operation == OT_CONTROL)
			ot_digest(&m, b);
	}
	if (answers)
		ot_answer(x, &st->base.ot, side, key, &m);
	else if (unsolicited || code == FUNCTION_CONFIRM || code == 6 || code == 8 ||
		 code == 10 || code == 12 || code == 33)
		ot_tell(x, side, &m);
	else
		ot_ask(x, &st->base.ot, side, key, &m);
}

/* A request of the link layer, or its answer. */
static void on_link(
    struct parse *x, struct dnp3_state *st, int side, const struct dnp3_frame *f)
{
	struct ot_message m = ot_message("dnp3");
	bool asks = (f->control & LINK_PRIMARY) != 0;
	unsigned code = f->control & 0x0f;
	m.bytes = DNP3_HEADER;
	addresses(&m, f, asks);
	uint64_t key = (uint64_t)link_of(f, asks) << 16 | DNP3_LINK_KEY;
	x->counters->understood++;
	parse_confirm(x);
	if (asks) {
		const struct ot_name *name = OT_FIND(link_functions, code);
		m.function = name != NULL ? name->name : "link_unknown";
		m.operation = OT_SESSION;
		ot_ask(x, &st->base.ot, side, key, &m);
	} else if (ot_waits(&st->base.ot, side, key)) {
		m.status = OT_WORD(link_answers, code, "link_unknown");
		ot_answer(x, &st->base.ot, side, key, &m);
	}
}

/* A segment that is not a whole message: what was held and it; whether that is all. */
static bool join(struct parse *x, struct dnp3_part *part, const struct dnp3_frame *f,
    struct bytes data)
{
	unsigned head = bytes_u8(&data);
	uint32_t link = (uint32_t)f->destination << 16 | f->source;
	if ((head & SEGMENT_FIR) != 0) {
		buffer_free(&part->bytes);
		part->open = true;
		part->link = link;
		part->sequence = head & 0x3f;
	}
	if (!part->open || part->link != link || part->sequence != (head & 0x3f)) {
		part->open = false;
		x->counters->truncated++;
		return false;
	}
	part->sequence = (uint8_t)((head + 1) & 0x3f);
	if (!buffer_put(&part->bytes, data.pos, data.left, DNP3_MESSAGE_MAX) ||
	    !buffer_keep(&part->bytes)) {
		part->open = false;
		x->counters->over_limit++;
		return false;
	}
	return (head & SEGMENT_FIN) != 0;
}

static void on_frame(struct parse *x, void *state, int side, struct bytes b)
{
	struct dnp3_state *st = state;
	struct dnp3_part *part = &st->part[side];
	uint8_t data[DNP3_DATA_MAX];
	bytes_skip(&b, 3);
	struct dnp3_frame f = {.control = bytes_u8(&b)};
	f.destination = bytes_le16(&b);
	f.source = bytes_le16(&b);
	bytes_skip(&b, 2);
	unsigned code = f.control & 0x0f;
	if ((f.control & LINK_PRIMARY) == 0 ||
	    (code != LINK_USER_DATA && code != LINK_USER_DATA_FREE)) {
		on_link(x, st, side, &f);
		return;
	}
	ssize_t n = data_read(b, data);
	if (n <= 0) {
		x->counters->malformed++;
		return;
	}
	struct bytes segment = bytes_over(data, (size_t)n);
	if ((data[0] & SEGMENT_FIN) != 0 && (data[0] & SEGMENT_FIR) != 0) {
		bytes_skip(&segment, 1);
		part->open = false;
		on_message(x, st, side, &f, segment);
	} else if (join(x, part, &f, segment)) {
		part->open = false;
		on_message(x, st, side, &f, buffer_bytes(&part->bytes));
		buffer_free(&part->bytes);
	}
}

static const struct ot_framing framing = {
    .max = DNP3_FRAME_MAX,
    .length = dnp3_length,
    .message = on_frame,
};

static enum probe dnp3_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f, (void)side;
	ssize_t n = dnp3_length(first);
	return n < 0 ? PROBE_NO : n == 0 ? PROBE_MORE : PROBE_YES;
}

static enum parse_result dnp3_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct dnp3_state *st = state;
	return ot_stream_data(x, &st->base.stream, &framing, st, d);
}

static void dnp3_close(struct parse *x, void *state)
{
	struct dnp3_state *st = state;
	buffer_free(&st->part[0].bytes);
	buffer_free(&st->part[1].bytes);
	ot_state_close(x, &st->base);
}

static size_t dnp3_held(const void *state)
{
	const struct dnp3_state *st = state;
	return ot_state_held(&st->base) + st->part[0].bytes.own_room +
	       st->part[1].bytes.own_room;
}

const struct proto_parser dnp3_parser = {
    .name = "dnp3",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_FIRST(0x05, 0x05),
    PARSER_PORTS(20000),
    .probe = dnp3_probe,
    .state_size = sizeof(struct dnp3_state),
    .data = dnp3_data,
    .gap = ot_state_gap,
    .close = dnp3_close,
    .held = dnp3_held,
};
