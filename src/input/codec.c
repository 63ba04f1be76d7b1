/* SPDX-License-Identifier: Apache-2.0 */
#include "input/codec.h"

static const struct codec *const codecs[] = {&codec_gzip, &codec_zstd, &codec_xz};

const struct codec *codec_of(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		if (codecs[i]->probe(p, n))
			return codecs[i];
	}
	return NULL;
}
