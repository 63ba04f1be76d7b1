/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message of the Common Industrial Protocol (ODVA, volume 1), wherever it travels:
 *
 *     request: service 1 | path length 1, in words | path: class, instance, attribute ...
 * | data answer:  service + 80 | 00 | status 1 | length of more status 1, in words | data
 */
#ifndef DWELL_PROTO_CIP_H
#define DWELL_PROTO_CIP_H

#include "base/bytes.h"
#include "proto/ot/ot.h"

#define CIP_ANSWER     0x80 /* bit of the service */
#define CIP_SYMBOL_MAX 64   /* bytes of a tag's name that are shown */

/* Read a message into *m: service, object (its class), address (its instance), detail
 * (its attribute or tag), status. What an "unconnected send" carries is read instead of
 * it. False: it is none. */
bool cip_read(struct ot_message *m, struct bytes b);

#endif
