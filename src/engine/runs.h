/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the runs of the roll-ups lie. A run is a set of rows of one roll-up, sorted by
 * key; rows of equal keys may be in several runs. A long run is split into parts by key:
 *
 *     pair/day/by_src/month=2024-03/SENSOR-SEQ-PART.parquet
 *
 * Runs of different folders of one set never share a key. Segments that are not rolled up
 * yet (unrolled.h) are the tail of every roll-up.
 */
#ifndef DWELL_ENGINE_RUNS_H
#define DWELL_ENGINE_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "record/rollup.h"

// clang-format off
/* S(SET, "view", TYPE, "folder", span of its folders, order) */
#define RUN_SETS_LIST(S) \
	S(PAIR_DAY,          "pair_day",          PAIR_DAY,   "pair/day/by_src",   MONTH, SRC) \
	S(PAIR_MONTH,        "pair_month",        PAIR_MONTH, "pair/month/by_src", YEAR,  SRC) \
	S(PAIR_YEAR,         "pair_year",         PAIR_YEAR,  "pair/year/by_src",  ALL,   SRC) \
	S(PAIR_DAY_BY_DST,   "pair_day_by_dst",   PAIR_DAY,   "pair/day/by_dst",   MONTH, DST) \
	S(PAIR_MONTH_BY_DST, "pair_month_by_dst", PAIR_MONTH, "pair/month/by_dst", YEAR,  DST) \
	S(PAIR_YEAR_BY_DST,  "pair_year_by_dst",  PAIR_YEAR,  "pair/year/by_dst",  ALL,   DST) \
	S(SEEN,              "seen",              SEEN,       "seen",              ALL,   SRC) \
	S(WATCH_HOUR,        "watch_hour",        WATCH_HOUR, "watch_hour",        ALL,   SRC)

enum run_set {
#define S(SET, view, type, folder, span, order) RUNS_##SET,
	RUN_SETS_LIST(S)
#undef S
	RUN_SETS
};
// clang-format on

#define RUN_PART_REPEATS                                                                 \
	9999 /* PART of a run of one file in which rows of equal keys may follow each    \
		other */

enum run_span { RUN_SPAN_MONTH, RUN_SPAN_YEAR, RUN_SPAN_ALL };
enum run_order { RUN_ORDER_SRC, RUN_ORDER_DST };

struct run_set_info {
	const char *view;
	enum rollup_type type;
	const char *folder; /* relative to the memory */
	enum run_span span;
	enum run_order order;
};

/* The description of a set; static. */
const struct run_set_info *run_set_info(enum run_set set);

/* The set whose runs lie in the folder, relative to the memory; RUN_SETS: none. */
enum run_set run_set_of(const char *folder);

/* The SEQ in the name of a run's file; 0 when it is none. */
uint32_t run_seq(const char *name);

/* Bytes of the path that all parts of a run share: up to its PART. */
size_t run_stem(const char *path);

/* Whether rows of equal keys may follow each other in a file: its PART says so. */
bool run_repeats(const char *path);

/* Bytes of the folder in a path, without the slash. */
size_t run_folder(const char *path);

#endif
