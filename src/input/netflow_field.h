/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of a record of NetFlow v9 or IPFIX that dwell understands, and how a row is
 * made of them. Elements are those of the IANA registry "IPFIX Information Elements"
 * (RFC 7012), of which NetFlow v9's types (RFC 3954) are the first 127, their reverses
 * (RFC 5103), and some of Cisco's and CERT's.
 */
#ifndef DWELL_INPUT_NETFLOW_FIELD_H
#define DWELL_INPUT_NETFLOW_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "input/netflow_row.h"

// clang-format off

/* N(KIND): a number. What each is: netflow_field.c. */
#define NETFLOW_NUMBERS(N) \
	N(SRC_PORT) N(DST_PORT) N(PROTO) N(VLAN) \
	N(ICMP_BOTH) N(ICMP_TYPE) N(ICMP_CODE) \
	N(FLAGS) N(FLAGS_BACK) N(INITIAL) N(INITIAL_BACK) N(LATER) N(LATER_BACK) \
	N(BYTES) N(BYTES_BACK) N(PACKETS) N(PACKETS_BACK) \
	N(ALL_BYTES) N(ALL_BYTES_BACK) N(ALL_PACKETS) N(ALL_PACKETS_BACK) \
	N(OUT_BYTES) N(OUT_PACKETS) N(LINK_BYTES) \
	N(OPENER_BYTES) N(ANSWER_BYTES) N(OPENER_PACKETS) N(ANSWER_PACKETS) \
	N(START_UPTIME) N(END_UPTIME) N(START_S) N(END_S) N(START_MS) N(END_MS) \
	N(START_US) N(END_US) N(START_NS) N(END_NS) N(START_AGO) N(END_AGO) \
	N(BOOT_MS) N(LASTED_MS) N(LASTED_US) N(SEEN_S) N(SEEN_MS) N(SEEN_US) N(SEEN_NS) \
	N(SAMPLER) N(INTERVAL) N(TAKEN) N(SPACE) N(SIZE) N(POPULATION) N(PROBABILITY) \
	N(END_REASON) N(FIREWALL) N(BIFLOW)

// clang-format on

enum netflow_kind {
#define N(KIND) NETFLOW_##KIND,
	NETFLOW_NUMBERS(N)
#undef N
	    NETFLOW_NUMBER_KINDS,
	NETFLOW_SRC4 = NETFLOW_NUMBER_KINDS,
	NETFLOW_DST4,
	NETFLOW_SRC6,
	NETFLOW_DST6,
	NETFLOW_KINDS,
	NETFLOW_SKIP = NETFLOW_KINDS, /* not understood, or not of use */
};

_Static_assert(NETFLOW_SKIP < 64, "one bit of a word for each");

/* The fields of one record. */
struct netflow_fields {
	uint64_t seen; /* a bit for each kind */
	uint64_t number[NETFLOW_NUMBER_KINDS];
	const uint8_t *address[4]; /* from NETFLOW_SRC4 on; borrowed from the record */
};

/* Against which clocks a record's times are read. */
struct netflow_when {
	struct moment exported; /* time in the header */
	uint32_t uptime;        /* milliseconds since boot in the header; only with … */
	bool has_uptime;        /* v5 and v9 */
	struct moment boot;     /* as options data said; MOMENT_NONE: not known */
	struct moment arrived;  /* becomes the rows' seen, unless 0 */
};

/* The kind of an element, of the IANA registry for enterprise 0; NETFLOW_SKIP if none. */
enum netflow_kind netflow_kind_of(uint32_t enterprise, uint16_t element);

/* Take a field of that kind and n bytes out of the record; the cursor fails when there
 * are fewer. Numbers of no or more than 8 bytes count as not seen. */
void netflow_field_read(
    struct netflow_fields *f, enum netflow_kind kind, size_t n, struct bytes *record);

/* Whether the field was in the record. */
static inline bool netflow_has(const struct netflow_fields *f, enum netflow_kind kind)
{
	return f->seen >> kind & 1;
}

/* Make a row of a record's fields; false when they do not name two ends.
 * exporter, source, offset and sampling are the caller's. version: 9 or 10. */
bool netflow_fields_row(const struct netflow_fields *f, const struct netflow_when *when,
    uint8_t version, struct netflow_row *row);

/* The sampling interval that options data or a record speak of (RFC 5477, Cisco):
 * one of how many packets was looked at; 0: it speaks of none. */
uint64_t netflow_fields_interval(const struct netflow_fields *f);

/* A time stamp in milliseconds since boot. Wraps of 2^32 ms are taken so that
 * it is nearest to the export. MOMENT_NONE where boot is not known. */
struct moment netflow_uptime(const struct netflow_when *when, uint32_t ms);

#endif
