/* SPDX-License-Identifier: Apache-2.0 */
/* A finding in one sentence: which one says what its detector saw. */
#include "report/sentences.h"

/* Whether one of the ways (names as in dwell ask) is in the finding's list of them. */
static bool seen_as(const struct finding *f, const char *const *ways, size_t n)
{
	const struct fact *fact = fact_of(f, FACT_KEY_SEEN_AS);
	struct str all = fact != NULL ? fact->text : STR("");
	for (size_t from = 0; from < all.n;) {
		const char *comma = memchr(all.p + from, ',', all.n - from);
		size_t end = comma != NULL ? (size_t)(comma - all.p) : all.n;
		for (size_t i = 0; i < n; i++) {
			if (str_equal(
				(struct str){all.p + from, end - from}, str_of(ways[i])))
				return true;
		}
		from = end + 1;
	}
	return false;
}

/* What host and indicator did: connect, be named, or something was shown. */
static enum sentence indicator_key(const struct finding *f)
{
	static const char *const to[] = {
	    "connected_to", "server_name", "sni", "http_host", "url"};
	static const char *const from[] = {"connected_from"};
	static const char *const named[] = {"dns_query", "dns_answer"};
	const struct fact *what = fact_of(f, FACT_KEY_INDICATOR);
	bool shown = what != NULL && memchr(f->peer.p, ':', f->peer.n) != NULL &&
		     what->text.n == f->peer.n;
	if (shown)
		return SENTENCE_INDICATOR_SHOWN;
	if (seen_as(f, from, 1) && f->direction == DIRECTION_INBOUND)
		return SENTENCE_INDICATOR_FROM;
	if (seen_as(f, to, sizeof(to) / sizeof(to[0])) || seen_as(f, from, 1))
		return SENTENCE_INDICATOR_TO;
	return seen_as(f, named, 2) ? SENTENCE_INDICATOR_NAMED : SENTENCE_INDICATOR_SHOWN;
}

/* The id of the hunt: what its fact begins with. */
static struct str hunt_of(const struct finding *f)
{
	const struct fact *fact = fact_of(f, FACT_KEY_HUNTED);
	size_t n = 0;
	while (fact != NULL && n < fact->text.n && fact->text.p[n] != ' ')
		n++;
	return fact != NULL ? (struct str){fact->text.p, n} : STR("");
}

/* What a finding is summed up by, in order: the first row that fits it. */
enum headline_for {
	OUTBOUND = DIRECTION_OUTBOUND,
	INBOUND = DIRECTION_INBOUND,
	INTERNAL = DIRECTION_INTERNAL,
	ANY
};

#define NO_FACT FACT_KEYS

static const struct headline {
	const char *detector;
	enum fact_key fact;
	enum headline_for direction;
	const char *text[LANGUAGES];
} headlines[] = {
#define H(detector, fact, direction, en, zh) {detector, fact, direction, {en, zh}},
    HEADLINES(H)
#undef H
};

#define HEADLINE_COUNT (sizeof(headlines) / sizeof(headlines[0]))

size_t headline_count(void)
{
	return HEADLINE_COUNT;
}

const char *headline_template(size_t i, enum language l)
{
	return headlines[i].text[l];
}

/* The headline of a finding, and the fact that its numbers are; NULL: it has none. */
static const struct headline *headline_of(
    const struct finding *f, const struct fact **fact)
{
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		const struct headline *h = &headlines[i];
		if (strcmp(h->detector, f->detector) != 0 ||
		    (h->direction != ANY && (int)h->direction != (int)f->direction))
			continue;
		*fact = h->fact != NO_FACT ? fact_of(f, h->fact) : NULL;
		if (h->fact == NO_FACT || *fact != NULL)
			return h;
	}
	return NULL;
}

struct str finding_summary(const struct finding *f, enum language l, struct arena *a)
{
	char host[ADDR_TEXT_MAX];
	size_t n = addr_text(&f->host, host);
	const struct fact *fact = NULL;
	const struct headline *h = headline_of(f, &fact);
	const struct fact *rhythm = fact_of(f, FACT_KEY_RHYTHM);
	bool indicator = strcmp(f->detector, "indicator") == 0;
	const char *text =
	    h != NULL ? h->text[l]
		      : sentence(indicator ? indicator_key(f) : SENTENCE_OTHER, l);
	const struct slot slots[] = {
	    {"host", {host, n}},
	    {"peer", words_visible(f->peer, a)},
	    {"service", finding_service(f, a)},
	    {"1", fact != NULL ? fact_value(fact, 0, l, a) : STR("")},
	    {"2", fact != NULL ? fact_value(fact, 1, l, a) : STR("")},
	    {"3", fact != NULL ? fact_value(fact, 2, l, a) : STR("")},
	    {"per", rhythm != NULL ? fact_per(rhythm, l, a)
		    : fact != NULL ? fact_per(fact, l, a)
				   : STR("")},
	    {"since", since_phrase(f->since, f->since_kind, l, a)},
	    {"detector", str_of(f->detector)},
	    {"hunt", words_visible(hunt_of(f), a)},
	    {"time", words_time(f->first_seen, a)},
	};
	return words_fill(text, slots, sizeof(slots) / sizeof(slots[0]), a);
}
