/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases and findings as text for a terminal. The list of cases tells what a reader needs
 * to decide which one to open; dwell show tells all.
 */
#include "report/ask.h"
#include "report/evidence.h"
#include "report/muted.h"
#include "report/read.h"
#include "report/sentences.h"
#include "report/story.h"
#include "report/wrap.h"

#define TEXT_ARENA   (128u << 20) /* bytes of all cases of one report */
#define BAR_WIDTH    40
#define INDENT       3 /* columns before everything that belongs to a case */
#define LIST_FOR     5 /* facts of a case in the list */
#define LIST_AGAINST 3

struct page {
	FILE *out;
	const struct report_options *options;
	enum language language;
	size_t width;
	struct coverage_index watch; /* owned */
	struct arena arena;
};

static void page_start(struct page *p, const struct report_options *o, FILE *out)
{
	*p = (struct page){out, o, o->language, wrap_width(out), {0}, {0}};
	arena_init(&p->arena, TEXT_ARENA);
}

/* Whether everything reached the stream. */
static int page_end(struct page *p, int result, struct error *e)
{
	coverage_index_free(&p->watch);
	arena_fini(&p->arena);
	if (result == 0 && (fflush(p->out) != 0 || ferror(p->out)))
		return error_set(e, ERR_SYSTEM, "the report could not be written");
	return result;
}

static void bold_on(const struct page *p)
{
	fputs(p->options->colour ? "\033[1m" : "", p->out);
}

static void bold_off(const struct page *p)
{
	fputs(p->options->colour ? "\033[0m" : "", p->out);
}

static void paragraph(const struct page *p, struct str text)
{
	wrap_print(p->out, text, 0, p->width);
}

static void say(struct page *p, enum sentence key, const struct slot *slots, size_t n)
{
	paragraph(p, sentence_fill(key, p->language, slots, n, &p->arena));
}

static void heading(const struct page *p, enum sentence key)
{
	fputc('\n', p->out);
	bold_on(p);
	fputs(sentence(key, p->language), p->out);
	bold_off(p);
	fputc('\n', p->out);
}

/* Labels of the lists below, so that their values stand in one column. */
static const enum sentence labels[] = {SENTENCE_SINCE, SENTENCE_LAST_SEEN,
    SENTENCE_DWELL_TIME, SENTENCE_SENT, SENTENCE_RECEIVED, SENTENCE_CONFIDENCE,
    SENTENCE_CONNECTIONS, SENTENCE_ATTACK, SENTENCE_FIRST_SEEN, SENTENCE_DETECTOR,
    SENTENCE_MUTED, SENTENCE_WATCHED};

static size_t label_width(enum language l)
{
	size_t most = 0;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		size_t n = wrap_columns(str_of(sentence(labels[i], l)));
		most = n > most ? n : most;
	}
	return most;
}

static void line(const struct page *p, enum sentence key, struct str value)
{
	const char *label = sentence(key, p->language);
	size_t used = wrap_columns(str_of(label)), all = label_width(p->language) + 2;
	size_t gap = all > used ? all - used : 1;
	fprintf(p->out, "%*s%s%*s", INDENT, "", label, (int)gap, "");
	wrap_print(p->out, value, INDENT + used + gap, p->width);
}

/* At most so many facts of one stand, each behind its sign; how many there were. */
static size_t print_facts(struct page *p, const struct finding *f, enum fact_stand stand,
    const char *sign, size_t most)
{
	size_t printed = 0;
	for (size_t i = 0; i < f->fact_count && printed < most; i++) {
		if (fact_info(f->facts[i].key)->stand != stand)
			continue;
		/* The list of cases leaves the statistics to dwell show. */
		if (f->facts[i].key == FACT_KEY_FALSE_ALARM && most < FACTS_MAX)
			continue;
		/* print_watched tells more, and as of today. */
		if (f->facts[i].key == FACT_KEY_WATCHED)
			continue;
		fprintf(p->out, "%*s%s ", INDENT, "", sign);
		wrap_print(p->out, fact_sentence(&f->facts[i], p->language, &p->arena),
		    INDENT + 2, p->width);
		printed++;
	}
	return printed;
}

static void print_dates(
    struct page *p, struct moment since, enum since_kind kind, struct moment last)
{
	line(p, SENTENCE_SINCE, dated_words(since, kind, p->language, &p->arena));
	line(p, SENTENCE_LAST_SEEN, words_time(last, &p->arena));
	line(p, SENTENCE_DWELL_TIME, dwell_words(since, last, p->language, &p->arena));
}

/* What the date rests on. */
static void print_watched(struct page *p, struct moment since, struct moment last)
{
	struct coverage c;
	coverage_of(&p->watch, since, last, &c);
	line(p, SENTENCE_WATCHED, coverage_words(&c, p->language, &p->arena));
}

/* Why it is not in the list without --muted; NULL: nothing. */
static void print_mute(struct page *p, const struct mute *m)
{
	if (m != NULL)
		line(p, SENTENCE_MUTED, muted_words(m, p->language, &p->arena));
}

static void more_about(struct page *p, const char *id)
{
	struct str m = evidence_memory_argument(p->options->memory, &p->arena);
	const struct slot command = {
	    "command", str_format(&p->arena, "dwell show%.*s %s", STR_ARG(m), id)};
	fprintf(p->out, "%*s", INDENT, "");
	wrap_print(p->out,
	    sentence_fill(SENTENCE_MORE_ABOUT, p->language, &command, 1, &p->arena),
	    INDENT, p->width);
}

static void print_case(struct page *p, const struct dwell_case *c)
{
	bool minor = c->confidence == CONFIDENCE_LOW && c->rank > 1;
	char number[24];
	int n = snprintf(number, sizeof(number), "%llu. ", (unsigned long long)c->rank);
	bold_on(p);
	fputs(number, p->out);
	wrap_print(p->out, case_summary(c, p->language, &p->arena), (size_t)n, p->width);
	bold_off(p);
	if (!minor)
		print_dates(p, c->since, c->since_kind, c->last_seen);
	print_watched(p, c->since, c->last_seen);
	if (!minor)
		line(p, SENTENCE_SENT,
		    sent_words(
			c->bytes_out_low, c->bytes_out_high, p->language, &p->arena));
	line(
	    p, SENTENCE_CONFIDENCE, str_of(confidence_words(c->confidence, p->language)));
	print_mute(p, muted_case(p->options, c));
	if (c->finding_count > 0) {
		print_facts(p, c->findings[0], FACT_FOR, "+", minor ? 0 : LIST_FOR);
		print_facts(p, c->findings[0], FACT_AGAINST, "-", LIST_AGAINST);
	}
	more_about(p, c->id);
	fputc('\n', p->out);
}

/* The last lines: what of the world this report is about. */
static void print_span(struct page *p, const struct span *span, bool had_cases)
{
	struct arena *a = &p->arena;
	enum language l = p->language;
	if (span->connections == 0) {
		say(p, SENTENCE_EMPTY_MEMORY, NULL, 0);
		return;
	}
	double seconds = (double)moment_diff(span->from, span->to) / 1e9;
	const struct slot slots[] = {
	    {"connections", words_count((double)span->connections, a)},
	    {"from", words_time(span->from, a)},
	    {"to", words_time(span->to, a)},
	    {"span", words_span(seconds, l, a)},
	    {"share", words_share((double)span->watched / (double)span->minutes, a)},
	    {"lost", words_count((double)span->lost, a)},
	    {"cut", words_count((double)span->cut, a)},
	};
	size_t n = sizeof(slots) / sizeof(slots[0]);
	if (!had_cases)
		say(p, SENTENCE_NO_CASES, NULL, 0);
	if (!had_cases && seconds < READ_SHORT_SECONDS)
		say(p, SENTENCE_NO_CASES_SHORT, slots, n);
	say(p, SENTENCE_LOOKED_AT, slots, n);
	if (span->lost > 0 || span->cut > 0)
		say(p, SENTENCE_LOSSES, slots, n);
	struct coverage c;
	struct str blind[COVERAGE_BLIND];
	coverage_of(&p->watch, span->from, span->to, &c);
	n = coverage_blind(&c, l, blind, a);
	for (size_t i = 0; i < n; i++)
		paragraph(p, blind[i]);
}

int report_cases_text(
    struct store *s, const struct report_options *o, FILE *out, struct error *e)
{
	struct page p;
	struct span span;
	struct case_list cases = {0};
	page_start(&p, o, out);
	int result = read_span(s, &span, e);
	if (result == 0)
		result = coverage_index_read(s, &p.watch, e);
	if (result == 0)
		result = read_cases(s, o, &p.arena, &cases, e);
	for (size_t i = 0; result == 0 && i < cases.n; i++)
		print_case(&p, &cases.v[i]);
	if (result == 0 && cases.all > cases.n) {
		double more = (double)(cases.all - cases.n);
		const struct slot slot = {"n", words_count(more, &p.arena)};
		say(&p, SENTENCE_MORE_CASES, &slot, 1);
	}
	if (result == 0 && o->budget > 0)
		paragraph(&p, budget_words(&cases.budget, o, &p.arena));
	if (result == 0 && cases.muted > 0) {
		const struct slot slot = {
		    "n", words_count((double)cases.muted, &p.arena)};
		say(&p, SENTENCE_MUTED_CASES, &slot, 1);
	}
	if (result == 0)
		print_span(&p, &span, cases.n > 0);
	return page_end(&p, result, e);
}

/* Lines of a timeline: calendar units,
 * the finest of which the span has at most so many. */
#define TIMELINE_MAX 40

static const struct {
	const char *unit, *label;
	double seconds; /* the shortest that the unit lasts */
	size_t columns; /* of its label */
} timeline_units[] = {
    {"hour", "%Y-%m-%d %H:00", 3600, 16},
    {"day", "%Y-%m-%d", 86400, 10},
    {"month", "%Y-%m", 28 * 86400.0, 7},
    {"year", "%Y", 365 * 86400.0, 4},
};

#define TIMELINE_UNITS (sizeof(timeline_units) / sizeof(timeline_units[0]))

static size_t timeline_unit(const struct finding *f)
{
	double seconds = (double)moment_diff(f->first_seen, f->last_seen) / 1e9;
	size_t u = 0;
	while (u + 1 < TIMELINE_UNITS &&
	       seconds > (TIMELINE_MAX - 2) * timeline_units[u].seconds)
		u++;
	return u;
}

static void print_bar(
    struct page *p, struct str label, double n, double most, size_t columns)
{
	struct str count = words_count(n, &p->arena);
	int bar = most > 0 ? (int)(n / most * BAR_WIDTH + 0.5) : 0;
	fprintf(p->out, "%*s%-*.*s %8.*s ", INDENT, "", (int)columns, STR_ARG(label),
	    STR_ARG(count));
	for (int i = 0; i < bar; i++)
		fputs("▇", p->out);
	fputs(bar == 0 && n > 0 ? "▏\n" : "\n", p->out);
}

/* Connections an hour, day, month or year as bars; those without any are lines too. */
static int print_timeline(
    struct page *p, struct store *s, const struct finding *f, struct error *e)
{
	struct str where = evidence_condition(f, &p->arena);
	size_t u = timeline_unit(f);
	const char *unit = timeline_units[u].unit, *label = timeline_units[u].label;
	struct str sql = str_format(&p->arena,
	    "WITH m AS (SELECT date_trunc('%s', ts) AS t, count(*) AS n FROM %s WHERE "
	    "%.*s "
	    "GROUP BY 1), b AS (SELECT min(t) AS low, max(t) AS high FROM m), a AS "
	    "(SELECT "
	    "unnest(generate_series(low, high, INTERVAL 1 %s)) AS t FROM b) SELECT "
	    "strftime(a.t, '%s'), coalesce(n, 0), max(n) OVER () FROM a LEFT JOIN m "
	    "USING (t) "
	    "ORDER BY a.t LIMIT 1000",
	    unit, evidence_table(f), STR_ARG(where), unit, label);
	if (sql.p == NULL)
		return error_set(e, ERR_LIMIT, "the finding is too large to show");
	struct store_rows *r = store_query(s, sql.p, e);
	if (r == NULL)
		return -1;
	heading(p, SENTENCE_TIMELINE);
	while (store_next(r))
		print_bar(p, store_text(r, 0), (double)store_uint(r, 1),
		    (double)store_uint(r, 2), timeline_units[u].columns);
	return store_rows_end(r, e);
}

static void finding_lines(struct page *p, const struct finding *f, struct str case_id)
{
	struct arena *a = &p->arena;
	print_dates(p, f->since, f->since_kind, f->last_seen);
	print_watched(p, f->first_seen, f->last_seen);
	if (f->first_seen.ns != f->since.ns)
		line(p, SENTENCE_FIRST_SEEN, words_time(f->first_seen, a));
	line(p, SENTENCE_CONNECTIONS, words_count((double)f->events, a));
	line(p, SENTENCE_SENT, words_bytes((double)f->bytes_out, a));
	line(p, SENTENCE_RECEIVED, words_bytes((double)f->bytes_in, a));
	line(
	    p, SENTENCE_CONFIDENCE, str_of(confidence_words(f->confidence, p->language)));
	line(p, SENTENCE_DETECTOR, str_format(a, "%s, %s", f->detector, f->id));
	struct str attack = attack_words(f, a);
	if (attack.n > 0)
		line(p, SENTENCE_ATTACK, attack);
	print_mute(p, muted_finding(p->options, f, case_id));
}

static int show_finding(struct page *p, struct store *s, const struct finding *f,
    struct str case_id, struct error *e)
{
	bold_on(p);
	paragraph(p, finding_summary(f, p->language, &p->arena));
	bold_off(p);
	finding_lines(p, f, case_id);
	heading(p, SENTENCE_FOR);
	print_facts(p, f, FACT_FOR, "+", FACTS_MAX);
	heading(p, SENTENCE_AGAINST);
	if (print_facts(p, f, FACT_AGAINST, "-", FACTS_MAX) == 0)
		fprintf(p->out, "%*s%s\n", INDENT, "",
		    sentence(SENTENCE_NOTHING_AGAINST, p->language));
	heading(p, SENTENCE_CONTEXT);
	print_facts(p, f, FACT_CONTEXT, "·", FACTS_MAX);
	if (print_timeline(p, s, f, e) < 0)
		return -1;
	heading(p, SENTENCE_EVIDENCE);
	/* Not wrapped: it is there to be copied. */
	struct str query = evidence_query_line(f, p->options->memory, &p->arena);
	fprintf(p->out, "%*s%.*s\n", INDENT, "", STR_ARG(query));
	return 0;
}

/* A finding that adds little beside the others of its case:
 * its sentence, and where the rest is. */
static void show_lesser(struct page *p, const struct finding *f)
{
	fprintf(p->out, "%*s- ", INDENT, "");
	wrap_print(
	    p->out, finding_summary(f, p->language, &p->arena), INDENT + 2, p->width);
	fputs("  ", p->out);
	more_about(p, f->id);
}

static void case_lines(struct page *p, const struct dwell_case *c)
{
	char host[ADDR_TEXT_MAX];
	struct arena *a = &p->arena;
	size_t n = addr_text(&c->host, host);
	bold_on(p);
	struct str peer =
	    c->finding_count > 0 ? words_visible(c->findings[0]->peer, a) : STR("?");
	paragraph(
	    p, str_format(a, "%s %llu: %.*s ↔ %.*s (%s)",
		   sentence(SENTENCE_CASE, p->language), (unsigned long long)c->rank,
		   (int)n, host, STR_ARG(peer), c->id));
	bold_off(p);
	print_dates(p, c->since, c->since_kind, c->last_seen);
	print_watched(p, c->since, c->last_seen);
	line(p, SENTENCE_SENT,
	    sent_words(c->bytes_out_low, c->bytes_out_high, p->language, a));
	line(
	    p, SENTENCE_CONFIDENCE, str_of(confidence_words(c->confidence, p->language)));
}

/* The findings together, in order of time. */
static void print_story(struct page *p, const struct dwell_case *c)
{
	struct story story;
	struct arena *a = &p->arena;
	story_tell(&story, c, p->language, a);
	if (story.n > 0)
		heading(p, SENTENCE_STORY);
	for (size_t i = 0; i < story.n; i++) {
		const struct slot more = {"n", words_count((double)story.left_out, a)};
		struct str time = words_time(story.line[i].at, a);
		struct str text = story.line[i].text;
		if (text.p == NULL)
			text =
			    sentence_fill(SENTENCE_STORY_MORE, p->language, &more, 1, a);
		fprintf(p->out, "%*s%.*s  ", INDENT, "", STR_ARG(time));
		wrap_print(p->out, text, INDENT + time.n + 2, p->width);
	}
}

/* Findings as sure as the case is are told in full, the others in a sentence each. */
static int show_case(
    struct page *p, struct store *s, const struct dwell_case *c, struct error *e)
{
	size_t full = 0;
	while (full < c->finding_count &&
	       (full == 0 || c->findings[full]->confidence > CONFIDENCE_LOW))
		full++;
	case_lines(p, c);
	print_story(p, c);
	for (size_t i = 0; i < full; i++) {
		const struct slot slots[] = {{"n", words_count((double)i + 1, &p->arena)},
		    {"all", words_count((double)c->finding_count, &p->arena)}};
		fputc('\n', p->out);
		if (c->finding_count > 1)
			say(p, SENTENCE_FINDING_OF, slots, 2);
		if (show_finding(p, s, c->findings[i], str_of(c->id), e) < 0)
			return -1;
	}
	if (full < c->finding_count)
		heading(p, SENTENCE_LESSER_FINDINGS);
	for (size_t i = full; i < c->finding_count; i++)
		show_lesser(p, c->findings[i]);
	return 0;
}

int report_show_text(struct store *s, const char *id, const struct report_options *o,
    FILE *out, struct error *e)
{
	struct page p;
	struct dwell_case c = {0};
	struct finding f;
	page_start(&p, o, out);
	int found = coverage_index_read(s, &p.watch, e);
	if (found == 0)
		found = read_case(s, str_of(id), &p.arena, &c, e);
	int result = found == 1 ? show_case(&p, s, &c, e) : found;
	if (found == 0) {
		found = read_finding(s, str_of(id), &p.arena, &f, e);
		result = found == 1   ? show_finding(&p, s, &f, (struct str){0}, e)
			 : found == 0 ? read_no_such_id(id, e)
				      : -1;
	}
	return page_end(&p, result, e);
}
