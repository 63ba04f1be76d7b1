/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R9 and R10: connections that do not belong to a field device. It answers; it seldom
 * calls. A device is an address that answered a request of an industrial protocol.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/ot/changes.h"

/* Protocols of controllers and field devices; servers of OPC UA or MMS are computers. */
#define DEVICES_SQL                                                                      \
	"WITH device AS (SELECT " OT_DEVICE " AS ip, min(ts) AS first FROM ot WHERE "    \
	"protocol IN ('modbus', 'dnp3', 'iec104', 's7comm', 's7comm_plus', 'enip', "     \
	"'cip', 'bacnet', 'profinet', 'hart_ip', 'synchrophasor') AND operation <> "     \
	"'report' AND (rtt IS NOT NULL OR status IS NOT NULL) GROUP BY ip) "

/* What is asked in an industrial protocol is table ot's. */
#define NOT_OT                                                                           \
	"AND NOT (c.service IS NOT NULL AND c.service IN (SELECT DISTINCT protocol "     \
	"FROM ot)) AND c.dst_port NOT IN (102, 502, 2222, 2404, 4712, 4713, 4840, "      \
	"5094, 20000, 34964, 44818, 47808)"

static const char out_sql[] = DEVICES_SQL
    "SELECT c.src_ip, c.dst_ip, c.dst_port, c.proto, min(c.ts), max(c.ts), count(*), "
    "sum(c.src_bytes), sum(c.dst_bytes), min(d.first), min(c.service) FROM %s "
    "JOIN device d ON d.ip = c.src_ip WHERE c.proto = 'tcp' AND c.dst_bytes > 0 " NOT_OT
    " GROUP BY c.src_ip, c.dst_ip, c.dst_port, c.proto "
    "ORDER BY c.src_ip, c.dst_ip, c.dst_port LIMIT 16384";

static const char in_sql[] = DEVICES_SQL
    "SELECT c.src_ip, c.dst_ip, c.dst_port, c.proto, min(c.ts), max(c.ts), count(*), "
    "sum(c.src_bytes), sum(c.dst_bytes), min(d.first), min(c.service) FROM %s "
    "JOIN device d ON d.ip = c.dst_ip WHERE c.proto = 'tcp' AND c.dst_bytes > 0 AND "
    "(c.dst_port IN (22, 23, 139, 445, 3389, 5900, 5985, 5986, 4444) OR "
    "regexp_matches(c.service, '(^|,)(ssh|smb|rdp|rfb|telnet|ftp)(,|$)') OR "
    "(c.dst_port IN (80, 443, 8080) AND c.src_bytes > 65536 AND c.src_bytes > "
    "c.dst_bytes)) " NOT_OT " GROUP BY c.src_ip, c.dst_ip, c.dst_port, c.proto "
    "ORDER BY c.src_ip, c.dst_ip, c.dst_port LIMIT 16384";

static struct ot_pair pair_of(struct ot_work *w, const struct store_rows *r)
{
	return (struct ot_pair){
	    .asker = str_copy(&w->texts, store_text(r, 0)),
	    .device = str_copy(&w->texts, store_text(r, 1)),
	    .port = (uint16_t)store_uint(r, 2),
	    .proto = str_copy(&w->texts, store_text(r, 3)),
	    .first = moment_us(store_time(r, 4)),
	    .last = moment_us(store_time(r, 5)),
	    .n = store_uint(r, 6),
	    .out = store_uint(r, 7),
	    .in = store_uint(r, 8),
	};
}

/* Whether the first asks the second, or the other way round: a master of the device. */
static bool is_master(const struct ot_work *w, struct str device, struct str peer)
{
	size_t first, n = ot_device(&w->uses, device, &first);
	for (size_t i = first; i < first + n; i++) {
		if (str_equal(w->uses.pairs[i].asker, peer))
			return true;
	}
	return false;
}

static void device_calls(struct ot_work *w, const struct store_rows *r)
{
	const struct ot_pair p = pair_of(w, r);
	size_t first;
	struct addr a;
	bool home = ot_addr(p.device, &a) && series_home(w->d->source->options, &a);
	bool peer_is_device = ot_device(&w->uses, p.device, &first) > 0;
	bool fresh = ot_has_past(moment_us(store_time(r, 9)), p.first);
	struct ot_change *c = ot_changed(w, &p, OT_CALL, p.first);
	if (c == NULL)
		return;
	if (fresh || (w->d->source->options->home_count > 0 && !home) || peer_is_device)
		c->grave |= 1u << OT_CALL;
	if (is_master(w, p.asker, p.device))
		finding_add_fact(&c->v.finding, FACT_KEY_CALLS_MASTER, 0, 0, 0);
	finding_add_fact(&c->v.finding, FACT_KEY_DEVICE_CALLS, (double)p.n, (double)p.out,
	    (double)p.in);
}

static void device_is_called(struct ot_work *w, const struct store_rows *r)
{
	const struct ot_pair p = pair_of(w, r);
	struct str service = str_copy(&w->texts, store_text(r, 10));
	struct ot_change *c = ot_changed(w, &p, OT_IT, p.first);
	if (c == NULL)
		return;
	if (ot_has_past(moment_us(store_time(r, 9)), p.first))
		c->grave |= 1u << OT_IT;
	if (service.n == 0)
		service =
		    str_format(&w->texts, "%.*s/%u", STR_ARG(p.proto), (unsigned)p.port);
	finding_add_text_fact(&c->v.finding, FACT_KEY_IT_PROTOCOL, service);
}

static int read_calls(struct ot_work *w, const char *sql,
    void (*told)(struct ot_work *w, const struct store_rows *r), struct error *e)
{
	char *from = NULL;
	if (asprintf(&from, "(SELECT * FROM %s) AS c", w->d->source->past->rows) < 0)
		return error_set(e, ERR_SYSTEM, "no memory left");
	char *text = NULL, *place = strstr(sql, "%s");
	int n = asprintf(&text, "%.*s%s%s", (int)(place - sql), sql, from, place + 2);
	free(from);
	if (n < 0)
		return error_set(e, ERR_SYSTEM, "no memory left");
	struct store_rows *r = store_query(w->d->source->store, text, e);
	free(text);
	if (r == NULL)
		return -1;
	while (store_next(r))
		told(w, r);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

int ot_rules_of_calls(struct ot_work *w, struct error *e)
{
	if (read_calls(w, out_sql, device_calls, e) < 0)
		return -1;
	return read_calls(w, in_sql, device_is_called, e);
}
