/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/certs.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/size.h"

#define WAYS       2  /* places that a certificate may take */
#define TAIL_BYTES 64 /* of a certificate that choose its places */
#define ALIGN      sizeof(max_align_t)

_Static_assert(CERTS_KEPT_MAX % WAYS == 0, "every set has all its places");

struct kept {
	uint8_t *block; /* the certificate, then its lists and texts; owned */
	size_t n;       /* bytes of the certificate; 0: free */
	struct certificate c;
};

struct certs {
	struct hash_key key;
	struct kept kept[CERTS_KEPT_MAX];
	uint8_t turn[CERTS_KEPT_MAX / WAYS]; /* which place of a set is taken next */
	struct certificate other;            /* one that is not kept */
};

struct certs *certs_new(void)
{
	struct certs *c = calloc(1, sizeof(*c));
	if (c != NULL)
		c->key = hash_key_random();
	return c;
}

void certs_free(struct certs *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < CERTS_KEPT_MAX; i++)
		free(c->kept[i].block);
	free(c);
}

static void read_into(struct certificate *c, struct arena *a, struct bytes der)
{
	struct x509 parsed;
	record_clear(RECORD_CERT, &c->record);
	size_t n = digest_hex(DIGEST_SHA256, der.pos, der.left, c->sha256);
	c->result = x509_parse(der, &parsed);
	c->complete = x509_record(a, &parsed, &c->record);
	c->record.sha256 = (struct str){c->sha256, n};
}

static size_t aligned(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

/* Where copies go: counts bytes while p is NULL. */
struct room {
	uint8_t *p;
	size_t used;
};

static const void *copy(struct room *r, const void *from, size_t n)
{
	void *to = r->p != NULL ? r->p + r->used : NULL;
	if (to != NULL && n > 0)
		memcpy(to, from, n);
	r->used += aligned(n);
	return to;
}

static void copy_text(struct room *r, struct str *s)
{
	if (s->p == NULL)
		return;
	const char *p = copy(r, s->p, s->n);
	if (r->p != NULL)
		s->p = p;
}

static void copy_texts(struct room *r, struct str_list *l)
{
	if (l->n == 0)
		return;
	struct str *v = (struct str *)(uintptr_t)copy(r, l->v, l->n * sizeof(*v));
	for (size_t i = 0; i < l->n; i++) {
		struct str s = l->v[i];
		copy_text(r, v != NULL ? &v[i] : &s);
	}
	if (v != NULL)
		l->v = v;
}

/* Copy all that a record points to; when r has no memory, count it. */
static void copy_all(struct room *r, struct cert_record *record)
{
	const struct record_info *info = record_info(RECORD_CERT);
	for (size_t i = 0; i < info->field_count; i++) {
		void *at = (char *)record + info->fields[i].offset;
		if (info->fields[i].kind == FIELD_TEXT)
			copy_text(r, at);
		else if (info->fields[i].kind == FIELD_TEXTS)
			copy_texts(r, at);
	}
}

/* Keep what was read in a place; false when it is too large or there is no memory. */
static bool keep(struct kept *k, const struct certificate *c, struct bytes der)
{
	struct room r = {NULL, aligned(der.left)};
	struct cert_record record = c->record;
	copy_all(&r, &record);
	if (r.used == 0 || r.used > CERTS_BYTES_MAX)
		return false;
	uint8_t *block = malloc(r.used);
	if (block == NULL)
		return false;
	free(k->block);
	*k = (struct kept){block, der.left, *c};
	memcpy(block, der.pos, der.left);
	r = (struct room){block, aligned(der.left)};
	copy_all(&r, &k->c.record);
	k->c.record.sha256.p = k->c.sha256;
	/* cppcheck-suppress memleak; k owns the block */
	return true;
}

const struct certificate *certs_read(struct certs *c, struct arena *a, struct bytes der)
{
	size_t tail = size_min(der.left, TAIL_BYTES);
	uint64_t hash = hash_bytes(&c->key, der.pos + der.left - tail, tail) + der.left;
	size_t set = hash % (CERTS_KEPT_MAX / WAYS);
	struct kept *places = &c->kept[set * WAYS];
	for (size_t i = 0; i < WAYS; i++) {
		if (places[i].n == der.left && der.left > 0 &&
		    memcmp(places[i].block, der.pos, der.left) == 0)
			return &places[i].c;
	}
	read_into(&c->other, a, der);
	struct kept *place = &places[c->turn[set]];
	if (!keep(place, &c->other, der))
		return &c->other;
	c->turn[set] = (uint8_t)((c->turn[set] + 1) % WAYS);
	return &place->c;
}
