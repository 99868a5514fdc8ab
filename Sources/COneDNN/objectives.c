// Objectives over the views of a whole batch: pairs, balanced codes and their prediction.
//
// Threads share out rows, or parts of them that depend on the number of rows alone, and what is summed over rows is summed
// in their order: the number of threads does not show.
#include <math.h>
#include <stdlib.h>

#include "internal.h"

enum { LANES = 16, PARTS = 64 };

#define INLINE static inline __attribute__((always_inline))

// e^x to two units of the last place for x up to 87, 0 below −87; NaN stays NaN.
INLINE float exponential(float x) {
  float power;
  const float series = exponential_parts(x, &power);
  return x < -87 ? 0 : power * (series + 1);
}

INLINE float largest_of(const float *x, size_t count) {
  float lanes[LANES];
  for (size_t j = 0; j < LANES; j++) lanes[j] = -INFINITY;
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t j = 0; j < LANES; j++) lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
  }
  for (; i < count; i++) lanes[0] = x[i] > lanes[0] ? x[i] : lanes[0];
  for (size_t j = 1; j < LANES; j++) lanes[0] = lanes[j] > lanes[0] ? lanes[j] : lanes[0];
  return lanes[0];
}

INLINE double sum_of(const double *lanes) {
  double sum = 0;
  for (size_t j = 0; j < LANES; j++) sum += lanes[j];
  return sum;
}

// Replaces x by e^((x − origin) · factor) and returns the sum.
INLINE double exponentials(float *x, size_t count, float origin, float factor) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t j = 0; j < LANES; j++) {
      x[i + j] = exponential((x[i + j] - origin) * factor);
      lanes[j] += (double)x[i + j];
    }
  }
  for (; i < count; i++) {
    x[i] = exponential((x[i] - origin) * factor);
    lanes[0] += (double)x[i];
  }
  return sum_of(lanes);
}

// Σ weights · (x − origin).
INLINE double weighted_distance(const float *weights, const float *x, float origin, size_t count) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t j = 0; j < LANES; j++) lanes[j] += (double)(weights[i + j] * (x[i + j] - origin));
  }
  for (; i < count; i++) lanes[0] += (double)(weights[i] * (x[i] - origin));
  return sum_of(lanes);
}

// Σ weights · x.
INLINE double weighted_sum(const double *weights, const float *x, size_t count) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t j = 0; j < LANES; j++) lanes[j] += weights[i + j] * (double)x[i + j];
  }
  for (; i < count; i++) lanes[0] += weights[i] * (double)x[i];
  return sum_of(lanes);
}

INLINE void scale(float *x, size_t count, float factor) {
  for (size_t i = 0; i < count; i++) x[i] *= factor;
}

// Runs `body` over rows that each leave a number in `sums`, and adds these up.
static ein_status sum_rows(size_t rows, double **sums, ein_body body, void *context, double *total) {
  *sums = malloc(rows * sizeof **sums);
  if (!*sums) return ein_fail(EIN_MEMORY, "no memory for the losses of %zu rows", rows);
  ein_parallel(rows, 1, body, context);
  *total = 0;
  for (size_t r = 0; r < rows; r++) *total += (*sums)[r];
  free(*sums);
  return EIN_OK;
}

// --- Pairs ---

typedef struct {
  float *scores;
  size_t rows;
  float parameter;
  int32_t subtracts_e;
  double *sums;
} pairs;

CLONES static void contrast_pairs(void *context, size_t first, size_t last) {
  const pairs *p = context;
  const size_t rows = p->rows;
  const float inverse = 1 / p->parameter, weight = inverse / (float)rows;
  for (size_t r = first; r < last; r++) {
    float *x = p->scores + r * rows;
    const size_t other = (r + rows / 2) % rows;
    const float right = x[other];
    x[r] = -INFINITY;
    const float largest = largest_of(x, rows);
    double sum = exponentials(x, rows, largest, inverse);
    if (p->subtracts_e) {
      sum += exp((1.0 - (double)largest) * (double)inverse) - exp(1.0 - (double)(largest * inverse));
    }
    scale(x, rows, (float)((double)weight / sum));
    x[other] -= weight;
    x[r] = 0;
    p->sums[r] = log(sum) + (double)((largest - right) * inverse);
  }
}

ein_status ein_pair_loss(float *scores, size_t rows, float temperature, int32_t subtracts_e, double *loss) {
  pairs p = {scores, rows, temperature, subtracts_e, NULL};
  EIN_TRY(sum_rows(rows, &p.sums, contrast_pairs, &p, loss));
  *loss /= (double)rows;
  return EIN_OK;
}

CLONES static void potential_of_pairs(void *context, size_t first, size_t last) {
  const pairs *p = context;
  for (size_t r = first; r < last; r++) {
    float *x = p->scores + r * p->rows;
    x[r] = -INFINITY;
    // ‖a − b‖² = 2 − 2 a · b for a and b of length 1.
    p->sums[r] = exponentials(x, p->rows, 1, 2 * p->parameter);
  }
}

ein_status ein_mean_potential(float *scores, size_t rows, float t, double *mean) {
  pairs p = {scores, rows, t, 0, NULL};
  EIN_TRY(sum_rows(rows, &p.sums, potential_of_pairs, &p, mean));
  *mean /= (double)rows * (double)(rows - 1);
  return EIN_OK;
}

// --- Balanced codes ---

// The plan is diag(of_row) · scores · diag(of_prototype), once the scores are exponentials.
typedef struct {
  float *scores, *codes;
  size_t rows, prototypes, part;
  float factor;
  int32_t is_first;
  double *of_row, *of_prototype;
  double *sums;  // [PARTS, prototypes]
} transport;

CLONES static void exponentials_of_rows(void *context, size_t first, size_t last) {
  const transport *t = context;
  for (size_t r = first; r < last; r++) {
    float *x = t->scores + r * t->prototypes;
    const float largest = largest_of(x, t->prototypes);
    t->of_row[r] = (double)largest;
    exponentials(x, t->prototypes, largest, t->factor);
  }
}

// Balances the rows, but for the first round, and sums what each prototype then has.
CLONES static void balance_rows(void *context, size_t first, size_t last) {
  const transport *t = context;
  const size_t prototypes = t->prototypes;
  for (size_t part = first; part < last; part++) {
    double *sums = t->sums + part * prototypes;
    memset(sums, 0, prototypes * sizeof *sums);
    const size_t end = (part + 1) * t->part < t->rows ? (part + 1) * t->part : t->rows;
    for (size_t r = part * t->part; r < end; r++) {
      const float *x = t->scores + r * prototypes;
      if (!t->is_first) t->of_row[r] = 1 / weighted_sum(t->of_prototype, x, prototypes);
      const double weight = t->of_row[r];
      for (size_t c = 0; c < prototypes; c++) sums[c] += weight * (double)x[c];
    }
  }
}

static void balance_prototypes(const transport *t) {
  for (size_t c = 0; c < t->prototypes; c++) {
    double sum = 0;
    for (size_t part = 0; part < PARTS; part++) sum += t->sums[part * t->prototypes + c];
    // A prototype out of reach of every row has no share.
    t->of_prototype[c] = sum == 0 ? 0 : 1 / sum;
  }
}

CLONES static void codes_of_rows(void *context, size_t first, size_t last) {
  const transport *t = context;
  for (size_t r = first; r < last; r++) {
    const float *x = t->scores + r * t->prototypes;
    float *codes = t->codes + r * t->prototypes;
    const double share = 1 / weighted_sum(t->of_prototype, x, t->prototypes);
    for (size_t c = 0; c < t->prototypes; c++) codes[c] = (float)(share * t->of_prototype[c] * (double)x[c]);
  }
}

ein_status ein_balanced_codes(
  float *scores, size_t rows, size_t prototypes, float epsilon, int32_t rounds, size_t wanted, float *codes
) {
  transport t = {scores, codes, rows, prototypes, (rows + PARTS - 1) / PARTS, 1 / epsilon, 1, NULL, NULL, NULL};
  double *work = malloc((rows + (PARTS + 1) * prototypes) * sizeof *work);
  if (!work) return ein_fail(EIN_MEMORY, "no memory for the codes of %zu rows", rows);
  t.of_row = work;
  t.of_prototype = work + rows;
  t.sums = t.of_prototype + prototypes;
  ein_parallel(rows, 1, exponentials_of_rows, &t);
  // Each row's exponentials are relative to its own largest; this makes up for it.
  double largest = -INFINITY;
  for (size_t r = 0; r < rows; r++) largest = t.of_row[r] > largest ? t.of_row[r] : largest;
  for (size_t r = 0; r < rows; r++) t.of_row[r] = exp((t.of_row[r] - largest) / (double)epsilon);
  for (size_t c = 0; c < prototypes; c++) t.of_prototype[c] = 1;
  for (int32_t round = 0; round < rounds; round++) {
    t.is_first = round == 0;
    ein_parallel(PARTS, 1, balance_rows, &t);
    balance_prototypes(&t);
  }
  ein_parallel(wanted, 1, codes_of_rows, &t);
  free(work);
  return EIN_OK;
}

// --- Prediction of codes ---

typedef struct {
  const ein_swap *shape;
  float *scores;
  double *sums;
} swap;

CLONES static void predict_codes(void *context, size_t first, size_t last) {
  const swap *s = context;
  const ein_swap *shape = s->shape;
  const size_t prototypes = shape->prototypes;
  const float inverse = 1 / shape->temperature, weight = shape->weight * inverse;
  for (size_t r = first; r < last; r++) {
    const size_t view = r / shape->batch, signal = r % shape->batch;
    float *x = s->scores + r * prototypes;
    const float largest = largest_of(x, prototypes);
    double distance = 0;
    size_t terms = 0;
    for (size_t v = 0; v < shape->code_views; v++) {
      if (v == view) continue;
      const float *codes = shape->codes + (v * shape->batch + signal) * prototypes;
      distance += weighted_distance(codes, x, largest, prototypes);
      terms++;
    }
    const double sum = exponentials(x, prototypes, largest, inverse);
    scale(x, prototypes, (float)((double)terms * (double)weight / sum));
    for (size_t v = 0; v < shape->code_views; v++) {
      if (v == view) continue;
      const float *codes = shape->codes + (v * shape->batch + signal) * prototypes;
      for (size_t c = 0; c < prototypes; c++) x[c] -= weight * codes[c];
    }
    s->sums[r] = (double)terms * log(sum) - distance * (double)inverse;
  }
}

ein_status ein_swapped_loss(const ein_swap *shape, float *scores, double *loss) {
  swap s = {shape, scores, NULL};
  EIN_TRY(sum_rows(shape->views * shape->batch, &s.sums, predict_codes, &s, loss));
  *loss *= (double)shape->weight;
  return EIN_OK;
}
