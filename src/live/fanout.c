/* SPDX-License-Identifier: Apache-2.0 */
#include "live/fanout.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#ifndef PACKET_FANOUT_CBPF
#define PACKET_FANOUT_CBPF 6
#endif
#ifndef PACKET_FANOUT_FLAG_UNIQUEID
#define PACKET_FANOUT_FLAG_UNIQUEID 0x2000
#endif

/* From the network header, from the link header. */
#define NET(k)   ((uint32_t)SKF_NET_OFF + (k))
#define LINK(k)  ((uint32_t)SKF_LL_OFF + (k))
#define PROTOCOL ((uint32_t)SKF_AD_OFF + SKF_AD_PROTOCOL)

#define LOAD(k)             BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (k))
#define LOAD_HALF(k)        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (k))
#define KEEP                BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define ADD_KEPT            BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0)
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define IF(value, skip)     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (skip), 0)
#define ADD_NEXT(k)         KEEP, LOAD(k), ADD_KEPT /* 3 instructions */
/* The sum is the same in both directions; what spreads it is the multiplier. */
#define SPREAD                                                                           \
	BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1),                                 \
	    BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16), BPF_STMT(BPF_RET | BPF_A, 0)

/* The two addresses behind an IP header at offset k. */
#define PAIR_V4(k) LOAD(NET((k) + 12)), ADD_NEXT(NET((k) + 16)), SPREAD /* 7 */
#define PAIR_V6(k)                                                                       \
	LOAD(NET((k) + 8)), ADD_NEXT(NET((k) + 12)), ADD_NEXT(NET((k) + 16)),            \
	    ADD_NEXT(NET((k) + 20)), ADD_NEXT(NET((k) + 24)), ADD_NEXT(NET((k) + 28)),   \
	    ADD_NEXT(NET((k) + 32)), ADD_NEXT(NET((k) + 36)), SPREAD /* 25 */

#define V4 7
#define V6 25

// clang-format off
/* The first tag is not in the packet any more, a second one is: a type stands behind it. */
static const struct sock_filter program[] = {
	LOAD(PROTOCOL),
	UNLESS(ETH_P_IP, V4), PAIR_V4(0),
	UNLESS(ETH_P_IPV6, V6), PAIR_V6(0),
	IF(ETH_P_8021Q, 1),
	UNLESS(ETH_P_8021AD, 3 + V4 + V6),
	LOAD_HALF(NET(2)),
	UNLESS(ETH_P_IP, V4), PAIR_V4(4),
	UNLESS(ETH_P_IPV6, V6), PAIR_V6(4),
	LOAD(LINK(2)), ADD_NEXT(LINK(8)), SPREAD,
};
// clang-format on

static int set_program(int fd)
{
	/* The kernel takes the program without changing it. */
	union {
		const struct sock_filter *given;
		struct sock_filter *asked;
	} p = {program};
	struct sock_fprog f = {sizeof(program) / sizeof(program[0]), p.asked};
	return setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &f, sizeof(f));
}

int fanout_join(int fd, uint16_t *group, struct error *e)
{
	unsigned flags = *group == 0 ? PACKET_FANOUT_FLAG_UNIQUEID : 0;
	unsigned how = *group | (PACKET_FANOUT_CBPF | flags) << 16;
	socklen_t n = sizeof(how);
	bool first = *group == 0;
	if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &how, sizeof(how)) < 0 ||
	    getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &how, &n) < 0 ||
	    (first && set_program(fd) < 0))
		return error_set(e, ERR_SYSTEM,
		    "sharing packets among readers (PACKET_FANOUT): %s", strerror(errno));
	*group = (uint16_t)how;
	return 0;
}
