/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/join.h"

#include <math.h>
#include <stdlib.h>

#define SHARE     0.1             /* B10 (a): sizes within 10 % … */
#define SLACK     1024            /* … and 1 kB */
#define OVERLAP   0.8             /* of the shorter one */
#define BEFORE_US INT64_C(100000) /* a leg out that seems to begin first: clocks */
#define WITHIN_US INT64_C(3000000)
#define LEAST_SPAN                                                                       \
	((JOIN_SHIFTS + 1) * INT64_C(10000000)) /* µs: no shift is below 10 s */
#define LOOK 256 /* legs out within the three seconds that are looked at */

/* The legs of one side, as they are or moved in time. */
struct side {
	const struct leg **leg; /* owned, in order of at */
	int64_t *at;            /* µs; owned */
	bool *used;             /* owned */
	size_t n;
};

static bool side_init(struct side *s, const struct leg *v, size_t n, bool in)
{
	*s = (struct side){.leg = malloc(n * sizeof(const struct leg *)),
	    .at = malloc(n * sizeof(*s->at)),
	    .used = calloc(n, sizeof(*s->used))};
	if (s->leg == NULL || s->at == NULL || s->used == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (v[i].in != in)
			continue;
		s->leg[s->n] = &v[i];
		s->at[s->n++] = v[i].ts;
	}
	return true;
}

static void side_fini(struct side *s)
{
	free(s->leg);
	free(s->at);
	free(s->used);
}

/* The same legs, moved round within the span from first on: still in order of time, from
 * another one on. */
static void side_shift(
    struct side *to, const struct side *from, int64_t first, int64_t span, int64_t shift)
{
	size_t k = 0;
	while (k < from->n && from->at[k] - first + shift < span)
		k++;
	to->n = from->n;
	for (size_t i = 0; i < from->n; i++) {
		size_t j = (k + i) % from->n;
		to->leg[i] = from->leg[j];
		to->at[i] = from->at[j] + shift - (j >= k ? span : 0);
		to->used[i] = false;
	}
}

/* No closer than a byte can tell. */
static double difference(uint64_t a, uint64_t b)
{
	double x = (double)a, y = (double)b;
	return fmax(1, fabs(x - y)) / fmax(1, fmax(x, y));
}

static bool near(uint64_t a, uint64_t b)
{
	double x = (double)a, y = (double)b, share = SHARE * fmax(x, y);
	return fabs(x - y) <= share + fmin(SLACK, share);
}

/* Whether the two, at these moments, may be one and the same. */
static bool fit(
    const struct leg *in, int64_t in_at, const struct leg *out, int64_t out_at)
{
	if (!near(in->forth, out->forth) || !near(in->back, out->back) ||
	    addr_equal(&in->peer, &out->peer))
		return false;
	double from = fmax((double)in_at, (double)out_at);
	double to =
	    fmin((double)in_at + in->seconds * 1e6, (double)out_at + out->seconds * 1e6);
	double shorter = fmin(in->seconds, out->seconds) * 1e6;
	return to - from >= OVERLAP * shorter && to >= from - (double)BEFORE_US;
}

static struct joined *pair_of(struct join *j, const struct leg *in, const struct leg *out)
{
	for (size_t i = 0; i < j->n; i++) {
		if (addr_equal(&j->v[i].from, &in->peer) &&
		    addr_equal(&j->v[i].to, &out->peer))
			return &j->v[i];
	}
	return NULL;
}

static void count_fit(struct join *j, const struct leg *in, const struct leg *out)
{
	struct joined *p = pair_of(j, in, out);
	uint64_t most_in = in->forth > in->back ? in->forth : in->back;
	bool forth = most_in == in->forth;
	double d =
	    forth ? difference(in->forth, out->forth) : difference(in->back, out->back);
	if (p == NULL) {
		if (j->n == JOIN_PAIRS) {
			j->dropped++;
			return;
		}
		p = &j->v[j->n++];
		*p = (struct joined){.from = in->peer,
		    .to = out->peer,
		    .in_port = in->port,
		    .out_port = out->port,
		    .closest = 1,
		    .first = in->ts,
		    .last = in->ts,
		    .udp = out->udp};
	}
	int64_t last = out->ts + (int64_t)fmin(out->seconds * 1e6, 1e15);
	p->n++;
	p->closest = fmin(p->closest, d);
	p->delay += fmax(0, (double)(out->ts - in->ts) / 1e6);
	p->forth += out->forth;
	p->back += out->back;
	p->last = last > p->last ? last : p->last;
}

/* Each leg in takes the first leg out that fits and is free. */
static void match(struct join *j, const struct side *in, struct side *out, bool chance)
{
	size_t from = 0;
	for (size_t i = 0; i < in->n; i++) {
		while (from < out->n && out->at[from] < in->at[i] - BEFORE_US)
			from++;
		for (size_t k = from;
		     k < out->n && k < from + LOOK && out->at[k] <= in->at[i] + WITHIN_US;
		     k++) {
			if (out->used[k] ||
			    !fit(in->leg[i], in->at[i], out->leg[k], out->at[k]))
				continue;
			out->used[k] = true;
			struct joined *p =
			    chance ? pair_of(j, in->leg[i], out->leg[k]) : NULL;
			if (p != NULL)
				p->by_chance += 1;
			if (!chance)
				count_fit(j, in->leg[i], out->leg[k]);
			break;
		}
	}
}

bool join_legs(struct join *j, const struct leg *v, size_t n)
{
	struct side in, out, moved;
	int64_t span = v[n - 1].ts - v[0].ts + 1;
	j->n = 0;
	j->dropped = 0;
	span = span > LEAST_SPAN ? span : LEAST_SPAN;
	bool fits = side_init(&in, v, n, true);
	fits = side_init(&out, v, n, false) && fits;
	fits = side_init(&moved, v, n, false) && fits;
	if (fits)
		match(j, &in, &out, false);
	for (int64_t k = 1; fits && j->n > 0 && k <= JOIN_SHIFTS; k++) {
		side_shift(&moved, &out, v[0].ts, span, span / (JOIN_SHIFTS + 1) * k);
		match(j, &in, &moved, true);
	}
	for (size_t i = 0; i < j->n; i++) {
		j->v[i].by_chance = (j->v[i].by_chance + 1) / (JOIN_SHIFTS + 1);
		j->v[i].delay /= (double)j->v[i].n;
	}
	side_fini(&in);
	side_fini(&out);
	side_fini(&moved);
	return fits;
}
