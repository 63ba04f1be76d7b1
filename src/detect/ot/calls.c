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
	int64_t known;
	if (is_industrial(w, &c))
		return;
	if (is_device(w, c.pair.asker, &known))
		device_calls(w, &c, known);
	if (is_device(w, c.pair.device, &known))
		device_is_called(w, &c, known);
}

/* The devices as a list of SQL; their number. */
static size_t put_devices(const struct ot_work *w, FILE *out)
{
	size_t n = 0;
	int64_t known;
	struct addr a;
	for (size_t i = 0; i < w->uses.pair_count && n < DEVICES_MAX; i++) {
		struct str device = w->uses.pairs[i].device;
		bool again = i > 0 && str_equal(device, w->uses.pairs[i - 1].device);
		/* An address as text holds nothing that SQL could mistake. */
		if (again || !str_addr(device, &a) || !is_device(w, device, &known))
			continue;
		fprintf(out, "%s'%.*s'", n > 0 ? ", " : "", STR_ARG(device));
		n++;
	}
	return n;
}

int ot_rules_of_calls(struct ot_work *w, struct error *e)
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
	    "ORDER BY src_ip, dst_ip, dst_port LIMIT 65536",
	    w->d->source->past->rows, devices, devices);
	free(devices);
	if (r == NULL)
		return -1;
	while (store_next(r))
		read_call(w, r);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}
