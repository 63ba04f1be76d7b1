/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch: which parser gets the bytes of a flow.
 *
 *     first bytes of a side → probe each candidate → none: the side is done with
 *                                                  → one says yes: it gets all bytes from
 * here on → can not tell yet (TCP): hold, ask again
 *
 * The two sides are probed apart, since a capture may begin in the middle of one of them.
 * Bytes held are given to the parser in the order of arrival, both sides. A parser that
 * is done, or has failed, is closed at once, so that a long connection holds nothing.
 */
#include "proto/proto.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/dispatch/analysis.h"
#include "proto/dispatch/candidates.h"
#include "proto/dispatch/header_text.h"
#include "proto/dispatch/parsers.h"
#include "proto/parser.h"
#include "proto/random.h"
#include "proto/shared/transfer.h"
#include "proto/tls/certs.h"
#include "proto/traces.h"
#include "record/anomaly.h"

/* A piece of the bytes held; its p is not set: they are the next n bytes of its side. */
struct pending {
	struct flow_data chunk[PROBE_CHUNKS_MAX];
	size_t chunks;
	struct parser_set candidates[2]; /* meaningful once bytes of the side are held */
	size_t n[2];                     /* bytes held of each side */
	uint8_t bytes[2][PROBE_BYTES_MAX];
	struct flow *flow;
	struct pending *older, *newer;
};

static void pending_enter(struct proto *p, struct pending *q, struct flow *f)
{
	q->flow = f;
	q->older = p->newest;
	*(q->older != NULL ? &q->older->newer : &p->oldest) = q;
	p->newest = q;
}

static void pending_leave(struct proto *p, const struct pending *q)
{
	*(q->older != NULL ? &q->older->newer : &p->oldest) = q->newer;
	*(q->newer != NULL ? &q->newer->older : &p->newest) = q->older;
}

static void pending_give_up(struct proto *p, struct flow *f);

/* Memory for what is known of f. Where there is none left, flows that are still undecided
 * are given up, the oldest first: else whoever opens some thousand connections and says
 * little in each would keep all later ones from being read. */
static void *room_for(struct proto *p, const struct flow *f, size_t n)
{
	while (n > p->held.limit - p->held.n) {
		struct pending *q = p->oldest;
		if (q != NULL && q->flow == f)
			q = q->newer;
		if (q == NULL)
			break;
		p->held.refused++;
		pending_give_up(p, q->flow);
	}
	return held_alloc(&p->held, n);
}

static void side_done(struct flow *f, int side)
{
	f->user = (void *)((uintptr_t)f->user | SIDE_DONE(side));
}

static struct analysis *analysis_get(struct proto *p, struct flow *f)
{
	struct analysis *a = analysis_of(f);
	if (a == NULL) {
		a = room_for(p, f, sizeof(*a));
		if (a != NULL)
			f->user = (void *)((uintptr_t)f->user | (uintptr_t)a);
	}
	return a;
}

static struct parse parse_for(struct proto *p, struct flow *f, const struct analysis *a)
{
	return (struct parse){
	    .flow = f,
	    .ts = f->last,
	    .source = f->source,
	    .offset = f->offset,
	    .scratch = &p->scratch,
	    .counters = &p->counters[a->index],
	    .names = p->names,
	    .certs = p->certs,
	    .transfers = p->transfers,
	    .proto = p,
	};
}

static void pending_free(struct proto *p, struct analysis *a)
{
	if (a->pending != NULL)
		pending_leave(p, a->pending);
	held_free(&p->held, a->pending, sizeof(*a->pending));
	a->pending = NULL;
}

/* Close the parser; what it left (notes, services) stays for the conn record. */
static void parser_end(struct proto *p, struct flow *f, struct analysis *a)
{
	struct parse x = parse_for(p, f, a);
	a->parser->close(&x, a->state);
	arena_reset(&p->scratch);
	held_free(&p->held, a->state, size_max(a->parser->state_size, 1));
	p->held.n -= a->state_held;
	a->state_held = 0;
	a->state = NULL;
	a->parser = NULL;
	side_done(f, 0);
	side_done(f, 1);
}

/* Take account of what the parser now owns, and end it over the limit. */
static bool account(struct proto *p, struct analysis *a)
{
	if (a->parser->held == NULL)
		return true;
	size_t now = a->parser->held(a->state);
	p->held.n -= a->state_held;
	a->state_held = 0;
	if (now > p->held.limit - p->held.n) {
		p->counters[a->index].over_limit++;
		return false;
	}
	p->held.n += now;
	a->state_held = now;
	return true;
}

static void on_data(void *ctx, struct flow *f, const struct flow_data *d);
static void parser_begin(struct proto *p, struct flow *f, unsigned index);

/* What follows from a call of the parser. */
static void after_call(
    struct proto *p, struct flow *f, struct analysis *a, enum parse_result result)
{
	if (p->scratch.refused > 0)
		p->counters[a->index].over_limit++;
	arena_reset(&p->scratch);
	if (!account(p, a) || result != PARSE_OK)
		parser_end(p, f, a);
}

/* Close the parser and give the flow, from the rest of d on, to the next one. */
static void hand_over(
    struct proto *p, struct flow *f, struct analysis *a, const struct flow_data *d)
{
	a->handing = false;
	if (a->parser != NULL)
		parser_end(p, f, a);
	if (a->handed == HAND_OVERS_MAX) {
		p->counters[a->index].over_limit++;
		return;
	}
	a->handed++;
	f->user = a; /* both sides are of use again */
	if (a->next >= 0)
		parser_begin(p, f, (unsigned)a->next);
	struct flow_data rest = *d;
	rest.n = size_min(a->rest, d->n);
	rest.wire = rest.n + (d->wire - d->n);
	rest.p = d->p + (d->n - rest.n);
	if (rest.wire > 0)
		on_data(p, f, &rest);
}

static void parser_data(
    struct proto *p, struct flow *f, struct analysis *a, const struct flow_data *d)
{
	struct parse x = parse_for(p, f, a);
	x.ts = d->ts;
	x.source = d->source;
	x.offset = d->offset;
	after_call(p, f, a, a->parser->data(&x, a->state, d));
	if (a->handing)
		hand_over(p, f, a, d);
}

static void parser_gap(
    struct proto *p, struct flow *f, struct analysis *a, int side, uint64_t n)
{
	enum parse_result result = PARSE_DONE;
	if (a->parser->gap != NULL) {
		struct parse x = parse_for(p, f, a);
		result = a->parser->gap(&x, a->state, side, n);
	}
	after_call(p, f, a, result);
}

/* Give a parser what was held, as long as it wants it; one that it hands over to holds
 * what it likes anew. */
static void replay(struct proto *p, struct flow *f, struct analysis *a)
{
	struct pending *held = a->pending;
	a->pending = NULL;
	pending_leave(p, held);
	size_t at[2] = {0, 0};
	for (size_t i = 0; i < held->chunks; i++) {
		struct flow_data d = held->chunk[i];
		d.p = held->bytes[d.side] + at[d.side];
		at[d.side] += d.n;
		on_data(p, f, &d);
	}
	held_free(&p->held, held, sizeof(*held));
}

/* Make the state of a parser that is to read the flow from here on. */
static void parser_begin(struct proto *p, struct flow *f, unsigned index)
{
	struct analysis *a = analysis_get(p, f);
	size_t size = size_max(parsers[index]->state_size, 1);
	void *state = a != NULL ? room_for(p, f, size) : NULL;
	if (state == NULL) {
		p->counters[index].over_limit++;
		side_done(f, 0);
		side_done(f, 1);
		return;
	}
	f->user = a; /* a side that was done with may be of use to this parser */
	a->parser = parsers[index];
	a->index = index;
	a->state = state;
}

/* The parser was recognised: start it. */
static void parser_start(
    struct proto *p, struct flow *f, unsigned index, const struct flow_data *d)
{
	parser_begin(p, f, index);
	struct analysis *a = analysis_of(f);
	if (a != NULL && a->parser != NULL && a->pending != NULL)
		replay(p, f, a);
	on_data(p, f, d);
}

/* Probe the candidates, in the order of the table: the index of the one that said yes,
 * else -1; *left: those unsure. */
static int probe_all(const struct flow *f, int side, struct bytes first,
    struct parser_set candidates, struct parser_set *left)
{
	*left = (struct parser_set){0};
	int i;
	while ((i = parser_set_next(&candidates)) >= 0) {
		enum probe answer = parsers[i]->probe(f, side, first);
		if (answer == PROBE_YES)
			return i;
		if (answer == PROBE_MORE && f->proto == IP_PROTO_TCP)
			parser_set_add(left, (unsigned)i);
	}
	return -1;
}

/* The bytes to probe: what is held of the side, and as much of d as fits behind it. */
static struct bytes probe_bytes(struct pending *held, const struct flow_data *d)
{
	if (held == NULL || held->n[d->side] == 0)
		return bytes_over(d->p, d->n);
	uint8_t *own = held->bytes[d->side];
	size_t have = held->n[d->side];
	size_t more = size_min(d->n, PROBE_BYTES_MAX - have);
	if (more > 0)
		memcpy(own + have, d->p, more);
	return bytes_over(own, have + more);
}

/* Hold d until more is known; false when that is over a limit. */
static bool hold(struct proto *p, struct flow *f, const struct flow_data *d,
    struct parser_set candidates)
{
	struct analysis *a = d->n <= PROBE_BYTES_MAX ? analysis_get(p, f) : NULL;
	if (a == NULL)
		return false;
	if (a->pending == NULL) {
		a->pending = room_for(p, f, sizeof(*a->pending));
		if (a->pending == NULL)
			return false;
		pending_enter(p, a->pending, f);
	}
	struct pending *held = a->pending;
	size_t have = held->n[d->side];
	if (d->n > PROBE_BYTES_MAX - have || held->chunks == PROBE_CHUNKS_MAX)
		return false;
	if (d->n > 0)
		memcpy(held->bytes[d->side] + have, d->p, d->n);
	held->n[d->side] = have + d->n;
	held->chunk[held->chunks++] = *d;
	held->candidates[d->side] = candidates;
	return true;
}

/* Forget a side that nobody recognised; with both sides gone, nothing is held. */
static void give_up(struct proto *p, struct flow *f, int side)
{
	side_done(f, side);
	struct analysis *a = analysis_of(f);
	if (a == NULL)
		return;
	struct pending *held = a->pending;
	if (held != NULL && held->n[side] > 0) {
		size_t kept = 0;
		for (size_t i = 0; i < held->chunks; i++) {
			if (held->chunk[i].side != side)
				held->chunk[kept++] = held->chunk[i];
		}
		held->chunks = kept;
		held->n[side] = 0;
	}
	if (((uintptr_t)f->user & BOTH_DONE) != BOTH_DONE)
		return;
	pending_free(p, a);
	if (a->handed > 0 || a->guess != NULL) /* what was found stays */
		return;
	held_free(&p->held, a, sizeof(*a)); /* no parser ran: it holds no note */
	f->user = (void *)((uintptr_t)f->user & FLOW_BITS);
}

/* Give a flow that was announced to the parser that the announcement names. */
static bool on_data_announced(struct proto *p, struct flow *f, const struct flow_data *d)
{
	uint64_t ticket = expect_take(p->expect, f, d->ts);
	const struct expected *what = expect_of(p->expect, ticket);
	int index = what != NULL ? parser_index(what->parser) : -1;
	if (index < 0)
		return false;
	parser_begin(p, f, (unsigned)index);
	struct analysis *a = analysis_of(f);
	if (a != NULL && a->parser != NULL) {
		a->ticket = ticket;
		parser_data(p, f, a, d);
	}
	return true;
}

/* What the first bytes of a side look like beyond the parsers, kept for a flow of which
 * no parser becomes certain. The side that spoke first says which; what parser (NULL:
 * none takes it) knows better is no guess. */
static bool identify(struct proto *p, struct flow *f, struct bytes first,
    const struct proto_parser *parser)
{
	const char *word = service_of(&p->services, f, first);
	if (word != NULL && parser != NULL && strcmp(word, parser->name) == 0)
		return false;
	struct analysis *a = word != NULL ? analysis_get(p, f) : NULL;
	if (a != NULL && a->guess == NULL)
		a->guess = word;
	return word != NULL;
}

/* A parser knows better whether it is its own protocol. */
static void forget_guess(struct flow *f, const struct proto_parser *parser)
{
	struct analysis *a = analysis_of(f);
	if (a != NULL && a->guess != NULL && strcmp(a->guess, parser->name) == 0)
		a->guess = NULL;
}

static void on_data_undecided(struct proto *p, struct flow *f, const struct flow_data *d)
{
	struct analysis *a = analysis_of(f);
	struct pending *held = a != NULL ? a->pending : NULL;
	bool asked = held != NULL && held->n[d->side] > 0;
	if (held == NULL && !expect_empty(p->expect) && on_data_announced(p, f, d))
		return;
	struct bytes first = probe_bytes(held, d);
	if (!asked)
		trace_first(p, f, first, d);
	struct parser_set left;
	int yes = probe_all(f, d->side, first,
	    asked ? held->candidates[d->side]
		  : candidates_of(&p->candidates, f, first.pos[0]),
	    &left);
	bool named = false;
	if (yes < 0 || (f->proto == IP_PROTO_TCP && !asked))
		named = identify(p, f, first, yes >= 0 ? parsers[yes] : NULL);
	if (yes >= 0) {
		forget_guess(f, parsers[yes]);
		parser_start(p, f, (unsigned)yes, d);
		return;
	}
	if (!parser_set_empty(&left) && d->wire == d->n && hold(p, f, d, left))
		return;
	if (!named && random_looking(first))
		f->user = (void *)((uintptr_t)f->user | SIDE_RANDOM(d->side));
	give_up(p, f, d->side);
}

static bool is_icmp(const struct flow *f)
{
	return f->proto == IP_PROTO_ICMP || f->proto == IP_PROTO_ICMPV6;
}

static void on_open(void *ctx, struct flow *f)
{
	const struct proto *p = ctx;
	bool icmp = is_icmp(f) && p->icmp >= 0;
	f->user = NULL;
	if (f->proto != IP_PROTO_TCP && f->proto != IP_PROTO_UDP && !icmp)
		f->user = (void *)BOTH_DONE;
}

static void on_data(void *ctx, struct flow *f, const struct flow_data *d)
{
	if (((uintptr_t)f->user & SIDE_DONE(d->side)) != 0)
		return;
	struct proto *p = ctx;
	struct analysis *a = analysis_of(f);
	if (a != NULL && a->parser != NULL)
		parser_data(p, f, a, d);
	else if (is_icmp(f))
		parser_start(p, f, (unsigned)p->icmp, d); /* it needs no probe */
	else if (d->n > 0)
		on_data_undecided(p, f, d);
}

static void on_gap(void *ctx, struct flow *f, int side, uint64_t n)
{
	if (((uintptr_t)f->user & SIDE_DONE(side)) != 0)
		return;
	struct proto *p = ctx;
	struct analysis *a = analysis_of(f);
	if (a != NULL && a->parser != NULL)
		parser_gap(p, f, a, side, n);
	else
		give_up(p, f, side);
}

static void on_event(void *ctx, struct flow *f, const struct flow_event *e)
{
	anomaly_emit(ctx, f, e);
}

/* It ended before a parser could tell. */
static void identify_held(struct proto *p, struct flow *f, const struct pending *held)
{
	for (size_t i = 0; i < held->chunks; i++) {
		int side = held->chunk[i].side;
		identify(p, f, bytes_over(held->bytes[side], held->n[side]), NULL);
	}
}

static void pending_give_up(struct proto *p, struct flow *f)
{
	identify_held(p, f, analysis_of(f)->pending);
	give_up(p, f, 0);
	give_up(p, f, 1);
}

static void on_close(void *ctx, struct flow *f, enum flow_close why)
{
	(void)why;
	struct proto *p = ctx;
	struct analysis *a = analysis_of(f);
	if (a != NULL && a->parser != NULL)
		parser_end(p, f, a);
	if (a != NULL && a->pending != NULL)
		identify_held(p, f, a->pending);
	conn_emit(p, f, a);
	f->user = NULL;
	if (a == NULL)
		return;
	pending_free(p, a);
	for (int i = 0; i < NOTES; i++)
		free((void *)(uintptr_t)a->note[i].p);
	held_free(&p->held, a, sizeof(*a));
}

static void on_tunnel(void *ctx, const struct flow_tunnel *t)
{
	tunnel_emit(ctx, t);
}

const struct proto_limits proto_limits_default = {
    .analyses = PROTO_HELD_MAX, .names = NAMES_LIMIT, .name_bytes = NAMES_BYTES_MAX};

struct proto *proto_new(
    const struct proto_options *options, const struct record_sink *sink)
{
	const struct proto_limits *limits =
	    options->limits != NULL ? options->limits : &proto_limits_default;
	struct proto *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->options = *options;
	p->sink = *sink;
	p->held.limit = limits->analyses;
	arena_init(&p->scratch, PROTO_SCRATCH_MAX);
	p->names = names_new(limits->names, limits->name_bytes);
	p->certs = certs_new();
	p->expect = expect_new();
	p->counters = calloc(PARSERS + 1, sizeof(*p->counters));
	p->transfers = transfers_new();
	p->header_texts = header_texts_new();
	p->own_traces = options->traces == NULL ? traces_new() : NULL;
	p->traces = options->traces != NULL ? options->traces : p->own_traces;
	p->icmp = parser_index("icmp");
	if (p->names == NULL || p->certs == NULL || p->transfers == NULL ||
	    p->header_texts == NULL || p->traces == NULL || p->expect == NULL ||
	    p->counters == NULL) {
		proto_free(p);
		return NULL;
	}
	candidates_init(&p->candidates, parsers);
	services_init(&p->services);
	return p;
}

struct proto_pressure proto_pressure(const struct proto *p)
{
	return (struct proto_pressure){p->held.refused, names_forgotten(p->names)};
}

struct flow_sink proto_flow_sink(struct proto *p)
{
	return (struct flow_sink){
	    .open = on_open,
	    .data = on_data,
	    .gap = on_gap,
	    .event = on_event,
	    .close = on_close,
	    .tunnel = on_tunnel,
	    .syn = trace_syn,
	    .ctx = p,
	};
}

void proto_link(struct proto *p, const struct link *l)
{
	for (unsigned i = 0; parsers[i] != NULL; i++) {
		if (parsers[i]->ethertype != l->type || parsers[i]->link == NULL)
			continue;
		struct parse x = {
		    .ts = l->ts,
		    .source = l->source,
		    .offset = l->offset,
		    .scratch = &p->scratch,
		    .counters = &p->counters[i],
		    .names = p->names,
		    .certs = p->certs,
		    .transfers = p->transfers,
		    .proto = p,
		};
		parsers[i]->link(&x, l);
		arena_reset(&p->scratch);
	}
}

const struct proto_counters *proto_counters(const struct proto *p, size_t i)
{
	return &p->counters[i];
}

void proto_free(struct proto *p)
{
	if (p == NULL)
		return;
	names_free(p->names);
	certs_free(p->certs);
	transfers_free(p->transfers);
	traces_free(p->own_traces);
	header_texts_free(p->header_texts);
	expect_free(p->expect);
	free(p->counters);
	held_fini(&p->held);
	arena_fini(&p->scratch);
	free(p);
}
