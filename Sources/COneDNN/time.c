// Mean, maximum and last element over time, and their gradients, for sequences of different valid lengths.
#include <string.h>

#include "internal.h"

static const float *row_of(const float *x, const ein_sequence *s, int64_t b, int64_t t) {
  return x + b * s->batch_stride + t * s->time_stride;
}

void ein_time_mean(const float *x, const ein_sequence *s, float *result) {
  memset(result, 0, (size_t)(s->batch * s->channels) * sizeof *result);
  for (int64_t b = 0; b < s->batch; b++) {
    float *out = result + b * s->channels;
    for (int64_t t = 0; t < s->lengths[b]; t++) {
      const float *row = row_of(x, s, b, t);
      for (int64_t c = 0; c < s->channels; c++) out[c] += row[c];
    }
    float factor = 1.0f / (float)s->lengths[b];
    for (int64_t c = 0; c < s->channels; c++) out[c] *= factor;
  }
}

void ein_time_mean_gradient(const float *gradient, const ein_sequence *s, float *out) {
  for (int64_t b = 0; b < s->batch; b++) {
    const float *g = gradient + b * s->channels;
    float factor = 1.0f / (float)s->lengths[b];
    for (int64_t t = 0; t < s->lengths[b]; t++) {
      float *row = (float *)row_of(out, s, b, t);
      for (int64_t c = 0; c < s->channels; c++) row[c] = g[c] * factor;
    }
  }
}

void ein_time_max(const float *x, const ein_sequence *s, float *result, int32_t *steps) {
  for (int64_t b = 0; b < s->batch; b++) {
    float *out = result + b * s->channels;
    int32_t *step = steps + b * s->channels;
    memcpy(out, row_of(x, s, b, 0), (size_t)s->channels * sizeof *out);
    memset(step, 0, (size_t)s->channels * sizeof *step);
    for (int32_t t = 1; t < s->lengths[b]; t++) {
      const float *row = row_of(x, s, b, t);
      for (int64_t c = 0; c < s->channels; c++) {
        step[c] = row[c] > out[c] ? t : step[c];
        out[c] = row[c] > out[c] ? row[c] : out[c];
      }
    }
  }
}

void ein_time_max_gradient(const float *gradient, const int32_t *steps, const ein_sequence *s, float *out) {
  for (int64_t b = 0; b < s->batch; b++) {
    for (int64_t c = 0; c < s->channels; c++) {
      int64_t i = b * s->channels + c;
      out[b * s->batch_stride + steps[i] * s->time_stride + c] = gradient[i];
    }
  }
}

void ein_time_last(const float *x, const ein_sequence *s, float *result) {
  for (int64_t b = 0; b < s->batch; b++) {
    memcpy(
      result + b * s->channels, row_of(x, s, b, s->lengths[b] - 1), (size_t)s->channels * sizeof *result);
  }
}

void ein_time_last_gradient(const float *gradient, const ein_sequence *s, float *out) {
  for (int64_t b = 0; b < s->batch; b++) {
    float *row = (float *)row_of(out, s, b, s->lengths[b] - 1);
    memcpy(row, gradient + b * s->channels, (size_t)s->channels * sizeof *row);
  }
}
