/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flow exports as they come: a thread takes datagrams from UDP sockets into a ring, from
 * which one reader takes them, so that the reader may be busy (writing segments) for a
 * while. When the ring is full the thread lets the kernel's buffers fill; what these lose
 * is counted by the kernel, and told.
 *
 *     sockets ─▶ thread ─▶ ring of bytes ─▶ netflow_udp_take
 *
 * The thread and the reader share the ring's two positions and nothing else.
 */
#ifndef DWELL_INPUT_NETFLOW_UDP_H
#define DWELL_INPUT_NETFLOW_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"
#include "base/moment.h"

#define NETFLOW_SOCKETS_MAX  16
#define NETFLOW_RING_BYTES   (32U << 20) /* a power of two */
#define NETFLOW_SOCKET_BYTES (16 << 20)  /* asked of the kernel for each socket */

struct netflow_udp;

/* One datagram, valid until the next is taken. */
struct netflow_arrival {
	struct addr exporter;
	struct moment ts;
	const uint8_t *p;
	size_t n;
};

/* Listen where the n texts say: "udp:PORT", "udp:ADDRESS:PORT", "udp:[ADDRESS]:PORT".
 * What comes waits in the kernel. NULL with *e set. */
struct netflow_udp *netflow_udp_open(const char *const *where, size_t n, struct error *e);

/* Begin to take datagrams; in a child of the process that opened, if that is wanted, and
 * again in the next when that one fell. Negative with *e set. */
int netflow_udp_start(struct netflow_udp *u, struct error *e);

/* Whether a text is such a place to listen at. */
bool netflow_udp_place(const char *text, struct addr *address, uint16_t *port);

/* A descriptor that can be read when datagrams may have come; for poll. */
int netflow_udp_descriptor(const struct netflow_udp *u);

/* The next datagram; false when there is none now. */
bool netflow_udp_take(struct netflow_udp *u, struct netflow_arrival *a);

/* Datagrams that the kernel has lost since the last call. */
uint64_t netflow_udp_drops(struct netflow_udp *u);

/* Stop receiving; what is in the ring can still be taken. */
void netflow_udp_stop(struct netflow_udp *u);

/* Stop and free; NULL is fine. */
void netflow_udp_close(struct netflow_udp *u);

#endif
