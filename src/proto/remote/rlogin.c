/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The r-services of BSD: rlogin (RFC 1282), rsh and rexec (as their manuals have them).
 *
 *     rlogin  client: NUL, user there NUL, user here NUL, terminal/speed NUL   server:
 * NUL rsh     client: port NUL, user there NUL, user here NUL, command NUL rexec client:
 * port NUL, user NUL, password NUL, command NUL server: NUL (accepted) or 1 and what is
 * wrong
 *
 * Whoever rlogin does not trust is asked for a password like over telnet
 * (proto/shared/logon.h).
 */
#include "base/size.h"
#include "proto/shared/logon.h"

#define FIELDS_MAX 4
#define FIELD_MAX  256 /* bytes of a field; a longer one is no logon */
#define PORT_REXEC 512
#define PORT_LOGIN 513
#define PORT_SHELL 514

struct rlogin {
	struct logon logon;
	unsigned field; /* that is read now; FIELDS_MAX: all were */
	bool answered;
	size_t n;
	uint8_t text[FIELD_MAX];
};

static uint16_t service(const struct parse *x)
{
	return x->flow->port[1];
}

/* The field that has just ended. */
static void field_end(struct parse *x, struct rlogin *s)
{
	struct bytes b = bytes_over(s->text, s->n);
	struct logon *l = &s->logon;
	bool rexec = service(x) == PORT_REXEC;
	if (s->field == 1)
		kept_set(x, rexec ? &l->user : &l->client, b);
	else if (s->field == 2 && !rexec)
		kept_set(x, &l->user, b);
	else if (s->field == 3)
		kept_set(x, &l->target, b);
	memset(s->text, 0, s->n); /* one of them is a password */
	s->n = 0;
	if (++s->field < FIELDS_MAX)
		return;
	parse_confirm(x);
	l->tried = true;
	l->expects = LOGON_ANSWER;
	if (rexec)
		kept_set(x, &l->mechanism, bytes_over("password", 8));
	else
		kept_set(x, &l->mechanism, bytes_over("host", 4));
}

static enum parse_result client(struct parse *x, struct rlogin *s, struct bytes b)
{
	logon_mark(x, &s->logon);
	while (b.left > 0 && s->field < FIELDS_MAX) {
		uint8_t c = bytes_u8(&b);
		if (c == 0) {
			field_end(x, s);
		} else if (s->n < FIELD_MAX) {
			s->text[s->n++] = c;
		} else {
			x->counters->over_limit++;
			return PARSE_FAILED;
		}
	}
	if (service(x) == PORT_LOGIN)
		logon_client(x, &s->logon, b);
	return PARSE_OK;
}

static enum parse_result server(struct parse *x, struct rlogin *s, struct bytes b)
{
	if (b.left == 0 || s->field < FIELDS_MAX)
		return PARSE_OK;
	struct logon *l = &s->logon;
	if (service(x) == PORT_LOGIN) {
		logon_server(x, l, b);
		return PARSE_OK;
	}
	uint8_t code = bytes_u8(&b);
	l->success = code == 0;
	while (b.left > 0 && b.pos[b.left - 1] < 0x20)
		b.left--;
	if (code != 0)
		kept_set(x, &l->status, b);
	logon_emit(x, l, false);
	return PARSE_DONE;
}

static enum parse_result rlogin_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct rlogin *s = state;
	if (s->logon.protocol == NULL)
		logon_init(&s->logon, service(x) == PORT_LOGIN   ? "rlogin"
				      : service(x) == PORT_SHELL ? "rsh"
								 : "rexec");
	struct bytes b = bytes_over(d->p, d->n);
	x->counters->truncated += d->wire > d->n;
	return d->side == 0 ? client(x, s, b) : server(x, s, b);
}

static void rlogin_close(struct parse *x, void *state)
{
	struct rlogin *s = state;
	if (s->logon.protocol != NULL && s->field == FIELDS_MAX)
		logon_emit(x, &s->logon, true);
}

/* Texts, each with its NUL: the first one empty (rlogin), or a port's number. */
static enum probe rlogin_probe(const struct flow *f, int side, struct bytes first)
{
	if (side != 0)
		return PROBE_NO;
	size_t digits = 0;
	while (
	    digits < first.left && first.pos[digits] >= '0' && first.pos[digits] <= '9')
		digits++;
	if (digits > 5 || (f->port[1] == PORT_LOGIN && digits > 0))
		return PROBE_NO;
	if (digits == first.left)
		return PROBE_MORE;
	if (first.pos[digits] != 0)
		return PROBE_NO;
	for (size_t i = digits; i < first.left; i++) {
		uint8_t c = first.pos[i];
		if (c != 0 && (c < 0x20 || c == 0x7f))
			return PROBE_NO;
	}
	if (f->port[1] == PORT_LOGIN && first.left == 1)
		return PROBE_MORE;
	return PROBE_YES;
}

#define R_SERVICE(word, port_)                                                           \
	const struct proto_parser word##_parser = {                                      \
	    .name = #word,                                                               \
	    .transports = TRANSPORT_TCP,                                                 \
	    PARSER_PORTS(port_),                                                         \
	    .ports_only = true,                                                          \
	    .probe = rlogin_probe,                                                       \
	    .state_size = sizeof(struct rlogin),                                         \
	    .data = rlogin_data,                                                         \
	    .close = rlogin_close,                                                       \
	}

R_SERVICE(rlogin, PORT_LOGIN);
R_SERVICE(rsh, PORT_SHELL);
R_SERVICE(rexec, PORT_REXEC);
