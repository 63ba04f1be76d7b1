/* SPDX-License-Identifier: Apache-2.0 */
/* What the parsers of DHCP and DHCPv6 share. */
#ifndef DWELL_PROTO_DHCP_H
#define DWELL_PROTO_DHCP_H

#include "proto/shared/datagram.h"

#define DHCP_PARAMETERS_MAX 256 /* options that one message may ask for, kept */

/* Begin the row of the message at hand, of that kind ("dhcp", "dhcp6"). */
void dhcp_begin(struct parse *x, struct dhcp_record *r, struct str kind);

/* Count the message and emit its row. */
void dhcp_end(
    struct parse *x, const struct flow_data *d, const struct dhcp_record *r, bool good);

/* A hardware address, of the bytes left in b, as text; absent when there are none. */
struct str dhcp_mac(struct parse *x, struct bytes b);

/* A name from an option, without the zero bytes behind it; absent when it is empty. */
struct str dhcp_text(struct parse *x, struct bytes b);

/* Names in DNS form (RFC 1035, 3.1, without pointers): the first of them, lower case. */
struct str dhcp_domain(struct parse *x, struct bytes b);

#endif
