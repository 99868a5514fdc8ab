#include "CKernels.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of the first
// eight (FIPS 180-4, 4.2.2 and 5.3.3).
static const unsigned constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const unsigned start[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static inline unsigned rotated(unsigned x, int count) { return x >> count | x << (32 - count); }

#define ROUND(a, b, c, d, e, f, g, h, t)                                                                       \
  h += (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + constants[t] + word[t];      \
  d += h;                                                                                                      \
  h += (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));

static unsigned long plain_first(const unsigned char *block) {
  unsigned word[64];
  for (int t = 0; t < 16; t++) {
    unsigned bytes;
    memcpy(&bytes, block + 4 * t, 4);
    word[t] = __builtin_bswap32(bytes);
  }
  for (int t = 16; t < 64; t++) {
    const unsigned x = word[t - 15], y = word[t - 2];
    word[t] = word[t - 16] + (rotated(x, 7) ^ rotated(x, 18) ^ x >> 3) + word[t - 7] +
              (rotated(y, 17) ^ rotated(y, 19) ^ y >> 10);
  }
  unsigned a = start[0], b = start[1], c = start[2], d = start[3];
  unsigned e = start[4], f = start[5], g = start[6], h = start[7];
  for (int t = 0; t < 64; t += 8) {
    // The eight go round by their names.
    ROUND(a, b, c, d, e, f, g, h, t)
    ROUND(h, a, b, c, d, e, f, g, t + 1)
    ROUND(g, h, a, b, c, d, e, f, t + 2)
    ROUND(f, g, h, a, b, c, d, e, t + 3)
    ROUND(e, f, g, h, a, b, c, d, t + 4)
    ROUND(d, e, f, g, h, a, b, c, t + 5)
    ROUND(c, d, e, f, g, h, a, b, t + 6)
    ROUND(b, c, d, e, f, g, h, a, t + 7)
  }
  const unsigned long first = __builtin_bswap32(a + start[0]), second = __builtin_bswap32(b + start[1]);
  return first | second << 32;
}

#if defined(__x86_64__)
// The processor's own instructions take two rounds at once; the eight are in two vectors, a b e f and c d g h.
__attribute__((target("sha,sse4.1"))) static unsigned long quick_first(const unsigned char *block) {
  const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  __m128i abef = _mm_set_epi32((int)start[0], (int)start[1], (int)start[4], (int)start[5]);
  __m128i cdgh = _mm_set_epi32((int)start[2], (int)start[3], (int)start[6], (int)start[7]);
  __m128i word[4];
  for (int four = 0; four < 16; four++) {
    __m128i next;
    if (four < 4) {
      next = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + four), swap);
      word[four] = next;
    } else {
      next = _mm_add_epi32(_mm_sha256msg1_epu32(word[0], word[1]), _mm_alignr_epi8(word[3], word[2], 4));
      next = _mm_sha256msg2_epu32(next, word[3]);
      word[0] = word[1], word[1] = word[2], word[2] = word[3], word[3] = next;
    }
    const __m128i sum = _mm_add_epi32(next, _mm_loadu_si128((const __m128i *)constants + four));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
  }
  const unsigned a = (unsigned)_mm_extract_epi32(abef, 3), b = (unsigned)_mm_extract_epi32(abef, 2);
  const unsigned long first = __builtin_bswap32(a + start[0]), second = __builtin_bswap32(b + start[1]);
  return first | second << 32;
}
#endif

unsigned long einthoven_first_of_sha256(einthoven_variant variant, const void *message, long count) {
  unsigned char block[64] = {0};
  memcpy(block, message, (unsigned long)count);
  block[count] = 0x80;
  block[62] = (unsigned char)(count * 8 >> 8);
  block[63] = (unsigned char)(count * 8);
#if defined(__x86_64__)
  if (variant != EINTHOVEN_PLAIN && __builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1"))
    return quick_first(block);
#endif
  (void)variant;
  return plain_first(block);
}
