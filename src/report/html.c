/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTML file that holds all it shows: no script, no request, readable on paper. Its
 * content security policy forbids everything but its own style, by digest.
 *
 *     h1 who stays, a table of the cases
 *     h2 a case: key figures
 *        h3 a finding: h4 for, against, context, plots, the query for its connections
 *        h3 findings of low confidence, folded
 *     h2 what was watched
 *
 * The page is bounded: so many cases, findings in full, findings with plots.
 */
#include <stdlib.h>

#include "report/ask.h"
#include "report/evidence.h"
#include "report/markup.h"
#include "report/muted.h"
#include "report/plots.h"
#include "report/read.h"
#include "report/sentences.h"
#include "report/story.h"
#include "report/style.h"

#define HTML_ARENA    (64u << 20)
#define HTML_CASES    50  /* cases of a page; how many more there are is said */
#define HTML_FINDINGS 150 /* in full, 3 kB each; the others by a sentence */
#define PLOT_LEAST    10  /* rows of which gaps and hours say something */
#define HTML_PLOTS    25  /* findings of a page with plots, 17 kB each */

struct page {
	FILE *out;
	struct store *store;
	const struct report_options *options; /* borrowed */
	enum language language;
	struct span span;
	struct slices slices;        /* of span */
	size_t findings, plots;      /* so far */
	struct coverage_index watch; /* owned */
	struct arena arena;
};

static void say(const struct page *p, enum sentence key)
{
	markup_text(p->out, str_of(sentence(key, p->language)));
}

/* name: a tag, with attributes of ours where it has any. */
static void element(const struct page *p, const char *name, struct str text)
{
	fprintf(p->out, "<%s>", name);
	markup_text(p->out, text);
	fprintf(p->out, "</%.*s>\n", (int)strcspn(name, " "), name);
}

static void heading(const struct page *p, const char *name, enum sentence key)
{
	element(p, name, str_of(sentence(key, p->language)));
}

/* One key figure; note stands below it in small (absent: none). */
static void figure(
    const struct page *p, enum sentence key, struct str value, struct str note)
{
	fputs("<div><dt>", p->out);
	say(p, key);
	fputs("</dt><dd>", p->out);
	markup_text(p->out, value);
	if (note.n > 0) {
		fputs("<small>", p->out);
		markup_text(p->out, note);
		fputs("</small>", p->out);
	}
	fputs("</dd></div>\n", p->out);
}

/* The same level as a word and as a mark, so that a glance down the table is enough. */
static struct str confidence_mark(enum confidence c, enum language l, struct arena *a)
{
	static const char *const marks[] = {[CONFIDENCE_LOW] = "●○○",
	    [CONFIDENCE_MEDIUM] = "●●○",
	    [CONFIDENCE_HIGH] = "●●●"};
	return str_format(a, "%s %s", marks[c], confidence_words(c, l));
}

static void put_head(struct page *p)
{
	static const char *const tags[] = {
	    [LANGUAGE_EN] = "en", [LANGUAGE_ZH] = "zh-Hans"};
	fprintf(p->out,
	    "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">\n",
	    tags[p->language]);
	fputs(
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'sha256-" PAGE_STYLE_SHA256
	    "'; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
	    p->out);
	say(p, SENTENCE_TITLE);
	fputs(" · dwell</title>\n<style>" PAGE_STYLE "</style></head>\n<body>\n", p->out);
}

static void put_title(struct page *p, uint64_t cases)
{
	const struct slot slots[] = {
	    {"n", words_count((double)cases, &p->arena)},
	    {"connections", words_count((double)p->span.connections, &p->arena)},
	    {"from", words_time(p->span.from, &p->arena)},
	    {"to", words_time(p->span.to, &p->arena)},
	};
	fputs("<header>", p->out);
	heading(p, "h1", SENTENCE_TITLE);
	if (p->span.connections > 0)
		element(p, "p class=\"lead\"",
		    sentence_fill(SENTENCE_SUBTITLE, p->language, slots, 4, &p->arena));
	fputs("</header>\n<main>\n", p->out);
}

static void put_table_row(struct page *p, const struct dwell_case *c)
{
	struct arena *a = &p->arena;
	enum language l = p->language;
	fprintf(p->out,
	    "<tr><td class=\"short\"><a href=\"#%s\">%llu</a></td><td class=\"what\">",
	    c->id, (unsigned long long)c->rank);
	markup_text(p->out, case_summary(c, l, a));
	fputs("</td>", p->out);
	element(p, "td class=\"short\"", dwell_words(c->since, c->last_seen, l, a));
	element(p, "td class=\"short\"",
	    sent_words(c->bytes_out_low, c->bytes_out_high, l, a));
	element(p, "td class=\"short\"", confidence_mark(c->confidence, l, a));
	fputs("</tr>\n", p->out);
}

/* All cases of the page at a glance, each with a link to it. */
static void put_table(struct page *p, const struct dwell_case *cases, size_t n)
{
	static const enum sentence columns[] = {SENTENCE_CASE, SENTENCE_BEHAVIOUR,
	    SENTENCE_DWELL_TIME, SENTENCE_SENT, SENTENCE_CONFIDENCE};
	/* Wider than a small screen: it scrolls, by keyboard too. */
	fputs(
	    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"", p->out);
	say(p, SENTENCE_CASES);
	fputs("\"><table><thead><tr>", p->out);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		heading(p, "th scope=\"col\"", columns[i]);
	fputs("</tr></thead>\n<tbody>", p->out);
	for (size_t i = 0; i < n; i++)
		put_table_row(p, &cases[i]);
	fputs("</tbody></table></div>\n", p->out);
}

/* Whether a fact is of that stand; put_watched tells more than one of them. */
static bool is_told(const struct finding *f, size_t i, enum fact_stand stand)
{
	return fact_info(f->facts[i].key)->stand == stand &&
	       f->facts[i].key != FACT_KEY_WATCHED;
}

/* The facts of one stand; without any,
 * what is said instead (SENTENCE_COUNT: nothing at all). */
static void put_facts(struct page *p, const struct finding *f, enum fact_stand stand,
    enum sentence title, const char *class, enum sentence none)
{
	size_t n = 0;
	for (size_t i = 0; i < f->fact_count; i++)
		n += is_told(f, i, stand);
	if (n == 0 && none == SENTENCE_COUNT)
		return;
	fputs("<div>", p->out);
	heading(p, "h4", title);
	if (n == 0) {
		heading(p, "p", none);
	} else {
		fprintf(p->out, "<ul class=\"%s\">\n", class);
		for (size_t i = 0; i < f->fact_count; i++) {
			if (is_told(f, i, stand))
				element(p, "li",
				    fact_sentence(&f->facts[i], p->language, &p->arena));
		}
		fputs("</ul>", p->out);
	}
	fputs("</div>\n", p->out);
}

/* Monday is 0: 1970-01-01 was a Thursday. */
static void count_week(struct week_plot *w, struct moment at)
{
	int64_t day = moment_day(at);
	int64_t hour = (moment_us(at) - day * (NS_PER_DAY / NS_PER_US)) /
		       (3600 * NS_PER_S / NS_PER_US);
	int64_t weekday = ((day + 3) % 7 + 7) % 7;
	w->count[weekday][hour] += 1;
}

/* What the three plots of a finding show. */
struct plots {
	double count[SLICES_MAX];
	uint64_t n;
	struct rhythm_plot rhythm;
	struct week_plot week;
};

/* Read a finding's connections once, into all three plots. */
static int read_plots(
    struct page *p, const struct finding *f, struct plots *plots, struct error *e)
{
	struct str where = evidence_condition(f, &p->arena);
	struct str sql = str_format(&p->arena,
	    "SELECT ts, count(*) OVER () FROM %s WHERE %.*s ORDER BY ts",
	    evidence_table(f), STR_ARG(where));
	if (sql.p == NULL)
		return error_set(e, ERR_LIMIT, "the page is too large");
	struct store_rows *r = store_query(p->store, sql.p, e);
	if (r == NULL)
		return -1;
	struct moment before = MOMENT_NONE;
	struct rhythm_plot *rhythm = &plots->rhythm;
	for (; store_next(r); plots->n++) {
		struct moment at = store_time(r, 0);
		uint64_t every = store_uint(r, 1) / PLOT_POINTS + 1;
		plots->count[slices_index(&p->slices, at)] += 1;
		count_week(&plots->week, at);
		if (before.ns != MOMENT_NONE.ns && plots->n % every == 0 &&
		    rhythm->n < PLOT_POINTS) {
			rhythm->at[rhythm->n] = at;
			rhythm->gap[rhythm->n++] = (double)moment_diff(before, at) / 1e9;
		}
		before = at;
	}
	return store_rows_end(r, e);
}

/* A plot follows: its caption, a heading and what
 * it says in numbers. The text is its title too. */
static void open_figure(struct page *p, struct str title, struct str text)
{
	fputs("<figure><figcaption><b>", p->out);
	markup_text(p->out, title);
	fputs("</b>", p->out);
	markup_text(p->out, text);
	fputs("</figcaption>\n", p->out);
}

static void close_figure(struct page *p)
{
	fputs("</figure>\n", p->out);
}

static double most_of(const double *v, size_t n)
{
	double most = 0;
	for (size_t i = 0; i < n; i++)
		most = v[i] > most ? v[i] : most;
	return most;
}

static void put_time_plot(struct page *p, const struct time_plot *plot, double n,
    enum sentence title, enum sentence alt)
{
	struct arena *a = &p->arena;
	const struct slot slots[] = {
	    {"per", words_per((double)plot->slices.width / 1e9, p->language, a)},
	    {"from", words_time(p->span.from, a)},
	    {"to", words_time(p->span.to, a)},
	    {"n", words_count(n, a)},
	    {"most", words_count(most_of(plot->count, plot->slices.n), a)},
	};
	const struct slot flag = {"time", words_time(plot->mark, a)};
	struct str text = {0};
	if (plot->mark.ns != MOMENT_NONE.ns)
		text = sentence_fill(SENTENCE_PLOT_FLAG, p->language, &flag, 1, a);
	open_figure(p, sentence_fill(title, p->language, slots, 5, a), text);
	plot_time(p->out, plot, sentence_fill(alt, p->language, slots, 5, a));
	close_figure(p);
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

static void put_rhythm_plot(struct page *p, const struct rhythm_plot *rhythm)
{
	double sorted[PLOT_POINTS];
	struct arena *a = &p->arena;
	if (rhythm->n == 0)
		return;
	memcpy(sorted, rhythm->gap, rhythm->n * sizeof(sorted[0]));
	qsort(sorted, rhythm->n, sizeof(sorted[0]), by_value);
	const struct slot slots[] = {
	    {"low", words_span(sorted[rhythm->n / 4], p->language, a)},
	    {"high", words_span(sorted[rhythm->n * 3 / 4], p->language, a)},
	};
	const struct slot band[] = {
	    {"span", words_span(rhythm->period, p->language, a)},
	    {"share", words_share(rhythm->jitter, a)},
	};
	struct str text =
	    sentence_fill(SENTENCE_PLOT_RHYTHM_ALT, p->language, slots, 2, a);
	if (rhythm->period > 0) {
		struct str more =
		    sentence_fill(SENTENCE_PLOT_BAND, p->language, band, 2, a);
		text =
		    str_format(a, p->language == LANGUAGE_ZH ? "%.*s%.*s" : "%.*s %.*s",
			STR_ARG(text), STR_ARG(more));
	}
	open_figure(p, str_of(sentence(SENTENCE_PLOT_RHYTHM, p->language)), text);
	plot_rhythm(p->out, rhythm, p->language, text);
	close_figure(p);
}

static void put_week_plot(struct page *p, const struct week_plot *week)
{
	int best = 0;
	struct arena *a = &p->arena;
	for (int i = 1; i < 7 * 24; i++) {
		if (week->count[i / 24][i % 24] > week->count[best / 24][best % 24])
			best = i;
	}
	const struct slot slots[] = {
	    {"day", str_of(plot_weekday(best / 24, p->language))},
	    {"hour", str_format(a, "%02d:00", best % 24)},
	    {"n", words_count(week->count[best / 24][best % 24], a)},
	};
	struct str text = sentence_fill(SENTENCE_PLOT_WEEK_ALT, p->language, slots, 3, a);
	open_figure(p, str_of(sentence(SENTENCE_PLOT_WEEK, p->language)), text);
	plot_week(p->out, week, p->language, text);
	close_figure(p);
}

static int put_plots(struct page *p, const struct finding *f, struct error *e)
{
	const struct fact *rhythm = fact_of(f, FACT_KEY_RHYTHM);
	struct plots *plots = arena_alloc(&p->arena, sizeof(*plots));
	if (plots == NULL)
		return error_set(e, ERR_LIMIT, "the page is too large");
	plots->rhythm.slices = p->slices;
	plots->rhythm.period = rhythm != NULL ? rhythm->value[0] : 0;
	plots->rhythm.jitter = rhythm != NULL ? rhythm->value[1] : 0;
	if (read_plots(p, f, plots, e) < 0)
		return -1;
	const struct time_plot activity = {p->slices, plots->count, NULL, f->since};
	put_time_plot(p, &activity, (double)plots->n, SENTENCE_PLOT_ACTIVITY,
	    SENTENCE_PLOT_ACTIVITY_ALT);
	if (plots->n < PLOT_LEAST)
		return 0;
	fputs("<div class=\"sides\">\n", p->out);
	put_rhythm_plot(p, &plots->rhythm);
	put_week_plot(p, &plots->week);
	fputs("</div>\n", p->out);
	return 0;
}

/* What went out, with what came in below it. */
static void sent_figure(struct page *p, struct str sent, uint64_t received)
{
	struct arena *a = &p->arena;
	struct str in = words_bytes((double)received, a);
	figure(p, SENTENCE_SENT, sent,
	    str_format(
		a, "%s %.*s", sentence(SENTENCE_RECEIVED, p->language), STR_ARG(in)));
}

/* What the dates of a span rest on. */
static void put_watched(struct page *p, struct moment first, struct moment last)
{
	struct coverage c;
	struct arena *a = &p->arena;
	coverage_of(&p->watch, first, last, &c);
	struct str words = coverage_words(&c, p->language, a);
	element(p, "p class=\"small\"",
	    str_format(a, p->language == LANGUAGE_ZH ? "%s：%.*s。" : "%s: %.*s.",
		sentence(SENTENCE_WATCHED, p->language), STR_ARG(words)));
}

static void put_finding_figures(struct page *p, const struct finding *f)
{
	struct arena *a = &p->arena;
	enum language l = p->language;
	struct str none = {0};
	fputs("<dl class=\"figures\">\n", p->out);
	figure(p, SENTENCE_SINCE, words_time(f->since, a),
	    str_of(since_kind_words(f->since_kind, l)));
	figure(p, SENTENCE_LAST_SEEN, words_time(f->last_seen, a), none);
	figure(p, SENTENCE_CONNECTIONS, words_count((double)f->events, a), none);
	sent_figure(p, words_bytes((double)f->bytes_out, a), f->bytes_in);
	figure(p, SENTENCE_CONFIDENCE, confidence_mark(f->confidence, l, a), none);
	fputs("</dl>\n", p->out);
	put_watched(p, f->first_seen, f->last_seen);
}

static void put_evidence(struct page *p, const struct finding *f)
{
	struct arena *a = &p->arena;
	struct str attack = attack_words(f, a);
	heading(p, "h4", SENTENCE_EVIDENCE);
	heading(p, "p class=\"small\"", SENTENCE_EVIDENCE_HOW);
	element(p, "code", evidence_query_line(f, NULL, a));
	fputs("<p class=\"small\">", p->out);
	say(p, SENTENCE_FINDING);
	fprintf(p->out, " %s · ", f->id);
	say(p, SENTENCE_DETECTOR);
	fputc(' ', p->out);
	markup_text(p->out, str_of(f->detector));
	if (attack.n > 0) {
		fputs(" · ", p->out);
		say(p, SENTENCE_ATTACK);
		fputc(' ', p->out);
		markup_text(p->out, attack);
	}
	fputs("</p>\n", p->out);
}

static int put_finding(struct page *p, const struct finding *f, struct error *e)
{
	fputs("<div class=\"sides\">\n", p->out);
	put_facts(p, f, FACT_FOR, SENTENCE_FOR, "for", SENTENCE_COUNT);
	put_facts(
	    p, f, FACT_AGAINST, SENTENCE_AGAINST, "against", SENTENCE_NOTHING_AGAINST);
	fputs("</div>\n", p->out);
	put_facts(p, f, FACT_CONTEXT, SENTENCE_CONTEXT, "context", SENTENCE_COUNT);
	if (p->plots < HTML_PLOTS) {
		p->plots++;
		if (put_plots(p, f, e) < 0)
			return -1;
	}
	put_evidence(p, f);
	return 0;
}

/* A finding under its sentence; folded when it is not worth a reader's first look. The
 * only one of its case has its figures there. */
static int put_section(
    struct page *p, const struct finding *f, bool folded, bool only, struct error *e)
{
	struct str summary = finding_summary(f, p->language, &p->arena);
	if (p->findings++ >= HTML_FINDINGS) {
		element(p, "p class=\"finding\"", summary);
		return 0;
	}
	fputs(folded ? "<details class=\"finding\"><summary>"
		     : "<section class=\"finding\">",
	    p->out);
	element(p, "h3", summary);
	fputs(folded ? "</summary>\n" : "", p->out);
	if (!only)
		put_finding_figures(p, f);
	int result = put_finding(p, f, e);
	fputs(folded ? "</details>\n" : "</section>\n", p->out);
	return result;
}

static void put_case_head(struct page *p, const struct dwell_case *c)
{
	char host[ADDR_TEXT_MAX];
	struct arena *a = &p->arena;
	enum language l = p->language;
	struct str none = {0};
	addr_text(&c->host, host);
	fprintf(p->out,
	    "<article class=\"case\" id=\"%s\" aria-labelledby=\"h-%s\"><h2 id=\"h-%s\">",
	    c->id, c->id, c->id);
	fprintf(p->out, "%llu. %s", (unsigned long long)c->rank, host);
	if (c->finding_count > 0) {
		fputs(" ↔ ", p->out);
		markup_text(p->out, c->findings[0]->peer);
	}
	fputs("</h2>\n<dl class=\"figures\">\n", p->out);
	figure(p, SENTENCE_DWELL_TIME, dwell_words(c->since, c->last_seen, l, a), none);
	figure(p, SENTENCE_SINCE, words_time(c->since, a),
	    str_of(since_kind_words(c->since_kind, l)));
	figure(p, SENTENCE_LAST_SEEN, words_time(c->last_seen, a), none);
	struct str sent = sent_words(c->bytes_out_low, c->bytes_out_high, l, a);
	if (c->finding_count == 1) {
		const struct finding *f = c->findings[0];
		figure(p, SENTENCE_CONNECTIONS, words_count((double)f->events, a), none);
		sent_figure(p, sent, f->bytes_in);
	} else {
		figure(p, SENTENCE_SENT, sent, none);
	}
	figure(p, SENTENCE_CONFIDENCE, confidence_mark(c->confidence, l, a), none);
	const struct mute *m = muted_case(p->options, c);
	if (m != NULL)
		figure(p, SENTENCE_MUTED, muted_words(m, l, a), none);
	fputs("</dl>\n", p->out);
	put_watched(p, c->since, c->last_seen);
}

/* The findings of a case together, in order of time. */
static void put_story(struct page *p, const struct dwell_case *c)
{
	struct story story;
	struct arena *a = &p->arena;
	story_tell(&story, c, p->language, a);
	if (story.n == 0)
		return;
	heading(p, "h3", SENTENCE_STORY);
	fputs("<ol class=\"story\">\n", p->out);
	for (size_t i = 0; i < story.n; i++) {
		const struct slot more = {"n", words_count((double)story.left_out, a)};
		struct str text = story.line[i].text;
		if (text.p == NULL)
			text =
			    sentence_fill(SENTENCE_STORY_MORE, p->language, &more, 1, a);
		fputs("<li>", p->out);
		element(p, "time", words_time(story.line[i].at, a));
		fputc(' ', p->out);
		markup_text(p->out, text);
		fputs("</li>\n", p->out);
	}
	fputs("</ol>\n", p->out);
}

static int put_case(struct page *p, const struct dwell_case *c, struct error *e)
{
	int result = 0;
	put_case_head(p, c);
	put_story(p, c);
	for (size_t i = 0; result == 0 && i < c->finding_count; i++) {
		bool first = c->rank == 1 && i == 0;
		bool folded = !first && c->findings[i]->confidence == CONFIDENCE_LOW;
		result = put_section(p, c->findings[i], folded, c->finding_count == 1, e);
	}
	fputs("</article>\n", p->out);
	return result;
}

static int put_traffic(struct page *p, struct error *e)
{
	struct arena *a = &p->arena;
	struct traffic *t = arena_alloc(a, sizeof(*t));
	if (t == NULL)
		return error_set(e, ERR_LIMIT, "the page is too large");
	t->slices = p->slices;
	if (read_traffic(p->store, t, a, e) < 0)
		return -1;
	if (t->silence > 60 * NS_PER_S) {
		const struct slot slots[] = {
		    {"span", words_span((double)t->silence / 1e9, p->language, a)},
		    {"from", words_time(t->silence_from, a)},
		    {"to", words_time(moment_add(t->silence_from, t->silence), a)},
		};
		element(
		    p, "p", sentence_fill(SENTENCE_SILENCE, p->language, slots, 3, a));
	}
	const struct time_plot plot = {p->slices, t->packets, t->lost, MOMENT_NONE};
	if (p->span.watched > 0)
		put_time_plot(
		    p, &plot, 0, SENTENCE_PLOT_TRAFFIC, SENTENCE_PLOT_TRAFFIC_ALT);
	return 0;
}

/* What a watch left out or could not see. */
static void put_blind(struct page *p)
{
	struct coverage c;
	struct str blind[COVERAGE_BLIND];
	coverage_of(&p->watch, p->span.from, p->span.to, &c);
	size_t n = coverage_blind(&c, p->language, blind, &p->arena);
	for (size_t i = 0; i < n; i++)
		element(p, "p", blind[i]);
}

static int put_span(struct page *p, struct error *e)
{
	const struct span *s = &p->span;
	struct arena *a = &p->arena;
	double seconds = (double)moment_diff(s->from, s->to) / 1e9;
	double share = s->minutes > 0 ? (double)s->watched / (double)s->minutes : 0;
	const struct slot slots[] = {
	    {"connections", words_count((double)s->connections, a)},
	    {"from", words_time(s->from, a)},
	    {"to", words_time(s->to, a)},
	    {"span", words_span(seconds, p->language, a)},
	    {"share", words_share(share, a)},
	    {"lost", words_count((double)s->lost, a)},
	    {"cut", words_count((double)s->cut, a)},
	};
	size_t n = sizeof(slots) / sizeof(slots[0]);
	fputs("<section>", p->out);
	heading(p, "h2", SENTENCE_COVERAGE);
	int result = 0;
	if (s->connections == 0) {
		heading(p, "p", SENTENCE_EMPTY_MEMORY);
	} else {
		element(
		    p, "p", sentence_fill(SENTENCE_LOOKED_AT, p->language, slots, n, a));
		element(p, "p", sentence_fill(SENTENCE_LOSSES, p->language, slots, n, a));
		put_blind(p);
		result = put_traffic(p, e);
	}
	fputs("</section>\n", p->out);
	return result;
}

static void put_no_cases(struct page *p)
{
	double seconds = (double)moment_diff(p->span.from, p->span.to) / 1e9;
	const struct slot span = {"span", words_span(seconds, p->language, &p->arena)};
	heading(p, "p", SENTENCE_NO_CASES);
	if (seconds < READ_SHORT_SECONDS)
		element(p, "p",
		    sentence_fill(
			SENTENCE_NO_CASES_SHORT, p->language, &span, 1, &p->arena));
}

static void put_foot(struct page *p)
{
	fputs("</main>\n<footer>", p->out);
	heading(p, "p", SENTENCE_EVERY_TIME_UTC);
	heading(p, "p", SENTENCE_MADE_BY);
	fputs("</footer>\n</body></html>\n", p->out);
}

/* A sentence of how many cases are not on the page; nothing for none. */
static void put_count(struct page *p, enum sentence key, uint64_t n)
{
	const struct slot slot = {"n", words_count((double)n, &p->arena)};
	if (n > 0)
		element(p, "p", sentence_fill(key, p->language, &slot, 1, &p->arena));
}

static int put_page(struct page *p, const struct case_list *cases, struct error *e)
{
	size_t n = cases->n;
	put_head(p);
	put_title(p, cases->all);
	if (n > 1)
		put_table(p, cases->v, n);
	if (n == 0 && p->span.connections > 0)
		put_no_cases(p);
	for (size_t i = 0; i < n; i++) {
		if (put_case(p, &cases->v[i], e) < 0)
			return -1;
	}
	if (p->options->budget > 0)
		element(p, "p", budget_words(&cases->budget, p->options, &p->arena));
	put_count(p, SENTENCE_MORE_CASES, cases->all - n);
	put_count(p, SENTENCE_MUTED_CASES, cases->muted);
	if (put_span(p, e) < 0)
		return -1;
	put_foot(p);
	return 0;
}

int report_html(
    struct store *s, const struct report_options *o, FILE *out, struct error *e)
{
	struct page p = {.out = out, .store = s, .options = o, .language = o->language};
	struct report_options all = *o;
	struct case_list cases = {0};
	arena_init(&p.arena, HTML_ARENA);
	all.most = HTML_CASES;
	int result = read_span(s, &p.span, e);
	if (result == 0)
		result = coverage_index_read(s, &p.watch, e);
	if (result == 0)
		result = read_cases(s, &all, &p.arena, &cases, e);
	if (result == 0) {
		if (p.span.connections > 0)
			p.slices = slices_of(p.span.from, p.span.to);
		result = put_page(&p, &cases, e);
	}
	coverage_index_free(&p.watch);
	arena_fini(&p.arena);
	if (result == 0 && (fflush(out) != 0 || ferror(out)))
		result = error_set(e, ERR_SYSTEM, "the page could not be written");
	return result;
}
