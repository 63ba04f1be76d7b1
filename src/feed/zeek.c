/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's intelligence files: tab-separated, columns named in a line of their own.
 *
 *     #fields	indicator	indicator_type	meta.source	meta.desc
 *     203.0.113.7	Intel::ADDR	cert	C2 of ...
 */
#include "feed/csv.h"

static size_t split_tabs(struct str line, struct str fields[static CSV_COLUMNS_MAX])
{
	size_t n = 0;
	while (n < CSV_COLUMNS_MAX) {
		const char *tab = line.n > 0 ? memchr(line.p, '\t', line.n) : NULL;
		size_t length = tab != NULL ? (size_t)(tab - line.p) : line.n;
		fields[n] = (struct str){line.p, length};
		if (feed_same(fields[n], "-") || feed_same(fields[n], "(empty)"))
			fields[n].n = 0;
		n++;
		if (tab == NULL)
			break;
		line = (struct str){tab + 1, line.n - length - 1};
	}
	return n;
}

static bool take_names(struct csv_columns *c, struct str line)
{
	struct str names[CSV_COLUMNS_MAX];
	if (!feed_starts(line, "#fields\t"))
		return false;
	line.p += 8;
	line.n -= 8;
	return csv_header(c, names, split_tabs(line, names));
}

static bool probe_zeek(struct str head, bool whole)
{
	struct csv_columns c;
	struct str line;
	(void)whole;
	while (feed_head_line(&head, &line)) {
		if (take_names(&c, line))
			return true;
		if (line.n > 0 && line.p[0] != '#')
			break;
	}
	return false;
}

static void read_zeek(struct feed_reader *r)
{
	struct csv_columns c = {0};
	struct str line, fields[CSV_COLUMNS_MAX];
	while (feed_line(r, &line)) {
		if (line.n == 0)
			continue;
		if (line.p[0] == '#')
			take_names(&c, line);
		else
			csv_row(r, &c, fields, split_tabs(line, fields));
	}
}

const struct feed_format format_zeek = {"zeek", "line", probe_zeek, read_zeek};
