/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remote Desktop (MS-RDPBCGR, 2.2.1) until it is encrypted.
 *
 *     X.224 CR: "Cookie: mstshash=NAME\r\n" and what security is offered
 *        → CC: what security is chosen
 *            → TLS: the rest is the parser's of TLS
 *            → RDP's own: Connect-Initial, Connect-Response in the clear (rdp_gcc.h)
 *
 * One record a connection, emitted at its end or when the rest is handed over.
 */
#include <string.h>

#include "base/size.h"
#include "proto/buffer.h"
#include "proto/parser.h"
#include "proto/shared/tpkt.h"
#include "proto/windows/rdp_gcc.h"

#define RDP_PORT    3389
#define COOKIE_MAX  256 /* bytes kept of a cookie */
#define NEG_BYTES   8
#define MESSAGE_MAX 16384 /* bytes of the longest packet that is held */

enum { NEG_REQUEST = 1, NEG_ANSWER = 2, NEG_FAILURE = 3 };

struct rdp_state {
	struct buffer in[2];
	struct moment ts; /* of the connection request, and where it stands */
	uint32_t source;
	uint64_t offset;
	bool ready, begun, confirmed;
	char cookie[COOKIE_MAX];
	int64_t requested, chosen, failure; /* -1: not seen */
	struct rdp_gcc gcc;
};

/* Whether the parameters of a connection request are those of RDP. */
static bool is_request(struct bytes b)
{
	static const char cookie[] = "Cookie: ";
	if (b.left >= sizeof(cookie) - 1 &&
	    memcmp(b.pos, cookie, sizeof(cookie) - 1) == 0)
		return true;
	return b.left >= NEG_BYTES && b.pos[0] == NEG_REQUEST &&
	       load_le16(b.pos + 2) == NEG_BYTES;
}

static enum probe rdp_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	struct tpdu t;
	ssize_t n = tpkt_length(first);
	if (n < 0)
		return PROBE_NO;
	if (n == 0 || (size_t)n > first.left)
		return n > 1024 ? PROBE_NO : PROBE_MORE;
	if (!tpkt_read(bytes_sub(&first, (size_t)n), &t) || t.code != COTP_CR)
		return PROBE_NO;
	bool bare = t.parameters.left == 0 && f->port[1] == RDP_PORT;
	return bare || is_request(t.parameters) ? PROBE_YES : PROBE_NO;
}

/* The value of a cookie: what stands behind "Cookie: mstshash=" or "Cookie: msts=". */
static void read_cookie(struct parse *x, struct rdp_state *st, struct bytes line)
{
	static const char *const names[] = {"Cookie: mstshash=", "Cookie: msts="};
	if (line.pos == NULL)
		return;
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(names[i]);
		if (line.left < n || memcmp(line.pos, names[i], n) != 0)
			continue;
		bytes_skip(&line, n);
		break;
	}
	struct str text = str_clean(x->scratch, line.pos, line.left);
	if (text.p == NULL)
		return;
	if (text.n >= sizeof(st->cookie)) {
		x->counters->over_limit++;
		text.n = sizeof(st->cookie) - 1;
		while (text.n > 0 && ((uint8_t)text.p[text.n] & 0xc0) == 0x80)
			text.n--;
	}
	if (text.n > 0)
		memcpy(st->cookie, text.p, text.n);
	st->cookie[text.n] = '\0';
}

static void on_request(struct parse *x, struct rdp_state *st, struct bytes b)
{
	st->begun = true;
	parse_mark(x, st);
	const uint8_t *end = b.left > 0 ? memchr(b.pos, '\r', b.left) : NULL;
	if (end != NULL && b.pos[0] == 'C') {
		read_cookie(x, st, bytes_sub(&b, (size_t)(end - b.pos)));
		bytes_skip(&b, size_min(b.left, 2));
	}
	if (b.left >= NEG_BYTES && b.pos[0] == NEG_REQUEST)
		st->requested = load_le32(b.pos + 4);
}

static void on_confirm(struct rdp_state *st, struct bytes b)
{
	st->confirmed = true;
	if (b.left < NEG_BYTES) {
		st->chosen = 0; /* a server from before these were negotiated */
		return;
	}
	if (b.pos[0] == NEG_ANSWER)
		st->chosen = load_le32(b.pos + 4);
	else if (b.pos[0] == NEG_FAILURE)
		st->failure = load_le32(b.pos + 4);
}

static void on_packet(struct parse *x, struct rdp_state *st, struct bytes packet)
{
	struct tpdu t;
	if (!tpkt_read(packet, &t)) {
		x->counters->malformed++;
		return;
	}
	x->counters->understood++;
	if (t.code == COTP_CR)
		on_request(x, st, t.parameters);
	else if (t.code == COTP_CC)
		on_confirm(st, t.parameters);
	else if (t.code == COTP_DT && !rdp_gcc_read(x->scratch, t.data, &st->gcc))
		x->counters->malformed++;
	if (st->begun && st->confirmed)
		parse_confirm(x);
}

/* Take whole packets until the server has said all, or TLS begins. */
static enum parse_result read_side(
    struct parse *x, struct rdp_state *st, const struct flow_data *d)
{
	struct buffer *in = &st->in[d->side];
	if (!buffer_put(in, d->p, d->n, MESSAGE_MAX + d->n))
		return PARSE_FAILED;
	while (in->view_n > 0) {
		struct bytes b = buffer_bytes(in);
		ssize_t n = tpkt_length(b);
		if (n < 0)
			return PARSE_DONE; /* encrypted, by a way of its own */
		if (n == 0 || (size_t)n > b.left)
			break;
		on_packet(x, st, bytes_sub(&b, (size_t)n));
		buffer_drop(in, (size_t)n);
		if (st->chosen > 0) {
			parse_hand_over(x, "ssl", in->view_n);
			return PARSE_OK;
		}
		if (st->gcc.server || st->failure >= 0)
			return PARSE_DONE;
	}
	return buffer_keep(in) ? PARSE_OK : PARSE_FAILED;
}

static enum parse_result rdp_data(struct parse *x, void *state, const struct flow_data *d)
{
	struct rdp_state *st = state;
	if (!st->ready) {
		st->ready = true;
		st->requested = st->chosen = st->failure = -1;
		st->gcc = (struct rdp_gcc){.width = -1,
		    .height = -1,
		    .keyboard = -1,
		    .build = -1,
		    .result = -1,
		    .method = -1,
		    .level = -1,
		    .certificate = -1};
	}
	enum parse_result result = read_side(x, st, d);
	return d->wire > d->n ? PARSE_DONE : result;
}

static struct str protocols(struct parse *x, int64_t bits)
{
	static const char *const names[] = {
	    "SSL", "HYBRID", "RDSTLS", "HYBRID_EX", "RDSAAD"};
	struct str all = {0};
	if (bits < 0)
		return all;
	for (int i = 0; i < 5; i++) {
		if ((bits >> i & 1) != 0)
			all = str_format(x->scratch, "%.*s%s%s", STR_ARG(all),
			    all.p != NULL ? "," : "", names[i]);
	}
	return all.p != NULL ? all : STR("RDP");
}

static struct str result_text(struct parse *x, const struct rdp_state *st)
{
	static const char *const failures[] = {NULL, "SSL_REQUIRED_BY_SERVER",
	    "SSL_NOT_ALLOWED_BY_SERVER", "SSL_CERT_NOT_ON_SERVER", "INCONSISTENT_FLAGS",
	    "HYBRID_REQUIRED_BY_SERVER", "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER"};
	static const char *const results[] = {"Success", "Domain merging",
	    "Domain not hierarchical", "No such channel", "No such domain",
	    "No such user", "Not admitted", "Other user ID", "Parameters unacceptable",
	    "Token not available", "Token not possessed", "Too many channels",
	    "Too many tokens", "Too many users", "Unspecified failure", "User rejected"};
	if (st->failure > 0 && st->failure < 7)
		return str_of(failures[st->failure]);
	if (st->failure >= 0)
		return str_format(x->scratch, "failure-%lld", (long long)st->failure);
	if (st->chosen > 0)
		return STR("encrypted");
	if (st->gcc.result >= 0 && st->gcc.result < 16)
		return str_of(results[st->gcc.result]);
	return (struct str){0};
}

static void fill_gcc(struct parse *x, const struct rdp_gcc *g, struct rdp_record *r)
{
	if (g->client) {
		struct str *v = arena_alloc(x->scratch, (g->channel_n + 1) * sizeof(*v));
		for (size_t i = 0; v != NULL && i < g->channel_n; i++)
			v[i] = str_of(g->channels[i]);
		r->client_channels = (struct str_list){v, v != NULL ? g->channel_n : 0};
		r->keyboard_layout = rdp_keyboard(x->scratch, g->keyboard);
		r->client_build = rdp_build(x->scratch, g->build);
		r->client_name = str_of(g->name[0] != '\0' ? g->name : NULL);
		r->client_dig_product_id =
		    str_of(g->product[0] != '\0' ? g->product : NULL);
		r->desktop_width = g->width;
		r->desktop_height = g->height;
		if (g->depth > 0)
			r->requested_color_depth =
			    str_format(x->scratch, "%ubit", g->depth);
	}
	r->encryption_level = rdp_level(x->scratch, g->level);
	r->encryption_method = rdp_method(x->scratch, g->method);
	r->cert_count = g->certificates;
	if (g->certificate >= 0) {
		r->cert_type =
		    (g->certificate & 0x7fffffff) == 1 ? STR("RSA") : STR("X.509");
		r->cert_permanent = (g->certificate & 0x80000000) == 0;
	}
}

static void rdp_close(struct parse *x, void *state)
{
	struct rdp_state *st = state;
	if (st->begun) {
		struct rdp_record r;
		record_clear(RECORD_RDP, &r);
		parse_endpoints(x, &r);
		parse_source(x, &r);
		r.ts = st->ts;
		r.source = parse_source_name(x, st->source);
		r.source_offset = st->offset;
		r.cookie = str_of(st->cookie[0] != '\0' ? st->cookie : NULL);
		r.requested_security = protocols(x, st->requested);
		r.security_protocol = protocols(x, st->chosen);
		r.result = result_text(x, st);
		fill_gcc(x, &st->gcc, &r);
		parse_emit(x, RECORD_RDP, &r);
	}
	buffer_free_both(st->in);
}

static size_t rdp_held(const void *state)
{
	const struct rdp_state *st = state;
	return buffer_room_both(st->in);
}

const struct proto_parser rdp_parser = {
    .name = "rdp",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(3, 3),
    PARSER_PORTS(RDP_PORT),
    .probe = rdp_probe,
    .state_size = sizeof(struct rdp_state),
    .data = rdp_data,
    .close = rdp_close,
    .held = rdp_held,
};
