/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pieces FOLDER CAPTURE...: the flows of captures as inputs of the fuzz targets, for
 * tests/fuzz/long. A flow goes to FOLDER/WORD/ for each word of its conn.service, as
 * fuzz_play.h has it, without the head of the flow; to FOLDER/proto/ with it; and its
 * datagrams one by one to FOLDER/WORD.datagram/. A file is named by its content.
 *
 *     flow table ─▶ keeps the first bytes ─▶ protocols ─▶ conn: which words it has
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/size.h"
#include "decode/decode.h"
#include "flow/flow.h"
#include "input/input.h"
#include "proto/proto.h"

#define KEPT_MAX   8192 /* bytes of a flow that are kept */
#define PIECE_HEAD 3

struct held {
	void *user; /* the protocols' own */
	size_t n;
	uint8_t bytes[KEPT_MAX];
};

struct pieces {
	const char *folder;
	struct flow_sink to;
	struct flow_table *flows;
	char service[256]; /* of the connection that has just closed */
	struct packet packets[FRAME_BATCH_MAX];
};

static void put_file(const struct pieces *p, const char *word, const uint8_t *b, size_t n)
{
	char path[1024];
	uint64_t digest = UINT64_C(14695981039346656037); /* FNV-1a */
	for (size_t i = 0; i < n; i++)
		digest = (digest ^ b[i]) * UINT64_C(1099511628211);
	int room = snprintf(path, sizeof(path), "%s/%s", p->folder, word);
	if (room < 0 || (mkdir(path, 0777) != 0 && errno != EEXIST))
		return;
	snprintf(path, sizeof(path), "%s/%s/%016llx", p->folder, word,
	    (unsigned long long)digest);
	FILE *f = fopen(path, "wb");
	if (f == NULL)
		return;
	fwrite(b, 1, n, f);
	fclose(f);
}

static void put_datagrams(const struct pieces *p, const char *word, const struct held *h)
{
	char name[300];
	struct bytes b = bytes_over(h->bytes, h->n);
	snprintf(name, sizeof(name), "%s.datagram", word);
	for (int i = 0; b.left > PIECE_HEAD && i < 4; i++) {
		bool gap = (bytes_u8(&b) & 0x80) != 0;
		struct bytes piece = bytes_sub(&b, bytes_be16(&b));
		if (!gap && piece.left > 0)
			put_file(p, name, piece.pos, piece.left);
	}
}

static void keep(struct held *h, unsigned what, const uint8_t *p, size_t n)
{
	if (sizeof(h->bytes) - h->n < PIECE_HEAD + 1)
		return;
	n = size_min(n, sizeof(h->bytes) - h->n - PIECE_HEAD);
	h->bytes[h->n] = (uint8_t)what;
	h->bytes[h->n + 1] = (uint8_t)(n >> 8);
	h->bytes[h->n + 2] = (uint8_t)n;
	if (n > 0)
		memcpy(h->bytes + h->n + PIECE_HEAD, p, n);
	h->n += PIECE_HEAD + n;
}

/* What the flow holds is ours between the calls, and the protocols' during one. */
static struct held *lend(struct flow *f)
{
	struct held *h = f->user;
	f->user = h->user;
	return h;
}

static void take_back(struct flow *f, struct held *h)
{
	h->user = f->user;
	f->user = h;
}

static void on_open(void *ctx, struct flow *f)
{
	struct pieces *p = ctx;
	struct held *h = calloc(1, sizeof(*h));
	if (h == NULL)
		abort();
	p->to.open(p->to.ctx, f);
	take_back(f, h);
}

static void on_data(void *ctx, struct flow *f, const struct flow_data *d)
{
	struct pieces *p = ctx;
	struct held *h = lend(f);
	keep(h, (d->side & 1) | (d->wire > d->n ? 2u : 0), d->p, d->n);
	p->to.data(p->to.ctx, f, d);
	take_back(f, h);
}

static void on_gap(void *ctx, struct flow *f, int side, uint64_t n)
{
	struct pieces *p = ctx;
	struct held *h = lend(f);
	static const uint8_t zeros[64];
	keep(h, 0x80 | (unsigned)side, zeros, size_min((size_t)n, sizeof(zeros)));
	p->to.gap(p->to.ctx, f, side, n);
	take_back(f, h);
}

static void on_event(void *ctx, struct flow *f, const struct flow_event *e)
{
	struct pieces *p = ctx;
	struct held *h = f != NULL ? lend(f) : NULL;
	p->to.event(p->to.ctx, f, e);
	if (f != NULL)
		take_back(f, h);
}

static void on_close(void *ctx, struct flow *f, enum flow_close why)
{
	struct pieces *p = ctx;
	struct held *h = lend(f);
	p->service[0] = 0;
	p->to.close(p->to.ctx, f, why);
	uint8_t whole[PIECE_HEAD + KEPT_MAX] = {
	    f->proto == IP_PROTO_UDP, (uint8_t)(f->port[1] >> 8), (uint8_t)f->port[1]};
	memcpy(whole + PIECE_HEAD, h->bytes, h->n);
	char *rest = NULL;
	for (char *word = strtok_r(p->service, ",", &rest); word != NULL;
	     word = strtok_r(NULL, ",", &rest)) {
		put_file(p, word, h->bytes, h->n);
		put_file(p, "proto", whole, PIECE_HEAD + h->n);
		if (f->proto == IP_PROTO_UDP)
			put_datagrams(p, word, h);
	}
	free(h);
}

static void on_tunnel(void *ctx, const struct flow_tunnel *t)
{
	struct pieces *p = ctx;
	p->to.tunnel(p->to.ctx, t);
}

static void on_record(void *ctx, enum record_type type, const void *record)
{
	struct pieces *p = ctx;
	if (type != RECORD_CONN)
		return;
	const struct conn_record *c = record;
	snprintf(p->service, sizeof(p->service), "%.*s", STR_ARG(c->service));
}

static bool on_frames(void *ctx, const struct frame *v, size_t n)
{
	struct pieces *p = ctx;
	size_t packets = 0;
	for (size_t i = 0; i < n; i++)
		packets += decode_frame(&v[i], &p->packets[packets]) == DECODE_OK;
	if (packets > 0)
		flow_table_packets(p->flows, p->packets, packets);
	return true;
}

static void on_issue(void *ctx, const struct input_issue *issue)
{
	(void)ctx;
	(void)issue;
}

static const char *source_name(void *ctx, uint32_t i)
{
	(void)ctx;
	(void)i;
	return "";
}

int main(int argc, char **argv)
{
	static const uint8_t secret[INPUT_SECRET_BYTES];
	struct issue_sink issues = {on_issue, NULL};
	struct pieces *p = calloc(1, sizeof(*p));
	struct input *in = input_new(secret, &issues);
	if (argc < 3 || p == NULL || in == NULL)
		return 4;
	p->folder = argv[1];
	for (int i = 2; i < argc; i++)
		input_add(in, argv[i]);
	input_plan(in);
	struct record_sink records = {on_record, p};
	struct proto_options options = {.sensor = "fuzz", .source_name = source_name};
	struct proto *proto = proto_new(&options, &records);
	if (proto == NULL)
		return 4;
	p->to = proto_flow_sink(proto);
	struct flow_sink flows = {
	    on_open, on_data, on_gap, on_event, on_close, on_tunnel, NULL, p};
	p->flows = flow_table_new(&flow_limits_default, &flows);
	if (p->flows == NULL)
		return 4;
	struct frame_sink frames = {on_frames, p};
	input_run(in, &frames);
	flow_table_finish(p->flows);
	flow_table_free(p->flows);
	proto_free(proto);
	input_free(in);
	free(p);
	return 0;
}
