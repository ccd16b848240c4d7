package import CSys
import Events

/// The process that records: how it was started, who it is, what its caller had set.
package enum Process {
  /// Puts what the caller handed on into a known state; call first. tlog-rec-session's C prologue does it instead.
  /// Whoever runs a program with no rights but their own may hand it any descriptors: it keeps those above 2.
  package static func cleanUp() {
    csys_clean_up()
    csys_reopen_standard()
  }

  /// What was typed on the terminal before the C prologue took it.
  package static var typedBefore: TypedAhead {
    var typed: UnsafeRawPointer?
    var echoed = 0
    let count = csys_typed_before(&typed, &echoed)
    return TypedAhead(bytes: [UInt8](UnsafeRawBufferPointer(start: typed, count: count)), echoedByteCount: echoed)
  }

  /// Closes the caller's descriptors above 2: whoever reads one's other end waits for all to be closed.
  ///
  /// - Parameter log: The path of a log. One that names a descriptor, as /dev/fd/63 does, goes on to name it.
  package static func closeCallersDescriptors(exceptFor log: [UInt8]?) {
    csys_close_callers(log.flatMap { descriptor(namedBy: $0) } ?? -1)
  }

  private static func descriptor(namedBy path: [UInt8]) -> Int32? {
    for folder in [Events.bytes("/dev/fd/"), Events.bytes("/proc/self/fd/")] where path.starts(with: folder) {
      var number: Int32 = 0
      for digit in path.dropFirst(folder.count) {
        guard (0x30...0x39).contains(digit), number < 100_000_000 else { return nil }
        number = number * 10 + Int32(digit - 0x30)
      }
      return number
    }
    return nil
  }

  /// Whether job control could stop this process and continue it: neither for the leader of a session, whom no shell
  /// watches, nor where the caller wants no stops.
  package static var isStoppable: Bool { csys_is_stoppable() }

  /// Stops the caller's job, and returns when it is continued, or at once if nobody could do that.
  package static func stopJob() { csys_stop_job() }

  package static var arguments: [[UInt8]] { strings(of: csys_argv()) }

  /// `NAME=value` strings, as they were at the start.
  package static var environment: [[UInt8]] { strings(of: csys_environ()) }

  /// The value of an environment variable, or nil.
  package static func variable(_ name: StaticString) -> [UInt8]? {
    let length = name.utf8CodeUnitCount
    let wanted = UnsafeBufferPointer(start: name.utf8Start, count: length)
    for entry in environment
    where entry.count > length && entry[length] == UInt8(ascii: "=") && entry[..<length].elementsEqual(wanted) {
      return [UInt8](entry[(length + 1)...])
    }
    return nil
  }

  package static var identifier: Int32 { csys_pid() }

  package static var ids: csys_ids {
    var ids = csys_ids()
    csys_ids_now(&ids)
    return ids
  }

  /// Makes real, effective and saved ids these for good, and tries that there is no way back.
  package static func become(user: UInt32, group: UInt32) throws(SystemError) {
    if csys_become(user, group) != 0 { throw SystemError("setresuid") }
  }

  package static func exit(_ status: Int32) -> Never { csys_exit(status) }

  /// Puts an end to the process the way `signal` does to one that never caught it.
  package static func die(of signal: Int32) { csys_die_of(signal) }
}

/// Clocks, and no others: elapsed time counts suspend, wall time is for people.
package enum Clock {
  /// Nanoseconds of CLOCK_BOOTTIME.
  package static var elapsedNanoseconds: UInt64 { csys_elapsed_ns() }
  /// Milliseconds since the Epoch, CLOCK_REALTIME.
  package static var wallMilliseconds: UInt64 { csys_wall_ms() }

  /// Waits until ``elapsedNanoseconds`` is at least `deadline`, or `descriptor` can be written to.
  package static func wait(until deadline: UInt64, orWritable descriptor: Int32?) {
    wait(until: deadline, descriptor ?? -1, Int16(POLLOUT))
  }

  /// The same for a descriptor that can be read from.
  package static func wait(until deadline: UInt64, orReadable descriptor: Int32) {
    wait(until: deadline, descriptor, Int16(POLLIN))
  }

  private static func wait(until deadline: UInt64, _ descriptor: Int32, _ events: Int16) {
    let now = elapsedNanoseconds
    guard deadline > now else { return }
    var awaited = pollfd(fd: descriptor, events: events, revents: 0)
    csys_poll(&awaited, 1, Int32(clamping: (deadline - now + 999_999) / 1_000_000))
  }
}
