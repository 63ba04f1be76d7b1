/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R9 and R10: connections that do not belong to a field device. It answers; it seldom
 * calls. A device is an address that answered a request of an industrial protocol. One
 * that calls many is a computer that answers such requests as well, and only what is new
 * of it is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/ot/changes.h"

#define DEVICES_MAX 4096  /* that are looked after; later ones are left out */
#define CALLED_MAX  5     /* peers: a field device calls no more */
#define UPLOAD_MIN  65536 /* bytes to a web server: more than its pages are asked for */

#define CALLS_MAX 65536 /* pairs of ends, the first by their text */

#define STRINGIFY(x) #x
#define TEXT_OF(x)   STRINGIFY(x)

/* A pair of TCP ends, one of which is a device. */
struct call {
	struct ot_pair pair;
	struct str service;
	uint64_t called; /* by the same: ends and ports in all */
};

/* Controllers and field devices; servers of OPC UA or MMS are computers. */
static bool is_field(struct str protocol)
{
	static const char *const names[] = {"modbus", "dnp3", "iec104", "s7comm",
	    "s7comm_plus", "enip", "cip", "bacnet", "profinet", "hart_ip",
	    "synchrophasor"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (str_equal(protocol, str_of(names[i])))
			return true;
	}
	return false;
}

/* Whether the end is a device, and since when it is known. */
static bool is_device(const struct ot_work *w, struct str end, int64_t *known)
{
	size_t first, n = ot_device(&w->uses, end, &first);
	bool answers = false;
	*known = INT64_MAX;
	for (size_t i = first; i < first + n; i++) {
		const struct ot_pair *p = &w->uses.pairs[i];
		answers = answers || (is_field(p->protocol) && p->in > 0);
		*known = p->first < *known ? p->first : *known;
	}
	return answers && !ot_is_group(end);
}

/* What is asked in an industrial protocol is table ot's. */
static bool is_industrial(const struct ot_work *w, const struct call *c)
{
	static const uint16_t ports[] = {
	    102, 502, 2222, 2404, 4712, 4713, 4840, 5094, 20000, 34964, 44818, 47808};
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		if (c->pair.port == ports[i])
			return true;
	}
	for (size_t i = 0; c->service.n > 0 && i < w->uses.pair_count; i++) {
		if (str_equal(c->service, w->uses.pairs[i].protocol))
			return true;
	}
	return false;
}

/* Whether the peer asks the device. */
static bool is_master(const struct ot_work *w, struct str device, struct str peer)
{
	size_t first, n = ot_device(&w->uses, device, &first);
	for (size_t i = first; i < first + n; i++) {
		if (str_equal(w->uses.pairs[i].asker, peer))
			return true;
	}
	return false;
}

static void device_calls(struct ot_work *w, const struct call *call, int64_t known)
{
	const struct ot_pair *p = &call->pair;
	int64_t other;
	struct addr a;
	bool home = ot_addr(p->device, &a) && series_home(w->d->source->options, &a);
	bool fresh = ot_has_past(known, p->first);
	if (call->called > CALLED_MAX && !fresh)
		return;
	struct ot_change *c = ot_changed(w, p, OT_CALL, p->first);
	if (c == NULL)
		return;
	if (fresh || (w->d->source->options->home_count > 0 && !home) ||
	    is_device(w, p->device, &other))
		c->grave |= 1u << OT_CALL;
	if (is_master(w, p->asker, p->device))
		finding_add_fact(&c->v.finding, FACT_KEY_CALLS_MASTER, 0, 0, 0);
	finding_add_fact(&c->v.finding, FACT_KEY_DEVICE_CALLS, (double)p->n,
	    (double)p->out, (double)p->in);
}

/* Protocols of computers, and what is put on a web server. */
static bool is_computers(const struct call *c)
{
	static const struct {
		uint16_t port;
		const char *service;
	} known[] = {{22, "ssh"}, {23, "telnet"}, {139, "smb"}, {445, "smb"},
	    {3389, "rdp"}, {5900, "rfb"}, {5985, "winrm"}, {5986, "winrm"}, {21, "ftp"}};
	uint16_t port = c->pair.port;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t n = strlen(known[i].service);
		if (port == known[i].port ||
		    (c->service.n >= n && memcmp(c->service.p, known[i].service, n) == 0))
			return true;
	}
	return (port == 80 || port == 443 || port == 8080) && c->pair.out > UPLOAD_MIN &&
	       c->pair.out > c->pair.in;
}

static void device_is_called(struct ot_work *w, const struct call *call, int64_t known)
{
	const struct ot_pair *p = &call->pair;
	struct ot_change *c =
	    is_computers(call) ? ot_changed(w, p, OT_IT, p->first) : NULL;
	if (c == NULL)
		return;
	if (ot_has_past(known, p->first))
		c->grave |= 1u << OT_IT;
	finding_add_text_fact(&c->v.finding, FACT_KEY_IT_PROTOCOL,
	    call->service.n > 0
		? call->service
		: str_format(&w->texts, "%.*s/%u", STR_ARG(p->proto), (unsigned)p->port));
}

static void take_call(struct ot_work *w, const struct call *c)
{
	int64_t known;
	if (is_industrial(w, c))
		return;
	if (is_device(w, c->pair.asker, &known))
		device_calls(w, c, known);
	if (is_device(w, c->pair.device, &known))
		device_is_called(w, c, known);
}

static void read_call(struct ot_work *w, const struct store_rows *r)
{
	const struct call c = {
	    .pair = {.asker = str_copy(&w->texts, store_text(r, 0)),
		.device = str_copy(&w->texts, store_text(r, 1)),
		.port = (uint16_t)store_uint(r, 2),
		.proto = STR("tcp"),
		.first = moment_us(store_time(r, 3)),
		.last = moment_us(store_time(r, 4)),
		.n = store_uint(r, 5),
		.out = store_uint(r, 6),
		.in = store_uint(r, 7)},
	    .service = str_copy(&w->texts, store_text(r, 8)),
	    .called = store_uint(r, 9),
	};
	take_call(w, &c);
}

/* The next device after the i-th pair that is looked after; its address is its text, in
 * which nothing is that SQL could mistake. */
static bool next_device(const struct ot_work *w, size_t *i, struct str *device)
{
	const struct ot_pair *pairs = w->uses.pairs;
	int64_t known;
	struct addr a;
	while (*i < w->uses.pair_count) {
		size_t at = (*i)++;
		*device = pairs[at].device;
		if ((at == 0 || !str_equal(*device, pairs[at - 1].device)) &&
		    str_addr(*device, &a) && is_device(w, *device, &known))
			return true;
	}
	return false;
}

/* ---- of the connections that are held ---- */

static int by_ends(const void *x, const void *y)
{
	const struct ot_pair *a = &((const struct call *)x)->pair;
	const struct ot_pair *b = &((const struct call *)y)->pair;
	int c = str_cmp(a->asker, b->asker);
	if (c == 0)
		c = str_cmp(a->device, b->device);
	return c != 0 ? c : (int)a->port - (int)b->port;
}

/* Sum up a group of connections; false: nothing was answered. */
static bool sum_group(struct call *call, const struct conns *c,
    const struct conns_index *index, const struct conns_group *g)
{
	const struct conns_row *key = &c->rows[g->row];
	const int64_t none = moment_us(MOMENT_NONE);
	*call = (struct call){.pair = {.asker = c->texts[key->src].text,
				  .device = c->texts[key->dst].text,
				  .port = key->port,
				  .proto = STR("tcp"),
				  .first = none,
				  .last = none}};
	struct ot_pair *p = &call->pair;
	for (uint32_t i = g->first; i < g->first + g->n; i++) {
		const struct conns_row *r = &c->rows[index->rows[i]];
		if (r->dst_bytes == 0)
			continue;
		if (r->ts != none && (p->first == none || r->ts < p->first))
			p->first = r->ts;
		p->last = r->ts > p->last ? r->ts : p->last;
		p->n++;
		p->out += r->src_bytes;
		p->in += r->dst_bytes;
		uint32_t service = r->day ? 0 : r->service;
		struct str text = c->texts[service].text;
		if (service != 0 &&
		    (call->service.p == NULL || str_cmp(text, call->service) < 0))
			call->service = text;
	}
	return p->n > 0;
}

static size_t sum_groups(const struct ot_work *w, struct conns *c,
    const struct conns_index *index, bool *devices, struct call *v)
{
	size_t n = 0;
	uint32_t tcp = conns_find(c, STR("tcp"));
	struct str device;
	for (size_t i = 0, count = 0; count < DEVICES_MAX && next_device(w, &i, &device);
	     count++)
		devices[conns_find(c, device)] = true;
	devices[0] = false; /* the absent text */
	for (size_t i = 0; tcp != 0 && i < index->count; i++) {
		const struct conns_group *g = &index->groups[i];
		const struct conns_row *key = &c->rows[g->row];
		if (key->proto == tcp && (devices[key->src] || devices[key->dst]))
			n += sum_group(&v[n], c, index, g);
	}
	return n;
}

static int read_held(struct ot_work *w, struct conns *c, struct error *e)
{
	const struct conns_index *index = conns_index(c, CONNS_PAIR);
	bool *devices = calloc(c->text_count + 1, sizeof(*devices));
	struct call *v = index != NULL ? malloc((index->count + 1) * sizeof(*v)) : NULL;
	if (devices == NULL || v == NULL) {
		free(devices);
		free(v);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	size_t n = sum_groups(w, c, index, devices, v);
	qsort(v, n, sizeof(*v), by_ends);
	for (size_t i = 0, same; i < n; i += same) {
		for (same = 1;
		     i + same < n && str_equal(v[i].pair.asker, v[i + same].pair.asker);)
			same++;
		for (size_t k = i; k < i + same && k < CALLS_MAX; k++) {
			v[k].called = same;
			take_call(w, &v[k]);
		}
	}
	free(devices);
	free(v);
	return 0;
}

/* ---- of a memory that is not held ---- */

/* The devices as a list of SQL; their number. */
static size_t put_devices(const struct ot_work *w, FILE *out)
{
	size_t n = 0;
	struct str device;
	for (size_t i = 0; n < DEVICES_MAX && next_device(w, &i, &device); n++)
		fprintf(out, "%s'%.*s'", n > 0 ? ", " : "", STR_ARG(device));
	return n;
}

static int read_stored(struct ot_work *w, struct error *e)
{
	char *devices = NULL;
	size_t bytes;
	FILE *out = open_memstream(&devices, &bytes);
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	size_t n = put_devices(w, out);
	if (fclose(out) != 0 || n == 0) {
		free(devices);
		return n == 0 ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
	}
	struct store_rows *r = past_query(w->d->source->store, e,
	    "SELECT src_ip, dst_ip, dst_port, min(ts), max(ts), count(*), "
	    "sum(src_bytes), sum(dst_bytes), min(service), "
	    "count(*) OVER (PARTITION BY src_ip) FROM %s WHERE proto = 'tcp' AND "
	    "dst_bytes > 0 AND (src_ip IN (%s) OR dst_ip IN (%s)) "
	    "GROUP BY src_ip, dst_ip, dst_port "
	    "ORDER BY src_ip, dst_ip, dst_port LIMIT " TEXT_OF(CALLS_MAX),
	    w->d->source->past->rows, devices, devices);
	free(devices);
	if (r == NULL)
		return -1;
	while (store_next(r))
		read_call(w, r);
	return store_rows_end(r, e);
}

int ot_rules_of_calls(struct ot_work *w, struct error *e)
{
	struct conns *c = w->d->source->conns;
	return c->held ? read_held(w, c, e) : read_stored(w, e);
}
