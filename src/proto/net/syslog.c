/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Syslog over UDP (RFC 3164, 5424, 5426): '<' 8 × facility + severity '>' and a text.
 */
#include "base/size.h"
#include "proto/shared/datagram.h"

#define PORT_SYSLOG        514
#define SYSLOG_MESSAGE_MAX 2048 /* bytes kept of a message */
#define PRIORITY_MAX       191

static const char *const facilities[] = {"KERN", "USER", "MAIL", "DAEMON", "AUTH",
    "SYSLOG", "LPR", "NEWS", "UUCP", "CRON", "AUTHPRIV", "FTP", "NTP", "AUDIT", "ALERT",
    "CLOCK", "LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6",
    "LOCAL7"};
static const char *const severities[] = {
    "EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG"};

/* Take the priority out of b; -1: there is none. */
static int priority(struct bytes *b)
{
	int v = 0, digits = 0;
	if (bytes_u8(b) != '<')
		return -1;
	for (; digits < 3 && b->left > 0 && b->pos[0] >= '0' && b->pos[0] <= '9';
	     digits++)
		v = 10 * v + bytes_u8(b) - '0';
	if (digits == 0 || bytes_u8(b) != '>' || b->bad || v > PRIORITY_MAX)
		return -1;
	return v;
}

static enum parse_result syslog_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	(void)state;
	struct bytes b = bytes_over(d->p, d->n);
	int v = priority(&b);
	datagram_count(x, d, v >= 0);
	if (v < 0)
		return PARSE_OK;
	if (b.left > SYSLOG_MESSAGE_MAX)
		x->counters->over_limit++;
	struct syslog_record r;
	record_clear(RECORD_SYSLOG, &r);
	r.ts = x->ts;
	parse_endpoints(x, &r);
	parse_source(x, &r);
	r.facility = str_of(facilities[v / 8]);
	r.severity = str_of(severities[v % 8]);
	r.message = str_clean(x->scratch, b.pos, size_min(b.left, SYSLOG_MESSAGE_MAX));
	parse_confirm(x);
	parse_emit(x, RECORD_SYSLOG, &r);
	return PARSE_OK;
}

/* On a port of its own the text must be one. */
static enum probe syslog_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	if (priority(&first) < 0)
		return PROBE_NO;
	if (datagram_has_port(f, PORT_SYSLOG))
		return PROBE_YES;
	for (size_t i = 0; i < first.left; i++) {
		uint8_t c = first.pos[i];
		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
			return PROBE_NO;
	}
	return first.left >= 8 ? PROBE_YES : PROBE_NO;
}

const struct proto_parser syslog_parser = {
    .name = "syslog",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST('<', '<'),
    PARSER_PORTS(PORT_SYSLOG),
    .probe = syslog_probe,
    .data = syslog_data,
    .close = datagram_close,
};
