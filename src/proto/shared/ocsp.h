/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers about whether certificates were revoked (OCSP, RFC 6960), over HTTP or stapled
 * to a TLS handshake (RFC 6066, 8): a row of the table ocsp for each certificate that one
 * speaks of. Signatures are not checked and nothing is trusted.
 */
#ifndef DWELL_PROTO_OCSP_H
#define DWELL_PROTO_OCSP_H

#include "proto/parser.h"

#define OCSP_BYTES_MAX   (64u << 10) /* of one answer */
#define OCSP_ANSWERS_MAX 64          /* certificates that one answer gives rows for */

/* Emit the rows of an answer in DER; protocol says what carried it (static). False: it is
 * malformed; what came before the damage has its rows. */
bool ocsp_emit(struct parse *x, const char *protocol, struct bytes answer);

#endif
