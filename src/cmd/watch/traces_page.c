/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch/traces_page.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

struct traces_page {
	_Atomic uint32_t number; /* odd: being written */
	_Alignas(16) uint8_t bytes[];
};

static size_t page_bytes(void)
{
	return sizeof(struct traces_page) + traces_size();
}

struct traces_page *traces_page_new(void)
{
	void *p = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

void traces_page_free(struct traces_page *p)
{
	if (p != NULL)
		munmap(p, page_bytes());
}

void traces_page_put(struct traces_page *p, const struct traces *t)
{
	atomic_fetch_add_explicit(&p->number, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	memcpy(p->bytes, t, traces_size());
	atomic_fetch_add_explicit(&p->number, 1, memory_order_release);
}

bool traces_taken_init(
    struct traces_taken *k, const struct traces_page *p, const struct traces *t)
{
	*k = (struct traces_taken){atomic_load_explicit(&p->number, memory_order_acquire),
	    traces_new(), traces_new()};
	if (k->live == NULL || k->spare == NULL)
		return false;
	traces_become(k->live, t);
	return true;
}

bool traces_page_take(const struct traces_page *p, struct traces_taken *k)
{
	uint32_t number = atomic_load_explicit(&p->number, memory_order_acquire);
	if (number == k->number || (number & 1) != 0)
		return false;
	traces_become(k->spare, p->bytes);
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(&p->number, memory_order_relaxed) != number)
		return false;
	traces_become(k->live, k->spare);
	k->number = number;
	return true;
}

void traces_taken_fini(struct traces_taken *k)
{
	traces_free(k->live);
	traces_free(k->spare);
	*k = (struct traces_taken){0};
}
