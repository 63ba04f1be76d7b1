/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What machines are called, and their hardware addresses, as tables of several protocols
 * have them, in one form each. The same functions serve what is rolled up (seen.c) and,
 * as host_name() and mac_address() of SQL, rows that are not rolled up yet, plain rows
 * and standing hunts: NAMED_SHOWN says once what is read of which table.
 */
#ifndef DWELL_STORE_NAMED_H
#define DWELL_STORE_NAMED_H

#include <stddef.h>

#include "base/str.h"

#define NAMED_HOST_MAX 255 /* bytes of a name of a machine; longer ones are none */
#define NAMED_MAC      17  /* characters of a hardware address */

// clang-format off
/* Whom a lease is for: 0.0.0.0 and :: are nobody. */
#define NAMED_LESSEE \
	"CASE WHEN assigned_addr NOT IN ('0.0.0.0','::') THEN assigned_addr " \
	"WHEN client_addr NOT IN ('0.0.0.0','::') THEN client_addr " \
	"WHEN requested_addr NOT IN ('0.0.0.0','::') THEN requested_addr END"
/* A machine's principal ends in $; a tree is \\MACHINE\SHARE. */
#define NAMED_MACHINE "host_name(regexp_extract(client,'^([^/@$]+)[$](/|$)',1))"
#define NAMED_SERVER  "host_name(regexp_extract(path,'^\\\\\\\\([^\\\\]+)',1))"

/* W(type of record, kind, value, via, host, condition): all but the first are SQL. */
#define NAMED_SHOWN(W) \
	W(DHCP, "mac", "mac_address(mac)", "dhcp", NAMED_LESSEE, "true") \
	W(DHCP, "host_name", "host_name(host_name)", "dhcp", NAMED_LESSEE, "true") \
	W(DHCP, "host_name", "host_name(client_fqdn)", "dhcp", NAMED_LESSEE, "true") \
	W(DNS, "host_name", "host_name(query)", "nbns", "src_ip", \
	    "kind IN ('nbns registration','nbns refresh')") \
	W(NTLM, "host_name", "host_name(hostname)", "ntlm", "src_ip", "true") \
	W(NTLM, "host_name", "host_name(server_nb_computer_name)", "ntlm", "dst_ip", "true") \
	W(NTLM, "host_name", "host_name(server_dns_computer_name)", "ntlm", "dst_ip", "true") \
	W(KERBEROS, "host_name", NAMED_MACHINE, "kerberos", "src_ip", "true") \
	W(SMB, "host_name", NAMED_SERVER, "smb", "dst_ip", "true") \
	W(RADIUS, "mac", "mac_address(mac)", "radius", "framed_addr", "true") \
	W(RDP, "host_name", "host_name(client_name)", "rdp", "src_ip", "true") \
	W(RPC, "host_name", "host_name(machine)", "rpc", "src_ip", "true") \
	W(OT, "mac", "mac_address(src_mac)", "ot", "src_ip", "true") \
	W(OT, "mac", "mac_address(dst_mac)", "ot", "dst_ip", "true")
// clang-format on

/* The name of a machine in lower case (ASCII), without a final dot; its bytes. 0: it is
 * none, as it has bytes that no such name has, is an address, or is too long. */
size_t named_host(struct str text, char out[static NAMED_HOST_MAX]);

/* The hardware address of six bytes as "00:11:22:aa:bb:cc"; its characters. 0: it is
 * none, or names no machine (of a group, all zeros). */
size_t named_mac(struct str text, char out[static NAMED_MAC]);

/* The machine of a principal that is one's ("pc1$/REALM"), of a tree ("\\pc1\share");
 * borrowed; absent: there is none. */
struct str named_machine(struct str principal);
struct str named_server(struct str tree);

#endif
