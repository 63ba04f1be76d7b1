/* SPDX-License-Identifier: Apache-2.0 */
#include "input/netflow_udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/size.h"

#define BATCH          32
#define DATAGRAM_BYTES 65536
#define CONTROL_BYTES  128
#define REST_BATCHES   4096    /* of each socket at the end */
#define FULL_WAIT_NS   1000000 /* before looking at a full ring again */

/* In front of each datagram in the ring; entries are multiples of 8 bytes. */
struct slot {
	uint32_t n; /* bytes of the datagram; WRAP: go on at the ring's start */
	struct addr exporter;
	int64_t ns;
};

#define WRAP           UINT32_MAX
#define OVERFLOW_BYTES (NETFLOW_SOCKETS_MAX * sizeof(uint32_t))

struct netflow_udp {
	int sockets[NETFLOW_SOCKETS_MAX];
	size_t count;
	int arrived, ending; /* eventfds: to the reader, to the thread */
	pthread_t thread;
	bool running;
	uint8_t *ring;
	_Atomic uint64_t head, tail; /* bytes ever written and taken */
	uint64_t taken;              /* where the reader's entry ends */
	_Atomic uint64_t drops;
	uint64_t drops_told;
	uint32_t
	    *overflow;    /* the kernel's count, by socket; a page that children share */
	uint8_t *buffers; /* BATCH datagrams */
};

/* ---- places ---- */

bool netflow_udp_place(const char *text, struct addr *address, uint16_t *port)
{
	char host[ADDR_TEXT_MAX];
	char *end;
	if (strncmp(text, "udp:", 4) != 0)
		return false;
	text += 4;
	const char *colon = strrchr(text, ':');
	const char *digits = colon != NULL ? colon + 1 : text;
	errno = 0;
	unsigned long value = strtoul(digits, &end, 10);
	if (*digits < '0' || *digits > '9' || *end != '\0' || value == 0 ||
	    value > UINT16_MAX)
		return false;
	*port = (uint16_t)value;
	memset(address, 0, sizeof(*address));
	if (colon == NULL)
		return true;
	size_t n = (size_t)(colon - text);
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	return addr_parse(host, address);
}

/* ---- sockets ---- */

static int bind_to(int s, bool six, const struct addr *a, uint16_t port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to = {0};
	if (six) {
		to.v6.sin6_family = AF_INET6;
		to.v6.sin6_port = htons(port);
		memcpy(&to.v6.sin6_addr, a->b, 16);
		return bind(s, &to.any, sizeof(to.v6));
	}
	to.v4.sin_family = AF_INET;
	to.v4.sin_port = htons(port);
	memcpy(&to.v4.sin_addr, a->b + 12, 4);
	return bind(s, &to.any, sizeof(to.v4));
}

static int open_socket(const struct addr *a, uint16_t port)
{
	const int off = 0, on = 1, bytes = NETFLOW_SOCKET_BYTES;
	bool six = !addr_is_v4(a);
	int s = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0 && six && addr_is_unset(a)) { /* a kernel without IPv6 */
		six = false;
		s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	}
	if (s < 0)
		return -1;
	if (six)
		setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	setsockopt(s, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	setsockopt(s, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	if (bind_to(s, six, a, port) == 0)
		return s;
	int saved = errno;
	close(s);
	errno = saved;
	return -1;
}

/* ---- the thread ---- */

static struct addr sender(const struct sockaddr_storage *from)
{
	if (from->ss_family == AF_INET6)
		return addr_from_v6(
		    ((const struct sockaddr_in6 *)(const void *)from)->sin6_addr.s6_addr);
	const struct sockaddr_in *v4 = (const void *)from;
	uint8_t p[4];
	memcpy(p, &v4->sin_addr, sizeof(p));
	return addr_from_v4(p);
}

/* What the kernel says beside a datagram: how many it lost so far, and when this one
 * came. */
static int64_t read_control(struct netflow_udp *u, size_t socket, struct msghdr *m)
{
	int64_t ns = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		uint32_t total;
		struct timespec ts;
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SO_RXQ_OVFL) {
			memcpy(&total, CMSG_DATA(c), sizeof(total));
			atomic_fetch_add(
			    &u->drops, (uint32_t)(total - u->overflow[socket]));
			u->overflow[socket] = total;
		} else if (c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			ns = moment_from(ts.tv_sec, ts.tv_nsec).ns;
		}
	}
	return ns;
}

static bool is_ending(const struct netflow_udp *u)
{
	struct pollfd p = {u->ending, POLLIN, 0};
	return poll(&p, 1, 0) > 0;
}

/* Room for a datagram of n bytes at the head, or NULL when the thread is to end. */
static struct slot *make_room(struct netflow_udp *u, size_t n, size_t *size)
{
	*size = (sizeof(struct slot) + n + 7) & ~(size_t)7;
	for (;;) {
		uint64_t head = atomic_load_explicit(&u->head, memory_order_relaxed);
		uint64_t tail = atomic_load_explicit(&u->tail, memory_order_acquire);
		size_t at = head & (NETFLOW_RING_BYTES - 1);
		size_t to_end = NETFLOW_RING_BYTES - at;
		size_t free_bytes = NETFLOW_RING_BYTES - (size_t)(head - tail);
		if (*size <= to_end && *size <= free_bytes)
			return (struct slot *)(void *)(u->ring + at);
		if (*size > to_end && to_end + *size <= free_bytes) {
			memcpy(u->ring + at, &(uint32_t){WRAP}, sizeof(uint32_t));
			atomic_store_explicit(
			    &u->head, head + to_end, memory_order_release);
			continue;
		}
		if (is_ending(u))
			return NULL;
		nanosleep(&(struct timespec){0, FULL_WAIT_NS}, NULL);
	}
}

static bool put(struct netflow_udp *u, const uint8_t *p, size_t n,
    const struct sockaddr_storage *from, int64_t ns)
{
	size_t size;
	struct slot *s = make_room(u, n, &size);
	if (s == NULL)
		return false;
	*s = (struct slot){(uint32_t)n, sender(from), ns};
	memcpy(s + 1, p, n);
	atomic_fetch_add_explicit(&u->head, size, memory_order_release);
	return true;
}

/* Take what has come at a socket, a batch at most; how many, negative to end. */
static int receive(struct netflow_udp *u, size_t socket)
{
	struct mmsghdr m[BATCH] = {0};
	struct iovec v[BATCH];
	struct sockaddr_storage from[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL_BYTES];
	for (size_t i = 0; i < BATCH; i++) {
		v[i] = (struct iovec){u->buffers + i * DATAGRAM_BYTES, DATAGRAM_BYTES};
		m[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
		    .msg_namelen = sizeof(from[i]),
		    .msg_iov = &v[i],
		    .msg_iovlen = 1,
		    .msg_control = control[i],
		    .msg_controllen = CONTROL_BYTES};
	}
	int got = recvmmsg(u->sockets[socket], m, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < got; i++) {
		int64_t ns = read_control(u, socket, &m[i].msg_hdr);
		if (put(u, v[i].iov_base, m[i].msg_len, &from[i], ns))
			continue;
		atomic_fetch_add(&u->drops, (uint64_t)(got - i));
		return -1;
	}
	/* A full counter wakes the reader as well. */
	if (got > 0 && write(u->arrived, &(uint64_t){1}, 8) < 0 && errno != EAGAIN)
		return -1;
	return got;
}

/* What has come before the end is taken too. */
static void receive_rest(struct netflow_udp *u)
{
	for (size_t i = 0; i < u->count; i++) {
		for (int k = 0; k < REST_BATCHES && receive(u, i) > 0; k++)
			;
	}
}

static void *run(void *ctx)
{
	struct netflow_udp *u = ctx;
	struct pollfd p[NETFLOW_SOCKETS_MAX + 1];
	for (size_t i = 0; i < u->count; i++)
		p[i] = (struct pollfd){u->sockets[i], POLLIN, 0};
	p[u->count] = (struct pollfd){u->ending, POLLIN, 0};
	while (poll(p, u->count + 1, -1) >= 0 || errno == EINTR) {
		if (p[u->count].revents != 0) {
			receive_rest(u);
			break;
		}
		for (size_t i = 0; i < u->count; i++) {
			if (p[i].revents != 0 && receive(u, i) < 0 && is_ending(u))
				return NULL;
		}
	}
	return NULL;
}

/* ---- the reader ---- */

static bool prepare(struct netflow_udp *u)
{
	u->arrived = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	u->ending = eventfd(0, EFD_CLOEXEC);
	u->ring = aligned_alloc(4096, NETFLOW_RING_BYTES);
	u->buffers = malloc((size_t)BATCH * DATAGRAM_BYTES);
	return u->arrived >= 0 && u->ending >= 0 && u->ring != NULL && u->buffers != NULL;
}

static bool open_sockets(
    struct netflow_udp *u, const char *const *where, size_t n, struct error *e)
{
	for (size_t i = 0; i < n && i < NETFLOW_SOCKETS_MAX; i++) {
		struct addr a;
		uint16_t port;
		int s = -1;
		if (netflow_udp_place(where[i], &a, &port))
			s = open_socket(&a, port);
		if (s < 0) {
			error_set(e, ERR_SYSTEM, "can not listen at %.100s: %s", where[i],
			    strerror(errno));
			return false;
		}
		u->sockets[u->count++] = s;
	}
	return true;
}

struct netflow_udp *netflow_udp_open(const char *const *where, size_t n, struct error *e)
{
	struct netflow_udp *u = calloc(1, sizeof(*u));
	if (u == NULL) {
		error_set(e, ERR_SYSTEM, "no memory for receiving");
		return NULL;
	}
	u->arrived = u->ending = -1;
	void *page = mmap(NULL, OVERFLOW_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	u->overflow = page != MAP_FAILED ? page : NULL;
	if (u->overflow == NULL)
		error_set(e, ERR_SYSTEM, "no memory for receiving");
	if (u->overflow != NULL && open_sockets(u, where, n, e))
		return u;
	netflow_udp_close(u);
	return NULL;
}

int netflow_udp_start(struct netflow_udp *u, struct error *e)
{
	if (!prepare(u))
		return error_set(e, ERR_SYSTEM, "no memory for receiving");
	u->running = pthread_create(&u->thread, NULL, run, u) == 0;
	return u->running ? 0 : error_set(e, ERR_SYSTEM, "can not start a thread");
}

int netflow_udp_descriptor(const struct netflow_udp *u)
{
	return u->arrived;
}

bool netflow_udp_take(struct netflow_udp *u, struct netflow_arrival *a)
{
	uint64_t count;
	atomic_store_explicit(&u->tail, u->taken, memory_order_release);
	for (;;) {
		if (atomic_load_explicit(&u->head, memory_order_acquire) == u->taken) {
			/* Reset the event before looking again, so that none is missed.
			 */
			if (read(u->arrived, &count, sizeof(count)) < 0)
				return false;
			continue;
		}
		size_t at = u->taken & (NETFLOW_RING_BYTES - 1);
		uint32_t n;
		memcpy(&n, u->ring + at, sizeof(n));
		if (n == WRAP) {
			u->taken += NETFLOW_RING_BYTES - at;
			continue;
		}
		const struct slot *s = (const struct slot *)(void *)(u->ring + at);
		*a = (struct netflow_arrival){
		    s->exporter, {s->ns}, (const uint8_t *)(s + 1), n};
		u->taken += (sizeof(*s) + n + 7) & ~(uint64_t)7;
		return true;
	}
}

uint64_t netflow_udp_drops(struct netflow_udp *u)
{
	uint64_t all = atomic_load(&u->drops), n = all - u->drops_told;
	u->drops_told = all;
	return n;
}

void netflow_udp_stop(struct netflow_udp *u)
{
	if (!u->running)
		return;
	while (write(u->ending, &(uint64_t){1}, 8) < 0 && errno == EINTR)
		;
	pthread_join(u->thread, NULL);
	u->running = false;
}

void netflow_udp_close(struct netflow_udp *u)
{
	if (u == NULL)
		return;
	netflow_udp_stop(u);
	for (size_t i = 0; i < u->count; i++)
		close(u->sockets[i]);
	if (u->arrived >= 0)
		close(u->arrived);
	if (u->ending >= 0)
		close(u->ending);
	if (u->overflow != NULL)
		munmap(u->overflow, OVERFLOW_BYTES);
	free(u->ring);
	free(u->buffers);
	free(u);
}
