// Reorder and matrix product plans.
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

#endif
