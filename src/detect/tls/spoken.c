/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/tls/spoken.h"

#include <stdlib.h>
#include <string.h>

static const struct word {
	const char *name, *other;
	uint16_t port[2]; /* TCP, UDP */
} words[] = {
#define W(KEY, word, other, tcp, udp) {word, other, {tcp, udp}},
    SPOKEN_WORDS(W)
#undef W
};

#define WORDS (sizeof(words) / sizeof(*words))

/* Further ports that are registered for a word. */
static const struct {
	uint16_t port;
	bool udp;
	enum spoken_word word;
} further[] = {
    {465, false, SPOKEN_SSL},
    {563, false, SPOKEN_SSL},
    {587, false, SPOKEN_SMTP},
    {636, false, SPOKEN_SSL},
    {853, false, SPOKEN_SSL},
    {993, false, SPOKEN_SSL},
    {995, false, SPOKEN_SSL},
    {3269, false, SPOKEN_SSL},
    {8443, false, SPOKEN_SSL},
    {8883, false, SPOKEN_SSL},
    {8080, false, SPOKEN_HTTP},
    {139, false, SPOKEN_SMB},
    {853, true, SPOKEN_QUIC},
    {68, true, SPOKEN_DHCP},
    {162, true, SPOKEN_SNMP},
    {1813, true, SPOKEN_RADIUS},
    {4500, true, SPOKEN_IKE},
};

const char *spoken_name(enum spoken_word w)
{
	return (size_t)w < WORDS ? words[w].name : "other";
}

enum spoken_word spoken_registered(uint16_t port, bool udp)
{
	for (size_t i = 0; port != 0 && i < WORDS; i++) {
		if (words[i].port[udp] == port)
			return (enum spoken_word)i;
	}
	for (size_t i = 0; i < sizeof(further) / sizeof(*further); i++) {
		if (further[i].port == port && further[i].udp == udp)
			return further[i].word;
	}
	return SPOKEN_WORD_COUNT;
}

uint64_t spoken_words(struct str service)
{
	uint64_t set = 0;
	for (size_t from = 0; from < service.n;) {
		const char *comma = memchr(service.p + from, ',', service.n - from);
		size_t end = comma != NULL ? (size_t)(comma - service.p) : service.n;
		struct str word = {service.p + from, end - from};
		size_t i = 0;
		while (i < WORDS && !str_equal(word, str_of(words[i].name)) &&
		       !str_equal(word, str_of(words[i].other)))
			i++;
		if (word.n > 0)
			set |= UINT64_C(1) << (i < WORDS ? i : SPOKEN_OTHER);
		from = end + 1;
	}
	return set;
}

/* ---- held ---- */

#define UNREAD UINT64_MAX /* the words of a text that was not read yet */

static bool read_proto(struct str proto, bool *udp)
{
	*udp = str_equal(proto, STR("udp"));
	return *udp || str_equal(proto, STR("tcp"));
}

static uint64_t words_of_group(const struct conns *c, const struct conns_index *index,
    const struct conns_group *g, uint64_t *sets)
{
	uint64_t all = 0;
	for (uint32_t i = 0; i < g->n; i++) {
		const struct conns_row *row = &c->rows[index->rows[g->first + i]];
		if (row->day || row->service == 0)
			continue;
		if (sets[row->service] == UNREAD)
			sets[row->service] = spoken_words(c->texts[row->service].text);
		all |= sets[row->service];
	}
	return all;
}

static int read_held(const struct source *s,
    void (*visit)(void *ctx, const struct spoken *pair), void *ctx, struct error *e)
{
	struct conns *c = s->conns;
	const struct conns_index *index = conns_index(c, CONNS_PAIR);
	uint64_t *sets = malloc((c->text_count + 1) * sizeof(*sets));
	if (index == NULL || sets == NULL) {
		free(sets);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	memset(sets, 0xff, (c->text_count + 1) * sizeof(*sets));
	for (size_t i = 0; i < index->count; i++) {
		const struct conns_group *g = &index->groups[i];
		const struct conns_row *row = &c->rows[g->row];
		struct spoken pair = {
		    .port = row->port, .words = words_of_group(c, index, g, sets)};
		const struct addr *src = conns_addr(c, row->src);
		const struct addr *dst = conns_addr(c, row->dst);
		if (pair.words == 0 || src == NULL || dst == NULL ||
		    !read_proto(c->texts[row->proto].text, &pair.udp))
			continue;
		pair.src = *src;
		pair.dst = *dst;
		visit(ctx, &pair);
	}
	free(sets);
	return 0;
}

/* ---- by a query ---- */

static const char pairs_sql[] =
    "SELECT src_ip, dst_ip, dst_port, proto = 'udp', string_agg(DISTINCT service, ',') "
    "FROM conn WHERE service IS NOT NULL AND proto IN ('tcp', 'udp') GROUP BY src_ip, "
    "dst_ip, dst_port, proto";

static int read_rows(const struct source *s,
    void (*visit)(void *ctx, const struct spoken *pair), void *ctx, struct error *e)
{
	struct store_rows *rows = store_sum(s->store, pairs_sql, e);
	if (rows == NULL)
		return -1;
	while (store_next(rows)) {
		struct spoken pair = {.port = (uint16_t)store_uint(rows, 2),
		    .udp = store_bool(rows, 3),
		    .words = spoken_words(store_text(rows, 4))};
		if (pair.words != 0 && str_addr(store_text(rows, 0), &pair.src) &&
		    str_addr(store_text(rows, 1), &pair.dst))
			visit(ctx, &pair);
	}
	return store_rows_end(rows, e);
}

int spoken_read(const struct source *s,
    void (*visit)(void *ctx, const struct spoken *pair), void *ctx, struct error *e)
{
	return s->conns->held ? read_held(s, visit, ctx, e) : read_rows(s, visit, ctx, e);
}
