/* SPDX-License-Identifier: Apache-2.0 */
/* What the memory knows around suspects: who else uses the peer, since when, and what
 * certificates it shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/context.h"

/* Looking suspects up while a query over all peers streams by: sorted by text. */
struct lookup {
	char text[300]; /* NUL-terminated */
	struct suspect *suspect;
};

enum subject {
	SUBJECT_HOST,         /* the host: since when it is there */
	SUBJECT_ADDRESS,      /* the address it opens to: who else does */
	SUBJECT_NAME,         /* the name it opens to: who else does */
	SUBJECT_OPENER,       /* who opens to the host: to which others too */
	SUBJECT_PORT,         /* the host's port: who opens to it */
	SUBJECT_CERT_ADDRESS, /* address and port it opens to: vouched for by itself alone
			       */
	SUBJECT_CERT_NAME,    /* name and port it opens to: likewise */
	SUBJECTS,
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct lookup *)a)->text, ((const struct lookup *)b)->text);
}

/* Whether the suspect is looked up under this subject, and its text. */
static bool subject_text(
    const struct suspect *v, enum subject subject, char text[static 300])
{
	bool inbound = v->projection == SERIES_INBOUND;
	char host[ADDR_TEXT_MAX];
	size_t n = v->finding.peer.n < 299 ? v->finding.peer.n : 299;
	if (n > 0)
		memcpy(text, v->finding.peer.p, n);
	text[n] = '\0';
	addr_text(&v->finding.host, host);
	switch (subject) {
	case SUBJECT_HOST:
		snprintf(text, 299, "%s", host);
		return true;
	case SUBJECT_CERT_ADDRESS:
		snprintf(text + n, 300 - n, " %u", v->finding.peer_port);
		return v->projection == SERIES_ADDRESS || v->projection == SERIES_SERVER;
	case SUBJECT_CERT_NAME:
		snprintf(text + n, 300 - n, " %u", v->finding.peer_port);
		return v->projection == SERIES_NAME;
	case SUBJECT_ADDRESS:
		return v->projection == SERIES_ADDRESS || v->projection == SERIES_SERVER;
	case SUBJECT_NAME:
		return v->projection == SERIES_NAME;
	case SUBJECT_OPENER:
		return inbound;
	case SUBJECT_PORT:
		snprintf(text, 299, "%s %u", host, v->finding.peer_port);
		return inbound;
	case SUBJECTS:
		break;
	}
	return false;
}

/* What is said about a subject: the machine at the other end, and since when. */
struct pair {
	struct addr other; /* unset: none */
	int64_t first;     /* µs since 1970 */
};

static void take_answer(struct suspect *v, enum subject subject,
    const struct detect_options *o, const struct addr *other, int64_t first)
{
	switch (subject) {
	case SUBJECT_HOST:
		if (v->host_first == 0 || first < v->host_first)
			v->host_first = first;
		break;
	case SUBJECT_PORT:
		v->clients++;
		break;
	case SUBJECT_CERT_ADDRESS:
	case SUBJECT_CERT_NAME:
		v->self_signed = true;
		break;
	case SUBJECT_ADDRESS:
	case SUBJECT_NAME:
	case SUBJECT_OPENER:
		v->peer_hosts += o->home_count == 0 || series_home(o, other);
		if (v->peer_first == 0 || first < v->peer_first)
			v->peer_first = first;
		break;
	case SUBJECTS:
		break;
	}
}

/* What is asked of the connections about each subject: its text, and the machine at its
 * other end; with their first moment, once for each two. */
static const struct {
	enum subject subject;
	const char *text, *other, *where;
} questions[] = {
    {SUBJECT_HOST, "src_ip", "NULL", "true"},
    {SUBJECT_HOST, "dst_ip", "NULL", "true"},
    {SUBJECT_ADDRESS, "dst_ip", "src_ip", "true"},
    {SUBJECT_NAME, "server_name", "src_ip", "server_name IS NOT NULL"},
    {SUBJECT_OPENER, "src_ip", "dst_ip", "true"},
    {SUBJECT_PORT, "dst_ip || ' ' || CAST(dst_port AS VARCHAR)", "src_ip", "true"},
};

/* The suspects to look up under a subject, sorted by its text; how many. */
static size_t list_subjects(
    struct lookup *list, enum subject subject, struct suspect *v, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		if (subject_text(&v[i], subject, list[count].text))
			list[count++].suspect = &v[i];
	}
	if (count > 0)
		qsort(list, count, sizeof(*list), by_text);
	return count;
}

/* The suspects of each subject, sorted by its text. */
struct subjects {
	struct lookup *list[SUBJECTS]; /* owned */
	size_t n[SUBJECTS];
};

static void subjects_fini(struct subjects *l)
{
	for (size_t i = 0; i < SUBJECTS; i++)
		free(l->list[i]);
}

static int subjects_init(struct subjects *l, struct suspect *v, size_t n, struct error *e)
{
	for (size_t i = 0; i < SUBJECTS; i++) {
		l->list[i] = calloc(n, sizeof(*l->list[i]));
		if (l->list[i] == NULL)
			return error_set(e, ERR_SYSTEM, "no memory left");
		l->n[i] = list_subjects(l->list[i], (enum subject)i, v, n);
	}
	return 0;
}

/* Give an answer to all suspects that are looked up under the text. */
static void answer(const struct subjects *l, enum subject subject, struct str text,
    const struct detect_options *o, const struct pair *pair)
{
	struct lookup key = {.suspect = NULL};
	size_t length = text.n < 299 ? text.n : 299;
	if (length > 0)
		memcpy(key.text, text.p, length);
	const struct lookup *list = l->list[subject], *end = list + l->n[subject];
	const struct lookup *hit =
	    bsearch(&key, list, l->n[subject], sizeof(*list), by_text);
	if (hit == NULL)
		return;
	while (hit > list && by_text(hit - 1, &key) == 0)
		hit--;
	for (; hit < end && by_text(hit, &key) == 0; hit++)
		take_answer(hit->suspect, subject, o, &pair->other, pair->first);
}

/* One statement for each: all in one, as a union over a common part that was held, made
 * the engine wait for itself for good in a memory of 680 000 connections. */
static int read_pairs(const struct source *s, const struct subjects *l, struct error *e)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		enum subject subject = questions[i].subject;
		if (l->n[subject] == 0)
			continue;
		struct store_rows *r = past_query(s->store, e,
		    "SELECT %s AS text, %s AS other, min(ts) FROM %s WHERE %s "
		    "GROUP BY text, other",
		    questions[i].text, questions[i].other, s->past->rows,
		    questions[i].where);
		if (r == NULL)
			return -1;
		while (store_next(r)) {
			struct pair pair = {.first = moment_us(store_time(r, 2))};
			str_addr(store_text(r, 1), &pair.other);
			answer(l, subject, store_text(r, 0), s->options, &pair);
		}
		if (store_rows_end(r, e) < 0)
			return -1;
	}
	return 0;
}

/* The text under which a certificate's owner is looked up. */
static void answer_certificate(
    const struct source *s, const struct subjects *l, const struct store_rows *r)
{
	static const enum subject subjects[] = {SUBJECT_CERT_ADDRESS, SUBJECT_CERT_NAME};
	static const size_t columns[] = {0, 2};
	static const struct pair nobody;
	for (size_t i = 0; i < 2; i++) {
		char text[300];
		struct str owner = store_text(r, columns[i]);
		if (owner.n == 0 || owner.n > 255)
			continue;
		int n = snprintf(text, sizeof(text), "%.*s %llu", STR_ARG(owner),
		    (unsigned long long)store_uint(r, 1));
		answer(
		    l, subjects[i], (struct str){text, (size_t)n}, s->options, &nobody);
	}
}

/* The suspects whose owner is among those that were read once. */
static void mark_owners(const struct owners *o, const struct subjects *l)
{
	static const enum subject subjects[] = {SUBJECT_CERT_ADDRESS, SUBJECT_CERT_NAME};
	for (size_t i = 0; i < 2; i++) {
		const struct lookup *list = l->list[subjects[i]];
		for (size_t k = 0; k < l->n[subjects[i]]; k++)
			list[k].suspect->self_signed |=
			    owners_has(o, str_of(list[k].text));
	}
}

static int read_certificates(
    const struct source *s, const struct subjects *l, struct error *e)
{
	if (s->owners != NULL && owners_read(s->owners, s->store, e) < 0)
		return -1;
	if (s->owners != NULL && s->owners->whole) {
		mark_owners(s->owners, l);
		return 0;
	}
	struct store_rows *r = store_sum(s->store, owners_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		answer_certificate(s, l, r);
	return store_rows_end(r, e);
}

/* ---- the same from connections that are held ---- */

/* Something asked: text and port of a subject, numbers instead of texts; and, of what
 * the connections say about it, who was at the other end, and when. */
struct asked {
	uint32_t text, port, subject, other;
	int64_t ts;
	struct suspect *suspect;
};

static int by_subject(const void *x, const void *y)
{
	const struct asked *a = x, *b = y;
	if (a->text != b->text)
		return a->text < b->text ? -1 : 1;
	if (a->subject != b->subject)
		return a->subject < b->subject ? -1 : 1;
	return a->port != b->port ? (a->port < b->port ? -1 : 1) : 0;
}

static int by_other(const void *x, const void *y)
{
	const struct asked *a = x, *b = y;
	int c = by_subject(x, y);
	if (c != 0)
		return c;
	if (a->other != b->other)
		return a->other < b->other ? -1 : 1;
	return a->ts != b->ts ? (a->ts < b->ts ? -1 : 1) : 0;
}

struct answers {
	struct asked *questions, *v; /* owned */
	size_t question_count, n, room;
	uint8_t *wanted; /* of each text: a bit for each subject; owned */
};

/* What is asked about a suspect. */
static void ask(struct answers *l, const struct conns *c, struct suspect *v)
{
	char host[ADDR_TEXT_MAX];
	addr_text(&v->finding.host, host);
	uint32_t host_text = conns_find(c, str_of(host));
	uint32_t peer = conns_find(c, v->finding.peer);
	bool inbound = v->projection == SERIES_INBOUND;
	const struct asked all[] = {
	    {.text = host_text, .subject = SUBJECT_HOST},
	    {.text = peer,
		.subject = inbound                        ? SUBJECT_OPENER
			   : v->projection == SERIES_NAME ? SUBJECT_NAME
							  : SUBJECT_ADDRESS},
	    {.text = inbound ? host_text : 0,
		.port = v->finding.peer_port,
		.subject = SUBJECT_PORT},
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (all[i].text == 0)
			continue;
		struct asked *q = &l->questions[l->question_count++];
		*q = all[i];
		q->suspect = v;
		l->wanted[q->text] |= (uint8_t)(1u << q->subject);
	}
}

/* Add what a connection says about a subject; again and again the same at a time. */
static bool say(struct answers *l, const struct asked *a)
{
	if ((l->wanted[a->text] >> a->subject & 1) == 0)
		return true;
	struct asked *before = l->n > 0 ? &l->v[l->n - 1] : NULL;
	if (before != NULL && by_subject(before, a) == 0 && before->other == a->other) {
		before->ts = a->ts < before->ts ? a->ts : before->ts;
		return true;
	}
	if (l->n == l->room) {
		size_t room = l->room == 0 ? 1024 : 2 * l->room;
		struct asked *v = realloc(l->v, room * sizeof(*v));
		if (v == NULL)
			return false;
		l->v = v;
		l->room = room;
	}
	l->v[l->n++] = *a;
	return true;
}

static bool say_all(struct answers *l, const struct conns_row *r)
{
	if ((l->wanted[r->src] | l->wanted[r->dst] | l->wanted[r->name]) == 0)
		return true; /* most of them */
	const struct asked all[] = {
	    {.text = r->src, .subject = SUBJECT_HOST},
	    {.text = r->dst, .subject = SUBJECT_HOST},
	    {.text = r->dst, .subject = SUBJECT_ADDRESS, .other = r->src},
	    {.text = r->name, .subject = SUBJECT_NAME, .other = r->src},
	    {.text = r->src, .subject = SUBJECT_OPENER, .other = r->dst},
	    {.text = r->dst, .subject = SUBJECT_PORT, .other = r->src, .port = r->port},
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct asked a = all[i];
		a.ts = r->ts;
		if (!say(l, &a))
			return false;
	}
	return true;
}

/* Give each answer, once for each other end, to the suspects that asked. */
static void hand_out(const struct answers *l, const struct source *s)
{
	static const struct addr unset;
	const struct asked *end = l->questions + l->question_count;
	for (size_t i = 0; i < l->n; i++) {
		const struct asked *a = &l->v[i];
		if (i > 0 && by_subject(a - 1, a) == 0 && a[-1].other == a->other)
			continue; /* later than the one before */
		const struct addr *other = conns_addr(s->conns, a->other);
		const struct asked *q =
		    bsearch(a, l->questions, l->question_count, sizeof(*q), by_subject);
		if (q == NULL)
			continue;
		while (q > l->questions && by_subject(q - 1, a) == 0)
			q--;
		for (; q < end && by_subject(q, a) == 0; q++)
			take_answer(q->suspect, (enum subject)a->subject, s->options,
			    other != NULL ? other : &unset, a->ts);
	}
}

static int fill_held(const struct source *s, struct suspect *v, size_t n, struct error *e)
{
	const struct conns *c = s->conns;
	struct answers l = {.questions = calloc(3 * n, sizeof(*l.questions)),
	    .wanted = calloc(c->text_count, 1)};
	bool fits = l.questions != NULL && l.wanted != NULL;
	for (size_t i = 0; fits && i < n; i++)
		ask(&l, c, &v[i]);
	for (size_t i = 0; fits && i < c->n; i++)
		fits = say_all(&l, &c->rows[i]);
	if (fits && l.n > 0) {
		qsort(l.questions, l.question_count, sizeof(*l.questions), by_subject);
		qsort(l.v, l.n, sizeof(*l.v), by_other);
		hand_out(&l, s);
	}
	free(l.questions);
	free(l.wanted);
	free(l.v);
	return fits ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}

int context_fill(const struct source *s, struct suspect *v, size_t n, struct error *e)
{
	if (n == 0)
		return 0;
	struct subjects l = {.n = {0}};
	int result = subjects_init(&l, v, n, e);
	if (result == 0)
		result = s->conns->held ? fill_held(s, v, n, e) : read_pairs(s, &l, e);
	if (result == 0)
		result = read_certificates(s, &l, e);
	subjects_fini(&l);
	return result < 0 ? error_add(e, "reading what is known of peers") : 0;
}
