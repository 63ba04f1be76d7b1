/* SPDX-License-Identifier: Apache-2.0 */
/* Many sources as one stream: rotation, overlap,
 * ties, limits, doubles, standard input. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <xxhash.h>
#include <zlib.h>

#include "input/merge.h"
#include "make.h"

/* A capture file with frames at these seconds. */
static void write_seconds(const char *name, const uint32_t *seconds, size_t n)
{
	struct blob b = pcap_at(seconds, n);
	write_file(name, b.p, b.n);
	blob_free(&b);
}

static void begin_folder(struct run *r, const char *name)
{
	run_begin(r);
	input_add(r->in, at(name));
	input_plan(r->in);
}

static void make_folder(const char *name)
{
	struct error e;
	assert_int_equal(file_make_folders(at(name), &e), 0);
}

static int64_t second_of(const struct run *r, size_t i)
{
	return r->seen.v[i].ts.ns / NS_PER_S;
}

/* The frames of write_seconds hold their second. */
static uint32_t load_second(const struct frame *f)
{
	uint32_t second;
	assert_int_equal(f->captured, sizeof(second));
	memcpy(&second, f->data, sizeof(second));
	return second;
}

/* A capture rotated over 100 files, made and named in no order, is one stream. */
static void rotation(void **state)
{
	(void)state;
	make_folder("rotated/deeper");
	char name[64];
	for (uint32_t k = 0; k < 100; k++) {
		uint32_t i = k * 37 % 100, seconds[10];
		for (uint32_t j = 0; j < 10; j++)
			seconds[j] = 1000 + 10 * i + j;
		const char *folder = i % 3 == 0 ? "rotated/deeper" : "rotated";
		snprintf(name, sizeof(name), "%s/%u.pcap", folder, (i * 61) % 100);
		write_seconds(name, seconds, 10);
	}
	struct run r;
	begin_folder(&r, "rotated");
	assert_int_equal(input_count(r.in), 100);
	assert_true(run_sources(&r));
	assert_int_equal(r.seen.n, 1000);
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(second_of(&r, i), 1000 + i);
		assert_int_equal(r.seen.v[i].source, i / 10);
	}
	for (size_t i = 0; i < 100; i++) {
		const struct input_source *s = input_source(r.in, i);
		assert_int_equal(s->first.ns / NS_PER_S, 1000 + 10 * i);
		assert_int_equal(s->frames, 10);
		assert_true(s->complete);
	}
	assert_int_equal(r.seen.issue_count, 0);
	run_end(&r);
}

/* Random sources, each in order:
 * the result is the one sorted by time, source and place. */
static void overlap(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (unsigned round = 0; round < 20; round++) {
		char folder[64], name[80];
		snprintf(folder, sizeof(folder), "overlap%u", round);
		make_folder(folder);
		size_t all = 0;
		for (unsigned k = 0; k < 1 + round; k++) {
			uint32_t seconds[500], t = k * (round % 4) * 100;
			size_t n = 1 + (seed >> 16) % 500;
			for (size_t i = 0; i < n; i++) {
				seed = seed * 1664525 + 1013904223;
				t += (seed >> 24) % (1 + round % 7);
				seconds[i] = t;
			}
			snprintf(name, sizeof(name), "%s/f%u", folder, k);
			write_seconds(name, seconds, n);
			all += n;
		}
		struct run r;
		begin_folder(&r, folder);
		assert_true(run_sources(&r));
		assert_int_equal(r.seen.n, all);
		for (size_t i = 1; i < all; i++) {
			const struct frame *a = &r.seen.v[i - 1], *b = &r.seen.v[i];
			assert_true(a->ts.ns <= b->ts.ns);
			if (a->ts.ns == b->ts.ns)
				assert_true(a->source <= b->source);
			if (a->source == b->source)
				assert_true(a->offset < b->offset);
			/* The bytes are those of this frame: its second. */
			assert_int_equal(load_second(b), b->ts.ns / NS_PER_S);
		}
		run_end(&r);
	}
}

static void ties_by_natural_order(void **state)
{
	(void)state;
	make_folder("ties");
	const uint32_t t[] = {5, 5};
	write_seconds("ties/cap10", t, 1);
	write_seconds("ties/cap9", t, 2);
	struct run r;
	begin_folder(&r, "ties");
	assert_non_null(strstr(input_source(r.in, 0)->path, "cap9"));
	assert_true(run_sources(&r));
	assert_int_equal(r.seen.v[0].source, 0);
	assert_int_equal(r.seen.v[1].source, 0);
	assert_int_equal(r.seen.v[2].source, 1);
	run_end(&r);
}

static void clock_that_steps(void **state)
{
	(void)state;
	make_folder("steps");
	const uint32_t a[] = {10, 30, 12, 13, 31}, b[] = {20, 40};
	write_seconds("steps/a", a, 5);
	write_seconds("steps/b", b, 2);
	struct run r;
	begin_folder(&r, "steps");
	assert_true(run_sources(&r));
	static const uint32_t want[] = {10, 20, 30, 12, 13, 31, 40};
	assert_int_equal(r.seen.n, 7);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(second_of(&r, i), want[i]);
	run_end(&r);
}

static void too_many_at_once(void **state)
{
	(void)state;
	make_folder("many");
	const unsigned files = MERGE_OPEN_MAX + 50;
	char name[64];
	for (uint32_t i = 0; i < files; i++) {
		const uint32_t seconds[] = {100, 200 + i, 5000 + i};
		snprintf(name, sizeof(name), "many/%u", i);
		write_seconds(name, seconds, 3);
	}
	struct run r;
	begin_folder(&r, "many");
	assert_true(run_sources(&r));
	assert_int_equal(r.seen.n, 3 * files);
	assert_int_equal(r.seen.issue_count, 1);
	assert_int_equal(r.seen.issues[INPUT_OVER_LIMIT], 1);
	assert_non_null(strstr(r.seen.reason, "overlap"));
	for (size_t i = 0; i < files; i++)
		assert_true(input_source(r.in, i)->complete);
	run_end(&r);
}

static void sink_that_stops(void **state)
{
	(void)state;
	make_folder("stops");
	uint32_t seconds[300];
	for (uint32_t i = 0; i < 300; i++)
		seconds[i] = i;
	write_seconds("stops/a", seconds, 300);
	write_seconds("stops/b", seconds + 50, 250);
	struct run r;
	begin_folder(&r, "stops");
	r.seen.stop_after = 100;
	assert_false(run_sources(&r));
	assert_true(r.seen.n >= 100 && r.seen.n < 100 + FRAME_BATCH_MAX);
	assert_false(input_source(r.in, 0)->complete);
	run_end(&r);
}

/* ---- doubles ---- */

static struct blob long_capture(uint32_t frames, uint32_t last)
{
	struct blob b = {0}, noise = {0};
	put_noise(&noise, 1000, 1);
	pcap_head(&b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < frames; i++)
		pcap_frame(&b, 1, i == frames - 1 ? last : 0, noise.p, 1000);
	blob_free(&noise);
	return b;
}

static size_t skipped(const struct run *r)
{
	size_t n = 0;
	for (size_t i = 0; i < input_count(r->in); i++)
		n += input_source(r->in, i)->skipped;
	return n;
}

static void same_bytes(void **state)
{
	(void)state;
	make_folder("same");
	struct blob a = long_capture(200, 1), b = long_capture(200, 2);
	struct blob c = long_capture(201, 1);
	write_file("same/a", a.p, a.n);
	write_file("same/a-again", a.p, a.n);
	write_file("same/b", b.p, b.n); /* the same length and first 64 KiB */
	write_file("same/c", c.p, c.n); /* the same first 64 KiB */
	gzFile z = gzopen(at("same/a.gz"), "wb");
	assert_non_null(z);
	assert_int_equal(gzwrite(z, a.p, (unsigned)a.n), a.n);
	assert_int_equal(gzclose(z), Z_OK);
	struct run r;
	begin_folder(&r, "same");
	assert_int_equal(input_count(r.in), 5);
	assert_int_equal(skipped(&r), 2);
	assert_true(run_sources(&r));
	assert_int_equal(r.seen.n, 200 + 200 + 201);
	/* The first in the order of reading stays. */
	assert_false(input_source(r.in, 0)->skipped);
	assert_string_equal(input_source(r.in, 0)->path, at("same/a"));
	XXH128_hash_t h = XXH3_128bits_withSecret(a.p, a.n, secret, sizeof(secret));
	struct digest d = input_source(r.in, 0)->whole;
	assert_true(d.high == h.high64 && d.low == h.low64);
	run_end(&r);
	blob_free(&a);
	blob_free(&b);
	blob_free(&c);
}

static void same_file(void **state)
{
	(void)state;
	make_folder("links");
	const uint32_t t[] = {1, 2};
	char other[256];
	write_seconds("links/a", t, 2);
	snprintf(other, sizeof(other), "%s", at("links/a"));
	assert_int_equal(link(other, at("links/hard")), 0);
	assert_int_equal(symlink("a", at("links/soft")), 0);
	struct run r;
	run_begin(&r);
	input_add(r.in, at("links"));
	input_add(r.in, at("links/a"));
	input_plan(r.in);
	assert_int_equal(input_count(r.in), 4);
	assert_int_equal(skipped(&r), 3);
	assert_true(run_sources(&r));
	assert_int_equal(r.seen.n, 2);
	assert_int_equal(r.seen.issue_count, 0);
	run_end(&r);
}

static void skip_digest_progress(void **state)
{
	(void)state;
	make_folder("skip");
	const uint32_t t[] = {1, 2, 3};
	write_seconds("skip/a", t, 3);
	write_seconds("skip/b", t + 1, 2);
	struct run r;
	begin_folder(&r, "skip");
	assert_true(input_digest(r.in, 0));
	struct blob b = pcap_at(t, 3);
	XXH128_hash_t h = XXH3_128bits_withSecret(b.p, b.n, secret, sizeof(secret));
	assert_true(input_source(r.in, 0)->whole.high == h.high64);
	assert_true(input_source(r.in, 0)->whole.low == h.low64);
	input_skip(r.in, 0);
	uint64_t done, all;
	input_progress(r.in, &done, &all);
	assert_int_equal(done, 0);
	assert_int_equal(all, 24 + 2 * 20);
	assert_true(run_sources(&r));
	input_progress(r.in, &done, &all);
	assert_int_equal(done, all);
	assert_int_equal(r.seen.n, 2);
	assert_int_equal(r.seen.v[0].source, 1);
	run_end(&r);
	blob_free(&b);
}

/* ---- what can be read only once ---- */

static pid_t write_slowly(int d, const struct blob *b)
{
	pid_t child = fork();
	if (child != 0)
		return child;
	for (size_t i = 0; i < b->n;) {
		size_t part = b->n - i < 7777 ? b->n - i : 7777;
		ssize_t n = write(d, b->p + i, part);
		if (n <= 0)
			_exit(1);
		i += (size_t)n;
	}
	_exit(0);
}

static void standard_input(void **state)
{
	(void)state;
	struct blob b = long_capture(3000, 9);
	int pipes[2], before = dup(0);
	assert_int_equal(pipe(pipes), 0);
	pid_t child = write_slowly(pipes[1], &b);
	close(pipes[1]);
	assert_true(dup2(pipes[0], 0) == 0);
	close(pipes[0]);
	const uint32_t t[] = {0, 2};
	write_seconds("beside", t, 2);
	struct run r;
	run_begin(&r);
	input_add(r.in, "-");
	input_add(r.in, at("beside"));
	input_plan(r.in);
	const struct input_source *s = input_source(r.in, 1);
	assert_string_equal(s->path, "-");
	assert_int_equal(s->first.ns, NS_PER_S);
	assert_int_equal(s->size, 0);
	uint64_t done, all;
	input_progress(r.in, &done, &all);
	assert_int_equal(all, 0);
	assert_false(input_digest(r.in, 1));
	assert_true(run_sources(&r));
	assert_int_equal(r.seen.n, 3002);
	assert_int_equal(r.seen.v[0].source, 0);
	for (size_t i = 1; i <= 3000; i++)
		assert_int_equal(r.seen.v[i].source, 1);
	XXH128_hash_t h = XXH3_128bits_withSecret(b.p, b.n, secret, sizeof(secret));
	assert_true(s->whole.high == h.high64 && s->whole.low == h.low64);
	assert_true(s->complete);
	run_end(&r);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(dup2(before, 0) == 0);
	close(before);
	blob_free(&b);
}

static void named_pipe(void **state)
{
	(void)state;
	struct blob b = long_capture(500, 9);
	assert_int_equal(mkfifo(at("fifo"), 0600), 0);
	pid_t child = fork();
	if (child == 0) {
		int d = open(at("fifo"), O_WRONLY);
		_exit(waitpid(write_slowly(d, &b), NULL, 0) > 0 ? 0 : 1);
	}
	struct run r;
	run_begin(&r);
	input_add(r.in, at("fifo"));
	input_plan(r.in);
	assert_true(run_sources(&r));
	assert_int_equal(r.seen.n, 500);
	assert_int_equal(r.seen.issue_count, 0);
	run_end(&r);
	assert_int_equal(waitpid(child, NULL, 0), child);
	blob_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rotation),
	    cmocka_unit_test(overlap),
	    cmocka_unit_test(ties_by_natural_order),
	    cmocka_unit_test(clock_that_steps),
	    cmocka_unit_test(too_many_at_once),
	    cmocka_unit_test(sink_that_stops),
	    cmocka_unit_test(same_bytes),
	    cmocka_unit_test(same_file),
	    cmocka_unit_test(skip_digest_progress),
	    cmocka_unit_test(standard_input),
	    cmocka_unit_test(named_pipe),
	};
	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
