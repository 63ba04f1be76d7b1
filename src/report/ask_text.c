/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers for a terminal. First what was watched, for everything below rests on it. Then
 * a block for each of a few indicators, with its hosts; of many, a table of those that
 * were seen.
 */
#include "base/size.h"
#include "report/ask.h"
#include "report/sentences.h"
#include "report/wrap.h"

#define ARENA_MAX    (64U << 20) /* words of one item or heading */
#define INDENT       3
#define HOSTS_TOLD   10 /* hosts of a block; --all tells all */
#define WITH_TOLD    5  /* names, addresses, services of a block */
#define VALUE_COLUMN 40 /* columns of the indicator in a table */
#define CELLS_MAX    10

struct page {
	FILE *out;
	const struct ask_report *r;
	enum language language;
	size_t width;
	struct arena arena;
};

static void page_start(struct page *p, const struct ask_report *r, FILE *out)
{
	*p = (struct page){out, r, r->language, wrap_width(out), {0}};
	arena_init(&p->arena, ARENA_MAX);
}

static int page_end(struct page *p, struct error *e)
{
	arena_fini(&p->arena);
	if (fflush(p->out) != 0 || ferror(p->out))
		return error_set(e, ERR_SYSTEM, "the answers could not be written");
	return 0;
}

static void say(struct page *p, struct str text)
{
	wrap_print(p->out, text, 0, p->width);
}

/* ---- cells ---- */

struct cell {
	struct str text;
	size_t width; /* columns; 0: as it is, the last of a line */
	bool right;
};

static void put_cell(FILE *out, const struct cell *c)
{
	size_t used = wrap_columns(c->text);
	int pad = c->width > used ? (int)(c->width - used) : 0;
	if (c->right)
		fprintf(out, "%*s", pad, "");
	fwrite(c->text.p, 1, c->text.n, out);
	if (!c->right && c->width > 0)
		fprintf(out, "%*s", pad, "");
}

static void put_cells(const struct page *p, size_t indent, const struct cell *v, size_t n)
{
	fprintf(p->out, "%*s", (int)indent, "");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			fputs("  ", p->out);
		put_cell(p->out, &v[i]);
	}
	fputc('\n', p->out);
}

static struct cell label(
    const struct page *p, enum sentence key, size_t width, bool right)
{
	return (struct cell){str_of(sentence(key, p->language)), width, right};
}

static struct str count_words(struct page *p, uint64_t n)
{
	return words_count((double)n, &p->arena);
}

/* The cells that every line of figures ends with; how many. */
static size_t figures(struct page *p, const struct ask_tally *t, struct cell *out)
{
	struct arena *a = &p->arena;
	const struct cell cells[] = {{words_time(t->first, a), 16, false},
	    {words_time(t->last, a), 16, false}, {count_words(p, t->days), 5, true},
	    {count_words(p, t->connections), 11, true},
	    {words_bytes((double)t->bytes_out, a), 7, true},
	    {words_bytes((double)t->bytes_in, a), 7, true}};
	memcpy(out, cells, sizeof(cells));
	return sizeof(cells) / sizeof(cells[0]);
}

static size_t figure_labels(struct page *p, struct cell *out)
{
	const struct cell cells[] = {label(p, SENTENCE_ASK_FIRST, 16, false),
	    label(p, SENTENCE_ASK_LAST, 16, false), label(p, SENTENCE_ASK_DAYS, 5, true),
	    label(p, SENTENCE_ASK_COUNT, 11, true), label(p, SENTENCE_ASK_OUT, 7, true),
	    label(p, SENTENCE_ASK_IN, 7, true)};
	memcpy(out, cells, sizeof(cells));
	return sizeof(cells) / sizeof(cells[0]);
}

/* ---- the head ---- */

int report_ask_text_head(const struct ask_report *r, FILE *out, struct error *e)
{
	struct page p;
	struct str sentences[COVERAGE_SENTENCES];
	page_start(&p, r, out);
	size_t n = coverage_sentences(r->coverage, p.language, sentences, &p.arena);
	for (size_t i = 0; i < n; i++)
		say(&p, sentences[i]);
	if (r->raw)
		say(&p, str_of(sentence(SENTENCE_ASK_RAW, p.language)));
	if (r->decayed.ns != MOMENT_NONE.ns)
		say(&p, ask_decay_sentence(r, &p.arena));
	return page_end(&p, e);
}

/* ---- blocks ---- */

static void line(struct page *p, enum sentence key, struct str text)
{
	const char *name = sentence(key, p->language);
	size_t used = wrap_columns(str_of(name)), gap = used < 14 ? 14 - used : 1;
	if (text.n == 0)
		return;
	fprintf(p->out, "%*s%s%*s", INDENT, "", name, (int)gap, "");
	wrap_print(p->out, text, INDENT + used + gap, p->width);
}

static void with_line(struct page *p, enum sentence key, const struct ask_with_list *list)
{
	struct arena *a = &p->arena;
	struct str all = STR("");
	size_t n = size_min(list->n, WITH_TOLD);
	for (size_t i = 0; i < n; i++)
		all = str_format(a, "%.*s%s%.*s (%.*s)", STR_ARG(all), i > 0 ? ", " : "",
		    STR_ARG(words_visible(list->v[i].text, a)),
		    STR_ARG(count_words(p, list->v[i].connections)));
	if (list->n > n || list->more > 0)
		all = str_format(a, "%.*s, %s", STR_ARG(all),
		    sentence(SENTENCE_ASK_AND_OTHERS, p->language));
	line(p, key, all);
}

static void put_hosts(struct page *p, const struct ask_answer *answer)
{
	struct cell cells[CELLS_MAX];
	size_t told =
	    p->r->all ? answer->host_count : size_min(answer->host_count, HOSTS_TOLD);
	size_t width = 15;
	for (size_t i = 0; i < told; i++) {
		char text[ADDR_TEXT_MAX];
		width = size_max(width, addr_text(&answer->hosts[i].host, text));
	}
	if (told == 0)
		return;
	cells[0] = label(p, SENTENCE_ASK_HOST, width, false);
	put_cells(p, INDENT, cells, 1 + figure_labels(p, cells + 1));
	for (size_t i = 0; i < told; i++) {
		const struct ask_host *h = &answer->hosts[i];
		char text[ADDR_TEXT_MAX];
		cells[0] = (struct cell){{text, addr_text(&h->host, text)}, width, false};
		size_t n = 1 + figures(p, &h->t, cells + 1);
		if (!h->home)
			cells[n++] = label(p, SENTENCE_ASK_OUTSIDE, 0, false);
		put_cells(p, INDENT, cells, n);
	}
	if (answer->host_count > told) {
		const struct slot slot = {"n", count_words(p, answer->host_count - told)};
		fprintf(p->out, "%*s", INDENT, "");
		say(p, sentence_fill(
			   SENTENCE_ASK_OTHER_HOSTS, p->language, &slot, 1, &p->arena));
	}
}

static void put_figures(struct page *p, const struct ask_answer *answer)
{
	const struct ask_tally *t = &answer->t;
	struct arena *a = &p->arena;
	struct str count = count_words(p, t->connections);
	if (t->unanswered > 0) {
		const struct slot slot = {"n", count_words(p, t->unanswered)};
		count = str_format(a, "%.*s (%.*s)", STR_ARG(count),
		    STR_ARG(sentence_fill(
			SENTENCE_ASK_UNANSWERED, p->language, &slot, 1, a)));
	}
	if (t->connections > 0) {
		line(p, SENTENCE_ASK_COUNT, count);
		line(p, SENTENCE_ASK_OUT, words_bytes((double)t->bytes_out, a));
		line(p, SENTENCE_ASK_IN, words_bytes((double)t->bytes_in, a));
	}
	if (t->shown > 0)
		line(p, SENTENCE_ASK_SHOWN, count_words(p, t->shown));
	line(p, SENTENCE_ASK_SEEN_AS, ask_how_words(t->how, p->language, a));
	with_line(p, SENTENCE_ASK_NAMES, &answer->names);
	with_line(p, SENTENCE_ASK_ADDRESSES, &answer->addresses);
	with_line(p, SENTENCE_ASK_SERVICES, &answer->services);
	if (t->coarse)
		line(p, SENTENCE_ASK_NOTE,
		    str_of(sentence(SENTENCE_ASK_COARSE, p->language)));
	if (answer->more_hosts > 0)
		line(p, SENTENCE_ASK_NOTE,
		    str_of(sentence(SENTENCE_ASK_MORE_HOSTS, p->language)));
}

/* "seen from … to …, on … days", "not seen", "no answer". */
static struct str verdict(struct page *p, const struct ask_item *item)
{
	const struct ask_tally *t = &item->answer->t;
	const struct slot slots[] = {{"from", words_time(t->first, &p->arena)},
	    {"to", words_time(t->last, &p->arena)}, {"days", count_words(p, t->days)}};
	enum sentence key = item->answer->state == ASK_NO ? SENTENCE_ASK_NOT_SEEN
			    : item->answer->state == ASK_UNANSWERED
				? SENTENCE_ASK_NO_ANSWER
			    : t->days == 1 ? SENTENCE_ASK_SEEN_DAY
					   : SENTENCE_ASK_SEEN;
	return sentence_fill(key, p->language, slots, 3, &p->arena);
}

static void block(struct page *p, const struct ask_item *item)
{
	struct arena *a = &p->arena;
	bool bold = p->r->colour && item->answer->state == ASK_YES;
	struct str head =
	    str_format(a, "%.*s (%.*s): %.*s", STR_ARG(words_visible(item->value, a)),
		STR_ARG(item->kind), STR_ARG(verdict(p, item)));
	fputc('\n', p->out);
	fputs(bold ? "\033[1m" : "", p->out);
	say(p, head);
	fputs(bold ? "\033[0m" : "", p->out);
	if (item->note.n > 0)
		line(p, SENTENCE_ASK_NOTE, words_visible(item->note, a));
	if (item->where[0] != '\0' && p->r->from_files)
		line(p, SENTENCE_ASK_FROM, words_visible(str_of(item->where), a));
	line(p, SENTENCE_ASK_NOTE, ask_why_words(p->r, item, a));
	if (item->answer->state == ASK_YES) {
		put_figures(p, item->answer);
		put_hosts(p, item->answer);
	}
}

static void blocks(struct page *p, uint64_t asked)
{
	struct ask_item item;
	for (size_t at = 0; ask_next(p->r, &at, &item);) {
		if (ask_is_told(p->r, asked, &item))
			block(p, &item);
		arena_reset(&p->arena);
	}
}

/* ---- a table ---- */

static struct str table_value(struct page *p, const struct ask_item *item)
{
	struct str value = words_visible(item->value, &p->arena);
	if (wrap_columns(value) <= VALUE_COLUMN)
		return value;
	size_t skip, n = wrap_break(value, VALUE_COLUMN - 1, &skip);
	return str_format(&p->arena, "%.*s…", (int)n, value.p);
}

static size_t value_width(struct page *p, uint64_t asked)
{
	struct ask_item item;
	size_t width = 15;
	for (size_t at = 0; ask_next(p->r, &at, &item);) {
		if (ask_is_told(p->r, asked, &item))
			width = size_max(width, wrap_columns(table_value(p, &item)));
		arena_reset(&p->arena);
	}
	return width;
}

static void table_row(struct page *p, const struct ask_item *item, size_t width)
{
	struct cell cells[CELLS_MAX];
	const struct ask_answer *answer = item->answer;
	size_t n = 2;
	cells[0] = (struct cell){table_value(p, item), width, false};
	cells[1] = (struct cell){count_words(p, answer->host_count), 6, true};
	struct str note = words_visible(item->note, &p->arena);
	if (answer->state == ASK_YES) {
		n += figures(p, &answer->t, cells + n);
	} else {
		struct str why = ask_why_words(p->r, item, &p->arena);
		note = str_format(&p->arena, "%.*s%s%.*s", STR_ARG(verdict(p, item)),
		    why.n > 0 ? ": " : "", STR_ARG(why));
	}
	if (note.n > 0)
		cells[n++] = (struct cell){note, 0, false};
	put_cells(p, 0, cells, n);
}

static void table(struct page *p, uint64_t asked)
{
	struct ask_item item;
	struct cell cells[CELLS_MAX];
	bool begun = false;
	size_t width = value_width(p, asked);
	for (size_t at = 0; ask_next(p->r, &at, &item);) {
		if (!ask_is_told(p->r, asked, &item))
			continue;
		if (!begun) {
			fputc('\n', p->out);
			cells[0] = label(p, SENTENCE_ASK_INDICATOR, width, false);
			cells[1] = label(p, SENTENCE_ASK_HOSTS, 6, true);
			put_cells(p, 0, cells, 2 + figure_labels(p, cells + 2));
			begun = true;
		}
		table_row(p, &item, width);
		arena_reset(&p->arena);
	}
}

static void summary(struct page *p, const struct ask_count *count)
{
	const struct coverage *c = p->r->coverage;
	const struct slot slots[] = {{"all", count_words(p, count->all)},
	    {"seen", count_words(p, count->seen)}, {"no", count_words(p, count->no)},
	    {"unanswered", count_words(p, count->unanswered)},
	    {"minutes", words_share(coverage_share(c), &p->arena)},
	    {"rest", words_share(1 - coverage_share(c), &p->arena)}};
	size_t n = sizeof(slots) / sizeof(slots[0]);
	fputc('\n', p->out);
	if (count->all > 1)
		say(p, sentence_fill(
			   SENTENCE_ASK_SUMMARY, p->language, slots, n, &p->arena));
	if (count->no > 0 && c->watched > 0 && c->watched < c->minutes)
		say(p, sentence_fill(
			   SENTENCE_ASK_NO_MEANS, p->language, slots, n, &p->arena));
	say(p, str_of(sentence(SENTENCE_EVERY_TIME_UTC, p->language)));
}

int report_ask_text(const struct ask_report *r, FILE *out, struct error *e)
{
	struct page p;
	struct ask_count count = ask_count_answers(r);
	page_start(&p, r, out);
	if (count.all <= ASK_BLOCKS_MAX)
		blocks(&p, count.all);
	else
		table(&p, count.all);
	summary(&p, &count);
	return page_end(&p, e);
}
