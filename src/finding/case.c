/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of cases: confidence first (it says that the evidence holds and
 * the counter-evidence does not), then how ordinary the finding is among
 * its kind on this site (rank_p, small first), then the statistic, then the
 * identifier, so that the order depends on the findings alone. How long a
 * thing has been there never lowers it. Findings below the case's own
 * confidence stay listed, but neither date it nor count its bytes.
 */
#include "finding/case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/size.h"

static double plain_p(const struct finding *f)
{
	return f->rank_p >= 0 && f->rank_p <= 1 ? f->rank_p : 1;
}

static int telling(const struct finding *a, const struct finding *b)
{
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence ? -1 : 1;
	if (plain_p(a) < plain_p(b) || plain_p(a) > plain_p(b))
		return plain_p(a) < plain_p(b) ? -1 : 1;
	if (a->score > b->score || a->score < b->score)
		return a->score > b->score ? -1 : 1;
	return strcmp(a->id, b->id);
}

/* Order by what a case is about: a host and a peer. */
static int by_subject(const struct finding *a, const struct finding *b)
{
	int c = addr_cmp(&a->host, &b->host);
	return c != 0 ? c : str_cmp(a->peer, b->peer);
}

static int by_subject_then_telling(const void *x, const void *y)
{
	const struct finding *a = *(const struct finding *const *)x;
	const struct finding *b = *(const struct finding *const *)y;
	int c = by_subject(a, b);
	return c != 0 ? c : telling(a, b);
}

static int by_rank(const void *x, const void *y)
{
	const struct dwell_case *a = x, *b = y;
	int c = telling(a->findings[0], b->findings[0]);
	return c != 0 ? c : strcmp(a->id, b->id);
}

/* Findings that a case is dated by and counted over: as sure as its best one. */
static bool carries(const struct dwell_case *c, const struct finding *f)
{
	return f->confidence == c->confidence;
}

/* Whether an earlier finding of the case counted the same bytes: the same port. */
static bool counted(const struct dwell_case *c, size_t i)
{
	const struct finding *f = c->findings[i];
	for (size_t j = 0; j < i; j++) {
		const struct finding *g = c->findings[j];
		if (carries(c, g) && g->direction == f->direction &&
		    g->peer_port == f->peer_port)
			return true;
	}
	return false;
}

static uint64_t add_bytes(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Host and peer name the case: it stays the same while its findings come and go. */
static void identify(struct dwell_case *c)
{
	const struct finding *best = c->findings[0];
	struct hash_key key = hash_key_public;
	key.k0 ^= hash_bytes(&hash_key_public, c->host.b, sizeof(c->host.b));
	snprintf(c->id, sizeof(c->id), "c%016llx",
	    (unsigned long long)hash_bytes(&key, best->peer.p, best->peer.n));
}

static void summarise(struct dwell_case *c)
{
	const struct finding *best = c->findings[0];
	c->host = best->host;
	c->confidence = best->confidence;
	c->since = best->since;
	c->since_kind = best->since_kind;
	c->last_seen = best->last_seen;
	for (size_t i = 0; i < c->finding_count; i++) {
		const struct finding *f = c->findings[i];
		if (!carries(c, f))
			continue;
		if (f->since.ns < c->since.ns) {
			c->since = f->since;
			c->since_kind = f->since_kind;
		}
		if (f->last_seen.ns > c->last_seen.ns)
			c->last_seen = f->last_seen;
		if (counted(c, i))
			continue;
		c->bytes_out_low = add_bytes(c->bytes_out_low, f->bytes_out);
		c->bytes_out_high =
		    add_bytes(c->bytes_out_high, add_bytes(f->bytes_out, f->missed));
	}
	identify(c);
}

struct dwell_case *cases_build(
    const struct finding *v, size_t n, struct arena *a, size_t *case_count)
{
	*case_count = 0;
	size_t bytes;
	if (n == 0 || !size_mul(n, sizeof(struct dwell_case), &bytes))
		return NULL;
	const struct finding **list = arena_alloc(a, n * sizeof(*list));
	struct dwell_case *cases = arena_alloc(a, bytes);
	if (list == NULL || cases == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		list[i] = &v[i];
	qsort(list, n, sizeof(*list), by_subject_then_telling);
	size_t count = 0;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && by_subject(list[end], list[i]) == 0;)
			end++;
		struct dwell_case *c = &cases[count++];
		c->findings = list + i;
		c->finding_count = end - i;
		summarise(c);
	}
	qsort(cases, count, sizeof(*cases), by_rank);
	for (size_t i = 0; i < count; i++)
		cases[i].rank = i + 1;
	*case_count = count;
	return cases;
}

void case_to_record(const struct dwell_case *c, struct str summary, struct arena *a,
    struct case_record *r)
{
	record_clear(RECORD_CASE, r);
	struct str *ids = arena_alloc(a, c->finding_count * sizeof(*ids));
	for (size_t i = 0; ids != NULL && i < c->finding_count; i++)
		ids[i] = str_copy(a, str_of(c->findings[i]->id));
	r->id = str_copy(a, str_of(c->id));
	r->rank = c->rank;
	r->host = c->host;
	r->since = c->since;
	r->since_kind = str_of(since_kind_name(c->since_kind));
	r->last_seen = c->last_seen;
	r->confidence = str_of(confidence_name(c->confidence));
	r->bytes_out_low = c->bytes_out_low;
	r->bytes_out_high = c->bytes_out_high;
	r->findings = (struct str_list){ids, ids != NULL ? c->finding_count : 0};
	r->summary = summary;
}
