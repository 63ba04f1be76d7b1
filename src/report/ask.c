/* SPDX-License-Identifier: Apache-2.0 */
/* What the writers of answers share: the items in order, and reasons in words. */
#include "report/ask.h"

#include "feed/pattern.h"
#include "report/sentences.h"

#define PARTS_MAX 5 /* parts of a pattern without an answer that are named */

static void indicator_item(const struct ask_report *r, size_t i,
    const struct indicator *in, struct ask_item *out)
{
	*out = (struct ask_item){.value = in->value,
	    .kind = str_of(indicator_kind_name(in->kind)),
	    .id = in->id,
	    .note = in->note,
	    .index = i};
	indicators_where(r->set, i, out->where);
	if (r->ask != NULL)
		out->answer = ask_answer(r->ask, i);
}

static void pattern_item(const struct ask_report *r, size_t i, struct ask_item *out)
{
	const struct pattern *p = indicators_pattern(r->set, i);
	*out = (struct ask_item){.value = p->text.p != NULL ? p->text : p->id,
	    .kind = STR("pattern"),
	    .id = p->id,
	    .note = p->note,
	    .is_pattern = true,
	    .index = i};
	snprintf(out->where, sizeof(out->where), "%.*s:%u", STR_ARG(p->file), p->at);
	if (r->ask != NULL)
		out->answer = ask_pattern_answer(r->ask, i);
}

bool ask_next(const struct ask_report *r, size_t *at, struct ask_item *out)
{
	size_t n = indicators_count(r->set), patterns = indicators_pattern_count(r->set);
	while (*at < n) {
		struct indicator in;
		size_t i = (*at)++;
		indicators_get(r->set, i, &in);
		if (in.leaf)
			continue;
		indicator_item(r, i, &in, out);
		return true;
	}
	if (*at - n >= patterns)
		return false;
	pattern_item(r, (*at)++ - n, out);
	return true;
}

struct str ask_decay_sentence(const struct ask_report *r, struct arena *a)
{
	const struct slot slot = {"time", words_time(r->decayed, a)};
	if (r->decayed.ns == MOMENT_NONE.ns)
		return (struct str){0};
	return sentence_fill(SENTENCE_ASK_DECAYED, r->language, &slot, 1, a);
}

struct ask_count ask_count_answers(const struct ask_report *r)
{
	struct ask_count c = {0};
	struct ask_item item;
	for (size_t at = 0; ask_next(r, &at, &item);) {
		c.all++;
		if (item.answer == NULL)
			continue;
		c.seen += item.answer->state == ASK_YES;
		c.no += item.answer->state == ASK_NO;
		c.unanswered += item.answer->state == ASK_UNANSWERED;
	}
	return c;
}

bool ask_is_told(const struct ask_report *r, uint64_t asked, const struct ask_item *item)
{
	return r->all || asked <= ASK_BLOCKS_MAX || item->answer->state != ASK_NO;
}

struct str ask_how_words(unsigned how, enum language l, struct arena *a)
{
	static const enum sentence words[] = {
#define H(ENUMERATOR, name, via) [ASK_##ENUMERATOR] = SENTENCE_HOW_##ENUMERATOR,
	    ASK_HOWS(H)
#undef H
	};
	struct str all = STR("");
	for (int i = 0; i < ASK_HOW_COUNT; i++) {
		if ((how >> i & 1) == 0)
			continue;
		const char *comma = l == LANGUAGE_ZH ? "、" : ", ";
		all = str_format(a, "%.*s%s%s", STR_ARG(all), all.n > 0 ? comma : "",
		    sentence(words[i], l));
	}
	return all;
}

/* The parts of a pattern that have no answer, by their values. */
static struct str parts_words(
    const struct ask_report *r, const struct ask_item *item, struct arena *a)
{
	const struct pattern *p = indicators_pattern(r->set, item->index);
	struct str all = STR("");
	size_t n = 0;
	for (uint32_t i = 0; i < p->count && n < PARTS_MAX; i++) {
		struct indicator in;
		const struct pattern_node *node = &p->nodes[i];
		if (node->op != PATTERN_LEAF)
			continue;
		const struct ask_answer *answer = ask_answer(r->ask, node->leaf);
		if (answer->state != ASK_UNANSWERED || answer->why == ASK_WHY_ONLY_WITH)
			continue;
		indicators_get(r->set, node->leaf, &in);
		all = str_format(a, "%.*s%s%.*s", STR_ARG(all), n++ > 0 ? ", " : "",
		    STR_ARG(in.value));
	}
	return all;
}

struct str ask_why_words(
    const struct ask_report *r, const struct ask_item *item, struct arena *a)
{
	static const enum sentence words[] = {
	    [ASK_WHY_NOT_KEPT] = SENTENCE_WHY_NOT_KEPT,
	    [ASK_WHY_ONLY_WITH] = SENTENCE_WHY_ONLY_WITH,
	    [ASK_WHY_EXPRESSION] = SENTENCE_WHY_EXPRESSION,
	    [ASK_WHY_TOO_MANY] = SENTENCE_WHY_TOO_MANY,
	    [ASK_WHY_PATH_UNSEEN] = SENTENCE_WHY_PATH_UNSEEN,
	    [ASK_WHY_PORT] = SENTENCE_WHY_PORT,
	    [ASK_WHY_SAME_HOST] = SENTENCE_WHY_SAME_HOST,
	    [ASK_WHY_TIMES] = SENTENCE_WHY_TIMES,
	    [ASK_WHY_PART] = SENTENCE_WHY_PART,
	};
	enum ask_why why = item->answer->why;
	if (why == ASK_WHY_NONE)
		return (struct str){0};
	struct slot slot = {"parts", STR("")};
	if (why == ASK_WHY_PART && item->is_pattern)
		slot.text = parts_words(r, item, a);
	return sentence_fill(words[why], r->language, &slot, 1, a);
}
