/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's logs, as lines of tab-separated values under a header or as lines of JSON: both
 * give values by slot (zeek_table.h), from which zeek_rows.c makes records. Older names
 * of fields and those that shippers write for them are taken too.
 */
#ifndef DWELL_INPUT_ZEEK_H
#define DWELL_INPUT_ZEEK_H

#include "input/log.h"
#include "input/log_join.h"
#include "input/log_value.h"
#include "input/zeek_table.h"

struct zeek_name {
	const char *name; /* of the field */
	int16_t slot;
};

/* What the logs of a group say for each other. */
struct zeek_group {
	struct log_join by_uid;  /* struct zeek_names */
	struct log_join by_addr; /* struct zeek_answer: client and address to a name */
	struct log_join certs;   /* struct zeek_cert, by file id or fingerprint */
	struct log_out *out;     /* of the files read last; for certificates left over */
	struct arena *scratch;
};

/* A line taken apart. */
struct zeek_line {
	struct log_file *f;
	struct zeek_group *group;
	const struct log_value *v; /* ZEEK_SLOTS_MAX */
	uint64_t offset;
	struct moment ts;
};

struct zeek_kind {
	const char *path; /* what Zeek calls the log; static */
	unsigned lane;
	const struct zeek_name *names; /* besides those that all have */
	size_t name_count;
	const char *marks[2]; /* fields that a log has only if it is of this kind */
	/* Make records of the line; false when something is missing that must be there.
	 */
	bool (*row)(struct zeek_line *l);
};

/* All kinds of which rows are made, and names that all of them share. */
extern const struct zeek_kind *const zeek_kinds[];
extern const size_t zeek_kind_count;
extern const struct zeek_name zeek_common[];
extern const size_t zeek_common_count;

/* The kind with that path; NULL when no table is kept of it. */
const struct zeek_kind *zeek_kind_of(struct str path);

/* The kind of a log that has these fields and that name of a file, where it does not say
 * its path; NULL when it can not be told. */
const struct zeek_kind *zeek_guess(const struct str *fields, size_t n, const char *file);

/* The slot of a field's name in a kind; -1 when it is not kept. */
int16_t zeek_slot(const struct zeek_kind *kind, struct str name);

/* Whether the line's time is past f->until: then f->now is set to it, and the line is to
 * be read again when the lanes below have come so far. */
bool zeek_too_early(
    struct log_file *f, const struct zeek_kind *kind, const struct log_value *v);

/* Make records of a line whose slots v are set; how far in time the file was read goes
 * into f->now. False when it lacks what every row of its kind has. */
bool zeek_row(struct log_file *f, const struct zeek_kind *kind, const struct log_value *v,
    uint64_t offset);

/* log_format's begin and end, for both forms. */
void *zeek_begin(void);
void zeek_end(void *group, struct log_out *out, struct arena *scratch);

#endif
