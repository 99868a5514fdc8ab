#include "CKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

// A row of sixteen channels, which are the twelve leads and four zeros, at any address that a float may have.
typedef float row16 __attribute__((vector_size(64), aligned(4)));

typedef int ints16 __attribute__((vector_size(64)));
typedef unsigned words16 __attribute__((vector_size(64)));
typedef unsigned long draws8 __attribute__((vector_size(64)));
typedef float floats8 __attribute__((vector_size(32), aligned(4)));
typedef unsigned words8 __attribute__((vector_size(32), aligned(4)));

#define SELECT(M, mask, yes, no) ((__typeof__(yes))(((M)(yes) & (mask)) | ((M)(no) & ~(mask))))

// MARK: - Rows

ALWAYS void lerp_rows(const float *from, const int *places, const float *weights, long count, float *to) {
  for (long index = 0; index < count; index++) {
    const float weight = weights[index];
    const float *place = from + 16 * (long)places[index];
    // A weight of zero must not read beyond the last row.
    const row16 a = *(const row16 *)place, b = *(const row16 *)(place + 16 * (weight > 0));
    *(row16 *)(to + 16 * index) = a + (b - a) * weight;
  }
}

ALWAYS void scale_rows(const float *factors, long count, float *rows) {
  const row16 factor = *(const row16 *)factors;
  for (long index = 0; index < count; index++) *(row16 *)(rows + 16 * index) *= factor;
}

ALWAYS void shift_rows(const float *summands, long count, float *rows) {
  const row16 summand = *(const row16 *)summands;
  for (long index = 0; index < count; index++) *(row16 *)(rows + 16 * index) += summand;
}

ALWAYS void add_rows(const float *noise, const float *factors, long count, float *rows) {
  const row16 factor = *(const row16 *)factors;
  for (long index = 0; index < count; index++)
    *(row16 *)(rows + 16 * index) += *(const row16 *)(noise + 12 * index) * factor;
}

ALWAYS void blur_rows(long count, float *rows) {
  if (count < 1) return;
  const float *last = rows + 16 * (count - 1);
  row16 a = *(const row16 *)rows, b = a, c = a, d = *(const row16 *)(count > 1 ? rows + 16 : rows);
  for (long index = 0; index < count; index++, rows += 16) {
    // What lies ahead has not been written over yet.
    const row16 e = *(const row16 *)(rows + 32 > last ? last : rows + 32);
    *(row16 *)rows = ((a + e) * 0.1f + (b + d) * 0.2f) + c * 0.4f;
    a = b;
    b = c;
    c = d;
    d = e;
  }
}

ALWAYS void thin_rows(long factor, long count, float *rows) {
  const float step = 1.0f / (float)factor;
  for (long kept = 0; kept < count; kept += factor) {
    const row16 a = *(const row16 *)(rows + 16 * kept);
    const int is_last = kept + factor >= count;
    const row16 rise = (is_last ? a : *(const row16 *)(rows + 16 * (kept + factor))) - a;
    const long end = is_last ? count - kept : factor;
    for (long k = 1; k < end; k++) *(row16 *)(rows + 16 * (kept + k)) = a + rise * ((float)k * step);
  }
}

// MARK: - Places

// The eight numbers that SplitMix64 gives next after `state`, each a function of its place.
ALWAYS void draw(unsigned long state, draws8 *numbers) {
  const draws8 steps = {1, 2, 3, 4, 5, 6, 7, 8};
  draws8 z = state + steps * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  *numbers = z ^ (z >> 31);
}

#define EIGHT_STEPS (8 * 0x9E3779B97F4A7C15)

ALWAYS void random_places(
    unsigned long state, long chosen, long count, int *taken, int *places, float *weights) {
  const draws8 below = {0, 1, 2, 3, 4, 5, 6, 7};
  unsigned drawn[64];
  unsigned needed = (unsigned)(chosen - 2);
  int *last = taken + chosen - 1;
  taken[0] = 0;
  places[0] = 0;
  for (long start = 1; start < count - 1; start += 64) {
    const long some = count - 1 - start < 64 ? count - 1 - start : 64;
    for (long k = 0; k < some; k += 8, state += EIGHT_STEPS) {
      // An integer below the number of places that are left, from the upper half of a draw.
      const draws8 left = (unsigned long)(count - 1 - start - k) - below;
      draws8 z;
      draw(state, &z);
      *(words8 *)(drawn + k) = __builtin_convertvector(((z >> 32) * (left & 0xFFFFFFFF)) >> 32, words8);
    }
    for (long k = 0; k < some; k++) {
      *(last - needed) = (int)(start + k);
      needed -= drawn[k] < needed;
      places[start + k] = (int)(chosen - 2) - (int)needed;
    }
  }
  last[0] = (int)(count - 1);
  last[1] = (int)count;
  places[count - 1] = (int)(chosen - 1);
  for (long index = 0; index < count; index++) {
    const int *gap = taken + places[index];
    weights[index] = (float)((int)index - gap[0]) / (float)(gap[1] - gap[0]);
  }
}

ALWAYS void warped_places(
    const double *knots, long segments, long count, int *places, float *weights) {
  const double last = (double)(count - 1), step = count > 1 ? (double)segments / last : 0;
  for (long index = 0; index < count; index++) {
    const double at = (double)index * step;
    const int whole = (int)at, segment = whole < (int)segments ? whole : (int)segments - 1;
    const double low = knots[segment];
    double place = low + (knots[segment + 1] - low) * (at - (double)segment);
    // Rounding may lead past the ends.
    place = place < last ? place : last;
    place = place > 0 ? place : 0;
    places[index] = (int)place;
    weights[index] = (float)(place - (double)(int)place);
  }
}

// MARK: - Normal numbers

// Box and Muller's transform of sixteen draws: of each the upper 31 bits, and a half, are the square of the radius's
// exponential, the lower 32 bits the angle. Polynomials are near-minimax ones, with errors below 3e-8.
ALWAYS void normals32(unsigned long state, float *normals) {
  draws8 a, b;
  draw(state, &a);
  draw(state + EIGHT_STEPS, &b);
  const words16 low = __builtin_shufflevector(
      (words16)a, (words16)b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const words16 high = __builtin_shufflevector(
      (words16)a, (words16)b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);

  // The logarithm of x = 2^e (1 + f), √½ <= 1 + f < √2; above √½ itself f is counted from 1, where x has no digits left.
  const ints16 share = (ints16)(high >> 1);
  const row16 x = __builtin_convertvector(share, row16) + 0.5f;
  const ints16 bits = (ints16)x + (0x3F800000 - 0x3F3504F3);
  const ints16 e = (bits >> 23) - (127 + 31);
  const row16 beyond = (__builtin_convertvector(0x7FFFFFFF - share, row16) + 0.5f) * -0x1p-31f;
  const row16 within = (row16)((bits & 0x7FFFFF) + 0x3F3504F3) - 1.0f;
  const row16 f = SELECT(ints16, e == 0, beyond, within);
  row16 p = f * -0.08305378258228302f + 0.12798897922039032f;
  p = p * f - 0.12943419814109802f;
  p = p * f + 0.1419023722410202f;
  p = p * f - 0.1664348840713501f;
  p = p * f + 0.20001879334449768f;
  p = p * f - 0.25000280141830444f;
  p = p * f + 0.33333325386047363f;
  const row16 square = f * f;
  const row16 logarithm =
      __builtin_convertvector(e, row16) * 0.693147181f + (f + square * (f * p - 0.5f));
  const row16 radius = __builtin_elementwise_sqrt(logarithm * -2.0f);

  // The nearest quarter turn and what is left of it, in quarter turns.
  const words16 quarter = (low + 0x20000000) >> 30;
  const row16 y = __builtin_convertvector((ints16)(low - (quarter << 30)), row16) * 0x1p-30f;
  const row16 v = y * y;
  row16 sine = v * -0.004602177068591118f + 0.07968022674322128f;
  sine = (sine * v - 0.6459634900093079f) * v + 1.5707963705062866f;
  sine = sine * y;
  row16 cosine = v * -0.020408352836966515f + 0.2535986304283142f;
  cosine = (cosine * v - 1.2336970567703247f) * v + 1.0f;
  const ints16 is_odd = -(ints16)(quarter & 1);
  const words16 first = (words16)SELECT(ints16, is_odd, sine, cosine) ^ (((quarter + 1) & 2) << 30);
  const words16 second = (words16)SELECT(ints16, is_odd, cosine, sine) ^ ((quarter & 2) << 30);
  *(row16 *)normals = radius * (row16)first;
  *(row16 *)(normals + 16) = radius * (row16)second;
}

ALWAYS void normal_blocks(unsigned long state, long blocks, float *normals) {
  for (long block = 0; block < blocks; block++, state += 2 * EIGHT_STEPS) normals32(state, normals + 32 * block);
}

// MARK: - Oscillators

// Numbers of this size have quarters and no finer fraction.
static const double quarters = 0x1.8p50;

// cos and sin of 2π x, by Taylor's polynomials within an eighth of a turn.
ALWAYS void turn(const lanes8 *x, lanes8 *cosine, lanes8 *sine) {
  const lanes8 sum = *x + quarters;
  const draws8 quarter = (draws8)sum;
  const lanes8 y = (*x - (sum - quarters)) * 6.283185307179586;
  const lanes8 v = y * y;
  lanes8 s = v * (-1.0 / 1307674368000) + 1.0 / 6227020800;
  s = s * v - 1.0 / 39916800;
  s = s * v + 1.0 / 362880;
  s = s * v - 1.0 / 5040;
  s = s * v + 1.0 / 120;
  s = s * v - 1.0 / 6;
  s = y + y * (v * s);
  lanes8 c = v * (1.0 / 20922789888000) - 1.0 / 87178291200;
  c = c * v + 1.0 / 479001600;
  c = c * v - 1.0 / 3628800;
  c = c * v + 1.0 / 40320;
  c = c * v - 1.0 / 720;
  c = c * v + 1.0 / 24;
  c = 1.0 + v * (v * c - 0.5);
  const draws8 is_odd = -(quarter & 1);
  *cosine = (lanes8)((draws8)SELECT(draws8, is_odd, s, c) ^ (((quarter + 1) & 2) << 62));
  *sine = (lanes8)((draws8)SELECT(draws8, is_odd, c, s) ^ ((quarter & 2) << 62));
}

// Horner's rule in z = e^(2πi x) for 32 rows at a time: four vectors side by side, since each waits for its last step.
ALWAYS void add_harmonics(
    const double *sizes, const double *phases, long number, double turns, const float *factors, long count,
    float *rows) {
  double real[EINTHOVEN_HARMONICS], imaginary[EINTHOVEN_HARMONICS];
  for (long k = 0; k < number; k += 8) {
    lanes8 size = {0}, phase = {0}, cosine, sine;
    for (long lane = 0; lane < 8 && k + lane < number; lane++) {
      size[lane] = sizes[k + lane];
      phase[lane] = phases[k + lane];
    }
    turn(&phase, &cosine, &sine);
    *(lanes8 *)(real + k) = size * cosine;
    *(lanes8 *)(imaginary + k) = size * sine;
  }
  const lanes8 steps = {0, 1, 2, 3, 4, 5, 6, 7};
  const row16 factor = *(const row16 *)factors;
  for (long start = 0; start < count; start += 32) {
    lanes8 zr[4], zi[4], r[4], i[4];
    float sums[32];
    for (int k = 0; k < 4; k++) {
      const lanes8 place = ((double)(start + 8 * k) + steps) * turns;
      turn(&place, &zr[k], &zi[k]);
      r[k] = (lanes8){0} + real[number - 1];
      i[k] = (lanes8){0} + imaginary[number - 1];
    }
    for (long harmonic = number - 2; harmonic >= 0; harmonic--)
      _Pragma("clang loop unroll(full)") for (int k = 0; k < 4; k++) {
        const lanes8 next = (r[k] * zr[k] - i[k] * zi[k]) + real[harmonic];
        i[k] = (r[k] * zi[k] + i[k] * zr[k]) + imaginary[harmonic];
        r[k] = next;
      }
    for (int k = 0; k < 4; k++) *(floats8 *)(sums + 8 * k) = __builtin_convertvector(r[k], floats8);
    const long some = count - start < 32 ? count - start : 32;
    for (long k = 0; k < some; k++) *(row16 *)(rows + 16 * (start + k)) += factor * sums[k];
  }
}

// MARK: - Variants

#define VARIANT(name, attribute)                                                                               \
  attribute static void lerp_rows_##name(                                                                      \
      const float *from, const int *places, const float *weights, long count, float *to) {                     \
    lerp_rows(from, places, weights, count, to);                                                               \
  }                                                                                                            \
  attribute static void scale_rows_##name(const float *factors, long count, float *rows) {                     \
    scale_rows(factors, count, rows);                                                                          \
  }                                                                                                            \
  attribute static void shift_rows_##name(const float *summands, long count, float *rows) {                    \
    shift_rows(summands, count, rows);                                                                         \
  }                                                                                                            \
  attribute static void add_rows_##name(                                                                       \
      const float *noise, const float *factors, long count, float *rows) {                                     \
    add_rows(noise, factors, count, rows);                                                                     \
  }                                                                                                            \
  attribute static void blur_rows_##name(long count, float *rows) { blur_rows(count, rows); }                  \
  attribute static void thin_rows_##name(long factor, long count, float *rows) {                               \
    thin_rows(factor, count, rows);                                                                            \
  }                                                                                                            \
  attribute static void random_places_##name(                                                                  \
      unsigned long state, long chosen, long count, int *taken, int *places, float *weights) {                 \
    random_places(state, chosen, count, taken, places, weights);                                               \
  }                                                                                                            \
  attribute static void warped_places_##name(                                                                  \
      const double *knots, long segments, long count, int *places, float *weights) {                           \
    warped_places(knots, segments, count, places, weights);                                                    \
  }                                                                                                            \
  attribute static void normal_blocks_##name(unsigned long state, long blocks, float *normals) {               \
    normal_blocks(state, blocks, normals);                                                                     \
  }                                                                                                            \
  attribute static void add_harmonics_##name(                                                                  \
      const double *sizes, const double *phases, long number, double turns, const float *factors, long count,  \
      float *rows) {                                                                                           \
    add_harmonics(sizes, phases, number, turns, factors, count, rows);                                         \
  }

VARIANT(plain, )

#if defined(__x86_64__)
VARIANT(avx2, __attribute__((target("avx2"))))
VARIANT(avx512, __attribute__((target("avx512f"))))
#endif

void einthoven_lerp_rows(
    einthoven_variant variant, const float *from, const int *places, const float *weights, long count,
    float *to) {
  CALL_VARIANT(lerp_rows, from, places, weights, count, to);
}

void einthoven_scale_rows(einthoven_variant variant, const float *factors, long count, float *rows) {
  CALL_VARIANT(scale_rows, factors, count, rows);
}

void einthoven_shift_rows(einthoven_variant variant, const float *summands, long count, float *rows) {
  CALL_VARIANT(shift_rows, summands, count, rows);
}

void einthoven_add_rows(
    einthoven_variant variant, const float *noise, const float *factors, long count, float *rows) {
  CALL_VARIANT(add_rows, noise, factors, count, rows);
}

void einthoven_blur_rows(einthoven_variant variant, long count, float *rows) { CALL_VARIANT(blur_rows, count, rows); }

void einthoven_thin_rows(einthoven_variant variant, long factor, long count, float *rows) {
  CALL_VARIANT(thin_rows, factor, count, rows);
}

void einthoven_random_places(
    einthoven_variant variant, unsigned long state, long chosen, long count, int *taken, int *places,
    float *weights) {
  CALL_VARIANT(random_places, state, chosen, count, taken, places, weights);
}

void einthoven_warped_places(
    einthoven_variant variant, const double *knots, long segments, long count, int *places, float *weights) {
  CALL_VARIANT(warped_places, knots, segments, count, places, weights);
}

void einthoven_normals(einthoven_variant variant, unsigned long state, long blocks, float *normals) {
  CALL_VARIANT(normal_blocks, state, blocks, normals);
}

void einthoven_add_harmonics(
    einthoven_variant variant, const double *sizes, const double *phases, long number, double turns,
    const float *factors, long count, float *rows) {
  CALL_VARIANT(add_harmonics, sizes, phases, number, turns, factors, count, rows);
}
