/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that another one announces: FTP says on which port the file will come, TFTP
 * answers from a port of its own, a call says where its voice goes. Whoever reads the
 * announcement leaves it here; the first bytes of a flow that fits go to the parser that
 * it names, without a probe.
 *
 *     control: PASV, 227 … (10,0,0,2,7,208) ─▶ expect_put ─▶ [10.0.0.2:2000 ftp-data]
 *     data: 10.0.0.1:40001 → 10.0.0.2:2000, first bytes ─▶ expect_take ─▶ ftp-data
 *     both: expect_of(ticket), to tell each other a file's name and its bytes
 *
 * A table of fixed size, in a ring: the oldest entry makes room for the newest, whether
 * it came true or not. Nothing else is freed, so a ticket costs nothing to keep; one that
 * was overwritten is found out by its number.
 */
#ifndef DWELL_PROTO_EXPECT_H
#define DWELL_PROTO_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/moment.h"
#include "base/str.h"
#include "flow/flow.h"

#define EXPECT_LIMIT     2048 /* announcements remembered; the oldest goes first */
#define EXPECT_CHAIN_MAX 32   /* of one port, the newest ones that are looked at */
#define EXPECT_NAME_MAX  255  /* bytes kept of a name */
#define EXPECT_SECONDS   300  /* that an announcement is good for */

struct expect;

/* One announcement. Who puts it fills in the first part. */
struct expected {
	uint8_t proto;       /* IP_PROTO_TCP or IP_PROTO_UDP */
	uint32_t space;      /* of the announcing flow (struct flow) */
	struct addr dst;     /* who answers … */
	struct addr also;    /* … or this one does (behind NAT); unset: none */
	uint16_t port;       /* on this port */
	struct addr src;     /* who opens it; unset: anybody */
	const char *parser;  /* name of the parser that is to read it; static */
	struct moment since; /* of the announcement */

	/* For the two flows to tell each other; zero at first. */
	bool begun, ended; /* the announced flow had its first bytes; is closed */
	bool upload;       /* what moves goes to who has the files */
	uint64_t bytes[2]; /* that its sides sent, with gaps */
	const char *mime;  /* type of the content, static; NULL: not known */
	uint8_t name_n;
	char name[EXPECT_NAME_MAX]; /* of the file, as sent */
};

/* An empty table, which takes its memory with the first announcement; NULL only without
 * memory. */
struct expect *expect_new(void);

/*
 * Remember an announcement (copied). The one with the ticket before (0: there was none)
 * is taken back, unless it came true already: who announces again means the new one. The
 * ticket, which may be the same; 0 only without memory.
 */
uint64_t expect_put(struct expect *e, const struct expected *what, uint64_t before);

/* The announcement of that ticket, to be read and written until the next expect_put; NULL
 * for 0 and when it was overwritten. */
struct expected *expect_of(struct expect *e, uint64_t ticket);

/* The newest announcement that the flow fulfils, at a moment within EXPECT_SECONDS: its
 * ticket, and it is begun; 0: none. */
uint64_t expect_take(struct expect *e, const struct flow *f, struct moment when);

/* Whether nothing was announced yet: then no flow needs to ask. */
bool expect_empty(const struct expect *e);

/* How often an announcement was overwritten that was still good and had not come true. */
uint64_t expect_evicted(const struct expect *e);

/* Keep a name in an announcement, cut to EXPECT_NAME_MAX. */
void expect_name(struct expected *to, struct str name);

/* Free the table; NULL is fine. */
void expect_free(struct expect *e);

#endif
