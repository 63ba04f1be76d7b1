/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /metrics for Prometheus on the loopback, by libmicrohttpd, which is loaded when it is
 * asked for. No thread: the owner polls a descriptor and lets it run.
 */
#ifndef DWELL_DESK_METRICS_H
#define DWELL_DESK_METRICS_H

#include <stdint.h>

#include "base/error.h"
#include "desk/page.h"

#define METRICS_LIBRARY      "libmicrohttpd.so.12"
#define METRICS_CLIENTS_MAX  8
#define METRICS_TIMEOUT_S    10
#define METRICS_CLIENT_BYTES (32U << 10) /* memory for one of them */

struct metrics;

/* Listen at a TCP port of 127.0.0.1 (0: any) and show the page (borrowed). NULL with *e
 * set. */
struct metrics *metrics_open(uint16_t port, const struct page *p, struct error *e);

/* The port it listens at, and the descriptor to poll for reading. */
uint16_t metrics_port(const struct metrics *m);
int metrics_descriptor(const struct metrics *m);

/* Do what there is to do, without waiting. */
void metrics_run(struct metrics *m);

/* Close; NULL is fine. */
void metrics_close(struct metrics *m);

#endif
