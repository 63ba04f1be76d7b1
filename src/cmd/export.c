/* SPDX-License-Identifier: Apache-2.0 */
/* dwell export: the tables as files for other programs, under pseudonyms on wish. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cmd/commands.h"
#include "cmd/options.h"
#include "export/foreign.h"
#include "store/export.h"
#include "sys/file.h"

static const struct command_text text = {"export",
    "[-m MEMORY] [--table NAME]... [--pseudonymise KEYFILE] -o FOLDER\n"
    "       dwell export --new-key FILE",
    "Write the memory's tables as files into a folder: TABLE.parquet, .csv or .json "
    "(one\n"
    "object a line), or as the logs of Zeek (zeek, zeek-json) or events of Suricata "
    "(eve).\nWith --pseudonymise, addresses, names and texts are replaced, "
    "always\n"
    "by the same under the same key; networks and domains stay together.",
    OPTION_MEMORY | OPTION_EXPORT | OPTION_OUTPUT | OPTION_SINCE | OPTION_UNTIL |
	OPTION_QUIET};

static void wrote(void *ctx, const char *path, uint64_t rows)
{
	(void)ctx;
	log_note("wrote %s: %" PRIu64 " rows", path, rows);
}

static struct pseudonym *open_pseudonyms(const char *path, struct error *e)
{
	uint8_t key[PSEUDONYM_KEY_BYTES];
	if (pseudonym_key_read(path, key, e) < 0)
		return NULL;
	struct pseudonym *p = pseudonym_new(key, e);
	explicit_bzero(key, sizeof(key));
	return p;
}

static int make_folder(const char *path, char out[static PATH_MAX], struct error *e)
{
	if (file_make_folders(path, e) < 0)
		return -1;
	if (realpath(path, out) == NULL)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return 0;
}

static bool is_foreign(const struct options *o)
{
	return o->export.format >= EXPORT_ZEEK;
}

/* As the logs of another tool. */
static int export_foreign(const struct options *o, struct error *e)
{
	static const enum foreign_form forms[] = {[EXPORT_ZEEK] = FOREIGN_ZEEK,
	    [EXPORT_ZEEK_JSON] = FOREIGN_ZEEK_JSON,
	    [EXPORT_EVE] = FOREIGN_EVE};
	char folder[PATH_MAX];
	if (make_folder(o->output, folder, e) < 0)
		return -1;
	struct store *s = store_open(o->memory, STORE_READ, e);
	if (s == NULL)
		return -1;
	const struct foreign_request x = {.form = forms[o->export.format],
	    .folder = folder,
	    .logs = o->export.tables,
	    .log_count = o->export.table_count,
	    .since = o->since,
	    .until = o->until};
	const struct foreign_sink sink = {wrote, NULL};
	int result = foreign_export(s, &x, &sink, e);
	store_close(s);
	return result;
}

static int export(const struct options *o, struct error *e)
{
	static const enum export_kind kinds[] = {[EXPORT_PARQUET] = EXPORT_KIND_PARQUET,
	    [EXPORT_CSV] = EXPORT_KIND_CSV,
	    [EXPORT_JSON] = EXPORT_KIND_JSON};
	char folder[PATH_MAX];
	struct pseudonym *p = NULL;
	if (o->export.key != NULL && (p = open_pseudonyms(o->export.key, e)) == NULL)
		return -1;
	int result = make_folder(o->output, folder, e);
	struct store *s = result == 0 ? store_open_export(o->memory, folder, e) : NULL;
	const struct export_request x = {.kind = kinds[o->export.format],
	    .folder = folder,
	    .tables = o->export.tables,
	    .table_count = o->export.table_count,
	    .since = o->since,
	    .until = o->until,
	    .pseudonyms = p};
	const struct export_sink sink = {wrote, NULL};
	result = s != NULL ? export_tables(s, &x, &sink, e) : -1;
	store_close(s);
	pseudonym_free(p);
	return result;
}

int cmd_export(int argc, char **argv)
{
	struct options o;
	struct error e = {0};
	int status, result;
	if (!options_parse(&o, &text, argc, argv, &status))
		return status;
	if (o.rest_count > 0)
		return usage_error(&text, "'%s' is too much", o.rest[0]);
	if (o.export.new_key != NULL) {
		result = pseudonym_key_new(o.export.new_key, &e);
		if (result == 0)
			log_note("wrote %s: who has it can undo the pseudonyms",
			    o.export.new_key);
	} else if (is_foreign(&o) && o.export.key != NULL) {
		return usage_error(&text, "--pseudonymise is for parquet, csv and json");
	} else if (o.output == NULL) {
		return usage_error(&text, "say where to write the files: -o FOLDER");
	} else {
		result = is_foreign(&o) ? export_foreign(&o, &e) : export(&o, &e);
	}
	return result < 0 ? report_error(&e) : 0;
}
