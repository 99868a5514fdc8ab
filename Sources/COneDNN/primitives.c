// Reorder, matrix product, convolution and normalisation plans.
#include <string.h>

#include "internal.h"

#ifdef EINTHOVEN_TRAINING

ein_status ein_reorder_plan(ein_layout from, ein_layout to, ein_plan *plan) {
  ein_key key = {3, {EIN_KEY_REORDER, from, to}};
  if (ein_plan_find(&key, plan)) return EIN_OK;
  ein_descriptor source = ein_layout_descriptor(from), result = ein_layout_descriptor(to);
  if (!source || !result) return ein_fail(EIN_INVALID, "reorder of no layout");
  dnnl_primitive_desc_t descriptor;
  EIN_TRY(ein_check(
    dnnl_reorder_primitive_desc_create(
      &descriptor, source, ein_engine(), result, ein_engine(), ein_attributes()),
    "reorder"));
  ein_binding bindings[] = {{EIN_SOURCE, from}, {EIN_RESULT, to}};
  return ein_plan_add(&key, descriptor, bindings, 2, plan);
}

ein_status ein_matmul_plan(
  ein_layout source, ein_layout weights, ein_layout bias, ein_layout result, ein_plan *plan
) {
  ein_key key = {5, {EIN_KEY_MATMUL, source, weights, bias, result}};
  if (ein_plan_find(&key, plan)) return EIN_OK;
  ein_descriptor a = ein_layout_descriptor(source), b = ein_layout_descriptor(weights);
  ein_descriptor c = ein_layout_descriptor(bias), d = ein_layout_descriptor(result);
  if (!a || !b || !d) return ein_fail(EIN_INVALID, "matrix product of no layout");
  dnnl_primitive_desc_t descriptor;
#if DNNL_VERSION_MAJOR >= 3
  EIN_TRY(ein_check(
    dnnl_matmul_primitive_desc_create(&descriptor, ein_engine(), a, b, c, d, ein_attributes()),
    "matrix product"));
#else
  dnnl_matmul_desc_t operation;
  EIN_TRY(ein_check(dnnl_matmul_desc_init(&operation, a, b, c, d), "matrix product"));
  EIN_TRY(ein_check(
    dnnl_primitive_desc_create(&descriptor, &operation, ein_attributes(), ein_engine(), NULL),
    "matrix product"));
#endif
  ein_binding bindings[] = {{EIN_SOURCE, 0}, {EIN_WEIGHTS, 0}, {EIN_BIAS, bias}, {EIN_RESULT, 0}};
  return ein_plan_add(&key, descriptor, bindings, 4, plan);
}

// --- Convolution ---

typedef struct {
  ein_layout source, weights, bias, result;
  dnnl_dims_t strides, dilations, before, after;
} convolution_layouts;

static ein_status lay_out(const ein_convolution *shape, convolution_layouts *out) {
  int64_t source[] = {shape->batch, shape->inputs, shape->length};
  int64_t weights[] = {shape->outputs, shape->inputs, shape->kernel};
  int64_t bias[] = {shape->outputs}, bias_strides[] = {1};
  int64_t result[] = {shape->batch, shape->outputs, shape->result_length};
  memset(out, 0, sizeof *out);
  EIN_TRY(ein_layout_make(3, source, NULL, &out->source));
  EIN_TRY(ein_layout_make(3, weights, NULL, &out->weights));
  if (shape->has_bias) EIN_TRY(ein_layout_make(1, bias, bias_strides, &out->bias));
  EIN_TRY(ein_layout_make(3, result, NULL, &out->result));
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
    12,
    {EIN_KEY_CONVOLUTION, pass, shape->batch, shape->inputs, shape->outputs, shape->length,
     shape->result_length, shape->kernel, shape->stride, shape->padding_before, shape->padding_after,
     shape->has_bias},
  };
  if (ein_plan_find(&key, plan)) return EIN_OK;
  const_dnnl_primitive_desc_t forward = NULL;
  if (pass != EIN_FORWARD) {
    ein_plan forward_plan;
    EIN_TRY(ein_convolution_plan(shape, EIN_FORWARD, &forward_plan));
    forward = ein_plan_descriptor(forward_plan);
  }
  convolution_layouts layouts;
  EIN_TRY(lay_out(shape, &layouts));
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

// --- Normalisation ---

static ein_status describe_normalization(
  const ein_normalization *shape, ein_layout layout, ein_pass pass, const_dnnl_primitive_desc_t forward,
  dnnl_primitive_desc_t *descriptor
) {
  unsigned flags = dnnl_use_scale | dnnl_use_shift;
  if (shape->uses_given_statistics) flags |= dnnl_use_global_stats;
  if (shape->fuses_relu) flags |= dnnl_fuse_norm_relu;
  dnnl_prop_kind_t kind = shape->is_inference ? dnnl_forward_inference : dnnl_forward_training;
  ein_descriptor x = ein_layout_descriptor(layout);
#if DNNL_VERSION_MAJOR >= 3
  return ein_check(
    pass == EIN_FORWARD
      ? dnnl_batch_normalization_forward_primitive_desc_create(
          descriptor, ein_engine(), kind, x, x, shape->epsilon, flags, ein_attributes())
      : dnnl_batch_normalization_backward_primitive_desc_create(
          descriptor, ein_engine(), dnnl_backward, x, x, x, shape->epsilon, flags, forward, ein_attributes()),
    "batch normalisation");
#else
  dnnl_batch_normalization_desc_t operation;
  EIN_TRY(ein_check(
    pass == EIN_FORWARD
      ? dnnl_batch_normalization_forward_desc_init(&operation, kind, x, shape->epsilon, flags)
      : dnnl_batch_normalization_backward_desc_init(&operation, dnnl_backward, x, x, shape->epsilon, flags),
    "batch normalisation"));
  return ein_check(
    dnnl_primitive_desc_create(descriptor, &operation, ein_attributes(), ein_engine(), forward),
    "batch normalisation");
#endif
}

ein_status ein_normalization_plan(const ein_normalization *shape, ein_pass pass, ein_plan *plan) {
  int32_t epsilon_bits;
  memcpy(&epsilon_bits, &shape->epsilon, sizeof epsilon_bits);
  ein_key key = {
    7,
    {EIN_KEY_NORMALIZATION, pass, shape->layout, epsilon_bits, shape->uses_given_statistics, shape->fuses_relu,
     shape->is_inference},
  };
  if (ein_plan_find(&key, plan)) return EIN_OK;
  const_dnnl_primitive_desc_t forward = NULL;
  if (pass != EIN_FORWARD) {
    ein_plan forward_plan;
    EIN_TRY(ein_normalization_plan(shape, EIN_FORWARD, &forward_plan));
    forward = ein_plan_descriptor(forward_plan);
  }
  // oneDNN's fast kernels want an image; a signal is one of height 1.
  ein_layout layout, channels;
  EIN_TRY(ein_layout_with_height(shape->layout, &layout));
  ein_layout_description description;
  EIN_TRY(ein_layout_describe(layout, &description));
  int64_t unit = 1;
  EIN_TRY(ein_layout_make(1, &description.shape[1], &unit, &channels));
  dnnl_primitive_desc_t descriptor;
  EIN_TRY(describe_normalization(shape, layout, pass, forward, &descriptor));
  ein_binding forwards[] = {
    {EIN_SOURCE, layout}, {EIN_RESULT, layout}, {EIN_MEAN, channels}, {EIN_VARIANCE, channels},
    {EIN_SCALE, channels}, {EIN_SHIFT, channels}, {EIN_WORKSPACE, 0},
  };
  ein_binding backwards[] = {
    {EIN_SOURCE, layout}, {EIN_RESULT_GRADIENT, layout}, {EIN_SOURCE_GRADIENT, layout},
    {EIN_MEAN, channels}, {EIN_VARIANCE, channels}, {EIN_SCALE, channels}, {EIN_SHIFT, channels},
    {EIN_SCALE_GRADIENT, channels}, {EIN_SHIFT_GRADIENT, channels}, {EIN_WORKSPACE, 0},
  };
  return pass == EIN_FORWARD ? ein_plan_add(&key, descriptor, forwards, 7, plan)
                             : ein_plan_add(&key, descriptor, backwards, 10, plan);
}

#else

ein_status ein_reorder_plan(ein_layout from, ein_layout to, ein_plan *plan) {
  (void)from, (void)to, (void)plan;
  return ein_start();
}

ein_status ein_matmul_plan(
  ein_layout source, ein_layout weights, ein_layout bias, ein_layout result, ein_plan *plan
) {
  (void)source, (void)weights, (void)bias, (void)result, (void)plan;
  return ein_start();
}

ein_status ein_convolution_plan(const ein_convolution *shape, ein_pass pass, ein_plan *plan) {
  (void)shape, (void)pass, (void)plan;
  return ein_start();
}

ein_status ein_normalization_plan(const ein_normalization *shape, ein_pass pass, ein_plan *plan) {
  (void)shape, (void)pass, (void)plan;
  return ein_start();
}

#endif
