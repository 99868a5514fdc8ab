/// The electrodes of a 12-lead recording, in the order in which noise is kept.
enum Electrode: Int, CaseIterable, Sendable {
  case rightArm
  case leftArm
  case leftLeg
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V1
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V2
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V3
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V4
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V5
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V6
  /// The amplifiers' reference; seen in no lead unless it is interchanged.
  case rightLeg

  /// Those that a lead is measured from.
  static let measuring = allCases.dropLast()

  var isLimb: Bool { rawValue < 3 || self == .rightLeg }

  var name: String {
    switch self {
    case .rightArm: "RA"
    case .leftArm: "LA"
    case .leftLeg: "LL"
    case .rightLeg: "RL"
    default: String(describing: self)
    }
  }

  /// The leads in which half of its potential or more is seen.
  var leads: [Lead] {
    switch self {
    case .rightArm: [.I, .II, .aVR, .aVL, .aVF]
    case .leftArm: [.I, .III, .aVR, .aVL, .aVF]
    case .leftLeg: [.II, .III, .aVR, .aVL, .aVF]
    case .V1: [.V1]
    case .V2: [.V2]
    case .V3: [.V3]
    case .V4: [.V4]
    case .V5: [.V5]
    case .V6: [.V6]
    case .rightLeg: []
    }
  }
}
