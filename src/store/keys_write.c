/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/size.h"
#include "store/keys_form.h"
#include "sys/path.h"

struct keys_writer {
	FILE *out;
	char *path;
	bool listed, any, too_long;
	char first[KEYS_TEXT_MAX], last[KEYS_TEXT_MAX];
	size_t first_n, last_n;
	uint8_t block[KEYS_BLOCK_MAX];
	size_t n;          /* bytes of the block */
	uint8_t *entries;  /* of the directory; owned */
	size_t used, room; /* bytes of these */
	uint32_t blocks;
	uint64_t count;
	bool no_memory;
};

int keys_path(const char *run, char out[static PATH_MAX], struct error *e)
{
	size_t n = strlen(run);
	if (path_ends_in(run, SEGMENT_SUFFIX))
		n -= sizeof(SEGMENT_SUFFIX) - 1;
	return path_make(out, e, "%.*s" KEYS_SUFFIX, (int)n, run);
}

bool keys_are_listed(enum run_set set)
{
	return run_set_info(set)->span == RUN_SPAN_ALL;
}

struct keys_writer *keys_writer_new(const char *path, bool listed, struct error *e)
{
	struct keys_writer *w = calloc(1, sizeof(*w));
	char *copy = strdup(path);
	if (w == NULL || copy == NULL) {
		error_set(e, ERR_SYSTEM, "no memory for the keys of a run");
		free(w);
		free(copy);
		return NULL;
	}
	const uint8_t head[KEYS_HEAD] = {0}; /* written last */
	w->path = copy;
	w->listed = listed;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	w->out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (w->out == NULL && fd >= 0)
		close(fd);
	if (w->out == NULL || fwrite(head, sizeof(head), 1, w->out) != 1) {
		error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
		keys_drop(w);
		return NULL;
	}
	return w;
}

/* ---- the directory ---- */

static uint8_t *grow(struct keys_writer *w, size_t n)
{
	if (n > w->room - w->used) {
		size_t room = (w->room + n) * 2;
		uint8_t *p = room > KEYS_DIR_MAX ? NULL : realloc(w->entries, room);
		w->no_memory |= p == NULL;
		if (p == NULL)
			return NULL;
		w->entries = p;
		w->room = room;
	}
	w->used += n;
	return w->entries + w->used - n;
}

static void end_block(struct keys_writer *w)
{
	if (w->n == 0)
		return;
	uint32_t digest = (uint32_t)hash_bytes(&hash_key_public, w->block, w->n);
	/* The first key's length and bytes are in the block, behind shared = 0. */
	struct bytes b = bytes_over(w->block, w->n);
	keys_varint(&b);
	uint64_t n = keys_varint(&b);
	const uint8_t *text = bytes_take(&b, n);
	uint8_t *p = grow(w, 10 + n);
	if (p != NULL && text != NULL) {
		store_le32(p, (uint32_t)w->n);
		store_le32(p + 4, digest);
		store_le16(p + 8, (uint16_t)n);
		memcpy(p + 10, text, n);
	}
	fwrite(w->block, 1, w->n, w->out);
	w->blocks++;
	w->n = 0;
}

/* ---- keys ---- */

static size_t put_varint(uint8_t *p, size_t v)
{
	size_t n = 0;
	for (; v >= 0x80; v >>= 7)
		p[n++] = (uint8_t)(v | 0x80);
	p[n++] = (uint8_t)v;
	return n;
}

static size_t shared_with(const char *a, size_t n, const char *b, size_t k)
{
	size_t i = 0;
	while (i < n && i < k && a[i] == b[i])
		i++;
	return i;
}

/* List the key, whose first bytes are those of the one before. */
static void list(struct keys_writer *w, const char *key, size_t n, size_t shared)
{
	if (w->n >= KEYS_BLOCK)
		end_block(w);
	if (w->n == 0)
		shared = 0;
	w->n += put_varint(w->block + w->n, shared);
	w->n += put_varint(w->block + w->n, n - shared);
	memcpy(w->block + w->n, key + shared, n - shared);
	w->n += n - shared;
	w->count++;
}

static bool is_last(const struct keys_writer *w, size_t kind_n, struct str key)
{
	return w->any && w->last_n == kind_n + key.n &&
	       memcmp(w->last + kind_n, key.p, key.n) == 0;
}

void keys_put(struct keys_writer *w, const struct str *kind, struct str key)
{
	char text[KEYS_TEXT_MAX];
	size_t kind_n = kind != NULL ? kind->n + 1 : 0, n = kind_n + key.n;
	w->too_long |= n > sizeof(text);
	if (w->too_long || (is_last(w, kind_n, key) &&
			       (kind == NULL || memcmp(w->last, kind->p, kind->n) == 0)))
		return;
	if (kind != NULL && kind->n > 0)
		memcpy(text, kind->p, kind->n);
	if (kind != NULL)
		text[kind->n] = '\0';
	if (key.n > 0)
		memcpy(text + kind_n, key.p, key.n);
	if (w->listed)
		list(w, text, n, shared_with(text, n, w->last, w->last_n));
	if (!w->any) {
		memcpy(w->first, text, n);
		w->first_n = n;
	}
	memcpy(w->last, text, n);
	w->last_n = n;
	w->any = true;
}

/* ---- the end ---- */

static int fail(struct keys_writer *w, struct error *e)
{
	error_set(e, ERR_SYSTEM, "%s: %s", w->path,
	    w->no_memory ? "no memory for the keys of a run" : strerror(errno));
	keys_drop(w);
	return -1;
}

/* First and last key go before the blocks' entries. */
static size_t put_ends(const struct keys_writer *w, uint8_t *p)
{
	store_le16(p, (uint16_t)w->first_n);
	memcpy(p + 2, w->first, w->first_n);
	p += 2 + w->first_n;
	store_le16(p, (uint16_t)w->last_n);
	memcpy(p + 2, w->last, w->last_n);
	return 4 + w->first_n + w->last_n;
}

static void put_head(const struct keys_writer *w, const struct keys_run *run,
    uint64_t digest, size_t directory, uint8_t head[static KEYS_HEAD])
{
	memcpy(head, KEYS_MAGIC, 8);
	store_le32(head + 8, KEYS_VERSION);
	store_le32(head + 12, w->listed ? KEYS_LISTED : 0);
	store_le64(head + 16, run->bytes);
	store_le64(head + 24, run->digest);
	store_le64(head + 32, w->count);
	store_le32(head + 40, w->blocks);
	store_le32(head + 44, (uint32_t)directory);
	store_le64(head + 48, digest);
	store_le64(head + 56, hash_bytes(&hash_key_public, head, 56));
}

/* Keys that can not be listed: the run may have any. */
static void list_none(struct keys_writer *w)
{
	rewind(w->out);
	w->no_memory |= ftruncate(fileno(w->out), KEYS_HEAD) != 0 ||
			fseek(w->out, KEYS_HEAD, SEEK_SET) != 0;
	w->listed = false;
	w->used = w->blocks = 0;
	w->count = 0;
	w->first_n = 0;
	memset(w->last, 0xff, 8);
	w->last_n = 8;
}

int keys_finish(struct keys_writer *w, const char *run, struct error *e)
{
	struct keys_run is;
	uint8_t head[KEYS_HEAD];
	bool run_bad;
	end_block(w);
	if (w->too_long || w->blocks > KEYS_BLOCKS_MAX)
		list_none(w);
	if (keys_run_look(run, &is, &run_bad, e) < 0) {
		keys_drop(w);
		return -1;
	}
	uint8_t *directory = malloc(4 + 2 * KEYS_TEXT_MAX + w->used);
	if (directory == NULL) {
		w->no_memory = true;
		return fail(w, e);
	}
	size_t n = put_ends(w, directory);
	if (w->used > 0)
		memcpy(directory + n, w->entries, w->used);
	n += w->used;
	put_head(w, &is, hash_bytes(&hash_key_public, directory, n), n, head);
	bool ok = fwrite(directory, 1, n, w->out) == n && fflush(w->out) == 0 &&
		  pwrite(fileno(w->out), head, sizeof(head), 0) == KEYS_HEAD &&
		  ferror(w->out) == 0 && !w->no_memory;
	free(directory);
	if (!ok)
		return fail(w, e);
	FILE *out = w->out;
	w->out = NULL;
	if (fclose(out) != 0)
		return fail(w, e);
	keys_drop(w);
	return 0;
}

void keys_drop(struct keys_writer *w)
{
	if (w == NULL)
		return;
	if (w->out != NULL)
		fclose(w->out);
	free(w->entries);
	free(w->path);
	free(w);
}
