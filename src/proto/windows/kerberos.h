/* SPDX-License-Identifier: Apache-2.0 */
/* Kerberos messages inside other protocols (RFC 4121): AP-REQ in SPNEGO. */
#ifndef DWELL_PROTO_KERBEROS_H
#define DWELL_PROTO_KERBEROS_H

#include "proto/parser.h"

/* Take in a message that carrier (static text) carries; an AP-REQ becomes a record. */
void kerberos_inside(struct parse *x, struct bytes message, const char *carrier);

/* The name of an encryption type (RFC 3961 and IANA); NULL: not known. Static. */
const char *kerberos_cipher(int64_t etype);

/* The name of an error (RFC 4120, 7.5.9); NULL: not known. Static. */
const char *kerberos_error(int64_t code);

/* The name of a kind of pre-authentication (RFC 4120, 7.5.2); NULL: not known. Static. */
const char *kerberos_preauth(int64_t type);

#endif
