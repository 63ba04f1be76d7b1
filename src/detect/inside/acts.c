/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was done on a machine through its remote administration, day by day: services made
 * and started, tasks, methods of WMI and DCOM, the registry, files pushed to
 * administrative shares. Calls that failed did nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/inside/contacts.h"
#include "detect/inside/paths.h"

#define DAY_US       INT64_C(86400000000)
#define COERCED_MAX  64 /* coerced machines whose answer is looked for */
#define CALL_BACK_US (60 * INT64_C(1000000))
#define WINDOW_US    (300 * INT64_C(1000000)) /* of netlogon */
#define TRIES_MAX    4096 /* attempts within the window that are counted */
#define DAYS_MAX     64   /* of one source that are told apart */

/*
 * The calls that are acts, by their names in MS-SCMR, MS-TSCH, MS-WMI, MS-OAUT, MS-RRP,
 * MS-EFSR, MS-RPRN, MS-DFSNM, MS-FSRVP, MS-DRSR, MS-NRPC. A(ACT, "operation")
 */
// clang-format off
#define CALLS(A) \
	A(SERVICE_MADE, "CreateServiceA") A(SERVICE_MADE, "CreateServiceW") \
	A(SERVICE_MADE, "CreateServiceWOW64A") A(SERVICE_MADE, "CreateServiceWOW64W") \
	A(SERVICE_STARTED, "StartServiceA") A(SERVICE_STARTED, "StartServiceW") \
	A(SERVICE_DELETED, "DeleteService") \
	A(SERVICE_ASKED, "OpenSCManagerA") A(SERVICE_ASKED, "OpenSCManagerW") \
	A(SERVICE_ASKED, "OpenSCManager2") A(SERVICE_ASKED, "OpenServiceA") \
	A(SERVICE_ASKED, "OpenServiceW") A(SERVICE_ASKED, "ControlService") \
	A(SERVICE_ASKED, "ChangeServiceConfigA") A(SERVICE_ASKED, "ChangeServiceConfigW") \
	A(SERVICE_ASKED, "ChangeServiceConfig2A") A(SERVICE_ASKED, "ChangeServiceConfig2W") \
	A(TASK_MADE, "NetrJobAdd") A(TASK_MADE, "SchRpcRegisterTask") \
	A(TASK_RUN, "SchRpcRun") \
	A(WMI_RUN, "ExecMethod") A(WMI_RUN, "ExecMethodAsync") \
	A(WMI_PUT, "PutInstance") A(WMI_PUT, "PutInstanceAsync") \
	A(OBJECT_CALLED, "Invoke") \
	A(REGISTRY_WRITTEN, "BaseRegSetValue") A(REGISTRY_WRITTEN, "BaseRegCreateKey") \
	A(REGISTRY_WRITTEN, "BaseRegSaveKey") A(REGISTRY_WRITTEN, "BaseRegSaveKeyEx") \
	A(REGISTRY_WRITTEN, "BaseRegRestoreKey") A(REGISTRY_WRITTEN, "BaseRegReplaceKey") \
	A(REGISTRY_WRITTEN, "BaseRegLoadKey") \
	A(COERCED, "EfsRpcOpenFileRaw") A(COERCED, "EfsRpcEncryptFileSrv") \
	A(COERCED, "EfsRpcDecryptFileSrv") A(COERCED, "EfsRpcQueryUsersOnFile") \
	A(COERCED, "EfsRpcQueryRecoveryAgents") A(COERCED, "EfsRpcRemoveUsersFromFile") \
	A(COERCED, "EfsRpcAddUsersToFile") A(COERCED, "EfsRpcAddUsersToFileEx") \
	A(COERCED, "EfsRpcFileKeyInfo") A(COERCED, "EfsRpcDuplicateEncryptionInfoFile") \
	A(COERCED, "RpcRemoteFindFirstPrinterChangeNotification") \
	A(COERCED, "RpcRemoteFindFirstPrinterChangeNotificationEx") \
	A(COERCED, "NetrDfsAddStdRoot") A(COERCED, "NetrDfsAddStdRootForced") \
	A(COERCED, "NetrDfsRemoveStdRoot") A(COERCED, "IsPathSupported") \
	A(REPLICATED, "DRSGetNCChanges") \
	A(NETLOGON_TRIED, "NetrServerAuthenticate") \
	A(NETLOGON_TRIED, "NetrServerAuthenticate2") \
	A(NETLOGON_TRIED, "NetrServerAuthenticate3") \
	A(NETLOGON_PASSWORD, "NetrServerPasswordSet") \
	A(NETLOGON_PASSWORD, "NetrServerPasswordSet2")
// clang-format on

static const struct {
	const char *operation;
	enum act act;
} calls[] = {
#define A(ACT, operation) {operation, ACT_##ACT},
    CALLS(A)
#undef A
};

/* Names that other interfaces have too go with theirs. */
#define SOUND                                                                            \
	"coalesce(status, 'ok') = 'ok' AND (operation <> 'Invoke' OR endpoint = "        \
	"'IDispatch')"

#define A(ACT, operation) "'" operation "', "
static const char calls_sql[] = "SELECT src_ip, dst_ip, dst_port, ts, operation AS what, "
				"0 AS bytes, 0 AS kind FROM dce_rpc WHERE operation IN "
				"(" CALLS(A) "'') AND " SOUND;
#undef A

/* Shares that end in $ are for administrators, but for these two. */
static const char pushes_sql[] =
    "SELECT src_ip, dst_ip, dst_port, ts, name AS what, write_bytes AS bytes, 1 AS kind "
    "FROM smb WHERE command = 'close' AND write_bytes > 0 AND path LIKE '%$' AND "
    "upper(path) NOT LIKE '%\\IPC$' AND upper(path) NOT LIKE '%\\PRINT$'";

/* The acts of one pair and day, and the days of its source. */
struct reader {
	struct paths *all;
	struct path *path;
	int64_t day;
	uint64_t n[ACTS];
	int64_t first[ACTS], last[ACTS];
	int64_t tries[TRIES_MAX]; /* moments of the latest attempts, as a ring */
	uint64_t tried, oldest;
	struct addr src;
	int64_t days[DAYS_MAX]; /* on which the source acted */
	size_t day_count;
};

/* ---- one day of a pair ---- */

/* What of the day runs something on the machine. */
static int64_t last_run(const struct reader *d)
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

static void end_day(struct reader *d)
{
	struct path *p = d->path;
	int64_t run = last_run(d), push = INT64_MAX;
	for (int i = ACT_FILE_PUSHED; i <= ACT_PROGRAM_PUSHED; i++)
		push = d->n[i] > 0 && d->first[i] < push ? d->first[i] : push;
	if (p != NULL && push != INT64_MAX && run != INT64_MIN)
		least(&p->push_run, run - push);
	if (p != NULL && d->n[ACT_SERVICE_MADE] > 0 && d->n[ACT_SERVICE_DELETED] > 0)
		least(&p->service_life,
		    d->last[ACT_SERVICE_DELETED] - d->first[ACT_SERVICE_MADE]);
	memset(d->n, 0, sizeof(d->n));
	d->tried = d->oldest = 0;
}

/* How many attempts the last five minutes have. */
static void count_try(struct reader *d, int64_t ts)
{
	struct path *p = d->path;
	d->tries[d->tried++ % TRIES_MAX] = ts;
	while (d->tried - d->oldest > TRIES_MAX ||
	       ts - d->tries[d->oldest % TRIES_MAX] > WINDOW_US)
		d->oldest++;
	if (d->tried - d->oldest <= p->netlogon_tries)
		return;
	p->netlogon_tries = d->tried - d->oldest;
	p->netlogon_span = ts - d->tries[d->oldest % TRIES_MAX];
}

/* ---- a source's habits ---- */

/* What an administrator does, and not every member of a domain. */
static bool is_habit(enum act act)
{
	return act != ACT_SERVICE_ASKED && act != ACT_REGISTRY_WRITTEN &&
	       act != ACT_NETLOGON_TRIED && act != ACT_NETLOGON_PASSWORD;
}

static void note_day(struct reader *d, int64_t day)
{
	for (size_t i = 0; i < d->day_count; i++) {
		if (d->days[i] == day)
			return;
	}
	if (d->day_count < DAYS_MAX)
		d->days[d->day_count++] = day;
}

/* The source is done: on how many machines and days it acted is told to all its paths. */
static void end_source(struct reader *d)
{
	struct path *v = d->all->v;
	size_t end = d->all->n, from = end;
	uint64_t hosts = 0;
	while (from > 0 && addr_equal(&v[from - 1].src, &d->src))
		hosts += v[--from].habit; /* those of a source lie together */
	for (size_t i = from; i < end && d->day_count > 0; i++) {
		v[i].act_days = d->day_count;
		v[i].act_hosts = hosts;
	}
	d->day_count = 0;
}

/* ---- rows ---- */

static bool is_program(struct str name)
{
	static const char *const ends[] = {"exe", "dll", "sys", "bat", "cmd", "com",
	    "ps1", "vbs", "vbe", "js", "jse", "hta", "scr", "msi", "wsf", "cpl", "ocx"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t n = strlen(ends[i]);
		if (name.n > n && name.p[name.n - n - 1] == '.' &&
		    strncasecmp(name.p + name.n - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

static enum act act_of(const struct store_rows *r)
{
	struct str what = store_text(r, 4);
	uint64_t kind = store_uint(r, 6);
	if (kind == 1)
		return is_program(what) ? ACT_PROGRAM_PUSHED : ACT_FILE_PUSHED;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (str_equal(what, str_of(calls[i].operation)))
			return calls[i].act;
	}
	return ACTS;
}

static void take_act(struct reader *d, const struct store_rows *r, int64_t ts)
{
	struct path *p = d->path;
	enum act act = act_of(r);
	if (act == ACTS)
		return;
	if (d->n[act]++ == 0)
		d->first[act] = ts;
	d->last[act] = ts;
	if (p->port == 0)
		p->port = (uint16_t)store_uint(r, 2);
	path_seen(p, ts, ts);
	p->act[act]++;
	p->pushed += store_uint(r, 5);
	if ((act == ACT_FILE_PUSHED || act == ACT_PROGRAM_PUSHED) && p->file.n == 0)
		p->file = str_copy(&d->all->texts, store_text(r, 4));
	if (act == ACT_NETLOGON_TRIED)
		count_try(d, ts);
	if (act == ACT_COERCED && p->act[act] == 1)
		p->coerced = ts;
	p->habit |= is_habit(act);
	if (is_habit(act))
		note_day(d, d->day);
}

static void take_row(struct reader *d, const struct store_rows *r)
{
	struct addr src, dst;
	int64_t ts = moment_us(store_time(r, 3)), day = ts / DAY_US - (ts % DAY_US < 0);
	if (!str_addr(store_text(r, 0), &src) || !str_addr(store_text(r, 1), &dst))
		return;
	if (!addr_equal(&src, &d->src)) {
		end_day(d);
		end_source(d);
		d->path = NULL;
	}
	d->src = src;
	size_t at = d->path != NULL ? (size_t)(d->path - d->all->v) : 0;
	bool had = d->path != NULL;
	struct path *p = paths_at(d->all, &src, &dst);
	d->path = had ? &d->all->v[at] : NULL; /* they may have moved */
	if (p != d->path || day != d->day)
		end_day(d);
	d->path = p;
	d->day = day;
	if (p != NULL)
		take_act(d, r, ts);
}

/* The rows of the tables that have any, in order of source, target and time. */
static struct store_rows *query(const struct source *s, bool *none, struct error *e)
{
	const struct {
		bool there;
		const char *sql;
	} parts[] = {
	    {paths_may_have(s->conns, "dce_rpc"), calls_sql},
	    {paths_may_have(s->conns, "smb"), pushes_sql},
	};
	char sql[8192];
	size_t n = 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (parts[i].there)
			n += (size_t)snprintf(sql + n, sizeof(sql) - n, "%s%s",
			    n > 0 ? " UNION ALL " : "", parts[i].sql);
	}
	*none = n == 0;
	snprintf(
	    sql + n, sizeof(sql) - n, " ORDER BY src_ip, dst_ip, ts, kind, what, bytes");
	return *none ? NULL : store_sum(s->store, sql, e);
}

/* ---- coerced machines ---- */

static void answer_held(struct path *p, struct conns *c)
{
	char text[2][ADDR_TEXT_MAX];
	uint32_t src = conns_find(c, (struct str){text[0], addr_text(&p->dst, text[0])});
	uint32_t dst = conns_find(c, (struct str){text[1], addr_text(&p->src, text[1])});
	for (size_t i = 0; i < c->n; i++) {
		const struct conns_row *r = &c->rows[i];
		if (r->src == src && r->dst == dst && !r->day && r->ts >= p->coerced &&
		    r->ts - p->coerced <= CALL_BACK_US &&
		    str_equal(c->texts[r->proto].text, STR("tcp")))
			least(&p->called_back, r->ts - p->coerced);
	}
}

/* Whether the coerced machine opened a connection to its caller, and how soon. */
static int look_for_answer(struct path *p, const struct source *s, struct error *e)
{
	if (s->conns->held) {
		answer_held(p, s->conns);
		return 0;
	}
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX];
	addr_text(&p->src, src);
	addr_text(&p->dst, dst);
	struct store_rows *r = past_query(s->store, e,
	    "SELECT epoch_us(min(ts)) - %" PRId64 " FROM conn WHERE src_ip = '%s' AND "
	    "dst_ip = '%s' AND proto = 'tcp' AND epoch_us(ts) BETWEEN %" PRId64
	    " AND %" PRId64,
	    p->coerced, dst, src, p->coerced, p->coerced + CALL_BACK_US);
	if (r == NULL)
		return -1;
	if (store_next(r) && !store_is_null(r, 0))
		p->called_back = store_int(r, 0);
	return store_rows_end(r, e);
}

/* ---- remote management over HTTP ---- */

#define SHELL_PORTS 5985, 5986 /* MS-WSMV: where Windows Remote Management listens */

static void take_shell(struct paths *all, const struct addr *src, const struct addr *dst,
    const struct contact *c)
{
	struct path *p = paths_at(all, src, dst);
	if (p == NULL)
		return;
	if (p->port == 0)
		p->port = c->port;
	p->act[ACT_SHELL] += c->connections;
	path_seen(p, c->first, c->last);
}

static void shells_held(struct paths *all, struct conns *c)
{
	static const uint16_t ports[] = {SHELL_PORTS};
	for (size_t i = 0; i < c->n; i++) {
		const struct conns_row *r = &c->rows[i];
		bool there = r->port == ports[0] || r->port == ports[1];
		const struct addr *src = there ? conns_addr(c, r->src) : NULL;
		const struct addr *dst = there ? conns_addr(c, r->dst) : NULL;
		if (src == NULL || dst == NULL || r->dst_bytes == 0 || r->day)
			continue;
		const struct contact one = {
		    .first = r->ts, .last = r->ts, .port = r->port, .connections = 1};
		take_shell(all, src, dst, &one);
	}
}

static int shells_rows(struct paths *all, struct store *s, struct error *e)
{
	struct store_rows *r = store_sum(s,
	    "SELECT src_ip, dst_ip, dst_port, epoch_us(min(ts)), epoch_us(max(ts)), "
	    "count(*) "
	    "FROM conn WHERE dst_port IN (5985, 5986) AND dst_bytes > 0 GROUP "
	    "BY src_ip, dst_ip, dst_port ORDER BY src_ip, dst_ip, dst_port",
	    e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct addr src, dst;
		const struct contact all_of = {.first = store_int(r, 3),
		    .last = store_int(r, 4),
		    .port = (uint16_t)store_uint(r, 2),
		    .connections = store_uint(r, 5)};
		if (str_addr(store_text(r, 0), &src) && str_addr(store_text(r, 1), &dst))
			take_shell(all, &src, &dst, &all_of);
	}
	return store_rows_end(r, e);
}

static int read_shells(struct paths *all, const struct source *s, struct error *e)
{
	if (!s->conns->held)
		return shells_rows(all, s->store, e);
	shells_held(all, s->conns);
	return 0;
}

/* ---- all ---- */

static int read_acts(struct paths *p, const struct source *s, struct error *e)
{
	bool none = false;
	struct store_rows *r = query(s, &none, e);
	struct reader *reader = calloc(1, sizeof(*reader));
	if (none || reader == NULL) {
		free(reader);
		store_rows_free(r);
		return none ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
	}
	reader->all = p;
	while (r != NULL && store_next(r))
		take_row(reader, r);
	end_day(reader);
	end_source(reader);
	int result = r == NULL || store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	free(reader);
	return result;
}

int acts_read(struct paths *p, const struct detection *d, struct error *e)
{
	int result = read_acts(p, d->source, e);
	for (size_t i = 0, n = 0; result == 0 && i < p->n && n < COERCED_MAX; i++) {
		if (p->v[i].act[ACT_COERCED] > 0 && ++n > 0)
			result = look_for_answer(&p->v[i], d->source, e);
	}
	if (result == 0)
		result = read_shells(p, d->source, e);
	return result < 0 ? error_add(e, "reading remote administration") : 0;
}
