// Element-wise loops and column sums. They are bound by memory, so two threads help and blocking does not.
#include <math.h>
#include <string.h>

#include "internal.h"

// Below this many elements a second thread costs more than it saves.
enum { GRAIN = 1 << 15 };

typedef struct {
  const void *a, *b;
  void *out;
  float factor;
  uint64_t seed;
} operands;

// A loop for each type: x and y are the operands' elements, i their place.
#define LOOP(name, T, load, store, expression)                                               \
  CLONES static void name(void *context, size_t first, size_t last) {                        \
    const operands *o = context;                                                             \
    const T *a = o->a, *b = o->b;                                                            \
    const float factor = o->factor;                                                          \
    const uint64_t seed = o->seed;                                                           \
    T *out = o->out;                                                                         \
    (void)factor, (void)seed;                                                                \
    for (size_t i = first; i < last; i++) {                                                  \
      const float x = load(a[i]), y = load(b[i]);                                            \
      (void)y;                                                                               \
      out[i] = store(expression);                                                            \
    }                                                                                        \
  }
#define LOOPS(name, expression)                                                              \
  LOOP(name##_f32, float, same, same, expression)                                            \
  LOOP(name##_bf16, bfloat, wide, narrow, expression)

#define RUN(name) ein_parallel(count, GRAIN, type == EIN_F32 ? name##_f32 : name##_bf16, &o)

// NaN stays NaN.
static inline float positive(float value) { return value < 0 ? 0 : value; }

// Whether a place is kept: a 32-bit number of its own from SplitMix64, two of a state, against the rate.
static inline float kept(uint64_t seed, size_t place, float rate) {
  uint64_t z = seed + (uint64_t)(place / 2 + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return (double)(z >> 32 * (place % 2) & 0xFFFFFFFF) >= rate * 0x1p32 ? 1 / (1 - rate) : 0;
}

LOOPS(add, x + y)
LOOPS(scale, x *factor)
LOOPS(relu, positive(x))
LOOPS(add_relu, positive(x + y))
LOOPS(relu_gradient, x > 0 ? y : 0)
LOOPS(dropout, x *kept(seed, i, factor))

void ein_fill(float *result, size_t count, float value) {
  for (size_t i = 0; i < count; i++) result[i] = value;
}

void ein_add(ein_type type, const void *a, const void *b, void *result, size_t count) {
  operands o = {a, b, result, 0, 0};
  RUN(add);
}

void ein_scale(ein_type type, const void *a, float factor, void *result, size_t count) {
  operands o = {a, a, result, factor, 0};
  RUN(scale);
}

void ein_relu(ein_type type, const void *a, void *result, size_t count) {
  operands o = {a, a, result, 0, 0};
  RUN(relu);
}

void ein_add_relu(ein_type type, const void *a, const void *b, void *result, size_t count) {
  operands o = {a, b, result, 0, 0};
  RUN(add_relu);
}

void ein_relu_gradient(ein_type type, const void *result, const void *gradient, void *out, size_t count) {
  operands o = {result, gradient, out, 0, 0};
  RUN(relu_gradient);
}

void ein_dropout(ein_type type, const void *a, float rate, uint64_t seed, void *result, size_t count) {
  operands o = {a, a, result, rate, seed};
  RUN(dropout);
}

static void clear(void *context, size_t first, size_t last) { memset((char *)context + first, 0, last - first); }

void ein_clear(void *result, size_t bytes) { ein_parallel(bytes, 1 << 18, clear, result); }

typedef struct {
  const void *a;
  void *out;
  size_t rows, count, phases, stride;
} split;

#define SPLIT(name, T)                                                                       \
  CLONES static void name(void *context, size_t first, size_t last) {                        \
    const split *s = context;                                                                \
    for (size_t r = first; r < last; r++) {                                                  \
      const T *a = (const T *)s->a + r * s->count * s->phases;                               \
      for (size_t p = 0; p < s->phases; p++) {                                               \
        T *out = (T *)s->out + (p * s->rows + r) * s->stride;                                \
        for (size_t i = 0; i < s->count; i++) out[i] = a[i * s->phases + p];                 \
      }                                                                                      \
    }                                                                                        \
  }

SPLIT(split_f32, float)
SPLIT(split_bf16, bfloat)

void ein_split_phases(
  ein_type type, const void *a, size_t rows, size_t count, size_t phases, size_t stride, void *result
) {
  split s = {a, result, rows, count, phases, stride};
  ein_parallel(rows, 1, type == EIN_F32 ? split_f32 : split_bf16, &s);
}

void ein_sigmoid(const float *a, float *result, size_t count) {
  for (size_t i = 0; i < count; i++) result[i] = 1 / (1 + expf(-a[i]));
}

void ein_sigmoid_gradient(const float *result, const float *gradient, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = gradient[i] * result[i] * (1 - result[i]);
}

void ein_column_sums(ein_type type, const void *a, size_t rows, size_t columns, float *sums) {
  memset(sums, 0, columns * sizeof *sums);
  const float *floats = a;
  const bfloat *halves = a;
  for (size_t r = 0; r < rows; r++) {
    if (type == EIN_F32) {
      for (size_t c = 0; c < columns; c++) sums[c] += floats[r * columns + c];
    } else {
      for (size_t c = 0; c < columns; c++) sums[c] += wide(halves[r * columns + c]);
    }
  }
}

void ein_add_to_rows(const float *a, size_t rows, size_t columns, float *result) {
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < columns; c++) result[r * columns + c] += a[c];
  }
}

// Squares are summed in Double over parts that depend on the count alone, so that the number of threads does not show.
enum { PARTS = 64 };

typedef struct {
  const float *a;
  size_t count, slice;
  double sums[PARTS];
} squares;

CLONES static double sum_of_squares(const float *a, size_t count) {
  // Eight partial sums let the compiler use vectors without being told to reassociate.
  double sums[8] = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int j = 0; j < 8; j++) sums[j] += (double)a[i + j] * a[i + j];
  }
  for (; i < count; i++) sums[0] += (double)a[i] * a[i];
  double total = 0;
  for (int j = 0; j < 8; j++) total += sums[j];
  return total;
}

static void sum_parts(void *context, size_t first, size_t last) {
  squares *s = context;
  for (size_t part = first; part < last; part++) {
    size_t begin = part * s->slice, end = begin + s->slice < s->count ? begin + s->slice : s->count;
    s->sums[part] = begin < end ? sum_of_squares(s->a + begin, end - begin) : 0;
  }
}

double ein_sum_of_squares(const float *a, size_t count) {
  if (count <= GRAIN) return sum_of_squares(a, count);
  squares s = {a, count, (count + PARTS - 1) / PARTS, {0}};
  ein_parallel(PARTS, 1, sum_parts, &s);
  double total = 0;
  for (int part = 0; part < PARTS; part++) total += s.sums[part];
  return total;
}
