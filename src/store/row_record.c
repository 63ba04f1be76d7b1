/* SPDX-License-Identifier: Apache-2.0 */
#include "store/row_record.h"

#include <string.h>

#include "base/size.h"
#include "store/memory.h"

static const struct field_info *field_of(enum record_type type, const char *name)
{
	const struct record_info *info = record_info(type);
	for (size_t i = 0; i < info->field_count; i++) {
		if (strcmp(info->fields[i].name, name) == 0)
			return &info->fields[i];
	}
	return NULL;
}

void row_reader_init(
    struct row_reader *reader, enum record_type type, const struct store_rows *rows)
{
	size_t columns = store_columns(rows);
	reader->n = size_min(columns, ROW_COLUMNS_MAX);
	reader->unknown = columns - reader->n;
	for (size_t i = 0; i < reader->n; i++) {
		const struct field_info *f = field_of(type, store_column_name(rows, i));
		reader->targets[i] = (struct row_target){.field = f};
		reader->unknown += f == NULL;
	}
}

static void set_addr(struct row_target *t, struct str text, struct addr *out)
{
	if (text.n != t->n || text.n == 0 || memcmp(text.p, t->text, text.n) != 0) {
		t->addr = (struct addr){0};
		t->n = text.n < sizeof(t->text) ? text.n : 0;
		if (t->n > 0)
			memcpy(t->text, text.p, t->n);
		(void)str_addr(text, &t->addr);
	}
	*out = t->addr;
}

static bool set_list(const struct field_info *f, const struct store_rows *rows,
    size_t column, struct arena *arena, void *at)
{
	if (arena == NULL)
		return true;
	return f->kind == FIELD_TEXTS ? memory_texts(rows, column, arena, at)
				      : memory_ints(rows, column, arena, at);
}

static void set_field(
    struct row_target *t, const struct store_rows *rows, size_t column, void *at)
{
	bool null = store_is_null(rows, column);
	switch (t->field->kind) {
	case FIELD_TIME:
		*(field_TIME *)at = store_time(rows, column);
		break;
	case FIELD_SECONDS:
	case FIELD_REAL:
		*(double *)at = store_real(rows, column);
		break;
	case FIELD_IP:
		set_addr(t, store_text(rows, column), at);
		break;
	case FIELD_PORT:
		*(field_PORT *)at = (field_PORT)store_uint(rows, column);
		break;
	case FIELD_COUNT:
		*(field_COUNT *)at = store_uint(rows, column);
		break;
	case FIELD_INT:
		*(field_INT *)at = null ? -1 : store_int(rows, column);
		break;
	case FIELD_FLAG:
		*(field_FLAG *)at = null ? -1 : (field_FLAG)store_bool(rows, column);
		break;
	case FIELD_TEXT:
		*(field_TEXT *)at = store_text(rows, column);
		break;
	case FIELD_TEXTS:
	case FIELD_INTS:
		break;
	}
}

bool row_record(struct row_reader *reader, const struct store_rows *rows,
    struct arena *arena, void *record)
{
	for (size_t i = 0; i < reader->n; i++) {
		struct row_target *t = &reader->targets[i];
		if (t->field == NULL)
			continue;
		void *at = (char *)record + t->field->offset;
		bool list = t->field->kind == FIELD_TEXTS || t->field->kind == FIELD_INTS;
		if (!list)
			set_field(t, rows, i, at);
		else if (!set_list(t->field, rows, i, arena, at))
			return false;
	}
	return true;
}
