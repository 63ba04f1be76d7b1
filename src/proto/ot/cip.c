/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ot/cip.h"

#include <string.h>

#include "base/size.h"

enum {
	CIP_NESTED_MAX = 2, /* messages inside messages that are read */
	CLASS_CONNECTION_MANAGER = 0x06,
	CLASS_PCCC = 0x67,
	CIP_TYPE_BOOL = 0xc1,
	SERVICE_MULTIPLE = 0x0a,
	SERVICE_READ_TAG = 0x4c,
	SERVICE_WRITE_TAG = 0x4d,
	SERVICE_UNCONNECTED_SEND = 0x52,
};

struct path {
	int64_t class, instance, attribute;
	struct bytes symbol;
};

static const struct ot_name services[] = {
    {"get_attributes_all", 0x01, OT_READ},
    {"set_attributes_all", 0x02, OT_WRITE},
    {"get_attribute_list", 0x03, OT_READ},
    {"set_attribute_list", 0x04, OT_WRITE},
    {"reset", 0x05, OT_MODE},
    {"start", 0x06, OT_MODE},
    {"stop", 0x07, OT_MODE},
    {"create", 0x08, OT_PROGRAM},
    {"delete", 0x09, OT_PROGRAM},
    {"multiple_service_packet", 0x0a, OT_OTHER},
    {"apply_attributes", 0x0d, OT_PROGRAM},
    {"get_attribute_single", 0x0e, OT_READ},
    {"set_attribute_single", 0x10, OT_WRITE},
    {"find_next_object_instance", 0x11, OT_DISCOVERY},
    {"restore", 0x15, OT_PROGRAM},
    {"save", 0x16, OT_PROGRAM},
    {"no_operation", 0x17, OT_DIAGNOSTIC},
    {"get_member", 0x18, OT_READ},
    {"set_member", 0x19, OT_WRITE},
    {"insert_member", 0x1a, OT_PROGRAM},
    {"remove_member", 0x1b, OT_PROGRAM},
    {"group_sync", 0x1c, OT_TIME},
};

/* Services of the connection manager. */
static const struct ot_name connection_services[] = {
    {"forward_close", 0x4e, OT_SESSION},
    {"unconnected_send", 0x52, OT_OTHER},
    {"forward_open", 0x54, OT_SESSION},
    {"get_connection_data", 0x56, OT_DIAGNOSTIC},
    {"search_connection_data", 0x57, OT_DIAGNOSTIC},
    {"get_connection_owner", 0x5a, OT_DIAGNOSTIC},
    {"large_forward_open", 0x5b, OT_SESSION},
};

/* Services of other classes, as Logix controllers have them. */
static const struct ot_name class_services[] = {
    {"execute_pccc", 0x4b, OT_OTHER},
    {"read_tag", 0x4c, OT_READ},
    {"write_tag", 0x4d, OT_WRITE},
    {"read_modify_write_tag", 0x4e, OT_WRITE},
    {"read_tag_fragmented", 0x52, OT_READ},
    {"write_tag_fragmented", 0x53, OT_WRITE},
    {"get_instance_attribute_list", 0x55, OT_DISCOVERY},
};

static const struct ot_name classes[] = {
    {"identity", 0x01, 0},
    {"message_router", 0x02, 0},
    {"devicenet", 0x03, 0},
    {"assembly", 0x04, 0},
    {"connection", 0x05, 0},
    {"connection_manager", 0x06, 0},
    {"register", 0x07, 0},
    {"discrete_input_point", 0x08, 0},
    {"discrete_output_point", 0x09, 0},
    {"analog_input_point", 0x0a, 0},
    {"analog_output_point", 0x0b, 0},
    {"parameter", 0x0f, 0},
    {"motor_data", 0x28, 0},
    {"control_supervisor", 0x29, 0},
    {"ac_dc_drive", 0x2a, 0},
    {"file", 0x37, 0},
    {"time_sync", 0x43, 0},
    {"device_level_ring", 0x47, 0},
    {"program", 0x64, 0},
    {"pccc", 0x67, 0},
    {"program", 0x68, 0},
    {"symbol", 0x6b, 0},
    {"template", 0x6c, 0},
    {"datatable", 0x72, 0},
    {"wall_clock_time", 0x8b, 0},
    {"controller_mode", 0x8e, 0},
    {"project", 0xac, 0},
    {"port", 0xf4, 0},
    {"tcp_ip_interface", 0xf5, 0},
    {"ethernet_link", 0xf6, 0},
};

static const struct ot_name statuses[] = {
    {"ok", 0x00, 0},
    {"connection_failure", 0x01, 0},
    {"resource_unavailable", 0x02, 0},
    {"invalid_parameter_value", 0x03, 0},
    {"path_segment_error", 0x04, 0},
    {"path_destination_unknown", 0x05, 0},
    {"partial_transfer", 0x06, 0},
    {"connection_lost", 0x07, 0},
    {"service_not_supported", 0x08, 0},
    {"invalid_attribute_value", 0x09, 0},
    {"attribute_list_error", 0x0a, 0},
    {"already_in_requested_mode", 0x0b, 0},
    {"object_state_conflict", 0x0c, 0},
    {"object_already_exists", 0x0d, 0},
    {"attribute_not_settable", 0x0e, 0},
    {"privilege_violation", 0x0f, 0},
    {"device_state_conflict", 0x10, 0},
    {"reply_data_too_large", 0x11, 0},
    {"not_enough_data", 0x13, 0},
    {"attribute_not_supported", 0x14, 0},
    {"too_much_data", 0x15, 0},
    {"object_does_not_exist", 0x16, 0},
    {"routing_failure", 0x1a, 0},
    {"missing_attribute_list_entry", 0x1c, 0},
    {"embedded_service_error", 0x1e, 0},
    {"vendor_specific_error", 0x1f, 0},
    {"invalid_parameter", 0x20, 0},
    {"path_size_invalid", 0x26, 0},
    {"general_error", 0xff, 0},
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

/* A value of one of the elementary types (volume 1, C-6). */
static void cip_value(struct ot_message *m, unsigned type, struct bytes b)
{
	static const uint8_t bytes[] = {[1] = 1,
	    [2] = 1,
	    [3] = 2,
	    [4] = 4,
	    [5] = 8,
	    [6] = 1,
	    [7] = 2,
	    [8] = 4,
	    [9] = 8,
	    [10] = 4,
	    [11] = 8,
	    [17] = 1,
	    [18] = 2,
	    [19] = 4,
	    [20] = 8};
	unsigned kind = type - CIP_TYPE_BOOL + 1;
	size_t n = kind < sizeof(bytes) ? bytes[kind] : 0;
	if (n == 0 || b.left != n)
		return;
	uint64_t v = n == 1   ? bytes_u8(&b)
		     : n == 2 ? bytes_le16(&b)
		     : n == 4 ? bytes_le32(&b)
			      : bytes_le64(&b);
	unsigned bits = 64 - 8 * (unsigned)n;
	if (kind == 1) {
		ot_value(m, "%s", v != 0 ? "on" : "off");
	} else if (kind <= 5) {
		ot_value(m, "%lld", (long long)((int64_t)(v << bits) >> bits));
	} else if (kind == 10) {
		ot_value_float(m, (uint32_t)v);
	} else if (kind == 11) {
		double real;
		memcpy(&real, &v, sizeof(real));
		ot_value(m, "%.15g", real);
	} else {
		ot_value(m, "%llu", (unsigned long long)v);
	}
}

/* What a request writes: of a tag a type, how many elements, and these. */
static void written(struct ot_message *m, unsigned service, struct bytes b)
{
	if (m->operation != OT_WRITE)
		return;
	ot_digest(m, b);
	if (service != SERVICE_WRITE_TAG)
		return;
	unsigned type = bytes_le16(&b);
	if (bytes_le16(&b) == 1)
		cip_value(m, type, b);
}

/* What an answer gives, behind its status and more of it. */
static void was_read(struct ot_message *m, unsigned service, struct bytes b)
{
	size_t words = bytes_u8(&b);
	bytes_skip(&b, words * 2);
	if (b.bad || (m->operation != OT_READ && service != SERVICE_MULTIPLE))
		return;
	ot_digest(m, b);
	if (service == SERVICE_READ_TAG) {
		unsigned type = bytes_le16(&b);
		cip_value(m, type, b);
	}
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
			was_read(m, service & 0x7f, b);
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
		if (p.class != CLASS_PCCC) /* those are numbered */
			written(m, service, b);
		if (p.class != CLASS_CONNECTION_MANAGER ||
		    service != SERVICE_UNCONNECTED_SEND)
			return true;
		b = inside_of(b);
		if (b.bad)
			return true;
	}
	return true;
}
