/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the memory knows around a suspect: how many hosts use the peer,
 * since when anybody does, since when the host is there, how much of
 * the time was watched. Context makes a suspect more or less odd and
 * says so; it never removes one. Age counts neither for nor against.
 */
#ifndef DWELL_DETECT_CONTEXT_H
#define DWELL_DETECT_CONTEXT_H

#include "base/arena.h"
#include "detect/series.h"

struct context {
	int64_t first,
	    last; /* of the memory's connections, µs since 1970; equal when empty */
	int64_t horizon; /* µs since 1970: before it connections have decayed (past.h) */
	uint64_t hosts;  /* machines that are ours, as far as seen */
	struct watched_hour *watch; /* by hour; owned */
	size_t watch_count;
};

struct watched_hour {
	int64_t hour; /* since 1970 */
	uint32_t minutes;
	uint64_t drops, truncated;
};

/* Stretches in which a series kept a shorter rhythm than its own. */
struct sleep {
	uint64_t stretches;
	double seconds;   /* of all */
	double period;    /* s; of the longest, as what follows */
	int64_t from, to; /* ms since 1970 */
};

/* How a series differs from its fleet; hosts 0: it does not. */
struct odd_one {
	uint64_t hosts;   /* that agree */
	double period;    /* s, of the others; 0: the same */
	bool size;        /* sizes differ; of the others: */
	uint64_t out, in; /* bytes */
	struct str print; /* TLS client of the others; absent: the same */
};

/* A series that a detector thinks worth a finding, until it is one. */
struct suspect {
	enum projection projection;
	uint32_t tag;           /* of use to its detector alone */
	struct finding finding; /* host, peer, port, proto, direction, score are set */
	struct series_stats stats;
	double period, jitter; /* s, half width; 0: no rhythm */
	uint64_t gaps;         /* single intervals seen */
	int64_t onset; /* s since 1970: the behaviour began; 0: with the first packet */
	/* Presence: hours in which they were connected, the longest connection. */
	uint64_t hours;
	double longest; /* s */
	uint64_t longest_out, longest_in;
	/* Of a peer that changes (series.h, from NET on): how many, and the first few. */
	uint64_t peers;
	struct str first_peers;
	bool again;                 /* tested in the host's own time, too */
	bool by_size;               /* what follows is what stays the same */
	uint64_t size_out, size_in; /* bytes, rounded down */
	/* From context_fill: */
	uint64_t peer_hosts; /* our hosts that use the peer, or that it opens to */
	uint64_t clients;    /* inbound: addresses that open to this port of the host */
	int64_t host_first;  /* µs: first packet of the host */
	int64_t peer_first;  /* µs: first packet of the peer with anybody */
	bool self_signed; /* the peer showed a certificate that only itself vouches for */
	uint64_t fleet;   /* hosts with the same rhythm to the peer, this one included */
	uint64_t own_rhythms; /* other rhythms of the host */
	/* From clockwork: */
	struct sleep awake;
	double day_time, day_scatter; /* s after midnight, UTC: of the first one a day */
	uint64_t day_count;
	struct odd_one odd;
	uint64_t fleet_hosts; /* told for so many; 0: for itself */
	struct str fleet_names;
};

/* Learn the spans, hosts and coverage of the memory. */
int context_open(struct context *c, const struct source *s, struct error *e);
void context_fini(struct context *c);

/* Length of the memory in days, at least 1: what rates per day are rates of. */
double context_days(const struct context *c);

/* Length in days, at least 1, of what has not decayed. */
double context_days_left(const struct context *c);

/* Fill in what the memory knows of n suspects. */
int context_fill(const struct source *s, struct suspect *v, size_t n, struct error *e);

/* Set first and last moment, counts, since and since_kind of the suspect's finding. */
void context_date(const struct context *c, struct suspect *v);

/* Coverage from first to last (µs), by whole hours: share of minutes watched, packets
 * lost, packets cut short. A memory without rows of watch gives a share of 0. */
void context_watched(
    const struct context *c, int64_t first, int64_t last, double out[static 3]);

/* Hours from first to last (µs) in which anything was watched;
 * all of them without rows. */
uint64_t context_hours(const struct context *c, int64_t first, int64_t last);

#endif
