/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An X.509 certificate (RFC 5280), read without verifying anything: who it says it is,
 * until when, with which key. The signature is not checked and nothing is trusted.
 *
 *     Certificate: { TBS: { [0] version, serial, sigAlg, issuer, { notBefore, notAfter },
 * subject, { keyAlg, key }, [1] [2] unique ids, [3] { extensions } }, sigAlg, signature }
 *
 * An own walk over the DER: OpenSSL's reader costs a hundred times as much and allocates.
 */
#ifndef DWELL_PROTO_X509_H
#define DWELL_PROTO_X509_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/moment.h"
#include "base/str.h"
#include "record/record.h"

#define X509_EXTENSIONS_MAX 128  /* extensions read of one certificate */
#define X509_NAMES_MAX      256  /* alternative names kept of one certificate */
#define X509_ATTRIBUTES_MAX 64   /* attributes printed of one subject or issuer */
#define X509_NAME_BYTES_MAX 8192 /* bytes of a subject or issuer as text */

enum x509_result {
	X509_PARSED,
	X509_MALFORMED,  /* what came before the damage is set */
	X509_OVER_LIMIT, /* more extensions than the limit; the first ones were read */
};

/* All cursors borrow the certificate's bytes. */
struct x509 {
	unsigned version;                     /* 1 to 3; 0: not read */
	struct bytes serial, issuer, subject; /* contents of INTEGER and of two Names */
	struct moment not_before, not_after;  /* MOMENT_NONE: not read */
	struct bytes key_alg, sig_alg;        /* contents of OIDs */
	struct bytes key_parameters, key; /* of the algorithm, whole; BIT STRING's bits */
	struct bytes names;               /* GeneralNames of subjectAltName, content */
	int8_t is_ca;                     /* basic constraints; -1: no such extension */
};

/* Read the certificate that der holds. */
enum x509_result x509_parse(struct bytes der, struct x509 *c);

/* Fill in the columns of a cert record from version to san_uri; texts and lists live in
 * the arena or in the certificate's bytes. False when names were over a limit. */
bool x509_record(struct arena *a, const struct x509 *c, struct cert_record *r);

/* A Name's content as text (RFC 4514: last part first), in the arena; absent when it is
 * malformed or over a limit. */
struct str x509_name_text(struct arena *a, struct bytes name);

/* The long name that OpenSSL has for an algorithm's OID, else its numbers. */
struct str x509_algorithm_text(struct arena *a, struct bytes oid);

/* The short name of a curve's OID and the bits of its order;
 * absent, and 0, when unknown. */
struct str x509_curve(struct bytes oid, unsigned *bits);

/* The short name of an attribute's OID, else its numbers. */
struct str x509_attribute_text(struct arena *a, struct bytes oid);

#endif
