/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How odd a server is among the servers of its site. Marks that hang together (who
 * vouches for a certificate, whom it names, how long it holds) are one family with
 * levels; the families are counted as independent of each other.
 *
 *     q(f, l)  share of the other servers whose family f is at level l or above, with
 *              ODDS_PRIOR servers of an ordinary site added to those that were seen
 *     w        product of q over the families: how unusual a combination of levels is
 *     p        chance that a server has a combination with a w as small: the sum over all
 *              combinations, of which there are a few hundred, so that it is exact
 *
 * p times the number of servers is how many as odd are expected by chance: on a large
 * site more is needed, and what is usual there counts little.
 */
#ifndef DWELL_DETECT_TLS_ODDS_H
#define DWELL_DETECT_TLS_ODDS_H

#include <stddef.h>
#include <stdint.h>

enum odds_family {
	ODDS_CERT, /* the certificate by itself */
	ODDS_NAME, /* the name asked for: 1 none, 2 not in the certificate, 3 elsewhere */
	ODDS_PORT, /* 1 a port on which nothing else speaks TLS, 2 another protocol's */
	ODDS_CLIENT, /* 1 a fingerprint new to the host, rare, 2 on a server */
	ODDS_CHANGE, /* 1 another issuer than ever, 2 that nobody else shows */
	ODDS_FAMILIES,
};

#define ODDS_LEVELS 4  /* of a family at most, 0 included */
#define ODDS_PRIOR  20 /* servers that an ordinary site lends to the shares */
#define ODDS_CELLS  ((size_t)4 * 4 * 3 * 3 * 3)

struct odds {
	uint64_t servers;
	uint64_t at_least[ODDS_FAMILIES][ODDS_LEVELS];
	double p[ODDS_CELLS]; /* by combination; 0: not asked for yet */
};

/* Levels that a family has, 0 included. */
unsigned odds_levels(enum odds_family f);

/* Count a server with these levels; those without any need not be told, but servers
 * counts them all. */
void odds_count(struct odds *o, const uint8_t level[static ODDS_FAMILIES]);

/* The p of one of the servers that were counted, of which there are no more to come. */
double odds_p(struct odds *o, const uint8_t level[static ODDS_FAMILIES]);

/* How many servers are at this level of the family or above it. */
uint64_t odds_as_odd(const struct odds *o, enum odds_family f, unsigned level);

#endif
