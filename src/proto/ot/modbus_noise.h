/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of Modbus that are read again and again, and whose values are noise: what a
 * process measures changes little by little, what is made of data does not. The blocks
 * that a connection reads most are followed, word by word, without keeping any value:
 *
 *     v = sum of squared differences of successive values / ((n - 1) * variance)
 *
 * (von Neumann 1941): 2 where each value is drawn anew, with a standard deviation of 2 /
 * sqrt(n); near 0 for what moves slowly. A block of which four words or more change at
 * nearly every reading, over a wide range, with v as of independent values, becomes a row
 * of anomaly (register_noise) when the connection ends.
 */
#ifndef DWELL_PROTO_OT_MODBUS_NOISE_H
#define DWELL_PROTO_OT_MODBUS_NOISE_H

#include "proto/parser.h"

#define NOISE_BLOCKS 4 /* of a connection that are followed, the first that are read */
#define NOISE_WORDS  8 /* of a block, the first ones */

struct modbus_noise; /* opaque; NULL: nothing was read yet */

/* Which registers an answer is for. */
struct noise_block {
	uint8_t unit, function;
	uint16_t address, count;
};

/* Registers that were read at x->ts: 2 bytes each. *s is made when needed, and owned by
 * the caller. */
void modbus_noise_read(struct parse *x, struct modbus_noise **s,
    const struct noise_block *block, struct bytes values);

/* Emit what is noise, and free. */
void modbus_noise_end(struct parse *x, struct modbus_noise **s);

/* Bytes that it owns. */
size_t modbus_noise_held(const struct modbus_noise *s);

#endif
