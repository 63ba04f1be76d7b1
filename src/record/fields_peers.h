/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * What hosts set up between them: calls, tunnels, sharing. */
#ifndef DWELL_RECORD_FIELDS_PEERS_H
#define DWELL_RECORD_FIELDS_PEERS_H

// clang-format off
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
	F(TEXT,    path,     "the first Via header up to its branch: protocol, who sent it, what the next hop added") \
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

// clang-format on

#endif
