/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports at which servers listen: the only hint to who opened a
 * connection when its beginning was not captured. The set is that of
 * the protocols which Zeek's default configuration registers, so that
 * both name the same side; the numbers are those of the IANA registry.
 */
#include "flow/conn.h"

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
	if (proto == IP_PROTO_TCP)
		return listed(tcp_ports, sizeof(tcp_ports) / sizeof(tcp_ports[0]), port);
	return listed(udp_ports, sizeof(udp_ports) / sizeof(udp_ports[0]), port);
}
