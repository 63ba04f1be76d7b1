/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/quic_crypto.h"

#include <openssl/evp.h>
#include <string.h>

#include "proto/shared/digest.h"

#define HASH_BYTES DIGEST_MAX
#define LABEL_MAX  32
#define NUMBER_MAX 4    /* bytes of a packet number */
#define HEADER_MAX 4096 /* bytes before the payload: a token is the longest of them */

/* HKDF-Expand-Label with an empty context (RFC 8446, 7.1), of at most one hash:
 *     length(2) label<1> context<1> 1 */
static bool expand(
    const struct digest_key *secret, const char *label, uint8_t *out, size_t n)
{
	static const char prefix[] = "tls13 ";
	uint8_t info[4 + sizeof(prefix) + LABEL_MAX], okm[DIGEST_MAX];
	size_t label_n = strlen(label), at = 0;
	if (label_n > LABEL_MAX || n > HASH_BYTES)
		return false;
	info[at++] = 0;
	info[at++] = (uint8_t)n;
	info[at++] = (uint8_t)(sizeof(prefix) - 1 + label_n);
	memcpy(info + at, prefix, sizeof(prefix) - 1);
	at += sizeof(prefix) - 1;
	memcpy(info + at, label, label_n);
	at += label_n;
	info[at++] = 0;
	info[at++] = 1;
	digest_hmac(secret, info, at, okm);
	memcpy(out, okm, n);
	return true;
}

bool quic_secret(const struct quic_version *v, struct bytes dcid,
    uint8_t secret[static QUIC_SECRET_BYTES])
{
	struct digest_key salt;
	if (v->salt == NULL ||
	    !digest_key_set(&salt, bytes_over(v->salt, QUIC_SALT_BYTES)))
		return false;
	digest_hmac(&salt, dcid.pos, dcid.left, secret);
	return true;
}

bool quic_keys(const struct quic_version *v,
    const uint8_t secret[static QUIC_SECRET_BYTES], bool server, struct quic_keys *k)
{
	struct digest_key key;
	uint8_t own[HASH_BYTES];
	if (!digest_key_set(&key, bytes_over(secret, QUIC_SECRET_BYTES)) ||
	    !expand(&key, server ? "server in" : "client in", own, sizeof(own)) ||
	    !digest_key_set(&key, bytes_over(own, sizeof(own))))
		return false;
	return expand(
		   &key, v->second ? "quicv2 key" : "quic key", k->key, sizeof(k->key)) &&
	       expand(&key, v->second ? "quicv2 iv" : "quic iv", k->iv, sizeof(k->iv)) &&
	       expand(&key, v->second ? "quicv2 hp" : "quic hp", k->hp, sizeof(k->hp));
}

/* Of a thread, fetched once: looking them up by name costs more than a packet. */
struct ciphers {
	EVP_CIPHER *ecb, *gcm;
	EVP_CIPHER_CTX *block, *packet;
};

static const struct ciphers *ciphers(void)
{
	static _Thread_local struct ciphers c;
	if (c.packet == NULL) {
		c.ecb = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
		c.gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
		c.block = EVP_CIPHER_CTX_new();
		c.packet = EVP_CIPHER_CTX_new();
	}
	bool good = c.ecb != NULL && c.gcm != NULL && c.block != NULL && c.packet != NULL;
	return good ? &c : NULL;
}

/* The mask of a header (RFC 9001, 5.4.3). */
static bool header_mask(const struct ciphers *c, const uint8_t hp[16],
    const uint8_t *sample, uint8_t mask[QUIC_SAMPLE_BYTES])
{
	int n = 0;
	return EVP_EncryptInit_ex(c->block, c->ecb, NULL, hp, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(c->block, 0) == 1 &&
	       EVP_EncryptUpdate(c->block, mask, &n, sample, QUIC_SAMPLE_BYTES) == 1 &&
	       n == QUIC_SAMPLE_BYTES;
}

struct sealed {
	struct bytes header, body; /* body without tag */
	uint8_t nonce[12], tag[QUIC_TAG_BYTES];
};

static bool unseal(
    const struct ciphers *c, const struct quic_keys *k, struct sealed *s, uint8_t *clear)
{
	int n = 0;
	return EVP_DecryptInit_ex(c->packet, c->gcm, NULL, k->key, s->nonce) == 1 &&
	       EVP_DecryptUpdate(
		   c->packet, NULL, &n, s->header.pos, (int)s->header.left) == 1 &&
	       EVP_DecryptUpdate(c->packet, clear, &n, s->body.pos, (int)s->body.left) ==
		   1 &&
	       EVP_CIPHER_CTX_ctrl(
		   c->packet, EVP_CTRL_AEAD_SET_TAG, QUIC_TAG_BYTES, s->tag) == 1 &&
	       EVP_DecryptFinal_ex(c->packet, clear + n, &n) == 1;
}

bool quic_open(const struct quic_keys *k, struct bytes whole, size_t number_at,
    struct arena *a, struct bytes *payload)
{
	const struct ciphers *c = ciphers();
	uint8_t mask[QUIC_SAMPLE_BYTES], header[HEADER_MAX];
	size_t least = number_at + NUMBER_MAX + QUIC_SAMPLE_BYTES;
	if (c == NULL || whole.left < least || number_at > HEADER_MAX - NUMBER_MAX ||
	    !header_mask(c, k->hp, whole.pos + number_at + NUMBER_MAX, mask))
		return false;
	memcpy(header, whole.pos, number_at + NUMBER_MAX);
	header[0] ^= mask[0] & 0x0f;
	size_t number_n = (header[0] & 3u) + 1u;
	struct sealed s;
	memcpy(s.nonce, k->iv, sizeof(s.nonce));
	for (size_t i = 0; i < number_n; i++) {
		header[number_at + i] ^= mask[1 + i];
		s.nonce[sizeof(s.nonce) - number_n + i] ^= header[number_at + i];
	}
	s.header = bytes_over(header, number_at + number_n);
	bytes_skip(&whole, number_at + number_n);
	s.body = bytes_sub(&whole, whole.left - QUIC_TAG_BYTES);
	bytes_copy(&whole, s.tag, sizeof(s.tag));
	uint8_t *clear = arena_alloc(a, s.body.left + 1);
	if (clear == NULL || !unseal(c, k, &s, clear))
		return false;
	*payload = bytes_over(clear, s.body.left);
	return true;
}
