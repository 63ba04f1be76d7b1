/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which parsers are worth a probe: with dozens of protocols, probing all of them on each
 * flow would cost more than reading the few that are there. Before the first flow one
 * set of parsers is made for each transport and first byte, and one for each port that
 * any of them calls its own:
 *
 *     candidates = by_byte[transport][first byte] ∪ by_port[either port]
 *
 * So a flow costs one or two look-ups and the probes of the handful that remains.
 */
#ifndef DWELL_PROTO_CANDIDATES_H
#define DWELL_PROTO_CANDIDATES_H

#include <stdbool.h>
#include <stdint.h>

#define PARSERS_MAX      128
#define PARSER_PORTS_MAX 1024 /* ports that all parsers name, together */

struct flow;
struct proto_parser;

/* Parsers by their place in the table. */
struct parser_set {
	uint64_t word[PARSERS_MAX / 64];
};

static inline void parser_set_add(struct parser_set *s, unsigned i)
{
	s->word[i / 64] |= UINT64_C(1) << i % 64;
}

static inline bool parser_set_has(const struct parser_set *s, unsigned i)
{
	return (s->word[i / 64] >> i % 64 & 1) != 0;
}

static inline bool parser_set_empty(const struct parser_set *s)
{
	return (s->word[0] | s->word[1]) == 0;
}

/* Take the first one out: its place, or -1 when none is left. */
static inline int parser_set_next(struct parser_set *s)
{
	for (int i = 0; i < PARSERS_MAX / 64; i++) {
		if (s->word[i] == 0)
			continue;
		int bit = __builtin_ctzll(s->word[i]);
		s->word[i] &= s->word[i] - 1;
		return i * 64 + bit;
	}
	return -1;
}

/* The parsers that name a port. */
struct port_parsers {
	uint16_t port;
	struct parser_set parsers;
};

struct candidates {
	struct parser_set transport[2]; /* 0 TCP, 1 UDP: those that read it at all */
	struct parser_set by_byte[2][256];
	uint8_t known[65536 / 8];                      /* bit: by_port has this port */
	struct port_parsers by_port[PARSER_PORTS_MAX]; /* sorted */
	unsigned ports;
};

/* Fill in the sets of parsers, a list that ends with NULL. */
void candidates_init(struct candidates *c, const struct proto_parser *const *parsers);

/* The parsers that may read what a side of f begins with. */
struct parser_set candidates_of(
    const struct candidates *c, const struct flow *f, uint8_t first);

/* The parsers that call the port their own, whatever their transport. */
struct parser_set candidates_of_port(const struct candidates *c, uint16_t port);

#endif
