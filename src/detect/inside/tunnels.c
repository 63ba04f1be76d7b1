/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/tunnels.h"

#include <math.h>
#include <stdlib.h>

#define SHIFTS        50 /* as of join.h */
#define LEAST_CARRIED 2  /* one alone is a leg that fits another (join.h), or chance */
#define LEAST_BYTES   LEGS_CARRIER /* below, what encryption adds is most of it */
#define ADDED_SHARE   0.05         /* heads, padding and checks of records … */
#define ADDED_FIRST   6144 /* … the handshake, which is 2 to 5 kB of SSH or TLS … */
#define ADDED_EACH    256  /* … and opening a channel */
#define SLACK_US      INT64_C(100000)
#define LOOK          512 /* connections inside within a carrier's life; more: no tunnel */
#define MACHINES_MAX  8
#define SPREAD        13.8 /* e-folds from 1 kB to 1 GB, over which sizes are spread */
#define LEAST_SPAN    ((SHIFTS + 1) * INT64_C(10000000)) /* µs: no shift below 10 s */

/* What was opened inside, as it was or moved in time. */
struct inner {
	const struct leg **leg; /* owned, in order of at */
	int64_t *at;            /* µs; owned */
	size_t n;
};

/* The sums over what lies within a carrier's life. */
struct sums {
	uint64_t n, brought, taken;
	struct addr machine[MACHINES_MAX];
	size_t machines;
	const struct leg *first;
};

static void count_machine(struct sums *s, const struct addr *a)
{
	for (size_t i = 0; i < s->machines; i++) {
		if (addr_equal(&s->machine[i], a))
			return;
	}
	if (s->machines < MACHINES_MAX)
		s->machine[s->machines++] = *a;
}

static size_t lower_bound(const struct inner *in, int64_t from)
{
	size_t low = 0, high = in->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (in->at[middle] < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* False where there are too many to be what one connection carries. */
static bool sum_up(const struct inner *in, const struct leg *c, struct sums *s)
{
	double end = (double)c->ts + c->seconds * 1e6 + (double)SLACK_US;
	size_t from = lower_bound(in, c->ts);
	*s = (struct sums){.n = 0};
	for (size_t i = from; i < in->n && (double)in->at[i] <= end; i++) {
		const struct leg *v = in->leg[i];
		if (i - from == LOOK)
			return false;
		if (addr_equal(&v->peer, &c->peer) ||
		    (double)in->at[i] + v->seconds * 1e6 > end)
			continue;
		s->first = s->n++ == 0 ? v : s->first;
		s->brought += v->back;
		s->taken += v->forth;
		count_machine(s, &v->peer);
	}
	return true;
}

/* The most that n connections with so many bytes become inside a tunnel. */
static double most(uint64_t bytes, uint64_t n)
{
	return (1 + ADDED_SHARE) * (double)bytes + ADDED_FIRST + ADDED_EACH * (double)n;
}

static bool fits(const struct leg *c, const struct sums *s)
{
	uint64_t left = c->in ? c->back : c->forth, came = c->in ? c->forth : c->back;
	return s->n >= LEAST_CARRIED &&
	       (s->brought >= LEAST_BYTES || s->taken >= LEAST_BYTES) &&
	       left >= s->brought && (double)left <= most(s->brought, s->n) &&
	       came >= s->taken && (double)came <= most(s->taken, s->n);
}

/* How rarely two amounts that have nothing to do with each other agree as the greater of
 * the two ways does. */
static double decades_of(const struct sums *s)
{
	uint64_t bytes = s->brought > s->taken ? s->brought : s->taken;
	return -log10(fmin(1, log(most(bytes, s->n) / (double)bytes) / SPREAD));
}

static struct tunnel *tunnel_of(struct tunnels *t, const struct leg *c)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].in == c->in && t->v[i].port == c->port &&
		    addr_equal(&t->v[i].far, &c->peer))
			return &t->v[i];
	}
	return NULL;
}

static void count(struct tunnels *t, const struct leg *c, const struct sums *s)
{
	struct tunnel *p = tunnel_of(t, c);
	if (p == NULL) {
		if (t->n == TUNNELS_MAX) {
			t->dropped++;
			return;
		}
		p = &t->v[t->n++];
		*p = (struct tunnel){.far = c->peer,
		    .port = c->port,
		    .in = c->in,
		    .inside = s->first->peer,
		    .machines = s->machines,
		    .first = c->ts};
	}
	int64_t last = c->ts + (int64_t)fmin(c->seconds * 1e6, 1e15);
	p->n++;
	p->decades = fmax(p->decades, decades_of(s));
	p->carried += s->n;
	p->brought += s->brought;
	p->left += c->in ? c->back : c->forth;
	p->received += c->in ? c->forth : c->back;
	p->last = last > p->last ? last : p->last;
}

static bool inner_init(struct inner *in, size_t n)
{
	*in = (struct inner){.leg = malloc((n + 1) * sizeof(const struct leg *)),
	    .at = malloc((n + 1) * sizeof(*in->at))};
	return in->leg != NULL && in->at != NULL;
}

static void inner_fini(struct inner *in)
{
	free(in->leg);
	free(in->at);
}

/* The same, moved round within the span from first on: in order of time, from another
 * one on. */
static void inner_shift(struct inner *to, const struct inner *from, int64_t first,
    int64_t span, int64_t shift)
{
	size_t k = 0;
	while (k < from->n && from->at[k] - first + shift < span)
		k++;
	to->n = from->n;
	for (size_t i = 0; i < from->n; i++) {
		size_t j = (k + i) % from->n;
		to->leg[i] = from->leg[j];
		to->at[i] = from->at[j] + shift - (j >= k ? span : 0);
	}
}

/* What fits only when it is moved, of far ends with something that fits as it is. */
static void by_chance(struct tunnels *t, const struct inner *in, struct inner *moved,
    const struct leg *const *carriers, size_t n)
{
	int64_t first = in->at[0] < carriers[0]->ts ? in->at[0] : carriers[0]->ts;
	int64_t last = in->at[in->n - 1] > carriers[n - 1]->ts ? in->at[in->n - 1]
							       : carriers[n - 1]->ts;
	int64_t span = last - first + 1 > LEAST_SPAN ? last - first + 1 : LEAST_SPAN;
	struct sums s;
	for (int64_t k = 1; k <= SHIFTS; k++) {
		inner_shift(moved, in, first, span, span / (SHIFTS + 1) * k);
		for (size_t i = 0; i < n; i++) {
			struct tunnel *p = tunnel_of(t, carriers[i]);
			if (p != NULL && sum_up(moved, carriers[i], &s) &&
			    fits(carriers[i], &s))
				p->by_chance += 1;
		}
	}
	for (size_t i = 0; i < t->n; i++)
		t->v[i].by_chance = (t->v[i].by_chance + 1) / (SHIFTS + 1);
}

/* What may carry others and has some in its life; those that fit are counted. */
static size_t gather(struct tunnels *t, const struct inner *in, const struct leg *v,
    size_t n, const struct leg **carriers)
{
	size_t found = 0;
	struct sums s;
	for (size_t i = 0; i < n; i++) {
		if (!legs_carrier(&v[i]) || !sum_up(in, &v[i], &s) || s.n < LEAST_CARRIED)
			continue;
		if (found == TUNNELS_CARRIERS_MAX) {
			t->dropped++;
			continue;
		}
		carriers[found++] = &v[i];
		if (fits(&v[i], &s))
			count(t, &v[i], &s);
	}
	return found;
}

bool tunnels_find(
    struct tunnels *t, const struct detect_options *o, const struct leg *v, size_t n)
{
	const struct leg *carriers[TUNNELS_CARRIERS_MAX];
	struct inner in, moved = {.n = 0};
	t->n = 0;
	t->tests = t->dropped = 0;
	bool good = inner_init(&in, n);
	for (size_t i = 0; good && i < n; i++) {
		if (v[i].in || !series_home(o, &v[i].peer))
			continue;
		in.leg[in.n] = &v[i];
		in.at[in.n++] = v[i].ts;
	}
	if (good && in.n >= LEAST_CARRIED)
		t->tests = gather(t, &in, v, n, carriers);
	if (good && t->n > 0) {
		good = inner_init(&moved, n);
		if (good)
			by_chance(t, &in, &moved, carriers, t->tests);
	}
	inner_fini(&in);
	inner_fini(&moved);
	return good;
}
