/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stages [-r ROUNDS] [-s STAGE] CAPTURE...: CPU nanoseconds a packet of
 * each stage of the pipeline (or of one), each measured with all before
 * it, ended by a sink that throws away. What is printed includes the
 * kernel's part: the median of the rounds, and in brackets the range.
 *
 *   read      input alone
 *   decode    and headers
 *   flow      and the flow table, with reassembly
 *   proto     and protocols: the records are made, and thrown away
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cmd/pipeline.h"

#define ROUNDS     5 /* of each stage, unless told */
#define ROUNDS_MAX 99

struct bench {
	uint64_t frames, packets, records;
	struct flow_table *flows;
	bool decode;
	struct packet v[FRAME_BATCH_MAX];
};

static double cpu_seconds(void)
{
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void ignore_issue(void *ctx, const struct input_issue *issue)
{
	(void)ctx, (void)issue;
}

static void drop_record(void *ctx, enum record_type type, const void *record)
{
	struct bench *b = ctx;
	(void)type, (void)record;
	b->records++;
}

static bool take(void *ctx, const struct frame *v, size_t n)
{
	struct bench *b = ctx;
	size_t packets = 0;
	b->frames += n;
	for (size_t i = 0; b->decode && i < n; i++)
		packets += decode_frame(&v[i], &b->v[packets]) == DECODE_OK;
	b->packets += packets;
	if (b->flows != NULL && packets > 0)
		flow_table_packets(b->flows, b->v, packets);
	return true;
}

static struct input *open_input(int argc, char **argv)
{
	static const uint8_t secret[INPUT_SECRET_BYTES];
	struct issue_sink issues = {ignore_issue, NULL};
	struct input *in = input_new(secret, &issues);
	for (int i = 0; in != NULL && i < argc; i++)
		input_add(in, argv[i]);
	if (in != NULL)
		input_plan(in);
	return in;
}

/* One round of a stage: 0 read, 1 decode, 2 flow, 3 proto. CPU nanoseconds a frame. */
static double round_of(int stage, int argc, char **argv)
{
	static const struct flow_sink nowhere;
	struct bench b = {.decode = stage >= 1};
	struct record_sink records = {drop_record, &b};
	struct frame_sink frames = {take, &b};
	struct input *in = open_input(argc, argv);
	struct pipeline *p = NULL;
	double began = cpu_seconds();
	if (stage == 2)
		b.flows = flow_table_new(&flow_limits_default, &nowhere);
	if (stage == 3) {
		p = pipeline_new(
		    &(struct pipeline_options){.in = in, .sensor = "local"}, &records);
		frames = pipeline_frame_sink(p);
	}
	input_run(in, &frames);
	if (b.flows != NULL)
		flow_table_finish(b.flows);
	if (p != NULL) {
		pipeline_finish(p);
		b.frames = pipeline_counters(p)->frames;
	}
	double took = cpu_seconds() - began;
	flow_table_free(b.flows);
	pipeline_free(p);
	input_free(in);
	return b.frames > 0 ? took * 1e9 / (double)b.frames : 0;
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

static const char *const stages[] = {"read", "decode", "flow", "proto"};

#define STAGES (sizeof(stages) / sizeof(stages[0]))

static void measure(int stage, int rounds, int argc, char **argv)
{
	double v[ROUNDS_MAX];
	for (int i = 0; i < rounds; i++)
		v[i] = round_of(stage, argc, argv);
	qsort(v, (size_t)rounds, sizeof(v[0]), by_value);
	printf("%-8s %7.1f ns a packet (%.1f to %.1f)\n", stages[stage], v[rounds / 2],
	    v[0], v[rounds - 1]);
}

int main(int argc, char **argv)
{
	int rounds = ROUNDS, option;
	const char *only = NULL;
	while ((option = getopt(argc, argv, "r:s:")) != -1) {
		if (option == 'r')
			rounds = atoi(optarg);
		else if (option == 's')
			only = optarg;
		else
			optind = argc;
	}
	if (optind >= argc || rounds < 1 || rounds > ROUNDS_MAX) {
		fputs("usage: stages [-r ROUNDS] [-s STAGE] CAPTURE...\n", stderr);
		return 2;
	}
	for (int stage = 0; stage < (int)STAGES; stage++) {
		if (only == NULL || strcmp(only, stages[stage]) == 0)
			measure(stage, rounds, argc - optind, argv + optind);
	}
	return 0;
}
