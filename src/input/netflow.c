/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers of the three versions, and all of NetFlow v5:
 *
 *     v5     | 5 | count | uptime | s | ns | sequence | engine | sampling |  24 bytes
 *            then count records of 48 bytes
 *     v9     | 9 | count | uptime | s | sequence | source id |               20 bytes
 *     IPFIX  | 10 | length | s | sequence | domain |                         16 bytes
 */
#include "input/netflow.h"

#include <stdlib.h>
#include <string.h>

#include "input/netflow_domain.h"

#define V5_HEADER      24
#define V5_RECORD      48
#define V5_RECORDS_MAX 30
#define V9_HEADER      20
#define V9_RECORDS_MAX 4096
#define IPFIX_HEADER   16
#define SET_HEADER     4
#define ALIGNMENT      4 /* of sets: padding is shorter, or zeros */

#define EARLIEST_S    631152000 /* 1990: before NetFlow; a header's time is later */
#define RESTART_MS    60000     /* uptime went back by so much: booted anew */
#define SAMPLING_BITS 0x3fff

struct netflow *netflow_new(const struct netflow_sink *sink)
{
	struct netflow *n = calloc(1, sizeof(*n));
	if (n == NULL)
		return NULL;
	n->sink = *sink;
	n->key = hash_key_random();
	return n;
}

/* ---- v5 ---- */

struct v5_header {
	uint16_t count, engine, sampling;
	uint32_t sequence;
	struct netflow_when when;
};

static struct v5_header read_v5_header(struct bytes *b)
{
	struct v5_header h = {.count = bytes_be16(b)};
	h.when.uptime = bytes_be32(b);
	h.when.has_uptime = true;
	uint32_t s = bytes_be32(b), ns = bytes_be32(b);
	h.when.exported = moment_from(s, ns);
	h.sequence = bytes_be32(b);
	h.engine = bytes_be16(b);
	h.sampling = bytes_be16(b) & SAMPLING_BITS;
	return h;
}

static struct netflow_row read_v5_record(const uint8_t *p, const struct v5_header *h)
{
	uint64_t interval = h->sampling > 1 ? h->sampling : 1;
	struct netflow_row r = {.vlan = -1,
	    .addr = {addr_from_v4(p), addr_from_v4(p + 4)},
	    .port = {load_be16(p + 32), load_be16(p + 34)},
	    .proto = p[38],
	    .flags = {p[37]},
	    .marks = NETFLOW_HAS_FLAGS | (interval > 1 ? NETFLOW_SAMPLED : 0),
	    .packets = {load_be32(p + 16) * interval},
	    .bytes = {load_be32(p + 20) * interval},
	    .first = netflow_uptime(&h->when, load_be32(p + 24)),
	    .last = netflow_uptime(&h->when, load_be32(p + 28)),
	    .seen = h->when.arrived.ns != 0 ? h->when.arrived : h->when.exported};
	if (r.last.ns < r.first.ns)
		r.last = r.first;
	if (r.proto == NETFLOW_PROTO_ICMP) {
		r.port[0] = p[34];
		r.port[1] = p[35];
	}
	return r;
}

static enum netflow_verdict read_v5(
    struct netflow *n, const struct netflow_origin *origin, struct bytes b)
{
	struct v5_header h = read_v5_header(&b);
	h.when.arrived = origin->arrived;
	if (b.bad)
		return NETFLOW_CUT;
	struct netflow_domain *d = domain_find(n, origin, NETFLOW_V5, h.engine);
	if (d == NULL)
		return NETFLOW_LIMIT;
	domain_count(n, d, h.sequence, h.count, h.when.exported);
	for (uint32_t i = 0; i < h.count; i++) {
		const uint8_t *p = bytes_take(&b, V5_RECORD);
		if (p == NULL) {
			n->counters.broken++;
			return NETFLOW_CUT;
		}
		struct netflow_row row = read_v5_record(p, &h);
		row.exporter = d->number;
		row.source = origin->source;
		row.offset = origin->offset + V5_HEADER + (uint64_t)i * V5_RECORD;
		n->counters.records++;
		n->counters.rows++;
		n->sink.row(n->sink.ctx, &row);
	}
	return NETFLOW_READ;
}

/* ---- v9 and IPFIX ---- */

/* Whether the header says that the exporter booted since the one before. */
static bool restarted(const struct netflow_domain *d, uint32_t uptime, uint32_t sequence)
{
	int32_t back = (int32_t)(d->uptime - uptime);
	return d->counting && back > RESTART_MS && sequence < d->next;
}

static enum netflow_verdict read_v9(
    struct netflow *n, const struct netflow_origin *origin, struct bytes b)
{
	struct netflow_set set = {.version = NETFLOW_V9,
	    .source = origin->source,
	    .offset = origin->offset + V9_HEADER};
	enum netflow_verdict verdict;
	bytes_skip(&b, 2);
	set.when.uptime = bytes_be32(&b);
	set.when.has_uptime = true;
	set.when.exported = moment_from(bytes_be32(&b), 0);
	uint32_t sequence = bytes_be32(&b), id = bytes_be32(&b);
	if (b.bad)
		return NETFLOW_CUT;
	struct netflow_domain *d = domain_find(n, origin, NETFLOW_V9, id);
	if (d == NULL)
		return NETFLOW_LIMIT;
	if (restarted(d, set.when.uptime, sequence))
		domain_restart(n, d);
	domain_count(n, d, sequence, 1, set.when.exported);
	d->uptime = set.when.uptime;
	set.domain = d;
	set.when.arrived = origin->arrived;
	set.when.boot = MOMENT_NONE;
	set.bytes = b;
	ipfix_sets(n, &set, &verdict);
	return verdict;
}

static enum netflow_verdict read_ipfix(
    struct netflow *n, const struct netflow_origin *origin, struct bytes b)
{
	struct netflow_set set = {.version = NETFLOW_IPFIX,
	    .source = origin->source,
	    .offset = origin->offset + IPFIX_HEADER};
	enum netflow_verdict verdict;
	size_t length = bytes_be16(&b);
	set.when.exported = moment_from(bytes_be32(&b), 0);
	uint32_t sequence = bytes_be32(&b), id = bytes_be32(&b);
	if (b.bad)
		return NETFLOW_CUT;
	if (length < IPFIX_HEADER)
		return NETFLOW_BROKEN;
	bool cut = length - IPFIX_HEADER > b.left;
	if (!cut)
		b = bytes_sub(&b, length - IPFIX_HEADER);
	struct netflow_domain *d = domain_find(n, origin, NETFLOW_IPFIX, id);
	if (d == NULL)
		return NETFLOW_LIMIT;
	set.domain = d;
	set.when.arrived = origin->arrived;
	set.when.boot = d->boot;
	set.bytes = b;
	domain_count(n, d, sequence, 0, set.when.exported);
	int64_t records = ipfix_sets(n, &set, &verdict);
	d->counting = records >= 0 && !cut;
	d->next += (uint32_t)records;
	return cut ? NETFLOW_CUT : verdict;
}

enum netflow_verdict netflow_datagram(
    struct netflow *n, const struct netflow_origin *origin, struct bytes datagram)
{
	enum netflow_verdict verdict = NETFLOW_OTHER;
	uint16_t version = bytes_be16(&datagram);
	if (datagram.bad)
		return NETFLOW_CUT;
	n->counters.datagrams++;
	if (version == NETFLOW_V5)
		verdict = read_v5(n, origin, datagram);
	else if (version == NETFLOW_V9)
		verdict = read_v9(n, origin, datagram);
	else if (version == NETFLOW_IPFIX)
		verdict = read_ipfix(n, origin, datagram);
	if (verdict == NETFLOW_LIMIT)
		n->counters.over_limit++;
	return verdict;
}

/* ---- data without a template ---- */

/* How alike two names are: by what they begin with, then by what is equal at the end. */
static uint64_t likeness(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), prefix = 0, suffix = 0;
	while (a[prefix] != '\0' && a[prefix] == b[prefix])
		prefix++;
	while (suffix < la - prefix && suffix < lb - prefix &&
	       a[la - 1 - suffix] == b[lb - 1 - suffix])
		suffix++;
	size_t differ = la + lb - 2 * (prefix + suffix);
	return (uint64_t)prefix << 32 | ((size_t)2 * NETFLOW_NAME_MAX - differ);
}

/* Whether a data set may be of that template: nothing but zeros follows its last record.
 */
static bool fits(const struct netflow_template *t, const struct netflow_held *h)
{
	for (uint32_t i = 0; i < t->steps; i++) {
		if (t->step[i].length == NETFLOW_LENGTH_VARIES)
			return true;
	}
	size_t rest = h->n % t->least;
	for (size_t i = h->n - rest; i < h->n && rest >= ALIGNMENT; i++) {
		if (h->bytes[i] != 0)
			return false;
	}
	return h->n >= t->least;
}

/* Another file's domain of the same number that knows the template: the file whose name
 * is most alike, and of these the one that was met first. */
static struct netflow_domain *most_alike(
    struct netflow *n, const struct netflow_domain *d, const struct netflow_held *h)
{
	struct netflow_domain *best = NULL;
	uint64_t most = 0;
	if (d->name[0] == '\0')
		return NULL;
	for (struct netflow_domain *o = n->newest; o != NULL; o = o->older) {
		if (o->key.version != d->key.version || o->key.id != d->key.id ||
		    o->name[0] == '\0')
			continue;
		const struct netflow_template *t = domain_template(o, h->id);
		if (t == NULL || !fits(t, h))
			continue;
		uint64_t alike = likeness(o->name, d->name);
		if (best == NULL || alike >= most) {
			best = o;
			most = alike;
		}
	}
	return best;
}

/* Read those held sets for which another file has a template, of options or of data. */
static void read_with_others(struct netflow *n, struct netflow_domain *d, bool options)
{
	struct netflow_held **at = &d->held;
	while (*at != NULL) {
		struct netflow_held *h = *at;
		struct netflow_domain *o = most_alike(n, d, h);
		const struct netflow_template *t =
		    o != NULL ? domain_template(o, h->id) : NULL;
		if (t == NULL || t->options != options) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		struct netflow_set set = {o, h->when, (uint8_t)d->key.version, h->source,
		    h->offset, bytes_over(h->bytes, h->n)};
		if (set.when.boot.ns == MOMENT_NONE.ns)
			set.when.boot = o->boot;
		ipfix_records(n, &set, t);
		d->held_sets--;
		n->held_bytes -= sizeof(*h) + h->n;
		free(h);
	}
	d->held_end = at;
}

void netflow_finish(struct netflow *n,
    void (*orphan)(void *ctx, uint32_t source, uint64_t offset, uint16_t id), void *ctx)
{
	for (int options = 1; options >= 0; options--) {
		for (struct netflow_domain *d = n->newest; d != NULL; d = d->older)
			read_with_others(n, d, options == 1);
	}
	for (struct netflow_domain *d = n->newest; d != NULL; d = d->older) {
		for (const struct netflow_held *h = d->held; h != NULL; h = h->next) {
			n->counters.orphans++;
			if (orphan != NULL)
				orphan(ctx, h->source, h->offset, h->id);
		}
	}
}

const struct netflow_counters *netflow_counters(const struct netflow *n)
{
	return &n->counters;
}

void netflow_free(struct netflow *n)
{
	if (n == NULL)
		return;
	domain_free_all(n);
	free(n);
}

/* ---- datagrams one after another in a file ---- */

bool netflow_looks(const uint8_t *p, size_t n)
{
	if (n < V9_HEADER)
		return false;
	uint16_t version = load_be16(p), second = load_be16(p + 2);
	if (version == NETFLOW_V5)
		return n >= V5_HEADER && second >= 1 && second <= V5_RECORDS_MAX &&
		       load_be32(p + 8) >= EARLIEST_S &&
		       load_be32(p + 12) < (uint32_t)NS_PER_S;
	const uint8_t *set = p + (version == NETFLOW_V9 ? V9_HEADER : IPFIX_HEADER);
	if (n < (size_t)(set - p) + SET_HEADER)
		return false;
	uint16_t id = load_be16(set), length = load_be16(set + 2);
	bool template = id <= 1 && n >= V9_HEADER + 2 * SET_HEADER &&
			load_be16(set + 4) >= 256 && length > SET_HEADER;
	/* Where the clock was not set, a template tells. */
	if (version == NETFLOW_V9)
		return second >= 1 && second <= V9_RECORDS_MAX &&
		       (load_be32(p + 8) >= EARLIEST_S || template) &&
		       (id <= 1 || id >= 256) && length >= SET_HEADER;
	return version == NETFLOW_IPFIX && load_be32(p + 4) >= EARLIEST_S &&
	       (id == 2 || id == 3 || id >= 256) && length >= SET_HEADER &&
	       second >= IPFIX_HEADER + length;
}

struct moment netflow_header_time(const uint8_t *p)
{
	uint16_t version = load_be16(p);
	if (version == NETFLOW_V5)
		return moment_from(load_be32(p + 8), load_be32(p + 12));
	return moment_from(load_be32(version == NETFLOW_V9 ? p + 8 : p + 4), 0);
}

/* Walk the sets of a v9 datagram: numbers below 256 other than those of templates are
 * no sets, but versions of the next header; zeros are padding. */
static size_t measure_v9(const uint8_t *p, size_t n, bool last)
{
	size_t at = V9_HEADER;
	for (;;) {
		if (n - at < SET_HEADER)
			return last ? n : at + SET_HEADER;
		uint16_t id = load_be16(p + at), length = load_be16(p + at + 2);
		if (id == 0 && length == 0) {
			while (at < n && p[at] == 0)
				at++;
			if (at == n)
				return last || n >= NETFLOW_DATAGRAM_MAX ? n : n + 1;
			return at - 1; /* the high byte of the next version */
		}
		if ((id > 1 && id < 256) || length < SET_HEADER)
			return at;
		if (length > NETFLOW_DATAGRAM_MAX - at)
			return at;
		if (length > n - at)
			return last ? n : at + length;
		at += length;
	}
}

size_t netflow_measure(const uint8_t *p, size_t n, bool last)
{
	if (n < V5_HEADER)
		return last ? n : V5_HEADER;
	uint16_t version = load_be16(p), second = load_be16(p + 2);
	if (version == NETFLOW_V5)
		return V5_HEADER + (size_t)second * V5_RECORD;
	if (version == NETFLOW_V9)
		return measure_v9(p, n, last);
	return version == NETFLOW_IPFIX && second >= IPFIX_HEADER ? second : 0;
}
