/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch/blind.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "record/anomaly.h"
#include "store/rowlog.h"
#include "sys/file.h"
#include "sys/path.h"

#define DETAIL_MAX 160

struct moment blind_since(const char *memory, struct moment now)
{
	char path[PATH_MAX];
	struct stat st;
	struct moment begin = minute_of(now);
	/* The journal of records stays where its writer was killed. */
	if (path_make(path, NULL, "%s/" ROWLOG_NAME, memory) < 0 || file_exists(path) ||
	    path_make(path, NULL, "%s/" ROWLOG_HELD, memory) < 0 || stat(path, &st) != 0)
		return begin;
	struct moment last = moment_from(st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	return last.ns < now.ns ? last : now;
}

void blind_fell(
    struct minute_sum *s, const struct record_sink *to, const struct blind_fall *f)
{
	char detail[DETAIL_MAX];
	struct anomaly_record a;
	struct watch_record w;
	bool killed = WIFSIGNALED(f->status);
	int n = snprintf(detail, sizeof(detail),
	    "reader=%u %s=%d connections=%" PRIu64 " packets=%" PRIu64, f->reader,
	    killed ? "signal" : "status",
	    killed ? WTERMSIG(f->status) : WEXITSTATUS(f->status), f->connections,
	    f->lost);
	record_clear(RECORD_ANOMALY, &a);
	a.ts = f->at;
	a.kind = str_of(anomaly_name(ANOMALY_READER_FELL));
	a.sensor = str_of(f->sensor);
	a.detail = (struct str){detail, (size_t)n};
	record_put(to, RECORD_ANOMALY, &a);
	record_clear(RECORD_WATCH, &w);
	w.ts = minute_of(f->at);
	w.packets = f->packets;
	w.bytes = f->bytes;
	w.drops = f->lost;
	minute_sum_put(s, &w);
}
