/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mangle [--cuts N] [--flips N] [--seed S] PATH...: every file below the
 * paths, cut at N random offsets and with random bytes flipped N times, goes
 * through the whole pipeline. What must hold: no crash, no sanitizer report,
 * no run over 10 seconds, bounded memory. Prints a line with the counts; a
 * run that is too slow names its file, kind, number and seed and aborts.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/pipeline.h"

#define SECONDS_A_RUN 10
#define FILE_MAX      (64u << 20)

struct mangle {
	unsigned cuts, flips;
	uint64_t random; /* xorshift64 state */
	uint64_t files, runs, records, issues;
	char now[512]; /* what is running, for the alarm */
};

static struct mangle mangle = {.cuts = 3, .flips = 3, .random = 88172645463325252ULL};

static void too_slow(int signal_number)
{
	(void)signal_number;
	static const char says[] = "mangle: over 10 seconds: ";
	if (write(STDERR_FILENO, says, sizeof(says) - 1) < 0 ||
	    write(STDERR_FILENO, mangle.now, strlen(mangle.now)) < 0 ||
	    write(STDERR_FILENO, "\n", 1) < 0)
		_exit(3);
	_exit(2);
}

static uint64_t next_random(void)
{
	uint64_t x = mangle.random;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return mangle.random = x;
}

static void count_record(void *ctx, enum record_type type, const void *record)
{
	(void)ctx, (void)type, (void)record;
	mangle.records++;
}

static void count_issue(void *ctx, const struct input_issue *issue)
{
	(void)ctx;
	if (issue->reason == NULL || issue->reason[0] == '\0' || issue->path == NULL)
		abort();
	mangle.issues++;
}

/* Feed the n bytes at p to the pipeline as a file. */
static void feed(const uint8_t *p, size_t n)
{
	static const uint8_t secret[INPUT_SECRET_BYTES];
	struct issue_sink issues = {count_issue, NULL};
	struct record_sink records = {count_record, NULL};
	char path[64];
	int fd = memfd_create("mangled", 0);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	alarm(SECONDS_A_RUN);
	struct input *in = input_new(secret, &issues);
	input_add(in, path);
	input_plan(in);
	struct pipeline *pipeline = pipeline_new(in, "local", &records, NULL, NULL);
	struct frame_sink frames = pipeline_frame_sink(pipeline);
	input_run(in, &frames);
	pipeline_finish(pipeline);
	pipeline_free(pipeline);
	input_free(in);
	alarm(0);
	close(fd);
	mangle.runs++;
}

static void mangle_bytes(const char *path, uint8_t *bytes, size_t n)
{
	for (unsigned i = 0; i < mangle.cuts; i++) {
		size_t cut = next_random() % n;
		snprintf(mangle.now, sizeof(mangle.now), "%s cut at %zu", path, cut);
		feed(bytes, cut);
	}
	uint8_t *copy = malloc(n);
	for (unsigned i = 0; i < mangle.flips; i++) {
		memcpy(copy, bytes, n);
		size_t flips = 1 + next_random() % (1 + n / 500);
		for (size_t k = 0; k < flips; k++)
			copy[next_random() % n] ^= (uint8_t)(1 + next_random() % 255);
		snprintf(
		    mangle.now, sizeof(mangle.now), "%s with flips, round %u", path, i);
		feed(copy, n);
	}
	free(copy);
}

static void mangle_file(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0 || st.st_size > FILE_MAX) {
		if (fd >= 0)
			close(fd);
		return;
	}
	size_t n = (size_t)st.st_size;
	uint8_t *bytes = malloc(n);
	if (read(fd, bytes, n) == (ssize_t)n) {
		mangle.files++;
		snprintf(mangle.now, sizeof(mangle.now), "%s whole", path);
		feed(bytes, n);
		mangle_bytes(path, bytes, n);
	}
	free(bytes);
	close(fd);
}

static void walk(const char *path)
{
	DIR *d = opendir(path);
	if (d == NULL) {
		mangle_file(path);
		return;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		char inside[4096];
		/* truth/ holds what others say of the captures,
		 * logs/ and flow/ no packets. */
		if (e->d_name[0] == '.' || strcmp(e->d_name, "truth") == 0 ||
		    strcmp(e->d_name, "logs") == 0 || strcmp(e->d_name, "flow") == 0)
			continue;
		int n = snprintf(inside, sizeof(inside), "%s/%s", path, e->d_name);
		if (n > 0 && (size_t)n < sizeof(inside))
			walk(inside);
	}
	closedir(d);
}

int main(int argc, char **argv)
{
	signal(SIGALRM, too_slow);
	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;
		if (strcmp(argv[i], "--cuts") == 0 && more)
			mangle.cuts = (unsigned)atoi(argv[++i]);
		else if (strcmp(argv[i], "--flips") == 0 && more)
			mangle.flips = (unsigned)atoi(argv[++i]);
		else if (strcmp(argv[i], "--seed") == 0 && more)
			mangle.random ^=
			    (uint64_t)atoll(argv[++i]) * 0x9e3779b97f4a7c15ULL;
		else
			walk(argv[i]);
	}
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	printf("%llu files, %llu runs, %llu records, %llu issues, peak %ld MiB\n",
	    (unsigned long long)mangle.files, (unsigned long long)mangle.runs,
	    (unsigned long long)mangle.records, (unsigned long long)mangle.issues,
	    use.ru_maxrss / 1024);
	return mangle.files > 0 ? 0 : 1;
}
