/* SPDX-License-Identifier: Apache-2.0 */
/* The checksums of IP and its transports. */
#ifndef DWELL_DECODE_CHECKSUM_H
#define DWELL_DECODE_CHECKSUM_H

#include <stdint.h>
#include <string.h>

/*
 * The one's complement sum of the n bytes at p taken as 16-bit
 * words (RFC 1071), not folded. Sums may be added up as long
 * as each piece but the last is even; at most 2^16 of them.
 */
uint64_t checksum_sum(const uint8_t *p, uint32_t n);

/* Fold a sum to 16 bits: 0xffff when the bytes, their checksum included, are right. */
static inline uint16_t checksum_fold(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	uint32_t half = (uint32_t)sum + (uint32_t)(sum >> 32);
	/* The upper half of this is the sum of both halves with its carry. */
	return (uint16_t)((half + (half << 16 | half >> 16)) >> 16);
}

/* checksum_sum for few bytes, a multiple of 4: an IP header, an address. */
static inline uint64_t checksum_words(const uint8_t *p, uint32_t n)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < n; i += 4) {
		uint32_t word;
		memcpy(&word, p + i, sizeof(word));
		sum += word;
	}
	return sum;
}

/* A number in host order as checksum_sum would count its two bytes. */
static inline uint64_t checksum_number(uint16_t v)
{
	return __builtin_bswap16(v);
}

/* CRC-32C of the n bytes at p, of which the 4 at
 * zero_at count as zero (RFC 9260, appendix A). */
uint32_t checksum_crc32c(const uint8_t *p, uint32_t n, uint32_t zero_at);

#endif
