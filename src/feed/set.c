/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/set.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/size.h"

#define CHUNK_BITS  20
#define CHUNK_BYTES (1U << CHUNK_BITS)
#define CHUNKS_MAX  (INDICATORS_BYTES_MAX >> CHUNK_BITS)

#define SLOTS_FIRST 1024 /* of the table of what is in the set; doubles */

/* One indicator at rest. */
struct item {
	uint32_t text;  /* place of the value in the texts */
	uint32_t extra; /* index in the extras */
	uint32_t at;
	uint16_t n; /* bytes of the value */
	uint8_t kind;
	uint8_t bits; /* match 4, role 2, leaf 1, broad 1 */
};

/* What a run of indicators has in common. */
struct extra {
	int64_t from, until;
	uint32_t id, note; /* places in the texts */
	uint16_t id_n, note_n;
	uint16_t file; /* 1-based; 0: the command line */
	uint16_t port;
};

#define ITEMS_A_CHUNK  (CHUNK_BYTES / sizeof(struct item))
#define EXTRAS_A_CHUNK (CHUNK_BYTES / sizeof(struct extra))

static_assert(sizeof(struct item) == 16 && sizeof(struct extra) == 32, "stay small");
static_assert(MATCH_COUNT <= 16 && ROLE_COUNT <= 4, "fit into struct item's bits");
static_assert(INDICATOR_VALUE_MAX <= UINT16_MAX && INDICATORS_FILES_MAX <= UINT16_MAX &&
		  INDICATORS_BYTES_MAX <= UINT32_MAX,
    "fit into the fields");

struct chunks {
	char *at[CHUNKS_MAX];
	size_t count;
};

struct slot {
	uint32_t hash;
	uint32_t item; /* index + 1; 0: free */
};

struct file {
	char *path;
	const char *unit; /* what struct item's at counts; static */
};

struct indicators {
	struct chunks items, extras, texts;
	size_t item_count, extra_count;
	size_t text_used; /* bytes of the last chunk of texts */
	struct slot *slots;
	size_t slot_count; /* a power of two */
	struct hash_key key;
	struct file *files;
	size_t file_count, file_room;
	struct arena pattern_arena;
	struct pattern **patterns;
	size_t pattern_count, pattern_room;
	size_t held; /* bytes of the chunks */
	size_t bytes_max;
};

const char *indicator_kind_name(enum indicator_kind kind)
{
	static const char *const names[] = {
#define K(enumerator, name) name,
	    INDICATOR_KINDS(K)
#undef K
	};
	return names[kind];
}

struct indicators *set_new(size_t bytes_max)
{
	struct indicators *set = calloc(1, sizeof(*set));
	if (set == NULL)
		return NULL;
	set->slot_count = SLOTS_FIRST;
	set->slots = calloc(set->slot_count, sizeof(*set->slots));
	if (set->slots == NULL) {
		free(set);
		return NULL;
	}
	set->key = hash_key_random();
	set->bytes_max = bytes_max;
	arena_init(&set->pattern_arena, bytes_max / 2);
	return set;
}

struct indicators *indicators_new(void)
{
	return set_new(INDICATORS_BYTES_MAX);
}

static void chunks_free(struct chunks *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->at[i]);
}

void indicators_free(struct indicators *set)
{
	if (set == NULL)
		return;
	chunks_free(&set->items);
	chunks_free(&set->extras);
	chunks_free(&set->texts);
	for (size_t i = 0; i < set->file_count; i++)
		free(set->files[i].path);
	free(set->files);
	free(set->patterns);
	arena_fini(&set->pattern_arena);
	free(set->slots);
	free(set);
}

size_t indicators_count(const struct indicators *set)
{
	return set->item_count;
}

size_t indicators_pattern_count(const struct indicators *set)
{
	return set->pattern_count;
}

const struct pattern *indicators_pattern(const struct indicators *set, size_t i)
{
	return set->patterns[i];
}

size_t indicators_bytes(const struct indicators *set)
{
	return sizeof(*set) + set->held + set->slot_count * sizeof(struct slot) +
	       set->pattern_arena.held + set->pattern_room * sizeof(struct pattern *) +
	       set->file_room * sizeof(struct file);
}

/* One more chunk; false over the limit of the set. */
static bool chunks_grow(struct indicators *set, struct chunks *c)
{
	if (indicators_bytes(set) + CHUNK_BYTES > set->bytes_max ||
	    c->count == CHUNKS_MAX)
		return false;
	char *p = malloc(CHUNK_BYTES);
	if (p == NULL)
		return false;
	c->at[c->count++] = p;
	set->held += CHUNK_BYTES;
	return true;
}

static struct item *item_at(const struct indicators *set, size_t i)
{
	void *chunk = set->items.at[i / ITEMS_A_CHUNK];
	return (struct item *)chunk + i % ITEMS_A_CHUNK;
}

static struct extra *extra_at(const struct indicators *set, size_t i)
{
	void *chunk = set->extras.at[i / EXTRAS_A_CHUNK];
	return (struct extra *)chunk + i % EXTRAS_A_CHUNK;
}

static struct str text_at(const struct indicators *set, uint32_t place, size_t n)
{
	const char *chunk = set->texts.at[place >> CHUNK_BITS];
	return (struct str){chunk + (place & (CHUNK_BYTES - 1)), n};
}

/* Keep a copy of s; false over the limit. */
static bool text_put(struct indicators *set, struct str s, uint32_t *place)
{
	if (set->texts.count == 0 || s.n > CHUNK_BYTES - set->text_used) {
		if (!chunks_grow(set, &set->texts))
			return false;
		set->text_used = 0;
	}
	char *chunk = set->texts.at[set->texts.count - 1];
	if (s.n > 0)
		memcpy(chunk + set->text_used, s.p, s.n);
	*place = (uint32_t)((set->texts.count - 1) << CHUNK_BITS | set->text_used);
	set->text_used += s.n;
	return true;
}

/* s without what is past the limit of an id or note, never inside of a character. */
static struct str cut(struct str s)
{
	if (s.n > INDICATOR_NOTE_MAX) {
		s.n = INDICATOR_NOTE_MAX;
		while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
			s.n--;
	}
	return s;
}

/* The text as it is kept: that of the last extra where it is the same. */
static bool text_share(
    struct indicators *set, struct str s, uint32_t last, uint16_t last_n, uint32_t *place)
{
	if (s.n == last_n && (s.n == 0 || str_equal(s, text_at(set, last, last_n)))) {
		*place = last;
		return true;
	}
	return text_put(set, s, place);
}

/* The extra for in; false over the limit. */
static bool extra_put(struct indicators *set, const struct indicator *in, uint32_t *index)
{
	static const struct extra none;
	const struct extra *last =
	    set->extra_count > 0 ? extra_at(set, set->extra_count - 1) : &none;
	struct str id = cut(in->id), note = cut(in->note);
	struct extra x = {
	    .from = in->valid_from.ns,
	    .until = in->valid_until.ns,
	    .id_n = (uint16_t)id.n,
	    .note_n = (uint16_t)note.n,
	    .file = in->file.p != NULL ? (uint16_t)set->file_count : 0,
	    .port = in->port,
	};
	if (!text_share(set, id, last->id, last->id_n, &x.id) ||
	    !text_share(set, note, last->note, last->note_n, &x.note))
		return false;
	if (set->extra_count > 0 && memcmp(&x, last, sizeof(x)) == 0) {
		*index = (uint32_t)(set->extra_count - 1);
		return true;
	}
	if (set->extra_count == set->extras.count * EXTRAS_A_CHUNK &&
	    !chunks_grow(set, &set->extras))
		return false;
	*extra_at(set, set->extra_count) = x;
	*index = (uint32_t)set->extra_count++;
	return true;
}

static uint8_t bits_of(const struct indicator *in)
{
	return (uint8_t)((unsigned)in->match | (unsigned)in->role << 4 |
			 (unsigned)in->leaf << 6 | (unsigned)in->broad << 7);
}

/* Two indicators are the same when all of this is. */
static uint32_t hash_of(const struct indicators *set, const struct indicator *in)
{
	struct {
		uint64_t value, id;
		uint16_t port;
		uint8_t kind, bits;
		uint32_t zero;
	} all = {
	    .value = hash_bytes(&set->key, in->value.p, in->value.n),
	    .id = in->id.n > 0 ? hash_bytes(&set->key, in->id.p, cut(in->id).n) : 0,
	    .port = in->port,
	    .kind = (uint8_t)in->kind,
	    .bits = bits_of(in),
	};
	return (uint32_t)hash_bytes(&set->key, &all, sizeof(all));
}

static bool is_same(const struct indicators *set, size_t i, const struct indicator *in)
{
	const struct item *item = item_at(set, i);
	if (item->kind != in->kind || item->bits != bits_of(in) ||
	    item->n != in->value.n ||
	    !str_equal(text_at(set, item->text, item->n), in->value))
		return false;
	const struct extra *x = extra_at(set, item->extra);
	struct str id = cut(in->id);
	return x->port == in->port && x->id_n == id.n &&
	       (id.n == 0 || str_equal(text_at(set, x->id, x->id_n), id));
}

/* The slot of in: taken by the same, or free. */
static struct slot *slot_of(
    const struct indicators *set, uint32_t hash, const struct indicator *in)
{
	size_t mask = set->slot_count - 1;
	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct slot *s = &set->slots[i];
		if (s->item == 0 || (s->hash == hash && is_same(set, s->item - 1, in)))
			return s;
	}
}

static bool slots_grow(struct indicators *set)
{
	size_t count = set->slot_count * 2, mask = count - 1;
	if (indicators_bytes(set) + count * sizeof(struct slot) > set->bytes_max)
		return false;
	struct slot *slots = calloc(count, sizeof(*slots));
	if (slots == NULL)
		return false;
	for (size_t i = 0; i < set->slot_count; i++) {
		size_t k = set->slots[i].hash & mask;
		if (set->slots[i].item == 0)
			continue;
		while (slots[k].item != 0)
			k = (k + 1) & mask;
		slots[k] = set->slots[i];
	}
	free(set->slots);
	set->slots = slots;
	set->slot_count = count;
	return true;
}

/* Whether one more has room; grows the table and the chunks. */
static bool make_room(struct indicators *set)
{
	if (set->item_count >= INDICATORS_MAX)
		return false;
	if (set->item_count >= set->slot_count / 4 * 3 && !slots_grow(set))
		return false;
	return set->item_count < set->items.count * ITEMS_A_CHUNK ||
	       chunks_grow(set, &set->items);
}

enum indicator_outcome indicators_add(
    struct indicators *set, const struct indicator *in, uint32_t *index)
{
	if (in->value.n > INDICATOR_VALUE_MAX)
		return INDICATOR_OVER_LIMIT;
	uint32_t hash = hash_of(set, in);
	struct slot *slot = slot_of(set, hash, in);
	if (slot->item != 0) {
		if (index != NULL)
			*index = slot->item - 1;
		return INDICATOR_MERGED;
	}
	struct item item = {
	    .at = in->at,
	    .n = (uint16_t)in->value.n,
	    .kind = (uint8_t)in->kind,
	    .bits = bits_of(in),
	};
	if (!make_room(set) || !text_put(set, in->value, &item.text) ||
	    !extra_put(set, in, &item.extra))
		return INDICATOR_OVER_LIMIT;
	slot = slot_of(set, hash, in); /* the table may have grown */
	*item_at(set, set->item_count) = item;
	if (index != NULL)
		*index = (uint32_t)set->item_count;
	*slot = (struct slot){hash, (uint32_t)++set->item_count};
	return INDICATOR_ADDED;
}

static void net_of(struct indicator *out)
{
	char text[ADDR_TEXT_MAX + 4];
	if (out->kind != INDICATOR_ADDRESS && out->kind != INDICATOR_NETWORK)
		return;
	size_t n = size_min(out->value.n, sizeof(text) - 1);
	memcpy(text, out->value.p, n);
	text[n] = '\0';
	if (!net_parse(text, &out->net))
		out->net = (struct net){0};
}

static struct str file_name(const struct indicators *set, uint16_t file)
{
	return str_of(file > 0 ? set->files[file - 1].path : NULL);
}

void indicators_get(const struct indicators *set, size_t i, struct indicator *out)
{
	const struct item *item = item_at(set, i);
	const struct extra *x = extra_at(set, item->extra);
	*out = (struct indicator){
	    .kind = (enum indicator_kind)item->kind,
	    .match = (enum indicator_match)(item->bits & 15),
	    .role = (enum indicator_role)(item->bits >> 4 & 3),
	    .leaf = (item->bits & 64) != 0,
	    .broad = (item->bits & 128) != 0,
	    .port = x->port,
	    .value = text_at(set, item->text, item->n),
	    .valid_from = {x->from},
	    .valid_until = {x->until},
	    .file = file_name(set, x->file),
	    .at = item->at,
	};
	if (x->id_n > 0)
		out->id = text_at(set, x->id, x->id_n);
	if (x->note_n > 0)
		out->note = text_at(set, x->note, x->note_n);
	net_of(out);
}

size_t indicators_where(
    const struct indicators *set, size_t i, char out[static INDICATOR_WHERE_MAX])
{
	const struct item *item = item_at(set, i);
	uint16_t file = extra_at(set, item->extra)->file;
	if (file == 0)
		return (size_t)snprintf(out, INDICATOR_WHERE_MAX, "command line");
	const struct file *f = &set->files[file - 1];
	bool line = strcmp(f->unit, "line") == 0;
	int n = snprintf(out, INDICATOR_WHERE_MAX, "%.480s:%s%s%s%u", f->path,
	    line ? "" : " ", line ? "" : f->unit, line ? "" : " ", item->at);
	return n > 0 ? size_min((size_t)n, INDICATOR_WHERE_MAX - 1) : 0;
}

/* Elements that an array should have room for when it holds count. */
static size_t room_after(size_t count, size_t room)
{
	return count < room ? room : room > 0 ? room * 2 : 16;
}

bool set_file_add(struct indicators *set, const char *path, const char *unit)
{
	if (set->file_count >= INDICATORS_FILES_MAX)
		return false;
	size_t room = room_after(set->file_count, set->file_room);
	struct file *files = reallocarray(set->files, room, sizeof(*files));
	if (files == NULL)
		return false;
	set->files = files;
	set->file_room = room;
	struct file f = {strdup(path), unit};
	if (f.path == NULL)
		return false;
	set->files[set->file_count++] = f;
	return true;
}

bool set_file(
    const struct indicators *set, size_t i, const char **path, const char **unit)
{
	if (i >= set->file_count)
		return false;
	*path = set->files[i].path;
	*unit = set->files[i].unit;
	return true;
}

static bool patterns_room(struct indicators *set)
{
	size_t room = room_after(set->pattern_count, set->pattern_room);
	if (set->pattern_count >= PATTERNS_MAX)
		return false;
	struct pattern **p = reallocarray(set->patterns, room, sizeof(*p));
	if (p == NULL)
		return false;
	set->patterns = p;
	set->pattern_room = room;
	return true;
}

bool set_pattern_add(struct indicators *set, const struct pattern *p)
{
	struct arena *a = &set->pattern_arena;
	if (!patterns_room(set))
		return false;
	struct pattern *copy = arena_copy(a, p, sizeof(*p));
	if (copy == NULL)
		return false;
	copy->id = str_copy(a, cut(p->id));
	copy->note = str_copy(a, cut(p->note));
	copy->text = str_copy(a, p->text);
	copy->file = file_name(set, (uint16_t)set->file_count);
	copy->nodes = arena_copy(a, p->nodes, p->count * sizeof(*p->nodes));
	if (copy->nodes == NULL || (p->text.p != NULL && copy->text.p == NULL))
		return false;
	set->patterns[set->pattern_count++] = copy;
	return true;
}
