/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLS and QUIC handshakes of a memory: of each host of ours and each server that it
 * opened to, what is odd; and how odd the servers of the site are in all. The handshakes
 * stream by in order of server; only pairs with a mark are kept.
 */
#ifndef DWELL_DETECT_TLS_PAIRS_H
#define DWELL_DETECT_TLS_PAIRS_H

#include <stdbool.h>

#include "base/arena.h"
#include "detect/context.h"
#include "detect/tls/odds.h"

#define PAIRS_MAX       ((size_t)16384) /* with a mark; others are counted as dropped */
#define PAIRS_TEXTS_MAX (16u << 20)     /* bytes of their texts */

/* A host and a server with something odd between them. Times in µs since 1970. */
struct tls_pair {
	struct addr host, server;
	uint16_t port;
	bool udp;
	bool inside; /* the server is at home */
	uint8_t level[ODDS_FAMILIES];
	unsigned marks;             /* enum cert_mark */
	struct str subject, issuer; /* of the first certificate with the most marks */
	struct str name;            /* that was asked for, then; absent: none */
	int64_t not_before, not_after;
	int64_t cert_first;          /* that certificate was first shown */
	uint64_t sessions, nameless; /* with marks; without a server name */
	struct str client;     /* fingerprint that is new to the host; absent: none */
	uint64_t client_hosts; /* hosts that have it */
	uint64_t client_known; /* other fingerprints of the host */
	double client_after;   /* s from the host's first handshake to its first */
	struct str old_issuer; /* whom the server's certificates came from; absent */
	double old_span;       /* s for which they did */
	int64_t changed;       /* since then from another */
	struct str elsewhere;  /* name asked for that DNS leads elsewhere; absent: none */
	uint64_t addresses;    /* that DNS gave for it */
};

struct tls_pairs {
	struct tls_pair *v; /* in order of server, then host; owned */
	size_t n, room;
	uint64_t dropped;    /* because of a limit */
	uint64_t led;        /* names of clients that lead where DNS says */
	struct odds odds[2]; /* of servers outside, and inside */
	struct arena texts;
};

/* Read them. Negative with *e set; tls_pairs_fini is due in every case. */
int tls_pairs_read(struct tls_pairs *l, const struct source *s, const struct context *c,
    struct error *e);
void tls_pairs_fini(struct tls_pairs *l);

#endif
