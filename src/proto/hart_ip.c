/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HART-IP (FieldComm HCF_SPEC-085), over UDP or TCP.
 *
 *     version 1 | kind 1 | message 1 | status 1 | sequence 2 | bytes 2, all of it | body
 *
 *     message 3 passes on what is spoken on the field bus (HCF_SPEC-081):
 *     delimiter 1 | address 1 or 5 | expansion 0..3 | command 1 | bytes 1 |
 *     (answers: response code 1, device status 1) | data | check 1
 */
#include "proto/ot.h"
#include "proto/ot_stream.h"

#define HART_IP_PORT   5094
#define HART_IP_HEADER 8
#define HART_IP_MAX    4096 /* bytes of the longest message */

enum hart_kind { HART_REQUEST, HART_RESPONSE, HART_PUBLISH, HART_ERROR, HART_NAK = 15 };

enum hart_message { HART_INITIATE, HART_CLOSE, HART_KEEP_ALIVE, HART_PASS, HART_DIRECT };

static const struct ot_name messages[] = {
    {0, "session_initiate", OT_SESSION},
    {1, "session_close", OT_SESSION},
    {2, "keep_alive", OT_SESSION},
    {3, "token_passing_pdu", OT_READ},
    {4, "direct_pdu", OT_READ},
    {5, "read_audit_log", OT_DIAGNOSTIC},
};

static const struct ot_name commands[] = {
    {0, "read_unique_identifier", OT_DISCOVERY},
    {1, "read_primary_variable", OT_READ},
    {2, "read_loop_current_and_percent_of_range", OT_READ},
    {3, "read_dynamic_variables_and_loop_current", OT_READ},
    {6, "write_polling_address", OT_WRITE},
    {7, "read_loop_configuration", OT_READ},
    {8, "read_dynamic_variable_classifications", OT_READ},
    {9, "read_device_variables_with_status", OT_READ},
    {11, "read_unique_identifier_associated_with_tag", OT_DISCOVERY},
    {12, "read_message", OT_READ},
    {13, "read_tag_descriptor_date", OT_READ},
    {14, "read_primary_variable_transducer_information", OT_READ},
    {15, "read_device_information", OT_READ},
    {16, "read_final_assembly_number", OT_READ},
    {17, "write_message", OT_WRITE},
    {18, "write_tag_descriptor_date", OT_WRITE},
    {19, "write_final_assembly_number", OT_WRITE},
    {20, "read_long_tag", OT_READ},
    {21, "read_unique_identifier_associated_with_long_tag", OT_DISCOVERY},
    {22, "write_long_tag", OT_WRITE},
    {33, "read_device_variables", OT_READ},
    {34, "write_primary_variable_damping_value", OT_WRITE},
    {35, "write_primary_variable_range_values", OT_WRITE},
    {36, "set_primary_variable_upper_range_value", OT_WRITE},
    {37, "set_primary_variable_lower_range_value", OT_WRITE},
    {38, "reset_configuration_changed_flag", OT_WRITE},
    {40, "enter_exit_fixed_current_mode", OT_CONTROL},
    {41, "perform_self_test", OT_DIAGNOSTIC},
    {42, "perform_device_reset", OT_MODE},
    {43, "set_primary_variable_zero", OT_WRITE},
    {44, "write_primary_variable_units", OT_WRITE},
    {45, "trim_loop_current_zero", OT_WRITE},
    {46, "trim_loop_current_gain", OT_WRITE},
    {47, "write_primary_variable_transfer_function", OT_WRITE},
    {48, "read_additional_device_status", OT_DIAGNOSTIC},
    {71, "lock_device", OT_MODE},
    {72, "squawk", OT_CONTROL},
    {73, "find_device", OT_DISCOVERY},
    {74, "read_io_system_capabilities", OT_DISCOVERY},
    {75, "poll_sub_device", OT_DISCOVERY},
    {76, "read_lock_device_state", OT_READ},
    {77, "send_command_to_sub_device", OT_WRITE},
    {79, "write_device_variable", OT_WRITE},
    {84, "read_sub_device_identity_summary", OT_DISCOVERY},
    {89, "set_real_time_clock", OT_TIME},
    {90, "read_real_time_clock", OT_TIME},
};

static ssize_t hart_length(struct bytes b)
{
	if (b.left > 0 && (b.pos[0] == 0 || b.pos[0] > 2))
		return -1;
	if (b.left > 1 && (b.pos[1] & 15) > HART_ERROR && (b.pos[1] & 15) != HART_NAK)
		return -1;
	if (b.left < HART_IP_HEADER)
		return 0;
	size_t n = load_be16(b.pos + 6);
	return n < HART_IP_HEADER || n > HART_IP_MAX ? -1 : (ssize_t)n;
}

/* A frame of the field bus: command, address, and of an answer its response code. */
static void frame_read(struct ot_message *m, struct bytes b)
{
	unsigned delimiter = bytes_u8(&b);
	struct bytes address = bytes_sub(&b, (delimiter & 0x80) != 0 ? 5 : 1);
	bytes_skip(&b, delimiter >> 5 & 3);
	unsigned command = bytes_u8(&b);
	size_t n = bytes_u8(&b);
	if (b.bad)
		return;
	const struct ot_name *name = OT_FIND(commands, command);
	m->object = "command";
	m->address = command;
	m->operation = name != NULL ? name->operation : OT_OTHER;
	if (name != NULL)
		ot_detail(m, "%s", name->name);
	if ((delimiter & 7) == 2) {
		ot_detail(m, m->detail_n > 0 ? " device=" : "device=");
		ot_detail_hex(m, address.pos, address.left);
	} else if (n >= 2) {
		m->detail_n = 0;
		unsigned code = bytes_u8(&b);
		if ((code & 0x80) != 0)
			m->status = "communication_error";
		else if (code != 0)
			ot_detail(m, "code=%u", code);
	}
}

/* Commands packed into one message: device status 2, then {command 2, bytes 1, ...}. */
static void direct_read(struct ot_message *m, struct bytes b)
{
	bytes_skip(&b, 2);
	unsigned command = bytes_be16(&b);
	if (b.bad)
		return;
	const struct ot_name *name = OT_FIND(commands, command);
	m->object = "command";
	m->address = command;
	m->operation = name != NULL ? name->operation : OT_OTHER;
	if (name != NULL)
		ot_detail(m, "%s", name->name);
}

static void hart_message(struct parse *x, void *state, int side, struct bytes b)
{
	struct ot_state *st = state;
	struct ot_message m = ot_message("hart_ip");
	m.bytes = b.left;
	bytes_skip(&b, 1);
	unsigned kind = bytes_u8(&b) & 15, message = bytes_u8(&b), status = bytes_u8(&b);
	m.id = bytes_be16(&b);
	bytes_skip(&b, 2);
	x->counters->understood++;
	parse_confirm(x);
	OT_FUNCTION(&m, messages, message);
	uint64_t key = (uint64_t)message << 16 | (uint64_t)m.id;
	if (kind == HART_RESPONSE || kind == HART_NAK || kind == HART_ERROR)
		m.status = kind != HART_RESPONSE ? "nak"
			   : status == 0         ? "ok"
			   : status < 16         ? "warning"
						 : "error";
	if (message == HART_PASS && b.left > 0)
		frame_read(&m, b);
	else if (message == HART_DIRECT && b.left > 0)
		direct_read(&m, b);
	if (kind == HART_REQUEST) {
		ot_ask(x, &st->ot, side, key, &m);
	} else if (kind == HART_PUBLISH) {
		m.operation = OT_REPORT;
		ot_tell(x, side, &m);
	} else {
		ot_answer(x, &st->ot, side, key, &m);
	}
}

static const struct ot_framing framing = {
    .max = HART_IP_MAX,
    .length = hart_length,
    .message = hart_message,
};

static enum probe hart_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	ssize_t n = hart_length(first);
	if (n <= 0)
		return n == 0 ? PROBE_MORE : PROBE_NO;
	unsigned message = first.pos[2];
	size_t body = (size_t)n - HART_IP_HEADER;
	bool fits = (size_t)n == first.left && first.pos[1] <= HART_PUBLISH &&
		    (message == HART_INITIATE        ? body == 5 || body == 0
			: message <= HART_KEEP_ALIVE ? body == 0
			: message == HART_PASS       ? body >= 4
					       : message == HART_DIRECT && body >= 5);
	/* Little tells it from others, but at home. */
	return fits && ot_port(f, HART_IP_PORT) ? PROBE_YES
	       : fits && message == HART_INITIATE && body == 5 && first.pos[3] == 0 &&
		       first.pos[8] <= 1
		   ? PROBE_YES
		   : PROBE_NO;
}

static enum parse_result hart_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct ot_state *st = state;
	return ot_stream_data(x, &st->stream, &framing, st, d);
}

const struct proto_parser hart_ip_parser = {
    .name = "hart_ip",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_FIRST(0x01, 0x02),
    PARSER_PORTS(HART_IP_PORT),
    .probe = hart_probe,
    .state_size = sizeof(struct ot_state),
    .data = hart_data,
    .gap = ot_state_gap,
    .close = ot_state_close,
    .held = ot_state_held,
};
