/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns, from the answers to their parts. The roll-ups know which host met what and
 * when, not what was in one connection. So:
 *
 * - addresses, ports and protocols that are joined by AND are asked as one, of the same
 *   row of pairs, and are exact;
 * - other parts of one observation must have been met by the same host, which is said
 *   beside the answer (ASK_WHY_SAME_HOST);
 * - order and repetition are told by first, last and counts; nearness in time only where
 *   all that was seen lies near (else ASK_WHY_TIMES);
 * - a part that can not be answered leaves the pattern without an answer unless the
 *   others decide it.
 */
#include <stdlib.h>

#include "ask/ask_plan.h"
#include "base/size.h"
#include "feed/pattern.h"

#define PARTS_MAX 256 /* direct parts of one AND; more are without an answer */

static int no_memory(struct error *e)
{
	return error_set(e, ERR_LIMIT, "the patterns take too much memory");
}

/* ---- what one observation joins ---- */

/* The children of an AND, nested ANDs taken apart. */
struct parts {
	uint32_t v[PARTS_MAX]; /* nodes */
	size_t n;
	bool over;
};

static void add_parts(const struct pattern *p, uint32_t node, struct parts *out)
{
	for (uint32_t c = p->nodes[node].first; c != PATTERN_NONE; c = p->nodes[c].next) {
		if (p->nodes[c].op == PATTERN_AND)
			add_parts(p, c, out); /* nesting: PATTERN_DEPTH_MAX */
		else if (out->n < PARTS_MAX)
			out->v[out->n++] = c;
		else
			out->over = true;
	}
}

enum part { PART_OTHER, PART_ADDRESS, PART_TEST };

static enum part leaf_part(const struct ask *a, const struct pattern_node *node)
{
	struct indicator in;
	if (node->op != PATTERN_LEAF)
		return PART_OTHER;
	indicators_get(a->q->set, node->leaf, &in);
	if (in.kind == INDICATOR_PORT || in.kind == INDICATOR_PROTO)
		return PART_TEST;
	bool address = in.kind == INDICATOR_ADDRESS || in.kind == INDICATOR_NETWORK;
	return address && in.match == MATCH_EQUAL && !node->negated ? PART_ADDRESS
								    : PART_OTHER;
}

/* What a part is: a leaf, or an OR of leaves of one sort. */
static enum part part_of(const struct ask *a, const struct pattern *p, uint32_t node)
{
	const struct pattern_node *n = &p->nodes[node];
	if (n->op != PATTERN_OR)
		return leaf_part(a, n);
	enum part all =
	    n->first != PATTERN_NONE ? leaf_part(a, &p->nodes[n->first]) : PART_OTHER;
	for (uint32_t c = n->first; c != PATTERN_NONE; c = p->nodes[c].next) {
		if (leaf_part(a, &p->nodes[c]) != all)
			return PART_OTHER;
	}
	return all;
}

/* The leaves of a part into v; how many. */
static size_t leaves_of(
    const struct pattern *p, uint32_t node, const struct pattern_node **v, size_t room)
{
	const struct pattern_node *n = &p->nodes[node];
	size_t count = 0;
	if (n->op == PATTERN_LEAF) {
		v[0] = n;
		return 1;
	}
	for (uint32_t c = n->first; c != PATTERN_NONE && count < room;
	     c = p->nodes[c].next)
		v[count++] = &p->nodes[c];
	return count;
}

/* How the parts of an AND are joined: which addresses lead, which are the other end. */
struct joined {
	size_t lead, peer; /* parts; SIZE_MAX: none */
	size_t tests;      /* parts that are tests */
};

static bool speaks_of_src(const struct ask *a, const struct pattern *p, uint32_t node)
{
	const struct pattern_node *leaf[1] = {NULL};
	struct indicator in;
	leaves_of(p, node, leaf, 1);
	if (leaf[0] == NULL)
		return false;
	indicators_get(a->q->set, leaf[0]->leaf, &in);
	return in.role == ROLE_SRC;
}

static struct joined join(
    const struct ask *a, const struct pattern *p, const struct parts *s)
{
	struct joined j = {SIZE_MAX, SIZE_MAX, 0};
	for (size_t i = 0; i < s->n; i++) {
		enum part part = part_of(a, p, s->v[i]);
		j.tests += part == PART_TEST;
		if (part != PART_ADDRESS)
			continue;
		if (j.lead == SIZE_MAX)
			j.lead = i;
		else if (j.peer == SIZE_MAX)
			j.peer = i;
	}
	/* Who answered leads: the ports are its. */
	if (j.peer != SIZE_MAX && speaks_of_src(a, p, s->v[j.lead])) {
		size_t lead = j.lead;
		j.lead = j.peer;
		j.peer = lead;
	}
	return j;
}

/* ---- planning ---- */

static int add_slot(struct ask *a, const struct ask_slot *new, struct error *e)
{
	size_t n = a->slots - a->indicators;
	if (n == a->extra_room) {
		size_t room = n == 0 ? 64 : n * 2;
		struct ask_slot *v = realloc(a->extra, room * sizeof(*v));
		if (v == NULL)
			return no_memory(e);
		a->extra = v;
		a->extra_room = room;
	}
	a->extra[n] = *new;
	a->slots++;
	return 0;
}

static int add_joint(struct ask *a, const struct ask_joint *new, struct error *e)
{
	if (a->joint_count == a->joint_room) {
		size_t room = a->joint_room == 0 ? 64 : a->joint_room * 2;
		struct ask_joint *v = realloc(a->joints, room * sizeof(*v));
		if (v == NULL)
			return no_memory(e);
		a->joints = v;
		a->joint_room = room;
	}
	a->joints[a->joint_count++] = *new;
	return 0;
}

/* The tests of an AND, a group each part. */
static int plan_tests(struct ask *a, const struct pattern *p, const struct parts *s,
    struct ask_slot *slot, struct error *e)
{
	const struct pattern_node *leaves[PARTS_MAX];
	struct ask_test *tests = arena_alloc(&a->plan, p->count * sizeof(*tests));
	if (tests == NULL)
		return no_memory(e);
	for (size_t i = 0; i < s->n; i++) {
		if (part_of(a, p, s->v[i]) != PART_TEST)
			continue;
		size_t n = leaves_of(p, s->v[i], leaves, PARTS_MAX);
		for (size_t k = 0; k < n; k++)
			tests[slot->test_count++] = (struct ask_test){
			    leaves[k]->leaf, (uint32_t)i, leaves[k]->negated};
	}
	slot->tests = tests;
	return 0;
}

static int plan_peers(struct ask *a, const struct pattern *p, uint32_t node,
    struct ask_slot *slot, struct error *e)
{
	const struct pattern_node *leaves[PARTS_MAX];
	size_t n = leaves_of(p, node, leaves, PARTS_MAX);
	uint32_t *peers = arena_alloc(&a->plan, n * sizeof(*peers));
	if (peers == NULL)
		return no_memory(e);
	for (size_t i = 0; i < n; i++)
		peers[i] = leaves[i]->leaf;
	slot->peers = peers;
	slot->peer_count = n;
	return 0;
}

static int plan_and(struct ask *a, uint32_t pattern, uint32_t node, struct error *e)
{
	const struct pattern *p = indicators_pattern(a->q->set, pattern);
	const struct pattern_node *leaves[PARTS_MAX];
	struct parts s = {.n = 0};
	struct ask_slot slot = {0};
	add_parts(p, node, &s);
	struct joined j = join(a, p, &s);
	if (j.lead == SIZE_MAX || (j.peer == SIZE_MAX && j.tests == 0))
		return 0;
	if (plan_tests(a, p, &s, &slot, e) < 0 ||
	    (j.peer != SIZE_MAX && plan_peers(a, p, s.v[j.peer], &slot, e) < 0))
		return -1;
	struct ask_joint joint = {pattern, node, (uint32_t)(a->slots - a->indicators), 0};
	size_t n = leaves_of(p, s.v[j.lead], leaves, PARTS_MAX);
	for (size_t i = 0; i < n; i++, joint.n++) {
		slot.indicator = leaves[i]->leaf;
		if (add_slot(a, &slot, e) < 0)
			return -1;
	}
	return add_joint(a, &joint, e);
}

/* Whether a node is an AND that no other AND holds. */
static bool is_top_and(const struct pattern *p, uint32_t node, const bool *inner)
{
	return p->nodes[node].op == PATTERN_AND && !inner[node];
}

static void mark_inner(const struct pattern *p, bool *inner)
{
	for (uint32_t i = 0; i < p->count; i++) {
		if (p->nodes[i].op != PATTERN_AND)
			continue;
		for (uint32_t c = p->nodes[i].first; c != PATTERN_NONE;
		     c = p->nodes[c].next)
			inner[c] = p->nodes[c].op == PATTERN_AND;
	}
}

int ask_patterns_plan(struct ask *a, struct error *e)
{
	size_t n = indicators_pattern_count(a->q->set);
	for (size_t i = 0; i < n; i++) {
		const struct pattern *p = indicators_pattern(a->q->set, i);
		bool inner[PATTERN_NODES_MAX] = {false};
		mark_inner(p, inner);
		for (uint32_t k = 0; k < p->count; k++) {
			if (is_top_and(p, k, inner) && plan_and(a, (uint32_t)i, k, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- combining ---- */

/* What is known of a node. */
struct value {
	enum ask_state state;
	unsigned whys; /* bits of enum ask_why */
	struct ask_tally t;
	struct ask_host *hosts; /* sorted by address; in the arena */
	size_t n;
};

static int by_address(const void *x, const void *y)
{
	const struct ask_host *a = x, *b = y;
	return addr_cmp(&a->host, &b->host);
}

static int value_of_answer(
    struct ask *a, const struct ask_answer *answer, struct value *out, struct error *e)
{
	*out = (struct value){.state = answer->state, .t = answer->t};
	out->whys = answer->why != ASK_WHY_NONE ? 1U << answer->why : 0;
	if (answer->host_count == 0)
		return 0;
	out->hosts = arena_copy(
	    &a->scratch, answer->hosts, answer->host_count * sizeof(*answer->hosts));
	if (out->hosts == NULL)
		return no_memory(e);
	out->n = answer->host_count;
	qsort(out->hosts, out->n, sizeof(*out->hosts), by_address);
	return 0;
}

static void earlier(struct moment *m, struct moment other)
{
	if (m->ns == MOMENT_NONE.ns || (other.ns != MOMENT_NONE.ns && other.ns < m->ns))
		*m = other;
}

static void later(struct moment *m, struct moment other)
{
	if (other.ns > m->ns)
		*m = other;
}

/* Either was seen: all that was counted counts. */
static void tally_or(struct ask_tally *t, const struct ask_tally *o)
{
	earlier(&t->first, o->first);
	later(&t->last, o->last);
	t->how |= o->how;
	t->days = t->days > o->days ? t->days : o->days;
	t->connections += o->connections;
	t->unanswered += o->unanswered;
	t->shown += o->shown;
	t->bytes_out += o->bytes_out;
	t->bytes_in += o->bytes_in;
	t->missed += o->missed;
	t->coarse |= o->coarse;
}

/* Both were seen: from when the second was there, and no oftener than either. */
static void tally_and(struct ask_tally *t, const struct ask_tally *o)
{
	later(&t->first, o->first);
	later(&t->last, o->last);
	t->how |= o->how;
	t->days = t->days < o->days ? t->days : o->days;
	/* Parts that are shown, not connected, say nothing about connections. */
	if (o->connections > 0 &&
	    (t->connections == 0 || o->connections < t->connections)) {
		t->connections = o->connections;
		t->unanswered = o->unanswered;
		t->bytes_out = o->bytes_out;
		t->bytes_in = o->bytes_in;
		t->missed = o->missed;
	}
	if (o->shown > 0 && (t->shown == 0 || o->shown < t->shown))
		t->shown = o->shown;
	t->coarse |= o->coarse;
}

static enum ask_state state_and(enum ask_state a, enum ask_state b)
{
	if (a == ASK_NO || b == ASK_NO)
		return ASK_NO;
	return a == ASK_UNANSWERED || b == ASK_UNANSWERED ? ASK_UNANSWERED : ASK_YES;
}

static enum ask_state state_or(enum ask_state a, enum ask_state b)
{
	if (a == ASK_YES || b == ASK_YES)
		return ASK_YES;
	return a == ASK_UNANSWERED || b == ASK_UNANSWERED ? ASK_UNANSWERED : ASK_NO;
}

/* The hosts of either. */
static int hosts_or(
    struct ask *a, struct value *v, const struct value *o, struct error *e)
{
	struct ask_host *all = arena_alloc(&a->scratch, (v->n + o->n) * sizeof(*all) + 1);
	if (all == NULL)
		return no_memory(e);
	size_t i = 0, k = 0, n = 0;
	while (i < v->n || k < o->n) {
		int order = i == v->n   ? 1
			    : k == o->n ? -1
					: by_address(&v->hosts[i], &o->hosts[k]);
		all[n] = order <= 0 ? v->hosts[i++] : o->hosts[k++];
		if (order == 0)
			tally_or(&all[n].t, &o->hosts[k++].t);
		n++;
	}
	v->hosts = all;
	v->n = n;
	return 0;
}

/* The hosts of both; the tally becomes theirs. */
static void hosts_and(struct value *v, const struct value *o)
{
	size_t n = 0, k = 0;
	for (size_t i = 0; i < v->n; i++) {
		while (k < o->n && by_address(&o->hosts[k], &v->hosts[i]) < 0)
			k++;
		if (k == o->n || by_address(&o->hosts[k], &v->hosts[i]) != 0)
			continue;
		v->hosts[n] = v->hosts[i];
		tally_and(&v->hosts[n++].t, &o->hosts[k].t);
	}
	v->n = n;
}

static void tally_hosts(struct value *v)
{
	v->t = (struct ask_tally){.first = MOMENT_NONE, .last = MOMENT_NONE};
	for (size_t i = 0; i < v->n; i++)
		tally_or(&v->t, &v->hosts[i].t);
}

static int either(struct ask *a, struct value *v, const struct value *o, struct error *e)
{
	enum ask_state state = state_or(v->state, o->state);
	if (o->state == ASK_YES && v->state == ASK_YES) {
		tally_or(&v->t, &o->t);
		if (hosts_or(a, v, o, e) < 0)
			return -1;
		v->whys |= o->whys;
	} else if (o->state == ASK_YES) {
		unsigned whys = v->whys;
		*v = *o;
		v->whys |= whys;
	} else {
		v->whys |= o->whys;
	}
	v->state = state;
	return 0;
}

/* Two parts of one observation: the same host must have met both. */
static void same_host(struct value *v, const struct value *o)
{
	v->whys |= o->whys;
	v->state = state_and(v->state, o->state);
	if (v->state != ASK_YES)
		return;
	hosts_and(v, o);
	tally_hosts(v);
	v->whys |= 1U << ASK_WHY_SAME_HOST;
	if (v->n == 0)
		v->state = ASK_NO;
}

/* Two observations of any time and host. */
static int both(struct ask *a, struct value *v, const struct value *o, struct error *e)
{
	v->whys |= o->whys;
	v->state = state_and(v->state, o->state);
	if (v->state != ASK_YES)
		return 0;
	tally_and(&v->t, &o->t);
	return hosts_or(a, v, o, e);
}

static const struct ask_joint *joint_of(
    const struct ask *a, uint32_t pattern, uint32_t node)
{
	for (size_t i = 0; i < a->joint_count; i++) {
		if (a->joints[i].pattern == pattern && a->joints[i].node == node)
			return &a->joints[i];
	}
	return NULL;
}

static int value_of_joint(
    struct ask *a, const struct ask_joint *joint, struct value *out, struct error *e)
{
	*out = (struct value){.state = ASK_NO};
	for (uint32_t i = 0; i < joint->n; i++) {
		struct value v;
		size_t slot = a->indicators + joint->first + i;
		if (value_of_answer(a, ask_answer(a, slot), &v, e) < 0 ||
		    either(a, out, &v, e) < 0)
			return -1;
	}
	return 0;
}

/* An AND of one observation; v holds the values of all nodes behind it. */
static int value_of_and(
    struct ask *a, uint32_t pattern, uint32_t node, struct value *v, struct error *e)
{
	const struct pattern *p = indicators_pattern(a->q->set, pattern);
	const struct ask_joint *joint = joint_of(a, pattern, node);
	struct parts s = {.n = 0};
	struct value *out = &v[node];
	add_parts(p, node, &s);
	struct joined j = join(a, p, &s);
	bool begun = joint != NULL;
	*out = (struct value){.state = ASK_UNANSWERED, .whys = 1U << ASK_WHY_PART};
	if (s.over)
		return 0;
	if (joint != NULL && value_of_joint(a, joint, out, e) < 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		bool in_joint = joint != NULL && (i == j.lead || i == j.peer ||
						     part_of(a, p, s.v[i]) == PART_TEST);
		if (in_joint)
			continue;
		if (begun)
			same_host(out, &v[s.v[i]]);
		else
			*out = v[s.v[i]];
		begun = true;
	}
	return 0;
}

/* Whether all parts came in order of time. */
static void in_order(struct value *v, const struct value *o)
{
	if (v->state == ASK_YES && o->state == ASK_YES && o->t.last.ns < v->t.first.ns)
		v->state = ASK_NO;
}

static void within(struct value *v, uint64_t span, bool one)
{
	if (v->state != ASK_YES || one)
		return;
	int64_t all = moment_diff(v->t.first, v->t.last);
	if (all > 0 && (uint64_t)all > span)
		v->whys |= 1U << ASK_WHY_TIMES;
}

static void between(struct value *v, const struct pattern_node *node)
{
	if (v->state != ASK_YES)
		return;
	if ((node->stop.ns != MOMENT_NONE.ns && v->t.first.ns >= node->stop.ns) ||
	    (node->start.ns != MOMENT_NONE.ns && v->t.last.ns < node->start.ns))
		v->state = ASK_NO;
	else if ((node->stop.ns != MOMENT_NONE.ns && v->t.last.ns >= node->stop.ns) ||
		 (node->start.ns != MOMENT_NONE.ns && v->t.first.ns < node->start.ns))
		v->whys |= 1U << ASK_WHY_TIMES;
}

static void none_of(struct value *v)
{
	enum ask_state state = v->state == ASK_YES  ? ASK_NO
			       : v->state == ASK_NO ? ASK_YES
						    : ASK_UNANSWERED;
	*v = (struct value){.state = state,
	    .whys = v->whys,
	    .t = {.first = MOMENT_NONE, .last = MOMENT_NONE}};
}

/* Join the children of a node that has several. */
static int join_children(struct ask *a, const struct pattern *p, uint32_t node,
    struct value *v, struct error *e)
{
	const struct pattern_node *n = &p->nodes[node];
	if (n->first == PATTERN_NONE) {
		v[node] = (struct value){.state = ASK_UNANSWERED};
		return 0;
	}
	v[node] = v[n->first];
	for (uint32_t c = p->nodes[n->first].next; c != PATTERN_NONE;
	     c = p->nodes[c].next) {
		bool any = n->op == PATTERN_OR || n->op == PATTERN_ANY;
		if (n->op == PATTERN_FOLLOWED)
			in_order(&v[node], &v[c]);
		if (any ? either(a, &v[node], &v[c], e) < 0
			: both(a, &v[node], &v[c], e) < 0)
			return -1;
	}
	return 0;
}

/* One leaf alone: with NOT nothing is known, since what else was in the observation is
 * not. */
static int value_of_leaf(
    struct ask *a, const struct pattern_node *node, struct value *out, struct error *e)
{
	if (node->negated) {
		*out =
		    (struct value){.state = ASK_UNANSWERED, .whys = 1U << ASK_WHY_PART};
		return 0;
	}
	return value_of_answer(a, ask_answer(a, node->leaf), out, e);
}

/* Whether what is below has a single leaf, which is always near itself. */
static bool is_single(const struct pattern *p, uint32_t node)
{
	while (p->nodes[node].op != PATTERN_LEAF) {
		uint32_t c = p->nodes[node].first;
		if (p->nodes[node].op == PATTERN_AND || p->nodes[node].op == PATTERN_OR ||
		    p->nodes[node].op == PATTERN_ANY)
			return p->nodes[node].op != PATTERN_ANY;
		if (c == PATTERN_NONE || p->nodes[c].next != PATTERN_NONE ||
		    p->nodes[node].op == PATTERN_REPEATS)
			return false;
		node = c;
	}
	return true;
}

static int value_of(
    struct ask *a, uint32_t pattern, uint32_t node, struct value *v, struct error *e)
{
	const struct pattern *p = indicators_pattern(a->q->set, pattern);
	const struct pattern_node *n = &p->nodes[node];
	if (n->op == PATTERN_LEAF)
		return value_of_leaf(a, n, &v[node], e);
	if (n->op == PATTERN_AND)
		return value_of_and(a, pattern, node, v, e);
	if (join_children(a, p, node, v, e) < 0)
		return -1;
	switch ((int)n->op) {
	case PATTERN_WITHIN:
		within(&v[node], n->span, is_single(p, n->first));
		break;
	case PATTERN_REPEATS:
		if (v[node].state == ASK_YES &&
		    v[node].t.connections + v[node].t.shown < n->repeats)
			v[node].state = ASK_NO;
		break;
	case PATTERN_BETWEEN:
		between(&v[node], n);
		break;
	case PATTERN_NONE_OF:
		none_of(&v[node]);
		break;
	default:
		break;
	}
	return 0;
}

/* The one reason that is told: the gravest. */
static enum ask_why gravest(const struct value *v)
{
	static const enum ask_why order[] = {
	    ASK_WHY_TIMES, ASK_WHY_SAME_HOST, ASK_WHY_PORT};
	if (v->state == ASK_UNANSWERED)
		return ASK_WHY_PART;
	for (size_t i = 0; v->state == ASK_YES && i < sizeof(order) / sizeof(order[0]);
	     i++) {
		if ((v->whys >> order[i] & 1) != 0)
			return order[i];
	}
	return ASK_WHY_NONE;
}

static int by_first(const void *x, const void *y)
{
	const struct ask_host *a = x, *b = y;
	if (a->t.first.ns != b->t.first.ns)
		return a->t.first.ns < b->t.first.ns ? -1 : 1;
	return addr_cmp(&a->host, &b->host);
}

static int combine(struct ask *a, uint32_t pattern, struct error *e)
{
	const struct pattern *p = indicators_pattern(a->q->set, pattern);
	struct ask_answer *answer = &a->pattern_answers[pattern];
	struct value *v = arena_alloc(&a->scratch, p->count * sizeof(*v));
	if (v == NULL)
		return no_memory(e);
	for (uint32_t i = p->count; i-- > 0;) {
		if (value_of(a, pattern, i, v, e) < 0)
			return -1;
	}
	*answer = (struct ask_answer){.state = v[0].state, .why = gravest(&v[0])};
	answer->t = (struct ask_tally){.first = MOMENT_NONE, .last = MOMENT_NONE};
	if (v[0].state != ASK_YES)
		return 0;
	answer->t = v[0].t;
	answer->host_count = v[0].n;
	if (v[0].n == 0)
		return 0;
	struct ask_host *hosts =
	    arena_copy(&a->plan, v[0].hosts, v[0].n * sizeof(*v[0].hosts));
	if (hosts == NULL)
		return no_memory(e);
	qsort(hosts, v[0].n, sizeof(*hosts), by_first);
	answer->hosts = hosts;
	return 0;
}

int ask_patterns_combine(struct ask *a, struct error *e)
{
	size_t n = indicators_pattern_count(a->q->set);
	a->pattern_answers = calloc(n + 1, sizeof(*a->pattern_answers));
	if (a->pattern_answers == NULL)
		return no_memory(e);
	for (size_t i = 0; i < n; i++) {
		if (combine(a, (uint32_t)i, e) < 0)
			return -1;
		arena_reset(&a->scratch);
	}
	return 0;
}

const struct ask_answer *ask_pattern_answer(const struct ask *a, size_t i)
{
	return &a->pattern_answers[i];
}
