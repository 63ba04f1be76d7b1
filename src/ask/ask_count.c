/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/ask_count.h"

#include <stdlib.h>

#include "ask/ask_span.h"
#include "base/size.h"

/* ---- seen ---- */

enum ask_how ask_how_of(struct str via)
{
	if (via.n == 0)
		return ASK_HOW_COUNT;
#define H(ENUMERATOR, name, said)                                                        \
	if (str_equal(via, str_of(said)))                                                \
		return ASK_##ENUMERATOR;
	ASK_HOWS(H)
#undef H
	return ASK_HOW_COUNT;
}

/* The indicator of a slot: of many rows one after another the same. */
static const struct indicator *indicator_of(struct ask *a, uint32_t slot)
{
	if (a->last_slot != slot + UINT64_C(1)) {
		ask_slot_indicator(a, slot, &a->last);
		a->last_slot = slot + UINT64_C(1);
	}
	return &a->last;
}

bool ask_of_connections(struct ask *a, uint32_t slot)
{
	if (slot >= a->indicators) /* parts of a pattern that are one connection */
		return true;
	const struct indicator *in = indicator_of(a, slot);
	return (in->kind == INDICATOR_ADDRESS || in->kind == INDICATOR_NETWORK) &&
	       (in->role != ROLE_ANY || in->port != 0);
}

static int is_in_net(
    void *ctx, struct str text, const struct keys_place *rows, struct error *e)
{
	const struct net *net = ctx;
	struct addr address;
	(void)rows, (void)e;
	return str_addr(text, &address) && ask_net_holds(net, &address);
}

/* Whether any address of the memory lies in the network. */
static int has_address(struct ask *a, const struct net *net, bool *found, struct error *e)
{
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	struct net copy = *net;
	const struct keys_visit v = {is_in_net, &copy, NULL};
	ask_net_range(net, from, to);
	int status = ask_values(a, ASK_KIND_ADDRESS, str_of(from), str_of(to), &v, e);
	*found = status > 0;
	return status < 0 ? -1 : 0;
}

int ask_know_home(struct ask *a, struct error *e)
{
	if (a->home_looked)
		return 0;
	a->home_known = !a->q->home_guessed && a->q->homes > 0;
	for (size_t i = 0; a->q->home_guessed && !a->home_known && i < a->q->homes; i++) {
		if (has_address(a, &a->q->home[i], &a->home_known, e) < 0)
			return -1;
	}
	a->home_looked = true;
	return 0;
}

/* A client that is not ours speaks to a server that is: what it sends comes in. */
static int orient_seen(struct ask *a, struct ask_row *r, struct error *e)
{
	uint64_t out = r->bytes_out;
	if (!r->has_host || ask_book_is_home(&a->book, &r->host))
		return 0;
	if (ask_know_home(a, e) < 0)
		return -1;
	if (a->home_known) {
		r->bytes_out = r->bytes_in;
		r->bytes_in = out;
	}
	return 0;
}

int ask_count_seen(struct ask *a, struct ask_row *r, struct error *e)
{
	if (!ask_span_clip_days(a->q, &r->days))
		return 0;
	ask_span_clip(a->q, r);
	if ((r->bytes_out != 0 || r->bytes_in != 0) && orient_seen(a, r, e) < 0)
		return -1;
	for (size_t i = 0; i < a->matched.n; i++) {
		uint32_t slot = a->matched.v[i];
		if (!ask_of_connections(a, slot) &&
		    ask_book_add(&a->book, slot, r, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- pairs ---- */

static bool compares(enum indicator_match match, uint64_t a, uint64_t b)
{
	switch ((int)match) {
	case MATCH_LESS:
		return a < b;
	case MATCH_LESS_EQUAL:
		return a <= b;
	case MATCH_GREATER:
		return a > b;
	case MATCH_GREATER_EQUAL:
		return a >= b;
	default:
		return a == b;
	}
}

/* Whether a row meets what the pattern says of its port or protocol. */
static bool meets_port(const struct ask *a, uint32_t indicator, const struct ask_pair *p)
{
	struct indicator in;
	indicators_get(a->q->set, indicator, &in);
	if (in.kind == INDICATOR_PROTO)
		return str_equal(in.value, p->proto);
	char text[24];
	snprintf(text, sizeof(text), "%.*s", (int)size_min(in.value.n, 20), in.value.p);
	return in.role != ROLE_SRC &&
	       compares(in.match, p->port, strtoull(text, NULL, 10));
}

/* Whether the destination, or the source, of the pair is what the indicator says. */
static bool is_of(const struct indicator *in, const struct ask_pair *p, bool dst)
{
	char text[ADDR_TEXT_MAX];
	const struct addr *address = dst ? &p->dst : &p->src;
	struct str end = dst ? p->dst_text : p->src_text;
	bool is_addr = dst ? p->has_dst : p->has_src;
	if (in->kind == INDICATOR_NETWORK)
		return ask_net_holds(&in->net, address);
	if (end.p == NULL && !is_addr)
		return false;
	if (end.p == NULL)
		end = (struct str){text, addr_text(address, text)};
	return str_equal(in->value, end);
}

/* Whether the row meets one test of each group. */
static bool meets_tests(
    const struct ask *a, const struct ask_slot *s, const struct ask_pair *p)
{
	for (size_t i = 0; i < s->test_count;) {
		uint32_t group = s->tests[i].group;
		bool met = false;
		for (; i < s->test_count && s->tests[i].group == group; i++)
			met |= meets_port(a, s->tests[i].indicator, p) !=
			       s->tests[i].negated;
		if (!met)
			return false;
	}
	return true;
}

static bool meets_peer(
    const struct ask *a, const struct ask_slot *s, const struct ask_pair *p, bool dst)
{
	for (size_t i = 0; i < s->peer_count; i++) {
		struct indicator peer;
		indicators_get(a->q->set, s->peers[i], &peer);
		if (is_of(&peer, p, dst))
			return true;
	}
	return s->peer_count == 0;
}

/* Whether the row, which the slot's indicator meets at one end, counts for it. */
static bool counts(const struct ask *a, uint32_t slot, const struct indicator *in,
    const struct ask_pair *p, bool by_dst)
{
	if ((by_dst && in->role == ROLE_SRC) || (!by_dst && in->role == ROLE_DST))
		return false;
	/* Once is enough where both ends are meant: as who answered. */
	if (!by_dst && in->role == ROLE_ANY &&
	    (in->kind == INDICATOR_ADDRESS || in->kind == INDICATOR_NETWORK) &&
	    in->match != MATCH_LIKE && in->match != MATCH_REGEX && is_of(in, p, true))
		return false;
	if (in->port != 0 && (!by_dst || in->port != p->port))
		return false;
	if (slot < a->indicators)
		return true;
	const struct ask_slot *s = &a->extra[slot - a->indicators];
	return meets_tests(a, s, p) && meets_peer(a, s, p, !by_dst);
}

void ask_pair_service(struct ask_pair *p)
{
	if (p->port != 0)
		snprintf(p->service, sizeof(p->service), "%.*s/%u", STR_ARG(p->proto),
		    p->port);
	else
		snprintf(p->service, sizeof(p->service), "%.*s", STR_ARG(p->proto));
	p->r.service = str_of(p->service);
}

/* Bytes count as going out from our side, and from the other end where both or neither
 * are ours. */
static void orient(const struct ask *a, struct ask_pair *p, bool by_dst)
{
	const struct addr *it = by_dst ? &p->dst : &p->src;
	const struct addr *other = by_dst ? &p->src : &p->dst;
	bool from_it =
	    ask_book_is_home(&a->book, it) && !ask_book_is_home(&a->book, other);
	bool from_src = by_dst != from_it;
	p->r.bytes_out = from_src ? p->src_bytes : p->dst_bytes;
	p->r.bytes_in = from_src ? p->dst_bytes : p->src_bytes;
	p->r.how = by_dst ? ASK_TO : ASK_FROM;
	p->r.host = *other;
	p->r.has_host = by_dst ? p->has_src : p->has_dst;
}

int ask_count_pair(struct ask *a, struct ask_pair *p, bool by_dst, struct error *e)
{
	if (!ask_span_clip_days(a->q, &p->r.days))
		return 0;
	/* A row lies in its piece of the span; only a connection that was still open at
	 * its end reaches out. */
	ask_span_clip(a->q, &p->r);
	p->r.coarse = false;
	orient(a, p, by_dst);
	for (size_t i = 0; i < a->matched.n; i++) {
		uint32_t slot = a->matched.v[i];
		if (counts(a, slot, indicator_of(a, slot), p, by_dst) &&
		    ask_book_add(&a->book, slot, &p->r, e) < 0)
			return -1;
	}
	return 0;
}
