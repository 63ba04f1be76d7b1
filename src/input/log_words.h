/* SPDX-License-Identifier: Apache-2.0 */
/* Words that other tools use, as dwell's tables hold them. */
#ifndef DWELL_INPUT_LOG_WORDS_H
#define DWELL_INPUT_LOG_WORDS_H

#include "input/log_value.h"

/* A list of services by Zeek's or Suricata's names, joined by ','; theirs where dwell has
 * no other. Absent when there are none. */
struct str log_services(const struct log_value *v, struct arena *a);

/* A Host header without port, brackets and final dot. */
struct str log_host(struct str host);

/* A name without its final dot. */
struct str log_name(struct str name);

/* Which of dns, mdns, llmnr and nbns is spoken on the port; static. */
struct str log_dns_kind(uint16_t port);

/* A class or type of DNS as its mnemonic, else CLASSn or TYPEn (RFC 3597), from a word
 * such as "A", "C_INTERNET", "query-65" or "qclass-32769", else from the number; absent
 * when both are. */
struct str log_dns_class(
    const struct log_value *word, const struct log_value *number, struct arena *a);
struct str log_dns_type(
    const struct log_value *word, const struct log_value *number, struct arena *a);

/* A response code by its IANA mnemonic, from a word ("NXDOMAIN") or its number. */
struct str log_dns_rcode(
    const struct log_value *word, const struct log_value *number, struct arena *a);

/* "TXT 3 abc TXT 2 de", as Zeek writes texts, to "abc de"; others stay. */
struct str log_dns_answer(struct str text, struct arena *a);

/* A distinguished name as OpenSSL prints it, "C=US, O=Example, Inc., CN=x", as RFC 4514
 * has it: "CN=x,O=Example\, Inc.,C=US". */
struct str log_dn(struct str text, struct arena *a);

/* A serial number or fingerprint without colons; upper or lower case as asked. Absent
 * when it is no hexadecimal number. */
struct str log_hex(struct str text, bool upper, struct arena *a);

#endif
