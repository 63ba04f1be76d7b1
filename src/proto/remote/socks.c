/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SOCKS 4, 4a and 5 (RFC 1928, 1929, 1961): who goes where through a proxy.
 *
 *     5  client: 5 | n | methods          server: 5 | method
 *        client: 1 | n user n password    server: 1 | status        (method 2 only)
 *        client: 5 | command | 0 | to     server: 5 | reply | 0 | bound
 *     4  client: 4 | command | port | address | user NUL [name NUL]
 *        server: 0 | reply | port | address
 *
 * After the answer that lets the client through, the rest is handed over to whatever the
 * proxy carries. A client that does not wait for that answer loses what it sent early.
 */
#include "base/size.h"
#include "proto/shared/datagram.h"
#include "proto/shared/dialogue.h"

#define SOCKS_MESSAGE_MAX 1024 /* bytes held of a side; the longest message has 513 */
#define SOCKS_METHODS_MAX 16   /* that a client offers, to be taken for one by a probe */
#define SOCKS_NAME_MAX    255
#define PORT_SOCKS        1080
#define METHOD_NONE       0
#define METHOD_GSSAPI     1
#define METHOD_PASSWORD   2
#define METHOD_UNKNOWN    256
#define V4_GRANTED        0x5a

enum address_type { ADDRESS_V4 = 1, ADDRESS_NAME = 3, ADDRESS_V6 = 4 };

enum socks_step {
	STEP_GREETING, /* the client's first message */
	STEP_METHOD,   /* the server's choice */
	STEP_LOGON,
	STEP_LOGON_REPLY,
	STEP_REQUEST,
	STEP_REPLY,
	STEP_ACCEPTED, /* the second reply to bind */
};

struct place {
	struct addr addr;
	uint16_t port;
	uint8_t name_n;
	char name[SOCKS_NAME_MAX];
};

struct socks {
	struct buffer in[2];
	enum socks_step step;
	uint8_t version, command, user_n;
	unsigned method;
	int reply; /* -1: none seen */
	bool asked, emitted;
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	char user[SOCKS_NAME_MAX];
	struct place to, bound;
};

static struct str method_text(struct parse *x, unsigned method)
{
	static const char *const names[] = {"none", "gssapi", "password"};
	if (method < sizeof(names) / sizeof(names[0]))
		return str_of(names[method]);
	if (method == METHOD_UNKNOWN)
		return (struct str){NULL, 0};
	return str_format(x->scratch, "%u", method);
}

static struct str status_text(struct parse *x, const struct socks *s)
{
	static const char *const five[] = {"succeeded", "general SOCKS server failure",
	    "connection not allowed by ruleset", "Network unreachable",
	    "Host unreachable", "Connection refused", "TTL expired",
	    "Command not supported", "Address type not supported"};
	static const char *const four[] = {"succeeded", "general SOCKS server failure",
	    "request failed because client is not running identd",
	    "request failed because client's identd could not confirm the user ID string "
	    "in the request"};
	if (s->reply < 0)
		return (struct str){NULL, 0};
	size_t i = (size_t)s->reply;
	if (s->version == 5 && i < sizeof(five) / sizeof(five[0]))
		return str_of(five[i]);
	if (s->version == 4 && i >= V4_GRANTED &&
	    i - V4_GRANTED < sizeof(four) / sizeof(four[0]))
		return str_of(four[i - V4_GRANTED]);
	return str_format(x->scratch, "unknown-%d", s->reply);
}

static struct str command_text(struct parse *x, uint8_t command)
{
	static const char *const names[] = {NULL, "connect", "bind", "udp associate"};
	if (command < sizeof(names) / sizeof(names[0]))
		return str_of(names[command]);
	return str_format(x->scratch, "%u", command);
}

static struct str place_name(struct parse *x, const struct place *p)
{
	if (p->name_n == 0)
		return (struct str){NULL, 0};
	return str_clean_lower(x->scratch, p->name, p->name_n);
}

static void emit(struct parse *x, struct socks *s)
{
	if (s->emitted || (!s->asked && s->method == METHOD_UNKNOWN))
		return;
	struct socks_record r;
	record_clear(RECORD_SOCKS, &r);
	r.ts = s->ts;
	parse_endpoints(x, &r);
	r.version = s->version;
	r.method = method_text(x, s->method);
	if (s->user_n > 0)
		r.user = str_clean(x->scratch, s->user, s->user_n);
	if (s->command != 0)
		r.command = command_text(x, s->command);
	r.status = status_text(x, s);
	r.request_ip = s->to.addr;
	r.request_name = place_name(x, &s->to);
	r.request_port = s->to.port;
	r.bound_ip = s->bound.addr;
	r.bound_name = place_name(x, &s->bound);
	r.bound_port = s->bound.port;
	parse_source_of(x, &r, s);
	parse_emit(x, RECORD_SOCKS, &r);
	s->emitted = true;
}

static void mark(struct parse *x, struct socks *s)
{
	parse_mark(x, s);
}

/* ---- messages: true when there was a whole one; b is bad when there is none yet ---- */

static void set_name(struct place *p, struct bytes b)
{
	p->name_n = (uint8_t)size_min(b.left, SOCKS_NAME_MAX);
	if (p->name_n > 0)
		memcpy(p->name, b.pos, p->name_n);
}

/* RFC 1928, 5: type, address, port. False: of no known type. */
static bool take_place(struct bytes *b, struct place *p)
{
	uint8_t raw[16];
	switch (bytes_u8(b)) {
	case ADDRESS_V4:
		if (bytes_copy(b, raw, 4))
			p->addr = addr_from_v4(raw);
		break;
	case ADDRESS_V6:
		if (bytes_copy(b, raw, 16))
			p->addr = addr_from_v6(raw);
		break;
	case ADDRESS_NAME: {
		struct bytes name = bytes_sub(b, bytes_u8(b));
		if (!name.bad)
			set_name(p, name);
		break;
	}
	default:
		return b->bad;
	}
	p->port = bytes_be16(b);
	return true;
}

static bool request4(struct socks *s, struct bytes *b)
{
	s->command = bytes_u8(b);
	s->to.port = bytes_be16(b);
	uint8_t raw[4];
	bytes_copy(b, raw, 4);
	bool named = raw[0] == 0 && raw[1] == 0 && raw[2] == 0 && raw[3] != 0;
	struct bytes user = bytes_take_text(b);
	struct bytes name = {0};
	if (named)
		name = bytes_take_text(b);
	if (b->bad)
		return true;
	s->user_n = (uint8_t)size_min(user.left, SOCKS_NAME_MAX);
	if (s->user_n > 0)
		memcpy(s->user, user.pos, s->user_n);
	if (named)
		set_name(&s->to, name);
	else
		s->to.addr = addr_from_v4(raw);
	s->asked = true;
	s->step = STEP_REPLY;
	return true;
}

static bool greeting(struct parse *x, struct socks *s, struct bytes *b)
{
	mark(x, s);
	s->version = bytes_u8(b);
	if (s->version == 4)
		return request4(s, b);
	bytes_skip(b, bytes_u8(b));
	s->step = b->bad ? s->step : STEP_METHOD;
	return b->bad || s->version == 5;
}

/* RFC 1929, 2. The password is passed over. */
static bool logon(struct parse *x, struct socks *s, struct bytes *b)
{
	uint8_t version = bytes_u8(b);
	struct bytes user = bytes_sub(b, bytes_u8(b));
	bytes_skip(b, bytes_u8(b));
	if (b->bad)
		return true;
	mark(x, s);
	s->user_n = (uint8_t)user.left;
	if (user.pos != NULL)
		memcpy(s->user, user.pos, s->user_n);
	s->step = STEP_LOGON_REPLY;
	return version == 1;
}

static bool request(struct parse *x, struct socks *s, struct bytes *b)
{
	uint8_t version = bytes_u8(b), command = bytes_u8(b);
	bytes_skip(b, 1);
	bool known = take_place(b, &s->to);
	if (b->bad)
		return true;
	if (s->user_n == 0)
		mark(x, s);
	s->command = command;
	s->asked = true;
	s->step = STEP_REPLY;
	return known && version == 5;
}

static bool method(struct socks *s, struct bytes *b)
{
	uint8_t version = bytes_u8(b), chosen = bytes_u8(b);
	if (b->bad)
		return true;
	s->method = chosen;
	s->step = chosen == METHOD_PASSWORD ? STEP_LOGON : STEP_REQUEST;
	return version == 5;
}

static bool logon_reply(struct socks *s, struct bytes *b)
{
	bytes_skip(b, 1);
	uint8_t status = bytes_u8(b);
	if (b->bad)
		return true;
	if (status != 0)
		s->reply = 2; /* what the proxy's rules do not allow */
	s->step = STEP_REQUEST;
	return true;
}

static bool reply(struct socks *s, struct bytes *b)
{
	struct place bound = {0};
	uint8_t version = bytes_u8(b), code = bytes_u8(b);
	bool known = true;
	if (s->version == 4) {
		uint8_t raw[4];
		bound.port = bytes_be16(b);
		bytes_copy(b, raw, 4);
		bound.addr = addr_from_v4(raw);
	} else {
		bytes_skip(b, 1);
		known = take_place(b, &bound);
	}
	if (b->bad)
		return true;
	if (s->step == STEP_REPLY) {
		s->reply = code;
		s->bound = bound;
	}
	return known && version == (s->version == 4 ? 0 : 5);
}

/* ---- the dialogue ---- */

static int side_of(const struct socks *s)
{
	return s->step == STEP_GREETING || s->step == STEP_LOGON ||
		       s->step == STEP_REQUEST
		   ? 0
		   : 1;
}

static bool message(struct parse *x, struct socks *s, struct bytes *b)
{
	switch (s->step) {
	case STEP_GREETING:
		return greeting(x, s, b);
	case STEP_METHOD:
		return method(s, b);
	case STEP_LOGON:
		return logon(x, s, b);
	case STEP_LOGON_REPLY:
		return logon_reply(s, b);
	case STEP_REQUEST:
		return request(x, s, b);
	case STEP_REPLY:
	case STEP_ACCEPTED:
		break;
	}
	return reply(s, b);
}

/* What follows from a message of the server. */
static enum parse_result after(struct parse *x, struct socks *s, enum socks_step was)
{
	bool good = s->reply == (s->version == 4 ? V4_GRANTED : 0);
	if (was == STEP_METHOD) {
		parse_confirm(x);
		if (s->method != METHOD_GSSAPI && s->method != 0xff)
			return PARSE_OK;
		x->counters->unsupported += s->method == METHOD_GSSAPI;
		return PARSE_DONE; /* sealed from here on, or refused */
	}
	if (was == STEP_LOGON_REPLY)
		return s->reply >= 0 ? PARSE_DONE : PARSE_OK;
	if (was != STEP_REPLY && was != STEP_ACCEPTED)
		return PARSE_OK;
	parse_confirm(x);
	if (!good || (s->command != 1 && s->command != 2))
		return PARSE_DONE;
	if (s->command == 2 && was == STEP_REPLY) {
		s->step = STEP_ACCEPTED;
		return PARSE_OK;
	}
	parse_note(x, NOTE_HOST, place_name(x, &s->to));
	x->counters->unsupported += s->in[0].view_n > 0; /* sent too early */
	parse_hand_over(x, NULL, s->in[1].view_n);
	return PARSE_DONE;
}

/* Read messages of either side, whosever turn it is, until one is not there yet. */
static enum parse_result dialogue(struct parse *x, struct socks *s)
{
	for (;;) {
		struct buffer *in = &s->in[side_of(s)];
		struct bytes b = buffer_bytes(in);
		size_t n = b.left;
		enum socks_step was = s->step;
		if (n == 0)
			return PARSE_OK;
		bool good = message(x, s, &b);
		if (!good) {
			x->counters->malformed++;
			return PARSE_FAILED;
		}
		if (b.bad)
			return PARSE_OK;
		x->counters->understood++;
		buffer_drop(in, n - b.left);
		enum parse_result r = after(x, s, was);
		if (r != PARSE_OK || was == STEP_ACCEPTED)
			return r;
	}
}

static enum parse_result socks_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct socks *s = state;
	if (s->version == 0) {
		s->reply = -1;
		s->method = METHOD_UNKNOWN;
	}
	if (!dialogue_put(x, s->in, d, SOCKS_MESSAGE_MAX))
		return PARSE_DONE;
	return dialogue_keep(s->in, d, dialogue(x, s));
}

static void socks_close(struct parse *x, void *state)
{
	struct socks *s = state;
	emit(x, s);
	buffer_free_both(s->in);
}

static size_t socks_held(const void *state)
{
	const struct socks *s = state;
	return buffer_room_both(s->in);
}

/* A request of SOCKS 4 is all there, and what it says of the user is text. */
static enum probe probe4(struct bytes b)
{
	struct bytes all = b;
	bytes_skip(&b, 1);
	uint8_t command = bytes_u8(&b);
	uint16_t port = bytes_be16(&b);
	bytes_skip(&b, 4);
	if (b.bad)
		return all.left > 1 && command != 1 && command != 2 ? PROBE_NO
								    : PROBE_MORE;
	if ((command != 1 && command != 2) || port == 0)
		return PROBE_NO;
	for (size_t i = 0; i < b.left; i++) {
		uint8_t c = b.pos[i];
		if (c != 0 && (c < 0x20 || c > 0x7e))
			return PROBE_NO;
	}
	if (b.left == 0 || b.pos[b.left - 1] != 0)
		return b.left < SOCKS_NAME_MAX ? PROBE_MORE : PROBE_NO;
	return PROBE_YES;
}

/* The methods of SOCKS 5 are few, each of its own, and nothing follows them. */
static enum probe probe5(const struct flow *f, struct bytes b)
{
	bytes_skip(&b, 1);
	uint8_t n = bytes_u8(&b);
	if (b.bad)
		return PROBE_MORE;
	bool own = f->port[1] == PORT_SOCKS;
	if (n == 0 || n > SOCKS_METHODS_MAX || (b.left > n && !own))
		return PROBE_NO;
	uint8_t before = 0;
	for (size_t i = 0; i < n && i < b.left; i++) {
		if (b.pos[i] > 9 && b.pos[i] < 0x80)
			return PROBE_NO;
		if (i > 0 && b.pos[i] == before)
			return PROBE_NO;
		before = b.pos[i];
	}
	return b.left < n ? PROBE_MORE : PROBE_YES;
}

static enum probe socks_probe(const struct flow *f, int side, struct bytes first)
{
	if (side != 0 || first.left == 0)
		return PROBE_NO;
	if (first.pos[0] == 5)
		return probe5(f, first);
	return first.pos[0] == 4 ? probe4(first) : PROBE_NO;
}

const struct proto_parser socks_parser = {
    .name = "socks",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(4, 5),
    PARSER_PORTS(PORT_SOCKS),
    .probe = socks_probe,
    .state_size = sizeof(struct socks),
    .data = socks_data,
    .close = socks_close,
    .held = socks_held,
};
