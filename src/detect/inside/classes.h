/* SPDX-License-Identifier: Apache-2.0 */
/* Services by which one administers another machine, by what was seen of them, else by
 * their port. C(CLASS, "name", "words of conn.service, joined by ','") */
#ifndef DWELL_DETECT_INSIDE_CLASSES_H
#define DWELL_DETECT_INSIDE_CLASSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

// clang-format off
#define ADMIN_CLASSES(C) \
	C(SMB,    "smb",    "smb") \
	C(RPC,    "rpc",    "dce_rpc") \
	C(RDP,    "rdp",    "rdp") \
	C(WINRM,  "winrm",  "winrm") \
	C(SSH,    "ssh",    "ssh") \
	C(VNC,    "vnc",    "rfb,vnc") \
	C(TELNET, "telnet", "telnet,rlogin,rsh") \
	C(DB,     "database", "mysql,postgresql,tds,mongodb,redis,oracle,tns") \
	C(HYPERVISOR, "hypervisor", "vmware") \
	C(BMC,    "bmc",    "ipmi,rmcp") \
	C(CLUSTER, "kubernetes", "kubernetes")

enum admin_class {
#define C(CLASS, name, words) ADMIN_##CLASS,
	ADMIN_CLASSES(C)
#undef C
	ADMIN_CLASS_COUNT, /* none of them */
};

/* P(proto, port, CLASS): where they are when nothing of them could be read. */
#define ADMIN_PORTS(P) \
	P('t', 445, SMB) P('t', 139, SMB) P('t', 135, RPC) P('t', 3389, RDP) \
	P('t', 5985, WINRM) P('t', 5986, WINRM) P('t', 22, SSH) P('t', 5900, VNC) \
	P('t', 5901, VNC) P('t', 5902, VNC) P('t', 23, TELNET) P('t', 1433, DB) \
	P('t', 3306, DB) P('t', 5432, DB) P('t', 1521, DB) P('t', 6379, DB) \
	P('t', 27017, DB) P('t', 902, HYPERVISOR) P('u', 623, BMC) \
	P('t', 6443, CLUSTER) P('t', 10250, CLUSTER)
// clang-format on

/* Their name; static. */
const char *admin_name(enum admin_class c);

/* The class of a connection's service, or ADMIN_CLASS_COUNT. */
enum admin_class admin_of_service(struct str service);

/* The class of a port, or ADMIN_CLASS_COUNT. */
enum admin_class admin_of_port(struct str proto, uint16_t port);

#endif
