/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions of SMB by another client than the host's own. From SMB 3 on a server may ask
 * for encryption, and then shares, files and calls are hidden (psexec and all like it);
 * what goes before is not:
 *
 *     negotiate: dialect | NTLM: who logs on, from which machine | encrypted from here on
 *
 * A machine's own client always speaks the dialect that the machine speaks, and says its
 * name (MS-NLMP 2.2.1.3, Workstation). A tool that brings its own SMB does neither. So a
 * host that had one kind of sessions for days, and then one of a kind it never had, that
 * names no machine and shows nothing behind the logon, runs such a tool.
 *
 * With n sessions before, one unlike all of them has the conformal p of 1 / (n + 1).
 */
#include <string.h>

#include "detect/inside/paths.h"

#define BEFORE_LEAST 10 /* sessions of the host, from which its own kind is known … */
#define DAYS_LEAST   3  /* … on so many days */
#define KINDS_MAX    16 /* of one host; with more it has no kind of its own */
#define SITE_MAX     32 /* dialects whose nameless clients are counted */
#define DAY_US       INT64_C(86400000000)

#define TEXT_OF_(x) #x
#define TEXT_OF(x)  TEXT_OF_(x)

// clang-format off
/* Whether any host can have such sessions at all: some with a name and some without, in
 * number and on days enough. Of few rows and columns. */
static const char any_sql[] =
	"SELECT src_ip FROM ntlm WHERE carrier = 'smb' AND coalesce(success, true) "
	"GROUP BY src_ip HAVING bool_or(hostname IS NULL) AND bool_or(hostname IS NOT NULL) "
	"AND count(*) > " TEXT_OF(BEFORE_LEAST) " AND count(DISTINCT day) >= " TEXT_OF(DAYS_LEAST)
	" LIMIT 1";

static const char sql[] =
	"WITH s AS (SELECT src_ip, src_port, dst_ip, day, min(dst_port) AS port, min(ts) AS ts, "
	"max(ts) AS last, max(dialect) FILTER (dialect NOT LIKE '%?%') AS dialect, "
	"bool_or(command = 'encrypted') AS hidden, bool_or(command = 'tree_connect') AS trees "
	"FROM smb WHERE command IN ('negotiate', 'session_setup', 'encrypted', 'tree_connect') "
	"GROUP BY src_ip, src_port, dst_ip, day), "
	"n AS (SELECT src_ip, src_port, dst_ip, day, bool_or(hostname IS NOT NULL) AS named "
	"FROM ntlm WHERE carrier = 'smb' AND coalesce(success, true) "
	"GROUP BY src_ip, src_port, dst_ip, day) "
	"SELECT src_ip, dst_ip, port, ts, last, dialect, coalesce(hidden, false), "
	"coalesce(trees, false), named FROM s JOIN n USING (src_ip, src_port, dst_ip, day) "
	"WHERE dialect IS NOT NULL ORDER BY src_ip, ts, dst_ip, src_port";
// clang-format on

struct kind {
	struct str dialect;
	bool named, strange;
	uint64_t n;
};

struct reader {
	struct paths *all;
	struct addr host;
	struct kind kind[KINDS_MAX];
	size_t kinds;
	uint64_t before, days;
	int64_t day;
	bool many; /* more kinds than KINDS_MAX */
	/* Of the site: hosts with a nameless client of that dialect. */
	struct {
		struct str dialect;
		uint64_t hosts;
		struct addr last;
	} site[SITE_MAX];
	size_t sites;
};

static struct kind *kind_of(struct reader *d, struct str dialect, bool named)
{
	for (size_t i = 0; i < d->kinds; i++) {
		if (d->kind[i].named == named && str_equal(d->kind[i].dialect, dialect))
			return &d->kind[i];
	}
	if (d->kinds == KINDS_MAX)
		return NULL;
	struct kind *k = &d->kind[d->kinds++];
	*k = (struct kind){.dialect = str_copy(&d->all->texts, dialect), .named = named};
	return k;
}

static void count_site(struct reader *d, struct str dialect)
{
	size_t i = 0;
	while (i < d->sites && !str_equal(d->site[i].dialect, dialect))
		i++;
	if (i == SITE_MAX)
		return;
	if (i == d->sites)
		d->site[d->sites++].dialect = str_copy(&d->all->texts, dialect);
	if (d->site[i].hosts == 0 || !addr_equal(&d->site[i].last, &d->host))
		d->site[i].hosts++;
	d->site[i].last = d->host;
}

/* The kind of most sessions, where all of them say their name. */
static const struct kind *usual_kind(const struct reader *d)
{
	const struct kind *most = NULL;
	for (size_t i = 0; i < d->kinds; i++) {
		const struct kind *k = &d->kind[i];
		if (!k->named && k->n > 0 && !k->strange)
			return NULL;
		if (k->named && (most == NULL || k->n > most->n))
			most = k;
	}
	return most;
}

static void tell(struct reader *d, const struct store_rows *r, const struct kind *k)
{
	struct addr dst;
	const struct kind *usual = usual_kind(d);
	if (usual == NULL || !str_addr(store_text(r, 1), &dst))
		return;
	struct path *p = paths_at(d->all, &d->host, &dst);
	if (p == NULL)
		return;
	struct stranger *x = &p->stranger;
	if (p->port == 0)
		p->port = (uint16_t)store_uint(r, 2);
	if (x->sessions++ == 0) {
		x->before = d->before;
		x->days = d->days;
		x->dialect = k->dialect;
		x->usual = usual->dialect;
	}
	path_seen(p, moment_us(store_time(r, 3)), moment_us(store_time(r, 4)));
}

static void read_session(struct reader *d, const struct store_rows *r)
{
	struct addr host;
	int64_t day = moment_us(store_time(r, 3)) / DAY_US;
	bool hidden = store_bool(r, 6) && !store_bool(r, 7), named = store_bool(r, 8);
	struct str dialect = store_text(r, 5);
	if (!str_addr(store_text(r, 0), &host))
		return;
	if (!addr_equal(&host, &d->host)) {
		d->host = host;
		d->kinds = 0;
		d->before = d->days = 0;
		d->day = INT64_MIN;
		d->many = false;
	}
	if (!named)
		count_site(d, dialect);
	struct kind *k = kind_of(d, dialect, named);
	if (k == NULL) {
		d->many = true;
		return;
	}
	if (k->n == 0 && !named && hidden && d->before >= BEFORE_LEAST &&
	    d->days >= DAYS_LEAST && !d->many)
		k->strange = true;
	if (k->strange && hidden)
		tell(d, r, k);
	k->n++;
	d->before++;
	d->days += day != d->day;
	d->day = day;
}

static void count_others(struct reader *d)
{
	for (size_t i = 0; i < d->all->n; i++) {
		struct stranger *x = &d->all->v[i].stranger;
		for (size_t k = 0; x->sessions > 0 && k < d->sites; k++) {
			if (str_equal(d->site[k].dialect, x->dialect))
				x->others = d->site[k].hosts - 1;
		}
	}
}

int strangers_read(struct paths *p, const struct detection *d, struct error *e)
{
	if (!paths_may_have(d->source->conns, "ntlm") ||
	    context_days(d->context) < DAYS_LEAST)
		return 0;
	struct store_rows *r = store_sum(d->source->store, any_sql, e);
	if (r == NULL)
		return -1;
	bool any = store_next(r);
	if (store_rows_end(r, e) < 0)
		return -1;
	r = any ? store_sum(d->source->store, sql, e) : NULL;
	if (r == NULL)
		return any ? -1 : 0;
	struct reader reader = {.all = p};
	while (store_next(r))
		read_session(&reader, r);
	count_others(&reader);
	return store_rows_end(r, e);
}
