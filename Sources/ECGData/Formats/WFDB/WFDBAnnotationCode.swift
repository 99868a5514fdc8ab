/// What an annotation marks: a code of `ecgcodes.h`, 0 … 49, under the name that it has there.
///
/// Source: WFDB Applications Guide, annot(5), and the WFDB Programmer's Guide, "Annotation Codes". Codes
/// without a name here are free for definitions of a file's own.
public struct WFDBAnnotationCode: RawRepresentable, CaseIterable, Sendable, Hashable {
  /// The code as it is stored.
  public let rawValue: UInt8

  /// The code of a number; nil above 49.
  public init?(rawValue: UInt8) {
    guard rawValue < WFDBAnnotationCode.symbols.count else { return nil }
    self.rawValue = rawValue
  }

  private init(_ rawValue: UInt8) { self.rawValue = rawValue }

  /// The mnemonic that `rdann` prints, such as `N`; `[42]` for a code without one.
  public var symbol: String {
    hasMnemonic ? WFDBAnnotationCode.symbols[Int(rawValue)] : "[\(rawValue)]"
  }

  /// Whether `ecgcodes.h` gives it a meaning.
  var hasMnemonic: Bool { !WFDBAnnotationCode.symbols[Int(rawValue)].isEmpty }

  /// All codes, 0 … 49.
  public static let allCases = symbols.indices.map { WFDBAnnotationCode(UInt8($0)) }

  /// By code.
  private static let symbols = [
    "NOTQRS", "N", "L", "R", "a", "V", "F", "J", "A", "S", "E", "j", "/", "Q", "~", "", "|", "", "s", "T",
    "*", "D", "\"", "=", "p", "B", "^", "t", "+", "u", "?", "!", "[", "]", "e", "n", "@", "x", "f", "(",
    ")", "r", "", "", "", "", "", "", "", "",
  ]
}

extension WFDBAnnotationCode {
  /// No beat and nothing else: a null annotation.
  public static let notQRS = WFDBAnnotationCode(0)
  /// Normal beat.
  public static let normal = WFDBAnnotationCode(1)
  /// Left bundle branch block beat.
  public static let lbbb = WFDBAnnotationCode(2)
  /// Right bundle branch block beat.
  public static let rbbb = WFDBAnnotationCode(3)
  /// Aberrated atrial premature beat.
  public static let aberr = WFDBAnnotationCode(4)
  /// Premature ventricular contraction.
  public static let pvc = WFDBAnnotationCode(5)
  /// Fusion of ventricular and normal beat.
  public static let fusion = WFDBAnnotationCode(6)
  /// Nodal (junctional) premature beat.
  public static let npc = WFDBAnnotationCode(7)
  /// Atrial premature contraction.
  public static let apc = WFDBAnnotationCode(8)
  /// Premature or ectopic supraventricular beat.
  public static let svpb = WFDBAnnotationCode(9)
  /// Ventricular escape beat.
  public static let vesc = WFDBAnnotationCode(10)
  /// Nodal (junctional) escape beat.
  public static let nesc = WFDBAnnotationCode(11)
  /// Paced beat.
  public static let pace = WFDBAnnotationCode(12)
  /// Unclassifiable beat.
  public static let unknown = WFDBAnnotationCode(13)
  /// Change of signal quality.
  public static let noise = WFDBAnnotationCode(14)
  /// Isolated QRS-like artifact.
  public static let arfct = WFDBAnnotationCode(16)
  /// ST change.
  public static let stch = WFDBAnnotationCode(18)
  /// T-wave change.
  public static let tch = WFDBAnnotationCode(19)
  /// Systole.
  public static let systole = WFDBAnnotationCode(20)
  /// Diastole.
  public static let diastole = WFDBAnnotationCode(21)
  /// Comment.
  public static let note = WFDBAnnotationCode(22)
  /// Measurement.
  public static let measure = WFDBAnnotationCode(23)
  /// Peak of a P wave.
  public static let pwave = WFDBAnnotationCode(24)
  /// Beat with a bundle branch block of either side.
  public static let bbb = WFDBAnnotationCode(25)
  /// Spike of a pacemaker that captured nothing.
  public static let pacesp = WFDBAnnotationCode(26)
  /// Peak of a T wave.
  public static let twave = WFDBAnnotationCode(27)
  /// Change of rhythm; the text names the new one, such as `(AFIB`.
  public static let rhythm = WFDBAnnotationCode(28)
  /// Peak of a U wave.
  public static let uwave = WFDBAnnotationCode(29)
  /// Beat during a detector's learning.
  public static let learn = WFDBAnnotationCode(30)
  /// Ventricular flutter wave.
  public static let flwav = WFDBAnnotationCode(31)
  /// Start of ventricular flutter or fibrillation.
  public static let vfon = WFDBAnnotationCode(32)
  /// End of ventricular flutter or fibrillation.
  public static let vfoff = WFDBAnnotationCode(33)
  /// Atrial escape beat.
  public static let aesc = WFDBAnnotationCode(34)
  /// Supraventricular escape beat.
  public static let svesc = WFDBAnnotationCode(35)
  /// Link to data elsewhere; the text is its URL.
  public static let link = WFDBAnnotationCode(36)
  /// P wave that is not conducted.
  public static let napc = WFDBAnnotationCode(37)
  /// Fusion of paced and normal beat.
  public static let pfus = WFDBAnnotationCode(38)
  /// Onset of a wave.
  public static let wfon = WFDBAnnotationCode(39)
  /// End of a wave.
  public static let wfoff = WFDBAnnotationCode(40)
  /// Premature ventricular contraction on a T wave.
  public static let ront = WFDBAnnotationCode(41)
}
