/* SPDX-License-Identifier: Apache-2.0 */
#include "input/linktype.h"

#include <stddef.h>

const char *linktype_name(unsigned link)
{
	static const struct {
		unsigned link;
		const char *name;
	} names[] = {
	    {LINKTYPE_NULL, "BSD loopback"},
	    {LINKTYPE_ETHERNET, "Ethernet"},
	    {LINKTYPE_PPP, "PPP"},
	    {LINKTYPE_RAW_BSD, "raw IP"},
	    {LINKTYPE_RAW_OPENBSD, "raw IP"},
	    {LINKTYPE_PPP_HDLC, "PPP in HDLC framing"},
	    {LINKTYPE_PPP_ETHER, "PPPoE session"},
	    {LINKTYPE_RAW, "raw IP"},
	    {LINKTYPE_C_HDLC, "Cisco HDLC"},
	    {LINKTYPE_IEEE802_11, "802.11"},
	    {LINKTYPE_LOOP, "OpenBSD loopback"},
	    {LINKTYPE_LINUX_SLL, "Linux cooked"},
	    {LINKTYPE_IEEE802_11_RADIOTAP, "802.11 with radiotap"},
	    {LINKTYPE_IPV4, "raw IPv4"},
	    {LINKTYPE_IPV6, "raw IPv6"},
	    {LINKTYPE_LINUX_SLL2, "Linux cooked 2"},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].link == link)
			return names[i].name;
	}
	return "unknown";
}
