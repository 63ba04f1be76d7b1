/* SPDX-License-Identifier: Apache-2.0 */
/* What the control and the data connections of FTP share, and what names their ends. */
#ifndef DWELL_PROTO_FTP_H
#define DWELL_PROTO_FTP_H

#include "proto/expect.h"
#include "proto/parser.h"

#define FTP_DATA_NAME "ftp-data" /* of the parser of data connections */

/*
 * The end of a data connection as PORT and the reply 227 say it: h1,h2,h3,h4,p1,p2, in
 * brackets or not, anywhere in the text (RFC 959, 4.1.2). False: there is none; the port
 * is never 0.
 */
bool ftp_ends_port(struct str text, struct addr *address, uint16_t *port);

/*
 * The same as EPRT and the reply 229 say it: |protocol|address|port|, where any printable
 * character may stand for '|', and EPSV leaves out all but the port (RFC 2428). The
 * address is unset where it is left out.
 */
bool ftp_ends_extended(struct str text, struct addr *address, uint16_t *port);

/*
 * Go a step from the folder in path, of n bytes and room for that many: to the folder
 * named by step, which may be absolute, have several parts, and "." and ".." among them.
 * The bytes that path has then; what does not fit is left out.
 */
size_t ftp_path(char *path, size_t n, size_t room, struct str step);

#endif
