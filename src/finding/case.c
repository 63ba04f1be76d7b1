/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of cases: confidence first (it says that the evidence holds and
 * the counter-evidence does not), then how ordinary the finding is among
 * its kind on this site (rank_p, small first), then the statistic, then the
 * identifier, so that the order depends on the findings alone. How long a
 * thing has been there never lowers it. Findings below the case's own
 * confidence stay listed, but do not date it. What left is at least what the findings as
 * sure as the case counted, and at most what those worth a look did, and what the capture
 * missed of them.
 */
#include "finding/case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/size.h"
#include "finding/join.h"

#define COUNTED_MAX 1000 /* earlier findings that are looked at for the same bytes */

static double plain_p(const struct finding *f)
{
	return f->rank_p >= 0 && f->rank_p <= 1 ? f->rank_p : 1;
}

static int surer(const struct finding *a, const struct finding *b)
{
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence ? -1 : 1;
	if (plain_p(a) < plain_p(b) || plain_p(a) > plain_p(b))
		return plain_p(a) < plain_p(b) ? -1 : 1;
	return 0;
}

static int stronger(const struct finding *a, const struct finding *b)
{
	if (a->score > b->score || a->score < b->score)
		return a->score > b->score ? -1 : 1;
	return strcmp(a->id, b->id);
}

/* Findings of one case. Scores of two detectors are in units of their own, so that among
 * equals the channel comes before what went through it. */
static int telling(const struct finding *a, const struct finding *b)
{
	int c = surer(a, b);
	if (c == 0)
		c = (int)finding_stage(a) - (int)finding_stage(b);
	return c != 0 ? c : stronger(a, b);
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
	int c = surer(a->findings[0], b->findings[0]);
	if (c == 0)
		c = stronger(a->findings[0], b->findings[0]);
	return c != 0 ? c : strcmp(a->id, b->id);
}

/* Findings that a case is dated by and counted over: as sure as its best one. */
static bool carries(const struct dwell_case *c, const struct finding *f)
{
	return f->confidence == c->confidence;
}

/* Findings whose bytes may be part of what left. */
static bool counts(const struct dwell_case *c, const struct finding *f)
{
	return carries(c, f) || f->confidence >= CONFIDENCE_MEDIUM;
}

/* Whether an earlier finding of the case counted the same bytes: the same ends and port;
 * or the same ends, where one of the two is about all ports. */
static bool counted(const struct dwell_case *c, size_t i)
{
	const struct finding *f = c->findings[i];
	size_t from = i > COUNTED_MAX ? i - COUNTED_MAX : 0;
	for (size_t j = from; j < i; j++) {
		const struct finding *g = c->findings[j];
		bool port = g->peer_port == f->peer_port || g->peer_port == 0 ||
			    f->peer_port == 0;
		if (port && g->direction == f->direction && by_subject(f, g) == 0)
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
		if (carries(c, f) && f->since.ns < c->since.ns) {
			c->since = f->since;
			c->since_kind = f->since_kind;
		}
		if (carries(c, f) && f->last_seen.ns > c->last_seen.ns)
			c->last_seen = f->last_seen;
		if (!counts(c, f) || counted(c, i))
			continue;
		if (carries(c, f))
			c->bytes_out_low = add_bytes(c->bytes_out_low, f->bytes_out);
		c->bytes_out_high =
		    add_bytes(c->bytes_out_high, add_bytes(f->bytes_out, f->missed));
	}
	identify(c);
}

/* What is in work while cases are built; all in the arena. */
struct build {
	const struct finding **list; /* by subject, then telling */
	const struct finding **of;   /* the findings of the cases, one after the other */
	struct strand *strands;
	size_t strand_count, *order;
};

static bool build_begin(
    struct build *b, const struct finding *v, size_t n, struct arena *a)
{
	b->list = arena_alloc(a, n * sizeof(*b->list));
	b->of = arena_alloc(a, n * sizeof(*b->of));
	b->strands = arena_alloc(a, n * sizeof(*b->strands));
	b->order = arena_alloc(a, n * sizeof(*b->order));
	if (b->list == NULL || b->of == NULL || b->strands == NULL || b->order == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		b->list[i] = &v[i];
	qsort(b->list, n, sizeof(*b->list), by_subject_then_telling);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && by_subject(b->list[end], b->list[i]) == 0;)
			end++;
		b->strands[b->strand_count++] =
		    (struct strand){.findings = b->list + i, .n = end - i};
	}
	return true;
}

static int by_root(const void *x, const void *y, void *ctx)
{
	struct strand *v = ctx;
	size_t i = *(const size_t *)x, j = *(const size_t *)y;
	size_t a = strand_root(v, i), b = strand_root(v, j);
	return a != b ? (a > b) - (a < b) : (i > j) - (i < j);
}

static int by_telling(const void *x, const void *y)
{
	return telling(
	    *(const struct finding *const *)x, *(const struct finding *const *)y);
}

/* The case of the strands from that place of the order on; their number. */
static size_t gather(
    struct build *b, size_t from, const struct finding **to, struct dwell_case *c)
{
	size_t root = strand_root(b->strands, b->order[from]), end = from;
	c->findings = to;
	for (; end < b->strand_count && strand_root(b->strands, b->order[end]) == root;
	     end++) {
		const struct strand *s = &b->strands[b->order[end]];
		memcpy(to + c->finding_count, s->findings, s->n * sizeof(*to));
		c->finding_count += s->n;
	}
	qsort(c->findings, c->finding_count, sizeof(*c->findings), by_telling);
	summarise(c);
	return end - from;
}

struct dwell_case *cases_build(const struct finding *v, size_t n,
    const struct case_aliases *aliases, struct arena *a, size_t *case_count)
{
	*case_count = 0;
	size_t bytes;
	if (n == 0 || !size_mul(n, sizeof(struct dwell_case), &bytes))
		return NULL;
	struct build b = {.strand_count = 0};
	struct dwell_case *cases = arena_alloc(a, bytes);
	if (cases == NULL || !build_begin(&b, v, n, a))
		return NULL;
	strands_join(b.strands, b.strand_count, aliases != NULL ? aliases->v : NULL,
	    aliases != NULL ? aliases->n : 0, b.order);
	for (size_t i = 0; i < b.strand_count; i++)
		b.order[i] = i;
	qsort_r(b.order, b.strand_count, sizeof(*b.order), by_root, b.strands);
	size_t count = 0, given = 0;
	for (size_t i = 0; i < b.strand_count; count++) {
		i += gather(&b, i, b.of + given, &cases[count]);
		given += cases[count].finding_count;
	}
	qsort(cases, count, sizeof(*cases), by_rank);
	for (size_t i = 0; i < count; i++)
		cases[i].rank = i + 1;
	*case_count = count;
	return cases;
}

double case_false(const struct dwell_case *c)
{
	double least = 1;
	for (size_t i = 0; c->confidence == CONFIDENCE_HIGH && i < c->finding_count;
	     i++) {
		const struct finding *f = c->findings[i];
		for (size_t k = 0; carries(c, f) && k < f->fact_count; k++) {
			if (f->facts[k].key == FACT_KEY_FALSE_ALARM)
				least = fmin(least, fmax(f->facts[k].value[1], 0));
		}
	}
	return least;
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
	r->expected_false = case_false(c);
	r->findings = (struct str_list){ids, ids != NULL ? c->finding_count : 0};
	r->summary = summary;
}
