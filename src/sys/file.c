/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file is durable when its bytes and the entry that names it are on the disk: fsync of
 * the file, then rename, then fsync of the folder. A reader sees the old file or the new
 * one, never half of one. Every error names the path and what the operating system said.
 */
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/size.h"

#define FOLDER_MODE      0750 /* what a network did is not for every user to read */
#define FILE_MODE        0640
#define FILE_DEPTH_MAX   64 /* folders in folders that file_remove_tree goes into */
#define FILE_FIRST_BYTES 4096
#define WRITE_MAX        (1U << 30) /* Linux writes at most about 2 GiB in a call */

/* What could not be done to path, with errno's text. */
static int refused(struct error *e, const char *what, const char *path)
{
	return error_set(e, ERR_SYSTEM, "can not %s %s: %s", what, path, strerror(errno));
}

static int no_memory(struct error *e, const char *path)
{
	errno = ENOMEM;
	return refused(e, "handle", path);
}

/* The folder of path, malloc'd; NULL without memory. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (slash == NULL)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* ---- folders ---- */

static int make_folder(const char *path, struct error *e)
{
	struct stat st;
	if (mkdir(path, FOLDER_MODE) == 0)
		return 0;
	int why = errno;
	/* Also EROFS, EACCES and the like do not matter for what is there already. */
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	errno = why == EEXIST ? ENOTDIR : why;
	return refused(e, "make the folder", path);
}

int file_make_folders(const char *path, struct error *e)
{
	struct stat st;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	char *p = strdup(path);
	if (p == NULL)
		return no_memory(e, path);
	int result = 0;
	for (char *slash = strchr(p + (*p == '/'), '/'); slash != NULL && result == 0;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		result = make_folder(p, e);
		*slash = '/';
	}
	if (result == 0)
		result = make_folder(p, e);
	free(p);
	return result;
}

static int make_parent(const char *path, struct error *e)
{
	char *folder = folder_of(path);
	if (folder == NULL)
		return no_memory(e, path);
	int result = file_make_folders(folder, e);
	free(folder);
	return result;
}

/* ---- durability ---- */

int file_sync(const char *path, struct error *e)
{
	int d = open(path, O_RDONLY | O_CLOEXEC);
	if (d < 0)
		return refused(e, "open", path);
	int result = 0;
	/* EINVAL: this file system has nothing to
	 * flush for such a file (folders on some). */
	if (fsync(d) != 0 && errno != EINVAL)
		result = refused(e, "flush", path);
	close(d);
	return result;
}

int file_sync_all(const char *path, struct error *e)
{
	int d = open(path, O_RDONLY | O_CLOEXEC);
	if (d < 0)
		return refused(e, "open", path);
	int result = syncfs(d) == 0 ? 0 : refused(e, "flush the file system of", path);
	close(d);
	return result;
}

static bool write_all(int d, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(d, p, size_min(n, WRITE_MAX));
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* Write a new file with the n bytes at p and flush it. */
static int write_new(const char *path, const void *p, size_t n, struct error *e)
{
	/* What a killed run left there under this name is worth nothing. */
	if (unlink(path) != 0 && errno != ENOENT)
		return refused(e, "remove", path);
	int d = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (d < 0)
		return refused(e, "create", path);
	int result = 0;
	if (!write_all(d, p, n))
		result = refused(e, "write", path);
	else if (fsync(d) != 0)
		result = refused(e, "flush", path);
	/* Network file systems report a full disk only here. */
	if (close(d) != 0 && result == 0)
		result = refused(e, "close", path);
	if (result != 0)
		unlink(path);
	return result;
}

static int replace_through(
    const char *aside, const char *path, const void *p, size_t n, struct error *e)
{
	if (write_new(aside, p, n, e) != 0)
		return -1;
	if (rename(aside, path) != 0) {
		refused(e, "replace", path);
		unlink(aside);
		return -1;
	}
	char *folder = folder_of(path);
	if (folder == NULL)
		return no_memory(e, path);
	int result = file_sync(folder, e);
	free(folder);
	return result;
}

int file_replace(const char *path, const void *p, size_t n, struct error *e)
{
	char *aside;
	if (asprintf(&aside, "%s.tmp", path) < 0)
		return no_memory(e, path);
	int result = replace_through(aside, path, p, n, e);
	free(aside);
	return result;
}

int file_move(const char *from, const char *to, struct error *e)
{
	if (rename(from, to) == 0)
		return 0;
	if (errno != ENOENT)
		return refused(e, "move to", to);
	if (make_parent(to, e) != 0)
		return -1;
	return rename(from, to) == 0 ? 0 : refused(e, "move", from);
}

/* ---- reading ---- */

/* Make room for one byte more than *room holds now, up to limit + 2 bytes. */
static bool grow(char **text, size_t *room, size_t limit)
{
	size_t wanted;
	if (!size_mul(*room, 2, &wanted))
		return false;
	if (limit <= SIZE_MAX - 2)
		wanted = size_min(wanted, limit + 2);
	char *grown = realloc(*text, wanted);
	if (grown == NULL)
		return false;
	*text = grown;
	*room = wanted;
	return true;
}

/* Read all of d, at most limit bytes;
 * the result is malloc'd, with a NUL after its bytes. */
static char *read_all(int d, const char *path, size_t limit, size_t *n, struct error *e)
{
	size_t room = FILE_FIRST_BYTES, have = 0;
	char *text = malloc(room);
	while (text != NULL) {
		ssize_t got = read(d, text + have, room - have - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			refused(e, "read", path);
		have += got > 0 ? (size_t)got : 0;
		if (have > limit)
			error_set(
			    e, ERR_LIMIT, "%s is larger than %zu bytes", path, limit);
		if (got < 0 || have > limit)
			break;
		text[have] = '\0';
		*n = have;
		if (got == 0)
			return text;
		if (have + 1 == room && !grow(&text, &room, limit)) {
			no_memory(e, path);
			break;
		}
	}
	if (text == NULL)
		no_memory(e, path);
	free(text);
	*n = 0;
	return NULL;
}

char *file_read(const char *path, size_t limit, size_t *n, struct error *e)
{
	*n = 0;
	int d = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (d < 0) {
		refused(e, "open", path);
		return NULL;
	}
	char *text = read_all(d, path, limit, n, e);
	close(d);
	return text;
}

/* ---- removing ---- */

static int remove_at(int parent, const char *name, unsigned depth, struct error *e);

/* Remove all that is in the folder d, which is taken over. */
static int empty_folder(int d, const char *name, unsigned depth, struct error *e)
{
	DIR *folder = fdopendir(d);
	if (folder == NULL) {
		refused(e, "open", name);
		close(d);
		return -1;
	}
	int result = 0;
	while (result == 0) {
		errno = 0;
		const struct dirent *entry = readdir(folder);
		if (entry == NULL) {
			if (errno != 0)
				result = refused(e, "read", name);
			break;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		result = remove_at(dirfd(folder), entry->d_name, depth + 1, e);
	}
	closedir(folder);
	return result;
}

static int remove_at(int parent, const char *name, unsigned depth, struct error *e)
{
	if (depth > FILE_DEPTH_MAX)
		return error_set(e, ERR_LIMIT, "more than %d folders in folders at %s",
		    FILE_DEPTH_MAX, name);
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	/* Linux says EISDIR for a folder, POSIX says EPERM. */
	if (errno != EISDIR && errno != EPERM)
		return refused(e, "remove", name);
	int d = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (d < 0)
		return refused(e, "remove", name);
	if (empty_folder(d, name, depth, e) != 0)
		return -1;
	if (unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
		return refused(e, "remove", name);
	return 0;
}

int file_remove_tree(const char *path, struct error *e)
{
	return remove_at(AT_FDCWD, path, 0, e);
}

bool file_exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

/* ---- locking ---- */

int file_lock(const char *path, struct error *e)
{
	int d = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (d < 0)
		return refused(e, "open", path);
	/* The lock belongs to the open file,
	 * so closing another descriptor of it does not end it. */
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int result;
	do
		result = fcntl(d, F_OFD_SETLK, &whole);
	while (result != 0 && errno == EINTR);
	if (result == 0)
		return d;
	if (errno == EAGAIN || errno == EACCES)
		error_set(
		    e, ERR_SYSTEM, "%s is locked: another dwell writes there", path);
	else
		refused(e, "lock", path);
	close(d);
	return -1;
}

void file_unlock(int descriptor)
{
	if (descriptor >= 0)
		close(descriptor);
}
