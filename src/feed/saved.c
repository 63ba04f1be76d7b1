/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/saved.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "feed/set.h"

#define SAVED_VERSION 1
#define FIELDS_MAX    14 /* of a line */
#define LINE_FIRST    4096
#define LEAF          1U /* flags of an indicator */
#define BROAD         2U
#define OF_FILE       4U

/* ---- writing ---- */

static void put_text(FILE *out, struct str s)
{
	fputc('\t', out);
	for (size_t i = 0; s.p != NULL && i < s.n; i++) {
		char c = s.p[i];
		const char *escaped = c == '\t'   ? "\\t"
				      : c == '\n' ? "\\n"
				      : c == '\\' ? "\\\\"
						  : NULL;
		if (escaped != NULL)
			fputs(escaped, out);
		else if (c != '\0')
			fputc(c, out);
	}
}

static void put_indicator(FILE *out, const struct indicator *in)
{
	unsigned flags = (in->leaf ? LEAF : 0) | (in->broad ? BROAD : 0) |
			 (in->file.p != NULL ? OF_FILE : 0);
	fprintf(out, "I\t%s\t%d\t%d\t%u\t%u\t%u\t%" PRId64 "\t%" PRId64,
	    indicator_kind_name(in->kind), (int)in->match, (int)in->role, flags, in->port,
	    in->at, in->valid_from.ns, in->valid_until.ns);
	put_text(out, in->value);
	put_text(out, in->id);
	put_text(out, in->note);
	fputc('\n', out);
}

static void put_pattern(FILE *out, const struct pattern *p)
{
	fprintf(out, "P\t%u\t%u\t%u\t%" PRId64 "\t%" PRId64 "\t%d", p->count,
	    p->unsupported, p->at, p->valid_from.ns, p->valid_until.ns,
	    p->text.p != NULL);
	put_text(out, p->id);
	put_text(out, p->note);
	put_text(out, p->text);
	fputc('\n', out);
	for (uint32_t i = 0; i < p->count; i++) {
		const struct pattern_node *n = &p->nodes[i];
		fprintf(out,
		    "N\t%d\t%d\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu64
		    "\t%" PRIu32 "\t%" PRId64 "\t%" PRId64 "\n",
		    (int)n->op, n->negated, n->leaf, n->first, n->next, n->span,
		    n->repeats, n->start.ns, n->stop.ns);
	}
}

/* Who hears of a set in its order: each file before what came from it. */
struct visitor {
	void *ctx;
	bool (*file)(void *ctx, const char *path, const char *unit);
	bool (*indicator)(void *ctx, uint32_t i, const struct indicator *in);
	bool (*pattern)(void *ctx, uint32_t i, const struct pattern *p);
};

static bool visit(const struct indicators *set, const struct visitor *v)
{
	size_t n = indicators_count(set), m = indicators_pattern_count(set);
	uint32_t i = 0, k = 0;
	const char *path = NULL, *unit = NULL;
	for (size_t file = 0;; file++) {
		struct indicator in;
		for (; i < n; i++) {
			indicators_get(set, i, &in);
			if (in.file.p != NULL && in.file.p != path)
				break;
			if (!v->indicator(v->ctx, i, &in))
				return false;
		}
		for (; k < m && indicators_pattern(set, k)->file.p == path; k++) {
			if (!v->pattern(v->ctx, k, indicators_pattern(set, k)))
				return false;
		}
		if (!set_file(set, file, &path, &unit))
			return true;
		if (!v->file(v->ctx, path, unit))
			return false;
	}
}

static bool write_file(void *ctx, const char *path, const char *unit)
{
	fprintf(ctx, "F\t%s", unit);
	put_text(ctx, str_of(path));
	fputc('\n', ctx);
	return true;
}

static bool write_indicator(void *ctx, uint32_t i, const struct indicator *in)
{
	(void)i;
	put_indicator(ctx, in);
	return true;
}

static bool write_pattern(void *ctx, uint32_t i, const struct pattern *p)
{
	(void)i;
	put_pattern(ctx, p);
	return true;
}

int saved_write(const struct indicators *set, FILE *out, struct error *e)
{
	const struct visitor v = {out, write_file, write_indicator, write_pattern};
	fprintf(out, "dwell-indicators\t%d\n", SAVED_VERSION);
	visit(set, &v);
	fprintf(
	    out, "E\t%zu\t%zu\n", indicators_count(set), indicators_pattern_count(set));
	if (fflush(out) != 0 || ferror(out))
		return error_set(e, ERR_SYSTEM, "indicators could not be written: %s",
		    strerror(errno));
	return 0;
}

/* ---- reading ---- */

struct reading {
	struct indicators *set;
	struct pattern pattern;     /* whose nodes are being read */
	struct pattern_node *nodes; /* owned */
	uint32_t node;              /* read so far */
	char *text[3];              /* of the pattern: id, note, text; owned */
	bool ended;
};

/* The fields of a line, unescaped where it lies; how many. */
static size_t split(char *line, struct str out[static FIELDS_MAX])
{
	size_t n = 0;
	char *from = line, *to = line, *start = line;
	for (;; from++) {
		char c = *from;
		if (c == '\\' && from[1] != '\0') {
			from++;
			*to++ = *from == 't' ? '\t' : *from == 'n' ? '\n' : *from;
			continue;
		}
		if (c != '\t' && c != '\n' && c != '\0') {
			*to++ = c;
			continue;
		}
		if (n == FIELDS_MAX)
			return 0;
		out[n++] = (struct str){start, (size_t)(to - start)};
		*to++ = '\0';
		start = to;
		if (c != '\t')
			return n;
	}
}

static bool number(struct str s, int64_t low, int64_t high, int64_t *out)
{
	char *end;
	errno = 0;
	long long v = strtoll(s.p, &end, 10);
	*out = v;
	return s.n > 0 && *end == '\0' && errno == 0 && v >= low && v <= high;
}

/* Read n whole numbers into out; each must be in [low, high] of its place. */
struct bounds {
	int64_t low, high;
};

static bool numbers(const struct str *f, const struct bounds *b, size_t n, int64_t *out)
{
	for (size_t i = 0; i < n; i++) {
		if (!number(f[i], b[i].low, b[i].high, &out[i]))
			return false;
	}
	return true;
}

static bool kind_of(struct str name, enum indicator_kind *kind)
{
	for (int k = 0; k < INDICATOR_KIND_COUNT; k++) {
		if (str_equal(
			name, str_of(indicator_kind_name((enum indicator_kind)k)))) {
			*kind = (enum indicator_kind)k;
			return true;
		}
	}
	return false;
}

static struct str present(struct str s)
{
	return s.n > 0 ? s : (struct str){0};
}

static bool read_file(struct reading *r, const struct str *f, size_t n)
{
	static const char *const units[] = {"line", "object", "item", "attribute"};
	const char *unit = "entry";
	if (n != 3)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (str_equal(f[1], str_of(units[i])))
			unit = units[i];
	}
	return set_file_add(r->set, f[2].p, unit);
}

static bool read_indicator(struct reading *r, const struct str *f, size_t n)
{
	static const struct bounds b[] = {{0, MATCH_COUNT - 1}, {0, ROLE_COUNT - 1},
	    {0, 7}, {0, UINT16_MAX}, {0, UINT32_MAX}, {INT64_MIN, INT64_MAX},
	    {INT64_MIN, INT64_MAX}};
	int64_t v[7];
	struct indicator in = {0};
	const char *path, *unit;
	if (n != 12 || f[9].n == 0 || !kind_of(f[1], &in.kind) ||
	    !numbers(f + 2, b, 7, v))
		return false;
	in.match = (enum indicator_match)v[0];
	in.role = (enum indicator_role)v[1];
	in.leaf = (v[2] & LEAF) != 0;
	in.broad = (v[2] & BROAD) != 0;
	in.port = (uint16_t)v[3];
	in.at = (uint32_t)v[4];
	in.valid_from.ns = v[5];
	in.valid_until.ns = v[6];
	in.value = f[9];
	in.id = present(f[10]);
	in.note = present(f[11]);
	if ((v[2] & OF_FILE) != 0) {
		if (!set_file(r->set, 0, &path, &unit))
			return false;
		in.file = STR("of the last file");
	}
	return indicators_add(r->set, &in, NULL) == INDICATOR_ADDED;
}

static void pattern_fini(struct reading *r)
{
	for (size_t i = 0; i < 3; i++) {
		free(r->text[i]);
		r->text[i] = NULL;
	}
	free(r->nodes);
	r->nodes = NULL;
}

static bool end_pattern(struct reading *r)
{
	r->pattern.nodes = r->nodes;
	bool ok = set_pattern_add(r->set, &r->pattern);
	pattern_fini(r);
	return ok;
}

static bool read_pattern(struct reading *r, const struct str *f, size_t n)
{
	static const struct bounds b[] = {{1, PATTERN_NODES_MAX}, {0, PATTERN_NODES_MAX},
	    {0, UINT32_MAX}, {INT64_MIN, INT64_MAX}, {INT64_MIN, INT64_MAX}, {0, 1}};
	int64_t v[6];
	if (n != 10 || r->nodes != NULL || !numbers(f + 1, b, 6, v))
		return false;
	for (size_t i = 0; i < 3; i++) {
		r->text[i] = strdup(f[7 + i].p);
		if (r->text[i] == NULL)
			return false;
	}
	r->pattern = (struct pattern){.id = present(str_of(r->text[0])),
	    .note = present(str_of(r->text[1])),
	    .text = v[5] != 0 ? str_of(r->text[2]) : (struct str){0},
	    .valid_from = {v[3]},
	    .valid_until = {v[4]},
	    .at = (uint32_t)v[2],
	    .count = (uint32_t)v[0],
	    .unsupported = (uint32_t)v[1]};
	r->node = 0;
	r->nodes = calloc((size_t)v[0], sizeof(*r->nodes));
	return r->nodes != NULL;
}

/* A child, a sibling or none; children come after their parent. */
static bool is_link(int64_t to, uint32_t from, uint32_t count)
{
	return to == PATTERN_NONE || (to > from && to < count);
}

static bool read_node(struct reading *r, const struct str *f, size_t n)
{
	static const struct bounds b[] = {{0, PATTERN_NONE_OF}, {0, 1}, {0, UINT32_MAX},
	    {0, UINT32_MAX}, {0, UINT32_MAX}, {0, INT64_MAX}, {0, UINT32_MAX},
	    {INT64_MIN, INT64_MAX}, {INT64_MIN, INT64_MAX}};
	int64_t v[9];
	if (n != 10 || r->nodes == NULL || !numbers(f + 1, b, 9, v) ||
	    !is_link(v[3], r->node, r->pattern.count) ||
	    !is_link(v[4], r->node, r->pattern.count) ||
	    (v[0] == PATTERN_LEAF ? v[2] >= (int64_t)indicators_count(r->set)
				  : v[3] != (int64_t)r->node + 1))
		return false;
	r->nodes[r->node++] = (struct pattern_node){.op = (enum pattern_op)v[0],
	    .negated = v[1] != 0,
	    .leaf = (uint32_t)v[2],
	    .first = (uint32_t)v[3],
	    .next = (uint32_t)v[4],
	    .span = (uint64_t)v[5],
	    .repeats = (uint32_t)v[6],
	    .start = {v[7]},
	    .stop = {v[8]}};
	return r->node < r->pattern.count || end_pattern(r);
}

static bool read_end(struct reading *r, const struct str *f, size_t n)
{
	static const struct bounds b[] = {{0, INDICATORS_MAX}, {0, PATTERNS_MAX}};
	int64_t v[2];
	r->ended = true;
	return n == 3 && r->nodes == NULL && numbers(f + 1, b, 2, v) &&
	       v[0] == (int64_t)indicators_count(r->set) &&
	       v[1] == (int64_t)indicators_pattern_count(r->set);
}

static bool read_line(struct reading *r, char *line, bool first)
{
	struct str f[FIELDS_MAX];
	size_t n = split(line, f);
	if (n == 0 || r->ended)
		return false;
	if (first) {
		int64_t version;
		return n == 2 && str_equal(f[0], STR("dwell-indicators")) &&
		       number(f[1], SAVED_VERSION, SAVED_VERSION, &version);
	}
	if (f[0].n != 1 || (r->nodes != NULL) != (f[0].p[0] == 'N'))
		return false;
	switch (f[0].p[0]) {
	case 'F':
		return read_file(r, f, n);
	case 'I':
		return read_indicator(r, f, n);
	case 'P':
		return read_pattern(r, f, n);
	case 'N':
		return read_node(r, f, n);
	default:
		return f[0].p[0] == 'E' && read_end(r, f, n);
	}
}

/* Whether all lines were read; *line becomes the number of the last. */
static bool read_lines(struct reading *r, FILE *in, uint64_t *line)
{
	size_t room = LINE_FIRST;
	char *text = malloc(room);
	bool ok = text != NULL;
	ssize_t n;
	for (*line = 0; ok && (n = getline(&text, &room, in)) > 0; ++*line)
		ok = (size_t)n <= SAVED_LINE_MAX && text[n - 1] == '\n' &&
		     memchr(text, '\0', (size_t)n) == NULL &&
		     read_line(r, text, *line == 0);
	free(text);
	return ok && r->ended && !ferror(in);
}

struct indicators *saved_read(FILE *in, const char *name, struct error *e)
{
	struct reading r = {.set = indicators_new()};
	uint64_t line = 0;
	if (r.set == NULL) {
		error_set(e, ERR_SYSTEM, "no memory for the indicators");
		return NULL;
	}
	bool ok = read_lines(&r, in, &line);
	pattern_fini(&r);
	if (ok)
		return r.set;
	error_set(e, ERR_MEMORY, "%s: damaged or of a newer version, at line %" PRIu64,
	    name, line);
	indicators_free(r.set);
	return NULL;
}

/* ---- a part ---- */

struct part {
	const struct indicators *set;
	struct indicators *out;
	bool *wanted; /* by indicator */
	const uint32_t *patterns;
	size_t m, pattern;
	uint32_t *place; /* in out, by indicator */
};

static bool part_file(void *ctx, const char *path, const char *unit)
{
	struct part *p = ctx;
	return set_file_add(p->out, path, unit);
}

static bool part_indicator(void *ctx, uint32_t i, const struct indicator *in)
{
	struct part *p = ctx;
	return !p->wanted[i] ||
	       indicators_add(p->out, in, &p->place[i]) != INDICATOR_OVER_LIMIT;
}

static bool part_pattern(void *ctx, uint32_t i, const struct pattern *pattern)
{
	struct part *p = ctx;
	if (p->pattern == p->m || p->patterns[p->pattern] != i)
		return true;
	p->pattern++;
	struct pattern copy = *pattern;
	struct pattern_node *nodes = malloc(pattern->count * sizeof(*nodes));
	if (nodes == NULL)
		return false;
	memcpy(nodes, pattern->nodes, pattern->count * sizeof(*nodes));
	for (uint32_t k = 0; k < pattern->count; k++) {
		if (nodes[k].op == PATTERN_LEAF)
			nodes[k].leaf = p->place[nodes[k].leaf];
	}
	copy.nodes = nodes;
	bool ok = set_pattern_add(p->out, &copy);
	free(nodes);
	return ok;
}

static void want(struct part *p, const uint32_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p->wanted[v[i]] = true;
	for (size_t i = 0; i < p->m; i++) {
		const struct pattern *pattern =
		    indicators_pattern(p->set, p->patterns[i]);
		for (uint32_t k = 0; k < pattern->count; k++) {
			if (pattern->nodes[k].op == PATTERN_LEAF)
				p->wanted[pattern->nodes[k].leaf] = true;
		}
	}
}

struct indicators *saved_part(const struct indicators *set, const uint32_t *v, size_t n,
    const uint32_t *patterns, size_t m, struct error *e)
{
	size_t all = indicators_count(set) + 1;
	struct part p = {.set = set,
	    .out = indicators_new(),
	    .wanted = calloc(all, sizeof(bool)),
	    .patterns = patterns,
	    .m = m,
	    .place = calloc(all, sizeof(uint32_t))};
	const struct visitor visitor = {&p, part_file, part_indicator, part_pattern};
	bool ok = p.out != NULL && p.wanted != NULL && p.place != NULL;
	if (ok) {
		want(&p, v, n);
		ok = visit(set, &visitor);
	}
	free(p.wanted);
	free(p.place);
	if (ok)
		return p.out;
	indicators_free(p.out);
	error_set(e, ERR_SYSTEM, "no memory for the indicators");
	return NULL;
}
