/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources are opened when the time of the stream reaches their first frame, so of a
 * capture that was rotated over many files one is open at a time. The open ones stand in
 * a heap by the time of their next frame, ties by their number. Within a source the order
 * of the file is kept: after a step back of its clock its frames come at once, until it
 * has caught up.
 *
 * While one source alone is due, its batches go to the sink as
 * they are. Otherwise frames (not their bytes) are gathered
 * until a source has to read on, which would invalidate them.
 *
 * When more sources overlap than may be open, the next ones wait for one to end and their
 * first frames come late; that is an issue of the input.
 */
#include "input/merge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct merge {
	struct input *in;
	const struct frame_sink *sink;
	struct active *heap[MERGE_OPEN_MAX];
	size_t open;
	uint32_t pending; /* the next source to open */
	size_t memory;    /* of the decoders of the open ones */
	bool late;        /* a source had to wait: reported once */
	bool stopped;     /* by the sink */
	size_t n;         /* frames gathered */
	struct frame gathered[FRAME_BATCH_MAX];
};

static int64_t key(const struct active *a)
{
	return a->batch[a->next].ts.ns;
}

static bool before(const struct active *a, const struct active *b)
{
	return key(a) != key(b) ? key(a) < key(b) : a->index < b->index;
}

static void swap(struct merge *m, size_t i, size_t j)
{
	struct active *a = m->heap[i];
	m->heap[i] = m->heap[j];
	m->heap[j] = a;
}

static void push(struct merge *m, struct active *a)
{
	assert(m->open < MERGE_OPEN_MAX);
	size_t i = m->open++;
	for (; i > 0 && before(a, m->heap[(i - 1) / 2]); i = (i - 1) / 2)
		m->heap[i] = m->heap[(i - 1) / 2];
	m->heap[i] = a;
}

static void sift_down(struct merge *m, size_t i)
{
	for (;;) {
		size_t least = i;
		for (size_t c = 2 * i + 1; c <= 2 * i + 2 && c < m->open; c++) {
			if (before(m->heap[c], m->heap[least]))
				least = c;
		}
		if (least == i)
			return;
		swap(m, i, least);
		i = least;
	}
}

/* ---- sources begin and end ---- */

static struct source *source_of(const struct merge *m, const struct active *a)
{
	return m->in->sources[a->index];
}

/* The source has no more frames: take the digest of all its bytes and let it go. */
static void finish(struct merge *m, struct active *a)
{
	struct source *s = source_of(m, a);
	const struct fault *f = &a->reader.fault;
	if (f->set)
		list_fault(m->in, s->path, f);
	m->in->active -= a->stream->disk;
	stream_drain(a->stream);
	s->pub.whole = stream_digest(a->stream);
	s->pub.bytes = a->stream->total;
	s->pub.drops = a->reader.drops;
	s->pub.complete = !f->set && !a->stream->fault.set;
	s->whole_known = true;
	m->in->done += s->again ? s->pub.size : a->stream->disk;
	active_close(a);
}

static void admit(struct merge *m, uint32_t i)
{
	struct active *a = active_open(m->in, i);
	if (a == NULL)
		return;
	m->in->active += a->stream->disk;
	/* One that was kept open by the plan has its first batch already. */
	if (a->next == a->n && !active_next(a)) {
		finish(m, a);
		return;
	}
	for (size_t k = a->next; k < a->n; k++)
		a->batch[k].source = i;
	a->reader.source = i;
	m->memory += m->in->sources[i]->memory;
	push(m, a);
}

static void retire_top(struct merge *m)
{
	struct active *a = m->heap[0];
	m->memory -= source_of(m, a)->memory;
	m->heap[0] = m->heap[--m->open];
	if (m->open > 0)
		sift_down(m, 0);
	finish(m, a);
}

/* The next source that is to be read, or NULL. */
static const struct source *next_source(struct merge *m)
{
	struct input *in = m->in;
	while (m->pending < in->count) {
		const struct source *s = in->sources[m->pending];
		if (s->pub.usable && !s->pub.skipped && !s->pub.log)
			return s;
		m->pending++;
	}
	return NULL;
}

static bool has_room(const struct merge *m, const struct source *s)
{
	return m->open == 0 ||
	       (m->open < MERGE_OPEN_MAX && s->memory <= MERGE_MEMORY_MAX &&
		   m->memory <= MERGE_MEMORY_MAX - s->memory);
}

/*
 * Open every source that is due. The result is the time up to which the open ones may be
 * read before the next has to be opened.
 */
static int64_t admit_due(struct merge *m)
{
	for (;;) {
		const struct source *s = next_source(m);
		if (s == NULL)
			return INT64_MAX;
		if (m->open > 0 && s->pub.first.ns > key(m->heap[0]))
			return s->pub.first.ns;
		if (!has_room(m, s)) {
			if (!m->late)
				list_issue(m->in, INPUT_OVER_LIMIT, s->path, 0,
				    "too many captures overlap in time: "
				    "from this one on, some frames come late");
			m->late = true;
			return INT64_MAX;
		}
		admit(m, m->pending++);
	}
}

/* ---- delivery ---- */

static bool give(struct merge *m, const struct frame *v, size_t n)
{
	if (n > 0 && !m->stopped)
		m->stopped = !m->sink->frames(m->sink->ctx, v, n);
	return !m->stopped;
}

static bool flush(struct merge *m)
{
	size_t n = m->n;
	m->n = 0;
	return give(m, m->gathered, n);
}

/* How many frames of the top come before all others and before the bound. */
static size_t run_length(const struct merge *m, int64_t bound)
{
	const struct active *a = m->heap[0];
	for (size_t c = 1; c <= 2 && c < m->open; c++) {
		const struct active *b = m->heap[c];
		int64_t limit = key(b);
		/* With equal times the source of the lower number goes first. */
		if (limit > INT64_MIN && b->index < a->index)
			limit--;
		bound = limit < bound ? limit : bound;
	}
	size_t n = a->next;
	if (bound == INT64_MAX)
		return a->n - n;
	/* The first is due whatever its time: it is the top of the heap. */
	do
		n++;
	while (n < a->n && a->batch[n].ts.ns <= bound);
	return n - a->next;
}

static bool deliver(struct merge *m, struct active *a, size_t n)
{
	const struct frame *v = a->batch + a->next;
	source_of(m, a)->pub.frames += n;
	a->next += n;
	if (m->n == 0 && a->next == a->n)
		return give(m, v, n);
	while (n > 0) {
		size_t room = FRAME_BATCH_MAX - m->n;
		size_t part = n < room ? n : room;
		memcpy(m->gathered + m->n, v, part * sizeof(*v));
		m->n += part;
		v += part;
		n -= part;
		if (m->n == FRAME_BATCH_MAX && !flush(m))
			return false;
	}
	return true;
}

/* The top has delivered its batch:
 * get the next one, which invalidates what was gathered. */
static bool advance_top(struct merge *m)
{
	struct active *a = m->heap[0];
	if (a->next < a->n) {
		sift_down(m, 0);
		return true;
	}
	if (!flush(m))
		return false;
	m->in->active -= a->stream->disk;
	bool more = active_next(a);
	m->in->active += a->stream->disk;
	if (more)
		sift_down(m, 0);
	else
		retire_top(m);
	return true;
}

bool merge_run(struct input *in, const struct frame_sink *sink)
{
	struct merge *m = calloc(1, sizeof(*m));
	if (m == NULL) {
		list_issue(
		    in, INPUT_OVER_LIMIT, "-", 0, "no memory left to read anything");
		return true;
	}
	m->in = in;
	m->sink = sink;
	for (;;) {
		int64_t bound = admit_due(m);
		if (m->open == 0)
			break;
		struct active *a = m->heap[0];
		if (!deliver(m, a, run_length(m, bound)) || !advance_top(m))
			break;
	}
	flush(m);
	for (size_t i = 0; i < m->open; i++)
		active_close(m->heap[i]);
	in->active = 0;
	bool whole = !m->stopped;
	free(m);
	return whole;
}
