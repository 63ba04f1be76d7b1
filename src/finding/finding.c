/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/finding.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/size.h"

static const struct fact_info fact_infos[FACT_KEYS] = {
#define K(KEY, key, STAND, K1, K2, K3, meaning)                                          \
	[FACT_KEY_##KEY] = {                                                             \
	    key, meaning, FACT_##STAND, {VALUE_##K1, VALUE_##K2, VALUE_##K3}},
    FACT_TABLE(K)
#undef K
};

const struct fact_info *fact_info(enum fact_key key)
{
	return &fact_infos[key];
}

static const char *const direction_names[] = {"outbound", "inbound", "internal"};
static const char *const since_names[] = {"first_packet", "onset", "before_memory"};
static const char *const confidence_names[] = {"low", "medium", "high"};

const char *direction_name(enum direction d)
{
	return direction_names[d];
}

const char *since_kind_name(enum since_kind k)
{
	return since_names[k];
}

const char *confidence_name(enum confidence c)
{
	return confidence_names[c];
}

static bool name_index(
    struct str name, const char *const names[static 3], unsigned *index)
{
	for (unsigned i = 0; i < 3; i++) {
		if (str_equal(name, str_of(names[i]))) {
			*index = i;
			return true;
		}
	}
	return false;
}

bool direction_from_name(struct str name, enum direction *d)
{
	unsigned i;
	if (!name_index(name, direction_names, &i))
		return false;
	*d = (enum direction)i;
	return true;
}

bool since_kind_from_name(struct str name, enum since_kind *k)
{
	unsigned i;
	if (!name_index(name, since_names, &i))
		return false;
	*k = (enum since_kind)i;
	return true;
}

bool confidence_from_name(struct str name, enum confidence *c)
{
	unsigned i;
	if (!name_index(name, confidence_names, &i))
		return false;
	*c = (enum confidence)i;
	return true;
}

const struct fact *finding_fact(const struct finding *f, enum fact_key key)
{
	for (size_t i = 0; i < f->fact_count; i++) {
		if (f->facts[i].key == key)
			return &f->facts[i];
	}
	return NULL;
}

void finding_add_fact(
    struct finding *f, enum fact_key key, double v1, double v2, double v3)
{
	if (f->fact_count == FACTS_MAX)
		return;
	f->facts[f->fact_count++] = (struct fact){.key = key, .value = {v1, v2, v3}};
}

void finding_add_text_fact(struct finding *f, enum fact_key key, struct str text)
{
	if (f->fact_count == FACTS_MAX)
		return;
	f->facts[f->fact_count++] = (struct fact){.key = key, .text = text};
}

/* The identifying texts, each with its length before it,
 * so that no two findings run together. */
static size_t add_part(uint8_t *to, size_t at, size_t room, const void *p, size_t n)
{
	if (n > room - at - 2)
		n = room - at - 2;
	to[at++] = (uint8_t)(n >> 8);
	to[at++] = (uint8_t)n;
	if (n > 0)
		memcpy(to + at, p, n);
	return at + n;
}

#define IDENTITY_MAX 1024 /* bytes hashed: names are at most 255, the rest is short */

void finding_identify(struct finding *f)
{
	uint8_t key[IDENTITY_MAX];
	uint8_t small[3] = {
	    (uint8_t)f->direction, (uint8_t)(f->peer_port >> 8), (uint8_t)f->peer_port};
	size_t n = add_part(key, 0, sizeof(key), f->detector, strlen(f->detector));
	n = add_part(key, n, sizeof(key), small, sizeof(small));
	n = add_part(key, n, sizeof(key), f->host.b, sizeof(f->host.b));
	n = add_part(key, n, sizeof(key), f->proto.p, size_min(f->proto.n, 64));
	n = add_part(key, n, sizeof(key), f->peer.p, f->peer.n);
	snprintf(f->id, sizeof(f->id), "f%016llx",
	    (unsigned long long)hash_bytes(&hash_key_public, key, n));
}

static json_t *fact_value(const struct fact *f, size_t i)
{
	double v = f->value[i];
	if (!isfinite(v))
		return json_null();
	if (fabs(v) < 9007199254740992.0 && v == floor(v))
		return json_integer((json_int_t)v);
	return json_real(v);
}

static json_t *fact_json(const struct fact *f)
{
	const struct fact_info *info = fact_info(f->key);
	json_t *o = json_object(), *values = NULL;
	json_object_set_new(o, "key", json_string(info->key));
	for (size_t i = 0; i < 3 && info->kind[i] != VALUE_NONE; i++) {
		if (info->kind[i] == VALUE_TEXT) {
			json_object_set_new(
			    o, "text", json_stringn(f->text.p, f->text.n));
			continue;
		}
		if (values == NULL)
			values = json_array();
		json_array_append_new(values, fact_value(f, i));
	}
	if (values != NULL)
		json_object_set_new(o, "values", values);
	return o;
}

#define REAL_DIGITS 12 /* digits of a value: enough for a share, short to read */

struct str facts_to_json(const struct fact *v, size_t n, struct arena *a)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, fact_json(&v[i]));
	size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS);
	size_t bytes = json_dumpb(list, NULL, 0, flags);
	char *text = bytes > 0 ? arena_alloc(a, bytes) : NULL;
	struct str s = {NULL, 0};
	if (text != NULL && json_dumpb(list, text, bytes, flags) == bytes)
		s = (struct str){text, bytes};
	json_decref(list);
	return s;
}

static bool fact_key_from_name(const char *name, enum fact_key *key)
{
	for (unsigned i = 0; i < FACT_KEYS; i++) {
		if (strcmp(fact_infos[i].key, name) == 0) {
			*key = (enum fact_key)i;
			return true;
		}
	}
	return false;
}

static bool fact_from_json(const json_t *o, struct fact *f, struct arena *a)
{
	const char *key = json_string_value(json_object_get(o, "key"));
	if (key == NULL || !fact_key_from_name(key, &f->key))
		return false;
	const json_t *text = json_object_get(o, "text");
	if (json_is_string(text))
		f->text = str_copy(
		    a, str_clean(a, json_string_value(text), json_string_length(text)));
	const json_t *values = json_object_get(o, "values");
	for (size_t i = 0, at = 0; i < 3; i++) {
		if (fact_info(f->key)->kind[i] == VALUE_TEXT)
			continue;
		const json_t *v = json_array_get(values, at++);
		f->value[i] = json_is_number(v) ? json_number_value(v)
			      : v != NULL       ? (double)NAN
						: 0;
	}
	return true;
}

size_t facts_from_json(struct str json, struct fact v[static FACTS_MAX], struct arena *a)
{
	if (json.n == 0)
		return 0;
	json_t *list = json_loadb(json.p, json.n, 0, NULL);
	size_t n = 0;
	for (size_t i = 0; i < json_array_size(list) && n < FACTS_MAX; i++) {
		struct fact f = {.key = FACT_KEYS};
		if (fact_from_json(json_array_get(list, i), &f, a))
			v[n++] = f;
	}
	json_decref(list);
	return n;
}

void finding_to_record(const struct finding *f, struct str summary, struct arena *a,
    struct finding_record *r)
{
	record_clear(RECORD_FINDING, r);
	struct str *attack = arena_alloc(a, ATTACK_MAX * sizeof(*attack));
	size_t n = 0;
	while (attack != NULL && n < ATTACK_MAX && f->attack[n] != NULL) {
		attack[n] = str_of(f->attack[n]);
		n++;
	}
	r->id = str_copy(a, str_of(f->id));
	r->detector = str_of(f->detector);
	r->direction = str_of(direction_name(f->direction));
	r->host = f->host;
	r->peer = f->peer;
	r->peer_port = f->peer_port;
	r->proto = f->proto;
	r->first_seen = f->first_seen;
	r->last_seen = f->last_seen;
	r->since = f->since;
	r->since_kind = str_of(since_kind_name(f->since_kind));
	r->confidence = str_of(confidence_name(f->confidence));
	r->score = f->score;
	r->rank_p = f->rank_p;
	r->events = f->events;
	r->bytes_out = f->bytes_out;
	r->bytes_in = f->bytes_in;
	r->attack = (struct str_list){attack, n};
	r->facts = facts_to_json(f->facts, f->fact_count, a);
	r->summary = summary;
}
