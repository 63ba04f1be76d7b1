/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's own format: a header of lines that begin with '#', then one of tab-separated
 * values each. The header may come again in the middle of a file (logs put together, or a
 * writer that was started anew) with other fields; a file that is still being written has
 * no #close. Without a header there is no knowing what the columns are.
 */
#include <stdlib.h>
#include <string.h>

#include "input/log_line.h"
#include "input/zeek.h"

#define COLUMNS_MAX 256 /* of a log; Zeek's widest has 60 */
#define WORD_MAX    32  /* bytes of what stands for unset and empty */

struct word {
	char p[WORD_MAX];
	size_t n;
};

struct header {
	const char *file; /* its name; borrowed */
	char separator, set;
	struct word unset, empty;
	const struct zeek_kind *kind; /* NULL: unknown, or no table is kept */
	bool known;                   /* #path was there */
	size_t columns;               /* 0: no #fields yet */
	size_t needed;                /* columns up to the last that is kept */
	int16_t slot[COLUMNS_MAX];
};

struct tsv {
	struct header header;
	struct log_value v[ZEEK_SLOTS_MAX];
};

static void header_reset(struct header *h, const char *file)
{
	*h = (struct header){.file = file,
	    .separator = '\t',
	    .set = ',',
	    .unset = {"-", 1},
	    .empty = {"(empty)", 7}};
}

static unsigned hex(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : ((unsigned)c | 0x20) - 'a' + 10;
}

/* "#separator \x09": the only header line that is separated by a space. */
static void set_separator(struct header *h, const char *p, size_t n)
{
	if (n == 4 && p[0] == '\\' && p[1] == 'x')
		h->separator = (char)(hex(p[2]) << 4 | (hex(p[3]) & 15));
	else if (n == 1)
		h->separator = p[0];
}

static void set_word(struct word *w, const char *p, size_t n)
{
	if (n > WORD_MAX)
		return;
	memcpy(w->p, p, n);
	w->n = n;
}

static void set_fields(struct header *h, const char *p, const char *end)
{
	struct str names[COLUMNS_MAX];
	h->columns = h->needed = 0;
	while (p <= end && h->columns < COLUMNS_MAX) {
		const char *stop = memchr(p, h->separator, (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		names[h->columns++] = (struct str){p, (size_t)(stop - p)};
		p = stop + 1;
	}
	if (!h->known)
		h->kind = zeek_guess(names, h->columns, h->file);
	for (size_t i = 0; i < h->columns; i++) {
		h->slot[i] = h->kind != NULL ? zeek_slot(h->kind, names[i]) : -1;
		if (h->slot[i] >= 0)
			h->needed = i + 1;
	}
}

static bool names(const char *p, const char *end, const char *word, const char **value)
{
	size_t n = strlen(word);
	if ((size_t)(end - p) < n + 1 || memcmp(p, word, n) != 0)
		return false;
	*value = p + n + 1;
	return true;
}

/* A line that begins with '#'. */
static void header_line(struct header *h, const char *p, size_t n)
{
	const char *end = p + n, *value;
	if (names(p, end, "#separator", &value)) {
		header_reset(h, h->file);
		set_separator(h, value, (size_t)(end - value));
	} else if (names(p, end, "#set_separator", &value)) {
		h->set = value < end ? *value : ',';
	} else if (names(p, end, "#empty_field", &value)) {
		set_word(&h->empty, value, (size_t)(end - value));
	} else if (names(p, end, "#unset_field", &value)) {
		set_word(&h->unset, value, (size_t)(end - value));
	} else if (names(p, end, "#path", &value)) {
		h->kind = zeek_kind_of((struct str){value, (size_t)(end - value)});
		h->known = true;
	} else if (names(p, end, "#fields", &value)) {
		set_fields(h, value, end);
	}
}

static bool equals(const char *p, size_t n, const struct word *w)
{
	return n == w->n && memcmp(p, w->p, n) == 0;
}

/* Sort the values of a line into their slots; false when some are missing. */
static bool split(const struct header *h, const char *p, size_t n, struct log_value *v)
{
	const char *end = p + n;
	for (size_t i = 0; i < h->needed; i++) {
		if (p > end)
			return false;
		const char *stop = memchr(p, h->separator, (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		if (h->slot[i] >= 0) {
			size_t length = (size_t)(stop - p);
			struct log_value *to = &v[h->slot[i]];
			*to = (struct log_value){p, (uint32_t)length, VALUE_TSV, h->set};
			if (equals(p, length, &h->unset))
				to->form = VALUE_ABSENT;
			else if (equals(p, length, &h->empty))
				to->n = 0;
		}
		p = stop + 1;
	}
	return true;
}

/* ---- log_format ---- */

static bool begins(const struct log_head *head, const char *word)
{
	size_t n = strlen(word);
	return head->n >= n && memcmp(head->p, word, n) == 0;
}

/* Go through the head's lines up to the first row. */
static bool probe(const struct log_head *head, struct log_look *look)
{
	const char *p = (const char *)head->p, *end = p + head->n;
	if (!begins(head, "#separator ") && !begins(head, "#fields\t") &&
	    !begins(head, "#path\t"))
		return false;
	struct header h;
	struct log_value v[ZEEK_SLOTS_MAX] = {{0}};
	header_reset(&h, head->path);
	while (p < end) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((stop != NULL ? stop : end) - p);
		size_t bare = n > 0 && p[n - 1] == '\r' ? n - 1 : n;
		if (bare > 0 && p[0] != '#') {
			if (split(&h, p, bare, v))
				look->first = cell_time(&v[Z_TS]);
			break;
		}
		header_line(&h, p, bare);
		p += n + 1;
	}
	look->not_kept = h.columns > 0 && h.kind == NULL;
	look->lane = h.kind != NULL ? h.kind->lane : LOG_LANES - 1;
	return true;
}

static bool tsv_open(struct log_file *f)
{
	struct tsv *t = calloc(1, sizeof(*t));
	if (t != NULL)
		header_reset(&t->header, f->path);
	f->own = t;
	return t != NULL;
}

/* False when the line is to be read later. */
static bool row(struct log_file *f, struct tsv *t, const struct log_line *line)
{
	const struct header *h = &t->header;
	bool known = h->columns > 0 && h->kind != NULL;
	bool good = known && split(h, line->p, line->n, t->v);
	if (good && zeek_too_early(f, h->kind, t->v)) {
		log_line_back(f, line);
		return false;
	}
	f->entries++;
	if (h->columns == 0)
		log_fault(f, INPUT_MALFORMED, line->offset,
		    "a row comes before a #fields line says what it is");
	else if (h->kind == NULL)
		log_fault(f, INPUT_UNSUPPORTED, line->offset,
		    "a row of a kind of log of which dwell keeps no table");
	else if (!good)
		log_fault(f, line->cut ? INPUT_TRUNCATED : INPUT_MALFORMED, line->offset,
		    "a row has fewer columns than #fields says");
	else if (!zeek_row(f, h->kind, t->v, line->offset))
		log_fault(f, INPUT_MALFORMED, line->offset,
		    "a row has no time or no address where one must be");
	return true;
}

/* Headers of the same width may still have other fields. */
static void header_again(struct tsv *t, const struct log_line *line)
{
	header_line(&t->header, line->p, line->n);
	if (line->n > 7 && memcmp(line->p, "#fields", 7) == 0)
		memset(t->v, 0, sizeof(t->v));
}

static bool tsv_read(struct log_file *f)
{
	struct tsv *t = f->own;
	struct log_line line;
	uint64_t until = f->stream->offset + LOG_PIECE_BYTES;
	do {
		if (!log_line_next(f, &line))
			return false;
		if (line.p[0] == '#')
			header_again(t, &line);
		else if (!row(f, t, &line))
			break;
	} while (f->stream->offset < until);
	return true;
}

static void tsv_close(struct log_file *f)
{
	free(f->own);
}

const struct log_format log_format_zeek = {
    .names = {"zeek", "zeek+gzip", "zeek+zstd", "zeek+xz"},
    .kind = "zeek",
    .probe = probe,
    .begin = zeek_begin,
    .end = zeek_end,
    .open = tsv_open,
    .read = tsv_read,
    .close = tsv_close,
};
