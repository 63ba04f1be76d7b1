/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "input/reader.h"

#define BATCH_BYTES_MAX ((size_t)FRAME_BATCH_MAX * READER_CAPTURED_MAX)

_Static_assert(AHEAD_FRAMES >= FRAME_BATCH_MAX, "a batch's frames fit a block");

struct block {
	size_t n, packets, used;
	size_t batches;
	uint16_t ends[AHEAD_FRAMES]; /* of batches, as numbers of frames */
	struct frame frames[AHEAD_FRAMES];
	enum decode_outcome outcomes[AHEAD_FRAMES];
	struct packet of[AHEAD_FRAMES]; /* the packets, one after the other */
	uint8_t *bytes;                 /* owned */
	size_t room; /* AHEAD_BYTES, or what a larger batch took: BATCH_BYTES_MAX */
};

struct ahead {
	struct input *in;
	const struct ahead_ticker *ticker;
	uint64_t frames;
	struct block *blocks; /* AHEAD_BLOCKS; owned */
	pthread_mutex_t lock;
	pthread_cond_t more, less;
	uint64_t filled, taken; /* blocks so far */
	bool ended, stopped;
	bool no_memory; /* to be looked at when the thread has ended */
};

/* ---- the thread that reads ---- */

/* The block that is being filled is whole; an empty one is next. False: no more is
 * wanted. */
static bool hand_over(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->filled++;
	pthread_cond_signal(&a->more);
	while (a->filled - a->taken == AHEAD_BLOCKS && !a->stopped)
		pthread_cond_wait(&a->less, &a->lock);
	bool goes_on = !a->stopped;
	pthread_mutex_unlock(&a->lock);
	struct block *next = &a->blocks[a->filled % AHEAD_BLOCKS];
	if (goes_on)
		next->n = next->packets = next->used = next->batches = 0;
	return goes_on;
}

static void add(struct block *b, const struct frame *f)
{
	struct frame *own = &b->frames[b->n];
	uint8_t *bytes = &b->bytes[b->used];
	memcpy(bytes, f->data, f->captured);
	*own = *f;
	own->data = bytes;
	b->outcomes[b->n] = decode_frame(own, &b->of[b->packets]);
	b->packets += b->outcomes[b->n] == DECODE_OK;
	b->used += f->captured;
	b->n++;
}

/* Room for so many bytes in a block that is empty. */
static bool make_room(struct block *b, size_t bytes)
{
	if (bytes <= b->room)
		return true;
	free(b->bytes);
	b->room = bytes > AHEAD_BYTES ? bytes : AHEAD_BYTES;
	b->bytes = bytes <= BATCH_BYTES_MAX ? malloc(b->room) : NULL;
	if (b->bytes == NULL)
		b->room = 0;
	return b->bytes != NULL;
}

/* A batch is never parted: what comes of its frames may depend on that. */
static bool take_frames(void *ctx, const struct frame *v, size_t n)
{
	struct ahead *a = ctx;
	size_t bytes = 0;
	for (size_t i = 0; i < n; i++)
		bytes += v[i].captured;
	struct block *b = &a->blocks[a->filled % AHEAD_BLOCKS];
	if (b->n > 0 && (n > AHEAD_FRAMES - b->n || bytes > b->room - b->used)) {
		if (!hand_over(a))
			return false;
		b = &a->blocks[a->filled % AHEAD_BLOCKS];
	}
	if (b->n == 0 && !make_room(b, bytes)) {
		a->no_memory = true;
		return false;
	}
	for (size_t i = 0; i < n; i++)
		add(b, &v[i]);
	b->ends[b->batches++] = (uint16_t)b->n;
	a->frames += n;
	a->ticker->tick(a->ticker->ctx, a->frames);
	return true;
}

static void *read_all(void *ctx)
{
	struct ahead *a = ctx;
	struct frame_sink sink = {take_frames, a};
	bool whole = input_run(a->in, &sink);
	if (whole && a->blocks[a->filled % AHEAD_BLOCKS].n > 0)
		(void)hand_over(a);
	pthread_mutex_lock(&a->lock);
	a->ended = true;
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* ---- the caller ---- */

/* False: the pipeline stops. */
static bool put_block(struct pipeline *p, struct block *b)
{
	struct packet *packets = b->of;
	size_t from = 0;
	for (size_t i = 0; i < b->batches; i++) {
		struct pipeline_batch batch = {
		    &b->frames[from], &b->outcomes[from], b->ends[i] - from, packets};
		packets += pipeline_put(p, &batch);
		from = b->ends[i];
		if (pipeline_stops(p))
			return false;
	}
	return true;
}

/* The next block that is whole; NULL: there are no more. */
static struct block *next(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	while (a->filled == a->taken && !a->ended)
		pthread_cond_wait(&a->more, &a->lock);
	bool none = a->filled == a->taken;
	pthread_mutex_unlock(&a->lock);
	return none ? NULL : &a->blocks[a->taken % AHEAD_BLOCKS];
}

static void release(struct ahead *a, bool stopped)
{
	pthread_mutex_lock(&a->lock);
	a->taken++;
	a->stopped = stopped;
	pthread_cond_signal(&a->less);
	pthread_mutex_unlock(&a->lock);
}

int ahead_run(struct input *in, struct pipeline *p, const struct ahead_ticker *ticker,
    struct error *e)
{
	struct ahead a = {.in = in, .ticker = ticker};
	pthread_t thread;
	a.blocks = calloc(AHEAD_BLOCKS, sizeof(*a.blocks));
	if (a.blocks == NULL)
		return error_set(e, ERR_SYSTEM, "no memory to read ahead");
	pthread_mutex_init(&a.lock, NULL);
	pthread_cond_init(&a.more, NULL);
	pthread_cond_init(&a.less, NULL);
	int status = pthread_create(&thread, NULL, read_all, &a);
	if (status == 0) {
		bool goes_on = true;
		for (struct block *b; goes_on && (b = next(&a)) != NULL;) {
			goes_on = put_block(p, b);
			release(&a, !goes_on);
		}
		pthread_join(thread, NULL);
	}
	pthread_cond_destroy(&a.less);
	pthread_cond_destroy(&a.more);
	pthread_mutex_destroy(&a.lock);
	for (size_t i = 0; i < AHEAD_BLOCKS; i++)
		free(a.blocks[i].bytes);
	free(a.blocks);
	if (a.no_memory)
		return error_set(e, ERR_SYSTEM, "no memory to read ahead");
	return status == 0 ? 0 : error_set(e, ERR_SYSTEM, "no thread to read ahead");
}
