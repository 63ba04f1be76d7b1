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

static void fetch_ends(const char *path, off_t head, off_t tail)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	posix_fadvise(fd, 0, head, POSIX_FADV_WILLNEED);
	if (fstat(fd, &st) == 0 && st.st_size > tail)
		posix_fadvise(fd, st.st_size - tail, tail, POSIX_FADV_WILLNEED);
	close(fd);
}

void keys_soon(const char *run)
{
	char path[PATH_MAX];
	struct error none;
	fetch_ends(run, 4, KEYS_RUN_END);
	if (keys_path(run, path, &none) == 0)
		fetch_ends(path, KEYS_HEAD, KEYS_TAIL);
}

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
	uint64_t offset = KEYS_HEAD + k->rows + k->sums;
	k->first = take_key(&b);
	k->last = take_key(&b);
	for (size_t i = 0; i < k->block_count && !b.bad; i++) {
		const uint8_t *p = bytes_take(&b, KEYS_ENTRY_HEAD);
		if (p == NULL)
			return false;
		struct keys_block *it = &k->blocks[i];
		*it = (struct keys_block){offset, load_le64(p + 8), load_le64(p + 16),
		    load_le32(p), load_le32(p + 4), {0}};
		it->first = take_key(&b);
		if (it->bytes == 0 || it->bytes > KEYS_BLOCK_MAX ||
		    it->bytes > end - offset || it->rows_at > k->rows ||
		    it->sums_at > k->sums)
			return false;
		offset += it->bytes;
	}
	return !b.bad && b.left == 0 && offset == end;
}

static bool head_is_sound(const uint8_t head[static KEYS_HEAD])
{
	return memcmp(head, KEYS_MAGIC, 8) == 0 && load_le32(head + 8) == KEYS_VERSION &&
	       load_le64(head + 72) == hash_bytes(&hash_key_public, head, 72);
}

static bool read_all(int fd, void *to, size_t n, uint64_t at)
{
	return pread(fd, to, n, (off_t)at) == (ssize_t)n;
}

/* Whether it is of an older form, which is as good as none. */
static bool is_older(const struct keys *k)
{
	uint8_t head[12] = {0};
	return read_all(k->fd, head, sizeof(head), 0) &&
	       memcmp(head, KEYS_MAGIC, 8) == 0 && load_le32(head + 8) < KEYS_VERSION;
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
	k->with_rows = (load_le32(head + 12) & KEYS_WITH_ROWS) != 0;
	k->count = load_le64(head + 32);
	k->rows = load_le64(head + 56);
	k->sums = load_le64(head + 64);
	k->block_count = load_le32(head + 40);
	size_t n = load_le32(head + 44);
	uint64_t bytes = (uint64_t)st.st_size;
	if (k->block_count > KEYS_BLOCKS_MAX || n > KEYS_DIR_MAX || bytes < KEYS_HEAD ||
	    n > bytes - KEYS_HEAD || k->rows > bytes - KEYS_HEAD - n ||
	    k->sums > bytes - KEYS_HEAD - n - k->rows)
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
	bool older = k->fd >= 0 && is_older(k);
	keys_close(k);
	if (older)
		return 0;
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

/* A key being read from a block, with where its rows are. */
struct entry {
	char text[KEYS_TEXT_MAX];
	size_t n;
	struct keys_place rows;
};

/* Go to the next key. False: the block is damaged. */
static bool next_entry(const struct keys *k, struct bytes *b, struct entry *e)
{
	uint64_t shared = keys_varint(b), rest = keys_varint(b);
	if (shared > e->n || rest > KEYS_TEXT_MAX - shared ||
	    !bytes_copy(b, e->text + shared, (size_t)rest))
		bytes_fail(b);
	if (b->bad)
		return false;
	e->n = (size_t)(shared + rest);
	e->rows.at += e->rows.bytes;
	e->rows.bytes = keys_varint(b);
	e->rows.sum_at += e->rows.sum_bytes;
	e->rows.sum_bytes = keys_varint(b);
	if (e->rows.bytes > k->rows - e->rows.at ||
	    e->rows.sum_bytes > k->sums - e->rows.sum_at)
		bytes_fail(b);
	return !b->bad;
}

/* A block in memory. */
struct block {
	uint8_t *buffer; /* of KEYS_BLOCK_MAX bytes; owned */
	struct bytes in;
	struct entry entry;
};

static int block_damaged(struct error *e)
{
	return error_set(e, ERR_MEMORY, "a block of keys is damaged");
}

static int load_block(const struct keys *k, struct block *b, size_t i,
    const struct keys_visit *v, struct error *e)
{
	const struct keys_block *it = &k->blocks[i];
	if (!read_all(k->fd, b->buffer, it->bytes, it->offset) ||
	    (uint32_t)hash_bytes(&hash_key_public, b->buffer, it->bytes) != it->digest) {
		if (v->broken != NULL)
			*v->broken = it->first;
		return block_damaged(e);
	}
	b->in = bytes_over(b->buffer, it->bytes);
	b->entry.n = 0;
	b->entry.rows = (struct keys_place){it->rows_at, 0, it->sums_at, 0};
	return 0;
}

static struct block *block_new(struct error *e)
{
	struct block *b = calloc(1, sizeof(*b));
	if (b != NULL)
		b->buffer = malloc(KEYS_BLOCK_MAX);
	if (b != NULL && b->buffer != NULL)
		return b;
	free(b);
	error_set(e, ERR_SYSTEM, "no memory for keys");
	return NULL;
}

static void block_free(struct block *b)
{
	free(b->buffer);
	free(b);
}

/* ---- a range ---- */

/* What a walk looks for. */
struct walk {
	struct str from, to;
	const struct keys_visit *visit;
	bool past; /* a key was not below to */
};

static int walk_block(
    const struct keys *k, struct walk *w, struct block *b, struct error *e)
{
	bool reached = false;
	while (b->in.left > 0) {
		if (!next_entry(k, &b->in, &b->entry))
			return block_damaged(e);
		struct str key = {b->entry.text, b->entry.n};
		if (!reached && str_cmp(key, w->from) < 0)
			continue;
		reached = true;
		w->past = w->to.p != NULL && str_cmp(key, w->to) >= 0;
		if (w->past)
			return 0;
		int status = w->visit->visit(w->visit->ctx, key, &b->entry.rows, e);
		if (status != 0)
			return status;
	}
	return 0;
}

int keys_walk(const struct keys *k, struct str from, struct str to,
    const struct keys_visit *v, struct error *e)
{
	struct walk w = {.from = from, .to = to, .visit = v};
	int status = 0;
	if (!keys_reach(k, from, to))
		return 0;
	struct block *b = block_new(e);
	if (b == NULL)
		return -1;
	for (size_t i = block_of(k, from); i < k->block_count && status == 0 && !w.past;
	     i++) {
		status = load_block(k, b, i, v, e);
		if (status == 0)
			status = walk_block(k, &w, b, e);
	}
	block_free(b);
	return status;
}

/* ---- a list ---- */

/* What is looked for, one by one. */
struct joining {
	struct str prefix;
	const struct str *texts;
	size_t i, n;
	char key[KEYS_TEXT_MAX]; /* number i, behind the prefix */
	size_t key_n;
};

/* Go to a text that a file may list; longer ones are in none. */
static bool join_key(struct joining *j)
{
	while (j->i < j->n && j->texts[j->i].n > sizeof(j->key) - j->prefix.n)
		j->i++;
	if (j->i == j->n)
		return false;
	struct str text = j->texts[j->i];
	if (text.n > 0)
		memcpy(j->key + j->prefix.n, text.p, text.n);
	j->key_n = j->prefix.n + text.n;
	return true;
}

/* Hold the block against what is looked for, up to its end. */
static int join_block(const struct keys *k, struct joining *j, struct block *b,
    const struct keys_visit *v, struct error *e)
{
	while (b->in.left > 0) {
		int order = 0;
		if (!next_entry(k, &b->in, &b->entry))
			return block_damaged(e);
		struct str key = {b->entry.text, b->entry.n};
		while ((order = str_cmp((struct str){j->key, j->key_n}, key)) < 0) {
			j->i++;
			if (!join_key(j))
				return 0;
		}
		int status = order == 0 ? v->visit(v->ctx, key, &b->entry.rows, e) : 0;
		if (status != 0)
			return status;
	}
	return 0;
}

int keys_join(const struct keys *k, struct str prefix, const struct str *texts, size_t n,
    const struct keys_visit *v, struct error *e)
{
	struct joining j = {.prefix = prefix, .texts = texts, .n = n};
	int status = 0;
	if (k->block_count == 0 || prefix.n > sizeof(j.key))
		return 0;
	if (prefix.n > 0)
		memcpy(j.key, prefix.p, prefix.n);
	struct block *b = block_new(e);
	if (b == NULL)
		return -1;
	while (status == 0 && join_key(&j)) {
		struct str key = {j.key, j.key_n};
		size_t i = block_of(k, key);
		if (str_cmp(key, k->last) > 0)
			break;
		status = load_block(k, b, i, v, e);
		if (status == 0)
			status = join_block(k, &j, b, v, e);
		/* What is still looked for is in a later block, or nowhere. */
		if (status == 0 && j.i < j.n &&
		    block_of(k, (struct str){j.key, j.key_n}) == i)
			j.i++;
	}
	block_free(b);
	return status;
}

/* ---- rows ---- */

static void fetch(const struct keys *k, uint64_t at, uint64_t end)
{
	for (; at < end; at += KEYS_FETCH) {
		uint64_t n = end - at < KEYS_FETCH ? end - at : KEYS_FETCH;
		posix_fadvise(
		    k->fd, (off_t)(KEYS_HEAD + at), (off_t)n, POSIX_FADV_WILLNEED);
	}
}

void keys_rows_soon(const struct keys *k, const struct keys_place *places, size_t n)
{
	uint64_t at = 0, end = 0;
	for (size_t i = 0; i < n; i++) {
		if (end < at || places[i].at > end + KEYS_GAP || end == 0) {
			fetch(k, at, end);
			at = places[i].at;
		}
		end = places[i].at + places[i].bytes;
	}
	fetch(k, at, end);
}

void keys_sums_soon(const struct keys *k, const struct keys_place *places, size_t n)
{
	uint64_t at = 0, end = 0;
	for (size_t i = 0; i < n; i++) {
		const struct keys_place *it = &places[i];
		uint64_t from = k->rows + it->sum_at;
		if (it->sum_bytes == 0) {
			fetch(k, it->at, it->at + it->bytes);
			continue;
		}
		if (end == 0 || from > end + KEYS_GAP) {
			fetch(k, at, end);
			at = from;
		}
		end = from + it->sum_bytes;
	}
	fetch(k, at, end);
}

/* Make bytes [at, at + n) of the rows be in the window, of what ends at end. */
static const uint8_t *window(
    const struct keys *k, struct keys_window *w, uint64_t at, size_t n, uint64_t end)
{
	if (n > end - at)
		return NULL;
	if (w->fd == k->fd && at >= w->at && at - w->at <= w->n &&
	    n <= w->n - (at - w->at))
		return w->bytes + (at - w->at);
	if (w->bytes == NULL)
		w->bytes = malloc(KEYS_WINDOW);
	size_t room = size_min(KEYS_WINDOW, (size_t)(end - at));
	w->fd = -1;
	if (w->bytes == NULL || n > room ||
	    !read_all(k->fd, w->bytes, room, KEYS_HEAD + at))
		return NULL;
	w->fd = k->fd;
	w->at = at;
	w->n = room;
	return w->bytes;
}

/* The chunk at *at, which goes behind it; NULL: it is damaged. */
static const uint8_t *next_chunk(const struct keys *k, struct keys_window *w,
    uint64_t *at, uint64_t end, size_t *n, uint32_t *digest)
{
	const uint8_t *head = window(k, w, *at, KEYS_CHUNK_HEAD, end);
	if (head == NULL)
		return NULL;
	*n = load_le16(head);
	*digest = load_le32(head + 2);
	const uint8_t *p = window(k, w, *at + KEYS_CHUNK_HEAD, *n, end);
	*at += KEYS_CHUNK_HEAD + *n;
	return p;
}

static int rows_damaged(struct error *e)
{
	return error_set(e, ERR_MEMORY, "the rows of a key are damaged");
}

int keys_rows_check(const struct keys *k, const struct keys_place *place,
    struct keys_window *w, struct error *e)
{
	uint64_t end = place->at + place->bytes;
	w->fd = -1; /* which may be of another file by now */
	for (uint64_t at = place->at; at < end;) {
		size_t n;
		uint32_t digest;
		const uint8_t *p = next_chunk(k, w, &at, end, &n, &digest);
		if (p == NULL || (uint32_t)hash_bytes(&hash_key_public, p, n) != digest)
			return rows_damaged(e);
	}
	return 0;
}

int keys_rows_walk(const struct keys *k, const struct keys_place *place,
    struct keys_window *w, const struct keys_row_visit *v, struct error *e)
{
	uint64_t end = place->at + place->bytes;
	int status = 0;
	for (uint64_t at = place->at; at < end && status == 0;) {
		size_t n;
		uint32_t digest;
		struct keys_row row;
		const uint8_t *p = next_chunk(k, w, &at, end, &n, &digest);
		if (p == NULL)
			return rows_damaged(e);
		keys_decoder_start(&w->decoder, p, n);
		while (status == 0 && keys_decoder_next(&w->decoder, &row))
			status = v->visit(v->ctx, &row, e);
		if (status == 0 && w->decoder.in.bad)
			return rows_damaged(e);
	}
	return status;
}

/* Sums lie behind the rows as if they were more of them. */
bool keys_sums_take(const struct keys *k, const struct keys_place *places, size_t n,
    struct keys_window *w, struct keys_sum *sum)
{
	uint64_t at = k->rows + places->sum_at, end = at + places->sum_bytes;
	size_t bytes = (size_t)places->sum_bytes;
	if (bytes == 0 || bytes > KEYS_SUM_MAX)
		return false;
	for (size_t i = 1; i < n; i++) {
		uint64_t next = k->rows + places[i].sum_at;
		if (places[i].sum_bytes == 0)
			continue;
		if (next < end || next - end > KEYS_SUM_GAP ||
		    next - at > KEYS_WINDOW / 2)
			break;
		end = next + places[i].sum_bytes;
	}
	const uint8_t *p = window(k, w, at, bytes, end);
	return p != NULL && keys_sum_read(p, bytes, sum);
}

void keys_window_free(struct keys_window *w)
{
	free(w->bytes);
	*w = (struct keys_window){0};
}
