/// One sample of one lead, or of several leads side by side.
///
/// A recursion over lanes does for each lead what the recursion over that lead alone does, operation by
/// operation, so both give the same bits.
protocol SampleLanes: Sendable, BitwiseCopyable {
  static var zero: Self { get }
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Double) -> Self
}

extension Double: SampleLanes {}
extension SIMD2<Double>: SampleLanes {}
extension SIMD4<Double>: SampleLanes {}
extension SIMD8<Double>: SampleLanes {}
