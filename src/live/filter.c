/* SPDX-License-Identifier: Apache-2.0 */
#include "live/filter.h"

#include <linux/filter.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#define SNAP_LENGTH  262144 /* more than any packet */
#define SLL_BYTES    16     /* of the link header LINKTYPE_LINUX_SLL */
#define SLL_PROTOCOL 14     /* where the type of what follows stands in it */

static struct sock_filter *copy(const struct bpf_program *p, size_t *n)
{
	struct sock_filter *v = calloc(p->bf_len, sizeof(*v));
	for (size_t i = 0; v != NULL && i < p->bf_len; i++) {
		const struct bpf_insn *b = &p->bf_insns[i];
		v[i] = (struct sock_filter){b->code, b->jt, b->jf, b->k};
	}
	*n = p->bf_len;
	return v;
}

/* Where a load of the link header SLL has what it asks for, once the packet is without
 * it; false: nowhere. */
static bool move_load(struct sock_filter *f)
{
	bool wide = BPF_CLASS(f->code) == BPF_LD || BPF_CLASS(f->code) == BPF_LDX;
	unsigned mode = BPF_MODE(f->code);
	if (!wide || (mode != BPF_ABS && mode != BPF_IND && mode != BPF_MSH) ||
	    f->k >= (uint32_t)SKF_LL_OFF)
		return true; /* no load of the packet, or one of what the kernel tells */
	if (f->k >= SLL_BYTES)
		f->k -= SLL_BYTES;
	else if (f->k == SLL_PROTOCOL && mode == BPF_ABS)
		f->k = (uint32_t)SKF_AD_OFF + SKF_AD_PROTOCOL;
	else if (f->k == 0 && mode == BPF_ABS)
		f->k = (uint32_t)SKF_AD_OFF + SKF_AD_PKTTYPE;
	else
		return false;
	return true;
}

static int move_loads(struct sock_filter *v, size_t n, struct error *e)
{
	for (size_t i = 0; i < n; i++) {
		if (!move_load(&v[i]))
			return error_set(e, ERR_USAGE,
			    "--filter: it asks for what packets there do not have");
	}
	return 0;
}

/* Have it compiled for the header SLL, whose places are known. */
static int set_link(pcap_t *handle, bool cooked)
{
	return !cooked || pcap_datalink(handle) == DLT_LINUX_SLL
		   ? 0
		   : pcap_set_datalink(handle, DLT_LINUX_SLL);
}

struct sock_filter *filter_compile(const char *interface, bool cooked,
    const char *expression, size_t *n, struct error *e)
{
	char text[PCAP_ERRBUF_SIZE];
	struct bpf_program p = {0};
	struct sock_filter *v = NULL;
	pcap_t *handle = pcap_create(interface, text);
	if (handle == NULL) {
		error_set(e, ERR_SYSTEM, "%.32s: %.200s", interface, text);
		return NULL;
	}
	if (pcap_set_snaplen(handle, SNAP_LENGTH) != 0 || pcap_activate(handle) < 0 ||
	    set_link(handle, cooked) < 0) {
		error_set(e, ERR_SYSTEM, "%.32s: %.200s", interface, pcap_geterr(handle));
	} else if (pcap_compile(handle, &p, expression, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		error_set(e, ERR_USAGE, "--filter: %.200s", pcap_geterr(handle));
	} else {
		v = copy(&p, n);
		if (v == NULL)
			error_set(e, ERR_SYSTEM, "no memory for the filter");
		pcap_freecode(&p);
	}
	pcap_close(handle);
	if (v != NULL && cooked && move_loads(v, *n, e) < 0) {
		free(v);
		v = NULL;
	}
	return v;
}
