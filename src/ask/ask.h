/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The question that the memory exists for: did one of ours ever meet this, since when,
 * until when, how much? Asked for a whole set of indicators at once, over all years.
 *
 * It reads the roll-ups only (years; months and days at the ends of a span), so the
 * answer does not get slower with the connections behind them. A connection counts in
 * the span in which it began; a day counts as active when a connection was open or
 * something was shown on it.
 */
#ifndef DWELL_ASK_ASK_H
#define DWELL_ASK_ASK_H

#include "feed/indicator.h"
#include "store/store.h"

#define ASK_HOSTS_MAX 200000 /* hosts of all answers together; more are counted */
#define ASK_WITH_MAX  32     /* names, addresses and services kept of one answer */

#define ASK_EXPRESSIONS_MAX 256  /* LIKE and MATCHES of one question */
#define ASK_URLS_MAX        1000 /* URLs whose host was met that are looked for in http */

/* How something was seen. H(ENUMERATOR, "name", its via in the table seen or NULL) */
/* clang-format off */
#define ASK_HOWS(H) \
	H(TO,          "connected_to",   NULL) \
	H(FROM,        "connected_from", NULL) \
	H(SERVER_NAME, "server_name",    "server_name") \
	H(DNS_QUERY,   "dns_query",      "dns_query") \
	H(DNS_ANSWER,  "dns_answer",     "dns_answer") \
	H(SNI,         "sni",            "sni") \
	H(CERT,        "cert",           "cert") \
	H(TLS,         "tls",            "tls") \
	H(HTTP_HOST,   "http_host",      "http_host") \
	H(HTTP,        "http",           "http") \
	H(SSH,         "ssh",            "ssh") \
	H(FILE,        "file",           "file") \
	H(DHCP,        "dhcp",           "dhcp") \
	H(NBNS,        "nbns",           "nbns") \
	H(NTLM,        "ntlm",           "ntlm") \
	H(KERBEROS,    "kerberos",       "kerberos") \
	H(SMB,         "smb",            "smb") \
	H(RADIUS,      "radius",         "radius") \
	H(RDP,         "rdp",            "rdp") \
	H(RPC,         "rpc",            "rpc") \
	H(OT,          "ot",             "ot") \
	H(URL,         "url",            NULL)

enum ask_how {
#define H(ENUMERATOR, name, via) ASK_##ENUMERATOR,
	ASK_HOWS(H)
#undef H
	ASK_HOW_COUNT
};
/* clang-format on */

/* The name of a way of being seen; static. */
const char *ask_how_name(enum ask_how how);

enum ask_state {
	ASK_NO,         /* not seen */
	ASK_YES,        /* seen */
	ASK_UNANSWERED, /* can not be said from this memory: why says why */
};

/* What an answer can not say, or with what caution to take it. W(ENUMERATOR, "name") */
/* clang-format off */
#define ASK_WHYS(W) \
	W(NONE,        "none") \
	W(NOT_KEPT,    "not_kept")      /* no record is kept of such things */ \
	W(ONLY_WITH,   "only_with")     /* a port or protocol is asked of an address only */ \
	W(EXPRESSION,  "expression")    /* not an expression that can be evaluated */ \
	W(TOO_MANY,    "too_many")      /* over ASK_EXPRESSIONS_MAX or ASK_URLS_MAX */ \
	W(PATH_UNSEEN, "path_unseen")   /* the URL's host was met, no such path was seen */ \
	W(PORT,        "port_not_kept") /* asked without its port: names have none */ \
	W(SAME_HOST,   "same_host")     /* one host met all parts, at times of their own */ \
	W(TIMES,       "times_unknown") /* all was seen, perhaps not within the time asked */ \
	W(PART,        "part_unanswered") /* a part of the pattern can not be answered */

enum ask_why {
#define W(ENUMERATOR, name) ASK_WHY_##ENUMERATOR,
	ASK_WHYS(W)
#undef W
	ASK_WHY_COUNT
};
/* clang-format on */

/* The name of a reason; static. */
const char *ask_why_name(enum ask_why why);

/* What was seen, summed up. */
struct ask_tally {
	struct moment first, last; /* MOMENT_NONE: never */
	unsigned how;              /* bits of enum ask_how */
	uint32_t days;             /* days on which it was active */
	uint64_t connections;
	uint64_t unanswered; /* of these, in which the other side sent nothing */
	uint64_t shown;      /* times it was shown in DNS, TLS, HTTP, SSH */
	uint64_t bytes_out;  /* payload, from the inside host */
	uint64_t bytes_in;
	uint64_t missed; /* payload bytes in gaps of the capture */
	bool coarse;     /* a year that the span cuts is known by day only: first and last
			    may be off within their day, and shown counts the whole year */
};

/* One of our machines that met it: the other end, or who showed it. */
struct ask_host {
	struct addr host;
	bool home; /* it lies in the home networks */
	struct ask_tally t;
};

/* What went with it, most connections first. */
struct ask_with {
	struct str text; /* "telemetry.example", "192.0.2.1", "tcp/443" */
	uint64_t connections;
};

struct ask_with_list {
	const struct ask_with *v; /* at most ASK_WITH_MAX */
	size_t n;
	uint64_t more; /* times that one found no room */
};

struct ask_answer {
	enum ask_state state;
	enum ask_why why;
	struct ask_tally t;
	const struct ask_host *hosts; /* by their first moment; NULL of figures only */
	size_t host_count;
	uint64_t more_hosts; /* rows of hosts beyond ASK_HOSTS_MAX */
	struct ask_with_list names, addresses, services;
};

struct ask_question {
	const struct indicators *set;
	const struct net *home; /* our networks */
	size_t homes;
	bool home_guessed;          /* nobody named them: they may be other people's */
	struct moment since, until; /* whole days, until excluded; MOMENT_NONE: open */
	bool figures; /* of each answer only the tally and how many hosts are wanted, not
			 which, nor what went with it: of many values that is read faster
		       */
	bool raw; /* of the plain rows instead of the roll-ups: slow, for old memories */
};

struct ask;

/* Ask. NULL with *e set when the memory can not be read. The set must outlive it. */
struct ask *ask_run(struct store *s, const struct ask_question *q, struct error *e);

/* Whether the memory has rows but no roll-ups yet, so that raw is needed; negative with
 * *e set. */
int ask_needs_raw(struct store *s, struct error *e);

/* The answer to indicator number i of the set; borrowed. */
const struct ask_answer *ask_answer(const struct ask *a, size_t i);

/* The answer to pattern number i: state and hosts; borrowed. */
const struct ask_answer *ask_pattern_answer(const struct ask *a, size_t i);

/* Files of keys that were damaged or of other runs, so that the runs were read instead;
 * *first says which and why. */
size_t ask_damage(const struct ask *a, struct error *first);

/* Free it; NULL is fine. */
void ask_free(struct ask *a);

#endif
