// Plans of maxima and means over windows in time.
#include "internal.h"

#ifdef EINTHOVEN_TRAINING

static ein_status describe(
  const ein_window *shape, ein_layout result_layout, ein_pass pass, const_dnnl_primitive_desc_t forward,
  dnnl_primitive_desc_t *descriptor
) {
  const dnnl_dims_t strides = {shape->stride}, kernel = {shape->kernel};
  const dnnl_dims_t before = {shape->padding_before}, after = {shape->padding_after};
  const dnnl_alg_kind_t kind = shape->is_maximum ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding;
  const dnnl_prop_kind_t use = shape->is_inference ? dnnl_forward_inference : dnnl_forward_training;
  ein_descriptor x = ein_layout_descriptor(shape->layout), y = ein_layout_descriptor(result_layout);
#if DNNL_VERSION_MAJOR >= 3
  const dnnl_dims_t dilations = {0};
  return ein_check(
    pass == EIN_FORWARD
      ? dnnl_pooling_forward_primitive_desc_create(
          descriptor, ein_engine(), use, kind, x, y, strides, kernel, dilations, before, after, ein_attributes())
      : dnnl_pooling_backward_primitive_desc_create(
          descriptor, ein_engine(), kind, x, y, strides, kernel, dilations, before, after, forward,
          ein_attributes()),
    "pooling");
#else
  dnnl_pooling_desc_t operation;
  EIN_TRY(ein_check(
    pass == EIN_FORWARD
      ? dnnl_pooling_forward_desc_init(&operation, use, kind, x, y, strides, kernel, before, after)
      : dnnl_pooling_backward_desc_init(&operation, kind, x, y, strides, kernel, before, after),
    "pooling"));
  return ein_check(
    dnnl_primitive_desc_create(descriptor, &operation, ein_attributes(), ein_engine(), forward), "pooling");
#endif
}

ein_status ein_window_plan(const ein_window *shape, ein_pass pass, ein_plan *plan) {
  ein_key key = {
    10,
    {EIN_KEY_WINDOW, pass, shape->layout, shape->result_length, shape->kernel, shape->stride,
     shape->padding_before, shape->padding_after, shape->is_maximum, shape->is_inference},
  };
  if (ein_plan_find(&key, plan)) return EIN_OK;
  ein_layout_description source;
  EIN_TRY(ein_layout_describe(shape->layout, &source));
  int64_t result[] = {source.shape[0], source.shape[1], shape->result_length};
  ein_layout result_layout;
  const_dnnl_primitive_desc_t forward = NULL;
  if (pass == EIN_FORWARD) {
    EIN_TRY(ein_layout_make(3, result, NULL, source.type, &result_layout));
  } else {
    ein_plan forward_plan;
    EIN_TRY(ein_window_plan(shape, EIN_FORWARD, &forward_plan));
    forward = ein_plan_descriptor(forward_plan);
    EIN_TRY(ein_plan_layout(forward_plan, EIN_RESULT, &result_layout));
  }
  dnnl_primitive_desc_t descriptor;
  EIN_TRY(describe(shape, result_layout, pass, forward, &descriptor));
  ein_binding forwards[] = {{EIN_SOURCE, shape->layout}, {EIN_RESULT, 0}, {EIN_WORKSPACE, 0}};
  ein_binding backwards[] = {
    {EIN_SOURCE_GRADIENT, shape->layout}, {EIN_RESULT_GRADIENT, result_layout}, {EIN_WORKSPACE, 0}};
  return ein_plan_add(&key, descriptor, pass == EIN_FORWARD ? forwards : backwards, 3, plan);
}

#else

ein_status ein_window_plan(const ein_window *shape, ein_pass pass, ein_plan *plan) {
  (void)shape, (void)pass, (void)plan;
  return ein_start();
}

#endif
