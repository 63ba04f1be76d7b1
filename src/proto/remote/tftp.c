/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TFTP (RFC 1350, 2347 to 2349): a file a transfer.
 *
 *     1 read, 2 write | file NUL | mode NUL | option NUL value NUL …   to port 69
 *     6 | option NUL value NUL …      3 | block | bytes      4 | block      5 | code |
 * text
 *
 * The server answers from a port of its own, so that the transfer is another flow, which
 * the request announces (proto/expect.h). Whoever sees the end puts out the row: that
 * flow, or the request's own where no answer came or it came from port 69.
 */
#include <strings.h>

#include "proto/expect.h"
#include "proto/shared/datagram.h"
#include "proto/shared/transfer.h"

#define PORT_TFTP     69
#define BLOCK_USUAL   512
#define BLOCK_MOST    65464 /* RFC 2348 */
#define OPTIONS_MAX   16    /* options read of a message */
#define TFTP_ROWS_MAX 1024  /* requests of one flow that get a row */

enum opcode { READ = 1, WRITE = 2, DATA = 3, ACK = 4, ERROR = 5, OPTIONS = 6 };

struct tftp {
	bool open; /* a request was seen, here or by who announced this flow */
	bool announced;
	bool upload, over, begun;
	uint64_t ticket;
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	struct kept file, mode, message;
	int64_t size, code;
	uint32_t block; /* bytes of a full one */
	uint16_t next;  /* number of the next one */
	uint64_t bytes;
	struct transfer *transfer;
	unsigned rows;
};

static void end_transfer(struct parse *x, struct tftp *s)
{
	transfer_end(x, &s->transfer, s->over ? TRANSFER_WHOLE : TRANSFER_CUT);
}

/* Who asks is src, whichever flow sees the end. */
static void endpoints(struct parse *x, const struct tftp *s, struct ftp_record *r)
{
	parse_endpoints(x, r);
	if (!s->announced)
		return;
	r->src_ip = x->flow->addr[1];
	r->src_port = x->flow->port[1];
	r->dst_ip = x->flow->addr[0];
	r->dst_port = PORT_TFTP;
	r->data_src_ip = x->flow->addr[0];
	r->data_dst_ip = x->flow->addr[1];
	r->data_dst_port = x->flow->port[1];
}

static void emit(struct parse *x, struct tftp *s)
{
	end_transfer(x, s);
	const struct expected *what = parse_expected(x, s->ticket);
	bool elsewhere = !s->announced && what != NULL && what->begun;
	if (!s->open || elsewhere)
		return;
	s->open = false;
	if (s->rows++ >= TFTP_ROWS_MAX) {
		x->counters->over_limit++;
		return;
	}
	struct ftp_record r;
	record_clear(RECORD_FTP, &r);
	r.ts = s->ts;
	endpoints(x, s, &r);
	r.protocol = STR("tftp");
	r.command = s->upload ? STR("WRQ") : STR("RRQ");
	r.arg = s->file.n > 0 ? kept_text(&s->file) : STR("");
	r.mode = kept_text(&s->mode);
	r.file_size = s->size;
	r.data_bytes = s->bytes;
	r.reply_code = s->code;
	r.reply_msg = kept_text(&s->message);
	parse_source_of(x, &r, s);
	parse_emit(x, RECORD_FTP, &r);
}

static int64_t number(struct bytes b)
{
	int64_t v = b.left > 0 && b.left <= 15 ? 0 : -1;
	while (b.left > 0 && v >= 0) {
		uint8_t c = bytes_u8(&b);
		v = c >= '0' && c <= '9' ? 10 * v + (c - '0') : -1;
	}
	return v;
}

static bool is(struct bytes b, const char *word)
{
	return b.pos != NULL && b.left == strlen(word) &&
	       strncasecmp((const char *)b.pos, word, b.left) == 0;
}

/* What the server grants counts: an answer is read after the request. */
static void options(struct tftp *s, struct bytes b, bool granted)
{
	for (int i = 0; i < OPTIONS_MAX && b.left > 0; i++) {
		struct bytes name = bytes_take_text(&b), value = bytes_take_text(&b);
		if (b.bad)
			return;
		int64_t v = number(value);
		if (is(name, "tsize") && (granted || s->upload))
			s->size = v;
		else if (is(name, "blksize") && granted && v > 0 && v <= BLOCK_MOST)
			s->block = (uint32_t)v;
	}
}

static void begin(struct parse *x, struct tftp *s, bool upload)
{
	unsigned rows = s->rows;
	*s = (struct tftp){.open = true,
	    .upload = upload,
	    .ts = x->ts,
	    .source = x->source,
	    .offset = x->offset,
	    .size = -1,
	    .code = -1,
	    .block = BLOCK_USUAL,
	    .next = 1,
	    .rows = rows};
}

/* The flow in which the answer comes: from any port of the server. */
static void announce(struct parse *x, struct tftp *s, struct str name)
{
	struct expected what = {.proto = IP_PROTO_UDP,
	    .dst = x->flow->addr[0],
	    .port = x->flow->port[0],
	    .src = x->flow->addr[1],
	    .parser = "tftp",
	    .upload = s->upload};
	expect_name(&what, name);
	s->ticket = parse_expect(x, &what, s->ticket);
}

static bool request(struct parse *x, struct tftp *s, uint16_t opcode, struct bytes b)
{
	struct bytes file = bytes_take_text(&b), mode = bytes_take_text(&b);
	if (b.bad)
		return false;
	bool again = s->open && !s->begun && s->upload == (opcode == WRITE) &&
		     file.left == s->file.n &&
		     (file.pos == NULL || memcmp(file.pos, s->file.p, file.left) == 0);
	if (again)
		return true;
	emit(x, s);
	uint64_t before = s->ticket;
	begin(x, s, opcode == WRITE);
	s->ticket = before;
	parse_confirm(x);
	kept_set(x, &s->file, file);
	kept_set(x, &s->mode, mode);
	options(s, b, false);
	/* The name and the mode, for who will put out the row. */
	struct str both = str_format(x->scratch, "%.*s\n%.*s", (int)mode.left,
	    (const char *)mode.pos, (int)file.left, (const char *)file.pos);
	announce(x, s, both);
	return true;
}

/* The first datagram of a flow that a request announced. */
static void announced(struct parse *x, struct tftp *s, uint64_t ticket)
{
	const struct expected *what = parse_expected(x, ticket);
	if (what == NULL)
		return;
	begin(x, s, what->upload);
	s->announced = true;
	s->ticket = ticket;
	s->ts = what->since;
	const char *end = memchr(what->name, '\n', what->name_n);
	size_t mode = end != NULL ? (size_t)(end - what->name) : 0;
	kept_set(x, &s->mode, bytes_over(what->name, mode));
	if (end != NULL)
		kept_set(x, &s->file, bytes_over(end + 1, what->name_n - mode - 1));
}

static void block(struct parse *x, struct tftp *s, int side, struct bytes b)
{
	uint16_t n = bytes_be16(&b);
	int sender = s->announced ? s->upload : !s->upload;
	uint16_t ahead = (uint16_t)(n - s->next);
	if (b.bad || side != sender || s->over || ahead > UINT16_MAX / 2)
		return; /* of the wrong side, or sent again */
	if (!s->begun) {
		struct transfer_about about = {.protocol = "tftp",
		    .side = side,
		    .total = s->size >= 0 ? (uint64_t)s->size : TRANSFER_NO_TOTAL,
		    .name = kept_text(&s->file)};
		s->transfer = transfer_begin(x, &about);
		s->begun = true;
	}
	if (ahead > 0)
		transfer_gap(s->transfer, (uint64_t)ahead * s->block);
	if (b.left > 0)
		transfer_data(x, s->transfer, b.pos, b.left);
	s->bytes += b.left;
	s->next = (uint16_t)(n + 1);
	s->over = b.left < s->block;
	if (s->over)
		end_transfer(x, s);
}

static bool message(struct parse *x, struct tftp *s, int side, struct bytes b)
{
	uint16_t opcode = bytes_be16(&b);
	switch (opcode) {
	case READ:
	case WRITE:
		return request(x, s, opcode, b);
	case DATA:
		if (s->open)
			block(x, s, side, b);
		break;
	case ACK:
		break;
	case ERROR:
		s->code = bytes_be16(&b);
		kept_set(x, &s->message, bytes_take_text(&b));
		break;
	case OPTIONS:
		options(s, b, true);
		break;
	default:
		return false;
	}
	return !b.bad;
}

static enum parse_result tftp_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct tftp *s = state;
	uint64_t ticket = parse_ticket(x);
	if (ticket != 0 && !s->announced)
		announced(x, s, ticket);
	if (ticket != 0)
		parse_confirm(x);
	datagram_count(x, d, message(x, s, d->side, bytes_over(d->p, d->n)));
	return PARSE_OK;
}

static void tftp_close(struct parse *x, void *state)
{
	struct tftp *s = state;
	struct expected *what = s->announced ? parse_expected(x, s->ticket) : NULL;
	if (what != NULL)
		what->ended = true;
	emit(x, s);
}

static enum probe tftp_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	uint16_t opcode = bytes_be16(&first);
	if ((opcode != READ && opcode != WRITE) || f->port[1] != PORT_TFTP)
		return PROBE_NO;
	bytes_take_text(&first);
	struct bytes mode = bytes_take_text(&first);
	return !first.bad && mode.left >= 4 ? PROBE_YES : PROBE_NO;
}

const struct proto_parser tftp_parser = {
    .name = "tftp",
    .transports = TRANSPORT_UDP,
    PARSER_PORTS(PORT_TFTP),
    .ports_only = true,
    .probe = tftp_probe,
    .state_size = sizeof(struct tftp),
    .data = tftp_data,
    .close = tftp_close,
};
