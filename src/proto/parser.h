/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a protocol is to the rest: one const struct proto_parser in a file of its
 * own, named in proto_table.h. proto.c probes the first bytes of a flow, gives it to
 * the parser that says yes, and turns what all parsers noted into the conn record.
 *
 * A parser reads hostile bytes. It uses only bounded cursors, holds at most its limits,
 * emits what it has understood before the bytes go wrong, and never fails the connection.
 */
#ifndef DWELL_PROTO_PARSER_H
#define DWELL_PROTO_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "flow/flow.h"
#include "proto/proto.h"
#include "record/anomaly.h"
#include "record/record.h"

enum transport { TRANSPORT_TCP = 1, TRANSPORT_UDP = 2 };

enum probe {
	PROBE_NO,   /* surely not */
	PROBE_MORE, /* can not tell from so few bytes (TCP only; asked again with more) */
	PROBE_YES,  /* so much alike that parsing may start */
};

enum parse_result {
	PARSE_OK,     /* give me more */
	PARSE_DONE,   /* all of interest was read; only close follows */
	PARSE_FAILED, /* these bytes are not my protocol (any more); only close follows */
};

/* Text fields that parsers leave for the conn record of their flow. */
enum note {
	NOTE_SNI,  /* TLS server name */
	NOTE_HOST, /* HTTP host */
	NOTE_JA3,
	NOTE_JA4,
	NOTES
};

struct names;
struct certs;
struct trace_view;
struct transfers;
struct expected;

struct link;

/* What a parser may use during one call; nothing of it may be kept, but flow. */
struct parse {
	struct flow *flow; /* NULL in link */
	struct moment ts;  /* of the data at hand; in close: of the last packet */
	uint32_t source;   /* where that data was read */
	uint64_t offset;
	struct arena *scratch; /* emptied after the call: texts of records live here */
	struct proto_counters *counters; /* of this parser */
	struct names *names;         /* which name led to which address (proto/names.h) */
	struct certs *certs;         /* certificates read before (proto/tls/certs.h) */
	struct transfers *transfers; /* files on their way (proto/shared/transfer.h);
					NULL: not wanted */
	struct proto *proto;
};

/* The bytes with which a side may begin, as pairs of the lowest and the highest one. */
#define PARSER_FIRST(...)                                                                \
	.first = (const uint8_t[]){__VA_ARGS__},                                         \
	.first_n = sizeof((const uint8_t[]){__VA_ARGS__})

/* The ports that are meant for the protocol. */
#define PARSER_PORTS(...)                                                                \
	.ports = (const uint16_t[])                                                      \
	{                                                                                \
		__VA_ARGS__, 0                                                           \
	}

struct proto_parser {
	const char *name;    /* also the word in conn.service */
	unsigned transports; /* of enum transport */
	/* What spares it useless probes (proto/dispatch/candidates.h). It is probed where
	 * the first byte is one of these (PARSER_FIRST; NULL: any) or one of the ports
	 * its own. */
	const uint8_t *first;
	size_t first_n;
	/* PARSER_PORTS; NULL: none. Other protocols that are found there are on another's
	 * port, which is an anomaly (odd_port). */
	const uint16_t *ports;
	bool ports_only; /* too little to be told by: probed on its own ports alone */
	/* Do the first bytes of this side look like
	 * the protocol? No state, no side effect. */
	enum probe (*probe)(const struct flow *f, int side, struct bytes first);
	size_t state_size; /* bytes of zeroed state for each flow; freed after close */
	/* The next bytes of a side (TCP, in order) or one datagram. */
	enum parse_result (*data)(
	    struct parse *x, void *state, const struct flow_data *d);
	/* n bytes of a side are missing here (TCP).
	 * NULL: the parser ends at the first gap. */
	enum parse_result (*gap)(struct parse *x, void *state, int side, uint64_t n);
	/* A protocol that goes without IP: its EtherType (flow/link.h), and what reads
	 * a frame of it, which has no flow and no state. 0, NULL: it has none. */
	uint16_t ethertype;
	void (*link)(struct parse *x, const struct link *l);
	/* Emit what is still open and free what the state owns. Never NULL. */
	void (*close)(struct parse *x, void *state);
	/* Bytes that the state owns besides itself (buffers, lists),
	 * so that all parsers together stay within a limit. NULL: it never owns any. */
	size_t (*held)(const void *state);
};

/* Emit a record. Fills in nothing: see parse_endpoints and parse_source. */
void parse_emit(struct parse *x, enum record_type type, const void *record);

/* Set src_ip, src_port, dst_ip, dst_port of any record struct that has them. */
#define parse_endpoints(x, r)                                                            \
	((r)->src_ip = (x)->flow->addr[0], (r)->src_port = (x)->flow->port[0],           \
	    (r)->dst_ip = (x)->flow->addr[1], (r)->dst_port = (x)->flow->port[1])

/* Set sensor, source and source_offset of any record struct that has them. */
#define parse_source(x, r)                                                               \
	((r)->sensor = parse_sensor(x),                                                  \
	    (r)->source = parse_source_name((x), (x)->source),                           \
	    (r)->source_offset = (x)->offset)

/* The same, of the place that was marked in *from. */
#define parse_source_of(x, r, from)                                                      \
	((r)->sensor = parse_sensor(x),                                                  \
	    (r)->source = parse_source_name((x), (from)->source),                        \
	    (r)->source_offset = (from)->offset)

/* Mark in *at (its ts, source and offset) when and where the bytes at hand are. */
#define parse_mark(x, at)                                                                \
	((at)->ts = (x)->ts, (at)->source = (x)->source, (at)->offset = (x)->offset)

/* Name of the sensor; borrowed. */
struct str parse_sensor(const struct parse *x);
struct str parse_source_name(const struct parse *x, uint32_t source);

/* The protocol is certain: its name goes into conn.service.
 * Call again as often as you like. */
void parse_confirm(struct parse *x);

/* A further word for conn.service, for what the protocol carries inside ("ntlm"); static
 * text, SERVICE_WORDS_MAX of them at most for one flow. */
void parse_service(struct parse *x, const char *word);

/*
 * The rest of the flow, both sides, is another protocol: that of the parser with this
 * name (STARTTLS: "ssl"), or with NULL whatever the bytes that follow look like (a
 * proxy's tunnel). Of the data at hand the last rest bytes belong to it already. Takes
 * effect when data returns, whose result does not count then; the parser is closed first.
 * Not from gap or close.
 */
void parse_hand_over(struct parse *x, const char *name, size_t rest);

/* Announce a connection that is still to come (proto/expect.h); space and since are
 * filled in here. The ticket that stands for it. */
uint64_t parse_expect(struct parse *x, struct expected *what, uint64_t before);

/* The announcement with that ticket, to read and write during the call; NULL: there is
 * none any more. */
struct expected *parse_expected(struct parse *x, uint64_t ticket);

/* The ticket of the announcement that this flow fulfils; 0: none. */
uint64_t parse_ticket(const struct parse *x);

/* Leave a text for the conn record; the first one given for a note stays. Copied. */
void parse_note(struct parse *x, enum note note, struct str text);

/* Hold what a parser has at hand against the traces (proto/traces.h), and emit a row for
 * each that fits; flow, time and place are filled in here. */
void parse_trace(struct parse *x, struct trace_view *v);

/* Emit an anomaly record about the flow, of the moment ts; detail is borrowed. */
void parse_anomaly(
    struct parse *x, struct moment ts, enum anomaly_kind kind, struct str detail);

/* Emit an anomaly record of kind protocol_error
 * for this parser: what is one short phrase. */
void parse_error(struct parse *x, int side, const char *what);

#endif
