/* SPDX-License-Identifier: Apache-2.0 */
#include "export/foreign.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/sql.h"
#include "record/dns_words.h"
#include "record/json.h"
#include "sys/path.h"

#define FILE_MODE  0640   /* what a network did is not for every user to read */
#define BETWEEN    '\x1f' /* elements of a list, as the SQL joins them */
#define NAME_PARTS 8      /* members of members in EVE */

static const struct foreign_list *const zeek_lists[] = {
    &zeek_basic, &zeek_mail, &zeek_net, &zeek_db, NULL};
static const struct foreign_list *const eve_lists[] = {&eve_basic, &eve_windows,
    &eve_messages, &eve_ot, &eve_mail, &eve_net, &eve_files, &eve_db, NULL};

struct writer {
	const struct foreign_log *log;
	enum foreign_form form;
	struct store_rows *rows;
	FILE *out;
	uint64_t n;
};

/* ---- values ---- */

/* Seconds since 1970 with six decimals; the whole part and the rest are kept apart, as a
 * double has no room for both. */
static void put_time(FILE *out, struct moment m)
{
	int64_t us = moment_us(m);
	int64_t s = us / 1000000, rest = us % 1000000;
	if (rest < 0) {
		s--;
		rest += 1000000;
	}
	fprintf(out, "%" PRId64 ".%06" PRId64, s, rest);
}

/* A number that stands as a word in our tables. */
static int word_number(enum foreign_type type, struct str word)
{
	if (type == FOREIGN_DNS_TYPE)
		return dns_type_number(word);
	if (type == FOREIGN_DNS_CLASS)
		return dns_class_number(word);
	return dns_rcode_number(word);
}

/* The next element of a list at *at; false behind the last. An empty text is no list. */
static bool next_element(struct str list, size_t *at, struct str *one)
{
	if (*at > list.n || list.n == 0)
		return false;
	const char *from = list.p + *at;
	const char *stop = memchr(from, BETWEEN, list.n - *at);
	*one = (struct str){from, stop != NULL ? (size_t)(stop - from) : list.n - *at};
	*at += one->n + 1;
	return true;
}

/* ---- fields between tabs ---- */

/* Our texts hold bytes that can not be shown as \xHH, as Zeek's do. */
static bool is_escape(struct str s, size_t i)
{
	return s.n - i >= 4 && s.p[i] == '\\' && s.p[i + 1] == 'x' &&
	       isxdigit((unsigned char)s.p[i + 2]) && isxdigit((unsigned char)s.p[i + 3]);
}

/* What Zeek's reader would take for something else goes as \xHH: what separates, and a
 * text that looks like an absent or an empty value. A backslash is doubled. */
static void put_escaped(FILE *out, struct str s, bool in_list)
{
	bool whole = str_equal(s, STR("-")) || str_equal(s, STR("(empty)"));
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '\\' && !is_escape(s, i))
			fputs("\\\\", out);
		else if (c < 0x20 || c == 0x7f || (in_list && c == ',') ||
			 (whole && i == 0))
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
}

static void put_list(FILE *out, struct str list)
{
	struct str one;
	size_t at = 0, n = 0;
	while (next_element(list, &at, &one)) {
		if (n++ > 0)
			fputc(',', out);
		put_escaped(out, one, true);
	}
	if (n == 0)
		fputs("(empty)", out);
}

static void put_word_number(const struct writer *w, size_t i, const char *none)
{
	int n = word_number(w->log->columns[i].type, store_text(w->rows, i));
	if (n < 0)
		fputs(none, w->out);
	else
		fprintf(w->out, "%d", n);
}

static void put_field(const struct writer *w, size_t i)
{
	enum foreign_type type = w->log->columns[i].type;
	if (store_is_null(w->rows, i)) {
		fputc('-', w->out);
		return;
	}
	switch (type) {
	case FOREIGN_TIME:
	case FOREIGN_DATE:
		put_time(w->out, store_time(w->rows, i));
		break;
	case FOREIGN_INTERVAL:
		fprintf(w->out, "%.6f", store_real(w->rows, i));
		break;
	case FOREIGN_PORT:
	case FOREIGN_COUNT:
		fprintf(w->out, "%" PRIu64, store_uint(w->rows, i));
		break;
	case FOREIGN_DNS_TYPE:
	case FOREIGN_DNS_CLASS:
	case FOREIGN_DNS_RCODE:
		put_word_number(w, i, "-");
		break;
	case FOREIGN_BOOL:
		fputc(store_bool(w->rows, i) ? 'T' : 'F', w->out);
		break;
	case FOREIGN_STRING:
	case FOREIGN_ENUM:
	case FOREIGN_ADDR:
		if (store_text(w->rows, i).n == 0)
			fputs("(empty)", w->out);
		put_escaped(w->out, store_text(w->rows, i), false);
		break;
	case FOREIGN_JSON:
		put_escaped(w->out, store_text(w->rows, i), false);
		break;
	case FOREIGN_STRINGS:
	case FOREIGN_INTERVALS:
	case FOREIGN_COUNTS:
	case FOREIGN_SET:
		put_list(w->out, store_text(w->rows, i));
		break;
	}
}

static const char *type_word(enum foreign_type t)
{
	static const char *const words[] = {[FOREIGN_TIME] = "time",
	    [FOREIGN_INTERVAL] = "interval",
	    [FOREIGN_STRING] = "string",
	    [FOREIGN_ENUM] = "enum",
	    [FOREIGN_ADDR] = "addr",
	    [FOREIGN_PORT] = "port",
	    [FOREIGN_COUNT] = "count",
	    [FOREIGN_BOOL] = "bool",
	    [FOREIGN_STRINGS] = "vector[string]",
	    [FOREIGN_INTERVALS] = "vector[interval]",
	    [FOREIGN_COUNTS] = "vector[count]",
	    [FOREIGN_SET] = "set[string]",
	    [FOREIGN_DNS_TYPE] = "count",
	    [FOREIGN_DNS_CLASS] = "count",
	    [FOREIGN_DNS_RCODE] = "count",
	    [FOREIGN_DATE] = "time",
	    [FOREIGN_JSON] = "string"};
	return words[t];
}

static void put_head(const struct writer *w)
{
	fprintf(w->out,
	    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n"
	    "#unset_field\t-\n#path\t%s\n#fields",
	    w->log->name);
	for (size_t i = 0; i < w->log->n; i++)
		fprintf(w->out, "\t%s", w->log->columns[i].name);
	fputs("\n#types", w->out);
	for (size_t i = 0; i < w->log->n; i++)
		fprintf(w->out, "\t%s", type_word(w->log->columns[i].type));
	fputc('\n', w->out);
}

static void put_line(const struct writer *w)
{
	for (size_t i = 0; i < w->log->n; i++) {
		if (i > 0)
			fputc('\t', w->out);
		put_field(w, i);
	}
	fputc('\n', w->out);
}

/* ---- JSON ---- */

static void put_date(FILE *out, struct moment m)
{
	char text[MOMENT_TEXT_MAX];
	moment_text(m, text);
	/* "2024-01-31T12:00:00.000000Z": Suricata writes the zone as an offset. */
	fprintf(out, "\"%.*s+0000\"", (int)strcspn(text, "Z"), text);
}

static void put_json_list(FILE *out, struct str list, bool numbers)
{
	struct str one;
	size_t at = 0, n = 0;
	fputc('[', out);
	while (next_element(list, &at, &one)) {
		if (n++ > 0)
			fputc(',', out);
		if (numbers)
			fwrite(one.p, 1, one.n, out);
		else
			json_put_string(out, one);
	}
	fputc(']', out);
}

static void put_json(const struct writer *w, size_t i)
{
	enum foreign_type type = w->log->columns[i].type;
	switch (type) {
	case FOREIGN_TIME:
		put_time(w->out, store_time(w->rows, i));
		break;
	case FOREIGN_DATE:
		put_date(w->out, store_time(w->rows, i));
		break;
	case FOREIGN_INTERVAL:
		fprintf(w->out, "%.6f", store_real(w->rows, i));
		break;
	case FOREIGN_PORT:
	case FOREIGN_COUNT:
		fprintf(w->out, "%" PRIu64, store_uint(w->rows, i));
		break;
	case FOREIGN_DNS_TYPE:
	case FOREIGN_DNS_CLASS:
	case FOREIGN_DNS_RCODE:
		put_word_number(w, i, "null");
		break;
	case FOREIGN_BOOL:
		fputs(store_bool(w->rows, i) ? "true" : "false", w->out);
		break;
	case FOREIGN_STRING:
	case FOREIGN_ENUM:
	case FOREIGN_ADDR:
		json_put_string(w->out, store_text(w->rows, i));
		break;
	case FOREIGN_JSON:
		fprintf(w->out, "%.*s", STR_ARG(store_text(w->rows, i)));
		break;
	case FOREIGN_STRINGS:
	case FOREIGN_SET:
	case FOREIGN_INTERVALS:
	case FOREIGN_COUNTS:
		put_json_list(w->out, store_text(w->rows, i),
		    type == FOREIGN_INTERVALS || type == FOREIGN_COUNTS);
		break;
	}
}

static void put_object(const struct writer *w)
{
	const char *comma = "";
	fputc('{', w->out);
	for (size_t i = 0; i < w->log->n; i++) {
		if (store_is_null(w->rows, i))
			continue;
		fprintf(w->out, "%s\"%s\":", comma, w->log->columns[i].name);
		put_json(w, i);
		comma = ",";
	}
	fputs("}\n", w->out);
}

/* The parts of a name between dots; how many. */
static size_t split_name(const char *name, struct str parts[static NAME_PARTS])
{
	size_t n = 0;
	while (n < NAME_PARTS) {
		size_t length = strcspn(name, ".");
		parts[n++] = (struct str){name, length};
		if (name[length] == '\0')
			break;
		name += length + 1;
	}
	return n;
}

/* Members of one object stand next to each other in the list of columns, so an object
 * opens where a name's parts begin to differ from those before, and closes likewise. */
static void put_event(const struct writer *w)
{
	struct str open[NAME_PARTS];
	size_t depth = 0;
	bool first = true;
	fputc('{', w->out);
	for (size_t i = 0; i < w->log->n; i++) {
		struct str parts[NAME_PARTS];
		size_t n = split_name(w->log->columns[i].name, parts), same = 0;
		if (store_is_null(w->rows, i))
			continue;
		while (same < depth && same + 1 < n && str_equal(open[same], parts[same]))
			same++;
		for (; depth > same; depth--)
			fputc('}', w->out);
		if (!first)
			fputc(',', w->out);
		for (; depth + 1 < n; depth++) {
			open[depth] = parts[depth];
			fprintf(w->out, "\"%.*s\":{", STR_ARG(parts[depth]));
		}
		fprintf(w->out, "\"%.*s\":", STR_ARG(parts[n - 1]));
		put_json(w, i);
		first = false;
	}
	for (; depth > 0; depth--)
		fputc('}', w->out);
	fputs("}\n", w->out);
}

/* ---- a log ---- */

static void put_span(struct sql *sql, const struct foreign_request *x)
{
	sql_put(sql, " WHERE true");
	if (x->since.ns != MOMENT_NONE.ns)
		sql_format(sql, " AND r.ts >= make_timestamp(%lld)",
		    (long long)moment_us(x->since));
	if (x->until.ns != MOMENT_NONE.ns)
		sql_format(sql, " AND r.ts < make_timestamp(%lld)",
		    (long long)moment_us(x->until));
}

static struct store_rows *query(struct store *s, const struct foreign_log *log,
    const struct foreign_request *x, struct error *e)
{
	struct sql sql = sql_start();
	if (log->with != NULL)
		sql_format(&sql, "WITH %s ", log->with);
	sql_put(&sql, "SELECT ");
	for (size_t i = 0; i < log->n; i++)
		sql_format(
		    &sql, "%s(%s) AS c%zu", i > 0 ? "," : "", log->columns[i].sql, i);
	sql_format(&sql, " FROM %s", log->from);
	put_span(&sql, x);
	sql_put(&sql, " ORDER BY r.ts");
	for (size_t i = 1; i < log->n && i < 12; i++)
		sql_format(&sql, ",c%zu", i); /* the same rows, the same order */
	const char *text = sql_text(&sql, e);
	struct store_rows *rows = text != NULL ? store_query(s, text, e) : NULL;
	sql_free(&sql);
	return rows;
}

static int put_rows(
    struct store *s, struct writer *w, const struct foreign_request *x, struct error *e)
{
	w->n = 0;
	w->rows = query(s, w->log, x, e);
	if (w->rows == NULL)
		return -1;
	while (!ferror(w->out) && store_next(w->rows)) {
		if (w->n++ == 0 && w->form == FOREIGN_ZEEK)
			put_head(w);
		if (w->form == FOREIGN_ZEEK)
			put_line(w);
		else if (w->form == FOREIGN_ZEEK_JSON)
			put_object(w);
		else
			put_event(w);
	}
	int status = store_rows_failed(w->rows, e) ? -1 : 0;
	store_rows_free(w->rows);
	return status;
}

/* ---- files ---- */

struct file {
	char path[PATH_MAX], aside[PATH_MAX];
	FILE *out;
};

static int file_open(struct file *f, const char *folder, const char *name,
    const char *end, struct error *e)
{
	f->out = NULL;
	if (path_make(f->path, e, "%s/%s.%s", folder, name, end) < 0 ||
	    path_make(f->aside, e, "%s/.%s.part", folder, name) < 0)
		return -1;
	f->out = fopen(f->aside, "we");
	if (f->out == NULL)
		return error_set(e, ERR_SYSTEM, "%s: %s", f->path, strerror(errno));
	return 0;
}

/* Give it its name, or (keep is false) take it away. */
static int file_close(struct file *f, bool keep, struct error *e)
{
	if (f->out == NULL)
		return 0;
	bool bad = ferror(f->out) != 0;
	if (fclose(f->out) != 0)
		bad = true;
	f->out = NULL;
	if (keep && !bad && chmod(f->aside, FILE_MODE) == 0 &&
	    rename(f->aside, f->path) == 0)
		return 0;
	int why = errno;
	remove(f->aside);
	return keep ? error_set(e, ERR_SYSTEM, "%s: %s", f->path, strerror(why)) : 0;
}

static bool is_wanted(const struct foreign_request *x, const char *name)
{
	for (size_t i = 0; i < x->log_count; i++) {
		if (strcmp(x->logs[i], name) == 0)
			return true;
	}
	return x->log_count == 0;
}

static int write_log(struct store *s, const struct foreign_log *log,
    const struct foreign_request *x, const struct foreign_sink *sink, struct error *e)
{
	struct file f;
	if (file_open(&f, x->folder, log->name, "log", e) < 0)
		return -1;
	struct writer w = {.log = log, .form = x->form, .out = f.out};
	int status = put_rows(s, &w, x, e);
	if (file_close(&f, status == 0 && w.n > 0, e) < 0)
		return -1;
	if (status == 0 && w.n > 0)
		sink->wrote(sink->ctx, f.path, w.n);
	return status;
}

/* The next log of lists behind *at, NULL behind the last; *at begins with 0. */
static const struct foreign_log *next_log(
    const struct foreign_list *const *lists, size_t *at)
{
	size_t i = (*at)++;
	for (; *lists != NULL; lists++) {
		if (i < (*lists)->n)
			return &(*lists)->logs[i];
		i -= (*lists)->n;
	}
	return NULL;
}

static int write_eve(struct store *s, const struct foreign_request *x,
    const struct foreign_sink *sink, struct error *e)
{
	struct file f;
	uint64_t rows = 0;
	size_t at = 0;
	int status = 0;
	if (file_open(&f, x->folder, "eve", "json", e) < 0)
		return -1;
	const struct foreign_log *log;
	while (status == 0 && (log = next_log(eve_lists, &at)) != NULL) {
		struct writer w = {.log = log, .form = FOREIGN_EVE, .out = f.out};
		if (!is_wanted(x, log->name))
			continue;
		status = put_rows(s, &w, x, e);
		if (status < 0)
			error_add(e, "%s", log->name);
		rows += w.n;
	}
	if (file_close(&f, status == 0, e) < 0)
		return -1;
	if (status == 0)
		sink->wrote(sink->ctx, f.path, rows);
	return status;
}

static int check_names(const struct foreign_request *x,
    const struct foreign_list *const *lists, struct error *e)
{
	for (size_t i = 0; i < x->log_count; i++) {
		const struct foreign_log *log;
		size_t at = 0;
		do
			log = next_log(lists, &at);
		while (log != NULL && strcmp(log->name, x->logs[i]) != 0);
		if (log == NULL)
			return error_set(e, ERR_USAGE,
			    "there is no '%s' to export in this format (doc/format/"
			    "export.md)",
			    x->logs[i]);
	}
	return 0;
}

int foreign_export(struct store *s, const struct foreign_request *x,
    const struct foreign_sink *sink, struct error *e)
{
	bool eve = x->form == FOREIGN_EVE;
	if (check_names(x, eve ? eve_lists : zeek_lists, e) < 0)
		return -1;
	if (eve)
		return write_eve(s, x, sink, e);
	const struct foreign_log *log;
	size_t at = 0;
	while ((log = next_log(zeek_lists, &at)) != NULL) {
		if (is_wanted(x, log->name) && write_log(s, log, x, sink, e) < 0)
			return error_add(e, "%s", log->name);
	}
	return 0;
}
