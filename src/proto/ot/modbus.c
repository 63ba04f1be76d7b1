/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modbus over TCP or UDP (MODBUS Application Protocol V1.1b3; Messaging on TCP/IP V1.0b).
 *
 *     transaction 2 | protocol 2 = 0 | length 2 | unit 1 | function 1 | data
 *                                      '- of what follows, 254 at most
 *
 * An answer repeats transaction, unit and function; with the function's top bit set it is
 * an exception. Function 90 is Schneider's UMAS, by which controllers are programmed:
 * session 1 | UMAS function 1 | data.
 */
#include "base/size.h"
#include "proto/ot/modbus_noise.h"
#include "proto/ot/ot.h"
#include "proto/ot/ot_stream.h"

#define MODBUS_PORT     502
#define MODBUS_HEADER   6    /* bytes before the unit */
#define MODBUS_PDU_MAX  260  /* bytes of the longest message, header included */
#define MODBUS_UMAS_MAX 1030 /* the same with function 90, whose packets are longer */
#define MODBUS_VALUES   8    /* registers of a write that the detail shows */
#define MODBUS_COILS    16   /* bytes of coils of a write that the detail shows */

enum modbus_function {
	READ_COILS = 1,
	READ_DISCRETE_INPUTS = 2,
	READ_HOLDING_REGISTERS = 3,
	READ_INPUT_REGISTERS = 4,
	WRITE_COIL = 5,
	WRITE_REGISTER = 6,
	DIAGNOSTICS = 8,
	WRITE_COILS = 15,
	WRITE_REGISTERS = 16,
	READ_FILE = 20,
	WRITE_FILE = 21,
	MASK_WRITE = 22,
	READ_WRITE = 23,
	READ_FIFO = 24,
	ENCAPSULATED = 43,
	UMAS = 90,
	EXCEPTION = 0x80,
};

static const struct ot_name functions[] = {
    {"read_coils", 1, OT_READ},
    {"read_discrete_inputs", 2, OT_READ},
    {"read_holding_registers", 3, OT_READ},
    {"read_input_registers", 4, OT_READ},
    {"write_single_coil", 5, OT_CONTROL},
    {"write_single_register", 6, OT_WRITE},
    {"read_exception_status", 7, OT_DIAGNOSTIC},
    {"diagnostics", 8, OT_DIAGNOSTIC},
    {"program_484", 9, OT_PROGRAM},
    {"poll_484", 10, OT_PROGRAM},
    {"get_comm_event_counter", 11, OT_DIAGNOSTIC},
    {"get_comm_event_log", 12, OT_DIAGNOSTIC},
    {"program_584_984", 13, OT_PROGRAM},
    {"poll_584_984", 14, OT_PROGRAM},
    {"write_multiple_coils", 15, OT_CONTROL},
    {"write_multiple_registers", 16, OT_WRITE},
    {"report_slave_id", 17, OT_DISCOVERY},
    {"program_884_u84", 18, OT_PROGRAM},
    {"reset_comm_link_884_u84", 19, OT_MODE},
    {"read_file_record", 20, OT_FILE},
    {"write_file_record", 21, OT_FILE},
    {"mask_write_register", 22, OT_WRITE},
    {"read_write_multiple_registers", 23, OT_WRITE},
    {"read_fifo_queue", 24, OT_READ},
    {"program_concept", 40, OT_PROGRAM},
    {"encap_interface_transport", 43, OT_DISCOVERY},
    {"program_unity", 90, OT_PROGRAM},
    {"firmware_replacement", 91, OT_PROGRAM},
    {"firmware_replacement", 125, OT_PROGRAM},
    {"program_584_984_2", 126, OT_PROGRAM},
};

static const struct ot_name objects[] = {
    {"coil", 1, 0},
    {"discrete_input", 2, 0},
    {"holding_register", 3, 0},
    {"input_register", 4, 0},
    {"coil", 5, 0},
    {"holding_register", 6, 0},
    {"coil", 15, 0},
    {"holding_register", 16, 0},
    {"file_record", 20, 0},
    {"file_record", 21, 0},
    {"holding_register", 22, 0},
    {"holding_register", 23, 0},
    {"fifo_queue", 24, 0},
};

static const struct ot_name exceptions[] = {
    {"illegal_function", 1, 0},
    {"illegal_data_address", 2, 0},
    {"illegal_data_value", 3, 0},
    {"slave_device_failure", 4, 0},
    {"acknowledge", 5, 0},
    {"slave_device_busy", 6, 0},
    {"negative_acknowledge", 7, 0},
    {"memory_parity_error", 8, 0},
    {"gateway_path_unavailable", 10, 0},
    {"gateway_target_device_failed_to_respond", 11, 0},
};

static const struct ot_name diagnostics[] = {
    {"return_query_data", 0, OT_DIAGNOSTIC},
    {"restart_communications_option", 1, OT_MODE},
    {"return_diagnostic_register", 2, OT_DIAGNOSTIC},
    {"change_ascii_input_delimiter", 3, OT_MODE},
    {"force_listen_only_mode", 4, OT_MODE},
    {"clear_counters_and_diagnostic_register", 10, OT_MODE},
};

static const struct ot_name umas[] = {
    {"init_comm", 0x01, OT_SESSION},
    {"read_id", 0x02, OT_DISCOVERY},
    {"read_project_info", 0x03, OT_READ},
    {"read_plc_info", 0x04, OT_READ},
    {"read_card_info", 0x06, OT_READ},
    {"repeat", 0x0a, OT_DIAGNOSTIC},
    {"take_plc_reservation", 0x10, OT_SESSION},
    {"release_plc_reservation", 0x11, OT_SESSION},
    {"keep_alive", 0x12, OT_SESSION},
    {"read_memory_block", 0x20, OT_READ},
    {"write_memory_block", 0x21, OT_WRITE},
    {"read_variables", 0x22, OT_READ},
    {"write_variables", 0x23, OT_WRITE},
    {"read_coils_registers", 0x24, OT_READ},
    {"write_coils_registers", 0x25, OT_WRITE},
    {"data_dictionary", 0x26, OT_READ},
    {"initialize_upload", 0x30, OT_PROGRAM},
    {"upload_block", 0x31, OT_PROGRAM},
    {"end_upload", 0x32, OT_PROGRAM},
    {"initialize_download", 0x33, OT_PROGRAM},
    {"download_block", 0x34, OT_PROGRAM},
    {"end_download", 0x35, OT_PROGRAM},
    {"read_ethernet_master_data", 0x39, OT_READ},
    {"start_plc", 0x40, OT_MODE},
    {"stop_plc", 0x41, OT_MODE},
    {"monitor_plc", 0x50, OT_READ},
    {"check_plc", 0x58, OT_DIAGNOSTIC},
    {"read_io_object", 0x70, OT_READ},
    {"write_io_object", 0x71, OT_WRITE},
    {"get_status_module", 0x73, OT_DIAGNOSTIC},
};

/* Who asks: the side that does not have the registered port. */
static int master_side(const struct flow *f)
{
	return f->port[0] == MODBUS_PORT && f->port[1] != MODBUS_PORT;
}

static ssize_t modbus_length(struct bytes b)
{
	if (b.left >= 4 && load_be16(b.pos + 2) != 0)
		return -1;
	if (b.left < MODBUS_HEADER + 2)
		return 0;
	size_t n = load_be16(b.pos + 4);
	size_t max = (b.pos[7] & 0x7f) == UMAS ? MODBUS_UMAS_MAX : MODBUS_PDU_MAX;
	if (n < 2 || n > max - MODBUS_HEADER || (b.pos[7] & 0x7f) == 0)
		return -1;
	return (ssize_t)(n + MODBUS_HEADER);
}

/* Registers or coils that a request writes. */
static void written(struct ot_message *m, unsigned function, struct bytes data)
{
	size_t n = bytes_u8(&data);
	struct bytes values = bytes_sub(&data, size_min(n, data.left));
	ot_digest(m, values);
	if (function == WRITE_COILS) {
		if (m->count == 1 && values.left > 0)
			ot_value(m, "%s", (values.pos[0] & 1) != 0 ? "on" : "off");
		else
			ot_detail_hex(m, values.pos, size_min(values.left, MODBUS_COILS));
		return;
	}
	if (m->count == 1 && values.left >= 2) {
		ot_value(m, "%u", bytes_be16(&values));
		return;
	}
	for (int i = 0; i < MODBUS_VALUES && values.left >= 2; i++)
		ot_detail(m, i > 0 ? ",%u" : "%u", bytes_be16(&values));
}

static void request_file(struct ot_message *m, struct bytes data)
{
	bytes_skip(&data, 2); /* length, type of reference */
	unsigned file = bytes_be16(&data);
	unsigned record = bytes_be16(&data);
	unsigned length = bytes_be16(&data);
	if (data.bad)
		return;
	m->address = record;
	m->count = length;
	ot_detail(m, "file=%u", file);
	ot_digest(m, data);
}

/* Functions whose requests are neither reads nor writes of a range. */
static void request_other(struct ot_message *m, unsigned function, struct bytes data)
{
	const struct ot_name *name = NULL;
	if (function == DIAGNOSTICS) {
		name = OT_FIND(diagnostics, bytes_be16(&data));
	} else if (function == ENCAPSULATED) {
		unsigned mei = bytes_u8(&data);
		ot_detail(m, "%s",
		    mei == 14   ? "read_device_identification"
		    : mei == 13 ? "canopen_general_reference"
				: "");
	} else if (function == UMAS) {
		bytes_skip(&data, 1); /* session key */
		unsigned code = bytes_u8(&data);
		name = OT_FIND(umas, code);
		if (name != NULL && name->operation == OT_WRITE)
			ot_digest(m, data);
		if (name == NULL && !data.bad)
			ot_detail(m, "umas=%u", code);
	}
	if (name == NULL)
		return;
	ot_detail(m, "%s", name->name);
	m->operation = name->operation;
}

static void request_write_one(struct ot_message *m, unsigned function, struct bytes data)
{
	m->address = bytes_be16(&data);
	m->count = 1;
	ot_digest(m, data);
	unsigned value = bytes_be16(&data);
	if (data.bad)
		return;
	if (function == WRITE_REGISTER)
		ot_value(m, "%u", value);
	else if (function == MASK_WRITE)
		ot_detail(m, "and=%u or=%u", value, bytes_be16(&data));
	else
		ot_value(m, "%s",
		    value == 0xff00 ? "on"
		    : value == 0    ? "off"
				    : "illegal");
}

static void request_data(struct ot_message *m, unsigned function, struct bytes data)
{
	switch (function) {
	case WRITE_COIL:
	case WRITE_REGISTER:
	case MASK_WRITE:
		request_write_one(m, function, data);
		break;
	case READ_FILE:
	case WRITE_FILE:
		request_file(m, data);
		break;
	case READ_WRITE: {
		unsigned from = bytes_be16(&data);
		unsigned n = bytes_be16(&data);
		m->address = bytes_be16(&data);
		m->count = bytes_be16(&data);
		ot_detail(m, "read=%u+%u%s", from, n, m->count == 1 ? "" : " write=");
		written(m, function, data);
		break;
	}
	case READ_FIFO:
		m->address = bytes_be16(&data);
		break;
	case WRITE_COILS:
	case WRITE_REGISTERS:
		m->address = bytes_be16(&data);
		m->count = bytes_be16(&data);
		written(m, function, data);
		break;
	default:
		if (function >= READ_COILS && function <= READ_INPUT_REGISTERS) {
			m->address = bytes_be16(&data);
			m->count = bytes_be16(&data);
		} else {
			request_other(m, function, data);
		}
	}
}

/* Too short to hold what its function needs? */
static bool request_short(unsigned function, size_t n)
{
	if (function >= READ_COILS && function <= WRITE_REGISTER)
		return n < 4;
	if (function == WRITE_COILS || function == WRITE_REGISTERS)
		return n < 5;
	return function == MASK_WRITE ? n < 6 : function == READ_WRITE && n < 9;
}

static void answer_status(struct ot_message *m, unsigned function, struct bytes data)
{
	if ((function & EXCEPTION) != 0)
		m->status = OT_WORD(exceptions, bytes_u8(&data), "unknown_exception");
	else if (function == UMAS && data.left >= 2)
		m->status = data.pos[1] == 0xfd ? "umas_error" : "ok";
	else
		m->status = "ok";
}

/* What was read. Of coils only the request knows how many there are. */
static void answer_values(
    struct ot_message *m, unsigned function, bool asked, struct bytes data)
{
	if (function != READ_FIFO &&
	    (function < READ_COILS || function > READ_INPUT_REGISTERS))
		return;
	size_t n = function == READ_FIFO ? bytes_be16(&data) : bytes_u8(&data);
	struct bytes values = bytes_sub(&data, size_min(n, data.left));
	ot_digest(m, values);
	if (asked && function <= READ_DISCRETE_INPUTS && values.left == 1)
		ot_value(m, "%s", (values.pos[0] & 1) != 0 ? "on" : "off");
	else if (function > READ_DISCRETE_INPUTS && values.left == 2)
		ot_value(m, "%u", bytes_be16(&values));
}

/* What the parser keeps: what all of its kind do, and the registers being read. */
struct modbus {
	struct ot_state ot;
	struct modbus_noise *noise; /* owned */
	struct noise_block asked;   /* by the last request to read registers */
	uint64_t asked_key;
};

static bool reads_registers(unsigned function)
{
	return function == READ_INPUT_REGISTERS || function == READ_HOLDING_REGISTERS;
}

/* The registers of an answer, when it is to the last such request. */
static void registers(struct parse *x, struct modbus *s, uint64_t key, struct bytes data)
{
	size_t n = bytes_u8(&data);
	if (key == s->asked_key && n == 2 * (size_t)s->asked.count && data.left >= n)
		modbus_noise_read(x, &s->noise, &s->asked, bytes_sub(&data, n));
}

static void modbus_message(struct parse *x, void *state, int side, struct bytes b)
{
	struct modbus *s = state;
	struct ot_state *st = &s->ot;
	struct ot_message m = ot_message("modbus");
	m.bytes = b.left;
	m.id = bytes_be16(&b);
	bytes_skip(&b, 4);
	m.unit = bytes_u8(&b);
	unsigned code = bytes_u8(&b), function = code & ~(unsigned)EXCEPTION;
	OT_FUNCTION(&m, functions, function);
	m.object = OT_WORD(objects, function, NULL);
	uint64_t key = (uint64_t)m.id << 16 | (uint64_t)m.unit << 8 | function;
	x->counters->understood++;
	parse_confirm(x);
	if (side == master_side(x->flow)) {
		if (request_short(function, b.left))
			x->counters->malformed++;
		else
			request_data(&m, function, b);
		ot_ask(x, &st->ot, side, key, &m);
		if (reads_registers(function)) {
			s->asked_key = key;
			s->asked = (struct noise_block){(uint8_t)m.unit,
			    (uint8_t)function, (uint16_t)m.address, (uint16_t)m.count};
		}
	} else {
		if (reads_registers(code))
			registers(x, s, key, b);
		answer_status(&m, code, b);
		answer_values(&m, code, ot_waits(&st->ot, side, key), b);
		ot_answer(x, &st->ot, side, key, &m);
	}
}

static const struct ot_framing framing = {
    .max = MODBUS_UMAS_MAX,
    .length = modbus_length,
    .message = modbus_message,
};

/* Does a whole first message have the length that its function asks for? Away from the
 * registered port only functions count whose lengths can be tested. */
static bool looks_right(const struct flow *f, int side, const uint8_t *pdu, size_t n)
{
	bool home = f->port[0] == MODBUS_PORT || f->port[1] == MODBUS_PORT;
	unsigned code = pdu[0];
	if ((code & EXCEPTION) != 0)
		return n == 2 && OT_FIND(functions, code & 0x7f) != NULL &&
		       OT_FIND(exceptions, pdu[1]) != NULL;
	if (home)
		return OT_FIND(functions, code) != NULL;
	bool answer = side != master_side(f);
	if (code == WRITE_COIL || code == WRITE_REGISTER)
		return n == 5;
	if (code >= READ_COILS && code <= READ_INPUT_REGISTERS)
		return answer ? n > 2 && pdu[1] == n - 2 : n == 5;
	if (code == WRITE_COILS || code == WRITE_REGISTERS)
		return answer ? n == 5 : n > 6 && pdu[5] == n - 6;
	return code == ENCAPSULATED && n >= 2 && (pdu[1] == 13 || pdu[1] == 14);
}

static enum probe modbus_probe(const struct flow *f, int side, struct bytes first)
{
	ssize_t n = modbus_length(first);
	if (n < 0)
		return PROBE_NO;
	if (n == 0 || (size_t)n > first.left)
		return PROBE_MORE;
	if (!looks_right(f, side, first.pos + 7, (size_t)n - 7))
		return PROBE_NO;
	bytes_skip(&first, (size_t)n);
	return modbus_length(first) < 0 ? PROBE_NO : PROBE_YES;
}

static enum parse_result modbus_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct modbus *s = state;
	return ot_stream_data(x, &s->ot.stream, &framing, s, d);
}

static void modbus_close(struct parse *x, void *state)
{
	struct modbus *s = state;
	modbus_noise_end(x, &s->noise);
	ot_state_close(x, &s->ot);
}

static size_t modbus_held(const void *state)
{
	const struct modbus *s = state;
	return modbus_noise_held(s->noise) + ot_state_held(&s->ot);
}

const struct proto_parser modbus_parser = {
    .name = "modbus",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_PORTS(MODBUS_PORT),
    .probe = modbus_probe,
    .state_size = sizeof(struct modbus),
    .data = modbus_data,
    .gap = ot_state_gap,
    .close = modbus_close,
    .held = modbus_held,
};
