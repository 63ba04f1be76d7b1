/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * Windows networks and directories. */
#ifndef DWELL_RECORD_FIELDS_WINDOWS_H
#define DWELL_RECORD_FIELDS_WINDOWS_H

// clang-format off
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

// clang-format on

#endif
