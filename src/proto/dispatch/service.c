/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dispatch/service.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "base/size.h"
#include "flow/flow.h"
#include "proto/dispatch/service_table.h"
#include "proto/parser.h"

#define T TRANSPORT_TCP
#define U TRANSPORT_UDP
#define B (TRANSPORT_TCP | TRANSPORT_UDP)

static const struct signature signatures[] = {
#define SIGNATURE(name, transports, port, pattern) {name, transports, port, pattern},
    SERVICE_TABLE(SIGNATURE)
#undef SIGNATURE
	{NULL, 0, 0, NULL},
};

#undef T
#undef U
#undef B

static_assert(sizeof(signatures) / sizeof(signatures[0]) <= SERVICES_MAX,
    "a set has a bit for each signature");

enum item_kind {
	ITEM_BYTE,   /* one of [low, high] */
	ITEM_TEXT,   /* text */
	ITEM_FIND,   /* text, further on */
	ITEM_LENGTH, /* of low bytes; high: little endian; plus number */
	ITEM_GO,     /* to number */
	ITEM_END,
};

struct item {
	enum item_kind kind;
	uint8_t low, high;
	int number;
	struct str text;
};

static uint8_t hex(const char *p)
{
	char two[3] = {p[0], p[1], '\0'};
	return (uint8_t)strtoul(two, NULL, 16);
}

/* The item at *p, and *p moved behind it; false at the end. Patterns are ours, out of the
 * table: they are well-formed. */
static bool next_item(const char **p, struct item *it)
{
	*p += strspn(*p, " ");
	const char *s = *p;
	*it = (struct item){.kind = ITEM_BYTE};
	if (*s == '\0')
		return false;
	bool find = *s == '*';
	if (find || *s == '\'') {
		s += find ? 2 : 1;
		it->kind = find ? ITEM_FIND : ITEM_TEXT;
		it->text = (struct str){s, strcspn(s, "'")};
		*p = s + it->text.n + 1;
		return true;
	}
	*p += strcspn(s, " ");
	if (*s == '$') {
		it->kind = ITEM_END;
	} else if (*s == '@') {
		it->kind = ITEM_GO;
		it->number = (int)strtol(s + 1, NULL, 10);
	} else if (*s == 'N' || *s == 'n') {
		it->kind = ITEM_LENGTH;
		it->low = (uint8_t)(s[1] - '0');
		it->high = *s == 'n';
		it->number = (int)strtol(s + 2, NULL, 10);
	} else if (*s == '.') {
		it->high = 255;
	} else {
		it->low = hex(s);
		it->high = s[2] == '-' ? hex(s + 3) : it->low;
	}
	return true;
}

static bool length_fits(const struct item *it, struct bytes *data)
{
	uint64_t value = 0;
	for (int i = 0; i < it->low; i++) {
		uint64_t byte = bytes_u8(data);
		value = it->high ? value | byte << 8 * i : value << 8 | byte;
	}
	return !data->bad && (int64_t)value + it->number == (int64_t)data->left;
}

static bool go(const struct item *it, struct bytes all, struct bytes *data)
{
	size_t at = (size_t)abs(it->number);
	if (at > all.left)
		return false;
	*data = all;
	bytes_skip(data, it->number < 0 ? all.left - at : at);
	return true;
}

static bool find(struct str text, struct bytes *data)
{
	size_t within = size_min(data->left, SERVICE_FIND_MAX);
	const uint8_t *at = memmem(data->pos, within, text.p, text.n);
	if (at == NULL)
		return false;
	bytes_skip(data, (size_t)(at - data->pos) + text.n);
	return true;
}

bool service_matches(const char *pattern, struct bytes data)
{
	struct bytes all = data;
	struct item it;
	while (next_item(&pattern, &it)) {
		bool good = false;
		uint8_t byte;
		switch (it.kind) {
		case ITEM_BYTE:
			byte = bytes_u8(&data);
			good = !data.bad && byte >= it.low && byte <= it.high;
			break;
		case ITEM_TEXT:
			good = data.left >= it.text.n &&
			       memcmp(data.pos, it.text.p, it.text.n) == 0;
			bytes_skip(&data, it.text.n);
			break;
		case ITEM_FIND:
			good = find(it.text, &data);
			break;
		case ITEM_LENGTH:
			good = length_fits(&it, &data);
			break;
		case ITEM_GO:
			good = go(&it, all, &data);
			break;
		case ITEM_END:
			good = data.left == 0;
			break;
		}
		if (!good)
			return false;
	}
	return true;
}

/* Where a text may stand at any of several places, it tells that much less. The end tells
 * how long the data is, of some thousand lengths that are usual. */
double service_bits(const char *pattern)
{
	double bits = 0;
	struct item it;
	while (next_item(&pattern, &it)) {
		if (it.kind == ITEM_BYTE)
			bits += 8 - log2(it.high - it.low + 1);
		if (it.kind == ITEM_TEXT)
			bits += 8.0 * (double)it.text.n;
		if (it.kind == ITEM_FIND)
			bits += 8.0 * (double)it.text.n - log2(SERVICE_FIND_MAX);
		if (it.kind == ITEM_LENGTH)
			bits += 8.0 * it.low;
		if (it.kind == ITEM_END)
			bits += 10;
	}
	return bits;
}

const struct signature *service_signature(unsigned i)
{
	return signatures[i].name != NULL ? &signatures[i] : NULL;
}

/* Where the item behind this one begins; -1: nobody knows. */
static int behind(const struct item *it, int at)
{
	if (at < 0 || it->kind == ITEM_FIND)
		return -1;
	if (it->kind == ITEM_GO)
		return it->number;
	if (it->kind == ITEM_END)
		return at;
	return at + (it->kind == ITEM_TEXT        ? (int)it->text.n
			: it->kind == ITEM_LENGTH ? it->low
						  : 1);
}

static struct service_check check_of(const struct signature *s)
{
	struct service_check best = {.port = s->port, .low = 0, .high = 255};
	const char *p = s->pattern;
	struct item it;
	/* Byte 0 has been looked at. */
	for (int at = 0; next_item(&p, &it); at = behind(&it, at)) {
		if (it.kind == ITEM_TEXT && at >= 0) {
			bool front = at == 0 && it.text.n > 1;
			it.low = it.high = (uint8_t)it.text.p[front];
			at += front;
			it.text.n -= front;
		} else if (it.kind != ITEM_BYTE) {
			continue;
		}
		if (at > 0 && it.high - it.low < best.high - best.low)
			best = (struct service_check){
			    s->port, (uint16_t)at, it.low, it.high};
	}
	return best;
}

void services_init(struct services *s)
{
	static const unsigned transports[2] = {TRANSPORT_TCP, TRANSPORT_UDP};
	memset(s, 0, sizeof(*s));
	for (unsigned i = 0; signatures[i].name != NULL; i++) {
		s->check[i] = check_of(&signatures[i]);
		const char *p = signatures[i].pattern;
		struct item it;
		unsigned low = 0, high = 255;
		if (next_item(&p, &it) && it.kind == ITEM_BYTE) {
			low = it.low;
			high = it.high;
		} else if (it.kind == ITEM_TEXT) {
			low = high = (uint8_t)it.text.p[0];
		}
		for (int t = 0; t < 2; t++) {
			if ((signatures[i].transports & transports[t]) == 0)
				continue;
			for (unsigned byte = low; byte <= high; byte++)
				s->by_byte[t][byte][i / 64] |= UINT64_C(1) << i % 64;
		}
	}
}

const char *service_of(const struct services *s, const struct flow *f, struct bytes first)
{
	if (first.left == 0)
		return NULL;
	const uint64_t *set = s->by_byte[f->proto == IP_PROTO_TCP ? 0 : 1][first.pos[0]];
	for (unsigned w = 0; w < SERVICES_MAX / 64; w++) {
		for (uint64_t left = set[w]; left != 0; left &= left - 1) {
			unsigned i = w * 64 + (unsigned)__builtin_ctzll(left);
			const struct service_check *c = &s->check[i];
			if (c->port != 0 && c->port != f->port[0] &&
			    c->port != f->port[1])
				continue;
			if (c->at >= first.left || first.pos[c->at] < c->low ||
			    first.pos[c->at] > c->high)
				continue;
			if (service_matches(signatures[i].pattern, first))
				return signatures[i].name;
		}
	}
	return NULL;
}
