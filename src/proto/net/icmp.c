/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Echo of ICMP (RFC 792) and ICMPv6 (RFC 4443 4.1): what came back is what was sent, and
 * a ping sends the same pattern again and again, but for a time stamp at its beginning
 * and a sequence number that grows. What does otherwise carries something else: it is
 * counted here and becomes one row of anomaly (echo_odd) when the flow ends.
 *
 *     type 1 | code 1 | checksum 2 | id 2 | sequence 2 | data: [time stamp 16] pattern
 *
 * A reply may be shorter than its request (public resolvers cut them), never longer and
 * never different. Data that the capture cut off is not compared. Messages of types that
 * nothing uses any more, or ever did, become a row of icmp_odd.
 */
#include "base/hash.h"
#include "base/ip.h"
#include "base/size.h"
#include "proto/parser.h"
#include "proto/traces.h"
#include "record/anomaly.h"

#include <inttypes.h>

#define ECHO_OPEN_MAX  8   /* requests that wait for their reply; then the oldest goes */
#define ECHO_PREFIX    32  /* bytes kept of each */
#define ECHO_HASHED    512 /* bytes of each that are compared */
#define ECHO_STAMP     16  /* bytes at the beginning in which a time stamp may stand */
#define ECHO_SIZES_MAX 8   /* different sizes that are counted */
#define ECHO_SAME_MIN  3   /* requests in a row with the same numbers: odd */
#define ECHO_SIZES_MIN 4   /* a path's MTU is found with fewer sizes */

struct echo_request {
	uint32_t word, length; /* id and sequence; bytes of data */
	uint64_t hash;
	uint8_t prefix[ECHO_PREFIX];
	bool used;
};

struct icmp_state {
	uint64_t requests, replies;
	uint64_t changed; /* replies that are not what was sent */
	uint64_t unasked; /* replies to nothing that was seen */
	uint64_t same;    /* requests with the numbers of the one before */
	uint64_t tails;   /* as long as the one before, but with another pattern */
	uint64_t bytes[2];
	uint64_t odd_packets, odd_bytes;
	uint64_t tail;
	uint32_t last_word, last_length;
	uint32_t least, most, sizes;
	uint32_t size[ECHO_SIZES_MAX];
	struct echo_request open[ECHO_OPEN_MAX];
	uint8_t next;
	bool overrun; /* a request gave way before its reply */
	uint8_t shown_n;
	uint8_t shown[ECHO_PREFIX]; /* first bytes of what was odd last */
};

static bool is_request(const struct flow *f, unsigned type)
{
	return f->proto == IP_PROTO_ICMP ? type == 8 : type == 128;
}

static bool is_reply(const struct flow *f, unsigned type)
{
	return f->proto == IP_PROTO_ICMP ? type == 0 : type == 129;
}

/* Types that are neither deprecated (RFC 6918) nor unassigned (IANA); those for
 * experiments (RFC 4727) are in use by nobody whom others should not see. */
static bool is_used(const struct flow *f, unsigned type)
{
	if (f->proto == IP_PROTO_ICMPV6)
		return (type >= 1 && type <= 4) || (type >= 127 && type <= 161);
	return type == 3 || type == 5 || (type >= 8 && type <= 18) || type == 30 ||
	       type == 40 || type == 42 || type == 43 || type == 4;
}

static uint64_t hash_of(struct bytes b)
{
	return hash_bytes(&hash_key_public, b.pos, size_min(b.left, ECHO_HASHED));
}

/* What follows the time stamp: bytes that count up are a pattern whatever they begin at,
 * as routers' pings have them. */
static uint64_t tail_of(struct bytes data)
{
	bytes_skip(&data, size_min(data.left, ECHO_STAMP));
	size_t n = size_min(data.left, ECHO_HASHED), i = 1;
	while (i < n && data.pos[i] == (uint8_t)(data.pos[i - 1] + 1))
		i++;
	return i < n ? hash_of(data) : 0;
}

static void note_size(struct icmp_state *s, uint32_t length)
{
	if (s->requests == 1 || length < s->least)
		s->least = length;
	if (length > s->most)
		s->most = length;
	for (uint32_t i = 0; i < s->sizes; i++) {
		if (s->size[i] == length)
			return;
	}
	if (s->sizes < ECHO_SIZES_MAX)
		s->size[s->sizes++] = length;
}

static void show(struct icmp_state *s, struct bytes data)
{
	s->shown_n = (uint8_t)size_min(data.left, sizeof(s->shown));
	if (s->shown_n > 0)
		memcpy(s->shown, data.pos, s->shown_n);
}

static void on_request(struct icmp_state *s, const struct packet *k, struct bytes data)
{
	uint64_t tail = tail_of(data);
	bool first = s->requests++ == 0;
	s->bytes[0] += k->length;
	note_size(s, k->length);
	if (!first && k->seq == s->last_word && k->length > 0 &&
	    ++s->same >= ECHO_SAME_MIN)
		show(s, data);
	if (!first && k->length == s->last_length && tail != s->tail) {
		s->tails++;
		show(s, data);
	}
	s->last_word = k->seq;
	s->last_length = k->length;
	s->tail = tail;
	struct echo_request *q = &s->open[s->next];
	s->next = (uint8_t)((s->next + 1) % ECHO_OPEN_MAX);
	s->overrun |= q->used;
	*q = (struct echo_request){
	    .word = k->seq, .length = k->length, .hash = hash_of(data), .used = true};
	bytes_copy(&data, q->prefix, size_min(data.left, sizeof(q->prefix)));
}

static bool answers(
    const struct echo_request *q, const struct packet *k, struct bytes data)
{
	if (k->length == q->length)
		return hash_of(data) == q->hash;
	size_t n = size_min(data.left, sizeof(q->prefix));
	return k->length < q->length && (n == 0 || memcmp(data.pos, q->prefix, n) == 0);
}

/* The request stays for replies that come twice; the next ones take its place. */
static void on_reply(struct icmp_state *s, const struct packet *k, struct bytes data)
{
	bool asked = false;
	s->replies++;
	s->bytes[1] += k->length;
	for (size_t i = 0; i < ECHO_OPEN_MAX; i++) {
		struct echo_request *q = &s->open[i];
		if (!q->used || q->word != k->seq)
			continue;
		asked = true;
		if (answers(q, k, data))
			return;
	}
	if (asked)
		s->changed++;
	else if (!s->overrun)
		s->unasked++;
	show(s, data);
}

static enum parse_result icmp_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct icmp_state *s = state;
	const struct packet *k = d->packet;
	if (k == NULL || (k->marks & PACKET_NO_PORTS) != 0)
		return PARSE_OK;
	unsigned type = k->src_port;
	bool echo = is_request(x->flow, type) || is_reply(x->flow, type);
	struct trace_view v = {.where = TRACE_ICMP,
	    .side = d->side,
	    .packet = k,
	    .data = bytes_over(d->p, d->n),
	    .wire = d->wire};
	parse_trace(x, &v);
	x->counters->understood++;
	if (!echo && !is_used(x->flow, type)) {
		s->odd_packets++;
		s->odd_bytes += k->length;
		show(s, v.data);
	}
	if (!echo || k->captured < k->length)
		return PARSE_OK;
	if (is_request(x->flow, type))
		on_request(s, k, v.data);
	else
		on_reply(s, k, v.data);
	return PARSE_OK;
}

static double seconds_of(const struct flow *f)
{
	int64_t ns = moment_diff(f->first, f->last);
	return ns > 0 ? (double)ns / 1e9 : 0;
}

static void icmp_close(struct parse *x, void *state)
{
	const struct icmp_state *s = state;
	struct str first = str_hex(x->scratch, s->shown, s->shown_n);
	if (s->changed > 0 || s->unasked > 0 || s->tails > 0 ||
	    s->same >= ECHO_SAME_MIN || s->sizes >= ECHO_SIZES_MIN)
		parse_anomaly(x, x->flow->first, ANOMALY_ECHO_ODD,
		    str_format(x->scratch,
			"requests=%" PRIu64 " replies=%" PRIu64 " changed=%" PRIu64
			" unasked=%" PRIu64 " same=%" PRIu64 " tails=%" PRIu64
			" sizes=%" PRIu32 " least=%" PRIu32 " most=%" PRIu32
			" out=%" PRIu64 " in=%" PRIu64 " seconds=%.3f first=%.*s",
			s->requests, s->replies, s->changed, s->unasked, s->same,
			s->tails, s->sizes, s->least, s->most, s->bytes[0], s->bytes[1],
			seconds_of(x->flow), STR_ARG(first)));
	if (s->odd_packets > 0)
		parse_anomaly(x, x->flow->first, ANOMALY_ICMP_ODD,
		    str_format(x->scratch,
			"type=%u code=%u packets=%" PRIu64 " bytes=%" PRIu64
			" seconds=%.3f first=%.*s",
			x->flow->port[0], x->flow->port[1], s->odd_packets, s->odd_bytes,
			seconds_of(x->flow), STR_ARG(first)));
}

static enum probe icmp_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	(void)first;
	return PROBE_NO; /* given by the IP protocol number, never by content */
}

const struct proto_parser icmp_parser = {
    .name = "icmp",
    .transports = 0,
    .probe = icmp_probe,
    .state_size = sizeof(struct icmp_state),
    .data = icmp_data,
    .close = icmp_close,
};
