/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a flow ends by itself. A wheel of one-second slots finds flows whose time is over
 * without looking at the others; a flow stays where it was put and is looked at again
 * when its slot comes up, so packets never move it (Varghese and Lauck 1987, scheme 6,
 * made lazy). Which flow a packet belongs to never depends on the wheel: timer_over() is
 * asked before every use.
 */
#include "flow/timer.h"
#include "flow/conn.h"

#define SILENCE_STREAM      (300 * NS_PER_S) /* TCP */
#define NAMES_LOOK          (10 * NS_PER_S) /* DNS over UDP is looked at this often … */
#define NAMES_SILENCE       (9 * NS_PER_S)  /* … and over after this */
#define WAIT_LONGEST        (10 * NS_PER_S) /* no flow is due later after it was set */
#define SILENCE_INTERACTIVE (3600 * NS_PER_S) /* established FTP, SSH, telnet, rlogin */

#define TURN_AHEAD 16 /* flows of a slot whose memory is fetched together */

/* So many packets in a row far behind the clock: it is wrong, not they. Each time it is
 * set back doubles the number, up to 65536, because the leap forward that follows looks
 * at every flow. */
#define BEHIND_ROW   16
#define SET_BACK_MAX 12

static bool interactive(uint16_t port)
{
	return port == 21 || port == 22 || port == 23 || port == 513;
}

int64_t timer_silence(const struct conn *c)
{
	if (c->kind != CONN_TCP)
		return SILENCE_DATAGRAM;
	if (interactive(c->f.port[1]) && (c->tcp->side[1].flags & ENDPOINT_SYN_SEEN) &&
	    !c->tcp->partial)
		return SILENCE_INTERACTIVE;
	return SILENCE_STREAM;
}

static bool names_port(uint16_t port)
{
	return port == 53 || port == 137 || port == 5353 || port == 5355;
}

void timer_start(const struct flow_table *t, struct conn *c)
{
	c->active = t->now;
	c->due_kind = DUE_NOTHING;
	c->due = INT64_MAX;
	if (c->kind == CONN_UDP && names_port(c->f.port[1])) {
		c->due_kind = DUE_NAMES;
		c->due = moment_add((struct moment){t->now}, NAMES_LOOK).ns;
	}
}

/* Where the clock was set back, a flow of the time taken back starts anew. */
static void anchor(const struct flow_table *t, struct conn *c)
{
	int64_t latest = moment_add((struct moment){t->now}, WAIT_LONGEST).ns;
	c->active = t->now;
	if (c->due_kind != DUE_NOTHING && c->due > latest)
		c->due = latest;
}

/* What c's due moment, which has come, means for it. */
static bool is_due(
    const struct flow_table *t, struct conn *c, int64_t quiet, enum flow_close *why)
{
	switch ((enum conn_due)c->due_kind) {
	case DUE_CLOSE:
		*why = FLOW_CLOSED;
		return true;
	case DUE_ATTEMPT:
		if (tcp_unanswered(c->tcp))
			return true;
		c->due_kind = DUE_NOTHING;
		c->due = INT64_MAX;
		return false;
	case DUE_NAMES:
		c->due = moment_add((struct moment){t->now}, NAMES_LOOK).ns;
		return quiet >= NAMES_SILENCE;
	case DUE_NOTHING:
		break;
	}
	return false;
}

bool timer_over(const struct flow_table *t, struct conn *c, enum flow_close *why)
{
	*why = FLOW_TIMED_OUT;
	if (c->active > t->now)
		anchor(t, c);
	int64_t quiet = moment_diff((struct moment){c->active}, (struct moment){t->now});
	if (c->due_kind != DUE_NOTHING && t->now >= c->due && is_due(t, c, quiet, why))
		return true;
	return quiet >= timer_silence(c);
}

static int64_t second_of(int64_t ns)
{
	return ns / NS_PER_S - (ns % NS_PER_S < 0);
}

void timer_init(struct flow_table *t)
{
	for (size_t i = 0; i < WHEEL_SLOTS; i++)
		t->wheel[i] = CONN_NONE;
	t->now = INT64_MIN;
	t->tick = second_of(INT64_MIN);
	t->turn_at = INT64_MIN;
}

void timer_clear(struct flow_table *t, struct conn *c)
{
	if (c->slot == WHEEL_SLOTS)
		return;
	const struct links *l = &t->links[conn_index(t, c)];
	if (l->wheel_prev == CONN_NONE)
		t->wheel[c->slot] = l->wheel_next;
	else
		t->links[l->wheel_prev].wheel_next = l->wheel_next;
	if (l->wheel_next != CONN_NONE)
		t->links[l->wheel_next].wheel_prev = l->wheel_prev;
	c->slot = WHEEL_SLOTS;
}

void timer_set(struct flow_table *t, struct conn *c)
{
	int64_t due = moment_add((struct moment){c->active}, timer_silence(c)).ns;
	if (c->due < due)
		due = c->due;
	/* The second after, so that the deadline has passed when the slot comes up. */
	int64_t second = second_of(due) + 1;
	if (second <= t->tick)
		second = t->tick + 1;
	if (second - t->tick >= WHEEL_SLOTS)
		second = t->tick + WHEEL_SLOTS - 1;
	uint16_t slot = (uint16_t)((uint64_t)second % WHEEL_SLOTS);
	if (slot == c->slot)
		return;
	timer_clear(t, c);
	uint32_t index = conn_index(t, c);
	struct links *l = &t->links[index];
	c->slot = slot;
	l->wheel_prev = CONN_NONE;
	l->wheel_next = t->wheel[slot];
	if (l->wheel_next != CONN_NONE)
		t->links[l->wheel_next].wheel_prev = index;
	t->wheel[slot] = index;
}

/* Fetch what looking at the flows of a slot from there on will touch first, and then,
 * as most of them end, where the index has them. */
static void prefetch_slot(const struct flow_table *t, uint32_t first)
{
	uint32_t at = first;
	for (int i = 0; i < TURN_AHEAD && at != CONN_NONE; i++) {
		conn_prefetch(t, at);
		conn_prefetch_ends(t, at);
		at = t->links[at].wheel_next;
	}
	at = first;
	for (int i = 0; i < TURN_AHEAD && at != CONN_NONE; i++) {
		__builtin_prefetch(&t->buckets[t->conns[at].hash & t->bucket_mask]);
		at = t->links[at].wheel_next;
	}
}

static void turn(struct flow_table *t, size_t slot)
{
	uint32_t at = t->wheel[slot];
	for (int i = 0; at != CONN_NONE; i++) {
		if (i % TURN_AHEAD == 0)
			prefetch_slot(t, at);
		struct conn *c = &t->conns[at];
		at = t->links[at].wheel_next;
		enum flow_close why;
		if (timer_over(t, c, &why))
			conn_close(t, c, why);
		else
			timer_set(t, c);
	}
}

void timer_advance(struct flow_table *t)
{
	int64_t second = second_of(t->now), from = t->tick;
	t->turn_at = moment_from(second + 1, 0).ns;
	t->leapt = false;
	if (second <= from)
		return;
	int64_t steps = moment_diff((struct moment){from}, (struct moment){second});
	if (steps > WHEEL_SLOTS)
		steps = WHEEL_SLOTS;
	t->tick = second;
	for (int64_t i = 1; i <= steps; i++)
		turn(t, (size_t)((uint64_t)(second - steps + i) % WHEEL_SLOTS));
}

static void set_back(struct flow_table *t, struct moment ts)
{
	t->now = ts.ns;
	t->tick = second_of(ts.ns);
	t->turn_at = moment_from(t->tick + 1, 0).ns;
	t->behind = 0;
	if (t->set_backs < SET_BACK_MAX)
		t->set_backs++;
}

/* A packet far older than the clock; nothing about the clock is in doubt so far. */
static void note_behind(struct flow_table *t, struct moment ts)
{
	if (t->counters.packets != t->behind_at + 1)
		t->behind = 0;
	t->behind_at = t->counters.packets;
	if (++t->behind >= (uint32_t)BEHIND_ROW << t->set_backs)
		set_back(t, ts);
}

void timer_clock(struct flow_table *t, struct moment ts)
{
	bool older = ts.ns < t->now;
	bool far = moment_diff(ts, (struct moment){t->now}) > CLOCK_LEAP;
	if (t->leapt && older && far) {
		t->leapt = false;
		t->now = t->before_leap;
		older = ts.ns < t->now;
		far = moment_diff(ts, (struct moment){t->now}) > CLOCK_LEAP;
	}
	if (t->leapt)
		timer_advance(t);
	if (older) {
		if (far)
			note_behind(t, ts);
		return;
	}
	t->leapt = timer_leaps(t, ts);
	t->before_leap = t->now;
	t->now = ts.ns;
	if (!t->leapt && t->now >= t->turn_at)
		timer_advance(t);
}
