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

/// A weight of a row of the input, counted from the first row of its cycle.
typedef struct {
  double coefficient;
  long row;
} einthoven_tap;

/// A filter for each of the `up` rows of output that `down` rows of input give; this is a cycle.
typedef struct {
  /// Those of phase p are from `starts[p]` to `starts[p + 1]`.
  const einthoven_tap *taps;
  const long *starts;
  long up, down;
} einthoven_phases;

/// Computes the first `count` rows of output, `lanes` samples each: every sample a sum over the taps of the row's
/// phase, in their order, beginning with zero.
///
/// `input` points to the first row of the first cycle; taps may lead before it and beyond the last.
void einthoven_fir(
    einthoven_variant variant, const einthoven_phases *phases, const double *input, long lanes, long count,
    double *output);

/// Whether one of the samples is NaN.
int einthoven_has_nan(einthoven_variant variant, const double *samples, long count);

/// Copies `count` rows of `width` samples between places whose rows are as many samples apart as the steps say.
void einthoven_copy_rows(
    const double *from, long from_step, double *to, long to_step, long width, long count);

/// Converts samples; those of Float are rounded half to even.
void einthoven_widen(const float *from, double *to, long count);
void einthoven_narrow(const double *from, float *to, long count);

/// Takes the factor `radix` out of a Fourier transform of length n = `radix` · `blocks` · `stride` (Stockham's).
///
/// For each block p and each q below `stride`: the `radix` complex numbers at q + stride · p, `blocks` · `stride`
/// apart, become those at q + stride · `radix` · p, `stride` apart, turned by e^(-2πi pk / (radix · blocks)). A
/// complex number is `lanes` (1, 2, 4 or 8) real parts, then as many imaginary ones. `roots` are e^(-2πi k/n);
/// `constants` are sin 60° for the factor 3, and cos 72°, cos 144°, sin 72°, sin 144° for the factor 5. Other
/// factors than 2 to 5 are to be odd.
void einthoven_fft_pass(
    einthoven_variant variant, long radix, long blocks, long stride, const double *roots,
    const double *constants, long lanes, const double *from, double *to);
