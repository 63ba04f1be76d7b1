/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What speaks on a connection that no parser knows, told by its first bytes. Each line of
 * service_table.h is a signature: a word for conn.service, the transports, a port (0:
 * any) and a pattern, which is a list of items between blanks:
 *
 *     5a        this byte                  ..        any byte
 *     10-1f     a byte of this range       'text'    these characters
 *     N2 n4     a length of 1, 2 or 4 bytes, big or little endian: that of all that
 *               follows. N2+4, N2-4: of 4 bytes more, or fewer than follow
 *     @12       go to byte 12 from the front, @-1 to the last one
 *     *'text'   find these characters further on, within SERVICE_FIND_MAX bytes
 *     $         nothing follows
 *
 * A signature must fix so many bits that random bytes do not meet it (SERVICE_BITS, with
 * a port SERVICE_PORT_BITS): the test of this module holds all of them to that. Before
 * any flow they are sorted by first byte, so that a flow costs a look-up and the matching
 * of the few that remain; only flows that no parser takes are looked at, once a side.
 */
#ifndef DWELL_PROTO_SERVICE_H
#define DWELL_PROTO_SERVICE_H

#include <stdint.h>

#include "base/bytes.h"

#define SERVICES_MAX      512 /* signatures */
#define SERVICE_FIND_MAX  256 /* bytes in which *'text' looks */
#define SERVICE_BITS      24  /* that a signature for any port fixes */
#define SERVICE_PORT_BITS 10  /* that one for its own port fixes */

struct flow;

struct signature {
	const char *name;
	unsigned transports; /* of enum transport */
	uint16_t port;       /* 0: any */
	const char *pattern;
};

/* A byte that a signature asks for: the one at a fixed place that tells most. */
struct service_check {
	uint16_t port; /* of the signature */
	uint16_t at;
	uint8_t low, high;
};

/* Which signatures may match, by transport (0 TCP, 1 UDP) and first byte; and what to
 * look at of each before its pattern is read. */
struct services {
	uint64_t by_byte[2][256][SERVICES_MAX / 64];
	struct service_check check[SERVICES_MAX];
};

/* Sort the signatures by what they may begin with. */
void services_init(struct services *s);

/* The word for what a side of f begins with, static text; NULL: no signature matches. */
const char *service_of(
    const struct services *s, const struct flow *f, struct bytes first);

/* The i-th signature, NULL behind the last; and how many bits its pattern fixes. */
const struct signature *service_signature(unsigned i);
double service_bits(const char *pattern);

/* Whether data meets the pattern. */
bool service_matches(const char *pattern, struct bytes data);

#endif
