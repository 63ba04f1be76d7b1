/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger of DNS: for each client and domain, day by day, how much the names that it
 * asked for the first time could carry out, and what came back in types of record that
 * carry data. A name is booked on the day of its first question: what was asked before
 * says nothing new. Only pairs that the tally lists are booked, one domain at a time.
 *
 *     names of one domain, sorted -> by day of first question -> information of each day
 */
#ifndef DWELL_DETECT_DNS_LEDGER_H
#define DWELL_DETECT_DNS_LEDGER_H

#include "base/arena.h"
#include "detect/dns/tally.h"
#include "detect/dns/tools.h"

#define LEDGER_NAMES_MAX 65536       /* names of a domain that are weighed */
#define LEDGER_TEXT_MAX  (12u << 20) /* bytes of them */
#define LEDGER_SERVERS   8           /* that are named */
#define LEDGER_TEXT      256         /* bytes of a name, NUL included */

struct ledger {
	struct addr client;
	char domain[LEDGER_TEXT];    /* NUL-terminated; direct: the server's address */
	bool direct;                 /* names of no domain, asked of one server */
	int64_t first, last;         /* µs since 1970 */
	uint64_t names, queries;     /* different names; questions in all */
	uint64_t days;               /* UTC days on which names were new */
	uint64_t data_queries;       /* of types that carry data */
	uint64_t address_queries;    /* of A and AAAA */
	uint64_t failed;             /* answered NXDOMAIN */
	uint64_t spelled;            /* names that spell an address */
	uint64_t length;             /* bytes of all names below the domain */
	uint64_t written;            /* the same as the table writes them: \xHH is four */
	uint64_t down;               /* bytes of answers of types that carry data */
	uint64_t unweighed;          /* names beyond the limits above */
	double day_bytes, all_bytes; /* information: of the busiest day, of all days */
	uint64_t day_names;          /* new names of the busiest day */
	int64_t day;                 /* since 1970: the busiest */
	const char *tool;            /* static; NULL: like no known tool */
	char sample[LEDGER_TEXT]; /* its longest name; of equals the first by its bytes */
	bool tcp;
	/* Servers that were asked, sorted; of the rest it is only known that they are. */
	char server[LEDGER_SERVERS][ADDR_TEXT_MAX];
	size_t server_count;
	bool more_servers;
};

struct ledger_sink {
	/* A ledger, borrowed until the call returns; false stops. */
	bool (*put)(void *ctx, const struct ledger *l);
	void *ctx;
};

/* Book every pair of the keys (tallies.keys). Negative with *e set. */
int ledgers_read(const struct source *s, struct str keys, const struct ledger_sink *sink,
    struct error *e);

#endif
