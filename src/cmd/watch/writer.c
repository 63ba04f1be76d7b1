/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of all readers into the memory. They are durable in its journal within a second
 * (store/live.h). A transaction begins with the first record and
 * is committed COMMIT_NS later, so that what was seen can be asked for within seconds;
 * between two of them roll-ups and retention have their turn, and each hour the
 * detectors.
 *
 * What one reader learned and another needs meets here: which name led a client to an
 * address, as answers of DNS may have gone to another reader than the connection did.
 */
#include "cmd/watch/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/confine.h"
#include "cmd/judge.h"
#include "cmd/pipeline.h"
#include "cmd/retention.h"
#include "cmd/watch/blind.h"
#include "cmd/watch/clocks.h"
#include "cmd/watch/inlet.h"
#include "cmd/watch/minute_sum.h"
#include "cmd/watch/notes.h"
#include "cmd/watch/pressure.h"
#include "proto/names.h"
#include "store/live.h"

#define COMMIT_NS    (2 * NS_PER_S)
#define COMMIT_ROWS  100000
#define HOUR_NS      (3600 * NS_PER_S) /* between two runs of detectors, of retention */
#define MINUTE_LATE  (10 * NS_PER_S)   /* that a reader's row of a minute may be late */
#define SILENT_NS    (10 * NS_PER_S)   /* without a packet; then it is said */
#define STEP_NS      NS_PER_S          /* difference of two clocks that is a step */
#define LOOK_NS      NS_PER_MS /* between two looks at clocks that are to be one */
#define WAIT_MS      250
#define ONE_WAY_MIN  500 /* connections from which the share of one-way ones tells */
#define ONE_WAY_MOST 0.9 /* of them; more is a mirror of one direction */
#define REST_READS   16  /* of the pipe of a reader that ended; more than it holds */
#define RETRY_NS     (5 * NS_PER_S)  /* until a memory that could not be written is */
#define LOAD_SAY_NS  (60 * NS_PER_S) /* between two words about the load */

struct writer {
	const struct options *options;
	const struct limits *limits;
	int control;
	struct outside *outside;
	struct store *store;
	struct record_sink sink; /* the store's: its journal, and the open transaction */
	struct record_sink own;  /* rows that arise here */
	struct inlet inlets[READERS_MAX];
	size_t inlet_count;
	struct arena scratch;
	struct names *names;
	struct minute_sum minutes;
	struct reader_counts counts[READERS_MAX][SOURCES_MAX];
	struct reader_counts past[SOURCES_MAX];              /* of readers that fell */
	uint64_t told[READERS_MAX], told_bytes[READERS_MAX]; /* in their rows of watch */
	struct pressure pressure;
	bool down[SOURCES_MAX];
	bool silence_said, stopping, judge_now;
	bool open;      /* a transaction is */
	bool waiting;   /* the memory could not be written: not before retry_due */
	bool unwritten; /* and no commit has followed */
	uint64_t rows, connections, lost;
	uint64_t ended, one_way; /* of rows of watch, until it is said */
	bool one_way_said;
	int64_t retry_due, lost_said;
	int64_t commit_due, hour_due, second_due, begun; /* monotonic clock, ns */
	int64_t load_said;
	int64_t clocks; /* difference of the two clocks, ns */
};

/* ---- records ---- */

/* The memory can not be written now: rows wait in its journal. */
static void put_off(struct writer *w, const struct error *why)
{
	if (!w->unwritten)
		log_warn("%s: what is seen waits in the journal of records", why->text);
	w->waiting = w->unwritten = true;
	w->retry_due = clock_ns(CLOCK_MONOTONIC) + RETRY_NS;
}

static void begin(struct writer *w)
{
	struct error e = {0};
	if (store_begin(w->store, &e) < 0) {
		put_off(w, &e);
		return;
	}
	w->waiting = false;
	w->open = true;
	w->rows = 0;
	w->commit_due = clock_ns(CLOCK_MONOTONIC) + COMMIT_NS;
}

static void put_row(void *ctx, enum record_type type, const void *record)
{
	struct writer *w = ctx;
	if (!w->open && !w->waiting)
		begin(w);
	w->rows++;
	record_put(&w->sink, type, record);
}

static void learn_names(struct writer *w, const struct dns_record *d)
{
	struct addr a;
	bool local = d->kind.p != NULL &&
		     (str_equal(d->kind, STR("mdns")) || str_equal(d->kind, STR("nbns")));
	if (d->query.n == 0 || local || addr_is_multicast(&d->src_ip))
		return;
	struct moment answered = d->ts;
	if (d->rtt > 0 && d->rtt < 3600)
		answered = moment_add(d->ts, (int64_t)(d->rtt * 1e9));
	for (size_t i = 0; i < d->answers.n; i++) {
		if (str_addr(d->answers.v[i], &a))
			names_learn(w->names, &d->src_ip, &a, d->query, answered);
	}
}

static void put_conn(struct writer *w, struct conn_record *c)
{
	w->connections++;
	if (c->server_name.p == NULL && c->source_kind.p == NULL)
		c->server_name = names_find(w->names, &c->src_ip, &c->dst_ip, c->ts);
	put_row(w, RECORD_CONN, c);
}

static void take_counts(struct writer *w, unsigned reader, struct bytes note)
{
	struct reader_counts c;
	if (bytes_copy(&note, &c, sizeof(c)) && c.source < SOURCES_MAX)
		w->counts[reader][c.source] = c;
}

/* Once, when nearly no connection has two sides. */
static void note_sides(struct writer *w, const struct watch_record *row)
{
	w->ended += row->connections;
	w->one_way += row->one_way;
	if (w->one_way_said || w->ended < ONE_WAY_MIN ||
	    (double)w->one_way < ONE_WAY_MOST * (double)w->ended)
		return;
	w->one_way_said = true;
	log_warn("of %" PRIu64 " of %" PRIu64 " connections only one side is seen: does "
		 "the mirror port show both directions?",
	    w->one_way, w->ended);
}

static void take_frame(void *ctx, const struct inlet *from, const struct wire_frame *f)
{
	struct writer *w = ctx;
	union wire_record record = f->record;
	if (f->kind == NOTE_PRESSURE)
		pressure_take(&w->pressure, from->reader, f->note);
	if (f->kind == NOTE_COUNTS)
		take_counts(w, from->reader, f->note);
	if (f->kind >= WIRE_NOTE)
		return;
	enum record_type type = (enum record_type)f->kind;
	if (type == RECORD_WATCH && str_equal(record.as_watch.kind, STR("packets"))) {
		minute_sum_put(&w->minutes, &record.as_watch);
		w->told[from->reader] += record.as_watch.packets;
		w->told_bytes[from->reader] += record.as_watch.bytes;
		note_sides(w, &record.as_watch);
	} else if (type == RECORD_CONN) {
		put_conn(w, &record.as_conn);
	} else if (type != RECORD_FINDING && type != RECORD_CASE) {
		if (type == RECORD_DNS)
			learn_names(w, &record.as_dns);
		put_row(w, type, &record);
	}
}

/* ---- transactions ---- */

static void page_now(struct writer *w, enum page_value which)
{
	page_set(
	    w->outside->page, which, (uint64_t)(clock_ns(CLOCK_REALTIME) / NS_PER_S));
}

static int commit(struct writer *w, struct error *e)
{
	if (!w->open)
		return 0;
	w->open = false;
	if (store_failed(w->store, e) || store_commit(w->store, e) < 0)
		return -1;
	if (w->unwritten)
		log_note("the memory is written again");
	w->unwritten = false;
	page_add(w->outside->page, PAGE_rows, w->rows);
	page_add(w->outside->page, PAGE_commits, 1);
	page_now(w, PAGE_last_commit);
	return 0;
}

static int judge_all(struct writer *w, struct error *e)
{
	struct home home;
	struct judgement j = {0};
	w->judge_now = false;
	if (home_choose(&home, w->store, w->options, e) < 0 ||
	    home_check(&home, w->store, e) < 0 || judge(w->store, &home, &j, e) < 0 ||
	    store_tidy(w->store, e) < 0)
		return -1;
	page_set(w->outside->page, PAGE_findings, j.findings);
	page_set(w->outside->page, PAGE_cases, j.cases);
	page_now(w, PAGE_last_judged);
	outside_tell(w->outside, w->store);
	return 0;
}

/* What the detectors stumble over, such as a damaged hunt, is no reason not to watch: the
 * findings stay as they were. */
static void judge_or_say(struct writer *w)
{
	struct error e = {0};
	if (judge_all(w, &e) == 0)
		return;
	store_abort(w->store);
	page_add(w->outside->page, PAGE_judge_errors, 1);
	log_warn("the detectors did not run to their end: %s", e.text);
}

/* Commit and tidy up. A disk that is full, or refuses, is tried again later; 1: it is. */
static int keep(struct writer *w, struct error *e)
{
	if (commit(w, e) == 0 && store_tidy_step(w->store, e) >= 0)
		return 0;
	store_abort(w->store);
	if (e->code == ERR_MEMORY)
		return -1;
	put_off(w, e);
	*e = (struct error){0};
	return 1;
}

static int when_due(struct writer *w, struct error *e)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	if (w->waiting && now >= w->retry_due)
		begin(w);
	if (w->waiting)
		return 0;
	bool hour = now >= w->hour_due;
	if (!hour && !w->judge_now &&
	    (!w->open || (now < w->commit_due && w->rows < COMMIT_ROWS)))
		return 0;
	int put_off = keep(w, e);
	if (put_off != 0)
		return put_off < 0 ? -1 : 0;
	if (hour || w->judge_now)
		judge_or_say(w);
	if (!hour)
		return 0;
	w->hour_due = now + HOUR_NS;
	return retention_apply(w->store, e);
}

/* ---- the state of watching ---- */

static struct reader_counts all_counts(const struct writer *w, size_t source)
{
	struct reader_counts sum = w->past[source];
	for (size_t i = 0; i < READERS_MAX; i++) {
		const struct reader_counts *c = &w->counts[i][source];
		sum.packets += c->packets;
		sum.bytes += c->bytes;
		sum.drops += c->drops;
		sum.given_up += c->given_up;
		sum.shed = c->shed > sum.shed ? c->shed : sum.shed;
	}
	return sum;
}

/* Once, when an interface has shown nothing at all for a while. */
static void say_silence(struct writer *w)
{
	for (size_t i = 0; i < w->options->watch.count; i++) {
		struct reader_counts c = all_counts(w, i);
		if (c.packets + c.drops == 0)
			log_warn(
			    "%s: 0 of 0 packets after %lld s: is the mirror port on, "
			    "the cable in, and does --filter let anything through?",
			    w->options->watch.interfaces[i], SILENT_NS / NS_PER_S);
	}
}

static void say_load(struct writer *w, int64_t now)
{
	uint32_t shed = 0;
	for (size_t i = 0; i < w->options->watch.count; i++) {
		uint32_t s = all_counts(w, i).shed;
		shed = s > shed ? s : shed;
	}
	if (shed == SHED_NOTHING || now < w->load_said + LOAD_SAY_NS)
		return;
	w->load_said = now;
	log_warn("more comes than can be read: the content of %s is left out; their "
		 "connections are counted all the same",
	    shed == SHED_ALL ? "all connections" : "large connections");
}

/* Make what came durable, and say once a minute what could not be. */
static void keep_rows(struct writer *w, int64_t now)
{
	struct error e = {0};
	uint64_t lost = store_live_counted(w->store).lost;
	bool kept = store_live_sync(w->store, &e) == 0;
	if ((kept && lost == w->lost) || now < w->lost_said + LOAD_SAY_NS)
		return;
	w->lost_said = now;
	if (!kept)
		log_warn("%s", e.text);
	if (lost > w->lost)
		log_warn("%" PRIu64 " rows could be put nowhere", lost - w->lost);
	w->lost = lost;
}

static void fill_page(struct writer *w)
{
	struct reader_counts sum = {0};
	struct page *p = w->outside->page;
	uint64_t shedding = 0, before = page_get(p, PAGE_packets);
	for (size_t i = 0; i < w->options->watch.count; i++) {
		struct reader_counts c = all_counts(w, i);
		sum.packets += c.packets;
		sum.bytes += c.bytes;
		sum.drops += c.drops;
		sum.given_up += c.given_up;
		for (size_t k = 0; k < READERS_MAX; k++)
			shedding += w->counts[k][i].shed != SHED_NOTHING;
	}
	if (sum.packets != before)
		page_now(w, PAGE_last_packet);
	page_set(p, PAGE_packets, sum.packets);
	page_set(p, PAGE_bytes, sum.bytes);
	page_set(p, PAGE_drops, sum.drops);
	page_set(p, PAGE_given_up, sum.given_up);
	page_set(p, PAGE_shedding, shedding);
	page_set(p, PAGE_connections, w->connections);
	pressure_show(&w->pressure, p);
	page_set(p, PAGE_rows_lost, w->lost);
}

/* What time it is, and the difference of the two clocks; read again where this process
 * was held up in between. */
static int64_t look_at_clocks(struct moment *now)
{
	int64_t before, after;
	do {
		before = clock_ns(CLOCK_MONOTONIC);
		now->ns = clock_ns(CLOCK_REALTIME);
		after = clock_ns(CLOCK_MONOTONIC);
	} while (after - before > LOOK_NS);
	return now->ns - before;
}

static void each_second(struct writer *w, int64_t now)
{
	keep_rows(w, now);
	fill_page(w);
	log_tick(now);
	struct moment clock;
	int64_t step = look_at_clocks(&clock) - w->clocks;
	w->clocks += step;
	if (step > STEP_NS || step < -STEP_NS) {
		log_warn("the clock was set by %+.1f s", (double)step / 1e9);
		minute_sum_step(&w->minutes, clock);
	}
	for (size_t i = 0; i < w->options->watch.count; i++) {
		if (w->down[i])
			minute_sum_down(&w->minutes, clock);
	}
	minute_sum_flush(&w->minutes, moment_add(clock, -MINUTE_LATE));
	say_load(w, now);
	pressure_say(&w->pressure, now);
	if (!w->silence_said && now - w->begun >= SILENT_NS) {
		w->silence_said = true;
		say_silence(w);
	}
}

/* ---- orders ---- */

static void add_reader(struct writer *w, unsigned reader, int fd)
{
	if (fd < 0)
		return;
	if (w->inlet_count == READERS_MAX || reader >= READERS_MAX) {
		close(fd);
		return;
	}
	if (inlet_init(&w->inlets[w->inlet_count], fd, reader))
		w->inlet_count++;
}

/* What a reader that ended has left in its pipe. */
static void take_rest(struct writer *w, unsigned reader)
{
	const struct inlet_sink sink = {take_frame, w};
	size_t kept = 0;
	for (size_t i = 0; i < w->inlet_count; i++) {
		struct inlet *in = &w->inlets[i];
		bool rest = in->reader == reader;
		for (int n = 0; rest && n < REST_READS; n++) {
			if (!inlet_read(in, &w->scratch, &sink))
				break;
		}
		if (rest)
			inlet_fini(in);
		else
			w->inlets[kept++] = *in;
	}
	w->inlet_count = kept;
}

static void say_fell(struct writer *w, unsigned reader, int status)
{
	if (reader >= READERS_MAX)
		return;
	if (WIFSIGNALED(status))
		log_warn("reader %u was ended by signal %d (%s): it is started again; "
			 "connections that were open in it are lost",
		    reader, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		log_warn("reader %u ended with status %d: it is started again", reader,
		    WEXITSTATUS(status));
	minute_sum_fell(&w->minutes, (struct moment){clock_ns(CLOCK_REALTIME)});
	take_rest(w, reader);
	pressure_fell(&w->pressure, reader);
	struct blind_fall f = {.at = {clock_ns(CLOCK_REALTIME)},
	    .sensor = w->options->sensor,
	    .reader = reader,
	    .status = status};
	for (size_t i = 0; i < SOURCES_MAX; i++) {
		struct reader_counts *c = &w->counts[reader][i], *p = &w->past[i];
		f.connections = c->open > f.connections ? c->open : f.connections;
		f.lost = c->open_packets > f.lost ? c->open_packets : f.lost;
		f.packets += c->packets;
		f.bytes += c->bytes;
		p->packets += c->packets;
		p->bytes += c->bytes;
		p->drops += c->drops;
		p->given_up += c->given_up;
		*c = (struct reader_counts){0};
	}
	f.packets -= f.packets < w->told[reader] ? f.packets : w->told[reader];
	f.bytes -= f.bytes < w->told_bytes[reader] ? f.bytes : w->told_bytes[reader];
	w->told[reader] = w->told_bytes[reader] = 0;
	blind_fell(&w->minutes, &w->own, &f);
}

static void take_orders(struct writer *w)
{
	struct order o = {0};
	int fd;
	bool gone;
	while (order_take(w->control, &o, &fd, &gone)) {
		if (o.kind != ORDER_READER && o.kind != ORDER_TARGETS && fd >= 0)
			close(fd);
		switch (o.kind) {
		case ORDER_READER:
			add_reader(w, o.reader, fd);
			break;
		case ORDER_FELL:
			say_fell(w, o.reader, o.status);
			break;
		case ORDER_LINK:
			if (o.reader < SOURCES_MAX)
				w->down[o.reader] = o.status == 0;
			break;
		case ORDER_JUDGE:
			w->judge_now = true;
			break;
		case ORDER_TARGETS:
			outside_take(w->outside, fd);
			break;
		case ORDER_STOP:
			w->stopping = true;
			break;
		}
	}
	w->stopping |= gone;
}

/* ---- running ---- */

static void read_inlets(struct writer *w, const struct pollfd *p)
{
	const struct inlet_sink sink = {take_frame, w};
	size_t kept = 0;
	for (size_t i = 0; i < w->inlet_count; i++) {
		struct inlet *in = &w->inlets[i];
		if (p[i].revents != 0 && !inlet_read(in, &w->scratch, &sink)) {
			if (in->damaged)
				log_warn("reader %u sent what is no record: no more is "
					 "taken of it",
				    in->reader);
			inlet_fini(in);
		} else {
			w->inlets[kept++] = *in;
		}
	}
	w->inlet_count = kept;
}

/* Until all readers are at their end. */
static int receive(struct writer *w, struct error *e)
{
	while (!w->stopping || w->inlet_count > 0) {
		struct pollfd p[READERS_MAX + 1];
		size_t n = w->inlet_count;
		for (size_t i = 0; i < n; i++)
			p[i] = (struct pollfd){w->inlets[i].fd, POLLIN, 0};
		p[n] = (struct pollfd){w->control, POLLIN, 0};
		if (poll(p, n + !w->stopping, WAIT_MS) < 0 && errno != EINTR)
			return error_set(e, ERR_SYSTEM, "poll: %s", strerror(errno));
		read_inlets(w, p);
		take_orders(w);
		int64_t now = clock_ns(CLOCK_MONOTONIC);
		if (now >= w->second_due) {
			w->second_due = now + NS_PER_S;
			each_second(w, now);
		}
		if (when_due(w, e) < 0)
			return -1;
	}
	return 0;
}

static void say_what_was_done(const struct writer *w)
{
	struct reader_counts sum = {0};
	for (size_t i = 0; i < w->options->watch.count; i++) {
		struct reader_counts c = all_counts(w, i);
		sum.packets += c.packets;
		sum.drops += c.drops;
		sum.given_up += c.given_up;
	}
	if (w->options->watch.count > 0)
		log_note("captured %" PRIu64 " packets: %" PRIu64 " connections",
		    sum.packets, w->connections);
	if (sum.drops > 0)
		log_warn("%" PRIu64 " packets were lost: nothing read them in time",
		    sum.drops);
	if (sum.given_up > 0)
		log_warn("%" PRIu64 " packets were given up: readers fell over them",
		    sum.given_up);
	uint64_t lost = store_live_counted(w->store).lost;
	if (lost > 0)
		log_warn("%" PRIu64 " rows could not be put into the memory", lost);
}

static int run(struct writer *w, struct error *e)
{
	const struct options *o = w->options;
	const char ready = WRITER_READY;
	arena_init(&w->scratch, WIRE_ARENA);
	w->own = (struct record_sink){put_row, w};
	minute_sum_init(&w->minutes, o->sensor, o->watch.count, &w->own);
	w->names = names_new(
	    w->limits->pipeline.proto.names, w->limits->pipeline.proto.name_bytes);
	if (w->names == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for names");
	if (confine_writing(o->memory, e) < 0)
		return -1;
	struct moment since =
	    blind_since(o->memory, (struct moment){clock_ns(CLOCK_REALTIME)});
	w->store = store_open_within(o->memory, w->limits->engine, e);
	if (w->store == NULL || retention_set(w->store, o, e) < 0 ||
	    store_live(w->store, e) < 0)
		return -1;
	w->sink = store_sink(w->store);
	w->begun = clock_ns(CLOCK_MONOTONIC);
	struct moment now;
	w->clocks = look_at_clocks(&now);
	minute_sum_unwatched(&w->minutes, since.ns > now.ns ? now : since, now);
	w->hour_due = w->begun + HOUR_NS;
	w->load_said = w->lost_said = w->begun - LOAD_SAY_NS;
	if (write(w->control, &ready, 1) != 1)
		return error_set(e, ERR_SYSTEM, "the supervisor: %s", strerror(errno));
	if (receive(w, e) < 0)
		return -1;
	minute_sum_flush(&w->minutes, (struct moment){INT64_MAX});
	if (commit(w, e) < 0)
		return -1;
	say_what_was_done(w);
	if (judge_all(w, e) < 0)
		return -1;
	return retention_apply(w->store, e);
}

int writer_run(const struct options *o, const struct limits *limits, int control,
    struct outside *outside)
{
	struct error e = {0};
	int status = 0;
	struct writer *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return 4;
	w->options = o;
	w->limits = limits;
	w->control = control;
	w->outside = outside;
	if (run(w, &e) < 0)
		status = report_error(&e);
	if (w->open)
		store_abort(w->store);
	for (size_t i = 0; i < w->inlet_count; i++)
		inlet_fini(&w->inlets[i]);
	names_free(w->names);
	arena_fini(&w->scratch);
	store_close(w->store);
	free(w);
	return status;
}
