/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names as public tools write them, by the formats that their sources and documents
 * state. Evidence beside the ledger, never instead of it: whoever writes a tool of his
 * own is found by what his names can carry.
 */
#ifndef DWELL_DETECT_DNS_TOOLS_H
#define DWELL_DETECT_DNS_TOOLS_H

#include <stdint.h>

#include "base/str.h"

/* Types of record whose data can be anything: a condition in SQL. Types without a
 * mnemonic are those of private use, mostly. */
#define TOOLS_NULL_TYPES "(qtype = 'NULL' OR qtype LIKE 'TYPE65___')"
#define TOOLS_DATA_TYPES                                                                 \
	"(qtype IN ('NULL', 'TXT', 'KEY', 'CNAME', 'MX', 'SRV', 'CERT', 'SPF', "         \
	"'NAPTR', 'DNSKEY', 'TLSA', 'OPENPGPKEY', 'CAA', 'HINFO', 'SINK', 'EID') OR "    \
	"qtype LIKE 'TYPE%')"

#define TOOLS_NAMES_MIN 10 /* names in its format, before a tool is named */

/* The part of a name below its domain, and the day on which it was asked first. */
struct ledger_name {
	struct str sub; /* borrowed */
	int64_t day;    /* since 1970 */
};

struct tools_sample {
	const struct ledger_name *names; /* borrowed */
	size_t n;
	uint64_t queries, data_queries, null_queries; /* of them: NULL, private types */
};

/* The tool whose format the names have; NULL: none that is known. Static. */
const char *tools_recognise(const struct tools_sample *s);

#endif
