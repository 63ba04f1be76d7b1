/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of watch as a sink took them. */
#ifndef TESTS_UNIT_CMD_WATCH_ROWS_H
#define TESTS_UNIT_CMD_WATCH_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "record/record.h"

#define ROWS_MAX 32

struct rows {
	size_t n;
	struct watch_record v[ROWS_MAX];
};

static void put(void *ctx, enum record_type type, const void *record)
{
	struct rows *r = ctx;
	assert_int_equal(type, RECORD_WATCH);
	assert_true(r->n < ROWS_MAX);
	r->v[r->n++] = *(const struct watch_record *)record;
}

#endif
