/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of STIX patterns, by recursive descent, one function a rule:
 *
 *     pattern     followed END
 *     followed    obs_or (FOLLOWEDBY obs_or)*
 *     obs_or      obs_and (OR obs_and)*
 *     obs_and     obs_unit (AND obs_unit)*
 *     obs_unit    ("[" cmp_or "]" | "(" followed ")") qualifier*
 *     qualifier   WITHIN n SECONDS | REPEATS n TIMES | START t STOP t
 *     cmp_or      cmp_and (OR cmp_and)*
 *     cmp_and     cmp_unit (AND cmp_unit)*
 *     cmp_unit    "(" cmp_or ")" | NOT? EXISTS path | path NOT? op literal
 */
#include "feed/stix.h"

#include <stdlib.h>

#include "feed/tree.h"

#define QUALIFIERS_MAX 8 /* behind one observation */

struct parser {
	struct tree_builder builder;
	struct stix_lexer lexer;
	struct stix_token t; /* the next one */
	int depth;
	const char *why; /* set once it failed */
};

static struct tree *fail(struct parser *p, const char *why)
{
	if (p->why == NULL)
		p->why = why;
	return NULL;
}

static void advance(struct parser *p)
{
	p->t = stix_next(&p->lexer);
}

static bool take(struct parser *p, enum stix_token_kind kind)
{
	if (p->t.kind != kind)
		return false;
	advance(p);
	return true;
}

static bool take_symbol(struct parser *p, const char *symbol)
{
	if (p->t.kind != STIX_SYMBOL || strcmp(p->t.symbol, symbol) != 0)
		return false;
	advance(p);
	return true;
}

static struct tree *node(struct parser *p, enum pattern_op op)
{
	struct tree *t = tree_new(&p->builder, op);
	return t != NULL ? t : fail(p, "a pattern with too many parts");
}

typedef struct tree *rule(struct parser *p);

/* part (word part)* */
static struct tree *list(
    struct parser *p, enum stix_token_kind word, enum pattern_op op, rule *part)
{
	struct tree *one = part(p);
	if (one == NULL || p->t.kind != word)
		return one;
	struct tree *all = node(p, op);
	if (all == NULL)
		return NULL;
	tree_add(all, one);
	while (take(p, word)) {
		one = part(p);
		if (one == NULL)
			return NULL;
		tree_add(all, one);
	}
	return all;
}

/* ---- comparisons ---- */

/* An object path in plain form while it is put together. */
struct path {
	char *p; /* STIX_PATH_MAX bytes in the arena */
	size_t n;
};

static bool put(struct path *path, struct str text)
{
	if (text.n > STIX_PATH_MAX - path->n)
		return false;
	if (text.n > 0)
		memcpy(path->p + path->n, text.p, text.n);
	path->n += text.n;
	return true;
}

static bool is_symbol(const struct parser *p, const char *symbol)
{
	return p->t.kind == STIX_SYMBOL && strcmp(p->t.symbol, symbol) == 0;
}

/* A name in a path: a word, a word in quotes, or a keyword. */
static bool path_name(struct parser *p, struct path *path)
{
	struct str name = p->t.text;
	if (p->t.kind == STIX_STRING)
		name = stix_unescape(&p->builder.r->arena, name);
	else if (p->t.kind != STIX_WORD && p->t.kind < STIX_AND)
		return false;
	advance(p);
	return put(path, name);
}

/* One step of a path after its first name: ".name", ".'na me'" or "[3]", "[*]". */
static bool path_step(struct parser *p, struct path *path)
{
	if (take_symbol(p, "."))
		return put(path, STR(".")) && path_name(p, path);
	if (!take_symbol(p, "["))
		return false;
	struct str index = p->t.text;
	if (p->t.kind != STIX_NUMBER && !is_symbol(p, "*"))
		return false;
	advance(p);
	return put(path, STR("[")) && put(path, index) && put(path, STR("]")) &&
	       take_symbol(p, "]");
}

/* type ":" name step* */
static bool object_path(struct parser *p, struct str *out)
{
	struct path path = {arena_alloc(&p->builder.r->arena, STIX_PATH_MAX), 0};
	if (path.p == NULL || p->t.kind != STIX_WORD || !path_name(p, &path) ||
	    !take_symbol(p, ":") || !put(&path, STR(":")) || !path_name(p, &path))
		return false;
	while (is_symbol(p, ".") || is_symbol(p, "[")) {
		if (!path_step(p, &path))
			return false;
	}
	*out = (struct str){path.p, path.n};
	return true;
}

static bool is_literal(const struct parser *p)
{
	enum stix_token_kind k = p->t.kind;
	return k == STIX_STRING || k == STIX_NUMBER || k == STIX_TIMESTAMP ||
	       k == STIX_BYTES || k == STIX_TRUE || k == STIX_FALSE;
}

/* A leaf for the test with the literal at hand; start is where its text begins. */
static struct tree *leaf(
    struct parser *p, struct stix_test *test, const char *start, bool negated)
{
	struct tree *t = node(p, PATTERN_LEAF);
	if (t == NULL)
		return NULL;
	if (test->op != STIX_EXISTS) {
		test->literal_kind = p->t.kind;
		test->literal = p->t.kind == STIX_STRING
				    ? stix_unescape(&p->builder.r->arena, p->t.text)
				    : p->t.text;
		advance(p);
	}
	size_t n = (size_t)(p->lexer.start - start);
	while (n > 0 && strchr(" \t\r\n", start[n - 1]) != NULL)
		n--;
	test->text = (struct str){start, n};
	t->negated = negated;
	t->path = test->path;
	stix_leaf(p->builder.r, test, &t->leaf, &t->negated);
	return t;
}

/* IN (a, b, ...): any of them is equal; NOT IN: none is. */
static struct tree *set_literal(
    struct parser *p, struct stix_test *test, const char *start, bool negated)
{
	struct tree *all = node(p, negated ? PATTERN_AND : PATTERN_OR);
	test->op = STIX_SYMBOL;
	memcpy(test->symbol, "=", 2);
	if (all == NULL || !take_symbol(p, "("))
		return fail(p, "IN without a list");
	do {
		if (!is_literal(p))
			return fail(p, "a list without a value");
		struct tree *one = leaf(p, test, start, negated);
		if (one == NULL)
			return NULL;
		tree_add(all, one);
	} while (take_symbol(p, ","));
	return take_symbol(p, ")") ? all : fail(p, "a list that is not closed");
}

static bool take_operator(struct parser *p, struct stix_test *test)
{
	test->op = p->t.kind;
	memcpy(test->symbol, p->t.symbol, sizeof(test->symbol));
	bool ok = test->op == STIX_LIKE || test->op == STIX_MATCHES ||
		  test->op == STIX_IN || test->op == STIX_ISSUBSET ||
		  test->op == STIX_ISSUPERSET ||
		  (test->op == STIX_SYMBOL && strchr("=!<>", test->symbol[0]) != NULL);
	if (ok)
		advance(p);
	return ok;
}

static struct tree *comparison(struct parser *p)
{
	struct stix_test test = {0};
	const char *start = p->lexer.start;
	bool negated = take(p, STIX_NOT);
	if (take(p, STIX_EXISTS)) {
		test.op = STIX_EXISTS;
		return object_path(p, &test.path) ? leaf(p, &test, start, negated)
						  : fail(p, "no object path");
	}
	if (negated || !object_path(p, &test.path))
		return fail(p, "no object path");
	negated = take(p, STIX_NOT);
	if (!take_operator(p, &test))
		return fail(p, "no operator");
	if (test.op == STIX_IN)
		return set_literal(p, &test, start, negated);
	return is_literal(p) ? leaf(p, &test, start, negated) : fail(p, "no value");
}

static rule cmp_or;

static struct tree *cmp_unit(struct parser *p)
{
	if (!take_symbol(p, "("))
		return comparison(p);
	if (++p->depth > PATTERN_DEPTH_MAX)
		return fail(p, "a pattern nested too deep");
	struct tree *inner = cmp_or(p);
	p->depth--;
	if (inner == NULL)
		return NULL;
	return take_symbol(p, ")") ? inner : fail(p, "a bracket that is not closed");
}

static struct tree *cmp_and(struct parser *p)
{
	return list(p, STIX_AND, PATTERN_AND, cmp_unit);
}

static struct tree *cmp_or(struct parser *p)
{
	return list(p, STIX_OR, PATTERN_OR, cmp_and);
}

/* ---- observations ---- */

/* A number that is not negative, at most max. */
static bool take_number(struct parser *p, double max, double *out)
{
	char text[32];
	if (p->t.kind != STIX_NUMBER || p->t.text.n >= sizeof(text))
		return false;
	memcpy(text, p->t.text.p, p->t.text.n);
	text[p->t.text.n] = '\0';
	char *end;
	*out = strtod(text, &end);
	advance(p);
	return *end == '\0' && *out >= 0 && *out <= max;
}

static bool take_time(struct parser *p, struct moment *when)
{
	bool ok = (p->t.kind == STIX_TIMESTAMP || p->t.kind == STIX_STRING) &&
		  feed_when(p->t.text, when);
	advance(p);
	return ok;
}

static bool qualify(struct parser *p, struct tree *q)
{
	double n;
	if (q->op == PATTERN_WITHIN) {
		if (!take_number(p, 1e9, &n) || !take(p, STIX_SECONDS))
			return false;
		q->span = (uint64_t)(n * (double)NS_PER_S);
		return true;
	}
	if (q->op == PATTERN_REPEATS) {
		if (!take_number(p, UINT32_MAX, &n) || !take(p, STIX_TIMES))
			return false;
		q->repeats = (uint32_t)n;
		return true;
	}
	return take_time(p, &q->start) && take(p, STIX_STOP) && take_time(p, &q->stop);
}

static struct tree *qualifiers(struct parser *p, struct tree *inner)
{
	for (int i = 0; inner != NULL; i++) {
		enum pattern_op op = take(p, STIX_WITHIN)    ? PATTERN_WITHIN
				     : take(p, STIX_REPEATS) ? PATTERN_REPEATS
				     : take(p, STIX_START)   ? PATTERN_BETWEEN
							     : PATTERN_LEAF;
		if (op == PATTERN_LEAF)
			break;
		struct tree *q = i < QUALIFIERS_MAX ? node(p, op) : NULL;
		if (q == NULL || !qualify(p, q))
			return fail(p, "a qualifier that is none");
		tree_add(q, inner);
		inner = q;
	}
	return inner;
}

static rule followed;

static struct tree *obs_unit(struct parser *p)
{
	struct tree *inner = NULL;
	bool simple = take_symbol(p, "[");
	if (!simple && !take_symbol(p, "("))
		return fail(p, "no observation in square brackets");
	if (++p->depth > PATTERN_DEPTH_MAX)
		return fail(p, "a pattern nested too deep");
	if (simple) {
		struct tree *inside = cmp_or(p);
		inner = inside != NULL ? node(p, PATTERN_OBSERVATION) : NULL;
		if (inner != NULL)
			tree_add(inner, inside);
	} else {
		inner = followed(p);
	}
	p->depth--;
	if (inner == NULL)
		return NULL;
	if (!take_symbol(p, simple ? "]" : ")"))
		return fail(p, "a bracket that is not closed");
	return qualifiers(p, inner);
}

static struct tree *obs_and(struct parser *p)
{
	return list(p, STIX_AND, PATTERN_ALL, obs_unit);
}

static struct tree *obs_or(struct parser *p)
{
	return list(p, STIX_OR, PATTERN_ANY, obs_and);
}

static struct tree *followed(struct parser *p)
{
	return list(p, STIX_FOLLOWEDBY, PATTERN_FOLLOWED, obs_or);
}

bool stix_pattern(struct feed_reader *r, struct str text, const struct indicator *like,
    const char **why)
{
	struct parser p = {.builder = {.r = r}, .lexer = {.rest = text}};
	*why = "a pattern longer than the limit";
	if (text.n > PATTERN_TEXT_MAX)
		return false;
	advance(&p);
	struct tree *root = followed(&p);
	if (root != NULL && p.t.kind != STIX_END)
		root = fail(&p, "more after the end of the pattern");
	if (root == NULL) {
		*why = p.why != NULL ? p.why : "no pattern";
		return false;
	}
	*why = "over a limit";
	return tree_put(r, root, text, like);
}
