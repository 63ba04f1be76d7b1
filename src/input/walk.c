/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbolic links to folders are not followed, so there are no
 * loops; links to files are. Pipes, sockets and devices are
 * read only when named: in a folder they could block for ever.
 */
#include "input/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void folder(struct input *in, int descriptor, const char *path, unsigned depth);

static void refused(struct input *in, const char *path)
{
	list_issue(in, INPUT_UNREADABLE, path, 0, strerror(errno));
}

/* The path of name in the folder, malloc'd; NULL without memory. */
static char *join(const char *path, const char *name)
{
	size_t n = strlen(path);
	const char *slash = n > 0 && path[n - 1] == '/' ? "" : "/";
	char *whole;
	return asprintf(&whole, "%s%s%s", path, slash, name) < 0 ? NULL : whole;
}

static void subfolder(
    struct input *in, int parent, const char *name, const char *path, unsigned depth)
{
	int d = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (d < 0)
		refused(in, path);
	else
		folder(in, d, path, depth);
}

static void entry(
    struct input *in, int parent, const char *name, const char *path, unsigned depth)
{
	struct stat st;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		refused(in, path);
		return;
	}
	if (S_ISDIR(st.st_mode)) {
		subfolder(in, parent, name, path, depth);
		return;
	}
	/* A link that leads nowhere is no capture;
	 * one that leads to a file is that file. */
	if (S_ISLNK(st.st_mode) && fstatat(parent, name, &st, 0) != 0)
		return;
	if (S_ISREG(st.st_mode))
		list_add(in, path, false);
}

/* Takes the descriptor over. */
static void folder(struct input *in, int descriptor, const char *path, unsigned depth)
{
	DIR *d = NULL;
	if (depth >= WALK_DEPTH_MAX)
		list_issue(in, INPUT_OVER_LIMIT, path, 0, "too many folders in folders");
	else if ((d = fdopendir(descriptor)) == NULL)
		refused(in, path);
	if (d == NULL) {
		close(descriptor);
		return;
	}
	for (;;) {
		errno = 0;
		const struct dirent *e = readdir(d);
		if (e == NULL)
			break;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		char *whole = join(path, e->d_name);
		if (whole != NULL)
			entry(in, dirfd(d), e->d_name, whole, depth + 1);
		else
			list_issue(in, INPUT_UNREADABLE, path, 0, strerror(ENOMEM));
		free(whole);
	}
	if (errno != 0)
		refused(in, path);
	closedir(d);
}

void walk_add(struct input *in, const char *path)
{
	struct stat st;
	if (strcmp(path, "-") == 0) {
		list_add(in, path, true);
		return;
	}
	if (stat(path, &st) != 0) {
		refused(in, path);
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		list_add(in, path, true);
		return;
	}
	int d = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d < 0)
		refused(in, path);
	else
		folder(in, d, path, 0);
}
