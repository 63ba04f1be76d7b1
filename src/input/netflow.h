/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams of NetFlow v5, v9 (RFC 3954) and IPFIX (RFC 7011) to rows, for as many
 * exporters as there are.
 *
 *     datagram ─▶ header ─▶ domain ─▶ sets ─▶ templates ──┐
 *                                       └───▶ records ◀───┴─▶ rows
 *
 * Templates, sampling intervals and sequence numbers belong to a domain: an exporter and
 * the observation domain (source id, engine) that it names. Datagrams in files do not
 * say who sent them; there the file's name without its digits stands for the exporter,
 * so that rotated files are of one.
 *
 * Data whose template is not known yet is held, up to a limit, and read when the template
 * comes. What is still held at the end is read with the template of another file of the
 * same observation domain: of the file whose name is most alike.
 */
#ifndef DWELL_INPUT_NETFLOW_H
#define DWELL_INPUT_NETFLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "input/netflow_row.h"

#define NETFLOW_DATAGRAM_MAX  65535 /* bytes of the largest one */
#define NETFLOW_DOMAINS_MAX   4096  /* exporters times their domains */
#define NETFLOW_TEMPLATES_MAX 8192  /* of all domains together */
#define NETFLOW_HELD_BYTES_MAX                                                           \
	(16U << 20)                      /* of data without a template, all together     \
					  */
#define NETFLOW_HELD_SETS_MAX 1024       /* the same in sets, of one domain */
#define NETFLOW_SAMPLERS_MAX  64         /* sampling intervals by id, of one domain */
#define NETFLOW_INTERVAL_MAX  (1U << 24) /* a larger sampling interval is none */
#define NETFLOW_GAP_MAX       (1U << 20) /* a larger gap in the numbers: a restart */
#define NETFLOW_NAME_MAX      256        /* bytes kept of a file's name */

/* What became of a datagram as a whole; what it holds has counters of its own. */
enum netflow_verdict {
	NETFLOW_READ,   /* all of it was understood, or held */
	NETFLOW_CUT,    /* it ends before its header says */
	NETFLOW_BROKEN, /* it contradicts itself: all before that was read */
	NETFLOW_OTHER,  /* another version */
	NETFLOW_LIMIT,  /* a limit was reached: not read, or not all */
};

struct netflow_counters {
	uint64_t datagrams, records, rows, options;
	uint64_t templates, withdrawn, restarts, lost;
	uint64_t held;    /* data sets that waited for their template */
	uint64_t orphans; /* data sets whose template never came, or had no room */
	uint64_t endless; /* records that do not name two ends: not kept */
	uint64_t broken, unknown_sets, over_limit;
};

/* Where a datagram comes from. */
struct netflow_origin {
	struct addr exporter; /* unset: it was in a file */
	const char *name; /* the file's, without its folder; NULL where there is none */
	uint32_t source;  /* goes into its rows */
	uint64_t offset;  /* of its first byte, in the source */
	struct moment
	    arrived; /* for rows' seen, in place of the header's time; 0: not known */
};

struct netflow;

/* A decoder whose rows go to the sink (copied). NULL only without memory. */
struct netflow *netflow_new(const struct netflow_sink *sink);

/* Read one datagram. */
enum netflow_verdict netflow_datagram(
    struct netflow *n, const struct netflow_origin *origin, struct bytes datagram);

/* No more datagrams: read what is held with templates of other files; the rest are
 * orphans, each of which is told (may be NULL). */
void netflow_finish(struct netflow *n,
    void (*orphan)(void *ctx, uint32_t source, uint64_t offset, uint16_t id), void *ctx);

/* What was counted so far; borrowed. */
const struct netflow_counters *netflow_counters(const struct netflow *n);

/* Free it; what is held is dropped. NULL is fine. */
void netflow_free(struct netflow *n);

/*
 * Where the datagram ends that begins at p, of which n bytes are there; last: nothing
 * follows them. 0: it can not be a datagram; more than n: so many bytes are needed. A
 * NetFlow v9 datagram does not say its length: it ends where no set follows, and so may
 * the bytes.
 */
size_t netflow_measure(const uint8_t *p, size_t n, bool last);

/* Whether the n bytes at p look like the header of a datagram with something in it. */
bool netflow_looks(const uint8_t *p, size_t n);

/* The time in the header at p, of a datagram that netflow_looks agreed to. */
struct moment netflow_header_time(const uint8_t *p);

#endif
