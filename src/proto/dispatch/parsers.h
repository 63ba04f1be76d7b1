/* SPDX-License-Identifier: Apache-2.0 */
/* Inside src/proto/dispatch only: the parsers of proto_table.h as an array. */
#ifndef DWELL_PROTO_PARSERS_H
#define DWELL_PROTO_PARSERS_H

#include "proto/parser.h"
#include "proto/proto_table.h"

/* Their number, for the compiler. */
enum {
#define P(name) PARSER_OF_##name,
	PROTO_TABLE(P)
#undef P
	    PARSERS
};

/* In table order; ends with NULL. */
extern const struct proto_parser *const parsers[PARSERS + 1];

/* The place of the parser with that name; -1: there is none. */
int parser_index(const char *name);

#endif
