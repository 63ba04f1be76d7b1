/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plots.h"

#include <math.h>

#include "report/markup.h"
#include "report/words.h"

#define WIDTH  720.0 /* drawing area, in SVG units */
#define HEIGHT 120.0
#define LEFT   78.0 /* room for the labels of the vertical axis */
#define BOTTOM 22.0 /* and of the horizontal one */

static void open_svg(FILE *out, double height, struct str title)
{
	fprintf(out, "<svg role=\"img\" viewBox=\"0 0 %.0f %.0f\"><title>", LEFT + WIDTH, height);
	markup_text(out, title);
	fputs("</title>\n", out);
}

static void label(FILE *out, double x, double y, const char *anchor, struct str text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	markup_text(out, text);
	fputs("</text>\n", out);
}

/* The dates at both ends and in the middle, below a plot. */
static void time_axis(FILE *out, struct moment from, struct moment to)
{
	static const char *const anchors[] = {"start", "middle", "end"};
	for (int i = 0; i <= 2; i++) {
		char text[MOMENT_TEXT_MAX];
		int64_t at = moment_diff(from, to) / 2 * i;
		size_t n = moment_text_day(moment_add(from, at), text);
		label(out, LEFT + WIDTH * i / 2, HEIGHT + 16, anchors[i], (struct str){text, n});
	}
	fprintf(out, "<path class=\"axis\" d=\"M%.0f %.0fh%.0f\"/>\n", LEFT, HEIGHT, WIDTH);
}

static double place(struct moment from, struct moment to, struct moment at)
{
	double all = (double)moment_diff(from, to);
	double share = all > 0 ? (double)moment_diff(from, at) / all : 0;
	return LEFT + WIDTH * fmin(1, fmax(0, share));
}

void plot_activity(FILE *out, const struct activity_plot *p, struct str title)
{
	double most = 1, step = WIDTH / PLOT_COLUMNS;
	for (int i = 0; i < PLOT_COLUMNS; i++)
		most = fmax(most, p->count[i]);
	open_svg(out, HEIGHT + BOTTOM, title);
	for (int i = 0; i < PLOT_COLUMNS; i++) {
		double h = p->count[i] > 0 ? fmax(1.5, p->count[i] / most * (HEIGHT - 14)) : 0;
		if (h > 0)
			fprintf(out,
			    "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			    "height=\"%.1f\"/>\n",
			    LEFT + step * i, HEIGHT - h, step - 1, h);
	}
	struct arena a;
	arena_init(&a, 65536);
	label(out, LEFT - 6, 18, "end", words_count(most, &a));
	label(out, LEFT - 6, HEIGHT, "end", STR("0"));
	arena_fini(&a);
	double x = place(p->from, p->to, p->first);
	fprintf(out, "<path class=\"mark\" d=\"M%.1f 4V%.0f\"/>\n", x, HEIGHT);
	fprintf(out, "<path class=\"flag\" d=\"M%.1f 4l9 4l-9 4z\"/>\n", x);
	time_axis(out, p->from, p->to);
	fputs("</svg>\n", out);
}

/* Steps that people know, for a logarithmic axis of gaps. */
static const double marks[] = {1, 10, 60, 600, 3600, 6 * 3600.0, 86400, 7 * 86400.0,
    30 * 86400.0, 365.25 * 86400};

#define MARKS (sizeof(marks) / sizeof(marks[0]))

void plot_rhythm(FILE *out, const struct rhythm_plot *p, enum language l, struct str title)
{
	double low = INFINITY, high = 0;
	struct arena a;
	for (size_t i = 0; i < p->n; i++) {
		low = fmin(low, fmax(p->gap[i], 0.1));
		high = fmax(high, p->gap[i]);
	}
	if (p->n == 0)
		return;
	/* At least two decades, so that small jitter looks small. */
	double middle = sqrt(low * fmax(high, low));
	low = fmin(low / 1.5, middle / 10);
	high = fmax(high * 1.5, middle * 10);
	double scale = (HEIGHT - 8) / log(high / low);
	arena_init(&a, 65536);
	open_svg(out, HEIGHT + BOTTOM, title);
	for (size_t i = 0; i < MARKS; i++) {
		if (marks[i] < low || marks[i] > high)
			continue;
		double y = HEIGHT - log(marks[i] / low) * scale;
		fprintf(out, "<path class=\"grid\" d=\"M%.0f %.1fh%.0f\"/>\n", LEFT, y, WIDTH);
		label(out, LEFT - 6, y + 4, "end", words_span(marks[i], l, &a));
	}
	if (p->period > low && p->period < high)
		fprintf(out, "<path class=\"mark\" d=\"M%.0f %.1fh%.0f\"/>\n", LEFT,
		    HEIGHT - log(p->period / low) * scale, WIDTH);
	for (size_t i = 0; i < p->n; i++)
		fprintf(out, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"1.8\"/>\n",
		    LEFT + WIDTH * p->at[i],
		    HEIGHT - log(fmax(p->gap[i], 0.1) / low) * scale);
	time_axis(out, p->from, p->to);
	fputs("</svg>\n", out);
	arena_fini(&a);
}

void plot_week(FILE *out, const struct week_plot *p, enum language l, struct str title)
{
	static const char *const days[LANGUAGES][7] = {
	    {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
	    {"周一", "周二", "周三", "周四", "周五", "周六", "周日"},
	};
	double most = 1, cell = WIDTH / 24, row = 15;
	for (int d = 0; d < 7; d++) {
		for (int h = 0; h < 24; h++)
			most = fmax(most, p->count[d][h]);
	}
	open_svg(out, 7 * row + BOTTOM, title);
	for (int d = 0; d < 7; d++) {
		label(out, LEFT - 6, row * d + 12, "end", str_of(days[l][d]));
		for (int h = 0; h < 24; h++)
			fprintf(out,
			    "<rect class=\"cell\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			    "height=\"%.1f\" fill-opacity=\"%.2f\"/>\n",
			    LEFT + cell * h, row * d, cell - 1, row - 1,
			    0.06 + 0.94 * p->count[d][h] / most);
	}
	for (int h = 0; h < 24; h += 3) {
		char text[8];
		int n = snprintf(text, sizeof(text), "%02d:00", h);
		label(out, LEFT + cell * h, 7 * row + 14, "start", (struct str){text, (size_t)n});
	}
	fputs("</svg>\n", out);
}
