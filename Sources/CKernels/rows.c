#include "CKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

// A row of twelve leads.
typedef struct {
  lanes8 a;
  lanes4 b;
} row12;

ALWAYS row12 load(const double *place) { return (row12){*(const lanes8 *)place, *(const lanes4 *)(place + 8)}; }

ALWAYS void store(double *place, row12 row) {
  *(lanes8 *)place = row.a;
  *(lanes4 *)(place + 8) = row.b;
}

ALWAYS row12 plus(row12 x, row12 y) { return (row12){x.a + y.a, x.b + y.b}; }
ALWAYS row12 minus(row12 x, row12 y) { return (row12){x.a - y.a, x.b - y.b}; }
ALWAYS row12 times(row12 x, row12 y) { return (row12){x.a * y.a, x.b * y.b}; }
ALWAYS row12 scaled(row12 x, double factor) { return (row12){x.a * factor, x.b * factor}; }

ALWAYS row12 magnitude(row12 x) {
  return (row12){
      (lanes8)((mask8)x.a & 0x7FFFFFFFFFFFFFFF),
      (lanes4)((mask4)x.b & 0x7FFFFFFFFFFFFFFF),
  };
}

// MARK: - Cascade

// The same operations in the same order as the cascade of fewer leads, so to the last bit its samples.
#define SWEEP12(n)                                                                                             \
  ALWAYS void sweep12_##n(const einthoven_section *c, double *rows, long count, double *memory, long step) {   \
    row12 p[n], q[n];                                                                                          \
    for (int k = 0; k < n; k++) {                                                                              \
      p[k] = load(memory + 24 * k);                                                                            \
      q[k] = load(memory + 24 * k + 12);                                                                       \
    }                                                                                                          \
    double *row = step > 0 ? rows : rows + 12 * (count - 1);                                                   \
    for (long index = 0; index < count; index++, row += 12 * step) {                                           \
      row12 x = load(row);                                                                                     \
      _Pragma("clang loop unroll(full)") for (int k = 0; k < n; k++) {                                         \
        const row12 y = plus(scaled(x, c[k].b0), p[k]);                                                        \
        p[k] = minus(plus(scaled(x, c[k].b1), q[k]), scaled(y, c[k].a1));                                      \
        q[k] = minus(scaled(x, c[k].b2), scaled(y, c[k].a2));                                                  \
        x = y;                                                                                                 \
      }                                                                                                        \
      store(row, x);                                                                                           \
    }                                                                                                          \
    for (int k = 0; k < n; k++) {                                                                              \
      store(memory + 24 * k, p[k]);                                                                            \
      store(memory + 24 * k + 12, q[k]);                                                                       \
    }                                                                                                          \
  }

SWEEP12(1)
SWEEP12(2)

ALWAYS void cascade12(
    const einthoven_section *sections, long left, double *rows, long count, double *memory, long step) {
  for (; left > 1; left -= 2, sections += 2, memory += 48) sweep12_2(sections, rows, count, memory, step);
  if (left > 0) sweep12_1(sections, rows, count, memory, step);
}

// MARK: - Averages and sums

ALWAYS void means12(const double *rows, long count, long length, double *means) {
  const double share = 1.0 / (double)length;
  for (long index = 0; index < count; index++) {
    row12 sum = load(rows + 12 * index * length);
    for (long next = 1; next < length; next++) sum = plus(sum, load(rows + 12 * (index * length + next)));
    store(means + 12 * index, scaled(sum, share));
  }
}

ALWAYS void powers12(const double *rows, long count, double *first, double *second) {
  row12 sum = {0}, squares = {0};
  for (long index = 0; index < count; index++) {
    const row12 row = load(rows + 12 * index);
    sum = plus(sum, row);
    squares = plus(squares, times(row, row));
  }
  store(first, sum);
  store(second, squares);
}

ALWAYS void running12(const double *rows, long count, long length, double *means) {
  const double share = 1.0 / (double)length;
  row12 sum = {0};
  for (long index = 0; index < count; index++) {
    sum = plus(sum, magnitude(load(rows + 12 * index)));
    if (index + 1 < length) continue;
    // What rounding leaves of nothing may be below it.
    store(means + 12 * (index + 1 - length), magnitude(scaled(sum, share)));
    sum = minus(sum, magnitude(load(rows + 12 * (index + 1 - length))));
  }
}

ALWAYS void slopes12(const double *rows, long count, long reach, const double *weights, double *slopes) {
  const row12 weight = load(weights);
  for (long index = reach; index + reach < count; index++) {
    const row12 step = minus(load(rows + 12 * (index + reach)), load(rows + 12 * (index - reach)));
    const row12 size = times(magnitude(step), weight);
    const lanes4 four = __builtin_shufflevector(size.a, size.a, 0, 1, 2, 3) +
                        __builtin_shufflevector(size.a, size.a, 4, 5, 6, 7) + size.b;
    slopes[index] = (four[0] + four[1]) + (four[2] + four[3]);
  }
}

// Three recursions side by side: each waits for its last step.
ALWAYS void goertzel12(
    const double *rows, long length, const double *weights, const double *cosines, double *powers) {
  row12 last[3] = {0}, before[3] = {0};
  for (long index = 0; index < length; index++) {
    const row12 x = scaled(load(rows + 12 * index), weights[index]);
    _Pragma("clang loop unroll(full)") for (int k = 0; k < 3; k++) {
      const row12 next = minus(plus(x, scaled(last[k], cosines[k])), before[k]);
      before[k] = last[k];
      last[k] = next;
    }
  }
  for (int k = 0; k < 3; k++) {
    const row12 squares = plus(times(last[k], last[k]), times(before[k], before[k]));
    store(powers + 12 * k, minus(squares, scaled(times(last[k], before[k]), cosines[k])));
  }
}

// MARK: - Medians

// Batcher's merge exchange of twelve (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M).
static const unsigned char exchanges[][2] = {
    {0, 8}, {1, 9}, {2, 10}, {3, 11}, {0, 4}, {1, 5}, {2, 6}, {3, 7}, {4, 8}, {5, 9}, {6, 10}, {7, 11},
    {0, 2}, {1, 3}, {4, 6}, {5, 7}, {8, 10}, {9, 11}, {2, 8}, {3, 9}, {2, 4}, {3, 5}, {6, 8}, {7, 9},
    {0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}, {1, 8}, {3, 10}, {1, 4}, {3, 6}, {5, 8}, {7, 10},
    {1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10},
};

ALWAYS void medians12(
    const double *rows, long count, const double *sizes, const double *shifts, int is_even, double *medians) {
  for (long start = 0; start < count; start += 8) {
    const long some = count - start < 8 ? count - start : 8;
    // Eight frames side by side, one vector a lead.
    double turned[12][8] = {{0}};
    for (long frame = 0; frame < some; frame++)
      for (long lead = 0; lead < 12; lead++) turned[lead][frame] = rows[12 * (start + frame) + lead];
    lanes8 x[12];
    for (long lead = 0; lead < 12; lead++) x[lead] = *(const lanes8 *)turned[lead] / sizes[lead] + shifts[lead];
    _Pragma("clang loop unroll(full)") for (unsigned long k = 0; k < sizeof exchanges / 2; k++) {
      const int i = exchanges[k][0], j = exchanges[k][1];
      const mask8 one = (mask8)x[i], other = (mask8)x[j], is = x[i] < x[j];
      x[i] = (lanes8)((one & is) | (other & ~is));
      x[j] = (lanes8)((other & is) | (one & ~is));
    }
    const lanes8 middle = is_even ? (x[5] + x[6]) / 2.0 : x[5];
    for (long frame = 0; frame < some; frame++) medians[start + frame] = middle[frame];
  }
}

// MARK: - Variants

#define VARIANT(name, attribute)                                                                               \
  attribute static void cascade12_##name(                                                                      \
      const einthoven_section *sections, long left, double *rows, long count, double *memory, long step) {     \
    cascade12(sections, left, rows, count, memory, step);                                                      \
  }                                                                                                            \
  attribute static void means12_##name(const double *rows, long count, long length, double *means) {           \
    means12(rows, count, length, means);                                                                       \
  }                                                                                                            \
  attribute static void powers12_##name(const double *rows, long count, double *first, double *second) {       \
    powers12(rows, count, first, second);                                                                      \
  }                                                                                                            \
  attribute static void running12_##name(const double *rows, long count, long length, double *means) {         \
    running12(rows, count, length, means);                                                                     \
  }                                                                                                            \
  attribute static void slopes12_##name(                                                                       \
      const double *rows, long count, long reach, const double *weights, double *slopes) {                     \
    slopes12(rows, count, reach, weights, slopes);                                                             \
  }                                                                                                            \
  attribute static void goertzel12_##name(                                                                     \
      const double *rows, long length, const double *weights, const double *cosines, double *powers) {         \
    goertzel12(rows, length, weights, cosines, powers);                                                        \
  }                                                                                                            \
  attribute static void medians12_##name(                                                                      \
      const double *rows, long count, const double *sizes, const double *shifts, int is_even,                  \
      double *medians) {                                                                                       \
    medians12(rows, count, sizes, shifts, is_even, medians);                                                   \
  }

VARIANT(plain, )

#if defined(__x86_64__)
VARIANT(avx2, __attribute__((target("avx2"))))
VARIANT(avx512, __attribute__((target("avx512f"))))
#endif

void einthoven_cascade_12(
    einthoven_variant variant, const einthoven_section *sections, long section_count, double *rows, long count,
    double *memory, long step) {
  CALL_VARIANT(cascade12, sections, section_count, rows, count, memory, step);
}

void einthoven_means_12(
    einthoven_variant variant, const double *rows, long count, long length, double *means) {
  CALL_VARIANT(means12, rows, count, length, means);
}

void einthoven_powers_12(
    einthoven_variant variant, const double *rows, long count, double *first, double *second) {
  CALL_VARIANT(powers12, rows, count, first, second);
}

void einthoven_running_12(
    einthoven_variant variant, const double *rows, long count, long length, double *means) {
  CALL_VARIANT(running12, rows, count, length, means);
}

void einthoven_slopes_12(
    einthoven_variant variant, const double *rows, long count, long reach, const double *weights,
    double *slopes) {
  CALL_VARIANT(slopes12, rows, count, reach, weights, slopes);
}

void einthoven_goertzel_12(
    einthoven_variant variant, const double *rows, long length, const double *weights, const double *cosines,
    double *powers) {
  CALL_VARIANT(goertzel12, rows, length, weights, cosines, powers);
}

void einthoven_medians_12(
    einthoven_variant variant, const double *rows, long count, const double *sizes, const double *shifts,
    int is_even, double *medians) {
  CALL_VARIANT(medians12, rows, count, sizes, shifts, is_even, medians);
}
