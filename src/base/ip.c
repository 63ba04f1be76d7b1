/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ports are those at which servers listen: the only hint to who opened a
 * connection when its beginning was not captured. The set is that of
 * the protocols which Zeek's default configuration registers, so that
 * both name the same side; the numbers are those of the IANA registry.
 */
#include "base/ip.h"

#define PROTO_TCP 6
#define PROTO_UDP 17

struct proto_word {
	uint8_t proto;
	const char *word;
};

/* Protocol numbers of IANA, in their order; ICMPv6 is icmp, as Zeek says. */
static const struct proto_word proto_words[] = {
    {1, "icmp"},
    {2, "igmp"},
    {4, "ipip"},
    {6, "tcp"},
    {8, "egp"},
    {9, "igp"},
    {17, "udp"},
    {33, "dccp"},
    {41, "ipv6"},
    {46, "rsvp"},
    {47, "gre"},
    {50, "esp"},
    {51, "ah"},
    {58, "icmp"},
    {59, "ipv6-nonxt"},
    {88, "eigrp"},
    {89, "ospf"},
    {94, "ipip"},
    {97, "etherip"},
    {98, "encap"},
    {103, "pim"},
    {108, "ipcomp"},
    {112, "vrrp"},
    {113, "pgm"},
    {115, "l2tp"},
    {124, "isis"},
    {132, "sctp"},
    {136, "udplite"},
    {137, "mpls"},
};

struct str ip_proto_word(struct arena *a, uint8_t proto)
{
	if (proto == PROTO_TCP)
		return STR("tcp");
	if (proto == PROTO_UDP)
		return STR("udp");
	for (size_t i = 0; i < sizeof(proto_words) / sizeof(proto_words[0]); i++) {
		if (proto_words[i].proto == proto)
			return str_of(proto_words[i].word);
	}
	return str_format(a, "%u", proto);
}

static const uint16_t tcp_ports[] = {21, 22, 25, 53, 80, 81, 88, 110, 135, 139, 143, 443,
    445, 502, 563, 585, 587, 614, 631, 636, 989, 990, 992, 993, 995, 1080, 1434, 1883,
    2811, 3128, 3306, 3389, 5222, 5223, 5269, 6666, 6667, 6668, 6669, 8000, 8080, 8888,
    20000};

static const uint16_t udp_ports[] = {53, 67, 88, 123, 137, 161, 162, 443, 514, 1812, 2123,
    2152, 3544, 4789, 5060, 5072, 5353, 5355, 6081, 20000};

static bool listed(const uint16_t *v, size_t n, uint16_t port)
{
	size_t low = 0;
	while (low < n) {
		size_t middle = low + (n - low) / 2;
		if (v[middle] == port)
			return true;
		if (v[middle] < port)
			low = middle + 1;
		else
			n = middle;
	}
	return false;
}

bool port_likely_server(uint8_t proto, uint16_t port)
{
	if (proto == PROTO_TCP)
		return listed(tcp_ports, sizeof(tcp_ports) / sizeof(tcp_ports[0]), port);
	return listed(udp_ports, sizeof(udp_ports) / sizeof(udp_ports[0]), port);
}
