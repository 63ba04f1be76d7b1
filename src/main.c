/* SPDX-License-Identifier: Apache-2.0 */
/* The table of subcommands. */
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *about;
} commands[] = {
    {"scan", cmd_scan, "read captures into the memory, then report"},
    {"ask", cmd_ask, "did we ever meet this? since when? how much?"},
    {"hunt", cmd_hunt, "go on looking for indicators in all that is yet to come"},
    {"watch", cmd_watch, "receive flow exports until stopped"},
    {"status", cmd_status, "how a dwell watch that is at work does"},
    {"cases", cmd_cases, "ranked cases"},
    {"show", cmd_show, "one case or finding, explained, with its timeline"},
    {"query", cmd_query, "SQL over the memory's tables"},
    {"export", cmd_export, "the tables as files, under pseudonyms on wish"},
    {"mute", cmd_mute, "leave a case out of the lists: with a reason, reversible"},
    {"notify", cmd_notify, "send findings: file, web hook, syslog, mail"},
    {"report", cmd_report, "one self-contained HTML page"},
    {"doctor", cmd_doctor, "what was read of each input, what was not, and why"},
    {"plan", cmd_plan, "how long the disk lasts, and how long detail is kept"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
	fputs("dwell finds whoever stays in a network, and dates them to their\n"
	      "first packet.\n\n"
	      "usage: dwell COMMAND ...   (dwell COMMAND --help says more)\n\n",
	    out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].about);
	fputs("\nExit status: 0 done; 1 done, and findings exist (--exit-code);\n"
	      "2 wrong usage; 3 some input could not be read; 4 own failure.\n",
	    out);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
	    strcmp(name, "help") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(name, "--version") == 0) {
		puts("dwell " DWELL_VERSION);
		return 0;
	}
	if (argc < 2)
		print_help(stderr);
	else
		fprintf(stderr, "dwell: there is no command '%s' (dwell --help)\n", name);
	return 2;
}
