/* SPDX-License-Identifier: Apache-2.0 */
#include "store/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/size.h"
#include "store/keys_form.h"
#include "sys/path.h"

/* ---- the run ---- */

static int damaged(const char *path, bool *bad, struct error *e)
{
	*bad = true;
	return error_set(e, ERR_MEMORY,
	    "%s is damaged: it does not begin and end as a Parquet file", path);
}

int keys_run_look(const char *path, struct keys_run *run, bool *bad, struct error *e)
{
	struct stat st;
	uint8_t end[KEYS_RUN_END], begin[4];
	*bad = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		*bad = true;
		return -1;
	}
	uint64_t bytes = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	size_t n = bytes < sizeof(end) ? (size_t)bytes : sizeof(end);
	bool ok = n >= 12 && pread(fd, end, n, (off_t)(bytes - n)) == (ssize_t)n &&
		  pread(fd, begin, 4, 0) == 4;
	close(fd);
	if (!ok || memcmp(begin, "PAR1", 4) != 0 || memcmp(end + n - 4, "PAR1", 4) != 0 ||
	    load_le32(end + n - 8) > bytes - 12)
		return damaged(path, bad, e);
	*run = (struct keys_run){bytes, hash_bytes(&hash_key_public, end, n)};
	return 0;
}

/* ---- opening ---- */

static struct str take_key(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 2);
	size_t n = p != NULL ? load_le16(p) : 0;
	const char *text = (const char *)bytes_take(b, n);
	if (n > KEYS_TEXT_MAX)
		bytes_fail(b);
	if (b->bad)
		return (struct str){0};
	return (struct str){text, n};
}

/* The blocks lie between the head and the directory, at offset end. */
static bool read_directory(struct keys *k, size_t n, uint64_t end)
{
	struct bytes b = bytes_over(k->directory, n);
	uint64_t offset = KEYS_HEAD;
	k->first = take_key(&b);
	k->last = take_key(&b);
	for (size_t i = 0; i < k->block_count && !b.bad; i++) {
		const uint8_t *p = bytes_take(&b, 8);
		if (p == NULL)
			return false;
		struct keys_block *it = &k->blocks[i];
		*it = (struct keys_block){offset, load_le32(p), load_le32(p + 4), {0}};
		it->first = take_key(&b);
		if (it->bytes == 0 || it->bytes > KEYS_BLOCK_MAX ||
		    it->bytes > end - offset)
			return false;
		offset += it->bytes;
	}
	return !b.bad && b.left == 0 && offset == end;
}

static bool head_is_sound(const uint8_t head[static KEYS_HEAD])
{
	return memcmp(head, KEYS_MAGIC, 8) == 0 && load_le32(head + 8) == KEYS_VERSION &&
	       load_le64(head + 56) == hash_bytes(&hash_key_public, head, 56);
}

static bool read_all(int fd, void *to, size_t n, uint64_t at)
{
	return pread(fd, to, n, (off_t)at) == (ssize_t)n;
}

static bool load(struct keys *k, const struct keys_run *run)
{
	uint8_t head[KEYS_HEAD] = {0};
	struct stat st;
	if (fstat(k->fd, &st) != 0 || !read_all(k->fd, head, sizeof(head), 0) ||
	    !head_is_sound(head) || load_le64(head + 16) != run->bytes ||
	    load_le64(head + 24) != run->digest)
		return false;
	k->listed = (load_le32(head + 12) & KEYS_LISTED) != 0;
	k->count = load_le64(head + 32);
	k->block_count = load_le32(head + 40);
	size_t n = load_le32(head + 44);
	uint64_t bytes = (uint64_t)st.st_size;
	if (k->block_count > KEYS_BLOCKS_MAX || n > KEYS_DIR_MAX || bytes < KEYS_HEAD ||
	    n > bytes - KEYS_HEAD)
		return false;
	k->directory = malloc(n + 1);
	k->blocks = calloc(k->block_count + 1, sizeof(*k->blocks));
	return k->directory != NULL && k->blocks != NULL &&
	       read_all(k->fd, k->directory, n, bytes - n) &&
	       load_le64(head + 48) == hash_bytes(&hash_key_public, k->directory, n) &&
	       read_directory(k, n, bytes - n);
}

int keys_open(struct keys *k, const char *run, bool *run_bad, struct error *e)
{
	struct keys_run is = {0};
	char path[PATH_MAX];
	*k = KEYS_NONE;
	if (keys_run_look(run, &is, run_bad, e) < 0 || keys_path(run, path, e) < 0)
		return -1;
	k->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (k->fd < 0 && errno == ENOENT)
		return 0;
	if (k->fd >= 0 && load(k, &is))
		return 1;
	keys_close(k);
	return error_set(e, ERR_MEMORY,
	    "%s is damaged, or not of the file beside it, and is not used", path);
}

void keys_close(struct keys *k)
{
	if (k->fd >= 0)
		close(k->fd);
	free(k->directory);
	free(k->blocks);
	*k = KEYS_NONE;
}

/* ---- asking ---- */

bool keys_reach(const struct keys *k, struct str from, struct str to)
{
	return str_cmp(from, k->last) <= 0 && (to.p == NULL || str_cmp(k->first, to) < 0);
}

/* The last block that begins at or before the key; the first when none does. */
static size_t block_of(const struct keys *k, struct str key)
{
	size_t low = 0, high = k->block_count;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (str_cmp(k->blocks[mid].first, key) <= 0)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* The next key, in text, which has the one before; its length, or 0: damaged. */
static size_t next_key(struct bytes *b, char text[static KEYS_TEXT_MAX], size_t before)
{
	size_t shared = keys_varint(b), rest = keys_varint(b);
	if (shared > before || rest > KEYS_TEXT_MAX - shared ||
	    !bytes_copy(b, text + shared, rest))
		bytes_fail(b);
	return shared + rest;
}

/* What a walk needs beside the keys. */
struct walk {
	struct str from, to;
	const struct keys_visit *visit;
	uint8_t *buffer; /* of KEYS_BLOCK_MAX bytes; owned */
	bool past;       /* a key was not below to */
};

static int walk_block(struct walk *w, struct bytes *b, struct error *e)
{
	char text[KEYS_TEXT_MAX];
	size_t n = 0;
	bool reached = false;
	while (b->left > 0) {
		n = next_key(b, text, n);
		struct str key = {text, n};
		if (b->bad)
			return error_set(e, ERR_MEMORY, "a block of keys is damaged");
		if (!reached && str_cmp(key, w->from) < 0)
			continue;
		reached = true;
		w->past = w->to.p != NULL && str_cmp(key, w->to) >= 0;
		if (w->past)
			return 0;
		int status = w->visit->visit(w->visit->ctx, key, e);
		if (status != 0)
			return status;
	}
	return 0;
}

static int load_block(
    const struct keys *k, struct walk *w, size_t i, struct bytes *b, struct error *e)
{
	const struct keys_block *it = &k->blocks[i];
	if (!read_all(k->fd, w->buffer, it->bytes, it->offset) ||
	    (uint32_t)hash_bytes(&hash_key_public, w->buffer, it->bytes) != it->digest)
		return error_set(e, ERR_MEMORY, "a block of keys is damaged");
	*b = bytes_over(w->buffer, it->bytes);
	return 0;
}

int keys_walk(const struct keys *k, struct str from, struct str to,
    const struct keys_visit *v, struct error *e)
{
	struct walk w = {.from = from, .to = to, .visit = v};
	int status = 0;
	if (!keys_reach(k, from, to))
		return 0;
	w.buffer = malloc(KEYS_BLOCK_MAX);
	if (w.buffer == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for keys");
	for (size_t i = block_of(k, from); i < k->block_count && status == 0 && !w.past;
	     i++) {
		struct bytes b = {0};
		status = load_block(k, &w, i, &b, e);
		if (status == 0)
			status = walk_block(&w, &b, e);
	}
	free(w.buffer);
	return status;
}
