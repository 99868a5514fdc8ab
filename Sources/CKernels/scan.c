#include "CKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

#define KEEP(M, mask, value) ((__typeof__(value))((M)(value) & (mask)))
#define CHOOSE(M, mask, yes, no) ((__typeof__(yes))(((M)(yes) & (mask)) | ((M)(no) & ~(mask))))
#define ANY(mask) (__builtin_reduce_or(mask) != 0)

// The pass over `n` leads side by side. Counters are doubles, whose vectors compare with those of samples.
#define SCAN(T, M, n)                                                                                          \
  ALWAYS long close_##n(                                                                                       \
      const T *equal, const M *ended, long frame, long first, einthoven_stretch *stretches,      \
      long found) {                                                                                            \
    for (long lane = 0; lane < n; lane++)                                                                \
      if ((*ended)[lane])                                                                                      \
        stretches[found++] = (einthoven_stretch){first + lane, frame - (long)(*equal)[lane] - 1, frame};       \
    return found;                                                                                              \
  }                                                                                                            \
  ALWAYS long scan_##n(                                                                                        \
      const double *samples, long count, long first, long rail_run, long shortest,               \
      einthoven_lead_scan *leads, einthoven_stretch *stretches, long found) {                                  \
    const T zero = {0}, one = zero + 1.0;                                                                      \
    const T railed = zero + (double)(rail_run - 1), lengthy = zero + (double)(shortest - 1);                   \
    const M magnitude = (M)zero + 0x7FFFFFFFFFFFFFFF;                                                          \
    T low = zero + __builtin_inf(), high = zero - __builtin_inf();                                             \
    T low_frames = zero, high_frames = zero, low_runs = zero, high_runs = zero;                                \
    T sum = zero, missing = zero, gap = zero, longest_gap = zero, equal = zero, largest_step = zero;           \
    T previous = zero + __builtin_nan("");                                                                     \
    for (long frame = 0; frame < count; frame++) {                                                             \
      const T x = *(const T *)(samples + frame * 12 + first);                                                  \
      const T step = KEEP(M, magnitude, x - previous);                                                         \
      largest_step = CHOOSE(M, step > largest_step, step, largest_step);                                       \
      const M same = x == previous;                                                                            \
      const M ended = ~same & (equal >= lengthy);                                                              \
      if (ANY(ended)) found = close_##n(&equal, &ended, frame, first, stretches, found);                       \
      equal = KEEP(M, same, equal + one);                                                                      \
      const M lower = x < low, higher = x > high;                                                              \
      if (ANY(lower | higher)) {                                                                               \
        low = CHOOSE(M, lower, x, low);                                                                        \
        high = CHOOSE(M, higher, x, high);                                                                     \
        low_runs = KEEP(M, ~lower, low_runs);                                                                  \
        low_frames = KEEP(M, ~lower, low_frames);                                                              \
        high_runs = KEEP(M, ~higher, high_runs);                                                               \
        high_frames = KEEP(M, ~higher, high_frames);                                                           \
      }                                                                                                        \
      const M run = equal >= railed;                                                                           \
      if (ANY(run)) {                                                                                          \
        const M at_low = run & (x == low), at_high = run & (x == high), begun = equal == railed;               \
        low_frames += KEEP(M, at_low, one);                                                                    \
        high_frames += KEEP(M, at_high, one);                                                                  \
        low_runs += KEEP(M, at_low &begun, one);                                                               \
        high_runs += KEEP(M, at_high &begun, one);                                                             \
      }                                                                                                        \
      const M lacks = x != x;                                                                                  \
      if (ANY(lacks)) {                                                                                        \
        missing += KEEP(M, lacks, one);                                                                        \
        gap = KEEP(M, lacks, gap + one);                                                                       \
        longest_gap = CHOOSE(M, gap > longest_gap, gap, longest_gap);                                          \
        sum += KEEP(M, ~lacks, x);                                                                             \
      } else {                                                                                                 \
        gap = zero;                                                                                            \
        sum += x;                                                                                              \
      }                                                                                                        \
      previous = x;                                                                                            \
    }                                                                                                          \
    const M open = equal >= lengthy;                                                                           \
    found = close_##n(&equal, &open, count, first, stretches, found);                                 \
    for (long lane = 0; lane < n; lane++)                                                                \
      leads[first + lane] = (einthoven_lead_scan){                                                             \
          .low = low[lane],                                                                                    \
          .high = high[lane],                                                                                  \
          .low_frames = low_frames[lane],                                                                      \
          .high_frames = high_frames[lane],                                                                    \
          .low_runs = low_runs[lane],                                                                          \
          .high_runs = high_runs[lane],                                                                        \
          .sum = sum[lane],                                                                                    \
          .missing = missing[lane],                                                                            \
          .longest_gap = longest_gap[lane],                                                                    \
          .largest_step = largest_step[lane],                                                                  \
      };                                                                                                       \
    return found;                                                                                              \
  }

SCAN(lanes2, mask2, 2)
SCAN(lanes4, mask4, 4)
SCAN(lanes8, mask8, 8)

/* Twelve leads are a whole number of vectors, or one of eight and one of four. */
#define VARIANT(name, attribute, n, last)                                                                      \
  attribute static long name(                                                                                  \
      const double *samples, long count, long rail_run, long shortest, einthoven_lead_scan *leads,             \
      einthoven_stretch *stretches) {                                                                          \
    long found = 0, first = 0;                                                                                 \
    for (; first + n <= 12; first += n)                                                                        \
      found = scan_##n(samples, count, first, rail_run, shortest, leads, stretches, found);                    \
    if (first < 12) found = scan_##last(samples, count, first, rail_run, shortest, leads, stretches, found);   \
    return found;                                                                                              \
  }

VARIANT(scan_plain, , 2, 2)

#if defined(__x86_64__)
VARIANT(scan_avx2, __attribute__((target("avx2"))), 4, 4)
VARIANT(scan_avx512, __attribute__((target("avx512f"))), 8, 4)
#endif

long einthoven_scan(
    einthoven_variant variant, const double *samples, long count, long rail_run, long shortest,
    einthoven_lead_scan *leads, einthoven_stretch *stretches) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) return scan_avx512(samples, count, rail_run, shortest, leads, stretches);
  if (variant == EINTHOVEN_AVX2) return scan_avx2(samples, count, rail_run, shortest, leads, stretches);
#endif
  return scan_plain(samples, count, rail_run, shortest, leads, stretches);
}
