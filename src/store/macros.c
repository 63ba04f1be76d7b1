/* SPDX-License-Identifier: Apache-2.0 */
#include "store/macros.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/ip.h"
#include "engine/scalar.h"
#include "store/community_id.h"
#include "store/named.h"
#include "store/suffix.h"

#define NETS_TEXT_MAX 1024 /* bytes of the networks in one text for in_net */
#define SPLITS_KEPT   4096 /* names whose split is kept; a power of two */
#define SPLIT_MAX     60   /* bytes of a name whose split is kept */
#define SCRATCH_MAX   65536
#define WORDS_MAX     256
#define WORD_BYTES    16

/* How a name split: a look into the list takes a microsecond, and names come again. */
struct kept_split {
	uint8_t n, result; /* bytes of the name and of the end that is the result */
	char name[SPLIT_MAX];
};

struct macros {
	const struct config *config; /* borrowed */
	pthread_mutex_t lock;        /* of what is kept between rows: queries of several
					threads call the same functions */
	struct community_id community;
	char nets_text[NETS_TEXT_MAX]; /* the text that nets was read from */
	size_t nets_bytes;
	struct net nets[MACROS_NETS_MAX];
	size_t net_count;
	struct hash_key key;
	struct kept_split splits[SPLITS_KEPT];
	char words[WORDS_MAX][WORD_BYTES]; /* of protocols, by number */
};

/* ---- networks ---- */

/* Families do not mix: ::/0 is every IPv6 address and no IPv4 one. */
static bool in_nets(const struct net *v, size_t n, const struct addr *a)
{
	bool v4 = addr_is_v4(a);
	for (size_t i = 0; i < n; i++) {
		if (addr_is_v4(&v[i].addr) == v4 && net_contains(&v[i], a))
			return true;
	}
	return false;
}

/* Read CIDR[,CIDR...] into m->nets. */
static bool read_nets(struct macros *m, struct str s)
{
	char one[ADDR_TEXT_MAX + 5];
	m->net_count = 0;
	for (size_t from = 0; from <= s.n;) {
		const char *comma = memchr(s.p + from, ',', s.n - from);
		size_t end = comma != NULL ? (size_t)(comma - s.p) : s.n;
		while (from < end && s.p[from] == ' ')
			from++;
		if (end - from >= sizeof(one) || m->net_count == MACROS_NETS_MAX)
			return false;
		memcpy(one, s.p + from, end - from);
		one[end - from] = '\0';
		if (!net_parse(one, &m->nets[m->net_count++]))
			return false;
		from = end + 1;
	}
	return true;
}

/* Have m->nets be those of the text, which is nearly always that of the row before. */
static bool choose_nets(struct macros *m, struct str s)
{
	if (s.n == m->nets_bytes && s.n > 0 && memcmp(s.p, m->nets_text, s.n) == 0)
		return true;
	m->nets_bytes = 0;
	if (s.n == 0 || s.n > NETS_TEXT_MAX || !read_nets(m, s))
		return false;
	memcpy(m->nets_text, s.p, s.n);
	m->nets_bytes = s.n;
	return true;
}

static void wrong_nets(duckdb_function_info info, struct str s)
{
	char text[160];
	snprintf(text, sizeof(text),
	    "in_net: '%.*s' is no network such as 10.0.0.0/8, nor up to %d joined by ','",
	    (int)(s.n < 60 ? s.n : 60), s.p, MACROS_NETS_MAX);
	duckdb_scalar_function_set_error(info, text);
}

static void put_in_net(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	struct macros *m = duckdb_scalar_function_get_extra_info(info);
	struct scalar_column ip = scalar_column(rows, 0), net = scalar_column(rows, 1);
	bool *result = duckdb_vector_get_data(out);
	size_t n = duckdb_data_chunk_get_size(rows);
	for (size_t i = 0; i < n; i++) {
		struct addr a;
		struct str text = scalar_text(&net, i);
		if (text.p != NULL && !choose_nets(m, text)) {
			wrong_nets(info, text);
			return;
		}
		if (text.p == NULL || !str_addr(scalar_text(&ip, i), &a))
			scalar_put_null(out, i);
		else
			result[i] = in_nets(m->nets, m->net_count, &a);
	}
}

static void run_in_net(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	struct macros *m = duckdb_scalar_function_get_extra_info(info);
	pthread_mutex_lock(&m->lock);
	put_in_net(info, rows, out);
	pthread_mutex_unlock(&m->lock);
}

static void run_is_home(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	const struct macros *m = duckdb_scalar_function_get_extra_info(info);
	struct scalar_column ip = scalar_column(rows, 0);
	bool *result = duckdb_vector_get_data(out);
	size_t n = duckdb_data_chunk_get_size(rows);
	struct net usual[NET_PRIVATE];
	const struct net *nets = m->config->home;
	size_t count = m->config->homes;
	if (count == 0) {
		net_private(usual);
		nets = usual;
		count = NET_PRIVATE;
	}
	for (size_t i = 0; i < n; i++) {
		struct addr a;
		if (!str_addr(scalar_text(&ip, i), &a))
			scalar_put_null(out, i);
		else
			result[i] = in_nets(nets, count, &a);
	}
}

/* ---- names ---- */

static struct str registered(struct macros *m, struct str name)
{
	if (name.n == 0 || name.n > SPLIT_MAX)
		return suffix_registered(name);
	size_t slot = hash_bytes(&m->key, name.p, name.n) % SPLITS_KEPT;
	struct kept_split *k = &m->splits[slot];
	if (k->n != name.n || memcmp(k->name, name.p, name.n) != 0) {
		k->n = (uint8_t)name.n;
		memcpy(k->name, name.p, name.n);
		k->result = (uint8_t)suffix_registered(name).n;
	}
	if (k->result == 0)
		return (struct str){0};
	return (struct str){name.p + name.n - k->result, k->result};
}

static void run_registered(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	struct macros *m = duckdb_scalar_function_get_extra_info(info);
	struct scalar_column name = scalar_column(rows, 0);
	size_t n = duckdb_data_chunk_get_size(rows);
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < n; i++)
		scalar_put_text(out, i, registered(m, scalar_text(&name, i)));
	pthread_mutex_unlock(&m->lock);
}

static void run_suffix(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	(void)info;
	struct scalar_column name = scalar_column(rows, 0);
	size_t n = duckdb_data_chunk_get_size(rows);
	for (size_t i = 0; i < n; i++)
		scalar_put_text(out, i, suffix_public(scalar_text(&name, i)));
}

/* Write the labels of s to out, last first. */
static void reverse(struct str s, char *out)
{
	size_t end = s.n;
	for (size_t i = s.n; i-- > 0;) {
		if (s.p[i] != '.')
			continue;
		memcpy(out, s.p + i + 1, end - i - 1);
		out += end - i - 1;
		*out++ = '.';
		end = i;
	}
	memcpy(out, s.p, end);
}

static void run_reverse(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	(void)info;
	struct arena scratch;
	struct scalar_column name = scalar_column(rows, 0);
	size_t n = duckdb_data_chunk_get_size(rows);
	arena_init(&scratch, SIZE_MAX);
	for (size_t i = 0; i < n; i++) {
		struct str s = scalar_text(&name, i);
		char *text = s.p != NULL ? arena_alloc(&scratch, s.n + 1) : NULL;
		if (text != NULL)
			reverse(s, text);
		scalar_put_text(out, i, (struct str){text, s.n});
		if (scratch.held > SCRATCH_MAX)
			arena_reset(&scratch);
	}
	arena_fini(&scratch);
}

static void run_host_name(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	(void)info;
	struct scalar_column name = scalar_column(rows, 0);
	size_t n = duckdb_data_chunk_get_size(rows);
	for (size_t i = 0; i < n; i++) {
		char text[NAMED_HOST_MAX];
		size_t bytes = named_host(scalar_text(&name, i), text);
		scalar_put_text(out, i, (struct str){bytes > 0 ? text : NULL, bytes});
	}
}

static void run_mac_address(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	(void)info;
	struct scalar_column mac = scalar_column(rows, 0);
	size_t n = duckdb_data_chunk_get_size(rows);
	for (size_t i = 0; i < n; i++) {
		char text[NAMED_MAC];
		size_t bytes = named_mac(scalar_text(&mac, i), text);
		scalar_put_text(out, i, (struct str){bytes > 0 ? text : NULL, bytes});
	}
}

/* ---- Community ID ---- */

static void list_words(struct macros *m)
{
	struct arena a;
	arena_init(&a, SCRATCH_MAX);
	for (unsigned i = 0; i < WORDS_MAX; i++) {
		struct str word = ip_proto_word(&a, (uint8_t)i);
		if (word.n < WORD_BYTES)
			memcpy(m->words[i], word.p, word.n);
	}
	arena_fini(&a);
}

/* The number of a protocol by word; -1: unknown. The first of two that share a word. */
static int proto_number(const struct macros *m, struct str s)
{
	for (int i = 0; i < WORDS_MAX; i++) {
		if (str_equal(s, str_of(m->words[i])))
			return i;
	}
	return -1;
}

struct flow_columns {
	struct scalar_column src_ip, dst_ip, src_port, dst_port, proto, seed;
	bool by_word, seeded;
};

static bool whole_number(
    const struct scalar_column *c, size_t row, int64_t most, uint16_t *out)
{
	if (scalar_is_null(c, row))
		return false;
	int64_t v = ((const int64_t *)c->data)[row];
	*out = (uint16_t)v;
	return v >= 0 && v <= most;
}

static bool read_proto(const struct macros *m, const struct flow_columns *c, size_t row,
    struct community_flow *f)
{
	uint16_t number;
	if (c->by_word) {
		struct str word = scalar_text(&c->proto, row);
		int n = word.n > 0 ? proto_number(m, word) : -1;
		number = (uint16_t)n;
		if (n < 0)
			return false;
	} else if (!whole_number(&c->proto, row, UINT8_MAX, &number)) {
		return false;
	}
	/* In the tables, ICMP of both families goes by one word. */
	f->proto =
	    c->by_word && number == 1 && !addr_is_v4(&f->src) ? 58 : (uint8_t)number;
	return true;
}

static bool read_flow(const struct macros *m, const struct flow_columns *c, size_t row,
    struct community_flow *f)
{
	*f = (struct community_flow){0};
	return str_addr(scalar_text(&c->src_ip, row), &f->src) &&
	       str_addr(scalar_text(&c->dst_ip, row), &f->dst) &&
	       whole_number(&c->src_port, row, UINT16_MAX, &f->src_port) &&
	       whole_number(&c->dst_port, row, UINT16_MAX, &f->dst_port) &&
	       read_proto(m, c, row, f) &&
	       (!c->seeded || whole_number(&c->seed, row, UINT16_MAX, &f->seed));
}

static void run_community(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out, bool by_word)
{
	struct macros *m = duckdb_scalar_function_get_extra_info(info);
	struct flow_columns c = {
	    .by_word = by_word, .seeded = duckdb_data_chunk_get_column_count(rows) == 6};
	struct scalar_column *all[] = {
	    &c.src_ip, &c.dst_ip, &c.src_port, &c.dst_port, &c.proto, &c.seed};
	for (size_t i = 0; i < (c.seeded ? 6 : 5); i++)
		*all[i] = scalar_column(rows, i);
	size_t n = duckdb_data_chunk_get_size(rows);
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < n; i++) {
		struct community_flow f;
		char text[COMMUNITY_ID_CHARS + 1];
		if (read_flow(m, &c, i, &f) &&
		    community_id_write(&m->community, &f, text))
			scalar_put_text(out, i, (struct str){text, COMMUNITY_ID_CHARS});
		else
			scalar_put_null(out, i);
	}
	pthread_mutex_unlock(&m->lock);
}

static void run_community_word(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	run_community(info, rows, out, true);
}

static void run_community_number(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	run_community(info, rows, out, false);
}

static void run_ip_proto(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	const struct macros *m = duckdb_scalar_function_get_extra_info(info);
	struct scalar_column word = scalar_column(rows, 0);
	int64_t *result = duckdb_vector_get_data(out);
	size_t n = duckdb_data_chunk_get_size(rows);
	for (size_t i = 0; i < n; i++) {
		struct str s = scalar_text(&word, i);
		int number = s.n > 0 ? proto_number(m, s) : -1;
		if (number < 0)
			scalar_put_null(out, i);
		else
			result[i] = number;
	}
}

/* ---- making them known ---- */

// clang-format off
#define TEXT DUCKDB_TYPE_VARCHAR
#define WHOLE DUCKDB_TYPE_BIGINT
static const struct scalar functions[] = {
    {"in_net", {TEXT, TEXT}, DUCKDB_TYPE_BOOLEAN, run_in_net},
    {"is_home", {TEXT}, DUCKDB_TYPE_BOOLEAN, run_is_home},
    {"registered_domain", {TEXT}, TEXT, run_registered},
    {"public_suffix", {TEXT}, TEXT, run_suffix},
    {"reverse_labels", {TEXT}, TEXT, run_reverse},
    {"ip_proto", {TEXT}, WHOLE, run_ip_proto},
    {"host_name", {TEXT}, TEXT, run_host_name},
    {"mac_address", {TEXT}, TEXT, run_mac_address},
};
static const struct scalar community[] = {
    {"community_id", {TEXT, TEXT, WHOLE, WHOLE, TEXT}, TEXT, run_community_word},
    {"community_id", {TEXT, TEXT, WHOLE, WHOLE, TEXT, WHOLE}, TEXT, run_community_word},
    {"community_id", {TEXT, TEXT, WHOLE, WHOLE, WHOLE}, TEXT, run_community_number},
    {"community_id", {TEXT, TEXT, WHOLE, WHOLE, WHOLE, WHOLE}, TEXT, run_community_number},
};
// clang-format on

static int register_all(struct macros *m, duckdb_connection conn, struct error *e)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (scalar_register(conn, &functions[i], 1, m, e) < 0)
			return -1;
	}
	return scalar_register(
	    conn, community, sizeof(community) / sizeof(community[0]), m, e);
}

struct macros *macros_new(
    duckdb_connection conn, const struct config *config, struct error *e)
{
	struct macros *m = calloc(1, sizeof(*m));
	if (m == NULL) {
		error_set(e, ERR_SYSTEM, "no memory for the functions of queries");
		return NULL;
	}
	m->config = config;
	pthread_mutex_init(&m->lock, NULL);
	m->key = hash_key_random();
	list_words(m);
	if (community_id_init(&m->community, e) < 0 || register_all(m, conn, e) < 0) {
		macros_free(m);
		return NULL;
	}
	return m;
}

void macros_free(struct macros *m)
{
	if (m == NULL)
		return;
	community_id_fini(&m->community);
	pthread_mutex_destroy(&m->lock);
	free(m);
}
