/* SPDX-License-Identifier: Apache-2.0 */
#include "report/evidence.h"

#include <stdio.h>
#include <string.h>

#include "report/sentences.h"
#include "report/words.h"

/* Characters that mean nothing to SQL, nor to a shell between double quotes. */
static bool is_inert(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c != '\0' && strchr(".:-_/*@+", c) != NULL);
}

/*
 * text as an SQL expression of inert characters, so that a name
 * from the wire can be pasted into a shell: 'evil' || chr(39)
 * || 'name'. Bytes that are no UTF-8 can not be in a table.
 */
static struct str sql_literal(struct str text, struct arena *a)
{
	enum { CHR_MAX = 24 }; /* "' || chr(1114111) || '" */
	size_t room = 2, o = 0;
	for (size_t i = 0; i < text.n; i++)
		room += is_inert(text.p[i]) ? 1 : CHR_MAX;
	char *out = arena_alloc(a, room + 1);
	if (out == NULL)
		return (struct str){0};
	out[o++] = '\'';
	for (size_t i = 0; i < text.n;) {
		uint32_t code;
		if (is_inert(text.p[i])) {
			out[o++] = text.p[i++];
			continue;
		}
		size_t n = words_decode(text.p + i, text.n - i, &code);
		o += (size_t)snprintf(out + o, room + 1 - o, "' || chr(%u) || '",
		    n > 0 ? (unsigned)code : 0xfffdU);
		i += n > 0 ? n : 1;
	}
	out[o++] = '\'';
	return (struct str){out, o};
}

static bool is_address(struct str text)
{
	struct addr ignored;
	return str_addr(text, &ignored);
}

/* The connections in which a host met an indicator, as far as their rows tell; what was
 * met beside a connection (a name in DNS) gives none. */
static struct str indicator_condition(
    const struct finding *f, const char *host, struct arena *a)
{
	struct net net;
	struct str peer = sql_literal(f->peer, a);
	const char *colon = memchr(f->peer.p, ':', f->peer.n);
	struct str kind = {f->peer.p, colon != NULL ? (size_t)(colon - f->peer.p) : 0};
	if (is_address(f->peer))
		return str_format(a,
		    "'%s' IN (src_ip, dst_ip) AND %.*s IN (src_ip, dst_ip)", host,
		    STR_ARG(peer));
	struct str text = str_format(a, "%.*s", STR_ARG(f->peer));
	if (text.p != NULL && net_parse(text.p, &net))
		return str_format(a,
		    "'%s' IN (src_ip, dst_ip) AND (in_net(src_ip, %.*s) OR "
		    "in_net(dst_ip, %.*s))",
		    host, STR_ARG(peer), STR_ARG(peer));
	if (str_equal(kind, STR("ja3")) || str_equal(kind, STR("ja4")))
		return str_format(a, "src_ip = '%s' AND %.*s = %.*s", host, STR_ARG(kind),
		    STR_ARG(
			sql_literal((struct str){colon + 1, f->peer.n - kind.n - 1}, a)));
	struct str below = sql_literal(str_format(a, ".%.*s", STR_ARG(f->peer)), a);
	return str_format(a,
	    "src_ip = '%s' AND (server_name = %.*s OR ends_with(server_name, %.*s))",
	    host, STR_ARG(peer), STR_ARG(below));
}

/*
 * The rows of a host and peers that change, by what stays the same
 * (detect/timing/rotation.h): connections, names in DNS, or TLS handshakes. Absent: it is
 * no such finding.
 */
static struct str turning_condition(
    const struct finding *f, const char *host, struct str ports, struct arena *a)
{
	static const enum fact_key sizes[] = {
	    FACT_KEY_SAME_TEMPLATE, FACT_KEY_ONE_TEMPLATE};
	struct str peer = sql_literal(f->peer, a);
	struct str below = sql_literal(str_format(a, ".%.*s", STR_ARG(f->peer)), a);
	bool asked = finding_has(f, FACT_KEY_ONLY_ASKED);
	const char *name = asked ? "query" : "server_name";
	if (finding_has(f, FACT_KEY_SAME_NET))
		return str_format(a, "src_ip = '%s' AND in_net(dst_ip, %.*s)%.*s", host,
		    STR_ARG(peer), STR_ARG(ports));
	if (asked || finding_has(f, FACT_KEY_SAME_DOMAIN))
		return str_format(a,
		    "src_ip = '%s' AND (%s = %.*s OR ends_with(%s, %.*s))", host, name,
		    STR_ARG(peer), name, STR_ARG(below));
	if (finding_has(f, FACT_KEY_SAME_PRINT))
		return str_format(a,
		    "src_ip = '%s' AND coalesce('ja4:' || ja4, 'ja3:' || ja3) || "
		    "coalesce(' issuer:' || issuer, ' ja3s:' || ja3s) = %.*s",
		    host, STR_ARG(peer));
	for (size_t i = 0; i < 2; i++) {
		const struct fact *t = fact_of(f, sizes[i]);
		if (t == NULL)
			continue;
		struct str to =
		    str_format(a, " AND %.*s IN (dst_ip, server_name)", STR_ARG(peer));
		return str_format(a,
		    "src_ip = '%s'%.*s%.*s AND src_bytes // 64 = %.0f AND dst_bytes // "
		    "64 = %.0f",
		    host, i == 1 ? (int)to.n : 0, to.p != NULL ? to.p : "",
		    STR_ARG(ports), t->value[0] / 64, t->value[1] / 64);
	}
	return (struct str){NULL, 0};
}

/*
 * What a finding of a rhythm is about, as its detector reads it (detect/series.h):
 *
 *     an address         src = host, dst = peer, port, protocol
 *     a name             src = host, name; clockwork follows a name over all its ports
 *     inbound            src = peer, dst = host, port, protocol
 *     many hosts at once dst = peer, port, protocol; of a fleet as above, without host
 *     changing peers     src = host, and what stays the same
 */
static struct str series_condition(
    const struct finding *f, const char *host, struct arena *a)
{
	bool named = f->direction != DIRECTION_INBOUND && !is_address(f->peer);
	struct str peer = sql_literal(f->peer, a);
	struct str proto = sql_literal(f->proto, a);
	struct str ports = str_format(
	    a, " AND dst_port = %u AND proto = %.*s", f->peer_port, STR_ARG(proto));
	struct str turning = turning_condition(f, host, ports, a);
	if (turning.p != NULL)
		return turning;
	/* A fleet's are those of all of its hosts, and of whoever else goes there. */
	bool all = finding_has(f, FACT_KEY_SHARED_RHYTHM) ||
		   finding_has(f, FACT_KEY_FLEET_HOSTS);
	bool inbound = f->direction == DIRECTION_INBOUND;
	struct str ours =
	    all ? STR("")
		: str_format(a, "%s = '%s' AND ", inbound ? "dst_ip" : "src_ip", host);
	if (named)
		return str_format(a, "%.*sserver_name = %.*s%.*s", STR_ARG(ours),
		    STR_ARG(peer),
		    strcmp(f->detector, "clockwork") == 0 ? 0 : (int)ports.n,
		    ports.p != NULL ? ports.p : "");
	return str_format(a, "%.*s%s = %.*s%.*s", STR_ARG(ours),
	    inbound ? "src_ip" : "dst_ip", STR_ARG(peer), STR_ARG(ports));
}

/* How the rows of a table name a peer that is no address; "": they do not. */
static const struct rows {
	const char *table, *name;
} tables[] = {
    {"conn", "server_name"},
    {"dns", "query"},
    {"tls", "sni"},
    {"ot", ""},
    {"anomaly", ""},
};

/* Whose rows a detector's findings rest on; those that are not here: connections. */
static const struct {
	const char *detector, *table;
} rests_on[] = {
    {"dns_tunnel", "dns"},
    {"dns_odd", "dns"},
    {"ot_change", "ot"},
    {"injection", "anomaly"},
    {"odd_packet", "anomaly"},
    {"implant", "anomaly"},
};

static const struct rows *rows_of(const struct finding *f)
{
	const char *table = "conn";
	for (size_t i = 0; i < sizeof(rests_on) / sizeof(rests_on[0]); i++) {
		if (strcmp(rests_on[i].detector, f->detector) == 0)
			table = rests_on[i].table;
	}
	if (finding_has(f, FACT_KEY_ONLY_ASKED))
		table = "dns";
	if (finding_has(f, FACT_KEY_SAME_PRINT))
		table = "tls";
	size_t i = 0;
	while (strcmp(tables[i].table, table) != 0)
		i++;
	return &tables[i];
}

const char *evidence_table(const struct finding *f)
{
	return rows_of(f)->table;
}

/* Rows between the host and the peer, whoever of the two spoke first; of a peer that rows
 * do not name, all of the host. */
static struct str between(const struct finding *f, const char *host, struct arena *a)
{
	const struct rows *rows = rows_of(f);
	struct net net;
	struct str peer = sql_literal(f->peer, a);
	struct str text = str_format(a, "%.*s", STR_ARG(f->peer));
	struct str both = str_format(a, "'%s' IN (src_ip, dst_ip)", host);
	if (is_address(f->peer)) {
		struct str port = f->peer_port > 0
				      ? str_format(a, " AND dst_port = %u", f->peer_port)
				      : STR("");
		return str_format(a, "%.*s AND %.*s IN (src_ip, dst_ip)%.*s",
		    STR_ARG(both), STR_ARG(peer), STR_ARG(port));
	}
	if (text.p != NULL && net_parse(text.p, &net))
		return str_format(a,
		    "%.*s AND (in_net(src_ip, %.*s) OR in_net(dst_ip, %.*s))",
		    STR_ARG(both), STR_ARG(peer), STR_ARG(peer));
	if (memchr(f->peer.p, '.', f->peer.n) == NULL)
		return both;
	struct str led = str_format(
	    a, "(SELECT dst_ip FROM conn WHERE server_name = %.*s)", STR_ARG(peer));
	if (rows->name[0] == '\0') /* the addresses that the name led to */
		return str_format(a, "%.*s AND (src_ip IN %.*s OR dst_ip IN %.*s)",
		    STR_ARG(both), STR_ARG(led), STR_ARG(led));
	struct str below = sql_literal(str_format(a, ".%.*s", STR_ARG(f->peer)), a);
	return str_format(a, "%.*s AND (%s = %.*s OR ends_with(%s, %.*s))", STR_ARG(both),
	    rows->name, STR_ARG(peer), rows->name, STR_ARG(below));
}

/* Whose findings are of the connections of one series. */
static const char *const of_series[] = {
    "clockwork", "presence", "tls_odd", "odd_service", "keys"};

struct str evidence_condition(const struct finding *f, struct arena *a)
{
	char host[ADDR_TEXT_MAX];
	addr_text(&f->host, host);
	if (strcmp(f->detector, "indicator") == 0)
		return indicator_condition(f, host, a);
	for (size_t i = 0; i < sizeof(of_series) / sizeof(of_series[0]); i++) {
		if (strcmp(of_series[i], f->detector) == 0)
			return series_condition(f, host, a);
	}
	return between(f, host, a);
}

struct str evidence_query_line(
    const struct finding *f, const char *memory, struct arena *a)
{
	struct str where = evidence_condition(f, a),
		   m = evidence_memory_argument(memory, a);
	return str_format(a,
	    "dwell query%.*s \"SELECT * FROM %s WHERE %.*s ORDER BY ts\"", STR_ARG(m),
	    evidence_table(f), STR_ARG(where));
}

struct str evidence_memory_argument(const char *memory, struct arena *a)
{
	if (memory == NULL)
		return STR("");
	bool inert = memory[0] != '\0';
	size_t n = strlen(memory), o = 0;
	for (size_t i = 0; i < n; i++)
		inert = inert && is_inert(memory[i]) && memory[i] != '*';
	char *out = arena_alloc(a, 4 * n + 8);
	if (out == NULL)
		return STR("");
	memcpy(out, " -m ", 4);
	o = 4;
	if (!inert)
		out[o++] = '\'';
	for (size_t i = 0; i < n; i++) {
		if (memory[i] == '\'') {
			memcpy(out + o, "'\\''", 4);
			o += 4;
		} else {
			out[o++] = memory[i];
		}
	}
	if (!inert)
		out[o++] = '\'';
	return (struct str){out, o};
}
