/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comma-separated values (RFC 4180), also with semicolons or tabs. What a column holds is
 * told by its header, which may stand in a comment (as abuse.ch writes it); without one,
 * by whether the fields of the first lines can be read as indicators.
 *
 *     indicator,type,comment            ip,port,malware            203.0.113.7,90
 *     203.0.113.7,ip-dst,C2             203.0.113.7,443,Foo        198.51.100.1,20
 */
#include "feed/csv.h"

#include <stdlib.h>

#define SAMPLE_LINES 32 /* lines that decide whether it is CSV, and what columns hold */
#define SAMPLE_SHARE 80 /* per cent of fields that must be indicators */
#define JOINED_LINES 64 /* lines that one record with quoted line ends may have */

struct csv {
	struct csv_columns columns;
	char delimiter;
	struct str fields[CSV_COLUMNS_MAX];
	size_t count;
	char *joined; /* a record of several lines; NULL until one is met */
};

static const struct {
	const char *word;
	enum csv_use use;
} words[] = {
    {"type", CSV_TYPE},
    {"indicatortype", CSV_TYPE},
    {"ioctype", CSV_TYPE},
    {"attributetype", CSV_TYPE},
    {"observabletype", CSV_TYPE},
    {"kind", CSV_TYPE},
    {"note", CSV_NOTE},
    {"notes", CSV_NOTE},
    {"comment", CSV_NOTE},
    {"description", CSV_NOTE},
    {"desc", CSV_NOTE},
    {"metadesc", CSV_NOTE},
    {"metasource", CSV_NOTE},
    {"malware", CSV_NOTE},
    {"malwareprintable", CSV_NOTE},
    {"threat", CSV_NOTE},
    {"label", CSV_NOTE},
    {"listingreason", CSV_NOTE},
    {"tags", CSV_NOTE},
    {"source", CSV_NOTE},
    {"eventinfo", CSV_NOTE},
    {"uuid", CSV_ID},
    {"id", CSV_ID},
    {"iocid", CSV_ID},
    {"stixid", CSV_ID},
    {"validfrom", CSV_FROM},
    {"validuntil", CSV_UNTIL},
    {"expiration", CSV_UNTIL},
    {"expires", CSV_UNTIL},
    {"port", CSV_PORT},
    {"dstport", CSV_PORT},
    {"destport", CSV_PORT},
    {"dport", CSV_PORT},
    {"toids", CSV_TO_IDS},
};

/* The name of a column without case and marks; false when it is too long to be known. */
static bool plain_word(struct str name, char out[static 32])
{
	size_t n = 0;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
			continue;
		if (n == 31)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n > 0;
}

bool csv_header(struct csv_columns *c, const struct str *names, size_t count)
{
	bool value = false;
	*c = (struct csv_columns){.count = count};
	for (size_t i = 0; i < count && i < CSV_COLUMNS_MAX; i++) {
		char word[32];
		struct csv_column *column = &c->v[i];
		if (!plain_word(names[i], word))
			continue;
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
			if (strcmp(word, words[k].word) == 0)
				column->use = words[k].use;
		}
		column->type = column->use == CSV_IGNORE ? feed_type_of(names[i]) : NULL;
		if (column->type != NULL)
			column->use = CSV_VALUE;
		value = value || column->use == CSV_VALUE;
	}
	return value;
}

static void add_note(struct feed_reader *r, struct indicator *like, struct str text)
{
	text = str_clean(&r->arena, text.p, text.n);
	if (text.n == 0 || text.p == NULL)
		return;
	like->note = like->note.n > 0 ? str_format(&r->arena, "%.*s; %.*s",
					    STR_ARG(like->note), STR_ARG(text))
				      : text;
}

/* What the fields around the values say; false when they say to leave the row alone. */
static bool row_context(struct feed_reader *r, const struct csv_columns *c,
    const struct str *fields, size_t count, struct indicator *like, struct str *type)
{
	struct indicator port;
	const char *why;
	bool asked = true;
	for (size_t i = 0; i < count && i < c->count; i++) {
		struct str f = fields[i];
		enum csv_use use = f.n > 0 ? c->v[i].use : CSV_IGNORE;
		if (use == CSV_TYPE)
			*type = f;
		else if (use == CSV_NOTE)
			add_note(r, like, f);
		else if (use == CSV_ID)
			like->id = str_clean(&r->arena, f.p, f.n);
		else if (use == CSV_FROM)
			feed_when(f, &like->valid_from);
		else if (use == CSV_UNTIL)
			feed_when(f, &like->valid_until);
		else if (use == CSV_PORT &&
			 indicator_normalise(INDICATOR_PORT, f, &r->arena, &port, &why))
			like->port = port.port;
		else if (use == CSV_TO_IDS)
			asked = !feed_same(f, "0") && !feed_same(f, "false");
	}
	return asked;
}

void csv_row(struct feed_reader *r, const struct csv_columns *c, const struct str *fields,
    size_t count)
{
	static const struct feed_type guess = {
	    "", INDICATOR_OTHER, MATCH_EQUAL, FORM_GUESS};
	struct indicator like = {
	    .valid_from = INDICATOR_VALID_NONE, .valid_until = INDICATOR_VALID_NONE};
	struct str type = {0};
	bool any = false;
	r->report.seen++;
	bool asked = row_context(r, c, fields, count, &like, &type);
	for (size_t i = 0; i < count && i < c->count; i++) {
		const struct feed_type *t = c->v[i].type;
		if (c->v[i].use != CSV_VALUE || fields[i].n == 0)
			continue;
		any = true;
		if (!asked) {
			feed_skip(r, FEED_NOT_ASKED, fields[i], NULL);
			continue;
		}
		if (t == NULL || t->form == FORM_GUESS)
			t = type.n > 0 ? feed_type_of(type) : NULL;
		feed_put_typed(r, t != NULL ? t : &guess, fields[i], &like);
	}
	if (!any)
		feed_skip(r, FEED_MALFORMED, count > 0 ? fields[0] : (struct str){0},
		    "no value in this line");
}

/* ---- fields ---- */

/* One quoted field at *p, which stands after the opening quote: its text with doubled
 * quotes halved. False when the quote is not closed. */
static bool quoted(struct arena *arena, const char **p, const char *end, struct str *out)
{
	const char *start = *p, *s = start;
	size_t doubled = 0;
	for (;;) {
		s = s < end ? memchr(s, '"', (size_t)(end - s)) : NULL;
		if (s == NULL)
			return false;
		if (s + 1 == end || s[1] != '"')
			break;
		doubled++;
		s += 2;
	}
	*p = s + 1;
	*out = (struct str){start, (size_t)(s - start)};
	char *o = doubled > 0 ? arena_alloc(arena, out->n) : NULL;
	if (o == NULL)
		return true;
	size_t n = 0;
	for (size_t i = 0; i < out->n; i++) {
		o[n++] = start[i];
		i += start[i] == '"';
	}
	*out = (struct str){o, n};
	return true;
}

/* Split a record; false when a quote is open at its end. */
static bool split(struct arena *arena, struct str line, char delimiter,
    struct str *fields, size_t *count)
{
	*count = 0;
	if (line.n == 0)
		return true;
	const char *p = line.p, *end = line.p + line.n;
	for (;;) {
		struct str f = {p, 0};
		while (p < end && *p == ' ')
			p++;
		if (p < end && *p == '"') {
			p++;
			if (!quoted(arena, &p, end, &f))
				return false;
			const char *mark = memchr(p, delimiter, (size_t)(end - p));
			p = mark != NULL ? mark : end;
		} else {
			const char *mark = memchr(p, delimiter, (size_t)(end - p));
			f.p = p;
			p = mark != NULL ? mark : end;
			f.n = (size_t)(p - f.p);
		}
		if (*count < CSV_COLUMNS_MAX)
			fields[(*count)++] = feed_trim(f);
		if (p == end)
			return true;
		p++;
	}
}

/* A record whose quote is open at the end of the line goes on in the next ones; its place
 * is that of its first line. */
static bool join(struct feed_reader *r, struct csv *c, struct str *line)
{
	uint32_t first = r->at;
	struct str next = *line;
	size_t n = 0;
	if (c->joined == NULL)
		c->joined = malloc(FEED_LINE_MAX);
	for (int i = 0; c->joined != NULL && i < JOINED_LINES; i++) {
		if (next.n + 1 > FEED_LINE_MAX - n)
			break;
		memcpy(c->joined + n, next.p, next.n);
		n += next.n;
		*line = (struct str){c->joined, n};
		if (i > 0 && split(&r->arena, *line, c->delimiter, c->fields, &c->count))
			return true;
		c->joined[n++] = ' ';
		if (!feed_line(r, &next))
			break;
	}
	uint32_t last = r->at;
	r->at = first;
	feed_skip(r, FEED_MALFORMED, *line, "a quote that is never closed");
	r->at = last;
	return false;
}

static bool is_comment(struct str line)
{
	return line.n == 0 || line.p[0] == '#';
}

static void read_lines(struct feed_reader *r, struct csv *c)
{
	struct str line;
	while (feed_line(r, &line)) {
		uint32_t first = r->at;
		if (is_comment(feed_trim(line)) || first <= c->columns.header_line)
			continue;
		if (!split(&r->arena, line, c->delimiter, c->fields, &c->count) &&
		    !join(r, c, &line))
			continue;
		uint32_t last = r->at;
		r->at = first;
		csv_row(r, &c->columns, c->fields, c->count);
		r->at = last;
	}
}

/* ---- recognition ---- */

/* A look at the first lines. */
struct sample {
	struct arena arena;
	struct str fields[CSV_COLUMNS_MAX];
	size_t count;
	size_t columns; /* of every line; 0: they differ */
	size_t lines;
	struct str comment; /* the last before the data */
	uint32_t comment_line;
	size_t good[CSV_COLUMNS_MAX], urls[CSV_COLUMNS_MAX], full[CSV_COLUMNS_MAX];
	size_t types[CSV_COLUMNS_MAX];
};

static bool is_indicator(struct arena *arena, struct str f, bool *url)
{
	struct indicator in;
	const char *why;
	bool yes = indicator_parse(f, arena, &in, &why);
	*url = yes && in.kind == INDICATOR_URL;
	return yes;
}

static void sample_fields(struct sample *s)
{
	for (size_t i = 0; i < s->count; i++) {
		bool url;
		s->full[i] += s->fields[i].n > 0;
		s->good[i] += is_indicator(&s->arena, s->fields[i], &url);
		s->urls[i] += url;
		s->types[i] += s->fields[i].n > 0 && feed_type_of(s->fields[i]) != NULL;
	}
}

/* Take the sample; false when the lines have not the same number (> 1) of columns. */
static bool sample_take(struct sample *s, struct str head, bool whole, char delimiter)
{
	struct str line;
	uint32_t at = 0;
	while (s->lines < SAMPLE_LINES && feed_head_line(&head, &line)) {
		at++;
		if (head.n == 0 && !whole && s->lines > 0)
			break; /* it may be cut off */
		if (is_comment(feed_trim(line))) {
			if (line.n > 0 && s->lines == 0) {
				s->comment = (struct str){line.p + 1, line.n - 1};
				s->comment_line = at;
			}
			continue;
		}
		if (!split(&s->arena, line, delimiter, s->fields, &s->count))
			return s->lines >
			       0; /* a quoted line end: what came before decides */
		if (s->lines > 0 && s->count != s->columns)
			return false;
		s->columns = s->count;
		s->lines++;
		sample_fields(s);
	}
	return s->columns > 1;
}

static bool no_indicator(struct sample *s)
{
	for (size_t i = 0; i < s->count; i++) {
		bool url;
		if (is_indicator(&s->arena, s->fields[i], &url))
			return false;
	}
	return true;
}

/* Whether the line names columns, at least one of values. */
static bool take_header(
    struct sample *s, struct str line, char delimiter, struct csv_columns *c)
{
	return split(&s->arena, line, delimiter, s->fields, &s->count) &&
	       no_indicator(s) && csv_header(c, s->fields, s->count);
}

/* The first line that is no comment, and its number. */
static struct str first_line(struct str head, uint32_t *at)
{
	struct str line = {0};
	for (*at = 1; feed_head_line(&head, &line); (*at)++) {
		if (!is_comment(feed_trim(line)))
			return line;
	}
	return (struct str){0};
}

/* Columns without a header: those whose fields are indicators; of URLs only the first,
 * and only when nothing else is, since other URLs tell where a report can be read. */
static bool guess_columns(const struct sample *s, struct csv_columns *c)
{
	bool any = false;
	*c = (struct csv_columns){.count = s->columns};
	for (int urls = 0; urls < 2; urls++) {
		for (size_t i = 0; i < s->columns && !(urls == 1 && any); i++) {
			size_t all = s->full[i], good = s->good[i];
			if (all == 0 || (s->urls[i] * 2 > good) != (urls == 1) ||
			    good * 100 < all * SAMPLE_SHARE)
				continue;
			c->v[i].use = CSV_VALUE;
			any = true;
		}
	}
	for (size_t i = 0; i < s->columns; i++) {
		if (s->types[i] == s->lines && c->v[i].use == CSV_IGNORE)
			c->v[i].use = CSV_TYPE;
	}
	return any;
}

/* Whether the head is of CSV with this delimiter; c tells the columns. */
static bool look(struct str head, bool whole, char delimiter, struct csv_columns *c)
{
	struct sample *s = calloc(1, sizeof(*s));
	uint32_t at;
	if (s == NULL)
		return false;
	arena_init(&s->arena, FEED_SCRATCH_BYTES);
	bool even = sample_take(s, head, whole, delimiter);
	size_t columns = s->columns;
	struct str first = first_line(head, &at);
	bool yes = false;
	if (take_header(s, first, delimiter, c) && c->count > 1) {
		c->header_line = at;
		yes = true;
	} else if (s->comment.n > 0 && take_header(s, s->comment, delimiter, c) &&
		   c->count > 1 && (!even || c->count == columns)) {
		c->header_line = s->comment_line;
		yes = true;
	} else {
		yes = even && guess_columns(s, c);
	}
	arena_fini(&s->arena);
	free(s);
	return yes;
}

static char delimiter_of(struct str head, bool whole, struct csv_columns *c)
{
	static const char delimiters[] = {'\t', ',', ';'};
	for (size_t i = 0; i < sizeof(delimiters); i++) {
		if (look(head, whole, delimiters[i], c))
			return delimiters[i];
	}
	return '\0';
}

static bool probe_csv(struct str head, bool whole)
{
	struct csv_columns columns;
	return memchr(head.p, '\0', head.n) == NULL &&
	       delimiter_of(head, whole, &columns) != '\0';
}

static void read_csv(struct feed_reader *r)
{
	struct csv *c = calloc(1, sizeof(*c));
	if (c == NULL) {
		feed_damage(r, 0, "no memory");
		return;
	}
	struct bytes view = stream_view(r->stream);
	size_t n = view.left < FEED_HEAD_BYTES ? view.left : FEED_HEAD_BYTES;
	struct str head = {(const char *)view.pos, n};
	bool whole = view.left <= FEED_HEAD_BYTES && r->stream->eof;
	c->delimiter = delimiter_of(head, whole, &c->columns);
	if (c->delimiter != '\0')
		read_lines(r, c);
	free(c->joined);
	free(c);
}

const struct feed_format format_csv = {"csv", "line", probe_csv, read_csv};
