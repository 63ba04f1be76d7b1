/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections of the memory as series: all that belong to one key, in order of time,
 * one series after the other, hosts in order of their text; from the connections that are
 * held, or from a sorted query, so that only one series is in work at a time, whatever
 * the number of rows.
 *
 * Who is the host: an address at home; of two at home, who
 * opened; where neither is at home, who opened. Groups and
 * broadcast addresses are no remote endpoint and are left out.
 */
#ifndef DWELL_DETECT_SERIES_H
#define DWELL_DETECT_SERIES_H

#include <stdbool.h>

#include "detect/conns.h"
#include "detect/detect.h"
#include "detect/owners.h"

/* Where detectors read. */
struct source {
	struct store *store; /* borrowed */
	struct conns *conns; /* borrowed: its connections, when they are held */
	const struct detect_options *options; /* borrowed */
	const struct past *past;              /* borrowed: of what has decayed */
	struct owners
	    *owners; /* borrowed: read when first asked; NULL: asked each time */
};

enum projection {
	SERIES_ADDRESS, /* host, address it opens to, port, protocol */
	SERIES_NAME,    /* host, server name it opens to */
	SERIES_INBOUND, /* host, outside address that opens, host's port, protocol */
	SERIES_SERVER,  /* outside address, port, protocol, over all our hosts */
	/* Those of a peer that changes: timing/rotation.h reads them. */
	SERIES_NET,    /* host, network of the address it opens to, port, protocol */
	SERIES_DOMAIN, /* host, registered domain of the server names it opens to */
	SERIES_PRINT,  /* host, fingerprint of its TLS, issuer or fingerprint of the
			* server's
			*/
	SERIES_SIZE,   /* host, port, protocol, rounded sizes */
	SERIES_ASKED,  /* host, registered domain of the names it asks DNS for */
	PROJECTIONS,
};

struct series_key {
	enum projection projection;
	enum direction direction;
	struct addr host; /* of SERVER: the host that came first */
	struct str peer;  /* borrowed: address or name; else see rotation.h */
	uint16_t port;    /* of NAME: of its first connection */
	struct str proto;
};

/* A connection; or, where those have decayed, the day of one pair under one name. */
struct series_event {
	const struct past_day *day; /* NULL: a connection; else all of it sums */
	int64_t ts;                 /* µs since 1970 */
	double seconds;
	uint64_t out, in, missed; /* payload bytes as the host sees them */
	bool start;               /* carried payload, or was an attempt that failed */
	bool failed;
	struct addr host;   /* differs within a SERVER series */
	struct str name;    /* absent: none known */
	struct str peer;    /* from NET on: address or name of this one; else absent */
	struct str service; /* absent: none known */
};

struct series_visitor {
	void (*begin)(void *ctx, const struct series_key *key);
	void (*event)(void *ctx, const struct series_event *event);
	void (*end)(void *ctx, const struct series_key *key);
	void *ctx;
};

/* Whether the address is at home. */
bool series_home(const struct detect_options *o, const struct addr *a);

/* Whether the address that text i of the connections stands for is; looked at once. */
bool series_home_text(const struct detect_options *o, struct conns *c, uint32_t i);

/* Series of too few connections for a detector are left out before they are looked at, as
 * most of a memory are. */
enum series_floor {
	SERIES_FIVE,      /* at least five connections */
	SERIES_FEW_HOSTS, /* as many, from two to sixteen hosts */
	SERIES_LASTING,   /* an hour long, or enough to show in 72 hours */
	SERIES_CARRYING, /* at least SERIES_CARRYING_BYTES of payload in all, both ways */
	SERIES_ANY,      /* none is left out */
	SERIES_FLOORS,
};

#define SERIES_CARRYING_BYTES 16384

/* Which series to visit. */
struct series_query {
	enum projection projection;
	bool both; /* ADDRESS: INBOUND series as well, then not in order of host */
	enum series_floor floor;
	const char *hosts; /* SQL condition on host: then ordered by host, and hosts for
			      which it is false may come along; NULL: all */
	/* With SERIES_ANY, and connections that are held: the series to visit, by one of
	 * their connections. NULL: all */
	bool (*wanted)(const void *ctx, const struct conns_row *row);
	const void *ctx;
};

/* Visit all series of a projection.
 * Keys and events are borrowed until the call returns. */
int series_read(const struct source *s, const struct series_query *q,
    const struct series_visitor *visitor, struct error *e);

#define SERIES_STEADY_DAYS 7
#define SERIES_SIZES       4 /* sizes that are counted at a time (Misra and Gries 1982) */

/* What is kept of a series whatever its length. */
struct series_stats {
	uint64_t events, starts, failed, named; /* named: with the name below */
	uint64_t known; /* starts whose moment and size are known: all, if none decayed */
	uint64_t quiet,
	    busy;      /* starts in hours in which the host is otherwise quiet, or busy */
	uint64_t days; /* UTC days with an event */
	int64_t first, last, last_day; /* µs, µs, days since 1970 */
	/* Of days that have decayed: since when, up to the last of them, there was no
	 * silence of more than SERIES_STEADY_DAYS; µs. 0: none has decayed. */
	int64_t steady, steady_last;
	uint64_t out, in, missed;
	struct {
		uint64_t out, in, count; /* count: at least so many */
	} size[SERIES_SIZES];
	uint64_t hosts; /* changes of host, at most 2: one, or more than one */
	struct addr host;
	char name[256]; /* the first name, NUL-terminated */
	char service[32];
};

/* Count an event of the series. */
void stats_add(struct series_stats *s, const struct series_event *e);

/* The most frequent pair of sizes as index into size. */
size_t stats_top_size(const struct series_stats *s);

/* The name that at least 9 of 10 connections go by; absent: none. Borrowed. */
struct str stats_name(const struct series_stats *s);

#endif
