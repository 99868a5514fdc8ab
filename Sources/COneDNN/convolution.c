// Convolution plans.
#include <string.h>

#include "internal.h"

#ifdef EINTHOVEN_TRAINING

typedef struct {
  ein_layout source, weights, bias, result;
  dnnl_dims_t strides, dilations, before, after;
} convolution_layouts;

static ein_status lay_out(const ein_convolution *shape, ein_pass pass, convolution_layouts *out) {
  const int64_t g = shape->groups;
  int64_t source[] = {shape->batch, shape->inputs, shape->length};
  int64_t weights[] = {shape->outputs, shape->inputs, shape->kernel};
  int64_t grouped[] = {g, shape->outputs / g, shape->inputs / g, shape->kernel};
  int64_t bias[] = {shape->outputs}, bias_strides[] = {1};
  int64_t result[] = {shape->batch, shape->outputs, shape->result_length};
  // Optimisers want gradients in full.
  const ein_type weight_type = pass == EIN_BACKWARD_WEIGHTS ? EIN_F32 : shape->type;
  memset(out, 0, sizeof *out);
  EIN_TRY(ein_layout_make(3, source, NULL, shape->type, &out->source));
  EIN_TRY(ein_layout_make(g > 1 ? 4 : 3, g > 1 ? grouped : weights, NULL, weight_type, &out->weights));
  if (shape->has_bias) EIN_TRY(ein_layout_make(1, bias, bias_strides, EIN_F32, &out->bias));
  EIN_TRY(ein_layout_make(3, result, NULL, shape->type, &out->result));
  out->strides[0] = shape->stride;
  out->before[0] = shape->padding_before;
  out->after[0] = shape->padding_after;
  return EIN_OK;
}

static ein_status describe_convolution(
  const convolution_layouts *layouts, ein_pass pass, const_dnnl_primitive_desc_t forward,
  dnnl_primitive_desc_t *descriptor
) {
  ein_descriptor x = ein_layout_descriptor(layouts->source), w = ein_layout_descriptor(layouts->weights);
  ein_descriptor b = ein_layout_descriptor(layouts->bias), y = ein_layout_descriptor(layouts->result);
  const dnnl_dim_t *s = layouts->strides, *before = layouts->before, *after = layouts->after;
  const dnnl_alg_kind_t direct = dnnl_convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  const dnnl_dim_t *d = layouts->dilations;
  dnnl_engine_t e = ein_engine();
  dnnl_primitive_attr_t a = ein_attributes();
  switch (pass) {
    case EIN_FORWARD:
      return ein_check(
        dnnl_convolution_forward_primitive_desc_create(
          descriptor, e, dnnl_forward_training, direct, x, w, b, y, s, d, before, after, a),
        "convolution");
    case EIN_BACKWARD_DATA:
      return ein_check(
        dnnl_convolution_backward_data_primitive_desc_create(
          descriptor, e, direct, x, w, y, s, d, before, after, forward, a),
        "convolution gradient");
    default:
      return ein_check(
        dnnl_convolution_backward_weights_primitive_desc_create(
          descriptor, e, direct, x, w, b, y, s, d, before, after, forward, a),
        "convolution gradient");
  }
#else
  dnnl_convolution_desc_t operation;
  dnnl_status_t status;
  switch (pass) {
    case EIN_FORWARD:
      status = dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_training, direct, x, w, b, y, s, before, after);
      break;
    case EIN_BACKWARD_DATA:
      status = dnnl_convolution_backward_data_desc_init(&operation, direct, x, w, y, s, before, after);
      break;
    default:
      status = dnnl_convolution_backward_weights_desc_init(&operation, direct, x, w, b, y, s, before, after);
  }
  EIN_TRY(ein_check(status, "convolution"));
  return ein_check(
    dnnl_primitive_desc_create(descriptor, &operation, ein_attributes(), ein_engine(), forward), "convolution");
#endif
}

ein_status ein_convolution_plan(const ein_convolution *shape, ein_pass pass, ein_plan *plan) {
  ein_key key = {
    14,
    {EIN_KEY_CONVOLUTION, pass, shape->batch, shape->inputs, shape->outputs, shape->groups, shape->length,
     shape->result_length, shape->kernel, shape->stride, shape->padding_before, shape->padding_after,
     shape->has_bias, shape->type},
  };
  if (ein_plan_find(&key, plan)) return EIN_OK;
  const_dnnl_primitive_desc_t forward = NULL;
  if (shape->groups < 1 || shape->inputs % shape->groups || shape->outputs % shape->groups) {
    return ein_fail(EIN_INVALID, "a convolution whose channels do not make %d groups", (int)shape->groups);
  }
  if (pass != EIN_FORWARD) {
    ein_plan forward_plan;
    EIN_TRY(ein_convolution_plan(shape, EIN_FORWARD, &forward_plan));
    forward = ein_plan_descriptor(forward_plan);
  }
  convolution_layouts layouts;
  EIN_TRY(lay_out(shape, pass, &layouts));
  dnnl_primitive_desc_t descriptor;
  EIN_TRY(describe_convolution(&layouts, pass, forward, &descriptor));
  static const ein_role roles[][4] = {
    [EIN_FORWARD] = {EIN_SOURCE, EIN_WEIGHTS, EIN_BIAS, EIN_RESULT},
    [EIN_BACKWARD_DATA] = {EIN_RESULT_GRADIENT, EIN_WEIGHTS, EIN_SOURCE_GRADIENT, EIN_ROLE_COUNT},
    [EIN_BACKWARD_WEIGHTS] = {EIN_SOURCE, EIN_RESULT_GRADIENT, EIN_WEIGHTS_GRADIENT, EIN_BIAS_GRADIENT},
  };
  ein_binding bindings[4];
  int32_t count = 0;
  for (int i = 0; i < 4; i++) {
    if (roles[pass][i] != EIN_ROLE_COUNT) bindings[count++] = (ein_binding){roles[pass][i], 0};
  }
  return ein_plan_add(&key, descriptor, bindings, count, plan);
}

#else

ein_status ein_convolution_plan(const ein_convolution *shape, ein_pass pass, ein_plan *plan) {
  (void)shape, (void)pass, (void)plan;
  return ein_start();
}

#endif
