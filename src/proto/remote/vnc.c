/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VNC's remote framebuffer (RFC 6143) up to the screen's size: a row of the table login.
 *
 *     server: RFB 003.008\n          client: RFB 003.008\n
 *     server: n | security types     client: the one chosen     (3.3: server: type 4)
 *     server: challenge 16           client: response 16        (type 2)
 *     server: result 4 [n 4 reason]  client: shared 1
 *     server: width 2 | height 2 | pixel format 16 | n 4 | name
 */
#include "base/size.h"
#include "proto/shared/datagram.h"
#include "proto/shared/dialogue.h"

#define VERSION_BYTES   12
#define CHALLENGE_BYTES 16
#define RFB_HELD_MAX    8192 /* bytes held of a side; the longest is a text */
#define RFB_TEXT_MAX    4096 /* bytes of a reason or a desktop's name */
#define ARD_SEALED      128  /* name and password, encrypted */

enum security {
	SECURITY_FAILED = 0,
	SECURITY_NONE = 1,
	SECURITY_VNC = 2,
	SECURITY_TLS = 18,
	SECURITY_VENCRYPT = 19,
	SECURITY_ARD = 30,
};

enum rfb_step {
	SERVER_VERSION,
	CLIENT_VERSION,
	TYPE,  /* 3.3: the server decides */
	TYPES, /* it offers … */
	CHOICE,
	CHALLENGE,
	RESPONSE,
	ARD_KEY,
	ARD_ANSWER,
	RESULT,
	REASON,
	SHARED,
	SCREEN,
};

struct rfb {
	struct buffer in[2];
	enum rfb_step step;
	bool marked, screen;
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	int security; /* -1: not known yet */
	uint16_t key_n;
	int minor;
	int8_t success, shared, encrypted;
	uint16_t width, height;
	struct kept version[2], reason, name;
};

static struct str mechanism(struct parse *x, int type)
{
	static const struct {
		int type;
		const char *name;
	} names[] = {{1, "none"}, {2, "vnc"}, {5, "ra2"}, {16, "tight"}, {17, "ultra"},
	    {18, "tls"}, {19, "vencrypt"}, {20, "sasl"}, {21, "md5"}, {22, "xvp"},
	    {30, "ard"}};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].type == type)
			return str_of(names[i].name);
	}
	return type > 0 ? str_format(x->scratch, "%d", type) : (struct str){NULL, 0};
}

static void emit(struct parse *x, struct rfb *s)
{
	if (!s->marked)
		return;
	struct login_record r;
	record_clear(RECORD_LOGIN, &r);
	r.ts = s->ts;
	parse_endpoints(x, &r);
	r.protocol = STR("rfb");
	r.mechanism = mechanism(x, s->security);
	r.success = s->success;
	if (s->screen)
		r.status = str_format(x->scratch, "%s, %ux%u",
		    s->shared == 1 ? "shared" : "exclusive", s->width, s->height);
	else if (s->shared >= 0)
		r.status = s->shared == 1 ? STR("shared") : STR("exclusive");
	else
		r.status = kept_text(&s->reason);
	r.client = kept_text(&s->version[0]);
	r.server = kept_text(&s->version[1]);
	r.target = kept_text(&s->name);
	r.encrypted = s->encrypted;
	parse_source_of(x, &r, s);
	parse_emit(x, RECORD_LOGIN, &r);
}

static enum rfb_step after_security(const struct rfb *s)
{
	switch (s->security) {
	case SECURITY_FAILED:
		return REASON;
	case SECURITY_NONE:
		return s->minor >= 8 ? RESULT : SHARED;
	case SECURITY_ARD:
		return ARD_KEY;
	default:
		return CHALLENGE;
	}
}

static bool version(struct parse *x, struct rfb *s, int side, struct bytes *b)
{
	struct bytes text = bytes_sub(b, VERSION_BYTES);
	if (text.pos == NULL)
		return true;
	if (memcmp(text.pos, "RFB ", 4) != 0)
		return false;
	text.left--; /* the line's end */
	kept_set(x, &s->version[side], text);
	int minor = 0;
	for (int i = 8; i < 11; i++)
		minor = minor * 10 + (text.pos[i] - '0') % 10;
	if (side == 1) {
		s->step = CLIENT_VERSION;
		return true;
	}
	parse_confirm(x);
	s->minor = minor;
	s->step = minor >= 7 ? TYPES : TYPE;
	return true;
}

static void take_text(struct parse *x, struct kept *into, struct bytes *b)
{
	uint32_t n = bytes_be32(b);
	if (n > RFB_TEXT_MAX) {
		x->counters->over_limit++;
		n = RFB_TEXT_MAX;
	}
	struct bytes text = bytes_sub(b, n);
	if (!b->bad)
		kept_set(x, into, text);
}

static void screen(struct parse *x, struct rfb *s, struct bytes *b)
{
	uint16_t width = bytes_be16(b), height = bytes_be16(b);
	bytes_skip(b, 16);
	take_text(x, &s->name, b);
	if (b->bad)
		return;
	s->width = width;
	s->height = height;
	s->screen = true;
}

/* What the server says. */
static void server_message(struct parse *x, struct rfb *s, struct bytes *b)
{
	uint32_t v;
	switch ((int)s->step) {
	case TYPE:
		v = bytes_be32(b);
		if (b->bad)
			break;
		s->security = v < 256 ? (int)v : -1;
		s->step = after_security(s);
		break;
	case TYPES:
		v = bytes_u8(b);
		bytes_skip(b, v);
		if (!b->bad)
			s->step = v > 0 ? CHOICE : REASON;
		break;
	case CHALLENGE:
		if (bytes_skip(b, CHALLENGE_BYTES))
			s->step = RESPONSE;
		break;
	case ARD_KEY:
		bytes_skip(b, 2);
		s->key_n = bytes_be16(b);
		bytes_skip(b, 2 * (size_t)s->key_n);
		if (!b->bad)
			s->step = ARD_ANSWER;
		break;
	case RESULT:
		v = bytes_be32(b);
		if (b->bad)
			break;
		s->success = v == 0;
		s->step = v == 0 ? SHARED : REASON;
		break;
	case REASON:
		take_text(x, &s->reason, b);
		break;
	default:
		screen(x, s, b);
		break;
	}
}

static void client_message(struct rfb *s, struct bytes *b)
{
	uint8_t v;
	switch ((int)s->step) {
	case CHOICE:
		v = bytes_u8(b);
		s->security = v;
		s->step = after_security(s);
		break;
	case RESPONSE:
		if (bytes_skip(b, CHALLENGE_BYTES))
			s->step = RESULT;
		break;
	case ARD_ANSWER:
		if (bytes_skip(b, ARD_SEALED + (size_t)s->key_n))
			s->step = RESULT;
		break;
	default:
		s->shared = bytes_u8(b) != 0;
		s->step = SCREEN;
		break;
	}
}

static int side_of(enum rfb_step step)
{
	return step == CLIENT_VERSION || step == CHOICE || step == RESPONSE ||
		       step == ARD_ANSWER || step == SHARED
		   ? 0
		   : 1;
}

/* After the message of that step: is there more to read? */
static enum parse_result after(struct parse *x, struct rfb *s, enum rfb_step was)
{
	x->counters->understood++;
	if (was == SCREEN || was == REASON)
		return PARSE_DONE;
	if (was != TYPE && was != CHOICE)
		return PARSE_OK;
	if (s->security == SECURITY_TLS) {
		s->encrypted = 1;
		parse_hand_over(x, "ssl", s->in[side_of(was)].view_n);
		return PARSE_DONE;
	}
	if (s->security == SECURITY_VENCRYPT)
		s->encrypted = 1;
	if (s->security > SECURITY_VNC && s->security != SECURITY_ARD) {
		x->counters->unsupported++;
		return PARSE_DONE;
	}
	return PARSE_OK;
}

static enum parse_result dialogue(struct parse *x, struct rfb *s)
{
	for (;;) {
		int side = side_of(s->step);
		struct bytes b = buffer_bytes(&s->in[side]);
		size_t n = b.left;
		enum rfb_step was = s->step;
		if (n == 0)
			return PARSE_OK;
		if (was > CLIENT_VERSION) {
			side == 1 ? server_message(x, s, &b) : client_message(s, &b);
		} else if (!version(x, s, side, &b)) {
			x->counters->malformed++;
			return PARSE_FAILED;
		}
		if (b.bad)
			return PARSE_OK;
		buffer_drop(&s->in[side], n - b.left);
		enum parse_result r = after(x, s, was);
		if (r != PARSE_OK)
			return r;
	}
}

static enum parse_result rfb_data(struct parse *x, void *state, const struct flow_data *d)
{
	struct rfb *s = state;
	if (!s->marked) {
		s->marked = true;
		parse_mark(x, s);
		s->security = -1;
		s->success = s->shared = s->encrypted = -1;
	}
	if (!dialogue_put(x, s->in, d, RFB_HELD_MAX))
		return PARSE_DONE;
	return dialogue_keep(s->in, d, dialogue(x, s));
}

static void rfb_close(struct parse *x, void *state)
{
	struct rfb *s = state;
	emit(x, s);
	buffer_free_both(s->in);
}

static size_t rfb_held(const void *state)
{
	const struct rfb *s = state;
	return buffer_room_both(s->in);
}

static enum probe rfb_probe(const struct flow *f, int side, struct bytes first)
{
	static const char form[] = "RFB 000.000\n";
	(void)f;
	(void)side;
	for (size_t i = 0; i < VERSION_BYTES && i < first.left; i++) {
		uint8_t c = first.pos[i];
		if (form[i] == '0' ? c < '0' || c > '9' : c != (uint8_t)form[i])
			return PROBE_NO;
	}
	return first.left < VERSION_BYTES ? PROBE_MORE : PROBE_YES;
}

const struct proto_parser rfb_parser = {
    .name = "rfb",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('R', 'R'),
    PARSER_PORTS(5900, 5901, 5902, 5903),
    .probe = rfb_probe,
    .state_size = sizeof(struct rfb),
    .data = rfb_data,
    .close = rfb_close,
    .held = rfb_held,
};
