#include "CKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

typedef short counts2 __attribute__((vector_size(4), aligned(2)));
typedef short counts4 __attribute__((vector_size(8), aligned(2)));
typedef short counts8 __attribute__((vector_size(16), aligned(2)));

typedef int ints2 __attribute__((vector_size(8), aligned(4)));
typedef int ints4 __attribute__((vector_size(16), aligned(4)));
typedef int ints8 __attribute__((vector_size(32), aligned(4)));
typedef int ints16 __attribute__((vector_size(64), aligned(4)));

#define CHOOSE(M, mask, yes, no) ((__typeof__(yes))(((M)(yes) & (mask)) | ((M)(no) & ~(mask))))

// A stored integer that stands for a missing sample.
#define MISSING (-2147483647 - 1)

// Doubles of this size have no fraction: what is added is rounded half to even, and the sum's low bits are the whole
// number.
static const double rounding = 6755399441055744.0;

ALWAYS void widen_range(einthoven_range *range, double low, double high, int lacks) {
  if (low < range->low) range->low = low;
  if (high > range->high) range->high = high;
  range->lacks |= lacks;
}

ALWAYS void take(einthoven_range *range, double x) { widen_range(range, x, x, x != x); }

ALWAYS short count_of(double x, double factor) {
  if (x != x) return -32768;
  union {
    double sum;
    long bits;
  } whole = {x * factor + rounding};
  return (short)whole.bits;
}

ALWAYS double microvolts_of(int count, double baseline, double step) {
  return count == MISSING ? __builtin_nan("") : (count - baseline) * step;
}

ALWAYS void widen_counts(int *low, int *high, int least, int greatest) {
  if (least < *low && least != MISSING) *low = least;
  if (greatest > *high) *high = greatest;
}

// Twelve leads are `n` lanes a whole number of times, or `n` lanes three times are two frames.
#define LOOPS(T, M, C, I, n, vectors)                                                                          \
  ALWAYS void range_##n(const double *samples, long count, einthoven_range *ranges) {                          \
    T low[vectors], high[vectors];                                                                             \
    M lacks[vectors];                                                                                          \
    for (int k = 0; k < vectors; k++) {                                                                        \
      low[k] = (T){0} + __builtin_inf();                                                                       \
      high[k] = (T){0} - __builtin_inf();                                                                      \
      lacks[k] = (M){0};                                                                                       \
    }                                                                                                          \
    const long rows = count * 12 / (n * vectors);                                                              \
    for (long row = 0; row < rows; row++)                                                                      \
      for (int k = 0; k < vectors; k++) {                                                                      \
        const T x = *(const T *)(samples + (row * vectors + k) * n);                                           \
        low[k] = CHOOSE(M, x < low[k], x, low[k]);                                                          \
        high[k] = CHOOSE(M, x > high[k], x, high[k]);                                                       \
        lacks[k] |= x != x;                                                                                    \
      }                                                                                                        \
    for (int k = 0; k < vectors * n; k++)                                                                      \
      widen_range(ranges + k % 12, low[k / n][k % n], high[k / n][k % n], lacks[k / n][k % n] != 0);           \
    for (long index = rows * n * vectors; index < 12 * count; index++)                                         \
      take(ranges + index % 12, samples[index]);                                                               \
  }                                                                                                            \
  ALWAYS void quantize_##n(                                                                                    \
      const double *samples, long count, const double *countsPerMicrovolt, short *counts) {                    \
    T factor[vectors];                                                                                         \
    for (int k = 0; k < vectors * n; k++) factor[k / n][k % n] = countsPerMicrovolt[k % 12];                   \
    const long rows = count * 12 / (n * vectors);                                                              \
    for (long row = 0; row < rows; row++)                                                                      \
      for (int k = 0; k < vectors; k++) {                                                                      \
        const T x = *(const T *)(samples + (row * vectors + k) * n);                                           \
        const M whole = CHOOSE(M, x == x, (M)(x * factor[k] + rounding), (M){0} - 32768);                   \
        *(C *)(counts + (row * vectors + k) * n) = __builtin_convertvector(whole, C);                          \
      }                                                                                                        \
    for (long index = rows * n * vectors; index < 12 * count; index++)                                         \
      counts[index] = count_of(samples[index], countsPerMicrovolt[index % 12]);                                \
  }                                                                                                            \
  ALWAYS void microvolts_##n(                                                                                  \
      const int *counts, long count, const double *baselines, const double *steps, double *samples) {          \
    T baseline[vectors], step[vectors];                                                                        \
    for (int k = 0; k < vectors * n; k++) {                                                                    \
      baseline[k / n][k % n] = baselines[k % 12];                                                              \
      step[k / n][k % n] = steps[k % 12];                                                                      \
    }                                                                                                          \
    const long rows = count * 12 / (n * vectors);                                                              \
    for (long row = 0; row < rows; row++)                                                                      \
      for (int k = 0; k < vectors; k++) {                                                                      \
        const I whole = *(const I *)(counts + (row * vectors + k) * n);                                        \
        const T x = (__builtin_convertvector(whole, T) - baseline[k]) * step[k];                               \
        const M lacks = __builtin_convertvector(whole == MISSING, M);                                          \
        *(T *)(samples + (row * vectors + k) * n) = CHOOSE(M, lacks, (T){0} + __builtin_nan(""), x);           \
      }                                                                                                        \
    for (long index = rows * n * vectors; index < 12 * count; index++)                                         \
      samples[index] = microvolts_of(counts[index], baselines[index % 12], steps[index % 12]);                 \
  }

LOOPS(lanes2, mask2, counts2, ints2, 2, 6)
LOOPS(lanes4, mask4, counts4, ints4, 4, 3)
LOOPS(lanes8, mask8, counts8, ints8, 8, 3)

// The extremes of twelve channels, three vectors at a time.
#define COUNT_RANGES(I, n)                                                                                     \
  ALWAYS void count_range_##n(const int *counts, long count, int *low, int *high) {                            \
    I least[3], greatest[3];                                                                                   \
    for (int k = 0; k < 3; k++) {                                                                              \
      least[k] = (I){0} + 2147483647;                                                                          \
      greatest[k] = (I){0} + MISSING;                                                                          \
    }                                                                                                          \
    const long rows = count * 4 / n;                                                                           \
    for (long row = 0; row < rows; row++)                                                                      \
      for (int k = 0; k < 3; k++) {                                                                            \
        const I x = *(const I *)(counts + (3 * row + k) * n);                                                  \
        least[k] = CHOOSE(I, (x < least[k]) & (x != MISSING), x, least[k]);                                    \
        greatest[k] = CHOOSE(I, x > greatest[k], x, greatest[k]);                                              \
      }                                                                                                        \
    for (int k = 0; k < 3 * n; k++)                                                                            \
      widen_counts(low + k % 12, high + k % 12, least[k / n][k % n], greatest[k / n][k % n]);                  \
    for (long index = rows * 3 * n; index < 12 * count; index++)                                               \
      widen_counts(low + index % 12, high + index % 12, counts[index], counts[index]);                         \
  }

COUNT_RANGES(ints4, 4)
COUNT_RANGES(ints8, 8)
COUNT_RANGES(ints16, 16)

#define VARIANT(name, attribute, n, whole)                                                                     \
  attribute static void name##_ranges(const double *samples, long count, einthoven_range *ranges) {            \
    range_##n(samples, count, ranges);                                                                         \
  }                                                                                                            \
  attribute static void name##_quantize(                                                                       \
      const double *samples, long count, const double *factors, short *counts) {                               \
    quantize_##n(samples, count, factors, counts);                                                             \
  }                                                                                                            \
  attribute static void name##_microvolts(                                                                     \
      const int *counts, long count, const double *baselines, const double *steps, double *samples) {          \
    microvolts_##n(counts, count, baselines, steps, samples);                                                  \
  }                                                                                                            \
  attribute static void name##_count_ranges(const int *counts, long count, int *low, int *high) {              \
    count_range_##whole(counts, count, low, high);                                                             \
  }

VARIANT(counts_plain, , 2, 4)

#if defined(__x86_64__)
VARIANT(counts_avx2, __attribute__((target("avx2"))), 4, 8)
VARIANT(counts_avx512, __attribute__((target("avx512f"))), 8, 16)
#endif

void einthoven_ranges(einthoven_variant variant, const double *samples, long count, einthoven_range *ranges) {
  for (int lead = 0; lead < 12; lead++)
    ranges[lead] = (einthoven_range){__builtin_inf(), -__builtin_inf(), 0};
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) return counts_avx512_ranges(samples, count, ranges);
  if (variant == EINTHOVEN_AVX2) return counts_avx2_ranges(samples, count, ranges);
#endif
  counts_plain_ranges(samples, count, ranges);
}

void einthoven_quantize(
    einthoven_variant variant, const double *samples, long count, const double *factors, short *counts) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) return counts_avx512_quantize(samples, count, factors, counts);
  if (variant == EINTHOVEN_AVX2) return counts_avx2_quantize(samples, count, factors, counts);
#endif
  counts_plain_quantize(samples, count, factors, counts);
}

void einthoven_widen_scaled(const float *from, double *to, long count, double factor) {
  for (long index = 0; index < count; index++) to[index] = from[index] * factor;
}

void einthoven_microvolts(
    einthoven_variant variant, const int *counts, long count, const double *baselines, const double *steps,
    double *samples) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512)
    return counts_avx512_microvolts(counts, count, baselines, steps, samples);
  if (variant == EINTHOVEN_AVX2) return counts_avx2_microvolts(counts, count, baselines, steps, samples);
#endif
  counts_plain_microvolts(counts, count, baselines, steps, samples);
}

void einthoven_count_ranges(
    einthoven_variant variant, const int *counts, long count, long width, int *low, int *high) {
  for (long k = 0; k < width; k++) {
    low[k] = 2147483647;
    high[k] = MISSING;
  }
  if (width == 12) {
#if defined(__x86_64__)
    if (variant == EINTHOVEN_AVX512) return counts_avx512_count_ranges(counts, count, low, high);
    if (variant == EINTHOVEN_AVX2) return counts_avx2_count_ranges(counts, count, low, high);
#endif
    return counts_plain_count_ranges(counts, count, low, high);
  }
  for (; count > 0; count--, counts += width)
    for (long k = 0; k < width; k++) widen_counts(low + k, high + k, counts[k], counts[k]);
}

void einthoven_sums(const short *counts, long count, long *number, long *first, long *second) {
  // A stretch so long that 32 bits hold its sums of counts; one square fits as well.
  for (long done = 0; done < count; done += 65536) {
    const long end = count - done < 65536 ? count : done + 65536;
    int present[12] = {0}, sum[12] = {0};
    long squares[12] = {0};
    for (long frame = done; frame < end; frame++)
      for (int lead = 0; lead < 12; lead++) {
        const int value = counts[12 * frame + lead], kept = value == -32768 ? 0 : value;
        present[lead] += value != -32768;
        sum[lead] += kept;
        squares[lead] += (unsigned)(kept * kept);
      }
    for (int lead = 0; lead < 12; lead++) {
      number[lead] += present[lead];
      first[lead] += sum[lead];
      second[lead] += squares[lead];
    }
  }
}
