/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTML file that holds all it shows: no script, no request, readable on paper. Its content
 * security policy forbids everything but its own style.
 */
#include "report/markup.h"
#include "report/plots.h"
#include "report/read.h"
#include "report/sentences.h"

#define HTML_ARENA    (64u << 20)
#define HTML_CASES    50 /* cases of a page; how many more there are is said */
#define HTML_FINDINGS 8  /* findings of a case with plots */

struct page {
	FILE *out;
	struct store *store;
	enum language language;
	struct span span;
	struct arena arena;
};

static const char style[] =
    ":root{--ink:#1c2330;--soft:#4d5768;--paper:#fff;--card:#f5f7fa;--line:#c9d1dc;"
    "--accent:#0b5cad;--bar:#3b7dc4;--mark:#b3261e}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8ecf2;--soft:#b3bdcc;--paper:#12161d;"
    "--card:#1b212b;--line:#3c4656;--accent:#7db8f5;--bar:#5c9fe6;--mark:#ff8a80}}"
    "@media print{:root{--ink:#000;--soft:#333;--paper:#fff;--card:#fff;--line:#888;"
    "--accent:#003a75;--bar:#444;--mark:#a00000}article{break-inside:avoid}}"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:60rem;padding:2rem 1.25rem;"
    "font:16px/1.55 system-ui,\"Noto Sans\",\"Noto Sans CJK SC\",sans-serif;color:var(--ink);"
    "background:var(--paper)}"
    "h1{font-size:1.9rem;line-height:1.2;margin:0}h2{font-size:1.25rem;line-height:1.4;"
    "margin:0 0 .75rem}h3{font-size:1rem;margin:1.25rem 0 .35rem}p{margin:.35rem 0}"
    ".lead{color:var(--soft);margin-bottom:1.5rem}"
    "article{background:var(--card);border:1px solid var(--line);border-radius:.5rem;"
    "padding:1.25rem 1.5rem;margin:1.5rem 0}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.25rem;margin:.5rem 0}"
    "dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}"
    "ul{margin:.25rem 0;padding-left:1.4rem}li{margin:.15rem 0}"
    "ul.for{list-style:\"+  \"}ul.against{list-style:\"−  \"}ul.context{list-style:\"·  \"}"
    ".rank{color:var(--soft);font-weight:normal}"
    "svg{width:100%;height:auto;display:block;margin:.25rem 0 .5rem}"
    "svg text{font:11px system-ui,sans-serif;fill:var(--soft)}"
    ".bar,.cell,.dot{fill:var(--bar)}.axis,.grid{stroke:var(--line);fill:none}"
    ".grid{stroke-dasharray:2 4}.mark{stroke:var(--mark);stroke-width:1.5;fill:none}"
    ".flag{fill:var(--mark)}"
    "code{font:.85rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere}"
    "details{margin-top:.75rem}summary{cursor:pointer;color:var(--accent)}"
    "a{color:var(--accent)}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}"
    "footer{color:var(--soft);border-top:1px solid var(--line);margin-top:2rem;padding-top:1rem}";

static void say(const struct page *p, enum sentence key)
{
	markup_text(p->out, str_of(sentence(key, p->language)));
}

static void element(const struct page *p, const char *name, struct str text)
{
	fprintf(p->out, "<%s>", name);
	markup_text(p->out, text);
	fprintf(p->out, "</%s>\n", name);
}

static void row(const struct page *p, enum sentence key, struct str value)
{
	fputs("<dt>", p->out);
	say(p, key);
	fputs("</dt>", p->out);
	element(p, "dd", value);
}

static void heading(const struct page *p, enum sentence key)
{
	element(p, "h3", str_of(sentence(key, p->language)));
}

static void put_head(struct page *p)
{
	static const char *const tags[] = {[LANGUAGE_EN] = "en", [LANGUAGE_ZH] = "zh-Hans"};
	fprintf(p->out, "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">\n",
	    tags[p->language]);
	fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>dwell: ",
	    p->out);
	say(p, SENTENCE_TITLE);
	fprintf(p->out, "</title>\n<style>%s</style></head>\n<body>\n<header>", style);
	element(p, "h1", str_of(sentence(SENTENCE_TITLE, p->language)));
	fputs("<p class=\"lead\">", p->out);
	say(p, SENTENCE_SUBTITLE);
	fputs("</p></header>\n<main>\n", p->out);
}

static void put_span(struct page *p)
{
	const struct span *s = &p->span;
	struct arena *a = &p->arena;
	fputs("<section><h2>", p->out);
	say(p, SENTENCE_COVERAGE);
	fputs("</h2>\n", p->out);
	if (s->connections == 0) {
		element(p, "p", str_of(sentence(SENTENCE_EMPTY_MEMORY, p->language)));
		fputs("</section>\n", p->out);
		return;
	}
	double seconds = (double)moment_diff(s->from, s->to) / 1e9;
	const struct slot slots[] = {
	    {"connections", words_count((double)s->connections, a)},
	    {"from", words_time(s->from, a)}, {"to", words_time(s->to, a)},
	    {"span", words_span(seconds, p->language, a)},
	    {"share", words_share((double)s->watched / (double)s->minutes, a)},
	    {"lost", words_count((double)s->lost, a)}, {"cut", words_count((double)s->cut, a)},
	};
	size_t n = sizeof(slots) / sizeof(slots[0]);
	element(p, "p", sentence_fill(SENTENCE_LOOKED_AT, p->language, slots, n, a));
	if (s->lost + s->cut > 0)
		element(p, "p", sentence_fill(SENTENCE_LOSSES, p->language, slots, n, a));
	fputs("</section>\n", p->out);
}

static void put_facts(struct page *p, const struct finding *f, enum fact_stand stand,
    enum sentence title, const char *class)
{
	size_t n = 0;
	for (size_t i = 0; i < f->fact_count; i++)
		n += fact_info(f->facts[i].key)->stand == stand;
	heading(p, title);
	if (n == 0) {
		element(p, "p", str_of(sentence(SENTENCE_NOTHING_AGAINST, p->language)));
		return;
	}
	fprintf(p->out, "<ul class=\"%s\">\n", class);
	for (size_t i = 0; i < f->fact_count; i++) {
		if (fact_info(f->facts[i].key)->stand == stand)
			element(p, "li", fact_sentence(&f->facts[i], p->language, &p->arena));
	}
	fputs("</ul>\n", p->out);
}

static int slice_of(const struct span *s, struct moment at)
{
	double all = (double)moment_diff(s->from, s->to);
	double share = all > 0 ? (double)moment_diff(s->from, at) / all : 0;
	int i = (int)(share * PLOT_COLUMNS);
	return i < 0 ? 0 : i >= PLOT_COLUMNS ? PLOT_COLUMNS - 1 : i;
}

/* Monday is 0: 1970-01-01 was a Thursday. */
static void count_week(struct week_plot *w, struct moment at)
{
	int64_t day = moment_day(at);
	int64_t hour = (at.ns - day * NS_PER_DAY) / (3600 * NS_PER_S);
	int64_t weekday = ((day + 3) % 7 + 7) % 7;
	w->count[weekday][hour] += 1;
}

/* Read a finding's connections once, into all three plots. */
static int read_plots(struct page *p, const struct finding *f, struct activity_plot *activity,
    struct rhythm_plot *rhythm, struct week_plot *week, struct error *e)
{
	struct str where = read_condition(f, &p->arena);
	struct str sql =
	    str_format(&p->arena, "SELECT ts, count(*) OVER () FROM conn WHERE %.*s ORDER BY ts",
		STR_ARG(where));
	if (sql.p == NULL)
		return error_set(e, ERR_LIMIT, "the page is too large");
	struct store_rows *r = store_query(p->store, sql.p, e);
	if (r == NULL)
		return -1;
	struct moment before = MOMENT_NONE;
	double all = (double)moment_diff(p->span.from, p->span.to);
	for (uint64_t i = 0; store_next(r); i++) {
		struct moment at = store_time(r, 0);
		uint64_t every = store_uint(r, 1) / PLOT_POINTS + 1;
		activity->count[slice_of(&p->span, at)] += 1;
		count_week(week, at);
		if (before.ns != MOMENT_NONE.ns && i % every == 0 && rhythm->n < PLOT_POINTS &&
		    all > 0) {
			rhythm->at[rhythm->n] = (double)moment_diff(p->span.from, at) / all;
			rhythm->gap[rhythm->n++] = (double)moment_diff(before, at) / 1e9;
		}
		before = at;
	}
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return result;
}

static double period_of(const struct finding *f)
{
	for (size_t i = 0; i < f->fact_count; i++) {
		if (f->facts[i].key == FACT_KEY_RHYTHM)
			return f->facts[i].value[0];
	}
	return 0;
}

static int put_plots(struct page *p, const struct finding *f, struct error *e)
{
	const struct span *s = &p->span;
	struct activity_plot activity = {.from = s->from, .to = s->to, .first = f->since};
	struct rhythm_plot rhythm = {.from = s->from, .to = s->to, .period = period_of(f)};
	struct week_plot week = {0};
	if (read_plots(p, f, &activity, &rhythm, &week, e) < 0)
		return -1;
	struct str who = finding_summary(f, p->language, &p->arena);
	heading(p, SENTENCE_TIMELINE);
	plot_activity(p->out, &activity, who);
	if (rhythm.n > 0) {
		heading(p, SENTENCE_RHYTHM);
		plot_rhythm(p->out, &rhythm, p->language, who);
	}
	heading(p, SENTENCE_WEEK);
	plot_week(p->out, &week, p->language, who);
	return 0;
}

static int put_finding(struct page *p, const struct finding *f, struct error *e)
{
	put_facts(p, f, FACT_FOR, SENTENCE_FOR, "for");
	put_facts(p, f, FACT_AGAINST, SENTENCE_AGAINST, "against");
	put_facts(p, f, FACT_CONTEXT, SENTENCE_CONTEXT, "context");
	if (put_plots(p, f, e) < 0)
		return -1;
	fputs("<details><summary>", p->out);
	say(p, SENTENCE_EVIDENCE);
	fputs("</summary><p><code>", p->out);
	struct str where = read_condition(f, &p->arena);
	markup_text(p->out, str_format(&p->arena,
				"dwell query \"SELECT * FROM conn WHERE %.*s ORDER BY ts\"",
				STR_ARG(where)));
	fputs("</code></p></details>\n", p->out);
	return 0;
}

static void put_case_head(struct page *p, const struct dwell_case *c)
{
	struct arena *a = &p->arena;
	struct str when = words_time(c->since, a), low = words_bytes((double)c->bytes_out_low, a);
	struct slot range[] = {
	    {"low", low}, {"high", words_bytes((double)c->bytes_out_high, a)}};
	fprintf(p->out, "<article id=\"%s\"><h2><span class=\"rank\">%llu.</span> ", c->id,
	    (unsigned long long)c->rank);
	markup_text(p->out, case_summary(c, p->language, a));
	fputs("</h2>\n<dl>\n", p->out);
	row(p, SENTENCE_SINCE,
	    str_format(a, "%.*s (%s)", STR_ARG(when), since_kind_words(c->since_kind, p->language)));
	row(p, SENTENCE_LAST_SEEN, words_time(c->last_seen, a));
	row(p, SENTENCE_LEFT,
	    c->bytes_out_low == c->bytes_out_high
		? low
		: sentence_fill(SENTENCE_LEFT_RANGE, p->language, range, 2, a));
	row(p, SENTENCE_CONFIDENCE, str_of(confidence_words(c->confidence, p->language)));
	row(p, SENTENCE_CASE, str_of(c->id));
	fputs("</dl>\n", p->out);
}

static int put_case(struct page *p, const struct dwell_case *c, struct error *e)
{
	int result = 0;
	put_case_head(p, c);
	for (size_t i = 0; result == 0 && i < c->finding_count && i < HTML_FINDINGS; i++) {
		if (i > 0)
			element(p, "h2", finding_summary(c->findings[i], p->language, &p->arena));
		result = put_finding(p, c->findings[i], e);
	}
	fputs("</article>\n", p->out);
	return result;
}

static void put_foot(struct page *p, uint64_t left_out)
{
	if (left_out > 0) {
		const struct slot slot = {"n", words_count((double)left_out, &p->arena)};
		element(p, "p",
		    sentence_fill(SENTENCE_MORE_CASES, p->language, &slot, 1, &p->arena));
	}
	fputs("</main>\n<footer>", p->out);
	element(p, "p", str_of(sentence(SENTENCE_MADE_BY, p->language)));
	element(p, "p", str_of(sentence(SENTENCE_EVERY_TIME_UTC, p->language)));
	fputs("</footer>\n</body></html>\n", p->out);
}

int report_html(struct store *s, const struct report_options *o, FILE *out, struct error *e)
{
	struct page p = {.out = out, .store = s, .language = o->language};
	struct dwell_case *cases = NULL;
	size_t n = 0;
	uint64_t all = 0;
	arena_init(&p.arena, HTML_ARENA);
	int result = read_span(s, &p.span, e);
	if (result == 0)
		result = read_cases(s, HTML_CASES, &p.arena, &cases, &n, &all, e);
	if (result == 0) {
		put_head(&p);
		put_span(&p);
		if (n == 0 && p.span.connections > 0)
			element(&p, "p", str_of(sentence(SENTENCE_NO_CASES, p.language)));
	}
	for (size_t i = 0; result == 0 && i < n; i++)
		result = put_case(&p, &cases[i], e);
	if (result == 0)
		put_foot(&p, all - n);
	arena_fini(&p.arena);
	if (result == 0 && ferror(out))
		result = error_set(e, ERR_SYSTEM, "the page could not be written");
	return result;
}
