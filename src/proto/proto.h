/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flow's bytes to records. Protocols are found by content on any port;
 * each is one file and one line of proto_table.h. Whatever a parser makes
 * of the bytes, the connection itself always becomes a conn record.
 */
#ifndef DWELL_PROTO_PROTO_H
#define DWELL_PROTO_PROTO_H

#include <stdint.h>

#include "flow/flow.h"
#include "flow/link.h"
#include "record/record.h"

struct traces;

/* What all flows together may hold. */
struct proto_limits {
	size_t analyses;   /* bytes of analyses and the states of parsers */
	size_t names;      /* pairs (client, address) with their names (proto/names.h) */
	size_t name_bytes; /* of these names */
};

extern const struct proto_limits proto_limits_default;

/* How often the limits told. */
struct proto_pressure {
	uint64_t unread;    /* times that there was no room to read what a flow says */
	uint64_t forgotten; /* names */
};

struct proto_options {
	const char *sensor; /* borrowed */
	/* The name of source i (a frame's source),
	 * borrowed for as long as proto lives. */
	const char *(*source_name)(void *ctx, uint32_t i);
	void *source_ctx;
	/* Traces of implants (proto/traces.h), borrowed for as long; NULL: those that
	 * dwell knows. */
	const struct traces *traces;
	const struct proto_limits *limits; /* copied; NULL: the default */
};

/* Messages by outcome, for one protocol. */
struct proto_counters {
	uint64_t understood, truncated, malformed, unsupported, over_limit;
};

struct proto;

/* Sends its records to sink (copied); NULL only without memory. */
struct proto *proto_new(
    const struct proto_options *options, const struct record_sink *sink);

/* The sink to give to a flow table; valid until proto_free. */
struct flow_sink proto_flow_sink(struct proto *p);

/* A frame without IP, for the protocols of its EtherType. */
void proto_link(struct proto *p, const struct link *l);

/* Number of protocols, and the name and counters of the i-th. */
size_t proto_count(void);
const char *proto_name(size_t i);
const struct proto_counters *proto_counters(const struct proto *p, size_t i);

/* How often its limits told so far. */
struct proto_pressure proto_pressure(const struct proto *p);

/* Free all; flows must be closed. NULL is fine. */
void proto_free(struct proto *p);

#endif
