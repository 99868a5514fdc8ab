#include "CKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

#define CHOOSE(mask, yes, no) ((lanes8)(((mask8)(yes) & (mask)) | ((mask8)(no) & ~(mask))))
#define MAGNITUDE(value) ((lanes8)((mask8)(value) & 0x7FFFFFFFFFFFFFFF))

ALWAYS long moments(
    const double *samples, long count, const long *places, const int together, const long width,
    const double *columns, double *steps, double *sums_out, double *squares_out) {
  const lanes8 zero = {0};
  const mask8 lane = {0, 1, 2, 3, 4, 5, 6, 7}, within = lane < width;
  lanes8 *carried = (lanes8 *)steps;
  lanes8 previous = carried[0], least = carried[1], difference_squares = carried[2], greatest = carried[3];
  lanes8 column[8], squares[8], sums = zero, origin = zero;
  for (long index = 0; index < width; index++) {
    column[index] = *(const lanes8 *)(columns + 8 * index);
    squares[index] = zero;
  }
  long present = 0;
  for (long frame = 0; frame < count; frame++) {
    const double *row = samples + 12 * frame;
    // A frame's leads in one vector, zeros behind them.
    lanes8 values = zero;
    if (together)
      values = (lanes8)(*(const mask8 *)row & within);
    else
      for (long index = 0; index < width; index++) values[index] = row[places[index]];
    if (__builtin_reduce_or(values != values)) continue;
    if (present++ == 0) origin = values;
    const lanes8 step = MAGNITUDE(values - previous);
    least = CHOOSE((step > zero) & (step < least), step, least);
    previous = values;
    lanes8 difference = zero;
    for (long index = 0; index < width; index++) difference += column[index] * values[index];
    difference_squares += difference * difference;
    const lanes8 distance = MAGNITUDE(difference);
    greatest = CHOOSE(distance > greatest, distance, greatest);
    // The first sample as origin keeps offsets of whole millivolts from costing digits.
    const lanes8 centred = values - origin;
    sums += centred;
    for (long index = 0; index < width; index++) squares[index] += centred * centred[index];
  }
  carried[0] = previous;
  carried[1] = least;
  carried[2] = difference_squares;
  carried[3] = greatest;
  *(lanes8 *)sums_out = sums;
  for (long index = 0; index < width; index++) *(lanes8 *)(squares_out + 8 * index) = squares[index];
  return present;
}

// All six limb leads at the begin of a row, as most recordings have them, with constants.
#define VARIANT(name, attribute)                                                                               \
  attribute static long name(                                                                                  \
      const double *samples, long count, const long *places, long width, const double *columns,                \
      double *steps, double *sums, double *squares) {                                                 \
    int together = 1;                                                                                          \
    for (long index = 0; index < width; index++) together &= places[index] == index;                           \
    if (together && width == 6)                                                                                \
      return moments(samples, count, places, 1, 6, columns, steps, sums, squares);                             \
    return moments(samples, count, places, 0, width, columns, steps, sums, squares);                           \
  }

VARIANT(moments_plain, )

#if defined(__x86_64__)
VARIANT(moments_avx2, __attribute__((target("avx2"))))
VARIANT(moments_avx512, __attribute__((target("avx512f"))))
#endif

long einthoven_moments(
    einthoven_variant variant, const double *samples, long count, const long *places, long width,
    const double *columns, double *steps, double *sums, double *squares) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512)
    return moments_avx512(samples, count, places, width, columns, steps, sums, squares);
  if (variant == EINTHOVEN_AVX2)
    return moments_avx2(samples, count, places, width, columns, steps, sums, squares);
#endif
  return moments_plain(samples, count, places, width, columns, steps, sums, squares);
}
