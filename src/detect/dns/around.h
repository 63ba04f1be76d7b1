/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the memory knows around ledgers that stand out: who else asks for the domain, and
 * since when; whether the addresses that were answered were ever
 * contacted. All of them together, in a few statements.
 */
#ifndef DWELL_DETECT_DNS_AROUND_H
#define DWELL_DETECT_DNS_AROUND_H

#include "detect/dns/ledger.h"

#define OUTSTANDING_MAX 512 /* ledgers at a time; then the one with least bytes goes */

struct outstanding {
	struct ledger l;
	char client[ADDR_TEXT_MAX];
	uint64_t hosts;       /* clients that ask for the domain and serve nobody */
	int64_t domain_first; /* µs since 1970: first question of anybody; 0: unknown */
	uint64_t answers;     /* addresses that were answered */
	uint64_t contacted;   /* of them, the client connected to */
	uint64_t loopback;    /* of them in 127.0.0.0/8: what block lists answer */
	bool forwards;        /* another of these asked this client for the domain */
	bool serves;          /* it answers DNS for others, whatever the domain */
};

struct around {
	struct outstanding *v; /* owned */
	size_t n;
	const struct tallies *tallies; /* borrowed */
	uint64_t dropped;              /* because of OUTSTANDING_MAX */
};

/* Room for OUTSTANDING_MAX. False: no memory left. */
bool around_init(struct around *a);
void around_fini(struct around *a);

/* Add a ledger. */
void around_add(struct around *a, const struct ledger *l);

/* Fill in what is known around all of them. Negative with *e set. */
int around_fill(
    struct around *a, const struct tallies *t, const struct source *s, struct error *e);

#endif
