/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways from one machine into another, with all that was seen of each: what was done there
 * by remote administration (acts.c), logons that were guessed (guesses.c), sessions of
 * tools that are not the host's own (strangers.c), and what is new about it by the site's
 * own history (novelty.c).
 */
#ifndef DWELL_DETECT_INSIDE_PATHS_H
#define DWELL_DETECT_INSIDE_PATHS_H

#include "base/hash.h"
#include "detect/detector.h"

#define PATHS_MAX 4096u /* of one memory; further ones are counted */

/* What one machine did on another through its remote administration. */
enum act {
	ACT_SERVICE_MADE,
	ACT_SERVICE_STARTED,
	ACT_SERVICE_DELETED,
	ACT_SERVICE_ASKED, /* the service manager was opened, a service changed, stopped
			    */
	ACT_TASK_MADE,
	ACT_TASK_RUN,
	ACT_WMI_RUN,
	ACT_WMI_PUT,       /* an object was stored: a subscription to events, mostly */
	ACT_OBJECT_CALLED, /* a method of an object over DCOM (IDispatch) */
	ACT_REGISTRY_WRITTEN,
	ACT_COERCED,    /* a call that makes the machine open a file elsewhere */
	ACT_REPLICATED, /* a copy of the directory's secrets was asked for */
	ACT_NETLOGON_TRIED,
	ACT_NETLOGON_PASSWORD, /* a machine's password was set */
	ACT_FILE_PUSHED,       /* a file written to an administrative share */
	ACT_PROGRAM_PUSHED,    /* of these: programs and scripts, by their names */
	ACT_SHELL,             /* requests of remote management over HTTP (WinRM) */
	ACTS,
};

/* New by the history of the site. */
struct novelty {
	bool is_new;      /* first seen when source and target were known for long */
	bool flip;        /* the source was no client of this kind of service before */
	bool not_server;  /* hardly anybody else asks the target for it */
	double decades;   /* how odd a new one is for this source */
	double history;   /* s for which the source had been seen before */
	uint64_t clients; /* machines that ever asked the target for it, this included */
	uint64_t fan_out; /* new targets in a day, 0: no more than usual */
	double fan_decades;
	unsigned hops; /* of the chain that ends with it; 0: none */
	uint64_t used; /* targets that the source had asked for such services before */
};

/* Sessions of another SMB client than the host's own (strangers.c). */
struct stranger {
	uint64_t sessions; /* 0: none */
	uint64_t before,
	    days;        /* sessions of the host before the first, on so many days */
	uint64_t others; /* other hosts here with such a client */
	struct str dialect, usual; /* of these, and of most before */
};

struct path {
	struct addr src, dst;
	uint16_t port;       /* that showed it first */
	int64_t first, last; /* µs since 1970 */
	uint64_t act[ACTS];
	bool habit;         /* it has acts of an administrator */
	uint64_t act_hosts; /* targets of the source's acts */
	uint64_t act_days;  /* days on which the source did such things anywhere */
	int64_t coerced;    /* µs since 1970: the first such call */
	uint64_t pushed;    /* bytes */
	struct str file;    /* the first that was pushed; absent: none */
	int64_t push_run; /* µs from the first push to running something, least of a day;
			     -1: no such day */
	int64_t service_life;  /* likewise from making a service to deleting it */
	int64_t netlogon_span; /* likewise of most tries on a day */
	uint64_t netlogon_tries;
	int64_t called_back; /* µs after which the coerced one opened to the source; -1 */
	uint64_t failures,
	    users;    /* logons refused in the densest quarter of an hour, names */
	bool guessed; /* and one was accepted then */
	struct str guess_service;
	uint64_t weak_tickets, weak_services; /* RC4 after AES */
	uint64_t rc4_asked, rc4_names; /* logons that offered RC4 alone, though the realm
					  has AES; names that they were for */
	bool aes_before;               /* the source itself had used AES */
	struct stranger stranger;
	struct novelty novelty;
	struct str chain;              /* "A > B > C"; absent: none */
	struct str service;            /* kind of service: "smb", "ssh" */
	uint64_t connections, out, in; /* of all between the two */
};

struct paths {
	struct path *v; /* owned; by source and target once sorted */
	size_t n, room;
	uint32_t *slots; /* hash table: 1 + number; owned */
	struct hash_key key;
	uint64_t dropped; /* because of PATHS_MAX */
	struct arena texts;
};

/* No paths yet. Negative with *e set: no memory; paths_fini is due in every case. */
int paths_init(struct paths *p, struct error *e);
void paths_fini(struct paths *p);

/* The path from src to dst, which is made when it is new; NULL when there is no room. */
struct path *paths_at(struct paths *p, const struct addr *src, const struct addr *dst);

/* The same, or NULL when it is not there. */
struct path *paths_find(
    const struct paths *p, const struct addr *src, const struct addr *dst);

/* Widen first and last. */
void path_seen(struct path *p, int64_t first, int64_t last);

/* Whether connections say that a service was there; true where they are not held. */
bool paths_may_have(const struct conns *c, const char *service);

/* Read what was done by remote administration. Negative with *e set. */
int acts_read(struct paths *p, const struct detection *d, struct error *e);

/* Read logons that were guessed, and tickets that became weak. Negative with *e set. */
int guesses_read(struct paths *p, const struct detection *d, struct error *e);

/* Read which ways into others are new by the site's history. Negative with *e set. */
int novelty_read(struct paths *p, const struct detection *d, struct error *e);

/* Read which sessions of SMB another client made than the host's own. Negative with *e
 * set. */
int strangers_read(struct paths *p, const struct detection *d, struct error *e);

/* Read how much went over each path. Negative with *e set. */
int amounts_read(struct paths *p, const struct detection *d, struct error *e);

#endif
