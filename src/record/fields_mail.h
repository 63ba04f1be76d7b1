/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * Mail and the transfer of files. */
#ifndef DWELL_RECORD_FIELDS_MAIL_H
#define DWELL_RECORD_FIELDS_MAIL_H

// clang-format off
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

// clang-format on

#endif
