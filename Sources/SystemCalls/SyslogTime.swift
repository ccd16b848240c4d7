import CSys
package import Events

extension ByteBuilder {
  /// Appends a time as libc's syslog(3) and RFC 3164 §4.1.2 have it: local, without a year, `Nov  3 15:04:05`.
  ///
  /// - Parameter wallSeconds: Since the Epoch.
  package mutating func append(syslogTime wallSeconds: Int64) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CSYS_SYSLOG_TIME_SIZE)) { stamp in
      csys_syslog_time(wallSeconds, stamp.baseAddress)
      append(UnsafeRawBufferPointer(stamp).assumingMemoryBound(to: UInt8.self))
    }
  }
}
