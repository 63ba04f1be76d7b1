/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * The web, and the files that it and others transfer. */
#ifndef DWELL_RECORD_FIELDS_WEB_H
#define DWELL_RECORD_FIELDS_WEB_H

// clang-format off
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

// clang-format on

#endif
