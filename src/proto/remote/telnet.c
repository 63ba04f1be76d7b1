/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telnet (RFC 854, 855, 1091, 1096, 1572, 2941): who logs on, from which terminal.
 *
 *     text … IAC command | IAC a verb (WILL to DONT) option | IAC SB option … IAC SE
 *
 * Commands are taken out; proto/shared/logon.h reads the dialogue that is left. A
 * terminal's type, an X display, a user named in the environment are in subnegotiations.
 */
#include "proto/shared/logon.h"

#define PORT_TELNET     23
#define SUB_MAX         256 /* bytes kept of a subnegotiation; longer ones are cut */
#define NEGOTIATION_MIN 3   /* bytes of the first command, for a probe to say yes */

enum command { SE = 240, SB = 250, WILL = 251, DONT = 254, IAC = 255 };
enum option {
	TERMINAL_TYPE = 24,
	X_DISPLAY = 35,
	AUTHENTICATION = 37,
	ENCRYPTION = 38,
	NEW_ENVIRON = 39,
	START_TLS = 46,
	OPTION_MAX = 49, /* those above are not in use, but for EXOPL (255) */
};

enum telnet_step { TEXT, COMMAND, OPTION, SUB, SUB_IAC };

struct telnet_side {
	enum telnet_step step;
	bool cut; /* the subnegotiation was longer than is kept */
	bool tls; /* asked for it to follow */
	size_t n;
	uint8_t sub[SUB_MAX]; /* the option first */
};

struct telnet {
	struct logon logon;
	struct telnet_side side[2];
};

/* NEW-ENVIRON IS: VAR or USERVAR, name, VALUE, value … (RFC 1572). */
static void environment(struct parse *x, struct telnet *t, struct bytes b)
{
	enum { VAR = 0, VALUE = 1, ESCAPE = 2, USERVAR = 3 };
	struct bytes name = {0}, *into = NULL, value = {0};
	while (b.left > 0) {
		uint8_t kind = bytes_u8(&b);
		size_t n = 0;
		while (n < b.left && b.pos[n] > USERVAR)
			n++;
		into = kind == VALUE ? &value : &name;
		if (kind == ESCAPE)
			return;
		*into = bytes_sub(&b, n);
		if (kind == VALUE && name.left == 4 && memcmp(name.pos, "USER", 4) == 0) {
			logon_mark(x, &t->logon);
			t->logon.user = (struct kept){0};
			kept_set(x, &t->logon.user, value);
			t->logon.tried = true;
			t->logon.expects = LOGON_ANSWER;
		}
	}
}

static void subnegotiation(
    struct parse *x, struct telnet *t, int side, const struct telnet_side *s)
{
	struct bytes b = bytes_over(s->sub, s->n);
	uint8_t option = bytes_u8(&b), what = bytes_u8(&b);
	if (b.bad)
		return;
	x->counters->over_limit += s->cut;
	parse_confirm(x);
	if (option == TERMINAL_TYPE && what == 0 && side == 0)
		kept_set(x, &t->logon.target, b);
	else if (option == X_DISPLAY && what == 0 && side == 0)
		kept_set(x, &t->logon.client, b);
	else if (option == NEW_ENVIRON && what == 0 && side == 0)
		environment(x, t, b);
	else if (option == AUTHENTICATION && what == 3 && side == 0)
		kept_set(x, &t->logon.user, b);
	else if (option == ENCRYPTION && what == 3) /* START */
		t->logon.encrypted = 1;
}

/* Text goes on in one piece as long as no command comes. */
static void give(struct parse *x, struct telnet *t, int side, const uint8_t *p, size_t n)
{
	if (n > 0)
		(side == 0 ? logon_client : logon_server)(x, &t->logon, bytes_over(p, n));
}

/* One byte of a command. True: TLS follows. */
static bool command(struct parse *x, struct telnet *t, int side, uint8_t c)
{
	struct telnet_side *s = &t->side[side];
	switch (s->step) {
	case TEXT:
		s->step = COMMAND;
		break;
	case COMMAND:
		s->step = c >= WILL && c <= DONT ? OPTION : TEXT;
		if (c == SB)
			*s = (struct telnet_side){.step = SUB, .tls = s->tls};
		if (c == IAC)
			give(x, t, side, &c, 1);
		break;
	case OPTION:
		s->step = TEXT;
		parse_confirm(x);
		break;
	case SUB:
		if (c == IAC)
			s->step = SUB_IAC;
		else if (s->n < SUB_MAX)
			s->sub[s->n++] = c;
		else
			s->cut = true;
		break;
	case SUB_IAC:
		s->step = c == IAC ? SUB : TEXT;
		if (c == IAC && s->n < SUB_MAX)
			s->sub[s->n++] = c;
		if (c == IAC)
			break;
		subnegotiation(x, t, side, s);
		s->tls |= s->n == 2 && s->sub[0] == START_TLS && s->sub[1] == 1;
		return t->side[0].tls && t->side[1].tls;
	}
	return false;
}

static enum parse_result telnet_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct telnet *t = state;
	struct bytes b = bytes_over(d->p, d->n);
	struct telnet_side *s = &t->side[d->side];
	if (t->logon.protocol == NULL)
		logon_init(&t->logon, "telnet");
	logon_mark(x, &t->logon);
	if (x->flow->port[1] == PORT_TELNET)
		parse_confirm(x);
	while (b.left > 0) {
		if (s->step == TEXT && b.pos[0] != IAC) {
			const uint8_t *end = memchr(b.pos, IAC, b.left);
			struct bytes text =
			    bytes_sub(&b, end != NULL ? (size_t)(end - b.pos) : b.left);
			give(x, t, d->side, text.pos, text.left);
		} else if (command(x, t, d->side, bytes_u8(&b))) {
			t->logon.encrypted = 1;
			parse_hand_over(x, "ssl", b.left);
			return PARSE_DONE;
		}
	}
	x->counters->truncated += d->wire > d->n;
	return PARSE_OK;
}

/* What was typed there is not known: what is open is over. */
static enum parse_result telnet_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct telnet *t = state;
	(void)n;
	x->counters->truncated++;
	t->side[side].step = TEXT;
	t->logon.expects = LOGON_NOTHING;
	t->logon.line_n = t->logon.typed_n = 0;
	t->logon.typing = false;
	return PARSE_OK;
}

static void telnet_close(struct parse *x, void *state)
{
	struct telnet *t = state;
	if (t->logon.protocol != NULL)
		logon_emit(x, &t->logon, true);
}

/* A command first; on the port of its own also a server's text. */
static enum probe telnet_probe(const struct flow *f, int side, struct bytes first)
{
	if (first.pos[0] == IAC) {
		if (first.left < NEGOTIATION_MIN)
			return PROBE_MORE;
		uint8_t c = first.pos[1], option = first.pos[2];
		bool known = option <= OPTION_MAX || option == IAC;
		bool verb = c >= SB && c <= DONT;
		return verb && known ? PROBE_YES : PROBE_NO;
	}
	if (f->port[1] != PORT_TELNET || side == 0)
		return PROBE_NO;
	for (size_t i = 0; i < first.left; i++) {
		uint8_t c = first.pos[i];
		if (c < 0x20 && c != '\r' && c != '\n' && c != 0x1b && c != 7)
			return PROBE_NO;
	}
	return PROBE_YES;
}

const struct proto_parser telnet_parser = {
    .name = "telnet",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(IAC, IAC),
    PARSER_PORTS(PORT_TELNET),
    .probe = telnet_probe,
    .state_size = sizeof(struct telnet),
    .data = telnet_data,
    .gap = telnet_gap,
    .close = telnet_close,
};
