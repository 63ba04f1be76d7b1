/* SPDX-License-Identifier: Apache-2.0 */
/* Connections, HTTP, SSH and what concerns the watching; DNS is in zeek_dns.c, TLS and
 * certificates in zeek_tls.c. */
#include "input/zeek_rows.h"

#include "base/ip.h"
#include "input/log_words.h"
#include "input/zeek_join.h"

/* The protocol of a connection: Zeek's "unknown_transport" by its number, where told. */
static struct str proto_word(struct zeek_line *l)
{
	const struct log_value *v = l->v;
	int64_t number = cell_int(&v[Z_IP_PROTO]);
	if (!cell_is(&v[Z_PROTO], STR("unknown_transport")) || number < 0 || number > 255)
		return cell_lower(&v[Z_PROTO], l->f->scratch);
	return ip_proto_word(l->f->scratch, (uint8_t)number);
}

bool zeek_conn_row(struct zeek_line *l)
{
	const struct log_value *v = l->v;
	struct arena *a = l->f->scratch;
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	if (!cell_addr(&v[Z_SRC], &r.src_ip) || !cell_addr(&v[Z_DST], &r.dst_ip))
		return false;
	r.ts = l->ts;
	r.duration = cell_seconds(&v[Z_DURATION]);
	r.src_port = cell_port(&v[Z_SPORT]);
	r.dst_port = cell_port(&v[Z_DPORT]);
	r.proto = proto_word(l);
	r.service = log_services(&v[Z_SERVICE], a);
	r.src_bytes = cell_count(&v[Z_ORIG_BYTES]);
	r.dst_bytes = cell_count(&v[Z_RESP_BYTES]);
	r.src_packets = cell_count(&v[Z_ORIG_PKTS]);
	r.dst_packets = cell_count(&v[Z_RESP_PKTS]);
	r.src_ip_bytes = cell_count(&v[Z_ORIG_IP]);
	r.dst_ip_bytes = cell_count(&v[Z_RESP_IP]);
	r.missed_bytes = cell_count(&v[Z_MISSED]);
	r.state = cell_text(&v[Z_STATE], a);
	r.history = cell_text(&v[Z_HISTORY], a);
	r.vlan = cell_int(&v[Z_VLAN]);
	zeek_names_give(l->group, &v[Z_UID], &r);
	/* Connections are logged when they end: so far the log has come. */
	if (r.duration > 0 && r.duration < 9e9) {
		struct moment end = moment_add(l->ts, (int64_t)(r.duration * 1e9));
		if (end.ns > l->f->now.ns)
			l->f->now = end;
	}
	log_put(l->f, RECORD_CONN, &r, l->offset);
	return true;
}

bool zeek_http_row(struct zeek_line *l)
{
	const struct log_value *v = l->v;
	struct arena *a = l->f->scratch;
	struct http_record r;
	record_clear(RECORD_HTTP, &r);
	if (!cell_addr(&v[Z_SRC], &r.src_ip) || !cell_addr(&v[Z_DST], &r.dst_ip))
		return false;
	r.ts = l->ts;
	r.src_port = cell_port(&v[Z_SPORT]);
	r.dst_port = cell_port(&v[Z_DPORT]);
	r.depth = cell_count(&v[Z_DEPTH]);
	r.method = cell_text(&v[Z_METHOD], a);
	r.host = log_host(cell_lower(&v[Z_HOST], a));
	r.uri = cell_text(&v[Z_URI], a);
	r.version = cell_text(&v[Z_HTTP_VERSION], a);
	r.user_agent = cell_text(&v[Z_USER_AGENT], a);
	r.referrer = cell_text(&v[Z_REFERRER], a);
	r.origin = cell_text(&v[Z_ORIGIN], a);
	r.username = cell_text(&v[Z_USERNAME], a);
	r.proxied = cell_texts(&v[Z_PROXIED], a);
	r.status = cell_int(&v[Z_STATUS]);
	r.reason = cell_text(&v[Z_REASON], a);
	r.request_bytes = cell_count(&v[Z_REQUEST_LEN]);
	r.response_bytes = cell_count(&v[Z_RESPONSE_LEN]);
	struct zeek_names *names =
	    r.host.n > 0 ? zeek_names_of(l->group, &v[Z_UID]) : NULL;
	if (names != NULL && names->host.n == 0)
		names->host = log_join_text(&l->group->by_uid, r.host);
	log_put(l->f, RECORD_HTTP, &r, l->offset);
	return true;
}

bool zeek_ssh_row(struct zeek_line *l)
{
	const struct log_value *v = l->v;
	struct arena *a = l->f->scratch;
	struct ssh_record r;
	record_clear(RECORD_SSH, &r);
	if (!cell_addr(&v[Z_SRC], &r.src_ip) || !cell_addr(&v[Z_DST], &r.dst_ip))
		return false;
	r.ts = l->ts;
	r.src_port = cell_port(&v[Z_SPORT]);
	r.dst_port = cell_port(&v[Z_DPORT]);
	r.version = cell_int(&v[Z_SSH_VERSION]);
	r.client = cell_text(&v[Z_CLIENT], a);
	r.server = cell_text(&v[Z_SERVER], a);
	r.cipher = cell_text(&v[Z_SSH_CIPHER], a);
	r.mac = cell_text(&v[Z_MAC], a);
	r.compression = cell_text(&v[Z_COMPRESSION], a);
	r.kex = cell_text(&v[Z_KEX], a);
	r.host_key_alg = cell_text(&v[Z_HOST_KEY_ALG], a);
	/* Newer versions write SHA-256 instead, which the column is not. */
	if (v[Z_HOST_KEY].n == 47 && v[Z_HOST_KEY].form != VALUE_ABSENT)
		r.host_key = cell_lower(&v[Z_HOST_KEY], a);
	r.hassh = cell_lower(&v[Z_HASSH], a);
	r.hassh_server = cell_lower(&v[Z_HASSH_SERVER], a);
	log_put(l->f, RECORD_SSH, &r, l->offset);
	return true;
}

bool zeek_weird_row(struct zeek_line *l)
{
	const struct log_value *v = l->v;
	struct arena *a = l->f->scratch;
	struct anomaly_record r;
	record_clear(RECORD_ANOMALY, &r);
	cell_addr(&v[Z_SRC], &r.src_ip);
	cell_addr(&v[Z_DST], &r.dst_ip);
	struct str name = cell_text(&v[Z_NAME], a), more = cell_text(&v[Z_ADDL], a);
	if (name.p == NULL)
		return false;
	r.ts = l->ts;
	r.kind = STR("weird");
	r.src_port = cell_port(&v[Z_SPORT]);
	r.dst_port = cell_port(&v[Z_DPORT]);
	r.detail = more.n > 0 ? str_format(a, "name=%.*s addl=%.*s", STR_ARG(name),
				    STR_ARG(more))
			      : str_format(a, "name=%.*s", STR_ARG(name));
	log_put(l->f, RECORD_ANOMALY, &r, l->offset);
	return true;
}

bool zeek_loss_row(struct zeek_line *l)
{
	log_out_drops(l->f->out, l->f->format->kind, l->ts, cell_count(&l->v[Z_GAPS]));
	return true;
}

bool zeek_stats_row(struct zeek_line *l)
{
	log_out_drops(l->f->out, l->f->format->kind, l->ts, cell_count(&l->v[Z_DROPPED]));
	return true;
}
