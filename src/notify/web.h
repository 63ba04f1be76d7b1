/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl, loaded when something is to be sent and not before: it brings twenty-four more
 * libraries, which would make the start of every command a third longer, and a machine
 * that only scans needs none of them.
 */
#ifndef DWELL_NOTIFY_WEB_H
#define DWELL_NOTIFY_WEB_H

#include <curl/curl.h>

#include "base/error.h"

#define WEB_LIBRARY "libcurl.so.4"

// clang-format off
#define WEB_FUNCTIONS(F)                                                                 \
	F(global_init) F(global_cleanup) F(free)                                         \
	F(url) F(url_set) F(url_get) F(url_dup) F(url_cleanup)                           \
	F(easy_init) F(easy_setopt) F(easy_getinfo) F(easy_perform) F(easy_send)         \
	F(easy_recv) F(easy_strerror) F(easy_cleanup) F(slist_append) F(slist_free_all)
// clang-format on

/* Its functions under their names without "curl_". */
struct web {
	void *library; /* NULL: not loaded */
#define F(name) __typeof__(curl_##name) *name;
	WEB_FUNCTIONS(F)
#undef F
};

/* Load it and let it start; once, before there are threads. Negative with *e set when it
 * is not installed. */
int web_load(struct web *w, struct error *e);

/* Let it go; also one that was not loaded. */
void web_unload(struct web *w);

#endif
