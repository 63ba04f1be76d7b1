/* SPDX-License-Identifier: Apache-2.0 */
#include "record/anomaly.h"

static const char *const names[ANOMALY_KIND_COUNT] = {
#define A(KIND, name, meaning) name,
    ANOMALY_KINDS(A)
#undef A
};

const char *anomaly_name(enum anomaly_kind kind)
{
	return names[kind];
}
