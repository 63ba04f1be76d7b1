/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections of a memory, read once and held: 64 bytes each, every text once. All
 * detectors, and the context of what they find, are served from here instead of a query
 * each. A memory with more than CONNS_MAX is not held; its readers then ask through SQL
 * (series.c, context.c), which takes longer, needs no more memory, and tells the same.
 *
 *     rows    in the order of the segments, texts as numbers; where connections have
 *             decayed, what the roll-ups tell of a pair's day (past.h)
 *     groups  the rows of one key, in order of time; built when first asked for
 */
#ifndef DWELL_DETECT_CONNS_H
#define DWELL_DETECT_CONNS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/hash.h"
#include "detect/past.h"

#define CONNS_MAX      (512u << 10) /* connections that are held */
#define CONNS_TEXT_MAX (24u << 20)  /* bytes of their texts */
#define CONNS_TEXTS    2            /* texts that are held, for each connection */

/* A text, and the address that it says where it stands for one. */
struct conns_text {
	struct str text;
	struct addr addr; /* unset: of no use as an endpoint */
	uint32_t rank; /* its place among all, from conns_rank on; equal texts have one */
	bool parsed : 1; /* addr was looked at */
	bool multicast : 1;
	bool src : 1, dst : 1; /* seen as either */
	uint8_t home;          /* 0: not looked at; 1: no; 2: the address is at home */
};

/*
 * One connection. Texts are numbers of conns.texts; 0: absent. Of a day: ts of its first
 * packet, seconds of the hours in which it was active, sums of bytes, and service is a
 * number of conns.days.
 */
struct conns_row {
	int64_t ts; /* µs since 1970 */
	double seconds;
	uint64_t src_bytes, dst_bytes, missed;
	uint32_t src, dst, name, proto, service;
	uint16_t port;
	bool failed; /* its state says that the attempt failed */
	bool day;
};

enum conns_key {
	CONNS_PAIR,   /* src, dst, port, protocol */
	CONNS_NAME,   /* src, name; connections without one are in no group */
	CONNS_SERVER, /* dst, port, protocol */
	CONNS_KEYS,
};

struct conns_group {
	uint32_t row;      /* the first in the memory: it has the key */
	uint32_t first, n; /* its place in conns_index.rows */
	double seconds;    /* of all */
	double longest;
	uint64_t bytes; /* payload of all, both ways, saturating */
};

struct conns_index {
	struct conns_group *groups; /* owned */
	uint32_t *rows;             /* of all groups, one after the other; owned */
	size_t count;
};

struct conns {
	bool held; /* else all below is empty */
	struct conns_row *rows;
	uint32_t *by_time; /* row numbers; of one moment, by all that they are */
	size_t n, room;
	struct conns_text *texts; /* 0 is the absent one */
	size_t text_count, text_room, text_max;
	struct past_day *days;
	size_t day_count, day_room;
	uint32_t *slots; /* hash table of texts */
	size_t slot_mask;
	struct arena arena; /* bytes of the texts */
	struct hash_key key;
	struct conns_index index[CONNS_KEYS];
	bool ranked;
	double
	    last; /* µs since 1970: the end of the last connection; NaN: none has one */
};

/* Read the memory's connections, and the past of those that have decayed; held stays
 * false when there are more than max, or their texts are too long. Negative with *e set;
 * conns_fini is due in every case. */
int conns_read(struct conns *c, struct store *s, const struct past *past, size_t max,
    struct error *e);
void conns_fini(struct conns *c);

/* The groups of a key, or NULL without memory. */
const struct conns_index *conns_index(struct conns *c, enum conns_key key);

/* Give each text its rank, when first asked to. False: no memory left. */
bool conns_rank(struct conns *c);

/* The number of a text that is there; 0: it is not. */
uint32_t conns_find(const struct conns *c, struct str text);

/* The address that text i stands for, or NULL where it is none, or unset. */
const struct addr *conns_addr(struct conns *c, uint32_t i);

#endif
