/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mangle [--cuts N] [--flips N] [--seed S] [--memory MIB] PATH...: every file below the
 * paths, whole, cut at N random offsets and with random bytes changed N times, each also
 * once compressed (gzip, zstd or xz) and then cut or changed inside the compressed bytes,
 * goes through the whole pipeline as one file. What must hold: no crash, no sanitizer
 * report, no run over 10 seconds, bounded memory, clean records, an issue with a path and
 * a reason for whatever is left unread.
 *
 * Prints a line with the counts. What fails is named with its kind and offset and aborts;
 * with the same seed and counts the file alone fails again, as its random numbers begin
 * with its name.
 */
#include <dirent.h>
#include <fcntl.h>
#include <lzma.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "cmd/pipeline.h"

#define SECONDS_A_RUN 10
#define FILE_MAX      (64u << 20)
#define PCAP_HEAD     24u /* bytes before the first frame of a pcap file ... */
#define FRAME_HEAD    16u /* ... and before each frame's own bytes */

struct mangle {
	unsigned cuts, flips;
	uint64_t seed;
	long memory_mib; /* 0: not tested */
	uint64_t random; /* xorshift64 state */
	uint64_t files, runs, records, issues;
	long peak_kib;
	double slowest;
	char now[4200]; /* what is running */
	char peak_at[4200], slowest_at[4200];
};

static struct mangle mangle = {.cuts = 3, .flips = 3};

static void too_slow(int signal_number)
{
	(void)signal_number;
	static const char says[] = "mangle: over 10 seconds: ";
	if (write(STDERR_FILENO, says, sizeof(says) - 1) < 0 ||
	    write(STDERR_FILENO, mangle.now, strlen(mangle.now)) < 0 ||
	    write(STDERR_FILENO, "\n", 1) < 0)
		_exit(3);
	abort();
}

static void fail(const char *what)
{
	fprintf(stderr, "mangle: %s: %s\n", what, mangle.now);
	abort();
}

static uint64_t next_random(void)
{
	uint64_t x = mangle.random;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return mangle.random = x;
}

/* Begin the random numbers of a file: they follow from the seed and its name alone. */
static void begin_random(const char *path)
{
	mangle.random = 88172645463325252ULL + mangle.seed;
	for (; *path != '\0'; path++)
		mangle.random = (mangle.random ^ (uint8_t)*path) * 0x100000001b3ULL;
	mangle.random |= 1;
}

static void text_is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			fail("control byte in a record");
}

static void check_record(void *ctx, enum record_type type, const void *record)
{
	(void)ctx;
	const struct record_info *info = record_info(type);
	for (size_t i = 0; i < info->field_count; i++) {
		const void *at = (const char *)record + info->fields[i].offset;
		if (info->fields[i].kind == FIELD_TEXT)
			text_is_clean(*(const struct str *)at);
		if (info->fields[i].kind == FIELD_SECONDS && *(const double *)at < 0)
			fail("negative duration");
		if (info->fields[i].kind != FIELD_TEXTS)
			continue;
		const struct str_list *list = at;
		for (size_t k = 0; k < list->n; k++)
			text_is_clean(list->v[k]);
	}
	mangle.records++;
}

static void check_issue(void *ctx, const struct input_issue *issue)
{
	(void)ctx;
	if (issue->reason == NULL || issue->reason[0] == '\0' || issue->path == NULL ||
	    strchr(issue->reason, '\n') != NULL)
		fail("an issue without a path or a reason of one line");
	mangle.issues++;
}

/* Note what the run that began at begin cost. */
static void account(const struct timespec *begin)
{
	struct timespec end;
	struct rusage use;
	clock_gettime(CLOCK_MONOTONIC, &end);
	double seconds = (double)(end.tv_sec - begin->tv_sec) +
			 (double)(end.tv_nsec - begin->tv_nsec) * 1e-9;
	if (seconds > mangle.slowest) {
		mangle.slowest = seconds;
		memcpy(mangle.slowest_at, mangle.now, sizeof(mangle.now));
	}
	getrusage(RUSAGE_SELF, &use);
	if (use.ru_maxrss > mangle.peak_kib) {
		mangle.peak_kib = use.ru_maxrss;
		memcpy(mangle.peak_at, mangle.now, sizeof(mangle.now));
	}
	if (mangle.memory_mib > 0 && mangle.peak_kib / 1024 > mangle.memory_mib)
		fail("over the memory limit");
	mangle.runs++;
}

/* Feed the n bytes at p to the pipeline as a file. */
static void feed(const uint8_t *p, size_t n)
{
	static const uint8_t secret[INPUT_SECRET_BYTES];
	struct issue_sink issues = {check_issue, NULL};
	struct record_sink records = {check_record, NULL};
	struct timespec begin;
	char path[64];
	int fd = memfd_create("mangled", MFD_CLOEXEC);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		fail("no memory file");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	alarm(SECONDS_A_RUN);
	struct input *in = input_new(secret, &issues);
	struct pipeline_options options = {.in = in, .sensor = "local"};
	struct pipeline *pipeline = in != NULL ? pipeline_new(&options, &records) : NULL;
	if (pipeline == NULL)
		fail("no memory");
	input_add(in, path);
	input_plan(in);
	struct frame_sink frames = pipeline_frame_sink(pipeline);
	input_run(in, &frames);
	pipeline_finish(pipeline);
	pipeline_free(pipeline);
	input_free(in);
	alarm(0);
	close(fd);
	account(&begin);
}

static void change_byte(uint8_t *at)
{
	*at ^= (uint8_t)(1 + next_random() % 255);
}

/* Change a byte inside every so-manieth frame of a little-endian pcap file, so that the
 * damage reaches the protocols; false: it is none. */
static bool change_frames(uint8_t *p, size_t n)
{
	bool pcap = n > PCAP_HEAD && (p[0] == 0xd4 || p[0] == 0x4d) && p[3] == 0xa1;
	size_t every = 1 + next_random() % 8;
	for (size_t at = PCAP_HEAD; pcap && at + FRAME_HEAD < n;) {
		size_t length = p[at + 8] | (size_t)p[at + 9] << 8;
		at += FRAME_HEAD;
		if (length > n - at)
			break;
		if (length > 0 && next_random() % every == 0)
			change_byte(&p[at + next_random() % length]);
		at += length;
	}
	return pcap;
}

static void change(uint8_t *p, size_t n, unsigned round)
{
	if (round % 3 == 0 && change_frames(p, n))
		return;
	size_t changes = 1 + next_random() % (round % 3 == 1 ? 3 : 1 + n / 500);
	for (size_t k = 0; k < changes; k++)
		change_byte(&p[next_random() % n]);
}

static void mangle_bytes(const char *path, const char *kind, const uint8_t *bytes,
    size_t n, unsigned cuts, unsigned flips)
{
	for (unsigned i = 0; i < cuts; i++) {
		size_t cut = next_random() % n;
		snprintf(
		    mangle.now, sizeof(mangle.now), "%s%s cut at %zu", path, kind, cut);
		feed(bytes, cut);
	}
	uint8_t *copy = malloc(n);
	for (unsigned i = 0; copy != NULL && i < flips; i++) {
		memcpy(copy, bytes, n);
		change(copy, n, i);
		snprintf(mangle.now, sizeof(mangle.now), "%s%s changed, round %u", path,
		    kind, i);
		feed(copy, n);
	}
	free(copy);
}

static size_t pack_gzip(uint8_t *to, size_t size, const uint8_t *p, size_t n)
{
	z_stream z = {.next_in = (uint8_t *)(uintptr_t)p,
	    .avail_in = (unsigned)n,
	    .next_out = to,
	    .avail_out = (unsigned)size};
	if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	int result = deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return result == Z_STREAM_END ? size - z.avail_out : 0;
}

/* Compress the n bytes at p in one of three ways; 0: could not. */
static size_t pack(unsigned way, uint8_t *to, size_t size, const uint8_t *p, size_t n)
{
	size_t used = 0;
	if (way == 0)
		return pack_gzip(to, size, p, n);
	if (way == 1) {
		used = ZSTD_compress(to, size, p, n, 1);
		return ZSTD_isError(used) ? 0 : used;
	}
	lzma_ret result =
	    lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, p, n, to, &used, size);
	return result == LZMA_OK ? used : 0;
}

static void mangle_packed(const char *path, const uint8_t *bytes, size_t n)
{
	static const char *const kinds[] = {" in gzip", " in zstd", " in xz"};
	unsigned way = (unsigned)(next_random() % 3);
	size_t size = n + n / 8 + 4096;
	uint8_t *packed = malloc(size);
	size_t used = packed != NULL ? pack(way, packed, size, bytes, n) : 0;
	if (used > 0) {
		unsigned cuts = (mangle.cuts + 9) / 10, flips = (mangle.flips + 9) / 10;
		mangle_bytes(path, kinds[way], packed, used, cuts, flips);
	}
	free(packed);
}

static void mangle_file(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0 || st.st_size > FILE_MAX) {
		if (fd >= 0)
			close(fd);
		return;
	}
	size_t n = (size_t)st.st_size;
	uint8_t *bytes = malloc(n);
	if (bytes != NULL && read(fd, bytes, n) == (ssize_t)n) {
		mangle.files++;
		begin_random(path);
		snprintf(mangle.now, sizeof(mangle.now), "%s whole", path);
		feed(bytes, n);
		mangle_bytes(path, "", bytes, n, mangle.cuts, mangle.flips);
		mangle_packed(path, bytes, n);
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
		/* truth/ holds what others say of the captures. */
		if (e->d_name[0] == '.' || strcmp(e->d_name, "truth") == 0)
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
			mangle.seed = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--memory") == 0 && more)
			mangle.memory_mib = atol(argv[++i]);
		else
			walk(argv[i]);
	}
	printf("seed %llu: %llu files, %llu runs, %llu records, %llu issues\n"
	       "peak %ld MiB: %s\nslowest %.2f s: %s\n",
	    (unsigned long long)mangle.seed, (unsigned long long)mangle.files,
	    (unsigned long long)mangle.runs, (unsigned long long)mangle.records,
	    (unsigned long long)mangle.issues, mangle.peak_kib / 1024, mangle.peak_at,
	    mangle.slowest, mangle.slowest_at);
	return mangle.files > 0 ? 0 : 1;
}
