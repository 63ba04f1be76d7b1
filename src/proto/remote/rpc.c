/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONC RPC (RFC 5531) over UDP and TCP: calls with their answers, a row each.
 *
 *     TCP: last 1 bit | length 31, then that many bytes; until the last: one message
 *     call:  xid | 0 | 2 | program | version | procedure | credential | verifier | …
 *     reply: xid | 1 | 0 accepted | verifier | state | …     or  xid | 1 | 1 denied | …
 *
 * Of a message only its head is held: what files hold is passed over. A call waits for
 * its answer in a list of its flow; calls whose answer never comes are put out last.
 */
#include <math.h>
#include <stdlib.h>

#include "base/ip.h"
#include "base/size.h"
#include "proto/remote/rpc_call.h"

#define RPC_HEAD_MAX    2048       /* bytes looked at of a message */
#define RPC_PENDING_MAX 256        /* calls of one flow that wait for their answer */
#define RPC_PROGRAM_MAX 0x5fffffff /* those above are not given out */
#define RPC_VERSION_MAX 64         /* of a program, in a call that a probe believes */
#define RPC_AUTH_MAX    400        /* bytes of a credential (RFC 5531, 8.2) */
#define RPC_CALL_MIN    40
#define RPC_REPLY_MIN   24
#define RPC_RECORD_MAX  (64u << 20) /* bytes of a fragment; more is no record mark */
#define PORT_PORTMAP    111
#define PORT_NFS        2049

enum { CALL = 0, REPLY = 1 };

/* One side of a TCP stream: where in a message it is. */
struct rpc_side {
	uint8_t mark[4];
	uint8_t mark_n; /* bytes of a record mark that are there */
	bool last;      /* the fragment at hand is the message's last */
	bool lost;     /* bytes are missing: a piece that begins with a message is next */
	uint32_t left; /* bytes left of the fragment */
	size_t n;      /* bytes of the head */
	uint8_t *head; /* RPC_HEAD_MAX bytes, while a message is open; owned */
};

struct rpc {
	struct rpc_side side[2];
	struct rpc_call *first, *last; /* that wait, in the order of the calls; owned */
	unsigned pending;
	bool confirmed;
};

void rpc_handle(struct rpc_call *c, struct bytes handle)
{
	static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
	    0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344,
	    0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
	if (c->has_handle || handle.bad || handle.left == 0)
		return;
	uint32_t crc = UINT32_MAX;
	while (handle.left > 0) {
		crc ^= bytes_u8(&handle);
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	c->handle = ~crc;
	c->has_handle = true;
}

/* Program, version and protocol that the port mapper is asked for. */
static struct str mapping_text(struct parse *x, const struct rpc_call *c)
{
	struct str program = rpc_program_text(x, c->map[0]);
	struct str proto = c->version > 2 ? kept_text(&c->new_name)
					  : ip_proto_word(x->scratch, (uint8_t)c->map[2]);
	return str_format(
	    x->scratch, "%.*s %u %.*s", STR_ARG(program), c->map[1], STR_ARG(proto));
}

static void emit(
    struct parse *x, const struct rpc_call *c, const char *status, double rtt)
{
	struct rpc_record r;
	record_clear(RECORD_RPC, &r);
	r.ts = c->ts;
	parse_endpoints(x, &r);
	r.proto = x->flow->proto == IP_PROTO_TCP ? STR("tcp") : STR("udp");
	r.xid = c->xid;
	if (c->known) {
		r.program = rpc_program_text(x, c->program);
		r.version = c->version;
		r.procedure = rpc_procedure_text(x, c);
		r.auth = rpc_flavour_text(x, c->flavour);
	}
	r.operations = rpc_operations_text(x, c);
	r.machine = kept_text(&c->machine);
	if (c->unix_auth) {
		r.uid = c->uid;
		r.gid = c->gid;
	}
	r.status = str_of(status);
	r.result = rpc_result_text(x, c);
	r.rtt = rtt < 0 ? 0 : rtt; /* the clock went back; absent stays absent */
	r.file = kept_text(&c->file);
	if (!c->mapping)
		r.new_name = kept_text(&c->new_name);
	if (c->has_handle)
		r.handle = str_format(x->scratch, "%08x", c->handle);
	r.offset = c->at;
	r.bytes_read = c->bytes_read;
	r.bytes_written = c->bytes_written;
	if (c->mapping)
		r.mapping = mapping_text(x, c);
	r.mapped_port = c->port;
	parse_source_of(x, &r, c);
	parse_emit(x, RECORD_RPC, &r);
}

/* ---- calls that wait ---- */

static struct rpc_call *take_call(struct rpc *s, uint32_t xid)
{
	struct rpc_call *before = NULL;
	for (struct rpc_call *c = s->first; c != NULL; before = c, c = c->next) {
		if (c->xid != xid)
			continue;
		if (before == NULL)
			s->first = c->next;
		else
			before->next = c->next;
		if (s->last == c)
			s->last = before;
		s->pending--;
		return c;
	}
	return NULL;
}

static bool waits(const struct rpc *s, uint32_t xid)
{
	for (const struct rpc_call *c = s->first; c != NULL; c = c->next) {
		if (c->xid == xid)
			return true;
	}
	return false;
}

/* The oldest one is put out unanswered. */
static void drop_first(struct parse *x, struct rpc *s)
{
	struct rpc_call *c = take_call(s, s->first->xid);
	emit(x, c, NULL, (double)NAN);
	free(c);
}

static struct rpc_call blank(struct parse *x, uint32_t xid)
{
	return (struct rpc_call){.xid = xid,
	    .ts = x->ts,
	    .source = x->source,
	    .offset = x->offset,
	    .at = -1,
	    .result = -1,
	    .port = -1};
}

/* ---- messages ---- */

/* The credential (RFC 5531, appendix A; RFC 2203). */
static void credential(struct parse *x, struct rpc_call *c, struct bytes b)
{
	enum { AUTH_UNIX = 1, AUTH_GSS = 6, INTEGRITY = 2, PRIVACY = 3 };
	if (c->flavour == AUTH_UNIX) {
		bytes_skip(&b, 4);
		struct bytes machine = xdr_opaque(&b, 255);
		c->uid = bytes_be32(&b);
		c->gid = bytes_be32(&b);
		c->unix_auth = !b.bad;
		if (c->unix_auth)
			kept_set(x, &c->machine, machine);
	} else if (c->flavour == AUTH_GSS) {
		bytes_skip(&b, 4);
		bool exchange = bytes_be32(&b) != 0;
		bytes_skip(&b, 4);
		uint32_t service = bytes_be32(&b);
		c->wrapped = service == INTEGRITY;
		c->sealed = exchange || service == PRIVACY || b.bad;
	}
}

static const char *program_word(uint32_t program)
{
	switch (program) {
	case PROGRAM_NFS:
		return "nfs";
	case PROGRAM_MOUNT:
		return "mount";
	case PROGRAM_PORTMAP:
		return "portmap";
	default:
		return NULL;
	}
}

static void arguments(struct parse *x, struct rpc_call *c, struct bytes b)
{
	if (c->wrapped)
		bytes_skip(&b, 8);
	if (c->sealed) {
		x->counters->unsupported++;
		return;
	}
	if (c->program == PROGRAM_PORTMAP)
		portmap_call(x, c, b);
	else if (c->program == PROGRAM_MOUNT)
		mount_call(x, c, b);
	else if (c->program == PROGRAM_NFS && (c->version == 2 || c->version == 3))
		nfs_call(x, c, b);
	else if (c->program == PROGRAM_NFS && c->version == 4)
		nfs4_call(x, c, b);
}

static void results(struct rpc_call *c, struct bytes b)
{
	if (c->wrapped)
		bytes_skip(&b, 8);
	if (c->sealed || !c->known)
		return;
	if (c->program == PROGRAM_PORTMAP) {
		portmap_reply(c, b);
	} else if (c->program == PROGRAM_MOUNT && c->procedure == 1) {
		uint32_t status = bytes_be32(&b);
		if (!b.bad)
			c->result = status;
	} else if (c->program == PROGRAM_NFS && (c->version == 2 || c->version == 3)) {
		nfs_reply(c, b);
	} else if (c->program == PROGRAM_NFS && c->version == 4) {
		nfs4_reply(c, b);
	}
}

/* False: it is no call. */
static bool call(struct parse *x, struct rpc *s, uint32_t xid, struct bytes b)
{
	struct rpc_call fresh = blank(x, xid);
	uint32_t rpc_version = bytes_be32(&b);
	fresh.known = true;
	fresh.program = bytes_be32(&b);
	fresh.version = bytes_be32(&b);
	fresh.procedure = bytes_be32(&b);
	fresh.flavour = bytes_be32(&b);
	struct bytes cred = xdr_opaque(&b, RPC_AUTH_MAX);
	bytes_skip(&b, 4);
	xdr_opaque(&b, RPC_AUTH_MAX);
	if (b.bad || rpc_version != 2)
		return false;
	const char *word = program_word(fresh.program);
	parse_confirm(x);
	if (word != NULL)
		parse_service(x, word);
	if (waits(s, xid))
		return true; /* sent again */
	credential(x, &fresh, cred);
	arguments(x, &fresh, b);
	if (s->pending == RPC_PENDING_MAX) {
		x->counters->over_limit++;
		drop_first(x, s);
	}
	struct rpc_call *c = malloc(sizeof(*c));
	if (c == NULL) {
		emit(x, &fresh, NULL, (double)NAN);
		return true;
	}
	*c = fresh;
	if (s->last != NULL)
		s->last->next = c;
	else
		s->first = c;
	s->last = c;
	s->pending++;
	return true;
}

/* What the answer says; NULL: it is none. b is then at the results. */
static const char *answer(struct bytes *b)
{
	static const char *const states[] = {"accepted", "prog_unavail", "prog_mismatch",
	    "proc_unavail", "garbage_args", "system_err"};
	uint32_t denied = bytes_be32(b);
	if (denied == 1)
		return b->bad ? NULL : "denied";
	bytes_skip(b, 4);
	xdr_opaque(b, RPC_AUTH_MAX);
	uint32_t state = bytes_be32(b);
	if (b->bad || denied > 1 || state >= sizeof(states) / sizeof(states[0]))
		return NULL;
	return states[state];
}

static bool reply(struct parse *x, struct rpc *s, uint32_t xid, struct bytes b)
{
	const char *status = answer(&b);
	if (status == NULL)
		return false;
	struct rpc_call *c = take_call(s, xid);
	struct rpc_call unknown = blank(x, xid);
	if (c == NULL) {
		emit(x, &unknown, status, (double)NAN);
		return true;
	}
	if (strcmp(status, "accepted") == 0)
		results(c, b);
	emit(x, c, status, (double)moment_diff(c->ts, x->ts) / 1e9);
	free(c);
	return true;
}

/* The head of a message, or all of it. */
static bool message(struct parse *x, struct rpc *s, struct bytes b)
{
	uint32_t xid = bytes_be32(&b);
	uint32_t type = bytes_be32(&b);
	bool good = false;
	if (!b.bad && type == CALL)
		good = call(x, s, xid, b);
	else if (!b.bad && type == REPLY)
		good = reply(x, s, xid, b);
	x->counters->understood += good;
	return good;
}

/* Whether these are the first bytes of a call, or of a reply. */
static bool begins(struct bytes b)
{
	if (b.left < RPC_REPLY_MIN)
		return false;
	uint32_t type = load_be32(b.pos + 4), third = load_be32(b.pos + 8);
	if (type == REPLY)
		return third <= 1 && load_be32(b.pos + 16) <= RPC_AUTH_MAX;
	if (type != CALL || third != 2 || b.left < RPC_CALL_MIN)
		return false;
	uint32_t program = load_be32(b.pos + 12), version = load_be32(b.pos + 16);
	return program > 0 && program <= RPC_PROGRAM_MAX && version <= RPC_VERSION_MAX &&
	       load_be32(b.pos + 28) <= RPC_AUTH_MAX;
}

/* ---- the stream ---- */

static void side_reset(struct rpc_side *r)
{
	free(r->head);
	*r = (struct rpc_side){0};
}

static bool take_head(struct rpc_side *r, struct bytes piece)
{
	size_t n = size_min(piece.left, RPC_HEAD_MAX - r->n);
	if (n == 0 || piece.pos == NULL)
		return true;
	if (r->head == NULL) {
		r->head = malloc(RPC_HEAD_MAX);
		if (r->head == NULL)
			return false;
	}
	memcpy(r->head + r->n, piece.pos, n);
	r->n += n;
	return true;
}

/* The message is over. False: it was none. */
static bool message_end(struct parse *x, struct rpc *s, struct rpc_side *r)
{
	bool good = r->n == 0 || message(x, s, bytes_over(r->head, r->n));
	side_reset(r);
	return good;
}

static enum parse_result stream(
    struct parse *x, struct rpc *s, struct rpc_side *r, struct bytes b)
{
	while (b.left > 0) {
		if (r->left > 0) {
			struct bytes piece = bytes_sub(&b, size_min(b.left, r->left));
			r->left -= (uint32_t)piece.left;
			if (!take_head(r, piece))
				return PARSE_DONE;
		} else {
			r->mark[r->mark_n++] = bytes_u8(&b);
			if (r->mark_n < 4)
				continue;
			r->mark_n = 0;
			r->left = load_be32(r->mark) & INT32_MAX;
			r->last = (r->mark[0] & 0x80) != 0;
			if (r->left > RPC_RECORD_MAX) {
				x->counters->over_limit++;
				return PARSE_FAILED;
			}
		}
		if (r->left == 0 && r->last && !message_end(x, s, r)) {
			x->counters->malformed++;
			return PARSE_FAILED;
		}
	}
	return PARSE_OK;
}

static enum parse_result datagram(
    struct parse *x, struct rpc *s, const struct flow_data *d)
{
	struct bytes b = bytes_over(d->p, size_min(d->n, RPC_HEAD_MAX));
	if (!message(x, s, b)) {
		x->counters->truncated += d->wire > d->n;
		x->counters->malformed += d->wire == d->n;
	}
	return PARSE_OK;
}

static enum parse_result rpc_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct rpc *s = state;
	struct rpc_side *r = &s->side[side];
	bool inside = n < r->left && r->n == RPC_HEAD_MAX && !r->lost;
	x->counters->truncated++;
	if (inside) { /* within what is passed over */
		r->left -= (uint32_t)n;
		return PARSE_OK;
	}
	if (r->n > 0) /* what there is of it may be enough */
		message(x, s, bytes_over(r->head, r->n));
	side_reset(r);
	r->lost = true;
	return PARSE_OK;
}

static enum parse_result rpc_data(struct parse *x, void *state, const struct flow_data *d)
{
	struct rpc *s = state;
	if (x->flow->proto == IP_PROTO_UDP)
		return datagram(x, s, d);
	struct bytes b = bytes_over(d->p, d->n);
	struct rpc_side *r = &s->side[d->side];
	if (r->lost) {
		struct bytes in = b;
		if (!bytes_skip(&in, 4) || !begins(in))
			return PARSE_OK;
		r->lost = false;
	}
	enum parse_result result = stream(x, s, r, b);
	if (result == PARSE_OK && d->wire > d->n)
		return rpc_gap(x, s, d->side, d->wire - d->n);
	return result;
}

static void rpc_close(struct parse *x, void *state)
{
	struct rpc *s = state;
	while (s->first != NULL)
		drop_first(x, s);
	side_reset(&s->side[0]);
	side_reset(&s->side[1]);
}

static size_t rpc_held(const void *state)
{
	const struct rpc *s = state;
	size_t heads = (s->side[0].head != NULL) + (size_t)(s->side[1].head != NULL);
	return s->pending * sizeof(struct rpc_call) + heads * RPC_HEAD_MAX;
}

static bool own_port(const struct flow *f)
{
	return datagram_has_port(f, PORT_PORTMAP) || datagram_has_port(f, PORT_NFS);
}

/* A call is told by its words; a reply alone only where the port says so, too. */
static enum probe rpc_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	if (f->proto == IP_PROTO_TCP) {
		if (first.left < 4 + RPC_CALL_MIN)
			return first.pos[0] == 0x80 && own_port(f) ? PROBE_MORE
								   : PROBE_NO;
		uint32_t mark = load_be32(first.pos) & INT32_MAX;
		if (mark < RPC_REPLY_MIN || mark > RPC_RECORD_MAX)
			return PROBE_NO;
		bytes_skip(&first, 4);
	}
	if (!begins(first))
		return PROBE_NO;
	return load_be32(first.pos + 4) == CALL || own_port(f) ? PROBE_YES : PROBE_NO;
}

const struct proto_parser rpc_parser = {
    .name = "rpc",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_PORTS(PORT_PORTMAP, PORT_NFS),
    .probe = rpc_probe,
    .state_size = sizeof(struct rpc),
    .data = rpc_data,
    .gap = rpc_gap,
    .close = rpc_close,
    .held = rpc_held,
};
