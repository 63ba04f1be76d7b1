/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/wire/rival.h"

#include <stdlib.h>

#include "detect/detail.h"
#include "record/anomaly.h"

#define TTL_APART    2         /* B7: one hop may come and go */
#define IP_ID_APART  1000      /* of 65,536: no counter runs so far in a round trip */
#define WINDOW_TIMES 4         /* times as large */
#define RACE_US      250000LL  /* B7: the loser came 1 to 250 ms later */
#define LATE_US      2000000LL /* beyond any round trip */

struct kind_word {
	enum anomaly_kind anomaly;
	enum rival_kind kind;
};

static const struct kind_word kinds[] = {
    {ANOMALY_TCP_OVERLAP, RIVAL_BYTES},
    {ANOMALY_DUPLICATE_SYNACK, RIVAL_SYNACK},
    {ANOMALY_DATA_AFTER_END, RIVAL_END},
    {ANOMALY_DNS_CONFLICT, RIVAL_ANSWER},
};

static bool kind_of(struct str word, enum rival_kind *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (str_equal(word, str_of(anomaly_name(kinds[i].anomaly)))) {
			*kind = kinds[i].kind;
			return true;
		}
	}
	return false;
}

static bool differ(int64_t a, int64_t b, int64_t least)
{
	return a >= 0 && b >= 0 && llabs(a - b) >= least;
}

/* Marks by which one of the two is the odd one; *first: it is the other, which was. */
static unsigned telling(
    const struct rival *r, const struct rival_look v[2], struct str detail, bool *first)
{
	unsigned marks = 0;
	bool off[2] = {differ(v[0].ttl, r->ttl_syn, TTL_APART),
	    differ(v[1].ttl, r->ttl_syn, TTL_APART)};
	bool stamps = detail_number(detail, "timestamp_syn", 0) == 1;
	int64_t reflected = detail_number(detail, "reflected", 0);
	bool end = r->kind == RIVAL_END && r->reset; /* a RST needs no timestamp */
	if ((reflected == 1 || reflected == 2) && v[0].ip_id != v[1].ip_id) {
		marks |= RIVAL_REFLECTED;
		*first = reflected == 2;
	}
	bool both = v[0].ttl >= 0 && v[1].ttl >= 0;
	if (stamps && !end && both && (v[0].stamp < 0) != (v[1].stamp < 0)) {
		marks |= RIVAL_STAMP;
		*first = v[1].stamp < 0;
	}
	if (off[0] != off[1] && differ(v[0].ttl, v[1].ttl, TTL_APART)) {
		marks |= RIVAL_TTL;
		*first = off[1];
	} else if (r->ttl_syn < 0 && differ(v[0].ttl, v[1].ttl, TTL_APART)) {
		marks |= RIVAL_TTL_APART;
	}
	return marks;
}

/* Identifications that no one counter has: far apart in both directions, or only one of
 * the two is 0, as a stack that sets none sends. */
static bool ids_apart(int64_t a, int64_t b)
{
	int64_t d = llabs(a - b);
	if (a < 0 || b < 0 || a > UINT16_MAX || b > UINT16_MAX)
		return false;
	return (a == 0) != (b == 0) || (d >= IP_ID_APART && 65536 - d >= IP_ID_APART);
}

static unsigned supporting(const struct rival *r, const struct rival_look v[2])
{
	unsigned marks = 0;
	bool tcp = r->kind != RIVAL_ANSWER;
	const struct rival_look *later = &v[0], *earlier = &v[1];
	if (later->stamp >= 0 && earlier->stamp >= 0 &&
	    (int32_t)(uint32_t)(later->stamp - earlier->stamp) < 0)
		marks |= RIVAL_BACK;
	if (ids_apart(v[0].ip_id, v[1].ip_id))
		marks |= RIVAL_IP_ID;
	if (tcp && v[0].window > 0 && v[1].window > 0 &&
	    (v[0].window >= WINDOW_TIMES * v[1].window ||
		v[1].window >= WINDOW_TIMES * v[0].window))
		marks |= RIVAL_WINDOW;
	if (r->gap_us > 0 && r->gap_us <= RACE_US)
		marks |= RIVAL_RACE;
	if (r->kind == RIVAL_BYTES && r->odd.size < r->true_one.size)
		marks |= RIVAL_SHORTER;
	return marks;
}

static unsigned opposing(
    const struct rival *r, const struct rival_look v[2], struct str detail)
{
	unsigned marks = 0;
	/* A stack counts its identifications on: the same one twice is the same packet,
	 * unless it is that of a tool that never sets one. */
	if (v[0].ip_id == v[1].ip_id && v[0].ip_id > 1 && v[0].ttl == v[1].ttl &&
	    v[0].stamp == v[1].stamp)
		marks |= RIVAL_SAME;
	if (detail_number(detail, "bad_checksum", 0) > 0)
		marks |= RIVAL_CHECKSUM;
	if (r->gap_us < 0 || r->gap_us > LATE_US)
		marks |= RIVAL_LATE;
	return marks;
}

/* How much each mark tells, in decades by which chance would produce it: identifications
 * meet one of the last ten of the far side in 10 of 65,536 cases; the others are rounded
 * down from what stacks do in retransmissions, which is never. */
static double points_of(unsigned marks)
{
	static const double worth[] = {2, 2, 3, 1, 0.5, 0.5, 0.5, 0.5, 0.5};
	double sum = 1;
	for (size_t i = 0; i < sizeof(worth) / sizeof(*worth); i++)
		sum += (marks >> i & 1) != 0 ? worth[i] : 0;
	return sum;
}

bool rival_read(struct rival *r, struct str kind, struct str detail)
{
	static const char *const names[2][5] = {
	    {"ttl", "ip_id", "window", "timestamp", "size"},
	    {"ttl_other", "ip_id_other", "window_other", "timestamp_other", "size_other"},
	};
	struct rival_look v[2];
	*r = (struct rival){.side = 1};
	if (!kind_of(kind, &r->kind))
		return false;
	for (size_t i = 0; i < 2; i++)
		v[i] = (struct rival_look){detail_number(detail, names[i][0], -1),
		    detail_number(detail, names[i][1], -1),
		    detail_number(detail, names[i][2], -1),
		    detail_number(detail, names[i][3], -1),
		    detail_number(detail, names[i][4], -1)};
	/* The other was forgotten by then: nothing is known of it. */
	if (v[1].ttl == 0 && str_equal(detail_text(detail, "flags_other"), STR("none")))
		v[1] = (struct rival_look){-1, -1, -1, -1, -1};
	r->side = detail_number(detail, "side", 1) != 0;
	r->gap_us = detail_number(detail, "gap_us", 0);
	r->bytes = detail_number(detail, "len", 0);
	r->ttl_syn = detail_number(detail, "ttl_syn", -1);
	struct str flags = detail_text(detail, "flags_other");
	r->reset = flags.n > 0 && memchr(flags.p, 'R', flags.n) != NULL;
	r->query = detail_text(detail, "query");
	r->answer = detail_text(detail, "answer");
	r->answer_other = detail_text(detail, "answer_other");
	r->odd_first = true; /* who forges comes first, or comes in vain */
	r->marks = telling(r, v, detail, &r->odd_first);
	r->odd = v[r->odd_first];
	r->true_one = v[!r->odd_first];
	r->marks |= supporting(r, v) | opposing(r, v, detail);
	r->points = points_of(r->marks);
	/* A keep-alive may send one old byte of any value (RFC 9293, 3.8.4). */
	return r->kind != RIVAL_BYTES || v[0].size != 1;
}
