/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define CALLS_A_LOOK 256 /* batches between two looks at the clock */
#define BETWEEN_NS   (200 * 1000000LL)
#define ETA_AFTER_NS (2 * 1000000000LL)

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000LL + t.tv_nsec;
}

void progress_init(struct progress *p, bool quiet)
{
	*p = (struct progress){.on = !quiet && isatty(STDERR_FILENO)};
	if (p->on)
		p->began_ns = p->shown_ns = now_ns();
}

void progress_tick(struct progress *p, const struct input *in, uint64_t frames)
{
	if (!p->on || ++p->calls < CALLS_A_LOOK)
		return;
	p->calls = 0;
	int64_t now = now_ns();
	if (now - p->shown_ns < BETWEEN_NS)
		return;
	p->shown_ns = now;
	p->shown = true;
	uint64_t done, all;
	input_progress(in, &done, &all);
	double seconds = (double)(now - p->began_ns) / 1e9;
	fprintf(stderr, "\r\033[K%.1f M packets, %.0f MB/s", (double)frames / 1e6,
	    (double)done / 1e6 / seconds);
	if (all > 0)
		fprintf(stderr, ", %" PRIu64 " %%", done * 100 / all);
	if (all > done && done > 0 && now - p->began_ns > ETA_AFTER_NS)
		fprintf(stderr, ", %.0f s left",
		    seconds * (double)(all - done) / (double)done);
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
