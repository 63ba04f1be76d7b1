/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch/notes.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void order_send(int to, const struct order *o, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} extra = {{0}};
	struct order copy = *o;
	struct iovec part = {&copy, sizeof(copy)};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
	if (fd >= 0) {
		m.msg_control = extra.room;
		m.msg_controllen = sizeof(extra.room);
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		*c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(fd)),
		    .cmsg_level = SOL_SOCKET,
		    .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	while (sendmsg(to, &m, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

bool order_take(int from, struct order *o, int *fd, bool *gone)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} extra;
	struct iovec part = {o, sizeof(*o)};
	struct msghdr m = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = extra.room,
	    .msg_controllen = sizeof(extra.room)};
	ssize_t n = recvmsg(from, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	*fd = -1;
	*gone = n == 0;
	if (n != (ssize_t)sizeof(*o))
		return false;
	const struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return true;
}
