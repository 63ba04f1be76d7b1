/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "input/csv.h"
#include "input/log_time.h"

static char *trim(char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\r')
		p++;
	size_t n = strlen(p);
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
		p[--n] = '\0';
	return p;
}

/* The tables that describe what was on a wire: those that name their source's kind. */
static bool from_wire(const struct record_info *info)
{
	for (size_t i = 0; i < info->field_count; i++)
		if (strcmp(info->fields[i].name, "source_kind") == 0)
			return true;
	return false;
}

static bool set_kind(struct csv_map *m, const char *name)
{
	for (int type = 0; type < RECORD_TYPES; type++) {
		const struct record_info *info = record_info((enum record_type)type);
		if (strcmp(info->table, name) == 0 && from_wire(info)) {
			m->type = (enum record_type)type;
			return true;
		}
	}
	return false;
}

static const struct field_info *field_named(enum record_type type, const char *name)
{
	const struct record_info *info = record_info(type);
	for (size_t i = 0; i < info->field_count; i++) {
		if (strcmp(info->fields[i].name, name) == 0 &&
		    strncmp(name, "source", strlen("source")) != 0)
			return &info->fields[i];
	}
	return NULL;
}

static int add_column(struct csv_map *m, const char *name, char *value, struct error *e)
{
	if (m->count == CSV_ITEMS_MAX)
		return error_set(e, ERR_USAGE, "more than %d columns", CSV_ITEMS_MAX);
	struct csv_item *item = &m->items[m->count];
	item->field = field_named(m->type, name);
	if (item->field == NULL)
		return error_set(e, ERR_USAGE, "table %s has no column '%.64s'",
		    record_info(m->type)->table, name);
	size_t n = strlen(value);
	item->constant = n >= 2 && value[0] == '"' && value[n - 1] == '"';
	if (item->constant) {
		item->column = (struct str){value + 1, n - 2};
	} else {
		char *minus =
		    item->field->kind == FIELD_COUNT ? strchr(value, '-') : NULL;
		if (minus != NULL) {
			*minus = '\0';
			item->minus = str_of(trim(minus + 1));
		}
		item->column = str_of(trim(value));
	}
	m->count++;
	return 0;
}

static int add_item(struct csv_map *m, char *item, bool kinds, struct error *e)
{
	char *equals = strchr(item, '=');
	if (equals == NULL)
		return error_set(e, ERR_USAGE, "'%.64s' is not NAME=COLUMN", item);
	*equals = '\0';
	char *name = trim(item), *value = trim(equals + 1);
	bool is_kind = strcmp(name, "kind") == 0;
	int result = 0;
	if (*value == '\0')
		result = error_set(e, ERR_USAGE, "'%.64s' has no column", name);
	else if (is_kind && kinds && !set_kind(m, value))
		result = error_set(e, ERR_USAGE, "no table '%.64s' can be read", value);
	else if (is_kind || kinds)
		result = 0;
	else if (strcmp(name, "ts_format") == 0 && !time_pattern_good(value))
		result = error_set(e, ERR_USAGE, "'%.64s' is no format of times", value);
	else if (strcmp(name, "ts_format") == 0)
		m->ts_format = value;
	else if (strcmp(name, "list") == 0)
		m->list = value[0];
	else
		result = add_column(m, name, value, e);
	if (kinds)
		*equals = '=';
	return result;
}

/* All items of the text; kinds: only look for the table, leave the text as it is. */
static int add_items(struct csv_map *m, char *text, bool kinds, struct error *e)
{
	for (char *p = text; *p != '\0';) {
		size_t n = strcspn(p, *p == '#' ? "\n" : ",\n");
		char end = p[n];
		p[n] = '\0';
		char *item = kinds ? p : trim(p);
		int result = item[strspn(item, " \t\r")] != '\0' && *item != '#'
				 ? add_item(m, item, kinds, e)
				 : 0;
		if (result < 0)
			return -1;
		if (kinds)
			p[n] = end;
		p += n + (end != '\0');
	}
	return 0;
}

struct csv_map *csv_map_new(const char *text, struct error *e)
{
	if (strlen(text) > CSV_TEXT_MAX) {
		error_set(e, ERR_USAGE, "a map is longer than %d bytes", CSV_TEXT_MAX);
		return NULL;
	}
	struct csv_map *m = calloc(1, sizeof(*m));
	char *again = strdup(text);
	if (m == NULL || again == NULL || (m->text = strdup(text)) == NULL) {
		free(m);
		free(again);
		error_set(e, ERR_SYSTEM, "no memory left");
		return NULL;
	}
	m->list = ';';
	m->type = RECORD_CONN;
	bool time = false;
	int result = add_items(m, again, true, e);
	free(again);
	if (result == 0)
		result = add_items(m, m->text, false, e);
	for (size_t i = 0; i < m->count; i++)
		time = time || strcmp(m->items[i].field->name, "ts") == 0;
	if (result == 0 && !time)
		result = error_set(e, ERR_USAGE, "it does not say which column is ts");
	if (result == 0)
		return m;
	csv_map_free(m);
	return NULL;
}

void csv_map_free(struct csv_map *m)
{
	if (m == NULL)
		return;
	free(m->text);
	free(m);
}
