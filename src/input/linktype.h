/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Link types as capture files number them (the LINKTYPE_ registry
 * of libpcap; the values below 10 and 101 and above are the same
 * on every system, 12 and 14 are the raw IP of some BSDs).
 */
#ifndef DWELL_INPUT_LINKTYPE_H
#define DWELL_INPUT_LINKTYPE_H

enum linktype {
	LINKTYPE_NULL = 0,
	LINKTYPE_ETHERNET = 1,
	LINKTYPE_PPP = 9,
	LINKTYPE_RAW_BSD = 12,
	LINKTYPE_RAW_OPENBSD = 14,
	LINKTYPE_PPP_HDLC = 50,
	LINKTYPE_PPP_ETHER = 51,
	LINKTYPE_RAW = 101,
	LINKTYPE_C_HDLC = 104,
	LINKTYPE_IEEE802_11 = 105,
	LINKTYPE_LOOP = 108,
	LINKTYPE_LINUX_SLL = 113,
	LINKTYPE_IEEE802_11_RADIOTAP = 127,
	LINKTYPE_IPV4 = 228,
	LINKTYPE_IPV6 = 229,
	LINKTYPE_LINUX_SLL2 = 276,
};

/* What a link type is called, for people:
 * static text, "unknown" when it has no name here. */
const char *linktype_name(unsigned link);

#endif
