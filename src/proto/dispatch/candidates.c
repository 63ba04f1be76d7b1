/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dispatch/candidates.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "proto/parser.h"

static void join(struct parser_set *to, const struct parser_set *from)
{
	to->word[0] |= from->word[0];
	to->word[1] |= from->word[1];
}

static void meet(struct parser_set *to, const struct parser_set *with)
{
	to->word[0] &= with->word[0];
	to->word[1] &= with->word[1];
}

static void add_bytes(
    struct parser_set by_byte[256], const struct proto_parser *parser, unsigned i)
{
	static const uint8_t any[] = {0, 255};
	const uint8_t *range = parser->first != NULL ? parser->first : any;
	size_t n = parser->first != NULL ? parser->first_n : sizeof(any);
	for (size_t k = 0; k + 1 < n; k += 2) {
		for (unsigned byte = range[k]; byte <= range[k + 1]; byte++)
			parser_set_add(&by_byte[byte], i);
	}
}

static bool known(const struct candidates *c, uint16_t port)
{
	return (c->known[port / 8] >> port % 8 & 1) != 0;
}

static void add_port(struct candidates *c, uint16_t port, unsigned i)
{
	unsigned at = 0;
	while (at < c->ports && c->by_port[at].port < port)
		at++;
	if (!known(c, port)) {
		assert(c->ports < PARSER_PORTS_MAX);
		memmove(&c->by_port[at + 1], &c->by_port[at],
		    (c->ports - at) * sizeof(c->by_port[0]));
		c->by_port[at] = (struct port_parsers){.port = port};
		c->ports++;
		c->known[port / 8] |= (uint8_t)(1u << port % 8);
	}
	parser_set_add(&c->by_port[at].parsers, i);
}

void candidates_init(struct candidates *c, const struct proto_parser *const *parsers)
{
	static const unsigned transports[2] = {TRANSPORT_TCP, TRANSPORT_UDP};
	for (unsigned i = 0; parsers[i] != NULL; i++) {
		const struct proto_parser *parser = parsers[i];
		for (int t = 0; t < 2; t++) {
			if ((parser->transports & transports[t]) == 0)
				continue;
			parser_set_add(&c->transport[t], i);
			if (!parser->ports_only)
				add_bytes(c->by_byte[t], parser, i);
		}
		for (size_t k = 0; parser->ports != NULL && parser->ports[k] != 0; k++)
			add_port(c, parser->ports[k], i);
	}
}

static int port_order(const void *key, const void *row)
{
	uint16_t a = *(const uint16_t *)key;
	uint16_t b = ((const struct port_parsers *)row)->port;
	return (a > b) - (a < b);
}

struct parser_set candidates_of_port(const struct candidates *c, uint16_t port)
{
	if (!known(c, port))
		return (struct parser_set){0};
	const struct port_parsers *row =
	    bsearch(&port, c->by_port, c->ports, sizeof(c->by_port[0]), port_order);
	assert(row != NULL);
	return row->parsers;
}

struct parser_set candidates_of(
    const struct candidates *c, const struct flow *f, uint8_t first)
{
	int t = f->proto == IP_PROTO_TCP ? 0 : 1;
	struct parser_set set = c->by_byte[t][first];
	for (int i = 0; i < 2; i++) {
		if (!known(c, f->port[i]))
			continue;
		struct parser_set own = candidates_of_port(c, f->port[i]);
		meet(&own, &c->transport[t]);
		join(&set, &own);
	}
	return set;
}
