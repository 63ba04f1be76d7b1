/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the sockets of one interface share its packets (packet(7), PACKET_FANOUT): by a
 * program of ours over the pair of IP addresses, the same for both directions. So a
 * connection stays with one reader, and so do its fragments, the errors of its ends, and
 * the other connections of the two: a file's that FTP announces. What is neither IPv4 nor
 * IPv6 goes by the pair of its link addresses.
 *
 * The kernel's own hash takes the ports in, so it must put fragments together first; then
 * no reader sees them as they were sent.
 */
#ifndef DWELL_LIVE_FANOUT_H
#define DWELL_LIVE_FANOUT_H

#include <stdint.h>

#include "base/error.h"

/* Let the bound packet socket fd join group *group, or found one when that is 0, and
 * *group becomes its number. Negative with *e set. */
int fanout_join(int fd, uint16_t *group, struct error *e);

#endif
