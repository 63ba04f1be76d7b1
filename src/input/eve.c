/* SPDX-License-Identifier: Apache-2.0 */
#include "input/eve.h"

#include <stdlib.h>
#include <string.h>

#include "input/log_line.h"

static const struct {
	const char *path;
	int16_t slot;
} members[] = {
    /* In the order in which Suricata writes them, which is the quickest. */
    {"timestamp", E_TIME}, {"flow_id", E_FLOW_ID}, {"event_type", E_TYPE},
    {"vlan", E_VLAN}, {"src_ip", E_SRC}, {"src_port", E_SPORT}, {"dest_ip", E_DST},
    {"dest_port", E_DPORT}, {"proto", E_PROTO}, {"icmp_type", E_ICMP_TYPE},
    {"icmp_code", E_ICMP_CODE}, {"tx_id", E_TX}, {"app_proto", E_APP},
    {"flow.pkts_toserver", E_PKTS_TS}, {"flow.pkts_toclient", E_PKTS_TC},
    {"flow.bytes_toserver", E_BYTES_TS}, {"flow.bytes_toclient", E_BYTES_TC},
    {"flow.start", E_START}, {"flow.end", E_END}, {"flow.reason", E_REASON},
    {"netflow.pkts", E_NF_PKTS}, {"netflow.bytes", E_NF_BYTES},
    {"netflow.start", E_NF_START}, {"netflow.end", E_NF_END},
    {"tcp.tcp_flags_ts", E_FLAGS_TS}, {"tcp.tcp_flags_tc", E_FLAGS_TC},
    {"dns.version", E_DNS_VERSION}, {"dns.type", E_DNS_TYPE}, {"dns.id", E_DNS_ID},
    {"dns.flags", E_DNS_FLAGS}, {"dns.aa", E_DNS_AA}, {"dns.tc", E_DNS_TC},
    {"dns.rd", E_DNS_RD}, {"dns.ra", E_DNS_RA}, {"dns.rrname", E_DNS_NAME},
    {"dns.rrtype", E_DNS_RRTYPE}, {"dns.rcode", E_DNS_RCODE}, {"dns.ttl", E_DNS_TTL},
    {"dns.rdata", E_DNS_RDATA}, {"dns.answers", E_DNS_ANSWERS},
    {"dns.queries", E_DNS_QUERIES}, {"dns.tx_id", E_DNS_TX}, {"tls.subject", E_SUBJECT},
    {"tls.issuerdn", E_ISSUER}, {"tls.serial", E_SERIAL},
    {"tls.fingerprint", E_FINGERPRINT}, {"tls.sni", E_SNI},
    {"tls.version", E_TLS_VERSION}, {"tls.notbefore", E_NOT_BEFORE},
    {"tls.notafter", E_NOT_AFTER}, {"tls.session_resumed", E_RESUMED},
    {"tls.subjectaltname", E_SAN}, {"tls.ja3.hash", E_JA3}, {"tls.ja3s.hash", E_JA3S},
    {"tls.ja4", E_JA4}, {"tls.server_alpns", E_ALPN}, {"http.hostname", E_HOST},
    {"http.url", E_URL}, {"http.http_user_agent", E_USER_AGENT},
    {"http.http_content_type", E_CONTENT_TYPE}, {"http.http_refer", E_REFERRER},
    {"http.http_method", E_METHOD}, {"http.protocol", E_HTTP_PROTOCOL},
    {"http.status", E_STATUS}, {"http.length", E_LENGTH},
    {"ssh.client.proto_version", E_CLIENT_VERSION},
    {"ssh.client.software_version", E_CLIENT_SOFTWARE},
    {"ssh.client.hassh.hash", E_HASSH}, {"ssh.server.proto_version", E_SERVER_VERSION},
    {"ssh.server.software_version", E_SERVER_SOFTWARE},
    {"ssh.server.hassh.hash", E_HASSH_SERVER},
    {"stats.capture.kernel_drops", E_KERNEL_DROPS}};

static const struct {
	struct str type;
	bool (*row)(struct eve_event *e); /* NULL: passed over */
} types[] = {{{"flow", 4}, eve_flow}, {{"dns", 3}, eve_dns}, {{"tls", 3}, eve_tls},
    {{"http", 4}, eve_http}, {{"netflow", 7}, eve_netflow}, {{"ssh", 3}, eve_ssh},
    {{"stats", 5}, eve_stats}};

bool eve_ends(const struct eve_event *e, struct addr *src, uint16_t *sport,
    struct addr *dst, uint16_t *dport)
{
	const struct log_value *v = e->v;
	bool icmp = v[E_ICMP_TYPE].form != VALUE_ABSENT;
	*sport = cell_port(&v[icmp ? E_ICMP_TYPE : E_SPORT]);
	*dport = cell_port(&v[icmp ? E_ICMP_CODE : E_DPORT]);
	return cell_addr(&v[E_SRC], src) && cell_addr(&v[E_DST], dst);
}

uint64_t eve_flow_key(const struct eve_event *e, const struct log_join *j)
{
	return log_join_key(j, e->v[E_FLOW_ID].p, e->v[E_FLOW_ID].n);
}

struct eve_names *eve_names_of(struct eve_event *e)
{
	struct log_join *j = &e->group->names;
	if (e->v[E_FLOW_ID].form == VALUE_ABSENT)
		return NULL;
	return log_join_add(j, eve_flow_key(e, j), sizeof(struct eve_names));
}

/* ---- log_format ---- */

static bool probe(const struct log_head *head, struct log_look *look)
{
	struct str line = json_first_line(head);
	if (line.n == 0)
		return false;
	struct log_value name, value;
	bool type = false, time = false;
	for (size_t at = 0; json_member(line.p, line.n, &at, &name, &value);) {
		type = type || cell_is(&name, STR("event_type"));
		if (cell_is(&name, STR("timestamp"))) {
			look->first = cell_time(&value);
			time = true;
		}
	}
	return type && time;
}

static void *eve_begin(void)
{
	struct eve_group *g = calloc(1, sizeof(*g));
	if (g == NULL)
		return NULL;
	log_join_init(&g->names);
	log_join_init(&g->questions);
	log_join_init(&g->halves);
	g->questions.forget = eve_forget_question;
	g->halves.forget = eve_forget_half;
	g->questions.ctx = g->halves.ctx = g;
	json_tree_init(&g->tree);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_tree_add(&g->tree, members[i].path, members[i].slot, false);
	json_tree_init(&g->answer);
	json_tree_add(&g->answer, "rrname", E_DNS_NAME, true);
	json_tree_add(&g->answer, "rrtype", E_DNS_RRTYPE, true);
	json_tree_add(&g->answer, "ttl", E_DNS_TTL, true);
	json_tree_add(&g->answer, "rdata", E_DNS_RDATA, true);
	return g;
}

static void eve_end(void *group, struct log_out *out, struct arena *scratch)
{
	struct eve_group *g = group;
	(void)scratch;
	g->out = out;
	log_join_fini(&g->names);
	log_join_fini(&g->questions);
	log_join_fini(&g->halves);
	free(g);
}

static bool known_type(const struct log_value *type, bool (**row)(struct eve_event *e))
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (cell_is(type, types[i].type)) {
			*row = types[i].row;
			return true;
		}
	}
	return false;
}

/* What a line is, without walking it: true when it surely is of a type that is passed
 * over. Alerts are long, and there are many. */
static bool passed_over(const struct log_line *line)
{
	static const char mark[] = "\"event_type\":\"";
	const char *p =
	    memmem(line->p, line->n < 512 ? line->n : 512, mark, sizeof(mark) - 1);
	bool (*row)(struct eve_event * e);
	if (p == NULL || line->p[line->n - 1] != '}')
		return false;
	p += sizeof(mark) - 1;
	const char *end = memchr(p, '"', (size_t)(line->p + line->n - p));
	if (end == NULL)
		return false;
	struct log_value type = {p, (uint32_t)(end - p), VALUE_STRING, '\0'};
	return !known_type(&type, &row);
}

static void event(struct log_file *f, const struct log_line *line)
{
	struct log_value v[EVE_SLOTS];
	struct eve_group *g = f->group;
	bool (*row)(struct eve_event * e);
	f->entries++;
	if (passed_over(line))
		return;
	memset(v, 0, sizeof(v));
	if (!json_pick(&g->tree, line->p, line->n, v)) {
		log_fault(f, line->cut ? INPUT_TRUNCATED : INPUT_MALFORMED, line->offset,
		    "a line is no JSON object");
		return;
	}
	struct eve_event e = {f, g, v, line->offset, cell_time(&v[E_TIME])};
	if (v[E_TYPE].form == VALUE_ABSENT || e.ts.ns == MOMENT_NONE.ns) {
		log_fault(f, INPUT_MALFORMED, line->offset,
		    "a line has no event_type or no timestamp");
		return;
	}
	g->out = f->out;
	if (e.ts.ns > f->now.ns)
		f->now = e.ts;
	if (known_type(&v[E_TYPE], &row) && !row(&e))
		log_fault(f, INPUT_MALFORMED, line->offset,
		    "an event has no address where one must be");
}

static bool eve_read(struct log_file *f)
{
	struct log_line line;
	uint64_t until = f->stream->offset + LOG_PIECE_BYTES;
	while (f->stream->offset < until) {
		if (!log_line_next(f, &line))
			return false;
		event(f, &line);
	}
	return true;
}

const struct log_format log_format_eve = {
    .names = {"eve", "eve+gzip", "eve+zstd", "eve+xz"},
    .kind = "eve",
    .probe = probe,
    .begin = eve_begin,
    .end = eve_end,
    .read = eve_read,
};
