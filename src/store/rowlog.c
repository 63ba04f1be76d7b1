/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rowlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "record/wire.h"
#include "store/keys_form.h"
#include "store/store.h"
#include "sys/file.h"

#define MAGIC       "dwellrow"
#define VERSION     1
#define HEAD        32 /* bytes of the file's head … */
#define BLOCK_HEAD  24 /* … and of a block's */
#define FRAMES_MAX  (ROWLOG_BLOCK_BYTES + WIRE_FRAME_MAX) /* bytes of a block's frames */
#define BYTES_LIMIT (1U << 30)                            /* of a journal that is read */

static uint64_t digest(const struct rowlog *l, const uint8_t *p, size_t n)
{
	return XXH3_64bits_withSecret(p, n, l->secret, STORE_SECRET_BYTES);
}

/* Read n bytes at that place; false when they are not all there. */
static bool read_at(const struct rowlog *l, uint8_t *p, size_t n, uint64_t at)
{
	while (n > 0) {
		ssize_t got = pread(l->fd, p, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
		at += (size_t)got;
	}
	return true;
}

static bool write_at(const struct rowlog *l, const uint8_t *p, size_t n, uint64_t at)
{
	while (n > 0) {
		ssize_t put = pwrite(l->fd, p, n, (off_t)at);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
		at += (size_t)put;
	}
	return true;
}

/* ---- blocks of the file ---- */

/* Read the block at that place into out (BLOCK_HEAD + FRAMES_MAX bytes); its frames'
 * bytes, or 0: there is none. */
static size_t read_block(
    const struct rowlog *l, uint64_t at, uint8_t *out, uint64_t *number)
{
	if (l->end - at < BLOCK_HEAD || !read_at(l, out, BLOCK_HEAD, at))
		return 0;
	uint32_t n = load_le32(out + 8);
	*number = load_le64(out + 16);
	if (n == 0 || n > FRAMES_MAX || n > l->end - at - BLOCK_HEAD ||
	    !read_at(l, out + BLOCK_HEAD, n, at + BLOCK_HEAD))
		return 0;
	return load_le64(out) == digest(l, out + 8, BLOCK_HEAD - 8 + n) ? n : 0;
}

/* Give the blocks above held to the reader, in order; where they end. */
static int walk(struct rowlog *l, uint8_t *room,
    int (*block)(void *ctx, const uint8_t *p, size_t n, struct error *e), void *ctx,
    struct error *e)
{
	uint64_t number, last = 0;
	size_t n;
	l->at = HEAD;
	while ((n = read_block(l, l->at, room, &number)) > 0 &&
	       (last == 0 || number == last + 1)) {
		last = number;
		l->at += BLOCK_HEAD + n;
		if (number > l->held && block != NULL &&
		    block(ctx, room + BLOCK_HEAD, n, e) < 0)
			return -1;
	}
	l->last = last > l->held ? last : l->held;
	return 0;
}

/* ---- opening ---- */

static int refused(const char *what, const char *path, struct error *e)
{
	return error_set(e, ERR_SYSTEM, "can not %s %s: %s", what, path, strerror(errno));
}

static int write_head(struct rowlog *l, const char *path, struct error *e)
{
	uint8_t head[HEAD] = MAGIC;
	store_le32(head + 16, VERSION);
	store_le64(head + 24, wire_layout());
	store_le64(head + 8, digest(l, head + 16, HEAD - 16));
	if (!write_at(l, head, HEAD, 0) || fsync(l->fd) != 0)
		return refused("write", path, e);
	return 0;
}

/* Whether the file's head is one, and (*same) of this layout. A file whose head is none
 * was never handed out: the head is durable before the first block is written. */
static bool read_head(const struct rowlog *l, bool *same)
{
	uint8_t head[HEAD];
	if (!read_at(l, head, HEAD, 0) || memcmp(head, MAGIC, 8) != 0 ||
	    load_le64(head + 8) != digest(l, head + 16, HEAD - 16))
		return false;
	*same = load_le32(head + 16) == VERSION && load_le64(head + 24) == wire_layout();
	return true;
}

/* Take its bytes from the disk. */
static int reserve(struct rowlog *l, const char *path, uint64_t bytes, struct error *e)
{
	errno = posix_fallocate(l->fd, 0, (off_t)bytes);
	if (errno != 0)
		return refused("reserve room for", path, e);
	l->end = bytes;
	return 0;
}

static int make(struct rowlog *l, const char *path, uint64_t bytes, struct error *e)
{
	char folder[PATH_MAX];
	if (reserve(l, path, bytes, e) < 0 || write_head(l, path, e) < 0)
		return -1;
	const char *slash = strrchr(path, '/');
	if (slash == NULL || (size_t)(slash - path) >= sizeof(folder))
		return 0;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	l->at = HEAD;
	return file_sync(folder, e);
}

static int open_file(struct rowlog *l, const char *path, uint64_t bytes, struct error *e)
{
	struct stat st;
	bool same = false;
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (l->fd < 0 || fstat(l->fd, &st) != 0)
		return refused("open", path, e);
	if (st.st_size > BYTES_LIMIT)
		return error_set(e, ERR_MEMORY, "%s is damaged: it is too large", path);
	l->end = (uint64_t)st.st_size;
	if (l->end < HEAD || !read_head(l, &same))
		return make(l, path, bytes, e);
	if (walk(l, l->block, NULL, NULL, e) < 0)
		return -1;
	if (!same && rowlog_waits(l))
		return error_set(e, ERR_MEMORY,
		    "%s holds rows that another version of dwell wrote: let that one "
		    "read them, or move the file away",
		    path);
	if (!same && write_head(l, path, e) < 0)
		return -1;
	if (!rowlog_waits(l))
		l->at = HEAD;
	return l->end < bytes ? reserve(l, path, bytes, e) : 0;
}

int rowlog_open(struct rowlog *l, const char *path, const uint8_t *secret, uint64_t held,
    uint64_t bytes, struct error *e)
{
	*l = (struct rowlog){.fd = -1, .secret = secret, .held = held, .last = held};
	bytes = bytes < ROWLOG_BYTES_MIN ? ROWLOG_BYTES_MIN : bytes;
	l->block = malloc(BLOCK_HEAD + FRAMES_MAX);
	if (l->block == NULL) {
		errno = ENOMEM;
		return refused("open", path, e);
	}
	if (open_file(l, path, bytes, e) == 0)
		return 0;
	rowlog_close(l);
	return -1;
}

void rowlog_close(struct rowlog *l)
{
	if (l->block == NULL)
		return;
	if (l->fd >= 0)
		close(l->fd);
	free(l->block);
	*l = (struct rowlog){.fd = -1};
}

/* ---- writing ---- */

bool rowlog_flush(struct rowlog *l)
{
	size_t n = BLOCK_HEAD + l->used;
	if (l->used == 0)
		return !l->broken;
	if (l->broken || n > l->end - l->at)
		return false;
	store_le32(l->block + 8, (uint32_t)l->used);
	store_le32(l->block + 12, l->records);
	store_le64(l->block + 16, l->last + 1);
	store_le64(l->block, digest(l, l->block + 8, n - 8));
	if (!write_at(l, l->block, n, l->at)) {
		l->broken = true;
		return false;
	}
	l->last++;
	l->at += n;
	l->used = 0;
	l->records = 0;
	l->dirty = true;
	return true;
}

bool rowlog_put(struct rowlog *l, enum record_type type, const void *record)
{
	if (l->broken || (l->used >= ROWLOG_BLOCK_BYTES && !rowlog_flush(l)))
		return false;
	size_t n =
	    wire_put(type, record, l->block + BLOCK_HEAD + l->used, FRAMES_MAX - l->used);
	if (n == 0)
		return false;
	l->used += n;
	l->records++;
	return true;
}

int rowlog_sync(struct rowlog *l, struct error *e)
{
	if (!rowlog_flush(l))
		return error_set(e, ERR_LIMIT,
		    l->broken ? "the journal of records can not be written"
			      : "the journal of records is full");
	if (!l->dirty)
		return 0;
	l->dirty = false;
	/* What the system could not write it forgets, so trying again proves nothing. */
	l->broken = fdatasync(l->fd) != 0;
	return l->broken ? refused("write", ROWLOG_NAME, e) : 0;
}

bool rowlog_waits(const struct rowlog *l)
{
	return l->last > l->held || l->used > 0;
}

uint64_t rowlog_number(struct rowlog *l, uint64_t *left_out)
{
	*left_out = 0;
	if (!rowlog_flush(l)) {
		*left_out = l->records;
		l->used = 0;
		l->records = 0;
	}
	return l->last;
}

void rowlog_hold(struct rowlog *l, uint64_t number)
{
	l->held = number > l->held ? number : l->held;
	if (l->last > l->held)
		return;
	l->last = l->held;
	l->at = HEAD;
	l->broken = false;
}

/* ---- reading back ---- */

struct reading {
	const struct rowlog_sink *sink;
	struct arena arena;
	int64_t records;
};

static int read_frames(void *ctx, const uint8_t *p, size_t n, struct error *e)
{
	struct reading *r = ctx;
	struct bytes in = bytes_over(p, n);
	struct wire_frame f;
	while (in.left > 0) {
		arena_reset(&r->arena);
		if (wire_next(&in, &r->arena, &f) != WIRE_FRAME || f.kind >= RECORD_TYPES)
			return error_set(
			    e, ERR_MEMORY, ROWLOG_NAME " has a record that is damaged");
		if (!r->sink->put(r->sink->ctx, (enum record_type)f.kind, &f.record))
			return error_set(e, ERR_SYSTEM, "a record was refused");
		r->records++;
	}
	return 0;
}

int64_t rowlog_read(struct rowlog *l, const struct rowlog_sink *sink, struct error *e)
{
	struct reading r = {.sink = sink};
	uint64_t at = l->at, last = l->last;
	uint8_t *room = malloc(BLOCK_HEAD + FRAMES_MAX);
	if (room == NULL)
		return error_set(e, ERR_SYSTEM, "no memory to read " ROWLOG_NAME);
	arena_init(&r.arena, WIRE_ARENA);
	int status = walk(l, room, read_frames, &r, e);
	if (status == 0 && l->last != last)
		status = error_set(e, ERR_MEMORY, ROWLOG_NAME " can not be read back");
	if (status == 0)
		status = read_frames(&r, l->block + BLOCK_HEAD, l->used, e);
	l->at = at;
	l->last = last;
	arena_fini(&r.arena);
	free(room);
	return status < 0 ? -1 : r.records;
}
