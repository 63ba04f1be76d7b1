/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/weigh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RARE_HOSTS      2     /* C1 */
#define RARE_SHARE      0.005 /* C1 */
#define COMMON_SHARE    0.05  /* A6.8: the fleet begins at 5 % of hosts */
#define LATE_DAYS       7.0   /* first seen after the host's first week … */
#define LATE_SHARE      0.33 /* … or, in a life of less than that, in its last two thirds */
#define SAME_SIZE_SHARE 0.8 /* A6.10 (2) */
#define SAME_SIZE_MIN   20  /* A6.10 (2) */
#define FAILING_SHARE   0.9
#define QUIET_SHARE     0.2 /* of the events in hours with < 0.1 of mean activity */
#define OFFICE_SHARE    0.9
#define FEW_CHECK_INS   20  /* A6.9: what a jitter of 50 % needs */
#define SHORT_DAYS      3.0 /* B1: under three days there is no presence, and no history */
#define SCATTER         0.08   /* the least jitter class that no scheduler needs */
#define SLACK_BYTES     4096.0 /* B2 (b) */
#define US_PER_DAY      86400e6
#define DAY_US          86400000000

bool weigh_rare(const struct context *c, const struct suspect *v)
{
	double most = fmax(RARE_HOSTS, RARE_SHARE * (double)c->hosts);
	return (double)v->peer_hosts <= most && v->peer_hosts * 2 < c->hosts;
}

bool weigh_common(const struct context *c, const struct suspect *v)
{
	return v->peer_hosts > RARE_HOSTS &&
	       (double)v->peer_hosts > COMMON_SHARE * (double)c->hosts;
}

struct service {
	const char *name, *proto, *found; /* found: as conn.service names it, or NULL */
	uint16_t port;                    /* 0: any */
};

static const struct service services[] = {
    {"NTP", "udp", "ntp", 123},
    {"DNS", NULL, "dns", 53},
    {"DNS over TLS", "tcp", NULL, 853},
    {"DHCP", "udp", "dhcp", 67},
    {"DHCP", "udp", NULL, 68},
    {"DHCPv6", "udp", NULL, 547},
    {"mDNS", "udp", "mdns", 5353},
    {"LLMNR", "udp", "llmnr", 5355},
    {"NetBIOS", "udp", NULL, 137},
    {"NetBIOS", "udp", NULL, 138},
    {"SSDP", "udp", NULL, 1900},
    {"SNMP", "udp", "snmp", 161},
    {"SNMP", "udp", "snmp", 162},
    {"syslog", "udp", NULL, 514},
    {"ICMP", "icmp", NULL, 0},
    /* Masters poll their devices by the clock for years (ot_change.c tells changes). */
    {"Modbus", "tcp", "modbus", 502},
    {"DNP3", NULL, "dnp3", 20000},
    {"IEC 104", "tcp", "iec104", 2404},
    {"EtherNet/IP", NULL, "enip", 44818},
    {"EtherNet/IP", "udp", "cip", 2222},
    {"BACnet", "udp", "bacnet", 47808},
    {"S7", "tcp", "s7comm", 102},
    {"S7", "tcp", "s7comm_plus", 102},
    {"MMS", "tcp", "mms", 102},
    {"OPC UA", "tcp", "opcua", 4840},
    {"PROFINET", "udp", "profinet", 34964},
    {"HART-IP", NULL, "hart_ip", 5094},
    {"synchrophasors", NULL, "synchrophasor", 4712},
};

struct str weigh_service(const struct suspect *v)
{
	const struct finding *f = &v->finding;
	if (v->projection == SERIES_ASKED)
		return (struct str){NULL, 0}; /* the name is the peer, not the resolver */
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++) {
		const struct service *s = &services[i];
		if (s->found != NULL && strcmp(v->stats.service, s->found) == 0)
			return str_of(s->name);
		if ((s->port == 0 || s->port == f->peer_port) &&
		    (s->proto == NULL || str_equal(f->proto, str_of(s->proto))))
			return str_of(s->name);
	}
	return (struct str){NULL, 0};
}

static double share(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

/* What is late stays late: a share of the host's life would make everything early in the
 * end, so that whoever stays would become ordinary. */
bool weigh_late(const struct context *c, const struct suspect *v)
{
	double after = (double)(v->stats.first - v->host_first) / US_PER_DAY;
	double life = (double)(c->last - v->host_first) / US_PER_DAY;
	if (v->host_first == 0 || after < 1)
		return false;
	return after >= LATE_DAYS || (life < LATE_DAYS && after >= LATE_SHARE * life);
}

/* Reached by address: no connection had a name, and the peer is outside. */
static bool nameless(const struct suspect *v)
{
	return v->finding.direction == DIRECTION_OUTBOUND && v->stats.name[0] == '\0';
}

static double same_size(const struct suspect *v)
{
	return share(v->stats.size[stats_top_size(&v->stats)].count, v->stats.known);
}

static bool sized(const struct suspect *v)
{
	return v->stats.known >= SAME_SIZE_MIN && same_size(v) >= SAME_SIZE_SHARE;
}

static bool scattered(const struct suspect *v)
{
	return v->period > 0 && v->jitter >= SCATTER;
}

bool weigh_failing(const struct suspect *v)
{
	return share(v->stats.failed, v->stats.starts) >= FAILING_SHARE;
}

static bool quiet(const struct suspect *v)
{
	return share(v->stats.quiet, v->stats.known) >= QUIET_SHARE;
}

static bool uploads(const struct suspect *v)
{
	return (double)v->stats.out > (double)v->stats.in + SLACK_BYTES;
}

unsigned weigh_marks(const struct context *c, const struct suspect *v)
{
	bool marks[] = {scattered(v), weigh_late(c, v), nameless(v), v->self_signed,
	    uploads(v), sized(v), quiet(v), weigh_failing(v)};
	unsigned n = 0;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		n += marks[i];
	return n;
}

static void facts_of_peer(const struct context *c, struct suspect *v)
{
	struct finding *f = &v->finding;
	if (weigh_rare(c, v))
		finding_add_fact(
		    f, FACT_KEY_RARE_PEER, (double)v->peer_hosts, (double)c->hosts, 0);
	if (weigh_common(c, v))
		finding_add_fact(
		    f, FACT_KEY_COMMON_PEER, (double)v->peer_hosts, (double)c->hosts, 0);
	if (nameless(v))
		finding_add_fact(f, FACT_KEY_NO_NAME, 0, 0, 0);
	if (v->self_signed)
		finding_add_fact(f, FACT_KEY_SELF_SIGNED, 0, 0, 0);
	if (weigh_late(c, v))
		finding_add_fact(f, FACT_KEY_LATE_PEER,
		    (double)(v->stats.first - v->host_first) / 1e6, 0, 0);
	struct str service = weigh_service(v);
	if (service.n > 0)
		finding_add_text_fact(f, FACT_KEY_USUAL_SERVICE, service);
	if (v->clients > RARE_HOSTS)
		finding_add_fact(
		    f, FACT_KEY_OPEN_SERVICE, (double)(v->clients - 1), 0, 0);
}

static void facts_of_behaviour(struct suspect *v)
{
	struct finding *f = &v->finding;
	const struct series_stats *s = &v->stats;
	size_t top = stats_top_size(s);
	if (scattered(v))
		finding_add_fact(f, FACT_KEY_SCATTERED, v->jitter, 0, 0);
	if (quiet(v))
		finding_add_fact(
		    f, FACT_KEY_QUIET_HOURS, share(s->quiet, s->known), 0, 0);
	int64_t days = s->last / DAY_US - s->first / DAY_US + 1;
	if (s->days > 1)
		finding_add_fact(f, FACT_KEY_LASTING, (double)s->days, (double)days, 0);
	if (sized(v))
		finding_add_fact(f, FACT_KEY_SAME_SIZE, same_size(v),
		    (double)s->size[top].out, (double)s->size[top].in);
	if (uploads(v))
		finding_add_fact(f, FACT_KEY_UPLOAD, (double)s->out, (double)s->in, 0);
	if (weigh_failing(v))
		finding_add_fact(f, FACT_KEY_FAILING, share(s->failed, s->starts),
		    (double)s->starts, 0);
	if (share(s->busy, s->known) >= OFFICE_SHARE)
		finding_add_fact(
		    f, FACT_KEY_OFFICE_HOURS, share(s->busy, s->known), 0, 0);
	if (v->period > 0 && v->gaps < FEW_CHECK_INS)
		finding_add_fact(f, FACT_KEY_FEW_EVENTS, (double)s->starts, 0, 0);
}

/* Silence at the end of the memory counts as an end after five periods, or a day. */
void weigh_time(const struct context *c, struct suspect *v)
{
	struct finding *f = &v->finding;
	double us_since = (double)moment_us(f->since);
	double silence = (double)(c->last - v->stats.last) / 1e6;
	double watched[3];
	if (f->since_kind == SINCE_BEFORE_MEMORY)
		finding_add_fact(f, FACT_KEY_OLDER, us_since, 0, 0);
	else
		finding_add_fact(f, FACT_KEY_FIRST_PACKET, (double)v->stats.first, 0, 0);
	if (f->since_kind == SINCE_ONSET)
		finding_add_fact(f, FACT_KEY_ONSET, us_since, 0, 0);
	if (silence > (v->period > 0 ? 5 * v->period : 86400))
		finding_add_fact(f, FACT_KEY_STOPPED, (double)v->stats.last, silence, 0);
	if ((double)(c->last - c->first) < SHORT_DAYS * US_PER_DAY)
		finding_add_fact(
		    f, FACT_KEY_SHORT_MEMORY, (double)(c->last - c->first) / 1e6, 0, 0);
	context_watched(c, v->stats.first, v->stats.last, watched);
	if (c->watch_count > 0)
		finding_add_fact(f, FACT_KEY_WATCHED, watched[0], watched[1], watched[2]);
}

void weigh_facts(const struct context *c, struct suspect *v)
{
	facts_of_peer(c, v);
	facts_of_behaviour(v);
	if (v->fleet > 1)
		finding_add_fact(
		    &v->finding, FACT_KEY_FLEET_RHYTHM, (double)v->fleet, v->period, 0);
	if (v->own_rhythms > 0)
		finding_add_fact(
		    &v->finding, FACT_KEY_OWN_RHYTHMS, (double)v->own_rhythms, 0, 0);
	weigh_time(c, v);
}

/* The features of A6.8, each so that more is more telling. */
enum feature {
	FEATURE_RARE,
	FEATURE_ALONE,
	FEATURE_LATE,
	FEATURE_LASTING,
	FEATURE_UPLOAD,
	FEATURE_SAME_SIZE,
	FEATURE_NAMELESS,
	FEATURE_SELF_SIGNED,
	FEATURE_QUIET,
	FEATURE_SCATTER,
	FEATURES,
};

/* Whether it came late; not how late, as then age would lower the rank. What was there
 * when the memory began may have come late before that: it stands between the two. */
static double lateness(const struct context *c, const struct suspect *v)
{
	bool older = (double)(v->stats.first - c->first) < LATE_DAYS * US_PER_DAY;
	return weigh_late(c, v) ? 1 : older ? 0.5 : 0;
}

static void features(
    const struct context *c, const struct suspect *v, double out[FEATURES])
{
	double life = (double)(c->last - v->host_first) / US_PER_DAY + 1;
	out[FEATURE_RARE] = -(double)v->peer_hosts;
	out[FEATURE_ALONE] = -(double)v->fleet;
	out[FEATURE_LATE] = lateness(c, v);
	out[FEATURE_LASTING] = (double)v->stats.days / life;
	out[FEATURE_UPLOAD] =
	    ((double)v->stats.out + SLACK_BYTES) / ((double)v->stats.in + SLACK_BYTES);
	out[FEATURE_SAME_SIZE] = same_size(v);
	out[FEATURE_NAMELESS] = nameless(v);
	out[FEATURE_SELF_SIGNED] = v->self_signed;
	out[FEATURE_QUIET] = share(v->stats.quiet, v->stats.known);
	out[FEATURE_SCATTER] = scattered(v) ? v->jitter : 0;
}

/*
 * Percentile of x among n others: those more extreme, half of those equal, and half of
 * itself. In a population of one it is 0.5 and says nothing; a feature that all share
 * says nothing either.
 */
static double percentile(double more, double equal, double others)
{
	return (more + 0.5 * equal + 0.5) / (others + 1);
}

static double cauchy(double p)
{
	return tan((0.5 - p) * M_PI);
}

/* Clients of these services are clockwork everywhere: the prior of their kind, in place
 * of a percentile that a small site can not give. */
#define SERVICE_P 0.9

static double rank(
    const double (*x)[FEATURES], const struct suspect *v, size_t n, size_t i)
{
	double sum = 0, others = 0, more[FEATURES] = {0}, equal[FEATURES] = {0};
	for (size_t j = 0; j < n; j++) {
		if (j == i || v[j].finding.direction != v[i].finding.direction)
			continue;
		others++;
		for (size_t f = 0; f < FEATURES; f++) {
			more[f] += x[j][f] > x[i][f];
			equal[f] += !(x[j][f] > x[i][f]) && !(x[j][f] < x[i][f]);
		}
	}
	for (size_t f = 0; f < FEATURES; f++)
		sum += cauchy(percentile(more[f], equal[f], others));
	sum += cauchy(weigh_service(&v[i]).n > 0 ? SERVICE_P : 0.5);
	return 0.5 - atan(sum / (FEATURES + 1)) / M_PI;
}

#define POPULATION_MAX 2048 /* suspects that each is compared with: the first ones */

void weigh_rank(const struct context *c, struct suspect *v, size_t n)
{
	double(*x)[FEATURES] = calloc(n > 0 ? n : 1, sizeof(*x));
	for (size_t i = 0; i < n; i++) {
		v[i].finding.rank_p = 0.5;
		if (x != NULL)
			features(c, &v[i], x[i]);
	}
	for (size_t i = 0; i < n && x != NULL; i++)
		v[i].finding.rank_p = rank((const double(*)[FEATURES])x, v,
		    n < POPULATION_MAX ? n : POPULATION_MAX, i);
	free(x);
}
