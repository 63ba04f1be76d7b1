/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/reason.h"

#include "base/bytes.h"
#include "input/linktype.h"

enum {
	WIFI_TYPE = 0x0c,
	WIFI_TYPE_DATA = 0x08,
	WIFI_SUBTYPE_NULL = 0x40,
	WIFI_PROTECTED = 0x40,
	TYPE_LENGTH_MAX = 1500, /* up to here it is IEEE 802.3's length */
	TAGS_MAX = 8,           /* looked behind */
};

static bool is_vlan(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
}

/* b stands at an EtherType. */
static struct decode_why by_type(struct bytes b)
{
	uint16_t type = bytes_be16(&b);
	for (int i = 0; i < TAGS_MAX && is_vlan(type); i++) {
		bytes_skip(&b, 2);
		type = bytes_be16(&b);
	}
	if (b.bad)
		return (struct decode_why){REASON_OTHER, 0};
	if (type <= TYPE_LENGTH_MAX)
		return (struct decode_why){REASON_LLC, 0};
	return (struct decode_why){REASON_ETHERTYPE, type};
}

static struct decode_why by_wifi(struct bytes b)
{
	uint8_t kind = bytes_u8(&b), flags = bytes_u8(&b);
	enum decode_reason reason = REASON_OTHER;
	if (!b.bad &&
	    ((kind & WIFI_TYPE) != WIFI_TYPE_DATA || (kind & WIFI_SUBTYPE_NULL) != 0))
		reason = REASON_WIFI_MANAGEMENT;
	else if (!b.bad && (flags & WIFI_PROTECTED) != 0)
		reason = REASON_WIFI_ENCRYPTED;
	return (struct decode_why){reason, 0};
}

struct decode_why decode_why(const struct frame *f)
{
	struct bytes b = bytes_over(f->data, f->captured);
	switch (f->link) {
	case LINKTYPE_ETHERNET:
		bytes_skip(&b, 12);
		return by_type(b);
	case LINKTYPE_LINUX_SLL:
		bytes_skip(&b, 14);
		return by_type(b);
	case LINKTYPE_LINUX_SLL2:
		return by_type(b);
	case LINKTYPE_IEEE802_11:
		return by_wifi(b);
	case LINKTYPE_IEEE802_11_RADIOTAP:
		bytes_skip(&b, f->captured >= 4 ? load_le16(f->data + 2) : 4);
		return by_wifi(b);
	case LINKTYPE_RAW:
	case LINKTYPE_RAW_BSD:
	case LINKTYPE_RAW_OPENBSD:
	case LINKTYPE_IPV4:
	case LINKTYPE_IPV6:
	case LINKTYPE_NULL:
	case LINKTYPE_LOOP:
	case LINKTYPE_PPP:
	case LINKTYPE_PPP_HDLC:
	case LINKTYPE_PPP_ETHER:
	case LINKTYPE_C_HDLC:
		return (struct decode_why){REASON_OTHER, 0};
	default:
		return (struct decode_why){REASON_LINK, 0};
	}
}

const char *ethertype_name(uint16_t type)
{
	static const struct {
		uint16_t type;
		const char *name;
	} names[] = {
	    {0x0806, "ARP"},
	    {0x0842, "Wake-on-LAN"},
	    {0x22f0, "AVTP"},
	    {0x6002, "DEC MOP"},
	    {0x6558, "bridged Ethernet"},
	    {0x8035, "RARP"},
	    {0x809b, "AppleTalk"},
	    {0x80f3, "AppleTalk ARP"},
	    {0x8137, "IPX"},
	    {0x8204, "QNX"},
	    {0x8808, "pause frames"},
	    {0x8809, "LACP"},
	    {0x8863, "PPPoE discovery"},
	    {0x888e, "802.1X"},
	    {0x8892, "PROFINET"},
	    {0x88a4, "EtherCAT"},
	    {0x88ab, "POWERLINK"},
	    {0x88b8, "GOOSE"},
	    {0x88b9, "GSE management"},
	    {0x88ba, "sampled values"},
	    {0x88ca, "TIPC"},
	    {0x88cc, "LLDP"},
	    {0x88cd, "SERCOS III"},
	    {0x88e1, "HomePlug AV"},
	    {0x88e3, "MRP"},
	    {0x88e5, "MACsec"},
	    {0x88f7, "PTP"},
	    {0x88fb, "PRP"},
	    {0x8902, "CFM"},
	    {0x8906, "FCoE"},
	    {0x894f, "NSH"},
	    {0x9000, "loopback test"},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].type == type)
			return names[i].name;
	}
	return NULL;
}
