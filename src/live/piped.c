/* SPDX-License-Identifier: Apache-2.0 */
#include "live/piped.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/size.h"

#define HEAD_BYTES   24
#define RECORD_BYTES 16

#define MAGIC_US     0xa1b2c3d4
#define MAGIC_NS     0xa1b23c4d
#define MAGIC_PCAPNG 0x0a0d0d0a

/* What outlives a reader. */
struct kept {
	_Atomic bool stopped;
	bool head;   /* a file header was read */
	bool little; /* numbers are little-endian */
	bool nano;
	bool ended;
	uint16_t link;
	uint32_t held;
	uint64_t begin, next, end; /* in bytes */
	uint64_t offset;           /* of next in all that was written */
	uint8_t bytes[PIPED_BYTES];
};

struct piped {
	int fd;
	struct kept *kept;
	const char *why;
};

struct record {
	struct moment ts;
	uint32_t captured, wire;
};

/* ---- opening ---- */

bool piped_is(const char *name)
{
	return strcmp(name, "-") == 0 || strchr(name, '/') != NULL;
}

struct piped *piped_from(int fd, struct error *e)
{
	struct piped *p = calloc(1, sizeof(*p));
	void *kept = mmap(NULL, sizeof(struct kept), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == NULL || kept == MAP_FAILED) {
		error_set(e, ERR_SYSTEM, "no memory to read a pipe");
		free(p);
		close(fd);
		return NULL;
	}
	*p = (struct piped){.fd = fd, .kept = kept};
	return p;
}

struct piped *piped_open(const char *name, struct error *e)
{
	struct stat st;
	bool input = strcmp(name, "-") == 0;
	if (!input && stat(name, &st) == 0 && !S_ISFIFO(st.st_mode)) {
		error_set(e, ERR_USAGE,
		    "%.200s is no pipe: dwell scan reads files, and -i takes an "
		    "interface, a pipe, or -",
		    name);
		return NULL;
	}
	/* Open for writing too, it is never at its end: writers come and go. */
	int fd = input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
		       : open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		error_set(e, errno == ENOENT ? ERR_USAGE : ERR_SYSTEM, "%.200s: %s", name,
		    strerror(errno));
		return NULL;
	}
	return piped_from(fd, e);
}

/* ---- reading ---- */

static void end(struct piped *p, const char *why)
{
	p->kept->ended = true;
	p->kept->end = p->kept->next;
	p->why = why;
}

/* What the pipe has now, as far as there is room. Never waits. */
static void fill(struct piped *p)
{
	struct kept *k = p->kept;
	struct pollfd ready = {p->fd, POLLIN, 0};
	if (k->begin == k->next && k->begin > 0 && k->end == PIPED_BYTES) {
		memmove(k->bytes, k->bytes + k->begin, k->end - k->begin);
		k->end -= k->begin;
		k->begin = k->next = 0;
	}
	if (k->ended || atomic_load(&k->stopped) || k->end == PIPED_BYTES ||
	    poll(&ready, 1, 0) <= 0)
		return;
	ssize_t n = read(p->fd, k->bytes + k->end, PIPED_BYTES - k->end);
	if (n > 0)
		k->end += (uint64_t)n;
	else if (n == 0)
		k->ended = true;
	else if (errno != EINTR && errno != EAGAIN)
		end(p, "it can not be read");
}

static bool have(struct piped *p, size_t n)
{
	if (p->kept->end - p->kept->next < n)
		fill(p);
	return p->kept->end - p->kept->next >= n;
}

static uint32_t number(const struct kept *k, size_t at)
{
	const uint8_t *from = k->bytes + k->next + at;
	return k->little ? load_le32(from) : load_be32(from);
}

/* A file header at next: what the numbers after it are; false: there is none. */
static bool read_head(struct kept *k)
{
	for (int order = 0; order < 2; order++) {
		k->little = order == 1;
		uint32_t magic = number(k, 0), version = number(k, 4);
		if (k->little)
			version = version << 16 | version >> 16;
		if ((magic != MAGIC_US && magic != MAGIC_NS) || version != 0x00020004)
			continue;
		k->nano = magic == MAGIC_NS;
		k->link = (uint16_t)number(k, 20);
		k->next += HEAD_BYTES;
		k->offset += HEAD_BYTES;
		k->begin = k->held == 0 ? k->next : k->begin;
		return true;
	}
	return false;
}

/* Where the next record would be another file's header may be, of the next writer. */
static bool is_head(struct piped *p)
{
	struct kept *k = p->kept;
	uint32_t magic = load_be32(k->bytes + k->next);
	uint32_t other = load_le32(k->bytes + k->next);
	return magic == MAGIC_US || magic == MAGIC_NS || other == MAGIC_US ||
	       other == MAGIC_NS;
}

/* The whole record at next; false: it is not there. */
static bool peek(struct piped *p, struct record *r)
{
	struct kept *k = p->kept;
	while (!k->head || (have(p, 4) && is_head(p))) {
		if (!have(p, HEAD_BYTES)) {
			if (k->ended && k->end > k->next)
				end(p, "it ends inside a header");
			return false;
		}
		bool ng = load_be32(k->bytes + k->next) == MAGIC_PCAPNG;
		if (!read_head(k)) {
			end(p, ng ? "pcapng is not read from a pipe: have it written as "
				    "pcap (dumpcap -P, tshark -F pcap, tcpdump)"
				  : "it is not in the format of pcap");
			return false;
		}
		k->head = true;
	}
	bool whole = have(p, RECORD_BYTES);
	if (whole) {
		uint32_t part = number(k, 4);
		*r = (struct record){moment_from(number(k, 0), k->nano ? part : 0),
		    number(k, 8), number(k, 12)};
		if (!k->nano)
			r->ts = moment_add(r->ts, (int64_t)part * 1000);
		if (r->captured > PIPED_RECORD_MAX) {
			end(p, "it is damaged: a packet is too large");
			return false;
		}
		whole = have(p, RECORD_BYTES + r->captured);
	}
	if (!whole && k->ended && k->end > k->next)
		end(p, "it ends inside a packet");
	return whole;
}

struct moment piped_next(struct piped *p)
{
	struct record r;
	return peek(p, &r) ? r.ts : MOMENT_NONE;
}

size_t piped_take(
    struct piped *p, struct frame *v, size_t n, struct moment until, uint32_t source)
{
	struct kept *k = p->kept;
	struct record r;
	size_t taken = 0;
	while (taken < n && peek(p, &r) && r.ts.ns <= until.ns) {
		v[taken++] = (struct frame){.data = k->bytes + k->next + RECORD_BYTES,
		    .captured = r.captured,
		    .wire = r.wire > r.captured ? r.wire : r.captured,
		    .ts = r.ts,
		    .offset = k->offset,
		    .source = source,
		    .link = k->link};
		k->next += RECORD_BYTES + r.captured;
		k->offset += RECORD_BYTES + r.captured;
		k->held++;
	}
	atomic_signal_fence(memory_order_seq_cst);
	return taken;
}

void piped_release(struct piped *p)
{
	p->kept->held = 0;
	p->kept->begin = p->kept->next;
}

uint32_t piped_resume(struct piped *p)
{
	struct kept *k = p->kept;
	uint32_t given_up = k->held;
	/* Who wrote this may have been taken over. */
	if (k->next > k->end || k->end > PIPED_BYTES) {
		k->next = k->end = 0;
		end(p, "its reader fell, and left nothing to go on from");
	}
	piped_release(p);
	return given_up;
}

void piped_stop(struct piped *p)
{
	atomic_store(&p->kept->stopped, true);
}

int piped_descriptor(const struct piped *p)
{
	return p->fd;
}

bool piped_over(struct piped *p, const char **why)
{
	struct record r;
	bool over = !peek(p, &r) && p->kept->ended;
	*why = p->why;
	return over;
}

void piped_close(struct piped *p)
{
	if (p == NULL)
		return;
	munmap(p->kept, sizeof(*p->kept));
	close(p->fd);
	free(p);
}
