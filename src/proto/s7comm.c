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
#include "proto/ot_iso.h"
#include "proto/s7comm_plus.h"

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

struct s7_header {
	unsigned kind;
	uint16_t reference;
	unsigned error_class, error_code;
	struct bytes parameters, data;
};

static const struct ot_name functions[] = {
    {0x00, "cpu_services", OT_DIAGNOSTIC},
    {0x04, "read_variable", OT_READ},
    {0x05, "write_variable", OT_WRITE},
    {0x1a, "request_download", OT_PROGRAM},
    {0x1b, "download_block", OT_PROGRAM},
    {0x1c, "download_ended", OT_PROGRAM},
    {0x1d, "start_upload", OT_PROGRAM},
    {0x1e, "upload", OT_PROGRAM},
    {0x1f, "end_upload", OT_PROGRAM},
    {0x28, "plc_control", OT_CONTROL},
    {0x29, "plc_stop", OT_MODE},
    {0xf0, "setup_communication", OT_SESSION},
};

static const struct ot_name groups[] = {
    {0, "mode_transition", OT_MODE},
    {1, "programmer_commands", OT_PROGRAM},
    {2, "cyclic_data", OT_READ},
    {3, "block_functions", OT_DISCOVERY},
    {4, "cpu_functions", OT_DISCOVERY},
    {5, "security", OT_SESSION},
    {6, "pbc_bsend_brecv", OT_WRITE},
    {7, "time_functions", OT_TIME},
    {15, "nc_programming", OT_PROGRAM},
};

/* Functions of a group, by group and function. */
static const struct ot_name subfunctions[] = {
    {0x000, "stop", 0},
    {0x001, "warm_restart", 0},
    {0x002, "run", 0},
    {0x003, "hot_restart", 0},
    {0x004, "hold", 0},
    {0x006, "cold_restart", 0},
    {0x009, "run_redundant", 0},
    {0x101, "request_diag_data", 0},
    {0x102, "vartab", 0},
    {0x10c, "erase", 0},
    {0x10e, "read_diag_data", 0},
    {0x10f, "remove_diag_data", 0},
    {0x110, "forces", 0},
    {0x201, "memory", 0},
    {0x204, "unsubscribe", 0},
    {0x205, "memory_change", 0},
    {0x301, "list_blocks", 0},
    {0x302, "list_blocks_of_type", 0},
    {0x303, "get_block_info", 0},
    {0x401, "read_szl", 0},
    {0x402, "message_service", 0},
    {0x403, "diag_message", 0},
    {0x501, "plc_password", 0},
    {0x701, "read_clock", 0},
    {0x702, "set_clock", 0},
    {0x703, "read_clock_following", 0},
    {0x704, "set_clock", 0},
};

static const struct ot_name areas[] = {
    {0x03, "system_info", 0},
    {0x05, "system_flag", 0},
    {0x06, "analog_input", 0},
    {0x07, "analog_output", 0},
    {0x1c, "counter", 0},
    {0x1d, "timer", 0},
    {0x80, "peripheral", 0},
    {0x81, "input", 0},
    {0x82, "output", 0},
    {0x83, "flag", 0},
    {0x84, "data_block", 0},
    {0x85, "instance_data_block", 0},
    {0x86, "local_data", 0},
    {0x87, "previous_local_data", 0},
};

static const struct ot_name error_classes[] = {
    {0x00, "ok", 0},
    {0x81, "application_relationship", 0},
    {0x82, "object_definition", 0},
    {0x83, "no_resources_available", 0},
    {0x84, "error_on_service_processing", 0},
    {0x85, "error_on_supplies", 0},
    {0x87, "access_error", 0},
};

static const struct ot_name return_codes[] = {
    {0x01, "hardware_error", 0},
    {0x03, "object_access_not_allowed", 0},
    {0x05, "invalid_address", 0},
    {0x06, "data_type_not_supported", 0},
    {0x07, "data_type_inconsistent", 0},
    {0x0a, "object_does_not_exist", 0},
    {0xff, "ok", 0},
};

/* The variables that a request names: the first one's area and address. */
static void items(struct ot_message *m, struct bytes b)
{
	unsigned n = bytes_u8(&b);
	if (n != 1)
		ot_detail(m, "items=%u", n);
	struct bytes item = bytes_sub(&b, size_min(S7_ITEM, b.left));
	if (item.left < S7_ITEM || item.pos[2] != 0x10)
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
	if (block.bad || service.bad)
		return;
	bool program = service.left == 9 && memcmp(service.pos, "P_PROGRAM", 9) == 0;
	m->operation = program ? OT_MODE : OT_PROGRAM;
	ot_detail_bytes(m, service.pos, size_min(service.left, S7_NAME_MAX));
	if (block.left > 0)
		ot_detail(m, " ");
	ot_detail_bytes(m, block.pos, size_min(block.left, S7_NAME_MAX));
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
		ot_ask(x, &st->base.ot, side, h->reference, &m);
		return;
	}
	m.status = job_status(h, function);
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
