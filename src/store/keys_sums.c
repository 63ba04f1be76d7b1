/* SPDX-License-Identifier: Apache-2.0 */
#include "store/keys_sums.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/moment.h"

#define DIGEST_BYTES 4
#define US_PER_DAY   INT64_C(86400000000)
#define YEARS_FAR    300 /* years from 1970, either way, as in rows */

enum { FLAG_DAY = 1, FLAG_SEEN = 2, FLAGS = 3 };

_Static_assert(DIGEST_BYTES + 1 + 10 * OUT_VARINT_MAX +
		       KEYS_SUM_YEARS * (OUT_VARINT_MAX + 2 + 12 * 4) +
		       KEYS_SUM_PEERS * sizeof(struct addr) <
		   KEYS_SUM_MAX,
    "all sums are shorter than the longest");

/* ---- writing ---- */

void keys_sum_start(struct keys_summer *s)
{
	s->rows = 0;
	s->none = false;
}

static struct keys_sum_year *year_of(struct keys_summer *s, int year)
{
	struct keys_sum *sum = &s->sum;
	for (size_t i = 0; i < sum->year_count; i++) {
		if (sum->years[i].year == year)
			return &sum->years[i];
	}
	if (sum->year_count == KEYS_SUM_YEARS)
		return NULL;
	struct keys_sum_year *y = &sum->years[sum->year_count++];
	*y = (struct keys_sum_year){.year = year};
	return y;
}

static void add(struct keys_summer *s, uint64_t *to, uint64_t v)
{
	s->none |= __builtin_add_overflow(*to, v, to);
}

/* Rows of a peer often follow each other; others that come again are found in the end. */
static void add_peer(struct keys_summer *s, const struct addr *peer)
{
	struct keys_sum *sum = &s->sum;
	if (sum->peer_count > 0 && addr_equal(&sum->peers[sum->peer_count - 1], peer))
		return;
	s->none |= sum->peer_count == KEYS_SUM_PEERS;
	if (!s->none)
		sum->peers[sum->peer_count++] = *peer;
}

void keys_sum_add(struct keys_summer *s, const struct keys_row *r,
    const struct keys_coder *coder, bool seen)
{
	struct keys_sum *sum = &s->sum;
	if (s->rows++ == 0) {
		sum->first = r->first;
		sum->last = r->last;
		sum->connections = sum->shown = sum->src_bytes = sum->dst_bytes = 0;
		sum->ways = 0;
		sum->year_count = sum->peer_count = 0;
	}
	struct keys_sum_year *y = s->none ? NULL : year_of(s, r->year);
	s->none |= y == NULL || coder->peer == KEYS_PEER_TEXT ||
		   (seen && coder->before.word_number >= 32);
	if (s->none || y == NULL)
		return;
	sum->first = r->first < sum->first ? r->first : sum->first;
	sum->last = r->last > sum->last ? r->last : sum->last;
	for (size_t i = 0; i < 12; i++)
		y->days[i] |= r->days[i] & KEYS_DAYS;
	bool shown = seen && !str_equal(r->word, STR("server_name"));
	add(s, shown ? &sum->shown : &sum->connections, r->connections);
	add(s, &sum->src_bytes, r->src_bytes);
	add(s, &sum->dst_bytes, r->dst_bytes);
	sum->ways |= seen ? UINT32_C(1) << coder->before.word_number : 0;
	if (coder->peer != KEYS_PEER_NONE)
		add_peer(s, &coder->before.peer);
}

static int by_address(const void *x, const void *y)
{
	return addr_cmp(x, y);
}

/* Each once, in order; IPv4 comes before most of IPv6, but not before all. */
static void sort_peers(struct keys_sum *sum)
{
	bool sorted = true;
	size_t n = 0;
	for (size_t i = 1; i < sum->peer_count && sorted; i++)
		sorted = addr_cmp(&sum->peers[i - 1], &sum->peers[i]) < 0;
	if (sorted)
		return;
	qsort(sum->peers, sum->peer_count, sizeof(*sum->peers), by_address);
	for (size_t i = 0; i < sum->peer_count; i++) {
		if (n == 0 || !addr_equal(&sum->peers[n - 1], &sum->peers[i]))
			sum->peers[n++] = sum->peers[i];
	}
	sum->peer_count = n;
}

static void put_peers(const struct keys_sum *sum, struct out *o)
{
	uint32_t last = 0;
	size_t v4 = 0;
	for (size_t i = 0; i < sum->peer_count; i++)
		v4 += addr_is_v4(&sum->peers[i]);
	out_varint(o, v4);
	for (size_t i = 0; i < sum->peer_count; i++) {
		if (!addr_is_v4(&sum->peers[i]))
			continue;
		uint32_t v = load_be32(sum->peers[i].b + 12);
		out_varint(o, v - last);
		last = v;
	}
	out_varint(o, sum->peer_count - v4);
	for (size_t i = 0; i < sum->peer_count; i++) {
		if (!addr_is_v4(&sum->peers[i]))
			out_put(o, sum->peers[i].b, sizeof(sum->peers[i].b));
	}
}

/* Set the day of a moment; its year. */
static int set_day(int64_t us, uint32_t days[static 12])
{
	int year;
	unsigned month, day;
	civil_from_days(us / US_PER_DAY - (us % US_PER_DAY < 0), &year, &month, &day);
	days[month - 1] |= UINT32_C(1) << (day - 1);
	return year;
}

static bool one_day(const struct keys_sum *sum)
{
	uint32_t days[12] = {0};
	return sum->year_count == 1 && set_day(sum->first, days) == sum->years[0].year &&
	       memcmp(days, sum->years[0].days, sizeof(days)) == 0;
}

size_t keys_sum_put(struct keys_summer *s, struct out *o, uint64_t rows_bytes)
{
	struct keys_sum *sum = &s->sum;
	size_t at = o->n;
	if (s->none || s->rows < 2)
		return 0;
	sort_peers(sum);
	bool day = one_day(sum), seen = sum->ways != 0;
	out_le(o, 0, DIGEST_BYTES);
	out_u8(o, (uint8_t)((day ? FLAG_DAY : 0) | (seen ? FLAG_SEEN : 0)));
	out_zigzag(o, sum->first);
	out_varint(o, (uint64_t)sum->last - (uint64_t)sum->first);
	out_varint(o, sum->connections);
	out_varint(o, sum->src_bytes);
	out_varint(o, sum->dst_bytes);
	if (seen) {
		out_varint(o, sum->shown);
		out_varint(o, sum->ways);
	}
	if (!day)
		out_varint(o, sum->year_count);
	for (size_t i = 0; i < sum->year_count && !day; i++) {
		out_zigzag(o, sum->years[i].year - 1970);
		keys_masks_put(o, sum->years[i].days);
	}
	put_peers(sum, o);
	if (o->failed || o->n - at >= rows_bytes) {
		o->n = o->failed ? o->n : at;
		return 0;
	}
	uint32_t digest = (uint32_t)hash_bytes(
	    &hash_key_public, o->p + at + DIGEST_BYTES, o->n - at - DIGEST_BYTES);
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		o->p[at + i] = (uint8_t)(digest >> 8 * i);
	return o->n - at;
}

/* ---- reading ---- */

static void take_years(struct bytes *b, struct keys_sum *sum)
{
	uint64_t n = keys_number(b);
	if (n == 0 || n > KEYS_SUM_YEARS)
		bytes_fail(b);
	for (; !b->bad && sum->year_count < n; sum->year_count++) {
		struct keys_sum_year *y = &sum->years[sum->year_count];
		uint64_t v = keys_number(b);
		if (v > 2UL * YEARS_FAR)
			bytes_fail(b);
		else
			y->year = 1970 + (int)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
		keys_masks_take(b, y->days);
	}
}

static void take_peers(struct bytes *b, struct keys_sum *sum)
{
	uint64_t n = keys_number(b);
	uint32_t last = 0;
	if (n > KEYS_SUM_PEERS)
		bytes_fail(b);
	for (; !b->bad && sum->peer_count < n; sum->peer_count++) {
		last += (uint32_t)keys_number(b);
		const uint8_t v4[4] = {(uint8_t)(last >> 24), (uint8_t)(last >> 16),
		    (uint8_t)(last >> 8), (uint8_t)last};
		sum->peers[sum->peer_count] = addr_from_v4(v4);
	}
	uint64_t more = keys_number(b);
	if (more > KEYS_SUM_PEERS - sum->peer_count)
		bytes_fail(b);
	for (; !b->bad && more > 0; more--)
		bytes_copy(b, sum->peers[sum->peer_count++].b, sizeof(struct addr));
}

bool keys_sum_read(const uint8_t *p, size_t n, struct keys_sum *sum)
{
	struct bytes b = bytes_over(p, n);
	const uint8_t *digest = bytes_take(&b, DIGEST_BYTES);
	if (digest == NULL ||
	    load_le32(digest) != (uint32_t)hash_bytes(&hash_key_public, b.pos, b.left))
		return false;
	const uint8_t *flags = bytes_take(&b, 1);
	if (flags == NULL || (*flags & ~FLAGS) != 0)
		return false;
	uint64_t v = keys_number(&b);
	sum->first = (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
	sum->last = (int64_t)((uint64_t)sum->first + keys_number(&b));
	sum->connections = keys_number(&b);
	sum->src_bytes = keys_number(&b);
	sum->dst_bytes = keys_number(&b);
	sum->shown = (*flags & FLAG_SEEN) != 0 ? keys_number(&b) : 0;
	sum->ways = (*flags & FLAG_SEEN) != 0 ? (uint32_t)keys_number(&b) : 0;
	sum->year_count = sum->peer_count = 0;
	if (!keys_is_moment(sum->first) || !keys_is_moment(sum->last))
		return false;
	if ((*flags & FLAG_DAY) != 0) {
		memset(sum->years[0].days, 0, sizeof(sum->years[0].days));
		sum->years[0].year = set_day(sum->first, sum->years[0].days);
		sum->year_count = 1;
	} else {
		take_years(&b, sum);
	}
	take_peers(&b, sum);
	return !b.bad && b.left == 0;
}
