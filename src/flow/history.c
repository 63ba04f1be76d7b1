/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State and history of a connection in the words of Zeek's conn.log: capital letters for
 * the originator, small ones for the responder. S SYN, H SYN-ACK, A pure ACK, D data, F
 * FIN, R RST, I FIN and RST at once, Q SYN with FIN or RST, T retransmitted data, W zero
 * window, G gap, ^ the direction was turned round.
 */
#include "flow/conn.h"

void history_add(struct conn *c, int side, char letter)
{
	if (side == 1 && letter >= 'A' && letter <= 'Z')
		letter = (char)(letter - 'A' + 'a');
	struct tcp *k = c->tcp;
	if (k->history_n == FLOW_HISTORY_MAX)
		return;
	k->history[k->history_n++] = letter;
	k->history[k->history_n] = '\0'; /* tcp_open clears the first only */
}

void history_scaled(struct conn *c, int side, char letter, uint32_t count)
{
	while (count >= 10 && count % 10 == 0)
		count /= 10;
	if (count == 1)
		history_add(c, side, letter);
}

const char *flow_history(const struct flow *f)
{
	const struct conn *c = (const struct conn *)(const void *)f;
	if (c->kind == CONN_TCP)
		return c->tcp->history;
	if (c->kind != CONN_UDP)
		return "";
	bool turned = c->flags & CONN_TURNED;
	if (f->side[0].packets > 0 && f->side[1].packets > 0)
		return turned ? "^dD" : "Dd";
	return turned ? "^d" : "D";
}

/* A SYN that its own side took back by a RST, with nothing else of it in between. */
static bool syn_then_reset(const char *h)
{
	if (*h == '^')
		h++;
	if (*h++ != 'S')
		return false;
	h += strcspn(h, "HAFGIQR");
	return *h == 'R';
}

static const char *tcp_state(const struct conn *c)
{
	const struct tcp *k = c->tcp;
	uint8_t o = k->side[0].state, r = k->side[1].state;
	bool o_quiet = o == ENDPOINT_INACTIVE || o == ENDPOINT_PARTIAL;
	bool r_quiet = r == ENDPOINT_INACTIVE || r == ENDPOINT_PARTIAL;
	if (r == ENDPOINT_RESET) {
		if (o == ENDPOINT_SYN_SENT || o == ENDPOINT_SYN_ACK_SENT ||
		    (o == ENDPOINT_RESET && tcp_size(k, 0) == 0 && tcp_size(k, 1) == 0))
			return "REJ";
		return o_quiet ? "RSTRH" : "RSTR";
	}
	if (o == ENDPOINT_RESET) {
		if (!r_quiet)
			return "RSTO";
		return syn_then_reset(k->history) ? "RSTOS0" : "OTH";
	}
	if (o == ENDPOINT_CLOSED && r == ENDPOINT_CLOSED)
		return "SF";
	if (o == ENDPOINT_CLOSED)
		return r_quiet ? "SH" : "S2";
	if (r == ENDPOINT_CLOSED)
		return o_quiet ? "SHR" : "S3";
	if (o == ENDPOINT_SYN_SENT && r == ENDPOINT_INACTIVE)
		return "S0";
	if (o == ENDPOINT_ESTABLISHED && r == ENDPOINT_ESTABLISHED)
		return "S1";
	return "OTH";
}

const char *flow_state(const struct flow *f)
{
	const struct conn *c = (const struct conn *)(const void *)f;
	if (c->kind == CONN_TCP)
		return tcp_state(c);
	if (c->kind != CONN_UDP)
		return "OTH";
	if (f->side[0].packets > 0)
		return f->side[1].packets > 0 ? "SF" : "S0";
	return f->side[1].packets > 0 ? "SHR" : "OTH";
}
