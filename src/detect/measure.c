/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/measure.h"

#include <stdio.h>
#include <stdlib.h>

#define PAIRS_TEXT_MAX                                                                   \
	(1u << 20) /* bytes of a condition; longer: all series are read                  \
		    */

struct measure {
	struct suspects *list;
	struct suspect *current; /* whose series is read; NULL: nobody's */
	uint8_t *wanted;         /* of each text of the connections: ends of suspects */
};

static void measure_begin(void *ctx, const struct series_key *key)
{
	struct measure *m = ctx;
	m->current = suspects_find(m->list, key);
	if (m->current != NULL)
		m->current->stats = (struct series_stats){.events = 0};
}

static void measure_event(void *ctx, const struct series_event *event)
{
	struct measure *m = ctx;
	if (m->current != NULL)
		stats_add(&m->current->stats, event);
}

static void measure_end(void *ctx, const struct series_key *key)
{
	struct measure *m = ctx;
	(void)key;
	m->current = NULL;
}

static bool is_wanted(const void *ctx, const struct conns_row *row)
{
	const struct measure *m = ctx;
	return (m->wanted[row->src] & m->wanted[row->dst]) != 0;
}

/* Both ends of each suspect, by the numbers of their texts. */
static bool mark_ends(struct measure *m, const struct conns *c)
{
	m->wanted = calloc(c->text_count + 1, 1);
	for (size_t i = 0; m->wanted != NULL && i < m->list->n; i++) {
		const struct finding *f = &m->list->v[i].finding;
		char host[ADDR_TEXT_MAX];
		size_t n = addr_text(&f->host, host);
		m->wanted[conns_find(c, (struct str){host, n})] = 1;
		m->wanted[conns_find(c, f->peer)] = 1;
	}
	if (m->wanted != NULL)
		m->wanted[0] = 0; /* a text that is not there */
	return m->wanted != NULL;
}

/* The suspects' pairs as SQL; NULL: too many, or no memory. Addresses need no quoting. */
static char *pairs_sql(const struct suspects *l)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (f == NULL)
		return NULL;
	fputs("(src_ip, dst_ip) IN (", f);
	for (size_t i = 0; i < l->n; i++) {
		const struct suspect *v = &l->v[i];
		char host[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX];
		struct addr a;
		if (!str_addr(v->finding.peer, &a))
			continue;
		addr_text(&v->finding.host, host);
		addr_text(&a, peer);
		bool inbound = v->projection == SERIES_INBOUND;
		fprintf(
		    f, "('%s', '%s'), ", inbound ? peer : host, inbound ? host : peer);
	}
	fputs("('', ''))", f);
	bool failed = ferror(f) != 0 || ftell(f) > (long)PAIRS_TEXT_MAX;
	if (fclose(f) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

int suspects_measure(struct suspects *l, const struct source *s, struct error *e)
{
	struct measure m = {.list = l};
	const struct series_visitor visitor = {
	    measure_begin, measure_event, measure_end, &m};
	struct series_query query = {
	    .projection = SERIES_ADDRESS, .both = true, .floor = SERIES_ANY};
	char *pairs = NULL;
	if (l->n == 0)
		return 0;
	suspects_sort_by_key(l);
	if (s->conns->held) {
		if (!mark_ends(&m, s->conns))
			return error_set(e, ERR_SYSTEM, "no memory left");
		query.wanted = is_wanted;
		query.ctx = &m;
	} else {
		pairs = pairs_sql(l);
		query.hosts = pairs;
	}
	int result = series_read(s, &query, &visitor, e);
	free(m.wanted);
	free(pairs);
	return result;
}
