/* SPDX-License-Identifier: Apache-2.0 */
#include "input/netflow_field.h"

#include <math.h>

#define REVERSE_ENTERPRISE 29305 /* RFC 5103 */
#define CERT_ENTERPRISE    6871  /* of YAF */
#define NTP_TO_UNIX        2208988800LL

#define UPTIME_WRAP_MS (1LL << 32)

#define REASON_ENDED 3 /* flowEndReason (RFC 5102, 5.11.3): FIN, RST or the like */

/* biflowDirection (RFC 5103, 6.3) */
#define BIFLOW_FORWARD  1
#define BIFLOW_BACKWARD 2

struct element {
	uint16_t id;
	uint8_t kind, back; /* back: of the reverse element; NETFLOW_SKIP: none */
};

#define ONE(id, KIND)                                                                    \
	{                                                                                \
		id, NETFLOW_##KIND, NETFLOW_SKIP                                         \
	}
#define TWO(id, KIND)                                                                    \
	{                                                                                \
		id, NETFLOW_##KIND, NETFLOW_##KIND##_BACK                                \
	}

// clang-format off
static const struct element elements[] = { /* by id */
	TWO(1, BYTES), TWO(2, PACKETS), ONE(4, PROTO), TWO(6, FLAGS), ONE(7, SRC_PORT),
	ONE(8, SRC4), ONE(11, DST_PORT), ONE(12, DST4), ONE(21, END_UPTIME),
	ONE(22, START_UPTIME), ONE(23, OUT_BYTES), ONE(24, OUT_PACKETS), ONE(27, SRC6),
	ONE(28, DST6), ONE(32, ICMP_BOTH), ONE(34, INTERVAL), ONE(48, SAMPLER),
	ONE(50, INTERVAL), ONE(58, VLAN), TWO(85, ALL_BYTES), TWO(86, ALL_PACKETS),
	ONE(136, END_REASON), ONE(139, ICMP_BOTH), ONE(150, START_S), ONE(151, END_S),
	ONE(152, START_MS), ONE(153, END_MS), ONE(154, START_US), ONE(155, END_US),
	ONE(156, START_NS), ONE(157, END_NS), ONE(158, START_AGO), ONE(159, END_AGO),
	ONE(160, BOOT_MS), ONE(161, LASTED_MS), ONE(162, LASTED_US), ONE(176, ICMP_TYPE),
	ONE(177, ICMP_CODE), ONE(178, ICMP_TYPE), ONE(179, ICMP_CODE), ONE(180, SRC_PORT),
	ONE(181, DST_PORT), ONE(182, SRC_PORT), ONE(183, DST_PORT), ONE(231, OPENER_BYTES),
	ONE(232, ANSWER_BYTES), ONE(233, FIREWALL), ONE(239, BIFLOW), ONE(243, VLAN),
	ONE(298, OPENER_PACKETS), ONE(299, ANSWER_PACKETS), ONE(302, SAMPLER),
	ONE(305, TAKEN), ONE(306, SPACE), ONE(309, SIZE), ONE(310, POPULATION),
	ONE(311, PROBABILITY), ONE(322, SEEN_S), ONE(323, SEEN_MS), ONE(324, SEEN_US),
	ONE(325, SEEN_NS), ONE(352, LINK_BYTES), ONE(353, LINK_BYTES),
	ONE(40005, FIREWALL), /* of Cisco's ASA before version 8.4 */
};

static const struct element cert_elements[] = {
	ONE(14, INITIAL), ONE(15, LATER), ONE(16398, INITIAL_BACK), ONE(16399, LATER_BACK),
};
// clang-format on

static const struct element *find(const struct element *v, size_t n, uint16_t id)
{
	size_t low = 0;
	while (low < n) {
		size_t middle = low + (n - low) / 2;
		if (v[middle].id == id)
			return &v[middle];
		if (v[middle].id < id)
			low = middle + 1;
		else
			n = middle;
	}
	return NULL;
}

enum netflow_kind netflow_kind_of(uint32_t enterprise, uint16_t element)
{
	const struct element *e = NULL;
	if (enterprise == CERT_ENTERPRISE)
		e = find(cert_elements, sizeof(cert_elements) / sizeof(*e), element);
	else if (enterprise == 0 || enterprise == REVERSE_ENTERPRISE)
		e = find(elements, sizeof(elements) / sizeof(*e), element);
	if (e == NULL)
		return NETFLOW_SKIP;
	return enterprise == REVERSE_ENTERPRISE ? e->back : e->kind;
}

void netflow_field_read(
    struct netflow_fields *f, enum netflow_kind kind, size_t n, struct bytes *record)
{
	const uint8_t *p = bytes_take(record, n);
	if (p == NULL || kind >= NETFLOW_KINDS)
		return;
	if (kind >= NETFLOW_NUMBER_KINDS) {
		bool v6 = kind == NETFLOW_SRC6 || kind == NETFLOW_DST6;
		if (n != (v6 ? 16 : 4))
			return;
		f->address[kind - NETFLOW_SRC4] = p;
	} else {
		uint64_t value = 0;
		if (n == 0 || n > sizeof(value))
			return;
		if (n == 4)
			value = load_be32(p);
		else if (n == 2)
			value = load_be16(p);
		else
			for (size_t i = 0; i < n; i++)
				value = value << 8 | p[i];
		/* A float (RFC 7011, 6.1.4) is wide or narrow; kept wide. */
		if (kind == NETFLOW_PROBABILITY && n == 4) {
			float narrow;
			double wide;
			memcpy(&narrow, &(uint32_t){(uint32_t)value}, sizeof(narrow));
			wide = (double)narrow;
			memcpy(&value, &wide, sizeof(value));
		}
		/* Of two fields for one thing (the port of UDP and of any protocol) the
		 * one that does not apply is zero. */
		if (value == 0 && netflow_has(f, kind))
			return;
		f->number[kind] = value;
	}
	f->seen |= 1ULL << kind;
}

static uint64_t number(const struct netflow_fields *f, enum netflow_kind kind)
{
	return netflow_has(f, kind) ? f->number[kind] : 0;
}

/* ---- ends ---- */

static bool all_zero(const uint8_t *p, size_t n)
{
	while (n > 0 && *p == 0) {
		p++;
		n--;
	}
	return n == 0;
}

/* Exporters that name both families leave the one that does not apply at zero. */
static bool take_ends(const struct netflow_fields *f, struct netflow_row *row)
{
	bool four = netflow_has(f, NETFLOW_SRC4) && netflow_has(f, NETFLOW_DST4);
	bool six = netflow_has(f, NETFLOW_SRC6) && netflow_has(f, NETFLOW_DST6);
	if (four && six)
		four = !(all_zero(f->address[0], 4) && all_zero(f->address[1], 4));
	if (!four && !six)
		return false;
	for (int i = 0; i < 2; i++)
		row->addr[i] =
		    four ? addr_from_v4(f->address[i]) : addr_from_v6(f->address[2 + i]);
	row->proto = (uint8_t)number(f, NETFLOW_PROTO);
	row->port[0] = (uint16_t)number(f, NETFLOW_SRC_PORT);
	row->port[1] = (uint16_t)number(f, NETFLOW_DST_PORT);
	return true;
}

/* ICMP: type and code have elements of their own, one for both, or stand where the
 * destination's port would (as NetFlow v5 has it). */
static void take_icmp(const struct netflow_fields *f, struct netflow_row *row)
{
	uint64_t both = row->port[1];
	if (row->proto != NETFLOW_PROTO_ICMP && row->proto != NETFLOW_PROTO_ICMPV6)
		return;
	if (netflow_has(f, NETFLOW_ICMP_TYPE))
		both = number(f, NETFLOW_ICMP_TYPE) << 8 |
		       (number(f, NETFLOW_ICMP_CODE) & 0xff);
	else if (netflow_has(f, NETFLOW_ICMP_BOTH))
		both = number(f, NETFLOW_ICMP_BOTH);
	row->port[0] = both >> 8 & 0xff;
	row->port[1] = both & 0xff;
}

/* ---- counts ---- */

/* The first of the kinds that the record has, up to NETFLOW_SKIP. */
static uint64_t first_of(const struct netflow_fields *f, const uint8_t *kinds)
{
	for (; *kinds != NETFLOW_SKIP; kinds++) {
		if (netflow_has(f, *kinds))
			return f->number[*kinds];
	}
	return 0;
}

static void take_counts(
    const struct netflow_fields *f, uint8_t version, struct netflow_row *row)
{
	static const uint8_t bytes[] = {NETFLOW_BYTES, NETFLOW_ALL_BYTES,
	    NETFLOW_OUT_BYTES, NETFLOW_LINK_BYTES, NETFLOW_SKIP};
	static const uint8_t packets[] = {
	    NETFLOW_PACKETS, NETFLOW_ALL_PACKETS, NETFLOW_OUT_PACKETS, NETFLOW_SKIP};
	static const uint8_t bytes_back[] = {
	    NETFLOW_BYTES_BACK, NETFLOW_ALL_BYTES_BACK, NETFLOW_SKIP};
	static const uint8_t packets_back[] = {
	    NETFLOW_PACKETS_BACK, NETFLOW_ALL_PACKETS_BACK, NETFLOW_SKIP};
	row->bytes[0] = first_of(f, bytes);
	row->packets[0] = first_of(f, packets);
	row->bytes[1] = first_of(f, bytes_back);
	row->packets[1] = first_of(f, packets_back);
	/* OUT next to IN is the way back for some (nProbe), for others the same packets
	 * on their way out: equal numbers are that, for the rest netflow_join.c finds
	 * out. */
	uint64_t out = number(f, NETFLOW_OUT_PACKETS);
	uint64_t out_bytes = number(f, NETFLOW_OUT_BYTES);
	if (version == 9 && netflow_has(f, NETFLOW_PACKETS) &&
	    (out != row->packets[0] || out_bytes != row->bytes[0])) {
		row->out_packets = out;
		row->out_bytes = out_bytes;
	}
	if (!netflow_has(f, NETFLOW_OPENER_BYTES))
		return;
	row->marks |= NETFLOW_HAS_PAYLOAD | NETFLOW_SRC_OPENED;
	row->payload[0] = number(f, NETFLOW_OPENER_BYTES);
	row->payload[1] = number(f, NETFLOW_ANSWER_BYTES);
	if (netflow_has(f, NETFLOW_OPENER_PACKETS)) {
		row->packets[0] = number(f, NETFLOW_OPENER_PACKETS);
		row->packets[1] = number(f, NETFLOW_ANSWER_PACKETS);
	}
}

static void take_flags(const struct netflow_fields *f, struct netflow_row *row)
{
	if (netflow_has(f, NETFLOW_INITIAL)) {
		row->initial[0] = (uint8_t)number(f, NETFLOW_INITIAL);
		row->initial[1] = (uint8_t)number(f, NETFLOW_INITIAL_BACK);
		row->flags[0] = row->initial[0] | (uint8_t)number(f, NETFLOW_LATER);
		row->flags[1] = row->initial[1] | (uint8_t)number(f, NETFLOW_LATER_BACK);
		row->marks |= NETFLOW_HAS_FLAGS;
	}
	if (netflow_has(f, NETFLOW_FLAGS)) {
		row->flags[0] |= (uint8_t)number(f, NETFLOW_FLAGS);
		row->flags[1] |= (uint8_t)number(f, NETFLOW_FLAGS_BACK);
		row->marks |= NETFLOW_HAS_FLAGS;
	}
	if (number(f, NETFLOW_END_REASON) == REASON_ENDED)
		row->marks |= NETFLOW_ENDED;
	uint64_t direction = number(f, NETFLOW_BIFLOW);
	if (direction == BIFLOW_FORWARD)
		row->marks |= NETFLOW_SRC_OPENED;
	else if (direction == BIFLOW_BACKWARD)
		row->marks |= NETFLOW_DST_OPENED;
}

/* ---- times ---- */

struct moment netflow_uptime(const struct netflow_when *when, uint32_t ms)
{
	if (when->has_uptime) {
		int32_t ago = (int32_t)(when->uptime - ms);
		return moment_add(when->exported, -(int64_t)ago * NS_PER_MS);
	}
	if (when->boot.ns == MOMENT_NONE.ns)
		return MOMENT_NONE;
	struct moment t = moment_add(when->boot, (int64_t)ms * NS_PER_MS);
	int64_t behind = moment_diff(t, when->exported) / NS_PER_MS;
	int64_t wraps = (behind + UPTIME_WRAP_MS / 2) / UPTIME_WRAP_MS;
	return wraps > 0 ? moment_add(t, wraps * UPTIME_WRAP_MS * NS_PER_MS) : t;
}

static int64_t apart(struct moment a, struct moment b)
{
	int64_t d = moment_diff(a, b);
	return d < 0 ? -d : d;
}

/* dateTimeMicroseconds and dateTimeNanoseconds are NTP time stamps (RFC 7011, 6.1.9);
 * some exporters count from 1970 instead. What is nearer to the export is meant. */
static struct moment from_ntp(uint64_t v, int64_t unit_ns, struct moment exported)
{
	int64_t fraction = (int64_t)((v & 0xffffffff) * (uint64_t)NS_PER_S >> 32);
	int64_t seconds = (int64_t)(v >> 32);
	struct moment best = moment_from(seconds - NTP_TO_UNIX, fraction);
	struct moment era = moment_from(seconds - NTP_TO_UNIX + (1LL << 32), fraction);
	uint64_t per_second = (uint64_t)(NS_PER_S / unit_ns);
	struct moment count =
	    moment_from((int64_t)(v / per_second), (int64_t)(v % per_second) * unit_ns);
	if (apart(era, exported) < apart(best, exported))
		best = era;
	if (apart(count, exported) < apart(best, exported))
		best = count;
	return best;
}

/* The time that the k-th kind of a row of kinds (uptime, s, ms, µs, ns, ago) says. */
static struct moment time_of(const struct netflow_fields *f,
    const struct netflow_when *when, const uint8_t kinds[static 6])
{
	for (int i = 5; i >= 0; i--) {
		if (!netflow_has(f, kinds[i]) || f->number[kinds[i]] == 0)
			continue;
		uint64_t v = f->number[kinds[i]];
		switch (i) {
		case 0:
			return netflow_uptime(when, (uint32_t)v);
		case 1:
			return moment_from((int64_t)(v & INT64_MAX), 0);
		case 2:
			return moment_from(
			    (int64_t)(v / 1000), (int64_t)(v % 1000) * NS_PER_MS);
		case 3:
			return from_ntp(v, NS_PER_US, when->exported);
		case 4:
			return from_ntp(v, 1, when->exported);
		default:
			return moment_add(
			    when->exported, -(int64_t)(v & UINT32_MAX) * NS_PER_US);
		}
	}
	return MOMENT_NONE;
}

static void take_times(const struct netflow_fields *f, const struct netflow_when *when,
    struct netflow_row *row)
{
	static const uint8_t start[] = {NETFLOW_START_UPTIME, NETFLOW_START_S,
	    NETFLOW_START_MS, NETFLOW_START_US, NETFLOW_START_NS, NETFLOW_START_AGO};
	static const uint8_t end[] = {NETFLOW_END_UPTIME, NETFLOW_END_S, NETFLOW_END_MS,
	    NETFLOW_END_US, NETFLOW_END_NS, NETFLOW_END_AGO};
	static const uint8_t seen[] = {NETFLOW_SKIP, NETFLOW_SEEN_S, NETFLOW_SEEN_MS,
	    NETFLOW_SEEN_US, NETFLOW_SEEN_NS, NETFLOW_SKIP};
	int64_t lasted = 0;
	if (netflow_has(f, NETFLOW_LASTED_MS))
		lasted = (int64_t)(f->number[NETFLOW_LASTED_MS] & UINT32_MAX) * NS_PER_MS;
	else if (netflow_has(f, NETFLOW_LASTED_US))
		lasted = (int64_t)(f->number[NETFLOW_LASTED_US] & UINT32_MAX) * NS_PER_US;
	row->seen = when->arrived.ns != 0 ? when->arrived : when->exported;
	row->first = time_of(f, when, start);
	row->last = time_of(f, when, end);
	if (row->last.ns == MOMENT_NONE.ns)
		row->last = time_of(f, when, seen);
	if (row->last.ns == MOMENT_NONE.ns)
		row->last = row->first.ns != MOMENT_NONE.ns
				? moment_add(row->first, lasted)
				: when->exported;
	if (row->first.ns == MOMENT_NONE.ns)
		row->first = moment_add(row->last, -lasted);
	if (row->first.ns > row->last.ns)
		row->last = row->first;
}

bool netflow_fields_row(const struct netflow_fields *f, const struct netflow_when *when,
    uint8_t version, struct netflow_row *row)
{
	*row = (struct netflow_row){.vlan = -1};
	if (!take_ends(f, row))
		return false;
	take_icmp(f, row);
	take_counts(f, version, row);
	take_flags(f, row);
	take_times(f, when, row);
	uint64_t vlan = number(f, NETFLOW_VLAN);
	if (vlan > 0 && vlan < 4096)
		row->vlan = (int32_t)vlan;
	return true;
}

uint64_t netflow_fields_interval(const struct netflow_fields *f)
{
	uint64_t taken = number(f, NETFLOW_TAKEN), size = number(f, NETFLOW_SIZE);
	if (taken > 0 && netflow_has(f, NETFLOW_SPACE)) {
		uint64_t space = number(f, NETFLOW_SPACE) & UINT32_MAX;
		return ((taken & UINT32_MAX) + space) / taken;
	}
	if (size > 0 && netflow_has(f, NETFLOW_POPULATION))
		return number(f, NETFLOW_POPULATION) / size;
	if (netflow_has(f, NETFLOW_PROBABILITY)) {
		double p;
		memcpy(&p, &f->number[NETFLOW_PROBABILITY], sizeof(p));
		return p > 1e-9 && p <= 1 ? (uint64_t)llround(1 / p) : 0;
	}
	/* Alone, the number of packets taken in a row is where some exporters put the
	 * interval. */
	if (taken > 0)
		return taken;
	return number(f, NETFLOW_INTERVAL);
}
