// What the C files share among themselves.
#pragma once

#include <string.h>

#include "COneDNN.h"

// Records a message for `ein_message` and returns the code.
ein_status ein_fail(ein_status code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define EIN_TRY(call) \
  do { \
    ein_status ein_try_status = (call); \
    if (ein_try_status != EIN_OK) return ein_try_status; \
  } while (0)

// A loop compiled for several instruction sets, the best of which runs.
#define CLONES
#if defined(__x86_64__) && defined(__linux__) && defined(__clang__)
#undef CLONES
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif

// --- bfloat16 ---

typedef uint16_t bfloat;

static inline float wide(bfloat value) {
  const uint32_t bits = (uint32_t)value << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

// To the nearest, ties to even; NaN stays NaN.
static inline bfloat narrow(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  const uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  return (bfloat)(value == value ? rounded : 0x7FC0);
}

static inline float same(float value) { return value; }

// --- Exponentials in loops of vectors, which the C library's are not ---

// x = n · ln 2 + r with |r| ≤ ln 2 / 2: returns e^r − 1 by Taylor's series, and 2ⁿ. For |x| up to 87; NaN stays NaN.
static inline __attribute__((always_inline)) float exponential_parts(float x, float *power) {
  // Adding 1.5 · 2²³ rounds to an integer, which then stands in the lowest bits.
  const float rounded = x * 0x1.715476p+0f + 0x1.8p+23f;
  const float n = rounded - 0x1.8p+23f;
  uint32_t bits;
  memcpy(&bits, &rounded, sizeof bits);
  bits = (bits << 23) + 0x3F800000u;
  memcpy(power, &bits, sizeof *power);
  // ln 2 in two parts, the first of which times n is exact.
  const float r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
  float series = 1.0f / 5040;
  series = series * r + 1.0f / 720;
  series = series * r + 1.0f / 120;
  series = series * r + 1.0f / 24;
  series = series * r + 1.0f / 6;
  series = series * r + 0.5f;
  return series * r * r + r;
}

// Runs `body(context, first, last)` over slices of 0 ..< count on oneDNN's own threads; a slice holds a multiple of
// `grain` items except the last. Serial where there is little to do.
typedef void (*ein_body)(void *context, size_t first, size_t last);
void ein_parallel(size_t count, size_t grain, ein_body body, void *context);
// How many threads that may be.
int32_t ein_threads(void);

// Without the library the build ends with what to do, rather than with the errors that would follow.
#ifdef EINTHOVEN_TRAINING
#if !__has_include(<dnnl.h>)
#error "install oneDNN 2.6 or newer with its headers (Debian: libdnnl-dev), or build with --disable-default-traits"
#undef EINTHOVEN_TRAINING
#else
#include <dnnl.h>
#if DNNL_VERSION_MAJOR < 2 || (DNNL_VERSION_MAJOR == 2 && DNNL_VERSION_MINOR < 6)
#error "this oneDNN is too old: install 2.6 or newer, or build with --disable-default-traits"
#undef EINTHOVEN_TRAINING
#endif
#endif
#endif

#ifdef EINTHOVEN_TRAINING
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t ein_descriptor;
#else
typedef const dnnl_memory_desc_t *ein_descriptor;
#endif

// EIN_OK, or oneDNN's status as one of ours with `what` in the message.
ein_status ein_check(dnnl_status_t status, const char *what);

dnnl_engine_t ein_engine(void);
dnnl_stream_t ein_stream(void);
// Attributes of every primitive: the scratchpad comes from our pool.
dnnl_primitive_attr_t ein_attributes(void);

// NULL for layout 0.
ein_descriptor ein_layout_descriptor(ein_layout layout);
ein_status ein_layout_of(ein_descriptor descriptor, ein_layout *layout);
// The same bytes seen as [batch, channels, 1, length].
ein_status ein_layout_with_height(ein_layout layout, ein_layout *result);

// Everything a primitive depends on, as integers, but for the number of threads.
typedef struct {
  int32_t count;
  int64_t values[15];
} ein_key;

enum { EIN_KEY_REORDER, EIN_KEY_MATMUL, EIN_KEY_CONVOLUTION, EIN_KEY_NORMALIZATION, EIN_KEY_WINDOW };

// 1 and the plan, if there is one of this key.
int ein_plan_find(const ein_key *key, ein_plan *plan);
// Makes a plan of a primitive descriptor, which it takes over even on failure. A layout of 0 is asked of oneDNN.
typedef struct {
  ein_role role;
  ein_layout layout;
} ein_binding;
ein_status ein_plan_add(
  const ein_key *key, dnnl_primitive_desc_t descriptor, const ein_binding *bindings, int32_t count,
  ein_plan *plan);
const_dnnl_primitive_desc_t ein_plan_descriptor(ein_plan plan);
#endif
