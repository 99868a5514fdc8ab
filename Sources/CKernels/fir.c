#include "CKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

// `n` rows of output of one phase at once, `in` and `out` doubles apart: a sum waits for its last addition, and
// one coefficient serves all of them.
#define SUMS(T, n)                                                                                             \
  ALWAYS void sums_##T##_##n(                                                                                  \
      const einthoven_tap *tap, const einthoven_tap *end, const double *input, long lanes, long in,            \
      double *output, long out) {                                                                              \
    T sum[n];                                                                                                  \
    for (int k = 0; k < n; k++) sum[k] = (T){0};                                                               \
    for (; tap < end; tap++) {                                                                                 \
      const double *row = input + tap->row * lanes;                                                            \
      const double c = tap->coefficient;                                                                       \
      _Pragma("clang loop unroll(full)") for (int k = 0; k < n; k++) sum[k] += *(const T *)(row + k * in) * c; \
    }                                                                                                          \
    for (int k = 0; k < n; k++) *(T *)(output + k * out) = sum[k];                                             \
  }

// The same for half vectors, two rows of output in one.
ALWAYS void paired_sums_8(
    const einthoven_tap *tap, const einthoven_tap *end, const double *input, long lanes, long in, double *output,
    long out) {
  lanes8 sum[4];
  for (int k = 0; k < 4; k++) sum[k] = (lanes8){0};
  for (; tap < end; tap++) {
    const double *row = input + tap->row * lanes;
    const double c = tap->coefficient;
    _Pragma("clang loop unroll(full)") for (int k = 0; k < 4; k++) {
      const lanes4 first = *(const lanes4 *)(row + 2 * k * in);
      const lanes4 second = *(const lanes4 *)(row + (2 * k + 1) * in);
      sum[k] += __builtin_shufflevector(first, second, 0, 1, 2, 3, 4, 5, 6, 7) * c;
    }
  }
  for (int k = 0; k < 4; k++) {
    *(lanes4 *)(output + 2 * k * out) = __builtin_shufflevector(sum[k], sum[k], 0, 1, 2, 3);
    *(lanes4 *)(output + (2 * k + 1) * out) = __builtin_shufflevector(sum[k], sum[k], 4, 5, 6, 7);
  }
}

#define COLUMNS(T, width, n)                                                                                   \
  for (; column + width <= lanes; column += width)                                                             \
    sums_##T##_##n(tap, end, input + column, lanes, in, output + column, out);

// All columns of `n` rows, in vectors of at most `widest` doubles.
#define ROWS(n)                                                                                                \
  SUMS(lanes1, n)                                                                                              \
  SUMS(lanes2, n)                                                                                              \
  SUMS(lanes4, n)                                                                                              \
  SUMS(lanes8, n)                                                                                              \
  ALWAYS void rows_##n(                                                                                        \
      const int widest, const einthoven_tap *tap, const einthoven_tap *end, const double *input, long lanes,   \
      long in, double *output, long out) {                                                                     \
    long column = 0;                                                                                           \
    if (widest >= 8) COLUMNS(lanes8, 8, n)                                                                     \
    if (widest >= 8 && n == 8 && lanes - column >= 4) {                                                        \
      paired_sums_8(tap, end, input + column, lanes, in, output + column, out);                                \
      column += 4;                                                                                             \
    }                                                                                                          \
    if (widest >= 4) COLUMNS(lanes4, 4, n)                                                                     \
    COLUMNS(lanes2, 2, n)                                                                                      \
    COLUMNS(lanes1, 1, n)                                                                                      \
  }

ROWS(1)
ROWS(2)
ROWS(4)
ROWS(8)

ALWAYS void fir(
    const int widest, const einthoven_phases *phases, const double *input, long lanes, long count,
    double *output) {
  const long in = phases->down * lanes, out = phases->up * lanes;
  // Eight turns through the phases read one stretch of the input, which stays in the cache meanwhile.
  for (long block = 0; block < count; block += 8 * phases->up) {
    for (long turn = 0; turn < phases->up && block + turn < count; turn++) {
      const einthoven_tap *tap = phases->taps + phases->starts[turn];
      const einthoven_tap *end = phases->taps + phases->starts[turn + 1];
      const double *row = input + block / phases->up * in;
      double *sum = output + (block + turn) * lanes;
      long left = (count - block - turn + phases->up - 1) / phases->up;
      if (left >= 8) {
        rows_8(widest, tap, end, row, lanes, in, sum, out);
        continue;
      }
      if (left & 4) {
        rows_4(widest, tap, end, row, lanes, in, sum, out);
        row += 4 * in;
        sum += 4 * out;
      }
      if (left & 2) {
        rows_2(widest, tap, end, row, lanes, in, sum, out);
        row += 2 * in;
        sum += 2 * out;
      }
      if (left & 1) rows_1(widest, tap, end, row, lanes, in, sum, out);
    }
  }
}

ALWAYS int has_nan(const double *samples, long count) {
  // By stretches, within which there is no branch.
  for (long start = 0; start < count; start += 4096) {
    const long end = count - start < 4096 ? count : start + 4096;
    long found = 0;
    for (long index = start; index < end; index++) found |= samples[index] != samples[index];
    if (found) return 1;
  }
  return 0;
}

ALWAYS void copy_rows(
    const double *from, long from_step, double *to, long to_step, const long width, long count) {
  for (; count > 0; count--, from += from_step, to += to_step)
    for (long column = 0; column < width; column++) to[column] = from[column];
}

#define VARIANT(name, attribute, widest)                                                                       \
  attribute static int name##_has_nan(const double *samples, long count) { return has_nan(samples, count); }   \
  attribute static void name(                                                                                  \
      const einthoven_phases *phases, const double *input, long lanes, long count, double *output) {           \
    fir(widest, phases, input, lanes, count, output);                                                   \
  }

VARIANT(fir_plain, , 2)

#if defined(__x86_64__)
VARIANT(fir_avx2, __attribute__((target("avx2"))), 4)
VARIANT(fir_avx512, __attribute__((target("avx512f"))), 8)
#endif

void einthoven_fir(
    einthoven_variant variant, const einthoven_phases *phases, const double *input, long lanes, long count,
    double *output) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) {
    fir_avx512(phases, input, lanes, count, output);
    return;
  }
  if (variant == EINTHOVEN_AVX2) {
    fir_avx2(phases, input, lanes, count, output);
    return;
  }
#endif
  fir_plain(phases, input, lanes, count, output);
}

int einthoven_has_nan(einthoven_variant variant, const double *samples, long count) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) return fir_avx512_has_nan(samples, count);
  if (variant == EINTHOVEN_AVX2) return fir_avx2_has_nan(samples, count);
#endif
  return fir_plain_has_nan(samples, count);
}

void einthoven_copy_rows(
    const double *from, long from_step, double *to, long to_step, long width, long count) {
  // The widths that records have, as constants.
  switch (width) {
  case 1: copy_rows(from, from_step, to, to_step, 1, count); break;
  case 8: copy_rows(from, from_step, to, to_step, 8, count); break;
  case 12: copy_rows(from, from_step, to, to_step, 12, count); break;
  default: copy_rows(from, from_step, to, to_step, width, count);
  }
}

void einthoven_widen(const float *from, double *to, long count) {
  for (long index = 0; index < count; index++) to[index] = from[index];
}

void einthoven_narrow(const double *from, float *to, long count) {
  for (long index = 0; index < count; index++) to[index] = (float)from[index];
}
