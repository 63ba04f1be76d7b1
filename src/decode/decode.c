/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decode.h"
