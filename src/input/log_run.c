/* SPDX-License-Identifier: Apache-2.0 */
#include "input/log_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "input/list.h"

/* What is read side by side with others of the same format. */
struct lane {
	struct active *active; /* NULL: none open */
	struct log_file file;
	struct arena name;
	size_t next; /* number of the source to look at when this one is over */
	int64_t now; /* ns; INT64_MAX: nothing left */
};

struct run {
	struct input *in;
	struct log_group group;
	struct log_out *out;
	const struct log_format *format;
	void *state;
	bool one_by_one;
	struct lane lanes[LOG_LANES];
	struct arena scratch;
	bool (*stop)(void *ctx);
	void *ctx;
};

/* ---- groups ---- */

static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? (size_t)(slash - path) : 0;
}

static bool same_folder(const struct source *a, const struct source *b)
{
	size_t n = folder_length(a->path);
	return n == folder_length(b->path) && memcmp(a->path, b->path, n) == 0;
}

struct log_group log_group_next(const struct input *in, size_t at)
{
	while (at < in->count &&
	       (in->sources[at]->log == NULL || !in->sources[at]->pub.usable))
		at++;
	struct log_group g = {at, at};
	uint64_t bytes = 0;
	while (g.end < in->count && g.end - g.first < LOG_GROUP_FILES) {
		const struct source *s = in->sources[g.end];
		bool same = g.end == g.first || same_folder(in->sources[g.first], s);
		if (s->log == NULL || !s->pub.usable || !same)
			break;
		/* What can not be read twice stands alone: it may have to be undone. */
		if (!s->again && g.end > g.first)
			break;
		bytes += s->pub.size;
		if (bytes > LOG_GROUP_BYTES && g.end > g.first)
			break;
		g.end++;
		if (!s->again)
			break;
	}
	return g;
}

/* ---- a file ---- */

static void report(struct run *r, struct lane *l)
{
	for (int i = 0; i < INPUT_OUTCOMES; i++) {
		const struct log_fault *f = &l->file.faults[i];
		char text[2 * FAULT_REASON_MAX];
		if (f->count == 0)
			continue;
		if (snprintf(text, sizeof(text),
			"%s (%" PRIu64 " of %" PRIu64 " entries not read)", f->reason,
			f->count, l->file.entries) < 0)
			text[0] = '\0';
		list_issue(r->in, (enum input_outcome)i, l->file.path, f->offset, text);
	}
}

static void finish(struct run *r, struct lane *l)
{
	struct active *a = l->active;
	struct source *s = r->in->sources[a->index];
	if (a->stream->fault.set)
		list_fault(r->in, s->path, &a->stream->fault);
	report(r, l);
	r->in->active -= a->stream->disk;
	stream_drain(a->stream);
	s->pub.whole = stream_digest(a->stream);
	s->pub.bytes = a->stream->total;
	s->pub.frames = l->file.entries;
	s->pub.complete = !a->stream->fault.set;
	for (int i = 0; i < INPUT_OUTCOMES; i++)
		s->pub.complete = s->pub.complete && l->file.faults[i].count == 0;
	s->whole_known = true;
	r->in->done += s->again ? s->pub.size : a->stream->disk;
}

static void let_go(struct run *r, struct lane *l)
{
	if (l->active == NULL)
		return;
	if (r->format->close != NULL)
		r->format->close(&l->file);
	active_close(l->active);
	l->active = NULL;
}

static bool start(struct run *r, struct lane *l, size_t i)
{
	struct source *s = r->in->sources[i];
	l->active = active_open(r->in, (uint32_t)i);
	if (l->active == NULL)
		return false;
	arena_reset(&l->name);
	struct str clean = str_clean(&l->name, s->path, strlen(s->path));
	l->file = (struct log_file){.format = r->format,
	    .stream = l->active->stream,
	    .source = clean,
	    .path = s->path,
	    .csv = r->in->csv,
	    .lane = s->lane,
	    .out = r->out,
	    .scratch = &r->scratch,
	    .group = r->state,
	    .now = s->pub.first};
	r->in->active += l->active->stream->disk;
	if (r->format->open == NULL || r->format->open(&l->file))
		return true;
	list_issue(r->in, INPUT_UNREADABLE, s->path, 0, "no memory left to read it");
	r->in->active -= l->active->stream->disk;
	active_close(l->active);
	l->active = NULL;
	return false;
}

/* ---- lanes ---- */

static bool wanted(const struct run *r, size_t i, unsigned lane)
{
	const struct source *s = r->in->sources[i];
	return s->log == r->format && s->lane == lane && !s->pub.skipped;
}

/* Move the lane to its next source. */
static void queue(struct run *r, unsigned lane)
{
	struct lane *l = &r->lanes[lane];
	while (l->next < r->group.end && !wanted(r, l->next, lane))
		l->next++;
	if (l->next == r->group.end)
		l->now = INT64_MAX;
	else
		l->now = r->in->sources[l->next]->pub.first.ns;
}

/* The lane that is furthest behind; LOG_LANES when all are over. */
static unsigned behind(const struct run *r)
{
	unsigned best = LOG_LANES;
	int64_t least = INT64_MAX;
	for (unsigned i = 0; i < LOG_LANES; i++) {
		const struct lane *l = &r->lanes[i];
		if (l->now == INT64_MAX)
			continue;
		if (r->one_by_one)
			return i;
		int64_t key = moment_add(
		    (struct moment){l->now}, (int64_t)i * LOG_LEAD_S * NS_PER_S)
				  .ns;
		if (best == LOG_LANES || key < least) {
			best = i;
			least = key;
		}
	}
	return best;
}

/* Up to when the lane may be read: not past what its lower ones have reached. */
static struct moment bound(const struct run *r, unsigned lane)
{
	int64_t least = INT64_MAX;
	for (unsigned i = 0; i < lane; i++) {
		int64_t lead = (int64_t)(lane - i) * LOG_LEAD_S * NS_PER_S;
		struct moment reached = {r->lanes[i].now};
		if (reached.ns != INT64_MAX && moment_add(reached, -lead).ns < least)
			least = moment_add(reached, -lead).ns;
	}
	return (struct moment){least};
}

/* One piece of the lane's file. */
static void piece(struct run *r, unsigned lane)
{
	struct lane *l = &r->lanes[lane];
	if (l->active == NULL && !start(r, l, l->next)) {
		l->next++;
		queue(r, lane);
		return;
	}
	uint64_t before = l->active->stream->disk;
	l->file.until = bound(r, lane);
	bool more = r->format->read(&l->file);
	r->in->active += l->active->stream->disk - before;
	if (more) {
		if (l->file.now.ns > l->now && l->file.now.ns < INT64_MAX)
			l->now = l->file.now.ns;
		return;
	}
	finish(r, l);
	let_go(r, l);
	l->next++;
	queue(r, lane);
}

/* Decoders of lanes may not hold more than so much together. */
static bool too_large(const struct run *r)
{
	size_t most = 0;
	for (size_t i = r->group.first; i < r->group.end; i++)
		most = size_max(most, r->in->sources[i]->memory);
	return most > LOG_MEMORY_MAX / LOG_LANES;
}

static void late_issue(void *ctx, const struct input_issue *i)
{
	list_issue(ctx, i->outcome, i->path, i->offset, i->reason);
}

static bool run_format(struct run *r)
{
	bool stopped = false;
	r->state = r->format->begin != NULL ? r->format->begin() : NULL;
	if (r->format->begin != NULL && r->state == NULL) {
		list_issue(r->in, INPUT_UNREADABLE, r->in->sources[r->group.first]->path,
		    0, "no memory left to read it");
		return true;
	}
	r->out->minutes.newest = MOMENT_NONE;
	for (unsigned i = 0; i < LOG_LANES; i++) {
		r->lanes[i] = (struct lane){.next = r->group.first};
		arena_init(&r->lanes[i].name, LOG_NAME_MAX);
		queue(r, i);
	}
	for (unsigned i; !stopped && (i = behind(r)) < LOG_LANES;) {
		piece(r, i);
		stopped = r->stop != NULL && r->stop(r->ctx);
	}
	for (unsigned i = 0; i < LOG_LANES; i++) {
		let_go(r, &r->lanes[i]);
		arena_fini(&r->lanes[i].name);
	}
	r->out->issue = late_issue;
	r->out->issue_ctx = r->in;
	if (r->format->end != NULL)
		r->format->end(r->state, r->out, &r->scratch);
	r->out->issue = NULL;
	return !stopped;
}

/* Whether the source is the first that is read of its format in the group. */
static bool opens_format(const struct run *r, size_t i)
{
	const struct source *s = r->in->sources[i];
	if (s->pub.skipped)
		return false;
	for (size_t k = r->group.first; k < i; k++) {
		const struct source *other = r->in->sources[k];
		if (other->log == s->log && !other->pub.skipped)
			return false;
	}
	return true;
}

bool log_group_run(struct input *in, struct log_group g, struct log_out *out,
    bool (*stop)(void *ctx), void *ctx)
{
	struct run *r = calloc(1, sizeof(*r));
	if (r == NULL) {
		list_issue(
		    in, INPUT_UNREADABLE, "-", 0, "no memory left to read anything");
		return true;
	}
	*r = (struct run){.in = in, .group = g, .out = out, .stop = stop, .ctx = ctx};
	arena_init(&r->scratch, LOG_SCRATCH_MAX);
	r->one_by_one = too_large(r);
	bool whole = true;
	for (size_t i = g.first; whole && i < g.end; i++) {
		if (!opens_format(r, i))
			continue;
		r->format = in->sources[i]->log;
		whole = run_format(r);
	}
	arena_fini(&r->scratch);
	free(r);
	return whole;
}
