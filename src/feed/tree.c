/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/tree.h"

#include <string.h>

struct tree *tree_new(struct tree_builder *b, enum pattern_op op)
{
	if (b->count >= TREE_NODES_MAX)
		return NULL;
	b->count++;
	struct tree *t = arena_alloc(&b->r->arena, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->op = op;
	t->at = b->r->at;
	return t;
}

void tree_add(struct tree *parent, struct tree *child)
{
	if (parent->first == NULL)
		parent->first = child;
	else
		parent->last->next = child;
	parent->last = child;
}

struct tree *tree_collapse(struct tree *node)
{
	return node->first != NULL && node->first->next == NULL ? node->first : node;
}

bool leaf_value(struct feed_reader *r, enum indicator_kind kind, struct str text,
    struct indicator *out)
{
	const char *why;
	if (indicator_normalise(kind, text, &r->arena, out, &why))
		return true;
	/* what an end of a connection refers to may be a name */
	return kind == INDICATOR_ADDRESS &&
	       indicator_normalise(INDICATOR_NAME, text, &r->arena, out, &why);
}

static struct indicator blank(enum indicator_kind kind, enum indicator_match match)
{
	return (struct indicator){.kind = kind,
	    .match = match,
	    .valid_from = INDICATOR_VALID_NONE,
	    .valid_until = INDICATOR_VALID_NONE};
}

bool leaf_text(struct feed_reader *r, enum indicator_kind kind,
    enum indicator_match match, struct str text, struct indicator *out)
{
	bool exact = kind == INDICATOR_USER_AGENT || kind == INDICATOR_URI ||
		     kind == INDICATOR_URL || match == MATCH_REGEX;
	*out = blank(kind, match);
	out->value = exact ? str_clean(&r->arena, text.p, text.n)
			   : str_clean_lower(&r->arena, text.p, text.n);
	return out->value.n > 0 && out->value.n <= INDICATOR_VALUE_MAX &&
	       kind != INDICATOR_PORT;
}

void leaf_other(struct feed_reader *r, struct str text, struct indicator *out)
{
	*out = blank(INDICATOR_OTHER, MATCH_EQUAL);
	out->value = str_clean(&r->arena, text.p, text.n);
}

static void set_context(struct indicator *in, const struct indicator *like)
{
	in->id = like->id;
	in->note = like->note;
	in->valid_from = like->valid_from;
	in->valid_until = like->valid_until;
}

static bool is_place(enum indicator_kind kind)
{
	return kind == INDICATOR_ADDRESS || kind == INDICATOR_NAME ||
	       kind == INDICATOR_NETWORK;
}

/* "…_ref.type" beside "…_ref.value" says nothing that the value does not say. */
static bool is_implied(const struct tree *node, const struct tree *parent)
{
	const size_t n = sizeof(".type") - 1;
	if (node->op != PATTERN_LEAF || node->negated || node->path.n <= n ||
	    memcmp(node->path.p + node->path.n - n, ".type", n) != 0)
		return false;
	for (const struct tree *c = parent->first; c != NULL; c = c->next) {
		if (c->op == PATTERN_LEAF && c->path.n == node->path.n + 1 &&
		    memcmp(c->path.p, node->path.p, node->path.n - n) == 0 &&
		    memcmp(c->path.p + node->path.n - n, ".value", n + 1) == 0)
			return true;
	}
	return false;
}

/* Take implied tests out of a conjunction. */
static void simplify(struct tree *node)
{
	struct tree *first = NULL, *last = NULL;
	for (struct tree *c = node->first, *next; c != NULL; c = next) {
		next = c->next;
		if (is_implied(c, node))
			continue;
		if (first == NULL)
			first = c;
		else
			last->next = c;
		last = c;
	}
	if (last != NULL)
		last->next = NULL;
	node->first = first;
	node->last = last;
}

/* A place and its port in one conjunction are one test; NULL when it is not that. */
static struct tree *fold_port(struct tree *node)
{
	struct tree *a = node->first, *b = a != NULL ? a->next : NULL;
	if (b == NULL || b->next != NULL || a->op != PATTERN_LEAF ||
	    b->op != PATTERN_LEAF)
		return NULL;
	struct tree *place = a->leaf.kind == INDICATOR_PORT ? b : a;
	struct tree *port = place == a ? b : a;
	if (!is_place(place->leaf.kind) || place->leaf.match != MATCH_EQUAL ||
	    port->leaf.kind != INDICATOR_PORT || port->leaf.match != MATCH_EQUAL ||
	    place->negated || port->negated || place->leaf.role != ROLE_DST ||
	    port->leaf.role != ROLE_DST)
		return NULL;
	place->leaf.port = port->leaf.port;
	return place;
}

/* The same tree with simpler conjunctions and without empty groups; NULL when nothing is
 * left. Its depth is bounded by who built it. */
static struct tree *simpler(struct tree *node)
{
	if (node->op == PATTERN_LEAF)
		return node;
	if (node->op == PATTERN_AND)
		simplify(node);
	struct tree *list = node->first;
	node->first = node->last = NULL;
	for (struct tree *next; list != NULL; list = next) {
		next = list->next;
		list->next = NULL;
		struct tree *child = simpler(list);
		if (child != NULL)
			tree_add(node, child);
	}
	if (node->first == NULL)
		return NULL;
	if (node->op != PATTERN_AND && node->op != PATTERN_OR &&
	    node->op != PATTERN_ALL && node->op != PATTERN_ANY)
		return node;
	struct tree *folded = node->op == PATTERN_AND ? fold_port(node) : NULL;
	if (folded != NULL)
		folded->next = NULL;
	return folded != NULL ? folded : tree_collapse(node);
}

/* Whether the tree is only a choice between tests that can stand alone. */
static bool is_choice(const struct tree *node)
{
	if (node->op == PATTERN_LEAF)
		return !node->negated && node->leaf.kind != INDICATOR_PORT &&
		       node->leaf.kind != INDICATOR_PROTO;
	if (node->op != PATTERN_OR && node->op != PATTERN_ANY &&
	    node->op != PATTERN_OBSERVATION)
		return false;
	for (const struct tree *c = node->first; c != NULL; c = c->next) {
		if (!is_choice(c))
			return false;
	}
	return true;
}

static bool put_choice(
    struct feed_reader *r, struct tree *node, const struct indicator *like)
{
	bool ok = true;
	r->at = node->at;
	if (node->op == PATTERN_LEAF && node->leaf.kind == INDICATOR_OTHER) {
		feed_skip(r, FEED_UNSUPPORTED, node->leaf.value, NULL);
		return true;
	}
	if (node->op == PATTERN_LEAF) {
		set_context(&node->leaf, like);
		return feed_put(r, &node->leaf, NULL);
	}
	for (struct tree *c = node->first; c != NULL && ok; c = c->next)
		ok = put_choice(r, c, like);
	return ok;
}

struct flat {
	struct feed_reader *r;
	struct pattern_node *nodes;
	uint32_t count, room;
	uint32_t unsupported;
};

/* Write the tree as an array, parents before children; its place, or PATTERN_NONE. */
static uint32_t flatten(struct flat *f, struct tree *t)
{
	if (f->count == f->room)
		return PATTERN_NONE;
	uint32_t place = f->count++;
	f->nodes[place] = (struct pattern_node){t->op, t->negated, 0, PATTERN_NONE,
	    PATTERN_NONE, t->span, t->repeats, t->start, t->stop};
	if (t->op == PATTERN_LEAF) {
		f->r->at = t->at;
		t->leaf.leaf = true;
		f->unsupported += t->leaf.kind == INDICATOR_OTHER;
		return feed_put(f->r, &t->leaf, &f->nodes[place].leaf) ? place
								       : PATTERN_NONE;
	}
	uint32_t *link = &f->nodes[place].first;
	for (struct tree *c = t->first; c != NULL; c = c->next) {
		uint32_t child = flatten(f, c);
		if (child == PATTERN_NONE)
			return PATTERN_NONE;
		*link = child;
		link = &f->nodes[child].next;
	}
	return place;
}

static uint32_t nodes_of(const struct tree *t)
{
	uint32_t n = 1;
	for (const struct tree *c = t->first; c != NULL; c = c->next)
		n += nodes_of(c);
	return n;
}

static bool put_pattern(struct feed_reader *r, struct tree *root, struct str text,
    const struct indicator *like)
{
	struct flat f = {.r = r, .room = nodes_of(root)};
	f.nodes = arena_alloc(&r->arena, f.room * sizeof(*f.nodes));
	if (f.room > PATTERN_NODES_MAX || f.nodes == NULL) {
		feed_skip(r, FEED_OVER_LIMIT, like->id, "a pattern with too many parts");
		return true;
	}
	if (flatten(&f, root) == PATTERN_NONE)
		return false;
	struct pattern p = {
	    .id = like->id,
	    .note = like->note,
	    .text = text,
	    .valid_from = like->valid_from,
	    .valid_until = like->valid_until,
	    .at = root->at,
	    .count = f.count,
	    .nodes = f.nodes,
	    .unsupported = f.unsupported,
	};
	if (!set_pattern_add(r->set, &p)) {
		feed_skip(r, FEED_OVER_LIMIT, text, NULL);
		return false;
	}
	r->report.patterns++;
	return true;
}

/* The alternatives of the uppermost choices, each for itself. */
static bool put_each(struct feed_reader *r, struct tree *node, struct str text,
    const struct indicator *like)
{
	bool ok = true;
	if (is_choice(node))
		return put_choice(r, node, like);
	if (node->op != PATTERN_ANY)
		return put_pattern(r, node, text, like);
	for (struct tree *c = node->first; c != NULL && ok; c = c->next)
		ok = put_each(r, c, text, like);
	return ok;
}

bool tree_put(struct feed_reader *r, struct tree *root, struct str text,
    const struct indicator *like)
{
	uint32_t at = r->at;
	root = simpler(root);
	bool ok = root == NULL || put_each(r, root, text, like);
	r->at = at;
	return ok;
}
