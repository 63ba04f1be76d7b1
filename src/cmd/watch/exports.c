/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch/exports.h"
#include "cmd/confine.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/size.h"
#include "cmd/watch/clocks.h"
#include "cmd/watch/outlet.h"
#include "input/log.h"
#include "input/netflow.h"
#include "input/netflow_join.h"
#include "input/netflow_udp.h"

#define TICK_NS        (2 * NS_PER_S)  /* how often silent connections are looked for */
#define MINUTE_NS      (60 * NS_PER_S) /* and rows of watch emitted */
#define TAKE_MAX       1000            /* datagrams between two looks at the clock */
#define WAIT_MS        500
#define EXPORTERS_MAX  4096 /* named in rows; those of more have no source */
#define EXPORTER_SLOTS 8192 /* a power of two above it */
#define NAMES_BYTES    (1U << 20)
#define JOIN_BYTES     288 /* of a connection that is held */

struct exporter {
	struct addr addr;
	struct str name; /* as conn.source; absent in an empty slot */
};

struct exports {
	const struct options *options;
	const struct limits *limits;
	struct outlet outlet;
	struct netflow_udp *udp;
	struct netflow *decoder;
	struct netflow_join *join;
	struct log_out out;
	struct arena scratch, names;
	struct hash_key hash;
	struct exporter *exporters; /* EXPORTER_SLOTS; open addressing */
	size_t exporter_count;
	bool ipfix[EXPORTER_SLOTS];   /* what the exporter sent last */
	int64_t tick_due, minute_due; /* monotonic clock, ns */
	struct moment now;            /* arrival of the last datagram, or the clock */
	uint64_t datagrams, refused, unread, drops;
};

/* ---- exporters ---- */

static bool allowed(const struct exports *w, const struct addr *a)
{
	const struct options *o = w->options;
	for (size_t i = 0; i < o->exporter_count; i++) {
		if (net_contains(&o->exporters[i], a))
			return true;
	}
	return o->exporter_count == 0;
}

/* The slot of an exporter; EXPORTER_SLOTS when there are too many. */
static uint32_t exporter_slot(struct exports *w, const struct addr *a)
{
	uint32_t i = (uint32_t)hash_bytes(&w->hash, a, sizeof(*a)) & (EXPORTER_SLOTS - 1);
	char address[ADDR_TEXT_MAX];
	while (w->exporters[i].name.p != NULL) {
		if (addr_equal(&w->exporters[i].addr, a))
			return i;
		i = (i + 1) & (EXPORTER_SLOTS - 1);
	}
	if (w->exporter_count == EXPORTERS_MAX)
		return EXPORTER_SLOTS;
	addr_text(a, address);
	w->exporters[i].name = str_format(&w->names, "udp:%s", address);
	w->exporters[i].addr = *a;
	w->exporter_count += w->exporters[i].name.p != NULL;
	return w->exporters[i].name.p != NULL ? i : EXPORTER_SLOTS;
}

static const char *kind_of(const struct exports *w, uint32_t slot)
{
	return slot < EXPORTER_SLOTS && w->ipfix[slot] ? "ipfix" : "netflow";
}

/* ---- rows ---- */

static void put_row(void *ctx, const struct netflow_row *row)
{
	struct exports *w = ctx;
	netflow_join_put(w->join, row);
}

static void put_lost(void *ctx, uint8_t version, struct moment seen, uint64_t n)
{
	struct exports *w = ctx;
	(void)seen;
	log_out_drops(&w->out, version == 10 ? "ipfix" : "netflow", w->now, n);
}

static void put_conn(void *ctx, const struct netflow_conn *c)
{
	struct exports *w = ctx;
	struct conn_record r;
	netflow_conn_record(c, &w->scratch, &r);
	if (c->row.source < EXPORTER_SLOTS)
		r.source = w->exporters[c->row.source].name;
	r.source_offset = c->row.offset;
	log_out_put(&w->out, kind_of(w, c->row.source), RECORD_CONN, &r);
	arena_reset(&w->scratch);
}

static void count_drops(struct exports *w)
{
	uint64_t n = netflow_udp_drops(w->udp);
	if (n == 0)
		return;
	w->drops += n;
	log_out_drops(&w->out, "netflow", w->now, n);
}

/* ---- receiving ---- */

static void take(struct exports *w, const struct netflow_arrival *a)
{
	w->datagrams++;
	w->now = a->ts;
	if (!allowed(w, &a->exporter)) {
		w->refused++;
		return;
	}
	uint32_t slot = exporter_slot(w, &a->exporter);
	if (slot < EXPORTER_SLOTS && a->n >= 2)
		w->ipfix[slot] = load_be16(a->p) == 10;
	struct netflow_origin origin = {.exporter = a->exporter,
	    .source = slot,
	    .offset = w->datagrams - 1,
	    .arrived = a->ts};
	w->unread +=
	    netflow_datagram(w->decoder, &origin, bytes_over(a->p, a->n)) != NETFLOW_READ;
}

static void when_due(struct exports *w)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	if (now < w->tick_due)
		return;
	w->tick_due = now + TICK_NS;
	w->now = (struct moment){clock_ns(CLOCK_REALTIME)};
	netflow_join_tick(w->join, w->now);
	if (now < w->minute_due)
		return;
	w->minute_due = now + MINUTE_NS;
	log_out_flush(&w->out);
}

/* Until it is time to stop. */
static int receive(struct exports *w, int stop, struct error *e)
{
	struct pollfd p[2] = {
	    {stop, POLLIN, 0}, {netflow_udp_descriptor(w->udp), POLLIN, 0}};
	while (p[0].revents == 0 && !w->outlet.broken) {
		struct netflow_arrival a;
		for (int i = 0; i < TAKE_MAX && netflow_udp_take(w->udp, &a); i++)
			take(w, &a);
		count_drops(w);
		when_due(w);
		outlet_push(&w->outlet, false);
		if (poll(p, 2, WAIT_MS) < 0 && errno != EINTR)
			return error_set(e, ERR_SYSTEM, "poll: %s", strerror(errno));
	}
	return 0;
}

static void finish(struct exports *w)
{
	struct netflow_arrival a;
	netflow_udp_stop(w->udp);
	while (netflow_udp_take(w->udp, &a))
		take(w, &a);
	count_drops(w);
	netflow_finish(w->decoder, NULL, NULL);
	netflow_join_finish(w->join);
	log_out_flush(&w->out);
	outlet_push(&w->outlet, true);
}

static void say_what_was_done(const struct exports *w)
{
	const struct netflow_counters *c = netflow_counters(w->decoder);
	log_note("received %" PRIu64 " datagrams of %zu exporters: %" PRIu64
		 " flow records, %" PRIu64 " connections",
	    w->datagrams - w->refused, w->exporter_count, c->rows,
	    w->out.records[RECORD_CONN]);
	if (w->refused > 0)
		log_note("%" PRIu64 " datagrams of others than --exporter says: not read",
		    w->refused);
	if (w->drops + c->lost > 0)
		log_warn("%" PRIu64
			 " datagrams were lost here, and by their numbers %" PRIu64
			 " on the way",
		    w->drops, c->lost);
	if (w->unread > 0)
		log_warn(
		    "%" PRIu64 " datagrams could not be read, or not whole", w->unread);
	if (c->orphans > 0)
		log_warn("%" PRIu64
			 " data sets were not read: their templates never came",
		    c->orphans);
}

/* Connections that are held: half of what the process may take. */
static size_t join_most(const struct limits *l)
{
	return size_min(NETFLOW_JOIN_MAX, l->reader / 2 / JOIN_BYTES);
}

static int run(struct exports *w, int out, int stop, struct error *e)
{
	const struct options *o = w->options;
	const struct netflow_sink sink = {put_row, put_lost, w};
	arena_init(&w->scratch, LOG_SCRATCH_MAX);
	arena_init(&w->names, NAMES_BYTES);
	if (outlet_init(&w->outlet, out, w->limits->outlet, e) < 0)
		return -1;
	const struct record_sink records = outlet_sink(&w->outlet);
	w->hash = hash_key_random();
	w->exporters = calloc(EXPORTER_SLOTS, sizeof(*w->exporters));
	w->decoder = netflow_new(&sink);
	w->join = netflow_join_new(join_most(w->limits), put_conn, w);
	if (!log_out_init(&w->out, o->sensor, &records) || w->exporters == NULL ||
	    w->decoder == NULL || w->join == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for receiving");
	if (netflow_udp_start(w->udp, e) < 0 || confine_parsing(e) < 0)
		return -1;
	log_note("listening; stop with SIGINT or SIGTERM");
	if (receive(w, stop, e) < 0)
		return -1;
	finish(w);
	say_what_was_done(w);
	return 0;
}

int exports_run(const struct options *o, const struct limits *limits,
    struct netflow_udp *udp, int out, int stop)
{
	struct error e = {0};
	int status = 0;
	struct exports *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return 4;
	w->options = o;
	w->udp = udp;
	w->limits = limits;
	if (run(w, out, stop, &e) < 0)
		status = report_error(&e);
	netflow_udp_close(w->udp);
	netflow_join_free(w->join);
	netflow_free(w->decoder);
	log_out_fini(&w->out);
	outlet_fini(&w->outlet);
	arena_fini(&w->scratch);
	arena_fini(&w->names);
	free(w->exporters);
	free(w);
	return status;
}
