/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of a whole memory share: a failure that says what the memory said. */
#ifndef DWELL_TEST_DETECT_CHECK_H
#define DWELL_TEST_DETECT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

static inline void check(int result, const struct error *e)
{
	if (result < 0)
		print_error("%s\n", e->text);
	assert_int_equal(result, 0);
}

#endif
