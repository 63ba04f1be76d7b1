/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers against a count done here, by hand, over random connections: addresses,
 * networks, names, spans; few at once and many; from the roll-ups and the plain rows.
 */
#include "../store/store_lab.h"

#include <ftw.h>

#include "ask/ask.h"
#include "ask/ask_match.h"
#include "feed/indicator.h"
#include "store/coverage.h"
#include "store/keys.h"
#include "store/keys_form.h"
#include "store/memory.h"

#define CONNS 2000
#define NAMES 12
#define DAYS  900 /* over four calendar years */

static const char *const names[NAMES] = {"a.example", "b.a.example", "c.b.a.example",
    "a-b.example", "xa.example", "example", "a.example.org", "a.b", "b", "www.a.b",
    "a.example-x", "z.a.example"};

struct truth {
	struct conn_record conn[CONNS];
	char src[CONNS][ADDR_TEXT_MAX], dst[CONNS][ADDR_TEXT_MAX];
};

static unsigned pick(uint64_t *x, unsigned n)
{
	*x = *x * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(*x >> 33) % n;
}

static struct addr random_addr(uint64_t *x)
{
	uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8};
	if (pick(x, 4) > 0)
		return lab_v4(pick(x, 2) ? 10 : 198, (uint8_t)pick(x, 3),
		    (uint8_t)pick(x, 4), (uint8_t)(1 + pick(x, 3) * 99));
	v6[5] = (uint8_t)pick(x, 2);
	v6[7] = (uint8_t)pick(x, 2);
	v6[15] = (uint8_t)(1 + pick(x, 3));
	return addr_from_v6(v6);
}

static void make(struct truth *t, struct store *s, uint64_t seed)
{
	uint64_t x = seed;
	for (int part = 0; part < 4; part++) {
		lab_begin(s);
		struct record_sink sink = store_sink(s);
		for (int i = part * CONNS / 4; i < (part + 1) * CONNS / 4; i++) {
			struct conn_record *r = &t->conn[i];
			*r = lab_conn((int)pick(&x, DAYS), pick(&x, 86400), 1);
			r->src_ip = random_addr(&x);
			r->dst_ip = random_addr(&x);
			r->duration = pick(&x, 20) == 0 ? pick(&x, 200000) : 0;
			r->dst_port = (uint16_t)(pick(&x, 2) ? 443 : 80);
			r->src_bytes = pick(&x, 1000);
			r->dst_bytes = pick(&x, 1000);
			r->dst_packets = pick(&x, 3);
			if (pick(&x, 2))
				r->server_name = str_of(names[pick(&x, NAMES)]);
			addr_text(&r->src_ip, t->src[i]);
			addr_text(&r->dst_ip, t->dst[i]);
			record_put(&sink, RECORD_CONN, r);
		}
		lab_commit(s);
	}
}

/* ---- counting by hand ---- */

struct count {
	uint64_t connections, src_bytes, dst_bytes, unanswered;
	uint32_t days;
	int64_t first, last; /* microseconds */
	bool day[DAYS + 8];
};

static bool is_below(const char *name, struct str of)
{
	size_t n = strlen(name);
	return n >= of.n && memcmp(name + n - of.n, of.p, of.n) == 0 &&
	       (n == of.n || name[n - of.n - 1] == '.');
}

static bool meets(const struct truth *t, int i, const struct indicator *in, bool *by_dst)
{
	const struct conn_record *r = &t->conn[i];
	*by_dst = true;
	switch ((int)in->kind) {
	case INDICATOR_ADDRESS:
	case INDICATOR_NETWORK:
		*by_dst = ask_net_holds(&in->net, &r->dst_ip);
		return *by_dst || ask_net_holds(&in->net, &r->src_ip);
	default:
		return r->server_name.p != NULL && is_below(r->server_name.p, in->value);
	}
}

/* Add a connection that meets the indicator, as far as it lies in days [from, to). */
static void add(
    struct count *c, const struct conn_record *r, bool by_dst, int from, int to)
{
	int64_t first = moment_us(r->ts);
	int64_t last = first + (int64_t)(r->duration > 0 ? r->duration * 1e6 : 0);
	int begun = (int)(moment_day(r->ts) - LAB_DAY);
	int end = (int)(last / 86400000000 - LAB_DAY);
	bool any = false;
	for (int d = begun; d <= end; d++) {
		if (d < from || d >= to)
			continue;
		any = true;
		c->days += !c->day[d];
		c->day[d] = true;
	}
	if (!any)
		return;
	int64_t least = (LAB_DAY + (int64_t)from) * 86400000000;
	int64_t most = (LAB_DAY + (int64_t)to) * 86400000000 - 1;
	first = first < least ? least : first;
	last = last > most ? most : last;
	c->first = first < c->first ? first : c->first;
	c->last = last > c->last ? last : c->last;
	if (begun < from)
		return;
	c->connections++;
	c->unanswered += r->dst_packets == 0;
	c->src_bytes += by_dst ? r->src_bytes : r->dst_bytes;
	c->dst_bytes += by_dst ? r->dst_bytes : r->src_bytes;
}

static void count(
    const struct truth *t, const struct indicator *in, int from, int to, struct count *c)
{
	bool by_dst;
	*c = (struct count){.first = INT64_MAX, .last = INT64_MIN};
	for (int i = 0; i < CONNS; i++) {
		if (meets(t, i, in, &by_dst))
			add(c, &t->conn[i], by_dst, from, to);
	}
}

/* ---- asking ---- */

static void add_words(struct indicators *set, int absent)
{
	static const char *const words[] = {"198.0.0.1", "198.1.2.100", "10.0.3.199",
	    "203.0.113.1", "2001:db8::1", "2001:db8:1::1", "198.0.0.0/8", "198.1.0.0/16",
	    "198.1.2.0/23", "0.0.0.0/0", "::/0", "2001:db8:1::/48", "2001:db8::/47",
	    "10.0.0.0/9", "name:a.example", "name:b.a.example", "name:example", "name:b",
	    "name:nobody.example"};
	const char *why;
	char word[64];
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_true(indicators_add_word(set, words[i], &why));
	for (int i = 0; i < absent; i++) {
		snprintf(word, sizeof(word), "host%d.absent.test", i);
		assert_true(indicators_add_word(set, word, &why));
	}
}

/* Of names, what a year that is cut holds is known by the day only. */
static void check(const struct indicator *in, const struct ask_answer *a,
    const struct count *c, bool cut)
{
	bool name = in->kind == INDICATOR_NAME;
	if (c->days == 0) {
		assert_int_equal(a->state, ASK_NO);
		return;
	}
	assert_int_equal(a->state, ASK_YES);
	assert_int_equal(a->t.days, c->days);
	if (name && cut) {
		assert_true(a->t.connections >= c->connections);
		assert_int_equal(
		    moment_us(a->t.first) / 86400000000, c->first / 86400000000);
		return;
	}
	assert_int_equal(moment_us(a->t.first), c->first);
	assert_int_equal(moment_us(a->t.last), c->last);
	assert_int_equal(a->t.connections, c->connections);
	assert_int_equal(a->t.bytes_out, c->src_bytes);
	assert_int_equal(a->t.bytes_in, c->dst_bytes);
	if (!name)
		assert_int_equal(a->t.unanswered, c->unanswered);
	uint64_t connections = 0;
	for (size_t i = 0; i < a->host_count; i++)
		connections += a->hosts[i].t.connections;
	assert_int_equal(connections, c->connections);
}

/* Figures only are those of the whole answers to the question. */
static void check_figures(struct store *s, struct ask_question q, const struct ask *whole)
{
	struct error e = {0};
	q.figures = true;
	struct ask *figures = ask_run(s, &q, &e);
	assert_non_null(figures);
	for (size_t i = 0; i < indicators_count(q.set); i++) {
		const struct ask_answer *x = ask_answer(whole, i);
		const struct ask_answer *y = ask_answer(figures, i);
		assert_int_equal(x->state, y->state);
		assert_int_equal(x->t.first.ns, y->t.first.ns);
		assert_int_equal(x->t.last.ns, y->t.last.ns);
		assert_int_equal(x->t.how, y->t.how);
		assert_int_equal(x->t.days, y->t.days);
		assert_int_equal(x->t.connections, y->t.connections);
		assert_int_equal(x->t.shown, y->t.shown);
		assert_int_equal(x->t.bytes_out, y->t.bytes_out);
		assert_int_equal(x->t.bytes_in, y->t.bytes_in);
		assert_int_equal(x->host_count, y->host_count);
		assert_int_equal(x->more_hosts, y->more_hosts);
	}
	ask_free(figures);
}

/* The same with somebody at home. */
static void check_figures_at_home(struct store *s)
{
	struct net home;
	struct error e = {0};
	struct indicators *set = indicators_new();
	assert_non_null(set);
	add_words(set, 1500);
	assert_true(net_parse("10.0.0.0/8", &home));
	struct ask_question q = {.set = set,
	    .since = MOMENT_NONE,
	    .until = MOMENT_NONE,
	    .home = &home,
	    .homes = 1};
	struct ask *whole = ask_run(s, &q, &e);
	assert_non_null(whole);
	check_figures(s, q, whole);
	ask_free(whole);
	indicators_free(set);
}

/* How many files of keys could not be used. */
static size_t ask_all(
    const struct truth *t, struct store *s, int absent, int from, int to, bool raw)
{
	struct error e = {0};
	struct indicators *set = indicators_new();
	struct count *c = malloc(sizeof(*c));
	assert_non_null(set);
	assert_non_null(c);
	add_words(set, absent);
	bool cut = from > 0 || to < DAYS + 8;
	struct ask_question q = {
	    .set = set, .since = MOMENT_NONE, .until = MOMENT_NONE, .raw = raw};
	if (from > 0)
		q.since = moment_from((LAB_DAY + (int64_t)from) * 86400, 0);
	if (to < DAYS + 8)
		q.until = moment_from((LAB_DAY + (int64_t)to) * 86400, 0);
	struct ask *a = ask_run(s, &q, &e);
	if (a == NULL)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < indicators_count(set); i++) {
		struct indicator in;
		indicators_get(set, i, &in);
		count(t, &in, from, to, c);
		check(&in, ask_answer(a, i), c, cut);
	}
	if (!raw) /* slow */
		check_figures(s, q, a);
	size_t damaged = ask_damage(a, &e);
	if (damaged > 0 && strstr(e.text, ".keys is damaged") == NULL &&
	    strstr(e.text, ".keys: a block of keys is damaged") == NULL &&
	    strstr(e.text, ".keys: the rows of a key are damaged") == NULL)
		fail_msg("%s", e.text);
	ask_free(a);
	indicators_free(set);
	free(c);
	return damaged;
}

static void answers_are_those_of_a_plain_count(void **state)
{
	(void)state;
	static const int spans[][2] = {{0, DAYS + 8}, {48, 414}, {47, 48}, {0, 300},
	    {415, DAYS + 8}, {100, 131}, {60, 800}};
	char *path = lab_folder();
	struct truth *t = calloc(1, sizeof(*t));
	struct store *s = lab_open(path, STORE_WRITE);
	assert_non_null(t);
	make(t, s, 1);
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		ask_all(t, s, 0, spans[i][0], spans[i][1], false);
		if (i % 3 == 0) /* many are looked for in another way */
			ask_all(t, s, 1500, spans[i][0], spans[i][1], false);
		if (i < 2) /* slow: they are made of the plain rows */
			ask_all(t, s, 0, spans[i][0], spans[i][1], true);
	}
	check_figures_at_home(s);
	store_close(s);
	free(t);
	lab_done(path);
}

/* ---- keys beside runs ---- */

#define KEYS_FILES_MAX 512

static char keys_files[KEYS_FILES_MAX][PATH_MAX];
static size_t keys_count;

static int note_keys(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)at;
	size_t n = strlen(path);
	if (type == FTW_F && n > 5 && strcmp(path + n - 5, KEYS_SUFFIX) == 0) {
		assert_true(keys_count < KEYS_FILES_MAX);
		snprintf(keys_files[keys_count++], PATH_MAX, "%s", path);
	}
	return 0;
}

static size_t find_keys(const char *path)
{
	keys_count = 0;
	assert_int_equal(nftw(path, note_keys, 16, FTW_PHYS), 0);
	return keys_count;
}

/* A memory of runs: each of four parts is rolled up by itself. */
static struct store *make_runs(struct truth *t, const char *path)
{
	struct error e = {0};
	struct store *s = lab_open(path, STORE_WRITE);
	make(t, s, 1);
	while (memory_roll(s, true, &e) > 0)
		continue;
	assert_int_equal(store_tidy(s, &e), 0);
	return s;
}

/* Few and many indicators; whole years, and days and months at both ends. How many files
 * could not be used, at most in one of these. */
static size_t ask_runs(const struct truth *t, const char *path)
{
	size_t most = 0;
	for (int i = 0; i < 4; i++) {
		struct store *s = lab_open(path, STORE_READ);
		size_t n = ask_all(t, s, i % 2 == 0 ? 0 : 1500, i < 2 ? 0 : 48,
		    i < 2 ? DAYS + 8 : 414, false);
		most = n > most ? n : most;
		store_close(s);
	}
	return most;
}

static void tidy(const char *path)
{
	struct error e = {0};
	struct store *s = lab_open(path, STORE_WRITE);
	assert_int_equal(store_tidy(s, &e), 0);
	store_close(s);
}

/* Change a byte of a file: in the middle, or at the end when at is negative. */
static void spoil(const char *path, long at)
{
	FILE *f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, at < 0 ? SEEK_END : SEEK_SET), 0);
	int c = fgetc(f);
	assert_int_equal(fseek(f, at, at < 0 ? SEEK_END : SEEK_SET), 0);
	assert_int_equal(fputc(c ^ 0x21, f), c ^ 0x21);
	assert_int_equal(fclose(f), 0);
}

/* Change a byte of the rows, at their beginning (0) or in the middle (1), of the first
 * block (2), or of the sums in the middle (3), where there are any. */
static void spoil_inside(const char *path, int where)
{
	uint8_t head[KEYS_HEAD];
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(head, 1, sizeof(head), f), sizeof(head));
	fclose(f);
	long rows = (long)load_le64(head + 56), sums = (long)load_le64(head + 64);
	const long at[] = {3, rows / 2, rows + sums + 3, rows + sums / 2};
	bool there[] = {rows > 0, rows > 0, load_le32(head + 40) > 0, sums > 0};
	if (there[where])
		spoil(path, KEYS_HEAD + at[where]);
}

static void answers_need_no_keys_and_believe_no_wrong_ones(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct truth *t = calloc(1, sizeof(*t));
	assert_non_null(t);
	store_close(make_runs(t, path));
	size_t all = find_keys(path);
	assert_true(all > 20);
	assert_int_equal(ask_runs(t, path), 0);
	/* Lost: slower, and no word about it; the next writer makes them. */
	for (size_t i = 0; i < all; i++)
		assert_int_equal(unlink(keys_files[i]), 0);
	assert_int_equal(ask_runs(t, path), 0);
	tidy(path);
	assert_int_equal(find_keys(path), all);
	assert_int_equal(ask_runs(t, path), 0);
	/* Damaged, in the head or in the directory at the end. */
	for (size_t i = 0; i < all; i++)
		spoil(keys_files[i], i % 2 == 0 ? 40 : -2);
	assert_true(ask_runs(t, path) > 0);
	tidy(path);
	assert_int_equal(ask_runs(t, path), 0);
	/* Rows, of the first key or of one in the middle, then a block: found when they
	 * are read, and what was read until then counts once. */
	for (int where = 0; where < 3; where++) {
		for (size_t i = 0; i < all; i++)
			spoil_inside(keys_files[i], where);
		assert_true(ask_runs(t, path) > 0);
		for (size_t i = 0; i < all; i++)
			assert_int_equal(unlink(keys_files[i]), 0);
		tidy(path);
	}
	/* Of damaged sums nobody needs to hear: there are the rows. */
	find_keys(path);
	for (size_t i = 0; i < all; i++)
		spoil_inside(keys_files[i], 3);
	assert_int_equal(ask_runs(t, path), 0);
	/* Each with the keys of another. */
	find_keys(path);
	for (size_t i = 0; i + 1 < all; i += 2) {
		char aside[PATH_MAX];
		snprintf(aside, sizeof(aside), "%s/aside", path);
		assert_int_equal(rename(keys_files[i], aside), 0);
		assert_int_equal(rename(keys_files[i + 1], keys_files[i]), 0);
		assert_int_equal(rename(aside, keys_files[i + 1]), 0);
	}
	assert_true(ask_runs(t, path) > 0);
	tidy(path);
	assert_int_equal(ask_runs(t, path), 0);
	free(t);
	lab_done(path);
}

/* ---- matching ---- */

static void every_address_of_a_network_lies_in_its_range_of_texts(void **state)
{
	(void)state;
	static const char *const nets[] = {"10.0.0.0/8", "10.1.0.0/15", "0.0.0.0/0",
	    "198.51.100.128/25", "198.51.100.7/32", "2001:db8::/32", "2001:db8:0:1::/64",
	    "2001::/16", "::/0", "fe80::/10", "2001:db8:1:2:3:4:5:0/112"};
	uint64_t x = 7;
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		struct net net;
		char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX];
		assert_true(net_parse(nets[i], &net));
		ask_net_range(&net, from, to);
		for (int k = 0; k < 2000; k++) {
			struct addr a = net.addr;
			for (unsigned bit = net.bits; bit < 128; bit++) {
				if (pick(&x, 3) == 0)
					a.b[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
			}
			addr_text(&a, text);
			if (!ask_net_holds(&net, &a))
				continue;
			if (strcmp(text, from) < 0 ||
			    (to[0] != '\0' && strcmp(text, to) >= 0))
				fail_msg(
				    "%s of %s is outside %s %s", text, nets[i], from, to);
		}
	}
}

static void names_are_reversed_by_their_labels(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"www.example.com", "com.example.www"},
	    {"a", "a"}, {"", ""}, {"a..b", "b..a"}, {".a", "a."}, {"a.", ".a"}};
	struct arena a;
	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_true(str_equal(
		    ask_reversed(&a, str_of(pairs[i][0])), str_of(pairs[i][1])));
	arena_fini(&a);
}

/* ---- coverage ---- */

static void watch(const struct record_sink *sink, int64_t minute, uint64_t drops)
{
	struct watch_record w;
	record_clear(RECORD_WATCH, &w);
	w.ts = moment_from((int64_t)LAB_DAY * 86400 + minute * 60, 0);
	w.sensor = STR("hq");
	w.kind = STR("packets");
	w.packets = 10;
	w.drops = drops;
	record_put(sink, RECORD_WATCH, &w);
}

static void coverage_counts_minutes_gaps_and_losses(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct error e = {0};
	struct coverage c;
	struct store *s = lab_open(path, STORE_WRITE);
	assert_int_equal(coverage_read(s, MOMENT_NONE, MOMENT_NONE, NULL, &c, &e), 0);
	assert_int_equal(c.from.ns, MOMENT_NONE.ns);
	lab_begin(s);
	struct record_sink sink = store_sink(s);
	for (int64_t m = 0; m < 100; m++)
		watch(&sink, m, m == 50 ? 5 : 0);
	for (int64_t m = 300; m < 310; m++) /* 200 minutes of nothing before */
		watch(&sink, m, 0);
	lab_commit(s);
	assert_int_equal(coverage_read(s, MOMENT_NONE, MOMENT_NONE, NULL, &c, &e), 0);
	assert_int_equal(c.minutes, 310);
	assert_int_equal(c.watched, 110);
	assert_int_equal(c.drops, 5);
	assert_int_equal(c.gaps_all, 1);
	assert_int_equal(c.gap_minutes, 200);
	assert_int_equal(moment_diff(c.gaps[0].from, c.gaps[0].to), 200 * 60 * NS_PER_S);
	assert_int_equal(c.hours, 6);
	assert_int_equal(c.hours_watched, 3);
	/* A span that begins before and ends after: what lies outside was not watched. */
	struct moment day = moment_from((int64_t)LAB_DAY * 86400, 0);
	assert_int_equal(coverage_read(s, moment_add(day, -NS_PER_DAY),
			     moment_add(day, NS_PER_DAY), NULL, &c, &e),
	    0);
	assert_int_equal(c.minutes, 2880);
	assert_int_equal(c.watched, 110);
	assert_int_equal(c.gaps_all, 3);
	assert_int_equal(c.gap_minutes, 2880 - 110);
	store_close(s);
	lab_done(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_are_those_of_a_plain_count),
	    cmocka_unit_test(answers_need_no_keys_and_believe_no_wrong_ones),
	    cmocka_unit_test(every_address_of_a_network_lies_in_its_range_of_texts),
	    cmocka_unit_test(names_are_reversed_by_their_labels),
	    cmocka_unit_test(coverage_counts_minutes_gaps_and_losses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
