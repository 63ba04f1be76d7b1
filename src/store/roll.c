/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rolling up: segments that no run counts are read back and summed, in transactions of
 * their own. Each takes a bounded number of segments, writes their runs and takes them
 * off the note in one commit, so that whatever is cut short is done again, and once.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/sql.h"
#include "record/wire.h"
#include "store/memory.h"
#include "store/rollup.h"
#include "store/row_record.h"
#include "sys/path.h"

#define ROLL_FILES_MIN 256         /* segments that are worth it … */
#define ROLL_BYTES_MIN (24U << 20) /* … or their bytes */
#define ROLL_STEP_MAX  (64U << 20) /* bytes of segments that one transaction takes */

/*
 * What is read of each type: the columns, and of a column of lists its elements, a row
 * each. Nothing else of the record is set.
 */
static const struct reading {
	enum record_type type;
	const char *columns; /* joined by ','; the first says whether a row counts */
	const char *list;    /* NULL: none */
	const char *where;
} readings[] = {
    {RECORD_CONN,
	"ts,duration,src_ip,dst_ip,dst_port,proto,src_bytes,dst_bytes,dst_packets,"
	"missed_bytes,server_name,sensor",
	NULL, "true"},
    {RECORD_DNS, "ts,src_ip,query,kind", NULL, "true"},
    {RECORD_DNS, "ts,src_ip", "answers", "true"},
    {RECORD_TLS, "ts,src_ip,sni,ja3,ja3s,ja4,cert_sha256", NULL, "true"},
    {RECORD_TLS, "ts,src_ip", "san", "cert_sha256 IS NULL"},
    {RECORD_CERT, "ts,src_ip,sha256", NULL, "true"},
    {RECORD_CERT, "ts,src_ip", "san_dns", "true"},
    {RECORD_CERT, "ts,src_ip", "san_ip", "true"},
    {RECORD_HTTP, "ts,src_ip,host,user_agent", NULL, "true"},
    {RECORD_FILE, "ts,src_ip,filename,sha256", NULL, "true"},
    {RECORD_SSH, "ts,src_ip,hassh,hassh_server", NULL, "true"},
    {RECORD_DHCP, "ts,mac,host_name,client_fqdn,client_addr,requested_addr,assigned_addr",
	NULL, "true"},
    {RECORD_NTLM,
	"ts,src_ip,dst_ip,hostname,server_nb_computer_name,server_dns_computer_name",
	NULL, "true"},
    {RECORD_KERBEROS, "ts,src_ip,client", NULL, "contains(client,'$')"},
    {RECORD_SMB, "ts,dst_ip,path", NULL, "path IS NOT NULL"},
    {RECORD_RADIUS, "ts,mac,framed_addr", NULL, "mac IS NOT NULL"},
    {RECORD_RDP, "ts,src_ip,client_name", NULL, "client_name IS NOT NULL"},
    {RECORD_RPC, "ts,src_ip,machine", NULL, "machine IS NOT NULL"},
    {RECORD_OT, "ts,src_ip,dst_ip,src_mac,dst_mac", NULL,
	"coalesce(src_mac,dst_mac) IS NOT NULL"},
    {RECORD_WATCH,
	"ts,sensor,kind,packets,bytes,drops,truncated,malformed,unsupported,bad_checksum,"
	"connections,one_way,clock_steps,shed,down,fell",
	NULL, "true"},
};

struct roll {
	struct store *store;
	struct journal_plan plan;
	uint32_t seq;
	size_t taken[RECORD_TYPES]; /* from the front of each list */
	struct rollup rollup;
	struct hash_key key;
};

/* ---- rows to records ---- */

static const struct field_info *field_of(enum record_type type, const char *name)
{
	const struct record_info *info = record_info(type);
	for (size_t i = 0; i < info->field_count; i++) {
		const struct field_info *f = &info->fields[i];
		if (strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

static int put_rows(
    struct roll *roll, const struct reading *r, struct store_rows *rows, struct error *e)
{
	union wire_record record;
	struct row_reader reader;
	size_t n = store_columns(rows) - 1; /* of the list, where there is one */
	const struct field_info *list =
	    r->list != NULL ? field_of(r->type, r->list) : NULL;
	record_clear(r->type, &record);
	row_reader_init(&reader, r->type, rows);
	while (store_next(rows)) {
		struct str element;
		(void)row_record(&reader, rows, NULL, &record);
		if (list != NULL) {
			element = store_text(rows, n);
			*(field_TEXTS *)(void *)((char *)&record + list->offset) =
			    (field_TEXTS){&element, 1};
		}
		if (rollup_put(&roll->rollup, r->type, &record, e) < 0)
			return -1;
	}
	return store_rows_failed(rows, e) ? -1 : 0;
}

static int read_rows(struct roll *roll, const struct reading *r, struct error *e)
{
	struct store *s = roll->store;
	struct sql sql = sql_start();
	sql_format(&sql, "SELECT %s", r->columns);
	if (r->list != NULL)
		sql_format(&sql, ",unnest(%s)", r->list);
	sql_put(&sql, " FROM (");
	int status = views_put_rows(&sql, r->type, s->catalog.unrolled.of[r->type].paths,
	    roll->taken[r->type], s->path, e);
	sql_format(&sql, ") WHERE ts IS NOT NULL AND %s", r->where);
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	struct store_rows *rows = text != NULL ? memory_query(s, "", text, e) : NULL;
	sql_free(&sql);
	if (rows == NULL)
		return -1;
	status = put_rows(roll, r, rows, e);
	store_rows_free(rows);
	return status;
}

/* ---- steps ---- */

/* Whether there is enough to be worth it. */
static bool is_due(const struct store *s, bool all)
{
	size_t files = 0;
	uint64_t bytes = 0;
	for (int t = 0; t < RECORD_TYPES; t++)
		files += s->catalog.unrolled.of[t].n;
	if (all || files >= ROLL_FILES_MIN)
		return files > 0;
	for (int t = 0; t < RECORD_TYPES; t++) {
		const struct path_list *l = &s->catalog.unrolled.of[t];
		for (size_t i = 0; i < l->n; i++)
			bytes += path_bytes(s->path, l->paths[i]);
	}
	return bytes >= ROLL_BYTES_MIN;
}

static void take(struct roll *roll)
{
	uint64_t bytes = 0;
	for (int t = 0; t < RECORD_TYPES; t++) {
		const struct path_list *l = &roll->store->catalog.unrolled.of[t];
		size_t n = 0;
		for (; n < l->n && bytes < ROLL_STEP_MAX; n++)
			bytes += path_bytes(roll->store->path, l->paths[n]);
		roll->taken[t] = n;
	}
}

static int note_rest(struct roll *roll, struct error *e)
{
	const struct unrolled *now = &roll->store->catalog.unrolled;
	struct unrolled rest = {0};
	for (int t = 0; t < RECORD_TYPES; t++) {
		rest.of[t].paths = now->of[t].paths + roll->taken[t];
		rest.of[t].n = now->of[t].n - roll->taken[t];
	}
	return unrolled_note(&rest, roll->store->path, &roll->plan, roll->seq, e);
}

static int roll_taken(struct roll *roll, struct error *e)
{
	struct store *s = roll->store;
	if (journal_begin(&roll->plan, s->path, roll->seq, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		if (roll->taken[readings[i].type] > 0 &&
		    read_rows(roll, &readings[i], e) < 0)
			return -1;
	}
	return rollup_finish(&roll->rollup, e) < 0 || note_rest(roll, e) < 0
		   ? -1
		   : journal_commit(&roll->plan, s->path, e);
}

/* One transaction. */
static int roll_step(struct store *s, struct error *e)
{
	struct roll *roll = calloc(1, sizeof(*roll));
	if (roll == NULL)
		return error_set(e, ERR_SYSTEM, "no memory to roll up");
	*roll = (struct roll){
	    .store = s, .seq = memory_next_seq(s), .key = hash_key_random()};
	rollup_init(
	    &roll->rollup, s->path, &s->runs, &roll->plan, &roll->seq, &roll->key);
	take(roll);
	int status = roll_taken(roll, e);
	rollup_reset(&roll->rollup);
	journal_drop(&roll->plan, s->path);
	free(roll);
	return status < 0 ? error_add(e, "rolling up") : memory_reload(s, e);
}

int memory_roll(struct store *s, bool all, struct error *e)
{
	if (!is_due(s, all))
		return 0;
	return roll_step(s, e) < 0 ? -1 : 1;
}
