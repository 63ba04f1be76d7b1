/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays a flow to the protocols by hand: a struct flow, data for its sides, and the
 * records that come out as lines of JSON, which tests look through.
 */
#ifndef DWELL_TEST_PROTO_PLAY_H
#define DWELL_TEST_PROTO_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../flow_stub.h"
#include "flow/conn.h"
#include "proto/proto.h"
#include "record/json.h"

struct play {
	struct proto *proto;
	struct flow_sink sink;
	union { /* the public part comes first in the private one */
		struct flow flow;
		struct conn conn;
	};
	FILE *out;
	char *text; /* the records so far, one a line */
	size_t text_n;
	size_t records[RECORD_TYPES];
};

static void play_put(void *ctx, enum record_type type, const void *record)
{
	struct play *p = ctx;
	p->records[type]++;
	record_json(p->out, type, record);
	fflush(p->out);
}

static const char *play_source(void *ctx, uint32_t i)
{
	(void)ctx;
	return i == 0 ? "one.pcap" : "two.pcap";
}

/* A new flow 10.0.0.1:40000 → 10.0.0.2:port; close the one before first. */
static void play_flow(struct play *p, uint8_t proto, uint16_t port)
{
	static const uint8_t src[4] = {10, 0, 0, 1}, dst[4] = {10, 0, 0, 2};
	p->conn = (struct conn){.kind = CONN_UDP}; /* without the state of TCP */
	p->flow = (struct flow){
	    .addr = {addr_from_v4(src), addr_from_v4(dst)},
	    .port = {40000, port},
	    .proto = proto,
	    .first = moment_from(1000, 0),
	    .last = moment_from(1000, 0),
	    .vlan = -1,
	};
	p->sink.open(p->sink.ctx, &p->flow);
}

static struct play *play_start(uint8_t proto, uint16_t port)
{
	struct play *p = calloc(1, sizeof(*p));
	assert_non_null(p);
	p->out = open_memstream(&p->text, &p->text_n);
	assert_non_null(p->out);
	fflush(p->out);
	struct record_sink sink = {play_put, p};
	struct proto_options options = {.sensor = "here", .source_name = play_source};
	p->proto = proto_new(&options, &sink);
	assert_non_null(p->proto);
	p->sink = proto_flow_sink(p->proto);
	play_flow(p, proto, port);
	return p;
}

/* One side sends n bytes (or a datagram), a millisecond after what was before. */
static void play_send(struct play *p, int side, const void *bytes, size_t n)
{
	uint8_t *exact =
	    malloc(n > 0 ? n : 1); /* so that a sanitizer sees an over-read */
	assert_non_null(exact);
	if (n > 0)
		memcpy(exact, bytes, n);
	p->flow.last = moment_add(p->flow.last, NS_PER_MS);
	p->flow.side[side].packets++;
	p->flow.side[side].bytes += n;
	struct flow_data d = {
	    .p = exact, .n = n, .wire = n, .side = side, .ts = p->flow.last};
	p->sink.data(p->sink.ctx, &p->flow, &d);
	free(exact);
}

/* Hexadecimal digits, spaces left out, as bytes; how many. */
static inline size_t play_unhex(const char *text, uint8_t *out, size_t room)
{
	size_t n = 0;
	unsigned v;
	for (; sscanf(text, " %2x", &v) == 1; n++) {
		assert_true(n < room);
		out[n] = (uint8_t)v;
		text += strspn(text, " ") + 2;
	}
	return n;
}

/* The same for what a side sends. Not inlined: a test that calls it often would need the
 * room as often on its stack. */
static __attribute__((noinline, unused)) void play_hex(
    struct play *p, int side, const char *text)
{
	uint8_t bytes[4096];
	play_send(p, side, bytes, play_unhex(text, bytes, sizeof(bytes)));
}

/* The same for each beginning of it, each in a flow of its own, so that a sanitizer sees
 * over-reads wherever it is cut. */
static inline void play_cuts(
    struct play *p, uint8_t proto, uint16_t port, const char *text)
{
	uint8_t bytes[4096];
	size_t n = play_unhex(text, bytes, sizeof(bytes));
	for (size_t i = 0; i < n; i++) {
		p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
		play_flow(p, proto, port);
		play_send(p, 0, bytes, i);
		play_send(p, 1, bytes, i);
	}
}

/* The counters of the protocol of that name. */
static inline const struct proto_counters *play_counters(
    const struct play *p, const char *name)
{
	size_t i = 0;
	while (i + 1 < proto_count() && strcmp(proto_name(i), name) != 0)
		i++;
	return proto_counters(p->proto, i);
}

static void play_close(struct play *p)
{
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
}

/* How often the text stands in the records so far. */
static int play_count(const struct play *p, const char *text)
{
	int n = 0;
	for (const char *at = p->text; at != NULL && (at = strstr(at, text)) != NULL;
	     at++)
		n++;
	return n;
}

#define play_assert(p, wanted)                                                           \
	do {                                                                             \
		if (play_count(p, wanted) == 0)                                          \
			fail_msg("no %s in %s", wanted, (p)->text);                      \
	} while (0)

static void play_end(struct play *p)
{
	proto_free(p->proto);
	fclose(p->out);
	free(p->text);
	free(p);
}

#endif
