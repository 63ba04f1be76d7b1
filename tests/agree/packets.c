/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one capture and prints a line for each
 * frame, in the file's order, for decode_agree.py:
 *
 *     outcome src dst proto ttl id marks src_port dst_port seq flags length vlan inner
 * link
 *
 * with spaces between; only the outcome and the
 * link type where that is not 0 (DECODE_OK). With
 * --inner, for tunnel_agree.py, instead:
 *
 *     outcome marks src dst [src dst of the packet inside]...
 *
 * The marks are those of the innermost packet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/tunnel.h"
#include "input/input.h"

static void print(const struct frame *f)
{
	struct packet p;
	enum decode_outcome outcome = decode_frame(f, &p);
	if (outcome != DECODE_OK) {
		printf("%d %d\n", (int)outcome, f->link);
		return;
	}
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX];
	addr_text(&p.src, src);
	addr_text(&p.dst, dst);
	printf("0 %s %s %u %u %u %u %u %u %u %u %u %d %d %d\n", src, dst, p.proto, p.ttl,
	    p.ip_id, p.marks, p.src_port, p.dst_port, p.seq, p.tcp_flags, p.length,
	    p.vlan, p.vlan_inner, f->link);
}

static void print_ends(const struct packet *p)
{
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX];
	addr_text(&p->src, src);
	addr_text(&p->dst, dst);
	printf(" %s %s", src, dst);
}

static void print_inner(const struct frame *f)
{
	struct packet chain[TUNNEL_DEPTH_MAX + 1];
	struct tunnel_header h;
	enum decode_outcome outcome = decode_frame(f, &chain[0]);
	size_t n = outcome == DECODE_OK;
	while (n > 0 && n <= TUNNEL_DEPTH_MAX && (chain[n - 1].marks & PACKET_TUNNEL) &&
	       tunnel_decode(&chain[n - 1], &h, &chain[n]) == DECODE_OK)
		n++;
	printf("%d %d", (int)outcome, n > 0 ? chain[n - 1].marks : 0);
	for (size_t i = 0; i < n; i++)
		print_ends(&chain[i]);
	printf("\n");
}

static bool on_frames(void *ctx, const struct frame *v, size_t n)
{
	const bool *inner = ctx;
	for (size_t i = 0; i < n; i++)
		(*inner ? print_inner : print)(&v[i]);
	return true;
}

static void on_issue(void *ctx, const struct input_issue *issue)
{
	(void)ctx;
	(void)issue;
}

int main(int argc, char **argv)
{
	static const uint8_t secret[INPUT_SECRET_BYTES] = {1, 2, 3};
	struct issue_sink issues = {on_issue, NULL};
	bool inner = argc == 3 && strcmp(argv[1], "--inner") == 0;
	struct frame_sink sink = {on_frames, &inner};
	struct input *in = input_new(secret, &issues);
	if (in == NULL || argc != 2 + inner)
		return 2;
	input_add(in, argv[argc - 1]);
	input_plan(in);
	input_run(in, &sink);
	input_free(in);
	return 0;
}
