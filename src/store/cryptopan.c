/* SPDX-License-Identifier: Apache-2.0 */
#include "store/cryptopan.h"

#include <assert.h>
#include <string.h>

#define ADDRESS_MAX 16 /* bytes of the longest address */

int cryptopan_init(
    struct cryptopan *c, const uint8_t key[static CRYPTOPAN_KEY_BYTES], struct error *e)
{
	int n = 0;
	*c = (struct cryptopan){.cipher = EVP_CIPHER_CTX_new()};
	if (c->cipher == NULL ||
	    EVP_EncryptInit_ex(c->cipher, EVP_aes_128_ecb(), NULL, key, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(c->cipher, 0) != 1 ||
	    EVP_EncryptUpdate(
		c->cipher, c->pad, &n, key + CRYPTOPAN_BLOCK, CRYPTOPAN_BLOCK) != 1)
		return error_set(e, ERR_SYSTEM, "AES-128 is not available");
	return 0;
}

void cryptopan_fini(struct cryptopan *c)
{
	EVP_CIPHER_CTX_free(c->cipher);
	*c = (struct cryptopan){0};
}

/* All blocks are made first and encrypted in one call: that is what makes it quick. */
void cryptopan_map(struct cryptopan *c, const uint8_t *in, size_t n, uint8_t *out)
{
	uint8_t blocks[ADDRESS_MAX * 8][CRYPTOPAN_BLOCK] = {0};
	size_t bits = 8 * n;
	int written = 0;
	assert(n <= ADDRESS_MAX);
	for (size_t i = 0; i < bits; i++) {
		uint8_t mine = (uint8_t)(0xff00U >> i % 8);
		memcpy(blocks[i], c->pad, CRYPTOPAN_BLOCK);
		memcpy(blocks[i], in, i / 8);
		blocks[i][i / 8] =
		    (uint8_t)((in[i / 8] & mine) | (c->pad[i / 8] & ~mine));
	}
	int ok = EVP_EncryptUpdate(
	    c->cipher, blocks[0], &written, blocks[0], (int)(bits * CRYPTOPAN_BLOCK));
	assert(ok == 1 && written == (int)(bits * CRYPTOPAN_BLOCK));
	for (size_t i = 0; i < n; i++) {
		uint8_t flips = 0;
		for (size_t b = 0; b < 8; b++)
			flips = (uint8_t)(flips << 1 | blocks[8 * i + b][0] >> 7);
		out[i] = in[i] ^ flips;
	}
}
