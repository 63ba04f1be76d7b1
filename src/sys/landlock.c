/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers are the kernel's; headers of a system may be older than its kernel. */
#include "sys/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CREATE_RULESET 444
#define ADD_RULE       445
#define RESTRICT_SELF  446

#define ASK_VERSION 1U
#define RULE_PATH   1
#define RULE_PORT   2

/* Rights on files, by bit. */
#define FS_WRITE_FILE  (1ULL << 1)
#define FS_READ_FILE   (1ULL << 2)
#define FS_READ_DIR    (1ULL << 3)
#define FS_REMOVE_DIR  (1ULL << 4)
#define FS_REMOVE_FILE (1ULL << 5)
#define FS_MAKE_DIR    (1ULL << 7)
#define FS_MAKE_REG    (1ULL << 8)
#define FS_REFER       (1ULL << 13)
#define FS_TRUNCATE    (1ULL << 14)

#define FS_OF_FILES (FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)
#define FS_READING  (FS_READ_FILE | FS_READ_DIR)
#define FS_WRITING                                                                       \
	(FS_READING | FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR |     \
	    FS_MAKE_REG | FS_REFER | FS_TRUNCATE)

#define NET_BIND    (1ULL << 0)
#define NET_CONNECT (1ULL << 1)

#define SCOPE_ALL 3ULL /* abstract sockets, signals */

struct ruleset {
	uint64_t files, ports, scope;
};

struct path_rule {
	uint64_t access;
	int32_t parent;
} __attribute__((packed));

struct port_rule {
	uint64_t access, port;
};

/* All rights on files that a version knows: each one added some. */
static uint64_t rights(int abi)
{
	static const int bits[] = {0, 13, 14, 15, 15, 16}; /* by version */
	const int known = (int)(sizeof(bits) / sizeof(bits[0])) - 1;
	return (1ULL << bits[abi < known ? abi : known]) - 1;
}

/* The kernel takes the part of the struct that its version has. */
static size_t ruleset_bytes(int abi)
{
	if (abi >= LANDLOCK_ABI_SCOPE)
		return sizeof(struct ruleset);
	return abi >= LANDLOCK_ABI_PORTS ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

static int refused(struct error *e, const char *what)
{
	return error_set(e, ERR_SYSTEM, "Landlock: %.200s: %s", what, strerror(errno));
}

int landlock_open(struct landlock *l, bool writes, struct error *e)
{
	long abi = syscall(CREATE_RULESET, NULL, 0UL, ASK_VERSION);
	*l = (struct landlock){.ruleset = -1, .abi = abi > 0 ? (int)abi : 0};
	if (l->abi < (writes ? LANDLOCK_ABI_RENAMES : 1))
		return 0;
	l->files = rights(l->abi);
	l->ports = l->abi >= LANDLOCK_ABI_PORTS ? NET_BIND | NET_CONNECT : 0;
	struct ruleset all = {l->files, l->ports, SCOPE_ALL};
	l->ruleset = (int)syscall(CREATE_RULESET, &all, ruleset_bytes(l->abi), 0UL);
	return l->ruleset >= 0 ? 0 : refused(e, "beginning a fence");
}

int landlock_allow(
    struct landlock *l, const char *path, enum landlock_access access, struct error *e)
{
	struct stat st;
	if (l->ruleset < 0)
		return 0;
	int d = open(path, O_PATH | O_CLOEXEC);
	if (d < 0)
		return 0;
	struct path_rule rule = {access == LANDLOCK_WRITE ? FS_WRITING : FS_READING, d};
	if (fstat(d, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.access &= FS_OF_FILES;
	rule.access &= l->files;
	int result = 0;
	if (syscall(ADD_RULE, l->ruleset, RULE_PATH, &rule, 0UL) != 0 &&
	    errno != EBADFD) /* a pipe: open to all that know its name */
		result = refused(e, path);
	close(d);
	return result;
}

int landlock_allow_port(struct landlock *l, uint16_t port, struct error *e)
{
	struct port_rule rule = {NET_CONNECT, port};
	if (l->ruleset < 0 || l->ports == 0)
		return 0;
	if (syscall(ADD_RULE, l->ruleset, RULE_PORT, &rule, 0UL) != 0)
		return refused(e, "allowing a port");
	return 0;
}

int landlock_enter(struct landlock *l, struct error *e)
{
	int result = 0;
	if (l->ruleset >= 0 && syscall(RESTRICT_SELF, l->ruleset, 0UL) != 0)
		result = refused(e, "closing the fence");
	landlock_close(l);
	return result;
}

void landlock_close(struct landlock *l)
{
	if (l->ruleset >= 0)
		close(l->ruleset);
	l->ruleset = -1;
}
