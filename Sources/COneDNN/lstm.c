// LSTM plans. Axes, in oneDNN's letters: T time, N batch, C channels; L layers and D directions, both 1 here;
// I inputs, G the four gates (input, forget, candidate, output, as in PyTorch), O hidden units.
//
// The states before and after the sequence are always passed, as zeros and as scratch. They are optional to oneDNN, but
// without them 2.6.3 takes h[t] for h[t − 1] in the gradient of the recurrent weights.
#include "internal.h"

#ifdef EINTHOVEN_TRAINING

typedef struct {
  ein_layout source, state, cell, weights, recurrent, bias, result;
} lstm_layouts;

static ein_status lay_out(const ein_lstm *shape, ein_type type, lstm_layouts *out) {
  const int64_t t = shape->length, n = shape->batch, i = shape->inputs, h = shape->hidden;
  int64_t source[] = {t, n, i}, source_strides[] = {n * i, i, 1};
  int64_t state[] = {1, 1, n, h}, state_strides[] = {n * h, n * h, h, 1};
  int64_t result[] = {t, n, h}, result_strides[] = {n * h, h, 1};
  int64_t weights[] = {1, 1, i, 4, h}, recurrent[] = {1, 1, h, 4, h};
  int64_t bias[] = {1, 1, 4, h}, bias_strides[] = {4 * h, 4 * h, h, 1};
  EIN_TRY(ein_layout_make(3, source, source_strides, type, &out->source));
  EIN_TRY(ein_layout_make(4, state, state_strides, type, &out->state));
  EIN_TRY(ein_layout_make(4, state, state_strides, EIN_F32, &out->cell));
  EIN_TRY(ein_layout_make(5, weights, NULL, type, &out->weights));
  EIN_TRY(ein_layout_make(5, recurrent, NULL, type, &out->recurrent));
  EIN_TRY(ein_layout_make(4, bias, bias_strides, EIN_F32, &out->bias));
  return ein_layout_make(3, result, result_strides, type, &out->result);
}

static ein_status describe(
  const ein_lstm *shape, const lstm_layouts *layouts, const lstm_layouts *gradients, ein_pass pass,
  const_dnnl_primitive_desc_t forward, dnnl_primitive_desc_t *descriptor
) {
  ein_descriptor x = ein_layout_descriptor(layouts->source), w = ein_layout_descriptor(layouts->weights);
  ein_descriptor r = ein_layout_descriptor(layouts->recurrent), b = ein_layout_descriptor(layouts->bias);
  ein_descriptor s = ein_layout_descriptor(layouts->state), c = ein_layout_descriptor(layouts->cell);
  ein_descriptor y = ein_layout_descriptor(layouts->result);
  ein_descriptor dx = ein_layout_descriptor(gradients->source), ds = ein_layout_descriptor(gradients->state);
  ein_descriptor dw = ein_layout_descriptor(gradients->weights), dr = ein_layout_descriptor(gradients->recurrent);
  ein_descriptor dy = ein_layout_descriptor(gradients->result);
  dnnl_prop_kind_t kind = shape->is_inference ? dnnl_forward_inference : dnnl_forward_training;
  dnnl_rnn_direction_t onwards = dnnl_unidirectional_left2right;
#if DNNL_VERSION_MAJOR >= 3
  dnnl_engine_t e = ein_engine();
  dnnl_primitive_attr_t a = ein_attributes();
  return ein_check(
    pass == EIN_FORWARD
      ? dnnl_lstm_forward_primitive_desc_create(
          descriptor, e, kind, onwards, x, s, c, w, r, NULL, NULL, b, y, s, c,
          dnnl_rnn_flags_undef, a)
      : dnnl_lstm_backward_primitive_desc_create(
          descriptor, e, dnnl_backward, onwards, x, s, c, w, r, NULL, NULL, b, y, s, c, dx, ds,
          ds, dw, dr, NULL, NULL, b, dy, ds, ds, dnnl_rnn_flags_undef, forward, a),
    "LSTM");
#else
  dnnl_rnn_desc_t operation;
  EIN_TRY(ein_check(
    pass == EIN_FORWARD
      ? dnnl_lstm_forward_desc_init(
          &operation, kind, onwards, x, s, c, w, r, b, y, s, c, dnnl_rnn_flags_undef)
      : dnnl_lstm_backward_desc_init(
          &operation, dnnl_backward, onwards, x, s, c, w, r, b, y, s, c, dx, ds, ds, dw, dr, b, dy, ds, ds,
          dnnl_rnn_flags_undef),
    "LSTM"));
  return ein_check(
    dnnl_primitive_desc_create(descriptor, &operation, ein_attributes(), ein_engine(), forward), "LSTM");
#endif
}

ein_status ein_lstm_plan(const ein_lstm *shape, ein_pass pass, ein_plan *plan) {
  ein_key key = {
    8,
    {EIN_KEY_LSTM, pass, shape->length, shape->batch, shape->inputs, shape->hidden, shape->is_inference,
     shape->type},
  };
  if (ein_plan_find(&key, plan)) return EIN_OK;
  const_dnnl_primitive_desc_t forward = NULL;
  if (pass != EIN_FORWARD) {
    ein_plan forward_plan;
    EIN_TRY(ein_lstm_plan(shape, EIN_FORWARD, &forward_plan));
    forward = ein_plan_descriptor(forward_plan);
  }
  lstm_layouts layouts, gradients;
  EIN_TRY(lay_out(shape, shape->type, &layouts));
  EIN_TRY(lay_out(shape, EIN_F32, &gradients));
  dnnl_primitive_desc_t descriptor;
  EIN_TRY(describe(shape, &layouts, &gradients, pass, forward, &descriptor));
  ein_binding bindings[] = {
    {EIN_SOURCE, layouts.source},
    {EIN_SOURCE_STATE, layouts.state},
    {EIN_SOURCE_CELL, layouts.cell},
    {EIN_WEIGHTS, 0},
    {EIN_RECURRENT_WEIGHTS, 0},
    {EIN_BIAS, layouts.bias},
    {EIN_RESULT, layouts.result},
    {EIN_RESULT_STATE, layouts.state},
    {EIN_RESULT_CELL, layouts.cell},
    {EIN_WORKSPACE, 0},
    {EIN_SOURCE_GRADIENT, gradients.source},
    {EIN_SOURCE_STATE_GRADIENT, gradients.state},
    {EIN_SOURCE_CELL_GRADIENT, gradients.state},
    {EIN_WEIGHTS_GRADIENT, 0},
    {EIN_RECURRENT_WEIGHTS_GRADIENT, 0},
    {EIN_BIAS_GRADIENT, layouts.bias},
    {EIN_RESULT_GRADIENT, gradients.result},
    {EIN_RESULT_STATE_GRADIENT, gradients.state},
    {EIN_RESULT_CELL_GRADIENT, gradients.state},
  };
  return ein_plan_add(&key, descriptor, bindings, pass == EIN_FORWARD ? 10 : 19, plan);
}

#else

ein_status ein_lstm_plan(const ein_lstm *shape, ein_pass pass, ein_plan *plan) {
  (void)shape, (void)pass, (void)plan;
  return ein_start();
}

#endif
