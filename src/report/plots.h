/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plots as inline SVG, drawn by us so that the page needs no script: counts over time,
 * gaps between connections, hours of the week. Colours come from the page's CSS classes,
 * so they follow light, dark and paper; every plot has a title in words for those who can
 * not see it. Marks of one kind are one path, which keeps a plot at a few kilobytes.
 */
#ifndef DWELL_REPORT_PLOTS_H
#define DWELL_REPORT_PLOTS_H

#include <stdint.h>
#include <stdio.h>

#include "base/moment.h"
#include "report/report.h"
#include "report/slices.h"

#define PLOT_POINTS 600 /* dots of a rhythm plot */
#define PLOT_LEVELS 5   /* shades of a week plot */

/* Counts in slices of time. */
struct time_plot {
	struct slices slices;
	const double *count; /* slices.n of them */
	const double *lost;  /* packets lost in each; NULL: not drawn */
	struct moment mark;  /* marked by a flag; MOMENT_NONE: nothing is */
};

/* Gaps between connections: when, and how long in seconds. */
struct rhythm_plot {
	struct slices slices; /* the time axis */
	struct moment at[PLOT_POINTS];
	double gap[PLOT_POINTS];
	size_t n;
	double period, jitter; /* drawn as a band; period 0: none */
};

/* Connections by weekday (0 is Monday) and hour, UTC. */
struct week_plot {
	double count[7][24];
};

/* Draw one plot; title says what it shows. */
void plot_time(FILE *out, const struct time_plot *p, struct str title);
void plot_rhythm(
    FILE *out, const struct rhythm_plot *p, enum language l, struct str title);
void plot_week(FILE *out, const struct week_plot *p, enum language l, struct str title);

/* The name of a weekday (0 is Monday); static. */
const char *plot_weekday(int day, enum language l);

#endif
