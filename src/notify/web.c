/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/web.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

/* ISO C has no way from an object's address to a function's; POSIX says the bytes are. */
static bool find(void *library, const char *name, void *function)
{
	void *address = dlsym(library, name);
	memcpy(function, &address, sizeof(address));
	return address != NULL;
}

int web_load(struct web *w, struct error *e)
{
	bool all = true;
	*w = (struct web){.library = dlopen(WEB_LIBRARY, RTLD_NOW | RTLD_LOCAL)};
	if (w->library == NULL)
		return error_set(e, ERR_SYSTEM,
		    "sending needs " WEB_LIBRARY
		    " (Debian: libcurl4), which is not there");
#define F(name) all = all && find(w->library, "curl_" #name, &w->name);
	WEB_FUNCTIONS(F)
#undef F
	if (all && w->global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		return 0;
	dlclose(w->library);
	w->library = NULL;
	return error_set(e, ERR_SYSTEM, WEB_LIBRARY " is too old");
}

void web_unload(struct web *w)
{
	if (w->library == NULL)
		return;
	/* Not unloaded: what it loaded has registered what runs at the end. */
	w->global_cleanup();
	w->library = NULL;
}
