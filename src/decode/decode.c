/* SPDX-License-Identifier: Apache-2.0 */
/* The way in: from a frame's link type to the
 * function that reads its outermost header. */
#include "decode/decode.h"

#include "decode/unwrap.h"
#include "input/linktype.h"

/* The frame check sequence is the end of what was on the wire, captured or not. */
static void drop_fcs(struct unwrap *u, uint32_t fcs)
{
	unwrap_limit(u, u->wire > fcs ? u->wire - fcs : 0);
}

static enum decode_outcome link_decode(struct unwrap *u, uint16_t link)
{
	switch (link) {
	case LINKTYPE_ETHERNET:
		return ethernet_decode(u);
	case LINKTYPE_RAW:
	case LINKTYPE_RAW_BSD:
	case LINKTYPE_RAW_OPENBSD:
		return ip_decode(u);
	case LINKTYPE_IPV4:
		return ipv4_decode(u);
	case LINKTYPE_IPV6:
		return ipv6_decode(u);
	case LINKTYPE_NULL:
	case LINKTYPE_LOOP:
		return loop_decode(u);
	case LINKTYPE_LINUX_SLL:
		return sll_decode(u);
	case LINKTYPE_LINUX_SLL2:
		return sll2_decode(u);
	case LINKTYPE_PPP:
	case LINKTYPE_PPP_HDLC:
		return ppp_decode(u);
	case LINKTYPE_PPP_ETHER:
		return pppoe_decode(u);
	case LINKTYPE_C_HDLC:
		return hdlc_decode(u);
	case LINKTYPE_IEEE802_11:
		return wifi_decode(u);
	case LINKTYPE_IEEE802_11_RADIOTAP:
		return radiotap_decode(u);
	default:
		return DECODE_UNSUPPORTED;
	}
}

enum decode_outcome frame_decode(const struct frame *f, struct packet *p)
{
	packet_begin(p, f);
	packet_clear(p);
	struct unwrap u = {f->data, f->captured, f->wire, 0, false, false, p};
	if (f->fcs > 0)
		drop_fcs(&u, f->fcs);
	return unwrap_bridged(&u, link_decode(&u, f->link));
}

enum decode_outcome decode_frame(const struct frame *f, struct packet *p)
{
	packet_begin(p, f);
	if (f->link == LINKTYPE_ETHERNET && f->fcs == 0 && usual_decode(f, p))
		return DECODE_OK;
	return frame_decode(f, p);
}

enum decode_outcome decode_transport(
    struct packet *p, const uint8_t *bytes, uint32_t captured, uint32_t length)
{
	struct unwrap u = {bytes, captured, length, 0, false, false, p};
	return extension_decode(&u);
}
