/* SPDX-License-Identifier: Apache-2.0 */
/*
 * years FOLDER FROM TO [CONNECTIONS [COMMITS [STEP]]]: a memory of a made-up site, days
 * [FROM, TO) of it, which may go on from where an earlier call ended. Records take the
 * way of all records into the roll-ups (tables in memory, runs of three levels in both
 * orders, merges after each commit); the plain rows are not kept, or are with COMMITS <
 * 0. Every STEP-th day only makes a smaller memory of the same span.
 *
 * The site: 5,000 hosts; 450,000 addresses outside with a heavy tail, of which each host
 * has 400 that it comes back to, and others that are met once; a tenth of them IPv6, 55 %
 * under a name; office hours and week-ends; some DNS, TLS and HTTP of it. All of a day
 * comes from the day's number, so that a memory can grow, and be made again.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "store/memory.h"
#include "store/rollup.h"
#include "store/unrolled.h"

#define HOSTS      5000
#define OTHERS     450000
#define FAVOURITES 400   /* of a host */
#define FIRST_DAY  18262 /* 2020-01-01 */
#define DAY_CONNS  190000
#define SERVERS    40 /* hosts that are asked from outside and by the others */
#define SEED       UINT64_C(0x5eed)

struct years {
	struct store *store;
	uint64_t state; /* of the generator */
	struct rollup rollup;
	struct journal_plan plan;
	uint32_t seq;
	struct record_sink sink;
	bool plain; /* keep plain rows, too */
	struct error error;
	uint64_t connections, records;
	double made, rolled, merged; /* CPU seconds */
	double wall;
};

static double cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static _Noreturn void fail(const struct error *e)
{
	fprintf(stderr, "years: %s\n", e->text);
	exit(1);
}

/* Splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t z)
{
	z += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t next(struct years *y)
{
	return mix(y->state += UINT64_C(0x9e3779b97f4a7c15));
}

static double real_of(uint64_t bits)
{
	return (double)(bits >> 11) * 0x1p-53;
}

static double uniform(struct years *y)
{
	return real_of(next(y));
}

/* ---- the site ---- */

/* 10.20.x.y */
static struct addr host_addr(uint32_t host)
{
	const uint8_t a[4] = {10, 20, (uint8_t)(host / 250), (uint8_t)(1 + host % 250)};
	return addr_from_v4(a);
}

static struct addr other_addr(uint64_t other)
{
	uint64_t h = mix(other ^ UINT64_C(0xadd7) << 40);
	uint8_t a[16] = {0x2a, (uint8_t)(h >> 56 & 15)};
	if (other % 10 == 3) {
		for (size_t i = 2; i < 8; i++)
			a[i] = (uint8_t)(h >> i * 4);
		a[14] = (uint8_t)(h >> 40);
		a[15] = (uint8_t)(h >> 48);
		return addr_from_v6(a);
	}
	a[0] = (uint8_t)(23 + h % 100);
	a[1] = (uint8_t)(h >> 8);
	a[2] = (uint8_t)(h >> 16);
	a[3] = (uint8_t)(h >> 24);
	return addr_from_v4(a);
}

/* The name under which it is met; absent for 45 %. Neighbours share a domain. */
static struct str other_name(uint64_t other, char out[static 64])
{
	static const char *const ends[] = {
	    "example", "test", "com", "net", "co.uk", "org", "cloud.example", "io"};
	static const char *const labels[] = {
	    "www", "api", "cdn", "mail", "img", "update", "app", "static"};
	uint64_t h = mix(other ^ UINT64_C(0xa3e) << 44);
	if (h % 100 >= 55 || other >= OTHERS)
		return (struct str){0};
	int n = snprintf(out, 64, "%s%u.site%u.%s", labels[h >> 8 & 7],
	    (unsigned)(other % 4), (unsigned)(other / 4), ends[other / 4 % 8]);
	return (struct str){out, (size_t)n};
}

/* Most outside addresses are met seldom, a few by everybody. */
static uint64_t popular(double u)
{
	return (uint64_t)(u * u * u * u * OTHERS);
}

static uint64_t choose_other(struct years *y, uint32_t host)
{
	double u = uniform(y);
	if (u < 0.82) {
		double v = uniform(y);
		uint64_t k = (uint64_t)(v * v * FAVOURITES);
		return popular(real_of(mix((uint64_t)host << 20 | k)));
	}
	return u < 0.995 ? popular(uniform(y)) : OTHERS + (next(y) & 0xffffff);
}

static uint16_t port_of(uint64_t other)
{
	static const uint16_t ports[] = {443, 443, 443, 443, 443, 80, 53, 8443};
	return ports[mix(other) & 7];
}

/* The share of a day that is over at hour h, and at the end of it. */
static double day_share(int64_t day, unsigned hour)
{
	static const uint8_t work[24] = {2, 2, 2, 2, 2, 3, 4, 6, 9, 11, 11, 10, 9, 10, 11,
	    11, 10, 8, 5, 4, 4, 3, 3, 2};
	static const uint8_t off[24] = {
	    4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4};
	unsigned sum = 0, all = 0;
	for (unsigned h = 0; h < 24; h++) {
		unsigned part = (day + 3) % 7 >= 5 ? off[h] : work[h];
		sum += h < hour ? part : 0;
		all += part;
	}
	return (double)sum / all;
}

/* ---- records ---- */

static void put(struct years *y, enum record_type type, const void *record)
{
	y->records++;
	record_put(&y->sink, type, record);
}

static void put_dns(struct years *y, const struct conn_record *c)
{
	struct dns_record d;
	char text[ADDR_TEXT_MAX];
	record_clear(RECORD_DNS, &d);
	struct str answer = {text, addr_text(&c->dst_ip, text)};
	d.ts = moment_add(c->ts, -20 * NS_PER_MS);
	d.src_ip = c->src_ip;
	d.src_port = c->src_port;
	d.dst_ip = host_addr(0);
	d.dst_port = 53;
	d.proto = STR("udp");
	d.kind = STR("dns");
	d.query = c->server_name;
	d.answers = (struct str_list){&answer, 1};
	d.sensor = c->sensor;
	d.source = c->source;
	put(y, RECORD_DNS, &d);
}

static void put_tls(
    struct years *y, const struct conn_record *c, uint32_t host, uint64_t other)
{
	struct tls_record t;
	char ja3[33], ja3s[33], ja4[40], cert[65];
	record_clear(RECORD_TLS, &t);
	/* Half of the hosts are alike; each has a few programs. */
	uint64_t program = mix(host % 2 == 0 ? 1 + next(y) % 6 : host * 4 + next(y) % 3);
	program %= 300;
	snprintf(ja3, sizeof(ja3), "%016" PRIx64 "%016" PRIx64, mix(program),
	    mix(program + 1000));
	snprintf(ja3s, sizeof(ja3s), "%016" PRIx64 "%016" PRIx64, mix(other % 500 + 5000),
	    mix(other % 500 + 7000));
	snprintf(ja4, sizeof(ja4), "t13d%02u%02uh2_%012" PRIx64 "_%012" PRIx64,
	    (unsigned)(10 + program % 9), (unsigned)(8 + program % 7),
	    mix(program + 2000) >> 16, mix(program + 3000) >> 16);
	for (unsigned i = 0; i < 4; i++)
		snprintf(cert + i * 16, 17, "%016" PRIx64, mix(other / 4 * 8 + i));
	t.ts = c->ts;
	t.src_ip = c->src_ip;
	t.src_port = c->src_port;
	t.dst_ip = c->dst_ip;
	t.dst_port = c->dst_port;
	t.sni = c->server_name;
	t.ja3 = (struct str){ja3, 32};
	t.ja3s = (struct str){ja3s, 32};
	t.ja4 = str_of(ja4);
	if (next(y) % 2 == 0)
		t.cert_sha256 = (struct str){cert, 64};
	t.sensor = c->sensor;
	t.source = c->source;
	put(y, RECORD_TLS, &t);
}

static void put_http(struct years *y, const struct conn_record *c, uint32_t host)
{
	struct http_record h;
	char agent[64];
	record_clear(RECORD_HTTP, &h);
	int n = snprintf(agent, sizeof(agent), "Program/%u.%u",
	    (unsigned)(mix(host) % 40), (unsigned)(next(y) % 3));
	h.ts = c->ts;
	h.src_ip = c->src_ip;
	h.src_port = c->src_port;
	h.dst_ip = c->dst_ip;
	h.dst_port = c->dst_port;
	h.method = STR("GET");
	h.host = c->server_name;
	h.uri = STR("/");
	h.user_agent = (struct str){agent, (size_t)n};
	h.sensor = c->sensor;
	h.source = c->source;
	put(y, RECORD_HTTP, &h);
}

static void put_conn(struct years *y, struct moment ts)
{
	char name[64];
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	double u = uniform(y);
	uint32_t host = (uint32_t)(u * sqrt(u) * HOSTS);
	uint64_t other = choose_other(y, host);
	unsigned kind = (unsigned)(next(y) % 100);
	r.ts = ts;
	r.src_ip = host_addr(host);
	r.dst_ip = other_addr(other);
	r.dst_port = port_of(other);
	if (kind < 2) { /* from outside to a server of ours */
		r.src_ip = r.dst_ip;
		r.dst_ip = host_addr((uint32_t)(other % SERVERS));
		r.dst_port = 443;
	} else if (kind < 7) { /* within */
		r.dst_ip = host_addr((uint32_t)(host % 3 * 7 + kind) % SERVERS);
		r.dst_port = kind < 5 ? 445 : 389;
	} else {
		r.server_name = other_name(other, name);
	}
	r.src_port = (uint16_t)(1024 + next(y) % 60000);
	r.proto = r.dst_port == 53 ? STR("udp") : STR("tcp");
	uint64_t size = next(y);
	r.duration = 0.05 + 400 * pow(real_of(size << 7), 12);
	r.src_bytes = 200 + (size & 0xfff);
	r.dst_bytes = UINT64_C(300) << (size >> 12 & 7);
	r.src_packets = 4 + (size >> 16 & 15);
	r.dst_packets = (size >> 20 & 31) == 0 ? 0 : 4 + (size >> 26 & 31);
	r.sensor = STR("north");
	r.source = STR("made-up");
	put(y, RECORD_CONN, &r);
	y->connections++;
	unsigned more = (unsigned)(next(y) % 100);
	if (r.server_name.n > 0 && more < 8)
		put_dns(y, &r);
	if (r.server_name.n > 0 && more >= 92 && r.dst_port == 443)
		put_tls(y, &r, host, other);
	if (r.server_name.n > 0 && more >= 90 && r.dst_port == 80)
		put_http(y, &r, host);
}

static void put_minutes(struct years *y, int64_t day, unsigned from, unsigned to)
{
	struct watch_record w;
	for (unsigned minute = from * 60; minute < to * 60; minute++) {
		record_clear(RECORD_WATCH, &w);
		w.ts = moment_from(day * 86400 + minute * 60, 0);
		w.sensor = STR("north");
		w.kind = STR("packets");
		w.packets = 40000 + minute;
		w.bytes = w.packets * 700;
		put(y, RECORD_WATCH, &w);
	}
}

/* The connections of hours [from, to) of a day, in order of time. */
static void put_hours(
    struct years *y, int64_t day, unsigned from, unsigned to, uint64_t conns)
{
	y->state = mix(mix(SEED) + (uint64_t)day * 24 + from);
	if ((day + 3) % 7 >= 5)
		conns = conns * 4 / 10;
	for (unsigned hour = from; hour < to; hour++) {
		uint64_t first = (uint64_t)(day_share(day, hour) * (double)conns);
		uint64_t end = (uint64_t)(day_share(day, hour + 1) * (double)conns);
		for (uint64_t i = first; i < end; i++) {
			int64_t second = day * 86400 + hour * 3600;
			uint64_t ns =
			    (i - first) * UINT64_C(3600000000000) / (end - first);
			put_conn(y, moment_from(second, (int64_t)ns));
		}
	}
	put_minutes(y, day, from, to);
}

/* ---- into the memory ---- */

static void to_nothing(void *ctx, enum record_type type, const void *record)
{
	(void)ctx;
	(void)type;
	(void)record;
}

static void to_rollup(void *ctx, enum record_type type, const void *record)
{
	struct years *y = ctx;
	if (rollup_put(&y->rollup, type, record, &y->error) < 0)
		fail(&y->error);
}

/* As the store rolls up (store/roll.c), but from the records themselves. */
static void commit_rollup(
    struct years *y, int64_t day, unsigned from, unsigned to, uint64_t conns)
{
	struct store *s = y->store;
	struct error *e = &y->error;
	struct hash_key key = hash_key_random();
	y->seq = memory_next_seq(s);
	y->sink = (struct record_sink){to_rollup, y};
	if (journal_begin(&y->plan, s->path, y->seq, e) < 0)
		fail(e);
	rollup_init(&y->rollup, s->path, &s->runs, &y->plan, &y->seq, &key);
	put_hours(y, day, from, to, conns);
	if (rollup_finish(&y->rollup, e) < 0 ||
	    unrolled_note(&s->catalog.unrolled, s->path, &y->plan, y->seq, e) < 0 ||
	    journal_commit(&y->plan, s->path, e) < 0)
		fail(e);
	rollup_reset(&y->rollup);
	journal_drop(&y->plan, s->path);
	if (memory_reload(s, e) < 0)
		fail(e);
}

static void commit_rows(
    struct years *y, int64_t day, unsigned from, unsigned to, uint64_t conns)
{
	struct error *e = &y->error;
	int done = 1;
	if (store_begin(y->store, e) < 0)
		fail(e);
	y->sink = store_sink(y->store);
	put_hours(y, day, from, to, conns);
	if (store_commit(y->store, e) < 0)
		fail(e);
	while (done > 0)
		done = memory_roll(y->store, false, e);
	if (done < 0)
		fail(e);
}

static void one_commit(
    struct years *y, int64_t day, unsigned from, unsigned to, uint64_t conns)
{
	double start = cpu();
	int done;
	if (y->plain)
		commit_rows(y, day, from, to, conns);
	else
		commit_rollup(y, day, from, to, conns);
	double rolled = cpu();
	while ((done = memory_merge(y->store, &y->error)) > 0 ||
	       (done == 0 && (done = memory_join(y->store, &y->error)) > 0))
		continue;
	if (done < 0)
		fail(&y->error);
	y->rolled += rolled - start;
	y->merged += cpu() - rolled;
}

/* What a day costs that goes nowhere, so that the generator can be taken off. */
static double cost_of_making(int64_t day, uint64_t conns)
{
	struct years y = {.sink = {to_nothing, NULL}};
	double start = cpu();
	put_hours(&y, day, 0, 24, conns);
	return (cpu() - start) / (double)y.connections;
}

/* Rows that the files of a folder of runs have, by their ends. */
static int64_t rows_in(struct years *y, const char *folder)
{
	char sql[PATH_MAX + 128];
	duckdb_result result;
	snprintf(sql, sizeof(sql),
	    "SELECT coalesce(sum(num_rows),0)::BIGINT FROM "
	    "parquet_file_metadata('%s/%s/**/*.parquet')",
	    y->store->path, folder);
	int64_t n = -1;
	if (duckdb_query(y->store->engine.conn, sql, &result) == DuckDBSuccess)
		n = duckdb_value_int64(&result, 0, 0);
	duckdb_destroy_result(&result);
	return n;
}

static void print_rates(struct years *y, double making)
{
	struct rusage use;
	struct store_size size;
	getrusage(RUSAGE_SELF, &use);
	double made = making * (double)y->connections;
	double rolled = y->rolled - made;
	printf("made %" PRIu64 " connections (%" PRIu64 " records) in %.1f CPU s\n",
	    y->connections, y->records, made);
	printf("rolled up in %.1f CPU s: %.0f connections a CPU s\n", rolled,
	    (double)y->connections / rolled);
	printf("merged %" PRIu64 " rows in %.1f CPU s: %.0f rows a CPU s\n",
	    y->store->merged_rows, y->merged, (double)y->store->merged_rows / y->merged);
	printf("peak %ld MiB\n", use.ru_maxrss / 1024);
	if (store_measure(y->store, &size, &y->error) < 0)
		fail(&y->error);
	for (size_t i = 0; i < size.n; i++) {
		if (size.tables[i].files > 0)
			printf("%-20s %6" PRIu64 " files %12" PRIu64 " bytes\n",
			    size.tables[i].table, size.tables[i].files,
			    size.tables[i].bytes);
	}
	for (int i = 0; i < RUN_SETS; i++) {
		const char *folder = run_set_info((enum run_set)i)->folder;
		printf("%-20s %12" PRId64 " rows\n", folder, rows_in(y, folder));
	}
}

int main(int argc, char **argv)
{
	static struct years y;
	if (argc < 4 || argc > 7) {
		fputs("usage: years FOLDER FROM TO [CONNECTIONS [COMMITS [STEP]]]\n",
		    stderr);
		return 2;
	}
	int64_t from = FIRST_DAY + strtol(argv[2], NULL, 10);
	int64_t to = FIRST_DAY + strtol(argv[3], NULL, 10);
	uint64_t conns = argc > 4 ? strtoull(argv[4], NULL, 10) : DAY_CONNS;
	long commits = argc > 5 ? strtol(argv[5], NULL, 10) : 1;
	long step = argc > 6 ? strtol(argv[6], NULL, 10) : 1;
	y.plain = commits < 0;
	commits = labs(commits);
	if (step < 1 || commits == 0 || 24 % commits != 0)
		return 2;
	y.store = store_open(argv[1], STORE_WRITE, &y.error);
	if (y.store == NULL)
		fail(&y.error);
	double making = cost_of_making(from, conns);
	unsigned hours = 24 / (unsigned)commits;
	for (int64_t day = from; day < to; day += step) {
		for (unsigned hour = 0; hour < 24; hour += hours)
			one_commit(&y, day, hour, hour + hours, conns);
	}
	print_rates(&y, making);
	store_close(y.store);
	return 0;
}
