/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the NetFlow and IPFIX decoder, shared by its modules and by nobody else:
 * the domains, and what is known of each.
 */
#ifndef DWELL_INPUT_NETFLOW_DOMAIN_H
#define DWELL_INPUT_NETFLOW_DOMAIN_H

#include "base/hash.h"
#include "input/netflow.h"
#include "input/netflow_template.h"

#define DOMAIN_CHAINS   1024 /* of domains; a power of two */
#define TEMPLATE_CHAINS 64   /* of one domain's templates; a power of two */

/* A data set that waits for its template. */
struct netflow_held {
	struct netflow_held *next;
	struct netflow_when when;
	uint32_t source;
	uint64_t offset;
	uint16_t id;
	size_t n;
	uint8_t bytes[];
};

struct domain_key {
	struct addr exporter;
	uint64_t file; /* hash of the file's name without digits; 0 live */
	uint32_t id;
	uint32_t version;
};

struct netflow_domain {
	struct netflow_domain *chain, *older; /* of one hash; the one made before */
	struct domain_key key;
	uint32_t number;
	char name[NETFLOW_NAME_MAX]; /* of the first file; empty live */

	uint32_t source; /* of the last datagram */
	bool counting;   /* next is known */
	uint32_t next;   /* sequence number expected */
	uint32_t uptime; /* of the last header */
	struct moment boot;

	uint64_t interval; /* of what names no sampler; 0: not known */
	size_t samplers;
	struct {
		uint64_t id, interval;
	} sampler[NETFLOW_SAMPLERS_MAX];

	struct netflow_template *templates[TEMPLATE_CHAINS];
	struct netflow_held *held, **held_end; /* oldest first */
	size_t held_sets;
};

struct netflow {
	struct netflow_sink sink;
	struct netflow_counters counters;
	struct hash_key key;
	struct netflow_domain *domains[DOMAIN_CHAINS];
	struct netflow_domain *newest, *last; /* last: the one used last */
	uint32_t domain_count, template_count;
	size_t held_bytes;
};

/* One set, or what of it is to be read, and what its records are read against. */
struct netflow_set {
	struct netflow_domain *domain;
	struct netflow_when when;
	uint8_t version;
	uint32_t source;
	uint64_t offset; /* of the first byte of bytes, in the source */
	struct bytes bytes;
};

/* The domain of a datagram, made when it is new; NULL at the limit. Files of one domain
 * need not follow each other, so its numbers are counted anew in each. */
struct netflow_domain *domain_find(
    struct netflow *n, const struct netflow_origin *origin, uint8_t version, uint32_t id);

/* Compare a header's sequence number with the one expected; units: what it will be up
 * by after this datagram. Gaps are told to the sink. */
void domain_count(struct netflow *n, struct netflow_domain *d, uint32_t sequence,
    uint32_t units, struct moment seen);

/* The exporter began anew: its templates and numbers are void (RFC 3954, 9). */
void domain_restart(struct netflow *n, struct netflow_domain *d);

/* The template; NULL when it is not known. */
const struct netflow_template *domain_template(
    const struct netflow_domain *d, uint16_t id);

/* Take a template over, in place of one of its id. False at the limit (it is freed). */
bool domain_learn(
    struct netflow *n, struct netflow_domain *d, struct netflow_template *t);

/* Forget a template; id 2 or 3: all of data or of options. */
void domain_forget(struct netflow *n, struct netflow_domain *d, uint16_t id);

/* Keep a copy of a data set until its template comes; false at a limit. */
bool domain_hold(struct netflow *n, const struct netflow_set *set, uint16_t id);

/* What options data say of sampling and of the clock. */
void domain_options(struct netflow_domain *d, const struct netflow_fields *f);

/* The sampling interval for a record; 1 where none is known. */
uint64_t domain_interval(const struct netflow_domain *d, const struct netflow_fields *f);

/* Free all domains with all they hold. */
void domain_free_all(struct netflow *n);

/* ipfix.c */

/* Read the sets of a datagram. Gives the data records in them, as IPFIX counts; negative
 * when that is not known (a template is missing). */
int64_t ipfix_sets(
    struct netflow *n, struct netflow_set *set, enum netflow_verdict *verdict);

/* Read the records of a data set with a template of the set's domain. */
uint32_t ipfix_records(
    struct netflow *n, struct netflow_set *set, const struct netflow_template *t);

#endif
