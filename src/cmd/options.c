/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "input/netflow_udp.h"

struct option_text {
	unsigned bit;
	int letter; /* short form, or a number above 255 */
	const char *name;
	const char *value; /* NULL: takes none */
	const char *about;
	const char *right; /* what a right value looks like; NULL: value says it */
};

static const struct option_text texts[] = {
    {OPTION_MEMORY, 'm', "memory", "FOLDER", "the memory [$DWELL_MEMORY, else ./memory]",
	"a name"},
    {OPTION_OUTPUT, 'o', "output", "FILE", "where to write", "a name"},
    {OPTION_FORMAT, 256, "format", "table|json|csv", "how rows are printed [table]",
	NULL},
    {OPTION_LANG, 257, "lang", "en|zh", "language of sentences [en]", NULL},
    {OPTION_HOME, 258, "home", "CIDR",
	"a network that is ours; repeat or join with ',' [private and link-local "
	"addresses]",
	"a network such as 10.0.0.0/8"},
    {OPTION_SENSOR, 259, "sensor", "NAME", "name of this sensor in every row [local]",
	"1 to 64 of A-Z a-z 0-9 _ - . (the first no .)"},
    {OPTION_ALL, 260, "all", NULL, "print every case, not only the first ten", NULL},
    {OPTION_EXIT_CODE, 261, "exit-code", NULL, "exit with 1 when findings exist", NULL},
    {OPTION_FEED, 'f', "feed", "FILE", "a file of indicators, or '-'; repeat for more",
	"a name (at most 256 files)"},
    {OPTION_SINCE, 262, "since", "DATE", "the first day that counts, UTC",
	"a day such as 2025-03-31"},
    {OPTION_UNTIL, 263, "until", "DATE", "the last day that counts, UTC",
	"a day such as 2025-03-31"},
    {OPTION_FORMAT_STIX, 264, "format", "table|json|csv|stix",
	"how answers are printed [table]", NULL},
    {OPTION_ALL_ANSWERS, 265, "all", NULL, "print what was not seen too", NULL},
    {OPTION_EXIT_FOUND, 266, "exit-code", NULL, "exit with 1 when something was seen",
	NULL},
    {OPTION_DETECTORS, 295, "detectors", NULL,
	"print what each detector holds in memory at most", NULL},
    {OPTION_BUDGET, 293, "budget", "N/day",
	"show only as many cases as keep the expected false ones below N a day",
	"a number above 0, then /day, /week, /month or /year: 5/day"},
    {OPTION_MUTED, 267, "muted", NULL, "show what is muted too, with its reason", NULL},
    {OPTION_MUTE, 268, "peer", "PEER",
	"mute this address, CIDR, or name with all below it", "a text"},
    {OPTION_MUTE, 269, "host", "CIDR", "mute these inside machines", "a text"},
    {OPTION_MUTE, 270, "detector", "NAME", "mute what this detector finds", "a text"},
    {OPTION_MUTE, 271, "reason", "TEXT", "why; must be given", "a text"},
    {OPTION_MUTE, 272, "author", "NAME", "who says so [the user's login name]", "a text"},
    {OPTION_MUTE, 273, "until", "DATE", "the last day it holds, UTC [for ever]",
	"a day such as 2025-03-31"},
    {OPTION_MUTE, 274, "list", NULL, "print every mute, also those no longer in force",
	NULL},
    {OPTION_MUTE, 275, "remove", "N", "take back mute number N", "a number"},
    {OPTION_EXPORT, 276, "format", "FORMAT",
	"parquet, csv, json, zeek, zeek-json or eve [parquet]", NULL},
    {OPTION_EXPORT, 277, "table", "NAME",
	"a table, log or event type to export; repeat for more [all]",
	"a name (at most 64 tables)"},
    {OPTION_EXPORT, 278, "pseudonymise", "KEYFILE",
	"hide addresses, names and texts under this key", "a name"},
    {OPTION_EXPORT, 279, "new-key", "FILE", "make a new key in this file, and stop",
	"a name"},
    {OPTION_CSV_MAP, 280, "csv-map", "MAP",
	"which columns CSV files have: NAME=COLUMN,... or a file of such lines",
	"such as ts=Time,src_ip=Source,dst_ip=Target, or a file"},
    {OPTION_TRACES, 294, "traces", "FILE",
	"traces of implants to look for beside those that dwell knows", "a name"},
    {OPTION_KEEP, 285, "keep-conn", "SPAN",
	"keep rows of connections and protocols so long, e.g. 90d, 12w, 5y; all: for "
	"good "
	"[all]",
	"a span such as 90d, 12w, 6m or 5y, or all"},
    {OPTION_KEEP, 286, "disk", "SIZE",
	"let the memory grow to this size, e.g. 500G; then the oldest rows go [all]",
	"a size such as 500G (at least 1M), or all"},
    {OPTION_KEEP, 287, "keep", "NET[,PROTO]=SPAN",
	"keep rows of this network (*: any) and protocol so long; repeat for more",
	"a rule such as 10.9.0.0/16=30d or *,http=7d (at most 64)"},
    {OPTION_NOTE, 289, "note", "TEXT", "what the hunt is for; must be given", "a text"},
    {OPTION_LISTEN, 290, "listen", "udp:[ADDR:]PORT",
	"receive flow exports there; repeat for more",
	"such as udp:2055 or udp:10.0.0.1:4739"},
    {OPTION_LISTEN, 291, "exporter", "CIDR",
	"take exports from there only; repeat or join with ','",
	"a network such as 192.0.2.0/24"},
    {OPTION_NOTIFY, 320, "notify", "TARGET",
	"where to: file:PATH, https://..., syslog+tcp://HOST, syslog+tls://HOST, "
	"smtps://HOST/?from=ADDR&to=ADDR, or @FILE with such lines; repeat for more",
	"a target (at most 16)"},
    {OPTION_NOTIFY, 321, "low", NULL, "send findings of low confidence, too", NULL},
    {OPTION_WAIT, 322, "wait", "SECONDS",
	"try so long to deliver; the rest waits for the next run [60]",
	"a number of seconds up to 86400"},
    {OPTION_LISTEN, 'i', "interface", "IFACE",
	"capture the packets of this network interface; repeat for more",
	"the name of an interface (at most 16, each once)"},
    {OPTION_LISTEN, 301, "threads", "N", "share packets among so many readers [cores]",
	"1 to 64"},
    {OPTION_LISTEN, 302, "ring", "MIB",
	"memory for packets that wait to be read, for each interface [64]", "2 to 4096"},
    {OPTION_LISTEN, 303, "filter", "EXPR",
	"capture only what this expression takes, see pcap-filter(7)", "an expression"},
    {OPTION_LISTEN, 304, "once", "TIME", "watch for so long, then stop, e.g. 60s, 5m, 2h",
	"a time such as 60s, 5m or 2h"},
    {OPTION_LISTEN, 306, "user", "NAME",
	"become this user once the sockets are open [stay who started it]", "a name"},
    {OPTION_LISTEN, 307, "metrics", "PORT",
	"show numbers for Prometheus at 127.0.0.1:PORT/metrics [no]", "1 to 65535"},
    {OPTION_LIMIT, 296, "memory-limit", "SIZE",
	"let all processes together hold so much, e.g. 2G [watch: 1G; scan: its parts' "
	"own "
	"limits]",
	"a size such as 2G (at least 1M)"},
    {OPTION_LISTEN, 305, "hardware-time", NULL,
	"take time stamps from the interface's own clock", NULL},
    {OPTION_THREADS, 330, "threads", "N",
	"share the work among so many threads; the rows are the same [1]", "1 to 64"},
    {OPTION_QUIET, 'q', "quiet", NULL, "no progress and no notes", NULL},
};

#define TEXTS      (sizeof(texts) / sizeof(texts[0]))
#define HELP_CODE  400
#define TIME_MAX_S (366UL * 86400) /* of a time on the command line */
#define WAIT_MAX   86400           /* seconds */
#define WAIT       60

int usage_error(const struct command_text *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fprintf(stderr, "dwell %s: ", text->name);
	vfprintf(stderr, format, args);
	fprintf(stderr, " (dwell %s --help)\n", text->name);
	va_end(args);
	return 2;
}

int report_error(const struct error *e)
{
	log_warn("%s", e->text);
	return error_exit_status(e);
}

bool wants_colour(FILE *stream)
{
	const char *none = getenv("NO_COLOR");
	return isatty(fileno(stream)) && (none == NULL || none[0] == '\0');
}

static void print_help(const struct command_text *text)
{
	printf("usage: dwell %s %s\n\n%s\n\noptions:\n", text->name, text->arguments,
	    text->about);
	for (size_t i = 0; i < TEXTS; i++) {
		const struct option_text *t = &texts[i];
		if ((text->options & t->bit) == 0)
			continue;
		char left[48], letter[8] = "    ";
		if (t->letter < 256)
			snprintf(letter, sizeof(letter), "-%c, ", t->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, t->name,
		    t->value != NULL ? " " : "", t->value != NULL ? t->value : "");
		printf("  %-30s %s\n", left, t->about);
	}
	printf("  %-30s %s\n", "    --help", "this text");
}

/* Add "CIDR[,CIDR…]" to the *count networks at v, at most HOME_MAX. */
static bool add_networks(struct net *v, size_t *count, const char *list)
{
	char one[ADDR_TEXT_MAX + 5];
	for (const char *p = list; *p != '\0';) {
		size_t n = strcspn(p, ",");
		if (n == 0 || n >= sizeof(one) || *count == HOME_MAX)
			return false;
		memcpy(one, p, n);
		one[n] = '\0';
		if (!net_parse(one, &v[*count]))
			return false;
		++*count;
		p += n + (p[n] == ',');
	}
	return *list != '\0';
}

static bool add_listen(struct options *o, const char *value)
{
	struct addr address;
	uint16_t port;
	if (o->listen_count == LISTEN_MAX || !netflow_udp_place(value, &address, &port))
		return false;
	o->listen[o->listen_count++] = value;
	return true;
}

static bool set_format(struct options *o, const char *value)
{
	static const char *const names[] = {
	    [FORMAT_TABLE] = "table", [FORMAT_JSON] = "json", [FORMAT_CSV] = "csv"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]) == 0) {
			o->format = (enum format)i;
			return true;
		}
	}
	return false;
}

/* Read YYYY-MM-DD; false when it is no day. */
static bool read_day(const char *value, int64_t *day)
{
	int y, n = 0, back_y;
	unsigned m, d, back_m, back_d;
	if (strlen(value) != 10 || sscanf(value, "%4d-%2u-%2u%n", &y, &m, &d, &n) != 3 ||
	    n != 10 || y < 1700 || y > 2261 || m < 1 || m > 12 || d < 1)
		return false;
	*day = days_from_civil(y, m, d);
	civil_from_days(*day, &back_y, &back_m, &back_d);
	return back_y == y && back_m == m && back_d == d;
}

static bool set_day(struct moment *at, const char *value, int64_t add)
{
	int64_t day;
	if (!read_day(value, &day))
		return false;
	*at = moment_from((day + add) * 86400, 0);
	return true;
}

static bool add_feed(struct options *o, const char *value)
{
	if (value[0] == '\0' || o->feed_count == FEED_MAX)
		return false;
	o->feeds[o->feed_count++] = value;
	return true;
}

/* A sensor's name becomes part of file names. */
static bool set_sensor(struct options *o, const char *value)
{
	size_t n = strlen(value);
	if (n == 0 || n > 64 || value[0] == '.' ||
	    strspn(value,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != n)
		return false;
	o->sensor = value;
	return true;
}

static bool set_text(const char **field, const char *value)
{
	*field = value;
	return value[0] != '\0';
}

/* A whole number in decimal digits, least to most. */
static bool set_number(size_t *field, const char *value, size_t least, size_t most)
{
	char *end;
	if (value[0] < '0' || value[0] > '9')
		return false;
	errno = 0;
	unsigned long n = strtoul(value, &end, 10);
	*field = n;
	return errno == 0 && *end == '\0' && n >= least && n <= most;
}

/* A time such as 60s, 5m or 2h; a number alone is seconds. */
static bool set_time(int64_t *ns, const char *value)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'\0', 1}};
	char *end;
	if (value[0] < '0' || value[0] > '9')
		return false;
	errno = 0;
	unsigned long n = strtoul(value, &end, 10);
	if (errno != 0 || n == 0 || n > TIME_MAX_S || (*end != '\0' && end[1] != '\0'))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (*end == units[i].unit) {
			*ns = (int64_t)n * units[i].seconds * NS_PER_S;
			return true;
		}
	}
	return false;
}

static bool set_threads(unsigned *field, const char *value)
{
	size_t n;
	if (!set_number(&n, value, 1, THREADS_MAX))
		return false;
	*field = (unsigned)n;
	return true;
}

static bool add_interface(struct watch_options *w, const char *value)
{
	for (size_t i = 0; i < w->count; i++) {
		if (strcmp(w->interfaces[i], value) == 0)
			return false;
	}
	if (value[0] == '\0' || w->count == IFACES_MAX)
		return false;
	w->interfaces[w->count++] = value;
	return true;
}

/* An option that only dwell watch takes. */
static bool apply_watch(struct options *o, int code, const char *value)
{
	struct watch_options *w = &o->watch;
	size_t n = 0;
	switch (code) {
	case 290:
		return add_listen(o, value);
	case 291:
		return add_networks(o->exporters, &o->exporter_count, value);
	case 'i':
		return add_interface(w, value);
	case 301:
		return set_threads(&w->threads, value);
	case 302:
		return set_number(&w->ring_mib, value, 2, 4096);
	case 303:
		return set_text(&w->filter, value);
	case 306:
		return set_text(&w->user, value);
	case 307:
		if (!set_number(&n, value, 1, UINT16_MAX))
			return false;
		w->metrics = (uint16_t)n;
		return true;
	case 304:
		return set_time(&w->once_ns, value);
	default:
		return w->hardware_time = true;
	}
}

/* An option of dwell mute. */
static bool apply_mute(struct mute_options *m, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **field;
	} fields[] = {{"peer", &m->peer}, {"host", &m->host}, {"detector", &m->detector},
	    {"reason", &m->reason}, {"author", &m->author}, {"until", &m->until},
	    {"remove", &m->remove}};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, name) == 0)
			return set_text(fields[i].field, value);
	}
	return m->list = true;
}

/* An option of dwell export. */
static bool apply_export(struct export_options *x, const char *name, const char *value)
{
	static const char *const formats[] = {[EXPORT_PARQUET] = "parquet",
	    [EXPORT_CSV] = "csv",
	    [EXPORT_JSON] = "json",
	    [EXPORT_ZEEK] = "zeek",
	    [EXPORT_ZEEK_JSON] = "zeek-json",
	    [EXPORT_EVE] = "eve"};
	if (strcmp(name, "table") == 0)
		return x->table_count < TABLE_MAX &&
		       set_text(&x->tables[x->table_count++], value);
	if (strcmp(name, "pseudonymise") == 0)
		return set_text(&x->key, value);
	if (strcmp(name, "new-key") == 0)
		return set_text(&x->new_key, value);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(value, formats[i]) == 0) {
			x->format = (enum export_format)i;
			return true;
		}
	}
	return false;
}

static bool apply_keep(struct keep_options *k, const char *name, const char *value)
{
	struct policy_rule *rule = &k->rules[k->n];
	if (strcmp(name, "disk") == 0) {
		k->disk_given = true;
		return policy_parse_size(value, &k->disk);
	}
	if (k->n == POLICY_RULES_MAX)
		return false;
	k->n++;
	if (strcmp(name, "keep") == 0)
		return policy_parse_rule(value, rule);
	*rule = (struct policy_rule){.everyone = true};
	return policy_parse_span(value, &rule->days);
}

static bool apply_notify(struct notify_options *n, const char *name, const char *value)
{
	if (strcmp(name, "low") == 0)
		return n->low = true;
	if (strcmp(name, "notify") == 0)
		return n->target_count < NOTIFY_MAX &&
		       set_text(&n->targets[n->target_count++], value);
	char *end;
	unsigned long seconds = strtoul(value, &end, 10);
	n->wait = (unsigned)seconds;
	return value[0] >= '0' && value[0] <= '9' && *end == '\0' && seconds <= WAIT_MAX;
}

/* A rate such as 5/day or 1/month, in times a day; without a unit it is a day. */
static bool set_budget(double *budget, const char *value)
{
	static const struct {
		const char *unit;
		double days;
	} units[] = {{"", 1}, {"/day", 1}, {"/week", 7}, {"/month", 30}, {"/year", 365}};
	char *end;
	double n = strtod(value, &end);
	if (end == value || !isfinite(n) || n <= 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0) {
			*budget = n / units[i].days;
			return true;
		}
	}
	return false;
}

/* Apply one option; false when its value is wrong. */
static bool apply(struct options *o, const struct option_text *t, const char *value)
{
	switch (t->bit) {
	case OPTION_DETECTORS:
		return o->detectors = true;
	case OPTION_LIMIT:
		return policy_parse_size(value, &o->memory_limit) && o->memory_limit > 0;
	case OPTION_BUDGET:
		return set_budget(&o->budget, value);
	case OPTION_MUTED:
		return o->muted = true;
	case OPTION_MUTE:
		return apply_mute(&o->mute, t->name, value);
	case OPTION_WAIT:
	case OPTION_NOTIFY:
		return apply_notify(&o->notify, t->name, value);
	case OPTION_KEEP:
		return apply_keep(&o->keep, t->name, value);
	case OPTION_EXPORT:
		return apply_export(&o->export, t->name, value);
	case OPTION_LISTEN:
		return apply_watch(o, t->letter, value);
	case OPTION_MEMORY:
		o->memory_given = true;
		return set_text(&o->memory, value);
	case OPTION_CSV_MAP:
		return set_text(&o->csv_map, value);
	case OPTION_TRACES:
		return set_text(&o->traces, value);
	case OPTION_THREADS:
		return set_threads(&o->threads, value);
	case OPTION_NOTE:
		return set_text(&o->note, value);
	case OPTION_OUTPUT:
		return set_text(&o->output, value);
	case OPTION_FORMAT:
		return set_format(o, value);
	case OPTION_LANG:
		return language_from_name(value, &o->language);
	case OPTION_HOME:
		return add_networks(o->home, &o->home_count, value);
	case OPTION_SENSOR:
		return set_sensor(o, value);
	case OPTION_FORMAT_STIX:
		o->stix = strcmp(value, "stix") == 0;
		return o->stix || set_format(o, value);
	case OPTION_SINCE:
		return set_day(&o->since, value, 0);
	case OPTION_UNTIL:
		return set_day(&o->until, value, 1);
	case OPTION_FEED:
		return add_feed(o, value);
	case OPTION_ALL:
	case OPTION_ALL_ANSWERS:
		return o->all = true;
	case OPTION_EXIT_FOUND:
	case OPTION_EXIT_CODE:
		return o->exit_code = true;
	default:
		return o->quiet = true;
	}
}

/* Lay the table out for getopt_long; only the options that the command takes. */
static void build_getopt(
    const struct command_text *text, struct option *longs, char *shorts)
{
	size_t n = 0;
	*shorts++ = ':';
	for (size_t i = 0; i < TEXTS; i++) {
		const struct option_text *t = &texts[i];
		if ((text->options & t->bit) == 0)
			continue;
		int has = t->value != NULL ? required_argument : no_argument;
		longs[n++] = (struct option){t->name, has, NULL, t->letter};
		if (t->letter < 256)
			*shorts++ = (char)t->letter;
		if (t->letter < 256 && t->value != NULL)
			*shorts++ = ':';
	}
	longs[n++] = (struct option){"help", no_argument, NULL, HELP_CODE};
	longs[n] = (struct option){0};
	*shorts++ = 'h';
	*shorts = '\0';
}

static const struct option_text *text_of(int letter)
{
	for (size_t i = 0; i < TEXTS; i++) {
		if (texts[i].letter == letter)
			return &texts[i];
	}
	return NULL;
}

static int bad_option(const struct command_text *text, int code, char **argv)
{
	const struct option_text *t = text_of(optopt);
	if (code == ':' && t != NULL)
		return usage_error(text, "--%s needs a value: %s", t->name, t->value);
	if (t != NULL && (text->options & t->bit) != 0)
		return usage_error(text, "--%s takes no value", t->name);
	if (optopt > 0 && optopt < 256)
		return usage_error(text, "there is no option -%c", optopt);
	return usage_error(text, "there is no option %s", argv[optind - 1]);
}

bool options_parse(struct options *o, const struct command_text *text, int argc,
    char **argv, int *status)
{
	struct option longs[TEXTS + 2];
	char shorts[3 * TEXTS + 3];
	const char *from_environment = getenv("DWELL_MEMORY");
	*o = (struct options){.memory = "memory",
	    .sensor = "local",
	    .watch.ring_mib = 64,
	    .threads = 1,
	    .since = MOMENT_NONE,
	    .until = MOMENT_NONE,
	    .notify.wait = WAIT};
	if (from_environment != NULL && from_environment[0] != '\0')
		o->memory = from_environment;
	build_getopt(text, longs, shorts);
	opterr = 0;
	optind = 1;
	for (int code; (code = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
		if (code == HELP_CODE || code == 'h') {
			print_help(text);
			*status = 0;
			return false;
		}
		const struct option_text *t = text_of(code);
		if (t == NULL) {
			*status = bad_option(text, code, argv);
			return false;
		}
		if (!apply(o, t, optarg)) {
			*status = usage_error(text, "--%s: '%s' is not %s", t->name,
			    optarg, t->right != NULL ? t->right : t->value);
			return false;
		}
	}
	log_set_quiet(o->quiet);
	o->rest = argv + optind;
	o->rest_count = (size_t)(argc - optind);
	return true;
}
