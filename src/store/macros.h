/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that queries expect of a network's memory, beside those of the engine
 * (doc/sql.md shows each at work). NULL gives NULL.
 *
 *     in_net(ip, networks)      whether an address lies in CIDR[,CIDR...]; NULL for a
 * text that is no address; a wrong network is an error is_home(ip)               the same
 * for the memory's home networks registered_domain(name)   bbc.co.uk of www.bbc.co.uk;
 * NULL: none public_suffix(name)       co.uk of www.bbc.co.uk; NULL: not in the list
 *     reverse_labels(name)      uk.co.bbc.www, as seen.sort is
 *     community_id(src_ip, dst_ip, src_port, dst_port, proto [, seed])
 *                               Community ID v1; proto by word or number
 */
#ifndef DWELL_STORE_MACROS_H
#define DWELL_STORE_MACROS_H

#include <duckdb.h>

#include "base/error.h"
#include "store/config.h"

#define MACROS_NETS_MAX 64 /* networks in one text for in_net */

struct macros;

/* Make the functions known to an engine. The configuration is borrowed, and read when
 * is_home runs. NULL with *e set. What it gives must outlive the engine. */
struct macros *macros_new(
    duckdb_connection conn, const struct config *config, struct error *e);

/* Free it; NULL is fine. */
void macros_free(struct macros *m);

#endif
