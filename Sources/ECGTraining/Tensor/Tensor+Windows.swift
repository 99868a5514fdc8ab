internal import COneDNN
internal import ECGData

extension Tensor {
  /// The maximum over windows of a signal: [B, C, T] → [B, C, T′], PyTorch's `MaxPool1d`.
  ///
  /// T′ = (T + 2·padding − size) / stride + 1, rounded up if `ceil`. What is beyond the ends is never the maximum.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the windows do not fit.
  public func maxPool1d(
    size: Int, stride: Int? = nil, padding: Int = 0, ceil: Bool = false, tape: Tape? = nil
  ) throws -> Tensor {
    try windowed(
      isMaximum: true, size: size, stride: stride ?? size, padding: padding, ceil: ceil, tape: tape)
  }

  /// The mean over windows of a signal: [B, C, T] → [B, C, T′], PyTorch's `AvgPool1d` without padding.
  ///
  /// T′ = (T − size) / stride + 1, rounded up if `ceil`: the last window's mean is then over the samples it has.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the windows do not fit.
  public func averagePool1d(
    size: Int, stride: Int? = nil, ceil: Bool = false, tape: Tape? = nil
  ) throws -> Tensor {
    try windowed(isMaximum: false, size: size, stride: stride ?? size, padding: 0, ceil: ceil, tape: tape)
  }

  private func windowed(
    isMaximum: Bool, size: Int, stride: Int, padding: Int, ceil: Bool, tape: Tape?
  ) throws -> Tensor {
    let window = try SlidingWindow(size: size, stride: stride, padding: padding)
    guard shape.count == 3, 2 * padding <= size, let steps = window.places(in: shape[2], ceil: ceil) else {
      throw ECGError(
        .invalidArgument,
        "windows of \(size) every \(stride), padded by \(padding), do not fit shape \(shape)")
    }
    _ = try Self.count(of: [shape[0], shape[1], steps])
    // The kernels know channels innermost, blocks of channels, and samples innermost.
    let x = try layout.strides == nil || layout.strides?[1] == 1 ? self : dense()
    var setting = ein_window()
    setting.layout = x.layout.id
    setting.result_length = Int64(steps)
    setting.kernel = Int64(size)
    setting.stride = Int64(stride)
    setting.padding_before = Int64(padding)
    setting.padding_after = Int64((steps - 1) * stride + size - shape[2] - padding)
    setting.is_maximum = isMaximum ? 1 : 0
    setting.is_inference = tape != nil && requiresGradient ? 0 : 1
    let plan = try Plan { ein_window_plan(&setting, EIN_FORWARD, $0) }
    let resultLayout = try plan.layout(EIN_RESULT)
    let result = Tensor(
      shape: [shape[0], shape[1], steps], layout: resultLayout,
      storage: try Storage(bytes: resultLayout.bytes))
    let workspace = try plan.storage(EIN_WORKSPACE)
    try plan.run([(EIN_SOURCE, x.storage), (EIN_RESULT, result.storage), (EIN_WORKSPACE, workspace)])
    return result.recorded(on: tape, from: [self]) { [slot, setting, shape, layout = x.layout] gradient in
      let plan = try withUnsafePointer(to: setting) { setting in
        try Plan { ein_window_plan(setting, EIN_BACKWARD_DATA, $0) }
      }
      let made = Tensor(shape: shape, layout: layout, storage: try Storage(bytes: layout.bytes))
      try plan.run([
        (EIN_RESULT_GRADIENT, gradient.laidOut(as: resultLayout).storage),
        (EIN_SOURCE_GRADIENT, made.storage),
        (EIN_WORKSPACE, workspace),
      ])
      try slot?.add(made)
    }
  }
}
