#include "CAllocations.h"

#include <errno.h>
#include <stdlib.h>

#ifdef __GLIBC__

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Thread_local long count;
static _Atomic long total;

long allocation_count(void) { return count; }

long allocation_total(void) { return total; }

void *malloc(size_t size) {
  count++;
  total++;
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count++;
  total++;
  return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
  count++;
  total++;
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  count++;
  total++;
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  void *found = memalign(alignment, size);
  if (!found) return ENOMEM;
  *block = found;
  return 0;
}

#else

long allocation_count(void) { return -1; }

long allocation_total(void) { return -1; }

#endif
