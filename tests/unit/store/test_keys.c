/* SPDX-License-Identifier: Apache-2.0 */
/* Keys beside runs: what was listed is found again; what is too long, damaged or another
 * run's is never believed, and never read past. */
#include "store_lab.h"

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
	struct keys_writer *w = keys_writer_new(file, listed, &e);
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

static int count_one(void *ctx, struct str key, struct error *e)
{
	struct count *c = ctx;
	(void)e;
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
	const struct keys_visit v = {count_one, &c};
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
	struct keys_writer *w = keys_writer_new(file, true, &e);
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
		const struct keys_visit v = {count_one, &c};
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_listed_is_found),
	    cmocka_unit_test(a_key_that_is_too_long_leaves_none_listed),
	    cmocka_unit_test(keys_of_another_run_are_not_believed),
	    cmocka_unit_test(damage_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
