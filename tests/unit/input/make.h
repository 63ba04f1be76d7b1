/* SPDX-License-Identifier: Apache-2.0 */
/* Captures made byte by byte, and a sink that keeps what came out of them. */
#ifndef DWELL_TESTS_INPUT_MAKE_H
#define DWELL_TESTS_INPUT_MAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "input/input.h"
#include "input/linktype.h"
#include "sys/file.h"

/* ---- bytes ---- */

struct blob {
	uint8_t *p;
	size_t n, room;
	bool big; /* byte order of what is put */
};

static inline void put(struct blob *b, const void *p, size_t n)
{
	if (n > b->room - b->n) {
		b->room = 2 * (b->n + n);
		b->p = realloc(b->p, b->room);
		assert_non_null(b->p);
	}
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

static inline void put_int(struct blob *b, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		uint8_t c = (uint8_t)(v >> 8 * (b->big ? bytes - 1 - i : i));
		put(b, &c, 1);
	}
}

static inline void put8(struct blob *b, uint64_t v)
{
	put_int(b, v, 1);
}

static inline void put16(struct blob *b, uint64_t v)
{
	put_int(b, v, 2);
}

static inline void put32(struct blob *b, uint64_t v)
{
	put_int(b, v, 4);
}

static inline void put64(struct blob *b, uint64_t v)
{
	put_int(b, v, 8);
}

/* n bytes that depend on the seed. */
static inline void put_noise(struct blob *b, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		put8(b, seed >> 24);
	}
}

static inline void blob_free(struct blob *b)
{
	free(b->p);
	*b = (struct blob){0};
}

/* ---- pcap ---- */

static inline void pcap_head(struct blob *b, uint32_t magic, uint32_t link)
{
	put32(b, magic);
	put16(b, 2);
	put16(b, 4);
	put64(b, 0);
	put32(b, 65535);
	put32(b, link);
}

static inline void pcap_frame(
    struct blob *b, uint32_t seconds, uint32_t part, const void *p, uint32_t n)
{
	put32(b, seconds);
	put32(b, part);
	put32(b, n);
	put32(b, n);
	put(b, p, n);
}

/* A little-endian file with a frame of 4 bytes at each of the n seconds. */
static inline struct blob pcap_at(const uint32_t *seconds, size_t n)
{
	struct blob b = {0};
	pcap_head(&b, 0xa1b2c3d4, LINKTYPE_ETHERNET);
	for (size_t i = 0; i < n; i++)
		pcap_frame(&b, seconds[i], 0, &seconds[i], 4);
	return b;
}

/* ---- what came out ---- */

struct seen {
	struct frame *v; /* their data points into bytes */
	size_t n, room;
	struct blob bytes;
	size_t batches, most; /* calls of the sink, and frames in the largest */
	size_t stop_after;    /* frames; 0: never */
	size_t issues[INPUT_OUTCOMES];
	size_t issue_count;
	struct input_issue last; /* path and reason are copies */
	char path[512], reason[256];
};

static inline bool see_frames(void *ctx, const struct frame *v, size_t n)
{
	struct seen *s = ctx;
	assert_true(n >= 1 && n <= FRAME_BATCH_MAX);
	s->batches++;
	s->most = n > s->most ? n : s->most;
	if (n > s->room - s->n) {
		s->room = 2 * (s->n + n);
		s->v = realloc(s->v, s->room * sizeof(*v));
		assert_non_null(s->v);
	}
	for (size_t i = 0; i < n; i++) {
		assert_true(v[i].wire >= v[i].captured);
		s->v[s->n + i] = v[i];
		put(&s->bytes, v[i].data, v[i].captured);
	}
	s->n += n;
	return s->stop_after == 0 || s->n < s->stop_after;
}

/* Once all are there, let each frame point at its copy. */
static inline void see_data(struct seen *s)
{
	size_t at = 0;
	for (size_t i = 0; i < s->n; i++) {
		s->v[i].data = s->bytes.p + at;
		at += s->v[i].captured;
	}
}

static inline void see_issue(void *ctx, const struct input_issue *issue)
{
	struct seen *s = ctx;
	assert_true(issue->outcome < INPUT_OUTCOMES);
	s->issues[issue->outcome]++;
	s->issue_count++;
	s->last = *issue;
	assert_true(snprintf(s->path, sizeof(s->path), "%s", issue->path) > 0);
	assert_true(snprintf(s->reason, sizeof(s->reason), "%s", issue->reason) > 0);
}

static inline void seen_free(struct seen *s)
{
	free(s->v);
	blob_free(&s->bytes);
	*s = (struct seen){0};
}

/* ---- files and runs ---- */

static char scratch[64];
static char scratch_path[256];

static inline const char *at(const char *relative)
{
	assert_true(snprintf(scratch_path, sizeof(scratch_path), "%s/%s", scratch,
			relative) < (int)sizeof(scratch_path));
	return scratch_path;
}

static inline int scratch_setup(void **state)
{
	(void)state;
	memcpy(scratch, "/tmp/dwell-input-XXXXXX", 24);
	return mkdtemp(scratch) != NULL ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
	(void)state;
	return file_remove_tree(scratch, NULL);
}

static inline void write_file(const char *relative, const void *p, size_t n)
{
	FILE *f = fopen(at(relative), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static const uint8_t secret[INPUT_SECRET_BYTES] = {7, 7, 7};

struct run {
	struct input *in;
	struct seen seen;
	struct issue_sink issues;
};

static inline void run_begin(struct run *r)
{
	*r = (struct run){.issues = {see_issue, &r->seen}};
	r->in = input_new(secret, &r->issues);
	assert_non_null(r->in);
}

static inline bool run_sources(struct run *r)
{
	struct frame_sink sink = {see_frames, &r->seen};
	bool whole = input_run(r->in, &sink);
	see_data(&r->seen);
	return whole;
}

static inline void run_end(struct run *r)
{
	input_free(r->in);
	seen_free(&r->seen);
}

/* Read the one file of these bytes; ends with run_end. */
static inline void run_bytes(struct run *r, const void *p, size_t n)
{
	write_file("one", p, n);
	run_begin(r);
	input_add(r->in, at("one"));
	input_plan(r->in);
	assert_true(run_sources(r));
}

#endif
