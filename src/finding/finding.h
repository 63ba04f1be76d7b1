/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A finding: one detector's dated statement about a host and a peer, with the facts that
 * explain it. And a case: the findings of one host, joined and ranked.
 */
#ifndef DWELL_FINDING_FINDING_H
#define DWELL_FINDING_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "finding/fact_table.h"
#include "record/record.h"

enum fact_stand { FACT_FOR, FACT_AGAINST, FACT_CONTEXT };

enum fact_value_kind {
	VALUE_NONE,
	VALUE_SPAN,
	VALUE_SHARE,
	VALUE_NUM,
	VALUE_BYTES,
	VALUE_REAL,
	VALUE_TIME,
	VALUE_TEXT,
};

// clang-format off
enum fact_key {
#define K(KEY, key, STAND, K1, K2, K3, meaning) FACT_KEY_##KEY,
	FACT_TABLE(K)
#undef K
	FACT_KEYS
};
// clang-format on

struct fact_info {
	const char *key;
	const char *meaning;
	enum fact_stand stand;
	enum fact_value_kind kind[3];
};

/* Key, stand and meaning of a fact; static. */
const struct fact_info *fact_info(enum fact_key key);

#define FACTS_MAX 24 /* facts of one finding */

struct fact {
	enum fact_key key;
	double value[3]; /* by fact_info()->kind; TIME in microseconds since 1970 */
	struct str text; /* the value of kind TEXT */
};

enum direction { DIRECTION_OUTBOUND, DIRECTION_INBOUND, DIRECTION_INTERNAL };

enum since_kind {
	SINCE_FIRST_PACKET,  /* the first packet of the two, well inside the memory */
	SINCE_ONSET,         /* they talked before; the behaviour began then */
	SINCE_BEFORE_MEMORY, /* there when the memory begins: older than we know */
};

enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

/* Their names in tables; static. */
const char *direction_name(enum direction d);
const char *since_kind_name(enum since_kind k);
const char *confidence_name(enum confidence c);

/* And back; false when the text is none. */
bool direction_from_name(struct str name, enum direction *d);
bool since_kind_from_name(struct str name, enum since_kind *k);
bool confidence_from_name(struct str name, enum confidence *c);

#define ATTACK_MAX 4

struct finding {
	char id[20]; /* NUL-terminated: finding_identify */
	const char *detector;
	enum direction direction;
	struct addr host;
	struct str peer; /* address or name */
	uint16_t peer_port;
	struct str proto;
	struct moment first_seen, last_seen, since;
	enum since_kind since_kind;
	enum confidence confidence;
	double score, rank_p;
	uint64_t events, bytes_out, bytes_in,
	    missed;                     /* missed: payload bytes in capture gaps */
	const char *attack[ATTACK_MAX]; /* ATT&CK ids; NULL ends the list */
	struct fact facts[FACTS_MAX];
	size_t fact_count;
};

/* The first fact of that key, in the finding; NULL when it has none. */
const struct fact *finding_fact(const struct finding *f, enum fact_key key);

static inline bool finding_has(const struct finding *f, enum fact_key key)
{
	return finding_fact(f, key) != NULL;
}

/* Add a fact; ignored once FACTS_MAX are there. */
void finding_add_fact(
    struct finding *f, enum fact_key key, double v1, double v2, double v3);
void finding_add_text_fact(struct finding *f, enum fact_key key, struct str text);

/* Set id from detector, direction, host, peer, port and proto: the same for the same. */
void finding_identify(struct finding *f);

/* Where findings go; the finding is borrowed until the call returns. */
struct finding_sink {
	void (*put)(void *ctx, const struct finding *f);
	void *ctx;
};

/* The row of a finding. summary is written by report/ (borrowed);
 * texts live in the arena. */
void finding_to_record(const struct finding *f, struct str summary, struct arena *a,
    struct finding_record *r);

/* Facts as JSON:
 * [{"key":"rhythm","values":[3600,0.1,40]},{"key":"usual_service","text":"ntp"}] */
struct str facts_to_json(const struct fact *v, size_t n, struct arena *a);

/* And back, into v (at most FACTS_MAX); the count. Unknown keys (newer versions) are left
 * out. Texts live in the arena. */
size_t facts_from_json(struct str json, struct fact v[static FACTS_MAX], struct arena *a);

#endif
