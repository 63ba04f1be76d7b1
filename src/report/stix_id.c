/* SPDX-License-Identifier: Apache-2.0 */
#include "report/stix_id.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

const struct uuid stix_observables = {{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c,
    0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}};
const struct uuid stix_others = {{0x6d, 0x1f, 0x07, 0x5e, 0x2b, 0x64, 0x4c, 0x0e, 0x8f,
    0x3a, 0x91, 0xd7, 0x58, 0xee, 0x40, 0x23}};

struct uuid uuid_of(const struct uuid *namespace, struct str name)
{
	struct uuid u = {0};
	uint8_t digest[EVP_MAX_MD_SIZE] = {0};
	unsigned n = 0;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool made = c != NULL && EVP_DigestInit_ex(c, EVP_sha1(), NULL) == 1 &&
		    EVP_DigestUpdate(c, namespace->b, sizeof(namespace->b)) == 1 &&
		    EVP_DigestUpdate(c, name.p, name.n) == 1 &&
		    EVP_DigestFinal_ex(c, digest, &n) == 1;
	EVP_MD_CTX_free(c);
	if (made)
		memcpy(u.b, digest, sizeof(u.b));
	u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x50);
	u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
	return u;
}

void stix_id(const char *type, const struct uuid *u, char out[static STIX_ID_MAX])
{
	int n = snprintf(out, STIX_ID_MAX, "%.40s--", type);
	for (int i = 0; i < 16; i++)
		n += snprintf(out + n, STIX_ID_MAX - (size_t)n, "%s%02x",
		    i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", u->b[i]);
}

/* Whether the text is a UUID as it is written. */
static bool is_uuid(struct str s)
{
	if (s.n != 36)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s.p[i] != '-' : strchr("0123456789abcdef", s.p[i]) == NULL)
			return false;
	}
	return true;
}

bool stix_id_is_sighted(struct str id)
{
	static const char *const types[] = {"indicator", "malware", "campaign", "tool",
	    "infrastructure", "intrusion-set", "threat-actor", "attack-pattern"};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t n = strlen(types[i]);
		if (id.n > n + 2 && memcmp(id.p, types[i], n) == 0 &&
		    memcmp(id.p + n, "--", 2) == 0)
			return is_uuid((struct str){id.p + n + 2, id.n - n - 2});
	}
	return false;
}

/* ---- sets ---- */

static struct uuid *slot_of(const struct uuid_set *s, const struct uuid *u)
{
	static const struct uuid none;
	size_t at = hash_bytes(&hash_key_public, u->b, sizeof(u->b)) & s->mask;
	while (memcmp(&s->slots[at], &none, sizeof(none)) != 0 &&
	       memcmp(&s->slots[at], u, sizeof(*u)) != 0)
		at = (at + 1) & s->mask;
	return &s->slots[at];
}

static bool grow(struct uuid_set *s)
{
	static const struct uuid none;
	size_t size = s->slots != NULL ? (s->mask + 1) * 2 : 256;
	struct uuid_set new = {
	    .slots = calloc(size, sizeof(struct uuid)), .mask = size - 1};
	if (new.slots == NULL)
		return false;
	for (size_t i = 0; s->slots != NULL && i <= s->mask; i++) {
		if (memcmp(&s->slots[i], &none, sizeof(none)) == 0)
			continue;
		*slot_of(&new, &s->slots[i]) = s->slots[i];
		new.n++;
	}
	free(s->slots);
	*s = new;
	return true;
}

bool uuid_set_add(struct uuid_set *s, const struct uuid *u)
{
	if ((s->slots == NULL || s->n * 2 > s->mask) && !grow(s))
		return true;
	struct uuid *slot = slot_of(s, u);
	if (memcmp(slot, u, sizeof(*u)) == 0)
		return false;
	*slot = *u;
	s->n++;
	return true;
}

void uuid_set_free(struct uuid_set *s)
{
	free(s->slots);
	*s = (struct uuid_set){0};
}
