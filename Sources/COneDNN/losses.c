// Losses with their gradients.
#include <math.h>
#include <string.h>

#include "internal.h"

double ein_binary_cross_entropy(const float *logits, const float *targets, size_t count, float *gradient) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    float x = logits[i], e = expf(-fabsf(x));
    // log(1 + e^x) − x·y, in the form that never overflows.
    sum += (x > 0 ? x : 0) - x * targets[i] + log1pf(e);
    float probability = x >= 0 ? 1 / (1 + e) : e / (1 + e);
    gradient[i] = (probability - targets[i]) / (float)count;
  }
  return sum / (double)count;
}

double ein_cross_entropy(
  const float *logits, const int32_t *targets, size_t rows, size_t classes, float *gradient
) {
  double total = 0;
  for (size_t r = 0; r < rows; r++) {
    const float *x = logits + r * classes;
    float *g = gradient + r * classes;
    float largest = x[0];
    for (size_t c = 1; c < classes; c++) largest = x[c] > largest ? x[c] : largest;
    float sum = 0;
    for (size_t c = 0; c < classes; c++) sum += g[c] = expf(x[c] - largest);
    for (size_t c = 0; c < classes; c++) g[c] /= sum * (float)rows;
    g[targets[r]] -= 1 / (float)rows;
    total += logf(sum) + largest - x[targets[r]];
  }
  return total / (double)rows;
}

double ein_masked_square_error(
  const float *a, const float *b, const uint8_t *mask, size_t count, float *gradient
) {
  double sum = 0;
  size_t counted = 0;
  for (size_t i = 0; i < count; i++) counted += mask[i] != 0;
  const float factor = counted ? 2 / (float)counted : 0;
  for (size_t i = 0; i < count; i++) {
    const float difference = mask[i] ? a[i] - b[i] : 0;
    sum += (double)difference * difference;
    gradient[i] = difference * factor;
  }
  return counted ? sum / (double)counted : 0;
}

void ein_normalize_rows(
  const float *a, size_t rows, size_t columns, float floor, float *result, float *norms
) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = a + r * columns;
    float *y = result + r * columns;
    norms[r] = (float)sqrt(ein_sum_of_squares(x, columns));
    const float divisor = norms[r] > floor ? norms[r] : floor;
    for (size_t c = 0; c < columns; c++) y[c] = x[c] / divisor;
  }
}

void ein_normalize_rows_gradient(
  const float *result, const float *norms, const float *gradient, size_t rows, size_t columns, float floor,
  float *out
) {
  for (size_t r = 0; r < rows; r++) {
    const float *y = result + r * columns, *g = gradient + r * columns;
    double along = 0;
    // Below the floor the divisor is a constant.
    if (norms[r] > floor) {
      for (size_t c = 0; c < columns; c++) along += (double)y[c] * g[c];
    }
    const float divisor = norms[r] > floor ? norms[r] : floor, projection = (float)along;
    for (size_t c = 0; c < columns; c++) out[r * columns + c] = (g[c] - projection * y[c]) / divisor;
  }
}

// --- Contrastive ---

static uint64_t next(uint64_t *state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// As SplitMix64.next(below:), by Lemire's method.
static uint64_t next_below(uint64_t *state, uint64_t bound) {
  unsigned __int128 product = (unsigned __int128)next(state) * bound;
  if ((uint64_t)product < bound) {
    uint64_t threshold = -bound % bound;
    while ((uint64_t)product < threshold) product = (unsigned __int128)next(state) * bound;
  }
  return (uint64_t)(product >> 64);
}

// Positions of sequence b that have a positive and at least one other token.
static int64_t positions_of(const ein_contrast *shape, int64_t b) {
  int64_t length = shape->lengths[b], positions = length - shape->ahead;
  if (length < 2 || positions < 0) return 0;
  return positions < shape->rows ? positions : shape->rows;
}

void ein_contrast_draw(const ein_contrast *shape, uint64_t *state, int32_t *indices) {
  for (int64_t b = 0; b < shape->batch; b++) {
    int64_t positions = positions_of(shape, b);
    int32_t *of_sequence = indices + b * shape->rows * shape->negatives;
    memset(of_sequence, 0, (size_t)(shape->rows * shape->negatives) * sizeof *indices);
    for (int64_t t = 0; t < positions; t++) {
      for (int64_t n = 0; n < shape->negatives; n++) {
        int64_t j = (int64_t)next_below(state, (uint64_t)shape->lengths[b] - 1);
        of_sequence[t * shape->negatives + n] = (int32_t)(j < t + shape->ahead ? j : j + 1);
      }
    }
  }
}

typedef struct {
  const ein_contrast *shape;
  float *scores;
  const int32_t *indices;
  float weight;
  ein_contrast_result *of_sequence;
  float *logits;  // [batch, negatives]
} contrast_work;

// One row: gathers the positive's and the negatives' scores, and scatters the softmax's gradient back.
static float contrast_row(
  float *scores, int64_t tokens, int64_t positive, const int32_t *negatives, int64_t count, float weight,
  float *logits, int *correct
) {
  float right = scores[positive], largest = right;
  int is_largest = 1;
  for (int64_t n = 0; n < count; n++) {
    float score = logits[n] = scores[negatives[n]];
    is_largest &= score < right;
    largest = score > largest ? score : largest;
  }
  float sum = 0;
  for (int64_t n = 0; n < count; n++) logits[n] = expf(logits[n] - largest);
  for (int64_t n = 0; n < count; n++) sum += logits[n];
  float of_right = expf(right - largest);
  sum += of_right;
  memset(scores, 0, (size_t)tokens * sizeof *scores);
  float factor = weight / sum;
  for (int64_t n = 0; n < count; n++) scores[negatives[n]] += logits[n] * factor;
  scores[positive] += of_right * factor - weight;
  *correct = is_largest;
  return logf(sum) + largest - right;
}

static void contrast_sequences(void *context, size_t first, size_t last) {
  const contrast_work *work = context;
  const ein_contrast *shape = work->shape;
  for (size_t b = first; b < last; b++) {
    int64_t positions = positions_of(shape, (int64_t)b);
    float *scores = work->scores + (int64_t)b * shape->rows * shape->tokens;
    const int32_t *indices = work->indices + (int64_t)b * shape->rows * shape->negatives;
    float *logits = work->logits + (int64_t)b * shape->negatives;
    ein_contrast_result *out = &work->of_sequence[b];
    *out = (ein_contrast_result){0, positions, 0};
    for (int64_t t = 0; t < positions; t++) {
      int correct;
      out->loss += contrast_row(
        scores + t * shape->tokens, shape->tokens, t + shape->ahead, indices + t * shape->negatives,
        shape->negatives, work->weight, logits, &correct);
      out->correct += correct;
    }
    memset(
      scores + positions * shape->tokens, 0,
      (size_t)((shape->rows - positions) * shape->tokens) * sizeof *scores);
  }
}

void ein_contrast_loss(
  const ein_contrast *shape, float *scores, const int32_t *indices, float weight, ein_contrast_result *result
) {
  *result = (ein_contrast_result){0};
  const size_t batch = (size_t)shape->batch;
  void *block;
  if (ein_memory_take(batch * (sizeof(ein_contrast_result) + (size_t)shape->negatives * sizeof(float)), &block)) {
    result->loss = NAN;
    return;
  }
  ein_contrast_result *of_sequence = block;
  contrast_work work = {shape, scores, indices, weight, of_sequence, (float *)(of_sequence + batch)};
  ein_parallel((size_t)shape->batch, 1, contrast_sequences, &work);
  // Summed in the order of the sequences, so that the number of threads does not show.
  for (int64_t b = 0; b < shape->batch; b++) {
    result->loss += of_sequence[b].loss;
    result->positions += of_sequence[b].positions;
    result->correct += of_sequence[b].correct;
  }
  ein_memory_give(block);
}
