/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/join.h"

#include <stdlib.h>
#include <string.h>

#define BEFORE_DAYS 1   /* a path inside may come so long before the channel */
#define AFTER_DAYS  30  /* and what belongs together so long after it */
#define STRANDS_MAX 256 /* of one host that are compared with each other */

size_t strand_root(struct strand *v, size_t i)
{
	while (v[i].parent != i) {
		v[i].parent = v[v[i].parent].parent;
		i = v[i].parent;
	}
	return i;
}

/* The lower number becomes the root, so that the order of joining does not matter. */
static void join(struct strand *v, size_t i, size_t j)
{
	size_t a = strand_root(v, i), b = strand_root(v, j);
	if (a < b)
		v[b].parent = a;
	else
		v[a].parent = b;
}

static const struct finding *best(const struct strand *s)
{
	return s->findings[0];
}

/* Whether a strand may pull others in: worth a look, and not what everybody does. */
static bool joins(const struct strand *s)
{
	const struct finding *f = best(s);
	return f->confidence >= CONFIDENCE_MEDIUM &&
	       !finding_has(f, FACT_KEY_COMMON_PEER) &&
	       !finding_has(f, FACT_KEY_USUAL_SERVICE) &&
	       !finding_has(f, FACT_KEY_OPEN_SERVICE) &&
	       !finding_has(f, FACT_KEY_FLEET_RHYTHM);
}

enum stage finding_stage(const struct finding *f)
{
	static const struct {
		const char *detector;
		enum stage stage;
	} stages[] = {
	    {"upload", STAGE_LEAVING},
	    {"admin_path", STAGE_INSIDE},
	    {"discovery", STAGE_INSIDE},
	    {"relay", STAGE_INSIDE},
	    {"ot_change", STAGE_PROCESS},
	};
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		if (strcmp(f->detector, stages[i].detector) == 0)
			return stages[i].stage;
	}
	return STAGE_CHANNEL;
}

/* Whether b falls into the time of a, from so many days before to so many after it. */
static bool near(const struct finding *a, const struct finding *b, int before, int after)
{
	return moment_diff(b->last_seen, a->since) <= before * NS_PER_DAY &&
	       moment_diff(a->last_seen, b->since) <= after * NS_PER_DAY;
}

/* ---- the same peer ---- */

static int peer_order(const void *x, const void *y, void *ctx)
{
	const struct strand *v = ctx;
	size_t i = *(const size_t *)x, j = *(const size_t *)y;
	int c = str_cmp(best(&v[i])->peer, best(&v[j])->peer);
	return c != 0 ? c : (i > j) - (i < j);
}

/* The first of the ordered strands whose peer is not below that one. */
static size_t first_of_peer(
    const struct strand *v, const size_t *order, size_t n, struct str peer)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_cmp(best(&v[order[middle]])->peer, peer) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first strand of that peer that joins others; n: there is none. */
static size_t of_peer(
    const struct strand *v, const size_t *order, size_t n, struct str peer)
{
	for (size_t i = first_of_peer(v, order, n, peer);
	     i < n && str_equal(best(&v[order[i]])->peer, peer); i++) {
		if (joins(&v[order[i]]))
			return order[i];
	}
	return n;
}

static void join_peers(struct strand *v, size_t n, const struct alias *aliases,
    size_t alias_count, size_t *order)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	qsort_r(order, n, sizeof(*order), peer_order, v);
	size_t last = n; /* the last that joins, of this peer */
	for (size_t i = 0; i < n; i++) {
		struct strand *s = &v[order[i]];
		if (!joins(s))
			continue;
		if (last < n && str_equal(best(&v[last])->peer, best(s)->peer))
			join(v, last, order[i]);
		last = order[i];
	}
	for (size_t i = 0; i < alias_count; i++) {
		size_t name = of_peer(v, order, n, aliases[i].name);
		size_t address = of_peer(v, order, n, aliases[i].address);
		if (name < n && address < n)
			join(v, name, address);
	}
}

/* ---- one host ---- */

static size_t host_end(const struct strand *v, size_t n, size_t from)
{
	size_t end = from + 1;
	while (end < n && addr_cmp(&best(&v[end])->host, &best(&v[from])->host) == 0)
		end++;
	return end;
}

/* A channel that is sure, and what is of another kind meanwhile. */
static bool same_story(const struct finding *a, const struct finding *b)
{
	return (a->confidence == CONFIDENCE_HIGH || b->confidence == CONFIDENCE_HIGH) &&
	       finding_stage(a) != finding_stage(b) &&
	       (near(a, b, BEFORE_DAYS, AFTER_DAYS) ||
		   near(b, a, BEFORE_DAYS, AFTER_DAYS));
}

static void join_host(struct strand *v, size_t from, size_t end)
{
	size_t compared = 0;
	for (size_t i = from; i < end && compared < STRANDS_MAX; i++) {
		if (!joins(&v[i]))
			continue;
		compared++;
		for (size_t j = i + 1; j < end; j++) {
			if (joins(&v[j]) && same_story(best(&v[i]), best(&v[j])))
				join(v, i, j);
		}
	}
}

/* ---- paths inside ---- */

/* The first strand of a host; n: it has none. */
static size_t first_of_host(const struct strand *v, size_t n, const struct addr *host)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (addr_cmp(&best(&v[middle])->host, host) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && addr_cmp(&best(&v[low])->host, host) == 0 ? low : n;
}

/* A path from one of our hosts to another, and what that one does about that time. */
static void join_inside(struct strand *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct finding *f = best(&v[i]);
		char text[ADDR_TEXT_MAX];
		struct addr to;
		if (!joins(&v[i]) || f->direction != DIRECTION_INTERNAL ||
		    finding_stage(f) != STAGE_INSIDE || f->peer.n >= sizeof(text))
			continue;
		memcpy(text, f->peer.p, f->peer.n);
		text[f->peer.n] = '\0';
		size_t at = addr_parse(text, &to) ? first_of_host(v, n, &to) : n;
		size_t end = at < n ? host_end(v, n, at) : n;
		for (size_t j = at; j < end; j++) {
			if (joins(&v[j]) && near(best(&v[j]), f, BEFORE_DAYS, AFTER_DAYS))
				join(v, i, j);
		}
	}
}

void strands_join(struct strand *v, size_t n, const struct alias *aliases,
    size_t alias_count, size_t *scratch)
{
	for (size_t i = 0; i < n; i++)
		v[i].parent = i;
	join_peers(v, n, aliases, alias_count, scratch);
	for (size_t i = 0, end; i < n; i = end) {
		end = host_end(v, n, i);
		join_host(v, i, end);
	}
	join_inside(v, n);
}
