package import Readers
package import SystemCalls

/// Why playing ended before its end.
package enum PlayError: Error {
  case reading(ReadError)
  case system(SystemError, doing: [UInt8])

  /// Lines for a person, each with its LF.
  package var text: [UInt8] {
    switch self {
    case .reading(let error): error.text
    case .system(let error, let doing): ReadError(error, doing).text
    }
  }
}

func reading<Result>(_ body: () throws(ReadError) -> Result) throws(PlayError) -> Result {
  do throws(ReadError) { return try body() } catch { throw .reading(error) }
}

func writing<Result>(_ body: () throws(SystemError) -> Result) throws(PlayError) -> Result {
  do throws(SystemError) { return try body() } catch {
    throw .system(error, doing: Array("Failed using the terminal".utf8))
  }
}
