/* SPDX-License-Identifier: Apache-2.0 */
/* What a handshake of TLS shows of the protocol inside: a word for conn.service. */
#ifndef DWELL_PROTO_TLS_WORDS_H
#define DWELL_PROTO_TLS_WORDS_H

#include "proto/parser.h"

/*
 * Add dot (RFC 7858), doq (RFC 9250), doh (RFC 8484) or tor, where the handshake shows
 * it. DNS over HTTPS is told by the name of a resolver that is for nothing else: one of
 * one's own, or one that shares its name with other sites, can not be told from them.
 */
void tls_words(struct parse *x, const struct tls_record *r);

#endif
