/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup CONNECTIONS DAYS FOLDER: how fast connections are rolled up and runs merged, and
 * what a pair-day takes on the disk. The connections are synthetic: 500 hosts, 400,000
 * others by a power law, a name for half of them, in order of time.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "store/memory.h"
#include "sys/path.h"

#define HOSTS     500 /* 4,000 connections each a day, when 2 M are asked for a day */
#define OTHERS    400000
#define COMMIT    1000000 /* connections of a transaction */
#define FIRST_DAY 18262   /* 2020-01-01 */

struct bench {
	struct store *store;
	uint64_t state;        /* of the generator */
	double rolled, merged; /* CPU seconds */
};

static double cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static _Noreturn void fail(const struct error *e)
{
	fprintf(stderr, "rollup: %s\n", e->text);
	exit(1);
}

/* Splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next(struct bench *b)
{
	uint64_t z = b->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double uniform(struct bench *b)
{
	return (double)(next(b) >> 11) * 0x1p-53;
}

/* The one number that a statement gives. */
static int64_t number(struct bench *b, const char *sql)
{
	struct error e = {0};
	struct store_rows *rows = store_query(b->store, sql, &e);
	if (rows == NULL || !store_next(rows))
		fail(&e);
	int64_t n = store_int(rows, 0);
	store_rows_free(rows);
	return n;
}

static void put(struct bench *b, const struct record_sink *sink, double when)
{
	static const uint16_t ports[] = {443, 443, 443, 80, 53, 22, 445, 8080};
	char name[32];
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	uint32_t host = (uint32_t)(next(b) % HOSTS);
	uint32_t other = (uint32_t)(pow(uniform(b), 3) * OTHERS);
	if (next(b) % 10 < 7) /* most go where this host often goes */
		other = (uint32_t)((host * UINT64_C(7919) + next(b) % 60) % OTHERS);
	uint32_t a = 0x0a000000 + host, d = 0x2d000000 + other * 37;
	const uint8_t src[4] = {
	    (uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8), (uint8_t)a};
	const uint8_t dst[4] = {
	    (uint8_t)(d >> 24), (uint8_t)(d >> 16), (uint8_t)(d >> 8), (uint8_t)d};
	r.ts = moment_from((int64_t)FIRST_DAY * 86400, (int64_t)(when * 86400e9));
	r.duration = -log(1 - uniform(b)) * 20;
	r.src_ip = addr_from_v4(src);
	r.dst_ip = addr_from_v4(dst);
	r.src_port = (uint16_t)(1024 + next(b) % 60000);
	r.dst_port = ports[other % 8];
	r.proto = r.dst_port == 53 ? STR("udp") : STR("tcp");
	r.src_bytes = (uint64_t)exp(uniform(b) * 9);
	r.dst_bytes = (uint64_t)exp(uniform(b) * 12);
	r.src_packets = 1 + r.src_bytes / 1000;
	r.dst_packets = next(b) % 20 == 0 ? 0 : 1 + r.dst_bytes / 1400;
	r.sensor = STR("bench");
	r.source = STR("bench");
	if (other % 2 == 0) {
		int n =
		    snprintf(name, sizeof(name), "h%u.site%u.example", other % 7, other);
		r.server_name = (struct str){name, (size_t)n};
	}
	record_put(sink, RECORD_CONN, &r);
}

static void tidy(struct bench *b)
{
	struct error e = {0};
	double start = cpu();
	int done;
	while ((done = memory_roll(b->store, true, &e)) > 0)
		continue;
	b->rolled += cpu() - start;
	start = cpu();
	while (done == 0 && (done = memory_merge(b->store, &e)) > 0)
		done = 0;
	b->merged += cpu() - start;
	if (done < 0)
		fail(&e);
}

/* Bytes of the files of a list of the catalogue, once a query has named it. */
static uint64_t bytes_of(struct bench *b, size_t list)
{
	uint64_t sum = 0;
	const struct catalog_table *t = &b->store->catalog.tables[list];
	for (size_t i = 0; i < t->n; i++) {
		struct stat st;
		char path[PATH_MAX];
		if (path_make(path, NULL, "%s/%s", b->store->path, t->paths[i]) == 0 &&
		    stat(path, &st) == 0)
			sum += (uint64_t)st.st_size;
	}
	return sum;
}

int main(int argc, char **argv)
{
	struct error e = {0};
	struct bench b = {.state = 1};
	if (argc != 4) {
		fputs("usage: rollup CONNECTIONS DAYS FOLDER\n", stderr);
		return 2;
	}
	long n = strtol(argv[1], NULL, 10);
	double days = strtod(argv[2], NULL);
	b.store = store_open(argv[3], STORE_WRITE, &e);
	if (b.store == NULL)
		fail(&e);
	for (long i = 0; i < n;) {
		if (store_begin(b.store, &e) < 0)
			fail(&e);
		struct record_sink sink = store_sink(b.store);
		for (long end = i + COMMIT; i < end && i < n; i++)
			put(&b, &sink, (double)i / (double)n * days);
		if (store_commit(b.store, &e) < 0)
			fail(&e);
		tidy(&b);
	}
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	printf("rolled up %ld connections in %.2f CPU s: %.0f a CPU s\n", n, b.rolled,
	    (double)n / b.rolled);
	printf("merged %" PRIu64 " rows in %.2f CPU s: %.0f a CPU s; peak %ld MiB\n",
	    b.store->merged_rows, b.merged, (double)b.store->merged_rows / b.merged,
	    use.ru_maxrss / 1024);
	/* A reader has more memory to group with. */
	store_close(b.store);
	b.store = store_open(argv[3], STORE_READ, &e);
	if (b.store == NULL)
		fail(&e);
	int64_t pair_days = number(&b, "SELECT count(*) FROM pair_day");
	uint64_t by_src = bytes_of(&b, RECORD_TYPES + RUNS_PAIR_DAY);
	printf("%" PRId64 " pair-days, %" PRId64 " pair-months, %" PRId64
	       " pair-years, %" PRId64 " seen\n",
	    pair_days, number(&b, "SELECT count(*) FROM pair_month"),
	    number(&b, "SELECT count(*) FROM pair_year"),
	    number(&b, "SELECT count(*) FROM seen"));
	(void)number(&b, "SELECT count(*) FROM pair_day_by_dst");
	(void)number(&b, "SELECT count(*) FROM conn");
	printf("%.1f bytes a pair-day in order of src, %.1f of dst; %.1f a connection\n",
	    (double)by_src / (double)pair_days,
	    (double)bytes_of(&b, RECORD_TYPES + RUNS_PAIR_DAY_BY_DST) / (double)pair_days,
	    (double)bytes_of(&b, RECORD_CONN) / (double)n);
	store_close(b.store);
	return 0;
}
