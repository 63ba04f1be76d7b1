/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux cooked capture: what "-i any" writes in place of a link header.
 *
 *     v1: packet type 2 | ARPHRD 2 | address length 2 | address 8 | protocol 2
 *     v2: protocol 2 | 0 2 | interface 4 | ARPHRD 2 | type 1 | length 1 | address 8
 */
#include "decode/unwrap.h"

enum {
	SLL_BYTES = 16,
	SLL2_BYTES = 20,
	SLL_LLC = 4,             /* protocol: IEEE 802.2 follows */
	SLL_TYPES = 0x0600,      /* protocols below are Linux's own numbers */
	ARPHRD_WIFI = 801,       /* IEEE 802.11, plain, … */
	ARPHRD_WIFI_PRISM = 802, /* … with a Prism header */
	ARPHRD_WIFI_RADIOTAP = 803,
	ARPHRD_NETLINK = 824, /* the kernel's own messages: the protocol is a family */
};

static enum decode_outcome cooked(struct unwrap *u, uint16_t arphrd, uint16_t protocol)
{
	switch (arphrd) {
	case ARPHRD_WIFI:
		return wifi_decode(u);
	case ARPHRD_WIFI_RADIOTAP:
		return radiotap_decode(u);
	case ARPHRD_WIFI_PRISM:
		return DECODE_UNSUPPORTED;
	case ARPHRD_NETLINK:
		return DECODE_NOT_IP;
	default:
		break;
	}
	if (protocol == SLL_LLC)
		return llc_decode(u);
	return protocol < SLL_TYPES ? DECODE_NOT_IP : ethertype_decode(u, protocol);
}

enum decode_outcome sll_decode(struct unwrap *u)
{
	const uint8_t *h = unwrap_take(u, SLL_BYTES);
	if (h == NULL)
		return unwrap_short(u);
	return cooked(u, load_be16(h + 2), load_be16(h + 14));
}

enum decode_outcome sll2_decode(struct unwrap *u)
{
	const uint8_t *h = unwrap_take(u, SLL2_BYTES);
	if (h == NULL)
		return unwrap_short(u);
	return cooked(u, load_be16(h + 8), load_be16(h));
}
