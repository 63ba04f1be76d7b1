/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of each kind of log, and which slot each goes to. */
#include "input/zeek.h"

#include "input/zeek_rows.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

/* As Zeek names them, then as shippers of its logs do. Those write '_' for '.' as well.
 */
const struct zeek_name zeek_common[] = {{"_path", Z_PATH}, {"ts", Z_TS}, {"uid", Z_UID},
    {"id.orig_h", Z_SRC}, {"id.orig_p", Z_SPORT}, {"id.resp_h", Z_DST},
    {"id.resp_p", Z_DPORT}, {"proto", Z_PROTO}, {"@timestamp", Z_TS}, {"@stream", Z_PATH},
    {"source.ip", Z_SRC}, {"source.port", Z_SPORT}, {"destination.ip", Z_DST},
    {"destination.port", Z_DPORT}};
const size_t zeek_common_count = COUNT(zeek_common);

static const struct zeek_name conn_names[] = {{"service", Z_SERVICE},
    {"duration", Z_DURATION}, {"orig_bytes", Z_ORIG_BYTES}, {"resp_bytes", Z_RESP_BYTES},
    {"conn_state", Z_STATE}, {"missed_bytes", Z_MISSED}, {"history", Z_HISTORY},
    {"orig_pkts", Z_ORIG_PKTS}, {"orig_ip_bytes", Z_ORIG_IP}, {"resp_pkts", Z_RESP_PKTS},
    {"resp_ip_bytes", Z_RESP_IP}, {"vlan", Z_VLAN}, {"id.vlan", Z_VLAN},
    {"ip_proto", Z_IP_PROTO}};

static const struct zeek_name dns_names[] = {{"trans_id", Z_ID}, {"rtt", Z_RTT},
    {"query", Z_QUERY}, {"qclass", Z_QCLASS}, {"qclass_name", Z_QCLASS_NAME},
    {"qtype", Z_QTYPE}, {"qtype_name", Z_QTYPE_NAME}, {"rcode", Z_RCODE},
    {"rcode_name", Z_RCODE_NAME}, {"AA", Z_AA}, {"TC", Z_TC}, {"RD", Z_RD}, {"RA", Z_RA},
    {"answers", Z_ANSWERS}, {"TTLs", Z_TTLS}, {"opcode_name", Z_OPCODE}};

static const struct zeek_name ssl_names[] = {{"version", Z_VERSION}, {"cipher", Z_CIPHER},
    {"curve", Z_CURVE}, {"server_name", Z_SNI}, {"resumed", Z_RESUMED},
    {"last_alert", Z_ALERT}, {"next_protocol", Z_ALPN}, {"established", Z_ESTABLISHED},
    {"cert_chain_fuids", Z_CHAIN}, {"client_cert_chain_fuids", Z_CLIENT_CHAIN},
    {"cert_chain_fps", Z_CHAIN_FPS}, {"client_cert_chain_fps", Z_CLIENT_CHAIN_FPS},
    {"subject", Z_SUBJECT}, {"issuer", Z_ISSUER}, {"issuer_subject", Z_ISSUER},
    {"ja3", Z_JA3}, {"ja3s", Z_JA3S}, {"ja4", Z_JA4}};

static const struct zeek_name x509_names[] = {{"id", Z_CERT_ID},
    {"fingerprint", Z_FINGERPRINT}, {"certificate.version", Z_CERT_VERSION},
    {"certificate.serial", Z_SERIAL}, {"certificate.subject", Z_CERT_SUBJECT},
    {"certificate.issuer", Z_CERT_ISSUER}, {"certificate.not_valid_before", Z_NOT_BEFORE},
    {"certificate.not_valid_after", Z_NOT_AFTER}, {"certificate.key_alg", Z_KEY_ALG},
    {"certificate.sig_alg", Z_SIG_ALG}, {"certificate.key_type", Z_KEY_TYPE},
    {"certificate.key_length", Z_KEY_BITS}, {"certificate.exponent", Z_EXPONENT},
    {"certificate.curve", Z_CERT_CURVE}, {"san.dns", Z_SAN_DNS}, {"san.uri", Z_SAN_URI},
    {"san.email", Z_SAN_EMAIL}, {"san.ip", Z_SAN_IP}, {"basic_constraints.ca", Z_IS_CA},
    {"client_cert", Z_CLIENT_CERT}};

static const struct zeek_name http_names[] = {{"trans_depth", Z_DEPTH},
    {"method", Z_METHOD}, {"host", Z_HOST}, {"uri", Z_URI}, {"referrer", Z_REFERRER},
    {"version", Z_HTTP_VERSION}, {"user_agent", Z_USER_AGENT}, {"origin", Z_ORIGIN},
    {"request_body_len", Z_REQUEST_LEN}, {"response_body_len", Z_RESPONSE_LEN},
    {"status_code", Z_STATUS}, {"status_msg", Z_REASON}, {"username", Z_USERNAME},
    {"proxied", Z_PROXIED}};

static const struct zeek_name ssh_names[] = {{"version", Z_SSH_VERSION},
    {"client", Z_CLIENT}, {"server", Z_SERVER}, {"cipher_alg", Z_SSH_CIPHER},
    {"mac_alg", Z_MAC}, {"compression_alg", Z_COMPRESSION}, {"kex_alg", Z_KEX},
    {"host_key_alg", Z_HOST_KEY_ALG}, {"host_key", Z_HOST_KEY},
    {"host_key_fingerprint", Z_HOST_KEY}, {"hassh", Z_HASSH},
    {"hasshServer", Z_HASSH_SERVER}, {"hassh_server", Z_HASSH_SERVER}};

static const struct zeek_name weird_names[] = {
    {"name", Z_NAME}, {"addl", Z_ADDL}, {"notice", Z_NOTICE}};

static const struct zeek_name loss_names[] = {
    {"gaps", Z_GAPS}, {"percent_lost", Z_PERCENT_LOST}};

static const struct zeek_name stats_names[] = {
    {"pkts_dropped", Z_DROPPED}, {"pkts_proc", Z_PKTS_PROC}};

#define KIND(path, lane, names, row, ...)                                                \
	static const struct zeek_kind kind_##names = {                                   \
	    path, lane, names, COUNT(names), {__VA_ARGS__}, row}

/* x509 is read ahead of ssl, which says whose certificates they are; conn comes last. */
KIND("x509", 0, x509_names, zeek_x509_row, "certificate.serial", "certificate.issuer");
KIND("dns", 1, dns_names, zeek_dns_row, "RD", "rejected");
KIND("http", 2, http_names, zeek_http_row, "trans_depth", "response_body_len");
KIND("ssl", 3, ssl_names, zeek_ssl_row, "established", "resumed");
KIND("ssh", 4, ssh_names, zeek_ssh_row, "client", "server");
KIND("weird", 5, weird_names, zeek_weird_row, "name", "notice");
KIND("capture_loss", 5, loss_names, zeek_loss_row, "gaps", "percent_lost");
KIND("stats", 5, stats_names, zeek_stats_row, "pkts_proc", "mem");
KIND("conn", 7, conn_names, zeek_conn_row, "conn_state", "missed_bytes");

const struct zeek_kind *const zeek_kinds[] = {&kind_conn_names, &kind_dns_names,
    &kind_ssl_names, &kind_http_names, &kind_x509_names, &kind_ssh_names,
    &kind_weird_names, &kind_loss_names, &kind_stats_names};
const size_t zeek_kind_count = COUNT(zeek_kinds);

const struct zeek_kind *zeek_kind_of(struct str path)
{
	for (size_t i = 0; i < zeek_kind_count; i++) {
		if (str_equal(path, str_of(zeek_kinds[i]->path)))
			return zeek_kinds[i];
	}
	return NULL;
}

/* Whether the field is that name, a '_' being as good as a '.'. */
static bool same_name(struct str field, const char *name)
{
	for (size_t i = 0; i < field.n; i++) {
		if (name[i] == '\0' ||
		    (field.p[i] != name[i] && (field.p[i] != '_' || name[i] != '.')))
			return false;
	}
	return name[field.n] == '\0';
}

static bool has(const struct str *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (same_name(fields[i], name))
			return true;
	}
	return false;
}

/* A kind's path as a word of the file's name: "NASHUA_conn.log", "dns.12:00:00.log". */
static const struct zeek_kind *kind_in_name(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *p = slash != NULL ? slash + 1 : file;
	for (;;) {
		size_t n = strcspn(p, "._-");
		const struct zeek_kind *kind = zeek_kind_of((struct str){p, n});
		if (kind != NULL || p[n] == '\0')
			return kind;
		p += n + 1;
	}
}

const struct zeek_kind *zeek_guess(const struct str *fields, size_t n, const char *file)
{
	for (size_t i = 0; i < zeek_kind_count; i++) {
		const struct zeek_kind *kind = zeek_kinds[i];
		if (has(fields, n, kind->marks[0]) && has(fields, n, kind->marks[1]))
			return kind;
	}
	/* A name alone is no more than a hint: the fields must be Zeek's. */
	if (!has(fields, n, "uid") && !has(fields, n, "id.orig_h"))
		return NULL;
	return kind_in_name(file);
}

static int16_t slot_in(const struct zeek_name *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++) {
		if (same_name(name, names[i].name))
			return names[i].slot;
	}
	return -1;
}

int16_t zeek_slot(const struct zeek_kind *kind, struct str name)
{
	int16_t slot = slot_in(kind->names, kind->name_count, name);
	return slot >= 0 ? slot : slot_in(zeek_common, zeek_common_count, name);
}

/* When the line was written, as far as it tells: connections are logged at their end. */
static struct moment written(const struct zeek_kind *kind, const struct log_value *v)
{
	struct moment ts = cell_time(&v[Z_TS]);
	double seconds = kind->row == zeek_conn_row ? cell_seconds(&v[Z_DURATION]) : 0;
	if (ts.ns == MOMENT_NONE.ns || !(seconds > 0 && seconds < 9e9))
		return ts;
	return moment_add(ts, (int64_t)(seconds * 1e9));
}

bool zeek_too_early(
    struct log_file *f, const struct zeek_kind *kind, const struct log_value *v)
{
	if (f->until.ns == INT64_MAX)
		return false;
	struct moment when = written(kind, v);
	if (when.ns <= f->until.ns || when.ns <= f->now.ns)
		return false;
	f->now = when;
	return true;
}

bool zeek_row(struct log_file *f, const struct zeek_kind *kind, const struct log_value *v,
    uint64_t offset)
{
	struct zeek_line l = {f, f->group, v, offset, cell_time(&v[Z_TS])};
	if (l.ts.ns == MOMENT_NONE.ns)
		return false;
	if (l.ts.ns > f->now.ns)
		f->now = l.ts;
	l.group->out = f->out;
	l.group->scratch = f->scratch;
	return kind->row(&l);
}
