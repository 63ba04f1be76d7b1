/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most files are small, so what costs is to begin one: what held one, with the buffer for
 * the head, is used again.
 */
#include "proto/shared/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/size.h"
#include "proto/shared/digest.h"
#include "proto/shared/file_type.h"

#define INFLATE_STEP 16384 /* bytes decoded at a time */

enum inflating {
	INFLATE_NONE,
	INFLATE_FIRST, /* no byte has come */
	INFLATE_RUNS,
	INFLATE_ENDED, /* what follows belongs to nothing */
	INFLATE_FAILED,
};

struct transfer {
	struct transfer *next; /* of those that are idle */
	struct digest_stream digest;
	uint8_t *head; /* owned; NULL: was never needed */
	char *name;    /* owned */
	size_t name_n;
	size_t head_n;
	const char *type; /* static; NULL: none found */
	const char *protocol;
	int side;
	uint64_t exchange, depth, total;
	uint64_t seen, missing;
	struct moment first, last;
	uint32_t source;
	uint64_t offset;
	enum inflating inflating;
	bool gzip;
	z_stream *stream; /* owned; NULL: not begun */
	uint64_t coded;   /* bytes that went into it */
	bool typed;       /* the head was looked at */
	bool digested;    /* every byte so far went through the digest */
	bool partial;
};

struct transfers {
	struct transfer *idle; /* owned */
	size_t idle_n, open, inflating;
};

struct transfers *transfers_new(void)
{
	return calloc(1, sizeof(struct transfers));
}

static void transfer_free(struct transfer *t)
{
	free(t->head);
	free(t->name);
	free(t);
}

void transfers_free(struct transfers *all)
{
	if (all == NULL)
		return;
	while (all->idle != NULL) {
		struct transfer *t = all->idle;
		all->idle = t->next;
		transfer_free(t);
	}
	free(all);
}

/* One that is idle, or a new one. */
static struct transfer *take(struct transfers *all)
{
	struct transfer *t = all->idle;
	if (t != NULL) {
		all->idle = t->next;
		all->idle_n--;
		*t = (struct transfer){.head = t->head};
		return t;
	}
	return calloc(1, sizeof(*t));
}

static void inflate_stop(struct transfers *all, struct transfer *t)
{
	if (t->stream == NULL)
		return;
	inflateEnd(t->stream);
	free(t->stream);
	t->stream = NULL;
	all->inflating--;
}

static void give_back(struct transfers *all, struct transfer *t)
{
	inflate_stop(all, t);
	all->open--;
	free(t->name);
	t->name = NULL;
	if (all->idle_n == TRANSFERS_IDLE_MAX) {
		transfer_free(t);
		return;
	}
	t->next = all->idle;
	all->idle = t;
	all->idle_n++;
}

struct transfer *transfer_begin(struct parse *x, const struct transfer_about *about)
{
	struct transfers *all = x->transfers;
	if (all == NULL)
		return NULL;
	if (all->open == TRANSFERS_OPEN_MAX) {
		x->counters->over_limit++;
		return NULL;
	}
	struct transfer *t = take(all);
	if (t == NULL)
		return NULL;
	all->open++;
	t->protocol = about->protocol;
	t->side = about->side;
	t->exchange = about->exchange;
	t->depth = about->depth;
	t->total = about->total;
	t->partial = about->partial;
	t->digested = true;
	digest_begin(&t->digest);
	transfer_name(t, about->name);
	return t;
}

void transfer_name(struct transfer *t, struct str name)
{
	if (t == NULL || t->name != NULL || name.n == 0)
		return;
	t->name_n = size_min(name.n, TRANSFER_NAME_MAX);
	t->name = malloc(t->name_n);
	if (t->name != NULL)
		memcpy(t->name, name.p, t->name_n);
}

/* Tell the type as soon as the head is there; it is copied only when it comes in
 * pieces. */
static void look(struct transfer *t, const uint8_t *p, size_t n)
{
	bool whole = t->total == t->seen + n;
	if (t->head_n == 0 && (whole || n >= TRANSFER_HEAD_MAX)) {
		t->type = file_type(bytes_over(p, size_min(n, TRANSFER_HEAD_MAX)));
		t->typed = true;
		return;
	}
	if (t->head == NULL)
		t->head = malloc(TRANSFER_HEAD_MAX);
	t->typed = t->head == NULL;
	if (t->typed)
		return;
	size_t more = size_min(n, TRANSFER_HEAD_MAX - t->head_n);
	memcpy(t->head + t->head_n, p, more);
	t->head_n += more;
	if (!whole && t->head_n < TRANSFER_HEAD_MAX)
		return;
	t->type = file_type(bytes_over(t->head, t->head_n));
	t->typed = true;
}

static void touch(struct parse *x, struct transfer *t)
{
	if (t->seen == 0) {
		t->first = x->ts;
		t->source = x->source;
		t->offset = x->offset;
	}
	t->last = x->ts;
}

/* The next bytes of the content itself. */
static void content(struct transfer *t, const void *p, size_t n)
{
	if (!t->typed)
		look(t, p, n);
	if (t->digested)
		digest_add(&t->digest, p, n);
	t->seen += n;
}

/* ---- compressed content ---- */

static bool is_one_of(struct str s, const char *a, const char *b)
{
	return (s.n == strlen(a) && strncasecmp(s.p, a, s.n) == 0) ||
	       (s.n == strlen(b) && strncasecmp(s.p, b, s.n) == 0);
}

/* The first word that is known counts: others hide it on purpose. */
void transfer_coding(struct transfer *t, struct str coding)
{
	while (t != NULL && coding.n > 0 && t->inflating == INFLATE_NONE) {
		size_t n = 0;
		while (n < coding.n && strchr(",; \t\r", coding.p[n]) == NULL)
			n++;
		struct str word = {coding.p, n};
		t->gzip = is_one_of(word, "gzip", "x-gzip");
		if (t->gzip || is_one_of(word, "deflate", "x-deflate")) {
			t->inflating = INFLATE_FIRST;
			t->total = TRANSFER_NO_TOTAL;
		}
		n += n < coding.n;
		coding = (struct str){coding.p + n, coding.n - n};
	}
}

/* Begin by the first byte: servers say gzip of plain content too, and deflate, which is
 * the format of zlib, of a bare stream. */
static void inflate_begin(struct parse *x, struct transfer *t, uint8_t first)
{
	bool zlib = (first & 0x0f) == Z_DEFLATED && first >> 4 <= 7;
	t->inflating = INFLATE_NONE;
	if (t->gzip && first != 0x1f)
		return;
	t->inflating = INFLATE_FAILED;
	if (x->transfers->inflating == TRANSFERS_INFLATING_MAX) {
		x->counters->over_limit++;
		return;
	}
	t->stream = calloc(1, sizeof(*t->stream));
	if (t->stream == NULL)
		return;
	int window = t->gzip ? MAX_WBITS + 16 : zlib ? MAX_WBITS : -MAX_WBITS;
	if (inflateInit2(t->stream, window) != Z_OK) {
		free(t->stream);
		t->stream = NULL;
		return;
	}
	x->transfers->inflating++;
	t->inflating = INFLATE_RUNS;
}

/* A short text that grows without end costs more than it can tell. */
static bool inflates_too_much(const struct transfer *t)
{
	return t->seen > TRANSFER_INFLATE_FREE &&
	       t->seen / TRANSFER_INFLATE_RATIO > t->coded;
}

static void inflate_data(struct parse *x, struct transfer *t, const uint8_t *p, size_t n)
{
	uint8_t out[INFLATE_STEP];
	z_stream *z = t->stream;
	t->coded += n;
	z->next_in = (uint8_t *)(uintptr_t)p;
	z->avail_in = (unsigned)size_min(n, UINT32_MAX);
	int status = Z_OK;
	do {
		z->next_out = out;
		z->avail_out = sizeof(out);
		status = inflate(z, Z_NO_FLUSH);
		size_t made = sizeof(out) - z->avail_out;
		if (made > 0)
			content(t, out, made);
		if (inflates_too_much(t)) {
			x->counters->over_limit++;
			status = Z_BUF_ERROR;
			t->inflating = INFLATE_FAILED;
		}
	} while (status == Z_OK && (z->avail_in > 0 || z->avail_out == 0));
	if (status == Z_STREAM_END)
		t->inflating = INFLATE_ENDED;
	else if (status != Z_OK && status != Z_BUF_ERROR)
		t->inflating = INFLATE_FAILED;
	if (t->inflating != INFLATE_RUNS)
		inflate_stop(x->transfers, t);
}

void transfer_data(struct parse *x, struct transfer *t, const void *p, size_t n)
{
	if (t == NULL || n == 0)
		return;
	touch(x, t);
	if (t->inflating == INFLATE_FIRST)
		inflate_begin(x, t, *(const uint8_t *)p);
	if (t->inflating == INFLATE_NONE)
		content(t, p, n);
	else if (t->inflating == INFLATE_RUNS)
		inflate_data(x, t, p, n);
}

void transfer_gap(struct transfer *t, uint64_t n)
{
	if (t == NULL || n == 0)
		return;
	t->digested = false;
	t->typed = t->typed || t->seen == 0; /* the head is not there */
	if (t->inflating != INFLATE_NONE)
		t->inflating = INFLATE_FAILED;
	t->missing += n;
}

void transfer_spoil(struct transfer *t)
{
	if (t == NULL)
		return;
	t->digested = false;
	t->partial = true;
}

uint64_t transfer_at(const struct transfer *t)
{
	return t != NULL ? t->seen + t->missing : 0;
}

/* 1: all of the file was seen; 0: not all; negative: nobody says. */
static int8_t complete(const struct transfer *t, enum transfer_end end)
{
	bool undecoded = t->inflating != INFLATE_NONE && t->inflating != INFLATE_ENDED;
	if (t->missing > 0 || t->partial || undecoded || end == TRANSFER_CUT)
		return 0;
	if (t->total != TRANSFER_NO_TOTAL)
		return t->seen == t->total;
	return end == TRANSFER_WHOLE ? 1 : -1;
}

static void emit(struct parse *x, struct transfer *t, enum transfer_end end)
{
	struct file_record r;
	uint8_t digest[DIGEST_MAX];
	char text[DIGEST_TEXT_MAX];

	record_clear(RECORD_FILE, &r);
	parse_endpoints(x, &r);
	r.ts = t->first;
	r.protocol = str_of(t->protocol);
	r.exchange = t->exchange;
	r.depth = t->depth;
	r.is_orig = t->side == 0;
	r.mime_type = str_of(t->type);
	if (t->name != NULL)
		r.filename = str_clean(x->scratch, t->name, t->name_n);
	int64_t ns = moment_diff(t->first, t->last);
	r.duration = ns > 0 ? (double)ns / 1e9 : 0; /* the capture's clock went back */
	r.seen_bytes = t->seen;
	if (t->total <= INT64_MAX)
		r.total_bytes = (int64_t)t->total;
	r.missing_bytes = t->missing;
	r.complete = complete(t, end);
	if (t->digested && r.missing_bytes == 0) {
		digest_end(&t->digest, digest);
		digest_text(digest, sizeof(digest), text);
		r.sha256 = (struct str){text, 2 * sizeof(digest)};
	}
	parse_source_of(x, &r, t);
	parse_emit(x, RECORD_FILE, &r);
}

const char *transfer_type(struct transfer *t)
{
	if (t == NULL)
		return NULL;
	if (!t->typed && t->head_n > 0)
		return file_type(bytes_over(t->head, t->head_n));
	return t->type;
}

void transfer_end(struct parse *x, struct transfer **t, enum transfer_end end)
{
	struct transfer *f = *t;
	*t = NULL;
	if (f == NULL)
		return;
	f->type = transfer_type(f);
	if (f->seen > 0)
		emit(x, f, end);
	give_back(x->transfers, f);
}
