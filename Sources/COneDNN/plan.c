// Plans: primitives, kept under the integers they depend on, with their memory objects.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#ifdef EINTHOVEN_TRAINING

// Networks use some dozens; the rest is room for batches and records of other lengths. The least recently used
// goes first.
enum { SLOTS = 1024, BUCKETS = 2048, MAX_BINDINGS = EIN_ROLE_COUNT };

typedef struct {
  ein_key key;
  dnnl_primitive_desc_t descriptor;
  dnnl_primitive_t primitive;
  ein_layout layouts[MAX_BINDINGS];
  dnnl_memory_t memories[MAX_BINDINGS];
  dnnl_memory_t scratchpad;
  size_t scratchpad_bytes;
  int32_t threads;  // which the primitive divides its work among
  int64_t serial;   // 0: free
  uint64_t last_used;
} slot;

static slot slots[SLOTS];
static int64_t serials;
static uint64_t clock_ticks;
static ein_reorders reorders;

static const int roles[] = {
  [EIN_SOURCE] = DNNL_ARG_SRC,
  [EIN_WEIGHTS] = DNNL_ARG_WEIGHTS,
  [EIN_BIAS] = DNNL_ARG_BIAS,
  [EIN_RESULT] = DNNL_ARG_DST,
  [EIN_MEAN] = DNNL_ARG_MEAN,
  [EIN_VARIANCE] = DNNL_ARG_VARIANCE,
  [EIN_SCALE] = DNNL_ARG_SCALE,
  [EIN_SHIFT] = DNNL_ARG_SHIFT,
  [EIN_WORKSPACE] = DNNL_ARG_WORKSPACE,
  [EIN_SOURCE_GRADIENT] = DNNL_ARG_DIFF_SRC,
  [EIN_WEIGHTS_GRADIENT] = DNNL_ARG_DIFF_WEIGHTS,
  [EIN_BIAS_GRADIENT] = DNNL_ARG_DIFF_BIAS,
  [EIN_RESULT_GRADIENT] = DNNL_ARG_DIFF_DST,
  [EIN_SCALE_GRADIENT] = DNNL_ARG_DIFF_SCALE,
  [EIN_SHIFT_GRADIENT] = DNNL_ARG_DIFF_SHIFT,
};

static int same_key(const ein_key *a, const ein_key *b) {
  return a->count == b->count && memcmp(a->values, b->values, (size_t)a->count * sizeof a->values[0]) == 0;
}

// A slot's place among the others is found by its key's hash and linear probing over an index, rebuilt on eviction.
static int16_t index_of[BUCKETS];  // slot + 1

static size_t bucket_of(const ein_key *key) {
  uint64_t hash = 0;
  for (int i = 0; i < key->count; i++) {
    hash = (hash ^ (uint64_t)key->values[i]) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  }
  return hash % BUCKETS;
}

static void index_slot(int number) {
  size_t bucket = bucket_of(&slots[number].key);
  while (index_of[bucket]) bucket = (bucket + 1) % BUCKETS;
  index_of[bucket] = (int16_t)(number + 1);
}

static slot *slot_of(ein_plan plan) {
  slot *found = &slots[plan % SLOTS];
  return plan > 0 && found->serial == plan / SLOTS ? found : NULL;
}

static ein_plan plan_of(const slot *found) { return found->serial * SLOTS + (found - slots); }

int ein_plan_find(const ein_key *key, ein_plan *plan) {
  for (size_t bucket = bucket_of(key); index_of[bucket]; bucket = (bucket + 1) % BUCKETS) {
    slot *found = &slots[index_of[bucket] - 1];
    if (found->threads == ein_threads() && same_key(&found->key, key)) {
      found->last_used = ++clock_ticks;
      *plan = plan_of(found);
      return 1;
    }
  }
  return 0;
}

static void release(slot *old) {
  for (int i = 0; i < MAX_BINDINGS; i++) {
    if (old->memories[i]) dnnl_memory_destroy(old->memories[i]);
  }
  if (old->scratchpad) dnnl_memory_destroy(old->scratchpad);
  if (old->primitive) dnnl_primitive_destroy(old->primitive);
  if (old->descriptor) dnnl_primitive_desc_destroy(old->descriptor);
  memset(old, 0, sizeof *old);
}

static slot *free_slot(void) {
  slot *oldest = &slots[0];
  for (int i = 0; i < SLOTS; i++) {
    if (!slots[i].serial) return &slots[i];
    if (slots[i].last_used < oldest->last_used) oldest = &slots[i];
  }
  release(oldest);
  memset(index_of, 0, sizeof index_of);
  for (int i = 0; i < SLOTS; i++) {
    if (slots[i].serial) index_slot(i);
  }
  return oldest;
}

static ein_status make_memory(ein_descriptor descriptor, dnnl_memory_t *memory) {
  return ein_check(dnnl_memory_create(memory, descriptor, ein_engine(), DNNL_MEMORY_NONE), "tensor memory");
}

static ein_status fill(slot *made, const ein_binding *bindings, int32_t count) {
  EIN_TRY(ein_check(dnnl_primitive_create(&made->primitive, made->descriptor), "primitive"));
  for (int i = 0; i < count; i++) {
    ein_role role = bindings[i].role;
    ein_layout layout = bindings[i].layout;
    if (!layout) {
      EIN_TRY(ein_layout_of(
        dnnl_primitive_desc_query_md(made->descriptor, dnnl_query_exec_arg_md, roles[role]), &layout));
    }
    if (!layout) continue;
    made->layouts[role] = layout;
    EIN_TRY(make_memory(ein_layout_descriptor(layout), &made->memories[role]));
  }
  ein_descriptor scratchpad = dnnl_primitive_desc_query_md(made->descriptor, dnnl_query_scratchpad_md, 0);
  made->scratchpad_bytes = scratchpad ? dnnl_memory_desc_get_size(scratchpad) : 0;
  if (made->scratchpad_bytes) EIN_TRY(make_memory(scratchpad, &made->scratchpad));
  return EIN_OK;
}

ein_status ein_plan_add(
  const ein_key *key, dnnl_primitive_desc_t descriptor, const ein_binding *bindings, int32_t count,
  ein_plan *plan
) {
  slot *made = free_slot();
  made->descriptor = descriptor;
  ein_status status = fill(made, bindings, count);
  if (status != EIN_OK) {
    release(made);
    return status;
  }
  made->key = *key;
  made->threads = ein_threads();
  made->serial = ++serials;
  made->last_used = ++clock_ticks;
  index_slot((int)(made - slots));
  *plan = plan_of(made);
  return EIN_OK;
}

const_dnnl_primitive_desc_t ein_plan_descriptor(ein_plan plan) {
  const slot *found = slot_of(plan);
  return found ? found->descriptor : NULL;
}

int64_t ein_primitives_created(void) { return serials; }

ein_reorders ein_reorders_run(void) { return reorders; }

ein_status ein_plan_layout(ein_plan plan, ein_role role, ein_layout *layout) {
  const slot *found = slot_of(plan);
  if (!found || role >= EIN_ROLE_COUNT) return ein_fail(EIN_INVALID, "no such compute plan");
  *layout = found->layouts[role];
  return EIN_OK;
}

ein_status ein_execute(ein_plan plan, const ein_argument *arguments, int32_t count) {
  slot *found = slot_of(plan);
  if (!found || count > MAX_BINDINGS) return ein_fail(EIN_INVALID, "no such compute plan");
  dnnl_exec_arg_t passed[MAX_BINDINGS + 1];
  int passed_count = 0;
  for (int i = 0; i < count; i++) {
    ein_role role = arguments[i].role;
    if (role >= EIN_ROLE_COUNT || !found->memories[role]) continue;
    EIN_TRY(ein_check(
      dnnl_memory_set_data_handle(found->memories[role], arguments[i].data), "tensor memory"));
    passed[passed_count++] = (dnnl_exec_arg_t){roles[role], found->memories[role]};
  }
  void *scratchpad = NULL;
  if (found->scratchpad) {
    EIN_TRY(ein_memory_take(found->scratchpad_bytes, &scratchpad));
    dnnl_memory_set_data_handle(found->scratchpad, scratchpad);
    passed[passed_count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, found->scratchpad};
  }
  dnnl_status_t status = dnnl_primitive_execute(found->primitive, ein_stream(), passed_count, passed);
  if (status == dnnl_success) status = dnnl_stream_wait(ein_stream());
  ein_memory_give(scratchpad);
  if (status == dnnl_success && found->key.values[0] == EIN_KEY_REORDER) {
    ein_layout_description result;
    EIN_TRY(ein_layout_describe(found->layouts[EIN_RESULT], &result));
    reorders.count++;
    reorders.bytes += (int64_t)result.bytes;
  }
  return ein_check(status, "primitive");
}

#else

int64_t ein_primitives_created(void) { return 0; }

ein_reorders ein_reorders_run(void) { return (ein_reorders){0}; }

ein_status ein_plan_layout(ein_plan plan, ein_role role, ein_layout *layout) {
  (void)plan, (void)role, (void)layout;
  return ein_start();
}

ein_status ein_execute(ein_plan plan, const ein_argument *arguments, int32_t count) {
  (void)plan, (void)arguments, (void)count;
  return ein_start();
}

#endif
