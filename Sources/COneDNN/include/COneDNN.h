// The compute engine's C interface: oneDNN 2.6 … 3.x behind one small surface, and the loops oneDNN lacks.
//
// Data is Float32 or bfloat16. A *layout* names a shape together with the type and the order of its elements in memory;
// a *plan* names a ready primitive. Both are small integers owned by this module, so nothing here needs oneDNN's headers.
//
// Layouts and plans belong to one thread, the one that called `ein_start`; memory may be given back from any.
// Every fallible call returns `EIN_OK` or a code whose text `ein_message` holds until the thread's next failure.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef int32_t ein_status;
enum {
  EIN_OK = 0,
  EIN_UNAVAILABLE = 1,  // built without oneDNN
  EIN_INVALID = 2,      // arguments that fit nothing
  EIN_UNSUPPORTED = 3,  // oneDNN has no implementation of this
  EIN_MEMORY = 4,       // out of memory
  EIN_FAILED = 5,       // oneDNN's own runtime error
};

// --- Runtime ---

// What the last failed call on this thread has to say.
const char *ein_message(void);
// "oneDNN 2.6.3", or why there is none.
const char *ein_engine_name(void);
// 1 if this processor computes in bfloat16 faster than in Float32.
int32_t ein_has_fast_bf16(void);
// Creates the engine once and makes this thread flush denormal numbers; later calls do nothing.
ein_status ein_start(void);
// Sets how many threads oneDNN and the loops below use; 1 until set. More than 1 needs a oneDNN whose OpenMP has GNU's
// entry points. Plans belong to the number they were made under.
ein_status ein_set_threads(int32_t count);

// --- Memory: 64-byte aligned blocks that are kept for reuse ---

ein_status ein_memory_take(size_t bytes, void **block);
void ein_memory_give(void *block);
// Returns every kept block to the system, as a request that it refuses does by itself.
void ein_memory_trim(void);
// Bytes in blocks that are taken now.
size_t ein_memory_taken(void);
// Bytes requested from the system since the start; constant in a steady state.
size_t ein_memory_requested(void);

// --- Layouts ---

// 0 is no layout.
typedef int32_t ein_layout;
#define EIN_MAX_RANK 6

// bfloat16 is the upper half of a Float32.
typedef enum { EIN_F32, EIN_BF16 } ein_type;

typedef struct {
  int32_t rank;
  ein_type type;
  int32_t is_strided;  // 1 if `strides` tell all: no blocks, no padding
  int64_t shape[EIN_MAX_RANK];
  int64_t strides[EIN_MAX_RANK];  // of an axis of length 1: as if it were dense
  size_t bytes;
} ein_layout_description;

// The layout with these strides (in elements), or oneDNN's free choice where `strides` is NULL.
ein_status ein_layout_make(
  int32_t rank, const int64_t *shape, const int64_t *strides, ein_type type, ein_layout *layout);
ein_status ein_layout_describe(ein_layout layout, ein_layout_description *description);

// --- Plans ---

typedef int64_t ein_plan;

typedef enum {
  EIN_SOURCE,
  EIN_WEIGHTS,
  EIN_BIAS,
  EIN_RESULT,
  EIN_MEAN,
  EIN_VARIANCE,
  EIN_SCALE,
  EIN_SHIFT,
  EIN_WORKSPACE,
  EIN_SOURCE_GRADIENT,
  EIN_WEIGHTS_GRADIENT,
  EIN_BIAS_GRADIENT,
  EIN_RESULT_GRADIENT,
  EIN_SCALE_GRADIENT,
  EIN_SHIFT_GRADIENT,
  EIN_ROLE_COUNT,
} ein_role;

typedef struct {
  ein_role role;
  void *data;
} ein_argument;

// The layout in which a plan takes or delivers an argument; 0 if it has none.
ein_status ein_plan_layout(ein_plan plan, ein_role role, ein_layout *layout);
ein_status ein_execute(ein_plan plan, const ein_argument *arguments, int32_t count);
// Primitives created since the start; constant in a steady state.
int64_t ein_primitives_created(void);

typedef struct {
  int64_t count, bytes;  // those of the results
} ein_reorders;

// Reorders executed since the start.
ein_reorders ein_reorders_run(void);

ein_status ein_reorder_plan(ein_layout from, ein_layout to, ein_plan *plan);

// result[…, m, n] = source[…, m, k] · weights[…, k, n] + bias; layouts say what is transposed.
ein_status ein_matmul_plan(
  ein_layout source, ein_layout weights, ein_layout bias, ein_layout result, ein_plan *plan);

typedef enum { EIN_FORWARD, EIN_BACKWARD_DATA, EIN_BACKWARD_WEIGHTS } ein_pass;

// A 1-D convolution [batch, inputs, length] → [batch, outputs, result_length]; oneDNN chooses every layout. The weights
// are [outputs, inputs, kernel], or [groups, outputs / groups, inputs / groups, kernel] where there are several groups;
// bias and the gradients of weights and bias are Float32 whatever `type` the rest has.
typedef struct {
  int64_t batch, inputs, outputs, groups, length, result_length, kernel, stride, padding_before, padding_after;
  int32_t has_bias;
  ein_type type;
} ein_convolution;

ein_status ein_convolution_plan(const ein_convolution *shape, ein_pass pass, ein_plan *plan);

// Maximum or mean over windows of a layout [batch, channels, length] → [batch, channels, result_length]; what is beyond
// the signal's ends counts for nothing. oneDNN chooses the result's layout.
typedef struct {
  ein_layout layout;
  int64_t result_length, kernel, stride, padding_before, padding_after;
  int32_t is_maximum;
  int32_t is_inference;  // no workspace
} ein_window;

ein_status ein_window_plan(const ein_window *shape, ein_pass pass, ein_plan *plan);

// Normalisation over axis 1 of a rank-3 layout [batch, channels, length].
typedef struct {
  ein_layout layout;
  float epsilon;
  int32_t uses_given_statistics;  // mean and variance are inputs, not computed from the batch
  int32_t fuses_relu;
  int32_t is_inference;  // no workspace, no statistics out
} ein_normalization;

ein_status ein_normalization_plan(const ein_normalization *shape, ein_pass pass, ein_plan *plan);

// --- LSTM: steps of one layer, gates in the order input, forget, candidate, output ---

typedef struct {
  int64_t steps, batch, hidden;
  ein_type type;  // of gates, states and their gradients; cells and sums are Float32
} ein_lstm;

// `product` is [batch, hidden] · [hidden, 4 · hidden] → Float32 with `weights` as it wants them, `inputs` [steps, batch,
// 4 · hidden] what the layer's inputs and biases bring to the gates, `sums` room for [batch, 4 · hidden]. Writes the gates
// [steps, batch, 4 · hidden], and cells and states [1 + steps, batch, hidden] behind those before the first step.
ein_status ein_lstm_forward(
  const ein_lstm *shape, ein_plan product, const void *weights, const float *inputs, float *sums, void *gates,
  float *cells, void *states);
// `product` is [batch, 4 · hidden] · [4 · hidden, hidden] → Float32, `gradient` that of the states behind the first, `sums`
// and `cell_gradient` room for [batch, hidden]. Replaces the gates by the gradients of what went into them.
ein_status ein_lstm_backward(
  const ein_lstm *shape, ein_plan product, const void *weights, void *gates, const float *cells,
  const void *gradient, float *sums, float *cell_gradient);

// --- Batch normalisation of rows of channels, which oneDNN's kernels do for some numbers of channels only ---

typedef struct {
  ein_type type;
  size_t rows, channels;
  float epsilon;
  int32_t uses_given_statistics;  // mean and variance are inputs, not computed from the rows
  int32_t fuses_relu;
} ein_rows;

// result = scale · (x − mean) / √(variance + epsilon) + shift; mean and variance are written unless they are given. The
// result is the same at any number of threads.
ein_status ein_normalize(
  const ein_rows *shape, const void *x, const float *scale, const float *shift, float *mean, float *variance,
  void *result);
ein_status ein_normalize_gradient(
  const ein_rows *shape, const void *x, const void *gradient, const float *scale, const float *shift,
  const float *mean, const float *variance, void *out, float *scale_gradient, float *shift_gradient);

// --- Element-wise loops over dense arrays of one type, computed in Float32 ---

void ein_fill(float *result, size_t count, float value);
void ein_add(ein_type type, const void *a, const void *b, void *result, size_t count);
void ein_scale(ein_type type, const void *a, float factor, void *result, size_t count);
void ein_relu(ein_type type, const void *a, void *result, size_t count);
// max(0, a + b).
void ein_add_relu(ein_type type, const void *a, const void *b, void *result, size_t count);
// gradient where result > 0, else 0.
void ein_relu_gradient(ein_type type, const void *result, const void *gradient, void *out, size_t count);
// a / (1 − rate), or 0 with probability `rate`, decided by the seed and the place.
void ein_dropout(ein_type type, const void *a, float rate, uint64_t seed, void *result, size_t count);
void ein_sigmoid(const float *a, float *result, size_t count);
void ein_sigmoid_gradient(const float *result, const float *gradient, float *out, size_t count);
// sums[c] = Σ_r a[r, c].
void ein_column_sums(ein_type type, const void *a, size_t rows, size_t columns, float *sums);
// rows[r, c] += a[c].
void ein_add_to_rows(const float *a, size_t rows, size_t columns, float *result);
// Sets bytes to zero.
void ein_clear(void *result, size_t bytes);
// result[p, r, i] = a[r, i · phases + p] for i < count, at (p · rows + r) · stride + i; `a` is dense.
void ein_split_phases(
  ein_type type, const void *a, size_t rows, size_t count, size_t phases, size_t stride, void *result);
double ein_sum_of_squares(const float *a, size_t count);

// --- Reductions over time: x[b, t, c] at b·batch_stride + t·time_stride + c, the first lengths[b] steps only ---

typedef struct {
  int64_t batch, channels, batch_stride, time_stride;
  const int32_t *lengths;  // each from 1
} ein_sequence;

void ein_time_mean(const float *x, const ein_sequence *shape, float *result);
void ein_time_mean_gradient(const float *gradient, const ein_sequence *shape, float *out);
void ein_time_max(const float *x, const ein_sequence *shape, float *result, int32_t *steps);
void ein_time_max_gradient(
  const float *gradient, const int32_t *steps, const ein_sequence *shape, float *out);
void ein_time_last(const float *x, const ein_sequence *shape, float *result);
void ein_time_last_gradient(const float *gradient, const ein_sequence *shape, float *out);

// --- Losses; each returns the loss and writes its gradient ---

// Mean over all elements of binary cross-entropy with logits.
double ein_binary_cross_entropy(const float *logits, const float *targets, size_t count, float *gradient);
// Mean over rows of cross-entropy against one class index a row.
double ein_cross_entropy(
  const float *logits, const int32_t *targets, size_t rows, size_t classes, float *gradient);

// Mean over elements with mask ≠ 0 of (a − b)², the gradient with respect to a; 0 if there are none.
double ein_masked_square_error(
  const float *a, const float *b, const uint8_t *mask, size_t count, float *gradient);
// result[r] = a[r] / max(‖a[r]‖, floor), norms[r] = ‖a[r]‖.
void ein_normalize_rows(
  const float *a, size_t rows, size_t columns, float floor, float *result, float *norms);
void ein_normalize_rows_gradient(
  const float *result, const float *norms, const float *gradient, size_t rows, size_t columns, float floor,
  float *out);

// Contrastive cross-entropy at `ahead` steps, see InfoNCE.swift.
typedef struct {
  int64_t batch, rows, tokens;  // scores[batch, rows, tokens]
  int64_t ahead, negatives;
  const int32_t *lengths;  // valid tokens of each sequence
} ein_contrast;

typedef struct {
  double loss;  // summed over positions and sequences
  int64_t positions, correct;
} ein_contrast_result;

// Draws indices[batch, rows, negatives] from a SplitMix64 state, uniform over the valid tokens but the positive.
void ein_contrast_draw(const ein_contrast *shape, uint64_t *state, int32_t *indices);
// Replaces the scores by `weight` times the loss's gradient with respect to them. The loss is NaN, and the scores are as
// they were, where there is no memory for it.
void ein_contrast_loss(
  const ein_contrast *shape, float *scores, const int32_t *indices, float weight, ein_contrast_result *result);

// --- Objectives over scores of rows of length 1, the same at any number of threads; see NTXent.swift and SwAV.swift ---

// NT-Xent: row r of scores[rows, rows] is to pick column (r + rows / 2) mod rows among all but its own. Replaces the
// scores by the gradient with respect to them. `subtracts_e`: of the sum over all columns, e^1 is taken away for a row's
// own, which is e^(1 / temperature); temperature ≤ 1 then.
ein_status ein_pair_loss(float *scores, size_t rows, float temperature, int32_t subtracts_e, double *loss);
// The mean of e^(−t ‖a − b‖²) over all pairs of different rows; the scores are lost.
ein_status ein_mean_potential(float *scores, size_t rows, float t, double *mean);

// Sinkhorn's and Knopp's iteration on e^(scores[rows, prototypes] / epsilon): rounds of balancing prototypes, then rows.
// Writes the first `wanted` rows of the plan, each of sum 1, to codes[wanted, prototypes]; the scores are lost. With 0
// rounds, a row's codes are its softmax.
ein_status ein_balanced_codes(
  float *scores, size_t rows, size_t prototypes, float epsilon, int32_t rounds, size_t wanted, float *codes);

// Each of `views` views of a batch predicts the codes of those of the first `code_views` views that are not itself.
typedef struct {
  size_t views, code_views, batch, prototypes;
  float temperature;
  float weight;        // of each cross-entropy
  const float *codes;  // [code_views, batch, prototypes]
} ein_swap;

// The weighted sum of cross-entropies. Replaces scores[views, batch, prototypes] by the gradient with respect to them.
ein_status ein_swapped_loss(const ein_swap *shape, float *scores, double *loss);

// --- Optimisers; see Optimizer.swift for the rules ---

// Adam and AdamW.
typedef struct {
  float learning_rate, beta1, beta2, epsilon, weight_decay;
  int32_t is_decoupled;                       // the decay is AdamW's
  float first_correction, second_correction;  // 1 − β₁^step, 1 − β₂^step
  float gradient_scale;
} ein_adam;

void ein_adam_step(
  const ein_adam *settings, float *values, const float *gradient, float *first, float *second, size_t count);

// moment = momentum·moment + inner_rate·(gradient + weight_decay·values), values −= outer_rate·moment: SGD with the
// learning rate outside, LARS with it inside.
typedef struct {
  float momentum, weight_decay, inner_rate, outer_rate, gradient_scale;
  int32_t is_nesterov;
} ein_momentum;

void ein_momentum_step(
  const ein_momentum *settings, float *values, const float *gradient, float *moment, size_t count);

// target += rate·(online − target).
void ein_approach(float *target, const float *online, float rate, size_t count);
