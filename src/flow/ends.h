/* SPDX-License-Identifier: Apache-2.0 */
/* What finds a packet's flow: its two ends in canonical order, and their hash;
 * private to the flow table. */
#ifndef DWELL_FLOW_ENDS_H
#define DWELL_FLOW_ENDS_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/packet.h"

#define ENDS_KEY_WORDS 16

/* The secret of the hash: random numbers, one for each word that is hashed. */
struct ends_key {
	uint64_t k[ENDS_KEY_WORDS];
};

/* The ends of a packet, with ICMP types for ports. */
struct ends {
	uint32_t hash;
	uint16_t src_port, dst_port;
	uint8_t kind;    /* enum conn_kind */
	uint8_t one_way; /* 1: the reverse direction is another flow */
	uint8_t turned;  /* 1: the sender is the second end of the canonical order */
};

/* A random key from the operating system. */
struct ends_key ends_key_random(void);

/* The ends of p. Both directions have one hash, unless they are two flows. */
void ends_find(const struct ends_key *key, const struct packet *p, struct ends *e);

#endif
