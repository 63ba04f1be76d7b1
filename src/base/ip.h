/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What packets and logs must agree on about IP: the words for its protocols, and which
 * side of a connection is the server when nobody saw it begin.
 */
#ifndef DWELL_BASE_IP_H
#define DWELL_BASE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* The protocol as conn.proto holds it: a word (static), else its number (in the arena).
 */
struct str ip_proto_word(struct arena *a, uint8_t proto);

/* Whether servers use to listen there: who opened a connection seen from its middle. */
bool port_likely_server(uint8_t proto, uint16_t port);

#endif
