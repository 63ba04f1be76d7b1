/* SPDX-License-Identifier: Apache-2.0 */
#include "live/interface.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/linktype.h"

static int link_of(int hardware)
{
	switch (hardware) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		return LINKTYPE_ETHERNET;
	case ARPHRD_NONE: /* tun, WireGuard */
	case ARPHRD_RAWIP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
		return LINKTYPE_RAW;
	case ARPHRD_IEEE80211:
		return LINKTYPE_IEEE802_11;
	case ARPHRD_IEEE80211_RADIOTAP:
		return LINKTYPE_IEEE802_11_RADIOTAP;
	default:
		return -1;
	}
}

/* Ask the kernel of an interface; 0, or -1 with errno. */
static int ask(const char *name, unsigned long what, struct ifreq *r)
{
	size_t n = strlen(name);
	if (n == 0 || n >= sizeof(r->ifr_name)) {
		errno = ENODEV;
		return -1;
	}
	memset(r->ifr_name, 0, sizeof(r->ifr_name));
	memcpy(r->ifr_name, name, n);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	int result = ioctl(fd, what, r);
	int failed = errno;
	close(fd);
	errno = failed;
	return result;
}

int interface_find(const char *name, struct interface *i, struct error *e)
{
	struct ifreq r = {0};
	if (strcmp(name, INTERFACE_ANY) == 0) {
		*i = (struct interface){
		    .link = LINKTYPE_LINUX_SLL2, .cooked = true, .up = true};
		return 0;
	}
	if (ask(name, SIOCGIFINDEX, &r) < 0) {
		if (errno == ENODEV)
			return error_set(e, ERR_USAGE,
			    "there is no network interface '%.64s' (ip link shows them)",
			    name);
		return error_set(e, ERR_SYSTEM, "%.64s: %s", name, strerror(errno));
	}
	*i = (struct interface){.index = r.ifr_ifindex};
	if (ask(name, SIOCGIFHWADDR, &r) < 0)
		return error_set(e, ERR_SYSTEM, "%.64s: %s", name, strerror(errno));
	i->hardware = r.ifr_hwaddr.sa_family;
	i->link = link_of(i->hardware);
	i->cooked = i->link < 0;
	if (i->cooked)
		i->link = LINKTYPE_LINUX_SLL2;
	if (ask(name, SIOCGIFFLAGS, &r) < 0)
		return error_set(e, ERR_SYSTEM, "%.64s: %s", name, strerror(errno));
	i->loopback = (r.ifr_flags & IFF_LOOPBACK) != 0;
	i->up = (r.ifr_flags & IFF_UP) != 0 && (r.ifr_flags & IFF_RUNNING) != 0;
	return 0;
}

/* A value that ethtool shows; 0 where the driver does not say. */
static uint32_t offload(const char *name, uint32_t command)
{
	struct ethtool_value v = {.cmd = command};
	struct ifreq r = {.ifr_data = (void *)&v};
	return ask(name, SIOCETHTOOL, &r) < 0 ? 0 : v.data;
}

unsigned interface_joins(const char *name)
{
	unsigned joins = 0;
	if (offload(name, ETHTOOL_GGRO) != 0)
		joins |= JOINS_GRO;
	if ((offload(name, ETHTOOL_GFLAGS) & ETH_FLAG_LRO) != 0)
		joins |= JOINS_LRO;
	return joins;
}

int interface_stamp(const char *name, struct error *e)
{
	struct hwtstamp_config c = {.rx_filter = HWTSTAMP_FILTER_ALL};
	struct ifreq r = {.ifr_data = (void *)&c};
	if (ask(name, SIOCSHWTSTAMP, &r) < 0)
		return error_set(e, ERR_SYSTEM,
		    "%.32s does not give time stamps of its own: %s (leave "
		    "--hardware-time out to take the kernel's)",
		    name, strerror(errno));
	return 0;
}
