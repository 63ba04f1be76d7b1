/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMB over TCP: the messages of SMB1 and SMB2 in the frames of NetBIOS sessions
 * (RFC 1002, 4.3; MS-SMB2, 2.1), which are the same on ports 139 and 445.
 *
 *     00 | length 3 | ff 'SMB' … or fe 'SMB' …      81..84: session request and answers
 *                                                  85: keep-alive
 *
 * Of a message longer than SMB_MESSAGE_KEPT, which carries a file's content, only the
 * head is held, and its rest is passed over as it comes. After a gap reading goes on
 * where a piece of data begins with the frame of a message.
 */
#include <string.h>

#include "base/size.h"
#include "proto/windows/smb_state.h"

#define FRAME_HEADER  4
#define SESSION_FIRST 0x81
#define KEEP_ALIVE    0x85
#define PORT_NETBIOS  139
#define PORT_SMB      445
#define MAGIC_BYTES   4
#define SMB_LEAST     32 /* bytes of a header of SMB1 */
#define NAMES_BYTES   68 /* of a session request: two encoded names */

enum smb_magic { MAGIC_NONE, MAGIC_SMB1, MAGIC_SMB2, MAGIC_ENCRYPTED, MAGIC_COMPRESSED };

static enum smb_magic magic(const uint8_t *p)
{
	if (memcmp(p + 1, "SMB", 3) != 0)
		return MAGIC_NONE;
	switch (p[0]) {
	case 0xff:
		return MAGIC_SMB1;
	case 0xfe:
		return MAGIC_SMB2;
	case 0xfd:
		return MAGIC_ENCRYPTED;
	case 0xfc:
		return MAGIC_COMPRESSED;
	default:
		return MAGIC_NONE;
	}
}

/* Whether a frame with a message of SMB begins here. */
static bool is_message(struct bytes b)
{
	return b.left >= FRAME_HEADER + MAGIC_BYTES && b.pos[0] == 0 &&
	       magic(b.pos + FRAME_HEADER) != MAGIC_NONE;
}

static enum probe smb_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	static const uint8_t request[] = {0x81, 0, 0, NAMES_BYTES};
	if (first.left == 0)
		return PROBE_MORE;
	if (first.pos[0] == SESSION_FIRST) {
		size_t n = size_min(first.left, sizeof(request));
		if (memcmp(first.pos, request, n) != 0)
			return PROBE_NO;
		return first.left > n && first.pos[n] == 32 ? PROBE_YES
		       : first.left > n                     ? PROBE_NO
							    : PROBE_MORE;
	}
	if (first.pos[0] != 0)
		return PROBE_NO;
	if (first.left < FRAME_HEADER + MAGIC_BYTES)
		return PROBE_MORE;
	return is_message(first) ? PROBE_YES : PROBE_NO;
}

/* Encrypted (MS-SMB2, 2.2.41) or compressed (2.2.42): said once a connection. */
static void on_dark(struct parse *x, struct smb_state *st, bool encrypted)
{
	x->counters->unsupported++;
	if (st->dark)
		return;
	st->dark = true;
	st->version = 2;
	struct smb_record r;
	smb_row(x, st, NULL, SMB_NO_STATUS, &r);
	r.command = encrypted ? STR("encrypted") : STR("compressed");
	parse_emit(x, RECORD_SMB, &r);
}

static void on_message(struct parse *x, struct smb_state *st, struct bytes message)
{
	if (message.left < MAGIC_BYTES) {
		x->counters->malformed++;
		return;
	}
	enum smb_magic m = magic(message.pos);
	if (m == MAGIC_NONE) {
		x->counters->malformed++;
		return;
	}
	parse_confirm(x);
	if (m == MAGIC_SMB1)
		smb1_message(x, st, message);
	else if (m == MAGIC_SMB2)
		smb2_message(x, st, message);
	else
		on_dark(x, st, m == MAGIC_ENCRYPTED);
}

static void lose(struct parse *x, struct smb_side *s)
{
	x->counters->truncated++;
	s->content = 0;
	buffer_free(&s->in);
	s->skip = 0;
	s->lost = true;
}

/* Pass over the next n bytes of a message's rest; p NULL: they are missing. */
static void pass(
    struct parse *x, struct smb_state *st, int side, const uint8_t *p, uint64_t n)
{
	smb_content_rest(x, st, side == 1, p, n);
	st->side[side].skip -= n;
}

/* Take one frame; false: more is needed, or the side is lost. */
static bool take_frame(struct parse *x, struct smb_state *st, int side)
{
	struct smb_side *s = &st->side[side];
	struct bytes in = buffer_bytes(&s->in);
	if (in.left < FRAME_HEADER)
		return false;
	unsigned type = in.pos[0];
	size_t length = (size_t)in.pos[1] << 16 | (size_t)in.pos[2] << 8 | in.pos[3];
	if (type != 0 && (type < SESSION_FIRST || type > KEEP_ALIVE)) {
		x->counters->malformed++;
		lose(x, s);
		return false;
	}
	size_t wanted = length > SMB_MESSAGE_KEPT ? SMB_HEAD_KEPT : length;
	if (in.left - FRAME_HEADER < wanted)
		return false;
	bytes_skip(&in, FRAME_HEADER);
	s->content = 0;
	if (type == 0 && length > 0)
		on_message(x, st, bytes_sub(&in, wanted));
	buffer_drop(&s->in, FRAME_HEADER + wanted);
	s->skip = length - wanted;
	size_t here = size_min(s->skip, s->in.view_n);
	pass(x, st, side, s->in.view, here);
	buffer_drop(&s->in, here);
	return true;
}

static enum parse_result smb_data(struct parse *x, void *state, const struct flow_data *d)
{
	struct smb_state *st = state;
	struct smb_side *s = &st->side[d->side];
	struct bytes b = bytes_over(d->p, d->n);
	if (st->sessions.size == 0)
		smb_state_init(st);
	size_t skipped = size_min(s->skip, b.left);
	pass(x, st, d->side, b.pos, skipped);
	bytes_skip(&b, skipped);
	if (s->lost && is_message(b))
		s->lost = false;
	if (!s->lost && b.left > 0) {
		if (!buffer_put(
			&s->in, b.pos, b.left, FRAME_HEADER + SMB_MESSAGE_KEPT + d->n))
			return PARSE_FAILED;
		while (take_frame(x, st, d->side))
			;
		if (!buffer_keep(&s->in))
			return PARSE_FAILED;
	}
	if (d->wire > d->n) { /* cut by the snap length: the rest will not come */
		if (s->skip >= d->wire - d->n && s->in.view_n == 0)
			pass(x, st, d->side, NULL, d->wire - d->n);
		else
			lose(x, s);
	}
	return PARSE_OK;
}

static enum parse_result smb_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct smb_state *st = state;
	struct smb_side *s = &st->side[side];
	if (st->sessions.size == 0)
		smb_state_init(st);
	if (s->skip >= n && n > 0)
		pass(x, st, side, NULL, n);
	else
		lose(x, s);
	return PARSE_OK;
}

static void smb_close(struct parse *x, void *state)
{
	struct smb_state *st = state;
	if (st->sessions.size == 0)
		smb_state_init(st);
	smb_state_end(x, st);
}

static size_t smb_held(const void *state)
{
	const struct smb_state *st = state;
	return st->held + st->side[0].in.own_room + st->side[1].in.own_room;
}

const struct proto_parser smb_parser = {
    .name = "smb",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(0, 0, SESSION_FIRST, KEEP_ALIVE),
    PARSER_PORTS(PORT_NETBIOS, PORT_SMB),
    .probe = smb_probe,
    .state_size = sizeof(struct smb_state),
    .data = smb_data,
    .gap = smb_gap,
    .close = smb_close,
    .held = smb_held,
};
