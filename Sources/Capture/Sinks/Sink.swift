import CSys
import Events
package import Options
import SystemCalls

/// What the socket sinks ask for, so that a message of 1 MiB, the longest there is, fits into a stream's buffer and, where
/// the system allows it, into a datagram.
let sinkSendBufferByteCount: Int32 = 2 << 20

/// Why a sink did not take a message.
package enum SinkError: Error {
  /// There is no room now. Give the same message again when ``Sink/descriptor`` is writable.
  case busy
  /// This message is longer than the sink can ever take, others may pass: it is a gap in the recording.
  case tooLong(Failure)
  /// The sink does not work. Give the same message again after ``Sink/reopen()``.
  case failed(Failure)
}

/// Where a recorder puts its messages.
///
/// A sink never waits and takes a message wholly or not at all, as far as whoever reads it can see. A message belongs to
/// its id: what the sink has of a message that it was busy with, or failed on, is not written twice when the message
/// comes again with the same id and bytes, and is ended properly when another message comes in its place.
///
/// To add a sink: a file beside this one, and a case here.
package enum Sink: ~Copyable {
  case file(FileSink)
  case syslog(SyslogSink)
  case journal(JournalSink)

  /// Writes one message, or to a file also several.
  ///
  /// - Parameters:
  ///   - line: One whole message with its LF; when ``takesSeveralLines``, any number of whole messages.
  ///   - id: The message's id, or that of the first.
  package mutating func write(_ line: UnsafeBufferPointer<UInt8>, id: UInt64) throws(SinkError) {
    switch consume self {
    case .file(var sink):
      do { try sink.write(line, id: id) } catch {
        self = .file(sink)
        throw error
      }
      self = .file(sink)
    case .syslog(var sink):
      do { try sink.write(line, id: id) } catch {
        self = .syslog(sink)
        throw error
      }
      self = .syslog(sink)
    case .journal(var sink):
      do { try sink.write(line, id: id) } catch {
        self = .journal(sink)
        throw error
      }
      self = .journal(sink)
    }
  }

  /// Opens the sink, for the first time or again, from scratch.
  package mutating func reopen() throws(Failure) {
    switch consume self {
    case .file(var sink):
      do { try sink.reopen() } catch {
        self = .file(sink)
        throw error
      }
      self = .file(sink)
    case .syslog(var sink):
      do { try sink.reopen() } catch {
        self = .syslog(sink)
        throw error
      }
      self = .syslog(sink)
    case .journal(var sink):
      do { try sink.reopen() } catch {
        self = .journal(sink)
        throw error
      }
      self = .journal(sink)
    }
  }

  /// What to poll(2) for POLLOUT after ``SinkError/busy``; nil when nothing is open.
  package var descriptor: Int32? {
    switch self {
    case .file(let sink): sink.descriptor
    case .syslog(let sink): sink.descriptor
    case .journal(let sink): sink.descriptor
    }
  }

  /// Whether several messages may be written at once.
  package var takesSeveralLines: Bool {
    switch self {
    case .file: true
    case .syslog: false
    case .journal: false
    }
  }
}

extension Failure {
  /// - Parameters:
  ///   - meaning: What the system's reason means here, for the person who can mend it: empty or `: …`.
  ///   - impossible: What it made impossible.
  init(_ error: SystemError, meaning: StaticString, _ impossible: [UInt8]) {
    self = Failure(error.reason + bytes(meaning)).adding(impossible)
    // By limits, or by filling up the recorder's quota.
    isCallersDoing = error.code == EFBIG || error.code == EDQUOT || error.code == EMFILE
  }
}

extension SystemError {
  /// Whether nobody listens on the socket, or whoever did has gone. Connecting again may help.
  var meansPeerIsGone: Bool {
    switch code {
    case ENOENT, ECONNREFUSED, ENOTCONN, ECONNRESET, EPIPE: true
    default: false
    }
  }
}
