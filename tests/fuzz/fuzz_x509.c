/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate, to all columns of its record;
 * what OpenSSL reads too must have the same serial. */
#include <openssl/x509.h>
#include <stdlib.h>

#include "proto/tls/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct x509 c;
	struct cert_record r;
	arena_init(&a, 1 << 20);
	record_clear(RECORD_CERT, &r);
	enum x509_result result = x509_parse(bytes_over(data, size), &c);
	(void)x509_record(&a, &c, &r);
	X509 *theirs = d2i_X509(NULL, &data, (long)size);
	if (theirs != NULL && result == X509_PARSED &&
	    c.version != (unsigned)(X509_get_version(theirs) + 1))
		abort();
	X509_free(theirs);
	arena_fini(&a);
	return 0;
}
