/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's JSON: an object a line, unset fields left out. What kind of log it is stands in
 * _path or @stream where a shipper put it there, also a new one in each line; else the
 * fields tell.
 */
#include <stdlib.h>
#include <string.h>

#include "input/json.h"
#include "input/log_line.h"
#include "input/zeek.h"

#define FLAT_MAX   48  /* names with a dot, of one kind */
#define FLAT_BYTES 40  /* of the longest, its NUL included */
#define FIELDS_MAX 128 /* of a line that are looked at to tell its kind */

struct zeek_json {
	const struct zeek_kind *kind;    /* of the line before; NULL: not known yet */
	struct json_tree tree;           /* for it */
	char flat[FLAT_MAX][FLAT_BYTES]; /* names that the tree borrows */
	size_t flat_count;
	struct log_value v[ZEEK_SLOTS_MAX];
};

/* A field with a dot in its name has three forms: "id.orig_h", "id_orig_h" and orig_h
 * in an object id. */
static void add_names(struct zeek_json *z, const struct zeek_name *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_tree_add(&z->tree, names[i].name, names[i].slot, true);
		if (strchr(names[i].name, '.') == NULL)
			continue;
		json_tree_add(&z->tree, names[i].name, names[i].slot, false);
		size_t length = strlen(names[i].name);
		if (z->flat_count == FLAT_MAX || length >= FLAT_BYTES)
			continue;
		char *flat = z->flat[z->flat_count++];
		for (size_t k = 0; k <= length; k++)
			flat[k] = names[i].name[k] == '.' ? '_' : names[i].name[k];
		json_tree_add(&z->tree, flat, names[i].slot, true);
	}
}

static void set_kind(struct zeek_json *z, const struct zeek_kind *kind)
{
	z->kind = kind;
	z->flat_count = 0;
	json_tree_init(&z->tree);
	add_names(z, zeek_common, zeek_common_count);
	if (kind != NULL)
		add_names(z, kind->names, kind->name_count);
}

struct fields {
	struct str name[FIELDS_MAX];
	size_t n;
	struct str path; /* the value of _path */
	struct log_value ts;
	bool event; /* has event_type: another tool's */
};

static void list_fields(const char *p, size_t n, struct fields *fields)
{
	struct log_value name, value;
	fields->n = 0;
	fields->path = (struct str){0};
	fields->ts.form = VALUE_ABSENT;
	fields->event = false;
	for (size_t at = 0;
	     fields->n < FIELDS_MAX && json_member(p, n, &at, &name, &value);) {
		fields->name[fields->n++] = cell_raw(&name);
		if (cell_is(&name, STR("_path")) || cell_is(&name, STR("@stream")))
			fields->path = cell_raw(&value);
		else if (cell_is(&name, STR("ts")) || cell_is(&name, STR("@timestamp")))
			fields->ts = value;
		fields->event = fields->event || cell_is(&name, STR("event_type"));
	}
}

static const struct zeek_kind *kind_of(const struct fields *fields, const char *file)
{
	if (fields->path.n > 0)
		return zeek_kind_of(fields->path);
	return zeek_guess(fields->name, fields->n, file);
}

static bool is_zeek(const struct fields *fields)
{
	if (fields->event || fields->ts.form == VALUE_ABSENT)
		return false;
	static const char *const own[] = {"_path", "@stream", "uid", "id.orig_h", "fuid"};
	for (size_t i = 0; i < fields->n; i++) {
		for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++) {
			if (str_equal(fields->name[i], str_of(own[k])))
				return true;
		}
	}
	return false;
}

static bool probe(const struct log_head *head, struct log_look *look)
{
	struct str line = json_first_line(head);
	if (line.n == 0)
		return false;
	struct fields fields;
	list_fields(line.p, line.n, &fields);
	const struct zeek_kind *kind = kind_of(&fields, head->path);
	if (fields.event || fields.ts.form == VALUE_ABSENT ||
	    (kind == NULL && !is_zeek(&fields)))
		return false;
	look->first = cell_time(&fields.ts);
	/* A stream of all kinds begins with any: it is read for those that are kept. */
	look->not_kept = kind == NULL && fields.path.n == 0;
	look->lane = kind != NULL ? kind->lane : LOG_LANES - 1;
	return true;
}

static bool json_open(struct log_file *f)
{
	struct zeek_json *z = calloc(1, sizeof(*z));
	if (z != NULL)
		set_kind(z, NULL);
	f->own = z;
	return z != NULL;
}

/* Whether the line is of another kind than the tree is for. */
static bool other_kind(const struct zeek_json *z)
{
	const struct log_value *path = &z->v[Z_PATH];
	if (path->form == VALUE_ABSENT)
		return z->kind == NULL;
	return z->kind == NULL || !cell_is(path, str_of(z->kind->path));
}

static bool pick(struct zeek_json *z, const struct log_line *line)
{
	memset(z->v, 0, sizeof(z->v));
	return json_pick(&z->tree, line->p, line->n, z->v);
}

/* Make the tree fit the line's kind and take it apart. */
static bool take_apart(struct log_file *f, const struct log_line *line, bool *not_kept)
{
	struct zeek_json *z = f->own;
	bool good = pick(z, line);
	if (good && other_kind(z)) {
		struct fields fields;
		list_fields(line->p, line->n, &fields);
		const struct zeek_kind *kind = kind_of(&fields, f->path);
		if (kind == NULL && fields.path.n > 0)
			*not_kept = true; /* understood, but no table is kept of it */
		set_kind(z, kind);
		good = pick(z, line);
	}
	return good;
}

/* False when the line is to be read later. */
static bool row(struct log_file *f, const struct log_line *line)
{
	struct zeek_json *z = f->own;
	bool not_kept = false, good = take_apart(f, line, &not_kept);
	if (good && z->kind != NULL && zeek_too_early(f, z->kind, z->v)) {
		log_line_back(f, line);
		return false;
	}
	f->entries++;
	if (not_kept)
		return true;
	if (!good)
		log_fault(f, line->cut ? INPUT_TRUNCATED : INPUT_MALFORMED, line->offset,
		    "a line is no JSON object");
	else if (z->kind == NULL)
		log_fault(f, INPUT_UNSUPPORTED, line->offset,
		    "a line of a kind of log of which dwell keeps no table");
	else if (!zeek_row(f, z->kind, z->v, line->offset))
		log_fault(f, INPUT_MALFORMED, line->offset,
		    "a line has no time or no address where one must be");
	return true;
}

static bool json_read(struct log_file *f)
{
	struct log_line line;
	uint64_t until = f->stream->offset + LOG_PIECE_BYTES;
	do {
		if (!log_line_next(f, &line))
			return false;
		if (!row(f, &line))
			break;
	} while (f->stream->offset < until);
	return true;
}

static void json_close(struct log_file *f)
{
	free(f->own);
}

const struct log_format log_format_zeek_json = {
    .names = {"zeek-json", "zeek-json+gzip", "zeek-json+zstd", "zeek-json+xz"},
    .kind = "zeek",
    .probe = probe,
    .begin = zeek_begin,
    .end = zeek_end,
    .open = json_open,
    .read = json_read,
    .close = json_close,
};
