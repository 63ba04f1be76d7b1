/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first look of dns_odd at the table dns, in one pass: who asks, how often and until
 * when; whether anybody asks for many names that do not exist; which names are answered
 * in three ways and more, with the addresses that flux has. The parts read again only
 * what this finds.
 */
#ifndef DWELL_DETECT_DNS_GLANCE_H
#define DWELL_DETECT_DNS_GLANCE_H

#include "base/keyed.h"
#include "detect/detector.h"

#define ASKERS_MAX   65536      /* clients; more are counted only */
#define VARIED_MAX   (1u << 17) /* names at a time; when full, all are counted anew */
#define VARIED_TEXT  (1u << 20) /* bytes of the names that vary */
#define VARIED_WAYS  3          /* different last answers */
#define VARIED_LEAST 10         /* addresses, of so many networks: B11 */
#define VARIED_NETS  5
#define VARIED_KEPT  40  /* addresses that are told apart: then any sizes do */
#define MISSING_MIN  10  /* questions for names that do not exist: B11 */
#define FLUX_TTL_MAX 300 /* seconds that an answer of fast flux lives: B11 */

struct asker {
	uint64_t client; /* digest of its address */
	uint64_t asked, missing;
	int64_t last; /* µs since 1970 */
};

struct varied {
	uint64_t name; /* digest */
	uint32_t way[VARIED_WAYS];
	uint32_t ways;
	uint32_t address[VARIED_KEPT], net[VARIED_NETS]; /* digests */
	uint32_t addresses, nets, most;                  /* most: answers at a time */
	int64_t day;                                     /* since 1970: of the first */
	bool days, listed;                               /* days: there are others */
};

struct glance {
	struct keyed askers; /* of struct asker */
	struct keyed names;  /* of struct varied */
	char *text;          /* names that vary, one a line; VARIED_TEXT; owned */
	size_t length;
	bool missing; /* somebody asked for MISSING_MIN that do not exist */
	uint64_t over_askers, emptied, unlisted; /* because of the limits above */
};

struct glance_row {
	struct str client, name;
	struct str answers; /* one a line: of an A none of which is known to live long */
	bool missing, endless; /* endless: how long the last of them lives is not known */
	int64_t ts;            /* µs since 1970 */
	uint64_t size;         /* answers */
};

/* Look. Negative with *e set; glance_fini is due in every case. */
int glance_read(struct glance *g, const struct source *s, struct error *e);
void glance_fini(struct glance *g);

/* Make ready without looking, and look at one row. False: no memory left. */
bool glance_init(struct glance *g);
bool glance_add(struct glance *g, const struct glance_row *r);

/* What a client asked; NULL: it was not heard. */
const struct asker *glance_asker(const struct glance *g, struct str client);

#endif
