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

/// What a pass over one lead counts: see `SignalScan`.
typedef struct {
  double low, high;
  /// Frames at the extremes within runs of equal samples, and such runs.
  double low_frames, high_frames, low_runs, high_runs;
  double sum, missing, longest_gap, largest_step;
} einthoven_lead_scan;

/// A stretch of equal samples of a lead, the frame `end` not included.
typedef struct {
  long lead, start, end;
} einthoven_stretch;

/// Looks at each of `count` frames of twelve samples once; NaN is a missing sample.
///
/// `rail_run` and `shortest` are the numbers of samples, at least 2, that make a run at an extreme and a stretch;
/// there is room for 12 (`count` / `shortest`) of these. Returns how many it found, ordered by time within a lead.
long einthoven_scan(
    einthoven_variant variant, const double *samples, long count, long rail_run, long shortest,
    einthoven_lead_scan *leads, einthoven_stretch *stretches);

/// Sums first and second moments of up to eight leads, those at `places` in frames of twelve samples.
///
/// All vectors have eight lanes, one a lead and zeros behind. Frames that lack a sample of any of the leads are left out;
/// the others are counted from the first of them as origin. `columns` and `squares` have a vector for each lead, `sums` is
/// one. `steps` has four that are carried from one stretch of frames to the next: the last frame (NaN before the first),
/// the smallest steps between neighbouring samples, and of what `columns` make of a frame the sums of squares and the
/// greatest magnitudes. Returns the number of frames that were taken.
long einthoven_moments(
    einthoven_variant variant, const double *samples, long count, const long *places, long width,
    const double *columns, double *steps, double *sums, double *squares);

/// The least and the greatest sample of a lead, +∞ and −∞ if there is none, and whether any is missing.
typedef struct {
  double low, high;
  long lacks;
} einthoven_range;

/// The ranges of twelve leads, `count` frames.
void einthoven_ranges(einthoven_variant variant, const double *samples, long count, einthoven_range *ranges);

/// Multiplies `count` frames of twelve samples by each lead's factor and rounds half to even; a missing sample becomes
/// −32768.
///
/// The factors are powers of two, and all products within ±32767.
void einthoven_quantize(
    einthoven_variant variant, const double *samples, long count, const double *factors, short *counts);

/// (count − baseline) · step of twelve leads, `count` frames; the count INT_MIN is a missing sample.
void einthoven_microvolts(
    einthoven_variant variant, const int *counts, long count, const double *baselines, const double *steps,
    double *samples);

/// The least and the greatest count of `width` channels, `count` frames, INT_MAX and INT_MIN if there is none; the count
/// INT_MIN is a missing sample.
void einthoven_count_ranges(
    einthoven_variant variant, const int *counts, long count, long width, int *low, int *high);

/// Adds up twelve leads, `count` frames: how many counts there are, their sums and those of their squares; −32768 is a
/// missing sample.
void einthoven_sums(const short *counts, long count, long *number, long *first, long *second);

/// Converts samples and multiplies them.
void einthoven_widen_scaled(const float *from, double *to, long count, double factor);

/// ``einthoven_cascade`` for rows of twelve samples, which are one sweep; `memory` has two rows of twelve a section.
void einthoven_cascade_12(
    einthoven_variant variant, const einthoven_section *sections, long section_count, double *rows, long count,
    double *memory, long step);

/// Takes `count` means of `length` rows of twelve samples each.
void einthoven_means_12(
    einthoven_variant variant, const double *rows, long count, long length, double *means);

/// Adds up `count` rows of twelve samples, and their squares.
void einthoven_powers_12(
    einthoven_variant variant, const double *rows, long count, double *first, double *second);

/// Means of the magnitudes of `length` rows of twelve samples each, one from every row on that has as many behind it.
void einthoven_running_12(
    einthoven_variant variant, const double *rows, long count, long length, double *means);

/// The sum over twelve leads of weight · |row[i + reach] − row[i − reach]| for each i that has both.
void einthoven_slopes_12(
    einthoven_variant variant, const double *rows, long count, long reach, const double *weights,
    double *slopes);

/// The squared magnitude of the discrete Fourier transform of twelve leads, `length` weighted rows, at three frequencies f by
/// Goertzel's recursion; `cosines` are 2 cos(2π f / rate), `powers` three rows.
void einthoven_goertzel_12(
    einthoven_variant variant, const double *rows, long length, const double *weights, const double *cosines,
    double *powers);

/// The median of each row of twelve, each sample divided by its lead's size and shifted before: the mean of the sixth and the
/// seventh, or the sixth alone. Leads that do not count are shifted by ±∞, as many up as down, or one more up.
void einthoven_medians_12(
    einthoven_variant variant, const double *rows, long count, const double *sizes, const double *shifts,
    int is_even, double *medians);

// Rows of sixteen floats, which are twelve leads and four zeros: see `CropRows`.

/// Each row of `to` is a + (b − a) · weight, a being the row of `from` at its place and b the next one, which a weight of 0
/// does not ask for. `to` is apart from `from`.
void einthoven_lerp_rows(
    einthoven_variant variant, const float *from, const int *places, const float *weights, long count,
    float *to);

/// Multiplies rows by one of factors.
void einthoven_scale_rows(einthoven_variant variant, const float *factors, long count, float *rows);

/// Adds one row to all.
void einthoven_shift_rows(einthoven_variant variant, const float *summands, long count, float *rows);

/// Adds rows of twelve floats times a row of sixteen factors, of which the last four are 0; `noise` has four floats more.
void einthoven_add_rows(
    einthoven_variant variant, const float *noise, const float *factors, long count, float *rows);

/// Each row becomes the mean of five with weights 0.1, 0.2, 0.4, 0.2, 0.1, the first and the last row being held.
void einthoven_blur_rows(einthoven_variant variant, long count, float *rows);

/// Keeps every `factor`-th row; those between come to lie on straight lines, those after the last kept are its copies.
void einthoven_thin_rows(einthoven_variant variant, long factor, long count, float *rows);

/// Takes `chosen` (2 to `count`) rows at random, the first and the last among them: places and weights for
/// ``einthoven_lerp_rows`` that put as many neighbouring rows there and straight lines between.
///
/// Knuth's algorithm S, a draw for each row between the first and the last: those that SplitMix64 gives after `state`, of
/// which the upper 32 bits count. `taken` is a scratch of `chosen` + 1, `places` and `weights` have `count`.
void einthoven_random_places(
    einthoven_variant variant, unsigned long state, long chosen, long count, int *taken, int *places,
    float *weights);

/// Places and weights for ``einthoven_lerp_rows`` along a map of time of `segments` straight lines of equal length, which leads
/// through the rows `knots`, one more than segments.
void einthoven_warped_places(
    einthoven_variant variant, const double *knots, long segments, long count, int *places, float *weights);

/// Fills blocks of 32 with standard normal numbers, by Box and Muller's transform of the 16 draws a block that SplitMix64
/// gives after `state`.
///
/// A draw's upper 31 bits h and lower 32 bits l give r = √(−2 ln((h + ½) / 2³¹)) and φ = 2π l / 2³²; draw j of a block gives
/// its numbers j, r cos φ, and 16 + j, r sin φ. Within 1e-6 of these.
void einthoven_normals(einthoven_variant variant, unsigned long state, long blocks, float *normals);

/// The most harmonics of ``einthoven_add_harmonics``.
#define EINTHOVEN_HARMONICS 64

/// Adds Σ sizes[k] cos(2π (k · `turns` · t + phases[k])) over `number` (1 or more) harmonics k from 0, times a row of
/// factors, to each row t.
void einthoven_add_harmonics(
    einthoven_variant variant, const double *sizes, const double *phases, long number, double turns,
    const float *factors, long count, float *rows);

/// How the values of a crop lie: [12, length], [length, 12], or [length, 16] with four zeros behind the leads.
typedef enum {
  EINTHOVEN_LEAD_MAJOR = 0,
  EINTHOVEN_TIME_MAJOR = 1,
  EINTHOVEN_BLOCKED = 2,
} einthoven_layout;

/// A crop of `frames` frames of twelve counts, and the place for its values, of `length` frames in all.
typedef struct {
  const short *counts;
  long frames, length;
  /// Of each lead; both are 0 where the lead is absent.
  const float *factors, *offsets;
  einthoven_layout layout;
  float *values;
} einthoven_crop;

/// value = count · factor + offset, in two roundings; 0 for the count −32768, which is a missing sample. Values behind the
/// crop's frames are left alone.
void einthoven_crop_convert(einthoven_variant variant, const einthoven_crop *crop);

/// The same for counts in a mapped file; 0 if the file ends before them, for it was cut off since, else 1. Needs
/// ``einthoven_guard_mappings``.
int einthoven_crop_convert_mapped(einthoven_variant variant, const einthoven_crop *crop);

/// Handles SIGBUS, which is what reading beyond the end of a mapped file gives; every other such signal goes to whoever
/// handled it before. Once a process.
void einthoven_guard_mappings(void);

/// Rows of sixteen to [12, length], or to [length, 12].
void einthoven_rows_to_leads(
    einthoven_variant variant, const float *rows, long frames, long length, float *values);
void einthoven_rows_to_frames(const float *rows, long frames, float *values);

/// The first eight bytes, little-endian, of SHA-256 of a message of at most 55 bytes, which is one block (FIPS 180-4).
unsigned long einthoven_first_of_sha256(einthoven_variant variant, const void *message, long count);
