/* SPDX-License-Identifier: Apache-2.0 */
/* The parsers by place, name and port; and the words that say which were met. */
#include "proto/dispatch/parsers.h"

#include <string.h>

#include "proto/dispatch/analysis.h"
#include "proto/proto.h"

#define P(name) extern const struct proto_parser name##_parser;
PROTO_TABLE(P)
#undef P

const struct proto_parser *const parsers[] = {
#define P(name) &name##_parser,
    PROTO_TABLE(P)
#undef P
	NULL,
};

_Static_assert(PARSERS <= PARSERS_MAX, "a parser_set has no more bits");

int parser_index(const char *name)
{
	for (int i = 0; parsers[i] != NULL; i++) {
		if (strcmp(parsers[i]->name, name) == 0)
			return i;
	}
	return -1;
}

size_t proto_count(void)
{
	return PARSERS;
}

const char *proto_name(size_t i)
{
	return parsers[i] != NULL ? parsers[i]->name : NULL;
}

static struct str joined(struct arena *arena, struct str all, const char *word)
{
	if (all.p == NULL)
		return str_of(word);
	return str_format(arena, "%.*s,%s", STR_ARG(all), word);
}

struct str services_text(struct arena *arena, const struct analysis *a)
{
	struct str all = {0};
	if (a == NULL)
		return all;
	struct parser_set services = a->services;
	int i;
	while ((i = parser_set_next(&services)) >= 0)
		all = joined(arena, all, parsers[i]->name);
	for (i = 0; i < SERVICE_WORDS_MAX && a->word[i] != NULL; i++)
		all = joined(arena, all, a->word[i]);
	return all.p != NULL || a->guess == NULL ? all : str_of(a->guess);
}

const char *port_owner(
    const struct proto *p, const struct flow *f, const struct analysis *a)
{
	if (a == NULL || parser_set_empty(&a->services))
		return NULL;
	struct parser_set owners = candidates_of_port(&p->candidates, f->port[1]);
	const char *owner = NULL;
	int i;
	while ((i = parser_set_next(&owners)) >= 0) {
		if (parser_set_has(&a->services, (unsigned)i))
			return NULL;
		if (owner == NULL)
			owner = parsers[i]->name;
	}
	return owner;
}
