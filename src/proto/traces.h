/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Published traces of implants, as data: what a first payload, a datagram, a SYN or a
 * message of SMB1 looks like, and what has to come to it before it tells anything. One
 * trace a line (doc/format/traces.md):
 *
 *     NAME where=udp bytes=0:7255 unanswered=low repeat=medium callback=high source=URL
 *
 * Those that dwell knows stand in trace_table.h, in the same form; files add to them. A
 * packet that fits becomes a row of anomaly, of kind trace; detect/wire/implant.c weighs.
 *
 * On the path of packets only SYNs, first payloads, messages of SMB1 and ICMP are held
 * against them, and of those with a payload only against the traces whose first byte
 * fits: one load, and nearly always nothing more.
 */
#ifndef DWELL_PROTO_TRACES_H
#define DWELL_PROTO_TRACES_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/str.h"
#include "flow/flow.h"

#define TRACES_MAX      64 /* one bit each */
#define TRACE_TESTS_MAX 12 /* conditions of one trace */
#define TRACE_BYTES_MAX 16 /* bytes of one condition */
#define TRACE_NAME_MAX  32 /* its NUL included */
#define TRACE_LINE_MAX  1024
#define TRACE_FILE_MAX  65536 /* bytes of a file of traces */

enum trace_where {
	TRACE_SYN,    /* a SYN without ACK */
	TRACE_SYNACK, /* one with */
	TRACE_TCP,    /* first payload of a side, as long as no protocol was recognised */
	TRACE_UDP,    /* likewise: its first datagram */
	TRACE_ICMP,   /* any message of ICMP or ICMPv6; payload: behind the 8 bytes */
	TRACE_SMB1,   /* any message of SMB1, from FF 'SMB' on */
	TRACE_WHERES,
};

/* What makes a trace tell something, in the order of TRACE_FOLLOW_NAMES. */
enum trace_follow {
	TRACE_ALONE,      /* it stands alone */
	TRACE_UNANSWERED, /* nothing came back */
	TRACE_REPEAT,     /* at least twice from the same source to the same host */
	TRACE_CALLBACK,   /* the host opened a connection to the source soon after */
	TRACE_WITH,       /* another trace was in the same connection */
	TRACE_FOLLOWS,
};

struct traces;

/* What is held against the traces; everything is borrowed. */
struct trace_view {
	enum trace_where where;
	const struct flow *flow;
	int side;                    /* who sent it */
	const struct packet *packet; /* NULL: bytes of a stream */
	struct bytes data;           /* payload or message as far as it is there */
	size_t wire;                 /* its bytes on the wire */
	struct moment ts;            /* where and when */
	uint32_t source;
	uint64_t offset;
};

/* The traces that dwell knows; NULL only without memory. */
struct traces *traces_new(void);

/*
 * Add those of a file: text, n bytes. One of the same name takes the place of the older
 * one; "NAME off" takes it away. Negative with *e set: the file (named as such), the line
 * and what is wrong with it; none of its lines is in force then.
 */
int traces_add(
    struct traces *t, const char *file, const char *text, size_t n, struct error *e);

/* Free all; NULL is fine. */
void traces_free(struct traces *t);

/* They hold no pointers: their bytes can be copied, to memory of another process too. */
size_t traces_size(void);

/* Take the place of them by others, which may be such a copy. */
void traces_become(struct traces *t, const void *others);

/* How many there are, and the name of the i-th, which ends with it. */
size_t traces_count(const struct traces *t);
const char *traces_name(const struct traces *t, size_t i);

/* The first trace from number *i on that the view fits, with *i behind it; -1: none. */
int traces_match(const struct traces *t, const struct trace_view *v, size_t *i);

/* The detail of an anomaly row for trace i and the view; lives in the arena. */
struct str traces_detail(
    const struct traces *t, int i, const struct trace_view *v, struct arena *a);

/* Whether any trace may fit the payload whose first byte this is. */
bool traces_may(const struct traces *t, enum trace_where where, uint8_t first);

/* Whether the packet asks for TCP Fast Open (RFC 7413), which makes data in a SYN
 * ordinary. */
bool packet_fast_open(const struct packet *k);

#endif
