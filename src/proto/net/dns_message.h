/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DNS message (RFC 1035, 4):
 *
 *     id | QR opcode AA TC RD RA Z rcode | four counts     12 bytes
 *     questions: name, type, class
 *     answers, authority, additional: name, type, class, TTL, length, data
 *
 * A name is a row of labels or ends in a pointer to an earlier
 * one. Here a pointer must go back before the beginning of what
 * was just read, so reading ends; RFC 1035 asks for the same.
 */
#ifndef DWELL_PROTO_DNS_MESSAGE_H
#define DWELL_PROTO_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/str.h"

#define DNS_HEADER_BYTES  12
#define DNS_NAME_MAX      255 /* bytes of a name on the wire (RFC 1035, 2.3.4) */
#define DNS_POINTERS_MAX  64  /* pointers followed in one name */
#define DNS_QUESTIONS_MAX 64  /* questions read of one message */
#define DNS_ANSWERS_MAX   512 /* answers read of one message */
#define DNS_ADDRESSES_MAX 32  /* of these, addresses from which a name is learnt */

enum dns_opcode { DNS_QUERY = 0, DNS_NOTIFY = 4, DNS_UPDATE = 5 };

enum dns_flag {
	DNS_QR = 0x8000,
	DNS_AA = 0x0400,
	DNS_TC = 0x0200,
	DNS_RD = 0x0100,
	DNS_RA = 0x0080,
	DNS_Z = 0x0040,
};

/* DNS_NETBIOS: names are those of the NetBIOS name service (RFC 1002), port 137. */
enum dns_kind { DNS_UNICAST, DNS_MULTICAST, DNS_LLMNR, DNS_NETBIOS };

enum dns_outcome {
	DNS_UNDERSTOOD,
	DNS_CUT,        /* ends before it is complete */
	DNS_MALFORMED,  /* contradicts itself: what was read before is kept */
	DNS_OVER_LIMIT, /* more questions or answers than are read */
};

struct dns_header {
	uint16_t id, flags;
	uint16_t questions, answers, authority, additional; /* as counted by the sender */
};

struct dns_question {
	struct str name; /* clean, lower case, no final dot; in the arena */
	uint16_t type, class;
};

struct dns_message {
	struct dns_header header;
	struct dns_question question[DNS_QUESTIONS_MAX];
	size_t questions;
	struct str owner;       /* whose the first answer is; absent: none */
	const struct str *data; /* of each answer, for people; in the arena */
	const int64_t *ttl;     /* of each, in seconds */
	size_t answers;
	struct addr address[DNS_ADDRESSES_MAX]; /* answered for the name asked for */
	size_t addresses;
};

/* The kind of query (RFC 1035, 4.1.1). */
static inline unsigned dns_opcode(const struct dns_header *h)
{
	return h->flags >> 11 & 15u;
}

/* Whether the bit QR is set. */
static inline bool dns_is_answer(const struct dns_header *h)
{
	return (h->flags & DNS_QR) != 0;
}

/* Read a header; false when fewer than DNS_HEADER_BYTES are left. */
bool dns_header_read(struct bytes *b, struct dns_header *h);

/*
 * Read a name of the message whole at the cursor, which lies in it. *name
 * is clean, lower case, without the final dot, in the arena; empty for
 * the root. False when it is malformed or the arena's limit is reached.
 */
bool dns_name_read(
    struct bytes whole, struct bytes *at, struct arena *a, struct str *name);

/* Skip a name without following pointers;
 * false, and the cursor fails, when it is malformed. */
bool dns_name_skip(struct bytes *at);

/*
 * Read header, questions and answers. What was read before an
 * error stays in *m; a message whose header or first question is
 * not readable gives DNS_CUT or DNS_MALFORMED with no question.
 */
enum dns_outcome dns_message_read(
    struct bytes whole, enum dns_kind kind, struct arena *a, struct dns_message *m);

/*
 * Whether the bytes are one whole message of a query or answer,
 * so strictly that other protocols and noise do not pass: for
 * recognising DNS on any port. Reads nothing into memory.
 */
bool dns_message_plausible(struct bytes whole);

/* The data of a resource record for people, in the arena; addresses in it are added to m.
 * Absent: malformed. Empty: nothing to say. (dns_data.c) */
struct str dns_data_text(struct bytes whole, struct bytes data, uint16_t type,
    enum dns_kind kind, struct arena *a, struct dns_message *m);

#endif
