/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logs [-r ROUNDS] PATH...: how fast logs become records, which are thrown away: entries
 * and bytes a second of CPU, the kernel's part included. The best round, and the worst.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "input/log_run.h"

static double cpu_seconds(void)
{
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void ignore(void *ctx, enum record_type type, const void *record)
{
	(void)record;
	((uint64_t *)ctx)[type]++;
}

static void print_issue(void *ctx, const struct input_issue *issue)
{
	(void)ctx;
	fprintf(stderr, "%s: byte %" PRIu64 ": %s\n", issue->path, issue->offset,
	    issue->reason);
}

struct result {
	uint64_t entries, bytes, records;
	double seconds;
};

static struct result once(char **paths, size_t n)
{
	static const uint8_t secret[INPUT_SECRET_BYTES];
	const struct issue_sink issues = {print_issue, NULL};
	uint64_t records[RECORD_TYPES] = {0};
	struct record_sink sink = {ignore, records};
	struct result r = {0};
	struct log_out out;
	double began = cpu_seconds();
	struct input *in = input_new(secret, &issues);
	if (in == NULL || !log_out_init(&out, "bench", &sink))
		exit(1);
	for (size_t i = 0; i < n; i++)
		input_add(in, paths[i]);
	input_plan(in);
	for (size_t at = 0;;) {
		struct log_group g = log_group_next(in, at);
		if (g.first == g.end)
			break;
		log_group_run(in, g, &out, NULL, NULL);
		at = g.end;
	}
	log_out_flush(&out);
	r.seconds = cpu_seconds() - began;
	for (size_t i = 0; i < input_count(in); i++) {
		r.entries += input_source(in, i)->frames;
		r.bytes += input_source(in, i)->bytes;
	}
	for (size_t i = 0; i < RECORD_TYPES; i++)
		r.records += records[i];
	log_out_fini(&out);
	input_free(in);
	return r;
}

int main(int argc, char **argv)
{
	int rounds = 5, first = 1;
	if (argc > 3 && strcmp(argv[1], "-r") == 0) {
		rounds = atoi(argv[2]);
		first = 3;
	}
	if (first >= argc || rounds < 1) {
		fputs("usage: logs [-r ROUNDS] PATH...\n", stderr);
		return 2;
	}
	struct result best = {.seconds = 1e9};
	double worst = 0;
	for (int i = 0; i < rounds; i++) {
		struct result r = once(argv + first, (size_t)(argc - first));
		if (r.seconds < best.seconds)
			best = r;
		worst = r.seconds > worst ? r.seconds : worst;
	}
	printf("%" PRIu64 " entries, %" PRIu64 " bytes, %" PRIu64
	       " records: %.3f to %.3f "
	       "CPU s, %.0f entries/s, %.0f MB/s\n",
	    best.entries, best.bytes, best.records, best.seconds, worst,
	    (double)best.entries / best.seconds, (double)best.bytes / best.seconds / 1e6);
	return 0;
}
