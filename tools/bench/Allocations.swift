import CAllocations

/// How many blocks of memory a piece of work asks for on this thread when it is done for the second time; nil where
/// they are not counted.
func allocations(_ work: () throws -> Void) rethrows -> Int? {
  try work()
  let start = allocation_count()
  try work()
  let end = allocation_count()
  return start < 0 ? nil : end - start
}
