/* SPDX-License-Identifier: Apache-2.0 */
/* Cases and findings as text for a terminal. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/size.h"
#include "report/read.h"
#include "report/sentences.h"

#define TEXT_ARENA  (32u << 20) /* bytes of all cases of one report */
#define WIDTH_USUAL 80
#define WIDTH_MOST  110
#define BAR_WIDTH   40
#define MONTHS_MAX  240 /* lines of a timeline */

struct page {
	FILE *out;
	enum language language;
	bool colour;
	size_t width;
	struct arena arena;
};

static size_t stream_width(FILE *out)
{
	struct winsize w;
	if (ioctl(fileno(out), TIOCGWINSZ, &w) != 0 || w.ws_col < 40)
		return WIDTH_USUAL;
	return size_min(w.ws_col, WIDTH_MOST);
}

static void page_start(struct page *p, const struct report_options *o, FILE *out)
{
	*p = (struct page){out, o->language, o->colour, stream_width(out), {0}};
	arena_init(&p->arena, TEXT_ARENA);
}

static const char *bold(const struct page *p)
{
	return p->colour ? "\033[1m" : "";
}

static const char *plain(const struct page *p)
{
	return p->colour ? "\033[0m" : "";
}

/* Bytes of the UTF-8 character at s, and the columns it takes (two for CJK). */
static size_t character(const char *s, size_t left, size_t *columns)
{
	unsigned char c = (unsigned char)s[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	*columns = n >= 3 && !(c == 0xe2 && n == 3) ? 2 : 1;
	return size_min(n, left);
}

/* Where to break text so that at most room columns fit: bytes to print, bytes to skip after. */
static size_t break_at(struct str t, size_t room, size_t *skip)
{
	size_t used = 0, best = 0, i = 0, columns;
	*skip = 0;
	while (i < t.n) {
		size_t n = character(t.p + i, t.n - i, &columns);
		if (used + columns > room)
			break;
		if (t.p[i] == ' ') {
			best = i;
			*skip = 1;
		} else if (columns == 2) {
			best = i;
			*skip = 0;
		}
		used += columns;
		i += n;
	}
	if (i == t.n || best == 0) {
		*skip = 0;
		return i > 0 ? i : t.n;
	}
	return best;
}

/* Print text wrapped, each line after lead columns of indentation; first is put before it. */
static void wrap(const struct page *p, const char *first, size_t lead, struct str text)
{
	size_t room = p->width > lead + 20 ? p->width - lead : 20;
	fputs(first, p->out);
	do {
		size_t skip, n = break_at(text, room, &skip);
		fprintf(p->out, "%.*s\n", (int)n, text.p);
		text.p += n + skip;
		text.n -= n + skip;
		if (text.n > 0)
			fprintf(p->out, "%*s", (int)lead, "");
	} while (text.n > 0);
}

static void line(const struct page *p, enum sentence key, struct str value)
{
	struct str text = str_format((struct arena *)(uintptr_t)&p->arena, "%s: %.*s",
	    sentence(key, p->language), STR_ARG(value));
	wrap(p, "   ", 5, text);
}

/* The facts of one stand, each behind its sign. */
static size_t print_facts(
    struct page *p, const struct finding *f, enum fact_stand stand, const char *sign)
{
	size_t printed = 0;
	for (size_t i = 0; i < f->fact_count; i++) {
		if (fact_info(f->facts[i].key)->stand != stand)
			continue;
		wrap(p, sign, 5, fact_sentence(&f->facts[i], p->language, &p->arena));
		printed++;
	}
	return printed;
}

static struct str left_words(struct page *p, uint64_t low, uint64_t high)
{
	struct slot slots[] = {{"low", words_bytes((double)low, &p->arena)},
	    {"high", words_bytes((double)high, &p->arena)}};
	if (low == high)
		return slots[0].text;
	return sentence_fill(SENTENCE_LEFT_RANGE, p->language, slots, 2, &p->arena);
}

static void print_dates(struct page *p, struct moment since, enum since_kind kind,
    struct moment last)
{
	struct str when = words_time(since, &p->arena);
	line(p, SENTENCE_SINCE, str_format(&p->arena, "%.*s (%s)", STR_ARG(when),
		since_kind_words(kind, p->language)));
	line(p, SENTENCE_LAST_SEEN, words_time(last, &p->arena));
}

static void print_case(struct page *p, const struct dwell_case *c)
{
	char number[16];
	snprintf(number, sizeof(number), "%llu. ", (unsigned long long)c->rank);
	fputs(bold(p), p->out);
	wrap(p, number, 3, case_summary(c, p->language, &p->arena));
	fputs(plain(p), p->out);
	print_dates(p, c->since, c->since_kind, c->last_seen);
	line(p, SENTENCE_LEFT, left_words(p, c->bytes_out_low, c->bytes_out_high));
	line(p, SENTENCE_CONFIDENCE, str_of(confidence_words(c->confidence, p->language)));
	if (c->finding_count > 0) {
		print_facts(p, c->findings[0], FACT_FOR, "   + ");
		print_facts(p, c->findings[0], FACT_AGAINST, "   - ");
	}
	const struct slot id = {"id", str_of(c->id)};
	wrap(p, "   ", 5, sentence_fill(SENTENCE_MORE_ABOUT, p->language, &id, 1, &p->arena));
	fputc('\n', p->out);
}

/* The last lines: what of the world this report is about. */
static void print_span(struct page *p, const struct span *span, bool had_cases)
{
	struct arena *a = &p->arena;
	enum language l = p->language;
	if (span->connections == 0) {
		wrap(p, "", 0, str_of(sentence(SENTENCE_EMPTY_MEMORY, l)));
		return;
	}
	double seconds = (double)moment_diff(span->from, span->to) / 1e9;
	const struct slot slots[] = {
	    {"connections", words_count((double)span->connections, a)},
	    {"from", words_time(span->from, a)}, {"to", words_time(span->to, a)},
	    {"span", words_span(seconds, l, a)},
	    {"share", words_share((double)span->watched / (double)span->minutes, a)},
	    {"lost", words_count((double)span->lost, a)},
	    {"cut", words_count((double)span->cut, a)},
	};
	size_t n = sizeof(slots) / sizeof(slots[0]);
	if (!had_cases) {
		wrap(p, "", 0, str_of(sentence(SENTENCE_NO_CASES, l)));
		if (seconds < 7 * 3600.0)
			wrap(p, "", 0, sentence_fill(SENTENCE_NO_CASES_SHORT, l, slots, n, a));
	}
	wrap(p, "", 0, sentence_fill(SENTENCE_LOOKED_AT, l, slots, n, a));
	if (span->lost + span->cut > 0)
		wrap(p, "", 0, sentence_fill(SENTENCE_LOSSES, l, slots, n, a));
}

/* Whether everything reached the stream. */
static int page_end(struct page *p, int result, struct error *e)
{
	arena_fini(&p->arena);
	if (result == 0 && (fflush(p->out) != 0 || ferror(p->out)))
		return error_set(e, ERR_SYSTEM, "the report could not be written");
	return result;
}

int report_cases_text(
    struct store *s, const struct report_options *o, FILE *out, struct error *e)
{
	struct page p;
	struct span span;
	struct dwell_case *cases = NULL;
	size_t n = 0;
	uint64_t all = 0;
	page_start(&p, o, out);
	int result = read_span(s, &span, e);
	if (result == 0)
		result = read_cases(s, o->most, &p.arena, &cases, &n, &all, e);
	for (size_t i = 0; result == 0 && i < n; i++)
		print_case(&p, &cases[i]);
	if (result == 0 && all > n) {
		const struct slot slot = {"n", words_count((double)(all - n), &p.arena)};
		wrap(&p, "", 0,
		    sentence_fill(SENTENCE_MORE_CASES, o->language, &slot, 1, &p.arena));
	}
	if (result == 0)
		print_span(&p, &span, n > 0);
	return page_end(&p, result, e);
}

/* Connections a month, as bars. */
static int print_timeline(
    struct page *p, struct store *s, const struct finding *f, struct error *e)
{
	struct str where = read_condition(f, &p->arena);
	struct str sql = str_format(&p->arena,
	    "WITH m AS (SELECT strftime(ts, '%%Y-%%m') AS month, count(*) AS n FROM conn WHERE "
	    "%.*s GROUP BY 1) SELECT month, n, max(n) OVER () FROM m ORDER BY month LIMIT %d",
	    STR_ARG(where), MONTHS_MAX);
	if (sql.p == NULL)
		return error_set(e, ERR_LIMIT, "the finding is too large to show");
	struct store_rows *r = store_query(s, sql.p, e);
	if (r == NULL)
		return -1;
	fprintf(p->out, "\n%s%s%s\n", bold(p), sentence(SENTENCE_TIMELINE, p->language), plain(p));
	while (store_next(r)) {
		double n = (double)store_uint(r, 1), most = (double)store_uint(r, 2);
		int bar = (int)(n / most * BAR_WIDTH + 0.5);
		struct str count = words_count(n, &p->arena);
		fprintf(p->out, "   %.*s %8.*s ", STR_ARG(store_text(r, 0)), STR_ARG(count));
		for (int i = 0; i < bar; i++)
			fputs("▇", p->out);
		fputs(bar == 0 ? "▏\n" : "\n", p->out);
	}
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return result;
}

static void heading(const struct page *p, enum sentence key)
{
	fprintf(p->out, "\n%s%s%s\n", bold(p), sentence(key, p->language), plain(p));
}

static int show_finding(
    struct page *p, struct store *s, const struct finding *f, struct error *e)
{
	fputs(bold(p), p->out);
	wrap(p, "", 0, finding_summary(f, p->language, &p->arena));
	fputs(plain(p), p->out);
	line(p, SENTENCE_FINDING, str_format(&p->arena, "%s (%s)", f->id, f->detector));
	line(p, SENTENCE_FIRST_SEEN, words_time(f->first_seen, &p->arena));
	print_dates(p, f->since, f->since_kind, f->last_seen);
	line(p, SENTENCE_CONNECTIONS, words_count((double)f->events, &p->arena));
	line(p, SENTENCE_LEFT, words_bytes((double)f->bytes_out, &p->arena));
	line(p, SENTENCE_CAME, words_bytes((double)f->bytes_in, &p->arena));
	line(p, SENTENCE_CONFIDENCE, str_of(confidence_words(f->confidence, p->language)));
	for (size_t i = 0; i < ATTACK_MAX && f->attack[i] != NULL; i++)
		line(p, SENTENCE_ATTACK, str_of(f->attack[i]));
	heading(p, SENTENCE_FOR);
	print_facts(p, f, FACT_FOR, "   + ");
	heading(p, SENTENCE_AGAINST);
	if (print_facts(p, f, FACT_AGAINST, "   - ") == 0)
		wrap(p, "   ", 5, str_of(sentence(SENTENCE_NOTHING_AGAINST, p->language)));
	heading(p, SENTENCE_CONTEXT);
	print_facts(p, f, FACT_CONTEXT, "   · ");
	if (print_timeline(p, s, f, e) < 0)
		return -1;
	heading(p, SENTENCE_EVIDENCE);
	struct str where = read_condition(f, &p->arena);
	fprintf(p->out, "   dwell query \"SELECT * FROM conn WHERE %.*s ORDER BY ts\"\n\n",
	    STR_ARG(where));
	return 0;
}

static int no_such_id(const char *id, struct error *e)
{
	return error_set(e, ERR_USAGE, "there is no case or finding '%s' (dwell cases lists them)",
	    id);
}

int report_show_text(struct store *s, const char *id, const struct report_options *o,
    FILE *out, struct error *e)
{
	struct page p;
	struct dwell_case c;
	struct finding f;
	page_start(&p, o, out);
	int found = read_case(s, str_of(id), &p.arena, &c, e);
	int result = found < 0 ? -1 : 0;
	for (size_t i = 0; found == 1 && result == 0 && i < c.finding_count; i++)
		result = show_finding(&p, s, c.findings[i], e);
	if (found == 0) {
		found = read_finding(s, str_of(id), &p.arena, &f, e);
		result = found == 1 ? show_finding(&p, s, &f, e)
		    : found == 0	? no_such_id(id, e)
					: -1;
	}
	return page_end(&p, result, e);
}
