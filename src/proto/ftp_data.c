/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data connection of FTP (RFC 959, 3): the bytes of one file or listing, nothing else.
 * Nothing in it can be told by; it is read where a control connection announced it
 * (proto/expect.h), and tells that one how many bytes it saw.
 */
#include "proto/ftp.h"

static enum probe ftp_data_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	(void)first;
	return PROBE_NO;
}

static void count(struct parse *x, int side, uint64_t n)
{
	struct expected *what = parse_expected(x, parse_ticket(x));
	if (what != NULL)
		what->bytes[side] += n;
}

static enum parse_result ftp_data_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	(void)state;
	parse_confirm(x);
	count(x, d->side, d->wire);
	return PARSE_OK;
}

static enum parse_result ftp_data_gap(struct parse *x, void *state, int side, uint64_t n)
{
	(void)state;
	x->counters->truncated++;
	count(x, side, n);
	return PARSE_OK;
}

static void ftp_data_close(struct parse *x, void *state)
{
	(void)state;
	struct expected *what = parse_expected(x, parse_ticket(x));
	if (what != NULL)
		what->ended = true;
	x->counters->understood++;
}

const struct proto_parser ftp_data_parser = {
    .name = FTP_DATA_NAME,
    .transports = TRANSPORT_TCP,
    .ports_only = true, /* and has none: it is never probed */
    .probe = ftp_data_probe,
    .data = ftp_data_data,
    .gap = ftp_data_gap,
    .close = ftp_data_close,
};
