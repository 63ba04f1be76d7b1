/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many flow records a CPU second takes from datagrams to conn records: NetFlow v9
 * and IPFIX made in memory, both directions of each connection, one after the other and
 * far apart, read with and without joining.
 *
 * usage: netflow_rate [RECORDS] [SEED]
 *
 * With --write FILE as the last arguments the v9 datagrams go to a file instead.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "input/netflow.h"
#include "input/netflow_join.h"
#include "input/netflow_template.h"

#define PER_DATAGRAM 24
#define APART        5000 /* records between the two directions of a connection */
#define PER_SECOND   4000 /* records exported */
#define STARTED      1700000000U
#define UPTIME       86400000U

static uint8_t *put(uint8_t *p, uint64_t value, size_t n)
{
	for (size_t i = n; i-- > 0; value >>= 8)
		p[i] = (uint8_t)value;
	return p + n;
}

/* As a small router has them: id, length. */
static const uint16_t fields[][2] = {{8, 4}, {12, 4}, {15, 4}, {10, 4}, {14, 4}, {2, 4},
    {1, 4}, {22, 4}, {21, 4}, {7, 2}, {11, 2}, {6, 1}, {4, 1}, {5, 1}, {16, 4}, {17, 4},
    {9, 1}, {13, 1}, {61, 1}};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

struct flow {
	uint32_t ip[2], packets, bytes;
	uint16_t port[2];
};

/* Connection k, seen from its side. */
static struct flow flow_of(uint64_t k, int side, uint64_t seed)
{
	uint64_t x = (k + seed) * 0x9e3779b97f4a7c15ULL;
	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ULL;
	x ^= x >> 32;
	uint32_t packets = 1 + (uint32_t)(x & 63);
	struct flow f = {{0x0a000000U | (uint32_t)(x >> 8 & 0xffff),
			     0xc6000000U | (uint32_t)(x >> 24 & 0xffffff)},
	    packets, packets * 400, {(uint16_t)(32768 + (x >> 48 & 0x7fff)), 443}};
	if (side == 1)
		f = (struct flow){
		    {f.ip[1], f.ip[0]}, f.packets, f.bytes * 3, {f.port[1], f.port[0]}};
	return f;
}

static uint8_t *put_record(uint8_t *p, uint64_t i, uint64_t seed)
{
	int side = (int)(i / APART & 1);
	uint64_t k = i / (2 * (uint64_t)APART) * APART + i % APART;
	struct flow f = flow_of(k, side, seed);
	uint32_t end = UPTIME - 1000 + (uint32_t)(k / PER_SECOND) * 2000 + (uint32_t)side;
	const uint64_t values[FIELDS] = {f.ip[0], f.ip[1], 0, 1, 2, f.packets, f.bytes,
	    end - 800, end, f.port[0], f.port[1], 0x1b, 6, 0, 65001, 65002, 24, 24, 0};
	for (size_t j = 0; j < FIELDS; j++)
		p = put(p, values[j], fields[j][1]);
	return p;
}

static uint8_t *put_template(uint8_t *p, uint16_t set)
{
	p = put(p, set, 2);
	p = put(p, 8 + 4 * FIELDS, 2);
	p = put(p, 256, 2);
	p = put(p, FIELDS, 2);
	for (size_t j = 0; j < FIELDS; j++)
		p = put(put(p, fields[j][0], 2), fields[j][1], 2);
	return p;
}

/* The i-th datagram; its length. */
static size_t make_datagram(uint8_t *start, int version, uint64_t i, uint64_t seed)
{
	uint32_t passed = (uint32_t)(i * PER_DATAGRAM / PER_SECOND);
	bool template = i % 100 == 0;
	uint8_t *p = put(start, (uint64_t)version, 2);
	p = put(p, PER_DATAGRAM, 2);
	if (version == 9)
		p = put(p, UPTIME + passed * 1000, 4);
	p = put(p, STARTED + passed, 4);
	p = put(p, version == 9 ? i : i * PER_DATAGRAM, 4);
	p = put(p, 1, 4);
	if (template)
		p = put_template(p, version == 9 ? 0 : 2);
	uint8_t *set = p;
	p += 4;
	for (uint64_t r = 0; r < PER_DATAGRAM; r++)
		p = put_record(p, i * PER_DATAGRAM + r, seed);
	while ((p - set) % 4 != 0)
		*p++ = 0;
	put(put(set, 256, 2), (uint64_t)(p - set), 2);
	if (version == 10)
		put(start + 2, (uint64_t)(p - start), 2);
	return (size_t)(p - start);
}

struct sum {
	struct netflow_join *join;
	struct arena scratch;
	uint64_t rows, connections, bytes, lost;
};

static void only_count(void *ctx, const struct netflow_row *row)
{
	struct sum *s = ctx;
	s->rows++;
	s->bytes += row->bytes[0];
}

static void join(void *ctx, const struct netflow_row *row)
{
	struct sum *s = ctx;
	s->rows++;
	netflow_join_put(s->join, row);
}

static void lost(void *ctx, uint8_t version, struct moment seen, uint64_t n)
{
	struct sum *s = ctx;
	(void)version, (void)seen;
	s->lost += n;
}

static void record(void *ctx, const struct netflow_conn *c)
{
	struct sum *s = ctx;
	struct conn_record r;
	netflow_conn_record(c, &s->scratch, &r);
	s->connections++;
	s->bytes += r.src_ip_bytes + r.dst_ip_bytes;
}

static double cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void measure(const uint8_t *all, const size_t *length, uint64_t datagrams,
    const char *name, bool joined)
{
	struct sum s = {0};
	arena_init(&s.scratch, 65536);
	s.join = netflow_join_new(NETFLOW_JOIN_MAX, record, &s);
	struct netflow_sink sink = {joined ? join : only_count, lost, &s};
	struct netflow *n = netflow_new(&sink);
	double begun = cpu();
	for (uint64_t i = 0; i < datagrams; i++) {
		struct netflow_origin o = {.offset = i};
		netflow_datagram(n, &o, bytes_over(all, length[i]));
		all += length[i];
	}
	netflow_finish(n, NULL, NULL);
	netflow_join_finish(s.join);
	double took = cpu() - begun;
	printf("%-8s %-16s %8.2f M records/CPU s %6.0f ns a record  (%" PRIu64
	       " records, %" PRIu64 " connections, lost %" PRIu64 ")\n",
	    name, joined ? "to conn records" : "to rows", (double)s.rows / took / 1e6,
	    took * 1e9 / (double)s.rows, s.rows, s.connections, s.lost);
	netflow_free(n);
	netflow_join_free(s.join);
	arena_fini(&s.scratch);
}

int main(int argc, char **argv)
{
	uint64_t records = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	uint64_t datagrams = records / PER_DATAGRAM;
	uint8_t *all = malloc(datagrams * 1600 + 1);
	size_t *length = calloc(datagrams + 1, sizeof(*length));
	if (all == NULL || length == NULL)
		return 1;
	printf("seed %" PRIu64 ", %d records a datagram, directions %d records apart\n",
	    seed, PER_DATAGRAM, APART);
	for (int version = 9; version <= 10; version++) {
		size_t at = 0;
		for (uint64_t i = 0; i < datagrams; i++) {
			length[i] = make_datagram(all + at, version, i, seed);
			at += length[i];
		}
		if (argc > 4 && version == 9 && strcmp(argv[3], "--write") == 0) {
			FILE *f = fopen(argv[4], "wb");
			bool ok = f != NULL && fwrite(all, 1, at, f) == at;
			return f != NULL && fclose(f) == 0 && ok ? 0 : 1;
		}
		const char *name = version == 9 ? "v9" : "ipfix";
		for (int joined = 0; joined < 2; joined++)
			measure(all, length, datagrams, name, joined == 1);
	}
	free(all);
	free(length);
	return 0;
}
