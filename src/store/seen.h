/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Observables in memory: addresses, names and fingerprints, each with the client that
 * showed it, how, and in which year. Registered domains are made from the names when all
 * is written, so that no record costs a look into the list of public suffixes.
 */
#ifndef DWELL_STORE_SEEN_H
#define DWELL_STORE_SEEN_H

#include "base/keyed.h"
#include "base/words.h"
#include "record/record.h"
#include "store/run_write.h"

#define SEEN_ROWS_MAX 98304 /* rows held; then they are written */

// clang-format off
/* Both in the order of their texts: the numbers serve as ranks. */
#define SEEN_KINDS(K) \
	K(ADDRESS, "address") K(CERT_SHA256, "cert_sha256") K(DOMAIN, "domain") \
	K(FILE_NAME, "file_name") K(FILE_SHA256, "file_sha256") \
	K(HASSH, "hassh") K(HASSH_SERVER, "hassh_server") K(HOST_NAME, "host_name") \
	K(JA3, "ja3") K(JA3S, "ja3s") K(JA4, "ja4") K(MAC, "mac") K(NAME, "name") K(USER_AGENT, "user_agent")
#define SEEN_VIAS(V) \
	V(CERT, "cert") V(CONN, "conn") V(DHCP, "dhcp") V(DNS_ANSWER, "dns_answer") \
	V(DNS_QUERY, "dns_query") V(FILE, "file") V(HTTP, "http") V(HTTP_HOST, "http_host") \
	V(KERBEROS, "kerberos") V(NBNS, "nbns") V(NTLM, "ntlm") V(OT, "ot") \
	V(RADIUS, "radius") V(RDP, "rdp") V(RPC, "rpc") V(SERVER_NAME, "server_name") \
	V(SMB, "smb") V(SNI, "sni") V(SSH, "ssh") V(TLS, "tls")

enum seen_kind {
#define K(KIND, text) SEEN_##KIND,
	SEEN_KINDS(K)
#undef K
};

enum seen_via {
#define V(VIA, text) VIA_##VIA,
	SEEN_VIAS(V)
#undef V
};
// clang-format on

struct seen_key {
	struct addr host; /* unset: none */
	uint32_t value;   /* of words */
	int16_t year;
	uint8_t kind, via;
};

struct seen_row {
	struct seen_key key;
	int64_t first, last; /* microseconds since 1970 */
	uint64_t count, src_bytes, dst_bytes;
	uint32_t months[12]; /* masks of days */
};

/* When something was seen, and how much went with it. */
struct sighting {
	int64_t first, last; /* microseconds since 1970 */
	int32_t day;         /* since 1970-01-01, of first */
	uint64_t count, src_bytes, dst_bytes;
	const struct addr *host; /* who showed it; NULL: none; borrowed */
};

struct seen {
	struct keyed rows; /* of struct seen_row */
	struct words words;
};

/* Nothing seen. */
void seen_init(struct seen *s, const struct hash_key *key);

/* Whether it is time to write. */
bool seen_full(const struct seen *s);

/* Note a sighting of a value. A name that is an address
 * counts as an address. Absent and empty values are passed over. */
int seen_put(struct seen *s, enum seen_kind kind, enum seen_via via, struct str value,
    const struct sighting *at, struct error *e);

/* The same of a value that is number of the words. */
int seen_put_number(struct seen *s, enum seen_kind kind, enum seen_via via,
    uint32_t number, const struct sighting *at, struct error *e);

/* Note the same of a row whose key lacks only the value, which is not looked into. */
int seen_put_row(
    struct seen *s, const struct seen_row *row, struct str value, struct error *e);

/* Join what a row has to another of the same key. */
void seen_join(struct seen_row *into, const struct seen_row *row);

/* Note all that a record shows. Negative with *e set without memory. */
int seen_record(
    struct seen *s, enum record_type type, const void *record, struct error *e);

/* Write all as one run. */
int seen_write(
    struct seen *s, struct run_writer *w, const struct run_place *place, struct error *e);

/* Forget all, keeping the memory for more. */
void seen_empty(struct seen *s);

/* Forget all and free the memory. */
void seen_reset(struct seen *s);

#endif
