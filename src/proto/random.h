/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do bytes look random? So do those of protocols that are encrypted from the first byte
 * on, without any handshake in clear: what proxies, tunnels and implants use to look like
 * nothing.
 *
 * The first test is what a national firewall was measured to apply to first packets (Wu
 * et al., "How the Great Firewall of China Detects and Blocks Fully Encrypted Traffic",
 * USENIX Security 2023): set bits of a byte between 3.4 and 4.6 in the mean, the first
 * six bytes not all printable, no more than half of them printable, and no more than 20
 * in a row. Binary protocols pass that, too; so the second test counts pairs of equal
 * bytes, which for n random bytes are Poisson distributed about n(n - 1) / 512, while
 * fields and padding repeat themselves (Friedman's index of coincidence).
 */
#ifndef DWELL_PROTO_RANDOM_H
#define DWELL_PROTO_RANDOM_H

#include <stdbool.h>

#include "base/bytes.h"

#define RANDOM_BYTES_MIN 32  /* with fewer, chance decides */
#define RANDOM_BYTES_MAX 256 /* that are looked at */

/* Whether the first bytes of a side look random; false for fewer than RANDOM_BYTES_MIN.
 */
bool random_looking(struct bytes first);

#endif
