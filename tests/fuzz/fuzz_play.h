/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a fuzzer as a flow:
 *
 *     proto (odd: UDP) 1 | port 2 | pieces: side and kind 1 | length 2 | bytes …
 *
 * Of the byte before a piece bit 0 is the side, bit 1 cuts the piece short as a snap
 * length does, and with bit 7 it is a gap and not a piece.
 */
#ifndef DWELL_FUZZ_PLAY_H
#define DWELL_FUZZ_PLAY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../flow_stub.h"
#include "base/bytes.h"
#include "base/size.h"
#include "proto/proto.h"

#define PLAY_HEAD 3

/* Walk over every text of the record, so that a bad pointer shows. */
static void play_put(void *ctx, enum record_type type, const void *record)
{
	(void)ctx;
	const struct record_info *info = record_info(type);
	volatile size_t sum = 0;
	for (size_t i = 0; i < info->field_count; i++) {
		const void *at = (const char *)record + info->fields[i].offset;
		struct str_list one = {at, 1};
		if (info->fields[i].kind == FIELD_TEXTS)
			one = *(const struct str_list *)at;
		else if (info->fields[i].kind != FIELD_TEXT)
			continue;
		for (size_t k = 0; k < one.n; k++) {
			for (size_t n = 0; n < one.v[k].n; n++)
				sum += (unsigned char)one.v[k].p[n];
		}
	}
}

static void play_piece(struct flow_sink *s, struct flow *f, uint8_t what, struct bytes b)
{
	int side = what & 1;
	if ((what & 0x80) != 0) {
		s->gap(s->ctx, f, side, b.left);
		return;
	}
	uint8_t *exact = malloc(size_max(b.left, 1));
	if (exact == NULL)
		return;
	if (b.left > 0)
		memcpy(exact, b.pos, b.left);
	f->last = moment_add(f->last, NS_PER_MS);
	struct flow_data d = {
	    .p = exact, .n = b.left, .wire = b.left, .side = side, .ts = f->last};
	d.wire += (what & 2) != 0 ? 100 : 0;
	s->data(s->ctx, f, &d);
	free(exact);
}

static void play(struct proto *p, const uint8_t *data, size_t size)
{
	struct bytes b = bytes_over(data, size);
	struct flow_sink s = proto_flow_sink(p);
	struct flow flow = {.vlan = -1}, *f = &flow;
	f->proto = (bytes_u8(&b) & 1) != 0 ? IP_PROTO_UDP : IP_PROTO_TCP;
	f->addr[0] = addr_from_v4((const uint8_t *)"\x0a\0\0\1");
	f->addr[1] = addr_from_v4((const uint8_t *)"\x0a\0\0\2");
	f->port[0] = 40000;
	f->port[1] = bytes_be16(&b);
	s.open(s.ctx, f);
	while (b.left > 0) {
		uint8_t what = bytes_u8(&b);
		size_t n = bytes_be16(&b);
		play_piece(&s, f, what, bytes_sub(&b, size_min(n, b.left)));
	}
	s.close(s.ctx, f, FLOW_CLOSED);
}

/* Play the n bytes at begin (head and first pieces of a flow) and then the fuzzer's. */
static inline void play_begun(
    const char *begin, size_t n, const uint8_t *data, size_t size)
{
	struct record_sink sink = {play_put, NULL};
	struct proto_options options = {.sensor = "fuzz"};
	struct proto *p = proto_new(&options, &sink);
	uint8_t *all = malloc(n + size);
	if (p != NULL && all != NULL) {
		memcpy(all, begin, n);
		if (size > 0)
			memcpy(all + n, data, size);
		play(p, all, n + size);
	}
	free(all);
	proto_free(p);
}

#endif
