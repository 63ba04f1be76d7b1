/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutes: what people have looked at and do not want listed, with who said so, why, and
 * until when. They act only when cases are shown: no row is dropped or changed for them,
 * and each can be taken back.
 *
 * MEMORY/mute.jsonl has a line for each thing that was done; nothing in it is ever
 * changed. Lines are appended under a lock of the file itself, so a scan that is under
 * way is in nobody's way.
 *
 *     {"action":"mute","n":1,"at":"2026-11-23T04:05:06Z","author":"ada","reason":"our
 * NTP", "peer":"ntp.example","until":"2026-12-31"}
 *     {"action":"remove","n":1,"at":…,"author":…,"reason":…}
 */
#ifndef DWELL_STORE_MUTE_H
#define DWELL_STORE_MUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/error.h"
#include "base/moment.h"
#include "base/str.h"
#include "store/store.h"

#define MUTE_FILE      "mute.jsonl"
#define MUTE_BYTES_MAX (16U << 20) /* of the file */
#define MUTES_MAX      10000       /* mutes in a memory */
#define MUTE_TEXT_MAX  1000        /* bytes of a reason, an author, a peer */
#define MUTE_FOREVER   INT64_MAX

/* What a mute covers: all that it names at once. Absent members name nothing. */
struct mute_scope {
	struct str id;       /* of a case or a finding */
	struct str peer;     /* an address, a CIDR, or a name with all names below it */
	struct str detector; /* its name */
	struct str host;     /* an address or a CIDR */
};

struct mute {
	uint32_t n;       /* from 1; 0: taken by mute_add */
	struct moment at; /* when it was said */
	struct str author, reason;
	struct mute_scope scope;
	int64_t until; /* last day it holds, since 1970-01-01; MUTE_FOREVER */
	bool removed;
	struct moment removed_at;
	struct str removed_by;
};

struct mutes {
	struct mute *v; /* in order of n; owned */
	size_t n, room;
	size_t damaged; /* lines that are not understood */
	struct arena texts;
};

/* What might be muted; all borrowed. */
struct mute_subject {
	struct str case_id, finding_id, detector, peer; /* absent ones match no scope */
	struct addr host;
};

/* Read the memory's mutes. Negative with *e set (a missing file is no mutes); mutes_free
 * is due in either case. */
int mutes_load(struct mutes *m, const struct store *s, struct error *e);
void mutes_free(struct mutes *m);

/* Whether a mute holds on a day (since 1970-01-01). */
bool mute_holds(const struct mute *m, int64_t day);

/* The first mute that holds on that day and covers the subject; NULL: none. Borrowed. */
const struct mute *mutes_find(
    const struct mutes *m, const struct mute_subject *of, int64_t day);

/* Whether any holds on that day. */
bool mutes_any(const struct mutes *m, int64_t day);

/* Append a mute, durably; its number in *n. ERR_USAGE when its scope is empty or wrong.
 */
int mute_add(const struct store *s, const struct mute *m, uint32_t *n, struct error *e);

/* Append that mute n no longer holds. ERR_USAGE when there is none. */
int mute_remove(const struct store *s, uint32_t n, struct moment at, struct str author,
    struct str reason, struct error *e);

/* Read YYYY-MM-DD into days since 1970-01-01; false when it is no date. */
bool mute_day(struct str s, int64_t *day);

#endif
