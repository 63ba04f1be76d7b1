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
	enum keys_depth depth;
	bool any, too_long;
	char first[KEYS_TEXT_MAX], last[KEYS_TEXT_MAX];
	char before[KEYS_TEXT_MAX]; /* the key that was listed last */
	size_t first_n, last_n, before_n;
	struct out listed;  /* blocks, which follow the rows */
	size_t block_at;    /* where the open one begins */
	struct out entries; /* of the directory */
	uint32_t blocks;
	uint64_t count;
	struct keys_coder coder;
	struct keys_summer summer;
	struct out sums;     /* of all keys, which follow the rows */
	size_t block_sums;   /* where those of the open block begin */
	bool seen;           /* keys have a kind */
	struct out chunk;    /* rows that are not written yet */
	uint64_t rows;       /* bytes of all that are */
	uint64_t key_rows;   /* where those of the last key begin */
	uint64_t block_rows; /* and those of the open block */
	bool no_rows;        /* one could not be put */
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

struct keys_writer *keys_writer_new(
    const char *path, enum keys_depth depth, struct error *e)
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
	w->depth = depth;
	keys_coder_start(&w->coder);
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

/* ---- rows ---- */

/* Write what was put of a key's rows. */
static void end_chunk(struct keys_writer *w)
{
	uint8_t head[KEYS_CHUNK_HEAD];
	size_t n = w->chunk.n;
	w->no_memory |= w->chunk.failed;
	if (n == 0 || w->no_memory)
		return;
	store_le16(head, (uint16_t)n);
	store_le32(head + 2, (uint32_t)hash_bytes(&hash_key_public, w->chunk.p, n));
	fwrite(head, 1, sizeof(head), w->out);
	fwrite(w->chunk.p, 1, n, w->out);
	w->rows += sizeof(head) + n;
	w->chunk.n = 0;
	keys_coder_start(&w->coder);
}

bool keys_has_rows(struct str kind, struct str via)
{
	return !str_equal(kind, STR("domain")) && !str_equal(via, STR("conn"));
}

void keys_put_row(struct keys_writer *w, const struct keys_row *row)
{
	if (w->no_rows || w->depth != KEYS_ROWS || w->too_long)
		return;
	w->no_rows = !keys_coder_put(&w->coder, &w->chunk, row);
	if (!w->no_rows)
		keys_sum_add(&w->summer, row, &w->coder, w->seen);
	if (w->chunk.n >= KEYS_CHUNK)
		end_chunk(w);
}

/* ---- the directory ---- */

static void end_block(struct keys_writer *w)
{
	size_t n = w->listed.n - w->block_at;
	if (n == 0 || w->listed.failed)
		return;
	const uint8_t *block = w->listed.p + w->block_at;
	/* The first key's length and bytes are in the block, behind shared = 0. */
	struct bytes b = bytes_over(block, n);
	keys_varint(&b);
	size_t text_n = (size_t)keys_varint(&b);
	const uint8_t *text = bytes_take(&b, text_n);
	out_le(&w->entries, n, 4);
	out_le(&w->entries, hash_bytes(&hash_key_public, block, n), 4);
	out_le(&w->entries, w->block_rows, 8);
	out_le(&w->entries, w->block_sums, 8);
	out_le(&w->entries, text_n, 2);
	if (text != NULL)
		out_put(&w->entries, text, text_n);
	w->no_memory |= w->entries.n > KEYS_DIR_MAX - 4 * KEYS_TEXT_MAX;
	w->blocks++;
	w->block_at = w->listed.n;
}

/* ---- keys ---- */

static size_t shared_with(const char *a, size_t n, const char *b, size_t k)
{
	size_t i = 0;
	while (i < n && i < k && a[i] == b[i])
		i++;
	return i;
}

/* List the key that was put last: all of its rows were put. */
static void end_key(struct keys_writer *w)
{
	if (!w->any || w->depth == KEYS_ENDS)
		return;
	end_chunk(w);
	if (w->listed.n - w->block_at >= KEYS_BLOCK)
		end_block(w);
	size_t shared = 0, sums = w->sums.n;
	if (w->listed.n > w->block_at) {
		shared = shared_with(w->last, w->last_n, w->before, w->before_n);
	} else {
		w->block_rows = w->key_rows;
		w->block_sums = sums;
	}
	sums = keys_sum_put(&w->summer, &w->sums, w->rows - w->key_rows);
	keys_sum_start(&w->summer);
	out_varint(&w->listed, shared);
	out_varint(&w->listed, w->last_n - shared);
	out_put(&w->listed, w->last + shared, w->last_n - shared);
	out_varint(&w->listed, w->rows - w->key_rows);
	out_varint(&w->listed, sums);
	w->count++;
	w->key_rows = w->rows;
	memcpy(w->before, w->last, w->last_n);
	w->before_n = w->last_n;
}

static bool is_last(const struct keys_writer *w, size_t kind_n, struct str key)
{
	return w->any && w->last_n == kind_n + key.n &&
	       (key.n == 0 || memcmp(w->last + kind_n, key.p, key.n) == 0);
}

void keys_put(struct keys_writer *w, const struct str *kind, struct str key)
{
	size_t kind_n = kind != NULL ? kind->n + 1 : 0, n = kind_n + key.n;
	w->too_long |= n > sizeof(w->last);
	if (w->too_long || (is_last(w, kind_n, key) &&
			       (kind == NULL || memcmp(w->last, kind->p, kind->n) == 0)))
		return;
	end_key(w);
	w->seen = kind != NULL;
	if (kind != NULL && kind->n > 0)
		memcpy(w->last, kind->p, kind->n);
	if (kind != NULL)
		w->last[kind->n] = '\0';
	if (key.n > 0)
		memcpy(w->last + kind_n, key.p, key.n);
	w->last_n = n;
	if (!w->any) {
		memcpy(w->first, w->last, n);
		w->first_n = n;
	}
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
	bool rows = w->depth == KEYS_ROWS && !w->no_rows;
	memcpy(head, KEYS_MAGIC, 8);
	store_le32(head + 8, KEYS_VERSION);
	store_le32(head + 12,
	    (w->depth != KEYS_ENDS ? KEYS_LISTED : 0) | (rows ? KEYS_WITH_ROWS : 0));
	store_le64(head + 16, run->bytes);
	store_le64(head + 24, run->digest);
	store_le64(head + 32, w->count);
	store_le32(head + 40, w->blocks);
	store_le32(head + 44, (uint32_t)directory);
	store_le64(head + 48, digest);
	store_le64(head + 56, w->rows);
	store_le64(head + 64, w->sums.n);
	store_le64(head + 72, hash_bytes(&hash_key_public, head, 72));
}

/* Keys that can not be listed: the run may have any. */
static void list_none(struct keys_writer *w)
{
	rewind(w->out);
	w->no_memory |= ftruncate(fileno(w->out), KEYS_HEAD) != 0 ||
			fseek(w->out, KEYS_HEAD, SEEK_SET) != 0;
	w->depth = KEYS_ENDS;
	w->listed.n = w->entries.n = w->sums.n = 0;
	w->blocks = 0;
	w->count = w->rows = 0;
	w->first_n = 0;
	memset(w->last, 0xff, 8);
	w->last_n = 8;
}

/* Write what follows the rows, and then the head. */
static bool write_end(struct keys_writer *w, const struct keys_run *run)
{
	uint8_t head[KEYS_HEAD], ends[4 + 2 * KEYS_TEXT_MAX];
	size_t n = put_ends(w, ends);
	struct out directory = {0};
	out_put(&directory, ends, n);
	out_put(&directory, w->entries.p, w->entries.n);
	w->no_memory |= directory.failed || w->entries.failed || w->listed.failed ||
			w->chunk.failed || w->sums.failed;
	bool ok = !w->no_memory;
	if (ok) {
		put_head(w, run, hash_bytes(&hash_key_public, directory.p, directory.n),
		    directory.n, head);
		ok = (w->sums.n == 0 ||
			 fwrite(w->sums.p, 1, w->sums.n, w->out) == w->sums.n) &&
		     (w->listed.n == 0 ||
			 fwrite(w->listed.p, 1, w->listed.n, w->out) == w->listed.n) &&
		     fwrite(directory.p, 1, directory.n, w->out) == directory.n &&
		     fflush(w->out) == 0 &&
		     pwrite(fileno(w->out), head, sizeof(head), 0) == KEYS_HEAD &&
		     ferror(w->out) == 0;
	}
	out_free(&directory);
	return ok;
}

int keys_finish(struct keys_writer *w, const char *run, struct error *e)
{
	struct keys_run is;
	bool run_bad;
	end_key(w);
	end_block(w);
	if (w->too_long || w->blocks > KEYS_BLOCKS_MAX)
		list_none(w);
	if (keys_run_look(run, &is, &run_bad, e) < 0) {
		keys_drop(w);
		return -1;
	}
	if (!write_end(w, &is))
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
	out_free(&w->listed);
	out_free(&w->entries);
	out_free(&w->chunk);
	out_free(&w->sums);
	free(w->path);
	free(w);
}
