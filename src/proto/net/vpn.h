/* SPDX-License-Identifier: Apache-2.0 */
/* What the parsers of IKE, OpenVPN and WireGuard keep of a flow: one row of table vpn. */
#ifndef DWELL_PROTO_VPN_H
#define DWELL_PROTO_VPN_H

#include "proto/shared/datagram.h"

#define VPN_ID_MAX      16 /* bytes of an id */
#define VPN_VENDORS_MAX 16 /* vendor ids kept of a flow */

struct vpn_id {
	uint8_t n, p[VPN_ID_MAX];
};

struct vpn {
	bool begun;
	const char *kind, *version; /* static */
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	uint64_t messages;
	uint8_t exchange;
	uint16_t group;
	struct vpn_id client, server;
	struct kept identity;
	struct str vendor[VPN_VENDORS_MAX]; /* owned */
	size_t vendors, vendor_bytes;
};

/* The first message: dates the row. */
void vpn_begin(struct parse *x, struct vpn *v, const char *kind, const char *version);

/* Keep an id, the first one that is not all zero. */
void vpn_id(struct vpn_id *id, struct bytes b);

/* Keep a vendor id, once. Copied. */
void vpn_vendor(struct parse *x, struct vpn *v, struct str text);

/* Emit the row, if there was a message, and free what v owns. */
void vpn_emit(struct parse *x, struct vpn *v, struct str exchange);

/* Bytes that v owns. */
size_t vpn_held(const struct vpn *v);

#endif
