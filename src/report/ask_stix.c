/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers as a STIX 2.1 bundle, to be sent back to whoever gave the feed: a sighting of
 * each indicator that was seen, resting on observed data, one for each host.
 *
 *     sighting ──sighting_of_ref──▶ the feed's indicator, or one made here
 *        └─observed_data_refs─▶ observed-data ──object_refs──▶ address or name, host
 *
 * Names are UUIDs of what they stand for, and times are those of the traffic: asked again
 * of the same memory the bundle is the same, and with newer traffic the same objects come
 * with a later "modified".
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/size.h"
#include "record/json.h"
#include "report/ask.h"
#include "report/sentences.h"
#include "report/stix_id.h"

#define ARENA_MAX (64U << 20) /* texts of one item */
#define COUNT_MAX 999999999U  /* of a sighting and of observed data (STIX 2.1, 4.15) */
#define HOSTS_MAX 1000        /* observed data of one sighting */
#define CREATED   "2026-01-01T00:00:00.000Z" /* of the identity */

struct bundle {
	FILE *out;
	const struct ask_report *r;
	struct arena arena;
	struct uuid_set written;
	char identity[STIX_ID_MAX];
	bool begun; /* an object was written */
};

/* ---- parts of objects ---- */

/* Times with milliseconds, as "created" and "modified" must have them. */
static struct str stix_time(struct moment m, struct arena *a)
{
	char text[MOMENT_TEXT_MAX];
	size_t n = moment_text(m, text);
	return str_format(a, "%.*sZ", (int)(n - 4), text);
}

/* Begin an object with its type and id, unless it was written. */
static bool begin(struct bundle *b, const char *type, const struct uuid *u)
{
	char id[STIX_ID_MAX];
	if (!uuid_set_add(&b->written, u))
		return false;
	stix_id(type, u, id);
	fprintf(b->out, "%s\n{\"type\":\"%s\",\"spec_version\":\"2.1\",\"id\":\"%s\"",
	    b->begun ? "," : "", type, id);
	b->begun = true;
	return true;
}

static void text(struct bundle *b, const char *name, struct str value)
{
	fprintf(b->out, ",\"%s\":", name);
	json_put_string(b->out, value);
}

static void time_of(struct bundle *b, const char *name, struct moment m)
{
	text(b, name, stix_time(m, &b->arena));
}

/* What domain objects and relations have in common. */
static void common(struct bundle *b, struct moment created, struct moment modified)
{
	text(b, "created_by_ref", str_of(b->identity));
	time_of(b, "created", created);
	time_of(b, "modified", modified);
}

/* A text with every quote and backslash of a pattern's literal escaped. */
static struct str escaped(struct str s, struct arena *a)
{
	char *out = arena_alloc(a, s.n * 2 + 1);
	size_t n = 0;
	if (out == NULL)
		return (struct str){0};
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'' || s.p[i] == '\\')
			out[n++] = '\\';
		out[n++] = s.p[i];
	}
	return (struct str){out, n};
}

/* ---- observables ---- */

/* The id of an observable that its value names, which is written first. */
static void by_value(
    struct bundle *b, const char *type, struct str value, char id[static STIX_ID_MAX])
{
	char *name = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&name, &n);
	id[0] = '\0';
	if (out == NULL)
		return;
	fputs("{\"value\":", out);
	json_put_string(out, value);
	fputs("}", out);
	fclose(out);
	struct uuid u = uuid_of(&stix_observables, (struct str){name, n});
	free(name);
	if (begin(b, type, &u)) {
		text(b, "value", value);
		fputc('}', b->out);
	}
	stix_id(type, &u, id);
}

/* An object that its digest names: a certificate or a file. */
static void digested(
    struct bundle *b, const char *type, struct str sha256, char id[static STIX_ID_MAX])
{
	struct str name =
	    str_format(&b->arena, "{\"hashes\":{\"SHA-256\":\"%.*s\"}}", STR_ARG(sha256));
	struct uuid u = uuid_of(&stix_observables, name);
	if (begin(b, type, &u))
		fprintf(b->out, ",\"hashes\":{\"SHA-256\":\"%.*s\"}}", STR_ARG(sha256));
	stix_id(type, &u, id);
}

/* The observable of what was asked for; an empty id where STIX has none. */
static void observable(
    struct bundle *b, const struct ask_item *item, char id[static STIX_ID_MAX])
{
	struct indicator in;
	id[0] = '\0';
	if (item->is_pattern)
		return;
	indicators_get(b->r->set, item->index, &in);
	switch ((int)in.kind) {
	case INDICATOR_ADDRESS:
	case INDICATOR_NETWORK:
		by_value(b, addr_is_v4(&in.net.addr) ? "ipv4-addr" : "ipv6-addr",
		    in.value, id);
		break;
	case INDICATOR_NAME:
		by_value(b, "domain-name", in.value, id);
		break;
	case INDICATOR_MAC:
		by_value(b, "mac-addr", in.value, id);
		break;
	case INDICATOR_URL:
		by_value(b, "url", in.value, id);
		break;
	case INDICATOR_CERT_SHA256:
	case INDICATOR_SHA256:
		digested(b, "x509-certificate", in.value, id);
		break;
	case INDICATOR_FILE_SHA256:
		digested(b, "file", in.value, id);
		break;
	default:
		break;
	}
}

/* ---- indicators ---- */

/* The object path that a pattern tests for a kind. */
static const char *path_of(const struct indicator *in)
{
	switch ((int)in->kind) {
	case INDICATOR_ADDRESS:
	case INDICATOR_NETWORK:
		return addr_is_v4(&in->net.addr) ? "ipv4-addr:value" : "ipv6-addr:value";
	case INDICATOR_NAME:
		return "domain-name:value";
	case INDICATOR_MAC:
		return "mac-addr:value";
	case INDICATOR_URL:
		return "url:value";
	case INDICATOR_CERT_SHA256:
	case INDICATOR_SHA256:
		return "x509-certificate:hashes.'SHA-256'";
	case INDICATOR_FILE_SHA256:
		return "file:hashes.'SHA-256'";
	case INDICATOR_FILE_NAME:
		return "file:name";
	case INDICATOR_USER_AGENT:
		return "network-traffic:extensions.'http-request-ext'.request_header."
		       "'User-Agent'";
	default:
		return NULL;
	}
}

static struct str pattern_of(struct bundle *b, const struct ask_item *item)
{
	struct indicator in;
	struct arena *a = &b->arena;
	if (item->is_pattern)
		return item->value;
	indicators_get(b->r->set, item->index, &in);
	const char *path = path_of(&in);
	struct str value = escaped(in.value, a);
	if (path == NULL)
		return str_format(a, "[network-traffic:x_%.*s = '%.*s']",
		    STR_ARG(item->kind), STR_ARG(value));
	if (in.kind == INDICATOR_NAME && in.match == MATCH_BELOW)
		return str_format(a,
		    "[domain-name:value = '%.*s' OR domain-name:value LIKE '%%.%.*s']",
		    STR_ARG(value), STR_ARG(value));
	const char *op = in.kind == INDICATOR_NETWORK ? "ISSUBSET"
			 : in.match == MATCH_LIKE     ? "LIKE"
			 : in.match == MATCH_REGEX    ? "MATCHES"
						      : "=";
	return str_format(a, "[%s %s '%.*s']", path, op, STR_ARG(value));
}

/* The id of what is sighted: the feed's, else that of an indicator written here. */
static struct str sighted(struct bundle *b, const struct ask_item *item)
{
	char id[STIX_ID_MAX];
	if (stix_id_is_sighted(item->id))
		return item->id;
	struct str pattern = pattern_of(b, item);
	struct str name = str_format(&b->arena, "indicator %.*s", STR_ARG(pattern));
	struct uuid u = uuid_of(&stix_others, name);
	if (begin(b, "indicator", &u)) {
		common(b, item->answer->t.first, item->answer->t.first);
		if (item->note.n > 0)
			text(b, "name", item->note);
		text(b, "pattern", pattern);
		text(b, "pattern_type", STR("stix"));
		time_of(b, "valid_from", item->answer->t.first);
		fputc('}', b->out);
	}
	stix_id("indicator", &u, id);
	return str_copy(&b->arena, str_of(id));
}

/* ---- observed data ---- */

static uint64_t times(const struct ask_tally *t)
{
	uint64_t n = t->connections > 0 ? t->connections : t->shown;
	return n < 1 ? 1 : n > COUNT_MAX ? COUNT_MAX : n;
}

/* What one host met, and its id. */
static struct str observed(
    struct bundle *b, const struct ask_host *h, struct str of, const char *observable_id)
{
	char host[ADDR_TEXT_MAX], host_id[STIX_ID_MAX], id[STIX_ID_MAX];
	addr_text(&h->host, host);
	by_value(
	    b, addr_is_v4(&h->host) ? "ipv4-addr" : "ipv6-addr", str_of(host), host_id);
	struct str name =
	    str_format(&b->arena, "observed-data %s %.*s", host, STR_ARG(of));
	struct uuid u = uuid_of(&stix_others, name);
	if (begin(b, "observed-data", &u)) {
		common(b, h->t.first, h->t.last);
		time_of(b, "first_observed", h->t.first);
		time_of(b, "last_observed", h->t.last);
		fprintf(b->out, ",\"number_observed\":%" PRIu64 ",\"object_refs\":[",
		    times(&h->t));
		/* A host can be the indicator itself. */
		if (observable_id[0] != '\0' && strcmp(observable_id, host_id) != 0)
			fprintf(b->out, "\"%s\",", observable_id);
		fprintf(b->out, "\"%s\"]}", host_id);
	}
	stix_id("observed-data", &u, id);
	return str_copy(&b->arena, str_of(id));
}

/* ---- sightings ---- */

static struct str description(struct bundle *b, const struct ask_answer *answer)
{
	struct arena *a = &b->arena;
	const struct ask_tally *t = &answer->t;
	enum language l = b->r->language;
	const char *stop = l == LANGUAGE_ZH ? "：" : ": ";
	struct str all = ask_how_words(t->how, l, a);
	if (t->connections > 0)
		all = str_format(a, "%.*s. %s%s%.*s; %s%s%.*s; %s%s%.*s", STR_ARG(all),
		    sentence(SENTENCE_ASK_COUNT, l), stop,
		    STR_ARG(words_count((double)t->connections, a)),
		    sentence(SENTENCE_ASK_OUT, l), stop,
		    STR_ARG(words_bytes((double)t->bytes_out, a)),
		    sentence(SENTENCE_ASK_IN, l), stop,
		    STR_ARG(words_bytes((double)t->bytes_in, a)));
	struct str covered[COVERAGE_SENTENCES];
	size_t n = coverage_sentences(b->r->coverage, l, covered, a);
	for (size_t i = 0; i < n; i++)
		all = str_format(a, "%.*s%s%.*s", STR_ARG(all), i == 0 ? ".\n" : " ",
		    STR_ARG(covered[i]));
	return all;
}

static void sighting(struct bundle *b, const struct ask_item *item)
{
	const struct ask_answer *answer = item->answer;
	char id[STIX_ID_MAX];
	size_t n = size_min(answer->host_count, HOSTS_MAX);
	struct str *refs = arena_alloc(&b->arena, (n + 1) * sizeof(*refs));
	if (refs == NULL || answer->t.first.ns == MOMENT_NONE.ns)
		return;
	struct str of = sighted(b, item);
	observable(b, item, id);
	for (size_t i = 0; i < n; i++)
		refs[i] = observed(b, &answer->hosts[i], of, id);
	struct uuid u =
	    uuid_of(&stix_others, str_format(&b->arena, "sighting %.*s", STR_ARG(of)));
	if (!begin(b, "sighting", &u))
		return;
	common(b, answer->t.first, answer->t.last);
	text(b, "description", description(b, answer));
	time_of(b, "first_seen", answer->t.first);
	time_of(b, "last_seen", answer->t.last);
	fprintf(b->out, ",\"count\":%" PRIu64, times(&answer->t));
	text(b, "sighting_of_ref", of);
	for (size_t i = 0; i < n; i++)
		fprintf(b->out, "%s\"%.*s\"", i == 0 ? ",\"observed_data_refs\":[" : ",",
		    STR_ARG(refs[i]));
	fputs(n > 0 ? "]" : "", b->out);
	fputc('}', b->out);
}

static void identity(struct bundle *b)
{
	struct uuid u = uuid_of(&stix_others, STR("identity dwell"));
	stix_id("identity", &u, b->identity);
	if (begin(b, "identity", &u))
		fputs(",\"created\":\"" CREATED "\",\"modified\":\"" CREATED
		      "\",\"name\":\"dwell\",\"identity_class\":\"system\"}",
		    b->out);
}

int report_ask_stix(const struct ask_report *r, FILE *out, struct error *e)
{
	struct bundle b = {.out = out, .r = r};
	struct ask_item item;
	char id[STIX_ID_MAX];
	struct uuid u = uuid_of(&stix_others, STR("bundle"));
	arena_init(&b.arena, ARENA_MAX);
	stix_id("bundle", &u, id);
	fprintf(out, "{\"type\":\"bundle\",\"id\":\"%s\",\"objects\":[", id);
	identity(&b);
	for (size_t at = 0; ask_next(r, &at, &item);) {
		if (item.answer->state == ASK_YES)
			sighting(&b, &item);
		arena_reset(&b.arena);
	}
	fputs("\n]}\n", out);
	uuid_set_free(&b.written);
	arena_fini(&b.arena);
	if (fflush(out) != 0 || ferror(out))
		return error_set(e, ERR_SYSTEM, "the answers could not be written");
	return 0;
}
