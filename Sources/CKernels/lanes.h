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
