/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwell watch: flow exports into the memory as they come, until it is told to stop. A
 * transaction takes a minute or some rows, whatever is first; a stop commits the last.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "cmd/commands.h"
#include "cmd/home.h"
#include "cmd/judge.h"
#include "cmd/options.h"
#include "cmd/retention.h"
#include "input/log.h"
#include "input/netflow.h"
#include "input/netflow_join.h"
#include "input/netflow_udp.h"

#define COMMIT_NS      (60 * NS_PER_S)
#define COMMIT_ROWS    100000
#define RETAIN_NS      (3600 * NS_PER_S) /* how often the policy of retention is applied */
#define WAIT_MS        500
#define EXPORTERS_MAX  4096 /* named in rows; those of more have no source */
#define EXPORTER_SLOTS 8192 /* a power of two above it */
#define NAMES_BYTES    (1U << 20)

static const struct command_text text = {"watch",
    "[-m MEMORY] --listen udp:[ADDR:]PORT...",
    "Receive flow exports (NetFlow v5, v9 and IPFIX, of any number of exporters) into "
    "the\n"
    "memory until it is stopped (SIGINT, SIGTERM). What was received is committed every\n"
    "minute.",
    OPTION_MEMORY | OPTION_SENSOR | OPTION_HOME | OPTION_KEEP | OPTION_QUIET |
	OPTION_LISTEN};

struct exporter {
	struct addr addr;
	struct str name; /* as conn.source; absent in an empty slot */
};

struct watch {
	struct options options;
	struct store *store;
	struct netflow_udp *udp;
	struct netflow *decoder;
	struct netflow_join *join;
	struct log_out out;
	struct arena scratch, names;
	struct hash_key hash;
	struct exporter *exporters; /* EXPORTER_SLOTS; open addressing */
	size_t exporter_count;
	bool ipfix[EXPORTER_SLOTS]; /* what the exporter sent last */
	int64_t retain_due;         /* monotonic clock, ns */
	struct moment now;          /* arrival of the last datagram, or the clock */
	uint64_t datagrams, refused, unread, drops;
	uint64_t committed_rows;
	bool open; /* a transaction is */
};

/* ---- exporters ---- */

static bool allowed(const struct watch *w, const struct addr *a)
{
	const struct options *o = &w->options;
	for (size_t i = 0; i < o->exporter_count; i++) {
		if (net_contains(&o->exporters[i], a))
			return true;
	}
	return o->exporter_count == 0;
}

/* The slot of an exporter; EXPORTER_SLOTS when there are too many. */
static uint32_t exporter_slot(struct watch *w, const struct addr *a)
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

static const char *kind_of(const struct watch *w, uint32_t slot)
{
	return slot < EXPORTER_SLOTS && w->ipfix[slot] ? "ipfix" : "netflow";
}

/* ---- rows ---- */

static void put_row(void *ctx, const struct netflow_row *row)
{
	struct watch *w = ctx;
	netflow_join_put(w->join, row);
}

static void put_lost(void *ctx, uint8_t version, struct moment seen, uint64_t n)
{
	struct watch *w = ctx;
	(void)seen;
	log_out_drops(&w->out, version == 10 ? "ipfix" : "netflow", w->now, n);
}

static void put_conn(void *ctx, const struct netflow_conn *c)
{
	struct watch *w = ctx;
	struct conn_record r;
	netflow_conn_record(c, &w->scratch, &r);
	if (c->row.source < EXPORTER_SLOTS)
		r.source = w->exporters[c->row.source].name;
	r.source_offset = c->row.offset;
	log_out_put(&w->out, kind_of(w, c->row.source), RECORD_CONN, &r);
	arena_reset(&w->scratch);
}

/* ---- transactions ---- */

static uint64_t rows(const struct watch *w)
{
	return w->out.records[RECORD_CONN];
}

static int begin(struct watch *w, struct error *e)
{
	if (store_begin(w->store, e) < 0)
		return -1;
	w->out.sink = store_sink(w->store);
	w->open = true;
	w->committed_rows = rows(w);
	return 0;
}

static int commit(struct watch *w, struct error *e)
{
	log_out_flush(&w->out);
	w->open = false;
	if (store_failed(w->store, e))
		return -1;
	return store_commit(w->store, e);
}

static void count_drops(struct watch *w)
{
	uint64_t n = netflow_udp_drops(w->udp);
	if (n == 0)
		return;
	w->drops += n;
	log_out_drops(&w->out, "netflow", w->now, n);
}

/* ---- receiving ---- */

static void take(struct watch *w, const struct netflow_arrival *a)
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

static int64_t clock_ns(clockid_t which)
{
	struct timespec t;
	clock_gettime(which, &t);
	return moment_from(t.tv_sec, t.tv_nsec).ns;
}

/* Between transactions: roll up and merge a little, and let detail decay now and then. */
static int keep_tidy(struct watch *w, struct error *e)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	if (store_tidy_step(w->store, e) < 0)
		return -1;
	if (now < w->retain_due)
		return 0;
	w->retain_due = now + RETAIN_NS;
	return retention_apply(w->store, e);
}

/* Until a signal comes. */
static int receive(struct watch *w, int signals, struct error *e)
{
	struct pollfd p[2] = {
	    {signals, POLLIN, 0}, {netflow_udp_descriptor(w->udp), POLLIN, 0}};
	int64_t due = clock_ns(CLOCK_MONOTONIC) + COMMIT_NS;
	while (p[0].revents == 0) {
		struct netflow_arrival a;
		for (int i = 0; i < COMMIT_ROWS / 100 && netflow_udp_take(w->udp, &a);
		     i++)
			take(w, &a);
		count_drops(w);
		if (rows(w) - w->committed_rows >= COMMIT_ROWS ||
		    clock_ns(CLOCK_MONOTONIC) >= due) {
			w->now = (struct moment){clock_ns(CLOCK_REALTIME)};
			netflow_join_tick(w->join, w->now);
			if (commit(w, e) < 0 || keep_tidy(w, e) < 0 || begin(w, e) < 0)
				return -1;
			due = clock_ns(CLOCK_MONOTONIC) + COMMIT_NS;
		}
		if (store_failed(w->store, e))
			return -1;
		if (poll(p, 2, WAIT_MS) < 0 && errno != EINTR)
			return error_set(e, ERR_SYSTEM, "poll: %s", strerror(errno));
	}
	return 0;
}

static int finish(struct watch *w, struct error *e)
{
	struct netflow_arrival a;
	netflow_udp_stop(w->udp);
	while (netflow_udp_take(w->udp, &a))
		take(w, &a);
	count_drops(w);
	netflow_finish(w->decoder, NULL, NULL);
	netflow_join_finish(w->join);
	return commit(w, e);
}

static void say_what_was_done(const struct watch *w)
{
	const struct netflow_counters *c = netflow_counters(w->decoder);
	log_note("received %" PRIu64 " datagrams of %zu exporters: %" PRIu64
		 " flow records, %" PRIu64 " connections",
	    w->datagrams - w->refused, w->exporter_count, c->rows, rows(w));
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

static int judge_all(struct watch *w, struct error *e)
{
	struct home home;
	struct judgement j = {0};
	if (home_choose(&home, w->store, &w->options, e) < 0 ||
	    home_check(&home, w->store, e) < 0)
		return -1;
	if (judge(w->store, &home, &j, e) < 0 || store_tidy(w->store, e) < 0)
		return -1;
	return retention_apply(w->store, e);
}

/* Signals come through a descriptor, to no thread in particular. */
static int open_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int run(struct watch *w, struct error *e)
{
	const struct options *o = &w->options;
	const struct netflow_sink sink = {put_row, put_lost, w};
	const struct record_sink none = {0};
	int signals = open_signals();
	arena_init(&w->scratch, LOG_SCRATCH_MAX);
	arena_init(&w->names, NAMES_BYTES);
	w->hash = hash_key_random();
	w->exporters = calloc(EXPORTER_SLOTS, sizeof(*w->exporters));
	w->decoder = netflow_new(&sink);
	w->join = netflow_join_new(NETFLOW_JOIN_MAX, put_conn, w);
	if (signals < 0 || !log_out_init(&w->out, o->sensor, &none) ||
	    w->exporters == NULL || w->decoder == NULL || w->join == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for receiving");
	w->udp = netflow_udp_open(o->listen, o->listen_count, e);
	if (w->udp == NULL)
		return -1;
	w->store = store_open(o->memory, STORE_WRITE, e);
	if (w->store == NULL || retention_set(w->store, o, e) < 0 || begin(w, e) < 0)
		return -1;
	log_note("listening; stop with SIGINT or SIGTERM");
	int result = receive(w, signals, e);
	if (result == 0)
		result = finish(w, e);
	close(signals);
	if (result == 0) {
		say_what_was_done(w);
		result = judge_all(w, e);
	}
	return result;
}

int cmd_watch(int argc, char **argv)
{
	struct error e = {0};
	int status = 0;
	struct watch *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return 4;
	if (!options_parse(&w->options, &text, argc, argv, &status)) {
		free(w);
		return status;
	}
	if (w->options.rest_count > 0)
		status = usage_error(&text,
		    "it reads no files: '%.100s' (dwell scan does)", w->options.rest[0]);
	else if (w->options.listen_count == 0)
		status = usage_error(&text, "say where to --listen, such as udp:2055");
	else if (run(w, &e) < 0)
		status = report_error(&e);
	if (w->open)
		store_abort(w->store);
	netflow_udp_close(w->udp);
	netflow_join_free(w->join);
	netflow_free(w->decoder);
	log_out_fini(&w->out);
	arena_fini(&w->scratch);
	arena_fini(&w->names);
	free(w->exporters);
	store_close(w->store);
	free(w);
	return status;
}
