// Element-wise loops and column sums. They are bound by memory, so two threads help and blocking does not.
#include <math.h>
#include <string.h>

#include "internal.h"

// Below this many elements a second thread costs more than it saves.
enum { GRAIN = 1 << 15 };

#define CLONES
#if defined(__x86_64__) && defined(__linux__) && defined(__clang__)
#undef CLONES
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif

typedef struct {
  const float *a, *b;
  float *out;
  float factor;
} operands;

void ein_fill(float *result, size_t count, float value) {
  for (size_t i = 0; i < count; i++) result[i] = value;
}

CLONES static void add(void *context, size_t first, size_t last) {
  const operands *o = context;
  const float *a = o->a, *b = o->b;
  float *out = o->out;
  for (size_t i = first; i < last; i++) out[i] = a[i] + b[i];
}

void ein_add(const float *a, const float *b, float *result, size_t count) {
  operands o = {a, b, result, 0};
  ein_parallel(count, GRAIN, add, &o);
}

CLONES static void scale(void *context, size_t first, size_t last) {
  const operands *o = context;
  const float *a = o->a, factor = o->factor;
  float *out = o->out;
  for (size_t i = first; i < last; i++) out[i] = a[i] * factor;
}

void ein_scale(const float *a, float factor, float *result, size_t count) {
  operands o = {a, NULL, result, factor};
  ein_parallel(count, GRAIN, scale, &o);
}

CLONES static void relu(void *context, size_t first, size_t last) {
  const operands *o = context;
  const float *a = o->a;
  float *out = o->out;
  for (size_t i = first; i < last; i++) out[i] = a[i] < 0 ? 0 : a[i];  // NaN stays NaN
}

void ein_relu(const float *a, float *result, size_t count) {
  operands o = {a, NULL, result, 0};
  ein_parallel(count, GRAIN, relu, &o);
}

CLONES static void relu_gradient(void *context, size_t first, size_t last) {
  const operands *o = context;
  const float *result = o->a, *gradient = o->b;
  float *out = o->out;
  for (size_t i = first; i < last; i++) out[i] = result[i] > 0 ? gradient[i] : 0;
}

void ein_relu_gradient(const float *result, const float *gradient, float *out, size_t count) {
  operands o = {result, gradient, out, 0};
  ein_parallel(count, GRAIN, relu_gradient, &o);
}

void ein_sigmoid(const float *a, float *result, size_t count) {
  for (size_t i = 0; i < count; i++) result[i] = 1 / (1 + expf(-a[i]));
}

void ein_sigmoid_gradient(const float *result, const float *gradient, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = gradient[i] * result[i] * (1 - result[i]);
}

void ein_column_sums(const float *a, size_t rows, size_t columns, float *sums) {
  memset(sums, 0, columns * sizeof *sums);
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < columns; c++) sums[c] += a[r * columns + c];
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
