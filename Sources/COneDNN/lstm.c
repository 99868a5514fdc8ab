// The steps of an LSTM layer. What depends on the step before is one small matrix product and the gates' arithmetic; all
// else of a layer is large matrix products over all steps, which the caller computes.
#include "internal.h"

// e^x − 1 to a few units in the last place, for x in −80 … 80 and as there beyond.
static inline float exp_minus_one(float x) {
  x = x > 80 ? 80 : x;
  x = x < -80 ? -80 : x;
  float power;
  const float series = exponential_parts(x, &power);
  return power * series + (power - 1);
}

static inline float sigmoid(float x) { return 1 / (2 + exp_minus_one(-x)); }

static inline float hyperbolic_tangent(float x) {
  const float e = exp_minus_one(2 * x);
  return e / (e + 2);
}

typedef struct {
  size_t hidden;
  const float *inputs, *sums;
  void *gates;
  const float *cell_before;
  float *cell;
  void *state;
} forward_step;

// Rows of a batch; a row of gates is input, forget, candidate and output one after another.
#define FORWARD(name, T, store)                                                              \
  CLONES static void name(void *context, size_t first, size_t last) {                        \
    const forward_step *s = context;                                                         \
    const size_t h = s->hidden;                                                              \
    for (size_t b = first; b < last; b++) {                                                  \
      const float *x = s->inputs + b * 4 * h, *r = s->sums + b * 4 * h;                      \
      const float *before = s->cell_before + b * h;                                          \
      float *cell = s->cell + b * h;                                                         \
      T *gates = (T *)s->gates + b * 4 * h, *state = (T *)s->state + b * h;                  \
      _Pragma("clang loop vectorize(assume_safety)")                                         \
      for (size_t j = 0; j < h; j++) {                                                       \
        const float in = sigmoid(x[j] + r[j]);                                               \
        const float forget = sigmoid(x[h + j] + r[h + j]);                                   \
        const float candidate = hyperbolic_tangent(x[2 * h + j] + r[2 * h + j]);             \
        const float out = sigmoid(x[3 * h + j] + r[3 * h + j]);                              \
        const float c = forget * before[j] + in * candidate;                                 \
        cell[j] = c;                                                                         \
        state[j] = store(out * hyperbolic_tangent(c));                                       \
        gates[j] = store(in);                                                                \
        gates[h + j] = store(forget);                                                        \
        gates[2 * h + j] = store(candidate);                                                 \
        gates[3 * h + j] = store(out);                                                       \
      }                                                                                      \
    }                                                                                        \
  }

FORWARD(forward_f32, float, same)
FORWARD(forward_bf16, bfloat, narrow)

typedef struct {
  size_t hidden;
  void *gates;
  const float *cell_before, *cell, *sums;
  const void *gradient;
  float *cell_gradient;
} backward_step;

#define BACKWARD(name, T, load, store)                                                       \
  CLONES static void name(void *context, size_t first, size_t last) {                        \
    const backward_step *s = context;                                                        \
    const size_t h = s->hidden;                                                              \
    for (size_t b = first; b < last; b++) {                                                  \
      T *gates = (T *)s->gates + b * 4 * h;                                                  \
      const T *gradient = (const T *)s->gradient + b * h;                                    \
      const float *before = s->cell_before + b * h, *cell = s->cell + b * h;                 \
      const float *sums = s->sums + b * h;                                                   \
      float *cell_gradient = s->cell_gradient + b * h;                                       \
      _Pragma("clang loop vectorize(assume_safety)")                                         \
      for (size_t j = 0; j < h; j++) {                                                       \
        const float in = load(gates[j]), forget = load(gates[h + j]);                        \
        const float candidate = load(gates[2 * h + j]), out = load(gates[3 * h + j]);        \
        const float activation = hyperbolic_tangent(cell[j]);                                \
        const float of_state = load(gradient[j]) + sums[j];                                  \
        const float of_cell = cell_gradient[j] + of_state * out * (1 - activation * activation); \
        cell_gradient[j] = of_cell * forget;                                                 \
        gates[j] = store(of_cell * candidate * in * (1 - in));                               \
        gates[h + j] = store(of_cell * before[j] * forget * (1 - forget));                   \
        gates[2 * h + j] = store(of_cell * in * (1 - candidate * candidate));                \
        gates[3 * h + j] = store(of_state * activation * out * (1 - out));                   \
      }                                                                                      \
    }                                                                                        \
  }

BACKWARD(backward_f32, float, same, same)
BACKWARD(backward_bf16, bfloat, wide, narrow)

static size_t size_of(ein_type type) { return type == EIN_F32 ? sizeof(float) : sizeof(bfloat); }

// Fewer rows are not worth a second thread.
static size_t grain_of(const ein_lstm *shape) { return 1 + 2048 / (size_t)shape->hidden; }

ein_status ein_lstm_forward(
  const ein_lstm *shape, ein_plan product, const void *weights, const float *inputs, float *sums, void *gates,
  float *cells, void *states
) {
  const size_t block = (size_t)(shape->batch * shape->hidden), size = size_of(shape->type);
  for (size_t t = 0; t < (size_t)shape->steps; t++) {
    void *before = (char *)states + t * block * size;
    const ein_argument arguments[] = {{EIN_SOURCE, before}, {EIN_WEIGHTS, (void *)weights}, {EIN_RESULT, sums}};
    EIN_TRY(ein_execute(product, arguments, 3));
    forward_step step = {
      (size_t)shape->hidden, inputs + t * 4 * block,    sums, (char *)gates + t * 4 * block * size,
      cells + t * block,     cells + (t + 1) * block, (char *)before + block * size,
    };
    ein_parallel(
      (size_t)shape->batch, grain_of(shape), shape->type == EIN_F32 ? forward_f32 : forward_bf16, &step);
  }
  return EIN_OK;
}

ein_status ein_lstm_backward(
  const ein_lstm *shape, ein_plan product, const void *weights, void *gates, const float *cells,
  const void *gradient, float *sums, float *cell_gradient
) {
  const size_t block = (size_t)(shape->batch * shape->hidden), size = size_of(shape->type);
  ein_clear(sums, block * sizeof *sums);
  ein_clear(cell_gradient, block * sizeof *cell_gradient);
  for (size_t t = (size_t)shape->steps; t-- > 0;) {
    char *of_gates = (char *)gates + t * 4 * block * size;
    backward_step step = {
      (size_t)shape->hidden, of_gates, cells + t * block, cells + (t + 1) * block, sums,
      (const char *)gradient + t * block * size, cell_gradient,
    };
    ein_parallel(
      (size_t)shape->batch, grain_of(shape), shape->type == EIN_F32 ? backward_f32 : backward_bf16, &step);
    if (t == 0) break;
    const ein_argument arguments[] = {{EIN_SOURCE, of_gates}, {EIN_WEIGHTS, (void *)weights}, {EIN_RESULT, sums}};
    EIN_TRY(ein_execute(product, arguments, 3));
  }
  return EIN_OK;
}
