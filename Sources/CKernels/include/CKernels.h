// The few loops that need wider vectors than the baseline of a processor family has.
//
// Every lane goes through the same operations in the same order without contraction, so all variants give the
// same bits; which one runs is a matter of speed only.
#pragma once

/// One second-order section, a0 being 1.
typedef struct {
  double b0, b1, b2, a1, a2;
} einthoven_section;

/// The instructions that a variant of a loop is compiled for.
typedef enum {
  EINTHOVEN_PLAIN = 0,
  EINTHOVEN_AVX2 = 1,
  EINTHOVEN_AVX512 = 2,
} einthoven_variant;

/// The best variant that this processor runs.
einthoven_variant einthoven_best_variant(void);

/// Filters `count` rows of `lanes` samples (1, 2, 4 or 8) in place by a cascade of sections.
///
/// `memory` has two rows a section, which are those of the direct form II transposed; `step` is 1 forwards and
/// -1 backwards.
void einthoven_cascade(
    einthoven_variant variant, const einthoven_section *sections, long section_count, double *rows, long count,
    long lanes, double *memory, long step);
