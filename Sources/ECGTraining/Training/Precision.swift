internal import COneDNN
internal import ECGData

/// The numbers in which a network computes; its parameters and losses are Float32 always.
public enum Precision: String, Codable, Sendable, CaseIterable {
  /// bfloat16 where the processor has instructions for it, else Float32; another machine may give another curve.
  case auto
  /// Float32.
  case float32 = "f32"
  /// bfloat16: half the memory, and on processors that have it several times the speed, with 8 bits of precision.
  case bfloat16 = "bf16"

  /// What this machine makes of it.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `unsupported` for bfloat16 where oneDNN cannot compute in it.
  @ComputeActor public var elementType: ElementType {
    get throws {
      switch self {
      case .auto: return ein_has_fast_bf16() == 1 ? .bfloat16 : .float32
      case .float32: return .float32
      case .bfloat16:
        guard Self.computesInBfloat16 else {
          throw ECGError(
            .unsupported, "\(ComputeActor.engineName) does not compute in bfloat16 on this processor",
            advice: "choose precision f32, or auto")
        }
        return .bfloat16
      }
    }
  }

  /// Whether oneDNN has a convolution in bfloat16 here, which stands for all that networks need.
  @ComputeActor private static var computesInBfloat16: Bool {
    var setting = ein_convolution()
    (setting.batch, setting.inputs, setting.outputs, setting.groups) = (1, 16, 16, 1)
    (setting.length, setting.result_length, setting.kernel, setting.stride) = (16, 14, 3, 1)
    setting.type = EIN_BF16
    var plan: ein_plan = 0
    return ein_convolution_plan(&setting, EIN_FORWARD, &plan) != EIN_UNSUPPORTED
  }
}
