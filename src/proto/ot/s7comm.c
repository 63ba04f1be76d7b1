/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S7 communication of Siemens controllers, in ISO transport over TCP.
 *
 *     32 | kind 1 | reserved 2 | reference 2 | parameter length 2 | data length 2 |
 *     answers: error class 1, error code 1 | parameters | data
 *
 *     kind 1 asks, 2 and 3 answer; their parameters begin with the function.
 *     kind 7 does both: 00 01 12 | length 1 | method 1 | way and group 1 | function 1
 *
 * Its successor begins with 72 (s7comm_plus.h). No standard; as published by others.
 */
#include "base/size.h"
#include "proto/ot/ot_iso.h"
#include "proto/ot/s7comm_plus.h"

#define S7_HEADER   10 /* bytes before an answer's error */
#define S7_ITEM     12 /* bytes of an item that addresses by area */
#define S7_NAME_MAX 32 /* bytes of the name of a block or service that are shown */

enum s7_kind { S7_JOB = 1, S7_ACK = 2, S7_ACK_DATA = 3, S7_USERDATA = 7 };

enum s7_function {
	S7_READ = 0x04,
	S7_WRITE = 0x05,
	S7_REQUEST_DOWNLOAD = 0x1a,
	S7_END_UPLOAD = 0x1f,
	S7_PLC_CONTROL = 0x28,
	S7_PLC_STOP = 0x29,
	S7_SETUP = 0xf0,
};

/* Kinds of what an item of data holds; and of an item that asks for reals. */
enum s7_transport { S7_BIT = 3, S7_INTEGER = 5, S7_REAL = 7, S7_ITEM_REAL = 8 };

struct s7_header {
	unsigned kind;
	uint16_t reference;
	unsigned error_class, error_code;
	struct bytes parameters, data;
};

static const struct ot_name functions[] = {
    {"cpu_services", 0x00, OT_DIAGNOSTIC},
    {"read_variable", 0x04, OT_READ},
    {"write_variable", 0x05, OT_WRITE},
    {"request_download", 0x1a, OT_PROGRAM},
    {"download_block", 0x1b, OT_PROGRAM},
    {"download_ended", 0x1c, OT_PROGRAM},
    {"start_upload", 0x1d, OT_PROGRAM},
    {"upload", 0x1e, OT_PROGRAM},
    {"end_upload", 0x1f, OT_PROGRAM},
    {"plc_control", 0x28, OT_CONTROL},
    {"plc_stop", 0x29, OT_MODE},
    {"setup_communication", 0xf0, OT_SESSION},
};

static const struct ot_name groups[] = {
    {"mode_transition", 0, OT_MODE},
    {"programmer_commands", 1, OT_PROGRAM},
    {"cyclic_data", 2, OT_READ},
    {"block_functions", 3, OT_DISCOVERY},
    {"cpu_functions", 4, OT_DISCOVERY},
    {"security", 5, OT_SESSION},
    {"pbc_bsend_brecv", 6, OT_WRITE},
    {"time_functions", 7, OT_TIME},
    {"nc_programming", 15, OT_PROGRAM},
};

/* Functions of a group, by group and function. */
static const struct ot_name subfunctions[] = {
    {"stop", 0x000, 0},
    {"warm_restart", 0x001, 0},
    {"run", 0x002, 0},
    {"hot_restart", 0x003, 0},
    {"hold", 0x004, 0},
    {"cold_restart", 0x006, 0},
    {"run_redundant", 0x009, 0},
    {"request_diag_data", 0x101, 0},
    {"vartab", 0x102, 0},
    {"erase", 0x10c, 0},
    {"read_diag_data", 0x10e, 0},
    {"remove_diag_data", 0x10f, 0},
    {"forces", 0x110, 0},
    {"memory", 0x201, 0},
    {"unsubscribe", 0x204, 0},
    {"memory_change", 0x205, 0},
    {"list_blocks", 0x301, 0},
    {"list_blocks_of_type", 0x302, 0},
    {"get_block_info", 0x303, 0},
    {"read_szl", 0x401, 0},
    {"message_service", 0x402, 0},
    {"diag_message", 0x403, 0},
    {"plc_password", 0x501, 0},
    {"read_clock", 0x701, 0},
    {"set_clock", 0x702, 0},
    {"read_clock_following", 0x703, 0},
    {"set_clock", 0x704, 0},
};

static const struct ot_name areas[] = {
    {"system_info", 0x03, 0},
    {"system_flag", 0x05, 0},
    {"analog_input", 0x06, 0},
    {"analog_output", 0x07, 0},
    {"counter", 0x1c, 0},
    {"timer", 0x1d, 0},
    {"peripheral", 0x80, 0},
    {"input", 0x81, 0},
    {"output", 0x82, 0},
    {"flag", 0x83, 0},
    {"data_block", 0x84, 0},
    {"instance_data_block", 0x85, 0},
    {"local_data", 0x86, 0},
    {"previous_local_data", 0x87, 0},
};

static const struct ot_name error_classes[] = {
    {"ok", 0x00, 0},
    {"application_relationship", 0x81, 0},
    {"object_definition", 0x82, 0},
    {"no_resources_available", 0x83, 0},
    {"error_on_service_processing", 0x84, 0},
    {"error_on_supplies", 0x85, 0},
    {"access_error", 0x87, 0},
};

static const struct ot_name return_codes[] = {
    {"hardware_error", 0x01, 0},
    {"object_access_not_allowed", 0x03, 0},
    {"invalid_address", 0x05, 0},
    {"data_type_not_supported", 0x06, 0},
    {"data_type_inconsistent", 0x07, 0},
    {"object_does_not_exist", 0x0a, 0},
    {"ok", 0xff, 0},
};

/* The variables that a request names: the first one's area and address. */
static void items(struct ot_message *m, struct bytes b)
{
	unsigned n = bytes_u8(&b);
	if (n != 1)
		ot_detail(m, "items=%u", n);
	struct bytes item = bytes_sub(&b, size_min(S7_ITEM, b.left));
	if (item.pos == NULL || item.left < S7_ITEM || item.pos[2] != 0x10)
		return; /* symbolic, or a drive's */
	unsigned db = load_be16(item.pos + 6);
	uint32_t bit = load_be32(item.pos + 8) & 0xffffff;
	m->object = OT_WORD(areas, item.pos[8], "unknown_area");
	m->count = load_be16(item.pos + 4);
	/* Counters and timers are numbered, all else has bit addresses. */
	m->address = item.pos[8] == 0x1c || item.pos[8] == 0x1d ? bit : bit / 8;
	if (db != 0)
		ot_detail(m, m->detail_n > 0 ? " db=%u" : "db=%u", db);
}

/* A text with its length before it, after n bytes. */
static struct bytes text_after(struct bytes b, size_t n)
{
	bytes_skip(&b, n);
	size_t length = bytes_u8(&b);
	return bytes_sub(&b, size_min(length, b.left));
}

/* The service that a PLC control names: it may start a program, load or delete blocks. */
static void control(struct ot_message *m, struct bytes b)
{
	bytes_skip(&b, 7);
	size_t n = bytes_be16(&b);
	struct bytes block = bytes_sub(&b, n);
	struct bytes service = text_after(b, 0);
	if (block.bad || service.bad || service.pos == NULL)
		return;
	bool program = service.left == 9 && memcmp(service.pos, "P_PROGRAM", 9) == 0;
	m->operation = program ? OT_MODE : OT_PROGRAM;
	ot_detail_bytes(m, service.pos, size_min(service.left, S7_NAME_MAX));
	if (block.left > 0)
		ot_detail(m, " ");
	ot_detail_bytes(m, block.pos, size_min(block.left, S7_NAME_MAX));
}

/* The one item's value; real: who asked said so. */
static void value(struct ot_message *m, unsigned transport, bool real, struct bytes b)
{
	if (transport == S7_BIT && b.left == 1)
		ot_value(m, "%s", (bytes_u8(&b) & 1) != 0 ? "on" : "off");
	else if (b.left == 4 && (real || transport == S7_REAL))
		ot_value_float(m, bytes_be32(&b));
	else if (transport == S7_INTEGER && b.left == 2)
		ot_value(m, "%d", (int16_t)bytes_be16(&b));
	else if (b.left == 1)
		ot_value(m, "%u", bytes_u8(&b));
	else if (b.left == 2)
		ot_value(m, "%u", bytes_be16(&b));
	else if (b.left == 4)
		ot_value(m, "%u", bytes_be32(&b));
}

/* What is written, or was read: per item a return code, kind and length (in bits or
 * bytes, by the kind), and the bytes, to an even number. */
static void values(struct ot_message *m, bool real, struct bytes b)
{
	int items = 0;
	while (b.left > 4) {
		bytes_skip(&b, 1);
		unsigned transport = bytes_u8(&b), n = bytes_be16(&b);
		if (transport >= S7_BIT && transport <= S7_INTEGER)
			n = (n + 7) / 8;
		struct bytes content = bytes_sub(&b, n);
		if (content.bad)
			break;
		ot_digest(m, content);
		if (++items == 1)
			value(m, transport, real, content);
		if (n % 2 != 0 && b.left > 0)
			bytes_skip(&b, 1);
	}
	if (items != 1)
		m->value_n = 0;
}

static void job(struct ot_message *m, unsigned function, struct bytes b)
{
	struct bytes name = {0};
	if (function == S7_READ || function == S7_WRITE)
		items(m, b);
	else if (function == S7_PLC_CONTROL)
		control(m, b);
	else if (function == S7_PLC_STOP)
		name = text_after(b, 5);
	else if (function >= S7_REQUEST_DOWNLOAD && function <= S7_END_UPLOAD)
		name = text_after(b, 7);
	if (name.left > 0) {
		m->object = function == S7_PLC_STOP ? NULL : "block";
		ot_detail_bytes(m, name.pos, size_min(name.left, S7_NAME_MAX));
	}
}

static const char *job_status(const struct s7_header *h, unsigned function)
{
	if (h->error_class != 0 || h->error_code != 0)
		return OT_WORD(error_classes, h->error_class, "unknown_error");
	struct bytes data = h->data;
	if (function == S7_READ && data.left > 0)
		return OT_WORD(return_codes, data.pos[0], "unknown_error");
	while (function == S7_WRITE && data.left > 0) {
		unsigned code = bytes_u8(&data);
		if (code != 0xff)
			return OT_WORD(return_codes, code, "unknown_error");
	}
	return "ok";
}

static void on_job(
    struct parse *x, struct iso_state *st, int side, const struct s7_header *h, size_t n)
{
	struct ot_message m = ot_message("s7comm");
	struct bytes b = h->parameters;
	m.bytes = n;
	m.id = h->reference;
	unsigned function = bytes_u8(&b);
	if (!b.bad)
		OT_FUNCTION(&m, functions, function);
	if (h->kind == S7_JOB) {
		job(&m, function, b);
		if (function == S7_WRITE)
			values(&m, b.left > 4 && b.pos[4] == S7_ITEM_REAL, h->data);
		ot_ask(x, &st->base.ot, side, h->reference, &m);
		return;
	}
	m.status = job_status(h, function);
	if (function == S7_READ)
		values(&m, false, h->data);
	if (h->error_class != 0 || h->error_code != 0)
		ot_detail(&m, "error=0x%02x%02x", h->error_class, h->error_code);
	ot_answer(x, &st->base.ot, side, h->reference, &m);
}

static void on_userdata(
    struct parse *x, struct iso_state *st, int side, const struct s7_header *h, size_t n)
{
	struct ot_message m = ot_message("s7comm");
	struct bytes b = h->parameters, data = h->data;
	m.bytes = n;
	m.id = h->reference;
	bytes_skip(&b, 5);
	unsigned way = bytes_u8(&b), function = bytes_u8(&b);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	unsigned group = way & 15;
	OT_FUNCTION(&m, groups, group);
	const char *name = OT_WORD(subfunctions, group << 8 | function, NULL);
	unsigned code = bytes_u8(&data);
	bytes_skip(&data, 3); /* kind and length */
	if (way >> 4 == 4 || way >> 4 == 0) {
		if (name != NULL)
			ot_detail(&m, "%s", name);
		else
			ot_detail(&m, "function=%u", function);
	}
	if (way >> 4 == 4) {
		if (group == 4 && function == 1 && data.left >= 2)
			ot_detail(&m, " 0x%04x", bytes_be16(&data));
		ot_ask(x, &st->base.ot, side, h->reference, &m);
	} else if (way >> 4 == 8) {
		bytes_skip(&b, 3); /* sequence, reference, last unit */
		unsigned error = bytes_be16(&b);
		m.status =
		    error != 0 && !b.bad ? "error" : OT_WORD(return_codes, code, "error");
		ot_answer(x, &st->base.ot, side, h->reference, &m);
	} else {
		m.operation = group == 0 ? OT_MODE : OT_REPORT;
		ot_tell(x, side, &m);
	}
}

static void s7_message(struct parse *x, void *state, int side, struct bytes b)
{
	struct iso_state *st = state;
	size_t n = b.left;
	if (b.pos[0] == S7PLUS_START) {
		s7plus_message(x, state, side, b);
		return;
	}
	struct s7_header h = {0};
	unsigned start = bytes_u8(&b);
	h.kind = bytes_u8(&b);
	bytes_skip(&b, 2);
	h.reference = bytes_be16(&b);
	size_t parameters = bytes_be16(&b), data = bytes_be16(&b);
	if (h.kind == S7_ACK || h.kind == S7_ACK_DATA) {
		h.error_class = bytes_u8(&b);
		h.error_code = bytes_u8(&b);
	}
	h.parameters = bytes_sub(&b, parameters);
	h.data = bytes_sub(&b, size_min(data, b.left));
	if (start != S7_START || h.parameters.bad) {
		x->counters->malformed++;
		return;
	}
	x->counters->understood++;
	parse_confirm(x);
	if (h.kind == S7_USERDATA)
		on_userdata(x, st, side, &h, n);
	else
		on_job(x, st, side, &h, n);
}

static const struct iso_calls calls = {.message = s7_message, .protocol = "s7comm"};

static void on_packet(struct parse *x, void *state, int side, struct bytes packet)
{
	iso_packet(x, state, &calls, side, packet);
}

static const struct ot_framing framing = {
    .max = TPKT_MAX,
    .length = tpkt_length,
    .message = on_packet,
};

static enum probe s7comm_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f, (void)side;
	struct tpdu t;
	int got = tpkt_first_data(first, &t);
	if (got <= 0)
		return got == 0 ? PROBE_MORE : PROBE_NO;
	if (t.data.pos[0] == S7PLUS_START)
		return s7plus_probe(t.data) ? PROBE_YES : PROBE_NO;
	if (t.data.left < S7_HEADER || t.data.pos[0] != S7_START)
		return PROBE_NO;
	unsigned kind = t.data.pos[1];
	size_t header = kind == S7_ACK || kind == S7_ACK_DATA ? S7_HEADER + 2 : S7_HEADER;
	size_t n = header + load_be16(t.data.pos + 6) + load_be16(t.data.pos + 8);
	return (kind <= S7_ACK_DATA || kind == S7_USERDATA) && kind != 0 &&
		       (t.eot ? n == t.data.left : n >= t.data.left)
		   ? PROBE_YES
		   : PROBE_NO;
}

static enum parse_result s7comm_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct s7_state *st = state;
	return ot_stream_data(x, &st->iso.base.stream, &framing, st, d);
}

const struct proto_parser s7comm_parser = {
    .name = "s7comm",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(3, 3),
    PARSER_PORTS(ISO_PORT),
    .probe = s7comm_probe,
    .state_size = sizeof(struct s7_state),
    .data = s7comm_data,
    .gap = iso_gap,
    .close = iso_close,
    .held = iso_held,
};
