/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one capture and prints a line for each
 * frame, in the file's order, for decode_agree.py:
 *
 *     outcome src dst proto ttl id marks src_port dst_port seq flags length vlan inner
 * link
 *
 * with spaces between; only the outcome and the
 * link type where that is not 0 (DECODE_OK).
 */
#include <stdio.h>
#include <stdlib.h>

#include "decode/decode.h"
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

static bool on_frames(void *ctx, const struct frame *v, size_t n)
{
	(void)ctx;
	for (size_t i = 0; i < n; i++)
		print(&v[i]);
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
	struct frame_sink sink = {on_frames, NULL};
	struct input *in = input_new(secret, &issues);
	if (in == NULL || argc != 2)
		return 2;
	input_add(in, argv[1]);
	input_plan(in);
	input_run(in, &sink);
	input_free(in);
	return 0;
}
