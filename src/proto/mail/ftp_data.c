/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data connection of FTP (RFC 959, 3): the bytes of one file or listing, nothing else.
 * Nothing in it can be told by; it is read where a control connection announced it
 * (proto/expect.h), and tells that one how many bytes it saw.
 */
#include <string.h>

#include "proto/mail/ftp.h"
#include "proto/shared/transfer.h"

/* What each side sends, as a file. */
struct ftp_data_state {
	struct transfer *file[2]; /* owned; NULL: nothing, or refused */
	bool begun[2];
};

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
	struct ftp_data_state *st = state;
	parse_confirm(x);
	count(x, d->side, d->wire);
	if (!st->begun[d->side]) {
		struct transfer_about about = {.protocol = FTP_DATA_NAME,
		    .side = d->side,
		    .total = TRANSFER_NO_TOTAL};
		st->file[d->side] = transfer_begin(x, &about);
		st->begun[d->side] = true;
	}
	transfer_data(x, st->file[d->side], d->p, d->n);
	transfer_gap(st->file[d->side], d->wire - d->n);
	return PARSE_OK;
}

static enum parse_result ftp_data_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct ftp_data_state *st = state;
	x->counters->truncated++;
	count(x, side, n);
	transfer_gap(st->file[side], n);
	return PARSE_OK;
}

static void ftp_data_close(struct parse *x, void *state)
{
	struct ftp_data_state *st = state;
	struct expected *what = parse_expected(x, parse_ticket(x));
	for (int side = 0; side < 2; side++) {
		bool closed =
		    strchr(flow_history(x->flow), side == 0 ? 'F' : 'f') != NULL;
		if (what != NULL) {
			transfer_name(
			    st->file[side], (struct str){what->name, what->name_n});
			if (what->mime == NULL)
				what->mime = transfer_type(st->file[side]);
		}
		transfer_end(x, &st->file[side], closed ? TRANSFER_WHOLE : TRANSFER_OPEN);
	}
	if (what != NULL)
		what->ended = true;
	x->counters->understood++;
}

const struct proto_parser ftp_data_parser = {
    .name = FTP_DATA_NAME,
    .transports = TRANSPORT_TCP,
    .ports_only = true, /* and has none: it is never probed */
    .probe = ftp_data_probe,
    .state_size = sizeof(struct ftp_data_state),
    .data = ftp_data_data,
    .gap = ftp_data_gap,
    .close = ftp_data_close,
};
