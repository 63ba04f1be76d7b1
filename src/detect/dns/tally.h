/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first look at the names that were asked for: for each client and key (names.h) how
 * many bytes of names it asked for that it had not asked for before, counted roughly in
 * 88 bytes a pair, so that only the few that pass TALLY_BYTES are read again and booked
 * exactly (ledger.h). Nothing that a ledger reports lies below what is counted here.
 */
#ifndef DWELL_DETECT_DNS_TALLY_H
#define DWELL_DETECT_DNS_TALLY_H

#include "base/keyed.h"
#include "detect/detector.h"

#define TALLIES_MAX    (1u << 17) /* pairs; then those with the fewest bytes go */
#define TALLY_BYTES    384        /* of names: the pair is worth a ledger */
#define TALLY_KEYS_MAX (1u << 20) /* bytes of the keys of those: some 20,000 */
#define SERVERS_MAX    65536      /* addresses that are known to be asked */
#define TALLY_BITS     256        /* of the filter that tells new names from old ones */

struct tally {
	uint64_t pair;        /* digest of client and key */
	uint64_t client, key; /* digests of each */
	int64_t first;        /* µs since 1970 */
	uint32_t bytes, names;
	uint64_t seen[TALLY_BITS / 64];
	uint64_t listed; /* its key is among the keys */
};

struct tallies {
	struct keyed rows;    /* of struct tally */
	struct keyed servers; /* digests of addresses that were asked */
	char *keys;           /* "CLIENT KEY" of each that passed, one a line; owned */
	size_t length, room;
	uint64_t pairs;    /* ever */
	uint64_t dropped;  /* because of TALLIES_MAX */
	uint64_t unlisted; /* because of TALLY_KEYS_MAX */
};

/* Count all of the table dns. Negative with *e set; tallies_fini is due in every case. */
int tallies_read(struct tallies *t, const struct source *s, struct error *e);
void tallies_fini(struct tallies *t);

struct question {
	struct str client, server, name; /* borrowed */
	int64_t ts;                      /* µs since 1970 */
};

/* Count one. False: no memory left. */
bool tallies_add(struct tallies *t, const struct question *q);

/* How many clients ask under a key and serve nobody themselves, and since when anybody
 * does; direct: the key is a server's address. */
uint64_t tallies_clients(
    const struct tallies *t, struct str key, bool direct, int64_t *first);

/* Whether an address was asked by anybody. */
bool tallies_serves(const struct tallies *t, struct str address);

/* The share of pairs with more bytes of names than a pair that has so many: how ordinary
 * it is here, a mid-rank that is never 0 (as in weigh.h). */
double tallies_share(const struct tallies *t, uint64_t bytes);

#endif
