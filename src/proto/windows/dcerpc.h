/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DCE/RPC, connection-oriented (C706, chapter 12; MS-RPCE): the PDUs of one association,
 * which come over TCP or through a named pipe of SMB.
 *
 *     05 minor | type | flags | drep 4 | length 2 | auth length 2 | call id 4 | body |
 * auth
 *
 * BIND says which interface a context number means, REQUEST which operation of it is
 * called. A call becomes one record, when its RESPONSE or FAULT comes or the association
 * ends. Arguments are passed over.
 */
#ifndef DWELL_PROTO_DCERPC_H
#define DWELL_PROTO_DCERPC_H

#include "proto/parser.h"

#define DCERPC_CONTEXTS_MAX 64    /* interfaces of one association */
#define DCERPC_CALLS_MAX    64    /* calls that wait for their answer */
#define DCERPC_PDU_MAX      65535 /* bytes of one, as its length can say */

struct dcerpc;

/* Whether a PDU begins here: 16 bytes are needed to tell. */
bool dcerpc_is(struct bytes b);

/* An association; NULL without memory. */
struct dcerpc *dcerpc_new(void);

/* The next bytes, of the answering side or the other; they may begin and end in the
 * middle of a PDU. pipe: the name of the pipe, absent over TCP. */
void dcerpc_bytes(
    struct parse *x, struct dcerpc *d, bool answer, struct bytes b, struct str pipe);

/* Bytes of a side are missing: reading goes on where bytes begin with a PDU. */
void dcerpc_lost(struct dcerpc *d, bool answer);

/* Whether a PDU was read whole. */
bool dcerpc_certain(const struct dcerpc *d);

/* Bytes that it owns. */
size_t dcerpc_held(const struct dcerpc *d);

/* Emit the calls without an answer, free all; NULL is fine. */
void dcerpc_free(struct parse *x, struct dcerpc *d);

/* The name of an interface (16 bytes, as on the wire with least byte first); NULL: not
 * known. *operation: the name of its operation, NULL: not known. Static. */
const char *dcerpc_interface(
    const uint8_t uuid[static 16], unsigned opnum, const char **operation);

#endif
