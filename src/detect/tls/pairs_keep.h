/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairs with a mark while handshakes are read (pairs.c): a bounded list that keeps those
 * whose levels sum to most; each pair once, whatever told of it.
 */
#ifndef DWELL_DETECT_TLS_PAIRS_KEEP_H
#define DWELL_DETECT_TLS_PAIRS_KEEP_H

#include "base/hash.h"
#include "detect/tls/pairs.h"

#define PAIRS_SLOTS (4 * PAIRS_MAX)

/* The names of a certificate. */
struct cert_names {
	uint64_t key; /* hash of its digest; 0: free */
	struct str names;
};

/* Where an issuer's certificates were seen. */
struct issuer {
	uint64_t key;    /* hash of its name; 0: free */
	uint64_t server; /* hash of the first server */
	bool many;       /* and others */
};

/* What reading holds. */
struct pairs_reader {
	struct tls_pairs *l;
	struct hash_key key; /* of the hash tables */
	const struct source *source;
	uint32_t servers_on[65536]; /* by port: with TLS, not registered for it */
	struct issuer *issuers;     /* hash table; owned */
	uint64_t certified;         /* issuers in it */
	struct arena scratch;       /* of the row in work */
	struct cert_names *certs;   /* hash table; owned */
	size_t cert_count;
	struct arena names;  /* of them */
	uint32_t *slots;     /* hash table of pairs; owned */
	bool ordered, again; /* handshakes come in one order; they must, once more */
	unsigned least;      /* pairs whose levels sum to no more are dropped */
	bool no_memory;
};

/* The sum of a pair's levels. */
unsigned tls_pairs_weight(const struct tls_pair *p);

/* Raise a level of the pair to that one, if it is lower. */
void tls_pairs_raise(struct tls_pair *p, enum odds_family f, unsigned level);

/* Order by server, then host; and whether two are of one server. */
int tls_pairs_by_server(const void *x, const void *y);
bool tls_pairs_same_server(const struct tls_pair *a, const struct tls_pair *b);

/* A hash of the pair's server, the same everywhere. */
uint64_t tls_pairs_server_key(const struct tls_pair *p);

/* Keep a pair with something odd; its texts are borrowed, those that are kept are not.
 * Where there is no room and no order, r->again says that all is to be read in one. */
void tls_pairs_put(struct pairs_reader *r, struct tls_pair *p);

#endif
