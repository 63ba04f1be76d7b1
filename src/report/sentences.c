/* SPDX-License-Identifier: Apache-2.0 */
#include "report/sentences.h"

#include "report/ask.h"
#include "report/technique_table.h"

static const char *const templates[SENTENCE_COUNT][LANGUAGES] = {
#define X(KEY, en, zh) [SENTENCE_##KEY] = {en, zh},
    SENTENCES(X)
#undef X
};

/* A fact without a sentence, or a sentence too many, does not compile. */
#define X(KEY, en, zh) +1
_Static_assert(0 FACT_SENTENCES(X) == (int)FACT_KEYS, "every fact has one sentence");
#undef X

static const char *const fact_templates[FACT_KEYS][LANGUAGES] = {
#define X(KEY, en, zh) [FACT_KEY_##KEY] = {en, zh},
    FACT_SENTENCES(X)
#undef X
};

bool language_from_name(const char *name, enum language *l)
{
	if (strcmp(name, "en") != 0 && strcmp(name, "zh") != 0)
		return false;
	*l = name[0] == 'e' ? LANGUAGE_EN : LANGUAGE_ZH;
	return true;
}

const char *sentence(enum sentence key, enum language l)
{
	return templates[key][l];
}

const char *fact_template(enum fact_key key, enum language l)
{
	return fact_templates[key][l];
}

struct str sentence_fill(enum sentence key, enum language l, const struct slot *slots,
    size_t n, struct arena *a)
{
	return words_fill(templates[key][l], slots, n, a);
}

/* The ways of being seen, by their names, in words. */
static struct str ways_words(struct str names, enum language l, struct arena *a)
{
	unsigned how = 0;
	for (size_t from = 0; from < names.n;) {
		const char *comma = memchr(names.p + from, ',', names.n - from);
		size_t end = comma != NULL ? (size_t)(comma - names.p) : names.n;
		for (int i = 0; i < ASK_HOW_COUNT; i++) {
			if (str_equal((struct str){names.p + from, end - from},
				str_of(ask_how_name((enum ask_how)i))))
				how |= 1u << i;
		}
		from = end + 1;
	}
	return ask_how_words(how, l, a);
}

struct str fact_value(const struct fact *f, size_t i, enum language l, struct arena *a)
{
	double v = f->value[i];
	switch (fact_info(f->key)->kind[i]) {
	case VALUE_SPAN:
		return words_span(v, l, a);
	case VALUE_SHARE:
		return words_share(v, a);
	case VALUE_NUM:
		return words_count(v, a);
	case VALUE_BYTES:
		return words_bytes(v, a);
	case VALUE_REAL:
		return words_real(v, a);
	case VALUE_TIME:
		return words_time(moment_from_us((int64_t)v), a);
	case VALUE_TEXT:
		return f->key == FACT_KEY_SEEN_AS ? ways_words(f->text, l, a)
						  : words_visible(f->text, a);
	case VALUE_NONE:
		break;
	}
	return STR("");
}

#define CHANCE_COUNTED 0.01 /* expected times above which they are told as a count */
#define CHANCE_LEAST   1e-9 /* below it no number means anything to a reader */

/* How often chance shows something that is expected so many times in the memory. */
static struct str chance_words(double expected, enum language l, struct arena *a)
{
	enum sentence key = expected >= CHANCE_COUNTED ? SENTENCE_CHANCE_COUNT
			    : expected >= CHANCE_LEAST ? SENTENCE_CHANCE_ONCE
						       : SENTENCE_CHANCE_NEVER;
	struct slot n = {"n", STR("")};
	if (key == SENTENCE_CHANCE_COUNT)
		n.text = expected < 10 ? str_format(a, "%.2g", expected)
				       : words_count(expected, a);
	else if (key == SENTENCE_CHANCE_ONCE)
		n.text = words_count(1 / expected, a);
	return sentence_fill(key, l, &n, 1, a);
}

struct str fact_per(const struct fact *f, enum language l, struct arena *a)
{
	for (size_t i = 0; i < 3; i++) {
		if (fact_info(f->key)->kind[i] == VALUE_SPAN)
			return words_per(f->value[i], l, a);
	}
	return STR("");
}

struct str fact_sentence(const struct fact *f, enum language l, struct arena *a)
{
	const struct slot slots[] = {{"1", fact_value(f, 0, l, a)},
	    {"2", fact_value(f, 1, l, a)}, {"3", fact_value(f, 2, l, a)},
	    {"per", fact_per(f, l, a)},
	    {"often", fact_info(f->key)->kind[1] == VALUE_REAL
			  ? chance_words(f->value[1], l, a)
			  : STR("")}};
	return words_fill(fact_templates[f->key][l], slots, 5, a);
}

struct str since_phrase(
    struct moment since, enum since_kind kind, enum language l, struct arena *a)
{
	static const enum sentence keys[] = {
	    [SINCE_FIRST_PACKET] = SENTENCE_SINCE_FIRST_PACKET,
	    [SINCE_ONSET] = SENTENCE_SINCE_ONSET,
	    [SINCE_BEFORE_MEMORY] = SENTENCE_SINCE_BEFORE_MEMORY,
	};
	const struct slot slot = {"time", words_time(since, a)};
	return sentence_fill(keys[kind], l, &slot, 1, a);
}

const char *since_kind_words(enum since_kind kind, enum language l)
{
	static const enum sentence keys[] = {
	    [SINCE_FIRST_PACKET] = SENTENCE_DATE_FIRST_PACKET,
	    [SINCE_ONSET] = SENTENCE_DATE_ONSET,
	    [SINCE_BEFORE_MEMORY] = SENTENCE_DATE_BEFORE_MEMORY,
	};
	return sentence(keys[kind], l);
}

const char *confidence_words(enum confidence c, enum language l)
{
	static const enum sentence keys[] = {
	    [CONFIDENCE_LOW] = SENTENCE_LOW,
	    [CONFIDENCE_MEDIUM] = SENTENCE_MEDIUM,
	    [CONFIDENCE_HIGH] = SENTENCE_HIGH,
	};
	return sentence(keys[c], l);
}

const struct fact *fact_of(const struct finding *f, enum fact_key key)
{
	for (size_t i = 0; i < f->fact_count; i++) {
		if (f->facts[i].key == key)
			return &f->facts[i];
	}
	return NULL;
}

struct str finding_service(const struct finding *f, struct arena *a)
{
	struct str proto = words_visible(f->proto, a);
	return f->peer_port > 0 ? str_format(a, "%.*s/%u", STR_ARG(proto), f->peer_port)
				: proto;
}

struct str case_summary(const struct dwell_case *c, enum language l, struct arena *a)
{
	if (c->finding_count == 0)
		return STR("");
	struct str first = finding_summary(c->findings[0], l, a);
	if (c->finding_count == 1)
		return first;
	const struct slot slot = {"n", words_count((double)(c->finding_count - 1), a)};
	struct str more = sentence_fill(SENTENCE_AND_MORE, l, &slot, 1, a);
	return str_format(a, l == LANGUAGE_ZH ? "%.*s%.*s" : "%.*s %.*s", STR_ARG(first),
	    STR_ARG(more));
}

struct str dated_words(
    struct moment since, enum since_kind kind, enum language l, struct arena *a)
{
	const struct slot slots[] = {
	    {"time", words_time(since, a)}, {"kind", str_of(since_kind_words(kind, l))}};
	return sentence_fill(SENTENCE_DATED, l, slots, 2, a);
}

struct str dwell_words(
    struct moment since, struct moment last, enum language l, struct arena *a)
{
	return words_span((double)moment_diff(since, last) / 1e9, l, a);
}

struct str sent_words(uint64_t low, uint64_t high, enum language l, struct arena *a)
{
	struct slot slots[] = {
	    {"low", words_bytes((double)low, a)}, {"high", words_bytes((double)high, a)}};
	if (str_equal(slots[0].text, slots[1].text))
		return slots[0].text;
	return sentence_fill(SENTENCE_SENT_RANGE, l, slots, 2, a);
}

static const struct {
	const char *id, *name;
} techniques[] = {
#define T(id, name) {id, name},
    TECHNIQUES(T)
#undef T
};

struct str attack_words(const struct finding *f, struct arena *a)
{
	struct str all = STR("");
	for (size_t i = 0; i < ATTACK_MAX && f->attack[i] != NULL; i++) {
		struct str id = words_visible(str_of(f->attack[i]), a);
		const char *name = "";
		for (size_t j = 0; j < sizeof(techniques) / sizeof(techniques[0]); j++) {
			if (strcmp(techniques[j].id, f->attack[i]) == 0)
				name = techniques[j].name;
		}
		all = str_format(a, "%.*s%s%.*s%s%s", STR_ARG(all), all.n > 0 ? ", " : "",
		    STR_ARG(id), name[0] != '\0' ? " " : "", name);
	}
	return all;
}
