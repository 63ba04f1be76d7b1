/* SPDX-License-Identifier: Apache-2.0 */
#include "record/json.h"

#include <inttypes.h>
#include <math.h>

void json_put_string(FILE *out, struct str text)
{
	fputc('"', out);
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static bool is_absent(const struct field_info *f, const void *at)
{
	switch (f->kind) {
	case FIELD_TIME:
		return ((const field_TIME *)at)->ns == MOMENT_NONE.ns;
	case FIELD_SECONDS:
	case FIELD_REAL:
		return !isfinite(*(const double *)at);
	case FIELD_IP:
		return addr_is_unset(at);
	case FIELD_INT:
		return *(const field_INT *)at < 0;
	case FIELD_FLAG:
		return *(const field_FLAG *)at < 0;
	case FIELD_TEXT:
		return ((const field_TEXT *)at)->p == NULL;
	case FIELD_PORT:
	case FIELD_COUNT:
	case FIELD_TEXTS:
	case FIELD_INTS:
		return false;
	}
	return false;
}

static void put_texts(FILE *out, const field_TEXTS *list)
{
	fputc('[', out);
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			fputc(',', out);
		json_put_string(out, list->v[i]);
	}
	fputc(']', out);
}

static void put_ints(FILE *out, const field_INTS *list)
{
	fputc('[', out);
	for (size_t i = 0; i < list->n; i++)
		fprintf(out, "%s%" PRId64, i > 0 ? "," : "", list->v[i]);
	fputc(']', out);
}

static void put_value(FILE *out, const struct field_info *f, const void *at)
{
	char text[MOMENT_TEXT_MAX > ADDR_TEXT_MAX ? MOMENT_TEXT_MAX : ADDR_TEXT_MAX];
	switch (f->kind) {
	case FIELD_TIME:
		moment_text(*(const field_TIME *)at, text);
		fprintf(out, "\"%s\"", text);
		break;
	case FIELD_SECONDS:
		fprintf(out, "%.6f", *(const double *)at);
		break;
	case FIELD_REAL:
		fprintf(out, "%.9g", *(const double *)at);
		break;
	case FIELD_IP:
		addr_text(at, text);
		fprintf(out, "\"%s\"", text);
		break;
	case FIELD_PORT:
		fprintf(out, "%u", *(const field_PORT *)at);
		break;
	case FIELD_COUNT:
		fprintf(out, "%" PRIu64, *(const field_COUNT *)at);
		break;
	case FIELD_INT:
		fprintf(out, "%" PRId64, *(const field_INT *)at);
		break;
	case FIELD_FLAG:
		fputs(*(const field_FLAG *)at ? "true" : "false", out);
		break;
	case FIELD_TEXT:
		json_put_string(out, *(const field_TEXT *)at);
		break;
	case FIELD_TEXTS:
		put_texts(out, at);
		break;
	case FIELD_INTS:
		put_ints(out, at);
		break;
	}
}

void record_json(FILE *out, enum record_type type, const void *record)
{
	const struct record_info *info = record_info(type);
	fprintf(out, "{\"table\":\"%s\"", info->table);
	for (size_t i = 0; i < info->field_count; i++) {
		const struct field_info *f = &info->fields[i];
		const void *at = (const char *)record + f->offset;
		if (is_absent(f, at))
			continue;
		fprintf(out, ",\"%s\":", f->name);
		put_value(out, f, at);
	}
	fputs("}\n", out);
}
