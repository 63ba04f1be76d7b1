/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What left, by host and day. The memory is read pair by pair (series.h), each pair day
 * by day; the ledger keeps what the tests compare with:
 *
 *     host and day      bytes by flow (below), who sent to the host from inside
 *     host              how much its pairs send on a day, as a histogram
 *     host and port     sent and received on that port, of all pairs
 *     host and peer     the first day of the two
 *
 * A connection counts on the day on which it began.
 */
#ifndef DWELL_DETECT_VOLUME_LEDGER_H
#define DWELL_DETECT_VOLUME_LEDGER_H

#include "base/keyed.h"
#include "detect/context.h"

#define LEDGER_HOSTS_MAX  16384
#define LEDGER_DAYS_MAX   262144 /* days of all hosts together */
#define LEDGER_PORTS_MAX  131072 /* ports of all hosts together */
#define LEDGER_PEERS_MAX  524288 /* peers of all hosts together */
#define LEDGER_PEER_BYTES 24     /* of one of them */
#define LEDGER_LEVELS     96     /* of the histogram: half octaves, from a byte on */
#define PAIR_DAYS_MAX     8192   /* days of one pair, 22 years; later ones are left out */
#define LEDGER_FRESH_DAYS 7      /* a peer is new to the host for a week */
#define LEDGER_SLACK      4096.0 /* B2 (b): bytes either way that mean nothing */

/* What is summed for a host and day. */
enum flow {
	FLOW_OUT,    /* sent in connections that it opened to the outside */
	FLOW_SERVED, /* sent in connections that came from outside */
	FLOW_FRESH,  /* of FLOW_OUT: to peers that are new to the host */
	FLOWS,
};

/* The day of one pair. */
struct pair_day {
	int64_t day; /* since 1970 */
	uint64_t out, in, fresh;
	int64_t first,
	    last; /* µs since 1970: first packet, start of the last connection */
};

/* One pair while it is read: its days in order. */
struct pair {
	struct series_key key; /* borrowed from the reader */
	struct series_stats stats;
	struct pair_day *days; /* owned; PAIR_DAYS_MAX */
	size_t n;
	uint64_t dropped; /* events of days beyond the limit */
};

struct host_day {
	uint32_t host; /* number in ledger.hosts */
	int32_t day;
	uint64_t bytes[FLOWS];
	uint64_t inside;  /* received from our own hosts */
	uint64_t senders; /* which of them sent a megabyte: a bit by hash */
	uint32_t peers;   /* new ones that were sent to */
};

struct ledger_host {
	struct addr addr;
	/* By projection, addresses first: pairs, their days from the first of each to the
	 * memory's end, and on how many of these they sent so much. */
	uint64_t pairs[2], pair_days[2];
	uint32_t level[2][LEDGER_LEVELS];
};

/* Key of what is known of a port: of one host, or (host = LEDGER_SITE) of all. */
struct ledger_port {
	uint32_t host;
	uint16_t port, proto; /* proto: digest of its name */
	uint64_t out, in, days;
};

#define LEDGER_SITE UINT32_MAX

struct ledger {
	struct keyed hosts, days, ports, peers;
	int64_t last_day;    /* of the memory */
	uint64_t over_limit; /* rows that found no room */
	bool no_memory;
};

/* An empty ledger of a memory that ends on that day. */
void ledger_init(struct ledger *l, int64_t last_day);
void ledger_fini(struct ledger *l);

/* Start a pair, add a connection or day; pair->days is allocated by the caller. */
void pair_begin(struct pair *p, const struct series_key *key);
void pair_event(struct pair *p, const struct series_event *v);

/* The number of a host, made where it has none; UINT32_MAX: there is no room. */
uint32_t ledger_host(struct ledger *l, const struct addr *a);

/* Remember on which day host and peer (the event's name, or the key's address) first met,
 * and whether the peer is still new to it on that day. */
void ledger_meet(
    struct ledger *l, const struct series_key *key, const struct series_event *v);
bool ledger_is_fresh(
    struct ledger *l, const struct series_key *key, const struct series_event *v);

/* Learn from a pair that was read: of address, what goes to the host's days as well. */
void ledger_learn(struct ledger *l, const struct pair *p);

/* Add what the pair sent while its peers were new. */
void ledger_learn_fresh(struct ledger *l, const struct pair *p);

/* How much the days of the host's other pairs on that port send for each byte received;
 * of all hosts where it has too few. NaN: nothing to compare with. *days: how many. */
double ledger_usual_ratio(const struct ledger *l, const struct pair *p, double *days);

/* Of the days of the host's other pairs, how many sent as much, and how many there are.
 * own: the pair's own histogram. */
void ledger_rank(const struct ledger *l, const struct pair *p, uint64_t bytes,
    const uint32_t own[static LEDGER_LEVELS], double *above, double *all);

/* The step of the histogram on which so many bytes are. */
size_t ledger_level(uint64_t bytes);

#endif
