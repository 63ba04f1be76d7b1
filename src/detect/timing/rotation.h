/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Series of a peer that changes. Who calls home to another address each time is no series
 * of one address; but something stays the same:
 *
 *     NET     host, network of the addresses (/24, IPv6 /48), port, protocol
 *     DOMAIN  host, registered domain of the server names
 *     PRINT   host, JA4 (else JA3) of its TLS, issuer of the certificate (else JA3S)
 *     SIZE    host, port, protocol, bytes out and in, both rounded down to 64
 *     ASKED   host, registered domain of the names that it asks DNS for
 *
 * Only what our hosts open outwards; SIZE also where the peer stays, but its connections
 * are lost among others of other sizes (a proxy). Connections that a plain series has
 * told of already are left out, so that nothing is told twice. Rows of days (past.h) tell
 * no sizes and no single address, and are left out, too.
 */
#ifndef DWELL_DETECT_TIMING_ROTATION_H
#define DWELL_DETECT_TIMING_ROTATION_H

#include "detect/suspects.h"

#define ROTATION_PART (512u << 10) /* rows of a part, where a table is read in parts */
#define ROTATION_PART_MAX                                                                \
	(1536u << 10)         /* rows of a part that are held: a host with more is       \
				 left out */
#define ROTATION_HOSTS_MAX 64 /* hosts that are read again one by one */
#define ROTATION_PEERS_MAX 64 /* different peers that are told apart; then "at least" */
#define ROTATION_SHOWN     4  /* of them, shown */

/* The text of PRINT, from columns of the table tls. */
#define ROTATION_PRINT                                                                   \
	"coalesce('ja4:' || ja4, 'ja3:' || ja3) || coalesce(' issuer:' || issuer, "      \
	"' ja3s:' || ja3s)"

/* Which to visit, and how. */
struct rotation_query {
	enum projection projection;
	const struct suspects *told;  /* by key: their connections are left out */
	const struct suspects *again; /* by key: only these, hosts in order of their text;
					 NULL: all */
};

/* Visit all series of a projection; *left_out grows by the parts and hosts that are over
 * a limit. Keys and events are borrowed until the call returns. Negative with *e set. */
int rotation_read(const struct source *s, const struct rotation_query *q,
    const struct series_visitor *visitor, uint64_t *left_out, struct error *e);

/* The different peers of a series, in the order in which they came. */
struct rotation_peers {
	uint64_t hash[ROTATION_PEERS_MAX];
	size_t n;
	char shown[256]; /* the first ROTATION_SHOWN, joined by ", "; NUL-terminated */
};

/* Count a peer. */
void rotation_peers_add(struct rotation_peers *p, struct str peer);

#endif
