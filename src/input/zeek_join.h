/* SPDX-License-Identifier: Apache-2.0 */
/* What the logs of one group say for each other: names by connection, names by address,
 * certificates by their ids. Each table is bounded (log_join.h). */
#ifndef DWELL_INPUT_ZEEK_JOIN_H
#define DWELL_INPUT_ZEEK_JOIN_H

#include "input/zeek.h"

/* What ssl.log and http.log say of a connection. */
struct zeek_names {
	struct str sni, host, ja3, ja4;
};

/* The two names last told to a client for an address. */
struct zeek_answer {
	struct str name[2]; /* newest first */
	struct moment when[2];
};

struct zeek_cert {
	struct cert_record record; /* texts and lists in the table's arena */
	bool used;                 /* some handshake referred to it */
};

/* The names of the connection with that uid, made when there are none; NULL without
 * memory or without uid. */
struct zeek_names *zeek_names_of(struct zeek_group *g, const struct log_value *uid);

/* Fill in what is still absent in the record of the connection with that uid. */
void zeek_names_give(
    struct zeek_group *g, const struct log_value *uid, struct conn_record *r);

/* The client was told at that time that name has this address. */
void zeek_answer_learn(struct zeek_group *g, const struct addr *client,
    const struct addr *address, struct str name, struct moment when);

/* Remember a certificate under an id; the record is copied. */
void zeek_cert_learn(
    struct zeek_group *g, struct str id, const struct cert_record *record);

/* The certificate with that id; NULL when it is not known. */
struct zeek_cert *zeek_cert_find(struct zeek_group *g, struct str id);

#endif
