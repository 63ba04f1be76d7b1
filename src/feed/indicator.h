/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody asks for: an address, a name, a fingerprint ... in one normal form,
 * whatever feed or command line it came from.
 *
 * A set holds up to INDICATORS_MAX of them in few bytes each and merges those that say
 * the same. indicators_get gives a view whose texts belong to the set and live as long as
 * it. Where a feed combines several (a STIX pattern, a tree of OpenIOC), each part is an
 * indicator with leaf set, and a pattern (feed/pattern.h) says how they combine. Parts
 * that no record of ours can answer are kept as INDICATOR_OTHER with their name, so that
 * nothing is left out in silence.
 */
#ifndef DWELL_FEED_INDICATOR_H
#define DWELL_FEED_INDICATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/moment.h"
#include "base/str.h"

#define INDICATORS_MAX       10000000     /* indicators in a set, leaves included */
#define INDICATORS_BYTES_MAX (1ULL << 30) /* memory that a set takes */
#define INDICATOR_VALUE_MAX  8192         /* bytes of a value; longer ones are refused */
#define INDICATOR_NOTE_MAX   512   /* bytes of an id or note; the rest is cut off */
#define INDICATOR_WHERE_MAX  512   /* bytes of indicator_where, NUL included */
#define INDICATORS_FILES_MAX 65535 /* files that a set was read from */
#define INDICATOR_VALID_NONE MOMENT_NONE

/* K(enumerator, name in JSON and in "name:value" on the command line) */
/* clang-format off */
#define INDICATOR_KINDS(K) \
	K(ADDRESS,      "address")      /* value as addr_text writes it; net has 128 bits */ \
	K(NETWORK,      "network")      /* value "192.0.2.0/24", host bits zero */ \
	K(NAME,         "name")         /* lower case, no final dot, labels as on the wire */ \
	K(URL,          "url")          /* as url_split takes it */ \
	K(URI,          "uri")          /* path and query without a host, as in a request line */ \
	K(USER_AGENT,   "user_agent")   /* as sent */ \
	K(JA3,          "ja3") \
	K(JA3S,         "ja3s") \
	K(JA4,          "ja4") \
	K(HASSH,        "hassh") \
	K(HASSH_SERVER, "hassh_server") \
	K(CERT_SHA256,  "cert_sha256") \
	K(CERT_SHA1,    "cert_sha1") \
	K(FILE_MD5,     "file_md5") \
	K(FILE_SHA1,    "file_sha1") \
	K(FILE_SHA256,  "file_sha256") \
	K(FILE_NAME,    "file_name")    /* without folders, as sent */ \
	K(MD5,          "md5")          /* 32 hex digits of unsaid meaning: any fingerprint */ \
	K(SHA1,         "sha1")         /* 40 of them */ \
	K(SHA256,       "sha256")       /* 64 of them */ \
	K(MAC,          "mac")          /* "00:11:22:aa:bb:cc" */ \
	K(HOST_NAME,    "host_name")    /* of a machine, lower case: what it is called in DHCP, NTLM … */ \
	K(EMAIL,        "email")        /* lower case */ \
	K(PORT,         "port")         /* leaf only: port of a connection; value decimal */ \
	K(PROTO,        "proto")        /* leaf only: "tcp", "dns" ... lower case */ \
	K(OTHER,        "other")        /* what dwell keeps no record of; value names it */
/* clang-format on */

enum indicator_kind {
#define K(enumerator, name) INDICATOR_##enumerator,
	INDICATOR_KINDS(K)
#undef K
	    INDICATOR_KIND_COUNT
};

/* How value is held against what was seen. */
enum indicator_match {
	MATCH_EQUAL,    /* the same; for a network: lies in it */
	MATCH_BELOW,    /* NAME: that name and every name below it */
	MATCH_LIKE,     /* SQL LIKE: % any run, _ one character, no escape */
	MATCH_REGEX,    /* regular expression (PCRE as in STIX), not anchored */
	MATCH_SUPERSET, /* NETWORK: the seen network contains it (STIX ISSUPERSET) */
	MATCH_LESS,
	MATCH_LESS_EQUAL,
	MATCH_GREATER,
	MATCH_GREATER_EQUAL, /* PORT */
	MATCH_COUNT
};

/* Which side of a connection it speaks of. */
enum indicator_role {
	ROLE_ANY,
	ROLE_SRC, /* who opened it */
	ROLE_DST, /* who answered */
	ROLE_COUNT
};

struct indicator {
	enum indicator_kind kind;
	enum indicator_match match;
	enum indicator_role role;
	bool leaf;  /* part of a pattern only: never reported by itself */
	bool broad; /* a network so wide that it matches nearly everything (IPv4 /0../7,
		       IPv6 /0../15), a name of one label */
	uint16_t port;    /* of the address, name or URL; 0: any */
	struct str value; /* normal form, clean text; not NUL-terminated */
	struct net net;   /* ADDRESS and NETWORK; else unset */
	struct str id;    /* STIX id, MISP uuid ...; absent: none */
	struct str note;  /* label, name, event, in one line; absent: none */
	struct moment valid_from, valid_until; /* INDICATOR_VALID_NONE: unsaid */
	struct str file; /* path of the feed; absent: the command line */
	uint32_t at;     /* line or ordinal in that file, from 1 (indicator_where) */
};

/* The parts of a URL in normal form; texts borrow from it. */
struct url {
	struct str scheme; /* "http", "https" ...; absent: unsaid */
	struct str host;   /* name or address (no brackets) */
	uint16_t port;     /* 0: the scheme's own, or unsaid */
	struct str uri;    /* "/path?query", at least "/" */
};

struct indicators;
struct pattern;

/* Name of a kind ("address"), static. */
const char *indicator_kind_name(enum indicator_kind kind);

/* An empty set; NULL without memory. */
struct indicators *indicators_new(void);

/* How many are in it, leaves included. */
size_t indicators_count(const struct indicators *set);

/* A view of the i-th (i < indicators_count); its texts live as long as the set. */
void indicators_get(const struct indicators *set, size_t i, struct indicator *out);

/* What became of an indicator that was to be added. */
enum indicator_outcome {
	INDICATOR_ADDED,
	INDICATOR_MERGED, /* the set had the same, with the same id */
	INDICATOR_OVER_LIMIT,
};

/*
 * Add a copy of in (which is in normal form, as indicator_parse or indicator_normalise
 * gives it; net is derived from value); *index (may be NULL) becomes its place.
 */
enum indicator_outcome indicators_add(
    struct indicators *set, const struct indicator *in, uint32_t *index);

/*
 * Read one word of a command line or of a plain list: an address, CIDR, name, URL, hash,
 * JA4, MAC, mail address, or "kind:value" with a name of INDICATOR_KINDS. Defanged
 * writing (hxxp://, [.], (dot), [:]) is accepted. A name means itself and all below it.
 * True with *out set, its value in arena or borrowed from word; false with *why a static
 * reason.
 */
bool indicator_parse(
    struct str word, struct arena *arena, struct indicator *out, const char **why);

/* The same for a word whose kind is known; out->match is MATCH_EQUAL. */
bool indicator_normalise(enum indicator_kind kind, struct str word, struct arena *arena,
    struct indicator *out, const char **why);

/* Parse a word and add it (file absent); false with *why a static reason. */
bool indicators_add_word(struct indicators *set, const char *word, const char **why);

/* Where the i-th came from: "feed.csv:17", "bundle.json: object 3", "command line". */
size_t indicators_where(
    const struct indicators *set, size_t i, char out[static INDICATOR_WHERE_MAX]);

/* Split the value of a URL indicator; false when it has no host. */
bool url_split(struct str value, struct url *out);

/* How many patterns the set holds, and the i-th (borrowed; see feed/pattern.h). */
size_t indicators_pattern_count(const struct indicators *set);
const struct pattern *indicators_pattern(const struct indicators *set, size_t i);

/* Bytes of memory that the set holds. */
size_t indicators_bytes(const struct indicators *set);

/* Free it; NULL is fine. */
void indicators_free(struct indicators *set);

#endif
