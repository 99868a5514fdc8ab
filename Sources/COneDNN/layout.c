// Layouts: every order of elements that occurs is stored once, and known by its place in the table.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#ifdef EINTHOVEN_TRAINING

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t stored_descriptor;
#else
typedef dnnl_memory_desc_t stored_descriptor[1];
#endif

// Tensors of records of many lengths have many layouts, and any may be in use: none is ever dropped.
enum { MAX_LAYOUTS = 1 << 24, RING = 64 };

typedef struct entry {
  ein_layout_description description;
  int is_any;
  // Workspaces and scratchpads stand in the table too, as bytes: a shape and strides alone do not tell them apart.
  dnnl_data_type_t type;
  struct entry *next;
  ein_layout id;
  // oneDNN's, of several hundred bytes, only where strides do not tell all.
  stored_descriptor descriptor[];
} entry;

static entry **buckets;
static size_t bucket_count;
static entry **entries;  // by id − 1
static ein_layout entry_count, entry_capacity;

static entry *entry_of(ein_layout layout) {
  return layout > 0 && layout <= entry_count ? entries[layout - 1] : NULL;
}

static ein_status make_descriptor(
  int32_t rank, const int64_t *shape, const int64_t *strides, dnnl_data_type_t type, stored_descriptor *made
) {
  dnnl_dims_t dims = {0}, steps = {0};
  for (int i = 0; i < rank; i++) {
    dims[i] = shape[i];
    if (strides) steps[i] = strides[i];
  }
#if DNNL_VERSION_MAJOR >= 3
  return ein_check(
    strides ? dnnl_memory_desc_create_with_strides(made, rank, dims, type, steps)
            : dnnl_memory_desc_create_with_tag(made, rank, dims, type, dnnl_format_tag_any),
    "tensor layout");
#else
  return ein_check(
    strides ? dnnl_memory_desc_init_by_strides(*made, rank, dims, type, steps)
            : dnnl_memory_desc_init_by_tag(*made, rank, dims, type, dnnl_format_tag_any),
    "tensor layout");
#endif
}

static void destroy_descriptor(stored_descriptor *made) {
#if DNNL_VERSION_MAJOR >= 3
  if (*made) dnnl_memory_desc_destroy(*made);
  *made = NULL;
#else
  (void)made;
#endif
}

// Those of strided layouts are made when a plan is, which needs some dozen at a time, and stay until 64 others are.
ein_descriptor ein_layout_descriptor(ein_layout layout) {
  static stored_descriptor ring[RING];
  static size_t place;
  const entry *found = entry_of(layout);
  if (!found) return NULL;
  if (!found->description.is_strided) return found->descriptor[0];
  stored_descriptor *made = &ring[place++ % RING];
  destroy_descriptor(made);
  const ein_layout_description *description = &found->description;
  const ein_status status =
    make_descriptor(description->rank, description->shape, description->strides, found->type, made);
  return status == EIN_OK ? *made : NULL;
}

static dnnl_data_type_t type_of(ein_descriptor descriptor) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_data_type_t type = dnnl_data_type_undef;
  dnnl_memory_desc_query(descriptor, dnnl_query_data_type, &type);
  return type;
#else
  return descriptor->data_type;
#endif
}

// No element lies at a stride of an axis of length 1: it is set to what it is where the axes within are dense.
static void settle_strides(ein_layout_description *layout) {
  for (int i = layout->rank - 1; i >= 0; i--) {
    if (layout->shape[i] == 1) layout->strides[i] = i + 1 < layout->rank ? layout->strides[i + 1] * layout->shape[i + 1] : 1;
  }
}

// Reads what can be said of a descriptor without oneDNN's help.
static void describe(ein_descriptor descriptor, ein_layout_description *out, int *is_any) {
  memset(out, 0, sizeof *out);
  out->bytes = dnnl_memory_desc_get_size(descriptor);
#if DNNL_VERSION_MAJOR >= 3
  int rank = 0, blocks = 0;
  dnnl_format_kind_t kind = dnnl_format_kind_undef;
  dnnl_dims_t *shape = NULL, *padded = NULL, *strides = NULL;
  dnnl_memory_desc_query(descriptor, dnnl_query_ndims_s32, &rank);
  dnnl_memory_desc_query(descriptor, dnnl_query_format_kind, &kind);
  dnnl_memory_desc_query(descriptor, dnnl_query_dims, &shape);
  int is_blocked = kind == dnnl_blocked;
  if (is_blocked) {
    dnnl_memory_desc_query(descriptor, dnnl_query_padded_dims, &padded);
    dnnl_memory_desc_query(descriptor, dnnl_query_strides, &strides);
    dnnl_memory_desc_query(descriptor, dnnl_query_inner_nblks_s32, &blocks);
  }
  const dnnl_dim_t *shape_values = shape ? *shape : NULL;
  const dnnl_dim_t *padded_values = padded ? *padded : NULL;
  const dnnl_dim_t *stride_values = strides ? *strides : NULL;
#else
  int rank = descriptor->ndims;
  dnnl_format_kind_t kind = descriptor->format_kind;
  int is_blocked = kind == dnnl_blocked;
  int blocks = is_blocked ? descriptor->format_desc.blocking.inner_nblks : 0;
  const dnnl_dim_t *shape_values = descriptor->dims;
  const dnnl_dim_t *padded_values = is_blocked ? descriptor->padded_dims : NULL;
  const dnnl_dim_t *stride_values = is_blocked ? descriptor->format_desc.blocking.strides : NULL;
#endif
  *is_any = kind == dnnl_format_kind_any;
  out->rank = rank < EIN_MAX_RANK ? rank : EIN_MAX_RANK;
  out->is_strided = is_blocked && blocks == 0 && stride_values && padded_values;
  for (int i = 0; i < out->rank && shape_values; i++) {
    out->shape[i] = shape_values[i];
    if (stride_values) out->strides[i] = stride_values[i];
    if (padded_values && padded_values[i] != shape_values[i]) out->is_strided = 0;
  }
  if (out->is_strided) settle_strides(out);
}

static uint64_t hash_of(const ein_layout_description *description) {
  uint64_t hash = (uint64_t)description->rank;
  for (int i = 0; i < description->rank; i++) {
    hash = (hash ^ (uint64_t)description->shape[i]) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
    // Equal descriptors of blocks may differ in strides at which nothing lies.
    if (!description->is_strided) continue;
    hash = (hash ^ (uint64_t)description->strides[i]) * 0xBF58476D1CE4E5B9u;
    hash ^= hash >> 31;
  }
  return hash;
}

// Twice the buckets, once there are as many layouts.
static ein_status grow_buckets(void) {
  const size_t count = bucket_count ? 2 * bucket_count : 1024;
  entry **grown = calloc(count, sizeof *grown);
  if (!grown) return ein_fail(EIN_MEMORY, "no memory for a tensor layout");
  for (ein_layout i = 0; i < entry_count; i++) {
    entry **bucket = &grown[hash_of(&entries[i]->description) % count];
    entries[i]->next = *bucket;
    *bucket = entries[i];
  }
  free(buckets);
  buckets = grown;
  bucket_count = count;
  return EIN_OK;
}

static ein_status grow_entries(void) {
  const ein_layout capacity = entry_capacity ? entry_capacity * 2 : 256;
  entry **grown = realloc(entries, (size_t)capacity * sizeof *grown);
  if (!grown) return ein_fail(EIN_MEMORY, "no memory for a tensor layout");
  entries = grown;
  entry_capacity = capacity;
  return EIN_OK;
}

// The layout of a description; of one that is neither strided nor any, the one whose descriptor is equal.
static ein_layout find(
  const ein_layout_description *wanted, int is_any, dnnl_data_type_t type, ein_descriptor descriptor
) {
  if (!bucket_count) return 0;
  const size_t bytes_of_axes = (size_t)wanted->rank * sizeof wanted->shape[0];
  for (const entry *e = buckets[hash_of(wanted) % bucket_count]; e; e = e->next) {
    const ein_layout_description *known = &e->description;
    if (e->type != type || e->is_any != is_any || known->is_strided != wanted->is_strided) continue;
    if (known->rank != wanted->rank || memcmp(known->shape, wanted->shape, bytes_of_axes) != 0) continue;
    if (known->is_strided ? memcmp(known->strides, wanted->strides, bytes_of_axes) == 0
                          : is_any || dnnl_memory_desc_equal(e->descriptor[0], descriptor)) {
      return e->id;
    }
  }
  return 0;
}

ein_status ein_layout_of(ein_descriptor descriptor, ein_layout *layout) {
  *layout = 0;
  if (!descriptor) return EIN_OK;
  ein_layout_description description;
  int is_any;
  describe(descriptor, &description, &is_any);
  if (description.rank == 0) return EIN_OK;
  const dnnl_data_type_t type = type_of(descriptor);
  description.type = type == dnnl_bf16 ? EIN_BF16 : EIN_F32;
  *layout = find(&description, is_any, type, descriptor);
  if (*layout) return EIN_OK;
  if (entry_count == MAX_LAYOUTS) return ein_fail(EIN_MEMORY, "more than 16 million different tensor shapes");
  if ((size_t)entry_count == bucket_count) EIN_TRY(grow_buckets());
  if (entry_count == entry_capacity) EIN_TRY(grow_entries());
  entry *added = calloc(1, sizeof *added + (description.is_strided ? 0 : sizeof(stored_descriptor)));
  if (!added) return ein_fail(EIN_MEMORY, "no memory for a tensor layout");
  if (!description.is_strided) {
#if DNNL_VERSION_MAJOR >= 3
    if (dnnl_memory_desc_clone(added->descriptor, descriptor) != dnnl_success) {
      free(added);
      return ein_fail(EIN_MEMORY, "no memory for a tensor layout");
    }
#else
    added->descriptor[0][0] = *descriptor;
#endif
  }
  added->description = description;
  added->is_any = is_any;
  added->type = type;
  added->id = entry_count + 1;
  entry **bucket = &buckets[hash_of(&description) % bucket_count];
  added->next = *bucket;
  *bucket = added;
  entries[entry_count++] = added;
  *layout = added->id;
  return EIN_OK;
}

ein_status ein_layout_make(
  int32_t rank, const int64_t *shape, const int64_t *strides, ein_type type, ein_layout *layout
) {
  const dnnl_data_type_t elements = type == EIN_BF16 ? dnnl_bf16 : dnnl_f32;
  EIN_TRY(ein_start());
  if (rank < 1 || rank > EIN_MAX_RANK) return ein_fail(EIN_INVALID, "a tensor of %d axes, not 1 … 6", rank);
  // The usual case without touching oneDNN: a shape and strides seen before.
  ein_layout_description wanted = {.rank = rank, .is_strided = strides != NULL};
  memcpy(wanted.shape, shape, (size_t)rank * sizeof *shape);
  if (strides) {
    memcpy(wanted.strides, strides, (size_t)rank * sizeof *strides);
    settle_strides(&wanted);
  }
  *layout = find(&wanted, strides == NULL, elements, NULL);
  if (*layout) return EIN_OK;
  stored_descriptor made = {0};
  EIN_TRY(make_descriptor(rank, wanted.shape, strides ? wanted.strides : NULL, elements, &made));
  const ein_status status = ein_layout_of(made, layout);
  destroy_descriptor(&made);
  return status;
}

ein_status ein_layout_with_height(ein_layout layout, ein_layout *result) {
  const entry *found = entry_of(layout);
  if (!found || found->description.rank != 3) return ein_fail(EIN_INVALID, "not a layout of three axes");
  const int64_t *shape = found->description.shape;
  const int64_t *strides = found->description.strides;
  if (found->description.is_strided) {
    int64_t tall[] = {shape[0], shape[1], 1, shape[2]};
    int64_t steps[] = {strides[0], strides[1], strides[2] * shape[2], strides[2]};
    return ein_layout_make(4, tall, steps, found->description.type, result);
  }
  dnnl_dims_t tall = {shape[0], shape[1], 1, shape[2]};
  dnnl_memory_desc_t made;
#if DNNL_VERSION_MAJOR >= 3
  EIN_TRY(ein_check(dnnl_memory_desc_reshape(&made, found->descriptor[0], 4, tall), "tensor layout"));
  ein_status status = ein_layout_of(made, result);
  dnnl_memory_desc_destroy(made);
  return status;
#else
  EIN_TRY(ein_check(dnnl_memory_desc_reshape(&made, found->descriptor[0], 4, tall), "tensor layout"));
  return ein_layout_of(&made, result);
#endif
}

ein_status ein_layout_describe(ein_layout layout, ein_layout_description *description) {
  const entry *found = entry_of(layout);
  if (!found) return ein_fail(EIN_INVALID, "no tensor layout %d", layout);
  *description = found->description;
  return EIN_OK;
}

#else

ein_status ein_layout_make(
  int32_t rank, const int64_t *shape, const int64_t *strides, ein_type type, ein_layout *layout
) {
  (void)rank, (void)shape, (void)strides, (void)type, (void)layout;
  return ein_start();
}

ein_status ein_layout_describe(ein_layout layout, ein_layout_description *description) {
  (void)layout, (void)description;
  return ein_start();
}

#endif
