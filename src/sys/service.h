/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process tells the service manager that started it, by the protocol of
 * sd_notify(3): a datagram of lines to the socket that $NOTIFY_SOCKET names. Without one
 * all of this does nothing.
 */
#ifndef DWELL_SYS_SERVICE_H
#define DWELL_SYS_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

struct service {
	int socket;       /* -1: nobody is to be told */
	int64_t watchdog; /* ns between two service_alive that are wanted; 0: none */
};

/* Find out who is to be told. Takes the variables out of the environment, so that no
 * child speaks for us. */
void service_open(struct service *s);

/* Tell a state, such as "READY=1", "STOPPING=1" or "STATUS=…"; one line or more. */
void service_tell(const struct service *s, const char *state);

/* Tell that we are alive, if the manager wants to know. */
void service_alive(const struct service *s);

/* Whether descriptor 2 is the journal's ($JOURNAL_STREAM, systemd.exec(5)). */
bool service_journal(void);

/* From here on the signals to a service (INT, TERM, HUP, USR1) and of its children come
 * through the descriptor that this gives, as signalfd(2) has it; negative where the
 * system refuses. Children take none of them. */
int service_signals(void);

/* No one is told any more. */
void service_close(struct service *s);

#endif
