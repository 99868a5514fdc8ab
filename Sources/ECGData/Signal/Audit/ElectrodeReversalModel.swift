/// What tells the true arrangement of the limb electrodes from an exchange of them; written by
/// tools/golden/electrode_reversal.py, fit on PTB-XL 1.0.3, folds 1 to 7 (2016 records at 500 Hz).
enum ElectrodeReversalModel {
  /// For P, QRS and T: the weights of I·V1 … I·V6, II·V1 … II·V6, I·I, I·II, II·II; shape [3, 15].
  static let weights: [Double] = [
    -6.331, 5.537, -0.470, -2.719, 0.410,
    -1.032, 1.770, -2.968, 5.713, 1.401,
    0.845, 1.364, -1.555, -0.375, 1.180,
    -5.650, 3.969, -1.465, 0.142, 1.433,
    1.070, 2.667, -3.333, -0.812, 2.933,
    0.231, 2.770, -1.616, -3.912, -2.297,
    -1.576, 3.325, -1.027, 0.076, 1.610,
    0.477, 0.616, 0.042, 1.470, -0.785,
    -0.380, 1.931, -1.780, -0.071, 1.709,
  ]
  /// The score that 98 % of those records stay below as they are, in the order of ``ElectrodeReversal/scored``.
  static let limits: [Double] = [-3.16, -3.47, 1.71, -5.07, -5.26]
}
