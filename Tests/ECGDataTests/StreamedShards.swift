import TestSupport

@testable import ECGData

/// All batches of a stream, kept.
func drain(_ stream: BatchStream) throws -> [Batch] {
  var batches: [Batch] = []
  while let batch = try stream.next() { batches.append(batch) }
  return batches
}

/// Runs `body` with the shards of a tree.
func withSet<Result>(
  _ tree: PTBXLTree = PTBXLTree(count: 14), _ body: (ShardSet) throws -> Result
) throws -> Result {
  try withTree(tree) { directory in
    _ = try PTBXLTree.converter(directory).run()
    return try body(ShardSet(directory.path("shards")))
  }
}
