/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/hunt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "feed/pattern.h"
#include "feed/saved.h"
#include "store/memory.h"
#include "store/mute.h"
#include "sys/file.h"
#include "sys/path.h"

#define FOLDER       "hunt"
#define MANIFEST     "manifest.json"
#define INDICATORS   "indicators.tsv"
#define STATE        "state.json"
#define MET          "met.tsv"
#define FORMAT       1
#define TEXTS_MAX    (16U << 20)  /* of all manifests */
#define MANIFEST_MAX (1U << 16)   /* bytes of one */
#define STATE_MAX    (256U << 20) /* bytes of a state */
#define FILE_MODE    0640
#define BUFFER_BYTES 16384

/* ---- reading ---- */

static struct str keep(struct hunts *h, const json_t *root, const char *name)
{
	const char *text = json_string_value(json_object_get(root, name));
	if (text == NULL)
		return (struct str){0};
	return str_copy(&h->texts, str_clean(&h->texts, text, strlen(text)));
}

static uint64_t count_of(const json_t *root, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(root, name));
	return n > 0 ? (uint64_t)n : 0;
}

/* The number in "h12"; 0: it is no id. */
static uint32_t number_of(const char *id)
{
	uint32_t n = 0;
	if (id[0] != 'h' || id[1] == '0')
		return 0;
	for (const char *p = id + 1; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || n > 9999999)
			return 0;
		n = 10 * n + (uint32_t)(*p - '0');
	}
	return n;
}

static bool from_json(struct hunts *h, const json_t *root, struct hunt *out)
{
	const char *until = json_string_value(json_object_get(root, "until"));
	const char *digest = json_string_value(json_object_get(root, "digest"));
	json_int_t added = json_integer_value(json_object_get(root, "added_s"));
	if (json_integer_value(json_object_get(root, "format")) != FORMAT ||
	    digest == NULL || strlen(digest) != 64)
		return false;
	out->note = keep(h, root, "note");
	out->source = keep(h, root, "source");
	out->added = moment_from(added, 0);
	out->until = HUNT_FOREVER;
	out->indicators = count_of(root, "indicators");
	out->patterns = count_of(root, "patterns");
	out->skipped = count_of(root, "skipped");
	memcpy(out->digest, digest, sizeof(out->digest));
	return until == NULL || mute_day(str_of(until), &out->until);
}

static json_t *read_json(const char *path, size_t limit, struct error *e)
{
	size_t n;
	char *text = file_read(path, limit, &n, e);
	if (text == NULL)
		return NULL;
	json_t *root = json_loadb(text, n, 0, NULL);
	free(text);
	if (root == NULL)
		error_set(e, ERR_MEMORY, "%s: damaged", path);
	return root;
}

static int inside(const struct store *s, const char *id, const char *name,
    char out[static PATH_MAX], struct error *e)
{
	return path_make(out, e, "%s/" FOLDER "/%s/%s", s->path, id, name);
}

static struct hunt *new_hunt(struct hunts *h, struct error *e)
{
	if (h->n == HUNTS_MAX) {
		error_set(e, ERR_LIMIT, "more than %d hunts in one memory", HUNTS_MAX);
		return NULL;
	}
	if (h->n == h->room) {
		size_t room = h->room > 0 ? 2 * h->room : 16;
		struct hunt *v = realloc(h->v, room * sizeof(*v));
		if (v == NULL) {
			error_set(e, ERR_SYSTEM, "no memory for the hunts");
			return NULL;
		}
		h->v = v;
		h->room = room;
	}
	h->v[h->n] = (struct hunt){0};
	return &h->v[h->n];
}

static int load_one(
    struct hunts *h, const struct store *s, const char *id, struct error *e)
{
	char path[PATH_MAX];
	struct hunt_met met = {0};
	if (inside(s, id, MANIFEST, path, e) < 0)
		return -1;
	if (!file_exists(path)) /* being removed */
		return 0;
	struct hunt *hunt = new_hunt(h, e);
	json_t *root = hunt != NULL ? read_json(path, MANIFEST_MAX, e) : NULL;
	if (root == NULL)
		return -1;
	snprintf(hunt->id, sizeof(hunt->id), "%.*s", HUNT_ID_MAX - 1, id);
	bool ok = from_json(h, root, hunt);
	json_decref(root);
	if (!ok)
		return error_set(
		    e, ERR_MEMORY, "%s: damaged or of a newer version", path);
	int status = hunt_state_read(s, hunt, &met, e);
	hunt_met_free(&met);
	h->n += status == 0;
	return status;
}

static int by_number(const void *x, const void *y)
{
	uint32_t a = number_of(((const struct hunt *)x)->id);
	uint32_t b = number_of(((const struct hunt *)y)->id);
	return a < b ? -1 : a > b;
}

int hunts_load(struct hunts *h, const struct store *s, struct error *e)
{
	char path[PATH_MAX];
	*h = (struct hunts){0};
	arena_init(&h->texts, TEXTS_MAX);
	if (path_make(path, e, "%s/" FOLDER, s->path) < 0)
		return -1;
	DIR *d = opendir(path);
	if (d == NULL)
		return errno == ENOENT
			   ? 0
			   : error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	int status = 0;
	const struct dirent *entry;
	while (status == 0 && (entry = readdir(d)) != NULL) {
		if (number_of(entry->d_name) > 0)
			status = load_one(h, s, entry->d_name, e);
	}
	closedir(d);
	if (h->n > 1)
		qsort(h->v, h->n, sizeof(*h->v), by_number);
	return status;
}

void hunts_free(struct hunts *h)
{
	free(h->v);
	arena_fini(&h->texts);
	*h = (struct hunts){0};
}

const struct hunt *hunts_find(const struct hunts *h, struct str id)
{
	for (size_t i = 0; i < h->n; i++) {
		if (str_equal(str_of(h->v[i].id), id))
			return &h->v[i];
	}
	return NULL;
}

bool hunt_holds(const struct hunt *h, int64_t day)
{
	return day <= h->until;
}

struct moment hunt_end(const struct hunt *h)
{
	return h->until == HUNT_FOREVER ? MOMENT_NONE
					: moment_from((h->until + 1) * 86400, 0);
}

struct indicators *hunt_read(
    const struct store *s, const struct hunt *h, bool only_met, struct error *e)
{
	char path[PATH_MAX];
	if (inside(s, h->id, only_met ? MET : INDICATORS, path, e) < 0)
		return NULL;
	FILE *in = fopen(path, "re");
	if (in == NULL) {
		error_set(e, ERR_MEMORY, "%s: %s", path, strerror(errno));
		return NULL;
	}
	struct indicators *set = saved_read(in, path, e);
	fclose(in);
	return set;
}

/* ---- what was met ---- */

void hunt_met_free(struct hunt_met *met)
{
	free(met->indicators);
	free(met->patterns);
	*met = (struct hunt_met){0};
}

static int take_numbers(const json_t *list, uint32_t **out, size_t *n)
{
	size_t all = json_array_size(list);
	uint32_t *v = malloc((all + 1) * sizeof(*v));
	*n = 0;
	*out = v;
	if (v == NULL || !json_is_array(list))
		return -1;
	for (size_t i = 0; i < all; i++) {
		json_int_t number = json_integer_value(json_array_get(list, i));
		if (number < 0 || number >= INDICATORS_MAX ||
		    (i > 0 && number <= (json_int_t)v[i - 1]))
			return -1;
		v[(*n)++] = (uint32_t)number;
	}
	return 0;
}

int hunt_state_read(
    const struct store *s, struct hunt *h, struct hunt_met *met, struct error *e)
{
	char path[PATH_MAX];
	*met = (struct hunt_met){0};
	if (inside(s, h->id, STATE, path, e) < 0)
		return -1;
	json_t *root = read_json(path, STATE_MAX, e);
	if (root == NULL)
		return -1;
	json_int_t tested = json_integer_value(json_object_get(root, "tested"));
	int status = tested < 0 || tested > (json_int_t)SEGMENT_SEQ_MAX ? -1 : 0;
	if (status == 0)
		status =
		    take_numbers(json_object_get(root, "met"), &met->indicators, &met->n);
	if (status == 0)
		status = take_numbers(
		    json_object_get(root, "met_patterns"), &met->patterns, &met->m);
	json_decref(root);
	if (status < 0)
		return error_set(e, ERR_MEMORY, "%s: damaged", path);
	h->tested = (uint32_t)tested;
	h->met = met->n + met->m;
	return 0;
}

static bool is_met(const struct ask_answer *a)
{
	return a->state == ASK_YES || a->why == ASK_WHY_PATH_UNSEEN;
}

/* Whether any part of the pattern was met. */
static bool any_part(const struct pattern *p, const struct ask *a)
{
	for (uint32_t i = 0; i < p->count; i++) {
		const struct pattern_node *n = &p->nodes[i];
		if (n->op == PATTERN_LEAF && is_met(ask_answer(a, n->leaf)))
			return true;
	}
	return false;
}

int hunt_met_of(struct hunt_met *met, const struct indicators *set, const struct ask *a,
    struct error *e)
{
	size_t n = indicators_count(set), m = indicators_pattern_count(set);
	*met = (struct hunt_met){.indicators = malloc((n + 1) * sizeof(uint32_t)),
	    .patterns = malloc((m + 1) * sizeof(uint32_t))};
	if (met->indicators == NULL || met->patterns == NULL) {
		hunt_met_free(met);
		return error_set(e, ERR_SYSTEM, "no memory for what was met");
	}
	for (size_t i = 0; i < n; i++) {
		struct indicator in;
		if (!is_met(ask_answer(a, i)))
			continue;
		indicators_get(set, i, &in);
		if (!in.leaf)
			met->indicators[met->n++] = (uint32_t)i;
	}
	for (size_t i = 0; i < m; i++) {
		if (any_part(indicators_pattern(set, i), a))
			met->patterns[met->m++] = (uint32_t)i;
	}
	return 0;
}

/* ---- writing ---- */

/* A transaction of files that are not segments. */
struct writing {
	struct store *store;
	struct journal_plan plan;
	size_t files;
};

static int writing_begin(struct writing *w, struct store *s, struct error *e)
{
	*w = (struct writing){.store = s};
	if (s->mode != STORE_WRITE || s->transaction.open)
		return error_set(e, ERR_USAGE, "%s: not the time to write", s->path);
	int pending = journal_pending(s->path, e);
	if (pending < 0 ||
	    (pending > 0 && (journal_recover(s->path, e) < 0 || memory_reload(s, e) < 0)))
		return -1;
	return journal_begin(&w->plan, s->path, memory_next_seq(s), e);
}

/* A new file of a hunt, to be written; its path goes to path. NULL with *e set. */
static FILE *writing_file(struct writing *w, const char *id, const char *name,
    char path[static PATH_MAX], struct error *e)
{
	char from[32], to[PATH_MAX];
	snprintf(from, sizeof(from), "file-%06zu", w->files++);
	if (path_make(path, e, "%s/journal/tx-%08u/%s", w->store->path, w->plan.seq,
		from) < 0 ||
	    path_make(to, e, FOLDER "/%s/%s", id, name) < 0 ||
	    journal_move(&w->plan, from, to, e) < 0)
		return NULL;
	int d = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	FILE *out = d >= 0 ? fdopen(d, "w") : NULL;
	if (out == NULL) {
		error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
		if (d >= 0)
			close(d);
	}
	return out;
}

static int close_file(FILE *out, const char *path, int status, struct error *e)
{
	if (fclose(out) != 0 && status == 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return status;
}

static int write_set(struct writing *w, const char *id, const char *name,
    const struct indicators *set, char path[static PATH_MAX], struct error *e)
{
	FILE *out = writing_file(w, id, name, path, e);
	return out != NULL ? close_file(out, path, saved_write(set, out, e), e) : -1;
}

static int write_json(
    struct writing *w, const char *id, const char *name, json_t *root, struct error *e)
{
	char path[PATH_MAX];
	FILE *out = root != NULL ? writing_file(w, id, name, path, e) : NULL;
	int status = out != NULL ? 0 : -1;
	if (root == NULL)
		error_set(e, ERR_SYSTEM, "no memory for a hunt");
	if (out != NULL && (json_dumpf(root, out, JSON_INDENT(1)) != 0 || ferror(out)))
		status = error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	json_decref(root);
	return out != NULL ? close_file(out, path, status, e) : -1;
}

static json_t *numbers_json(const uint32_t *v, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_integer(v[i]));
	return list;
}

static int write_state(
    struct writing *w, const struct hunt_state *st, uint32_t tested, struct error *e)
{
	char path[PATH_MAX];
	const char *id = st->hunt->id;
	json_t *root = json_pack("{s:I,s:o,s:o}", "tested", (json_int_t)tested, "met",
	    numbers_json(st->met->indicators, st->met->n), "met_patterns",
	    numbers_json(st->met->patterns, st->met->m));
	if (write_json(w, id, STATE, root, e) < 0)
		return -1;
	if (!st->changed)
		return 0;
	struct indicators *part = saved_part(
	    st->set, st->met->indicators, st->met->n, st->met->patterns, st->met->m, e);
	int status = part != NULL ? write_set(w, id, MET, part, path, e) : -1;
	indicators_free(part);
	return status;
}

int hunt_states_write(struct store *s, const struct hunt_state *v, size_t n,
    uint32_t tested, struct error *e)
{
	struct writing w;
	int status = writing_begin(&w, s, e);
	for (size_t i = 0; status == 0 && i < n; i++)
		status = write_state(&w, &v[i], tested, e);
	if (status == 0)
		status = journal_commit(&w.plan, s->path, e);
	journal_drop(&w.plan, s->path);
	return status;
}

static int digest_file(const char *path, char out[static 65], struct error *e)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char buffer[BUFFER_BYTES], sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	size_t got;
	FILE *in = fopen(path, "re");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok =
	    in != NULL && ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
	while (ok && (got = fread(buffer, 1, sizeof(buffer), in)) > 0)
		ok = EVP_DigestUpdate(ctx, buffer, got) == 1;
	ok = ok && !ferror(in) && EVP_DigestFinal_ex(ctx, sum, &n) == 1 && n == 32;
	if (in != NULL)
		fclose(in);
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return error_set(e, ERR_SYSTEM, "%s: no digest can be made of it", path);
	for (size_t i = 0; i < 32; i++) {
		out[2 * i] = digits[sum[i] >> 4];
		out[2 * i + 1] = digits[sum[i] & 15];
	}
	out[64] = '\0';
	return 0;
}

/* Write a moment as "2026-11-23T05:10:00Z". */
static json_t *manifest_json(const struct hunt *h)
{
	char added[MOMENT_TEXT_MAX], until[MOMENT_TEXT_MAX];
	moment_text(h->added, added);
	json_t *root = json_pack("{s:i,s:s,s:s%,s:s%,s:s,s:I,s:I,s:I,s:I,s:s}", "format",
	    FORMAT, "id", h->id, "note", h->note.p != NULL ? h->note.p : "", h->note.n,
	    "source", h->source.p != NULL ? h->source.p : "", h->source.n, "added", added,
	    "added_s", (json_int_t)(h->added.ns / NS_PER_S), "indicators",
	    (json_int_t)h->indicators, "patterns", (json_int_t)h->patterns, "skipped",
	    (json_int_t)h->skipped, "digest", h->digest);
	if (root != NULL && h->until != HUNT_FOREVER) {
		moment_text_day(moment_from(h->until * 86400, 0), until);
		json_object_set_new(root, "until", json_string(until));
	}
	return root;
}

/* Take the next id, unless one has the same indicators. */
static int take_id(const struct store *s, struct hunt *h, struct error *e)
{
	struct hunts all;
	int status = hunts_load(&all, s, e);
	uint32_t n = all.n > 0 ? number_of(all.v[all.n - 1].id) + 1 : 1;
	if (status == 0 && all.n == HUNTS_MAX)
		status = error_set(
		    e, ERR_LIMIT, "more than %d hunts in one memory", HUNTS_MAX);
	for (size_t i = 0; status == 0 && i < all.n; i++) {
		if (strcmp(all.v[i].digest, h->digest) == 0 && h->digest[0] != '\0')
			status = error_set(e, ERR_USAGE,
			    "hunt %s looks for the same already (dwell hunt remove %s)",
			    all.v[i].id, all.v[i].id);
	}
	hunts_free(&all);
	snprintf(h->id, sizeof(h->id), "h%" PRIu32, n);
	return status;
}

static int write_hunt(struct writing *w, struct hunt *h, const struct indicators *set,
    const struct hunt_met *met, struct error *e)
{
	char path[PATH_MAX];
	struct store *s = w->store;
	const struct hunt_state state = {h, set, met, true};
	h->digest[0] = '\0';
	if (take_id(s, h, e) < 0 || write_set(w, h->id, INDICATORS, set, path, e) < 0 ||
	    digest_file(path, h->digest, e) < 0 || take_id(s, h, e) < 0 ||
	    write_state(w, &state, memory_next_seq(s) - 1, e) < 0 ||
	    write_json(w, h->id, MANIFEST, manifest_json(h), e) < 0)
		return -1;
	return journal_commit(&w->plan, s->path, e);
}

int hunt_add(struct store *s, struct hunt *h, const struct indicators *set,
    const struct hunt_met *met, struct error *e)
{
	struct writing w;
	if (h->note.n > HUNT_TEXT_MAX || h->source.n > HUNT_TEXT_MAX)
		return error_set(
		    e, ERR_USAGE, "a text has more than %d bytes", HUNT_TEXT_MAX);
	int status = writing_begin(&w, s, e);
	if (status == 0)
		status = write_hunt(&w, h, set, met, e);
	journal_drop(&w.plan, s->path);
	return status;
}

int hunt_remove(struct store *s, struct str id, struct error *e)
{
	char path[PATH_MAX];
	struct writing w;
	struct hunts all;
	int status = hunts_load(&all, s, e);
	const struct hunt *h = status == 0 ? hunts_find(&all, id) : NULL;
	if (status == 0 && h == NULL)
		status = error_set(e, ERR_USAGE,
		    "there is no hunt '%.*s' (dwell hunt list)", STR_ARG(id));
	if (h == NULL) {
		hunts_free(&all);
		return status;
	}
	status = writing_begin(&w, s, e);
	if (status == 0 && (path_make(path, e, FOLDER "/%s", h->id) < 0 ||
			       journal_remove(&w.plan, path, e) < 0 ||
			       journal_commit(&w.plan, s->path, e) < 0))
		status = -1;
	journal_drop(&w.plan, s->path);
	hunts_free(&all);
	return status;
}
