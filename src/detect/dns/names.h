/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names as the ledgers of DNS see them: what part of a name is the domain that somebody
 * registered, and what part is below it and can carry anything.
 *
 *     6dde0175.5169c68f.t.example.com
 *     '------- below -----'----.-----'  domain; its key is its last two labels
 *
 * A name that ends in no label a public suffix can be (one with a digit: RFC 3696,
 * section 2), or has one label only, belongs to no domain: it is booked under the server
 * that was asked, and all of it can carry something.
 */
#ifndef DWELL_DETECT_DNS_NAMES_H
#define DWELL_DETECT_DNS_NAMES_H

#include <stdbool.h>

#include "base/str.h"

/* The last two labels of a name, or three where two are a country's second level (co.uk):
 * then no look into the list of public suffixes is needed for most; absent where it
 * belongs to no domain. Borrowed. */
struct str names_key(struct str name);

/* Its last two labels in SQL, of the columns query and dst_ip; "@ADDRESS" where names_key
 * is absent. And its last three. */
#define NAMES_LONG_KEY_SQL "regexp_extract(query, '[^.]*[.][^.]*[.][^.]*$')"
#define NAMES_KEY_SQL                                                                    \
	"CASE WHEN regexp_matches(query, '[.]([a-z]+|xn--[a-z0-9-]+)$') "                \
	"THEN regexp_extract(query, '[^.]*[.][^.]*$') ELSE '@' || dst_ip END"

/* The domain of a name that has a key: as registered, else the key itself. Borrowed. */
struct str names_domain(struct str name);

/* Whether the name lies below the domain. */
bool names_below(struct str name, struct str domain);

/* The part of a name below its domain, without the dot between; the whole name for an
 * absent domain. Borrowed. */
struct str names_sub(struct str name, struct str domain);

/* Whether the part spells an IP address as reverse zones and block lists do: four decimal
 * labels up to 255, or 32 labels of one hexadecimal digit (RFC 1035 3.5, RFC 3596). */
bool names_spells_address(struct str sub);

/* Whether all bytes are hexadecimal digits, and there is one. */
bool names_is_hex(struct str s);

/* Its first label. Borrowed. */
struct str names_first_label(struct str s);

#endif
