/* SPDX-License-Identifier: Apache-2.0 */
/* Durable files: what is acknowledged survives a power cut. */
#ifndef DWELL_SYS_FILE_H
#define DWELL_SYS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Make a folder and its parents; 0 also when it is there already. */
int file_make_folders(const char *path, struct error *e);

/* Replace the file at path by the n bytes at p:
 * written aside, fsync, rename, fsync of the folder. */
int file_replace(const char *path, const void *p, size_t n, struct error *e);

/* Rename from to to (same file system), making to's folder where needed. No fsync. */
int file_move(const char *from, const char *to, struct error *e);

/* fsync a file or a folder. */
int file_sync(const char *path, struct error *e);

/* Flush the whole file system that holds path: one call for many new files (syncfs). */
int file_sync_all(const char *path, struct error *e);

/* The whole file as a NUL-terminated malloc'd string,
 * at most limit bytes; NULL with *e set. */
char *file_read(const char *path, size_t limit, size_t *n, struct error *e);

/* Remove a file or a folder with all in it; missing is fine. */
int file_remove_tree(const char *path, struct error *e);

/* Whether something is there. */
bool file_exists(const char *path);

/* Take the exclusive lock of path (created when missing) until the process ends or
 * file_unlock. The descriptor, or negative with *e set when another process holds it. */
int file_lock(const char *path, struct error *e);
void file_unlock(int descriptor);

#endif
