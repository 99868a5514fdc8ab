// Batch normalisation with the channels innermost: a pass for the sums, a pass for the result.
#include <math.h>

#include "internal.h"

// Channels of a vector's width and a multiple, which stay in registers; rows whose sums are Float32 before they are added
// to those in Float64; rows of a part, which one thread sums.
enum { WIDTH = 32, BLOCK = 64, PART = 1024, MAX_PARTS = 256 };

typedef struct {
  const ein_rows *shape;
  const void *x, *gradient;
  void *out;
  // Of each channel: where sums start from, and the normalisation as x · factor + offset.
  const float *centre, *factor, *offset;
  // The gradient's parts: out = factor · g − constant − slope · (x − centre).
  const float *constant, *slope;
  // [parts][2][channels]
  double *sums;
  size_t part_rows;
} work;

// Two sums over a block of rows and up to WIDTH channels.
#define SUMS(name, T, load, other, first_term, second_term)                                                     \
  static inline __attribute__((always_inline)) void name(                                                       \
    const work *w, size_t begin, size_t end, size_t channel, size_t width, double *first, double *second) {     \
    const size_t channels = w->shape->channels;                                                                 \
    const float least = w->shape->fuses_relu ? 0 : -INFINITY;                                                   \
    const T *x = w->x, *gradient = w->gradient;                                                                 \
    const float *centre = w->centre, *factor = w->factor, *offset = w->offset;                                  \
    float a[WIDTH] = {0}, b[WIDTH] = {0};                                                                       \
    (void)least, (void)gradient, (void)factor, (void)offset;                                                    \
    for (size_t r = begin; r < end; r++) {                                                                      \
      const size_t row = r * channels + channel;                                                                \
      for (size_t j = 0; j < width; j++) {                                                                      \
        const float value = load(x[row + j]), distance = value - centre[channel + j];                           \
        const float given = other, term = first_term;                                                           \
        (void)given;                                                                                            \
        a[j] += term;                                                                                           \
        b[j] += second_term;                                                                                    \
      }                                                                                                         \
    }                                                                                                           \
    for (size_t j = 0; j < width; j++) {                                                                        \
      first[channel + j] += a[j];                                                                               \
      second[channel + j] += b[j];                                                                              \
    }                                                                                                           \
  }

// The sums of some parts.
#define SUM_PARTS(name, block)                                                                                  \
  CLONES static void name(void *context, size_t begin, size_t end) {                                            \
    const work *w = context;                                                                                    \
    const size_t rows = w->shape->rows, channels = w->shape->channels;                                          \
    for (size_t part = begin; part < end; part++) {                                                             \
      double *first = w->sums + part * 2 * channels, *second = first + channels;                                \
      memset(first, 0, 2 * channels * sizeof *first);                                                           \
      const size_t limit = (part + 1) * w->part_rows < rows ? (part + 1) * w->part_rows : rows;                 \
      for (size_t r = part * w->part_rows; r < limit; r += BLOCK) {                                             \
        const size_t last = r + BLOCK < limit ? r + BLOCK : limit;                                              \
        size_t c = 0;                                                                                           \
        for (; c + WIDTH <= channels; c += WIDTH) block(w, r, last, c, WIDTH, first, second);                   \
        if (c < channels) block(w, r, last, c, channels - c, first, second);                                    \
      }                                                                                                         \
    }                                                                                                           \
  }

// A gradient that passed ReLU: where the normalised value, computed as it was forward, is above the least.
#define PASSED                                                                                                  \
  (value * factor[channel + j] + offset[channel + j] <= least ? 0 : given)

#define ROWS(T, suffix, load, store)                                                                            \
  SUMS(moments_of_##suffix, T, load, 0, distance, distance *distance)                                           \
  SUMS(products_of_##suffix, T, load, load(gradient[row + j]), PASSED, term *distance)                          \
  SUM_PARTS(moments_##suffix, moments_of_##suffix)                                                              \
  SUM_PARTS(products_##suffix, products_of_##suffix)                                                            \
  CLONES static void result_##suffix(void *context, size_t begin, size_t end) {                                 \
    const work *w = context;                                                                                    \
    const size_t channels = w->shape->channels;                                                                 \
    const float *factor = w->factor, *offset = w->offset;                                                       \
    const float least = w->shape->fuses_relu ? 0 : -INFINITY;                                                   \
    for (size_t r = begin; r < end; r++) {                                                                      \
      const T *x = (const T *)w->x + r * channels;                                                              \
      T *out = (T *)w->out + r * channels;                                                                      \
      for (size_t c = 0; c < channels; c++) {                                                                   \
        const float value = load(x[c]) * factor[c] + offset[c];                                                 \
        out[c] = store(value < least ? least : value);                                                          \
      }                                                                                                         \
    }                                                                                                           \
  }                                                                                                             \
  CLONES static void gradient_##suffix(void *context, size_t begin, size_t end) {                               \
    const work *w = context;                                                                                    \
    const size_t channels = w->shape->channels, channel = 0;                                                    \
    const float least = w->shape->fuses_relu ? 0 : -INFINITY;                                                   \
    const float *factor = w->factor, *offset = w->offset, *centre = w->centre;                                  \
    const float *constant = w->constant, *slope = w->slope;                                                     \
    for (size_t r = begin; r < end; r++) {                                                                      \
      const T *x = (const T *)w->x + r * channels, *gradient = (const T *)w->gradient + r * channels;           \
      T *out = (T *)w->out + r * channels;                                                                      \
      for (size_t j = 0; j < channels; j++) {                                                                   \
        const float value = load(x[j]), given = load(gradient[j]), passed = PASSED;                             \
        out[j] = store(passed * factor[j] - constant[j] - slope[j] * (value - centre[j]));                      \
      }                                                                                                         \
    }                                                                                                           \
  }

ROWS(float, f32, same, same)
ROWS(bfloat, bf16, wide, narrow)

// Sums parts on all threads, then the parts in their order: the same at any number of threads.
static void sum(work *w, ein_body body) {
  const size_t rows = w->shape->rows, channels = w->shape->channels;
  const size_t parts = (rows + w->part_rows - 1) / w->part_rows;
  ein_parallel(parts, 1, body, w);
  for (size_t part = 1; part < parts; part++) {
    for (size_t c = 0; c < 2 * channels; c++) w->sums[c] += w->sums[part * 2 * channels + c];
  }
}

static size_t rows_of_part(const ein_rows *shape) {
  const size_t least = (shape->rows + MAX_PARTS - 1) / MAX_PARTS;
  const size_t rows = least > PART ? least : PART;
  return (rows + BLOCK - 1) / BLOCK * BLOCK;
}

// Room for the sums of all parts and for `arrays` numbers of each channel behind them.
static ein_status take(const ein_rows *shape, size_t arrays, work *w, float **numbers) {
  w->part_rows = rows_of_part(shape);
  const size_t sums = (shape->rows + w->part_rows - 1) / w->part_rows * 2 * shape->channels;
  void *block;
  EIN_TRY(ein_memory_take(sums * sizeof(double) + arrays * shape->channels * sizeof(float), &block));
  w->sums = block;
  *numbers = (float *)(w->sums + sums);
  return EIN_OK;
}

static size_t grain_of(const ein_rows *shape) { return 1 + (1 << 15) / shape->channels; }

ein_status ein_normalize(
  const ein_rows *shape, const void *x, const float *scale, const float *shift, float *mean, float *variance,
  void *result
) {
  const size_t channels = shape->channels;
  const int is_wide = shape->type == EIN_F32;
  work w = {.shape = shape, .x = x, .out = result};
  float *numbers;
  EIN_TRY(take(shape, 3, &w, &numbers));
  float *centre = numbers, *factor = numbers + channels, *offset = numbers + 2 * channels;
  if (!shape->uses_given_statistics) {
    // Distances from the first row are small numbers, whose squares keep what the values' own would lose.
    for (size_t c = 0; c < channels; c++) centre[c] = is_wide ? ((const float *)x)[c] : wide(((const bfloat *)x)[c]);
    w.centre = centre;
    sum(&w, is_wide ? moments_f32 : moments_bf16);
    for (size_t c = 0; c < channels; c++) {
      const double distance = w.sums[c] / (double)shape->rows;
      const double square = w.sums[channels + c] / (double)shape->rows - distance * distance;
      mean[c] = (float)(centre[c] + distance);
      variance[c] = square < 0 ? 0 : (float)square;
    }
  }
  for (size_t c = 0; c < channels; c++) {
    factor[c] = scale[c] / sqrtf(variance[c] + shape->epsilon);
    offset[c] = shift[c] - mean[c] * factor[c];
  }
  w.factor = factor;
  w.offset = offset;
  ein_parallel(shape->rows, grain_of(shape), is_wide ? result_f32 : result_bf16, &w);
  ein_memory_give(w.sums);
  return EIN_OK;
}

ein_status ein_normalize_gradient(
  const ein_rows *shape, const void *x, const void *gradient, const float *scale, const float *shift,
  const float *mean, const float *variance, void *out, float *scale_gradient, float *shift_gradient
) {
  const size_t channels = shape->channels;
  const int is_wide = shape->type == EIN_F32;
  work w = {.shape = shape, .x = x, .gradient = gradient, .out = out, .centre = mean};
  float *numbers;
  EIN_TRY(take(shape, 4, &w, &numbers));
  float *factor = numbers, *offset = numbers + channels, *constant = offset + channels, *slope = constant + channels;
  for (size_t c = 0; c < channels; c++) {
    factor[c] = scale[c] / sqrtf(variance[c] + shape->epsilon);
    offset[c] = shift[c] - mean[c] * factor[c];
  }
  w.factor = factor;
  w.offset = offset;
  sum(&w, is_wide ? products_f32 : products_bf16);
  for (size_t c = 0; c < channels; c++) {
    const double inverse = 1 / sqrt((double)variance[c] + shape->epsilon);
    shift_gradient[c] = (float)w.sums[c];
    scale_gradient[c] = (float)(w.sums[channels + c] * inverse);
    const double share = shape->uses_given_statistics ? 0 : factor[c] / (double)shape->rows;
    constant[c] = (float)(share * w.sums[c]);
    slope[c] = (float)(share * w.sums[channels + c] * inverse * inverse);
  }
  w.constant = constant;
  w.slope = slope;
  ein_parallel(shape->rows, grain_of(shape), is_wide ? gradient_f32 : gradient_bf16, &w);
  ein_memory_give(w.sums);
  return EIN_OK;
}
