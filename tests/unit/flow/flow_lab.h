/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hand-made packets for the flow table, and a sink that writes down what the table says:
 *   data: "0<hello>" for 5 bytes of side 0, "[3]" for a gap of 3 bytes, one string per
 * flow table; every closed flow's state, history and counts, in order of closing.
 */
#ifndef DWELL_TEST_FLOW_LAB_H
#define DWELL_TEST_FLOW_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/flow.h"

#define LAB_CLOSED_MAX  4096
#define LAB_EVENTS_MAX  256
#define LAB_TUNNELS_MAX 8

struct lab_closed {
	struct flow f;
	char state[8], history[FLOW_HISTORY_MAX + 1];
	enum flow_close why;
};

struct lab {
	struct flow_table *t;
	char text[8192]; /* what the sides said */
	size_t used;
	unsigned opened;
	unsigned closed_n;
	struct lab_closed closed[LAB_CLOSED_MAX];
	unsigned events_n;
	struct flow_event events[LAB_EVENTS_MAX];
	unsigned tunnels_n;
	struct flow_tunnel tunnels[LAB_TUNNELS_MAX];
	uint64_t bytes[2], gaps[2];
	double clock; /* seconds; the next packet's time */
	int client_port;
};

static inline void lab_write(struct lab *l, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(l->text + l->used, sizeof(l->text) - l->used, format, args);
	va_end(args);
	l->used += (size_t)n;
	if (l->used >= sizeof(l->text))
		l->used = sizeof(l->text) - 1;
}

static inline void lab_open(void *ctx, struct flow *f)
{
	struct lab *l = ctx;
	f->user = l;
	l->opened++;
}

static inline void lab_data(void *ctx, struct flow *f, const struct flow_data *d)
{
	struct lab *l = ctx;
	assert_ptr_equal(f->user, l);
	assert_true(d->n <= d->wire);
	l->bytes[d->side] += d->n;
	lab_write(l, "%d<%.*s>", d->side, (int)d->n, (const char *)d->p);
}

static inline void lab_gap(void *ctx, struct flow *f, int side, uint64_t n)
{
	struct lab *l = ctx;
	assert_ptr_equal(f->user, l);
	l->gaps[side] += n;
	lab_write(l, "%d[%llu]", side, (unsigned long long)n);
}

static inline void lab_event(void *ctx, struct flow *f, const struct flow_event *e)
{
	struct lab *l = ctx;
	(void)f;
	if (l->events_n < LAB_EVENTS_MAX)
		l->events[l->events_n] = *e;
	l->events_n++;
}

static inline void lab_close(void *ctx, struct flow *f, enum flow_close why)
{
	struct lab *l = ctx;
	assert_true(l->closed_n < LAB_CLOSED_MAX);
	struct lab_closed *c = &l->closed[l->closed_n++];
	c->f = *f;
	c->why = why;
	snprintf(c->state, sizeof(c->state), "%s", flow_state(f));
	snprintf(c->history, sizeof(c->history), "%s", flow_history(f));
}

static inline void lab_tunnel(void *ctx, const struct flow_tunnel *t)
{
	struct lab *l = ctx;
	if (l->tunnels_n < LAB_TUNNELS_MAX)
		l->tunnels[l->tunnels_n] = *t;
	l->tunnels_n++;
}

static inline struct lab *lab_new(const struct flow_limits *limits)
{
	struct lab *l = test_calloc(1, sizeof(*l));
	const struct flow_sink sink = {
	    lab_open, lab_data, lab_gap, lab_event, lab_close, lab_tunnel, NULL, l};
	l->t = flow_table_new(limits != NULL ? limits : &flow_limits_default, &sink);
	assert_non_null(l->t);
	l->clock = 1000.0;
	l->client_port = 40000;
	return l;
}

static inline void lab_free(struct lab *l)
{
	flow_table_free(l->t);
	test_free(l);
}

/* A packet from client (side 0) or server (side 1)
 * of 10.0.0.1:client_port - 10.0.0.2:80. */
static inline struct packet lab_packet(struct lab *l, int side, uint8_t proto)
{
	static const uint8_t a[4] = {10, 0, 0, 1}, b[4] = {10, 0, 0, 2};
	struct packet p = {.proto = proto, .ttl = 64, .vlan = -1, .vlan_inner = -1};
	p.ts = moment_from_us((int64_t)(l->clock * 1e6 + 0.5));
	p.src = addr_from_v4(side == 0 ? a : b);
	p.dst = addr_from_v4(side == 0 ? b : a);
	p.src_port = (uint16_t)(side == 0 ? l->client_port : 80);
	p.dst_port = (uint16_t)(side == 0 ? 80 : l->client_port);
	p.ip_bytes = 20;
	p.window = 1000;
	return p;
}

static inline struct packet lab_segment(struct lab *l, int side, const char *flags,
    uint32_t seq, uint32_t ack, const char *data)
{
	struct packet p = lab_packet(l, side, IP_PROTO_TCP);
	for (; *flags != '\0'; flags++) {
		static const char letters[] = "FSRPAU";
		p.tcp_flags |= (uint8_t)(1U << (strchr(letters, *flags) - letters));
	}
	p.seq = seq;
	p.ack = ack;
	p.payload = (const uint8_t *)data;
	p.captured = p.length = (uint32_t)strlen(data);
	p.ip_bytes = 40 + p.length;
	return p;
}

static inline void lab_put(struct lab *l, const struct packet *p)
{
	flow_table_packets(l->t, p, 1);
	l->clock += 0.001;
}

/* Send a segment: its flags as letters of FSRPAU. */
static inline void seg(struct lab *l, int side, const char *flags, uint32_t seq,
    uint32_t ack, const char *data)
{
	struct packet p = lab_segment(l, side, flags, seq, ack, data);
	lab_put(l, &p);
}

/* Three-way handshake; the sides begin at 100 and 500, so data begins at 101 and 501. */
static inline void shake(struct lab *l)
{
	seg(l, 0, "S", 100, 0, "");
	seg(l, 1, "SA", 500, 101, "");
	seg(l, 0, "A", 101, 501, "");
}

/* End the input; the one flow there is. */
static inline const struct lab_closed *only(struct lab *l)
{
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 1);
	return &l->closed[0];
}

static inline void expect(struct lab *l, const char *state, const char *history)
{
	const struct lab_closed *c = only(l);
	assert_string_equal(c->state, state);
	assert_string_equal(c->history, history);
}

#endif
