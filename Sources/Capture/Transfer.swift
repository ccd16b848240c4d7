package import Events

/// Counts what a transfer carries, and says how much of it is recorded.
///
/// In summary the first ``keptByteCountMax`` bytes each way and all of standard error are recorded as in any session:
/// enough to see what a client asked for, or that it was no client. The rest is counted and hashed, so that a file kept
/// elsewhere can be shown to be, or not to be, what was carried: SHA-256 over the bytes behind those that were recorded.
package struct TransferTally {
  /// What one direction begins with: names and sizes in all three protocols.
  package static let keptByteCountMax: UInt64 = 4096

  private let form: TransferForm
  private var input: Flow
  private var output: Flow
  private var errorOutput: Flow

  /// - Parameters:
  ///   - transfers: How much is kept of them.
  ///   - logsInput: Whether a session's input is recorded at all; when not, a transfer's is hashed from its first byte.
  ///   - logsOutput: The same for output and errors.
  package init(_ form: TransferForm, _ transfers: Transfers, logsInput: Bool, logsOutput: Bool) {
    self.form = form
    let kept: UInt64
    switch transfers {
    case .full: kept = .max
    case .summary: kept = Self.keptByteCountMax
    case .off: kept = 0
    }
    let hashes = transfers == .summary
    input = Flow(keptByteCountMax: logsInput ? kept : 0, isHashed: hashes)
    output = Flow(keptByteCountMax: logsOutput ? kept : 0, isHashed: hashes)
    errorOutput = Flow(keptByteCountMax: logsOutput && transfers != .off ? .max : 0, isHashed: hashes)
  }

  /// Takes bytes that cross the recorder, in their order within a stream.
  ///
  /// - Returns: How many of them, from the first, are to be recorded.
  package mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream) -> Int {
    switch stream {
    case .input: input.take(bytes)
    case .output: output.take(bytes)
    case .errorOutput: errorOutput.take(bytes)
    }
  }

  /// Appends the `transfer` of an `end` message, a JSON object (docs/format.md).
  package func append(to json: inout ByteBuilder) {
    json.append("{\"form\":\"")
    json.append(form.name)
    json.append("\",\"in\":")
    input.append(to: &json)
    json.append(",\"out\":")
    output.append(to: &json)
    json.append(",\"err\":")
    errorOutput.append(to: &json)
    json.append("}")
  }
}

/// One direction of a transfer.
private struct Flow {
  private let keptByteCountMax: UInt64
  private let isHashed: Bool
  private var byteCount: UInt64 = 0
  private var rest = SHA256()

  init(keptByteCountMax: UInt64, isHashed: Bool) {
    self.keptByteCountMax = keptByteCountMax
    self.isHashed = isHashed
  }

  private var keptByteCount: UInt64 { min(byteCount, keptByteCountMax) }

  mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let kept = Int(min(keptByteCountMax &- keptByteCount, UInt64(bytes.count)))
    byteCount &+= UInt64(bytes.count)
    if isHashed { rest.update(UnsafeBufferPointer(rebasing: bytes[kept...])) }
    return kept
  }

  /// `{"bytes":5000,"kept":4096,"sha256":"…"}`; no hash when nothing is behind what was kept.
  func append(to json: inout ByteBuilder) {
    json.append("{\"bytes\":")
    json.append(decimal: byteCount)
    json.append(",\"kept\":")
    json.append(decimal: keptByteCount)
    if rest.byteCount > 0 {
      json.append(",\"sha256\":\"")
      rest.digest().appendBase64URL(to: &json)
      json.append("\"")
    }
    json.append("}")
  }
}
