/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS over UDP and TCP, multicast DNS (RFC 6762), LLMNR (RFC 4795) and the NetBIOS name
 * service (RFC 1002), which are all messages of one form.
 *
 * A question waits for its answer in a list of its flow; they belong together when id,
 * name, type and class agree. A record is written when the answer comes, or as unanswered
 * when the list is full or the flow ends. Multicast DNS has no transactions (RFC
 * 6762, 18.1): there each question and each answer is a record of its own.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/size.h"
#include "proto/buffer.h"
#include "proto/names.h"
#include "proto/net/dns_message.h"
#include "proto/parser.h"
#include "record/anomaly.h"
#include "record/dns_words.h"

#define PORT_DNS     53
#define PORT_NETBIOS 137
#define PORT_MDNS    5353
#define PORT_LLMNR   5355

#define DNS_PENDING_MAX   64 /* questions of one flow that wait for an answer */
#define DNS_PATIENCE      (10 * NS_PER_S) /* after which a client has asked anew */
#define DNS_TCP_BYTES_MAX 65537 /* the longest message over TCP, with its length */
#define DNS_FAILURES_MAX  8     /* messages that are not DNS until the flow is given up */
#define PROBE_LENGTH_MAX  2046  /* of a message over TCP that is recognised on any port */
#define RIVAL_WAIT        (2 * NS_PER_S) /* a second answer within is a rival (B7) */
#define ANSWER_BYTES      48 /* kept of an answer's first record, its NUL included */
#define LENGTH_BYTES      2  /* before each message over TCP (RFC 1035, 4.2.2) */

/* A question that waits. Its name follows it. */
struct asked {
	struct moment ts;
	uint64_t offset;
	uint32_t source;
	uint32_t bytes; /* of the message */
	uint16_t flags, type, class;
	uint16_t name_n;
	char name[];
};

struct waiting {
	uint16_t id;
	struct asked *asked; /* owned */
};

/* The newest answer over UDP, to hold a rival against. */
struct answered {
	struct moment ts;
	uint64_t question, contents; /* digests; question 0: there is none */
	uint32_t ip_id;
	uint16_t id;
	uint8_t ttl; /* of IP */
	char first[ANSWER_BYTES];
};

struct dns_state {
	struct answered answered;
	struct waiting *waiting; /* owned; oldest first */
	uint32_t n, room;
	uint32_t failures;   /* in a row */
	size_t names;        /* bytes of all asked */
	struct buffer in[2]; /* TCP: a message that is not complete */
};

static bool has_port(const struct flow *f, uint16_t port)
{
	return f->port[0] == port || f->port[1] == port;
}

static enum dns_kind kind_of(const struct flow *f)
{
	if (has_port(f, PORT_DNS))
		return DNS_UNICAST;
	if (has_port(f, PORT_MDNS) && f->proto == IP_PROTO_UDP)
		return DNS_MULTICAST;
	if (has_port(f, PORT_LLMNR))
		return DNS_LLMNR;
	return has_port(f, PORT_NETBIOS) ? DNS_NETBIOS : DNS_UNICAST;
}

/* Whether the port alone speaks for DNS,
 * so that content need only not speak against it. */
static bool port_is_known(const struct flow *f)
{
	return has_port(f, PORT_DNS) || has_port(f, PORT_MDNS) ||
	       has_port(f, PORT_LLMNR) ||
	       (has_port(f, PORT_NETBIOS) && f->proto == IP_PROTO_UDP);
}

/* What a message on a known port must be at least. */
static bool looks_like_header(struct bytes b, const struct flow *f)
{
	struct dns_header h;
	if (!dns_header_read(&b, &h))
		return false;
	unsigned opcode_max = has_port(f, PORT_NETBIOS) ? 15 : 6;
	return dns_opcode(&h) <= opcode_max &&
	       (h.questions > 0 || h.answers > 0 || dns_is_answer(&h));
}

/* On a port of its own only a message that can
 * be held until it is whole is recognised. */
static enum probe probe_tcp(const struct flow *f, struct bytes first)
{
	if (first.left < LENGTH_BYTES)
		return PROBE_MORE;
	bool known = port_is_known(f);
	size_t length = bytes_be16(&first);
	if (length < DNS_HEADER_BYTES || (!known && length > PROBE_LENGTH_MAX))
		return PROBE_NO;
	if (first.left < DNS_HEADER_BYTES)
		return PROBE_MORE;
	if (known)
		return looks_like_header(first, f) ? PROBE_YES : PROBE_NO;
	if (first.left >= length)
		return dns_message_plausible(bytes_sub(&first, length)) ? PROBE_YES
									: PROBE_NO;
	struct dns_header h;
	dns_header_read(&first, &h);
	return h.questions == 1 && dns_opcode(&h) == DNS_QUERY ? PROBE_MORE : PROBE_NO;
}

static enum probe dns_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	if (f->proto == IP_PROTO_TCP)
		return probe_tcp(f, first);
	if (port_is_known(f))
		return looks_like_header(first, f) ? PROBE_YES : PROBE_NO;
	return dns_message_plausible(first) ? PROBE_YES : PROBE_NO;
}

/* The word for the record: the protocol, and the operation where it is no query. */
static struct str kind_text(struct parse *x, unsigned opcode)
{
	static const char *const kinds[] = {"dns", "mdns", "llmnr", "nbns"};
	enum dns_kind kind = kind_of(x->flow);
	if (opcode == DNS_QUERY)
		return str_of(kinds[kind]);
	const char *what = NULL;
	if (kind == DNS_NETBIOS)
		what = opcode == 5                  ? "registration"
		       : opcode == 6                ? "release"
		       : opcode == 7                ? "wait"
		       : opcode == 8 || opcode == 9 ? "refresh"
						    : NULL;
	else
		what = opcode == DNS_NOTIFY   ? "notify"
		       : opcode == DNS_UPDATE ? "update"
					      : NULL;
	if (what == NULL)
		return str_format(x->scratch, "%s opcode%u", kinds[kind], opcode);
	return str_format(x->scratch, "%s %s", kinds[kind], what);
}

static struct str type_text(struct parse *x, uint16_t type)
{
	if (kind_of(x->flow) == DNS_NETBIOS && type == DNS_NB)
		return STR("NB");
	if (kind_of(x->flow) == DNS_NETBIOS && type == DNS_NBSTAT)
		return STR("NBSTAT");
	return dns_type_text(x->scratch, type);
}

/* What a record takes from the flow and from what its question said. */
static void record_start(
    struct parse *x, struct dns_record *r, uint16_t id, uint16_t flags)
{
	record_clear(RECORD_DNS, r);
	r->ts = x->ts;
	parse_endpoints(x, r);
	r->proto = x->flow->proto == IP_PROTO_TCP ? STR("tcp") : STR("udp");
	r->kind = kind_text(x, flags >> 11 & 15u);
	r->id = id;
	r->rd = (flags & DNS_RD) != 0;
	r->tc = (flags & DNS_TC) != 0;
	parse_source(x, r);
}

static void record_question(
    struct parse *x, struct dns_record *r, struct str name, uint16_t type, uint16_t class)
{
	r->query = name;
	r->qtype = type_text(x, type);
	r->qclass = dns_class_text(x->scratch, class);
}

static void record_asked(struct parse *x, struct dns_record *r, const struct asked *q)
{
	record_question(x, r, (struct str){q->name, q->name_n}, q->type, q->class);
	r->ts = q->ts;
	r->source = parse_source_name(x, q->source);
	r->source_offset = q->offset;
	r->query_bytes = q->bytes;
}

static void record_answer(
    struct parse *x, struct dns_record *r, const struct dns_message *m)
{
	r->rcode = dns_rcode_text(x->scratch, m->header.flags & 15u);
	r->aa = (m->header.flags & DNS_AA) != 0;
	r->ra = (m->header.flags & DNS_RA) != 0;
	r->tc |= (m->header.flags & DNS_TC) != 0;
	r->answers = (struct str_list){m->data, m->answers};
	r->ttls = (struct int_list){m->ttl, m->answers};
}

static void emit_unanswered(struct parse *x, uint16_t id, const struct asked *q)
{
	struct dns_record r;
	record_start(x, &r, id, q->flags);
	record_asked(x, &r, q);
	parse_emit(x, RECORD_DNS, &r);
}

/* Take the i-th question out of the list; the caller owns it. */
static struct asked *waiting_take(struct dns_state *s, size_t i)
{
	struct asked *q = s->waiting[i].asked;
	s->n--;
	memmove(&s->waiting[i], &s->waiting[i + 1], (s->n - i) * sizeof(s->waiting[0]));
	s->names -= sizeof(*q) + q->name_n;
	return q;
}

static bool waiting_room(struct dns_state *s)
{
	if (s->n < s->room)
		return true;
	uint32_t room = s->room > 0 ? s->room * 2 : 1;
	struct waiting *v = realloc(s->waiting, room * sizeof(*v));
	if (v == NULL)
		return false;
	s->waiting = v;
	s->room = room;
	return true;
}

static void ask(struct parse *x, struct dns_state *s, const struct dns_message *m,
    const struct dns_question *question, size_t bytes)
{
	if (s->n == DNS_PENDING_MAX) {
		uint16_t id = s->waiting[0].id;
		struct asked *oldest = waiting_take(s, 0);
		x->counters->over_limit++;
		emit_unanswered(x, id, oldest);
		free(oldest);
	}
	struct asked *q = waiting_room(s) ? malloc(sizeof(*q) + question->name.n) : NULL;
	if (q == NULL)
		return;
	*q = (struct asked){
	    .ts = x->ts,
	    .offset = x->offset,
	    .source = x->source,
	    .bytes = (uint32_t)bytes,
	    .flags = m->header.flags,
	    .type = question->type,
	    .class = question->class,
	    .name_n = (uint16_t)question->name.n,
	};
	memcpy(q->name, question->name.p, question->name.n);
	s->waiting[s->n++] = (struct waiting){m->header.id, q};
	s->names += sizeof(*q) + q->name_n;
}

static bool is_same(const struct asked *q, const struct dns_question *question)
{
	return q->type == question->type && q->class == question->class &&
	       str_equal((struct str){q->name, q->name_n}, question->name);
}

/*
 * The question that the answer fits; NULL: none. The oldest, since what was repeated
 * within a short time is one question; but rather a younger one than one that was given
 * up long ago. The caller owns it.
 */
static struct asked *match(struct dns_state *s, uint16_t id,
    const struct dns_question *question, struct moment now)
{
	size_t found = s->n;
	for (size_t i = 0; i < s->n; i++) {
		if (s->waiting[i].id != id)
			continue;
		const struct asked *q = s->waiting[i].asked;
		if (question != NULL && !is_same(q, question))
			continue;
		found = i;
		if (moment_diff(q->ts, now) <= DNS_PATIENCE)
			break;
	}
	return found < s->n ? waiting_take(s, found) : NULL;
}

/* Which name led the receiver of the answer to which address. */
static void learn(struct parse *x, int side, const struct dns_message *m, struct str name)
{
	const struct addr *client = &x->flow->addr[1 - side];
	enum dns_kind kind = kind_of(x->flow);
	if (kind == DNS_MULTICAST || kind == DNS_NETBIOS || addr_is_multicast(client))
		return;
	for (size_t i = 0; i < m->addresses; i++)
		names_learn(x->names, client, &m->address[i], name, x->ts);
}

static uint64_t digest_of(struct str s)
{
	return hash_bytes(&hash_key_public, s.p != NULL ? s.p : "", s.n);
}

/* The same for the same records in any order, as resolvers rotate them. */
static uint64_t digest_of_answers(const struct dns_message *m)
{
	uint64_t sum = (m->header.flags & 15u) + 1;
	for (size_t i = 0; i < m->answers; i++)
		sum += digest_of(m->data[i]);
	return sum;
}

/* The first record, up to a space: details are joined by them. */
static struct str first_of(const struct dns_message *m)
{
	struct str s = m->answers > 0 ? m->data[0] : STR("none");
	size_t n = 0;
	while (n < s.n && n < ANSWER_BYTES - 1 && s.p[n] != ' ')
		n++;
	return (struct str){s.p, n};
}

static void emit_conflict(struct parse *x, const struct answered *o,
    const struct flow_data *d, const struct dns_message *m, struct str query)
{
	struct anomaly_record r;
	record_clear(RECORD_ANOMALY, &r);
	r.ts = x->ts;
	r.kind = str_of(anomaly_name(ANOMALY_DNS_CONFLICT));
	parse_endpoints(x, &r);
	r.proto = STR("udp");
	struct str first = first_of(m);
	r.detail = str_format(x->scratch,
	    "id=%u gap_us=%" PRId64 " ttl=%u ttl_other=%u ip_id=%" PRIu32
	    " ip_id_other=%" PRIu32 " query=%.*s answer=%.*s answer_other=%s",
	    m->header.id, (int64_t)(moment_diff(o->ts, x->ts) / NS_PER_US), d->ttl,
	    o->ttl, d->ip_id, o->ip_id, STR_ARG(query), STR_ARG(first), o->first);
	parse_source(x, &r);
	parse_emit(x, RECORD_ANOMALY, &r);
}

/* Remember the answer to a question that was asked; asked says whether one waited for
 * this one. Who answers for another answers first, and the true answer comes after. */
static void hold_against(struct parse *x, struct dns_state *s, const struct flow_data *d,
    const struct dns_message *m, bool asked)
{
	struct answered *o = &s->answered;
	if (x->flow->proto != IP_PROTO_UDP || kind_of(x->flow) != DNS_UNICAST ||
	    m->questions != 1 || d->n < d->wire)
		return;
	uint64_t question = digest_of(m->question[0].name) + m->question[0].type + 1;
	uint64_t contents = digest_of_answers(m);
	if (!asked) {
		if (o->question == question && o->id == m->header.id &&
		    o->contents != contents && moment_diff(o->ts, x->ts) <= RIVAL_WAIT)
			emit_conflict(x, o, d, m, m->question[0].name);
		return;
	}
	struct str first = first_of(m);
	*o = (struct answered){.ts = x->ts,
	    .question = question,
	    .contents = contents,
	    .ip_id = d->ip_id,
	    .id = m->header.id,
	    .ttl = d->ttl};
	memcpy(o->first, first.p, first.n);
}

/* One record of an answer: to the question at hand,
 * which is NULL when the answer repeats none. */
static void answer_one(struct parse *x, struct dns_state *s, const struct flow_data *d,
    const struct dns_message *m, const struct dns_question *question)
{
	struct dns_record r;
	struct asked *q = NULL;
	if (kind_of(x->flow) != DNS_MULTICAST)
		q = match(s, m->header.id, question, x->ts);
	record_start(x, &r, m->header.id, q != NULL ? q->flags : m->header.flags);
	if (q != NULL) {
		record_asked(x, &r, q);
		/* No time where the capture's clock went back in between. */
		int64_t ns = moment_diff(q->ts, x->ts);
		r.rtt = ns > 0 ? (double)ns / 1e9 : 0;
	} else if (question != NULL) {
		record_question(x, &r, question->name, question->type, question->class);
	} else {
		r.query = m->owner;
	}
	record_answer(x, &r, m);
	r.answer_bytes = d->wire;
	if (question == NULL || question == m->question)
		learn(x, d->side, m, r.query);
	parse_emit(x, RECORD_DNS, &r);
	if (question != NULL)
		hold_against(x, s, d, m, q != NULL);
	free(q);
}

static void answer(struct parse *x, struct dns_state *s, const struct flow_data *d,
    struct dns_message *m)
{
	if (m->questions == 0) {
		answer_one(x, s, d, m, NULL);
		return;
	}
	for (size_t i = 0; i < m->questions; i++) {
		answer_one(x, s, d, m, &m->question[i]);
		m->answers = 0; /* they belong to the first question */
	}
}

static void query(struct parse *x, struct dns_state *s, const struct flow_data *d,
    const struct dns_message *m)
{
	bool waits = kind_of(x->flow) != DNS_MULTICAST;
	for (size_t i = 0; i < m->questions; i++) {
		const struct dns_question *q = &m->question[i];
		if (waits) {
			ask(x, s, m, q, d->wire);
			continue;
		}
		struct dns_record r;
		record_start(x, &r, m->header.id, m->header.flags);
		record_question(x, &r, q->name, q->type, q->class);
		r.query_bytes = d->wire;
		parse_emit(x, RECORD_DNS, &r);
	}
}

static void count(struct parse *x, enum dns_outcome outcome)
{
	switch (outcome) {
	case DNS_UNDERSTOOD:
		x->counters->understood++;
		break;
	case DNS_CUT:
		x->counters->truncated++;
		break;
	case DNS_MALFORMED:
		x->counters->malformed++;
		break;
	case DNS_OVER_LIMIT:
		x->counters->over_limit++;
		break;
	}
}

/* One whole message: d without the length that TCP puts before it. */
static enum parse_result message(
    struct parse *x, struct dns_state *s, const struct flow_data *d)
{
	struct dns_message m;
	enum dns_outcome outcome =
	    dns_message_read(bytes_over(d->p, d->n), kind_of(x->flow), x->scratch, &m);
	count(x, outcome);
	bool usable = m.questions > 0 || m.answers > 0 ||
		      (outcome == DNS_UNDERSTOOD && dns_is_answer(&m.header));
	if (!usable)
		return ++s->failures < DNS_FAILURES_MAX ? PARSE_OK : PARSE_FAILED;
	s->failures = 0;
	parse_confirm(x);
	if (dns_is_answer(&m.header))
		answer(x, s, d, &m);
	else
		query(x, s, d, &m);
	return PARSE_OK;
}

static enum parse_result stream(
    struct parse *x, struct dns_state *s, const struct flow_data *d)
{
	struct buffer *in = &s->in[d->side];
	if (!buffer_put(in, d->p, d->n, DNS_TCP_BYTES_MAX + d->n))
		return PARSE_FAILED;
	enum parse_result result = PARSE_OK;
	while (result == PARSE_OK && in->view_n >= LENGTH_BYTES) {
		size_t length = load_be16(in->view);
		if (length > in->view_n - LENGTH_BYTES)
			break;
		struct flow_data one = *d;
		one.p = in->view + LENGTH_BYTES;
		one.n = one.wire = length;
		result = message(x, s, &one);
		buffer_drop(in, LENGTH_BYTES + length);
	}
	if (result == PARSE_OK && d->wire > d->n)
		return PARSE_DONE; /* cut by the snap length: the frame is lost
				    */
	return buffer_keep(in) ? result : PARSE_FAILED;
}

static enum parse_result dns_data(struct parse *x, void *state, const struct flow_data *d)
{
	return x->flow->proto == IP_PROTO_TCP ? stream(x, state, d)
					      : message(x, state, d);
}

static void dns_close(struct parse *x, void *state)
{
	struct dns_state *s = state;
	for (size_t i = 0; i < s->n; i++) {
		emit_unanswered(x, s->waiting[i].id, s->waiting[i].asked);
		free(s->waiting[i].asked);
	}
	free(s->waiting);
	buffer_free_both(s->in);
}

static size_t dns_held(const void *state)
{
	const struct dns_state *s = state;
	return s->room * sizeof(s->waiting[0]) + s->names + buffer_room_both(s->in);
}

const struct proto_parser dns_parser = {
    .name = "dns",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_PORTS(PORT_DNS, PORT_NETBIOS, PORT_MDNS, PORT_LLMNR),
    .probe = dns_probe,
    .state_size = sizeof(struct dns_state),
    .data = dns_data,
    .close = dns_close,
    .held = dns_held,
};
