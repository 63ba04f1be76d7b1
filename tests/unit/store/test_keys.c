/* SPDX-License-Identifier: Apache-2.0 */
/* Keys beside runs: what was listed is found again; what is too long, damaged or another
 * run's is never believed, and never read past. */
#include "store_lab.h"

#include "base/moment.h"
#include "store/keys.h"

#define KEYS 20000

static char run[PATH_MAX], file[PATH_MAX];

/* Something that begins and ends as a run. */
static void make_run(const char *folder, const char *inside)
{
	struct error e = {0};
	snprintf(run, sizeof(run), "%s/a-00000001-0000.parquet", folder);
	assert_int_equal(keys_path(run, file, &e), 0);
	FILE *f = fopen(run, "w");
	assert_non_null(f);
	fprintf(f, "PAR1 %s", inside);
	fwrite("\4\0\0\0PAR1", 1, 8, f);
	assert_int_equal(fclose(f), 0);
}

static void key_of(unsigned i, char out[static 32])
{
	snprintf(out, 32, "10.%03u.%u", i / 40, i % 40 + 10);
}

static void make_keys(bool listed, const char *more)
{
	struct error e = {0};
	struct keys_writer *w = keys_writer_new(file, listed ? KEYS_ALL : KEYS_ENDS, &e);
	assert_non_null(w);
	for (unsigned i = 0; i < KEYS; i++) {
		char key[32];
		key_of(i, key);
		keys_put(w, NULL, str_of(key));
		keys_put(w, NULL, str_of(key)); /* once all the same */
	}
	if (more != NULL)
		keys_put(w, NULL, str_of(more));
	assert_int_equal(keys_finish(w, run, &e), 0);
}

struct count {
	size_t n;
	char before[KEYS_TEXT_MAX];
	size_t before_n;
};

static int count_one(
    void *ctx, struct str key, const struct keys_place *rows, struct error *e)
{
	struct count *c = ctx;
	(void)e, (void)rows;
	if (c->n > 0)
		assert_true(str_cmp((struct str){c->before, c->before_n}, key) < 0);
	memcpy(c->before, key.p, key.n);
	c->before_n = key.n;
	c->n++;
	return 0;
}

static int open_keys(struct keys *k)
{
	struct error e = {0};
	bool run_bad;
	int there = keys_open(k, run, &run_bad, &e);
	assert_false(run_bad);
	return there;
}

static size_t walk(const struct keys *k, const char *from, const char *to)
{
	struct count c = {0};
	struct error e = {0};
	const struct keys_visit v = {count_one, &c, NULL};
	assert_int_equal(keys_walk(k, str_of(from), str_of(to), &v, &e), 0);
	return c.n;
}

static void what_was_listed_is_found(void **state)
{
	(void)state;
	char *folder = lab_folder();
	struct keys k;
	make_run(folder, "some rows");
	assert_int_equal(open_keys(&k), 0);
	make_keys(true, NULL);
	assert_int_equal(open_keys(&k), 1);
	assert_true(k.listed && k.block_count > 2);
	assert_int_equal(k.count, KEYS);
	assert_int_equal(walk(&k, "", NULL), KEYS);
	assert_int_equal(walk(&k, "10.007.", "10.008."), 40);
	assert_int_equal(walk(&k, "10.007.49", NULL), KEYS - 8 * 40 + 1);
	assert_int_equal(walk(&k, "9", NULL), 0);
	assert_int_equal(walk(&k, "", "10."), 0);
	assert_false(keys_reach(&k, str_of("11"), (struct str){0}));
	keys_close(&k);
	make_keys(false, NULL);
	assert_int_equal(open_keys(&k), 1);
	assert_false(k.listed);
	assert_true(keys_reach(&k, str_of("10.007"), str_of("10.0071")));
	assert_false(keys_reach(&k, str_of("1"), str_of("10.")));
	keys_close(&k);
	lab_done(folder);
}

static void a_key_that_is_too_long_leaves_none_listed(void **state)
{
	(void)state;
	char *folder = lab_folder(), text[KEYS_TEXT_MAX + 2];
	struct keys k;
	make_run(folder, "some rows");
	memset(text, 'x', sizeof(text));
	text[KEYS_TEXT_MAX] = '\0';
	make_keys(true, text);
	assert_int_equal(open_keys(&k), 1);
	assert_int_equal(walk(&k, "x", NULL), 1);
	keys_close(&k);
	text[KEYS_TEXT_MAX] = 'x';
	text[KEYS_TEXT_MAX + 1] = '\0';
	make_keys(true, text);
	assert_int_equal(open_keys(&k), 1);
	assert_false(k.listed);
	assert_true(keys_reach(&k, str_of("zz"), (struct str){0}));
	keys_close(&k);
	lab_done(folder);
}

static void keys_of_another_run_are_not_believed(void **state)
{
	(void)state;
	char *folder = lab_folder();
	struct keys k;
	make_run(folder, "some rows");
	make_keys(true, NULL);
	make_run(folder, "same size");
	assert_int_equal(open_keys(&k), -1);
	make_run(folder, "some rows and more");
	assert_int_equal(open_keys(&k), -1);
	lab_done(folder);
}

/* Each byte changed, and each length cut to, of a file of a few keys. */
static void damage_is_noticed(void **state)
{
	(void)state;
	char *folder = lab_folder(), bytes[4096];
	struct error e = {0};
	struct keys k;
	make_run(folder, "some rows");
	struct keys_writer *w = keys_writer_new(file, KEYS_ALL, &e);
	assert_non_null(w);
	keys_put(w, NULL, STR("192.0.2.1"));
	keys_put(w, NULL, STR("192.0.2.7"));
	assert_int_equal(keys_finish(w, run, &e), 0);
	FILE *f = fopen(file, "r");
	assert_non_null(f);
	size_t n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	for (size_t i = 0; i < 2 * n; i++) {
		struct count c = {0};
		const struct keys_visit v = {count_one, &c, NULL};
		size_t left = i < n ? n : i - n;
		bytes[i % n] = (char)(bytes[i % n] ^ (i < n ? 0x41 : 0));
		f = fopen(file, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(bytes, 1, left, f), left);
		fclose(f);
		bytes[i % n] = (char)(bytes[i % n] ^ (i < n ? 0x41 : 0));
		int there = open_keys(&k);
		if (there > 0) /* a block: found when it is read */
			there = keys_walk(&k, STR(""), (struct str){0}, &v, &e);
		assert_int_equal(there, -1);
		keys_close(&k);
	}
	lab_done(folder);
}

/* ---- rows ---- */

static uint64_t next(uint64_t *x, uint64_t n)
{
	*x = *x * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*x >> 33) % n;
}

#define TEXTS 100

/* Row i of a key, the same whenever it is asked for; texts are in the room. */
static void row_of(unsigned i, char room[static 3][300], struct keys_row *r)
{
	static const char *const words[] = {"tcp", "udp", "icmp", "dns_query", "quic9"};
	static const char *const peers[] = {
	    "10.0.0.", "2001:db8::", "host-", "::", "0.0.0.0", "255.255.255.25"};
	uint64_t x = i * 77 + 5;
	*r = (struct keys_row){.port = (uint16_t)next(&x, 3), .year = 2020 + (int)i / 50};
	unsigned number = (unsigned)next(&x, 4), form = (unsigned)next(&x, 7);
	if (form < 6) {
		bool whole = form == 3 || form == 4;
		snprintf(room[0], 300, "%s%.*u", peers[form], whole ? 0 : 1,
		    whole ? 0 : number + 1);
		r->text = str_of(room[0]);
	}
	if (next(&x, 9) > 0)
		r->word = str_of(words[next(&x, 5)]);
	if (next(&x, 9) > 0) {
		snprintf(room[1], 300, "%*u.example", (int)next(&x, 280) + 1,
		    (unsigned)next(&x, TEXTS));
		r->name = str_of(room[1]);
	}
	r->first = days_from_civil(r->year, 1 + (unsigned)next(&x, 12), 3) * 86400000000 +
		   (int64_t)next(&x, 90000000000); /* also on the day after */
	r->last = r->first + (int64_t)next(&x, 2) * (int64_t)next(&x, 1U << 30);
	r->connections = next(&x, 3);
	r->unanswered = next(&x, 2);
	r->src_bytes = next(&x, 2) ? INT64_MAX : next(&x, 5000);
	r->dst_bytes = next(&x, 300);
	r->missed = next(&x, 2);
	for (unsigned m = 0; m < 12; m++)
		r->days[m] = next(&x, 4) == 0 ? (uint32_t)next(&x, KEYS_DAYS) : 0;
	if (next(&x, 2) == 0) { /* one day, as most are */
		int year;
		unsigned month, day;
		memset(r->days, 0, sizeof(r->days));
		civil_from_days(r->first / 86400000000, &year, &month, &day);
		r->days[month - 1] = 1U << (day - 1);
	}
}

#define ROWS 3000 /* of the second key: several chunks */

struct rows {
	unsigned n;
};

static int same_row(void *ctx, const struct keys_row *row, struct error *e)
{
	struct rows *c = ctx;
	struct keys_row want;
	char room[3][300], text[ADDR_TEXT_MAX];
	(void)e;
	row_of(c->n++, room, &want);
	struct str peer = row->text;
	if (row->is_addr)
		peer = (struct str){text, addr_text(&row->peer, text)};
	assert_true((peer.p == NULL) == (want.text.p == NULL));
	assert_true(str_equal(peer, want.text));
	assert_true((row->word.p == NULL) == (want.word.p == NULL));
	assert_true(str_equal(row->word, want.word));
	assert_true((row->name.p == NULL) == (want.name.p == NULL));
	assert_true(str_equal(row->name, want.name));
	assert_int_equal(row->port, want.port);
	assert_int_equal(row->year, want.year);
	assert_int_equal(row->first, want.first);
	assert_int_equal(row->last, want.last);
	assert_int_equal(row->connections, want.connections);
	assert_int_equal(row->unanswered, want.unanswered);
	assert_int_equal(row->src_bytes, want.src_bytes);
	assert_int_equal(row->dst_bytes, want.dst_bytes);
	assert_int_equal(row->missed, want.missed);
	assert_memory_equal(row->days, want.days, sizeof(row->days));
	return 0;
}

static int read_rows(
    void *ctx, struct str key, const struct keys_place *rows, struct error *e)
{
	struct keys_window w = {0};
	struct rows c = {0};
	const struct keys_row_visit v = {same_row, &c};
	const struct keys *k = ctx;
	assert_int_equal(keys_rows_check(k, rows, &w, e), 0);
	assert_int_equal(keys_rows_walk(k, rows, &w, &v, e), 0);
	assert_int_equal(c.n, str_equal(key, STR("b")) ? ROWS : str_equal(key, STR("c")));
	keys_window_free(&w);
	return 0;
}

static void write_rows(const char *folder, size_t text)
{
	struct error e = {0};
	struct keys_row r;
	char room[3][300], *longest = calloc(1, text + 1);
	assert_non_null(longest);
	make_run(folder, "some rows");
	struct keys_writer *w = keys_writer_new(file, KEYS_ROWS, &e);
	assert_non_null(w);
	keys_put(w, NULL, STR("a")); /* has none */
	keys_put(w, NULL, STR("b"));
	for (unsigned i = 0; i < ROWS; i++) {
		row_of(i, room, &r);
		keys_put_row(w, &r);
	}
	keys_put(w, NULL, STR("c"));
	row_of(0, room, &r);
	memset(longest, 'x', text);
	if (text > 0)
		r.text = (struct str){longest, text};
	keys_put_row(w, &r);
	assert_int_equal(keys_finish(w, run, &e), 0);
	free(longest);
}

static void rows_come_back_as_they_were(void **state)
{
	(void)state;
	struct error e = {0};
	struct keys k;
	char *folder = lab_folder();
	write_rows(folder, 0);
	assert_int_equal(open_keys(&k), 1);
	assert_true(k.listed && k.with_rows);
	assert_true(k.rows > (uint64_t)2 * KEYS_CHUNK);
	const struct keys_visit v = {read_rows, &k, NULL};
	assert_int_equal(keys_walk(&k, STR(""), (struct str){0}, &v, &e), 0);
	keys_close(&k);
	write_rows(folder, KEYS_ROW_TEXT);
	assert_int_equal(open_keys(&k), 1);
	assert_true(k.with_rows);
	keys_close(&k);
	write_rows(folder, KEYS_ROW_TEXT + 1);
	assert_int_equal(open_keys(&k), 1);
	assert_true(k.listed && !k.with_rows);
	keys_close(&k);
	lab_done(folder);
}

/* Those of a list that are there, and no others; also behind a prefix. */
static void a_list_is_joined(void **state)
{
	(void)state;
	char *folder = lab_folder(), text[3 * KEYS / 100][32];
	struct str list[3 * KEYS / 100];
	struct error e = {0};
	struct keys k;
	size_t n = 0;
	make_run(folder, "some rows");
	make_keys(true, NULL);
	assert_int_equal(open_keys(&k), 1);
	for (unsigned i = 0; i < KEYS; i += 100) {
		char key[32];
		key_of(i, key);
		snprintf(text[n], 32, "%s", key + 3);
		snprintf(text[n + 1], 32, "%s", key + 3); /* twice */
		snprintf(text[n + 2], 32, "%s0", key + 3);
		for (size_t j = 0; j < 3; j++, n++)
			list[n] = str_of(text[n]);
	}
	struct count c = {0};
	const struct keys_visit v = {count_one, &c, NULL};
	assert_int_equal(keys_join(&k, STR("10."), list, n, &v, &e), 0);
	assert_int_equal(c.n, KEYS / 100);
	c.n = 0;
	assert_int_equal(keys_join(&k, STR("11."), list, n, &v, &e), 0);
	assert_int_equal(keys_join(&k, STR(""), list, n, &v, &e), 0);
	assert_int_equal(c.n, 0);
	keys_close(&k);
	lab_done(folder);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_listed_is_found),
	    cmocka_unit_test(a_key_that_is_too_long_leaves_none_listed),
	    cmocka_unit_test(keys_of_another_run_are_not_believed),
	    cmocka_unit_test(damage_is_noticed),
	    cmocka_unit_test(rows_come_back_as_they_were),
	    cmocka_unit_test(a_list_is_joined),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
