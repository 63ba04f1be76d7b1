/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Send the packets of captures from an interface, for tests and measurements in a network
 * namespace of their own:
 *
 *     send [-r PACKETS_PER_SECOND] [-x SPEED] [-g MS] [-n TIMES] IFACE CAPTURE...
 *
 * With -x at the distances of the capture, SPEED times as fast; with -r at that rate;
 * else as fast as it goes. Prints one line of JSON: packets, bytes, refused, seconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/size.h"
#include "input/input.h"
#include "input/linktype.h"

#define BATCH       64
#define PACKETS_MAX (64U << 20)
#define BYTES_MAX   (1ULL << 30) /* of all captures together */

struct packet_at {
	size_t at;
	uint32_t n;
	int64_t ns; /* when to send it, after the first */
};

struct sender {
	struct packet_at *v;
	size_t n, room;
	uint8_t *bytes;
	size_t used, size;
	int64_t last; /* time of the packet before, in its capture */
	double speed; /* 0: as fast as it goes */
	int64_t gap;  /* the longest distance, ns */
	int fd;
	uint64_t sent, sent_bytes, refused;
};

static void die(const char *what)
{
	fprintf(stderr, "send: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void keep(struct sender *s, const struct frame *f)
{
	if (f->link != LINKTYPE_ETHERNET || s->n == PACKETS_MAX ||
	    s->used + f->captured > BYTES_MAX)
		return;
	if (s->n == s->room) {
		s->room = s->room > 0 ? 2 * s->room : 65536;
		s->v = realloc(s->v, s->room * sizeof(*s->v));
	}
	if (s->used + f->captured > s->size) {
		s->size = size_max(2 * s->size, 16U << 20);
		s->bytes = realloc(s->bytes, s->size);
	}
	if (s->v == NULL || s->bytes == NULL)
		die("memory");
	int64_t after = s->n == 0 ? 0 : f->ts.ns - s->last;
	if (s->speed > 0)
		after = (int64_t)((double)after / s->speed);
	after = after < 0 ? 0 : after > s->gap ? s->gap : after;
	int64_t at = s->n == 0 ? 0 : s->v[s->n - 1].ns + after;
	s->last = f->ts.ns;
	memcpy(s->bytes + s->used, f->data, f->captured);
	s->v[s->n++] = (struct packet_at){s->used, f->captured, at};
	s->used += f->captured;
}

static bool take(void *ctx, const struct frame *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		keep(ctx, &v[i]);
	return true;
}

static void no_issue(void *ctx, const struct input_issue *issue)
{
	(void)ctx;
	fprintf(stderr, "send: %s: %s\n", issue->path, issue->reason);
}

static void load(struct sender *s, char **paths, int n)
{
	static const uint8_t secret[INPUT_SECRET_BYTES];
	const struct issue_sink issues = {no_issue, NULL};
	const struct frame_sink sink = {take, s};
	struct input *in = input_new(secret, &issues);
	if (in == NULL)
		die("memory");
	for (int i = 0; i < n; i++)
		input_add(in, paths[i]);
	input_plan(in);
	input_run(in, &sink);
	input_free(in);
}

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return moment_from(t.tv_sec, t.tv_nsec).ns;
}

static void wait_until(int64_t ns)
{
	int64_t left = ns - now_ns();
	if (left > 200 * NS_PER_US) {
		left -= 100 * NS_PER_US;
		nanosleep(&(struct timespec){left / NS_PER_S, left % NS_PER_S}, NULL);
	}
	while (now_ns() < ns)
		;
}

static void open_socket(struct sender *s, const char *interface)
{
	const int one = 1;
	struct sockaddr_ll to = {
	    .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
	s->fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (s->fd < 0 || to.sll_ifindex == 0 ||
	    bind(s->fd, (const void *)&to, sizeof(to)) < 0)
		die(interface);
	(void)setsockopt(s->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
}

static void send_batch(struct sender *s, const struct packet_at *v, size_t n)
{
	struct mmsghdr m[BATCH] = {0};
	struct iovec part[BATCH];
	for (size_t i = 0; i < n; i++) {
		part[i] = (struct iovec){s->bytes + v[i].at, v[i].n};
		m[i].msg_hdr = (struct msghdr){.msg_iov = &part[i], .msg_iovlen = 1};
	}
	for (size_t i = 0; i < n;) {
		int k = sendmmsg(s->fd, m + i, (unsigned)(n - i), 0);
		if (k < 0 && (errno == ENOBUFS || errno == EAGAIN || errno == EINTR))
			continue;
		if (k < 0) {
			s->refused++;
			k = 1;
		} else {
			s->sent += (uint64_t)k;
			for (int j = 0; j < k; j++)
				s->sent_bytes += v[i + (size_t)j].n;
		}
		i += (size_t)k;
	}
}

int main(int argc, char **argv)
{
	struct sender s = {.gap = INT64_MAX};
	double rate = 0;
	unsigned long times = 1;
	for (int c; (c = getopt(argc, argv, "r:x:g:n:")) != -1;) {
		if (c == 'r')
			rate = atof(optarg);
		else if (c == 'x')
			s.speed = atof(optarg);
		else if (c == 'g')
			s.gap = (int64_t)(atof(optarg) * 1e6);
		else if (c == 'n')
			times = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind + 2 > argc)
		return 2;
	load(&s, argv + optind + 1, argc - optind - 1);
	open_socket(&s, argv[optind]);
	int64_t begin = now_ns();
	for (unsigned long t = 0; t < times; t++) {
		int64_t round = now_ns();
		for (size_t i = 0; i < s.n;) {
			size_t n = s.speed > 0 ? 1 : size_min(BATCH, s.n - i);
			if (s.speed > 0)
				wait_until(round + s.v[i].ns);
			else if (rate > 0)
				wait_until(
				    begin + (int64_t)((double)s.sent / rate * 1e9));
			send_batch(&s, s.v + i, n);
			i += n;
		}
	}
	double seconds = (double)(now_ns() - begin) / 1e9;
	printf("{\"packets\": %llu, \"bytes\": %llu, \"refused\": %llu, "
	       "\"seconds\": %.6f}\n",
	    (unsigned long long)s.sent, (unsigned long long)s.sent_bytes,
	    (unsigned long long)s.refused, seconds);
	free(s.v);
	free(s.bytes);
	return 0;
}
