/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server names that DNS leads elsewhere. A client that asks a server for a name found the
 * server by that name, so DNS has given the server's address for it: to this client, to
 * another, or for a name of the same operator. Where DNS was asked for the name and gave
 * other networks alone, the name in the handshake stands for somebody else (fronting, or
 * a name that was made up).
 *
 * That holds only where the DNS that is seen is the DNS that is used; how many names do
 * lead where DNS says tells so (struct elsewhere_site).
 */
#ifndef DWELL_DETECT_TLS_ELSEWHERE_H
#define DWELL_DETECT_TLS_ELSEWHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/error.h"
#include "detect/series.h"

#define ELSEWHERE_MAX       ((size_t)4096) /* that are looked at; with more none is told */
#define ELSEWHERE_TEXTS_MAX (1u << 20)     /* bytes of their names */
#define ELSEWHERE_AGREE     20 /* names that lead where DNS says, or none is told */
#define ELSEWHERE_RARE      50 /* one in so many may lead elsewhere, or none is told */
#define ELSEWHERE_CLIENT    2  /* of one client, however few its others … */
#define ELSEWHERE_SHARE     5  /* … else one in so many: its resolver is not seen */

/* A client, a server outside, and a name that leads elsewhere. */
struct elsewhere {
	struct addr host, server;
	uint16_t port;
	bool udp;
	struct str name;
	uint64_t addresses; /* that DNS gave for the name */
	bool cleared;       /* the operator of the name is the server's */
	uint64_t agree;     /* names of the client that lead where DNS says */
};

/* Of the site; pairs of a client and a server with a name that DNS was asked for. */
struct elsewhere_site {
	struct elsewhere *v; /* in order of client, server, name; owned */
	size_t n, room;
	uint64_t agree; /* pairs whose name leads to the server */
	uint64_t differ;
	bool full;
	struct arena texts;
};

/* Read the names that lead elsewhere; v is empty where they tell nothing. Negative with
 * *e set; elsewhere_fini is due in every case. */
int elsewhere_read(struct elsewhere_site *l, const struct source *s, struct error *e);
void elsewhere_fini(struct elsewhere_site *l);

#endif
