#include "CKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

// The output of one section replaces its input `x`. What does not depend on the output is summed first, so
// that the next sample waits for as little as possible.
#define ADVANCE(T, k)                                                                                          \
  do {                                                                                                         \
    T y = x * c[k].b0 + p[k];                                                                                  \
    p[k] = (x * c[k].b1 + q[k]) - y * c[k].a1;                                                                 \
    q[k] = x * c[k].b2 - y * c[k].a2;                                                                          \
    x = y;                                                                                                     \
  } while (0)

// One sweep over the rows through `n` sections, whose memories stay in registers. A section's next output waits
// for its last one; several sections at once fill that wait.
#define SWEEP(T, n)                                                                                            \
  ALWAYS void sweep_##T##_##n(const einthoven_section *sections, T *rows, long count, T *memory, long step) {  \
    einthoven_section c[n];                                                                                    \
    T p[n], q[n];                                                                                              \
    for (int k = 0; k < n; k++) {                                                                              \
      c[k] = sections[k];                                                                                      \
      p[k] = memory[2 * k];                                                                                    \
      q[k] = memory[2 * k + 1];                                                                                \
    }                                                                                                          \
    T *row = step > 0 ? rows : rows + count - 1;                                                               \
    for (long index = 0; index < count; index++, row += step) {                                                \
      T x = *row;                                                                                              \
      _Pragma("clang loop unroll(full)") for (int k = 0; k < n; k++) ADVANCE(T, k);                            \
      *row = x;                                                                                                \
    }                                                                                                          \
    for (int k = 0; k < n; k++) {                                                                              \
      memory[2 * k] = p[k];                                                                                    \
      memory[2 * k + 1] = q[k];                                                                                \
    }                                                                                                          \
  }

#define CASCADE(T)                                                                                             \
  SWEEP(T, 1)                                                                                                  \
  SWEEP(T, 2)                                                                                                  \
  SWEEP(T, 4)                                                                                                  \
  ALWAYS void cascade_##T(                                                                                     \
      long most, const einthoven_section *sections, long left, T *rows, long count, T *memory, long step) {    \
    while (left > 0) {                                                                                         \
      long taken = left >= 4 && most >= 4 ? 4 : left >= 2 && most >= 2 ? 2 : 1;                                \
      if (taken == 4) sweep_##T##_4(sections, rows, count, memory, step);                                      \
      if (taken == 2) sweep_##T##_2(sections, rows, count, memory, step);                                      \
      if (taken == 1) sweep_##T##_1(sections, rows, count, memory, step);                                      \
      sections += taken;                                                                                       \
      memory += 2 * taken;                                                                                     \
      left -= taken;                                                                                           \
    }                                                                                                          \
  }

CASCADE(lanes1)
CASCADE(lanes2)
CASCADE(lanes4)
CASCADE(lanes8)

// `most2` and so on: how many sections a sweep takes before the registers of the variant overflow.
#define VARIANT(name, attribute, most2, most4, most8)                                                          \
  attribute static void name(                                                                                  \
      const einthoven_section *sections, long left, double *rows, long count, long lanes, double *memory,      \
      long step) {                                                                                             \
    switch (lanes) {                                                                                           \
    case 1: cascade_lanes1(4, sections, left, rows, count, memory, step); break;                               \
    case 2: cascade_lanes2(most2, sections, left, (lanes2 *)rows, count, (lanes2 *)memory, step); break;       \
    case 4: cascade_lanes4(most4, sections, left, (lanes4 *)rows, count, (lanes4 *)memory, step); break;       \
    case 8: cascade_lanes8(most8, sections, left, (lanes8 *)rows, count, (lanes8 *)memory, step); break;       \
    }                                                                                                          \
  }

VARIANT(cascade_plain, , 4, 2, 1)

#if defined(__x86_64__)
VARIANT(cascade_avx2, __attribute__((target("avx2"))), 4, 4, 2)
VARIANT(cascade_avx512, __attribute__((target("avx512f"))), 4, 4, 4)
#endif

einthoven_variant einthoven_best_variant(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return EINTHOVEN_AVX512;
  if (__builtin_cpu_supports("avx2")) return EINTHOVEN_AVX2;
#endif
  return EINTHOVEN_PLAIN;
}

void einthoven_cascade(
    einthoven_variant variant, const einthoven_section *sections, long section_count, double *rows, long count,
    long lanes, double *memory, long step) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) {
    cascade_avx512(sections, section_count, rows, count, lanes, memory, step);
    return;
  }
  if (variant == EINTHOVEN_AVX2) {
    cascade_avx2(sections, section_count, rows, count, lanes, memory, step);
    return;
  }
#endif
  cascade_plain(sections, section_count, rows, count, lanes, memory, step);
}
