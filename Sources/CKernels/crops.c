#define _GNU_SOURCE
#include "CKernels.h"
#include "lanes.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

// A stored count that stands for a missing sample.
#define MISSING (-32768)

// Vectors at any address that their elements may have. They go by pointer only: how a wide one is passed depends on the
// instructions that a function is compiled for.
typedef short shorts8 __attribute__((vector_size(16), aligned(2)));
typedef short shorts16 __attribute__((vector_size(32), aligned(2)));
typedef short shorts32 __attribute__((vector_size(64), aligned(2)));
typedef int whole8 __attribute__((vector_size(32), aligned(4)));
typedef int whole16 __attribute__((vector_size(64), aligned(4)));
typedef long pairs2 __attribute__((vector_size(16), aligned(2)));
typedef long pairs4 __attribute__((vector_size(32), aligned(2)));
typedef long pairs8 __attribute__((vector_size(64), aligned(2)));
typedef int halves4 __attribute__((vector_size(16), aligned(2)));
typedef int halves8 __attribute__((vector_size(32), aligned(2)));
typedef int halves16 __attribute__((vector_size(64), aligned(2)));
typedef float floats4 __attribute__((vector_size(16), aligned(4)));
typedef float floats8 __attribute__((vector_size(32), aligned(4)));
typedef float floats16 __attribute__((vector_size(64), aligned(4)));

#define SHUFFLE __builtin_shufflevector

// Neighbouring elements of a and b by turns, from the lower and the upper half of each 128-bit lane.
#define LOW16_8(a, b) SHUFFLE(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH16_8(a, b) SHUFFLE(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define LOW32_8(a, b) (shorts8) SHUFFLE((halves4)a, (halves4)b, 0, 4, 1, 5)
#define HIGH32_8(a, b) (shorts8) SHUFFLE((halves4)a, (halves4)b, 2, 6, 3, 7)
#define LOW64_8(a, b) (shorts8) SHUFFLE((pairs2)a, (pairs2)b, 0, 2)
#define HIGH64_8(a, b) (shorts8) SHUFFLE((pairs2)a, (pairs2)b, 1, 3)

#define LOW16_16(a, b) SHUFFLE(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27)
#define HIGH16_16(a, b) SHUFFLE(a, b, 4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31)
#define LOW32_16(a, b) (shorts16) SHUFFLE((halves8)a, (halves8)b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH32_16(a, b) (shorts16) SHUFFLE((halves8)a, (halves8)b, 2, 10, 3, 11, 6, 14, 7, 15)
#define LOW64_16(a, b) (shorts16) SHUFFLE((pairs4)a, (pairs4)b, 0, 4, 2, 6)
#define HIGH64_16(a, b) (shorts16) SHUFFLE((pairs4)a, (pairs4)b, 1, 5, 3, 7)

#define LOW16_32(a, b)                                                                                         \
  SHUFFLE(                                                                                                     \
      a, b, 0, 32, 1, 33, 2, 34, 3, 35, 8, 40, 9, 41, 10, 42, 11, 43, 16, 48, 17, 49, 18, 50, 19, 51, 24, 56, 25, \
      57, 26, 58, 27, 59)
#define HIGH16_32(a, b)                                                                                        \
  SHUFFLE(                                                                                                     \
      a, b, 4, 36, 5, 37, 6, 38, 7, 39, 12, 44, 13, 45, 14, 46, 15, 47, 20, 52, 21, 53, 22, 54, 23, 55, 28, 60, \
      29, 61, 30, 62, 31, 63)
#define LOW32_32(a, b)                                                                                         \
  (shorts32) SHUFFLE((halves16)a, (halves16)b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH32_32(a, b)                                                                                        \
  (shorts32) SHUFFLE((halves16)a, (halves16)b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define LOW64_32(a, b) (shorts32) SHUFFLE((pairs8)a, (pairs8)b, 0, 8, 2, 10, 4, 12, 6, 14)
#define HIGH64_32(a, b) (shorts32) SHUFFLE((pairs8)a, (pairs8)b, 1, 9, 3, 11, 5, 13, 7, 15)

// Eight counts of each of the frames 0, 8, 16, … from a place, one frame a 128-bit lane.
#define GATHER(n)                                                                                              \
  ALWAYS void gather_##n(const short *place, shorts##n *to) {                                                  \
    for (int k = 0; k < n / 8; k++) *((shorts8 *)to + k) = *(const shorts8 *)(place + 96 * k);                 \
  }

// Eight counts of one lead as values.
#define CONVERT(F, I, C, n)                                                                                    \
  ALWAYS void convert_##n(const short *counts, float factor, float offset, float *to) {                        \
    const I whole = __builtin_convertvector(*(const C *)counts, I);                                            \
    const F value = __builtin_convertvector(whole, F) * factor + offset;                                       \
    *(F *)to = (F)((I)value & (whole != MISSING));                                                             \
  }

ALWAYS float value_of(short count, float factor, float offset) {
  return count == MISSING ? 0 : (float)count * factor + offset;
}

// [frames, 12] counts to [12, length] values, `n` frames at a time: each 128-bit lane is a transposition of eight
// frames by eight leads. Leads 8 to 11 are the upper halves of a load that begins at lead 4.
#define LEAD_MAJOR(n, m)                                                                                       \
  ALWAYS void block_##n(                                                                                       \
      const short *counts, const float *factors, const float *offsets, long length, float *to) {               \
    shorts##n rows[8], pairs[8], fours[8], lead[1];                                                            \
    for (int k = 0; k < 8; k++) gather_##n(counts + 12 * k, rows + k);                                         \
    for (int k = 0; k < 4; k++) {                                                                              \
      pairs[2 * k] = LOW16_##n(rows[2 * k], rows[2 * k + 1]);                                                  \
      pairs[2 * k + 1] = HIGH16_##n(rows[2 * k], rows[2 * k + 1]);                                             \
    }                                                                                                          \
    for (int k = 0; k < 2; k++) {                                                                              \
      fours[4 * k] = LOW32_##n(pairs[4 * k], pairs[4 * k + 2]);                                                \
      fours[4 * k + 1] = HIGH32_##n(pairs[4 * k], pairs[4 * k + 2]);                                           \
      fours[4 * k + 2] = LOW32_##n(pairs[4 * k + 1], pairs[4 * k + 3]);                                        \
      fours[4 * k + 3] = HIGH32_##n(pairs[4 * k + 1], pairs[4 * k + 3]);                                       \
    }                                                                                                          \
    for (int k = 0; k < 8; k++) {                                                                              \
      lead[0] = k % 2 ? HIGH64_##n(fours[k / 2], fours[k / 2 + 4]) : LOW64_##n(fours[k / 2], fours[k / 2 + 4]); \
      for (int part = 0; part < n; part += m)                                                                  \
        convert_##m((const short *)lead + part, factors[k], offsets[k], to + k * length + part);               \
    }                                                                                                          \
    for (int k = 0; k < 8; k++) gather_##n(counts + 12 * k + 4, rows + k);                                     \
    for (int k = 0; k < 4; k++) pairs[k] = HIGH16_##n(rows[2 * k], rows[2 * k + 1]);                           \
    for (int k = 0; k < 2; k++) {                                                                              \
      fours[2 * k] = LOW32_##n(pairs[2 * k], pairs[2 * k + 1]);                                                \
      fours[2 * k + 1] = HIGH32_##n(pairs[2 * k], pairs[2 * k + 1]);                                           \
    }                                                                                                          \
    for (int k = 0; k < 4; k++) {                                                                              \
      lead[0] = k % 2 ? HIGH64_##n(fours[k / 2], fours[k / 2 + 2]) : LOW64_##n(fours[k / 2], fours[k / 2 + 2]); \
      for (int part = 0; part < n; part += m)                                                                  \
        convert_##m(                                                                                           \
            (const short *)lead + part, factors[8 + k], offsets[8 + k], to + (8 + k) * length + part);         \
    }                                                                                                          \
  }                                                                                                            \
  ALWAYS void lead_major_##n(const einthoven_crop *crop) {                                                     \
    const long frames = crop->frames, length = crop->length;                                                   \
    if (frames < n) {                                                                                          \
      for (long index = 0; index < 12 * frames; index++) {                                                     \
        const long lead = index % 12;                                                                          \
        crop->values[lead * length + index / 12] =                                                             \
            value_of(crop->counts[index], crop->factors[lead], crop->offsets[lead]);                           \
      }                                                                                                        \
      return;                                                                                                  \
    }                                                                                                          \
    /* The last block may overlap the one before it. */                                                        \
    for (long frame = 0; frame < frames; frame += n) {                                                         \
      const long first = frame + n <= frames ? frame : frames - n;                                             \
      block_##n(crop->counts + 12 * first, crop->factors, crop->offsets, length, crop->values + first);        \
    }                                                                                                          \
  }

GATHER(8)
GATHER(16)
GATHER(32)
CONVERT(floats8, whole8, shorts8, 8)
CONVERT(floats16, whole16, shorts16, 16)
LEAD_MAJOR(8, 8)
LEAD_MAJOR(16, 8)
LEAD_MAJOR(32, 16)

// Four frames are 48 values, three vectors.
ALWAYS void time_major(const einthoven_crop *crop) {
  floats16 factor[3], offset[3];
  for (int k = 0; k < 48; k++) {
    factor[k / 16][k % 16] = crop->factors[k % 12];
    offset[k / 16][k % 16] = crop->offsets[k % 12];
  }
  const long rows = crop->frames / 4;
  for (long row = 0; row < rows; row++)
    for (int k = 0; k < 3; k++) {
      const whole16 whole =
          __builtin_convertvector(*(const shorts16 *)(crop->counts + 48 * row + 16 * k), whole16);
      const floats16 value = __builtin_convertvector(whole, floats16) * factor[k] + offset[k];
      *(floats16 *)(crop->values + 48 * row + 16 * k) = (floats16)((whole16)value & (whole != MISSING));
    }
  for (long index = 48 * rows; index < 12 * crop->frames; index++)
    crop->values[index] = value_of(crop->counts[index], crop->factors[index % 12], crop->offsets[index % 12]);
}

// A vector a frame; of the last four lanes the factors and offsets are zero.
ALWAYS void blocked(const einthoven_crop *crop) {
  floats16 factor = {0}, offset = {0};
  for (int k = 0; k < 12; k++) {
    factor[k] = crop->factors[k];
    offset[k] = crop->offsets[k];
  }
  for (long frame = 0; frame + 1 < crop->frames; frame++) {
    const whole16 whole = __builtin_convertvector(*(const shorts16 *)(crop->counts + 12 * frame), whole16);
    const floats16 value = __builtin_convertvector(whole, floats16) * factor + offset;
    *(floats16 *)(crop->values + 16 * frame) = (floats16)((whole16)value & (whole != MISSING));
  }
  // What is behind the last frame may not be there.
  if (crop->frames > 0) {
    const short *counts = crop->counts + 12 * (crop->frames - 1);
    float *values = crop->values + 16 * (crop->frames - 1);
    for (int k = 0; k < 12; k++) values[k] = value_of(counts[k], crop->factors[k], crop->offsets[k]);
    for (int k = 12; k < 16; k++) values[k] = 0;
  }
}

// Rows of sixteen to leads, `n` frames at a time: each 128-bit lane is a transposition of four frames by four leads.
#define TRANSPOSE(F, n, LOW, HIGH, FIRST, SECOND)                                                              \
  ALWAYS void transpose_##n(const float *rows, long frames, long length, float *values) {                      \
    if (frames < n) {                                                                                          \
      for (long frame = 0; frame < frames; frame++)                                                            \
        for (int lead = 0; lead < 12; lead++) values[lead * length + frame] = rows[16 * frame + lead];         \
      return;                                                                                                  \
    }                                                                                                          \
    for (long frame = 0; frame < frames; frame += n) {                                                         \
      const long first = frame + n <= frames ? frame : frames - n;                                             \
      for (int lead = 0; lead < 12; lead += 4) {                                                               \
        F row[4];                                                                                              \
        for (int k = 0; k < 4; k++)                                                                            \
          for (int part = 0; part < n / 4; part++)                                                             \
            *((floats4 *)(row + k) + part) =                                                                   \
                *(const floats4 *)(rows + 16 * (first + k + 4 * part) + lead);                                 \
        const F a = LOW(row[0], row[1]), b = HIGH(row[0], row[1]);                                             \
        const F c = LOW(row[2], row[3]), d = HIGH(row[2], row[3]);                                             \
        float *to = values + lead * length + first;                                                            \
        *(F *)to = FIRST(a, c);                                                                                \
        *(F *)(to + length) = SECOND(a, c);                                                                    \
        *(F *)(to + 2 * length) = FIRST(b, d);                                                                 \
        *(F *)(to + 3 * length) = SECOND(b, d);                                                                \
      }                                                                                                        \
    }                                                                                                          \
  }

#define LOW_4(a, b) SHUFFLE(a, b, 0, 4, 1, 5)
#define HIGH_4(a, b) SHUFFLE(a, b, 2, 6, 3, 7)
#define FIRST_4(a, b) SHUFFLE(a, b, 0, 1, 4, 5)
#define SECOND_4(a, b) SHUFFLE(a, b, 2, 3, 6, 7)
#define LOW_8(a, b) SHUFFLE(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH_8(a, b) SHUFFLE(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define FIRST_8(a, b) SHUFFLE(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define SECOND_8(a, b) SHUFFLE(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define LOW_16(a, b) SHUFFLE(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH_16(a, b) SHUFFLE(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define FIRST_16(a, b) SHUFFLE(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define SECOND_16(a, b) SHUFFLE(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)

TRANSPOSE(floats4, 4, LOW_4, HIGH_4, FIRST_4, SECOND_4)
TRANSPOSE(floats8, 8, LOW_8, HIGH_8, FIRST_8, SECOND_8)
TRANSPOSE(floats16, 16, LOW_16, HIGH_16, FIRST_16, SECOND_16)

#define VARIANT(name, attribute, n, m)                                                                         \
  attribute static void name##_convert(const einthoven_crop *crop) {                                           \
    if (crop->layout == EINTHOVEN_LEAD_MAJOR) return lead_major_##n(crop);                                     \
    if (crop->layout == EINTHOVEN_TIME_MAJOR) return time_major(crop);                                         \
    blocked(crop);                                                                                             \
  }                                                                                                            \
  attribute static void name##_leads(const float *rows, long frames, long length, float *values) {             \
    transpose_##m(rows, frames, length, values);                                                               \
  }

VARIANT(crops_plain, , 8, 4)

#if defined(__x86_64__)
VARIANT(crops_avx2, __attribute__((target("avx2"))), 16, 8)
VARIANT(crops_avx512, __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), 32, 16)
#endif

static void convert(einthoven_variant variant, const einthoven_crop *crop) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) return crops_avx512_convert(crop);
  if (variant == EINTHOVEN_AVX2) return crops_avx2_convert(crop);
#endif
  crops_plain_convert(crop);
}

void einthoven_crop_convert(einthoven_variant variant, const einthoven_crop *crop) { convert(variant, crop); }

void einthoven_rows_to_leads(
    einthoven_variant variant, const float *rows, long frames, long length, float *values) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) return crops_avx512_leads(rows, frames, length, values);
  if (variant == EINTHOVEN_AVX2) return crops_avx2_leads(rows, frames, length, values);
#endif
  crops_plain_leads(rows, frames, length, values);
}

void einthoven_rows_to_frames(const float *rows, long frames, float *values) {
  for (long frame = 0; frame < frames; frame++) memcpy(values + 12 * frame, rows + 16 * frame, 12 * sizeof(float));
}

// MARK: - Files that end while they are mapped

// Volatile, since a signal reads it between two stores.
static _Thread_local sigjmp_buf *volatile escape;
static struct sigaction before;

static void on_bus_error(int number, siginfo_t *info, void *context) {
  if (escape) siglongjmp(*escape, 1);
  // Not ours.
  if (before.sa_flags & SA_SIGINFO) return before.sa_sigaction(number, info, context);
  if (before.sa_handler == SIG_IGN) return;
  if (before.sa_handler != SIG_DFL) return before.sa_handler(number);
  signal(SIGBUS, SIG_DFL);
  raise(SIGBUS);
}

void einthoven_guard_mappings(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGBUS, &action, &before);
}

int einthoven_crop_convert_mapped(einthoven_variant variant, const einthoven_crop *crop) {
  sigjmp_buf place;
  if (sigsetjmp(place, 0) != 0) {
    escape = 0;
    return 0;
  }
  escape = &place;
  // Nothing of the reading may be moved out from between.
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  convert(variant, crop);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  escape = 0;
  return 1;
}
