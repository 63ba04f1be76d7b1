/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long detail is kept. Roll-ups are kept for good: nothing here speaks of them.
 *
 * Every statement is a rule NET[,PROTO]=SPAN; --keep-conn SPAN is the rule of all
 * addresses and all protocols. The span "all" takes a rule back. The disk's budget comes
 * on top: over it, the oldest days go first. Kept in dwell.json as
 *
 *     "keep": {"disk": "500G", "rules": ["*=90d", "10.9.0.0/16,dns=7d"]}
 */
#ifndef DWELL_STORE_POLICY_H
#define DWELL_STORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define POLICY_RULES_MAX 64    /* rules of one memory */
#define POLICY_PROTO_MAX 32    /* bytes of a protocol's name, NUL included */
#define POLICY_RULE_TEXT 128   /* bytes of a rule as text, NUL included */
#define POLICY_DAYS_MAX  73000 /* 200 years */
#define POLICY_DISK_MIN  (1ULL << 20)

struct policy_rule {
	bool everyone;                /* of every address, also of rows without one */
	struct net net;               /* else: of rows with src_ip or dst_ip in it */
	char proto[POLICY_PROTO_MAX]; /* a table, service or transport; "": any */
	unsigned days;                /* from 1; 0 in a rule that takes one back */
};

struct policy {
	struct policy_rule rules[POLICY_RULES_MAX];
	size_t n;
	uint64_t disk; /* bytes of the whole memory; 0: no budget */
};

/* Read "90d", "12w", "6m" (30 days each), "5y" (365 days each) as days, "all" as 0; false
 * when it is none of them, no day at all, or more than POLICY_DAYS_MAX. */
bool policy_parse_span(const char *text, unsigned *days);

/* Read "500G": a number of bytes with K, M, G or T (powers of 1024), or "all", which is
 * 0; false when it is none or below POLICY_DISK_MIN. */
bool policy_parse_size(const char *text, uint64_t *bytes);

/* Read "NET[,PROTO]=SPAN"; "*" stands for every address. */
bool policy_parse_rule(const char *text, struct policy_rule *rule);

/* Write what a rule is about: "NET[,PROTO]". */
void policy_subject_text(
    const struct policy_rule *rule, char out[static POLICY_RULE_TEXT]);

/* Write a rule in that form. */
void policy_rule_text(const struct policy_rule *rule, char out[static POLICY_RULE_TEXT]);

/* Write a size in the shortest of these forms that is exact. */
void policy_size_text(uint64_t bytes, char out[static POLICY_RULE_TEXT]);

/* Put a rule in: it replaces one of the same network and protocol, or takes it back.
 * False over the limit. */
bool policy_set(struct policy *p, const struct policy_rule *rule);

/* The days for which every row is kept, whatever it is; 0: for good. */
unsigned policy_conn_days(const struct policy *p);

/* Whether it asks for nothing. */
bool policy_is_empty(const struct policy *p);

#endif
