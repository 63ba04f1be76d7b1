/* SPDX-License-Identifier: Apache-2.0 */
/* Inside proto/traces*.c only: what a trace is when it has been read. */
#ifndef DWELL_PROTO_TRACES_STATE_H
#define DWELL_PROTO_TRACES_STATE_H

#include "proto/traces.h"

/* What a condition looks at, named in the order of field_names (traces_read.c). */
enum trace_field {
	FIELD_BYTES,       /* of the payload */
	FIELD_OPTIONS_ALL, /* the TCP options, all of them */
	FIELD_LEN,
	FIELD_SPORT,
	FIELD_DPORT,
	FIELD_SIDE,
	FIELD_ICMP_TYPE,
	FIELD_ICMP_ID,
	FIELD_ICMP_SEQ,
	FIELD_SEQ_ACK, /* sequence less acknowledgement number, modulo 2^32 */
	FIELD_ACK_SEQ,
	FIELD_WINDOW,
	FIELD_URGENT,
	FIELD_FAST_OPEN,
	TRACE_FIELDS,
};

struct trace_test {
	uint8_t field; /* enum trace_field */
	uint8_t n;     /* of value */
	int16_t at;    /* negative: from the end */
	uint8_t value[TRACE_BYTES_MAX], mask[TRACE_BYTES_MAX];
	uint32_t low, high; /* of a number, both included */
};

struct trace {
	char name[TRACE_NAME_MAX];
	uint8_t where;                /* enum trace_where */
	int8_t follow[TRACE_FOLLOWS]; /* 0 none, 1 low, 2 medium, 3 high */
	uint8_t tests;
	struct trace_test test[TRACE_TESTS_MAX];
	char with[TRACE_NAME_MAX];
	char source[160];
};

struct traces {
	size_t n;
	struct trace v[TRACES_MAX];
	uint64_t by_where[TRACE_WHERES];
	uint64_t by_byte[TRACE_WHERES][256]; /* of a payload, by its first byte */
};

/* Names of enum trace_where, of enum trace_follow and of a confidence (0: absent);
 * static. */
const char *trace_where_name(int where);
const char *trace_follow_name(int follow);
const char *trace_confidence_name(int confidence);

/* Read one line; false with *what set to what is wrong (static). An empty line or a
 * comment gives a trace without a name; "NAME off" one without tests. */
bool trace_read(struct str line, struct trace *t, const char **what);

#endif
