/* SPDX-License-Identifier: Apache-2.0 */
/* On which ports TLS and QUIC are nothing odd, and which belong to another protocol. */
#ifndef DWELL_DETECT_TLS_PORTS_H
#define DWELL_DETECT_TLS_PORTS_H

/* IANA's registry: protocols inside TLS, and those that turn to it (STARTTLS, CONNECT of
 * proxies). */
// clang-format off
#define PORTS_TLS \
	21, 25, 110, 119, 143, 389, 443, 465, 563, 587, 614, 636, 684, 695, 853, 989, \
	990, 992, 993, 994, 995, 1080, 1433, 2083, 2376, 2762, 3128, 3269, 3306, \
	3389, 3391, 3478, 3713, 4190, 4460, 4843, 5061, 5222, 5223, 5228, 5229, 5230, \
	5269, 5349, 5432, 5671, 5684, 5986, 6443, 6514, 6619, 6697, 8000, 8080, 8443, \
	8853, 8883, 8888, 9443, 10161, 10162, 19999
// clang-format on

/* The same as a list in SQL. */
#define PORTS_TEXT_OF(...) #__VA_ARGS__
#define PORTS_TEXT(...)    PORTS_TEXT_OF(__VA_ARGS__)
#define PORTS_TLS_SQL      PORTS_TEXT(PORTS_TLS)

/* Protocols of their own, of which none turns to TLS: remote logon, names, time, file
 * sharing, the web in clear, routing, plants. */
static const unsigned short ports_of_others[] = {22, 23, 53, 67, 69, 79, 80, 88, 102, 111,
    123, 135, 137, 138, 139, 161, 162, 179, 445, 502, 513, 514, 520, 1900, 2404, 5353,
    5900, 20000, 44818, 47808};

#endif
