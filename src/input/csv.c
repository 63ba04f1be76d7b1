/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV: the map that the user gave, else one of those that are built in, when the header
 * line has its columns. A column of the map that the file has not leaves its field
 * absent; but ts and addresses must be there.
 */
#include "input/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "input/log_line.h"
#include "input/log_time.h"
#include "input/log_value.h"
#include "input/log_words.h"

#define COLUMNS_MAX 512
#define RECORD_MAX  1024 /* bytes of the largest record's struct */

/* Argus's ra -c, as its labelled data sets have it: StartTime,Dur,Proto,SrcAddr,... Bytes
 * count link headers too; there is no count of payload, so theirs stands for it. */
static const char argus_map[] =
    "kind=conn,ts=StartTime,ts_format=%Y/%m/%d %H:%M:%S,duration=Dur,proto=Proto,"
    "src_ip=SrcAddr,src_port=Sport,dst_ip=DstAddr,dst_port=Dport,"
    "src_packets=SrcPkts,dst_packets=TotPkts-SrcPkts,"
    "src_bytes=SrcBytes,dst_bytes=TotBytes-SrcBytes,"
    "src_ip_bytes=SrcBytes,dst_ip_bytes=TotBytes-SrcBytes";

struct csv_group {
	struct csv_map *argus; /* owned */
};

/* Columns of the file for an item of the map; -1: it has none. */
struct place {
	int column, minus;
};

struct csv_file {
	const struct csv_map *map;
	char separator;
	bool begun; /* the header line was read */
	size_t columns;
	struct place places[CSV_ITEMS_MAX];
	struct log_value cells[COLUMNS_MAX];
};

/* ---- lines ---- */

/* Take the quotation marks off a cell; doubled ones inside become one. */
static bool unquote(const char **p, const char *end, struct log_value *v, struct arena *a)
{
	const char *start = ++*p;
	size_t doubled = 0;
	for (;; (*p)++) {
		const char *quote = memchr(*p, '"', (size_t)(end - *p));
		if (quote == NULL)
			return false;
		*p = quote + 1;
		if (*p == end || **p != '"')
			break;
		doubled++;
	}
	size_t n = (size_t)(*p - start) - 1;
	*v = (struct log_value){start, (uint32_t)n, VALUE_PLAIN, '\0'};
	char *o = doubled > 0 ? arena_alloc(a, n) : NULL;
	if (o == NULL)
		return doubled == 0;
	size_t out = 0;
	for (size_t i = 0; i < n; i++) {
		o[out++] = start[i];
		i += start[i] == '"';
	}
	v->p = o;
	v->n = (uint32_t)out;
	return true;
}

/* Cut a line into cells; 0 when its quotation marks do not match. */
static size_t split(
    const char *p, size_t n, char separator, struct log_value *v, struct arena *a)
{
	const char *end = p + n;
	for (size_t count = 0; count < COLUMNS_MAX;) {
		struct log_value *cell = &v[count++];
		if (p < end && *p == '"') {
			if (!unquote(&p, end, cell, a))
				return 0;
		} else {
			const char *stop = memchr(p, separator, (size_t)(end - p));
			if (stop == NULL)
				stop = end;
			*cell = (struct log_value){
			    p, (uint32_t)(stop - p), VALUE_PLAIN, '\0'};
			p = stop;
		}
		if (p == end)
			return count;
		if (*p++ != separator)
			return 0;
	}
	return 0;
}

/* The one of the usual separators that is there most often. */
static char find_separator(const char *p, size_t n)
{
	static const char usual[] = ",;\t|";
	char best = ',';
	size_t most = 0;
	for (size_t k = 0; usual[k] != '\0'; k++) {
		size_t count = 0;
		for (size_t i = 0; i < n; i++)
			count += p[i] == usual[k];
		if (count > most) {
			most = count;
			best = usual[k];
		}
	}
	return best;
}

/* ---- header ---- */

static int column_of(const struct log_value *cells, size_t n, struct str name)
{
	for (size_t i = 0; name.n > 0 && i < n; i++) {
		struct log_value cell = cells[i];
		while (cell.n > 0 && *cell.p == ' ') {
			cell.p++;
			cell.n--;
		}
		while (cell.n > 0 && cell.p[cell.n - 1] == ' ')
			cell.n--;
		if (cell_is(&cell, name))
			return (int)i;
	}
	return -1;
}

static bool must_be_there(const struct csv_item *item)
{
	return strcmp(item->field->name, "ts") == 0 || item->field->kind == FIELD_IP;
}

/* Whether the header line has what the map needs; places says where. */
static bool fits(const struct csv_map *m, const struct log_value *cells, size_t n,
    struct place *places)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct csv_item *item = &m->items[i];
		places[i].column =
		    item->constant ? -1 : column_of(cells, n, item->column);
		places[i].minus = column_of(cells, n, item->minus);
		if (item->minus.p != NULL && places[i].minus < 0)
			places[i].column = -1;
		if (places[i].column < 0 && !item->constant && must_be_there(item))
			return false;
	}
	return true;
}

/* ---- rows ---- */

/* Texts that are compared are in lower case. */
static bool is_lower(const char *name)
{
	static const char *const names[] = {
	    "proto", "query", "host", "sni", "server_name", "ja3", "ja3s", "cert_sha256"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static struct moment time_of(const struct csv_map *m, const struct log_value *v)
{
	if (m->ts_format == NULL || v->form == VALUE_ABSENT)
		return cell_time(v);
	return time_by(m->ts_format, v->p, v->n);
}

static void set_field(const struct csv_map *m, const struct field_info *field,
    void *record, const struct log_value *v, struct arena *a)
{
	void *at = (char *)record + field->offset;
	struct log_value list = *v;
	list.set = m->list;
	switch (field->kind) {
	case FIELD_TIME:
		*(field_TIME *)at = time_of(m, v);
		break;
	case FIELD_SECONDS:
	case FIELD_REAL:
		*(field_SECONDS *)at = cell_seconds(v);
		break;
	case FIELD_IP:
		cell_addr(v, at);
		break;
	case FIELD_PORT:
		*(field_PORT *)at = cell_port(v);
		break;
	case FIELD_COUNT:
		*(field_COUNT *)at = cell_count(v);
		break;
	case FIELD_INT:
		*(field_INT *)at = cell_int(v);
		break;
	case FIELD_FLAG:
		*(field_FLAG *)at = cell_flag(v);
		break;
	case FIELD_TEXT:
		if (v->n > 0)
			*(field_TEXT *)at =
			    is_lower(field->name) ? cell_lower(v, a) : cell_text(v, a);
		break;
	case FIELD_TEXTS:
		*(field_TEXTS *)at = cell_texts(&list, a);
		break;
	case FIELD_INTS:
		*(field_INTS *)at = cell_whole(&list, a);
		break;
	}
}

static void fill(struct csv_file *c, void *record, struct arena *a)
{
	for (size_t i = 0; i < c->map->count; i++) {
		const struct csv_item *item = &c->map->items[i];
		struct log_value v = {
		    item->column.p, (uint32_t)item->column.n, VALUE_PLAIN, '\0'};
		if (!item->constant && c->places[i].column < 0)
			continue;
		if (!item->constant)
			v = c->cells[c->places[i].column];
		set_field(c->map, item->field, record, &v, a);
		if (item->minus.p == NULL)
			continue;
		uint64_t *count =
		    (uint64_t *)(void *)((char *)record + item->field->offset);
		uint64_t minus = cell_count(&c->cells[c->places[i].minus]);
		*count = minus < *count ? *count - minus : 0;
	}
}

static void row(struct log_file *f, const struct log_line *line)
{
	struct csv_file *c = f->own;
	_Alignas(max_align_t) char record[RECORD_MAX];
	enum record_type type = c->map->type;
	f->entries++;
	size_t n = split(line->p, line->n, c->separator, c->cells, f->scratch);
	if (n != c->columns) {
		log_fault(f, line->cut ? INPUT_TRUNCATED : INPUT_MALFORMED, line->offset,
		    "a row has not as many cells as the header line");
		arena_reset(f->scratch);
		return;
	}
	record_clear(type, record);
	fill(c, record, f->scratch);
	/* ts and the addresses open every table, in the order of conn. */
	const struct record_info *info = record_info(type);
	bool good = true;
	for (size_t i = 0; i < c->map->count; i++) {
		const struct csv_item *item = &c->map->items[i];
		const void *at = record + item->field->offset;
		if (item->field->kind == FIELD_IP && !item->constant)
			good = good && !addr_is_unset(at);
	}
	struct moment ts =
	    *(const struct moment *)(const void *)(record + info->fields[0].offset);
	if (!good || ts.ns == MOMENT_NONE.ns) {
		log_fault(f, INPUT_MALFORMED, line->offset,
		    "a row has no time or no address where one must be");
		arena_reset(f->scratch);
		return;
	}
	if (ts.ns > f->now.ns)
		f->now = ts;
	log_put(f, type, record, line->offset);
}

/* ---- log_format ---- */

static const struct csv_map *choose(const struct csv_map *own,
    const struct csv_map *argus, const struct log_value *cells, size_t n,
    struct place *places)
{
	if (own != NULL && fits(own, cells, n, places))
		return own;
	return argus != NULL && fits(argus, cells, n, places) ? argus : NULL;
}

/* The first line's cells, and how far the head goes after it. */
static size_t first_line(const struct log_head *head, char *separator,
    struct log_value *cells, struct arena *a)
{
	const char *p = (const char *)head->p;
	const char *stop = memchr(p, '\n', head->n);
	size_t n = stop != NULL ? (size_t)(stop - p) : head->n;
	if (n == 0 || n > LOG_LINE_MAX || memchr(p, '\0', n) != NULL)
		return 0;
	if (p[n - 1] == '\r')
		n--;
	*separator = find_separator(p, n);
	return split(p, n, *separator, cells, a);
}

/* When the first row was, by the map. */
static struct moment time_of_first(const struct log_head *head, const struct csv_map *m,
    char separator, struct log_value *cells, const struct place *places, struct arena *a)
{
	const char *p = (const char *)head->p, *end = p + head->n;
	const char *row = memchr(p, '\n', head->n);
	struct moment first = MOMENT_NONE;
	if (row == NULL || ++row == end)
		return first;
	const char *stop = memchr(row, '\n', (size_t)(end - row));
	size_t n =
	    split(row, (size_t)((stop != NULL ? stop : end) - row), separator, cells, a);
	for (size_t i = 0; i < m->count; i++) {
		if (strcmp(m->items[i].field->name, "ts") == 0 &&
		    (size_t)places[i].column < n)
			first = time_of(m, &cells[places[i].column]);
	}
	return first;
}

static bool probe(const struct log_head *head, struct log_look *look)
{
	struct place places[CSV_ITEMS_MAX];
	struct arena a;
	char separator;
	/* The built-in map is made for each look: most files are not CSV, so first a
	 * look whether there is a word of it. */
	bool maybe = head->csv != NULL || memmem(head->p, head->n < 1024 ? head->n : 1024,
					      "StartTime", 9) != NULL;
	struct log_value *cells = maybe ? calloc(COLUMNS_MAX, sizeof(*cells)) : NULL;
	if (cells == NULL)
		return false;
	arena_init(&a, LOG_SCRATCH_MAX);
	struct csv_map *argus = csv_map_new(argus_map, NULL);
	size_t n = first_line(head, &separator, cells, &a);
	const struct csv_map *m =
	    n > 1 ? choose(head->csv, argus, cells, n, places) : NULL;
	if (m != NULL)
		look->first = time_of_first(head, m, separator, cells, places, &a);
	csv_map_free(argus);
	arena_fini(&a);
	free(cells);
	return m != NULL;
}

static void *csv_begin(void)
{
	struct csv_group *g = calloc(1, sizeof(*g));
	if (g != NULL)
		g->argus = csv_map_new(argus_map, NULL);
	return g;
}

static void csv_end(void *group, struct log_out *out, struct arena *scratch)
{
	struct csv_group *g = group;
	(void)out;
	(void)scratch;
	csv_map_free(g->argus);
	free(g);
}

static bool csv_open(struct log_file *f)
{
	f->own = calloc(1, sizeof(struct csv_file));
	return f->own != NULL;
}

static bool header(struct log_file *f, const struct log_line *line)
{
	struct csv_file *c = f->own;
	const struct csv_group *g = f->group;
	c->begun = true;
	c->separator = find_separator(line->p, line->n);
	c->columns = split(line->p, line->n, c->separator, c->cells, f->scratch);
	c->map = choose(f->csv, g->argus, c->cells, c->columns, c->places);
	arena_reset(f->scratch);
	if (c->map == NULL)
		log_fault(f, INPUT_MALFORMED, line->offset,
		    "its header line has not the columns of the map");
	return c->map != NULL;
}

static bool csv_read(struct log_file *f)
{
	struct csv_file *c = f->own;
	struct log_line line;
	uint64_t until = f->stream->offset + LOG_PIECE_BYTES;
	while (f->stream->offset < until) {
		if (!log_line_next(f, &line))
			return false;
		if (c->begun)
			row(f, &line);
		else if (!header(f, &line))
			return false;
	}
	return true;
}

static void csv_close(struct log_file *f)
{
	free(f->own);
}

const struct log_format log_format_csv = {
    .names = {"csv", "csv+gzip", "csv+zstd", "csv+xz"},
    .kind = "csv",
    .probe = probe,
    .begin = csv_begin,
    .end = csv_end,
    .open = csv_open,
    .read = csv_read,
    .close = csv_close,
};
