/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IP fragments to datagrams (RFC 791, RFC 815, RFC 8200 4.5, RFC 5722). A datagram is
 * known by its addresses, its id and, for IPv4, its protocol. Pieces are kept sorted and
 * never overlap: the first copy of a byte wins, as in Zeek, so that what was accepted
 * once can not be rewritten.
 *
 *     fragments   [0......)   [16....)  [8..............24)  last
 *     pieces      [0......)[8..16)[16....)                       second [16..24) is
 * compared only
 *
 * What it costs is bounded by the bytes given to defrag_new, tables and headers included;
 * when they are used up the oldest datagram goes. A datagram that is incomplete after
 * DEFRAG_TIMEOUT_NS of packet time is dropped.
 *
 * How the flow table uses it: a packet with PACKET_FRAGMENT goes to defrag_add and is not
 * accounted itself; each event of the result goes to the sink with a NULL flow; when the
 * result is complete, result.whole is accounted as one packet. This is what Zeek counts:
 * fragments 1460+1460+620 bytes long with 20 bytes of IP header each are one packet of
 * 3500 ip bytes, and the fragment header of IPv6 is not counted; fragments that never
 * complete are in no connection.
 */
#ifndef DWELL_FLOW_DEFRAG_H
#define DWELL_FLOW_DEFRAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/packet.h"
#include "flow/flow.h"

#define DEFRAG_DATAGRAM_MAX 65535 /* payload bytes of one (RFC 791, RFC 8200) */
#define DEFRAG_PIECES_MAX   256 /* pieces held of one datagram: 64 KiB at an MTU of 296 */
#define DEFRAG_TIMEOUT_NS   (30 * NS_PER_S) /* from a datagram's first fragment on */
#define DEFRAG_EVENT_GAP_NS NS_PER_S        /* evictions no further apart: one event */
#define DEFRAG_EVENTS_MAX   2               /* most events that one fragment can raise */

struct defrag_counters {
	uint64_t fragments; /* given to defrag_add */
	uint64_t datagrams; /* completed */
	uint64_t dropped; /* fragments that became part of no datagram, for any reason */
	uint64_t evicted; /* datagrams dropped because the bytes were used up */
	uint64_t timed_out;  /* datagrams dropped because they stayed incomplete */
	uint64_t over_limit; /* datagrams with too many pieces or that end past 65535 */
	uint64_t overlaps;   /* datagrams in which two fragments contradict each other */
};

struct defrag_result {
	bool complete;       /* whole is a datagram; else it is unset */
	struct packet whole; /* PACKET_REASSEMBLED; payload valid until the next call */
	size_t events;       /* how many of event[] are set */
	/*
	 * FLOW_FRAGMENT_OVERLAP, once a datagram: length is how many bytes of the
	 * fragment are not those of the first copy, since_other, other_ttl and
	 * other_ip_id are about the datagram's first fragment. FLOW_FRAGMENT_LIMIT: once
	 * for a datagram over a limit of its own, and at most once in DEFRAG_EVENT_GAP_NS
	 * for evictions; length is where the fragment ends.
	 */
	struct flow_event event[DEFRAG_EVENTS_MAX];
};

struct defrag;

/* A defragmenter that never holds more than bytes_max bytes; NULL only without memory. */
struct defrag *defrag_new(size_t bytes_max);

/*
 * Take a packet marked PACKET_FRAGMENT, whose bytes are copied, and say
 * what came of it. The datagram's time, source and offset are those of the
 * fragment that completed it, its ttl, vlan and options those of the
 * fragment at offset 0, its wire the sum over all. A fragment that the
 * snap length cut gives a datagram that is PACKET_TRUNCATED from there on.
 */
void defrag_add(
    struct defrag *d, const struct packet *fragment, struct defrag_result *result);

/* What happened so far; valid until defrag_free. */
const struct defrag_counters *defrag_counters(const struct defrag *d);

/* Bytes held now: never above bytes_max. */
size_t defrag_held(const struct defrag *d);

/* Free it and what it holds; NULL is fine. */
void defrag_free(struct defrag *d);

#endif
