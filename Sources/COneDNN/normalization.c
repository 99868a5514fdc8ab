// Batch normalisation plans.
#include <string.h>

#include "internal.h"

#ifdef EINTHOVEN_TRAINING

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
  EIN_TRY(ein_layout_make(1, &description.shape[1], &unit, EIN_F32, &channels));
  dnnl_primitive_desc_t descriptor;
  EIN_TRY(describe_normalization(shape, layout, pass, forward, &descriptor));
  ein_binding forwards[] = {
    {EIN_SOURCE, layout}, {EIN_RESULT, layout}, {EIN_MEAN, channels}, {EIN_VARIANCE, channels},
    {EIN_SCALE, channels}, {EIN_SHIFT, channels}, {EIN_WORKSPACE, 0},
  };
  ein_binding backwards[] = {
    {EIN_SOURCE, layout}, {EIN_RESULT_GRADIENT, layout}, {EIN_SOURCE_GRADIENT, layout},
    {EIN_MEAN, channels}, {EIN_VARIANCE, channels}, {EIN_SCALE, channels},
    {EIN_SCALE_GRADIENT, channels}, {EIN_SHIFT_GRADIENT, channels}, {EIN_WORKSPACE, 0},
#if DNNL_VERSION_MAJOR < 3
    // Later versions refuse what they do not need.
    {EIN_SHIFT, channels},
#endif
  };
  return pass == EIN_FORWARD ? ein_plan_add(&key, descriptor, forwards, 7, plan)
                             : ein_plan_add(&key, descriptor, backwards, sizeof backwards / sizeof *backwards, plan);
}

#else

ein_status ein_normalization_plan(const ein_normalization *shape, ein_pass pass, ein_plan *plan) {
  (void)shape, (void)pass, (void)plan;
  return ein_start();
}

#endif
