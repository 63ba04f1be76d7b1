/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/page.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

enum kind { COUNTER, GAUGE };

// clang-format off
static const struct {
	const char *name, *about;
	enum kind kind;
} values[] = {
#define S(KIND, name, about) {#name, about, KIND},
	PAGE_LIST(S)
#undef S
};
// clang-format on

struct page *page_new(void)
{
	void *p = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return p != MAP_FAILED ? p : NULL;
}

void page_free(struct page *p)
{
	if (p != NULL)
		munmap(p, sizeof(*p));
}

void page_json(const struct page *p, FILE *out)
{
	for (size_t i = 0; i < PAGE_VALUES; i++)
		fprintf(out, "%s\"%s\":%" PRIu64, i > 0 ? "," : "{", values[i].name,
		    page_get(p, (enum page_value)i));
	fputc('}', out);
}

void page_metrics(const struct page *p, FILE *out)
{
	for (size_t i = 0; i < PAGE_VALUES; i++) {
		bool counter = values[i].kind == COUNTER;
		const char *end = counter ? "_total" : "";
		fprintf(out,
		    "# HELP dwell_%s%s %s\n# TYPE dwell_%s%s %s\ndwell_%s%s %" PRIu64
		    "\n",
		    values[i].name, end, values[i].about, values[i].name, end,
		    counter ? "counter" : "gauge", values[i].name, end,
		    page_get(p, (enum page_value)i));
	}
}
