/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What RDP's client and server tell each other in the clear when there is no TLS: blocks
 * in a GCC conference request and answer (MS-RDPBCGR, 2.2.1.3, 2.2.1.4; T.124), inside
 * of MCS Connect-Initial and Connect-Response (T.125).
 *
 *     7f 65 … "Duca" length | type 2 | length 2 | …        7f 66 … "McDn" length | …
 */
#ifndef DWELL_PROTO_RDP_GCC_H
#define DWELL_PROTO_RDP_GCC_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/str.h"

#define RDP_CHANNELS_MAX 31  /* that one client may ask for (MS-RDPBCGR, 2.2.1.3.4) */
#define RDP_NAME_MAX     256 /* bytes kept of a name */

struct rdp_gcc {
	bool client, server; /* its message was seen */
	int64_t width, height, keyboard, build;
	unsigned depth; /* high colour depth; 32: a session of 32 bits is wanted */
	char name[RDP_NAME_MAX], product[RDP_NAME_MAX]; /* empty: absent */
	char channels[RDP_CHANNELS_MAX][8 * 4 + 1];
	size_t channel_n;
	int64_t result, method, level; /* of the server; -1: not seen */
	int64_t certificate;           /* its version field; -1 */
	uint32_t certificates;
};

/* Look into the data of a TPDU: Connect-Initial or Connect-Response, else nothing. False:
 * it is one, and cut off or malformed. */
bool rdp_gcc_read(struct arena *a, struct bytes data, struct rdp_gcc *g);

/* The name of a keyboard layout, a client's build, a level or a method of encryption, as
 * Zeek writes them; in the arena or static. */
struct str rdp_keyboard(struct arena *a, int64_t layout);
struct str rdp_build(struct arena *a, int64_t build);
struct str rdp_level(struct arena *a, int64_t level);
struct str rdp_method(struct arena *a, int64_t method);

#endif
