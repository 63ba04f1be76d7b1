/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: options that commands share,
 * said once in a table, parsed in one place. */
#ifndef DWELL_CMD_OPTIONS_H
#define DWELL_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/moment.h"
#include "cmd/format.h"
#include "report/report.h"
#include "store/policy.h"

#define LISTEN_MAX  16  /* places to listen at on one command line */
#define IFACES_MAX  16  /* interfaces on one command line */
#define THREADS_MAX 64  /* readers, or threads of a scan, on one command line */
#define HOME_MAX    256 /* home networks on one command line */
#define FEED_MAX    256 /* files of indicators on one command line */
#define TABLE_MAX   64  /* tables on one command line */
#define NOTIFY_MAX  16  /* targets on one command line */

/* Which options a command takes. */
enum option_bit {
	OPTION_LISTEN = 1 << 22, /* all that only dwell watch takes */
	OPTION_MEMORY = 1 << 0,
	OPTION_FORMAT = 1 << 1,
	OPTION_LANG = 1 << 2,
	OPTION_HOME = 1 << 3,
	OPTION_QUIET = 1 << 4,
	OPTION_EXIT_CODE = 1 << 5,
	OPTION_OUTPUT = 1 << 6,
	OPTION_SENSOR = 1 << 7,
	OPTION_ALL = 1 << 8,
	OPTION_SINCE = 1 << 9,
	OPTION_UNTIL = 1 << 10,
	OPTION_FEED = 1 << 11,
	OPTION_FORMAT_STIX = 1 << 12, /* instead of OPTION_FORMAT */
	OPTION_ALL_ANSWERS = 1 << 13, /* instead of OPTION_ALL */
	OPTION_EXIT_FOUND = 1 << 14,  /* instead of OPTION_EXIT_CODE */
	OPTION_MUTED = 1 << 15,
	OPTION_MUTE = 1 << 16, /* all that only dwell mute takes */
	OPTION_CSV_MAP = 1 << 18,
	OPTION_EXPORT = 1 << 17, /* all that only dwell export takes */
	OPTION_KEEP = 1 << 19,   /* how long detail is kept */
	OPTION_NOTE = 1 << 20,
	OPTION_BUDGET = 1 << 21,
	OPTION_DETECTORS = 1 << 24,
	OPTION_TRACES = 1 << 23,
	OPTION_THREADS = 1 << 28,
	OPTION_WAIT = 1 << 26,
	OPTION_LIMIT = 1 << 27,
	OPTION_NOTIFY = 1 << 25, /* where findings are sent, and which */
};

/* What dwell mute is told; NULL where it is not. */
struct mute_options {
	const char *peer, *host, *detector, *reason, *author, *until, *remove;
	bool list;
};

/* Where findings are sent. */
struct notify_options {
	const char *targets[NOTIFY_MAX]; /* URLs, or @FILE of them */
	size_t target_count;
	bool low;      /* those of low confidence, too */
	unsigned wait; /* seconds that delivering may take */
};

enum export_format {
	EXPORT_PARQUET,
	EXPORT_CSV,
	EXPORT_JSON,
	EXPORT_ZEEK,
	EXPORT_ZEEK_JSON,
	EXPORT_EVE,
};

/* What dwell export is told. */
struct export_options {
	enum export_format format;
	const char *tables[TABLE_MAX];
	size_t table_count;
	const char *key, *new_key; /* NULL: not given */
};

/* What dwell watch is told. */
struct watch_options {
	const char *interfaces[IFACES_MAX];
	size_t count;
	unsigned threads;   /* readers; 0: as many as there are cores */
	size_t ring_mib;    /* for each interface */
	const char *filter; /* NULL: none */
	int64_t once_ns;    /* how long to watch; 0: until stopped */
	bool hardware_time;
	const char *user; /* to be once all is open; NULL: who started it */
	uint16_t metrics; /* port of the loopback; 0: none */
};

/* How the memory's policy is to change. */
struct keep_options {
	struct policy_rule rules[POLICY_RULES_MAX];
	size_t n;
	uint64_t disk;
	bool disk_given;
};

struct options {
	const char *memory; /* folder; -m, else $DWELL_MEMORY, else ./memory */
	bool memory_given;  /* by -m: commands that are printed name it too */
	enum format format;
	enum language language;
	struct net home[HOME_MAX];
	size_t home_count;
	bool quiet;
	bool exit_code;
	bool all;
	bool detectors;     /* dwell doctor --detectors */
	unsigned threads;   /* that share the work of a scan; 1 where not given */
	const char *output; /* NULL: not given */
	const char *sensor;
	const char *csv_map; /* a map or the name of a file that holds one; NULL: none */
	const char *traces;  /* a file of traces of implants; NULL: not given */
	bool stix;           /* --format stix */
	struct moment since; /* begin of the first day; MOMENT_NONE: not given */
	struct moment until; /* end of the last day, excluded; likewise */
	const char *feeds[FEED_MAX]; /* files of indicators */
	size_t feed_count;
	bool muted;            /* show what is muted too */
	double budget;         /* false cases a day; 0: not given */
	uint64_t memory_limit; /* bytes; 0: not given */
	struct mute_options mute;
	struct export_options export;
	struct keep_options keep;
	struct notify_options notify;
	struct watch_options watch;
	const char *note;               /* of a hunt; NULL: not given */
	const char *listen[LISTEN_MAX]; /* udp:PORT and the like */
	size_t listen_count;
	struct net exporters[HOME_MAX]; /* of whom exports are taken; none: of all */
	size_t exporter_count;
	char **rest; /* what is no option */
	size_t rest_count;
};

/* How a command presents itself:
 * "dwell NAME ARGUMENTS", and what it does in a few lines. */
struct command_text {
	const char *name;
	const char *arguments;
	const char *about;
	unsigned options; /* of enum option_bit */
};

/*
 * Read the command line of a command (argv[0] is its name). True: go on. False: stop with
 * exit status *status; help was printed (0), or one line that says what is wrong (2).
 */
bool options_parse(struct options *o, const struct command_text *text, int argc,
    char **argv, int *status);

/* Print "dwell NAME: text" and how to get help, and give exit status 2. */
__attribute__((format(printf, 2, 3))) int usage_error(
    const struct command_text *text, const char *format, ...);

/* Print the error and give its exit status. */
int report_error(const struct error *e);

/* Whether the stream is a terminal that wants colours (NO_COLOR unset). */
bool wants_colour(FILE *stream);

#endif
