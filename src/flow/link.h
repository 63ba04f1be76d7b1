/* SPDX-License-Identifier: Apache-2.0 */
/* A frame without IP belongs to no flow: it goes past the flow table as it is. */
#ifndef DWELL_FLOW_LINK_H
#define DWELL_FLOW_LINK_H

#include "decode/link.h"

#endif
