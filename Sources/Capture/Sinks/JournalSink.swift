import CSys
import Events
package import Options
import SystemCalls

/// The systemd journal, by its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): an entry is a datagram, or, when it
/// is too large for one, a sealed memory file that goes along with an empty one.
///
/// libsystemd is not used because it says that all is well when no journald is there.
///
/// Values that are not ours to choose are sent with their length before them, so that nothing in them, no newline either,
/// can be taken for another field.
package struct JournalSink: ~Copyable {
  /// Whose messages they are (`journal.augment`): the fields by which tlog-play and journalctl choose.
  package struct Labels {
    package var recording: [UInt8]
    package var user: [UInt8]
    package var session: UInt32

    package init(recording: [UInt8], user: [UInt8], session: UInt32) {
      self.recording = recording
      self.user = user
      self.session = session
    }
  }

  package static let socketPath: StaticString = "/run/systemd/journal/socket"

  private let path: [UInt8]
  private var socket: LocalSocket?
  /// The next entry up to the bytes of its message.
  private var head: ByteBuilder
  /// Bytes of ``head`` that all entries share.
  private let sharedCount: Int
  private let hasLabels: Bool

  /// Connects to nothing yet: see ``reopen()``.
  ///
  /// - Parameters:
  ///   - identifier: SYSLOG_IDENTIFIER: the program's name, without the dash of a login shell.
  ///   - labels: TLOG_REC, TLOG_USER and TLOG_SESSION; each entry's TLOG_ID goes with them. nil for none.
  ///   - path: journald's socket; nil for the system's.
  package init(identifier: StaticString, priority: SyslogPriority, labels: Labels?, path: [UInt8]? = nil) {
    self.path = path ?? bytes(Self.socketPath)
    head = ByteBuilder(capacity: 512)
    head.append("SYSLOG_IDENTIFIER=")
    head.append(identifier)
    head.append("\nPRIORITY=")
    head.append(decimal: UInt64(priority.rawValue))
    head.append("\n")
    if let labels {
      Self.append("TLOG_REC", labels.recording, to: &head)
      Self.append("TLOG_USER", labels.user, to: &head)
      head.append("TLOG_SESSION=")
      head.append(decimal: UInt64(labels.session))
      head.append("\n")
    }
    sharedCount = head.count
    hasLabels = labels != nil
  }

  package var descriptor: Int32? {
    switch socket {
    case .some(let socket): socket.raw
    case .none: nil
    }
  }

  /// - Throws: the system's reason, and that no journald is running when that is what it means.
  package mutating func reopen() throws(Failure) {
    socket = nil
    do throws(SystemError) {
      socket = try LocalSocket(connectingTo: path, .datagram, sendBuffer: sinkSendBufferByteCount)
    } catch {
      let meaning: StaticString = error.meansPeerIsGone ? ": systemd-journald is not running" : ""
      throw Failure(error, meaning: meaning, bytes("Failed connecting to the journal at \"") + path + bytes("\""))
    }
  }

  /// Sends one line, without its LF, as an entry. A journald that was started anew is connected to again, once.
  ///
  /// - Throws: `.busy` when journald has not read what it has; `.failed` for anything else.
  package mutating func write(_ line: UnsafeBufferPointer<UInt8>, id: UInt64) throws(SinkError) {
    buildHead(messageByteCount: max(line.count - 1, 0), id: id)
    var problem = send(line)
    if let gone = problem, gone.meansPeerIsGone {
      do { try reopen() } catch { throw .failed(error) }
      problem = send(line)
    }
    guard let problem else { return }
    if problem.code == EAGAIN { throw .busy }
    throw .failed(Failure(problem, meaning: "", bytes("Failed writing to the journal")))
  }

  /// - Returns: Why the entry was not taken; nil when it was.
  private func send(_ line: UnsafeBufferPointer<UInt8>) -> SystemError? {
    switch socket {
    case .none: return SystemError("sendmsg", code: ENOTCONN)
    case .some(let socket):
      do throws(SystemError) {
        _ = try socket.send(head.bytes, line)
      } catch {
        // ENOBUFS: the system has no memory in one piece for it; libsystemd takes this way then, too.
        guard error.code == EMSGSIZE || error.code == ENOBUFS else { return error }
        return passInMemory(line, socket)
      }
      return nil
    }
  }

  private func passInMemory(_ line: UnsafeBufferPointer<UInt8>, _ socket: borrowing LocalSocket) -> SystemError? {
    do throws(SystemError) {
      try socket.pass(SealedMemory(head.bytes, line))
      return nil
    } catch {
      return error
    }
  }

  private mutating func buildHead(messageByteCount: Int, id: UInt64) {
    head.truncate(to: sharedCount)
    if hasLabels {
      head.append("TLOG_ID=")
      head.append(decimal: id)
      head.append("\n")
    }
    // The line's own LF ends the field.
    Self.append("MESSAGE", byteCount: messageByteCount, to: &head)
  }

  private static func append(_ field: StaticString, _ value: [UInt8], to head: inout ByteBuilder) {
    append(field, byteCount: value.count, to: &head)
    head.append(value)
    head.append("\n")
  }

  /// Begins a field whose value is the next `byteCount` bytes: its name, LF, and the length in 64 bits, little-endian.
  private static func append(_ field: StaticString, byteCount: Int, to head: inout ByteBuilder) {
    head.append(field)
    head.append("\n")
    var rest = UInt64(byteCount)
    for _ in 0..<8 {
      head.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }
}
