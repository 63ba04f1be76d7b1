/* SPDX-License-Identifier: Apache-2.0 */
/* Filters in the words of pcap-filter(7), made into programs that the kernel runs. */
#ifndef DWELL_LIVE_FILTER_H
#define DWELL_LIVE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct sock_filter;

/* The program of the expression for packets of an interface (cooked: as struct interface
 * says): *n instructions, to be freed by the caller. It needs the right to capture there,
 * as tags that the interface takes off are tested elsewhere. NULL with *e set: ERR_USAGE
 * where the expression is wrong. */
struct sock_filter *filter_compile(const char *interface, bool cooked,
    const char *expression, size_t *n, struct error *e);

#endif
