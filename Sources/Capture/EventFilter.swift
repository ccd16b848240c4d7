import Events
import SystemCalls

/// What of the bytes that cross a recorder is recorded, and as what: `log.*`, transfers and masking. Every log asks it
/// first, so that what is kept does not depend on where it is kept.
struct EventFilter: ~Copyable {
  let logsInput: Bool
  let logsOutput: Bool
  let logsWindow: Bool
  private var mask: EchoMask
  /// Set when the session is a transfer of which not everything is kept.
  private(set) var transfer: TransferTally?
  /// What was typed, masked bytes replaced.
  private var typed = ByteBuilder(capacity: 256)
  private var runs = InputRuns()
  private var kept = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// Where in `typed` the next piece begins.
  private var place = 0
  private let prompts: SecretPrompts

  init(_ settings: Settings, transfer: TransferTally?) {
    logsInput = settings.logsInput
    logsOutput = settings.logsOutput
    logsWindow = settings.logsWindow
    prompts = SecretPrompts(settings.secretPrompts)
    mask = EchoMask(shellGroup: nil, prompts: prompts)
    self.transfer = transfer
  }

  /// Call before the first event, once there is a shell. - Parameter shellGroup: See ``EchoMask``.
  mutating func begin(shellGroup: Int32?) { mask = EchoMask(shellGroup: shellGroup, prompts: prompts) }

  /// Takes bytes that crossed the recorder.
  ///
  /// - Parameters:
  ///   - bytes: Kept alive until the pieces have been taken.
  ///   - nanoseconds: Since the start of the recording.
  /// - Returns: How many pieces are to be recorded; get them with ``nextPiece(_:)``.
  mutating func take(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream, _ keyboard: KeyboardState?, at nanoseconds: UInt64
  ) -> Int {
    if logsInput && stream != .input { mask.shown(bytes) }
    let count = transfer?.take(bytes, stream) ?? bytes.count
    guard stream == .input ? logsInput : logsOutput, count > 0 else { return 0 }
    if let keyboard {
      runs = mask.typed(bytes, keyboard, at: nanoseconds)
      typed.clear()
      runs.appendRecorded(bytes, to: &typed)
      kept = typed.bytes
    } else {
      kept = UnsafeBufferPointer(rebasing: bytes[..<count])
      runs = InputRuns(.none, count)
    }
    place = 0
    return runs.count
  }

  /// Bytes in all pieces of the last ``take(_:_:_:at:)``.
  var keptByteCount: Int { kept.count }

  /// - Parameter index: Successive numbers from 0.
  mutating func nextPiece(_ index: Int) -> (bytes: UnsafeBufferPointer<UInt8>, mark: InputMark) {
    let run = runs[index]
    let start = place
    place += run.count
    return (UnsafeBufferPointer(rebasing: kept[start..<place]), run.mark)
  }
}
