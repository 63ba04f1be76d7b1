/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands. Each takes its own argv (argv[0]
 * is its name) and gives the exit status. */
#ifndef DWELL_CMD_COMMANDS_H
#define DWELL_CMD_COMMANDS_H

#include "base/error.h"
#include "cmd/options.h"
#include "store/store.h"

int cmd_scan(int argc, char **argv);
int cmd_ask(int argc, char **argv);
int cmd_hunt(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_cases(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_query(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_doctor(int argc, char **argv);

int cmd_status(int argc, char **argv);
int cmd_notify(int argc, char **argv);
int cmd_mute(int argc, char **argv);
int cmd_export(int argc, char **argv);

/* How many cases there are that are not muted. Negative with *e set. */
int count_cases(struct store *s, const struct options *o, uint64_t *n, struct error *e);

/* Print the ranked cases on standard output as the options say. Negative with *e set. */
int print_cases(struct store *s, const struct options *o, struct error *e);

#endif
