/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of nfdump's layouts 1 and 2. Numbers are little-endian; an IPv4 address is a
 * number of 32 bits, an IPv6 address two of 64.
 *
 *     layout 1, type 1 or 10: fixed part, addresses, packets, bytes, then the extensions
 *     that the map (type 2) of that number lists, each of a known size
 *     layout 2, type 11: 12 bytes, then elements of | id | size | ... |
 */
#include <stdlib.h>

#include "input/nfdump.h"

enum record_type_of_nfdump {
	TYPE_COMMON_0 = 1,
	TYPE_MAP = 2,
	TYPE_COMMON = 10,
	TYPE_V3 = 11,
};

#define FLAG_IPV6    1
#define FLAG_PACKETS 2 /* of 64 bits */
#define FLAG_BYTES   4
#define FLAG_SAMPLED 128

#define V3_SAMPLED 2

#define BIFLOW_FORWARD  1
#define BIFLOW_BACKWARD 2
#define REASON_ENDED    3

static struct addr read_ipv4(struct bytes *b)
{
	uint32_t v = bytes_le32(b);
	uint8_t p[4] = {
	    (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
	return addr_from_v4(p);
}

static struct addr read_ipv6(struct bytes *b)
{
	uint8_t p[16];
	for (int half = 0; half < 2; half++) {
		uint64_t v = bytes_le64(b);
		for (int i = 0; i < 8; i++)
			p[half * 8 + i] = (uint8_t)(v >> (56 - 8 * i));
	}
	return addr_from_v6(p);
}

static struct moment from_ms(uint64_t ms)
{
	return moment_from((int64_t)(ms / 1000), (int64_t)(ms % 1000) * NS_PER_MS);
}

/* What both layouts leave to be put right. */
static void settle(struct netflow_row *row)
{
	if (row->last.ns < row->first.ns)
		row->last = row->first;
	if (row->seen.ns == MOMENT_NONE.ns)
		row->seen = row->last;
	if (row->proto == NETFLOW_PROTO_ICMP || row->proto == NETFLOW_PROTO_ICMPV6) {
		row->port[0] = row->port[1] >> 8;
		row->port[1] &= 0xff;
	}
}

/* ---- layout 1 ---- */

/* Bytes of each extension; 0: there is none of that number. */
static const uint8_t extension_size[] = {[4] = 4,
    [5] = 8,
    [6] = 4,
    [7] = 8,
    [8] = 4,
    [9] = 4,
    [10] = 16,
    [11] = 4,
    [12] = 16,
    [13] = 4,
    [14] = 4,
    [15] = 8,
    [16] = 4,
    [17] = 8,
    [18] = 4,
    [19] = 8,
    [20] = 16,
    [21] = 16,
    [22] = 40,
    [23] = 4,
    [24] = 16,
    [25] = 4,
    [26] = 8,
    [27] = 8,
    [37] = 20,
    [38] = 4,
    [39] = 8,
    [40] = 32,
    [41] = 24,
    [42] = 24,
    [43] = 72,
    [45] = 24,
    [46] = 12,
    [47] = 8,
    [48] = 8};

enum extension {
	EXTENSION_VLAN = 13,
	EXTENSION_OUT_PACKETS_4 = 14,
	EXTENSION_OUT_PACKETS_8 = 15,
	EXTENSION_OUT_BYTES_4 = 16,
	EXTENSION_OUT_BYTES_8 = 17,
	EXTENSION_RECEIVED = 27,
};

static bool grow(struct nfdump_maps *m)
{
	size_t room = m->room > 0 ? 2 * m->room : 16;
	struct nfdump_map *v = realloc(m->v, room * sizeof(*v));
	if (v == NULL)
		return false;
	m->v = v;
	m->room = room;
	return true;
}

static enum nfdump_result read_map(struct bytes b, struct nfdump_maps *m)
{
	struct nfdump_map map = {.id = bytes_le16(&b)};
	bytes_skip(&b, 2);
	while (b.left >= 2) {
		uint16_t id = bytes_le16(&b);
		if (id == 0)
			break;
		if (map.count == NFDUMP_MAP_MAX || id >= sizeof(extension_size) ||
		    extension_size[id] == 0)
			return NFDUMP_BROKEN;
		map.extension[map.count++] = id;
	}
	if (b.bad)
		return NFDUMP_BROKEN;
	uint32_t *place = &m->by_id[map.id];
	if (*place == 0) {
		if (m->count == NFDUMP_MAPS_MAX || (m->count == m->room && !grow(m)))
			return NFDUMP_TOO_MANY;
		*place = (uint32_t)++m->count;
	}
	m->v[*place - 1] = map;
	return NFDUMP_OTHER;
}

static void read_extension(struct bytes b, uint16_t id, struct netflow_row *row)
{
	uint16_t vlan;
	switch (id) {
	case EXTENSION_VLAN:
		vlan = bytes_le16(&b);
		row->vlan = vlan > 0 && vlan < 4096 ? vlan : -1;
		break;
	case EXTENSION_OUT_PACKETS_4:
		row->out_packets = bytes_le32(&b);
		break;
	case EXTENSION_OUT_PACKETS_8:
		row->out_packets = bytes_le64(&b);
		break;
	case EXTENSION_OUT_BYTES_4:
		row->out_bytes = bytes_le32(&b);
		break;
	case EXTENSION_OUT_BYTES_8:
		row->out_bytes = bytes_le64(&b);
		break;
	case EXTENSION_RECEIVED:
		row->seen = from_ms(bytes_le64(&b));
		break;
	default:
		break;
	}
}

static enum nfdump_result read_common(
    struct bytes b, uint16_t type, const struct nfdump_maps *m, struct netflow_row *row)
{
	unsigned flags = type == TYPE_COMMON ? bytes_le16(&b) : bytes_u8(&b);
	if (type != TYPE_COMMON)
		bytes_skip(&b, 1);
	uint32_t place = m->by_id[bytes_le16(&b)];
	uint16_t first_ms = bytes_le16(&b), last_ms = bytes_le16(&b);
	row->first = from_ms((uint64_t)bytes_le32(&b) * 1000 + first_ms);
	row->last = from_ms((uint64_t)bytes_le32(&b) * 1000 + last_ms);
	bytes_skip(&b, 1);
	row->flags[0] = bytes_u8(&b);
	row->proto = bytes_u8(&b);
	bytes_skip(&b, 1);
	row->port[0] = bytes_le16(&b);
	row->port[1] = bytes_le16(&b);
	if (type == TYPE_COMMON) {
		row->exporter = bytes_le16(&b);
		bytes_skip(&b, 2);
	}
	for (int i = 0; i < 2; i++)
		row->addr[i] = (flags & FLAG_IPV6) != 0 ? read_ipv6(&b) : read_ipv4(&b);
	row->packets[0] = (flags & FLAG_PACKETS) != 0 ? bytes_le64(&b) : bytes_le32(&b);
	row->bytes[0] = (flags & FLAG_BYTES) != 0 ? bytes_le64(&b) : bytes_le32(&b);
	row->marks =
	    NETFLOW_HAS_FLAGS | ((flags & FLAG_SAMPLED) != 0 ? NETFLOW_SAMPLED : 0);
	if (b.bad)
		return NFDUMP_BROKEN;
	if (place == 0)
		return NFDUMP_NO_MAP;
	const struct nfdump_map *map = &m->v[place - 1];
	for (uint16_t i = 0; i < map->count; i++) {
		struct bytes e = bytes_sub(&b, extension_size[map->extension[i]]);
		if (e.bad)
			return NFDUMP_BROKEN;
		read_extension(e, map->extension[i], row);
	}
	settle(row);
	return NFDUMP_ROW;
}

/* ---- layout 2 ---- */

enum element {
	ELEMENT_GENERIC = 1,
	ELEMENT_IPV4 = 2,
	ELEMENT_IPV6 = 3,
	ELEMENT_MISC = 5,
	ELEMENT_COUNTS = 6,
	ELEMENT_VLAN = 7,
	ELEMENT_EVENT = 20,
};

static void read_generic(struct bytes *b, struct netflow_row *row)
{
	row->first = from_ms(bytes_le64(b));
	row->last = from_ms(bytes_le64(b));
	uint64_t received = bytes_le64(b);
	row->seen = received > 0 ? from_ms(received) : MOMENT_NONE;
	row->packets[0] = bytes_le64(b);
	row->bytes[0] = bytes_le64(b);
	row->port[0] = bytes_le16(b);
	row->port[1] = bytes_le16(b);
	row->proto = bytes_u8(b);
	row->flags[0] = bytes_u8(b);
}

static void read_misc(struct bytes *b, struct netflow_row *row)
{
	bytes_skip(b, 12);
	if (b->left < 2) /* written before nfdump 1.7.1 */
		return;
	uint8_t direction = bytes_u8(b), reason = bytes_u8(b);
	if (direction == BIFLOW_FORWARD)
		row->marks |= NETFLOW_SRC_OPENED;
	else if (direction == BIFLOW_BACKWARD)
		row->marks |= NETFLOW_DST_OPENED;
	if (reason == REASON_ENDED)
		row->marks |= NETFLOW_ENDED;
}

/* *has gets a bit for each element met that a row can not do without. */
static void read_element(
    uint16_t id, struct bytes b, struct netflow_row *row, unsigned *has)
{
	uint32_t vlan;
	switch (id) {
	case ELEMENT_GENERIC:
		read_generic(&b, row);
		*has |= b.bad ? 0 : 1;
		break;
	case ELEMENT_IPV4:
	case ELEMENT_IPV6:
		for (int i = 0; i < 2; i++)
			row->addr[i] = id == ELEMENT_IPV4 ? read_ipv4(&b) : read_ipv6(&b);
		*has |= b.bad ? 0 : 2;
		break;
	case ELEMENT_MISC:
		read_misc(&b, row);
		break;
	case ELEMENT_COUNTS:
		bytes_skip(&b, 8);
		row->out_packets = bytes_le64(&b);
		row->out_bytes = bytes_le64(&b);
		break;
	case ELEMENT_VLAN:
		vlan = bytes_le32(&b);
		row->vlan = vlan > 0 && vlan < 4096 ? (int32_t)vlan : -1;
		break;
	case ELEMENT_EVENT:
		if (row->first.ns == 0)
			row->first = row->last = from_ms(bytes_le64(&b));
		break;
	default:
		break;
	}
}

static enum nfdump_result read_v3(struct bytes b, struct netflow_row *row)
{
	unsigned has = 0;
	uint16_t elements = bytes_le16(&b);
	bytes_skip(&b, 2);
	row->exporter = bytes_le16(&b);
	uint8_t flags = bytes_u8(&b);
	bytes_skip(&b, 1);
	row->marks =
	    NETFLOW_HAS_FLAGS | ((flags & V3_SAMPLED) != 0 ? NETFLOW_SAMPLED : 0);
	for (uint16_t i = 0; i < elements && b.left >= 4; i++) {
		uint16_t id = bytes_le16(&b), size = bytes_le16(&b);
		if (size < 4 || size - 4U > b.left)
			return NFDUMP_BROKEN;
		read_element(id, bytes_sub(&b, size - 4U), row, &has);
	}
	if (b.bad)
		return NFDUMP_BROKEN;
	if (has != 3)
		return NFDUMP_OTHER;
	settle(row);
	return NFDUMP_ROW;
}

enum nfdump_result nfdump_record(
    struct bytes record, struct nfdump_maps *m, struct netflow_row *row)
{
	uint16_t type = bytes_le16(&record);
	bytes_skip(&record, 2);
	*row = (struct netflow_row){.vlan = -1, .seen = MOMENT_NONE};
	if (record.bad)
		return NFDUMP_BROKEN;
	if (type == TYPE_V3)
		return read_v3(record, row);
	if (type == TYPE_MAP)
		return read_map(record, m);
	if (type == TYPE_COMMON || type == TYPE_COMMON_0)
		return read_common(record, type, m, row);
	return NFDUMP_OTHER;
}
