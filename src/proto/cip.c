/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/cip.h"

#include "base/size.h"

enum {
	CIP_NESTED_MAX = 2, /* messages inside messages that are read */
	CLASS_CONNECTION_MANAGER = 0x06,
	CLASS_PCCC = 0x67,
	SERVICE_MULTIPLE = 0x0a,
	SERVICE_UNCONNECTED_SEND = 0x52,
};

struct path {
	int64_t class, instance, attribute;
	struct bytes symbol;
};

static const struct ot_name services[] = {
    {0x01, "get_attributes_all", OT_READ},
    {0x02, "set_attributes_all", OT_WRITE},
    {0x03, "get_attribute_list", OT_READ},
    {0x04, "set_attribute_list", OT_WRITE},
    {0x05, "reset", OT_MODE},
    {0x06, "start", OT_MODE},
    {0x07, "stop", OT_MODE},
    {0x08, "create", OT_PROGRAM},
    {0x09, "delete", OT_PROGRAM},
    {0x0a, "multiple_service_packet", OT_OTHER},
    {0x0d, "apply_attributes", OT_PROGRAM},
    {0x0e, "get_attribute_single", OT_READ},
    {0x10, "set_attribute_single", OT_WRITE},
    {0x11, "find_next_object_instance", OT_DISCOVERY},
    {0x15, "restore", OT_PROGRAM},
    {0x16, "save", OT_PROGRAM},
    {0x17, "no_operation", OT_DIAGNOSTIC},
    {0x18, "get_member", OT_READ},
    {0x19, "set_member", OT_WRITE},
    {0x1a, "insert_member", OT_PROGRAM},
    {0x1b, "remove_member", OT_PROGRAM},
    {0x1c, "group_sync", OT_TIME},
};

/* Services of the connection manager. */
static const struct ot_name connection_services[] = {
    {0x4e, "forward_close", OT_SESSION},
    {0x52, "unconnected_send", OT_OTHER},
    {0x54, "forward_open", OT_SESSION},
    {0x56, "get_connection_data", OT_DIAGNOSTIC},
    {0x57, "search_connection_data", OT_DIAGNOSTIC},
    {0x5a, "get_connection_owner", OT_DIAGNOSTIC},
    {0x5b, "large_forward_open", OT_SESSION},
};

/* Services of other classes, as Logix controllers have them. */
static const struct ot_name class_services[] = {
    {0x4b, "execute_pccc", OT_OTHER},
    {0x4c, "read_tag", OT_READ},
    {0x4d, "write_tag", OT_WRITE},
    {0x4e, "read_modify_write_tag", OT_WRITE},
    {0x52, "read_tag_fragmented", OT_READ},
    {0x53, "write_tag_fragmented", OT_WRITE},
    {0x55, "get_instance_attribute_list", OT_DISCOVERY},
};

static const struct ot_name classes[] = {
    {0x01, "identity", 0},
    {0x02, "message_router", 0},
    {0x03, "devicenet", 0},
    {0x04, "assembly", 0},
    {0x05, "connection", 0},
    {0x06, "connection_manager", 0},
    {0x07, "register", 0},
    {0x08, "discrete_input_point", 0},
    {0x09, "discrete_output_point", 0},
    {0x0a, "analog_input_point", 0},
    {0x0b, "analog_output_point", 0},
    {0x0f, "parameter", 0},
    {0x28, "motor_data", 0},
    {0x29, "control_supervisor", 0},
    {0x2a, "ac_dc_drive", 0},
    {0x37, "file", 0},
    {0x43, "time_sync", 0},
    {0x47, "device_level_ring", 0},
    {0x64, "program", 0},
    {0x67, "pccc", 0},
    {0x68, "program", 0},
    {0x6b, "symbol", 0},
    {0x6c, "template", 0},
    {0x72, "datatable", 0},
    {0x8b, "wall_clock_time", 0},
    {0x8e, "controller_mode", 0},
    {0xac, "project", 0},
    {0xf4, "port", 0},
    {0xf5, "tcp_ip_interface", 0},
    {0xf6, "ethernet_link", 0},
};

static const struct ot_name statuses[] = {
    {0x00, "ok", 0},
    {0x01, "connection_failure", 0},
    {0x02, "resource_unavailable", 0},
    {0x03, "invalid_parameter_value", 0},
    {0x04, "path_segment_error", 0},
    {0x05, "path_destination_unknown", 0},
    {0x06, "partial_transfer", 0},
    {0x07, "connection_lost", 0},
    {0x08, "service_not_supported", 0},
    {0x09, "invalid_attribute_value", 0},
    {0x0a, "attribute_list_error", 0},
    {0x0b, "already_in_requested_mode", 0},
    {0x0c, "object_state_conflict", 0},
    {0x0d, "object_already_exists", 0},
    {0x0e, "attribute_not_settable", 0},
    {0x0f, "privilege_violation", 0},
    {0x10, "device_state_conflict", 0},
    {0x11, "reply_data_too_large", 0},
    {0x13, "not_enough_data", 0},
    {0x14, "attribute_not_supported", 0},
    {0x15, "too_much_data", 0},
    {0x16, "object_does_not_exist", 0},
    {0x1a, "routing_failure", 0},
    {0x1c, "missing_attribute_list_entry", 0},
    {0x1e, "embedded_service_error", 0},
    {0x1f, "vendor_specific_error", 0},
    {0x20, "invalid_parameter", 0},
    {0x26, "path_size_invalid", 0},
    {0xff, "general_error", 0},
};

/* A logical segment's value: one byte, or a pad and two or four. */
static int64_t logical_value(struct bytes *b, unsigned format)
{
	if (format == 0)
		return bytes_u8(b);
	bytes_skip(b, 1);
	return format == 1 ? bytes_le16(b) : (int64_t)bytes_le32(b);
}

static struct path path_read(struct bytes b)
{
	struct path p = {.class = -1, .instance = -1, .attribute = -1};
	while (b.left > 0) {
		unsigned segment = bytes_u8(&b);
		if (segment == 0x91) {
			size_t n = bytes_u8(&b);
			struct bytes symbol = bytes_sub(&b, n);
			if (n % 2 != 0)
				bytes_skip(&b, 1);
			if (p.symbol.left == 0)
				p.symbol = symbol;
		} else if (segment >> 5 == 1 && (segment & 3) < 3) {
			int64_t v = logical_value(&b, segment & 3);
			unsigned kind = segment >> 2 & 7;
			int64_t *to = kind == 0   ? &p.class
				      : kind == 1 ? &p.instance
				      : kind == 4 ? &p.attribute
						  : NULL;
			if (to != NULL && *to < 0 && !b.bad)
				*to = v;
		} else {
			break; /* ports, keys, data: nothing is asked of the rest */
		}
	}
	return p;
}

static void take_service(struct ot_message *m, unsigned service, int64_t class)
{
	m->code = service;
	m->operation = OT_OTHER;
	m->function = NULL;
	if (class == CLASS_CONNECTION_MANAGER &&
	    OT_FIND(connection_services, service) != NULL)
		OT_FUNCTION(m, connection_services, service);
	else if (OT_FIND(services, service) != NULL)
		OT_FUNCTION(m, services, service);
	else if (class != CLASS_CONNECTION_MANAGER)
		OT_FUNCTION(m, class_services, service);
	/* PCCC: reads and writes of older controllers, and their modes and programs. */
	if (class == CLASS_PCCC)
		m->operation = OT_WRITE;
}

static void take_path(struct ot_message *m, const struct path *p)
{
	m->object = p->class >= 0 ? OT_WORD(classes, (unsigned)p->class, "class") : NULL;
	m->address = p->instance;
	m->detail_n = 0;
	if (p->symbol.left > 0) {
		m->object = "tag";
		ot_detail_bytes(
		    m, p->symbol.pos, size_min(p->symbol.left, CIP_SYMBOL_MAX));
	}
	if (p->class >= 0 && OT_FIND(classes, (unsigned)p->class) == NULL)
		ot_detail(m, "class=0x%02x ", (unsigned)p->class);
	if (p->attribute >= 0)
		ot_detail(m, "attribute=%u", (unsigned)p->attribute);
	if (m->detail_n > 0 && m->detail[m->detail_n - 1] == ' ')
		m->detail_n--;
}

/* Several services in one: how many, and what the first one does. */
static void multiple(struct ot_message *m, struct bytes b)
{
	struct bytes all = b;
	m->count = bytes_le16(&b);
	size_t at = bytes_le16(&b);
	struct ot_message first = ot_message("cip");
	bytes_skip(&all, at);
	unsigned service = bytes_u8(&all);
	size_t words = bytes_u8(&all);
	struct path p = path_read(bytes_sub(&all, words * 2));
	if (b.bad || all.bad)
		return;
	take_service(&first, service, p.class);
	take_path(&first, &p);
	m->operation = first.operation;
	ot_detail(m, "%s%s", m->detail_n > 0 ? " " : "",
	    first.function != NULL ? first.function : "unknown");
	if (first.detail_n > 0)
		ot_detail(m, " ");
	ot_detail_bytes(m, first.detail, first.detail_n);
}

/* What is inside an unconnected send: priority 1, ticks 1, length 2, message. */
static struct bytes inside_of(struct bytes b)
{
	bytes_skip(&b, 2);
	size_t n = bytes_le16(&b);
	return bytes_sub(&b, n);
}

bool cip_read(struct ot_message *m, struct bytes b)
{
	for (int nested = 0; nested < CIP_NESTED_MAX; nested++) {
		unsigned service = bytes_u8(&b);
		if ((service & CIP_ANSWER) != 0) {
			bytes_skip(&b, 1);
			take_service(m, service & 0x7f, -1);
			m->status = OT_WORD(statuses, bytes_u8(&b), "unknown_error");
			return !b.bad;
		}
		size_t words = bytes_u8(&b);
		struct bytes path = bytes_sub(&b, words * 2);
		if (path.bad)
			return nested > 0;
		struct path p = path_read(path);
		take_service(m, service, p.class);
		take_path(m, &p);
		if (service == SERVICE_MULTIPLE)
			multiple(m, b);
		if (p.class != CLASS_CONNECTION_MANAGER ||
		    service != SERVICE_UNCONNECTED_SEND)
			return true;
		b = inside_of(b);
	}
	return true;
}
