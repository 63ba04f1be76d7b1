/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of an ASN.1 SEQUENCE by their number, as Kerberos tags them: [n] around one
 * element (RFC 4120, 5.1). */
#ifndef DWELL_PROTO_ASN1_H
#define DWELL_PROTO_ASN1_H

#include "proto/shared/der.h"

#define ASN1_GENERAL_STRING 0x1b
#define ASN1_ENUMERATED     0x0a

/* The element inside field [n] of the sequence's content; false: there is none. */
bool asn1_field(struct bytes content, unsigned n, struct der *e);

/* A small INTEGER or ENUMERATED; -1: it is none that fits. */
int64_t asn1_number(const struct der *e);

/* The same of field [n]; -1: there is none. */
int64_t asn1_field_number(struct bytes content, unsigned n);

#endif
