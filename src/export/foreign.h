/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory's rows as other tools write them: Zeek's logs, Suricata's EVE. Each log is a
 * list of columns, each with the name and type that the tool gives it and the SQL that
 * makes it of our tables; one writer prints them all.
 *
 *     conn, dns … ─▶ SQL of a log ─▶ rows ─▶ conn.log (text by tabs, or JSON), eve.json
 */
#ifndef DWELL_EXPORT_FOREIGN_H
#define DWELL_EXPORT_FOREIGN_H

#include "store/store.h"

/* The types of Zeek (its log files name them in #types); EVE prints them as JSON. The SQL
 * of a column gives what is said in brackets, NULL for a value that is not there. */
enum foreign_type {
	FOREIGN_TIME,      /* time [TIMESTAMP] */
	FOREIGN_INTERVAL,  /* interval [seconds] */
	FOREIGN_STRING,    /* string [VARCHAR] */
	FOREIGN_ENUM,      /* enum [VARCHAR] */
	FOREIGN_ADDR,      /* addr [VARCHAR] */
	FOREIGN_PORT,      /* port [a whole number] */
	FOREIGN_COUNT,     /* count [a whole number] */
	FOREIGN_BOOL,      /* bool [BOOLEAN] */
	FOREIGN_STRINGS,   /* vector[string] [VARCHAR, elements joined by chr(31)] */
	FOREIGN_INTERVALS, /* vector[interval] [the same, of numbers] */
	FOREIGN_COUNTS,    /* vector[count] [the same] */
	FOREIGN_SET,       /* set[string] [the same] */
	FOREIGN_DNS_TYPE,  /* count [VARCHAR, the mnemonic of a type of DNS] */
	FOREIGN_DNS_CLASS, /* count [the same of a class] */
	FOREIGN_DNS_RCODE, /* count [the same of a response code] */
	FOREIGN_DATE,      /* EVE's time, 2024-01-31T12:00:00.000000+0000 [TIMESTAMP] */
	FOREIGN_JSON,      /* EVE only: a value as JSON [VARCHAR] */
};

struct foreign_column {
	const char *name; /* EVE: with dots, for members of members */
	enum foreign_type type;
	const char *sql;
};

/* One log. Its rows are "WITH with SELECT columns FROM from", in the order of ts. */
struct foreign_log {
	const char *name;
	const char *with; /* NULL: none */
	const char *from; /* r is the table whose rows they are, with the column ts */
	const struct foreign_column *columns;
	size_t n;
};

/* The logs that one file lists. */
struct foreign_list {
	const struct foreign_log *logs;
	size_t n;
};

/* The lists, one for each file. foreign.c says which make up a tool's logs. */
extern const struct foreign_list zeek_basic, zeek_mail, zeek_net, zeek_db;
extern const struct foreign_list eve_basic, eve_windows, eve_messages, eve_ot, eve_mail,
    eve_net, eve_files, eve_db;

enum foreign_form {
	FOREIGN_ZEEK,      /* NAME.log, fields between tabs */
	FOREIGN_ZEEK_JSON, /* NAME.log, an object a line */
	FOREIGN_EVE,       /* eve.json, an object a line, event by event type */
};

struct foreign_request {
	enum foreign_form form;
	const char *folder;         /* must exist */
	const char *const *logs;    /* names, or event types; borrowed */
	size_t log_count;           /* 0: all */
	struct moment since, until; /* rows of [since, until); MOMENT_NONE: open */
};

/* What was written of a log; path is valid until the call returns. */
struct foreign_sink {
	void (*wrote)(void *ctx, const char *path, uint64_t rows);
	void *ctx;
};

/*
 * Write the logs, each aside first, then renamed. Logs without rows are not written, as
 * Zeek does. Negative with *e set; what was written before stays.
 */
int foreign_export(struct store *s, const struct foreign_request *x,
    const struct foreign_sink *sink, struct error *e);

#endif
