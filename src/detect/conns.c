/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/conns.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/columns.h"

#define DIGIT_BITS 11 /* of a time stamp, sorted at a time */
#define DIGITS     (1u << DIGIT_BITS)
#define NO_GROUP   UINT32_MAX

/* ---- texts ---- */

static uint32_t *text_slot(const struct conns *c, struct str text)
{
	size_t at = hash_bytes(&c->key, text.p, text.n) & c->slot_mask;
	while (c->slots[at] != 0 && !str_equal(c->texts[c->slots[at]].text, text))
		at = (at + 1) & c->slot_mask;
	return &c->slots[at];
}

static bool more_texts(struct conns *c)
{
	size_t room = c->text_room == 0 ? 2048 : 2 * c->text_room;
	if (c->text_room > 0 && room > c->text_max)
		return false;
	struct conns_text *texts = realloc(c->texts, room * sizeof(*texts));
	if (texts == NULL)
		return false;
	c->texts = texts;
	c->text_room = room;
	free(c->slots);
	c->slot_mask = 2 * room - 1;
	c->slots = calloc(c->slot_mask + 1, sizeof(*c->slots));
	if (c->slots == NULL)
		return false;
	for (uint32_t i = 1; i < c->text_count; i++)
		*text_slot(c, texts[i].text) = i;
	return true;
}

/* The number of a text, which is added when it is new; 0 and *full: no room for it. */
static uint32_t add_text(struct conns *c, struct str text, bool *full)
{
	if (c->text_count == c->text_room && !more_texts(c)) {
		*full = true;
		return 0;
	}
	uint32_t *slot = text_slot(c, text);
	if (*slot == 0) {
		const char *copy =
		    text.n > 0 ? arena_copy(&c->arena, text.p, text.n) : "";
		if (copy == NULL) {
			*full = true;
			return 0;
		}
		c->texts[c->text_count] = (struct conns_text){.text = {copy, text.n}};
		*slot = (uint32_t)c->text_count++;
	}
	return *slot;
}

uint32_t conns_find(const struct conns *c, struct str text)
{
	return c->slots != NULL && text.p != NULL ? *text_slot(c, text) : 0;
}

const struct addr *conns_addr(struct conns *c, uint32_t i)
{
	struct conns_text *t = &c->texts[i];
	if (!t->parsed) {
		str_addr(t->text, &t->addr);
		t->multicast = addr_is_multicast(&t->addr);
		t->parsed = true;
	}
	return addr_is_unset(&t->addr) ? NULL : &t->addr;
}

/* A text by its first bytes, so that most are told apart without a look at it. */
struct word {
	uint64_t first, second; /* as numbers, the first byte the highest */
	uint32_t text;
};

static uint64_t eight_bytes(struct str s, size_t from)
{
	uint64_t v = 0;
	for (size_t i = from; i < from + 8; i++)
		v = v << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
	return v;
}

static int by_words(const void *x, const void *y, void *ctx)
{
	const struct word *a = x, *b = y;
	const struct conns_text *texts = ctx;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->second != b->second)
		return a->second < b->second ? -1 : 1;
	return str_cmp(texts[a->text].text, texts[b->text].text);
}

bool conns_rank(struct conns *c)
{
	struct word *v = c->ranked ? NULL : malloc((c->text_count + 1) * sizeof(*v));
	if (v == NULL)
		return c->ranked;
	for (uint32_t i = 0; i < c->text_count; i++)
		v[i] = (struct word){eight_bytes(c->texts[i].text, 0),
		    eight_bytes(c->texts[i].text, 8), i};
	qsort_r(v, c->text_count, sizeof(*v), by_words, c->texts);
	for (uint32_t i = 0, rank = 0; i < c->text_count; i++) {
		rank += i > 0 && by_words(&v[i - 1], &v[i], c->texts) != 0;
		c->texts[v[i].text].rank = rank;
	}
	free(v);
	c->ranked = true;
	return true;
}

/* ---- reading ---- */

static bool is_failure(struct str state)
{
	static const char *const failures[] = {"S0", "REJ", "RSTOS0", "SH"};
	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
		if (str_equal(state, str_of(failures[i])))
			return true;
	}
	return false;
}

/* The number of the text in a column; rows of one pair lie together, so it mostly is the
 * one of the row before. */
static uint32_t text_of(struct conns *c, const struct store_rows *r, enum column column,
    uint32_t before, bool *full)
{
	struct str text = store_text(r, column);
	if (text.p == NULL)
		return 0;
	if (before != 0 && str_equal(c->texts[before].text, text))
		return before;
	return add_text(c, text, full);
}

/* What the row says of a day, where it does. */
static bool add_day(struct conns *c, struct conns_row *row, const struct store_rows *r)
{
	if (!past_read_day(r, COLUMN_DAY, NULL))
		return true;
	if (c->day_count == c->day_room) {
		size_t room = c->day_room == 0 ? 1024 : 2 * c->day_room;
		struct past_day *days = realloc(c->days, room * sizeof(*days));
		if (days == NULL)
			return false;
		c->days = days;
		c->day_room = room;
	}
	row->day = true;
	row->service = (uint32_t)c->day_count;
	past_read_day(r, COLUMN_DAY, &c->days[c->day_count++]);
	return true;
}

static double row_end(const struct conns *c, const struct conns_row *row, double seconds)
{
	return row->day ? (double)c->days[row->service].last
			: (double)row->ts + seconds * 1e6;
}

static bool add_row(struct conns *c, const struct store_rows *r, bool decayed)
{
	static const struct conns_row none;
	const struct conns_row *before = c->n > 0 ? &c->rows[c->n - 1] : &none;
	struct conns_row *row = &c->rows[c->n];
	bool full = false;
	double seconds = store_real(r, COLUMN_DURATION);
	*row = (struct conns_row){
	    .ts = moment_us(store_time(r, COLUMN_TS)),
	    .seconds = isfinite(seconds) && seconds > 0 ? seconds : 0,
	    .src_bytes = store_uint(r, COLUMN_SRC_BYTES),
	    .dst_bytes = store_uint(r, COLUMN_DST_BYTES),
	    .missed = store_uint(r, COLUMN_MISSED),
	    .src = text_of(c, r, COLUMN_SRC, before->src, &full),
	    .dst = text_of(c, r, COLUMN_DST, before->dst, &full),
	    .name = text_of(c, r, COLUMN_NAME, before->name, &full),
	    .proto = text_of(c, r, COLUMN_PROTO, before->proto, &full),
	    .service = text_of(c, r, COLUMN_SERVICE, before->service, &full),
	    .port = (uint16_t)store_uint(r, COLUMN_PORT),
	    .failed = is_failure(store_text(r, COLUMN_STATE)),
	};
	if (decayed && !add_day(c, row, r))
		full = true;
	c->texts[row->src].src = true;
	c->texts[row->dst].dst = true;
	double end = row_end(c, row, seconds);
	if (isnan(c->last) || end > c->last)
		c->last = end;
	c->n++;
	return !full;
}

/* Room for one more row, up to max. */
static bool more_rows(struct conns *c, size_t max)
{
	if (c->n < c->room)
		return true;
	size_t room = c->room == 0 ? 4096 : 2 * c->room;
	if (c->n >= max)
		return false;
	struct conns_row *rows = realloc(c->rows, room * sizeof(*rows));
	if (rows == NULL)
		return false;
	c->rows = rows;
	c->room = room;
	return true;
}

/* Unsigned in order of time; connections without a time come last. */
static uint64_t time_key(const struct conns_row *r)
{
	return r->ts == moment_us(MOMENT_NONE) ? UINT64_MAX
					       : (uint64_t)r->ts ^ UINT64_C(1) << 63;
}

/* Absent texts come last, as in SQL. */
static int by_text(const struct conns *c, uint32_t a, uint32_t b)
{
	if (a == b || a == 0 || b == 0)
		return (a == 0) - (b == 0);
	return str_cmp(c->texts[a].text, c->texts[b].text);
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int by_day(const struct past_day *a, const struct past_day *b)
{
	int order = ORDER(a->last, b->last);
	if (order == 0)
		order = ORDER(a->connections, b->connections);
	if (order == 0)
		order = ORDER(a->unanswered, b->unanswered);
	return order != 0 ? order : ORDER(a->hours, b->hours);
}

static int by_sizes(const struct conns_row *a, const struct conns_row *b)
{
	int order = ORDER(a->src_bytes, b->src_bytes);
	if (order == 0)
		order = ORDER(a->dst_bytes, b->dst_bytes);
	if (order == 0)
		order = ORDER(a->seconds, b->seconds);
	return order != 0 ? order : ORDER(a->missed, b->missed);
}

/* Two connections of one moment, by all that they are: in whatever segments they came,
 * they are in the same order. */
static int by_content(const void *x, const void *y, void *ctx)
{
	const struct conns *c = ctx;
	const struct conns_row *a = &c->rows[*(const uint32_t *)x];
	const struct conns_row *b = &c->rows[*(const uint32_t *)y];
	int order = by_text(c, a->src, b->src);
	if (order == 0)
		order = by_text(c, a->dst, b->dst);
	if (order == 0)
		order = ORDER(a->port, b->port);
	if (order == 0)
		order = by_text(c, a->proto, b->proto);
	if (order == 0)
		order = by_text(c, a->name, b->name);
	if (order == 0)
		order = by_sizes(a, b);
	if (order == 0)
		order = ORDER(a->failed, b->failed);
	if (order == 0)
		order = ORDER(a->day, b->day);
	if (order != 0)
		return order;
	return a->day ? by_day(&c->days[a->service], &c->days[b->service])
		      : by_text(c, a->service, b->service);
}

static void order_equals(struct conns *c)
{
	for (size_t from = 0, end; from < c->n; from = end) {
		int64_t ts = c->rows[c->by_time[from]].ts;
		end = from + 1;
		while (end < c->n && c->rows[c->by_time[end]].ts == ts)
			end++;
		if (end - from > 1)
			qsort_r(c->by_time + from, end - from, sizeof(*c->by_time),
			    by_content, c);
	}
}

/* Radix sort by time; then what is of one moment by what it is. */
static bool sort_by_time(struct conns *c)
{
	uint32_t *from = malloc((c->n + 1) * sizeof(*from));
	uint32_t *to = malloc((c->n + 1) * sizeof(*to));
	uint64_t least = UINT64_MAX, greatest = 0;
	c->by_time = from;
	if (from == NULL || to == NULL) {
		free(to);
		return false;
	}
	for (uint32_t i = 0; i < c->n; i++) {
		uint64_t t = time_key(&c->rows[i]);
		from[i] = i;
		least = t < least ? t : least;
		greatest = t > greatest ? t : greatest;
	}
	for (unsigned shift = 0;
	     c->n > 0 && shift < 64 && (greatest - least) >> shift > 0;
	     shift += DIGIT_BITS) {
		size_t place[DIGITS + 1] = {0};
		for (size_t i = 0; i < c->n; i++) {
			uint64_t t = time_key(&c->rows[i]);
			place[((t - least) >> shift) % DIGITS + 1]++;
		}
		for (size_t i = 1; i < DIGITS; i++)
			place[i] += place[i - 1];
		for (size_t i = 0; i < c->n; i++) {
			uint64_t t = time_key(&c->rows[from[i]]);
			to[place[((t - least) >> shift) % DIGITS]++] = from[i];
		}
		uint32_t *swap = from;
		from = to;
		to = swap;
	}
	c->by_time = from;
	free(to);
	order_equals(c);
	return true;
}

static void drop(struct conns *c)
{
	for (size_t i = 0; i < CONNS_KEYS; i++) {
		free(c->index[i].groups);
		free(c->index[i].rows);
		c->index[i] = (struct conns_index){.groups = NULL};
	}
	arena_fini(&c->arena);
	free(c->rows);
	free(c->by_time);
	free(c->texts);
	free(c->days);
	free(c->slots);
	*c = (struct conns){.held = false};
}

void conns_fini(struct conns *c)
{
	drop(c);
}

/* One part of the rows. 1: there was room for all; 0: there was not. */
static int read_part(struct conns *c, struct store *s, const struct past *past,
    unsigned part, size_t max, struct error *e)
{
	struct store_rows *r = past_read(past, s, CONN_COLUMNS, part, e);
	if (r == NULL)
		return -1;
	bool fits = true;
	while (fits && store_next(r))
		fits = more_rows(c, max) && add_row(c, r, past->decayed);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : fits;
}

int conns_read(struct conns *c, struct store *s, const struct past *past, size_t max,
    struct error *e)
{
	*c = (struct conns){
	    .key = hash_key_random(), .last = (double)NAN, .text_max = CONNS_TEXTS * max};
	arena_init(&c->arena, CONNS_TEXT_MAX);
	int result = more_texts(c);
	if (result > 0)
		c->texts[c->text_count++] = (struct conns_text){.parsed = true};
	for (unsigned i = 0; result > 0 && i < past_parts(past); i++)
		result = read_part(c, s, past, i, max, e);
	if (result > 0 && sort_by_time(c))
		c->held = true;
	else
		drop(c);
	return result < 0 ? error_add(e, "reading connections") : 0;
}

/* ---- groups ---- */

static bool same_key(
    const struct conns_row *a, const struct conns_row *b, enum conns_key key)
{
	if (key == CONNS_NAME)
		return a->src == b->src && a->name == b->name;
	return a->dst == b->dst && a->port == b->port && a->proto == b->proto &&
	       (key == CONNS_SERVER || a->src == b->src);
}

/* Keys are numbers of texts, which nobody outside chooses: mixing them is enough. */
static uint64_t hash_key_of(
    const struct conns *c, const struct conns_row *r, enum conns_key key)
{
	uint64_t src = key == CONNS_SERVER ? 0 : r->src;
	if (key == CONNS_NAME)
		return hash_mix(src << 32 | r->name, c->key.k0);
	return hash_mix(src << 32 | r->dst,
	    c->key.k0 ^ hash_mix((uint64_t)r->port << 32 | r->proto, c->key.k1));
}

/* A group by its number, with enough of its key's hash that others seldom are looked at:
 * each look is a miss of the cache. */
struct slot {
	uint32_t hash;
	uint32_t number; /* 1 + that of the group; 0: free */
};

/* A table of groups while they are made. */
struct grouping {
	const struct conns *c;
	struct conns_index *index;
	enum conns_key key;
	size_t room;
	struct slot *slots;
	size_t mask;  /* less than 2^32: CONNS_MAX */
	uint32_t *of; /* each row's group */
};

static struct slot *group_slot(
    const struct grouping *g, const struct conns_row *row, uint32_t hash)
{
	const struct conns_row *rows = g->c->rows;
	size_t at = hash & g->mask;
	assert(g->slots != NULL);
	while (g->slots[at].number != 0 &&
	       (g->slots[at].hash != hash ||
		   !same_key(&rows[g->index->groups[g->slots[at].number - 1].row], row,
		       g->key)))
		at = (at + 1) & g->mask;
	return &g->slots[at];
}

/* Twice the slots; those in use find their places by what they keep of the hash. */
static bool more_slots(struct grouping *g)
{
	struct slot *before = g->slots;
	size_t n = before != NULL ? g->mask + 1 : 0;
	g->mask = 2 * g->room - 1;
	g->slots = calloc(g->mask + 1, sizeof(*g->slots));
	for (size_t i = 0; i < n && g->slots != NULL; i++) {
		size_t at = before[i].hash & g->mask;
		if (before[i].number == 0)
			continue;
		while (g->slots[at].number != 0)
			at = (at + 1) & g->mask;
		g->slots[at] = before[i];
	}
	free(before);
	return g->slots != NULL;
}

static bool more_groups(struct grouping *g)
{
	size_t room = g->room == 0 ? 1024 : 2 * g->room;
	struct conns_group *groups = realloc(g->index->groups, room * sizeof(*groups));
	if (groups == NULL)
		return false;
	g->index->groups = groups;
	g->room = room;
	return more_slots(g);
}

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The group of row i, which is made when it is the first of its key. */
static bool join_group(struct grouping *g, uint32_t i)
{
	const struct conns_row *row = &g->c->rows[i];
	uint32_t *of = &g->of[i];
	*of = NO_GROUP;
	if (g->key == CONNS_NAME && row->name == 0)
		return true;
	if (i > 0 && g->of[i - 1] != NO_GROUP && same_key(row - 1, row, g->key)) {
		*of = g->of[i - 1];
	} else {
		if (g->index->count == g->room && !more_groups(g))
			return false;
		uint32_t hash = (uint32_t)hash_key_of(g->c, row, g->key);
		struct slot *slot = group_slot(g, row, hash);
		if (slot->number == 0) {
			g->index->groups[g->index->count++] =
			    (struct conns_group){.row = i};
			*slot = (struct slot){hash, (uint32_t)g->index->count};
		}
		*of = slot->number - 1;
	}
	struct conns_group *group = &g->index->groups[*of];
	group->n++;
	group->seconds += row->seconds;
	group->bytes = add_sat(group->bytes, add_sat(row->src_bytes, row->dst_bytes));
	if (!row->day)
		group->longest = fmax(group->longest, row->seconds);
	return true;
}

/* Put the rows of each group in its place, in order of time. */
static void place_rows(const struct grouping *g)
{
	uint32_t at = 0;
	for (size_t i = 0; i < g->index->count; i++) {
		g->index->groups[i].first = at;
		at += g->index->groups[i].n;
		g->index->groups[i].n = 0;
	}
	for (size_t i = 0; i < g->c->n; i++) {
		uint32_t row = g->c->by_time[i];
		if (g->of[row] == NO_GROUP)
			continue;
		struct conns_group *group = &g->index->groups[g->of[row]];
		g->index->rows[group->first + group->n++] = row;
	}
}

const struct conns_index *conns_index(struct conns *c, enum conns_key key)
{
	struct conns_index *index = &c->index[key];
	if (index->rows != NULL)
		return index;
	struct grouping g = {.c = c, .index = index, .key = key};
	g.of = malloc((c->n + 1) * sizeof(*g.of));
	index->rows = malloc((c->n + 1) * sizeof(*index->rows));
	bool fits = g.of != NULL && index->rows != NULL;
	for (uint32_t i = 0; fits && i < c->n; i++)
		fits = join_group(&g, i);
	if (fits)
		place_rows(&g);
	free(g.of);
	free(g.slots);
	return fits ? index : NULL;
}
