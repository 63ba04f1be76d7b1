/* SPDX-License-Identifier: Apache-2.0 */
/* A process of dwell watch that receives flow exports (NetFlow, IPFIX): datagrams to
 * records. */
#ifndef DWELL_CMD_WATCH_EXPORTS_H
#define DWELL_CMD_WATCH_EXPORTS_H

#include "cmd/options.h"
#include "cmd/shares.h"
#include "input/netflow_udp.h"

/* Receive at udp, which becomes its own, until stop can be read or is at its end; records
 * go to the pipe out. The exit status of the process; what is wrong is said. */
int exports_run(const struct options *o, const struct limits *limits,
    struct netflow_udp *udp, int out, int stop);

#endif
