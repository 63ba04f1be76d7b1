/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * The services of a network itself. */
#ifndef DWELL_RECORD_FIELDS_NET_H
#define DWELL_RECORD_FIELDS_NET_H

// clang-format off
#define DNS_FIELDS(F) \
	F(TIME,    ts,       "the query, or the answer where no query was seen") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "udp or tcp") \
	F(TEXT,    kind,     "dns, mdns, llmnr or nbns; what is no query is named: 'dns update'") \
	F(INT,     id,       "transaction id") \
	F(SECONDS, rtt,      "query to answer; absent: one of them was not seen") \
	F(TEXT,    query,    "name asked for, lower case, without the final dot") \
	F(TEXT,    qclass,   "class, by its IANA mnemonic or CLASSn (RFC 3597)") \
	F(TEXT,    qtype,    "type, by its IANA mnemonic or TYPEn (RFC 3597)") \
	F(TEXT,    rcode,    "response code by its IANA mnemonic; absent: no answer seen") \
	F(FLAG,    aa,       "answer is authoritative") \
	F(FLAG,    tc,       "message was truncated by the sender") \
	F(FLAG,    rd,       "recursion desired") \
	F(FLAG,    ra,       "recursion available") \
	F(TEXTS,   answers,  "data of the answer section: addresses, names, texts") \
	F(INTS,    ttls,     "their time to live, in seconds, in the same order") \
	F(COUNT,   query_bytes,  "bytes of the query message; 0: not seen") \
	F(COUNT,   answer_bytes, "bytes of the answer message; 0: not seen") \
	SOURCE_FIELDS(F)

#define DHCP_FIELDS(F) \
	F(TIME,    ts,       "the message") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    kind,     "dhcp or dhcp6") \
	F(TEXT,    message,  "its type as the RFCs name it: DISCOVER, OFFER, REQUEST, ACK ..., SOLICIT, ADVERTISE, REPLY ...; BOOTP without one: BOOTREQUEST, BOOTREPLY") \
	F(INT,     id,       "transaction id, which ties requests and answers") \
	F(TEXT,    mac,      "hardware address of the client; of dhcp6: out of its DUID") \
	F(TEXT,    client_id, "client identifier (DUID), hexadecimal") \
	F(TEXT,    host_name, "the client's name (option 12)") \
	F(TEXT,    client_fqdn, "the client's full name (option 81, 39)") \
	F(TEXT,    domain,   "domain given to the client (option 15, 24)") \
	F(TEXT,    vendor_class, "what the client says it is (option 60, 16)") \
	F(INTS,    parameters, "options that the client asks for, in its order: a fingerprint of its system") \
	F(IP,      client_addr, "address that the client has already (ciaddr)") \
	F(IP,      requested_addr, "address that the client asks for (option 50; of dhcp6 the first in its request)") \
	F(IP,      assigned_addr, "address that the server gives (yiaddr; of dhcp6 the first in its answer)") \
	F(IP,      server_addr, "server identifier (option 54)") \
	F(IP,      relay_addr, "relay that forwarded it (giaddr, link-address)") \
	F(INT,     lease_time, "seconds that the address is lent for") \
	SOURCE_FIELDS(F)

#define NTP_FIELDS(F) \
	F(TIME,    ts,       "the message") \
	ENDPOINT_FIELDS(F) \
	F(FLAG,    from_src, "src sent it, and not dst") \
	F(INT,     version,  "protocol version, 1 to 4") \
	F(INT,     mode,     "1 and 2 symmetric, 3 client, 4 server, 5 broadcast, 6 control, 7 private") \
	F(INT,     opcode,   "of modes 6 and 7: what is asked for") \
	F(INT,     stratum,  "distance from the reference clock") \
	F(SECONDS, poll,     "interval between messages") \
	F(REAL,    precision, "of the clock, in seconds") \
	F(SECONDS, root_delay, "round trip to the reference clock") \
	F(SECONDS, root_disp, "dispersion to the reference clock") \
	F(TEXT,    ref_id,   "reference clock: letters, or an address where stratum is above 1") \
	F(TIME,    ref_time, "when the clock was last set") \
	F(TIME,    org_time, "when the request was sent, by its sender's clock") \
	F(TIME,    rec_time, "when the request was received") \
	F(TIME,    xmt_time, "when this message was sent") \
	F(INT,     num_exts, "extension fields") \
	SOURCE_FIELDS(F)

#define SNMP_FIELDS(F) \
	F(TIME,    ts,       "first message with this community or user in the flow") \
	ENDPOINT_FIELDS(F) \
	F(SECONDS, duration, "first to last message of it") \
	F(TEXT,    version,  "1, 2c or 3") \
	F(TEXT,    community, "community; of version 3 the user") \
	F(TEXT,    security, "of version 3: noAuthNoPriv, authNoPriv, authPriv") \
	F(TEXT,    engine_id, "of version 3: the engine asked, hexadecimal") \
	F(COUNT,   get_requests, "bindings in get and get-next requests") \
	F(COUNT,   get_bulk_requests, "bindings in get-bulk requests") \
	F(COUNT,   get_responses, "bindings in responses") \
	F(COUNT,   set_requests, "bindings in set requests") \
	F(COUNT,   traps,    "bindings in traps and informs; those of version 1: messages") \
	F(TEXT,    first_oid, "first object named") \
	F(TEXT,    set_oid,  "first object in a set request") \
	F(INT,     error,    "first error status of a response that is not 0") \
	F(TEXT,    display_string, "sysDescr, where it was asked for") \
	F(TIME,    up_since, "when the agent was started, by sysUpTime") \
	SOURCE_FIELDS(F)

#define RADIUS_FIELDS(F) \
	F(TIME,    ts,       "the request, or an answer without one") \
	ENDPOINT_FIELDS(F) \
	F(INT,     id,       "identifier, which ties request and answer") \
	F(TEXT,    request,  "access, accounting, status, disconnect, coa") \
	F(TEXT,    username, "User-Name") \
	F(TEXT,    mac,      "Calling-Station-Id: who logs on") \
	F(IP,      framed_addr, "Framed-IP-Address: the address that the user gets") \
	F(TEXT,    tunnel_client, "Tunnel-Client-Endpoint") \
	F(TEXT,    connect_info, "Connect-Info") \
	F(TEXT,    nas,      "NAS-Identifier") \
	F(IP,      nas_addr, "NAS-IP-Address") \
	F(TEXT,    reply_msg, "Reply-Message") \
	F(TEXT,    result,   "success, failed, challenge, answered; unknown: no answer seen") \
	F(SECONDS, ttl,      "request to answer") \
	SOURCE_FIELDS(F)

#define SYSLOG_FIELDS(F) \
	F(TIME,    ts,       "the message") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    facility, "KERN, USER, MAIL, DAEMON ... LOCAL7") \
	F(TEXT,    severity, "EMERG, ALERT, CRIT, ERR, WARNING, NOTICE, INFO, DEBUG") \
	F(TEXT,    message,  "all behind the priority, at most 2048 bytes") \
	SOURCE_FIELDS(F)

#define RPC_FIELDS(F) \
	F(TIME,    ts,       "the call, or the answer where no call was seen") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "tcp or udp") \
	F(INT,     xid,      "number of the call") \
	F(TEXT,    program,  "portmap, mount, nfs, nlm ... as RFC 5531's registry has it; else its number") \
	F(INT,     version,  "of the program") \
	F(TEXT,    procedure, "by its name, lower case; else its number. Of an NFS 4 compound: the operation that matters, else the last one") \
	F(TEXT,    operations, "of an NFS 4 compound: all, joined by ' '") \
	F(TEXT,    auth,     "flavour of the credential: none, unix, short, dh, gss; else its number") \
	F(TEXT,    machine,  "machine that the credential names (unix)") \
	F(INT,     uid,      "user that it names") \
	F(INT,     gid,      "group that it names") \
	F(TEXT,    status,   "accepted; prog_unavail, prog_mismatch, proc_unavail, garbage_args, system_err; denied; absent: no answer seen") \
	F(TEXT,    result,   "of NFS and mount: status by its name in the RFC without NFSERR_, NFS3ERR_, NFS4ERR_ or MNT3ERR_") \
	F(SECONDS, rtt,      "call to answer; absent: one of them was not seen") \
	F(TEXT,    file,     "of NFS the name in the call, of mount the path") \
	F(TEXT,    new_name, "of rename: the name after it; of symlink: where it leads") \
	F(TEXT,    handle,   "CRC-32 of the file handle in the call, hexadecimal: tells files apart") \
	F(INT,     offset,   "of read, write and commit: where in the file") \
	F(COUNT,   bytes_read, "bytes of the file in the answer") \
	F(COUNT,   bytes_written, "bytes of the file in the call") \
	F(TEXT,    mapping,  "of portmap: program, version and protocol asked for, joined by ' '") \
	F(INT,     mapped_port, "of portmap: port in the answer, or the one that is set") \
	SOURCE_FIELDS(F)

// clang-format on

#endif
