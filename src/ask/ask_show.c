/* SPDX-License-Identifier: Apache-2.0 */
/* Counting the rows that lie beside the keys of runs. */
#include "ask/ask_count.h"
#include "ask/ask_plan.h"

#include <string.h>

/* Rows being counted. */
struct counting {
	struct ask *a;
	const struct ask_match *match;
	const struct ask_from *from;
	bool pairs, by_dst;
	struct addr key; /* whose rows they are, where it is an address */
	bool is_addr;
	struct str text;
	struct ask_pair pair; /* of the row before: its service may be the same */
	char word[KEYS_WORD_MAX];
	size_t word_n; /* of its proto */
};

static int count_key(void *ctx, struct str key, struct error *e)
{
	struct counting *c = ctx;
	if (ask_match_row(c->match, c->from->kind, key, &c->a->matched, e) < 0)
		return -1;
	if (c->a->matched.n == 0)
		return 1;
	if (c->pairs)
		c->is_addr = str_addr(key, &c->key);
	c->text = key;
	c->pair.service[0] = '\0';
	return 0;
}

static struct moment moment_of(int64_t us)
{
	return (struct moment){us * NS_PER_US};
}

static void put_days(const struct keys_row *row, struct ask_year *days)
{
	days->year = row->year;
	days->next = NULL;
	for (size_t i = 0; i < 12; i++)
		days->mask[i] = row->days[i] & KEYS_DAYS;
}

static int count_seen(struct counting *c, const struct keys_row *row, struct error *e)
{
	struct ask_row r = {
	    .how = ask_how_of(row->word),
	    .host = row->peer,
	    .has_host = row->is_addr,
	    .first = moment_of(row->first),
	    .last = moment_of(row->last),
	    .bytes_out = row->src_bytes,
	    .bytes_in = row->dst_bytes,
	};
	if (r.how == ASK_HOW_COUNT)
		return 0;
	if (!row->is_addr)
		r.has_host = str_addr(row->text, &r.host);
	if (r.how == ASK_SERVER_NAME)
		r.connections = row->connections;
	else
		r.shown = row->connections;
	put_days(row, &r.days);
	return ask_count_seen(c->a, &r, e);
}

/* Whether the year of a row lies in the span that is read. */
static bool in_piece(const struct ask_from *f, int year)
{
	if (f->since.ns == MOMENT_NONE.ns && f->until.ns == MOMENT_NONE.ns)
		return true;
	struct moment ts = moment_from(days_from_civil(year, 1, 1) * 86400, 0);
	return (f->since.ns == MOMENT_NONE.ns || ts.ns >= f->since.ns) &&
	       (f->until.ns == MOMENT_NONE.ns || ts.ns < f->until.ns);
}

/* The key is one end of the pair, the row's peer the other. */
static void put_ends(struct counting *c, const struct keys_row *row)
{
	struct ask_pair *p = &c->pair;
	struct addr peer = row->peer;
	bool is_addr = row->is_addr || str_addr(row->text, &peer);
	p->src = c->by_dst ? peer : c->key;
	p->dst = c->by_dst ? c->key : peer;
	p->has_src = c->by_dst ? is_addr : c->is_addr;
	p->has_dst = c->by_dst ? c->is_addr : is_addr;
	p->src_text = c->by_dst ? row->text : c->text;
	p->dst_text = c->by_dst ? c->text : row->text;
}

static int count_pair(struct counting *c, const struct keys_row *row, struct error *e)
{
	struct ask_pair *p = &c->pair;
	if (!in_piece(c->from, row->year))
		return 0;
	put_ends(c, row);
	/* What the row says lasts as long as the row. */
	struct str word = {c->word, c->word_n};
	if (p->service[0] == '\0' || p->port != row->port ||
	    !str_equal(word, row->word)) {
		p->port = row->port;
		p->proto = row->word;
		ask_pair_service(p);
		c->word_n = row->word.n;
		if (row->word.n > 0)
			memcpy(c->word, row->word.p, row->word.n);
	}
	p->proto = row->word;
	p->src_bytes = row->src_bytes;
	p->dst_bytes = row->dst_bytes;
	p->r.first = moment_of(row->first);
	p->r.last = moment_of(row->last);
	p->r.connections = row->connections;
	p->r.unanswered = row->unanswered;
	p->r.missed = row->missed;
	p->r.name = row->name;
	put_days(row, &p->r.days);
	return ask_count_pair(c->a, p, c->by_dst, e);
}

static int count_row(void *ctx, const struct keys_row *row, struct error *e)
{
	struct counting *c = ctx;
	return c->pairs ? count_pair(c, row, e) : count_seen(c, row, e);
}

/* ---- sums ---- */

/* Whether every row of the key counts for all slots, whichever the other end is. */
static bool all_count(struct counting *c)
{
	for (size_t i = 0; i < c->a->matched.n; i++) {
		struct indicator in;
		if (c->a->matched.v[i] >= c->a->indicators)
			return false;
		ask_slot_indicator(c->a, c->a->matched.v[i], &in);
		if (in.role != ROLE_ANY || in.port != 0 || in.kind == INDICATOR_NETWORK)
			return false;
	}
	return true;
}

static bool has_peer(const struct keys_sum *sum, const struct addr *a)
{
	for (size_t i = 0; i < sum->peer_count; i++) {
		if (addr_equal(&sum->peers[i], a))
			return true;
	}
	return false;
}

/* What goes out of an address that is not ours comes in, whoever is at the other end; of
 * those that are, the ends decide row by row. A connection with itself counts once. */
static bool sum_of_pairs(
    struct counting *c, const struct keys_sum *sum, struct ask_row *r)
{
	if (!c->is_addr || ask_book_is_home(&c->a->book, &c->key) || !all_count(c) ||
	    (!c->by_dst && has_peer(sum, &c->key)))
		return false;
	r->how = c->by_dst ? ASK_TO : ASK_FROM;
	r->bytes_out = c->by_dst ? sum->src_bytes : sum->dst_bytes;
	r->bytes_in = c->by_dst ? sum->dst_bytes : sum->src_bytes;
	return true;
}

/* Of clients that are all ours; *ways are those in which it was seen. */
static bool sum_of_seen(
    struct counting *c, const struct keys_sum *sum, struct ask_row *r, unsigned *ways)
{
	for (unsigned i = 0; i < 32; i++) {
		if ((sum->ways >> i & 1) == 0)
			continue;
		enum ask_how how = ask_how_of(keys_word(i));
		if (how == ASK_HOW_COUNT)
			return false;
		*ways |= 1U << how;
		r->how = how;
	}
	bool guessed = c->a->home_looked && !c->a->home_known;
	bool bytes = !guessed && (sum->src_bytes != 0 || sum->dst_bytes != 0);
	for (size_t i = 0; i < sum->peer_count && bytes; i++) {
		if (!ask_book_is_home(&c->a->book, &sum->peers[i]))
			return false;
	}
	r->shown = sum->shown;
	r->bytes_out = sum->src_bytes;
	r->bytes_in = sum->dst_bytes;
	return *ways != 0;
}

static int add_sum(struct ask *a, uint32_t slot, const struct keys_sum *sum,
    const struct ask_row *r, struct error *e)
{
	struct ask_year days = {0};
	if (ask_book_add(&a->book, slot, r, e) < 0 ||
	    ask_book_more(&a->book, slot, NULL, sum->peers, sum->peer_count, e) < 0)
		return -1;
	for (size_t i = 1; i < sum->year_count; i++) {
		days.year = sum->years[i].year;
		memcpy(days.mask, sum->years[i].days, sizeof(days.mask));
		if (ask_book_more(&a->book, slot, &days, NULL, 0, e) < 0)
			return -1;
	}
	return 0;
}

/* Count what the rows of a key come to; 1: the rows themselves are needed. */
static int count_sum(void *ctx, const struct keys_sum *sum, struct error *e)
{
	struct counting *c = ctx;
	struct ask *a = c->a;
	unsigned ways = 0;
	struct ask_row r = {
	    .first = moment_of(sum->first),
	    .last = moment_of(sum->last),
	    .connections = sum->connections,
	};
	if (c->pairs ? !sum_of_pairs(c, sum, &r) : !sum_of_seen(c, sum, &r, &ways))
		return 1;
	r.days.year = sum->years[0].year;
	memcpy(r.days.mask, sum->years[0].days, sizeof(r.days.mask));
	for (size_t i = 0; i < a->matched.n; i++) {
		uint32_t slot = a->matched.v[i];
		if (!c->pairs && ask_of_connections(a, slot))
			continue;
		if (add_sum(a, slot, sum, &r, e) < 0)
			return -1;
		ask_book_of(&a->book, slot)->answer.t.how |= ways;
	}
	return 0;
}

/* Whether what rows come to says all that is asked. */
static bool figures_only(const struct ask *a)
{
	return a->q->figures && a->q->since.ns == MOMENT_NONE.ns &&
	       a->q->until.ns == MOMENT_NONE.ns;
}

int ask_show(struct ask *a, const struct ask_match *match, const struct ask_from *from,
    struct error *e)
{
	struct counting c = {.a = a,
	    .match = match,
	    .from = from,
	    .pairs = from->source != ASK_SOURCE_SEEN,
	    .by_dst = from->source == ASK_SOURCE_YEAR_BY_DST};
	const struct lookup_sink sink = {
	    count_key, count_row, figures_only(a) ? count_sum : NULL, &c};
	/* Expressions are the engine's. */
	if (from->pick->by == PICK_LIKE || from->pick->by == PICK_REGEX)
		return 0;
	return ask_show_to(a, from, &sink, e);
}
