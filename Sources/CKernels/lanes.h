// Samples side by side, at any address that a double may have.
#pragma once

#define ALWAYS static inline __attribute__((always_inline))

typedef double lanes1;
typedef double lanes2 __attribute__((vector_size(16), aligned(8)));
typedef double lanes4 __attribute__((vector_size(32), aligned(8)));
typedef double lanes8 __attribute__((vector_size(64), aligned(8)));

// What comparing them gives: all bits of a lane, or none.
typedef long mask2 __attribute__((vector_size(16), aligned(8)));
typedef long mask4 __attribute__((vector_size(32), aligned(8)));
typedef long mask8 __attribute__((vector_size(64), aligned(8)));

// Calls name_avx512, name_avx2 or name_plain, as the argument `variant` of the calling function says.
#if defined(__x86_64__)
#define CALL_VARIANT(name, ...)                                                                                \
  do {                                                                                                         \
    if (variant == EINTHOVEN_AVX512) {                                                                         \
      name##_avx512(__VA_ARGS__);                                                                              \
    } else if (variant == EINTHOVEN_AVX2) {                                                                    \
      name##_avx2(__VA_ARGS__);                                                                                \
    } else {                                                                                                   \
      name##_plain(__VA_ARGS__);                                                                               \
    }                                                                                                          \
  } while (0)
#else
#define CALL_VARIANT(name, ...) name##_plain(__VA_ARGS__)
#endif
