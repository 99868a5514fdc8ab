// Aligned blocks, kept for reuse: a training step takes the same sizes in the same order every time.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "internal.h"

// Sizes are rounded up to four steps a power of two, so that a block fits requests up to a quarter smaller.
enum { ALIGNMENT = 64, HUGE_PAGE = 2 << 20, STEPS = 4, CLASSES = 64 * STEPS };

// Kept in the 64 bytes before what the caller sees; `next` only while the block is free.
typedef struct block {
  size_t size_class;
  struct block *next;
} block;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static block *kept[CLASSES];
static size_t taken, requested;

static size_t class_size(size_t size_class) {
  size_t power = (size_t)1 << (size_class / STEPS);
  return power + power / STEPS * (size_class % STEPS);
}

static size_t class_of(size_t bytes) {
  size_t power = 63 - (size_t)__builtin_clzll(bytes);
  size_t size_class = power * STEPS;
  while (class_size(size_class) < bytes) size_class++;
  return size_class;
}

ein_status ein_memory_take(size_t bytes, void **result) {
  if (bytes > (size_t)1 << 46) return ein_fail(EIN_MEMORY, "a block of %zu bytes is out of reach", bytes);
  size_t size_class = class_of((bytes < ALIGNMENT ? ALIGNMENT : bytes) + ALIGNMENT);
  size_t size = class_size(size_class);
  pthread_mutex_lock(&lock);
  block *found = kept[size_class];
  if (found) {
    kept[size_class] = found->next;
    taken += size;
  }
  pthread_mutex_unlock(&lock);
  if (!found) {
    size_t alignment = size >= HUGE_PAGE ? HUGE_PAGE : ALIGNMENT;
    void *fresh = NULL;
    int is_refused = posix_memalign(&fresh, alignment, size) != 0;
    if (is_refused) {
      // Blocks of other sizes may be all that is in the way.
      ein_memory_trim();
      is_refused = posix_memalign(&fresh, alignment, size) != 0;
    }
    if (is_refused) {
      return ein_fail(EIN_MEMORY, "no memory for a block of %zu bytes", size);
    }
    // Advice only: fewer page faults and TLB misses on large tensors.
    if (size >= HUGE_PAGE) madvise(fresh, size, MADV_HUGEPAGE);
    found = fresh;
    found->size_class = size_class;
    pthread_mutex_lock(&lock);
    taken += size;
    requested += size;
    pthread_mutex_unlock(&lock);
  }
  *result = (char *)found + ALIGNMENT;
  return EIN_OK;
}

void ein_memory_give(void *data) {
  if (!data) return;
  block *given = (block *)((char *)data - ALIGNMENT);
  pthread_mutex_lock(&lock);
  taken -= class_size(given->size_class);
  given->next = kept[given->size_class];
  kept[given->size_class] = given;
  pthread_mutex_unlock(&lock);
}

void ein_memory_trim(void) {
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < CLASSES; i++) {
    while (kept[i]) {
      block *next = kept[i]->next;
      free(kept[i]);
      kept[i] = next;
    }
  }
  pthread_mutex_unlock(&lock);
}

size_t ein_memory_taken(void) {
  pthread_mutex_lock(&lock);
  size_t bytes = taken;
  pthread_mutex_unlock(&lock);
  return bytes;
}

size_t ein_memory_requested(void) {
  pthread_mutex_lock(&lock);
  size_t bytes = requested;
  pthread_mutex_unlock(&lock);
  return bytes;
}
