#include "CKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

// A complex number `a` is a pair of lanes, ar and ai.
#define GET(T, a, k) const T a##r = x[2 * (k) * apart], a##i = x[2 * (k) * apart + 1]
#define ADD(T, a, b, c) const T a##r = b##r + c##r, a##i = b##i + c##i
#define SUBTRACT(T, a, b, c) const T a##r = b##r - c##r, a##i = b##i - c##i
// −i times the number that the two expressions are.
#define TURN(T, a, real, imaginary) const T a##r = imaginary, a##i = -(real)
#define PUT(T, k, a, root)                                                                                     \
  do {                                                                                                         \
    const double c = roots[2 * (root)], s = roots[2 * (root) + 1];                                             \
    y[2 * (k) * stride] = a##r * c - a##i * s;                                                                 \
    y[2 * (k) * stride + 1] = a##r * s + a##i * c;                                                             \
  } while (0)
#define PUT_UNTURNED(T, k, a) (y[2 * (k) * stride] = a##r, y[2 * (k) * stride + 1] = a##i)

#define PASS(T, radix)                                                                                         \
  ALWAYS void pass##radix##_##T(                                                                               \
      long blocks, long stride, const double *roots, const double *constants, const T *from, T *to)

#define EACH(T, radix, ...)                                                                                    \
  const long apart = blocks * stride;                                                                          \
  for (long block = 0; block < blocks; block++) {                                                              \
    const T *x = from + 2 * block * stride;                                                                    \
    T *y = to + 2 * radix * block * stride;                                                                    \
    const long turn = block * stride;                                                                          \
    for (long index = 0; index < stride; index++, x += 2, y += 2) __VA_ARGS__                                  \
  }

// The butterflies. Constants of 3: sin 60°; of 5: cos 72°, cos 144°, sin 72°, sin 144°.
#define PASSES(T)                                                                                              \
  PASS(T, 2) {                                                                                                 \
    EACH(T, 2, {                                                                                               \
      GET(T, a, 0);                                                                                            \
      GET(T, b, 1);                                                                                            \
      ADD(T, sum, a, b);                                                                                       \
      SUBTRACT(T, rest, a, b);                                                                                 \
      PUT_UNTURNED(T, 0, sum);                                                                                 \
      PUT(T, 1, rest, turn);                                                                                   \
    })                                                                                                         \
  }                                                                                                            \
  PASS(T, 3) {                                                                                                 \
    EACH(T, 3, {                                                                                               \
      GET(T, a, 0);                                                                                            \
      GET(T, b, 1);                                                                                            \
      GET(T, c, 2);                                                                                            \
      ADD(T, sum, b, c);                                                                                       \
      SUBTRACT(T, rest, b, c);                                                                                 \
      ADD(T, whole, a, sum);                                                                                   \
      const T middler = ar - sumr * 0.5;                                                                       \
      const T middlei = ai - sumi * 0.5;                                                                       \
      TURN(T, side, restr *constants[0], resti *constants[0]);                                                 \
      ADD(T, first, middle, side);                                                                             \
      SUBTRACT(T, second, middle, side);                                                                       \
      PUT_UNTURNED(T, 0, whole);                                                                               \
      PUT(T, 1, first, turn);                                                                                  \
      PUT(T, 2, second, 2 * turn);                                                                             \
    })                                                                                                         \
  }                                                                                                            \
  PASS(T, 4) {                                                                                                 \
    EACH(T, 4, {                                                                                               \
      GET(T, a, 0);                                                                                            \
      GET(T, b, 1);                                                                                            \
      GET(T, c, 2);                                                                                            \
      GET(T, d, 3);                                                                                            \
      ADD(T, even, a, c);                                                                                      \
      SUBTRACT(T, evenrest, a, c);                                                                             \
      ADD(T, odd, b, d);                                                                                       \
      TURN(T, oddrest, (br - dr), (bi - di));                                                                  \
      ADD(T, whole, even, odd);                                                                                \
      ADD(T, first, evenrest, oddrest);                                                                        \
      SUBTRACT(T, second, even, odd);                                                                          \
      SUBTRACT(T, third, evenrest, oddrest);                                                                   \
      PUT_UNTURNED(T, 0, whole);                                                                               \
      PUT(T, 1, first, turn);                                                                                  \
      PUT(T, 2, second, 2 * turn);                                                                             \
      PUT(T, 3, third, 3 * turn);                                                                              \
    })                                                                                                         \
  }                                                                                                            \
  PASS(T, 5) {                                                                                                 \
    const double c1 = constants[0], c2 = constants[1], s1 = constants[2], s2 = constants[3];                   \
    EACH(T, 5, {                                                                                               \
      GET(T, a, 0);                                                                                            \
      GET(T, b, 1);                                                                                            \
      GET(T, c, 2);                                                                                            \
      GET(T, d, 3);                                                                                            \
      GET(T, e, 4);                                                                                            \
      ADD(T, near, b, e);                                                                                      \
      ADD(T, far, c, d);                                                                                       \
      SUBTRACT(T, nearrest, b, e);                                                                             \
      SUBTRACT(T, farrest, c, d);                                                                              \
      const T wholer = ar + nearr + farr;                                                                      \
      const T wholei = ai + neari + fari;                                                                      \
      const T p1r = ar + nearr * c1 + farr * c2;                                                               \
      const T p1i = ai + neari * c1 + fari * c2;                                                               \
      const T p2r = ar + nearr * c2 + farr * c1;                                                               \
      const T p2i = ai + neari * c2 + fari * c1;                                                               \
      TURN(T, q1, (nearrestr * s1 + farrestr * s2), (nearresti * s1 + farresti * s2));                         \
      TURN(T, q2, (nearrestr * s2 - farrestr * s1), (nearresti * s2 - farresti * s1));                         \
      ADD(T, first, p1, q1);                                                                                   \
      ADD(T, second, p2, q2);                                                                                  \
      SUBTRACT(T, third, p2, q2);                                                                              \
      SUBTRACT(T, fourth, p1, q1);                                                                             \
      PUT_UNTURNED(T, 0, whole);                                                                               \
      PUT(T, 1, first, turn);                                                                                  \
      PUT(T, 2, second, 2 * turn);                                                                             \
      PUT(T, 3, third, 3 * turn);                                                                              \
      PUT(T, 4, fourth, 4 * turn);                                                                             \
    })                                                                                                         \
  }                                                                                                            \
  ALWAYS void pass_##T(                                                                                        \
      long radix, long blocks, long stride, const double *roots, const double *constants, const T *from,       \
      T *to) {                                                                                                 \
    switch (radix) {                                                                                           \
    case 2: pass2_##T(blocks, stride, roots, constants, from, to); return;                                     \
    case 3: pass3_##T(blocks, stride, roots, constants, from, to); return;                                     \
    case 4: pass4_##T(blocks, stride, roots, constants, from, to); return;                                     \
    case 5: pass5_##T(blocks, stride, roots, constants, from, to); return;                                     \
    }                                                                                                          \
    EACH(T, radix, {                                                                                           \
      for (long output = 0; output < radix; output++) {                                                        \
        T sumr = x[0], sumi = x[1];                                                                            \
        for (long input = 1, angle = 0; input < radix; input++) {                                              \
          angle = (angle + output) % radix;                                                                    \
          GET(T, a, input);                                                                                    \
          const double c = roots[2 * angle * apart], s = roots[2 * angle * apart + 1];                         \
          sumr += ar * c - ai * s;                                                                             \
          sumi += ar * s + ai * c;                                                                             \
        }                                                                                                      \
        PUT(T, output, sum, output *turn);                                                                     \
      }                                                                                                        \
    })                                                                                                         \
  }

PASSES(lanes1)
PASSES(lanes2)
PASSES(lanes4)
PASSES(lanes8)

#define VARIANT(name, attribute)                                                                               \
  attribute static void name(                                                                                  \
      long radix, long blocks, long stride, const double *roots, const double *constants, long lanes,          \
      const double *from, double *to) {                                                                        \
    switch (lanes) {                                                                                           \
    case 1: pass_lanes1(radix, blocks, stride, roots, constants, from, to); break;                             \
    case 2: pass_lanes2(radix, blocks, stride, roots, constants, (const lanes2 *)from, (lanes2 *)to); break;   \
    case 4: pass_lanes4(radix, blocks, stride, roots, constants, (const lanes4 *)from, (lanes4 *)to); break;   \
    case 8: pass_lanes8(radix, blocks, stride, roots, constants, (const lanes8 *)from, (lanes8 *)to); break;   \
    }                                                                                                          \
  }

VARIANT(fft_plain, )

#if defined(__x86_64__)
VARIANT(fft_avx2, __attribute__((target("avx2"))))
VARIANT(fft_avx512, __attribute__((target("avx512f"))))
#endif

void einthoven_fft_pass(
    einthoven_variant variant, long radix, long blocks, long stride, const double *roots,
    const double *constants, long lanes, const double *from, double *to) {
#if defined(__x86_64__)
  if (variant == EINTHOVEN_AVX512) {
    fft_avx512(radix, blocks, stride, roots, constants, lanes, from, to);
    return;
  }
  if (variant == EINTHOVEN_AVX2) {
    fft_avx2(radix, blocks, stride, roots, constants, lanes, from, to);
    return;
  }
#endif
  fft_plain(radix, blocks, stride, roots, constants, lanes, from, to);
}
