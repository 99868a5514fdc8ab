internal import COneDNN

/// The numbers in which a network computes; its parameters and losses are Float32 always.
public enum Precision: String, Codable, Sendable, CaseIterable {
  /// bfloat16 where the processor has instructions for it, else Float32; another machine may give another curve.
  case auto
  /// Float32.
  case float32 = "f32"
  /// bfloat16: half the memory, and on processors that have it several times the speed, with 8 bits of precision.
  case bfloat16 = "bf16"

  /// What this machine makes of it.
  public var elementType: ElementType {
    switch self {
    case .auto: ein_has_fast_bf16() == 1 ? .bfloat16 : .float32
    case .float32: .float32
    case .bfloat16: .bfloat16
    }
  }
}
