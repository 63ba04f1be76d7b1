/* SPDX-License-Identifier: Apache-2.0 */
/* The detectors, in the order in which they run: D(name of the const struct detector
 * in detect/FAMILY/NAME.c, without its detector_ beginning). */
#ifndef DWELL_DETECT_DETECT_TABLE_H
#define DWELL_DETECT_DETECT_TABLE_H

// clang-format off
#define DETECT_TABLE(D) \
	/* timing */ \
	D(clockwork) \
	D(presence) \
	/* volume */ \
	D(upload) \
	/* dns */ \
	D(dns_tunnel) \
	D(dns_odd) \
	/* wire */ \
	D(injection) \
	D(knock) \
	D(implant) \
	D(covert_icmp) \
	D(odd_packet) \
	/* tls */ \
	D(tls_odd) \
	D(odd_service) \
	D(keys) \
	/* inside */ \
	D(admin_path) \
	D(discovery) \
	D(relay) \
	/* ot */ \
	D(ot_change) \
	/* lists */ \
	D(indicator)
// clang-format on

#endif
