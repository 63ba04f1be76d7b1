/* SPDX-License-Identifier: Apache-2.0 */
#include "live/filter.h"

#include <linux/filter.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#define SNAP_LENGTH 262144 /* more than any packet */

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

struct sock_filter *filter_compile(
    const char *interface, const char *expression, size_t *n, struct error *e)
{
	char text[PCAP_ERRBUF_SIZE];
	struct bpf_program p = {0};
	struct sock_filter *v = NULL;
	pcap_t *handle = pcap_create(interface, text);
	if (handle == NULL) {
		error_set(e, ERR_SYSTEM, "%.32s: %.200s", interface, text);
		return NULL;
	}
	if (pcap_set_snaplen(handle, SNAP_LENGTH) != 0 || pcap_activate(handle) < 0) {
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
	return v;
}
