/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rings to records. The frames of several interfaces are merged by time, as a tap gives
 * the two directions of a link to two of them: a frame is taken when no earlier one can
 * come any more, a little after the kernel must have handed its block over.
 */
#include "cmd/watch/reader.h"

#include <poll.h>

#include "base/log.h"
#include "cmd/confine.h"
#include "cmd/pipeline.h"
#include "cmd/shares.h"
#include "cmd/watch/clocks.h"
#include "cmd/watch/outlet.h"
#include "cmd/watch/traces_page.h"

#define BATCHES 32  /* between two looks at the clock */
#define WAIT_MS 100 /* for packets */
#define MERGE_NS                                                                         \
	(3 * NS_PER_MS * RING_RETIRE_MS) /* after which no earlier frame comes           \
					  */
#define LATE_NS  NS_PER_S                /* that packets may be late for a tick */
#define DRAIN_NS (4 * NS_PER_MS * RING_RETIRE_MS)

/* Shares of a ring that wait at which more is left out, and at which all is read again.
 */
#define FILL_ELEPHANTS 0.25
#define FILL_LARGE     0.5
#define FILL_ALL       0.75
#define FILL_CALM      0.1

struct reader {
	const struct reader_plan *plan;
	struct pipeline *pipeline;
	struct frame_sink frames;
	struct outlet out;
	struct traces_taken traces;
	struct reader_counts counts[SOURCES_MAX];
	enum pipeline_shed shed;
	int64_t second_due; /* monotonic clock, ns */
	struct frame batch[FRAME_BATCH_MAX];
};

/* ---- packets ---- */

/* The ring with the earliest frame, and the time of the earliest one of the others. */
static size_t earliest(const struct reader *r, struct moment *other)
{
	struct moment first = {INT64_MAX};
	size_t at = r->plan->count;
	*other = first;
	for (size_t i = 0; i < r->plan->count; i++) {
		struct moment ts = ring_next(r->plan->rings[i]);
		if (ts.ns == MOMENT_NONE.ns)
			continue;
		if (ts.ns < first.ns) {
			*other = first;
			first = ts;
			at = i;
		} else if (ts.ns < other->ns) {
			*other = ts;
		}
	}
	return at;
}

/* Frames until that moment, of all rings by time; how many. */
static size_t gather(struct reader *r, struct moment until)
{
	size_t n = 0;
	while (n < FRAME_BATCH_MAX) {
		struct moment other;
		size_t i = earliest(r, &other);
		if (i == r->plan->count)
			break;
		if (other.ns > until.ns)
			other = until;
		size_t k = ring_take(
		    r->plan->rings[i], r->batch + n, FRAME_BATCH_MAX - n, other);
		if (k == 0)
			break;
		n += k;
	}
	return n;
}

/* Read a batch; false: none was there. */
static bool read_batch(struct reader *r, struct moment until)
{
	size_t n = gather(r, until);
	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct reader_counts *c = &r->counts[r->batch[i].source];
		c->packets++;
		c->bytes += r->batch[i].wire;
	}
	r->frames.frames(r->frames.ctx, r->batch, n);
	for (size_t i = 0; i < r->plan->count; i++)
		ring_release(r->plan->rings[i]);
	return true;
}

/* ---- load ---- */

static void set_shed(struct reader *r)
{
	double fill = 0;
	for (size_t i = 0; i < r->plan->count; i++) {
		double f = ring_fill(r->plan->rings[i]);
		fill = f > fill ? f : fill;
	}
	enum pipeline_shed wanted = fill >= FILL_ALL         ? SHED_ALL
				    : fill >= FILL_LARGE     ? SHED_LARGE
				    : fill >= FILL_ELEPHANTS ? SHED_ELEPHANTS
							     : SHED_NOTHING;
	if (wanted < r->shed && fill > FILL_CALM)
		return;
	r->shed = wanted;
	pipeline_set_shed(r->pipeline, wanted);
}

/* How often its limits told. */
static void tell_pressure(struct reader *r)
{
	const struct flow_counters *f = pipeline_flow_counters(r->pipeline);
	const struct proto_pressure p = pipeline_pressure(r->pipeline);
	const struct reader_pressure now = {.evicted = f->evicted,
	    .segments_dropped = f->segments_dropped,
	    .fragments_dropped = f->fragments_dropped,
	    .unread = p.unread,
	    .names_forgotten = p.forgotten,
	    .waits = r->out.waits,
	    .shed = pipeline_counters(r->pipeline)->shed};
	outlet_note(&r->out, NOTE_PRESSURE, &now, sizeof(now));
}

static void each_second(struct reader *r)
{
	const struct pipeline_open open = pipeline_open(r->pipeline);
	uint64_t drops = 0;
	for (size_t i = 0; i < r->plan->count; i++) {
		struct reader_counts *c = &r->counts[i];
		struct ring_counts n = ring_count(r->plan->rings[i]);
		c->drops += n.drops;
		c->shed = r->shed;
		c->connections = pipeline_counters(r->pipeline)->records[RECORD_CONN];
		c->open = open.connections;
		c->open_packets = open.packets;
		drops += n.drops;
		outlet_note(&r->out, NOTE_COUNTS, c, sizeof(*c));
	}
	pipeline_drops(r->pipeline, drops);
	tell_pressure(r);
	traces_page_take(r->plan->traces_page, &r->traces);
}

/* ---- running ---- */

/* Read what is there; false: nothing was. The time is told when all before it was read.
 */
static bool read_some(struct reader *r)
{
	struct moment now = {clock_ns(CLOCK_REALTIME)};
	struct moment until = {r->plan->count > 1 ? now.ns - MERGE_NS : INT64_MAX};
	bool all = false;
	int n = 0;
	for (; n < BATCHES && !all; n++)
		all = !read_batch(r, until);
	if (all)
		pipeline_time(r->pipeline, moment_add(now, -LATE_NS));
	set_shed(r);
	int64_t clock = clock_ns(CLOCK_MONOTONIC);
	if (clock >= r->second_due) {
		r->second_due = clock + NS_PER_S;
		each_second(r);
	}
	r->plan->page->beats++;
	outlet_push(&r->out, false);
	return n > 1;
}

/* Pipes at whose end we are: there is nothing to wait for. When all are, it is told. */
static void see_ends(struct reader *r, struct pollfd *p)
{
	const struct reader_plan *plan = r->plan;
	size_t over = 0;
	for (size_t i = 0; i < plan->count; i++) {
		const char *why = NULL;
		if (!ring_over(plan->rings[i], &why))
			continue;
		over++;
		if (p[i].fd < 0)
			continue;
		p[i].fd = -1;
		log_note("%s: %s", plan->names[i], why != NULL ? why : "its end");
	}
	plan->page->over = over == plan->count;
}

/* Until it is time to stop. */
static void read_all(struct reader *r)
{
	struct pollfd p[SOURCES_MAX + 1] = {{r->plan->stop, POLLIN, 0}};
	size_t n = r->plan->count;
	for (size_t i = 0; i < n; i++)
		p[i + 1] = (struct pollfd){ring_descriptor(r->plan->rings[i]), POLLIN, 0};
	while (!r->out.broken) {
		bool busy = read_some(r);
		/* Where frames of two rings are merged, some wait though nothing comes.
		 */
		int wait = busy ? 0 : n > 1 ? RING_RETIRE_MS : WAIT_MS;
		if (poll(p, busy || n > 1 ? 1 : n + 1, wait) > 0 && p[0].revents != 0)
			break;
		see_ends(r, p + 1);
		/* An interface that went down says so until it is asked. */
		for (size_t i = 1; i <= n; i++)
			if (p[i].revents & POLLERR)
				(void)ring_error(r->plan->rings[i - 1]);
	}
}

/* The supervisor has stopped the rings: what they hold is read to its end. */
static void drain(struct reader *r)
{
	for (int64_t end = clock_ns(CLOCK_MONOTONIC) + DRAIN_NS;
	     clock_ns(CLOCK_MONOTONIC) < end;) {
		if (!read_batch(r, (struct moment){INT64_MAX}))
			(void)poll(NULL, 0, RING_RETIRE_MS / 4);
	}
	while (read_batch(r, (struct moment){INT64_MAX}))
		;
}

int reader_run(const struct reader_plan *plan)
{
	struct reader r = {.plan = plan};
	struct error e = {0};
	if (!traces_taken_init(&r.traces, plan->traces_page, plan->traces)) {
		log_warn("no memory for traces");
		return 4;
	}
	struct pipeline_options options = {.sensor = plan->sensor,
	    .names = plan->names,
	    .traces = r.traces.live,
	    .limits = &plan->limits->pipeline};
	if (outlet_init(&r.out, plan->out, plan->limits->outlet, &e) < 0) {
		log_warn("%s", e.text);
		return 4;
	}
	r.out.beats = &plan->page->beats;
	struct record_sink sink = outlet_sink(&r.out);
	r.pipeline = pipeline_new(&options, &sink);
	if (r.pipeline == NULL) {
		log_warn("no memory for the flow table");
		outlet_fini(&r.out);
		return 4;
	}
	r.frames = pipeline_frame_sink(r.pipeline);
	for (size_t i = 0; i < plan->count; i++) {
		r.counts[i].source = (uint32_t)i;
		r.counts[i].given_up = ring_resume(plan->rings[i], &plan->page->place[i]);
		pipeline_drops(r.pipeline, r.counts[i].given_up);
	}
	if (confine_parsing(&e) < 0) {
		log_warn("a reader can not be confined: %s", e.text);
		return 4;
	}
	read_all(&r);
	drain(&r);
	each_second(&r);
	pipeline_finish(r.pipeline);
	each_second(&r);
	outlet_push(&r.out, true);
	pipeline_free(r.pipeline);
	outlet_fini(&r.out);
	traces_taken_fini(&r.traces);
	return 0;
}
