/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ot/dnp3_objects.h"

enum {
	GROUP_CROB = 12,   /* control relay output block, and pattern control and mask */
	GROUP_ANALOG = 41, /* analog output block */
	FUNCTION_READ = 1,

	PREFIX_INDEX_MAX = 3, /* prefixes 1 to 3 are an index of 1, 2, 4 bytes */
	RANGE_NONE = 6,
	RANGE_FREE = 11,
};

struct header {
	unsigned group, variation, prefix;
	int64_t start, count; /* below 0: none told */
};

static const struct ot_name groups[] = {
    {"binary_input", 1, 0},
    {"binary_input_event", 2, 0},
    {"double_bit_input", 3, 0},
    {"double_bit_input_event", 4, 0},
    {"binary_output", 10, 0},
    {"binary_output_event", 11, 0},
    {"control_relay_output_block", 12, 0},
    {"binary_output_command_event", 13, 0},
    {"counter", 20, 0},
    {"frozen_counter", 21, 0},
    {"counter_event", 22, 0},
    {"frozen_counter_event", 23, 0},
    {"analog_input", 30, 0},
    {"frozen_analog_input", 31, 0},
    {"analog_input_event", 32, 0},
    {"frozen_analog_input_event", 33, 0},
    {"analog_input_deadband", 34, 0},
    {"analog_output_status", 40, 0},
    {"analog_output_block", 41, 0},
    {"analog_output_event", 42, 0},
    {"analog_output_command_event", 43, 0},
    {"time_and_date", 50, 0},
    {"common_time_of_occurrence", 51, 0},
    {"time_delay", 52, 0},
    {"class_data", 60, 0},
    {"file", 70, 0},
    {"internal_indications", 80, 0},
    {"device_storage", 81, 0},
    {"device_profile", 82, 0},
    {"data_set", 83, 0},
    {"data_set_prototype", 85, 0},
    {"data_set_descriptor", 86, 0},
    {"data_set", 87, 0},
    {"application", 90, 0},
    {"bcd", 101, 0},
    {"octet_string", 110, 0},
    {"octet_string_event", 111, 0},
    {"virtual_terminal_output", 112, 0},
    {"virtual_terminal_event", 113, 0},
    {"authentication", 120, 0},
};

static const struct ot_name control_status[] = {
    {"timeout", 1, 0},
    {"no_select", 2, 0},
    {"format_error", 3, 0},
    {"not_supported", 4, 0},
    {"already_active", 5, 0},
    {"hardware_error", 6, 0},
    {"local", 7, 0},
    {"too_many_ops", 8, 0},
    {"not_authorized", 9, 0},
    {"automation_inhibit", 10, 0},
    {"processing_limited", 11, 0},
    {"out_of_range", 12, 0},
    {"non_participating", 126, 0},
    {"undefined", 127, 0},
};

/* Bytes of an object of analog output block by variation, its status included. */
static size_t analog_bytes(unsigned variation)
{
	static const uint8_t bytes[] = {0, 5, 3, 5, 9};
	return variation < sizeof(bytes) ? bytes[variation] : 0;
}

static uint32_t number(struct bytes *b, unsigned bytes)
{
	return bytes == 1 ? bytes_u8(b) : bytes == 2 ? bytes_le16(b) : bytes_le32(b);
}

/* Read a header and its range; false: no more that could be read. */
static bool header_read(struct bytes *b, struct header *h)
{
	h->group = bytes_u8(b);
	h->variation = bytes_u8(b);
	unsigned qualifier = bytes_u8(b), kind = qualifier & 0x0f;
	h->prefix = qualifier >> 4 & 7;
	h->start = h->count = -1;
	if (kind <= 5) {
		unsigned bytes = kind % 3 == 0 ? 1 : kind % 3 == 1 ? 2 : 4;
		h->start = number(b, bytes);
		int64_t stop = number(b, bytes);
		h->count = stop >= h->start ? stop - h->start + 1 : 0;
	} else if (kind >= 7 && kind <= 9) {
		h->count = number(b, kind == 7 ? 1 : kind == 8 ? 2 : 4);
	} else if (kind == RANGE_FREE) {
		h->count = bytes_u8(b);
	} else if (kind != RANGE_NONE) {
		return false;
	}
	return !b->bad;
}

/* Bytes of a prefix before each object. */
static unsigned prefix_bytes(unsigned prefix)
{
	return prefix == 0 || prefix > PREFIX_INDEX_MAX ? 0 : prefix == 3 ? 4 : prefix;
}

/* The first object of a control: which, and what it does. */
static void control_read(struct ot_message *m, const struct header *h, struct bytes b)
{
	static const char *const ops[] = {
	    "nul", "pulse_on", "pulse_off", "latch_on", "latch_off"};
	static const char *const trips[] = {"", " close", " trip", " reserved"};
	unsigned bytes = prefix_bytes(h->prefix);
	if (bytes > 0)
		m->address = number(&b, bytes);
	if (b.bad || h->count == 0)
		return;
	if (h->group == GROUP_CROB && h->variation == 1 && b.left >= 11) {
		unsigned code = bytes_u8(&b);
		unsigned op = code & 0x0f, times = bytes_u8(&b);
		unsigned on = bytes_le32(&b), off = bytes_le32(&b);
		ot_value(m, "%s%s", op < 5 ? ops[op] : "undefined", trips[code >> 6]);
		ot_detail(m, " count=%u on=%u off=%u", times, on, off);
	} else if (h->group == GROUP_ANALOG && h->variation == 2 && b.left >= 3) {
		ot_value(m, "%d", (int16_t)bytes_le16(&b));
	} else if (h->group == GROUP_ANALOG && h->variation == 1 && b.left >= 5) {
		ot_value(m, "%d", (int32_t)bytes_le32(&b));
	} else if (h->group == GROUP_ANALOG && h->variation == 3 && b.left >= 5) {
		ot_value_float(m, bytes_le32(&b));
	}
	if (h->count != 1 && m->value_n > 0) {
		ot_detail(m, " first=%.*s", (int)m->value_n, m->value);
		m->value_n = 0;
	}
}

static void first_header(struct ot_message *m, const struct header *h)
{
	m->object = OT_WORD(groups, h->group, "unknown_group");
	m->address = h->start;
	m->count = h->count;
}

void dnp3_objects_asked(struct ot_message *m, unsigned function, struct bytes b)
{
	struct header h;
	for (int i = 0; i < DNP3_HEADERS_MAX && b.left > 0; i++) {
		if (!header_read(&b, &h))
			return;
		if (i == 0)
			first_header(m, &h);
		ot_detail(m, i > 0 ? " g%uv%u" : "g%uv%u", h.group, h.variation);
		if (h.group == GROUP_CROB || h.group == GROUP_ANALOG)
			control_read(m, &h, b);
		/* Only requests to read have nothing behind their headers. */
		if (function != FUNCTION_READ && h.count != -1)
			return;
	}
}

/* The worst status among the objects of a control that are echoed. */
static void statuses(struct ot_message *m, const struct header *h, struct bytes b)
{
	size_t bytes = h->group == GROUP_CROB ? (h->variation == 1 ? 11 : 0)
					      : analog_bytes(h->variation);
	for (int64_t i = 0; bytes > 0 && i < h->count && b.left > 0; i++) {
		bytes_skip(&b, prefix_bytes(h->prefix) + bytes - 1);
		unsigned status = bytes_u8(&b) & 0x7f;
		if (!b.bad && status != 0)
			m->status = OT_WORD(control_status, status, "undefined");
	}
}

void dnp3_objects_answered(struct ot_message *m, struct bytes b, bool all)
{
	struct header h;
	if (b.left == 0 || !header_read(&b, &h))
		return;
	if (all) {
		first_header(m, &h);
		ot_detail(m, "g%uv%u", h.group, h.variation);
	}
	if ((h.group == GROUP_CROB || h.group == GROUP_ANALOG) && !all)
		statuses(m, &h, b);
}
