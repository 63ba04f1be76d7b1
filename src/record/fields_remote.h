/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * Remote access, logons and proxies. */
#ifndef DWELL_RECORD_FIELDS_REMOTE_H
#define DWELL_RECORD_FIELDS_REMOTE_H

// clang-format off
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

#define IRC_FIELDS(F) \
	F(TIME,    ts,       "the command") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    nick,     "name that the client had until then; absent: none seen") \
	F(TEXT,    user,     "user name that it gave before; absent: none seen") \
	F(TEXT,    command,  "NICK, USER, JOIN, or DCC: it offers a file") \
	F(TEXT,    value,    "the new nick, the user name, the channel; its key is never stored") \
	F(TEXT,    addl,     "USER: what follows the name, as sent: mode or host, server, real name") \
	F(TEXT,    dcc_file_name, "DCC: the file's name as offered") \
	F(INT,     dcc_file_size, "its bytes as offered; absent: not said") \
	F(IP,      dcc_ip,   "where it is to be fetched") \
	F(PORT,    dcc_port, "and the port there; 0: no file is offered, or the other side is to listen") \
	SOURCE_FIELDS(F)

// clang-format on

#endif
