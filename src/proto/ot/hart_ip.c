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
#include "proto/ot/ot.h"
#include "proto/ot/ot_stream.h"

#define HART_IP_PORT   5094
#define HART_IP_HEADER 8
#define HART_IP_MAX    4096 /* bytes of the longest message */

enum hart_kind { HART_REQUEST, HART_RESPONSE, HART_PUBLISH, HART_ERROR, HART_NAK = 15 };

enum hart_message { HART_INITIATE, HART_CLOSE, HART_KEEP_ALIVE, HART_PASS, HART_DIRECT };

static const struct ot_name messages[] = {
    {"session_initiate", 0, OT_SESSION},
    {"session_close", 1, OT_SESSION},
    {"keep_alive", 2, OT_SESSION},
    {"token_passing_pdu", 3, OT_READ},
    {"direct_pdu", 4, OT_READ},
    {"read_audit_log", 5, OT_DIAGNOSTIC},
};

static const struct ot_name commands[] = {
    {"read_unique_identifier", 0, OT_DISCOVERY},
    {"read_primary_variable", 1, OT_READ},
    {"read_loop_current_and_percent_of_range", 2, OT_READ},
    {"read_dynamic_variables_and_loop_current", 3, OT_READ},
    {"write_polling_address", 6, OT_WRITE},
    {"read_loop_configuration", 7, OT_READ},
    {"read_dynamic_variable_classifications", 8, OT_READ},
    {"read_device_variables_with_status", 9, OT_READ},
    {"read_unique_identifier_associated_with_tag", 11, OT_DISCOVERY},
    {"read_message", 12, OT_READ},
    {"read_tag_descriptor_date", 13, OT_READ},
    {"read_primary_variable_transducer_information", 14, OT_READ},
    {"read_device_information", 15, OT_READ},
    {"read_final_assembly_number", 16, OT_READ},
    {"write_message", 17, OT_WRITE},
    {"write_tag_descriptor_date", 18, OT_WRITE},
    {"write_final_assembly_number", 19, OT_WRITE},
    {"read_long_tag", 20, OT_READ},
    {"read_unique_identifier_associated_with_long_tag", 21, OT_DISCOVERY},
    {"write_long_tag", 22, OT_WRITE},
    {"read_device_variables", 33, OT_READ},
    {"write_primary_variable_damping_value", 34, OT_WRITE},
    {"write_primary_variable_range_values", 35, OT_WRITE},
    {"set_primary_variable_upper_range_value", 36, OT_WRITE},
    {"set_primary_variable_lower_range_value", 37, OT_WRITE},
    {"reset_configuration_changed_flag", 38, OT_WRITE},
    {"enter_exit_fixed_current_mode", 40, OT_CONTROL},
    {"perform_self_test", 41, OT_DIAGNOSTIC},
    {"perform_device_reset", 42, OT_MODE},
    {"set_primary_variable_zero", 43, OT_WRITE},
    {"write_primary_variable_units", 44, OT_WRITE},
    {"trim_loop_current_zero", 45, OT_WRITE},
    {"trim_loop_current_gain", 46, OT_WRITE},
    {"write_primary_variable_transfer_function", 47, OT_WRITE},
    {"read_additional_device_status", 48, OT_DIAGNOSTIC},
    {"lock_device", 71, OT_MODE},
    {"squawk", 72, OT_CONTROL},
    {"find_device", 73, OT_DISCOVERY},
    {"read_io_system_capabilities", 74, OT_DISCOVERY},
    {"poll_sub_device", 75, OT_DISCOVERY},
    {"read_lock_device_state", 76, OT_READ},
    {"send_command_to_sub_device", 77, OT_WRITE},
    {"write_device_variable", 79, OT_WRITE},
    {"read_sub_device_identity_summary", 84, OT_DISCOVERY},
    {"set_real_time_clock", 89, OT_TIME},
    {"read_real_time_clock", 90, OT_TIME},
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

static void command_read(struct ot_message *m, unsigned command)
{
	const struct ot_name *name = OT_FIND(commands, command);
	m->object = "command";
	m->address = command;
	m->operation = name != NULL ? name->operation : OT_OTHER;
	if (name != NULL)
		ot_detail(m, "%s", name->name);
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
	command_read(m, command);
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
	command_read(m, command);
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
