/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All or nothing over many files. A transaction writes new files into a folder of its
 * own; its commit file, which appears in one rename, says where they go and which old
 * files go away:
 *
 *     journal/tx-00000012/000000.parquet …   new files, nobody looks at them
 *     journal/commit-00000012.json           {"moves": [["000000.parquet",
 * "conn/day=…/…"], …], "removes": ["finding/…", …]}
 *
 * Before that rename a crash leaves a tx folder to delete; after it, steps to finish.
 * Each step may be done twice, so finishing may itself be cut short and start again.
 */
#ifndef DWELL_STORE_JOURNAL_H
#define DWELL_STORE_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define JOURNAL_MOVES_MAX  1000000    /* files in one transaction */
#define JOURNAL_COMMIT_MAX (1U << 28) /* bytes of a commit file */

/* The files of a transaction. */
struct journal_plan {
	uint32_t seq;    /* 0: no transaction */
	char **to;       /* where file number i goes, relative to the memory; owned */
	char **from;     /* its name in the tx folder; owned */
	char **replaces; /* the path that it replaces, whose rows it holds; NULL: none;
			    owned */
	size_t moves, moves_room;
	char **removes; /* relative to the memory; owned */
	size_t removed, removes_room;
};

/* Start with an empty tx folder for seq in the memory at root. */
int journal_begin(
    struct journal_plan *p, const char *root, uint32_t seq, struct error *e);

/* Note that the file from, in the tx folder, goes to path to. */
int journal_move(
    struct journal_plan *p, const char *from, const char *to, struct error *e);

/* The same for a file that holds rows of the one at path old, which goes away. */
int journal_replace(struct journal_plan *p, const char *from, const char *to,
    const char *old, struct error *e);

/* The same, but the one at old stays for now: replaced.h. */
int journal_succeed(struct journal_plan *p, const char *from, const char *to,
    const char *old, struct error *e);

/* Note that the file at path goes away. */
int journal_remove(struct journal_plan *p, const char *path, struct error *e);

/* Make durable what is in the tx folder, and commit it.
 * Negative with *e set and nothing changed, except where *e
 * says that the commit stands and the next writer finishes it. */
int journal_commit(struct journal_plan *p, const char *root, struct error *e);

/* Delete the tx folder, unless it was committed. The plan is freed in any case. */
void journal_drop(struct journal_plan *p, const char *root);

/* Free what it owns. */
void journal_plan_free(struct journal_plan *p);

/* Finish every commit and delete every other tx folder.
 * The caller holds the writer's lock. */
int journal_recover(const char *root, struct error *e);

/* Whether there is a commit that is not finished; negative with *e set. */
int journal_pending(const char *root, struct error *e);

#endif
