/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS in three forms. Version 1: an event a resource record, "query" and "answer".
 * Version 2: an event a query, an event an answer with a list of records. Version 3: the
 * same as "request" and "response", the questions in a list. A question waits for its
 * answer; both are one row. Records of version 1 are gathered until the table forgets the
 * question, as nothing says which is the last.
 */
#include "input/eve.h"
#include "input/log_words.h"

#define GATHERED_MAX 64 /* records of version 1 for one question */

/* What one event says, its parts found whatever the version. */
struct message {
	const struct log_value *v;            /* of the event */
	struct log_value question[EVE_SLOTS]; /* rrname and rrtype */
	bool answer;
	bool single; /* version 1: the record is in rdata */
};

static bool read_message(struct eve_event *e, struct message *m)
{
	const struct log_value *v = e->v;
	*m = (struct message){.v = v};
	m->answer = cell_is(&v[E_DNS_TYPE], STR("answer")) ||
		    cell_is(&v[E_DNS_TYPE], STR("response"));
	m->single = m->answer && v[E_DNS_VERSION].form == VALUE_ABSENT &&
		    v[E_DNS_RDATA].form != VALUE_ABSENT;
	m->question[E_DNS_NAME] = v[E_DNS_NAME];
	m->question[E_DNS_RRTYPE] = v[E_DNS_RRTYPE];
	struct log_value first;
	size_t at = 0;
	if (v[E_DNS_QUERIES].form == VALUE_ARRAY &&
	    cell_next(&v[E_DNS_QUERIES], &at, &first) && first.form == VALUE_OBJECT)
		return json_pick(&e->group->answer, first.p, first.n, m->question);
	return true;
}

/* A flag of an answer: Suricata leaves those out that are not set. */
static int8_t flag(const struct log_value *v, const struct log_value *flags)
{
	return v->form == VALUE_ABSENT && flags->form != VALUE_ABSENT ? 0 : cell_flag(v);
}

static size_t list_answers(struct eve_event *e, struct str *texts, int64_t *ttls)
{
	struct log_value element;
	size_t n = 0;
	for (size_t at = 0;
	     n < VALUE_LIST_MAX && cell_next(&e->v[E_DNS_ANSWERS], &at, &element);) {
		struct log_value part[EVE_SLOTS];
		memset(part, 0, sizeof(part));
		if (element.form != VALUE_OBJECT ||
		    !json_pick(&e->group->answer, element.p, element.n, part) ||
		    part[E_DNS_RDATA].form == VALUE_ABSENT)
			continue;
		struct str text = cell_text(&part[E_DNS_RDATA], e->f->scratch);
		texts[n] = text.p != NULL ? text : STR("");
		ttls[n] = (int64_t)(cell_count(&part[E_DNS_TTL]) & INT32_MAX);
		n++;
	}
	return n;
}

static void set_answers(
    struct eve_event *e, const struct message *m, struct dns_record *r)
{
	struct arena *a = e->f->scratch;
	const struct log_value *v = e->v;
	size_t room = m->single                              ? 1
		      : v[E_DNS_ANSWERS].form == VALUE_ARRAY ? VALUE_LIST_MAX
							     : 0;
	struct str *texts = room > 0 ? arena_alloc(a, room * sizeof(*texts)) : NULL;
	int64_t *ttls = room > 0 ? arena_alloc(a, room * sizeof(*ttls)) : NULL;
	if (texts == NULL || ttls == NULL)
		return;
	size_t n = 1;
	if (m->single) {
		texts[0] = cell_text(&v[E_DNS_RDATA], a);
		ttls[0] = (int64_t)(cell_count(&v[E_DNS_TTL]) & INT32_MAX);
	} else {
		n = list_answers(e, texts, ttls);
	}
	r->answers = (struct str_list){texts, n};
	r->ttls = (struct int_list){ttls, n};
}

static bool begin(struct eve_event *e, const struct message *m, struct dns_record *r)
{
	const struct log_value *v = e->v;
	struct arena *a = e->f->scratch;
	static const struct log_value none;
	record_clear(RECORD_DNS, r);
	if (!eve_ends(e, &r->src_ip, &r->src_port, &r->dst_ip, &r->dst_port))
		return false;
	/* Older versions give the answer's own direction. */
	bool from_server = r->src_port == 53 || r->src_port == 5355;
	if (m->answer && from_server && r->dst_port != r->src_port) {
		struct addr ip = r->src_ip;
		uint16_t port = r->src_port;
		r->src_ip = r->dst_ip;
		r->src_port = r->dst_port;
		r->dst_ip = ip;
		r->dst_port = port;
	}
	r->ts = e->ts;
	r->proto = cell_lower(&v[E_PROTO], a);
	r->kind = log_dns_kind(r->dst_port);
	r->id = cell_int(&v[E_DNS_ID]);
	r->query = log_name(cell_lower(&m->question[E_DNS_NAME], a));
	r->qtype = log_dns_type(&m->question[E_DNS_RRTYPE], &none, a);
	if (v[E_DNS_FLAGS].form != VALUE_ABSENT) {
		r->aa = flag(&v[E_DNS_AA], &v[E_DNS_FLAGS]);
		r->tc = flag(&v[E_DNS_TC], &v[E_DNS_FLAGS]);
		r->rd = flag(&v[E_DNS_RD], &v[E_DNS_FLAGS]);
		r->ra = flag(&v[E_DNS_RA], &v[E_DNS_FLAGS]);
	}
	if (m->answer) {
		r->rcode = log_dns_rcode(&v[E_DNS_RCODE], &none, a);
		set_answers(e, m, r);
	}
	return true;
}

/* ---- questions that wait ---- */

void eve_forget_question(void *ctx, void *entry)
{
	struct eve_group *g = ctx;
	struct eve_question *q = entry;
	if (!q->put && g->out != NULL)
		log_out_put(g->out, "eve", RECORD_DNS, &q->record);
	q->put = true;
}

static uint64_t question_key(const struct eve_event *e, const struct dns_record *r)
{
	struct log_join *j = &e->group->questions;
	uint64_t parts[4] = {eve_flow_key(e, j), (uint64_t)r->id,
	    log_join_key(j, r->query.p, r->query.n),
	    log_join_key(j, r->qtype.p, r->qtype.n)};
	return log_join_key(j, parts, sizeof(parts));
}

static void ask(struct eve_event *e, struct dns_record *r)
{
	struct log_join *j = &e->group->questions;
	struct eve_question *q = log_join_add(j, question_key(e, r), sizeof(*q));
	if (q == NULL) {
		log_put(e->f, RECORD_DNS, r, e->offset);
		return;
	}
	/* The same again: what waited had no answer. ts tells a new entry from one. */
	if (q->record.proto.p != NULL)
		eve_forget_question(e->group, q);
	q->put = false;
	q->record = *r;
	q->record.proto = log_join_text(j, r->proto);
	q->record.query = log_join_text(j, r->query);
	q->record.qtype = log_join_text(j, r->qtype);
	q->record.source = log_join_text(j, e->f->source);
	q->record.source_offset = e->offset;
	arena_reset(e->f->scratch);
}

/* Add what an event of version 1 says to the row that waits. */
static void gather(
    struct eve_event *e, struct eve_question *q, const struct dns_record *r)
{
	struct log_join *j = &e->group->questions;
	struct dns_record *to = &q->record;
	size_t n = to->answers.n;
	if (to->rcode.p == NULL) {
		to->rcode = log_join_text(j, r->rcode);
		if (r->ts.ns >= to->ts.ns)
			to->rtt = (double)moment_diff(to->ts, r->ts) / 1e9;
	}
	struct str *texts = n < GATHERED_MAX
				? arena_alloc(&j->young.arena, (n + 1) * sizeof(*texts))
				: NULL;
	int64_t *ttls =
	    texts != NULL ? arena_alloc(&j->young.arena, (n + 1) * sizeof(*ttls)) : NULL;
	if (texts != NULL && ttls != NULL) {
		if (n > 0) {
			memcpy(texts, to->answers.v, n * sizeof(*texts));
			memcpy(ttls, to->ttls.v, n * sizeof(*ttls));
		}
		texts[n] = log_join_text(j, r->answers.v[0]);
		ttls[n] = r->ttls.v[0];
		to->answers = (struct str_list){texts, n + 1};
		to->ttls = (struct int_list){ttls, n + 1};
	}
	arena_reset(e->f->scratch);
}

static void reply(struct eve_event *e, const struct message *m, struct dns_record *r)
{
	struct log_join *j = &e->group->questions;
	struct eve_question *q =
	    log_join_empty(j) ? NULL : log_join_find(j, question_key(e, r));
	if (q == NULL || q->put) {
		log_put(e->f, RECORD_DNS, r, e->offset);
		return;
	}
	if (m->single && r->answers.n > 0) {
		gather(e, q, r);
		return;
	}
	if (r->ts.ns >= q->record.ts.ns)
		r->rtt = (double)moment_diff(q->record.ts, r->ts) / 1e9;
	r->ts = q->record.ts;
	r->src_ip = q->record.src_ip;
	r->src_port = q->record.src_port;
	r->dst_ip = q->record.dst_ip;
	r->dst_port = q->record.dst_port;
	q->put = true;
	log_put(e->f, RECORD_DNS, r, q->record.source_offset);
}

bool eve_dns(struct eve_event *e)
{
	struct message m;
	struct dns_record r;
	if (!read_message(e, &m) || !begin(e, &m, &r))
		return false;
	if (m.answer)
		reply(e, &m, &r);
	else if (e->v[E_FLOW_ID].form != VALUE_ABSENT)
		ask(e, &r);
	else
		log_put(e->f, RECORD_DNS, &r, e->offset);
	return true;
}
