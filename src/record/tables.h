/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every table of the memory, said once. From these lists come the C structs,
 * the DDL, the JSON and CSV columns, the exports and doc/format/tables.md.
 *
 * F(KIND, name, "meaning"), in column order. Kinds (record/record.h):
 * TIME, SECONDS, REAL, IP, PORT, COUNT, INT, FLAG, TEXT, TEXTS, INTS.
 * Units and absence are part of the meaning.
 */
#ifndef DWELL_RECORD_TABLES_H
#define DWELL_RECORD_TABLES_H

// clang-format off

/* The endpoints that every record of a connection repeats; src opened, dst answered. */
#define ENDPOINT_FIELDS(F) \
	F(IP,      src_ip,   "who opened the connection") \
	F(PORT,    src_port, "its port; the type for ICMP; 0 where the protocol has none") \
	F(IP,      dst_ip,   "who answered") \
	F(PORT,    dst_port, "its port; the code for ICMP")

/* Where a record was read: closes every table that comes from packets. */
#define SOURCE_FIELDS(F) \
	F(TEXT,    source_kind, "the kind of log that says so: zeek, eve, netflow, ipfix, nfdump, csv; absent: packets. Of several: 'packets, zeek', the one whose numbers the row has first") \
	F(TEXT,    sensor,   "name of the sensor (--sensor)") \
	F(TEXT,    source,   "input file; several that saw the same: joined by ', ' in the order of source_kind, at most 8") \
	F(COUNT,   source_offset, "byte offset of the first packet in the first such file, decompressed")

#define CONN_FIELDS(F) \
	F(TIME,    ts,       "first packet") \
	F(SECONDS, duration, "first to last packet, as Zeek counts it; absent for a single packet") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "tcp, udp, icmp, sctp, or the IP protocol's name or number") \
	F(TEXT,    service,  "protocols seen in the content, joined by ','; encrypted: none known, and what each side began with looks random; absent: none known") \
	F(COUNT,   src_bytes, "payload bytes from src (TCP: by sequence numbers, as Zeek)") \
	F(COUNT,   dst_bytes, "payload bytes from dst") \
	F(COUNT,   src_packets, "packets from src") \
	F(COUNT,   dst_packets, "packets from dst") \
	F(COUNT,   src_ip_bytes, "bytes from src as the IP headers count them") \
	F(COUNT,   dst_ip_bytes, "bytes from dst as the IP headers count them") \
	F(COUNT,   missed_bytes, "payload bytes in gaps of the capture (TCP)") \
	F(TEXT,    state,    "as Zeek's conn_state: S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH") \
	F(TEXT,    history,  "as Zeek's history") \
	F(TEXT,    server_name, "SNI, else Host, else the DNS name whose answer led src here") \
	F(TEXT,    ja3,      "JA3 of the first client hello") \
	F(TEXT,    ja4,      "JA4 of the first client hello") \
	F(INT,     vlan,     "outer VLAN id; absent: untagged") \
	F(TEXT,    tunnel,   "name of the tunnel that its first packet came in, as in the table tunnel; absent: none") \
	SOURCE_FIELDS(F)

#define TUNNEL_FIELDS(F) \
	F(TIME,    ts,       "first packet in it") \
	F(SECONDS, duration, "first to last packet in it") \
	F(IP,      src_ip,   "the outer address that sent the first one") \
	F(PORT,    src_port, "its port in the first packet; 0 where the protocol has none") \
	F(IP,      dst_ip,   "the other outer address") \
	F(PORT,    dst_port, "its port in the first packet") \
	F(TEXT,    proto,    "of the outer packets, as in conn") \
	F(TEXT,    kind,     "ip, gre, vxlan, geneve, gtpv1, teredo, ayiya as Zeek has them; nvgre, erspan, pptp, etherip, mpls, l2tp, tzsp, capwap") \
	F(INT,     id,       "network, key, session or endpoint id of the first packet; absent: none") \
	F(TEXT,    name,     "kind and digest of what tells it from others: the same in every run; conn.tunnel refers to it") \
	F(TEXT,    tunnel,   "name of the tunnel that it is in itself; absent: none") \
	F(COUNT,   connections, "connections that began in it") \
	F(COUNT,   src_packets, "packets in it that src sent") \
	F(COUNT,   dst_packets, "packets in it that dst sent") \
	F(COUNT,   src_bytes, "their bytes as their IP headers count them") \
	F(COUNT,   dst_bytes, "likewise from dst") \
	SOURCE_FIELDS(F)

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

#define TLS_FIELDS(F) \
	F(TIME,    ts,       "client hello, or the first message seen") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    version,  "agreed version: SSLv2 SSLv3 TLSv10 TLSv11 TLSv12 TLSv13 DTLSv10 DTLSv12 DTLSv13") \
	F(TEXT,    client_version, "highest version that the client offered, same names") \
	F(TEXT,    cipher,   "agreed cipher suite, IANA name") \
	F(TEXT,    curve,    "agreed group, IANA name") \
	F(TEXT,    sni,      "server name indication, lower case") \
	F(TEXT,    alpn,     "agreed application protocol; else the client's first offer") \
	F(FLAG,    resumed,  "a session was resumed") \
	F(FLAG,    established, "both sides changed to encrypted data") \
	F(TEXT,    ja3,      "JA3 of the client hello (MD5, hexadecimal)") \
	F(TEXT,    ja3s,     "JA3S of the server hello") \
	F(TEXT,    ja4,      "JA4 of the client hello") \
	F(TEXT,    alert,    "last alert seen, by its IANA name") \
	F(TEXT,    cert_sha256, "SHA-256 of the server's certificate; absent: not visible") \
	F(TEXT,    subject,  "its subject, RFC 4514") \
	F(TEXT,    issuer,   "its issuer, RFC 4514") \
	F(TEXTS,   san,      "its subject alternative names: DNS names and addresses") \
	F(TIME,    not_before, "valid from") \
	F(TIME,    not_after, "valid to") \
	F(COUNT,   cert_count, "certificates in the server's chain") \
	SOURCE_FIELDS(F)

#define QUIC_FIELDS(F) \
	F(TIME,    ts,       "first packet with a long header") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    version,  "1, quicv2, draft-N, mvfst-N (Facebook), Qnnn and Tnnn (Google); unknown-HEX") \
	F(TEXT,    client_initial_dcid, "destination connection id of the client's first Initial, hexadecimal") \
	F(TEXT,    client_scid, "connection id that the client chose; empty where it has no bytes") \
	F(TEXT,    server_scid, "connection id that the server chose") \
	F(TEXT,    server_name, "server name indication, lower case") \
	F(TEXT,    client_protocol, "first application protocol that the client offers (ALPN)") \
	F(TEXT,    ja4,      "JA4 of the client hello (q...)") \
	F(TEXT,    history,  "packets as Zeek writes them, the client's in upper case, until both sides send 1-RTT: " \
		"I Initial, H Handshake, Z 0-RTT, O 1-RTT, R Retry, S the TLS hello, C close, U unknown version, X no packet") \
	SOURCE_FIELDS(F)

#define CERT_FIELDS(F) \
	F(TIME,    ts,       "when it was seen") \
	ENDPOINT_FIELDS(F) \
	F(FLAG,    from_client, "sent by src (client authentication)") \
	F(COUNT,   position, "place in the chain; 0 is the end entity") \
	F(TEXT,    sha256,   "SHA-256 of the DER bytes, hexadecimal") \
	F(INT,     version,  "X.509 version, 1 to 3") \
	F(TEXT,    serial,   "serial number, upper-case hexadecimal") \
	F(TEXT,    subject,  "RFC 4514") \
	F(TEXT,    issuer,   "RFC 4514") \
	F(TIME,    not_before, "valid from") \
	F(TIME,    not_after, "valid to") \
	F(TEXT,    key_alg,  "algorithm of the public key, OpenSSL's long name") \
	F(TEXT,    sig_alg,  "algorithm of the signature, OpenSSL's long name") \
	F(TEXT,    key_type, "rsa, ecdsa, dsa; else absent") \
	F(INT,     key_bits, "bits of the public key") \
	F(INT,     exponent, "RSA public exponent") \
	F(TEXT,    curve,    "named curve of an EC key, OpenSSL's short name") \
	F(FLAG,    is_ca,    "basic constraints: may sign certificates; absent: no such extension") \
	F(TEXTS,   san_dns,  "alternative DNS names") \
	F(TEXTS,   san_ip,   "alternative addresses") \
	F(TEXTS,   san_email, "alternative mail addresses") \
	F(TEXTS,   san_uri,  "alternative URIs") \
	SOURCE_FIELDS(F)

#define HTTP_FIELDS(F) \
	F(TIME,    ts,       "first byte of the request, or of a response without one") \
	ENDPOINT_FIELDS(F) \
	F(COUNT,   depth,    "number of the request in its connection, from 1") \
	F(TEXT,    method,   "request method; absent: request not seen") \
	F(TEXT,    host,     "Host header, or the host of an absolute URI; lower case, no port") \
	F(TEXT,    uri,      "request target as sent") \
	F(TEXT,    version,  "0.9, 1.0, 1.1, or 2.0") \
	F(TEXT,    user_agent, "User-Agent header") \
	F(TEXT,    referrer, "Referer header") \
	F(TEXT,    origin,   "Origin header") \
	F(TEXT,    username, "user of a Basic authorization; its password is never stored") \
	F(TEXTS,   proxied,  "proxy headers of the request, NAME -> value") \
	F(INT,     status,   "status code; absent: response not seen") \
	F(TEXT,    reason,   "reason phrase") \
	F(TEXT,    content_type, "Content-Type of the response") \
	F(COUNT,   request_bytes, "body bytes of the request, decoded from chunks") \
	F(COUNT,   response_bytes, "body bytes of the response, decoded from chunks") \
	SOURCE_FIELDS(F)

#define FILE_FIELDS(F) \
	F(TIME,    ts,       "first byte of it that was seen") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    protocol, "what carried it: http, smtp, ftp-data, smb, tftp") \
	F(COUNT,   exchange, "number of the request or mail in its connection, as depth in http and trans_depth in smtp; 0: none") \
	F(COUNT,   depth,    "number of the part in its mail, from 1; 0: it is no part of a mail") \
	F(FLAG,    is_orig,  "src sent it") \
	F(TEXT,    filename, "name that the protocol gives it; absent: none") \
	F(TEXT,    mime_type, "type by the first bytes of the content; absent: not known") \
	F(SECONDS, duration, "first to last byte") \
	F(COUNT,   seen_bytes, "bytes seen, decoded as the protocol says: chunks, gzip, base64") \
	F(INT,     total_bytes, "bytes announced; absent: none were, or they are not those of what was decoded") \
	F(COUNT,   missing_bytes, "bytes that the capture did not see") \
	F(FLAG,    complete, "all of it was seen; absent: the protocol does not say where it ends, nor did the sender close") \
	F(TEXT,    sha256,   "SHA-256 of the bytes seen, hexadecimal, which is the file's where complete is true; absent where bytes in it are missing") \
	SOURCE_FIELDS(F)

#define SMTP_FIELDS(F) \
	F(TIME,    ts,       "first line of this exchange: the greeting, or what followed the mail before") \
	ENDPOINT_FIELDS(F) \
	F(COUNT,   trans_depth, "number of the mail in its connection, from 1") \
	F(TEXT,    helo,     "how the client named itself (HELO, EHLO)") \
	F(TEXT,    mailfrom, "sender of the envelope") \
	F(TEXTS,   rcptto,   "recipients of the envelope") \
	F(TEXT,    date,     "header Date") \
	F(TEXT,    header_from, "header From") \
	F(TEXT,    header_to, "header To") \
	F(TEXT,    cc,       "header Cc") \
	F(TEXT,    reply_to, "header Reply-To") \
	F(TEXT,    msg_id,   "header Message-ID") \
	F(TEXT,    in_reply_to, "header In-Reply-To") \
	F(TEXT,    subject,  "header Subject, as sent") \
	F(TEXT,    x_originating_ip, "header X-Originating-IP") \
	F(TEXT,    user_agent, "header User-Agent or X-Mailer") \
	F(TEXT,    last_reply, "the server's last reply, code and text; to the mail itself where there is one") \
	F(FLAG,    tls,      "the connection went over to TLS (RFC 3207)") \
	F(COUNT,   mail_bytes, "bytes of the mail, its header included; 0: none was sent") \
	SOURCE_FIELDS(F)

#define SSH_FIELDS(F) \
	F(TIME,    ts,       "first banner") \
	ENDPOINT_FIELDS(F) \
	F(INT,     version,  "protocol version, 1 or 2") \
	F(TEXT,    client,   "client's banner") \
	F(TEXT,    server,   "server's banner") \
	F(TEXT,    cipher,   "agreed encryption, client to server") \
	F(TEXT,    mac,      "agreed integrity, client to server") \
	F(TEXT,    compression, "agreed compression, client to server") \
	F(TEXT,    kex,      "agreed key exchange") \
	F(TEXT,    host_key_alg, "agreed host key algorithm") \
	F(TEXT,    host_key, "host key, MD5 fingerprint as OpenSSH writes it") \
	F(TEXT,    hassh,    "HASSH of the client (MD5, hexadecimal)") \
	F(TEXT,    hassh_server, "HASSH of the server") \
	SOURCE_FIELDS(F)

#define OT_FIELDS(F) \
	F(TIME,    ts,       "the request; the message itself where nothing asks or no request was seen") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    src_mac,  "hardware address of the sender, of protocols that go without IP") \
	F(TEXT,    dst_mac,  "hardware address that it was sent to, likewise") \
	F(TEXT,    proto,    "tcp or udp; absent: without IP") \
	F(TEXT,    protocol, "modbus, dnp3, iec104, s7comm, s7comm_plus, enip, cip, bacnet, opcua, profinet, mms, goose, synchrophasor, hart_ip") \
	F(FLAG,    from_src, "src asked (or sent what needs no request), and not dst") \
	F(INT,     id,       "what ties request and answer: transaction, invoke id, sequence number") \
	F(INT,     unit,     "the device addressed behind the endpoint: Modbus unit, DNP3 outstation, IEC 104 common address, GOOSE APPID, synchrophasor idcode") \
	F(INT,     origin,   "who asks behind the endpoint: DNP3 master, IEC 104 originator address") \
	F(TEXT,    function, "the standard's name of the function or service, lower case with underscores") \
	F(INT,     function_code, "its number") \
	F(TEXT,    operation, "read, write, control, program, mode, file, time, discovery, session, report, diagnostic; other: none of these") \
	F(TEXT,    object,   "kind of what is read or written: coil, holding_register, a DNP3 group, a CIP class ...") \
	F(INT,     address,  "the first of them") \
	F(INT,     count,    "how many of them; of a stream of unasked data: messages") \
	F(TEXT,    detail,   "what else tells: a value written, a variable, a file, a cause; at most 95 bytes") \
	F(TEXT,    status,   "ok, or the error's name; absent: no answer seen, or none is due") \
	F(SECONDS, rtt,      "request to answer; absent: one of them was not seen") \
	F(COUNT,   request_bytes, "bytes of the request; 0: not seen") \
	F(COUNT,   answer_bytes, "bytes of the answer; 0: not seen") \
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

#define SMB_FIELDS(F) \
	F(TIME,    ts,       "the request; the answer where no request was seen") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    version,  "SMB1 or SMB2 (that is 3 too)") \
	F(TEXT,    dialect,  "agreed dialect: 2.0.2 2.1 3.0 3.0.2 3.1.1, or as SMB1 names it; absent: not seen") \
	F(TEXT,    command,  "negotiate, session_setup, tree_connect, open, close (where something was read or written; without status: still open at the end), rename, delete, ioctl, transact; encrypted, compressed: from here on nothing is visible") \
	F(TEXT,    function, "of ioctl and transact what is asked for; of open delete_on_close; of session_setup guest") \
	F(TEXT,    user,     "DOMAIN\\user of the session, from NTLM or SMB1; absent: not seen") \
	F(TEXT,    path,     "the tree: \\\\host\\share") \
	F(TEXT,    share_type, "DISK, PIPE or PRINT") \
	F(TEXT,    service,  "what SMB1 names the kind of tree: A:, IPC, LPT1:") \
	F(TEXT,    native_file_system, "of the tree, as SMB1 names it") \
	F(TEXT,    name,     "the file or pipe in the tree; empty: its root; of rename the new name") \
	F(TEXT,    prev_name, "of rename the name before") \
	F(TEXT,    status,   "NT status without STATUS_, or its number; absent: no answer seen") \
	F(INT,     size,     "bytes of the file, when opened or closed") \
	F(COUNT,   read_bytes, "of close: bytes read since it was opened") \
	F(COUNT,   write_bytes, "of close: bytes written") \
	F(TIME,    modified, "of open: last written") \
	F(TIME,    accessed, "last read") \
	F(TIME,    created,  "created") \
	F(TIME,    changed,  "attributes changed") \
	SOURCE_FIELDS(F)

#define DCE_RPC_FIELDS(F) \
	F(TIME,    ts,       "the call") \
	ENDPOINT_FIELDS(F) \
	F(SECONDS, rtt,      "call to answer; absent: no answer seen") \
	F(TEXT,    named_pipe, "pipe or port that the server names, else the pipe that was opened") \
	F(TEXT,    uuid,     "the interface; absent: its binding was not seen") \
	F(TEXT,    endpoint, "its name; absent: not a known one") \
	F(INT,     opnum,    "number of the operation") \
	F(TEXT,    operation, "its name; absent: not a known one") \
	F(TEXT,    status,   "ok, or fault and its number; absent: no answer seen") \
	SOURCE_FIELDS(F)

#define NTLM_FIELDS(F) \
	F(TIME,    ts,       "the first message of the authentication") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    carrier,  "the protocol around it: smb, dce_rpc, ldap") \
	F(TEXT,    username, "absent: anonymous") \
	F(TEXT,    hostname, "the client's name as it says") \
	F(TEXT,    domainname, "of the user") \
	F(TEXT,    server_nb_computer_name, "NetBIOS name of the server") \
	F(TEXT,    server_dns_computer_name, "DNS name of the server") \
	F(TEXT,    server_tree_name, "DNS name of the server's forest") \
	F(TEXT,    target_name, "domain, or server, that the challenge is for") \
	F(TEXT,    version,  "NTLMv1 or NTLMv2, by the length of the response; absent: none") \
	F(FLAG,    success,  "the server accepted it; absent: not seen") \
	SOURCE_FIELDS(F)

#define KERBEROS_FIELDS(F) \
	F(TIME,    ts,       "the request; the answer where no request was seen") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "udp or tcp") \
	F(TEXT,    carrier,  "of AP: the protocol around it; else absent") \
	F(TEXT,    request_type, "AS, TGS, or AP (a ticket shown to a service)") \
	F(TEXT,    client,   "principal and realm: user/REALM, as asked for; of TGS as answered") \
	F(TEXT,    service_name, "principal of the service (Zeek: service)") \
	F(TEXT,    realm,    "realm of the service") \
	F(FLAG,    success,  "a ticket was given; absent: no answer seen") \
	F(INT,     error_code, "of KRB-ERROR") \
	F(TEXT,    error_msg, "its text, else its name in RFC 4120") \
	F(TIME,    valid_from, "when the ticket asked for shall begin to be valid") \
	F(TIME,    till,     "until when it shall be valid") \
	F(TEXT,    cipher,   "encryption of the ticket") \
	F(TEXT,    reply_cipher, "encryption of the rest of the answer, under the client's key") \
	F(INTS,    etypes,   "encryption types that the client offers") \
	F(FLAG,    forwardable, "asked for a ticket that may be forwarded") \
	F(FLAG,    renewable, "asked for a ticket that may be renewed") \
	F(TEXT,    preauth,  "kinds of pre-authentication in the request, joined by ','") \
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

#define SIP_FIELDS(F) \
	F(TIME,    ts,       "the message") \
	ENDPOINT_FIELDS(F) \
	F(FLAG,    from_src, "src sent it, and not dst") \
	F(TEXT,    method,   "method of the request, or out of the CSeq of a response") \
	F(TEXT,    uri,      "request URI") \
	F(INT,     status_code, "of a response; absent: a request") \
	F(TEXT,    status_msg, "reason phrase") \
	F(TEXT,    from_uri, "From header") \
	F(TEXT,    to_uri,   "To header") \
	F(TEXT,    contact,  "Contact header") \
	F(TEXT,    call_id,  "Call-ID header") \
	F(TEXT,    seq,      "CSeq header") \
	F(TEXT,    path,     "sent-protocol and sent-by of the first Via header") \
	F(TEXT,    user_agent, "User-Agent header; of a response also Server") \
	F(TEXT,    username, "user of an Authorization") \
	F(TEXT,    content_type, "Content-Type header") \
	F(INT,     body_bytes, "Content-Length header") \
	SOURCE_FIELDS(F)

#define STUN_FIELDS(F) \
	F(TIME,    ts,       "first message") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    method,   "of the first message: binding, allocate, refresh, send, data, create_permission, channel_bind") \
	F(COUNT,   messages, "messages of the flow") \
	F(TEXT,    username, "USERNAME attribute") \
	F(TEXT,    realm,    "REALM attribute") \
	F(TEXT,    client_software, "SOFTWARE attribute of src") \
	F(TEXT,    server_software, "SOFTWARE attribute of dst") \
	F(IP,      mapped_addr, "address of the client as the server sees it") \
	F(INT,     mapped_port, "and its port") \
	F(IP,      relayed_addr, "address of the relay that the client got (TURN)") \
	F(INT,     relayed_port, "and its port") \
	F(IP,      peer_addr, "first peer that it talks to through it") \
	F(INT,     error,    "first error code") \
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

#define VPN_FIELDS(F) \
	F(TIME,    ts,       "first message") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    kind,     "ike, openvpn, wireguard") \
	F(TEXT,    version,  "of IKE 1.0 or 2.0; of OpenVPN that of the client's reset") \
	F(TEXT,    exchange, "first message: IKE's exchange, WireGuard's message; of OpenVPN whether the reset was answered") \
	F(TEXT,    client_id, "SPI, session id or sender index of the initiator, hexadecimal") \
	F(TEXT,    server_id, "the same of the responder") \
	F(TEXT,    identity, "identity in clear (IKE 1, aggressive mode)") \
	F(INT,     key_group, "group of the key exchange (IKE 2), IANA number") \
	F(TEXTS,   vendor_ids, "vendor ids of both sides: text, or hexadecimal") \
	F(COUNT,   messages, "messages of the flow") \
	SOURCE_FIELDS(F)

#define LDAP_FIELDS(F) \
	F(TIME,    ts,       "the request") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "tcp, or udp (connectionless LDAP)") \
	F(INT,     message_id, "number of the request") \
	F(INT,     version,  "of bind: protocol version") \
	F(TEXT,    opcode,   "bind simple, bind SASL, unbind, search, modify, add, delete, modify DN, compare, extended") \
	F(TEXT,    object,   "who binds, the entry that is changed, the extended operation") \
	F(TEXT,    argument, "of bind SASL the mechanism, of bind simple REDACTED where there is a password; of modify the changes; of modify DN the new name") \
	F(TEXT,    scope,    "of search: base, single, tree") \
	F(TEXT,    deref_aliases, "of search: never, in searching, finding base, always") \
	F(TEXT,    base_object, "of search: where it begins") \
	F(TEXT,    filter,   "of search: as RFC 4515 writes it") \
	F(TEXTS,   attributes, "of search: those asked for") \
	F(COUNT,   result_count, "of search: entries found") \
	F(TEXT,    result,   "result code by its name in RFC 4511, in words; absent: no answer seen") \
	F(TEXT,    diagnostic_message, "what the server says to it") \
	SOURCE_FIELDS(F)

#define RDP_FIELDS(F) \
	F(TIME,    ts,       "the connection request") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    cookie,   "user or token that the client names (mstshash=, msts=)") \
	F(TEXT,    requested_security, "security protocols that the client offers, joined by ',': RDP, SSL, HYBRID, RDSTLS, HYBRID_EX, RDSAAD") \
	F(TEXT,    security_protocol, "the one that the server chose") \
	F(TEXT,    result,   "encrypted, Success, or why the server refused") \
	F(TEXTS,   client_channels, "virtual channels that the client asks for") \
	F(TEXT,    keyboard_layout, "by its name, else keyboard- and its number") \
	F(TEXT,    client_build, "version of the client by its name, else its number") \
	F(TEXT,    client_name, "name of the client's machine") \
	F(TEXT,    client_dig_product_id, "product id of the client") \
	F(INT,     desktop_width, "pixels") \
	F(INT,     desktop_height, "pixels") \
	F(TEXT,    requested_color_depth, "8bit, 15bit, 16bit, 24bit or 32bit") \
	F(TEXT,    cert_type, "RSA or X.509: the server's certificate") \
	F(COUNT,   cert_count, "certificates of the server") \
	F(FLAG,    cert_permanent, "the server's certificate is a permanent one") \
	F(TEXT,    encryption_level, "None, Low, Client compatible, High, FIPS") \
	F(TEXT,    encryption_method, "None, 40bit, 56bit, 128bit, FIPS") \
	SOURCE_FIELDS(F)

#define LOGIN_FIELDS(F) \
	F(TIME,    ts,       "the attempt; where no name was seen: what showed the server's side first") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    protocol, "what asked for it, as in conn.service") \
	F(TEXT,    user,     "name that the client gave; absent: none seen") \
	F(TEXT,    mechanism, "how it proved itself, lower case: password, apop, cram-md5, scram-sha-256 ...; none: not at all; absent: not seen") \
	F(FLAG,    success,  "accepted, or refused; absent: no answer seen") \
	F(TEXT,    status,   "the answer's code or words") \
	F(TEXT,    client,   "program or machine as the client names itself") \
	F(TEXT,    server,   "program or machine as the server names itself") \
	F(TEXT,    target,   "what the client asks for: database, virtual host, terminal") \
	F(FLAG,    encrypted, "the connection turned to TLS first, so that the name is not seen") \
	SOURCE_FIELDS(F)

#define FTP_FIELDS(F) \
	F(TIME,    ts,       "the command; of tftp: the request") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    protocol, "ftp or tftp") \
	F(TEXT,    user,     "name that the client gave last; absent: none was seen") \
	F(TEXT,    command,  "RETR, STOR, PASV ... in upper case; tftp: RRQ, WRQ") \
	F(TEXT,    arg,      "what follows it, as sent; never what follows PASS or ACCT") \
	F(TEXT,    cwd,      "folder on the server that names without a leading / are in, as far as it was told") \
	F(TEXT,    mode,     "how the file is sent: image, ascii ... (TYPE); tftp: octet, netascii, mail") \
	F(TEXT,    mime_type, "the file's type by its content; absent: none seen") \
	F(INT,     file_size, "bytes of the file as the server says (SIZE, 150, 213; tftp: tsize); absent: it does not") \
	F(COUNT,   data_bytes, "bytes seen on the data connection") \
	F(INT,     reply_code, "last reply to the command; absent: none seen; tftp: error code") \
	F(TEXT,    reply_msg, "its text; of several lines: the last one") \
	F(FLAG,    data_passive, "the data connection that it announces or uses: opened by the client") \
	F(IP,      data_src_ip, "who is to open it") \
	F(IP,      data_dst_ip, "who is to answer, as announced") \
	F(INT,     data_dst_port, "on this port") \
	SOURCE_FIELDS(F)

#define MAILBOX_FIELDS(F) \
	F(TIME,    ts,       "first command in the folder") \
	F(SECONDS, duration, "to the last command or answer") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    protocol, "pop3 or imap") \
	F(TEXT,    user,     "who is logged on; absent: the logon was not seen") \
	F(TEXT,    folder,   "folder that was open, as sent; absent with pop3, which has one, and before the first") \
	F(FLAG,    read_only, "it was opened to read only (EXAMINE); absent: no folder") \
	F(INT,     messages, "messages in it as the server says; absent: it does not") \
	F(COUNT,   commands, "commands that the client sent meanwhile") \
	F(COUNT,   fetched,  "messages, or parts of one, whose text was fetched") \
	F(COUNT,   fetched_bytes, "bytes of these texts") \
	F(COUNT,   stored,   "messages that the client put into the mailbox (APPEND)") \
	F(COUNT,   stored_bytes, "bytes of these messages") \
	F(COUNT,   deleted,  "messages that the client marked as deleted, or the server says are gone") \
	SOURCE_FIELDS(F)

#define DB_FIELDS(F) \
	F(TIME,    ts,       "the command") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "as in conn") \
	F(TEXT,    protocol, "mysql, postgresql, tds, mongodb, redis, memcached") \
	F(TEXT,    command,  "what is asked, as the protocol names it: query, stmt_execute, find, GET ...; absent: an answer to what was not seen") \
	F(TEXT,    argument, "the statement, or what else is asked with; passwords REDACTED; cut at 2048 bytes") \
	F(TEXT,    object,   "database, collection, key, prepared statement or file, where it stands apart") \
	F(FLAG,    success,  "it was done, or refused; absent: no answer seen, or none is due") \
	F(INT,     rows,     "rows that came back, or that were changed; absent: not told") \
	F(TEXT,    code,     "the server's code of an error: a number, an SQLSTATE, a name") \
	F(TEXT,    response, "what the server says of an error or a state; never content") \
	F(SECONDS, rtt,      "command to the last of its answer; absent: no answer seen, or none is due") \
	F(COUNT,   request_bytes, "bytes of the command on the wire") \
	F(COUNT,   response_bytes, "bytes of its answer; 0: not seen") \
	SOURCE_FIELDS(F)

#define MQ_FIELDS(F) \
	F(TIME,    ts,       "the message") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    protocol, "mqtt, amqp") \
	F(TEXT,    command,  "connect, publish, subscribe, unsubscribe, disconnect ... of MQTT; the method of AMQP 0-9-1 (basic.publish), the performative of AMQP 1.0 (attach)") \
	F(FLAG,    from_src, "src sent it, and not dst") \
	F(TEXT,    version,  "of the protocol: 3.1, 3.1.1, 5.0; 0-9-1, 1.0; where a connection begins") \
	F(TEXT,    client_id, "name of the client (MQTT), of the container (AMQP 1.0)") \
	F(INT,     id,       "packet identifier (MQTT), channel (AMQP); absent: none") \
	F(TEXTS,   topics,   "topic or topic filters; routing key (AMQP 0-9-1), address (AMQP 1.0)") \
	F(TEXT,    object,   "exchange or queue (AMQP 0-9-1), link (AMQP 1.0)") \
	F(INTS,    qos,      "quality of service of the message, or asked for each topic: 0, 1, 2") \
	F(INTS,    codes,    "what the other side answers: return or reason codes, or the quality that it grants each topic") \
	F(FLAG,    retain,   "the server is to keep the message") \
	F(FLAG,    dup,      "sent again") \
	F(FLAG,    complete, "all answers that its quality of service asks for were seen") \
	F(TEXT,    status,   "of a connection or what ended it: the answer in words") \
	F(TEXT,    will_topic, "where the server is to publish when the client is lost") \
	F(COUNT,   payload_bytes, "bytes of the message's content, which is not kept; 0: none") \
	SOURCE_FIELDS(F)

#define SOCKS_FIELDS(F) \
	F(TIME,    ts,       "the logon to the proxy, else the request") \
	ENDPOINT_FIELDS(F) \
	F(INT,     version,  "4 or 5") \
	F(TEXT,    method,   "how the client proved itself to the proxy: none, password, gssapi; another by its number; absent: not seen") \
	F(TEXT,    user,     "name given to the proxy; its password is never stored") \
	F(TEXT,    command,  "connect, bind, udp associate") \
	F(TEXT,    status,   "the proxy's answer, in words; absent: none seen") \
	F(IP,      request_ip, "address that the client asks for") \
	F(TEXT,    request_name, "or its name, lower case") \
	F(PORT,    request_port, "and the port there") \
	F(IP,      bound_ip, "address that the proxy uses for it") \
	F(TEXT,    bound_name, "or its name") \
	F(PORT,    bound_port, "and its port; 0: no answer seen") \
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

#define BITTORRENT_FIELDS(F) \
	F(TIME,    ts,       "the message") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "tcp or udp") \
	F(TEXT,    kind,     "peer: a handshake; dht: a message of the hash table; tracker: one of a tracker (UDP, or HTTP)") \
	F(FLAG,    from_client, "sent by src") \
	F(TEXT,    message,  "handshake; of dht ping, find_node, get_peers, announce_peer ..., response, error; of a tracker connect, announce, scrape, error") \
	F(TEXT,    transaction, "its transaction id, hexadecimal") \
	F(TEXT,    info_hash, "of what is shared, hexadecimal") \
	F(TEXT,    peer_id,  "id of the peer or node that sends it, hexadecimal") \
	F(TEXT,    target,   "of find_node: the id looked for, hexadecimal") \
	F(TEXT,    client,   "program and version, as its peer id or message names them") \
	F(INT,     port,     "port that it announces") \
	F(COUNT,   nodes,    "of a response: nodes in it") \
	F(COUNT,   peers,    "of a response: peers in it") \
	F(TEXT,    error,    "code and text of an error") \
	SOURCE_FIELDS(F)

#define ANOMALY_FIELDS(F) \
	F(TIME,    ts,       "when it was seen") \
	F(TEXT,    kind,     "record/anomaly.h lists the kinds") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    proto,    "as in conn") \
	F(TEXT,    detail,   "facts as name=value, joined by spaces") \
	SOURCE_FIELDS(F)

#define WATCH_FIELDS(F) \
	F(TIME,    ts,       "start of the minute") \
	F(TEXT,    sensor,   "name of the sensor") \
	F(TEXT,    kind,     "what says so: packets, or the kind of log: zeek, eve, netflow, ipfix, nfdump, csv") \
	F(COUNT,   packets,  "packets seen") \
	F(COUNT,   bytes,    "their bytes on the wire") \
	F(COUNT,   drops,    "packets that the capture says it lost") \
	F(COUNT,   truncated, "packets cut short by the snap length") \
	F(COUNT,   malformed, "packets whose headers contradict themselves") \
	F(COUNT,   unsupported, "packets of a link type or protocol that is not read") \
	F(COUNT,   bad_checksum, "packets with a wrong IP, TCP, UDP or ICMP checksum") \
	F(COUNT,   connections, "connections that ended") \
	F(COUNT,   one_way,  "of these, those in which only one side was ever seen") \
	F(COUNT,   clock_steps, "times that the capture's clock went back or leapt")

#define FINDING_FIELDS(F) \
	F(TEXT,    id,       "stable identifier: the same host, peer and detector give the same id") \
	F(TEXT,    detector, "which detector says so") \
	F(TEXT,    direction, "outbound, inbound or internal, seen from host") \
	F(IP,      host,     "the inside machine") \
	F(TEXT,    peer,     "the other end: an address or a name") \
	F(INT,     peer_port, "its port; for inbound findings the host's port") \
	F(TEXT,    proto,    "as in conn") \
	F(TIME,    first_seen, "first packet of host and peer in this memory") \
	F(TIME,    last_seen, "last packet") \
	F(TIME,    since,    "since when this has been going on") \
	F(TEXT,    since_kind, "first_packet, onset or before_memory: what that date is") \
	F(TEXT,    confidence, "high, medium or low") \
	F(REAL,    score,    "the detector's own statistic") \
	F(REAL,    rank_p,   "how ordinary it is among its kind on this site: small is rare") \
	F(COUNT,   events,   "connections that the finding rests on") \
	F(COUNT,   bytes_out, "payload bytes from host to peer") \
	F(COUNT,   bytes_in, "payload bytes from peer to host") \
	F(TEXTS,   attack,   "ATT&CK technique ids") \
	F(TEXT,    facts,    "the explanation as data: JSON, finding/fact_table.h lists the keys") \
	F(TEXT,    summary,  "one English sentence")

#define CASE_FIELDS(F) \
	F(TEXT,    id,       "stable identifier") \
	F(COUNT,   rank,     "1 is the first to look at") \
	F(IP,      host,     "the inside machine") \
	F(TIME,    since,    "the earliest date among its findings") \
	F(TEXT,    since_kind, "what that date is, as in finding") \
	F(TIME,    last_seen, "last packet of any of its findings") \
	F(TEXT,    confidence, "the highest among its findings") \
	F(COUNT,   bytes_out_low, "payload bytes that surely left") \
	F(COUNT,   bytes_out_high, "the same with what gaps may have hidden, and by its less sure findings") \
	F(REAL,    expected_false, "false cases that one like it stands for: of high confidence, what chance gives in this memory where the test says so; else 1") \
	F(TEXTS,   findings, "ids of its findings") \
	F(TEXT,    summary,  "one English sentence")

#define DECAY_FIELDS(F) \
	F(TIME,    ts,       "when rows were removed") \
	F(TEXT,    table_name, "of which table") \
	F(TIME,    span_start, "the span of time in which they lay: its start") \
	F(TIME,    span_end, "its end") \
	F(COUNT,   row_count, "how many they were") \
	F(COUNT,   bytes,    "bytes of the disk that this set free") \
	F(TEXT,    why,      "the option that asked for it")

/* T(TYPE, type, table, FIELDS, "what a row is") */
#define RECORD_TABLES(T) \
	T(CONN,    conn,    "conn",    CONN_FIELDS,    "a connection") \
	T(TUNNEL,  tunnel,  "tunnel",  TUNNEL_FIELDS,  "a tunnel with what it carried") \
	T(DNS,     dns,     "dns",     DNS_FIELDS,     "a DNS question with its answer") \
	T(TLS,     tls,     "tls",     TLS_FIELDS,     "a TLS or SSL handshake, over TCP, QUIC or DTLS") \
	T(QUIC,    quic,    "quic",    QUIC_FIELDS,    "a QUIC connection") \
	T(CERT,    cert,    "cert",    CERT_FIELDS,    "a certificate as it was sent") \
	T(HTTP,    http,    "http",    HTTP_FIELDS,    "an HTTP request with its response") \
	T(FILE,    file,    "file",    FILE_FIELDS,    "a file that was transferred; never its content") \
	T(SMTP,    smtp,    "smtp",    SMTP_FIELDS,    "a mail handed over by SMTP, or the attempt") \
	T(SSH,     ssh,     "ssh",     SSH_FIELDS,     "an SSH handshake") \
	T(OT,      ot,      "ot",      OT_FIELDS,      "a request to an industrial device with its answer, or what it sends unasked") \
	T(DHCP,    dhcp,    "dhcp",    DHCP_FIELDS,    "a message of DHCP: who asked for, and who had which address") \
	T(SMB,     smb,     "smb",     SMB_FIELDS,     "a command of SMB with its answer") \
	T(DCE_RPC, dce_rpc, "dce_rpc", DCE_RPC_FIELDS, "a remote procedure call") \
	T(NTLM,    ntlm,    "ntlm",    NTLM_FIELDS,    "an authentication by NTLM") \
	T(KERBEROS, kerberos, "kerberos", KERBEROS_FIELDS, "a request for a Kerberos ticket with its answer, or its use") \
	T(NTP,     ntp,     "ntp",     NTP_FIELDS, "a message of NTP") \
	T(SNMP,    snmp,    "snmp",    SNMP_FIELDS, "what was asked of an SNMP agent with one community") \
	T(SIP,     sip,     "sip",     SIP_FIELDS, "a request or response of SIP") \
	T(STUN,    stun,    "stun",    STUN_FIELDS, "a flow of STUN: how a host looks from outside") \
	T(RADIUS,  radius,  "radius",  RADIUS_FIELDS, "a logon over RADIUS with its answer") \
	T(SYSLOG,  syslog,  "syslog",  SYSLOG_FIELDS, "a message of syslog") \
	T(VPN,     vpn,     "vpn",     VPN_FIELDS, "the start of a tunnel: IKE, OpenVPN, WireGuard") \
	T(LDAP,    ldap,    "ldap",    LDAP_FIELDS,    "a request to a directory with its result") \
	T(RDP,     rdp,     "rdp",     RDP_FIELDS,     "a remote desktop connection") \
	T(LOGIN,   login,   "login",   LOGIN_FIELDS,   "a logon in a protocol that has no table of its own; never the password") \
	T(FTP,     ftp,     "ftp",     FTP_FIELDS,     "a command of FTP that moves files or says where, with its reply; a transfer by TFTP") \
	T(MAILBOX, mailbox, "mailbox", MAILBOX_FIELDS, "what a client did in one folder of a mail box over POP3 or IMAP") \
	T(DB,      db,      "db",      DB_FIELDS,      "a command to a database with its answer") \
	T(MQ,      mq,      "mq",      MQ_FIELDS,      "what a client and a message broker say to each other") \
	T(SOCKS,   socks,   "socks",   SOCKS_FIELDS,   "a request to a SOCKS proxy with its answer") \
	T(RPC,     rpc,     "rpc",     RPC_FIELDS,     "a call of ONC RPC (portmap, mount, NFS) with its answer") \
	T(BITTORRENT, bittorrent, "bittorrent", BITTORRENT_FIELDS, "a message of BitTorrent: a handshake, its hash table, a tracker") \
	T(ANOMALY, anomaly, "anomaly", ANOMALY_FIELDS, "something that should not happen on a wire") \
	T(WATCH,   watch,   "watch",   WATCH_FIELDS,   "a minute of watching") \
	T(DECAY,   decay,   "decay",   DECAY_FIELDS,   "rows that were removed to keep to the policy") \
	T(FINDING, finding, "finding", FINDING_FIELDS, "a detector's dated statement") \
	T(CASE,    case,    "cases",   CASE_FIELDS,    "findings that belong to one story, joined")

/*
 * The roll-ups: what is kept for good. R(RULE, KIND, name, "meaning"), in column order.
 * Rows of the same key may lie in several files, each a partial sum; whoever reads joins
 * them by the rule: KEY (equal), MIN, MAX, SUM, OR (bits). Files are sorted by the key
 * columns in the order in which they stand here, by_dst with src_ip and dst_ip exchanged.
 */
#define PAIR_KEY_FIELDS(R) \
	R(KEY, IP,    src_ip,   "who opened the connections") \
	R(KEY, IP,    dst_ip,   "who answered") \
	R(KEY, PORT,  dst_port, "its port; 0 for ICMP, and for the ports of a scan beyond 256 for one pair of addresses and day") \
	R(KEY, TEXT,  proto,    "as in conn") \
	R(KEY, TEXT,  server_name, "as in conn; absent: none known")

#define PAIR_SUM_FIELDS(R) \
	R(MIN, TIME,  first_seen, "first packet; the start of the day for a day that a connection from before reached") \
	R(MAX, TIME,  last_seen, "last packet of these connections") \
	R(SUM, COUNT, connections, "connections that began then; 0: one from before was still open") \
	R(SUM, COUNT, unanswered, "of these, those in which dst sent nothing") \
	R(SUM, COUNT, src_bytes, "their payload bytes from src") \
	R(SUM, COUNT, dst_bytes, "their payload bytes from dst") \
	R(SUM, COUNT, missed_bytes, "their payload bytes in gaps of the capture")

/* Twelve masks of days. */
#define MONTH_FIELDS(R) \
	R(OR,  INT,   jan,      "bit d-1: active on day d of January") \
	R(OR,  INT,   feb,      "likewise") \
	R(OR,  INT,   mar,      "likewise") \
	R(OR,  INT,   apr,      "likewise") \
	R(OR,  INT,   may,      "likewise") \
	R(OR,  INT,   jun,      "likewise") \
	R(OR,  INT,   jul,      "likewise") \
	R(OR,  INT,   aug,      "likewise") \
	R(OR,  INT,   sep,      "likewise") \
	R(OR,  INT,   oct,      "likewise") \
	R(OR,  INT,   nov,      "likewise") \
	R(OR,  INT,   dec,      "likewise")

#define PAIR_DAY_FIELDS(R) \
	PAIR_KEY_FIELDS(R) \
	R(KEY, TIME,  ts,       "start of the day, UTC") \
	PAIR_SUM_FIELDS(R) \
	R(OR,  INT,   hours,    "bit h: a connection was open in hour h, UTC")

#define PAIR_MONTH_FIELDS(R) \
	PAIR_KEY_FIELDS(R) \
	R(KEY, TIME,  ts,       "start of the month, UTC") \
	PAIR_SUM_FIELDS(R) \
	R(OR,  INT,   days,     "bit d-1: a connection was open on day d")

#define PAIR_YEAR_FIELDS(R) \
	PAIR_KEY_FIELDS(R) \
	R(KEY, TIME,  ts,       "start of the year, UTC") \
	PAIR_SUM_FIELDS(R) \
	MONTH_FIELDS(R)

#define SEEN_FIELDS(R) \
	R(KEY, TEXT,  kind,     "address, name, domain (registered domain of a name), ja3, ja3s, ja4, hassh, hassh_server, cert_sha256, user_agent, file_sha256, file_name (without folders)") \
	R(KEY, TEXT,  sort,     "what the rows are sorted by: of a name or domain the labels from the last to the first (com.example.www), else value") \
	R(KEY, TEXT,  via,      "where it was seen: conn, server_name, dns_query, dns_answer, sni, cert, tls, http_host, http, ssh, file") \
	R(KEY, IP,    host,     "the client that showed it; absent for domains, and for addresses via conn: pair_day tells") \
	R(KEY, TIME,  ts,       "start of the year, UTC") \
	R(KEY, TEXT,  value,    "the observable itself") \
	R(MIN, TIME,  first_seen, "when it was first seen") \
	R(MAX, TIME,  last_seen, "when it was last seen") \
	R(SUM, COUNT, count,    "times it was seen") \
	R(SUM, COUNT, src_bytes, "payload bytes from src of its connections; 0 unless via server_name") \
	R(SUM, COUNT, dst_bytes, "payload bytes from dst, likewise") \
	MONTH_FIELDS(R)

#define WATCH_HOUR_FIELDS(R) \
	R(KEY, TEXT,  sensor,   "name of the sensor") \
	R(KEY, TIME,  ts,       "start of the hour, UTC") \
	R(KEY, TEXT,  kind,     "as in watch") \
	R(OR,  INT,   minutes,  "bit m: minute m was watched") \
	R(SUM, COUNT, packets,  "packets seen") \
	R(SUM, COUNT, bytes,    "their bytes on the wire") \
	R(SUM, COUNT, drops,    "packets that the capture says it lost") \
	R(SUM, COUNT, truncated, "packets cut short by the snap length") \
	R(SUM, COUNT, malformed, "packets whose headers contradict themselves") \
	R(SUM, COUNT, unsupported, "packets of a link type or protocol that is not read") \
	R(SUM, COUNT, bad_checksum, "packets with a wrong IP, TCP, UDP or ICMP checksum") \
	R(SUM, COUNT, connections, "connections that ended") \
	R(SUM, COUNT, one_way,  "of these, those in which only one side was ever seen") \
	R(SUM, COUNT, clock_steps, "times that the capture's clock went back or leapt")

/* T(TYPE, type, table, FIELDS, "what a row is") */
#define ROLLUP_TABLES(T) \
	T(PAIR_DAY,   pair_day,   "pair_day",   PAIR_DAY_FIELDS,   "what two addresses did on one day on one port under one name") \
	T(PAIR_MONTH, pair_month, "pair_month", PAIR_MONTH_FIELDS, "the same in one month") \
	T(PAIR_YEAR,  pair_year,  "pair_year",  PAIR_YEAR_FIELDS,  "the same in one year") \
	T(SEEN,       seen,       "seen",       SEEN_FIELDS,       "something that identifies, as one client showed it in one year") \
	T(WATCH_HOUR, watch_hour, "watch_hour", WATCH_HOUR_FIELDS, "an hour of watching")

// clang-format on

#endif
