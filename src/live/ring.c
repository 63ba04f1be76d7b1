/* SPDX-License-Identifier: Apache-2.0 */
#include "live/ring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/size.h"
#include "live/fanout.h"
#include "live/interface.h"
#include "live/piped.h"

#define VLAN_BYTES 4
#define SLL2_BYTES 20 /* a header as LINKTYPE_LINUX_SLL2 has it */
#define MACS_BYTES 12 /* of both addresses, before the tag */

struct ring {
	int fd;
	uint8_t *map; /* blocks of RING_BLOCK_BYTES */
	uint32_t blocks;
	uint32_t held, helds; /* first block that was read and not given back; how many */
	uint32_t next;        /* block being read, or to be read next */
	uint8_t *at;          /* its next packet */
	uint32_t left;        /* packets left of it; 0: it is not begun */
	uint32_t source;
	uint16_t link;
	bool loopback, cooked;
	struct piped *piped;      /* owned; what it is instead; NULL: a ring */
	struct ring_place *place; /* borrowed */
	struct ring_place own;    /* where nobody else keeps it */
};

static int set_option(int fd, int option, const void *value, size_t n)
{
	return setsockopt(fd, SOL_PACKET, option, value, (socklen_t)n);
}

/* ---- opening ---- */

static int attach(int fd, const struct sock_filter *filter, size_t n)
{
	/* The kernel takes the program without changing it. */
	union {
		const struct sock_filter *given;
		struct sock_filter *asked;
	} program = {filter};
	struct sock_fprog f = {(unsigned short)n, program.asked};
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &f, sizeof(f));
}

static int take_nothing(int fd)
{
	static const struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	return attach(fd, nothing, 1);
}

static int set_up(struct ring *r, const struct ring_options *o, const char **what)
{
	const int version = TPACKET_V3, room = SLL2_BYTES + VLAN_BYTES;
	const int stamps = SOF_TIMESTAMPING_RAW_HARDWARE;
	size_t blocks = size_max(o->bytes / RING_BLOCK_BYTES, RING_BLOCKS_LEAST);
	r->blocks = (uint32_t)size_min(blocks, RING_BLOCKS_MOST);
	const struct tpacket_req3 req = {.tp_block_size = RING_BLOCK_BYTES,
	    .tp_block_nr = r->blocks,
	    .tp_frame_size = TPACKET_ALIGNMENT << 7,
	    .tp_frame_nr = r->blocks * (RING_BLOCK_BYTES / (TPACKET_ALIGNMENT << 7)),
	    .tp_retire_blk_tov = RING_RETIRE_MS};
	*what = "TPACKET_V3";
	if (set_option(r->fd, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    set_option(r->fd, PACKET_RESERVE, &room, sizeof(room)) < 0)
		return -1;
	*what = "time stamps of the interface";
	if (o->hardware_time &&
	    set_option(r->fd, PACKET_TIMESTAMP, &stamps, sizeof(stamps)) < 0)
		return -1;
	*what = "a ring of that size";
	if (set_option(r->fd, PACKET_RX_RING, &req, sizeof(req)) < 0)
		return -1;
	*what = "a filter";
	return take_nothing(r->fd);
}

static int join_interface(struct ring *r, const struct interface *i, const char **what)
{
	const struct sockaddr_ll to = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ALL),
	    .sll_ifindex = i->index};
	const struct packet_mreq promiscuous = {
	    .mr_ifindex = i->index, .mr_type = PACKET_MR_PROMISC};
	*what = "the interface";
	if (bind(r->fd, (const void *)&to, sizeof(to)) < 0)
		return -1;
	*what = "packets for others";
	if (!i->loopback && i->index != 0 &&
	    set_option(r->fd, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof(promiscuous)) <
		0)
		return -1;
	*what = "memory for the ring";
	r->map = mmap(NULL, (size_t)r->blocks * RING_BLOCK_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED, r->fd, 0);
	if (r->map == MAP_FAILED)
		r->map = NULL;
	return r->map == NULL ? -1 : 0;
}

/* What to do where the system does not let us. */
static int refused(struct error *e, const char *name, const char *what)
{
	if (errno == EPERM || errno == EACCES)
		return error_set(e, ERR_SYSTEM,
		    "%.32s: no permission to capture packets: run as root, or give the "
		    "program the right (setcap cap_net_raw,cap_net_admin+ep)",
		    name);
	return error_set(e, ERR_SYSTEM, "%.32s: the system does not give %s: %s", name,
	    what, strerror(errno));
}

/* A pipe has one reader; the rings of others are idle. */
static int open_pipe(struct ring *r, const struct ring_options *o, struct error *e)
{
	if (o->idle)
		return 0;
	r->piped = piped_open(o->interface, e);
	return r->piped != NULL ? 0 : -1;
}

struct ring *ring_open(const struct ring_options *o, struct error *e)
{
	struct interface i;
	const char *what = "a socket";
	struct ring *r = calloc(1, sizeof(*r));
	if (r == NULL) {
		error_set(e, ERR_SYSTEM, "no memory to capture");
		return NULL;
	}
	r->fd = -1;
	r->place = &r->own;
	r->source = o->source;
	bool pipe = piped_is(o->interface);
	if ((pipe ? open_pipe(r, o, e) : interface_find(o->interface, &i, e)) < 0) {
		ring_close(r);
		return NULL;
	}
	if (pipe)
		return r;
	r->link = (uint16_t)i.link;
	r->loopback = i.loopback;
	r->cooked = i.cooked;
	r->fd = socket(AF_PACKET, (i.cooked ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC, 0);
	if (r->fd < 0 || set_up(r, o, &what) < 0 || join_interface(r, &i, &what) < 0) {
		refused(e, o->interface, what);
		ring_close(r);
		return NULL;
	}
	return r;
}

int ring_join(struct ring *r, uint16_t *group, struct error *e)
{
	return r->fd < 0 ? 0 : fanout_join(r->fd, group, e);
}

int ring_start(
    struct ring *r, const struct sock_filter *filter, size_t n, struct error *e)
{
	int none = 0;
	if (r->fd < 0)
		return 0;
	if (n > 0 ? attach(r->fd, filter, n) < 0
		  : setsockopt(r->fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none)) <
			0)
		return error_set(e, ERR_SYSTEM, "the filter: %s", strerror(errno));
	return 0;
}

void ring_stop(struct ring *r)
{
	if (r->piped != NULL)
		piped_stop(r->piped);
	(void)take_nothing(r->fd);
}

int ring_descriptor(const struct ring *r)
{
	return r->piped != NULL ? piped_descriptor(r->piped) : r->fd;
}

/* ---- reading ---- */

static struct tpacket_block_desc *block_at(const struct ring *r, uint32_t i)
{
	return (
	    struct tpacket_block_desc *)(void *)(r->map + (size_t)i * RING_BLOCK_BYTES);
}

static bool is_ready(const struct ring *r, uint32_t i)
{
	const _Atomic __u32 *status =
	    (const _Atomic __u32 *)&block_at(r, i)->hdr.bh1.block_status;
	return atomic_load_explicit(status, memory_order_acquire) & TP_STATUS_USER;
}

static void give_back(const struct ring *r, uint32_t i)
{
	_Atomic __u32 *status = (_Atomic __u32 *)&block_at(r, i)->hdr.bh1.block_status;
	atomic_store_explicit(status, TP_STATUS_KERNEL, memory_order_release);
}

/* Put the tag back between the addresses and the type: in front is room for it. */
static uint8_t *put_tag(uint8_t *p, const struct tpacket3_hdr *h)
{
	uint16_t type =
	    h->tp_status & TP_STATUS_VLAN_TPID_VALID ? h->hv1.tp_vlan_tpid : ETH_P_8021Q;
	p -= VLAN_BYTES;
	memmove(p, p + VLAN_BYTES, MACS_BYTES);
	p[MACS_BYTES] = (uint8_t)(type >> 8);
	p[MACS_BYTES + 1] = (uint8_t)type;
	p[MACS_BYTES + 2] = (uint8_t)(h->hv1.tp_vlan_tci >> 8);
	p[MACS_BYTES + 3] = (uint8_t)h->hv1.tp_vlan_tci;
	return p;
}

static const struct sockaddr_ll *address_of(const struct tpacket3_hdr *h)
{
	_Static_assert(
	    sizeof(*h) % TPACKET_ALIGNMENT == 0, "the address follows at once");
	return (const struct sockaddr_ll *)(const void *)(h + 1);
}

static void store_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* What the kernel tells of a packet's link, in front of it, as a header (SLL2) and a tag
 * where it bore one; how many bytes. In front is room for both. */
static uint32_t cook(uint8_t *net, const struct tpacket3_hdr *h)
{
	const struct sockaddr_ll *a = address_of(h);
	uint32_t tag = h->tp_status & TP_STATUS_VLAN_VALID ? VLAN_BYTES : 0;
	uint8_t *p = net - tag - SLL2_BYTES;
	uint16_t type = ntohs(a->sll_protocol);
	if (tag > 0) {
		store_be16(net - tag, (uint16_t)h->hv1.tp_vlan_tci);
		store_be16(net - tag + 2, type);
		type = h->tp_status & TP_STATUS_VLAN_TPID_VALID ? h->hv1.tp_vlan_tpid
								: ETH_P_8021Q;
	}
	memset(p, 0, SLL2_BYTES);
	store_be16(p, type);
	store_be16(p + 4, (uint16_t)((uint32_t)a->sll_ifindex >> 16));
	store_be16(p + 6, (uint16_t)a->sll_ifindex);
	store_be16(p + 8, a->sll_hatype);
	p[10] = a->sll_pkttype;
	p[11] = a->sll_halen;
	memcpy(p + 12, a->sll_addr, sizeof(a->sll_addr));
	return SLL2_BYTES + tag;
}

static void take(const struct ring *r, uint8_t *at, struct frame *f)
{
	const struct tpacket3_hdr *h = (const struct tpacket3_hdr *)(void *)at;
	uint8_t *data = at + h->tp_mac;
	uint32_t captured = h->tp_snaplen, wire = h->tp_len;
	if (r->cooked) {
		uint32_t more = cook(data, h);
		data -= more;
		captured += more;
		wire += more;
	} else if ((h->tp_status & TP_STATUS_VLAN_VALID) && captured >= MACS_BYTES &&
		   h->tp_mac >= sizeof(*h) + VLAN_BYTES) {
		data = put_tag(data, h);
		captured += VLAN_BYTES;
		wire += VLAN_BYTES;
	}
	*f = (struct frame){.data = data,
	    .captured = captured,
	    .wire = wire,
	    .ts = moment_from(h->tp_sec, h->tp_nsec),
	    .source = r->source,
	    .link = r->link,
	    .unfinished = (h->tp_status & TP_STATUS_CSUMNOTREADY) != 0};
}

/* Whether there is a packet to take: of the block being read, or of the next one. */
static bool begin_block(struct ring *r)
{
	if (r->left > 0)
		return true;
	while (r->helds < r->blocks && is_ready(r, r->next)) {
		struct tpacket_block_desc *b = block_at(r, r->next);
		r->at = (uint8_t *)b + b->hdr.bh1.offset_to_first_pkt;
		r->left = b->hdr.bh1.num_pkts;
		r->place->block = b->hdr.bh1.seq_num;
		r->place->taken = 0;
		if (r->left > 0)
			return true;
		r->next = (r->next + 1) % r->blocks;
		r->helds++;
	}
	return false;
}

static const struct tpacket3_hdr *header(const struct ring *r)
{
	return (const struct tpacket3_hdr *)(void *)r->at;
}

static void skip_packet(struct ring *r)
{
	r->at += header(r)->tp_next_offset;
	r->place->taken++;
	if (--r->left == 0) {
		r->next = (r->next + 1) % r->blocks;
		r->helds++;
	}
}

struct moment ring_next(struct ring *r)
{
	if (r->piped != NULL)
		return piped_next(r->piped);
	if (!begin_block(r))
		return MOMENT_NONE;
	return moment_from(header(r)->tp_sec, header(r)->tp_nsec);
}

/* Both ends of the loopback are here: each packet comes once as sent, once as received.
 * (A fan-out group does not heed PACKET_IGNORE_OUTGOING.) */
static bool is_double(const struct ring *r, const struct tpacket3_hdr *h)
{
	const struct sockaddr_ll *a = address_of(h);
	return a->sll_pkttype == PACKET_OUTGOING &&
	       (r->loopback || (r->cooked && a->sll_hatype == ARPHRD_LOOPBACK));
}

size_t ring_take(struct ring *r, struct frame *v, size_t n, struct moment until)
{
	size_t taken = 0;
	if (r->piped != NULL)
		return piped_take(r->piped, v, n, until, r->source);
	while (taken < n && begin_block(r) && ring_next(r).ns <= until.ns) {
		if (!is_double(r, header(r)))
			take(r, r->at, &v[taken++]);
		skip_packet(r);
	}
	r->place->held += (uint32_t)taken;
	atomic_signal_fence(memory_order_seq_cst);
	return taken;
}

void ring_release(struct ring *r)
{
	if (r->piped != NULL)
		piped_release(r->piped);
	r->place->held = 0;
	for (; r->helds > 0; r->helds--) {
		give_back(r, r->held);
		r->held = (r->held + 1) % r->blocks;
	}
}

/* The block with the lowest number that waits; false: none does. */
static bool first_ready(const struct ring *r, uint32_t *at)
{
	uint64_t least = UINT64_MAX;
	for (uint32_t i = 0; i < r->blocks; i++) {
		if (!is_ready(r, i) || block_at(r, i)->hdr.bh1.seq_num >= least)
			continue;
		least = block_at(r, i)->hdr.bh1.seq_num;
		*at = i;
	}
	return least != UINT64_MAX;
}

uint32_t ring_resume(struct ring *r, struct ring_place *place)
{
	const struct ring_place was = *place;
	if (r->piped != NULL)
		return piped_resume(r->piped);
	r->place = place;
	*place = (struct ring_place){0};
	if (was.block == 0)
		return 0;
	/* Where nothing waits the kernel fills the block behind the one read last. */
	r->next = (uint32_t)(was.block % r->blocks);
	(void)first_ready(r, &r->next);
	r->held = r->next;
	while (begin_block(r) && place->block < was.block) {
		r->left = 0;
		r->next = (r->next + 1) % r->blocks;
		r->helds++;
	}
	while (r->left > 0 && place->block == was.block && place->taken < was.taken)
		skip_packet(r);
	ring_release(r);
	return was.held;
}

bool ring_over(struct ring *r, const char **why)
{
	*why = NULL;
	return r->piped != NULL ? piped_over(r->piped, why) : r->fd < 0;
}

int ring_error(struct ring *r)
{
	int error = 0;
	socklen_t n = sizeof(error);
	return getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0 ? errno : error;
}

double ring_fill(const struct ring *r)
{
	uint32_t n = 0;
	for (uint32_t i = r->next; n < r->blocks && is_ready(r, i); n++)
		i = (i + 1) % r->blocks;
	return r->blocks > 0 ? (double)n / r->blocks : 0;
}

struct ring_counts ring_count(struct ring *r)
{
	struct tpacket_stats_v3 s = {0};
	socklen_t n = sizeof(s);
	if (getsockopt(r->fd, SOL_PACKET, PACKET_STATISTICS, &s, &n) < 0)
		return (struct ring_counts){0};
	return (struct ring_counts){s.tp_packets, s.tp_drops};
}

void ring_close(struct ring *r)
{
	if (r == NULL)
		return;
	if (r->map != NULL)
		munmap(r->map, (size_t)r->blocks * RING_BLOCK_BYTES);
	if (r->fd >= 0)
		close(r->fd);
	piped_close(r->piped);
	free(r);
}
