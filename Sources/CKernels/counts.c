#include "CKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

typedef short counts2 __attribute__((vector_size(4), aligned(2)));
typedef short counts4 __attribute__((vector_size(8), aligned(2)));
typedef short counts8 __attribute__((vector_size(16), aligned(2)));

typedef int ints4 __attribute__((vector_size(16), aligned(4)));

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

// Twelve leads are `n` lanes a whole number of times, or `n` lanes three times are two frames.
#define LOOPS(T, M, C, n, vectors)                                                                             \
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
  }

LOOPS(lanes2, mask2, counts2, 2, 6)
LOOPS(lanes4, mask4, counts4, 4, 3)
LOOPS(lanes8, mask8, counts8, 8, 3)

#define VARIANT(name, attribute, n)                                                                            \
  attribute static void name##_ranges(const double *samples, long count, einthoven_range *ranges) {            \
    range_##n(samples, count, ranges);                                                                         \
  }                                                                                                            \
  attribute static void name(                                                                                  \
      const double *samples, long count, const double *factors, short *counts) {                               \
    quantize_##n(samples, count, factors, counts);                                                             \
  }

VARIANT(quantize_plain, , 2)

#if defined(__x86_64__)
VARIANT(quantize_avx2, __attribute__((target("avx2"))), 4)
VARIANT(quantize_avx512, __attribute__((target("avx512f"))), 8)
#endif

void einthoven_ranges(einthoven_variant variant, const double *samples, long count, einthoven_range *ranges) {
  for (int lead = 0; lead < 12; lead++)
    ranges[lead] = (einthoven_range){__builtin_inf(), -__builtin_inf(), 0};
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) return quantize_avx512_ranges(samples, count, ranges);
  if (variant == EINTHOVEN_AVX2) return quantize_avx2_ranges(samples, count, ranges);
#endif
  quantize_plain_ranges(samples, count, ranges);
}

void einthoven_quantize(
    einthoven_variant variant, const double *samples, long count, const double *factors, short *counts) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) return quantize_avx512(samples, count, factors, counts);
  if (variant == EINTHOVEN_AVX2) return quantize_avx2(samples, count, factors, counts);
#endif
  quantize_plain(samples, count, factors, counts);
}

void einthoven_widen_scaled(const float *from, double *to, long count, double factor) {
  for (long index = 0; index < count; index++) to[index] = from[index] * factor;
}

void einthoven_microvolts(
    const int *restrict counts, long count, const double *restrict baselines, const double *restrict steps,
    double *restrict samples) {
  for (; count > 0; count--, counts += 12, samples += 12)
    for (int lead = 0; lead < 12; lead++) {
      const double x = (counts[lead] - baselines[lead]) * steps[lead];
      samples[lead] = counts[lead] == MISSING ? __builtin_nan("") : x;
    }
}

void einthoven_count_ranges(const int *counts, long count, long width, int *low, int *high) {
  for (long k = 0; k < width; k++) {
    low[k] = 2147483647;
    high[k] = MISSING;
  }
  if (width == 12) {
    ints4 least[3], greatest[3];
    for (int k = 0; k < 3; k++) {
      least[k] = *(ints4 *)(low + 4 * k);
      greatest[k] = *(ints4 *)(high + 4 * k);
    }
    for (; count > 0; count--, counts += 12)
      for (int k = 0; k < 3; k++) {
        const ints4 x = *(const ints4 *)(counts + 4 * k);
        least[k] = CHOOSE(ints4, (x < least[k]) & (x != MISSING), x, least[k]);
        greatest[k] = CHOOSE(ints4, x > greatest[k], x, greatest[k]);
      }
    for (int k = 0; k < 3; k++) {
      *(ints4 *)(low + 4 * k) = least[k];
      *(ints4 *)(high + 4 * k) = greatest[k];
    }
    return;
  }
  for (; count > 0; count--, counts += width)
    for (long k = 0; k < width; k++) {
      if (counts[k] < low[k] && counts[k] != MISSING) low[k] = counts[k];
      if (counts[k] > high[k]) high[k] = counts[k];
    }
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
