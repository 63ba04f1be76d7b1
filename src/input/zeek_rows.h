/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of Zeek's logs to records, a function for each kind of log. Each gives false when
 * the line lacks an address. */
#ifndef DWELL_INPUT_ZEEK_ROWS_H
#define DWELL_INPUT_ZEEK_ROWS_H

#include "input/zeek.h"

/* conn.log: a connection, with the names that the other logs gave it. */
bool zeek_conn_row(struct zeek_line *l);

/* dns.log: a question; its answers name addresses for connections to come. */
bool zeek_dns_row(struct zeek_line *l);

/* http.log: a request. */
bool zeek_http_row(struct zeek_line *l);

/* ssl.log: a handshake, and a row for each of its certificates that x509.log held. */
bool zeek_ssl_row(struct zeek_line *l);

/* x509.log: a certificate, kept until a handshake refers to it. */
bool zeek_x509_row(struct zeek_line *l);

/* ssh.log: a handshake. */
bool zeek_ssh_row(struct zeek_line *l);

/* weird.log: an anomaly. */
bool zeek_weird_row(struct zeek_line *l);

/* capture_loss.log and stats.log: drops in the minutes of watch. */
bool zeek_loss_row(struct zeek_line *l);
bool zeek_stats_row(struct zeek_line *l);

#endif
