// Optimisers' steps: one pass over a parameter, its gradient and its moments. Every element is on its own, so the
// number of threads does not show.
#include <math.h>

#include "internal.h"

// Below this many elements a second thread costs more than it saves.
enum { GRAIN = 1 << 14 };

typedef struct {
  const void *settings;
  float *values;
  const float *gradient;
  float *first, *second;
} operands;

CLONES static void adam(void *context, size_t begin, size_t end) {
  const operands *o = context;
  const ein_adam *s = o->settings;
  float *values = o->values, *first = o->first, *second = o->second;
  const float *gradient = o->gradient;
  const float decay = s->is_decoupled ? 1 - s->learning_rate * s->weight_decay : 1;
  const float penalty = s->is_decoupled ? 0 : s->weight_decay;
  const float step = s->learning_rate / s->first_correction, root = 1 / sqrtf(s->second_correction);
  const float b1 = s->beta1, b2 = s->beta2, epsilon = s->epsilon, factor = s->gradient_scale;
  for (size_t i = begin; i < end; i++) {
    float g = gradient[i] * factor + penalty * values[i];
    first[i] = b1 * first[i] + (1 - b1) * g;
    second[i] = b2 * second[i] + (1 - b2) * g * g;
    // sqrtf would set errno, and the loop would not be vectorised.
    values[i] = values[i] * decay - step * first[i] / (__builtin_elementwise_sqrt(second[i]) * root + epsilon);
  }
}

void ein_adam_step(
  const ein_adam *settings, float *values, const float *gradient, float *first, float *second, size_t count
) {
  operands o = {settings, values, gradient, first, second};
  ein_parallel(count, GRAIN, adam, &o);
}

CLONES static void momentum(void *context, size_t begin, size_t end) {
  const operands *o = context;
  const ein_momentum *s = o->settings;
  float *values = o->values, *moment = o->first;
  const float *gradient = o->gradient;
  const float keep = s->momentum, decay = s->weight_decay, factor = s->gradient_scale;
  const float inner = s->inner_rate, outer = s->outer_rate;
  // What of the step is the moment, and what the gradient itself.
  const float share = s->is_nesterov ? keep : 1, ahead = s->is_nesterov ? 1 : 0;
  for (size_t i = begin; i < end; i++) {
    float g = inner * (gradient[i] * factor + decay * values[i]);
    float m = keep * moment[i] + g;
    moment[i] = m;
    values[i] -= outer * (share * m + ahead * g);
  }
}

void ein_momentum_step(
  const ein_momentum *settings, float *values, const float *gradient, float *moment, size_t count
) {
  operands o = {settings, values, gradient, moment, NULL};
  ein_parallel(count, GRAIN, momentum, &o);
}

CLONES static void approach(void *context, size_t begin, size_t end) {
  const operands *o = context;
  const float *online = o->gradient, rate = *(const float *)o->settings;
  float *target = o->values;
  for (size_t i = begin; i < end; i++) target[i] += rate * (online[i] - target[i]);
}

void ein_approach(float *target, const float *online, float rate, size_t count) {
  operands o = {&rate, target, online, NULL, NULL};
  ein_parallel(count, GRAIN, approach, &o);
}
