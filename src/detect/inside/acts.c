/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was done on a machine through its remote administration, day by day: services made
 * and started, tasks, methods of WMI and DCOM, the registry, files pushed to
 * administrative shares. Calls that failed did nothing.
 */
#include "detect/inside/paths.h"

#define COERCED_MAX  64          /* coerced machines whose answer is looked for */
#define CALL_BACK    "60000000"  /* µs */
#define TRIES_WINDOW "300000000" /* µs, of netlogon */

/* Numbers are those of enum act. Names: MS-SCMR, MS-TSCH, MS-WMI, MS-OAUT, MS-RRP,
 * MS-EFSR, MS-RPRN, MS-DFSNM, MS-FSRVP, MS-DRSR, MS-NRPC. */
#define CALLS                                                                            \
	"SELECT src_ip, dst_ip, dst_port, ts, NULL AS name, 0 AS bytes, CASE "           \
	"WHEN operation LIKE 'CreateService%' THEN 0 "                                   \
	"WHEN operation IN ('StartServiceA', 'StartServiceW') THEN 1 "                   \
	"WHEN operation = 'DeleteService' THEN 2 "                                       \
	"WHEN endpoint = 'svcctl' THEN 3 "                                               \
	"WHEN operation IN ('NetrJobAdd', 'SchRpcRegisterTask') THEN 4 "                 \
	"WHEN operation = 'SchRpcRun' THEN 5 "                                           \
	"WHEN operation LIKE 'ExecMethod%' THEN 6 "                                      \
	"WHEN operation LIKE 'PutInstance%' THEN 7 "                                     \
	"WHEN endpoint = 'IDispatch' AND operation = 'Invoke' THEN 8 "                   \
	"WHEN operation IN ('BaseRegSetValue', 'BaseRegCreateKey', 'BaseRegSaveKey', "   \
	"'BaseRegSaveKeyEx', 'BaseRegRestoreKey', 'BaseRegReplaceKey', "                 \
	"'BaseRegLoadKey') THEN 9 "                                                      \
	"WHEN operation IN ('EfsRpcOpenFileRaw', 'EfsRpcEncryptFileSrv', "               \
	"'EfsRpcDecryptFileSrv', 'EfsRpcQueryUsersOnFile', "                             \
	"'EfsRpcQueryRecoveryAgents', 'EfsRpcRemoveUsersFromFile', "                     \
	"'EfsRpcAddUsersToFile', 'EfsRpcAddUsersToFileEx', 'EfsRpcFileKeyInfo', "        \
	"'EfsRpcDuplicateEncryptionInfoFile', "                                          \
	"'RpcRemoteFindFirstPrinterChangeNotification', "                                \
	"'RpcRemoteFindFirstPrinterChangeNotificationEx', 'NetrDfsAddStdRoot', "         \
	"'NetrDfsAddStdRootForced', 'NetrDfsRemoveStdRoot', 'IsPathSupported') THEN 10 " \
	"WHEN operation = 'DRSGetNCChanges' THEN 11 "                                    \
	"WHEN operation LIKE 'NetrServerAuthenticate%' THEN 12 "                         \
	"WHEN operation IN ('NetrServerPasswordSet', 'NetrServerPasswordSet2') THEN 13 " \
	"END AS act FROM dce_rpc WHERE coalesce(status, 'ok') = 'ok'"

/* Shares that end in $ are for administrators, but for these two. */
#define PUSHES                                                                           \
	"SELECT src_ip, dst_ip, dst_port, ts, name, write_bytes AS bytes, CASE WHEN "    \
	"regexp_matches(lower(name), "                                                   \
	"'\\.(exe|dll|sys|bat|cmd|com|ps1|vbs|vbe|js|jse|hta|scr|msi|wsf|cpl|ocx)$') "   \
	"THEN 15 ELSE 14 END AS act FROM smb WHERE command = 'close' AND write_bytes > " \
	"0 AND path LIKE '%$' AND upper(path) NOT LIKE '%\\IPC$' AND upper(path) NOT "   \
	"LIKE '%\\PRINT$'"

/* MS-WSMV, as Windows Remote Management listens. */
#define SHELLS                                                                           \
	"SELECT src_ip, dst_ip, dst_port, ts, NULL AS name, 0 AS bytes, 16 AS act FROM " \
	"http WHERE dst_port IN (5985, 5986, 47001) AND uri LIKE '/wsman%' AND status "  \
	"= 200"

#define ALL_ACTS CALLS " UNION ALL " PUSHES " UNION ALL " SHELLS

static const char acts_sql[] =
    "SELECT src_ip, dst_ip, epoch_us(ts) // 86400000000 AS day, act, count(*), "
    "epoch_us(min(ts)), epoch_us(max(ts)), sum(bytes), arg_min(name, (ts, name)), "
    "min(dst_port), max(burst) FROM (SELECT *, CASE WHEN act = 12 THEN count(*) OVER "
    "(PARTITION BY src_ip, dst_ip, act ORDER BY epoch_us(ts) RANGE BETWEEN " TRIES_WINDOW
    " PRECEDING AND CURRENT ROW) END AS burst FROM (" ALL_ACTS
    ") AS told WHERE act IS NOT NULL) AS acts GROUP BY src_ip, dst_ip, day, act "
    "ORDER BY src_ip, dst_ip, day, act";

/* The acts of one pair and day. */
struct day {
	struct path *path;
	int64_t number;
	uint64_t n[ACTS];
	int64_t first[ACTS], last[ACTS];
};

/* What of the day runs something on the machine. */
static int64_t last_run(const struct day *d)
{
	static const enum act runs[] = {ACT_SERVICE_MADE, ACT_SERVICE_STARTED,
	    ACT_TASK_MADE, ACT_TASK_RUN, ACT_WMI_RUN, ACT_WMI_PUT, ACT_OBJECT_CALLED};
	int64_t last = INT64_MIN;
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		if (d->n[runs[i]] > 0 && d->last[runs[i]] > last)
			last = d->last[runs[i]];
	}
	return last;
}

static void least(int64_t *to, int64_t span)
{
	if (span >= 0 && (*to < 0 || span < *to))
		*to = span;
}

static void end_day(struct day *d)
{
	struct path *p = d->path;
	if (p == NULL)
		return;
	int64_t run = last_run(d), push = INT64_MAX;
	for (int i = ACT_FILE_PUSHED; i <= ACT_PROGRAM_PUSHED; i++)
		push = d->n[i] > 0 && d->first[i] < push ? d->first[i] : push;
	if (push != INT64_MAX && run != INT64_MIN)
		least(&p->push_run, run - push);
	if (d->n[ACT_SERVICE_MADE] > 0 && d->n[ACT_SERVICE_DELETED] > 0)
		least(&p->service_life,
		    d->last[ACT_SERVICE_DELETED] - d->first[ACT_SERVICE_MADE]);
	p->days++;
	*d = (struct day){.path = NULL};
}

static void take_row(
    struct paths *all, struct path *p, struct day *d, const struct store_rows *r)
{
	int64_t act = store_int(r, 3), first = store_int(r, 5), last = store_int(r, 6);
	if (act < 0 || act >= ACTS)
		return;
	d->path = p;
	d->number = store_int(r, 2);
	d->n[act] = store_uint(r, 4);
	d->first[act] = first;
	d->last[act] = last;
	if (p->port == 0 || first < p->first)
		p->port = (uint16_t)store_uint(r, 9);
	path_seen(p, first, last);
	p->act[act] += d->n[act];
	p->pushed += store_uint(r, 7);
	if (p->file.n == 0 && !store_is_null(r, 8))
		p->file = str_copy(&all->texts, store_text(r, 8));
	if (act == ACT_NETLOGON_TRIED && store_uint(r, 10) > p->netlogon_tries) {
		p->netlogon_tries = store_uint(r, 10);
		p->netlogon_span = last - first;
	}
}

static int read_acts(struct paths *all, struct store *s, struct error *e)
{
	struct store_rows *r = store_query(s, acts_sql, e);
	struct day d = {.path = NULL};
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct addr src, dst;
		if (!str_addr(store_text(r, 0), &src) ||
		    !str_addr(store_text(r, 1), &dst))
			continue;
		size_t at = d.path != NULL ? (size_t)(d.path - all->v) : 0;
		struct path *p = paths_at(all, &src, &dst);
		if (d.path != NULL)
			d.path = &all->v[at]; /* they may have moved */
		if (d.path != NULL && (p != d.path || store_int(r, 2) != d.number))
			end_day(&d);
		if (p != NULL)
			take_row(all, p, &d, r);
	}
	end_day(&d);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

/* How many targets and days a source's acts have: of somebody who administers, many. */
static int read_habits(struct paths *all, struct store *s, struct error *e)
{
	if (all->n == 0)
		return 0;
	struct store_rows *r = store_query(s,
	    "SELECT src_ip, count(DISTINCT dst_ip), count(DISTINCT epoch_us(ts) // "
	    "86400000000) FROM (" ALL_ACTS ") AS told WHERE act IS NOT "
	    "NULL AND act NOT IN (3, 9, 12, 13) GROUP BY src_ip",
	    e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct addr src;
		if (!str_addr(store_text(r, 0), &src))
			continue;
		for (size_t i = 0; i < all->n; i++) {
			if (!addr_equal(&all->v[i].src, &src))
				continue;
			all->v[i].act_hosts = store_uint(r, 1);
			all->v[i].act_days = store_uint(r, 2);
		}
	}
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

static const char answer_sql[] =
    "SELECT epoch_us(min(c.ts)) - epoch_us(min(a.ts)) FROM conn AS c, (" CALLS
    ") AS a WHERE a.act = 10 AND a.src_ip = $1 AND a.dst_ip = $2 AND c.src_ip = $2 AND "
    "c.dst_ip = $1 AND c.proto = 'tcp' AND c.ts >= a.ts AND epoch_us(c.ts) <= "
    "epoch_us(a.ts) + " CALL_BACK;

/* Whether the coerced machine opened a connection to its caller, and how soon. */
static int look_for_answer(struct path *p, struct store *s, struct error *e)
{
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX];
	const struct str ends[] = {
	    {src, addr_text(&p->src, src)}, {dst, addr_text(&p->dst, dst)}};
	struct store_rows *r = store_query_with(s, answer_sql, ends, 2, e);
	if (r == NULL)
		return -1;
	if (store_next(r) && !store_is_null(r, 0))
		p->called_back = store_int(r, 0) > 0 ? store_int(r, 0) : 0;
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

int acts_read(struct paths *p, const struct detection *d, struct error *e)
{
	struct store *s = d->source->store;
	int result = read_acts(p, s, e);
	if (result == 0)
		result = read_habits(p, s, e);
	for (size_t i = 0, n = 0; result == 0 && i < p->n && n < COERCED_MAX; i++) {
		if (p->v[i].act[ACT_COERCED] > 0 && ++n > 0)
			result = look_for_answer(&p->v[i], s, e);
	}
	return result < 0 ? error_add(e, "reading remote administration") : 0;
}
