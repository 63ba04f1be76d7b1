/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/db/mqtt_words.h"

#include <stddef.h>

struct reason {
	uint8_t code;
	const char *words;
};

static const char *const returns[] = {"accepted", "unacceptable protocol version",
    "identifier rejected", "server unavailable", "bad user name or password",
    "not authorized"};

static const struct reason reasons[] = {
    {0x00, "accepted"},
    {0x04, "disconnect with will message"},
    {0x10, "no matching subscribers"},
    {0x80, "unspecified error"},
    {0x81, "malformed packet"},
    {0x82, "protocol error"},
    {0x83, "implementation specific error"},
    {0x84, "unsupported protocol version"},
    {0x85, "client identifier not valid"},
    {0x86, "bad user name or password"},
    {0x87, "not authorized"},
    {0x88, "server unavailable"},
    {0x89, "server busy"},
    {0x8a, "banned"},
    {0x8b, "server shutting down"},
    {0x8c, "bad authentication method"},
    {0x8d, "keep alive timeout"},
    {0x8e, "session taken over"},
    {0x8f, "topic filter invalid"},
    {0x90, "topic name invalid"},
    {0x93, "receive maximum exceeded"},
    {0x94, "topic alias invalid"},
    {0x95, "packet too large"},
    {0x96, "message rate too high"},
    {0x97, "quota exceeded"},
    {0x98, "administrative action"},
    {0x99, "payload format invalid"},
    {0x9a, "retain not supported"},
    {0x9b, "QoS not supported"},
    {0x9c, "use another server"},
    {0x9d, "server moved"},
    {0x9f, "connection rate exceeded"},
};

const char *mqtt_reason(uint8_t code, unsigned level)
{
	if (level != 5 && code < sizeof(returns) / sizeof(returns[0]))
		return returns[code];
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].code == code)
			return reasons[i].words;
	}
	return NULL;
}
