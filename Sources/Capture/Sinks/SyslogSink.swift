import CSys
import Events
package import Options
import SystemCalls

/// The system's log service, as libc's syslog(3) speaks to it: `<PRI>Mmm dd hh:mm:ss tlog: ` and the message, in a
/// datagram, or on a stream with a NUL behind it where the service listens so.
///
/// Unlike syslog(3) it never waits, and it says when nobody took the message.
package struct SyslogSink: ~Copyable {
  package static let socketPath: StaticString = "/dev/log"
  private static let tag: StaticString = " tlog: "

  private let path: [UInt8]
  private let code: UInt64
  private var socket: LocalSocket?
  private var isStream = false
  /// The message as it is sent, and a NUL.
  private var record = ByteBuilder(capacity: 4096)
  private var recordID: UInt64 = 0
  /// Bytes of ``record`` that a stream has taken, when it has not taken all.
  private var sentCount = 0

  /// Connects to nothing yet: see ``reopen()``.
  ///
  /// - Parameter path: the service's socket; nil for the system's.
  package init(facility: SyslogFacility, priority: SyslogPriority, path: [UInt8]? = nil) {
    self.path = path ?? bytes(Self.socketPath)
    code = UInt64(facility.rawValue) << 3 | UInt64(priority.rawValue)
  }

  package var descriptor: Int32? {
    switch socket {
    case .some(let socket): socket.raw
    case .none: nil
    }
  }

  /// - Throws: the system's reason, and that no service is running when that is what it means.
  package mutating func reopen() throws(Failure) {
    socket = nil
    sentCount = 0
    do throws(SystemError) {
      try connect()
    } catch {
      let meaning: StaticString = error.meansPeerIsGone ? ": no syslog service is running" : ""
      throw Failure(error, meaning: meaning, bytes("Failed connecting to syslog at \"") + path + bytes("\""))
    }
  }

  private mutating func connect() throws(SystemError) {
    do throws(SystemError) {
      socket = try LocalSocket(connectingTo: path, .datagram, sendBuffer: sinkSendBufferByteCount)
      isStream = false
    } catch {
      guard error.code == EPROTOTYPE else { throw error }
      socket = try LocalSocket(connectingTo: path, .stream, sendBuffer: sinkSendBufferByteCount)
      isStream = true
    }
  }

  /// Sends one line. A service that was started anew is connected to again, once.
  ///
  /// - Throws: `.busy` when the service has not read what it has; `.tooLong` when a datagram cannot hold the line;
  ///   `.failed` for anything else.
  package mutating func write(_ line: UnsafeBufferPointer<UInt8>, id: UInt64) throws(SinkError) {
    if sentCount > 0 {
      try sendRecord()
      if id == recordID { return }
    }
    buildRecord(line)
    recordID = id
    try sendRecord()
  }

  private mutating func buildRecord(_ line: UnsafeBufferPointer<UInt8>) {
    record.clear()
    record.append("<")
    record.append(decimal: code)
    record.append(">")
    record.append(syslogTime: Int64(Clock.wallMilliseconds / 1000))
    record.append(Self.tag)
    record.append(line)
    record.append(0)
  }

  private mutating func sendRecord() throws(SinkError) {
    var problem = sendRest()
    if let gone = problem, gone.meansPeerIsGone {
      do { try reopen() } catch { throw .failed(error) }
      problem = sendRest()
    }
    guard let problem else {
      sentCount = 0
      return
    }
    let what = bytes("Failed writing to syslog")
    switch problem.code {
    case EAGAIN: throw .busy
    case EMSGSIZE: throw .tooLong(Failure(problem, meaning: ": a datagram cannot hold it, lower \"payload\"", what))
    default: throw .failed(Failure(problem, meaning: "", what))
    }
  }

  /// - Returns: Why the record is not all sent; nil when it is.
  private mutating func sendRest() -> SystemError? {
    guard socket != nil else { return SystemError("sendmsg", code: ENOTCONN) }
    let count = isStream ? record.count : record.count - 1
    do throws(SystemError) {
      while sentCount < count {
        let rest = UnsafeBufferPointer(rebasing: record.bytes[sentCount..<count])
        sentCount += try socket?.send(rest, UnsafeBufferPointer(start: nil, count: 0)) ?? 0
      }
      return nil
    } catch {
      return error
    }
  }
}
