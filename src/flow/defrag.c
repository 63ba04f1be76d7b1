/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The datagrams are in a hash table under a random key, so that nobody can choose ids
 * that fall into one chain, and in a list by age, whose head is the next to time out or
 * be evicted. A datagram that went over a limit stays, without its pieces, until it times
 * out: so its further fragments are dropped in silence and its event is raised once.
 */
#include "flow/defrag.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/size.h"
#include "decode/decode.h"

#define DEFRAG_BUCKET_BYTES 4096  /* of bytes_max for each bucket of the table */
#define DEFRAG_BUCKETS_MAX  16384 /* most buckets */
#define DEFRAG_MALLOC_BYTES 16    /* what the allocator adds to a block */
#define IPV6_FRAGMENT_BYTES 8     /* of the header that a fragment has, not the whole */

/* Bytes [begin, end) of the datagram, of which the first `there` were captured. */
struct piece {
	struct piece *next, *prev; /* by offset; they never overlap */
	uint32_t begin, end;
	uint32_t there;
	uint8_t bytes[];
};

struct datagram_key {
	struct addr src, dst;
	uint32_t id;
	uint32_t proto; /* 0 for IPv6: RFC 8200 does not make it part of the identity */
	uint32_t space; /* equal addresses in two tunnels are two machines */
};

struct datagram {
	struct datagram_key key;
	struct datagram *chain;           /* same bucket */
	struct datagram *older, *younger; /* by first */
	struct piece *head, *tail;
	struct moment first;
	uint32_t bucket;
	uint32_t pieces;
	uint32_t fragments;
	uint32_t held;   /* bytes of its pieces, as accounted */
	uint32_t filled; /* payload bytes in pieces */
	uint32_t end;    /* payload bytes in all; 0: the last fragment is not there yet */
	uint32_t reach;  /* end of the furthest piece */
	uint32_t wire;   /* of its frames */
	struct packet begin; /* the fragment at offset 0, once there: without payload */
	bool has_begin;
	bool overlapped; /* its event was raised */
	bool refused;    /* over a limit */
	uint8_t first_ttl;
};

struct defrag {
	struct hash_key key;
	struct datagram **bucket;
	uint32_t buckets; /* a power of two */
	struct datagram *oldest, *youngest;
	size_t held, max;
	struct moment last_eviction_event;
	struct defrag_counters counters;
	uint8_t whole[DEFRAG_DATAGRAM_MAX]; /* the joined bytes of the last result */
};

/* What a fragment says: bytes [begin, end) of a datagram, `there` of them captured. */
struct span {
	const uint8_t *bytes;
	uint32_t begin, end, there;
	bool last;
};

static size_t piece_bytes(uint32_t there)
{
	return sizeof(struct piece) + there + DEFRAG_MALLOC_BYTES;
}

static size_t datagram_bytes(void)
{
	return sizeof(struct datagram) + DEFRAG_MALLOC_BYTES;
}

struct defrag *defrag_new(size_t bytes_max)
{
	struct defrag *d = calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->buckets = 1;
	while (d->buckets < DEFRAG_BUCKETS_MAX &&
	       d->buckets < bytes_max / DEFRAG_BUCKET_BYTES)
		d->buckets *= 2;
	d->bucket = calloc(d->buckets, sizeof(struct datagram *));
	if (d->bucket == NULL) {
		free(d);
		return NULL;
	}
	d->key = hash_key_random();
	d->max = bytes_max;
	d->held = sizeof(*d) + d->buckets * sizeof(struct datagram *);
	d->last_eviction_event = MOMENT_NONE;
	return d;
}

static void drop_pieces(struct defrag *d, struct datagram *g)
{
	for (struct piece *q = g->head, *next; q != NULL; q = next) {
		next = q->next;
		free(q);
	}
	g->head = g->tail = NULL;
	d->held -= g->held;
	g->held = g->filled = g->pieces = 0;
}

static void list_add(struct defrag *d, struct datagram *g)
{
	g->older = d->youngest;
	if (d->youngest != NULL)
		d->youngest->younger = g;
	else
		d->oldest = g;
	d->youngest = g;
	g->chain = d->bucket[g->bucket];
	d->bucket[g->bucket] = g;
}

static void list_remove(struct defrag *d, struct datagram *g)
{
	struct datagram **link = &d->bucket[g->bucket];
	while (*link != g)
		link = &(*link)->chain;
	*link = g->chain;
	if (g->older != NULL)
		g->older->younger = g->younger;
	else
		d->oldest = g->younger;
	if (g->younger != NULL)
		g->younger->older = g->older;
	else
		d->youngest = g->older;
}

static void datagram_free(struct defrag *d, struct datagram *g)
{
	list_remove(d, g);
	drop_pieces(d, g);
	d->held -= datagram_bytes();
	free(g);
}

/* Free a datagram that did not complete. */
static void give_up(struct defrag *d, struct datagram *g, uint64_t *counter)
{
	if (!g->refused)
		++*counter;
	d->counters.dropped += g->fragments;
	datagram_free(d, g);
}

void defrag_free(struct defrag *d)
{
	if (d == NULL)
		return;
	while (d->oldest != NULL)
		datagram_free(d, d->oldest);
	free(d->bucket);
	free(d);
}

static struct flow_event *raise_event(
    struct defrag_result *r, enum flow_event_kind kind, const struct packet *f)
{
	struct flow_event *e = &r->event[r->events++];
	*e = (struct flow_event){
	    .kind = kind,
	    .ts = f->ts,
	    .source = f->source,
	    .offset = f->offset,
	    .packet = f,
	    .seq = f->fragment_offset,
	};
	return e;
}

/* The first that contradicts raises the event; n bytes do. */
static void note_overlap(struct defrag *d, struct datagram *g, const struct packet *f,
    struct defrag_result *r, uint32_t n)
{
	if (g->overlapped)
		return;
	g->overlapped = true;
	d->counters.overlaps++;
	struct flow_event *e = raise_event(r, FLOW_FRAGMENT_OVERLAP, f);
	e->length = n;
	e->since_other = moment_diff(g->first, f->ts);
	e->other.ttl = g->first_ttl;
	e->other.ip_id = g->key.id;
}

/* The datagram is over a limit: it and what still comes of it are dropped. */
static void refuse(struct defrag *d, struct datagram *g, const struct packet *f,
    struct defrag_result *r, uint32_t end)
{
	drop_pieces(d, g);
	g->refused = true;
	d->counters.over_limit++;
	d->counters.dropped += g->fragments;
	g->fragments = 0;
	raise_event(r, FLOW_FRAGMENT_LIMIT, f)->length = end;
}

static void note_eviction(
    struct defrag *d, const struct packet *f, struct defrag_result *r, uint32_t end)
{
	int64_t since = moment_diff(d->last_eviction_event, f->ts);
	if (since >= 0 && since < DEFRAG_EVENT_GAP_NS)
		return;
	d->last_eviction_event = f->ts;
	raise_event(r, FLOW_FRAGMENT_LIMIT, f)->length = end;
}

/*
 * Evict the oldest datagrams, but never keep, until n more bytes may be held; false when
 * that can not be. *evicted says whether any went.
 */
static bool make_room(
    struct defrag *d, size_t n, const struct datagram *keep, bool *evicted)
{
	while (d->held > d->max || n > d->max - d->held) {
		struct datagram *g = d->oldest;
		if (g == keep && g != NULL)
			g = g->younger;
		if (g == NULL)
			return false;
		give_up(d, g, &d->counters.evicted);
		*evicted = true;
	}
	return true;
}

/* Too old or, where the clock was set back,
 * too young to belong to a fragment of that time. */
static bool is_stale(const struct datagram *g, struct moment ts)
{
	int64_t age = moment_diff(g->first, ts);
	return age > DEFRAG_TIMEOUT_NS || age < -DEFRAG_TIMEOUT_NS;
}

static void expire(struct defrag *d, struct moment ts)
{
	struct datagram *g = d->oldest, *next;
	for (; g != NULL && is_stale(g, ts); g = next) {
		next = g->younger;
		give_up(d, g, &d->counters.timed_out);
	}
}

static struct datagram *find(
    struct defrag *d, const struct datagram_key *key, uint32_t bucket)
{
	struct datagram *g = d->bucket[bucket];
	while (g != NULL && memcmp(&g->key, key, sizeof(*key)) != 0)
		g = g->chain;
	return g;
}

/* The datagram that the fragment belongs to,
 * new where there is none; NULL without room. */
static struct datagram *obtain(struct defrag *d, const struct packet *f, bool *evicted)
{
	struct datagram_key key = {.src = f->src, .dst = f->dst, .id = f->ip_id};
	key.space = f->space;
	key.proto = addr_is_v4(&f->src) ? f->proto : 0;
	uint32_t bucket =
	    (uint32_t)hash_bytes(&d->key, &key, sizeof(key)) & (d->buckets - 1);
	struct datagram *g = find(d, &key, bucket);
	if (g != NULL && is_stale(g, f->ts)) {
		give_up(d, g, &d->counters.timed_out);
		g = NULL;
	}
	if (g != NULL)
		return g;
	if (!make_room(d, datagram_bytes(), NULL, evicted))
		return NULL;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return NULL;
	d->held += datagram_bytes();
	g->key = key;
	g->bucket = bucket;
	g->first = f->ts;
	g->first_ttl = f->ttl;
	list_add(d, g);
	return g;
}

/* Put bytes [begin, end) of the span before next, which is NULL at the end. */
static bool add_piece(struct defrag *d, struct datagram *g, const struct span *s,
    uint32_t begin, uint32_t end, struct piece *next)
{
	uint32_t skip = begin - s->begin, there = end - begin;
	if (skip >= s->there)
		there = 0;
	else if (there > s->there - skip)
		there = s->there - skip;
	struct piece *q = malloc(sizeof(*q) + there);
	if (q == NULL)
		return false;
	*q = (struct piece){.begin = begin, .end = end, .there = there, .next = next};
	if (there > 0)
		memcpy(q->bytes, s->bytes + skip, there);
	q->prev = next != NULL ? next->prev : g->tail;
	if (q->prev != NULL)
		q->prev->next = q;
	else
		g->head = q;
	if (next != NULL)
		next->prev = q;
	else
		g->tail = q;
	g->pieces++;
	g->filled += end - begin;
	g->held += (uint32_t)piece_bytes(there);
	d->held += piece_bytes(there);
	return true;
}

/* How many of the bytes [begin, end) differ
 * between the piece and the span, both captured. */
static uint32_t differing(
    const struct piece *q, const struct span *s, uint32_t begin, uint32_t end)
{
	uint32_t most = q->begin + q->there, n = 0;
	if (most > s->begin + s->there)
		most = s->begin + s->there;
	if (end > most)
		end = most;
	if (end <= begin || memcmp(q->bytes + (begin - q->begin),
				s->bytes + (begin - s->begin), end - begin) == 0)
		return 0;
	for (uint32_t i = begin; i < end; i++)
		n += q->bytes[i - q->begin] != s->bytes[i - s->begin];
	return n;
}

/*
 * Fill the holes of the datagram with the span's bytes; *differ counts those that
 * contradict what is there. False when the datagram would go over a limit.
 */
static bool insert(
    struct defrag *d, struct datagram *g, const struct span *s, uint32_t *differ)
{
	struct piece *q = g->tail;
	while (q != NULL && q->begin > s->begin)
		q = q->prev;
	if (q == NULL)
		q = g->head;
	else if (q->end <= s->begin)
		q = q->next;
	for (uint32_t at = s->begin; at < s->end; q = q->next) {
		uint32_t hole = q != NULL && q->begin < s->end ? q->begin : s->end;
		if (hole > at) {
			if (g->pieces == DEFRAG_PIECES_MAX ||
			    !add_piece(d, g, s, at, hole, q))
				return false;
			at = hole;
		}
		if (at == s->end)
			break;
		uint32_t end = q->end < s->end ? q->end : s->end;
		*differ += differing(q, s, at, end);
		at = end;
	}
	return true;
}

/* By how many bytes the span and the datagram disagree on where the datagram ends. */
static uint32_t contradicts_end(const struct datagram *g, const struct span *s)
{
	if (g->end != 0 && s->end > g->end)
		return s->end - g->end;
	if (!s->last)
		return 0;
	return g->end != 0 ? g->end - s->end : g->reach > s->end ? g->reach - s->end : 0;
}

/* Copy the pieces together; how many bytes there
 * are before the first that was not captured. */
static uint32_t join(struct defrag *d, const struct datagram *g)
{
	uint32_t n = 0;
	for (const struct piece *q = g->head; q != NULL; q = q->next) {
		memcpy(d->whole + q->begin, q->bytes, q->there);
		n = q->begin + q->there;
		if (n < q->end)
			break;
	}
	return n;
}

static void complete(
    struct defrag *d, struct datagram *g, const struct packet *f, struct defrag_result *r)
{
	struct packet *p = &r->whole;
	uint32_t captured = join(d, g);
	*p = g->begin;
	p->ts = f->ts;
	p->source = f->source;
	p->offset = f->offset;
	p->wire = g->wire;
	p->more_fragments = false;
	p->marks = (uint8_t)((p->marks & PACKET_BAD_IP_CHECKSUM) | PACKET_REASSEMBLED);
	p->ip_bytes = p->ip_bytes - p->length + g->end;
	if (!addr_is_v4(&p->src))
		p->ip_bytes -= IPV6_FRAGMENT_BYTES;
	enum decode_outcome outcome = decode_transport(p, d->whole, captured, g->end);
	/* Fragments of fragments, or too many headers:
	 * its addresses are all that is known. */
	if (outcome != DECODE_OK || (p->marks & PACKET_FRAGMENT) != 0) {
		p->marks = PACKET_REASSEMBLED | PACKET_NO_PORTS | PACKET_NO_CHECKSUM;
		p->more_fragments = false;
		p->fragment_offset = 0;
		p->payload = d->whole;
		p->captured = captured;
		p->length = g->end;
	}
	r->complete = true;
	d->counters.datagrams++;
	datagram_free(d, g);
}

/* All but the last are a multiple of 8 bytes long (RFC 791);
 * what is more has no place. */
static struct span span_of(const struct packet *f)
{
	uint32_t length = f->more_fragments ? f->length & ~7u : f->length;
	return (struct span){
	    .bytes = f->payload,
	    .begin = f->fragment_offset,
	    .end = f->fragment_offset + length,
	    .there = f->captured < length ? f->captured : length,
	    .last = !f->more_fragments,
	};
}

/* Account a fragment that was accepted. */
static void note_accepted(
    struct datagram *g, const struct packet *f, const struct span *s)
{
	g->fragments++;
	g->wire += f->wire;
	if (s->last)
		g->end = s->end;
	if (s->end > g->reach)
		g->reach = s->end;
	if (s->begin == 0 && !g->has_begin) {
		g->begin = *f;
		g->has_begin = true;
	}
}

/* False: the fragment is dropped. */
static bool accept(struct defrag *d, struct datagram *g, const struct packet *f,
    const struct span *s, struct defrag_result *r)
{
	uint32_t differ = contradicts_end(g, s);
	if (differ > 0) {
		note_overlap(d, g, f, r, differ);
		return false;
	}
	bool fits = insert(d, g, s, &differ);
	if (differ > 0)
		note_overlap(d, g, f, r, differ);
	if (!fits)
		refuse(d, g, f, r, s->end);
	return fits;
}

/* The most that the span can add:
 * a piece for each hole between those that it reaches into. */
static size_t most_bytes(const struct datagram *g, const struct span *s)
{
	size_t holes = s->begin >= g->reach ? 1 : g->pieces + 1u;
	return holes * piece_bytes(0) + s->there;
}

/* Take the fragment's bytes into its datagram; false: it is dropped. */
static bool take(
    struct defrag *d, struct datagram *g, const struct packet *f, struct defrag_result *r)
{
	struct span s = span_of(f);
	bool evicted = false;
	if (g->refused)
		return false;
	bool room =
	    s.end <= DEFRAG_DATAGRAM_MAX && make_room(d, most_bytes(g, &s), g, &evicted);
	if (evicted)
		note_eviction(d, f, r, s.end);
	if (!room) {
		refuse(d, g, f, r, s.end);
		return false;
	}
	if (!accept(d, g, f, &s, r))
		return false;
	note_accepted(g, f, &s);
	if (g->end != 0 && g->filled == g->end)
		complete(d, g, f, r);
	return true;
}

void defrag_add(struct defrag *d, const struct packet *f, struct defrag_result *r)
{
	r->complete = false;
	r->events = 0;
	d->counters.fragments++;
	expire(d, f->ts);
	struct span s = span_of(f);
	bool evicted = false;
	struct datagram *g = NULL;
	if (s.end > s.begin) {
		g = obtain(d, f, &evicted);
		if (evicted || g == NULL)
			note_eviction(d, f, r, s.end);
	}
	if (g == NULL || !take(d, g, f, r))
		d->counters.dropped++;
}

const struct defrag_counters *defrag_counters(const struct defrag *d)
{
	return &d->counters;
}

size_t defrag_held(const struct defrag *d)
{
	return d->held;
}
