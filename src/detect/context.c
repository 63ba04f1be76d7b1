/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/context.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define US_PER_HOUR     3600000000LL
#define US_PER_DAY      (24 * US_PER_HOUR)
#define WATCH_HOURS_MAX (1u << 20) /* 120 years */

static int64_t hour_of(int64_t us)
{
	return us / US_PER_HOUR - (us % US_PER_HOUR < 0);
}

static int load_span(struct context *c, struct store *s, struct error *e)
{
	struct store_rows *r = store_query(s,
	    "SELECT min(ts), max(ts), max(epoch_us(ts) + duration * 1e6) FROM conn", e);
	if (r == NULL)
		return -1;
	if (store_next(r) && !store_is_null(r, 0)) {
		c->first = moment_us(store_time(r, 0));
		c->last = moment_us(store_time(r, 1));
		double end = store_real(r, 2);
		if (end > (double)c->last && end < 9e18)
			c->last = (int64_t)end;
	}
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

/* Our hosts: the addresses at home; where there is none, all that opened a connection. */
static int load_hosts(
    struct context *c, struct store *s, const struct detect_options *o, struct error *e)
{
	struct store_rows *r = store_query(s,
	    "SELECT ip, bool_or(opened) FROM (SELECT DISTINCT src_ip AS ip, true AS "
	    "opened "
	    "FROM conn UNION ALL SELECT DISTINCT dst_ip, false FROM conn) GROUP BY ip",
	    e);
	if (r == NULL)
		return -1;
	uint64_t home = 0, openers = 0;
	while (store_next(r)) {
		struct addr a;
		if (!str_addr(store_text(r, 0), &a) || addr_is_unset(&a) ||
		    addr_is_multicast(&a))
			continue;
		home += series_home(o, &a);
		openers += store_bool(r, 1);
	}
	c->hosts = home > 0 ? home : openers;
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

static int load_watch(struct context *c, struct store *s, struct error *e)
{
	struct store_rows *r = store_query(s,
	    "SELECT epoch_us(ts) // 3600000000 AS hour, count(DISTINCT ts), sum(drops), "
	    "sum(truncated) FROM watch WHERE packets > 0 GROUP BY hour ORDER BY hour",
	    e);
	if (r == NULL)
		return -1;
	size_t room = 0;
	int result = 0;
	while (result == 0 && store_next(r) && c->watch_count < WATCH_HOURS_MAX) {
		if (c->watch_count == room) {
			room = room == 0 ? 64 : 2 * room;
			struct watched_hour *w = realloc(c->watch, room * sizeof(*w));
			if (w == NULL) {
				result = error_set(e, ERR_SYSTEM, "no memory left");
				break;
			}
			c->watch = w;
		}
		c->watch[c->watch_count++] = (struct watched_hour){store_int(r, 0),
		    (uint32_t)store_uint(r, 1), store_uint(r, 2), store_uint(r, 3)};
	}
	if (result == 0 && store_rows_failed(r, e))
		result = -1;
	store_rows_free(r);
	return result;
}

int context_open(
    struct context *c, struct store *s, const struct detect_options *o, struct error *e)
{
	*c = (struct context){.watch = NULL};
	if (load_span(c, s, e) < 0 || load_hosts(c, s, o, e) < 0 ||
	    load_watch(c, s, e) < 0)
		return error_add(e, "reading the memory's outline");
	return 0;
}

void context_fini(struct context *c)
{
	free(c->watch);
	*c = (struct context){.watch = NULL};
}

double context_days(const struct context *c)
{
	return fmax(1, (double)(c->last - c->first) / (double)US_PER_DAY);
}

/* Looking suspects up while a query over all peers streams by: sorted by text. */
struct lookup {
	char text[300]; /* NUL-terminated */
	struct suspect *suspect;
};

/* The numbers are those of subjects_sql. */
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

/* One row about a subject: the machine at the other end (absent: none) and a moment. */
static void take_answer(struct suspect *v, enum subject subject,
    const struct detect_options *o, struct str other, int64_t first)
{
	struct addr a;
	str_addr(other, &a);
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
		v->peer_hosts += o->home_count == 0 || series_home(o, &a);
		if (v->peer_first == 0 || first < v->peer_first)
			v->peer_first = first;
		break;
	case SUBJECTS:
		break;
	}
}

/*
 * Everything that is asked, in one pass over the connections: pairs first, then each
 * subject from them. A row is a subject's number and text, the machine at its other end,
 * and their first moment.
 */
static const char subjects_sql[] =
    "WITH p AS MATERIALIZED (SELECT src_ip, dst_ip, dst_port, server_name, min(ts) AS ts "
    "FROM conn GROUP BY ALL), "
    "c AS MATERIALIZED (SELECT dst_ip, dst_port, sni, min(ts) AS ts FROM tls "
    "WHERE subject = issuer AND subject <> '' GROUP BY ALL) "
    "SELECT 0, src_ip, NULL, min(ts) FROM p GROUP BY src_ip "
    "UNION ALL SELECT 0, dst_ip, NULL, min(ts) FROM p GROUP BY dst_ip "
    "UNION ALL SELECT 1, dst_ip, src_ip, min(ts) FROM p GROUP BY dst_ip, src_ip "
    "UNION ALL SELECT 2, server_name, src_ip, min(ts) FROM p "
    "WHERE server_name IS NOT NULL GROUP BY server_name, src_ip "
    "UNION ALL SELECT 3, src_ip, dst_ip, min(ts) FROM p GROUP BY src_ip, dst_ip "
    "UNION ALL SELECT 4, dst_ip || ' ' || CAST(dst_port AS VARCHAR), src_ip, min(ts) "
    "FROM p GROUP BY dst_ip, dst_port, src_ip "
    "UNION ALL SELECT 5, dst_ip || ' ' || CAST(dst_port AS VARCHAR), NULL, min(ts) "
    "FROM c GROUP BY dst_ip, dst_port "
    "UNION ALL SELECT 6, sni || ' ' || CAST(dst_port AS VARCHAR), NULL, min(ts) "
    "FROM c WHERE sni <> '' GROUP BY sni, dst_port";

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

/* Give a row to all suspects that are looked up under its text. */
static void take_row(
    const struct subjects *l, const struct detect_options *o, const struct store_rows *r)
{
	uint64_t subject = store_uint(r, 0);
	struct lookup key = {.suspect = NULL};
	struct str text = store_text(r, 1);
	size_t length = text.n < 299 ? text.n : 299;
	if (subject >= SUBJECTS)
		return;
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
		take_answer(hit->suspect, (enum subject)subject, o, store_text(r, 2),
		    moment_us(store_time(r, 3)));
}

static int read_subjects(struct store *s, const struct subjects *l,
    const struct detect_options *o, struct error *e)
{
	struct store_rows *r = store_query(s, subjects_sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r))
		take_row(l, o, r);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

int context_fill(struct store *s, const struct detect_options *o, struct suspect *v,
    size_t n, struct error *e)
{
	if (n == 0)
		return 0;
	struct subjects l = {.n = {0}};
	int result = subjects_init(&l, v, n, e);
	if (result == 0 && read_subjects(s, &l, o, e) < 0)
		result = error_add(e, "reading what is known of peers");
	subjects_fini(&l);
	return result;
}

/*
 * Since when. With the first packet when the behaviour began within a few of its gaps
 * from it. Older than the memory when, had it run before, no packet would have been due
 * earlier: within one and a half periods of the memory's begin, or 1 % of its span, but
 * never beyond a tenth of it.
 */
#define ONSET_GAPS 5

void context_date(const struct context *c, struct suspect *v)
{
	struct finding *f = &v->finding;
	double span = (double)(c->last - c->first);
	double slack = fmin(fmax(0.01 * span, 1.5e6 * v->period), 0.1 * span);
	f->first_seen = moment_from_us(v->stats.first);
	f->last_seen = moment_from_us(v->stats.last);
	f->events = v->stats.events;
	f->bytes_out = v->stats.out;
	f->bytes_in = v->stats.in;
	f->missed = v->stats.missed;
	f->since = f->first_seen;
	f->since_kind = SINCE_FIRST_PACKET;
	double late = (double)v->onset - floor((double)v->stats.first / 1e6);
	if (v->onset != 0 && late > ONSET_GAPS * v->period + 1) {
		f->since = moment_from(v->onset, 0);
		f->since_kind = SINCE_ONSET;
	} else if ((double)(v->stats.first - c->first) <= slack) {
		f->since_kind = SINCE_BEFORE_MEMORY;
	}
}

void context_watched(
    const struct context *c, int64_t first, int64_t last, double out[static 3])
{
	double minutes = 0;
	out[1] = out[2] = 0;
	for (size_t i = 0; i < c->watch_count; i++) {
		const struct watched_hour *w = &c->watch[i];
		if (w->hour < hour_of(first) || w->hour > hour_of(last))
			continue;
		minutes += w->minutes;
		out[1] += (double)w->drops;
		out[2] += (double)w->truncated;
	}
	out[0] = fmin(1, minutes / (floor((double)(last - first) / 60e6) + 1));
}

uint64_t context_hours(const struct context *c, int64_t first, int64_t last)
{
	uint64_t hours = 0;
	if (c->watch_count == 0)
		return (uint64_t)(hour_of(last) - hour_of(first)) + 1;
	for (size_t i = 0; i < c->watch_count; i++)
		hours += c->watch[i].hour >= hour_of(first) &&
			 c->watch[i].hour <= hour_of(last);
	return hours > 0 ? hours : 1;
}
