/* SPDX-License-Identifier: Apache-2.0 */
#include "report/sentences.h"

static const char *const templates[SENTENCE_COUNT][LANGUAGES] = {
#define X(KEY, en, zh) [SENTENCE_##KEY] = {en, zh},
    SENTENCES(X)
#undef X
};

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

struct str sentence_fill(
    enum sentence key, enum language l, const struct slot *slots, size_t n, struct arena *a)
{
	return words_fill(templates[key][l], slots, n, a);
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
		return str_format(a, v != 0 && v < 0.01 ? "%.1e" : "%.4g", v);
	case VALUE_TIME:
		return words_time(moment_from_us((int64_t)v), a);
	case VALUE_TEXT:
		return f->text;
	case VALUE_NONE:
		break;
	}
	return STR("");
}

struct str fact_sentence(const struct fact *f, enum language l, struct arena *a)
{
	const struct slot slots[] = {{"1", fact_value(f, 0, l, a)}, {"2", fact_value(f, 1, l, a)},
	    {"3", fact_value(f, 2, l, a)}};
	return words_fill(fact_templates[f->key][l], slots, 3, a);
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

static const struct fact *find_fact(const struct finding *f, enum fact_key key)
{
	for (size_t i = 0; i < f->fact_count; i++) {
		if (f->facts[i].key == key)
			return &f->facts[i];
	}
	return NULL;
}

/* The sentence that fits a finding's detector and direction. */
static enum sentence summary_key(const struct finding *f, bool has_period)
{
	static const enum sentence clockwork[] = {
	    [DIRECTION_OUTBOUND] = SENTENCE_CLOCKWORK_OUT,
	    [DIRECTION_INBOUND] = SENTENCE_CLOCKWORK_IN,
	    [DIRECTION_INTERNAL] = SENTENCE_CLOCKWORK_INTERNAL,
	};
	static const enum sentence presence[] = {
	    [DIRECTION_OUTBOUND] = SENTENCE_PRESENCE_OUT,
	    [DIRECTION_INBOUND] = SENTENCE_PRESENCE_IN,
	    [DIRECTION_INTERNAL] = SENTENCE_PRESENCE_INTERNAL,
	};
	if (strcmp(f->detector, "clockwork") == 0 && has_period)
		return clockwork[f->direction];
	if (strcmp(f->detector, "presence") == 0)
		return presence[f->direction];
	return SENTENCE_OTHER;
}

struct str finding_summary(const struct finding *f, enum language l, struct arena *a)
{
	char host[ADDR_TEXT_MAX];
	size_t n = addr_text(&f->host, host);
	const struct fact *rhythm = find_fact(f, FACT_KEY_RHYTHM);
	const struct slot slots[] = {
	    {"host", {host, n}},
	    {"peer", f->peer},
	    {"service", f->peer_port > 0
		    ? str_format(a, "%.*s/%u", STR_ARG(f->proto), f->peer_port)
		    : f->proto},
	    {"period", rhythm != NULL ? fact_value(rhythm, 0, l, a) : STR("")},
	    {"since", since_phrase(f->since, f->since_kind, l, a)},
	    {"detector", str_of(f->detector)},
	};
	return words_fill(templates[summary_key(f, rhythm != NULL)][l], slots,
	    sizeof(slots) / sizeof(slots[0]), a);
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
	return str_format(a, "%.*s %.*s", STR_ARG(first), STR_ARG(more));
}
