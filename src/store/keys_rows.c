/* SPDX-License-Identifier: Apache-2.0 */
#include "store/keys_rows.h"

#include "base/hash.h"
#include "base/moment.h"

#define US_PER_DAY INT64_C(86400000000)
#define YEAR_MAX   INT64_C(300) /* years from 1970 that a row may be of, either way */

enum {
	FLAG_PEER = 7, /* these bits */
	FLAG_WORD = 8,
	FLAG_NAME = 16,
	FLAG_YEAR = 32,
	FLAG_DAY = 64,
	FLAG_ONE = 128,
	PEER_SAME = 4,
	PEER_V6 = 5,
	PEER_TEXT = KEYS_PEER_TEXT,
	PEER_NONE = KEYS_PEER_NONE,
	WORD_BITS = 5, /* below the port: a number of words */
	WORD_NONE = 0,
	WORD_TEXT = 31,
	NAME_NONE = 0, /* what a name's number means; else 2 + its place */
	NAME_NEW = 1,
};

/* Their numbers are part of the form: more go to the end. */
static const struct str words[] = {{NULL, 0}, {"tcp", 3}, {"udp", 3}, {"icmp", 4},
    {"icmp6", 5}, {"sctp", 4}, {"cert", 4}, {"conn", 4}, {"dns_answer", 10},
    {"dns_query", 9}, {"http", 4}, {"http_host", 9}, {"server_name", 11}, {"sni", 3},
    {"ssh", 3}, {"tls", 3}, {"ipv6-icmp", 9}, {"gre", 3}, {"esp", 3}};
#define WORDS (sizeof(words) / sizeof(words[0]))

_Static_assert(WORDS < WORD_TEXT, "a word's number has five bits");

static int64_t year_start(int year)
{
	return days_from_civil(year, 1, 1) * US_PER_DAY;
}

/* The day of a moment: its year, and where its bit is. */
static int day_of(int64_t us, unsigned *month, uint32_t *bit)
{
	int year;
	unsigned m, d;
	int64_t day = us / US_PER_DAY - (us % US_PER_DAY < 0);
	civil_from_days(day, &year, &m, &d);
	*month = m - 1;
	*bit = UINT32_C(1) << (d - 1);
	return year;
}

static void start(struct keys_before *b)
{
	b->any = false;
	b->peer = (struct addr){{0}};
	b->year = 1970;
	b->year_start = 0;
	b->port = 0;
	b->word_n = SIZE_MAX;
	b->word_number = WORD_NONE;
	b->name = (struct str){0};
	b->name_count = 0;
}

/* ---- writing ---- */

void keys_coder_start(struct keys_coder *c)
{
	start(&c->before);
}

/* The address that is written so; false: it is another form, or none. */
static bool canonical(struct str text, struct addr *a)
{
	char again[ADDR_TEXT_MAX];
	if (addr_parse_v4(text.p, text.n, a))
		return true;
	return text.n < sizeof(again) && str_addr(text, a) &&
	       addr_text(a, again) == text.n && memcmp(again, text.p, text.n) == 0;
}

static size_t shared(const uint8_t *a, const uint8_t *b, size_t n)
{
	size_t i = 0;
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

static void put_text(struct out *o, struct str text)
{
	out_varint(o, text.n);
	out_put(o, text.p, text.n);
}

/* Put the peer behind the flags; what they say of it. */
static unsigned put_peer(struct keys_before *b, struct out *o, struct str text)
{
	struct addr a;
	if (text.p == NULL)
		return PEER_NONE;
	if (!canonical(text, &a)) {
		put_text(o, text);
		return PEER_TEXT;
	}
	size_t n = shared(a.b, b->peer.b, sizeof(a.b));
	b->peer = a;
	if (n == sizeof(a.b))
		return PEER_SAME;
	if (addr_is_v4(&a)) {
		n = n < 12 ? 12 : n;
		out_put(o, a.b + n, sizeof(a.b) - n);
		return (unsigned)(n - 12);
	}
	out_u8(o, (uint8_t)n);
	out_put(o, a.b + n, sizeof(a.b) - n);
	return PEER_V6;
}

static bool same_word(const struct keys_before *b, const struct keys_row *r)
{
	if (b->port != r->port || (b->word_n == SIZE_MAX) != (r->word.p == NULL))
		return false;
	return r->word.p == NULL ||
	       (b->word_n == r->word.n && memcmp(b->word, r->word.p, r->word.n) == 0);
}

static void note_word(struct keys_before *b, uint16_t port, struct str word)
{
	b->port = port;
	b->word_n = word.p == NULL ? SIZE_MAX : word.n;
	if (word.p != NULL)
		memcpy(b->word, word.p, word.n);
}

static void put_word(struct keys_before *b, struct out *o, const struct keys_row *r)
{
	size_t i = r->word.p == NULL ? WORD_NONE : 1;
	while (r->word.p != NULL && i < WORDS && !str_equal(words[i], r->word))
		i++;
	if (i == WORDS)
		i = WORD_TEXT;
	out_varint(o, (uint64_t)r->port << WORD_BITS | i);
	if (i == WORD_TEXT)
		put_text(o, r->word);
	note_word(b, r->port, r->word);
	b->word_number = (unsigned)i;
}

static bool same_name(const struct keys_before *b, struct str name)
{
	if (b->name.p == NULL || name.p == NULL)
		return b->name.p == name.p;
	return str_equal(b->name, name);
}

/* The place of a name in the ring; KEYS_NAMES: it is not there. */
static size_t place_of(const struct keys_before *b, struct str name, uint32_t hash)
{
	size_t n = b->name_count < KEYS_NAMES ? b->name_count : KEYS_NAMES;
	for (size_t i = 0; i < n; i++) {
		if (b->hashes[i] == hash && str_equal(b->names[i], name))
			return i;
	}
	return KEYS_NAMES;
}

static void put_name(struct keys_coder *c, struct out *o, struct str name)
{
	struct keys_before *b = &c->before;
	b->name = (struct str){0};
	if (name.p == NULL) {
		out_varint(o, NAME_NONE);
		return;
	}
	if (name.n > 0)
		memcpy(c->last, name.p, name.n);
	b->name = (struct str){c->last, name.n};
	uint32_t hash = (uint32_t)hash_bytes(&hash_key_public, name.p, name.n);
	size_t i = name.n > KEYS_NAME_MAX ? KEYS_NAMES : place_of(b, name, hash);
	if (i < KEYS_NAMES) {
		out_varint(o, 2 + i);
		return;
	}
	out_varint(o, NAME_NEW);
	put_text(o, name);
	if (name.n > KEYS_NAME_MAX)
		return;
	i = b->name_count++ % KEYS_NAMES;
	if (name.n > 0)
		memcpy(c->texts[i], name.p, name.n);
	b->names[i] = (struct str){c->texts[i], name.n};
	b->hashes[i] = hash;
}

/* Whether the row was active on the day of first, and on no other. The days of rows near
 * each other are often the same. */
static bool one_day(struct keys_coder *c, const struct keys_row *r)
{
	int64_t day = r->first / US_PER_DAY - (r->first % US_PER_DAY < 0);
	if (day != c->day || c->day_bit == 0) {
		c->day_year = day_of(r->first, &c->day_month, &c->day_bit);
		c->day = day;
	}
	if (c->day_year != r->year || r->days[c->day_month] != c->day_bit)
		return false;
	uint32_t others = 0;
	for (unsigned i = 0; i < 12; i++)
		others |= i == c->day_month ? 0 : r->days[i];
	return others == 0;
}

void keys_masks_put(struct out *o, const uint32_t days[static 12])
{
	uint16_t which = 0;
	for (unsigned i = 0; i < 12; i++)
		which |= (uint16_t)((days[i] != 0) << i);
	out_le(o, which, 2);
	for (unsigned i = 0; i < 12; i++) {
		if (days[i] != 0)
			out_le(o, days[i], 4);
	}
}

static bool can_put(const struct keys_row *r)
{
	int64_t years = (int64_t)r->year - 1970;
	return r->text.n <= KEYS_ROW_TEXT && r->name.n <= KEYS_ROW_TEXT &&
	       r->word.n <= KEYS_WORD_MAX && years >= -YEAR_MAX && years <= YEAR_MAX;
}

bool keys_coder_put(struct keys_coder *c, struct out *o, const struct keys_row *r)
{
	struct keys_before *b = &c->before;
	size_t at = o->n;
	if (!can_put(r))
		return false;
	bool one = r->connections == 1 && r->unanswered == 0 && r->missed == 0;
	bool day = one_day(c, r);
	unsigned flags = (same_word(b, r) ? FLAG_WORD : 0) |
			 (same_name(b, r->name) ? FLAG_NAME : 0) |
			 (b->year == r->year ? FLAG_YEAR : 0) | (day ? FLAG_DAY : 0) |
			 (one ? FLAG_ONE : 0);
	out_u8(o, 0);
	c->peer = put_peer(b, o, r->text);
	flags |= c->peer;
	if ((flags & FLAG_YEAR) == 0) {
		out_zigzag(o, r->year - 1970);
		b->year = r->year;
		b->year_start = year_start(r->year);
	}
	if ((flags & FLAG_WORD) == 0)
		put_word(b, o, r);
	if ((flags & FLAG_NAME) == 0)
		put_name(c, o, r->name);
	out_varint(o, (uint64_t)r->first - (uint64_t)b->year_start);
	out_varint(o, (uint64_t)r->last - (uint64_t)r->first);
	out_varint(o, r->src_bytes);
	out_varint(o, r->dst_bytes);
	if (!one) {
		out_varint(o, r->connections);
		out_varint(o, r->unanswered);
		out_varint(o, r->missed);
	}
	if (!day)
		keys_masks_put(o, r->days);
	if (!o->failed)
		o->p[at] = (uint8_t)flags;
	return true;
}

/* ---- reading ---- */

struct str keys_word(unsigned number)
{
	return number < WORDS ? words[number] : (struct str){0};
}

void keys_decoder_start(struct keys_decoder *d, const void *p, size_t n)
{
	d->in = bytes_over(p, n);
	start(&d->before);
}

/* A text; one that is longer than any in a row fails. */
static struct str take_text(struct bytes *b, size_t most)
{
	uint64_t n = keys_number(b);
	if (n > most)
		bytes_fail(b);
	const char *p = b->bad ? NULL : (const char *)bytes_take(b, (size_t)n);
	return b->bad ? (struct str){NULL, 0} : (struct str){p, (size_t)n};
}

static void take_peer(struct keys_decoder *d, unsigned how, struct keys_row *r)
{
	struct bytes *in = &d->in;
	struct addr *a = &d->before.peer;
	if (how == PEER_TEXT)
		r->text = take_text(in, KEYS_ROW_TEXT);
	if (how == PEER_TEXT || how == PEER_NONE)
		return;
	size_t n = 12 + how;
	if (how == PEER_V6) {
		const uint8_t *p = bytes_take(in, 1);
		n = p != NULL ? *p : 0;
		if (n > sizeof(a->b))
			bytes_fail(in);
	} else if (how < PEER_SAME && !addr_is_v4(a)) {
		*a = addr_from_v4((const uint8_t[4]){0});
	}
	if (how != PEER_SAME && !in->bad)
		bytes_copy(in, a->b + n, sizeof(a->b) - n);
	r->peer = *a;
	r->is_addr = true;
}

static void take_word(struct keys_decoder *d)
{
	uint64_t v = keys_number(&d->in);
	size_t i = v & ((1U << WORD_BITS) - 1);
	struct str word = {0};
	if (i == WORD_TEXT)
		word = take_text(&d->in, KEYS_WORD_MAX);
	else if (i < WORDS)
		word = words[i];
	else
		bytes_fail(&d->in);
	if (v >> WORD_BITS > UINT16_MAX)
		bytes_fail(&d->in);
	note_word(&d->before, (uint16_t)(v >> WORD_BITS), word);
}

static void take_name(struct keys_decoder *d)
{
	struct keys_before *b = &d->before;
	uint64_t how = keys_number(&d->in);
	size_t n = b->name_count < KEYS_NAMES ? b->name_count : KEYS_NAMES;
	b->name = (struct str){0};
	if (how == NAME_NEW) {
		b->name = take_text(&d->in, KEYS_ROW_TEXT);
		if (b->name.n <= KEYS_NAME_MAX)
			b->names[b->name_count++ % KEYS_NAMES] = b->name;
	} else if (how >= 2 && how - 2 < n) {
		b->name = b->names[how - 2];
	} else if (how != NAME_NONE) {
		bytes_fail(&d->in);
	}
}

void keys_masks_take(struct bytes *b, uint32_t days[static 12])
{
	const uint8_t *p = bytes_take(b, 2);
	unsigned which = p != NULL ? load_le16(p) : 0;
	for (unsigned i = 0; i < 12; i++) {
		p = which >> i & 1 ? bytes_take(b, 4) : NULL;
		days[i] = p != NULL ? load_le32(p) : 0;
	}
}

static void take_days(struct keys_decoder *d, unsigned flags, struct keys_row *r)
{
	unsigned month;
	uint32_t bit;
	if (flags & FLAG_DAY) {
		day_of(r->first, &month, &bit);
		r->days[month] = bit;
		return;
	}
	keys_masks_take(&d->in, r->days);
}

bool keys_decoder_next(struct keys_decoder *d, struct keys_row *r)
{
	struct keys_before *b = &d->before;
	const uint8_t *p = d->in.left > 0 ? bytes_take(&d->in, 1) : NULL;
	if (p == NULL)
		return false;
	unsigned flags = *p;
	*r = (struct keys_row){.connections = 1};
	take_peer(d, flags & FLAG_PEER, r);
	if ((flags & FLAG_YEAR) == 0) {
		uint64_t v = keys_number(&d->in);
		if (v > (uint64_t)(2 * YEAR_MAX))
			bytes_fail(&d->in);
		else
			b->year = 1970 + (int)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
		b->year_start = year_start(b->year);
	}
	if ((flags & FLAG_WORD) == 0)
		take_word(d);
	if ((flags & FLAG_NAME) == 0)
		take_name(d);
	r->year = b->year;
	r->port = b->port;
	r->word = (struct str){b->word_n != SIZE_MAX ? b->word : NULL,
	    b->word_n != SIZE_MAX ? b->word_n : 0};
	r->name = b->name;
	r->first = (int64_t)((uint64_t)b->year_start + keys_number(&d->in));
	r->last = (int64_t)((uint64_t)r->first + keys_number(&d->in));
	if (!keys_is_moment(r->first) || !keys_is_moment(r->last))
		bytes_fail(&d->in);
	r->src_bytes = keys_number(&d->in);
	r->dst_bytes = keys_number(&d->in);
	if ((flags & FLAG_ONE) == 0) {
		r->connections = keys_number(&d->in);
		r->unanswered = keys_number(&d->in);
		r->missed = keys_number(&d->in);
	}
	take_days(d, flags, r);
	return !d->in.bad;
}
