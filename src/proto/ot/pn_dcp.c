/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PROFINET without IP (IEC 61158-6-10): DCP, by which devices are found, named and given
 * addresses, and alarms. Cyclic data (frame ids up to bfff) is let be.
 *
 *     frame id 2 | service 1 | kind 1 | transaction 4 | delay 2 | length 2 |
 *     { option 1 | suboption 1 | length 2 | (qualifier or information 2) data | pad } ...
 *
 * Whoever sends a set may rename a device, move it to another address or reset it.
 */
#include "base/size.h"
#include "proto/ot/ot_link.h"

#define DCP_NAME_MAX 64 /* bytes of a station's name that are shown */

enum frame_id {
	ALARM_HIGH = 0xfc01,
	ALARM_LOW = 0xfe01,
	DCP_HELLO = 0xfefc,
	DCP_IDENTIFIED = 0xfeff,
};

enum dcp_service { DCP_GET = 3, DCP_SET = 4 };

enum dcp_kind { DCP_REQUEST = 0, DCP_UNSUPPORTED = 5 };

enum {
	DCP_NAME = 0x0202,
	DCP_ADDRESS = 0x0102,
	DCP_ADDRESS_DNS = 0x0103,
	DCP_RESPONSE = 0x0504
};

static const struct ot_name services[] = {
    {"dcp_get", 3, OT_DISCOVERY},
    {"dcp_set", 4, OT_WRITE},
    {"dcp_identify", 5, OT_DISCOVERY},
    {"dcp_hello", 6, OT_DISCOVERY},
};

/* Option and suboption, and what setting it does. */
static const struct ot_name options[] = {
    {"mac_address", 0x0101, OT_WRITE},
    {"ip_parameter", 0x0102, OT_WRITE},
    {"full_ip_suite", 0x0103, OT_WRITE},
    {"device_vendor", 0x0201, OT_WRITE},
    {"name_of_station", 0x0202, OT_WRITE},
    {"device_id", 0x0203, OT_WRITE},
    {"device_role", 0x0204, OT_WRITE},
    {"device_options", 0x0205, OT_WRITE},
    {"alias_name", 0x0206, OT_WRITE},
    {"device_instance", 0x0207, OT_WRITE},
    {"oem_device_id", 0x0208, OT_WRITE},
    {"start_transaction", 0x0501, OT_WRITE},
    {"end_transaction", 0x0502, OT_WRITE},
    {"signal", 0x0503, OT_CONTROL},
    {"response", 0x0504, OT_OTHER},
    {"factory_reset", 0x0505, OT_MODE},
    {"reset_to_factory", 0x0506, OT_MODE},
    {"device_initiative", 0x0601, OT_DISCOVERY},
    {"all", 0xffff, OT_DISCOVERY},
};

static void value_read(struct ot_message *m, unsigned option, struct bytes value)
{
	if (option == DCP_NAME) {
		ot_detail_bytes(m, value.pos, size_min(value.left, DCP_NAME_MAX));
	} else if ((option == DCP_ADDRESS || option == DCP_ADDRESS_DNS) &&
		   value.left >= 4) {
		ot_detail(m, "%u.%u.%u.%u", value.pos[0], value.pos[1], value.pos[2],
		    value.pos[3]);
	}
}

/* The first block: what is asked or set, and its value where one is there. A get only
 * lists options, two bytes each. */
static void block_read(
    struct ot_message *m, unsigned service, unsigned kind, bool finds, struct bytes b)
{
	unsigned option = bytes_be16(&b);
	if (b.bad)
		return;
	const struct ot_name *name = OT_FIND(options, option);
	m->object = name != NULL ? name->name : "option";
	m->address = option;
	if (name != NULL && service == DCP_SET && kind == DCP_REQUEST)
		m->operation = name->operation;
	if (service == DCP_GET && kind == DCP_REQUEST)
		return;
	size_t n = bytes_be16(&b);
	struct bytes value = bytes_sub(&b, n);
	if (value.bad)
		return;
	if (option == DCP_RESPONSE) { /* to a set: option 2, error 1 */
		m->address = bytes_be16(&value);
		m->object = OT_WORD(options, (unsigned)m->address, "option");
		m->status = bytes_u8(&value) == 0 ? "ok" : "error";
		return;
	}
	if (!finds)
		bytes_skip(&value, 2);
	value_read(m, option, value);
}

static void on_dcp(struct parse *x, const struct link *l, struct ot_message *m,
    unsigned frame, struct bytes b)
{
	unsigned service = bytes_u8(&b), kind = bytes_u8(&b);
	m->id = bytes_be32(&b);
	bytes_skip(&b, 2);
	size_t n = bytes_be16(&b);
	struct bytes blocks = bytes_sub(&b, n);
	if (blocks.bad) {
		if (l->captured < l->wire)
			x->counters->truncated++;
		else
			x->counters->malformed++;
		return;
	}
	x->counters->understood++;
	OT_FUNCTION(m, services, service);
	m->bytes = n + 12;
	if (kind != DCP_REQUEST)
		m->status = kind == DCP_UNSUPPORTED ? "not_supported" : "ok";
	bool finds = frame != DCP_IDENTIFIED && frame != DCP_HELLO && service > DCP_SET;
	block_read(m, service, kind, finds, blocks);
	ot_link_tell(x, l, m);
}

static void pn_link(struct parse *x, const struct link *l)
{
	struct ot_message m = ot_message("profinet");
	struct bytes b = bytes_over(l->payload, l->captured);
	unsigned frame = bytes_be16(&b);
	if (frame >= DCP_HELLO && frame <= DCP_IDENTIFIED) {
		on_dcp(x, l, &m, frame, b);
	} else if (frame == ALARM_HIGH || frame == ALARM_LOW) {
		m.function = frame == ALARM_HIGH ? "alarm_high" : "alarm_low";
		m.operation = OT_REPORT;
		m.bytes = l->wire;
		x->counters->understood++;
		ot_link_tell(x, l, &m);
	}
}

const struct proto_parser pn_dcp_parser = {
    .name = "pn_dcp",
    .ethertype = LINK_PROFINET,
    .link = pn_link,
    .probe = ot_link_probe,
    .data = ot_link_data,
    .close = ot_link_close,
};
