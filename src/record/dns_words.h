/* SPDX-License-Identifier: Apache-2.0 */
/* The IANA mnemonics of DNS types, classes and response codes (IANA "Domain Name
 * System (DNS) Parameters"), and the numbers that the parser itself knows. */
#ifndef DWELL_RECORD_DNS_WORDS_H
#define DWELL_RECORD_DNS_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_MD = 3,
	DNS_MF = 4,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_MB = 7,
	DNS_MG = 8,
	DNS_MR = 9,
	DNS_PTR = 12,
	DNS_HINFO = 13,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AFSDB = 18,
	DNS_RT = 21,
	DNS_AAAA = 28,
	DNS_LOC = 29,
	DNS_NB = 32,     /* NetBIOS name service (RFC 1002); elsewhere NIMLOC */
	DNS_NBSTAT = 33, /* the same; elsewhere SRV */
	DNS_SRV = 33,
	DNS_NAPTR = 35,
	DNS_KX = 36,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_DS = 43,
	DNS_SSHFP = 44,
	DNS_RRSIG = 46,
	DNS_NSEC = 47,
	DNS_DNSKEY = 48,
	DNS_NSEC3 = 50,
	DNS_NSEC3PARAM = 51,
	DNS_SVCB = 64,
	DNS_HTTPS = 65,
	DNS_SPF = 99,
	DNS_TSIG = 250,
	DNS_URI = 256,
	DNS_CAA = 257,
};

/* The mnemonic, or TYPEn, CLASSn (RFC 3597), RCODEn in the arena. */
struct str dns_type_text(struct arena *a, uint16_t type);
struct str dns_class_text(struct arena *a, uint16_t class);
struct str dns_rcode_text(struct arena *a, unsigned rcode);

/* The number of such a text; negative when it is none. Names of NetBIOS are known too. */
int dns_type_number(struct str text);
int dns_class_number(struct str text);
int dns_rcode_number(struct str text);

/* Whether IANA has a mnemonic for the type or class. */
bool dns_type_known(uint16_t type);
bool dns_class_known(uint16_t class);

#endif
