/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/volume/pushed.h"

/* Files stored, by host and server. */
static const char ftp_sql[] =
    "SELECT src_ip, dst_ip, min(dst_port), min(ts), max(ts), count(*), "
    "sum(data_bytes) FROM ftp WHERE command IN ('STOR', 'STOU', 'APPE', 'WRQ') AND "
    "(reply_code IS NULL OR reply_code < 400) AND ts IS NOT NULL "
    "GROUP BY src_ip, dst_ip ORDER BY src_ip, dst_ip LIMIT 4096";

/*
 * Mails with neither a Message-ID nor a word of the program that wrote them (RFC 5322,
 * section 3.6.4, asks for the first; every client adds one). Those who take mails in are
 * servers, and hand on what others wrote.
 */
static const char smtp_sql[] =
    "SELECT src_ip, dst_ip, min(dst_port), min(ts), max(ts), count(*), "
    "sum(mail_bytes) FROM smtp WHERE mail_bytes > 0 AND ts IS NOT NULL AND "
    "header_from IS NOT NULL AND src_ip NOT IN (SELECT DISTINCT dst_ip FROM smtp) "
    "GROUP BY src_ip, dst_ip HAVING count(msg_id) = 0 AND count(user_agent) = 0 "
    "ORDER BY src_ip, dst_ip LIMIT 4096";

static bool take(
    struct leads *l, const struct source *s, const struct store_rows *r, bool mail)
{
	struct addr src, dst;
	if (!str_addr(store_text(r, 0), &src) || !str_addr(store_text(r, 1), &dst) ||
	    addr_is_multicast(&dst) || series_home(s->options, &dst))
		return true;
	const struct pair p = {
	    .key = {.projection = SERIES_ADDRESS,
		.direction = DIRECTION_OUTBOUND,
		.host = src,
		.peer = store_text(r, 1),
		.port = (uint16_t)store_uint(r, 2),
		.proto = STR("tcp")},
	    .stats = {.events = store_uint(r, 5),
		.starts = store_uint(r, 5),
		.days = 1,
		.first = moment_us(store_time(r, 3)),
		.last = moment_us(store_time(r, 4)),
		.out = store_uint(r, 6)},
	};
	struct lead *v = leads_add(l, &p);
	if (v == NULL)
		return false;
	v->rules = 1u << (mail ? RULE_MAILED : RULE_STORED);
	v->pushed =
	    (struct pushed){(double)store_uint(r, 5), store_uint(r, 6), p.stats.first};
	v->v.finding.score = 1;
	return true;
}

static int read(
    struct leads *l, const struct source *s, const char *sql, bool mail, struct error *e)
{
	struct store_rows *r = store_sum(s->store, sql, e);
	bool fits = true;
	if (r == NULL)
		return -1;
	while (fits && store_next(r))
		fits = take(l, s, r, mail);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	if (!failed && !fits)
		return error_set(e, ERR_SYSTEM, "no memory left");
	return failed ? -1 : 0;
}

int pushed_find(struct leads *l, const struct source *s, struct error *e)
{
	if (read(l, s, ftp_sql, false, e) < 0 || read(l, s, smtp_sql, true, e) < 0)
		return error_add(e, "reading what was stored and mailed");
	return 0;
}
