package import Readers
package import SystemCalls

/// Why playing ended before its end.
package enum PlayError: Error {
  case reading(ReadError)
  case system(SystemError, doing: [UInt8])
  /// The program is to end by ``Process/exit(_:after:)``.
  case output(OutputError)

  /// Lines for a person, each with its LF.
  package var text: [UInt8] {
    switch self {
    case .reading(let error): error.text
    case .system(let error, let doing): ReadError(error, doing).text
    case .output(let error): error.text + [0x0a]
    }
  }
}

func reading<Result>(_ body: () throws(ReadError) -> Result) throws(PlayError) -> Result {
  do throws(ReadError) { return try body() } catch { throw .reading(error) }
}

func onTerminal<Result>(_ body: () throws(SystemError) -> Result) throws(PlayError) -> Result {
  do throws(SystemError) { return try body() } catch {
    throw .system(error, doing: Array("Failed using the terminal".utf8))
  }
}

func writing(_ body: () throws(OutputError) -> Void) throws(PlayError) {
  do throws(OutputError) { try body() } catch { throw .output(error) }
}
