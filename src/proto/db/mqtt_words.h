/* SPDX-License-Identifier: Apache-2.0 */
/* The words for what MQTT answers. */
#ifndef DWELL_PROTO_MQTT_WORDS_H
#define DWELL_PROTO_MQTT_WORDS_H

#include <stdint.h>

/* The words for a return code (level 3 and 4) or a reason code (5.0, 2.4); static, NULL:
 * unknown. */
const char *mqtt_reason(uint8_t code, unsigned level);

#endif
