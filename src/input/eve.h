/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata's EVE: an object of JSON a line, its event_type says what it is. Kept are flow
 * and netflow (connections), dns in its three forms, tls, http, ssh and what stats says
 * of lost packets. Alerts and the rest are understood and passed over.
 */
#ifndef DWELL_INPUT_EVE_H
#define DWELL_INPUT_EVE_H

#include "input/json.h"
#include "input/log.h"
#include "input/log_join.h"
#include "input/log_value.h"

enum eve_slot {
	E_TYPE,
	E_TIME,
	E_FLOW_ID,
	E_SRC,
	E_SPORT,
	E_DST,
	E_DPORT,
	E_PROTO,
	E_APP,
	E_VLAN,
	E_ICMP_TYPE,
	E_ICMP_CODE,
	/* flow and netflow */
	E_PKTS_TS,
	E_PKTS_TC,
	E_BYTES_TS,
	E_BYTES_TC,
	E_START,
	E_END,
	E_REASON,
	E_NF_PKTS,
	E_NF_BYTES,
	E_NF_START,
	E_NF_END,
	E_FLAGS_TS,
	E_FLAGS_TC,
	/* dns */
	E_DNS_TYPE,
	E_DNS_VERSION,
	E_DNS_ID,
	E_DNS_FLAGS,
	E_DNS_NAME,
	E_DNS_RRTYPE,
	E_DNS_RCODE,
	E_DNS_AA,
	E_DNS_TC,
	E_DNS_RD,
	E_DNS_RA,
	E_DNS_ANSWERS,
	E_DNS_QUERIES,
	E_DNS_TTL,
	E_DNS_RDATA,
	E_DNS_TX,
	/* tls */
	E_SUBJECT,
	E_ISSUER,
	E_SERIAL,
	E_FINGERPRINT,
	E_SNI,
	E_TLS_VERSION,
	E_NOT_BEFORE,
	E_NOT_AFTER,
	E_JA3,
	E_JA3S,
	E_JA4,
	E_RESUMED,
	E_ALPN,
	E_SAN,
	/* http */
	E_HOST,
	E_URL,
	E_USER_AGENT,
	E_REFERRER,
	E_CONTENT_TYPE,
	E_METHOD,
	E_HTTP_PROTOCOL,
	E_STATUS,
	E_LENGTH,
	E_TX,
	/* ssh */
	E_CLIENT_VERSION,
	E_CLIENT_SOFTWARE,
	E_SERVER_VERSION,
	E_SERVER_SOFTWARE,
	E_HASSH,
	E_HASSH_SERVER,
	/* stats */
	E_KERNEL_DROPS,
	EVE_SLOTS
};

struct eve_names {
	struct str sni, host, ja3, ja4;
};

/* A question or half of a netflow that waits for the other half. */
struct eve_question {
	struct dns_record record; /* texts in the table's arena */
	bool put;                 /* its row is made */
};

struct eve_half {
	struct conn_record record;
	bool put;
};

struct eve_group {
	struct log_join names;     /* struct eve_names, by flow_id */
	struct log_join questions; /* struct eve_question, by flow_id, id and name */
	struct log_join halves;    /* struct eve_half, by flow_id */
	struct json_tree tree;     /* of an event */
	struct json_tree answer;   /* of an element of dns.answers or dns.queries */
	struct log_out *out;       /* of the file read last */
	uint64_t drops;            /* kernel drops at the last stats event */
	bool has_drops;
};

/* An event taken apart. */
struct eve_event {
	struct log_file *f;
	struct eve_group *group;
	const struct log_value *v; /* EVE_SLOTS */
	uint64_t offset;
	struct moment ts;
};

/* Records of one event; false when it lacks an address. */
bool eve_flow(struct eve_event *e);
bool eve_netflow(struct eve_event *e);
bool eve_dns(struct eve_event *e);
bool eve_tls(struct eve_event *e);
bool eve_http(struct eve_event *e);
bool eve_ssh(struct eve_event *e);
bool eve_stats(struct eve_event *e);

/* Put what is still waiting for its other half; called by the tables when they forget. */
void eve_forget_question(void *ctx, void *entry);
void eve_forget_half(void *ctx, void *entry);

/* The endpoints of an event, its direction being that of the first packet or of the
 * request; false when there are none. */
bool eve_ends(const struct eve_event *e, struct addr *src, uint16_t *sport,
    struct addr *dst, uint16_t *dport);

/* The key of the event's flow in a table. */
uint64_t eve_flow_key(const struct eve_event *e, const struct log_join *j);

/* The names of the event's flow, made when there are none; NULL without flow_id. */
struct eve_names *eve_names_of(struct eve_event *e);

#endif
