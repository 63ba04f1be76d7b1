/* SPDX-License-Identifier: Apache-2.0 */
/* What was watched, in words. */
#include "report/ask.h"
#include "report/sentences.h"

static double share(uint64_t part, uint64_t all)
{
	return all > 0 ? (double)part / (double)all : 0;
}

static struct str span_words(
    struct moment from, struct moment to, enum language l, struct arena *a)
{
	return words_span((double)moment_diff(from, to) / NS_PER_S, l, a);
}

static struct str span_sentence(
    const struct coverage *c, enum language l, struct arena *a)
{
	const struct slot slots[] = {{"from", words_time(c->from, a)},
	    {"to", words_time(c->to, a)}, {"span", span_words(c->from, c->to, l, a)},
	    {"hours", words_share(share(c->hours_watched, c->hours), a)},
	    {"minutes", words_share(coverage_share(c), a)}};
	enum sentence key = c->watched > 0 ? SENTENCE_COVERED
			    : c->from.ns == MOMENT_NONE.ns
				? SENTENCE_COVERED_NOTHING_UNTIL
			    : c->to.ns == MOMENT_NONE.ns ? SENTENCE_COVERED_NOTHING_SINCE
							 : SENTENCE_COVERED_NOTHING;
	return sentence_fill(key, l, slots, sizeof(slots) / sizeof(slots[0]), a);
}

static struct str missed_sentence(
    const struct coverage *c, enum language l, struct arena *a)
{
	const struct slot slots[] = {{"lost", words_count((double)c->drops, a)},
	    {"loss", words_share(coverage_loss(c), a)},
	    {"cut", words_count((double)c->truncated, a)},
	    {"one_way", words_share(share(c->one_way, c->connections), a)},
	    {"steps", words_count((double)c->clock_steps, a)}};
	return sentence_fill(
	    SENTENCE_COVERED_MISSED, l, slots, sizeof(slots) / sizeof(slots[0]), a);
}

static struct str gap_sentence(const struct coverage *c, enum language l, struct arena *a)
{
	const struct coverage_gap *g = &c->gaps[0];
	const struct slot slots[] = {{"n", words_count((double)c->gaps_all, a)},
	    {"all", words_span((double)c->gap_minutes * 60, l, a)},
	    {"span", span_words(g->from, g->to, l, a)}, {"from", words_time(g->from, a)},
	    {"to", words_time(g->to, a)}};
	return sentence_fill(
	    SENTENCE_COVERED_GAPS, l, slots, sizeof(slots) / sizeof(slots[0]), a);
}

/* Absent where packets tell all. */
static struct str log_sentence(const struct coverage *c, enum language l, struct arena *a)
{
	struct str all = STR("");
	for (size_t i = 0; i < c->kind_count; i++) {
		if (str_equal(str_of(c->kinds[i].name), STR("packets")))
			continue;
		all = str_format(a, "%.*s%s%s %.*s", STR_ARG(all), all.n > 0 ? ", " : "",
		    c->kinds[i].name, STR_ARG(words_count((double)c->kinds[i].hours, a)));
	}
	if (all.n == 0)
		return (struct str){0};
	const struct slot slot = {"kinds", all};
	return sentence_fill(SENTENCE_COVERED_BY_LOGS, l, &slot, 1, a);
}

static struct str counted(
    enum sentence key, uint64_t n, uint64_t seconds, enum language l, struct arena *a)
{
	const struct slot slots[] = {{"n", words_count((double)n, a)},
	    {"span", words_span((double)seconds, l, a)}};
	return sentence_fill(key, l, slots, 2, a);
}

size_t coverage_blind(const struct coverage *c, enum language l,
    struct str out[static COVERAGE_BLIND], struct arena *a)
{
	size_t n = 0;
	if (c->shed > 0)
		out[n++] = counted(SENTENCE_COVERED_SHED, c->shed, 0, l, a);
	if (c->down > 0)
		out[n++] = counted(SENTENCE_COVERED_DOWN, 0, c->down, l, a);
	if (c->fell > 0)
		out[n++] = counted(SENTENCE_COVERED_FELL, c->fell, 0, l, a);
	return n;
}

size_t coverage_sentences(const struct coverage *c, enum language l,
    struct str out[static COVERAGE_SENTENCES], struct arena *a)
{
	size_t n = 0;
	if (c->from.ns == MOMENT_NONE.ns && c->to.ns == MOMENT_NONE.ns) {
		out[n++] = str_of(sentence(SENTENCE_EMPTY_MEMORY, l));
		return n;
	}
	out[n++] = span_sentence(c, l, a);
	if (c->watched == 0)
		return n;
	out[n++] = missed_sentence(c, l, a);
	n += coverage_blind(c, l, out + n, a);
	uint64_t rest = c->minutes > c->watched ? c->minutes - c->watched : 0;
	if (rest > 0)
		out[n++] = counted(SENTENCE_COVERED_UNWATCHED, rest, 60 * rest, l, a);
	if (c->gap_count > 0)
		out[n++] = gap_sentence(c, l, a);
	struct str logs = log_sentence(c, l, a);
	if (logs.p != NULL)
		out[n++] = logs;
	return n;
}

/* ---- of a finding ---- */

/* Join a part to what is there. */
static struct str join(struct str all, struct str part, enum language l, struct arena *a)
{
	return all.n == 0 ? part
			  : str_format(a, "%.*s%s%.*s", STR_ARG(all),
				l == LANGUAGE_ZH ? "；" : "; ", STR_ARG(part));
}

static struct str part_words(
    enum sentence key, double n, double of, enum language l, struct arena *a)
{
	const struct slot slots[] = {
	    {"n", words_count(n, a)}, {"share", words_share(of, a)}};
	return sentence_fill(key, l, slots, 2, a);
}

static struct str gap_words(const struct coverage *c, enum language l, struct arena *a)
{
	const struct coverage_gap *g = &c->gaps[0];
	const struct slot slots[] = {{"n", words_count((double)c->gaps_all, a)},
	    {"all", words_span((double)c->gap_minutes * 60, l, a)},
	    {"span", span_words(g->from, g->to, l, a)}, {"from", words_time(g->from, a)}};
	return sentence_fill(
	    SENTENCE_SPAN_GAPS, l, slots, sizeof(slots) / sizeof(slots[0]), a);
}

struct str coverage_words(const struct coverage *c, enum language l, struct arena *a)
{
	struct str missed = STR("");
	if (c->watched == 0)
		return str_of(sentence(SENTENCE_SPAN_UNWATCHED, l));
	if (c->drops > 0)
		missed = part_words(
		    SENTENCE_SPAN_LOST, (double)c->drops, coverage_loss(c), l, a);
	if (c->truncated > 0)
		missed = join(missed,
		    part_words(SENTENCE_SPAN_CUT, (double)c->truncated, 0, l, a), l, a);
	if (c->one_way > 0)
		missed = join(missed,
		    part_words(SENTENCE_SPAN_ONE_WAY, (double)c->one_way,
			share(c->one_way, c->connections), l, a),
		    l, a);
	if (c->clock_steps > 0)
		missed = join(missed,
		    part_words(SENTENCE_SPAN_STEPS, (double)c->clock_steps, 0, l, a), l,
		    a);
	if (c->shed > 0)
		missed =
		    join(missed, counted(SENTENCE_SPAN_SHED, c->shed, 0, l, a), l, a);
	if (c->down > 0)
		missed =
		    join(missed, counted(SENTENCE_SPAN_DOWN, 0, c->down, l, a), l, a);
	if (c->fell > 0)
		missed =
		    join(missed, counted(SENTENCE_SPAN_FELL, c->fell, 0, l, a), l, a);
	if (c->gaps_all > 0)
		missed = join(missed, gap_words(c, l, a), l, a);
	if (missed.n == 0)
		missed = str_of(sentence(SENTENCE_SPAN_NONE_MISSED, l));
	const struct slot slots[] = {
	    {"hours", words_share(share(c->hours_watched, c->hours), a)},
	    {"minutes", words_share(coverage_share(c), a)}, {"missed", missed}};
	return sentence_fill(SENTENCE_SPAN_WATCHED, l, slots, 3, a);
}
